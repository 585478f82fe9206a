// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: what an access to a device costs, in ticks of the virtual count.  Not for
 * comparing: ci/tests/engine/gic.sh makes instructions of them, in a host whose time is
 * executed instructions, and has the limits.
 *
 * Each line: what, and in hexadecimal ticks for ROUNDS of it with the MMU off, and with it on.
 * Of BATCHES of ROUNDS the cheapest counts: what the host does now and then (its tick, a
 * worker, a daemon that wakes) is in some of them, what the access costs is in all.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define BATCHES	16
#define ROUNDS	64

#define GICD(r)	(*(volatile u32 *)(0x08000000 + (r)))
#define GICC(r)	(*(volatile u32 *)(0x08010000 + (r)))
#define UARTFR	(*(volatile u32 *)0x09000018)

#define TICKS(what) ({							\
	u32 least_ = ~0u, batch_, ticks_, i_;				\
	u64 start_;							\
	for (batch_ = 0; batch_ < BATCHES; batch_++) {			\
		start_ = virtual_count();					\
		for (i_ = 0; i_ < ROUNDS; i_++) {			\
			what;						\
			asm volatile("" : : : "memory");		\
		}							\
		ticks_ = virtual_count() - start_;				\
		if (ticks_ < least_)					\
			least_ = ticks_;				\
	}								\
	least_; })

/* nothing is what the loop itself costs, measured once its code is known to the module */
static void measure(u32 *ticks)
{
	u32 nothing;

	GICD(0xf00) = 0;
	(void)GICC(0xc);
	(void)UARTFR;
	nothing = TICKS();
	nothing = TICKS();
	ticks[0] = TICKS((void)GICC(0xc)) - nothing;
	ticks[1] = TICKS(GICC(0x10) = 1023) - nothing;
	ticks[2] = TICKS({ GICD(0xf00) = 2 << 24; GICC(0x10) = GICC(0xc); }) - nothing;
	ticks[3] = TICKS((void)GICD(0x100)) - nothing;
	ticks[4] = TICKS((void)UARTFR) - nothing;
	ticks[5] = TICKS(*(volatile u8 *)0x08000400 = 0xa0) - nothing;
}

void test(void)
{
	static const char * const names[] = {
		"iar", "eoir", "sgi-iar-eoir", "isenabler", "uart", "ipriorityr-byte",
	};
	u32 off[ARRAY_SIZE(names)], on[ARRAY_SIZE(names)], i;

	GICD(0) = 1;
	GICD(0x100) = 0xffff;
	GICC(4) = 0xf0;
	GICC(0) = 1;
	measure(off);
	short_init();
	short_on();
	measure(on);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		print(names[i]);
		putch(' ');
		print_hex(off[i]);
		print_hex(on[i]);
		newline();
	}
}
