// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replacing the silent instructions of a page, and telling code from data.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "decode.h"
#include "ldst.h"
#include "patch.h"

#define COND_AL		(INSN_COND_AL << 28)
#define COND_MASK	0xf0000000U

#define NOP		0xe320f000U
#define MOV_LR_PC	0xe1a0e00fU

/* Of a post-indexed transfer: the unprivileged form (A8.8.92, A5.2.9) */
#define LDST_W		(1U << 21)

/* How far the judge of (b) looks back for the end of the code before, in words. */
#define ZONE_REACH	256
/* How many neighbours on each side it weighs. */
#define NEIGHBOURS	8

/* enum patch_cp, with Rt = 0 and AL */
static const u32 cp_words[PATCH_CP_NR] = {
	[PATCH_CP_TPIDRPRW_READ]	= 0xee1d0f90,	/* p15, 0, Rt, c13, c0, 4 */
	[PATCH_CP_TPIDRPRW_WRITE]	= 0xee0d0f90,
	[PATCH_CP_DACR_READ]		= 0xee130f10,	/* c3, c0, 0 */
	[PATCH_CP_DACR_WRITE]		= 0xee030f10,
	[PATCH_CP_DCCMVAC]		= 0xee070f3a,	/* c7, c10, 1 */
	[PATCH_CP_DCCMVAU]		= 0xee070f3b,	/* c7, c11, 1 */
	[PATCH_CP_DCIMVAC]		= 0xee070f36,	/* c7, c6, 1 */
	[PATCH_CP_DCCIMVAC]		= 0xee070f3e,	/* c7, c14, 1 */
	[PATCH_CP_TPIDRURW_READ]	= 0xee1d0f50,	/* c13, c0, 2 */
	[PATCH_CP_TPIDRURW_WRITE]	= 0xee0d0f50,
	[PATCH_CP_TPIDRURO_WRITE]	= 0xee0d0f70,	/* c13, c0, 3 */
	[PATCH_CP_SCTLR_READ]		= 0xee110f10,	/* c1, c0, 0 */
	[PATCH_CP_SCTLR_WRITE]		= 0xee010f10,
	[PATCH_CP_TTBR0_WRITE]		= 0xee020f10,	/* c2, c0, 0 */
	[PATCH_CP_TLBIMVA]		= 0xee080f37,	/* c8, c7, 1 */
	[PATCH_CP_TLBIMVAIS]		= 0xee080f33,	/* c8, c3, 1 */
};

/* enum patch_block, with Rn = 0 and AL */
static const u32 block_words[PATCH_BLOCK_NR] = {
	[PATCH_STMDB_SP_LR]	= 0xe9406000,
	[PATCH_STMIA_SP_LR]	= 0xe8c06000,
	[PATCH_STMIB_SP_LR]	= 0xe9c06000,
	[PATCH_LDMDB_R0_LR]	= 0xe9507fff,
	[PATCH_LDMDB_R1_LR]	= 0xe9507ffe,
	[PATCH_LDMIA_R0_LR]	= 0xe8d07fff,
	[PATCH_LDMIA_R1_LR]	= 0xe8d07ffe,
	[PATCH_LDMDB_SP_LR]	= 0xe9506000,
	[PATCH_LDMIA_SP_LR]	= 0xe8d06000,
	[PATCH_STMIA_R0_LR]	= 0xe8c07fff,
	[PATCH_LDMIA_R0_PC]	= 0xe8d0ffff,
};

/* Indices of one instruction each */
static const u32 single_words[] = {
	[PATCH_IX_WFI - PATCH_IX_FIRST]			= 0xe320f003,
	[PATCH_IX_MOVS_PC_LR - PATCH_IX_FIRST]		= 0xe1b0f00e,
	[PATCH_IX_SUBS_PC_LR_4 - PATCH_IX_FIRST]	= 0xe25ef004,
	[PATCH_IX_SUBS_PC_LR_8 - PATCH_IX_FIRST]	= 0xe25ef008,
	[PATCH_IX_ERET - PATCH_IX_FIRST]		= 0xe160006e,
};

static u32 udf(u32 cond, u32 index)
{
	return cond | PATCH_UDF_VALUE | (index & 0xfff0) << 4 | (index & 0xf);
}

