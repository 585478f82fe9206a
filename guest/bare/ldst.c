// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: loads and stores: rights of the unprivileged forms, alignment with SCTLR.A
 * and without, big-endian data, faults half-way and what they leave, LDM and STM of User
 * mode's registers, SRS and RFE, exclusives, SWP (ARM DDI 0406C A3.2, A3.4, A8.8, B9.3).
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define VA	0x80000000u
#define NONE	(VA + 0x0000)	/* no access at PL0, none mapped before it */
#define PRIV	(VA + 0x1000)
#define RO	(VA + 0x2000)	/* read-only at PL0 */
#define RW	(VA + 0x3000)
#define ALL_RO	(VA + 0x4000)
#define LAST	(VA + 0x5000)	/* read-write, nothing behind it */

static u32 code[8];

static const struct {
	const char *name;
	u32 word;
} accesses[] = {
	{ "ldr", 0xe5912000 }, { "str", 0xe5812000 }, { "ldrb", 0xe5d12000 }, { "strb", 0xe5c12000 },
	{ "ldrh", 0xe1d120b0 }, { "strh", 0xe1c120b0 }, { "ldrsb", 0xe1d120d0 }, { "ldrsh", 0xe1d120f0 },
	{ "ldrd", 0xe1c120d0 }, { "strd", 0xe1c120f0 },
	{ "ldrt", 0xe4b12000 }, { "strt", 0xe4a12004 }, { "ldrbt", 0xe4f12001 }, { "strbt", 0xe4e12001 },
	{ "ldrht", 0xe0f120b2 }, { "strht", 0xe0e120b2 }, { "ldrsbt", 0xe0f120d1 }, { "ldrsht", 0xe0f120f2 },
	{ "ldrt, reg", 0xe6b12004 }, { "strt, reg", 0xe6212004 }, { "ldrht, reg", 0xe0b120b4 },
	{ "ldr, pre", 0xe5b12004 }, { "str, post", 0xe4812004 },
	{ "ldm", 0xe891000c }, { "ldm!", 0xe8b1000c }, { "stm", 0xe881000c }, { "stmdb!", 0xe921000c },
	{ "ldmda!", 0xe831000c }, { "stmib!", 0xe9a1000c }, { "ldmdb!", 0xe931000c },
	{ "ldm^", 0xe8d1600c }, { "stm^", 0xe8c1600c }, { "stmdb^", 0xe941600c }, { "ldmib^", 0xe9d1600c },
	{ "ldrex", 0xe1912f9f }, { "ldrexd", 0xe1b12f9f }, { "ldrexb", 0xe1d12f9f },
	{ "ldrexh", 0xe1f12f9f }, { "strex", 0xe1810f92 }, { "swp", 0xe1010093 }, { "swpb", 0xe1410093 },
	{ "rfe", 0xf8910a00 }, { "srs", 0xf8cd0513 }, { "pld", 0xf5d1f000 },
};

static void fill(void)
{
	u32 i, *ram = (u32 *)TEST_RAM;

	for (i = 0; i < 0x6000 / 4; i++)
		ram[i] = 0x03020100 + 0x04040404 * (i & 0x3f);
}

static u32 checksum(void)
{
	u32 i, h = 0, *ram = (u32 *)TEST_RAM;

	for (i = 0; i < 0x6000 / 4; i++)
		h = h * 31 + ram[i];
	return h;
}

static bool_t user_only_unpredictable(u32 word)
{
	return word == 0xe8d1600c || word == 0xe8c1600c || word == 0xe941600c || word == 0xe9d1600c ||
	       word == 0xf8910a00 || word == 0xf8cd0513;
}

