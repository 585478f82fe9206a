/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Going on privileged (ARMKVM_HC_PROMOTE), for guests in the window of a VM in mode direct.
 *
 * From promote() to demote() HVC is the host's and device registers are those of the host's own
 * devices: calls go by ARMKVM_PRIV_CALL, and so does what is printed.
 */
#ifndef BARE_PROMOTE_H
#define BARE_PROMOTE_H

#include "hypercall.h"

/* The MMU is on with tables that have no devices, and the vectors are the runtime's. */
void promote_init(void);
/* Return the call's status. */
s32 promote(void);
s32 demote(void);
/* As hvc(), by whichever way there is. */
void call(struct call *c);

#define PCALL(c, fn, ...) ({						\
	*(c) = (struct call) { { fn, ## __VA_ARGS__ } };		\
	call(c);							\
	(s32)(c)->r[0]; })

/* A device's register. */
u32 device_read(u32 addr);
void device_write(u32 addr, u32 val);

#endif /* BARE_PROMOTE_H */
