// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual CPUs: creation, initialisation, ioctls of the vCPU descriptor, the
 * run page's mapping.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "engine-ops.h"
#include "fwregs.h"
#include "gic.h"
#include "mpstate.h"
#include "onereg.h"
#include "vcpu-run.h"
#include "stats.h"
#include "vcpu.h"
#include "vm.h"

/* Features whose capability is on offer; grows with PSCI. */
static u32 vcpu_features(void)
{
	return BIT(ARMKVM_ARM_VCPU_POWER_OFF) |
	       (armkvm_engine ? BIT(ARMKVM_ARM_VCPU_PSCI_0_2) : 0);
}

static void vcpu_free_shared_pages(struct armkvm_vcpu *vcpu)
{
	if (vcpu->run_page)
		__free_page(vcpu->run_page);
	if (vcpu->data_page)
		__free_page(vcpu->data_page);
}

void armkvm_vcpu_free(struct armkvm_vcpu *vcpu)
{
	if (!vcpu)
		return;
	if (armkvm_engine)
		armkvm_engine->vcpu_destroy(vcpu);
	vcpu_free_shared_pages(vcpu);
	kfree(vcpu);
}

/*
 * All of the state of a new vCPU, B1.9.1.  Identification too: the launcher may, and
 * must, choose it again.
 */
static void vcpu_reset(struct armkvm_vcpu *vcpu)
{
	vcpu->has_run = false;
	memset(vcpu->cpu, 0, sizeof(*vcpu->cpu));
	vcpu->cpu->cpsr = CPU_MODE_SVC | CPU_PSR_A | CPU_PSR_I | CPU_PSR_F;
	armkvm_cp15_reset(vcpu);
	armkvm_vfp_reset(vcpu);
	vcpu->para_gpa = ARMKVM_NO_GPA;
	vcpu->priv_gpa = ARMKVM_NO_GPA;
	vcpu->steal_gpa = ARMKVM_NO_GPA;
	vcpu->mp_state = vcpu->features[0] & BIT(ARMKVM_ARM_VCPU_POWER_OFF) ?
			 ARMKVM_MP_STATE_STOPPED : ARMKVM_MP_STATE_RUNNABLE;
}

/*
 * ARMKVM_ARM_VCPU_INIT.  Returns 0, or -EFAULT, -EINVAL (unknown target; another
 * target or other features than the first time), -ENOENT (a feature that is
 * unknown or not on offer).
 */
static long vcpu_init(struct armkvm_vcpu *vcpu, const void __user *arg)
{
	struct armkvm_vcpu_init init;
	unsigned int i;

	if (copy_from_user(&init, arg, sizeof(init)))
		return -EFAULT;
	if (init.target != ARMKVM_ARM_TARGET_HOST)
		return -EINVAL;
	if (init.features[0] & ~vcpu_features())
		return -ENOENT;
	for (i = 1; i < ARRAY_SIZE(init.features); i++)
		if (init.features[i])
			return -ENOENT;
	if (vcpu->initialized && memcmp(vcpu->features, init.features, sizeof(init.features)))
		return -EINVAL;

	memcpy(vcpu->features, init.features, sizeof(init.features));
	vcpu_reset(vcpu);
	vcpu->initialized = true;
	if (armkvm_engine)
		armkvm_engine->vcpu_reset(vcpu);
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_RESETS);
	return 0;
}

/* The ioctls that need the vCPU's state to exist. */
static long vcpu_state_ioctl(struct armkvm_vcpu *vcpu, unsigned int cmd, void __user *arg)
{
	if (!vcpu->initialized)
		return -ENOEXEC;

	switch (cmd) {
	case ARMKVM_GET_ONE_REG:
		return armkvm_get_one_reg(vcpu, arg);
	case ARMKVM_SET_ONE_REG:
		return armkvm_set_one_reg(vcpu, arg);
	case ARMKVM_GET_REG_VALUES:
	case ARMKVM_SET_REG_VALUES:
		return armkvm_reg_values(vcpu, cmd == ARMKVM_SET_REG_VALUES, arg);
	default:
		return armkvm_get_reg_list(vcpu, arg);
	}
}

