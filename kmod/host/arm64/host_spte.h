/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: the format of shadow entries (VMSAv8-64, 4 KiB granule whatever
 * the host's is; ARM DDI 0487).  core/mmu includes this header by name;
 * each host provides its own.
 *
 * A 32-bit address starts at level 1 with four entries of 1 GiB.  A root is
 * the four level-2 tables in a row, 2048 entries of 2 MiB, with the level-1
 * table that joins them behind; a leaf is a level-3 table.  All guest memory is
 * non-global pages, never executable at the kernel's level.
 */
#ifndef ARMKVM_HOST_SPTE_H
#define ARMKVM_HOST_SPTE_H

#include <linux/types.h>
#include <asm/memory.h>

typedef u64 spte_t;
typedef u64 root_t;

#define MMU_LEAF_SHIFT		21
#define MMU_LEAF_ENTRIES	512
#define MMU_ROOT_ENTRIES	2048
/* with the level-1 table, in whole pages */
#define HOST_ROOT_BYTES		PAGE_ALIGN(MMU_ROOT_ENTRIES * sizeof(root_t) + 1)

/* The host's kernel stays mapped by TTBR1: the guest gives up no address. */
#define HOST_HAS_SWITCH_AREA	0
#define HOST_SWITCH_INDEX	MMU_ROOT_ENTRIES	/* none */
#define HOST_SWITCH_DOMAIN	0
#define HOST_SWITCH_PAGES	0

/* VMSAv8-64 has no domains: what DACR says is in the tables themselves. */
#define HOST_HAS_DOMAINS	0

#define HOST_HAS_EXEC_ONLY	1

#define SPTE_PAGE		3ULL		/* level 3: page; levels 1, 2: table */
#define SPTE_ATTRINDX(i)	((u64)(i) << 2)
#define SPTE_AP_EL0		(1ULL << 6)	/* AP[1] */
#define SPTE_AP_RO		(1ULL << 7)	/* AP[2] */
#define SPTE_SH_INNER		(3ULL << 8)	/* not with TCR_EL1.DS, where TCR_EL1.SH0 says it */
#define SPTE_AF			(1ULL << 10)
#define SPTE_NG			(1ULL << 11)
#define SPTE_PXN		(1ULL << 53)
#define SPTE_UXN		(1ULL << 54)
#define SPTE_ADDR_BITS		48
#define SPTE_ADDR		0x0000fffffffff000ULL

static inline bool spte_present(spte_t spte)
{
	return spte & 1;
}

static inline bool spte_executable(spte_t spte)
{
	return spte && !(spte & SPTE_UXN);
}

static inline bool spte_writable(spte_t spte)
{
	return spte && !(spte & SPTE_AP_RO);
}

/* SPTE_SH_INNER, or 0 where these are bits of the address.  Written once, at load: world.c. */
extern spte_t host_spte_sh;

/* A page of guest RAM or an instruction copy, accessible at EL0; ordinary RAM to the host. */
static inline spte_t spte_make(phys_addr_t pa, bool write, bool exec)
{
	return (pa & SPTE_ADDR) | SPTE_PAGE | SPTE_ATTRINDX(MT_NORMAL) | SPTE_AP_EL0 |
	       host_spte_sh | SPTE_AF | SPTE_NG | SPTE_PXN |
	       (write ? 0 : SPTE_AP_RO) | (exec ? 0 : SPTE_UXN);
}

/* An instruction copy that can't be read: AP[1] clear, UXN clear (D8.4.1). */
static inline spte_t spte_make_exec_only(phys_addr_t pa)
{
	return spte_make(pa, false, true) & ~SPTE_AP_EL0;
}

static inline bool spte_exec_only(spte_t spte)
{
	return spte_present(spte) && !(spte & SPTE_AP_EL0);
}

/* No translation (bit 0 is 0, the others ignored), but known to core/mmu. */
static inline spte_t spte_make_device(bool write)
{
	return SPTE_AF | (write ? 0 : SPTE_AP_RO);
}

/* Stores an entry.  Walks of this CPU see it after the DSB of the next entry to the guest. */
static inline void spte_store(spte_t *sptep, spte_t spte)
{
	WRITE_ONCE(*sptep, spte);
}

/* An empty root of MMU_ROOT_ENTRIES, or NULL.  May sleep. */
root_t *host_root_alloc(void);
void host_root_free(root_t *root);

/*
 * Behind the four entries of the level-1 table is what this CPU's TLB management
 * wants to know of a root (asid-cache.c): an id, never given twice, and a guess.
 */
#define ROOT_LEVEL1	MMU_ROOT_ENTRIES	/* index of the level-1 table */
#define ROOT_ID		(ROOT_LEVEL1 + 8)
#define ROOT_HINT	(ROOT_LEVEL1 + 9)

static inline u64 host_root_id(const root_t *root)
{
	return root[ROOT_ID];
}

static inline unsigned int host_root_hint(const root_t *root)
{
	return READ_ONCE(root[ROOT_HINT]);
}

static inline void host_root_set_hint(const root_t *root, unsigned int hint)
{
	WRITE_ONCE(*(root_t *)&root[ROOT_HINT], hint);
}

/* The address that TTBR0_EL1 wants: the level-1 table's. */
static inline phys_addr_t host_root_pa(const root_t *root)
{
	return virt_to_phys(root + ROOT_LEVEL1);
}

static inline void root_store(root_t *root, unsigned int index, spte_t *leaf, unsigned int domain)
{
	WRITE_ONCE(root[index], leaf ? virt_to_phys(leaf) | SPTE_PAGE : 0);
}

static inline spte_t *root_leaf(const root_t *root, unsigned int index)
{
	root_t desc = READ_ONCE(root[index]);

	return desc ? phys_to_virt(desc & SPTE_ADDR) : NULL;
}

#endif /* ARMKVM_HOST_SPTE_H */
