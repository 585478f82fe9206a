/*
 * The option host-counter: whether a guest's count begins as the host's
 *
 * Where it is, guests read it without a trap, until it is set to another value:
 * after `cont`, and for a guest that was loaded (target/arm/armkvm/vcpu.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "system/armkvm_int.h"

bool armkvm_choose_counter(ArmkvmState *s, Error **errp)
{
    bool direct = s->mode == ARMKVM_MODE_DIRECT;
    int ret;

    if (s->host_counter == ON_OFF_AUTO_OFF && direct) {
        error_setg(errp, "with mode=direct the guest's counter is the host's; "
                   "leave out 'host-counter=off', or use 'mode=shadow'");
        return false;
    }
    /* There it is from the beginning. */
    if (s->host_counter == ON_OFF_AUTO_OFF || direct) {
        return true;
    }
    if (armkvm_check_extension(s, ARMKVM_CAP_COUNTER_OFFSET) <= 0) {
        if (s->host_counter == ON_OFF_AUTO_AUTO) {
            return true;
        }
        error_setg(errp, "the module armkvm lacks the capability "
                   "ARMKVM_CAP_COUNTER_OFFSET; leave out 'host-counter=on', "
                   "or install the module of this QEMU's version");
        return false;
    }
    ret = armkvm_enable_cap(s, ARMKVM_CAP_COUNTER_OFFSET, 0);
    if (ret < 0) {
        error_setg(errp, "the module armkvm does not give the guest the "
                   "host's counter: %s; 'host-counter=off' goes without",
                   strerror(-ret));
        return false;
    }
    return true;
}

static bool get_host_counter(Object *obj, Error **errp)
{
    return ARMKVM_ACCEL(obj)->host_counter != ON_OFF_AUTO_OFF;
}

static void set_host_counter(Object *obj, bool value, Error **errp)
{
    ARMKVM_ACCEL(obj)->host_counter = value ? ON_OFF_AUTO_ON : ON_OFF_AUTO_OFF;
}

void armkvm_counter_instance_init(ArmkvmState *s)
{
    s->host_counter = ON_OFF_AUTO_AUTO;
}

void armkvm_counter_class_init(ObjectClass *oc)
{
    object_class_property_add_bool(oc, "host-counter", get_host_counter,
                                   set_host_counter);
    object_class_property_set_description(oc, "host-counter",
        "Whether the guest's counter begins as the host's, to be read without "
        "a trap");
}
