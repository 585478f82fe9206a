// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the instruction caches could hold: by physical line, the words as they were when one of them was
 * fetched, until an IC that covers the line.  And which words were stored and not
 * cleaned to the point of unification since, which a fetch after the IC may not see yet (B2.7.4.2,
 * "Synchronization and coherency issues between data and instruction accesses").
 *
 * QEMU translates anew what was changed, so a changed word that is executed passes by
 * icache_fetch() first.  A line that was never fetched is taken to be in no instruction
 * cache: an implementation may have fetched it by speculation.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "model.h"

#define LINE_WORDS	16		/* 64 bytes; the real line's size may be smaller, never larger */
#define LINE_SHIFT	6

struct line {
	uint32_t word[LINE_WORDS];
	uint32_t pou[LINE_WORDS];	/* what is at the point of unification, if that is known */
	bool pou_known;
	uint8_t cpus;			/* whose caches may have it */
	uint8_t inval_by;		/* 1 + the CPU of the last IC */
	uint64_t inval_time;
	uint64_t all;			/* of the last IC of all CPUs that it knows: a time */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint16_t *dirty;			/* a bit a word */
static struct line **pages;		/* of a page of RAM */
static uint64_t now = 1;
/* The last IC of all lines in all CPUs, which lines learn of when they are looked at. */
static uint64_t all_time;
static unsigned int all_by;

#define PAGE_LINES	(PAGE_SIZE >> LINE_SHIFT)

static bool wants_clean, wants_ic;

void icache_rules(bool clean, bool ic)
{
	wants_clean = clean;
	wants_ic = ic;
}

void icache_init(void)
{
	dirty = mmap(NULL, (ram_bytes() >> LINE_SHIFT) * sizeof(*dirty), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (dirty == MAP_FAILED)
		abort();
	pages = calloc(ram_bytes() >> PAGE_SHIFT, sizeof(*pages));
}

void icache_store(uint64_t pa, unsigned int bytes)
{
	uint64_t offset = pa - ram_start(), word = offset >> 2, last;

	if (!wants_clean || pa < ram_start() || offset + bytes > ram_bytes())
		return;
	for (last = (offset + bytes - 1) >> 2; word <= last; word++) {
		uint16_t *line = &dirty[word / LINE_WORDS], bit = 1U << word % LINE_WORDS;

		if (!(*line & bit))
			__atomic_fetch_or(line, bit, __ATOMIC_RELAXED);
	}
}

static bool is_dirty(uint64_t pa)
{
	return dirty[(pa - ram_start()) >> LINE_SHIFT];
}

static struct line *learn(struct line *line)
{
	if (line->all == all_time)
		return line;
	line->all = all_time;
	if (line->cpus) {
		line->cpus = 0;
		line->inval_by = all_by + 1;
		line->inval_time = all_time;
	}
	return line;
}

static struct line *line_of(uint64_t pa, bool make)
{
	uint64_t offset = pa - ram_start();
	struct line **page;

	if (pa < ram_start() || offset >= ram_bytes())
		return NULL;
	page = &pages[offset >> PAGE_SHIFT];
	if (!*page && make)
		*page = calloc(PAGE_LINES, sizeof(**page));
	return *page ? learn(*page + (offset >> LINE_SHIFT) % PAGE_LINES) : NULL;
}

void icache_clean(uint64_t pa)
{
	struct line *line;

	count(COUNT_ICACHE);
	if (pa < ram_start() || pa - ram_start() >= ram_bytes() || !is_dirty(pa))
		return;
	pthread_mutex_lock(&lock);
	__atomic_store_n(&dirty[(pa - ram_start()) >> LINE_SHIFT], 0, __ATOMIC_RELAXED);
	line = line_of(pa, true);
	memcpy(line->pou, ram_at(pa & ~((1ULL << LINE_SHIFT) - 1)), sizeof(line->pou));
	line->pou_known = true;
	pthread_mutex_unlock(&lock);
}

/* By set and way: rare, and all of it at once. */
void icache_clean_all(void)
{
	uint64_t page, i;

	count(COUNT_ICACHE);
	pthread_mutex_lock(&lock);
	madvise(dirty, (ram_bytes() >> LINE_SHIFT) * sizeof(*dirty), MADV_DONTNEED);
	for (page = 0; page < ram_bytes() >> PAGE_SHIFT; page++)
		for (i = 0; pages[page] && i < PAGE_LINES; i++)
			pages[page][i].pou_known = false;
	pthread_mutex_unlock(&lock);
}

void icache_inval_line(struct cpu *cpu, uint64_t pa)
{
	struct line *line;

	count(COUNT_ICACHE);
	pthread_mutex_lock(&lock);
	line = line_of(pa, false);
	/* Before the clean it comes in again as it was. */
	if (line && line->cpus && !is_dirty(pa)) {
		line->cpus = 0;
		line->inval_by = cpu->index + 1;
		line->inval_time = ++now;
	}
	pthread_mutex_unlock(&lock);
}

void icache_inval_all(struct cpu *cpu, bool broadcast)
{
	uint8_t mask = 1U << cpu->index;
	uint64_t page, i;

	count(COUNT_ICACHE);
	pthread_mutex_lock(&lock);
	now++;
	/* Linux on Armv7 does this all the time. */
	if (broadcast || nr_cpus == 1) {
		all_time = now;
		all_by = cpu->index;
		pthread_mutex_unlock(&lock);
		return;
	}
	for (page = 0; page < ram_bytes() >> PAGE_SHIFT; page++) {
		struct line *line = pages[page];

		for (i = 0; line && i < PAGE_LINES; i++) {
			learn(&line[i]);
			if (!(line[i].cpus & mask) || is_dirty(ram_start() + (page << PAGE_SHIFT) + (i << LINE_SHIFT)))
				continue;
			line[i].cpus &= ~mask;
			line[i].inval_by = cpu->index + 1;
			line[i].inval_time = now;
		}
	}
	pthread_mutex_unlock(&lock);
}

void icache_dsb(struct cpu *cpu)
{
	pthread_mutex_lock(&lock);
	cpu->last_dsb = ++now;
	pthread_mutex_unlock(&lock);
}

void icache_isb(struct cpu *cpu)
{
	pthread_mutex_lock(&lock);
	cpu->last_isb = ++now;
	pthread_mutex_unlock(&lock);
}

/* The line comes from memory. */
static void fill(struct line *line, uint64_t pa)
{
	const void *at = ram_at(pa & ~((1ULL << LINE_SHIFT) - 1));

	memcpy(line->word, at, sizeof(line->word));
	if (!is_dirty(pa)) {
		memcpy(line->pou, at, sizeof(line->pou));
		line->pou_known = true;
	}
}

/*
 * Those that may be exchanged for one another while they are executed: whoever executes one meanwhile gets
 * the old or the new one (B2.2.5, "Concurrent modification and execution of instructions").
 * MOV X9, LR and on Armv7 ADD SP, SP, #4 are not of them.  Linux exchanges them for a NOP or BL so in
 * each function's head (ftrace), those of the functions that do so included.
 */
static bool exchangeable(uint32_t word)
{
	if (arch == &arch_a32)			/* A3.5.4: B, BL, NOP, SVC, BKPT */
		return (word & 0xfe000000) == 0xea000000 || (word & 0xff000000) == 0xef000000 ||
		       word == 0xe320f000 || word == 0xe1a00000 || word == 0xe28dd004 || (word & 0xfff000f0) == 0xe1200070;
	return (word & 0x7c000000) == 0x14000000 ||		/* B, BL */
	       (word & 0xff000000) == 0xd4000000 ||		/* SVC, HVC, SMC, BRK */
	       word == 0xd503201f || word == 0xd5033fdf ||	/* NOP, ISB */
	       word == 0xaa1e03e9;
}

static void fetch_word(struct cpu *cpu, uint64_t pa, uint64_t pc)
{
	unsigned int n = pa >> 2 & (LINE_WORDS - 1);
	uint32_t word = *(const uint32_t *)ram_at(pa & ~3ULL);
	struct line *line = line_of(pa, true);
	uint8_t bit = 1U << cpu->index;
	bool changed = line->inval_time && line->word[n] != word;

	/* Old and new are as good as each other until the writer is done. */
	if (exchangeable(word) && exchangeable(line->word[n]) &&
	    (is_dirty(pa) || (line->cpus & bit)))
		return;
	/* A store of what was there already changes nothing. */
	if (dirty[(pa - ram_start()) >> LINE_SHIFT] >> n & 1 && !(line->pou_known && line->pou[n] == word)) {
		complain(cpu, IC_NOT_CLEAN, pc,
			 "the instruction 0x%x at 0x%" PRIx64
			 " was stored and not cleaned to the point of unification since", word, pa);
		__atomic_store_n(&dirty[(pa - ram_start()) >> LINE_SHIFT], 0, __ATOMIC_RELAXED);
	}
	if (line->cpus & bit) {
		if (line->word[n] != word)
			complain(cpu, IC_STALE, pc, "the instruction 0x%x at 0x%" PRIx64
				 " has changed, 0x%x may be cached: no IC has removed it", word, pa, line->word[n]);
		else
			return;
	} else if (changed && line->inval_by == cpu->index + 1U) {
		if (line->inval_time > cpu->last_dsb)
			complain(cpu, IC_NO_DSB, pc, "the instruction 0x%x at 0x%" PRIx64
				 " has changed (0x%x), and no DSB followed the IC", word, pa, line->word[n]);
		else if (line->inval_time > cpu->last_isb)
			complain(cpu, IC_NO_ISB, pc, "the instruction 0x%x at 0x%" PRIx64
				 " has changed (0x%x), and no ISB followed the IC", word, pa, line->word[n]);
	}
	line->cpus |= bit;
	fill(line, pa);
}

void icache_fetch(struct cpu *cpu, uint64_t pa, unsigned int bytes, uint64_t pc)
{
	pthread_mutex_lock(&lock);
	count(COUNT_FETCHED);
	if (wants_ic && line_of(pa, true))
		fetch_word(cpu, pa, pc);
	/* A T32 instruction of four bytes may be in two words, and they in two lines. */
	if (wants_ic && (pa & 3) + bytes > 4 && (pa + 4) % PAGE_SIZE > 3 && line_of(pa + 4, true))
		fetch_word(cpu, pa + 4, pc);
	pthread_mutex_unlock(&lock);
}
