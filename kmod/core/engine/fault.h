/* SPDX-License-Identifier: GPL-2.0-only */
/* Aborts of guest code.  A result is an enum engine_next. */
#ifndef ARMKVM_CORE_ENGINE_FAULT_H
#define ARMKVM_CORE_ENGINE_FAULT_H

#include <linux/types.h>

struct engine_vcpu;

/* Fault status, short-descriptor encoding: B3.13.3 */
#define FSC_ALIGNMENT		0x01
#define FSC_DEBUG		0x02
#define FSC_AF_SECTION		0x03
#define FSC_TRANS_SECTION	0x05
#define FSC_AF_PAGE		0x06
#define FSC_TRANS_PAGE		0x07
#define FSC_EXTERNAL		0x08
#define FSC_DOMAIN_SECTION	0x09
#define FSC_DOMAIN_PAGE		0x0b
#define FSC_PERM_SECTION	0x0d
#define FSC_PERM_PAGE		0x0f
#define FSC_TLB_CONFLICT	0x10
#define FSC_EXCLUSIVE		0x15	/* that the memory can't do */
#define FSC_ASYNC		0x16	/* external, address unknown */
#define FSC_PARITY		0x19
#define FSC_WALK_EXTERNAL	0x0e
#define FSC_WALK_PARITY		0x1e
#define FSC_UNKNOWN		0x1f	/* none of the manual's */

/* May the shadow tables be the cause of an abort with the status @fsc? */
static inline bool engine_fsc_is_mmu(u8 fsc)
{
	switch (fsc) {
	case FSC_TRANS_SECTION:
	case FSC_TRANS_PAGE:
	case FSC_AF_SECTION:
	case FSC_AF_PAGE:
	case FSC_DOMAIN_SECTION:
	case FSC_DOMAIN_PAGE:
	case FSC_PERM_SECTION:
	case FSC_PERM_PAGE:
		return true;
	default:
		return false;
	}
}

/* The guest's access of @kind (WALK_*) at @gva, which runs at PL0, aborted.  May sleep. */
int engine_fault(struct engine_vcpu *ev, u32 gva, u8 kind);
/*
 * Non-sleeping engine_fault(): what is known already only.  Held: mmu->lock, by trylock.
 * Returns ENGINE_GUEST, or -EAGAIN: nothing has changed, and engine_fault() has to do it.
 */
int engine_fault_known(struct engine_vcpu *ev, u32 gva, u8 kind);
/* The guest maintains caches at @gva, which isn't mapped in the kernel view yet. */
int engine_fault_maintain(struct engine_vcpu *ev, u32 gva);
/*
 * The memory at @gva gave an error to a guest's access of @kind (WALK_*): its page is given to the
 * host's handling of broken memory (memory_failure()), where the host has that, so that nobody
 * gets it again.  May sleep.  Held: vm->srcu.
 */
void engine_report_poison(struct engine_vcpu *ev, u32 gva, u8 kind);
/* Executes @word, a load or store of the kernel's that was replaced because it met devices. */
int engine_ldst_replaced(struct engine_vcpu *ev, u32 word);

#endif /* ARMKVM_CORE_ENGINE_FAULT_H */
