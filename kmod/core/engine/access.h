/* SPDX-License-Identifier: GPL-2.0-only */
/* Loads and stores that the module executes.  A result is an enum engine_next. */
#ifndef ARMKVM_CORE_ENGINE_ACCESS_H
#define ARMKVM_CORE_ENGINE_ACCESS_H

#include <linux/types.h>

#include "../arm/ldst.h"

struct engine_vcpu;
struct walk_ctl;

/* access.c */
/* Executes the load or store @insn at the pc, access by access. */
int engine_ldst(struct engine_vcpu *ev, const struct ldst *insn);
/* Decodes the load or store at the pc: false if it is none or can't be fetched (@word 0). */
bool engine_fetch_ldst(struct engine_vcpu *ev, struct ldst *insn, u32 *word);
/* Executes the load or store at the pc, whose access of @kind at @gva has met no RAM. */
int engine_ldst_at_pc(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva, u8 kind);
/*
 * Executes @word, LDRT, STRT or a relative that the patcher replaced, with the rights of User
 * mode.
 */
int engine_ldst_unpriv(struct engine_vcpu *ev, u32 word);
/* Executes @word, SWP or SWPB, undefined for the hardware; its condition has passed. */
int engine_swap(struct engine_vcpu *ev, u32 word);
/* The launcher has answered the access to a device for which ev->mmio_pending is set. */
int engine_mmio_complete(struct engine_vcpu *ev);

/* exclusive.c */
/*
 * Executes the exclusive at the pc that the patcher replaced (patch_is_exclusive(),
 * thumb_is_exclusive()); @insn NULL: CLREX.
 */
int engine_exclusive(struct engine_vcpu *ev, const struct ldst *insn);
/* The STREX @insn into its own page fails this time, and is replaced from now on. */
void engine_exclusive_fails(struct engine_vcpu *ev, const struct ldst *insn, u64 code_gfn);

/* exact.c */
/* Has a load of the kernel's met at @gva an instruction copy that can't be read? */
bool engine_reads_copy(struct engine_vcpu *ev, u32 gva, u8 kind);
/* Executes the load at the pc, which engine_reads_copy() is true of. */
int engine_read_code(struct engine_vcpu *ev, u32 gva);
/*
 * Non-sleeping engine_read_code(), from what is known already.  Returns ENGINE_GUEST or -EAGAIN.
 * Held: mmu->lock, by trylock.
 */
int engine_read_code_known(struct engine_vcpu *ev);

#endif /* ARMKVM_CORE_ENGINE_ACCESS_H */
