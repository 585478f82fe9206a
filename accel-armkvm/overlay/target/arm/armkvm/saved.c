/*
 * armkvm on Arm: a vCPU in a saved VM
 *
 * Its coprocessor registers are saved twice: as TCG would save them, and in a
 * subsection as the module has them, which is more.  armkvm loads the second,
 * TCG the first.  What TCG has saved armkvm loads, too.  A register that the
 * other side lacks is no matter as long as it has its reset value; else the
 * guest would go on without it, and is refused.  So is one that may have read
 * what the module replaces in its code, and written that elsewhere: to TCG
 * these words mean nothing.
 *
 * All of it runs under the BQL, while the vCPU stands still.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "qapi/error.h"
#include "hw/irq.h"
#include "migration/vmstate.h"
#include "migration/qemu-file-types.h"
#include "system/armkvm_int.h"
#include "system/kvm.h"
#include "system/runstate.h"
#include "armkvm_arm.h"
#include "cpregs.h"
#include "internals.h"

/* More than any accelerator saves. */
#define MAX_SAVED_REGS 1024

/* The module's registers of the vCPU that is being loaded, if they came. */
static struct {
    bool exact;             /* the guest's memory has nothing of the module's */
    uint32_t nr;
    uint64_t ids[MAX_SAVED_REGS];
    uint64_t values[MAX_SAVED_REGS];
} incoming;

/* A loaded vCPU, until it runs. */
typedef struct Handover {
    ARMCPU *cpu;
    VMChangeStateEntry *entry;
} Handover;

static const ARMCPRegInfo *reg_of(ARMCPU *cpu, uint64_t id)
{
    return get_arm_cp_reginfo(cpu->cp_regs, kvm_to_cpreg_id(id));
}

static void refuse(ARMCPU *cpu, uint64_t id, uint64_t value)
{
    const ARMCPRegInfo *ri = reg_of(cpu, id);

    error_report("the saved CPU's register %s (0x%016" PRIx64 ") is 0x%" PRIx64
                 ", which this one can't have: load it with the -accel and "
                 "-cpu that saved it", ri ? ri->name : "?", id, value);
}

/* The guest knows one frequency, and its time would go wrong with another. */
static bool counts_as_fast(ARMCPU *cpu, uint64_t hz)
{
    if (!arm_feature(&cpu->env, ARM_FEATURE_GENERIC_TIMER) || !hz ||
        hz == cpu->gt_cntfrq_hz) {
        return true;
    }
    error_report("the saved guest's counter has %" PRIu64 " Hz, and this "
                 "CPU's %" PRIu64 " Hz: load it where they are the same "
                 "(TCG: -cpu NAME,cntfrq=HZ)", hz, cpu->gt_cntfrq_hz);
    return false;
}

/* Swaps QEMU's list for another one, and back. */
typedef struct RegList {
    uint64_t *indexes;
    uint64_t *values;
    int32_t len;
} RegList;

static void swap_list(ARMCPU *cpu, RegList *list)
{
    RegList own = { cpu->cpreg_indexes, cpu->cpreg_values,
                    cpu->cpreg_array_len };

    cpu->cpreg_indexes = list->indexes;
    cpu->cpreg_values = list->values;
    cpu->cpreg_array_len = list->len;
    *list = own;
}

/* The place of @id in the module's list, or NULL. */
static uint64_t *own_value(ARMCPU *cpu, uint64_t id)
{
    uint64_t *place = bsearch(&id, cpu->cpreg_indexes, cpu->cpreg_array_len,
                              sizeof(id), armkvm_arm_compare_ids);

    return place ? &cpu->cpreg_values[place - cpu->cpreg_indexes] : NULL;
}

/* -- saving --------------------------------------------------------------- */

/*
 * What TCG migrates, in its order, but for constants: the module's CPU may
 * have less than QEMU's model.
 */
static void save_as_tcg(ARMCPU *cpu)
{
    RegList list = {
        .indexes = cpu->cpreg_vmstate_indexes,
        .values = cpu->cpreg_vmstate_values,
    };
    GHashTableIter iter;
    gpointer key, reg;

    g_hash_table_iter_init(&iter, cpu->cp_regs);
    while (g_hash_table_iter_next(&iter, &key, &reg)) {
        const ARMCPRegInfo *ri = reg;

        if (!(ri->type & (ARM_CP_NO_RAW | ARM_CP_ALIAS | ARM_CP_CONST))) {
            g_assert(list.len < MAX_SAVED_REGS);
            list.indexes[list.len++] = cpreg_to_kvm_id((uintptr_t)key);
        }
    }
    qsort(list.indexes, list.len, sizeof(uint64_t), armkvm_arm_compare_ids);
    cpu->cpreg_vmstate_array_len = list.len;
    swap_list(cpu, &list);
    write_cpustate_to_list(cpu, false);
    swap_list(cpu, &list);
}

