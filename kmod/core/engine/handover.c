// SPDX-License-Identifier: GPL-2.0-only
/* What the launcher executes for the guest: see handover.h. */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <linux/armkvm.h>

#include "../arm/decode.h"
#include "../arm/emulate.h"
#include "../cp15.h"
#include "../gic.h"
#include "../pmu.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "handover.h"
#include "engine.h"
#include "inject.h"
#include "pv.h"

/*
 * The CPU interface's registers at PL1 (IHI 0069 12.7): ICC_PMR; c12, c8 to c12 with opc1 0; by MCRR
 * ICC_SGI1R, ICC_ASGI1R and ICC_SGI0R.  Those of Hyp and Monitor mode are undefined, as the modes are.
 */
static bool handover_is_gicv3(u32 key)
{
	u32 crm = key >> 7 & 0xf;

	switch (key & ~(0xfU << 7 | 7)) {
	case CP15_KEY32(15, 0, 4, 0, 0):
		return key == CP15_KEY32(15, 0, 4, 6, 0);
	case CP15_KEY32(15, 0, 12, 0, 0):
		return crm >= 8 && crm <= 12;
	case CP15_KEY64(15, 0, 0):
	case CP15_KEY64(15, 1, 0):
	case CP15_KEY64(15, 2, 0):
		return crm == 12;
	default:
		return false;
	}
}

bool handover_wants(const struct armkvm_vm *vm, u32 key)
{
	return (vm->cp_exits & ARMKVM_CP_EXIT_GICV3) && handover_is_gicv3(key);
}

int handover_start(struct engine_vcpu *ev, const struct cp15_params *p, const struct insn_cp *cp)
{
	struct armkvm_run *run = ev->vcpu->run;

	ev->cp_exit = (struct cp_exit){
		.pending = true,
		.pair = cp->pair,
		.is_write = p->write,
		.rt = cp->rt,
		.rt2 = cp->rt2,
	};
	run->exit_reason = ARMKVM_EXIT_CP;
	memset(&run->cp, 0, sizeof(run->cp));
	run->cp.id = cp15_key_id(p->key);
	run->cp.is_write = p->write;
	run->cp.value = p->write ? p->val : 0;
	return ENGINE_USER;
}

int handover_complete(struct engine_vcpu *ev)
{
	const struct armkvm_run *run = ev->vcpu->run;
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u64 value = READ_ONCE(run->cp.value);

	ev->cp_exit.pending = false;
	if (READ_ONCE(run->cp.is_undefined)) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	if (!ev->cp_exit.is_write) {
		cpu->r[ev->cp_exit.rt] = value;
		if (ev->cp_exit.pair)
			cpu->r[ev->cp_exit.rt2] = value >> 32;
	}
	emu_skip(cpu, 4);
	return ENGINE_GUEST;
}

/*
 * -- emulated code --------------------------------------------------------------------
 */

static long handover_emulated(struct engine_vcpu *ev, const void __user *arg)
{
	struct armkvm_emulated em;

	if (copy_from_user(&em, arg, sizeof(em)))
		return -EFAULT;
	if ((em.flags & ~ARMKVM_EMULATED_FLUSH) || em.then > ARMKVM_THEN_SMC || em.padding ||
	    (em.imm && em.then != ARMKVM_THEN_HVC) || em.imm > 0xffff)
		return -EINVAL;
	ev->excl.size = 0;
	ev->emulated.flush |= em.flags & ARMKVM_EMULATED_FLUSH;
	ev->emulated.then = em.then;
	ev->emulated.imm = em.imm;
	ev->emulated.returned = true;
	return 0;
}

int handover_return(struct engine_vcpu *ev)
{
	struct emulated em = ev->emulated;
	u32 last;

	ev->emulated = (struct emulated){ };
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_EMULATED_RETURNS);
	trace_armkvm_emulated(ev->vcpu->id, ev->vcpu->cpu->pc, em.flush, em.then);
	if (em.flush) {
		raw_spin_lock(&ev->vm->mmu->lock);
		engine_tlbi(ev, CP15_OP_TLBIALL, 0, &last);
		mmu_commit_unlock(ev->vm);
	}
	switch (em.then) {
	case ARMKVM_THEN_WAIT:
		return ENGINE_SLEEP;
	case ARMKVM_THEN_HVC:
		return engine_hypercall(ev, true, em.imm);
	case ARMKVM_THEN_SMC:
		return engine_hypercall(ev, false, 0);
	default:
		return ENGINE_GUEST;
	}
}

