/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What pv/ offers to the rest of the engine: the guest's calls, the end of interrupt by the shared
 * page, steal time.  The shared page itself is para.h's.
 *
 * pv/ stands on the engine: its files include the engine's headers, and no file of the engine
 * includes one of pv/.  What the engine calls there is declared here.
 *
 * An int is an enum engine_next where nothing else is said.
 */
#ifndef ARMKVM_CORE_ENGINE_PV_H
#define ARMKVM_CORE_ENGINE_PV_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "../arm/emulate.h"
#include "../vcpu.h"
#include "engine.h"

/* pv/hypercall.c */
/*
 * The guest makes one of armkvm's own calls, which is on offer, in a privileged mode; see
 * pv/hypercall.h.
 */
int engine_para_call(struct engine_vcpu *ev);
/* The calling thread runs the vCPU from now on.  Held: vcpu->mutex. */
void engine_note_thread(struct engine_vcpu *ev);
/* ARMKVM_HC_TIMER_SET: ENGINE_GUEST.  Doesn't sleep, and may be done within a stay. */
int hc_timer_set(struct engine_vcpu *ev);
/* The launcher has answered ev->call_pending. */
int engine_call_complete(struct engine_vcpu *ev);
/* As engine_call_complete(), but the launcher found no device: ARMKVM_HC_BAD_ADDRESS. */
void engine_call_no_device(struct engine_vcpu *ev);

/* The call ends with @status: the guest goes on behind it. */
static inline int hc_done(struct engine_vcpu *ev, int status)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;

	cpu->r[0] = (u32)status;
	emu_skip(cpu, 4);
	return ENGINE_GUEST;
}

/* pv/hypercall-mmio.c */
/*
 * ARMKVM_HC_MMIO_READ or, with @write, ARMKVM_HC_MMIO_WRITE without sleep, within a stay.  Returns
 * ENGINE_GUEST (the module has what is there: its GIC, an ioeventfd), ENGINE_USER, or -EAGAIN:
 * nothing has changed, and hc_mmio() has to do it.
 */
int hc_mmio_light(struct engine_vcpu *ev, bool write);

/* pv/hypercall-mmu.c */
/*
 * ARMKVM_HC_TLB_FLUSH.  Returns 0 with the call's *@status, or -EAGAIN: too long with interrupts
 * off.  Held: mmu->lock; the commit is the caller's.
 */
int engine_call_flush(struct engine_vcpu *ev, int *status);

/* pv/eoi.c */
/* The guest has read @iar from GICC_IAR.  The vCPU's own thread, any context. */
void engine_eoi_offer(struct engine_vcpu *ev, u32 iar);
/*
 * ev->eoi_lazy is set: has the guest ended the interrupt?  @withdraw: it writes GICC_EOIR
 * if not.  The vCPU's own thread, outside the guest, any context.
 */
void engine_eoi_settle(struct engine_vcpu *ev, bool withdraw);

/*
 * Takes note of an interrupt that the guest has ended by the page; contexts as for
 * engine_eoi_settle().
 */
static inline void engine_eoi_check(struct engine_vcpu *ev)
{
	if (unlikely(ev->eoi_lazy))
		engine_eoi_settle(ev, false);
}

/* pv/steal.c */
/* Adds what was stolen since the last call to the guest's record.  Process context. */
void engine_steal_update(struct engine_vcpu *ev);

#endif /* ARMKVM_CORE_ENGINE_PV_H */
