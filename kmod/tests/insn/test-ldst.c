// SPDX-License-Identifier: GPL-2.0-only
/* Loads and stores: every addressing form, results, big-endian data, refusals. */
#include "test.h"

#include "ldst.h"
#include "ldst-simd.h"

/*
 * With pc = 0x1000, r1 = 0x8100, r2 = 8, r3 = 0x80000010, sp = 0x8200 and every other
 * register n = 0x100 + n: the words are what GNU as makes of the text.
 */
static const struct {
	bool thumb;
	u32 word;		/* T32: hw1 << 16 | hw2, or a halfword */
	unsigned int len;
	u32 first;		/* address of the first access */
	unsigned int size, nr;
	bool load, unpriv;
	u32 base;		/* the base register afterwards */
	unsigned int rn;
	const char *text;
} forms[] = {
	{ false, 0xe5910000, 4, 0x00008100, 4, 1, 1, 0, 0x00008100, 1, "ldr r0, [r1]" },
	{ false, 0xe5910004, 4, 0x00008104, 4, 1, 1, 0, 0x00008100, 1, "ldr r0, [r1, #4]" },
	{ false, 0xe5310004, 4, 0x000080fc, 4, 1, 1, 0, 0x000080fc, 1, "ldr r0, [r1, #-4]!" },
	{ false, 0xe4910008, 4, 0x00008100, 4, 1, 1, 0, 0x00008108, 1, "ldr r0, [r1], #8" },
	{ false, 0xe7910002, 4, 0x00008108, 4, 1, 1, 0, 0x00008100, 1, "ldr r0, [r1, r2]" },
	{ false, 0xe7310102, 4, 0x000080e0, 4, 1, 1, 0, 0x000080e0, 1, "ldr r0, [r1, -r2, lsl #2]!" },
	{ false, 0xe79100c3, 4, 0xc0008108, 4, 1, 1, 0, 0x00008100, 1, "ldr r0, [r1, r3, asr #1]" },
	{ false, 0xe7910063, 4, 0x40008108, 4, 1, 1, 0, 0x00008100, 1, "ldr r0, [r1, r3, rrx]" },
	{ false, 0xe59f0008, 4, 0x00001010, 4, 1, 1, 0, 0x00001008, 15, "ldr r0, [pc, #8]" },
	{ false, 0xe5d10001, 4, 0x00008101, 1, 1, 1, 0, 0x00008100, 1, "ldrb r0, [r1, #1]" },
	{ false, 0xe5a10004, 4, 0x00008104, 4, 1, 0, 0, 0x00008104, 1, "str r0, [r1, #4]!" },
	{ false, 0xe4c10001, 4, 0x00008100, 1, 1, 0, 0, 0x00008101, 1, "strb r0, [r1], #1" },
	{ false, 0xe581f000, 4, 0x00008100, 4, 1, 0, 0, 0x00008100, 1, "str pc, [r1]" },
	{ false, 0xe1d100b2, 4, 0x00008102, 2, 1, 1, 0, 0x00008100, 1, "ldrh r0, [r1, #2]" },
	{ false, 0xe1d100f2, 4, 0x00008102, 2, 1, 1, 0, 0x00008100, 1, "ldrsh r0, [r1, #2]" },
	{ false, 0xe15100d1, 4, 0x000080ff, 1, 1, 1, 0, 0x00008100, 1, "ldrsb r0, [r1, #-1]" },
	{ false, 0xe1a100b2, 4, 0x00008108, 2, 1, 0, 0, 0x00008108, 1, "strh r0, [r1, r2]!" },
	{ false, 0xe01100b2, 4, 0x00008100, 2, 1, 1, 0, 0x000080f8, 1, "ldrh r0, [r1], -r2" },
	{ false, 0xe1c140d8, 4, 0x00008108, 4, 2, 1, 0, 0x00008100, 1, "ldrd r4, r5, [r1, #8]" },
	{ false, 0xe08140d2, 4, 0x00008100, 4, 2, 1, 0, 0x00008108, 1, "ldrd r4, r5, [r1], r2" },
	{ false, 0xe16140f8, 4, 0x000080f8, 4, 2, 0, 0, 0x000080f8, 1, "strd r4, r5, [r1, #-8]!" },
	{ false, 0xe8910015, 4, 0x00008100, 4, 3, 1, 0, 0x00008100, 1, "ldm r1, {r0, r2, r4}" },
	{ false, 0xe9b10015, 4, 0x00008104, 4, 3, 1, 0, 0x0000810c, 1, "ldmib r1!, {r0, r2, r4}" },
	{ false, 0xe8110015, 4, 0x000080f8, 4, 3, 1, 0, 0x00008100, 1, "ldmda r1, {r0, r2, r4}" },
	{ false, 0xe9310015, 4, 0x000080f4, 4, 3, 1, 0, 0x000080f4, 1, "ldmdb r1!, {r0, r2, r4}" },
	{ false, 0xe8a10005, 4, 0x00008100, 4, 2, 0, 0, 0x00008108, 1, "stm r1!, {r0, r2}" },
	{ false, 0xe9218001, 4, 0x000080f8, 4, 2, 0, 0, 0x000080f8, 1, "stmdb r1!, {r0, pc}" },
	{ false, 0xe92d4001, 4, 0x000081f8, 4, 2, 0, 0, 0x000081f8, 13, "push {r0, lr}" },
	{ false, 0xe1010092, 4, 0x00008100, 4, 2, 1, 0, 0x00008100, 1, "swp r0, r2, [r1]" },
	{ false, 0xe1410092, 4, 0x00008100, 1, 2, 1, 0, 0x00008100, 1, "swpb r0, r2, [r1]" },
	{ false, 0xe1910f9f, 4, 0x00008100, 4, 1, 1, 0, 0x00008100, 1, "ldrex r0, [r1]" },
	{ false, 0xe1d10f9f, 4, 0x00008100, 1, 1, 1, 0, 0x00008100, 1, "ldrexb r0, [r1]" },
	{ false, 0xe1f10f9f, 4, 0x00008100, 2, 1, 1, 0, 0x00008100, 1, "ldrexh r0, [r1]" },
	{ false, 0xe1b14f9f, 4, 0x00008100, 8, 1, 1, 0, 0x00008100, 1, "ldrexd r4, r5, [r1]" },
	{ false, 0xe1810f92, 4, 0x00008100, 4, 1, 0, 0, 0x00008100, 1, "strex r0, r2, [r1]" },
	{ false, 0xe1a10f94, 4, 0x00008100, 8, 1, 0, 0, 0x00008100, 1, "strexd r0, r4, r5, [r1]" },
	{ true, 0x00006848, 2, 0x00008104, 4, 1, 1, 0, 0x00008100, 1, "ldr r0, [r1, #4]" },
	{ true, 0x00004802, 2, 0x0000100c, 4, 1, 1, 0, 0x00001004, 15, "ldr r0, [pc, #8]" },
	{ true, 0x00009802, 2, 0x00008208, 4, 1, 1, 0, 0x00008200, 13, "ldr r0, [sp, #8]" },
	{ true, 0x00005888, 2, 0x00008108, 4, 1, 1, 0, 0x00008100, 1, "ldr r0, [r1, r2]" },
	{ true, 0x000078c8, 2, 0x00008103, 1, 1, 1, 0, 0x00008100, 1, "ldrb r0, [r1, #3]" },
	{ true, 0x00008848, 2, 0x00008102, 2, 1, 1, 0, 0x00008100, 1, "ldrh r0, [r1, #2]" },
	{ true, 0x00005688, 2, 0x00008108, 1, 1, 1, 0, 0x00008100, 1, "ldrsb r0, [r1, r2]" },
	{ true, 0x00005e88, 2, 0x00008108, 2, 1, 1, 0, 0x00008100, 1, "ldrsh r0, [r1, r2]" },
	{ true, 0x00006048, 2, 0x00008104, 4, 1, 0, 0, 0x00008100, 1, "str r0, [r1, #4]" },
	{ true, 0x00005488, 2, 0x00008108, 1, 1, 0, 0, 0x00008100, 1, "strb r0, [r1, r2]" },
	{ true, 0x00008048, 2, 0x00008102, 2, 1, 0, 0, 0x00008100, 1, "strh r0, [r1, #2]" },
	{ true, 0x00009002, 2, 0x00008208, 4, 1, 0, 0, 0x00008200, 13, "str r0, [sp, #8]" },
	{ true, 0x0000b501, 2, 0x000081f8, 4, 2, 0, 0, 0x000081f8, 13, "push {r0, lr}" },
	{ true, 0x0000bc05, 2, 0x00008200, 4, 2, 1, 0, 0x00008208, 13, "pop {r0, r2}" },
	{ true, 0x0000c905, 2, 0x00008100, 4, 2, 1, 0, 0x00008108, 1, "ldm r1!, {r0, r2}" },
	{ true, 0x0000c903, 2, 0x00008100, 4, 2, 1, 0, 0x00008100, 1, "ldm r1, {r0, r1}" },
	{ true, 0x0000c105, 2, 0x00008100, 4, 2, 0, 0, 0x00008108, 1, "stm r1!, {r0, r2}" },
	{ true, 0xf8d10800, 4, 0x00008900, 4, 1, 1, 0, 0x00008100, 1, "ldr.w r0, [r1, #0x800]" },
	{ true, 0xf8510c04, 4, 0x000080fc, 4, 1, 1, 0, 0x00008100, 1, "ldr.w r0, [r1, #-4]" },
	{ true, 0xf8510d04, 4, 0x000080fc, 4, 1, 1, 0, 0x000080fc, 1, "ldr.w r0, [r1, #-4]!" },
	{ true, 0xf8510b04, 4, 0x00008100, 4, 1, 1, 0, 0x00008104, 1, "ldr.w r0, [r1], #4" },
	{ true, 0xf8510032, 4, 0x00008140, 4, 1, 1, 0, 0x00008100, 1, "ldr.w r0, [r1, r2, lsl #3]" },
	{ true, 0xf85f0008, 4, 0x00000ffc, 4, 1, 1, 0, 0x00001004, 15, "ldr.w r0, [pc, #-8]" },
	{ true, 0xf8918001, 4, 0x00008101, 1, 1, 1, 0, 0x00008100, 1, "ldrb.w r8, [r1, #1]" },
	{ true, 0xf9918001, 4, 0x00008101, 1, 1, 1, 0, 0x00008100, 1, "ldrsb.w r8, [r1, #1]" },
	{ true, 0xf8b18002, 4, 0x00008102, 2, 1, 1, 0, 0x00008100, 1, "ldrh.w r8, [r1, #2]" },
	{ true, 0xf9b18002, 4, 0x00008102, 2, 1, 1, 0, 0x00008100, 1, "ldrsh.w r8, [r1, #2]" },
	{ true, 0xf8018f01, 4, 0x00008101, 1, 1, 0, 0, 0x00008101, 1, "strb.w r8, [r1, #1]!" },
	{ true, 0xf8218902, 4, 0x00008100, 2, 1, 0, 0, 0x000080fe, 1, "strh.w r8, [r1], #-2" },
	{ true, 0xf8418002, 4, 0x00008108, 4, 1, 0, 0, 0x00008100, 1, "str.w r8, [r1, r2]" },
	{ true, 0xf8510e04, 4, 0x00008104, 4, 1, 1, 1, 0x00008100, 1, "ldrt r0, [r1, #4]" },
	{ true, 0xf8210e02, 4, 0x00008102, 2, 1, 0, 1, 0x00008100, 1, "strht r0, [r1, #2]" },
	{ true, 0xe9d10302, 4, 0x00008108, 4, 2, 1, 0, 0x00008100, 1, "ldrd r0, r3, [r1, #8]" },
	{ true, 0xe8710302, 4, 0x00008100, 4, 2, 1, 0, 0x000080f8, 1, "ldrd r0, r3, [r1], #-8" },
	{ true, 0xe9e10302, 4, 0x00008108, 4, 2, 0, 0, 0x00008108, 1, "strd r0, r3, [r1, #8]!" },
	{ true, 0xe8b10105, 4, 0x00008100, 4, 3, 1, 0, 0x0000810c, 1, "ldm.w r1!, {r0, r2, r8}" },
	{ true, 0xe9110105, 4, 0x000080f4, 4, 3, 1, 0, 0x00008100, 1, "ldmdb r1, {r0, r2, r8}" },
	{ true, 0xe9210101, 4, 0x000080f8, 4, 2, 0, 0, 0x000080f8, 1, "stmdb r1!, {r0, r8}" },
	{ true, 0xe8510f01, 4, 0x00008104, 4, 1, 1, 0, 0x00008100, 1, "ldrex r0, [r1, #4]" },
	{ true, 0xe8d10f4f, 4, 0x00008100, 1, 1, 1, 0, 0x00008100, 1, "ldrexb r0, [r1]" },
	{ true, 0xe8d10f5f, 4, 0x00008100, 2, 1, 1, 0, 0x00008100, 1, "ldrexh r0, [r1]" },
	{ true, 0xe8d1037f, 4, 0x00008100, 8, 1, 1, 0, 0x00008100, 1, "ldrexd r0, r3, [r1]" },
	{ true, 0xe8412001, 4, 0x00008104, 4, 1, 0, 0, 0x00008100, 1, "strex r0, r2, [r1, #4]" },
	{ true, 0xe8c12370, 4, 0x00008100, 8, 1, 0, 0, 0x00008100, 1, "strexd r0, r2, r3, [r1]" },
};

