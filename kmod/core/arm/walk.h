/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk of a guest's translation tables, PL1&0 stage 1 of a VMSAv7 core:
 * Short-descriptor and Long-descriptor format, and the MMU switched off.
 * Section numbers are those of ARM DDI 0406C.
 *
 * Pure: no kernel service is used, so the same code serves the module, the
 * unit tests, the fuzzer and the oracle (kmod/tests/walk/).  No locks, no
 * state: everything is in the arguments.  A walk reads at most three
 * descriptors, each once.
 *
 * What is the caller's:
 *  - alignment checks.  An Alignment fault that SCTLR.A or the instruction
 *    asks for comes before every fault found here, one that the memory type
 *    asks for (struct memattr) after the Translation and Access flag faults
 *    (B3.12, "Prioritization of aborts");
 *  - FCSE: armkvm's guests have none (FCSEIDR is RAZ/WI);
 *  - the TLB: a walk sees the tables as they are now.
 */
#ifndef ARMKVM_CORE_WALK_H
#define ARMKVM_CORE_WALK_H

#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include "memattr.h"

/* SCTLR */
#define WALK_SCTLR_M	0x00000001U
#define WALK_SCTLR_A	0x00000002U
#define WALK_SCTLR_I	0x00001000U
#define WALK_SCTLR_WXN	0x00080000U
#define WALK_SCTLR_UWXN	0x00100000U
#define WALK_SCTLR_EE	0x02000000U
#define WALK_SCTLR_TRE	0x10000000U
#define WALK_SCTLR_AFE	0x20000000U

#define WALK_TTBCR_EAE	0x80000000U
#define WALK_TTBCR_A1	0x00400000U		/* with EAE: ASID from TTBR1 */
/*
 * B4.1.153: what chooses between TTBR0 and TTBR1, forbids their walks and names the ASID.
 * Short descriptors: N, PD0, PD1; long ones: T0SZ, EPD0, T1SZ, A1, EPD1.
 */
#define WALK_TTBCR_CHOICE_SHORT	0x00000037U
#define WALK_TTBCR_CHOICE_LONG	0x00c70087U

/* What the guest's CPU model has; from ID_MMFR0.VMSA and ID_PFR1. */
#define WALK_HAS_PXN	1U	/* VMSA 4 or 5: PXN in the Short-descriptor format */
#define WALK_HAS_WXN	2U	/* Virtualization Extensions: SCTLR.WXN, SCTLR.UWXN */

/* The cp15 registers that a walk depends on, as the guest reads them back. */
struct walk_ctl {
	u32 sctlr;
	u32 ttbcr;		/* bit EAE only if the guest's CPU has LPAE */
	u64 ttbr0;		/* bits 31:0 unless EAE */
	u64 ttbr1;
	u32 dacr;
	u32 features;		/* WALK_HAS_* */
	u64 mair;		/* PRRR, NMRR or MAIR0, MAIR1: low word first */
};

struct walk_ops {
	/*
	 * Reads a descriptor of @size bytes (4 or 8, naturally aligned) at
	 * guest physical address @gpa as a little-endian number; the walk
	 * applies SCTLR.EE.  The read must be single-copy atomic, as a
	 * translation table walk is (B3.3).  Returns 0, or anything else if
	 * there is no RAM: that is an external abort on the walk.
	 */
	int (*read_desc)(void *ctx, u64 gpa, unsigned int size, u64 *val);
};

/* Permissions: bit masks */
#define WALK_R		1U
#define WALK_W		2U
#define WALK_X		4U
#define WALK_RWX	(WALK_R | WALK_W | WALK_X)

/* Index of a privilege level */
#define WALK_USER	0
#define WALK_PRIV	1

enum walk_format {
	WALK_FLAT,		/* MMU off */
	WALK_SHORT,
	WALK_LONG,
};

/* DACR fields, B3.7.3 */
enum walk_domain_access {
	WALK_DOMAIN_NONE,
	WALK_DOMAIN_CLIENT,
	WALK_DOMAIN_RESERVED,	/* UNPREDICTABLE: as NONE */
	WALK_DOMAIN_MANAGER,
};

