// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities.
 *
 * A feature that isn't there reads 0 by the default case, and its ioctls are
 * not in their switch: capability and ENOTTY can't disagree.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "caps.h"
#include "dirty.h"
#include "engine-ops.h"
#include "../host/host.h"
#include "fwregs.h"
#include "memslot.h"
#include "onereg.h"
#include "vm.h"

u32 armkvm_modes(void)
{
	if (!armkvm_engine)
		return 0;
	return armkvm_host_ops.modes | (armkvm_direct ? BIT(ARMKVM_MODE_DIRECT) : 0);
}

int armkvm_check_extension(unsigned long cap)
{
	switch (cap) {
	case ARMKVM_CAP_USER_MEMORY:
	case ARMKVM_CAP_MP_STATE:
	case ARMKVM_CAP_DESTROY_MEMORY_REGION_WORKS:
	case ARMKVM_CAP_ONE_REG:
	case ARMKVM_CAP_READONLY_MEM:
	case ARMKVM_CAP_ENABLE_CAP_VM:
	case ARMKVM_CAP_IMMEDIATE_EXIT:
	case ARMKVM_CAP_BINARY_STATS_FD:
		return 1;
	case ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return ARMKVM_DIRTY_LOG_MANUAL;
	case ARMKVM_CAP_NR_VCPUS:
		return min_t(unsigned int, num_online_cpus(), ARMKVM_MAX_VCPUS);
	case ARMKVM_CAP_MAX_VCPUS:
	case ARMKVM_CAP_MAX_VCPU_ID:
		return ARMKVM_MAX_VCPUS;
	case ARMKVM_CAP_REG_VALUES:
		return ARMKVM_MAX_REG_VALUES;
	case ARMKVM_CAP_NR_MEMSLOTS:
		return ARMKVM_NR_MEMSLOTS;
	case ARMKVM_CAP_MODES:
		return armkvm_modes();
	case ARMKVM_CAP_ARM_PSCI_0_2:
	case ARMKVM_CAP_ARM_USER_IRQ:
	case ARMKVM_CAP_IRQCHIP:
	case ARMKVM_CAP_DEVICE_CTRL:
	case ARMKVM_CAP_IRQFD:
	case ARMKVM_CAP_IRQFD_RESAMPLE:
	case ARMKVM_CAP_IRQFD_RAISE:
	case ARMKVM_CAP_IOEVENTFD:
	case ARMKVM_CAP_MEMORY_WRITTEN:
	case ARMKVM_CAP_SET_GUEST_DEBUG:
	case ARMKVM_CAP_VCPU_EVENTS:
	case ARMKVM_CAP_SYNC_MMU:
	case ARMKVM_CAP_EMULATE:
	case ARMKVM_CAP_COUNTER_OFFSET:
		return armkvm_engine ? 1 : 0;
	case ARMKVM_CAP_GIVE_MM:
		return armkvm_engine && armkvm_host_ops.give_mm ? 1 : 0;
	case ARMKVM_CAP_PV:
		return armkvm_engine ? ARMKVM_PV_OFFERED : 0;
	case ARMKVM_CAP_PV_DIRECT:
		return armkvm_modes() & BIT(ARMKVM_MODE_DIRECT) ? ARMKVM_PV_OFFERED_DIRECT : 0;
	case ARMKVM_CAP_CP_EXIT:
		return armkvm_engine ? ARMKVM_CP_EXIT_GICV3 : 0;
	case ARMKVM_CAP_MMIO_STRING:
		return armkvm_engine ? PAGE_SIZE : 0;
	case ARMKVM_CAP_GUEST_DEBUG_HW_BPS:
		return armkvm_engine ? ARMKVM_ARM_MAX_DBG_REGS : 0;
	default:
		return 0;
	}
}

static long caps_set_manual_dirty_log(struct armkvm_vm *vm, u64 value)
{
	if (value & ~(u64)ARMKVM_DIRTY_LOG_MANUAL)
		return -EINVAL;

	if (mutex_lock_killable(&vm->slots_lock))
		return -EINTR;
	vm->manual_dirty_log = value;
	mutex_unlock(&vm->slots_lock);
	return 0;
}

/*
 * What the guest must find the same for all of its life: @mask, of what @cap offers, becomes *@kept.
 */
static long caps_set_mask(struct armkvm_vm *vm, u32 cap, u64 mask, u32 *kept)
{
	long ret = 0;

	if (mask & ~(u64)armkvm_check_extension(cap))
		return -EINVAL;
	if (mutex_lock_killable(&vm->irq_lock))
		return -EINTR;
	if (vm->started && *kept != mask)
		ret = -EBUSY;
	else
		*kept = mask;
	mutex_unlock(&vm->irq_lock);
	return ret;
}

long armkvm_vm_enable_cap(struct armkvm_vm *vm, const void __user *arg)
{
	struct armkvm_enable_cap cap;

	if (copy_from_user(&cap, arg, sizeof(cap)))
		return -EFAULT;
	if (cap.flags || memchr_inv(&cap.args[1], 0, sizeof(cap) -
				    offsetof(struct armkvm_enable_cap, args[1])))
		return -EINVAL;

	switch (cap.cap) {
	case ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return caps_set_manual_dirty_log(vm, cap.args[0]);
	case ARMKVM_CAP_PV:
		if (!armkvm_pv_consistent(cap.args[0]))
			return -EINVAL;
		return caps_set_mask(vm, vm->mode == ARMKVM_MODE_DIRECT ? ARMKVM_CAP_PV_DIRECT : cap.cap,
				     cap.args[0], &vm->pv_features);
	case ARMKVM_CAP_CP_EXIT:
		return caps_set_mask(vm, cap.cap, cap.args[0], &vm->cp_exits);
	case ARMKVM_CAP_EMULATE:
		return caps_set_mask(vm, cap.cap, cap.args[0], &vm->emulates);
	case ARMKVM_CAP_COUNTER_OFFSET:
		if (!armkvm_engine)
			return -EINVAL;
		armkvm_vm_set_count_offset(vm, cap.args[0]);
		return 0;
	default:
		return -EINVAL;
	}
}
