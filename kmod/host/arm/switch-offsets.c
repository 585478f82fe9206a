// SPDX-License-Identifier: GPL-2.0-only
/* Offsets of struct host_arm_ctx for the switch page's assembly. */
#include <linux/kbuild.h>
#include <linux/types.h>

#include <asm/armkvm_para.h>

#include "../../core/arm/patch.h"
#include "switch.h"

#define CTX(name, member)	DEFINE(CTX_##name, offsetof(struct host_arm_ctx, member))
#define REG(name, member)	DEFINE(REG_##name, offsetof(struct host_arm_regime, member))

int main(void)
{
	CTX(R0, cpu.r[0]);
	CTX(SP, cpu.r[13]);
	CTX(LR, cpu.r[14]);
	CTX(PC, cpu.pc);
	CTX(CPSR, cpu.cpsr);
	CTX(SP_USR, cpu.sp[CPU_BANK_USR]);
	CTX(LR_USR, cpu.lr[CPU_BANK_USR]);
	CTX(SP_SVC, cpu.sp[CPU_BANK_SVC]);
	CTX(SPSR_USR, cpu.spsr[CPU_BANK_USR]);
	CTX(SPSR_SVC, cpu.spsr[CPU_BANK_SVC]);
	CTX(SPSR_ABT, cpu.spsr[CPU_BANK_ABT]);
	CTX(SPSR_UND, cpu.spsr[CPU_BANK_UND]);
	CTX(SPSR_IRQ, cpu.spsr[CPU_BANK_IRQ]);
	/* from the SPSR of a bank to its sp and lr */
	DEFINE(CTX_BANK_SP, (int)offsetof(struct armkvm_cpu, sp) -
	       (int)offsetof(struct armkvm_cpu, spsr));
	DEFINE(CTX_BANK_LR, (int)offsetof(struct armkvm_cpu, lr) -
	       (int)offsetof(struct armkvm_cpu, spsr));
	DEFINE(NO_LIGHT, HOST_NO_LIGHT);
	DEFINE(VFP_D32, HOST_ARM_VFP_D32);
	DEFINE(HARDEN_ICIALLU, HOST_ARM_HARDEN_ICIALLU);
	DEFINE(HARDEN_HISTORY, HOST_ARM_HARDEN_HISTORY);
	DEFINE(ASID_KERNEL, HOST_ASID_KERNEL);
	DEFINE(ASID_USER, HOST_ASID_USER);
	CTX(HW_PSR, hw_psr);
	CTX(TTBR0, ttbr0);
	CTX(ASID, asid);
	CTX(DACR, dacr);
	CTX(SCTLR, sctlr);
	CTX(CPACR, cpacr);
	CTX(TPIDRURW, tpidrurw);
	CTX(HW_TPIDRURW, hw_tpidrurw);
	CTX(TPIDRURO, tpidruro);
	CTX(VBAR, vbar);
	CTX(VFP_LIVE, vfp_live);
	CTX(HARDEN, harden);
	CTX(FAST, fast);
	CTX(FAST_SVC, fast_svc);
	CTX(SVC_OK, svc_ok);
	CTX(ARM_ONLY, arm_only);
	DEFINE(FAST_NONE, HOST_ARM_FAST_NONE);
	DEFINE(FAST_MODE, HOST_ARM_FAST_MODE);
	DEFINE(FAST_SYSTEM, HOST_ARM_FAST_SYSTEM);
	DEFINE(PATCH_MOVS_PC_LR, PATCH_IX_MOVS_PC_LR & 0xf);
	DEFINE(SWITCH_CODE_PAGES, HOST_ARM_CODE_PAGES);
	DEFINE(PATCH_RFEIA_SP, PATCH_IX_RFEIA_SP & 0xf);
	CTX(LINES, lines);
	CTX(SPSR_OFFSET, spsr_offset);
	CTX(VECTORS, vectors);
	CTX(DACR_FREE, dacr_free);
	CTX(UDF, udf);
	CTX(TTBR0_KERNEL, ttbr0_kernel);
	CTX(TTBR0_USER, ttbr0_user);
	CTX(TPIDRPRW, tpidrprw);
	CTX(PARA, para);
	DEFINE(PARA_VPSR, offsetof(struct armkvm_para_vcpu, vpsr));
	DEFINE(PARA_SPSR, offsetof(struct armkvm_para_vcpu, spsr));
	CTX(CTR, ctr);
	CTX(MMFR3, mmfr3);
	CTX(GUEST_SCTLR, guest_sctlr);
	CTX(GUEST_TTBR1, guest_ttbr1);
	CTX(GUEST_TTBCR, guest_ttbcr);
	CTX(FPEXC, fpexc);
	CTX(GUEST_DACR, guest_dacr);
	CTX(SCRATCH, scratch);
	CTX(SCRATCH_FIQ, scratch_fiq);
	CTX(INSN, insn);
	CTX(GUEST_FAULT, guest_fault);
	CTX(CNTV_OK, cntv_ok);
	CTX(CNTVOFF, cntvoff);
	CTX(LIGHT, light);
	CTX(VECTOR, vector);
	CTX(DFSR, dfsr);
	CTX(DFAR, dfar);
	CTX(IFSR, ifsr);
	CTX(IFAR, ifar);
	CTX(HOST_SP, host_sp);
	CTX(HOST_SP_UND, host_sp_und);
	CTX(HOST_SP_ABT, host_sp_abt);
	CTX(HOST_SP_IRQ, host_sp_irq);
	CTX(HOST_SP_FIQ, host_sp_fiq);
	CTX(HOST_TTBR0, host_ttbr0);
	CTX(HOST_CONTEXTIDR, host_contextidr);
	CTX(HOST_DACR, host_dacr);
	CTX(HOST_SCTLR, host_sctlr);
	CTX(HOST_CPACR, host_cpacr);
	CTX(HOST_VBAR, host_vbar);
	CTX(HOST_TPIDRURW, host_tpidrurw);
	CTX(HOST_TPIDRURO, host_tpidruro);
	/* numbers of C that the assembly uses */
	DEFINE(VEC_UND, CPU_VEC_UND);
	DEFINE(VEC_SVC, CPU_VEC_SVC);
	DEFINE(VEC_PABT, CPU_VEC_PABT);
	DEFINE(VEC_DABT, CPU_VEC_DABT);
	DEFINE(VEC_IRQ, CPU_VEC_IRQ);
	DEFINE(VEC_FIQ, CPU_VEC_FIQ);
	DEFINE(MODE_USR, CPU_MODE_USR);
	DEFINE(MODE_FIQ, CPU_MODE_FIQ);
	DEFINE(MODE_IRQ, CPU_MODE_IRQ);
	DEFINE(MODE_SVC, CPU_MODE_SVC);
	DEFINE(MODE_ABT, CPU_MODE_ABT);
	DEFINE(MODE_UND, CPU_MODE_UND);
	DEFINE(MODE_SYS, CPU_MODE_SYS);
	DEFINE(PSR_T, CPU_PSR_T);
	DEFINE(PSR_F, CPU_PSR_F);
	DEFINE(PSR_I, CPU_PSR_I);
	DEFINE(PSR_A, CPU_PSR_A);
	DEFINE(PSR_J, CPU_PSR_J);
	DEFINE(PSR_E, CPU_PSR_E);
	DEFINE(PSR_IT_LOW, CPU_PSR_IT & 0x06000000);
	DEFINE(PSR_IT_HIGH, CPU_PSR_IT & 0xfc00);
	CTX(FPSCR, fpscr);
	CTX(VFP, vfp);
	/* priv-switch.S */
	CTX(PRIV_GUEST, priv_guest);
	CTX(PRIV_HOST, priv_host);
	CTX(PRIV_CALLED, priv_called);
	CTX(HOST_FIQ, host_fiq);
	REG(SCTLR, sctlr);
	REG(CPACR, cpacr);
	REG(TTBR0, ttbr0);
	REG(TTBR1, ttbr1);
	REG(TTBCR, ttbcr);
	REG(DACR, dacr);
	REG(PRRR, prrr);
	REG(NMRR, nmrr);
	REG(VBAR, vbar);
	REG(CONTEXTIDR, contextidr);
	REG(TPIDRURW, tpidrurw);
	REG(TPIDRURO, tpidruro);
	REG(TPIDRPRW, tpidrprw);
	DEFINE(VEC_HYP, CPU_VEC_HYP);
	DEFINE(BANK_SVC, CPU_BANK_SVC);
	DEFINE(BANK_ABT, CPU_BANK_ABT);
	DEFINE(BANK_UND, CPU_BANK_UND);
	DEFINE(BANK_IRQ, CPU_BANK_IRQ);
	return 0;
}