static long vcpu_ioctl_locked(struct armkvm_vcpu *vcpu, unsigned int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case ARMKVM_RUN:
		return armkvm_vcpu_run(vcpu, arg);
	case ARMKVM_ARM_VCPU_INIT:
		return vcpu_init(vcpu, uarg);
	case ARMKVM_GET_MP_STATE:
		return armkvm_get_mp_state(vcpu, uarg);
	case ARMKVM_SET_MP_STATE:
		return armkvm_set_mp_state(vcpu, uarg);
	case ARMKVM_GET_ONE_REG:
	case ARMKVM_SET_ONE_REG:
	case ARMKVM_GET_REG_VALUES:
	case ARMKVM_SET_REG_VALUES:
	case ARMKVM_GET_REG_LIST:
		return vcpu_state_ioctl(vcpu, cmd, uarg);
	case ARMKVM_SET_GUEST_DEBUG:
	case ARMKVM_GET_VCPU_EVENTS:
	case ARMKVM_SET_VCPU_EVENTS:
	case ARMKVM_EMULATED:
	case ARMKVM_ACCESS:
	case ARMKVM_GET_LINES:
		return armkvm_engine ? armkvm_engine->vcpu_ioctl(vcpu, cmd, uarg) : -ENOTTY;
	default:
		return -ENOTTY;
	}
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct armkvm_vcpu *vcpu = file->private_data;
	long ret;

	if (!armkvm_vm_is_owner(vcpu->vm))
		return -EIO;
	/* Needs no state, so it need not wait for a running vCPU. */
	if (cmd == ARMKVM_GET_STATS_FD)
		return armkvm_vcpu_stats_fd(vcpu);

	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	if (cmd != ARMKVM_RUN && cmd != ARMKVM_GET_LINES && cmd != ARMKVM_ACCESS)
		vcpu->touched = true;
	ret = vcpu_ioctl_locked(vcpu, cmd, arg);
	mutex_unlock(&vcpu->mutex);
	return ret;
}

/* Two pages exist; touching more is SIGBUS, as past a file's end. */
static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct armkvm_vcpu *vcpu = vmf->vma->vm_file->private_data;

	if (vmf->pgoff > 1)
		return VM_FAULT_SIGBUS;
	vmf->page = vmf->pgoff ? vcpu->data_page : vcpu->run_page;
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

/* The mapping holds the file, and by it the VM: it may outlive the descriptor. */
static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct armkvm_vcpu *vcpu = file->private_data;

	armkvm_vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.release = vcpu_release,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.llseek = noop_llseek,
};

/* Returns an ERR_PTR on failure: -ENOMEM, or what the engine says. */
static struct armkvm_vcpu *vcpu_alloc(struct armkvm_vm *vm, u32 id)
{
	struct armkvm_vcpu *vcpu;
	int err;

	BUILD_BUG_ON(sizeof(struct armkvm_run) > PAGE_SIZE);

	vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		return ERR_PTR(-ENOMEM);
	vcpu->run_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	vcpu->data_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!vcpu->run_page || !vcpu->data_page) {
		vcpu_free_shared_pages(vcpu);
		kfree(vcpu);
		return ERR_PTR(-ENOMEM);
	}
	vcpu->run = page_address(vcpu->run_page);
	vcpu->data = page_address(vcpu->data_page);
	vcpu->vm = vm;
	vcpu->id = id;
	mutex_init(&vcpu->mutex);
	vcpu->cpu = &vcpu->no_engine_cpu;
	err = armkvm_engine ? armkvm_engine->vcpu_init(vcpu) : 0;
	if (err) {
		vcpu_free_shared_pages(vcpu);
		kfree(vcpu);
		return ERR_PTR(err);
	}
	return vcpu;
}

/* The part of the creation that needs the locks; a descriptor in hand comes last. */
static int vcpu_create_locked(struct armkvm_vm *vm, u32 id)
{
	struct armkvm_vcpu *vcpu;
	struct file *file;
	char name[24];
	int fd;

	if (vm->vcpus[id])
		return -EEXIST;
	/* Its CPU interface could not be had any more. */
	if (armkvm_gic_is_complete(vm))
		return -EBUSY;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;

	vcpu = vcpu_alloc(vm, id);
	if (IS_ERR(vcpu)) {
		put_unused_fd(fd);
		return PTR_ERR(vcpu);
	}

	snprintf(name, sizeof(name), "armkvm-vcpu:%u", id);
	file = anon_inode_getfile(name, &vcpu_fops, vcpu, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		armkvm_vcpu_free(vcpu);
		return PTR_ERR(file);
	}

	armkvm_vm_get(vm);
	armkvm_vm_stat_inc(vm, VM_STAT_VCPUS);
	/* Pairs with readers that look at vcpus[] without the lock. */
	smp_store_release(&vm->vcpus[id], vcpu);
	fd_install(fd, file);
	return fd;
}

int armkvm_vcpu_create(struct armkvm_vm *vm, unsigned long id)
{
	int ret;

	if (id >= ARMKVM_MAX_VCPUS)
		return -EINVAL;

	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	/* The GIC takes the vCPUs that it finds when it is initialised. */
	ret = -EINTR;
	if (!mutex_lock_killable(&vm->irq_lock)) {
		ret = vcpu_create_locked(vm, id);
		mutex_unlock(&vm->irq_lock);
	}
	mutex_unlock(&vm->lock);
	return ret;
}
