/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Identification registers made of 4-bit feature fields: what a guest may be
 * told.
 */
#ifndef ARMKVM_CORE_IDREG_H
#define ARMKVM_CORE_IDREG_H

#include <linux/types.h>

#include "../host/host.h"

/* What a guest is told unless the launcher writes something else. */
u32 armkvm_idreg_default(enum armkvm_idreg reg);

/* May a guest be told @val: does core or module have every feature in it? */
bool armkvm_idreg_allowed(enum armkvm_idreg reg, u32 val);

#endif /* ARMKVM_CORE_IDREG_H */
