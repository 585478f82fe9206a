// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk of Long-descriptor translation tables, stage 1 of PL1&0,
 * ARM DDI 0406C B3.6: guests with LPAE.
 */
#include "walk-impl.h"

#define TTBCR_T0SZ(ttbcr)	((ttbcr) & 7)
#define TTBCR_T1SZ(ttbcr)	(((ttbcr) >> 16) & 7)
#define TTBCR_EPD0		(1U << 7)
#define TTBCR_EPD1		(1U << 23)

/* Descriptors, B3.6.1 and B3.6.2 */
#define DESC_VALID		(1ULL << 0)
#define DESC_TABLE_OR_PAGE	(1ULL << 1)
#define DESC_ADDR		0x000000fffffff000ULL	/* PA[39:12]; 47:40 are ignored */
#define DESC_AP1		(1ULL << 6)	/* PL0 has access */
#define DESC_AP2		(1ULL << 7)	/* read-only */
#define DESC_AF			(1ULL << 10)
#define DESC_NG			(1ULL << 11)
#define DESC_PXN		(1ULL << 53)
#define DESC_XN			(1ULL << 54)
#define TABLE_PXN		(1ULL << 59)
#define TABLE_XN		(1ULL << 60)
#define TABLE_AP0		(1ULL << 61)	/* no access from PL0 below */
#define TABLE_AP1		(1ULL << 62)	/* no writes below */

/* Where a walk starts: what TTBCR and the address choose, B3.6.4 and B3.6.5 */
struct start {
	u64 ttbr;
	u8 bits;		/* of the address that this region translates */
	u8 limit;		/* log2 of the aligned pieces that it consists of */
	bool disabled;
};

/*
 * Returns false in the gap between the two regions.
 *
 * A region of size 0 is what the other one leaves, down to 32 MiB granularity,
 * but its first-level table has blocks of 1 GiB: the other region's end cuts
 * through such a block.  @start->limit is there to report the pieces apart.
 */
static bool lpae_choose_ttbr(const struct walk_ctl *ctl, u32 gva, u8 *ttbr,
			     struct start *start)
{
	unsigned int t0sz = TTBCR_T0SZ(ctl->ttbcr);
	unsigned int t1sz = TTBCR_T1SZ(ctl->ttbcr);
	bool low = !t0sz || !(gva >> (32 - t0sz));
	bool high = t1sz ? gva >> (32 - t1sz) == (1U << t1sz) - 1 : !low;

	if (high) {
		*ttbr = 1;
		start->ttbr = ctl->ttbr1;
		start->bits = 32 - t1sz;
		start->limit = t1sz ? 32 : 32 - t0sz;
		start->disabled = ctl->ttbcr & TTBCR_EPD1;
		return true;
	}
	*ttbr = 0;
	start->ttbr = ctl->ttbr0;
	start->bits = 32 - t0sz;
	start->limit = t0sz ? 32 : 32 - t1sz;
	start->disabled = ctl->ttbcr & TTBCR_EPD0;
	return low;
}

/* The table bits of all levels passed count for the mapping, B3.7.1 and B3.7.2. */
static void lpae_permissions(const struct walk_ctl *ctl, u64 desc, u64 tables,
			     struct walk_result *res)
{
	unsigned int ap21 = 0;

	if ((desc & DESC_AP1) && !(tables & TABLE_AP0))
		ap21 |= 1;
	if ((desc & DESC_AP2) || (tables & TABLE_AP1))
		ap21 |= 2;
	walk_perm_simple(ctl, ap21, (desc & DESC_XN) || (tables & TABLE_XN),
			 (desc & DESC_PXN) || (tables & TABLE_PXN), res);
}

int walk_long(const struct walk_ctl *ctl, const struct walk_ops *ops,
	      void *ctx, u32 gva, struct walk_result *res,
	      struct walk_fault *fault)
{
	u64 base, desc, tables = 0;
	struct start start;
	unsigned int bits, shift;

	res->format = WALK_LONG;
	res->level = 1;
	res->domain_access = WALK_DOMAIN_CLIENT;
	if (!lpae_choose_ttbr(ctl, gva, &res->ttbr, &start) || start.disabled)
		return walk_fail(ctl, res, WALK_TRANSLATION, fault);

	/* Up to 1 GiB needs no first level. */
	if (start.bits <= 30)
		res->level = 2;

	/* The first table is as large as its index; the base is aligned to it. */
	shift = 39 - 9 * res->level;
	bits = start.bits - shift;
	base = start.ttbr & (DESC_ADDR | 0xff8) & ~((8ULL << bits) - 1);

	/* Ends by the return at level 3 at the latest. */
	for (;;) {
		u64 index = (gva >> shift) & ((1U << bits) - 1);

		if (walk_fetch(ctl, ops, ctx, base | index << 3, 8, res, &desc,
			       fault))
			return -1;
		/* Level 3 has no blocks. */
		if (!(desc & DESC_VALID) ||
		    (res->level == 3 && !(desc & DESC_TABLE_OR_PAGE)))
			return walk_fail(ctl, res, WALK_TRANSLATION, fault);
		if (res->level == 3 || !(desc & DESC_TABLE_OR_PAGE))
			break;
		tables |= desc;
		base = desc & DESC_ADDR;
		res->level++;
		shift -= 9;
		bits = 9;
	}

	/* The contiguous hint (bit 52) is one: each entry is looked up by itself. */
	res->size_shift = shift < start.limit ? shift : start.limit;
	res->gpa = (desc & DESC_ADDR & ~((1ULL << shift) - 1)) |
		   (gva & ((1U << shift) - 1));
	res->ng = desc & DESC_NG;
	res->attr_index = (desc >> 2) & 7;
	res->sh = (desc >> 8) & 3;
	lpae_permissions(ctl, desc, tables, res);
	if (!(desc & DESC_AF))
		return walk_fail(ctl, res, WALK_ACCESS_FLAG, fault);
	return 0;
}
