/*
 * armkvm under KVM's name, for programs that know no accelerator but KVM
 *
 * libvirt asks an emulator whether it has KVM, and starts what it says with
 * "-accel kvm".  A QEMU whose program's name ends in "-kvm" answers for armkvm
 * where it would run, and takes "-accel kvm" as KVM where that can run the
 * guest, else armkvm, else nothing: TCG is used only if it is asked for by its
 * own name.  Under any other name KVM is KVM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/accel.h"
#include "qemu/option.h"
#include "qemu/option_int.h"
#include "system/armkvm.h"

bool armkvm_in_kvm_name(void)
{
    return g_str_has_suffix(program_invocation_short_name, "-kvm");
}

bool armkvm_accel_exists(const char *name)
{
    return accel_find(name) || (armkvm_in_kvm_name() &&
                                g_str_equal(name, "kvm"));
}

static int copy_option(void *opaque, const char *name, const char *value,
                       Error **errp)
{
    QemuOpts *to = opaque;

    /* The device= of KVM is a node of KVM's. */
    if (!g_str_equal(name, "accel") && !g_str_equal(name, "device")) {
        qemu_opt_set(to, name, value, &error_abort);
    }
    return 0;
}

/* "-accel armkvm" with the options of @kvm, behind it or in its place. */
static void add_stand_in(QemuOptsList *list, QemuOpts *kvm)
{
    QemuOpts *opts = qemu_opts_create(list, NULL, 0, &error_abort);

    qemu_opt_set(opts, "accel", "armkvm", &error_abort);
    qemu_opt_foreach(kvm, copy_option, opts, &error_abort);

    /* It was made the last one. */
    QTAILQ_REMOVE(&list->head, opts, next);
    QTAILQ_INSERT_AFTER(&list->head, kvm, opts, next);
    if (!accel_find("kvm")) {
        qemu_opts_del(kvm);
    }
}

void armkvm_add_stand_ins(QemuOptsList *list)
{
    QemuOpts *opts, *next;

    if (!armkvm_in_kvm_name()) {
        return;
    }
    QTAILQ_FOREACH_SAFE(opts, &list->head, next, next) {
        if (g_strcmp0(qemu_opt_get(opts, "accel"), "kvm") == 0) {
            add_stand_in(list, opts);
        }
    }
}
