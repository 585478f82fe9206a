// SPDX-License-Identifier: GPL-2.0-only
/* Replacements of single words, and the way back; see patch.h. */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "decode.h"
#include "ldst.h"
#include "patch-impl.h"

/* Of a post-indexed transfer: the unprivileged form (A8.8.92, A5.2.9) */
#define LDST_W		(1U << 21)

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
	[PATCH_IX_RFEIA_SP - PATCH_IX_FIRST]		= 0xf8bd0a00,
};

static u32 patch_udf(u32 cond, u32 index)
{
	return cond | PATCH_UDF_VALUE | (index & 0xfff0) << 4 | (index & 0xf);
}

/* The self-describing index of @word (condition AL or 1111), 0 if it has none. */
u32 patch_static_index(u32 word, enum insn_kind kind)
{
	u32 low = insn_rm(word), i;

	switch (kind) {
	case INSN_WFI:
	case INSN_ERET:
	case INSN_DP_RET:
	case INSN_RFE:
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
static bool patch_static_word(u32 index, u32 *word)
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
static u32 patch_cp_index(unsigned int opts, u32 word)
{
	u32 index = patch_static_index((word & ~COND_MASK) | COND_AL, INSN_CP_REG);

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

static bool patch_is_cp(u32 word, enum patch_cp op)
{
	return insn_cond(word) != INSN_COND_NONE &&
	       (word & ~COND_MASK & ~0xf000U) == (cp_words[op] & ~COND_MASK);
}

bool patch_is_tpidrurw(u32 word)
{
	return patch_is_cp(word, PATCH_CP_TPIDRURW_READ) ||
		patch_is_cp(word, PATCH_CP_TPIDRURW_WRITE);
}

/* MRC of the pc is APSR_nzcv: not what a rewrite to another register would keep. */
bool patch_is_tpidrprw_read(unsigned int opts, u32 word)
{
	return (opts & PATCH_TPIDRPRW) && patch_is_cp(word, PATCH_CP_TPIDRPRW_READ);
}

/*
 * MRC and MCR of the debug registers that PL0 may access unless DBGDSCR.UDCCdis forbids it (C11.11.20):
 * DBGDIDR, DBGDSCRint, DBGDTRRXint and DBGDTRTXint, DBGDRAR, DBGDSAR.  They are the host core's, and not each host
 * can forbid it.  PMUSERENR, which PL0 may read whatever is in it (B4.1.124).
 */
bool patch_names_host_state(u32 word)
{
	switch (word & 0x0fef0fff) {
	case 0x0e000e10:
	case 0x0e000e11:
	case 0x0e000e15:
	case 0x0e010e10:
	case 0x0e020e10:
	case 0x0e090f1e:
		return true;
	default:
		return false;
	}
}

/* Does @word, of @kind, need a replacement under @opts? */
bool patch_wanted(unsigned int opts, u32 word, enum insn_kind kind)
{
	if ((opts & PATCH_EXCL) && patch_is_exclusive(word))
		return true;
	switch (kind) {
	case INSN_LDST_UNPRIV:
		return opts & (PATCH_UNPRIV | PATCH_PLAIN);
	case INSN_CP_REG:
		if (insn_cond(word) == INSN_COND_NONE)
			return false;
		return patch_is_tpidrprw_read(opts, word) || patch_cp_index(opts, word) ||
		       ((opts & PATCH_PRIV) && patch_names_host_state(word));
	default:
		return insn_is_silent(kind);
	}
}

/* A UDF in the guest's memory keeps its meaning: patch.h. */
void patch_keep_udf(struct insn_dict *dict, u32 word)
{
	dict_claim(dict, insn_imm16(word), (word & ~COND_MASK) | COND_AL);
}

int patch_kind(struct insn_dict *dict, unsigned int opts, u32 word,
		      enum insn_kind kind, u32 *out)
{
	u32 cond = word & COND_MASK;
	int index;

	*out = word;
	if (kind == INSN_UDF)
		patch_keep_udf(dict, word);
	if (!patch_wanted(opts, word, kind))
		return 0;
	if (patch_is_tpidrprw_read(opts, word)) {
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
	index = patch_static_index(word, kind);
	if (!index)
		index = dict_add(dict, word);
	if (index < 0)
		return index;
	*out = patch_udf(cond, index);
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
	*out = patch_udf(word & COND_MASK, index);
	return 1;
}

u32 patch_index_word(const struct insn_dict *dict, u32 index)
{
	u32 word;

	return patch_static_word(index, &word) || dict_word(dict, index, &word) ? word : 0;
}

u32 unpatch_word(const struct insn_dict *dict, unsigned int opts, u32 word)
{
	u32 cond = word & COND_MASK;
	u32 index, orig;

	if ((opts & PATCH_TPIDRPRW) && patch_is_cp(word, PATCH_CP_TPIDRURW_READ))
		return cond | (cp_words[PATCH_CP_TPIDRPRW_READ] & ~COND_MASK) | (word & 0xf000);
	if (!patch_is_udf(word))
		return word;

	index = insn_imm16(word);
	orig = patch_index_word(dict, index);
	if (!orig)
		return word;
	if (insn_cond(orig) == INSN_COND_NONE)
		return cond == COND_AL ? orig : word;
	return cond | (orig & ~COND_MASK);
}
