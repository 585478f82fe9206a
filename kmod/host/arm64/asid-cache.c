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

struct tag {
	u64 id;				/* of the root; 0: none */
	unsigned long seq;		/* of the VM's changes that the TLB knows */
	u64 used;			/* the CPU's count at the last use */
	u16 asid;
};

struct cpu_tags {
	u64 count;
	struct tag tag[ASID_MAX];
};

static DEFINE_PER_CPU(struct cpu_tags, cpu_tags);

static void invalidate_asid(struct armkvm_vcpu *vcpu, u16 asid)
{
	__tlbi(aside1, (u64)asid << TTBR_ASID_SHIFT);
	vcpu->stat[VCPU_STAT_HOST_TLB_FLUSHES]++;
}

/* ARM DDI 0487, TLBI VALE1: the address in bits 43:0, the ASID above */
static void invalidate_page(struct armkvm_vcpu *vcpu, u16 asid, u32 gva)
{
	__tlbi(vale1, (u64)asid << TTBR_ASID_SHIFT | gva >> ARMKVM_PAGE_SHIFT);
	vcpu->stat[VCPU_STAT_HOST_TLB_PAGES]++;
}

/*
 * Changes @first to @last; false: more than pages.  Who logs more of them meanwhile
 * overwrites the oldest.
 */
static bool invalidate_pages(struct armkvm_vcpu *vcpu, const struct mmu_changes *changes,
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
		invalidate_page(vcpu, asid, gva);
	}
	smp_rmb();	/* the log before the look at how far it is */
	return READ_ONCE(changes->seq) - first < MMU_CHANGE_LOG - 1;
}

/* What the tables don't say any more leaves the TLB.  No walk finds it again. */
static void refresh(struct armkvm_vcpu *vcpu, struct tag *tag, const root_t *root)
{
	const struct mmu_changes *changes = &vcpu->vm->mmu->changes;
	unsigned long seq = smp_load_acquire(&changes->seq);	/* before the log */

	if (tag->seq == seq)
		return;
	dsb(nshst);
	if (seq - tag->seq >= MMU_CHANGE_LOG ||
	    !invalidate_pages(vcpu, changes, tag->seq + 1, seq, tag->asid, root))
		invalidate_asid(vcpu, tag->asid);
	dsb(nsh);
	tag->seq = seq;
}

static struct tag *find(struct cpu_tags *tags, const root_t *root)
{
	unsigned int hint = host_root_hint(root), i, n = asid_count();
	u64 id = host_root_id(root);

	if (hint < n && tags->tag[hint].id == id)
		return &tags->tag[hint];
	for (i = 0; i < n; i++) {
		if (tags->tag[i].id == id) {
			host_root_set_hint(root, i);
			return &tags->tag[i];
		}
	}
	return NULL;
}

static u64 ttbr0(struct cpu_tags *tags, struct tag *tag, const root_t *root)
{
	tag->used = ++tags->count;
	return host_root_pa(root) | (u64)tag->asid << TTBR_ASID_SHIFT;
}

u64 tags_find(struct armkvm_vcpu *vcpu, const root_t *root)
{
	struct cpu_tags *tags = this_cpu_ptr(&cpu_tags);
	struct tag *tag = find(tags, root);

	if (!tag)
		return 0;
	refresh(vcpu, tag, root);
	return ttbr0(tags, tag, root);
}

u64 tags_get(struct armkvm_vcpu *vcpu, const root_t *root)
{
	struct cpu_tags *tags = this_cpu_ptr(&cpu_tags);
	struct tag *tag = find(tags, root);
	unsigned int i, oldest = 0, n;

	if (tag) {
		refresh(vcpu, tag, root);
		return ttbr0(tags, tag, root);
	}
	n = asid_count();
	for (i = 1; i < n; i++)
		if (tags->tag[i].used < tags->tag[oldest].used)
			oldest = i;
	tag = &tags->tag[oldest];
	tag->id = host_root_id(root);
	tag->asid = asid_nr(oldest);
	/* What comes from here on is in the log. */
	tag->seq = smp_load_acquire(&vcpu->vm->mmu->changes.seq);	/* before walks */
	host_root_set_hint(root, oldest);
	dsb(nshst);
	invalidate_asid(vcpu, tag->asid);
	dsb(nsh);
	return ttbr0(tags, tag, root);
}

void tags_return(struct armkvm_vcpu *vcpu)
{
	struct cpu_tags *tags = this_cpu_ptr(&cpu_tags);
	unsigned int i;

	for (i = 0; i < ASID_MAX; i++) {
		if (!tags->tag[i].id)
			continue;
		tags->tag[i].id = 0;
		tags->tag[i].used = 0;
		invalidate_asid(vcpu, tags->tag[i].asid);
	}
	dsb(nsh);
}
