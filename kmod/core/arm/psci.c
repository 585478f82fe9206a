// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI, SMC Calling Convention and discovery of armkvm; see psci.h.
 *
 * Section numbers are those of DEN 0022 unless they say otherwise.
 */
#include <linux/types.h>

#include <asm/armkvm_para.h>

#include "psci.h"

/* MPIDR's Aff2, Aff1, Aff0; PSCI's arguments hold nothing else (5.1.4) */
#define AFFINITY_MASK	0x00ffffffU

/* 5.1.5: of the vCPUs that match; any that is on makes the whole be on */
static int psci_affinity_info(const struct psci_ops *ops, void *ctx, u32 target, u32 level)
{
	unsigned int cpu, nr = ops->nr_cpus(ctx);
	int info = PSCI_INVALID_PARAMETERS;
	u32 mask;

	if (level > 2 || target & ~AFFINITY_MASK)
		return PSCI_INVALID_PARAMETERS;
	/* Levels below the one asked about are ignored. */
	mask = AFFINITY_MASK & (~0U << (8 * level));

	for (cpu = 0; cpu < nr; cpu++) {
		enum psci_cpu_state state;

		if ((ops->mpidr(ctx, cpu) ^ target) & mask)
			continue;
		state = ops->cpu_state(ctx, cpu);
		if (state == PSCI_CPU_ON)
			return PSCI_CPU_ON;
		if (state == PSCI_CPU_ON_PENDING || info < 0)
			info = state;
	}
	return info;
}

/* 5.1.4 */
static int psci_cpu_on(const struct psci_ops *ops, void *ctx, u32 target, u32 entry, u32 arg)
{
	unsigned int cpu, nr = ops->nr_cpus(ctx);

	if (target & ~AFFINITY_MASK)
		return PSCI_INVALID_PARAMETERS;
	for (cpu = 0; cpu < nr; cpu++)
		if (!((ops->mpidr(ctx, cpu) ^ target) & AFFINITY_MASK))
			break;
	if (cpu == nr)
		return PSCI_INVALID_PARAMETERS;

	switch (ops->cpu_state(ctx, cpu)) {
	case PSCI_CPU_ON:
		return PSCI_ALREADY_ON;
	case PSCI_CPU_ON_PENDING:
		return PSCI_ON_PENDING;
	default:
		return ops->cpu_on(ctx, cpu, entry, arg);
	}
}

