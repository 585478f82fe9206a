/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * irqfd: a write to an eventfd raises an SPI of the module's GIC, without a
 * thread of the launcher in between.
 *
 * Plain ones pulse the line.  Those with a resample eventfd raise it; when the
 * guest deactivates the interrupt the line goes down and the resample eventfd
 * is signalled, so that a device whose own line is still up signals again. Those
 * with RAISE only raise it: the launcher's device lowers it (IRQ_LINE) when the
 * guest has acknowledged there.
 *
 * Closing the last descriptor of the eventfd ends the assignment.
 *
 * Locking: vm->irq_lock (mutex) for assigning and deassigning; vm->irqfd_lock
 * (spinlock, interrupts off; inside an eventfd's wait-queue lock) for the list.
 * Readers of the resampling ones are in vm->irq_srcu.
 */
#ifndef ARMKVM_CORE_IRQFD_H
#define ARMKVM_CORE_IRQFD_H

#include <linux/types.h>

#include "vm.h"

/* At module load and unload.  Returns 0 or -ENOMEM. */
int armkvm_irqfd_init(void);
void armkvm_irqfd_exit(void);

void armkvm_irqfd_vm_init(struct armkvm_vm *vm);

/*
 * ARMKVM_IRQFD; @arg is a struct armkvm_irqfd.  Returns 0, -EFAULT, -EINVAL
 * (flags or two that exclude each other, padding, number, not an eventfd), -EBADF, -EBUSY (assigned already),
 * -ENOENT (deassigning what isn't), -ENXIO (no GIC in the module), -ENODEV (no
 * vCPU yet), -ENOMEM, -EINTR.
 */
long armkvm_irqfd(struct armkvm_vm *vm, const void __user *arg);

/*
 * SPI @gsi was deactivated by the guest.  Any context but hard interrupts.  On real-time kernels
 * an eventfd can't be signalled with interrupts off: it is due then, and the vCPU's thread
 * sees to it by armkvm_irqfd_eoi_due(), which may sleep, before the guest goes on.
 */
void armkvm_irqfd_eoi(struct armkvm_vm *vm, unsigned int gsi);
void armkvm_irqfd_eoi_due(struct armkvm_vm *vm);

static inline bool armkvm_irqfd_eoi_is_due(const struct armkvm_vm *vm)
{
	return IS_ENABLED(CONFIG_PREEMPT_RT) && READ_ONCE(vm->eoi_due);
}

/* Ends all assignments.  Nobody else refers to the VM.  Sleeps. */
void armkvm_irqfd_release(struct armkvm_vm *vm);

#endif /* ARMKVM_CORE_IRQFD_H */
