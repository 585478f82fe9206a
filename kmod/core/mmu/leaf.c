// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaves: second-level shadow tables, what leads to them, and their comparison
 * with the guest's tables; see mmu.h.
 */
#include <linux/highmem.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "mmu-impl.h"

/*
 * -- the guest's tables --------------------------------------------------------
 */

/* A descriptor in a page that is known; a page that isn't is as good as no RAM. */
static int leaf_read_known_desc(void *ctx, u64 gpa, unsigned int size, u64 *val)
{
	u32 words[2];

	/*
	 * The halves of a long descriptor may be torn by a guest that writes it meanwhile; it
	 * then has what it asked for.
	 */
	if (!frames_read(ctx, gpa, words, size / sizeof(u32)))
		return -1;
	*val = size == 8 ? words[0] | (u64)words[1] << 32 : words[0];
	return 0;
}

const struct walk_ops mmu_walk_ops = {
	.read_desc = leaf_read_known_desc,
};

#define L1_SUPERSECTION		(1U << 18)

static unsigned int leaf_l1_domain(u32 l1)
{
	return (l1 & L1_TYPE) != L1_TABLE && (l1 & L1_SUPERSECTION) ? 0 : l1 >> 5 & 0xf;
}

void leaf_short_key(u32 domains, u32 l1, u32 pair, bool odd, struct mmu_key *key)
{
	key->domain = leaf_l1_domain(l1);
	key->desc = l1;
	key->domains = domains & 3U << 2 * key->domain;
	key->flat = (l1 & L1_TYPE) != L1_TABLE;
	if (!LEAF_IS_PAIR)
		return;
	key->desc = odd ? pair | (u64)l1 << 32 : l1 | (u64)pair << 32;
	key->domains |= domains & 3U << 2 * leaf_l1_domain(pair);
	key->flat = key->flat && (pair & L1_TYPE) != L1_TABLE;
}

static u32 leaf_other_of_pair(struct armkvm_vm *vm, const struct walk_ctl *ctl,
			      const struct walk_ops *ops, u64 l1_gpa)
{
	u64 other;

	if (!LEAF_IS_PAIR || ops->read_desc(vm, l1_gpa ^ 4, 4, &other))
		return 0;
	return ctl->sctlr & WALK_SCTLR_EE ? swab32(other) : other;
}

/*
 * Long descriptors: the one of level 2, or the block of level 1, and what the
 * level above restricts (B3.6.2: bits 63:59 of a table descriptor).
 */
static void leaf_long_key(const struct walk_result *res, struct mmu_key *key)
{
	int first = res->level - (res->nr_steps - 1);
	int k = min(2 - first, res->nr_steps - 1);

	key->desc = res->step[k].desc;
	if (k > 0)
		key->desc ^= res->step[k - 1].desc >> 59 << 52;
	key->flat = res->nr_steps - 1 == k && (res->step[k].desc & 3) == 1;
}

void mmu_key_of(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 domains,
		const struct walk_result *res, u32 gva, const struct walk_ops *ops,
		struct mmu_key *key)
{
	*key = (struct mmu_key) { .flat = res->format == WALK_FLAT };
	if (res->format == WALK_LONG)
		leaf_long_key(res, key);
	if (res->format == WALK_SHORT)
		leaf_short_key(domains, res->step[0].desc,
			       leaf_other_of_pair(vm, ctl, ops, res->step[0].gpa),
			       gva >> WALK_SECTION_SHIFT & 1, key);
}

bool mmu_key_at(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 domains,
		unsigned int index, struct mmu_key *key)
{
	u32 gva = (u32)index << MMU_LEAF_SHIFT;
	struct walk_result res;
	struct walk_fault fault;
	u64 gpa, l1;
	u32 pair;

	*key = (struct mmu_key) { .flat = true };
	if (!(ctl->sctlr & WALK_SCTLR_M))
		return true;
	if (ctl->ttbcr & WALK_TTBCR_EAE) {
		walk_translate(ctl, &mmu_walk_ops, vm, gva, &res, &fault);
		if (fault.kind == WALK_EXTERNAL || !res.nr_steps || !(res.step[0].desc & 1))
			return false;
		leaf_long_key(&res, key);
		return true;
	}
	if (!walk_short_root(ctl, gva, &gpa) || leaf_read_known_desc(vm, gpa, 4, &l1))
		return false;
	if (ctl->sctlr & WALK_SCTLR_EE)
		l1 = swab32(l1);
	pair = leaf_other_of_pair(vm, ctl, &mmu_walk_ops, gpa);
	if (!(l1 & L1_TYPE) && !(pair & L1_TYPE))
		return false;
	leaf_short_key(domains, l1, pair, false, key);
	return true;
}

