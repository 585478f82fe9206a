// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: the GICv2 of several CPUs (-smp 2 or more).  SGIs between them, the source
 * that an acknowledge names, shared interrupts that go to one CPU and then to another,
 * private interrupts with a state of their own, waking from WFI.
 *
 * CPU 0 gives each other one an order at a time, and prints what came of it.
 */
#include "lib/bare.h"

#define GICD(r)		(*(volatile u32 *)(0x08000000 + (r)))
#define GICD8(r)	(*(volatile u8 *)(0x08000000 + (r)))
#define GICC(r)		(*(volatile u32 *)(0x08010000 + (r)))

#define MAX_CPUS	8
#define PPI_VTIMER	27
#define SPI_A		60
#define NOTHING		~0u

enum order { IDLE, TAKE, SEND, READ, WRITE, TIMER };

/* Written by CPU 0, answered by @done. */
static struct mailbox {
	volatile u32 order, arg, val;
	volatile u32 done;		/* orders carried out */
	volatile u32 result;
	u32 pad[3];
} box[MAX_CPUS];

__attribute__((used, aligned(8))) static u8 stacks[MAX_CPUS][2048];

static void wfe(void)
{
	asm volatile("wfe" : : : "memory");
}

static void sev(void)
{
	dsb();
	asm volatile("sev" : : : "memory");
}

static u32 psci(u32 nr, u32 a, u32 b, u32 c)
{
	register u32 r0 asm("r0") = nr;
	register u32 r1 asm("r1") = a;
	register u32 r2 asm("r2") = b;
	register u32 r3 asm("r3") = c;

	asm volatile(".arch_extension virt\n hvc #0"
		     : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3) : : "memory");
	return r0;
}

static void cpu_interface_on(void)
{
	u32 i;

	for (i = 0; i < 8; i++)
		GICD(0x400 + 4 * i) = 0xa0a0a0a0;
	GICD(0x100) = 0xffff;
	GICC(4) = 0xf0;
	GICC(0) = 1;
}

/* Waits, with IRQs masked, for an interrupt; takes and ends it. */
static u32 take(void)
{
	u32 iar;

	do {
		asm volatile("wfi" : : : "memory");
		iar = GICC(0xc);
	} while ((iar & 0x3ff) == 1023);
	/* a level that stays up would come for ever */
	if (iar == PPI_VTIMER)
		mcr(0, 0, c14, c3, 1);
	GICC(0x10) = iar;
	return iar;
}

__attribute__((used)) static void secondary(u32 cpu)
{
	struct mailbox *m = &box[cpu];

	cpu_interface_on();
	for (;;) {
		m->done++;
		dsb();
		sev();
		while (m->order == IDLE)
			wfe();
		switch (m->order) {
		case TAKE:
			m->result = take();
			break;
		case SEND:
			GICD(0xf00) = m->arg;
			break;
		case READ:
			m->result = GICD(m->arg);
			break;
		case WRITE:
			GICD(m->arg) = m->val;
			break;
		case TIMER:
			GICD(0x100) = 1 << PPI_VTIMER;
			mcr(100000, 0, c14, c3, 0);
			mcr(1, 0, c14, c3, 1);
			isb();
			m->result = take();
			break;
		}
		m->order = IDLE;
	}
}

/* r0: context id, which is the CPU's number */
ARM_CODE(secondary_entry, "ldr r1, =stacks\n add r1, r1, r0, lsl #11\n add sp, r1, #2048\n b secondary");

/* Gives an order without waiting for it; waits for it. */
static u32 start(u32 cpu, enum order order, u32 arg, u32 val)
{
	u32 before = box[cpu].done;

	box[cpu].arg = arg;
	box[cpu].val = val;
	box[cpu].result = NOTHING;
	dsb();
	box[cpu].order = order;
	dsb();
	sev();
	return before;
}

#define PATIENCE	30	/* seconds: the host may be busy */

static u32 finish(u32 cpu, u32 before)
{
	u64 start = mrrc(1, c14);
	u32 tries;

	for (tries = 0; box[cpu].done == before; tries++) {
		if (tries % 65536 == 65535 && mrrc(1, c14) - start > (u64)PATIENCE * mrc(0, c14, c0, 0))
			panic("a CPU does not answer");
		wfe();
	}
	return box[cpu].result;
}

static u32 order(u32 cpu, enum order what, u32 arg, u32 val)
{
	return finish(cpu, start(cpu, what, arg, val));
}

static void line(const char *what, u32 cpu, u32 val)
{
	print(what);
	putch(' ');
	putch('0' + cpu);
	putch(' ');
	print_hex(val);
	newline();
}

static u32 nr_cpus(void)
{
	return (GICD(4) >> 5 & 7) + 1;
}

