// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the module itself has in the guest's address space: its GIC, and the addresses of
 * ioeventfds.
 */
#include "../ioeventfd.h"
#include "../gic.h"
#include "../vcpu.h"
#include "engine.h"
#include "pv.h"

/* Interrupt acknowledge register, IHI 0048B 4.4.4 */
#define GICC_IAR	0xc

bool engine_device_access(struct engine_vcpu *ev, u64 gpa, unsigned int size, bool write,
			  u64 *val)
{
	struct vgic *vgic = armkvm_vgic(ev->vm);
	enum vgic_region region;
	u32 offset, val32;

	if (!vgic || !armkvm_gic_decode(ev->vm, gpa, &region, &offset)) {
		if (!write || !armkvm_ioeventfd_write(ev->vm, gpa, size, *val))
			return false;
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_MODULE_DEVICES);
		return true;
	}
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_MODULE_DEVICES);
	if (write) {
		vgic_mmio_write(vgic, region, ev->vcpu->id, offset, size, *val);
	} else {
		vgic_mmio_read(vgic, region, ev->vcpu->id, offset, size, &val32);
		if (region == VGIC_CPUIF && offset == GICC_IAR)
			engine_eoi_offer(ev, val32);
		*val = val32;
	}
	return true;
}

bool engine_is_gic(const struct armkvm_vm *vm, u64 gpa)
{
	enum vgic_region region;
	u32 offset;

	return armkvm_vgic(vm) && armkvm_gic_decode(vm, gpa, &region, &offset);
}
