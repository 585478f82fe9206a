/*
 * armkvm accelerator: the module's statistics for query-stats and "info stats"
 *
 * The module describes its figures itself (KVM's binary layout): names, kinds
 * and units are read with the values, so a newer module's figures appear
 * without a change here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-types-stats.h"
#include "system/armkvm_int.h"
#include "system/stats.h"

/* More than any module has; keeps a broken one from taking all memory. */
#define MAX_FIGURES     4096
#define MAX_NAME_SIZE   256

/* What a statistics descriptor holds; g_free() desc. */
typedef struct Figures {
    int fd;
    struct armkvm_stats_header header;
    char *desc;             /* header.num_desc of them */
    size_t stride;
} Figures;

static bool read_at(int fd, void *buf, size_t size, off_t offset, Error **errp)
{
    ssize_t n = RETRY_ON_EINTR(pread(fd, buf, size, offset));

    if (n == size) {
        return true;
    }
    if (n < 0) {
        error_setg_errno(errp, errno, "armkvm: cannot read the statistics");
    } else {
        error_setg(errp, "armkvm: the statistics end early");
    }
    return false;
}

static struct armkvm_stats_desc *nth(const Figures *f, unsigned int i)
{
    return (struct armkvm_stats_desc *)(f->desc + i * f->stride);
}

static void figures_close(Figures *f)
{
    close(f->fd);
    g_free(f->desc);
}

/* Opens the statistics of @fd, a VM or a vCPU; figures_close() them. */
static bool figures_open(Figures *f, int fd, Error **errp)
{
    struct armkvm_stats_header *h = &f->header;
    unsigned int i;

    f->desc = NULL;
    f->fd = armkvm_ioctl_value(fd, ARMKVM_GET_STATS_FD, 0);
    if (f->fd < 0) {
        error_setg_errno(errp, -f->fd, "armkvm: no statistics");
        return false;
    }
    if (!read_at(f->fd, h, sizeof(*h), 0, errp)) {
        goto fail;
    }
    if (h->num_desc > MAX_FIGURES || !h->name_size ||
        h->name_size > MAX_NAME_SIZE) {
        error_setg(errp, "armkvm: statistics in a format that this QEMU "
                   "doesn't know");
        goto fail;
    }
    f->stride = sizeof(struct armkvm_stats_desc) + h->name_size;
    f->desc = g_malloc(f->stride * h->num_desc);
    if (!read_at(f->fd, f->desc, f->stride * h->num_desc, h->desc_offset,
                 errp)) {
        goto fail;
    }
    for (i = 0; i < h->num_desc; i++) {
        nth(f, i)->name[h->name_size - 1] = '\0';
    }
    return true;

fail:
    figures_close(f);
    return false;
}

/* Kinds that this QEMU has no word for are left out. */
static bool type_of(const struct armkvm_stats_desc *desc, StatsType *type)
{
    switch (desc->flags & ARMKVM_STATS_TYPE_MASK) {
    case ARMKVM_STATS_TYPE_CUMULATIVE:
        *type = STATS_TYPE_CUMULATIVE;
        break;
    case ARMKVM_STATS_TYPE_INSTANT:
        *type = STATS_TYPE_INSTANT;
        break;
    case ARMKVM_STATS_TYPE_PEAK:
        *type = STATS_TYPE_PEAK;
        break;
    default:
        return false;
    }
    return desc->size == 1;
}

static StatsList *figure_values(const Figures *f, strList *names, Error **errp)
{
    StatsList *list = NULL, **tail = &list;
    unsigned int i;

    for (i = 0; i < f->header.num_desc; i++) {
        const struct armkvm_stats_desc *desc = nth(f, i);
        StatsType type;
        uint64_t value;
        Stats *stats;

        if (!type_of(desc, &type) ||
            !apply_str_list_filter(desc->name, names)) {
            continue;
        }
        if (!read_at(f->fd, &value, sizeof(value),
                     f->header.data_offset + desc->offset, errp)) {
            qapi_free_StatsList(list);
            return NULL;
        }
        stats = g_new0(Stats, 1);
        stats->name = g_strdup(desc->name);
        stats->value = g_new0(StatsValue, 1);
        stats->value->type = QTYPE_QNUM;
        stats->value->u.scalar = value;
        QAPI_LIST_APPEND(tail, stats);
    }
    return list;
}

static StatsSchemaValueList *figure_schema(const Figures *f)
{
    StatsSchemaValueList *list = NULL, **tail = &list;
    unsigned int i;

    for (i = 0; i < f->header.num_desc; i++) {
        const struct armkvm_stats_desc *desc = nth(f, i);
        StatsSchemaValue *schema;
        StatsType type;

        if (!type_of(desc, &type)) {
            continue;
        }
        schema = g_new0(StatsSchemaValue, 1);
        schema->name = g_strdup(desc->name);
        schema->type = type;
        if ((desc->flags & ARMKVM_STATS_UNIT_MASK) ==
            ARMKVM_STATS_UNIT_BYTES) {
            schema->has_unit = true;
            schema->unit = STATS_UNIT_BYTES;
        }
        QAPI_LIST_APPEND(tail, schema);
    }
    return list;
}

/* One result for the VM or vCPU @fd; nothing when no name matches. */
static bool query(StatsResultList **result, int fd, const char *path,
                  strList *names, Error **errp)
{
    ERRP_GUARD();
    StatsList *list;
    Figures f;

    if (!figures_open(&f, fd, errp)) {
        return false;
    }
    list = figure_values(&f, names, errp);
    figures_close(&f);
    if (list) {
        add_stats_entry(result, STATS_PROVIDER_ARMKVM, path, list);
    }
    return !*errp;
}

static void query_stats(StatsResultList **result, StatsTarget target,
                        strList *names, strList *targets, Error **errp)
{
    CPUState *cpu;

    switch (target) {
    case STATS_TARGET_VM:
        query(result, armkvm_state->vmfd, NULL, names, errp);
        break;
    case STATS_TARGET_VCPU:
        CPU_FOREACH(cpu) {
            const char *path = cpu->parent_obj.canonical_path;

            if (cpu->accel && apply_str_list_filter(path, targets) &&
                !query(result, cpu->accel->fd, path, names, errp)) {
                return;
            }
        }
        break;
    default:
        break;
    }
}

static bool query_schema(StatsSchemaList **result, StatsTarget target, int fd,
                         Error **errp)
{
    Figures f;

    if (!figures_open(&f, fd, errp)) {
        return false;
    }
    add_stats_schema(result, STATS_PROVIDER_ARMKVM, target,
                     figure_schema(&f));
    figures_close(&f);
    return true;
}

static void query_stats_schemas(StatsSchemaList **result, Error **errp)
{
    if (query_schema(result, STATS_TARGET_VM, armkvm_state->vmfd, errp) &&
        first_cpu && first_cpu->accel) {
        query_schema(result, STATS_TARGET_VCPU, first_cpu->accel->fd, errp);
    }
}

void armkvm_stats_init(ArmkvmState *s)
{
    if (armkvm_check_extension(s, ARMKVM_CAP_BINARY_STATS_FD)) {
        add_stats_callbacks(STATS_PROVIDER_ARMKVM, query_stats,
                            query_stats_schemas);
    }
}
