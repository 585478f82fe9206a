// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the table walk and the memory attributes.  One PASS or FAIL line
 * a test; the exit status is 1 if one failed.  Expected values are written out,
 * from ARM DDI 0406C B3 and B4, not computed by the code under test.
 */
#include <stdio.h>
#include <string.h>
#include "model.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Table memory: 128 KiB at BASE, of which a test may declare a part missing */
#define BASE		0x80000000U
#define SIZE		0x20000U
#define L1		(BASE + 0x00000)	/* 16 KiB */
#define L1B		(BASE + 0x04000)
#define L2		(BASE + 0x08000)	/* a second-level table, or LPAE tables */
#define T1		(BASE + 0x08000)
#define T2		(BASE + 0x09000)
#define T3		(BASE + 0x0a000)

static u8 mem[SIZE];
static u64 missing;
static unsigned int reads, sizes;
static struct walk_ctl ctl;
static struct walk_result res;
static struct walk_fault fault;

static int read_desc(void *ctx, u64 gpa, unsigned int size, u64 *val)
{
	(void)ctx;
	reads++;
	sizes |= size;
	if (gpa == missing || gpa < BASE || gpa + size > (u64)BASE + SIZE)
		return -1;
	*val = 0;
	memcpy(val, mem + (gpa - BASE), size);
	return 0;
}

static const struct walk_ops ops = { .read_desc = read_desc };

static void put32(u64 gpa, u32 val)
{
	memcpy(mem + (gpa - BASE), &val, 4);
}

static void put64(u64 gpa, u64 val)
{
	memcpy(mem + (gpa - BASE), &val, 8);
}

/* An empty table memory, the MMU on, everybody a client, TTBR0 at L1, TTBR1 at L1B */
static void reset(u32 ttbcr)
{
	memset(mem, 0, sizeof(mem));
	missing = 0;
	ctl = (struct walk_ctl) {
		.sctlr = WALK_SCTLR_M,
		.ttbcr = ttbcr,
		.ttbr0 = L1,
		.ttbr1 = L1B,
		.dacr = 0x55555555,
		.features = WALK_HAS_PXN | WALK_HAS_WXN,
	};
}

#define EAE		0x80000000U

static const struct walk_access read_priv = { WALK_R, true };
static const struct walk_access write_priv = { WALK_W, true };

static int walk(u32 gva, struct walk_access access)
{
	reads = 0;
	sizes = 0;
	return walk_gva(&ctl, &ops, NULL, gva, access, &res, &fault);
}

static unsigned int failures;
static const char *current;
static bool current_failed;

static void fail(int line, const char *what, u64 got, u64 want)
{
	if (!current_failed)
		printf("FAIL %s: line %d: %s is %#llx, not %#llx\n", current,
		       line, what, (unsigned long long)got,
		       (unsigned long long)want);
	current_failed = true;
}

#define expect(got, want) do { \
	u64 got_ = (got), want_ = (want); \
	if (got_ != want_) \
		fail(__LINE__, #got, got_, want_); \
} while (0)

/* -- what faults, and how it is reported ---------------------------------- */

static void expect_fault(int line, u32 gva, struct walk_access access,
			 enum walk_fault_kind kind, u32 level, u32 dfsr)
{
	if (!walk(gva, access))
		fail(line, "success", 1, 0);
	if (fault.kind != kind)
		fail(line, "fault.kind", fault.kind, kind);
	if (fault.level != level)
		fail(line, "fault.level", fault.level, level);
	if (walk_dfsr(&ctl, &fault, access.kind == WALK_W, false) != dfsr)
		fail(line, "dfsr",
		     walk_dfsr(&ctl, &fault, access.kind == WALK_W, false),
		     dfsr);
}

#define faults(...) expect_fault(__LINE__, __VA_ARGS__)

