/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shadow MMU: the tables that the hardware walks while a guest runs.
 *
 * space   one guest address space: what TTBR0, TTBR1 and the managers in DACR
 *         select.  It has two roots, one a privilege view.
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
 * memory gets scarce.  And maintenance need not throw away what is still true:
 * it makes what it names *unsync*, and what is unsync is compared with the
 * guest's tables before it is used again:
 *
 *   clock       counts the operations that name more than an address
 *   space       its links were compared with the first-level tables at its clock
 *   leaf        its entries were compared with the second-level table at its clock;
 *               one of sections has its whole content in its key, so the
 *               comparison of the link is enough
 *
 * A slot that goes takes its entries along before the table without it is published:
 * mmu_frames_leave().  The notifier finds what it has to take away by that table.
 *
 * Lock order: srcu (slots) -> mmu->copy_lock (mutex) -> mmu->lock (raw spinlock).  Page faults of
 * the host are taken before either, and mmu->notifier_seq tells whether the page is
 * still the right one after it (as in KVM).  mmu->lock is also taken with
 * interrupts off, but only by trylock: engine/light.c.  So it spins on real-time kernels, too,
 * and nothing is allocated or freed under it, no page is put and nobody woken.
 */
#ifndef ARMKVM_CORE_MMU_H
#define ARMKVM_CORE_MMU_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/armkvm.h>

#include <host_spte.h>

#include "../arm/patch.h"
#include "../arm/walk.h"
#include "gfn.h"
#include "rmap.h"

struct armkvm_vm;
struct mmu_copy;

/*
 * What was removed and is to be freed, in the place of its list nodes.  Freeing may sleep on
 * real-time kernels, where mmu->lock is one that doesn't: it waits for the lock's end.
 */
struct mmu_dead {
	struct mmu_dead *next;
	void (*free)(struct mmu_dead *dead);	/* no lock; may sleep */
};

enum mmu_view {
	MMU_VIEW_KERNEL,
	MMU_VIEW_USER,
	MMU_VIEWS,
};

#define MMU_ASID_GLOBAL		0x100U	/* in a leaf's key: serves every ASID */
#define MMU_NR_ASIDS		0x100U

/* What a space is looked up by. */
struct mmu_space_key {
	u64 ttbr0;
	u64 ttbr1;
	u32 ttbcr;
	u32 domains;			/* what of DACR the tables know: engine_space_key() */
	u32 mmu_on;
};

struct mmu_space {
	union {
		struct list_head lru;	/* mmu->spaces, most recent first */
		struct mmu_dead dead;
	};
	struct mmu_space_key key;
	u16 asid;			/* of the leaves linked that aren't global */
	u16 nr_private;			/* of these, the switch area's left out */
	u16 nr_links;			/* of both views */
	u64 clock;
	root_t *root[MMU_VIEWS];
	DECLARE_BITMAP(linked[MMU_VIEWS], MMU_ROOT_ENTRIES);
};

#define LEAF_INFO_GFN		0x0fffffffU
#define LEAF_INFO_COPY		(1U << 28)	/* maps the instruction copy */
#define LEAF_INFO_LARGE		(1U << 29)	/* part of a guest large page */
#define LEAF_INFO_GLOBAL	(1U << 30)
#define LEAF_INFO_FIXED		(1U << 31)	/* the switch area: no guest page */

/*
 * Set in leaf->raw[] of an entry that a small page's short descriptor made, beside its low 12 bits
 */
#define LEAF_RAW_KNOWN		(1U << 15)

struct mmu_leaf {
	spte_t spt[MMU_LEAF_ENTRIES];
	u32 info[MMU_LEAF_ENTRIES];
	u16 raw[MMU_LEAF_ENTRIES];	/* LEAF_RAW_KNOWN and so on, or 0: leaf_entry_same() */
	DECLARE_BITMAP(present, MMU_LEAF_ENTRIES);	/* not the fixed ones */
	struct hlist_node hash;		/* mmu->leaves, by index */
	struct hlist_node asid_hash;	/* mmu->asid_leaves, by index and ASID; not the switch area's */
	union {
		struct list_head lru;	/* mmu->leaf_lru, most recent first; not the switch area's */
		struct mmu_dead dead;
	};
	u64 desc;			/* guest's descriptors above it: mmu_key() */
	u64 clock;
	u32 domains;			/* the fields of the space's that are about this leaf */
	u16 asid;			/* or MMU_ASID_GLOBAL */
	u16 index;			/* gva >> MMU_LEAF_SHIFT */
	u16 used;			/* entries present, the fixed ones left out */
	u16 nr_private;			/* of these, those that aren't global */
	u16 nr_devices;			/* of these, marks of devices */
	u32 scanned;			/* the mmu->scan that has seen it */
	u8  view;
	u8  domain;
	bool flat;			/* sections only: the key says it all */
	bool links_unsync;		/* maintenance named what it has no entry for */
};