static struct armkvm_cpu cpu;
static struct ldst insn;
static struct ldst_run run;
static struct ldst_access acc;

static void setup(bool thumb)
{
	memset(&cpu, 0, sizeof(cpu));
	cpu.cpsr = CPU_MODE_SVC | (thumb ? CPU_PSR_T : 0);
	cpu.pc = 0x1000;
	for (unsigned int i = 0; i < 15; i++)
		cpu.r[i] = 0x100 + i;
	cpu.r[1] = 0x8100;
	cpu.r[2] = 8;
	cpu.r[3] = 0x80000010;
	cpu.r[13] = 0x8200;
}

static bool decode(bool thumb, u32 word)
{
	if (!thumb)
		return ldst_decode_arm(word, &insn);
	if (word >> 16)
		return ldst_decode_thumb(word >> 16, word, &insn);
	return ldst_decode_thumb(word, 0, &insn);
}

static u32 value(unsigned int i)
{
	return 0x8a9bacbdU + i * 0x01010101U;
}

/* Decodes and runs; reads see value(0), value(1) ... */
static unsigned int execute(bool thumb, u32 word)
{
	unsigned int n = 0;

	CHECK(decode(thumb, word), "%08x is refused", word);
	ldst_begin(&run, &insn, &cpu);
	while (ldst_next(&run, &cpu, &acc)) {
		CHECK(n < 17, "%08x: no end of accesses", word);
		ldst_supply(&run, acc.size == 8 ? value(0) | (u64)value(1) << 32 : value(n));
		n++;
	}
	CHECK(ldst_commit(&run, &cpu), "%08x: not committed", word);
	return n;
}

