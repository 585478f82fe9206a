// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages with privileged code of both states.
 *
 * What is sensitive in one state may be anything in the other, and a page's copy has one content
 * for both.  Following the code (flow.h) tells most of it.  Where that doesn't, the neighbours are
 * weighed; where they contradict it, or say nothing, a look word (thumb.h) asks whoever comes
 * there.  An error is to be a trap too many, never a sensitive instruction that runs.
 *
 * Most guests have no such pages, so a page is judged so only when something points to T32 code in
 * it: the fetch itself, one before it, a BLX, an address with bit 0 set that code makes, what looks
 * like the begin of a T32 function.  Once a guest has run privileged T32 code all its pages are (patch_view.both).
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "patch-impl.h"
#include "thumb.h"

/* How far from a suspect what is typical of T32 code is looked for, in halfwords. */
#define TYPICAL_REACH	16
/* And how far before it the begin of a function. */
#define FUNCTION_REACH	128
/* How many words one doubt may cost. */
#define LOOK_WORDS	THUMB_LOOK_RUN
/* How far before a MOVT its MOVW is, in words. */
#define POINTER_REACH	4

bool patch_thumb_top(unsigned int top)
{
	switch (top) {
	case 0xb66 ... 0xb67:		/* CPS T1 */
	case 0xbf3:			/* WFI T1 */
	case 0xf38 ... 0xf3a:		/* MSR; CPS T2, WFI T2 */
	case 0xf3d ... 0xf3f:		/* SUBS PC, LR; MRS */
	case 0xf7f:			/* UDF T2: to be claimed */
	case 0xe80 ... 0xe83:		/* SRS, RFE */
	case 0xe98 ... 0xe9b:
	case 0xee0 ... 0xee1:		/* MCR, MRC */
	case 0xf80 ... 0xf85:		/* STRBT ... LDRT */
	case 0xf91:			/* LDRSBT */
	case 0xf93:			/* LDRSHT */
		return true;
	default:
		return false;
	}
}

/* What begins at halfword @h of the copy; false in *@whole if its second half is in the next page. */
static struct thumb_insn both_insn_at(const struct patch_job *job, int h, bool *whole)
{
	struct thumb_insn insn = { .hw1 = job->dst[h / 2] >> 16 * (h & 1) };
	u32 word;

	*whole = true;
	if (!insn_thumb_is_wide(insn.hw1))
		return insn;
	if (h + 1 < (int)FLOW_HALVES) {
		insn.hw2 = job->dst[(h + 1) / 2] >> 16 * (~h & 1);
	} else {
		*whole = false;
		if (flow_word_at(job->view, PATCH_PAGE_WORDS, &word))
			insn.hw2 = word;
	}
	return insn;
}

bool patch_thumb_suspect(struct patch_job *job, int h)
{
	bool whole;
	struct thumb_insn insn = both_insn_at(job, h, &whole);
	u32 word;

	if ((job->opts & PATCH_EXCL) && thumb_is_exclusive(insn))
		return true;
	/* As in A32, floating point is most of them; no decoding for that. */
	if (insn.hw1 >> 8 == 0xee && (insn.hw2 & 0xe10) != 0xe10)
		return false;
	switch (insn_decode_thumb(insn.hw1, insn.hw2)) {
	case INSN_UDF:
		/* The guest's own keeps its index from getting another meaning, as in patch.h. */
		if (insn_thumb_is_wide(insn.hw1))
			patch_keep_udf(job->dict, thumb_udf_to_arm(insn));
		return false;
	case INSN_LDST_UNPRIV:
		return job->opts & (PATCH_UNPRIV | PATCH_PLAIN);
	case INSN_CP_REG:
		word = thumb_to_arm(insn);
		return word && patch_wanted(job->opts, word, INSN_CP_REG);
	default:
		return thumb_to_arm(insn);
	}
}

static void both_hint(struct patch_job *job, u32 h)
{
	if (job->work->nr_hints < PATCH_HINTS)
		job->work->hints[job->work->nr_hints++] = h;
}

void patch_note_blx(struct patch_job *job, int i, u32 word)
{
	int h = 2 * i + 4 + 2 * ((int)(word & 0x7fffff) - (int)(word & 0x800000)) + (word >> 24 & 1);

	if (h >= 0 && h < (int)FLOW_HALVES && patch_stands_in_code(job, i))
		both_hint(job, h);
}

