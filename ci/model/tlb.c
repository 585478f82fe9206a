// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a CPU's TLB could hold of TTBR0's half: each descriptor that an access went
 * through, of every level (a walk cache may keep those of tables), until a TLBI that covers it.  Nothing
 * is ever forgotten for want of space.
 *
 * It holds no more than what accesses have used: an implementation may fetch more on its own.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define BUCKETS		65536
#define ANY_ASID	0x10000U

struct entry {
	uint64_t prefix;	/* address >> shift */
	uint64_t desc;
	uint64_t allowed;	/* descriptors with the permissions that were seen, a bit an access */
	uint64_t strike;	/* the pass in which it was found stale */
	uint32_t next;
	uint32_t gen, asid_gen;
	uint32_t asid;		/* ANY_ASID: global */
	uint8_t level, shift;
};

/* Of each page of RAM that a walk found to be a table: what was in it when that was looked at last; NULL: none. */
static _Atomic(void *) *tables;

void tlb_init(struct tlb *tlb)
{
	if (!tables)
		tables = calloc(ram_bytes() >> PAGE_SHIFT, sizeof(*tables));
	pthread_mutex_init(&tlb->lock, NULL);
	tlb->bucket = calloc(BUCKETS, sizeof(*tlb->bucket));
	tlb->asid_gen = calloc(65536, sizeof(*tlb->asid_gen));
	tlb->max_pool = 4096;
	tlb->pool = calloc(tlb->max_pool, sizeof(*tlb->pool));
	tlb->nr_pool = 1;			/* 0 ends a chain */
	tlb->seq = 1;
}

static void mark_table(const void *at)
{
	void *copy, *none = NULL;
	uint64_t pa, n;

	if (!ram_pa(at, &pa))
		return;
	n = (pa - ram_start()) >> PAGE_SHIFT;
	if (tables[n])
		return;
	copy = malloc(PAGE_SIZE);
	if (!copy)
		abort();
	memcpy(copy, ram_at(pa & ~(PAGE_SIZE - 1)), PAGE_SIZE);
	if (!atomic_compare_exchange_strong(&tables[n], &none, copy))
		free(copy);
}

static unsigned int permissions(uint64_t desc, unsigned int level)
{
	unsigned int mask = 0, access;

	for (access = ACCESS_READ; access <= ACCESS_EXEC; access++)
		mask |= arch->allows(desc, level, access) << access;
	return mask;
}

/* Does a TLBI have to follow?  More permissions want none.  Which level it is of isn't known: the last, most often. */
static bool lessens(uint64_t old, uint64_t new)
{
	unsigned int last = arch->sizes[0].level;

	return !(new & arch->valid) || arch->identity(old, last) != arch->identity(new, last) ||
	       (permissions(old, last) & ~permissions(new, last));
}

/*
 * A page that is stored to in other pieces than descriptors is a table no more.  Its copy stays where it is, for another
 * CPU may be reading it: few pages are ever tables.
 */
bool tlb_table_store(uint64_t pa, unsigned int bytes)
{
	uint64_t offset = pa - ram_start(), old, new;
	unsigned int size = arch->narrow ? 4 : 8;
	char *copy;

	if (pa < ram_start() || offset >= ram_bytes())
		return false;
	copy = tables[offset >> PAGE_SHIFT];
	if (!copy)
		return false;
	if (bytes != size || pa % size) {
		tables[offset >> PAGE_SHIFT] = NULL;
		return false;
	}
	count(COUNT_TABLE_STORES);
	copy += pa & (PAGE_SIZE - 1);
	old = desc_at(copy);
	new = desc_at(ram_at(pa));
	memcpy(copy, ram_at(pa), size);
	return (old & arch->valid) && lessens(old, new);
}

/* -- the set of entries; held: lock ---------------------------------------------- */

/* By address alone, so that an invalidation of all ASIDs finds them in one chain. */
static uint32_t *chain(struct tlb *tlb, uint64_t prefix, unsigned int level)
{
	uint64_t hash = (prefix * 4 + level) * 0x9e3779b97f4a7c15ULL;

	return &tlb->bucket[hash >> 48];
}

static bool lives(const struct tlb *tlb, const struct entry *e)
{
	return e->gen == tlb->gen && (e->asid == ANY_ASID || e->asid_gen == tlb->asid_gen[e->asid]);
}

/* Removes what died by its generation on the way. */
static struct entry *find(struct tlb *tlb, uint64_t prefix, unsigned int level, uint32_t asid)
{
	uint32_t *at = chain(tlb, prefix, level), i;

	while ((i = *at)) {
		struct entry *e = &tlb->pool[i];

		if (!lives(tlb, e)) {
			*at = e->next;
			e->next = tlb->free;
			tlb->free = i;
			continue;
		}
		if (e->prefix == prefix && e->level == level && (e->asid == asid || e->asid == ANY_ASID))
			return e;
		at = &e->next;
	}
	return NULL;
}

