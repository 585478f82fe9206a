/*
 * armkvm accelerator: the calls that the guest may make (pv=, pv-*=)
 *
 * Each feature is on where the module offers it, unless it is switched off;
 * one that is asked for by name and not on offer is an error.  With pv=off the
 * guest finds nothing of armkvm, neither in the device tree nor by call.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/bitops.h"
#include "system/armkvm_int.h"
#include "system/device_tree.h"
#include "trace.h"

#include <libfdt.h>
#include <linux/armkvm_para.h>

QEMU_BUILD_BUG_ON(ARMKVM_PV_TIMER >= ARMKVM_NR_PV);

static const struct {
    const char *name;
    const char *description;
} features[ARMKVM_NR_PV] = {
    [ARMKVM_PV_MMIO] = { "pv-mmio", "Device access by call" },
    [ARMKVM_PV_MMIO_STRING] = { "pv-mmio-string",
        "String access to a device's register by call" },
    [ARMKVM_PV_IDLE] = { "pv-idle", "Leaving the CPU by call" },
    [ARMKVM_PV_PANIC] = { "pv-panic", "Telling of the guest's panic by call" },
    [ARMKVM_PV_POWER] = { "pv-power", "Reset and power-off by call" },
    [ARMKVM_PV_VCPU_PAGE] = { "pv-vcpu-page",
        "Interrupt masks and PSRs in a page shared with the module" },
    [ARMKVM_PV_PT_UPDATE] = { "pv-pt-update", "Page-table updates by call" },
    [ARMKVM_PV_TLB_FLUSH] = { "pv-tlb-flush", "TLB maintenance by call" },
    [ARMKVM_PV_EOI] = { "pv-eoi", "End of interrupt by a store" },
    [ARMKVM_PV_STEAL_TIME] = { "pv-steal-time",
        "What the host has kept the guest waiting" },
    [ARMKVM_PV_PRIV] = { "pv-priv",
        "Running the guest's kernel privileged by call" },
    [ARMKVM_PV_TIMER] = { "pv-timer", "The virtual timer by call" },
};

bool armkvm_check_direct_pv(ArmkvmState *s, Error **errp)
{
    static const int needed[] = {
        ARMKVM_PV_PRIV, ARMKVM_PV_MMIO, ARMKVM_PV_TIMER
    };
    int i;

    for (i = 0; i < ARRAY_SIZE(needed); i++) {
        if (!s->pv || s->pv_feature[needed[i]] == ON_OFF_AUTO_OFF) {
            error_setg(errp, "mode=direct needs 'pv-priv', the call by which "
                       "the guest's kernel becomes privileged, and 'pv-mmio' "
                       "and 'pv-timer', by which it reaches devices and time; "
                       "leave out '%s=off', or use 'mode=shadow'",
                       s->pv ? features[needed[i]].name : "pv");
            return false;
        }
    }
    return true;
}

bool armkvm_choose_pv(ArmkvmState *s, Error **errp)
{
    bool direct = s->mode == ARMKVM_MODE_DIRECT;
    uint32_t offered = armkvm_check_extension(s, direct ? ARMKVM_CAP_PV_DIRECT
                                                        : ARMKVM_CAP_PV);
    int i;

    if (direct && !(offered & BIT(ARMKVM_PV_PRIV))) {
        error_setg(errp, "the module armkvm does not offer 'pv-priv', which "
                   "mode=direct needs; install QEMU and module from one "
                   "release, or use 'mode=shadow'");
        return false;
    }

    s->pv_features = 0;
    for (i = 0; s->pv && i < ARMKVM_NR_PV; i++) {
        if (!features[i].name || s->pv_feature[i] == ON_OFF_AUTO_OFF) {
            continue;
        }
        if (offered & BIT(i)) {
            s->pv_features |= BIT(i);
        } else if (s->pv_feature[i] == ON_OFF_AUTO_ON) {
            error_setg(errp, "the module armkvm does not offer '%s'; leave out "
                       "'%s=on', or install a newer module",
                       features[i].name, features[i].name);
            return false;
        }
    }
    /* What needs another feature goes with it. */
    if (!(s->pv_features & BIT(ARMKVM_PV_VCPU_PAGE))) {
        if (s->pv && s->pv_feature[ARMKVM_PV_EOI] == ON_OFF_AUTO_ON) {
            error_setg(errp, "'pv-eoi=on' needs 'pv-vcpu-page=on'");
            return false;
        }
        s->pv_features &= ~BIT(ARMKVM_PV_EOI);
    }
    armkvm_pv_allowed = s->pv_features;
    return true;
}

