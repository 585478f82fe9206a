// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads of VFP and Advanced SIMD registers (ARM DDI 0406C A7.6, A7.7, A8.8.320-A8.8.333).
 */
#include <linux/string.h>
#include <linux/swab.h>

#include "cpu.h"
#include "decode.h"
#include "ldst-simd.h"

#define D_BYTES		8U
#define D_REGS		32U

/* A7.6: 110P UDW1, cp10 or cp11 */
static bool simd_decode_vfp(u32 word, struct simd_load *ls)
{
	bool p = insn_bit(word, 24), u = insn_bit(word, 23), w = insn_bit(word, 21);
	bool is_double = insn_bit(word, 8);
	unsigned int d = insn_bit(word, 22), vd = insn_rd(word), imm8 = word & 0xff;

	ls->size = is_double ? 8 : 4;
	ls->first = is_double ? d << 4 | vd : vd << 1 | d;
	ls->rn = insn_rn(word);
	ls->add = u;
	ls->imm = imm8 * 4;
	ls->align = 3;
	if (p && !w) {
		ls->form = SIMD_VLDR;
		ls->regs = 1;
		return true;
	}
	/* IA, and DB with writeback; FLDMX loads one word less than it skips */
	if (p == u)
		return false;
	ls->form = SIMD_VLDM;
	ls->wback = w;
	ls->regs = is_double ? imm8 / 2 : imm8;
	if (!ls->regs || ls->first + ls->regs > 32 || (is_double && ls->regs > 16))
		return false;
	return ls->rn != 15 || !w;
}

/* A7.7, table A7-20 */
static bool simd_decode_multiple(u32 word, struct simd_load *ls)
{
	static const struct {
		u8 n, regs, inc;
	} types[16] = {
		[0] = { 4, 1, 1 }, [1] = { 4, 1, 2 }, [2] = { 1, 4, 1 }, [3] = { 2, 2, 2 },
		[4] = { 3, 1, 1 }, [5] = { 3, 1, 2 }, [6] = { 1, 3, 1 }, [7] = { 1, 1, 1 },
		[8] = { 2, 1, 1 }, [9] = { 2, 1, 2 }, [10] = { 1, 2, 1 },
	};
	unsigned int type = insn_field(word, 8, 4), align = insn_field(word, 4, 2);

	ls->form = SIMD_MULTIPLE;
	ls->size = 1U << insn_field(word, 6, 2);
	ls->n = types[type].n;
	ls->regs = types[type].regs;
	ls->inc = types[type].inc;
	if (!ls->n || (ls->n > 1 && ls->size == 8))
		return false;
	/* 128 bits for an even number of registers, 256 for four */
	if (align > 1 && (ls->n == 3 || (ls->n == 1 && (ls->regs & 1))))
		return false;
	if (align == 3 && ls->n * ls->regs != 4)
		return false;
	ls->align = align ? (4U << align) - 1 : 0;
	return true;
}

/* A7.7, table A7-21: index_align by size and n; the lane is at its top */
static bool simd_decode_lane(u32 word, struct simd_load *ls)
{
	unsigned int size = insn_field(word, 10, 2), ia = insn_field(word, 4, 4);
	unsigned int low = ia & ((1U << (size + 1)) - 1);	/* what is below the lane */
	unsigned int bytes;

	ls->form = SIMD_LANE;
	ls->n = insn_field(word, 8, 2) + 1;
	ls->size = 1U << size;
	ls->regs = 1;
	ls->lane = ia >> (size + 1);
	ls->inc = ls->n > 1 && size && (ia >> size & 1) ? 2 : 1;
	bytes = ls->n * ls->size;
	switch (ls->n) {
	case 1:
		if (size == 0 ? low & 1 : size == 1 ? low & 2 : (low & 4) || (low & 3) % 3)
			return false;
		ls->align = low ? bytes - 1 : 0;
		return true;
	case 2:
		if (size == 2 && (low & 2))
			return false;
		ls->align = low & 1 ? bytes - 1 : 0;
		return true;
	case 3:
		return !(low & (size == 2 ? 3 : 1));
	default:
		if (size < 2) {
			ls->align = low & 1 ? bytes - 1 : 0;
			return true;
		}
		if ((low & 3) == 3)
			return false;
		ls->align = low & 3 ? (4U << (low & 3)) - 1 : 0;
		return true;
	}
}

