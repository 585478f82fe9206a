// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spaces: the guest's address spaces, as pairs of shadow roots; see mmu.h.
 *
 * The ASID isn't part of a space's key: kernels write TTBR0 and CONTEXTIDR one
 * after the other, and a space for each combination in between would be one too
 * many.  It is a property of the links to leaves that aren't global: another ASID
 * in the same tables takes those links away.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "mmu-impl.h"

/* The views in which a space has a leaf of the host's, at HOST_SWITCH_INDEX: all or none. */
static inline unsigned int space_switch_views(void)
{
	return HOST_HAS_SWITCH_AREA ? MMU_VIEWS : 0;
}

static bool space_is_private(const struct mmu_leaf *leaf)
{
	return leaf->asid != MMU_ASID_GLOBAL && leaf->index != HOST_SWITCH_INDEX;
}

void space_link(struct armkvm_mmu *mmu, struct mmu_space *space, enum mmu_view view,
		unsigned int index, struct mmu_leaf *leaf, unsigned int domain)
{
	spte_t *old = root_leaf(space->root[view], index);

	if (old)
		space->nr_private -= space_is_private(mmu_leaf_of(old));
	if (leaf)
		space->nr_private += space_is_private(leaf);
	space->nr_links += !!leaf - !!old;
	if (leaf)
		__set_bit(index, space->linked[view]);
	else
		__clear_bit(index, space->linked[view]);
	root_store(space->root[view], index, leaf ? leaf->spt : NULL, domain);
	if (old)
		mmu_log_change(&mmu->changes, MMU_CHANGE_ALL, space->root[view]);
}

/* Nobody walks its tables.  No lock. */
void space_free(struct mmu_space *space)
{
	enum mmu_view view;

	for (view = 0; view < MMU_VIEWS; view++)
		if (space->root[view])
			host_root_free(space->root[view]);
	kfree(space);
}

static struct mmu_leaf *space_leaf(const struct mmu_space *space, enum mmu_view view,
				   unsigned int index)
{
	return mmu_leaf_of(root_leaf(space->root[view], index));
}

static void space_free_dead(struct mmu_dead *dead)
{
	space_free(container_of(dead, struct mmu_space, dead));
}

void space_drop(struct armkvm_vm *vm, struct mmu_space *space)
{
	unsigned int index = HOST_SWITCH_INDEX;
	enum mmu_view view;

	/* The switch area's leaf is the only one that belongs to its space. */
	for (view = 0; view < space_switch_views(); view++)
		leaf_drop(vm, space_leaf(space, view, index));
	/* A CPU that has just changed to another space may still walk its roots. */
	list_del(&space->lru);
	mmu_bury(vm->mmu, &space->dead, space_free_dead);
	vm->mmu->nr_spaces--;
	armkvm_vm_stat_dec(vm, VM_STAT_SPACES);
}

/* No lock; may sleep. */
static struct mmu_space *space_alloc(struct armkvm_vm *vm, const struct mmu_space_key *key,
				     u16 asid)
{
	struct mmu_space *space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);
	struct mmu_leaf *leaf[MMU_VIEWS] = { };
	enum mmu_view view;
	unsigned int i;

	if (!space)
		return NULL;
	space->key = *key;
	space->asid = asid;
	for (view = 0; view < MMU_VIEWS; view++) {
		space->root[view] = host_root_alloc();
		if (!space->root[view])
			goto fail;
		if (!space_switch_views())
			continue;
		leaf[view] = leaf_alloc();
		if (!leaf[view])
			goto fail;
	}
	if (!space_switch_views())
		return space;
	raw_spin_lock(&vm->mmu->lock);
	for (view = 0; view < MMU_VIEWS; view++) {
		unsigned int index = HOST_SWITCH_INDEX;

		leaf[view]->asid = asid;
		leaf[view]->domains = key->domains;
		leaf[view]->index = index;
		leaf[view]->view = view;
		leaf[view]->desc = ~0ULL;
		/* Those of CPUs yet to come too: the guest gets none of them. */
		for (i = 0; i < HOST_SWITCH_PAGES; i++)
			leaf[view]->info[i] = LEAF_INFO_FIXED;
		leaf_insert(vm, leaf[view]);
		space_link(vm->mmu, space, view, index, leaf[view], HOST_SWITCH_DOMAIN);
	}
	raw_spin_unlock(&vm->mmu->lock);
	return space;
