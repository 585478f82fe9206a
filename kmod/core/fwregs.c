// SPDX-License-Identifier: GPL-2.0-only
/* The registers of the guest's calls; see fwregs.h. */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "fwregs.h"
#include "vcpu.h"
#include "vm.h"

static const u64 fw_ids[] = {
	ARMKVM_REG_ARM_PV_FEATURES,
	ARMKVM_REG_ARM_PV_STEAL_TIME,
	ARMKVM_REG_ARM_PV_VCPU_PAGE,
	ARMKVM_REG_ARM_PV_PRIV_TABLE,
};

int armkvm_fw_get(struct armkvm_vcpu *vcpu, u64 id, u64 *val)
{
	switch (id) {
	case ARMKVM_REG_ARM_PV_FEATURES:
		*val = READ_ONCE(vcpu->vm->pv_features);
		return 0;
	case ARMKVM_REG_ARM_PV_STEAL_TIME:
		*val = vcpu->steal_gpa;
		return 0;
	case ARMKVM_REG_ARM_PV_VCPU_PAGE:
		*val = vcpu->para_gpa;
		return 0;
	case ARMKVM_REG_ARM_PV_PRIV_TABLE:
		*val = vcpu->priv_gpa;
		return 0;
	default:
		return -ENOENT;
	}
}

int armkvm_fw_set(struct armkvm_vcpu *vcpu, u64 id, u64 val)
{
	switch (id) {
	case ARMKVM_REG_ARM_PV_FEATURES:
		/* A guest that comes from elsewhere has to find what it had there. */
		return val == READ_ONCE(vcpu->vm->pv_features) ? 0 : -EINVAL;
	case ARMKVM_REG_ARM_PV_STEAL_TIME:
		if (val != ARMKVM_NO_GPA && val % sizeof(struct armkvm_para_steal))
			return -EINVAL;
		vcpu->steal_gpa = val;
		return 0;
	case ARMKVM_REG_ARM_PV_VCPU_PAGE:
		if (val != ARMKVM_NO_GPA && val % sizeof(struct armkvm_para_vcpu))
			return -EINVAL;
		vcpu->para_gpa = val;
		return 0;
	case ARMKVM_REG_ARM_PV_PRIV_TABLE:
		if (val != ARMKVM_NO_GPA &&
		    (val % ARMKVM_PRIV_TABLE_BYTES || vcpu->vm->mode != ARMKVM_MODE_DIRECT))
			return -EINVAL;
		vcpu->priv_gpa = val;
		return 0;
	default:
		return -ENOENT;
	}
}

u64 armkvm_fw_list_id(unsigned int n)
{
	return n < ARRAY_SIZE(fw_ids) ? fw_ids[n] : 0;
}