#define WALK_STEPS	3

/* log2 of what a first-level short descriptor stands for */
#define WALK_SECTION_SHIFT	20

/* One descriptor fetched: the shadow code keys on where it came from. */
struct walk_step {
	u64 gpa;
	u64 desc;		/* after SCTLR.EE; not valid after an external abort */
};

struct walk_result {
	u64 gpa;		/* where @gva is */
	/*
	 * log2 of the mapping's bytes: 12, 16, 20, 21, 24, 30; 32 flat; 25 to
	 * 29 for the pieces of a 1 GiB block that belongs to TTBR0 in part and to
	 * TTBR1 in part (TTBCR.T0SZ, T1SZ).
	 */
	u8 size_shift;
	u8 format;		/* enum walk_format */
	u8 level;		/* of the last descriptor looked at; 1 flat */
	u8 ttbr;		/* 0 or 1: which one was used */
	u8 domain;		/* Short-descriptor format, else 0 */
	u8 domain_access;	/* enum walk_domain_access now; client in the other formats */
	bool ng;		/* not global: the TLB entry belongs to the ASID */
	/*
	 * WALK_R|W|X by privilege level as the descriptors and SCTLR give
	 * them, before the domain: what a client of the domain may do.
	 */
	u8 perm[2];
	/* And after it: nothing without access, everything for a manager. */
	u8 eff[2];
	/* What walk_attr() and walk_fetch_attr() make the memory attributes of. */
	u8 attr_index;		/* TEX[2:0], C, B; or AttrIndx[2:0] */
	u8 sh;			/* S; or SH[1:0] */
	u8 nr_steps;
	struct walk_step step[WALK_STEPS];
};

/*
 * For locals that a walk fills before they are read, on paths that are counted in hundreds of instructions: kernels with
 * CONFIG_INIT_STACK_ALL_ZERO clear each local first, a walk's by 30 to 60 instructions.
 */
#if __has_attribute(uninitialized)
#define WALK_LOCAL	__attribute__((uninitialized))
#else
#define WALK_LOCAL
#endif

/* Clears @res but for its steps, of which only the first nr_steps mean something. */
static inline void walk_result_init(struct walk_result *res)
{
	memset(res, 0, offsetof(struct walk_result, step));
}

enum walk_fault_kind {
	WALK_OK,
	WALK_EXTERNAL,		/* synchronous external abort on the walk */
	WALK_TRANSLATION,
	WALK_ACCESS_FLAG,
	WALK_DOMAIN,
	WALK_PERMISSION,
};

struct walk_fault {
	u8 kind;		/* enum walk_fault_kind */
	u8 level;
	u8 domain;
	/*
	 * The fault status in the format that TTBCR.EAE selects (B3.13.3), for
	 * IFSR as it is; DFSR wants walk_dfsr().
	 */
	u32 fsr;
};

/* An access: WALK_R, WALK_W or WALK_X, and the privilege it is made with. */
struct walk_access {
	u8 kind;		/* exactly one of them */
	bool priv;
};

/*
 * Translates @gva and gives all permissions, without judging an access: for the
 * shadow filler.  Returns 0, or -1 with *@fault one of the faults that strike
 * every access: external abort, Translation, Access flag.
 *
 * *@res is always set.  After a fault its steps, level, format, ttbr and domain
 * tell how far the walk came; after an Access flag fault all of it is what the
 * mapping would be with the flag set.
 */
int walk_translate(const struct walk_ctl *ctl, const struct walk_ops *ops,
		   void *ctx, u32 gva, struct walk_result *res,
		   struct walk_fault *fault);

/*
 * The address of the first-level descriptor for @gva, for who keeps translations of the
 * Short-descriptor format and compares them later.  Returns false if TTBCR.PD0 or PD1
 * forbids the walk.
 */
bool walk_short_root(const struct walk_ctl *ctl, u32 gva, u64 *gpa);
/*
 * walk_translate() from a first-level descriptor on that the caller has read; @res and
 * @fault are zeroed, but for res->format and res->level 1, by the caller, and the domain
 * isn't applied (eff).
 */
