// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: every MRC and MCR of cp14 and cp15, every MRRC and MCRR, from User mode.  What
 * isn't undefined is printed, with its value where the guest itself has set it: User mode
 * reaches nothing of a host.  Left out is what cores differ in: the debug channel, DBGDIDR,
 * ThumbEE.
 */
#include "lib/bare.h"

/* In a page of its own: nothing else is executed there. */
static u32 * const code_word = (u32 *)FREE_RAM;

static u32 execute(u32 word, struct state *s)
{
	state_init(s, MODE_USR, code_word);
	s->r[2] = FREE_RAM + 0x1000;
	s->r[3] = 0;
	code_word[0] = word;
	sync_code(code_word, 8);
	enter(s);
	return s->vector;
}

static bool_t optional(u32 word)
{
	switch (word) {
	case 0xee002e15:	/* DBGDTRTXint, DBGDTRRXint */
	case 0xee102e15:
	case 0xee102e10:	/* DBGDIDR */
	case 0xeec12e10:	/* TEEHBR */
	case 0xeed12e10:
		return 1;
	default:
		return 0;
	}
}

static void attempt(u32 word)
{
	struct state s;
	u32 vector = execute(word, &s);

	if (vector == VEC_UND || optional(word))
		return;
	print_hex(word);
	print_hex(vector);
	/* counters and what the host's core is have no value of the guest's */
	if (vector == VEC_SVC && (word & 0xf00) == 0xf00 && (word >> 16 & 15) == 13)
		print_hex(s.r[2]);
	newline();
}

void test(void)
{
	u32 cp, op, i;

	code_word[1] = 0xef000000;
	mcr(0x1234, 0, c13, c0, 2);
	mcr(0x5678, 0, c13, c0, 3);
	mcr(0x9abc, 0, c13, c0, 4);
	for (cp = 14; cp < 16; cp++) {
		/* op: opc1, L; i: CRn, CRm, opc2 */
		for (op = 0; op < 16; op++)
			for (i = 0; i < 2048; i++)
				attempt(0xee002010 | op << 20 | (i >> 7) << 16 | cp << 8 |
					(i & 7) << 5 | (i >> 3 & 15));
		for (op = 0; op < 2; op++)
			for (i = 0; i < 256; i++)
				attempt(0xec432000 | op << 20 | cp << 8 | i);
	}
}
