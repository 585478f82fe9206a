/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the shadow MMU share:
 *   mmu.c     its life
 *   space.c   spaces and the links from their roots to leaves
 *   leaf.c    leaves and their entries, their keys, comparison with the guest's tables
 *   fill.c    new entries
 *   frames.c  the host's pages behind guest frames: learnt, changed, taken back
 *   tlbi.c    the guest's TLB maintenance
 *   running.c which vCPU runs in which space, and the end of a change
 *   lookup.c  what is mapped at an address
 *   device-marks.c  marks of devices, replacement of instructions that meet them
 *   shrink.c  the host's memory reclaim
 *   gfn.c     what is known of each frame
 *   rmap.c    from frames to entries
 *   copy.c    instruction copies
 * They know nothing of who uses the MMU (core/engine/): ci/gates/layers.sh.
 * All functions want mmu->lock held unless they say otherwise.
 */
#ifndef ARMKVM_CORE_MMU_IMPL_H
#define ARMKVM_CORE_MMU_IMPL_H

#include <linux/bitops.h>
#include <linux/irqflags.h>
#include <linux/swab.h>

#include "../vm.h"
#include "mmu.h"

/* Neighbours that a fill makes entries for, too: an aligned group of so many pages. */
#define FILL_AROUND		((unsigned int)MMU_NEAR)

/* Has a leaf the range of two first-level short descriptors? */
#define LEAF_IS_PAIR		(MMU_LEAF_SHIFT > WALK_SECTION_SHIFT)

/* Types of short descriptors of the first level, B3.5.1 */
#define L1_TYPE			3U
#define L1_TABLE		1U

/*
 * Steps are what is done as often as somebody likes, up to 250 instructions each: the removal of
 * an entry, half of a walk of the guest's tables for one that may have changed, so many nodes of
 * a list that is searched for one, so many entries that are as they were.  mmu->steps counts them.
 *
 * Under one hold of mmu->lock, which nothing preempts: reclaim, other vCPUs' fills and everything
 * else on this CPU wait for that long.  Real-time kernels want less of it, for more holds.  One
 * leaf is never divided: MMU_LEAF_ENTRIES entries, with RMAP_MAX_ENTRIES nodes each at the worst,
 * so a full one has a hold of its own.  It is to stay below 200,000 instructions
 * (ci/tests/debug/latency.sh).
 */
#define MMU_LOCK_STEPS		(IS_ENABLED(CONFIG_PREEMPT_RT) ? MMU_IRQOFF_STEPS : 640U)
#define MMU_NODES_A_STEP	16U
#define MMU_SAME_A_STEP		12U
/*
 * Steps with the host's interrupts off, in one stay of the light path: below 20,000 instructions.
 */
#define MMU_IRQOFF_STEPS	72U

static inline unsigned int mmu_max_steps(void)
{
	return irqs_disabled() ? MMU_IRQOFF_STEPS : MMU_LOCK_STEPS;
}

/*
 * mmu->steps at the beginning of the piece of work that begins here.  With interrupts off all that
 * the light path does in a stay is one piece.
 */
static inline unsigned int mmu_steps_begin(const struct armkvm_mmu *mmu)
{
	return irqs_disabled() ? mmu->light_begin : mmu->steps;
}

/* Has a piece of work that began at @begin taken as many steps as it may? */
static inline bool mmu_steps_over(const struct armkvm_mmu *mmu, unsigned int begin)
{
	return mmu->steps - begin >= mmu_max_steps();
}

/*
 * Would @more steps be too many for it?  What comes first in it is done, be it as large as it may.
 */
static inline bool mmu_steps_full(const struct armkvm_mmu *mmu, unsigned int begin,
				  unsigned int more)
{
	return mmu->steps != begin && mmu->steps - begin + more >= mmu_max_steps();
}

/*
 * Something changed that vCPUs in the guest must leave it for: a commit is due.  Held: mmu->lock;
 * who is about to enter the guest reads it without.
 */
