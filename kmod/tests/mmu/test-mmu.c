// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow MMU (core/mmu/, core/memslot.c) against a model of a TLB that may hold only
 * what the manual allows: ARM DDI 0406C B3.9, B3.10.
 *
 * Three vCPUs, whose guest writes its own translation tables at random, does TLB maintenance of
 * every form, changes TTBR0, TTBR1, CONTEXTIDR, DACR and SCTLR, and reads, writes and executes;
 * beside them the launcher's memory changes (swap, migration, KSM, mprotect), slots come, move
 * and go, the dirty log is read, memory is reclaimed. They change places at every lock and
 * at whatever may sleep: world.c. What the engine does around the MMU is here in short: the
 * way into the guest, its light and its full exits, as core/engine/run.c, light.c and fault.c.
 *
 * Hardware: each vCPU has a TLB that keeps what it once walked (by itself, or ahead) until it is
 * told otherwise, as the host's world switch tells it: all of it on each way into the guest, or,
 * on an arm64 host, what the log of changes names. What a vCPU finds by it is right if
 *
 *  - the host grants the page, and for writing if it is written: the launcher has it mapped;
 *  - a slot that is published has the frame;
 *  - the guest's tables allow the access, by descriptors each of which stood in memory
 *    at some time since the last maintenance that names the entry;
 *  - it is executed in a privileged mode from a copy that says what RAM says, and such a
 *    page isn't written; the dirty log knows of a write;
 *  - no other entry for the same address, with another page, was in any TLB when it was
 *    made: break before make, B3.10.1.
 *
 * At locks all tables are compared with their counts and the reverse map.
 */
#include <time.h>

#include "world.h"

#include <linux/armkvm.h>

#include "dirty.h"
#include "engine-ops.h"
#include "memslot.h"
#include "mmu/copy.h"
#include "mmu/mmu-impl.h"
#include "arm/patch.h"
#include "vm.h"

#define NR_VCPUS	3
#define HOST_CPU	100		/* and up: where the other threads run */

/*
 * -- the guest's memory ----------------------------------------------------------
 *
 * Slot 0 has the guest's tables and stays where it is. Slots 1 to 3 have data and move; the
 * last one may have the same memory as the one before it.
 */

#define TABLES_GPA	0x40000000U
#define TABLES_PAGES	32U
#define DATA_GPA	0x80000000U	/* slots 1 to 3: at a multiple of 1 MiB from here */
#define DATA_PAGES	64U
#define DATA_PLACES	5U
#define FIRST_DATA	1U
#define NR_SLOTS	4U

static struct armkvm_vm vm;
static u64 now;				/* grows with writes to tables and with maintenance */
static bool guest_long;			/* long descriptors */
static u32 sctlr_bits;

static unsigned int slot_hva_page(unsigned int id)
{
	return id ? TABLES_PAGES + (id == 3 ? 1 : id - 1) * DATA_PAGES : 0;
}

static unsigned int hva_page_of(const struct armkvm_memslot *slot, u64 gfn)
{
	return (armkvm_gfn_to_hva(slot, gfn) - HVA_BASE) >> PAGE_SHIFT;
}

static struct armkvm_memslot *slot_of(u64 gfn)
{
	return armkvm_gfn_to_memslot(armkvm_memslots(&vm), gfn);
}

/* Words of the tables through time: each version stood in memory from its time to the next one's. */
struct version {
	u64 from;
	u32 val;
};
#define MAX_VERSIONS	64
static struct history {
	unsigned int nr;
	struct version v[MAX_VERSIONS];
} *history;				/* TABLES_PAGES * 1024 */
static u64 all_since;			/* of the last maintenance of everything */

static struct history *history_of(u64 gpa)
{
	return &history[(gpa - TABLES_GPA) / 4];
}

static void history_prune(struct history *h)
{
	unsigned int k = 0;

	while (k + 1 < h->nr && h->v[k + 1].from <= all_since)
		k++;
	memmove(h->v, h->v + k, (h->nr - k) * sizeof(h->v[0]));
	h->nr -= k;
}

static bool history_full(u64 gpa)
{
	struct history *h = history_of(gpa);

	history_prune(h);
	return h->nr == MAX_VERSIONS;
}

/* The page must be there: nothing sleeps here. */
static void table_store(u64 gpa, u32 val, u64 when)
{
	struct history *h = history_of(gpa);
	struct page *page = mm.hva[(gpa - TABLES_GPA) >> PAGE_SHIFT].page;

	*(u32 *)((u8 *)page->va + (gpa & ~PAGE_MASK)) = val;
	h->v[h->nr++] = (struct version) { .from = when, .val = val };
}

/* Frames that have new content, while their copies go. */
static u64 being_written[WORLD_THREADS + 1];

static bool is_being_written(u64 gfn)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(being_written); i++)
		if (being_written[i] == gfn)
			return true;
	return false;
}

/*
 * A store of the guest's to its tables, @size 4 or 8 bytes. The dirty log and copies of the
 * page are told as core/engine/gmem.c does.
 */
static void table_write(u64 gpa, u64 desc, unsigned int size)
{
	u64 gfn = gpa >> PAGE_SHIFT;

	if (sctlr_bits & WALK_SCTLR_EE)
		desc = size == 8 ? swab64(desc) : swab32(desc);
	if (history_full(gpa) || (size == 8 && history_full(gpa + 4)))
		return;
	/* By its linear map, mostly: the fill of that one makes the frame known. */
	if (!one_in(3) && !gfn_reserve(&vm.mmu->gfns, gfn) &&
	    !frames_learn(&vm, slot_of(gfn), gfn, true, true))
		raw_spin_unlock(&vm.mmu->lock);
	if (!mm_fault((gpa - TABLES_GPA) >> PAGE_SHIFT, true))
		return;
	now++;
	table_store(gpa, desc, now);
	if (size == 8)
		table_store(gpa + 4, desc >> 32, now);
	armkvm_mark_page_dirty(slot_of(gfn), gfn);
	being_written[world.running + 1] = gfn;
	mmu_frames_written(&vm, gfn, gfn + 1);
	being_written[world.running + 1] = 0;
}

/* -- which addresses and descriptors a guest takes: few, so that they meet */

static const u32 hot_megs[] = { 0x000, 0x001, 0x400, 0x401, 0x801, 0xc00, 0xfff };
static const u32 hot_pages[] = { 0, 1, 2, 7, 8, 15, 16, 17, 130, 255 };

/* In a crowded run all pages of a table are in use, and lead to two frames. */
static bool crowded;

static u32 any_gva(void)
{
	if (crowded)
		return hot_megs[choose(ARRAY_SIZE(hot_megs))] << 20 | choose(256) << PAGE_SHIFT;
	return hot_megs[choose(ARRAY_SIZE(hot_megs))] << 20 |
	       hot_pages[choose(ARRAY_SIZE(hot_pages))] << PAGE_SHIFT | choose(1024) * 4;
}

static u64 any_data_gpa(void)
{
	if (crowded)
		return DATA_GPA + 0x100000 + choose(2) * PAGE_SIZE;
	if (one_in(24))
		return TABLES_GPA + choose(TABLES_PAGES) * PAGE_SIZE;
	return DATA_GPA + choose(DATA_PLACES) * 0x100000ULL + choose(one_in(16) ? 256 : 20) * PAGE_SIZE;
}

/*
 * Short descriptors: two first-level tables for TTBR0 (pages 0 to 3 and 4 to 7), one for TTBR1
 * (8 to 11), second-level tables from page 12 on. Long ones: first-level tables in
 * page 0, second-level ones in pages 1 to 6, third-level ones from 7 on.
 */
#define L2_TABLES	16U
#define LONG_L2_PAGE	1U
#define LONG_L2_PAGES	6U
#define LONG_L3_PAGE	7U
#define LONG_L3_PAGES	12U

static u32 any_short_l1(void)
{
	static const u32 aps[] = { 0x400, 0x800, 0xc00, 0xc00, 0x8c00 };
	u32 domain = choose(3) << 5;

	switch (choose(8)) {
	case 0:
		return choose(2) ? 0 : 0x1000;
	case 1:
	case 2:		/* section: AP, XN, nG */
		return DATA_GPA + (choose(DATA_PLACES) << 20) + 2 + domain + aps[choose(5)] +
		       (choose(2) << 4) + (choose(2) << 17);
	default:
		return TABLES_GPA + 12 * PAGE_SIZE + choose(L2_TABLES) * 1024 + 1 + domain +
		       (one_in(8) << 2);
	}
}

static u32 any_short_l2(void)
{
	static const u32 aps[] = { 0x10, 0x20, 0x30, 0x30, 0x230 };

	if (one_in(5))
		return choose(2) ? 0 : 0x1000;
	return any_data_gpa() | 2 | choose(2) | aps[choose(5)] | choose(2) << 11;
}

static u64 any_long(unsigned int level)
{
	u64 attrs = 1ULL << 10 | choose(2) << 11 | choose(4) << 6 | (u64)choose(3) << 53;

	if (one_in(6))
		return 0;
	if (level == 1)
		return TABLES_GPA + (LONG_L2_PAGE + choose(LONG_L2_PAGES)) * PAGE_SIZE + 3 +
		       (one_in(8) ? (u64)choose(16) << 60 : 0);
	if (level == 3)
		return any_data_gpa() | attrs | 3;
	if (one_in(4))
		return (DATA_GPA + choose(3) * 0x200000ULL) | attrs | 1;
	return TABLES_GPA + (LONG_L3_PAGE + choose(LONG_L3_PAGES)) * PAGE_SIZE + 3 +
	       (one_in(8) ? (u64)choose(16) << 60 : 0);
}

/* What the guest wrote there last. */
static u32 table_read(u64 gpa)
{
	const struct history *h = history_of(gpa);
	u32 val = h->v[h->nr - 1].val;

	return sctlr_bits & WALK_SCTLR_EE ? swab32(val) : val;
}

static void write_long(void)
{
	u32 gva = any_gva();

	switch (choose(8)) {
	case 0:
		table_write(TABLES_GPA + choose(3) * 64 + (gva >> 30) * 8, any_long(1), 8);
		break;
	case 1:
	case 2:
		table_write(TABLES_GPA + (LONG_L2_PAGE + choose(LONG_L2_PAGES)) * PAGE_SIZE +
			    (gva >> 21 & 511) * 8, any_long(2), 8);
		break;
	default:
		table_write(TABLES_GPA + (LONG_L3_PAGE + choose(LONG_L3_PAGES)) * PAGE_SIZE +
			    (gva >> 12 & 511) * 8, any_long(3), 8);
		break;
	}
}

