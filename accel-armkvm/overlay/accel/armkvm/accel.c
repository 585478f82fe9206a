/*
 * armkvm accelerator: "-accel armkvm" and its options
 *
 * Start-up runs in this order, so that the first thing said is the first thing
 * to mend: machine type and CPU model, what mode=direct doesn't have, device
 * node, interface version, guest mode, capabilities, what the host core can be,
 * RAM for mode=direct.  If one of them fails and another -accel follows, that
 * one takes over.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/host-utils.h"
#include "gdbstub/enums.h"
#include "hw/boards.h"
#include "system/armkvm_int.h"
#include "trace.h"

bool armkvm_allowed;
bool armkvm_irqchip_allowed;
bool armkvm_pv_allowed;
ArmkvmState *armkvm_state;

static int init_failed(ArmkvmState *s, Error *err)
{
    static unsigned int attempts;

    trace_armkvm_init_failed(error_get_pretty(err));
    return armkvm_init_failed("armkvm", &attempts, s->fallback, err);
}

static bool check_vcpu_count(ArmkvmState *s, MachineState *ms, Error **errp)
{
    int max = armkvm_check_extension(s, ARMKVM_CAP_MAX_VCPUS);

    if (ms->smp.max_cpus > max) {
        error_setg(errp, "%u vCPUs were asked for and the module armkvm has "
                   "at most %d; use '-smp %d'", ms->smp.max_cpus, max, max);
        return false;
    }
    return true;
}

static int armkvm_init_machine(ARMKVM_AS_FIRST MachineState *ms)
{
    ArmkvmState *s = ARMKVM_ACCEL(ms->accelerator);
    Error *err = NULL;

    if (!armkvm_arch_check_machine(ms, &err) ||
        !armkvm_check_direct(s, ms, &err) || !armkvm_open(s, &err)) {
        return init_failed(s, err);
    }
    if (!check_vcpu_count(s, ms, &err) || !armkvm_choose_irqchip(s, &err) ||
        !armkvm_choose_pv(s, &err) || !armkvm_arch_probe_host(s, ms, &err)) {
        goto fail;
    }
    s->vmfd = armkvm_create_vm(s, &err);
    if (s->vmfd < 0) {
        goto fail;
    }
    if (!armkvm_enable_pv(s, &err) || !armkvm_choose_emulate(s, &err) ||
        !armkvm_choose_counter(s, &err) ||
        !armkvm_create_window(s, ms, &err)) {
        close(s->vmfd);
        s->vmfd = -1;
        goto fail;
    }

    armkvm_state = s;
    armkvm_arch_init_vm(s);
    armkvm_memory_init(s, &address_space_memory);
    armkvm_debug_init();
    armkvm_stats_init(s);
    return 0;

fail:
    close(s->fd);
    s->fd = -1;
    return init_failed(s, err);
}

static int armkvm_sstep_flags(ARMKVM_AS_ONLY)
{
    /* Interrupts are taken and their handlers run to the end unseen. */
    return SSTEP_ENABLE | SSTEP_NOIRQ;
}

static char *armkvm_get_mode(Object *obj, Error **errp)
{
    return g_strdup(armkvm_mode_name(ARMKVM_ACCEL(obj)->mode));
}

static void armkvm_set_mode(Object *obj, const char *value, Error **errp)
{
    int mode = armkvm_mode_by_name(value, errp);

    if (mode >= 0) {
        ARMKVM_ACCEL(obj)->mode = mode;
    }
}

static char *armkvm_get_device(Object *obj, Error **errp)
{
    return g_strdup(ARMKVM_ACCEL(obj)->device);
}

static void armkvm_set_device(Object *obj, const char *value, Error **errp)
{
    ArmkvmState *s = ARMKVM_ACCEL(obj);

    if (!*value) {
        error_setg(errp, "device= needs the path of a device node, such as "
                   ARMKVM_DEFAULT_DEVICE);
        return;
    }
    g_free(s->device);
    s->device = g_strdup(value);
}

static bool armkvm_get_fallback(Object *obj, Error **errp)
{
    return ARMKVM_ACCEL(obj)->fallback;
}

static void armkvm_set_fallback(Object *obj, bool value, Error **errp)
{
    ARMKVM_ACCEL(obj)->fallback = value;
}

