// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: what only an emulator executes, between code that isn't worth one: loads and stores
 * of odd forms that meet devices, code in a device's register, exclusives on a device, the last
 * MiB of the address space; and what each side must see of the other: written code, written
 * tables, TLB maintenance, exclusives on both sides, timers, interrupts' masks, calls.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define RTC		0x09010000u	/* PL031 */
#define RTC_MR		4u		/* the alarm, which is masked: a word to keep */
#define TOP		0xfff00000u
#define VA		0x80000000u
#define ALIAS		0x80200000u
#define DEVICE_PAGE	(L2_SMALL | L2_SMALL_XN)

/* Nothing executes it on a device but an emulator: d0 from [r1]. */
#define ODD		"vld1.32 {d0}, [r1]\n"

static u32 page[2][1024] __attribute__((aligned(4096)));

static void fp_on(void)
{
	mcr(0xf << 20, 0, c1, c0, 2);
	isb();
	asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (1u << 30));
}

static u32 call(const void *code, u32 arg)
{
	return ((u32 (*)(u32))code)(arg);
}

static void value(const char *name, u32 v)
{
	print(name);
	print(" ");
	print_hex(v);
	newline();
}

/* -- odd forms ------------------------------------------------------------------------- */

ARM_CODE(vector_load, ".fpu neon\n" ODD "vmov r2, r3, d0\n svc #0");
ARM_CODE(vector_store, ".fpu neon\n vmov d0, r2, r3\n vst1.32 {d0}, [r1]\n svc #0");
ARM_CODE(fp_load, ".fpu neon\n vldr s1, [r1]\n vmov r2, s1\n svc #0");
ARM_CODE(user_block, "stmia r1, {r2, r13}^\n nop\n svc #0");
ARM_CODE(state_store, "cps #0x13\n mov sp, r1\n srsia sp, #0x13\n svc #0");
/* in a loop: the store may fail for no reason, A3.4.5 */
ARM_CODE(exclusive, "1: ldrex r2, [r1]\n add r2, r2, #1\n strex r3, r2, [r1]\n cmp r3, #0\n bne 1b\n svc #0");
ARM_CODE(lonely, "strex r3, r2, [r1]\n svc #0");

static const struct form {
	const char *name;
	const u32 *code;
} forms[] = {
	{ "vector load", vector_load }, { "vector store", vector_store }, { "fp load", fp_load },
	{ "user block", user_block }, { "state store", state_store }, { "exclusive", exclusive },
	{ "lonely store", lonely },
};

static void odd_forms(void)
{
	volatile u32 *mr = (volatile u32 *)(RTC + RTC_MR);
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		for (n = 0; n < 12; n++) {
			struct state s, before;

			*mr = 0x11223344 + n;
			state_init(&s, 0x13, forms[i].code);
			s.r[1] = RTC + RTC_MR;
			s.r[2] = 0x55667788;
			before = s;
			enter(&s);
			if (n == 0 || n == 11)
				state_print(forms[i].name, &s, forms[i].code, &before);
		}
		value("alarm", *mr);
	}
}

/* -- code in a register of a device -------------------------------------------------------- */

static void code_in_device(void)
{
	volatile u32 *mr = (volatile u32 *)(RTC + RTC_MR);
	struct state s;
	u32 i, sum = 0;

	*mr = 0xe12fff1e;			/* BX lr */
	dsb();
	isb();
	for (i = 0; i < 50; i++)
		sum += call((void *)(RTC + RTC_MR), i);
	value("code in a device", sum);
	*mr = 0xe7f000f0;			/* UDF */
	dsb();
	isb();
	state_init(&s, 0x13, (void *)(RTC + RTC_MR));
	enter(&s);
	value("undefined there", s.vector << 16 | (s.pc - RTC));
	/* where the machine has nothing */
	state_init(&s, 0x13, (void *)0x0b000000);
	enter(&s);
	value("nothing there", s.vector << 16 | (s.ifsr & 0x40f));
}