static void write_short(void)
{
	u32 gva = any_gva(), desc, old, table, i;

	if (one_in(4)) {
		table_write(TABLES_GPA + choose(3) * 0x4000 + (gva >> 20) * 4, any_short_l1(), 4);
		return;
	}
	table = TABLES_GPA + 12 * PAGE_SIZE + choose(L2_TABLES) * 1024;
	desc = any_short_l2();
	old = table_read(table + (gva >> 12 & 255) * 4);
	if ((old & 2) && one_in(2))	/* the same page with other rights: mprotect() */
		desc = old ^ (one_in(2) ? 0x200 : one_in(2) ? 1 : 0x201);
	if (!one_in(10)) {
		table_write(table + (gva >> 12 & 255) * 4, desc, 4);
		return;
	}
	/* a large page: 16 times the same */
	desc = (desc & 0xffff0e30) | 1 | choose(2) << 15;
	for (i = 0; i < 16; i++)
		table_write(table + ((gva >> 12 & 0xf0) + i) * 4, desc, 4);
}

static void write_tables(void)
{
	if (guest_long)
		write_long();
	else
		write_short();
}

/*
 * -- maintenance ----------------------------------------------------------------------
 */

enum maint_kind {
	MAINT_ALL,
	MAINT_ASID,
	MAINT_VA,			/* @first to @last, of an ASID and what is global */
	MAINT_VAA,			/* of all ASIDs */
	MAINT_KINDS,
};

struct maint {
	u8 kind;
	u16 asid;
	u32 first, last;
	u64 when;			/* its begin: what stood in memory until then is out of use */
};
#define MAX_MAINTS	128
static struct maint maints[MAX_MAINTS];
static unsigned int nr_maints;

static bool maints_full(void)
{
	return nr_maints == MAX_MAINTS;
}

/* It is complete, for every vCPU. */
static void maint_done(const struct maint *m)
{
	if (m->kind == MAINT_ALL) {
		unsigned int i, k = 0;

		all_since = max(all_since, m->when);
		for (i = 0; i < nr_maints; i++)
			if (maints[i].when > all_since)
				maints[k++] = maints[i];
		nr_maints = k;
		return;
	}
	if (!maints_full())
		maints[nr_maints++] = *m;
}

/* The last maintenance that names the entry of @res at @gva. */
static u64 maint_since(const struct walk_result *res, u32 gva, u16 asid)
{
	u64 first = gva & ~(walk_size(res) - 1), last = first + walk_size(res) - 1;
	u64 since = all_since;
	unsigned int i;

	for (i = 0; i < nr_maints; i++) {
		const struct maint *m = &maints[i];
		bool named;

		if (m->kind == MAINT_ASID)
			named = res->ng && m->asid == asid;
		else
			named = m->first <= last && m->last >= first &&
				(m->kind == MAINT_VAA || !res->ng || m->asid == asid);
		if (named && m->when > since)
			since = m->when;
	}
	return since;
}

/* A walk that takes each descriptor from one of the times at which it may have been read. */
#define MAX_READS	4
struct old_walk {
	unsigned int depth;
	unsigned int pick[MAX_READS];
	unsigned int nr[MAX_READS];
	u64 until[MAX_READS];		/* how long it stood there */
};

static int old_read(void *ctx, u64 gpa, unsigned int size, u64 *val)
{
	struct old_walk *w = ctx;
	struct history *h;
	unsigned int d = w->depth++, at;

	if (gpa < TABLES_GPA || gpa + size > TABLES_GPA + TABLES_PAGES * PAGE_SIZE)
		return -1;
	h = history_of(gpa);
	history_prune(h);
	w->nr[d] = h->nr;
	at = h->nr - 1 - w->pick[d];	/* newest first */
	w->until[d] = at + 1 < h->nr ? h->v[at + 1].from : ~0ULL;
	*val = h->v[at].val;
	if (size == 8)			/* both halves are always written at once */
		*val |= (u64)history_of(gpa + 4)->v[at + history_of(gpa + 4)->nr - h->nr].val << 32;
	return 0;
}

static const struct walk_ops old_walk_ops = { .read_desc = old_read };

/*
 * May a TLB say that @gva is at frame @gfn, for an access of @kind?  @explain: print what it
 * may say, and since when not any more.
 */
static bool tlb_may_say(const struct walk_ctl *ctl, u16 asid, u32 gva, enum mmu_view view, u8 kind,
			u64 gfn, bool explain)
{
	struct old_walk w = { };
	unsigned int d;

	for (;;) {
		struct walk_result res;
		struct walk_fault fault;
		u64 since;

		w.depth = 0;
		if (!walk_translate(ctl, &old_walk_ops, &w, gva, &res, &fault) &&
		    res.gpa >> PAGE_SHIFT == gfn && (mmu_permissions(&res, view) & kind) &&
		    (res.format != WALK_SHORT || (res.domain_access & 1))) {
			since = maint_since(&res, gva, asid);
			for (d = 0; d < w.depth && w.until[d] > since; d++)
				;
			if (d == w.depth)
				return true;
		}
		if (explain) {
			printf("  0x%llx, rights %u %u of domain access %u, %s, 2^%u bytes, maintenance at %llu; until:",
			       (unsigned long long)res.gpa, res.perm[0], res.perm[1],
			       res.domain_access, res.ng ? "an ASID's" : "global", res.size_shift,
			       (unsigned long long)maint_since(&res, gva, asid));
			for (d = 0; d < w.depth; d++)
				printf(" %lld", (long long)w.until[d]);
			printf("\n");
		}
		/* the next combination */
		for (d = w.depth; d > 0; d--) {
			if (++w.pick[d - 1] < w.nr[d - 1])
				break;
			w.pick[d - 1] = 0;
		}
		if (!d)
			return false;
	}
}

/*
 * -- vCPUs and their hardware ----------------------------------------------------------
 */

struct tlb_entry {
	const root_t *root;
	u64 root_id;
	u32 page;
	spte_t spte;
	u64 gfn;
	bool copy;
	u8 domain;
};

#define TLB_ENTRIES	48
#define NR_ASIDS		6

/* An access of the guest's. */
struct pending {
	bool fault;			/* that the hardware didn't let through */
	u32 gva;
	enum mmu_view view;
	u8 kind;
};

struct vcpu {
	struct mmu_vcpu mv;
	struct walk_ctl ctl;
	u32 contextidr;
	int id;
	bool touched;			/* its space is to be looked up */
	struct pending recent[4];
	/* what it enters the guest with */
	root_t *root[MMU_VIEWS];
	root_t *other[MMU_VIEWS];	/* of the selector before */
	u32 other_selector;
	/* what the hardware has: the old roots as long as C code changes the space */
	const root_t *hw_root[MMU_VIEWS];
	const root_t *hw_other[MMU_VIEWS];
	bool on_other;
	bool live;			/* walks of these roots may happen */
	bool kicked;			/* out of the guest by an interrupt */
	struct tlb_entry tlb[TLB_ENTRIES];
	unsigned int nr_tlb;
	u64 flushed;			/* when the TLB last knew of all removals: event */
	struct {
		u64 id;
		unsigned long seq;
	} asids[NR_ASIDS];
	unsigned int next_asid;
	bool frame_leaves;
	struct maint maint;		/* that waits for a commit; none: when 0 */
};
static struct vcpu vcpus[NR_VCPUS];
static u64 events;			/* grows with each removal, and each vCPU's flush */
static u64 root_ids;
static unsigned long nr_hits, nr_fills, nr_light, nr_stays, nr_maint, nr_changes;

static u16 asid_by(const struct vcpu *v, const struct walk_ctl *ctl)
{
	return ctl->sctlr & WALK_SCTLR_M ? walk_asid(ctl, v->contextidr) : 0;
}

static u16 asid_of(const struct vcpu *v)
{
	return asid_by(v, &v->ctl);
}

/* engine_selector() */
static u32 *selector(struct walk_ctl *ctl)
{
	return guest_long ? &ctl->ttbcr : &ctl->dacr;
}

root_t *host_root_alloc(void)
{
	root_t *root;

	might_sleep();
	root = mem_alloc(HOST_ROOT_BYTES);
	if (root)
		root[MMU_ROOT_ENTRIES] = ++root_ids;
	return root;
}

void host_root_free(root_t *root)
{
	mem_free(root);
}

/*
 * Break before make: what an entry or a link was before its last removal may be in the TLB of
 * who is in the guest since before that.
 */
struct removed {
	const void *at;
	u64 old;			/* address */
	u64 event;
};
#define MAX_REMOVED	4096
static struct removed removed[MAX_REMOVED];

static struct removed *removed_of(const void *at)
{
	return &removed[((unsigned long)at >> 3) % MAX_REMOVED];
}

/* Has the hardware of @v the table with the link @at? */
static bool hw_has(const struct vcpu *v, const void *at)
{
	unsigned long offset[2 * MMU_VIEWS];
	unsigned int i;

	for (i = 0; i < MMU_VIEWS; i++) {
		offset[i] = at - (const void *)v->hw_root[i];
		offset[i + MMU_VIEWS] = at - (const void *)v->hw_other[i];
	}
	for (i = 0; i < 2 * MMU_VIEWS; i++)
		if (offset[i] < HOST_ROOT_BYTES)
			return true;
	return false;
}

static void entry_stored(const void *at, u64 old, u64 new, bool link, const char *what)
{
	struct removed *r = removed_of(at);
	unsigned int i;

	if ((old & 1) && (new & 1) && ((old ^ new) & SPTE_ADDR))
		fail("%s changes from one page to another, with nothing in between", what);
	events++;
	if ((old & 1) && !(new & 1))
		*r = (struct removed) { .at = at, .old = old & SPTE_ADDR, .event = events };
	if (!(new & 1) || (old & 1) || r->at != at || r->old == (new & SPTE_ADDR))
		return;
	for (i = 0; i < NR_VCPUS; i++) {
		struct vcpu *v = &vcpus[i];

		/* One in C code uses nothing of it, and forgets before it goes back. */
		if (v->live && !world.thread[i].irqs_off && world.running != i &&
		    v->flushed < r->event && (!link || hw_has(v, at)))
			fail("%s is made while vCPU %u may hold the one before it", what, i);
	}
}

void host_spte_stored(spte_t *sptep, spte_t old, spte_t spte)
{
	/* Maintenance would find the entry as it should be, and interrupt nobody. */
	if ((old & SPTE_VALID) && (spte & SPTE_VALID) && (old & ~spte & (SPTE_R | SPTE_W | SPTE_X)))
		fail("an entry loses rights in place, which other vCPUs may keep");
	entry_stored(sptep, old, spte, false, "an entry");
}

void host_root_stored(root_t *slot, root_t old, root_t desc)
{
	entry_stored(slot, old, desc, true, "a table's link");
}

