// SPDX-License-Identifier: GPL-2.0-only
/* Page-table updates and TLB maintenance by call. */
#include <linux/errno.h>
#include <linux/irqflags.h>

#include "../../stats.h"
#include "../../trace.h"
#include "../gmem.h"
#include "hypercall.h"
#include "../regime.h"

/*
 * -- TLB maintenance -----------------------------------------------------------
 *
 * The shadow tables serve all vCPUs, so that what is done for one of them is
 * done for the inner shareable domain.
 */

/* As B3.10.5 has it by instructions.  Returns as engine_call_flush().  Held: mmu->lock. */
static int hc_flush(struct engine_vcpu *ev, u32 kind, u32 asid, u32 start, u32 pages, int *status)
{
	struct armkvm_mmu *mmu = ev->vm->mmu;
	struct walk_ctl ctl;
	u32 last;

	*status = ARMKVM_HC_SUCCESS;
	switch (kind & ~ARMKVM_TLB_INNER_SHAREABLE) {
	case ARMKVM_TLB_RANGE_ASID:
		if (asid >= MMU_NR_ASIDS)
			goto invalid;
		break;
	case ARMKVM_TLB_RANGE_ALL_ASID:
		asid = MMU_ASID_GLOBAL;
		break;
	case ARMKVM_TLB_ASID:
		if (asid >= MMU_NR_ASIDS)
			goto invalid;
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_TLBI_ASID);
		trace_armkvm_tlbi(ev->vcpu->id, 1, asid);
		mmu_tlbi_asid(mmu, asid);
		return 0;
	case ARMKVM_TLB_ALL:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_TLBI_ALL);
		trace_armkvm_tlbi(ev->vcpu->id, 0, 0);
		mmu_tlbi_all(mmu);
		return 0;
	default:
		goto invalid;
	}

	if (!pages)
		return 0;
	start &= ARMKVM_PAGE_MASK;
	last = pages - 1 > (~0U - start) >> ARMKVM_PAGE_SHIFT ? ~0U :
		start + ((pages - 1) << ARMKVM_PAGE_SHIFT) + (ARMKVM_PAGE_SIZE - 1);
	if (irqs_disabled() && last - start > MMU_LIGHT_RANGE)
		return -EAGAIN;
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_TLBI_VA);
	trace_armkvm_tlbi(ev->vcpu->id, 2, start);
	engine_walk_ctl(ev->vcpu, &ctl);
	/* with interrupts off: a long one is done once more, by run.c */
	return mmu_tlbi_range(&ev->mmu, &ctl, start, last, asid) < last ? -EAGAIN : 0;

invalid:
	*status = ARMKVM_HC_INVALID;
	return 0;
}

int engine_call_flush(struct engine_vcpu *ev, int *status)
{
	const u32 *r = ev->vcpu->cpu->r;

	return hc_flush(ev, r[1], r[2], r[3], r[4], status);
}

int hc_tlb_flush(struct engine_vcpu *ev)
{
	int status;

	raw_spin_lock(&ev->vm->mmu->lock);
	engine_call_flush(ev, &status);		/* interrupts are on: all of it is done */
	mmu_commit_unlock(ev->vm);
	return hc_done(ev, status);
}

/*
 * -- page-table updates ----------------------------------------------------------
 *
 * While the call is interrupted, r3 has the number of entries done.
 */

static void hc_entry_swap(struct armkvm_para_pte *e)
{
	e->gpa = swab64(e->gpa);
	e->value = swab64(e->value);
	e->gva = swab32(e->gva);
	e->size = swab32(e->size);
}

/* Entry @i of the caller's, applied to its table.  Returns 0 or a status. */
static int hc_entry_store(struct engine_vcpu *ev, u32 i, struct armkvm_para_pte *e)
{
	const struct armkvm_cpu *cpu = ev->vcpu->cpu;
	int err = hc_read(ev, cpu->r[1] + i * sizeof(*e), e, sizeof(*e));

	if (err)
		return err;
	if (hc_big_endian(cpu))
		hc_entry_swap(e);
	if ((e->size != 4 && e->size != 8) || e->gpa & (e->size - 1))
		return ARMKVM_HC_INVALID;
	if (e->gpa >> HC_GPA_BITS)
		return ARMKVM_HC_BAD_ADDRESS;
	if (hc_big_endian(cpu))
		e->value = e->size == 8 ? swab64(e->value) : swab32(e->value);
	return gmem_write_desc(ev->vm, e->gpa, e->value, e->size) ? ARMKVM_HC_BAD_ADDRESS : 0;
}

/* The TLB maintenance for @n entries, neighbours at once. */
static void hc_entries_flush(struct engine_vcpu *ev, const u32 *gva, unsigned int n)
{
	struct armkvm_mmu *mmu = ev->vm->mmu;
	unsigned int i, first = 0;
	struct walk_ctl ctl;

	if (!n)
		return;
	engine_walk_ctl(ev->vcpu, &ctl);
	raw_spin_lock(&mmu->lock);
	for (i = 1; i <= n; i++) {
		if (i < n && gva[i] == gva[i - 1] + ARMKVM_PAGE_SIZE)
			continue;
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_TLBI_VA);
		trace_armkvm_tlbi(ev->vcpu->id, 3, gva[first]);
		mmu_tlbi_range(&ev->mmu, &ctl, gva[first], gva[i - 1] | ~ARMKVM_PAGE_MASK,
			       MMU_ASID_GLOBAL);
		first = i;
	}
	mmu_commit_unlock(ev->vm);
}

int hc_pt_update(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 count = cpu->r[2], done = 0, gva[HC_PIECE];
	struct armkvm_para_pte e;
	unsigned int n;
	int status = 0;

	if (cpu->r[0] & ARMKVM_HC_CONTINUED)
		done = min(cpu->r[3], count);
	for (n = 0; n < min(HC_PIECE, count - done); n++) {
		status = hc_entry_store(ev, done + n, &e);
		if (status)
			break;
		gva[n] = e.gva & ARMKVM_PAGE_MASK;
	}
	hc_entries_flush(ev, gva, n);
	done += n;
	if (status || done == count) {
		cpu->r[1] = done;
		return hc_done(ev, status);
	}
	cpu->r[0] |= ARMKVM_HC_CONTINUED;
	cpu->r[3] = done;
	return ENGINE_GUEST;
}
