/*
 * armkvm on Arm: stub for targets without it
 *
 * target/arm is compiled once for all of its targets, of which armkvm is one's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "migration/vmstate.h"
#include "armkvm_arm.h"

void armkvm_arm_cpu_pre_realize(ARMCPU *cpu)
{
    g_assert_not_reached();
}

void armkvm_arm_host_initfn(Object *obj)
{
    g_assert_not_reached();
}

void armkvm_arm_set_irq(void *opaque, int irq, int level)
{
    g_assert_not_reached();
}

bool armkvm_arm_take_call(CPUState *cs)
{
    g_assert_not_reached();
}

static bool not_needed(void *opaque)
{
    return false;
}

const VMStateDescription vmstate_armkvm_regs = {
    .name = "cpu/armkvm",
    .needed = not_needed,
    .fields = (const VMStateField[]) { VMSTATE_END_OF_LIST() },
};

const VMStateDescription vmstate_armkvm_count = {
    .name = "cpu/armkvm-count",
    .needed = not_needed,
    .fields = (const VMStateField[]) { VMSTATE_END_OF_LIST() },
};

void armkvm_arm_cpu_pre_save(ARMCPU *cpu)
{
    g_assert_not_reached();
}

void armkvm_arm_cpu_pre_load(ARMCPU *cpu)
{
}

bool armkvm_arm_cpu_post_load(ARMCPU *cpu)
{
    g_assert_not_reached();
}

bool armkvm_arm_cpu_post_load_tcg(ARMCPU *cpu)
{
    return true;
}