/* The generic timer's registers (c14, and by MCRR opc1 0 to 3 of it) and the PMU's (c9, c12 to c14). */
static bool handover_is_module_cp(u32 key)
{
	u32 crn = key >> 11 & 0xf, crm = key >> 7 & 0xf;

	if ((key & ~CP15_KEY_64BIT) >> 16 != 15)
		return false;
	if (key & CP15_KEY_64BIT)
		return crm == 14;
	return crn == 14 || (crn == 9 && crm >= 12 && crm <= 14);
}

static long handover_access_cp(struct engine_vcpu *ev, struct armkvm_access *acc)
{
	struct cp15_params p = {
		.key = cp15_id_key(acc->where),
		.write = acc->is_write,
		.user = acc->is_user,
		.val = acc->value,
	};
	enum cp15_op op = CP15_OP_NONE;
	enum cp15_result result;

	if (cp15_key_id(p.key) != acc->where || acc->len)
		return -EINVAL;
	if (!handover_is_module_cp(p.key))
		return -ENOENT;
	gtimer_load(&ev->timer);
	armkvm_pmu_start(ev->vcpu);
	result = armkvm_cp15_access(ev->vcpu, &p, &op);
	if (result == CP15_DONE_TIMER)
		engine_timer_update(ev);
	armkvm_pmu_stop(ev->vcpu);
	gtimer_unload(&ev->timer);
	acc->value = p.val;
	return result == CP15_DONE || result == CP15_DONE_TIMER ? 0 : -ENOENT;
}

static long handover_access_phys(struct engine_vcpu *ev, struct armkvm_access *acc)
{
	bool found;
	int idx;

	if (!acc->len || acc->len > 8 || (acc->len & (acc->len - 1)) || acc->is_user)
		return -EINVAL;
	idx = srcu_read_lock(&ev->vm->srcu);
	found = engine_device_access(ev, acc->where, acc->len, acc->is_write, &acc->value);
	/* No store of the guest's ends an interrupt by itself while it is emulated. */
	if (ev->eoi_lazy)
		engine_eoi_settle(ev, true);
	srcu_read_unlock(&ev->vm->srcu, idx);
	return found ? 0 : -ENOENT;
}

static long handover_access(struct engine_vcpu *ev, void __user *arg)
{
	struct armkvm_access acc;
	long err;

	if (copy_from_user(&acc, arg, sizeof(acc)))
		return -EFAULT;
	if (acc.kind > ARMKVM_ACCESS_CP || acc.is_write > 1 || acc.is_user > 1 || acc.padding)
		return -EINVAL;
	err = acc.kind == ARMKVM_ACCESS_CP ? handover_access_cp(ev, &acc) :
					     handover_access_phys(ev, &acc);
	if (err)
		return err;
	return copy_to_user(arg, &acc, sizeof(acc)) ? -EFAULT : 0;
}

static long handover_get_lines(struct engine_vcpu *ev, void __user *arg)
{
	struct armkvm_lines lines = { };

	gtimer_load(&ev->timer);
	gtimer_unload(&ev->timer);
	engine_tell_lines(ev);
	lines.device_irq_level = ev->told_levels;
	lines.pins = engine_lines(ev);
	BUILD_BUG_ON(ENGINE_LINE_IRQ != ARMKVM_IRQ_CPU_IRQ || ENGINE_LINE_FIQ != ARMKVM_IRQ_CPU_FIQ);
	return copy_to_user(arg, &lines, sizeof(lines)) ? -EFAULT : 0;
}

long handover_ioctl(struct engine_vcpu *ev, unsigned int cmd, void __user *arg)
{
	/* The launcher's emulator may have executed all that there was so far. */
	int err = armkvm_gic_start(ev->vm);

	if (err)
		return err;
	switch (cmd) {
	case ARMKVM_EMULATED:
		return handover_emulated(ev, arg);
	case ARMKVM_ACCESS:
		return handover_access(ev, arg);
	default:
		return handover_get_lines(ev, arg);
	}
}
