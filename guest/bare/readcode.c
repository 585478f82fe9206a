// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: a kernel that reads its own code, in every form that a load has, from the page that
 * it stands in and from another one.  What it finds is what it wrote (ARM DDI 0406C A3.5.4): a
 * hypervisor that replaces instructions must not show that.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

/* The page that is read, with code that a deprivileged kernel can't execute as it stands. */
static u32 page[2][1024] __attribute__((aligned(4096)));
/* Code outside of it */
static u32 code[64] __attribute__((aligned(4096)));

#define READ_AT		64	/* what is read: words of page[0] */
#define LOAD_AT		512	/* where a load stands that reads its own page */
#define DATA_AT		768	/* a variable */

ARM_CODE(privileged, "mrs r1, cpsr\n cpsid i\n mrs r2, cpsr\n msr cpsr_c, r1\n mrc p15, 0, r3, c3, c0, 0\n"
	 "mcr p15, 0, r3, c3, c0, 0\n ldrt r3, [sp], #0\n cpsid if\n bx lr\n"
	 "movs pc, lr\n srsdb sp!, #0x13\n rfeia sp!\n stmia r0, {r0-lr}^\n ldmia r0, {r0-lr}^\n wfi\n .word 0xe1600070");
#define PRIVILEGED_WORDS	16

static const struct {
	const char *name;
	u32 word;
} loads[] = {
	{ "ldr", 0xe5912000 }, { "ldr, pre", 0xe5b12004 }, { "ldr, post", 0xe4912004 },
	{ "ldr, reg", 0xe7912004 }, { "ldr, shifted", 0xe7912104 }, { "ldr, down", 0xe5112004 },
	{ "ldrb", 0xe5d12001 }, { "ldrh", 0xe1d120b2 }, { "ldrsb", 0xe1d120d3 }, { "ldrsh", 0xe1d120f2 },
	{ "ldrd", 0xe1c120d0 }, { "ldrd, pre", 0xe1e120d8 }, { "ldrt", 0xe4b12004 }, { "ldrbt", 0xe4f12001 },
	{ "ldrht", 0xe0f120b2 }, { "ldrsbt", 0xe0f120d1 }, { "ldrsht", 0xe0f120f2 },
	{ "ldm", 0xe891000c }, { "ldm!", 0xe8b10fec }, { "ldmda!", 0xe831000c }, { "ldmib!", 0xe9b1000c },
	{ "ldmdb!", 0xe931000c }, { "ldm^", 0xe8d1600c }, { "ldmib^", 0xe9d1600c },
	{ "ldm sp, lr^", 0xe8d16000 }, { "ldm r0-lr^", 0xe8d17ffe },
	{ "ldrex", 0xe1912f9f }, { "ldrexd", 0xe1b12f9f }, { "ldrexb", 0xe1d12f9f }, { "ldrexh", 0xe1f12f9f },
	{ "ldrne", 0x15912000 }, { "pld", 0xf5d1f000 },
};

/* Literals: the address is the instruction's own. */
static const struct {
	const char *name;
	u32 word, add;		/* add: of the distance in bytes, at the encoding's place */
} literals[] = {
	{ "ldr", 0xe51f2000, 0 }, { "ldrb", 0xe55f2000, 0 },
};

static u32 call(const void *at)
{
	return ((u32 (*)(u32))at)(0);
}

/* The page with its code, which has run: what it holds is in use as code. */
static void prepare(void)
{
	u32 i;

	for (i = 0; i < 1024; i++)
		page[0][i] = 0xe1a00000 + i;		/* MOV r0, r0 and what comes after it */
	for (i = 0; i < 8 * PRIVILEGED_WORDS; i++)
		page[0][READ_AT + i] = privileged[i % PRIVILEGED_WORDS];
	page[0][0] = 0xe10f0000;			/* MRS r0, CPSR; BX lr */
	page[0][1] = 0xe12fff1e;
	page[0][DATA_AT] = 0x1000;
	sync_code(page, sizeof(page));
	call(page);
}

