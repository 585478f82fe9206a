// SPDX-License-Identifier: GPL-2.0-only
/*
 * The patcher and its dictionary: the index space, the way there and back, and
 * the rules that tell code from data.
 */
#include <linux/errno.h>

#include "test.h"

/* for page_may_be_suspect() and patch_is_cp() */
#include "patch.c"
#include "patch-data.c"
#include "patch-page.c"
#include "thumb.h"

/*
 * Basic blocks of the patcher and of what it calls: insn.mk has them counted. With the sanitizer's
 * own that is less than an instruction each as the kernel has it compiled.
 */
static unsigned long blocks;

#if defined(__clang__)
__attribute__((no_sanitize("coverage")))
#else
__attribute__((no_sanitize_coverage))
#endif
void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

#define AL_NOP		0xe1a00000U	/* mov r0, r0 */
#define BX_LR		0xe12fff1eU
#define CPSID_I		0xf10c0080U
#define MRS_R3		0xe10f3000U
#define LDM_USER_NE	0x18d06000U	/* ldmiane r0, {sp, lr}^ */
#define LDM_USER_AL	0xe8d01ffeU	/* ldmia r0, {r1-r12}^: no static index */
#define PAGE_BYTES	(4 * PATCH_PAGE_WORDS)

static u32 dict_words[DICT_MAX_WORDS];
static u16 dict_hash[65536];
static struct insn_dict dict;

static u32 prev[PATCH_PAGE_WORDS], page[PATCH_PAGE_WORDS], next[PATCH_PAGE_WORDS];
static u32 dst[PATCH_PAGE_WORDS];
static struct patch_work work;
static struct patch_bitmap replaced;
static struct patch_stats stats;

static void setup(void)
{
	dict_init(&dict, dict_words, dict_hash, DICT_MAX_WORDS);
	for (unsigned int i = 0; i < PATCH_PAGE_WORDS; i++)
		prev[i] = page[i] = next[i] = AL_NOP;
}

static void run(unsigned int opts)
{
	struct patch_view view = { .prev = prev, .page = page, .next = next };

	memset(&stats, 0, sizeof(stats));
	CHECK_EQ(patch_page(&view, dst, &dict, opts, &work, &replaced, &stats), 0, "patch_page()");
	for (unsigned int i = 0; i < PATCH_PAGE_WORDS; i++) {
		CHECK(unpatch_word(&dict, opts, dst[i]) == page[i], "word %u: %08x became %08x", i,
		      page[i], dst[i]);
		CHECK(patch_test_bit(&replaced, i) == (dst[i] != page[i]), "word %u: bitmap", i);
	}
}

static bool is_replaced(unsigned int i)
{
	return patch_test_bit(&replaced, i);
}

static u32 patched(unsigned int opts, u32 word)
{
	u32 out;
	int ret = patch_word(&dict, opts, word, &out);

	CHECK(ret == (out != word), "%08x: patch_word() returned %d", word, ret);
	CHECK(unpatch_word(&dict, opts, out) == word, "%08x: the way back gives %08x", word,
	      unpatch_word(&dict, opts, out));
	return out;
}

