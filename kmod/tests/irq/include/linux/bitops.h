/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that core/irq uses, for ordinary programs. */
#ifndef SHIM_IRQ_LINUX_BITOPS_H
#define SHIM_IRQ_LINUX_BITOPS_H

#include_next <linux/bitops.h>

#ifndef __ffs
#define __ffs(x) ((unsigned int)__builtin_ctzl(x))
#endif

#endif
