// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow tables: spaces, leaves, filling and invalidation; see mmu.h.
 */
#include <linux/gfp.h>
#include <linux/hash.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../dirty.h"
#include "../engine/engine.h"
#include "../memslot.h"
#include "../patch.h"
#include "../vm.h"
#include "../walk.h"
#include "copy.h"
#include "mmu.h"
#include "rmap.h"

/*
 * -- leaves ------------------------------------------------------------------
 */

static struct hlist_head *leaf_bucket(struct armkvm_mmu *mmu, unsigned int index)
{
	return &mmu->leaves[index & ((1 << MMU_HASH_BITS) - 1)];
}

static struct mmu_leaf *leaf_alloc(void)
{
	return (struct mmu_leaf *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO,
						   MMU_LEAF_ORDER);
}

/* Enters a new leaf, its key set.  Held: mmu->lock. */
static void leaf_insert(struct armkvm_vm *vm, struct mmu_leaf *leaf)
{
	hlist_add_head(&leaf->hash, leaf_bucket(vm->mmu, leaf->index));
	armkvm_vm_stat_inc(vm, VM_STAT_LEAVES);
	armkvm_vm_stat_inc(vm, VM_STAT_LEAVES_MADE);
}

static void leaf_free(struct mmu_leaf *leaf)
{
	free_pages((unsigned long)leaf, MMU_LEAF_ORDER);
}

/* Removes one entry.  Held: mmu->lock. */
static void spte_zap(struct armkvm_vm *vm, struct mmu_leaf *leaf, unsigned int i)
{
	if (!leaf->spt[i] || (leaf->info[i] & LEAF_INFO_FIXED))
		return;
	if (spte_present(leaf->spt[i]))
		rmap_remove(&vm->mmu->rmap, leaf->info[i] & LEAF_INFO_GFN, &leaf->spt[i]);
	spte_store(&leaf->spt[i], 0);
	leaf->info[i] = 0;
	leaf->used--;
	vm->mmu->stale = true;
}

static void leaf_zap(struct armkvm_vm *vm, struct mmu_leaf *leaf)
{
	unsigned int i;

	for (i = 0; i < MMU_LEAF_ENTRIES && leaf->used; i++)
		spte_zap(vm, leaf, i);
}

/* Takes @leaf out of every root and frees it.  Held: mmu->lock. */
static void leaf_drop(struct armkvm_vm *vm, struct mmu_leaf *leaf)
{
	struct mmu_space *space;

	list_for_each_entry(space, &vm->mmu->spaces, lru)
		if (root_leaf(space->root[leaf->view], leaf->index) == leaf->spt)
			root_store(space->root[leaf->view], leaf->index, NULL, 0);
	leaf_zap(vm, leaf);
	hlist_del(&leaf->hash);
	hlist_add_head(&leaf->hash, &vm->mmu->dead);
	armkvm_vm_stat_dec(vm, VM_STAT_LEAVES);
	vm->mmu->stale = true;
}

/*
 * Ends a change under mmu->lock: no CPU walks or caches what was removed once
 * this returns, and only then is it freed.  A vCPU flushes its CPU's TLB on
 * every entry, or the host does it here.
 */
static void mmu_commit(struct armkvm_vm *vm)
{
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;

	if (!vm->mmu->stale)
		return;
	vm->mmu->stale = false;
	host_flush_remote(vm);
	hlist_for_each_entry_safe(leaf, tmp, &vm->mmu->dead, hash) {
		hlist_del(&leaf->hash);
		leaf_free(leaf);
	}
	copies_free_dead(vm);
}

/*
 * The leaf of @space that @map belongs into, linked; NULL if there is none and
 * @spare is empty.  Held: mmu->lock.
 */
static struct mmu_leaf *leaf_get(struct armkvm_vm *vm, struct mmu_space *space,
				 enum mmu_view view, const struct mmu_mapping *map,
				 struct mmu_leaf **spare)
{
	unsigned int index = map->gva >> MMU_LEAF_SHIFT;
	bool fixed = index == HOST_SWITCH_INDEX;
	spte_t *spt = root_leaf(space->root[view], index);
	struct mmu_leaf *leaf;
	u16 asid = map->global && !fixed ? MMU_ASID_GLOBAL : map->asid;