/* Everything of @id goes from the TLB, or what concerns @page. */
static void tlb_drop(struct vcpu *v, u64 id, bool all, u32 page)
{
	unsigned int i, k = 0;

	for (i = 0; i < v->nr_tlb; i++)
		if (v->tlb[i].root_id != id || (!all && v->tlb[i].page != page))
			v->tlb[k++] = v->tlb[i];
	v->nr_tlb = k;
}

/* As host/arm64/asid-cache.c. */
static void tlb_refresh_root(struct vcpu *v, const root_t *root)
{
	const struct mmu_changes *changes = &vm.mmu->changes;
	u64 id = host_root_id(root);
	unsigned long n;
	unsigned int t;

	for (t = 0; t < NR_ASIDS && v->asids[t].id != id; t++)
		;
	if (t == NR_ASIDS) {
		t = v->next_asid++ % NR_ASIDS;
		tlb_drop(v, v->asids[t].id, true, 0);
		tlb_drop(v, id, true, 0);
		v->asids[t].id = id;
		v->asids[t].seq = changes->seq;
		return;
	}
	if (changes->seq - v->asids[t].seq >= MMU_CHANGE_LOG) {
		tlb_drop(v, id, true, 0);
	} else {
		for (n = v->asids[t].seq + 1; n != changes->seq + 1; n++) {
			const struct mmu_change *c = &changes->log[n % MMU_CHANGE_LOG];

			if (!c->root || c->root == root)
				tlb_drop(v, id, c->gva == MMU_CHANGE_ALL, c->gva >> PAGE_SHIFT);
		}
	}
	v->asids[t].seq = changes->seq;
}

/* On the way into the guest, or back to it. */
static void hw_enter(struct vcpu *v)
{
	enum mmu_view view;

	if (!HOST_HAS_DOMAINS) {
		for (view = 0; view < MMU_VIEWS; view++) {
			tlb_refresh_root(v, v->root[view]);
			if (v->other[view])
				tlb_refresh_root(v, v->other[view]);
		}
	} else {
		v->nr_tlb = 0;
	}
	memcpy(v->hw_root, v->root, sizeof(v->root));
	memcpy(v->hw_other, v->other, sizeof(v->other));
	v->flushed = ++events;
	v->live = true;
}

static bool hw_walk(struct vcpu *v, const root_t *root, u32 gva, struct tlb_entry *e)
{
	root_t desc = root[gva >> MMU_LEAF_SHIFT];
	unsigned int i = gva >> PAGE_SHIFT & (MMU_LEAF_ENTRIES - 1);
	struct mmu_leaf *leaf;

	if (!(desc & 1))
		return false;
	leaf = mmu_leaf_of(phys_to_virt(desc & SPTE_ADDR));
	if (!(leaf->spt[i] & SPTE_VALID))
		return false;
	*e = (struct tlb_entry) {
		.root = root,
		.root_id = host_root_id(root),
		.page = gva >> PAGE_SHIFT,
		.spte = leaf->spt[i],
		.gfn = leaf->info[i] & LEAF_INFO_GFN,
		.copy = leaf->info[i] & LEAF_INFO_COPY,
		.domain = desc >> ROOT_DOMAIN_SHIFT & 15,
	};
	if (v->nr_tlb == TLB_ENTRIES)
		v->tlb[choose(TLB_ENTRIES)] = *e;
	else
		v->tlb[v->nr_tlb++] = *e;
	return true;
}

static bool hw_find(struct vcpu *v, const root_t *root, u32 gva, struct tlb_entry *e)
{
	unsigned int i;

	for (i = 0; i < v->nr_tlb; i++) {
		if (v->tlb[i].root_id == host_root_id(root) && v->tlb[i].page == gva >> PAGE_SHIFT) {
			*e = v->tlb[i];
			return true;
		}
	}
	return hw_walk(v, root, gva, e);
}

static const root_t *hw_root(const struct vcpu *v, enum mmu_view view)
{
	return v->on_other ? v->hw_other[view] : v->hw_root[view];
}

/* The hardware reads ahead: on an arm64 host also while C code runs on the guest's tables. */
void test_speculate(void)
{
	struct vcpu *v = &vcpus[choose(NR_VCPUS)];
	struct tlb_entry e;

	if (v->live && one_in(2))
		hw_find(v, hw_root(v, choose(2)), any_gva(), &e);
}

bool test_cpu_irqs_off(int cpu)
{
	return world.thread[cpu].irqs_off;
}

void test_interrupt(int cpu)
{
	vcpus[cpu].kicked = true;
	vcpus[cpu].live = false;
}

/*
 * -- what is right ---------------------------------------------------------------------
 */

static u64 harvest_first, harvest_end;	/* frames whose dirty bits are being read */

static void check_host_grants(const struct tlb_entry *e, bool write)
{
	struct armkvm_memslot *slot = slot_of(e->gfn);
	struct hva_page *h;

	if (!slot)
		fail("frame 0x%llx is used, which no slot has", (unsigned long long)e->gfn);
	h = &mm.hva[hva_page_of(slot, e->gfn)];
	if (!h->page || (!e->copy && page_to_phys(h->page) != (e->spte & SPTE_ADDR)))
		fail("frame 0x%llx is used, whose page the host has taken back",
		     (unsigned long long)e->gfn);
	if (!write)
		return;
	if (!h->vma_writable || h->shared)
		fail("frame 0x%llx is written, which the host has made read-only",
		     (unsigned long long)e->gfn);
	if (slot->flags & ARMKVM_MEM_READONLY)
		fail("frame 0x%llx of a read-only slot is written", (unsigned long long)e->gfn);
	if (slot->dirty_bitmap && !test_bit(e->gfn - slot->base_gfn, slot->dirty_bitmap) &&
	    !(e->gfn >= harvest_first && e->gfn < harvest_end))
		fail("frame 0x%llx is written, and the dirty log doesn't know",
		     (unsigned long long)e->gfn);
}

static void check_copy(const struct tlb_entry *e, u32 gva)
{
	const struct mmu_copy *copy = copy_find(&vm, e->gfn);
	const struct mmu_dead *dead;
	struct page *page = mm.hva[hva_page_of(slot_of(e->gfn), e->gfn)].page;
	u32 ram = ((u32 *)page->va)[(gva & ~PAGE_MASK) / 4], word = ram;

	if (is_being_written(e->gfn))
		return;
	/* It is on its way: who is in the guest has it until the commit. */
	if (!copy && vm.mmu->stale && (e->spte & SPTE_ADDR) == page_to_phys(page))
		return;
	/* What else is dead has no such address in that place. */
	for (dead = vm.mmu->dead; dead; dead = dead->next)
		if ((e->spte & SPTE_ADDR) ==
		    virt_to_phys(container_of(dead, struct mmu_copy, dead)->code))
			return;
	if (!copy)
		fail("a copy of frame 0x%llx is used that is gone", (unsigned long long)e->gfn);
	if ((e->spte & SPTE_ADDR) != (copy->code ? virt_to_phys(copy->code) : page_to_phys(page)))
		fail("another copy of frame 0x%llx is used", (unsigned long long)e->gfn);
	if (copy->code)
		word = unpatch_word(&vm.mmu->dict, vm.mmu->config.patch_opts,
				    copy->code[(gva & ~PAGE_MASK) / 4]);
	if (word != ram)
		fail("the copy of frame 0x%llx says 0x%08x, RAM 0x%08x", (unsigned long long)e->gfn,
		     word, ram);
}

/* The guest's own access. false: it aborts. */
static bool guest_access(struct vcpu *v, u32 gva, enum mmu_view view, u8 kind)
{
	struct walk_ctl ctl = v->ctl;
	struct gfn_info *info;
	struct tlb_entry e;
	u32 *at;

	if (v->on_other)
		*selector(&ctl) = v->other_selector;
	/*
	 * The switch area's MiB has a hardware domain of its own, always a client: what the
	 * guest's DACR takes from the domain that it gives that MiB stays accessible there
	 * (kernel-abi/doc/limitations.rst).
	 */
	if (HOST_HAS_DOMAINS && gva >> MMU_LEAF_SHIFT == HOST_SWITCH_INDEX)
		ctl.dacr |= 0x55555555U & ~(ctl.dacr >> 1);
	if (!hw_find(v, hw_root(v, view), gva, &e))
		return false;
	if ((kind == WALK_R && !(e.spte & SPTE_R)) || (kind == WALK_W && !(e.spte & SPTE_W)) ||
	    (kind == WALK_X && !(e.spte & SPTE_X)))
		return false;
	if (HOST_HAS_DOMAINS && e.domain != HOST_SWITCH_DOMAIN && (ctl.sctlr & WALK_SCTLR_M) &&
	    !(ctl.ttbcr & WALK_TTBCR_EAE) && !(ctl.dacr >> 2 * e.domain & 1))
		return false;
	check_host_grants(&e, kind == WALK_W);
	if (!tlb_may_say(&ctl, asid_by(v, &ctl), gva, view, kind, e.gfn, false)) {
		tlb_may_say(&ctl, asid_by(v, &ctl), gva, view, kind, e.gfn, true);
		fail("vCPU %d finds 0x%08x at frame 0x%llx, view %d, access %d, as no table says",
		     v->id, gva, (unsigned long long)e.gfn, view, kind);
	}
	nr_hits++;
	info = gfn_info(&vm.mmu->gfns, e.gfn);
	if (kind == WALK_X && view == MMU_VIEW_KERNEL && !e.copy)
		fail("privileged code of frame 0x%llx isn't a copy", (unsigned long long)e.gfn);
	if (kind == WALK_X && e.copy)
		check_copy(&e, gva);
	if (kind != WALK_W)
		return true;
	if (info->page & GFN_COPY)
		fail("frame 0x%llx is written beside its copy", (unsigned long long)e.gfn);
	/* The tables' words have their own way: table_write(). */
	if (e.gfn - (TABLES_GPA >> PAGE_SHIFT) < TABLES_PAGES)
		return true;
	at = (u32 *)((u8 *)phys_to_virt(e.spte & SPTE_ADDR) + (gva & ~PAGE_MASK & ~3UL));
	*at = one_in(3) ? 0xe10f0000 : one_in(2) ? 0xe5910000 : 0xe1a00000;
	return true;
}

/* -- all of the tables, by an owner of the lock */

static unsigned int rmap_has(unsigned long head, const spte_t *sptep)
{
	struct rmap_walk walk;
	unsigned int n = 0;
	spte_t *at;

	for (at = rmap_walk(&walk, &head); at; at = rmap_walk_next(&walk))
		n += at == sptep;
	return n;
}