static void addressing(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++) {
		const char *text = forms[i].text;
		bool base_loaded;

		setup(forms[i].thumb);
		CHECK(decode(forms[i].thumb, forms[i].word), "%s is refused", text);
		ldst_begin(&run, &insn, &cpu);
		CHECK(ldst_next(&run, &cpu, &acc), "%s: no access", text);
		CHECK(acc.gva == forms[i].first, "%s: address 0x%x, not 0x%x", text, acc.gva,
		      forms[i].first);
		CHECK(acc.size == forms[i].size, "%s: size %u", text, acc.size);
		CHECK(acc.write == !forms[i].load, "%s: direction", text);
		CHECK(acc.as_user == forms[i].unpriv, "%s: rights", text);
		CHECK(acc.align == 0 || acc.align == (insn.form == LDST_MULTIPLE ||
						      insn.form == LDST_DUAL ? 3 : acc.size - 1),
		      "%s: alignment", text);
		base_loaded = insn.load && insn.form == LDST_MULTIPLE && forms[i].rn < 15 &&
			      (insn.list >> forms[i].rn & 1);

		setup(forms[i].thumb);
		CHECK(execute(forms[i].thumb, forms[i].word) == forms[i].nr, "%s: accesses", text);
		CHECK_EQ(cpu.pc, 0x1000 + forms[i].len, text);
		if (forms[i].rn < 15 && !base_loaded)
			CHECK(cpu.r[forms[i].rn] == forms[i].base, "%s: base 0x%x, not 0x%x", text,
			      cpu.r[forms[i].rn], forms[i].base);
	}
}

