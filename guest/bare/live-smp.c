// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: two CPUs that write all the time, for live migration.  Each has pages of its own and a
 * table of what it wrote to them last; before it writes a page it looks whether that is still there,
 * so a page that was lost on the way, of either, is found.  The virtual count never goes back.
 *
 *   pages=N	of each CPU; 1024
 *   burst=N	that are written at a time; 8
 *   pause=N	microseconds to the next time; 2000
 *
 * A character on the UART ends it: what was lost, then "end".  Not for bare_table.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define UART		((volatile u32 *)0x09000000)
#define UART_FR		6		/* a word */
#define UART_EMPTY	0x10u
#define GICD(r)		(*(volatile u32 *)(0x08000000 + (r)))
#define GICC(r)		(*(volatile u32 *)(0x08010000 + (r)))
#define PPI_VTIMER	27

#define PAGE		4096u
#define MAX_PAGES	4096u		/* of one CPU */
#define PAGES_RAM(cpu)	(TEST_RAM + (cpu) * MAX_PAGES * PAGE)
#define TABLES_RAM	(TEST_RAM + 2 * MAX_PAGES * PAGE)
#define PATIENCE	30		/* seconds */

struct writer {
	u32 *seen;		/* what each page has, by this CPU */
	u32 base, pages;
	u32 random, count;
	u32 lost, first_lost;
	u32 backwards;
	u64 last;
	volatile u32 stopped;
	u32 pad[8];
};

static struct writer writers[2];
static u32 pause_ticks, burst;
static volatile u32 stop;

__attribute__((used, aligned(8))) static u8 stack[4096];

static u32 psci_cpu_on(u32 cpu, const void *entry, u32 context)
{
	register u32 r0 asm("r0") = 0x84000003;
	register u32 r1 asm("r1") = cpu;
	register u32 r2 asm("r2") = (u32)entry;
	register u32 r3 asm("r3") = context;

	asm volatile(".arch_extension virt\n hvc #0"
		     : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3) : : "memory");
	return r0;
}

/* swp r0, r2, [r1]: the assembler complains of the name */
static u32 swap(u32 *to, u32 val)
{
	register u32 r0 asm("r0");
	register u32 *r1 asm("r1") = to;
	register u32 r2 asm("r2") = val;

	asm volatile(".inst 0xe1010092" : "=r" (r0) : "r" (r1), "r" (r2) : "memory");
	return r0;
}

/* By another instruction for each page: each is another way through the engine. */
static void store(u32 way, u32 *to, u32 val)
{
	u32 old, failed;

	switch (way % 5) {
	case 0:
		*(volatile u32 *)to = val;
		break;
	case 1:
		asm volatile("strb %1, [%0]\n lsr %1, %1, #8\n strb %1, [%0, #1]\n lsr %1, %1, #8\n strh %1, [%0, #2]"
			     : : "r" (to), "r" (val) : "memory");
		break;
	case 2:
		do {
			asm volatile("ldrex %0, [%2]\n strex %1, %3, [%2]"
				     : "=&r" (old), "=&r" (failed) : "r" (to), "r" (val) : "memory");
		} while (failed);
		break;
	case 3:
		swap(to, val);
		break;
	case 4:
		asm volatile("stmia %0, {%1}" : : "r" (to), "r" (val) : "memory");
		break;
	}
}

static void write_one(struct writer *w)
{
	u32 i, *page;

	w->random = w->random * 1664525 + 1013904223;
	i = ((w->random >> 8) * (u64)w->pages) >> 24;
	page = (u32 *)(w->base + i * PAGE);
	if (page[0] != w->seen[i] || page[PAGE / 4 - 1] != ~w->seen[i]) {
		if (!w->lost++)
			w->first_lost = (u32)page;
	}
	w->seen[i] = ++w->count;
	store(i, page, w->count);
	store(i + 1, page + PAGE / 4 - 1, ~w->count);
}

static bool_t key_pressed(void)
{
	return !(UART[UART_FR] & UART_EMPTY);
}

