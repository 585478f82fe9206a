// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64 host: the entry to the guest; see host_world.h and switch.S.
 *
 * TTBR0.  The guest has 32 bits of address in 4 KiB granules (TCR_EL1.T0SZ, TG0),
 * whatever the host gives its processes; TTBR1's half of TCR_EL1 stays.
 *
 * ASID.  Linux keeps it in TTBR1_EL1 (TCR_EL1.A1 is set).  While a guest runs A1 is
 * clear and the ASID is in TTBR0_EL1, so that tables and ASID change by one write.
 * Each table has its own (asid.c, asid-cache.c): crossings invalidate nothing.
 * CnP is clear in the guest's TTBR0: no other CPU shares its entries.
 *
 * The kernel stays mapped by TTBR1_EL1, also where it is unmapped for processes (KPTI):
 * AArch32 state has addresses of 32 bits, zero-extended (ARM DDI 0487 D8.1, E1.1), so
 * no access of a guest, not even a speculative one, has an address in TTBR1's half.
 * E0PD1 stays as the host has it.
 *
 * What EL0 could do by itself that a 32-bit guest must not: read the host's
 * counter and timers, debug channel and performance monitors, use FP registers
 * that aren't its own.  All of these trap.
 */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sched/task_stack.h>

#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/daifflags.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>
#include <asm/tlbflush.h>

#include <host_spte.h>
#include <host_world.h>

#include "../bp-firmware.h"
#include "../../core/engine/engine.h"
#include "../../core/engine/fault.h"
#include "../host.h"
#include "../../core/mmu/mmu.h"
#include "../../core/vcpu.h"
#include "../../core/vm.h"
#include "asid.h"
#include "asid-cache.h"
#include "fastpath.h"
#include "fp.h"

/* TCR_EL1, as in the register descriptions of ARM DDI 0487 (all registers below) */
#define TCR_T0SZ_FIELD		GENMASK_ULL(5, 0)
#define TCR_EPD0_BIT		BIT_ULL(7)
#define TCR_TG0_FIELD		GENMASK_ULL(15, 14)	/* 0: 4 KiB */
#define TCR_A1_BIT		BIT_ULL(22)
#define TCR_E0PD0_BIT		BIT_ULL(55)
#define TCR_DS_BIT		BIT_ULL(59)
#define GUEST_T0SZ		32

/* SCTLR_EL1 as far as AArch32 state at EL0 sees it */
#define SCTLR_A			BIT_ULL(1)
#define SCTLR_CP15BEN		BIT_ULL(5)
#define SCTLR_ITD		BIT_ULL(7)
#define SCTLR_SED		BIT_ULL(8)
#define SCTLR_NTWI		BIT_ULL(16)

/* CPACR_EL1.FPEN; CPTR_EL2 of a kernel at EL2 has the field at the same place */
#define CPACR_FPEN_FIELD	GENMASK_ULL(21, 20)
#define CPACR_FPEN_TRAP_EL0	(1ULL << 20)

/* CNTKCTL_EL1, CNTHCTL_EL2: what EL0 may use */
#define CNTKCTL_EL0_PCTEN	BIT_ULL(0)
#define CNTKCTL_EL0_VCTEN	BIT_ULL(1)
#define CNTKCTL_EL0_VTEN	BIT_ULL(8)
#define CNTKCTL_EL0_PTEN	BIT_ULL(9)

/* PSTATE's fields that exceptions set as they like */
#define HOST_PSTATE_DIT		sys_reg(3, 3, 4, 2, 5)
#define HOST_PSTATE_SSBS		sys_reg(3, 3, 4, 2, 6)
#define HOST_PSTATE_TCO		sys_reg(3, 3, 4, 2, 7)

/* MDSCR_EL1 */
#define MDSCR_SS		BIT_ULL(0)
#define MDSCR_TDCC		BIT_ULL(12)
#define MDSCR_KDE		BIT_ULL(13)
#define MDSCR_MDE		BIT_ULL(15)

/* PSTATE of AArch32 state that isn't in ARMv7's CPSR, as SPSR_EL1 has it */
#define SPSR_M4			BIT_ULL(4)
#define SPSR_A			BIT_ULL(8)
#define SPSR_SSBS		BIT_ULL(23)