	if (spt) {
		leaf = mmu_leaf_of(spt);
		/*
		 * A table that mixes global and other entries serves its own
		 * ASID only.  Anything else that differs is another table.
		 */
		if (leaf->desc == map->desc && leaf->domains == map->domains &&
		    (leaf->asid == asid || leaf->asid == map->asid)) {
			leaf->section |= map->shift >= WALK_SECTION_SHIFT;
			return leaf;
		}
		if (fixed) {
			/* The switch area stays; only the guest's entries go. */
			leaf_zap(vm, leaf);
			leaf->desc = map->desc;
			leaf->domains = map->domains;
			leaf->domain = map->domain;
			leaf->section = map->shift >= WALK_SECTION_SHIFT;
			return leaf;
		}
	}

	hlist_for_each_entry(leaf, leaf_bucket(vm->mmu, index), hash)
		if (leaf->index == index && leaf->view == view && leaf->asid == asid &&
		    leaf->desc == map->desc && leaf->domains == map->domains)
			goto link;

	leaf = *spare;
	if (!leaf)
		return NULL;
	*spare = NULL;
	leaf->desc = map->desc;
	leaf->domains = map->domains;
	leaf->asid = asid;
	leaf->index = index;
	leaf->view = view;
	leaf->domain = map->domain;
	leaf->section = false;
	leaf_insert(vm, leaf);
link:
	leaf->section |= map->shift >= WALK_SECTION_SHIFT;
	root_store(space->root[view], index, leaf->spt, map->domain);
	return leaf;
}

/*
 * -- spaces ------------------------------------------------------------------
 */

static void space_free(struct mmu_space *space)
{
	enum mmu_view view;

	for (view = 0; view < MMU_VIEWS; view++)
		if (space->root[view])
			host_root_free(space->root[view]);
	kfree(space);
}

/* Held: mmu->lock. */
static void space_drop(struct armkvm_vm *vm, struct mmu_space *space)
{
	unsigned int index = HOST_SWITCH_INDEX;
	enum mmu_view view;

	/* The switch area's leaf is the only one that belongs to its space. */
	for (view = 0; HOST_HAS_SWITCH_AREA && view < MMU_VIEWS; view++)
		leaf_drop(vm, mmu_leaf_of(root_leaf(space->root[view], index)));
	list_del(&space->lru);
	vm->mmu->nr_spaces--;
	armkvm_vm_stat_dec(vm, VM_STAT_SPACES);
	space_free(space);
}

static struct mmu_space *space_alloc(struct armkvm_vm *vm, const struct mmu_space_key *key)
{
	struct mmu_space *space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);
	struct mmu_leaf *leaf[MMU_VIEWS] = { };
	enum mmu_view view;
	unsigned int i;

	if (!space)
		return NULL;
	space->key = *key;
	for (view = 0; view < MMU_VIEWS; view++) {
		space->root[view] = host_root_alloc();
		if (!space->root[view])
			goto fail;
		if (!HOST_HAS_SWITCH_AREA)
			continue;
		leaf[view] = leaf_alloc();
		if (!leaf[view])
			goto fail;
	}
	if (!HOST_HAS_SWITCH_AREA)
		return space;
	spin_lock(&vm->mmu->lock);
	for (view = 0; view < MMU_VIEWS; view++) {
		unsigned int index = HOST_SWITCH_INDEX;

		leaf[view]->asid = key->asid;
		leaf[view]->domains = key->domains;
		leaf[view]->index = index;
		leaf[view]->view = view;
		leaf[view]->desc = ~0ULL;
		/* Those of vCPUs yet to come too: the guest gets none of them. */
		for (i = 0; i < HOST_SWITCH_PAGES; i++)
			leaf[view]->info[i] = LEAF_INFO_FIXED;
		leaf_insert(vm, leaf[view]);
		root_store(space->root[view], index, leaf[view]->spt, HOST_SWITCH_DOMAIN);
	}
	spin_unlock(&vm->mmu->lock);
	return space;
fail:
	for (view = 0; view < MMU_VIEWS; view++)
		if (leaf[view])
			leaf_free(leaf[view]);
	space_free(space);
	return NULL;
}

static struct mmu_space *space_find(struct armkvm_mmu *mmu, const struct mmu_space_key *key)
{
	struct mmu_space *space;