/* The self-describing index of @word (condition AL or 1111), 0 if it has none. */
static u32 static_index(u32 word, enum insn_kind kind)
{
	u32 low = insn_rm(word), i;

	switch (kind) {
	case INSN_WFI:
	case INSN_ERET:
	case INSN_DP_RET:
		for (i = 1; i < ARRAY_SIZE(single_words); i++) {
			if (word == single_words[i])
				return PATCH_IX_FIRST + i;
		}
		return 0;
	case INSN_MRS:
		return (insn_bit(word, 22) ? PATCH_IX_MRS_SPSR : PATCH_IX_MRS_CPSR) |
		       insn_rd(word);
	case INSN_MSR_REG:
		return (insn_bit(word, 22) ? PATCH_IX_MSR_SPSR : PATCH_IX_MSR_CPSR) |
		       insn_rn(word) << 4 | low;
	case INSN_CPS:
		return PATCH_IX_CPS | insn_field(word, 18, 2) << 9 |
		       insn_field(word, 17, 1) << 8 | insn_field(word, 6, 3) << 5 |
		       insn_field(word, 0, 5);
	case INSN_CP_REG:
		for (i = 0; i < PATCH_CP_NR; i++) {
			if ((word & ~0xf000U) == cp_words[i])
				return PATCH_IX_CP | i << 4 | insn_rd(word);
		}
		return 0;
	case INSN_LDM_USER:
	case INSN_LDM_RET:
	case INSN_STM_USER:
		for (i = 0; i < PATCH_BLOCK_NR; i++) {
			if ((word & ~0xf0000U) == block_words[i])
				return PATCH_IX_BLOCK | i << 4 | insn_rn(word);
		}
		return 0;
	default:
		return 0;
	}
}

/* The inverse: condition AL or 1111 in *@word; false for a reserved index. */
static bool static_word(u32 index, u32 *word)
{
	u32 low = index & 0xf, mid = (index >> 4) & 0xf;

	if (index < PATCH_IX_FIRST || index >= DICT_FIRST)
		return false;
	if (index >= PATCH_IX_CPS) {
		*word = 0xf1000000 | ((index >> 9) & 3) << 18 | ((index >> 8) & 1) << 17 |
			((index >> 5) & 7) << 6 | (index & 0x1f);
		return true;
	}
	switch (index & 0xff00) {
	case PATCH_IX_FIRST:
		if (index >= PATCH_IX_FIRST + ARRAY_SIZE(single_words))
			return false;
		*word = single_words[index - PATCH_IX_FIRST];
		return *word;
	case PATCH_IX_MRS_CPSR:
		*word = 0xe10f0000 | mid << 22 | low << 12;
		return mid <= 1;
	case PATCH_IX_MSR_CPSR:
		*word = 0xe120f000 | mid << 16 | low;
		return mid & 3;
	case PATCH_IX_MSR_SPSR:
		*word = 0xe160f000 | mid << 16 | low;
		return mid;
	case PATCH_IX_CP:
		if (mid >= PATCH_CP_NR)
			return false;
		*word = cp_words[mid] | low << 12;
		return true;
	case PATCH_IX_BLOCK:
		if (mid >= PATCH_BLOCK_NR)
			return false;
		*word = block_words[mid] | low << 16;
		/* base r15, or in the list with writeback: never was an instruction */
		return insn_is_silent(insn_decode_arm(*word));
	default:
		return false;
	}
}

/* The index of an enum patch_cp instruction that @opts want replaced, or 0. */
static u32 cp_index(unsigned int opts, u32 word)
{
	u32 index = static_index((word & ~COND_MASK) | COND_AL, INSN_CP_REG);

	if (!index)
		return 0;
	switch ((index >> 4) & 0xf) {
	case PATCH_CP_TPIDRURW_READ:
	case PATCH_CP_TPIDRURW_WRITE:
		return opts & PATCH_TPIDRURW ? index : 0;
	default:
		return opts & PATCH_PRIV ? index : 0;
	}
}

static bool is_cp(u32 word, enum patch_cp op)
{
	return insn_cond(word) != INSN_COND_NONE &&
	       (word & ~COND_MASK & ~0xf000U) == (cp_words[op] & ~COND_MASK);
}

/* MRC of the pc is APSR_nzcv: not what a rewrite to another register would keep. */
static bool is_tpidrprw_read(unsigned int opts, u32 word)
{
	return (opts & PATCH_TPIDRPRW) && is_cp(word, PATCH_CP_TPIDRPRW_READ);
}

