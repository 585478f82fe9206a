// SPDX-License-Identifier: GPL-2.0-only
/*
 * New shadow entries.
 *
 * mmu_fill() faults the host's page in (frames.c), which sleeps; what it learns of the page
 * stays in gfn_info until the host takes the page back.  mmu_fill_known() makes
 * entries from that alone, with interrupts off.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "../memslot.h"
#include "copy.h"
#include "mmu-impl.h"

int cache_topup(struct armkvm_mmu *mmu, struct mmu_cache *cache, u64 gfn)
{
	bool notes = READ_ONCE(mmu->thumb_seen) || READ_ONCE(mmu->nr_bp);

	if (!cache->leaf)
		cache->leaf = leaf_alloc();
	/* One that is kept ready from before may have no room for what this one notes. */
	if (cache->copy && notes && !cache->copy->what) {
		copy_free(cache->copy);
		cache->copy = NULL;
	}
	if (!cache->copy)
		cache->copy = copy_alloc(notes);
	if (!cache->nodes && READ_ONCE(mmu->nodes.nr) < 64)
		cache->nodes = rmap_page_alloc();
	if (!cache->leaf || !cache->copy || (!cache->nodes && READ_ONCE(mmu->nodes.nr) < 64))
		return -ENOMEM;
	return gfn_reserve(&mmu->gfns, gfn);
}

void cache_free(struct mmu_cache *cache)
{
	if (cache->leaf)
		leaf_free(cache->leaf);
	if (cache->copy)
		copy_free(cache->copy);
	if (cache->nodes)
		__free_page(cache->nodes);
	memset(cache, 0, sizeof(*cache));
}

static bool fill_have_nodes(struct armkvm_mmu *mmu, struct mmu_cache *cache)
{
	if (mmu->nodes.nr < RMAP_ADD_NODES && cache->nodes) {
		rmap_pool_grow(&mmu->nodes, cache->nodes);
		cache->nodes = NULL;
	}
	return mmu->nodes.nr >= RMAP_ADD_NODES;
}

/*
 * Must what was removed be out of every TLB before something takes its place?  Break before
 * make, B3.10.1: the vCPUs on other CPUs have to be interrupted in between, by mmu_commit().
 * This CPU's own TLB is seen to before it enters the guest.
 */
static bool fill_others_hold_removed(struct mmu_vcpu *mv)
{
	return mv->vm->mmu->stale && mmu_others_run(mv);
}

/*
 * A leaf of one ASID that has no global entry yet: maintenance for other ASIDs passed it by,
 * which would have named one.
 */
static bool fill_has_no_global(const struct mmu_leaf *leaf)
{
	return leaf->asid != MMU_ASID_GLOBAL && leaf->index != HOST_SWITCH_INDEX &&
	       leaf->used == leaf->nr_private;
}

/*
 * Spaces may have links to @leaf that the guest's tables no longer make, where the maintenance that
 * said so named pages that @leaf had no entry for: TLBs may hold the descriptors above a page,
 * and maintenance by its address takes those away, too (B3.10.1, B3.10.5).  Before there is an entry,
 * the links go; that of @space has just been compared.
 */
static void fill_settle_links(struct armkvm_mmu *mmu, const struct mmu_space *space,
			      struct mmu_leaf *leaf, bool global)
{
	if (!leaf->links_unsync && !(global && fill_has_no_global(leaf)))
		return;
	leaf_unlink(mmu, leaf, space);
	leaf->links_unsync = false;
}

