/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of each guest frame: the host's page behind it, once it was
 * looked up, and which shadow entries map it.
 *
 * The page is not pinned.  The MMU notifier clears the word before the host
 * takes the page away, so a valid word may be used for as long as mmu->lock is
 * held, and a shadow entry made from it needs no look at the launcher's memory.
 *
 * Two words a frame (0.2 % of guest RAM on a 32-bit host), in chunks of 1 MiB of
 * guest-physical space that exist from the first use to the end of the VM.  All
 * of it is guarded by mmu->lock.
 */
#ifndef ARMKVM_CORE_GFN_H
#define ARMKVM_CORE_GFN_H

#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "../../compat/highmem.h"
#include "../memslot.h"
#include "rmap.h"

#define GFN_CHUNK_SHIFT		8
#define GFN_CHUNK_FRAMES	(1U << GFN_CHUNK_SHIFT)
#define GFN_LOW_CHUNKS		4096U		/* the first 4 GiB: without a tree */

/* gfn_info.page: the host's physical address in frames of 4 KiB, be its pages larger, above these */
#define GFN_VALID		1UL		/* the page is known */
#define GFN_WRITABLE		2UL		/* the launcher may write it, and it is marked dirty */
#define GFN_COPY		4UL		/* an instruction copy exists; lives on without VALID */
#define GFN_PFN_SHIFT		3

struct gfn_info {
	unsigned long page;
	unsigned long rmap;			/* rmap.h */
};

struct gfn_chunk {
	struct gfn_info info[GFN_CHUNK_FRAMES];
};

struct gfn_table {
	struct gfn_chunk **low;
	struct xarray high;			/* by chunk number */
	unsigned int nr_chunks;
};

/* Returns 0 or -ENOMEM. */
int gfn_table_init(struct gfn_table *table);
void gfn_table_destroy(struct gfn_table *table);

/* Makes room for @gfn.  May sleep; no lock held.  Returns 0 or -ENOMEM. */
int gfn_reserve(struct gfn_table *table, u64 gfn);

/*
 * The chunk with @gfn, or NULL: nothing is known of its frames.  @gfn is the guest's choice
 * and what is found is dereferenced: not with an index that is only speculated to be in range.
 */
static inline struct gfn_chunk *gfn_chunk(const struct gfn_table *table, u64 gfn)
{
	u64 n = gfn >> GFN_CHUNK_SHIFT;

	if (likely(n < GFN_LOW_CHUNKS))
		return READ_ONCE(table->low[array_index_nospec((u32)n, GFN_LOW_CHUNKS)]);
	return xa_load((struct xarray *)&table->high, n);
}

/* What is known of @gfn; NULL while there is no room for it: gfn_reserve(). */
static inline struct gfn_info *gfn_info(const struct gfn_table *table, u64 gfn)
{
	struct gfn_chunk *chunk = gfn_chunk(table, gfn);

	return chunk ? &chunk->info[gfn & (GFN_CHUNK_FRAMES - 1)] : NULL;
}

/* The physical address of the host's memory behind a frame that is known.  Held: mmu->lock. */
static inline phys_addr_t gfn_phys(const struct gfn_info *info)
{
	return (phys_addr_t)(info->page >> GFN_PFN_SHIFT) << ARMKVM_PAGE_SHIFT;
}

/* A frame's place in the host's page, which holds one of them or more. */
struct gfn_place {
	struct page *page;			/* NULL: none */
	unsigned int offset;
};

/* The place of a frame that is known.  Held: mmu->lock. */
static inline struct gfn_place gfn_place(const struct gfn_info *info)
{
	return (struct gfn_place) {
		.page = pfn_to_page(gfn_phys(info) >> PAGE_SHIFT),
		.offset = gfn_phys(info) & ~PAGE_MASK,
	};
}

/* The frame's content, to be given back by kunmap_local(). */
static inline void *gfn_map_local(const struct gfn_place *place)
{
	return kmap_local_page(place->page) + place->offset;
}

#endif /* ARMKVM_CORE_GFN_H */
