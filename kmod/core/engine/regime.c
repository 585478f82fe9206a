// SPDX-License-Identifier: GPL-2.0-only
/* The translation regime that the guest has set, as the walk and the shadow MMU want it. */
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "regime.h"

/* ID_MMFR0.VMSA and ID_PFR1.Virtualization */
#define ID_VMSA(mmfr0)	((mmfr0) & 0xf)
#define ID_VIRT(pfr1)	((pfr1) >> 12 & 0xf)

void engine_walk_ctl(const struct armkvm_vcpu *vcpu, struct walk_ctl *ctl)
{
	const u32 *r = vcpu->cp15;

	ctl->sctlr = r[CP15_SCTLR];
	ctl->ttbcr = r[CP15_TTBCR];
	ctl->ttbr0 = r[CP15_TTBR0] | (u64)r[CP15_TTBR0_HI] << 32;
	ctl->ttbr1 = r[CP15_TTBR1] | (u64)r[CP15_TTBR1_HI] << 32;
	ctl->dacr = r[CP15_DACR];
	ctl->mair = r[CP15_MAIR0] | (u64)r[CP15_MAIR1] << 32;
	ctl->features = (ID_VMSA(r[CP15_ID_MMFR0]) >= 4 ? WALK_HAS_PXN : 0) |
			(ID_VIRT(r[CP15_ID_PFR1]) ? WALK_HAS_WXN : 0);
}

/* The long format's ASID is no part of the tables' address. */
#define TTBR_BASE	0x0000ffffffffffffULL

/* The DACR fields that read 3. */
static u32 regime_managers(u32 dacr)
{
	u32 both = dacr & (dacr >> 1) & 0x55555555U;

	return both | both << 1;
}

/* What of DACR a space is looked up by. */
static u32 regime_key_domains(u32 dacr)
{
	return regime_has_domains() ? regime_managers(dacr) : dacr;
}

void engine_space_key(const struct armkvm_vcpu *vcpu, const struct walk_ctl *ctl,
		      struct mmu_space_key *key, u16 *asid)
{
	*key = (struct mmu_space_key) { };
	*asid = 0;
	if (!(ctl->sctlr & WALK_SCTLR_M))
		return;
	key->mmu_on = 1;
	/* What no walk begins at makes no difference: a kernel that shuts User mode's tables off has one space. */
	key->ttbr0 = walk_disabled(ctl->ttbcr, 0) ? 0 : ctl->ttbr0 & TTBR_BASE;
	key->ttbr1 = walk_disabled(ctl->ttbcr, 1) ? 0 : ctl->ttbr1 & TTBR_BASE;
	key->ttbcr = ctl->ttbcr;
	*asid = walk_asid(ctl, vcpu->cp15[CP15_CONTEXTIDR]);
	if (!(ctl->ttbcr & WALK_TTBCR_EAE))
		key->domains = regime_key_domains(ctl->dacr);
}

static bool regime_has_long_tables(const struct armkvm_vcpu *vcpu)
{
	return vcpu->cp15[CP15_TTBCR] & WALK_TTBCR_EAE;
}

u32 engine_selector(const struct armkvm_vcpu *vcpu)
{
	return vcpu->cp15[regime_has_long_tables(vcpu) ? CP15_TTBCR : CP15_DACR];
}

bool engine_is_selector(const struct armkvm_vcpu *vcpu, u32 key)
{
	if (regime_has_domains())
		return false;
	return key == (regime_has_long_tables(vcpu) ? CP15_KEY32(15, 0, 2, 0, 2) :
						      CP15_KEY32(15, 0, 3, 0, 0));
}

void engine_drop_space(struct engine_vcpu *ev)
{
	raw_spin_lock(&ev->vm->mmu->lock);
	ev->mmu.space = NULL;
	ev->mmu.at_hand = NULL;
	raw_spin_unlock(&ev->vm->mmu->lock);
}

/* Guests go to and fro between two spaces: the one before the last change stays at hand. */
static void regime_keep_space(struct engine_vcpu *ev)
{
	raw_spin_lock(&ev->vm->mmu->lock);
	ev->mmu.at_hand = ev->mmu.space;
	ev->mmu.space = NULL;
	raw_spin_unlock(&ev->vm->mmu->lock);
}

/*
 * Kernels with long descriptors shut User mode's tables off while they don't access them
 * (CPU_TTBR0_PAN): TTBCR.EPD0, A1 and T0SZ, twice an exception.  That is a change between two
 * spaces, each of which keeps what it has: translations may stay until maintenance names
 * them (B3.10.1), and TTBCR is part of what a space is looked up by.
 */
static bool regime_only_chooses(const struct engine_vcpu *ev)
{
	const struct mmu_space *space = ev->mmu.space;

	return space && space->key.mmu_on &&
	       walk_same_format(space->key.ttbcr, ev->vcpu->cp15[CP15_TTBCR]);
}

void engine_mmu_changed(struct engine_vcpu *ev, u32 key)
{
	bool chooses = key == CP15_KEY32(15, 0, 2, 0, 2) && regime_only_chooses(ev);

	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_SPACE_CHANGES);
	if (engine_is_selector(ev->vcpu, key) && (chooses || !regime_has_long_tables(ev->vcpu))) {
		regime_keep_space(ev);
		return;
	}
	engine_drop_space(ev);
	if (chooses)
		return;
	/*
	 * What a change of these does to existing translations is for the
	 * guest's TLB maintenance to say, but for SCTLR, TTBCR and the memory
	 * attributes, which the tables' keys leave out.
	 */
	switch (key) {
	case CP15_KEY32(15, 0, 2, 0, 0):	/* TTBR0 */
	case CP15_KEY32(15, 0, 2, 0, 1):	/* TTBR1 */
	case CP15_KEY64(15, 0, 2):
	case CP15_KEY64(15, 1, 2):
	case CP15_KEY32(15, 0, 13, 0, 1):	/* CONTEXTIDR */
		break;
	case CP15_KEY32(15, 0, 3, 0, 0):	/* DACR; with long descriptors it is nothing's */
		if (regime_has_domains())
			mmu_zap_domain(ev->vm, HOST_SWITCH_DOMAIN);
		break;
	default:
		mmu_drop_all(ev->vm);
		break;
	}
}