/*
 * -- leaves ------------------------------------------------------------------
 */

struct hlist_head *leaf_bucket(struct armkvm_mmu *mmu, unsigned int index)
{
	return &mmu->leaves[index & ((1 << MMU_HASH_BITS) - 1)];
}

struct hlist_head *leaf_asid_bucket(struct armkvm_mmu *mmu, unsigned int index, u16 asid)
{
	return &mmu->asid_leaves[(index + asid * 37) & ((1 << MMU_HASH_BITS) - 1)];
}

/*
 * What leads back from a root to its leaf is a physical address: its pointer has no KASAN
 * tag, and is compared with those that are kept.  So none of them has one.
 */
struct mmu_leaf *leaf_alloc(void)
{
	struct mmu_leaf *leaf = kasan_reset_tag(kzalloc(MMU_LEAF_BYTES, GFP_KERNEL_ACCOUNT));

	if (leaf)
		INIT_LIST_HEAD(&leaf->lru);
	return leaf;
}

void leaf_free(struct mmu_leaf *leaf)
{
	kfree(leaf);
}

void leaf_insert(struct armkvm_vm *vm, struct mmu_leaf *leaf)
{
	struct armkvm_mmu *mmu = vm->mmu;

	hlist_add_head(&leaf->hash, leaf_bucket(mmu, leaf->index));
	if (leaf->index != HOST_SWITCH_INDEX) {
		hlist_add_head(&leaf->asid_hash, leaf_asid_bucket(mmu, leaf->index, leaf->asid));
		list_add(&leaf->lru, &mmu->leaf_lru);
	}
	mmu->nr_leaves++;
	armkvm_vm_stat_inc(vm, VM_STAT_LEAVES);
	armkvm_vm_stat_inc(vm, VM_STAT_LEAVES_MADE);
}

/* A global entry in a leaf of one ASID: maintenance for other ASIDs has to find it, too. */
static bool leaf_is_mixed(const struct mmu_leaf *leaf, unsigned int i)
{
	return (leaf->info[i] & LEAF_INFO_GLOBAL) && leaf->asid != MMU_ASID_GLOBAL &&
	       leaf->index != HOST_SWITCH_INDEX;
}

void leaf_entry_set(struct armkvm_mmu *mmu, struct mmu_leaf *leaf, unsigned int i, u64 gfn,
		    u32 flags, u32 l2)
{
	leaf->info[i] = gfn | flags;
	leaf->raw[i] = leaf_raw(l2);
	__set_bit(i, leaf->present);
	leaf->used++;
	leaf->nr_private += !(flags & LEAF_INFO_GLOBAL);
	mmu->nr_mixed += leaf_is_mixed(leaf, i);
}

/* Empties an entry that isn't in the reverse map any more, or never was. */
static void leaf_entry_clear(struct armkvm_vm *vm, struct mmu_leaf *leaf, unsigned int i)
{
	bool present = spte_present(leaf->spt[i]);

	leaf->nr_devices -= !present;
	spte_store(&leaf->spt[i], 0);
	if (present)
		mmu_log_change(&vm->mmu->changes, leaf_gva(leaf, i), NULL);
	leaf->nr_private -= !(leaf->info[i] & LEAF_INFO_GLOBAL);
	vm->mmu->nr_mixed -= leaf_is_mixed(leaf, i);
	leaf->info[i] = 0;
	leaf->raw[i] = 0;
	__clear_bit(i, leaf->present);
	leaf->used--;
	mmu_set_stale(vm->mmu);
}

/* Removes one entry. */
void spte_zap(struct armkvm_vm *vm, struct mmu_leaf *leaf, unsigned int i)
{
	struct gfn_info *info;

	if (!leaf->spt[i] || (leaf->info[i] & LEAF_INFO_FIXED))
		return;
	if (spte_present(leaf->spt[i])) {
		info = gfn_info(&vm->mmu->gfns, leaf->info[i] & LEAF_INFO_GFN);
		vm->mmu->steps += 1 + rmap_remove(&info->rmap, &leaf->spt[i], &vm->mmu->nodes) /
				  MMU_NODES_A_STEP;
	}
	leaf_entry_clear(vm, leaf, i);
}

