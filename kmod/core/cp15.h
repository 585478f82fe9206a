/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system control coprocessor (cp15) and its small sister (cp14: debug,
 * ThumbEE, Jazelle) as a guest sees them.
 *
 * One sorted const table, in cp15.c, drives everything: what a guest's MCR, MRC,
 * MCRR, MRRC does, reset, ARMKVM_GET/SET_ONE_REG and ARMKVM_GET_REG_LIST.
 * Manual: ARM DDI 0406C (ARMv7-A); a guest has neither the security nor the
 * virtualization extensions, and no debug logic.  Its performance monitors: pmu.h.
 */
#ifndef ARMKVM_CORE_CP15_H
#define ARMKVM_CORE_CP15_H

#include <linux/bits.h>
#include <linux/types.h>

#include <linux/armkvm.h>

struct armkvm_vcpu;

/* Event counters at most: a Cortex-A15 has as many.  How many there are, the launcher says in PMCR.N. */
#define PMU_MAX_COUNTERS	6U

/* Where a register's value is in struct armkvm_vcpu.cp15. */
enum cp15_reg {
	CP15_NONE,		/* the row has no storage */
	CP15_MIDR,
	CP15_CTR,
	CP15_TCMTR,
	CP15_TLBTR,
	CP15_MPIDR,
	CP15_REVIDR,
	CP15_ID_PFR0,
	CP15_ID_PFR1,
	CP15_ID_DFR0,
	CP15_ID_AFR0,
	CP15_ID_MMFR0,
	CP15_ID_MMFR1,
	CP15_ID_MMFR2,
	CP15_ID_MMFR3,
	CP15_ID_ISAR0,
	CP15_ID_ISAR1,
	CP15_ID_ISAR2,
	CP15_ID_ISAR3,
	CP15_ID_ISAR4,
	CP15_ID_ISAR5,
	CP15_ID_MMFR4,
	CP15_ID_ISAR6,
	CP15_CLIDR,
	CP15_AIDR,
	CP15_CSSELR,
	CP15_SCTLR,
	CP15_ACTLR,
	CP15_CPACR,
	CP15_TTBR0,
	CP15_TTBR0_HI,
	CP15_TTBR1,
	CP15_TTBR1_HI,
	CP15_TTBCR,
	CP15_DACR,
	CP15_DFSR,
	CP15_IFSR,
	CP15_ADFSR,
	CP15_AIFSR,
	CP15_DFAR,
	CP15_IFAR,
	CP15_PAR,
	CP15_PAR_HI,
	CP15_MAIR0,		/* PRRR with short descriptors */
	CP15_MAIR1,		/* NMRR with short descriptors */
	CP15_AMAIR0,
	CP15_AMAIR1,
	CP15_VBAR,
	CP15_ISR,		/* pending, unmasked or not: A, I, F at their CPSR bits */
	CP15_CONTEXTIDR,
	CP15_TPIDRURW,
	CP15_TPIDRURO,
	CP15_TPIDRPRW,
	CP15_CNTFRQ,
	CP15_CNTKCTL,
	CP15_CNTP_CTL,
	CP15_CNTP_CVAL,
	CP15_CNTP_CVAL_HI,
	CP15_CNTV_CTL,
	CP15_CNTV_CVAL,
	CP15_CNTV_CVAL_HI,
	CP15_CBAR,
	CP15_PMCR,
	CP15_PMCNTENSET,
	CP15_PMOVSR,
	CP15_PMSELR,
	CP15_PMCCNTR,
	CP15_PMUSERENR,
	CP15_PMINTENSET,
	CP15_PMEVCNTR0,		/* PMU_MAX_COUNTERS of them; so of the next */
	CP15_PMEVTYPER0 = CP15_PMEVCNTR0 + PMU_MAX_COUNTERS,
	CP15_PMEVTYPER_LAST = CP15_PMEVTYPER0 + PMU_MAX_COUNTERS - 1,
	CP14_TEECR,
	CP14_TEEHBR,
	CP15_NR_REGS,
};