/* ESR_EL1.EC */
#define EC_UNKNOWN		0x00
#define EC_WFX			0x01
#define EC_CP15_32		0x03
#define EC_CP15_64		0x04
#define EC_CP14_32		0x05
#define EC_CP14_LS		0x06
#define EC_FP_ACCESS		0x07
#define EC_CP14_64		0x0c
#define EC_SVC32		0x11
#define EC_IABT_LOWER		0x20
#define EC_PC_ALIGN		0x22
#define EC_DABT_LOWER		0x24
#define EC_FP_EXC32		0x28
#define EC_BKPT32		0x38

#define ISS_WNR			BIT(6)
#define ISS_CM			BIT(8)
#define ISS_FNV			BIT(10)
#define ISS_FSC			GENMASK(5, 0)

/* As many as Linux takes for the longest history among cores that have AArch32 at EL0. */
#define BHB_LOOPS		32

static struct {
	phys_addr_t empty;		/* a table without an entry, in any granule */
	bool pmu;			/* PMUSERENR_EL0 exists */
	bool cntvct;			/* AArch32 at EL0 may read the host's count as CNTVCT */
	bool mixed_endian;		/* SETEND works at EL0 */
	bool ssbs;
	bool tco;
	bool dit;
	bool csv2_3;
} world;

static struct page *empty_page;

/*
 * -- load --------------------------------------------------------------------
 */

static unsigned int world_idreg_field(u32 reg, unsigned int shift)
{
	return read_sanitised_ftr_reg(reg) >> shift & 0xf;
}

/*
 * Does a guest's branch history lead the kernel's branches?  Not where
 * ID_AA64PFR0_EL1.CSV2 says so for all cores, nor on cores that issue in order.  The
 * others need as many branches as Arm's advisory says (Spectre-BHB); Cortex-A73 and A75 the
 * firmware's call (host/bp-firmware.h): without it the longest history is all that is left.
 */
static u64 world_bhb_loops(u32 midr)
{
	if (world.csv2_3)
		return 0;
	switch (midr & MIDR_CPU_MODEL_MASK) {
	case MIDR_CORTEX_A35:
	case MIDR_CORTEX_A53:
	case MIDR_CORTEX_A55:
		return 0;
	case MIDR_CORTEX_A57:
	case MIDR_CORTEX_A72:
		return 8;
	case MIDR_CORTEX_A76:
	case MIDR_CORTEX_A77:
	case MIDR_NEOVERSE_N1:
		return 24;
	default:
		return BHB_LOOPS;
	}
}

/*
 * Is the host's count what AArch32 reads as CNTVCT?  Not with Cortex-A76 and Neoverse N1 1418040 (two reads in AArch32 of
 * registers of the timer can mix), for which the kernel traps its own 32-bit programs' reads.  Where it traps
 * all programs' CNTKCTL_EL1 says so.
 */
static bool world_counter_is_cntvct(void)
{
	u64 before, count, after;

	if (cpus_have_cap(ARM64_WORKAROUND_1418040))
		return false;
	isb();
	before = read_sysreg(cntvct_el0);
	count = armkvm_host_ops.counter();
	isb();
	after = read_sysreg(cntvct_el0);
	return before <= count && count <= after;
}

