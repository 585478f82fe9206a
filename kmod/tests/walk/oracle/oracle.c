// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk oracle: walk.c against the MMU of an emulated core.
 *
 *   walk-oracle gen   BOARD SEED FILE      writes the guest's input
 *   walk-oracle check BOARD SEED RESULTS   compares what the guest found
 *
 * Random tables, registers and addresses, of which check makes the same again
 * from the seed.  BOARD is virt (Cortex-A15), vexpress (Cortex-A9: no LPAE,
 * PXN, WXN), or virt-wxn: QEMU 7.x lets a core execute Short-descriptor
 * mappings that SCTLR.WXN forbids, later ones don't.
 *
 * The emulator departs from the manual in a few points. tcg_view(), par_mask(),
 * alternative() and expect() allow for them, each with its reason, and the
 * cases that met one are counted.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "oracle.h"
#include "walk.h"

#define NR_ARENAS	12
#define ARENA_SIZE	0x30000U
#define CFGS_PER_ARENA	60
#define GVAS_PER_CFG	32
#define ACCESSES_PER_CFG	160

#define GUEST_DOMAIN	15U
#define MIB		0x100000U

struct board {
	const char *name;
	u32 ram;
	u32 hole;		/* 16 MiB of no memory: external aborts */
	bool lpae;
	bool short_wxn;		/* the emulator has WXN in the Short-descriptor format */
	u32 features;
};

static const struct board boards[] = {
	{ "virt", 0x40000000, 0x60000000, true, false,
	  WALK_HAS_PXN | WALK_HAS_WXN },
	{ "virt-wxn", 0x40000000, 0x60000000, true, true,
	  WALK_HAS_PXN | WALK_HAS_WXN },
	{ "vexpress", 0x60000000, 0x20000000, false, false, 0 },
};

static const struct board *board;

/* The image that is loaded at ORACLE_CASES, and how much of it is cases */
#define IMAGE_SIZE	(ORACLE_ARENA - ORACLE_CASES + NR_ARENAS * ARENA_SIZE)
static u8 image[IMAGE_SIZE] __attribute__((aligned(8)));
static u32 cases_end;

static u64 rnd_state;

static u32 rnd(void)
{
	/* xorshift64*, Vigna 2016 */
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return (u32)((rnd_state * 0x2545f4914f6cdd1dULL) >> 32);
}

static u64 rnd64(void)
{
	u64 high = rnd();

	return high << 32 | rnd();
}

