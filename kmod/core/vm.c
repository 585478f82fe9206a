// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual machines: creation, ioctls of the VM descriptor, end of life.
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "caps.h"
#include "dirty.h"
#include "engine-ops.h"
#include "../host/host.h"
#include "ioeventfd.h"
#include "gic.h"
#include "irqfd.h"
#include "memslot.h"
#include "stats.h"
#include "vcpu.h"
#include "vm.h"

void armkvm_vm_get(struct armkvm_vm *vm)
{
	refcount_inc(&vm->users);
}

static void vm_free(struct armkvm_vm *vm)
{
	unsigned int i;

	armkvm_irqfd_release(vm);
	armkvm_ioeventfd_release(vm);
	if (armkvm_engine)
		armkvm_engine->vm_destroy(vm);
	for (i = 0; i < ARMKVM_MAX_VCPUS; i++)
		armkvm_vcpu_free(vm->vcpus[i]);
	armkvm_gic_free(vm);
	armkvm_memslots_free(vm);
	armkvm_window_free(vm);
	cleanup_srcu_struct(&vm->irq_srcu);
	cleanup_srcu_struct(&vm->srcu);
	mmdrop(vm->mm);
	kfree(vm);
}

void armkvm_vm_put(struct armkvm_vm *vm)
{
	if (refcount_dec_and_test(&vm->users))
		vm_free(vm);
}

bool armkvm_vm_is_owner(const struct armkvm_vm *vm)
{
	return vm->mm == current->mm;
}

void armkvm_vm_set_count_offset(struct armkvm_vm *vm, u64 offset)
{
	struct armkvm_vcpu *vcpu;
	unsigned int i;

	atomic64_set(&vm->cntvoff, offset);
	atomic_inc(&vm->count_changes);
	/* A kick's barrier: a stay that it doesn't see begins with this offset. */
	for (i = 0; i < ARMKVM_MAX_VCPUS; i++) {
		vcpu = armkvm_vm_vcpu(vm, i);
		if (vcpu && vcpu->engine)
			armkvm_engine->kick(vcpu->engine);
	}
}

static long vm_preferred_target(void __user *arg)
{
	struct armkvm_vcpu_init init = { .target = ARMKVM_ARM_TARGET_HOST };

	return copy_to_user(arg, &init, sizeof(init)) ? -EFAULT : 0;
}

/* Interrupts and devices: theirs is the capability of an engine. */
static long vm_irq_ioctl(struct armkvm_vm *vm, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case ARMKVM_IRQ_LINE:
		return armkvm_engine->irq_line(vm, arg);
	case ARMKVM_CREATE_DEVICE:
		return armkvm_create_device(vm, arg);
	case ARMKVM_IRQFD:
		return armkvm_irqfd(vm, arg);
	case ARMKVM_IOEVENTFD:
		return armkvm_ioeventfd(vm, arg);
	default:
		return -ENOTTY;
	}
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct armkvm_vm *vm = file->private_data;
	void __user *uarg = (void __user *)arg;

	if (!armkvm_vm_is_owner(vm))
		return -EIO;

	switch (cmd) {
	case ARMKVM_CHECK_EXTENSION:
		return armkvm_check_extension(arg);
	case ARMKVM_CREATE_VCPU:
		return armkvm_vcpu_create(vm, arg);
	case ARMKVM_SET_USER_MEMORY_REGION:
		return armkvm_set_memory_region(vm, uarg);
	case ARMKVM_GET_DIRTY_LOG:
		return armkvm_get_dirty_log(vm, uarg);
	case ARMKVM_CLEAR_DIRTY_LOG:
		return armkvm_clear_dirty_log(vm, uarg);
	case ARMKVM_ENABLE_CAP:
		return armkvm_vm_enable_cap(vm, uarg);
	case ARMKVM_ARM_PREFERRED_TARGET:
		return vm_preferred_target(uarg);
	case ARMKVM_MEMORY_WRITTEN:
		return armkvm_engine ? armkvm_memory_written(vm, uarg) : -ENOTTY;
	case ARMKVM_CREATE_WINDOW:
		return armkvm_create_window(vm, uarg);
	case ARMKVM_GET_STATS_FD:
		return armkvm_vm_stats_fd(vm);
	default:
		return armkvm_engine ? vm_irq_ioctl(vm, cmd, uarg) : -ENOTTY;
	}
}

static int vm_mmap(struct file *file, struct vm_area_struct *vma)
{
	return armkvm_window_mmap(file->private_data, vma);
}

static int vm_release(struct inode *inode, struct file *file)
{
	armkvm_vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.release = vm_release,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vm_mmap,
	.llseek = noop_llseek,
};

static struct armkvm_vm *vm_alloc(u32 mode)
{
	struct armkvm_vm *vm;
	int err;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);

	refcount_set(&vm->users, 1);
	mutex_init(&vm->lock);
	mutex_init(&vm->slots_lock);
	mutex_init(&vm->irq_lock);
	mutex_init(&vm->priv_lock);
	raw_spin_lock_init(&vm->window.table_lock);
	armkvm_irqfd_vm_init(vm);
	vm->mode = mode;
	vm->creator = task_tgid_nr(current);
	/*
	 * The guest's count starts at zero, as after a machine's power-on; but one that may go on
	 * privileged reads the host's, whatever it does.
	 */
	atomic64_set(&vm->cntvoff, mode == ARMKVM_MODE_DIRECT ? 0 : armkvm_host_ops.counter());

	err = init_srcu_struct(&vm->srcu);
	if (err)
		goto free_vm;
	err = init_srcu_struct(&vm->irq_srcu);
	if (err)
		goto free_srcu;
	err = armkvm_memslots_init(vm);
	if (err)
		goto free_irq_srcu;

	mmgrab(current->mm);
	vm->mm = current->mm;
	err = armkvm_engine ? armkvm_engine->vm_init(vm) : 0;
	if (err)
		goto drop_mm;
	return vm;

drop_mm:
	mmdrop(vm->mm);
	armkvm_memslots_free(vm);
free_irq_srcu:
	cleanup_srcu_struct(&vm->irq_srcu);
free_srcu:
	cleanup_srcu_struct(&vm->srcu);
free_vm:
	kfree(vm);
	return ERR_PTR(err);
}

int armkvm_vm_create(unsigned long mode)
{
	struct armkvm_vm *vm;
	struct file *file;
	int fd;

	/*
	 * The default mode's VMs can be made on any host that the module loads
	 * on, so that everything but running can be tested there.
	 */
	if (mode != ARMKVM_MODE_SHADOW) {
		if (mode >= 32 || !(armkvm_modes() & BIT(mode)))
			return -EINVAL;
		/* Its guest can read and write all of the host's memory. */
		if (!capable(CAP_SYS_RAWIO))
			return -EPERM;
	}

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;

	vm = vm_alloc(mode);
	if (IS_ERR(vm)) {
		put_unused_fd(fd);
		return PTR_ERR(vm);
	}

	file = anon_inode_getfile("armkvm-vm", &vm_fops, vm, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		armkvm_vm_put(vm);
		return PTR_ERR(file);
	}

	fd_install(fd, file);
	return fd;
}
