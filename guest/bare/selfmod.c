// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: code that is data: written, copied and read back code, with the maintenance that
 * the manual demands (ARM DDI 0406C B2.2.9), stores of all kinds into the page that they
 * stand in, and floating point over exceptions.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

static u32 page[3][1024] __attribute__((aligned(4096)));

static u32 call(const void *code, u32 arg)
{
	return ((u32 (*)(u32))code)(arg);
}

/* Each round another instruction at one place, then at another place of the page. */
static void rewrite(void)
{
	u32 i, sum = 0;

	for (i = 0; i < 200; i++) {
		u32 *at = &page[0][(i * 7) & 1015];

		at[0] = 0xe2800000 | (i & 0xff);	/* ADD r0, r0, #i */
		at[1] = 0xe10f1000;			/* MRS r1, CPSR */
		at[2] = 0xe201101f;			/* AND r1, r1, #0x1f */
		at[3] = 0xe0800001;			/* ADD r0, r0, r1 */
		at[4] = 0xe12fff1e;			/* BX lr */
		sync_code(at, 20);
		sum += call(at, i);
	}
	print_hex(sum);
	newline();
}

ARM_CODE(privileged, "mrs r1, cpsr\n cpsid i\n mrs r2, cpsr\n msr cpsr_c, r1\n orr r0, r0, #0x40\n"
	 "and r1, r1, #0x1f\n and r2, r2, #0x80\n add r0, r0, r1\n add r0, r0, r2\n"
	 "mrc p15, 0, r1, c3, c0, 0\n add r0, r0, r1\n bx lr");
#define PRIVILEGED_WORDS	12

/* Code copied from where it runs as an instruction copy: by words, bytes, blocks. */
static void copied(void)
{
	volatile u8 *bytes = (volatile u8 *)page[1];
	u32 i;

	print_hex(call(privileged, 1));
	for (i = 0; i < PRIVILEGED_WORDS; i++)
		page[1][i] = privileged[i];
	sync_code(page[1], 4 * PRIVILEGED_WORDS);
	print_hex(call(page[1], 2));
	for (i = 0; i < 4 * PRIVILEGED_WORDS; i++)
		bytes[0x800 + i] = ((const volatile u8 *)page[1])[i];
	sync_code(&page[1][0x200], 4 * PRIVILEGED_WORDS);
	print_hex(call(&page[1][0x200], 3));
	/* and a copy of the copy, from a page that has run, to another */
	memcpy(page[2], page[1], 4096);
	sync_code(page[2], 4096);
	print_hex(call(&page[2][0x200], 4));
	newline();
}

/* Over a page's end. */
static void across(void)
{
	u32 i, *at = &page[1][0] - 5;

	for (i = 0; i < PRIVILEGED_WORDS; i++)
		at[i] = privileged[i];
	sync_code(at, 4 * PRIVILEGED_WORDS);
	print_hex(call(at, 5));
	newline();
}

/*
 * Two virtual addresses of one page: written through the one, run by the other; code
 * of User mode that the kernel writes, and the other way round.
 */
static void aliases(void)
{
	const u32 va = 0x80000000;
	struct state s;
	u32 i;

	*short_page(va) = (u32)page[0] | L2_SMALL | L2_AP(3) | L2_NORMAL;
	short_flush();
	for (i = 0; i < 8; i++) {
		page[0][0] = 0xe3a02000 | i;		/* MOV r2, #i */
		page[0][1] = 0xef000000;
		sync_code(page[0], 8);
		sync_code((void *)va, 8);
		state_init(&s, i & 1 ? MODE_USR : MODE_SYS, (void *)va);
		enter(&s);
		print_hex(s.r[2]);
	}
	newline();
}

