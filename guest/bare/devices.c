// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: one instruction that meets a device so often that a hypervisor may want to take a
 * short way, and then something else: RAM, another device, a fault, another endianness, another
 * mode, itself written anew or somewhere else.  Every form of loads and stores of the core registers.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define RTC		0x09010000u	/* PL031 */
#define RTC_MR		4u		/* the alarm, which is masked: a word to keep */
#define UART		0x09000000u
#define FW_CFG		0x09020000u

#define EMPTY		0x0b000000u

#define VA		0x80000000u	/* pages: the RTC, RAM, none, the RTC read-only */
#define VA_RAM		(VA + 0x1000)
#define VA_NONE		(VA + 0x2000)
#define VA_RO		(VA + 0x3000)
#define VA_EMPTY	(VA + 0x4000)	/* where the machine has nothing */
#define VA_DOMAIN	0x80100000u	/* a section of domain 1: UART and RTC */
#define RAM		TEST_RAM
#define DEVICE_PAGE	(L2_SMALL | L2_SMALL_XN)	/* strongly-ordered */
#define OFTEN		24u		/* more than it takes a hypervisor to notice */

/* r1: address of the register or of where the form wants it, r2, r3: data, r4: 4 */
#define FORM(name, text)	ARM_CODE(form_##name, text "\n svc #0")

FORM(ldr, "ldr r2, [r1]");
FORM(ldr_imm, "ldr r2, [r1, #-4]");
FORM(ldr_reg, "ldr r2, [r1, -r4]");
FORM(ldr_lsl, "ldr r2, [r1, r4, lsl #2]");
FORM(ldr_asr, "ldr r2, [r1, r4, asr #32]");
FORM(ldr_ror, "ldr r2, [r1, r4, ror #1]");
FORM(ldr_rrx, "ldr r2, [r1, -r4, rrx]");
FORM(ldr_pre, "ldr r2, [r1, #4]!");
FORM(ldr_post, "ldr r2, [r1], -r4");
FORM(ldr_self, "ldr r1, [r1]");
FORM(ldr_sp, "ldr sp, [r1]");
FORM(ldr_lr, "ldr lr, [r1]");
FORM(ldr_eq, "ldreq r2, [r1]");
FORM(ldr_mi, "ldrmi r2, [r1]");
FORM(ldrb, "ldrb r2, [r1, #0]");
FORM(ldrb_post, "ldrb r2, [r1], #1");
FORM(ldrh, "ldrh r2, [r1]");
FORM(ldrh_reg, "ldrh r2, [r1, r4]");
FORM(ldrh_pre, "ldrh r2, [r1, #-4]!");
FORM(ldrsb, "ldrsb r2, [r1]");
FORM(ldrsb_reg, "ldrsb r2, [r1, -r4]");
FORM(ldrsh, "ldrsh r2, [r1]");
FORM(ldrsh_post, "ldrsh r2, [r1], #4");
FORM(ldrd, "ldrd r2, r3, [r1]");
FORM(ldrd_post, "ldrd r2, r3, [r1], #8");
FORM(ldrd_pre, "ldrd r2, r3, [r1, r4]!");
FORM(ldm, "ldmia r1!, {r2, r3}");
FORM(str, "str r2, [r1]");
FORM(str_imm, "str r2, [r1, #4]");
FORM(str_pre, "str r2, [r1, -r4]!");
FORM(str_post, "str r2, [r1], #4");
FORM(str_self, "str r1, [r1]");
FORM(str_ne, "strne r2, [r1]");
FORM(strb, "strb r2, [r1]");
FORM(strb_reg, "strb r2, [r1, r4]");
FORM(strh, "strh r2, [r1]");
FORM(strh_post, "strh r2, [r1], #2");
FORM(strd, "strd r2, r3, [r1]");
FORM(strd_pre, "strd r2, r3, [r1, #8]!");

