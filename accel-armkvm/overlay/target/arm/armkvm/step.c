/*
 * armkvm on Arm: where one instruction leads
 *
 * The module steps no instruction by itself: the debugger's single step is a
 * run to a temporary breakpoint where the instruction at the pc leads.
 * Exceptions that come between (interrupts, aborts that the guest mends) run
 * to their end.
 *
 * Sections cited are of DDI 0406C, the ARMv7-A Architecture Reference Manual.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "internals.h"

/* Offsets in the vector table, table B1-3 */
#define VECTOR_UND  0x04
#define VECTOR_SVC  0x08
#define VECTOR_PABT 0x0c
#define VECTOR_DABT 0x10

typedef struct Stepper {
    CPUState *cs;
    CPUARMState *env;
    uint32_t pc;
    bool thumb;
    ArmkvmStepTarget to;
} Stepper;

static bool read_mem(Stepper *s, uint32_t addr, void *buf, size_t len)
{
    return cpu_memory_rw_debug(s->cs, addr, buf, len, false) >= 0;
}

static bool read_u16(Stepper *s, uint32_t addr, uint32_t *value)
{
    uint8_t buf[2];

    if (!read_mem(s, addr, buf, sizeof(buf))) {
        return false;
    }
    *value = lduw_le_p(buf);
    return true;
}

static bool read_u32(Stepper *s, uint32_t addr, uint32_t *value)
{
    uint8_t buf[4];

    if (!read_mem(s, addr, buf, sizeof(buf))) {
        return false;
    }
    *value = ldl_le_p(buf);
    return true;
}

/* As the instruction reads it: A2.3 */
static uint32_t reg(Stepper *s, unsigned int n)
{
    return n == 15 ? s->pc + (s->thumb ? 4 : 8) : s->env->regs[n];
}

static bool cond_passed(Stepper *s, unsigned int cond)
{
    uint32_t cpsr = cpsr_read(s->env);
    bool n = cpsr & CPSR_N, z = cpsr & CPSR_Z, c = cpsr & CPSR_C;
    bool v = cpsr & CPSR_V, pass;

    switch (cond >> 1) {
    case 0:
        pass = z;
        break;
    case 1:
        pass = c;
        break;
    case 2:
        pass = n;
        break;
    case 3:
        pass = v;
        break;
    case 4:
        pass = c && !z;
        break;
    case 5:
        pass = n == v;
        break;
    case 6:
        pass = n == v && !z;
        break;
    default:
        return true;
    }
    return pass != (cond & 1);
}

static void go(Stepper *s, uint32_t pc, bool thumb)
{
    s->to.pc = pc & (thumb ? ~1u : ~3u);
    s->to.thumb = thumb;
}

/* BXWritePC, A2.3.1 */
static void go_interworking(Stepper *s, uint32_t value)
{
    go(s, value, value & 1);
}

static void go_exception_return(Stepper *s, uint32_t value)
{
    go(s, value, s->env->spsr & CPSR_T);
}

static void go_vector(Stepper *s, uint32_t offset)
{
    /* Without EL3 there is one copy of either. */
    uint32_t sctlr = s->env->cp15.sctlr_ns;
    uint32_t base = sctlr & SCTLR_V ? 0xffff0000u : s->env->cp15.vbar_ns;

    go(s, base + offset, sctlr & SCTLR_TE);
}

/* Loads a word that goes to the pc.  False: the load aborts. */
static bool go_loaded(Stepper *s, uint32_t addr)
{
    uint32_t value;

    if (!read_u32(s, addr, &value)) {
        return false;
    }
    go_interworking(s, value);
    return true;
}

/* RFE: the word at @addr and the CPSR behind it, B9.3.13 */
static bool go_rfe(Stepper *s, uint32_t addr)
{
    uint32_t pc, cpsr;

    if (!read_u32(s, addr, &pc) || !read_u32(s, addr + 4, &cpsr)) {
        return false;
    }
    go(s, pc, cpsr & CPSR_T);
    return true;
}

/* -- A32 ------------------------------------------------------------------ */

/* A8.4.1 */
static uint32_t shifted(Stepper *s, uint32_t value, unsigned int type,
                        unsigned int n, bool immediate)
{
    bool carry = cpsr_read(s->env) & CPSR_C;

    if (immediate && n == 0) {
        switch (type) {
        case 1:
        case 2:
            n = 32;
            break;
        case 3:
            return (value >> 1) | ((uint32_t)carry << 31);  /* RRX */
        }
    }
    switch (type) {
    case 0:
        return n < 32 ? value << n : 0;
    case 1:
        return n < 32 ? value >> n : 0;
    case 2:
        return (int32_t)value >> MIN(n, 31);
    default:
        return ror32(value, n & 31);
    }
}