/*
 * MRC and MCR of the debug registers that PL0 may access unless DBGDSCR.UDCCdis forbids it (C11.11.20):
 * DBGDIDR, DBGDSCRint, DBGDTRRXint and DBGDTRTXint, DBGDRAR, DBGDSAR.  They are the host core's, and not each host
 * can forbid it.
 */
static bool is_debug_access(u32 word)
{
	switch (word & 0x0fef0fff) {
	case 0x0e000e10:
	case 0x0e000e11:
	case 0x0e000e15:
	case 0x0e010e10:
	case 0x0e020e10:
		return true;
	default:
		return false;
	}
}

/* Does @word, of @kind, need a replacement under @opts? */
static bool wanted(unsigned int opts, u32 word, enum insn_kind kind)
{
	if ((opts & PATCH_EXCL) && patch_is_exclusive(word))
		return true;
	switch (kind) {
	case INSN_LDST_UNPRIV:
		return opts & (PATCH_UNPRIV | PATCH_PLAIN);
	case INSN_CP_REG:
		if (insn_cond(word) == INSN_COND_NONE)
			return false;
		return is_tpidrprw_read(opts, word) || cp_index(opts, word) ||
		       ((opts & PATCH_PRIV) && is_debug_access(word));
	default:
		return insn_is_silent(kind);
	}
}

static bool is_udf(u32 word)
{
	return insn_cond(word) != INSN_COND_NONE && (word & PATCH_UDF_MASK) == PATCH_UDF_VALUE;
}

/* A UDF in the guest's memory keeps its meaning: patch.h. */
static void keep_udf(struct insn_dict *dict, u32 word)
{
	dict_claim(dict, insn_imm16(word), (word & ~COND_MASK) | COND_AL);
}

static int patch_kind(struct insn_dict *dict, unsigned int opts, u32 word,
		      enum insn_kind kind, u32 *out)
{
	u32 cond = word & COND_MASK;
	int index;

	*out = word;
	if (kind == INSN_UDF)
		keep_udf(dict, word);
	if (!wanted(opts, word, kind))
		return 0;
	if (is_tpidrprw_read(opts, word)) {
		*out = cond | (cp_words[PATCH_CP_TPIDRURW_READ] & ~COND_MASK) |
		       (word & 0xf000);
		return 1;
	}

	if (kind == INSN_LDST_UNPRIV && !(opts & PATCH_UNPRIV)) {
		*out = word & ~LDST_W;
		return 1;
	}

	if (insn_cond(word) == INSN_COND_NONE)
		cond = COND_AL;
	else
		word = (word & ~COND_MASK) | COND_AL;
	index = static_index(word, kind);
	if (!index)
		index = dict_add(dict, word);
	if (index < 0)
		return index;
	*out = udf(cond, index);
	return 1;
}

int patch_word(struct insn_dict *dict, unsigned int opts, u32 word, u32 *out)
{
	return patch_kind(dict, opts, word, insn_decode_arm(word), out);
}

bool patch_is_device_insn(u32 word)
{
	struct ldst ls;

	return ldst_decode_arm(word, &ls) &&
	       (ls.form == LDST_SINGLE || ls.form == LDST_DUAL) && !ls.unpriv &&
	       ls.rn != 15 && ls.rt != 15;
}

int patch_device_word(struct insn_dict *dict, u32 word, u32 *out)
{
	int index;

	*out = word;
	if (!patch_is_device_insn(word) || 2 * dict->nr >= dict->max)
		return 0;
	index = dict_add(dict, (word & ~COND_MASK) | COND_AL);
	if (index < 0)
		return index;
	*out = udf(word & COND_MASK, index);
	return 1;
}

u32 unpatch_word(const struct insn_dict *dict, unsigned int opts, u32 word)
{
	u32 cond = word & COND_MASK;
	u32 index, orig;

	if ((opts & PATCH_TPIDRPRW) && is_cp(word, PATCH_CP_TPIDRURW_READ))
		return cond | (cp_words[PATCH_CP_TPIDRPRW_READ] & ~COND_MASK) | (word & 0xf000);
	if (!is_udf(word))
		return word;

	index = insn_imm16(word);
	if (!static_word(index, &orig) && !dict_word(dict, index, &orig))
		return word;
	if (insn_cond(orig) == INSN_COND_NONE)
		return cond == COND_AL ? orig : word;
	return cond | (orig & ~COND_MASK);
}

