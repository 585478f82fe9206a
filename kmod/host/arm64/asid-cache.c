// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64 host: ASIDs on a CPU.
 *
 * Each CPU gives the module's ASIDs (asid.c) to the shadow roots that it met last.
 * Guests go to and fro between their kernel's and their User mode's view, between
 * values of DACR and between processes, and nothing is invalidated: what was
 * removed from the tables meanwhile stands in the VM's log of changes (core/mmu/mmu.h), and
 * is invalidated here before the root is used again, page by page or, if it was
 * much, by ASID.
 *
 * A root is known by its id, which is never given again: its memory may be.
 */
#include <linux/percpu.h>

#include <asm/barrier.h>
#include <asm/tlbflush.h>

#include <host_spte.h>

#include "../../core/memslot.h"
#include "../../core/mmu/mmu.h"
#include "../../core/vcpu.h"
#include "../../core/vm.h"
#include "asid.h"
#include "asid-cache.h"

#define TTBR_ASID_SHIFT		48

/* The root whose translations the TLB has under an ASID. */
struct asid_owner {
	u64 id;				/* of the root; 0: none */
	unsigned long seq;		/* of the VM's changes that the TLB knows */
	u64 used;			/* the CPU's count at the last use */
	u16 asid;
};

struct asid_cache {
	u64 count;
	struct asid_owner owner[ASID_MAX];
};

static DEFINE_PER_CPU(struct asid_cache, asid_caches);

static void asid_cache_invalidate_asid(struct armkvm_vcpu *vcpu, u16 asid)
{
	__tlbi(aside1, (u64)asid << TTBR_ASID_SHIFT);
	vcpu->stat[VCPU_STAT_HOST_TLB_FLUSHES]++;
}

/* ARM DDI 0487, TLBI VALE1: the address in bits 43:0, the ASID above */
static void asid_cache_invalidate_page(struct armkvm_vcpu *vcpu, u16 asid, u32 gva)
{
	__tlbi(vale1, (u64)asid << TTBR_ASID_SHIFT | gva >> ARMKVM_PAGE_SHIFT);
	vcpu->stat[VCPU_STAT_HOST_TLB_PAGES]++;
}

/*
 * Changes @first to @last; false: more than pages.  Who logs more of them meanwhile
 * overwrites the oldest.
 */
static bool asid_cache_invalidate_pages(struct armkvm_vcpu *vcpu, const struct mmu_changes *changes,
					unsigned long first, unsigned long last, u16 asid,
					const root_t *root)
{
	unsigned long n;

	for (n = first; n != last + 1; n++) {
		const struct mmu_change *c = &changes->log[n % MMU_CHANGE_LOG];
		const root_t *of = READ_ONCE(c->root);
		u32 gva = READ_ONCE(c->gva);

		if (of && of != root)
			continue;
		if (gva == MMU_CHANGE_ALL)
			return false;
		asid_cache_invalidate_page(vcpu, asid, gva);
	}
	smp_rmb();	/* the log before the look at how far it is */
	return READ_ONCE(changes->seq) - first < MMU_CHANGE_LOG - 1;
}

/* What the tables don't say any more leaves the TLB.  No walk finds it again. */
static void asid_cache_refresh(struct armkvm_vcpu *vcpu, struct asid_owner *owner,
			       const root_t *root)
{
	const struct mmu_changes *changes = &vcpu->vm->mmu->changes;
	unsigned long seq = smp_load_acquire(&changes->seq);	/* before the log */

	if (owner->seq == seq)
		return;
	dsb(nshst);
	if (seq - owner->seq >= MMU_CHANGE_LOG ||
	    !asid_cache_invalidate_pages(vcpu, changes, owner->seq + 1, seq, owner->asid, root))
		asid_cache_invalidate_asid(vcpu, owner->asid);
	dsb(nsh);
	owner->seq = seq;
}

static struct asid_owner *asid_cache_look_up(struct asid_cache *cache, const root_t *root)
{
	unsigned int hint = host_root_hint(root), i, n = asid_count();
	u64 id = host_root_id(root);

	if (hint < n && cache->owner[hint].id == id)
		return &cache->owner[hint];
	for (i = 0; i < n; i++) {
		if (cache->owner[i].id == id) {
			host_root_set_hint(root, i);
			return &cache->owner[i];
		}
	}
	return NULL;
}

static u64 asid_cache_ttbr0(struct asid_cache *cache, struct asid_owner *owner,
			    const root_t *root)
{
	owner->used = ++cache->count;
	return host_root_pa(root) | (u64)owner->asid << TTBR_ASID_SHIFT;
}

u64 asid_cache_find(struct armkvm_vcpu *vcpu, const root_t *root)
{
	struct asid_cache *cache = this_cpu_ptr(&asid_caches);
	struct asid_owner *owner = asid_cache_look_up(cache, root);

	if (!owner)
		return 0;
	asid_cache_refresh(vcpu, owner, root);
	return asid_cache_ttbr0(cache, owner, root);
}

u64 asid_cache_get(struct armkvm_vcpu *vcpu, const root_t *root)
{
	struct asid_cache *cache = this_cpu_ptr(&asid_caches);
	struct asid_owner *owner = asid_cache_look_up(cache, root);
	unsigned int i, oldest = 0, n;

	if (owner) {
		asid_cache_refresh(vcpu, owner, root);
		return asid_cache_ttbr0(cache, owner, root);
	}
	n = asid_count();
	for (i = 1; i < n; i++)
		if (cache->owner[i].used < cache->owner[oldest].used)
			oldest = i;
	owner = &cache->owner[oldest];
	owner->id = host_root_id(root);
	owner->asid = asid_nr(oldest);
	/* What comes from here on is in the log. */
	owner->seq = smp_load_acquire(&vcpu->vm->mmu->changes.seq);	/* before walks */
	host_root_set_hint(root, oldest);
	dsb(nshst);
	asid_cache_invalidate_asid(vcpu, owner->asid);
	dsb(nsh);
	return asid_cache_ttbr0(cache, owner, root);
}

void asid_cache_return(struct armkvm_vcpu *vcpu)
{
	struct asid_cache *cache = this_cpu_ptr(&asid_caches);
	unsigned int i;

	for (i = 0; i < ASID_MAX; i++) {
		if (!cache->owner[i].id)
			continue;
		cache->owner[i].id = 0;
		cache->owner[i].used = 0;
		asid_cache_invalidate_asid(vcpu, cache->owner[i].asid);
	}
	dsb(nsh);
}
