// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: pseudo-random instructions, ARM and (in User mode) Thumb-2.  A block of code is made from a seed, run
 * in some mode from random registers until its SVC or another exception, and all
 * architectural state and the memory that it may write is printed as a hash.
 *
 * Kernel command line: seed=N (a block's depends on it and on the block's number), first=N,
 * blocks=N, unpriv=0 (no LDRT, STRT), show=N (that block's state in full and its words, to find what differs).
 *
 * The generator avoids what is UNPREDICTABLE or UNKNOWN, and knows the mode at each place.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define BLOCK_WORDS	96
#define SCRATCH		0x70000000u	/* two pages, not next to each other in RAM */
#define SCRATCH_RAM	TEST_RAM
#define STACKS		(SCRATCH + 0x1800)

static u32 rng;
static u32 *out, *code, *code_end;
static u32 mode;
static u32 seed;
static u32 unpriv;	/* User mode gets LDRT and STRT, too */

static u32 rnd(u32 n)
{
	rng ^= rng << 13;
	rng ^= rng >> 17;
	rng ^= rng << 5;
	return n ? (u32)((u64)rng * n >> 32) : rng;
}

static bool_t chance(u32 percent)
{
	return rnd(100) < percent;
}

static void emit(u32 word)
{
	*out++ = word;
}

static u32 al(void)
{
	return 0xe0000000u;
}

/* A condition for an instruction that may as well not happen. */
static u32 cond(void)
{
	return chance(25) ? rnd(14) << 28 : al();
}

static bool_t privileged(void)
{
	return mode != MODE_USR;
}

static bool_t has_spsr(void)
{
	return mode != MODE_USR && mode != MODE_SYS;
}

/* r0-r12 and lr; sp stays what loads and stores find valid */
static u32 reg(void)
{
	u32 r = rnd(14);

	return r == 13 ? 14 : r;
}

static u32 reg_but(u32 a, u32 b)
{
	u32 r;

	do
		r = reg();
	while (r == a || r == b);
	return r;
}

static void emit_mov32(u32 rd, u32 v)
{
	emit(0xe3000000 | (v >> 12 & 0xf) << 16 | rd << 12 | (v & 0xfff));
	emit(0xe3400000 | (v >> 28) << 16 | rd << 12 | (v >> 16 & 0xfff));
}

static void gen_dp(void)
{
	u32 op = rnd(16), s = op >= 8 && op < 12 ? 1 : rnd(2);
	u32 word = cond() | op << 21 | s << 20;
	u32 rd = op >= 8 && op < 12 ? 0 : reg(), rn = op == 13 || op == 15 ? 0 : reg();

	word |= rn << 16 | rd << 12;
	switch (rnd(3)) {
	case 0:
		word |= 1u << 25 | rnd(4096);
		break;
	case 1:
		word |= rnd(32) << 7 | rnd(4) << 5 | reg();
		break;
	default:
		word |= reg() << 8 | rnd(4) << 5 | 1 << 4 | reg();
		break;
	}
	emit(word);
}

static void gen_multiply(void)
{
	u32 lo = reg(), hi = reg_but(lo, lo);

	switch (rnd(6)) {
	case 0:		/* MUL, MLA */
		if (chance(50))
			emit(cond() | rnd(2) << 20 | lo << 16 | reg() << 8 | 0x90 | reg());
		else
			emit(cond() | 1 << 21 | rnd(2) << 20 | lo << 16 | reg() << 12 | reg() << 8 |
			     0x90 | reg());
		break;
	case 1:		/* UMULL, UMLAL, SMULL, SMLAL */
		emit(cond() | (4 + rnd(4)) << 21 | rnd(2) << 20 | hi << 16 | lo << 12 | reg() << 8 |
		     0x90 | reg());
		break;
	case 2:		/* UMAAL, MLS */
		emit(cond() | (chance(50) ? 2u : 3u) << 21 | hi << 16 | lo << 12 | reg() << 8 |
		     0x90 | reg());
		break;
	case 3:		/* SMLAxy, SMULxy, SMLALxy */
		switch (rnd(3)) {
		case 0:
			emit(cond() | 0x01000080 | hi << 16 | reg() << 12 | reg() << 8 |
			     rnd(4) << 5 | reg());
			break;
		case 1:
			emit(cond() | 0x01600080 | hi << 16 | reg() << 8 | rnd(4) << 5 | reg());
			break;
		default:
			emit(cond() | 0x01400080 | hi << 16 | lo << 12 | reg() << 8 |
			     rnd(4) << 5 | reg());
			break;
		}
		break;
	case 4:		/* SMLAD, SMUAD, SMMLA and the like */
		emit(cond() | (chance(50) ? 0x07000010 : 0x07000050) | hi << 16 |
		     (chance(50) ? 15 : reg()) << 12 | reg() << 8 | rnd(2) << 5 | reg());
		break;
	default:	/* QADD, QSUB, QDADD, QDSUB */
		emit(cond() | 0x01000050 | rnd(4) << 21 | reg() << 16 | hi << 12 | reg());
		break;
	}
}

static void gen_media(void)
{
	u32 lsb, width;

	switch (rnd(9)) {
	case 0: {	/* parallel addition and subtraction, all kinds */
		static const u8 op1[] = { 1, 2, 3, 5, 6, 7 };
		static const u8 op2[] = { 0, 1, 2, 3, 4, 7 };

		emit(cond() | 0x06000f10 | op1[rnd(6)] << 20 | reg() << 16 | reg() << 12 |
		     op2[rnd(6)] << 5 | reg());
		break;
	}
	case 1:		/* SEL */
		emit(cond() | 0x06800fb0 | reg() << 16 | reg() << 12 | reg());
		break;
	case 2: {	/* SXTAB16 ..., with and without addition */
		static const u8 op[] = { 0, 2, 3, 4, 6, 7 };

		emit(cond() | 0x06800070 | op[rnd(6)] << 20 | (chance(50) ? 15 : reg()) << 16 |
		     reg() << 12 | rnd(4) << 10 | reg());
		break;
	}
	case 3:		/* SSAT, USAT */
		emit(cond() | 0x06a00010 | rnd(2) << 22 | rnd(32) << 16 | reg() << 12 |
		     rnd(32) << 7 | rnd(2) << 6 | reg());
		break;
	case 4: {	/* REV, REV16, RBIT, REVSH */
		static const u32 op[] = { 0x06bf0f30, 0x06bf0fb0, 0x06ff0f30, 0x06ff0fb0 };

		emit(cond() | op[rnd(4)] | reg() << 12 | reg());
		break;
	}
	case 5:		/* PKH */
		emit(cond() | 0x06800010 | reg() << 16 | reg() << 12 | rnd(32) << 7 |
		     rnd(2) << 6 | reg());
		break;
	case 6:		/* SBFX, UBFX */
		lsb = rnd(32);
		width = rnd(32 - lsb);
		emit(cond() | (chance(50) ? 0x07a00050 : 0x07e00050) | width << 16 | reg() << 12 |
		     lsb << 7 | reg());
		break;
	case 7:		/* BFI, BFC */
		lsb = rnd(32);
		emit(cond() | 0x07c00010 | (lsb + rnd(32 - lsb)) << 16 | reg() << 12 | lsb << 7 |
		     (chance(30) ? 15 : reg()));
		break;
	default:	/* CLZ, USAD8 */
		if (chance(50))
			emit(cond() | 0x016f0f10 | reg() << 12 | reg());
		else
			emit(cond() | 0x0780f010 | reg() << 16 | reg() << 8 | reg());
		break;
	}
}

/* An address for the next access: in the scratch pages, far enough from their ends. */
static u32 gen_base(u32 rn, u32 align)
{
	u32 a = SCRATCH + 0x400 + rnd(0x800) + (chance(10) ? 0x800 : 0);

	if (a > SCRATCH + 0x1700)
		a = SCRATCH + 0x1700;
	a &= ~(align - 1);
	if (rn == 13)
		a &= ~7u;
	emit_mov32(rn, a);
	return a;
}

static void gen_word_byte(void)
{
	u32 rn = reg(), rt = reg_but(rn, rn), rm = reg_but(rn, rt);
	u32 pw = rnd(3), imm = rnd(256);
	u32 word = cond() | 0x04000000 | rn << 16 | rt << 12 | rnd(2) << 23 | rnd(2) << 22 |
		   rnd(2) << 20;

	gen_base(rn, chance(70) ? 4 : 1);
	/* post-indexed; offset; pre-indexed; LDRT and the like are post-indexed with W */
	word |= pw == 0 ? 0 : pw == 1 ? 1u << 24 : 1u << 24 | 1u << 21;
	if (pw == 0 && chance(25) && unpriv)
		word |= 1u << 21;
	if (chance(50)) {
		emit(word | imm);
	} else {
		emit(0xe3a00000 | rm << 12 | rnd(64));
		emit(word | 1u << 25 | rnd(3) << 7 | rm);
	}
}

static void gen_half_dual(void)
{
	u32 rn = reg(), rt, rm, pw = rnd(3), op = rnd(6), word;
	/* STRH, LDRH, LDRSB, LDRSH, LDRD, STRD */
	static const u32 ops[] = { 0xb0, 0x1000b0, 0x1000d0, 0x1000f0, 0xd0, 0xf0 };

	if (op < 4) {
		rt = reg_but(rn, rn);
		gen_base(rn, chance(60) ? 2 : 1);
	} else {
		do
			rt = rnd(6) * 2;
		while (rt == rn || rt + 1 == rn);
		gen_base(rn, chance(50) ? 8 : 4);
	}
	rm = reg_but(rn, rt);
	if (rm == rt + 1)
		rm = rm == 12 ? 14 : rn == 12 ? 14 : 12;
	word = cond() | ops[op] | rn << 16 | rt << 12 | rnd(2) << 23;
	word |= pw == 0 ? 0 : pw == 1 ? 1u << 24 : 1u << 24 | 1u << 21;
	if (pw == 0 && op < 4 && chance(25) && unpriv)
		word |= 1u << 21;	/* STRHT ... */
	if (chance(50)) {
		emit(word | 1u << 22 | (op < 4 ? rnd(16) << 8 | rnd(16) : rnd(8) << 8 | rnd(4) << 2));
	} else {
		emit(0xe3a00000 | rm << 12 | rnd(32) << (op < 4 ? 0 : 2));
		emit(word | rm);
	}
}

static void gen_block_transfer(void)
{
	u32 rn = reg(), list = rnd(0x10000) & 0x5fff & ~(1u << rn);
	u32 word = rnd(4) << 23 | rnd(2) << 21 | rnd(2) << 20;

	if (!list)
		list = rn == 3 ? 16 : 8;
	gen_base(rn, 4);
	if (has_spsr() && chance(35)) {
		/* user registers: no writeback */
		word &= ~(1u << 21);
		word |= 1u << 22;
		if (chance(50))
			list |= 1u << 13;
		if (word >> 20 & 1)
			list &= 0x5fff;		/* sp of User mode stays an address */
		emit(al() | 0x08000000 | word | rn << 16 | list);
		emit(0xe320f000);
		return;
	}
	emit(cond() | 0x08000000 | word | rn << 16 | list);
}

static void gen_exclusive(void)
{
	static const u32 ld[] = { 0x01900f9f, 0x01d00f9f, 0x01f00f9f, 0x01b00f9f };
	static const u32 st[] = { 0x01800f90, 0x01c00f90, 0x01e00f90, 0x01a00f90 };
	u32 rn = reg(), rt, rd, k = rnd(4), *loop;

	do
		rt = rnd(6) * 2;
	while (rt == rn || rt + 1 == rn);
	do
		rd = reg_but(rn, rt);
	while (rd == rt + 1);
	gen_base(rn, 8);
	/* A store may fail for no reason of the guest's: until it is done, or never at all. */
	loop = out;
	emit(al() | ld[k] | rn << 16 | rt << 12);
	if (chance(30))
		emit(0xe2800000 | rt << 16 | rt << 12 | rnd(256));
	if (chance(15)) {
		emit(0xf57ff01f);		/* CLREX */
		loop = 0;
	}
	emit(al() | st[k] | rn << 16 | rd << 12 | rt);
	if (!loop)
		return;
	emit(0xe3300000 | rd << 16);		/* TEQ rd, #0 */
	emit(0x1a000000 | ((loop - out - 2) & 0xffffff));
}

static void gen_swap(void)
{
	u32 rn = reg(), rt = reg_but(rn, rn);

	gen_base(rn, 4);
	emit(al() | 0x01000090 | rnd(2) << 22 | rn << 16 | rt << 12 | reg_but(rn, rn));
}

static const u8 all_modes[] = { MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS };

static u32 other_mode(void)
{
	return all_modes[rnd(ARRAY_SIZE(all_modes))];
}

static u32 any_flags(void)
{
	return rnd(0) & 0xf80f0000;
}

/* PSR values of privileged modes keep IRQs and FIQs as they come: none is pending. */
static void gen_psr(void)
{
	u32 r = reg(), m;

	switch (rnd(privileged() ? 8 : 2)) {
	case 0:		/* MSR CPSR_f, CPSR_s */
		emit_mov32(r, any_flags());
		emit(cond() | 0x0120f000 | (1 + rnd(3)) << 18 | r);
		break;
	case 1:
		emit(cond() | 0x0320f000 | (1 + rnd(3)) << 18 | 4 << 8 | rnd(256));
		break;
	case 2:
		emit(cond() | 0x010f0000 | reg() << 12);
		break;
	case 3:		/* the mode and the masks */
		m = other_mode();
		emit_mov32(r, m | rnd(8) << 6 | any_flags());
		emit(al() | 0x0120f000 | (1 | rnd(8) << 1) << 16 | r);
		mode = m;
		break;
	case 4:		/* CPS */
		if (chance(50)) {
			m = other_mode();
			emit(0xf1020000 | (chance(50) ? 0 : (2 + rnd(2)) << 18 | (1 + rnd(7)) << 6) | m);
			mode = m;
		} else {
			emit(0xf1000000 | (2 + rnd(2)) << 18 | (1 + rnd(7)) << 6);
		}
		break;
	case 5:
		emit(al() | 0x0320f000 | 1 << 16 | mode | rnd(4) << 6);
		break;
	case 6:
		if (has_spsr())
			emit(cond() | 0x014f0000 | reg() << 12);
		break;
	default:
		if (has_spsr()) {
			emit_mov32(r, (rnd(0) & 0xf90f03e0) | other_mode());
			emit(cond() | 0x0160f000 | (1 + rnd(15)) << 16 | r);
		}
		break;
	}
}

/* Where the next word but @n is, as the blocks see it. */
static u32 place(u32 n)
{
	return (u32)(out + n);
}

/*
 * Behind a jump, conditional instructions alone pass for data (kmod/core/arm/patch.h): what
 * compilers and people write goes on with an unconditional one.
 */
static void code_goes_on(void)
{
	emit(0xe1a00000);
}

static void gen_return(void)
{
	u32 m = other_mode(), r = reg_but(14, 14), rn, k;
	u32 psr = m | rnd(8) << 6 | any_flags() | (chance(10) ? PSR_E : 0);

	if (!has_spsr())
		return;
	if (chance(10) && mode != MODE_USR)
		psr = (psr & ~0x1fu) | (m = MODE_USR);
	switch (rnd(4)) {
	case 0:		/* SUBS PC and relatives */
		emit_mov32(r, psr);
		emit(0xe16ff000 | r);
		k = rnd(3);
		emit_mov32(14, place(3) + 4 * k);
		emit(k == 0 ? 0xe1b0f00e : 0xe25ef000 | 4 * k);
		break;
	case 1:		/* LDM with the pc */
		rn = reg_but(14, r);
		emit_mov32(r, psr);
		emit(0xe16ff000 | r);
		gen_base(rn, 4);
		emit_mov32(14, place(6));
		emit(0xe5800000 | rn << 16 | 14 << 12 | 4);
		emit_mov32(14, rnd(0));
		/* LDMIA rn, {lr, pc}^: two words */
		emit(0xe8d0c000 | rn << 16 | (chance(40) ? 1u << 21 : 0));
		break;
	case 2:		/* RFE, each way */
		rn = reg_but(14, r);
		k = rnd(4);
		emit_mov32(r, psr);
		emit_mov32(14, place(2 + 2 + 2 + 1));
		gen_base(rn, 4);
		/* DA -4, 0; IA 0, 4; DB -8, -4; IB 4, 8 */
		switch (k) {
		case 0:
			emit(0xe5000004 | rn << 16 | 14 << 12);
			emit(0xe5800000 | rn << 16 | r << 12);
			break;
		case 1:
			emit(0xe5800000 | rn << 16 | 14 << 12);
			emit(0xe5800004 | rn << 16 | r << 12);
			break;
		case 2:
			emit(0xe5000008 | rn << 16 | 14 << 12);
			emit(0xe5000004 | rn << 16 | r << 12);
			break;
		default:
			emit(0xe5800004 | rn << 16 | 14 << 12);
			emit(0xe5800008 | rn << 16 | r << 12);
			break;
		}
		emit(0xf8100a00 | k << 23 | rnd(2) << 21 | rn << 16);
		break;
	default:	/* ERET has no place on a core without Hyp mode's; MOVS with a shift */
		emit_mov32(r, psr);
		emit(0xe16ff000 | r);
		emit_mov32(14, place(3) >> 1);
		emit(0xe1b0f08e);		/* MOVS pc, lr, lsl #1 */
		break;
	}
	mode = m;
	code_goes_on();
}

static void gen_srs(void)
{
	if (!has_spsr())
		return;
	emit(0xf84d0500 | rnd(4) << 23 | rnd(2) << 21 | other_mode());
}

static void gen_cp15(void)
{
	static const u32 reads[] = {
		0xee111f10, 0xee120f10, 0xee120f50, 0xee130f10, 0xee1d0f50, 0xee1d0f70, 0xee1d0f90,
		0xee1a0f12, 0xee1a0f32, 0xee150f10, 0xee150f30, 0xee160f10, 0xee160f50, 0xee1c0f10,
		0xee1d0f30, 0xee110f50,
	};
	static const u32 writes[] = {
		0xee0d0f50, 0xee0d0f70, 0xee0d0f90,			/* TPIDRURW, RURO, RPRW */
		0xee060f10, 0xee060f50,					/* DFAR, IFAR */
		0xee070f15, 0xee070fd5, 0xee070f95, 0xee070f9a, 0xee070fba,	/* ICIALLU, BPI, barriers */
		0xee080f17, 0xee080f13, 0xee080f15, 0xee080f16,		/* TLBIALL ... */
		0xee080f57, 0xee080f53,					/* TLBIASID: any value */
		0xee080f37, 0xee080f77,					/* TLBIMVA, TLBIMVAA: any value */
	};
	u32 r = reg(), rn;

	if (!privileged()) {
		if (chance(50))
			emit(cond() | 0x0e1d0f50 | rnd(2) << 5 | reg() << 12);
		else
			emit(cond() | (chance(50) ? 0x0e0d0f50 : 0x0e070f95) | reg() << 12);
		return;
	}
	switch (rnd(4)) {
	case 0:
		emit((cond() & 0xf0000000) | ((reads[rnd(ARRAY_SIZE(reads))] & 0x0fff0fff) | r << 12));
		break;
	case 1:
		emit((cond() & 0xf0000000) | (writes[rnd(ARRAY_SIZE(writes))] & 0x0fff0fff) | r << 12);
		break;
	case 2: {	/* cache maintenance by address */
		static const u32 ops[] = { 0xee070f3a, 0xee070f3b, 0xee070f3e, 0xee070f35 };

		rn = reg();
		gen_base(rn, 1);
		emit(ops[rnd(4)] | rn << 12);
		break;
	}
	default:	/* address translation */
		rn = reg();
		gen_base(rn, 1);
		emit(0xee070f18 | rnd(4) << 5 | rn << 12);
		emit(0xf57ff06f);
		emit(0xee170f14 | r << 12);
		/* TCG gives no attributes with short descriptors: address and F remain */
		emit(0xe3c000fe | r << 16 | r << 12);
		emit(0xe3c00c0f | r << 16 | r << 12);
		break;
	}
}

static void gen_branch(void)
{
	u32 n = rnd(3), i, r = reg();

	switch (rnd(3)) {
	case 0:		/* B, BL */
		emit(cond() | 0x0a000000 | rnd(2) << 24 | (n & 0xffffff));
		break;
	case 1:		/* BX, BLX */
		emit_mov32(r, place(4) + 4 * n);
		emit(al() | (chance(50) ? 0x012fff10 : 0x012fff30) | r);
		break;
	default:	/* MOV PC; LDR PC from the scratch page would be one more */
		emit_mov32(r, place(4) + 4 * n);
		emit(0xe1a0f000 | r);
		break;
	}
	code_goes_on();
	for (i = 0; i < n; i++)
		emit(cond() | 0x02800000 | reg() << 16 | reg() << 12 | rnd(4096));
}

static void gen_hint(void)
{
	static const u32 hints[] = {
		0xe320f000, 0xe320f001, 0xe320f004, 0xf57ff05f, 0xf57ff04f, 0xf57ff06f, 0xf57ff05b,
		0xf5d0f000, 0xf57ff01f,
	};
	u32 rn = reg();
	u32 hint = hints[rnd(ARRAY_SIZE(hints))];

	if (hint == 0xf5d0f000)
		hint |= rn << 16;
	emit(hint);
}

static void gen_setend(void)
{
	emit(0xf1010000 | (chance(30) ? 1 << 9 : 0));
}

static void gen_exception(void)
{
	switch (rnd(6)) {
	case 0:
		emit(cond() | 0x0f000000 | rnd(0x1000000));
		break;
	case 1:
		emit(cond() | 0x07f000f0 | rnd(0x800) << 8 | rnd(16));
		break;
	case 2:
		emit(0xe1200070 | rnd(4096) << 8 | rnd(16));
		break;
	case 3:		/* a load that faults */
		emit_mov32(3, 0xd0000000 + rnd(0x1000000));
		emit(cond() | 0x05930000 | reg_but(3, 3) << 12);
		break;
	case 4:		/* over the end of the pages */
		emit_mov32(3, SCRATCH + 0x2000 - 4 * rnd(12));
		emit(0xe8a30ff0 | rnd(2) << 20);
		break;
	default:	/* no such instruction */
		emit(al() | (chance(50) ? 0x07f001f0 : 0x0e000710));
		break;
	}
}

static void gen_one(void)
{
	u32 k = rnd(100);

	if (k < 25)
		gen_dp();
	else if (k < 31)
		gen_multiply();
	else if (k < 38)
		gen_media();
	else if (k < 48)
		gen_word_byte();
	else if (k < 55)
		gen_half_dual();
	else if (k < 63)
		gen_block_transfer();
	else if (k < 66)
		gen_exclusive();
	else if (k < 68)
		gen_swap();
	else if (k < 78)
		gen_psr();
	else if (k < 83)
		gen_return();
	else if (k < 86)
		gen_srs();
	else if (k < 92)
		gen_cp15();
	else if (k < 95)
		gen_branch();
	else if (k < 97)
		gen_hint();
	else if (k < 98)
		gen_setend();
	else if (chance(40))
		gen_exception();
}

static u32 hash(u32 h, const u32 *p, u32 words)
{
	while (words--)
		h = (h ^ *p++) * 0x01000193 + (h >> 15);
	return h;
}

static void block_state(struct state *s)
{
	u32 i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < 13; i++)
		s->r[i] = rnd(0);
	for (i = 0; i < NR_BANKS; i++) {
		s->sp[i] = STACKS - 0x100 * (i + 1) + 0x80;
		s->lr[i] = rnd(0);
		s->spsr[i] = (rnd(0) & 0xf90f03e0) | other_mode();
	}
	for (i = 0; i < 5; i++)
		s->r8_fiq[i] = rnd(0);
	mode = chance(35) ? MODE_USR : other_mode();
	s->pc = (u32)code;
	s->psr = mode | any_flags() | rnd(8) << 6;
}