static inline void mmu_set_stale(struct armkvm_mmu *mmu)
{
	WRITE_ONCE(mmu->stale, true);
}

/* @dead can't be reached any more: @free is called with it behind the commit and the lock. */
static inline void mmu_bury(struct armkvm_mmu *mmu, struct mmu_dead *dead,
			    void (*free)(struct mmu_dead *dead))
{
	dead->next = mmu->dead;
	dead->free = free;
	mmu->dead = dead;
	mmu_set_stale(mmu);
}

enum zap_which {
	ZAP_ALL,
	ZAP_COPY,		/* entries that map the instruction copy */
	ZAP_WRITABLE,
};

static inline u32 leaf_gva(const struct mmu_leaf *leaf, unsigned int i)
{
	return (u32)leaf->index << MMU_LEAF_SHIFT | i << ARMKVM_PAGE_SHIFT;
}

/* leaf.c */
struct mmu_leaf *leaf_alloc(void);		/* no lock; may sleep; or NULL */
void leaf_free(struct mmu_leaf *leaf);		/* no lock */
void leaf_insert(struct armkvm_vm *vm, struct mmu_leaf *leaf);
struct hlist_head *leaf_bucket(struct armkvm_mmu *mmu, unsigned int index);
/*
 * The list, by asid_hash, with the leaves of one ASID or MMU_ASID_GLOBAL, but those of the switch
 * area.
 */
struct hlist_head *leaf_asid_bucket(struct armkvm_mmu *mmu, unsigned int index, u16 asid);

/* Was it compared after the last maintenance that it is subject to? */
static inline bool leaf_fresh(const struct armkvm_mmu *mmu, const struct mmu_leaf *leaf)
{
	return leaf->clock >= mmu->all_clock &&
	       (leaf->asid == MMU_ASID_GLOBAL || leaf->clock >= mmu->asid_clock[leaf->asid]);
}

static inline bool leaf_has_short_tables(const struct walk_ctl *ctl)
{
	return (ctl->sctlr & WALK_SCTLR_M) && !(ctl->ttbcr & WALK_TTBCR_EAE);
}

/*
 * The key of a leaf by its first-level descriptor in the Short-descriptor format: a leaf of 1 MiB has one, one of 2 MiB
 * a pair of them, of which @l1 is the @odd one.
 */
void leaf_short_key(u32 domains, u32 l1, u32 pair, bool odd, struct mmu_key *key);
/*
 * Compares the entries with the guest's tables; the link to it is right already.  Returns
 * false, with the leaf still unsync, if that would keep the host's interrupts off for too
 * long: MMU_IRQOFF_STEPS.
 */
bool leaf_sync(struct armkvm_vm *vm, const struct walk_ctl *ctl, struct mmu_leaf *leaf);
/*
 * What the entry @i of a leaf is: to be called after leaf->spt[i] was stored in place of
 * nothing, for @gfn and LEAF_INFO_* @flags.
 */
void leaf_entry_set(struct armkvm_mmu *mmu, struct mmu_leaf *leaf, unsigned int i, u64 gfn,
		    u32 flags, u32 l2);
/*
 * The second-level table behind the first-level descriptor @l1, if its page is known: 256
 * descriptors as they are in memory, to be given back by kunmap_local().  Or NULL.
 */
const u32 *guest_table_map(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 l1);
/*
 * Descriptors @i to @i + @nr - 1 of that table, as the guest means them. Returns false where guest_table_map() returns NULL.
 * Cheaper for a few.
 */
bool guest_table_read(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 l1, unsigned int i,
		      u32 *desc, unsigned int nr);
/*
 * Compares one entry that is present with the guest's tables.  Returns false if it was wrong and
 * is gone.
 */
bool leaf_sync_entry(struct armkvm_vm *vm, const struct walk_ctl *ctl, struct mmu_leaf *leaf,
		     unsigned int i);