struct mmu_leaf *leaf_get(struct mmu_vcpu *mv, const struct walk_ctl *ctl,
			  struct mmu_space *space, enum mmu_view view,
			  const struct mmu_mapping *map)
{
	struct mmu_leaf **spare = &mv->cache.leaf;
	struct armkvm_vm *vm = mv->vm;
	unsigned int index = map->gva >> MMU_LEAF_SHIFT;
	bool fixed = index == HOST_SWITCH_INDEX;
	spte_t *spt = root_leaf(space->root[view], index);
	struct hlist_head *bucket;
	struct mmu_leaf *leaf;
	u16 asid = map->global && !fixed ? MMU_ASID_GLOBAL : map->asid;

	if (spt) {
		leaf = mmu_leaf_of(spt);
		/*
		 * A table that mixes global and other entries serves its own
		 * ASID only.  Anything else that differs is another table.
		 */
		if (mmu_key_equal(leaf, &map->key) &&
		    (leaf->asid == asid || leaf->asid == map->asid))
			goto found;
		if (fixed) {
			/* The switch area stays; only the guest's entries go. */
			leaf_zap(vm, leaf);
			leaf->desc = map->key.desc;
			leaf->domains = map->key.domains;
			leaf->domain = map->key.domain;
			leaf->flat = map->key.flat;
			goto found;
		}
	}

	bucket = leaf_asid_bucket(vm->mmu, index, asid);
	hlist_for_each_entry(leaf, bucket, asid_hash)
		if (leaf->desc == map->key.desc && leaf->index == index && leaf->view == view &&
		    leaf->asid == asid && mmu_key_equal(leaf, &map->key)) {
			/* Address spaces that ended leave theirs behind: the living in front. */
			hlist_del(&leaf->asid_hash);
			hlist_add_head(&leaf->asid_hash, bucket);
			goto unlink;
		}

	leaf = *spare;
	if (!leaf)
		return NULL;
	*spare = NULL;
	leaf->desc = map->key.desc;
	leaf->domains = map->key.domains;
	leaf->asid = asid;
	leaf->index = index;
	leaf->view = view;
	leaf->domain = map->key.domain;
	leaf->flat = map->key.flat;
	leaf->clock = vm->mmu->clock;
	leaf_insert(vm, leaf);
unlink:
	if (spt) {
		space_link(vm->mmu, space, view, index, NULL, 0);
		mmu_set_stale(vm->mmu);	/* walks may still be in the other one */
	}
found:
	/* Before the link: a comparison that is given up leaves entries unsync. */
	if (!leaf_fresh(vm->mmu, leaf) && !leaf_sync(vm, ctl, leaf))
		return NULL;
	fill_settle_links(vm->mmu, space, leaf, map->global);
	if (fill_others_hold_removed(mv))
		return NULL;
	if (root_leaf(space->root[view], index) != leaf->spt) {
		space_link(vm->mmu, space, view, index, leaf, map->key.domain);
		if (!list_empty(&leaf->lru))
			list_move(&leaf->lru, &vm->mmu->leaf_lru);
	}
	if (leaf->flat && map->shift < 32)
		vm->mmu->block_shift = max(vm->mmu->block_shift, map->shift);
	return leaf;
}

/*
 * Does @spte allow all that @old does?  Others may go on using the old one then; rights
 * that went are for the guest's TLB maintenance to take back on every CPU.
 */
static bool fill_rights_grow(spte_t old, spte_t spte)
{
	return (!spte_writable(old) || spte_writable(spte)) &&
	       (!spte_executable(old) || spte_executable(spte)) &&
	       (spte_exec_only(old) || !spte_exec_only(spte));
}

/*
 * One entry in place of what is there. @copy: the frame's, or NULL.  Returns false with
 * nothing there if a commit has to come first: fill_others_hold_removed().
 */
static bool fill_install(struct mmu_vcpu *mv, struct mmu_leaf *leaf, unsigned int i, u64 gfn,
			 struct gfn_info *info, const struct mmu_mapping *map,
			 struct mmu_copy *copy, bool write)
{
	phys_addr_t pa = gfn_phys(info);
	u32 flags = (map->global ? LEAF_INFO_GLOBAL : 0) |
		    (map->shift > ARMKVM_PAGE_SHIFT && !leaf->flat ? LEAF_INFO_LARGE : 0);
	struct armkvm_vm *vm = mv->vm;
	spte_t spte;

