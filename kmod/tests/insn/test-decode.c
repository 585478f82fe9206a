// SPDX-License-Identifier: GPL-2.0-only
/*
 * insn_decode_arm() and insn_decode_thumb() on every form of every instruction that
 * matters, and on the look-alikes that must not be taken for them.
 */
#include "test.h"

#include "decode.h"

/* The words are what GNU as makes of the text; .word marks what it won't assemble. */
static const struct {
	u32 word;
	enum insn_kind kind;
	const char *text;
} arm_forms[] = {
	{ 0xf10c0080, INSN_CPS, "cpsid i" },
	{ 0xf10801c0, INSN_CPS, "cpsie aif" },
	{ 0xf10e00d3, INSN_CPS, "cpsid if, #0x13" },
	{ 0xf102001f, INSN_CPS, "cps #0x1f" },
	{ 0xe10f0000, INSN_MRS, "mrs r0, cpsr" },
	{ 0x110fc000, INSN_MRS, "mrsne r12, cpsr" },
	{ 0xe14fe000, INSN_MRS, "mrs lr, spsr" },
	{ 0xe121f000, INSN_MSR_REG, "msr cpsr_c, r0" },
	{ 0xe12ff007, INSN_MSR_REG, "msr cpsr_fsxc, r7" },
	{ 0x0122f003, INSN_MSR_REG, "msreq cpsr_x, r3" },
	{ 0xe129f00e, INSN_MSR_REG, "msr cpsr_fc, lr" },
	{ 0xe16ff001, INSN_MSR_REG, "msr spsr_cxsf, r1" },
	{ 0xe168f002, INSN_MSR_REG, "msr spsr_f, r2" },
	{ 0xe161f002, INSN_MSR_REG, "msr spsr_c, r2" },
	{ 0xe128f003, INSN_OTHER, "msr cpsr_f, r3" },
	{ 0xe124f003, INSN_OTHER, "msr cpsr_s, r3" },
	{ 0xe12cf003, INSN_OTHER, "msr cpsr_fs, r3" },
	{ 0xe321f0d3, INSN_MSR_IMM, "msr cpsr_c, #0xd3" },
	{ 0xe329f0d3, INSN_MSR_IMM, "msr cpsr_fc, #0xd3" },
	{ 0xe322fc02, INSN_MSR_IMM, "msr cpsr_x, #0x200" },
	{ 0xe368f20f, INSN_MSR_IMM, "msr spsr_f, #0xf0000000" },
	{ 0xe328f20f, INSN_OTHER, "msr cpsr_f, #0xf0000000" },
	{ 0xe32cf000, INSN_OTHER, "msr cpsr_fs, #0" },
	{ 0xe1003200, INSN_MRS_BANKED, "mrs r3, r8_usr" },
	{ 0xe1003300, INSN_MRS_BANKED, "mrs r3, lr_irq" },
	{ 0xe14e3200, INSN_MRS_BANKED, "mrs r3, spsr_fiq" },
	{ 0xe10e3300, INSN_MRS_BANKED, "mrs r3, elr_hyp" },
	{ 0xe129f203, INSN_MSR_BANKED, "msr r9_fiq, r3" },
	{ 0xe162f303, INSN_MSR_BANKED, "msr spsr_svc, r3" },
	{ 0xe127f30c, INSN_MSR_BANKED, "msr sp_und, r12" },
	{ 0xe160006e, INSN_ERET, "eret" },
	{ 0xf8900a00, INSN_RFE, "rfeia r0" },
	{ 0xf8bd0a00, INSN_RFE, "rfeia sp!" },
	{ 0xf91d0a00, INSN_RFE, "rfedb r13" },
	{ 0xf8310a00, INSN_RFE, "rfeda r1!" },
	{ 0xf99c0a00, INSN_RFE, "rfeib r12" },
	{ 0xf96d0513, INSN_SRS, "srsdb sp!, #0x13" },
	{ 0xf8cd051f, INSN_SRS, "srsia sp, #0x1f" },
	{ 0xf9ed0512, INSN_SRS, "srsib sp!, #0x12" },
	{ 0xf84d0511, INSN_SRS, "srsda sp, #0x11" },
	{ 0xe8d06002, INSN_LDM_USER, "ldmia r0, {r1, sp, lr}^" },
	{ 0xe95d7fff, INSN_LDM_USER, "ldmdb sp, {r0-r14}^" },
	{ 0x19d10100, INSN_LDM_USER, "ldmibne r1, {r8}^" },
	{ 0xe8522000, INSN_LDM_USER, "ldmda r2, {r13}^" },
	{ 0xe8ddffff, INSN_LDM_RET, "ldmia sp, {r0-r15}^" },
	{ 0xe8fd800f, INSN_LDM_RET, "ldmia sp!, {r0-r3, pc}^" },
	{ 0x09708000, INSN_LDM_RET, "ldmdbeq r0!, {pc}^" },
	{ 0xe9d08001, INSN_LDM_RET, "ldmib r0, {r0, pc}^" },
	{ 0xe8c07f00, INSN_STM_USER, "stmia r0, {r8-r14}^" },
	{ 0xe9486000, INSN_STM_USER, "stmdb r8, {sp, lr}^" },
	{ 0xe9c08001, INSN_STM_USER, "stmib r0, {r0, pc}^" },
	{ 0xe8410004, INSN_STM_USER, "stmda r1, {r2}^" },
	{ 0xe1b0f00e, INSN_DP_RET, "movs pc, lr" },
	{ 0xe3b0f000, INSN_DP_RET, "movs pc, #0" },
	{ 0xe25ef004, INSN_DP_RET, "subs pc, lr, #4" },
	{ 0x025ef008, INSN_DP_RET, "subseq pc, lr, #8" },
	{ 0xe05ef001, INSN_DP_RET, "subs pc, lr, r1" },
	{ 0xe05ef181, INSN_DP_RET, "subs pc, lr, r1, lsl #3" },
	{ 0xe090f021, INSN_DP_RET, "adds pc, r0, r1, lsr #32" },
	{ 0xe210f001, INSN_DP_RET, "ands pc, r0, #1" },
	{ 0xe030f0c2, INSN_DP_RET, "eors pc, r0, r2, asr #1" },
	{ 0xe070f0e2, INSN_DP_RET, "rsbs pc, r0, r2, ror #1" },
	{ 0xe0b0f062, INSN_DP_RET, "adcs pc, r0, r2, rrx" },
	{ 0xe2d0f0ff, INSN_DP_RET, "sbcs pc, r0, #255" },
	{ 0xe2f0f0ff, INSN_DP_RET, "rscs pc, r0, #255" },
	{ 0xe190f001, INSN_DP_RET, "orrs pc, r0, r1" },
	{ 0xe3d0f003, INSN_DP_RET, "bics pc, r0, #3" },
	{ 0xe1f0f000, INSN_DP_RET, "mvns pc, r0" },
	{ 0xe1b0f10e, INSN_DP_RET, "movs pc, r14, lsl #2" },
	{ 0xe320f003, INSN_WFI, "wfi" },
	{ 0x1320f003, INSN_WFI, "wfine" },
	{ 0xe4b10004, INSN_LDST_UNPRIV, "ldrt r0, [r1], #4" },
	{ 0xe6310102, INSN_LDST_UNPRIV, "ldrt r0, [r1], -r2, lsl #2" },
	{ 0xe4710001, INSN_LDST_UNPRIV, "ldrbt r0, [r1], #-1" },
	{ 0xe4a10000, INSN_LDST_UNPRIV, "strt r0, [r1]" },
	{ 0xe6e10003, INSN_LDST_UNPRIV, "strbt r0, [r1], r3" },
	{ 0xe0f100b2, INSN_LDST_UNPRIV, "ldrht r0, [r1], #2" },
	{ 0xe0b100b2, INSN_LDST_UNPRIV, "ldrht r0, [r1], r2" },
	{ 0xe0f100d2, INSN_LDST_UNPRIV, "ldrsbt r0, [r1], #2" },
	{ 0xe03100f2, INSN_LDST_UNPRIV, "ldrsht r0, [r1], -r2" },
	{ 0xe06100b2, INSN_LDST_UNPRIV, "strht r0, [r1], #-2" },
	{ 0xe0a100b2, INSN_LDST_UNPRIV, "strht r0, [r1], r2" },
	{ 0xe7f000f0, INSN_UDF, "udf #0" },
	{ 0xe7ffffff, INSN_UDF, "udf #0xffff" },
	{ 0x07f000f0, INSN_UDF, ".word 0x07f000f0" },
	{ 0xef000000, INSN_SVC, "svc #0" },
	{ 0x1f123456, INSN_SVC, "svcne #0x123456" },
	{ 0xe1200071, INSN_BKPT, "bkpt #1" },
	{ 0xe1400070, INSN_HVC, "hvc #0" },
	{ 0xe1600070, INSN_SMC, "smc #0" },
	{ 0xee010f10, INSN_CP_REG, "mcr p15, 0, r0, c1, c0, 0" },
	{ 0xee1d0f90, INSN_CP_REG, "mrc p15, 0, r0, c13, c0, 4" },
	{ 0x0ef21e93, INSN_CP_REG, "mrceq p14, 7, r1, c2, c3, 4" },
	{ 0xfe010f10, INSN_CP_REG, "mcr2 p15, 0, r0, c1, c0, 0" },
	{ 0xec410f02, INSN_CP_REG2, "mcrr p15, 0, r0, r1, c2" },
	{ 0xec510f1e, INSN_CP_REG2, "mrrc p15, 1, r0, r1, c14" },
	{ 0xfc510f1e, INSN_CP_REG2, "mrrc2 p15, 1, r0, r1, c14" },
	{ 0xecb05e01, INSN_CP_LDST, "ldc p14, c5, [r0], #4" },
	{ 0xeda05f02, INSN_CP_LDST, "stc p15, c5, [r0, #8]!" },
	{ 0xed505e01, INSN_CP_LDST, "ldcl p14, c5, [r0, #-4]" },
	{ 0xee132fa4, INSN_CP_DATA, "cdp p15, 1, c2, c3, c4, 5" },
	{ 0xeef00a10, INSN_FP_SYS, "vmrs r0, fpsid" },
	{ 0xeef70a10, INSN_FP_SYS, "vmrs r0, mvfr0" },
	{ 0xeef80a10, INSN_FP_SYS, "vmrs r0, fpexc" },
	{ 0xeee80a10, INSN_FP_SYS, "vmsr fpexc, r0" },
	{ 0xeef10a10, INSN_FP, "vmrs r0, fpscr" },
	{ 0xeef1fa10, INSN_FP, "vmrs apsr_nzcv, fpscr" },
	{ 0xeee13a10, INSN_FP, "vmsr fpscr, r3" },
	{ 0xee300a81, INSN_FP, "vadd.f32 s0, s1, s2" },
	{ 0xed900b00, INSN_FP, "vldr d0, [r0]" },
	{ 0xed2d0b10, INSN_FP, "vpush {d0-d7}" },
	{ 0xee100a90, INSN_FP, "vmov r0, s1" },
	{ 0xec510b13, INSN_FP, "vmov r0, r1, d3" },
	{ 0xeea01b10, INSN_FP, "vdup.32 q0, r1" },
	{ 0xf2220844, INSN_FP, "vadd.i32 q0, q1, q2" },
	{ 0xf420070f, INSN_FP, "vld1.8 {d0}, [r0]" },
	{ 0xf401004d, INSN_FP, "vst4.16 {d0-d3}, [r1]!" },
	{ 0xe320f000, INSN_OTHER, "nop" },
	{ 0xe320f001, INSN_OTHER, "yield" },
	{ 0xe320f002, INSN_OTHER, "wfe" },
	{ 0xe320f004, INSN_OTHER, "sev" },
	{ 0xe320f0f3, INSN_OTHER, "dbg #3" },
	{ 0xf1010200, INSN_OTHER, "setend be" },
	{ 0xf1010000, INSN_OTHER, "setend le" },
	{ 0xf57ff01f, INSN_OTHER, "clrex" },
	{ 0xf57ff04f, INSN_OTHER, "dsb" },
	{ 0xf57ff05f, INSN_OTHER, "dmb" },
	{ 0xf57ff06f, INSN_OTHER, "isb" },
	{ 0xf5d0f000, INSN_OTHER, "pld [r0]" },
	{ 0xf4d0f000, INSN_OTHER, "pli [r0]" },
	{ 0xe12fff1e, INSN_OTHER, "bx lr" },
	{ 0xe12fff33, INSN_OTHER, "blx r3" },
	{ 0xfa000000, INSN_OTHER, "blx .+8" },
	{ 0xe12fff21, INSN_OTHER, "bxj r1" },
	{ 0xe16f0f11, INSN_OTHER, "clz r0, r1" },
	{ 0xe3010234, INSN_OTHER, "movw r0, #0x1234" },
	{ 0xe34f0fff, INSN_OTHER, "movt r0, #0xffff" },
	{ 0xe1a0f00e, INSN_OTHER, "mov pc, lr" },
	{ 0xe24ef004, INSN_OTHER, "sub pc, lr, #4" },
	{ 0xe08ff100, INSN_OTHER, "add pc, pc, r0, lsl #2" },
	{ 0xe25e0004, INSN_OTHER, "subs r0, lr, #4" },
	{ 0xe3100001, INSN_OTHER, "tst r0, #1" },
	{ 0xe13f0000, INSN_OTHER, "teq r15, r0" },
	{ 0xe31ef003, INSN_OTHER, ".word 0xe31ef003" },
	{ 0xe33ef003, INSN_OTHER, ".word 0xe33ef003" },
	{ 0xe15ef003, INSN_OTHER, ".word 0xe15ef003" },
	{ 0xe17ef003, INSN_OTHER, ".word 0xe17ef003" },
	{ 0xe1b0000f, INSN_OTHER, "movs r0, pc" },
	{ 0xe1b0f110, INSN_OTHER, ".word 0xe1b0f110" },
	{ 0xe0000291, INSN_OTHER, "mul r0, r1, r2" },
	{ 0xe0100291, INSN_OTHER, "muls r0, r1, r2" },
	{ 0xe0810392, INSN_OTHER, "umull r0, r1, r2, r3" },
	{ 0xe0e10392, INSN_OTHER, "smlal r0, r1, r2, r3" },
	{ 0xe1020091, INSN_OTHER, "swp r0, r1, [r2]" },
	{ 0xe1910f9f, INSN_OTHER, "ldrex r0, [r1]" },
	{ 0xe1a10f92, INSN_OTHER, "strexd r0, r2, r3, [r1]" },
	{ 0xe0c100d8, INSN_OTHER, "ldrd r0, [r1], #8" },
	{ 0xe08100d2, INSN_OTHER, "ldrd r0, [r1], r2" },
	{ 0xe1e100f8, INSN_OTHER, "strd r0, [r1, #8]!" },
	{ 0xe0d100b2, INSN_OTHER, "ldrh r0, [r1], #2" },
	{ 0xe09100d2, INSN_OTHER, "ldrsb r0, [r1], r2" },
	{ 0xe4910004, INSN_OTHER, "ldr r0, [r1], #4" },
	{ 0xe590f000, INSN_OTHER, "ldr pc, [r0]" },
	{ 0xe5a10004, INSN_OTHER, "str r0, [r1, #4]!" },
	{ 0xe7310182, INSN_OTHER, "ldr r0, [r1, -r2, lsl #3]!" },
	{ 0xe8b08002, INSN_OTHER, "ldm r0!, {r1, pc}" },
	{ 0xe8bd8010, INSN_OTHER, "pop {r4, pc}" },
	{ 0xe92d4010, INSN_OTHER, "push {r4, lr}" },
	{ 0xe6110f12, INSN_OTHER, "sadd16 r0, r1, r2" },
	{ 0xe6610ff2, INSN_OTHER, "uqsub8 r0, r1, r2" },
	{ 0xe6e30011, INSN_OTHER, "usat r0, #3, r1" },
	{ 0xe7c60191, INSN_OTHER, "bfi r0, r1, #3, #4" },
	{ 0xe7e301d1, INSN_OTHER, "ubfx r0, r1, #3, #4" },
	{ 0xe6ff0f31, INSN_OTHER, "rbit r0, r1" },
	{ 0xe710f211, INSN_OTHER, "sdiv r0, r1, r2" },
	{ 0xeafffffe, INSN_OTHER, "b ." },
	{ 0xeb00000e, INSN_OTHER, "bl .+64" },
	{ 0xe85f0001, INSN_OTHER, ".word 0xe85f0001" },
	{ 0xe8dfffff, INSN_OTHER, ".word 0xe8dfffff" },
	{ 0xe8700001, INSN_OTHER, ".word 0xe8700001" },
	{ 0xe8d00000, INSN_OTHER, ".word 0xe8d00000" },
	{ 0xe8f08001, INSN_OTHER, ".word 0xe8f08001" },
	{ 0xe160f000, INSN_OTHER, ".word 0xe160f000" },
	{ 0xe320f400, INSN_OTHER, ".word 0xe320f400" },
	{ 0xe360f000, INSN_OTHER, ".word 0xe360f000" },
	{ 0xe120f000, INSN_OTHER, ".word 0xe120f000" },
	{ 0xe10f0001, INSN_OTHER, ".word 0xe10f0001" },
	{ 0xe10e0000, INSN_OTHER, ".word 0xe10e0000" },
	{ 0xf1000020, INSN_OTHER, ".word 0xf1000020" },
	{ 0xf8df0a00, INSN_OTHER, ".word 0xf8df0a00" },
	{ 0xf8900a01, INSN_OTHER, ".word 0xf8900a01" },
	{ 0xff000000, INSN_OTHER, ".word 0xff000000" },
	{ 0xf7f000f0, INSN_OTHER, ".word 0xf7f000f0" },
};

