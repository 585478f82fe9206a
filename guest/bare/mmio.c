// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: what a read of a device's register costs, for the benchmark (ci/bench/run).
 * The PL011 is the launcher's, the GIC is the module's unless the launcher keeps it.
 * Prints lines as guest/bench does: "bench: NAME TIME ns ITERATIONS BEST", by the
 * generic timer's count.  "n=" on the command line is the number of reads; "call=1" makes
 * them by armkvm's call, as a paravirtual guest does; "direct=1" goes on privileged and makes them by its
 * branch; "trap=1" has the MMU on and reads the PL011 alone, for a comparison with a hypervisor that walks
 * and decodes for each access.
 */
#include "lib/mmu.h"
#include "lib/promote.h"

#define PL011_PERIPHID	0x09000fe0	/* never changes and has no effect */
#define GICD_TYPER	0x08000004
#define GICC_PMR	0x08010004
#define CHUNKS		20

/* By shifting and subtracting; libgcc's is Thumb code.  Leaves the remainder in @n. */
static u64 divide(u64 *n, u64 by)
{
	u64 quotient = 0;
	u32 shift;

	for (shift = 0; shift < 63 && by << shift < *n && !(by << shift >> 62); shift++)
		;
	do {
		quotient <<= 1;
		if (*n >= by << shift) {
			*n -= by << shift;
			quotient |= 1;
		}
	} while (shift--);
	return quotient;
}

static u64 to_ns(u64 ticks)
{
	u64 hz = mrc(0, c14, c0, 0);

	ticks *= 1000000000;
	return divide(&ticks, hz);
}

static bool_t by_call;

static u64 read_ns(u32 address, u32 n)
{
	struct call c;
	u64 start = virtual_count();

	if (by_call)
		while (n--)
			CALL(&c, ARMKVM_HC_MMIO_READ, address, 0, 4);
	else if (promoted)
		while (n--) {
			c = (struct call) { { ARMKVM_HC_MMIO_READ, address, 0, 4 } };
			CALL_BY(&c, "ldr r12, =" stringify(ARMKVM_PRIV_CALL) "\n blx r12", "r12", "lr");
		}
	else
		while (n--)
			(void)*(volatile u32 *)address;
	return to_ns(virtual_count() - start);
}

static void print_decimal(u64 v)
{
	char text[24];
	u32 i = sizeof(text);

	text[--i] = '\0';
	do {
		u64 rest = v;

		v = divide(&rest, 10);
		text[--i] = '0' + (u32)rest;
	} while (v);
	print(text + i);
}

/* @sum nanoseconds for @n reads, with two digits behind the point */
static void print_each(u64 sum, u32 n)
{
	u64 whole;

	sum *= 100;
	sum = divide(&sum, n);
	whole = divide(&sum, 100);
	print_decimal(whole);
	putch('.');
	if (sum < 10)
		putch('0');
	print_decimal(sum);
}

static void measure(const char *name, u32 address, u32 n)
{
	u32 i;
	u64 sum = 0, best = ~0ull, ns;

	read_ns(address, n);		/* shadow entries, instruction copies */
	for (i = 0; i < CHUNKS; i++) {
		ns = read_ns(address, n);
		sum += ns;
		if (ns < best)
			best = ns;
	}
	print("bench: ");
	print(name);
	putch(' ');
	print_each(sum, CHUNKS * n);
	print(" ns ");
	print_decimal(CHUNKS * n);
	putch(' ');
	print_each(best, n);
	newline();
}

/* Its vectors are the host's then; in shadow mode calls by branch work, too. */
static void check_privileged(void)
{
	if (mrc(0, c12, c0, 0) >> 20 != ARMKVM_PRIV_CALL >> 20)
		panic("direct=1, and not privileged");
}

void test(void)
{
	u32 n = argument("n", 200), trap = argument("trap", 0);	/* while the device tree is mapped */
	struct call c;

	by_call = argument("call", 0);
	if (by_call) {
		if (!dtb_has(ARMKVM_PARA_DT_COMPATIBLE))
			panic("call=1, and no armkvm in the device tree");
		if (CALL(&c, ARMKVM_HC_MMIO_READ, PL011_PERIPHID, 0, 4) ||
		    c.r[1] != *(volatile u32 *)PL011_PERIPHID)
			panic("call=1, and no MMIO_READ");
	}
	if (argument("direct", 0)) {
		promote_init();
		if (promote())
			panic("direct=1, and no PROMOTE");
		check_privileged();
	}
	if (trap) {
		short_init();
		short_on();
		measure("mmio-trap", PL011_PERIPHID, n);
		return;
	}
	measure("mmio-device", PL011_PERIPHID, n);
	measure("mmio-gicd", GICD_TYPER, n);
	measure("mmio-gicc", GICC_PMR, n);
	if (promoted)
		check_privileged();
}
