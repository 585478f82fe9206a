/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest CPU as the hypervisor sees it: registers, banks, PSRs.
 *
 * Pure: no kernel service is used, so the same code serves the module, the
 * unit tests and the fuzzers (kmod/tests/).
 *
 * While the vCPU is out of the guest, r[] and cpsr are the truth for the
 * current mode.  The banks hold the other modes' copies; the entry of the
 * current bank is stale for sp and lr, but always true for spsr: the hot
 * handlers read and write the SPSR without a mode change.
 */
#ifndef ARMKVM_CORE_CPU_H
#define ARMKVM_CORE_CPU_H

#include <linux/types.h>

/* PSR bits, ARM DDI 0406C B1.3.3 */
#define CPU_PSR_MODE	0x0000001fU
#define CPU_PSR_T	0x00000020U
#define CPU_PSR_F	0x00000040U
#define CPU_PSR_I	0x00000080U
#define CPU_PSR_A	0x00000100U
#define CPU_PSR_E	0x00000200U
#define CPU_PSR_IT_HI	0x0000fc00U	/* IT[7:2] */
#define CPU_PSR_GE	0x000f0000U
#define CPU_PSR_J	0x01000000U
#define CPU_PSR_IT_LO	0x06000000U	/* IT[1:0] */
#define CPU_PSR_IT	(CPU_PSR_IT_HI | CPU_PSR_IT_LO)
#define CPU_PSR_Q	0x08000000U
#define CPU_PSR_NZCV	0xf0000000U

/* What unprivileged hardware holds itself while the guest runs at PL0. */
#define CPU_PSR_HW	(CPU_PSR_NZCV | CPU_PSR_Q | CPU_PSR_GE | CPU_PSR_IT | \
			 CPU_PSR_J | CPU_PSR_T | CPU_PSR_E)
/* What exists only in the vCPU: mode and masks. */
#define CPU_PSR_VIRT	(CPU_PSR_MODE | CPU_PSR_A | CPU_PSR_I | CPU_PSR_F)

/* Modes, B1.3.1 */
#define CPU_MODE_USR	0x10U
#define CPU_MODE_FIQ	0x11U
#define CPU_MODE_IRQ	0x12U
#define CPU_MODE_SVC	0x13U
#define CPU_MODE_ABT	0x17U
#define CPU_MODE_UND	0x1bU
#define CPU_MODE_SYS	0x1fU

/* SCTLR as far as exceptions depend on it, B4.1.130 */
#define CPU_SCTLR_V	0x00002000U	/* vectors at 0xffff0000 */
#define CPU_SCTLR_EE	0x02000000U	/* taken big-endian */
#define CPU_SCTLR_TE	0x40000000U	/* taken in Thumb state */

enum cpu_bank {
	CPU_BANK_USR,		/* also System mode */
	CPU_BANK_SVC,
	CPU_BANK_ABT,
	CPU_BANK_UND,
	CPU_BANK_IRQ,
	CPU_BANK_FIQ,
	CPU_BANK_NR,
};

struct armkvm_cpu {
	u32 r[15];			/* r0-r14 of the current mode */
	u32 pc;				/* address of the next instruction */
	u32 cpsr;			/* all bits, as the guest should see them */

	u32 sp[CPU_BANK_NR];
	u32 lr[CPU_BANK_NR];
	u32 spsr[CPU_BANK_NR];		/* [CPU_BANK_USR] unused */
	u32 r8_12_usr[5];		/* valid while in FIQ mode */
	u32 r8_12_fiq[5];		/* valid while not in FIQ mode */
};

/* Exceptions in the order of their vectors, B1.8.1. */
enum cpu_vector {
	CPU_VEC_RESET,
	CPU_VEC_UND,
	CPU_VEC_SVC,
	CPU_VEC_PABT,
	CPU_VEC_DABT,
	CPU_VEC_HYP,			/* not implemented: no virtualization extensions */
	CPU_VEC_IRQ,
	CPU_VEC_FIQ,
};

/* The cp15 values that exception entry and PSR writes depend on. */
struct armkvm_cpu_ctl {
	u32 sctlr;
	u32 vbar;
};

static inline bool cpu_mode_privileged(u32 psr)
{
	return (psr & CPU_PSR_MODE) != CPU_MODE_USR;
}

/* true: the mode exists on a core without security or virtualization extensions */
bool cpu_mode_valid(u32 mode);
/* The bank of a valid mode's sp, lr and spsr. */
enum cpu_bank cpu_mode_bank(u32 mode);

/*
 * Makes @mode (a valid one) the current mode: banks r8-r14 as B1.3.2 says and
 * sets CPSR.M; other CPSR bits stay.
 */
void cpu_switch_mode(struct armkvm_cpu *cpu, u32 mode);

/*
 * The register @n (0-14) as @mode sees it, whatever the current mode is: for
 * LDM/STM (user registers), SRS, MRS/MSR (banked) and the launcher's view.
 */
u32 *cpu_banked_reg(struct armkvm_cpu *cpu, u32 mode, unsigned int n);

/*
 * MSR and CPS semantics from a privileged mode (B1.3.3, B9.3.12): writes the
 * bytes of the CPSR that @mask selects (bit 0 control ... bit 3 flags),
 * switching banks on a mode change. T, J, IT don't change by MSR.
 * Returns false, with nothing changed, if the mode asked for doesn't exist
 * (UNPREDICTABLE; the caller injects UNDEF).
 */
bool cpu_write_cpsr(struct armkvm_cpu *cpu, u32 value, unsigned int mask);

/* true: an exception return may make @spsr the CPSR (its mode and J, T are possible) */
bool cpu_return_valid(u32 spsr);

/*
 * Exception return (B1.8.10, CPSRWriteByInstr with is_excpt_return): all of
 * @spsr becomes the CPSR and @pc, aligned for the state returned to, the pc.
 * Returns false, with nothing changed, for an illegal @spsr.
 */
bool cpu_exception_return(struct armkvm_cpu *cpu, u32 pc, u32 spsr);

/*
 * Takes exception @vec (B1.8.1, B1.9): SPSR, LR = @ret (already with the offset
 * that B1.8.3 gives), mode, masks, T from SCTLR.TE, E from SCTLR.EE, IT and J
 * cleared, pc = vector base (SCTLR.V, VBAR) + 4 * vec.
 */
void cpu_take_exception(struct armkvm_cpu *cpu, const struct armkvm_cpu_ctl *ctl,
			enum cpu_vector vec, u32 ret);

#endif /* ARMKVM_CORE_CPU_H */
