/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that core/irq uses, for ordinary programs. */
#ifndef SHIM_IRQ_LINUX_MATH64_H
#define SHIM_IRQ_LINUX_MATH64_H

#include <linux/types.h>

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

#endif
