// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64 host: memory of shadow tables, and what makes new instructions visible: see host_spte.h, host.h.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include <asm/barrier.h>

#include <host_spte.h>

#include "../../compat/cacheflush.h"
#include "../host.h"
#include "fastpath.h"

spte_t host_spte_sh __ro_after_init;

#define ROOT_TABLE_ENTRIES	512
#define ROOT_BYTES		((ROOT_LEVEL1 + MMU_ROOT_ENTRIES / ROOT_TABLE_ENTRIES) * \
				 sizeof(root_t))

root_t *host_root_alloc(void)
{
	static atomic64_t last_id;
	root_t *root = alloc_pages_exact(ROOT_BYTES, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	unsigned int i;

	if (!root)
		return NULL;
	for (i = 0; i < MMU_ROOT_ENTRIES / ROOT_TABLE_ENTRIES; i++)
		root[ROOT_LEVEL1 + i] = virt_to_phys(root + i * ROOT_TABLE_ENTRIES) | SPTE_PAGE;
	root[ROOT_ID] = atomic64_inc_return(&last_id);
	return root;
}

void host_root_free(root_t *root)
{
	free_pages_exact(root, ROOT_BYTES);
}

void host_invalidate_icache(void)
{
	host_before_icache_op();
	asm volatile("ic ialluis" : : : "memory");
	dsb(ish);
	isb();
}

/*
 * Clean to, and invalidate from, the point of unification, on all CPUs; as CTR_EL0 demands.
 *
 * IC IVAU finds a line of a VIPT cache by its address (ARM DDI 0487 D7.5, "Instruction caches"): only lines that
 * were fetched by an address of the same colour.  A guest fetches by its own, so all go there, as
 * in the kernel's sync_icache_aliases().  CTR_EL0.DIC on such a cache is not believed.
 */
void host_sync_icache(void *va, size_t size)
{
	caches_clean_inval_pou((unsigned long)va, (unsigned long)va + size);
	host_before_icache_op();
	if (host_icache_aliases())
		host_invalidate_icache();
}
