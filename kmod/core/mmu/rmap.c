// SPDX-License-Identifier: GPL-2.0-only
/* Reverse map from guest frames to shadow entries; see rmap.h. */
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "rmap.h"

#define RMAP_LIST	1UL

static struct rmap_entry *rmap_list(unsigned long head)
{
	return (head & RMAP_LIST) ? (struct rmap_entry *)(head & ~RMAP_LIST) : NULL;
}

struct page *rmap_page_alloc(void)
{
	return alloc_page(GFP_KERNEL_ACCOUNT);
}

static void rmap_pool_put(struct rmap_pool *pool, struct rmap_entry *node)
{
	node->next = pool->free;
	pool->free = node;
	pool->nr++;
}

static struct rmap_entry *rmap_pool_take(struct rmap_pool *pool)
{
	struct rmap_entry *node = pool->free;

	pool->free = node->next;
	pool->nr--;
	return node;
}

void rmap_pool_grow(struct rmap_pool *pool, struct page *page)
{
	struct rmap_entry *node = page_address(page);
	unsigned int n;

	set_page_private(page, (unsigned long)pool->pages);
	pool->pages = page;
	pool->nr_pages++;
	for (n = 0; n < PAGE_SIZE / sizeof(*node); n++)
		rmap_pool_put(pool, node + n);
}

void rmap_pool_destroy(struct rmap_pool *pool)
{
	struct page *page = pool->pages, *next;

	for (; page; page = next) {
		next = (struct page *)page_private(page);
		set_page_private(page, 0);
		__free_page(page);
	}
	memset(pool, 0, sizeof(*pool));
}

unsigned int rmap_count(unsigned long head)
{
	return (head & RMAP_LIST) ? rmap_list(head)->count : head != 0;
}

void rmap_add(unsigned long *head, spte_t *sptep, struct rmap_pool *pool)
{
	struct rmap_entry *entry, *list;

	if (!*head) {
		*head = (unsigned long)sptep;
		return;
	}
	list = rmap_list(*head);
	if (!list) {
		/* The lone entry moves into a list first. */
		list = rmap_pool_take(pool);
		list->sptep = (spte_t *)*head;
		list->next = NULL;
		list->count = 1;
	}
	entry = rmap_pool_take(pool);
	entry->sptep = sptep;
	entry->next = list;
	entry->count = list->count + 1;
	*head = (unsigned long)entry | RMAP_LIST;
}

/* Takes @entry, behind @prev or the first (NULL), out of the list. */
static void rmap_list_remove(unsigned long *head, struct rmap_entry *prev, struct rmap_entry *entry,
			     struct rmap_pool *pool)
{
	if (prev) {
		prev->next = entry->next;
		rmap_list(*head)->count--;
	} else if (entry->next) {
		entry->next->count = entry->count - 1;
		*head = (unsigned long)entry->next | RMAP_LIST;
	} else {
		*head = 0;
	}
	rmap_pool_put(pool, entry);
}

unsigned int rmap_remove(unsigned long *head, spte_t *sptep, struct rmap_pool *pool)
{
	struct rmap_walk walk;
	unsigned int n = 0;
	spte_t *at;

	for (at = rmap_walk(&walk, head); at; at = rmap_walk_next(&walk)) {
		n++;
		if (at == sptep) {
			rmap_walk_remove(&walk, pool);
			return n;
		}
	}
	WARN_ONCE(1, "armkvm: a shadow entry is not in the reverse map\n");
	return n;
}

spte_t *rmap_oldest(unsigned long head)
{
	struct rmap_entry *entry = rmap_list(head);

	if (!entry)
		return (spte_t *)head;
	while (entry->next)
		entry = entry->next;
	return entry->sptep;
}

spte_t *rmap_walk(struct rmap_walk *walk, unsigned long *head)
{
	*walk = (struct rmap_walk) { .head = head, .at = rmap_list(*head) };
	return walk->at ? walk->at->sptep : (spte_t *)*head;
}

spte_t *rmap_walk_next(struct rmap_walk *walk)
{
	if (walk->removed) {
		walk->removed = false;
		walk->at = walk->prev ? walk->prev->next : rmap_list(*walk->head);
	} else if (walk->at) {
		walk->prev = walk->at;
		walk->at = walk->at->next;
	}
	return walk->at ? walk->at->sptep : NULL;
}

void rmap_walk_remove(struct rmap_walk *walk, struct rmap_pool *pool)
{
	if (walk->at)
		rmap_list_remove(walk->head, walk->prev, walk->at, pool);
	else
		*walk->head = 0;
	walk->removed = true;
}
