// SPDX-License-Identifier: GPL-2.0-only
/* A vCPU's performance monitors; see pmu.h. */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/math64.h>
#include <linux/nospec.h>
#include <linux/time64.h>

#include "../host/host.h"
#include "irq/timer.h"
#include "pmu.h"
#include "vcpu.h"

/* B4.1.117 */
#define PMCR_E			BIT(0)
#define PMCR_P			BIT(1)
#define PMCR_C			BIT(2)
#define PMCR_D			BIT(3)
#define PMCR_X			BIT(4)
#define PMCR_DP			BIT(5)
#define PMCR_KEPT		(PMCR_E | PMCR_D | PMCR_X | PMCR_DP)
#define PMCR_N_SHIFT		11
#define PMCR_N_MASK		0x1fU
#define PMCR_ID_SHIFT		16	/* IMP and IDCODE */

#define CYCLES			BIT(31)	/* in PMCNTENSET, PMOVSR and PMINTENSET */
#define USERENR_EN		BIT(0)

/* C12.8: events by their numbers. */
#define EVENT_MASK		0xffU
#define EVENT_SW_INCR		0x00U
#define EVENT_CPU_CYCLES	0x11U
#define CEID0			(BIT(EVENT_SW_INCR) | BIT(EVENT_CPU_CYCLES))

/* With PMCR.D the cycle counter counts each 64th. */
#define DIVIDER_SHIFT		6

static u32 pmu_nr_counters(const struct armkvm_vcpu *vcpu)
{
	return vcpu->cp15[CP15_PMCR] >> PMCR_N_SHIFT & PMCR_N_MASK;
}

/* The bits of the counters that there are. */
static u32 pmu_counters(const struct armkvm_vcpu *vcpu)
{
	return CYCLES | (BIT(pmu_nr_counters(vcpu)) - 1);
}

static u64 pmu_now(const struct armkvm_vcpu *vcpu)
{
	return mul_u64_u32_div(armkvm_guest_count(vcpu), NSEC_PER_SEC, armkvm_host.counter_hz);
}

/* What the cycle counter adds up from @from to @to. */
static u64 pmu_cycles(const struct armkvm_vcpu *vcpu, u64 from, u64 to)
{
	if (!(vcpu->cp15[CP15_PMCR] & PMCR_D))
		return to - from;
	return (to >> DIVIDER_SHIFT) - (from >> DIVIDER_SHIFT);
}

/* Which counters count time? */
static u32 pmu_counting(const struct armkvm_vcpu *vcpu)
{
	u32 on = vcpu->cp15[CP15_PMCNTENSET] & pmu_counters(vcpu), i;

	if (!(vcpu->cp15[CP15_PMCR] & PMCR_E))
		return 0;
	for (i = 0; i < pmu_nr_counters(vcpu); i++)
		if ((vcpu->cp15[CP15_PMEVTYPER0 + i] & EVENT_MASK) != EVENT_CPU_CYCLES)
			on &= ~BIT(i);
	return on;
}

/* C12.3: a counter wraps, and that is noted. */
static void pmu_add(struct armkvm_vcpu *vcpu, enum cp15_reg reg, u64 add, u32 bit)
{
	u64 sum = vcpu->cp15[reg] + add;

	vcpu->cp15[reg] = sum;
	if (sum >> 32)
		vcpu->cp15[CP15_PMOVSR] |= bit;
}

/* Makes the values those of now. */
static void pmu_catch_up(struct armkvm_vcpu *vcpu)
{
	u32 on = pmu_counting(vcpu), i;
	u64 from = vcpu->pmu.since, now;

	now = pmu_now(vcpu);
	vcpu->pmu.since = now;
	/* The launcher may set the count back. */
	if (!on || now <= from)
		return;
	if (on & CYCLES)
		pmu_add(vcpu, CP15_PMCCNTR, pmu_cycles(vcpu, from, now), CYCLES);
	for (i = 0; i < pmu_nr_counters(vcpu); i++)
		if (on & BIT(i))
			pmu_add(vcpu, CP15_PMEVCNTR0 + i, now - from, BIT(i));
}

