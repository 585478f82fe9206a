// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: Long-descriptor (LPAE) tables: blocks and pages of each size,
 * permissions by level and privilege, fault status, TTBCR's split, ASIDs, PAR, memory
 * attributes (ARM DDI 0406C B3.6, B3.7, B3.9, B3.13).
 */
#include "lib/bare.h"
#include "lib/mmu.h"
#include "lib/probe.h"

static void translate(const char *name, u32 va)
{
	print(name);
	print(" par ");
	print_hex(va);
	mcr(va, 0, c7, c8, 0);
	isb();
	print64("pr ", mrrc(0, c7));
	mcr(va, 0, c7, c8, 1);
	isb();
	print64("pw ", mrrc(0, c7));
	mcr(va, 0, c7, c8, 2);
	isb();
	print64("ur ", mrrc(0, c7));
	mcr(va, 0, c7, c8, 3);
	isb();
	print64("uw ", mrrc(0, c7));
	newline();
}

#define VA	0x80000000u

static void permissions(void)
{
	static const u64 bits[] = { LD_USER, LD_RO, LD_XN, LD_PXN, LD_AF, LD_NG };
	u32 n, i;

	for (n = 0; n < 64; n++) {
		u64 desc = TEST_RAM | LD_PAGE | LD_SH;

		for (i = 0; i < 6; i++)
			if (n >> i & 1)
				desc |= bits[i];
		*lpae_page(VA) = desc;
		short_flush();
		print_hex(n);
		probe("page", VA);
		if ((n & 48) == 16)
			translate("page", VA);
	}
	for (n = 0; n < 32; n++) {
		u64 desc = (TEST_RAM + 0x200000) | LD_BLOCK | LD_SH;

		for (i = 0; i < 5; i++)
			if (n >> i & 1)
				desc |= bits[i];
		*lpae_block(VA + 0x40000000) = desc;
		short_flush();
		print_hex(n);
		probe("block", VA + 0x40000000 + 0x1ff010);
		probe("block", VA + 0x40000000 + 0x001010);
	}
	/* what the tables above say */
	for (n = 0; n < 16; n++) {
		u64 table = 0;

		if (n & 1)
			table |= LD_TABLE_NOUSER;
		if (n & 2)
			table |= LD_TABLE_RO;
		if (n & 4)
			table |= LD_TABLE_XN;
		if (n & 8)
			table |= LD_TABLE_PXN;
		*lpae_page(VA) = TEST_RAM | LD_PAGE | LD_SH | LD_AF | LD_USER;
		*lpae_page(VA + 0x1000) = (TEST_RAM + 0x1000) | LD_PAGE | LD_SH | LD_AF;
		*lpae_block(VA) = (*lpae_block(VA) & 0xffffffffff) | table;
		short_flush();
		print_hex(n);
		probe("table bits, level 2", VA);
		probe("table bits, level 2", VA + 0x1000);
		*lpae_block(VA) &= 0xffffffffff;
		lpae_l1[VA >> 30] = (lpae_l1[VA >> 30] & 0xffffffffff) | table;
		short_flush();
		print_hex(n);
		probe("table bits, level 1", VA);
		lpae_l1[VA >> 30] &= 0xffffffffff;
	}
}

