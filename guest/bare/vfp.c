// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: the floating-point registers that every core has, d0-d15 and FPSCR, keep what was
 * put there over all ways out of the guest and back: the module's, the launcher's, User mode's,
 * and a unit that was off meanwhile.
 */
#include "lib/bare.h"

#define PL011_FR	(*(volatile u32 *)0x09000018)
#define GICD_TYPER	(*(volatile u32 *)0x08000004)

#define CPACR_CP10_CP11	0x00f00000u
#define FPEXC_EN	0x40000000u
/* FPSCR: flags, DN, FZ, RMode towards zero and the cumulative bits: what no core lacks */
#define FPSCR_VALUE	0xa3c0009fu

ARM_CODE(code_user_fp, ".fpu vfpv3-d16\n"
	 "vadd.f64 d1, d1, d1\n vmov r2, r3, d1\n vmov r4, r5, d15\n vmrs r6, fpscr\n svc #0\n");
ARM_CODE(code_fp, ".fpu vfpv3-d16\n vmov.f64 d0, d0\n svc #0\n");

static u64 image[16];

static void set_fpexc(u32 val)
{
	asm volatile(".fpu vfpv3-d16\n vmsr fpexc, %0\n isb" : : "r" (val) : "memory");
}

static void load(u32 fpscr)
{
	asm volatile(".fpu vfpv3-d16\n vmsr fpscr, %0\n vldmia %1, {d0-d15}"
		     : : "r" (fpscr), "r" (image) : "memory");
}

static u32 store(u64 *to)
{
	u32 fpscr;

	asm volatile(".fpu vfpv3-d16\n vmrs %0, fpscr\n vstmia %1, {d0-d15}"
		     : "=&r" (fpscr) : "r" (to) : "memory");
	return fpscr;
}

/* A line: FPSCR, how many of the registers differ, and the first that does. */
static void look(const char *what)
{
	u32 i, wrong = 0, first = 0;
	u64 now[16];
	u32 fpscr = store(now);

	for (i = 16; i-- > 0;) {
		if (now[i] != image[i]) {
			wrong++;
			first = i;
		}
	}
	print(what);
	print(": ");
	print_hex(fpscr);
	print_hex(wrong);
	print_hex(first);
	newline();
}

static void user_mode(void)
{
	struct state s;

	state_init(&s, MODE_USR, code_user_fp);
	enter(&s);
	print("user mode: ");
	print_hex(s.vector);
	print_hex(s.r[2]);
	print_hex(s.r[3]);
	print_hex(s.r[4]);
	print_hex(s.r[5]);
	print_hex(s.r[6]);
	newline();
}

static void while_off(const char *what)
{
	struct state s;

	state_init(&s, MODE_SVC, code_fp);
	enter(&s);
	print(what);
	print_hex(s.vector);
	newline();
}

void test(void)
{
	u32 i;

	while_off("access off: vector ");
	mcr(CPACR_CP10_CP11, 0, c1, c0, 2);
	isb();
	while_off("unit off: vector ");
	set_fpexc(FPEXC_EN);
	while_off("unit on: vector ");

	for (i = 0; i < 16; i++)
		image[i] = 0x3ff0000000000000ull + 0x0001000100010001ull * (i + 1);
	load(FPSCR_VALUE);
	look("loaded");
	tlbiall();
	look("after the TLB's maintenance");
	(void)GICD_TYPER;
	look("after a device of the module's");
	(void)PL011_FR;
	look("after a device of the launcher's");
	set_fpexc(0);
	tlbiall();
	while_off("off again: vector ");
	set_fpexc(FPEXC_EN);
	look("off and on");
	user_mode();
	store(image);
	load(0);
	look("with what user mode has made");
}
