// SPDX-License-Identifier: GPL-2.0-only
/* See promote.h. */
#include "promote.h"
#include "mmu.h"

static u32 *call_table;

void call(struct call *c)
{
	register u32 r0 asm("r0") = c->r[0];
	register u32 r1 asm("r1") = c->r[1];
	register u32 r2 asm("r2") = c->r[2];
	register u32 r3 asm("r3") = c->r[3];
	register u32 r4 asm("r4") = c->r[4];
	register u32 r5 asm("r5") = c->r[5];
	register u32 r6 asm("r6") = c->r[6];

	if (!promoted) {
		hvc(c);
		return;
	}
	asm volatile("ldr r12, =" stringify(ARMKVM_PRIV_CALL) "\n blx r12"
		     : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3), "+r" (r4), "+r" (r5),
		       "+r" (r6) : : "r12", "lr", "memory");
	c->r[0] = r0;
	c->r[1] = r1;
	c->r[2] = r2;
	c->r[3] = r3;
	c->r[4] = r4;
	c->r[5] = r5;
	c->r[6] = r6;
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
