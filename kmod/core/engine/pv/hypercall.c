// SPDX-License-Identifier: GPL-2.0-only
/* The guest's calls (uapi/asm/armkvm_para.h): who does what, and the simple ones. */
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "../../memslot.h"
#include "../../arm/psci.h"
#include "../gmem.h"
#include "../priv.h"
#include "hypercall.h"
#include "../regime.h"

/* ARMKVM_HC_PANIC's limit */
#define PANIC_MAX	1024U

bool hc_translate(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva, u8 kind, u64 *gpa)
{
	struct walk_access access = {
		.kind = kind,
		.priv = cpu_mode_privileged(ev->vcpu->cpu->cpsr),
	};
	const struct armkvm_memslot *slot;
	struct walk_result res;
	struct walk_fault fault;

	if (walk_gva(ctl, &gmem_walk_ops, ev->vm, gva, access, &res, &fault))
		return false;
	*gpa = res.gpa;
	slot = armkvm_gfn_to_memslot(armkvm_memslots(ev->vm), res.gpa >> ARMKVM_PAGE_SHIFT);
	return slot && !(kind == WALK_W && (slot->flags & ARMKVM_MEM_READONLY));
}

int hc_read(struct engine_vcpu *ev, u32 gva, void *buf, u32 len)
{
	struct walk_ctl ctl;
	u64 gpa;
	u32 n;

	engine_walk_ctl(ev->vcpu, &ctl);
	for (; len; len -= n, gva += n, buf += n) {
		n = min_t(u32, len, ARMKVM_PAGE_SIZE - (gva & ~ARMKVM_PAGE_MASK));
		if (!hc_translate(ev, &ctl, gva, WALK_R, &gpa) || gmem_read(ev->vm, gpa, buf, n))
			return ARMKVM_HC_BAD_ADDRESS;
	}
	return 0;
}

/*
 * The text is for the launcher to read; here it is only checked that the caller could
 * read it, too.
 */
static int hc_panic(struct engine_vcpu *ev)
{
	struct armkvm_run *run = ev->vcpu->run;
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 gva = cpu->r[1], len = cpu->r[2];
	u8 probe;

	if (len > PANIC_MAX)
		return hc_done(ev, ARMKVM_HC_INVALID);
	if (len && (hc_read(ev, gva, &probe, 1) || hc_read(ev, gva + len - 1, &probe, 1)))
		return hc_done(ev, ARMKVM_HC_BAD_ADDRESS);

	run->exit_reason = ARMKVM_EXIT_HYPERCALL;
	run->hypercall.nr = ARMKVM_HC_PANIC;
	run->hypercall.padding = 0;
	memcpy(run->hypercall.args, &cpu->r[1], sizeof(run->hypercall.args));
	/* for a launcher that doesn't know the call */
	run->hypercall.ret[0] = (u32)ARMKVM_HC_NOT_SUPPORTED;
	memcpy(&run->hypercall.ret[1], &cpu->r[1], 3 * sizeof(u32));
	ev->call_pending = ARMKVM_HC_PANIC;
	return ENGINE_USER;
}

static int hc_panic_complete(struct engine_vcpu *ev)
{
	memcpy(ev->vcpu->cpu->r, ev->vcpu->run->hypercall.ret, sizeof(ev->vcpu->run->hypercall.ret));
	emu_skip(ev->vcpu->cpu, 4);
	return ENGINE_GUEST;
}

/*
 * The virtual timer's registers, which a privileged guest can't have: they are the host's.
 * CNTV_CTL, B8.1.2
 */
int hc_timer_set(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 *r = ev->vcpu->cp15;
	u64 now = armkvm_guest_count(ev->vcpu);

	r[CP15_CNTV_CVAL] = cpu->r[1];
	r[CP15_CNTV_CVAL_HI] = cpu->r[2];
	r[CP15_CNTV_CTL] = (cpu->r[1] & cpu->r[2]) == ~0U ? 0 : 1;
	engine_timer_update(ev);
	cpu->r[1] = now;
	cpu->r[2] = now >> 32;
	return hc_done(ev, ARMKVM_HC_SUCCESS);
}

/* A vCPU's thread that could run the guest and doesn't, or NULL; to be put. */
static struct task_struct *hc_waiting_thread(struct engine_vcpu *ev)
{
	struct task_struct *task;