const char *host_world_init(void)
{
	u64 tcr = read_sysreg(tcr_el1);
	unsigned int pmu = world_idreg_field(SYS_ID_AA64DFR0_EL1, 8);

	if (!(tcr & TCR_A1_BIT))
		return "the host kernel does not keep its ASIDs in TTBR1 (TCR_EL1.A1 is 0)";
	if (virt_to_phys(high_memory - 1) >> SPTE_ADDR_BITS)
		return "the host has memory above 2^48, which armkvm can't map yet";
	/* ID_AA64MMFR3_EL1.S1PIE; the register reads as zero where there is none */
	if (read_sysreg_s(sys_reg(3, 0, 0, 7, 3)) >> 8 & 0xf)
		return "the core has permission indirection, which armkvm can't yet";
	/* ID_AA64MMFR0_EL1.TGran4: 0xf is none */
	if (world_idreg_field(SYS_ID_AA64MMFR0_EL1, 28) == 0xf)
		return "the core has no 4 KiB translation granule";

	/*
	 * Descriptors of 52-bit addresses (LPA2) have bits 51:50 of it in the place of the
	 * shareability.  The kernel has that format for both halves or for none; its SH0 is
	 * inner shareable.
	 */
	host_spte_sh = tcr & TCR_DS_BIT ? 0 : SPTE_SH_INNER;
	host_fastpath_init();
	world.cntvct = world_counter_is_cntvct();
	world.pmu = pmu && pmu != 0xf;
	world.mixed_endian = world_idreg_field(SYS_ID_AA64MMFR0_EL1, 8) ||
			     world_idreg_field(SYS_ID_AA64MMFR0_EL1, 16);
	world.ssbs = world_idreg_field(SYS_ID_AA64PFR1_EL1, 4) >= 2;
	world.tco = world_idreg_field(SYS_ID_AA64PFR1_EL1, 8) >= 2;
	world.dit = world_idreg_field(SYS_ID_AA64PFR0_EL1, 48);
	world.csv2_3 = world_idreg_field(SYS_ID_AA64PFR0_EL1, 56) >= 3;

	/* The largest table of Linux at level 0 or 1 is a page, 8 KiB where that is 64 KiB. */
	empty_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!empty_page)
		return "out of memory";
	world.empty = page_to_phys(empty_page);
	asid_init();
	return NULL;
}

void host_world_exit(void)
{
	asid_exit();
	__free_page(empty_page);
}

int host_vcpu_init(struct host_vcpu *hv)
{
	hv->ctx = kzalloc(sizeof(*hv->ctx), GFP_KERNEL_ACCOUNT);
	if (!hv->ctx)
		return -ENOMEM;
	hv->cpu = &hv->ctx->cpu;
	hv->last_cpu = nr_cpu_ids;
	asid_settle();
	return 0;
}

void host_vcpu_destroy(struct host_vcpu *hv)
{
	kfree(hv->ctx);
	hv->ctx = NULL;
	hv->cpu = NULL;
}

/*
 * -- translation -------------------------------------------------------------
 */

static u64 world_guest_tcr(u64 host)
{
	return (host & ~(TCR_T0SZ_FIELD | TCR_TG0_FIELD | TCR_EPD0_BIT | TCR_E0PD0_BIT |
			 TCR_A1_BIT)) | GUEST_T0SZ;
}

/* The guest's tables of its DACR, and those at hand, as @entry has them. */
static void world_load_tables(struct armkvm_vcpu *vcpu, struct host_arm64_tables *tables,
			      const struct host_entry *entry)
{
	unsigned int view;

	for (view = 0; view < MMU_VIEWS; view++) {
		tables->root[0][view] = entry->root[view];
		tables->root[1][view] = entry->other[view];
		tables->ttbr0[0][view] = asid_cache_find(vcpu, entry->root[view]);
		tables->ttbr0[1][view] = entry->other[view] ?
					 asid_cache_find(vcpu, entry->other[view]) : 0;
	}
	tables->selector = entry->selector;
	tables->other_selector = entry->other_selector;
}

/* What fastpath.S may do from here on. */
static void world_allow_fast(const struct armkvm_vcpu *vcpu, struct host_arm64_ctx *ctx,
			     const struct host_entry *entry)
{
	u32 sctlr = vcpu->cp15[CP15_SCTLR];
	bool thumb = sctlr & CPU_SCTLR_TE;

	ctx->lines = entry->lines;
	ctx->fast = ((sctlr & CPU_SCTLR_EE) || (thumb && !entry->both_states) ? 0 : BIT(HOST_ARM64_FAST_SVC)) |
		    (entry->both_states ? BIT(HOST_ARM64_FAST_THUMB) : 0) |
		    (entry->mmu_on && ctx->tables.root[1][0] ? BIT(HOST_ARM64_FAST_DACR) : 0) |
		    (entry->long_tables && ctx->tables.root[1][0] ? BIT(HOST_ARM64_FAST_TTBCR) : 0);
	ctx->svc_pc = (sctlr & CPU_SCTLR_V ? 0xffff0000U : vcpu->cp15[CP15_VBAR]) +
		      4 * CPU_VEC_SVC + thumb;
}

