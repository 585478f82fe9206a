// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: every exception from every mode, with the vectors at each of their
 * places: LR, SPSR, CPSR, banks and fault registers (ARM DDI 0406C B1.8, B1.9).
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define HOLE	"0xe0000010"

ARM_CODE(arm_svc, "svc #0x123");
ARM_CODE(arm_svc_flags, "cmp r1, r1\n svc #0");
ARM_CODE(arm_udf, "udf #0x1234");
ARM_CODE(arm_udf_ne, "cmp r1, r1\n .inst 0x17f000f1\n svc #0");
ARM_CODE(arm_bkpt, "bkpt #7");
ARM_CODE(arm_load, "ldr r1, =" HOLE "\n ldr r2, [r1, #4]!\n svc #0");
ARM_CODE(arm_store, "ldr r1, =" HOLE "\n strh r2, [r1], #4\n svc #0");
ARM_CODE(arm_ldm, "ldr r1, =" HOLE "\n ldmia r1!, {r2-r5}\n svc #0");
ARM_CODE(arm_stm_user, "ldr r1, =" HOLE "\n stmia r1, {r2-r5, sp}^\n nop\n svc #0");
ARM_CODE(arm_branch, "ldr r1, =" HOLE "\n bx r1");
ARM_CODE(arm_smc, ".arch_extension sec\n smc #0\n svc #0");
ARM_CODE(arm_hvc_usr, ".arch_extension virt\n hvc #0\n svc #0");
ARM_CODE(arm_mcr, "mcr p15, 0, r0, c1, c0, 0\n svc #0");
ARM_CODE(arm_mrc14, "mrc p14, 0, r0, c0, c5, 7\n svc #0");
ARM_CODE(arm_cdp, "cdp p7, 0, c0, c0, c0, 0\n svc #0");
ARM_CODE(arm_ldc, "ldc p6, c0, [r1]\n svc #0");
ARM_CODE(arm_undef_media, ".inst 0xe7ffffff\n svc #0");

THUMB_CODE(thumb_svc, "svc #0x45");
THUMB_CODE(thumb_udf, "udf #0x12");
THUMB_CODE(thumb_udf_w, "udf.w #0x1234");
THUMB_CODE(thumb_bkpt, "bkpt #7");
THUMB_CODE(thumb_load, "ldr r1, =" HOLE "\n ldr r2, [r1, #4]\n svc #0");
THUMB_CODE(thumb_load_w, "ldr r1, =" HOLE "\n ldr.w r2, [r1, #4]!\n svc #0");
THUMB_CODE(thumb_store, "ldr r1, =" HOLE "\n str r2, [r1, #4]\n svc #0");
THUMB_CODE(thumb_branch, "ldr r1, =" HOLE "\n bx r1");
THUMB_CODE(thumb_branch_t, "ldr r1, =" HOLE " + 3\n bx r1");
THUMB_CODE(thumb_it_svc, "cmp r1, r1\n ittt eq\n addeq r2, #1\n svceq #1\n addeq r3, #1");
THUMB_CODE(thumb_it_svc_not, "cmp r1, r1\n itet ne\n addne r2, #1\n svceq #1\n addne r3, #1");
THUMB_CODE(thumb_it_udf,
	   "cmp r1, r1\n itete eq\n addeq r2, #1\n udf #1\n .inst.n 0xde01\n addne r3, #1");
THUMB_CODE(thumb_it_udf_not,
	   "cmp r1, r1\n itett ne\n addne r2, #1\n addeq r5, #2\n .inst.w 0xf7f0a001\n addne r3, #1\n svc #9");
THUMB_CODE(thumb_it_load,
	   "ldr r1, =" HOLE "\n cmp r1, r1\n itttt eq\n addeq r2, #1\n addeq r3, #1\n ldreq r4, [r1]\n addeq r5, #1");
THUMB_CODE(thumb_it_mrc,
	   "cmp r1, r1\n itt eq\n addeq r2, #1\n mrceq p15, 0, r0, c1, c0, 0\n svc #0");
THUMB_CODE(thumb_it_mrc_not,
	   "cmp r1, r1\n itt ne\n addne r2, #1\n mrcne p15, 0, r0, c1, c0, 0\n svc #0");
THUMB_CODE(thumb_misaligned_pc, "svc #0\n nop\n nop\n nop");
THUMB_CODE(thumb_wide_svc_addr, "nop\n add.w r2, r2, #1\n svc #0");

#define CASE(name)	{ #name, name }

