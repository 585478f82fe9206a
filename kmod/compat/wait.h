/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * add_wait_queue_priority() came with Linux 5.11.  Without it who waits with poll() may be
 * woken before the interrupt is raised, and find the eventfd empty when he reads it, which
 * every reader of an eventfd that somebody else reads, too, must expect.
 */
#ifndef ARMKVM_COMPAT_WAIT_H
#define ARMKVM_COMPAT_WAIT_H

#include <linux/version.h>
#include <linux/wait.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define add_wait_queue_priority(head, entry)	add_wait_queue(head, entry)
#endif

#endif /* ARMKVM_COMPAT_WAIT_H */
