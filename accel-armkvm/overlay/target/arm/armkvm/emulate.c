/*
 * armkvm on Arm: the state and the devices of a vCPU that is emulated
 *
 * While TCG executes a vCPU's code, the module still has what it has for a
 * native one: the generic timer, the performance monitors, and unless QEMU has
 * one the interrupt controller.  Their registers are read and written there,
 * one call an access.  Hypercalls and waiting are the module's, too: the
 * instruction ends the slice, and the module executes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "cpregs.h"
#include "internals.h"
#include "syndrome.h"
#include "trace.h"

/* -- registers that are the module's -------------------------------------- */

static const uint64_t module_regs[] = {
    ARMKVM_REG_CP32(15, 0, 14, 2, 0),       /* CNTP_TVAL */
    ARMKVM_REG_CP32(15, 0, 14, 2, 1),       /* CNTP_CTL */
    ARMKVM_REG_CP32(15, 0, 14, 3, 0),       /* CNTV_TVAL */
    ARMKVM_REG_CP32(15, 0, 14, 3, 1),       /* CNTV_CTL */
    ARMKVM_REG_CP64(15, 0, 14),             /* CNTPCT */
    ARMKVM_REG_CP64(15, 1, 14),             /* CNTVCT */
    ARMKVM_REG_CP64(15, 2, 14),             /* CNTP_CVAL */
    ARMKVM_REG_CP64(15, 3, 14),             /* CNTV_CVAL */
};

/* The performance monitors': c9, c12 to c14 */
static uint64_t pmu_reg(unsigned int n)
{
    return ARMKVM_REG_CP32(15, 0, 9, 12 + n / 8, n % 8);
}

#define NR_PMU_REGS 24

/* Returns: false where the module has no such register; then *@value is 0. */
static bool access_module(CPUARMState *env, uint64_t id, uint64_t *value,
                          bool is_write)
{
    CPUState *cs = env_cpu(env);
    struct armkvm_access acc = {
        .where = id,
        .value = is_write ? *value : 0,
        .kind = ARMKVM_ACCESS_CP,
        .is_write = is_write,
        .is_user = arm_current_el(env) == 0,
    };
    int ret = armkvm_ioctl(cs->accel->fd, ARMKVM_ACCESS, &acc);

    trace_armkvm_module_reg(cs->cpu_index, id, is_write, acc.value, ret);
    *value = ret < 0 ? 0 : acc.value;
    if (ret == 0 && is_write) {
        cs->accel->module_regs_old = true;
        armkvm_arm_update_lines(cs);
    }
    return ret == 0;
}

static uint64_t register_id(const ARMCPRegInfo *ri)
{
    return cpreg_to_kvm_id(ENCODE_CP_REG(ri->cp, !!(ri->type & ARM_CP_64BIT),
                                         0, ri->crn, ri->crm, ri->opc1,
                                         ri->opc2));
}

static G_NORETURN void undefined(CPUARMState *env)
{
    raise_exception(env, EXCP_UDEF, syn_uncategorized(),
                    exception_target_el(env));
}

static uint64_t read_module_reg(CPUARMState *env, const ARMCPRegInfo *ri)
{
    uint64_t value = 0;

    if (!access_module(env, register_id(ri), &value, false)) {
        undefined(env);
    }
    return value;
}

static void write_module_reg(CPUARMState *env, const ARMCPRegInfo *ri,
                             uint64_t value)
{
    if (!access_module(env, register_id(ri), &value, true)) {
        undefined(env);
    }
}

/* The module decides.  That there is such a function makes the pc right. */
static CPAccessResult access_is_modules(CPUARMState *env,
                                        const ARMCPRegInfo *ri, bool isread)
{
    return CP_ACCESS_OK;
}