/* Until the count is @due, asleep: the timer's interrupt, which is never taken, wakes. */
static void sleep_until(struct writer *w, u64 due)
{
	mcrr(due, 3, c14);			/* CNTV_CVAL */
	mcr(1, 0, c14, c3, 1);			/* CNTV_CTL: on, its interrupt, too */
	isb();
	while (w->last < due) {
		u64 now = virtual_count();

		w->backwards += now < w->last;
		w->last = now;
		if (now < due)
			asm volatile("wfi" : : : "memory");
	}
	mcr(0, 0, c14, c3, 1);
	isb();
}

/* Until @watch tells to stop; CPU 0 looks at a device each time. */
static void write_on(struct writer *w, bool_t (*watch)(void))
{
	u32 i;

	for (w->last = virtual_count(); !watch();) {
		for (i = 0; i < burst; i++)
			write_one(w);
		sleep_until(w, w->last + pause_ticks);
	}
	w->stopped = 1;
	dsb();
}

static bool_t told_to_stop(void)
{
	return stop;
}

static void cpu_init(void)
{
	short_on();
	set_sctlr(get_sctlr() | SCTLR_C | SCTLR_I | SCTLR_SW);
	GICD(0) = 1;
	GICD(0x100) = 1 << PPI_VTIMER;
	GICC(4) = 0xff;
	GICC(0) = 1;
}

__attribute__((used)) static void secondary(struct writer *w)
{
	cpu_init();
	write_on(w, told_to_stop);
	for (;;)
		asm volatile("wfi");
}

ARM_CODE(secondary_entry, "ldr sp, =stack + 4096\n b secondary");

static void writer_init(u32 cpu, u32 pages)
{
	struct writer *w = &writers[cpu];
	u32 i;

	w->seen = (u32 *)(TABLES_RAM + cpu * MAX_PAGES * 4);
	w->base = PAGES_RAM(cpu);
	w->pages = pages;
	w->random = cpu + 1;
	for (i = 0; i < pages; i++) {
		u32 *page = (u32 *)(w->base + i * PAGE);

		page[0] = 0;
		page[PAGE / 4 - 1] = ~0u;
		w->seen[i] = 0;
	}
}

/* By pages of 4 KiB, though sections would do. */
static void map_pages(void)
{
	u32 va;

	for (va = TEST_RAM; va < TABLES_RAM + 2 * MAX_PAGES * 4; va += PAGE)
		*short_page(va) = va | L2_SMALL | L2_NORMAL | L2_AP(3) | L2_SMALL_XN;
	short_flush();
}

static void report(u32 cpu)
{
	struct writer *w = &writers[cpu];

	print("cpu ");
	putch('0' + cpu);
	print(w->stopped ? " lost " : " does not stop, lost ");
	print_hex(w->lost);
	print("backwards ");
	print_hex(w->backwards);
	print("writes ");
	print_hex(w->count);
	if (w->lost) {
		print("first ");
		print_hex(w->first_lost);
	}
	newline();
}

void test(void)
{
	u32 pages = argument("pages", 1024), cpu;
	u64 until;

	if (!pages || pages > MAX_PAGES)
		panic("pages=1 to 4096");
	burst = argument("burst", 8);
	pause_ticks = argument("pause", 2000) * (mrc(0, c14, c0, 0) / 1000000);
	short_init();
	map_pages();
	cpu_init();
	for (cpu = 0; cpu < 2; cpu++)
		writer_init(cpu, pages);
	dsb();
	if (psci_cpu_on(1, secondary_entry, (u32)&writers[1]))
		panic("needs -smp 2");
	print("writing\n");
	write_on(&writers[0], key_pressed);
	stop = 1;
	until = virtual_count() + (u64)PATIENCE * mrc(0, c14, c0, 0);
	while (!writers[1].stopped && virtual_count() < until)
		;
	for (cpu = 0; cpu < 2; cpu++)
		report(cpu);
}
