// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMv7 host: the switch area in the host's own tables, and the entry; see
 * host_world.h and switch.S.
 */
#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/cacheflush.h>
#include <asm/neon.h>

#include <host_spte.h>
#include <host_world.h>

#include "../core/host.h"
#include "../core/mmu/mmu.h"
#include "../core/vcpu.h"

u32 host_spte_attr;

static DEFINE_MUTEX(area_lock);
static DECLARE_BITMAP(area_used, HOST_SWITCH_PAGES);
static struct page *code_page;
static host_arm_enter_fn enter;
static bool have_timer;			/* the generic timer */

static unsigned long area_va(unsigned int slot)
{
	return SWITCH_AREA_BASE + slot * PAGE_SIZE;
}

/*
 * The host's second-level table for the area's MiB.  The high vectors are in
 * the same MiB, so it exists, and every process's first-level table points to
 * this one (kernel entries are made at boot and copied).  NULL: not this kernel.
 */
static u32 *host_table(void)
{
	u32 ttbcr, ttbr1, desc, *root;

	asm volatile("mrc p15, 0, %0, c2, c0, 2" : "=r" (ttbcr));
	if (ttbcr & (1U << 31))
		return NULL;
	asm volatile("mrc p15, 0, %0, c2, c0, 1" : "=r" (ttbr1));
	root = phys_to_virt(ttbr1 & ~0x3fffU);
	desc = READ_ONCE(root[HOST_SWITCH_INDEX]);
	if ((desc & 3) != ROOT_TABLE)
		return NULL;
	return phys_to_virt(desc & ~0x3ffU);
}

/* A page of the area: privileged only, global, read-only and executable or neither. */
static u32 area_entry(struct page *page, bool code)
{
	return (u32)page_to_phys(page) | SPTE_SMALL | SPTE_AP_PL1 | host_spte_attr |
	       (code ? SPTE_AP_RO : SPTE_XN);
}

static void area_flush_page(void *va)
{
	/* TLBIMVAA: the entries are global */
	asm volatile("dsb\n\tmcr p15, 0, %0, c8, c7, 3\n\tdsb\n\tisb"
		     : : "r" (va) : "memory");
}

/* Held: area_lock.  The host's view; shadow leaves take host_switch_map(). */
static void area_map(unsigned int slot, struct page *page, bool code)
{
	spte_store(host_table() + slot, page ? area_entry(page, code) : 0);
	if (page)
		asm volatile("dsb\n\tisb" : : : "memory");
	else
		on_each_cpu(area_flush_page, (void *)area_va(slot), 1);
}

const char *host_world_init(void)
{
	u32 *table = host_table();
	unsigned int slot;
	u32 vectors;

	if (!table)
		return "the host kernel uses long-descriptor tables (LPAE)";
	vectors = table[(0xffff0000U >> PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1)];
	if (!(vectors & SPTE_SMALL))
		return "the host kernel has no high vectors page";
	for (slot = 0; slot < HOST_SWITCH_PAGES; slot++)
		if (table[slot])
			return "the host kernel uses the addresses of the switch area";
	host_spte_attr = vectors & SPTE_ATTR_MASK;
	have_timer = armkvm_host.id[IDREG_PFR1] >> 16 & 0xf;

	code_page = alloc_page(GFP_KERNEL);
	if (!code_page)
		return "out of memory";
	memcpy(page_address(code_page), host_arm_switch_start,
	       host_arm_switch_end - host_arm_switch_start);
	host_sync_icache(page_address(code_page), PAGE_SIZE);
	mutex_lock(&area_lock);
	__set_bit(0, area_used);
	area_map(0, code_page, true);
	mutex_unlock(&area_lock);
	enter = (host_arm_enter_fn)(area_va(0) +
				    (host_arm_switch_enter - host_arm_switch_start));
	return NULL;
}

void host_world_exit(void)
{
	mutex_lock(&area_lock);
	area_map(0, NULL, true);
	__clear_bit(0, area_used);
	mutex_unlock(&area_lock);
	__free_page(code_page);
}

