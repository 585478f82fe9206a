// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: the performance monitors (ARM DDI 0406C chapter C12): registers, software
 * increments, cycles, wrapping, the interrupt, and what User mode may do.
 *
 * Of what counts time it prints whether it did, in a range that holds for each accelerator. TCG's Cortex-A15
 * has no PMCEID0.
 */
#include "lib/bare.h"

#define GICD(r)	(*(volatile u32 *)(0x08000000 + (r)))
#define GICC(r)	(*(volatile u32 *)(0x08010000 + (r)))
#define PPI_PMU	23

#define E	1u
#define P	2u
#define C	4u
#define D	8u
#define CYCLES	(1u << 31)

/* c9, c12 */
#define pmcr()		mrc(0, c9, c12, 0)
#define set_pmcr(v)	mcr(v, 0, c9, c12, 0)
#define enabled()	mrc(0, c9, c12, 1)
#define enable(v)	mcr(v, 0, c9, c12, 1)
#define disable(v)	mcr(v, 0, c9, c12, 2)
#define wrapped()	mrc(0, c9, c12, 3)
#define clear(v)	mcr(v, 0, c9, c12, 3)
#define increment(v)	mcr(v, 0, c9, c12, 4)
#define select(v)	mcr(v, 0, c9, c12, 5)
/* c9, c13 */
#define cycles()	mrc(0, c9, c13, 0)
#define set_cycles(v)	mcr(v, 0, c9, c13, 0)
#define type()		mrc(0, c9, c13, 1)
#define set_type(v)	mcr(v, 0, c9, c13, 1)
#define count()		mrc(0, c9, c13, 2)
#define set_count(v)	mcr(v, 0, c9, c13, 2)
/* c9, c14 */
#define allow(v)	mcr(v, 0, c9, c14, 0)
#define inten()		mrc(0, c9, c14, 1)
#define int_on(v)	mcr(v, 0, c9, c14, 1)
#define int_off(v)	mcr(v, 0, c9, c14, 2)

#define SW_INCR		0x00u
#define CPU_CYCLES	0x11u

/* The generic timer's count, for waits. */
#define now()		mrrc(1, c14)

static void wait(u32 ticks)
{
	u64 end;

	isb();
	end = now() + ticks;
	while (now() < end)
		;
}

static void yes(const char *what, bool_t is)
{
	print(what);
	print(is ? ": yes\n" : ": no\n");
}

static u32 nr_counters(void)
{
	return pmcr() >> 11 & 31;
}

static void registers(void)
{
	u32 n = nr_counters(), i;

	print("registers\n");
	print_hex(mrc(0, c0, c1, 2) >> 24 & 15);
	print_hex(pmcr() & 0xffff);
	newline();
	enable(~0u);
	print_hex(enabled());
	disable(CYCLES | 2);
	print_hex(enabled());
	print_hex(mrc(0, c9, c12, 2));
	disable(~0u);
	print_hex(enabled());
	int_on(~0u);
	print_hex(inten());
	int_off(1);
	print_hex(mrc(0, c9, c14, 2));
	int_off(~0u);
	print_hex(inten());
	newline();
	for (i = 0; i < n; i++) {
		select(i);
		set_type(CPU_CYCLES + 0x40 - i);
		set_count(0x1000 * (i + 1));
	}
	for (i = 0; i < n; i++) {
		select(i);
		print_hex(mrc(0, c9, c12, 5));
		print_hex(type() & 0xff);
		print_hex(count());
	}
	newline();
	set_cycles(0x12345678);
	set_pmcr(P);
	select(n - 1);
	print_hex(count());
	print_hex(cycles());
	set_pmcr(C);
	print_hex(cycles());
	print_hex(pmcr() & 0xffff);
	newline();
	set_pmcr(0x39);
	print_hex(pmcr() & 0x3f);
	set_pmcr(0);
	print_hex(pmcr() & 0x3f);
	newline();
}

static void software(void)
{
	print("software increments\n");
	select(0);
	set_type(SW_INCR);
	set_count(5);
	select(1);
	set_type(SW_INCR);
	set_count(0xffffffff);
	clear(~0u);
	increment(3);
	print_hex(count());
	enable(3);
	increment(3);
	print_hex(count());
	set_pmcr(E);
	increment(2);
	print_hex(count());
	print_hex(wrapped());
	increment(3);
	increment(1);
	print_hex(count());
	select(0);
	print_hex(count());
	clear(1);
	print_hex(wrapped());
	clear(2);
	print_hex(wrapped());
	/* of another event it does nothing */
	set_type(0x05);
	increment(1);
	print_hex(count());
	set_pmcr(0);
	disable(~0u);
	newline();
}