static void check_entry(const struct mmu_leaf *leaf, unsigned int i)
{
	struct mmu_copy *copy = copy_find(&vm, leaf->info[i] & LEAF_INFO_GFN);
	struct gfn_info *info = gfn_info(&vm.mmu->gfns, leaf->info[i] & LEAF_INFO_GFN);
	u64 gfn = leaf->info[i] & LEAF_INFO_GFN, want;

	if (!info || !(info->page & GFN_VALID))
		fail("an entry has outlived its frame 0x%llx", (unsigned long long)gfn);
	if (rmap_has(info->rmap, &leaf->spt[i]) != 1)
		fail("an entry of frame 0x%llx isn't in the reverse map once",
		     (unsigned long long)gfn);
	if ((leaf->info[i] & LEAF_INFO_COPY) && !copy)
		fail("an entry maps a copy of 0x%llx that isn't there", (unsigned long long)gfn);
	if ((leaf->info[i] & LEAF_INFO_COPY) && copy->again)
		fail("an entry maps a copy of 0x%llx that is to be made", (unsigned long long)gfn);
	want = (leaf->info[i] & LEAF_INFO_COPY) && copy->code ? virt_to_phys(copy->code) :
								  gfn_phys(info);
	if ((leaf->spt[i] & SPTE_ADDR) != want)
		fail("an entry of frame 0x%llx maps something else", (unsigned long long)gfn);
	if (spte_writable(leaf->spt[i]) && (!(info->page & GFN_WRITABLE) || (info->page & GFN_COPY)))
		fail("an entry of frame 0x%llx can be written", (unsigned long long)gfn);
}

static unsigned int check_leaf(const struct mmu_leaf *leaf, unsigned int *mixed)
{
	unsigned int i, used = 0, private = 0, devices = 0, present = 0;

	for (i = 0; i < MMU_LEAF_ENTRIES; i++) {
		bool fixed = leaf->info[i] & LEAF_INFO_FIXED;

		if (!leaf->spt[i] != !test_bit(i, leaf->present))
			fail("a leaf's bitmap of entries is wrong");
		if (!leaf->spt[i])
			continue;
		if (fixed)
			fail("the guest has an entry of the switch area");
		used++;
		private += !(leaf->info[i] & LEAF_INFO_GLOBAL);
		devices += !spte_present(leaf->spt[i]);
		*mixed += (leaf->info[i] & LEAF_INFO_GLOBAL) && leaf->asid != MMU_ASID_GLOBAL &&
			  leaf->index != HOST_SWITCH_INDEX;
		if (!spte_present(leaf->spt[i]))
			continue;
		present++;
		check_entry(leaf, i);
	}
	if (used != leaf->used || private != leaf->nr_private || devices != leaf->nr_devices)
		fail("a leaf's counts are wrong: used %u %u, private %u %u, devices %u %u", leaf->used,
		     used, leaf->nr_private, private, leaf->nr_devices, devices);
	return present;
}

static void check_space(const struct mmu_space *space)
{
	unsigned int index, links = 0, private = 0;
	enum mmu_view view;

	for (view = 0; view < MMU_VIEWS; view++) {
		for (index = 0; index < MMU_ROOT_ENTRIES; index++) {
			spte_t *spt = root_leaf(space->root[view], index);
			struct mmu_leaf *leaf = spt ? mmu_leaf_of(spt) : NULL;

			if (!spt != !test_bit(index, space->linked[view]))
				fail("a space's bitmap of links is wrong");
			if (!leaf)
				continue;
			links++;
			if (leaf->index != index || leaf->view != view)
				fail("a space links a leaf of another place");
			if (leaf->asid != MMU_ASID_GLOBAL && index != HOST_SWITCH_INDEX)
				private++;
			if (leaf->asid != MMU_ASID_GLOBAL && leaf->asid != space->asid)
				fail("a space of ASID %u links a leaf of ASID %u", space->asid,
				     leaf->asid);
		}
	}
	if (links != space->nr_links || private != space->nr_private)
		fail("a space's counts are wrong: links %u %u, private %u %u", space->nr_links, links,
		     space->nr_private, private);
}

static unsigned int check_frames(void)
{
	unsigned int entries = 0, k, n;

	for (n = 0; n < GFN_LOW_CHUNKS; n++) {
		struct gfn_chunk *chunk = vm.mmu->gfns.low[n];

		for (k = 0; chunk && k < GFN_CHUNK_FRAMES; k++) {
			unsigned int count = rmap_count(chunk->info[k].rmap);

			entries += count;
			if (count > RMAP_MAX_ENTRIES)
				fail("a frame has %u entries", count);
			if (!(chunk->info[k].page & GFN_COPY) !=
			    !copy_find(&vm, (u64)n * GFN_CHUNK_FRAMES + k))
				fail("frame 0x%x has a copy, or none, and it isn't noted",
				     n * GFN_CHUNK_FRAMES + k);
		}
	}
	return entries;
}

static void check_all(void)
{
	struct armkvm_mmu *mmu = vm.mmu;
	unsigned int b, leaves = 0, entries = 0, mixed = 0, spaces = 0;
	struct mmu_space *space;
	struct mmu_leaf *leaf;

	for (b = 0; b < ARRAY_SIZE(mmu->leaves); b++) {
		hlist_for_each_entry(leaf, &mmu->leaves[b], hash) {
			leaves++;
			entries += check_leaf(leaf, &mixed);
		}
	}
	list_for_each_entry(space, &mmu->spaces, lru) {
		spaces++;
		check_space(space);
	}
	if (leaves != mmu->nr_leaves || mixed != mmu->nr_mixed || spaces != mmu->nr_spaces)
		fail("counts are wrong: leaves %u %u, mixed %u %u, spaces %u %u", mmu->nr_leaves,
		     leaves, mmu->nr_mixed, mixed, mmu->nr_spaces, spaces);
	if (entries != check_frames())
		fail("the reverse map has %u entries, the tables %u", check_frames(), entries);
	if (!mmu->stale && mmu->dead)
		fail("what was removed isn't known as out of use");
	if (mmu->making && copy_find(&vm, mmu->making->gfn) != mmu->making)
		fail("a copy that is being made can't be found");
}

void test_unlock(void)
{
	if (vm.mmu && vm.mmu->lock.locked && one_in(24))
		check_all();
}

/*
 * -- the engine, in short -----------------------------------------------------------------
 */

static u32 managers(u32 dacr)
{
	u32 both = dacr & (dacr >> 1) & 0x55555555U;

	return both | both << 1;
}

/* core/engine/regime.c */
static void space_key(const struct vcpu *v, struct mmu_space_key *key, u16 *asid)
{
	*key = (struct mmu_space_key) { };
	*asid = asid_of(v);
	if (!(v->ctl.sctlr & WALK_SCTLR_M))
		return;
	key->mmu_on = 1;
	key->ttbr0 = walk_disabled(v->ctl.ttbcr, 0) ? 0 : v->ctl.ttbr0 & 0x0000ffffffffffffULL;
	key->ttbr1 = walk_disabled(v->ctl.ttbcr, 1) ? 0 : v->ctl.ttbr1 & 0x0000ffffffffffffULL;
	key->ttbcr = v->ctl.ttbcr;
	if (!(v->ctl.ttbcr & WALK_TTBCR_EAE))
		key->domains = HOST_HAS_DOMAINS ? managers(v->ctl.dacr) : v->ctl.dacr;
}

static int gmem_read_desc(void *ctx, u64 gpa, unsigned int size, u64 *val)
{
	struct armkvm_memslot *slot = slot_of(gpa >> PAGE_SHIFT);
	struct page *page = slot ? mm_fault(hva_page_of(slot, gpa >> PAGE_SHIFT), false) : NULL;

	if (!page)
		return -1;
	*val = 0;
	memcpy(val, (u8 *)page->va + (gpa & ~PAGE_MASK), size);
	return 0;
}

static const struct walk_ops gmem_ops = { .read_desc = gmem_read_desc };

static void describe(struct vcpu *v, const struct walk_result *res, u32 gva, enum mmu_view view,
		     struct mmu_mapping *map)
{
	u8 perm = mmu_permissions(res, view);

	*map = (struct mmu_mapping) {
		.gva = gva,
		.gpa = res->gpa,
		.l2 = walk_small_page(res),
		.asid = v->mv.space->asid,
		.shift = res->size_shift,
		.global = !res->ng,
		.prev_gfn = MMU_NO_GFN,
		.next_gfn = MMU_NO_GFN,
		.write = perm & WALK_W,
		.exec = perm & WALK_X,
	};
}

static u64 gfn_at(struct vcpu *v, u32 gva)
{
	struct walk_result res;
	struct walk_fault fault;

	return walk_translate(&v->ctl, &gmem_ops, &vm, gva, &res, &fault) ? MMU_NO_GFN :
									     res.gpa >> PAGE_SHIFT;
}

/* Is there a mark of a device?  What it says has to be as right as a translation. */
static bool device_access(struct vcpu *v, u32 gva, bool write)
{
	u32 dacr = (v->ctl.sctlr & WALK_SCTLR_M) && !(v->ctl.ttbcr & WALK_TTBCR_EAE) ? v->ctl.dacr :
										      0x55555555U;
	u64 gpa;

	if (!mmu_device_at(v->mv.space, gva, dacr, write, &gpa))
		return false;
	if (!tlb_may_say(&v->ctl, asid_of(v), gva, MMU_VIEW_KERNEL, write ? WALK_W : WALK_R,
			 gpa >> PAGE_SHIFT, false))
		fail("vCPU %d finds a device at 0x%08x, as no table says", v->id, gva);
	return true;
}

/* Or NULL: what else happens between a fault's walk and its fill, once. */
static void (*meanwhile)(void);

/* core/engine/fault.c: engine_fault(); the read section of vm.srcu is held. */
static void full_fault(struct vcpu *v, u32 gva, enum mmu_view view, u8 kind)
{
	struct walk_access access = { .kind = kind, .priv = view == MMU_VIEW_KERNEL };
	unsigned long seq = mmu_walk_begin(vm.mmu);
	struct walk_result res;
	struct walk_fault fault;
	struct mmu_mapping map;
	unsigned int n;
	int ret;

	if (!v->mv.space || walk_gva(&v->ctl, &gmem_ops, &vm, gva, access, &res, &fault))
		return;
	describe(v, &res, gva, view, &map);
	map.seq = seq;
	mmu_key_of(&vm, &v->ctl, v->mv.space->key.domains, &res, gva, &gmem_ops, &map.key);
	if (access.priv && kind == WALK_X) {
		map.prev_gfn = gfn_at(v, gva - PAGE_SIZE);
		map.next_gfn = gfn_at(v, gva + PAGE_SIZE);
		map.thumb = one_in(4);
	}
	/* It may be preempted here for long. */
	for (n = one_in(6) * choose(60); n; n--)
		sched_yield_point();
	if (meanwhile)
		meanwhile();
	meanwhile = NULL;
	ret = mmu_fill(&v->mv, &v->ctl, v->mv.space, view, &map, kind == WALK_W, kind == WALK_X);
	if (ret == -ENOENT)
		mmu_mark_device(&v->mv, &v->ctl, v->mv.space, view, &map);
	v->frame_leaves = ret == -EBUSY;
	nr_fills += !ret;
	if (!ret && kind == WALK_X && access.priv && one_in(8)) {
		if (choose(2))
			mmu_replace_device_insn(&vm, v->mv.space, gva);
		else
			mmu_restore_device_insn(&vm, v->mv.space, gva);
	}
	/* Code turns out to be of the other state than it was taken for. */
	if (!ret && kind == WALK_X && access.priv && one_in(8)) {
		if (choose(2))
			mmu_copy_again(&vm, v->mv.space, gva);
		else
			mmu_runs_code(&vm, v->mv.space, gva, map.thumb);
	}
}