static void pmu_write_pmcr(struct armkvm_vcpu *vcpu, u32 val)
{
	u32 i;

	vcpu->cp15[CP15_PMCR] = (vcpu->cp15[CP15_PMCR] & ~PMCR_KEPT) | (val & PMCR_KEPT);
	if (val & PMCR_C)
		vcpu->cp15[CP15_PMCCNTR] = 0;
	for (i = 0; val & PMCR_P && i < pmu_nr_counters(vcpu); i++)
		vcpu->cp15[CP15_PMEVCNTR0 + i] = 0;
}

/* B4.1.123; to a counter of another event, or that is off, it does nothing. */
static void pmu_increment(struct armkvm_vcpu *vcpu, u32 val)
{
	u32 on = val & vcpu->cp15[CP15_PMCNTENSET], i;

	if (!(vcpu->cp15[CP15_PMCR] & PMCR_E))
		return;
	for (i = 0; i < pmu_nr_counters(vcpu); i++)
		if (on & BIT(i) && (vcpu->cp15[CP15_PMEVTYPER0 + i] & EVENT_MASK) == EVENT_SW_INCR)
			pmu_add(vcpu, CP15_PMEVCNTR0 + i, 1, BIT(i));
}

/* The storage of what PMSELR selects, from @first on; CP15_NONE: there is no such counter. */
static enum cp15_reg pmu_selected(const struct armkvm_vcpu *vcpu, enum cp15_reg first)
{
	u32 sel = vcpu->cp15[CP15_PMSELR];

	if (sel >= pmu_nr_counters(vcpu))
		return CP15_NONE;
	return first + array_index_nospec(sel, PMU_MAX_COUNTERS);
}

static u32 pmu_read(const struct armkvm_vcpu *vcpu, enum pmu_reg reg)
{
	u32 counters = pmu_counters(vcpu);
	const u32 *r = vcpu->cp15;

	switch (reg) {
	case PMU_CR:
		return r[CP15_PMCR];
	case PMU_CNTENSET:
	case PMU_CNTENCLR:
		return r[CP15_PMCNTENSET] & counters;
	case PMU_OVSR:
	case PMU_OVSSET:
		return r[CP15_PMOVSR] & counters;
	case PMU_SELR:
		return r[CP15_PMSELR];
	case PMU_CEID0:
		return CEID0;
	case PMU_CCNTR:
		return r[CP15_PMCCNTR];
	case PMU_XEVTYPER:
		return r[pmu_selected(vcpu, CP15_PMEVTYPER0)];
	case PMU_XEVCNTR:
		return r[pmu_selected(vcpu, CP15_PMEVCNTR0)];
	case PMU_USERENR:
		return r[CP15_PMUSERENR];
	case PMU_INTENSET:
	case PMU_INTENCLR:
		return r[CP15_PMINTENSET] & counters;
	case PMU_CEID1:
	case PMU_SWINC:
		break;
	}
	return 0;
}

static void pmu_write(struct armkvm_vcpu *vcpu, enum pmu_reg reg, u32 val)
{
	u32 bits = val & pmu_counters(vcpu);
	u32 *r = vcpu->cp15;
	enum cp15_reg at;

	switch (reg) {
	case PMU_CR:
		pmu_write_pmcr(vcpu, val);
		break;
	case PMU_CNTENSET:
		r[CP15_PMCNTENSET] |= bits;
		break;
	case PMU_CNTENCLR:
		r[CP15_PMCNTENSET] &= ~bits;
		break;
	case PMU_OVSR:
		r[CP15_PMOVSR] &= ~bits;
		break;
	case PMU_OVSSET:
		r[CP15_PMOVSR] |= bits;
		break;
	case PMU_SWINC:
		pmu_increment(vcpu, bits);
		break;
	case PMU_SELR:
		r[CP15_PMSELR] = val & 0x1f;
		break;
	case PMU_CCNTR:
		r[CP15_PMCCNTR] = val;
		break;
	case PMU_XEVTYPER:
		at = pmu_selected(vcpu, CP15_PMEVTYPER0);
		if (at)
			r[at] = val & EVENT_MASK;
		break;
	case PMU_XEVCNTR:
		at = pmu_selected(vcpu, CP15_PMEVCNTR0);
		if (at)
			r[at] = val;
		break;
	case PMU_USERENR:
		r[CP15_PMUSERENR] = val & USERENR_EN;
		break;
	case PMU_INTENSET:
		r[CP15_PMINTENSET] |= bits;
		break;
	case PMU_INTENCLR:
		r[CP15_PMINTENSET] &= ~bits;
		break;
	case PMU_CEID0:
	case PMU_CEID1:
		break;
	}
}

