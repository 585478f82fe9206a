/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: short cuts, see shortcut.c.
 */
#ifndef ARMKVM_HOST_ARM64_SHORTCUT_H
#define ARMKVM_HOST_ARM64_SHORTCUT_H

#include "../core/mmu/mmu.h"

struct armkvm_vcpu;
struct host_arm64_ctx;
struct host_entry;

enum shortcut {
	SHORTCUT_NONE,		/* nothing is changed: the engine does it */
	SHORTCUT_GUEST,		/* done: back to the guest */
	SHORTCUT_LEAVE,		/* done, and the engine has something to do before the guest runs */
};

/* What a stay in the guest knows of its tables; on the stack of host_enter(). */
struct shortcut_tables {
	root_t *root[MMU_VIEWS];	/* those of the guest's DACR */
	root_t *other[MMU_VIEWS];	/* those of other_dacr, or NULL */
	u32 dacr;
	u32 other_dacr;
	enum mmu_view view;		/* in TTBR0 */
	/* After a short cut: */
	bool changed;			/* root[view] is to go to TTBR0 */
	bool revoked;			/* and what is in the TLB allows too much */
};

/* Once, at load. */
void host_shortcut_init(void);

/*
 * Answers the exception described in @ctx, if it is one that a guest's kernel
 * causes at every turn and that needs no lock, no allocation and no sleep.
 * The guest's registers are in ctx->cpu, pc and cpsr included.  IRQs off, in
 * the guest's stay.
 */
enum shortcut host_shortcut(struct armkvm_vcpu *vcpu, const struct host_entry *entry,
			    struct host_arm64_ctx *ctx, struct shortcut_tables *tables);

/* The word that the guest's kernel executes at its pc.  false: not in ARM state, or not mapped. */
bool host_shortcut_insn(const struct host_arm64_ctx *ctx, const struct shortcut_tables *tables,
			u32 *word);

#endif /* ARMKVM_HOST_ARM64_SHORTCUT_H */