enum light {
	LIGHT_GUEST,
	LIGHT_DONE,
	LIGHT_EXIT,
};

/*
 * mmu_near_walk() and mmu_near_key(), which must say what the walk says that reads for itself.  Guests write their
 * tables at no point in between.
 */
static int near_walk(struct vcpu *v, u32 gva, struct walk_access access, struct mmu_near *near,
		     struct walk_result *res, struct walk_fault *fault, struct mmu_key *key)
{
	u32 domains = v->mv.space->key.domains;
	struct walk_fault by_itself_fault;
	struct walk_result by_itself;
	struct mmu_key its_key;
	unsigned int i;
	int ret;

	memset(res, 0xa5, sizeof(*res));
	memset(near, 0xa5, sizeof(*near));
	ret = mmu_near_walk(&vm, &v->ctl, gva, access, near, res, fault);
	if (walk_gva(&v->ctl, &mmu_walk_ops, &vm, gva, access, &by_itself, &by_itself_fault) != ret)
		fail("the near walk of 0x%08x ends otherwise", gva);
	by_itself.ttbr = res->ttbr;	/* of which the near walk says nothing */
	if (by_itself.nr_steps != res->nr_steps ||
	    memcmp(&by_itself, res, offsetof(struct walk_result, step)))
		fail("the near walk of 0x%08x is another", gva);
	for (i = 0; i < res->nr_steps; i++)
		if (by_itself.step[i].gpa != res->step[i].gpa ||
		    (by_itself_fault.kind != WALK_EXTERNAL &&
		     by_itself.step[i].desc != res->step[i].desc))
			fail("the near walk of 0x%08x has another step %u", gva, i);
	if (ret) {
		if (by_itself_fault.kind != fault->kind || by_itself_fault.fsr != fault->fsr ||
		    by_itself_fault.level != fault->level || by_itself_fault.domain != fault->domain)
			fail("the near walk of 0x%08x has another fault", gva);
		return ret;
	}
	mmu_near_key(&vm, &v->ctl, domains, res, gva, near, key);
	mmu_key_of(&vm, &v->ctl, domains, res, gva, &mmu_walk_ops, &its_key);
	if (its_key.desc != key->desc || its_key.domains != key->domains ||
	    its_key.domain != key->domain || its_key.flat != key->flat)
		fail("the near walk of 0x%08x has another key", gva);
	return 0;
}

/* core/engine/light.c: light_fault() with engine_fault_known() */
static enum light light_fault(struct vcpu *v, u32 gva, enum mmu_view view, u8 kind)
{
	struct walk_access access = { .kind = kind, .priv = view == MMU_VIEW_KERNEL };
	enum light ret = LIGHT_EXIT;
	struct walk_result res;
	struct walk_fault fault;
	struct mmu_mapping map;
	struct mmu_near near;
	struct mmu_key key;

	if (!v->mv.space || !mmu_try_light(vm.mmu))
		return LIGHT_EXIT;
	if (mmu_space_fresh(vm.mmu, v->mv.space)) {
		if (kind != WALK_X && access.priv && device_access(v, gva, kind == WALK_W)) {
			raw_spin_unlock(&vm.mmu->lock);
			return LIGHT_GUEST;
		}
		if (near_walk(v, gva, access, &near, &res, &fault, &key)) {
			if (fault.kind != WALK_EXTERNAL)
				ret = LIGHT_GUEST;
		} else {
			describe(v, &res, gva, view, &map);
			map.key = key;
			map.near = &near;
			if (!mmu_fill_known(&v->mv, &v->ctl, v->mv.space, view, &map,
					    kind == WALK_W, kind == WALK_X)) {
				ret = LIGHT_GUEST;
				nr_light++;
			}
		}
	}
	if (!mmu_commit_alone(&v->mv) && ret == LIGHT_GUEST)
		ret = LIGHT_DONE;
	raw_spin_unlock(&vm.mmu->lock);
	return ret;
}

static void fill_entry(struct vcpu *v)
{
	enum mmu_view view;

	for (view = 0; view < MMU_VIEWS; view++) {
		v->root[view] = v->mv.space->root[view];
		v->other[view] = NULL;
		if (!HOST_HAS_DOMAINS && v->mv.at_hand &&
		    mmu_space_fresh(vm.mmu, v->mv.at_hand)) {
			v->other[view] = v->mv.at_hand->root[view];
			v->other_selector = guest_long ? v->mv.at_hand->key.ttbcr :
							 v->mv.at_hand->key.domains;
		}
	}
}

/* light_space(); with the lock */
static enum light light_space(struct vcpu *v)
{
	struct mmu_space_key key;
	bool ok;
	u16 asid;

	space_key(v, &key, &asid);
	v->mv.at_hand = NULL;
	ok = mmu_space_find(&v->mv, &key, asid, &v->ctl);
	if (!ok)
		v->mv.space = NULL;
	if (!mmu_commit_alone(&v->mv) || !ok)
		return LIGHT_DONE;
	fill_entry(v);
	return LIGHT_GUEST;
}

static void any_maint(const struct vcpu *v, struct maint *m)
{
	u32 gva = one_in(2) ? any_gva() : vcpus[choose(NR_VCPUS)].recent[choose(4)].gva;

	*m = (struct maint) {
		.kind = one_in(8) ? MAINT_ALL : 1 + choose(MAINT_KINDS - 1),
		.asid = one_in(2) ? asid_of(v) : choose(3),
		.first = gva & PAGE_MASK,
	};
	if (maints_full())
		m->kind = MAINT_ALL;
	m->last = m->first | ~PAGE_MASK;
	if (one_in(4))
		m->last = m->first + (choose(one_in(8) ? 4096 : 32) << PAGE_SHIFT) + ~PAGE_MASK;
	if (m->last < m->first)
		m->last = ~0U;
	m->when = ++now;
	nr_maint++;
}

/* engine_tlbi(); with the lock. What is not done yet is taken off @m. */
static void tlbi(struct vcpu *v, struct maint *m)
{
	switch (m->kind) {
	case MAINT_ALL:
		mmu_tlbi_all(vm.mmu);
		break;
	case MAINT_ASID:
		mmu_tlbi_asid(vm.mmu, m->asid);
		break;
	default:
		m->last = mmu_tlbi_range(&v->mv, &v->ctl, m->first, m->last,
					 m->kind == MAINT_VA ? m->asid : MMU_ASID_GLOBAL) |
			  ~PAGE_MASK;
		break;
	}
}

static void full_maint(struct vcpu *v, struct maint *m)
{
	raw_spin_lock(&vm.mmu->lock);
	tlbi(v, m);
	mmu_commit_unlock(&vm);
	maint_done(m);
}

/*
 * A descriptor for @gpa in a table above a last one: mostly what another such table has in that
 * place, as kernels share tables.
 */
static u64 any_link(u64 gpa)
{
	u64 other;

	if (one_in(4))
		return guest_long ? any_long(2) : any_short_l1();
	if (!guest_long)
		return table_read(TABLES_GPA + choose(2) * 0x4000 + (gpa & 0x3fff));
	other = TABLES_GPA + (LONG_L2_PAGE + choose(LONG_L2_PAGES)) * PAGE_SIZE + (gpa & ~PAGE_MASK);
	if (sctlr_bits & WALK_SCTLR_EE)
		return (u64)table_read(other) << 32 | table_read(other + 4);
	return table_read(other) | (u64)table_read(other + 4) << 32;
}

/*
 * A page that a vCPU has just used is mapped elsewhere, with its maintenance; or the table above
 * it is another one, and nothing but some page below is maintained, which nobody may have used.
 */
static void remap(struct vcpu *v)
{
	u32 gva = vcpus[choose(NR_VCPUS)].recent[choose(4)].gva;
	struct maint m = { .kind = maints_full() ? MAINT_ALL : MAINT_VAA };
	const struct walk_step *last;
	struct walk_result res;
	struct walk_fault fault;
	u64 desc;

	if (walk_translate(&v->ctl, &gmem_ops, &vm, gva, &res, &fault) ||
	    res.size_shift != PAGE_SHIFT || res.nr_steps < 2)
		return;
	last = &res.step[res.nr_steps - 1];
	if (one_in(2)) {
		last--;
		desc = any_link(last->gpa);
		gva = (gva & ~0xfffffU) | hot_pages[choose(ARRAY_SIZE(hot_pages))] << PAGE_SHIFT;
	} else if (one_in(2)) {
		/* Or it has rights that it had not, for some that it had; at times without maintenance. */
		desc = last->desc ^ (guest_long ? 1ULL << 54 | 1 << 7 : 0x201);
	} else {
		desc = guest_long ? any_long(3) : any_short_l2();
	}
	table_write(last->gpa, desc, guest_long ? 8 : 4);
	if (one_in(3))
		return;
	m.first = gva & PAGE_MASK;
	m.last = gva | ~PAGE_MASK;
	m.when = ++now;
	nr_maint++;
	full_maint(v, &m);
}

/* light_maintain(). @m is to be noted as done when the vCPU goes on. */
static enum light light_maint(struct vcpu *v, struct maint *m)
{
	enum light ret;

	if (!v->mv.space || !mmu_try_light(vm.mmu))
		return LIGHT_EXIT;
	any_maint(v, m);
	tlbi(v, m);
	if (m->kind <= MAINT_ASID || !mmu_space_fresh(vm.mmu, v->mv.space))
		ret = light_space(v);
	else
		ret = mmu_commit_alone(&v->mv) ? LIGHT_GUEST : LIGHT_DONE;
	raw_spin_unlock(&vm.mmu->lock);
	return ret;
}

static const u32 hot_dacr[] = { 0x55555555, 0x55555551, 0x55555554, 0x5555557d, 0x55555517,
				0xffffffff, 0x55555545, 0x5555553d };

static u64 any_ttbr(void)
{
	if (guest_long)
		return TABLES_GPA + choose(3) * 64 + ((u64)choose(3) << 48);
	return TABLES_GPA + choose(2) * 0x4000;
}