static void make_room(ARMCPU *cpu)
{
    cpu->cpreg_vmstate_indexes = g_renew(uint64_t, cpu->cpreg_vmstate_indexes,
                                         MAX_SAVED_REGS);
    cpu->cpreg_vmstate_values = g_renew(uint64_t, cpu->cpreg_vmstate_values,
                                        MAX_SAVED_REGS);
    cpu->cpreg_vmstate_array_len = MAX_SAVED_REGS;
}

void armkvm_arm_cpu_pre_save(ARMCPU *cpu)
{
    AccelCPUState *accel = CPU(cpu)->accel;
    uint64_t *count = own_value(cpu, ARMKVM_REG_ARM_TIMER_CNT);

    /* What the module has is in the list; QEMU's constants may differ */
    write_cpustate_to_list(cpu, true);
    if (count && accel->time_saved) {
        *count = accel->vtime;      /* the module's has gone on since */
    }
    make_room(cpu);
    save_as_tcg(cpu);
}

/* A guest has come here whose memory may have words of the module's. */
static bool came_inexact;

/* Has the module been loaded such that guests read their code as it is? */
static bool copies_are_exact(void)
{
    g_autofree char *value = NULL;

    return !came_inexact &&
           g_file_get_contents("/sys/module/armkvm/parameters/exact_copies",
                               &value, NULL, NULL) && value[0] == 'Y';
}

static int put_module_regs(QEMUFile *f, void *opaque, size_t size,
                           const VMStateField *field, JSONWriter *vmdesc)
{
    ARMCPU *cpu = opaque;
    int i;

    qemu_put_byte(f, copies_are_exact());
    qemu_put_be32(f, cpu->cpreg_array_len);
    for (i = 0; i < cpu->cpreg_array_len; i++) {
        qemu_put_be64(f, cpu->cpreg_indexes[i]);
        qemu_put_be64(f, cpu->cpreg_values[i]);
    }
    return 0;
}

/* -- loading -------------------------------------------------------------- */

static int get_module_regs(QEMUFile *f, void *opaque, size_t size,
                           const VMStateField *field)
{
    uint32_t i, nr;

    incoming.exact = qemu_get_byte(f);
    nr = qemu_get_be32(f);
    if (!nr || nr > MAX_SAVED_REGS) {
        error_report("the saved CPU has %u registers", nr);
        return -EINVAL;
    }
    for (i = 0; i < nr; i++) {
        incoming.ids[i] = qemu_get_be64(f);
        incoming.values[i] = qemu_get_be64(f);
    }
    incoming.nr = nr;
    return 0;
}

static const VMStateInfo module_regs_info = {
    .name = "armkvm registers",
    .get = get_module_regs,
    .put = put_module_regs,
};

static bool module_regs_needed(void *opaque)
{
    return armkvm_enabled();
}

const VMStateDescription vmstate_armkvm_regs = {
    .name = "cpu/armkvm",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = module_regs_needed,
    .fields = (const VMStateField[]) {
        {
            .name = "registers",
            .info = &module_regs_info,
            .flags = VMS_SINGLE,
        },
        VMSTATE_END_OF_LIST()
    },
};

static bool count_is_ahead(void *opaque)
{
    ARMCPU *cpu = opaque;

    return !armkvm_enabled() && !kvm_enabled() &&
           !arm_feature(&cpu->env, ARM_FEATURE_EL2) &&
           cpu->env.cp15.cntvoff_el2;
}

/* TCG has no register for it without EL2: a guest that came from armkvm. */
const VMStateDescription vmstate_armkvm_count = {
    .name = "cpu/armkvm-count",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = count_is_ahead,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(env.cp15.cntvoff_el2, ARMCPU),
        VMSTATE_END_OF_LIST()
    },
};

void armkvm_arm_cpu_pre_load(ARMCPU *cpu)
{
    incoming.nr = 0;
    if (armkvm_enabled()) {
        cpu->env.cp15.cntvoff_el2 = 0;
        make_room(cpu);
    } else if (!kvm_enabled()) {
        /* What doesn't come keeps its value, which the list must have then. */
        write_cpustate_to_list(cpu, false);
        cpu->cpreg_vmstate_array_len = cpu->cpreg_array_len;
        if (!arm_feature(&cpu->env, ARM_FEATURE_EL2)) {
            cpu->env.cp15.cntvoff_el2 = 0;
        }
    }
}

/*
 * QEMU's interrupt controller, which has come by now, looks at its lines only
 * when one changes; and with TCG QEMU's timers have to be set.
 */