static void one(const char *name, u32 word, u32 psr, u32 address)
{
	struct state before, s;

	code[0] = word;
	code[1] = 0xe320f000;
	code[2] = 0xef000000;
	sync_code(code, sizeof(code));
	fill();
	state_init(&before, psr & 0x1f, code);
	before.psr = psr | PSR_I | PSR_F | PSR_A;
	before.r[1] = address;
	before.r[2] = 0xa1a2a3a4;
	before.r[3] = 0xb1b2b3b4;
	before.r[4] = 4;
	before.sp[BANK_SVC] = address;
	if (word == 0xf8910a00) {
		/* RFE back to the SVC, as far as the page can be written here */
		u32 pa = address - VA + TEST_RAM;

		if (!(address & 3)) {
			u32 pc = (u32)code + 8, to = MODE_SYS | PSR_A | 0x20000000;

			((u32 *)pa)[0] = psr & PSR_E ? __builtin_bswap32(pc) : pc;
			((u32 *)pa)[1] = psr & PSR_E ? __builtin_bswap32(to) : to;
		}
	}
	s = before;
	enter(&s);
	/* what a load of several that was not finished has loaded is UNKNOWN (B1.9.8) */
	if (s.vector == VEC_DABT && ((word & 0x0e100000) == 0x08100000 || word == 0xe1c120d0))
		s.r[2] = s.r[3] = before.r[2] = before.r[3] = 0;
	/* which access of a SWP faults, the read or the write, is open (TCG: the number of CPUs tells) */
	if (s.vector == VEC_DABT && (word & 0x0fb000f0) == 0x01000090)
		s.dfsr &= ~(1u << 11);
	state_print(name, &s, code, &before);
	/* nor has an STRD that aborts to leave both words as they were (A3.5.3) */
	if (s.vector == VEC_DABT && word == 0xe1c120f0)
		print("-");
	else
		print_hex(checksum());
	newline();
}

static void sweep(const char *title, u32 psr, u32 address, u32 align)
{
	u32 i, word;

	print(title);
	newline();
	print_hex(psr);
	print_hex(address);
	newline();
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		word = accesses[i].word;
		if ((psr & 0x1f) == MODE_USR && user_only_unpredictable(word))
			continue;
		one(accesses[i].name, word, psr, address + align);
	}
}

static void rights(void)
{
	static const u32 places[] = { VA - 0x1000, NONE, PRIV, RO, RW, ALL_RO };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		sweep("rights", MODE_SVC, places[i] + 0x100, 0);
		sweep("rights", MODE_USR, places[i] + 0x100, 0);
	}
	/* over the end of what is mapped, and from one page's rights to another's */
	sweep("over the end", MODE_SVC, LAST + 0xffc, 0);
	sweep("over the end", MODE_USR, LAST + 0xffc, 0);
	sweep("into a read-only page", MODE_USR, RW + 0xffc, 0);
	sweep("into a read-only page", MODE_IRQ, RW + 0xffc, 0);
	sweep("from an unmapped page", MODE_ABT, NONE, 0);
}

static void alignment(void)
{
	u32 a, k;

	for (k = 0; k < 2; k++) {
		u32 bits = k ? SCTLR_A : 0;

		for (a = 1; a < 4; a++) {
			set_sctlr(get_sctlr() | bits);
			sweep(k ? "SCTLR.A" : "no SCTLR.A", a == 2 ? MODE_SVC : MODE_USR, RW + 0x200, a);
			if (a == 2)
				sweep("pages", MODE_SVC, RO + 0xffc, a);
			set_sctlr(get_sctlr() & ~SCTLR_A);
		}
	}
	/* which of two faults: alignment first */
	sweep("unaligned, no access", MODE_SVC, VA - 0x1000, 3);
}

static void endian(void)
{
	sweep("big-endian", MODE_SVC | PSR_E, RW + 0x300, 0);
	sweep("big-endian", MODE_USR | PSR_E, RW + 0x300, 0);
	sweep("big-endian, unaligned", MODE_UND | PSR_E, RW + 0x301, 0);
	sweep("big-endian, unaligned", MODE_USR | PSR_E, RW + 0x302, 0);
}

ARM_CODE(setend_be, "setend be\n ldr r2, [r1]\n setend le\n ldr r3, [r1]\n svc #0");
ARM_CODE(in_be_handler, "svc #0");
THUMB_CODE(setend_t, "setend be\n ldr r2, [r1]\n svc #0");

static void setend(void)
{
	struct state before, s;

	state_init(&before, MODE_USR, setend_be);
	before.r[1] = RW;
	s = before;
	enter(&s);
	state_print("setend", &s, setend_be, &before);
	state_init(&before, MODE_USR, setend_t);
	before.r[1] = RW;
	before.psr |= PSR_T;
	s = before;
	enter(&s);
	state_print("setend, thumb", &s, setend_t, &before);
}

