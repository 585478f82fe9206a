/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shadow MMU: the tables that the hardware walks while a guest runs.
 *
 * space   one guest address space: what TTBR0, TTBR1, ASID and the managers in
 *         DACR select.  It has two roots, one a privilege view.
 * view    MMU_VIEW_KERNEL holds what the guest's privileged modes may reach,
 *         MMU_VIEW_USER what its User mode may.  All guest code runs at PL0,
 *         so a crossing between the two is a change of the root.
 * leaf    one second-level table (host's MMU_LEAF_SHIFT).  Leaves belong to
 *         the VM, not to a space: those of global guest entries serve every
 *         space whose first-level descriptor is the same.
 * copy    the instruction copy of one guest page, mapped read-execute in
 *         kernel views in the page's place.
 *
 * The tables are a TLB that never forgets by itself.  An entry may stay until
 * the guest's own TLB maintenance names it (ARM DDI 0406C B3.10), the launcher
 * changes its memory slots, the host takes the page back (MMU notifier) or
 * memory gets scarce.
 *
 * Lock order: srcu (slots) -> mmu->lock (spinlock).  Page faults of the host
 * are taken before mmu->lock, and mmu->notifier_seq tells whether the page is
 * still the right one after it (as in KVM).
 */
#ifndef ARMKVM_CORE_MMU_H
#define ARMKVM_CORE_MMU_H

#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include <linux/armkvm.h>

#include <host_spte.h>

#include "../dict.h"

struct armkvm_vm;
struct engine_vcpu;
struct mmu_copy;
struct rmap_entry;

enum mmu_view {
	MMU_VIEW_KERNEL,
	MMU_VIEW_USER,
	MMU_VIEWS,
};

#define MMU_ASID_GLOBAL		0x100U	/* in a leaf's key: serves every ASID */

/* What a space is looked up by. */
struct mmu_space_key {
	u64 ttbr0;
	u64 ttbr1;
	u32 ttbcr;
	u32 domains;			/* what of DACR the tables know: engine_space_key() */
	u16 asid;
	u8  mmu_on;
	u8  pad;			/* keys are compared as bytes */
};

struct mmu_space {
	struct list_head lru;		/* mmu->spaces, most recent first */
	struct mmu_space_key key;
	root_t *root[MMU_VIEWS];
};

#define LEAF_INFO_GFN		0x0fffffffU
#define LEAF_INFO_COPY		(1U << 28)	/* maps the instruction copy */
#define LEAF_INFO_LARGE		(1U << 29)	/* part of a guest large page */
#define LEAF_INFO_GLOBAL	(1U << 30)
#define LEAF_INFO_FIXED		(1U << 31)	/* the switch area: no guest page */

struct mmu_leaf {
	spte_t spt[MMU_LEAF_ENTRIES];
	u32 info[MMU_LEAF_ENTRIES];
	struct hlist_node hash;		/* mmu->leaves, by index */
	u64 desc;			/* guest's descriptors above it: leaf_key() */
	u32 domains;			/* the fields of the space's that are about this leaf */
	u16 asid;			/* or MMU_ASID_GLOBAL */
	u16 index;			/* gva >> MMU_LEAF_SHIFT */
	u16 used;			/* entries present, the fixed ones left out */
	u8  view;
	u8  domain;
	bool section;			/* the guest maps some of it without a second level */
};

#define MMU_LEAF_ORDER		get_order(sizeof(struct mmu_leaf))
#define MMU_HASH_BITS		8
#define MMU_MAX_SPACES		64

struct armkvm_mmu {
	struct armkvm_vm *vm;
	spinlock_t lock;
	struct list_head spaces;
	unsigned int nr_spaces;
	struct hlist_head leaves[1 << MMU_HASH_BITS];
	struct hlist_head copies[1 << MMU_HASH_BITS];
	struct hlist_head dead;		/* leaves, to be freed by the commit */
	struct hlist_head dead_copies;
	bool stale;			/* entries were removed since the last commit */
	struct xarray rmap;		/* unsigned long by gfn */
	struct mmu_notifier notifier;
	unsigned long tlbi_seq;		/* grows with each of the guest's TLB maintenance operations */
	unsigned long notifier_seq;
	unsigned int notifier_count;
	struct insn_dict dict;		/* of replaced instructions */
	unsigned int patch_opts;	/* PATCH_* */
	unsigned int nr_bp;
	u32 bp[ARMKVM_ARM_MAX_DBG_REGS];	/* hardware breakpoints, word addresses */
};

#define MMU_NO_GFN		(~0ULL)

/* One translation of the guest, as a view sees it. */
struct mmu_mapping {
	u32 gva;
	u64 gpa;
	u64 desc;			/* as in the leaf; 0 with the MMU off */
	u32 domains;
	u16 asid;
	u8  shift;			/* log2 of the guest's page size */
	u8  domain;
	bool global;
	unsigned long seq;		/* mmu_walk_begin() before the walk that found it */
	/* Frames of the pages before and after in virtual memory, for a copy; or MMU_NO_GFN. */
	u64 prev_gfn;
	u64 next_gfn;
	bool write;			/* allowed in this view */
	bool exec;
};

/* What a vCPU keeps ready, so that nothing is allocated under mmu->lock. */
struct mmu_cache {
	struct mmu_leaf *leaf;
	struct rmap_entry *rmap;	/* a list of two */
	struct mmu_copy *copy;
};

int mmu_init(struct armkvm_vm *vm);
/* The launcher's mm is going or the VM is: every entry goes. */
void mmu_destroy(struct armkvm_vm *vm);
void mmu_cache_free(struct mmu_cache *cache);

/* Bytes that the shadow tables and what belongs to them take.  May sleep. */
u64 mmu_memory(struct armkvm_vm *vm);

/*
 * The space of @key, made when there is none.  May sleep.  Returns NULL when
 * memory is short.  Valid until the next call of this vCPU.
 */
struct mmu_space *mmu_space_get(struct engine_vcpu *ev, const struct mmu_space_key *key);

/*
 * To be called before a walk of the guest's tables whose result mmu_fill() gets.
 * Maintenance that another vCPU completes after this call is also complete for
 * the walk (B3.10.5): what was found may be the old entry, and isn't entered.
 */
static inline unsigned long mmu_walk_begin(const struct armkvm_mmu *mmu)
{
	unsigned long seq = READ_ONCE(mmu->tlbi_seq);

	smp_rmb();	/* the sequence before the tables; the other side takes mmu->lock */
	return seq;
}

/*
 * Enters @map into @view of @space, for the access that faulted: the host's
 * page is faulted in.  May sleep.
 * Returns 0, -EFAULT (the launcher's memory can't be had), -ENOMEM, -ENOENT
 * (no memory slot: a device), -EROFS (a write to a read-only slot), -ENOSPC
 * (the dictionary of replaced instructions is full), -EADDRINUSE (an address of
 * the switch area), -EAGAIN (TLB maintenance since mmu_walk_begin()), -EINTR.
 */
int mmu_fill(struct engine_vcpu *ev, struct mmu_space *space, enum mmu_view view,
	     const struct mmu_mapping *map, bool write, bool exec);

/*
 * The word that the hardware fetches at @gva in @view: from the instruction
 * copy where one is mapped.  Returns false when nothing is mapped there.
 */
bool mmu_fetch(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
	       u32 *word);

/*
 * Remembers in @view that @map leads to a page without RAM which the module
 * serves itself.  To the hardware it is an entry like none.  It goes as every
 * other entry does with the guest's TLB maintenance, but not by its frame.
 * Only a hint: lack of memory leaves it out.  May sleep.
 */
void mmu_mark_device(struct engine_vcpu *ev, struct mmu_space *space, enum mmu_view view,
		     const struct mmu_mapping *map);

/*
 * If the kernel view of @space has such a mark for an access at @gva under
 * @dacr: its physical address, and the word that is executed at @pc.  Returns
 * false if there is no mark, it or its domain forbids the access, or the word
 * isn't at hand.
 */
bool mmu_device_insn(struct armkvm_vm *vm, struct mmu_space *space, u32 gva, u32 dacr,
		     bool write, u64 *gpa, u32 pc, u32 *word);

/* What @view has at @gva: the frame, and whether it is the instruction copy; false: nothing. */
bool mmu_lookup(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
		u64 *gfn, bool *is_copy);

/* The module itself, or the launcher, wrote to guest frames [@first, @end). */
void mmu_frames_written(struct armkvm_vm *vm, u64 first, u64 end);

/* Entries of the frames in @bits, bit 0 for @first, lose their write permission. */
void mmu_frames_clean(struct armkvm_vm *vm, u64 first, const unsigned long *bits, size_t longs);

/* The leaf that a table belongs to. */
static inline struct mmu_leaf *mmu_leaf_of(spte_t *sptep)
{
	unsigned long size = PAGE_SIZE << get_order(sizeof(struct mmu_leaf));

	return (struct mmu_leaf *)((unsigned long)sptep & ~(size - 1));
}

/* The guest's TLB maintenance, B3.10.5; the caller then flushes the hardware's. */
void mmu_tlbi_all(struct armkvm_vm *vm);
void mmu_tlbi_asid(struct armkvm_vm *vm, u16 asid);
/* @asid MMU_ASID_GLOBAL: of every ASID */
void mmu_tlbi_va(struct armkvm_vm *vm, u32 gva, u16 asid);

/*
 * Has the guest's TLB nothing at @gva, in any space?  Then its maintenance is a
 * NOP.  For the short cuts: any context, and false if that can't be told now.
 */
bool mmu_tlbi_va_is_nop(struct armkvm_vm *vm, u32 gva);

/* Guest frames [@start, @end) change or go. */
void mmu_zap_gfns(struct armkvm_vm *vm, u64 start, u64 end);

/* A domain's DACR field changed where hardware domains can't follow it. */
void mmu_zap_domain(struct armkvm_vm *vm, unsigned int domain);

#endif /* ARMKVM_CORE_MMU_H */