static void test_short_fault_status(void)
{
	reset(0);
	/* section 0x001, domain 2, AP 001; page table at 0x002, domain 3, page AP 001 */
	put32(L1 + 4, 0x00100000 | 1 << 10 | 2 << 5 | 2);
	put32(L1 + 8, L2 | 3 << 5 | 1);
	put32(L2, 0x00200000 | 1 << 4 | 2);

	faults(0x00000000, read_priv, WALK_TRANSLATION, 1, 0x005);
	faults(0x00000000, write_priv, WALK_TRANSLATION, 1, 0x805);
	faults(0x00201000, read_priv, WALK_TRANSLATION, 2, 0x037);
	faults(0x00100000, (struct walk_access){ WALK_R, false },
	       WALK_PERMISSION, 1, 0x02d);
	faults(0x00200000, (struct walk_access){ WALK_W, false },
	       WALK_PERMISSION, 2, 0x83f);
	ctl.dacr = 0x55555555 & ~(0xfU << 4);
	faults(0x00100000, read_priv, WALK_DOMAIN, 1, 0x029);
	faults(0x00200000, read_priv, WALK_DOMAIN, 2, 0x03b);
	/* the reserved value is no access too */
	ctl.dacr |= 0xaU << 4;
	faults(0x00100000, read_priv, WALK_DOMAIN, 1, 0x029);
	/* translation comes before domain */
	faults(0x00201000, read_priv, WALK_TRANSLATION, 2, 0x037);

	ctl.dacr = 0x55555555;
	missing = L1 + 8;
	faults(0x00200000, read_priv, WALK_EXTERNAL, 1, 0x00c);
	missing = L2;
	faults(0x00200000, write_priv, WALK_EXTERNAL, 2, 0x83e);
	missing = 0;

	/* Access flag, and its priority over domain and permission */
	ctl.sctlr |= WALK_SCTLR_AFE;
	put32(L1 + 4, 0x00100000 | 2 << 5 | 2);
	put32(L2, 0x00200000 | 2);
	faults(0x00100000, read_priv, WALK_ACCESS_FLAG, 1, 0x023);
	faults(0x00200000, read_priv, WALK_ACCESS_FLAG, 2, 0x036);
	ctl.dacr = 0;
	faults(0x00100000, write_priv, WALK_ACCESS_FLAG, 1, 0x823);
	ctl.dacr = ~0U;
	faults(0x00200000, read_priv, WALK_ACCESS_FLAG, 2, 0x036);
	/* the rest of the mapping is there for the caller */
	expect(res.gpa, 0x00200000);
	expect(res.eff[WALK_PRIV], WALK_RWX);
}

static void test_short_reserved_type(void)
{
	reset(0);
	put32(L1, 0x00000000 | 3 << 10 | 3);
	expect(walk(0, read_priv), 0);
	/* with PXN: a section that PL1 can't execute */
	expect(res.perm[WALK_USER], WALK_RWX);
	expect(res.perm[WALK_PRIV], WALK_R | WALK_W);
	ctl.features = 0;
	faults(0, read_priv, WALK_TRANSLATION, 1, 0x005);
	/* and bit 2 of a page table means nothing */
	put32(L1, L2 | 1 << 2 | 1);
	put32(L2, 0x00005000 | 3 << 4 | 2);
	expect(walk(0, read_priv), 0);
	expect(res.perm[WALK_PRIV], WALK_RWX);
	ctl.features = WALK_HAS_PXN;
	expect(walk(0, read_priv), 0);
	expect(res.perm[WALK_PRIV], WALK_R | WALK_W);
	expect(res.perm[WALK_USER], WALK_RWX);
}

static void test_long_fault_status(void)
{
	static const struct {
		u64 missing, desc1, desc2, desc3;
		u32 kind, level, dfsr;
	} t[] = {
		/* invalid, external abort, no Access flag, read-only at each level */
		{ 0, 0, 0, 0, WALK_TRANSLATION, 1, 0xa05 },
		{ 0, T2 | 3, 2, 0, WALK_TRANSLATION, 2, 0xa06 },
		{ 0, T2 | 3, T3 | 3, 0, WALK_TRANSLATION, 3, 0xa07 },
		/* level 3 has no blocks */
		{ 0, T2 | 3, T3 | 3, 0x1401, WALK_TRANSLATION, 3, 0xa07 },
		{ T1, 0, 0, 0, WALK_EXTERNAL, 1, 0xa15 },
		{ T2, T2 | 3, 0, 0, WALK_EXTERNAL, 2, 0xa16 },
		{ T3, T2 | 3, T3 | 3, 0, WALK_EXTERNAL, 3, 0xa17 },
		{ 0, 0x81, 0, 0, WALK_ACCESS_FLAG, 1, 0xa09 },
		{ 0, T2 | 3, 0x81, 0, WALK_ACCESS_FLAG, 2, 0xa0a },
		{ 0, T2 | 3, T3 | 3, 0x1083, WALK_ACCESS_FLAG, 3, 0xa0b },
		{ 0, 0x481, 0, 0, WALK_PERMISSION, 1, 0xa0d },
		{ 0, T2 | 3, 0x481, 0, WALK_PERMISSION, 2, 0xa0e },
		{ 0, T2 | 3, T3 | 3, 0x1483, WALK_PERMISSION, 3, 0xa0f },
	};
	unsigned int i;

	reset(EAE);
	ctl.ttbr0 = T1;
	/* DACR has no meaning in this format */
	ctl.dacr = 0;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		missing = t[i].missing;
		put64(T1, t[i].desc1);
		put64(T2, t[i].desc2);
		put64(T3, t[i].desc3);
		faults(0, write_priv, t[i].kind, t[i].level, t[i].dfsr);
		expect(fault.fsr, t[i].dfsr & ~0x800U);
		expect(res.nr_steps, reads);
		expect(sizes & ~8U, 0);
	}
	/* cache maintenance and address translation operations */
	expect(walk_dfsr(&ctl, &fault, false, true), 0x2a0f);
}

