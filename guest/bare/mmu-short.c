// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: Short-descriptor tables: sections, supersections, large and small pages,
 * AP with and without the access flag, XN and PXN, domains, TTBCR, TEX remap, PAR, ASIDs
 * (ARM DDI 0406C B3.5, B3.7, B3.9, B3.13).
 */
#include "lib/bare.h"
#include "lib/mmu.h"
#include "lib/probe.h"

#define VA	0x80000000u

static void page(u32 va, u32 entry)
{
	*short_page(va) = entry;
	short_flush();
}

static void section(u32 va, u32 entry)
{
	short_l1[va >> 20] = entry;
	short_flush();
}

/*
 * @afe: AP[0] is the access flag.  Where that is clear, an instruction fetch from an
 * execute-never place is an Access flag fault (B3.12, prioritization); TCG says Permission.
 */
static void permissions(const char *name, bool_t afe)
{
	void (*look)(const char *name, u32 va);
	u32 ap, xn;

	print(name);
	newline();
	for (ap = 0; ap < 8; ap++) {
		/* 0b100 is Reserved, with and without the access flag */
		if (ap == 4)
			continue;
		for (xn = 0; xn < 2; xn++) {
			look = afe && !(ap & 1) && xn ? probe_data : probe;
			page(VA, TEST_RAM | L2_SMALL | L2_AP(ap) | L2_NORMAL | xn);
			look("small page", VA);
			*short_page(VA + 0xf000) = 0;
			page(VA + 0x10000, TEST_RAM | L2_LARGE | L2_AP(ap) | L2_LARGE_NORMAL | xn << 15);
			look("large page", VA + 0x10000);
			section(VA + 0x100000, TEST_RAM | L1_SECTION | L1_AP(ap) | L1_NORMAL | xn << 4);
			look("section", VA + 0x101010);
			section(VA + 0x100000, TEST_RAM | L1_SECTION | L1_AP(ap) | L1_NORMAL | xn << 4 |
				L1_SECTION_PXN);
			(afe && !(ap & 1) ? probe_data : probe)("section, PXN", VA + 0x1ff000);
			page(VA + 0x200000, TEST_RAM | L2_SMALL | L2_AP(ap) | L2_NORMAL | xn);
			short_l1[(VA + 0x200000) >> 20] |= L1_TABLE_PXN;
			short_flush();
			(afe && !(ap & 1) ? probe_data : probe)("page, PXN", VA + 0x200000);
		}
	}
}

static void invalid(void)
{
	page(VA, 0);
	probe("small page, none", VA);
	section(VA + 0x100000, 0);
	probe("section, none", VA + 0x100ffc);
	section(VA + 0x100000, 0xfffffffc);
	probe("section, none", VA + 0x100000);
}

static void large(void)
{
	u32 i;

	/* 16 equal entries each */
	for (i = 0; i < 16; i++) {
		*short_page(VA + 0x10000 + 0x1000 * i) =
			(TEST_RAM + 0x10000) | L2_LARGE | L2_AP(3) | L2_LARGE_NORMAL;
		short_l1[0x900 + i] = TEST_RAM | L1_SUPER | L1_AP(3) | L1_NORMAL;
	}
	short_flush();
	for (i = 0; i < 16; i += 5) {
		probe("large page", VA + 0x10000 + 0x1000 * i);
		mcr(VA + 0x10000 + 0x1000 * i, 0, c7, c8, 0);
		isb();
		print_hex(mrc(0, c7, c4, 0) & ~0xfffu);
	}
	for (i = 0; i < 4; i++)
		probe("supersection", 0x90000000 + 0x101000 * i);
	/* the domain of a supersection is 0, what is in its bits are address bits 39:36 */
	mcr(0x90301000, 0, c7, c8, 0);
	isb();
	print_hex(mrc(0, c7, c4, 0) & 0xff000003);
	newline();
}