static void first_run(void *opaque, bool running, RunState state)
{
    Handover *h = opaque;
    int i;

    if (!running) {
        return;
    }
    for (i = 0; i < ARRAY_SIZE(h->cpu->gt_timer_outputs); i++) {
        qemu_irq_raise(h->cpu->gt_timer_outputs[i]);
        qemu_irq_lower(h->cpu->gt_timer_outputs[i]);
    }
    if (!armkvm_enabled()) {
        arm_gt_ptimer_cb(h->cpu);
        arm_gt_vtimer_cb(h->cpu);
    }
    qemu_del_vm_change_state_handler(h->entry);
    g_free(h);
}

static void at_first_run(ARMCPU *cpu)
{
    Handover *h = g_new0(Handover, 1);

    h->cpu = cpu;
    h->entry = qemu_add_vm_change_state_handler(first_run, h);
}

/* The module's registers, saved by it. */
static bool load_own(ARMCPU *cpu)
{
    Error *err = NULL;
    uint32_t i;

    came_inexact |= !incoming.exact;
    for (i = 0; i < incoming.nr; i++) {
        uint64_t *value = own_value(cpu, incoming.ids[i]);

        if (!value) {
            refuse(cpu, incoming.ids[i], incoming.values[i]);
            return false;
        }
        if (incoming.ids[i] == ARMKVM_ARM_CNTFRQ_ID &&
            !counts_as_fast(cpu, incoming.values[i])) {
            return false;
        }
        *value = incoming.values[i];
        if (incoming.ids[i] == ARMKVM_REG_ARM_PV_FEATURES &&
            !armkvm_accept_saved_pv(armkvm_state, *value, &err)) {
            error_reportf_err(err, "armkvm: ");
            return false;
        }
    }
    /* As with KVM: QEMU need not know every register */
    write_list_to_cpustate(cpu);
    return true;
}

/*
 * Debug logic and performance monitors: the guest finds its new CPU's.  TCG
 * saves some of them by their AArch64 encoding, in 32-bit CPUs too; of cp14
 * ThumbEE (opc1 6) is none of these.
 */
static bool is_left_behind(const ARMCPRegInfo *ri)
{
    if (ri->state == ARM_CP_STATE_AA64 ? ri->opc0 == 2
                                       : ri->cp == 14 && ri->opc1 == 0) {
        return true;
    }
    return (ri->crn == 9 && ri->crm >= 12) || (ri->crn == 14 && ri->crm >= 8);
}

/*
 * The features that the guest has found in the identification registers must be
 * this CPU's: on arm64 hosts a Cortex-A15 has no ThumbEE, say, whose registers
 * a kernel switches with each task once it knows of them.  ID_DFR0 (c1, 2) is
 * that of the debug logic: is_left_behind().
 */
static bool has_features(ARMCPU *cpu, const ARMCPRegInfo *ri, uint64_t value)
{
    int i;

    if (ri->state == ARM_CP_STATE_AA64 || ri->cp != 15 || ri->crn ||
        ri->opc1 || ri->crm < 1 || ri->crm > 2 ||
        (ri->crm == 1 && ri->opc2 == 2)) {
        return true;
    }
    for (i = 0; i < cpu->cpreg_array_len; i++) {
        if (reg_of(cpu, cpu->cpreg_indexes[i]) == ri) {
            return cpu->cpreg_values[i] == value;
        }
    }
    return true;
}

static bool module_has(ARMCPU *cpu, const ARMCPRegInfo *ri)
{
    int i;

    for (i = 0; i < cpu->cpreg_array_len; i++) {
        const ARMCPRegInfo *own = reg_of(cpu, cpu->cpreg_indexes[i]);

        if (own && (own == ri || (ri->fieldoffset &&
                                  own->fieldoffset == ri->fieldoffset))) {
            return true;
        }
    }
    return false;
}

/* Returns: false if the register can't have this value. */
static bool write_one(ARMCPU *cpu, uint64_t id, uint64_t value)
{
    RegList one = { &id, &value, 1 };
    bool ok;

    swap_list(cpu, &one);
    ok = write_list_to_cpustate(cpu);
    swap_list(cpu, &one);
    return ok;
}

/* One register as TCG saved it to QEMU's state. */
static bool load_tcg_reg(ARMCPU *cpu, uint64_t id, uint64_t value)
{
    const ARMCPRegInfo *ri = reg_of(cpu, id);

    if (!ri || (ri->type & ARM_CP_NO_RAW)) {
        return false;
    }
    if (ri->type & ARM_CP_CONST) {
        return has_features(cpu, ri, value);
    }
    if (is_left_behind(ri)) {
        return true;
    }
    if (!module_has(cpu, ri)) {
        return read_raw_cp_reg(&cpu->env, ri) == value;
    }
    return write_one(cpu, id, value);
}

