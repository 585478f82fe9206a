/* SPDX-License-Identifier: GPL-2.0-only */
/* The translation regime that the guest has set. */
#ifndef ARMKVM_CORE_ENGINE_REGIME_H
#define ARMKVM_CORE_ENGINE_REGIME_H

#include <linux/types.h>

#include <host_spte.h>

#include "../arm/walk.h"

struct armkvm_vcpu;
struct engine_vcpu;
struct mmu_space_key;

/*
 * Does the hardware check the client and no-access fields of the guest's DACR?  Then a space is
 * looked up by DACR's managers alone, and a write of the other fields changes no space.  Where it
 * doesn't, the shadow tables themselves say what DACR allows: each DACR has its own.
 */
static inline bool regime_has_domains(void)
{
	return HOST_HAS_DOMAINS;
}

/* The translation regime as cp15 has it, for the walk. */
void engine_walk_ctl(const struct armkvm_vcpu *vcpu, struct walk_ctl *ctl);
/* What the vCPU's space is looked up by under @ctl, and the current ASID. */
void engine_space_key(const struct armkvm_vcpu *vcpu, const struct walk_ctl *ctl,
		      struct mmu_space_key *key, u16 *asid);
/*
 * The register by which guests turn between two spaces, at every exception and access to User
 * mode's memory: DACR with short descriptors (SW PAN), TTBCR with long ones (CPU_TTBR0_PAN).
 */
u32 engine_selector(const struct armkvm_vcpu *vcpu);
/*
 * Is CP15_KEY* @key that of engine_selector()'s register?  On hosts with domains, which don't use
 * it: false.
 */
bool engine_is_selector(const struct armkvm_vcpu *vcpu, u32 key);
/* The vCPU's space is to be looked up anew before the guest runs. */
void engine_drop_space(struct engine_vcpu *ev);
/* A cp15 write changed the regime: @key is CP15_KEY*.  May sleep. */
void engine_mmu_changed(struct engine_vcpu *ev, u32 key);

#endif /* ARMKVM_CORE_ENGINE_REGIME_H */