/* -- written code ------------------------------------------------------------------------ */

/* An odd load, then an instruction that changes from round to round, by native stores. */
static void code_written_natively(void)
{
	u32 *at = page[0], i, sum = 0;

	at[0] = 0xe59f1010;			/* LDR r1, [pc, #16] */
	at[1] = 0xf421078f;			/* VLD1.32 {d0}, [r1] */
	at[3] = 0xe12fff1e;			/* BX lr */
	at[6] = RTC + RTC_MR;
	for (i = 0; i < 300; i++) {
		at[2] = 0xe2800000 | (i & 0xff);	/* ADD r0, r0, #i */
		sync_code(at, 16);
		sum += call(at, i);
	}
	value("written natively", sum);
}

/* Emulated stores into a page that has run natively, and runs so again. */
ARM_CODE(patcher, ".fpu neon\n" ODD "str r2, [r0]\n" ODD "bx lr");

static void code_written_emulated(void)
{
	u32 *at = page[1], i, sum = 0;

	at[1] = 0xe10f1000;			/* MRS r1, CPSR */
	at[2] = 0xe201101f;			/* AND r1, r1, #0x1f */
	at[3] = 0xe0800001;			/* ADD r0, r0, r1 */
	at[4] = 0xe12fff1e;			/* BX lr */
	for (i = 0; i < 300; i++) {
		register u32 r0 asm("r0") = (u32)at;
		register u32 r1 asm("r1") = RTC + RTC_MR;
		register u32 r2 asm("r2") = 0xe2800000 | (i & 0xff);
		register const u32 *code asm("r3") = patcher;

		asm volatile("blx %3" : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (code)
			     : : "r12", "lr", "memory", "cc");
		sync_code(at, 20);
		sum += call(at, i);
	}
	value("written emulated", sum);
}

/* -- both sides' exclusives -------------------------------------------------------------- */

/* A loop of exclusives on RAM with an odd load in its middle. */
ARM_CODE(counting, ".fpu neon\n 1: ldrex r2, [r0]\n" ODD "add r2, r2, #1\n strex r3, r2, [r0]\n"
	 "cmp r3, #0\n bne 1b\n bx lr");

static void exclusives(void)
{
	static u32 counter;
	u32 i;

	for (i = 0; i < 100; i++) {
		register u32 *r0 asm("r0") = &counter;
		register u32 r1 asm("r1") = RTC + RTC_MR;
		register const u32 *code asm("r4") = counting;

		asm volatile("blx %2" : "+r" (r0), "+r" (r1), "+r" (code)
			     : : "r2", "r3", "r12", "lr", "memory", "cc");
	}
	value("exclusives", counter);
}

/* -- tables ------------------------------------------------------------------------------- */

static u32 frames[2][1024] __attribute__((aligned(4096)));

/* Another frame at [r0]'s page, by an emulated store and emulated maintenance: r2, r3 = &entry. */
ARM_CODE(remap, ".fpu neon\n" ODD "str r2, [r3]\n dsb\n mcr p15, 0, r0, c8, c7, 1\n dsb\n isb\n"
	 ODD "bx lr");