static void levels(void)
{
	u64 *page = lpae_page(VA);

	*page = 0;
	short_flush();
	probe("level 3 invalid", VA);
	translate("level 3 invalid", VA);
	*page = TEST_RAM | LD_BLOCK | LD_NORMAL;
	short_flush();
	probe("level 3 block", VA);
	*lpae_block(VA + 0x400000) = 2;
	short_flush();
	probe("level 2 invalid", VA + 0x400000);
	translate("level 2 invalid", VA + 0x400000);
	probe("level 1 invalid", 0xc0001000);
	lpae_l1[3] = 2;
	short_flush();
	probe("level 1 invalid", 0xc0001000);
	translate("level 1 invalid", 0xc0001000);
	lpae_l1[3] = 0;
	*page = TEST_RAM | LD_PAGE | LD_NORMAL | LD_USER | 1ull << 52;
	short_flush();
	probe("contiguous", VA);
	translate("contiguous", VA);
	/* 1 GiB: RAM at its own place is below, so alias all of it */
	lpae_l1[2] = 0x40000000 | LD_BLOCK | LD_NORMAL | LD_USER;
	short_flush();
	probe("1 GiB", VA + TEST_RAM - 0x40000000);
	probe("1 GiB", VA + TEST_RAM - 0x40000000 + 0x1010);
	translate("1 GiB", VA + TEST_RAM - 0x40000000 + 0x1010);
	lpae_l1[2] = 0x40000000 | LD_BLOCK | LD_NORMAL | LD_USER | LD_RO;
	short_flush();
	probe("1 GiB read-only", VA + TEST_RAM - 0x40000000);
	lpae_l1[2] = 0x40000000 | LD_BLOCK | LD_SH | LD_USER;
	short_flush();
	probe("1 GiB without AF", VA + TEST_RAM - 0x40000000);
	lpae_l1[2] = 0;
	short_flush();
}

/* TTBCR.T0SZ and T1SZ: which addresses either table serves */
static void split(void)
{
	static const u32 addresses[] = {
		0x00200000, 0x1fe00000, 0x20000000, 0x3fe00000, 0x46000000, 0x7fe00000, 0x80000000,
		0xa0000000, 0xbfe00000, 0xc0000000, 0xdfe00000, 0xe0000000, 0xf0000000, 0xfde00000,
	};
	static u64 t1[4] __attribute__((aligned(32)));
	u64 *second = new_lpae_table();
	u64 *main_second = (u64 *)(u32)(lpae_l1[1] & 0xfffff000);
	u32 i, t0sz, t1sz, k;

	/* TTBR1: all of it to the second MiB pair of TEST_RAM, by blocks of its own */
	for (i = 0; i < 512; i++)
		second[i] = (TEST_RAM + 0x200000) | LD_BLOCK | LD_NORMAL | LD_USER;
	for (i = 0; i < 4; i++)
		t1[i] = (u32)second | LD_TABLE;
	for (i = 0; i < 512; i++)
		if (!main_second[i])
			main_second[i] = TEST_RAM | LD_BLOCK | LD_NORMAL | LD_USER;
	*(volatile u32 *)(TEST_RAM + 0x40) = 0;
	*(volatile u32 *)(TEST_RAM + 0x200040) = 1;
	for (i = 0; i < 4; i++)
		if (i != 1)
			lpae_l1[i] = lpae_l1[1];
	/* the image, UART too */
	second[0x09000000 >> 21] = 0x09000000 | LD_BLOCK | LD_DEVICE | LD_USER;
	main_second[0x09000000 >> 21] = 0x09000000 | LD_BLOCK | LD_DEVICE | LD_USER;
	dsb();
	mcrr((u64)(u32)t1, 1, c2);
	for (t0sz = 0; t0sz <= 1; t0sz++) {
		for (t1sz = 0; t1sz < 8; t1sz++) {
			print("t0sz, t1sz ");
			print_hex(t0sz);
			print_hex(t1sz);
			mcr(TTBCR_EAE | 0x35003500 | t1sz << 16 | t0sz, 0, c2, c0, 2);
			/* the table that the walk begins with: of level 2 up to 1 GiB */
			mcrr((u64)(u32)(t1sz < 2 ? t1 : second), 1, c2);
			tlbiall();
			for (k = 0; k < ARRAY_SIZE(addresses); k++)
				access_one("", MODE_SVC, code_load, addresses[k] + 0x40);
			newline();
		}
	}
	/* EPD1, EPD0's half can't be tried: the image is there */
	mcr(TTBCR_EAE | 0x35003500 | 1 << 16 | 1 << 23, 0, c2, c0, 2);
	tlbiall();
	access_one("EPD1 ", MODE_USR, code_load, 0xc0000040);
	access_one("EPD1 ", MODE_USR, code_jump, 0xc0000040);
	newline();
	mcr(TTBCR_EAE | 0x3500, 0, c2, c0, 2);
	tlbiall();
}

