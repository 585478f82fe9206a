// SPDX-License-Identifier: GPL-2.0-only
/*
 * The copy of a page: what in it is sensitive, and telling code from data.
 */
#include <linux/errno.h>
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

/* What is known of the word at @i: WORD_*.  Each word is looked at closely once. */
static u8 classify(const struct patch_view *view, int i)
{
	u32 word, before = 0;
	u8 class = WORD_KNOWN;

	if (!flow_word_at(view, i, &word))
		return WORD_ABSENT;
	if (looks_unconditional(word))
		class |= WORD_GOOD;
	if (is_neutral(word))
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

static u8 word_class(struct patch_job *job, int i)
{
	u8 *class;

	if (i < -(int)PATCH_PAGE_WORDS || i >= 2 * (int)PATCH_PAGE_WORDS)
		return WORD_ABSENT;
	class = &job->work->class[PATCH_PAGE_WORDS + i];
	if (!*class)
		*class = classify(job->view, i);
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
		class = word_class(job, i + d);
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
static void mark_literal(struct patch_job *job, u32 word, int i)
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

/*
 * Marks what the words [@from, @to) of @src load, a page that begins @at words from the
 * middle one.  Some more words at both ends do no harm: they are taken by eight.
 */
static void mark_literals(struct patch_job *job, const u32 *src, int at, int from, int to)
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
			mark_literal(job, w[i], at + (w - src) + i);
	}
}

static bool is_literal(const struct patch_marks *marks, int i)
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
static bool is_left_out(const struct patch_job *job, int i, u8 class)
{
	return (class & WORD_NEUTRAL) || is_literal(&job->marks, i);
}

/*
 * The words [@first, @first + NEIGHBOURS) into @w. @ends: what ends a flow there, WORD_ENDS*.
 * Those that it holds already stay: where suspect stands beside suspect, each word comes once.
 */
static void slide(struct patch_job *job, struct patch_window *w, int first, u8 ends)
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
		class = word_class(job, first + k);
		if ((class & WORD_ABSENT) || is_left_out(job, first + k, class))
			continue;
		w->seen |= 1U << k;
		w->good |= !!(class & WORD_GOOD) << k;
		w->ends |= !!(class & ends) << k;
	}
}

/* Counts the neighbours that @mask has. */
static void weigh(const struct patch_window *w, unsigned int mask, struct side *side)
{
	side->seen = hweight8(w->seen & mask);
	side->good = hweight8(w->good & mask);
}

/*
 * Weighs up to NEIGHBOURS words before @i (known literals left out), stopping
 * where the flow before ended.
 */
static void look_back(struct patch_job *job, int i, struct side *side)
{
	struct patch_window *w = &job->back;

	slide(job, w, i - NEIGHBOURS, WORD_ENDS_HERE);
	side->ended = w->ends;
	weigh(w, side->ended ? ~0U << fls(w->ends) : ~0U, side);
}

