/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMKVM_GET_ONE_REG, ARMKVM_SET_ONE_REG, ARMKVM_GET_REG_LIST.
 */
#ifndef ARMKVM_CORE_ONEREG_H
#define ARMKVM_CORE_ONEREG_H

#include <linux/compiler_types.h>

struct armkvm_vcpu;

/*
 * ARMKVM_GET_ONE_REG and ARMKVM_SET_ONE_REG; @arg is a struct armkvm_one_reg.  The vCPU's mutex is
 * held, and the vCPU initialised.  Return 0, or -EFAULT,
 * -EINVAL (not an id of 32-bit Arm; set: a value that the register can't hold),
 * -ENOENT (no such register), set also -EBUSY (identification, after the vCPU has run).
 */
long armkvm_get_one_reg(struct armkvm_vcpu *vcpu, const void __user *arg);
long armkvm_set_one_reg(struct armkvm_vcpu *vcpu, const void __user *arg);

/*
 * ARMKVM_GET_REG_LIST; @arg is a struct armkvm_reg_list.  The vCPU's mutex is held, and the vCPU
 * initialised.  Returns 0, -EFAULT, or -E2BIG with n set to the number needed.
 */
long armkvm_get_reg_list(struct armkvm_vcpu *vcpu, void __user *arg);

#endif /* ARMKVM_CORE_ONEREG_H */