/*
 * What was taken from the tables, or changed in them, that a TLB may still hold.
 * Hosts that keep a guest's translations in the TLB from one stay to the next
 * learn from it what to invalidate before the guest runs again.  Written under
 * mmu->lock, after the tables; read without.
 */
#define MMU_CHANGE_LOG	16U		/* changes remembered one by one */
#define MMU_CHANGE_ALL	1U		/* no page's address: everything */

struct mmu_change {
	u32 gva;
	const root_t *root;		/* under this one; NULL: under all */
};

struct mmu_changes {
	unsigned long seq;		/* changes so far */
	struct mmu_change log[MMU_CHANGE_LOG];	/* of change n: [n % MMU_CHANGE_LOG] */
};

static inline void mmu_log_change(struct mmu_changes *changes, u32 gva, const root_t *root)
{
	struct mmu_change *c = &changes->log[(changes->seq + 1) % MMU_CHANGE_LOG];

	WRITE_ONCE(c->gva, gva);
	WRITE_ONCE(c->root, root);
	smp_store_release(&changes->seq, changes->seq + 1);	/* behind the tables' change */
}

/* Allocations of powers of two are aligned to their size: mmu_leaf_of() */
#define MMU_LEAF_BYTES		roundup_pow_of_two(sizeof(struct mmu_leaf))
#define MMU_HASH_BITS		10
#define MMU_COPY_HASH_BITS	10
#define MMU_MAX_SPACES		64
/* Leaves that there may be: so many, and so many more for each MiB of RAM in use. */
#define MMU_MIN_LEAVES		256
#define MMU_LEAVES_PER_CHUNK	2

/* What the shadow MMU is told by who uses it: of one VM, for good. */
struct mmu_config {
	unsigned int patch_opts;	/* PATCH_*: what copies have replaced */
	bool exact_copies;		/* copies can be executed, not read */
	bool fault_around;		/* a first touch brings in an aligned group of pages */
	/* Guest frames [@first, @end) get other memory, or none: before their entries go. */
	void (*frames_changed)(struct armkvm_vm *vm, u64 first, u64 end);
};

struct armkvm_mmu {
	struct armkvm_vm *vm;
	struct list_head shrink;	/* shrink.c */
	raw_spinlock_t lock;
	struct list_head spaces;
	unsigned int nr_spaces;
	struct hlist_head leaves[1 << MMU_HASH_BITS];
	struct hlist_head asid_leaves[1 << MMU_HASH_BITS];
	unsigned int nr_mixed;		/* global entries in asid_leaves of one ASID */
	struct list_head leaf_lru;
	unsigned int nr_leaves;
	struct hlist_head copies[1 << MMU_COPY_HASH_BITS];
	unsigned int nr_copy_pages;
	struct mmu_dead *dead;		/* removed by this change: a TLB or a walk may have it */
	struct mmu_dead *unused;	/* nobody has it: to be freed once the lock is given up */
	u8 block_shift;			/* log2 of the guest's largest section or block, ever seen */
	bool stale;			/* something changed that vCPUs in the guest must leave it for */
	struct mmu_changes changes;
	u64 clock;
	u64 all_clock;			/* of the last maintenance of everything */
	u64 asid_clock[MMU_NR_ASIDS];	/* of the last one of an ASID */
	struct gfn_table gfns;
	struct rmap_pool nodes;
	struct mmu_notifier notifier;
	struct list_head vcpus;		/* struct mmu_vcpu */
	unsigned long tlbi_seq;		/* grows with each of the guest's TLB maintenance operations */
	unsigned long notifier_seq;
	unsigned int notifier_count;
	u32 slot_read;			/* number of the slot that frames_read() was in last */
	u64 leaving_first, leaving_end;	/* frames whose slot is being changed; none: both 0 */
	wait_queue_head_t leaving_wait;
	struct mutex copy_lock;		/* who makes a copy, or adds to the dictionary; before lock */
	struct mmu_copy *making;	/* what he is at, or NULL: copy.h; changed under lock */
	struct insn_dict dict;		/* of replaced instructions; written under copy_lock */
	struct patch_work patch_work;	/* memory for making a copy; under copy_lock */
	bool thumb_seen;		/* privileged T32 code has run: new copies are for both states */
	bool mixes;			/* there is no older copy any more */
	unsigned int steps;		/* entries and list nodes looked at so far: MMU_LOCK_STEPS */
	unsigned int light_begin;	/* of these, before this stay of the light path: mmu_try_light() */
	u32 scan;			/* of leaves, that may give up the lock on its way */
	unsigned int shrink_at;		/* bucket of copies where the next reclaim goes on */
	struct mmu_config config;
	u64 excl_gfn[8];		/* frame + 1 of code that takes PATCH_EXCL: the last ones met */
	unsigned int excl_next;
	unsigned int nr_bp;
	u32 bp[ARMKVM_ARM_MAX_DBG_REGS];	/* hardware breakpoints, addresses of instructions */
};