/* -- permissions: everything against the model ----------------------------- */

static void compare(const struct model_leaf *leaf, u32 gva)
{
	unsigned int kind, priv, dom;

	for (dom = 0; dom < 4; dom++) {
		ctl.dacr = dom << (2 * leaf->domain);
		for (kind = WALK_R; kind <= WALK_X; kind <<= 1) {
			for (priv = 0; priv < 2; priv++) {
				struct walk_access a = { kind, priv };
				int ret = walk(gva, a);

				expect(fault.kind, model_judge(&ctl, leaf, a));
				expect(ret, fault.kind == WALK_OK ? 0 : -1);
			}
		}
	}
}

/* @bits: SCTLR.AFE, WXN, UWXN and the two features */
static void set_control(unsigned int bits)
{
	ctl.sctlr = WALK_SCTLR_M;
	if (bits & 1)
		ctl.sctlr |= WALK_SCTLR_AFE;
	if (bits & 2)
		ctl.sctlr |= WALK_SCTLR_WXN;
	if (bits & 4)
		ctl.sctlr |= WALK_SCTLR_UWXN;
	ctl.features = bits >> 3;
}

static void test_short_permissions(void)
{
	unsigned int bits, fields;

	reset(0);
	for (bits = 0; bits < 32; bits++) {
		bool has_pxn = bits & 8;

		set_control(bits);
		for (fields = 0; fields < 32; fields++) {
			u32 ap = fields & 7, xn = fields >> 3 & 1;
			u32 pxn = fields >> 4;
			struct model_leaf leaf = {
				.ap = ap, .xn = xn, .pxn = pxn && has_pxn,
				.domain = 9,
			};
			u32 apbits = (ap & 3) << 4 | (ap >> 2) << 9;

			put32(L1, L2 | 9 << 5 | pxn << 2 | 1);
			put32(L2, 0x7000 | apbits | 2 | xn);
			compare(&leaf, 0x123);
			put32(L2, 0x70000 | apbits | 1 | xn << 15);
			compare(&leaf, 0x123);
			apbits = (ap & 3) << 10 | (ap >> 2) << 15;
			if (pxn && !has_pxn)
				continue;	/* Reserved */
			put32(L1, 0x700000 | apbits | 9 << 5 | xn << 4 | 2 | pxn);
			compare(&leaf, 0x123);
			leaf.domain = 0;
			put32(L1, 0x7000000 | 1 << 18 | apbits | 9 << 5 |
				  xn << 4 | 2 | pxn);
			compare(&leaf, 0x123);
		}
	}
}

/* @table: the OR of the table descriptors' bits; @fields: AF, AP[2:1], PXN, XN */
static void try_long_leaf(unsigned int table, unsigned int fields)
{
	u64 af = fields & 1, ap21 = fields >> 1 & 3, xn_pxn = fields >> 3;
	struct model_leaf leaf = {
		.lpae = true,
		.ap = fields & 7,
		.xn = (xn_pxn | table) & 2,
		.pxn = (xn_pxn | table) & 1,
	};

	if (table & 4)
		leaf.ap &= ~2;		/* AP[1] */
	if (table & 8)
		leaf.ap |= 4;		/* AP[2] */
	put64(T3, xn_pxn << 53 | af << 10 | ap21 << 6 | 0x5003);
	compare(&leaf, 0x123);
}

static void test_long_permissions(void)
{
	unsigned int bits, fields, tables;

	reset(EAE);
	ctl.ttbr0 = T1;
	for (bits = 0; bits < 32; bits++) {
		set_control(bits);
		/* of the tables: PXN, XN, AP[0], AP[1], in level 1 or 2 or both */
		for (tables = 0; tables < 256; tables++) {
			put64(T1, (u64)(tables & 15) << 59 | T2 | 3);
			put64(T2, (u64)(tables >> 4) << 59 | T3 | 3);
			for (fields = 0; fields < 32; fields++)
				try_long_leaf((tables & 15) | tables >> 4,
					      fields);
		}
	}
}

/* -- where a walk goes, and what it finds ---------------------------------- */

/* The first descriptor's address */
static u64 first(u32 gva)
{
	walk(gva, read_priv);
	return res.nr_steps ? res.step[0].gpa : 0;
}

