/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capabilities: what this module, on this host, has.
 */
#ifndef ARMKVM_CORE_CAPS_H
#define ARMKVM_CORE_CAPS_H

#include <linux/compiler_types.h>
#include <linux/types.h>

struct armkvm_vm;

/*
 * ARMKVM_CHECK_EXTENSION: the value of capability @cap, 0 when absent or
 * unknown.  Never fails.
 */
int armkvm_check_extension(unsigned long cap);

/* Mask of 1 << ARMKVM_MODE_*: the modes that VMs can be made in and run. */
u32 armkvm_modes(void);

/*
 * ARMKVM_ENABLE_CAP on a VM; @arg is a struct armkvm_enable_cap.
 * Returns 0, or -EFAULT, -EINVAL (a capability that can't be enabled, a value
 * that it doesn't offer, a reserved field), -EBUSY (ARMKVM_CAP_PV: a vCPU has
 * run), -EINTR (killed while waiting).
 */
long armkvm_vm_enable_cap(struct armkvm_vm *vm, const void __user *arg);

#endif /* ARMKVM_CORE_CAPS_H */