static const struct {
	u16 hw1, hw2;
	enum insn_kind kind;
	const char *text;
} thumb_forms[] = {
	{ 0xb672, 0x0000, INSN_CPS, "cpsid i" },
	{ 0xf3af, 0x84e0, INSN_CPS, "cpsie.w aif" },
	{ 0xf3af, 0x8773, INSN_CPS, "cpsid if, #0x13" },
	{ 0xf3af, 0x811f, INSN_CPS, "cps #0x1f" },
	{ 0xf3ef, 0x8000, INSN_MRS, "mrs r0, cpsr" },
	{ 0xf3ff, 0x8e00, INSN_MRS, "mrs lr, spsr" },
	{ 0xf380, 0x8100, INSN_MSR_REG, "msr cpsr_c, r0" },
	{ 0xf387, 0x8f00, INSN_MSR_REG, "msr cpsr_fsxc, r7" },
	{ 0xf391, 0x8f00, INSN_MSR_REG, "msr spsr_cxsf, r1" },
	{ 0xf383, 0x8800, INSN_OTHER, "msr cpsr_f, r3" },
	{ 0xf383, 0x8c00, INSN_OTHER, "msr cpsr_fs, r3" },
	{ 0xf3e0, 0x8330, INSN_MRS_BANKED, "mrs r3, lr_irq" },
	{ 0xf3f2, 0x8330, INSN_MRS_BANKED, "mrs r3, spsr_svc" },
	{ 0xf38c, 0x8730, INSN_MSR_BANKED, "msr sp_und, r12" },
	{ 0xf393, 0x8e20, INSN_MSR_BANKED, "msr spsr_fiq, r3" },
	{ 0xf3de, 0x8f00, INSN_DP_RET, "eret" },
	{ 0xf3de, 0x8f04, INSN_DP_RET, "subs pc, lr, #4" },
	{ 0xe9bd, 0xc000, INSN_RFE, "rfeia sp!" },
	{ 0xe811, 0xc000, INSN_RFE, "rfedb r1" },
	{ 0xe82d, 0xc013, INSN_SRS, "srsdb sp!, #0x13" },
	{ 0xe98d, 0xc01f, INSN_SRS, "srsia sp, #0x1f" },
	{ 0xbf30, 0x0000, INSN_WFI, "wfi" },
	{ 0xf3af, 0x8003, INSN_WFI, "wfi.w" },
	{ 0xf851, 0x0e04, INSN_LDST_UNPRIV, "ldrt r0, [r1, #4]" },
	{ 0xf811, 0x0e00, INSN_LDST_UNPRIV, "ldrbt r0, [r1]" },
	{ 0xf931, 0x0e00, INSN_LDST_UNPRIV, "ldrsht r0, [r1]" },
	{ 0xf911, 0x0e00, INSN_LDST_UNPRIV, "ldrsbt r0, [r1]" },
	{ 0xf841, 0x0e00, INSN_LDST_UNPRIV, "strt r0, [r1]" },
	{ 0xf821, 0x0e00, INSN_LDST_UNPRIV, "strht r0, [r1]" },
	{ 0xf801, 0x0e00, INSN_LDST_UNPRIV, "strbt r0, [r1]" },
	{ 0xde00, 0x0000, INSN_UDF, "udf #0" },
	{ 0xf7f1, 0xa234, INSN_UDF, "udf.w #0x1234" },
	{ 0xdf00, 0x0000, INSN_SVC, "svc #0" },
	{ 0xbe01, 0x0000, INSN_BKPT, "bkpt #1" },
	{ 0xf7e0, 0x8000, INSN_HVC, "hvc #0" },
	{ 0xf7f0, 0x8000, INSN_SMC, "smc #0" },
	{ 0xee01, 0x0f10, INSN_CP_REG, "mcr p15, 0, r0, c1, c0, 0" },
	{ 0xee1d, 0x0f90, INSN_CP_REG, "mrc p15, 0, r0, c13, c0, 4" },
	{ 0xec51, 0x0f1e, INSN_CP_REG2, "mrrc p15, 1, r0, r1, c14" },
	{ 0xecb0, 0x5e01, INSN_CP_LDST, "ldc p14, c5, [r0], #4" },
	{ 0xeef8, 0x0a10, INSN_FP_SYS, "vmrs r0, fpexc" },
	{ 0xeef1, 0x0a10, INSN_FP, "vmrs r0, fpscr" },
	{ 0xee30, 0x0a81, INSN_FP, "vadd.f32 s0, s1, s2" },
	{ 0xef22, 0x0844, INSN_FP, "vadd.i32 q0, q1, q2" },
	{ 0xf920, 0x070f, INSN_FP, "vld1.8 {d0}, [r0]" },
	{ 0xbf00, 0x0000, INSN_OTHER, "nop" },
	{ 0xf3af, 0x8000, INSN_OTHER, "nop.w" },
	{ 0xf3af, 0x8002, INSN_OTHER, "wfe.w" },
	{ 0xb658, 0x0000, INSN_OTHER, "setend be" },
	{ 0x4770, 0x0000, INSN_OTHER, "bx lr" },
	{ 0xb510, 0x0000, INSN_OTHER, "push {r4, lr}" },
	{ 0xbd10, 0x0000, INSN_OTHER, "pop {r4, pc}" },
	{ 0xc006, 0x0000, INSN_OTHER, "stmia r0!, {r1, r2}" },
	{ 0xe9d2, 0x0100, INSN_OTHER, "ldrd r0, r1, [r2]" },
	{ 0xe851, 0x0f00, INSN_OTHER, "ldrex r0, [r1]" },
	{ 0xf8d1, 0x0004, INSN_OTHER, "ldr.w r0, [r1, #4]" },
	{ 0xf851, 0x0b04, INSN_OTHER, "ldr r0, [r1], #4" },
	{ 0xf851, 0x0c04, INSN_OTHER, "ldr r0, [r1, #-4]" },
	{ 0xf000, 0xb81e, INSN_OTHER, "b.w .+64" },
	{ 0xf000, 0xf81e, INSN_OTHER, "bl .+64" },
	{ 0xf000, 0xe81e, INSN_OTHER, "blx .+64" },
	{ 0xf240, 0x0001, INSN_OTHER, "movw r0, #1" },
	{ 0xf1be, 0x0004, INSN_OTHER, "subs.w r0, lr, #4" },
	{ 0xf3bf, 0x8f4f, INSN_OTHER, "dsb" },
	{ 0xf3bf, 0x8f2f, INSN_OTHER, "clrex" },
	{ 0xe8d0, 0xf001, INSN_OTHER, "tbb [r0, r1]" },
};