/*
 * -- Thumb-2, in User mode -------------------------------------------------------
 */

static u16 *out16;

static void emit_wide(u32 hw1, u32 hw2)
{
	*out16++ = hw1;
	*out16++ = hw2;
}

static void thumb_mov16(u32 op, u32 rd, u32 v)
{
	emit_wide(op | (v >> 11 & 1) << 10 | v >> 12, (v >> 8 & 7) << 12 | rd << 8 | (v & 0xff));
}

/* Narrow instructions that may stand in an IT block, too. */
static void thumb_narrow(void)
{
	*out16++ = chance(50) ? 0x2000 | rnd(0x2000) : 0x4000 | rnd(0x400);
}

static u32 thumb_op(void)
{
	static const u8 ops[] = { 0, 1, 2, 3, 4, 8, 10, 11, 13, 14 };

	return ops[rnd(sizeof(ops))] << 5 | rnd(2) << 4;
}

static void thumb_one(void)
{
	static const u16 accesses[] = {
		0xf880, 0xf8a0, 0xf8c0, 0xf890, 0xf8b0, 0xf8d0, 0xf990, 0xf9b0,
	};
	u32 n, base;

	switch (rnd(8)) {
	case 0:
		*out16++ = rnd(0x2000);			/* shifts, ADD, SUB */
		break;
	case 1:
	case 2:
		thumb_narrow();
		break;
	case 3:		/* modified immediate: the byte of a replicated one isn't 0 */
		emit_wide(0xf000 | rnd(2) << 10 | thumb_op() | rnd(13),
			  rnd(8) << 12 | rnd(13) << 8 | rnd(256) | 1);
		break;
	case 4:		/* shifted register */
		emit_wide(0xea00 | thumb_op() | rnd(13),
			  rnd(8) << 12 | rnd(13) << 8 | rnd(16) << 4 | rnd(13));
		break;
	case 5:
		base = rnd(13);
		thumb_mov16(0xf240, base, (SCRATCH + 0x400 + rnd(0x1000)) & 0xffff);
		thumb_mov16(0xf2c0, base, SCRATCH >> 16);
		emit_wide(accesses[rnd(ARRAY_SIZE(accesses))] | base, rnd(13) << 12 | rnd(256));
		break;
	case 6:		/* IT with one to four instructions */
		n = rnd(4);
		*out16++ = 0xbf00 | rnd(14) << 4 | ((rnd(16) & ~0u << (n + 1)) & 0xf) | 1 << n;
		for (n = 4 - n; n; n--)
			thumb_narrow();
		break;
	default:	/* CBZ, CBNZ over one */
		*out16++ = 0xb100 | rnd(2) << 11 | rnd(8);
		thumb_narrow();
		break;
	}
}

