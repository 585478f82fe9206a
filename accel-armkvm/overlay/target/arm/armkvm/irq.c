/*
 * armkvm on Arm: interrupt lines between QEMU's devices and the module's vCPUs
 *
 * With an interrupt controller in QEMU its outputs go down to the vCPU's IRQ
 * and FIQ pins, and the module's generic timers come up as levels in the run
 * page, to be fed into that controller.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "hw/irq.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "target/arm/gtimer.h"
#include "trace.h"

void armkvm_arm_set_pin(CPUState *cs, int mask, bool level)
{
    if (level) {
        cpu_interrupt(cs, mask);
    } else {
        cpu_reset_interrupt(cs, mask);
    }
}

void armkvm_arm_set_irq(void *opaque, int irq, int level)
{
    CPUState *cs = CPU(opaque);
    CPUARMState *env = cpu_env(cs);
    struct armkvm_irq_level call = { .level = !!level };
    uint32_t mask;
    int ret;

    switch (irq) {
    case ARM_CPU_IRQ:
        call.irq = ARMKVM_IRQ_CPU_IRQ;
        mask = CPU_INTERRUPT_HARD;
        break;
    case ARM_CPU_FIQ:
        call.irq = ARMKVM_IRQ_CPU_FIQ;
        mask = CPU_INTERRUPT_FIQ;
        break;
    default:
        /* EL2's and NMI lines: there is neither, so they stay low. */
        return;
    }
    call.irq |= ARMKVM_IRQ_TYPE_CPU << ARMKVM_IRQ_TYPE_SHIFT |
                cs->cpu_index << ARMKVM_IRQ_VCPU_SHIFT;

    env->irq_line_state = level ? env->irq_line_state | mask
                                : env->irq_line_state & ~mask;
    trace_armkvm_set_irq(cs->cpu_index, irq, level);

    if (cs->accel && cs->accel->emulated) {
        armkvm_arm_set_pin(cs, mask, level);
    }
    ret = armkvm_ioctl(armkvm_state->vmfd, ARMKVM_IRQ_LINE, &call);
    if (ret < 0) {
        error_report("armkvm: the module does not take interrupts for vCPU "
                     "%d: %s", cs->cpu_index, strerror(-ret));
        armkvm_vm_failed();
    }
}

void armkvm_arm_timer_lines(CPUState *cs)
{
    ARMCPU *cpu = ARM_CPU(cs);
    uint64_t level = cs->accel->run->s.regs.device_irq_level;
    uint64_t changed = level ^ cpu->device_irq_level;

    trace_armkvm_device_irqs(cs->cpu_index, cpu->device_irq_level, level);

    if (changed & ARMKVM_DEV_VTIMER) {
        qemu_set_irq(cpu->gt_timer_outputs[GTIMER_VIRT],
                     !!(level & ARMKVM_DEV_VTIMER));
    }
    if (changed & ARMKVM_DEV_PTIMER) {
        qemu_set_irq(cpu->gt_timer_outputs[GTIMER_PHYS],
                     !!(level & ARMKVM_DEV_PTIMER));
    }
    if (changed & ARMKVM_DEV_PMU) {
        qemu_set_irq(cpu->pmu_interrupt, !!(level & ARMKVM_DEV_PMU));
    }
    cpu->device_irq_level = level;
}

void armkvm_arch_post_run(CPUState *cs)
{
    if (cs->accel->run->s.regs.device_irq_level !=
        ARM_CPU(cs)->device_irq_level) {
        bql_lock();
        armkvm_arm_timer_lines(cs);
        bql_unlock();
    }
}
