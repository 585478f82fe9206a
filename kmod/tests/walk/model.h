/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The access rules once more, for comparison: in the form of the manual's
 * pseudocode (ARM DDI 0406C, CheckDomain and CheckPermission), which asks of one
 * access whether it aborts, where walk.c computes sets of permissions.
 */
#ifndef WALK_MODEL_H
#define WALK_MODEL_H

#include "walk.h"

/* A leaf descriptor's fields, with those of the tables above merged in */
struct model_leaf {
	bool lpae;
	u8 ap;			/* AP[2:0]; with lpae AP[0] is the Access flag */
	bool xn, pxn;
	u8 domain;
};

static inline bool model_data_aborts(u8 ap, bool priv, bool write)
{
	switch (ap) {
	case 1:
		return !priv;
	case 2:
		return !priv && write;
	case 3:
		return false;
	case 5:
		return !priv || write;
	case 6:
	case 7:
		return write;
	default:
		return true;
	}
}

static inline bool model_fetch_aborts(const struct walk_ctl *ctl,
				      const struct model_leaf *leaf, u8 ap,
				      bool priv)
{
	if (leaf->xn || model_data_aborts(ap, priv, false))
		return true;
	if (priv && leaf->pxn)
		return true;
	if (!(ctl->features & WALK_HAS_WXN))
		return false;
	if ((ctl->sctlr >> 19 & 1) && !model_data_aborts(ap, priv, true))
		return true;
	return priv && (ctl->sctlr >> 20 & 1) &&
	       !model_data_aborts(ap, false, true);
}

static inline enum walk_fault_kind model_judge(const struct walk_ctl *ctl,
					       const struct model_leaf *leaf,
					       struct walk_access access)
{
	u8 ap = leaf->ap;
	bool aborts;

	if (leaf->lpae || (ctl->sctlr >> 29 & 1)) {
		if (!(ap & 1))
			return WALK_ACCESS_FLAG;
	}
	if (!leaf->lpae) {
		switch (ctl->dacr >> (leaf->domain * 2) & 3) {
		case 1:
			break;
		case 3:
			return WALK_OK;
		default:
			return WALK_DOMAIN;
		}
	}
	if (access.kind == WALK_X)
		aborts = model_fetch_aborts(ctl, leaf, ap, access.priv);
	else
		aborts = model_data_aborts(ap, access.priv,
					   access.kind == WALK_W);
	return aborts ? WALK_PERMISSION : WALK_OK;
}

#endif /* WALK_MODEL_H */