static void power_on(u32 n)
{
	u32 cpu;

	for (cpu = 1; cpu < n; cpu++) {
		line("cpu_on", cpu, psci(0x84000003, cpu, (u32)secondary_entry, cpu));
		finish(cpu, 0);
	}
}

static void sgis(u32 n)
{
	u32 cpu, before[MAX_CPUS];

	print("sgi to one\n");
	for (cpu = 1; cpu < n; cpu++) {
		before[0] = start(cpu, TAKE, 0, 0);
		GICD(0xf00) = 1 << (16 + cpu) | cpu;
		line("took", cpu, finish(cpu, before[0]));
	}
	print("sgi to all others\n");
	for (cpu = 1; cpu < n; cpu++)
		before[cpu] = start(cpu, TAKE, 0, 0);
	GICD(0xf00) = 1 << 24 | 9;
	for (cpu = 1; cpu < n; cpu++)
		line("took", cpu, finish(cpu, before[cpu]));
	line("not here", 0, GICC(0x18));
	print("sgi from the others, with their number\n");
	for (cpu = 1; cpu < n; cpu++) {
		order(cpu, SEND, 1 << 16 | 4, 0);
		line("took", 0, take());
	}
	print("the same sgi from all: once each, by number\n");
	for (cpu = n - 1; cpu; cpu--)
		order(cpu, SEND, 1 << 16 | 5, 0);
	GICD(0xf00) = 2 << 24 | 5;
	line("sources", 0, GICD(0xf24));
	for (cpu = 0; cpu < n; cpu++)
		line("took", 0, take());
	line("left", 0, GICC(0x18));
	print("to itself\n");
	for (cpu = 1; cpu < n; cpu++) {
		order(cpu, SEND, 2 << 24 | 6, 0);
		line("took", cpu, order(cpu, TAKE, 0, 0));
	}
}

static void spis(u32 n)
{
	u32 cpu, before;

	print("spi targets\n");
	GICD(0xc00 + SPI_A / 16 * 4) = 2 << SPI_A % 16 * 2;
	GICD8(0x400 + SPI_A) = 0x80;
	GICD(0x100 + SPI_A / 32 * 4) = 1u << SPI_A % 32;
	for (cpu = 0; cpu < n; cpu++) {
		GICD8(0x800 + SPI_A) = 1 << cpu;
		line("target", cpu, GICD8(0x800 + SPI_A));
		before = cpu ? start(cpu, TAKE, 0, 0) : 0;
		GICD(0x200 + SPI_A / 32 * 4) = 1u << SPI_A % 32;
		line("took", cpu, cpu ? finish(cpu, before) : take());
	}
	print("moved while pending\n");
	GICD8(0x800 + SPI_A) = 1;
	GICD(0x200 + SPI_A / 32 * 4) = 1u << SPI_A % 32;
	line("pending", 0, GICC(0x18));
	GICD8(0x800 + SPI_A) = 2;
	line("pending", 0, GICC(0x18));
	line("took", 1, order(1, TAKE, 0, 0));
}

static void private(u32 n)
{
	u32 cpu, before[MAX_CPUS];

	print("private registers\n");
	GICD(0x180) = 0xffff0000;
	for (cpu = 1; cpu < n; cpu++) {
		order(cpu, WRITE, 0x180, 0xffff0000);
		order(cpu, WRITE, 0x100, 0x10000 << cpu);
		order(cpu, WRITE, 0x410, 0x10101010 * cpu);
	}
	for (cpu = 0; cpu < n; cpu++) {
		line("enable", cpu, (cpu ? order(cpu, READ, 0x100, 0) : GICD(0x100)) & 0xffff0000);
		line("prio", cpu, cpu ? order(cpu, READ, 0x410, 0) : GICD(0x410));
		line("target", cpu, cpu ? order(cpu, READ, 0x800, 0) : GICD(0x800));
	}
	print("timers\n");
	for (cpu = 1; cpu < n; cpu++)
		before[cpu] = start(cpu, TIMER, 0, 0);
	for (cpu = 1; cpu < n; cpu++)
		line("took", cpu, finish(cpu, before[cpu]));
}

/* Many, to see that none is lost and none comes twice. */
static void storm(u32 n)
{
	u32 cpu = 0, i, before, good = 0;

	for (i = 0; i < 500; i++) {
		cpu = cpu + 1 < n ? cpu + 1 : 1;
		before = start(cpu, TAKE, 0, 0);
		GICD(0xf00) = 1 << (16 + cpu) | (i & 15);
		good += finish(cpu, before) == (i & 15);
	}
	line("storm", 0, good);
}

void test(void)
{
	u32 n = nr_cpus();

	line("cpus", 0, n);
	if (n < 2)
		panic("needs -smp 2 or more");
	GICD(0) = 1;
	cpu_interface_on();
	power_on(n);
	sgis(n);
	spis(n);
	private(n);
	storm(n);
}
