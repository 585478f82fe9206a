/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: the fast path, as far as it is in C; see fastpath-c.c.
 */
#ifndef ARMKVM_HOST_ARM64_FASTPATH_H
#define ARMKVM_HOST_ARM64_FASTPATH_H

#include <linux/types.h>

struct armkvm_vcpu;
struct host_arm64_ctx;
struct host_entry;

enum fastpath_result {
	FASTPATH_NONE,		/* nothing is changed: the engine does it */
	FASTPATH_GUEST,		/* done: back to the guest */
	FASTPATH_LEAVE,		/* done, and the engine has something to do before the guest runs */
	FASTPATH_DONE,		/* the same of an exit that the light path has counted */
};

/* Once, at load. */
void host_fastpath_init(void);

/* Is a line of the instruction cache found by its virtual address only? */
bool host_icache_aliases(void);

/* What an erratum wants before new instructions are announced. */
void host_before_icache_op(void);

/*
 * Answers the exception described in @ctx, if it is one that a guest's kernel
 * causes at every turn and that needs no lock, no allocation and no sleep.
 * The guest's registers are in ctx->cpu, pc and cpsr included.  IRQs off, in
 * the guest's stay.
 */
enum fastpath_result host_fastpath(struct armkvm_vcpu *vcpu, const struct host_entry *entry,
				   struct host_arm64_ctx *ctx);

/* The word that the guest's kernel executes at its pc.  false: not in ARM state, or not mapped. */
bool host_fastpath_insn(const struct host_arm64_ctx *ctx, u32 *word);

#endif /* ARMKVM_HOST_ARM64_FASTPATH_H */