int walk_short_below(const struct walk_ctl *ctl, const struct walk_ops *ops, void *ctx,
		     u32 l1, u32 gva, struct walk_result *res, struct walk_fault *fault);
/*
 * walk_translate() in the Short-descriptor format (the MMU is on, TTBCR.EAE 0) from descriptors that the caller
 * has read, after SCTLR.EE: @l1 at @l1_gpa of walk_short_root() and, if that is a table's, @l2 of that table. @res and @fault
 * need not be zeroed; res->ttbr says nothing; of *@fault only the kind means something where there is none.
 */
int walk_short_known(const struct walk_ctl *ctl, u64 l1_gpa, u32 l1, u32 l2, u32 gva,
		     struct walk_result *res, struct walk_fault *fault);

/*
 * Judges @access by a result of walk_translate() that returned 0.  Returns 0,
 * or -1 with *@fault a Domain or Permission fault.  Cost: no memory access.
 */
int walk_check(const struct walk_ctl *ctl, const struct walk_result *res,
	       struct walk_access access, struct walk_fault *fault);

/*
 * walk_translate() and walk_check(): what the MMU does for one access.  Returns 0 with
 * fault->kind WALK_OK, or -1; the fault is the one with the highest priority (B3.12).
 */
int walk_gva(const struct walk_ctl *ctl, const struct walk_ops *ops, void *ctx,
	     u32 gva, struct walk_access access, struct walk_result *res,
	     struct walk_fault *fault);

/*
 * The DFSR for @fault: adds WnR (@write) and, in the Short-descriptor format,
 * the domain (UNKNOWN by the manual, here 0, where no domain was found).
 * Cache maintenance and address translation operations report @cm (bit 13,
 * CPUs with LPAE only) and WnR set.
 */
u32 walk_dfsr(const struct walk_ctl *ctl, const struct walk_fault *fault,
	      bool write, bool cm);

/* The second-level descriptor if @res is a small page of the Short-descriptor format, else 0. */
static inline u32 walk_small_page(const struct walk_result *res)
{
	return res->format == WALK_SHORT && res->nr_steps && res->size_shift == 12 ?
	       (u32)res->step[res->nr_steps - 1].desc : 0;
}

/* The attributes of data accesses: memory type, cacheability, shareability (B3.8). */
struct memattr walk_attr(const struct walk_ctl *ctl, const struct walk_result *res);

/* The attributes of an instruction fetch, which differ with the MMU off (B3.2.1). */
struct memattr walk_fetch_attr(const struct walk_ctl *ctl,
			       const struct walk_result *res);

/*
 * The PAR after an address translation operation (ATS1C*, B4.2, "Address
 * translation operations"), 32-bit or 64-bit as TTBCR.EAE says.  @fault NULL or
 * of kind WALK_OK: the translation succeeded.  NS reads 1, as on a core in
 * Non-secure state.  An external abort must not come here: the operation takes
 * it as a Data Abort exception.
 */
u64 walk_par(const struct walk_ctl *ctl, const struct walk_result *res,
	     const struct walk_fault *fault);

/* Does TTBCR forbid the walks that begin at TTBR0 (PD0, EPD0) or, with @ttbr 1, at TTBR1? */
bool walk_disabled(u32 ttbcr, unsigned int ttbr);

/* Do two values of TTBCR differ in no more than what chooses between the tables? */
static inline bool walk_same_format(u32 a, u32 b)
{
	u32 choice = a & WALK_TTBCR_EAE ? WALK_TTBCR_CHOICE_LONG : WALK_TTBCR_CHOICE_SHORT;

	return !((a ^ b) & ~choice);
}

/* The current ASID: CONTEXTIDR[7:0], or with EAE a field of TTBR0 or TTBR1 (B3.9). */
u8 walk_asid(const struct walk_ctl *ctl, u32 contextidr);

/* Bytes of the mapping, up to 2^32. */
static inline u64 walk_size(const struct walk_result *res)
{
	return 1ULL << res->size_shift;
}

#endif /* ARMKVM_CORE_WALK_H */