int host_vcpu_init(struct host_vcpu *hv)
{
	unsigned int slot;

	hv->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!hv->page)
		return -ENOMEM;
	mutex_lock(&area_lock);
	slot = find_first_zero_bit(area_used, HOST_SWITCH_PAGES);
	if (slot < HOST_SWITCH_PAGES) {
		__set_bit(slot, area_used);
		area_map(slot, hv->page, false);
	}
	mutex_unlock(&area_lock);
	if (slot == HOST_SWITCH_PAGES) {
		__free_page(hv->page);
		hv->page = NULL;
		return -EMFILE;
	}
	hv->slot = slot;
	hv->ctx = page_address(hv->page);
	hv->ctx->vbar = area_va(0);
	hv->cpu = &hv->ctx->cpu;
	return 0;
}

void host_vcpu_destroy(struct host_vcpu *hv)
{
	if (!hv->page)
		return;
	mutex_lock(&area_lock);
	area_map(hv->slot, NULL, false);
	__clear_bit(hv->slot, area_used);
	mutex_unlock(&area_lock);
	__free_page(hv->page);
	hv->page = NULL;
}

/* The switch area's entries in a shadow leaf of its MiB: the code and this vCPU. */
static void area_map_shadow(struct mmu_leaf *leaf, struct host_vcpu *hv)
{
	if (!leaf->spt[0])
		spte_store(&leaf->spt[0], area_entry(code_page, true));
	if (!leaf->spt[hv->slot])
		spte_store(&leaf->spt[hv->slot], area_entry(hv->page, false));
}

/*
 * Hardware domain d is the guest's domain d, as client or without access; the
 * entries of a manager's domain allow everything as clients.  Domain 15 is the
 * switch area's.
 */
static u32 hw_dacr(u32 dacr, u32 managers)
{
	u32 field0 = 0x55555555U & dacr;		/* client and manager both have bit 0 */

	return (field0 & ~managers) | (managers & 0x55555555U) |
	       (1U << (2 * HOST_SWITCH_DOMAIN));
}

#define SCTLR_A		(1U << 1)
#define SCTLR_V		(1U << 13)
#define SCTLR_EE	(1U << 25)
#define SCTLR_TE	(1U << 30)

#define CPACR_VFP	(0xfU << 20)

#define CNTKCTL_PL0	0x303U		/* all that lets PL0 at the generic timer, B4.1.26 */

/*
 * The guest's count is not the host's: its accesses trap.  Returns what the
 * host had.  The entry's ISB makes it effective.
 */
static u32 deny_timer(void)
{
	u32 cntkctl;

	asm volatile("mrc p15, 0, %0, c14, c1, 0" : "=r" (cntkctl));
	asm volatile("mcr p15, 0, %0, c14, c1, 0" : : "r" (cntkctl & ~CNTKCTL_PL0));
	return cntkctl;
}

static void allow_timer(u32 cntkctl)
{
	asm volatile("mcr p15, 0, %0, c14, c1, 0\n\tisb" : : "r" (cntkctl));
}

/* Fault status of the short format: FSR[10], FSR[3:0] */
static u8 fsr_status(u32 fsr)
{
	return (fsr & 0xf) | (fsr >> 6 & 0x10);
}

