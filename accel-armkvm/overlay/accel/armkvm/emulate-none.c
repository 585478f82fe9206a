/*
 * armkvm accelerator: QEMUs in which TCG is not beside armkvm
 *
 * What the module can't execute ends the VM, as with emulate=off.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "system/armkvm_int.h"

bool armkvm_phase_enter(CPUState *cpu, ArmkvmPhase which)
{
    return true;
}

void armkvm_phase_leave(CPUState *cpu)
{
}

void armkvm_emulate_begin(CPUState *cpu)
{
    g_assert_not_reached();
}

bool armkvm_emulate_stress(CPUState *cpu)
{
    return false;
}

void armkvm_emulate_stress_begin(CPUState *cpu)
{
}

int armkvm_vcpu_emulate(CPUState *cpu)
{
    g_assert_not_reached();
}

bool armkvm_emulate_return(CPUState *cpu)
{
    return true;
}

void armkvm_emulate_reset(CPUState *cpu)
{
}

bool armkvm_emulate_watched(CPUState *cpu)
{
    return false;
}

void armkvm_watched_wait(void)
{
}

int armkvm_insert_watchpoint(int type, vaddr addr, vaddr len)
{
    return -ENOSYS;
}

int armkvm_remove_watchpoint(int type, vaddr addr, vaddr len)
{
    return -ENOSYS;
}

void armkvm_remove_all_watchpoints(void)
{
}

bool armkvm_module_device(hwaddr addr, unsigned int len, bool is_write,
                          uint64_t *value)
{
    return false;
}

bool armkvm_choose_emulate(ArmkvmState *s, Error **errp)
{
    return true;
}

static char *get_emulate(Object *obj, Error **errp)
{
    return g_strdup("off");
}

static void set_emulate(Object *obj, const char *value, Error **errp)
{
    if (!g_str_equal(value, "off")) {
        error_setg(errp, "emulate=%s: armkvm in this QEMU does not emulate "
                   "what the module cannot execute; QEMU 10.0's does", value);
    }
}

void armkvm_emulate_instance_init(ArmkvmState *s)
{
}

void armkvm_emulate_class_init(ObjectClass *oc)
{
    object_class_property_add_str(oc, "emulate", get_emulate, set_emulate);
    object_class_property_set_description(oc, "emulate",
        "Whether QEMU emulates what the module cannot execute: off");
}
