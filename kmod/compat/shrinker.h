/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shrinker_alloc(), shrinker_register() and shrinker_free() came with Linux 6.7 and
 * replaced register_shrinker() of a structure of one's own, which had no name before 6.0.
 */
#ifndef ARMKVM_COMPAT_SHRINKER_H
#define ARMKVM_COMPAT_SHRINKER_H

#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline struct shrinker *shrinker_alloc(unsigned int flags, const char *name)
{
	return kzalloc(sizeof(struct shrinker), GFP_KERNEL);
}

/* Without memory for it there is none: it is never called, and shrinker_free() knows. */
static inline void shrinker_register(struct shrinker *shrinker)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
	register_shrinker(shrinker);
#else
	register_shrinker(shrinker, "armkvm");
#endif
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#endif

#endif /* ARMKVM_COMPAT_SHRINKER_H */
