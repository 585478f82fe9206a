/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sensitive T32 instructions: their A32 equivalents, and what replaces them in instruction
 * copies.
 *
 * Pure.  As in A32 (patch.h) a replacement is a permanently undefined instruction of the same
 * length, so nothing behind it moves:
 *
 *	0xde80-0xde8f		CPS T1: bit 3 interrupt disable, bits 2:0 A, I, F
 *	0xde90			WFI T1
 *	0xf871			the first half of one that only RAM knows: see below
 *	0xde92, 0xf870		a half, narrow or the first of two, of which it isn't sure what it is, beside
 *				one of which it is: it asks as look words do, and only RAM knows it
 *	0xf7fN 0xaNNN		NNNN is an index of patch.h: that of the A32 equivalent
 *
 * UDF T1 and T2, A8.8.247; 0xf87N is undefined with each second half (A6.3.7).  The values that compilers, kernels and debuggers use (0xde00-0xde19,
 * 0xdefe, 0xdeff) are none of these.  There is no A32 equivalent of what loads and stores with
 * User mode's rights (another addressing mode), nor a place for the second half of an instruction
 * that goes over the page's end: of these the first half alone is replaced, and means something
 * only while RAM has the original at the same address.
 *
 * A look word asks whoever comes there: its halves trap, and who executes one proves in which state
 * and at which boundary the code is; the page is copied anew with that known.  The guest may read
 * it like every word of a copy and put it elsewhere: it knows the word in whose place it stands.
 *
 *	LL HH			where it is a question of boundaries, lower and upper half: each undefined in
 *				T32, with seven bits of the dictionary's index of the original, less
 *				DICT_FIRST: UDF T1 0xde00-0xde7f or 0xde93-0xdefd, or a wide one
 *	0xdefN or 0xeafN	where it is one of states: UDF (an index that the dictionary never issues) or
 *	0xe7fe or 0xf87f	undefined in A32, undefined in T32 at its first half; at its second half
 *				0xf87f is, and 0xe7fe B to itself, which the next interrupt ends.  N: one
 *				of 15 originals, or 15: put elsewhere it means nothing
 *
 * Of the two forms of a half the second one stands for the first half of a 32-bit instruction: it is
 * undefined with whatever follows (A6.3.7, A6.3.11), so hardware that passes over it in an IT block
 * whose condition fails (A8.3.1) passes over what the original would.
 */
#ifndef ARMKVM_CORE_THUMB_H
#define ARMKVM_CORE_THUMB_H

#include <linux/types.h>

#include "decode.h"
#include "dict.h"

#define THUMB_UDF_CPS		0xde80U
#define THUMB_UDF_WFI		0xde90U
#define THUMB_UDF_RAM		0xf871U
#define THUMB_ASK		0xde92U
#define THUMB_ASK_WIDE		0xf870U

#define THUMB_LOOK_STATE	0xdef0U		/* its lower half, and bits 3:0 */
#define THUMB_LOOK_STATE_WIDE	0xeaf0U		/* no second half of a BL before THUMB_LOOK_SPIN */
#define THUMB_LOOK_SPIN		0xe7feU		/* its upper half */
#define THUMB_LOOK_UPPER_WIDE	0xf87fU

/*
 * So many look words may stand before the one that was wanted, as a 32-bit instruction reaches
 * over two words.
 */
#define THUMB_LOOK_RUN		4

/* Is @word a look word? */
bool thumb_is_look(u32 word);
/* Is the look word @word a branch to itself at its second half? */
bool thumb_look_spins(u32 word);
/* Indices of UDF in A32 that look words are, THUMB_LOOK_INDICES: not the dictionary's to issue */
#define THUMB_LOOK_INDICES	32U
bool thumb_is_look_index(u32 index);

/*
 * A look word in the place of @word, for a question of states or of boundaries; both its halves
 * differ from the original's.  0: too many others have got one; of boundaries only.
 */
u32 thumb_look(struct insn_dict *dict, u32 word, bool states);
/* The word in whose place the look word @look stands; false: it is the guest's own. */
bool thumb_look_original(const struct insn_dict *dict, u32 look, u32 *word);

/* Halfwords of a T32 instruction in the order of memory; the second one is 0 in narrow ones. */
struct thumb_insn {
	u16 hw1;
	u16 hw2;
};

/* The instruction at @gva of @words, which are from there, rounded down, on: the second one counts if @gva isn't aligned. */
static inline struct thumb_insn thumb_insn_in(const u32 *words, u32 gva)
{
	u32 hw2 = gva & 2 ? words[1] : words[0] >> 16;
	struct thumb_insn insn = { .hw1 = words[0] >> 8 * (gva & 2) };

	if (insn_thumb_is_wide(insn.hw1))
		insn.hw2 = hw2;
	return insn;
}

/*
 * The A32 word, condition AL or 1111, that does what the sensitive instruction @insn does, but
 * for its length; 0: there is none.  The caller looks at the IT state.
 */
u32 thumb_to_arm(struct thumb_insn insn);

/*
 * The A32 form, condition AL, of an instruction @insn outside an IT block that isn't sensitive and does
 * the same in both sets but for its length: ADD, SUB, RSB, CMP, CMN with a constant or a register that isn't
 * shifted, barriers, NOP, MCR, MRC.  0: it is another, or A32 has no such constant.
 */
u32 thumb_plain_to_arm(struct thumb_insn insn);

/*
 * If @insn is B, its condition, AL where it has none, and where it goes, in bytes relative to its own
 * address.  A8.8.18
 */
bool thumb_branch(struct thumb_insn insn, u32 *cond, int *rel);

/*
 * The instruction behind a replacement that has been put elsewhere.  @insn itself if it is none
 * or its meaning is lost (THUMB_UDF_RAM).
 */
struct thumb_insn thumb_unpatch(const struct insn_dict *dict, struct thumb_insn insn);

/* The inverse of thumb_to_arm(), for A32 words that came from it. */
struct thumb_insn thumb_from_arm(u32 word);

/* UDF of A32, condition AL, with the index of the UDF T2 @insn; 0: it is none.  A8.8.247 */
static inline u32 thumb_udf_to_arm(struct thumb_insn insn)
{
	if ((insn.hw1 & 0xfff0) != 0xf7f0 || (insn.hw2 & 0xf000) != 0xa000)
		return 0;
	return 0xe7f000f0 | (insn.hw1 & 0xf) << 16 | (insn.hw2 & 0xff0) << 4 | (insn.hw2 & 0xf);
}

/* TBB or TBH, A8.8.239 */
static inline bool thumb_is_table_branch(struct thumb_insn insn)
{
	return (insn.hw1 & 0xfff0) == 0xe8d0 && (insn.hw2 & 0xffe0) == 0xf000;
}

/* T32 forms of what patch_is_exclusive() tells: LDREX, STREX, CLREX and relatives, A6.3.6 */
bool thumb_is_exclusive(struct thumb_insn insn);

#endif /* ARMKVM_CORE_THUMB_H */