/* Removes the entries of @leaf. */
void leaf_zap(struct armkvm_vm *vm, struct mmu_leaf *leaf);
/* Takes @leaf out of use, for good. */
void leaf_drop(struct armkvm_vm *vm, struct mmu_leaf *leaf);
/* Takes @leaf out of all roots but those of @but, or NULL. */
void leaf_unlink(struct armkvm_mmu *mmu, struct mmu_leaf *leaf, const struct mmu_space *but);
/* leaf_drop(), but the switch area's leaf stays with its space: leaf_zap(). */
void leaf_discard(struct armkvm_vm *vm, struct mmu_leaf *leaf);
/* If there are more leaves than there may be, the longest unused go.  No lock. */
void leaves_trim(struct armkvm_vm *vm);
/* Removes the entry @i of @leaf, which is present. */
void spte_zap(struct armkvm_vm *vm, struct mmu_leaf *leaf, unsigned int i);
/* Removes the entries that map a frame, or those of them that @which says. */
void gfn_zap(struct armkvm_vm *vm, struct gfn_info *info, enum zap_which which);

/*
 * The translation of near->gva, which is in @leaf's range: gpa, shift, global, write,
 * exec.  false: the guest has none, or none that may be cached.  @l2: its second-level descriptor in
 * the Short-descriptor format, as the guest means it, if it has just been read, else NULL.
 */
bool leaf_entry_mapping(struct armkvm_vm *vm, const struct walk_ctl *ctl,
			const struct mmu_leaf *leaf, const u32 *l2, struct mmu_mapping *near);

/* running.c */
/*
 * Between pieces of a change that may be large, the next of which takes @more steps: the lock is
 * given up if there would be too much since @begin, with what was removed so far out of use, and
 * true returned.  Interrupts are on.
 */
bool mmu_relax_for(struct armkvm_vm *vm, unsigned int *begin, unsigned int more, bool may_sleep);

static inline bool mmu_relax(struct armkvm_vm *vm, unsigned int *begin, bool may_sleep)
{
	return mmu_relax_for(vm, begin, 0, may_sleep);
}

/* Is @space the one that a vCPU other than @but (or NULL) runs in? */
bool mmu_space_in_use(const struct armkvm_mmu *mmu, const struct mmu_vcpu *but,
		      const struct mmu_space *space);

/* mmu.c */
/* Every space, leaf and copy goes.  No vCPU runs; no lock. */
void mmu_release(struct armkvm_vm *vm);

/* lookup.c */
/* The leaf and index of @gva, if something is mapped there. */
struct mmu_leaf *lookup_leaf(struct mmu_space *space, enum mmu_view view, u32 gva, unsigned int *i);
/* The word at @gva of what the guest executes or reads there. */
bool lookup_word(struct armkvm_vm *vm, const struct mmu_leaf *leaf, unsigned int i, u32 gva,
		 u32 *word);

/* frames.c */
/* The MMU notifier of the launcher's address space, from now on.  No lock.  Returns what its registration returns. */
int frames_watch(struct armkvm_mmu *mmu);
/* Ends frames_watch().  No lock. */
void frames_unwatch(struct armkvm_mmu *mmu);
/* @gfn for a look at it, if it is RAM.  May sleep, no lock; the caller puts the page. */
void frames_peek(struct armkvm_vm *vm, u64 gfn, struct gfn_place *place);
/*
 * @nr words at @gpa, a multiple of 4, of a frame that is known, in which they all are.  Each is one access, as the hardware's walk
 * makes it (ARM DDI 0406C B3.3).  Returns false if the frame isn't known.  Held: mmu->lock.
 */
bool frames_read(struct armkvm_vm *vm, u64 gpa, u32 *words, unsigned int nr);
/*
 * The host's page of @gfn, as far as @write wants it, into gfn_info.  May sleep.  Returns 0 with
 * mmu->lock held, or, without it, -EBUSY (@slot is being changed), -EFAULT (the launcher's memory
 * can't be had) or -EINTR (killed).
 */
int frames_learn(struct armkvm_vm *vm, struct armkvm_memslot *slot, u64 gfn, bool write,
		 bool want_write);
