// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow MMU's life, frames that change or go, and the launcher's address
 * space; see mmu.h.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "../memslot.h"
#include "../patch.h"
#include "copy.h"
#include "mmu-impl.h"

/* The leaf and index of @gva, if something is mapped there.  Held: mmu->lock. */
static struct mmu_leaf *leaf_at(struct mmu_space *space, enum mmu_view view, u32 gva,
				unsigned int *i)
{
	spte_t *spt = root_leaf(space->root[view], gva >> MMU_LEAF_SHIFT);
	struct mmu_leaf *leaf = spt ? mmu_leaf_of(spt) : NULL;

	*i = (gva >> ARMKVM_PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	return leaf && leaf->spt[*i] && !(leaf->info[*i] & LEAF_INFO_FIXED) ? leaf : NULL;
}

/* The word at @gva of what the guest executes or reads there.  Held: mmu->lock. */
static bool word_at(struct armkvm_vm *vm, const struct mmu_leaf *leaf, unsigned int i, u32 gva,
		    u32 *word)
{
	u64 gfn = leaf->info[i] & LEAF_INFO_GFN, val;

	if (mmu_walk_ops.read_desc(vm, gfn << ARMKVM_PAGE_SHIFT | (gva & ~ARMKVM_PAGE_MASK & ~3U), 4, &val))
		return false;
	*word = val;
	return true;
}

/* The word that the hardware fetches: from the copy, or from a page that needed none. */
bool mmu_executed_word(struct armkvm_vm *vm, struct mmu_space *space, u32 gva, u32 *word)
{
	struct mmu_copy *copy;
	unsigned int i;
	struct mmu_leaf *leaf = leaf_at(space, MMU_VIEW_KERNEL, gva, &i);

	if (!leaf || !(leaf->info[i] & LEAF_INFO_COPY))
		return false;
	copy = copy_find(vm, leaf->info[i] & LEAF_INFO_GFN);
	if (!copy || !copy->code)
		return copy && word_at(vm, leaf, i, gva, word);
	*word = copy_word(copy, gva);
	return true;
}

bool mmu_is_global(struct mmu_space *space, u32 gva)
{
	unsigned int i;
	struct mmu_leaf *leaf = leaf_at(space, MMU_VIEW_KERNEL, gva, &i);

	return leaf && (leaf->info[i] & LEAF_INFO_GLOBAL);
}

bool mmu_fetch(struct armkvm_vm *vm, struct mmu_space *space, u32 gva, u32 *word)
{
	bool ok;

	spin_lock(&vm->mmu->lock);
	ok = mmu_executed_word(vm, space, gva, word);
	spin_unlock(&vm->mmu->lock);
	return ok;
}

bool mmu_peek_insn(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
		   u32 *word)
{
	unsigned int i;
	struct mmu_leaf *leaf = leaf_at(space, view, gva, &i);

	return leaf && spte_present(leaf->spt[i]) && word_at(vm, leaf, i, gva, word);
}

bool mmu_exec_only(struct mmu_space *space, u32 gva)
{
	unsigned int i;
	struct mmu_leaf *leaf = leaf_at(space, MMU_VIEW_KERNEL, gva, &i);

	return leaf && spte_exec_only(leaf->spt[i]);
}

bool mmu_device_at(struct mmu_space *space, u32 gva, u32 dacr, bool write, u64 *gpa)
{
	struct mmu_leaf *leaf;
	unsigned int i;
	spte_t spte;

	leaf = leaf_at(space, MMU_VIEW_KERNEL, gva, &i);
	spte = leaf ? leaf->spt[i] : 0;
	if (!spte || spte_present(spte) || (write && !spte_writable(spte)) ||
	    !(dacr >> 2 * leaf->domain & 3))
		return false;
	*gpa = (u64)(leaf->info[i] & LEAF_INFO_GFN) << ARMKVM_PAGE_SHIFT | (gva & ~ARMKVM_PAGE_MASK);
	return true;
}

static void leaf_zap_devices(struct armkvm_vm *vm, struct mmu_leaf *leaf, u64 first, u64 end)
{
	unsigned int i;

	for_each_set_bit(i, leaf->present, MMU_LEAF_ENTRIES) {
		u64 gfn = leaf->info[i] & LEAF_INFO_GFN;

		if (!spte_present(leaf->spt[i]) && gfn >= first && gfn < end)
			spte_zap(vm, leaf, i);
	}
	vm->mmu->steps += leaf->used / 8 + 1;
}

void mmu_zap_devices(struct armkvm_vm *vm, u64 first, u64 end)
{
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned int b, begin;
	struct mmu_leaf *leaf;

	spin_lock(&mmu->lock);
	begin = mmu->steps;
	mmu->scan++;
	for (b = 0; b < ARRAY_SIZE(mmu->leaves); b++) {
again:
		hlist_for_each_entry(leaf, &mmu->leaves[b], hash) {
			if (!leaf->nr_devices || leaf->scanned == mmu->scan)
				continue;
			leaf_zap_devices(vm, leaf, first, end);
			leaf->scanned = mmu->scan;
			/* the list may be another one then */
			if (mmu_relax(vm, &begin, true))
				goto again;
		}
	}
	mmu_commit(vm);
	spin_unlock(&mmu->lock);
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

void gfn_drop_copy(struct armkvm_vm *vm, u64 gfn, struct gfn_info *info)
{
	struct mmu_copy *copy = copy_find(vm, gfn);

	gfn_zap(vm, info, ZAP_COPY);
	info->page &= ~GFN_COPY;
	if (copy)
		copy_drop(vm, copy);
}

/*
 * The copy whose word at @pc is to be changed, and that word in RAM, with nobody executing
 * the copy any more: an instruction must not change into another where a CPU may fetch it
 * (A3.5.4).  The entries come back by faults.  NULL, with nothing changed: there is none, or
 * @wanted says no to the words in RAM and in the copy.
 */
static struct mmu_copy *copy_to_change(struct armkvm_vm *vm, struct mmu_space *space, u32 pc,
				       bool (*wanted)(struct armkvm_mmu *mmu, u32 ram, u32 word))
{
	struct mmu_copy *copy;
	struct gfn_info *info;
	u32 ram, word;
	unsigned int i;
	struct mmu_leaf *leaf = leaf_at(space, MMU_VIEW_KERNEL, pc, &i);

	if (!leaf || !(leaf->info[i] & LEAF_INFO_COPY) || !word_at(vm, leaf, i, pc, &ram) ||
	    !mmu_executed_word(vm, space, pc, &word) || !wanted(vm->mmu, ram, word))
		return NULL;
	info = gfn_info(&vm->mmu->gfns, leaf->info[i] & LEAF_INFO_GFN);
	copy = copy_find(vm, leaf->info[i] & LEAF_INFO_GFN);
	gfn_zap(vm, info, ZAP_COPY);
	mmu_commit(vm);
	return copy;
}

static bool is_original(struct armkvm_mmu *mmu, u32 ram, u32 word)
{
	return word == ram && patch_is_device_insn(word);
}

static bool is_replacement(struct armkvm_mmu *mmu, u32 ram, u32 word)
{
	return word != ram && patch_is_device_insn(ram) &&
	       unpatch_word(&mmu->dict, mmu->config.patch_opts, word) == ram;
}

bool mmu_replace_device_insn(struct armkvm_vm *vm, struct mmu_space *space, u32 pc)
{
	u32 *code = kmalloc(ARMKVM_PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	struct mmu_copy *copy;
	bool done = false;
	u32 word, new;

	if (!code)
		return false;
	spin_lock(&vm->mmu->lock);
	if (mmu_executed_word(vm, space, pc, &word) &&
	    patch_device_word(&vm->mmu->dict, word, &new) > 0) {
		copy = copy_to_change(vm, space, pc, is_original);
		if (copy) {
			if (!copy->code) {
				copy_own_code(vm, copy, code);
				code = NULL;
			}
			copy_set_word(copy, pc, new);
			armkvm_vm_stat_inc(vm, VM_STAT_DEVICE_INSNS);
			done = true;
		}
	}
	spin_unlock(&vm->mmu->lock);
	kfree(code);
	return done;
}

bool mmu_restore_device_insn(struct armkvm_vm *vm, struct mmu_space *space, u32 pc)
{
	struct mmu_copy *copy;
	u32 word;

	spin_lock(&vm->mmu->lock);
	copy = copy_to_change(vm, space, pc, is_replacement);
	if (copy) {
		word = unpatch_word(&vm->mmu->dict, vm->mmu->config.patch_opts, copy_word(copy, pc));
		copy_set_word(copy, pc, word);
		armkvm_vm_stat_inc(vm, VM_STAT_DEVICE_INSNS_UNDONE);
	}
	spin_unlock(&vm->mmu->lock);
	return copy;
}

static void frame_written(struct armkvm_vm *vm, u64 gfn)
{
	struct gfn_info *info = gfn_info(&vm->mmu->gfns, gfn);

	if (info && (info->page & GFN_COPY))
		gfn_drop_copy(vm, gfn, info);
	vm->mmu->steps++;
}

void mmu_frames_written(struct armkvm_vm *vm, u64 first, u64 end)
{
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned int b, begin;
	struct mmu_copy *copy;
	struct hlist_node *tmp;
	u64 gfn;

	spin_lock(&mmu->lock);
	begin = mmu->steps;
	if (end - first <= ARRAY_SIZE(mmu->copies)) {
		for (gfn = first; gfn < end; gfn++) {
			frame_written(vm, gfn);
			mmu_relax(vm, &begin, true);
		}
	} else {
		for (b = 0; b < ARRAY_SIZE(mmu->copies); b++) {
again:
			hlist_for_each_entry_safe(copy, tmp, &mmu->copies[b], hash) {
				if (copy->gfn < first || copy->gfn >= end)
					continue;
				frame_written(vm, copy->gfn);
				/* those that are written are gone from the list */
				if (mmu_relax(vm, &begin, true))
					goto again;
			}
		}
	}
	mmu_commit(vm);
	spin_unlock(&mmu->lock);
}

void mmu_frames_clean(struct armkvm_vm *vm, u64 first, const unsigned long *bits, size_t longs)
{
	struct gfn_info *info;
	unsigned int begin;
	unsigned long word;
	size_t i;

	spin_lock(&vm->mmu->lock);
	begin = vm->mmu->steps;
	for (i = 0; i < longs; i++) {
		for (word = bits[i]; word; word &= word - 1) {
			info = gfn_info(&vm->mmu->gfns, first + i * BITS_PER_LONG + __ffs(word));
			if (!info)
				continue;
			gfn_zap(vm, info, ZAP_WRITABLE);
			info->page &= ~GFN_WRITABLE;
			vm->mmu->steps++;
			mmu_relax(vm, &begin, true);
		}
	}
	mmu_commit(vm);
	spin_unlock(&vm->mmu->lock);
}

/* Nothing is known of the frame any more. */
static void gfn_forget(struct armkvm_vm *vm, u64 gfn, struct gfn_info *info)
{
	if (info->rmap)
		gfn_zap(vm, info, ZAP_ALL);
	if (info->page & GFN_COPY)
		gfn_drop_copy(vm, gfn, info);
	info->page = 0;
	vm->mmu->steps++;
}

/* Chunks live as long as the VM, so the lock may be given up within one. */
static void chunk_forget(struct armkvm_vm *vm, u64 n, u64 start, u64 end, unsigned int *begin,
			 bool may_sleep)
{
	u64 first = n << GFN_CHUNK_SHIFT, gfn;
	struct gfn_chunk *chunk = gfn_chunk(&vm->mmu->gfns, first);

	for (gfn = max(first, start); chunk && gfn < min(first + GFN_CHUNK_FRAMES, end); gfn++) {
		if (chunk->info[gfn - first].page || chunk->info[gfn - first].rmap)
			gfn_forget(vm, gfn, &chunk->info[gfn - first]);
		mmu_relax(vm, begin, may_sleep);
	}
	/* looking at frames of which nothing is known costs something, too */
	vm->mmu->steps += GFN_CHUNK_FRAMES / 16;
}

static void zap_gfns(struct armkvm_vm *vm, u64 start, u64 end, bool may_sleep)
{
	struct armkvm_mmu *mmu = vm->mmu;
	u64 last = (end - 1) >> GFN_CHUNK_SHIFT;
	unsigned int begin;
	unsigned long n;
	void *chunk;

	vm->mmu->config.frames_changed(vm, start, end);
	spin_lock(&mmu->lock);
	begin = mmu->steps;
	for (n = start >> GFN_CHUNK_SHIFT; n <= min_t(u64, last, GFN_LOW_CHUNKS - 1); n++)
		chunk_forget(vm, n, start, end, &begin, may_sleep);
	xa_for_each_range(&mmu->gfns.high, n, chunk, start >> GFN_CHUNK_SHIFT,
			  min_t(u64, last, ULONG_MAX))
		chunk_forget(vm, n, start, end, &begin, may_sleep);
	mmu_commit(vm);
	spin_unlock(&mmu->lock);
}

void mmu_zap_gfns(struct armkvm_vm *vm, u64 start, u64 end)
{
	zap_gfns(vm, start, end, true);
}

/* For a notifier that must not sleep. */
static void zap_gfns_atomic(struct armkvm_vm *vm, u64 start, u64 end)
{
	zap_gfns(vm, start, end, false);
}

void mmu_frames_leave(struct armkvm_vm *vm, u64 start, u64 end)
{
	struct armkvm_mmu *mmu = vm->mmu;

	spin_lock(&mmu->lock);
	mmu->leaving_first = start;
	mmu->leaving_end = end;
	spin_unlock(&mmu->lock);
	mmu_zap_gfns(vm, start, end);
}

void mmu_frames_left(struct armkvm_vm *vm)
{
	struct armkvm_mmu *mmu = vm->mmu;

	spin_lock(&mmu->lock);
	mmu->leaving_first = 0;
	mmu->leaving_end = 0;
	spin_unlock(&mmu->lock);
	wake_up_all(&mmu->leaving_wait);
}

static bool frames_have_left(struct armkvm_mmu *mmu)
{
	bool left;

	spin_lock(&mmu->lock);
	left = !mmu->leaving_end;
	spin_unlock(&mmu->lock);
	return left;
}

void mmu_wait_for_frames(struct armkvm_vm *vm)
{
	wait_event_interruptible(vm->mmu->leaving_wait, frames_have_left(vm->mmu));
}

/*
 * -- the launcher's address space --------------------------------------------
 */

static struct armkvm_vm *notifier_vm(struct mmu_notifier *mn)
{
	return container_of(mn, struct armkvm_mmu, notifier)->vm;
}

static void zap_hva_range(struct armkvm_vm *vm, unsigned long start, unsigned long end,
			  bool may_sleep)
{
	int idx = srcu_read_lock(&vm->srcu);

	armkvm_frames_of_hva(vm, start, end - 1, may_sleep ? mmu_zap_gfns : zap_gfns_atomic);
	srcu_read_unlock(&vm->srcu, idx);
}

static int notifier_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct armkvm_vm *vm = notifier_vm(mn);

	spin_lock(&vm->mmu->lock);
	vm->mmu->notifier_count++;
	spin_unlock(&vm->mmu->lock);
	armkvm_vm_stat_inc(vm, VM_STAT_ZAPS_BY_HOST);
	zap_hva_range(vm, range->start, range->end, mmu_notifier_range_blockable(range));
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
	unsigned int b, begin;
	struct mmu_copy *copy;

	mmu_drop_all(vm);
	spin_lock(&vm->mmu->lock);
	begin = vm->mmu->steps;
	list_for_each_entry_safe(space, tmp, &vm->mmu->spaces, lru)
		space_drop(vm, space);
	for (b = 0; b < ARRAY_SIZE(vm->mmu->copies); b++) {
		while (!hlist_empty(&vm->mmu->copies[b])) {
			copy = hlist_entry(vm->mmu->copies[b].first, struct mmu_copy, hash);
			gfn_drop_copy(vm, copy->gfn, gfn_info(&vm->mmu->gfns, copy->gfn));
			vm->mmu->steps++;
			mmu_relax(vm, &begin, true);
		}
	}
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
	gfn_table_destroy(&mmu->gfns);
	rmap_pool_destroy(&mmu->nodes);
	kvfree(mmu->dict.words);
	kvfree(mmu->dict.slots);
	kvfree(mmu);
}

int mmu_init(struct armkvm_vm *vm, const struct mmu_config *config)
{
	struct armkvm_mmu *mmu = kvzalloc(sizeof(*mmu), GFP_KERNEL_ACCOUNT);
	u32 *words;
	u16 *slots;
	int err;

	if (!mmu)
		return -ENOMEM;
	words = kvmalloc_array(DICT_WORDS, sizeof(*words), GFP_KERNEL_ACCOUNT);
	slots = kvmalloc_array(dict_slots(DICT_WORDS), sizeof(*slots), GFP_KERNEL_ACCOUNT);
	err = gfn_table_init(&mmu->gfns);
	if (!words || !slots || err) {
		gfn_table_destroy(&mmu->gfns);
		kvfree(words);
		kvfree(slots);
		kvfree(mmu);
		return -ENOMEM;
	}
	dict_init(&mmu->dict, words, slots, DICT_WORDS);
	mmu->config = *config;
	mmu->vm = vm;
	vm->mmu = mmu;
	spin_lock_init(&mmu->lock);
	init_waitqueue_head(&mmu->leaving_wait);
	INIT_LIST_HEAD(&mmu->spaces);
	INIT_LIST_HEAD(&mmu->leaf_lru);
	INIT_LIST_HEAD(&mmu->dead_spaces);
	INIT_LIST_HEAD(&mmu->vcpus);
	mmu->notifier.ops = &notifier_ops;
	err = mmu_notifier_register(&mmu->notifier, vm->mm);
	if (err) {
		vm->mmu = NULL;
		mmu_free(mmu);
		return err;
	}
	shrink_add(mmu);
	return 0;
}

void mmu_destroy(struct armkvm_vm *vm)
{
	if (!vm->mmu)
		return;
	shrink_remove(vm->mmu);
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
	u64 copy_pages = READ_ONCE(mmu->nr_copy_pages);

	return sizeof(*mmu) + leaves * MMU_LEAF_BYTES +
	       spaces * (sizeof(struct mmu_space) + MMU_VIEWS * HOST_ROOT_BYTES) +
	       copies * sizeof(struct mmu_copy) + copy_pages * ARMKVM_PAGE_SIZE +
	       DICT_WORDS * sizeof(u32) + dict_slots(DICT_WORDS) * sizeof(u16) +
	       (u64)READ_ONCE(mmu->nodes.nr_pages) * PAGE_SIZE +
	       GFN_LOW_CHUNKS * sizeof(void *) +
	       (u64)READ_ONCE(mmu->gfns.nr_chunks) * sizeof(struct gfn_chunk);
}