static void domains(void)
{
	u32 d, field, i;

	page(VA, TEST_RAM | L2_SMALL | L2_AP(0) | L2_NORMAL | L2_SMALL_XN);
	for (d = 1; d < 16; d++) {
		short_l1[VA >> 20] = (short_l1[VA >> 20] & ~0x1e0) | L1_DOMAIN(d);
		section(VA + 0x100000, TEST_RAM | L1_SECTION | L1_AP(1) | L1_NORMAL | L1_DOMAIN(d) | L1_XN);
		for (field = 0; field < 4; field++) {
			if (field == 2 || (field && d > 3 && d < 15))
				continue;
			mcr(1 | field << 2 * d, 0, c3, c0, 0);
			isb();
			print_hex(mrc(0, c3, c0, 0));
			probe("page", VA);
			probe("section", VA + 0x100000);
		}
	}
	/* changes without maintenance: the domain is looked at with every access */
	section(VA + 0x100000, TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL | L1_DOMAIN(7));
	for (i = 0; i < 6; i++) {
		mcr(1 | (i & 1 ? 1 : i & 2 ? 3 : 0) << 14, 0, c3, c0, 0);
		isb();
		access_one("r ", MODE_USR, code_load, VA + 0x100000);
		access_one("x ", MODE_SVC, code_jump, VA + 0x100000);
	}
	newline();
	/* a manager of invalid entries, of the access flag */
	mcr(3, 0, c3, c0, 0);
	isb();
	page(VA + 0x300000, 0);
	probe("manager, none", VA + 0x300000);
	/* A manager's access flag fault (B3.7.3 spares permissions alone) is none on TCG. */
	short_l1[VA >> 20] &= ~0x1e0;
	mcr(1, 0, c3, c0, 0);
	isb();
}

/* TTBCR.N.  PD0 and PD1 are of the security extensions, which TCG's virt machine leaves out. */
static void split(void)
{
	static u32 low[4096] __attribute__((aligned(16384)));
	static const u32 addresses[] = {
		0x00100000, 0x01f00000, 0x02000000, 0x03f00000, 0x04000000, 0x07f00000, 0x0f000000,
		0x1ff00000, 0x20000000, 0x3ff00000, 0x46000000, 0x7ff00000, 0x80000000, 0xfe000000,
	};
	u32 i, n;

	/* by TTBR1 the second MiB, by TTBR0 the first */
	for (i = 0; i < 4096; i++) {
		low[i] = short_l1[i] ? short_l1[i] : TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL;
		if (!short_l1[i])
			short_l1[i] = (TEST_RAM + 0x100000) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	}
	*(volatile u32 *)(VA + 0x500000) = 0;
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		low[addresses[i] >> 20] = TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL;
		short_l1[addresses[i] >> 20] = (TEST_RAM + 0x100000) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	}
	short_flush();
	*(volatile u32 *)(addresses[0] + 0x40) = 0x11111111;
	mcr((u32)low | TTBR_CACHEABLE, 0, c2, c0, 0);
	short_flush();
	*(volatile u32 *)(addresses[0] + 0x40) = 0x00000000;
	for (n = 0; n < 8; n++) {
		mcr(n, 0, c2, c0, 2);
		short_flush();
		print_hex(mrc(0, c2, c0, 2));
		for (i = 0; i < ARRAY_SIZE(addresses); i++)
			access_one("", MODE_USR, code_load, addresses[i] + 0x40);
		newline();
	}
	mcr(0, 0, c2, c0, 2);
	mcr((u32)short_l1 | TTBR_CACHEABLE, 0, c2, c0, 0);
	short_flush();
}

/* With SCTLR.TRE what TEX, C and B mean changes, where memory is doesn't. */
static void remap(void)
{
	u32 i, old;

	set_sctlr(get_sctlr() | SCTLR_TRE);
	old = mrc(0, c10, c2, 0);
	mcr(0x000a81a8, 0, c10, c2, 0);
	mcr(0x40e040e0, 0, c10, c2, 1);
	isb();
	for (i = 0; i < 8; i++) {
		page(VA, TEST_RAM | L2_SMALL | L2_AP(3) | (i & 3) << 2 | (i & 4) << 4);
		probe("remapped", VA);
	}
	print_hex(mrc(0, c10, c2, 0));
	print_hex(mrc(0, c10, c2, 1));
	newline();
	mcr(old, 0, c10, c2, 0);
	set_sctlr(get_sctlr() & ~SCTLR_TRE);
	short_flush();
}

static u32 load(u32 va)
{
	return *(volatile u32 *)va;
}

