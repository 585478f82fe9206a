// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: which cp14 and cp15 registers there are for PL1 and PL0, what they hold at
 * reset, which bits can be written.  Left out is what a core may choose: identification
 * that tells the host's core from TCG's, ACTLR, the debug and performance monitors'
 * registers but for what ID_DFR0 says.
 */
#include "lib/bare.h"

static u32 code_word[2];

/* 0: no exception.  The value is in *@v. */
static u32 access_cp(u32 word, u32 mode, u32 *v)
{
	struct state s;

	state_init(&s, mode, code_word);
	s.r[2] = *v;
	code_word[0] = word;
	code_word[1] = 0xef000000;
	sync_code(code_word, sizeof(code_word));
	enter(&s);
	*v = s.r[2];
	return s.vector == VEC_SVC ? 0 : s.vector;
}

static u32 mcr_word(u32 cp, u32 op1, u32 crn, u32 crm, u32 op2)
{
	return 0xee002010 | op1 << 21 | crn << 16 | cp << 8 | op2 << 5 | crm;
}

struct reg {
	const char *name;
	u8 op1, crn, crm, op2;
	u32 write;		/* bits to try; 0: read only */
};

static const struct reg regs[] = {
	{ "TCMTR", 0, 0, 0, 2, 0 }, { "ID_PFR0", 0, 0, 1, 0, 0 },
	{ "ID_AFR0", 0, 0, 1, 3, 0 }, { "ID_MMFR0", 0, 0, 1, 4, 0 }, { "ID_MMFR2", 0, 0, 1, 6, 0 },
	{ "ID_ISAR1", 0, 0, 2, 1, 0 }, { "ID_ISAR3", 0, 0, 2, 3, 0 },
	{ "reserved id", 0, 0, 3, 0, 0 }, { "reserved id", 0, 0, 7, 7, 0 },
	{ "SCTLR", 0, 1, 0, 0, 0x30000400 }, { "CPACR", 0, 1, 0, 2, 0x00f00000 },
	{ "TTBR0", 0, 2, 0, 0, 0xffffc000 }, { "TTBR1", 0, 2, 0, 1, 0xffffc07f },
	{ "TTBCR", 0, 2, 0, 2, 7 }, { "DACR", 0, 3, 0, 0, ~0u },
	{ "DFSR", 0, 5, 0, 0, 0x1cff }, { "IFSR", 0, 5, 0, 1, 0x140f },
	{ "ADFSR", 0, 5, 1, 0, 0 }, { "AIFSR", 0, 5, 1, 1, 0 },
	{ "DFAR", 0, 6, 0, 0, ~0u }, { "IFAR", 0, 6, 0, 2, ~0u }, { "PAR", 0, 7, 4, 0, 0xfffff000 },
	{ "PRRR", 0, 10, 2, 0, 0xffffffff }, { "NMRR", 0, 10, 2, 1, ~0u },
	{ "AMAIR0", 0, 10, 3, 0, 0 }, { "AMAIR1", 0, 10, 3, 1, 0 },
	{ "VBAR", 0, 12, 0, 0, 0 }, { "ISR", 0, 12, 1, 0, 0 },
	{ "FCSEIDR", 0, 13, 0, 0, 0 }, { "CONTEXTIDR", 0, 13, 0, 1, ~0u },
	{ "TPIDRURW", 0, 13, 0, 2, 0 }, { "TPIDRPRW", 0, 13, 0, 4, 0 },
	{ "CNTKCTL", 0, 14, 1, 0, 0x3ff },
	{ "no such", 0, 1, 1, 7, 0 }, { "no such", 3, 2, 0, 0, 0 }, { "no such", 0, 4, 0, 0, 0 },
	{ "no such", 0, 8, 1, 0, 0 }, { "no such", 0, 6, 0, 5, 0 },
	{ "no such", 5, 0, 0, 0, 0 }, { "no such", 0, 13, 0, 6, 0 },
};

