/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host for the test: geometry and abilities of an ARMv7 host, or (HOST_ARM64) of an arm64
 * one; the entries have a format of their own, whose address bits are all of an address.
 * Each store of an entry is told to the test: world.c.
 */
#ifndef ARMKVM_HOST_SPTE_H
#define ARMKVM_HOST_SPTE_H

#include <linux/types.h>

typedef u64 spte_t;
typedef u64 root_t;

#ifdef HOST_ARM64
#define MMU_LEAF_SHIFT		21
#define MMU_LEAF_ENTRIES	512
#define MMU_ROOT_ENTRIES	2048
#define HOST_HAS_SWITCH_AREA	0
#define HOST_SWITCH_INDEX	MMU_ROOT_ENTRIES
#define HOST_SWITCH_DOMAIN	0
#define HOST_SWITCH_PAGES	0
#define HOST_HAS_DOMAINS	0
#define HOST_HAS_EXEC_ONLY	1
#else
#define MMU_LEAF_SHIFT		20
#define MMU_LEAF_ENTRIES	256
#define MMU_ROOT_ENTRIES	4096
#define HOST_HAS_SWITCH_AREA	1
#define HOST_SWITCH_INDEX	0xfffU
#define HOST_SWITCH_DOMAIN	15
#define HOST_SWITCH_PAGES	128
#define HOST_HAS_DOMAINS	1
#define HOST_HAS_EXEC_ONLY	0
#endif
/* Behind the entries: an id, never given twice. */
#define HOST_ROOT_BYTES		((MMU_ROOT_ENTRIES + 1) * sizeof(root_t))

#define SPTE_VALID		1ULL
#define SPTE_R			2ULL
#define SPTE_W			4ULL
#define SPTE_X			8ULL
#define SPTE_MARK		16ULL		/* of a device */
#define SPTE_ADDR		0x0000fffffffff000ULL
#define ROOT_DOMAIN_SHIFT	4

static inline bool spte_present(spte_t spte)
{
	return spte & SPTE_VALID;
}

static inline bool spte_executable(spte_t spte)
{
	return spte & SPTE_X;
}

static inline bool spte_writable(spte_t spte)
{
	return spte & SPTE_W;
}

static inline spte_t spte_make(phys_addr_t pa, bool write, bool exec)
{
	return (pa & SPTE_ADDR) | SPTE_VALID | SPTE_R | (write ? SPTE_W : 0) | (exec ? SPTE_X : 0);
}

static inline spte_t spte_make_exec_only(phys_addr_t pa)
{
	return spte_make(pa, false, true) & ~SPTE_R;
}

static inline bool spte_exec_only(spte_t spte)
{
	return spte_present(spte) && !(spte & SPTE_R);
}

static inline spte_t spte_make_device(bool write)
{
	return SPTE_MARK | (write ? SPTE_W : 0);
}

void host_spte_stored(spte_t *sptep, spte_t old, spte_t spte);
void host_root_stored(root_t *slot, root_t old, root_t desc);

static inline void spte_store(spte_t *sptep, spte_t spte)
{
	spte_t old = *sptep;

	*sptep = spte;
	host_spte_stored(sptep, old, spte);
}

root_t *host_root_alloc(void);
void host_root_free(root_t *root);

static inline u64 host_root_id(const root_t *root)
{
	return root[MMU_ROOT_ENTRIES];
}

static inline void root_store(root_t *root, unsigned int index, spte_t *leaf, unsigned int domain)
{
	root_t old = root[index];

	root[index] = leaf ? virt_to_phys(leaf) | domain << ROOT_DOMAIN_SHIFT | 1 : 0;
	host_root_stored(&root[index], old, root[index]);
}

static inline spte_t *root_leaf(const root_t *root, unsigned int index)
{
	root_t desc = root[index];

	return desc ? phys_to_virt(desc & SPTE_ADDR) : NULL;
}

#endif /* ARMKVM_HOST_SPTE_H */