/* The trap stub is built on these numbers. */
static void static_indices(void)
{
	static const struct {
		u32 word, udf;
	} cases[] = {
		{ 0xe320f003, 0xe7fa00f1 },	/* wfi */
		{ 0xe1b0f00e, 0xe7fa00f2 },	/* movs pc, lr */
		{ 0xe25ef004, 0xe7fa00f3 },	/* subs pc, lr, #4 */
		{ 0xe25ef008, 0xe7fa00f4 },	/* subs pc, lr, #8 */
		{ 0xe160006e, 0xe7fa00f5 },	/* eret */
		{ 0xe10f3000, 0xe7fa10f3 },	/* mrs r3, cpsr */
		{ 0x110fc000, 0x17fa10fc },	/* mrsne r12, cpsr */
		{ 0xe14fe000, 0xe7fa11fe },	/* mrs lr, spsr */
		{ 0xe121f003, 0xe7fa21f3 },	/* msr cpsr_c, r3 */
		{ 0xe129f000, 0xe7fa29f0 },	/* msr cpsr_fc, r0 */
		{ 0xe16ff00e, 0xe7fa3ffe },	/* msr spsr_fsxc, lr */
		{ 0xf10c0080, 0xe7fae4f0 },	/* cpsid i: imod 3, AIF 2 */
		{ 0xf1080080, 0xe7fac4f0 },	/* cpsie i */
		{ 0xf102001f, 0xe7fa91ff },	/* cps #0x1f */
		{ 0xe9486000, 0xe7fa50f8 },	/* stmdb r8, {sp, lr}^ */
		{ 0xe95d7ffe, 0xe7fa54fd },	/* ldmdb sp, {r1-lr}^ */
		{ 0xe8ddffff, 0xe7fa5afd },	/* ldmia sp, {r0-pc}^ */
	};
	static const struct {
		unsigned int opts;
		u32 word, out;
	} cp[] = {
		{ 0, 0xee1d3f90, 0xee1d3f90 },
		{ 0, 0xee1d3f50, 0xee1d3f50 },
		{ PATCH_PRIV, 0xee1d3f90, 0xe7fa40f3 },	/* mrc TPIDRPRW */
		{ PATCH_PRIV, 0xee033f10, 0xe7fa43f3 },	/* mcr DACR */
		{ PATCH_PRIV, 0xee073f3a, 0xe7fa44f3 },	/* mcr DCCMVAC */
		{ PATCH_PRIV, 0xee1d3f50, 0xee1d3f50 },	/* mrc TPIDRURW: native */
		{ PATCH_PRIV, 0xfe1d3f90, 0xfe1d3f90 },	/* mrc2 */
		{ PATCH_TPIDRPRW, 0xee1d3f90, 0xee1d3f50 },
		{ PATCH_TPIDRPRW, 0x0e1d3f90, 0x0e1d3f50 },
		{ PATCH_TPIDRURW, 0xee1d3f50, 0xe7fa48f3 },
		{ PATCH_TPIDRURW, 0xee0d3f50, 0xe7fa49f3 },
		{ PATCH_TPIDRURW | PATCH_TPIDRPRW, 0xee1d3f90, 0xee1d3f50 },
		{ PATCH_TPIDRURW | PATCH_PRIV, 0xee1d3f90, 0xe7fa40f3 },	/* exact_tpidr */
		{ PATCH_TPIDRPRW, 0xee0d3f90, 0xee0d3f90 },
		{ PATCH_TPIDRPRW | PATCH_PRIV, 0xee0d3f90, 0xe7fa41f3 },
		{ PATCH_TPIDRPRW | PATCH_PRIV, 0xee1d3f90, 0xee1d3f50 },
	};

	setup();
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK(patched(0, cases[i].word) == cases[i].udf, "%08x became %08x, not %08x",
		      cases[i].word, patched(0, cases[i].word), cases[i].udf);
	for (unsigned int i = 0; i < ARRAY_SIZE(cp); i++)
		CHECK(patched(cp[i].opts, cp[i].word) == cp[i].out, "%08x became %08x, not %08x",
		      cp[i].word, patched(cp[i].opts, cp[i].word), cp[i].out);
	CHECK_EQ(dict.nr, 0, "dictionary entries");
}

/* LDRT and its relatives without their T: the same at PL0, and never undone. */
static void plain_unprivileged(void)
{
	static const struct {
		u32 word, out;
	} cases[] = {
		{ 0xe4b12004, 0xe4912004 },	/* ldrt r2, [r1], #4 */
		{ 0xe6212083, 0xe6012083 },	/* strt r2, [r1], -r3, lsl #1 */
		{ 0x14f12001, 0x14d12001 },	/* ldrbtne r2, [r1], #1 */
		{ 0xe0f120b2, 0xe0d120b2 },	/* ldrht r2, [r1], #2 */
		{ 0xe0b120f4, 0xe09120f4 },	/* ldrsht r2, [r1], r4 */
		{ 0xe4b12000, 0xe4912000 },	/* ldrt r2, [r1] */
		{ 0xe4912004, 0xe4912004 },	/* ldr r2, [r1], #4 */
		{ 0xe5b12004, 0xe5b12004 },	/* ldr r2, [r1, #4]! */
	};
	u32 out;

	setup();
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK_EQ(patch_word(&dict, PATCH_PLAIN, cases[i].word, &out),
			 cases[i].word != cases[i].out, "patch_word()");
		CHECK(out == cases[i].out, "%08x became %08x", cases[i].word, out);
		CHECK(unpatch_word(&dict, PATCH_PLAIN, out) == out, "%08x is undone", out);
		CHECK_EQ(patch_word(&dict, 0, cases[i].word, &out), 0, "without the option");
		/* exact rights need the trap */
		if (cases[i].word != cases[i].out)
			CHECK(patch_is_udf(patched(PATCH_PLAIN | PATCH_UNPRIV, cases[i].word)),
			      "%08x with both options", cases[i].word);
	}
}

