/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loops of TLB maintenance by address, of which several turns are done at one exit.
 *
 * The shape that Linux has,
 *
 *	1:	MCR	p15, 0, Rt, c8, ...	@ by address
 *		ADD	Rt, Rt, #4096
 *		CMP	Rt, Rm
 *		BLO	1b
 *
 * is known in both instruction sets, and done at once however long it is.  Others are recognised by what they do: the
 * same instruction named the page before.  Then what the guest executes between the two is
 * executed here, as long as it is barriers, maintenance of branch predictors, simple
 * arithmetic and branches; where it isn't, the guest goes on in the middle.
 */
#ifndef ARMKVM_ENGINE_TLBI_LOOP_H
#define ARMKVM_ENGINE_TLBI_LOOP_H

#include <linux/types.h>

#include "../cp15.h"

struct engine_vcpu;

/* What the vCPU named last, and where. */
struct tlbi_last {
	u32 pc;
	u32 val;
};

/*
 * The maintenance @op of operand @val in r[@rt] at the pc, with as many of the turns that follow as
 * are done at once; registers, flags and pc become what they are behind it.  Returns false,
 * with nothing changed, if @op is no TLB maintenance, or of a range that is too long with interrupts
 * off: MMU_LIGHT_RANGE.  Held: mmu->lock; the commit is the caller's.
 */
bool tlbi_loop(struct engine_vcpu *ev, enum cp15_op op, u32 val, unsigned int rt);

#endif /* ARMKVM_ENGINE_TLBI_LOOP_H */