static const struct form {
	const char *name;
	const u32 *code;
	s32 offset;			/* from r1 to the first byte that is accessed */
	bool_t store;
	bool_t strict;			/* unaligned addresses abort whatever SCTLR.A says */
} forms[] = {
#define LOAD(name, offset)	{ #name, form_##name, offset, 0, 0 }
#define LOADS(name, offset)	{ #name, form_##name, offset, 0, 1 }
#define STORE(name, offset)	{ #name, form_##name, offset, 1, 0 }
#define STORES(name, offset)	{ #name, form_##name, offset, 1, 1 }
	LOAD(ldr, 0), LOAD(ldr_imm, -4), LOAD(ldr_reg, -4), LOAD(ldr_lsl, 16), LOAD(ldr_asr, 0),
	LOAD(ldr_ror, 2), LOAD(ldr_rrx, -2), LOAD(ldr_pre, 4), LOAD(ldr_post, 0), LOAD(ldr_self, 0),
	LOAD(ldr_sp, 0), LOAD(ldr_lr, 0), LOAD(ldr_eq, 0), LOAD(ldr_mi, 0),
	LOAD(ldrb, 0), LOAD(ldrb_post, 0), LOAD(ldrh, 0), LOAD(ldrh_reg, 4), LOAD(ldrh_pre, -4),
	LOAD(ldrsb, 0), LOAD(ldrsb_reg, -4), LOAD(ldrsh, 0), LOAD(ldrsh_post, 0),
	LOADS(ldrd, 0), LOADS(ldrd_post, 0), LOADS(ldrd_pre, 4), LOADS(ldm, 0),
	STORE(str, 0), STORE(str_imm, 4), STORE(str_pre, -4), STORE(str_post, 0), STORE(str_self, 0),
	STORE(str_ne, 0), STORE(strb, 0), STORE(strb_reg, 4), STORE(strh, 0), STORE(strh_post, 0),
	STORES(strd, 0), STORES(strd_pre, 8),
};

static u32 hash;

static void add(u32 v)
{
	hash = (hash ^ v) * 0x01000193 + (hash >> 27);
}

static u32 read32(u32 address)
{
	return *(volatile u32 *)address;
}

static void write32(u32 address, u32 v)
{
	*(volatile u32 *)address = v;
}

/* @n times @code on @at less @offset, in @psr; the last one's result in full. */
static void run(const char *what, const u32 *code, u32 psr, u32 at, s32 offset, u32 n)
{
	struct state before, s;
	u32 i, j;

	for (i = 0; i < n; i++) {
		state_init(&before, psr & 0x1f, code);
		before.psr |= psr & ~0x1fu;
		before.r[1] = at - offset;
		before.r[2] = 0x11223384 + i;
		before.r[3] = 0x55667788 - i;
		before.r[4] = 4;
		s = before;
		enter(&s);
		add(s.vector);
		for (j = 0; j < 13; j++)
			add(s.r[j]);
		add(s.pc - (u32)code);
		add(s.psr);
	}
	state_print(what, &s, code, &before);
}

/* What stores have left at the device and in RAM. */
static void print_memory(void)
{
	u32 i;

	print("  memory ");
	print_hex(read32(RTC + RTC_MR));
	for (i = 0; i < 4; i++)
		print_hex(read32(RAM + 4 * i));
	print_hex(hash);
	newline();
}

static void fill_memory(void)
{
	u32 i;

	write32(RTC + RTC_MR, 0x89abcdef);
	for (i = 0; i < 1024; i++)
		write32(RAM + 4 * i, 0x80818283 + i * 0x01010101);
}

static void page(u32 va, u32 entry)
{
	*short_page(va) = entry;
	dsb();
	mcr(va, 0, c8, c7, 1);		/* TLBIMVA, ASID 0 */
	dsb();
	isb();
}

/* One form: the device until it is known, RAM, the device, and all that can go wrong. */
static void try_form(const struct form *f)
{
	const u32 svc = MODE_SVC;

	fill_memory();
	print(f->name);
	newline();
	run(" device", f->code, svc, VA + RTC_MR, f->offset, OFTEN);
	run(" none", f->code, svc, VA_NONE + 4, f->offset, 1);
	run(" device", f->code, svc, VA + RTC_MR, f->offset, 1);
	run(" domain", f->code, svc, VA_DOMAIN + 0x10000 + RTC_MR, f->offset, 1);
	run(" nothing", f->code, svc, VA_EMPTY + 4, f->offset, 2);
	run(" read-only", f->code, svc, VA_RO + RTC_MR, f->offset, 2);
	run(" big-endian", f->code, svc | PSR_E, VA + RTC_MR, f->offset, 2);
	run(" N Z", f->code, svc | 0xc0000000u, VA + RTC_MR, f->offset, 2);
	run(" user", f->code, MODE_USR, VA + RTC_MR, f->offset, 2);
	run(" system", f->code, MODE_SYS, VA + RTC_MR, f->offset, 2);
	run(" fiq", f->code, MODE_FIQ, VA + RTC_MR, f->offset, 2);
	print_memory();
	run(" RAM", f->code, svc, VA_RAM + 4, f->offset, 2);
	run(" device", f->code, svc, VA + RTC_MR, f->offset, OFTEN);
	run(" RAM, big-endian", f->code, svc | PSR_E, VA_RAM + 4, f->offset, 1);
	run(" unaligned", f->code, svc, VA_RAM + 5, f->offset, 1);
	run(" device", f->code, svc, VA + RTC_MR, f->offset, 1);
	set_sctlr(get_sctlr() | SCTLR_A);
	run(" unaligned, strict", f->code, svc, VA_RAM + 7, f->offset, 1);
	set_sctlr(get_sctlr() & ~SCTLR_A);
	print_memory();
}