/* Every index either stands for nothing, or for a word that gets this very index. */
static void index_space(void)
{
	unsigned int issued = 0;

	setup();
	for (u32 index = 0; index < 0x10000; index++) {
		u32 word = patch_udf(COND_MASK & 0xe0000000, index), out;
		u32 orig = unpatch_word(&dict, PATCH_PRIV | PATCH_TPIDRPRW, word);

		if (orig == word)
			continue;
		issued++;
		CHECK(index >= PATCH_IX_FIRST && index < DICT_FIRST, "index %x is issued", index);
		patch_word(&dict, PATCH_PRIV | PATCH_TPIDRURW, orig, &out);
		CHECK(out == word, "index %x stands for %08x, which gets %08x", index, orig, out);
		CHECK(insn_is_silent(insn_decode_arm(orig)) || insn_decode_arm(orig) == INSN_CP_REG,
		      "index %x stands for %08x, an %s", index, orig,
		      insn_kind_name(insn_decode_arm(orig)));
	}
	CHECK(issued > 2048 + 32 + 2 * 192, "only %u indices are issued", issued);
	CHECK_EQ(dict.nr, 0, "dictionary entries");
}

/* Random words of all kinds, there and back; replacements are UDF with the condition. */
static void round_trip(void)
{
	u32 seed = 1, n = 0;

	setup();
	for (unsigned int i = 0; i < 4000000 && dict.nr < DICT_MAX_WORDS - THUMB_LOOK_INDICES; i++) {
		unsigned int opts = (i & 7) | (i & 16 ? PATCH_TPIDRURW : 0);
		u32 word = test_random(&seed), out;
		enum insn_kind kind;

		/* most tries go where sensitive instructions are many */
		if (i & 8)
			word = (word & 0xf00fffff) | 0x01000000 | (word & 0x00f00000);
		kind = insn_decode_arm(word);
		CHECK(page_may_be_suspect(opts, word) || !patch_wanted(opts, word, kind),
		      "%08x slips through", word);
		if (kind == INSN_UDF)
			continue;	/* may be taken for a replacement */
		if ((opts & PATCH_TPIDRPRW) && patch_is_cp(word, PATCH_CP_TPIDRURW_READ))
			continue;
		out = patched(opts, word);
		if (out == word) {
			CHECK(!insn_is_silent(kind) || kind == INSN_LDST_UNPRIV, "%08x stays", word);
			continue;
		}
		n++;
		if (patch_is_cp(out, PATCH_CP_TPIDRURW_READ))
			continue;
		CHECK(insn_decode_arm(out) == INSN_UDF, "%08x became %08x", word, out);
		CHECK(insn_cond(out) == (insn_cond(word) == 15 ? 14 : insn_cond(word)),
		      "%08x became %08x: condition", word, out);
		CHECK(insn_imm16(out) >= PATCH_IX_FIRST, "%08x: index out of range", word);
	}
	CHECK(n > 10000, "only %u replacements tried", n);
}

static void dictionary(void)
{
	static u32 small[8], large[64];
	static u16 small_hash[16], large_hash[128];
	u32 word, out;

	CHECK_EQ(dict_slots(8), 16, "slots");
	CHECK_EQ(dict_slots(64), 128, "slots");
	CHECK_EQ(dict_slots(DICT_MAX_WORDS), 65536, "slots");
	dict_init(&dict, small, small_hash, 8);
	for (u32 i = 0; i < 8; i++)
		CHECK_EQ(dict_add(&dict, 0xe8d00001 + i), DICT_FIRST + i, "index");
	CHECK_EQ(dict_add(&dict, 0xe8d00100), -ENOSPC, "adding to a full dictionary");
	CHECK_EQ(dict_add(&dict, 0xe8d00003), DICT_FIRST + 2, "a known word's index");
	CHECK_EQ(patch_word(&dict, 0, 0xe8d00100, &out), -ENOSPC, "patch_word()");

	dict_move(&dict, large, large_hash, 64);
	CHECK_EQ(dict_add(&dict, 0xe8d00003), DICT_FIRST + 2, "index after the move");
	CHECK(dict_word(&dict, DICT_FIRST + 7, &word) && word == 0xe8d00008, "word after the move");
	dict_claim(&dict, DICT_FIRST + 9, 0xe7fb00f9);
	dict_claim(&dict, DICT_FIRST + 2, 0xe7fb00f2);
	dict_claim(&dict, DICT_FIRST + 64, 0xe7fb04f0);
	dict_claim(&dict, 3, 0xe7f000f3);
	CHECK_EQ(dict_add(&dict, 0xe8d00100), DICT_FIRST + 8, "index");
	CHECK_EQ(dict_add(&dict, 0xe8d00200), DICT_FIRST + 10, "the index after a claimed one");
	CHECK(dict_word(&dict, DICT_FIRST + 2, &word) && word == 0xe8d00003, "a claim took an index");
	CHECK(!dict_word(&dict, DICT_FIRST + 11, &word), "an index not issued has a word");
	CHECK(!dict_word(&dict, DICT_FIRST + 64, &word), "an index out of range has a word");
	CHECK(!dict_word(&dict, 0, &word), "index 0 has a word");
	CHECK_EQ(dict.nr, 11, "entries");
	for (u32 i = 0; i < 53; i++)
		CHECK(dict_add(&dict, 0xe8d01000 + i) > 0, "full too early");
	CHECK_EQ(dict_add(&dict, 0xe8d02000), -ENOSPC, "adding to a full dictionary");
}

