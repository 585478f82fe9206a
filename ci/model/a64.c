// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AArch64: maintenance instructions (C5.3, C5.5), registers of stage 1 (D17.2), walks (D8.2).
 */
#include "model.h"

#define FIELD(value, high, low)	((value) >> (low) & ((1ULL << ((high) - (low) + 1)) - 1))

/* op1, CRn, CRm, op2 of SYS and MSR */
#define SYS(op1, crn, crm, op2)	((op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)
#define SYS_MASK		0x7ffe0U
#define IS_SYS(insn)		(((insn) & 0xfff80000) == 0xd5080000)
/* MSR of a register with op0 3 */
#define IS_MSR(insn)		(((insn) & 0xfff80000) == 0xd5180000)

#define TCR_A1		(1ULL << 22)
#define TCR_AS		(1ULL << 36)
#define SCTLR_M		1

#define ERET		0xd69f03e0
#define ERETAA		0xd69f0bff
#define ERETAB		0xd69f0fff

#define DESC_VALID	1ULL
#define DESC_TABLE	2ULL
#define DESC_ATTRINDX	(7ULL << 2)
#define DESC_USER	(1ULL << 6)
#define DESC_RO		(1ULL << 7)
#define DESC_SH		(3ULL << 8)
#define DESC_AF		(1ULL << 10)
#define DESC_NG		(1ULL << 11)
#define DESC_UXN	(1ULL << 54)
#define DESC_DBM	(1ULL << 51)
#define DESC_OA		0x0000fffffffff000ULL

static enum sys_kind msr_kind(uint32_t insn)
{
	switch (insn & SYS_MASK) {
	case SYS(0, 2, 0, 0):
		return SYS_TTBR0;
	case SYS(0, 2, 0, 1):
		return SYS_TTBR1;
	case SYS(0, 2, 0, 2):
		return SYS_TCR;
	case SYS(0, 1, 0, 0):
		return SYS_SCTLR;
	case SYS(0, 12, 0, 0):
		return SYS_VBAR;
	}
	return SYS_NONE;
}

static enum sys_kind sys_kind(uint32_t insn)
{
	switch (insn & SYS_MASK) {
	case SYS(3, 7, 11, 1):				/* DC CVAU */
		return SYS_DC_CLEAN_POU;
	case SYS(3, 7, 10, 1):				/* DC CVAC */
	case SYS(3, 7, 12, 1):				/* DC CVAP */
	case SYS(3, 7, 14, 1):				/* DC CIVAC */
	case SYS(0, 7, 6, 1):				/* DC IVAC */
		return SYS_DC_CLEAN;
	case SYS(0, 7, 10, 2):				/* DC CSW */
	case SYS(0, 7, 14, 2):				/* DC CISW */
		return SYS_DC_CLEAN_WAY;
	case SYS(3, 7, 4, 1):				/* DC ZVA */
		return SYS_DC_ZERO;
	case SYS(3, 7, 5, 1):				/* IC IVAU */
		return SYS_IC_LINE;
	case SYS(0, 7, 5, 0):				/* IC IALLU */
		return SYS_IC_ALL;
	case SYS(0, 7, 1, 0):				/* IC IALLUIS */
		return SYS_IC_ALL_IS;
	}
	/* CRn 9 are the variants that don't wait for what XS marks. */
	return FIELD(insn, 15, 12) == 8 || FIELD(insn, 15, 12) == 9 ? SYS_TLBI : SYS_NONE;
}

static enum sys_kind a64_kind(uint32_t insn)
{
	if (insn == ERET || insn == ERETAA || insn == ERETAB)
		return SYS_ERET;
	if ((insn & 0xfffff0ff) == 0xd503309f)
		return SYS_DSB;
	if ((insn & 0xfffff0ff) == 0xd50330df)
		return SYS_ISB;
	if (IS_MSR(insn))
		return msr_kind(insn);
	return IS_SYS(insn) ? sys_kind(insn) : SYS_NONE;
}

static enum sys_kind a64_kind_el0(uint32_t insn, unsigned int bytes)
{
	enum sys_kind kind = bytes == 4 ? a64_kind(insn) : SYS_NONE;

