// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's TLB maintenance (ARM DDI 0406C B3.10.5) on the shadow tables.
 *
 * Guests invalidate far more than they change: all of it at each fork, or a range
 * of addresses that nothing is mapped in.  So what is named by ASID or not at all
 * becomes unsync only, and what is named by address is compared at once where
 * the executing vCPU has the tables at hand.
 */
#include "copy.h"
#include "mmu-impl.h"

/* The links of spaces are compared before their next use: mmu_space_fresh(). */
void mmu_tlbi_all(struct armkvm_mmu *mmu)
{
	mmu->tlbi_seq++;
	WRITE_ONCE(mmu->all_clock, ++mmu->clock);
	mmu_set_stale(mmu);
}

void mmu_tlbi_asid(struct armkvm_mmu *mmu, u16 asid)
{
	mmu->tlbi_seq++;
	WRITE_ONCE(mmu->asid_clock[asid], ++mmu->clock);
	mmu_set_stale(mmu);
}

/*
 * The first-level descriptor may be what changed.  The links of the executing
 * vCPU's space are compared; of others they go.
 */
static void tlbi_check_links(struct mmu_vcpu *mv, const struct walk_ctl *ctl,
			     struct mmu_leaf *leaf)
{
	struct mmu_space *space;
	struct mmu_key key;

	mv->vm->mmu->steps += 1 + mv->vm->mmu->nr_spaces / MMU_NODES_A_STEP;
	if (leaf->index == HOST_SWITCH_INDEX) {
		space = mv->space;
		if (space && root_leaf(space->root[leaf->view], leaf->index) == leaf->spt &&
		    mmu_key_at(mv->vm, ctl, space->key.domains, leaf->index, &key) &&
		    mmu_key_equal(leaf, &key))
			return;
		leaf_zap(mv->vm, leaf);
		return;
	}
	list_for_each_entry(space, &mv->vm->mmu->spaces, lru) {
		if (root_leaf(space->root[leaf->view], leaf->index) != leaf->spt)
			continue;
		if (space == mv->space &&
		    mmu_key_at(mv->vm, ctl, space->key.domains, leaf->index, &key) &&
		    mmu_key_equal(leaf, &key))
			continue;
		space_link(mv->vm->mmu, space, leaf->view, leaf->index, NULL, 0);
		mmu_set_stale(mv->vm->mmu);
	}
}

static bool tlbi_linked_here(const struct mmu_vcpu *mv, const struct mmu_leaf *leaf)
{
	const struct mmu_space *space = mv->space;

	return space && root_leaf(space->root[leaf->view], leaf->index) == leaf->spt &&
	       leaf_fresh(mv->vm->mmu, leaf);
}

/* Is entry @i of a leaf with two first-level descriptors of a section? */
static bool tlbi_half_is_section(const struct mmu_leaf *leaf, unsigned int i)
{
	return (leaf_l1(leaf, i) & L1_TYPE) != L1_TABLE;
}

/*
 * Entries @first to @last of one leaf.  What is not present needs no look at the
 * links now: the next fill compares its own space's, and takes away the others (leaf_get()).
 */
static void leaf_tlbi(struct mmu_vcpu *mv, const struct walk_ctl *ctl, struct mmu_leaf *leaf,
		      unsigned int first, unsigned int last, u16 asid)
{
	bool global_only = asid != MMU_ASID_GLOBAL && leaf->asid != asid;
	bool looked = false;
	unsigned int i;

	if (leaf->flat) {
		tlbi_check_links(mv, ctl, leaf);
		return;
	}
	if (global_only && leaf->used == leaf->nr_private)
		return;
	/* The half of a pair that is a section is one TLB entry. */
	if (LEAF_IS_PAIR && !(ctl->ttbcr & WALK_TTBCR_EAE)) {
		if (tlbi_half_is_section(leaf, first))
			first &= ~(TABLE_ENTRIES - 1);
		if (tlbi_half_is_section(leaf, last))
			last |= TABLE_ENTRIES - 1;
	}
	/* The other entries of a large page are one TLB entry with those that are named. */
	i = first & ~15U;
	for_each_set_bit_from(i, leaf->present, (last | 15U) + 1) {
		if ((global_only && !(leaf->info[i] & LEAF_INFO_GLOBAL)) ||
		    ((i < first || i > last) && !(leaf->info[i] & LEAF_INFO_LARGE)))
			continue;
		if (!looked)
			tlbi_check_links(mv, ctl, leaf);
		looked = true;
		if (!leaf->spt[i])
			continue;
		/* Can the tables that this vCPU uses say what the entry should be? */
		if (tlbi_linked_here(mv, leaf))
			leaf_sync_entry(mv->vm, ctl, leaf, i);
		else
			spte_zap(mv->vm, leaf, i);
	}
	leaf->links_unsync |= !looked;
}

