/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads of VFP and Advanced SIMD registers, as a list of memory accesses.
 *
 * For loads that the hardware can't finish.  A32 only; FP registers are held by the
 * caller as d[32], the extension register bank of ARM DDI 0406C A2.6.2.
 *
 * Pure; all state is the caller's.
 */
#ifndef ARMKVM_CORE_LDST_SIMD_H
#define ARMKVM_CORE_LDST_SIMD_H

#include <linux/types.h>

struct armkvm_cpu;

enum simd_form {
	SIMD_VLDR,		/* A8.8.333 */
	SIMD_VLDM,		/* A8.8.332; VPOP */
	SIMD_MULTIPLE,		/* VLD1-VLD4 of multiple structures, A8.8.320 ... */
	SIMD_LANE,		/* VLD1-VLD4 of one lane, A8.8.321 ... */
	SIMD_ALL_LANES,		/* VLD1-VLD4 to all lanes, A8.8.322 ... */
};

struct simd_load {
	u8 form;		/* enum simd_form */
	u8 size;		/* bytes an access: 1, 2, 4, 8 */
	u8 rn;
	u8 rm;			/* VLD1-VLD4: 15 no writeback, 13 by the bytes read */
	u8 first;		/* register: of D for VLD1-VLD4, else of @size */
	u8 regs;		/* VLDM: registers; VLD1-VLD4: rounds of @n registers */
	u8 n;			/* VLDn: registers of a structure */
	u8 inc;			/* between these */
	u8 lane;
	bool wback;
	bool add;		/* VLDR, VLDM */
	u32 imm;		/* their offset */
	u32 align;		/* address & align must be 0, or it is an alignment fault */
};

/* One element of a load; they come in the order of their addresses. */
struct simd_element {
	u32 offset;		/* from the address of the first one */
	u8 at;			/* its byte in the register bank */
	u8 copies;		/* that many of it, side by side */
	u8 regs;		/* in so many D registers from there on */
};

/*
 * Decodes A32 @word.  Returns false for what loads no FP registers, and for UNDEFINED and
 * UNPREDICTABLE ones.
 */
bool simd_decode_load(u32 word, struct simd_load *ls);

/* The address of the first element; *@base: the base register's value afterwards. */
u32 simd_address(const struct simd_load *ls, const struct armkvm_cpu *cpu, u32 *base);

/* The @i-th element; false behind the last. */
bool simd_element(const struct simd_load *ls, unsigned int i, struct simd_element *el);

/* Puts a value, memory's bytes in the order of CPSR.E, to its place in the bank @d[32]. */
void simd_put(const struct simd_load *ls, const struct simd_element *el, u64 image, bool big,
	      u64 *d);

#endif /* ARMKVM_CORE_LDST_SIMD_H */
