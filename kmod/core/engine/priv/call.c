// SPDX-License-Identifier: GPL-2.0-only
/* Guests that run privileged: calls by ARMKVM_PRIV_CALL, in a stay and behind it; see ../priv.h. */
#include <linux/irqflags.h>

#include <asm/armkvm_para.h>

#include "../../../host/host.h"
#include "../../arm/psci.h"
#include "../../irqfd.h"
#include "../../trace.h"
#include "../priv.h"
#include "../pv.h"

/* Where a call returns to: the caller is behind its BL, in the state that lr says. */
static void priv_at_call(struct armkvm_cpu *cpu)
{
	cpu->pc = (cpu->r[14] & ~1U) - 4;
	cpu->cpsr = (cpu->cpsr & ~CPU_PSR_T) | (cpu->r[14] & 1 ? CPU_PSR_T : 0);
}

/* The calls of a driver: those that the module answers, and those that end in the launcher's hands. */
static int priv_light_call(struct engine_vcpu *ev, u32 fn)
{
	u32 features = ev->vm->pv_features;

	switch (fn) {
	case ARMKVM_HC_MMIO_READ:
	case ARMKVM_HC_MMIO_WRITE:
		return features & BIT(ARMKVM_PV_MMIO) ? hc_mmio_light(ev, fn == ARMKVM_HC_MMIO_WRITE) : -EAGAIN;
	case ARMKVM_HC_TIMER_SET:
		return features & BIT(ARMKVM_PV_TIMER) ? hc_timer_set(ev) : -EAGAIN;
	case ARMKVM_HC_IDLE:
		return features & BIT(ARMKVM_PV_IDLE) && engine_lines(ev) ? hc_done(ev, ARMKVM_HC_SUCCESS) : -EAGAIN;
	default:
		return -EAGAIN;
	}
}

/*
 * Half of what a full exit costs.  An interrupt of the host's that comes meanwhile, as a kick does, is pending and
 * ends the next stay at once.  Who calls in FIQ mode, or has masked FIQs, gets what engine_priv_choose() and
 * engine_priv_stay() have for it: shadow mode, and the mask taken away.
 */
enum engine_light engine_priv_light(struct armkvm_vcpu *vcpu, bool *line)
{
	struct engine_vcpu *ev = vcpu->engine;
	struct armkvm_cpu *cpu = vcpu->cpu;
	const u32 args[4] = { cpu->r[0], cpu->r[1], cpu->r[2], cpu->r[3] };
	int next;

	if ((cpu->cpsr & CPU_PSR_MODE) == CPU_MODE_FIQ)
		return LIGHT_EXIT;
	start_critical_timings();
	priv_at_call(cpu);
	cpu->cpsr &= ~CPU_PSR_F;
	next = priv_light_call(ev, args[0]);
	if (next >= 0) {
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_PRIV_EXITS);
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_LIGHT_EXITS);
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_HYPERCALLS);
		trace_armkvm_exit(vcpu->id, CPU_VEC_HYP, cpu->pc, cpu->cpsr, 0, 0, true);
		trace_armkvm_hypercall(vcpu->id, args, PSCI_PARA_CALL);
		*line = engine_priv_line(ev);
	}
	stop_critical_timings();
	if (next < 0)
		return LIGHT_EXIT;
	if (next != ENGINE_GUEST || engine_priv_is_wanted(ev) || engine_lines_changed(ev) ||
	    armkvm_irqfd_eoi_is_due(vcpu->vm))
		return LIGHT_DONE;
	return LIGHT_GUEST;
}

bool engine_priv_is_call(const struct engine_vcpu *ev, u32 pc)
{
	/* its second instruction: the guest was interrupted there while it was privileged, and r12 alone is lost */
	return ev->vm->mode == ARMKVM_MODE_DIRECT &&
	       (pc == ARMKVM_PRIV_CALL || pc == ARMKVM_PRIV_CALL + 4) &&
	       cpu_mode_privileged(ev->vcpu->cpu->cpsr);
}

int engine_priv_call(struct engine_vcpu *ev)
{
	priv_at_call(ev->vcpu->cpu);
	return engine_hypercall(ev, true, 0);
}
