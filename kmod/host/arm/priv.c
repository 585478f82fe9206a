// SPDX-License-Identifier: GPL-2.0-only
/* ARMv7 host: a privileged guest's regime beside the host's, and the stay; see priv.h and priv-switch.S. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/barrier.h>

#include <asm/armkvm_para.h>

#include <host_spte.h>
#include <host_world.h>

#include "../../core/engine/engine.h"
#include "../../core/engine/priv.h"
#include "../../core/vcpu.h"
#include "../../core/vm.h"
#include "../host.h"
#include "../priv.h"
#include "area.h"
#include "pl0.h"
#include "priv.h"

/* SCTLR, B4.1.130 */
#define SCTLR_M		(1U << 0)
#define SCTLR_A		(1U << 1)
#define SCTLR_C		(1U << 2)
#define SCTLR_WXN	(1U << 19)
#define SCTLR_UWXN	(1U << 20)
#define SCTLR_TRE	(1U << 28)
#define SCTLR_AFE	(1U << 29)
/* What is the guest's while it runs; caches and predictors are on as the host has them. */
#define SCTLR_GUEST	(SCTLR_A | SCTLR_WXN | SCTLR_UWXN | SCTLR_TRE | SCTLR_AFE)

/* TTBCR, B4.1.153: long descriptors, or no walk by TTBR1 */
#define TTBCR_EAE	(1U << 31)

/*
 * TEX, C, B and S of the area in the guest's table: write-back, write-allocate, shareable without remapping
 * (table B3-10), and attribute 7 with it.
 */
#define PRIV_ATTR	((1U << 6) | (3U << 2) | (1U << 10))
#define PRIV_ATTR_INDEX	7

static struct page *call_page;

/* Attribute n of PRRR is normal memory (B4.1.127), of NMRR write-back at both levels (B4.1.112). */
static bool priv_attr_is_cached(u32 prrr, u32 nmrr)
{
	u32 inner = nmrr >> (2 * PRIV_ATTR_INDEX) & 3, outer = nmrr >> (2 * PRIV_ATTR_INDEX + 16) & 3;

	return (prrr >> (2 * PRIV_ATTR_INDEX) & 3) == 2 && (inner & 1) && (outer & 1);
}

static const char *priv_start(void)
{
	u32 ttbcr, sctlr, prrr, nmrr;
	const char *reason;

	asm volatile("mrc p15, 0, %0, c2, c0, 2" : "=r" (ttbcr));
	asm volatile("mrc p15, 0, %0, c1, c0, 0" : "=r" (sctlr));
	asm volatile("mrc p15, 0, %0, c10, c2, 0" : "=r" (prrr));
	asm volatile("mrc p15, 0, %0, c10, c2, 1" : "=r" (nmrr));
	if (ttbcr)
		return "the host kernel uses TTBR1 for its own addresses";
	if ((sctlr & SCTLR_TRE) && !priv_attr_is_cached(prrr, nmrr))
		return "the host kernel's memory attribute 7 isn't cached memory";
	if (!armkvm_host.vfp_dregs)
		return "the host has no VFP";
	call_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!call_page)
		return "out of memory";
	memcpy(page_address(call_page), host_arm_priv_call,
	       host_arm_priv_call_end - host_arm_priv_call);
	host_sync_icache(page_address(call_page), PAGE_SIZE);
	reason = line_start();
	if (reason)
		__free_page(call_page);
	return reason;
}

static void priv_stop(void)
{
	line_stop();
	__free_page(call_page);
}

/* An entry of the guest's table.  With SCTLR.AFE AP[0] is the access flag, and AP[2:1] say the same. */
static u32 priv_entry(struct page *page, bool code)
{
	return (u32)page_to_phys(page) | SPTE_SMALL | SPTE_AP_PL1 | PRIV_ATTR |
	       (code ? SPTE_AP_RO : SPTE_XN);
}

/* What the tables' area entries and the switch rest on. */
static const char *priv_regime_reason(const u32 *r)
{
	u32 sctlr = r[CP15_SCTLR];

	if (!(sctlr & SCTLR_M) || !(sctlr & SCTLR_C))
		return "its MMU or its caches are off";
	if (sctlr & (CPU_SCTLR_EE | CPU_SCTLR_TE))
		return "its exceptions are big-endian or in Thumb state";
	if (r[CP15_TTBCR] & TTBCR_EAE)
		return "its tables are long descriptors";
	if ((sctlr & SCTLR_TRE) && !priv_attr_is_cached(r[CP15_MAIR0], r[CP15_MAIR1]))
		return "its memory attribute 7 isn't write-back cached memory";
	return NULL;
}