void patch_note_literal(struct patch_job *job, u32 literal)
{
	if ((literal & 1) && !((literal ^ job->view->base) & ~(PATCH_PAGE_BYTES - 1)))
		both_hint(job, (literal & (PATCH_PAGE_BYTES - 1)) / 2);
}

/*
 * A32 code that makes the address of T32 code without a literal: ADR, or MOVW and MOVT.  Five
 * instructions a word, so only in pages that may have T32 code by their looks.
 */
static void both_note_pointers(struct patch_job *job)
{
	const u32 *page = job->view->page;
	u32 low;
	int i, d, rel;

	for (i = 0; i < (int)PATCH_PAGE_WORDS; i++) {
		u32 op = page[i] & 0xfff00000;

		if (op == 0xe2800000 || op == 0xe2400000) {
			if ((page[i] & 1) && flow_arm_adr(page[i], &rel) &&
			    patch_stands_in_code(job, i))
				patch_note_literal(job, job->view->base + 4 * i + rel);
		} else if (op == 0xe3400000 && patch_stands_in_code(job, i)) {	/* MOVT, A8.8.106 */
			for (d = i - 1; d >= 0 && d >= i - POINTER_REACH; d--) {
				if ((page[d] & 0xfff0f000) != (0xe3000000 | (page[i] & 0xf000)))
					continue;
				low = (page[d] >> 4 & 0xf000) | (page[d] & 0xfff);
				patch_note_literal(job, (page[i] >> 4 & 0xf000) << 16 |
						   (page[i] & 0xfff) << 16 | low);
				break;
			}
		}
	}
}

static u32 both_half_of(const struct patch_view *view, int h)
{
	return view->page[h / 2] >> 16 * (h & 1) & 0xffff;
}

/* What compilers make in each T32 function and A32 code seldom has at such a place. */
static bool both_typical(const struct patch_view *view, int h)
{
	u32 half = both_half_of(view, h);

	return (half & 0xff00) == 0xb500 ||			/* PUSH with lr */
	       (half & 0xff00) == 0xbd00 ||			/* POP with pc */
	       half == 0x4770 ||				/* BX LR */
	       ((half & 0xf800) == 0xf000 && h + 1 < (int)FLOW_HALVES &&
		(both_half_of(view, h + 1) & 0xd000) == 0xd000);	/* BL */
}

/* The begin of the T32 function that the suspect at @h may stand in, or -1. */
static int both_function_around(struct patch_job *job, int h)
{
	const struct patch_view *view = job->view;
	unsigned int typical = 0;
	int i;

	if (patch_stands_in_code(job, h / 2))
		return -1;
	for (i = max(h - TYPICAL_REACH, 0); i < min(h + TYPICAL_REACH, (int)FLOW_HALVES); i++)
		typical += both_typical(view, i);
	if (typical < 2)
		return -1;
	for (i = h; i > max(h - FUNCTION_REACH, 0); i--) {
		if ((both_half_of(view, i) & 0xff00) == 0xb500)
			return i;
		if ((both_half_of(view, i - 1) & 0xff00) == 0xbd00 ||
		    both_half_of(view, i - 1) == 0x4770)
			return i;
	}
	return -1;
}

static int both_next(const struct patch_job *job, int h)
{
	u32 bits;

	for (; h < (int)FLOW_HALVES; h = (h | 31) + 1) {
		bits = job->work->thumb[h / 32] >> h % 32;
		if (bits)
			return h + __ffs(bits);
	}
	return h;
}

/* Do all A32 suspects stand in what looks like A32 code?  In nearly every page of an A32 kernel. */
static bool both_stands_all_in_a32(struct patch_job *job)
{
	int i;

	for (i = job->first; job->nr_arm && i <= job->last; i = patch_next_bit(&job->suspects, i + 1)) {
		if (!patch_stands_in_code(job, i))
			return false;
	}
	return true;
}

