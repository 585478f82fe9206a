// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: load, unload, /dev/armkvm and its ioctls.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/timekeeping.h>

#include <linux/armkvm.h>

#include "caps.h"
#include "cp15.h"
#include "engine-ops.h"
#include "../host/host.h"
#include "fwregs.h"
#include "irqfd.h"
#include "arm/patch.h"
#include "vm.h"

struct armkvm_host_info armkvm_host __ro_after_init;
const struct armkvm_engine *armkvm_engine __ro_after_init;

static bool shadow = true;
module_param(shadow, bool, 0444);
MODULE_PARM_DESC(shadow, "offer the guest mode 'shadow' (default: yes)");

bool armkvm_exact_unpriv __ro_after_init;
module_param_named(exact_unpriv, armkvm_exact_unpriv, bool, 0444);
MODULE_PARM_DESC(exact_unpriv,
		 "LDRT, STRT and relatives of guest kernels have User mode's rights, slowly (default: no)");

bool armkvm_exact_copies __ro_after_init;
module_param_named(exact_copies, armkvm_exact_copies, bool, 0444);
MODULE_PARM_DESC(exact_copies,
		 "guest kernels that read their own code find what they wrote, slowly; arm64 hosts (default: no)");

bool armkvm_exact_tpidr __ro_after_init;
module_param_named(exact_tpidr, armkvm_exact_tpidr, bool, 0444);
MODULE_PARM_DESC(exact_tpidr,
		 "guest kernels that copy reads of TPIDRPRW from code that has run may execute the copies; such reads trap (default: no)");

bool armkvm_direct __ro_after_init;
module_param_named(direct, armkvm_direct, bool, 0444);
MODULE_PARM_DESC(direct,
		 "offer the guest mode 'direct', to root: its guests own the host; ARMv7 hosts (default: no)");

uint armkvm_direct_stress __ro_after_init;
module_param_named(direct_stress, armkvm_direct_stress, uint, 0444);
MODULE_PARM_DESC(direct_stress,
		 "for tests: guests in mode 'direct' are put into shadow mode after each so many stays (default: 0, never)");

unsigned int armkvm_mmio_patch __ro_after_init = 16;
module_param_named(mmio_patch, armkvm_mmio_patch, uint, 0444);
MODULE_PARM_DESC(mmio_patch,
		 "an instruction of a guest kernel that has met a device so often is replaced; 0: none is, and no device is remembered (default: 16)");

bool armkvm_fault_around __ro_after_init = true;
module_param_named(fault_around, armkvm_fault_around, bool, 0444);
MODULE_PARM_DESC(fault_around,
		 "a guest's first touch of a page brings in the 32 KiB around it (default: yes)");

u64 armkvm_soft_counter(void)
{
	return mul_u64_u32_div(ktime_get_mono_fast_ns(), ARMKVM_SOFT_COUNTER_HZ, NSEC_PER_SEC);
}

static long armkvm_give_mm(unsigned long what)
{
	if (!armkvm_engine || !armkvm_host_ops.give_mm)
		return -ENOTTY;
	switch (what) {
	case ARMKVM_GIVE_MM_WANTED:
		return armkvm_host_ops.mm_wanted();
	case ARMKVM_GIVE_MM_MINE:
		return armkvm_host_ops.give_mm();
	default:
		return -EINVAL;
	}
}

static long armkvm_system_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case ARMKVM_GET_API_VERSION:
		return arg ? -EINVAL : ARMKVM_API_VERSION;
	case ARMKVM_CREATE_VM:
		return armkvm_vm_create(arg);
	case ARMKVM_CHECK_EXTENSION:
		return armkvm_check_extension(arg);
	case ARMKVM_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : ARMKVM_RUN_MAPPING_SIZE;
	case ARMKVM_GIVE_MM:
		return armkvm_give_mm(arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations system_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = armkvm_system_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice armkvm_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "armkvm",
	.fops = &system_fops,
	.mode = 0660,
};

/* Returns 0, with or without an engine, or -ENODEV: it is wanted and can't serve. */
static int __init armkvm_start_engine(void)
{
	const char *reason = "not on this kind of host";

	if (!shadow)
		return 0;
	if (armkvm_host_ops.engine) {
		reason = armkvm_host_ops.engine->start();
		if (!reason) {
			armkvm_engine = armkvm_host_ops.engine;
			return 0;
		}
	}
	pr_err("this host can't run guests: %s\n", reason);
	return -ENODEV;
}

static void armkvm_stop_engine(void)
{
	if (armkvm_engine)
		armkvm_engine->stop();
}

static int __init armkvm_init(void)
{
	const char *reason;
	int err;

	reason = armkvm_host_ops.init(&armkvm_host);
	if (reason) {
		pr_err("this host can't serve: %s\n", reason);
		return -ENODEV;
	}

	patch_init();
	err = armkvm_cp15_check_table();
	if (err)
		return err;
	err = armkvm_irqfd_init();
	if (err)
		return err;
	err = armkvm_start_engine();
	if (err)
		goto exit_irqfd;

	err = misc_register(&armkvm_misc);
	if (err) {
		pr_err("can't register /dev/armkvm: error %d\n", err);
		goto stop_engine;
	}

	pr_info("API version %d on %s, core %#010x, %u VFP registers, guest modes %#x%s\n",
		ARMKVM_API_VERSION, armkvm_host_ops.name, armkvm_host.midr,
		armkvm_host.vfp_dregs, armkvm_modes(),
		armkvm_engine ? "" : " (shadow=0: no guest can run)");
	return 0;

stop_engine:
	armkvm_stop_engine();
exit_irqfd:
	armkvm_irqfd_exit();
	return err;
}

static void __exit armkvm_exit(void)
{
	misc_deregister(&armkvm_misc);
	armkvm_stop_engine();
	armkvm_irqfd_exit();
}

module_init(armkvm_init);
module_exit(armkvm_exit);

MODULE_AUTHOR("the armkvm maintainers");
MODULE_DESCRIPTION("Software-only virtualization of 32-bit Arm");
MODULE_LICENSE("GPL");
MODULE_VERSION(ARMKVM_VERSION);
