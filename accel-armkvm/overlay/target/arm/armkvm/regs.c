/*
 * armkvm on Arm: a vCPU's registers, from and to the module
 *
 * Core and VFP registers are in core-regs.c.  Coprocessor registers go
 * through QEMU's cpreg list, which has KVM's ids as the module has; registers
 * that only the module knows are carried along in that list unseen.
 *
 * All go in one call.  An emulated slice (emulate.c) begins and ends with
 * them, and its guest waits: QEMU's list functions, which look each register
 * up, are asked for what has changed, and only that is written back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "cpregs.h"
#include "internals.h"
#include "trace.h"

/* The VFP registers that the module has; the same for all vCPUs. */
static uint64_t *vfp_ids;
static unsigned int nr_vfp_ids;
static bool have_vcpu_events;

/*
 * A vCPU's registers in the arrays of AccelCPUState: core registers, those of
 * VFP, and coprocessor registers in the order of QEMU's list.
 */
static unsigned int first_coproc(void)
{
    return ARMKVM_NR_CORE_REGS + nr_vfp_ids;
}

static unsigned int nr_regs(ARMCPU *cpu)
{
    return first_coproc() + cpu->cpreg_array_len;
}

static unsigned int reg_kind(uint64_t id)
{
    return (id & ARMKVM_REG_ARM_COPROC_MASK) >> ARMKVM_REG_ARM_COPROC_SHIFT;
}

static bool is_fw_reg(uint64_t id)
{
    return (id & ARMKVM_REG_ARM_COPROC_MASK) == ARMKVM_REG_ARM_FW;
}

/* The firmware interface's are among them, as in KVM's list. */
static bool is_coproc_reg(uint64_t id)
{
    return (id & ARMKVM_REG_ARCH_MASK) == ARMKVM_REG_ARM &&
           (reg_kind(id) < 16 || is_fw_reg(id));
}

static bool is_vfp_reg(uint64_t id)
{
    return (id & ARMKVM_REG_ARM_COPROC_MASK) == ARMKVM_REG_ARM_VFP;
}

/*
 * Identification registers (c0) change at reset at most, and so do, as far as
 * QEMU is concerned, the firmware interface's; the virtual counter is the
 * module's to count, and vm_state_change()'s to set.
 */
