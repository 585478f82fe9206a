/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reverse map: which shadow entries map a guest frame.
 *
 * One word a frame: 0, the address of the only entry, or a list (bit 0 set).
 * Most frames have one or two entries: the kernel's linear map and a process.
 * All of it is guarded by mmu->lock.
 */
#ifndef ARMKVM_CORE_RMAP_H
#define ARMKVM_CORE_RMAP_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include <host_spte.h>

struct rmap_entry {
	spte_t *sptep;
	struct rmap_entry *next;
};

/*
 * Makes room for one rmap_add() of @gfn: the frame's word, and @spare a list of
 * two entries.  May sleep; no lock held.  Returns 0 or -ENOMEM.
 */
int rmap_reserve(struct xarray *rmap, u64 gfn, struct rmap_entry **spare);
void rmap_spare_free(struct rmap_entry **spare);

/* Adds @sptep, after rmap_reserve(). */
void rmap_add(struct xarray *rmap, u64 gfn, spte_t *sptep, struct rmap_entry **spare);
/* Removes @sptep, which must be there. */
void rmap_remove(struct xarray *rmap, u64 gfn, spte_t *sptep);

unsigned long rmap_get(struct xarray *rmap, u64 gfn);
/* Any entry of @head, or NULL; and the one after @sptep, for a walk. */
spte_t *rmap_first(unsigned long head);
spte_t *rmap_next(unsigned long head, spte_t *sptep);

/*
 * Bytes that the map takes, lists and the xarray's nodes.  Takes @lock for a
 * thousand frames at a time; may sleep in between.
 */
u64 rmap_memory(struct xarray *rmap, spinlock_t *lock);

#endif /* ARMKVM_CORE_RMAP_H */
