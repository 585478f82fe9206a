// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling code from data in a page that is copied: rules (a) and (b) of patch.h.
 *
 * What a page is full of is the guest's choice, and this may run under mmu->lock: each word is
 * looked at closely once, and what all suspects of a page take together grows with the page,
 * not with their number times what each of them looks at.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "decode.h"
#include "patch-impl.h"

#define NOP		0xe320f000U

/* How far the judge of (b) looks back for the end of the code before, in words. */
#define ZONE_REACH	256
/* How many neighbours on each side it weighs: as many as the masks of struct patch_window have bits. */
#define NEIGHBOURS	8

/*
 * An instruction that is unconditional and defined: what most code consists of
 * and data hardly.
 */
static bool data_looks_unconditional(u32 word)
{
	return insn_cond(word) >= INSN_COND_AL && insn_plausible_arm(word);
}

/* Says nothing either way: alignment; memory that nobody has filled; SIMD, which fills a sixth of the 1111 space. */
static bool data_is_neutral(u32 word)
{
	return word == NOP || !word ||
	       (insn_cond(word) == INSN_COND_NONE && insn_decode_arm(word) == INSN_FP);
}

/* Is the word at @i unconditional and defined?  Each word is looked at closely once. */
static u8 data_find_good(const struct patch_view *view, int i)
{
	u32 word;

	if (!flow_word_at(view, i, &word))
		return WORD_KNOWN | WORD_ABSENT;
	return WORD_KNOWN_GOOD | (data_looks_unconditional(word) ? WORD_GOOD : 0);
}

/* What else there is to be known of it. */
static u8 data_find_class(const struct patch_view *view, int i)
{
	u32 word, before = 0;
	u8 class = WORD_KNOWN;

	if (!flow_word_at(view, i, &word))
		return WORD_KNOWN | WORD_ABSENT;
	if (data_is_neutral(word))
		class |= WORD_NEUTRAL;
	if ((word & 0xff000000) == 0xeb000000)
		class |= WORD_CALL;
	if (flow_arm_ends(word, 0)) {
		class |= WORD_ENDS;
		flow_word_at(view, i - 1, &before);
		if (flow_arm_ends(word, before))
			class |= WORD_ENDS_HERE;
	}
	return class;
}

/* Of the word at @i WORD_*, as far as @known says, WORD_KNOWN or WORD_KNOWN_GOOD. */
static u8 data_word_class(struct patch_job *job, int i, u8 known)
{
	u8 *class;

	if (i < -(int)PATCH_PAGE_WORDS || i >= 2 * (int)PATCH_PAGE_WORDS)
		return WORD_ABSENT;
	class = &job->work->class[PATCH_PAGE_WORDS + i];
	if (!(~*class & known))
		return *class;
	if (!(*class & WORD_KNOWN_GOOD))
		*class |= data_find_good(job->view, i);
	if (!(~*class & known))
		return *class;
	*class |= data_find_class(job->view, i);
	return *class;
}

bool patch_stands_in_code(struct patch_job *job, int i)
{
	unsigned int seen = 0, good = 0;
	u8 class;
	int d;

	for (d = -4; d <= 4; d++) {
		if (!d)
			continue;
		class = data_word_class(job, i + d, WORD_KNOWN_GOOD);
		seen += !(class & WORD_ABSENT);
		good += !!(class & WORD_GOOD);
	}
	return 2 * good >= seen;
}

/*
 * Marks what @word, @i words from the middle page's start, loads from that page.  Only
 * suspects get the costly look at the loading instruction's surroundings; for the rest
 * an error does no harm.
 */
static void data_mark_literal(struct patch_job *job, u32 word, int i)
{
	unsigned int n;
	int t;

	for (n = flow_literal_load(word, &t), t += i; n; n--, t++) {
		if (t < 0 || t >= (int)PATCH_PAGE_WORDS)
			continue;
		if (patch_test_bit(&job->suspects, t) && !patch_stands_in_code(job, i))
			patch_set_bit(&job->marks.weak, t);
		else
			patch_set_bit(&job->marks.literal, t);
		patch_note_literal(job, job->view->page[t]);
	}
}

