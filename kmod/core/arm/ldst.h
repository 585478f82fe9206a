/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads and stores, executed in software one memory access at a time.
 *
 * For accesses that the hardware can't finish: devices (the caller hands each
 * access to a device model), and instructions that are replaced by the patcher
 * (LDM^, STM^, LDRT ...).  All A32 and T32 core-register forms; not VFP and
 * SIMD, whose registers the hypervisor doesn't hold.
 *
 *	if (!ldst_decode_arm(word, &insn))
 *		... not a load or store, or UNPREDICTABLE ...
 *	ldst_begin(&run, &insn, cpu);
 *	while (ldst_next(&run, cpu, &acc)) {
 *		... perform acc, or give up: the CPU is as it was before ...
 *		ldst_supply(&run, value_read);
 *	}
 *	ldst_commit(&run, cpu);
 *
 * No register changes before ldst_commit(), so an abort anywhere leaves the
 * base-restored state that ARMv7 promises (B1.9.8), and a run may be kept over
 * an exit to the launcher, as long as nobody else touches the CPU meanwhile.
 *
 * Pure; all state is the caller's.  Values are memory images: byte 0 of the
 * value is the byte at the lowest address, whatever CPSR.E says.
 */
#ifndef ARMKVM_CORE_LDST_H
#define ARMKVM_CORE_LDST_H

#include <linux/types.h>

#include "cpu.h"

enum ldst_form {
	LDST_SINGLE,		/* one register */
	LDST_DUAL,		/* LDRD, STRD: two word accesses */
	LDST_MULTIPLE,		/* LDM, STM, PUSH, POP: a word access a register */
	LDST_SWAP,		/* SWP, SWPB: a load, then a store */
	LDST_EXCLUSIVE,		/* LDREX, STREX and their sizes: one access */
};

/* Which of the S-bit block transfers, B9.3.5, B9.3.6, B9.3.17 */
enum ldst_block {
	LDST_BLOCK_PLAIN,
	LDST_BLOCK_USER,	/* user-mode registers */
	LDST_BLOCK_RETURN,	/* the SPSR goes to the CPSR */
};

struct ldst {
	u8 form;		/* enum ldst_form */
	u8 block;		/* enum ldst_block */
	u8 size;		/* bytes an access: 1, 2, 4; 8 for LDREXD, STREXD */
	u8 len;			/* bytes of the instruction: 2 or 4 */
	u8 rn;
	u8 rt;
	u8 rt2;			/* dual, LDREXD, STREXD; the stored register of SWP */
	u8 rd;			/* STREX: the status register */
	u8 rm;			/* offset register, if @reg_offset */
	u8 shift;		/* its shift type, A8.4.1 */
	u8 shift_n;		/* 0-32 */
	bool load;
	bool sign;
	bool unpriv;		/* LDRT and the like: user rights */
	bool reg_offset;
	bool add;
	bool index;		/* offset applied to the address (P) */
	bool wback;
	bool rrx;
	u16 list;		/* multiple */
	u32 imm;
};

/*
 * What most device drivers are made of: one register, and a base that stays: LDR, STR and
 * their B, H, SB, SH forms with P set and W clear.
 */
struct ldst_simple {
	u8 rt;
	u8 size;		/* 1, 2, 4 */
	bool load;
	bool sign;
};

struct ldst_access {
	u32 gva;
	u32 align;		/* gva & align must be 0, or it is an alignment fault */
	unsigned int size;	/* 1, 2, 4, 8 */
	bool write;
	bool as_user;
	u64 value;		/* to write */
};

struct ldst_run {
	struct ldst insn;
	u32 addr;		/* of the first access */
	u32 base;		/* the base register after writeback */
	u32 val[16];		/* what was read, as memory images */
	u8 nr;			/* accesses in all */
	u8 done;
	u8 status;		/* STREX: what its Rd gets; 0, stored, unless the caller says */
};

/*
 * A32 and T32 decode.  Returns false for what is no core-register load or
 * store, for PLD and PLI (they never abort), TBB and TBH, and for encodings
 * that are UNDEFINED or UNPREDICTABLE.  The condition field isn't looked at.
 */
bool ldst_decode_arm(u32 word, struct ldst *ls);
bool ldst_decode_thumb(u16 hw1, u16 hw2, struct ldst *ls);

/*
 * Decodes A32 @word, of any condition but 1111.  Returns false if it is none that struct
 * ldst_simple is about; agrees with ldst_decode_arm().
 */
bool ldst_decode_simple(u32 word, struct ldst_simple *ls);
/*
 * The address that @word, of ldst_decode_simple(), accesses, from the registers of @cpu, whose pc
 * is its own.
 */
u32 ldst_simple_address(u32 word, const struct armkvm_cpu *cpu);
/* What the load @ls puts into its register for the memory image @image, with little-endian data. */
static inline u32 ldst_simple_value(const struct ldst_simple *ls, u32 image)
{
	switch (ls->size) {
	case 1:
		return ls->sign ? (u32)(s8)image : (u8)image;
	case 2:
		return ls->sign ? (u32)(s16)image : (u16)image;
	default:
		return image;
	}
}

/*
 * Begins to execute @ls: computes addresses from the registers of @cpu, whose pc is the
 * instruction's.
 */
void ldst_begin(struct ldst_run *run, const struct ldst *ls,
		const struct armkvm_cpu *cpu);

/* Fills in the access that is due; false when there is none left. */
bool ldst_next(const struct ldst_run *run, struct armkvm_cpu *cpu,
	       struct ldst_access *acc);

/* The access is done; @value is what a read returned, ignored for a write. */
void ldst_supply(struct ldst_run *run, u64 value);

/*
 * All accesses are done: writes registers, base, pc and IT state.  Returns
 * false, with nothing changed, if the block transfer is an exception return
 * that isn't possible (User or System mode, or an illegal SPSR): UNPREDICTABLE,
 * the caller injects UNDEF.
 */
bool ldst_commit(struct ldst_run *run, struct armkvm_cpu *cpu);

#endif /* ARMKVM_CORE_LDST_H */