static bool armkvm_get_irqchip(Object *obj, Error **errp)
{
    return ARMKVM_ACCEL(obj)->irqchip != ON_OFF_AUTO_OFF;
}

static void armkvm_set_irqchip(Object *obj, bool value, Error **errp)
{
    ARMKVM_ACCEL(obj)->irqchip = value ? ON_OFF_AUTO_ON : ON_OFF_AUTO_OFF;
}

static void armkvm_get_dirty_ring_size(Object *obj, Visitor *v,
                                       const char *name, void *opaque,
                                       Error **errp)
{
    visit_type_uint32(v, name, &ARMKVM_ACCEL(obj)->dirty_ring_size, errp);
}

static void armkvm_set_dirty_ring_size(Object *obj, Visitor *v,
                                       const char *name, void *opaque,
                                       Error **errp)
{
    uint32_t value;

    if (!visit_type_uint32(v, name, &value, errp)) {
        return;
    }
    if (value && !is_power_of_2(value)) {
        error_setg(errp, "dirty-ring-size must be a power of two");
        return;
    }
    ARMKVM_ACCEL(obj)->dirty_ring_size = value;
}

static void armkvm_accel_instance_init(Object *obj)
{
    ArmkvmState *s = ARMKVM_ACCEL(obj);

    s->device = g_strdup(ARMKVM_DEFAULT_DEVICE);
    s->mode = ARMKVM_MODE_SHADOW;
    s->fallback = true;
    s->irqchip = ON_OFF_AUTO_AUTO;
    armkvm_pv_instance_init(s);
    armkvm_emulate_instance_init(s);
    armkvm_counter_instance_init(s);
    s->fd = -1;
    s->vmfd = -1;
    QTAILQ_INIT(&s->sw_breakpoints);
}

static void armkvm_accel_instance_finalize(Object *obj)
{
    g_free(ARMKVM_ACCEL(obj)->device);
}

static void armkvm_accel_class_init(ObjectClass *oc, ARMKVM_CLASS_DATA *data)
{
    AccelClass *ac = ACCEL_CLASS(oc);

    ac->name = "armkvm";
    ac->init_machine = armkvm_init_machine;
    ac->allowed = &armkvm_allowed;
    ac->explains_init_failure = true;
    ac->gdbstub_supported_sstep_flags = armkvm_sstep_flags;

    object_class_property_add_str(oc, "mode", armkvm_get_mode,
                                  armkvm_set_mode);
    object_class_property_set_description(oc, "mode",
        "How the guest kernel runs: shadow, direct or trustzone");
    object_class_property_add_str(oc, "device", armkvm_get_device,
                                  armkvm_set_device);
    object_class_property_set_description(oc, "device",
        "Path of the module's device node");
    object_class_property_add_bool(oc, "fallback", armkvm_get_fallback,
                                   armkvm_set_fallback);
    object_class_property_set_description(oc, "fallback",
        "Whether the VM may go on with the next -accel");
    object_class_property_add_bool(oc, "irqchip", armkvm_get_irqchip,
                                   armkvm_set_irqchip);
    object_class_property_set_description(oc, "irqchip",
        "Whether the module has the interrupt controller (GICv2), or QEMU");
    /* KVM's name for it, which -machine kernel-irqchip= sets too */
    object_class_property_add_bool(oc, "kernel-irqchip", armkvm_get_irqchip,
                                   armkvm_set_irqchip);
    object_class_property_set_description(oc, "kernel-irqchip",
        "The same as irqchip");
    object_class_property_add(oc, "dirty-ring-size", "uint32",
                              armkvm_get_dirty_ring_size,
                              armkvm_set_dirty_ring_size, NULL, NULL);
    object_class_property_set_description(oc, "dirty-ring-size",
        "An option of KVM, without effect: the module has a bitmap only");
    armkvm_pv_class_init(oc);
    armkvm_emulate_class_init(oc);
    armkvm_counter_class_init(oc);
}

static const TypeInfo armkvm_accel_type = {
    .name = TYPE_ARMKVM_ACCEL,
    .parent = TYPE_ACCEL,
    .instance_size = sizeof(ArmkvmState),
    .instance_init = armkvm_accel_instance_init,
    .instance_finalize = armkvm_accel_instance_finalize,
    .class_init = armkvm_accel_class_init,
};

static void armkvm_accel_register_types(void)
{
    type_register_static(&armkvm_accel_type);
}

type_init(armkvm_accel_register_types);