static void test_short_ttbr(void)
{
	unsigned int n;

	reset(0);
	/* bits below the table's size are attributes or should be zero */
	ctl.ttbr0 = L1 | 0x3fff;
	ctl.ttbr1 = L1B | 0x5b;
	expect(first(0xfff00000), L1 + 0x3ffc);
	expect(res.ttbr, 0);
	for (n = 1; n <= 7; n++) {
		u32 split = 1U << (32 - n);

		ctl.ttbcr = n;
		ctl.ttbr0 = (L1 + (0x4000 >> n)) | 0x7f;
		expect(first(0), L1 + (0x4000 >> n));
		expect(first(split - 1), L1 + (0x4000 >> n) + (split >> 20) * 4 - 4);
		expect(res.ttbr, 0);
		expect(first(split), L1B + (split >> 20) * 4);
		expect(res.ttbr, 1);
		expect(first(0xffffffff), L1B + 0x3ffc);
		/* PD0 and PD1 */
		ctl.ttbcr = n | 0x10;
		faults(0, read_priv, WALK_TRANSLATION, 1, 0x005);
		expect(reads, 0);
		expect(first(split), L1B + (split >> 20) * 4);
		ctl.ttbcr = n | 0x20;
		faults(split, read_priv, WALK_TRANSLATION, 1, 0x005);
		expect(reads, 0);
		expect(first(0), L1 + (0x4000 >> n));
	}
}

/* Bytes of the first table for a T0SZ or T1SZ: of level 1 for 0 and 1, else of level 2 */
static u32 table_size(u32 tsz)
{
	return tsz < 2 ? 32 >> tsz : 4096 >> (tsz - 2);
}