static ArmkvmPutLevel coproc_level(uint64_t id)
{
    if (id == ARMKVM_REG_ARM_TIMER_CNT) {
        return ARMKVM_PUT_NEVER;
    }
    if (is_fw_reg(id)) {
        return ARMKVM_PUT_RESET;
    }
    if ((id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U32 &&
        !(id & ARMKVM_REG_ARM_32_CRN_MASK)) {
        return ARMKVM_PUT_RESET;
    }
    return ARMKVM_PUT_RUNTIME;
}

static int get_values(CPUState *cs, struct armkvm_reg_value *regs,
                      unsigned int nr, Error **errp)
{
    unsigned int done;
    int ret = armkvm_get_reg_values(cs, regs, nr, &done);

    if (ret < 0) {
        error_setg(errp, "the module does not give register 0x%016" PRIx64
                   ": %s", done < nr ? (uint64_t)regs[done].id : 0,
                   strerror(-ret));
    }
    return ret;
}

static int set_values(CPUState *cs, struct armkvm_reg_value *regs,
                      unsigned int nr, Error **errp)
{
    unsigned int done;
    int ret = armkvm_set_reg_values(cs, regs, nr, &done);

    if (ret < 0 && done < nr) {
        trace_armkvm_reg_refused(regs[done].id, regs[done].value, ret);
        error_setg(errp, "the module does not take register 0x%016" PRIx64
                   ": %s", (uint64_t)regs[done].id, strerror(-ret));
    } else if (ret < 0) {
        error_setg_errno(errp, -ret, "the module does not take registers");
    }
    return ret;
}

/* -- coprocessor registers ------------------------------------------------ */

/*
 * write_list_to_cpustate(), or write_cpustate_to_list(), of the @n registers
 * that @part has the places of.
 */
static void sync_part(ARMCPU *cpu, const unsigned int *part, unsigned int n,
                      bool to_env)
{
    uint64_t *all_indexes = cpu->cpreg_indexes;
    uint64_t *all_values = cpu->cpreg_values;
    int all = cpu->cpreg_array_len;
    g_autofree uint64_t *indexes = g_new(uint64_t, n);
    g_autofree uint64_t *values = g_new(uint64_t, n);
    unsigned int i;

    for (i = 0; i < n; i++) {
        indexes[i] = all_indexes[part[i]];
        values[i] = all_values[part[i]];
    }
    cpu->cpreg_indexes = indexes;
    cpu->cpreg_values = values;
    cpu->cpreg_array_len = n;
    if (to_env) {
        write_list_to_cpustate(cpu);
    } else {
        write_cpustate_to_list(cpu, true);
    }
    cpu->cpreg_indexes = all_indexes;
    cpu->cpreg_values = all_values;
    cpu->cpreg_array_len = all;
    if (!to_env) {
        for (i = 0; i < n; i++) {
            all_values[part[i]] = values[i];
        }
    }
}

/* Does a change of the register that QEMU has as @ri change env->cp15? */
static bool is_in_cp15(const ARMCPRegInfo *ri)
{
    if (!ri || ri->type & (ARM_CP_NO_RAW | ARM_CP_CONST)) {
        return true;        /* QEMU has no state of it */
    }
    return ri->fieldoffset >= offsetof(CPUARMState, cp15) &&
           ri->fieldoffset < offsetof(CPUARMState, cp15) +
                             sizeof_field(CPUARMState, cp15);
}

/* What is not in the copy of env->cp15 that tells whether anything changed. */
static void env_to_list_beside_cp15(ARMCPU *cpu)
{
    AccelCPUState *accel = CPU(cpu)->accel;
    int i;

    if (!accel->beside_cp15) {
        accel->beside_cp15 = g_new(unsigned int, cpu->cpreg_array_len);
        for (i = 0; i < cpu->cpreg_array_len; i++) {
            uint32_t key = kvm_to_cpreg_id(cpu->cpreg_indexes[i]);

            if (!is_in_cp15(get_arm_cp_reginfo(cpu->cp_regs, key))) {
                accel->beside_cp15[accel->nr_beside_cp15++] = i;
            }
        }
    }
    sync_part(cpu, accel->beside_cp15, accel->nr_beside_cp15, false);
}

/*
 * QEMU's state to the list.  Registers that only the module knows stay as
 * read.
 */
static void env_to_list(ARMCPU *cpu, bool slice)
{
    AccelCPUState *accel = CPU(cpu)->accel;

    if (slice && !memcmp(accel->cp15, &cpu->env.cp15, sizeof(cpu->env.cp15))) {
        env_to_list_beside_cp15(cpu);
    } else {
        write_cpustate_to_list(cpu, true);
    }
}

/*
 * What the module gives to the list and QEMU's state.  What QEMU can't hold
 * stays in the list.
 */
static void list_to_env(ARMCPU *cpu, const struct armkvm_reg_value *now)
{
    AccelCPUState *accel = CPU(cpu)->accel;
    g_autofree unsigned int *changed = g_new(unsigned int,
                                             cpu->cpreg_array_len);
    unsigned int n = 0;
    int i;

    for (i = 0; i < cpu->cpreg_array_len; i++) {
        if (cpu->cpreg_values[i] != now[i].value) {
            cpu->cpreg_values[i] = now[i].value;
            changed[n++] = i;
        }
    }
    if (accel->regs_known) {
        sync_part(cpu, changed, n, true);
    } else {
        write_list_to_cpustate(cpu);
    }
    memcpy(accel->cp15, &cpu->env.cp15, sizeof(cpu->env.cp15));
}

/*
 * c14 as a whole: by CNTKCTL User mode's accesses are judged, and the event
 * counters have ids of their own there, c8 to c15.
 */
bool armkvm_arm_is_module_reg(uint64_t id)
{
    unsigned int crn = (id >> 11) & 0xf, crm = (id >> 7) & 0xf;

    if (reg_kind(id) != 15) {
        return false;
    }
    if ((id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64) {
        return crm == 14;
    }
    return crn == 14 || (crn == 9 && crm >= 12 && crm <= 14);
}

int armkvm_arm_compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Returns: the module's list, sorted, which the caller frees; or NULL. */
static struct armkvm_reg_list *read_reg_list(CPUState *cs, int *err)
{
    struct armkvm_reg_list count = { .n = 0 };
    struct armkvm_reg_list *list;
    int ret = armkvm_ioctl(cs->accel->fd, ARMKVM_GET_REG_LIST, &count);

    if (ret != -E2BIG) {
        *err = ret < 0 ? ret : -EINVAL;     /* no registers at all? */
        return NULL;
    }
    list = g_malloc0(sizeof(*list) + count.n * sizeof(list->reg[0]));
    list->n = count.n;
    ret = armkvm_ioctl(cs->accel->fd, ARMKVM_GET_REG_LIST, list);
    if (ret < 0) {
        *err = ret;
        g_free(list);
        return NULL;
    }
    qsort(list->reg, list->n, sizeof(list->reg[0]), armkvm_arm_compare_ids);
    return list;
}

/* The arrays of the vCPU, with their ids: armkvm_vcpu_destroy() frees them. */
static void alloc_regs(ARMCPU *cpu)
{
    AccelCPUState *accel = CPU(cpu)->accel;
    struct armkvm_reg_value *reg = g_new0(struct armkvm_reg_value,
                                          nr_regs(cpu));
    unsigned int i;

    accel->regs = reg;
    for (i = 0; i < ARMKVM_NR_CORE_REGS; i++) {
        (reg++)->id = armkvm_arm_core_id(i);
    }
    for (i = 0; i < nr_vfp_ids; i++) {
        (reg++)->id = vfp_ids[i];
    }
    for (i = 0; i < cpu->cpreg_array_len; i++) {
        (reg++)->id = cpu->cpreg_indexes[i];
    }
    accel->regs_now = g_memdup2(accel->regs, nr_regs(cpu) * sizeof(*reg));
    accel->regs_put = g_new0(struct armkvm_reg_value, nr_regs(cpu));
    accel->cp15 = g_malloc0(sizeof(cpu->env.cp15));
}

int armkvm_arm_init_reg_list(ARMCPU *cpu, Error **errp)
{
    CPUState *cs = CPU(cpu);
    g_autofree struct armkvm_reg_list *list = NULL;
    uint64_t i, coproc = 0;
    int err = 0;

    list = read_reg_list(cs, &err);
    if (!list) {
        error_setg_errno(errp, -err, "the module does not list its registers");
        return err;
    }

    cpu->cpreg_indexes = g_renew(uint64_t, cpu->cpreg_indexes, list->n);
    cpu->cpreg_values = g_renew(uint64_t, cpu->cpreg_values, list->n);
    g_free(vfp_ids);
    vfp_ids = g_new(uint64_t, list->n);
    nr_vfp_ids = 0;

    for (i = 0; i < list->n; i++) {
        uint64_t id = list->reg[i];

        if (is_coproc_reg(id)) {
            cpu->cpreg_indexes[coproc++] = id;
        } else if (is_vfp_reg(id)) {
            vfp_ids[nr_vfp_ids++] = id;
        }
    }
    cpu->cpreg_array_len = coproc;
    cpu->cpreg_vmstate_indexes = g_renew(uint64_t, cpu->cpreg_vmstate_indexes,
                                         coproc);
    cpu->cpreg_vmstate_values = g_renew(uint64_t, cpu->cpreg_vmstate_values,
                                        coproc);
    cpu->cpreg_vmstate_array_len = coproc;
    have_vcpu_events = armkvm_check_extension(armkvm_state,
                                              ARMKVM_CAP_VCPU_EVENTS) > 0;
    alloc_regs(cpu);
    trace_armkvm_reg_list(coproc, nr_vfp_ids);
    return 0;
}

bool armkvm_arm_has_reg(ARMCPU *cpu, uint64_t id)
{
    return bsearch(&id, cpu->cpreg_indexes, cpu->cpreg_array_len, sizeof(id),
                   armkvm_arm_compare_ids);
}

int armkvm_arm_read_reset_values(ARMCPU *cpu, Error **errp)
{
    struct armkvm_reg_value *regs = CPU(cpu)->accel->regs_now;
    int i, ret;

    if (!regs) {
        return 0;   /* the first reset, before it is known which there are */
    }
    regs += first_coproc();
    ret = get_values(CPU(cpu), regs, cpu->cpreg_array_len, errp);
    for (i = 0; i < cpu->cpreg_array_len && ret >= 0; i++) {
        cpu->cpreg_values[i] = regs[i].value;
    }
    return ret;
}

/* -- the rest: pending asynchronous aborts, power state ------------------- */

static int put_events(CPUState *cs, bool slice, Error **errp)
{
    CPUARMState *env = cpu_env(cs);
    struct armkvm_vcpu_events events = {
        .exception.serror_pending = env->serror.pending,
        .exception.serror_has_fsr = env->serror.has_esr,
        .exception.serror_fsr = env->serror.has_esr ? env->serror.esr : 0,
    };
    int ret;

    if (!have_vcpu_events ||
        (slice && !memcmp(&events, &cs->accel->events, sizeof(events)))) {
        return 0;
    }
    ret = armkvm_ioctl(cs->accel->fd, ARMKVM_SET_VCPU_EVENTS, &events);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module does not take events");
    }
    return ret;
}

static int get_events(CPUState *cs, Error **errp)
{
    CPUARMState *env = cpu_env(cs);
    struct armkvm_vcpu_events *events = &cs->accel->events;
    int ret;

    if (!have_vcpu_events) {
        return 0;
    }
    ret = armkvm_ioctl(cs->accel->fd, ARMKVM_GET_VCPU_EVENTS, events);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module does not give events");
        return ret;
    }
    env->serror.pending = events->exception.serror_pending;
    env->serror.has_esr = events->exception.serror_has_fsr;
    env->serror.esr = events->exception.serror_fsr;
    return 0;
}