/* @beside: in the page itself. */
static u32 *place(bool_t beside, const u32 *words, u32 n)
{
	u32 *at = beside ? &page[0][LOAD_AT] : code, i;

	for (i = 0; i < n; i++)
		at[i] = words[i];
	sync_code(at, 4 * n);
	call(page);
	return at;
}

static void one(const char *name, u32 word, bool_t beside, u32 psr, u32 address)
{
	const u32 insns[] = { word, 0xe320f000, 0xef000000 };
	const u32 *at = place(beside, insns, 3);
	struct state before, s;

	state_init(&before, MODE_SVC, at);
	before.psr |= psr;
	before.r[1] = address;
	before.r[4] = 4;
	s = before;
	enter(&s);
	/* banked registers of User mode and r8-r12 are in the line, too */
	state_print(name, &s, at, &before);
}

/* @mmu: without it memory is strongly-ordered, where unaligned accesses are UNPREDICTABLE (A3.2.2) */
static void core_loads(bool_t beside, bool_t mmu)
{
	u32 i, a = (u32)&page[0][READ_AT + 16];

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		one(loads[i].name, loads[i].word, beside, 0, a);
		one(loads[i].name, loads[i].word, beside, PSR_E, a + 8);
		if (mmu && i < 17)
			one(loads[i].name, loads[i].word, beside, 0, a + 3);
	}
	for (i = 0; i < ARRAY_SIZE(literals); i++)
		one(literals[i].name, literals[i].word | (4 * (LOAD_AT - READ_AT - 5) + 8), 1, 0, a);
	one("ldrh", 0xe15f20b0 | 8 << 8 | 4, 1, 0, a);	/* 0x84 back, data; */
	one("ldrd", 0xe14f20d0 | 8 << 8 | 8, 1, 0, a);
}

static u32 sum(const u32 *from, const u32 *to)
{
	u32 h = 0;

	while (from < to)
		h = h * 31 + *from++;
	return h;
}

static u32 sum_bytes(const u8 *from, const u8 *to)
{
	u32 h = 0;

	while (from < to)
		h = h * 33 + *from++;
	return h;
}

extern const u32 _start[];

/* The image itself: most of what has run since the start. */
static void own_text(void)
{
	const u32 *end = (const u32 *)((u32)test & ~0xfffu) + 1024;

	print("own text ");
	print_hex(sum(_start, end));
	print_hex(sum_bytes((const u8 *)_start, (const u8 *)end));
	memcpy(page[1], page[0], 4096);
	print_hex(sum(page[1], page[1] + 1024));
	print_hex(sum_bytes((const u8 *)page[1], (const u8 *)(page[1] + 1024)));
	newline();
}

static u64 fp_fill[32], fp_regs[32];

static u32 fp_load(u32 word, bool_t beside, u32 psr, u32 address)
{
	const u32 insns[] = { word, 0xef000000 };
	const u32 *at = place(beside, insns, 2);
	struct state before, s;
	u32 h = 0, i;

	asm volatile(".fpu neon\n vldm %0, {d0-d15}\n add r1, %0, #128\n vldm r1, {d16-d31}"
		     : : "r" (fp_fill) : "memory", "r1");
	state_init(&before, MODE_SVC, at);
	before.psr |= psr;
	before.r[1] = address;
	before.r[4] = 0x24;
	s = before;
	enter(&s);
	asm volatile(".fpu neon\n vstm %0, {d0-d15}\n add r1, %0, #128\n vstm r1, {d16-d31}"
		     : : "r" (fp_regs) : "memory", "r1");
	for (i = 0; i < 32; i++)
		h = h * 31 + (u32)fp_regs[i] + 7 * (u32)(fp_regs[i] >> 32);
	h = h * 31 + s.vector;
	h = h * 31 + s.r[1] - address;
	if (s.vector == VEC_DABT)
		h = h * 31 + s.dfsr + 3 * (s.dfar - address);
	return h;
}