	/*
	 * Where the guest may not execute it, the page itself is read: an alias of what was
	 * code once may be data by now, which a device writes unseen.
	 */
	if (copy && leaf->view == MMU_VIEW_KERNEL && map->exec) {
		/* A page without sensitive unprivileged instructions needs no copy of its own. */
		if (copy->code)
			pa = virt_to_phys(copy->code);
		flags |= LEAF_INFO_COPY;
		spte = copy->code && vm->mmu->config.exact_copies ? spte_make_exec_only(pa) :
							     spte_make(pa, false, true);
	} else {
		spte = spte_make(pa, write && !copy, map->exec && leaf->view == MMU_VIEW_USER);
	}
	if (leaf->spt[i]) {
		/* More rights to the same page need no break before make (B3.10.1). */
		if (spte_present(leaf->spt[i]) && fill_rights_grow(leaf->spt[i], spte) &&
		    (leaf->info[i] & ~LEAF_INFO_COPY) == (gfn | (flags & ~LEAF_INFO_COPY)) &&
		    !((leaf->info[i] ^ flags) & LEAF_INFO_COPY)) {
			spte_store(&leaf->spt[i], spte);
			leaf->raw[i] = leaf_raw(leaf->flat ? 0 : map->l2);
			mmu_log_change(&vm->mmu->changes, leaf_gva(leaf, i), NULL);
			return true;
		}
		spte_zap(vm, leaf, i);
	}
	if (rmap_count(info->rmap) >= RMAP_MAX_ENTRIES) {
		spte_t *oldest = rmap_oldest(info->rmap);
		struct mmu_leaf *of = mmu_leaf_of(oldest);

		spte_zap(vm, of, oldest - of->spt);
	}
	if (fill_others_hold_removed(mv))
		return false;
	spte_store(&leaf->spt[i], spte);
	leaf_entry_set(vm->mmu, leaf, i, gfn, flags, leaf->flat ? 0 : map->l2);
	rmap_add(&info->rmap, &leaf->spt[i], &vm->mmu->nodes);
	return true;
}

/* May there be a page that is known behind the second-level descriptor @desc? */
static bool fill_desc_is_known(struct armkvm_vm *vm, u32 desc)
{
	struct gfn_info *info;

	if (!(desc & 3))
		return false;
	info = desc & 2 ? gfn_info(&vm->mmu->gfns, desc >> ARMKVM_PAGE_SHIFT) : NULL;
	return !(desc & 2) || (info && (info->page & GFN_VALID));
}

/* Neighbours whose translation and page are known; what isn't waits for its own fault. */
static void fill_around(struct mmu_vcpu *mv, const struct walk_ctl *ctl, struct mmu_leaf *leaf,
			const struct mmu_mapping *map, unsigned int at, bool exec)
{
	unsigned int first = at & ~(FILL_AROUND - 1), i;
	struct armkvm_vm *vm = mv->vm;
	struct mmu_mapping near = *map;
	u32 read[FILL_AROUND];
	const u32 *table = read;

	if (map->near && map->near->l2_known)
		table = map->near->l2;
	else if (!guest_table_read(vm, ctl, leaf_l1(leaf, at), first, read, FILL_AROUND))
		table = NULL;
	for (i = first; i < first + FILL_AROUND; i++) {
		struct mmu_copy *copy = NULL;
		struct gfn_info *info;
		u64 gfn;

		if (i == at || leaf->spt[i] || vm->mmu->nodes.nr < RMAP_ADD_NODES)
			continue;
		/* Mostly there is nothing, or a page that nobody has used yet: no walk for these. */
		if (table && !fill_desc_is_known(vm, table[i - first]))
			continue;
		near.gva = leaf_gva(leaf, i);
		if (map->shift >= MMU_LEAF_SHIFT)
			near.gpa = map->gpa + ((s64)i - at) * ARMKVM_PAGE_SIZE;
		else if (!leaf_entry_mapping(vm, ctl, leaf, table ? &table[i - first] : NULL, &near))
			continue;
		/* A leaf of one ASID may hold global entries, not the other way round. */
		if (near.global ? fill_has_no_global(leaf) : leaf->asid == MMU_ASID_GLOBAL)
			continue;
		gfn = near.gpa >> ARMKVM_PAGE_SHIFT;
		info = gfn_info(&vm->mmu->gfns, gfn);
		if (!info || !(info->page & GFN_VALID))
			continue;
		if ((info->page & GFN_COPY) && vm->mmu->nr_bp)
			continue;	/* which may want breakpoints */
		if (info->page & GFN_COPY)
			copy = copy_find(vm, gfn);
		if (copy && copy_unsettled(copy))
			continue;
		if (!copy && exec && leaf->view == MMU_VIEW_KERNEL)
			continue;	/* code that waits to be copied */
		if (!fill_install(mv, leaf, i, gfn, info, &near, copy,
				  near.write && (info->page & GFN_WRITABLE)))
			break;
	}
}

