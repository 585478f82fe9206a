/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's performance monitors, version 2 (ARM DDI 0406C chapter C12, registers B4.1.113 to B4.1.126).
 *
 * They count what passes of the guest's time, as the emulator's do: a cycle is a nanosecond of
 * the VM's own count (CNTVCT), which stands still while the VM is stopped.  Of the events there are
 * software increments and cycles; no instructions, as nothing counts them while the guest runs by itself.
 * A counter counts in both privilege levels: PMXEVTYPER has no filter.
 *
 * A read takes a guest 1,400 instructions on an ARMv7 host, 1,200 on an arm64 one: the light path.
 *
 * The values are those at one moment, pmu.since.  Whoever reads or changes them adds what has passed
 * since then; nothing is done while the guest runs, but for a host timer that waits for a counter whose
 * overflow interrupts (a third channel of the vCPU's timers, irq/timer.h).
 *
 * All of it is the vCPU's own: its mutex is held.
 */
#ifndef ARMKVM_CORE_PMU_H
#define ARMKVM_CORE_PMU_H

#include <linux/types.h>

#include "cp15.h"

struct armkvm_vcpu;
struct gtimer_channel;

/* What of PMCR the launcher chooses and the guest reads: IMP, IDCODE and N (B4.1.117). */
#define PMU_PMCR_ID		0xfffff800U

struct armkvm_pmu {
	u64 since;		/* ns of the VM's count at which the values are right */
	bool written;		/* by the launcher, before the count was known: right when the vCPU runs next */
};

/* What a row of cp15.c names: the register. */
enum pmu_reg {
	PMU_CR,
	PMU_CNTENSET,
	PMU_CNTENCLR,
	PMU_OVSR,
	PMU_OVSSET,
	PMU_SWINC,
	PMU_SELR,
	PMU_CEID0,
	PMU_CEID1,
	PMU_CCNTR,
	PMU_XEVTYPER,
	PMU_XEVCNTR,
	PMU_USERENR,
	PMU_INTENSET,
	PMU_INTENCLR,
};

/* Rows' functions, see cp15.h: the guest's access; ONE_REG; the value at reset. */
bool armkvm_pmu_access(struct armkvm_vcpu *vcpu, struct cp15_params *p, const struct cp15_row *row);
/* Of what ONE_REG alone names: event counters and their types, which a guest reaches by PMSELR. */
bool armkvm_pmu_no_access(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			  const struct cp15_row *row);
void armkvm_pmu_set(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val);
u64 armkvm_pmu_reset_pmcr(const struct armkvm_vcpu *vcpu, const struct cp15_row *row);

/* The vCPU is about to run, after the launcher may have written registers. */
void armkvm_pmu_start(struct armkvm_vcpu *vcpu);

/* The vCPU has run: a launcher reads the values as of now, however long it waits and whatever it does to the count. */
void armkvm_pmu_stop(struct armkvm_vcpu *vcpu);

/*
 * The state of the interrupt line, as a timer: met now if it is high, else at the count at which a
 * counter's overflow makes it so, or never.  Up to a few hundred instructions, three divisions.
 */
void armkvm_pmu_channel(struct armkvm_vcpu *vcpu, struct gtimer_channel *channel);

#endif /* ARMKVM_CORE_PMU_H */