static const struct {
	const char *name;
	const u32 *code;
} arm_cases[] = {
	CASE(arm_svc), CASE(arm_svc_flags), CASE(arm_udf), CASE(arm_bkpt),
	CASE(arm_load), CASE(arm_store), CASE(arm_ldm), CASE(arm_branch), CASE(arm_undef_media),
	CASE(arm_mrc14), CASE(arm_cdp), CASE(arm_ldc),
}, thumb_cases[] = {
	CASE(thumb_svc), CASE(thumb_udf), CASE(thumb_udf_w), CASE(thumb_bkpt), CASE(thumb_load),
	CASE(thumb_load_w), CASE(thumb_store), CASE(thumb_branch), CASE(thumb_branch_t),
	CASE(thumb_it_svc), CASE(thumb_it_svc_not), CASE(thumb_it_udf), CASE(thumb_it_udf_not),
	CASE(thumb_it_load), CASE(thumb_it_mrc), CASE(thumb_it_mrc_not), CASE(thumb_wide_svc_addr),
};

static const u32 modes[] = {
	MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS,
};

static void from_all_modes(const char *where)
{
	u32 m, i;

	print(where);
	newline();
	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		print("mode ");
		print_hex(modes[m]);
		newline();
		for (i = 0; i < ARRAY_SIZE(arm_cases); i++)
			run_in_mode(arm_cases[i].name, modes[m], arm_cases[i].code);
	}
}

static void masks(void)
{
	static const u32 masks[] = { 0, PSR_A, PSR_I, PSR_F, PSR_A | PSR_I | PSR_F };
	struct state before, s;
	u32 i, m;

	print("masks\n");
	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		for (i = 0; i < ARRAY_SIZE(masks); i++) {
			state_init(&before, modes[m], m & 1 ? arm_svc : arm_load);
			before.psr = modes[m] | masks[i] | 0xa80f0000;
			s = before;
			enter(&s);
			state_print("svc or load", &s, m & 1 ? arm_svc : arm_load, &before);
		}
	}
}

static void thumb(void)
{
	struct state before, s;
	u32 i;

	print("thumb, in user mode\n");
	for (i = 0; i < ARRAY_SIZE(thumb_cases); i++) {
		state_init(&before, MODE_USR, thumb_cases[i].code);
		before.psr |= PSR_T;
		s = before;
		enter(&s);
		state_print(thumb_cases[i].name, &s, thumb_cases[i].code, &before);
	}
	/* into the middle of an IT block */
	state_init(&before, MODE_USR, thumb_wide_svc_addr);
	before.psr |= PSR_T | 0x0600e400;
	s = before;
	enter(&s);
	state_print("thumb in IT", &s, thumb_wide_svc_addr, &before);
}

void test(void)
{
	u32 *high;

	run_in_mode("mmu off, svc", MODE_USR, arm_svc);
	run_in_mode("mmu off, udf", MODE_SYS, arm_udf);
	run_in_mode("mmu off, bkpt", MODE_IRQ, arm_bkpt);
	run_in_mode("udf with a condition", MODE_USR, arm_udf_ne);
	run_in_mode("udf with a condition", MODE_SVC, arm_udf_ne);
	run_in_mode("smc", MODE_USR, arm_smc);
	run_in_mode("hvc", MODE_USR, arm_hvc_usr);
	run_in_mode("mcr", MODE_USR, arm_mcr);
	run_in_mode("mrc p14", MODE_USR, arm_mrc14);

	short_init();
	short_on();
	from_all_modes("vectors in the image");
	run_in_mode("stm^", MODE_SVC, arm_stm_user);
	run_in_mode("stm^", MODE_FIQ, arm_stm_user);
	masks();
	thumb();

	memcpy((void *)FREE_RAM, vectors, sizeof(vectors));
	sync_code((void *)FREE_RAM, sizeof(vectors));
	mcr(FREE_RAM, 0, c12, c0, 0);
	isb();
	*(volatile u32 *)vectors;
	from_all_modes("vectors moved by VBAR");

	high = short_page(0xffff0000);
	*high = FREE_RAM | L2_SMALL | L2_AP(1) | L2_NORMAL;
	short_flush();
	mcr(0xfffffff0, 0, c12, c0, 0);
	set_sctlr(get_sctlr() | SCTLR_V);
	from_all_modes("high vectors");
	thumb();
	print_hex(mrc(0, c12, c0, 0));
	newline();
	set_sctlr(get_sctlr() & ~SCTLR_V);
	mcr((u32)vectors, 0, c12, c0, 0);
	mmu_off();
	run_in_mode("mmu off again, svc", MODE_USR, arm_svc);
}
