// SPDX-License-Identifier: GPL-2.0-only
/* ARMv7 host: the switch area in the host's own tables; see area.h. */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include <host_spte.h>

#include "../../core/mmu/mmu.h"
#include "area.h"

static DEFINE_PER_CPU(struct page *, slot_page[AREA_KINDS]);
static u32 attributes;

/*
 * The host's second-level table for the area's MiB.  The high vectors are in
 * the same MiB, so it exists, and every process's first-level table points to
 * this one (kernel entries are made at boot and copied).  NULL: not this kernel.
 */
static u32 *area_table(void)
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

u32 area_attributes(void)
{
	return attributes;
}

const char *area_init(void)
{
	u32 *table = area_table();
	unsigned int slot;
	u32 vectors;

	if (!table)
		return "the host kernel uses long-descriptor tables (LPAE)";
	vectors = table[(0xffff0000U >> PAGE_SHIFT) & (MMU_LEAF_ENTRIES - 1)];
	if (!(vectors & SPTE_SMALL))
		return "the host kernel has no high vectors page";
	if (SWITCH_SLOT_CTX(nr_cpu_ids) > SWITCH_SLOT_PARA(0))
		return "the host has more than 62 cores";
	for (slot = 0; slot < HOST_SWITCH_PAGES; slot++)
		if (table[slot])
			return "the host kernel uses the addresses of the switch area";
	attributes = vectors & SPTE_ATTR_MASK;
	return NULL;
}

static void area_flush(void *unused)
{
	unsigned int slot;

	asm volatile("dsb" : : : "memory");
	for (slot = 0; slot < HOST_SWITCH_PAGES; slot++)
		asm volatile("mcr p15, 0, %0, c8, c7, 3" : : "r" (area_va(slot)));
	asm volatile("dsb\n\tisb" : : : "memory");
}

/* Slots of CPUs that are off go with the others: they come back with an empty TLB. */
void area_exit(void)
{
	unsigned int slot;

	for (slot = 0; slot < HOST_SWITCH_PAGES; slot++)
		spte_store(area_table() + slot, 0);
	on_each_cpu(area_flush, NULL, 1);
}

u32 area_entry(struct page *page, bool code)
{
	return (u32)page_to_phys(page) | SPTE_SMALL | SPTE_AP_PL1 | attributes |
	       (code ? SPTE_AP_RO : SPTE_XN);
}

/* TLBIMVAA: the entries are global, and no other CPU uses this slot */
static void area_invalidate(unsigned int slot)
{
	asm volatile("dsb\n\tmcr p15, 0, %0, c8, c7, 3\n\tdsb\n\tisb"
		     : : "r" (area_va(slot)) : "memory");
}

/* No entry is replaced by another before it is out of use: B3.10.1, "break before make". */
void area_store(unsigned int slot, u32 entry)
{
	spte_t *at = area_table() + slot;

	if (*at) {
		spte_store(at, 0);
		area_invalidate(slot);
	}
	spte_store(at, entry);
	area_invalidate(slot);
}

static unsigned int area_slot(enum area_kind kind, unsigned int cpu)
{
	return kind == AREA_CTX ? SWITCH_SLOT_CTX(cpu) : SWITCH_SLOT_PRIV(cpu);
}

void area_take(enum area_kind kind, struct page *page)
{
	unsigned int cpu = smp_processor_id();

	if (per_cpu(slot_page[kind], cpu) == page)
		return;
	area_store(area_slot(kind, cpu), area_entry(page, kind == AREA_PRIV));
	per_cpu(slot_page[kind], cpu) = page;
}

/* On each CPU: the slot's @page is not mapped any more. */
static void area_clear_slots(void *page)
{
	unsigned int cpu = smp_processor_id(), kind;

	for (kind = 0; kind < AREA_KINDS; kind++) {
		if (per_cpu(slot_page[kind], cpu) != page)
			continue;
		area_store(area_slot(kind, cpu), 0);
		per_cpu(slot_page[kind], cpu) = NULL;
	}
}

/*
 * A CPU that is off has lost its TLB, which it begins with empty (B3.10.3), but not its slots in
 * the table.
 */
void area_forget(struct page *page)
{
	unsigned int cpu, kind;

	cpus_read_lock();
	on_each_cpu(area_clear_slots, page, 1);
	for_each_possible_cpu(cpu) {
		for (kind = 0; kind < AREA_KINDS; kind++) {
			if (per_cpu(slot_page[kind], cpu) != page)
				continue;
			spte_store(area_table() + area_slot(kind, cpu), 0);
			per_cpu(slot_page[kind], cpu) = NULL;
		}
	}
	cpus_read_unlock();
}
