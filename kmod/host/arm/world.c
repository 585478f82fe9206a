// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMv7 host: the switch area in the shadow tables, and the entry; see
 * host_world.h and switch.S.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/cacheflush.h>
#include <asm/cputype.h>

#include <host_spte.h>
#include <host_world.h>

#include "../../compat/neon.h"
#include "../bp-firmware.h"
#include "../../core/arm/patch.h"
#include "../../core/engine/engine.h"
#include "../host.h"
#include "../../core/mmu/mmu.h"
#include "../../core/vcpu.h"
#include "../../core/vm.h"
#include "area.h"
#include "pl0.h"
#include "priv.h"

u32 host_spte_attr;

#define CODE_ORDER	(HOST_ARM_CODE_PAGES / 2)	/* of alloc_pages(): one page or two */

/* What the replacements of the lowest index are, executed always: patch.h */
#define UDF_FIRST	(0xe0000000U | PATCH_UDF_VALUE | PATCH_IX_FIRST << 4)

static struct page *code_pages;
static host_arm_enter_fn enter;
static bool have_cntvct;
static u32 vfp_registers;		/* HOST_ARM_VFP_* of a stay with floating point */
static u64 world_read_cntvct(void)
{
	u64 count;

	asm volatile("isb\n\tmrrc p15, 1, %Q0, %R0, c14" : "=r" (count));
	return count;
}

/* Is the count that guests derive theirs from the one that the fast path reads? */
static bool world_counter_is_cntvct(void)
{
	u64 before = world_read_cntvct(), count = armkvm_host_ops.counter();

	return before <= count && count <= world_read_cntvct();
}

const char *host_world_init(void)
{
	const char *reason = area_init();
	unsigned int i;

	if (reason)
		return reason;
	host_spte_attr = area_attributes();
	vfp_registers = armkvm_host.vfp_dregs > 16 ? HOST_ARM_VFP_D32 : HOST_ARM_VFP_D16;
	pl0_init();
	have_cntvct = pl0_has_timer() && world_counter_is_cntvct();

	code_pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, CODE_ORDER);
	if (!code_pages)
		return "out of memory";
	memcpy(page_address(code_pages), host_arm_switch_start,
	       host_arm_switch_end - host_arm_switch_start);
	host_sync_icache(page_address(code_pages), HOST_ARM_CODE_PAGES * PAGE_SIZE);
	for (i = 0; i < HOST_ARM_CODE_PAGES; i++)
		area_store(i, area_entry(code_pages + i, true));
	enter = (host_arm_enter_fn)(area_va(0) +
				    (host_arm_switch_enter - host_arm_switch_start));
	return NULL;
}

void host_world_exit(void)
{
	area_exit();
	__free_pages(code_pages, CODE_ORDER);
}

int host_vcpu_init(struct host_vcpu *hv)
{
	hv->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!hv->page)
		return -ENOMEM;
	hv->ctx = page_address(hv->page);
	hv->ctx->vbar = area_va(0);
	hv->ctx->udf = UDF_FIRST;
	hv->ctx->light = (u32)host_arm_light;
	hv->cpu = &hv->ctx->cpu;
	hv->last_cpu = nr_cpu_ids;
	return 0;
}

void host_vcpu_destroy(struct host_vcpu *hv)
{
	if (!hv->page)
		return;
	host_arm_priv_drop(hv);
	area_forget(hv->page);
	__free_page(hv->page);
	hv->page = NULL;
}

/*
 * This CPU's slot gets the vCPU's context, in the host's tables.  Interrupts off.
 *
 * What the guest has invalidated of "its core's" instruction cache and predictors it did on the CPU
 * where it was: on another one they are invalidated when it comes there.
 */
unsigned int host_arm_take_slot(struct host_vcpu *hv)
{
	unsigned int cpu = smp_processor_id();

	if (hv->last_cpu != cpu) {
		hv->last_cpu = cpu;
		/* ICIALLU, which has BPIALL in it (B4.2.1); the entry's ISB comes behind the DSB */
		asm volatile("mcr p15, 0, %0, c7, c5, 0\n\tdsb" : : "r" (0) : "memory");
	}
	area_take(AREA_CTX, hv->page);
	return SWITCH_SLOT_CTX(cpu);
}

/*
 * The same in a shadow leaf of the area's MiB.  No other CPU uses the slot, and the
 * TLB is flushed on the way in.
 */