	list_for_each_entry(space, &mmu->spaces, lru)
		if (!memcmp(&space->key, key, sizeof(*key)))
			return space;
	return NULL;
}

/*
 * A space may be in use by other vCPUs: only those that none of them runs in
 * go, oldest first.  Held: mmu->lock.
 */
static void spaces_trim(struct armkvm_vm *vm)
{
	struct mmu_space *space, *tmp;

	list_for_each_entry_safe_reverse(space, tmp, &vm->mmu->spaces, lru) {
		if (vm->mmu->nr_spaces <= MMU_MAX_SPACES)
			return;
		if (!vm_space_in_use(vm, space))
			space_drop(vm, space);
	}
}

/* Held: mmu->lock. */
static void space_insert(struct armkvm_vm *vm, struct mmu_space *space)
{
	list_add(&space->lru, &vm->mmu->spaces);
	vm->mmu->nr_spaces++;
	armkvm_vm_stat_inc(vm, VM_STAT_SPACES);
	armkvm_vm_stat_inc(vm, VM_STAT_SPACES_MADE);
}

struct mmu_space *mmu_space_get(struct engine_vcpu *ev, const struct mmu_space_key *key)
{
	struct armkvm_vm *vm = ev->vm;
	struct armkvm_mmu *mmu = vm->mmu;
	struct mmu_space *space, *fresh = NULL;

	spin_lock(&mmu->lock);
	space = space_find(mmu, key);
	if (!space) {
		spin_unlock(&mmu->lock);
		fresh = space_alloc(vm, key);
		if (!fresh)
			return NULL;
		spin_lock(&mmu->lock);
		space = space_find(mmu, key);
		if (!space) {
			space = fresh;
			fresh = NULL;
			space_insert(vm, space);
		}
	} else {
		list_move(&space->lru, &mmu->spaces);
	}
	ev->space = space;
	if (fresh) {
		/* Another vCPU made the same space meanwhile. */
		space_insert(vm, fresh);
		space_drop(vm, fresh);
	}
	spaces_trim(vm);
	mmu_commit(vm);
	spin_unlock(&mmu->lock);
	return space;
}

/*
 * -- filling -----------------------------------------------------------------
 */

static int cache_topup(struct armkvm_mmu *mmu, struct mmu_cache *cache, u64 gfn)
{
	if (!cache->leaf)
		cache->leaf = leaf_alloc();
	if (!cache->copy)
		cache->copy = copy_alloc();
	if (!cache->leaf || !cache->copy)
		return -ENOMEM;
	return rmap_reserve(&mmu->rmap, gfn, &cache->rmap);
}

void mmu_cache_free(struct mmu_cache *cache)
{
	if (cache->leaf)
		leaf_free(cache->leaf);
	if (cache->copy)
		copy_free(cache->copy);
	rmap_spare_free(&cache->rmap);
	memset(cache, 0, sizeof(*cache));
}

/* Removes the entries of @gfn that @which selects.  Held: mmu->lock. */
enum zap_which { ZAP_ALL, ZAP_WRITABLE, ZAP_COPY };

static bool spte_matches(struct mmu_leaf *leaf, unsigned int i, enum zap_which which)
{
	switch (which) {
	case ZAP_WRITABLE:
		return spte_writable(leaf->spt[i]);
	case ZAP_COPY:
		return leaf->info[i] & LEAF_INFO_COPY;
	default:
		return true;
	}
}

static void gfn_zap(struct armkvm_vm *vm, u64 gfn, enum zap_which which)
{
	unsigned long head;
	spte_t *sptep;

again:
	head = rmap_get(&vm->mmu->rmap, gfn);
	for (sptep = rmap_first(head); sptep; sptep = rmap_next(head, sptep)) {
		struct mmu_leaf *leaf = mmu_leaf_of(sptep);

		if (spte_matches(leaf, sptep - leaf->spt, which)) {
			/* the list is another one now */
			spte_zap(vm, leaf, sptep - leaf->spt);
			goto again;
		}
	}
}

/* The page of @gfn for a look at it, or NULL.  May sleep; the caller puts it. */
static struct page *peek_page(struct armkvm_vm *vm, u64 gfn)
{
	struct armkvm_memslot *slot;
	struct page *page;