/* Another thing at the address of a device, and back. */
static void remap(void)
{
	u32 i;

	fill_memory();
	for (i = 0; i < 3; i++) {
		run("remap: device", form_ldr, MODE_SVC, VA + RTC_MR, 0, OFTEN);
		page(VA, RAM | L2_SMALL | L2_AP(3) | L2_NORMAL);
		run("remap: RAM", form_ldr, MODE_SVC, VA + RTC_MR, 0, 2);
		run("remap: RAM", form_str, MODE_SVC, VA + RTC_MR, 0, 2);
		page(VA, 0);
		run("remap: none", form_ldr, MODE_SVC, VA + RTC_MR, 0, 1);
		page(VA, UART | DEVICE_PAGE | L2_AP(3));
		run("remap: UART", form_ldr, MODE_SVC, VA + 0xfe0, 0, 2);
		run("remap: UART", form_ldr, MODE_SVC, VA + RTC_MR, 0, 1);
		*short_page(VA) = RTC | DEVICE_PAGE | L2_AP(1);
		short_flush();
		run("remap: device", form_str, MODE_SVC, VA + RTC_MR, 0, OFTEN);
		run("remap: no User mode", form_ldr, MODE_USR, VA + RTC_MR, 0, 1);
		page(VA, RTC | DEVICE_PAGE | L2_AP(5));
		run("remap: read-only", form_str, MODE_SVC, VA + RTC_MR, 0, 1);
		page(VA, RTC | DEVICE_PAGE | L2_AP(3));
	}
	print_memory();
}

static void set_dacr(u32 v)
{
	mcr(v, 0, c3, c0, 0);
	isb();
}

/* DACR, and SCTLR.M: what was a device isn't any more, with nothing said to the TLB. */
static void regimes(void)
{
	const u32 at = VA_DOMAIN + 0x10000 + RTC_MR;
	u32 i;

	fill_memory();
	for (i = 0; i < 3; i++) {
		set_dacr(5);
		run("domain: client", form_ldr, MODE_SVC, at, 0, OFTEN);
		set_dacr(1);
		run("domain: none", form_ldr, MODE_SVC, at, 0, 1);
		set_dacr(0xd);
		run("domain: manager", form_str, MODE_SVC, at, 0, OFTEN);
		set_dacr(1);
		run("domain: none", form_str, MODE_SVC, at, 0, 1);
	}
	/* RTC's own address is RAM while the MMU is on. */
	page(RTC, RAM | L2_SMALL | L2_AP(3) | L2_NORMAL);
	for (i = 0; i < 3; i++) {
		run("MMU on", form_ldr, MODE_SVC, RTC + RTC_MR, 0, 2);
		mmu_off();
		run("MMU off", form_ldr, MODE_SVC, RTC + RTC_MR, 0, OFTEN);
		short_on();
	}
	page(RTC, RTC | DEVICE_PAGE | L2_AP(3));
	print_memory();
}

static u32 code[3][1024] __attribute__((aligned(4096)));