void patch_mark_literals(struct patch_job *job, const u32 *src, int at, int from, int to)
{
	const u32 *w = src + (from & ~7), *end = src + to;
	int i;

	for (; w < end; w += 8) {
		if (!(flow_may_load_literal(w[0]) || flow_may_load_literal(w[1]) ||
		      flow_may_load_literal(w[2]) || flow_may_load_literal(w[3]) ||
		      flow_may_load_literal(w[4]) || flow_may_load_literal(w[5]) ||
		      flow_may_load_literal(w[6]) || flow_may_load_literal(w[7])))
			continue;
		for (i = 0; i < 8; i++)
			data_mark_literal(job, w[i], at + (w - src) + i);
	}
}

static bool data_is_literal(const struct patch_marks *marks, int i)
{
	return i >= 0 && i < (int)PATCH_PAGE_WORDS && patch_test_bit(&marks->literal, i);
}

/* The neighbours on one side of a word */
struct side {
	unsigned int seen;
	unsigned int good;
	bool ended;		/* stopped at the end of a flow */
};

/* Is the word at @i of @class none that is weighed? */
static bool data_is_left_out(const struct patch_job *job, int i, u8 class)
{
	return (class & WORD_NEUTRAL) || data_is_literal(&job->marks, i);
}

/*
 * The words [@first, @first + NEIGHBOURS) into @w. @ends: what ends a flow there, WORD_ENDS*.
 * Those that it holds already stay: where suspect stands beside suspect, each word comes once.
 */
static void data_slide(struct patch_job *job, struct patch_window *w, int first, u8 ends)
{
	int n = first - w->first, k;
	u8 class;

	if (n < 0 || n > NEIGHBOURS)
		n = NEIGHBOURS;
	w->first = first;
	w->seen >>= n;
	w->good >>= n;
	w->ends >>= n;
	for (k = NEIGHBOURS - n; k < NEIGHBOURS; k++) {
		class = data_word_class(job, first + k, WORD_KNOWN);
		if ((class & WORD_ABSENT) || data_is_left_out(job, first + k, class))
			continue;
		w->seen |= 1U << k;
		w->good |= !!(class & WORD_GOOD) << k;
		w->ends |= !!(class & ends) << k;
	}
}

/* Counts the neighbours that @mask has. */
static void data_weigh(const struct patch_window *w, unsigned int mask, struct side *side)
{
	side->seen = hweight16(w->seen & mask);
	side->good = hweight16(w->good & mask);
}

/*
 * Weighs up to NEIGHBOURS words before @i (known literals left out), stopping
 * where the flow before ended.
 */
static void data_look_back(struct patch_job *job, int i, struct side *side)
{
	struct patch_window *w = &job->back;

	data_slide(job, w, i - NEIGHBOURS, WORD_ENDS_HERE);
	side->ended = w->ends;
	data_weigh(w, side->ended ? ~0U << fls(w->ends) : ~0U, side);
}

/* The same behind @i, where what ends the flow belongs to it. */
static void data_look_ahead(struct patch_job *job, int i, struct side *side)
{
	struct patch_window *w = &job->ahead;

	data_slide(job, w, i + 1, WORD_ENDS);
	side->ended = w->ends;
	data_weigh(w, side->ended ? (2U << __ffs(w->ends)) - 1 : ~0U, side);
}

static bool data_looks_like_code(const struct side *side)
{
	return side->seen && 2 * side->good >= side->seen;
}

/* Where the code before a word ends */
struct zone {
	int start;		/* the first word behind the end */
	bool bare;		/* no unconditional instruction from there on */
	bool call;		/* the end is a call, which may return */
};