static void test_long_ttbr(void)
{
	static const struct {
		u32 t0sz, t1sz, gva;
		int ttbr;		/* -1: the gap */
		u32 offset;		/* of the first descriptor */
	} t[] = {
		{ 0, 0, 0x00000000, 0, 0x000 },
		{ 0, 0, 0xffffffff, 0, 0x018 },
		{ 1, 0, 0x7fffffff, 0, 0x008 },
		{ 1, 0, 0x80000000, 1, 0x010 },
		{ 2, 0, 0x3fffffff, 0, 0xff8 },
		{ 2, 0, 0x40000000, 1, 0x008 },
		{ 7, 0, 0x01ffffff, 0, 0x078 },
		{ 7, 0, 0x02000000, 1, 0x000 },
		{ 0, 1, 0x7fffffff, 0, 0x008 },
		{ 0, 1, 0x80000000, 1, 0x000 },
		{ 0, 2, 0xbfffffff, 0, 0x010 },
		{ 0, 2, 0xc0000000, 1, 0x000 },
		{ 0, 7, 0xfdffffff, 0, 0x018 },
		{ 0, 7, 0xfe000000, 1, 0x000 },
		{ 0, 7, 0xffffffff, 1, 0x078 },
		{ 1, 1, 0x7fffffff, 0, 0x008 },
		{ 1, 1, 0x80000000, 1, 0x000 },
		{ 2, 3, 0x3fffffff, 0, 0xff8 },
		{ 2, 3, 0x40000000, -1, 0 },
		{ 2, 3, 0xdfffffff, -1, 0 },
		{ 2, 3, 0xe0000000, 1, 0x000 },
		{ 7, 7, 0x02000000, -1, 0 },
		{ 7, 7, 0xfe000000, 1, 0x000 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		u32 gva = t[i].gva;

		reset(EAE | t[i].t0sz | t[i].t1sz << 16);
		/* an ASID, and bits that are ignored: 47:40, and below the table's size */
		ctl.ttbr0 = 0x5affff0000000000ULL | L1 | (table_size(t[i].t0sz) - 1);
		ctl.ttbr1 = 0x3cffff0000000000ULL | L1B | (table_size(t[i].t1sz) - 1);
		if (t[i].ttbr < 0) {
			faults(gva, read_priv, WALK_TRANSLATION, 1, 0x205);
			expect(reads, 0);
			continue;
		}
		expect(first(gva), (t[i].ttbr ? L1B : L1) + t[i].offset);
		expect(res.ttbr, t[i].ttbr);
		expect(res.level, (t[i].ttbr ? t[i].t1sz : t[i].t0sz) >= 2 ? 2 : 1);
		/* EPD0, EPD1: always reported as level 1 */
		ctl.ttbcr |= 1U << (t[i].ttbr ? 23 : 7);
		faults(gva, read_priv, WALK_TRANSLATION, 1, 0x205);
		expect(reads, 0);
		ctl.ttbcr ^= 1U << 7 | 1U << 23;
		expect(first(gva), (t[i].ttbr ? L1B : L1) + t[i].offset);
	}
}

static void test_short_mappings(void)
{
	static const struct {
		u32 l1, l2, gva;
		u64 gpa;
		u32 shift, domain;
		bool ng;
	} t[] = {
		{ 0xabc00c02, 0, 0x00012345, 0xabc12345, 20, 0, 0 },
		{ 0xabc30de2, 0, 0x000fffff, 0xabcfffff, 20, 15, 1 },
		/* PA[39:36] from bits 8:5, PA[35:32] from bits 23:20 */
		{ 0xab540c42, 0, 0x00012345, 0x25ab012345ULL, 24, 0, 0 },
		{ 0xabf70de2, 0, 0x00012345, 0xffab012345ULL, 24, 0, 1 },
		{ L2 | 0x1e1, 0x12345032, 0x00012345, 0x12345345, 12, 15, 0 },
		{ L2 | 0x021, 0x12345c33, 0x00012345, 0x12345345, 12, 1, 1 },
		{ L2 | 0x001, 0x12345c31, 0x00012345, 0x12342345, 16, 0, 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		reset(0);
		put32(L1, t[i].l1);
		put32(L2 + 4 * (t[i].gva >> 12 & 0xff), t[i].l2);
		expect(walk(t[i].gva, read_priv), 0);
		expect(res.gpa, t[i].gpa);
		expect(res.size_shift, t[i].shift);
		expect(walk_size(&res), 1ULL << t[i].shift);
		expect(res.domain, t[i].domain);
		expect(res.ng, t[i].ng);
		expect(res.format, WALK_SHORT);
		expect(res.step[0].gpa, L1);
		expect(res.step[0].desc, t[i].l1);
		expect(res.level, t[i].l2 ? 2 : 1);
		expect(res.nr_steps, t[i].l2 ? 2 : 1);
		if (t[i].l2) {
			expect(res.step[1].gpa, L2 + 0x48);
			expect(res.step[1].desc, t[i].l2);
		}
		expect(sizes, 4);
	}
}

static void test_long_mappings(void)
{
	reset(EAE);
	ctl.ttbr0 = T1;
	/* bits 47:40 and those below the block's size are ignored; contiguous hint */
	put64(T1 + 8, 0x0010ffdfbffff000ULL | 0xc41);
	expect(walk(0x6abcdef0, read_priv), 0);
	expect(res.gpa, 0xdfaabcdef0ULL);
	expect(res.size_shift, 30);
	expect(res.ng, 1);
	put64(T1 + 8, 0x0000ff0000000000ULL | T2 | 3);
	put64(T2 + 8 * 0x155, 0x0000ff5678ffe000ULL | 0x441);
	expect(walk(0x6abcdef0, read_priv), 0);
	expect(res.gpa, 0x5678fcdef0ULL);
	expect(res.size_shift, 21);
	expect(res.ng, 0);
	put64(T2 + 8 * 0x155, T3 | 3);
	put64(T3 + 8 * 0x1cd, 0x0000ff9876543000ULL | 0x443);
	expect(walk(0x6abcdef0, read_priv), 0);
	expect(res.gpa, 0x9876543ef0ULL);
	expect(res.size_shift, 12);
	expect(res.nr_steps, 3);
	expect(res.step[0].gpa, T1 + 8);
	expect(res.step[1].gpa, T2 + 8 * 0x155);
	expect(res.step[2].gpa, T3 + 8 * 0x1cd);
	expect(res.domain, 0);
	expect(res.domain_access, WALK_DOMAIN_CLIENT);
}

/* A 1 GiB block at the border of the regions: no mapping may reach over it. */
static void test_long_cut_block(void)
{
	static const struct {
		u32 t0sz, t1sz, gva, shift;
	} t[] = {
		{ 0, 7, 0xc0000000, 25 },	/* TTBR1 has the last 32 MiB */
		{ 0, 3, 0xdfffffff, 29 },
		{ 0, 2, 0x80000000, 30 },
		{ 7, 0, 0x3fffffff, 25 },	/* TTBR0 has the first 32 MiB */
		{ 3, 0, 0x20000000, 29 },
		{ 1, 7, 0x7fffffff, 30 },	/* no border near */
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		reset(EAE | t[i].t0sz | t[i].t1sz << 16);
		for (j = 0; j < 4; j++) {
			put64(L1 + 8 * j, 0x5500000000ULL | j << 30 | 0x441);
			put64(L1B + 8 * j, 0x5500000000ULL | j << 30 | 0x441);
		}
		expect(walk(t[i].gva, read_priv), 0);
		expect(res.gpa, 0x5500000000ULL | t[i].gva);
		expect(res.size_shift, t[i].shift);
	}
}

static void test_big_endian(void)
{
	reset(0);
	ctl.sctlr |= WALK_SCTLR_EE;
	put32(L1, __builtin_bswap32(0xabc00c02));
	expect(walk(0x00012345, read_priv), 0);
	expect(res.gpa, 0xabc12345);
	expect(res.step[0].desc, 0xabc00c02);
	ctl.ttbcr = EAE;
	ctl.ttbr0 = T1;
	put64(T1, __builtin_bswap64(0x40000441));
	expect(walk(0x00012345, read_priv), 0);
	expect(res.gpa, 0x40012345);
	expect(res.step[0].desc, 0x40000441);
}

static void test_mmu_off(void)
{
	struct memattr fetch;
	unsigned int eae;

	for (eae = 0; eae < 2; eae++) {
		reset(eae ? EAE : 0);
		ctl.sctlr = WALK_SCTLR_AFE | WALK_SCTLR_WXN | WALK_SCTLR_UWXN;
		ctl.dacr = 0;
		expect(walk(0xfedcba98, (struct walk_access){ WALK_X, false }), 0);
		expect(reads, 0);
		expect(res.gpa, 0xfedcba98);
		expect(walk_size(&res), 1ULL << 32);
		expect(res.eff[WALK_USER], WALK_RWX);
		expect(res.eff[WALK_PRIV], WALK_RWX);
		expect(res.ng, 0);
		expect(walk_attr(&ctl, &res).type, MEMATTR_STRONGLY_ORDERED);
		fetch = walk_fetch_attr(&ctl, &res);
		expect(fetch.type, MEMATTR_NORMAL);
		expect(fetch.inner, MEMATTR_NC);
		ctl.sctlr |= WALK_SCTLR_I;
		fetch = walk_fetch_attr(&ctl, &res);
		expect(fetch.inner, MEMATTR_WT);
		expect(fetch.outer, MEMATTR_WT);
		expect(fetch.shareable, 1);
	}
}

/* -- memory attributes ---------------------------------------------------- */

static u32 pack(struct memattr a)
{
	return a.type << 12 | a.inner << 8 | a.outer << 4 | a.shareable << 1 |
	       a.outer_shareable;
}

static void test_tex(void)
{
	/* by TEX, C, B with S 0, as pack(); S 1 adds 3 to Normal memory */
	static const u16 want[32] = {
		0x0003, 0x1003, 0x2220, 0x2330,	/* SO, shared Device, WT, WB */
		0x2000, 0x0003, 0x0003, 0x2110,	/* NC, reserved, IMPDEF, WBWA */
		0x1000, 0x0003, 0x0003, 0x0003,	/* non-shareable Device */
		0x0003, 0x0003, 0x0003, 0x0003,
		/* 1BBAA: outer BB, inner AA */
		0x2000, 0x2100, 0x2200, 0x2300,
		0x2010, 0x2110, 0x2210, 0x2310,
		0x2020, 0x2120, 0x2220, 0x2320,
		0x2030, 0x2130, 0x2230, 0x2330,
	};
	u32 i;

	for (i = 0; i < 32; i++) {
		expect(pack(memattr_tex(i, false)), want[i]);
		expect(pack(memattr_tex(i, true)),
		       want[i] | (want[i] >> 12 == 2 ? 3 : 0));
	}
	/* where the descriptors keep the bits: TEX 111, C 0, B 1, S */
	reset(0);
	put32(L1, 0x00017c06);
	expect(walk(0, read_priv), 0);
	expect(pack(walk_attr(&ctl, &res)), 0x2133);
	put32(L1, L2 | 1);
	put32(L2, 0x000005f6);
	expect(walk(0, read_priv), 0);
	expect(pack(walk_attr(&ctl, &res)), 0x2133);
	expect(res.ng, 0);
	put32(L2, 0x00007435);
	expect(walk(0, read_priv), 0);
	expect(pack(walk_attr(&ctl, &res)), 0x2133);
	expect(res.ng, 0);
	put32(L2, 0x00007835);			/* nG in place of S */
	expect(walk(0, read_priv), 0);
	expect(pack(walk_attr(&ctl, &res)), 0x2130);
	expect(res.ng, 1);
}

static void test_tex_remap(void)
{
	/* TR0-7: SO, Device, Normal x4, reserved, Normal */
	u32 prrr = 0xbaa4;
	u32 nmrr = 0xd8e4c6b1;
	u32 i, s;

	for (i = 0; i < 8; i++) {
		for (s = 0; s < 2; s++) {
			struct memattr a = memattr_tex_remap(i | 0x18, s,
				(u64)nmrr << 32 | prrr);

			switch (i) {
			case 0:
			case 6:
				expect(pack(a), 0x0003);
				break;
			case 1:
				expect(pack(a), 0x1000);	/* DS0, DS1 clear */
				break;
			default:
				expect(a.type, MEMATTR_NORMAL);
				expect(a.inner, nmrr >> (2 * i) & 3);
				expect(a.outer, nmrr >> (2 * i + 16) & 3);
				expect(a.shareable, 0);
				break;
			}
		}
	}
	/* DS0 16, DS1 17, NS0 18, NS1 19 */
	expect(memattr_tex_remap(1, 0, prrr | 1 << 16).shareable, 1);
	expect(memattr_tex_remap(1, 1, prrr | 1 << 16).shareable, 0);
	expect(memattr_tex_remap(1, 1, prrr | 1 << 17).shareable, 1);
	expect(memattr_tex_remap(2, 0, prrr | 1 << 18).shareable, 1);
	expect(memattr_tex_remap(2, 1, prrr | 1 << 18).shareable, 0);
	expect(memattr_tex_remap(2, 1, prrr | 1 << 19).shareable, 1);
	/* NOS2 */
	expect(memattr_tex_remap(2, 1, prrr | 1 << 19).outer_shareable, 1);
	expect(memattr_tex_remap(2, 1, prrr | 1 << 19 | 1 << 26).outer_shareable,
	       0);
	expect(memattr_tex_remap(2, 1, prrr | 1 << 19 | 1 << 27).outer_shareable,
	       1);

	/* Linux's own: PRRR 0xff0a81a8, NMRR 0x40e040e0; a kernel section, S 1 */
	reset(0);
	ctl.sctlr |= WALK_SCTLR_TRE;
	ctl.mair = 0x40e040e0ff0a81a8ULL;
	put32(L1, 0x8001940e | 1 << 16);
	expect(walk(0, read_priv), 0);
	expect(pack(walk_attr(&ctl, &res)), 0x2112);
}

static void test_mair(void)
{
	static const struct {
		u8 byte, sh;
		u16 want;
	} t[] = {
		{ 0x00, 0, 0x0003 }, { 0x00, 3, 0x0003 }, { 0x04, 0, 0x1003 },
		{ 0x44, 0, 0x2000 }, { 0x44, 2, 0x2003 }, { 0xff, 3, 0x2112 },
		{ 0xff, 2, 0x2113 }, { 0xee, 0, 0x2330 }, { 0xaa, 0, 0x2220 },
		{ 0xbb, 3, 0x2222 }, { 0x4f, 0, 0x2100 }, { 0xf4, 0, 0x2010 },
	};
	unsigned int i, index;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		for (index = 0; index < 8; index++) {
			u64 mair = 0x1122334455667788ULL;
			struct memattr a;

			mair &= ~(0xffULL << (8 * index));
			mair |= (u64)t[i].byte << (8 * index);
			a = memattr_mair(mair, index, t[i].sh);
			expect(pack(a), t[i].want);
			expect(a.mair, t[i].byte);
		}
	}
	reset(EAE);
	ctl.ttbr0 = T1;
	ctl.mair = 0xffULL << 40 | 0x44 << 8;
	put64(T1, 0x400 | 3 << 8 | 5 << 2 | 1);
	expect(walk(0, read_priv), 0);
	expect(pack(walk_attr(&ctl, &res)), 0x2112);
	put64(T1, 0x400 | 2 << 8 | 1 << 2 | 1);
	expect(walk(0, read_priv), 0);
	expect(pack(walk_attr(&ctl, &res)), 0x2003);
}

static void test_ram_policy(void)
{
	static const struct {
		u8 texcb;
		u8 lost;
	} t[] = {
		{ 0x00, 7 }, { 0x01, 7 }, { 0x08, 7 }, { 0x04, 4 },
		{ 0x07, 0 }, { 0x02, 0 }, { 0x03, 0 }, { 0x11, 4 }, { 0x14, 4 },
	};
	unsigned int i, lost;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct memattr guest = memattr_tex(t[i].texcb, false);

		lost = ~0U;
		expect(pack(memattr_for_ram(&guest, &lost)), 0x2112);
		expect(lost, t[i].lost);
	}
}

