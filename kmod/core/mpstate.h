/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Multiprocessing state: does the vCPU execute, wait, or is it powered off?
 */
#ifndef ARMKVM_CORE_MPSTATE_H
#define ARMKVM_CORE_MPSTATE_H

#include <linux/compiler_types.h>

struct armkvm_vcpu;

/*
 * ARMKVM_GET_MP_STATE and ARMKVM_SET_MP_STATE, with the vCPU's mutex held.  Return 0 or -EFAULT;
 * set also -EINVAL (an unknown state).
 */
long armkvm_get_mp_state(struct armkvm_vcpu *vcpu, void __user *arg);
long armkvm_set_mp_state(struct armkvm_vcpu *vcpu, const void __user *arg);

#endif /* ARMKVM_CORE_MPSTATE_H */