void leaf_zap(struct armkvm_vm *vm, struct mmu_leaf *leaf)
{
	unsigned int i;

	for_each_set(i, leaf->present, MMU_LEAF_ENTRIES)
		spte_zap(vm, leaf, i);
}

void leaf_unlink(struct armkvm_mmu *mmu, struct mmu_leaf *leaf, const struct mmu_space *but)
{
	struct mmu_space *space;

	mmu->steps += 1 + mmu->nr_spaces / MMU_NODES_A_STEP;
	list_for_each_entry(space, &mmu->spaces, lru) {
		if (space == but || root_leaf(space->root[leaf->view], leaf->index) != leaf->spt)
			continue;
		space_link(mmu, space, leaf->view, leaf->index, NULL, 0);
		mmu_set_stale(mmu);
	}
}

static void leaf_free_dead(struct mmu_dead *dead)
{
	leaf_free(container_of(dead, struct mmu_leaf, dead));
}

/* Takes @leaf out of every root, for good. */
void leaf_drop(struct armkvm_vm *vm, struct mmu_leaf *leaf)
{
	leaf_unlink(vm->mmu, leaf, NULL);
	leaf_zap(vm, leaf);
	hlist_del(&leaf->hash);
	if (leaf->index != HOST_SWITCH_INDEX)
		hlist_del(&leaf->asid_hash);
	list_del(&leaf->lru);
	mmu_bury(vm->mmu, &leaf->dead, leaf_free_dead);
	vm->mmu->nr_leaves--;
	armkvm_vm_stat_dec(vm, VM_STAT_LEAVES);
}

void leaf_discard(struct armkvm_vm *vm, struct mmu_leaf *leaf)
{
	if (leaf->index == HOST_SWITCH_INDEX)
		leaf_zap(vm, leaf);
	else
		leaf_drop(vm, leaf);
}

/* Is @leaf below a root that a vCPU uses now? */
static bool leaf_in_use(const struct armkvm_mmu *mmu, const struct mmu_leaf *leaf)
{
	const struct mmu_vcpu *mv;

	list_for_each_entry(mv, &mmu->vcpus, node)
		if (mv->space && root_leaf(mv->space->root[leaf->view], leaf->index) == leaf->spt)
			return true;
	return false;
}

/*
 * Leaves in use that one trimming passes by.  The list is in the order in which leaves were last linked, and the guest kernel's
 * own, which every space has, were so long ago: without this they went first, 256 entries that are wanted at once.
 */
#define TRIM_IN_USE	64U

void leaves_trim(struct armkvm_vm *vm)
{
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned int max, n, begin, in_use = 0;
	struct mmu_leaf *leaf;

	max = MMU_MIN_LEAVES + MMU_LEAVES_PER_CHUNK * READ_ONCE(mmu->gfns.nr_chunks);
	if (READ_ONCE(mmu->nr_leaves) <= max)
		return;
	raw_spin_lock(&mmu->lock);
	begin = mmu->steps;
	/*
	 * Some at once, so that the next fill doesn't come here again; but full ones are for
	 * the next fills, too.
	 */
	for (n = mmu->nr_leaves > max ? mmu->nr_leaves - max + 16 : 0;
	     n && !list_empty(&mmu->leaf_lru); n--) {
		leaf = list_last_entry(&mmu->leaf_lru, struct mmu_leaf, lru);
		if (in_use < TRIM_IN_USE && leaf_in_use(mmu, leaf)) {
			in_use++;
			n++;
			mmu->steps++;
			list_move(&leaf->lru, &mmu->leaf_lru);
			continue;
		}
		if (mmu_steps_full(mmu, begin, leaf->used))
			break;
		leaf_drop(vm, leaf);
	}
	mmu_commit_unlock(vm);
}

/* Removes the entries of a frame that @which selects. */
static bool leaf_spte_matches(const struct mmu_leaf *leaf, unsigned int i, enum zap_which which)
{
	switch (which) {
	case ZAP_COPY:
		return leaf->info[i] & LEAF_INFO_COPY;
	case ZAP_WRITABLE:
		return spte_writable(leaf->spt[i]);
	default:
		return true;
	}
}

