// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: a kernel uses all three thread registers (ARM DDI 0406C B4.1.150 to 152) with different
 * values in every mode, next to User mode's use of its own, and executes copies of code that reads
 * them: copied by its own loads from code that has run, by another address, by User mode.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

static u32 page[4][1024] __attribute__((aligned(4096)));

/* With and without condition; r6 is written. */
ARM_CODE(kernel_uses,
	 "mrc p15, 0, r2, c13, c0, 4\n mrc p15, 0, r3, c13, c0, 2\n mrc p15, 0, r4, c13, c0, 3\n cmp r2, r2\n"
	 "mrceq p15, 0, r5, c13, c0, 4\n mrcne p15, 0, r5, c13, c0, 2\n mcreq p15, 0, r6, c13, c0, 2\n"
	 "mrc p15, 0, r7, c13, c0, 2\n mrc p15, 0, r8, c13, c0, 4\n svc #0");
#define USES_WORDS	10

ARM_CODE(user_uses,
	 "mrc p15, 0, r2, c13, c0, 2\n mrc p15, 0, r3, c13, c0, 3\n mcr p15, 0, r6, c13, c0, 2\n"
	 "mrc p15, 0, r4, c13, c0, 2\n svc #0");

/* r3 words from [r1] to [r2] */
ARM_CODE(copy_words, "1: ldr r4, [r1], #4\n str r4, [r2], #4\n subs r3, r3, #1\n bne 1b\n svc #0");

static void run(const char *name, u32 mode, const u32 *code, u32 n)
{
	struct state before, s;

	mcr(0x11110000 + n, 0, c13, c0, 2);
	mcr(0x22220000 + n, 0, c13, c0, 3);
	mcr(0x33330000 + n, 0, c13, c0, 4);
	state_init(&before, mode, code);
	before.r[6] = 0x44440000 + n;
	s = before;
	enter(&s);
	/* enter() needs the registers for itself afterwards */
	state_print(name, &s, code, &before);
}

static void modes(void)
{
	static const u32 all[] = { MODE_SVC, MODE_USR, MODE_SYS, MODE_IRQ, MODE_USR, MODE_FIQ, MODE_ABT, MODE_UND, MODE_USR };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		run("own", all[i], all[i] == MODE_USR ? user_uses : kernel_uses, i);
}

static void copied(u32 on)
{
	const u32 va = 0x80000000;
	const u32 *from = kernel_uses;
	struct state s;
	u32 i, k;

	/* loads of the kernel's; then a copy of that copy */
	for (k = 0; k < 2; k++) {
		for (i = 0; i < USES_WORDS; i++)
			page[k][i] = from[i];
		sync_code(page[k], 4 * USES_WORDS);
		run("copied", MODE_SVC, page[k], 0x10 + k);
		from = page[k];
	}
	state_init(&s, MODE_USR, copy_words);
	s.r[1] = (u32)kernel_uses;
	s.r[2] = (u32)page[2];
	s.r[3] = USES_WORDS;
	enter(&s);
	sync_code(page[2], 4 * USES_WORDS);
	run("by User mode", MODE_SVC, page[2], 0x12);
	if (!on)
		return;
	*short_page(va) = ((u32)kernel_uses & ~0xfffu) | L2_SMALL | L2_SMALL_XN | L2_AP(3) | L2_NORMAL;
	*short_page(va + 0x1000) = (((u32)kernel_uses & ~0xfffu) + 0x1000) | L2_SMALL | L2_SMALL_XN | L2_AP(3) | L2_NORMAL;
	short_flush();
	memcpy(page[3], (void *)(va | ((u32)kernel_uses & 0xfff)), 4 * USES_WORDS);
	sync_code(page[3], 4 * USES_WORDS);
	run("by another address", MODE_SVC, page[3], 0x13);
}

void test(void)
{
	u32 on;

	for (on = 0; on < 2; on++) {
		if (on) {
			short_init();
			short_on();
		}
		modes();
		copied(on);
	}
	mmu_off();
}