static int put_mp_state(CPUState *cs, bool slice, Error **errp)
{
    struct armkvm_mp_state state = {
        .mp_state = ARM_CPU(cs)->power_state == PSCI_OFF
                    ? ARMKVM_MP_STATE_STOPPED : ARMKVM_MP_STATE_RUNNABLE,
    };
    int ret;

    if (slice && state.mp_state == cs->accel->mp_state) {
        return 0;
    }
    ret = armkvm_ioctl(cs->accel->fd, ARMKVM_SET_MP_STATE, &state);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module does not take its power "
                         "state");
    }
    return ret;
}

static int get_mp_state(CPUState *cs, Error **errp)
{
    struct armkvm_mp_state state;
    int ret = armkvm_ioctl(cs->accel->fd, ARMKVM_GET_MP_STATE, &state);

    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module does not give its power "
                         "state");
        return ret;
    }
    cs->accel->mp_state = state.mp_state;
    ARM_CPU(cs)->power_state = state.mp_state == ARMKVM_MP_STATE_STOPPED
                               ? PSCI_OFF : PSCI_ON;
    return 0;
}

/*
 * Is a put at @level to write the @i-th register?  Time goes on in what the
 * module kept during a @slice, and is lost in what is set.
 */
static bool is_put(AccelCPUState *accel, unsigned int i, ArmkvmPutLevel level,
                   bool slice)
{
    uint64_t id = accel->regs_now[i].id;

    if (slice && accel->regs_now[i].value == accel->regs[i].value) {
        return false;
    }
    if (i < ARMKVM_NR_CORE_REGS) {
        return true;
    }
    if (i < first_coproc()) {
        return armkvm_arm_vfp_is_state(id);
    }
    return coproc_level(id) <= level &&
           !(slice && armkvm_arm_is_module_reg(id));
}

