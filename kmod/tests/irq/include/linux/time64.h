/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that core/irq uses, for ordinary programs. */
#ifndef SHIM_IRQ_LINUX_TIME64_H
#define SHIM_IRQ_LINUX_TIME64_H

#define NSEC_PER_SEC 1000000000L

#endif