static void results(void)
{
	setup(false);
	execute(false, 0xe5910000);		/* ldr r0, [r1] */
	CHECK_EQ(cpu.r[0], value(0), "LDR");
	execute(false, 0xe5d10000);		/* ldrb */
	CHECK_EQ(cpu.r[0], 0xbd, "LDRB");
	execute(false, 0xe1d100d0);		/* ldrsb */
	CHECK_EQ(cpu.r[0], 0xffffffbd, "LDRSB");
	execute(false, 0xe1d100b0);		/* ldrh */
	CHECK_EQ(cpu.r[0], 0xacbd, "LDRH");
	execute(false, 0xe1d100f0);		/* ldrsh */
	CHECK_EQ(cpu.r[0], 0xffffacbd, "LDRSH");
	execute(false, 0xe1c140d0);		/* ldrd r4, r5, [r1] */
	CHECK(cpu.r[4] == value(0) && cpu.r[5] == value(1), "LDRD");
	execute(false, 0xe1b14f9f);		/* ldrexd r4, r5, [r1] */
	CHECK(cpu.r[4] == value(0) && cpu.r[5] == value(1), "LDREXD");
	execute(false, 0xe891001d);		/* ldm r1, {r0, r2, r3, r4} */
	CHECK(cpu.r[0] == value(0) && cpu.r[2] == value(1) && cpu.r[3] == value(2) &&
	      cpu.r[4] == value(3), "LDM");

	setup(false);
	run.status = 0;
	execute(false, 0xe1810f92);		/* strex r0, r2, [r1] */
	CHECK_EQ(cpu.r[0], 0, "STREX status");
	CHECK_EQ(acc.value, 8, "STREX value");
	CHECK(decode(false, 0xe1810f92), "refused");
	ldst_begin(&run, &insn, &cpu);
	ldst_supply(&run, 0);
	run.status = 1;
	CHECK(ldst_commit(&run, &cpu), "not committed");
	CHECK_EQ(cpu.r[0], 1, "STREX status");

	setup(false);
	CHECK(decode(false, 0xe1010092), "refused");	/* swp r0, r2, [r1] */
	ldst_begin(&run, &insn, &cpu);
	CHECK(ldst_next(&run, &cpu, &acc) && !acc.write, "SWP loads first");
	ldst_supply(&run, 77);
	CHECK(ldst_next(&run, &cpu, &acc) && acc.write && acc.value == 8 && acc.gva == 0x8100,
	      "SWP stores then");
	CHECK_EQ(cpu.r[0], 0x100, "r0 before the end");
	ldst_supply(&run, 0);
	CHECK(!ldst_next(&run, &cpu, &acc), "SWP makes a third access");
	ldst_commit(&run, &cpu);
	CHECK_EQ(cpu.r[0], 77, "SWP");
}