static void arm(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(arm_forms); i++) {
		enum insn_kind kind = insn_decode_arm(arm_forms[i].word);

		CHECK(kind == arm_forms[i].kind, "%08x %s: decoded as %s", arm_forms[i].word,
		      arm_forms[i].text, insn_kind_name(kind));
	}
}

/* A condition never changes what an instruction is, but 1111 does. */
static void arm_conditions(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(arm_forms); i++) {
		u32 word = arm_forms[i].word;

		if (insn_cond(word) == INSN_COND_NONE)
			continue;
		for (u32 cond = 0; cond < 15; cond++) {
			enum insn_kind kind = insn_decode_arm((word & 0x0fffffff) | cond << 28);

			CHECK(kind == arm_forms[i].kind, "%s with condition %u: decoded as %s",
			      arm_forms[i].text, cond, insn_kind_name(kind));
		}
		CHECK(!insn_is_silent(insn_decode_arm(word | 0xf0000000)) ||
		      (word | 0xf0000000) >> 24 == 0xf1 || (word & 0x0e000000) == 0x08000000,
		      "%s with condition 1111 is sensitive", arm_forms[i].text);
	}
}

static void thumb(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(thumb_forms); i++) {
		enum insn_kind kind = insn_decode_thumb(thumb_forms[i].hw1, thumb_forms[i].hw2);

		CHECK(kind == thumb_forms[i].kind, "%04x %04x %s: decoded as %s", thumb_forms[i].hw1,
		      thumb_forms[i].hw2, thumb_forms[i].text, insn_kind_name(kind));
	}
}