static void thumb_block(struct state *before)
{
	before->psr = (before->psr & ~0x1fu) | MODE_USR | PSR_T;
	mode = MODE_USR;
	out16 = (u16 *)code;
	while (out16 < (u16 *)(code + BLOCK_WORDS))
		thumb_one();
	*out16++ = 0xdf00;
	if ((u32)out16 & 2)
		*out16++ = 0xdf01;
	out = (u32 *)out16;
}

static void run_block(u32 n, u32 show)
{
	u32 *scratch[2] = { (u32 *)SCRATCH_RAM, (u32 *)(SCRATCH_RAM + 0x3000) };
	u32 i, h = 0, offset;
	struct state before, s;

	rng = seed * 0x9e3779b1u + n * 0x85ebca6bu + 1;
	for (i = 0; i < 8; i++)
		rnd(0);
	for (i = 0; i < 1024; i++) {
		scratch[0][i] = rnd(0);
		scratch[1][i] = rnd(0);
	}
	/* different places of a page, and over a page's end */
	offset = rnd(3) ? rnd(1024) & ~7u : 0xf00;
	out = code = (u32 *)(TEST_RAM + 0x10000 + offset);
	block_state(&before);
	if (chance(25)) {
		thumb_block(&before);
	} else {
		while (out < code + BLOCK_WORDS)
			gen_one();
		emit(0xef000000);
	}
	code_end = out;
	for (i = 0; i < 16; i++)
		emit(0xef000001);
	sync_code(code, (u32)out - (u32)code);

	if (show) {
		state_print("before", &before, code, 0);
		for (i = 0; code + i < code_end; i++) {
			print_hex((u32)(code + i));
			print_hex(code[i]);
			newline();
		}
	}
	/* BKPT leaves IFAR UNKNOWN: what a block finds here is not of one before it */
	mcr(0, 0, c5, c0, 0);
	mcr(0, 0, c5, c0, 1);
	mcr(0, 0, c6, c0, 0);
	mcr(0, 0, c6, c0, 2);
	s = before;
	enter(&s);

	if (s.vector != VEC_DABT)
		s.dfsr = s.dfar = 0;
	if (s.vector != VEC_PABT)
		s.ifsr = s.ifar = 0;
	else if ((s.ifsr & 0x40f) == 2)
		s.ifar = 0;
	/* enter() has used them */
	s.lr[BANK_UND] = 0;
	s.spsr[BANK_UND] &= s.vector == VEC_UND ? ~0u : 0;
	s.lr[BANK_ABT] = 0;
	s.spsr[BANK_ABT] &= s.vector == VEC_DABT || s.vector == VEC_PABT ? ~0u : 0;
	h = hash(h, (u32 *)&s, sizeof(s) / 4);
	h = hash(h, scratch[0], 1024);
	h = hash(h, scratch[1], 1024);
	print_hex(n);
	print_hex(s.vector);
	print_hex(s.pc - (u32)code);
	print_hex(h);
	newline();
	if (!show)
		return;
	for (i = 0; i < sizeof(s) / 4; i++) {
		print_hex(((u32 *)&s)[i]);
		if (i % 8 == 7)
			newline();
	}
	newline();
	for (i = 0; i < 1024; i++) {
		if (i % 16 == 0) {
			print_hex(SCRATCH + 4 * i);
			print_hex(hash(0, scratch[0] + i, 16));
			print_hex(hash(0, scratch[1] + i, 16));
			newline();
		}
	}
}

void test(void)
{
	u32 first = argument("first", 0), n = argument("blocks", 500), show = argument("show", ~0u), i;

	unpriv = argument("unpriv", 1);
	seed = argument("seed", 1);
	print("seed ");
	print_hex(seed);
	newline();
	short_init();
	short_l1[TEST_RAM >> 20] = TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL;
	*short_page(SCRATCH) = SCRATCH_RAM | L2_SMALL | L2_AP(3) | L2_NORMAL;
	*short_page(SCRATCH + 0x1000) = (SCRATCH_RAM + 0x3000) | L2_SMALL | L2_AP(3) | L2_NORMAL;
	short_on();
	set_sctlr(get_sctlr() | SCTLR_SW);
	for (i = first; i < first + n; i++)
		run_block(i, i == show);
	mmu_off();
}