static void stores(void)
{
	setup(false);
	cpu.r[0] = 0x12345678;
	execute(false, 0xe5c10000);		/* strb r0, [r1] */
	CHECK_EQ(acc.value, 0x78, "STRB");
	execute(false, 0xe1c100b0);		/* strh */
	CHECK_EQ(acc.value, 0x5678, "STRH");
	execute(false, 0xe5810000);		/* str */
	CHECK_EQ(acc.value, 0x12345678, "STR");
	cpu.pc = 0x1000;
	execute(false, 0xe581f000);		/* str pc, [r1] */
	CHECK_EQ(acc.value, 0x1008, "STR pc");
	cpu.r[4] = 0x44;
	cpu.r[5] = 0x55;
	execute(false, 0xe1a10f94);		/* strexd r0, r4, r5, [r1] */
	CHECK_EQ(acc.value, 0x5500000044ULL, "STREXD");
	/* the base is stored as it was */
	setup(false);
	execute(false, 0xe8a10002);		/* stm r1!, {r1} */
	CHECK_EQ(acc.value, 0x8100, "STM of its base");
}

static void big_endian(void)
{
	setup(false);
	cpu.cpsr |= CPU_PSR_E;
	cpu.r[0] = 0x12345678;
	execute(false, 0xe5810000);
	CHECK_EQ(acc.value, 0x78563412, "STR");
	execute(false, 0xe1c100b0);
	CHECK_EQ(acc.value, 0x7856, "STRH");
	execute(false, 0xe5c10000);
	CHECK_EQ(acc.value, 0x78, "STRB");
	execute(false, 0xe5910000);
	CHECK_EQ(cpu.r[0], 0xbdac9b8a, "LDR");
	execute(false, 0xe1d100f0);
	CHECK_EQ(cpu.r[0], 0xffffbdac, "LDRSH");
	execute(false, 0xe1d100d0);
	CHECK_EQ(cpu.r[0], 0xffffffbd, "LDRSB");
	/* LDRD and LDREXD: each register is a word of its own */
	execute(false, 0xe1b14f9f);
	CHECK_EQ(cpu.r[4], 0xbdac9b8a, "LDREXD");
	CHECK_EQ(cpu.r[5], 0xbead9c8b, "LDREXD");
}