/* Behind the words of @scan, those up to @i. */
static void data_scan_up(struct patch_job *job, struct patch_scan *scan, int i)
{
	int good = PATCH_NOWHERE, j;
	u8 class;

	for (j = i - 1; j >= scan->high; j--) {
		class = data_word_class(job, j, WORD_KNOWN);
		if (data_is_left_out(job, j, class))
			continue;
		if (class & WORD_ENDS_HERE) {
			/* what is before it doesn't matter any more */
			scan->end = scan->low = j;
			scan->good = good;
			break;
		}
		if ((class & WORD_GOOD) && good == PATCH_NOWHERE)
			good = j;
	}
	if (good != PATCH_NOWHERE)
		scan->good = good;
	scan->high = i;
}

/* Is the last unconditional instruction that was seen a call? */
static bool data_scan_has_call(struct patch_job *job, const struct patch_scan *scan)
{
	return scan->good != PATCH_NOWHERE &&
		(data_word_class(job, scan->good, WORD_KNOWN) & WORD_CALL);
}

/* Before the words of @scan, as far as it takes, and not before @lowest. */
static void data_scan_down(struct patch_job *job, struct patch_scan *scan, int lowest)
{
	u8 class;

	while (scan->end == PATCH_NOWHERE && scan->low > lowest && !data_scan_has_call(job, scan)) {
		class = data_word_class(job, --scan->low, WORD_KNOWN);
		if (data_is_left_out(job, scan->low, class))
			continue;
		if (class & WORD_ENDS_HERE)
			scan->end = scan->low;
		else if ((class & WORD_GOOD) && scan->good == PATCH_NOWHERE)
			scan->good = scan->low;
	}
}

/*
 * The zone of @i: back to the last end of flow, or to a call if nothing between
 * is unconditional.  Returns false if there is no such end in reach.
 *
 * Suspects come in order, and each goes on where the one before it was: all of a page's
 * together look at each word once, or a page full of look-alikes would take millions of
 * instructions.
 */
static bool data_find_zone(struct patch_job *job, int i, struct zone *zone)
{
	struct patch_scan *scan = &job->scan;
	int lowest = i - ZONE_REACH, good, end;

	if (!job->view->prev && lowest < 0)
		lowest = 0;
	if (i < scan->high || lowest > scan->high)
		*scan = (struct patch_scan) { i, i, PATCH_NOWHERE, PATCH_NOWHERE };
	data_scan_up(job, scan, i);
	data_scan_down(job, scan, lowest);
	good = scan->good >= lowest ? scan->good : PATCH_NOWHERE;
	end = scan->end >= lowest ? scan->end : PATCH_NOWHERE;

	zone->call = good > end && data_scan_has_call(job, scan);
	zone->bare = good <= end || zone->call;
	if (zone->call || end != PATCH_NOWHERE) {
		zone->start = (zone->call ? good : end) + 1;
		return true;
	}
	/* what the page before holds isn't known: more likely the rest of a table */
	zone->start = lowest;
	return zone->bare && !lowest;
}

/* May @word be a branch or an ADR?  Three pages' words pass here, nearly all of them in a few instructions. */
static bool data_may_point(u32 word)
{
	return (word & 0x0e000000) == 0x0a000000 || (word & 0xff3f0000) == 0xe20f0000;
}

/* What branches and ADRs of @src, a page that begins @at words from the middle one, point to in that one. */
static void data_mark_targets_of(struct patch_job *job, const u32 *src, int at)
{
	struct patch_work *work = job->work;
	bool branches;
	int i, t, s;

	for (i = 0; i < (int)PATCH_PAGE_WORDS; i++) {
		if (!data_may_point(src[i]))
			continue;
		branches = flow_arm_branch(src[i], &t);
		if (!branches) {
			if (insn_cond(src[i]) != INSN_COND_AL || !flow_arm_adr(src[i], &t))
				continue;
			t = (t - (t & 3)) / 4;
		}
		t += at + i;
		if (t < 0 || t >= (int)PATCH_PAGE_WORDS)
			continue;
		if (branches) {
			s = PATCH_PAGE_WORDS + at + i;
			work->also[s] = work->from[t];
			work->from[t] = s + 1;
			patch_set_bit(&job->marks.target, t);
		} else if (patch_stands_in_code(job, at + i)) {
			patch_set_bit(&job->marks.pointed, t);
		}
	}
}

