/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's assembly, for its C. */
#ifndef WALK_ORACLE_GUEST_H
#define WALK_ORACLE_GUEST_H

#include "oracle.h"

/* Start of RAM; defined by the linker */
extern char RAM[];

/* Does operation @op at @gva; sets outcome, fsr and far of *@res. */
void probe(__u32 gva, __u32 op, struct oracle_result *res);

/* A semihosting call; returns what it returns. */
int semihost(int op, void *args);

#endif /* WALK_ORACLE_GUEST_H */