static void tables(void)
{
	volatile u32 *at = (volatile u32 *)VA;
	u32 i, sum = 0, *entry;

	frames[0][0] = 1;
	frames[1][0] = 0x1000;
	short_init();
	entry = short_page(VA);
	*short_page(VA + 0x1000) = RTC | DEVICE_PAGE | L2_AP(1);
	*entry = (u32)frames[0] | L2_SMALL | L2_NORMAL | L2_AP(1);
	short_on();
	for (i = 0; i < 300; i++) {
		register u32 r0 asm("r0") = VA;
		register u32 r1 asm("r1") = VA + 0x1000 + RTC_MR;
		register u32 r2 asm("r2") = (u32)frames[i & 1] | L2_SMALL | L2_NORMAL | L2_AP(1);
		register u32 *r3 asm("r3") = entry;
		register const u32 *code asm("r4") = remap;

		asm volatile("blx %4" : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3), "+r" (code)
			     : : "r12", "lr", "memory", "cc");
		sum += *at;
		*at += 1;
	}
	value("tables", sum);

	/* the last MiB, which hypervisors like to have for themselves */
	for (i = 0; i < 256; i++) {
		*short_page(TOP + 4096 * i) = (TEST_RAM + 4096 * i) | L2_SMALL | L2_NORMAL | L2_AP(1);
		*short_page(ALIAS + 4096 * i) = *short_page(TOP + 4096 * i);
	}
	short_flush();
	for (i = 0; i < 0x100000; i += 0x404)
		*(volatile u32 *)(TOP + (i & ~3u)) = i;
	for (i = sum = 0; i < 0x100000; i += 0x404)
		sum += *(volatile u32 *)(TOP + (i & ~3u)) ^ *(volatile u32 *)(ALIAS + (i & ~3u));
	value("the last MiB", sum);
	for (i = 0; i < 256; i++) {
		u32 *code = (u32 *)(TOP + 4096 * i + 0x800);

		code[0] = 0xe2800000 | i;	/* ADD r0, r0, #i */
		code[1] = 0xe12fff1e;		/* BX lr */
		sync_code(code, 8);
	}
	for (i = sum = 0; i < 256; i++)
		sum += call((void *)(TOP + 4096 * i + 0x800), sum);
	value("code there", sum);
	mmu_off();
}

/* -- what is the hypervisor's, from emulated code -------------------------------------------- */

/* The count goes on, a timer that is met says so, r0 = 0 if both do. */
ARM_CODE(timer, ".fpu neon\n mov r0, #0\n" ODD
	 "mrrc p15, 1, r2, r3, c14\n" ODD "mrrc p15, 1, r4, r5, c14\n"
	 "subs r4, r4, r2\n sbcs r5, r5, r3\n addlo r0, r0, #1\n"
	 "mov r2, #1000\n mcr p15, 0, r2, c14, c3, 0\n mov r2, #3\n mcr p15, 0, r2, c14, c3, 1\n"
	 ODD "1: mrc p15, 0, r2, c14, c3, 1\n tst r2, #4\n beq 1b\n"
	 "mov r2, #0\n mcr p15, 0, r2, c14, c3, 1\n" ODD "mrc p15, 0, r2, c14, c3, 1\n"
	 "add r0, r0, r2\n bx lr");
/* PSCI_VERSION, and the masks around it */
ARM_CODE(calls, ".arch_extension virt\n .fpu neon\n" ODD "mov r0, #0x84000000\n hvc #0\n mov r4, r0\n" ODD
	 "cpsie i\n" ODD "mrs r2, cpsr\n cpsid i\n" ODD "mrs r3, cpsr\n"
	 "and r2, r2, #0x80\n and r3, r3, #0x80\n add r0, r2, r3, lsl #8\n bx lr");

/* @what 20 times, with a device in r1: the sum of what it leaves in r0. */
static u32 twenty_times(const u32 *what)
{
	u32 i, sum = 0;

	for (i = 0; i < 20; i++) {
		register u32 r0 asm("r0");
		register u32 r1 asm("r1") = RTC + RTC_MR;
		register const u32 *code asm("r6") = what;

		asm volatile("blx %2" : "=r" (r0), "+r" (r1), "+r" (code)
			     : : "r2", "r3", "r4", "r5", "r12", "lr", "memory", "cc");
		sum += r0;
	}
	return sum;
}

static void modules(void)
{
	value("timer", twenty_times(timer));
	value("calls", twenty_times(calls));
}

void test(void)
{
	fp_on();
	odd_forms();
	code_in_device();
	code_written_natively();
	code_written_emulated();
	exclusives();
	modules();
	tables();
}