	switch (kind) {
	case SYS_DSB:
	case SYS_ISB:
	case SYS_DC_CLEAN:
	case SYS_DC_CLEAN_POU:
	case SYS_DC_ZERO:
	case SYS_IC_LINE:
		return kind;
	default:
		return SYS_NONE;
	}
}

static unsigned int a64_dsb_option(uint32_t insn)
{
	return FIELD(insn, 11, 8);
}

static unsigned int a64_rt(uint32_t insn)
{
	return insn & 31;
}

/* LDTR and its relatives: the kernel's loads of what is in TTBR0's half (C4.1.94) */
static bool a64_is_unprivileged_load(uint32_t insn)
{
	return (insn & 0x3b200c00) == 0x38000800;
}

static bool a64_low(const struct cpu *cpu, uint64_t va)
{
	(void)cpu;
	return !(va >> 55 & 1);
}

/* The tag of a TBI address (D8.8) is no part of it. */
static uint64_t untag(uint64_t va)
{
	return (uint64_t)((int64_t)(va << 8) >> 8);
}

/* -- walks --------------------------------------------------------------------- */

static unsigned int granule_shift(const struct cpu *cpu, bool low)
{
	static const unsigned int tg0[4] = { 12, 16, 14, 12 }, tg1[4] = { 12, 14, 12, 16 };

	return low ? tg0[FIELD(cpu->tcr, 15, 14)] : tg1[FIELD(cpu->tcr, 31, 30)];
}

static bool a64_is_table(uint64_t desc, unsigned int level)
{
	return level < 3 && (desc & DESC_TABLE);
}

static bool a64_is_global(uint64_t desc, unsigned int level)
{
	(void)level;
	return !(desc & DESC_NG);
}

/* D8.14.1, "Using break-before-make": the address and the memory's attributes */
static uint64_t a64_identity(uint64_t desc, unsigned int level)
{
	if (a64_is_table(desc, level))
		return desc & (DESC_OA | DESC_TABLE);
	return desc & (DESC_OA | DESC_NG | DESC_SH | DESC_ATTRINDX | DESC_TABLE);
}

static bool a64_allows(uint64_t desc, unsigned int level, enum access access)
{
	(void)level;
	if (!(desc & DESC_AF))
		return false;
	switch (access) {
	case ACCESS_READ:
		return desc & DESC_USER;
	case ACCESS_WRITE:
		return (desc & DESC_USER) && !(desc & DESC_RO);
	default:
		return !(desc & DESC_UXN);
	}
}

static void a64_walk(const struct cpu *cpu, uint64_t va, struct walk *walk)
{
	bool low = a64_low(cpu, va);
	uint64_t ttbr = low ? cpu->ttbr0 : cpu->ttbr1;
	unsigned int size = 64 - (low ? FIELD(cpu->tcr, 5, 0) : FIELD(cpu->tcr, 21, 16));
	unsigned int granule = granule_shift(cpu, low), stride = granule - 3, shift = granule;
	uint64_t table = ttbr & 0x0000fffffffffffeULL, index;
	unsigned int level = 3;

	walk->n = 0;
	walk->valid = false;
	if (cpu->tcr >> (low ? 7 : 23) & 1)			/* EPD0, EPD1 */
		return;
	va = low ? va & ~(0xffULL << 56) : untag(va);
	if (low ? va >> size : ~va >> size)
		return;
	while (shift + stride < size) {
		shift += stride;
		level--;
	}
	va &= (1ULL << size) - 1;
	for (index = va >> shift; ; index = va >> shift & ((1ULL << stride) - 1)) {
		struct step *step = &walk->step[walk->n];

		step->at = ram_at(table + 8 * index);
		if (!step->at)
			return;
		step->desc = desc_at(step->at);
		step->level = level;
		step->shift = shift;
		walk->n++;
		if (!(step->desc & DESC_VALID) || (level == 3 && !(step->desc & DESC_TABLE)))
			return;
		if (!a64_is_table(step->desc, level))
			break;
		table = step->desc & DESC_OA & ~((1ULL << granule) - 1);
		shift -= stride;
		level++;
	}
	walk->valid = true;
	walk->pa = (walk->step[walk->n - 1].desc & DESC_OA & ~((1ULL << shift) - 1)) |
		   (va & ((1ULL << shift) - 1));
}