	if (READ_ONCE(ev->mmu.cpu) >= 0 || READ_ONCE(ev->vcpu->mp_state) == ARMKVM_MP_STATE_STOPPED)
		return NULL;
	spin_lock(&ev->power_lock);
	task = get_pid_task(ev->thread, PIDTYPE_PID);
	spin_unlock(&ev->power_lock);
	return task;
}

/*
 * To a thread of another vCPU, which may hold what this one spins for, where the scheduler
 * can; else to whom the scheduler likes.
 */
static void hc_yield(struct engine_vcpu *ev)
{
	unsigned int i, n;

	for (n = 1; n < ARMKVM_MAX_VCPUS; n++) {
		struct armkvm_vcpu *vcpu;
		struct task_struct *task;
		int done;

		i = (ev->vcpu->id + n) % ARMKVM_MAX_VCPUS;
		vcpu = armkvm_vm_vcpu(ev->vm, i);
		task = vcpu && vcpu->engine ? hc_waiting_thread(vcpu->engine) : NULL;
		if (!task)
			continue;
		done = yield_to(task, false);
		put_task_struct(task);
		if (done > 0)
			return;
	}
	schedule();
}

void engine_note_thread(struct engine_vcpu *ev)
{
	struct pid *old = ev->thread;

	if (old == task_pid(current))
		return;
	spin_lock(&ev->power_lock);
	ev->thread = get_task_pid(current, PIDTYPE_PID);
	spin_unlock(&ev->power_lock);
	put_pid(old);
}

int engine_call_complete(struct engine_vcpu *ev)
{
	u32 call = ev->call_pending;

	ev->call_pending = 0;
	switch (call) {
	case ARMKVM_HC_MMIO_READ:
	case ARMKVM_HC_MMIO_WRITE:
		return hc_mmio_complete(ev);
	case ARMKVM_HC_MMIO_READS:
	case ARMKVM_HC_MMIO_WRITES:
		return hc_mmio_string_complete(ev);
	default:
		return hc_panic_complete(ev);
	}
}

int engine_para_call(struct engine_vcpu *ev)
{
	switch (ev->vcpu->cpu->r[0] & ~ARMKVM_HC_CONTINUED) {
	case ARMKVM_HC_MMIO_READ:
		return hc_mmio(ev, false);
	case ARMKVM_HC_MMIO_WRITE:
		return hc_mmio(ev, true);
	case ARMKVM_HC_MMIO_READS:
		return hc_mmio_string(ev, false);
	case ARMKVM_HC_MMIO_WRITES:
		return hc_mmio_string(ev, true);
	case ARMKVM_HC_IDLE:
		hc_done(ev, ARMKVM_HC_SUCCESS);
		return ENGINE_SLEEP;
	case ARMKVM_HC_YIELD:
		hc_done(ev, ARMKVM_HC_SUCCESS);
		hc_yield(ev);
		return ENGINE_GUEST;
	case ARMKVM_HC_PANIC:
		return hc_panic(ev);
	case ARMKVM_HC_RESET:
		/* A launcher that goes on all the same shall not have succeeded. */
		hc_done(ev, ARMKVM_HC_NOT_SUPPORTED);
		return engine_system_event(ev, ARMKVM_SYSTEM_EVENT_RESET);
	case ARMKVM_HC_POWEROFF:
		hc_done(ev, ARMKVM_HC_NOT_SUPPORTED);
		return engine_system_event(ev, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	case ARMKVM_HC_VCPU_PAGE:
		return hc_done(ev, engine_para_set(ev, ev->vcpu->cpu->r[1] |
							(u64)ev->vcpu->cpu->r[2] << 32));
	case ARMKVM_HC_PT_UPDATE:
		return hc_pt_update(ev);
	case ARMKVM_HC_TLB_FLUSH:
		return hc_tlb_flush(ev);
	case ARMKVM_HC_PROMOTE:
		return engine_promote(ev, hc_gpa(ev->vcpu->cpu));
	case ARMKVM_HC_DEMOTE:
		return engine_demote(ev);
	case ARMKVM_HC_TIMER_SET:
		return hc_timer_set(ev);
	case ARMKVM_HC_STEAL_TIME:
		return hc_steal_time(ev);
	default:
		return hc_done(ev, ARMKVM_HC_NOT_SUPPORTED);
	}
}