static void full_dictionary(void)
{
	struct patch_view view = { .page = page };

	setup();
	dict.max = 2;
	page[0] = LDM_USER_AL;
	page[1] = LDM_USER_AL + 2;
	page[2] = LDM_USER_AL + 4;
	page[3] = CPSID_I;
	CHECK_EQ(patch_page(&view, dst, &dict, 0, &work, NULL, &stats), -ENOSPC, "patch_page()");
	page[2] = LDM_USER_AL;
	CHECK_EQ(patch_page(&view, dst, &dict, 0, &work, NULL, &stats), 0, "patch_page()");
}

/* What the fetch itself runs is code, whatever it looks like; zeros say nothing. */
static void entry(void)
{
	struct patch_view view = { .page = page, .entry = 1 + 2 * 16 };
	struct patch_bitmap map;
	u32 i;

	setup();
	for (i = 0; i < PATCH_PAGE_WORDS; i++)
		page[i] = 0x12345678;	/* conditional: no code */
	page[10] = LDM_USER_AL;
	page[16] = LDM_USER_AL;
	page[18] = LDM_USER_NE;
	page[19] = 0xe12fff1e;		/* BX lr */
	page[20] = LDM_USER_AL;
	CHECK_EQ(patch_page(&view, dst, &dict, 0, &work, &map, &stats), 0, "patch_page()");
	CHECK(map.bits[0] == (1U << 16 | 1U << 18), "what is entered is replaced, and nothing else");

	setup();
	page[100] = LDM_USER_AL;
	page[101] = 0xef000000;
	run(0);
	CHECK(is_replaced(100), "two instructions among zeros are code");
}

static void plain_code(void)
{
	setup();
	page[0] = MRS_R3;
	page[10] = CPSID_I;
	page[500] = LDM_USER_AL;
	page[501] = LDM_USER_NE;
	page[502] = 0xe4b10004;		/* ldrt */
	page[1023] = 0xe25ef004;
	run(0);
	CHECK_EQ(stats.sensitive, 5, "sensitive instructions");
	CHECK(!is_replaced(502), "LDRT is replaced without the option");
	run(PATCH_UNPRIV);
	CHECK_EQ(stats.sensitive, 6, "sensitive instructions");
	CHECK(is_replaced(502), "LDRT isn't replaced with the option");
}

/* What the guest reads from a copy and puts elsewhere means there what it meant. */
static void copies_of_copies(void)
{
	setup();
	page[0] = MRS_R3;
	page[1] = LDM_USER_AL;
	page[2] = 0xe7f001f2;		/* Linux's BUG() */
	page[3] = 0xe7f000f0;		/* udf #0 */
	page[4] = 0xe7fddef1;		/* Linux's filler of the vectors page, in our range */
	run(0);
	CHECK(!is_replaced(2) && !is_replaced(3) && !is_replaced(4), "an own UDF is replaced");
	CHECK_EQ(stats.udf, 3, "UDF words");
	memcpy(page, dst, sizeof(page));
	{
		struct patch_view view = { .prev = prev, .page = page, .next = next };

		CHECK_EQ(patch_page(&view, dst, &dict, 0, &work, &replaced, &stats), 0, "patch_page()");
	}
	CHECK(!memcmp(page, dst, sizeof(page)), "a replacement is replaced again");
	CHECK_EQ(unpatch_word(&dict, 0, dst[1]), LDM_USER_AL, "the original");
	CHECK_EQ(unpatch_word(&dict, 0, dst[4]), 0xe7fddef1, "an own UDF's original");
	/* the guest's index is never issued to another word */
	for (u32 i = 0; i < DICT_MAX_WORDS - 2; i++)
		CHECK(dict_add(&dict, 0xe8d20000 + i) != 0xdde1, "a claimed index is issued");
	CHECK_EQ(unpatch_word(&dict, 0, 0xe7fddef1), 0xe7fddef1, "an own UDF's original");
}

