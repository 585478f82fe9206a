// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: what a host answers without leaving the guest, many times over, with every register
 * full: nothing that comes between, be it an interrupt of the host's, may change one.
 * rounds= says how often.
 */
#include "lib/bare.h"

ARM_CODE(code_kernel,
	 "mrs r0, cpsr\n mrs r1, spsr\n msr spsr_cxsf, r1\n cpsid aif\n msr cpsr_c, r0\n"
	 "mrc p15, 0, r2, c1, c0, 0\n mrc p15, 0, r3, c3, c0, 0\n mcr p15, 0, r3, c3, c0, 0\n"
	 "mrc p15, 0, r4, c5, c0, 0\n mcr p15, 0, r5, c13, c0, 3\n mrc p15, 0, r5, c6, c0, 0\n svc #0\n");
ARM_CODE(code_user, "add r0, r0, #1\n add r12, r12, #1\n svc #0\n");

/* How many of r@first-r12, sp and lr have another value. */
static u32 changed(const struct state *a, const struct state *b, u32 first, u32 bank)
{
	u32 i, n = (a->sp[bank] != b->sp[bank]) + (a->lr[bank] != b->lr[bank]);

	for (i = first; i < 13; i++)
		n += a->r[i] != b->r[i];
	return n;
}

void test(void)
{
	u32 rounds = argument("rounds", 2000), wrong = 0, i;
	struct state before, s;

	mcr(0x00c0ffee, 0, c6, c0, 0);		/* DFAR */
	for (i = 0; i < rounds; i++) {
		state_init(&s, MODE_USR, code_user);
		before = s;
		before.r[0]++;
		before.r[12]++;
		enter(&s);
		wrong += s.vector != VEC_SVC || changed(&before, &s, 0, BANK_USR);

		state_init(&s, MODE_ABT, code_kernel);
		before = s;
		enter(&s);
		wrong += s.vector != VEC_SVC || s.r[0] != s.psr || s.r[5] != 0x00c0ffee ||
			 changed(&before, &s, 6, BANK_ABT);
	}
	print("rounds that went wrong: ");
	print_hex(wrong);
	newline();
}