static uint32_t shifted_rm(Stepper *s, uint32_t insn)
{
    uint32_t rm = reg(s, insn & 15);
    unsigned int type = extract32(insn, 5, 2);

    if (insn & (1u << 4)) {
        return shifted(s, rm, type, reg(s, extract32(insn, 8, 4)) & 0xff,
                       false);
    }
    return shifted(s, rm, type, extract32(insn, 7, 5), true);
}

/* A data-processing instruction whose destination is the pc, A5.2.1-3 */
static void a32_data_processing(Stepper *s, uint32_t insn)
{
    uint32_t rn = reg(s, extract32(insn, 16, 4));
    uint32_t op2 = insn & (1u << 25)
                   ? ror32(insn & 0xff, extract32(insn, 8, 4) * 2)
                   : shifted_rm(s, insn);
    uint32_t carry = !!(cpsr_read(s->env) & CPSR_C);
    uint32_t value;

    switch (extract32(insn, 21, 4)) {
    case 0:
        value = rn & op2;
        break;
    case 1:
        value = rn ^ op2;
        break;
    case 2:
        value = rn - op2;
        break;
    case 3:
        value = op2 - rn;
        break;
    case 4:
        value = rn + op2;
        break;
    case 5:
        value = rn + op2 + carry;
        break;
    case 6:
        value = rn - op2 - !carry;
        break;
    case 7:
        value = op2 - rn - !carry;
        break;
    case 12:
        value = rn | op2;
        break;
    case 13:
        value = op2;
        break;
    case 14:
        value = rn & ~op2;
        break;
    default:
        value = ~op2;
        break;
    }
    if (insn & (1u << 20)) {
        go_exception_return(s, value);
    } else {
        go_interworking(s, value);
    }
}

/* LDR pc, A8.8.62 and on */
static bool a32_load_pc(Stepper *s, uint32_t insn)
{
    uint32_t addr = reg(s, extract32(insn, 16, 4));
    uint32_t offset = insn & (1u << 25) ? shifted_rm(s, insn & ~(1u << 4))
                                        : insn & 0xfff;

    if (insn & (1u << 24)) {
        addr = insn & (1u << 23) ? addr + offset : addr - offset;
    }
    return go_loaded(s, addr);
}

/* Where the highest register of an LDM is in memory, A8.8.58 and on */
static uint32_t a32_block_last(Stepper *s, uint32_t insn, unsigned int words)
{
    uint32_t base = reg(s, extract32(insn, 16, 4));
    bool up = insn & (1u << 23), before = insn & (1u << 24);

    return up ? base + 4 * (words - !before) : base - 4 * before;
}

static bool a32_load_multiple(Stepper *s, uint32_t insn)
{
    uint32_t addr = a32_block_last(s, insn, ctpop16(insn));
    uint32_t value;

    if (!(insn & (1u << 22))) {
        return go_loaded(s, addr);
    }
    if (!read_u32(s, addr, &value)) {
        return false;
    }
    go_exception_return(s, value);
    return true;
}

/* Returns: false if the instruction's own load aborts. */
static bool a32_step(Stepper *s, uint32_t insn)
{
    unsigned int cond = insn >> 28, opcode = extract32(insn, 21, 4);
    int32_t branch = sextract32(insn, 0, 24) * 4;

    if (cond == 15) {
        if ((insn & 0xfe000000) == 0xfa000000) {                /* BLX */
            go(s, s->pc + 8 + branch + (insn & (1u << 24) ? 2 : 0), true);
        } else if ((insn & 0xfe50ffff) == 0xf8100a00) {         /* RFE */
            return go_rfe(s, a32_block_last(s, insn, 2) - 4);
        }
        return true;
    }
    if (!cond_passed(s, cond)) {
        return true;
    }
    if ((insn & 0x0e000000) == 0x0a000000) {                    /* B, BL */
        go(s, s->pc + 8 + branch, false);
    } else if ((insn & 0x0fffffc0) == 0x012fff00 &&
               (insn & 0x30)) {                                 /* BX, BLX */
        go_interworking(s, reg(s, insn & 15));
    } else if ((insn & 0x0c000000) == 0) {
        bool extra = !(insn & (1u << 25)) && (insn & 0x90) == 0x90;

        if (!extra && extract32(insn, 12, 4) == 15 &&
            (opcode < 8 || opcode > 11)) {
            a32_data_processing(s, insn);
        }
    } else if ((insn & 0xfff000f0) == 0xe7f000f0) {             /* UDF */
        go_vector(s, VECTOR_UND);
    } else if ((insn & 0x0c50f000) == 0x0410f000 &&
               (insn & 0x02000010) != 0x02000010) {             /* LDR pc */
        return a32_load_pc(s, insn);
    } else if ((insn & 0x0e108000) == 0x08108000) {             /* LDM pc */
        return a32_load_multiple(s, insn);
    } else if ((insn & 0x0f000000) == 0x0f000000) {             /* SVC */
        go_vector(s, VECTOR_SVC);
    }
    return true;
}