void gfn_zap(struct armkvm_vm *vm, struct gfn_info *info, enum zap_which which)
{
	struct rmap_walk walk;
	spte_t *sptep;

	for (sptep = rmap_walk(&walk, &info->rmap); sptep; sptep = rmap_walk_next(&walk)) {
		struct mmu_leaf *leaf = mmu_leaf_of(sptep);

		vm->mmu->steps++;
		if (!leaf_spte_matches(leaf, sptep - leaf->spt, which))
			continue;
		rmap_walk_remove(&walk, &vm->mmu->nodes);
		leaf_entry_clear(vm, leaf, sptep - leaf->spt);
	}
}

/*
 * -- comparison --------------------------------------------------------------
 */

const u32 *guest_table_map(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 l1)
{
	struct gfn_info *info;
	struct gfn_place place;

	if (!leaf_has_short_tables(ctl) || (l1 & L1_TYPE) != L1_TABLE)
		return NULL;
	info = gfn_info(&vm->mmu->gfns, l1 >> ARMKVM_PAGE_SHIFT);
	if (!info || !(info->page & GFN_VALID))
		return NULL;
	place = gfn_place(info);
	return gfn_map_local(&place) + (l1 & ~ARMKVM_PAGE_MASK & ~0x3ffU);
}

bool guest_table_read(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 l1, unsigned int i,
		      u32 *desc, unsigned int nr)
{
	unsigned int n;

	if (!leaf_has_short_tables(ctl) || (l1 & L1_TYPE) != L1_TABLE ||
	    !frames_read(vm, (l1 & ~0x3ffU) + (i & (TABLE_ENTRIES - 1)) * sizeof(u32), desc, nr))
		return false;
	for (n = 0; n < nr && (ctl->sctlr & WALK_SCTLR_EE); n++)
		desc[n] = swab32(desc[n]);
	return true;
}

/*
 * Is @desc still the descriptor that entry @i was made from?  Then all of the entry is
 * as it was found: what else decides is in the leaf's key, or a change of it takes every
 * leaf away (engine_mmu_changed()).
 */
static bool leaf_entry_same(const struct mmu_leaf *leaf, unsigned int i, u32 desc)
{
	return leaf->raw[i] == (LEAF_RAW_KNOWN | (desc & ~ARMKVM_PAGE_MASK)) &&
	       desc >> ARMKVM_PAGE_SHIFT == (leaf->info[i] & LEAF_INFO_GFN);
}

/*
 * The translation of @gva below @leaf's descriptor.  Returns 0, or -1: there is none.  Walks of long
 * descriptors begin at the root: the guest may have changed a descriptor above since @leaf was found
 * by it, and what is below the new one isn't for those who still use @leaf.
 */
static int leaf_entry_walk(struct armkvm_vm *vm, const struct walk_ctl *ctl,
			   const struct mmu_leaf *leaf, u32 gva, struct walk_result *res)
{
	unsigned int i = gva >> ARMKVM_PAGE_SHIFT & (MMU_LEAF_ENTRIES - 1);
	struct walk_fault fault WALK_LOCAL;
	struct mmu_key key;
	int ret;

	if (!leaf_has_short_tables(ctl)) {
		ret = walk_translate(ctl, &mmu_walk_ops, vm, gva, res, &fault);
		if (ret || res->format != WALK_LONG)
			return ret;
		leaf_long_key(res, &key);
		return key.desc == leaf->desc ? 0 : -1;
	}
	walk_result_init(res);
	res->format = WALK_SHORT;
	res->level = 1;
	return walk_short_below(ctl, &mmu_walk_ops, vm, leaf_l1(leaf, i), gva, res, &fault);
}

bool leaf_entry_mapping(struct armkvm_vm *vm, const struct walk_ctl *ctl,
			const struct mmu_leaf *leaf, const u32 *l2, struct mmu_mapping *near)
{
	unsigned int i = near->gva >> ARMKVM_PAGE_SHIFT & (MMU_LEAF_ENTRIES - 1);
	struct walk_result res WALK_LOCAL;
	struct walk_fault fault WALK_LOCAL;
	u8 perm;

	if (l2 ? walk_short_known(ctl, 0, leaf_l1(leaf, i), *l2, near->gva, &res, &fault) :
		 leaf_entry_walk(vm, ctl, leaf, near->gva, &res))
		return false;
	perm = mmu_permissions(&res, leaf->view);
	near->gpa = res.gpa;
	near->l2 = walk_small_page(&res);
	near->shift = res.size_shift;
	near->global = !res.ng;
	near->write = perm & WALK_W;
	near->exec = perm & WALK_X;
	return perm & WALK_R;
}

