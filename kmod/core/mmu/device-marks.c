// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices: the marks of their pages in the shadow tables, and the replacement of instructions
 * that keep meeting them.
 */
#include <linux/slab.h>

#include "../arm/patch.h"
#include "copy.h"
#include "mmu-impl.h"

void mmu_mark_device(struct mmu_vcpu *mv, const struct walk_ctl *ctl,
		     struct mmu_space *space, enum mmu_view view,
		     const struct mmu_mapping *map)
{
	struct armkvm_vm *vm = mv->vm;
	unsigned int i = (map->gva >> ARMKVM_PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	struct mmu_leaf *leaf;

	if (!mv->cache.leaf)
		mv->cache.leaf = leaf_alloc();
	if (!mv->cache.leaf)
		return;
	raw_spin_lock(&vm->mmu->lock);
	/* The walk may be of before another vCPU's TLB maintenance. */
	leaf = map->seq == vm->mmu->tlbi_seq ?
	       leaf_get(mv, ctl, space, view, map) : NULL;
	if (leaf && !(leaf->info[i] & LEAF_INFO_FIXED)) {
		spte_zap(vm, leaf, i);
		spte_store(&leaf->spt[i], spte_make_device(map->write));
		leaf_entry_set(vm->mmu, leaf, i, map->gpa >> ARMKVM_PAGE_SHIFT,
			       (map->global ? LEAF_INFO_GLOBAL : 0) |
			       (map->shift > ARMKVM_PAGE_SHIFT && !leaf->flat ? LEAF_INFO_LARGE : 0),
			       leaf->flat ? 0 : map->l2);
		leaf->nr_devices++;
	}
	mmu_commit_unlock(vm);
}

bool mmu_device_at(struct mmu_space *space, u32 gva, u32 dacr, bool write, u64 *gpa)
{
	struct mmu_leaf *leaf;
	unsigned int i;
	spte_t spte;

	leaf = lookup_leaf(space, MMU_VIEW_KERNEL, gva, &i);
	spte = leaf ? leaf->spt[i] : 0;
	if (!spte || spte_present(spte) || (write && !spte_writable(spte)) ||
	    !(dacr >> 2 * leaf->domain & 3))
		return false;
	*gpa = (u64)(leaf->info[i] & LEAF_INFO_GFN) << ARMKVM_PAGE_SHIFT | (gva & ~ARMKVM_PAGE_MASK);
	return true;
}

static void device_zap_leaf(struct armkvm_vm *vm, struct mmu_leaf *leaf, u64 first, u64 end)
{
	unsigned int i;

	for_each_set(i, leaf->present, MMU_LEAF_ENTRIES) {
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

	raw_spin_lock(&mmu->lock);
	begin = mmu->steps;
	mmu->scan++;
	for (b = 0; b < ARRAY_SIZE(mmu->leaves); b++) {
again:
		hlist_for_each_entry(leaf, &mmu->leaves[b], hash) {
			if (!leaf->nr_devices || leaf->scanned == mmu->scan)
				continue;
			device_zap_leaf(vm, leaf, first, end);
			leaf->scanned = mmu->scan;
			/* the list may be another one then */
			if (mmu_relax(vm, &begin, true))
				goto again;
		}
	}
	mmu_commit_unlock(vm);
}

/*
 * The copy whose word at @pc is to be changed, and that word in RAM, with nobody executing
 * the copy any more: an instruction must not change into another where a CPU may fetch it
 * (A3.5.4).  The entries come back by faults.  NULL, with nothing changed: there is none, or
 * @wanted says no to the words in RAM and in the copy.
 */
static struct mmu_copy *
device_copy_to_change(struct armkvm_vm *vm, struct mmu_space *space, u32 pc,
		      bool (*wanted)(struct armkvm_mmu *mmu, u32 ram, u32 word))
{
	struct mmu_copy *copy;
	struct gfn_info *info;
	u32 ram, word;
	unsigned int i;
	struct mmu_leaf *leaf = lookup_leaf(space, MMU_VIEW_KERNEL, pc, &i);

	if (!leaf || !(leaf->info[i] & LEAF_INFO_COPY) || !lookup_word(vm, leaf, i, pc, &ram) ||
	    !mmu_executed_word(vm, space, pc, &word) || !wanted(vm->mmu, ram, word))
		return NULL;
	info = gfn_info(&vm->mmu->gfns, leaf->info[i] & LEAF_INFO_GFN);
	copy = copy_find(vm, leaf->info[i] & LEAF_INFO_GFN);
	gfn_zap(vm, info, ZAP_COPY);
	mmu_commit(vm);
	return copy;
}

static bool device_is_original(struct armkvm_mmu *mmu, u32 ram, u32 word)
{
	return word == ram && patch_is_device_insn(word);
}

static bool device_is_replacement(struct armkvm_mmu *mmu, u32 ram, u32 word)
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
	if (mutex_lock_killable(&vm->mmu->copy_lock)) {
		kfree(code);
		return false;
	}
	raw_spin_lock(&vm->mmu->lock);
	if (mmu_executed_word(vm, space, pc, &word) &&
	    patch_device_word(&vm->mmu->dict, word, &new) > 0) {
		copy = device_copy_to_change(vm, space, pc, device_is_original);
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
	mmu_commit_unlock(vm);
	mutex_unlock(&vm->mmu->copy_lock);
	kfree(code);
	return done;
}

bool mmu_restore_device_insn(struct armkvm_vm *vm, struct mmu_space *space, u32 pc)
{
	struct mmu_copy *copy;
	u32 word;

	raw_spin_lock(&vm->mmu->lock);
	copy = device_copy_to_change(vm, space, pc, device_is_replacement);
	if (copy) {
		word = unpatch_word(&vm->mmu->dict, vm->mmu->config.patch_opts, copy_word(copy, pc));
		copy_set_word(copy, pc, word);
		armkvm_vm_stat_inc(vm, VM_STAT_DEVICE_INSNS_UNDONE);
	}
	mmu_commit_unlock(vm);
	return copy;
}
