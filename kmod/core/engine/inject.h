/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest takes an exception, or the VM can't go on. */
#ifndef ARMKVM_CORE_ENGINE_INJECT_H
#define ARMKVM_CORE_ENGINE_INJECT_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "../arm/cpu.h"
#include "../arm/walk.h"
#include "fault.h"

struct engine_vcpu;

/* The guest takes the exception @vec with the preferred return address @ret: ARM DDI 0406C B1.8. */
void engine_take(struct engine_vcpu *ev, enum cpu_vector vec, u32 ret);

/* The instruction at the pc is undefined to the guest. */
void engine_inject_undef(struct engine_vcpu *ev);
/* The access of the instruction at the pc aborts at @gva, with the fault status @dfsr. */
void engine_inject_dabt(struct engine_vcpu *ev, u32 gva, u32 dfsr);
/* The fetch of the instruction at the pc aborts at @gva, with the fault status @ifsr. */
void engine_inject_pabt(struct engine_vcpu *ev, u32 gva, u32 ifsr);
/*
 * A data or prefetch abort at @gva, as @kind (WALK_*) says.  Its status is given as the short and
 * as the long format encodes it: B3.13.3
 */
void engine_inject_status(struct engine_vcpu *ev, u32 gva, u8 kind, u32 short_status,
			  u32 long_status);
/*
 * The abort for @fault, which a walk of the tables found for an access of @kind (WALK_*) at @gva.
 */
void engine_inject_walk_fault(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva,
			      u8 kind, const struct walk_fault *fault);
/* A synchronous external abort at @gva, not on a walk. */
void engine_inject_external(struct engine_vcpu *ev, u32 gva, u8 kind);

/* An Alignment fault at @gva. */
static inline void engine_inject_alignment(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	engine_inject_status(ev, gva, kind, FSC_ALIGNMENT, 0x21);
}

/*
 * The VM can't go on: ARMKVM_EXIT_INTERNAL_ERROR with a text for the launcher's user.
 * Returns ENGINE_USER.
 */
__printf(4, 5)
int engine_fail(struct engine_vcpu *ev, u32 suberror, u32 insn, const char *fmt, ...);

/*
 * The module can't execute the instruction @insn (0: it isn't known) at the pc, or not in this
 * state of the guest.  A launcher that emulates does it, ARMKVM_EXIT_EMULATE; for others the VM
 * can't go on, as engine_fail() has it.  Nothing of the instruction has been done.  Returns
 * ENGINE_USER.
 */
__printf(4, 5)
int engine_emulate(struct engine_vcpu *ev, u32 suberror, u32 insn, const char *fmt, ...);

#endif /* ARMKVM_CORE_ENGINE_INJECT_H */