static void data_mark_targets(struct patch_job *job)
{
	const struct patch_view *view = job->view;

	job->marks.have_targets = true;
	memset(job->work->from, 0, sizeof(job->work->from));
	if (view->prev)
		data_mark_targets_of(job, view->prev, -(int)PATCH_PAGE_WORDS);
	data_mark_targets_of(job, view->page, 0);
	if (view->next)
		data_mark_targets_of(job, view->next, PATCH_PAGE_WORDS);
}

/* Is one of the words [@from, @to] marked in @map? */
static bool data_any_marked(const struct patch_bitmap *map, int from, int to)
{
	u32 bits;
	int n;

	for (n = from < 0 ? 0 : from; n <= to; n = (n | 31) + 1) {
		bits = map->bits[n / 32] >> n % 32;
		if (bits)
			return n + (int)__ffs(bits) <= to;
	}
	return false;
}

/* Does one of the branches to word @t stand in code?  Those that don't are forgotten. */
static bool data_is_target(struct patch_job *job, int t)
{
	struct patch_work *work = job->work;

	for (; work->from[t]; work->from[t] = work->also[work->from[t] - 1]) {
		if (patch_stands_in_code(job, work->from[t] - 1 - (int)PATCH_PAGE_WORDS))
			return true;
	}
	return false;
}

/*
 * Does code branch to one of the words [@from, @to]?  Only now is asked whether it is code: most
 * branches of a page lead to where nothing is asked for.
 */
static bool data_any_target(struct patch_job *job, int from, int to)
{
	struct patch_bitmap *target = &job->marks.target;
	u32 bits;
	int n;

	for (n = from < 0 ? 0 : from; n <= to;) {
		bits = target->bits[n / 32] >> n % 32;
		if (!bits) {
			n = (n | 31) + 1;
			continue;
		}
		n += __ffs(bits);
		if (n > to)
			return false;
		if (data_is_target(job, n))
			return true;
		target->bits[n / 32] &= ~(1U << n % 32);
	}
	return false;
}

/* Encodings so narrow that nothing but rule (a) makes data of them. */
bool patch_is_narrow(u32 word, enum insn_kind kind)
{
	if (insn_cond(word) < INSN_COND_AL)
		return false;
	switch (kind) {
	case INSN_LDM_USER:
	case INSN_LDM_RET:
	case INSN_STM_USER:
	case INSN_LDST_UNPRIV:
		return patch_static_index(word, kind) != 0;
	case INSN_DP_RET:
		return patch_static_index(word, kind) != 0;
	default:
		return true;
	}
}

/* Rule (b) */
static bool data_in_zone(struct patch_job *job, int i, u32 word, enum insn_kind kind)
{
	const struct patch_marks *marks = &job->marks;
	struct side back, ahead;
	struct zone zone;
	bool ended;

	if (patch_is_narrow(word, kind))
		return false;

	data_look_back(job, i, &back);
	if (!back.ended && back.seen == NEIGHBOURS && data_looks_like_code(&back))
		return false;
	if (!marks->have_targets)
		data_mark_targets(job);

	ended = data_find_zone(job, i, &zone);
	if (ended && zone.bare && insn_cond(word) != INSN_COND_AL &&
	    (!zone.call || patch_test_bit(&marks->weak, i) ||
	     data_any_marked(&marks->pointed, zone.start, i)))
		return !data_any_target(job, zone.start, i);

	if (data_looks_like_code(&back))
		return false;
	data_look_ahead(job, i, &ahead);
	if (data_looks_like_code(&ahead))
		return false;
	if (!ended)
		return back.seen && ahead.seen && !data_any_target(job, i, i);
	return !data_any_target(job, zone.start, i);
}

bool patch_is_data(struct patch_job *job, int i, u32 word, enum insn_kind kind)
{
	if (data_is_literal(&job->marks, i)) {
		job->stats->data_literal++;
		return true;
	}
	if (data_in_zone(job, i, word, kind)) {
		job->stats->data_zone++;
		return true;
	}
	return false;
}