bool leaf_sync_entry(struct armkvm_vm *vm, const struct walk_ctl *ctl, struct mmu_leaf *leaf,
		     unsigned int i)
{
	u32 gva = leaf_gva(leaf, i);
	u32 info = leaf->info[i];
	struct walk_result res WALK_LOCAL;
	u32 desc;
	u8 perm;

	if (leaf->raw[i] && guest_table_read(vm, ctl, leaf_l1(leaf, i), i, &desc, 1)) {
		if (leaf_entry_same(leaf, i, desc)) {
			vm->mmu->steps++;
			return true;
		}
		/* What an munmap() leaves needs no walk. */
		if (!(desc & 3))
			goto wrong;
	}
	vm->mmu->steps += 2;
	if (leaf_entry_walk(vm, ctl, leaf, gva, &res))
		goto wrong;
	perm = mmu_permissions(&res, leaf->view);
	if (res.gpa >> ARMKVM_PAGE_SHIFT != (info & LEAF_INFO_GFN) ||
	    !res.ng != !!(info & LEAF_INFO_GLOBAL) || !(perm & WALK_R) ||
	    (spte_writable(leaf->spt[i]) && !(perm & WALK_W)) ||
	    (spte_executable(leaf->spt[i]) && !(perm & WALK_X)))
		goto wrong;
	/*
	 * The entry has no right that this descriptor doesn't give: it is known by it from now on, and
	 * needs no walk while it stays. Which entries one TLB entry stands for is this one's word, too.
	 */
	leaf->raw[i] = leaf_raw(walk_small_page(&res));
	leaf->info[i] = (info & ~LEAF_INFO_LARGE) |
			(res.size_shift > ARMKVM_PAGE_SHIFT ? LEAF_INFO_LARGE : 0);
	return true;
wrong:
	spte_zap(vm, leaf, i);
	return false;
}

/*
 * Entries @i to @end - 1, which have one second-level table if the format is the short one.
 * Returns false if it gave up before the end: leaf_sync().
 */
static bool leaf_sync_table(struct armkvm_vm *vm, const struct walk_ctl *ctl,
			    struct mmu_leaf *leaf, unsigned int i, unsigned int end,
			    unsigned int begin)
{
	bool swap = ctl->sctlr & WALK_SCTLR_EE, all = true;
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned int same = 0;
	const u32 *table;
	unsigned long bits;
	u32 desc;

	i = mmu_next_set(leaf->present, end, i);
	if (i >= end)
		return true;
	table = guest_table_map(vm, ctl, leaf_l1(leaf, i));
	/* Most are as they were: some 20 instructions each. */
	for (i -= i % BITS_PER_LONG; i < end && all; i += BITS_PER_LONG) {
		for (bits = leaf->present[i / BITS_PER_LONG]; bits; bits &= bits - 1) {
			unsigned int at = i + __ffs(bits);

			if (table) {
				desc = READ_ONCE(table[at & (TABLE_ENTRIES - 1)]);
				if (leaf_entry_same(leaf, at, swap ? swab32(desc) : desc)) {
					same++;
					continue;
				}
			}
			if (irqs_disabled() && mmu_steps_over(mmu, begin)) {
				all = false;
				break;
			}
			leaf_sync_entry(vm, ctl, leaf, at);
		}
	}
	if (table)
		kunmap_local(table);
	mmu->steps += same / MMU_SAME_A_STEP;
	return all;
}

bool leaf_sync(struct armkvm_vm *vm, const struct walk_ctl *ctl, struct mmu_leaf *leaf)
{
	unsigned int i, begin = mmu_steps_begin(vm->mmu);

	for (i = 0; i < MMU_LEAF_ENTRIES && !leaf->flat; i += TABLE_ENTRIES)
		if (!leaf_sync_table(vm, ctl, leaf, i, i + TABLE_ENTRIES, begin))
			return false;
	leaf->clock = vm->mmu->clock;
	return true;
}