#define SAME_ASID(a, b)		(!(((a) ^ (b)) >> 48))

/* The current view gets an ASID, at the expense of another one at hand if there are so few. */
static u64 world_current_ttbr0(struct armkvm_vcpu *vcpu, struct host_arm64_ctx *ctx)
{
	struct host_arm64_tables *t = &ctx->tables;
	enum mmu_view view = cpu_view(&ctx->cpu);
	u64 ttbr0 = t->ttbr0[0][view], *other = &t->ttbr0[0][0];
	unsigned int i;

	if (ttbr0)
		return ttbr0;
	ttbr0 = asid_cache_get(vcpu, t->root[0][view]);
	for (i = 0; i < 2 * MMU_VIEWS; i++)
		if (other[i] && SAME_ASID(other[i], ttbr0))
			other[i] = 0;
	t->ttbr0[0][view] = ttbr0;
	return ttbr0;
}

/*
 * Table and ASID in one write.  ERET synchronizes it (ARM DDI 0487, context
 * synchronization event); nothing before that uses the guest's addresses.
 */
static void world_use_current(struct armkvm_vcpu *vcpu, struct host_arm64_ctx *ctx)
{
	u64 ttbr0 = world_current_ttbr0(vcpu, ctx);

	if (ctx->tables.live != ttbr0) {
		write_sysreg(ttbr0, ttbr0_el1);
		ctx->tables.live = ttbr0;
	}
}

/*
 * From one geometry to the other by way of an empty table under ASID 0: at no time
 * can a walk enter something of one under the ASID of the other.
 */
static void world_enter_space(struct host_arm64_ctx *ctx)
{
	ctx->host_ttbr0 = read_sysreg(ttbr0_el1);
	ctx->host_tcr = read_sysreg(tcr_el1);

	write_sysreg(world.empty, ttbr0_el1);
	isb();
	write_sysreg(world_guest_tcr(ctx->host_tcr), tcr_el1);
	isb();
	ctx->tables.live = world.empty;
	dsb(nshst);			/* what is in the tables is visible to walks */
}

static void world_leave_space(const struct host_arm64_ctx *ctx)
{
	write_sysreg(world.empty, ttbr0_el1);
	isb();
	write_sysreg(ctx->host_tcr, tcr_el1);
	isb();
	write_sysreg(ctx->host_ttbr0, ttbr0_el1);
	isb();
}

/*
 * -- what EL0 may do ---------------------------------------------------------
 */

struct el0_state {
	u64 cpacr;
	u64 cntkctl;
	u64 mdscr;
	u64 pmuserenr;
	u64 tpidr;
	u64 tpidrro;
	u64 ssbs;
	u64 tco;
	u64 dit;
};

/*
 * The timers are the host's: accesses trap.  So does the count, unless it is the guest's, too: then EL0 reads
 * it, and CNTFRQ_EL0 (CNTKCTL_EL1.EL0VCTEN, ARM DDI 0487), which firmware may have forgotten on some core.
 */
static u64 world_timer_traps(const struct armkvm_vcpu *vcpu)
{
	u64 traps = CNTKCTL_EL0_PCTEN | CNTKCTL_EL0_VCTEN | CNTKCTL_EL0_VTEN | CNTKCTL_EL0_PTEN;

	if (world.cntvct && armkvm_count_is_hosts(vcpu) &&
	    read_sysreg(cntfrq_el0) == armkvm_host.counter_hz)
		traps &= ~CNTKCTL_EL0_VCTEN;
	return traps;
}

