// SPDX-License-Identifier: GPL-2.0-only
/* What the shadow tables have at an address. */
#include "copy.h"
#include "mmu-impl.h"

struct mmu_leaf *lookup_leaf(struct mmu_space *space, enum mmu_view view, u32 gva, unsigned int *i)
{
	spte_t *spt = root_leaf(space->root[view], gva >> MMU_LEAF_SHIFT);
	struct mmu_leaf *leaf = spt ? mmu_leaf_of(spt) : NULL;

	*i = (gva >> ARMKVM_PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1);
	return leaf && leaf->spt[*i] && !(leaf->info[*i] & LEAF_INFO_FIXED) ? leaf : NULL;
}

bool lookup_word(struct armkvm_vm *vm, const struct mmu_leaf *leaf, unsigned int i, u32 gva,
		 u32 *word)
{
	u64 gfn = leaf->info[i] & LEAF_INFO_GFN, val;

	if (mmu_walk_ops.read_desc(vm, gfn << ARMKVM_PAGE_SHIFT | (gva & ~ARMKVM_PAGE_MASK & ~3U), 4, &val))
		return false;
	*word = val;
	return true;
}

/* What the hardware fetches: from the copy, or from a page that needed none. */
bool mmu_executed_words(struct armkvm_vm *vm, struct mmu_space *space, u32 gva, u32 *words,
			unsigned int n)
{
	struct mmu_copy *copy;
	unsigned int i, k;
	struct mmu_leaf *leaf = lookup_leaf(space, MMU_VIEW_KERNEL, gva, &i);

	if (!leaf || !(leaf->info[i] & LEAF_INFO_COPY))
		return false;
	copy = copy_find(vm, leaf->info[i] & LEAF_INFO_GFN);
	if (!copy)
		return false;
	for (k = 0; k < n; k++) {
		if (copy->code)
			words[k] = copy_word(copy, gva + 4 * k);
		else if (!lookup_word(vm, leaf, i, gva + 4 * k, &words[k]))
			return false;
	}
	return true;
}

/* The copy that the kernel view executes at @gva, or NULL. */
static struct mmu_copy *lookup_copy_at(struct armkvm_vm *vm, struct mmu_space *space, u32 gva)
{
	unsigned int i;
	struct mmu_leaf *leaf = lookup_leaf(space, MMU_VIEW_KERNEL, gva, &i);

	return leaf && (leaf->info[i] & LEAF_INFO_COPY) ?
	       copy_find(vm, leaf->info[i] & LEAF_INFO_GFN) : NULL;
}

void mmu_copy_again(struct armkvm_vm *vm, struct mmu_space *space, u32 pc)
{
	struct mmu_copy *copy;

	raw_spin_lock(&vm->mmu->lock);
	copy = lookup_copy_at(vm, space, pc);
	if (copy)
		copy_again(vm, copy);
	mmu_commit_unlock(vm);
}

void mmu_thumb_begins(struct armkvm_vm *vm)
{
	if (mmu_mixes_states(vm->mmu))
		return;
	WRITE_ONCE(vm->mmu->thumb_seen, true);
	/* All copies go, once in a VM's life; no vCPU has one when this returns. */
	mmu_frames_written(vm, 0, ~0ULL >> ARMKVM_PAGE_SHIFT);
	/* Pairs with mmu_mixes_states(): who sees it finds the copies gone. */
	smp_store_release(&vm->mmu->mixes, true);
}

void mmu_runs_code(struct armkvm_vm *vm, struct mmu_space *space, u32 pc, bool thumb)
{
	struct mmu_copy *copy;
	bool miss;

	if (thumb)
		mmu_thumb_begins(vm);
	raw_spin_lock(&vm->mmu->lock);
	copy = lookup_copy_at(vm, space, pc);
	miss = copy && copy_misses(copy, pc, thumb);
	if (miss)
		copy_again(vm, copy);
	if (miss)
		mmu_commit_unlock(vm);
	else
		raw_spin_unlock(&vm->mmu->lock);
}

bool mmu_is_global(struct mmu_space *space, u32 gva)
{
	unsigned int i;
	struct mmu_leaf *leaf = lookup_leaf(space, MMU_VIEW_KERNEL, gva, &i);

	return leaf && (leaf->info[i] & LEAF_INFO_GLOBAL);
}

bool mmu_fetch(struct armkvm_vm *vm, struct mmu_space *space, u32 gva, u32 *word)
{
	bool ok;

	raw_spin_lock(&vm->mmu->lock);
	ok = mmu_executed_word(vm, space, gva, word);
	raw_spin_unlock(&vm->mmu->lock);
	return ok;
}

bool mmu_peek_insn(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
		   u32 *word)
{
	unsigned int i;
	struct mmu_leaf *leaf = lookup_leaf(space, view, gva, &i);

	return leaf && spte_present(leaf->spt[i]) && lookup_word(vm, leaf, i, gva, word);
}

bool mmu_exec_only(struct mmu_space *space, u32 gva)
{
	unsigned int i;
	struct mmu_leaf *leaf = lookup_leaf(space, MMU_VIEW_KERNEL, gva, &i);

	return leaf && spte_exec_only(leaf->spt[i]);
}

bool mmu_lookup(struct armkvm_vm *vm, struct mmu_space *space, enum mmu_view view, u32 gva,
		u64 *gfn, bool *is_copy)
{
	struct mmu_leaf *leaf;
	unsigned int i;

	raw_spin_lock(&vm->mmu->lock);
	leaf = lookup_leaf(space, view, gva, &i);
	if (leaf) {
		*gfn = leaf->info[i] & LEAF_INFO_GFN;
		*is_copy = leaf->info[i] & LEAF_INFO_COPY;
	}
	raw_spin_unlock(&vm->mmu->lock);
	return leaf;
}