static void registers(void)
{
	const struct reg *r;
	u32 v, e, old, i;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		r = &regs[i];
		print(r->name);
		print(": ");
		v = 0x5a5a5a5a;
		e = access_cp(mcr_word(15, r->op1, r->crn, r->crm, r->op2) | 1 << 20, MODE_SVC, &v);
		old = v;
		print_hex(e);
		/* ThumbEE, which TCG's core has and newer cores don't */
		if (!r->crn && r->crm == 1 && !r->op2)
			v &= ~0xf000u;
		if (!r->crn && r->crm == 2 && r->op2 == 3)
			v &= ~0xf0000000u;
		if (!e && r->crn != 12 && !(r->crn == 13 && (r->op2 & 2)) && r->op2 != 4)
			print_hex(v);
		if (r->write && !e) {
			/* all ones, all zeros in those bits, and back */
			v = old | r->write;
			if (r->crn == 1 && !r->op2)
				v = old | r->write;
			print_hex(access_cp(mcr_word(15, r->op1, r->crn, r->crm, r->op2), MODE_SVC, &v));
			access_cp(mcr_word(15, r->op1, r->crn, r->crm, r->op2) | 1 << 20, MODE_SVC, &v);
			print_hex(v & r->write);
			v = old & ~r->write;
			access_cp(mcr_word(15, r->op1, r->crn, r->crm, r->op2), MODE_SVC, &v);
			access_cp(mcr_word(15, r->op1, r->crn, r->crm, r->op2) | 1 << 20, MODE_SVC, &v);
			print_hex(v & r->write);
			access_cp(mcr_word(15, r->op1, r->crn, r->crm, r->op2), MODE_SVC, &old);
		}
		v = 0;
		print_hex(access_cp(mcr_word(15, r->op1, r->crn, r->crm, r->op2) | 1 << 20, MODE_USR, &v));
		v = 0;
		print_hex(access_cp(mcr_word(15, r->op1, r->crn, r->crm, r->op2), MODE_USR, &v));
		newline();
	}
}

/* Operations: c7 and c8, from both levels, and read, which none can be. */
static void operations(void)
{
	static const struct {
		u8 crn, crm, op2;
	} ops[] = {
		{ 7, 0, 4 }, { 7, 1, 0 }, { 7, 1, 6 }, { 7, 5, 0 }, { 7, 5, 1 }, { 7, 5, 4 }, { 7, 5, 6 },
		{ 7, 5, 7 }, { 7, 6, 1 }, { 7, 6, 2 }, { 7, 8, 0 }, { 7, 8, 1 }, { 7, 8, 2 }, { 7, 8, 3 },
		{ 7, 10, 1 }, { 7, 10, 2 }, { 7, 10, 4 }, { 7, 10, 5 }, { 7, 11, 1 }, { 7, 13, 1 },
		{ 7, 14, 1 }, { 7, 14, 2 }, { 8, 3, 0 }, { 8, 3, 1 }, { 8, 3, 2 }, { 8, 3, 3 }, { 8, 5, 0 },
		{ 8, 5, 1 }, { 8, 5, 2 }, { 8, 6, 0 }, { 8, 6, 1 }, { 8, 6, 2 }, { 8, 7, 0 }, { 8, 7, 1 },
		{ 8, 7, 2 }, { 8, 7, 3 },
	};
	u32 i, v;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		u32 word = mcr_word(15, 0, ops[i].crn, ops[i].crm, ops[i].op2);

		print("op ");
		print_hex(ops[i].crn << 8 | ops[i].crm << 4 | ops[i].op2);
		v = FREE_RAM;
		/* a wait for interrupt never ends here */
		if (ops[i].crm)
			print_hex(access_cp(word, MODE_SVC, &v));
		v = FREE_RAM;
		print_hex(access_cp(word, MODE_USR, &v));
		newline();
	}
}

static void user_registers(void)
{
	static const u32 op2[] = { 2, 3, 4 };
	u32 i, v;

	for (i = 0; i < 3; i++) {
		mcr(0x1234, 0, c13, c0, 2);
		mcr(0x5678, 0, c13, c0, 3);
		v = 0;
		print_hex(access_cp(mcr_word(15, 0, 13, 0, op2[i]) | 1 << 20, MODE_USR, &v));
		print_hex(v);
		print_hex(access_cp(mcr_word(15, 0, 13, 0, op2[i]), MODE_USR, &v));
		newline();
	}
}

