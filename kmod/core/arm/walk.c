// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's MMU in software: choice of the walk, permissions, fault status
 * and PAR.  Section numbers are those of ARM DDI 0406C.
 */
#include <linux/swab.h>
#include "walk-impl.h"

#define FSR_LPAE	(1U << 9)
#define FSR_FS4		(1U << 10)	/* Short-descriptor format: FS[4] */
#define FSR_WNR		(1U << 11)
#define FSR_EXT		(1U << 12)
#define FSR_CM		(1U << 13)

/* PAR, both formats */
#define PAR_F		(1U << 0)
#define PAR_NS		(1U << 9)
/* 32-bit PAR */
#define PAR_SS		(1U << 1)
#define PAR_SH		(1U << 7)
#define PAR_NOS		(1U << 10)
/* 64-bit PAR */
#define PAR_LPAE	(1U << 11)
#define PAR_ADDR	0x000000fffffff000ULL

static bool walk_eae(const struct walk_ctl *ctl)
{
	return ctl->ttbcr & WALK_TTBCR_EAE;
}

int walk_fetch(const struct walk_ctl *ctl, const struct walk_ops *ops,
	       void *ctx, u64 gpa, unsigned int size, struct walk_result *res,
	       u64 *desc, struct walk_fault *fault)
{
	struct walk_step *step = &res->step[res->nr_steps++];
	u64 val;

	step->gpa = gpa;
	if (ops->read_desc(ctx, gpa, size, &val))
		return walk_fail(ctl, res, WALK_EXTERNAL, fault);
	if (ctl->sctlr & WALK_SCTLR_EE)
		val = size == 8 ? swab64(val) : swab32((u32)val);
	step->desc = val;
	*desc = val;
	return 0;
}

/* Short-descriptor format, B3.13.3: FS by kind, for level 1 and level 2 */
static u32 walk_fsr_short(enum walk_fault_kind kind, unsigned int level)
{
	static const u8 code[][2] = {
		[WALK_EXTERNAL]		= { 0x0c, 0x0e },
		[WALK_TRANSLATION]	= { 0x05, 0x07 },
		[WALK_ACCESS_FLAG]	= { 0x03, 0x06 },
		[WALK_DOMAIN]		= { 0x09, 0x0b },
		[WALK_PERMISSION]	= { 0x0d, 0x0f },
	};

	return code[kind][level - 1];
}

/* Long-descriptor format: STATUS[5:2] by kind, STATUS[1:0] the level */
static u32 walk_fsr_long(enum walk_fault_kind kind, unsigned int level)
{
	static const u8 code[] = {
		[WALK_EXTERNAL]		= 0x14,
		[WALK_TRANSLATION]	= 0x04,
		[WALK_ACCESS_FLAG]	= 0x08,
		[WALK_PERMISSION]	= 0x0c,
	};

	return FSR_LPAE | code[kind] | level;
}

int walk_fail(const struct walk_ctl *ctl, const struct walk_result *res,
	      enum walk_fault_kind kind, struct walk_fault *fault)
{
	fault->kind = kind;
	fault->level = res->level;
	fault->domain = res->domain;
	fault->fsr = walk_eae(ctl) ? walk_fsr_long(kind, res->level) :
				walk_fsr_short(kind, res->level);
	return -1;
}

/* From what each level may read and write to what it may execute, B3.7.2 */
static void walk_execute_never(const struct walk_ctl *ctl, bool xn, bool pxn,
			       struct walk_result *res)
{
	u32 wxn = ctl->features & WALK_HAS_WXN ? ctl->sctlr : 0;
	u8 user = res->perm[WALK_USER];
	u8 priv = res->perm[WALK_PRIV];

	/* A fetch needs read permission at its own privilege level. */
	if ((user & WALK_R) && !xn &&
	    !((wxn & WALK_SCTLR_WXN) && (user & WALK_W)))
		res->perm[WALK_USER] |= WALK_X;
	if ((priv & WALK_R) && !xn && !pxn &&
	    !((wxn & WALK_SCTLR_WXN) && (priv & WALK_W)) &&
	    !((wxn & WALK_SCTLR_UWXN) && (user & WALK_W)))
		res->perm[WALK_PRIV] |= WALK_X;
}