fail:
	for (view = 0; view < MMU_VIEWS; view++)
		if (leaf[view])
			leaf_free(leaf[view]);
	space_free(space);
	return NULL;
}

static bool space_same_tables(const struct mmu_space_key *a, const struct mmu_space_key *b)
{
	return a->ttbr0 == b->ttbr0 && a->ttbr1 == b->ttbr1 && a->ttbcr == b->ttbcr &&
	       a->domains == b->domains && a->mmu_on == b->mmu_on;
}

/* With the ASID if there is one, else one that can take it. */
static struct mmu_space *space_find(struct mmu_vcpu *mv, const struct mmu_space_key *key,
				    u16 asid)
{
	struct mmu_space *space, *other = NULL;

	list_for_each_entry(space, &mv->vm->mmu->spaces, lru) {
		if (!space_same_tables(&space->key, key))
			continue;
		if (space->asid == asid)
			return space;
		if (!other && !mmu_space_in_use(mv->vm->mmu, mv, space))
			other = space;
	}
	return other;
}

/* Do the switch area's leaves have entries of the ASID?  If not they are @asid's at once. */
static bool space_switch_leaf_private(struct mmu_space *space, u16 asid)
{
	enum mmu_view view;

	for (view = 0; view < space_switch_views(); view++) {
		struct mmu_leaf *leaf = space_leaf(space, view, HOST_SWITCH_INDEX);

		if (leaf->nr_private)
			return true;
		leaf->asid = asid;
	}
	return false;
}

/*
 * What is unsync as the old ASID's goes: of the new one's nothing would say so.  (Maintenance
 * by address passes an unsync leaf by, as it is to be compared before it is used.)
 */
static void space_switch_leaves_settle(struct armkvm_vm *vm, struct mmu_space *space)
{
	enum mmu_view view;

	for (view = 0; view < space_switch_views(); view++) {
		struct mmu_leaf *leaf = space_leaf(space, view, HOST_SWITCH_INDEX);

		if (!leaf_fresh(vm->mmu, leaf))
			leaf_zap(vm, leaf);
	}
}

/* Leaves of the old ASID are unlinked; the switch area's is the space's own. */
static void space_retag(struct armkvm_vm *vm, struct mmu_space *space, u16 asid)
{
	enum mmu_view view;
	unsigned int index, i;

	space_switch_leaves_settle(vm, space);
	space->asid = asid;
	if (!space->nr_private && !space_switch_leaf_private(space, asid))
		return;
	for (view = 0; view < MMU_VIEWS; view++) {
		for_each_set(index, space->linked[view], MMU_ROOT_ENTRIES) {
			struct mmu_leaf *leaf = space_leaf(space, view, index);

			if (leaf->asid == MMU_ASID_GLOBAL)
				continue;
			if (index != HOST_SWITCH_INDEX) {
				space_link(vm->mmu, space, view, index, NULL, 0);
				continue;
			}
			for_each_set(i, leaf->present, MMU_LEAF_ENTRIES)
				if (!(leaf->info[i] & LEAF_INFO_GLOBAL))
					spte_zap(vm, leaf, i);
			leaf->asid = asid;
		}
	}
}

/*
 * The first-level table of short descriptors, of which one page is mapped at a time, or what TTBCR.N makes of
 * it: the descriptors of the leaves from index @first on, up to @end.
 */
struct table_reader {
	struct armkvm_vm *vm;
	const struct walk_ctl *ctl;
	unsigned int first, end;
	const u32 *page;		/* or NULL: none, or not known; else @first's descriptor */
};