/* The state of QEMU's is in regs_now; what of it is to be put goes. */
static int put_values(ARMCPU *cpu, ArmkvmPutLevel level, bool slice,
                      Error **errp)
{
    AccelCPUState *accel = CPU(cpu)->accel;
    unsigned int i, n = 0, nr = nr_regs(cpu);
    int ret;

    for (i = 0; i < nr; i++) {
        if (is_put(accel, i, level, slice)) {
            accel->regs_put[n++] = accel->regs_now[i];
            accel->regs[i].value = accel->regs_now[i].value;
        }
    }
    ret = set_values(CPU(cpu), accel->regs_put, n, errp);
    accel->regs_known = ret >= 0;
    return ret;
}

int armkvm_arch_put_registers(CPUState *cs, ArmkvmPutLevel level, Error **errp)
{
    ARMCPU *cpu = ARM_CPU(cs);
    AccelCPUState *accel = cs->accel;
    /* The module has what it gave, but for what the slice has changed. */
    bool slice = accel->slice_only && accel->regs_known &&
                 level == ARMKVM_PUT_RUNTIME;
    struct armkvm_reg_value *now = accel->regs_now;
    unsigned int i;
    int ret;

    armkvm_arm_put_core(&cpu->env, now);
    for (i = ARMKVM_NR_CORE_REGS; i < first_coproc(); i++) {
        armkvm_arm_put_vfp(&cpu->env, &now[i]);
    }
    env_to_list(cpu, slice);
    for (i = 0; i < cpu->cpreg_array_len; i++) {
        now[first_coproc() + i].value = cpu->cpreg_values[i];
    }
    ret = put_values(cpu, level, slice, errp);
    if (ret < 0) {
        return ret;
    }
    ret = put_events(cs, slice, errp);
    if (ret < 0) {
        return ret;
    }
    return put_mp_state(cs, slice, errp);
}

int armkvm_arch_get_registers(CPUState *cs, Error **errp)
{
    ARMCPU *cpu = ARM_CPU(cs);
    AccelCPUState *accel = cs->accel;
    struct armkvm_reg_value *now = accel->regs_now;
    unsigned int i;
    int ret;

    ret = get_values(cs, now, nr_regs(cpu), errp);
    if (ret < 0) {
        return ret;
    }
    ret = armkvm_arm_get_core(&cpu->env, now, errp);
    if (ret < 0) {
        return ret;
    }
    for (i = ARMKVM_NR_CORE_REGS; i < first_coproc(); i++) {
        armkvm_arm_get_vfp(&cpu->env, &now[i]);
    }
    list_to_env(cpu, now + first_coproc());
    accel->regs_now = accel->regs;
    accel->regs = now;
    accel->regs_known = true;
    ret = get_events(cs, errp);
    if (ret < 0) {
        return ret;
    }
    return get_mp_state(cs, errp);
}
