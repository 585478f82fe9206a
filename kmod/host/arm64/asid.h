/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: ASIDs of the module's own; see asid.c.
 */
#ifndef ARMKVM_HOST_ARM64_ASID_H
#define ARMKVM_HOST_ARM64_ASID_H

#include <linux/types.h>

/* ASIDs, as many as the busiest eight guest processes can use: three tables each (host_spte.h). */
#define ASID_MAX		24

/* At load and unload.  No guest runs. */
void asid_init(void);
void asid_exit(void);

/*
 * The address space of the calling process becomes the module's when the
 * process has ended.  Process context, may sleep.  Returns 0, -EBUSY (there
 * are enough, or a process has given its own already), -ENOSPC (the kernel
 * wants to keep its ASIDs).
 */
int asid_give(void);

/* Address spaces that asid_give() would take now.  May sleep. */
unsigned int asid_wanted(void);

/* Takes over what has become free since the last time.  May sleep. */
void asid_settle(void);

/*
 * How many ASIDs there are, and the @i-th of them.  Any context.  Their number never
 * falls while the module is loaded.
 */
unsigned int asid_count(void);
u16 asid_nr(unsigned int i);

/*
 * true: asid_nr() are borrowed, those that the kernel uses with an empty TTBR0 itself.
 * Nothing of the guest may be left in the TLB under them.
 */
bool asid_borrowed(void);

#endif /* ARMKVM_HOST_ARM64_ASID_H */