static void area_map_shadow(struct mmu_leaf *leaf, const struct host_vcpu *hv,
			    const struct engine_para *para)
{
	unsigned int cpu = smp_processor_id(), slot = SWITCH_SLOT_CTX(cpu);
	u32 entry = area_entry(hv->page, false);
	unsigned int i;

	/* Other CPUs may be doing the same: none relies on what another one has begun. */
	for (i = 0; i < HOST_ARM_CODE_PAGES; i++)
		if (!leaf->spt[i])
			spte_store(&leaf->spt[i], area_entry(code_pages + i, true));
	if (leaf->spt[slot] != entry)
		spte_store(&leaf->spt[slot], entry);
	slot = SWITCH_SLOT_PARA(cpu);
	entry = para->va ? area_entry(para->page, false) : 0;
	if (leaf->spt[slot] != entry)
		spte_store(&leaf->spt[slot], entry);
}

/* DACR: bit 0 of each domain's field, which makes a client of it */
#define DACR_CLIENTS	0x55555555U

/*
 * Hardware domain d is the guest's domain d, as client or without access; the
 * entries of a manager's domain allow everything as clients.  Domain 15 is the
 * switch area's.
 */
static u32 world_hw_dacr(u32 dacr, u32 managers)
{
	u32 field0 = DACR_CLIENTS & dacr;		/* client and manager both have bit 0 */

	return (field0 & ~managers) | (managers & DACR_CLIENTS) |
	       (1U << (2 * HOST_SWITCH_DOMAIN));
}

#define SCTLR_A		(1U << 1)

/* CPACR, B4.1.40 */
#define CPACR_VFP	(0xfU << 20)
#define CPACR_ALL	0x0fffffffU	/* all coprocessors */
#define CPACR_TRCDIS	(1U << 28)	/* no trace registers in cp14 */

/* Fault status of the short format: FSR[10], FSR[3:0] */
static u8 world_fsr_status(u32 fsr)
{
	return (fsr & 0xf) | (fsr >> 6 & 0x10);
}

/* struct host_arm_ctx's */
static u32 world_svc_ok(u32 sctlr, bool arm_only)
{
	if (sctlr & CPU_SCTLR_EE)
		return 0;
	if (sctlr & CPU_SCTLR_TE)
		return arm_only ? 0 : 1 | CPU_PSR_T;
	return 1;
}

/* What follows from the mode, and the registers that hardware holds. */
static void world_load_mode(struct armkvm_vcpu *vcpu, struct host_arm_ctx *ctx)
{
	struct armkvm_cpu *cpu = &ctx->cpu;
	u32 mode = cpu->cpsr & CPU_PSR_MODE;
	bool priv = mode != CPU_MODE_USR;
	const u32 *r = vcpu->cp15;

	ctx->ttbr0 = priv ? ctx->ttbr0_kernel : ctx->ttbr0_user;
	ctx->asid = priv ? HOST_ASID_KERNEL : HOST_ASID_USER;
	/*
	 * An asynchronous abort is the host's, of a store that it made before: it waits for the
	 * host (B1.9.4).  PL0 can't change A; the stub's return to User mode sets it again.
	 */
	ctx->hw_psr = (cpu->cpsr & CPU_PSR_HW) | CPU_PSR_A | CPU_MODE_USR;
	cpu->cpsr &= CPU_PSR_VIRT;
	ctx->tpidrurw = r[CP15_TPIDRURW];
	ctx->hw_tpidrurw = priv ? r[CP15_TPIDRPRW] : r[CP15_TPIDRURW];
	ctx->fast = !priv || mode == CPU_MODE_FIQ ? HOST_ARM_FAST_NONE :
		    mode == CPU_MODE_SYS ? HOST_ARM_FAST_SYSTEM : HOST_ARM_FAST_MODE;
	ctx->svc_ok = world_svc_ok(r[CP15_SCTLR], ctx->arm_only);
	ctx->fast_svc = priv ? 0 : ctx->svc_ok;
	ctx->spsr_offset = offsetof(struct host_arm_ctx, cpu.spsr[cpu_mode_bank(mode)]);
	ctx->guest_fault[0] = r[CP15_DFSR];
	ctx->guest_fault[1] = r[CP15_IFSR];
	ctx->guest_fault[2] = r[CP15_DFAR];
	ctx->guest_fault[3] = r[CP15_IFAR];
}

