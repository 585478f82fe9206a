/*
 * armkvm on Arm: core and VFP registers, from and to QEMU's state
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "internals.h"

#define CORE_WORDS (sizeof(struct armkvm_regs) / sizeof(uint32_t))
#define CORE_WORD_RESERVED 17

QEMU_BUILD_BUG_ON(CORE_WORDS != 38);
QEMU_BUILD_BUG_ON(CORE_WORDS != ARMKVM_NR_CORE_REGS + 1);

/* The word of struct armkvm_regs that is the @i-th register. */
static unsigned int core_word(unsigned int i)
{
    return i < CORE_WORD_RESERVED ? i : i + 1;
}

uint64_t armkvm_arm_core_id(unsigned int i)
{
    return ARMKVM_REG_ARM_CORE_REG(core_word(i));
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

void armkvm_arm_put_core(CPUARMState *env, struct armkvm_reg_value *values)
{
    struct armkvm_regs regs;
    const uint32_t *word = (const uint32_t *)&regs;
    unsigned int i;

    core_from_env(env, &regs);
    for (i = 0; i < ARMKVM_NR_CORE_REGS; i++) {
        values[i].value = word[core_word(i)];
    }
}

int armkvm_arm_get_core(CPUARMState *env, const struct armkvm_reg_value *values,
                        Error **errp)
{
    struct armkvm_regs regs = { };
    uint32_t *word = (uint32_t *)&regs;
    unsigned int i;

    for (i = 0; i < ARMKVM_NR_CORE_REGS; i++) {
        word[core_word(i)] = values[i].value;
    }
    if (!mode_is_valid(regs.usr_regs[16])) {
        error_setg(errp, "the module gives a CPSR of 0x%08x, which is no mode "
                   "of a guest", regs.usr_regs[16]);
        return -EINVAL;
    }
    core_to_env(env, &regs);
    return 0;
}

/* -- VFP and Advanced SIMD ------------------------------------------------ */

bool armkvm_arm_vfp_is_state(uint64_t id)
{
    if ((id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64) {
        return true;
    }
    switch (id & 0xffff) {
    case ARMKVM_REG_ARM_VFP_FPSCR:
    case ARMKVM_REG_ARM_VFP_FPEXC:
    case ARMKVM_REG_ARM_VFP_FPINST:
    case ARMKVM_REG_ARM_VFP_FPINST2:
        return true;
    default:
        return false;
    }
}

void armkvm_arm_put_vfp(CPUARMState *env, struct armkvm_reg_value *reg)
{
    if ((reg->id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64) {
        reg->value = *aa32_vfp_dreg(env, reg->id & 31);
        return;
    }
    switch (reg->id & 0xffff) {
    case ARMKVM_REG_ARM_VFP_FPSCR:
        reg->value = vfp_get_fpscr(env);
        break;
    case ARMKVM_REG_ARM_VFP_FPEXC:
        reg->value = env->vfp.xregs[ARM_VFP_FPEXC];
        break;
    case ARMKVM_REG_ARM_VFP_FPINST:
        reg->value = env->vfp.xregs[ARM_VFP_FPINST];
        break;
    case ARMKVM_REG_ARM_VFP_FPINST2:
        reg->value = env->vfp.xregs[ARM_VFP_FPINST2];
        break;
    }
}

void armkvm_arm_get_vfp(CPUARMState *env, const struct armkvm_reg_value *reg)
{
    if ((reg->id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64) {
        *aa32_vfp_dreg(env, reg->id & 31) = reg->value;
        return;
    }
    switch (reg->id & 0xffff) {
    case ARMKVM_REG_ARM_VFP_FPSCR:
        vfp_set_fpscr(env, reg->value);
        break;
    case ARMKVM_REG_ARM_VFP_FPEXC:
        env->vfp.xregs[ARM_VFP_FPEXC] = reg->value;
        break;
    case ARMKVM_REG_ARM_VFP_FPINST:
        env->vfp.xregs[ARM_VFP_FPINST] = reg->value;
        break;
    case ARMKVM_REG_ARM_VFP_FPINST2:
        env->vfp.xregs[ARM_VFP_FPINST2] = reg->value;
        break;
    }
}