/* A hash over the results of 2^@bits encodings: @word, counted up at @shift. */
static void fp_sweep(const char *name, u32 word, u32 shift, u32 bits, bool_t beside)
{
	const u32 a = (u32)&page[0][READ_AT];
	u32 i, h = 0, unaligned = 0, big = 0;

	for (i = 0; i < 1u << bits; i++) {
		h = h * 31 + fp_load(word | i << shift, beside, 0, a);
		unaligned = unaligned * 31 + fp_load(word | i << shift, beside, 0, a + 4 + (i & 3));
		big = big * 31 + fp_load(word | i << shift, beside, PSR_E, a + 32);
	}
	print(name);
	print(" ");
	print_hex(word);
	print_hex(h);
	print_hex(unaligned);
	print_hex(big);
	newline();
}

static void fp_loads(bool_t beside)
{
	u32 i, n;

	/* VLDR of both sizes, VLDM and VPOP of few and of all */
	static const u32 vfp[] = {
		0xed912a00, 0xedd12a01, 0xed912b02, 0xedd12b00, 0xed112b04, 0xed112a03,
		0xec912a04, 0xecb12a05, 0xecf12a03, 0xec910b20, 0xecb11b08, 0xec912b03,
		0xed312b06, 0xed712a07, 0xecf10b20, 0xecb10b09, 0xed912b3f,
	};

	for (i = 0; i < ARRAY_SIZE(vfp); i++)
		fp_sweep("vldr, vldm", vfp[i], 0, 0, beside);
	for (i = 0; i < 11; i++) {
		/* VLDn of multiple structures: size and align; no writeback, by 4, by bytes */
		fp_sweep("vldn", 0xf421200f | i << 8, 4, 4, beside);
		fp_sweep("vldn", 0xf4612000 | i << 8 | (i & 1 ? 4 : 13), 4, 4, beside);
	}
	for (n = 0; n < 4; n++) {
		for (i = 0; i < 3; i++)
			fp_sweep("lane", 0xf4a12000 | i << 10 | n << 8 | (n & 1 ? 13 : 4), 4, 4, beside);
		fp_sweep("all lanes", 0xf4e12c0f | n << 8, 4, 4, beside);
	}
}

ARM_CODE(add_loop, "mov r6, #0\n 1: ldrex r2, [r1]\n add r2, r2, #1\n strex r3, r2, [r1]\n"
	 "cmp r3, #0\n bne 1b\n bl 2f\n add r6, r6, #1\n cmp r6, #50\n bne 1b\n svc #0\n2: bx r5");

/* A counter in the page, which is run after each round. */
static void exclusives(bool_t beside)
{
	const u32 *at = place(beside, add_loop, 12);
	struct state before, s;

	state_init(&before, MODE_SVC, at);
	before.r[1] = (u32)&page[0][DATA_AT];
	before.r[5] = (u32)page;
	s = before;
	enter(&s);
	s.lr[BANK_SVC] = before.lr[BANK_SVC];
	state_print("exclusive", &s, at, &before);
	print_hex(page[0][DATA_AT]);
	newline();
}

void test(void)
{
	u32 on, beside, i;

	mcr(0x00f00000, 0, c1, c0, 2);
	isb();
	asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (0x40000000));
	for (i = 0; i < 32; i++)
		fp_fill[i] = 0x0123456789abcdefull * (i + 1);
	for (on = 0; on < 2; on++) {
		if (on) {
			short_init();
			short_on();
		}
		prepare();
		for (beside = 0; beside < 2; beside++) {
			core_loads(beside, on);
			if (on)
				fp_loads(beside);
			exclusives(beside);
		}
		own_text();
	}
	mmu_off();
}