/* The same behind @i, where what ends the flow belongs to it. */
static void look_ahead(struct patch_job *job, int i, struct side *side)
{
	struct patch_window *w = &job->ahead;

	slide(job, w, i + 1, WORD_ENDS);
	side->ended = w->ends;
	weigh(w, side->ended ? (2U << __ffs(w->ends)) - 1 : ~0U, side);
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

/* Behind the words of @scan, those up to @i. */
static void scan_up(struct patch_job *job, struct patch_scan *scan, int i)
{
	int good = PATCH_NOWHERE, j;
	u8 class;

	for (j = i - 1; j >= scan->high; j--) {
		class = word_class(job, j);
		if (is_left_out(job, j, class))
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
static bool scan_has_call(struct patch_job *job, const struct patch_scan *scan)
{
	return scan->good != PATCH_NOWHERE && (word_class(job, scan->good) & WORD_CALL);
}

/* Before the words of @scan, as far as it takes, and not before @lowest. */
static void scan_down(struct patch_job *job, struct patch_scan *scan, int lowest)
{
	u8 class;

	while (scan->end == PATCH_NOWHERE && scan->low > lowest && !scan_has_call(job, scan)) {
		class = word_class(job, --scan->low);
		if (is_left_out(job, scan->low, class))
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
static bool find_zone(struct patch_job *job, int i, struct zone *zone)
{
	struct patch_scan *scan = &job->scan;
	int lowest = i - ZONE_REACH, good, end;

	if (!job->view->prev && lowest < 0)
		lowest = 0;
	if (i < scan->high || lowest > scan->high)
		*scan = (struct patch_scan) { i, i, PATCH_NOWHERE, PATCH_NOWHERE };
	scan_up(job, scan, i);
	scan_down(job, scan, lowest);
	good = scan->good >= lowest ? scan->good : PATCH_NOWHERE;
	end = scan->end >= lowest ? scan->end : PATCH_NOWHERE;

	zone->call = good > end && scan_has_call(job, scan);
	zone->bare = good <= end || zone->call;
	if (zone->call || end != PATCH_NOWHERE) {
		zone->start = (zone->call ? good : end) + 1;
		return true;
	}
	/* what the page before holds isn't known: more likely the rest of a table */
	zone->start = lowest;
	return zone->bare && !lowest;
}

/* What branches and ADRs of @src, a page that begins @at words from the middle one, point to in that one. */
static void mark_targets_of(struct patch_job *job, const u32 *src, int at)
{
	struct patch_marks *marks = &job->marks;
	bool branches;
	int i, t;

	for (i = 0; i < (int)PATCH_PAGE_WORDS; i++) {
		branches = flow_arm_branch(src[i], &t);
		if (!branches) {
			if (insn_cond(src[i]) != INSN_COND_AL || !flow_arm_adr(src[i], &t))
				continue;
			t = (t - (t & 3)) / 4;
		}
		t += at + i;
		if (t < 0 || t >= (int)PATCH_PAGE_WORDS || !patch_stands_in_code(job, at + i))
			continue;
		patch_set_bit(branches ? &marks->target : &marks->pointed, t);
	}
}

static void mark_targets(struct patch_job *job)
{
	const struct patch_view *view = job->view;

	job->marks.have_targets = true;
	if (view->prev)
		mark_targets_of(job, view->prev, -(int)PATCH_PAGE_WORDS);
	mark_targets_of(job, view->page, 0);
	if (view->next)
		mark_targets_of(job, view->next, PATCH_PAGE_WORDS);
}

/* Is one of the words [@from, @to] marked in @map? */
static bool any_marked(const struct patch_bitmap *map, int from, int to)
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
static bool in_data_zone(struct patch_job *job, int i, u32 word, enum insn_kind kind)
{
	const struct patch_marks *marks = &job->marks;
	struct side back, ahead;
	struct zone zone;
	bool ended;

	if (patch_is_narrow(word, kind))
		return false;

	look_back(job, i, &back);
	if (!back.ended && back.seen == NEIGHBOURS && looks_like_code(&back))
		return false;
	if (!marks->have_targets)
		mark_targets(job);

	ended = find_zone(job, i, &zone);
	if (ended && zone.bare && insn_cond(word) != INSN_COND_AL &&
	    (!zone.call || patch_test_bit(&marks->weak, i) ||
	     any_marked(&marks->pointed, zone.start, i)))
		return !any_marked(&marks->target, zone.start, i);

	if (looks_like_code(&back))
		return false;
	look_ahead(job, i, &ahead);
	if (looks_like_code(&ahead))
		return false;
	if (!ended)
		return back.seen && ahead.seen && !patch_test_bit(&marks->target, i);
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

/* Bits 31:20 of a word, or bits 15:4 of its lower half, say what it may be. */
#define TOP_ARM		1	/* as suspect_ops[], the unconditional space included */
#define TOP_THUMB	2	/* the first half of what is sensitive in T32 */
#define TOP_BLX		4	/* calls T32 code (A8.8.25 A2); of whole words */
static u8 tops[4096];

void patch_init(void)
{
	unsigned int i;

	/* the unconditional space: CPS; SRS and RFE; not barriers and preloads */
	for (i = 0; i < ARRAY_SIZE(tops); i++) {
		tops[i] = i >> 8 == INSN_COND_NONE ?
			  (i & 0xff) == 0x10 || (i & 0xe0) == 0x80 : suspect_ops[i & 0xff];
		if (patch_thumb_top(i))
			tops[i] |= TOP_THUMB;
		if (i >> 5 == 0xfa0 >> 5)
			tops[i] |= TOP_BLX;
	}
}

static u8 word_tops(u32 word)
{
	return tops[word >> 20] | (tops[word >> 4 & 0xfff] & TOP_THUMB);
}

/*
 * The first group of eight words, from @i on, that may have a suspect.  Each of a page's
 * words passes here: six or seven instructions a word.
 */
static unsigned int next_group(const u32 *page, unsigned int i)
{
	const u32 *w;

	for (; i < PATCH_PAGE_WORDS; i += 8) {
		w = page + i;
		if (word_tops(w[0]) | word_tops(w[1]) | word_tops(w[2]) | word_tops(w[3]) |
		    word_tops(w[4]) | word_tops(w[5]) | word_tops(w[6]) | word_tops(w[7]))
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

void patch_count(struct patch_stats *stats, enum insn_kind kind)
{
	if (kind == INSN_CP_REG)
		stats->rewritten++;
	else
		stats->sensitive++;
}

static bool is_suspect(struct patch_job *job, u32 word)
{
	if (!may_be_suspect(job->opts, word))
		return false;
	if (patch_is_udf(word)) {
		patch_keep_udf(job->dict, word);
		job->stats->udf++;
		return false;
	}
	return patch_wanted(job->opts, word, insn_decode_arm(word));
}

/* What in the word at @i may need a replacement, in one state or the other. */
static void find_in_word(struct patch_job *job, unsigned int i)
{
	const bool all = job->opts & PATCH_EXCL;
	u32 word = job->dst[i];
	unsigned int half;

	if ((all || (tops[word >> 20] & TOP_ARM)) && is_suspect(job, word)) {
		patch_set_bit(&job->suspects, i);
		if (!job->nr_arm++)
			job->first = i;
		job->last = i;
	}
	if (tops[word >> 20] & TOP_BLX)
		patch_note_blx(job, i, word);
	for (half = 0; half < 2; half++) {
		unsigned int h = 2 * i + half;

		if ((all || (tops[word >> (half ? 20 : 4) & 0xfff] & TOP_THUMB)) &&
		    patch_thumb_suspect(job, h)) {
			job->work->thumb[h / 32] |= 1U << h % 32;
			job->nr_thumb++;
		}
	}
}

static void find_suspects(struct patch_job *job)
{
	const bool all = job->opts & PATCH_EXCL;
	unsigned int i, group;

	memset(job->work->thumb, 0, sizeof(job->work->thumb));
	for (group = all ? 0 : next_group(job->dst, 0); group < PATCH_PAGE_WORDS;
	     group = all ? group + 8 : next_group(job->dst, group + 8)) {
		for (i = group; i < group + 8; i++)
			find_in_word(job, i);
	}
}

bool patch_is_data(struct patch_job *job, int i, u32 word, enum insn_kind kind)
{
	if (is_literal(&job->marks, i)) {
		job->stats->data_literal++;
		return true;
	}
	if (in_data_zone(job, i, word, kind)) {
		job->stats->data_zone++;
		return true;
	}
	return false;
}

/* The first word behind the straight run of A32 code that begins where the page is entered. */
static int entered_until(const u32 *page, int i)
{
	for (; i < (int)PATCH_PAGE_WORDS; i++) {
		if (flow_arm_ends(page[i], i ? page[i - 1] : 0))
			return i + 1;
	}
	return i;
}

int patch_arm_word(struct patch_job *job, int i, enum insn_kind kind)
{
	int ret = patch_kind(job->dict, job->opts, job->dst[i], kind, &job->dst[i]);

	if (ret < 0)
		return ret;
	if (job->replaced)
		patch_set_bit(job->replaced, i);
	patch_count(job->stats, kind);
	return 0;
}

/* A page that has A32 code alone. */
static int patch_arm(struct patch_job *job)
{
	const struct patch_view *view = job->view;
	int entry = -1, entered = 0, i, ret;
	enum insn_kind kind;

	if (view->entry && !view->thumb) {
		entry = (view->entry - 1) / 2;
		entered = entered_until(job->dst, entry);
	}
	for (i = job->first; i <= job->last; i = patch_next_bit(&job->suspects, i + 1)) {
		/* the copy, not the source: another vCPU may be writing there */
		kind = insn_decode_arm(job->dst[i]);
		if ((i < entry || i >= entered) && patch_is_data(job, i, job->dst[i], kind))
			continue;
		ret = patch_arm_word(job, i, kind);
		if (ret)
			return ret;
	}
	return 0;
}

int patch_page(const struct patch_view *view, u32 *dst, struct insn_dict *dict,
	       unsigned int opts, struct patch_work *work, struct patch_bitmap *replaced,
	       struct patch_stats *stats)
{
	const int words = PATCH_PAGE_WORDS;
	struct patch_job job = {
		.view = view,
		.dst = dst,
		.dict = dict,
		.opts = opts,
		.work = work,
		.replaced = replaced,
		.stats = stats,
		.scan = { PATCH_NOWHERE, PATCH_NOWHERE, PATCH_NOWHERE, PATCH_NOWHERE },
		.back.first = PATCH_NOWHERE,
		.ahead.first = PATCH_NOWHERE,
	};
	int first, last;

	if (replaced)
		memset(replaced, 0, sizeof(*replaced));
	memcpy(dst, view->page, PATCH_PAGE_BYTES);
	memset(work->class, 0, sizeof(work->class));
	work->nr_hints = 0;
	find_suspects(&job);
	if (!job.nr_arm && !job.nr_thumb)
		return 0;

	/* LDR reaches 4095 bytes from 8 behind itself, LDRD reads a word more */
	first = job.nr_thumb ? 0 : job.first;
	last = job.nr_thumb ? words : job.last;
	if (view->prev)
		mark_literals(&job, view->prev, -words, max(first - 3, 0), words);
	mark_literals(&job, view->page, 0, 0, words);
	if (view->next)
		mark_literals(&job, view->next, words, 0, min(last, words));
	if (patch_might_mix(&job))
		return patch_both(&job);
	stats->left_thumb += job.nr_thumb;
	return job.nr_arm ? patch_arm(&job) : 0;
}