/* Hardware breakpoints of the page at @gva go into its copy. */
static void fill_copy_breakpoints(struct armkvm_mmu *mmu, struct mmu_copy *copy, u32 gva)
{
	unsigned int i;

	for (i = 0; i < mmu->nr_bp; i++)
		if ((mmu->bp[i] & ARMKVM_PAGE_MASK) == (gva & ARMKVM_PAGE_MASK))
			copy_set_bkpt(copy, mmu->bp[i]);
}

int mmu_fill_known(struct mmu_vcpu *mv, const struct walk_ctl *ctl, struct mmu_space *space,
		   enum mmu_view view, const struct mmu_mapping *map, bool write, bool exec)
{
	struct armkvm_vm *vm = mv->vm;
	u64 gfn = map->gpa >> ARMKVM_PAGE_SHIFT;
	struct gfn_info *info = gfn_info(&vm->mmu->gfns, gfn);
	struct mmu_mapping read_only;
	struct mmu_copy *copy = NULL;
	struct mmu_leaf *leaf;
	unsigned int i;

	if (!info || !(info->page & GFN_VALID) || (write && !(info->page & GFN_WRITABLE)) ||
	    !fill_have_nodes(vm->mmu, &mv->cache))
		return -EAGAIN;
	if (info->page & GFN_COPY)
		copy = copy_find(vm, gfn);
	/* Kernel views run instruction copies; a write ends one. */
	if (exec && view == MMU_VIEW_KERNEL ? !copy || copy_misses(copy, map->gva, map->thumb) :
					     copy && write)
		return -EAGAIN;
	/* A read doesn't map it for execution: the guest's page serves until there is a fetch. */
	if (copy && !exec && copy_unsettled(copy)) {
		read_only = *map;
		read_only.exec = false;
		map = &read_only;
	}

	leaf = leaf_get(mv, ctl, space, view, map);
	if (!leaf)
		return -EAGAIN;
	i = (map->gva >> ARMKVM_PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	if (leaf->info[i] & LEAF_INFO_FIXED)
		return -EADDRINUSE;
	if (exec && copy && copy->code && vm->mmu->nr_bp)
		fill_copy_breakpoints(vm->mmu, copy, map->gva);
	if (!fill_install(mv, leaf, i, gfn, info, map, copy,
			  map->write && (info->page & GFN_WRITABLE)))
		return -EAGAIN;
	fill_around(mv, ctl, leaf, map, i, exec);
	return 0;
}

/* Is there no copy of the page that could be executed where @map is fetched? */
static bool fill_needs_copy(struct armkvm_vm *vm, const struct gfn_info *info,
			    const struct mmu_mapping *map)
{
	const struct mmu_copy *copy = NULL;

	if (info->page & GFN_COPY)
		copy = copy_find(vm, map->gpa >> ARMKVM_PAGE_SHIFT);
	return !copy || copy_misses(copy, map->gva, map->thumb);
}

/*
 * Makings of a copy that something ends before it is published: the one behind so many is made
 * under mmu->lock, where nothing can.  Else a guest that keeps writing where it executes would get
 * nowhere.
 */
#define FILL_COPY_TRIES		3U

/*
 * The instruction copy of a page that is to be executed, in the place of one that was made
 * without knowing enough.  All that is known may be another by the end.  @hold: mmu->lock isn't
 * given up.  Returns 0 (also if it was made in vain, or isn't needed any more), -ENOSPC or -EINTR.
 */
static int fill_make_copy(struct mmu_vcpu *mv, const struct mmu_mapping *map,
			  struct copy_source *source, bool hold)
{
	u64 gfn = map->gpa >> ARMKVM_PAGE_SHIFT;
	struct armkvm_vm *vm = mv->vm;
	struct armkvm_mmu *mmu = vm->mmu;
	struct gfn_info *info;
	struct page *page;
	int ret;

