/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Translation tables for the bare guests: what the runtime needs is mapped flat, and
 * the test adds what it wants.
 */
#ifndef BARE_MMU_H
#define BARE_MMU_H

#include "bare.h"

/* RAM that the tables take, and RAM for tests behind it */
#define TABLE_RAM	0x44000000u
#define TEST_RAM	0x45000000u

/* Short descriptors, ARM DDI 0406C B3.5.1 */
#define L1_TABLE	1u
#define L1_SECTION	2u
#define L1_SUPER	(2u | 1u << 18)
#define L1_XN		(1u << 4)
#define L1_NG		(1u << 17)
#define L1_DOMAIN(d)	((u32)(d) << 5)
#define L1_AP(ap)	(((ap) & 3u) << 10 | ((ap) >> 2 & 1u) << 15)
#define L1_TABLE_PXN	(1u << 2)
#define L1_SECTION_PXN	1u
#define L1_NORMAL	(1u << 16 | 1u << 12 | 3u << 2)	/* write-back, shareable */
#define L2_LARGE	1u
#define L2_SMALL	2u
#define L2_SMALL_XN	1u
#define L2_LARGE_XN	(1u << 15)
#define L2_AP(ap)	(((ap) & 3u) << 4 | ((ap) >> 2 & 1u) << 9)
#define L2_NG		(1u << 11)
#define L2_NORMAL	(1u << 10 | 1u << 6 | 3u << 2)
#define L2_LARGE_NORMAL	(1u << 10 | 1u << 12 | 3u << 2)

#define TTBR_CACHEABLE	0x4au	/* inner and outer write-back, shareable */

extern u32 * const short_l1;

/* The first-level table: UART, GIC, and RAM up to TEST_RAM flat, for any level. */
void short_init(void);
/* MMU on with it: domain 0 client, others none. TTBCR, CONTEXTIDR 0. */
void short_on(void);
/* A second-level table, cleared. */
u32 *new_l2(void);
/* The entry of @va, whose first-level entry is made a table (domain 0) if it is none. */
u32 *short_page(u32 va);
void short_flush(void);		/* the tables changed: barriers, TLBIALL */

/* Long descriptors, B3.6 */
#define LD_BLOCK	1ull
#define LD_TABLE	3ull
#define LD_PAGE		3ull
#define LD_ATTR(i)	((u64)(i) << 2)
#define LD_USER		(1ull << 6)
#define LD_RO		(1ull << 7)
#define LD_SH		(3ull << 8)
#define LD_AF		(1ull << 10)
#define LD_NG		(1ull << 11)
#define LD_PXN		(1ull << 53)
#define LD_XN		(1ull << 54)
#define LD_TABLE_PXN	(1ull << 59)
#define LD_TABLE_XN	(1ull << 60)
#define LD_TABLE_NOUSER	(1ull << 61)
#define LD_TABLE_RO	(1ull << 62)
#define LD_NORMAL	(LD_ATTR(0) | LD_SH | LD_AF)
#define LD_DEVICE	(LD_ATTR(1) | LD_AF | LD_XN)

/* MAIR0 with 0: normal write-back, 1: device, 2: non-cacheable, 3: strongly-ordered */
#define MAIR0_VALUE	0x004404ffu
#define TTBCR_EAE	0x80000000u

extern u64 * const lpae_l1;

/* Four entries of 1 GiB; the first two are tables with the same as short_init(). */
void lpae_init(void);
void lpae_on(void);
u64 *new_lpae_table(void);
u64 *lpae_block(u32 va);	/* the second-level entry */
u64 *lpae_page(u32 va);		/* the third-level entry; makes the table */

void mmu_off(void);

#endif /* BARE_MMU_H */