/* Maintenance operations: rows without a value.  The caller executes them. */
enum cp15_op {
	CP15_OP_NONE,
	CP15_OP_NOP,		/* was something before ARMv7, does nothing now */
	CP15_OP_ICIALLU,
	CP15_OP_ICIALLUIS,
	CP15_OP_ICIMVAU,
	CP15_OP_BPIALL,
	CP15_OP_BPIALLIS,
	CP15_OP_BPIMVA,
	CP15_OP_DCIMVAC,
	CP15_OP_DCISW,
	CP15_OP_DCCMVAC,
	CP15_OP_DCCSW,
	CP15_OP_DCCMVAU,
	CP15_OP_DCCIMVAC,
	CP15_OP_DCCISW,
	CP15_OP_ISB,
	CP15_OP_DSB,
	CP15_OP_DMB,
	CP15_OP_ATS1CPR,
	CP15_OP_ATS1CPW,
	CP15_OP_ATS1CUR,
	CP15_OP_ATS1CUW,
	CP15_OP_TLBIALLIS,
	CP15_OP_TLBIMVAIS,
	CP15_OP_TLBIASIDIS,
	CP15_OP_TLBIMVAAIS,
	CP15_OP_ITLBIALL,
	CP15_OP_ITLBIMVA,
	CP15_OP_ITLBIASID,
	CP15_OP_DTLBIALL,
	CP15_OP_DTLBIMVA,
	CP15_OP_DTLBIASID,
	CP15_OP_TLBIALL,
	CP15_OP_TLBIMVA,
	CP15_OP_TLBIASID,
	CP15_OP_TLBIMVAA,
};

/*
 * A register's name: coprocessor, opc1, CRn, CRm, opc2 at the places that they
 * have in a ONE_REG id, and bit 31 for the 64-bit ones.  The table's sort key.
 */
#define CP15_KEY_64BIT		(1U << 31)
#define CP15_KEY32(cp, opc1, crn, crm, opc2)				\
	((u32)(cp) << 16 | (crn) << 11 | (crm) << 7 | (opc1) << 3 | (opc2))
#define CP15_KEY64(cp, opc1, crm)					\
	(CP15_KEY_64BIT | (u32)(cp) << 16 | (crm) << 7 | (opc1) << 3)

/* The ONE_REG id of the register @key. */
static inline u64 cp15_key_id(u32 key)
{
	return ARMKVM_REG_ARM | (key & ~CP15_KEY_64BIT) |
	       (key & CP15_KEY_64BIT ? ARMKVM_REG_SIZE_U64 : ARMKVM_REG_SIZE_U32);
}