static bool test_bit_of(const struct patch_bitmap *map, unsigned int n)
{
	return (map->bits[n / 32] >> n % 32) & 1;
}

static void set_bit_of(struct patch_bitmap *map, unsigned int n)
{
	map->bits[n / 32] |= 1U << n % 32;
}

/* The first that is set from @n on; PATCH_PAGE_WORDS if none is. */
static int next_bit_of(const struct patch_bitmap *map, unsigned int n)
{
	u32 bits;

	for (; n < PATCH_PAGE_WORDS; n = (n | 31) + 1) {
		bits = map->bits[n / 32] >> n % 32;
		if (bits)
			return n + __ffs(bits);
	}
	return PATCH_PAGE_WORDS;
}

/* The word @i words from the page's start, from one page before to one behind. */
static bool word_at(const struct patch_view *view, int i, u32 *word)
{
	const u32 *page = view->page;

	if (i < 0) {
		page = view->prev;
		i += PATCH_PAGE_WORDS;
	} else if (i >= (int)PATCH_PAGE_WORDS) {
		page = view->next;
		i -= PATCH_PAGE_WORDS;
	}
	if (!page || i < 0 || i >= (int)PATCH_PAGE_WORDS)
		return false;
	*word = page[i];
	return true;
}

/*
 * An instruction that is unconditional and defined: what most code consists of
 * and data hardly.
 */
static bool looks_unconditional(u32 word)
{
	return insn_cond(word) >= INSN_COND_AL && insn_plausible_arm(word);
}

/* Says nothing either way: alignment; memory that nobody has filled; SIMD, which fills a sixth of the 1111 space. */
static bool is_neutral(u32 word)
{
	return word == NOP || !word ||
	       (insn_cond(word) == INSN_COND_NONE && insn_decode_arm(word) == INSN_FP);
}

/* Does control never go on behind @word?  (MOV LR, PC before it makes it a call.) */
static bool ends_flow(u32 word, u32 before)
{
	u32 op = word & ~COND_MASK;

	if (insn_cond(word) == INSN_COND_NONE)
		return insn_decode_arm(word) == INSN_RFE;
	if (insn_cond(word) != INSN_COND_AL || before == MOV_LR_PC)
		return false;
	if ((op & 0x0f000000) == 0x0a000000)			/* B */
		return true;
	if ((op & 0x0fffffd0) == 0x012fff10)			/* BX, BXJ's low bit aside */
		return true;
	if ((op & 0x0c50f000) == 0x0410f000)			/* LDR pc */
		return true;
	if ((op & 0x0e108000) == 0x08108000)			/* LDM with pc */
		return true;
	if ((op & 0x0ff000f0) == PATCH_UDF_VALUE)		/* UDF: BUG() */
		return true;
	if ((op & 0x0c00f000) != 0x0000f000)
		return false;
	/* data processing to the pc; TST-CMN and the miscellaneous space go on */
	return (op & 0x01800000) != 0x01000000 && !(!insn_bit(op, 25) && (op & 0x90) == 0x90);
}

/* What the literal loads have in common: immediate offset, no writeback, base pc. */
static bool may_load_literal(u32 word)
{
	return (word & 0x032f0000) == 0x010f0000;
}

/*
 * If @word is a literal load, the words that it reads, relative to its own
 * position: first in *@rel, returns how many (0: it is none).
 */
static unsigned int literal_load(u32 word, int *rel)
{
	int offset;
	unsigned int n = 1;

	*rel = 0;
	if (!may_load_literal(word) || insn_cond(word) == INSN_COND_NONE)
		return 0;
	if ((word & 0x0f300000) == 0x05100000) {		/* LDR, LDRB */
		offset = word & 0xfff;
	} else if ((word & 0x0f700090) == 0x01500090 && (word & 0x60)) {
		/* LDRH, LDRSB, LDRSH */
		offset = insn_rs(word) << 4 | insn_rm(word);
	} else if ((word & 0x0f7000f0) == 0x014000d0) {		/* LDRD */
		offset = insn_rs(word) << 4 | insn_rm(word);
		n = 2;
	} else if ((word & 0x0f300e00) == 0x0d100a00) {		/* VLDR */
		offset = (word & 0xff) * 4;
		n = insn_bit(word, 8) ? 2 : 1;
	} else {
		return 0;
	}
	if (!insn_bit(word, 23))
		offset = -offset;
	/* divide towards minus infinity: the word that holds the byte */
	*rel = 2 + ((offset - (offset & 3)) / 4);
	return n;
}