static void loads_of_pc(void)
{
	setup(false);
	CHECK(decode(false, 0xe591f000), "refused");	/* ldr pc, [r1] */
	ldst_begin(&run, &insn, &cpu);
	ldst_supply(&run, 0x9001);
	ldst_commit(&run, &cpu);
	CHECK_EQ(cpu.pc, 0x9000, "pc");
	CHECK(cpu.cpsr & CPU_PSR_T, "LDR pc doesn't interwork");
	CHECK(decode(true, 0xbd00), "refused");		/* pop {pc} */
	ldst_begin(&run, &insn, &cpu);
	ldst_supply(&run, 0x9004);
	ldst_commit(&run, &cpu);
	CHECK_EQ(cpu.pc, 0x9004, "pc");
	CHECK(!(cpu.cpsr & CPU_PSR_T), "POP doesn't interwork");
	CHECK_EQ(cpu.r[13], 0x8204, "sp");
}

/* An access in an IT block moves the IT bits on. */
static void it_block(void)
{
	setup(true);
	cpu.cpsr |= 1U << 10 | 1U << 11;		/* ITSTATE 0b00001100 */
	execute(true, 0x6808);
	CHECK_EQ(cpu.cpsr & CPU_PSR_IT, 3U << 11, "ITSTATE");
	execute(true, 0x6808);
	CHECK_EQ(cpu.cpsr & CPU_PSR_IT, 0, "ITSTATE");
}