/* -- PAR and ASID ---------------------------------------------------------- */

static void test_par_short(void)
{
	reset(0);
	put32(L1, 0xabc11c0e);			/* WB WA, S */
	expect(walk(0x00012345, read_priv), 0);
	expect(walk_par(&ctl, &res, &fault), 0xabc12000 | 0x200 | 0x80 | 5 << 4 | 1 << 2);
	put32(L1, 0xabc00c02);			/* Strongly-ordered */
	walk(0x00012345, read_priv);
	expect(walk_par(&ctl, &res, NULL), 0xabc12000 | 0x280 | 1 << 4);
	put32(L1, 0xabc00c06);			/* Device */
	walk(0x00012345, read_priv);
	expect(walk_par(&ctl, &res, NULL), 0xabc12000 | 0x280 | 3 << 4);
	put32(L1, 0xab541c42);			/* supersection, Non-cacheable */
	walk(0x00012345, read_priv);
	expect(walk_par(&ctl, &res, NULL), 0xab250000 | 0x200 | 2);
	/* Linux's kernel mapping with TEX remap: NOS, Inner Shareable */
	ctl.sctlr |= WALK_SCTLR_TRE;
	ctl.mair = 0x40e040e0ff0a81a8ULL;
	put32(L1, 0x8001940e);
	walk(0, read_priv);
	expect(walk_par(&ctl, &res, NULL),
	       0x80000000 | 0x400 | 0x200 | 0x80 | 5 << 4 | 1 << 2);

	put32(L1, 0);
	expect(walk(0, write_priv), -1);
	expect(walk_par(&ctl, &res, &fault), 5 << 1 | 1);
	put32(L1, L2 | 1 << 5 | 1);
	put32(L2, 0x32);
	ctl.dacr = 0;
	expect(walk(0, write_priv), -1);
	expect(walk_par(&ctl, &res, &fault), 0xb << 1 | 1);
}

