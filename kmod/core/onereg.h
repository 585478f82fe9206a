/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMKVM_GET_ONE_REG, ARMKVM_SET_ONE_REG, ARMKVM_GET_REG_LIST; many registers in one call.
 */
#ifndef ARMKVM_CORE_ONEREG_H
#define ARMKVM_CORE_ONEREG_H

#include <linux/compiler_types.h>
#include <linux/types.h>

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
 * What one call reads or writes: a bound on how long it takes, of more than twice the
 * registers that a vCPU has (some 100 instructions of the host each).
 */
#define ARMKVM_MAX_REG_VALUES	512

/*
 * ARMKVM_GET_REG_VALUES and, with @set, ARMKVM_SET_REG_VALUES; @arg is a struct armkvm_reg_values.
 * The vCPU's mutex is held, and the vCPU initialised.  Returns 0, or what the first register that
 * fails gives (see above), all before it done; -EINVAL also for too many, and a 32-bit register with
 * an upper half.
 */
long armkvm_reg_values(struct armkvm_vcpu *vcpu, bool set, void __user *arg);

/*
 * ARMKVM_GET_REG_LIST; @arg is a struct armkvm_reg_list.  The vCPU's mutex is held, and the vCPU
 * initialised.  Returns 0, -EFAULT, or -E2BIG with n set to the number needed.
 */
long armkvm_get_reg_list(struct armkvm_vcpu *vcpu, void __user *arg);

#endif /* ARMKVM_CORE_ONEREG_H */
