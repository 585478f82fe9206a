/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64 host: what C and the assembly of the world switch share. */
#ifndef ARMKVM_HOST_ARM64_SWITCH_H
#define ARMKVM_HOST_ARM64_SWITCH_H

#include <linux/linkage.h>

#include "../../core/arm/cpu.h"
#include "../../core/mmu/mmu.h"

/* host_arm64_ctx.source: which vector was taken */
#define HOST_ARM64_SYNC		0
#define HOST_ARM64_IRQ		1
#define HOST_ARM64_FIQ		2
#define HOST_ARM64_SERROR	3

/* host_arm64_ctx.fast */
#define HOST_ARM64_FAST_SVC	0	/* little-endian; in the state that svc_pc says */
#define HOST_ARM64_FAST_DACR	1	/* the MMU is on with short descriptors, and other_selector has tables */
#define HOST_ARM64_FAST_TTBCR	2	/* as FAST_DACR, but with long descriptors */
#define HOST_ARM64_FAST_THUMB	3	/* returns to T32 state in a privileged mode: struct host_entry */

/*
 * What a stay knows of the guest's tables: [0] for its selector, [1] for other_selector; DACR, or TTBCR
 * with long descriptors.
 */
struct host_arm64_tables {
	const root_t *root[2][MMU_VIEWS];	/* [1]: or NULL */
	u64 ttbr0[2][MMU_VIEWS];	/* TTBR0_EL1 with ASID; 0: asid_cache_get() has to be asked */
	u64 live;			/* in TTBR0_EL1 */
	u32 selector;
	u32 other_selector;
};

struct armkvm_para_vcpu;

/* The context of one vCPU; used on one CPU at a time. */
struct host_arm64_ctx {
	struct armkvm_cpu cpu;
	struct host_arm64_tables tables;

	/* Loaded at entry. */
	u64 sctlr;
	u64 pstate;			/* SPSR_EL1: AArch32 User mode */
	u64 bhb_loops;			/* branches that displace the guest's history; 0: not needed */

	/* What fastpath.S wants to know; current at each entry. */
	u32 lines;			/* of struct host_entry */
	u32 fast;			/* BIT(HOST_ARM64_FAST_*): what may be done there */
	u32 svc_pc;			/* the vector of SVC; and bit 0: in T32 state */
	u32 *cp15;			/* the vCPU's */
	struct armkvm_para_vcpu *para;	/* or NULL: core/engine/para.h */

	/* Stored at exit. */
	u64 elr;
	u64 spsr;
	u64 esr;
	u64 far;
	u64 source;			/* HOST_ARM64_* */

	/* The host's, from entry to exit. */
	u64 host_vbar;
	u64 host_sctlr;
	u64 host_tcr;
	u64 host_ttbr0;
};

/* The view that the guest's mode selects. */
static inline enum mmu_view cpu_view(const struct armkvm_cpu *cpu)
{
	return cpu_mode_privileged(cpu->cpsr) ? MMU_VIEW_KERNEL : MMU_VIEW_USER;
}

/*
 * Runs the guest with the registers of ctx->cpu until its next exception.  DAIF all
 * masked, before and after.  TTBR0_EL1 and the trap controls are the guest's
 * already; VBAR_EL1 and SCTLR_EL1 are changed and put back here.
 */
asmlinkage void host_arm64_switch(struct host_arm64_ctx *ctx);

#endif /* ARMKVM_HOST_ARM64_SWITCH_H */
