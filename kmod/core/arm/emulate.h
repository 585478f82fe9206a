/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Executes the sensitive unprivileged instructions on a struct armkvm_cpu.
 *
 * Pure: memory is reached through callbacks.  UNPREDICTABLE cases have one
 * result here, the Undefined Instruction exception, with nothing changed.
 */
#ifndef ARMKVM_CORE_EMULATE_H
#define ARMKVM_CORE_EMULATE_H

#include <linux/types.h>

#include "cpu.h"

/* emu_fault.code when it wasn't a callback that refused */
#define EMU_FAULT_ALIGNMENT	(-1)

/*
 * Guest memory by virtual address.  @gva is aligned to @size (1, 2 or 4), so an
 * access never crosses a page.  @as_user: with the rights of User mode, else
 * with those of a privileged mode.  Values are memory images: byte 0 is the byte
 * at @gva.  Return 0, or a positive code of the caller's own that comes back in
 * emu_fault.code; a call that failed had no effect.
 */
struct emu_mem_ops {
	int (*read)(void *ctx, u32 gva, unsigned int size, bool as_user, u32 *val);
	int (*write)(void *ctx, u32 gva, unsigned int size, bool as_user, u32 val);
};

/* What a data abort is about: DFAR, DFSR.WnR and what the callback said. */
struct emu_fault {
	u32 gva;
	int code;
	bool write;
	bool as_user;
};

struct emu {
	struct armkvm_cpu *cpu;
	const struct emu_mem_ops *mem;
	void *ctx;			/* handed to the callbacks */
	bool strict_align;		/* SCTLR.A: unaligned LDRT and the like abort */
	bool virt_ext;			/* the guest's ID_PFR1 has the Virtualization Extensions: */
					/* MRS and MSR (banked register), ERET; else UNDEF */
	struct emu_fault fault;		/* valid after EMU_ABORT */
};

enum emu_result {
	EMU_DONE,		/* executed; cpu->pc is what runs next */
	EMU_WFI,		/* executed, as EMU_DONE; the vCPU may sleep */
	EMU_UNDEF,		/* nothing changed: inject UND for cpu->pc */
	EMU_ABORT,		/* registers unchanged: inject a data abort for cpu->pc */
};

/*
 * Executes A32 @word, the original instruction at cpu->pc or the equivalent of a T32 one
 * (thumb_to_arm()) of 4 bytes, whose condition is checked here.  A word that insn_decode_arm()
 * doesn't call sensitive and unprivileged is UNDEF,
 * unless its condition fails.
 * An EMU_DONE may have unmasked interrupts, changed mode, endianness or
 * instruction set: the caller looks at the CPSR before it goes on.
 */
enum emu_result emu_execute(struct emu *emu, u32 word);

/* A8.3: does condition @cond pass under the flags of @cpsr?  15 always does. */
bool emu_cond_passed(u32 cpsr, unsigned int cond);

/* Steps over an instruction of @len bytes: pc, and in Thumb state the IT bits (A2.5.2). */
void emu_skip(struct armkvm_cpu *cpu, unsigned int len);

/* A8.4.3: Shift() by an immediate; type 0-3 LSL, LSR, ASR, ROR; amount 0-32 */
u32 emu_shift(u32 value, unsigned int type, unsigned int amount);
/* A2.2.1: RRX by the carry in @cpsr */
u32 emu_rrx(u32 value, u32 cpsr);

#endif /* ARMKVM_CORE_EMULATE_H */