static void coprocessor_fields(void)
{
	struct insn_cp cp;

	insn_decode_cp(0xee1d3f90, &cp);	/* mrc p15, 0, r3, c13, c0, 4 */
	CHECK(cp.coproc == 15 && cp.opc1 == 0 && cp.rt == 3 && cp.crn == 13 && cp.crm == 0 &&
	      cp.opc2 == 4 && cp.read && !cp.pair, "mrc p15, 0, r3, c13, c0, 4");
	insn_decode_cp(0xee677f3a, &cp);	/* mcr p15, 3, r7, c7, c10, 1 */
	CHECK(cp.coproc == 15 && cp.opc1 == 3 && cp.rt == 7 && cp.crn == 7 && cp.crm == 10 &&
	      cp.opc2 == 1 && !cp.read && !cp.pair, "mcr p15, 3, r7, c7, c10, 1");
	insn_decode_cp(0xec510f1e, &cp);	/* mrrc p15, 1, r0, r1, c14 */
	CHECK(cp.coproc == 15 && cp.opc1 == 1 && cp.rt == 0 && cp.rt2 == 1 && cp.crm == 14 &&
	      cp.read && cp.pair, "mrrc p15, 1, r0, r1, c14");
	insn_decode_cp(0xfc432e62, &cp);	/* mcrr2 p14, 6, r2, r3, c2 */
	CHECK(cp.coproc == 14 && cp.opc1 == 6 && cp.rt == 2 && cp.rt2 == 3 && cp.crm == 2 &&
	      !cp.read && cp.pair, "mcrr2 p14, 6, r2, r3, c2");
}