/* Where the guest's own vectors are. */
static u32 priv_vectors(const struct armkvm_vcpu *vcpu)
{
	return vcpu->cp15[CP15_SCTLR] & CPU_SCTLR_V ? 0xffff0000U : vcpu->cp15[CP15_VBAR];
}

/* The vCPU's code, which loads the guest's vectors as they are now. */
static int priv_make_page(struct armkvm_vcpu *vcpu, struct host_vcpu *hv)
{
	u32 base = priv_vectors(vcpu);
	const u32 vectors[] = {
		base + 4 * CPU_VEC_UND, base + 4 * CPU_VEC_SVC, base + 4 * CPU_VEC_PABT,
		base + 4 * CPU_VEC_DABT, base + 4 * CPU_VEC_IRQ,
	};
	size_t at = host_arm_priv_vectors - host_arm_priv_start;
	void *code;

	if (!hv->priv_page) {
		hv->priv_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!hv->priv_page)
			return -ENOMEM;
		memcpy(page_address(hv->priv_page), host_arm_priv_start,
		       host_arm_priv_end - host_arm_priv_start);
	}
	code = page_address(hv->priv_page);
	if (memcmp(code + at, vectors, sizeof(vectors))) {
		memcpy(code + at, vectors, sizeof(vectors));
		host_sync_icache(code, PAGE_SIZE);
	}
	return 0;
}

static const char *priv_prepare(struct armkvm_vcpu *vcpu, struct host_vcpu *hv, u32 *table)
{
	const char *reason = priv_regime_reason(vcpu->cp15);
	u32 call = priv_entry(call_page, true);
	unsigned int slot;

	if (reason)
		return reason;
	if (priv_make_page(vcpu, hv))
		return "the host is out of memory";
	hv->priv_table = table;
	/* The VM's first vCPU that comes here empties it: each fills its CPU's slots as it enters. */
	raw_spin_lock(&vcpu->vm->window.table_lock);
	if (table[0] != call) {
		for (slot = 1; slot < HOST_SWITCH_PAGES; slot++)
			spte_store(&table[slot], 0);
		spte_store(&table[0], call);
	}
	raw_spin_unlock(&vcpu->vm->window.table_lock);
	return NULL;
}

void host_arm_priv_drop(struct host_vcpu *hv)
{
	if (!hv->priv_page)
		return;
	area_forget(hv->priv_page);
	__free_page(hv->priv_page);
	hv->priv_page = NULL;
}

/*
 * -- the stay --------------------------------------------------------------------
 */

/* Registers beside the regime that no code runs by; the host's programs don't see them. */
struct priv_beside {
	u32 par;
	u32 csselr;
};

static void priv_get_beside(struct priv_beside *b)
{
	asm volatile("mrc p15, 0, %0, c7, c4, 0" : "=r" (b->par));
	asm volatile("mrc p15, 2, %0, c0, c0, 0" : "=r" (b->csselr));
}

static void priv_put_beside(const struct priv_beside *b)
{
	asm volatile("mcr p15, 0, %0, c7, c4, 0" : : "r" (b->par));
	asm volatile("mcr p15, 2, %0, c0, c0, 0" : : "r" (b->csselr));
}

static void priv_put_faults(const u32 *r)
{
	asm volatile("mcr p15, 0, %0, c5, c0, 0" : : "r" (r[CP15_DFSR]));
	asm volatile("mcr p15, 0, %0, c5, c0, 1" : : "r" (r[CP15_IFSR]));
	asm volatile("mcr p15, 0, %0, c6, c0, 0" : : "r" (r[CP15_DFAR]));
	asm volatile("mcr p15, 0, %0, c6, c0, 2" : : "r" (r[CP15_IFAR]));
}

static void priv_get_faults(u32 *r)
{
	asm volatile("mrc p15, 0, %0, c5, c0, 0" : "=r" (r[CP15_DFSR]));
	asm volatile("mrc p15, 0, %0, c5, c0, 1" : "=r" (r[CP15_IFSR]));
	asm volatile("mrc p15, 0, %0, c6, c0, 0" : "=r" (r[CP15_DFAR]));
	asm volatile("mrc p15, 0, %0, c6, c0, 2" : "=r" (r[CP15_IFAR]));
}