/*
 * The leaves of one ASID, or the global ones: most of an index belong to ended address spaces.
 * Returns at how many it looked.
 */
static unsigned int leaves_tlbi_asid(struct mmu_vcpu *mv, const struct walk_ctl *ctl,
				     unsigned int index, unsigned int first, unsigned int last,
				     u16 asid, u16 of, unsigned int begin)
{
	struct armkvm_mmu *mmu = mv->vm->mmu;
	unsigned int looked = 0;
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;

	hlist_for_each_entry_safe(leaf, tmp, leaf_asid_bucket(mmu, index, of), asid_hash) {
		looked++;
		if (leaf->index != index || leaf->asid != of || !leaf_fresh(mmu, leaf))
			continue;
		/* after which none of them is fresh */
		if (mmu_steps_over(mmu, begin))
			mmu_tlbi_all(mmu);
		else
			leaf_tlbi(mv, ctl, leaf, first, last, asid);
	}
	return looked;
}

/*
 * A block that is larger than a leaf (supersection, long descriptors' 2 MiB and 1 GiB) is
 * one TLB entry: an address in it names all its leaves.  Those of @start to @last are
 * done already.
 */
static void blocks_tlbi(struct mmu_vcpu *mv, const struct walk_ctl *ctl, u32 start, u32 last)
{
	unsigned int order = mv->vm->mmu->block_shift - MMU_LEAF_SHIFT;
	unsigned int first = start >> MMU_LEAF_SHIFT, end = last >> MMU_LEAF_SHIFT, index;
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;

	for (index = first & ~0U << order; index <= (end | ((1U << order) - 1)); index++) {
		if (index >= first && index <= end)
			continue;
		hlist_for_each_entry_safe(leaf, tmp, leaf_bucket(mv->vm->mmu, index), hash)
			if (leaf->index == index && leaf->flat)
				tlbi_check_links(mv, ctl, leaf);
	}
}

/*
 * The comparison of more entries than these would hold the lock for too long: a
 * range with so many makes everything unsync, which B3.10.5 allows.
 */
#define RANGE_MAX_ENTRIES	2048U

static bool tlbi_range_is_large(struct armkvm_mmu *mmu, unsigned int index, unsigned int end)
{
	unsigned int entries = 0, looked = 0, most = mmu_max_steps() * MMU_NODES_A_STEP;
	bool light = irqs_disabled();
	struct mmu_leaf *leaf;

	if (end - index < RANGE_MAX_ENTRIES / MMU_LEAF_ENTRIES / MMU_VIEWS)
		return false;
	/* A long look isn't worth it there: what there is no time for is the caller's. */
	if (light)
		most /= 4;
	for (; index <= end && entries <= RANGE_MAX_ENTRIES && looked <= most; index++) {
		looked++;
		hlist_for_each_entry(leaf, leaf_bucket(mmu, index), hash) {
			looked++;
			if (leaf->index == index)
				entries += leaf->flat ? 1 : leaf->used;
		}
	}
	mmu->steps += looked / MMU_NODES_A_STEP;
	return entries > RANGE_MAX_ENTRIES || (looked > most && !light);
}

/*
 * Pages of one index, @start to @last.  An unsync leaf is nobody's now, and is compared as a
 * whole before it is used again.  Returns at how many leaves it looked.
 */
static unsigned int index_tlbi(struct mmu_vcpu *mv, const struct walk_ctl *ctl, u32 start,
			       u32 last, u16 asid, unsigned int begin)
{
	unsigned int index = start >> MMU_LEAF_SHIFT;
	unsigned int first = start >> ARMKVM_PAGE_SHIFT & (MMU_LEAF_ENTRIES - 1);
	unsigned int final = last >> ARMKVM_PAGE_SHIFT & (MMU_LEAF_ENTRIES - 1);
	struct armkvm_mmu *mmu = mv->vm->mmu;
	unsigned int looked = 0;
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;

	if (asid != MMU_ASID_GLOBAL && !mmu->nr_mixed && index != HOST_SWITCH_INDEX)
		return leaves_tlbi_asid(mv, ctl, index, first, final, asid, asid, begin) +
		       leaves_tlbi_asid(mv, ctl, index, first, final, asid, MMU_ASID_GLOBAL, begin);
	hlist_for_each_entry_safe(leaf, tmp, leaf_bucket(mmu, index), hash) {
		looked++;
		if (leaf->index != index || !leaf_fresh(mmu, leaf))
			continue;
		/* after which none of them is fresh */
		if (mmu_steps_over(mmu, begin))
			mmu_tlbi_all(mmu);
		else
			leaf_tlbi(mv, ctl, leaf, first, final, asid);
	}
	return looked;
}

