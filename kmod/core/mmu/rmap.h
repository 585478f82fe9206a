/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reverse map: which shadow entries map a guest frame.
 *
 * One word a frame, in struct gfn_info: 0, the address of the only entry, or a
 * list (bit 0 set).  Most frames have one or two entries: the kernel's linear map
 * and a process.  All of it is guarded by mmu->lock.
 */
#ifndef ARMKVM_CORE_RMAP_H
#define ARMKVM_CORE_RMAP_H

#include <linux/mm_types.h>
#include <linux/types.h>

#include <host_spte.h>

struct rmap_entry {
	spte_t *sptep;
	struct rmap_entry *next;
	unsigned int count;		/* of the list, in its first node */
};

/*
 * List nodes that are in no list.  They come from whole pages, which live as long
 * as the pool: kmalloc() would take 64 bytes for each where DMA wants that.
 */
struct rmap_pool {
	struct rmap_entry *free;
	unsigned int nr;
	unsigned int nr_pages;
	struct page *pages;		/* linked by page->private */
};

/* Nodes that one rmap_add() takes at most. */
#define RMAP_ADD_NODES		2

/*
 * Entries of one frame beyond which the oldest has to go before another is added.
 * It bounds what a removal costs, some 5 instructions for each, whatever the guest
 * maps how often; and it is what frames that many processes share have in use, two
 * views for each of half of MMU_MAX_SPACES.
 */
#define RMAP_MAX_ENTRIES	64

/* A page for the pool, or NULL.  May sleep; no lock held. */
struct page *rmap_page_alloc(void);
/* Gives @page to the pool. */
void rmap_pool_grow(struct rmap_pool *pool, struct page *page);
void rmap_pool_destroy(struct rmap_pool *pool);

/* The number of entries in a list. */
unsigned int rmap_count(unsigned long head);

/* Adds @sptep; the pool has RMAP_ADD_NODES. */
void rmap_add(unsigned long *head, spte_t *sptep, struct rmap_pool *pool);
/*
 * Removes @sptep, which must be there.  Looks for it from the newest entry on; returns at
 * how many it looked.
 */
unsigned int rmap_remove(unsigned long *head, spte_t *sptep, struct rmap_pool *pool);

/* The entry that was added first of those that are left, or NULL. */
spte_t *rmap_oldest(unsigned long head);

/*
 * A walk over the entries of a frame, newest first, that may remove them on its way: one
 * pass, whatever it removes.
 *
 *	for (sptep = rmap_walk(&walk, &head); sptep; sptep = rmap_walk_next(&walk))
 *		if (...)
 *			rmap_walk_remove(&walk, pool);
 *
 * rmap_walk_remove() takes out the entry that the walk is at, once.  Nothing else may
 * change the list meanwhile.
 */
struct rmap_walk {
	unsigned long *head;
	struct rmap_entry *prev;	/* the entry before the one that the walk is at */
	struct rmap_entry *at;		/* NULL: a lone entry, or none */
	bool removed;			/* @at is gone: the next one is prev's, or the first */
};

spte_t *rmap_walk(struct rmap_walk *walk, unsigned long *head);
spte_t *rmap_walk_next(struct rmap_walk *walk);
void rmap_walk_remove(struct rmap_walk *walk, struct rmap_pool *pool);

#endif /* ARMKVM_CORE_RMAP_H */