static bool load_tcg(ARMCPU *cpu)
{
    uint64_t *count = own_value(cpu, ARMKVM_REG_ARM_TIMER_CNT);
    int i;

    for (i = 0; i < cpu->cpreg_vmstate_array_len; i++) {
        uint64_t id = cpu->cpreg_vmstate_indexes[i];
        uint64_t value = cpu->cpreg_vmstate_values[i];

        if (!load_tcg_reg(cpu, id, value)) {
            refuse(cpu, id, value);
            return false;
        }
    }
    if (!counts_as_fast(cpu, cpu->env.cp15.c14_cntfrq)) {
        return false;
    }
    write_cpustate_to_list(cpu, true);
    if (count) {
        *count = gt_get_countervalue(&cpu->env) - cpu->env.cp15.cntvoff_el2;
    }
    cpu->env.cp15.cntvoff_el2 = 0;
    /* In WFI there it looks again here, and waits in the module. */
    CPU(cpu)->halted = 0;
    return true;
}

bool armkvm_arm_cpu_post_load(ARMCPU *cpu)
{
    AccelCPUState *accel = CPU(cpu)->accel;
    uint64_t *count = own_value(cpu, ARMKVM_REG_ARM_TIMER_CNT);

    if (!armkvm_accept_saved_window(CPU(cpu)) ||
        !(incoming.nr ? load_own(cpu) : load_tcg(cpu))) {
        return false;
    }
    /* TCG's timers were set; the module has its own. */
    timer_del(cpu->gt_timer[GTIMER_PHYS]);
    timer_del(cpu->gt_timer[GTIMER_VIRT]);
    if (!armkvm_irqchip_in_kernel()) {
        cpu->device_irq_level = 0;
        at_first_run(cpu);
    }
    /* It goes on when the VM does, and not from where this VM has stopped. */
    if (count) {
        accel->vtime = *count;
        accel->time_saved = true;
    }
    return true;
}

/* Can TCG do without the module's register? */
static bool tcg_lacks_nothing(ARMCPU *cpu, uint64_t id, uint64_t value)
{
    switch (id) {
    case ARMKVM_REG_ARM_PSCI_VERSION:
    case ARMKVM_REG_ARM_TIMER_CNT:
        return true;
    case ARMKVM_REG_ARM_PV_STEAL_TIME:
    case ARMKVM_REG_ARM_PV_VCPU_PAGE:
    case ARMKVM_REG_ARM_PV_PRIV_TABLE:
        return value == UINT64_MAX;
    }
    return reg_of(cpu, id) || armkvm_arm_is_module_reg(id) || !value;
}

bool armkvm_arm_cpu_post_load_tcg(ARMCPU *cpu)
{
    CPUARMState *env = &cpu->env;
    uint32_t i;

    if (incoming.nr && !incoming.exact) {
        error_report("the saved guest may have copied instructions that "
                     "armkvm had replaced in its code: only one that ran with "
                     "'modprobe armkvm exact_copies=1' (arm64 hosts) can go on "
                     "with another accelerator");
        return false;
    }
    if (incoming.nr && (arm_feature(env, ARM_FEATURE_EL2) ||
                        arm_feature(env, ARM_FEATURE_EL3))) {
        error_report("the saved guest's CPU had neither the Virtualization nor "
                     "the Security Extensions: it needs -M NAME,secure=off,"
                     "virtualization=off");
        return false;
    }
    for (i = 0; i < incoming.nr; i++) {
        uint64_t id = incoming.ids[i], value = incoming.values[i];

        if (id == ARMKVM_ARM_CNTFRQ_ID && !counts_as_fast(cpu, value)) {
            return false;
        }
        if (id == ARMKVM_REG_ARM_PV_FEATURES && value) {
            error_report("the saved guest was offered armkvm's calls, which "
                         "it may use: only one that was started with '-accel "
                         "armkvm,pv=off' can go on with another accelerator");
            return false;
        }
        if (!tcg_lacks_nothing(cpu, id, value)) {
            refuse(cpu, id, value);
            return false;
        }
        if (id == ARMKVM_REG_ARM_TIMER_CNT) {
            env->cp15.cntvoff_el2 = gt_get_countervalue(env) - value;
        }
    }
    for (i = 0; incoming.nr && i < cpu->cpreg_array_len; i++) {
        if (!write_one(cpu, cpu->cpreg_indexes[i], cpu->cpreg_values[i])) {
            refuse(cpu, cpu->cpreg_indexes[i], cpu->cpreg_values[i]);
            return false;
        }
    }
    if (incoming.nr) {
        /* A vCPU of the module's that is off doesn't sleep here. */
        CPU(cpu)->halted = cpu->power_state == PSCI_OFF;
        at_first_run(cpu);
    }
    return true;
}
