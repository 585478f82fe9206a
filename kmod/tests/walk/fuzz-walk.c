// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzer of the table walk (libFuzzer).  The input is the registers, an
 * address, and the memory in which the walk finds its descriptors; what must
 * hold whatever they are is checked here, by abort().
 */
#include <stdlib.h>
#include <string.h>
#include "model.h"

#define REQUIRE(cond) do { \
	if (!(cond)) \
		abort(); \
} while (0)

struct input {
	struct walk_ctl ctl;
	u32 gva;
	u32 other;
	u8 kind, priv, missing, pad;
};

struct memory {
	const u8 *bytes;
	size_t len;
	u8 missing;		/* one in 256 pages, of this hash, isn't there */
	unsigned int reads;
	unsigned int size;	/* what every read must have */
};

/* Every guest physical address has contents: the input's bytes, by a hash. */
static int read_desc(void *ctx, u64 gpa, unsigned int size, u64 *val)
{
	struct memory *m = ctx;
	u8 page = (u8)((gpa >> 12) * 167 >> 3);
	size_t i, at = (gpa >> 2) * 2654435761U;

	REQUIRE(++m->reads <= 3);
	REQUIRE(size == m->size);
	REQUIRE(!(gpa & (size - 1)));
	REQUIRE(gpa < 1ULL << 40);
	if (m->missing && page == m->missing)
		return -1;
	*val = 0;
	for (i = 0; i < size; i++)
		((u8 *)val)[i] = m->bytes[(at + i) % m->len];
	return 0;
}

static const struct walk_ops ops = { .read_desc = read_desc };

static u64 bit(u64 desc, unsigned int n)
{
	return desc >> n & 1;
}

/* The leaf's fields straight from the descriptors that the walk fetched */
static struct model_leaf leaf_of(const struct walk_ctl *ctl,
				 const struct walk_result *res)
{
	u64 d = res->step[res->nr_steps - 1].desc;
	struct model_leaf leaf = { .lpae = res->format == WALK_LONG };
	bool has_pxn = ctl->features & WALK_HAS_PXN;
	unsigned int i;

	if (leaf.lpae) {
		leaf.xn = bit(d, 54);
		leaf.pxn = bit(d, 53);
		leaf.ap = bit(d, 7) << 2 | bit(d, 6) << 1 | bit(d, 10);
		for (i = 0; i + 1 < res->nr_steps; i++) {
			u64 t = res->step[i].desc;

			leaf.pxn |= bit(t, 59);
			leaf.xn |= bit(t, 60);
			if (bit(t, 61))
				leaf.ap &= ~2;
			if (bit(t, 62))
				leaf.ap |= 4;
		}
	} else if (res->nr_steps == 1) {
		leaf.ap = bit(d, 15) << 2 | (d >> 10 & 3);
		leaf.xn = bit(d, 4);
		leaf.pxn = has_pxn && bit(d, 0);
		leaf.domain = bit(d, 18) ? 0 : d >> 5 & 15;
	} else {
		leaf.ap = bit(d, 9) << 2 | (d >> 4 & 3);
		leaf.xn = bit(d, 1) ? bit(d, 0) : bit(d, 15);
		leaf.pxn = has_pxn && bit(res->step[0].desc, 2);
		leaf.domain = res->step[0].desc >> 5 & 15;
	}
	return leaf;
}

static void check_mapping(const struct walk_ctl *ctl, const struct walk_result *res, u32 gva)
{
	struct memattr attr = walk_attr(ctl, res);
	u64 mask = walk_size(res) - 1;
	unsigned int pl;

	switch (res->size_shift) {
	case 12:
	case 16:
	case 20:
	case 24:
	case 32:
		REQUIRE(res->format != WALK_LONG || res->size_shift == 12);
		break;
	case 21:
	case 25 ... 30:
		REQUIRE(res->format == WALK_LONG);
		break;
	default:
		abort();
	}
	REQUIRE((res->gpa & mask) == (gva & mask));
	REQUIRE(res->gpa < 1ULL << 40);
	for (pl = WALK_USER; pl <= WALK_PRIV; pl++) {
		if (res->domain_access == WALK_DOMAIN_MANAGER)
			REQUIRE(res->eff[pl] == WALK_RWX);
		else if (res->domain_access == WALK_DOMAIN_CLIENT)
			REQUIRE(res->eff[pl] == res->perm[pl]);
		else
			REQUIRE(!res->eff[pl]);
		REQUIRE(!(res->perm[pl] & (WALK_W | WALK_X)) ||
			res->perm[pl] & WALK_R);
	}
	/* PL0 has no data access that PL1 has not */
	REQUIRE(!(res->perm[WALK_USER] & ~res->perm[WALK_PRIV] &
		  (WALK_R | WALK_W)));
	REQUIRE(attr.shareable || !attr.outer_shareable);
}

