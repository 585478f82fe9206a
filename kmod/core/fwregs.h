/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's calls (uapi/asm/armkvm_para.h), as far as they are no matter of the
 * engine: which there are, and what a launcher saves and restores of them.
 */
#ifndef ARMKVM_CORE_FWREGS_H
#define ARMKVM_CORE_FWREGS_H

#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/types.h>

#include <asm/armkvm_para.h>

struct armkvm_vcpu;

/* The host's scheduler counts what a thread waits for a CPU, if it is built to. */
#ifdef CONFIG_SCHED_INFO
#define ARMKVM_PV_STEAL_OFFERED	BIT(ARMKVM_PV_STEAL_TIME)
#else
#define ARMKVM_PV_STEAL_OFFERED	0U
#endif

/* The mask that ARMKVM_CAP_PV offers. */
#define ARMKVM_PV_OFFERED						\
	(BIT(ARMKVM_PV_MMIO) | BIT(ARMKVM_PV_MMIO_STRING) |		\
	 BIT(ARMKVM_PV_IDLE) | BIT(ARMKVM_PV_PANIC) | BIT(ARMKVM_PV_POWER) |	\
	 BIT(ARMKVM_PV_VCPU_PAGE) | BIT(ARMKVM_PV_EOI) | BIT(ARMKVM_PV_PT_UPDATE) | BIT(ARMKVM_PV_TLB_FLUSH) |		\
	 ARMKVM_PV_STEAL_OFFERED)

/*
 * The mask that ARMKVM_CAP_PV_DIRECT offers.  Privileged guests have no use for what stands for a trap:
 * masks in a shared page, updates of tables, TLB maintenance.
 */
#define ARMKVM_PV_OFFERED_DIRECT					\
	(BIT(ARMKVM_PV_MMIO) | BIT(ARMKVM_PV_MMIO_STRING) | BIT(ARMKVM_PV_IDLE) |	\
	 BIT(ARMKVM_PV_PANIC) | BIT(ARMKVM_PV_POWER) | BIT(ARMKVM_PV_PRIV) |	\
	 BIT(ARMKVM_PV_TIMER) | ARMKVM_PV_STEAL_OFFERED)

/* Size and alignment of a second-level table, which ARMKVM_HC_PROMOTE names (ARM DDI 0406C B3.5.1) */
#define ARMKVM_PRIV_TABLE_BYTES	1024U

/* "No guest-physical address" in calls and registers */
#define ARMKVM_NO_GPA		(~0ULL)

/* A vCPU's mapping: the run page, and the data page behind it. */
#define ARMKVM_RUN_MAPPING_SIZE	(2 * PAGE_SIZE)

/* Can these features be had together? */
static inline bool armkvm_pv_consistent(u64 features)
{
	/* A privileged guest has no other way to devices and its timer. */
	const u64 with_priv = BIT(ARMKVM_PV_MMIO) | BIT(ARMKVM_PV_TIMER);

	if ((features & BIT(ARMKVM_PV_PRIV)) && (features & with_priv) != with_priv)
		return false;
	return !(features & BIT(ARMKVM_PV_EOI)) || (features & BIT(ARMKVM_PV_VCPU_PAGE));
}

/*
 * ONE_REG of the firmware registers, ARMKVM_REG_ARM_FW_REG().
 * Held: the vCPU's mutex.  Return 0, -ENOENT; set also -EINVAL (not what this VM
 * was set up with, alignment).
 */
int armkvm_fw_get(struct armkvm_vcpu *vcpu, u64 id, u64 *val);
int armkvm_fw_set(struct armkvm_vcpu *vcpu, u64 id, u64 val);
/* The id of the @n-th firmware register; 0 behind the last one. */
u64 armkvm_fw_list_id(unsigned int n);

#endif /* ARMKVM_CORE_FWREGS_H */