/* N, PD0, PD1; T0SZ, T1SZ, EPD0, EPD1, A1 */
static u32 any_ttbcr(void)
{
	static const u32 shorts[] = { 1, 1, 1, 0, 0x11, 0x21, 2 };
	static const u32 longs[] = { 0, 0, 0, 0x80, 0x00400087, 0x00400000, 0x00020000, 0x00800001 };

	return guest_long ? WALK_TTBCR_EAE | longs[choose(ARRAY_SIZE(longs))] : shorts[choose(ARRAY_SIZE(shorts))];
}

/* TTBR0, CONTEXTIDR, or what of TTBCR chooses between tables. Returns whether it is a change of the selector. */
static bool change_space(struct vcpu *v)
{
	u32 before = *selector(&v->ctl);

	switch (choose(4)) {
	case 0:
		v->contextidr = choose(3);
		break;
	case 1:
		v->ctl.ttbcr = any_ttbcr();
		break;
	default:
		v->ctl.ttbr0 = any_ttbr();
		break;
	}
	return !HOST_HAS_DOMAINS && *selector(&v->ctl) != before;
}

static void drop_space(struct vcpu *v)
{
	raw_spin_lock(&vm.mmu->lock);
	v->mv.space = NULL;
	v->mv.at_hand = NULL;
	raw_spin_unlock(&vm.mmu->lock);
}

/* regime_keep_space() */
static void keep_space(struct vcpu *v)
{
	raw_spin_lock(&vm.mmu->lock);
	v->mv.at_hand = v->mv.space;
	v->mv.space = NULL;
	raw_spin_unlock(&vm.mmu->lock);
}

/* exit_cp() with engine_mmu_changed() */
static void full_regime(struct vcpu *v)
{
	nr_changes++;
	switch (choose(12)) {
	case 0:
		v->ctl.sctlr ^= WALK_SCTLR_M;
		drop_space(v);
		mmu_drop_all(&vm);
		break;
	case 1:
		v->ctl.ttbr1 = any_ttbr();
		drop_space(v);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		v->ctl.dacr = hot_dacr[choose(ARRAY_SIZE(hot_dacr))];
		if (!HOST_HAS_DOMAINS && guest_long) {
			drop_space(v);
		} else if (!HOST_HAS_DOMAINS) {
			keep_space(v);
		} else {
			drop_space(v);
			mmu_zap_domain(&vm, HOST_SWITCH_DOMAIN);
		}
		break;
	default:
		if (change_space(v))
			keep_space(v);
		else
			drop_space(v);
		break;
	}
}

static enum light light_regime(struct vcpu *v)
{
	struct mmu_space *old = v->mv.space;
	enum light ret;

	if (!v->mv.space || !mmu_try_light(vm.mmu))
		return LIGHT_EXIT;
	nr_changes++;
	if (change_space(v)) {
		ret = light_space(v);
		v->mv.at_hand = old;
		if (ret == LIGHT_GUEST)
			fill_entry(v);
	} else {
		ret = light_space(v);
	}
	raw_spin_unlock(&vm.mmu->lock);
	return ret;
}

static const u8 kinds[] = { WALK_R, WALK_R, WALK_R, WALK_W, WALK_W, WALK_X };

/* light_follow_selector(): the fast path has gone to the other space. */
static bool follow_selector(struct vcpu *v)
{
	struct mmu_space *space = v->mv.space;

	if (!v->on_other)
		return true;
	if (!mmu_try_light(vm.mmu))
		return false;
	v->mv.space = v->mv.at_hand;
	v->mv.at_hand = space;
	swap(*selector(&v->ctl), v->other_selector);
	v->on_other = false;
	fill_entry(v);
	raw_spin_unlock(&vm.mmu->lock);
	return true;
}

/* One thing that the guest does; false: the stay ends, with what is to be done in @p. */
static bool guest_step(struct vcpu *v, struct pending *p)
{
	enum light ret = LIGHT_EXIT;
	struct maint m = { .when = 0 };
	unsigned int what = choose(48), n = choose(24);

	/* A guest comes back to what it had, and repeats what aborted. */
	if (n < ARRAY_SIZE(v->recent) || !v->recent[n % ARRAY_SIZE(v->recent)].kind)
		v->recent[n % ARRAY_SIZE(v->recent)] = (struct pending) {
			.gva = any_gva(),
			.view = choose(2),
			.kind = kinds[choose(ARRAY_SIZE(kinds))],
		};
	*p = v->recent[n % ARRAY_SIZE(v->recent)];
	if (one_in(4))
		p->kind = kinds[choose(ARRAY_SIZE(kinds))];
	if (what == 0 && v->other[0]) {
		/* the fast path: MCR DACR or TTBCR, to and fro */
		v->on_other = !v->on_other;
		return true;
	}
	if (what > 3) {
		if (guest_access(v, p->gva, p->view, p->kind))
			return true;
		p->fault = true;
	}
	world_irqs(false);
	if (HOST_HAS_DOMAINS)
		v->live = false;	/* the host's tables are in place, the TLB is flushed */
	if (follow_selector(v)) {
		if (p->fault)
			ret = light_fault(v, p->gva, p->view, p->kind);
		else if (what < 2)
			ret = light_maint(v, &m);
		else
			ret = light_regime(v);
	}
	if (ret == LIGHT_GUEST && !v->kicked)
		hw_enter(v);
	world_irqs(true);
	if (ret == LIGHT_GUEST && m.when)
		maint_done(&m);
	/* The stay ends; the maintenance is complete when stay() has committed. */
	if (ret == LIGHT_DONE)
		v->maint = m;
	if (ret != LIGHT_EXIT)
		p->fault = false;
	return ret == LIGHT_GUEST;
}

/* core/engine/run.c: run_stay_in_guest() */
static void stay(struct vcpu *v, struct pending *p)
{
	struct mmu_space_key key;
	struct mmu_space *space = v->mv.space;
	unsigned int steps = 1 + choose(30);
	u16 asid;

	*p = (struct pending) { };
	if (!space || !mmu_space_fresh(vm.mmu, space)) {
		space_key(v, &key, &asid);
		space = mmu_space_get(&v->mv, &key, asid, &v->ctl);
		if (!space)
			return;		/* no memory */
	}
	if (vm.mmu->stale) {
		raw_spin_lock(&vm.mmu->lock);
		mmu_commit_unlock(&vm);
	}
	if (v->maint.when)
		maint_done(&v->maint);
	v->maint.when = 0;
	preempt_disable();
	world_irqs(false);
	v->kicked = false;
	v->mv.cpu = v->id;
	sched_yield_point();
	if (mmu_space_fresh(vm.mmu, space)) {
		fill_entry(v);
		v->on_other = false;
		hw_enter(v);
		nr_stays++;
		world_irqs(true);
		while (steps-- && !world.stop) {
			sched_yield_point();
			if (v->kicked || !guest_step(v, p))
				break;
		}
		world_irqs(false);
	}
	v->live = false;
	v->mv.cpu = -1;
	world_irqs(true);
	preempt_enable();
	if (v->on_other) {
		v->on_other = false;
		raw_spin_lock(&vm.mmu->lock);
		swap(v->mv.space, v->mv.at_hand);
		raw_spin_unlock(&vm.mmu->lock);
		swap(*selector(&v->ctl), v->other_selector);
	}
}

static void vcpu_thread(int id)
{
	struct vcpu *v = &vcpus[id];
	struct pending p;
	struct maint m;
	int idx;

	while (!world.stop) {
		stay(v, &p);
		idx = srcu_read_lock(&vm.srcu);
		if (p.fault)
			full_fault(v, p.gva, p.view, p.kind);
		switch (choose(24)) {
		case 0:
			if (!v->mv.space)
				break;
			any_maint(v, &m);
			full_maint(v, &m);
			break;
		case 1:
			full_regime(v);
			break;
		case 2:
		case 3:
			if (v->mv.space)
				remap(v);
			break;
		default:
			if (choose(2))
				write_tables();
			break;
		}
		srcu_read_unlock(&vm.srcu, idx);
		if (v->frame_leaves)
			mmu_wait_for_frames(&vm);
		v->frame_leaves = false;
	}
}

/*
 * -- the launcher and the host ------------------------------------------------------------
 */

static void set_slot(unsigned int id, u64 gpa, unsigned int pages, u32 flags)
{
	struct armkvm_userspace_memory_region mem = {
		.slot = id,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = pages * PAGE_SIZE,
		.userspace_addr = HVA_BASE + slot_hva_page(id) * PAGE_SIZE,
	};

	armkvm_set_memory_region(&vm, &mem);
}

static void change_slot(void)
{
	unsigned int id = FIRST_DATA + choose(NR_SLOTS - FIRST_DATA);
	u32 flags = choose(2) * ARMKVM_MEM_LOG_DIRTY_PAGES | one_in(6) * ARMKVM_MEM_READONLY;

	set_slot(id, DATA_GPA + choose(DATA_PLACES) * 0x100000ULL,
		 one_in(6) ? 0 : DATA_PAGES, flags);
}

/* core/dirty.c */
static void harvest(void)
{
	struct armkvm_memslot *slot;
	unsigned long bits;

	mutex_lock(&vm.slots_lock);
	slot = armkvm_id_to_memslot(armkvm_memslots(&vm), FIRST_DATA + choose(NR_SLOTS - FIRST_DATA));
	if (slot && slot->dirty_bitmap) {
		harvest_first = slot->base_gfn;
		harvest_end = slot->base_gfn + slot->npages;
		bits = slot->dirty_bitmap[0];
		slot->dirty_bitmap[0] = 0;
		sched_yield_point();
		mmu_frames_clean(&vm, slot->base_gfn, &bits, 1);
		harvest_first = 0;
		harvest_end = 0;
	}
	mutex_unlock(&vm.slots_lock);
}

static void launcher_thread(int unused)
{
	struct shrink_control sc = { .nr_to_scan = 4 };
	struct armkvm_memory_range range;
	unsigned int n;

	while (!world.stop) {
		for (n = choose(40); n && !world.stop; n--)
			sched_wait();
		if (world.stop)
			break;
		switch (choose(6)) {
		case 0:
		case 1:
		case 2:
			change_slot();
			break;
		case 3:
			harvest();
			break;
		case 4:
			if (the_shrinker->count_objects(the_shrinker, &sc) && one_in(4))
				the_shrinker->scan_objects(the_shrinker, &sc);
			break;
		default:
			n = TABLES_PAGES + choose(HVA_PAGES - TABLES_PAGES - 8);
			range = (struct armkvm_memory_range) {
				.userspace_addr = HVA_BASE + n * PAGE_SIZE,
				.size = choose(8) * PAGE_SIZE,
			};
			armkvm_memory_written(&vm, &range);
			break;
		}
	}
}