/* What follows from cp15 and the space. */
static void world_load_regime(struct armkvm_vcpu *vcpu, struct host_arm_ctx *ctx,
			      const struct host_vcpu *hv, const struct host_entry *entry)
{
	u32 guest_sctlr = vcpu->cp15[CP15_SCTLR];
	const struct engine_para *para = &vcpu->engine->para;
	u32 ttbr0 = ctx->host_ttbr0 & 0x7f;	/* walks are cacheable as the host's are */

	area_map_shadow(mmu_leaf_of(root_leaf(entry->root[MMU_VIEW_KERNEL],
					      HOST_SWITCH_INDEX)), hv, para);
	area_map_shadow(mmu_leaf_of(root_leaf(entry->root[MMU_VIEW_USER],
					      HOST_SWITCH_INDEX)), hv, para);
	ctx->para = para->va ? area_va(SWITCH_SLOT_PARA(smp_processor_id())) +
			       offset_in_page(para->va) : 0;
	ctx->ttbr0_kernel = (u32)virt_to_phys(entry->root[MMU_VIEW_KERNEL]) | ttbr0;
	ctx->ttbr0_user = (u32)virt_to_phys(entry->root[MMU_VIEW_USER]) | ttbr0;
	/* As it is now: the stub has written it since the entry was made. */
	ctx->dacr = world_hw_dacr(entry->mmu_on ? vcpu->cp15[CP15_DACR] : DACR_CLIENTS, entry->managers);
	ctx->sctlr = (ctx->host_sctlr & ~(SCTLR_A | CPU_SCTLR_V | CPU_SCTLR_TE)) | (guest_sctlr & SCTLR_A);
	ctx->tpidruro = vcpu->cp15[CP15_TPIDRURO];
	ctx->lines = entry->lines;
	ctx->arm_only = !entry->both_states;
	ctx->vectors = guest_sctlr & CPU_SCTLR_V ? 0xffff0000U : vcpu->cp15[CP15_VBAR];
	ctx->dacr_free = entry->mmu_on ? DACR_CLIENTS & ~(3U << (2 * HOST_SWITCH_DOMAIN)) : 0;
	ctx->tpidrprw = vcpu->cp15[CP15_TPIDRPRW];
	ctx->ctr = vcpu->cp15[CP15_CTR];
	ctx->mmfr3 = vcpu->cp15[CP15_ID_MMFR3];
	ctx->guest_sctlr = guest_sctlr;
	ctx->guest_dacr = vcpu->cp15[CP15_DACR];
	ctx->guest_ttbr1 = vcpu->cp15[CP15_TTBR1];
	ctx->guest_ttbcr = vcpu->cp15[CP15_TTBCR];
	/* That of a privileged mode: only there is a fast path. */
	ctx->fpexc = engine_fp_allowed(vcpu, true) ? vcpu->vfp.fpexc : HOST_ARM_NO_FPEXC;
}

/* What fast path and hardware have changed. */
static void world_save_state(struct armkvm_vcpu *vcpu, struct host_arm_ctx *ctx)
{
	ctx->cpu.cpsr = (ctx->cpu.cpsr & CPU_PSR_VIRT) | (ctx->hw_psr & CPU_PSR_HW);
	vcpu->cp15[CP15_TPIDRURW] = cpu_mode_privileged(ctx->cpu.cpsr) ? ctx->tpidrurw :
									ctx->hw_tpidrurw;
	para_pull(vcpu->engine->para.va, &ctx->cpu);
	vcpu->cp15[CP15_TPIDRURO] = ctx->tpidruro;
	vcpu->cp15[CP15_DACR] = ctx->guest_dacr;
}

static void world_describe_exit(const struct host_arm_ctx *ctx, struct host_exit *exit)
{
	exit->vector = ctx->vector & ~HOST_NO_LIGHT;
	exit->has_insn = false;
	switch (exit->vector) {
	case CPU_VEC_DABT:
		exit->fsc = world_fsr_status(ctx->dfsr);
		exit->write = ctx->dfsr >> 11 & 1;
		exit->far = ctx->dfar;
		break;
	case CPU_VEC_PABT:
		exit->fsc = world_fsr_status(ctx->ifsr);
		exit->write = false;
		exit->far = ctx->ifar;
		break;
	case CPU_VEC_UND:
		exit->insn = ctx->insn;
		exit->has_insn = ctx->fast == HOST_ARM_FAST_MODE && !(ctx->hw_psr & CPU_PSR_T);
		break;
	default:
		break;
	}
}

/*
 * -- speculation ---------------------------------------------------------------
 *
 * A guest trains the branch predictor at PL0, as a program does, but neither the kernel's way in nor
 * its switch from one process to another comes between it and the host's code, or QEMU's in the same address
 * space.  What Linux does there for each core (Spectre v2 and BHB) is done on each way out.  Cortex-A8, A9, A12, A17,
 * A73 and A75 need BPIALL, which comes with the change of tables (on Cortex-A8 with ACTLR.IBE, as Linux says);
 * A57 and A72 the firmware (host/bp-firmware.h).
 */