static void attributes(void)
{
	u32 i;

	mcr(0xff440400, 0, c10, c2, 0);
	mcr(0x00bb4fee, 0, c10, c2, 1);
	isb();
	for (i = 0; i < 8; i++) {
		u64 par;

		*lpae_page(VA) = TEST_RAM | LD_PAGE | LD_ATTR(i) | LD_AF | (u64)(i & 1 ? 3 : 2) << 8;
		short_flush();
		mcr(VA, 0, c7, c8, 0);
		isb();
		par = mrrc(0, c7);
		/* Device is always Outer Shareable (PAR.SH, B4.1.112); TCG tells what the entry says. */
		if (!(par >> 60))
			par &= ~0x180ull;
		print64("attribute ", par);
		newline();
	}
	mcr(MAIR0_VALUE, 0, c10, c2, 0);
	mcr(0, 0, c10, c2, 1);
	isb();
}

static void asids(void)
{
	u64 asid, desc = LD_PAGE | LD_NORMAL | LD_NG;
	u32 i;

	*lpae_page(VA) = TEST_RAM | desc;
	*lpae_page(VA + 0x1000) = (TEST_RAM + 0x1000) | (desc & ~LD_NG);
	*(volatile u32 *)(TEST_RAM) = 0;
	*(volatile u32 *)(TEST_RAM + 0x1000) = 0x1000;
	*(volatile u32 *)(TEST_RAM + 0x2000) = 0x2000;
	short_flush();
	for (asid = 1; asid < 4; asid++) {
		mcrr((u32)lpae_l1 | asid << 48, 0, c2);
		isb();
		print_hex(*(volatile u32 *)VA);
		print_hex(*(volatile u32 *)(VA + 0x1000));
	}
	/* each ASID gets the new page once it is invalidated */
	for (i = 0; i < 3; i++) {
		*lpae_page(VA) = (TEST_RAM + 0x1000 * i) | desc;
		dsb();
		mcr(i + 1, 0, c8, c7, 2);
		dsb();
		isb();
		mcrr((u32)lpae_l1 | (u64)(i + 1) << 48, 0, c2);
		isb();
		print_hex(*(volatile u32 *)VA);
	}
	/* TTBCR.A1 */
	mcr(TTBCR_EAE | 1 << 22 | 0x3500, 0, c2, c0, 2);
	mcrr(5ull << 48, 1, c2);
	isb();
	print_hex(*(volatile u32 *)(VA + 0x1000));
	print64("ttbr0 ", mrrc(0, c2));
	print64("ttbr1 ", mrrc(1, c2));
	print_hex(mrc(0, c2, c0, 2));
	newline();
	mcr(TTBCR_EAE | 0x3500, 0, c2, c0, 2);
	mcrr((u32)lpae_l1, 0, c2);
	isb();
}

/*
 * A kernel shuts one table off while it doesn't access what that maps, by TTBCR alone: its walks (EPD1)
 * and its ASID (A1). What it maps is back at once with it, and what maintenance named meanwhile isn't.
 */
