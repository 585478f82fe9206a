/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests that run privileged (../../host/priv.h), for the run loop and the calls.  As pv.h says of
 * pv/: priv/ stands on the engine.
 */
#ifndef ARMKVM_CORE_ENGINE_PRIV_H
#define ARMKVM_CORE_ENGINE_PRIV_H

#include <linux/sched/signal.h>

#include "../fwregs.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"

/*
 * ARMKVM_HC_PROMOTE and ARMKVM_HC_DEMOTE: the vCPU's wish.  While something keeps it from running
 * privileged (a debugger, a dirty log) it runs in shadow mode all the same.  An enum engine_next.
 */
int engine_promote(struct engine_vcpu *ev, u64 table);
int engine_demote(struct engine_vcpu *ev);

/* The vCPU is reset or powered on: it was never promoted. */
static inline void engine_priv_forget(struct engine_vcpu *ev)
{
	ev->vcpu->priv_gpa = ev->priv.gpa = ARMKVM_NO_GPA;
	WRITE_ONCE(ev->priv.may, false);
}

/*
 * Does what the guest has called for, or the launcher has restored, still hold?  Looked at once, and as long as
 * something is amiss, which the kernel's log says once.  In a read section of vm->srcu; may sleep.
 */
bool engine_priv_is_promoted(struct engine_vcpu *ev);
/* The memory slot that is the VM's window, so that physical addresses are the same; or NULL. */
const struct armkvm_memslot *engine_priv_slot(struct engine_vcpu *ev);

/*
 * Chooses the kind of the next stay, in ev->priv.running: a privileged one, or one in shadow mode.  If it is
 * another than the last, what follows from that is done, and all vCPUs' stays of the kind before have ended.
 * In a read section of vm->srcu; may sleep.
 */
void engine_priv_choose(struct engine_vcpu *ev);
/*
 * Has something changed since that was chosen?  Asked with interrupts off, when the vCPU can be seen to be in
 * a stay (mmu.cpu): then the stay mustn't begin.  Never true in other VMs.
 */
static inline bool engine_priv_is_old(const struct engine_vcpu *ev)
{
	return atomic_read(&ev->vm->priv_changes) != ev->priv.changes;
}

/* Does anything want the vCPU's thread, or is that so?  Asked as that, before a stay of either kind. */
static inline bool engine_priv_is_wanted(const struct engine_vcpu *ev)
{
	return signal_pending(current) || need_resched() || READ_ONCE(ev->vcpu->run->immediate_exit) ||
	       engine_priv_is_old(ev);
}

/* Does an interrupt wait for the guest? */
static inline bool engine_priv_line(struct engine_vcpu *ev)
{
	return engine_lines(ev) & BIT(ENGINE_LINE_IRQ);
}

/*
 * Slots have changed: on return no vCPU is in a stay that was chosen by what they were.  May sleep.
 */
void engine_priv_slots_changed(struct armkvm_vm *vm);
/*
 * As run_stay_in_guest(), for a privileged guest, and what ended it is handled.  Returns an enum engine_next
 * or -EINTR.  Held: nothing but the vCPU's mutex.
 */
int engine_priv_stay(struct engine_vcpu *ev);

/*
 * The guest in shadow mode, of a VM that may be promoted, was stopped at @pc by a prefetch abort: is it in
 * the code of ARMKVM_PRIV_CALL?
 */
bool engine_priv_is_call(const struct engine_vcpu *ev, u32 pc);
/* Does the call that a guest has made by ARMKVM_PRIV_CALL, in either mode.  An enum engine_next. */
int engine_priv_call(struct engine_vcpu *ev);
/*
 * Within a stay, as engine_light_exit(): a privileged guest has called.  LIGHT_GUEST: it is answered and goes on,
 * @*line says whether an interrupt waits for it; LIGHT_DONE: answered, but the engine has something to do first;
 * LIGHT_EXIT: engine_priv_call() has to do it.  Interrupts off; vcpu->cpu is current.
 */
enum engine_light engine_priv_light(struct armkvm_vcpu *vcpu, bool *line);

#endif /* ARMKVM_CORE_ENGINE_PRIV_H */