	if (gfn == MMU_NO_GFN)
		return NULL;
	slot = armkvm_gfn_to_memslot(armkvm_memslots(vm), gfn);
	if (!slot || get_user_pages_fast(armkvm_gfn_to_hva(slot, gfn), 1, 0, &page) != 1)
		return NULL;
	return page;
}

/* Hardware breakpoints of the page at @gva go into its copy.  Held: mmu->lock. */
static void copy_breakpoints(struct armkvm_mmu *mmu, struct mmu_copy *copy, u32 gva)
{
	unsigned int i;

	for (i = 0; i < mmu->nr_bp; i++)
		if ((mmu->bp[i] & PAGE_MASK) == (gva & PAGE_MASK))
			copy_set_bkpt(copy, mmu->bp[i]);
}

static int fill_page(struct engine_vcpu *ev, struct mmu_space *space, enum mmu_view view,
		     const struct mmu_mapping *map, bool write, bool exec,
		     struct copy_source *source)
{
	struct armkvm_vm *vm = ev->vm;
	struct armkvm_mmu *mmu = vm->mmu;
	struct mmu_cache *cache = &ev->cache;
	u64 gfn = map->gpa >> PAGE_SHIFT;
	/* Kernel views run instruction copies, never the page itself. */
	bool use_copy = exec && view == MMU_VIEW_KERNEL;
	bool want_write = map->write && !use_copy;
	struct armkvm_memslot *slot;
	struct mmu_leaf *leaf;
	struct mmu_copy *copy;
	unsigned long hva, seq;
	struct page *page;
	unsigned int i;
	u32 info;
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
	hva = armkvm_gfn_to_hva(slot, gfn);
	ret = cache_topup(mmu, cache, gfn);
	if (ret)
		return ret;
again:
	seq = READ_ONCE(mmu->notifier_seq);
	smp_rmb();	/* pairs with the notifier's smp_wmb(): seq before the page */
	ret = get_user_pages_fast(hva, 1, want_write ? FOLL_WRITE : 0, &page);
	if (ret != 1) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (want_write && !write) {
			/* The launcher itself may only read it. */
			want_write = false;
			goto again;
		}
		return -EFAULT;
	}
	spin_lock(&mmu->lock);
	if (mmu->notifier_count || seq != mmu->notifier_seq) {
		spin_unlock(&mmu->lock);
		put_page(page);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		goto again;
	}

	if (map->seq != mmu->tlbi_seq) {
		spin_unlock(&mmu->lock);
		put_page(page);
		return -EAGAIN;
	}

	copy = copy_find(vm, gfn);
	if (use_copy && !copy) {
		/* From here on no vCPU writes the page unnoticed. */
		gfn_zap(vm, gfn, ZAP_WRITABLE);
		mmu_commit(vm);
		source->page = page;
		ret = copy_build(vm, cache->copy, gfn, source);
		if (ret) {
			spin_unlock(&mmu->lock);
			put_page(page);
			return ret;
		}
		copy = cache->copy;
		cache->copy = NULL;
		copy_insert(vm, copy);
	} else if (copy && write) {
		gfn_zap(vm, gfn, ZAP_COPY);
		copy_drop(vm, copy);
		copy = NULL;
	} else if (copy) {
		want_write = false;
	}
	if (use_copy && mmu->nr_bp)
		copy_breakpoints(mmu, copy, map->gva);

	leaf = leaf_get(vm, space, view, map, &cache->leaf);
	if (WARN_ON_ONCE(!leaf)) {
		spin_unlock(&mmu->lock);
		put_page(page);
		return -ENOMEM;
	}
	i = (map->gva >> PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	if (leaf->info[i] & LEAF_INFO_FIXED) {
		spin_unlock(&mmu->lock);
		put_page(page);
		return -EADDRINUSE;
	}
	spte_zap(vm, leaf, i);

	info = gfn | (map->global ? LEAF_INFO_GLOBAL : 0) |
	       (map->shift > PAGE_SHIFT ? LEAF_INFO_LARGE : 0);
	/*
	 * Where the guest may not execute it, the page itself is read: an alias of what was
	 * code once may be data by now, which a device writes unseen.
	 */
	if (copy && view == MMU_VIEW_KERNEL && map->exec) {
		info |= LEAF_INFO_COPY;
		spte_store(&leaf->spt[i], spte_make(page_to_phys(copy->page), false, map->exec));
	} else {
		spte_store(&leaf->spt[i],
			   spte_make(page_to_phys(page), want_write,
				     map->exec && view == MMU_VIEW_USER));
	}
	/* Under the lock: who takes the page from the log removes the entry after it. */
	if (want_write)
		armkvm_mark_page_dirty(slot, gfn);
	leaf->info[i] = info;
	leaf->used++;
	rmap_add(&mmu->rmap, gfn, &leaf->spt[i], &cache->rmap);
	mmu_commit(vm);
	spin_unlock(&mmu->lock);

	if (want_write)
		set_page_dirty_lock(page);
	put_page(page);
	return 0;
}

