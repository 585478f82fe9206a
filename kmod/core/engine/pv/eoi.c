// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paravirtual end of interrupt (ARMKVM_PV_EOI, hypercalls.rst section 5.3).
 *
 * When the guest reads an interrupt's number from GICC_IAR and nothing else waits behind
 * it, the vCPU page's eoi becomes 1: the guest may then end the interrupt by taking the
 * 1 away, without a trap.  The GIC learns of it at the next exit.  What becomes
 * pending meanwhile couldn't be delivered in time, so it ends the stay (vgic's lazy flag);
 * then either the guest has ended the interrupt, or the offer is withdrawn: eoi is 0
 * again and the guest writes GICC_EOIR.  The guest's load and store must be
 * one: an exit clears the exclusive monitor.
 */
#include "../../gic.h"
#include "../../vcpu.h"
#include "../../vm.h"
#include "../engine.h"
#include "../pv.h"

#define GICC_EOIR	0x10
#define IAR_ID		0x3ffU

void engine_eoi_offer(struct engine_vcpu *ev, u32 iar)
{
	struct vgic *vgic = armkvm_vgic(ev->vm);

	if (!ev->para.va || ev->eoi_lazy || (iar & IAR_ID) >= VGIC_ID_LIMIT ||
	    !(ev->vm->pv_features & BIT(ARMKVM_PV_EOI)))
		return;
	if (!vgic_set_lazy(vgic, ev->vcpu->id, true))
		return;
	ev->eoi_iar = iar;
	ev->eoi_lazy = true;
	WRITE_ONCE(ev->para.va->eoi, 1);
}

void engine_eoi_settle(struct engine_vcpu *ev, bool withdraw)
{
	struct vgic *vgic = armkvm_vgic(ev->vm);
	bool ended = !ev->para.va || !READ_ONCE(ev->para.va->eoi);

	if (!ended && !withdraw && !vgic_waits(vgic, ev->vcpu->id))
		return;
	ev->eoi_lazy = false;
	vgic_set_lazy(vgic, ev->vcpu->id, false);
	if (ended)
		vgic_mmio_write(vgic, VGIC_CPUIF, ev->vcpu->id, GICC_EOIR, 4, ev->eoi_iar);
	else
		WRITE_ONCE(ev->para.va->eoi, 0);
}
