// SPDX-License-Identifier: GPL-2.0-only
/*
 * The copy of a page: what in it is sensitive; see patch-data.c for code or data.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "decode.h"
#include "patch-impl.h"

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
#define TOP_EXCL	8	/* as TOP_THUMB, of PATCH_EXCL */
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
		/* thumb_is_exclusive() */
		if ((i & 0xffe) == 0xe84 || (i & 0xffe) == 0xe8c || i == 0xf3b)
			tops[i] |= TOP_EXCL;
		if (i >> 5 == 0xfa0 >> 5)
			tops[i] |= TOP_BLX;
	}
}

static u8 page_tops(u32 word)
{
	return (tops[word >> 20] & ~TOP_EXCL) | (tops[word >> 4 & 0xfff] & TOP_THUMB);
}

/* The same of a copy that has exclusives replaced (@all), if something may be there. */
static bool page_may_matter(u32 word, bool all)
{
	return page_tops(word) ||
	       (all && (((tops[word >> 20] | tops[word >> 4 & 0xfff]) & TOP_EXCL) ||
			patch_is_exclusive(word)));
}

/*
 * The first group of eight words, from @i on, that may have a suspect.  Each of a page's
 * words passes here: six or seven instructions a word.
 */
static unsigned int page_next_group(const u32 *page, unsigned int i)
{
	const u32 *w;

	for (; i < PATCH_PAGE_WORDS; i += 8) {
		w = page + i;
		if (page_tops(w[0]) | page_tops(w[1]) | page_tops(w[2]) | page_tops(w[3]) |
		    page_tops(w[4]) | page_tops(w[5]) | page_tops(w[6]) | page_tops(w[7]))
			break;
	}
	return i;
}

static bool page_may_be_suspect(unsigned int opts, u32 word)
{
	u32 op = insn_field(word, 20, 8);
	bool conditional = insn_cond(word) != INSN_COND_NONE;

	if ((opts & PATCH_EXCL) && patch_is_exclusive(word))
		return true;
	if (!suspect_ops[op] && conditional)
		return false;
	/* MCR and MRC of the coprocessors 14 and 15; most are floating point's */
	if (op >= 0xe0)
		return (word & 0xe10) == 0xe10 &&
		       (opts & (PATCH_PRIV | PATCH_TPIDRPRW | PATCH_TPIDRURW));
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

static bool page_is_suspect(struct patch_job *job, u32 word)
{
	if (!page_may_be_suspect(job->opts, word))
		return false;
	if (patch_is_udf(word)) {
		patch_keep_udf(job->dict, word);
		job->stats->udf++;
		return false;
	}
	return patch_wanted(job->opts, word, insn_decode_arm(word));
}

/* What in the word at @i may need a replacement, in one state or the other. */
static void page_find_in_word(struct patch_job *job, unsigned int i)
{
	const bool all = job->opts & PATCH_EXCL;
	const u8 thumb = all ? TOP_THUMB | TOP_EXCL : TOP_THUMB;
	u32 word = job->dst[i];
	unsigned int half;

	if ((all || (tops[word >> 20] & TOP_ARM)) && page_is_suspect(job, word)) {
		patch_set_bit(&job->suspects, i);
		if (!job->nr_arm++)
			job->first = i;
		job->last = i;
	}
	if (tops[word >> 20] & TOP_BLX)
		patch_note_blx(job, i, word);
	for (half = 0; half < 2; half++) {
		unsigned int h = 2 * i + half;

		if ((tops[word >> (half ? 20 : 4) & 0xfff] & thumb) &&
		    patch_thumb_suspect(job, h)) {
			job->work->thumb[h / 32] |= 1U << h % 32;
			job->nr_thumb++;
		}
	}
}

static void page_find_suspects(struct patch_job *job)
{
	const bool all = job->opts & PATCH_EXCL;
	unsigned int i, group;

	memset(job->work->thumb, 0, sizeof(job->work->thumb));
	for (group = all ? 0 : page_next_group(job->dst, 0); group < PATCH_PAGE_WORDS;
	     group = all ? group + 8 : page_next_group(job->dst, group + 8)) {
		for (i = group; i < group + 8; i++) {
			if (page_may_matter(job->dst[i], all))
				page_find_in_word(job, i);
		}
	}
}

/* The first word behind the straight run of A32 code that begins where the page is entered. */
static int page_entered_until(const u32 *page, int i)
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
static int page_patch_arm(struct patch_job *job)
{
	const struct patch_view *view = job->view;
	int entry = -1, entered = 0, i, ret;
	enum insn_kind kind;

	if (view->entry && !view->thumb) {
		entry = (view->entry - 1) / 2;
		entered = page_entered_until(job->dst, entry);
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
	page_find_suspects(&job);
	if (!job.nr_arm && !job.nr_thumb)
		return 0;

	/* LDR reaches 4095 bytes from 8 behind itself, LDRD reads a word more */
	first = job.nr_thumb ? 0 : job.first;
	last = job.nr_thumb ? words : job.last;
	if (view->prev)
		patch_mark_literals(&job, view->prev, -words, max(first - 3, 0), words);
	patch_mark_literals(&job, view->page, 0, 0, words);
	if (view->next)
		patch_mark_literals(&job, view->next, words, 0, min(last, words));
	if (patch_might_mix(&job))
		return patch_both(&job);
	stats->left_thumb += job.nr_thumb;
	return job.nr_arm ? page_patch_arm(&job) : 0;
}