static void shut_off(void)
{
	static u64 t1[2] __attribute__((aligned(16)));
	const u32 on = TTBCR_EAE | 1 << 16 | 1 << 22 | 0x3500, off = TTBCR_EAE | 1 << 16 | 1 << 23 | 0x3500;
	const u64 desc = LD_PAGE | LD_NORMAL;
	u64 *second = new_lpae_table(), *third = new_lpae_table();
	u32 i;

	for (i = 0; i < 4; i++)
		*(volatile u32 *)(TEST_RAM + 0x1000 * i) = 0x5ec70000 + i;
	t1[0] = (u32)second | LD_TABLE;
	t1[1] = 0;
	second[0] = (u32)third | LD_TABLE;
	third[0] = TEST_RAM | desc | LD_NG;
	third[1] = (TEST_RAM + 0x1000) | desc;
	dsb();
	mcrr((u32)t1 | 5ull << 48, 1, c2);
	mcr(on, 0, c2, c0, 2);
	isb();
	short_flush();
	for (i = 0; i < 4; i++) {
		access_one("on ", MODE_SVC, code_load, VA);
		access_one("on, global ", MODE_SVC, code_load, VA + 0x1000);
		mcr(off, 0, c2, c0, 2);
		isb();
		access_one("off ", MODE_SVC, code_load, VA);
		print_hex(mrc(0, c2, c0, 2));
		third[0] = (TEST_RAM + 0x1000 * (3 - i)) | desc | LD_NG;
		dsb();
		if (i & 1)
			mcr(5, 0, c8, c7, 2);
		else
			mcr(VA | 5, 0, c8, c7, 1);
		dsb();
		isb();
		mcr(on, 0, c2, c0, 2);
		isb();
		access_one("on again ", MODE_SVC, code_load, VA);
		newline();
	}
	/* another table in the place of the one that is shut off */
	mcr(off, 0, c2, c0, 2);
	isb();
	t1[0] = 0;
	dsb();
	mcrr((u32)t1 | 6ull << 48, 1, c2);
	isb();
	mcr(on, 0, c2, c0, 2);
	isb();
	access_one("another's ", MODE_SVC, code_load, VA);
	mcrr(0, 1, c2);
	mcr(TTBCR_EAE | 0x3500, 0, c2, c0, 2);
	isb();
	short_flush();
	newline();
}

/* A block goes whole by any of its addresses. */
static void blocks(void)
{
	static const u32 size[] = { 21, 30 };
	u32 i;

	for (i = 0; i < 2; i++) {
		u32 va = 0xc0000000;
		u64 attr = LD_BLOCK | LD_NORMAL;

		lpae_l1[3] = 0;
		if (size[i] == 21)
			*lpae_block(va) = TEST_RAM | attr;
		else
			lpae_l1[3] = 0x40000000 | attr;
		if (size[i] == 30)
			va += TEST_RAM - 0x40000000;
		short_flush();
		*(volatile u32 *)(va + 0x1000) = 0x5ec70001;
		*(volatile u32 *)(va + 0x100000) = 0x5ec70002;
		*(volatile u32 *)(va + 0x1ff000) = 0x5ec70003;
		print_hex(*(volatile u32 *)(va + 0x1000));
		print_hex(*(volatile u32 *)(va + 0x100000));
		if (size[i] == 21)
			*lpae_block(va) = (TEST_RAM + 0x200000) | attr;
		else
			lpae_l1[3] = 0;
		dsb();
		mcr(va + (size[i] == 21 ? 0x1ff000 : 0xf00000), 0, c8, c7, 1);
		dsb();
		isb();
		access_one("", MODE_SVC, code_load, va + 0x1000);
		access_one("", MODE_SVC, code_load, va + 0x100000);
		newline();
	}
}

void test(void)
{
	u32 a;

	fill_test_ram();
	lpae_init();
	for (a = TEST_RAM; a < TEST_RAM + 0x600000; a += 0x200000)
		*lpae_block(a) = a | LD_BLOCK | LD_NORMAL;
	lpae_on();
	permissions();
	levels();
	attributes();
	asids();
	shut_off();
	blocks();
	split();
	/* back to short descriptors, and off */
	mmu_off();
	short_init();
	short_on();
	print_hex(mrc(0, c2, c0, 2));
	access_one("short r ", MODE_USR, code_load, 0xe0000000);
	newline();
	mmu_off();
}
