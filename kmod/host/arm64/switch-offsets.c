// SPDX-License-Identifier: GPL-2.0-only
/* Offsets of struct host_arm64_ctx for the assembly. */
#include <linux/kbuild.h>
#include <linux/types.h>

#include <asm/armkvm_para.h>

#include "../../core/cp15.h"
#include "../../core/arm/patch.h"
#include "../../core/vcpu.h"
#include "switch.h"

#define CTX(name, member)	DEFINE(CTX_##name, offsetof(struct host_arm64_ctx, member))

int main(void)
{
	CTX(R0, cpu.r[0]);
	CTX(PC, cpu.pc);
	CTX(CPSR, cpu.cpsr);
	CTX(SP_BANKS, cpu.sp);
	CTX(LR_BANKS, cpu.lr);
	CTX(SPSR_BANKS, cpu.spsr);
	CTX(ROOT, tables.root);
	CTX(TTBR0, tables.ttbr0);
	CTX(LIVE, tables.live);
	CTX(SELECTOR, tables.selector);
	CTX(OTHER_SELECTOR, tables.other_selector);
	CTX(LINES, lines);
	CTX(FAST, fast);
	CTX(SVC_PC, svc_pc);
	CTX(CP15, cp15);
	CTX(PARA, para);
	DEFINE(PARA_VPSR, offsetof(struct armkvm_para_vcpu, vpsr));
	DEFINE(PARA_SPSR, offsetof(struct armkvm_para_vcpu, spsr));
	DEFINE(FAST_SVC_BIT, HOST_ARM64_FAST_SVC);
	DEFINE(FAST_DACR_BIT, HOST_ARM64_FAST_DACR);
	DEFINE(FAST_TTBCR_BIT, HOST_ARM64_FAST_TTBCR);
	DEFINE(CP15_TPIDRPRW, 4 * CP15_TPIDRPRW);
	DEFINE(CP15_TPIDRURW, 4 * CP15_TPIDRURW);
	DEFINE(CP15_TPIDRURO, 4 * CP15_TPIDRURO);
	DEFINE(CP15_SCTLR, 4 * CP15_SCTLR);
	DEFINE(CP15_ID_MMFR3, 4 * CP15_ID_MMFR3);
	DEFINE(CP15_TTBCR, 4 * CP15_TTBCR);
	DEFINE(CP15_DFSR, 4 * CP15_DFSR);
	DEFINE(CP15_IFSR, 4 * CP15_IFSR);
	DEFINE(CP15_DFAR, 4 * CP15_DFAR);
	DEFINE(CP15_IFAR, 4 * CP15_IFAR);
	DEFINE(CP15_DACR, 4 * CP15_DACR);
	DEFINE(CP15_TTBR1, 4 * CP15_TTBR1);
	DEFINE(CP15_CPACR, 4 * CP15_CPACR);
	DEFINE(CP15_TO_FPEXC, (int)offsetof(struct armkvm_vcpu, vfp.fpexc) -
	       (int)offsetof(struct armkvm_vcpu, cp15));
	DEFINE(PATCH_MOVS_PC_LR, PATCH_IX_MOVS_PC_LR & 0xf);
	DEFINE(PATCH_CP_DACR_READ, PATCH_CP_DACR_READ);
	DEFINE(PATCH_CP_DACR_WRITE, PATCH_CP_DACR_WRITE);
	DEFINE(PATCH_CP_TPIDRPRW_WRITE, PATCH_CP_TPIDRPRW_WRITE);
	DEFINE(PATCH_CP_DCCIMVAC, PATCH_CP_DCCIMVAC);
	DEFINE(PATCH_CP_TPIDRURW_READ, PATCH_CP_TPIDRURW_READ);
	DEFINE(PATCH_CP_TPIDRURW_WRITE, PATCH_CP_TPIDRURW_WRITE);
	DEFINE(PATCH_CP_TPIDRURO_WRITE, PATCH_CP_TPIDRURO_WRITE);
	DEFINE(PATCH_CP_SCTLR_READ, PATCH_CP_SCTLR_READ);
	DEFINE(PATCH_CP_SCTLR_WRITE, PATCH_CP_SCTLR_WRITE);
	DEFINE(PATCH_STMIA_SP_LR, PATCH_STMIA_SP_LR);
	DEFINE(PATCH_STMIB_SP_LR, PATCH_STMIB_SP_LR);
	DEFINE(PATCH_LDMDB_R0_LR, PATCH_LDMDB_R0_LR);
	DEFINE(PATCH_LDMDB_R1_LR, PATCH_LDMDB_R1_LR);
	DEFINE(PATCH_LDMDB_SP_LR, PATCH_LDMDB_SP_LR);
	DEFINE(PATCH_LDMIA_SP_LR, PATCH_LDMIA_SP_LR);
	CTX(SCTLR, sctlr);
	CTX(PSTATE, pstate);
	CTX(BHB_LOOPS, bhb_loops);
	CTX(ELR, elr);
	CTX(ESR, esr);
	CTX(SOURCE, source);
	CTX(HOST_VBAR, host_vbar);
	CTX(HOST_SCTLR, host_sctlr);
	CTX(HOST_TCR, host_tcr);
	CTX(HOST_TTBR0, host_ttbr0);
	return 0;
}