/* -- T32 ------------------------------------------------------------------ */

static bool t16_step(Stepper *s, uint32_t insn)
{
    unsigned int cond = extract32(insn, 8, 4);
    unsigned int rd = (extract32(insn, 7, 1) << 3) | (insn & 7);
    uint32_t rm = reg(s, extract32(insn, 3, 4));

    if ((insn & 0xf000) == 0xd000) {
        if (cond >= 14) {                                       /* UDF, SVC */
            go_vector(s, cond == 14 ? VECTOR_UND : VECTOR_SVC);
        } else if (cond_passed(s, cond)) {
            go(s, s->pc + 4 + sextract32(insn, 0, 8) * 2, true);
        }
    } else if ((insn & 0xf800) == 0xe000) {                     /* B */
        go(s, s->pc + 4 + sextract32(insn, 0, 11) * 2, true);
    } else if ((insn & 0xf500) == 0xb100) {                     /* CBZ, CBNZ */
        if (!reg(s, insn & 7) != !!(insn & (1u << 11))) {
            go(s, s->pc + 4 + (extract32(insn, 9, 1) << 6) +
                  (extract32(insn, 3, 5) << 1), true);
        }
    } else if ((insn & 0xff00) == 0x4700) {                     /* BX, BLX */
        go_interworking(s, rm);
    } else if ((insn & 0xff00) == 0x4400 && rd == 15) {         /* ADD pc */
        go(s, s->pc + 4 + rm, true);
    } else if ((insn & 0xff00) == 0x4600 && rd == 15) {         /* MOV pc */
        go(s, rm, true);
    } else if ((insn & 0xff00) == 0xbd00) {                     /* POP pc */
        return go_loaded(s, s->env->regs[13] + 4 * ctpop8(insn));
    }
    return true;
}

/* Branches and miscellaneous control, A6.3.4 */
static void t32_branch(Stepper *s, uint32_t hw1, uint32_t hw2)
{
    uint32_t sign = extract32(hw1, 10, 1);
    uint32_t i1 = !(extract32(hw2, 13, 1) ^ sign);
    uint32_t i2 = !(extract32(hw2, 11, 1) ^ sign);
    int32_t offset = sextract32(sign << 24 | i1 << 23 | i2 << 22 |
                                extract32(hw1, 0, 10) << 12 |
                                extract32(hw2, 0, 11) << 1, 0, 25);

    switch (hw2 & 0xd000) {
    case 0x9000:                                                /* B, T4 */
    case 0xd000:                                                /* BL */
        go(s, s->pc + 4 + offset, true);
        break;
    case 0xc000:                                                /* BLX */
        go(s, ((s->pc + 4) & ~3u) + (offset & ~3), false);
        break;
    default:
        if (extract32(hw1, 7, 3) != 7) {                        /* B, T3 */
            if (cond_passed(s, extract32(hw1, 6, 4))) {
                go(s, s->pc + 4 +
                      sextract32(sign << 20 | extract32(hw2, 11, 1) << 19 |
                                 extract32(hw2, 13, 1) << 18 |
                                 extract32(hw1, 0, 6) << 12 |
                                 extract32(hw2, 0, 11) << 1, 0, 21), true);
            }
        } else if ((hw1 & 0xfff0) == 0xf3d0 && (hw2 & 0xff00) == 0x8f00) {
            go_exception_return(s, reg(s, 14) - (hw2 & 0xff));  /* SUBS PC */
        } else if ((hw1 & 0xfff0) == 0xf3c0 && (hw2 & 0xff00) == 0x8f00) {
            go_interworking(s, reg(s, hw1 & 15));               /* BXJ */
        }
        break;
    }
}