#define DESCS_OF_LEAF	(LEAF_IS_PAIR ? 2U : 1U)
#define DESCS_OF_PAGE	((unsigned int)(ARMKVM_PAGE_SIZE / sizeof(u32)))

static void space_reader_close(struct table_reader *r)
{
	if (r->page)
		kunmap_local(r->page);
	r->page = NULL;
}

/* The descriptor of the leaf @index, or NULL. */
static const u32 *space_reader_l1(struct table_reader *r, unsigned int index)
{
	struct gfn_info *info;
	struct gfn_place place;
	u64 gpa;

	if (!r->page || index < r->first || index >= r->end) {
		/* B3.5.4: TTBR0's table has 4,096 >> N of them, and what follows is TTBR1's. */
		unsigned int n = min(DESCS_OF_PAGE, 4096U >> (r->ctl->ttbcr & 7)) / DESCS_OF_LEAF;

		space_reader_close(r);
		r->first = index & ~(n - 1);
		r->end = r->first + n;
		if (!walk_short_root(r->ctl, (u32)r->first << MMU_LEAF_SHIFT, &gpa))
			return NULL;
		info = gfn_info(&r->vm->mmu->gfns, gpa >> ARMKVM_PAGE_SHIFT);
		if (!info || !(info->page & GFN_VALID))
			return NULL;
		place = gfn_place(info);
		r->page = gfn_map_local(&place) + (gpa & ~ARMKVM_PAGE_MASK);
	}
	return r->page + (index - r->first) * DESCS_OF_LEAF;
}

/*
 * Does the guest's first-level table still lead to @leaf, which @space has linked?  The
 * domains of its key follow from the descriptors, whose domain fields are the same then.
 */
static bool space_link_holds(struct table_reader *r, const struct mmu_space *space,
			     const struct mmu_leaf *leaf)
{
	const struct walk_ctl *ctl = r->ctl;
	struct mmu_key key;
	const u32 *l1;
	u64 desc;

	if (!(ctl->sctlr & WALK_SCTLR_M) || (ctl->ttbcr & WALK_TTBCR_EAE))
		return mmu_key_at(r->vm, ctl, space->key.domains, leaf->index, &key) &&
		       mmu_key_equal(leaf, &key);
	l1 = space_reader_l1(r, leaf->index);
	if (!l1)
		return false;
	desc = mmu_table_desc(ctl, l1, 0);
	if (LEAF_IS_PAIR)
		desc |= (u64)mmu_table_desc(ctl, l1 + 1, 0) << 32;
	return leaf->desc == desc;
}

/* Entries that are compared at once, about 20 instructions each; an exit costs some thousand. */
#define SYNC_ENTRIES		320U

/*
 * Every link is compared with the guest's first-level table.  Sections stay, for
 * their descriptor is all there is.  So do tables with few entries, which are compared
 * now; what is more is unlinked, to be compared when the guest comes to it: most of a
 * large address space that ends never is.  With interrupts off it ends where it gets long: what
 * was compared by then is fresh, and the rest is for run.c.
 */
bool space_sync(struct armkvm_vm *vm, const struct walk_ctl *ctl, struct mmu_space *space)
{
	struct table_reader reader = { .vm = vm, .ctl = ctl };
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned int index, left = SYNC_ENTRIES, begin = mmu_steps_begin(mmu);
	enum mmu_view view;

	for (view = 0; view < MMU_VIEWS; view++) {
		for_each_set(index, space->linked[view], MMU_ROOT_ENTRIES) {
			struct mmu_leaf *leaf = space_leaf(space, view, index);
			bool fixed = index == HOST_SWITCH_INDEX;
			bool same, unsync = !leaf->flat && !leaf_fresh(mmu, leaf);

			if (irqs_disabled() && mmu_steps_over(mmu, begin))
				goto too_long;
			mmu->steps += !leaf->flat;
			if (!fixed && unsync && (leaf->used > left || mmu_steps_over(mmu, begin))) {
				space_link(vm->mmu, space, view, index, NULL, 0);
				continue;
			}
			if (fixed && !leaf->used)
				continue;
			same = space_link_holds(&reader, space, leaf);
			if (same && (fixed || unsync)) {
				left -= min_t(unsigned int, left, leaf->used);
				same = leaf_sync(vm, ctl, leaf);
				if (!same)
					goto too_long;
			} else if (same) {
				leaf->clock = mmu->clock;
			}
			if (!same && fixed)
				leaf_zap(vm, leaf);
			else if (!same)
				space_link(vm->mmu, space, view, index, NULL, 0);
		}
	}
	space_reader_close(&reader);
	WRITE_ONCE(space->clock, mmu->clock);
	return true;
too_long:
	space_reader_close(&reader);
	return false;
}

