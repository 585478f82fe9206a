/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * eventfd_signal() lost its second argument, the number to add, with Linux 6.8:
 * every caller added 1.
 */
#ifndef ARMKVM_COMPAT_EVENTFD_H
#define ARMKVM_COMPAT_EVENTFD_H

#include <linux/eventfd.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#endif

#endif /* ARMKVM_COMPAT_EVENTFD_H */