/* LDR.W pc, A8.8.63 and on */
static bool t32_load_pc(Stepper *s, uint32_t hw1, uint32_t hw2)
{
    unsigned int rn = hw1 & 15;
    uint32_t addr = reg(s, rn);

    if (rn == 15) {
        addr &= ~3u;
        addr = hw1 & (1u << 7) ? addr + (hw2 & 0xfff) : addr - (hw2 & 0xfff);
    } else if (hw1 & (1u << 7)) {
        addr += hw2 & 0xfff;
    } else if (hw2 & (1u << 11)) {
        if (hw2 & (1u << 10)) {
            addr = hw2 & (1u << 9) ? addr + (hw2 & 0xff)
                                   : addr - (hw2 & 0xff);
        }
    } else {
        addr += reg(s, hw2 & 15) << extract32(hw2, 4, 2);
    }
    return go_loaded(s, addr);
}

static bool t32_table_branch(Stepper *s, uint32_t hw1, uint32_t hw2)
{
    uint32_t base = reg(s, hw1 & 15), index = reg(s, hw2 & 15), entry;

    if (hw2 & (1u << 4)) {
        if (!read_u16(s, base + 2 * index, &entry)) {
            return false;
        }
    } else {
        uint8_t byte;

        if (!read_mem(s, base + index, &byte, 1)) {
            return false;
        }
        entry = byte;
    }
    go(s, s->pc + 4 + 2 * entry, true);
    return true;
}

static bool t32_step(Stepper *s, uint32_t hw1, uint32_t hw2)
{
    uint32_t base = reg(s, hw1 & 15);

    if ((hw1 & 0xf800) == 0xf000 && (hw2 & 0x8000)) {
        t32_branch(s, hw1, hw2);
    } else if ((hw1 & 0xfff0) == 0xe8d0 && (hw2 & 0xffe0) == 0xf000) {
        return t32_table_branch(s, hw1, hw2);                   /* TBB, TBH */
    } else if ((hw1 & 0xff70) == 0xf850 && hw2 >> 12 == 15) {
        return t32_load_pc(s, hw1, hw2);
    } else if ((hw1 & 0xffd0) == 0xe890 && (hw2 & 0x8000)) {    /* LDM */
        return go_loaded(s, base + 4 * (ctpop16(hw2) - 1));
    } else if ((hw1 & 0xffd0) == 0xe910 && (hw2 & 0x8000)) {    /* LDMDB */
        return go_loaded(s, base - 4);
    } else if ((hw1 & 0xffd0) == 0xe810 && hw2 == 0xc000) {     /* RFEDB */
        return go_rfe(s, base - 8);
    } else if ((hw1 & 0xffd0) == 0xe990 && hw2 == 0xc000) {     /* RFEIA */
        return go_rfe(s, base);
    }
    return true;
}

static bool thumb_step(Stepper *s)
{
    uint32_t it = s->env->condexec_bits;
    uint32_t hw1, hw2 = 0;
    bool wide;

    if (!read_u16(s, s->pc, &hw1)) {
        return false;
    }
    wide = hw1 >> 11 >= 0x1d;
    if (wide && !read_u16(s, s->pc + 2, &hw2)) {
        return false;
    }
    go(s, s->pc + (wide ? 4 : 2), true);
    if ((it & 0xf) && !cond_passed(s, it >> 4)) {
        return true;
    }
    return wide ? t32_step(s, hw1, hw2) : t16_step(s, hw1);
}

void armkvm_arch_step_target(CPUState *cs, ArmkvmStepTarget *to)
{
    CPUARMState *env = cpu_env(cs);
    Stepper s = {
        .cs = cs,
        .env = env,
        .pc = env->regs[15],
        .thumb = env->thumb,
    };
    uint32_t insn, hw;
    bool fetched, ok;

    if (s.thumb) {
        fetched = read_u16(&s, s.pc, &hw) &&
                  (hw >> 11 < 0x1d || read_u16(&s, s.pc + 2, &hw));
        ok = fetched && thumb_step(&s);
    } else {
        go(&s, s.pc + 4, false);
        fetched = read_u32(&s, s.pc, &insn);
        ok = fetched && a32_step(&s, insn);
    }
    if (!ok) {
        go_vector(&s, fetched ? VECTOR_DABT : VECTOR_PABT);
    }
    *to = s.to;
}

void armkvm_arch_fetch_abort_target(CPUState *cs, ArmkvmStepTarget *to)
{
    Stepper s = { .cs = cs, .env = cpu_env(cs) };

    go_vector(&s, VECTOR_PABT);
    *to = s.to;
}