static void literals(void)
{
	static const struct {
		int at;			/* word of the load, from the page's start */
		u32 load;
		int first, n;		/* words that are literals then */
	} cases[] = {
		{ 90, 0xe59f0020, 100, 1 },	/* ldr r0, [pc, #32] */
		{ 110, 0xe51f0030, 100, 1 },	/* ldr r0, [pc, #-48] */
		{ 90, 0xe5df0022, 100, 1 },	/* ldrb, odd byte */
		{ 90, 0xe1df02b2, 100, 1 },	/* ldrh r0, [pc, #34] */
		{ 90, 0xe1df02d0, 100, 1 },	/* ldrsb */
		{ 90, 0xe1df02f2, 100, 1 },	/* ldrsh */
		{ 90, 0xe1cf02d0, 100, 2 },	/* ldrd r0, [pc, #32] */
		{ 110, 0xe14f03d0, 100, 2 },	/* ldrd r0, [pc, #-48] */
		{ 90, 0xed9f0a08, 100, 1 },	/* vldr s0 */
		{ 90, 0xed9f0b08, 100, 2 },	/* vldr d0 */
		{ 90, 0xe51f0000, 92, 1 },	/* ldr r0, [pc, #-0] */
		{ 95, 0xe51f0003, 96, 1 },	/* ldrne's byte offset rounds down: word 96 */
		{ -10, 0xe59f01b0, 100, 1 },	/* from the page before */
		{ -926, 0xe59f0fff, 99, 1 },	/* at the limit of its reach */
		{ 1030, 0xe51f0eb0, 92, 1 },	/* from the page behind */
		{ 90, 0xf5dff020, 100, 0 },	/* pld: not data */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		int at = cases[i].at;
		u32 *where;

		if (at < 0)
			where = &prev[at + 1024];
		else if (at >= 1024)
			where = &next[at - 1024];
		else
			where = &page[at];

		setup();
		*where = cases[i].load;
		for (int w = 91; w < 109; w++)
			page[w] = MRS_R3;
		if (at > 90 && at < 109)
			page[at] = cases[i].load;
		run(0);
		for (int w = 91; w < 109; w++) {
			bool data = w >= cases[i].first && w < cases[i].first + cases[i].n;

			if (w == at)
				continue;
			CHECK(!data || !is_replaced(w), "%08x at word %d: word %d is altered",
			      cases[i].load, at, w);
			CHECK(data || is_replaced(w), "%08x at word %d: word %d is kept",
			      cases[i].load, at, w);
		}
	}
}

/* A literal load that stands among data makes no data of code. */
static void false_literals(void)
{
	setup();
	page[100] = MRS_R3;
	for (int w = 80; w < 96; w++)
		page[w] = 0x5f656361 + w;	/* text */
	page[90] = 0x559f0020;			/* ldrbpl r0, [pc, #32] */
	page[79] = BX_LR;
	run(0);
	CHECK(is_replaced(100), "text made data of code");
	CHECK_EQ(stats.data_literal, 0, "literals");
}

/* A pool behind a call that does not return, where only its loads tell. */
static void pool_behind_call(void)
{
	setup();
	page[90] = 0x159f0028;			/* ldrne r0, [pc, #40]: word 102 */
	page[100] = 0xebfffff0;			/* bl */
	page[101] = 0xc0e6f61c;
	page[102] = 0xc0d06000;			/* sbcgts r6, r0, r0, and not LDM */
	page[103] = LDM_USER_NE;
	page[104] = 0xe92d4010;
	run(0);
	CHECK(is_replaced(103), "conditional code behind a call is kept");
	page[91] = 0xe28f2028;			/* adr r2, word 103 */
	run(0);
	CHECK(!is_replaced(103), "a pool behind a call is altered");
}