static void define_module_reg(ARMCPU *cpu, uint64_t id)
{
    bool wide = (id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64;
    ARMCPRegInfo ri = {
        .name = "MODULE",
        .cp = 15,
        .crn = wide ? 0 : (id >> 11) & 0xf,
        .crm = (id >> 7) & 0xf,
        .opc1 = (id >> 3) & 0xf,
        .opc2 = wide ? 0 : id & 7,
        .type = ARM_CP_OVERRIDE | ARM_CP_IO | ARM_CP_NO_RAW |
                (wide ? ARM_CP_64BIT : 0),
        .access = PL0_RW,
        .accessfn = access_is_modules,
        .readfn = read_module_reg,
        .writefn = write_module_reg,
        .resetfn = arm_cp_reset_ignore,
    };

    define_one_arm_cp_reg(cpu, &ri);
}

/* An identification register is what the module's guest has been told. */
static void define_id_reg(ARMCPU *cpu, uint64_t id, uint64_t value)
{
    ARMCPRegInfo ri = {
        .name = "ID",
        .cp = 15,
        .crn = 0,
        .crm = (id >> 7) & 0xf,
        .opc1 = 0,
        .opc2 = id & 7,
        .type = ARM_CP_OVERRIDE | ARM_CP_CONST | ARM_CP_NO_RAW,
        .access = PL1_R,
        .resetvalue = value,
    };

    define_one_arm_cp_reg(cpu, &ri);
}

/* With a GICv3 QEMU's own says so, as the module's does. */
#define ID_PFR1_ID ARMKVM_REG_CP32(15, 0, 0, 1, 1)

static bool is_id_reg(uint64_t id)
{
    return (id & (ARMKVM_REG_ARM_COPROC_MASK | ARMKVM_REG_SIZE_MASK)) ==
           ((15ULL << ARMKVM_REG_ARM_COPROC_SHIFT) | ARMKVM_REG_SIZE_U32) &&
           ((id >> 11) & 0xf) == 0 && ((id >> 3) & 7) == 0;
}

static void define_module_regs(ARMCPU *cpu)
{
    int i;

    /* QEMU keeps no values of its own of those that are state. */
    for (i = 0; i < cpu->cpreg_array_len; i++) {
        if (armkvm_arm_is_module_reg(cpu->cpreg_indexes[i])) {
            define_module_reg(cpu, cpu->cpreg_indexes[i]);
        } else if (is_id_reg(cpu->cpreg_indexes[i]) &&
                   !(cpu->env.gicv3state &&
                     cpu->cpreg_indexes[i] == ID_PFR1_ID)) {
            define_id_reg(cpu, cpu->cpreg_indexes[i], cpu->cpreg_values[i]);
        }
    }

    for (i = 0; i < ARRAY_SIZE(module_regs); i++) {
        define_module_reg(cpu, module_regs[i]);
    }
    for (i = 0; i < NR_PMU_REGS; i++) {
        define_module_reg(cpu, pmu_reg(i));
    }
}

void armkvm_arch_emulation_started(void)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        define_module_regs(ARM_CPU(cs));
    }
}

/* What emulated code has written there, for those that look at QEMU's copy. */
static void refresh_module_regs(ARMCPU *cpu)
{
    CPUState *cs = CPU(cpu);
    int i;

    cs->accel->module_regs_old = false;
    for (i = 0; i < cpu->cpreg_array_len; i++) {
        uint64_t id = cpu->cpreg_indexes[i];

        if (armkvm_arm_is_module_reg(id)) {
            cpu->cpreg_values[i] = 0;
            armkvm_get_one_reg(cs, id, &cpu->cpreg_values[i]);
        }
    }
}

/* -- devices that are the module's ---------------------------------------- */

bool armkvm_module_device(hwaddr addr, unsigned int len, bool is_write,
                          uint64_t *value)
{
    struct armkvm_access acc = {
        .where = addr,
        .value = is_write ? *value : 0,
        .kind = ARMKVM_ACCESS_PHYS,
        .len = len,
        .is_write = is_write,
    };
    int ret;

    if (!current_cpu || !current_cpu->accel->emulated) {
        return false;
    }
    ret = armkvm_ioctl(current_cpu->accel->fd, ARMKVM_ACCESS, &acc);
    if (ret < 0) {
        return false;
    }
    *value = acc.value;
    armkvm_arm_update_lines(current_cpu);
    return true;
}

/* -- interrupts ----------------------------------------------------------- */

