/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest may call with HVC #0 (SMC #0 is taken for the same): PSCI 1.0
 * (Arm DEN 0022), the discovery calls of the SMC Calling Convention 1.1 (DEN
 * 0028), and those of armkvm itself (uapi/asm/armkvm_para.h).
 *
 * Pure: a function of the call's registers; what it does to vCPUs goes through
 * struct psci_ops.
 */
#ifndef ARMKVM_CORE_PSCI_H
#define ARMKVM_CORE_PSCI_H

#include <linux/types.h>

/* PSCI function numbers, DEN 0022 chapter 5, 32-bit convention */
#define PSCI_FN(n)			(0x84000000U + (n))
#define PSCI_FN_VERSION			PSCI_FN(0)
#define PSCI_FN_CPU_SUSPEND		PSCI_FN(1)
#define PSCI_FN_CPU_OFF			PSCI_FN(2)
#define PSCI_FN_CPU_ON			PSCI_FN(3)
#define PSCI_FN_AFFINITY_INFO		PSCI_FN(4)
#define PSCI_FN_MIGRATE			PSCI_FN(5)
#define PSCI_FN_MIGRATE_INFO_TYPE	PSCI_FN(6)
#define PSCI_FN_MIGRATE_INFO_UP_CPU	PSCI_FN(7)
#define PSCI_FN_SYSTEM_OFF		PSCI_FN(8)
#define PSCI_FN_SYSTEM_RESET		PSCI_FN(9)
#define PSCI_FN_FEATURES		PSCI_FN(10)

#define PSCI_VERSION_1_0		0x00010000

/* Statuses, 5.2.2 */
#define PSCI_SUCCESS			0
#define PSCI_NOT_SUPPORTED		(-1)
#define PSCI_INVALID_PARAMETERS		(-2)
#define PSCI_DENIED			(-3)
#define PSCI_ALREADY_ON			(-4)
#define PSCI_ON_PENDING			(-5)
#define PSCI_INTERNAL_FAILURE		(-6)

/* MIGRATE_INFO_TYPE: no Trusted OS, or one that needs no migration */
#define PSCI_TOS_NOT_PRESENT		2

/* SMC Calling Convention */
#define SMCCC_FN_VERSION		0x80000000U
#define SMCCC_FN_ARCH_FEATURES		0x80000001U
#define SMCCC_VERSION_1_1		0x00010001

/* AFFINITY_INFO's answers */
enum psci_cpu_state {
	PSCI_CPU_ON,
	PSCI_CPU_OFF,
	PSCI_CPU_ON_PENDING,	/* CPU_ON succeeded, its first instruction is still to come */
};

struct psci_ops {
	unsigned int (*nr_cpus)(void *ctx);
	/* MPIDR of vCPU @cpu; of its bits only the three affinity levels are looked at. */
	u32 (*mpidr)(void *ctx, unsigned int cpu);
	enum psci_cpu_state (*cpu_state)(void *ctx, unsigned int cpu);
	/*
	 * Powers on vCPU @cpu, which is seen to be off, at @entry (bit 0: Thumb)
	 * with @arg in r0, in Supervisor mode, MMU and caches off, A, I and F
	 * masked (6.4).  Two callers may race: only one may get PSCI_SUCCESS, the
	 * other PSCI_ON_PENDING or PSCI_ALREADY_ON.  PSCI_INTERNAL_FAILURE: it
	 * can't.
	 */
	int (*cpu_on)(void *ctx, unsigned int cpu, u32 entry, u32 arg);
	/* Mask of 1 << ARMKVM_PV_* calls that this guest may use; 0: armkvm has no calls. */
	u32 (*pv_features)(void *ctx);
};

/* What the caller does next; the registers are set. */
enum psci_action {
	PSCI_CONTINUE,		/* back to the guest */
	PSCI_WAIT,		/* as for WFI: until an interrupt is pending */
	PSCI_CPU_IS_OFF,	/* this vCPU is powered off; the call doesn't return */
	PSCI_SYSTEM_OFF,	/* exit: ARMKVM_SYSTEM_EVENT_SHUTDOWN */
	PSCI_SYSTEM_RESET,	/* exit: ARMKVM_SYSTEM_EVENT_RESET */
	PSCI_PARA_CALL,		/* a call of armkvm_para.h that is on offer: the caller does it */
	PSCI_UNDEF,		/* inject an Undefined Instruction exception */
};

/*
 * The call with the function number in @r[0] and arguments from @r[1] on, made
 * in User mode if @user; results replace r[0], and as many more as the call
 * defines.  Functions that don't exist answer PSCI_NOT_SUPPORTED (the same -1 in
 * all the conventions).  The caller advances the pc, unless it is PSCI_UNDEF.
 *
 * From User mode: HVC and SMC are UNDEFINED (DDI 0406C B9.3.3, B9.3.14), but for
 * armkvm's own range, which answers ARMKVM_HC_DENIED if there are any calls.
 */
enum psci_action psci_call(const struct psci_ops *ops, void *ctx, bool user, u32 r[4]);

#endif /* ARMKVM_CORE_PSCI_H */
