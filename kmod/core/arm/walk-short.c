// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk of Short-descriptor translation tables, ARM DDI 0406C B3.5: what
 * every guest without LPAE uses.
 */
#include "walk-impl.h"

#define TTBCR_N		0x7U
#define TTBCR_PD0	0x10U
#define TTBCR_PD1	0x20U

/* First-level descriptors, B3.5.1 */
#define L1_TYPE		0x3U
#define L1_FAULT	0x0U
#define L1_TABLE	0x1U
#define L1_SECTION	0x2U
#define L1_SECTION_PXN	0x3U		/* Reserved without PXN */
#define L1_TABLE_PXN	(1U << 2)
#define L1_SECTION_XN	(1U << 4)
#define L1_SECTION_S	(1U << 16)
#define L1_SECTION_NG	(1U << 17)
#define L1_SUPERSECTION	(1U << 18)

/* Second-level descriptors */
#define L2_SMALL	(1U << 1)
#define L2_SMALL_XN	(1U << 0)
#define L2_LARGE_XN	(1U << 15)
#define L2_S		(1U << 10)
#define L2_NG		(1U << 11)

static u32 short_field(u32 desc, unsigned int shift, unsigned int width)
{
	return (desc >> shift) & ((1U << width) - 1);
}

/* Low @bits of the answer from @gva, the rest from @base. */
static u64 short_join(u64 base, u32 gva, unsigned int bits)
{
	u64 mask = (1ULL << bits) - 1;

	return (base & ~mask) | (gva & mask);
}

/* The fields that sections and pages have in common, wherever they keep them. */
struct leaf {
	u64 gpa;
	u8 size_shift;
	u8 ap;			/* AP[2:0] */
	u8 texcb;
	bool s, ng, xn, pxn;
};

static struct leaf short_leaf_section(u32 desc, u32 gva)
{
	struct leaf leaf = {
		.ap = short_field(desc, 10, 2) | short_field(desc, 15, 1) << 2,
		.texcb = short_field(desc, 12, 3) << 2 | short_field(desc, 2, 2),
		.s = desc & L1_SECTION_S,
		.ng = desc & L1_SECTION_NG,
		.xn = desc & L1_SECTION_XN,
		/* bit 0 is set only in the type that PXN brings */
		.pxn = (desc & L1_TYPE) == L1_SECTION_PXN,
	};

	if (desc & L1_SUPERSECTION) {
		/* PA[39:36] and PA[35:32] sit where section has domain and base */
		u64 high = short_field(desc, 5, 4) << 4 | short_field(desc, 20, 4);

		leaf.size_shift = 24;
		leaf.gpa = short_join(high << 32 | desc, gva, 24);
	} else {
		leaf.size_shift = 20;
		leaf.gpa = short_join(desc, gva, 20);
	}
	return leaf;
}

static struct leaf short_leaf_page(u32 desc, u32 gva, bool pxn)
{
	struct leaf leaf = {
		.ap = short_field(desc, 4, 2) | short_field(desc, 9, 1) << 2,
		.s = desc & L2_S,
		.ng = desc & L2_NG,
		.pxn = pxn,
	};

	if (desc & L2_SMALL) {
		leaf.texcb = short_field(desc, 6, 3) << 2 | short_field(desc, 2, 2);
		leaf.xn = desc & L2_SMALL_XN;
		leaf.size_shift = 12;
	} else {
		leaf.texcb = short_field(desc, 12, 3) << 2 | short_field(desc, 2, 2);
		leaf.xn = desc & L2_LARGE_XN;
		leaf.size_shift = 16;
	}
	leaf.gpa = short_join(desc, gva, leaf.size_shift);
	return leaf;
}

/* Fills in the mapping; the Access flag is the last thing that can fail. */
static int short_finish(const struct walk_ctl *ctl, const struct leaf *leaf,
			struct walk_result *res, struct walk_fault *fault)
{
	res->gpa = leaf->gpa;
	res->size_shift = leaf->size_shift;
	res->ng = leaf->ng;
	res->attr_index = leaf->texcb;
	res->sh = leaf->s;

	if (!(ctl->sctlr & WALK_SCTLR_AFE)) {
		walk_perm_full(ctl, leaf->ap, leaf->xn, leaf->pxn, res);
		return 0;
	}
	walk_perm_simple(ctl, leaf->ap >> 1, leaf->xn, leaf->pxn, res);
	if (!(leaf->ap & 1))
		return walk_fail(ctl, res, WALK_ACCESS_FLAG, fault);
	return 0;
}

/*
 * The address of the first-level descriptor, B3.5.4 and B3.5.5.  Returns false
 * if TTBCR.PD0 or PD1 forbids the walk.
 */