bool patch_might_mix(struct patch_job *job)
{
	const struct patch_view *view = job->view;
	unsigned int zone, tries = 4 * PATCH_HINTS;
	int h, function;
	bool mix;

	mix = view->both || (view->entry && view->thumb);
	for (zone = 0; !mix && view->known && zone < PATCH_ZONES; zone++)
		mix = view->known[zone] & PATCH_KNOWN_THUMB;
	/* Each such look is some hundred instructions: not at all of a page full of look-alikes. */
	for (h = both_next(job, 0); h < (int)FLOW_HALVES && tries; h = both_next(job, h + 1)) {
		function = both_function_around(job, h);
		if (function >= 0)
			both_hint(job, function | FLOW_START_LOOKS);
		tries--;
	}
	if (!mix && !job->work->nr_hints && (job->nr_thumb || !both_stands_all_in_a32(job)))
		both_note_pointers(job);
	if (!mix && !job->work->nr_hints)
		return false;
	flow_find(&job->work->flow, view, job->work->hints, job->work->nr_hints);
	return view->both || job->work->flow.thumb;
}

/*
 * -- verdicts --------------------------------------------------------------------------
 */

enum verdict {
	LEAVE,
	REPLACE,
	LOOK_BOUNDARY,
	LOOK_STATE,
};

/* Does word @i stand in A32 code, although nothing says so or a sweep says it is T32 code? */
static bool both_looks_arm(const struct patch_job *job, int i)
{
	const u8 *mark = job->work->flow.mark;
	int d, run = 0;

	for (d = max(i - 3, 0); d <= min(i + 3, (int)PATCH_PAGE_WORDS - 1); d++) {
		u8 m = mark[2 * d] | mark[2 * d + 1];
		bool sure = (m & FLOW_TRUST) == FLOW_SURE;

		if ((sure && (m & FLOW_THUMB)) ||
		    (d != i && !flow_is_arm_like(job->view->page[d]) &&
		     !(sure && (mark[2 * d] & FLOW_WHAT) == FLOW_ARM)))
			run = 0;
		else if (++run == FLOW_ARM_RUN)
			return true;
	}
	return false;
}

/* How much of what T32 code is full of the words before each one hold: work->thumb_marks. */
static void both_sum_thumb_marks(struct patch_job *job)
{
	const struct patch_view *view = job->view;
	u16 *sum = job->work->thumb_marks;
	unsigned int i;

	sum[0] = 0;
	for (i = 0; i < PATCH_PAGE_WORDS; i++)
		sum[i + 1] = sum[i] + 2 * (both_typical(view, 2 * i) +
					   both_typical(view, 2 * i + 1)) +
			     insn_thumb_is_wide(view->page[i]);
}

/* Does word @i stand among what T32 code is full of? */
static bool both_looks_thumb(const struct patch_job *job, int i)
{
	int first = max(i - TYPICAL_REACH / 2, 0), end = min(i + TYPICAL_REACH / 2, (int)PATCH_PAGE_WORDS);

	return job->work->thumb_marks[end] - job->work->thumb_marks[first] >= 3;
}

static enum verdict both_judge_arm(struct patch_job *job, int i, u32 word, enum insn_kind kind)
{
	const u8 *mark = &job->work->flow.mark[2 * i];
	u8 trust = max(mark[0] & FLOW_TRUST, mark[1] & FLOW_TRUST);
	bool thumb = (mark[0] | mark[1]) & FLOW_THUMB;

	if ((mark[0] & FLOW_WHAT) == FLOW_ARM && (mark[1] & FLOW_WHAT) == FLOW_ARM) {
		/* The way back from a call may be none, and lead into data. */
		if (trust == FLOW_SURE || !patch_is_data(job, i, word, kind))
			return REPLACE;
		return LEAVE;
	}
	if (thumb && trust == FLOW_SURE)
		return LEAVE;
	if ((mark[0] & FLOW_LITERAL) || patch_is_data(job, i, word, kind))
		return LEAVE;
	/* A call that doesn't return leads T32 code's flow on into A32 code, or a table between the two does. */
	if (both_looks_arm(job, i))
		return thumb ? LOOK_STATE : REPLACE;
	/* What is rare in T32 code is asked for even there. */
	if (patch_is_narrow(word, kind))
		return LOOK_STATE;
	return thumb || both_looks_thumb(job, i) ? LEAVE : LOOK_STATE;
}

/*
 * Both halves of these say what they are: data hardly ever has them.  As patch_is_narrow(): code that
 * nothing leads to within its page, as behind a table that an ADR points to, is asked for them.
 */