/* The instruction copy and its entries go. */
void gfn_drop_copy(struct armkvm_vm *vm, u64 gfn, struct gfn_info *info);

/* space.c */
void space_link(struct armkvm_mmu *mmu, struct mmu_space *space, enum mmu_view view,
		unsigned int index, struct mmu_leaf *leaf, unsigned int domain);
/*
 * Compares the links of @space with the guest's tables.  Returns false, with the space still
 * unsync, if that would take too long with interrupts off.
 */
bool space_sync(struct armkvm_vm *vm, const struct walk_ctl *ctl, struct mmu_space *space);
/* Takes @space out of use, for good. */
void space_drop(struct armkvm_vm *vm, struct mmu_space *space);
void space_free(struct mmu_space *space);

/* The first-level descriptor for entry @i of a leaf of short descriptors */
static inline u32 leaf_l1(const struct mmu_leaf *leaf, unsigned int i)
{
	return LEAF_IS_PAIR && i >> (WALK_SECTION_SHIFT - ARMKVM_PAGE_SHIFT) ?
	       leaf->desc >> 32 : leaf->desc;
}

#define TABLE_ENTRIES		(1U << (WALK_SECTION_SHIFT - ARMKVM_PAGE_SHIFT))

/* A descriptor that was read from a table of guest_table_map() */
/*
 * As find_next_bit(), which looks at bytes on 32-bit Arm: here a bit that is near costs 8
 * instructions, an empty word 4. @size: a multiple of BITS_PER_LONG.
 */
static inline unsigned int mmu_next_set(const unsigned long *map, unsigned int size, unsigned int i)
{
	unsigned long word;

	if (i >= size)
		return size;
	word = map[i / BITS_PER_LONG] & ~0UL << i % BITS_PER_LONG;
	for (i -= i % BITS_PER_LONG; !word; word = map[i / BITS_PER_LONG]) {
		i += BITS_PER_LONG;
		if (i >= size)
			return size;
	}
	return i + __ffs(word);
}

#define for_each_set(i, map, size)					\
	for ((i) = mmu_next_set(map, size, 0); (i) < (size); (i) = mmu_next_set(map, size, (i) + 1))

static inline u32 mmu_table_desc(const struct walk_ctl *ctl, const u32 *table, unsigned int i)
{
	u32 desc = READ_ONCE(table[i & (TABLE_ENTRIES - 1)]);

	return ctl->sctlr & WALK_SCTLR_EE ? swab32(desc) : desc;
}

/* leaf->raw[] of an entry that a small page's descriptor @l2 made; 0: another's. */
static inline u16 leaf_raw(u32 l2)
{
	return l2 ? LEAF_RAW_KNOWN | (l2 & ~ARMKVM_PAGE_MASK) : 0;
}

static inline bool mmu_key_equal(const struct mmu_leaf *leaf, const struct mmu_key *key)
{
	return leaf->desc == key->desc && leaf->domains == key->domains;
}

/* shrink.c */
/* The host's memory reclaim may shrink the tables, until shrink_remove().  No lock. */
void shrink_add(struct armkvm_mmu *mmu);
void shrink_remove(struct armkvm_mmu *mmu);

/* fill.c */
/* Makes sure that @cache has one of all that a fill of @gfn may need.  May sleep.  Returns 0 or -ENOMEM. */
int cache_topup(struct armkvm_mmu *mmu, struct mmu_cache *cache, u64 gfn);
void cache_free(struct mmu_cache *cache);		/* no lock */
/*
 * The leaf of @space that @map belongs into, linked and compared.  NULL if there is none
 * and mv->cache.leaf is empty, the link to another one was removed and a commit has to
 * come before the new one, or the comparison is too long for here: leaf_sync().
 */
struct mmu_leaf *leaf_get(struct mmu_vcpu *mv, const struct walk_ctl *ctl,
			  struct mmu_space *space, enum mmu_view view,
			  const struct mmu_mapping *map);

#endif /* ARMKVM_CORE_MMU_IMPL_H */
