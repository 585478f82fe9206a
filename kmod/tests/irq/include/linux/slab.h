/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that core/irq uses, for ordinary programs. */
#ifndef SHIM_IRQ_LINUX_SLAB_H
#define SHIM_IRQ_LINUX_SLAB_H

#include <stdlib.h>

#define GFP_KERNEL_ACCOUNT 0
#define kzalloc(size, flags) calloc(1, (size))
#define kfree(ptr) free(ptr)

#endif
