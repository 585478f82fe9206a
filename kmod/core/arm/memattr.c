// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory attributes of guest mappings, and of the shadow entries for them.
 * Section numbers are those of ARM DDI 0406C.
 */
#include "memattr.h"

static struct memattr memattr_strongly_ordered(void)
{
	return (struct memattr) {
		.type = MEMATTR_STRONGLY_ORDERED,
		.shareable = true,
		.outer_shareable = true,
	};
}

static struct memattr memattr_device(bool shareable)
{
	return (struct memattr) {
		.type = MEMATTR_DEVICE,
		.shareable = shareable,
		.outer_shareable = shareable,
	};
}

static struct memattr memattr_normal(u8 inner, u8 outer, bool s)
{
	return (struct memattr) {
		.type = MEMATTR_NORMAL,
		.inner = inner,
		.outer = outer,
		.shareable = s,
		/* no way to say Inner Shareable without TEX remap */
		.outer_shareable = s,
	};
}

struct memattr memattr_tex(u32 texcb, bool s)
{
	if (texcb & 0x10)		/* 1BBAA: outer and inner policy apart */
		return memattr_normal(texcb & 3, (texcb >> 2) & 3, s);

	switch (texcb) {
	case 0x01:
		return memattr_device(true);
	case 0x02:
		return memattr_normal(MEMATTR_WT, MEMATTR_WT, s);
	case 0x03:
		return memattr_normal(MEMATTR_WB, MEMATTR_WB, s);
	case 0x04:
		return memattr_normal(MEMATTR_NC, MEMATTR_NC, s);
	case 0x07:
		return memattr_normal(MEMATTR_WB_WA, MEMATTR_WB_WA, s);
	case 0x08:
		return memattr_device(false);
	default:
		return memattr_strongly_ordered();
	}
}

struct memattr memattr_tex_remap(u32 texcb, bool s, u64 map)
{
	unsigned int n = texcb & 7;
	u32 prrr = (u32)map;
	u32 nmrr = (u32)(map >> 32);
	struct memattr attr;

	switch ((prrr >> (2 * n)) & 3) {
	case 1:
		/* DS1, DS0: what S 1 and S 0 mean for Device memory */
		attr = memattr_device((prrr >> (s ? 17 : 16)) & 1);
		break;
	case 2:
		/* NS1, NS0 likewise for Normal memory */
		attr = memattr_normal((nmrr >> (2 * n)) & 3, (nmrr >> (2 * n + 16)) & 3,
				      (prrr >> (s ? 19 : 18)) & 1);
		break;
	default:
		return memattr_strongly_ordered();
	}
	/* NOSn: a Shareable region of this kind isn't Outer Shareable */
	attr.outer_shareable = attr.shareable && !((prrr >> (24 + n)) & 1);
	return attr;
}

/* One nibble of MAIR for Normal memory: 00RW and 01RW other than 0100 are reserved. */
static u8 memattr_mair_cache(unsigned int nibble)
{
	switch (nibble >> 2) {
	case 2:
		return MEMATTR_WT;
	case 3:
		return nibble & 1 ? MEMATTR_WB_WA : MEMATTR_WB;
	default:
		return MEMATTR_NC;
	}
}

struct memattr memattr_mair(u64 mair, unsigned int index, unsigned int sh)
{
	u8 byte = (u8)(mair >> (8 * (index & 7)));
	struct memattr attr;

	if (byte == 0) {
		attr = memattr_strongly_ordered();
	} else if (byte >> 4 == 0) {
		attr = memattr_device(true);
	} else {
		attr = memattr_normal(memattr_mair_cache(byte & 0xf), memattr_mair_cache(byte >> 4),
				      sh & 2);
		attr.outer_shareable = sh == 2;
	}
	attr.mair = byte;
	return attr;
}

struct memattr memattr_off_data(void)
{
	return memattr_strongly_ordered();
}

struct memattr memattr_off_fetch(bool icache)
{
	u8 policy = icache ? MEMATTR_WT : MEMATTR_NC;

	return memattr_normal(policy, policy, true);
}

struct memattr memattr_for_ram(const struct memattr *guest, unsigned int *lost)
{
	*lost = 0;
	if (guest->type != MEMATTR_NORMAL)
		*lost |= MEMATTR_LOST_ALIGN | MEMATTR_LOST_ORDER |
			 MEMATTR_LOST_BYPASS;
	else if (guest->inner == MEMATTR_NC || guest->outer == MEMATTR_NC)
		*lost |= MEMATTR_LOST_BYPASS;

	return (struct memattr) {
		.type = MEMATTR_NORMAL,
		.inner = MEMATTR_WB_WA,
		.outer = MEMATTR_WB_WA,
		.shareable = true,
		.outer_shareable = false,
	};
}