/* 5.1.14: is there function @fn, and with which flags? */
static int psci_features(u32 fn)
{
	switch (fn) {
	case PSCI_FN_VERSION:
	case PSCI_FN_CPU_SUSPEND:	/* flags 0: original format, no OS-initiated mode */
	case PSCI_FN_CPU_OFF:
	case PSCI_FN_CPU_ON:
	case PSCI_FN_AFFINITY_INFO:
	case PSCI_FN_MIGRATE_INFO_TYPE:
	case PSCI_FN_SYSTEM_OFF:
	case PSCI_FN_SYSTEM_RESET:
	case PSCI_FN_FEATURES:
	case SMCCC_FN_VERSION:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

/*
 * DEN 0028, 7.3.  The firmware workarounds for speculation (ARCH_WORKAROUND_1,
 * 2, 3) are not on offer: the guest is to rely on what it can do by itself, and
 * that is emulated.
 */
static int psci_smccc_features(u32 fn)
{
	switch (fn) {
	case SMCCC_FN_VERSION:
	case SMCCC_FN_ARCH_FEATURES:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

static bool psci_is_para_call(u32 fn)
{
	return fn >= ARMKVM_HC(0) && fn <= ARMKVM_HC(0xffff);
}

/* The bits of ARMKVM_PV_* of which one must be on for call @fn; 0: there is no such call. */
static u32 psci_para_feature(u32 fn)
{
	switch (fn) {
	case ARMKVM_HC_MMIO_READS | ARMKVM_HC_CONTINUED:
	case ARMKVM_HC_MMIO_WRITES | ARMKVM_HC_CONTINUED:
		return 1U << ARMKVM_PV_MMIO_STRING;
	case ARMKVM_HC_PT_UPDATE | ARMKVM_HC_CONTINUED:
		return 1U << ARMKVM_PV_PT_UPDATE;
	case ARMKVM_HC_MMIO_READ:
	case ARMKVM_HC_MMIO_WRITE:
		return 1U << ARMKVM_PV_MMIO;
	case ARMKVM_HC_MMIO_READS:
	case ARMKVM_HC_MMIO_WRITES:
		return 1U << ARMKVM_PV_MMIO_STRING;
	case ARMKVM_HC_IDLE:
	case ARMKVM_HC_YIELD:
		return 1U << ARMKVM_PV_IDLE;
	case ARMKVM_HC_PANIC:
		return 1U << ARMKVM_PV_PANIC;
	case ARMKVM_HC_RESET:
	case ARMKVM_HC_POWEROFF:
		return 1U << ARMKVM_PV_POWER;
	case ARMKVM_HC_VCPU_PAGE:
		return 1U << ARMKVM_PV_VCPU_PAGE;
	case ARMKVM_HC_PT_UPDATE:
		return 1U << ARMKVM_PV_PT_UPDATE;
	case ARMKVM_HC_TLB_FLUSH:
		return 1U << ARMKVM_PV_TLB_FLUSH;
	case ARMKVM_HC_PROMOTE:
	case ARMKVM_HC_DEMOTE:
		return 1U << ARMKVM_PV_PRIV;
	case ARMKVM_HC_TIMER_SET:
		return 1U << ARMKVM_PV_TIMER;
	case ARMKVM_HC_STEAL_TIME:
		return 1U << ARMKVM_PV_STEAL_TIME;
	default:
		return 0;
	}
}

/* @features isn't 0: without any, discovery answers as if there were no such calls. */
static enum psci_action psci_para_call(u32 features, u32 r[4])
{
	switch (r[0]) {
	case ARMKVM_HC_CALL_UID:
		r[0] = ARMKVM_HC_UID_0;
		r[1] = ARMKVM_HC_UID_1;
		r[2] = ARMKVM_HC_UID_2;
		r[3] = ARMKVM_HC_UID_3;
		return PSCI_CONTINUE;
	case ARMKVM_HC_REVISION:
		r[0] = ARMKVM_HC_REVISION_MAJOR;
		r[1] = ARMKVM_HC_REVISION_MINOR;
		return PSCI_CONTINUE;
	case ARMKVM_HC_FEATURES:
		r[0] = features;
		return PSCI_CONTINUE;
	default:
		if (psci_para_feature(r[0]) & features)
			return PSCI_PARA_CALL;
		r[0] = (u32)ARMKVM_HC_NOT_SUPPORTED;
		return PSCI_CONTINUE;
	}
}

enum psci_action psci_call(const struct psci_ops *ops, void *ctx, bool user, u32 r[4])
{
	u32 features = ops->pv_features(ctx);

	if (psci_is_para_call(r[0]) && features) {
		if (!user)
			return psci_para_call(features, r);
		r[0] = (u32)ARMKVM_HC_DENIED;
		return PSCI_CONTINUE;
	}
	if (user)
		return PSCI_UNDEF;

	switch (r[0]) {
	case PSCI_FN_VERSION:
		r[0] = PSCI_VERSION_1_0;
		return PSCI_CONTINUE;
	case PSCI_FN_CPU_SUSPEND:
		/*
		 * 5.1.2: a power-down request may be treated as standby: the call
		 * returns behind itself and the entry point isn't used.
		 */
		r[0] = PSCI_SUCCESS;
		return PSCI_WAIT;
	case PSCI_FN_CPU_OFF:
		/* 5.1.3: returns only when it fails */
		return PSCI_CPU_IS_OFF;
	case PSCI_FN_CPU_ON:
		r[0] = psci_cpu_on(ops, ctx, r[1], r[2], r[3]);
		return PSCI_CONTINUE;
	case PSCI_FN_AFFINITY_INFO:
		r[0] = psci_affinity_info(ops, ctx, r[1], r[2]);
		return PSCI_CONTINUE;
	case PSCI_FN_MIGRATE_INFO_TYPE:
		r[0] = PSCI_TOS_NOT_PRESENT;
		return PSCI_CONTINUE;
	case PSCI_FN_SYSTEM_OFF:
	case PSCI_FN_SYSTEM_RESET: {
		bool off = r[0] == PSCI_FN_SYSTEM_OFF;

		/* A launcher that goes on all the same shall not have succeeded. */
		r[0] = PSCI_INTERNAL_FAILURE;
		return off ? PSCI_SYSTEM_OFF : PSCI_SYSTEM_RESET;
	}
	case PSCI_FN_FEATURES:
		r[0] = psci_features(r[1]);
		return PSCI_CONTINUE;
	case SMCCC_FN_VERSION:
		r[0] = SMCCC_VERSION_1_1;
		return PSCI_CONTINUE;
	case SMCCC_FN_ARCH_FEATURES:
		r[0] = psci_smccc_features(r[1]);
		return PSCI_CONTINUE;
	default:
		r[0] = (u32)PSCI_NOT_SUPPORTED;
		return PSCI_CONTINUE;
	}
}
