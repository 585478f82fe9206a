/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that core/irq uses, for ordinary programs. */
#ifndef SHIM_IRQ_LINUX_KTIME_H
#define SHIM_IRQ_LINUX_KTIME_H

#include <linux/types.h>

typedef s64 ktime_t;

/* The tests' clock, in nanoseconds: moved by hand. */
extern ktime_t shim_now;

static inline ktime_t ktime_get(void)
{
	return shim_now;
}

static inline ktime_t ktime_add_ns(ktime_t t, u64 ns)
{
	return t + (s64)ns;
}

#endif