/* With interrupts off, pages between two looks at the time, and entries that need none. */
#define IRQOFF_PAGES	8U
#define IRQOFF_ENTRIES	8U
/* Steps that are left for a piece: its pages are compared, walked for and removed. */
#define IRQOFF_PIECE	(3 * IRQOFF_PAGES)

/* Are there so few entries in the leaves of @index that they are done at once? */
static bool tlbi_index_is_sparse(struct armkvm_mmu *mmu, unsigned int index, unsigned int *looked)
{
	unsigned int entries = 0;
	struct mmu_leaf *leaf;

	hlist_for_each_entry(leaf, leaf_bucket(mmu, index), hash) {
		++*looked;
		if (leaf->index == index && leaf_fresh(mmu, leaf))
			entries += leaf->flat ? 1 : leaf->used;
		if (entries > IRQOFF_ENTRIES)
			return false;
	}
	return true;
}

/* The end of the next piece of a range up to @last, which begins @at: of one index. */
static u32 tlbi_piece_end(struct armkvm_mmu *mmu, u32 at, u32 last, unsigned int *looked)
{
	u32 done = min(last, at | ((1U << MMU_LEAF_SHIFT) - 1));
	u32 few = at | ((IRQOFF_PAGES << ARMKVM_PAGE_SHIFT) - 1);

	if (!irqs_disabled() || done <= few ||
	    tlbi_index_is_sparse(mmu, at >> MMU_LEAF_SHIFT, looked))
		return done;
	return few;
}

u32 mmu_tlbi_range(struct mmu_vcpu *mv, const struct walk_ctl *ctl, u32 start, u32 last,
		   u16 asid)
{
	struct armkvm_mmu *mmu = mv->vm->mmu;
	unsigned int begin = mmu_steps_begin(mmu), looked = 0;
	u32 at = start, done;

	mmu->tlbi_seq++;
	if (tlbi_range_is_large(mmu, start >> MMU_LEAF_SHIFT, last >> MMU_LEAF_SHIFT)) {
		mmu_tlbi_all(mmu);
		return last;
	}
	for (;; at = done + 1) {
		done = tlbi_piece_end(mmu, at, last, &looked);
		looked += index_tlbi(mv, ctl, at, done, asid, begin);
		if (done == last)
			break;
		/* the lists themselves, empty ones too */
		looked += MMU_NODES_A_STEP;
		mmu->steps += looked / MMU_NODES_A_STEP;
		looked %= MMU_NODES_A_STEP;
		if (mmu->steps - begin + (irqs_disabled() ? IRQOFF_PIECE : 0) < mmu_max_steps())
			continue;
		if (!irqs_disabled())
			mmu_tlbi_all(mmu);
		else
			last = done;
		break;
	}
	if (mmu->block_shift > MMU_LEAF_SHIFT)
		blocks_tlbi(mv, ctl, start, last);
	return last;
}

/* Leaves of the domains in @domains, a bit each.  Those of the switch area stay, empty. */
static void tlbi_drop_domains(struct armkvm_vm *vm, u16 domains)
{
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned int b, begin;
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;

	raw_spin_lock(&mmu->lock);
	begin = mmu->steps;
	for (b = 0; b < ARRAY_SIZE(mmu->leaves); b++) {
again:
		hlist_for_each_entry_safe(leaf, tmp, &mmu->leaves[b], hash) {
			if (!(domains & BIT(leaf->domain)) ||
			    (leaf->index == HOST_SWITCH_INDEX && !leaf->used))
				continue;
			/* the list may be another one then */
			if (mmu_relax_for(vm, &begin, leaf->used, true))
				goto again;
			leaf_discard(vm, leaf);
			mmu->steps++;
		}
	}
	mmu_commit_unlock(vm);
}

void mmu_drop_all(struct armkvm_vm *vm)
{
	tlbi_drop_domains(vm, ~0);
}

void mmu_zap_domain(struct armkvm_vm *vm, unsigned int domain)
{
	tlbi_drop_domains(vm, BIT(domain));
}