static struct entry *add(struct tlb *tlb, uint64_t prefix, unsigned int level, uint32_t asid)
{
	uint32_t *at, i = tlb->free;
	struct entry *e;

	if (i) {
		tlb->free = tlb->pool[i].next;
	} else {
		if (tlb->nr_pool == tlb->max_pool) {
			tlb->max_pool *= 2;
			tlb->pool = realloc(tlb->pool, tlb->max_pool * sizeof(*tlb->pool));
			if (!tlb->pool)
				abort();
		}
		i = tlb->nr_pool++;
	}
	e = &tlb->pool[i];
	memset(e, 0, sizeof(*e));
	e->prefix = prefix;
	e->level = level;
	e->asid = asid;
	e->gen = tlb->gen;
	e->asid_gen = asid == ANY_ASID ? 0 : tlb->asid_gen[asid];
	at = chain(tlb, prefix, level);
	e->next = *at;
	*at = i;
	count(COUNT_CACHED);
	return e;
}

/* -- invalidation -------------------------------------------------------------------- */

void tlb_inval_all(struct tlb *tlb)
{
	pthread_mutex_lock(&tlb->lock);
	tlb->seq++;
	tlb->gen++;
	memset(tlb->bucket, 0, BUCKETS * sizeof(*tlb->bucket));
	tlb->nr_pool = 1;
	tlb->free = 0;
	pthread_mutex_unlock(&tlb->lock);
}

/* Global entries stay (C5.5, TLBI ASIDE1). */
void tlb_inval_asid(struct tlb *tlb, uint16_t asid)
{
	pthread_mutex_lock(&tlb->lock);
	tlb->seq++;
	tlb->asid_gen[asid]++;
	pthread_mutex_unlock(&tlb->lock);
}

/*
 * The address of the instruction has bits 55:12 only.  Descriptors of every size and granule:
 * which prefixes there can be follows from the shifts.
 */
void tlb_inval_va(struct tlb *tlb, uint64_t va, int asid, bool last)
{
	unsigned int i;

	pthread_mutex_lock(&tlb->lock);
	tlb->seq++;
	/* Of what isn't modelled there is no entry. */
	for (i = 0; i < arch->nr_sizes; i++) {
		uint64_t prefix = va >> arch->sizes[i].shift;
		uint32_t *at = chain(tlb, prefix, arch->sizes[i].level), n;

		while ((n = *at)) {
			struct entry *e = &tlb->pool[n];

			if (e->prefix == prefix && e->shift == arch->sizes[i].shift &&
			    (asid < 0 || e->asid == ANY_ASID || e->asid == (uint32_t)asid) &&
			    !(last && arch->is_table(e->desc, e->level))) {
				*at = e->next;
				e->next = tlb->free;
				tlb->free = n;
				continue;
			}
			at = &e->next;
		}
	}
	pthread_mutex_unlock(&tlb->lock);
}

/* -- accesses ------------------------------------------------------------------------- */

static const char * const access_name[] = { "a load", "a store", "a fetch" };

/*
 * The tables say less than what is cached.  That may be for a while, until whoever
 * took it away has invalidated it: a process's pages are unmapped first and invalidated in one go.  A guest, however, was
 * entered after that: on a machine with one CPU always, else if this was so before already
 * and the guest's world has been left and entered since.
 */
static bool too_late(struct cpu *cpu, struct entry *e)
{
	if (!cpu->guest)
		return false;
	if (nr_cpus == 1)
		return true;
	if (!e->strike)
		e->strike = cpu->pass;
	return cpu->pass > e->strike;
}

static bool same(const struct entry *e, uint64_t desc)
{
	return arch->is_table(e->desc, e->level) == arch->is_table(desc, e->level) &&
	       arch->identity(e->desc, e->level) == arch->identity(desc, e->level);
}

static void check_step(struct cpu *cpu, uint64_t va, const struct step *step, bool valid, bool fresh,
		       bool hit, enum access access, uint64_t pc)
{
	struct tlb *tlb = &cpu->tlb;
	uint64_t prefix = (va & ~(0xffULL << 56)) >> step->shift;
	bool table = arch->is_table(step->desc, step->level);
	struct entry *e = find(tlb, prefix, step->level, cpu->asid);

	if (!valid) {
		if (e && too_late(cpu, e))
			complain(cpu, TLB_STALE, pc,
				 "%s of 0x%" PRIx64 " (ASID %u) may go through 0x%" PRIx64
				 " of level %u, which is no more in the tables: no TLBI has removed it",
				 access_name[access], va, cpu->asid, e->desc, e->level);
		return;
	}
	if (!e) {
		if (!fresh)
			return;
		e = add(tlb, prefix, step->level,
			!table && arch->is_global(step->desc, step->level) ? ANY_ASID : cpu->asid);
		e->shift = step->shift;
	} else if (!same(e, step->desc) && !(table && hit)) {
		complain(cpu, TLB_REMAPPED, pc,
			 "%s of 0x%" PRIx64 " (ASID %u): 0x%" PRIx64 " of level %u may be cached, the tables have 0x%"
			 PRIx64 ": no TLBI between them (break before make)",
			 access_name[access], va, cpu->asid, e->desc, e->level, step->desc);
		e->allowed = 0;
	}
	e->strike = 0;
	e->desc = step->desc;
	if (!table)
		e->allowed |= permissions(step->desc, step->level);
}

