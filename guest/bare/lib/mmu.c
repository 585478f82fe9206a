// SPDX-License-Identifier: GPL-2.0-only
/* See mmu.h. */
#include "mmu.h"

#define UART_MIB	0x090u
#define GIC_MIB		0x080u
#define RAM_MIB		0x400u

u32 * const short_l1 = (u32 *)TABLE_RAM;
u64 * const lpae_l1 = (u64 *)(TABLE_RAM + 0x8000);
static u32 next_table = TABLE_RAM + 0x10000;

static u32 take_table(u32 size)
{
	u32 table = next_table, i;

	next_table += size;
	for (i = 0; i < size; i += 4)
		*(volatile u32 *)(table + i) = 0;
	return table;
}

u32 *new_l2(void)
{
	return (u32 *)take_table(1024);
}

void short_init(void)
{
	const u32 any = L1_SECTION | L1_AP(3);
	u32 mib;

	next_table = TABLE_RAM + 0x10000;
	for (mib = 0; mib < 4096; mib++)
		short_l1[mib] = 0;
	short_l1[UART_MIB] = UART_MIB << 20 | any | L1_XN;
	short_l1[GIC_MIB] = GIC_MIB << 20 | any | L1_XN;
	for (mib = RAM_MIB; mib < TEST_RAM >> 20; mib++)
		short_l1[mib] = phys((void *)(mib << 20)) | any | L1_NORMAL;
}

void short_on(void)
{
	dsb();
	mcr(0, 0, c2, c0, 2);
	isb();
	mcr(phys(short_l1) | TTBR_CACHEABLE, 0, c2, c0, 0);
	mcr(phys(short_l1) | TTBR_CACHEABLE, 0, c2, c0, 1);
	mcr(0, 0, c13, c0, 1);
	mcr(1, 0, c3, c0, 0);
	tlbiall();
	set_sctlr(get_sctlr() | SCTLR_M | SCTLR_C | SCTLR_I);
}

u32 *short_page(u32 va)
{
	u32 *entry = &short_l1[va >> 20];

	if ((*entry & 3) != L1_TABLE)
		*entry = phys(new_l2()) | L1_TABLE;
	return (u32 *)((*entry & ~0x3ffu) - phys_offset) + (va >> 12 & 0xff);
}

void short_flush(void)
{
	tlbiall();
}

u64 *new_lpae_table(void)
{
	next_table = (next_table + 4095) & ~4095u;
	return (u64 *)take_table(4096);
}

u64 *lpae_block(u32 va)
{
	u64 *entry = &lpae_l1[va >> 30];

	if ((*entry & 3) != LD_TABLE)
		*entry = (u32)new_lpae_table() | LD_TABLE;
	return (u64 *)(u32)(*entry & 0xfffff000u) + (va >> 21 & 0x1ff);
}

u64 *lpae_page(u32 va)
{
	u64 *entry = lpae_block(va);

	if ((*entry & 3) != LD_TABLE)
		*entry = (u32)new_lpae_table() | LD_TABLE;
	return (u64 *)(u32)(*entry & 0xfffff000u) + (va >> 12 & 0x1ff);
}

void lpae_init(void)
{
	u32 i;

	next_table = TABLE_RAM + 0x10000;
	for (i = 0; i < 4; i++)
		lpae_l1[i] = 0;
	*lpae_block(UART_MIB << 20) = (UART_MIB << 20 & ~0x1fffffu) | LD_BLOCK | LD_DEVICE | LD_USER;
	*lpae_block(GIC_MIB << 20) = (GIC_MIB << 20 & ~0x1fffffu) | LD_BLOCK | LD_DEVICE | LD_USER;
	for (i = RAM_MIB << 20; i < TEST_RAM; i += 0x200000)
		*lpae_block(i) = i | LD_BLOCK | LD_NORMAL | LD_USER;
}

void lpae_on(void)
{
	dsb();
	mcr(MAIR0_VALUE, 0, c10, c2, 0);
	mcr(0, 0, c10, c2, 1);
	mcr(TTBCR_EAE | 0x3500, 0, c2, c0, 2);	/* SH0, ORGN0, IRGN0: cacheable, inner shareable */
	isb();
	mcrr((u64)(u32)lpae_l1, 0, c2);
	mcrr(0ull, 1, c2);
	tlbiall();
	set_sctlr(get_sctlr() | SCTLR_M | SCTLR_C | SCTLR_I);
}

void mmu_off(void)
{
	set_sctlr(get_sctlr() & ~(SCTLR_M | SCTLR_C | SCTLR_I));
	mcr(0, 0, c2, c0, 2);
	isb();
	tlbiall();
}
