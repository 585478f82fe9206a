/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: the switch area in the host's own tables; host_world.h has what lies where.
 */
#ifndef ARMKVM_HOST_ARM_AREA_H
#define ARMKVM_HOST_ARM_AREA_H

#include <linux/types.h>

#include <host_world.h>

struct page;

/* Each CPU's slots that are of a vCPU. */
enum area_kind {
	AREA_CTX,		/* the context */
	AREA_PRIV,		/* the code of a privileged guest's vCPU */
	AREA_KINDS,
};

/* At load: can the area be used?  Returns NULL, or why not. */
const char *area_init(void);
/* At unload: all slots are empty. */
void area_exit(void);

/* TEX, C, B and S of the host's own RAM mappings. */
u32 area_attributes(void);

static inline unsigned long area_va(unsigned int slot)
{
	return SWITCH_AREA_BASE + slot * PAGE_SIZE;
}

/*
 * An entry for @page, which privileged code alone may access, global: read-only and executable
 * (@code), or neither.
 */
u32 area_entry(struct page *page, bool code);
/* A slot of the host's table becomes @entry, which may be 0. */
void area_store(unsigned int slot, u32 entry);
/* This CPU's slot of a kind is @page's.  Interrupts off. */
void area_take(enum area_kind kind, struct page *page);
/* @page is in no CPU's slot any more.  May sleep. */
void area_forget(struct page *page);

#endif /* ARMKVM_HOST_ARM_AREA_H */
