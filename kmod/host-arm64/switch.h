/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64 host: what C and the assembly of the world switch share. */
#ifndef ARMKVM_HOST_ARM64_SWITCH_H
#define ARMKVM_HOST_ARM64_SWITCH_H

#include <linux/linkage.h>

#include "../core/cpu.h"

/* host_arm64_ctx.source: which vector was taken */
#define HOST_ARM64_SYNC		0
#define HOST_ARM64_IRQ		1
#define HOST_ARM64_FIQ		2
#define HOST_ARM64_SERROR	3

/* One vCPU's; used on one CPU at a time. */
struct host_arm64_ctx {
	struct armkvm_cpu cpu;

	/* Loaded at entry. */
	u64 sctlr;
	u64 pstate;			/* SPSR_EL1: AArch32 User mode */
	u64 bhb_loops;			/* branches that displace the guest's history; 0: not needed */

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
	u64 host_ttbr1;
};

/*
 * Runs the guest with the registers of ctx->cpu until its next exception.  DAIF all
 * masked, before and after.  TTBR0_EL1 and the trap controls are the guest's
 * already; VBAR_EL1 and SCTLR_EL1 are changed and put back here.
 */
asmlinkage void host_arm64_switch(struct host_arm64_ctx *ctx);

#endif /* ARMKVM_HOST_ARM64_SWITCH_H */