static bool simd_decode_all_lanes(u32 word, struct simd_load *ls)
{
	unsigned int size = insn_field(word, 6, 2);
	bool t = insn_bit(word, 5), a = insn_bit(word, 4);

	ls->form = SIMD_ALL_LANES;
	ls->n = insn_field(word, 8, 2) + 1;
	/* size 3 is a word of VLD4 with another alignment */
	ls->size = size == 3 ? 4 : 1U << size;
	ls->inc = ls->n > 1 && t ? 2 : 1;
	/* VLD1: T is the number of registers */
	ls->regs = ls->n == 1 && t ? 2 : 1;
	if (size == 3 ? ls->n != 4 || !a : ls->n == 3 ? a : ls->n == 1 && !size && a)
		return false;
	if (!a)
		return true;
	ls->align = ls->n == 4 && size == 2 ? 7 : size == 3 ? 15 : ls->n * ls->size - 1;
	return true;
}

static bool simd_decode_elements(u32 word, struct simd_load *ls)
{
	unsigned int end;
	bool ok;

	ls->rn = insn_rn(word);
	ls->rm = insn_rm(word);
	ls->wback = ls->rm != 15;
	ls->first = insn_bit(word, 22) << 4 | insn_rd(word);
	if (ls->rn == 15)
		return false;
	if (!insn_bit(word, 23))
		ok = simd_decode_multiple(word, ls);
	else if (insn_field(word, 10, 2) == 3)
		ok = simd_decode_all_lanes(word, ls);
	else
		ok = simd_decode_lane(word, ls);
	end = ls->first + (ls->n - 1) * ls->inc + ls->regs;
	return ok && end <= D_REGS;
}

bool simd_decode_load(u32 word, struct simd_load *ls)
{
	memset(ls, 0, sizeof(*ls));
	if (!insn_bit(word, 20) && insn_cond(word) != INSN_COND_NONE)
		return false;
	if (insn_cond(word) != INSN_COND_NONE)
		return (word & 0x0e000e00) == 0x0c000a00 && simd_decode_vfp(word, ls);
	return (word & 0xff300000) == 0xf4200000 && simd_decode_elements(word, ls);
}

static u32 simd_total_bytes(const struct simd_load *ls)
{
	switch (ls->form) {
	case SIMD_VLDR:
	case SIMD_VLDM:
		return ls->size * ls->regs;
	case SIMD_MULTIPLE:
		return D_BYTES * ls->n * ls->regs;
	default:
		return ls->size * ls->n;
	}
}

/* Elements of a D register; a power of two */
static unsigned int simd_lanes_of(const struct simd_load *ls)
{
	switch (ls->size) {
	case 1:
		return 8;
	case 2:
		return 4;
	case 4:
		return 2;
	default:
		return 1;
	}
}

u32 simd_address(const struct simd_load *ls, const struct armkvm_cpu *cpu, u32 *base)
{
	u32 rn = ls->rn == 15 ? (cpu->pc + 8) & ~3U : cpu->r[ls->rn];

	*base = rn;
	switch (ls->form) {
	case SIMD_VLDR:
		return ls->add ? rn + ls->imm : rn - ls->imm;
	case SIMD_VLDM:
		if (ls->wback)
			*base = ls->add ? rn + ls->imm : rn - ls->imm;
		return ls->add ? rn : rn - ls->imm;
	default:
		if (ls->wback)
			*base = rn + (ls->rm == 13 ? simd_total_bytes(ls) : cpu->r[ls->rm]);
		return rn;
	}
}

bool simd_element(const struct simd_load *ls, unsigned int i, struct simd_element *el)
{
	unsigned int lanes = simd_lanes_of(ls), structure, k;

	el->offset = i * ls->size;
	if (el->offset >= simd_total_bytes(ls))
		return false;
	el->copies = 1;
	el->regs = 1;
	switch (ls->form) {
	case SIMD_VLDR:
	case SIMD_VLDM:
		el->at = (ls->first + i) * ls->size;
		return true;
	case SIMD_MULTIPLE:
		/* structures of n elements, lane by lane, round by round; no division */
		for (structure = 0, k = i; k >= ls->n; k -= ls->n)
			structure++;
		el->at = (ls->first + k * ls->inc) * D_BYTES + (structure & (lanes - 1)) * ls->size;
		for (; structure >= lanes; structure -= lanes)
			el->at += D_BYTES;
		return true;
	case SIMD_LANE:
		el->at = (ls->first + i * ls->inc) * D_BYTES + ls->lane * ls->size;
		return true;
	default:
		el->at = (ls->first + i * ls->inc) * D_BYTES;
		el->copies = lanes;
		el->regs = ls->regs;
		return true;
	}
}

void simd_put(const struct simd_load *ls, const struct simd_element *el, u64 image, bool big,
	      u64 *d)
{
	unsigned int i, n = el->copies * el->regs;
	u8 *bank = (u8 *)d;

	/* A double of VLDR is two words of which the first is the upper one: the same. */
	if (big)
		image = swab64(image) >> (64 - 8 * ls->size);
	for (i = 0; i < n; i++)
		memcpy(bank + el->at + i * ls->size, &image, ls->size);
}
