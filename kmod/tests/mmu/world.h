/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host around the shadow MMU under test: threads that change places by a seed, the launcher's
 * memory with its pages coming and going, and an account of what it does at locks.
 */
#ifndef MMU_TEST_WORLD_H
#define MMU_TEST_WORLD_H

#include "kernel.h"

#define WORLD_THREADS	8

struct thread {
	void (*fn)(int arg);
	int arg;
	bool done;
	int locks;			/* spinlocks held */
	int preempt;			/* depth of preempt_disable() */
	bool irqs_off;
	unsigned long blocks;		/* basic blocks of the code under test so far */
	unsigned long lock_blocks;	/* when the lock was taken */
	unsigned long irq_blocks;	/* when interrupts went off */
};

struct world {
	struct thread thread[WORLD_THREADS];
	int nr_threads;
	int running;			/* -1: main */
	bool stop;			/* threads are to come to their end */
	bool memory_fails;		/* sometimes */
	unsigned long steps, max_steps;
	unsigned long idle;		/* waits in a row */
	long allocs;			/* allocations that live */
	unsigned long max_lock_blocks;	/* the most under one hold of a lock, seen */
	unsigned long max_irq_blocks;
};
extern struct world world;

/* Choices: of a seed, or of a fuzzer's bytes, at whose end world.stop is set. */
void choose_by_seed(u64 seed);
void choose_by_data(const u8 *data, size_t size);
unsigned int choose(unsigned int n);	/* 0 to n - 1 */
static inline bool one_in(unsigned int n)
{
	return !choose(n);
}

void world_begin(unsigned long max_steps);
int thread_new(void (*fn)(int arg), int arg);
/* Until every thread is done. */
void world_run(void);
void world_irqs(bool on);		/* of the running thread */
bool world_holds_lock(void);		/* does it hold a spinlock? */
/* Hooks of the test: a spinlock is about to be given up; an interrupt arrives on a CPU. */
void test_unlock(void);
bool test_cpu_irqs_off(int cpu);
void test_interrupt(int cpu);
/* What a hardware that reads ahead does at any time. */
void test_speculate(void);

/* -- the launcher's memory: pages by number, from HVA_BASE on */
#define HVA_BASE	0x10000000UL
#define HVA_PAGES	320

struct hva_page {
	struct page *page;		/* NULL: swapped out to content */
	bool vma_writable;
	bool shared;			/* write-protected until a write breaks the sharing */
	u8 content[PAGE_SIZE];
};
struct mm_struct {
	struct hva_page hva[HVA_PAGES];
	struct mmu_notifier *notifier;
};
extern struct mm_struct mm;

void mm_begin(void);
void mm_end(void);
/* As a page fault: the page, or NULL if it may not be written.  May sleep. */
struct page *mm_fault(unsigned int n, bool write);
/* What the host does to pages @first to @last of its own accord. */
enum mm_change {
	MM_SWAP,
	MM_MIGRATE,
	MM_SHARE,
	MM_READ_ONLY,
	MM_CHANGES,
	MM_UNSHARE,			/* a write has met a shared page */
};
void mm_change(unsigned int first, unsigned int last, enum mm_change change);
void mm_allow_write(unsigned int first, unsigned int last);

#endif /* MMU_TEST_WORLD_H */
