/*
 * armkvm on Arm: a vCPU's registers, from and to the module
 *
 * Core and VFP registers are mapped one by one.  Coprocessor registers go
 * through QEMU's cpreg list, which has KVM's ids as the module has; registers
 * that only the module knows are carried along in that list unseen.
 *
 * One ioctl a register: this runs on debugging, reset, pause and migration
 * only, never on an exit that the guest waits for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "internals.h"
#include "trace.h"

#define CORE_WORDS (sizeof(struct armkvm_regs) / sizeof(uint32_t))
#define CORE_WORD_RESERVED 17

QEMU_BUILD_BUG_ON(CORE_WORDS != 38);

/* The VFP registers that the module has; the same for all vCPUs. */
static uint64_t *vfp_ids;
static unsigned int nr_vfp_ids;
static bool have_vcpu_events;

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
 * module's to count.
 */
static ArmkvmPutLevel coproc_level(uint64_t id)
{
    if (id == ARMKVM_REG_ARM_TIMER_CNT) {
        return ARMKVM_PUT_FULL;
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

static int get_reg(CPUState *cs, uint64_t id, void *value, Error **errp)
{
    int ret = armkvm_get_one_reg(cs, id, value);

    if (ret < 0) {
        error_setg(errp, "the module does not give register 0x%016" PRIx64
                   ": %s", id, strerror(-ret));
    }
    return ret;
}

static int set_reg(CPUState *cs, uint64_t id, const void *value, Error **errp)
{
    int ret = armkvm_set_one_reg(cs, id, value);

    if (ret < 0) {
        trace_armkvm_reg_refused(id, *(const uint32_t *)value, ret);
        error_setg(errp, "the module does not take register 0x%016" PRIx64
                   ": %s", id, strerror(-ret));
    }
    return ret;
}

/* -- core registers: where QEMU keeps the banked ones in the current mode -- */

static int current_bank(CPUARMState *env)
{
    return bank_number(env->uncached_cpsr & CPSR_M);
}

static uint32_t *usr_reg(CPUARMState *env, int n)
{
    if (n >= 8 && n <= 12 && current_bank(env) == BANK_FIQ) {
        return &env->usr_regs[n - 8];
    }
    return &env->regs[n];
}

static uint32_t *fiq_reg(CPUARMState *env, int n)
{
    return current_bank(env) == BANK_FIQ ? &env->regs[n]
                                         : &env->fiq_regs[n - 8];
}

static uint32_t *banked_sp(CPUARMState *env, int bank)
{
    return current_bank(env) == bank ? &env->regs[13]
                                     : &env->banked_r13[bank];
}

static uint32_t *banked_lr(CPUARMState *env, int bank)
{
    return current_bank(env) == bank ? &env->regs[14]
                                     : &env->banked_r14[bank];
}

static uint32_t get_spsr(CPUARMState *env, int bank)
{
    return current_bank(env) == bank ? env->spsr : env->banked_spsr[bank];
}

static void set_spsr(CPUARMState *env, int bank, uint32_t value)
{
    if (current_bank(env) == bank) {
        env->spsr = value;
    }
    env->banked_spsr[bank] = value;
}

static void save_bank(CPUARMState *env, int bank, uint32_t regs[3])
{
    regs[0] = *banked_sp(env, bank);
    regs[1] = *banked_lr(env, bank);
    regs[2] = get_spsr(env, bank);
}

static void load_bank(CPUARMState *env, int bank, const uint32_t regs[3])
{
    *banked_sp(env, bank) = regs[0];
    *banked_lr(env, bank) = regs[1];
    set_spsr(env, bank, regs[2]);
}

static void core_from_env(CPUARMState *env, struct armkvm_regs *regs)
{
    int i;

    memset(regs, 0, sizeof(*regs));
    for (i = 0; i < 13; i++) {
        regs->usr_regs[i] = *usr_reg(env, i);
    }
    regs->usr_regs[13] = *banked_sp(env, BANK_USRSYS);
    regs->usr_regs[14] = *banked_lr(env, BANK_USRSYS);
    regs->usr_regs[15] = env->regs[15];
    regs->usr_regs[16] = cpsr_read(env);

    save_bank(env, BANK_SVC, regs->svc_regs);
    save_bank(env, BANK_ABT, regs->abt_regs);
    save_bank(env, BANK_UND, regs->und_regs);
    save_bank(env, BANK_IRQ, regs->irq_regs);
    for (i = 8; i < 13; i++) {
        regs->fiq_regs[i - 8] = *fiq_reg(env, i);
    }
    save_bank(env, BANK_FIQ, regs->fiq_regs + 5);
}

static bool mode_is_valid(uint32_t cpsr)
{
    switch (cpsr & CPSR_M) {
    case ARM_CPU_MODE_USR:
    case ARM_CPU_MODE_FIQ:
    case ARM_CPU_MODE_IRQ:
    case ARM_CPU_MODE_SVC:
    case ARM_CPU_MODE_ABT:
    case ARM_CPU_MODE_UND:
    case ARM_CPU_MODE_SYS:
        return true;
    default:
        return false;
    }
}

/* The CPSR first: it decides where the banked registers go. */
static void core_to_env(CPUARMState *env, const struct armkvm_regs *regs)
{
    int i;

    cpsr_write(env, regs->usr_regs[16], 0xffffffff, CPSRWriteRaw);
    for (i = 0; i < 13; i++) {
        *usr_reg(env, i) = regs->usr_regs[i];
    }
    *banked_sp(env, BANK_USRSYS) = regs->usr_regs[13];
    *banked_lr(env, BANK_USRSYS) = regs->usr_regs[14];
    env->regs[15] = regs->usr_regs[15];

    load_bank(env, BANK_SVC, regs->svc_regs);
    load_bank(env, BANK_ABT, regs->abt_regs);
    load_bank(env, BANK_UND, regs->und_regs);
    load_bank(env, BANK_IRQ, regs->irq_regs);
    for (i = 8; i < 13; i++) {
        *fiq_reg(env, i) = regs->fiq_regs[i - 8];
    }
    load_bank(env, BANK_FIQ, regs->fiq_regs + 5);
}

static int put_core(CPUState *cs, Error **errp)
{
    struct armkvm_regs regs;
    const uint32_t *word = (const uint32_t *)&regs;
    unsigned int i;
    int ret = 0;

    core_from_env(cpu_env(cs), &regs);
    for (i = 0; i < CORE_WORDS && ret >= 0; i++) {
        if (i != CORE_WORD_RESERVED) {
            ret = set_reg(cs, ARMKVM_REG_ARM_CORE_REG(i), &word[i], errp);
        }
    }
    return ret;
}

static int get_core(CPUState *cs, Error **errp)
{
    struct armkvm_regs regs = { };
    uint32_t *word = (uint32_t *)&regs;
    unsigned int i;
    int ret;

    for (i = 0; i < CORE_WORDS; i++) {
        if (i == CORE_WORD_RESERVED) {
            continue;
        }
        ret = get_reg(cs, ARMKVM_REG_ARM_CORE_REG(i), &word[i], errp);
        if (ret < 0) {
            return ret;
        }
    }
    if (!mode_is_valid(regs.usr_regs[16])) {
        error_setg(errp, "the module gives a CPSR of 0x%08x, which is no mode "
                   "of a guest", regs.usr_regs[16]);
        return -EINVAL;
    }
    core_to_env(cpu_env(cs), &regs);
    return 0;
}

/* -- VFP and Advanced SIMD ------------------------------------------------ */

static int put_vfp_system_reg(CPUState *cs, uint64_t id, Error **errp)
{
    CPUARMState *env = cpu_env(cs);
    uint32_t value;

    switch (id & 0xffff) {
    case ARMKVM_REG_ARM_VFP_FPSCR:
        value = vfp_get_fpscr(env);
        break;
    case ARMKVM_REG_ARM_VFP_FPEXC:
        value = env->vfp.xregs[ARM_VFP_FPEXC];
        break;
    case ARMKVM_REG_ARM_VFP_FPINST:
        value = env->vfp.xregs[ARM_VFP_FPINST];
        break;
    case ARMKVM_REG_ARM_VFP_FPINST2:
        value = env->vfp.xregs[ARM_VFP_FPINST2];
        break;
    default:
        return 0;       /* identification: set once, with the model */
    }
    return set_reg(cs, id, &value, errp);
}

static int get_vfp_system_reg(CPUState *cs, uint64_t id, Error **errp)
{
    CPUARMState *env = cpu_env(cs);
    uint32_t value;
    int ret = get_reg(cs, id, &value, errp);

    if (ret < 0) {
        return ret;
    }
    switch (id & 0xffff) {
    case ARMKVM_REG_ARM_VFP_FPSCR:
        vfp_set_fpscr(env, value);
        break;
    case ARMKVM_REG_ARM_VFP_FPEXC:
        env->vfp.xregs[ARM_VFP_FPEXC] = value;
        break;
    case ARMKVM_REG_ARM_VFP_FPINST:
        env->vfp.xregs[ARM_VFP_FPINST] = value;
        break;
    case ARMKVM_REG_ARM_VFP_FPINST2:
        env->vfp.xregs[ARM_VFP_FPINST2] = value;
        break;
    }
    return 0;
}

static int put_vfp(CPUState *cs, Error **errp)
{
    CPUARMState *env = cpu_env(cs);
    unsigned int i;
    int ret = 0;

    for (i = 0; i < nr_vfp_ids && ret >= 0; i++) {
        uint64_t id = vfp_ids[i];

        if ((id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64) {
            ret = set_reg(cs, id, aa32_vfp_dreg(env, id & 31), errp);
        } else {
            ret = put_vfp_system_reg(cs, id, errp);
        }
    }
    return ret;
}

static int get_vfp(CPUState *cs, Error **errp)
{
    CPUARMState *env = cpu_env(cs);
    unsigned int i;
    int ret = 0;

    for (i = 0; i < nr_vfp_ids && ret >= 0; i++) {
        uint64_t id = vfp_ids[i];

        if ((id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64) {
            ret = get_reg(cs, id, aa32_vfp_dreg(env, id & 31), errp);
        } else {
            ret = get_vfp_system_reg(cs, id, errp);
        }
    }
    return ret;
}

/* -- coprocessor registers ------------------------------------------------ */

static int get_coproc_list(ARMCPU *cpu, Error **errp)
{
    int i, ret = 0;

    for (i = 0; i < cpu->cpreg_array_len && ret >= 0; i++) {
        uint64_t id = cpu->cpreg_indexes[i];
        uint64_t value = 0;

        /* 32-bit ones fill the low half: no host is big-endian. */
        ret = get_reg(CPU(cpu), id, &value, errp);
        cpu->cpreg_values[i] = value;
    }
    return ret;
}

/* The event counters have ids of their own: c14, c8 to c15. */
bool armkvm_arm_is_module_reg(uint64_t id)
{
    unsigned int crn = (id >> 11) & 0xf, crm = (id >> 7) & 0xf;

    if (reg_kind(id) != 15) {
        return false;
    }
    if ((id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64) {
        return crm == 14;
    }
    return (crn == 14 && crm >= 2) || (crn == 9 && crm >= 12 && crm <= 14);
}

static int put_coproc_list(ARMCPU *cpu, ArmkvmPutLevel level, Error **errp)
{
    /* Time goes on in what the module kept, and is lost in what is set. */
    bool kept = CPU(cpu)->accel->slice_only && level == ARMKVM_PUT_RUNTIME;
    int i, ret = 0;

    for (i = 0; i < cpu->cpreg_array_len && ret >= 0; i++) {
        uint64_t id = cpu->cpreg_indexes[i];

        if (coproc_level(id) <= level &&
            !(kept && armkvm_arm_is_module_reg(id))) {
            ret = set_reg(CPU(cpu), id, &cpu->cpreg_values[i], errp);
        }
    }
    return ret;
}

static int compare_ids(const void *a, const void *b)
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
    qsort(list->reg, list->n, sizeof(list->reg[0]), compare_ids);
    return list;
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
    trace_armkvm_reg_list(coproc, nr_vfp_ids);
    return 0;
}

bool armkvm_arm_has_reg(ARMCPU *cpu, uint64_t id)
{
    return bsearch(&id, cpu->cpreg_indexes, cpu->cpreg_array_len, sizeof(id),
                   compare_ids);
}

bool armkvm_arm_cpu_post_load(ARMCPU *cpu)
{
    Error *err = NULL;
    int i;

    for (i = 0; i < cpu->cpreg_array_len; i++) {
        if (cpu->cpreg_indexes[i] == ARMKVM_REG_ARM_PV_FEATURES &&
            !armkvm_accept_saved_pv(armkvm_state, cpu->cpreg_values[i], &err)) {
            error_reportf_err(err, "armkvm: ");
            return false;
        }
    }
    return true;
}

int armkvm_arm_read_reset_values(ARMCPU *cpu, Error **errp)
{
    return get_coproc_list(cpu, errp);
}

/* -- the rest: pending asynchronous aborts, power state ------------------- */

static int put_events(CPUState *cs, Error **errp)
{
    CPUARMState *env = cpu_env(cs);
    struct armkvm_vcpu_events events = {
        .exception.serror_pending = env->serror.pending,
        .exception.serror_has_fsr = env->serror.has_esr,
        .exception.serror_fsr = env->serror.has_esr ? env->serror.esr : 0,
    };
    int ret;

    if (!have_vcpu_events) {
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
    struct armkvm_vcpu_events events = { };
    int ret;

    if (!have_vcpu_events) {
        return 0;
    }
    ret = armkvm_ioctl(cs->accel->fd, ARMKVM_GET_VCPU_EVENTS, &events);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module does not give events");
        return ret;
    }
    env->serror.pending = events.exception.serror_pending;
    env->serror.has_esr = events.exception.serror_has_fsr;
    env->serror.esr = events.exception.serror_fsr;
    return 0;
}

static int put_mp_state(CPUState *cs, Error **errp)
{
    struct armkvm_mp_state state = {
        .mp_state = ARM_CPU(cs)->power_state == PSCI_OFF
                    ? ARMKVM_MP_STATE_STOPPED : ARMKVM_MP_STATE_RUNNABLE,
    };
    int ret = armkvm_ioctl(cs->accel->fd, ARMKVM_SET_MP_STATE, &state);

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
    ARM_CPU(cs)->power_state = state.mp_state == ARMKVM_MP_STATE_STOPPED
                               ? PSCI_OFF : PSCI_ON;
    return 0;
}

int armkvm_arch_put_registers(CPUState *cs, ArmkvmPutLevel level, Error **errp)
{
    ARMCPU *cpu = ARM_CPU(cs);
    int ret;

    ret = put_core(cs, errp);
    if (ret < 0) {
        return ret;
    }
    ret = put_vfp(cs, errp);
    if (ret < 0) {
        return ret;
    }
    /* False for the registers that only the module knows: they stay as read. */
    write_cpustate_to_list(cpu, true);
    ret = put_coproc_list(cpu, level, errp);
    if (ret < 0) {
        return ret;
    }
    ret = put_events(cs, errp);
    if (ret < 0) {
        return ret;
    }
    return put_mp_state(cs, errp);
}

int armkvm_arch_get_registers(CPUState *cs, Error **errp)
{
    ARMCPU *cpu = ARM_CPU(cs);
    int ret;

    ret = get_core(cs, errp);
    if (ret < 0) {
        return ret;
    }
    ret = get_vfp(cs, errp);
    if (ret < 0) {
        return ret;
    }
    ret = get_coproc_list(cpu, errp);
    if (ret < 0) {
        return ret;
    }
    /* As above; what QEMU can't hold stays in the list. */
    write_list_to_cpustate(cpu);
    ret = get_events(cs, errp);
    if (ret < 0) {
        return ret;
    }
    return get_mp_state(cs, errp);
}