#define MMU_NO_GFN		(~0ULL)

/* What @view may do by a translation: a manager's entries allow everything. */
static inline u8 mmu_permissions(const struct walk_result *res, enum mmu_view view)
{
	return res->domain_access == WALK_DOMAIN_MANAGER ? WALK_RWX :
	       res->perm[view == MMU_VIEW_KERNEL ? WALK_PRIV : WALK_USER];
}

/* What leads to a leaf. */
struct mmu_key {
	u64 desc;
	u32 domains;
	u8 domain;
	bool flat;
};

/* One translation of the guest, as a view sees it. */
struct mmu_near;

struct mmu_mapping {
	struct mmu_key key;
	const struct mmu_near *near;	/* what it was found by, or NULL: mmu_near_walk() */
	u32 gva;
	u64 gpa;
	u32 l2;				/* the short descriptor of a small page, else 0 */
	u16 asid;
	u8  shift;			/* log2 of the guest's page size */
	bool global;
	unsigned long seq;		/* mmu_walk_begin() before the walk that found it */
	/* Frames of the pages before and after in virtual memory, for a copy; or MMU_NO_GFN. */
	u64 prev_gfn;
	u64 next_gfn;
	bool write;			/* allowed in this view */
	bool exec;
	bool thumb;			/* of a fetch: in T32 state, and @gva is its instruction's address */
};

/* What a vCPU keeps ready, so that nothing is allocated under mmu->lock. */
struct mmu_cache {
	struct mmu_leaf *leaf;
	struct page *nodes;		/* for mmu->nodes */
	struct mmu_copy *copy;
};

/* What the shadow MMU knows of a vCPU. */
struct mmu_vcpu {
	struct armkvm_vm *vm;
	struct list_head node;		/* mmu->vcpus */
	struct mmu_space *space;	/* NULL: to be looked up; changed under mmu->lock */
	struct mmu_space *at_hand;	/* or NULL: that of engine_selector() before its last change */
	struct mmu_cache cache;
	int cpu;			/* where it is in the guest, or -1 */
};

/*
 * mmu->lock for the light path, with interrupts off, if nobody holds it.  All that is done until
 * it is given up shares MMU_IRQOFF_STEPS.
 */
static inline bool mmu_try_light(struct armkvm_mmu *mmu)
{
	if (!raw_spin_trylock(&mmu->lock))
		return false;
	mmu->light_begin = mmu->steps;
	return true;
}

/* At module load and unload.  Returns 0 or -ENOMEM. */
int mmu_start(void);
void mmu_stop(void);

/* Makes vm->mmu.  Returns 0, -ENOMEM, or what the MMU notifier's registration returns. */
int mmu_init(struct armkvm_vm *vm, const struct mmu_config *config);
/* The launcher's mm is going or the VM is: every entry goes. */
void mmu_destroy(struct armkvm_vm *vm);