void host_enter(struct armkvm_vcpu *vcpu, struct host_vcpu *hv,
		const struct host_entry *entry, struct host_exit *exit)
{
	struct host_arm_ctx *ctx = hv->ctx;
	struct armkvm_cpu *cpu = &ctx->cpu;
	u32 guest_sctlr = vcpu->cp15[CP15_SCTLR];
	u32 mode = cpu->cpsr & CPU_PSR_MODE;
	bool priv = mode != CPU_MODE_USR;
	u32 sctlr, ttbr0, cpacr, cntkctl = 0;

	area_map_shadow(mmu_leaf_of(root_leaf(entry->root[MMU_VIEW_KERNEL],
					      HOST_SWITCH_INDEX)), hv);
	area_map_shadow(mmu_leaf_of(root_leaf(entry->root[MMU_VIEW_USER],
					      HOST_SWITCH_INDEX)), hv);

	asm volatile("mrc p15, 0, %0, c1, c0, 0" : "=r" (sctlr));
	asm volatile("mrc p15, 0, %0, c2, c0, 0" : "=r" (ttbr0));
	asm volatile("mrc p15, 0, %0, c1, c0, 2" : "=r" (cpacr));

	/* Walks are cacheable as the host's are: TTBR0[6:0]. */
	ttbr0 &= 0x7f;
	ctx->ttbr0_kernel = (u32)virt_to_phys(entry->root[MMU_VIEW_KERNEL]) | ttbr0;
	ctx->ttbr0_user = (u32)virt_to_phys(entry->root[MMU_VIEW_USER]) | ttbr0;
	ctx->ttbr0 = priv ? ctx->ttbr0_kernel : ctx->ttbr0_user;
	ctx->asid = priv ? HOST_ASID_KERNEL : HOST_ASID_USER;
	ctx->dacr = hw_dacr(entry->dacr, entry->managers);
	ctx->sctlr = (sctlr & ~(SCTLR_A | SCTLR_V | SCTLR_TE)) | (guest_sctlr & SCTLR_A);
	ctx->vfp_live = entry->vfp ? 2 : 0;
	ctx->cpacr = entry->vfp ? cpacr | CPACR_VFP : cpacr & ~CPACR_VFP;
	ctx->tpidrurw = vcpu->cp15[CP15_TPIDRURW];
	ctx->tpidruro = vcpu->cp15[CP15_TPIDRURO];
	ctx->hw_psr = (cpu->cpsr & CPU_PSR_HW) | CPU_MODE_USR;
	cpu->cpsr &= CPU_PSR_VIRT;
	if (entry->vfp) {
		ctx->fpscr = vcpu->vfp.fpscr;
		memcpy(ctx->vfp, vcpu->vfp.d, sizeof(ctx->vfp));
	}

	ctx->fast = priv && mode != CPU_MODE_FIQ && mode != CPU_MODE_SYS;
	ctx->fast_svc = !priv && !(guest_sctlr & (SCTLR_TE | SCTLR_EE));
	ctx->lines = entry->lines;
	ctx->spsr_offset = offsetof(struct host_arm_ctx, cpu.spsr[cpu_mode_bank(mode)]);
	ctx->vectors = guest_sctlr & SCTLR_V ? 0xffff0000U : vcpu->cp15[CP15_VBAR];
	ctx->mmu_on = entry->mmu_on;
	ctx->tpidrprw = vcpu->cp15[CP15_TPIDRPRW];
	ctx->ctr = vcpu->cp15[CP15_CTR];
	ctx->guest_sctlr = guest_sctlr;
	ctx->guest_dacr = vcpu->cp15[CP15_DACR];

	if (have_timer)
		cntkctl = deny_timer();
	enter((struct host_arm_ctx *)area_va(hv->slot));
	/* one into the guest, one out */
	vcpu->stat[VCPU_STAT_HOST_TLB_FLUSHES] += 2;
	if (have_timer)
		allow_timer(cntkctl);

	cpu->cpsr = (cpu->cpsr & CPU_PSR_VIRT) | (ctx->hw_psr & CPU_PSR_HW);
	vcpu->cp15[CP15_TPIDRURW] = ctx->tpidrurw;
	vcpu->cp15[CP15_TPIDRURO] = ctx->tpidruro;
	vcpu->cp15[CP15_DACR] = ctx->guest_dacr;
	if (entry->vfp) {
		vcpu->vfp.fpscr = ctx->fpscr;
		memcpy(vcpu->vfp.d, ctx->vfp, sizeof(ctx->vfp));
	}

	exit->vector = ctx->vector;
	switch (exit->vector) {
	case CPU_VEC_DABT:
		exit->fsc = fsr_status(ctx->dfsr);
		exit->write = ctx->dfsr >> 11 & 1;
		exit->far = ctx->dfar;
		break;
	case CPU_VEC_PABT:
		exit->fsc = fsr_status(ctx->ifsr);
		exit->write = false;
		exit->far = ctx->ifar;
		break;
	default:
		break;
	}
}

void host_vfp_begin(void)
{
	kernel_neon_begin();
}

void host_vfp_end(void)
{
	kernel_neon_end();
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
	asm volatile("mcr p15, 0, %0, c7, c1, 0\n\t"	/* ICIALLUIS */
		     "mcr p15, 0, %0, c7, c1, 6\n\t"	/* BPIALLIS */
		     "dsb\n\tisb" : : "r" (0) : "memory");
}