/* With SCTLR.EE translation tables are big-endian, and exceptions are taken so. */
static void big_endian_tables(void)
{
	u32 i;

	mcr((u32)vectors_ee, 0, c12, c0, 0);
	mmu_off();
	for (i = 0; i < 4096; i++)
		short_l1[i] = __builtin_bswap32(short_l1[i]);
	for (i = 0; i < 256; i++)
		((u32 *)(__builtin_bswap32(short_l1[VA >> 20]) & ~0x3ffu))[i] =
			__builtin_bswap32(((u32 *)(__builtin_bswap32(short_l1[VA >> 20]) & ~0x3ffu))[i]);
	dsb();
	set_sctlr(get_sctlr() | SCTLR_EE);
	short_on();
	run_in_mode("EE", MODE_USR, in_be_handler);
	run_in_mode("EE", MODE_SVC, in_be_handler);
	one("EE, ldr", 0xe5912000, MODE_USR, RW + 0x100);
	one("EE, ldr", 0xe5912000, MODE_USR, PRIV + 0x100);
	one("EE, ldr", 0xe5912000, MODE_SVC | PSR_E, PRIV + 0x100);
	mmu_off();
	set_sctlr(get_sctlr() & ~SCTLR_EE);
}

/*
 * Exclusives: a sequence over a place that isn't mapped yet in any TLB, in a loop; one that
 * another store or a CLREX breaks never stores.
 */
ARM_CODE(add_loop, "mov r6, #0\n 1: ldrex r2, [r1]\n add r2, r2, #1\n strex r3, r2, [r1]\n"
	 "cmp r3, #0\n bne 1b\n add r6, r6, #1\n cmp r6, #1000\n bne 1b\n svc #0");
ARM_CODE(add_pages, "mov r6, #0\n 1: ldrex r2, [r1]\n ldr r7, [r4]\n ldr r7, [r5]\n add r2, r2, #1\n"
	 "strex r3, r2, [r1]\n cmp r3, #0\n bne 1b\n"
	 "add r1, r1, #4096\n add r4, r4, #4096\n add r5, r5, #4096\n add r6, r6, #1\n cmp r6, #16\n bne 1b\n svc #0");
ARM_CODE(excl_clrex, "ldrex r2, [r1]\n clrex\n strex r3, r2, [r1]\n svc #0");
ARM_CODE(excl_none, "clrex\n mov r2, #7\n strex r3, r2, [r1]\n svc #0");
ARM_CODE(excl_once, "1: ldrex r2, [r1]\n strex r3, r2, [r1]\n cmp r3, #0\n bne 1b\n strex r4, r2, [r1]\n svc #0");
ARM_CODE(excl_d, "1: ldrexd r2, r3, [r1]\n adds r2, r2, #1\n adc r3, r3, #0\n strexd r4, r2, r3, [r1]\n teq r4, #0\n bne 1b\n svc #0");
THUMB_CODE(excl_t, "1: ldrex r2, [r1, #8]\n adds r2, #1\n strex r3, r2, [r1, #8]\n cmp r3, #0\n bne 1b\n svc #0");
ARM_CODE(excl_fault, "ldrex r2, [r1]\n strex r3, r2, [r4]\n svc #0");

static void exclusive(const char *name, u32 psr, const u32 *insns, u32 address)
{
	struct state before, s;

	fill();
	short_flush();
	state_init(&before, psr & 0x1f, insns);
	before.psr |= psr & PSR_T;
	before.r[1] = address;
	before.r[4] = VA + 0x10000;
	before.r[5] = VA + 0x20000;
	s = before;
	enter(&s);
	state_print(name, &s, insns, &before);
	print_hex(checksum());
	newline();
}

static void exclusives(void)
{
	u32 i;

	for (i = 0; i < 16; i++) {
		*short_page(VA + 0x10000 + 0x1000 * i) = TEST_RAM | L2_SMALL | L2_AP(3) | L2_NORMAL;
		*short_page(VA + 0x20000 + 0x1000 * i) = TEST_RAM | L2_SMALL | L2_AP(3) | L2_NORMAL;
		*short_page(VA + 0x30000 + 0x1000 * i) =
			(TEST_RAM + 0x1000 * (i % 6)) | L2_SMALL | L2_AP(3) | L2_NORMAL;
	}
	for (i = 0; i < 2; i++) {
		u32 mode = i ? MODE_USR : MODE_SVC;

		exclusive("loop", mode, add_loop, RW + 0x40);
		exclusive("pages", mode, add_pages, VA + 0x30040);
		exclusive("clrex", mode, excl_clrex, RW);
		exclusive("none", mode, excl_none, RW);
		exclusive("once", mode, excl_once, RW);
		exclusive("double", mode, excl_d, RW);
		exclusive("no access", mode, excl_once, VA - 0x1000);
		exclusive("read-only", mode, excl_once, ALL_RO);
	}
	exclusive("thumb", MODE_USR | PSR_T, excl_t, RW);
}