static void names(void)
{
	for (int kind = 0; kind < INSN_KIND_NR; kind++)
		CHECK(insn_kind_name(kind) && strlen(insn_kind_name(kind)) > 2,
		      "kind %d has no name", kind);
	CHECK(insn_kind_name(INSN_KIND_NR), "no name for a kind out of range");
}

static void plausible(void)
{
	/* everything that the assembler makes is an instruction */
	for (unsigned int i = 0; i < ARRAY_SIZE(arm_forms); i++) {
		if (arm_forms[i].kind != INSN_CP_LDST && strncmp(arm_forms[i].text, ".word", 5))
			CHECK(insn_plausible_arm(arm_forms[i].word), "%08x %s is not plausible",
			      arm_forms[i].word, arm_forms[i].text);
	}
	CHECK(!insn_plausible_arm(0xe1000010), "e1000010 is plausible");
	CHECK(!insn_plausible_arm(0xe6000010), "e6000010 is plausible");
	CHECK(!insn_plausible_arm(0xf0000000), "f0000000 is plausible");
	CHECK(!insn_plausible_arm(0xe8900000), "an empty LDM is plausible");
}

int main(void)
{
	static const struct test tests[] = {
		{ "decode: A32 forms and look-alikes", arm },
		{ "decode: conditions", arm_conditions },
		{ "decode: T32 forms and look-alikes", thumb },
		{ "decode: coprocessor fields", coprocessor_fields },
		{ "decode: names", names },
		{ "decode: plausible instructions", plausible },
	};

	return test_main(tests, ARRAY_SIZE(tests));
}
