/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: the context page of a vCPU, shared between C and the switch
 * page's assembly.
 *
 * Every vCPU owns one page, mapped privileged-only at one address in the host's
 * tables and in the VM's shadow tables.  While the guest runs, the sp of every
 * privileged mode points at it: a trap can save the guest's registers without
 * needing a register first.
 */
#ifndef ARMKVM_HOST_ARM_SWITCH_H
#define ARMKVM_HOST_ARM_SWITCH_H

#include "../../core/arm/cpu.h"

struct armkvm_vcpu;
struct host_entry;

#define HOST_ASID_KERNEL	1
#define HOST_ASID_USER		2

/* Which registers a stay loads and saves: none, and cp10 and cp11 trap; d0-d15; d0-d31 */
#define HOST_ARM_VFP_OFF	0
#define HOST_ARM_VFP_D16	1
#define HOST_ARM_VFP_D32	2

/* Pages of code in the switch area. */
#define HOST_ARM_CODE_PAGES	2

/*
 * host_arm_ctx.fast: which bits of the hardware's PSR lead away from the fast path's straight line.  None has it
 * (the 1 of User mode's number); a privileged mode other than FIQ and System (CPU_PSR_T); System mode, of which it has a little.
 */
#define HOST_ARM_FAST_NONE	0x10
#define HOST_ARM_FAST_MODE	0x20
#define HOST_ARM_FAST_SYSTEM	0x30

/* What the way out of the guest does against its branches leading the host's; see world_harden_bits(). */
#define HOST_ARM_HARDEN_ICIALLU	1
#define HOST_ARM_HARDEN_HISTORY	2

/* What a privileged guest and the host have of their own, and priv-switch.S changes in the switch page. */
struct host_arm_regime {
	u32 sctlr;
	u32 cpacr;
	u32 ttbr0;
	u32 ttbr1;
	u32 ttbcr;
	u32 dacr;
	u32 prrr;
	u32 nmrr;
	u32 vbar;
	u32 contextidr;
	u32 tpidrurw;
	u32 tpidruro;
	u32 tpidrprw;
};

struct host_arm_ctx {
	struct armkvm_cpu cpu;		/* offset 0: the stub saves r0-r14 with one STM */

	u32 hw_psr;			/* CPSR of the guest as the hardware holds it */

	/* Loaded at entry; where the fast path changes the view it keeps them current. */
	u32 ttbr0;			/* root of the view, with the host's walk attributes */
	u32 asid;			/* HOST_ASID_*, never 0 */
	u32 dacr;
	u32 sctlr;
	u32 cpacr;
	u32 tpidrurw;			/* the guest's, for User mode */
	u32 hw_tpidrurw;		/* the hardware's: in privileged modes the guest's TPIDRPRW */
	u32 tpidruro;
	u32 vbar;			/* address of the switch page */
	u32 vfp_live;			/* HOST_ARM_VFP_* */
	u32 harden;			/* HOST_ARM_HARDEN_*, of this CPU */

	/* For the fast path, set before each stay. */
	u32 fast;			/* HOST_ARM_FAST_* */
	u32 fast_svc;			/* svc_ok in User mode, else 0 */
	u32 svc_ok;			/* SVC from User mode can be taken in the stub; and CPU_PSR_T: in T32 state */
	u32 arm_only;			/* a privileged mode in T32 state is C's: struct host_entry */
	u32 lines;			/* interrupts that wait: what unmasks them is C's */
	u32 spsr_offset;		/* of cpu.spsr[] of the current mode */
	u32 vectors;			/* base of the guest's exception vectors */
	u32 dacr_free;			/* bits of the guest's DACR that the stub may change: it is in force, and these are no managers' */
	u32 udf;			/* PATCH_UDF with index 0xa000 */
	u32 ttbr0_kernel;
	u32 ttbr0_user;
	u32 tpidrprw;
	u32 para;			/* address of the page shared with the guest, or 0: core/engine/para.h */
	u32 ctr;
	u32 mmfr3;			/* the guest's ID_MMFR3 */
	u32 guest_sctlr;
	u32 guest_dacr;			/* and back: the fast path may write it */
	u32 guest_ttbr1;		/* the low word */
	u32 guest_ttbcr;
	u32 fpexc;			/* the guest's; HOST_ARM_NO_FPEXC: it may not access it */
	u32 scratch;			/* trap_dabt's */
	u32 scratch_fiq;		/* trap_fiq's, which may interrupt it */
	u32 insn;			/* what trap_und read, in a privileged mode but FIQ and System */
	u32 guest_fault[4];		/* the guest's DFSR, IFSR, DFAR, IFAR, for it to read */
	u32 cntv_ok;			/* the guest's count is CNTVCT - cntvoff */
	u32 cntvoff[2];

	/* Of the stay: what the light path needs. */
	u32 light;			/* host_arm_light() */
	struct armkvm_vcpu *vcpu;
	struct host_entry *entry;
	u32 done;			/* the light path has handled the exit */

	/* Stored at exit. */
	u32 vector;			/* enum cpu_vector */
	u32 dfsr;
	u32 dfar;
	u32 ifsr;
	u32 ifar;

	/* The host's, from entry to exit. */
	u32 host_sp;
	u32 host_sp_und;
	u32 host_sp_abt;
	u32 host_sp_irq;
	u32 host_sp_fiq;
	u32 host_ttbr0;
	u32 host_contextidr;
	u32 host_dacr;
	u32 host_sctlr;
	u32 host_cpacr;
	u32 host_vbar;
	u32 host_tpidrurw;
	u32 host_tpidruro;

	u32 fpscr;
	u64 vfp[32];

	/* Of a privileged guest's stay: priv-switch.S */
	struct host_arm_regime priv_guest;
	struct host_arm_regime priv_host;
	u32 priv_called;		/* address of host_arm_priv_called in this CPU's slot */
	u32 host_fiq[7];		/* FIQ mode's r8-r12, lr, SPSR */
};

/*
 * The switch page's code, copied to the page at module load: first the eight
 * exception vectors, then the entry routine at host_arm_switch_enter.  It is
 * position-independent and holds no bare address.
 */
extern const char host_arm_switch_start[];
extern const char host_arm_switch_enter[];
extern const char host_arm_switch_end[];

/*
 * The same for a privileged guest's vCPU (priv-switch.S): vectors, the words that they load, the
 * end of a call, the entry; and what all such guests find at ARMKVM_PRIV_CALL.
 */
extern const char host_arm_priv_start[];
extern const char host_arm_priv_vectors[];
extern const char host_arm_priv_called[];
extern const char host_arm_priv_enter[];
extern const char host_arm_priv_end[];
extern const char host_arm_priv_call[];
extern const char host_arm_priv_call_end[];

/* Vectors at which the light path isn't asked: flag on what trap_saved hands to leave. */
#define HOST_NO_LIGHT		0x100
/* No value of FPEXC: of the register EN alone is implemented */
#define HOST_ARM_NO_FPEXC	1

typedef void (*host_arm_enter_fn)(struct host_arm_ctx *ctx);

/*
 * The switch page calls this on the host's stack, in the host's tables, with
 * interrupts off and the guest's floating point in place.  Returns 0: the guest goes on.
 */
u32 host_arm_light(struct host_arm_ctx *ctx);

#endif /* ARMKVM_HOST_ARM_SWITCH_H */
