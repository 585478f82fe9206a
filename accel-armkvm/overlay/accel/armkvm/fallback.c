/*
 * Accelerators that did not start, and the ones that take over
 *
 * One line for each, which names the reason and what runs instead: for armkvm
 * and, where both are compiled in, for KVM beside it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/config-file.h"
#include "qemu/error-report.h"
#include "qemu/option.h"
#include "system/armkvm_int.h"

typedef struct NextAccel {
    const char *accel;      /* the one that failed */
    unsigned int skip;      /* entries of it that have had their turn */
    bool found;
    const char *name;       /* the accelerator after it, or NULL */
} NextAccel;

static int find_next_accel(void *opaque, QemuOpts *opts, Error **errp)
{
    NextAccel *next = opaque;
    const char *name = qemu_opt_get(opts, "accel");

    if (!name) {
        return 0;
    }
    if (next->found) {
        next->name = name;
        return 1;
    }
    if (g_str_equal(name, next->accel) && next->skip-- == 0) {
        next->found = true;
    }
    return 0;
}

/* Why KVM gave way to its stand-in, which is news only if that fails too. */
static char *why_not_kvm;

int armkvm_init_failed(const char *accel, unsigned int *attempts,
                       bool fallback, Error *err)
{
    const char *shown = g_str_equal(accel, "kvm") ? "KVM" : accel;
    NextAccel next = { .accel = accel, .skip = (*attempts)++ };
    Error *both = NULL;

    qemu_opts_foreach(qemu_find_opts("accel"), find_next_accel, &next, NULL);

    if (armkvm_in_kvm_name() && g_str_equal(accel, "kvm")) {
        g_free(why_not_kvm);
        why_not_kvm = g_strdup(error_get_pretty(err));
        error_free(err);
        return -ECANCELED;
    }
    if (why_not_kvm) {
        error_setg(&both, "%s; KVM cannot either: %s", error_get_pretty(err),
                   why_not_kvm);
        error_free(err);
        err = both;
    }
    if (!next.name) {
        error_reportf_err(err, "%s cannot start: ", shown);
        return -ENODEV;
    }
    if (!fallback) {
        error_report("%s cannot start: %s (fallback=off keeps '-accel %s' "
                     "from taking over)", shown, error_get_pretty(err),
                     next.name);
        exit(1);
    }
    error_report("%s cannot start: %s; falling back to %s", shown,
                 error_get_pretty(err), next.name);
    error_free(err);
    return -ECANCELED;
}