static void priv_load_regime(const u32 *r, struct host_arm_regime *g, u32 vbar)
{
	u32 host_sctlr, host_cpacr;

	asm volatile("mrc p15, 0, %0, c1, c0, 0" : "=r" (host_sctlr));
	asm volatile("mrc p15, 0, %0, c1, c0, 2" : "=r" (host_cpacr));
	*g = (struct host_arm_regime) {
		.sctlr = (host_sctlr & ~(SCTLR_GUEST | CPU_SCTLR_V | CPU_SCTLR_TE | CPU_SCTLR_EE)) |
			 (r[CP15_SCTLR] & SCTLR_GUEST),
		.cpacr = (host_cpacr & ~0x0fffffffU) | (r[CP15_CPACR] & 0x0fffffffU),
		.ttbr0 = r[CP15_TTBR0],
		.ttbr1 = r[CP15_TTBR1],
		.ttbcr = r[CP15_TTBCR],
		.dacr = r[CP15_DACR],
		.prrr = r[CP15_MAIR0],
		.nmrr = r[CP15_MAIR1],
		.vbar = vbar,
		.contextidr = r[CP15_CONTEXTIDR],
		.tpidrurw = r[CP15_TPIDRURW],
		.tpidruro = r[CP15_TPIDRURO],
		.tpidrprw = r[CP15_TPIDRPRW],
	};
	/* Without remapping they are nobody's, and the host's stay: the guest may not have set them. */
	if (!(r[CP15_SCTLR] & SCTLR_TRE)) {
		asm volatile("mrc p15, 0, %0, c10, c2, 0" : "=r" (g->prrr));
		asm volatile("mrc p15, 0, %0, c10, c2, 1" : "=r" (g->nmrr));
	}
}

static void priv_save_regime(u32 *r, const struct host_arm_regime *g)
{
	r[CP15_SCTLR] = (r[CP15_SCTLR] & ~SCTLR_GUEST) | (g->sctlr & SCTLR_GUEST);
	r[CP15_CPACR] = (r[CP15_CPACR] & ~0x0fffffffU) | (g->cpacr & 0x0fffffffU);
	r[CP15_TTBR0] = g->ttbr0;
	r[CP15_TTBR1] = g->ttbr1;
	r[CP15_TTBCR] = g->ttbcr;
	r[CP15_DACR] = g->dacr;
	if (g->sctlr & SCTLR_TRE) {
		r[CP15_MAIR0] = g->prrr;
		r[CP15_MAIR1] = g->nmrr;
	}
	r[CP15_CONTEXTIDR] = g->contextidr;
	r[CP15_TPIDRURW] = g->tpidrurw;
	r[CP15_TPIDRURO] = g->tpidruro;
	r[CP15_TPIDRPRW] = g->tpidrprw;
}

/* From "r13 and r14 of the current mode" to User mode's in r[] and all others in the banks. */
static void priv_load_banks(struct armkvm_cpu *cpu)
{
	enum cpu_bank bank = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);

	cpu->sp[bank] = cpu->r[13];
	cpu->lr[bank] = cpu->r[14];
	cpu->r[13] = cpu->sp[CPU_BANK_USR];
	cpu->r[14] = cpu->lr[CPU_BANK_USR];
}

static void priv_save_banks(struct armkvm_cpu *cpu)
{
	enum cpu_bank bank = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);

	cpu->sp[CPU_BANK_USR] = cpu->r[13];
	cpu->lr[CPU_BANK_USR] = cpu->r[14];
	cpu->r[13] = cpu->sp[bank];
	cpu->r[14] = cpu->lr[bank];
}

/*
 * A guest that an FIQ has stopped in vectors of ours, at @code on this CPU, goes on from its own, which that one
 * instruction would have loaded: where ours are differs from CPU to CPU, and in shadow mode there are none.
 */
static void priv_leave_own_code(const struct armkvm_vcpu *vcpu, struct armkvm_cpu *cpu, u32 code)
{
	if (cpu->pc - code <= 4 * CPU_VEC_FIQ)
		cpu->pc = priv_vectors(vcpu) + (cpu->pc - code);
}

/* This CPU's slots of the area, in the host's tables and the guest's.  Returns the context's. */
static unsigned int priv_map_area(struct host_vcpu *hv)
{
	unsigned int slot = host_arm_take_slot(hv), cpu = smp_processor_id();
	u32 ctx = priv_entry(hv->page, false), code = priv_entry(hv->priv_page, true);

	area_take(AREA_PRIV, hv->priv_page);
	/* The entry has a TLBIALL. */
	if (hv->priv_table[slot] != ctx)
		spte_store(&hv->priv_table[slot], ctx);
	if (hv->priv_table[SWITCH_SLOT_PRIV(cpu)] != code)
		spte_store(&hv->priv_table[SWITCH_SLOT_PRIV(cpu)], code);
	return slot;
}

