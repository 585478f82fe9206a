/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: guests that run privileged; ../priv.h is what the engine sees of it.
 */
#ifndef ARMKVM_HOST_ARM_PRIV_H
#define ARMKVM_HOST_ARM_PRIV_H

#include <linux/types.h>

struct host_vcpu;

/* armkvm_host_ops.priv */
extern const struct host_priv_ops host_arm_priv_ops;

/* Frees what a vCPU has for it.  May sleep. */
void host_arm_priv_drop(struct host_vcpu *hv);

/*
 * line.c: the physical interrupt controller while a privileged guest runs.
 *
 * At load.  Returns NULL, or why this host's controller can't serve.  May sleep.
 */
const char *line_start(void);
void line_stop(void);
/* Can guests be privileged, as far as is known?  Any context. */
bool line_works(void);
/*
 * Around a stay; IRQs and FIQs masked.  line_enter() returns false if it can't be, now and for ever: then there is
 * none.  From it on the host's interrupts are FIQs and
 * the line, if @level, is an IRQ that waits for CPSR.I to be clear; until line_leave().
 */
bool line_enter(bool level);
void line_leave(void);

#endif /* ARMKVM_HOST_ARM_PRIV_H */