static void world_enter_el0(struct el0_state *host, const struct armkvm_vcpu *vcpu, bool vfp)
{
	host->cpacr = read_sysreg(cpacr_el1);
	host->cntkctl = read_sysreg(cntkctl_el1);
	host->mdscr = read_sysreg(mdscr_el1);
	host->tpidr = read_sysreg(tpidr_el0);
	host->tpidrro = read_sysreg(tpidrro_el0);

	write_sysreg((host->cpacr & ~CPACR_FPEN_FIELD) |
		     (vfp ? CPACR_FPEN_FIELD : CPACR_FPEN_TRAP_EL0), cpacr_el1);
	write_sysreg(host->cntkctl & ~world_timer_traps(vcpu), cntkctl_el1);
	/* Breakpoints of the host are on the host's addresses. */
	write_sysreg((host->mdscr & ~(MDSCR_MDE | MDSCR_KDE | MDSCR_SS)) | MDSCR_TDCC, mdscr_el1);
	if (world.pmu) {
		host->pmuserenr = read_sysreg(pmuserenr_el0);
		write_sysreg(0, pmuserenr_el0);
	}
	write_sysreg(vcpu->cp15[CP15_TPIDRURO], tpidrro_el0);

	/* Exceptions set these as they like. */
	if (world.ssbs)
		host->ssbs = read_sysreg_s(HOST_PSTATE_SSBS);
	if (world.tco)
		host->tco = read_sysreg_s(HOST_PSTATE_TCO);
	if (world.dit)
		host->dit = read_sysreg_s(HOST_PSTATE_DIT);
}

static void world_leave_el0(const struct el0_state *host)
{
	write_sysreg(host->tpidr, tpidr_el0);
	write_sysreg(host->tpidrro, tpidrro_el0);
	if (world.pmu)
		write_sysreg(host->pmuserenr, pmuserenr_el0);
	write_sysreg(host->mdscr, mdscr_el1);
	write_sysreg(host->cntkctl, cntkctl_el1);
	write_sysreg(host->cpacr, cpacr_el1);
	isb();

	if (world.ssbs)
		write_sysreg_s(host->ssbs, HOST_PSTATE_SSBS);
	if (world.tco)
		write_sysreg_s(host->tco, HOST_PSTATE_TCO);
	if (world.dit)
		write_sysreg_s(host->dit, HOST_PSTATE_DIT);
}

/*
 * SCTLR.A counts for the kernel, too: only the assembly runs under this.  WFI of User
 * mode traps, so that the vCPU's thread sleeps and not the CPU; WFE is the hardware's.
 */
static u64 world_guest_sctlr(bool align)
{
	u64 sctlr = read_sysreg(sctlr_el1) & ~(SCTLR_A | SCTLR_ITD | SCTLR_NTWI);

	if (world.mixed_endian)
		sctlr &= ~SCTLR_SED;
	return sctlr | SCTLR_CP15BEN | (align ? SCTLR_A : 0);
}

/*
 * Unmasked are IRQ and FIQ, which end the stay; an SError waits for the host,
 * whose business it is.  Speculative store bypass is the launcher's setting.
 */
static u64 world_guest_pstate(u32 cpsr)
{
	u64 host = task_pt_regs(current)->pstate;
	bool ssbs = host & (is_compat_task() ? PSR_AA32_SSBS_BIT : PSR_SSBS_BIT);
	u32 hw = cpsr & CPU_PSR_HW & ~CPU_PSR_J;

	if (!(hw & CPU_PSR_T))
		hw &= ~CPU_PSR_IT;
	if (!world.mixed_endian)
		hw &= ~CPU_PSR_E;
	return hw | SPSR_M4 | SPSR_A | (world.ssbs && ssbs ? SPSR_SSBS : 0);
}

/*
 * -- what it was -------------------------------------------------------------
 */

/*
 * Fault status of VMSAv8-64 (ESR_EL1, ISS of a data abort: DDI 0487 D17.2.37) to the
 * short-descriptor encoding.
 */
static u8 world_short_fsc(u32 iss)
{
	switch (iss & ISS_FSC) {
	case 0x04 ... 0x07:
		return FSC_TRANS_PAGE;
	case 0x08 ... 0x0b:
		return FSC_AF_PAGE;
	case 0x0c ... 0x0f:
		return FSC_PERM_PAGE;
	case 0x10:
		return iss & ISS_FNV ? FSC_ASYNC : FSC_EXTERNAL;
	case 0x14 ... 0x17:
		return FSC_WALK_EXTERNAL;
	case 0x18:
		return FSC_PARITY;
	case 0x1c ... 0x1f:
		return FSC_WALK_PARITY;
	case 0x21:
		return FSC_ALIGNMENT;
	case 0x30:
		return FSC_TLB_CONFLICT;
	case 0x35:
		return FSC_EXCLUSIVE;
	default:
		return FSC_UNKNOWN;
	}
}