void armkvm_arm_update_lines(CPUState *cs)
{
    struct armkvm_lines lines = { };
    int ret = armkvm_ioctl(cs->accel->fd, ARMKVM_GET_LINES, &lines);

    if (ret < 0) {
        error_report("armkvm: vCPU %d: the module does not tell its interrupt "
                     "lines: %s", cs->cpu_index, strerror(-ret));
        armkvm_vm_failed();
        return;
    }
    if (cs->accel->run->s.regs.device_irq_level !=
        ARM_CPU(cs)->device_irq_level) {
        /* Timers whose interrupts QEMU's controller has, and then the pins. */
        armkvm_arm_timer_lines(cs);
        if (armkvm_ioctl(cs->accel->fd, ARMKVM_GET_LINES, &lines) < 0) {
            return;
        }
    }
    armkvm_arm_set_pin(cs, CPU_INTERRUPT_HARD,
                       lines.pins & (1 << ARMKVM_IRQ_CPU_IRQ));
    armkvm_arm_set_pin(cs, CPU_INTERRUPT_FIQ,
                       lines.pins & (1 << ARMKVM_IRQ_CPU_FIQ));
}

/* -- a slice -------------------------------------------------------------- */

void armkvm_arch_emulate_begin(CPUState *cs)
{
    CPUARMState *env = cpu_env(cs);

    cs->halted = 0;
    cs->exception_index = -1;
    cs->accel->to_module = false;
    env->exclusive_addr = -1;
    arm_rebuild_hflags(env);
    armkvm_arm_update_lines(cs);
}

void armkvm_arch_emulate_end(CPUState *cs, int ret)
{
    AccelCPUState *accel = cs->accel;
    CPUARMState *env = cpu_env(cs);

    if (ret == EXCP_HLT || ret == EXCP_HALTED) {
        accel->then = ARMKVM_THEN_WAIT;
    } else if (accel->then != ARMKVM_THEN_NOTHING &&
               env->regs[15] != accel->then_pc) {
        /* An interrupt came before the call, which is made after it. */
        accel->then = ARMKVM_THEN_NOTHING;
        accel->then_imm = 0;
    }
    cs->halted = 0;
    cs->interrupt_request &= ~(CPU_INTERRUPT_HARD | CPU_INTERRUPT_FIQ);
    env->exclusive_addr = -1;
    if (accel->module_regs_old) {
        refresh_module_regs(ARM_CPU(cs));
    }
}

bool armkvm_arch_is_off(CPUState *cs)
{
    return ARM_CPU(cs)->power_state != PSCI_ON;
}

bool armkvm_arch_in_exclusive(CPUState *cs)
{
    return cpu_env(cs)->exclusive_addr != -1;
}

bool armkvm_arch_at_breakpoint(CPUState *cs)
{
    vaddr pc = cpu_env(cs)->regs[15];

    return armkvm_debugging() &&
           (armkvm_find_sw_breakpoint(pc) || find_hw_breakpoint(cs, pc) ||
            armkvm_at_step_end(cs, pc));
}

bool armkvm_arm_take_call(CPUState *cs)
{
    CPUARMState *env = cpu_env(cs);
    AccelCPUState *accel = cs->accel;

    /*
     * Undefined to TCG: perhaps a word of the module's, which the guest has
     * read from its code and put elsewhere.  But what the module has handed
     * over is what it is.  And with watchpoints it runs nothing.
     */
    if (cs->exception_index == EXCP_UDEF && !armkvm_state->nr_watchpoints &&
        env->regs[15] != accel->emulate_pc) {
        accel->to_module = true;
        cpu_exit(cs);
        return true;
    }
    if (cs->exception_index != EXCP_HVC && cs->exception_index != EXCP_SMC) {
        return false;
    }
    env->regs[15] -= 4;     /* either is four bytes long, in both states */
    accel->then = cs->exception_index == EXCP_HVC ? ARMKVM_THEN_HVC
                                                  : ARMKVM_THEN_SMC;
    accel->then_imm = cs->exception_index == EXCP_HVC ?
                      env->exception.syndrome & 0xffff : 0;
    accel->then_pc = env->regs[15];
    cpu_exit(cs);
    return true;
}