static void host_thread(int unused)
{
	unsigned int n, first, last;

	while (!world.stop) {
		for (n = choose(30); n && !world.stop; n--)
			sched_wait();
		if (world.stop)
			break;
		first = one_in(4) ? choose(TABLES_PAGES) : TABLES_PAGES + choose(2 * DATA_PAGES);
		last = min(first + choose(one_in(4) ? 64 : 4), HVA_PAGES - 1);
		mm_allow_write(first, last);
		/* The tables stay writable: the guest's stores there are table_write()'s. */
		mm_change(first, last, choose(first < TABLES_PAGES ? MM_READ_ONLY : MM_CHANGES));
		if (one_in(3))
			mm_allow_write(0, HVA_PAGES - 1);
	}
}

/*
 * -- what core/ has beside --------------------------------------------------------------
 */

void armkvm_mark_page_dirty(struct armkvm_memslot *slot, u64 gfn)
{
	if (slot && slot->dirty_bitmap)
		__set_bit(gfn - slot->base_gfn, slot->dirty_bitmap);
}

int armkvm_dirty_bitmap_alloc(struct armkvm_memslot *slot)
{
	slot->dirty_bitmap = kvcalloc(DIV_ROUND_UP(slot->npages, 64), 8, GFP_KERNEL_ACCOUNT);
	return slot->dirty_bitmap ? 0 : -ENOMEM;
}

void armkvm_dirty_bitmap_free(struct armkvm_memslot *slot)
{
	kvfree(slot->dirty_bitmap);
}

/* Or NULL: what else happens between the reading of a page and its copy's publication, once. */
static void (*in_making)(void);

/*
 * Who makes a copy comes here with what he has read, mostly without the lock: anything may happen.
 */
void host_sync_icache(void *va, size_t size)
{
	void (*event)(void) = in_making;
	unsigned int n;

	if (world_holds_lock() || size < PAGE_SIZE)
		return;
	for (n = one_in(3) * choose(60); n; n--)
		sched_yield_point();
	in_making = NULL;
	if (event)
		event();
}

static void slot_leaves(struct armkvm_vm *of, u64 base_gfn, u64 npages)
{
	mmu_frames_leave(of, base_gfn, base_gfn + npages);
}

static void slot_left(struct armkvm_vm *of, u64 base_gfn, u64 npages)
{
	mmu_frames_left(of);
}

static void slot_came(struct armkvm_vm *of, u64 base_gfn, u64 npages)
{
	mmu_zap_devices(of, base_gfn, base_gfn + npages);
}

static const struct armkvm_engine test_engine = {
	.slot_leaves = slot_leaves,
	.slot_left = slot_left,
	.slot_came = slot_came,
	.frames_written = mmu_frames_written,
};
const struct armkvm_engine *armkvm_engine = &test_engine;

static void frames_changed(struct armkvm_vm *of, u64 first, u64 end)
{
}

/*
 * -- a run ------------------------------------------------------------------------------
 */

/* Some tables to begin with; there is one thread, nothing is mapped. */
static void first_tables(void)
{
	unsigned int i;

	for (i = 0; i < TABLES_PAGES * 1024; i++)
		history[i] = (struct history) { .nr = 1 };
	for (i = 0; i < (crowded ? 4000 : 600); i++)
		write_tables();
	/* that was before the machine was switched on */
	all_since = ++now;
}

/* The space of its registers, as stay() gets it. */
static void get_space(struct vcpu *v)
{
	struct mmu_space_key key;
	u16 asid;

	space_key(v, &key, &asid);
	if (!mmu_space_get(&v->mv, &key, asid, &v->ctl))
		fail("no space");
}

/*
 * A guest that maps a frame as often as it can, first to write it, then to read it, so that who
 * looks for what can be written goes past the others.  There is one thread.
 */
#define ALIASES		1024U
static void map_often(struct vcpu *v)
{
	u64 gfn = (DATA_GPA + 0x100000) >> PAGE_SHIFT;
	unsigned long bit = 1;
	unsigned int i;

	v->ctl.ttbr0 = TABLES_GPA;
	for (i = 0; i < ALIASES / 256; i++)
		table_write(TABLES_GPA + (0x400 + i) * 4, TABLES_GPA + 12 * PAGE_SIZE + i * 1024 + 1, 4);
	for (i = 0; i < ALIASES; i++)
		table_write(TABLES_GPA + 12 * PAGE_SIZE + i * 4,
			    gfn << PAGE_SHIFT | 2 | (i < ALIASES / 3 ? 0x30 : 0x230), 4);
	get_space(v);
	for (i = 0; i < ALIASES; i++)
		full_fault(v, 0x40000000 + i * PAGE_SIZE, MMU_VIEW_KERNEL,
			   i < ALIASES / 3 ? WALK_W : WALK_R);
	mmu_frames_clean(&vm, gfn, &bit, 1);
	check_all();
}

static void use_page(struct vcpu *v, u32 gva)
{
	fill_entry(v);
	hw_enter(v);
	guest_access(v, gva, MMU_VIEW_KERNEL, WALK_R);
	v->live = false;
}

/*
 * Two first-level tables lead to one second-level table, then one of them to another one. Only a
 * page is maintained that nobody has used; who still has the old table uses it, then the other.
 * It is a global page, and the maintenance may be of another ASID than the vCPUs' pages have.
 * There is one thread.
 */
static void relink_quietly(struct vcpu *stays, struct vcpu *goes)
{
	const u32 table = TABLES_GPA + 12 * PAGE_SIZE, used = 0x40000000, unused = used + 16 * PAGE_SIZE;
	struct maint m = { .kind = MAINT_VAA, .first = unused, .last = unused | ~PAGE_MASK };
	struct vcpu *each[] = { stays, goes };
	u32 ng = choose(2) << 11;
	unsigned int i;

	if (ng) {
		m.kind = MAINT_VA;
		m.asid = 1;
	}
	table_write(table, (DATA_GPA + 0x100000) | 0x32 | ng, 4);
	table_write(table + 16 * 4, (DATA_GPA + 0x110000) | 0x32, 4);
	table_write(table + 1024 + 16 * 4, (DATA_GPA + 0x120000) | 0x32, 4);
	for (i = 0; i < 2; i++) {
		each[i]->ctl.ttbr0 = TABLES_GPA + i * 0x4000;
		table_write(each[i]->ctl.ttbr0 + 0x400 * 4, table + 1, 4);
		table_write(each[i]->ctl.ttbr0 + 0x401 * 4, 0, 4);
		get_space(each[i]);
		full_fault(each[i], used, MMU_VIEW_KERNEL, WALK_R);
		use_page(each[i], used);
	}
	table_write(goes->ctl.ttbr0 + 0x400 * 4, table + 1024 + 1, 4);
	m.when = ++now;
	full_maint(stays, &m);
	full_fault(stays, unused, MMU_VIEW_KERNEL, WALK_R);
	use_page(stays, unused);
	use_page(goes, unused);
	check_all();
}

/*
 * A table of which everything changed, with maintenance of everything, is met by a vCPU whose space
 * has not linked it yet, with interrupts off: they are too many entries to be compared there. There
 * is one thread.
 */
static void link_unsync(struct vcpu *knows, struct vcpu *comes)
{
	const u32 table = TABLES_GPA + 13 * PAGE_SIZE, gva = 0x40200000;
	struct maint m = { .kind = MAINT_ALL };
	struct vcpu *each[] = { knows, comes };
	unsigned int i, k;

	for (k = 0; k < 2; k++) {
		each[k]->ctl.ttbr0 = TABLES_GPA + k * 0x4000;
		for (i = 0; i < 8; i++)
			table_write(each[k]->ctl.ttbr0 + 0x402 * 4, i ? table + 1 : 0, 4);
		table_write(each[k]->ctl.ttbr0 + 0x403 * 4, 0, 4);
	}
	for (k = 0; k < 2; k++) {
		for (i = 0; i < 256; i++)
			table_write(table + i * 4,
				    (DATA_GPA + 0x100000 + ((i + k) % DATA_PAGES << PAGE_SHIFT)) | 0x32, 4);
		if (k)
			break;
		get_space(knows);
		for (i = 0; i < 256; i++)
			full_fault(knows, gva + i * PAGE_SIZE, MMU_VIEW_KERNEL, WALK_R);
	}
	m.when = ++now;
	full_maint(knows, &m);
	get_space(comes);
	world_irqs(false);
	light_fault(comes, gva, MMU_VIEW_KERNEL, WALK_R);
	world_irqs(true);
	for (i = 0; i < 256; i++)
		use_page(comes, gva + i * PAGE_SIZE);
	check_all();
}

/*
 * A page in the switch area's MiB is another one, while the leaf there is unsync; then its space
 * gets another ASID. There is one thread.
 */
static void retag_unsync(struct vcpu *v)
{
	const u32 gva = 0xfff80000, table = TABLES_GPA + 14 * PAGE_SIZE;
	struct maint asid_1 = { .kind = MAINT_ASID, .asid = 1 };
	struct maint page = { .kind = MAINT_VAA, .first = gva, .last = gva | ~PAGE_MASK };

	table_write(TABLES_GPA + 0x8000 + 0xffe * 4, 0, 4);
	table_write(TABLES_GPA + 0x8000 + 0xfff * 4, table + 1, 4);
	table_write(table + 0x80 * 4, (DATA_GPA + 0x100000) | 0x32, 4);
	v->contextidr = 1;
	get_space(v);
	full_fault(v, gva, MMU_VIEW_KERNEL, WALK_R);
	asid_1.when = ++now;
	full_maint(v, &asid_1);
	table_write(table + 0x80 * 4, (DATA_GPA + 0x110000) | 0x32, 4);
	page.when = ++now;
	full_maint(v, &page);
	v->contextidr = 2;
	get_space(v);
	use_page(v, gva);
	check_all();
}

#define LONG_PAGE(page)	((page) | 1 << 10 | 3)
#define LONG_TABLE(n)	(TABLES_GPA + (n) * PAGE_SIZE + 3ULL)

static void swap_table(void)
{
	table_write(TABLES_GPA + LONG_L2_PAGE * PAGE_SIZE, LONG_TABLE(LONG_L3_PAGE + 1), 8);
}

/*
 * The table above a page is another one when the page is filled that was found by the one before:
 * what the other table has around it isn't for who still has the one before. There is one thread.
 */
