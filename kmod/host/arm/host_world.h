/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: its part of what the engine needs of the world switch
 * (host/world.h).
 *
 * The switch area is a run of pages at the top of the address space that Linux
 * leaves free (0xfff00000-0xfffdffff, Documentation/arch/arm/memory.rst): two
 * pages of code, then one page for each CPU of the host, where the context of the
 * vCPU that it runs is mapped, then another one for each, where the page is that this vCPU
 * shares with its guest (shadow tables only).  A vCPU whose guest is privileged shares
 * none: its code, of priv-switch.S, is there, in the host's tables and the guest's own.
 */
#ifndef ARMKVM_HOST_WORLD_H
#define ARMKVM_HOST_WORLD_H

#include <linux/types.h>

#include "../world.h"
#include "switch.h"

/* Slots: the code; a CPU's context, behind it; the page that its vCPU shares with the guest. */
#define SWITCH_SLOT_CTX(cpu)	(HOST_ARM_CODE_PAGES + (cpu))
#define SWITCH_SLOT_PARA(cpu)	(HOST_SWITCH_PAGES / 2 + (cpu))
#define SWITCH_SLOT_PRIV(cpu)	SWITCH_SLOT_PARA(cpu)

struct host_vcpu {
	struct armkvm_cpu *cpu;		/* the guest's registers: vcpu->cpu */
	struct host_arm_ctx *ctx;	/* by the kernel's linear map */
	struct page *page;
	unsigned int last_cpu;		/* where it ran last; nr_cpu_ids: nowhere */
	struct page *priv_page;		/* the vCPU's code of priv-switch.S; NULL: the guest was never privileged */
	u32 *priv_table;		/* the guest's, of the area's MiB */
};

/* This CPU's slot has the context of @hv; returns which slot.  Interrupts off. */
unsigned int host_arm_take_slot(struct host_vcpu *hv);

#endif /* ARMKVM_HOST_WORLD_H */
