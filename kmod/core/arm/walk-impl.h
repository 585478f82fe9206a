/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the table walk share; nothing here is for others. */
#ifndef ARMKVM_CORE_WALK_IMPL_H
#define ARMKVM_CORE_WALK_IMPL_H

#include "walk.h"

/*
 * Fetches the descriptor of @size bytes at @gpa into the next step of @res.
 * Returns 0, or -1 with *@fault an external abort at res->level.
 */
int walk_fetch(const struct walk_ctl *ctl, const struct walk_ops *ops,
	       void *ctx, u64 gpa, unsigned int size, struct walk_result *res,
	       u64 *desc, struct walk_fault *fault);

/* Sets *@fault to @kind at the level and domain of @res, with its FSR; returns -1. */
int walk_fail(const struct walk_ctl *ctl, const struct walk_result *res,
	      enum walk_fault_kind kind, struct walk_fault *fault);

/*
 * Sets res->perm from AP[2:1] of the simplified model (B3.7.1, "AP[2:1] access
 * permissions model") or, by walk_perm_full(), from AP[2:0], and the
 * execute-never bits, which with SCTLR.WXN and UWXN decide WALK_X (B3.7.2).
 */
void walk_perm_simple(const struct walk_ctl *ctl, unsigned int ap21, bool xn,
		      bool pxn, struct walk_result *res);
void walk_perm_full(const struct walk_ctl *ctl, unsigned int ap, bool xn,
		    bool pxn, struct walk_result *res);

/*
 * res->eff of res->perm and res->domain_access, B3.7.3.  A manager's accesses aren't checked against the
 * permissions, which includes XN, PXN and what SCTLR.WXN makes of them.
 */
void walk_apply_domain(struct walk_result *res);

/* The walks proper: as walk_translate(), with *@res zeroed before. */
int walk_short(const struct walk_ctl *ctl, const struct walk_ops *ops,
	       void *ctx, u32 gva, struct walk_result *res,
	       struct walk_fault *fault);
int walk_long(const struct walk_ctl *ctl, const struct walk_ops *ops,
	      void *ctx, u32 gva, struct walk_result *res,
	      struct walk_fault *fault);

#endif /* ARMKVM_CORE_WALK_IMPL_H */