/* Is the word at @i, which looks like an instruction, surrounded by such? */
static bool stands_in_code(const struct patch_view *view, int i)
{
	unsigned int seen = 0, good = 0;
	u32 word;
	int d;

	for (d = -4; d <= 4; d++) {
		if (!d || !word_at(view, i + d, &word))
			continue;
		seen++;
		good += looks_unconditional(word);
	}
	return 2 * good >= seen;
}

/*
 * What instructions of the pages in view say about the words of the middle one.
 * The last two are made when they are first asked for: most pages don't need them.
 */
struct marks {
	struct patch_bitmap literal;	/* loaded by code; or loaded, and of no interest */
	struct patch_bitmap weak;	/* suspects loaded by what may be data itself */
	struct patch_bitmap target;	/* code branches there */
	struct patch_bitmap pointed;	/* an ADR in code points there */
	bool have_targets;
};

/*
 * Marks what @word, @i words from the middle page's start, loads from that page.  Only
 * suspects get the costly look at the loading instruction's surroundings; for the rest
 * an error does no harm.
 */
static void mark_literal(const struct patch_view *view, u32 word, int i,
			 const struct patch_bitmap *suspects, struct marks *marks)
{
	unsigned int n;
	int t;

	for (n = literal_load(word, &t), t += i; n; n--, t++) {
		if (t < 0 || t >= (int)PATCH_PAGE_WORDS)
			continue;
		if (test_bit_of(suspects, t) && !stands_in_code(view, i))
			set_bit_of(&marks->weak, t);
		else
			set_bit_of(&marks->literal, t);
	}
}

/*
 * Marks what the words [@from, @to) of @src load, a page that begins @at words from the
 * middle one.  Some more words at both ends do no harm: they are taken by eight.
 */
static void mark_literals(const struct patch_view *view, const u32 *src, int at, int from, int to,
			  const struct patch_bitmap *suspects, struct marks *marks)
{
	const u32 *w = src + (from & ~7), *end = src + to;
	int i;

	for (; w < end; w += 8) {
		if (!(may_load_literal(w[0]) || may_load_literal(w[1]) ||
		      may_load_literal(w[2]) || may_load_literal(w[3]) ||
		      may_load_literal(w[4]) || may_load_literal(w[5]) ||
		      may_load_literal(w[6]) || may_load_literal(w[7])))
			continue;
		for (i = 0; i < 8; i++)
			mark_literal(view, w[i], at + (w - src) + i, suspects, marks);
	}
}

static bool is_literal(const struct marks *marks, int i)
{
	return i >= 0 && i < (int)PATCH_PAGE_WORDS && test_bit_of(&marks->literal, i);
}

/* The neighbours on one side of a word */
struct side {
	unsigned int seen;
	unsigned int good;
	bool ended;		/* stopped at the end of a flow */
};

/*
 * Weighs up to NEIGHBOURS words before @i (known literals left out), stopping
 * where the flow before ended.
 */
static void look_back(const struct patch_view *view, const struct marks *marks,
		      int i, struct side *side)
{
	u32 word, before;
	int j;

	memset(side, 0, sizeof(*side));
	for (j = i - 1; j >= i - NEIGHBOURS && word_at(view, j, &word); j--) {
		if (!word_at(view, j - 1, &before))
			before = 0;
		if (is_neutral(word) || is_literal(marks, j))
			continue;
		if (ends_flow(word, before)) {
			side->ended = true;
			return;
		}
		side->seen++;
		side->good += looks_unconditional(word);
	}
}

static void look_ahead(const struct patch_view *view, const struct marks *marks,
		       int i, struct side *side)
{
	u32 word;
	int j;

	memset(side, 0, sizeof(*side));
	for (j = i + 1; j <= i + NEIGHBOURS && word_at(view, j, &word); j++) {
		if (is_neutral(word) || is_literal(marks, j))
			continue;
		side->seen++;
		side->good += looks_unconditional(word);
		if (ends_flow(word, 0))
			return;
	}
}

