// SPDX-License-Identifier: GPL-2.0-only
/* The shadow MMU's life; see mmu.h. */
#include <linux/mm.h>
#include <linux/slab.h>

#include "../memslot.h"
#include "../arm/patch.h"
#include "copy.h"
#include "mmu-impl.h"

void mmu_release(struct armkvm_vm *vm)
{
	struct mmu_space *space, *tmp;
	unsigned int b, begin;
	struct mmu_copy *copy;

	mmu_drop_all(vm);
	raw_spin_lock(&vm->mmu->lock);
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
	mmu_commit_unlock(vm);
}

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
	raw_spin_lock_init(&mmu->lock);
	mutex_init(&mmu->copy_lock);
	init_waitqueue_head(&mmu->leaving_wait);
	INIT_LIST_HEAD(&mmu->spaces);
	INIT_LIST_HEAD(&mmu->leaf_lru);
	INIT_LIST_HEAD(&mmu->vcpus);
	err = frames_watch(mmu);
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
	frames_unwatch(vm->mmu);
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
