/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where control goes: which words of a page are A32 code, and which halfwords begin T32
 * instructions.
 *
 * Pure.  An instruction copy has one content for both states, and what is sensitive in one
 * state may be half of something else in the other.  From places whose state and boundary are
 * known (the fetch that asked for the copy, those before it) code is followed as it would run;
 * what is reached so is as certain as the place where it began, up to three doubts, in the order
 * in which they are followed:
 *
 *	FLOW_SURE	only by branches and running on
 *	FLOW_LIKELY	besides, a call has returned; or a literal or an ADR has bit 0 set and
 *			points into the page, as the address of a T32 function does
 *	FLOW_SWEPT	it stands behind T32 code without being reached
 *
 * What a more certain flow has marked, a less certain one does not change: it ends there.
 */
#ifndef ARMKVM_CORE_FLOW_H
#define ARMKVM_CORE_FLOW_H

#include <linux/types.h>

struct patch_view;

#define FLOW_HALVES	2048U		/* of a page */

/* A mark of a halfword: what it is, and how that is known */
#define FLOW_WHAT	0x03
#define FLOW_NONE	0x00
#define FLOW_ARM	0x01
#define FLOW_THUMB	0x02		/* a T32 instruction begins */
#define FLOW_SECOND	0x03		/* the second half of one */
#define FLOW_TRUST	0x0c
#define FLOW_SURE	0x0c
#define FLOW_LIKELY	0x08
#define FLOW_SWEPT	0x04
#define FLOW_LITERAL	0x10		/* loaded by code that was followed */
#define FLOW_POINTED	0x80		/* an ADR of such code points there: data, as a rule */
/* A branch, or what points to code, leads here, in A32 or T32 state: the other state's code ends before. */
#define FLOW_TO_ARM	0x20
#define FLOW_TO_THUMB	0x40

/* Places to be followed that are remembered; others are forgotten, and found as if they were not known. */
#define FLOW_QUEUE	128U

struct flow {
	u8 mark[FLOW_HALVES];
	u16 queue[2][FLOW_QUEUE];	/* of sure and likely places: halfword, FLOW_START_THUMB */
	unsigned int nr[2];
	bool thumb;			/* some T32 code was found */
};

#define FLOW_START_THUMB	0x8000U
/* Of a hint: by its looks, so what is followed from there is FLOW_SWEPT */
#define FLOW_START_LOOKS	0x4000U

/*
 * Marks what is reached from view->entry and view->known, and from @hints: halfwords where T32
 * code is likely to begin, or with FLOW_START_LOOKS.  Each halfword is looked at once, at up
 * to 60 instructions; the queue's places up to once each.
 */
void flow_find(struct flow *flow, const struct patch_view *view, const u16 *hints,
	       unsigned int nr_hints);

/*
 * Is @word what most A32 code consists of, and T32 code read as words seldom?  Most A32
 * instructions have condition AL.  In T32 code that is so of a word in five, whose upper half is the
 * first of a 32-bit instruction: LDRD and STRD look like LDM and STM with ^, which are rare.  As many
 * lower halves are such firsts; in A32 code these are register numbers of 14 or 15, mostly the pc's.
 * FLOW_ARM_RUN in a row are taken for A32 code.
 */
bool flow_is_arm_like(u32 word);
#define FLOW_ARM_RUN	4

/* -- A32, one word ------------------------------------------------------------------ */

/* The word @i words from the page's start, from one page before to one behind. */
bool flow_word_at(const struct patch_view *view, int i, u32 *word);

/* Does control never go on behind @word?  (MOV LR, PC @before it makes it a call.) */
bool flow_arm_ends(u32 word, u32 before);

/* What literal loads have in common: immediate offset, no writeback, base pc. */
static inline bool flow_may_load_literal(u32 word)
{
	return (word & 0x032f0000) == 0x010f0000;
}

/*
 * If @word is a literal load, the words that it reads, relative to its own position: first in
 * *@rel, returns how many (0: it is none).
 */
unsigned int flow_literal_load(u32 word, int *rel);

/* If @word is B or BL, where it goes, in words relative to its own position. */
bool flow_arm_branch(u32 word, int *rel);

/* If @word is an ADR (ADD or SUB Rd, pc, #imm), the byte that it points to, relative to its own address. */
bool flow_arm_adr(u32 word, int *rel);

#endif /* ARMKVM_CORE_FLOW_H */