/* The code in the FSR says what the kind and the level say. */
static void check_fsr(const struct walk_ctl *ctl, const struct walk_fault *f)
{
	/* by kind, for level 1; the second level adds 2, or 3 for the Access flag */
	static const u8 code_short[] = { 0, 0xc, 0x5, 0x3, 0x9, 0xd };
	static const u8 code_long[] = { 0, 0x15, 0x05, 0x09, 0, 0x0d };
	u32 more = f->level - 1;

	REQUIRE(f->kind >= WALK_EXTERNAL && f->kind <= WALK_PERMISSION);
	if (ctl->ttbcr >> 31) {
		REQUIRE(f->kind != WALK_DOMAIN && more < 3);
		REQUIRE(f->fsr == (0x200 | (code_long[f->kind] + more)));
		return;
	}
	REQUIRE(more < 2);
	more *= f->kind == WALK_ACCESS_FLAG ? 3 : 2;
	REQUIRE(f->fsr == code_short[f->kind] + more);
}

/* walk_short_known() finds in the descriptors what the walk that has read them found. */
static void check_known(const struct input *in, const struct walk_result *res,
			const struct walk_fault *fault)
{
	struct walk_fault known_fault;
	struct walk_result known;
	int ret;

	if (res->format != WALK_SHORT || !res->nr_steps || fault->kind == WALK_EXTERNAL)
		return;
	memset(&known, 0xa5, sizeof(known));
	memset(&known_fault, 0xa5, sizeof(known_fault));
	ret = walk_short_known(&in->ctl, res->step[0].gpa, (u32)res->step[0].desc,
			       res->nr_steps > 1 ? (u32)res->step[1].desc : 0, in->gva, &known,
			       &known_fault);
	REQUIRE(ret == (fault->kind == WALK_OK ? 0 : -1));
	REQUIRE(known_fault.kind == fault->kind && known.nr_steps == res->nr_steps);
	if (ret)
		REQUIRE(known_fault.fsr == fault->fsr && known_fault.level == fault->level &&
			known_fault.domain == fault->domain);
	known.ttbr = res->ttbr;		/* which of them is for who has looked for the table */
	REQUIRE(!memcmp(&known, res, offsetof(struct walk_result, step)));
	REQUIRE(known.step[0].gpa == res->step[0].gpa);
	REQUIRE(res->nr_steps < 2 || known.step[1].gpa == res->step[1].gpa);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct walk_result res, res2;
	struct walk_fault fault, fault2;
	struct walk_access access;
	struct memory m = { 0 };
	struct input in;
	int ret, ret2;

	if (len < sizeof(in) + 8)
		return -1;
	memcpy(&in, data, sizeof(in));
	m.bytes = data + sizeof(in);
	m.len = len - sizeof(in);
	m.missing = in.missing;
	m.size = in.ctl.ttbcr >> 31 ? 8 : 4;
	access = (struct walk_access) { 1 << in.kind % 3, in.priv & 1 };

	ret = walk_translate(&in.ctl, &ops, &m, in.gva, &res, &fault);
	REQUIRE(m.reads == res.nr_steps);
	REQUIRE(m.reads <= (m.size == 8 ? 3 : 2));
	REQUIRE(ret == (fault.kind == WALK_OK ? 0 : -1));
	if (!(in.ctl.sctlr & WALK_SCTLR_M))
		REQUIRE(!ret && !m.reads && res.gpa == in.gva);

	m.reads = 0;
	ret2 = walk_gva(&in.ctl, &ops, &m, in.gva, access, &res2, &fault2);
	if (ret) {
		REQUIRE(ret2 && fault.kind == fault2.kind &&
			fault.fsr == fault2.fsr);
		REQUIRE(fault.kind <= WALK_ACCESS_FLAG);
	}
	REQUIRE(res.gpa == res2.gpa && res.size_shift == res2.size_shift);
	if (fault2.kind != WALK_OK)
		check_fsr(&in.ctl, &fault2);
	if (fault2.kind != WALK_EXTERNAL) {
		u64 par = walk_par(&in.ctl, &res2, &fault2);

		REQUIRE((par & 1) == (fault2.kind != WALK_OK));
		REQUIRE(bit(par, 11) == (m.size == 8) || !(par & 1));
	}
	check_known(&in, &res, &fault);
	if (ret && fault.kind != WALK_ACCESS_FLAG)
		return 0;
	check_mapping(&in.ctl, &res, in.gva);
	if (res.format != WALK_FLAT) {
		struct model_leaf leaf = leaf_of(&in.ctl, &res);

		REQUIRE(fault2.kind == model_judge(&in.ctl, &leaf, access));
	}

	/*
	 * Another address of the same mapping has the same one.  Large pages and
	 * supersections repeat their descriptor, which chance memory doesn't.
	 */
	if (res.size_shift != 16 && res.size_shift != 24 &&
	    res.size_shift != 32) {
		u32 mask = (1U << res.size_shift) - 1;
		u32 gva = (in.gva & ~mask) | (in.other & mask);

		m.reads = 0;
		REQUIRE(walk_translate(&in.ctl, &ops, &m, gva, &res2, &fault2) ==
			ret);
		REQUIRE(res2.gpa - res.gpa == (u64)gva - in.gva);
		REQUIRE(res2.perm[0] == res.perm[0] &&
			res2.perm[1] == res.perm[1]);
	}
	return 0;
}
