/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The GIC as the launcher's device: ARMKVM_CREATE_DEVICE, its attributes, and
 * where in the guest's address space it is.  The state machine is vgic.h.
 *
 * Its life:
 *   created	by ARMKVM_CREATE_DEVICE, before any vCPU runs
 *   initialised	its size is fixed and struct vgic exists: CTRL_INIT, or the first
 *		use that needs it.  The VM takes no more vCPUs then.
 *   in use	vm->vgic: from the first ARMKVM_RUN on, which also demands that
 *		both register blocks have their addresses
 *
 * Locking: vm->irq_lock guards struct armkvm_gic and the steps of its life.
 * What other contexts read, gic->vgic and vm->vgic, is published with release
 * semantics, written once and constant until the VM is freed.
 */
#ifndef ARMKVM_CORE_GIC_H
#define ARMKVM_CORE_GIC_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "vm.h"
#include "irq/vgic.h"

#define GIC_ADDR_UNDEF		(~0ULL)

struct armkvm_gic {
	struct vgic *vgic;		/* NULL until initialised */
	u32 nr_irqs;			/* SGIs and PPIs included; 0: the default */
	u64 addr[2];			/* guest physical, by enum vgic_region; or GIC_ADDR_UNDEF */
};

/*
 * ARMKVM_CREATE_DEVICE; @arg is a struct armkvm_create_device.
 * Returns 0, -EFAULT, -EINVAL (flags, padding), -ENODEV (no such type), -EEXIST,
 * -EBUSY (a vCPU has run), -ENOMEM, -EMFILE, -ENFILE, -EINTR.
 */
long armkvm_create_device(struct armkvm_vm *vm, void __user *arg);

/*
 * What the VM's end leaves behind.  Nobody else refers to the VM, and all that
 * may raise interrupts has stopped.
 */
void armkvm_gic_free(struct armkvm_vm *vm);

/*
 * Before a vCPU's first run: from here on the VM has a GIC (vm->vgic) or has
 * none.  Held: the vCPU's mutex.  Returns 0, or -ENXIO (a register block has no
 * address), -ENOMEM, -EINTR.
 */
int armkvm_gic_start(struct armkvm_vm *vm);

/* Is it too late for another vCPU?  Held: vm->irq_lock. */
static inline bool armkvm_gic_is_complete(const struct armkvm_vm *vm)
{
	return vm->gic && vm->gic->vgic;
}

/*
 * The GIC for whoever raises interrupts, initialised if it was not.  Process
 * context.  Returns an ERR_PTR: -ENXIO (the VM has none), -ENODEV (no vCPU yet),
 * -ENOMEM, -EINTR.
 */
struct vgic *armkvm_gic_get(struct armkvm_vm *vm);

/* The GIC that the VM's vCPUs run with, or NULL: the launcher has it.  Any context. */
static inline struct vgic *armkvm_vgic(const struct armkvm_vm *vm)
{
	return smp_load_acquire(&vm->vgic);	/* pairs with armkvm_gic_start() */
}

/*
 * Which register block, and where in it, is guest-physical @gpa?  Returns false
 * if none is.  Only while vm->vgic is there: the addresses are constant then.
 */
static inline bool armkvm_gic_decode(const struct armkvm_vm *vm, u64 gpa,
				     enum vgic_region *region, u32 *offset)
{
	const struct armkvm_gic *gic = vm->gic;

	if (gpa - gic->addr[VGIC_CPUIF] < VGIC_CPU_SIZE)
		*region = VGIC_CPUIF;
	else if (gpa - gic->addr[VGIC_DIST] < VGIC_DIST_SIZE)
		*region = VGIC_DIST;
	else
		return false;
	*offset = gpa - gic->addr[*region];
	return true;
}

#endif /* ARMKVM_CORE_GIC_H */