/* @mv is a vCPU of @vm from now on. */
void mmu_vcpu_init(struct mmu_vcpu *mv, struct armkvm_vm *vm);
/* The end of a vCPU, which isn't in the guest; before mmu_destroy() or after it. */
void mmu_vcpu_destroy(struct mmu_vcpu *mv);

/* Bytes that the shadow tables and what belongs to them take.  May sleep. */
u64 mmu_memory(struct armkvm_vm *vm);

/*
 * The space of @key for @asid becomes mv->space, made when there is none, and
 * its links are compared with the guest's tables if they are unsync.  @ctl: the
 * vCPU's translation regime, which the key is of.  May sleep.  Returns NULL when
 * memory is short.  Valid until mv->space changes.
 */
struct mmu_space *mmu_space_get(struct mmu_vcpu *mv, const struct mmu_space_key *key,
				u16 asid, const struct walk_ctl *ctl);

/*
 * Non-sleeping mmu_space_get(): for a space that exists and needs no other vCPU interrupted, nor,
 * with interrupts off, more than MMU_IRQOFF_STEPS.  Held: mmu->lock.  Returns NULL otherwise.
 */
struct mmu_space *mmu_space_find(struct mmu_vcpu *mv, const struct mmu_space_key *key,
				 u16 asid, const struct walk_ctl *ctl);

/*
 * May @space be used as it is?  Held: mmu->lock, or the vCPU's thread with @space its own.
 *
 * Without the lock another vCPU that shares the space may be bringing it up to date, and on
 * 32-bit hosts a clock is two words.  Neither does harm: a vCPU that enters the guest says so
 * (mmu_vcpu.cpu) and orders that (smp_mb()) before its last look, and who changes tables looks
 * for it after that, with the same barrier, and takes it out again (running_kick_all()).
 */
static inline bool mmu_space_fresh(const struct armkvm_mmu *mmu, const struct mmu_space *space)
{
	u64 clock = READ_ONCE(space->clock);

	return clock >= READ_ONCE(mmu->all_clock) &&
	       clock >= READ_ONCE(mmu->asid_clock[space->asid]);
}

/*
 * The key of the leaf for @index under @ctl, by the tables as they are now.
 * @domains: the space's.  Held: mmu->lock.  Returns false if there is no
 * translation, or a table lies in a page that isn't known.
 */
bool mmu_key_at(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 domains,
		unsigned int index, struct mmu_key *key);
