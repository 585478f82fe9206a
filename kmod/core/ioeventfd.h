/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioeventfd: a guest's write to an address signals an eventfd, and the guest
 * goes on.
 *
 * Locking: vm->irq_lock for changes; the look-ups enter vm->irq_srcu themselves.
 */
#ifndef ARMKVM_CORE_IOEVENTFD_H
#define ARMKVM_CORE_IOEVENTFD_H

#include <linux/types.h>

struct armkvm_vm;

/* KVM's limit for the devices of one bus. */
#define ARMKVM_MAX_IOEVENTFDS	1000

/*
 * ARMKVM_IOEVENTFD; @arg is a struct armkvm_ioeventfd.  Returns 0, -EFAULT,
 * -EINVAL (flags, padding, length, alignment, wrap, not an eventfd), -EBADF,
 * -EEXIST, -ENOSPC, -ENOENT, -ENOMEM, -EINTR.
 */
long armkvm_ioeventfd(struct armkvm_vm *vm, const void __user *arg);

/*
 * The guest writes @val, of @len bytes (its memory image), to @gpa, where there
 * is no RAM.  Returns true if that was an ioeventfd, which is signalled.
 * Any context but hard interrupts.
 */
bool armkvm_ioeventfd_write(struct armkvm_vm *vm, u64 gpa, unsigned int len, u64 val);

/* May a write to @gpa be one to an ioeventfd, as far as the address tells? */
bool armkvm_ioeventfd_at(struct armkvm_vm *vm, u64 gpa);

/* Ends all assignments.  Nobody else refers to the VM. */
void armkvm_ioeventfd_release(struct armkvm_vm *vm);

#endif /* ARMKVM_CORE_IOEVENTFD_H */
