/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: which shadow root has which ASID on this CPU, and what is due in the TLB
 * before the guest runs with it; see asid-cache.c.
 *
 * All functions: IRQs off.
 */
#ifndef ARMKVM_HOST_ARM64_ASID_CACHE_H
#define ARMKVM_HOST_ARM64_ASID_CACHE_H

#include <linux/types.h>

#include <host_spte.h>

struct armkvm_vcpu;

/*
 * TTBR0_EL1 for @root, ASID included (TCR_EL1.A1 is clear while guests run): what is
 * wrong in this CPU's TLB under it is invalidated.  asid_cache_find() returns 0 if it
 * has no ASID here; asid_cache_get() gives it one, taken from the longest unused root.
 * @root is of @vcpu's VM.
 */
u64 asid_cache_find(struct armkvm_vcpu *vcpu, const root_t *root);
u64 asid_cache_get(struct armkvm_vcpu *vcpu, const root_t *root);

/*
 * The end of a stay that used borrowed ASIDs (asid_borrowed() at its beginning):
 * nothing is left under them.
 */
void asid_cache_return(struct armkvm_vcpu *vcpu);

#endif /* ARMKVM_HOST_ARM64_ASID_CACHE_H */