/* The instruction written anew where it stands, and its copies in other places. */
static void rewritten(void)
{
	static const u32 insns[] = {
		0xe5912000,	/* LDR r2, [r1] */
		0xe5d12000,	/* LDRB r2, [r1] */
		0xe5812000,	/* STR r2, [r1] */
		0xe1d120f0,	/* LDRSH r2, [r1] */
		0xe0822001,	/* ADD r2, r2, r1 */
	};
	u32 i, j;

	fill_memory();
	for (i = 0; i < ARRAY_SIZE(insns); i++) {
		code[0][0] = insns[i];
		code[0][1] = 0xef000000;
		sync_code(code[0], 8);
		run("written", code[0], MODE_SVC, VA + RTC_MR, 0, OFTEN);
		run("written, RAM", code[0], MODE_SVC, VA_RAM, 0, 1);
		run("written", code[0], MODE_SVC, VA + RTC_MR, 0, OFTEN);
		/* What is read there may be the original or what stands for it: both mean the same. */
		for (j = 0; j < 2; j++)
			code[1][16 * i + j] = ((volatile u32 *)code[0])[j];
		sync_code(&code[1][16 * i], 8);
		run("copied", &code[1][16 * i], MODE_SVC, VA_RAM + 4, 0, 2);
		run("copied", &code[1][16 * i], MODE_SVC, VA + RTC_MR, 0, OFTEN);
		run("copied", &code[1][16 * i], MODE_SVC, VA_NONE, 0, 1);
	}
	/* A store that has met devices goes to its own page. */
	code[2][0] = 0xe5812000;
	code[2][1] = 0xef000000;
	sync_code(code[2], 8);
	run("beside", code[2], MODE_SVC, VA + RTC_MR, 0, OFTEN);
	run("beside", code[2], MODE_SVC, (u32)&code[2][512], 0, 3);
	run("beside", code[2], MODE_SVC, VA + RTC_MR, 0, OFTEN);
	print_hex(code[2][512]);
	print_memory();
}

/* A register that every read moves on: each access happens once. */
static void once(void)
{
	struct state s;
	u32 i;

	*(volatile u16 *)(FW_CFG + 8) = 0;	/* the signature, then zeroes */
	for (i = 0; i < 4; i++) {
		state_init(&s, MODE_SVC, form_ldrb);
		s.r[1] = FW_CFG;
		enter(&s);
		putch(s.r[2]);
	}
	newline();
	*(volatile u16 *)(FW_CFG + 8) = 0;
	hash = 0;
	for (i = 0; i < 40; i++) {
		state_init(&s, MODE_SVC, i & 1 ? form_ldrb : form_ldrb_post);
		s.r[1] = FW_CFG;
		enter(&s);
		add(s.r[2]);
	}
	print_hex(hash);
	newline();
}

/* A transfer of two words that goes over from the device's page to another. */
static void over_the_end(void)
{
	const u32 last = VA + 0xffc;

	fill_memory();
	run("over the end: RAM", form_ldrd, MODE_SVC, last, 0, OFTEN);
	page(VA_RAM, 0);
	run("over the end: none", form_ldrd, MODE_SVC, last, 0, 2);
	page(VA_RAM, RAM | L2_SMALL | L2_AP(3) | L2_NORMAL);
	run("over the end: RAM", form_ldm, MODE_SVC, last, 0, 2);
}

void test(void)
{
	u32 i;

	fill_memory();
	/* flat, without tables */
	for (i = 0; i < ARRAY_SIZE(forms); i++)
		run(forms[i].name, forms[i].code, MODE_SVC, RTC + RTC_MR, forms[i].offset, OFTEN);
	once();

	short_init();
	*short_page(VA) = RTC | DEVICE_PAGE | L2_AP(3);
	*short_page(VA_RAM) = RAM | L2_SMALL | L2_AP(3) | L2_NORMAL;
	*short_page(VA_EMPTY) = EMPTY | DEVICE_PAGE | L2_AP(3);
	*short_page(VA_RO) = RTC | DEVICE_PAGE | L2_AP(7);
	short_l1[VA_DOMAIN >> 20] = UART | L1_SECTION | L1_AP(3) | L1_XN | L1_DOMAIN(1);
	short_l1[RAM >> 20] = RAM | L1_SECTION | L1_AP(3) | L1_NORMAL;
	/* the section of UART and RTC as pages */
	short_l1[UART >> 20] = 0;
	for (i = 0; i < 256; i++)
		*short_page(UART + 0x1000 * i) = (UART + 0x1000 * i) | DEVICE_PAGE | L2_AP(3);
	short_on();

	for (i = 0; i < ARRAY_SIZE(forms); i++)
		try_form(&forms[i]);
	remap();
	regimes();
	rewritten();
	once();
	over_the_end();
	mmu_off();
}