/* ldrls pc, [pc, r0, lsl #2]; b default; addresses, some of which look sensitive */
static void jump_table(void)
{
	unsigned int alike = 0;

	setup();
	page[50] = 0xe3500040;
	page[51] = 0x979ff100;
	page[52] = 0xea000100;
	for (int w = 53; w < 117; w++)
		page[w] = 0xc015f000 + 4 * w;	/* andgts pc, r5, ... */
	page[117] = MRS_R3;
	page[118] = LDM_USER_AL;
	run(0);
	for (int w = 53; w < 117; w++) {
		alike += insn_is_silent(insn_decode_arm(page[w]));
		CHECK(!is_replaced(w), "entry %d of the table is altered", w - 53);
	}
	CHECK(is_replaced(117) && is_replaced(118), "code behind the table is kept");
	CHECK(alike > 20, "the table has %u look-alikes", alike);
	CHECK_EQ(stats.data_zone, alike, "look-alikes kept");
}

/* Like Linux's sys_call_table, and longer than the zone's reach. */
static void address_table(void)
{
	setup();
	for (int w = 100; w < 800; w++)
		page[w] = 0xc05bf048 + 0x20000 * (w & 7);
	page[800] = LDM_USER_AL;
	page[99] = BX_LR;
	run(0);
	for (int w = 100; w < 800; w++)
		CHECK(!is_replaced(w), "entry %d of the table is altered", w - 100);
	CHECK(is_replaced(800), "code behind the table is kept");
}

/* Tables of random words, as ciphers have them: nearly nothing is altered. */
static void random_table(void)
{
	unsigned int alike = 0, altered = 0, code = 0;
	u32 seed = 12345;

	for (unsigned int round = 0; round < 200; round++) {
		setup();
		page[99] = BX_LR;
		for (int w = 100; w < 900; w++)
			page[w] = test_random(&seed);
		page[900] = 0xe92d4010;
		page[901] = MRS_R3;
		page[902] = LDM_USER_AL;
		page[90] = LDM_USER_AL;
		run(0);
		code += is_replaced(901) + is_replaced(902) + is_replaced(90);
		for (int w = 100; w < 900; w++) {
			alike += insn_is_silent(insn_decode_arm(page[w]));
			altered += is_replaced(w);
		}
	}
	CHECK(code == 600, "%u of 600 instructions around tables are kept", 600 - code);
	CHECK(alike > 5000, "only %u look-alikes", alike);
	CHECK(altered * 100 < alike, "%u of %u look-alikes are altered", altered, alike);
	printf("# random tables: %u look-alikes in 160000 words, %u altered\n", alike, altered);
}

static void text(void)
{
	static const char words[] =
		"kernel paging request at %08x; permission fault on section, domain fault, ";

	setup();
	page[99] = 0xe8bd8010;
	for (unsigned int i = 0; i < 800; i++)
		((char *)&page[100])[i] = words[i % (sizeof(words) - 1)];
	page[300] = LDM_USER_AL;
	run(PATCH_UNPRIV);
	for (int w = 100; w < 300; w++)
		CHECK(!is_replaced(w), "text at word %d is altered", w);
	CHECK(is_replaced(300), "code behind text is kept");
}

/* Conditional code behind a branch is code if something branches to it. */
static void branch_target(void)
{
	setup();
	page[99] = BX_LR;
	page[100] = LDM_USER_NE;
	run(0);
	CHECK(!is_replaced(100), "a conditional word behind a return is altered");
	page[50] = 0x0a000030;			/* beq to word 100 */
	run(0);
	CHECK(is_replaced(100), "a branch's target is kept");
	page[50] = AL_NOP;
	next[10] = 0x1bfffc70;			/* blne to word 100 */
	next[10] = 0x1b000000 | ((100 - 1034 - 2) & 0xffffff);
	run(0);
	CHECK(is_replaced(100), "the target of a call from the next page is kept");
	/* a call sequence of old kernels is no end of flow */
	next[10] = AL_NOP;
	page[98] = 0xe1a0e00f;	/* mov lr, pc */
	page[99] = 0xe1a0f003;			/* mov pc, r3 */
	run(0);
	CHECK(is_replaced(100), "code behind mov lr, pc; mov pc, r3 is kept");
}