/* A guest's views have the same addresses under several ASIDs. */
static struct front *front_of(struct cpu *cpu, uint64_t va)
{
	return &cpu->front[((va >> PAGE_SHIFT) + 61 * (cpu->root >> 48)) & (FRONT - 1)];
}

/*
 * The leaf is cached as it is: no walk.  So it is while tables are changed under a reserved ASID by code that is
 * in both as the same global page (ARM DDI 0406C B3.10.4).
 */
static bool hits(struct cpu *cpu, uint64_t va, const struct walk *walk)
{
	const struct step *leaf = &walk->step[walk->n - 1];
	struct entry *e;

	if (!walk->valid)
		return false;
	e = find(&cpu->tlb, (va & ~(0xffULL << 56)) >> leaf->shift, leaf->level, cpu->asid);
	return e && same(e, leaf->desc);
}

static uint64_t slow(struct cpu *cpu, uint64_t va, enum access access, uint64_t pc)
{
	struct tlb *tlb = &cpu->tlb;
	uint64_t seq = atomic_load(&tlb->seq);
	struct front *front = front_of(cpu, va);
	struct walk walk;
	unsigned int i;
	bool fresh, hit;

	count(COUNT_CHECKED);
	arch->walk(cpu, va, &walk);
	pthread_mutex_lock(&tlb->lock);
	/* What was invalidated since the walk must not come back by it. */
	fresh = seq == tlb->seq;
	hit = hits(cpu, va, &walk);
	for (i = 0; i < walk.n; i++) {
		bool valid = walk.valid || i + 1 < walk.n;

		mark_table(walk.step[i].at);
		check_step(cpu, va, &walk.step[i], valid, fresh, hit, access, pc);
	}
	pthread_mutex_unlock(&tlb->lock);
	if (!walk.valid || !fresh) {
		front->page = 0;
		return 0;
	}
	front->page = (va >> PAGE_SHIFT) + 1;
	front->root = cpu->root;
	front->seq = seq;
	front->pa = walk.pa & ~(PAGE_SIZE - 1);
	front->n = walk.n;
	memcpy(front->step, walk.step, sizeof(walk.step));
	return walk.pa;
}

uint64_t tlb_access(struct cpu *cpu, uint64_t va, enum access access, uint64_t pc)
{
	const struct front *front = front_of(cpu, va);
	unsigned int i;

	/* Who has just changed the tables executes on by the old ones. */
	if (cpu->wants_isb && access != ACCESS_EXEC) {
		complain(cpu, TLB_NO_ISB, cpu->wants_isb,
			 "a register of translation was written, and %s of 0x%" PRIx64 " at pc 0x%" PRIx64
			 " comes without an ISB or exception return between", access_name[access], va, pc);
		cpu->wants_isb = 0;
	}
	if (front->page != (va >> PAGE_SHIFT) + 1 || front->root != cpu->root ||
	    front->seq != atomic_load_explicit(&cpu->tlb.seq, memory_order_relaxed))
		return slow(cpu, va, access, pc);
	for (i = 0; i < front->n; i++)
		if (desc_at(front->step[i].at) != front->step[i].desc)
			return slow(cpu, va, access, pc);
	return front->pa | (va & (PAGE_SIZE - 1));
}

void tlb_abort(struct cpu *cpu, uint64_t va, enum access access, uint64_t pc)
{
	struct tlb *tlb = &cpu->tlb;
	struct walk walk;
	unsigned int i;

	count(COUNT_ABORTS);
	arch->walk(cpu, va, &walk);
	if (!walk.n || (walk.valid && arch->allows(walk.step[walk.n - 1].desc, walk.step[walk.n - 1].level, access)))
		return;
	pthread_mutex_lock(&tlb->lock);
	/* The cached leaf may be of another size than what the tables have now. */
	for (i = 0; i < arch->nr_sizes; i++) {
		struct entry *e = find(tlb, va >> arch->sizes[i].shift, arch->sizes[i].level, cpu->asid);

		if (e && e->shift == arch->sizes[i].shift && !arch->is_table(e->desc, e->level) && (e->allowed >> access & 1) && too_late(cpu, e)) {
			complain(cpu, TLB_STALE, pc,
				 "%s of 0x%" PRIx64 " (ASID %u) is aborted by the tables (0x%" PRIx64
				 "), but 0x%" PRIx64 " may be cached and lets it through: no TLBI has removed it",
				 access_name[access], va, cpu->asid, walk.step[walk.n - 1].desc, e->desc);
			e->allowed = 0;
		}
	}
	pthread_mutex_unlock(&tlb->lock);
}