static void test_par_long(void)
{
	reset(EAE);
	ctl.ttbr0 = T1;
	ctl.mair = 0x00000000ff440400ULL;
	put64(T1 + 8, 0x9840000000ULL | 0x400 | 3 << 8 | 3 << 2 | 1);
	expect(walk(0x41234567, read_priv), 0);
	expect(walk_par(&ctl, &res, &fault), 0xff00009841234000ULL | 0xa00 | 3 << 7);
	/* Device and Non-cacheable read as Outer Shareable */
	put64(T1 + 8, 0x9840000000ULL | 0x400 | 1 << 2 | 1);
	walk(0x41234567, read_priv);
	expect(walk_par(&ctl, &res, NULL), 0x0400009841234000ULL | 0xa00 | 2 << 7);
	put64(T1 + 8, 0x9840000000ULL | 0x400 | 2 << 2 | 1);
	walk(0x41234567, read_priv);
	expect(walk_par(&ctl, &res, NULL), 0x4400009841234000ULL | 0xa00 | 2 << 7);
	put64(T1 + 8, T2 | 3);
	expect(walk(0x41234567, read_priv), -1);
	expect(walk_par(&ctl, &res, &fault), 0x800 | 6 << 1 | 1);
	/* MMU off: the format stays */
	ctl.sctlr = 0;
	expect(walk(0x41234567, read_priv), 0);
	expect(walk_par(&ctl, &res, &fault), 0x41234000ULL | 0xa00 | 2 << 7);
}

