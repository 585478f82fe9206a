// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of the guest: the lines of the module's GIC, or the pins that the
 * launcher's GIC drives, and the vCPU's generic timer.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "../../compat/smp.h"
#include "../../host/host.h"
#include "../gic.h"
#include "../pmu.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "inject.h"

/*
 * On the CPU that a kick was sent to.  The vCPU may be in the guest on another one by
 * now, and whoever wanted to kick it there found this kick still under way.
 */
static void irq_kick_arrived(void *info)
{
	struct engine_vcpu *ev = info;
	int cpu;

	smp_mb();	/* the request is free again, then the look at where the vCPU is */
	cpu = READ_ONCE(ev->mmu.cpu);
	if (cpu >= 0 && cpu != smp_processor_id())
		smp_call_function_single_async(cpu, &ev->kick);
}

void engine_kick_init(struct engine_vcpu *ev)
{
	INIT_CSD(&ev->kick, irq_kick_arrived, ev);
}

static void irq_flush_call(void *unused)
{
}

void engine_kick_flush(void)
{
	/*
	 * A CPU serves who waits before who doesn't: what was queued before the first
	 * round is done before the second one begins.
	 */
	on_each_cpu(irq_flush_call, NULL, 1);
	on_each_cpu(irq_flush_call, NULL, 1);
}

/* Ends the stay in the guest and any sleep.  Any context. */
void engine_kick(struct engine_vcpu *ev)
{
	int cpu;

	smp_mb();	/* pairs with set_current_state()'s: the line, then who sleeps */
	if (rcuwait_active(&ev->wait))
		rcuwait_wake_up(&ev->wait);
	preempt_disable();
	smp_mb();	/* pairs with the one after ev->mmu.cpu is set */
	cpu = READ_ONCE(ev->mmu.cpu);
	if (cpu >= 0 && cpu != smp_processor_id()) {
		armkvm_vm_stat_inc(ev->vm, VM_STAT_KICKS);
		/* busy means that one is on its way */
		smp_call_function_single_async(cpu, &ev->kick);
	}
	preempt_enable();
}

void engine_set_line(struct armkvm_vcpu *vcpu, unsigned int line, bool level)
{
	struct engine_vcpu *ev = vcpu->engine;

	trace_armkvm_irq_line(vcpu->vm->creator, vcpu->id, line, level);
	if (level) {
		set_bit(line, &ev->lines);
		engine_kick(ev);
	} else {
		clear_bit(line, &ev->lines);
	}
}

unsigned long engine_lines(const struct engine_vcpu *ev)
{
	const struct vgic *vgic = armkvm_vgic(ev->vm);

	BUILD_BUG_ON(BIT(ENGINE_LINE_IRQ) != VGIC_LINE_IRQ ||
		     BIT(ENGINE_LINE_FIQ) != VGIC_LINE_FIQ);
	return vgic ? vgic_lines(vgic, ev->vcpu->id) : READ_ONCE(ev->lines);
}

static long irq_set_pin(struct armkvm_vm *vm, u32 id, u32 pin, bool level)
{
	struct armkvm_vcpu *vcpu;

	if (id >= ARMKVM_MAX_VCPUS || pin > ARMKVM_IRQ_CPU_FIQ)
		return -EINVAL;
	vcpu = armkvm_vm_vcpu(vm, id);
	if (!vcpu)
		return -EINVAL;
	if (READ_ONCE(vm->gic))
		return -ENXIO;
	engine_set_line(vcpu, pin == ARMKVM_IRQ_CPU_IRQ ? ENGINE_LINE_IRQ : ENGINE_LINE_FIQ,
			level);
	return 0;
}

static long irq_set_wire(struct armkvm_vm *vm, u32 type, u32 id, u32 nr, bool level)
{
	struct vgic *vgic;

	if ((nr >= VGIC_NR_PRIVATE) != (type == ARMKVM_IRQ_TYPE_SPI))
		return -EINVAL;
	if (type == ARMKVM_IRQ_TYPE_PPI && (id >= ARMKVM_MAX_VCPUS || !armkvm_vm_vcpu(vm, id)))
		return -EINVAL;
	vgic = armkvm_gic_get(vm);
	return IS_ERR(vgic) ? PTR_ERR(vgic) : vgic_inject(vgic, id, nr, level);
}

