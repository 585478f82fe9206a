// SPDX-License-Identifier: GPL-2.0-only
/* The guest takes an exception: its own fault, or what it asked for. */
#include <linux/kernel.h>

#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "inject.h"

static __printf(5, 0)
int inject_error(struct engine_vcpu *ev, u32 exit_reason, u32 suberror, u32 insn, const char *fmt,
		 va_list args)
{
	struct armkvm_run *run = ev->vcpu->run;

	run->exit_reason = exit_reason;
	run->error.suberror = suberror;
	run->error.pc = ev->vcpu->cpu->pc;
	run->error.cpsr = ev->vcpu->cpu->cpsr;
	run->error.insn = insn;
	vsnprintf(run->error.text, sizeof(run->error.text), fmt, args);
	return ENGINE_USER;
}

int engine_fail(struct engine_vcpu *ev, u32 suberror, u32 insn, const char *fmt, ...)
{
	va_list args;
	int next;

	va_start(args, fmt);
	next = inject_error(ev, ARMKVM_EXIT_INTERNAL_ERROR, suberror, insn, fmt, args);
	va_end(args);
	return next;
}

int engine_emulate(struct engine_vcpu *ev, u32 suberror, u32 insn, const char *fmt, ...)
{
	u32 exit_reason = ARMKVM_EXIT_INTERNAL_ERROR;
	va_list args;
	int next;

	if (ev->vm->emulates) {
		exit_reason = ARMKVM_EXIT_EMULATE;
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_EMULATE_EXITS);
	}
	va_start(args, fmt);
	next = inject_error(ev, exit_reason, suberror, insn, fmt, args);
	va_end(args);
	return next;
}

static void inject_trace(struct engine_vcpu *ev, enum cpu_vector vec)
{
	const u32 *r = ev->vcpu->cp15;
	bool fetch = vec == CPU_VEC_PABT, data = vec == CPU_VEC_DABT;

	trace_armkvm_inject(ev->vcpu->id, vec, ev->vcpu->cpu->pc,
			    fetch ? r[CP15_IFAR] : data ? r[CP15_DFAR] : 0,
			    fetch ? r[CP15_IFSR] : data ? r[CP15_DFSR] : 0);
}

void engine_take(struct engine_vcpu *ev, enum cpu_vector vec, u32 ret)
{
	struct armkvm_cpu_ctl ctl = {
		.sctlr = ev->vcpu->cp15[CP15_SCTLR],
		.vbar = ev->vcpu->cp15[CP15_VBAR],
	};

	if (trace_armkvm_inject_enabled())
		inject_trace(ev, vec);
	cpu_take_exception(ev->vcpu->cpu, &ctl, vec, ret);
}

/* Return offsets: ARM DDI 0406C table B1-7 */
void engine_inject_undef(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;

	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_GUEST_UNDEFS);
	engine_take(ev, CPU_VEC_UND, cpu->pc + (cpu->cpsr & CPU_PSR_T ? 2 : 4));
}

void engine_inject_dabt(struct engine_vcpu *ev, u32 gva, u32 dfsr)
{
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_GUEST_ABORTS);
	ev->vcpu->cp15[CP15_DFSR] = dfsr;
	ev->vcpu->cp15[CP15_DFAR] = gva;
	engine_take(ev, CPU_VEC_DABT, ev->vcpu->cpu->pc + 8);
}

void engine_inject_pabt(struct engine_vcpu *ev, u32 gva, u32 ifsr)
{
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_GUEST_ABORTS);
	ev->vcpu->cp15[CP15_IFSR] = ifsr;
	ev->vcpu->cp15[CP15_IFAR] = gva;
	engine_take(ev, CPU_VEC_PABT, ev->vcpu->cpu->pc + 4);
}

void engine_inject_walk_fault(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva,
			      u8 kind, const struct walk_fault *fault)
{
	if (kind == WALK_X)
		engine_inject_pabt(ev, gva, fault->fsr);
	else
		engine_inject_dabt(ev, gva, walk_dfsr(ctl, fault, kind == WALK_W, false));
}

void engine_inject_status(struct engine_vcpu *ev, u32 gva, u8 kind, u32 short_status,
			  u32 long_status)
{
	u32 fsr = ev->vcpu->cp15[CP15_TTBCR] & WALK_TTBCR_EAE ? 1U << 9 | long_status :
								 short_status;

	if (kind == WALK_X)
		engine_inject_pabt(ev, gva, fsr);
	else
		engine_inject_dabt(ev, gva, fsr | (kind == WALK_W ? 1U << 11 : 0));
}

void engine_inject_external(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	engine_inject_status(ev, gva, kind, 0x08, 0x10);
}
