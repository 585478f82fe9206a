/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: the format of shadow entries (short descriptors, ARM DDI 0406C
 * B3.5.1).  core/mmu includes this header by name; each host provides its own.
 *
 * A root is a first-level table of 4096 words, a leaf a second-level table of
 * 256 words for one MiB.  All guest memory is non-global, small pages; the
 * memory type is the one that the host uses for its own RAM.
 */
#ifndef ARMKVM_HOST_SPTE_H
#define ARMKVM_HOST_SPTE_H

#include <linux/gfp.h>
#include <linux/types.h>
#include <asm/io.h>

typedef u32 spte_t;
typedef u32 root_t;

#define MMU_LEAF_SHIFT		20
#define MMU_LEAF_ENTRIES	256
#define MMU_ROOT_ENTRIES	4096
#define MMU_ROOT_ORDER		2
#define HOST_ROOT_BYTES		(PAGE_SIZE << MMU_ROOT_ORDER)

/* A few pages of every space are the host's, see host_world.h. */
#define HOST_HAS_SWITCH_AREA	1
#define SWITCH_AREA_BASE	0xfff00000UL
#define HOST_SWITCH_INDEX	(SWITCH_AREA_BASE >> MMU_LEAF_SHIFT)
#define HOST_SWITCH_PAGES	128
/* The hardware domain of the area's MiB: always a client. */
#define HOST_SWITCH_DOMAIN	15

/* DACR's client and no-access fields are the hardware's to check; see world_hw_dacr(). */
#define HOST_HAS_DOMAINS	1

#define HOST_HAS_EXEC_ONLY	0

#define SPTE_XN			(1U << 0)
#define SPTE_SMALL		(1U << 1)
#define SPTE_AP_PL0		(2U << 4)	/* AP[1]: PL0 may access */
#define SPTE_AP_PL1		(1U << 4)	/* AP[0]: access flag set / PL1 may access */
#define SPTE_AP_RO		(1U << 9)	/* AP[2] */
#define SPTE_NG			(1U << 11)
#define SPTE_ATTR_MASK		((7U << 6) | (3U << 2) | (1U << 10))	/* TEX, C, B, S */

#define ROOT_TABLE		1U
#define ROOT_DOMAIN(d)		((u32)(d) << 5)

/* TEX, C, B and S of the host's own RAM mappings; set once at load. */
extern u32 host_spte_attr;

static inline bool spte_present(spte_t spte)
{
	return spte & SPTE_SMALL;
}

static inline bool spte_executable(spte_t spte)
{
	return spte && !(spte & SPTE_XN);
}

static inline bool spte_writable(spte_t spte)
{
	return spte && !(spte & SPTE_AP_RO);
}

/* A page of guest RAM or an instruction copy, accessible at PL0. */
static inline spte_t spte_make(phys_addr_t pa, bool write, bool exec)
{
	/* AP[2:0] 011 read-write, 111 read-only, at any privilege level */
	return (u32)pa | SPTE_SMALL | SPTE_AP_PL0 | SPTE_AP_PL1 | SPTE_NG |
	       host_spte_attr | (write ? 0 : SPTE_AP_RO) | (exec ? 0 : SPTE_XN);
}

/* Short descriptors have no execute-only pages: HOST_HAS_EXEC_ONLY is 0, and nobody calls this. */
static inline spte_t spte_make_exec_only(phys_addr_t pa)
{
	return spte_make(pa, false, true);
}

static inline bool spte_exec_only(spte_t spte)
{
	return false;
}

/* No translation (B3.5.1: bits 1:0 are 0, the others ignored), but known to core/mmu. */
static inline spte_t spte_make_device(bool write)
{
	return SPTE_AP_PL1 | (write ? 0 : SPTE_AP_RO);
}

/*
 * Stores an entry.  Walks of this CPU see it after the DSB of the next entry
 * to the guest; cores whose walks don't look into the data cache need it
 * cleaned to the point of unification (B3.3.1, ID_MMFR3.CohWalk).
 */
static inline void spte_store(spte_t *sptep, spte_t spte)
{
	WRITE_ONCE(*sptep, spte);
	/* DCCMVAU */
	asm volatile("mcr p15, 0, %0, c7, c11, 1" : : "r" (sptep) : "memory");
}

/* An empty root of MMU_ROOT_ENTRIES, or NULL.  May sleep. */
static inline root_t *host_root_alloc(void)
{
	return (root_t *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO, MMU_ROOT_ORDER);
}

static inline void host_root_free(root_t *root)
{
	free_pages((unsigned long)root, MMU_ROOT_ORDER);
}

static inline void root_store(root_t *root, unsigned int index, spte_t *leaf, unsigned int domain)
{
	root_t *slot = root + index;
	u32 desc = leaf ? (u32)virt_to_phys(leaf) | ROOT_TABLE | ROOT_DOMAIN(domain) : 0;

	WRITE_ONCE(*slot, desc);
	asm volatile("mcr p15, 0, %0, c7, c11, 1" : : "r" (slot) : "memory");
}

static inline spte_t *root_leaf(const root_t *root, unsigned int index)
{
	u32 desc = READ_ONCE(root[index]);

	return desc ? phys_to_virt(desc & ~0x3ffU) : NULL;
}

#endif /* ARMKVM_HOST_SPTE_H */
