/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an instruction means to the hypervisor (ARM DDI 0406C).
 *
 * Pure.  Words and halfwords are values: the caller has already read the
 * little-endian instruction stream.
 *
 * An instruction is of one of three sorts when it runs at PL0:
 *
 *  - sensitive: it neither does what privileged code means by it nor traps, or the
 *    manual calls it UNPREDICTABLE in User mode.  The patcher replaces it.
 *  - trapping: it raises an exception by itself, and is decoded afterwards.
 *  - everything else is INSN_OTHER and left to the hardware.
 *
 * Encodings whose should-be-zero and should-be-one bits are wrong, and those
 * that are UNPREDICTABLE in every mode, are INSN_OTHER: at PL0 they can harm
 * nobody but the guest, and no compiler makes them, but data looks like them.
 *
 * WFE and SEV are native on purpose: an event register is the hardware's to
 * hold, SEV of another vCPU wakes the core, and a host interrupt ends the wait.
 * WFI would hold the host's core until an interrupt of the *host*, so it is
 * sensitive.  SETEND, CLREX, barriers and preloads work at PL0 as they do at PL1.
 */
#ifndef ARMKVM_CORE_DECODE_H
#define ARMKVM_CORE_DECODE_H

#include <linux/types.h>

enum insn_kind {
	INSN_OTHER,

	/* sensitive at PL0; the emulator executes them */
	INSN_CPS,		/* B9.3.2 */
	INSN_MRS,		/* B9.3.8 */
	INSN_MSR_REG,		/* B9.3.12 */
	INSN_MSR_IMM,		/* B9.3.11 */
	INSN_MRS_BANKED,	/* B9.3.9 */
	INSN_MSR_BANKED,	/* B9.3.10 */
	INSN_ERET,		/* B9.3.3 */
	INSN_RFE,		/* B9.3.13 */
	INSN_SRS,		/* B9.3.16 */
	INSN_LDM_USER,		/* B9.3.6 */
	INSN_LDM_RET,		/* B9.3.5 */
	INSN_STM_USER,		/* B9.3.17 */
	INSN_DP_RET,		/* B9.3.19, B9.3.20: SUBS PC, LR and its relatives */
	INSN_WFI,		/* A8.8.425 */
	INSN_LDST_UNPRIV,	/* LDRT, STRT, LDRHT ...: run, but with kernel rights */

	/* trap at PL0 */
	INSN_UDF,		/* A8.8.247: also the shape of the patcher's replacement */
	INSN_SVC,
	INSN_BKPT,
	INSN_HVC,
	INSN_SMC,
	INSN_CP_REG,		/* MCR, MRC, MCR2, MRC2 */
	INSN_CP_REG2,		/* MCRR, MRRC, MCRR2, MRRC2 */
	INSN_CP_LDST,		/* LDC, STC, LDC2, STC2 */
	INSN_CP_DATA,		/* CDP, CDP2 */
	INSN_FP_SYS,		/* VMRS, VMSR: PL1 only, but for the FPSCR */
	INSN_FP,		/* the rest of VFP and Advanced SIMD: traps when disabled */
	INSN_KIND_NR,
};

static inline bool insn_is_silent(enum insn_kind kind)
{
	return kind >= INSN_CPS && kind <= INSN_LDST_UNPRIV;
}

/* The fields stand at the same place in every A32 encoding that has them. */
#define INSN_COND_CC	3U		/* LO, unsigned */
#define INSN_COND_AL	14U
#define INSN_COND_NONE	15U		/* the unconditional space */

static inline u32 insn_field(u32 word, unsigned int low, unsigned int width)
{
	return (word >> low) & ((1U << width) - 1);
}

static inline bool insn_bit(u32 word, unsigned int n)
{
	return (word >> n) & 1;
}

static inline unsigned int insn_cond(u32 word)
{
	return word >> 28;
}

static inline unsigned int insn_rn(u32 word)
{
	return insn_field(word, 16, 4);
}

static inline unsigned int insn_rd(u32 word)
{
	return insn_field(word, 12, 4);
}

static inline unsigned int insn_rs(u32 word)
{
	return insn_field(word, 8, 4);
}

static inline unsigned int insn_rm(u32 word)
{
	return insn_field(word, 0, 4);
}

/* The 16-bit immediate of UDF (and BKPT, HVC): imm12 in 19:8, imm4 in 3:0. */
static inline u32 insn_imm16(u32 word)
{
	return ((word >> 4) & 0xfff0) | (word & 0xf);
}

/* The signed number in the lowest @bits bits of @val. */
static inline int insn_sign_extend(u32 val, unsigned int bits)
{
	return (int)(val << (32 - bits)) >> (32 - bits);
}

/* A5.2.4, ARMExpandImm: the 12-bit modified immediate of @word */
static inline u32 insn_expand_imm(u32 word)
{
	unsigned int rotate = 2 * insn_rs(word);
	u32 imm8 = word & 0xff;

	return rotate ? imm8 >> rotate | imm8 << (32 - rotate) : imm8;
}

/* A32: the kind of @word.  Constant time, no side effects. */
enum insn_kind insn_decode_arm(u32 word);

/*
 * T32: the kind of a Thumb instruction; @hw2 is ignored where @hw1 is a whole
 * one.
 */
enum insn_kind insn_decode_thumb(u16 hw1, u16 hw2);

/* A6.1: true if @hw1 opens a 32-bit Thumb instruction */
static inline bool insn_thumb_is_wide(u16 hw1)
{
	return (hw1 & 0xe000) == 0xe000 && (hw1 & 0x1800);
}

/* The mnemonic of @kind, for messages; never NULL. */
const char *insn_kind_name(enum insn_kind kind);

/*
 * A coprocessor register access, from A32 or from T32 as (hw1 << 16 | hw2):
 * both lay the fields out alike.  @word is INSN_CP_REG, INSN_CP_REG2 or
 * INSN_FP_SYS.
 */
struct insn_cp {
	u8 coproc;
	u8 opc1;
	u8 crn;			/* 0 for MCRR and MRRC */
	u8 crm;
	u8 opc2;		/* 0 for MCRR and MRRC */
	u8 rt;
	u8 rt2;			/* MCRR and MRRC only */
	bool read;		/* MRC, MRRC: coprocessor to core */
	bool pair;		/* MCRR, MRRC */
};

void insn_decode_cp(u32 word, struct insn_cp *cp);

/*
 * True if A32 @word is an instruction that this architecture defines, as far
 * as a cheap look tells.  It weighs code against data for the patcher, so an
 * error on either side costs accuracy and nothing else.
 */
bool insn_plausible_arm(u32 word);

#endif /* ARMKVM_CORE_DECODE_H */
