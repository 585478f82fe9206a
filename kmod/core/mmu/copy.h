/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instruction copies: the page that kernel views execute in the place of a
 * guest page, with its sensitive instructions replaced (patch.h).
 *
 * While a copy exists no shadow entry lets the guest write the page; a write
 * drops the copy.  All functions but copy_alloc(), copy_free() and copy_build()
 * want mmu->lock held.
 *
 * Making one takes long, so mmu->lock is given up meanwhile, and mmu->copy_lock held.  From
 * copy_begin() on the copy that is being made (mmu->making) counts as one that exists, but nobody
 * may map it: all that ends a copy (a write, the launcher's word, a change of slots, the host
 * taking the page) ends its making as well, for copy_drop() takes it out of mmu->making, and
 * copy_publish() then says no.
 *
 * What orders that in memory.  At copy_begin() no entry lets the page be written, and the commit
 * is done: who was in the guest has answered an interrupt or left by himself, and his stores come
 * before that (a release, DMB on ARMv7: ARM DDI 0406C A3.8.3), and that before what copy_build()
 * loads (an acquire).  A later store of the guest's needs an entry that is made under the
 * lock, after a drop.  That drop is before copy_publish() and seen by it; or it is behind the
 * release of the lock, and all that copy_build() has loaded is before that.  Who executes the
 * copy sees what copy_build() stored: host_sync_icache() ends in a DSB, and the first entry is
 * stored behind it (A3.5.4; DDI 0487, "Concurrent modification and execution of instructions").
 */
#ifndef ARMKVM_CORE_COPY_H
#define ARMKVM_CORE_COPY_H

#include <linux/types.h>

#include "../arm/patch.h"
#include "gfn.h"
#include "mmu.h"

struct armkvm_vm;

struct mmu_copy {
	union {
		struct hlist_node hash;
		struct mmu_dead dead;
	};
	u64 gfn;
	u32 *code;			/* ARMKVM_PAGE_SIZE; NULL: the guest's has nothing to replace */
	u8 known[PATCH_ZONES];		/* where it was fetched: the last place in each 64 bytes */
	u8 *what;			/* of each halfword: FLOW_WHAT, four in a byte; or NULL */
	bool left_arm;			/* what may be sensitive, were it A32 code, is as it was */
	bool left_thumb;
	bool again;			/* nobody has it mapped: the next fetch makes it anew, or does so */
};

/* @notes: with room for what each halfword is taken for, which counts where states may mix. */
struct mmu_copy *copy_alloc(bool notes);
/* Frees @copy, which nothing refers to.  Not under mmu->lock. */
void copy_free(struct mmu_copy *copy);

/* The copy of the page @gfn, or NULL.  Held: mmu->lock. */
struct mmu_copy *copy_find(struct armkvm_vm *vm, u64 gfn);

/* A guest page and its neighbours in virtual memory, which may be none. */
struct copy_source {
	u32 fetch;		/* the address that is fetched from the page */
	bool thumb;		/* in which state */
	struct gfn_place prev;
	struct gfn_place next;
	/* Of copy_begin(): what copy_build() goes by */
	struct gfn_place page;
	unsigned int opts;
	bool both;
	bool debugged;
	/* Of copy_build() */
	bool clean;		/* nothing in it is to be replaced */
	unsigned int replaced;
	/* Of copy_publish(): memory that it did without, for kfree() without the lock */
	u32 *spare;
};

/*
 * @copy is to become the copy of the page @gfn, in the place of one that is mapped no more, or of
 * none; no entry lets the page be written, and the commit is done.  Held: mmu->copy_lock,
 * mmu->lock.
 */
void copy_begin(struct armkvm_vm *vm, struct mmu_copy *copy, u64 gfn, struct copy_source *source);
/*
 * Fills @copy from the guest's page, of which the caller has a reference if mmu->lock isn't held.
 * The neighbours tell literals from code; if they change meanwhile, that is judged by what they
 * were.  Held: mmu->copy_lock.  Returns 0 or -ENOSPC (dictionary full).
 */
int copy_build(struct armkvm_vm *vm, struct mmu_copy *copy, struct copy_source *source);
/*
 * The end of what copy_begin() began: @copy may be mapped, if @good and if it says what the page
 * does.  Returns false otherwise: it is the caller's then, and nobody finds it.  Held:
 * mmu->copy_lock, mmu->lock.
 */
bool copy_publish(struct armkvm_vm *vm, struct mmu_copy *copy, struct copy_source *source,
		  bool good);
/*
 * Was @copy made without knowing that there is code of this state at @gva, and would that have
 * mattered?  Then it must not be executed there.
 */
bool copy_misses(const struct mmu_copy *copy, u32 gva, bool thumb);
/*
 * Does it depend on the code's state, or on the address, whether @copy may be executed?  Then a
 * fetch is to ask.
 */
static inline bool copy_unsettled(const struct mmu_copy *copy)
{
	return copy->again || copy->left_arm || copy->left_thumb;
}
/* @copy is mapped no more, and made anew by the next fetch, with what is known of it. */
void copy_again(struct armkvm_vm *vm, struct mmu_copy *copy);
/*
 * Takes out of use @copy, whose entries are zapped already; it is freed once the lock is given up,
 * or its maker's if it is being made.
 */
void copy_drop(struct armkvm_vm *vm, struct mmu_copy *copy);

/* A breakpoint at the instruction at @gva, of the state that it was taken for, until the copy goes. */
void copy_set_bkpt(struct mmu_copy *copy, u32 gva);

/* Nobody executes the copy: the word at the page offset of @gva becomes @word. */
void copy_set_word(struct mmu_copy *copy, u32 gva, u32 word);
/* A copy that had none gets @code, ARMKVM_PAGE_SIZE of kmalloc(), as its own, with the page's content. */
void copy_own_code(struct armkvm_vm *vm, struct mmu_copy *copy, u32 *code);

/* The word of the copy at the page offset of @gva. */
u32 copy_word(const struct mmu_copy *copy, u32 gva);

#endif /* ARMKVM_CORE_COPY_H */
