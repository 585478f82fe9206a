/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From Linux 6.19 on arm64's kernel_neon_begin() and kernel_neon_end() want a buffer, for
 * registers that are in use when the task is switched out or a softirq comes that uses
 * them itself.  Who has preemption disabled from one to the other, as we have, needs none:
 * he is told by NULL (it is what <asm/fpu.h> gives).  32-bit Arm has no such argument.
 */
#ifndef ARMKVM_COMPAT_NEON_H
#define ARMKVM_COMPAT_NEON_H

#include <linux/version.h>

#include <asm/neon.h>

#if defined(CONFIG_ARM64) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define kernel_neon_begin()	kernel_neon_begin(NULL)
#define kernel_neon_end()	kernel_neon_end(NULL)
#endif

#endif /* ARMKVM_COMPAT_NEON_H */