static bool percent(unsigned int p)
{
	return rnd() % 100 < p;
}

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("walk-oracle: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* -- table memory --------------------------------------------------------- */

struct arena {
	u32 gpa;
	bool be;
	u8 *mem;
};

static void put32(const struct arena *a, u32 offset, u32 val)
{
	if (a->be)
		val = __builtin_bswap32(val);
	memcpy(a->mem + offset, &val, 4);
}

static void put64(const struct arena *a, u32 offset, u64 val)
{
	if (a->be)
		val = __builtin_bswap64(val);
	memcpy(a->mem + offset, &val, 8);
}

static u32 scratch(void)
{
	return board->ram + ORACLE_SCRATCH;
}

/* Short-descriptor arena: two first-level tables, then 64 second-level ones */
#define SHORT_L1(n)	((n) * 0x4000U)
#define SHORT_L2(n)	(0x8000U + (n) * 0x400U)
#define NR_SHORT_L2	64

static u32 random_l1(const struct arena *a)
{
	u32 desc = rnd() & ~3U;
	unsigned int kind = rnd() % 100;

	if (kind < 12)
		return desc;
	if (kind < 48) {
		u32 table = a->gpa + SHORT_L2(rnd() % NR_SHORT_L2);

		if (percent(8))
			table = board->hole + (rnd() & 0xfffc00);
		return table | (desc & 0x3fc) | 1;
	}
	/* sections and supersections, a third with bit 0: PXN or Reserved */
	desc |= percent(33) ? 3 : 2;
	if (percent(70))
		desc &= ~(1U << 18);
	if (percent(50)) {
		if (desc & (1U << 18))
			desc = scratch() | (desc & 0x000ffe1f);
		else
			desc = scratch() | (desc & 0x00ffffff);
	}
	return desc;
}

static u32 random_l2(void)
{
	u32 desc = rnd();

	if (percent(15))
		return desc & ~3U;
	if (percent(30))
		desc = (desc & ~3U) | 1;
	else
		desc |= 2;
	if (percent(60))
		desc = scratch() | (desc & 0x00ffffff);
	return desc;
}

/* The guest's own 64 MiB, flat: privileged, read-write, executable */
static void fixed_short(const struct arena *a)
{
	u32 first = board->ram / MIB;
	u32 i, table, half;

	for (i = 0; i < ORACLE_FIXED / MIB; i++)
		for (table = 0; table < 2; table++)
			for (half = 0; half < 2; half++)
				put32(a, SHORT_L1(table) + half * 0x2000 +
					 4 * (first + i),
				      (board->ram + i * MIB) | 1 << 10 |
				      GUEST_DOMAIN << 5 | 2);
}

static void fill_short(const struct arena *a)
{
	u32 i;

	for (i = 0; i < SHORT_L2(0); i += 4)
		put32(a, i, random_l1(a));
	for (; i < SHORT_L2(NR_SHORT_L2); i += 4)
		put32(a, i, random_l2());
	fixed_short(a);
}

/* Long-descriptor arena: pages 0-1 hold first-level tables, and so on */
#define LONG_PAGE(n)	((n) * 0x1000U)
#define LONG_L2		2
#define LONG_L3		10
#define LONG_END	40

static u64 random_long(const struct arena *a, unsigned int level)
{
	u64 desc = rnd64();
	u64 table;

	if (percent(12))
		return desc & ~1ULL;
	if (level == 3) {
		desc |= percent(90) ? 3 : 1;
		if (percent(60))
			desc = (desc & ~0xfffff000000ULL) | scratch();
	} else if (percent(65)) {
		table = a->gpa;
		if (level == 1)
			table += LONG_PAGE(LONG_L2 + rnd() % (LONG_L3 - LONG_L2));
		else
			table += LONG_PAGE(LONG_L3 + rnd() % (LONG_END - LONG_L3));
		if (percent(6))
			table = board->hole + (rnd() & 0xfff000);
		desc = (desc & ~0xfffffff000ULL) | table | 3;
		/* or nearly everything ends without permissions */
		if (percent(60))
			desc &= ~(0x1fULL << 59);
	} else {
		desc = (desc & ~3ULL) | 1;
		if (level == 2 && percent(60))
			desc = (desc & ~0xfffff000000ULL) | scratch();
	}
	if (percent(80))
		desc |= 1 << 10;	/* Access flag */
	if (percent(50))
		desc &= ~(3ULL << 53);	/* XN, PXN */
	return desc;
}

/* The first table of page 0 maps the guest: code read-only, the rest never executable */
static void fixed_long(const struct arena *a)
{
	u32 i;

	put64(a, LONG_PAGE(0) + 8 * (board->ram >> 30),
	      (u64)(a->gpa + LONG_PAGE(LONG_L2)) | 3);
	for (i = 0; i < ORACLE_FIXED / (2 * MIB); i++)
		put64(a, LONG_PAGE(LONG_L2) + 8 * i,
		      (u64)(board->ram + i * 2 * MIB) | 1 << 10 |
		      (i ? 1ULL << 54 : 1 << 7) | 1);
}

static void fill_long(const struct arena *a)
{
	u32 i;

	for (i = 0; i < LONG_PAGE(LONG_END); i += 8)
		put64(a, i, random_long(a, i < LONG_PAGE(LONG_L2) ? 1 :
					   i < LONG_PAGE(LONG_L3) ? 2 : 3));
	fixed_long(a);
}

/* Guest RAM as walk.c sees it.  A read elsewhere is the generator's bug. */
static int read_desc(void *ctx, u64 gpa, unsigned int size, u64 *val)
{
	u32 offset;

	(void)ctx;
	if (gpa >= board->hole && gpa + size <= (u64)board->hole + 16 * MIB)
		return -1;
	offset = (u32)gpa - board->ram - ORACLE_CASES;
	if (gpa < board->ram + ORACLE_ARENA || offset + size > IMAGE_SIZE)
		die("a walk left the tables: %#" PRIx64, (uint64_t)gpa);
	*val = 0;
	memcpy(val, image + offset, size);
	return 0;
}

static const struct walk_ops ops = { .read_desc = read_desc };

/* -- configurations ------------------------------------------------------- */

static struct walk_ctl ctl_of(const struct oracle_cfg *cfg)
{
	return (struct walk_ctl) {
		.sctlr = cfg->sctlr,
		.ttbcr = cfg->ttbcr,
		.ttbr0 = cfg->ttbr0,
		.ttbr1 = cfg->ttbr1,
		.dacr = cfg->dacr,
		.features = board->features,
		.mair = (u64)cfg->mair1 << 32 | cfg->mair0,
	};
}

/* TTBCR and TTBRs; a @mapped configuration must keep the guest mapped */
static void random_short_regs(const struct arena *a, bool mapped,
			      struct oracle_cfg *cfg)
{
	u32 n = percent(40) ? 0 : rnd() & 7;
	u32 pd0 = percent(10), pd1 = percent(10);
	u32 size = 0x4000U >> n;

	if (mapped) {
		if (n <= 1)
			pd0 = 0;
		else
			pd1 = 0;
	}
	cfg->ttbcr = n | pd0 << 4 | pd1 << 5;
	cfg->ttbr0 = (a->gpa + SHORT_L1(0) + rnd() % (1U << n) * size) |
		     (rnd() & 0x7f);
	cfg->ttbr1 = (a->gpa + SHORT_L1(1)) | (rnd() & 0x7f);
}

/* A start for a region of 2^@bits bytes, its table naturally aligned */
static u64 random_long_ttbr(const struct arena *a, unsigned int bits)
{
	u64 asid = (u64)(rnd() & 0xff) << 48;
	u32 level = bits > 30 ? 1 : 2;
	u32 size = 8U << (bits - (level == 1 ? 30 : 21));
	u32 page = level == 1 ? 1 : LONG_L2 + rnd() % (LONG_L3 - LONG_L2);

	return asid | (a->gpa + LONG_PAGE(page) + rnd() % (0x1000 / size) * size);
}

static void random_long_regs(const struct arena *a, bool mapped,
			     struct oracle_cfg *cfg)
{
	u32 t0 = percent(50) ? rnd() & 1 : rnd() & 7;
	u32 t1 = percent(30) ? 0 : rnd() & 7;
	u32 epd0 = percent(8), epd1 = percent(8);

	if (mapped) {
		/* TTBR0 reaches the guest with T0SZ 0 or 1, TTBR1 with T1SZ 0 */
		if (t0 >= 2) {
			t1 = 0;
			epd1 = 0;
		} else {
			epd0 = 0;
		}
	}
	cfg->ttbr0 = random_long_ttbr(a, 32 - t0);
	cfg->ttbr1 = random_long_ttbr(a, 32 - t1);
	if (mapped && t0 >= 2)
		cfg->ttbr1 = a->gpa + LONG_PAGE(0);
	else if (mapped)
		cfg->ttbr0 = a->gpa + LONG_PAGE(0);
	cfg->ttbcr = WALK_TTBCR_EAE | t0 | t1 << 16 | epd0 << 7 | epd1 << 23 |
		     (rnd() & WALK_TTBCR_A1);
}

static u32 random_dacr(void)
{
	u32 dacr = 0, i;

	for (i = 0; i < 16; i++)
		dacr |= (percent(60) ? 1 : rnd() & 3) << (2 * i);
	return dacr;
}

static void random_cfg(const struct arena *a, bool lpae, bool mapped,
		       struct oracle_cfg *cfg)
{
	u32 sctlr = rnd() & (WALK_SCTLR_TRE | WALK_SCTLR_AFE | WALK_SCTLR_I);

	if (board->features & WALK_HAS_WXN && percent(40) &&
	    (lpae || board->short_wxn))
		sctlr |= rnd() & (WALK_SCTLR_WXN | WALK_SCTLR_UWXN);
	if (a->be)
		sctlr |= WALK_SCTLR_EE;
	if (mapped || percent(98))
		sctlr |= WALK_SCTLR_M;
	cfg->sctlr = sctlr;
	cfg->dacr = random_dacr();
	if (mapped)
		cfg->dacr |= 3U << (2 * GUEST_DOMAIN);
	cfg->mair0 = rnd();
	cfg->mair1 = rnd();
	if (lpae)
		random_long_regs(a, mapped, cfg);
	else
		random_short_regs(a, mapped, cfg);
	cfg->nr_items = 0;
}

static u32 random_gva(void)
{
	u32 gva = rnd();
	u32 keep = rnd() & 7;

	/* often within the regions that TTBCR.N, T0SZ, T1SZ can choose */
	if (percent(30))
		return gva >> keep;
	if (percent(30))
		return gva | ~(~0U >> keep);
	return gva;
}

static struct walk_access access_of(u32 op)
{
	static const struct walk_access access[ORACLE_NR_OPS] = {
		[ORACLE_NS_PR]		= { WALK_R, true },
		[ORACLE_NS_PW]		= { WALK_W, true },
		[ORACLE_ATS_PR]		= { WALK_R, true },
		[ORACLE_ATS_PW]		= { WALK_W, true },
		[ORACLE_ATS_UR]		= { WALK_R, false },
		[ORACLE_ATS_UW]		= { WALK_W, false },
		[ORACLE_LDR]		= { WALK_R, true },
		[ORACLE_STR]		= { WALK_W, true },
		[ORACLE_LDRT]		= { WALK_R, false },
		[ORACLE_STRT]		= { WALK_W, false },
		[ORACLE_EXEC_PRIV]	= { WALK_X, true },
		[ORACLE_EXEC_USER]	= { WALK_X, false },
	};

	return access[op];
}

/* -- what the emulator is known to do otherwise ---------------------------- */

static unsigned long nr_deviations;

/*
 * QEMU's get_phys_addr_v6() judges the domain right after the first-level
 * descriptor, before the second-level fetch and before the Access flag, and
 * doesn't look at the Access flag for a manager.  B3.12 ("Prioritization of
 * aborts") and the walk's pseudocode in B3.19 have the domain last but for the
 * permissions, and the Access flag independent of it.
 */
static void tcg_view(const struct walk_result *res, struct walk_fault *fault)
{
	struct walk_fault was = *fault;

	if (res->format != WALK_SHORT)
		return;
	if (res->level == 1 &&
	    (was.kind == WALK_TRANSLATION || was.kind == WALK_EXTERNAL))
		return;
	if (res->domain_access == WALK_DOMAIN_NONE ||
	    res->domain_access == WALK_DOMAIN_RESERVED) {
		fault->kind = WALK_DOMAIN;
		fault->level = res->level;
		fault->domain = res->domain;
		fault->fsr = res->level == 1 ? 0x9 : 0xb;
	} else if (res->domain_access == WALK_DOMAIN_MANAGER &&
		   was.kind == WALK_ACCESS_FLAG) {
		*fault = (struct walk_fault) { .kind = WALK_OK };
	}
	if (fault->kind != was.kind)
		nr_deviations++;
}

/* -- generation ----------------------------------------------------------- */

static bool in_scratch(u64 gpa)
{
	return gpa >= scratch() && gpa < (u64)scratch() + 16 * MIB;
}

static void add_item(struct oracle_cfg *cfg, u32 gva, u32 op)
{
	cfg->item[cfg->nr_items++] = (struct oracle_item) { gva, op };
}

static void add_ats_items(struct oracle_cfg *cfg, u32 first, u32 last)
{
	u32 i, op;

	for (i = 0; i < GVAS_PER_CFG; i++) {
		u32 gva = random_gva();

		for (op = first; op <= last; op++)
			add_item(cfg, gva, op);
	}
}

/* Only what faults, or ends in the scratch memory. */
static void add_access_items(struct oracle_cfg *cfg)
{
	struct walk_ctl ctl = ctl_of(cfg);
	u32 i;

	for (i = 0; i < ACCESSES_PER_CFG; i++) {
		u32 gva = random_gva() & ~3U;
		u32 op = ORACLE_LDR + rnd() % (ORACLE_NR_OPS - ORACLE_LDR);
		struct walk_result res;
		struct walk_fault fault;

		walk_gva(&ctl, &ops, NULL, gva, access_of(op), &res, &fault);
		tcg_view(&res, &fault);
		if (fault.kind != WALK_OK || in_scratch(res.gpa))
			add_item(cfg, gva, op);
	}
}

static void generate(u64 seed)
{
	struct oracle_cases *cases = (struct oracle_cases *)image;
	struct oracle_cfg *cfg = (struct oracle_cfg *)(cases + 1);
	u32 i, j;

	rnd_state = seed ^ 0x9e3779b97f4a7c15ULL;
	if (!rnd_state)
		rnd_state = 1;
	cases->magic = ORACLE_MAGIC;
	cases->lpae = board->lpae;
	for (i = 0; i < NR_ARENAS; i++) {
		u32 offset = ORACLE_ARENA + i * ARENA_SIZE;
		bool lpae = board->lpae && (i & 1);
		struct arena a = {
			.gpa = board->ram + offset,
			.be = i % 3 == 2,
			.mem = image + offset - ORACLE_CASES,
		};

		if (lpae)
			fill_long(&a);
		else
			fill_short(&a);
		for (j = 0; j < CFGS_PER_ARENA; j++) {
			bool mapped = j & 1;

			if ((u8 *)cfg > image + ORACLE_ARENA - ORACLE_CASES -
					ORACLE_STACK)
				die("too many cases for the guest's memory");
			random_cfg(&a, lpae, mapped, cfg);
			if (mapped) {
				add_ats_items(cfg, ORACLE_ATS_PR, ORACLE_ATS_UW);
				add_access_items(cfg);
			} else {
				add_ats_items(cfg, ORACLE_NS_PR, ORACLE_NS_PW);
			}
			cases->nr_cfgs++;
			cfg = (struct oracle_cfg *)&cfg->item[cfg->nr_items];
		}
	}
	cases_end = (u8 *)cfg - image;
	nr_deviations = 0;
}

/* -- comparison ----------------------------------------------------------- */

static unsigned long by_kind[ORACLE_NR_OPS][WALK_PERMISSION + 1];

static u64 par_mask(const struct walk_ctl *ctl, const struct walk_result *res,
		    const struct walk_fault *fault, u32 op)
{
	struct memattr attr = walk_attr(ctl, res);
	/* in Secure state NS comes from the descriptor; walk.c is for Non-secure */
	u64 ns = op <= ORACLE_NS_PW ? 0 : 0x200;

	if (fault->kind != WALK_OK)
		return ~0ULL;
	if (ctl->ttbcr & WALK_TTBCR_EAE) {
		/*
		 * SH: up to 7.x QEMU gives the descriptor's even for memory that
		 * is Outer Shareable always; the value 1 is Reserved.
		 */
		if (attr.type != MEMATTR_NORMAL ||
		    (attr.inner == MEMATTR_NC &&
		     attr.outer == MEMATTR_NC) ||
		    ((res->step[res->nr_steps - 1].desc >> 8) & 3) == 1)
			return ~ns & ~0x180ULL;
		return ~ns;
	}
	/* QEMU sets no attribute bits in the 32-bit PAR, and no PA[39:32]. */
	if (res->size_shift == 24)
		return 0xff000203U & ~ns;
	return 0xfffff203U & ~ns;
}

/* What the guest should have reported, and the bits of it that count */
struct expectation {
	struct walk_fault fault;
	struct oracle_result want;
	u32 fsr_mask;
	u32 alt_fsr;		/* also accepted */
	u64 par_mask;
};

/*
 * Up to 8.x, QEMU reports XN and PXN of a short descriptor before it looks at
 * the Access flag.
 */
static u32 alternative(const struct walk_result *res,
		       const struct walk_fault *fault, struct walk_access access)
{
	u8 perm = res->perm[access.priv ? WALK_PRIV : WALK_USER];

	if (res->format == WALK_SHORT && fault->kind == WALK_ACCESS_FLAG &&
	    access.kind == WALK_X && !(perm & WALK_X))
		return res->level == 1 ? 0xd : 0xf;
	return fault->fsr;
}

static struct expectation expect(const struct walk_ctl *ctl,
				 const struct oracle_item *item)
{
	struct walk_access access = access_of(item->op);
	bool lpae = ctl->ttbcr & WALK_TTBCR_EAE;
	bool ats = item->op <= ORACLE_ATS_UW;
	struct expectation e = { .fsr_mask = ~0U, .par_mask = ~0ULL };
	struct walk_result res;

	walk_gva(ctl, &ops, NULL, item->gva, access, &res, &e.fault);
	tcg_view(&res, &e.fault);
	if (ats && e.fault.kind != WALK_EXTERNAL) {
		e.want.par = walk_par(ctl, &res, &e.fault);
		e.par_mask = par_mask(ctl, &res, &e.fault, item->op);
		return e;
	}
	if (e.fault.kind == WALK_OK)
		return e;
	e.want.far = item->gva;
	if (access.kind == WALK_X) {
		e.want.outcome = ORACLE_PABT;
		e.want.fsr = e.fault.fsr;
		e.alt_fsr = alternative(&res, &e.fault, access);
		/* QEMU leaves the domain in IFSR, where bits 8:4 are UNK/SBZP. */
		if (!lpae)
			e.fsr_mask = ~0xf0U;
	} else {
		e.want.outcome = ORACLE_DABT;
		e.want.fsr = walk_dfsr(ctl, &e.fault, access.kind == WALK_W, ats);
		e.alt_fsr = e.want.fsr;
		/* QEMU doesn't set CM and WnR for these operations. */
		if (ats)
			e.fsr_mask = ~((1U << 13) | (1U << 11));
	}
	return e;
}

static bool same(const struct expectation *e, const struct oracle_result *got)
{
	const struct oracle_result *want = &e->want;
	bool fsr = !((want->fsr ^ got->fsr) & e->fsr_mask);

	if (!fsr && !((e->alt_fsr ^ got->fsr) & e->fsr_mask)) {
		nr_deviations++;
		fsr = true;
	}
	return fsr && want->outcome == got->outcome && want->far == got->far &&
	       !((want->par ^ got->par) & e->par_mask);
}

static void report(const struct oracle_cfg *cfg, const struct oracle_item *item,
		   const struct oracle_result *want,
		   const struct oracle_result *got)
{
	printf("mismatch: op %" PRIu32 " gva %08" PRIx32 " sctlr %08" PRIx32
	       " ttbcr %08" PRIx32 " ttbr0 %" PRIx64 " ttbr1 %" PRIx64
	       " dacr %08" PRIx32 "\n", item->op, item->gva, cfg->sctlr,
	       cfg->ttbcr, (uint64_t)cfg->ttbr0, (uint64_t)cfg->ttbr1,
	       cfg->dacr);
	printf("  walk.c   outcome %" PRIu32 " fsr %04" PRIx32 " far %08" PRIx32
	       " par %016" PRIx64 "\n", want->outcome, want->fsr, want->far,
	       (uint64_t)want->par);
	printf("  emulator outcome %" PRIu32 " fsr %04" PRIx32 " far %08" PRIx32
	       " par %016" PRIx64 "\n", got->outcome, got->fsr, got->far,
	       (uint64_t)got->par);
}

/* Every outcome that the format has must have been met, or the test is blind. */
static bool coverage(void)
{
	static const char * const kind_name[] = {
		"ok", "external", "translation", "access-flag", "domain",
		"permission",
	};
	static const char * const op_name[] = {
		"ns-pr", "ns-pw", "ats-pr", "ats-pw", "ats-ur",
		"ats-uw", "ldr", "str", "ldrt", "strt", "exec-priv",
		"exec-user",
	};
	bool full = true;
	u32 op, kind;

	for (op = 0; op < ORACLE_NR_OPS; op++) {
		printf("%-10s", op_name[op]);
		for (kind = 0; kind <= WALK_PERMISSION; kind++) {
			printf(" %s %lu", kind_name[kind], by_kind[op][kind]);
			full &= by_kind[op][kind] >= 3;
		}
		putchar('\n');
	}
	if (!full)
		puts("too few cases of some outcome: use another seed");
	return full;
}

static int check(FILE *results)
{
	const struct oracle_cases *cases = (const void *)image;
	const struct oracle_cfg *cfg = (const void *)(cases + 1);
	unsigned long nr = 0, bad = 0;
	u32 i, j;

	for (i = 0; i < cases->nr_cfgs; i++) {
		struct walk_ctl ctl = ctl_of(cfg);

		for (j = 0; j < cfg->nr_items; j++) {
			const struct oracle_item *item = &cfg->item[j];
			struct oracle_result got;
			struct expectation e;

			if (fread(&got, sizeof(got), 1, results) != 1)
				die("the guest gave only %lu results", nr);
			e = expect(&ctl, item);
			by_kind[item->op][e.fault.kind]++;
			nr++;
			if (same(&e, &got))
				continue;
			if (bad++ < 10)
				report(cfg, item, &e.want, &got);
		}
		cfg = (const void *)&cfg->item[cfg->nr_items];
	}
	if (fgetc(results) != EOF)
		die("the guest gave more results than cases");
	printf("%lu cases, %lu known departures of the emulator from the manual, %lu mismatches\n",
	       nr, nr_deviations, bad);
	return coverage() && !bad ? 0 : 1;
}

static FILE *open_file(const char *name, const char *mode)
{
	FILE *f = fopen(name, mode);

	if (!f)
		die("%s: %s", name, strerror(errno));
	return f;
}

int main(int argc, char **argv)
{
	unsigned int i;
	char *end;
	u64 seed;
	FILE *f;

	if (argc != 5)
		die("usage: walk-oracle gen|check virt|vexpress SEED FILE");
	for (i = 0; i < sizeof(boards) / sizeof(boards[0]); i++)
		if (!strcmp(argv[2], boards[i].name))
			board = &boards[i];
	if (!board)
		die("no board %s", argv[2]);
	seed = strtoull(argv[3], &end, 0);
	if (*end || end == argv[3])
		die("the seed %s isn't a number", argv[3]);
	generate(seed);

	if (!strcmp(argv[1], "check")) {
		f = open_file(argv[4], "rb");
		return check(f);
	}
	if (strcmp(argv[1], "gen"))
		die("no command %s", argv[1]);
	f = open_file(argv[4], "wb");
	if (fwrite(image, IMAGE_SIZE, 1, f) != 1 || fclose(f))
		die("%s: %s", argv[4], strerror(errno));
	printf("seed %" PRIu64 ": %u bytes of cases\n", (uint64_t)seed,
	       cases_end);
	return 0;
}