	if (mutex_lock_killable(&mmu->copy_lock))
		return -EINTR;
	raw_spin_lock(&mmu->lock);
	info = gfn_info(&mmu->gfns, gfn);
	if (!(info->page & GFN_VALID) || !fill_needs_copy(vm, info, map)) {
		raw_spin_unlock(&mmu->lock);
		mutex_unlock(&mmu->copy_lock);
		return 0;
	}
	/* From here on no vCPU writes the page unnoticed; and nobody executes what is wrong. */
	gfn_zap(vm, info, info->page & GFN_COPY ? ZAP_COPY : ZAP_WRITABLE);
	mmu_commit(vm);
	copy_begin(vm, mv->cache.copy, gfn, source);
	page = source->page.page;
	get_page(page);
	if (!hold)
		mmu_commit_unlock(vm);
	ret = copy_build(vm, mv->cache.copy, source);
	if (!hold)
		raw_spin_lock(&mmu->lock);
	if (copy_publish(vm, mv->cache.copy, source, !ret))
		mv->cache.copy = NULL;
	mmu_commit_unlock(vm);
	mutex_unlock(&mmu->copy_lock);
	put_page(page);
	return ret;
}

static int fill_frame(struct mmu_vcpu *mv, const struct walk_ctl *ctl, struct mmu_space *space,
		      enum mmu_view view, const struct mmu_mapping *map, bool write, bool exec,
		      struct copy_source *source)
{
	struct armkvm_vm *vm = mv->vm;
	struct armkvm_mmu *mmu = vm->mmu;
	u64 gfn = map->gpa >> ARMKVM_PAGE_SHIFT;
	bool use_copy = exec && view == MMU_VIEW_KERNEL;
	bool want_write = map->write && !use_copy;
	struct armkvm_memslot *slot;
	unsigned int tries, copies = 0;
	struct gfn_info *info;
	int ret;

	slot = armkvm_gfn_to_memslot(armkvm_memslots(vm), gfn);
	if (!slot)
		return -ENOENT;
	if (slot->flags & ARMKVM_MEM_READONLY) {
		if (write)
			return -EROFS;
		want_write = false;
	}
	/* A logged page becomes writable by a write, which is then seen. */
	if (slot->dirty_bitmap)
		want_write &= write;
	leaves_trim(vm);
	ret = cache_topup(mmu, &mv->cache, gfn);
	if (!ret && use_copy) {
		ret = frames_learn(vm, slot, gfn, write, want_write);
		if (!ret) {
			/* The neighbours of code are known now, as a rule. */
			raw_spin_unlock(&mmu->lock);
			frames_peek(vm, map->prev_gfn, &source->prev);
			frames_peek(vm, map->next_gfn, &source->next);
		}
	}
	if (ret)
		return ret;
again:
	ret = frames_learn(vm, slot, gfn, write, want_write);
	if (ret)
		return ret;

	/* What the walk found may be from before another vCPU's maintenance. */
	if (map->seq != mmu->tlbi_seq) {
		raw_spin_unlock(&mmu->lock);
		return -EAGAIN;
	}
	info = gfn_info(&mmu->gfns, gfn);
	if (use_copy && fill_needs_copy(vm, info, map)) {
		raw_spin_unlock(&mmu->lock);
		/*
		 * All that is known is looked at once more then, and the copy may be gone again: the
		 * guest comes back.
		 */
		if (!mv->cache.copy || copies > FILL_COPY_TRIES)
			return 0;
		ret = fill_make_copy(mv, map, source, copies++ == FILL_COPY_TRIES);
		if (!ret)
			goto again;
		return ret;
	}
	if (write && (info->page & GFN_COPY))
		gfn_drop_copy(vm, gfn, info);
	/* What has to be removed first is: the link, then an entry, or one of the frame's. */
	for (tries = 0; !ret && tries < 4; tries++) {
		mmu_commit(vm);
		ret = mmu_fill_known(mv, ctl, space, view, map, write, exec);
		if (ret != -EAGAIN || !mmu->stale)
			break;
		ret = 0;
	}
	mmu_commit_unlock(vm);
	/* Another vCPU took the last nodes or the page's rights: once more. */
	return ret == -EAGAIN ? 0 : ret;
}

int mmu_fill(struct mmu_vcpu *mv, const struct walk_ctl *ctl, struct mmu_space *space,
	     enum mmu_view view, const struct mmu_mapping *map, bool write, bool exec)
{
	struct copy_source source = { .fetch = map->gva, .thumb = map->thumb };
	int ret;

	if (map->thumb && exec && view == MMU_VIEW_KERNEL)
		mmu_thumb_begins(mv->vm);
	ret = fill_frame(mv, ctl, space, view, map, write, exec, &source);
	if (source.prev.page)
		put_page(source.prev.page);
	if (source.next.page)
		put_page(source.next.page);
	kfree(source.spare);
	return ret;
}
