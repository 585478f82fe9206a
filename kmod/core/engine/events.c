// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMKVM_GET_VCPU_EVENTS, ARMKVM_SET_VCPU_EVENTS: aborts that come from outside the core.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../vcpu.h"
#include "engine.h"
#include "inject.h"
#include "pv.h"

/* An asynchronous external abort, as the short and the long format encode it: B3.13.3 */
#define FSR_ASYNC_SHORT		0x406
#define FSR_ASYNC_LONG		0x211

long engine_get_vcpu_events(struct engine_vcpu *ev, void __user *arg)
{
	struct armkvm_vcpu_events events = {
		.exception.serror_pending = ev->serror_pending,
		.exception.serror_has_fsr = ev->serror_pending && ev->serror_fsr,
		.exception.serror_fsr = ev->serror_pending ? ev->serror_fsr : 0,
	};

	return copy_to_user(arg, &events, sizeof(events)) ? -EFAULT : 0;
}

/* The access that the launcher was asked for has no device: it aborts, synchronously. */
static void events_external_abort(struct engine_vcpu *ev)
{
	struct ldst_access acc = { };

	/* A call has a status for that. */
	if (ev->call_pending) {
		engine_call_no_device(ev);
		return;
	}
	if (ev->device.pending)
		engine_device_abandon(ev, &acc);
	else if (ev->mmio_pending)
		ldst_next(&ev->mmio, ev->vcpu->cpu, &acc);
	ev->mmio_pending = false;
	ev->cp_exit.pending = false;
	engine_inject_status(ev, acc.gva, acc.write ? WALK_W : WALK_R, 0x08, 0x10);
}

long engine_set_vcpu_events(struct engine_vcpu *ev, const void __user *arg)
{
	struct armkvm_vcpu_events events;

	if (copy_from_user(&events, arg, sizeof(events)))
		return -EFAULT;
	if (events.exception.serror_pending > 1 || events.exception.serror_has_fsr > 1 ||
	    events.exception.ext_dabt_pending > 1 ||
	    memchr_inv(events.exception.pad, 0, sizeof(events.exception.pad)) ||
	    memchr_inv(events.reserved, 0, sizeof(events.reserved)) ||
	    events.exception.serror_fsr != (u32)events.exception.serror_fsr)
		return -EINVAL;

	ev->serror_pending = events.exception.serror_pending;
	ev->serror_fsr = events.exception.serror_has_fsr ? events.exception.serror_fsr : 0;
	if (events.exception.ext_dabt_pending)
		events_external_abort(ev);
	return 0;
}

/* Takes a pending asynchronous abort that CPSR.A doesn't mask. */
void engine_deliver_serror(struct engine_vcpu *ev)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	u32 fsr = ev->serror_fsr;

	if (!ev->serror_pending || (vcpu->cpu->cpsr & CPU_PSR_A))
		return;
	ev->serror_pending = false;
	if (!fsr)
		fsr = vcpu->cp15[CP15_TTBCR] & WALK_TTBCR_EAE ? FSR_ASYNC_LONG : FSR_ASYNC_SHORT;
	/* DFAR is UNKNOWN; the return address is of the next instruction, + 4 as table B1-7 has it. */
	vcpu->cp15[CP15_DFSR] = fsr;
	engine_take(ev, CPU_VEC_DABT, vcpu->cpu->pc + 8);
}