/* The exception that ARMv7 hardware would have taken. */
static void world_describe_sync(const struct host_arm64_ctx *ctx, struct host_exit *exit)
{
	u32 iss = ctx->esr & GENMASK(24, 0);

	switch (ctx->esr >> 26 & 0x3f) {
	case EC_UNKNOWN:
	case EC_WFX:
	case EC_CP15_32:
	case EC_CP15_64:
	case EC_CP14_32:
	case EC_CP14_LS:
	case EC_CP14_64:
	case EC_FP_ACCESS:
	case EC_FP_EXC32:
		exit->vector = CPU_VEC_UND;
		break;
	case EC_SVC32:
		exit->vector = CPU_VEC_SVC;
		break;
	case EC_IABT_LOWER:
		exit->vector = CPU_VEC_PABT;
		exit->fsc = world_short_fsc(iss);
		break;
	case EC_PC_ALIGN:
		exit->vector = CPU_VEC_PABT;
		exit->fsc = FSC_ALIGNMENT;
		break;
	case EC_BKPT32:
		exit->vector = CPU_VEC_PABT;
		exit->fsc = FSC_DEBUG;
		exit->far = ctx->elr;
		break;
	case EC_DABT_LOWER:
		exit->vector = CPU_VEC_DABT;
		exit->fsc = world_short_fsc(iss);
		exit->write = (iss & ISS_WNR) && !(iss & ISS_CM);
		break;
	default:
		/* Nothing that AArch32 state at EL0 can do under these controls. */
		pr_warn_ratelimited("armkvm: unexpected exception, ESR_EL1 %#llx\n", ctx->esr);
		exit->vector = CPU_VEC_HYP;
		break;
	}
}

/* How far lr would be behind the preferred return address: ARM DDI 0406C table B1-7. */
static unsigned int world_lr_offset(const struct host_exit *exit, u32 spsr)
{
	switch (exit->vector) {
	case CPU_VEC_UND:
		return spsr & CPU_PSR_T ? 2 : 4;
	case CPU_VEC_PABT:
	case CPU_VEC_IRQ:
	case CPU_VEC_FIQ:
		return 4;
	case CPU_VEC_DABT:
		return 8;
	default:
		return 0;
	}
}

static void world_describe_exit(const struct host_arm64_ctx *ctx, struct host_exit *exit)
{
	exit->write = false;
	exit->fsc = 0;
	exit->far = ctx->far;
	switch (ctx->source) {
	case HOST_ARM64_SYNC:
		world_describe_sync(ctx, exit);
		break;
	case HOST_ARM64_IRQ:
		exit->vector = CPU_VEC_IRQ;
		break;
	case HOST_ARM64_FIQ:
		exit->vector = CPU_VEC_FIQ;
		break;
	default:
		pr_warn_ratelimited("armkvm: SError in a guest, though masked\n");
		exit->vector = CPU_VEC_HYP;
		break;
	}
}

/*
 * What the fast path leaves, but which needs neither sleep nor the launcher
 * (core/engine/light.c).  The guest's tables stay in place.
 */
static enum fastpath_result world_light_path(struct armkvm_vcpu *vcpu, struct host_arm64_ctx *ctx,
					     struct host_entry *entry)
{
	const struct mmu_changes *changes = &vcpu->vm->mmu->changes;
	struct host_arm64_tables *tables = &ctx->tables;
	unsigned long seq = READ_ONCE(changes->seq);
	struct armkvm_cpu *cpu = &ctx->cpu;
	struct host_exit exit;
	enum engine_light how;

	world_describe_exit(ctx, &exit);
	exit.has_insn = exit.vector == CPU_VEC_UND && host_fastpath_insn(ctx, &exit.insn);
	cpu->pc += world_lr_offset(&exit, ctx->spsr);
	how = engine_light_exit(vcpu, &exit, entry);
	if (how == LIGHT_EXIT) {
		cpu->pc = ctx->elr;
		return FASTPATH_NONE;
	}
	if (how == LIGHT_DONE)
		return FASTPATH_DONE;
	if (how == LIGHT_RELOAD)
		write_sysreg(vcpu->cp15[CP15_TPIDRURO], tpidrro_el0);
	/* Other roots, or the same with what the TLB has to forget. */
	if (how == LIGHT_RELOAD || READ_ONCE(changes->seq) != seq ||
	    entry->root[0] != tables->root[0][0] || entry->other[0] != tables->root[1][0])
		world_load_tables(vcpu, tables, entry);
	dsb(nshst);			/* new entries are visible to walks */
	return FASTPATH_GUEST;
}