static void swap(void)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		set_sctlr(i ? get_sctlr() | SCTLR_SW : get_sctlr() & ~SCTLR_SW);
		print_hex(get_sctlr() & SCTLR_SW);
		newline();
		one("swp", 0xe1010093, MODE_USR, RW);
		one("swp", 0xe1010093, MODE_SVC, RW);
		one("swpb", 0xe1410093, MODE_USR, RW + 3);
		one("swpb", 0xe1410093, MODE_SVC | PSR_E, RW + 3);
		one("swp", 0xe1010093, MODE_USR, ALL_RO);
		one("swp", 0xe1010093, MODE_SVC | PSR_E, RW);
	}
	set_sctlr(get_sctlr() & ~SCTLR_SW);
}

/* SRS and RFE: each addressing form, each mode's stack, with writeback and without. */
static void srs_rfe(void)
{
	static const u32 modes[] = { MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS };
	struct state before, s;
	u32 m, f;

	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		for (f = 0; f < 8; f++) {
			code[0] = 0xf84d0500 | (f & 3) << 23 | (f >> 2) << 21 | modes[m];
			code[1] = 0xef000000;
			sync_code(code, sizeof(code));
			fill();
			state_init(&before, f & 1 ? MODE_IRQ : MODE_FIQ, code);
			before.sp[0] = RW + 0x100;
			before.sp[1] = RW + 0x200;
			before.sp[2] = RW + 0x300;
			before.sp[3] = RW + 0x400;
			before.sp[4] = RW + 0x500;
			before.sp[5] = RW + 0x600;
			s = before;
			enter(&s);
			state_print("srs", &s, code, &before);
			print_hex(checksum());
			newline();
			if (modes[m] == MODE_USR && f & 1)
				continue;
			/* RFE r1 to that mode, ARM or (User mode) Thumb */
			code[0] = 0xf8110a00 | (f & 3) << 23 | (f >> 2) << 21;
			code[1] = 0xe1a00000;
			code[2] = 0xef000000;
			code[3] = 0xdf00df00;
			sync_code(code, sizeof(code));
			state_init(&before, MODE_SVC, code);
			before.r[1] = RW + 0x100;
			{
				static const int at[] = { -4, 0, -8, 4 };
				u32 *pair = (u32 *)(TEST_RAM + 0x3100 + at[f & 3]);

				pair[0] = (u32)code + (modes[m] == MODE_USR ? 12 : 8);
				pair[1] = modes[m] | PSR_I | PSR_F | 0xa8050000 |
					  (modes[m] == MODE_USR ? PSR_T : 0);
			}
			s = before;
			enter(&s);
			state_print("rfe", &s, code, &before);
		}
	}
}

void test(void)
{
	short_init();
	short_l1[TEST_RAM >> 20] = TEST_RAM | L1_SECTION | L1_AP(1) | L1_NORMAL | L1_XN;
	*short_page(NONE) = TEST_RAM | L2_SMALL | L2_AP(1) | L2_NORMAL;
	*short_page(PRIV) = (TEST_RAM + 0x1000) | L2_SMALL | L2_AP(1) | L2_NORMAL;
	*short_page(RO) = (TEST_RAM + 0x2000) | L2_SMALL | L2_AP(2) | L2_NORMAL;
	*short_page(RW) = (TEST_RAM + 0x3000) | L2_SMALL | L2_AP(3) | L2_NORMAL;
	*short_page(ALL_RO) = (TEST_RAM + 0x4000) | L2_SMALL | L2_AP(7) | L2_NORMAL;
	*short_page(LAST) = (TEST_RAM + 0x5000) | L2_SMALL | L2_AP(3) | L2_NORMAL;
	short_on();
	set_sctlr(get_sctlr() | SCTLR_SW);
	rights();
	alignment();
	endian();
	set_sctlr(get_sctlr() & ~SCTLR_SW);
	setend();
	exclusives();
	swap();
	srs_rfe();
	big_endian_tables();
}