static u32 world_harden_bits(void)
{
	switch (read_cpuid_part()) {
	case ARM_CPU_PART_BRAHMA_B15:
	case ARM_CPU_PART_CORTEX_A15:
		return HOST_ARM_HARDEN_ICIALLU | HOST_ARM_HARDEN_HISTORY;
	case ARM_CPU_PART_CORTEX_A57:
	case ARM_CPU_PART_CORTEX_A72:
		return HOST_ARM_HARDEN_HISTORY;
	default:
		return 0;
	}
}

u32 host_arm_light(struct host_arm_ctx *ctx)
{
	struct armkvm_vcpu *vcpu = ctx->vcpu;
	const struct host_vcpu *hv = &vcpu->engine->host;
	struct host_exit exit;
	enum engine_light how;

	bp_firmware_harden();
	world_save_state(vcpu, ctx);
	vcpu->stat[VCPU_STAT_HOST_TLB_FLUSHES] += 2;
	world_describe_exit(ctx, &exit);
	how = engine_light_exit(vcpu, &exit, ctx->entry);
	if (how == LIGHT_RELOAD)
		world_load_regime(vcpu, ctx, hv, ctx->entry);
	ctx->lines = ctx->entry->lines;
	world_load_mode(vcpu, ctx);
	para_push(vcpu->engine->para.va, &ctx->cpu,
		  engine_para_waiting(vcpu->engine, ctx->lines));
	ctx->done = how == LIGHT_DONE;
	return how == LIGHT_EXIT || how == LIGHT_DONE;
}

void host_enter(struct armkvm_vcpu *vcpu, struct host_vcpu *hv,
		struct host_entry *entry, struct host_exit *exit)
{
	struct host_arm_ctx *ctx = hv->ctx;
	unsigned int slot = host_arm_take_slot(hv);
	struct pl0_state pl0_host;
	u64 cntvoff;
	u32 cpacr;

	asm volatile("mrc p15, 0, %0, c1, c0, 0" : "=r" (ctx->host_sctlr));
	asm volatile("mrc p15, 0, %0, c2, c0, 0" : "=r" (ctx->host_ttbr0));
	asm volatile("mrc p15, 0, %0, c1, c0, 2" : "=r" (cpacr));

	ctx->vcpu = vcpu;
	ctx->entry = entry;
	ctx->done = 0;
	ctx->vfp_live = entry->vfp ? vfp_registers : HOST_ARM_VFP_OFF;
	ctx->cpacr = (cpacr & ~CPACR_ALL) | CPACR_TRCDIS | (entry->vfp ? CPACR_VFP : 0);
	if (entry->vfp) {
		ctx->fpscr = vcpu->vfp.fpscr;
		memcpy(ctx->vfp, vcpu->vfp.d, sizeof(ctx->vfp));
	}
	ctx->harden = world_harden_bits();
	ctx->cntv_ok = have_cntvct;
	cntvoff = atomic64_read(&vcpu->vm->cntvoff);
	ctx->cntvoff[0] = cntvoff;
	ctx->cntvoff[1] = cntvoff >> 32;
	world_load_regime(vcpu, ctx, hv, entry);
	world_load_mode(vcpu, ctx);
	para_push(vcpu->engine->para.va, &ctx->cpu, engine_para_waiting(vcpu->engine, ctx->lines));

	pl0_enter(&pl0_host, vcpu, have_cntvct && armkvm_count_is_hosts(vcpu));
	enter((struct host_arm_ctx *)area_va(slot));
	bp_firmware_harden();
	/* one into the guest, one out */
	vcpu->stat[VCPU_STAT_HOST_TLB_FLUSHES] += 2;
	pl0_leave(&pl0_host, vcpu);

	world_save_state(vcpu, ctx);
	if (entry->vfp) {
		vcpu->vfp.fpscr = ctx->fpscr;
		memcpy(vcpu->vfp.d, ctx->vfp, sizeof(ctx->vfp));
	}
	world_describe_exit(ctx, exit);
	exit->done = ctx->done;
}

void host_vfp_begin(void)
{
	kernel_neon_begin();
}

void host_vfp_end(void)
{
	kernel_neon_end();
}

void host_invalidate_icache(void)
{
	asm volatile("mcr p15, 0, %0, c7, c1, 0\n\t"	/* ICIALLUIS */
		     "mcr p15, 0, %0, c7, c1, 6\n\t"	/* BPIALLIS */
		     "dsb\n\tisb" : : "r" (0) : "memory");
}

/*
 * Clean to the point of coherency is more than unification wants and is what
 * the kernel exports; the instruction side is invalidated whole, because a
 * guest fetches by another virtual address and a VIPT instruction cache may
 * alias (B2.2.6).
 */
void host_sync_icache(void *va, size_t size)
{
	__cpuc_flush_dcache_area(va, size);
	host_invalidate_icache();
}
