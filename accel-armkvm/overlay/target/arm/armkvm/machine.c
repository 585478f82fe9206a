/*
 * armkvm on Arm: which machine types and CPU models can run
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/units.h"
#include "hw/boards.h"
#include "system/armkvm_int.h"
#include "system/blockdev.h"
#include "system/system.h"
#include "armkvm_arm.h"

/* Boards whose SoC brings its CPUs along, whatever -cpu says. */
static const struct {
    const char *board;
    const char *model;
} soc_boards[] = {
    { "mcimx6ul-evk", "cortex-a7" },
    { "mcimx7d-sabre", "cortex-a7" },
    { "raspi2b", "cortex-a7" },
    { "sabrelite", "cortex-a9" },
};

static const char *soc_board_model(MachineClass *mc)
{
    int i;

    for (i = 0; i < ARRAY_SIZE(soc_boards); i++) {
        if (g_str_equal(mc->name, soc_boards[i].board)) {
            return soc_boards[i].model;
        }
    }
    return NULL;
}

static bool model_is_possible(const char *model)
{
    return g_strv_contains(armkvm_arm_models, model);
}

static char *default_model(MachineClass *mc)
{
    const char *type = armkvm_default_cpu_type(mc);

    return type ? cpu_model_from_type(type) : g_strdup(soc_board_model(mc));
}

char *armkvm_arm_model_in_effect(MachineState *ms, bool *requested)
{
    MachineClass *mc = MACHINE_GET_CLASS(ms);
    const char *option = qemu_cpu_option();

    *requested = option && armkvm_default_cpu_type(mc);
    if (*requested) {
        return g_strndup(option, strcspn(option, ","));
    }
    return default_model(mc);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

/* Of the versions of a machine type only the newest is named. */
static char *possible_machines(void)
{
    GSList *classes = object_class_get_list(TYPE_MACHINE, false);
    GSList *names = NULL, *item;
    g_autoptr(GString) list = g_string_new(NULL);

    for (item = classes; item; item = item->next) {
        MachineClass *mc = MACHINE_CLASS(item->data);
        g_autofree char *model = default_model(mc);
        const char *name = mc->alias ?: mc->name;

        if (model && model_is_possible(model) &&
            !g_str_has_prefix(name, "virt-")) {
            names = g_slist_insert_sorted(names, (char *)name, compare_names);
        }
    }
    for (item = names; item; item = item->next) {
        g_string_append_printf(list, "%s%s", list->len ? ", " : "",
                               (const char *)item->data);
    }
    g_slist_free(names);
    g_slist_free(classes);
    return g_strdup(list->str);
}

static bool property_is_on(MachineState *ms, const char *name)
{
    return object_property_get_bool(OBJECT(ms), name, NULL);
}

bool armkvm_arm_check_virt_options(MachineState *ms, Error **errp)
{
    static const char *const options[] = { "secure", "virtualization", "mte" };
    int i;

    if (!object_dynamic_cast(OBJECT(ms), MACHINE_TYPE_NAME("virt"))) {
        return true;
    }
    for (i = 0; i < ARRAY_SIZE(options); i++) {
        if (property_is_on(ms, options[i])) {
            error_setg(errp, "a guest cannot have what '-machine %s=on' asks "
                       "for; use '%s=off'", options[i], options[i]);
            return false;
        }
    }
    return true;
}

bool armkvm_arch_check_machine(MachineState *ms, Error **errp)
{
    MachineClass *mc = MACHINE_GET_CLASS(ms);
    g_autofree char *model = NULL;
    bool requested;

    if (g_str_equal(mc->name, "none")) {
        return true;
    }

    model = armkvm_arm_model_in_effect(ms, &requested);
    if (model && model_is_possible(model)) {
        return armkvm_arm_check_virt_options(ms, errp);
    }

    if (requested) {
        g_autofree char *models = g_strjoinv(", ", (char **)armkvm_arm_models);

        error_setg(errp, "the CPU model '%s' cannot be run; those that can: "
                   "%s", model, models);
    } else {
        g_autofree char *machines = possible_machines();

        error_setg(errp, "the machine type '%s' has a CPU that cannot be run "
                   "(%s); machine types that can: %s", mc->name,
                   model ?: "not ARMv7-A", machines);
    }
    return false;
}

static bool has_flash_image(MachineState *ms)
{
    static const char *const images[] = { "pflash0", "pflash1" };
    int i;

    for (i = 0; i < ARRAY_SIZE(images); i++) {
        g_autofree char *image = object_property_get_str(OBJECT(ms), images[i],
                                                         NULL);

        if ((image && *image) || drive_get(IF_PFLASH, 0, i)) {
            return true;
        }
    }
    return false;
}

bool armkvm_arch_check_direct(MachineState *ms, Error **errp)
{
    MachineClass *mc = MACHINE_GET_CLASS(ms);

    /* No other board asks armkvm_ram_base(). */
    if (!object_dynamic_cast(OBJECT(ms), MACHINE_TYPE_NAME("virt"))) {
        error_setg(errp, "mode=direct does not have the machine type '%s'; use "
                   "'-machine virt', or 'mode=shadow'", mc->name);
        return false;
    }
    /* It knows the board's memory map by heart. */
    if (ms->firmware || has_flash_image(ms)) {
        error_setg(errp, "mode=direct runs no firmware; leave out '-bios' and "
                   "pflash, or use 'mode=shadow'");
        return false;
    }
    return true;
}

bool armkvm_arch_check_window(uint64_t address, uint64_t size, Error **errp)
{
    /* virt has its devices below, and a kernel without LPAE sees no more. */
    if (address >= GiB && address + size <= 4 * GiB) {
        return true;
    }
    error_setg(errp, "the host's RAM for the guest is at 0x%" PRIx64 ", where "
               "the machine type 'virt' has %s; use 'mode=shadow'", address,
               address < GiB ? "its devices" : "more than 32 address bits");
    return false;
}
