// SPDX-License-Identifier: GPL-2.0-only
/* Reverse map from guest frames to shadow entries; see rmap.h. */
#include <linux/bug.h>
#include <linux/slab.h>

#include "rmap.h"

#define RMAP_LIST	1UL

static struct rmap_entry *rmap_list(unsigned long head)
{
	return (head & RMAP_LIST) ? (struct rmap_entry *)(head & ~RMAP_LIST) : NULL;
}

unsigned long rmap_get(struct xarray *rmap, u64 gfn)
{
	return (unsigned long)xa_load(rmap, gfn);
}

/* The frame's word is reserved, or there already: this allocates nothing. */
static void rmap_set(struct xarray *rmap, u64 gfn, unsigned long head)
{
	if (head)
		WARN_ON_ONCE(xa_is_err(xa_store(rmap, gfn, (void *)head, GFP_NOWAIT)));
	else
		xa_erase(rmap, gfn);
}

int rmap_reserve(struct xarray *rmap, u64 gfn, struct rmap_entry **spare)
{
	unsigned int have = !*spare ? 0 : !(*spare)->next ? 1 : 2;

	for (; have < 2; have++) {
		struct rmap_entry *entry = kmalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);

		if (!entry)
			return -ENOMEM;
		entry->next = *spare;
		*spare = entry;
	}
	return xa_reserve(rmap, gfn, GFP_KERNEL_ACCOUNT);
}

void rmap_spare_free(struct rmap_entry **spare)
{
	while (*spare) {
		struct rmap_entry *entry = *spare;

		*spare = entry->next;
		kfree(entry);
	}
}

static struct rmap_entry *spare_take(struct rmap_entry **spare)
{
	struct rmap_entry *entry = *spare;

	*spare = entry->next;
	return entry;
}

void rmap_add(struct xarray *rmap, u64 gfn, spte_t *sptep, struct rmap_entry **spare)
{
	unsigned long head = rmap_get(rmap, gfn);
	struct rmap_entry *entry, *list;

	if (!head) {
		rmap_set(rmap, gfn, (unsigned long)sptep);
		return;
	}
	list = rmap_list(head);
	if (!list) {
		/* The lone entry moves into a list first. */
		list = spare_take(spare);
		list->sptep = (spte_t *)head;
		list->next = NULL;
	}
	entry = spare_take(spare);
	entry->sptep = sptep;
	entry->next = list;
	rmap_set(rmap, gfn, (unsigned long)entry | RMAP_LIST);
}

void rmap_remove(struct xarray *rmap, u64 gfn, spte_t *sptep)
{
	unsigned long head = rmap_get(rmap, gfn);
	struct rmap_entry *entry, *prev = NULL;

	if (head == (unsigned long)sptep) {
		rmap_set(rmap, gfn, 0);
		return;
	}
	for (entry = rmap_list(head); entry; prev = entry, entry = entry->next) {
		if (entry->sptep != sptep)
			continue;
		if (prev)
			prev->next = entry->next;
		else
			rmap_set(rmap, gfn, entry->next ?
				 (unsigned long)entry->next | RMAP_LIST : 0);
		kfree(entry);
		return;
	}
	WARN_ONCE(1, "armkvm: a shadow entry is not in the reverse map\n");
}

spte_t *rmap_first(unsigned long head)
{
	struct rmap_entry *list = rmap_list(head);

	return list ? list->sptep : (spte_t *)head;
}

spte_t *rmap_next(unsigned long head, spte_t *sptep)
{
	struct rmap_entry *entry;

	for (entry = rmap_list(head); entry; entry = entry->next)
		if (entry->sptep == sptep)
			return entry->next ? entry->next->sptep : NULL;
	return NULL;
}

/* Frames that are looked at with the lock held. */
#define MEMORY_BATCH	1024

u64 rmap_memory(struct xarray *rmap, spinlock_t *lock)
{
	const size_t entry_bytes = max_t(size_t, sizeof(struct rmap_entry), KMALLOC_MIN_SIZE);
	unsigned long gfn = 0, node = ~0UL;
	u64 entries = 0, nodes = 0;
	void *head;

	do {
		unsigned int batch = MEMORY_BATCH;

		spin_lock(lock);
		for (head = xa_find(rmap, &gfn, ULONG_MAX, XA_PRESENT); head && --batch;
		     head = xa_find_after(rmap, &gfn, ULONG_MAX, XA_PRESENT)) {
			struct rmap_entry *entry = rmap_list((unsigned long)head);

			for (; entry; entry = entry->next)
				entries++;
			nodes += gfn >> XA_CHUNK_SHIFT != node;
			node = gfn >> XA_CHUNK_SHIFT;
		}
		spin_unlock(lock);
		cond_resched();
	} while (head);
	/* and the nodes above these, one for every XA_CHUNK_SIZE */
	nodes += nodes / (XA_CHUNK_SIZE - 1);
	return entries * entry_bytes + nodes * sizeof(struct xa_node);
}