static void a64_regime(struct cpu *cpu)
{
	bool guest = !(cpu->tcr & TCR_A1);
	uint64_t asid = (guest ? cpu->ttbr0 : cpu->ttbr1) >> 48;

	cpu->asid = cpu->tcr & TCR_AS ? asid : asid & 0xff;
	cpu->mmu = cpu->sctlr & SCTLR_M;
	guest = guest && cpu->mmu;
	if (guest && !cpu->guest) {
		cpu->pass++;
		count(COUNT_PASSES);
	}
	cpu->guest = guest;
	cpu->root = (cpu->ttbr0 & 0x0000ffffffffffffULL) | ROOT_ASID(cpu->asid);
}

/* -- TLBI (C5.5) ------------------------------------------------------------------ */

#define TLBI_CRM(insn)	FIELD(insn, 11, 8)

/* 7 and, of ranges, 6 are this CPU's alone. */
static bool a64_tlbi_is(uint32_t insn)
{
	return TLBI_CRM(insn) != 7 && TLBI_CRM(insn) != 6;
}

static void inval_range(struct tlb *tlb, uint64_t arg, int asid, bool last)
{
	static const unsigned int granule[4] = { 12, 12, 14, 16 };
	unsigned int shift = granule[FIELD(arg, 47, 46)];
	uint64_t pages = (FIELD(arg, 43, 39) + 1) << (5 * FIELD(arg, 45, 44) + 1);
	uint64_t va = FIELD(arg, 36, 0) << shift, i;

	for (i = 0; i < pages << (shift - PAGE_SHIFT); i++)
		tlb_inval_va(tlb, va + (i << PAGE_SHIFT), asid, last);
}

static void a64_tlbi(struct tlb *tlb, uint32_t insn, uint64_t arg)
{
	unsigned int crm = TLBI_CRM(insn), op2 = FIELD(insn, 7, 5);
	bool range = crm == 2 || crm == 5 || crm == 6;
	int asid = FIELD(arg, 63, 48);
	bool last = op2 & 4;

	/* Those of EL2 and of all VMs take with them whatever we model. */
	if (FIELD(insn, 18, 16) || (!range && op2 == 0)) {
		tlb_inval_all(tlb);
	} else if (!range && op2 == 2) {
		tlb_inval_asid(tlb, asid);
	} else if (op2 & 1) {
		/* op2 1 and 5: of the ASID, 3 and 7: of all */
		if (op2 & 2)
			asid = -1;
		if (range)
			inval_range(tlb, arg, asid, last);
		else
			tlb_inval_va(tlb, FIELD(arg, 43, 0) << PAGE_SHIFT, asid, last);
	}
}

static const struct size sizes[] = {
	{ 12, 3 }, { 21, 2 }, { 30, 1 }, { 39, 0 },		/* 4 KiB */
	{ 14, 3 }, { 25, 2 }, { 36, 1 }, { 47, 0 },		/* 16 KiB */
	{ 16, 3 }, { 29, 2 }, { 42, 1 },			/* 64 KiB */
};

const struct arch arch_a64 = {
	.target = "aarch64",
	.valid = DESC_VALID,
	.sizes = sizes,
	.nr_sizes = sizeof(sizes) / sizeof(sizes[0]),
	.low = a64_low,
	.walk = a64_walk,
	.is_table = a64_is_table,
	.is_global = a64_is_global,
	.identity = a64_identity,
	.allows = a64_allows,
	.kind = a64_kind,
	.kind_el0 = a64_kind_el0,
	.is_unprivileged_load = a64_is_unprivileged_load,
	.rt = a64_rt,
	.dsb_option = a64_dsb_option,
	.tlbi_is = a64_tlbi_is,
	.tlbi = a64_tlbi,
	.regime = a64_regime,
};