static void refusals(void)
{
	static const u32 arm[] = {
		0xe1a00000,			/* no load or store */
		0xf5d1f000, 0xf4d1f000,		/* pld, pli */
		0xe6100010,			/* media */
		0xe49ff004, 0xe4911004, 0xe5b11004,	/* writeback to the pc, to Rt */
		0xe5d1f000, 0xe1d1f0b0,		/* byte and halfword to the pc */
		0xe1c150d0, 0xe1c1e0d0,		/* LDRD of an odd pair, of lr and pc */
		0xe1a120d2, 0xe18120d2,		/* LDRD over its offset register */
		0xe89f0001, 0xe8910000, 0xe8b10002,	/* base pc, empty list, base loaded */
		0xe1010091, 0xe10f0092, 0xe101f092,	/* SWP */
		0xe1911f9e, 0xe19f0f9f, 0xe191ff9f,	/* LDREX */
		0xe1811f92, 0xe1812f92, 0xe181ff92, 0xe1a10f95, 0xe1a15f94,
		0xe7910f0f, 0xe79100ff, 0xe0b110b2,
		0xee110f10, 0xed910a00, 0xef000000, 0xeafffffe,
	};
	static const u32 thumb[] = {
		0x4608, 0xbf00, 0xbc00, 0xb400, 0xc100, 0xde00, 0xdf00,
		0xe8910001, 0xe891a000, 0xe8b10006, 0xe891c003, 0xe8818003,
		0xe8d1f000, 0xe8d1f010,		/* tbb, tbh */
		0xe8411100, 0xe8c10f41, 0xe9d10000, 0xe9d1d200,
		0xf8b1f000, 0xf9d10000, 0xf9010000, 0xf871000f, 0xf85100f2,
		0xf8510a04, 0xf8511d04, 0xf8410800, 0xf84f0000, 0xee110f10, 0xf0000001,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(arm); i++)
		CHECK(!decode(false, arm[i]), "%08x is taken", arm[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(thumb); i++)
		CHECK(!decode(true, thumb[i]), "thumb %08x is taken", thumb[i]);
}

/* Loads of FP registers: the first two elements and the last one. */
static void simd(void)
{
	static const struct {
		u32 word, address, base;
		unsigned int nr, size, align;
		u8 at[3], copies, regs;
		const char *text;
	} cases[] = {
		{ 0xed912a01, 0x8104, 0x8100, 1, 4, 3, { 16, 0, 16 }, 1, 1, "vldr s4, [r1, #4]" },
		{ 0xedd12a00, 0x8100, 0x8100, 1, 4, 3, { 20, 0, 20 }, 1, 1, "vldr s5, [r1]" },
		{ 0xed512b02, 0x80f8, 0x8100, 1, 8, 3, { 144, 0, 144 }, 1, 1, "vldr d18, [r1, #-8]" },
		{ 0xed9f0b02, 0x1010, 0x1008, 1, 8, 3, { 0, 0, 0 }, 1, 1, "vldr d0, [pc, #8]" },
		{ 0xecb12b06, 0x8100, 0x8118, 3, 8, 3, { 16, 24, 32 }, 1, 1, "vldmia r1!, {d2-d4}" },
		{ 0xed312a02, 0x80f8, 0x80f8, 2, 4, 3, { 16, 20, 20 }, 1, 1, "vldmdb r1!, {s4, s5}" },
		{ 0xecbd0b20, 0x8200, 0x8280, 16, 8, 3, { 0, 8, 120 }, 1, 1, "vpop {d0-d15}" },
		{ 0xf421278f, 0x8100, 0x8100, 2, 4, 0, { 16, 20, 20 }, 1, 1, "vld1.32 {d2}, [r1]" },
		{ 0xf42122fd, 0x8100, 0x8120, 4, 8, 31, { 16, 24, 40 }, 1, 1, "vld1.64 {d2-d5}, [r1:256]!" },
		{ 0xf4212842, 0x8100, 0x8108, 8, 2, 0, { 16, 24, 30 }, 1, 1, "vld2.16 {d2, d3}, [r1], r2" },
		{ 0xf421231f, 0x8100, 0x8100, 32, 1, 7, { 16, 32, 47 }, 1, 1, "vld2.8 {d2-d5}, [r1:64]" },
		{ 0xf461054f, 0x8100, 0x8100, 12, 2, 0, { 128, 144, 166 }, 1, 1, "vld3.16 {d16, d18, d20}, [r1]" },
		{ 0xf4a1280f, 0x8100, 0x8100, 1, 4, 0, { 16, 0, 16 }, 1, 1, "vld1.32 {d2[0]}, [r1]" },
		{ 0xf4a128bd, 0x8100, 0x8104, 1, 4, 3, { 20, 0, 20 }, 1, 1, "vld1.32 {d2[1]}, [r1:32]!" },
		{ 0xf4a127ef, 0x8100, 0x8100, 4, 2, 0, { 22, 38, 70 }, 1, 1, "vld4.16 {d2[3], d4[3] ...}, [r1]" },
		{ 0xf4a12cbf, 0x8100, 0x8100, 1, 4, 3, { 16, 0, 16 }, 2, 2, "vld1.32 {d2[], d3[]}, [r1:32]" },
		{ 0xf4a12fdf, 0x8100, 0x8100, 4, 4, 15, { 16, 24, 40 }, 2, 1, "vld4.32 {d2[]-d5[]}, [r1:128]" },
	};
	static const u32 refused[] = {
		0xed812a00,	/* vstr */
		0xf401278f,	/* vst1 */
		0xecb12b00,	/* no register */
		0xecf12b22,	/* d18-d34 */
		0xf4212bcf,	/* type 11 */
		0xf42128cf,	/* vld2.64 */
		0xf46fe08f,	/* d30-d33 from the pc */
		0xf4a12eff,	/* vld3 to all lanes, size 3 */
		0xee112a10,	/* vmov */
	};
	struct simd_load ls;
	struct simd_element el;
	u64 d[32];

	setup(false);
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 base = 0, address;
		unsigned int n;

		CHECK(simd_decode_load(cases[i].word, &ls), "%s isn't taken", cases[i].text);
		address = simd_address(&ls, &cpu, &base);
		CHECK(address == cases[i].address, "%s: address %08x", cases[i].text, address);
		CHECK(base == cases[i].base, "%s: base %08x", cases[i].text, base);
		CHECK(ls.align == cases[i].align, "%s: alignment %u", cases[i].text, ls.align);
		for (n = 0; simd_element(&ls, n, &el); n++) {
			CHECK_EQ(el.offset, n * cases[i].size, cases[i].text);
			CHECK(el.copies == cases[i].copies && el.regs == cases[i].regs,
			      "%s: %u copies, %u registers", cases[i].text, el.copies, el.regs);
			if (n < 2)
				CHECK(el.at == cases[i].at[n], "%s: element %u at %u", cases[i].text, n, el.at);
			if (n == cases[i].nr - 1)
				CHECK(el.at == cases[i].at[2], "%s: the last one at %u", cases[i].text, el.at);
		}
		CHECK(n == cases[i].nr, "%s: %u elements", cases[i].text, n);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(refused); i++)
		CHECK(!simd_decode_load(refused[i], &ls), "%08x is taken", refused[i]);

	memset(d, 0, sizeof(d));
	simd_decode_load(0xf4a12c7f, &ls);		/* vld1.16 {d2[], d3[]}, [r1:16] */
	simd_element(&ls, 0, &el);
	simd_put(&ls, &el, 0x1234, true, d);
	CHECK(d[2] == 0x3412341234123412ULL && d[3] == d[2] && !d[1] && !d[4], "d2 is %016llx",
	      (unsigned long long)d[2]);
}