long engine_irq_line(struct armkvm_vm *vm, const void __user *arg)
{
	struct armkvm_irq_level level;
	u32 type, id, nr;

	if (copy_from_user(&level, arg, sizeof(level)))
		return -EFAULT;
	type = level.irq >> ARMKVM_IRQ_TYPE_SHIFT & ARMKVM_IRQ_TYPE_MASK;
	id = level.irq >> ARMKVM_IRQ_VCPU_SHIFT & ARMKVM_IRQ_VCPU_MASK;
	nr = level.irq & ARMKVM_IRQ_NUM_MASK;
	if (level.level > 1)
		return -EINVAL;
	switch (type) {
	case ARMKVM_IRQ_TYPE_CPU:
		return irq_set_pin(vm, id, nr, level.level);
	case ARMKVM_IRQ_TYPE_SPI:
	case ARMKVM_IRQ_TYPE_PPI:
		return irq_set_wire(vm, type, id, nr, level.level);
	default:
		return -EINVAL;
	}
}

/* Takes a pending, unmasked interrupt: FIQ before IRQ, B1.8.1. */
void engine_deliver_interrupts(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	unsigned long lines = engine_lines(ev);

	enum cpu_vector vec;

	if ((lines & BIT(ENGINE_LINE_FIQ)) && !(cpu->cpsr & CPU_PSR_F))
		vec = CPU_VEC_FIQ;
	else if ((lines & BIT(ENGINE_LINE_IRQ)) && !(cpu->cpsr & CPU_PSR_I))
		vec = CPU_VEC_IRQ;
	else
		return;
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_INTERRUPTS);
	engine_take(ev, vec, cpu->pc + 4);
}

/*
 * -- generic timer ---------------------------------------------------------------
 */

static u64 irq_timer_count(void *ctx)
{
	struct engine_vcpu *ev = ctx;

	return armkvm_host_ops.counter() - atomic64_read(&ev->vm->cntvoff);
}

/*
 * To the module's GIC.  If the launcher has it the loop leaves, to tell it
 * (engine_lines_changed()).
 */
static void irq_timer_output(void *ctx, enum gtimer_id id, bool level)
{
	static const u8 intid[GTIMER_NR] = {
		[GTIMER_VIRT] = GTIMER_VIRT_INTID,
		[GTIMER_PHYS] = GTIMER_PHYS_INTID,
		[GTIMER_PMU] = GTIMER_PMU_INTID,
	};
	struct engine_vcpu *ev = ctx;
	struct vgic *vgic = armkvm_vgic(ev->vm);

	if (vgic)
		vgic_inject(vgic, ev->vcpu->id, intid[id], level);
	else
		engine_kick(ev);
}

static const struct gtimer_ops timer_ops = {
	.count = irq_timer_count,
	.output = irq_timer_output,
};

void engine_timer_init(struct engine_vcpu *ev)
{
	gtimer_init(&ev->timer, &timer_ops, ev, armkvm_host.counter_hz);
}

/* The timer follows what the guest or the launcher wrote to cp15; so do the performance monitors. */
void engine_timer_update(struct engine_vcpu *ev)
{
	const u32 *r = ev->vcpu->cp15;
	struct gtimer_channel channels[GTIMER_NR] = {
		[GTIMER_VIRT] = {
			.cval = r[CP15_CNTV_CVAL] | (u64)r[CP15_CNTV_CVAL_HI] << 32,
			.ctl = r[CP15_CNTV_CTL],
		},
		[GTIMER_PHYS] = {
			.cval = r[CP15_CNTP_CVAL] | (u64)r[CP15_CNTP_CVAL_HI] << 32,
			.ctl = r[CP15_CNTP_CTL],
		},
	};

	armkvm_pmu_channel(ev->vcpu, &channels[GTIMER_PMU]);
	gtimer_set(&ev->timer, channels);
}

/* ARMKVM_DEV_* of the timer's outputs; none if they go to the module's GIC. */
static u64 irq_device_levels(const struct engine_vcpu *ev)
{
	u8 lines = armkvm_vgic(ev->vm) ? 0 : gtimer_lines(&ev->timer);

	return (lines & 1 << GTIMER_VIRT ? ARMKVM_DEV_VTIMER : 0) |
	       (lines & 1 << GTIMER_PHYS ? ARMKVM_DEV_PTIMER : 0) |
	       (lines & 1 << GTIMER_PMU ? ARMKVM_DEV_PMU : 0);
}

bool engine_lines_changed(const struct engine_vcpu *ev)
{
	return irq_device_levels(ev) != ev->told_levels;
}

void engine_tell_lines(struct engine_vcpu *ev)
{
	ev->told_levels = irq_device_levels(ev);
	ev->vcpu->run->s.regs.device_irq_level = ev->told_levels;
}