static bool both_is_narrow_thumb(const struct patch_job *job, int h)
{
	bool whole;
	struct thumb_insn insn = both_insn_at(job, h, &whole);

	if (!insn_thumb_is_wide(insn.hw1) || !whole)
		return false;
	switch (insn_decode_thumb(insn.hw1, insn.hw2)) {
	case INSN_LDST_UNPRIV:
	case INSN_OTHER:		/* exclusives */
		return false;
	case INSN_CP_REG:
		/* Most trap by themselves. */
		return patch_names_host_state(thumb_to_arm(insn)) || patch_is_tpidrurw(thumb_to_arm(insn));
	default:
		return true;
	}
}

/* What asks at @h: a question of boundaries means nothing in A32 state. */
static enum verdict both_ask(const struct patch_job *job, int h)
{
	return both_looks_arm(job, h / 2) || !both_looks_thumb(job, h / 2) ? LOOK_STATE :
		LOOK_BOUNDARY;
}

static enum verdict both_judge_thumb(struct patch_job *job, int h)
{
	const u8 *marks = job->work->flow.mark;
	u8 mark = marks[h], trust = mark & FLOW_TRUST;

	/* A literal pool behind a call that doesn't return, or in a sweep's way. */
	if ((mark & FLOW_LITERAL) && trust != FLOW_SURE)
		return LEAVE;
	switch (mark & FLOW_WHAT) {
	case FLOW_ARM:
		if (trust == FLOW_SURE)
			return LEAVE;
		return both_is_narrow_thumb(job, h) ||
		       (!both_looks_arm(job, h / 2) && both_looks_thumb(job, h / 2)) ? LOOK_STATE : LEAVE;
	case FLOW_SECOND:
		if (trust != FLOW_SURE && both_is_narrow_thumb(job, h))
			return both_ask(job, h);
		return trust == FLOW_SWEPT ? LOOK_BOUNDARY : LEAVE;
	case FLOW_THUMB:
		if (trust == FLOW_SURE)
			return REPLACE;
		if (both_looks_arm(job, h / 2))
			return LOOK_STATE;
		/* A sweep may be out of step: then this may be a second half. */
		if (trust == FLOW_SWEPT && h && (marks[h - 1] & FLOW_WHAT) == FLOW_SECOND &&
		    insn_thumb_is_wide(both_half_of(job->view, h - 1)))
			return LOOK_BOUNDARY;
		return REPLACE;
	default:
		if (patch_test_bit(&job->marks.literal, h / 2))
			return LEAVE;
		if (both_is_narrow_thumb(job, h))
			return both_ask(job, h);
		if ((mark & FLOW_POINTED) ||
		    (both_looks_arm(job, h / 2) && flow_is_arm_like(job->view->page[h / 2])) ||
		    !both_looks_thumb(job, h / 2))
			return LEAVE;
		return LOOK_BOUNDARY;
	}
}

/*
 * -- replacements -------------------------------------------------------------------------
 */

static void both_put_half(struct patch_job *job, int h, u16 half)
{
	u32 *word = &job->dst[h / 2];

	*word = h & 1 ? (*word & 0xffff) | (u32)half << 16 : (*word & 0xffff0000) | half;
	if (job->replaced)
		patch_set_bit(job->replaced, h / 2);
}

static bool both_is_look_word(const struct patch_job *job, int i)
{
	return job->dst[i] != job->view->page[i] && thumb_is_look(job->dst[i]);
}

/*
 * Is it known what halfword @h is, if only that code loads it?  What stands there then is never
 * changed for a question's sake.
 */
static bool both_sure(const struct patch_job *job, int h)
{
	u8 mark = job->work->flow.mark[h];

	return ((mark & FLOW_WHAT) && (mark & FLOW_TRUST) == FLOW_SURE) || (mark & FLOW_LITERAL) ||
	       patch_test_bit(&job->marks.literal, h / 2);
}

/* A half that asks by itself, if it doesn't trap already. */
static void both_put_ask(struct patch_job *job, int h)
{
	u32 half = both_half_of(job->view, h);

	if ((job->dst[h / 2] >> 16 * (h & 1) & 0xffff) == half)
		both_put_half(job, h, insn_thumb_is_wide(half) ? THUMB_ASK_WIDE : THUMB_ASK);
}

