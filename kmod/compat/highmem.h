/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmap_local_page() came with Linux 5.11.  The older kmap_atomic() is the same for who
 * doesn't sleep while he has the mapping, nests mappings, and gives the latest back first:
 * it differs in that it always disables preemption.  Everything of ours that maps a page
 * holds mmu->lock, or only swaps a word, but for the making of an instruction copy: that has
 * preemption off for longer on those kernels (doc/design.rst).
 */
#ifndef ARMKVM_COMPAT_HIGHMEM_H
#define ARMKVM_COMPAT_HIGHMEM_H

#include <linux/highmem.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
static inline void *kmap_local_page(struct page *page)
{
	return kmap_atomic(page);
}

/* kunmap_atomic() is a macro that refuses a struct page pointer, and takes no const one. */
static inline void kunmap_local(const void *va)
{
	kunmap_atomic((void *)va);
}
#endif

#endif /* ARMKVM_COMPAT_HIGHMEM_H */
