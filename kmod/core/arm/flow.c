// SPDX-License-Identifier: GPL-2.0-only
/* Following code; see flow.h. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "decode.h"
#include "flow.h"
#include "patch.h"
#include "thumb.h"

#define MOV_LR_PC	0xe1a0e00fU

/*
 * -- A32, one word ----------------------------------------------------------------------
 */

bool flow_word_at(const struct patch_view *view, int i, u32 *word)
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

bool flow_arm_ends(u32 word, u32 before)
{
	u32 op = word & 0x0fffffff;

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
	if ((op & PATCH_UDF_MASK) == PATCH_UDF_VALUE)		/* UDF: BUG() */
		return true;
	if ((op & 0x0c00f000) != 0x0000f000)
		return false;
	/* data processing to the pc; TST-CMN and the miscellaneous space go on */
	return (op & 0x01800000) != 0x01000000 && !(!insn_bit(op, 25) && (op & 0x90) == 0x90);
}

unsigned int flow_literal_load(u32 word, int *rel)
{
	int offset;
	unsigned int n = 1;

	*rel = 0;
	if (!flow_may_load_literal(word) || insn_cond(word) == INSN_COND_NONE)
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

bool flow_arm_branch(u32 word, int *rel)
{
	if ((word & 0x0e000000) != 0x0a000000 || insn_cond(word) == INSN_COND_NONE)
		return false;
	*rel = 2 + (int)(word & 0x7fffff) - (int)(word & 0x800000);
	return true;
}

bool flow_arm_adr(u32 word, int *rel)
{
	u32 offset;

	if ((word & 0x0fff0000) != 0x028f0000 && (word & 0x0fff0000) != 0x024f0000)
		return false;
	offset = insn_expand_imm(word);
	if (insn_cond(word) == INSN_COND_NONE || offset > 8 * PATCH_PAGE_WORDS)
		return false;
	*rel = 8 + (insn_bit(word, 23) ? (int)offset : -(int)offset);
	return true;
}

bool flow_is_arm_like(u32 word)
{
	if (word >= 0xf57ff040 && word <= 0xf57ff06f)			/* DSB, DMB, ISB */
		return true;
	if ((word & 0xfef80000) == 0xfa000000 || (word & 0xfef80000) == 0xfaf80000)	/* BLX, near */
		return true;
	return insn_cond(word) == INSN_COND_AL && insn_plausible_arm(word) &&
	       (word & 0x0e400000) != 0x08400000 &&		/* LDM and STM with ^ */
	       (!insn_thumb_is_wide(word) || insn_rd(word) == 15);
}

/* Does A32 code begin at halfword @h, by its looks? */
static bool flow_arm_begins(const struct patch_view *view, unsigned int h)
{
	unsigned int i;

	if (h & 1 || h / 2 + FLOW_ARM_RUN > PATCH_PAGE_WORDS)
		return false;
	for (i = h / 2; i < h / 2 + FLOW_ARM_RUN; i++) {
		if (!flow_is_arm_like(view->page[i]))
			return false;
	}
	return true;
}

/*
 * -- one instruction of either state ---------------------------------------------------------
 */

enum step_kind {
	STEP_ON,		/* runs on */
	STEP_COND,		/* may branch */
	STEP_BRANCH,
	STEP_CALL,		/* by BL or BLX, or to where isn't known, or to a handler: it may return */
	STEP_END,		/* goes where isn't known */
};

/* Where an instruction leads.  Places are halfwords from the page's start. */
struct step {
	enum step_kind kind;
	bool has_target;
	bool thumb;		/* the target's state */
	int target;
	int literal;		/* first word that it loads, from the page's start */
	unsigned int literals;
	bool has_pointer;
	int pointer;		/* the byte that an ADR points to */
};

static void flow_go(struct step *step, enum step_kind kind, int target, bool thumb)
{
	step->kind = kind;
	step->has_target = true;
	step->target = target;
	step->thumb = thumb;
}

/* False: it is no B.  A8.8.18 */
static bool flow_go_thumb_branch(struct step *step, u32 hw1, u32 hw2, int h)
{
	u32 cond;
	int rel;

	if (!thumb_branch((struct thumb_insn){ hw1, hw2 }, &cond, &rel))
		return false;
	flow_go(step, cond == INSN_COND_AL ? STEP_BRANCH : STEP_COND, h + rel / 2, true);
	return true;
}

/* A literal at @offset bytes from Align(PC, 4) of the instruction at halfword @h. */
static void flow_loads(struct step *step, int h, int offset, unsigned int words)
{
	step->literal = ((h + 2) & ~1) / 2 + (offset - (offset & 3)) / 4;
	step->literals = words;
}

/* A6.2 */
static void flow_step_thumb_narrow(u32 hw, int h, struct step *step)
{
	switch (hw >> 12) {
	case 4:
		if (hw & 0x800)						/* LDR (literal) T1 */
			flow_loads(step, h, (hw & 0xff) * 4, 1);
		else if (hw == 0x4778)					/* BX pc: to A32 code */
			flow_go(step, STEP_BRANCH, (h + 2) & ~1, false);
		else if ((hw & 0xff87) == 0x4700)			/* BX */
			step->kind = STEP_END;
		else if ((hw & 0xff87) == 0x4780)			/* BLX Rm */
			step->kind = STEP_CALL;
		else if ((hw & 0xfd87) == 0x4487)			/* ADD, MOV to the pc */
			step->kind = STEP_END;
		return;
	case 10:
		if (!(hw & 0x800)) {					/* ADR T1 */
			step->has_pointer = true;
			step->pointer = 2 * ((h + 2) & ~1) + (hw & 0xff) * 4;
		}
		return;
	case 11:
		if ((hw & 0xf500) == 0xb100)				/* CBZ, CBNZ */
			flow_go(step, STEP_COND, h + 2 + ((hw & 0x200) >> 4 | (hw & 0xf8) >> 3),
				true);
		else if ((hw & 0xff00) == 0xbd00)			/* POP with pc */
			step->kind = STEP_END;
		return;
	case 13:
		if (!flow_go_thumb_branch(step, hw, 0, h))
			step->kind = hw & 0x100 ? STEP_CALL : STEP_END;	/* SVC, UDF */
		return;
	case 14:
		flow_go_thumb_branch(step, hw, 0, h);
		return;
	}
}

/* A6.3.4: branches and miscellaneous control */
static void flow_step_thumb_control(u32 hw1, u32 hw2, int h, struct step *step)
{
	u32 s = hw1 >> 10 & 1, j1 = hw2 >> 13 & 1, j2 = hw2 >> 11 & 1, imm;

	if (flow_go_thumb_branch(step, hw1, hw2, h))				/* B T3, T4 */
		return;
	if ((hw2 & 0x5000) == 0) {
		if ((hw1 & 0xfff0) == 0xf3c0 ||					/* BXJ */
		    (hw1 & 0xffff) == 0xf3de ||					/* SUBS PC, LR; ERET */
		    ((hw1 & 0xfff0) == 0xf7f0 && (hw2 & 0xf000) == 0xa000))	/* UDF */
			step->kind = STEP_END;
		return;
	}
	imm = s << 23 | (~(j1 ^ s) & 1) << 22 | (~(j2 ^ s) & 1) << 21 | (hw1 & 0x3ff) << 11 | (hw2 & 0x7ff);
	if ((hw2 & 0x5000) == 0x5000)				/* BL */
		flow_go(step, STEP_CALL, h + 2 + insn_sign_extend(imm, 24), true);
	else								/* BLX */
		flow_go(step, STEP_CALL, ((h + 2) & ~1) + (insn_sign_extend(imm, 24) & ~1), false);
}

/* A6.3 */
static void flow_step_thumb_wide(u32 hw1, u32 hw2, int h, struct step *step)
{
	int imm12 = hw2 & 0xfff, imm8 = (hw2 & 0xff) * 4;

	if ((hw1 & 0xf800) == 0xf000) {
		if (hw2 & 0x8000)
			flow_step_thumb_control(hw1, hw2, h, step);
		else if ((hw1 & 0xfbff) == 0xf20f || (hw1 & 0xfbff) == 0xf2af) {	/* ADR T3, T2 */
			imm12 = (hw1 & 0x400) << 1 | (hw2 & 0x7000) >> 4 | (hw2 & 0xff);
			step->has_pointer = true;
			step->pointer = 2 * ((h + 2) & ~1) + (hw1 & 0x80 ? -imm12 : imm12);
		}
		return;
	}
	if (((hw1 & 0xffd0) == 0xe890 || (hw1 & 0xffd0) == 0xe910) && (hw2 & 0x8000)) {	/* LDM with pc */
		step->kind = STEP_END;
	} else if ((hw1 & 0xffd0) == 0xe810 || (hw1 & 0xffd0) == 0xe990) {		/* RFE */
		step->kind = STEP_END;
	} else if (thumb_is_table_branch((struct thumb_insn){ hw1, hw2 })) {
		step->kind = STEP_END;
	} else if ((hw1 & 0xfe5f) == 0xe85f && (hw1 & 0x120)) {				/* LDRD */
		flow_loads(step, h, hw1 & 0x80 ? imm8 : -imm8, 2);
	} else if ((hw1 & 0xff3f) == 0xed1f && (hw2 & 0xe00) == 0xa00) {		/* VLDR */
		flow_loads(step, h, hw1 & 0x80 ? imm8 : -imm8, hw2 & 0x100 ? 2 : 1);
	} else if ((hw1 & 0xfe1f) == 0xf81f && (hw1 & 0x60) != 0x60) {			/* LDR ... (literal) */
		if (hw2 >> 12 != 15)
			flow_loads(step, h, hw1 & 0x80 ? imm12 : -imm12, 1);
		else if ((hw1 & 0xff7f) == 0xf85f)
			step->kind = STEP_END;
	} else if ((hw1 & 0xff70) == 0xf850 && hw2 >> 12 == 15) {			/* LDR pc */
		step->kind = STEP_END;
	}
}

static void flow_step_arm(u32 word, u32 before, int h, struct step *step)
{
	int rel;

	if (flow_arm_branch(word, &rel)) {
		flow_go(step, insn_bit(word, 24) ? STEP_CALL :
			 insn_cond(word) == INSN_COND_AL ? STEP_BRANCH : STEP_COND, h + 2 * rel, false);
		return;
	}
	if ((word & 0xfe000000) == 0xfa000000) {			/* BLX, A8.8.25 A2 */
		flow_go(step, STEP_CALL, h + 4 + 2 * insn_sign_extend(word & 0xffffff, 24) +
				    (int)insn_bit(word, 24), true);
		return;
	}
	step->literals = flow_literal_load(word, &rel);
	step->literal = h / 2 + rel;
	if (flow_arm_adr(word, &rel)) {
		step->has_pointer = true;
		step->pointer = 2 * h + rel;
	}
	if (flow_arm_ends(word, before))
		step->kind = STEP_END;
	else if (before == MOV_LR_PC || (word & 0x0ffffff0) == 0x012fff30 ||	/* BLX Rm */
		 (word & 0x0f000000) == 0x0f000000 ||				/* SVC */
		 (word & 0x0f9000f0) == 0x01000070)				/* BKPT, HVC, SMC */
		step->kind = STEP_CALL;
}

/*
 * -- many ------------------------------------------------------------------------------------
 */

static unsigned int flow_what(const struct flow *flow, int h)
{
	return flow->mark[h] & FLOW_WHAT;
}

static void flow_push(struct flow *flow, u8 trust, int h, bool thumb)
{
	unsigned int q = trust != FLOW_SURE;

	if (h < 0 || h >= (int)FLOW_HALVES || flow_what(flow, h) || flow->nr[q] == FLOW_QUEUE ||
	    (!thumb && (h & 1)))
		return;
	if (trust != FLOW_SWEPT)
		flow->mark[h] |= thumb ? FLOW_TO_THUMB : FLOW_TO_ARM;
	flow->queue[q][flow->nr[q]++] = h | (thumb ? FLOW_START_THUMB : 0);
}

static bool flow_half_at(const struct patch_view *view, int h, u32 *half)
{
	u32 word;

	if (!flow_word_at(view, h >> 1, &word))
		return false;
	*half = h & 1 ? word >> 16 : word & 0xffff;
	return true;
}

/* A literal or an ADR that has bit 0 set: the address of a T32 function, if it is in the page. */
static void flow_points_to(struct flow *flow, u8 trust, u32 address, u32 base)
{
	if ((address & 1) && !((address ^ base) & ~(PATCH_PAGE_BYTES - 1)))
		flow_push(flow, trust == FLOW_SWEPT ? FLOW_SWEPT : FLOW_LIKELY,
			  (address & (PATCH_PAGE_BYTES - 1)) / 2, true);
}

/* What is swept may be no code: it makes no data of what code leads to. */
static void flow_mark_literal(struct flow *flow, u8 trust, unsigned int h)
{
	u8 mark = flow->mark[h];

	if (trust == FLOW_SWEPT && (mark & FLOW_WHAT) && (mark & FLOW_TRUST) >= FLOW_LIKELY)
		return;
	flow->mark[h] |= FLOW_LITERAL;
}

static void flow_note_data(struct flow *flow, const struct patch_view *view, u8 trust,
			   const struct step *step)
{
	unsigned int i;
	u32 word;

	for (i = 0; i < step->literals; i++) {
		int at = step->literal + (int)i;

		if (at >= 0 && at < (int)PATCH_PAGE_WORDS) {
			flow_mark_literal(flow, trust, 2 * at);
			flow_mark_literal(flow, trust, 2 * at + 1);
		}
		if (step->literals == 1 && flow_word_at(view, at, &word))
			flow_points_to(flow, trust, word, view->base);
	}
	if (!step->has_pointer || step->pointer < 0 || step->pointer >= (int)PATCH_PAGE_BYTES)
		return;
	if (step->pointer & 1)
		flow_points_to(flow, trust, view->base + step->pointer, view->base);
	else if (trust != FLOW_SWEPT)
		flow->mark[step->pointer / 2] |= FLOW_POINTED;
}

/*
 * The table behind TBB or TBH at @h: it ends where its nearest target is, or where something else is
 * known to be, so that many of them together have no more entries than the page has halfwords.
 */
static void flow_follow_table(struct flow *flow, const struct patch_view *view, u8 trust, int h,
			      u32 hw2)
{
	bool half = hw2 & 0x10;
	int base = h + 2, end = FLOW_HALVES, i, at, target;
	u32 entry;

	if (base >= (int)FLOW_HALVES || (view->page[h / 2] >> 16 * (h & 1) & 0xf) != 15)
		return;
	for (i = 0; ; i++) {
		at = base + (half ? i : i / 2);
		if (at >= end || !flow_half_at(view, at, &entry))
			return;
		if ((half || !(i & 1)) && (flow->mark[at] & (FLOW_WHAT | FLOW_LITERAL)))
			return;
		if (!half)
			entry = entry >> 8 * (i & 1) & 0xff;
		target = base + (int)entry;
		if (target <= at)
			return;
		end = min(end, target);
		flow->mark[at] |= FLOW_LITERAL;
		flow_push(flow, trust, target, true);
	}
}

/* The next IT state, A2.5.2 */
static u32 flow_it_next(u32 it)
{
	return it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
}

/* The steps of one instruction, entered in the queues.  Returns the trust behind it, 0 if it is the end. */
static u8 flow_take(struct flow *flow, const struct patch_view *view, u8 trust,
		    const struct step *step,
		    bool conditional)
{
	flow_note_data(flow, view, trust, step);
	if (step->has_target)
		flow_push(flow, trust, step->target, step->thumb);
	switch (step->kind) {
	case STEP_CALL:
		return trust < FLOW_LIKELY ? trust : FLOW_LIKELY;
	case STEP_BRANCH:
	case STEP_END:
		return conditional ? trust : 0;
	default:
		return trust;
	}
}

/* Follows T32 code from halfword @h on.  Returns the halfword behind its last one. */
static unsigned int flow_follow_thumb(struct flow *flow, const struct patch_view *view, u8 trust,
				      unsigned int h)
{
	u32 hw1, hw2 = 0, it = 0;
	unsigned int len;
	/* It was a call that led here, or a pointer: it may not return, or be none. */
	bool doubt = trust == FLOW_LIKELY;

	flow->thumb = true;
	for (; h < FLOW_HALVES; h += len) {
		struct step step = { };
		bool in_it = it;

		if (flow_what(flow, h) || !flow_half_at(view, h, &hw1))
			break;
		if ((doubt || trust == FLOW_SWEPT) && flow_arm_begins(view, h))
			break;
		if (trust == FLOW_SWEPT && (flow->mark[h] & FLOW_POINTED))
			break;
		if (flow->mark[h] & FLOW_LITERAL)
			break;
		if ((flow->mark[h] & (FLOW_TO_ARM | FLOW_TO_THUMB)) == FLOW_TO_ARM)
			break;
		len = insn_thumb_is_wide(hw1) ? 2 : 1;
		if (len == 2) {
			if (h + 1 < FLOW_HALVES && flow_what(flow, h + 1))
				break;
			if (!flow_half_at(view, h + 1, &hw2))
				hw2 = 0;
			flow_step_thumb_wide(hw1, hw2, h, &step);
		} else {
			flow_step_thumb_narrow(hw1, h, &step);
			if ((hw1 & 0xff00) == 0xbf00 && (hw1 & 0xf))
				it = hw1 & 0xff;
		}
		flow->mark[h] |= FLOW_THUMB | trust;
		if (len == 2 && h + 1 < FLOW_HALVES)
			flow->mark[h + 1] |= FLOW_SECOND | trust;
		if (in_it)
			it = flow_it_next(it);
		if (len == 2 && thumb_is_table_branch((struct thumb_insn){ hw1, hw2 }))
			flow_follow_table(flow, view, trust, h, hw2);
		/* a call's way back is followed when what is surer has been */
		if (step.kind == STEP_CALL && trust == FLOW_SURE) {
			flow_take(flow, view, trust, &step, in_it);
			flow_push(flow, FLOW_LIKELY, h + len, true);
			return h + len;
		}
		if (!flow_take(flow, view, trust, &step, in_it))
			return h + len;
		doubt = step.kind == STEP_CALL;
	}
	return h;
}

/* So many words in a row that aren't AL are no more taken for A32 code, if there is a doubt. */
#define ODD_WORDS	6

static void flow_follow_arm(struct flow *flow, const struct patch_view *view, u8 trust, int h)
{
	u32 word, before = 0;
	unsigned int odd = 0;

	for (; h < (int)FLOW_HALVES; h += 2) {
		struct step step = { };

		if (flow_what(flow, h) || flow_what(flow, h + 1))
			return;
		if ((flow->mark[h] & (FLOW_TO_ARM | FLOW_TO_THUMB)) == FLOW_TO_THUMB)
			return;
		word = view->page[h / 2];
		/* A call that never returned leads into data, or into T32 code. */
		odd = insn_cond(word) == INSN_COND_AL && insn_plausible_arm(word) ? 0 : odd + 1;
		if (trust != FLOW_SURE && (!word || odd == ODD_WORDS))
			return;
		flow_step_arm(word, before, h, &step);
		before = word;
		flow->mark[h] |= FLOW_ARM | trust;
		flow->mark[h + 1] |= FLOW_ARM | trust;
		if (step.kind == STEP_CALL && trust == FLOW_SURE) {
			flow_take(flow, view, trust, &step, false);
			flow_push(flow, FLOW_LIKELY, h + 2, false);
			return;
		}
		if (!flow_take(flow, view, trust, &step, false))
			return;
	}
}

static void flow_follow_queue(struct flow *flow, const struct patch_view *view, unsigned int q)
{
	static const u8 trust[] = { FLOW_SURE, FLOW_LIKELY };
	u16 start;

	while (flow->nr[q]) {
		start = flow->queue[q][--flow->nr[q]];
		if (start & FLOW_START_THUMB)
			flow_follow_thumb(flow, view, trust[q], start & ~FLOW_START_THUMB);
		else
			flow_follow_arm(flow, view, trust[q], start);
	}
}

/* Where the data at @h ends that an ADR points to: at a mark, or where a function begins by its looks. */
static unsigned int flow_data_end(struct flow *flow, const struct patch_view *view, unsigned int h)
{
	u32 half;

	for (h++; h < FLOW_HALVES && !flow_what(flow, h) && !flow_arm_begins(view, h); h++) {
		/* PUSH with lr, T1 and T2 */
		if (flow_half_at(view, h, &half) && ((half & 0xff00) == 0xb500 || half == 0xe92d))
			break;
		flow->mark[h] |= FLOW_POINTED;
	}
	return h;
}

/*
 * Takes what is unmarked at @h for T32 code, with literals and A32 code in it.  Returns the
 * halfword behind.
 */
static unsigned int flow_sweep_from(struct flow *flow, const struct patch_view *view,
				    unsigned int h)
{
	unsigned int end;

	while (h < FLOW_HALVES && !flow_what(flow, h)) {
		if (flow_arm_begins(view, h)) {
			while (h < FLOW_HALVES && flow_is_arm_like(view->page[h / 2]))
				h += 2;
			continue;
		}
		if (flow->mark[h] & FLOW_POINTED) {
			h = flow_data_end(flow, view, h);
			continue;
		}
		end = flow->mark[h] & FLOW_LITERAL ? h :
			flow_follow_thumb(flow, view, FLOW_SWEPT, h);
		h = end > h ? end : h + 1;
	}
	/* What that has found by the way is as uncertain, and will be swept. */
	flow->nr[0] = 0;
	flow->nr[1] = 0;
	return h;
}

/* What stands around T32 code, unreached: other functions, as a rule. */
static void flow_sweep(struct flow *flow, const struct patch_view *view)
{
	bool thumb = false;
	u32 before, h;

	for (h = 0; h < FLOW_HALVES && !flow_what(flow, h); h++)
		;
	if (h < FLOW_HALVES && flow_what(flow, h) == FLOW_THUMB) {
		/* The page's beginning, where the page before may have half an instruction. */
		h = flow_half_at(view, -1, &before) && insn_thumb_is_wide(before);
		flow_sweep_from(flow, view, h);
	}
	for (h = 0; h < FLOW_HALVES; h++) {
		if (flow_what(flow, h))
			thumb = flow_what(flow, h) != FLOW_ARM;
		else if (thumb && !(flow->mark[h] & FLOW_LITERAL))
			h = flow_sweep_from(flow, view, h) - 1;
	}
}

void flow_find(struct flow *flow, const struct patch_view *view, const u16 *hints,
	       unsigned int nr_hints)
{
	unsigned int zone, i;
	u8 known;

	memset(flow, 0, sizeof(*flow));
	for (zone = 0; view->known && zone < PATCH_ZONES; zone++) {
		known = view->known[zone];
		if (known)
			flow_push(flow, FLOW_SURE,
				  zone * PATCH_ZONE_HALVES + (known & PATCH_KNOWN_AT),
				  known & PATCH_KNOWN_THUMB);
	}
	/* last in, first followed */
	if (view->entry)
		flow_push(flow, FLOW_SURE, view->entry - 1, view->thumb);
	flow_follow_queue(flow, view, 0);
	flow_follow_queue(flow, view, 1);
	for (i = 0; i < nr_hints; i++) {
		if (!(hints[i] & FLOW_START_LOOKS))
			flow_push(flow, FLOW_LIKELY, hints[i], true);
	}
	flow_follow_queue(flow, view, 1);
	for (i = 0; i < nr_hints; i++) {
		if (hints[i] & FLOW_START_LOOKS)
			flow_sweep_from(flow, view, hints[i] & ~FLOW_START_LOOKS);
	}
	if (flow->thumb)
		flow_sweep(flow, view);
}