bool armkvm_pmu_access(struct armkvm_vcpu *vcpu, struct cp15_params *p, const struct cp15_row *row)
{
	enum pmu_reg reg = row->val;

	if (p->user && reg != PMU_USERENR && !(vcpu->cp15[CP15_PMUSERENR] & USERENR_EN))
		return false;
	if (p->write ? reg == PMU_CEID0 || reg == PMU_CEID1 : reg == PMU_SWINC)
		return false;
	pmu_catch_up(vcpu);
	if (p->write)
		pmu_write(vcpu, reg, p->val);
	else
		p->val = pmu_read(vcpu, reg);
	return true;
}

bool armkvm_pmu_no_access(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			  const struct cp15_row *row)
{
	return false;
}

void armkvm_pmu_set(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val)
{
	u32 nr;

	vcpu->pmu.written = true;
	vcpu->cp15[row->reg] = val & row->mask;
	if (row->reg == CP15_PMCR) {
		nr = min_t(u32, val >> PMCR_N_SHIFT & PMCR_N_MASK, PMU_MAX_COUNTERS);
		vcpu->cp15[CP15_PMCR] = (val & (GENMASK(31, PMCR_ID_SHIFT) | PMCR_KEPT)) |
					nr << PMCR_N_SHIFT;
	}
}

/* The implementer and a part's code, as in MIDR; PMU_MAX_COUNTERS. */
u64 armkvm_pmu_reset_pmcr(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	u32 midr = vcpu->cp15[CP15_MIDR];

	return (midr & GENMASK(31, 24)) | (midr >> 4 & 0xff) << PMCR_ID_SHIFT |
	       PMU_MAX_COUNTERS << PMCR_N_SHIFT;
}

void armkvm_pmu_start(struct armkvm_vcpu *vcpu)
{
	if (!vcpu->pmu.written)
		return;
	vcpu->pmu.written = false;
	vcpu->pmu.since = pmu_now(vcpu);
}

void armkvm_pmu_stop(struct armkvm_vcpu *vcpu)
{
	if (vcpu->cp15[CP15_PMCR] & PMCR_E)
		pmu_catch_up(vcpu);
}

/* Nanoseconds until one of @on, at @now, wraps. */
static u64 pmu_until_overflow(const struct armkvm_vcpu *vcpu, u32 on, u64 now)
{
	u64 soonest = ~0ULL, left;
	u32 i;

	if (on & CYCLES) {
		left = BIT_ULL(32) - vcpu->cp15[CP15_PMCCNTR];
		if (vcpu->cp15[CP15_PMCR] & PMCR_D)
			left = (((now >> DIVIDER_SHIFT) + left) << DIVIDER_SHIFT) - now;
		soonest = left;
	}
	for (i = 0; i < pmu_nr_counters(vcpu); i++)
		if (on & BIT(i))
			soonest = min_t(u64, soonest, BIT_ULL(32) - vcpu->cp15[CP15_PMEVCNTR0 + i]);
	return soonest;
}

void armkvm_pmu_channel(struct armkvm_vcpu *vcpu, struct gtimer_channel *channel)
{
	u32 inten = vcpu->cp15[CP15_PMINTENSET] & pmu_counters(vcpu), on;

	channel->ctl = 0;
	channel->cval = 0;
	if (!inten || !(vcpu->cp15[CP15_PMCR] & PMCR_E))
		return;
	pmu_catch_up(vcpu);
	on = pmu_counting(vcpu) & inten;
	if (vcpu->cp15[CP15_PMOVSR] & inten) {
		channel->ctl = GTIMER_CTL_ENABLE;
	} else if (on) {
		channel->ctl = GTIMER_CTL_ENABLE;
		/* rounded up, so that it has wrapped then */
		channel->cval = mul_u64_u32_div(vcpu->pmu.since +
						pmu_until_overflow(vcpu, on, vcpu->pmu.since),
						armkvm_host.counter_hz, NSEC_PER_SEC) + 1;
	}
}