/* Whoever executes what is unknown in word @i is to trap.  False if there are too many. */
static bool both_put_look(struct patch_job *job, int i, bool states)
{
	bool known_low = both_sure(job, 2 * i), known_high = both_sure(job, 2 * i + 1);
	u32 look;

	if (both_is_look_word(job, i))
		return true;
	if (known_low || known_high || job->dst[i] != job->view->page[i]) {
		if (!known_low)
			both_put_ask(job, 2 * i);
		if (!known_high)
			both_put_ask(job, 2 * i + 1);
	} else {
		look = thumb_look(job->dict, job->dst[i], states);
		if (!look)
			return false;
		job->dst[i] = look;
		if (job->replaced)
			patch_set_bit(job->replaced, i);
	}
	job->stats->looks++;
	job->stats->sensitive++;
	return true;
}

/*
 * Look words in the place of word @i, and of those before it from where on each T32 instruction that
 * may reach into the next word is one: its first half is to trap, as its second one has changed.
 */
static bool both_put_looks(struct patch_job *job, int i, bool states)
{
	int first;

	for (first = i; first && !both_sure(job, 2 * first) && !both_sure(job, 2 * first - 1) &&
			insn_thumb_is_wide(both_half_of(job->view, 2 * first - 1)); first--) {
		if (i - first == LOOK_WORDS)
			return false;
	}
	for (; first <= i; first++) {
		if (!both_put_look(job, first, states))
			return false;
	}
	return true;
}

static int both_put_thumb(struct patch_job *job, int h)
{
	bool whole;
	struct thumb_insn insn = both_insn_at(job, h, &whole);
	enum insn_kind kind = insn_decode_thumb(insn.hw1, insn.hw2);
	u32 word = thumb_to_arm(insn);
	int index;

	patch_count(job->stats, kind);
	if (!insn_thumb_is_wide(insn.hw1)) {
		both_put_half(job, h, kind == INSN_WFI ? THUMB_UDF_WFI :
			      THUMB_UDF_CPS | (insn.hw1 & 0x10) >> 1 | (insn.hw1 & 7));
		return 0;
	}
	if (!word && whole && kind == INSN_LDST_UNPRIV && !(job->opts & PATCH_UNPRIV)) {
		/* the same access by LDR, STR ... T3 or T2 with a 12-bit offset (A6.3.7-10) */
		both_put_half(job, h, insn.hw1 | 0x80);
		both_put_half(job, h + 1, insn.hw2 & ~0xf00);
		return 0;
	}
	if (!word || !whole) {
		both_put_half(job, h, THUMB_UDF_RAM);
		return 0;
	}
	if (kind == INSN_CP_REG && patch_is_tpidrprw_read(job->opts, word)) {
		both_put_half(job, h + 1, (insn.hw2 & ~0xe0) | 0x40);	/* opc2: that of TPIDRURW */
		return 0;
	}
	index = patch_static_index(word, insn_decode_arm(word));
	if (!index)
		index = dict_add(job->dict, word);
	if (index < 0)
		return index;
	both_put_half(job, h, 0xf7f0 | index >> 12);
	both_put_half(job, h + 1, 0xa000 | (index & 0xfff));
	return 0;
}

int patch_both(struct patch_job *job)
{
	enum verdict verdict;
	enum insn_kind kind;
	int i, h, ret = 0;

	job->stats->both = true;
	both_sum_thumb_marks(job);
	for (i = job->first; job->nr_arm && i <= job->last && !ret;
	     i = patch_next_bit(&job->suspects, i + 1)) {
		kind = insn_decode_arm(job->dst[i]);
		verdict = both_judge_arm(job, i, job->dst[i], kind);
		if (verdict == REPLACE)
			ret = patch_arm_word(job, i, kind);
		else if (verdict == LEAVE || !both_put_looks(job, i, true))
			job->stats->left_arm++;
	}
	for (h = both_next(job, 0); h < (int)FLOW_HALVES && !ret; h = both_next(job, h + 1)) {
		if (both_is_look_word(job, h / 2))
			continue;
		verdict = both_judge_thumb(job, h);
		if (verdict == REPLACE)
			ret = both_put_thumb(job, h);
		else if (verdict == LEAVE || !both_put_looks(job, h / 2, verdict == LOOK_STATE))
			job->stats->left_thumb++;
	}
	return ret;
}