/* Without the pages beside it, a page is still patched; what opens it may be a table's end. */
static void no_neighbours(void)
{
	struct patch_view view = { .page = page };

	setup();
	page[0] = LDM_USER_AL;
	page[1] = CPSID_I;
	page[2] = LDM_USER_NE;
	page[1022] = MRS_R3;
	page[1023] = LDM_USER_NE;
	CHECK_EQ(patch_page(&view, dst, &dict, 0, &work, &replaced, &stats), 0, "patch_page()");
	CHECK(is_replaced(0) && is_replaced(1) && is_replaced(2) && is_replaced(1022) &&
	      is_replaced(1023), "code at the page's edge is kept");
	for (int w = 0; w < 3; w++)
		page[w] = 0xc05bf048;
	CHECK_EQ(patch_page(&view, dst, &dict, 0, &work, &replaced, &stats), 0, "patch_page()");
	CHECK(!is_replaced(0) && !is_replaced(2), "a table's end is altered");
}

/* Loads and stores that meet devices get an index of the dictionary, up to half of it. */
static void device_insns(void)
{
	static const u32 yes[] = {
		0xe5910000, 0xe5810000,		/* ldr, str r0, [r1] */
		0x15d10001, 0x05c10001,		/* ldrbne, strbeq r0, [r1, #1] */
		0xe1d100b0, 0xe1c100b0,		/* ldrh, strh */
		0xe1d100d0, 0xe1d100f0,		/* ldrsb, ldrsh */
		0xe1c140d0, 0xe1c140f0,		/* ldrd, strd r4, r5, [r1] */
		0xe4910004, 0xe7b10102,		/* ldr r0, [r1], #4; [r1, r2, lsl #2]! */
	}, no[] = {
		0xe59f0000, 0xe591f000,		/* ldr r0, [pc]; ldr pc, [r1] */
		0xe4b10004, 0xe0f100b2,		/* ldrt, ldrht */
		0xe8910006, 0xe1910f9f,		/* ldm, ldrex */
		0xe1010092, 0xf5d1f000,		/* swp, pld */
		0xed910a00, AL_NOP,		/* vldr s0, [r1] */
	};
	u32 out, word;

	setup();
	for (unsigned int i = 0; i < ARRAY_SIZE(yes); i++) {
		CHECK_EQ(patch_device_word(&dict, yes[i], &out), 1, "taken");
		CHECK((out & 0xfff000f0) == ((yes[i] & 0xf0000000) | PATCH_UDF_VALUE) &&
		      insn_imm16(out) >= DICT_FIRST, "%08x became %08x", yes[i], out);
		CHECK_EQ(unpatch_word(&dict, 0, out), yes[i], "the way back");
		CHECK(patch_dict_word(&dict, out, &word) &&
		      word == ((yes[i] & 0x0fffffff) | 0xe0000000), "%08x in the dictionary", yes[i]);
		CHECK(!patch_word(&dict, PATCH_UNPRIV | PATCH_PRIV, yes[i], &out),
		      "%08x is replaced everywhere", yes[i]);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(no); i++)
		CHECK(!patch_device_word(&dict, no[i], &out) && out == no[i], "%08x", no[i]);
	for (unsigned int i = 0; i < DICT_MAX_WORDS; i++)
		patch_device_word(&dict, 0xe5910000 | (i & 0xfff) | (i >> 12) << 20, &out);
	CHECK_EQ(dict.nr, DICT_MAX_WORDS / 2, "half of the dictionary");
	CHECK(patch_device_word(&dict, yes[0], &out) == 0, "one more");
	CHECK_EQ(unpatch_word(&dict, 0, patched(0, LDM_USER_AL)), LDM_USER_AL, "room for sensitive ones");
}

/* data_find_zone() of word @i, by all words before it. */
static bool zone_alone(const struct patch_job *job, int i, struct zone *zone)
{
	u32 word, before;
	int j;

	zone->bare = true;
	for (j = i - 1; j >= i - ZONE_REACH && flow_word_at(job->view, j, &word); j--) {
		if (data_is_neutral(word) || data_is_literal(&job->marks, j))
			continue;
		if (!flow_word_at(job->view, j - 1, &before))
			before = 0;
		zone->start = j + 1;
		zone->call = zone->bare && (word & 0xff000000) == 0xeb000000;
		if (zone->call || flow_arm_ends(word, before))
			return true;
		if (data_looks_unconditional(word))
			zone->bare = false;
	}
	zone->start = j + 1;
	zone->call = false;
	return zone->bare && j == -1;
}

/*
 * Where the code before each word ends: what is found by going on from the word before, or from
 * some before it, is what a look back from the word alone finds.
 */
