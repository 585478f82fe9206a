/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the patcher share:
 *   patch.c       replacements of single A32 words, and the way back
 *   patch-page.c  the copy of a page: suspects
 *   patch-data.c  code or data
 *   patch-both.c  pages with code of both states
 *   thumb.c       replacements of single T32 instructions
 *   flow.c        where control goes
 */
#ifndef ARMKVM_CORE_PATCH_IMPL_H
#define ARMKVM_CORE_PATCH_IMPL_H

#include <linux/bitops.h>

#include "decode.h"
#include "patch.h"

#define COND_AL		(INSN_COND_AL << 28)
#define COND_MASK	0xf0000000U

/* -- patch.c -- */

static inline bool patch_is_udf(u32 word)
{
	return insn_cond(word) != INSN_COND_NONE && (word & PATCH_UDF_MASK) == PATCH_UDF_VALUE;
}

/* The self-describing index of @word (condition AL or 1111), 0 if it has none. */
u32 patch_static_index(u32 word, enum insn_kind kind);
/* Does @word, of @kind, need a replacement under @opts? */
bool patch_wanted(unsigned int opts, u32 word, enum insn_kind kind);
/* An MRC of TPIDRPRW that becomes one of TPIDRURW: PATCH_TPIDRPRW.  @word: with any condition. */
bool patch_is_tpidrprw_read(unsigned int opts, u32 word);
/* MCR and MRC of TPIDRURW */
bool patch_is_tpidrurw(u32 word);
/* MCR and MRC of what PL0 may access of the host core: debug registers, PMUSERENR. */
bool patch_names_host_state(u32 word);
/* A UDF in the guest's memory keeps its meaning: patch.h. */
void patch_keep_udf(struct insn_dict *dict, u32 word);
/* patch_word() for who knows the kind of @word. */
int patch_kind(struct insn_dict *dict, unsigned int opts, u32 word, enum insn_kind kind,
	       u32 *out);

/* -- patch-page.c -- */

static inline bool patch_test_bit(const struct patch_bitmap *map, unsigned int n)
{
	return (map->bits[n / 32] >> n % 32) & 1;
}

static inline void patch_set_bit(struct patch_bitmap *map, unsigned int n)
{
	map->bits[n / 32] |= 1U << n % 32;
}

/* The first bit that is set from @n on; PATCH_PAGE_WORDS if none is. */
static inline int patch_next_bit(const struct patch_bitmap *map, unsigned int n)
{
	u32 bits;

	for (; n < PATCH_PAGE_WORDS; n = (n | 31) + 1) {
		bits = map->bits[n / 32] >> n % 32;
		if (bits)
			return n + __ffs(bits);
	}
	return PATCH_PAGE_WORDS;
}

/*
 * What instructions of the pages in view say about the words of the middle one.
 * The last two are made when they are first asked for: most pages don't need them.
 */
struct patch_marks {
	struct patch_bitmap literal;	/* loaded by code; or loaded, and of no interest */
	struct patch_bitmap weak;	/* suspects loaded by what may be data itself */
	struct patch_bitmap target;	/* what may be code branches there: patch_work.from */
	struct patch_bitmap pointed;	/* an ADR in code points there */
	bool have_targets;
};

/* What patch_work.class has of a word; 0: it was not looked at yet. */
#define WORD_KNOWN_GOOD	0x01		/* whether it is WORD_GOOD is known */
#define WORD_KNOWN	0x81		/* and the rest, too */
#define WORD_ABSENT	0x02		/* its page isn't there */
#define WORD_GOOD	0x04		/* unconditional and defined */
#define WORD_NEUTRAL	0x08		/* says nothing of what stands beside it */
#define WORD_CALL	0x10		/* BL */
#define WORD_ENDS	0x20		/* control never goes on behind it: flow_arm_ends() */
#define WORD_ENDS_HERE	0x40		/* WORD_ENDS, with the word before considered */

#define PATCH_NOWHERE	(-4 * (int)PATCH_PAGE_WORDS)

/* Words [low, high) were looked at for where the code before a suspect ends. */
struct patch_scan {
	int low;
	int high;
	int end;		/* the last end of flow among them, or PATCH_NOWHERE */
	int good;		/* the last unconditional instruction, or PATCH_NOWHERE */
};

/* Neighbours of a suspect, a bit each, the one at @first the lowest; see patch-data.c. */
struct patch_window {
	int first;
	u8 seen;
	u8 good;
	u8 ends;
};

/* What a copy is made of and from. */
struct patch_job {
	const struct patch_view *view;
	u32 *dst;
	struct insn_dict *dict;
	unsigned int opts;
	struct patch_work *work;
	struct patch_bitmap *replaced;	/* or NULL */
	struct patch_stats *stats;
	struct patch_bitmap suspects;	/* of words, in A32 */
	unsigned int nr_arm;		/* of these, and the first and the last */
	int first;
	int last;
	unsigned int nr_thumb;		/* in work->thumb */
	struct patch_marks marks;
	struct patch_scan scan;
	struct patch_window back;
	struct patch_window ahead;
};

/* Replaces the suspect at word @i, of @kind, in job->dst.  Returns 0 or -ENOSPC. */
int patch_arm_word(struct patch_job *job, int i, enum insn_kind kind);
void patch_count(struct patch_stats *stats, enum insn_kind kind);

/* -- patch-data.c -- */

/* Encodings so narrow that nothing but rule (a) makes data of them. */
bool patch_is_narrow(u32 word, enum insn_kind kind);
/* Is the word at @i, which looks like an instruction, surrounded by such? */
bool patch_stands_in_code(struct patch_job *job, int i);
/*
 * Marks what the words [@from, @to) of @src load, a page that begins @at words from the
 * middle one.  Some more words at both ends do no harm: they are taken by eight.
 */
void patch_mark_literals(struct patch_job *job, const u32 *src, int at, int from, int to);
/* Is @word at @i, of @kind, data?  Rules (a) and (b) of patch.h */
bool patch_is_data(struct patch_job *job, int i, u32 word, enum insn_kind kind);

/* -- patch-both.c -- */

/* Halfwords of which bits 15:4 are @top: may they begin what is sensitive in T32? */
bool patch_thumb_top(unsigned int top);
/* The BLX @word at @i, or a @literal, may say where there is T32 code. */
void patch_note_blx(struct patch_job *job, int i, u32 word);
void patch_note_literal(struct patch_job *job, u32 literal);
/* Is what begins at halfword @h of job->dst to be replaced if it is T32 code? */
bool patch_thumb_suspect(struct patch_job *job, int h);
/* May the page have T32 code that is executed in a privileged mode?  Then work->flow is made. */
bool patch_might_mix(struct patch_job *job);
/*
 * Puts the replacements of a page that patch_might_mix() is true of into job->dst.  Returns 0 or
 * -ENOSPC.
 */
int patch_both(struct patch_job *job);

#endif /* ARMKVM_CORE_PATCH_IMPL_H */