static void identification(void)
{
	u32 v, dfr0 = mrc(0, c0, c1, 2), i;

	/* the register that names the core, at each place where it is */
	print(mrc(0, c0, c0, 0) == mrc(0, c0, c0, 4) && mrc(0, c0, c0, 0) == mrc(0, c0, c0, 7) ?
	      "midr " : "no midr ");
	print((mrc(0, c0, c0, 0) >> 16 & 15) == 15 ? "cpuid " : "no cpuid ");
	print(mrc(0, c0, c0, 5) >> 31 ? "mp " : "no mp ");
	print(mrc(0, c0, c0, 1) >> 29 == 4 ? "ctr " : "no ctr ");
	print((mrc(0, c0, c1, 4) & 15) == 5 ? "lpae " : "no lpae ");
	print((mrc(0, c0, c1, 1) >> 16 & 15) == 1 ? "gentimer " : "no gentimer ");
	print((mrc(0, c0, c1, 1) & 15) == 1 ? "arm\n" : "no arm\n");
	/* SWP, which a guest enables by SCTLR.SW */
	print(mrc(0, c0, c2, 0) & 15 || mrc(0, c0, c2, 4) >> 28 ? "swp\n" : "no swp\n");
	/* performance monitors and debug: there if ID_DFR0 says so, harmless if not */
	v = 0;
	i = access_cp(mcr_word(15, 0, 9, 12, 0) | 1 << 20, MODE_SVC, &v);
	print(i == 0 ? "pmcr " : "no pmcr ");
	i = dfr0 >> 24 & 15;
	print(i == 0 || i == 15 ? v >> 11 & 31 ? "counters?\n" : "consistent\n" : "consistent\n");
	v = 0;
	i = access_cp(mcr_word(14, 0, 0, 0, 0) | 1 << 20, MODE_SVC, &v);
	print(i == 0 ? "dbgdidr\n" : "no dbgdidr\n");
	/* caches: levels that CLIDR names have a size */
	v = mrc(1, c0, c0, 1);
	for (i = 0; i < 7 && (v >> 3 * i & 7); i++) {
		mcr(i << 1, 2, c0, c0, 0);
		isb();
		if (!(mrc(1, c0, c0, 0) >> 13))
			print("no size ");
	}
	print("caches\n");
}

/* Coprocessors that aren't there, and cp10 and cp11 by CPACR. */
static void coprocessors(void)
{
	u32 cp, v, m, field;
	static const u32 modes[] = { MODE_USR, MODE_SVC, MODE_SYS };

	for (cp = 0; cp < 16; cp++) {
		if (cp == 10 || cp == 11 || cp == 14 || cp == 15)
			continue;
		v = 0;
		print_hex(access_cp(mcr_word(cp, 0, 0, 0, 0), MODE_SVC, &v));
		print_hex(access_cp(mcr_word(cp, 0, 0, 0, 0) | 1 << 20, MODE_USR, &v));
	}
	newline();
	for (field = 0; field < 4; field++) {
		if (field == 2)
			continue;
		mcr(field << 20 | field << 22, 0, c1, c0, 2);
		isb();
		print("cpacr ");
		print_hex(mrc(0, c1, c0, 2));
		for (m = 0; m < 3; m++) {
			v = 0x40000000;
			print("fpexc ");
			print_hex(access_cp(0xeee82a10, modes[m], &v));		/* VMSR FPEXC, r2 */
			v = 0;
			print_hex(access_cp(0xeef82a10, modes[m], &v));		/* VMRS r2, FPEXC */
			print_hex(v);
			v = 0;
			print("fpscr ");
			print_hex(access_cp(0xeef12a10, modes[m], &v));
			print_hex(access_cp(0xeee12a10, modes[m], &v));
			v = 0x3f800000;
			print("vmov ");
			print_hex(access_cp(0xee002a10, modes[m], &v));		/* VMOV s0, r2 */
			print("vadd ");
			print_hex(access_cp(0xee300a00, modes[m], &v));
			print("neon ");
			print_hex(access_cp(0xf2000840, modes[m], &v));
			print("vldr ");
			v = FREE_RAM;
			print_hex(access_cp(0xed920a00, modes[m], &v));
			v = 0;
			print("mvfr0 ");
			print_hex(access_cp(0xeef72a10, modes[m], &v));
		}
		v = 0;
		print("off ");
		access_cp(0xeee82a10, MODE_SVC, &v);
		for (m = 0; m < 2; m++) {
			v = 0;
			print_hex(access_cp(0xeef12a10, modes[m], &v));
			print_hex(access_cp(0xee002a10, modes[m], &v));
			print_hex(access_cp(0xf2000840, modes[m], &v));
			print_hex(access_cp(0xeef82a10, modes[m], &v));
		}
		newline();
	}
}

void test(void)
{
	registers();
	operations();
	user_registers();
	identification();
	coprocessors();
}