/* Both decoders agree on what both know, in form, address and result. */
static void simple(void)
{
	u32 seed = 1, word, image, n, taken = 0;
	struct ldst_simple ls;

	for (n = 0; n < 4000000; n++) {
		seed = seed * 1664525 + 1013904223;
		/* bits 27:26 00 or 01, where loads and stores are, and 7 and 4 set in the first */
		word = (seed >> 3 ^ seed << 11) & 0xf7ffffff;
		if (!(word & 0x04000000))
			word |= 0x90;
		if (!ldst_decode_simple(word, &ls))
			continue;
		taken++;
		setup(false);
		cpu.cpsr |= seed & CPU_PSR_NZCV;
		CHECK(ldst_decode_arm(word, &insn), "%08x: only the simple decoder takes it", word);
		CHECK(insn.form == LDST_SINGLE && !insn.unpriv && !insn.wback && insn.index,
		      "%08x is not simple", word);
		CHECK(insn.rt == ls.rt && insn.size == ls.size && insn.load == ls.load &&
		      (!insn.load || insn.sign == ls.sign), "%08x: decoded differently", word);
		ldst_begin(&run, &insn, &cpu);
		CHECK_EQ(ldst_simple_address(word, &cpu), run.addr, "address");
		if (!ls.load)
			continue;
		image = value(n & 0xff);
		ldst_supply(&run, image);
		CHECK(ldst_commit(&run, &cpu), "%08x: not committed", word);
		CHECK_EQ(ldst_simple_value(&ls, image), cpu.r[ls.rt], "value");
	}
	CHECK(taken > 100000, "only %u words are simple", taken);
	CHECK(ldst_decode_simple(0xe5910004, &ls), "ldr r0, [r1, #4]");
	CHECK(ldst_decode_simple(0xe15100f2, &ls), "ldrsh r0, [r1, #-2]");
	CHECK(!ldst_decode_simple(0xe4910004, &ls), "ldr r0, [r1], #4");
	CHECK(!ldst_decode_simple(0xe5b10004, &ls), "ldr r0, [r1, #4]!");
	CHECK(!ldst_decode_simple(0xe1c140d8, &ls), "ldrd r4, r5, [r1, #8]");
	CHECK(!ldst_decode_simple(0xe1910f9f, &ls), "ldrex r0, [r1]");
	CHECK(!ldst_decode_simple(0xe591f000, &ls), "ldr pc, [r1]");
	CHECK(!ldst_decode_simple(0xf5d1f000, &ls), "pld [r1]");
}

int main(void)
{
	static const struct test tests[] = {
		{ "ldst: addressing forms", addressing },
		{ "ldst: what loads return", results },
		{ "ldst: what stores write", stores },
		{ "ldst: big-endian data", big_endian },
		{ "ldst: loads of the pc", loads_of_pc },
		{ "ldst: IT bits", it_block },
		{ "ldst: refusals", refusals },
		{ "ldst: FP and SIMD registers", simd },
		{ "ldst: simple forms", simple },
	};

	return test_main(tests, ARRAY_SIZE(tests));
}