void walk_perm_simple(const struct walk_ctl *ctl, unsigned int ap21, bool xn,
		      bool pxn, struct walk_result *res)
{
	u8 rw = ap21 & 2 ? WALK_R : WALK_R | WALK_W;

	res->perm[WALK_PRIV] = rw;
	res->perm[WALK_USER] = ap21 & 1 ? rw : 0;
	walk_execute_never(ctl, xn, pxn, res);
}

void walk_perm_full(const struct walk_ctl *ctl, unsigned int ap, bool xn,
		    bool pxn, struct walk_result *res)
{
	/* By AP[2:0]; 0b100 is Reserved: no access */
	static const u8 perm[8][2] = {
		{ 0,			0 },
		{ 0,			WALK_R | WALK_W },
		{ WALK_R,		WALK_R | WALK_W },
		{ WALK_R | WALK_W,	WALK_R | WALK_W },
		{ 0,			0 },
		{ 0,			WALK_R },
		{ WALK_R,		WALK_R },
		{ WALK_R,		WALK_R },
	};

	res->perm[WALK_USER] = perm[ap][WALK_USER];
	res->perm[WALK_PRIV] = perm[ap][WALK_PRIV];
	walk_execute_never(ctl, xn, pxn, res);
}

/* B3.2.1: flat, and nothing is checked */
static int walk_flat(u32 gva, struct walk_result *res)
{
	res->gpa = gva;
	res->size_shift = 32;
	res->format = WALK_FLAT;
	res->level = 1;
	res->domain_access = WALK_DOMAIN_CLIENT;
	res->perm[WALK_USER] = WALK_RWX;
	res->perm[WALK_PRIV] = WALK_RWX;
	return 0;
}

void walk_apply_domain(struct walk_result *res)
{
	unsigned int pl;

	for (pl = WALK_USER; pl <= WALK_PRIV; pl++) {
		switch (res->domain_access) {
		case WALK_DOMAIN_CLIENT:
			res->eff[pl] = res->perm[pl];
			break;
		case WALK_DOMAIN_MANAGER:
			res->eff[pl] = WALK_RWX;
			break;
		default:
			res->eff[pl] = 0;
			break;
		}
	}
}

int walk_translate(const struct walk_ctl *ctl, const struct walk_ops *ops,
		   void *ctx, u32 gva, struct walk_result *res,
		   struct walk_fault *fault)
{
	int ret;

	walk_result_init(res);
	*fault = (struct walk_fault) { .kind = WALK_OK };
	if (!(ctl->sctlr & WALK_SCTLR_M))
		ret = walk_flat(gva, res);
	else if (walk_eae(ctl))
		ret = walk_long(ctl, ops, ctx, gva, res, fault);
	else
		ret = walk_short(ctl, ops, ctx, gva, res, fault);
	if (!ret || fault->kind == WALK_ACCESS_FLAG)
		walk_apply_domain(res);
	return ret;
}

int walk_check(const struct walk_ctl *ctl, const struct walk_result *res,
	       struct walk_access access, struct walk_fault *fault)
{
	*fault = (struct walk_fault) { .kind = WALK_OK };
	if (res->domain_access == WALK_DOMAIN_NONE ||
	    res->domain_access == WALK_DOMAIN_RESERVED)
		return walk_fail(ctl, res, WALK_DOMAIN, fault);
	if (!(res->eff[access.priv ? WALK_PRIV : WALK_USER] & access.kind))
		return walk_fail(ctl, res, WALK_PERMISSION, fault);
	return 0;
}

int walk_gva(const struct walk_ctl *ctl, const struct walk_ops *ops, void *ctx,
	     u32 gva, struct walk_access access, struct walk_result *res,
	     struct walk_fault *fault)
{
	if (walk_translate(ctl, ops, ctx, gva, res, fault))
		return -1;
	return walk_check(ctl, res, access, fault);
}

u32 walk_dfsr(const struct walk_ctl *ctl, const struct walk_fault *fault,
	      bool write, bool cm)
{
	u32 fsr = fault->fsr;

	if (!walk_eae(ctl))
		fsr |= (u32)fault->domain << 4;
	if (write || cm)
		fsr |= FSR_WNR;
	if (cm)
		fsr |= FSR_CM;
	return fsr;
}