static void test_asid(void)
{
	reset(0);
	expect(walk_asid(&ctl, 0x12345678), 0x78);
	ctl.ttbr0 = 0x00aa000080000000ULL;
	ctl.ttbr1 = 0x0055000080000000ULL;
	ctl.ttbcr = EAE;
	expect(walk_asid(&ctl, 0x12345678), 0xaa);
	ctl.ttbcr |= 1 << 22;
	expect(walk_asid(&ctl, 0x12345678), 0x55);
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "walk-short-fault-status", test_short_fault_status },
	{ "walk-short-reserved-type", test_short_reserved_type },
	{ "walk-long-fault-status", test_long_fault_status },
	{ "walk-short-permissions", test_short_permissions },
	{ "walk-long-permissions", test_long_permissions },
	{ "walk-short-ttbr", test_short_ttbr },
	{ "walk-long-ttbr", test_long_ttbr },
	{ "walk-short-mappings", test_short_mappings },
	{ "walk-long-mappings", test_long_mappings },
	{ "walk-long-cut-block", test_long_cut_block },
	{ "walk-big-endian", test_big_endian },
	{ "walk-mmu-off", test_mmu_off },
	{ "walk-par-short", test_par_short },
	{ "walk-par-long", test_par_long },
	{ "walk-asid", test_asid },
	{ "memattr-tex", test_tex },
	{ "memattr-tex-remap", test_tex_remap },
	{ "memattr-mair", test_mair },
	{ "memattr-ram-policy", test_ram_policy },
};

int main(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		current = tests[i].name;
		current_failed = false;
		tests[i].run();
		if (current_failed)
			failures++;
		else
			printf("PASS %s\n", current);
	}
	return failures ? 1 : 0;
}