/* nG entries by ASID, global ones for all, each form of maintenance. */
static void asids(void)
{
	const u32 ng = L2_SMALL | L2_AP(3) | L2_NORMAL | L2_NG;
	const u32 global = L2_SMALL | L2_AP(3) | L2_NORMAL;
	u32 i;

	section(VA + 0x700000, TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL);
	for (i = 0; i < 16; i++)
		*(volatile u32 *)(VA + 0x700000 + 0x1000 * i) = 0x1000 * i;
	*short_page(VA) = TEST_RAM | ng;
	*short_page(VA + 0x1000) = TEST_RAM | global;
	short_flush();
	for (i = 1; i <= 8; i++) {
		mcr(i | i << 12, 0, c13, c0, 1);
		isb();
		print_hex(load(VA));
		print_hex(load(VA + 0x1000));
	}
	newline();
	/* each form with an entry that was in use, and what has to be new behind it */
	for (i = 0; i < 14; i++) {
		mcr(i & 7, 0, c13, c0, 1);
		isb();
		load(VA);
		load(VA + 0x1000);
		*short_page(VA) = (TEST_RAM + 0x1000 * i) | ng;
		*short_page(VA + 0x1000) = (TEST_RAM + 0x1000 * (i + 1)) | global;
		dsb();
		switch (i) {
		case 0:
			mcr(0, 0, c8, c7, 0);		/* TLBIALL */
			break;
		case 1:
			mcr(0, 0, c8, c3, 0);		/* TLBIALLIS */
			break;
		case 2:
			mcr(VA | i, 0, c8, c7, 1);	/* TLBIMVA */
			mcr((VA + 0x1000) | 0x55, 0, c8, c7, 1);	/* global: any ASID */
			break;
		case 3:
			mcr(VA | i, 0, c8, c3, 1);	/* TLBIMVAIS */
			mcr((VA + 0x1000) | 0x55, 0, c8, c3, 1);
			break;
		case 4:
			mcr(VA, 0, c8, c7, 3);		/* TLBIMVAA */
			mcr(VA + 0x1000, 0, c8, c7, 3);
			break;
		case 5:
			mcr(VA, 0, c8, c3, 3);		/* TLBIMVAAIS */
			mcr(VA + 0x1000, 0, c8, c3, 3);
			break;
		case 6:
			mcr(i, 0, c8, c7, 2);		/* TLBIASID: nG only */
			mcr(VA + 0x1000, 0, c8, c7, 3);
			break;
		case 7:
			mcr(i, 0, c8, c3, 2);		/* TLBIASIDIS */
			mcr(VA + 0x1000, 0, c8, c7, 3);
			break;
		case 8:
			mcr(0, 0, c8, c6, 0);		/* DTLBIALL */
			mcr(0, 0, c8, c5, 0);
			break;
		case 9:
			mcr(VA | (i & 7), 0, c8, c6, 1);	/* DTLBIMVA */
			mcr(VA + 0x1000, 0, c8, c6, 1);
			break;
		case 10:
			mcr(i & 7, 0, c8, c6, 2);	/* DTLBIASID */
			mcr(VA + 0x1000, 0, c8, c6, 1);
			break;
		default:
			mcr(0, 0, c8, c7, 0);
			break;
		}
		dsb();
		isb();
		print_hex(load(VA));
		print_hex(load(VA + 0x1000));
	}
	newline();
	/* sections and large pages go whole by any of their addresses */
	section(VA + 0x800000, TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL);
	print_hex(load(VA + 0x800000));
	print_hex(load(VA + 0x805000));
	short_l1[(VA + 0x800000) >> 20] = (TEST_RAM + 0x100000) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	dsb();
	mcr(VA + 0x8ff000, 0, c8, c7, 1);
	dsb();
	isb();
	print(load(VA + 0x800000) == load(VA + 0x800000) ? "section " : "?");
	*(volatile u32 *)(VA + 0x805000) = 0xabcdef01;
	print_hex(load(VA + 0x805000));
	for (i = 0; i < 16; i++)
		*short_page(VA + 0x10000 + 0x1000 * i) = TEST_RAM | L2_LARGE | L2_AP(3) | L2_LARGE_NORMAL;
	short_flush();
	print_hex(load(VA + 0x12000));
	print_hex(load(VA + 0x13000));
	for (i = 0; i < 16; i++)
		*short_page(VA + 0x10000 + 0x1000 * i) =
			(TEST_RAM + 0x100000) | L2_LARGE | L2_AP(3) | L2_LARGE_NORMAL;
	dsb();
	mcr(VA + 0x1f000, 0, c8, c7, 1);
	dsb();
	isb();
	print_hex(load(VA + 0x15000));
	newline();
	/* supersections: by any address of 16 MiB */
	for (i = 0; i < 16; i++)
		short_l1[0xa00 + i] = TEST_RAM | L1_SUPER | L1_AP(3) | L1_NORMAL;
	short_flush();
	print_hex(load(0xa0001000));
	print_hex(load(0xa0302000));
	for (i = 0; i < 16; i++)
		short_l1[0xa00 + i] = (TEST_RAM + 0x1000000) | L1_SUPER | L1_AP(3) | L1_NORMAL;
	dsb();
	mcr(0xa0f00000, 0, c8, c7, 1);
	dsb();
	isb();
	print_hex(load(0xa0001000));
	print_hex(load(0xa0302000));
	newline();
	/* a section becomes a table and the other way round */
	section(0xb0000000, TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL);
	print_hex(load(0xb0002000));
	page(0xb0002000, (TEST_RAM + 0x5000) | L2_SMALL | L2_AP(3) | L2_NORMAL);
	print_hex(load(0xb0002000));
	access_one("table ", MODE_SVC, code_load, 0xb0003000);
	section(0xb0000000, TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL);
	print_hex(load(0xb0003000));
	/* a fault is never kept: a new entry needs no maintenance */
	access_one("none ", MODE_SVC, code_load, 0xb0104000);
	*short_page(0xb0104000) = (TEST_RAM + 0x4000) | L2_SMALL | L2_AP(3) | L2_NORMAL;
	dsb();
	isb();
	print_hex(load(0xb0104000));
	mcr(0, 0, c13, c0, 1);
	isb();
	newline();
}

