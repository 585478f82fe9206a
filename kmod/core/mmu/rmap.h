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

/* What one rmap_add() takes at most. */
#define RMAP_ADD_NODES		2

/*
 * Entries of one frame beyond which an old one has to go before another is
 * added: bounds what a removal costs, whatever the guest maps how often.
 */
#define RMAP_MAX_ENTRIES	1024

/* A page for the pool, or NULL.  May sleep; no lock held. */
struct page *rmap_page_alloc(void);
void rmap_pool_grow(struct rmap_pool *pool, struct page *page);
void rmap_pool_destroy(struct rmap_pool *pool);

/* The number of entries. */
unsigned int rmap_count(unsigned long head);

/* Adds @sptep; the pool has RMAP_ADD_NODES. */
void rmap_add(unsigned long *head, spte_t *sptep, struct rmap_pool *pool);
/* Removes @sptep, which must be there. */
void rmap_remove(unsigned long *head, spte_t *sptep, struct rmap_pool *pool);

/* Any entry of @head, or NULL; and the one after @sptep, for a walk. */
spte_t *rmap_first(unsigned long head);
spte_t *rmap_next(unsigned long head, spte_t *sptep);

#endif /* ARMKVM_CORE_RMAP_H */
