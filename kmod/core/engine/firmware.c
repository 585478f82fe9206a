// SPDX-License-Identifier: GPL-2.0-only
/* HVC and SMC of the guest's kernel: PSCI, and vCPUs that it powers on and off. */
#include <linux/string.h>

#include <asm/armkvm_para.h>

#include "../arm/emulate.h"
#include "../fwregs.h"
#include "../arm/psci.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "inject.h"
#include "priv.h"
#include "pv.h"
#include "regime.h"

static struct armkvm_vcpu *fw_vcpu_by_index(void *ctx, unsigned int cpu)
{
	struct engine_vcpu *ev = ctx;

	return armkvm_vm_vcpu(ev->vm, cpu);
}

static unsigned int fw_nr_cpus(void *ctx)
{
	unsigned int n = 0;

	while (n < ARMKVM_MAX_VCPUS && fw_vcpu_by_index(ctx, n))
		n++;
	return n;
}

static u32 fw_mpidr(void *ctx, unsigned int cpu)
{
	return READ_ONCE(fw_vcpu_by_index(ctx, cpu)->cp15[CP15_MPIDR]);
}

static enum psci_cpu_state fw_cpu_state(void *ctx, unsigned int cpu)
{
	struct armkvm_vcpu *vcpu = fw_vcpu_by_index(ctx, cpu);
	enum psci_cpu_state state;

	spin_lock(&vcpu->engine->power_lock);
	if (vcpu->engine->on_pending)
		state = PSCI_CPU_ON_PENDING;
	else
		state = READ_ONCE(vcpu->mp_state) == ARMKVM_MP_STATE_STOPPED ?
			PSCI_CPU_OFF : PSCI_CPU_ON;
	spin_unlock(&vcpu->engine->power_lock);
	return state;
}

static int fw_cpu_on(void *ctx, unsigned int cpu, u32 entry, u32 arg)
{
	struct armkvm_vcpu *vcpu = fw_vcpu_by_index(ctx, cpu);
	struct engine_vcpu *target = vcpu->engine;
	int ret = PSCI_SUCCESS;

	spin_lock(&target->power_lock);
	if (target->on_pending) {
		ret = PSCI_ON_PENDING;
	} else if (READ_ONCE(vcpu->mp_state) != ARMKVM_MP_STATE_STOPPED) {
		ret = PSCI_ALREADY_ON;
	} else {
		target->on_entry = entry;
		target->on_arg = arg;
		target->on_pending = true;
	}
	spin_unlock(&target->power_lock);
	if (ret == PSCI_SUCCESS)
		engine_kick(target);
	return ret;
}

static u32 fw_pv_features(void *ctx)
{
	const struct engine_vcpu *ev = ctx;

	return ev->vm->pv_features;
}

static const struct psci_ops fw_ops = {
	.nr_cpus = fw_nr_cpus,
	.mpidr = fw_mpidr,
	.cpu_state = fw_cpu_state,
	.cpu_on = fw_cpu_on,
	.pv_features = fw_pv_features,
};

/*
 * The vCPU's thread takes the power-on that another vCPU has asked for: the
 * state of DEN 0022 6.4, with the identification that the launcher chose.
 */
void engine_power_on(struct engine_vcpu *ev)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	u32 id[CP15_CSSELR - CP15_MIDR], cbar = vcpu->cp15[CP15_CBAR];
	u32 pmcr = vcpu->cp15[CP15_PMCR] & PMU_PMCR_ID, cntfrq = vcpu->cp15[CP15_CNTFRQ];
	u32 ccsidr[ARMKVM_NR_CCSIDR];

	memcpy(id, &vcpu->cp15[CP15_MIDR], sizeof(id));
	memcpy(ccsidr, vcpu->ccsidr, sizeof(ccsidr));
	armkvm_cp15_reset(vcpu);
	memcpy(vcpu->ccsidr, ccsidr, sizeof(ccsidr));
	memcpy(&vcpu->cp15[CP15_MIDR], id, sizeof(id));
	vcpu->cp15[CP15_CBAR] = cbar;
	vcpu->cp15[CP15_PMCR] = pmcr;
	vcpu->cp15[CP15_CNTFRQ] = cntfrq;
	memset(vcpu->cpu, 0, sizeof(*vcpu->cpu));
	memset(vcpu->vfp.d, 0, sizeof(vcpu->vfp.d));
	vcpu->vfp.fpscr = 0;
	vcpu->vfp.fpexc = 0;
	ev->vfp_live = false;
	vcpu->steal_gpa = ARMKVM_NO_GPA;
	engine_para_drop(ev);
	engine_priv_forget(ev);

	spin_lock(&ev->power_lock);
	vcpu->cpu->pc = ev->on_entry & ~1U;
	vcpu->cpu->cpsr = CPU_MODE_SVC | CPU_PSR_A | CPU_PSR_I | CPU_PSR_F |
			 (ev->on_entry & 1 ? CPU_PSR_T : 0);
	vcpu->cpu->r[0] = ev->on_arg;
	WRITE_ONCE(vcpu->mp_state, ARMKVM_MP_STATE_RUNNABLE);
	ev->on_pending = false;
	spin_unlock(&ev->power_lock);
	trace_armkvm_power_on(vcpu->id, vcpu->cpu->pc, vcpu->cpu->r[0]);
	engine_drop_space(ev);
	engine_timer_update(ev);
}

int engine_system_event(struct engine_vcpu *ev, u32 type)
{
	struct armkvm_run *run = ev->vcpu->run;

	run->exit_reason = ARMKVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = type;
	run->system_event.ndata = 0;
	return ENGINE_USER;
}

static bool fw_is_para_call(u32 fn)
{
	return fn >= ARMKVM_HC(0) && fn <= ARMKVM_HC(0xffff);
}

/*
 * The immediate is 0 in the calling convention (DEN 0028, 2.9).  That is not looked at for
 * PSCI, as other implementations don't either.
 */
int engine_hypercall(struct engine_vcpu *ev, bool hvc, u32 imm)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	bool user = !cpu_mode_privileged(cpu->cpsr);
	const u32 args[4] = { cpu->r[0], cpu->r[1], cpu->r[2], cpu->r[3] };
	enum psci_action action = PSCI_UNDEF;

	if (!(fw_is_para_call(args[0]) ? imm || (user && !hvc) : user))
		action = psci_call(&fw_ops, ev, user, cpu->r);
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_HYPERCALLS);
	trace_armkvm_hypercall(ev->vcpu->id, args, action);
	if (action == PSCI_UNDEF) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	if (action == PSCI_PARA_CALL)
		return engine_para_call(ev);
	emu_skip(cpu, 4);
	switch (action) {
	case PSCI_WAIT:
		return ENGINE_SLEEP;
	case PSCI_CPU_IS_OFF:
		WRITE_ONCE(ev->vcpu->mp_state, ARMKVM_MP_STATE_STOPPED);
		return ENGINE_SLEEP;
	case PSCI_SYSTEM_OFF:
		return engine_system_event(ev, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	case PSCI_SYSTEM_RESET:
		return engine_system_event(ev, ARMKVM_SYSTEM_EVENT_RESET);
	default:
		return ENGINE_GUEST;
	}
}