/* Two tables by turns, as an operating system has them, without maintenance. */
static void two_tables(void)
{
	static u32 other[4096] __attribute__((aligned(16384)));
	static u32 l2[2][256] __attribute__((aligned(1024)));
	u32 i, k, table;

	for (i = 0; i < 4096; i++)
		other[i] = short_l1[i];
	for (k = 0; k < 2; k++)
		for (i = 0; i < 256; i++)
			l2[k][i] = (TEST_RAM + 0x1000 * ((i + 8 * k) & 15)) | L2_SMALL | L2_AP(3) |
				   L2_NORMAL | L2_NG;
	short_l1[0xc00] = (u32)l2[0] | L1_TABLE;
	other[0xc00] = (u32)l2[1] | L1_TABLE;
	short_flush();
	for (k = 0; k < 200; k++) {
		/* the runtime's own code: global, then of the ASIDs */
		if (k == 150) {
			for (i = 0; i < 4096; i++) {
				if ((short_l1[i] & 3) == L1_SECTION) {
					short_l1[i] |= L1_NG;
					other[i] |= L1_NG;
				}
			}
			short_flush();
		}
		table = (u32)(k & 1 ? other : short_l1) | TTBR_CACHEABLE;
		if (k < 100) {
			mcr(0, 0, c13, c0, 1);
			isb();
			mcr(table, 0, c2, c0, 0);
			isb();
			mcr(1 + (k & 1), 0, c13, c0, 1);
			isb();
		} else {
			/* the ASID first, and the table at once */
			asm volatile("mcr p15, 0, %0, c13, c0, 1\n\tisb\n\t"
				     "mcr p15, 0, %1, c2, c0, 0\n\tisb"
				     : : "r" (1 + (k & 1)), "r" (table) : "memory");
		}
		if (mrc(0, c13, c0, 1) != 1 + (k & 1) || mrc(0, c2, c0, 0) != table)
			print("registers ");
		for (i = 0; i < 3; i++) {
			u32 page_nr = (k * 7 + i) & 255;
			u32 want = 0x1000 * ((page_nr + 8 * (k & 1)) & 15);

			if (load(0xc0000000 + 0x1000 * page_nr) != want) {
				print_hex(k);
				print_hex(page_nr);
				print("wrong ");
			}
		}
	}
	mcr((u32)short_l1 | TTBR_CACHEABLE, 0, c2, c0, 0);
	mcr(0, 0, c13, c0, 1);
	for (i = 0; i < 4096; i++)
		if ((short_l1[i] & 3) == L1_SECTION)
			short_l1[i] &= ~L1_NG;
	short_flush();
	print("two tables\n");
}

void test(void)
{
	fill_test_ram();
	short_init();
	short_on();
	permissions("AP[2:0]", 0);
	set_sctlr(get_sctlr() | SCTLR_AFE);
	short_flush();
	/* the runtime's own entries have AP[0] set */
	permissions("access flag", 1);
	set_sctlr(get_sctlr() & ~SCTLR_AFE);
	short_flush();
	invalid();
	large();
	domains();
	remap();
	asids();
	two_tables();
	split();
	mmu_off();
}
