/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMKVM_RUN.
 */
#ifndef ARMKVM_CORE_VCPU_RUN_H
#define ARMKVM_CORE_VCPU_RUN_H

struct armkvm_vcpu;

/*
 * ARMKVM_RUN, with the vCPU's mutex held.  In this order:
 *   -EINVAL   @arg is not 0
 *   -ENOEXEC  the vCPU was not initialised
 *   -EINTR    immediate_exit is set or a signal is pending
 *             (exit_reason is ARMKVM_EXIT_INTR)
 *   -ENOSYS   the host can't run the VM's guest mode
 */
long armkvm_vcpu_run(struct armkvm_vcpu *vcpu, unsigned long arg);

#endif /* ARMKVM_CORE_VCPU_RUN_H */