int mmu_fill(struct engine_vcpu *ev, struct mmu_space *space, enum mmu_view view,
	     const struct mmu_mapping *map, bool write, bool exec)
{
	struct copy_source source = { };
	int ret;

	if (exec && view == MMU_VIEW_KERNEL) {
		source.prev = peek_page(ev->vm, map->prev_gfn);
		source.next = peek_page(ev->vm, map->next_gfn);
	}
	ret = fill_page(ev, space, view, map, write, exec, &source);
	if (source.prev)
		put_page(source.prev);
	if (source.next)
		put_page(source.next);
	return ret;
}

void mmu_mark_device(struct engine_vcpu *ev, struct mmu_space *space, enum mmu_view view,
		     const struct mmu_mapping *map)
{
	struct armkvm_vm *vm = ev->vm;
	unsigned int i = (map->gva >> PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	struct mmu_leaf *leaf;

	if (!ev->cache.leaf)
		ev->cache.leaf = leaf_alloc();
	if (!ev->cache.leaf)
		return;
	spin_lock(&vm->mmu->lock);
	/* The walk may be of before another vCPU's TLB maintenance. */
	leaf = map->seq == vm->mmu->tlbi_seq ?
	       leaf_get(vm, space, view, map, &ev->cache.leaf) : NULL;
	if (leaf && !(leaf->info[i] & LEAF_INFO_FIXED)) {
		spte_zap(vm, leaf, i);
		spte_store(&leaf->spt[i], spte_make_device(map->write));
		leaf->info[i] = map->gpa >> PAGE_SHIFT |
				(map->global ? LEAF_INFO_GLOBAL : 0) |
				(map->shift > PAGE_SHIFT ? LEAF_INFO_LARGE : 0);
		leaf->used++;
	}
	mmu_commit(vm);
	spin_unlock(&vm->mmu->lock);
}

/* The leaf and index of @gva, if something is mapped there.  Held: mmu->lock. */
static struct mmu_leaf *leaf_at(struct mmu_space *space, enum mmu_view view, u32 gva,
				unsigned int *i)
{
	spte_t *spt = root_leaf(space->root[view], gva >> MMU_LEAF_SHIFT);
	struct mmu_leaf *leaf = spt ? mmu_leaf_of(spt) : NULL;

	*i = (gva >> PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	return leaf && leaf->spt[*i] && !(leaf->info[*i] & LEAF_INFO_FIXED) ? leaf : NULL;
}

bool mmu_fetch(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
	       u32 *word)
{
	struct mmu_copy *copy = NULL;
	struct mmu_leaf *leaf;
	unsigned int i;

	spin_lock(&vm->mmu->lock);
	leaf = leaf_at(space, view, gva, &i);
	if (leaf && (leaf->info[i] & LEAF_INFO_COPY))
		copy = copy_find(vm, leaf->info[i] & LEAF_INFO_GFN);
	if (copy)
		*word = copy_word(copy, gva);
	spin_unlock(&vm->mmu->lock);
	return copy;
}

bool mmu_device_insn(struct armkvm_vm *vm, struct mmu_space *space, u32 gva, u32 dacr,
		     bool write, u64 *gpa, u32 pc, u32 *word)
{
	struct mmu_copy *copy = NULL;
	struct mmu_leaf *leaf;
	unsigned int i;
	spte_t spte;

	spin_lock(&vm->mmu->lock);
	leaf = leaf_at(space, MMU_VIEW_KERNEL, gva, &i);
	spte = leaf ? leaf->spt[i] : 0;
	if (spte && !spte_present(spte) && (!write || spte_writable(spte)) &&
	    dacr >> 2 * leaf->domain & 3) {
		*gpa = (u64)(leaf->info[i] & LEAF_INFO_GFN) << PAGE_SHIFT | (gva & ~PAGE_MASK);
		leaf = leaf_at(space, MMU_VIEW_KERNEL, pc, &i);
		if (leaf && (leaf->info[i] & LEAF_INFO_COPY))
			copy = copy_find(vm, leaf->info[i] & LEAF_INFO_GFN);
		if (copy)
			*word = copy_word(copy, pc);
	}
	spin_unlock(&vm->mmu->lock);
	return copy;
}

bool mmu_lookup(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
		u64 *gfn, bool *is_copy)
{
	struct mmu_leaf *leaf;
	unsigned int i;

	spin_lock(&vm->mmu->lock);
	leaf = leaf_at(space, view, gva, &i);
	if (leaf) {
		*gfn = leaf->info[i] & LEAF_INFO_GFN;
		*is_copy = leaf->info[i] & LEAF_INFO_COPY;
	}
	spin_unlock(&vm->mmu->lock);
	return leaf;
}

static void copy_discard(struct armkvm_vm *vm, struct mmu_copy *copy)
{
	gfn_zap(vm, copy->gfn, ZAP_COPY);
	copy_drop(vm, copy);
}

void mmu_frames_written(struct armkvm_vm *vm, u64 first, u64 end)
{
	struct armkvm_mmu *mmu = vm->mmu;
	struct mmu_copy *copy;
	struct hlist_node *tmp;
	unsigned int b;
	u64 gfn;

	spin_lock(&mmu->lock);
	if (end - first <= ARRAY_SIZE(mmu->copies)) {
		for (gfn = first; gfn < end; gfn++) {
			copy = copy_find(vm, gfn);
			if (copy)
				copy_discard(vm, copy);
		}
	} else {
		for (b = 0; b < ARRAY_SIZE(mmu->copies); b++)
			hlist_for_each_entry_safe(copy, tmp, &mmu->copies[b], hash)
				if (copy->gfn >= first && copy->gfn < end)
					copy_discard(vm, copy);
	}
	mmu_commit(vm);
	spin_unlock(&mmu->lock);
}

void mmu_frames_clean(struct armkvm_vm *vm, u64 first, const unsigned long *bits, size_t longs)
{
	unsigned long word;
	size_t i;

	spin_lock(&vm->mmu->lock);
	for (i = 0; i < longs; i++)
		for (word = bits[i]; word; word &= word - 1)
			gfn_zap(vm, first + i * BITS_PER_LONG + __ffs(word), ZAP_WRITABLE);
	mmu_commit(vm);
	spin_unlock(&vm->mmu->lock);
}

/*
 * -- invalidation ------------------------------------------------------------
 */

/* Calls @stmt for every leaf, which may be dropped meanwhile. */
#define for_each_leaf_safe(vm, leaf, tmp, b)					\
	for ((b) = 0; (b) < ARRAY_SIZE((vm)->mmu->leaves); (b)++)		\
		hlist_for_each_entry_safe(leaf, tmp, &(vm)->mmu->leaves[b], hash)

/* The switch area's leaf stays with its space; others go whole. */
static void leaf_discard(struct armkvm_vm *vm, struct mmu_leaf *leaf)
{
	if (leaf->index == HOST_SWITCH_INDEX)
		leaf_zap(vm, leaf);
	else
		leaf_drop(vm, leaf);
}

void mmu_tlbi_all(struct armkvm_vm *vm)
{
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;
	unsigned int b;

	spin_lock(&vm->mmu->lock);
	vm->mmu->tlbi_seq++;
	for_each_leaf_safe(vm, leaf, tmp, b)
		leaf_discard(vm, leaf);
	mmu_commit(vm);
	spin_unlock(&vm->mmu->lock);
}

void mmu_tlbi_asid(struct armkvm_vm *vm, u16 asid)
{
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;
	unsigned int b;

	spin_lock(&vm->mmu->lock);
	vm->mmu->tlbi_seq++;
	for_each_leaf_safe(vm, leaf, tmp, b)
		if (leaf->asid == asid)
			leaf_discard(vm, leaf);
	mmu_commit(vm);
	spin_unlock(&vm->mmu->lock);
}

/* One address in one leaf: a section goes whole, a large page with its 16 entries. */
static void leaf_tlbi(struct armkvm_vm *vm, struct mmu_leaf *leaf, u32 gva, bool global_only)
{
	unsigned int i = (gva >> PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	unsigned int n = 1, k;

	if (leaf->section) {
		if (!global_only || leaf->asid == MMU_ASID_GLOBAL)
			leaf_discard(vm, leaf);
		return;
	}
	if (leaf->info[i] & LEAF_INFO_LARGE) {
		i &= ~15U;
		n = 16;
	}
	for (k = i; k < i + n; k++)
		if (!global_only || (leaf->info[k] & LEAF_INFO_GLOBAL))
			spte_zap(vm, leaf, k);
}

void mmu_tlbi_va(struct armkvm_vm *vm, u32 gva, u16 asid)
{
	unsigned int index = gva >> MMU_LEAF_SHIFT;
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;

	spin_lock(&vm->mmu->lock);
	vm->mmu->tlbi_seq++;
	hlist_for_each_entry_safe(leaf, tmp, leaf_bucket(vm->mmu, index), hash)
		if (leaf->index == index)
			leaf_tlbi(vm, leaf, gva,
				  asid != MMU_ASID_GLOBAL && leaf->asid != asid);
	mmu_commit(vm);
	spin_unlock(&vm->mmu->lock);
}

bool mmu_tlbi_va_is_nop(struct armkvm_vm *vm, u32 gva)
{
	unsigned int index = gva >> MMU_LEAF_SHIFT;
	unsigned int i = (gva >> PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	struct mmu_leaf *leaf;
	bool found = false;

	if (!spin_trylock(&vm->mmu->lock))
		return false;
	vm->mmu->tlbi_seq++;	/* another vCPU may be about to enter what it has found */
	hlist_for_each_entry(leaf, leaf_bucket(vm->mmu, index), hash)
		if (leaf->index == index && (leaf->section || leaf->spt[i]))
			found = true;
	spin_unlock(&vm->mmu->lock);
	return !found;
}

void mmu_zap_domain(struct armkvm_vm *vm, unsigned int domain)
{
	struct mmu_leaf *leaf;
	struct hlist_node *tmp;
	unsigned int b;

	spin_lock(&vm->mmu->lock);
	for_each_leaf_safe(vm, leaf, tmp, b)
		if (leaf->domain == domain)
			leaf_discard(vm, leaf);
	mmu_commit(vm);
	spin_unlock(&vm->mmu->lock);
}

void mmu_zap_gfns(struct armkvm_vm *vm, u64 start, u64 end)
{
	struct armkvm_mmu *mmu = vm->mmu;
	struct mmu_copy *copy;
	struct hlist_node *tmp;
	unsigned long gfn;
	unsigned int b;
	void *head;

	spin_lock(&mmu->lock);
	xa_for_each_range(&mmu->rmap, gfn, head, start, end - 1)
		gfn_zap(vm, gfn, ZAP_ALL);
	for (b = 0; b < ARRAY_SIZE(mmu->copies); b++)
		hlist_for_each_entry_safe(copy, tmp, &mmu->copies[b], hash)
			if (copy->gfn >= start && copy->gfn < end)
				copy_drop(vm, copy);
	mmu_commit(vm);
	spin_unlock(&mmu->lock);
}

/*
 * -- the launcher's address space --------------------------------------------
 */

static struct armkvm_vm *notifier_vm(struct mmu_notifier *mn)
{
	return container_of(mn, struct armkvm_mmu, notifier)->vm;
}

static void zap_hva_range(struct armkvm_vm *vm, unsigned long start, unsigned long end)
{
	int idx = srcu_read_lock(&vm->srcu);

	armkvm_for_each_hva_range(vm, start, end - 1, mmu_zap_gfns);
	srcu_read_unlock(&vm->srcu, idx);
}

static int notifier_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct armkvm_vm *vm = notifier_vm(mn);

	spin_lock(&vm->mmu->lock);
	vm->mmu->notifier_count++;
	spin_unlock(&vm->mmu->lock);
	armkvm_vm_stat_inc(vm, VM_STAT_ZAPS_BY_HOST);
	zap_hva_range(vm, range->start, range->end);
	return 0;
}

static void notifier_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct armkvm_vm *vm = notifier_vm(mn);

	spin_lock(&vm->mmu->lock);
	vm->mmu->notifier_seq++;
	smp_wmb();	/* a fill that sees the old count sees the new sequence */
	vm->mmu->notifier_count--;
	spin_unlock(&vm->mmu->lock);
}

/* Every space, leaf and copy.  No vCPU runs. */
static void mmu_release(struct armkvm_vm *vm)
{
	struct mmu_space *space, *tmp;
	struct mmu_copy *copy;
	struct hlist_node *next;
	unsigned int b;

	mmu_tlbi_all(vm);
	spin_lock(&vm->mmu->lock);
	list_for_each_entry_safe(space, tmp, &vm->mmu->spaces, lru)
		space_drop(vm, space);
	for (b = 0; b < ARRAY_SIZE(vm->mmu->copies); b++)
		hlist_for_each_entry_safe(copy, next, &vm->mmu->copies[b], hash)
			copy_drop(vm, copy);
	mmu_commit(vm);
	spin_unlock(&vm->mmu->lock);
}

/* The launcher's mm ends, perhaps before its file descriptors. */
static void notifier_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	mmu_release(notifier_vm(mn));
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = notifier_start,
	.invalidate_range_end = notifier_end,
	.release = notifier_release,
};

/* Originals that a VM can have: a distribution's kernel and modules need a few thousand. */
#define DICT_WORDS	16384

static void mmu_free(struct armkvm_mmu *mmu)
{
	xa_destroy(&mmu->rmap);
	vfree(mmu->dict.words);
	vfree(mmu->dict.slots);
	kfree(mmu);
}

int mmu_init(struct armkvm_vm *vm)
{
	struct armkvm_mmu *mmu = kzalloc(sizeof(*mmu), GFP_KERNEL_ACCOUNT);
	u32 *words;
	u16 *slots;
	int err;

	if (!mmu)
		return -ENOMEM;
	words = vmalloc(DICT_WORDS * sizeof(*words));
	slots = vmalloc(dict_slots(DICT_WORDS) * sizeof(*slots));
	if (!words || !slots) {
		vfree(words);
		vfree(slots);
		kfree(mmu);
		return -ENOMEM;
	}
	dict_init(&mmu->dict, words, slots, DICT_WORDS);
	mmu->patch_opts = PATCH_PRIV;
	mmu->vm = vm;
	vm->mmu = mmu;
	spin_lock_init(&mmu->lock);
	INIT_LIST_HEAD(&mmu->spaces);
	xa_init(&mmu->rmap);
	mmu->notifier.ops = &notifier_ops;
	err = mmu_notifier_register(&mmu->notifier, vm->mm);
	if (err) {
		vm->mmu = NULL;
		mmu_free(mmu);
	}
	return err;
}

void mmu_destroy(struct armkvm_vm *vm)
{
	if (!vm->mmu)
		return;
	mmu_notifier_unregister(&vm->mmu->notifier, vm->mm);
	mmu_release(vm);
	mmu_free(vm->mmu);
	vm->mmu = NULL;
}

u64 mmu_memory(struct armkvm_vm *vm)
{
	struct armkvm_mmu *mmu = vm->mmu;
	u64 leaves = atomic64_read(&vm->stat[VM_STAT_LEAVES]);
	u64 spaces = atomic64_read(&vm->stat[VM_STAT_SPACES]);
	u64 copies = atomic64_read(&vm->stat[VM_STAT_COPIES]);

	return sizeof(*mmu) + (leaves * PAGE_SIZE << MMU_LEAF_ORDER) +
	       spaces * (sizeof(struct mmu_space) + MMU_VIEWS * HOST_ROOT_BYTES) +
	       copies * (sizeof(struct mmu_copy) + PAGE_SIZE) +
	       DICT_WORDS * sizeof(u32) + dict_slots(DICT_WORDS) * sizeof(u16) +
	       rmap_memory(&mmu->rmap, &mmu->lock);
}
