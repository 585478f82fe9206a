/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory attributes: what the guest's tables ask for, and what its RAM gets.
 *
 * Pure: no kernel service is used.  See walk.h for who calls the decoders.
 *
 * The policy for RAM, in one place
 * --------------------------------
 * A guest page of RAM is host user memory.  The launcher and its device models
 * reach it through an alias that is Normal, Inner Shareable, Write-Back.  Were
 * the guest given another alias, the two would be mismatched: the architecture
 * then promises neither that one sees what the other wrote, nor that a dirty
 * line of one alias won't overwrite data written through the other (ARM DDI
 * 0406C A3.5, "Mismatched memory attributes"); the ways out that the section
 * names need maintenance by both sides, which a device model doesn't do.
 *
 * So every shadow entry for RAM is Normal, Write-Back Write-Allocate, Inner
 * Shareable, whatever the guest's tables say.  That is stronger where it
 * counts: the virtual devices are coherent with the guest's caches, so a guest
 * that maps its buffers Non-cacheable loses nothing.  What a guest can notice
 * is listed by memattr_for_ram() and in kernel-abi/doc/limitations.rst.
 *
 * Anything that isn't RAM has no shadow entry: the access faults and becomes
 * an exit, in program order, so no attribute is needed for it.
 */
#ifndef ARMKVM_CORE_MEMATTR_H
#define ARMKVM_CORE_MEMATTR_H

#include <linux/types.h>

/* Memory types, A3.5.1 */
enum memattr_type {
	MEMATTR_STRONGLY_ORDERED,
	MEMATTR_DEVICE,
	MEMATTR_NORMAL,
};

/* Cache policies of one level, with the encoding of B3.8.2 (NMRR, TEX[1:0]) */
enum memattr_cache {
	MEMATTR_NC,		/* Non-cacheable */
	MEMATTR_WB_WA,		/* Write-Back, Write-Allocate */
	MEMATTR_WT,		/* Write-Through, no Write-Allocate */
	MEMATTR_WB,		/* Write-Back, no Write-Allocate */
};

struct memattr {
	u8 type;		/* enum memattr_type */
	u8 inner;		/* enum memattr_cache; MEMATTR_NC unless Normal */
	u8 outer;
	bool shareable;
	bool outer_shareable;	/* never without shareable */
	u8 mair;		/* the byte of MAIRn, for the 64-bit PAR; LPAE only */
};

/*
 * Decodes TEX[2:0], C, B and S of a short descriptor while SCTLR.TRE is 0
 * (B3.8.2).  @texcb is TEX:C:B, 5 bits.  Reserved encodings, and
 * the IMPLEMENTATION DEFINED one, give Strongly-ordered.
 */
struct memattr memattr_tex(u32 texcb, bool s);

/*
 * Decodes TEX[2:0], C, B and S of a short descriptor while SCTLR.TRE is 1:
 * TEX[0]:C:B selects a field of PRRR and NMRR (B3.8.3).  @map is PRRR in bits 31:0 and NMRR in bits
 * 63:32, where MAIR0 and MAIR1 are in the other format.  The reserved type
 * gives Strongly-ordered; the IMPLEMENTATION DEFINED index 6 is an index as
 * the others are.
 */
struct memattr memattr_tex_remap(u32 texcb, bool s, u64 map);

/*
 * Decodes AttrIndx and SH of a long descriptor (B3.8.4).  @mair is
 * MAIR1:MAIR0, @index 0-7, @sh the two bits.  Device and Strongly-ordered are
 * Outer Shareable whatever @sh says.  Reserved encodings give Device, or
 * Normal Non-cacheable for one cache level.
 */
struct memattr memattr_mair(u64 mair, unsigned int index, unsigned int sh);

/* Of data accesses with the MMU off: Strongly-ordered, B3.2.1. */
struct memattr memattr_off_data(void);
/* Of fetches with the MMU off: Normal, Write-Through if @icache (SCTLR.I), B3.2.1. */
struct memattr memattr_off_fetch(bool icache);

/* What memattr_for_ram() couldn't keep: a bit mask, for counters. */
#define MEMATTR_LOST_ALIGN	1U	/* unaligned accesses succeed, A3.2 */
#define MEMATTR_LOST_ORDER	2U	/* accesses may be reordered, A3.8 */
#define MEMATTR_LOST_BYPASS	4U	/* the cache isn't bypassed */

/*
 * The attributes of a shadow entry for guest RAM, by the policy above; @lost
 * (not NULL) tells what of @guest they don't keep:
 *
 * LOST_ALIGN and LOST_ORDER, for Strongly-ordered and Device mappings of RAM:
 * an unaligned access doesn't take the Alignment fault that it takes on a core
 * with the Virtualization Extensions (without them it is UNPREDICTABLE; with
 * SCTLR.A set the host's check serves the guest), and two accesses without a
 * barrier between them may reach another observer in either order.
 *
 * LOST_BYPASS, for those and for Non-cacheable ones: visible to no coherent
 * observer, and all of a VM's are.
 */
struct memattr memattr_for_ram(const struct memattr *guest, unsigned int *lost);

#endif /* ARMKVM_CORE_MEMATTR_H */