struct memattr walk_attr(const struct walk_ctl *ctl, const struct walk_result *res)
{
	switch (res->format) {
	case WALK_LONG:
		return memattr_mair(ctl->mair, res->attr_index, res->sh);
	case WALK_SHORT:
		if (ctl->sctlr & WALK_SCTLR_TRE)
			return memattr_tex_remap(res->attr_index, res->sh, ctl->mair);
		return memattr_tex(res->attr_index, res->sh);
	default:
		return memattr_off_data();
	}
}

struct memattr walk_fetch_attr(const struct walk_ctl *ctl,
			       const struct walk_result *res)
{
	if (res->format == WALK_FLAT)
		return memattr_off_fetch(ctl->sctlr & WALK_SCTLR_I);
	return walk_attr(ctl, res);
}

/* The Inner and Outer fields of the 32-bit PAR */
static u32 walk_par_cache(const struct memattr *attr)
{
	static const u8 inner[] = {
		[MEMATTR_NC] = 0, [MEMATTR_WB_WA] = 5, [MEMATTR_WT] = 6,
		[MEMATTR_WB] = 7,
	};

	switch (attr->type) {
	case MEMATTR_STRONGLY_ORDERED:
		return 1U << 4;
	case MEMATTR_DEVICE:
		return 3U << 4;
	default:
		return (u32)inner[attr->inner] << 4 | (u32)attr->outer << 2;
	}
}

static u64 walk_par_short(const struct walk_ctl *ctl, const struct walk_result *res)
{
	struct memattr attr = walk_attr(ctl, res);
	u32 par = PAR_NS | walk_par_cache(&attr);

	if (attr.shareable) {
		par |= PAR_SH;
		if (!attr.outer_shareable)
			par |= PAR_NOS;
	}
	if (res->size_shift == 24) {
		par |= PAR_SS | ((u32)res->gpa & 0xff000000U);
		par |= ((u32)(res->gpa >> 32) & 0xff) << 16;
	} else {
		par |= (u32)res->gpa & 0xfffff000U;
	}
	return par;
}

static u64 walk_par_long(const struct walk_ctl *ctl, const struct walk_result *res)
{
	struct memattr attr = walk_attr(ctl, res);
	u64 sh = 0;

	if (attr.shareable)
		sh = attr.outer_shareable ? 2 : 3;
	/* Non-cacheable memory is coherent with all observers: Outer Shareable */
	if (attr.type == MEMATTR_NORMAL &&
	    attr.inner == MEMATTR_NC && attr.outer == MEMATTR_NC)
		sh = 2;
	return (u64)attr.mair << 56 | (res->gpa & PAR_ADDR) | PAR_LPAE |
	       PAR_NS | sh << 7;
}

u64 walk_par(const struct walk_ctl *ctl, const struct walk_result *res,
	     const struct walk_fault *fault)
{
	u32 fsr;

	if (!fault || fault->kind == WALK_OK)
		return walk_eae(ctl) ? walk_par_long(ctl, res) : walk_par_short(ctl, res);

	fsr = fault->fsr;
	if (walk_eae(ctl))
		return PAR_LPAE | (fsr & 0x3f) << 1 | PAR_F;
	/* FS is DFSR[12,10,3:0] */
	return (fsr & FSR_EXT) >> 6 | (fsr & FSR_FS4) >> 5 | (fsr & 0xf) << 1 |
	       PAR_F;
}

bool walk_disabled(u32 ttbcr, unsigned int ttbr)
{
	if (ttbcr & WALK_TTBCR_EAE)
		return ttbcr >> (ttbr ? 23 : 7) & 1;	/* EPD1, EPD0 */
	return ttbcr >> (ttbr ? 5 : 4) & 1;		/* PD1, PD0 */
}

u8 walk_asid(const struct walk_ctl *ctl, u32 contextidr)
{
	if (!walk_eae(ctl))
		return (u8)contextidr;
	return (u8)((ctl->ttbcr & WALK_TTBCR_A1 ? ctl->ttbr1 : ctl->ttbr0) >> 48);
}