/* The key of the leaf that the walk result @res at @gva belongs to; @ops as for the walk. */
void mmu_key_of(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 domains,
		const struct walk_result *res, u32 gva, const struct walk_ops *ops,
		struct mmu_key *key);

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
 * page is faulted in.  @ctl: the regime that @map was found under.  May sleep.
 * Returns 0, -EFAULT (the launcher's memory can't be had), -ENOMEM, -ENOENT
 * (no memory slot: a device), -EROFS (a write to a read-only slot), -ENOSPC
 * (the dictionary of replaced instructions is full), -EADDRINUSE (an address of
 * the switch area), -EAGAIN (TLB maintenance since mmu_walk_begin()), -EBUSY (the
 * frame's slot is being changed: mmu_wait_for_frames()), -EINTR.
 */
int mmu_fill(struct mmu_vcpu *mv, const struct walk_ctl *ctl, struct mmu_space *space,
	     enum mmu_view view, const struct mmu_mapping *map, bool write, bool exec);

/*
 * Non-sleeping mmu_fill(): cached frames only, and the neighbours' entries with it.  Held:
 * mmu->lock.
 * Returns 0, or -EAGAIN: mmu_fill() has to do it.
 */
int mmu_fill_known(struct mmu_vcpu *mv, const struct walk_ctl *ctl, struct mmu_space *space,
		   enum mmu_view view, const struct mmu_mapping *map, bool write, bool exec);

/*
 * The descriptors of guest tables in pages that are known; context: the VM.  Held:
 * mmu->lock.
 */
extern const struct walk_ops mmu_walk_ops;

/* A page and its neighbours below one first-level descriptor; core/mmu/near.c. */
#define MMU_NEAR		8

struct mmu_near {
	u32 l1[2];		/* of a leaf's pair, where it has one */
	u32 l2[MMU_NEAR];	/* of the aligned group of entries with the page's */
	bool l1_known;
	bool l2_known;
};

/*
 * walk_gva() in pages that are known, as mmu_walk_ops reads them. @near gets the descriptors that were
 * looked at, for mmu_near_key() and, as mapping.near, for mmu_fill_known(); they hold as long as the caller has mmu->lock.  Held: mmu->lock.
 */
int mmu_near_walk(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 gva,
		  struct walk_access access, struct mmu_near *near, struct walk_result *res,
		  struct walk_fault *fault);
/* mmu_key_of() behind mmu_near_walk().  Held: mmu->lock. */
void mmu_near_key(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 domains,
		  const struct walk_result *res, u32 gva, const struct mmu_near *near,
		  struct mmu_key *key);

/* Are there other vCPUs in the guest, which a removal has to interrupt?  Held: mmu->lock. */
bool mmu_others_run(const struct mmu_vcpu *mv);

/*
 * The word that the kernel view executes at @gva, replaced or not.  Returns false when
 * no code is mapped there.
 */
bool mmu_fetch(struct armkvm_vm *vm, struct mmu_space *space, u32 gva, u32 *word);

/*
 * Remembers in @view that @map leads to a page without RAM.  To the hardware it is an
 * entry like none.  It goes as every other entry does with the guest's TLB
 * maintenance, and by mmu_zap_devices() when its frame becomes RAM.
 * Only a hint: lack of memory leaves it out.  May sleep.
 */
void mmu_mark_device(struct mmu_vcpu *mv, const struct walk_ctl *ctl,
		     struct mmu_space *space, enum mmu_view view,
		     const struct mmu_mapping *map);

/* Frames [@first, @end) may have become RAM: marks that name them go. */
void mmu_zap_devices(struct armkvm_vm *vm, u64 first, u64 end);

/*
 * The physical address of the device that mmu_mark_device() marked in the kernel view of @space
 * at @gva.  Returns false if there is no mark, or it forbids the access, or its domain under @dacr
 * does.  Held: mmu->lock.
 */
bool mmu_device_at(struct mmu_space *space, u32 gva, u32 dacr, bool write, u64 *gpa);

/* mmu_fetch() of @n words in one page for who holds mmu->lock. */
bool mmu_executed_words(struct armkvm_vm *vm, struct mmu_space *space, u32 gva, u32 *words,
			unsigned int n);

static inline bool mmu_executed_word(struct armkvm_vm *vm, struct mmu_space *space, u32 gva,
				     u32 *word)
{
	return mmu_executed_words(vm, space, gva, word, 1);
}

/*
 * The load or store that the kernel view of @space executes at @pc is replaced by an index
 * of the dictionary.  May sleep.  Returns false where that can't be: no copy, another
 * instruction (patch_is_device_insn()), a full dictionary, no memory.
 */
bool mmu_replace_device_insn(struct armkvm_vm *vm, struct mmu_space *space, u32 pc);
/*
 * Undoes mmu_replace_device_insn().  Returns false if what is executed at @pc was not replaced by
 * it.
 */
bool mmu_restore_device_insn(struct armkvm_vm *vm, struct mmu_space *space, u32 pc);

/*
 * The copy that is executed at @pc was made without knowing that code begins there, or of which
 * state: it is executed no more, and the next fetch from the page makes it anew with that known.
 */
void mmu_copy_again(struct armkvm_vm *vm, struct mmu_space *space, u32 pc);

/*
 * A vCPU is about to run privileged code at @pc in @space, in T32 state if @thumb: is what it would
 * execute made for that?  If not, as mmu_copy_again().
 */
void mmu_runs_code(struct armkvm_vm *vm, struct mmu_space *space, u32 pc, bool thumb);

/* The guest has privileged T32 code: its pages are judged with that in mind from now on.  May sleep. */
void mmu_thumb_begins(struct armkvm_vm *vm);

/* Has mmu_thumb_begins() come to its end, so that no vCPU executes an older copy?  Any context. */
static inline bool mmu_mixes_states(const struct armkvm_mmu *mmu)
{
	/* Pairs with mmu_thumb_begins() */
	return smp_load_acquire(&mmu->mixes);
}

/* Does the kernel view of @space have a global mapping of @gva?  Held: mmu->lock. */
bool mmu_is_global(struct mmu_space *space, u32 gva);
/* The word of the guest's that @view fetches at @gva, if it is known.  Held: mmu->lock. */
bool mmu_peek_insn(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
		   u32 *word);

/* Does the kernel view let @gva be executed, not read?  Held: mmu->lock. */
bool mmu_exec_only(struct mmu_space *space, u32 gva);

/* What @view has at @gva: the frame, and whether it is the instruction copy; false: nothing. */
bool mmu_lookup(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
		u64 *gfn, bool *is_copy);

/* Copies of @gfn have exclusive instructions replaced from now on. */
void mmu_replace_exclusives(struct armkvm_vm *vm, u64 gfn);

/* The module itself, or the launcher, wrote to guest frames [@first, @end). */
void mmu_frames_written(struct armkvm_vm *vm, u64 first, u64 end);

/* Entries of the frames in @bits, bit 0 for @first, lose their write permission. */
void mmu_frames_clean(struct armkvm_vm *vm, u64 first, const unsigned long *bits, size_t longs);

/* The leaf that the second-level table with @sptep in it belongs to. */
static inline struct mmu_leaf *mmu_leaf_of(spte_t *sptep)
{
	return (struct mmu_leaf *)((unsigned long)sptep & ~(MMU_LEAF_BYTES - 1));
}

/*
 * Ranges that are longer are not done with interrupts off: one call with them on takes less than
 * many pieces.
 */
#define MMU_LIGHT_RANGE		(128U << 20)

/*
 * The guest's TLB maintenance, B3.10.5.  Held: mmu->lock; the commit is the caller's.
 *
 * @mv: the vCPU that executes it; its own space is compared with the tables at
 * once where that is cheaper than another fault.
 */
void mmu_tlbi_all(struct armkvm_mmu *mmu);
void mmu_tlbi_asid(struct armkvm_mmu *mmu, u16 asid);
/*
 * TLB maintenance of the pages from @start to the one with @last in it.  @asid
 * MMU_ASID_GLOBAL: of every ASID.
 * Returns the last address that is done, at least one page further than @start: less than
 * @last only with interrupts off, where the rest would take too long.  It is the caller's
 * then, by another call or by mmu_tlbi_all().
 */
u32 mmu_tlbi_range(struct mmu_vcpu *mv, const struct walk_ctl *ctl, u32 start, u32 last,
		   u16 asid);

/*
 * Ends a change under mmu->lock, which is held: nobody uses what was removed any more.
 * Interrupts the CPUs of vCPUs that are in the guest; host's interrupts are on.
 */
void mmu_commit(struct armkvm_vm *vm);
/* mmu_commit(), gives up the lock, then frees what was removed: each that removes ends so. */
void mmu_commit_unlock(struct armkvm_vm *vm);

/*
 * As mmu_commit(), by the vCPU's own thread between two pieces of its stay: interrupts may be
 * off.  Returns false, with the change not ended, if a vCPU on another CPU is in the guest.
 * One that enters after the look at them finds the tables as they are now (it flushes its
 * TLB by the log of changes), so there is one look only.
 */
bool mmu_commit_alone(struct mmu_vcpu *mv);

/* Every leaf goes, but the switch area's, which are emptied: the meaning of descriptors changes. */
void mmu_drop_all(struct armkvm_vm *vm);

/*
 * Nothing is known of guest frames [@start, @end) any more, and no entry maps them.  Holds
 * mmu->lock for MMU_LOCK_STEPS at a time, and may sleep in between.
 */
void mmu_zap_gfns(struct armkvm_vm *vm, u64 start, u64 end);

/*
 * The slot of guest frames [@start, @end) is being changed: as mmu_zap_gfns(), and until
 * mmu_frames_left() nothing is learnt of them.  One change at a time: slots_lock is held
 * from the one to the other.
 */
void mmu_frames_leave(struct armkvm_vm *vm, u64 start, u64 end);
/* The change that mmu_frames_leave() began is done. */
void mmu_frames_left(struct armkvm_vm *vm);
/* Sleeps until no slot is being changed, or a signal comes.  Not in vm->srcu. */
void mmu_wait_for_frames(struct armkvm_vm *vm);

/* A domain's DACR field changed where hardware domains can't follow it. */
void mmu_zap_domain(struct armkvm_vm *vm, unsigned int domain);

#endif /* ARMKVM_CORE_MMU_H */