static bool looks_like_code(const struct side *side)
{
	return side->seen && 2 * side->good >= side->seen;
}

/* Where the code before a word ends */
struct zone {
	int start;		/* the first word behind the end */
	bool bare;		/* no unconditional instruction from there on */
	bool call;		/* the end is a call, which may return */
};

/*
 * The zone of @i: back to the last end of flow, or to a call if nothing between
 * is unconditional.  Returns false if there is no such end in reach.
 */
static bool find_zone(const struct patch_view *view, const struct marks *marks,
		      int i, struct zone *zone)
{
	u32 word, before;
	int j;

	zone->bare = true;
	for (j = i - 1; j >= i - ZONE_REACH && word_at(view, j, &word); j--) {
		if (is_neutral(word) || is_literal(marks, j))
			continue;
		if (!word_at(view, j - 1, &before))
			before = 0;
		zone->start = j + 1;
		zone->call = zone->bare && (word & 0xff000000) == 0xeb000000;
		if (zone->call || ends_flow(word, before))
			return true;
		if (looks_unconditional(word))
			zone->bare = false;
	}
	/* what the page before holds isn't known: more likely the rest of a table */
	zone->start = j + 1;
	zone->call = false;
	return zone->bare && j == -1;
}

/* If @word is a branch or a call, where it goes, relative to its own position. */
static bool branch(u32 word, int *rel)
{
	if ((word & 0x0e000000) != 0x0a000000 || insn_cond(word) == INSN_COND_NONE)
		return false;
	*rel = 2 + (int)(word & 0x7fffff) - (int)(word & 0x800000);
	return true;
}

/* If @word is an ADR (ADD or SUB Rd, pc, #imm), what it points to, likewise. */
static bool adr(u32 word, int *rel)
{
	u32 offset;

	if ((word & 0xffff0000) != 0xe28f0000 && (word & 0xffff0000) != 0xe24f0000)
		return false;
	offset = insn_expand_imm(word) / 4;
	if (offset > 2 * PATCH_PAGE_WORDS)
		return false;
	*rel = 2 + (insn_bit(word, 23) ? (int)offset : -(int)offset);
	return true;
}

/* What branches and ADRs of @src, a page that begins @at words from the middle one, point to in that one. */
static void mark_targets_of(const struct patch_view *view, const u32 *src, int at,
			    struct marks *marks)
{
	bool branches;
	int i, t;

	for (i = 0; i < (int)PATCH_PAGE_WORDS; i++) {
		branches = branch(src[i], &t);
		if (!branches && !adr(src[i], &t))
			continue;
		t += at + i;
		if (t < 0 || t >= (int)PATCH_PAGE_WORDS || !stands_in_code(view, at + i))
			continue;
		set_bit_of(branches ? &marks->target : &marks->pointed, t);
	}
}

static void mark_targets(const struct patch_view *view, struct marks *marks)
{
	marks->have_targets = true;
	if (view->prev)
		mark_targets_of(view, view->prev, -(int)PATCH_PAGE_WORDS, marks);
	mark_targets_of(view, view->page, 0, marks);
	if (view->next)
		mark_targets_of(view, view->next, PATCH_PAGE_WORDS, marks);
}

/* Is one of the words [@from, @to] marked in @map? */
static bool any_marked(const struct patch_bitmap *map, int from, int to)
{
	int i;

	for (i = from < 0 ? 0 : from; i <= to; i++) {
		if (test_bit_of(map, i))
			return true;
	}
	return false;
}

/* Encodings so narrow that nothing but rule (a) makes data of them. */
static bool is_narrow(u32 word, enum insn_kind kind)
{
	if (insn_cond(word) < INSN_COND_AL)
		return false;
	switch (kind) {
	case INSN_LDM_USER:
	case INSN_LDM_RET:
	case INSN_STM_USER:
	case INSN_LDST_UNPRIV:
		return static_index(word, kind) != 0;
	case INSN_DP_RET:
		return static_index(word, kind) != 0;
	default:
		return true;
	}
}

/* Rule (b) */
static bool in_data_zone(const struct patch_view *view, struct marks *marks, int i, u32 word,
			 enum insn_kind kind)
{
	struct side back, ahead;
	struct zone zone;
	bool ended;

