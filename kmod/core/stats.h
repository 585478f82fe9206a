/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statistics descriptors: KVM's binary layout.
 */
#ifndef ARMKVM_CORE_STATS_H
#define ARMKVM_CORE_STATS_H

struct armkvm_vcpu;
struct armkvm_vm;

/*
 * ARMKVM_GET_STATS_FD: a read-only, close-on-exec descriptor, which keeps the
 * VM alive.  Returns it, or -ENOMEM, -EMFILE, -ENFILE.
 */
int armkvm_vm_stats_fd(struct armkvm_vm *vm);
int armkvm_vcpu_stats_fd(struct armkvm_vcpu *vcpu);

#endif /* ARMKVM_CORE_STATS_H */