bool armkvm_enable_pv(ArmkvmState *s, Error **errp)
{
    int ret = s->pv_features ? armkvm_enable_cap(s, ARMKVM_CAP_PV,
                                                 s->pv_features)
                             : 0;

    trace_armkvm_pv(s->pv_features, ret);
    if (ret < 0) {
        error_setg(errp, "the module armkvm does not take the guest's calls "
                   "0x%x: %s; use 'pv=off'", s->pv_features, strerror(-ret));
    }
    return ret >= 0;
}

static void name_features(GString *list, uint64_t mask)
{
    int i;

    for (i = 0; i < 64; i++) {
        if (!(mask & BIT_ULL(i))) {
            continue;
        }
        g_string_append(list, list->len ? ", " : "");
        if (i < ARMKVM_NR_PV && features[i].name) {
            g_string_append(list, features[i].name);
        } else {
            g_string_append_printf(list, "number %d", i);
        }
    }
}

bool armkvm_accept_saved_pv(ArmkvmState *s, uint64_t saved, Error **errp)
{
    g_autoptr(GString) names = g_string_new(NULL);
    uint64_t missing = saved & ~(uint64_t)s->pv_features;
    int ret;

    if (missing) {
        name_features(names, missing);
        error_setg(errp, "the saved guest may make calls that this VM does not "
                   "have: %s; leave out the 'pv' options that switch them off, "
                   "or load a module that offers them", names->str);
        return false;
    }
    if (saved == s->pv_features) {
        return true;
    }
    ret = armkvm_enable_cap(s, ARMKVM_CAP_PV, saved);
    trace_armkvm_pv(saved, ret);
    if (ret < 0) {
        name_features(names, s->pv_features & ~saved);
        error_setg(errp, "the saved guest was not given all calls that this "
                   "VM's running guest has, and has more since: %s; load it "
                   "into a new QEMU (-incoming, -loadvm): %s", names->str,
                   strerror(-ret));
        return false;
    }
    s->pv_features = saved;
    return true;
}

void armkvm_add_fdt_node(void *fdt)
{
    /* One that the board's or the user's file has may tell of other calls. */
    if (fdt_path_offset(fdt, "/hypervisor") >= 0) {
        qemu_fdt_nop_node(fdt, "/hypervisor");
    }
    qemu_fdt_add_subnode(fdt, "/hypervisor");
    qemu_fdt_setprop_string(fdt, "/hypervisor", "compatible",
                            ARMKVM_PARA_DT_COMPATIBLE);
    qemu_fdt_setprop_string(fdt, "/hypervisor", "method", "hvc");
}

static bool get_pv(Object *obj, Error **errp)
{
    return ARMKVM_ACCEL(obj)->pv;
}

static void set_pv(Object *obj, bool value, Error **errp)
{
    ARMKVM_ACCEL(obj)->pv = value;
}

static void get_feature(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    ArmkvmState *s = ARMKVM_ACCEL(obj);
    int i = GPOINTER_TO_INT(opaque);
    bool value = s->pv && s->pv_feature[i] != ON_OFF_AUTO_OFF;

    visit_type_bool(v, name, &value, errp);
}

static void set_feature(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    bool value;

    if (visit_type_bool(v, name, &value, errp)) {
        ARMKVM_ACCEL(obj)->pv_feature[GPOINTER_TO_INT(opaque)] =
            value ? ON_OFF_AUTO_ON : ON_OFF_AUTO_OFF;
    }
}

void armkvm_pv_instance_init(ArmkvmState *s)
{
    int i;

    s->pv = true;
    for (i = 0; i < ARMKVM_NR_PV; i++) {
        s->pv_feature[i] = ON_OFF_AUTO_AUTO;
    }
}

void armkvm_pv_class_init(ObjectClass *oc)
{
    int i;

    object_class_property_add_bool(oc, "pv", get_pv, set_pv);
    object_class_property_set_description(oc, "pv",
        "Whether the guest is told of armkvm and may call it");
    for (i = 0; i < ARMKVM_NR_PV; i++) {
        object_class_property_add(oc, features[i].name, "bool", get_feature,
                                  set_feature, NULL, GINT_TO_POINTER(i));
        object_class_property_set_description(oc, features[i].name,
                                              features[i].description);
    }
}
