/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: registers that are one a core, by which the host lets its programs at timer,
 * debug, performance monitors, ThumbEE and Jazelle.  A guest's programs get none of it; shadow-mode.rst
 * has the table.
 */
#ifndef ARMKVM_HOST_ARM_PL0_H
#define ARMKVM_HOST_ARM_PL0_H

#include <linux/types.h>

struct armkvm_vcpu;

/* The host's, during a stay. */
struct pl0_state {
	u32 cntkctl;
	u32 dscr;
	u32 pmuserenr;
	u32 teehbr;
	u32 joscr;
	u32 jmcr;
};

/* Looks at what the cores have.  Once, at load, when armkvm_host is known. */
void pl0_init(void);
/* Have the host's cores the generic timer? */
bool pl0_has_timer(void);
/*
 * Around a stay, interrupts off: keeps the host's in @host and puts the guest's in place. @own_count: what the
 * host lets its programs read as CNTVCT is the guest's count.
 */
void pl0_enter(struct pl0_state *host, const struct armkvm_vcpu *vcpu, bool own_count);
void pl0_leave(const struct pl0_state *host, struct armkvm_vcpu *vcpu);

/* CNTKCTL, during a stay of a guest that has it: pl0_leave() gives the host its own.  0 without a timer. */
void pl0_put_cntkctl(u32 cntkctl);
u32 pl0_get_cntkctl(void);

#endif /* ARMKVM_HOST_ARM_PL0_H */