	if (is_narrow(word, kind))
		return false;

	look_back(view, marks, i, &back);
	if (!back.ended && back.seen == NEIGHBOURS && looks_like_code(&back))
		return false;
	if (!marks->have_targets)
		mark_targets(view, marks);

	ended = find_zone(view, marks, i, &zone);
	if (ended && zone.bare && insn_cond(word) != INSN_COND_AL &&
	    (!zone.call || test_bit_of(&marks->weak, i) ||
	     any_marked(&marks->pointed, zone.start, i)))
		return !any_marked(&marks->target, zone.start, i);

	if (looks_like_code(&back))
		return false;
	look_ahead(view, marks, i, &ahead);
	if (looks_like_code(&ahead))
		return false;
	if (!ended)
		return back.seen && ahead.seen && !test_bit_of(&marks->target, i);
	return !any_marked(&marks->target, zone.start, i);
}

/*
 * By bits 27:20, what wanted() may want: most words leave the pass over a page at
 * this test.
 */
static const u8 suspect_ops[256] = {
	/* MRS, MSR, CPS, ERET, hints */
	[0x10] = 1, [0x12] = 1, [0x14] = 1, [0x16] = 1, [0x32] = 1, [0x36] = 1,
	/* S-forms of data processing, but for compares; the first half shared with LDRHT ... */
	[0x01 ... 0x03] = 1, [0x05 ... 0x07] = 1, [0x09 ... 0x0b] = 1, [0x0d ... 0x0f] = 1,
	[0x19] = 1, [0x1b] = 1, [0x1d] = 1, [0x1f] = 1,
	[0x21] = 1, [0x23] = 1, [0x25] = 1, [0x27] = 1, [0x29] = 1, [0x2b] = 1, [0x2d] = 1,
	[0x2f] = 1, [0x39] = 1, [0x3b] = 1, [0x3d] = 1, [0x3f] = 1,
	/* LDRT, STRT, LDRBT, STRBT */
	[0x42 ... 0x43] = 1, [0x46 ... 0x47] = 1, [0x4a ... 0x4b] = 1, [0x4e ... 0x4f] = 1,
	[0x62 ... 0x63] = 1, [0x66 ... 0x67] = 1, [0x6a ... 0x6b] = 1, [0x6e ... 0x6f] = 1,
	/* UDF */
	[0x7f] = 1,
	/* LDM and STM with the S bit */
	[0x84 ... 0x87] = 1, [0x8c ... 0x8f] = 1, [0x94 ... 0x97] = 1, [0x9c ... 0x9f] = 1,
	/* MCR, MRC */
	[0xe0 ... 0xef] = 1,
};

/* The same by bits 31:20, the unconditional space included */
static u8 suspect_tops[4096];

void patch_init(void)
{
	unsigned int i;

	/* the unconditional space: CPS; SRS and RFE; not barriers and preloads */
	for (i = 0; i < ARRAY_SIZE(suspect_tops); i++)
		suspect_tops[i] = i >> 8 == INSN_COND_NONE ?
				  (i & 0xff) == 0x10 || (i & 0xe0) == 0x80 : suspect_ops[i & 0xff];
}

/*
 * The first group of eight words, from @i on, that may have a suspect.  Each of a page's
 * words passes here: three or four instructions a word.
 */
static unsigned int next_group(const u32 *page, unsigned int i)
{
	const u8 *tops = suspect_tops;
	const u32 *w;

	for (; i < PATCH_PAGE_WORDS; i += 8) {
		w = page + i;
		if (tops[w[0] >> 20] | tops[w[1] >> 20] | tops[w[2] >> 20] | tops[w[3] >> 20] |
		    tops[w[4] >> 20] | tops[w[5] >> 20] | tops[w[6] >> 20] | tops[w[7] >> 20])
			break;
	}
	return i;
}

