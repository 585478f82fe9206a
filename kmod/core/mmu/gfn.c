// SPDX-License-Identifier: GPL-2.0-only
/* What is known of each guest frame; see gfn.h. */
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "gfn.h"

int gfn_table_init(struct gfn_table *table)
{
	table->low = kvcalloc(GFN_LOW_CHUNKS, sizeof(*table->low), GFP_KERNEL_ACCOUNT);
	xa_init(&table->high);
	return table->low ? 0 : -ENOMEM;
}

void gfn_table_destroy(struct gfn_table *table)
{
	struct gfn_chunk *chunk;
	unsigned long n;

	if (!table->low)
		return;
	for (n = 0; n < GFN_LOW_CHUNKS; n++)
		kvfree(table->low[n]);
	kvfree(table->low);
	xa_for_each(&table->high, n, chunk)
		kvfree(chunk);
	xa_destroy(&table->high);
}

/* Two vCPUs may find the same chunk missing: the second one's is not needed. */
int gfn_reserve(struct gfn_table *table, u64 gfn)
{
	unsigned long n = gfn >> GFN_CHUNK_SHIFT;
	struct gfn_chunk *chunk;
	void *old;

	if (gfn_chunk(table, gfn))
		return 0;
	chunk = kvzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return -ENOMEM;
	if (n < GFN_LOW_CHUNKS)
		old = cmpxchg(&table->low[n], NULL, chunk);
	else
		old = xa_cmpxchg(&table->high, n, NULL, chunk, GFP_KERNEL_ACCOUNT);
	if (old)
		kvfree(chunk);
	else
		table->nr_chunks++;
	return xa_is_err(old) ? xa_err(old) : 0;
}
