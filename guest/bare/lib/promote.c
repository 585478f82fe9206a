// SPDX-License-Identifier: GPL-2.0-only
/* See promote.h. */
#include "promote.h"
#include "mmu.h"

static u32 *call_table;

void call(struct call *c)
{
	if (promoted)
		CALL_BY(c, "ldr r12, =" stringify(ARMKVM_PRIV_CALL) "\n blx r12", "r12", "lr");
	else
		hvc(c);
}

u32 device_read(u32 addr)
{
	struct call c;

	if (PCALL(&c, ARMKVM_HC_MMIO_READ, addr, 0, 4))
		panic("no device");
	return c.r[1];
}

void device_write(u32 addr, u32 val)
{
	struct call c;

	if (PCALL(&c, ARMKVM_HC_MMIO_WRITE, addr, 0, 4, val, 0))
		panic("no device");
}

void promote_init(void)
{
	short_init();
	/* An access to a device would be one to the host's. */
	short_l1[0x090] = 0;
	short_l1[0x080] = 0;
	call_table = new_l2();
	short_l1[ARMKVM_PRIV_CALL >> 20] = phys(call_table) | L1_TABLE;
	putch_by_call = device_write;
	short_on();
}

s32 promote(void)
{
	struct call c;
	s32 status = PCALL(&c, ARMKVM_HC_PROMOTE, phys(call_table), 0);

	if (!status)
		promoted = 1;
	return status;
}

s32 demote(void)
{
	struct call c;
	s32 status = PCALL(&c, ARMKVM_HC_DEMOTE);

	if (!status)
		promoted = 0;
	return status;
}