static bool short_first_level(const struct walk_ctl *ctl, u32 gva, u8 *ttbr, u64 *gpa)
{
	unsigned int n = ctl->ttbcr & TTBCR_N;
	u32 index, base;

	/* TTBR1 serves what TTBR0's smaller table doesn't reach, with a full one. */
	*ttbr = n && gva >> (32 - n);
	if (*ttbr) {
		n = 0;
		base = (u32)ctl->ttbr1;
	} else {
		base = (u32)ctl->ttbr0;
	}
	/* gva[31:32-N] is zero under TTBR0, so bits 31-N:20 are simply 31:20. */
	index = gva >> 20;
	*gpa = (base & ~((0x4000U >> n) - 1)) | index << 2;
	return !(ctl->ttbcr & (*ttbr ? TTBCR_PD1 : TTBCR_PD0));
}

bool walk_short_root(const struct walk_ctl *ctl, u32 gva, u64 *gpa)
{
	u8 ttbr;

	return short_first_level(ctl, gva, &ttbr, gpa);
}

/*
 * The first-level descriptor @l1.  Returns 0 or -1 as the walk does, or 1: it is that of a table, and the
 * second level decides.
 */
static int short_first(const struct walk_ctl *ctl, u32 l1, u32 gva, struct walk_result *res,
		       struct walk_fault *fault)
{
	struct leaf leaf;

	switch (l1 & L1_TYPE) {
	case L1_SECTION_PXN:
		if (!(ctl->features & WALK_HAS_PXN))
			return walk_fail(ctl, res, WALK_TRANSLATION, fault);
		break;
	case L1_FAULT:
		return walk_fail(ctl, res, WALK_TRANSLATION, fault);
	default:
		break;
	}

	/* A supersection has no domain field: domain 0. */
	if ((l1 & L1_TYPE) == L1_TABLE || !(l1 & L1_SUPERSECTION))
		res->domain = short_field(l1, 5, 4);
	res->domain_access = (ctl->dacr >> (2 * res->domain)) & 3;

	if ((l1 & L1_TYPE) != L1_TABLE) {
		leaf = short_leaf_section(l1, gva);
		return short_finish(ctl, &leaf, res, fault);
	}
	res->level = 2;
	return 1;
}

static u64 short_second_gpa(u32 l1, u32 gva)
{
	return (l1 & ~0x3ffU) | short_field(gva, 12, 8) << 2;
}

static int short_second(const struct walk_ctl *ctl, u32 l1, u32 l2, u32 gva,
			struct walk_result *res, struct walk_fault *fault)
{
	bool has_pxn = ctl->features & WALK_HAS_PXN;
	struct leaf leaf;

	if (!(l2 & 3))
		return walk_fail(ctl, res, WALK_TRANSLATION, fault);
	leaf = short_leaf_page(l2, gva, has_pxn && (l1 & L1_TABLE_PXN));
	return short_finish(ctl, &leaf, res, fault);
}

int walk_short_below(const struct walk_ctl *ctl, const struct walk_ops *ops, void *ctx,
		     u32 l1, u32 gva, struct walk_result *res, struct walk_fault *fault)
{
	int ret = short_first(ctl, l1, gva, res, fault);
	u64 raw;

	if (ret <= 0)
		return ret;
	if (walk_fetch(ctl, ops, ctx, short_second_gpa(l1, gva), 4, res, &raw, fault))
		return -1;
	return short_second(ctl, l1, (u32)raw, gva, res, fault);
}

int walk_short_known(const struct walk_ctl *ctl, u64 l1_gpa, u32 l1, u32 l2, u32 gva,
		     struct walk_result *res, struct walk_fault *fault)
{
	int ret;

	walk_result_init(res);
	fault->kind = WALK_OK;
	res->format = WALK_SHORT;
	res->level = 1;
	res->step[0] = (struct walk_step) { .gpa = l1_gpa, .desc = l1 };
	res->nr_steps = 1;
	ret = short_first(ctl, l1, gva, res, fault);
	if (ret > 0) {
		res->step[1] = (struct walk_step) { .gpa = short_second_gpa(l1, gva), .desc = l2 };
		res->nr_steps = 2;
		ret = short_second(ctl, l1, l2, gva, res, fault);
	}
	if (!ret || fault->kind == WALK_ACCESS_FLAG)
		walk_apply_domain(res);
	return ret;
}

int walk_short(const struct walk_ctl *ctl, const struct walk_ops *ops,
	       void *ctx, u32 gva, struct walk_result *res,
	       struct walk_fault *fault)
{
	u64 gpa, raw;

	res->format = WALK_SHORT;
	res->level = 1;
	if (!short_first_level(ctl, gva, &res->ttbr, &gpa))
		return walk_fail(ctl, res, WALK_TRANSLATION, fault);
	if (walk_fetch(ctl, ops, ctx, gpa, 4, res, &raw, fault))
		return -1;
	return walk_short_below(ctl, ops, ctx, (u32)raw, gva, res, fault);
}
