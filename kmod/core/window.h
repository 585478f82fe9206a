/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM's window: RAM of the host's in one piece, for guests whose physical addresses are
 * the host's (ARMKVM_MODE_DIRECT).  The launcher maps it by the VM's descriptor and makes a
 * memory slot of it.
 */
#ifndef ARMKVM_CORE_WINDOW_H
#define ARMKVM_CORE_WINDOW_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct armkvm_vm;
struct vm_area_struct;

struct armkvm_vm_window {
	u64 base;		/* physical; page aligned */
	unsigned long size;	/* bytes; 0: the VM has none */
	unsigned long hva;	/* where it was mapped last, from its begin on; 0: nowhere */
	raw_spinlock_t table_lock;	/* of who puts the host's entries into a guest's table */
};

/*
 * ARMKVM_CREATE_WINDOW; @arg is a struct armkvm_window.  Returns 0, or -EFAULT, -EINVAL (size, reserved
 * field), -EEXIST, -ENOTTY (another mode), -ENOMEM (no such piece, or RLIMIT_MEMLOCK), -EINTR.
 * May take seconds: others' pages are moved away.
 */
long armkvm_create_window(struct armkvm_vm *vm, void __user *arg);
/* mmap of the VM's descriptor.  Returns 0, -ENXIO (no window there), -EINVAL (not shared). */
int armkvm_window_mmap(struct armkvm_vm *vm, struct vm_area_struct *vma);
/* Gives the memory back; the VM is about to be freed, so nobody has it mapped. */
void armkvm_window_free(struct armkvm_vm *vm);

/* Is @hva where the launcher has mapped the window's first page, for all we know? */
bool armkvm_window_is_at(const struct armkvm_vm *vm, u64 hva);
/* The window's page at physical address @gpa by the kernel's linear map, or NULL. */
void *armkvm_window_at(const struct armkvm_vm *vm, u64 gpa);

#endif /* ARMKVM_CORE_WINDOW_H */