static void swap_meanwhile(struct vcpu *goes, struct vcpu *stays)
{
	const u32 l3 = TABLES_GPA + LONG_L3_PAGE * PAGE_SIZE, data = DATA_GPA + 0x100000;
	struct vcpu *each[] = { goes, stays };
	unsigned int i, k;

	for (i = 0; i < 8; i++) {	/* so often that the tables' frames are known */
		table_write(l3, LONG_PAGE(data), 8);
		table_write(l3 + 8, 0, 8);
		table_write(l3 + 32 * 8, LONG_PAGE(data + PAGE_SIZE), 8);
		table_write(l3 + PAGE_SIZE, LONG_PAGE(data), 8);
		table_write(l3 + PAGE_SIZE + 8, LONG_PAGE(data + PAGE_SIZE), 8);
	}
	for (k = 0; k < 2; k++) {
		each[k]->ctl.ttbr0 = TABLES_GPA + k * 64;
		table_write(each[k]->ctl.ttbr0, LONG_TABLE(LONG_L2_PAGE + k), 8);
		table_write(TABLES_GPA + (LONG_L2_PAGE + k) * PAGE_SIZE, LONG_TABLE(LONG_L3_PAGE), 8);
		get_space(each[k]);
	}
	full_fault(stays, 32 * PAGE_SIZE, MMU_VIEW_KERNEL, WALK_R);
	meanwhile = swap_table;
	full_fault(goes, 0, MMU_VIEW_KERNEL, WALK_R);
	use_page(stays, 0);
	use_page(stays, PAGE_SIZE);
	check_all();
}

/*
 * What happens to a page while its copy is made: another vCPU writes it, the launcher says that it
 * has, the host gives the address other memory, the page's slot begins to change.  By the end the
 * copy says what the page does, or there is none.  There is one thread.
 */
#define MADE_GPA	(DATA_GPA + 0x100000)
#define MADE_GVA	0x40500000U
#define MADE_WORD	0xe10f1000U		/* MRS R1, CPSR */

static struct page *made_page(void)
{
	return mm_fault(hva_page_of(slot_of(MADE_GPA >> PAGE_SHIFT), MADE_GPA >> PAGE_SHIFT), true);
}

static void made_write_once(void)
{
	struct vcpu *v = &vcpus[1];
	u32 *at = made_page()->va;
	unsigned int i;

	full_fault(v, MADE_GVA, MMU_VIEW_KERNEL, WALK_W);
	fill_entry(v);
	hw_enter(v);
	for (i = 0; i < 100 && *at == MADE_WORD; i++)
		if (!guest_access(v, MADE_GVA, MMU_VIEW_KERNEL, WALK_W))
			fail("a page whose copy is being made can't be written");
	v->live = false;
}

static unsigned int made_writes;

static void made_write(void)
{
	made_write_once();
	/* At each making, so that there is one that the lock has to protect. */
	if (made_writes++ < 20)
		in_making = made_write;
}

static void made_tell(void)
{
	const struct armkvm_memslot *slot = slot_of(MADE_GPA >> PAGE_SHIFT);
	struct armkvm_memory_range range = {
		.userspace_addr = armkvm_gfn_to_hva(slot, MADE_GPA >> PAGE_SHIFT),
		.size = PAGE_SIZE,
	};

	*(u32 *)made_page()->va = 0xe5910000;
	armkvm_memory_written(&vm, &range);
}

static void made_discard(void)
{
	unsigned int n = hva_page_of(slot_of(MADE_GPA >> PAGE_SHIFT), MADE_GPA >> PAGE_SHIFT);

	mm_change(n, n, MM_SWAP);
	memset(mm.hva[n].content, 0, PAGE_SIZE);
}

static void made_leave(void)
{
	mmu_frames_leave(&vm, MADE_GPA >> PAGE_SHIFT, (MADE_GPA >> PAGE_SHIFT) + 1);
}

/* As often as it takes: what else a fault does may have taken the entry away again. */
static void execute_made(struct vcpu *v)
{
	unsigned int i;
	bool done = false;

	for (i = 0; i < 20 && !done; i++) {
		fill_entry(v);
		hw_enter(v);
		done = guest_access(v, MADE_GVA, MMU_VIEW_KERNEL, WALK_X);
		v->live = false;
		if (!done)
			full_fault(v, MADE_GVA, MMU_VIEW_KERNEL, WALK_X);
	}
	if (!done)
		fail("a page whose copy was made can't be executed");
}

static void make_meanwhile(struct vcpu *v, struct vcpu *other)
{
	void (*const events[])(void) = { made_write_once, made_write, made_tell, made_discard,
					 made_leave };
	const u32 table = TABLES_GPA + 15 * PAGE_SIZE;
	struct vcpu *each[] = { v, other };
	unsigned int i, k;

	for (i = 0; i < 2; i++) {
		each[i]->ctl.ttbr0 = TABLES_GPA;
		each[i]->ctl.ttbcr = 1;
		table_write(TABLES_GPA + 0x404 * 4, 0, 4);
		table_write(TABLES_GPA + 0x405 * 4, table + 1, 4);
		table_write(table, MADE_GPA | 0x32, 4);
		get_space(each[i]);
	}
	for (k = 0; k < ARRAY_SIZE(events); k++) {
		*(u32 *)made_page()->va = MADE_WORD;
		mmu_frames_written(&vm, MADE_GPA >> PAGE_SHIFT, (MADE_GPA >> PAGE_SHIFT) + 1);
		made_writes = 0;
		in_making = events[k];
		full_fault(v, MADE_GVA, MMU_VIEW_KERNEL, WALK_X);
		if (in_making == events[k] && !made_writes)
			fail("nothing has happened while a copy was made");
		if (events[k] == made_write && (made_writes < 2 || made_writes > 19))
			fail("a copy was made %u times", made_writes);
		in_making = NULL;
		if (events[k] == made_leave && copy_find(&vm, MADE_GPA >> PAGE_SHIFT))
			fail("a page has a copy whose slot is being changed");
		mmu_frames_left(&vm);
		v->frame_leaves = false;
		execute_made(v);
		check_all();
	}
}

/* Blocks of code: about five instructions each. */
#define MAX_LOCK_BLOCKS	300000UL
#define MAX_IRQ_BLOCKS	25000UL

static void run(unsigned long max_steps)
{
	const u32 sctlrs[] = { 0, WALK_SCTLR_EE, WALK_SCTLR_AFE, WALK_SCTLR_TRE };
	struct mmu_config config = {
		.patch_opts = PATCH_PRIV,
		.fault_around = true,
		.frames_changed = frames_changed,
	};
	unsigned int i;

	patch_init();
	world_begin(max_steps);
	mm_begin();
	memset(&vm, 0, sizeof(vm));
	memset(vcpus, 0, sizeof(vcpus));
	memset(removed, 0, sizeof(removed));
	memset(being_written, 0, sizeof(being_written));
	nr_maints = 0;
	all_since = 0;
	guest_long = choose(2);
	crowded = one_in(5);
	sctlr_bits = sctlrs[choose(4)];
	if (sctlr_bits == WALK_SCTLR_AFE)	/* AP[0] is the access flag then */
		sctlr_bits |= one_in(2) * WALK_SCTLR_EE;
	config.exact_copies = HOST_HAS_EXEC_ONLY && choose(2);
	config.fault_around = choose(4);
	if (!history)
		history = calloc(TABLES_PAGES * 1024, sizeof(*history));
	vm.mm = &mm;
	if (armkvm_memslots_init(&vm) || mmu_start() || mmu_init(&vm, &config))
		fail("no memory");
	set_slot(0, TABLES_GPA, TABLES_PAGES, 0);
	for (i = FIRST_DATA; i < NR_SLOTS; i++)
		set_slot(i, DATA_GPA + i * 0x100000, DATA_PAGES, 0);
	first_tables();
	for (i = 0; i < NR_VCPUS; i++) {
		struct vcpu *v = &vcpus[i];

		v->id = i;
		v->ctl = (struct walk_ctl) {
			.sctlr = sctlr_bits | WALK_SCTLR_M,
			.ttbcr = guest_long ? WALK_TTBCR_EAE : 1,
			.dacr = 0x55555555,
			.features = WALK_HAS_PXN,
			.ttbr0 = any_ttbr(),
			.ttbr1 = guest_long ? any_ttbr() : TABLES_GPA + 0x8000,
			.mair = 0xff,
		};
		mmu_vcpu_init(&v->mv, &vm);
		thread_new(vcpu_thread, i);
	}
	if (!guest_long && !(sctlr_bits & WALK_SCTLR_AFE)) {
		relink_quietly(&vcpus[0], &vcpus[1]);
		retag_unsync(&vcpus[2]);
		make_meanwhile(&vcpus[0], &vcpus[1]);
		if (crowded) {
			link_unsync(&vcpus[0], &vcpus[1]);
			map_often(&vcpus[0]);
		}
	}
	if (guest_long)
		swap_meanwhile(&vcpus[0], &vcpus[1]);
	thread_new(launcher_thread, 0);
	thread_new(host_thread, 0);
	world.memory_fails = one_in(4);
	world_run();

	raw_spin_lock(&vm.mmu->lock);
	mmu_commit(&vm);
	check_all();
	mmu_commit_unlock(&vm);
	mmu_destroy(&vm);
	for (i = 0; i < NR_VCPUS; i++)
		mmu_vcpu_destroy(&vcpus[i].mv);
	mmu_stop();
	armkvm_memslots_free(&vm);
	mm_end();
	if (world.allocs)
		fail("%ld allocations leak", world.allocs);
	if (world.max_lock_blocks > MAX_LOCK_BLOCKS)
		fail("%lu blocks of code under one hold of the lock", world.max_lock_blocks);
	if (world.max_irq_blocks > MAX_IRQ_BLOCKS)
		fail("%lu blocks of code with interrupts off", world.max_irq_blocks);
}

#ifdef FUZZER
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	choose_by_data(data, size);
	run(20000);
	return 0;
}
#else
/* test-mmu SEED RUNS STEPS [SECONDS]: so many runs of so many steps, or as many as the time allows */
int main(int argc, char **argv)
{
	unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 0) : 20;
	unsigned long steps = argc > 3 ? strtoul(argv[3], NULL, 0) : 20000;
	time_t end = argc > 4 ? time(NULL) + strtol(argv[4], NULL, 0) : 0;
	unsigned long i, locks = 0, irqs = 0;

	for (i = 0; end ? time(NULL) < end : i < runs; i++) {
		printf("seed %lu\n", seed + i);
		fflush(stdout);
		choose_by_seed(seed + i);
		run(steps);
		locks = max(locks, world.max_lock_blocks);
		irqs = max(irqs, world.max_irq_blocks);
	}
	printf("%lu runs, %lu stays, %lu accesses, %lu fills and %lu light ones, %lu maintenance, %lu changes of space; at most %lu blocks locked, %lu with interrupts off\n",
	       i, nr_stays, nr_hits, nr_fills, nr_light, nr_maint, nr_changes, locks, irqs);
	return 0;
}
#endif