static void time(void)
{
	u32 a, b, freq = mrc(0, c14, c0, 0), tenth = freq / 10;

	print("time\n");
	set_cycles(0);
	wait(1000);
	yes("off, it stands still", cycles() == 0);
	set_pmcr(E);
	yes("E alone: it stands still", (wait(1000), cycles() == 0));
	enable(CYCLES);
	a = cycles();
	wait(tenth);
	b = cycles();
	yes("a tenth of a second is a hundred million", b - a >= 100000000 && b - a < 400000000);
	select(0);
	set_type(CPU_CYCLES);
	set_count(0);
	enable(1);
	a = cycles();
	b = count();
	wait(tenth);
	a = cycles() - a;
	b = count() - b;
	yes("an event counter counts as many", b > a / 2 && b < a * 2);
	disable(1);
	b = count();
	wait(1000);
	yes("disabled, it stands still", count() == b);
	set_pmcr(E | D);
	a = cycles();
	wait(tenth);
	a = cycles() - a;
	yes("divided by 64", a >= 1500000 && a < 6300000);
	set_pmcr(0);
	a = cycles();
	wait(1000);
	yes("E off, it stands still", cycles() == a);
	set_pmcr(E | C);
	yes("from 0 by C", cycles() < 0x7fffffff);
	clear(~0u);
	set_cycles(0xffff0000);
	wait(tenth);
	yes("it has wrapped", wrapped() == CYCLES && cycles() < 0x7fffffff);
	clear(CYCLES);
	yes("cleared", !wrapped());
	set_pmcr(0);
	disable(~0u);
}

ARM_CODE(spin, "1: b 1b");
ARM_CODE(wfi, "1: wfi\n b 1b");
ARM_CODE(done, "svc #0");

static void run(const char *name, const u32 *code)
{
	struct state s;
	u32 iar;

	state_init(&s, MODE_SVC, code);
	s.psr = MODE_SVC;
	enter(&s);
	print(name);
	print(": vector ");
	print_hex(s.vector);
	if (s.vector == VEC_IRQ) {
		iar = GICC(0xc);
		print_hex(iar);
		GICC(0x10) = iar;
	}
	print_hex(wrapped());
	newline();
}

static void interrupt(void)
{
	print("interrupt\n");
	GICD(0) = 1;
	GICC(4) = 0xf0;
	GICC(0) = 1;
	GICD(0x100) = 1u << PPI_PMU;
	clear(~0u);
	set_cycles(0xfff00000);
	enable(CYCLES);
	int_on(CYCLES);
	set_pmcr(E);
	run("a wrap to come, in a loop", spin);
	run("level: again", spin);
	clear(CYCLES);
	run("cleared", done);
	set_cycles(0xfff00000);
	run("in wfi", wfi);
	int_off(CYCLES);
	run("not enabled", done);
	int_on(CYCLES);
	run("enabled with it pending", spin);
	set_pmcr(0);
	clear(~0u);
	/* an increment that wraps */
	select(0);
	set_type(SW_INCR);
	set_count(0xffffffff);
	enable(1);
	int_on(1);
	set_pmcr(E);
	increment(1);
	run("a software increment", spin);
	int_off(~0u);
	clear(~0u);
	run("nothing", done);
	/* far away, then near by a write */
	set_cycles(0);
	int_on(CYCLES);
	set_cycles(0xffff0000);
	run("by a write of the count", wfi);
	set_pmcr(0);
	int_off(~0u);
	disable(~0u);
	clear(~0u);
	GICD(0x180) = 1u << PPI_PMU;
}

ARM_CODE(user_pmcr, "mrc p15, 0, r2, c9, c12, 0\n mov r2, #0\n svc #0");
ARM_CODE(user_pmcr_w, "mov r2, #0\n mcr p15, 0, r2, c9, c12, 0\n svc #0");
ARM_CODE(user_cycles, "mrc p15, 0, r2, c9, c13, 0\n mov r2, #0\n svc #0");
ARM_CODE(user_userenr, "mrc p15, 0, r2, c9, c14, 0\n mov r2, #0\n svc #0");
ARM_CODE(user_userenr_w, "mov r2, #1\n mcr p15, 0, r2, c9, c14, 0\n svc #0");
ARM_CODE(user_inten, "mrc p15, 0, r2, c9, c14, 1\n svc #0");
ARM_CODE(user_inten_w, "mov r2, #1\n mcr p15, 0, r2, c9, c14, 1\n svc #0");
ARM_CODE(user_ovsr_w, "mov r2, #1\n mcr p15, 0, r2, c9, c12, 3\n svc #0");
THUMB_CODE(user_cycles_t, "mrc p15, 0, r2, c9, c13, 0\n movs r2, #0\n svc #0");

static void user(void)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		allow(i);
		print("user mode ");
		print_hex(mrc(0, c9, c14, 0));
		newline();
		run_in_mode("pmcr", MODE_USR, user_pmcr);
		run_in_mode("pmcr, write", MODE_USR, user_pmcr_w);
		run_in_mode("pmccntr", MODE_USR, user_cycles);
		run_in_mode("pmccntr, thumb", MODE_USR | PSR_T, user_cycles_t);
		run_in_mode("pmuserenr", MODE_USR, user_userenr);
		run_in_mode("pmuserenr, write", MODE_USR, user_userenr_w);
		run_in_mode("pmintenset", MODE_USR, user_inten);
		run_in_mode("pmintenset, write", MODE_USR, user_inten_w);
		run_in_mode("pmovsr, write", MODE_USR, user_ovsr_w);
	}
	allow(0);
}

void test(void)
{
	registers();
	software();
	time();
	interrupt();
	user();
}