/* Words behind the code are its own data. */
ARM_CODE(beside,
	 "adr r1, 9f\n mov r2, #0x11\n str r2, [r1]\n strb r2, [r1, #5]\n strh r2, [r1, #10]\n"
	 "mov r3, #0x22\n strd r2, r3, [r1, #16]\n stmib r1!, {r2, r3}\n"
	 "sub r1, r1, #8\n str r3, [r1, #28]\n str r2, [r1], #4\n str r2, [r1, #4]!\n"
	 "adr r1, 9f\n"
	 "1: ldrex r4, [r1]\n add r4, r4, #1\n strex r5, r4, [r1]\n cmp r5, #0\n bne 1b\n"
	 "2: ldrexb r4, [r1]\n add r4, r4, #1\n strexb r5, r4, [r1]\n cmp r5, #0\n bne 2b\n"
	 "add r6, r1, #16\n"
	 "3: ldrexd r8, r9, [r6]\n add r8, r8, #1\n strexd r5, r8, r9, [r6]\n cmp r5, #0\n bne 3b\n"
	 "ldrex r4, [r1]\n clrex\n strex r5, r4, [r1]\n"
	 "4: ldrexh r4, [r6]\n add r4, r4, #1\n strexh r7, r4, [r6]\n cmp r7, #0\n bne 4b\n"
	 "ldrex r4, [r1]\n strex r7, r4, [r6]\n"
	 /* SWP r10, r2, [r1]; SWPB r12, r3, [r6] */
	 ".inst 0xe101a092\n .inst 0xe146c093\n ldr r11, [r6]\n"
	 "ldm r1, {r0, r2, r3, r4}\n svc #0\n .balign 8\n 9: .space 64");

static void stores_beside(void)
{
	struct state before, s;
	u32 i;

	for (i = 0; i < 3; i++) {
		state_init(&before, MODE_SVC, beside);
		s = before;
		enter(&s);
		/* STREX to another address than LDREX's: may store or not */
		s.r[7] = 0;
		state_print("beside", &s, beside, &before);
	}
}

static u32 fp_sum(void)
{
	u32 h = 0, i;
	static u64 regs[32];

	asm volatile(".fpu neon\n vstm %0, {d0-d15}\n add r1, %0, #128\n vstm r1, {d16-d31}"
		     : : "r" (regs) : "memory", "r1");
	for (i = 0; i < 32; i++)
		h = h * 31 + (u32)regs[i] + 7 * (u32)(regs[i] >> 32);
	return h;
}

ARM_CODE(fp_user, ".fpu neon\n vadd.i32 q0, q1, q2\n vmov.f64 d31, #1.0\n vadd.f64 d30, d31, d31\n"
	 "vmrs r2, fpscr\n vmov r3, r4, d30\n svc #0");

/* Registers stay what they are over exceptions, other modes and prints (which leave the guest). */
static void floating(void)
{
	static u64 fill[32];
	u32 i;

	mcr(0x00f00000, 0, c1, c0, 2);
	isb();
	asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (0x40000000));
	for (i = 0; i < 32; i++)
		fill[i] = 0x0123456789abcdefull * (i + 1);
	asm volatile(".fpu neon\n vldm %0, {d0-d15}\n add r1, %0, #128\n vldm r1, {d16-d31}"
		     : : "r" (fill) : "memory", "r1");
	asm volatile(".fpu neon\n vmsr fpscr, %0" : : "r" (0xf3c00000));
	for (i = 0; i < 4; i++) {
		print_hex(fp_sum());
		run_in_mode("fp", i & 1 ? MODE_USR : MODE_IRQ, fp_user);
		print_hex(fp_sum());
		asm volatile(".fpu neon\n vmrs %0, fpscr" : "=r" (fill[0]));
		print_hex(fill[0]);
		/* off and on again */
		asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (0));
		run_in_mode("fp off", MODE_USR, fp_user);
		asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (0x40000000));
	}
	newline();
}

void test(void)
{
	u32 on;

	for (on = 0; on < 2; on++) {
		if (on) {
			short_init();
			short_on();
			aliases();
		}
		rewrite();
		copied();
		across();
		stores_beside();
		floating();
	}
	mmu_off();
}