/* The key of the register with the ONE_REG id @id, if cp15_key_id() of it is @id. */
static inline u32 cp15_id_key(u64 id)
{
	return ((u32)id & ~CP15_KEY_64BIT) |
	       ((id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64 ? CP15_KEY_64BIT : 0);
}

/* One guest access: MCR, MRC, MCRR or MRRC to cp14 or cp15, decoded. */
struct cp15_params {
	u32 key;		/* CP15_KEY32 or CP15_KEY64 */
	bool write;
	bool user;		/* the guest is in User mode */
	u64 val;		/* in for a write, out for a read; a 32-bit one has no upper half */
};

enum cp15_result {
	CP15_DONE,		/* go on behind the instruction */
	CP15_DONE_MMU,		/* so, once the translation regime has been looked at anew */
	CP15_DONE_TIMER,	/* so, once the vCPU's timers have been set anew, the PMU's too */
	CP15_MAINTAIN,		/* the caller executes *op on val (a write's) */
	CP15_UNDEF,		/* inject an Undefined Instruction exception */
};

/* struct cp15_row.flags */
#define CP15_F_LIST		BIT(0)	/* has a ONE_REG id and is in the register list */
#define CP15_F_ID		BIT(1)	/* identification: constant from the first run on */
#define CP15_F_ALIAS		BIT(2)	/* the storage is another row's, who resets it */
#define CP15_F_USER_READ	BIT(3)	/* User mode may read it */
#define CP15_F_USER_WRITE	BIT(4)	/* User mode may write it */
#define CP15_F_USER		(CP15_F_USER_READ | CP15_F_USER_WRITE)
#define CP15_F_MMU		BIT(5)	/* a write answers CP15_DONE_MMU */
#define CP15_F_TIMER		BIT(6)	/* needs GenTimer; a write answers CP15_DONE_TIMER */
#define CP15_F_LPAE		BIT(7)	/* needs ID_MMFR0.VMSA >= 5 */
#define CP15_F_THUMBEE		BIT(8)	/* needs ID_PFR0.State3 */
#define CP15_F_PMU		BIT(9)	/* a write answers CP15_DONE_TIMER */

struct cp15_row {
	u32 key;
	u16 reg;		/* enum cp15_reg */
	u16 flags;		/* CP15_F_* */
	const char *name;
	const char *section;	/* of ARM DDI 0406C */
	/*
	 * The guest's access, after the checks of privilege and feature.  False:
	 * UNDEF.  NULL: the row is a maintenance operation.
	 */
	bool (*access)(struct armkvm_vcpu *vcpu, struct cp15_params *p,
		       const struct cp15_row *row);
	/* The value at reset; NULL: val. */
	u64 (*reset)(const struct armkvm_vcpu *vcpu, const struct cp15_row *row);
	/* CP15_F_ID: may the launcher choose @val?  NULL: anything. */
	bool (*valid)(const struct cp15_row *row, u64 val);
	/* ONE_REG, where it is not simply the storage. */
	u64 (*get)(const struct armkvm_vcpu *vcpu, const struct cp15_row *row);
	void (*set)(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val);
	u64 mask;		/* bits that can be written; others keep the reset value */
	u64 val;		/* reset value, or a constant that the row's functions want */
	enum cp15_op op;
};

/* CNTKCTL, B4.1.26: what lets User mode at the generic timer */
#define CNTKCTL_PL0PCTEN	BIT(0)
#define CNTKCTL_PL0VCTEN	BIT(1)
#define CNTKCTL_PL0VTEN		BIT(8)
#define CNTKCTL_PL0PTEN		BIT(9)

/* What the vCPU reads as CNTVCT and CNTPCT now, whether it has the generic timer or not.  Any context. */
u64 armkvm_guest_count(const struct armkvm_vcpu *vcpu);
/*
 * May code of the guest read CNTVCT and CNTFRQ without a trap, in all its modes?  The count is the host's, and
 * CNTKCTL lets User mode in (B8.1.1); a CNTFRQ that the guest has changed is not the host's.  What the host lets its own
 * programs do is for the caller to know, and so is whether its count is CNTVCT.
 */
bool armkvm_count_is_hosts(const struct armkvm_vcpu *vcpu);

/* Is the table sorted, complete, and sane?  Returns 0 or -EINVAL, and logs. */
int armkvm_cp15_check_table(void);

/*
 * Gives all cp14 and cp15 registers their reset values, identification
 * registers the host's.  The vCPU's mutex is held.
 */
void armkvm_cp15_reset(struct armkvm_vcpu *vcpu);

/*
 * Executes the access @p of @vcpu's guest; *@op is set for CP15_MAINTAIN only.
 * The vCPU's mutex is held; may be called with interrupts off.
 */
enum cp15_result armkvm_cp15_access(struct armkvm_vcpu *vcpu, struct cp15_params *p,
				    enum cp15_op *op);

/*
 * ONE_REG: the row of register id @id, or NULL if no register that a launcher can name
 * has it.  It is at hand if @behind, which may be NULL, is the row of the id before it in
 * ascending order; else it is searched.
 */
const struct cp15_row *armkvm_cp15_find_id(u64 id, const struct cp15_row *behind);
/* The value of the register of @row; the vCPU's mutex is held. */
u64 armkvm_cp15_get(const struct armkvm_vcpu *vcpu, const struct cp15_row *row);
/*
 * Writes the register of @row.  Returns 0, -EINVAL (a value that it can't hold) or -EBUSY
 * (identification, after the vCPU has run).  The vCPU's mutex is held.
 */
int armkvm_cp15_set(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val);

/* The id of the @n-th register that a launcher can name, or 0 behind the last. */
u64 armkvm_cp15_list_id(unsigned int n);

#endif /* ARMKVM_CORE_CP15_H */