static void zones(void)
{
	static const u32 words[] = { AL_NOP, BX_LR, LDM_USER_NE, 0xeb000010, 0x0b000010, 0, 0xe1a0e00f,
				     0xe1a0f003, 0xe59f0010, 0xf3b44f10, LDM_USER_NE, LDM_USER_NE };
	u32 *const pages[] = { prev, page, next }, seed = 4711;
	static struct patch_job job;
	struct zone zone, alone;
	bool ended;

	for (unsigned int round = 0; round < 60; round++) {
		struct patch_view view = { .prev = round % 3 ? prev : NULL, .page = page, .next = next };
		unsigned int rare = 1 + test_random(&seed) % 300;

		for (unsigned int i = 0; i < 3 * PATCH_PAGE_WORDS; i++)
			pages[i / PATCH_PAGE_WORDS][i % PATCH_PAGE_WORDS] =
				test_random(&seed) % rare ? LDM_USER_NE :
				words[test_random(&seed) % ARRAY_SIZE(words)];
		memset(&work, 0, sizeof(work));
		job = (struct patch_job) { .view = &view, .work = &work,
			.scan = { PATCH_NOWHERE, PATCH_NOWHERE, PATCH_NOWHERE, PATCH_NOWHERE } };
		for (unsigned int i = 0; i < PATCH_PAGE_WORDS; i += 7)
			patch_set_bit(&job.marks.literal, i);
		for (int i = 0; i < (int)PATCH_PAGE_WORDS; i += 1 + test_random(&seed) % (1 + rare / 8)) {
			bool wanted = zone_alone(&job, i, &alone);

			ended = data_find_zone(&job, i, &zone);
			CHECK(ended == wanted && zone.start == alone.start && zone.bare == alone.bare &&
			      zone.call == alone.call, "round %u, word %d: %d %d %d %d, not %d %d %d %d",
			      round, i, ended, zone.start, zone.bare, zone.call, wanted, alone.start,
			      alone.bare, alone.call);
		}
	}
}

/*
 * Pages full of what looks sensitive and may be data or code: what one costs is a guest's choice,
 * and the host waits for it.
 */
static void look_alikes(void)
{
	static const u32 fill[][4] = {
		{ LDM_USER_NE, LDM_USER_NE, LDM_USER_NE, LDM_USER_NE },
		{ LDM_USER_NE, 0x00811002, LDM_USER_NE, 0x00811002 },	/* addeq r1, r1, r2 */
		{ LDM_USER_NE, 0xe7ffffff, LDM_USER_NE, 0x00811002 },	/* undefined */
		{ LDM_USER_NE, 0xeb000010, LDM_USER_NE, LDM_USER_NE },
		{ LDM_USER_AL, 0x0b000010, LDM_USER_NE, 0x0b000010 },
		{ LDM_USER_NE, 0x159f0ffc, LDM_USER_NE, 0x151f0ffc },	/* ldrne r0, [pc, #4092] */
	};
	struct patch_view view = { .prev = prev, .page = page, .next = next };
	unsigned long most = 0;

	for (unsigned int f = 0; f < ARRAY_SIZE(fill); f++) {
		setup();
		for (unsigned int i = 0; i < PATCH_PAGE_WORDS; i++)
			prev[i] = page[i] = next[i] = fill[f][i % 4];
		blocks = 0;
		patch_page(&view, dst, &dict, PATCH_UNPRIV | PATCH_PRIV, &work, NULL, &stats);
		most = max(most, blocks);
	}
	/* Millions if each looked back for itself. */
	CHECK(most < 400000, "%lu blocks of code for a page", most);
	printf("# pages of look-alikes: at most %lu blocks of code each\n", most);
}

int main(void)
{
	static const struct test tests[] = {
		{ "patch: self-describing indices", static_indices },
		{ "patch: unprivileged transfers made plain", plain_unprivileged },
		{ "patch: index space", index_space },
		{ "patch: there and back", round_trip },
		{ "patch: dictionary", dictionary },
		{ "patch: full dictionary", full_dictionary },
		{ "patch: instructions that meet devices", device_insns },
		{ "patch: plain code", plain_code },
		{ "patch: entry", entry },
		{ "patch: copies of copies", copies_of_copies },
		{ "patch: literals", literals },
		{ "patch: literal loads among data", false_literals },
		{ "patch: pool behind a call", pool_behind_call },
		{ "patch: jump table", jump_table },
		{ "patch: address table", address_table },
		{ "patch: random tables", random_table },
		{ "patch: text", text },
		{ "patch: branch targets", branch_target },
		{ "patch: no neighbours", no_neighbours },
		{ "patch: zones", zones },
		{ "patch: pages full of look-alikes", look_alikes },
	};

	patch_init();
	return test_main(tests, ARRAY_SIZE(tests));
}
