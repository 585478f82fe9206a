/* SPDX-License-Identifier: GPL-2.0-only */
/* A range of physical pages, for oneself. */
#ifndef ARMKVM_COMPAT_CONTIG_H
#define ARMKVM_COMPAT_CONTIG_H

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mmzone.h>
#include <linux/version.h>

/* Returns 0, with a reference to each page, or a negative errno.  May sleep for long. */
static inline int armkvm_alloc_contig(unsigned long pfn, unsigned long pages)
{
#if !defined(CONFIG_CONTIG_ALLOC)
	return -ENOMEM;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	return alloc_contig_range(pfn, pfn + pages, ACR_FLAGS_NONE, GFP_KERNEL | __GFP_NOWARN);
#else
	return alloc_contig_range(pfn, pfn + pages, MIGRATE_MOVABLE, GFP_KERNEL | __GFP_NOWARN);
#endif
}

#endif /* ARMKVM_COMPAT_CONTIG_H */
