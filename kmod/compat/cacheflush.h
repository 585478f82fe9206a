/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64's caches_clean_inval_pou() was called __flush_icache_range() before Linux 5.14.
 */
#ifndef ARMKVM_COMPAT_CACHEFLUSH_H
#define ARMKVM_COMPAT_CACHEFLUSH_H

#include <linux/version.h>

#include <asm/cacheflush.h>

#if defined(CONFIG_ARM64) && LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
#define caches_clean_inval_pou(start, end)	__flush_icache_range(start, end)
#endif

#endif /* ARMKVM_COMPAT_CACHEFLUSH_H */