/*
 * A space may be in use by other vCPUs: only those that none of them runs in
 * go, oldest first.
 */
static void spaces_trim(struct armkvm_vm *vm)
{
	struct mmu_space *space, *tmp;

	list_for_each_entry_safe_reverse(space, tmp, &vm->mmu->spaces, lru) {
		if (vm->mmu->nr_spaces <= MMU_MAX_SPACES)
			return;
		if (!mmu_space_in_use(vm->mmu, NULL, space))
			space_drop(vm, space);
	}
}

static bool space_take(struct mmu_vcpu *mv, struct mmu_space *space, u16 asid,
		       const struct walk_ctl *ctl)
{
	struct armkvm_vm *vm = mv->vm;

	if (space->asid != asid)
		space_retag(vm, space, asid);
	if (!mmu_space_fresh(vm->mmu, space) && !space_sync(vm, ctl, space))
		return false;
	list_move(&space->lru, &vm->mmu->spaces);
	mv->space = space;
	return true;
}

/* A comparison of a link is up to 100 instructions: more of them are not for the light path. */
#define IRQOFF_LINKS		64U

/* Would space_take() keep the host's interrupts off for too long? */
static bool space_is_much_work(const struct armkvm_mmu *mmu, const struct mmu_space *space,
			       u16 asid)
{
	enum mmu_view view;

	if (!irqs_disabled() || (space->asid == asid && mmu_space_fresh(mmu, space)))
		return false;
	if (space->nr_links > IRQOFF_LINKS)
		return true;
	for (view = 0; view < space_switch_views(); view++)
		if (space_leaf(space, view, HOST_SWITCH_INDEX)->used > MMU_IRQOFF_STEPS / 8)
			return true;
	return false;
}

struct mmu_space *mmu_space_find(struct mmu_vcpu *mv, const struct mmu_space_key *key,
				 u16 asid, const struct walk_ctl *ctl)
{
	struct mmu_space *space = space_find(mv, key, asid);

	if (!space || space_is_much_work(mv->vm->mmu, space, asid) ||
	    !space_take(mv, space, asid, ctl))
		return NULL;
	return space;
}

struct mmu_space *mmu_space_get(struct mmu_vcpu *mv, const struct mmu_space_key *key,
				u16 asid, const struct walk_ctl *ctl)
{
	struct armkvm_vm *vm = mv->vm;
	struct armkvm_mmu *mmu = vm->mmu;
	struct mmu_space *space, *fresh = NULL;

	raw_spin_lock(&mmu->lock);
	space = mmu_space_find(mv, key, asid, ctl);
	if (!space) {
		raw_spin_unlock(&mmu->lock);
		fresh = space_alloc(vm, key, asid);
		if (!fresh)
			return NULL;
		raw_spin_lock(&mmu->lock);
		fresh->clock = mmu->clock;
		list_add(&fresh->lru, &mmu->spaces);
		mmu->nr_spaces++;
		armkvm_vm_stat_inc(vm, VM_STAT_SPACES);
		armkvm_vm_stat_inc(vm, VM_STAT_SPACES_MADE);
		space = mmu_space_find(mv, key, asid, ctl);
		spaces_trim(vm);
	}
	mmu_commit_unlock(vm);
	return space;
}