/* Lets the guest run until there is something that is the engine's. */
static enum fastpath_result world_run_guest(struct armkvm_vcpu *vcpu, struct host_arm64_ctx *ctx,
					    struct host_entry *entry)
{
	struct armkvm_cpu *cpu = &ctx->cpu;
	enum fastpath_result done;

	world_load_tables(vcpu, &ctx->tables, entry);
	ctx->cp15 = vcpu->cp15;
	ctx->para = vcpu->engine->para.va;
	world_enter_space(ctx);
	do {
		world_use_current(vcpu, ctx);
		world_allow_fast(vcpu, ctx, entry);
		ctx->pstate = world_guest_pstate(cpu->cpsr);
		para_push(ctx->para, cpu, engine_para_waiting(vcpu->engine, entry->lines));
		/* In privileged modes TPIDRURW is the guest's TPIDRPRW: PATCH_TPIDRURW */
		write_sysreg(vcpu->cp15[cpu_mode_privileged(cpu->cpsr) ? CP15_TPIDRPRW :
										 CP15_TPIDRURW],
			     tpidr_el0);
		host_arm64_switch(ctx);
		bp_firmware_harden();
		if (!cpu_mode_privileged(cpu->cpsr))
			vcpu->cp15[CP15_TPIDRURW] = read_sysreg(tpidr_el0);
		cpu->pc = ctx->elr;
		cpu->cpsr = (cpu->cpsr & CPU_PSR_VIRT) | (ctx->spsr & CPU_PSR_HW & ~CPU_PSR_J);
		para_pull(ctx->para, cpu);
		if (ctx->source != HOST_ARM64_SYNC)
			return FASTPATH_NONE;

		done = host_fastpath(vcpu, entry, ctx);
		if (done == FASTPATH_NONE)
			done = world_light_path(vcpu, ctx, entry);
	} while (done == FASTPATH_GUEST);
	return done;
}

void host_enter(struct armkvm_vcpu *vcpu, struct host_vcpu *hv,
		struct host_entry *entry, struct host_exit *exit)
{
	struct host_arm64_ctx *ctx = hv->ctx;
	struct armkvm_cpu *cpu = &ctx->cpu;
	bool borrowed = asid_borrowed();
	struct el0_state host;
	unsigned long flags;
	enum fastpath_result done;

	/* With priorities as masks the GIC would hold back what must end the stay. */
	flags = local_daif_save();
	/* The guest's ICIALLU was for the CPU where it was then. */
	if (hv->last_cpu != smp_processor_id()) {
		hv->last_cpu = smp_processor_id();
		asm volatile("ic iallu" : : : "memory");
		dsb(nsh);
	}
	ctx->bhb_loops = world_bhb_loops(read_cpuid_id());
	ctx->sctlr = world_guest_sctlr(vcpu->cp15[CP15_SCTLR] & WALK_SCTLR_A);
	world_enter_el0(&host, vcpu, entry->vfp);
	if (entry->vfp)
		host_arm64_load_vfp(&vcpu->vfp);
	done = world_run_guest(vcpu, ctx, entry);
	world_leave_space(ctx);
	if (borrowed)
		asid_cache_return(vcpu);
	if (entry->vfp)
		host_arm64_save_vfp(&vcpu->vfp);
	world_leave_el0(&host);
	local_daif_restore(flags);

	exit->done = done == FASTPATH_DONE;
	if (exit->done)
		return;
	if (done == FASTPATH_LEAVE) {
		/* As if an interrupt had come just now. */
		exit->vector = CPU_VEC_IRQ;
		cpu->pc += 4;
		return;
	}
	world_describe_exit(ctx, exit);
	cpu->pc += world_lr_offset(exit, ctx->spsr);
}
