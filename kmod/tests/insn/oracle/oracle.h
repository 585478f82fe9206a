/* SPDX-License-Identifier: GPL-2.0-only */
/* What start.S and oracle.c share. */
#ifndef ORACLE_H
#define ORACLE_H

#include <linux/types.h>

/* All that a program can see of the core; start.S knows the offsets. */
struct core_state {
	u32 r[13];
	u32 pc, cpsr;
	u32 usr[2];
	u32 svc[3], irq[3], abt[3], und[3];
	u32 fiq[8];		/* r8-r12, sp, lr, spsr */
	u32 kind, far;
};

/* start.S: runs the instruction at s->pc; *@s is the state that it left. */
void run_on_core(struct core_state *s);

/* oracle.c: called by start.S */
int main(void);
void unexpected_exception(void);

#endif
