// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ARMv7-A: cp15's maintenance (B4.2), registers of translation (B4.1), walks of short descriptors (B3.5).
 *
 * Linux as the host has its own addresses from 0xbf000000 on (its modules' are there), high
 * vectors, and TTBCR.N 0.  A guest is what runs with the module's vectors instead.
 */
#include "model.h"

#define FIELD(value, high, low)	((value) >> (low) & ((1ULL << ((high) - (low) + 1)) - 1))

#define KERNEL_START	0xbf000000U

/* opc1, CRn, CRm, opc2 of MCR p15 */
#define CP15(opc1, crn, crm, opc2)	((opc1) << 21 | (crn) << 16 | 0x0e000f10 | (opc2) << 5 | (crm))
#define IS_MCR15(insn)			(((insn) & 0x0f100f10) == 0x0e000f10 && (insn) >> 28 != 0xf)
#define CP15_OF(insn)			((insn) & 0x0fff0fff)

#define SCTLR_M		1
#define SCTLR_V		(1U << 13)

static enum sys_kind mcr_kind(uint32_t insn)
{
	switch (CP15_OF(insn)) {
	case CP15(0, 1, 0, 0):
		return SYS_SCTLR;
	case CP15(0, 2, 0, 0):
		return SYS_TTBR0;
	case CP15(0, 2, 0, 1):
		return SYS_TTBR1;
	case CP15(0, 2, 0, 2):
		return SYS_TCR;
	case CP15(0, 12, 0, 0):
		return SYS_VBAR;
	case CP15(0, 13, 0, 1):
		return SYS_ASID;
	case CP15(0, 7, 10, 4):
		return SYS_DSB;
	case CP15(0, 7, 5, 4):
		return SYS_ISB;
	case CP15(0, 7, 11, 1):				/* DCCMVAU */
		return SYS_DC_CLEAN_POU;
	case CP15(0, 7, 10, 1):				/* DCCMVAC */
	case CP15(0, 7, 14, 1):				/* DCCIMVAC */
	case CP15(0, 7, 6, 1):				/* DCIMVAC */
		return SYS_DC_CLEAN;
	case CP15(0, 7, 10, 2):				/* DCCSW */
	case CP15(0, 7, 14, 2):				/* DCCISW */
		return SYS_DC_CLEAN_WAY;
	case CP15(0, 7, 5, 1):				/* ICIMVAU */
		return SYS_IC_LINE;
	case CP15(0, 7, 5, 0):				/* ICIALLU */
		return SYS_IC_ALL;
	case CP15(0, 7, 1, 0):				/* ICIALLUIS */
		return SYS_IC_ALL_IS;
	}
	return FIELD(insn, 19, 16) == 8 && FIELD(insn, 23, 21) == 0 ? SYS_TLBI : SYS_NONE;
}

/* RFE; SUBS PC and its relatives; LDM with the user's PSR and PC (B9.1) */
static bool is_return(uint32_t insn)
{
	if ((insn & 0xfe500000) == 0xf8100000)
		return true;
	if (insn >> 28 == 0xf)
		return false;
	return ((insn & 0x0c10f000) == 0x0010f000 && (insn & 0x01800000) != 0x01000000 &&
		(insn & 0x02000090) != 0x00000090) ||
	       (insn & 0x0e508000) == 0x08508000;
}

static enum sys_kind a32_kind(uint32_t insn)
{
	if ((insn & 0xfffffff0) == 0xf57ff040)
		return SYS_DSB;
	if ((insn & 0xfffffff0) == 0xf57ff060)
		return SYS_ISB;
	if (is_return(insn))
		return SYS_ERET;
	return IS_MCR15(insn) ? mcr_kind(insn) : SYS_NONE;
}

/* A8.8.44, A8.8.54; the rest traps. */
enum sys_kind a32_kind_el0(uint32_t insn, unsigned int bytes)
{
	uint32_t t32 = insn << 16 | insn >> 16;

	if (bytes != 4)
		return SYS_NONE;
	if ((insn & 0xfffffff0) == 0xf57ff040 || (t32 & 0xfffffff0) == 0xf3bf8f40 ||
	    CP15_OF(insn) == CP15(0, 7, 10, 4))
		return SYS_DSB;
	if ((insn & 0xfffffff0) == 0xf57ff060 || (t32 & 0xfffffff0) == 0xf3bf8f60 ||
	    CP15_OF(insn) == CP15(0, 7, 5, 4))
		return SYS_ISB;
	return SYS_NONE;
}

/* LDRT, LDRBT; LDRHT, LDRSBT, LDRSHT */
static bool a32_is_unprivileged_load(uint32_t insn)
{
	return (insn & 0x0d300000) == 0x04300000 || (insn & 0x0f300090) == 0x00300090;
}

static unsigned int a32_rt(uint32_t insn)
{
	return FIELD(insn, 15, 12);
}

static unsigned int a32_dsb_option(uint32_t insn)
{
	return insn >> 28 == 0xf && (insn & 0xfffffff0) == 0xf57ff040 ? insn & 15 : 15;
}

static bool a32_low(const struct cpu *cpu, uint64_t va)
{
	return cpu->guest || va < KERNEL_START;
}

/* -- walks (B3.5.1) ------------------------------------------------------------------ */

#define L1_TABLE(desc)		(((desc) & 3) == 1)
#define SUPERSECTION		(1U << 18)

static bool a32_is_table(uint64_t desc, unsigned int level)
{
	return level == 1 && L1_TABLE(desc);
}

static bool a32_is_global(uint64_t desc, unsigned int level)
{
	return !(desc & (level == 1 ? 1U << 17 : 1U << 11));
}

/* B3.10.1: the address, TEX, C, B, S, nG and the domain; of a small page bit 0 is XN */
static uint64_t a32_identity(uint64_t desc, unsigned int level)
{
	if (a32_is_table(desc, level))
		return desc & 0xffffffe3;
	return level == 1 ? desc & 0xfff371ee : desc & 0xfffffdce;
}

/* AP[2:0], with SCTLR.AFE 0 (B3.7.1) */
static bool a32_allows(uint64_t desc, unsigned int level, enum access access)
{
	unsigned int ap = level == 1 ? FIELD(desc, 11, 10) | FIELD(desc, 15, 15) << 2 :
				       FIELD(desc, 5, 4) | FIELD(desc, 9, 9) << 2;
	bool xn = desc & (level == 1 ? 1U << 4 : 1U);

	if (access == ACCESS_WRITE)
		return ap == 3;
	return (ap & 2) && !(access == ACCESS_EXEC && xn);
}

static struct step *step_to(struct walk *walk, uint64_t at, unsigned int level, unsigned int shift)
{
	struct step *step = &walk->step[walk->n];

	step->at = ram_at(at);
	if (!step->at)
		return NULL;
	step->desc = desc_at(step->at);
	step->level = level;
	step->shift = shift;
	walk->n++;
	return step;
}

static void a32_walk(const struct cpu *cpu, uint64_t va, struct walk *walk)
{
	unsigned int n = cpu->tcr & 7;
	bool second = n && va >> (32 - n);
	uint64_t base = second ? cpu->ttbr1 & ~0x3fffULL : cpu->ttbr0 & ~((1ULL << (14 - n)) - 1);
	struct step *step;

	walk->n = 0;
	walk->valid = false;
	step = step_to(walk, base + 4 * (va >> 20), 1, 20);
	if (!step || !(step->desc & 3))
		return;
	if (!L1_TABLE(step->desc)) {
		walk->valid = true;
		walk->pa = step->desc & SUPERSECTION ? (step->desc & 0xff000000) | (va & 0x00ffffff) :
						       (step->desc & 0xfff00000) | (va & 0x000fffff);
		return;
	}
	step = step_to(walk, (step->desc & ~0x3ffULL) + 4 * FIELD(va, 19, 12), 2, 12);
	if (!step || !(step->desc & 3))
		return;
	walk->valid = true;
	walk->pa = step->desc & 2 ? (step->desc & 0xfffff000) | (va & 0xfff) :
				    (step->desc & 0xffff0000) | (va & 0xffff);
}

static void a32_regime(struct cpu *cpu)
{
	bool guest;

	cpu->asid = cpu->contextidr & 0xff;
	cpu->mmu = cpu->sctlr & SCTLR_M;
	guest = cpu->mmu && !(cpu->sctlr & SCTLR_V) && cpu->vbar >= SWITCH_AREA;
	if (guest && !cpu->guest) {
		cpu->pass++;
		count(COUNT_PASSES);
	}
	cpu->guest = guest;
	cpu->root = (cpu->ttbr0 & 0xffffffff) | ROOT_ASID(cpu->asid);
}

/* -- TLB maintenance (B4.2.2) ------------------------------------------------------------ */

static bool a32_tlbi_is(uint32_t insn)
{
	return FIELD(insn, 3, 0) == 3;
}

static void a32_tlbi(struct tlb *tlb, uint32_t insn, uint64_t arg)
{
	switch (FIELD(insn, 7, 5)) {
	case 0:
		tlb_inval_all(tlb);
		break;
	case 1:
		tlb_inval_va(tlb, arg & 0xfffff000, arg & 0xff, false);
		break;
	case 2:
		tlb_inval_asid(tlb, arg & 0xff);
		break;
	case 3:
		tlb_inval_va(tlb, arg & 0xfffff000, -1, false);
		break;
	}
}

static const struct size sizes[] = { { 12, 2 }, { 20, 1 } };

const struct arch arch_a32 = {
	.target = "arm",
	.narrow = true,
	.valid = 3,
	.sizes = sizes,
	.nr_sizes = sizeof(sizes) / sizeof(sizes[0]),
	.low = a32_low,
	.walk = a32_walk,
	.is_table = a32_is_table,
	.is_global = a32_is_global,
	.identity = a32_identity,
	.allows = a32_allows,
	.kind = a32_kind,
	.kind_el0 = a32_kind_el0,
	.is_unprivileged_load = a32_is_unprivileged_load,
	.rt = a32_rt,
	.dsb_option = a32_dsb_option,
	.tlbi_is = a32_tlbi_is,
	.tlbi = a32_tlbi,
	.regime = a32_regime,
};
