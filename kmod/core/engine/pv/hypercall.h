/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's calls: what their files share.
 *
 *   hypercall.c       who does what; idle, yield, panic, reset, power-off
 *   hypercall-mmio.c  device access, single and string
 *   hypercall-mmu.c   page-table updates, TLB maintenance
 *   steal.c           steal time
 *
 * A call either is done (hc_done()), which steps over the HVC; or leaves for the
 * launcher, whose answer engine_call_complete() takes; or, where it is long, is left
 * with the pc at the HVC and registers to go on from (ARMKVM_HC_CONTINUED), so
 * that interrupts, signals and migration need to know nothing of it.
 *
 * All: an enum engine_next or negative errno.  Held: as in engine.h.
 */
#ifndef ARMKVM_CORE_ENGINE_PV_HYPERCALL_H
#define ARMKVM_CORE_ENGINE_PV_HYPERCALL_H

#include <linux/swab.h>

#include <asm/armkvm_para.h>

#include "../../vcpu.h"
#include "../../vm.h"
#include "../engine.h"
#include "../pv.h"

/* Units, or table entries, at most, before an interrupt may come in. */
#define HC_PIECE	64U

/* A guest-physical address has 40 bits at most. */
#define HC_GPA_BITS	40

/* The guest-physical address that a call has in r1 and r2. */
static inline u64 hc_gpa(const struct armkvm_cpu *cpu)
{
	return cpu->r[1] | (u64)cpu->r[2] << 32;
}

/* Is the caller's memory big-endian?  Then so is what a call reads and writes there. */
static inline bool hc_big_endian(const struct armkvm_cpu *cpu)
{
	return cpu->cpsr & CPU_PSR_E;
}

/*
 * The RAM at @gva, up to the page's end, as the caller may access it; @kind is
 * WALK_R or WALK_W.  Returns false if it may not, or it isn't RAM that can be had so.
 */
bool hc_translate(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva, u8 kind, u64 *gpa);
/* Reads @len bytes, which may lie in two pages.  Returns 0 or ARMKVM_HC_BAD_ADDRESS. */
int hc_read(struct engine_vcpu *ev, u32 gva, void *buf, u32 len);

/* hypercall-mmio.c */
/*
 * ARMKVM_HC_MMIO_READ or, with @write, ARMKVM_HC_MMIO_WRITE; and what follows the launcher's
 * answer.
 */
int hc_mmio(struct engine_vcpu *ev, bool write);
int hc_mmio_complete(struct engine_vcpu *ev);
/*
 * ARMKVM_HC_MMIO_READS or, with @write, ARMKVM_HC_MMIO_WRITES; and what follows the launcher's
 * answer.
 */
int hc_mmio_string(struct engine_vcpu *ev, bool write);
int hc_mmio_string_complete(struct engine_vcpu *ev);

/* hypercall-mmu.c */
/* ARMKVM_HC_TLB_FLUSH */
int hc_tlb_flush(struct engine_vcpu *ev);
/* ARMKVM_HC_PT_UPDATE */
int hc_pt_update(struct engine_vcpu *ev);

/* steal.c */
/* ARMKVM_HC_STEAL_TIME */
int hc_steal_time(struct engine_vcpu *ev);

#endif /* ARMKVM_CORE_ENGINE_PV_HYPERCALL_H */
