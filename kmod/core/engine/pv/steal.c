// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steal time: what a vCPU's thread has waited for a CPU of the host while it could
 * have run, which is what the host's scheduler counts as the thread's run_delay.
 *
 * The sum lives in the guest's own memory and is added to, so that nothing but
 * the address is to be saved and restored.
 */
#include <linux/sched.h>

#include "../../fwregs.h"
#include "../gmem.h"
#include "hypercall.h"

#ifdef CONFIG_SCHED_INFO
static u64 steal_run_delay(void)
{
	return current->sched_info.run_delay;
}
#else
static u64 steal_run_delay(void)
{
	return 0;
}
#endif

static u32 steal_to_guest32(const struct armkvm_vcpu *vcpu, u32 val)
{
	return vcpu->cp15[CP15_SCTLR] & WALK_SCTLR_EE ? swab32(val) : val;
}

static u64 steal_to_guest64(const struct armkvm_vcpu *vcpu, u64 val)
{
	return vcpu->cp15[CP15_SCTLR] & WALK_SCTLR_EE ? swab64(val) : val;
}

/*
 * Memory that has gone since (a slot taken away) is the launcher's doing; the record
 * is then not kept up to date any more, and kept again when the memory is back.
 */
static void steal_add(struct engine_vcpu *ev, u64 delta)
{
	u64 gpa = ev->vcpu->steal_gpa;
	struct armkvm_para_steal s;
	u32 version;

	if (gmem_read(ev->vm, gpa, &s, sizeof(s)))
		return;
	s.stolen_ns = steal_to_guest64(ev->vcpu, steal_to_guest64(ev->vcpu, s.stolen_ns) + delta);
	version = steal_to_guest32(ev->vcpu, s.version) | 1;
	s.version = steal_to_guest32(ev->vcpu, version);
	if (gmem_write(ev->vm, gpa, &s.version, sizeof(s.version)))
		return;
	smp_wmb();	/* odd before the rest, for a reader on another CPU */
	if (gmem_write(ev->vm, gpa + offsetof(struct armkvm_para_steal, stolen_ns), &s.stolen_ns,
		       sizeof(s.stolen_ns)))
		return;
	smp_wmb();	/* the rest before even */
	s.version = steal_to_guest32(ev->vcpu, version + 1);
	gmem_write(ev->vm, gpa, &s.version, sizeof(s.version));
}

void engine_steal_update(struct engine_vcpu *ev)
{
	u64 delay = steal_run_delay(), seen = ev->run_delay;

	if (delay == seen)
		return;
	ev->run_delay = delay;
	/* Another thread than the last one may run the vCPU: its count is its own. */
	if (ev->steal_pid == task_pid_nr(current) && delay > seen)
		steal_add(ev, delay - seen);
	ev->steal_pid = task_pid_nr(current);
}

int hc_steal_time(struct engine_vcpu *ev)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_para_steal zero = { };
	u64 gpa = hc_gpa(vcpu->cpu);

	if (gpa == ARMKVM_NO_GPA) {
		vcpu->steal_gpa = gpa;
		return hc_done(ev, ARMKVM_HC_SUCCESS);
	}
	if (gpa % sizeof(zero))
		return hc_done(ev, ARMKVM_HC_INVALID);
	if (gpa >> HC_GPA_BITS || gmem_write(ev->vm, gpa, &zero, sizeof(zero)))
		return hc_done(ev, ARMKVM_HC_BAD_ADDRESS);
	vcpu->steal_gpa = gpa;
	ev->run_delay = steal_run_delay();
	ev->steal_pid = task_pid_nr(current);
	return hc_done(ev, ARMKVM_HC_SUCCESS);
}
