/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in the place of sensitive unprivileged instructions, met by a vCPU. */
#ifndef ARMKVM_CORE_ENGINE_SENSITIVE_H
#define ARMKVM_CORE_ENGINE_SENSITIVE_H

#include <linux/types.h>

struct engine_vcpu;

/*
 * Executes the sensitive unprivileged instruction at the pc, of @len bytes, in a privileged mode.
 * @word: as for emu_execute().  May sleep.  Returns an enum engine_next.
 */
int engine_sensitive(struct engine_vcpu *ev, u32 word, unsigned int len);

/*
 * The look word @word (core/arm/thumb.h) was executed at the pc.  The page is copied anew, with
 * what is now known; or, if the guest itself has put the word there out of a copy that it read,
 * RAM gets the original.  May sleep; in vm->srcu.  Returns false if the word is the guest's own.
 */
bool engine_look(struct engine_vcpu *ev, u32 word);

#endif /* ARMKVM_CORE_ENGINE_SENSITIVE_H */