/*
 * In the guest until it is left; returns whether it called.  The registers that a fault of the host's own would
 * write are the guest's no longer than that.
 */
static bool priv_run(struct armkvm_vcpu *vcpu, struct host_arm_ctx *ctx, host_arm_enter_fn enter,
		     unsigned int slot, u32 code, bool line)
{
	priv_load_banks(&ctx->cpu);
	priv_put_faults(vcpu->cp15);
	ctx->vector = CPU_VEC_RESET;
	if (line_enter(line)) {
		enter((struct host_arm_ctx *)area_va(slot));
		line_leave();
		vcpu->stat[VCPU_STAT_HOST_TLB_FLUSHES] += 2;
	}
	priv_get_faults(vcpu->cp15);
	priv_save_banks(&ctx->cpu);
	if (ctx->vector == CPU_VEC_HYP)
		return true;
	priv_leave_own_code(vcpu, &ctx->cpu, code);
	return false;
}

/*
 * What the guest's registers for User mode (pl0.c), PAR and CSSELR cost to change, and its floating point in
 * vcpu->vfp, is paid once for all calls that engine_priv_light() answers: neither it nor what it calls looks at
 * them.  The regime stays in ctx->priv_guest, where the way out has put it.
 */
static enum host_priv_end priv_enter(struct armkvm_vcpu *vcpu, struct host_vcpu *hv, bool line)
{
	enum host_priv_end end = HOST_PRIV_INTERRUPTED;
	enum engine_light how;
	struct host_arm_ctx *ctx = hv->ctx;
	unsigned int slot = priv_map_area(hv);
	unsigned long code = area_va(SWITCH_SLOT_PRIV(smp_processor_id()));
	host_arm_enter_fn enter = (host_arm_enter_fn)(code + (host_arm_priv_enter - host_arm_priv_start));
	struct priv_beside host, guest;
	struct pl0_state pl0_host;
	unsigned long flags;

	ctx->vcpu = vcpu;
	ctx->priv_called = code + (host_arm_priv_called - host_arm_priv_start);
	ctx->vfp_live = armkvm_host.vfp_dregs > 16 ? HOST_ARM_VFP_D32 : HOST_ARM_VFP_D16;
	ctx->fpscr = vcpu->vfp.fpscr;
	ctx->fpexc = vcpu->vfp.fpexc;
	memcpy(ctx->vfp, vcpu->vfp.d, sizeof(ctx->vfp));
	priv_load_regime(vcpu->cp15, &ctx->priv_guest, code);

	/* FIQs are masked before interrupts become FIQs, which the host's vectors know nothing of. */
	flags = arch_local_save_flags();
	local_fiq_disable();
	pl0_enter(&pl0_host, vcpu, false);
	/* Its programs read the host's count, as its kernel lets them: the guest has no other. */
	pl0_put_cntkctl(vcpu->cp15[CP15_CNTKCTL]);
	priv_get_beside(&host);
	guest = (struct priv_beside) {
		.par = vcpu->cp15[CP15_PAR],
		.csselr = vcpu->cp15[CP15_CSSELR],
	};
	priv_put_beside(&guest);
	while (priv_run(vcpu, ctx, enter, slot, code, line)) {
		how = engine_priv_light(vcpu, &line);
		if (how != LIGHT_GUEST) {
			end = how == LIGHT_DONE ? HOST_PRIV_ANSWERED : HOST_PRIV_CALLED;
			break;
		}
	}
	priv_get_beside(&guest);
	priv_put_beside(&host);
	vcpu->cp15[CP15_PAR] = guest.par;
	vcpu->cp15[CP15_CSSELR] = guest.csselr;
	vcpu->cp15[CP15_CNTKCTL] = pl0_get_cntkctl();
	pl0_leave(&pl0_host, vcpu);
	if (!(flags & PSR_F_BIT))
		local_fiq_enable();

	priv_save_regime(vcpu->cp15, &ctx->priv_guest);
	vcpu->vfp.fpscr = ctx->fpscr;
	vcpu->vfp.fpexc = ctx->fpexc;
	memcpy(vcpu->vfp.d, ctx->vfp, sizeof(ctx->vfp));
	return end;
}

const struct host_priv_ops host_arm_priv_ops = {
	.start = priv_start,
	.stop = priv_stop,
	.works = line_works,
	.prepare = priv_prepare,
	.enter = priv_enter,
};
