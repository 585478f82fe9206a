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
 * is known, and done at once however long it is.  Others are recognised by what they do: the
 * same instruction named the page before.  Then what the guest executes between the two is
 * executed here, as long as it is barriers, maintenance of branch predictors, simple
 * arithmetic and branches; where it isn't, the guest goes on in the middle.
 */
#ifndef ARMKVM_ENGINE_TLBI_LOOP_H
#define ARMKVM_ENGINE_TLBI_LOOP_H

#include <linux/types.h>

struct engine_vcpu;

/* What the vCPU named last, and where. */
struct tlbi_last {
	u32 pc;
	u32 val;
};

struct tlbi_loop {
	u32 last;		/* the last address that is to be named; the caller begins with the first */
	bool known;		/* Linux's shape: Rt ends at @next, compared with @end */
	u32 next;
	u32 end;
};

/*
 * The vCPU is at maintenance by the address in r[@rt], which @loop->last is set to.  Finds what
 * may be named together with it.  Held: mmu->lock.  No side effect on the guest.
 */
void tlbi_loop_find(struct engine_vcpu *ev, unsigned int rt, struct tlbi_loop *loop);

/*
 * All up to @last, which may be less than tlbi_loop_find() proposed, has been named: registers,
 * flags and pc become what they are behind it.  Held: mmu->lock.
 */
void tlbi_loop_leave(struct engine_vcpu *ev, unsigned int rt, const struct tlbi_loop *loop, u32 last);

#endif /* ARMKVM_ENGINE_TLBI_LOOP_H */
