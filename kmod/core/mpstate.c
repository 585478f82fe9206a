// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMKVM_GET_MP_STATE and ARMKVM_SET_MP_STATE.
 */
#include <linux/errno.h>
#include <linux/uaccess.h>

#include "mpstate.h"
#include "vcpu.h"

long armkvm_get_mp_state(struct armkvm_vcpu *vcpu, void __user *arg)
{
	struct armkvm_mp_state state = { .mp_state = vcpu->mp_state };

	return copy_to_user(arg, &state, sizeof(state)) ? -EFAULT : 0;
}

long armkvm_set_mp_state(struct armkvm_vcpu *vcpu, const void __user *arg)
{
	struct armkvm_mp_state state;

	if (copy_from_user(&state, arg, sizeof(state)))
		return -EFAULT;

	switch (state.mp_state) {
	case ARMKVM_MP_STATE_RUNNABLE:
	case ARMKVM_MP_STATE_HALTED:
	case ARMKVM_MP_STATE_STOPPED:
		vcpu->mp_state = state.mp_state;
		return 0;
	default:
		return -EINVAL;
	}
}