static bool may_be_suspect(unsigned int opts, u32 word)
{
	u32 op = insn_field(word, 20, 8);
	bool conditional = insn_cond(word) != INSN_COND_NONE;

	if ((opts & PATCH_EXCL) && patch_is_exclusive(word))
		return true;
	if (!suspect_ops[op] && conditional)
		return false;
	if (op >= 0xe0)
		return opts & (PATCH_PRIV | PATCH_TPIDRPRW | PATCH_TPIDRURW);
	if (op >= 0x40 || !conditional)
		return true;
	/* of the S-forms, those that write the pc; LDRHT ...; not BX, BLX, multiplies */
	if ((op & 1) && insn_rd(word) == 15)
		return true;
	if (op < 0x10 && (op & 2) && (word & 0x90) == 0x90)
		return true;
	return !(op & 1) && op >= 0x10 && (op >= 0x20 || !(word & 0x90));
}

static void count(struct patch_stats *stats, enum insn_kind kind)
{
	if (kind == INSN_CP_REG)
		stats->rewritten++;
	else
		stats->silent++;
}

static bool is_suspect(u32 word, struct insn_dict *dict, unsigned int opts,
		       struct patch_stats *stats)
{
	if (!may_be_suspect(opts, word))
		return false;
	if (is_udf(word)) {
		keep_udf(dict, word);
		stats->udf++;
		return false;
	}
	return wanted(opts, word, insn_decode_arm(word));
}

/* What a pass over the page finds that may need a replacement: how many, the first, the last. */
static unsigned int find_suspects(const u32 *page, struct insn_dict *dict, unsigned int opts,
				  struct patch_bitmap *suspects, int *first, int *last,
				  struct patch_stats *stats)
{
	const bool all = opts & PATCH_EXCL;
	unsigned int i, group, n = 0;

	for (group = all ? 0 : next_group(page, 0); group < PATCH_PAGE_WORDS;
	     group = all ? group + 8 : next_group(page, group + 8)) {
		for (i = group; i < group + 8; i++) {
			if (!all && !suspect_tops[page[i] >> 20])
				continue;
			if (!is_suspect(page[i], dict, opts, stats))
				continue;
			set_bit_of(suspects, i);
			if (!n++)
				*first = i;
			*last = i;
		}
	}
	return n;
}

static bool is_data(const struct patch_view *view, struct marks *marks, int i, u32 word,
		    enum insn_kind kind, struct patch_stats *stats)
{
	if (is_literal(marks, i)) {
		stats->data_literal++;
		return true;
	}
	if (in_data_zone(view, marks, i, word, kind)) {
		stats->data_zone++;
		return true;
	}
	return false;
}

/* The first word behind the straight run of code that begins where the page is entered. */
static int entered_until(const struct patch_view *view, const u32 *page)
{
	int i;

	for (i = (int)view->entry - 1; i < (int)PATCH_PAGE_WORDS; i++) {
		if (ends_flow(page[i], i ? page[i - 1] : 0))
			return i + 1;
	}
	return i;
}

int patch_page(const struct patch_view *view, u32 *dst, struct insn_dict *dict,
	       unsigned int opts, struct patch_bitmap *replaced,
	       struct patch_stats *stats)
{
	const int entry = (int)view->entry - 1;
	struct patch_bitmap suspects = { };
	struct marks marks = { };
	const int words = PATCH_PAGE_WORDS;
	enum insn_kind kind;
	int i, ret, first = 0, last = 0, entered = 0;

	if (replaced)
		memset(replaced, 0, sizeof(*replaced));
	memcpy(dst, view->page, PATCH_PAGE_WORDS * sizeof(*dst));
	if (!find_suspects(dst, dict, opts, &suspects, &first, &last, stats))
		return 0;

	/* LDR reaches 4095 bytes from 8 behind itself, LDRD reads a word more */
	if (view->prev)
		mark_literals(view, view->prev, -words, max(first - 3, 0), words, &suspects, &marks);
	mark_literals(view, view->page, 0, 0, words, &suspects, &marks);
	if (view->next)
		mark_literals(view, view->next, words, 0, min(last, words), &suspects, &marks);

	if (entry >= 0)
		entered = entered_until(view, dst);
	for (i = first; i <= last; i = next_bit_of(&suspects, i + 1)) {
		/* the copy, not the source: another vCPU may be writing there */
		kind = insn_decode_arm(dst[i]);
		if ((i < entry || i >= entered) && is_data(view, &marks, i, dst[i], kind, stats))
			continue;
		ret = patch_kind(dict, opts, dst[i], kind, &dst[i]);
		if (ret < 0)
			return ret;
		if (replaced)
			set_bit_of(replaced, i);
		count(stats, kind);
	}
	return 0;
}
