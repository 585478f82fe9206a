// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: the GICv2 of one CPU.  Registers; pending and active states of edge- and
 * level-triggered interrupts, those of two of the board's devices among them; priorities,
 * preemption and the binary point; groups and FIQ; both ways to end an interrupt.
 *
 * IHI 0048B leaves an implementation choices (identification, priority bits,
 * UNPREDICTABLE uses): what they decide is not printed.
 */
#include "lib/bare.h"

#define GICD(r)		(*(volatile u32 *)(0x08000000 + (r)))
#define GICD8(r)	(*(volatile u8 *)(0x08000000 + (r)))
#define GICD16(r)	(*(volatile u16 *)(0x08000000 + (r)))
#define GICC(r)		(*(volatile u32 *)(0x08010000 + (r)))
#define UART(r)		(*(volatile u32 *)(0x09000000 + (r)))
#define RTC(r)		(*(volatile u32 *)(0x09010000 + (r)))

/* Offsets: IHI 0048B tables 4-1 and 4-2 */
enum {
	D_CTLR = 0, D_TYPER = 4, D_GROUP = 0x80, D_ENABLE = 0x100, D_DISABLE = 0x180,
	D_SETPEND = 0x200, D_CLRPEND = 0x280, D_SETACT = 0x300, D_CLRACT = 0x380,
	D_PRIO = 0x400, D_TARGET = 0x800, D_CFG = 0xc00, D_SGI = 0xf00, D_CPENDSGI = 0xf10,
	D_SPENDSGI = 0xf20, D_PIDR2 = 0xfe8,
};

enum {
	C_CTLR = 0, C_PMR = 4, C_BPR = 8, C_IAR = 0xc, C_EOIR = 0x10, C_RPR = 0x14,
	C_HPPIR = 0x18, C_ABPR = 0x1c, C_DIR = 0x1000,
};

#define SELF		(2u << 24)	/* GICD_SGIR: to whom it comes from */
#define SPI_UART	33
#define SPI_RTC		34
#define SPI_FREE	60		/* wired to nothing that moves */

ARM_CODE(spin, "1: b 1b");
ARM_CODE(passes, "nop\n nop\n svc #0");

static void show(const char *what, u32 val)
{
	print(what);
	putch(' ');
	print_hex(val);
	newline();
}

/* What the CPU sees of its interface, and where a list of interrupts stands. */
static void look(const char *what, u32 id)
{
	u32 bit = 1u << id % 32, reg = id / 32 * 4;

	print(what);
	print(": rpr ");
	print_hex(GICC(C_RPR));
	print("hppir ");
	print_hex(GICC(C_HPPIR));
	print("isr ");
	print_hex(mrc(0, c12, c1, 0));
	print(GICD(D_SETPEND + reg) & bit ? "pending " : "- ");
	print(GICD(D_SETACT + reg) & bit ? "active\n" : "-\n");
}

/* The vector that an unmasked CPU takes at once, if any. */
static void taken(const char *what)
{
	struct state s;

	state_init(&s, MODE_SVC, passes);
	s.psr = MODE_SVC | PSR_A;
	enter(&s);
	print(what);
	print(s.vector == VEC_IRQ ? ": irq\n" : s.vector == VEC_FIQ ? ": fiq\n" : ": none\n");
}

static u32 ack(void)
{
	u32 iar = GICC(C_IAR);

	show("iar", iar);
	return iar;
}

static void set_prio(u32 id, u32 prio)
{
	GICD8(D_PRIO + id) = prio;
}

static void sgi(u32 id)
{
	GICD(D_SGI) = SELF | id;
	dsb();
}

/* All that a subject may have left behind. */
static void clean(void)
{
	u32 i;

	GICD(D_CTLR) = 0;
	GICC(C_CTLR) = 0;
	UART(0x38) = 0;
	UART(0x44) = 0x7ff;
	RTC(0x10) = 0;
	RTC(0x1c) = 1;
	for (i = 0; i < 9; i++) {
		GICD(D_DISABLE + 4 * i) = ~0u;
		GICD(D_CLRPEND + 4 * i) = ~0u;
		GICD(D_CLRACT + 4 * i) = ~0u;
		GICD(D_GROUP + 4 * i) = 0;
	}
	for (i = 0; i < 4; i++)
		GICD(D_CPENDSGI + 4 * i) = ~0u;
	for (i = 0; i < 72; i++)
		GICD(D_PRIO + 4 * i) = 0xa0a0a0a0;
	for (i = 2; i < 18; i++)
		GICD(D_CFG + 4 * i) = 0;
	for (i = 0xd0; i < 0xf0; i += 4)
		GICC(i) = 0;
	GICC(C_PMR) = 0xf8;
	GICC(C_BPR) = 0;
	GICC(C_ABPR) = 1;
	GICD(D_ENABLE) = 0xffff;
	GICD(D_CTLR) = 1;
	GICC(C_CTLR) = 1;
}

static void subject(const char *name)
{
	print(name);
	newline();
	clean();
}

static void psci_reset(void)
{
	register u32 nr asm("r0") = 0x84000009;

	asm volatile(".arch_extension virt\n hvc #0" : "+r" (nr) : : "r1", "r2", "r3", "memory");
	panic("no reset");
}

static void registers(void)
{
	print("registers\n");
	/* before anything was written */
	show("ctlr", GICD(D_CTLR));
	show("typer", GICD(D_TYPER));
	show("pidr2", GICD(D_PIDR2) & 0xf0);
	show("sgis enabled", GICD(D_ENABLE) & 0xffff);
	show("cfg of sgis", GICD(D_CFG));
	show("cpu ctlr", GICC(C_CTLR));
	show("pmr", GICC(C_PMR));
	show("rpr", GICC(C_RPR));
	show("hppir", GICC(C_HPPIR));
	show("iar", GICC(C_IAR));
	clean();
	show("ctlr", GICD(D_CTLR) & 3);
	GICD(D_ENABLE + 4) = 0xf0f0f0f0;
	GICD(D_ENABLE + 4) = 0x0000000f;
	show("enable", GICD(D_ENABLE + 4));
	GICD(D_DISABLE + 4) = 0x000000ff;
	show("disable", GICD(D_DISABLE + 4));
	show("enable", GICD(D_ENABLE + 4));
	GICD8(D_ENABLE + 5) = 0x01;
	show("byte enable", GICD(D_ENABLE + 4));
	show("byte", GICD8(D_ENABLE + 7));
	GICD(D_SETPEND + 4) = 0x00ff0000;
	GICD(D_CLRPEND + 4) = 0x000f0000;
	show("pend", GICD(D_SETPEND + 4));
	show("clrpend", GICD(D_CLRPEND + 4));
	GICD(D_SETACT + 4) = 0x0ff00000;
	GICD(D_CLRACT + 4) = 0x00f00000;
	show("active", GICD(D_SETACT + 4));
	show("clract", GICD(D_CLRACT + 4));
	GICD(D_PRIO + 0x40) = 0x102030f0;
	GICD8(D_PRIO + 0x41) = 0x50;
	show("prio", GICD(D_PRIO + 0x40));
	show("prio byte", GICD8(D_PRIO + 0x42));
	GICD(D_CFG + 8) = ~0u;
	show("cfg", GICD(D_CFG + 8) & 0xaaaaaaaa);
	GICD(D_CFG + 8) = 0x08080808;
	show("cfg", GICD(D_CFG + 8) & 0xaaaaaaaa);
	GICD(D_TARGET + 0x40) = 0xffffffff;
	show("target, one cpu", GICD(D_TARGET + 0x40));
	show("target, private", GICD(D_TARGET));
	GICD(D_GROUP + 4) = 0x12345678;
	show("group", GICD(D_GROUP + 4));
	/* 288 interrupts: the ones above are RAZ/WI */
	GICD(D_ENABLE + 4 * 9) = ~0u;
	show("enable above", GICD(D_ENABLE + 4 * 9));
	GICD(D_PRIO + 288) = ~0u;
	show("prio above", GICD(D_PRIO + 288));
	GICC(C_BPR) = 7;
	show("bpr", GICC(C_BPR));
	GICC(C_ABPR) = 5;
	show("abpr", GICC(C_ABPR));
	GICC(C_PMR) = 0x50;
	show("pmr", GICC(C_PMR));
}

static void sgis(void)
{
	subject("sgi");
	sgi(5);
	look("sent", 5);
	show("source", GICD(D_SPENDSGI + 4));
	GICD(D_CPENDSGI + 4) = 0x0000ff00;
	look("cleared", 5);
	GICD8(D_SPENDSGI + 5) = 1;
	look("set", 5);
	GICD(D_CLRPEND) = 1 << 5;
	look("clrpend is not for sgis", 5);
	taken("taken");
	ack();
	look("acknowledged", 5);
	sgi(5);
	look("again while active", 5);
	taken("active and pending");
	GICC(C_EOIR) = 5;
	look("ended", 5);
	ack();
	GICC(C_EOIR) = 5;
	look("ended again", 5);
	/* a target list without us */
	GICD(D_SGI) = 2 << 16 | 3;
	look("to another cpu", 3);
	GICD(D_SGI) = 1 << 24 | 3;
	look("to all others", 3);
	GICD(D_SGI) = 1 << 16 | 3;
	look("by the list", 3);
	GICC(C_EOIR) = ack();
}

static void priorities(void)
{
	u32 a, b;

	subject("priorities");
	set_prio(1, 0x80);
	set_prio(2, 0x40);
	set_prio(3, 0x40);
	set_prio(4, 0xf0);
	sgi(4);
	sgi(3);
	sgi(2);
	sgi(1);
	a = ack();			/* 2: the lower of two equals */
	look("running 2", 3);
	taken("an equal does not preempt");
	GICC(C_EOIR) = a;
	a = ack();			/* 3 */
	set_prio(1, 0x20);
	taken("a higher one preempts");
	b = ack();			/* 1 */
	look("nested", 1);
	GICC(C_EOIR) = b;
	look("back", 3);
	GICC(C_EOIR) = a;
	GICC(C_PMR) = 0xf0;
	taken("the mask's own priority");
	ack();				/* spurious */
	GICC(C_PMR) = 0xf8;
	taken("under the mask");
	GICC(C_EOIR) = ack();		/* 4 */
	ack();				/* nothing left */

	print("binary point\n");
	set_prio(1, 0x44);
	set_prio(2, 0x40);
	for (a = 0; a < 8; a++) {
		GICC(C_BPR) = a;
		sgi(1);
		b = GICC(C_IAR);
		sgi(2);
		show("rpr", GICC(C_RPR));
		taken("0x40 over 0x44");
		GICC(C_EOIR) = b;
		GICC(C_EOIR) = GICC(C_IAR);
	}
	GICC(C_BPR) = 0;

	print("priority and enable change while pending\n");
	sgi(6);
	sgi(7);
	set_prio(7, 0x10);
	look("raised", 7);
	set_prio(7, 0xd0);
	look("lowered", 7);
	GICD(D_CTLR) = 0;
	look("distributor off", 6);
	taken("distributor off");
	GICD(D_CTLR) = 1;
	GICC(C_CTLR) = 0;
	taken("interface off");
	GICC(C_CTLR) = 1;
	GICC(C_EOIR) = ack();
	GICC(C_EOIR) = ack();
}

static void edge(void)
{
	u32 id = SPI_FREE, bit = 1u << id % 32, word = id / 32 * 4, cfg = D_CFG + id / 16 * 4;

	subject("edge");
	GICD(cfg) = 2u << id % 16 * 2;
	GICD(D_SETPEND + word) = bit;
	look("pending, disabled", id);
	taken("disabled");
	GICD(D_ENABLE + word) = bit;
	taken("enabled");
	ack();
	look("acknowledged", id);
	GICD(D_SETPEND + word) = bit;
	look("again", id);
	GICD(D_CLRPEND + word) = bit;
	look("taken back", id);
	GICD(D_SETPEND + word) = bit;
	GICC(C_EOIR) = id;
	look("ended", id);
	GICD(D_DISABLE + word) = bit;
	taken("disabled");
	GICD(D_ENABLE + word) = bit;
	GICC(C_EOIR) = ack();
	look("ended", id);
	/* active by the register: not forwarded, and no priority is dropped */
	GICD(D_SETACT + word) = bit;
	GICD(D_SETPEND + word) = bit;
	look("made active", id);
	taken("active");
	GICD(D_CLRACT + word) = bit;
	taken("deactivated");
	GICC(C_EOIR) = ack();
}

/* The PL011's transmit interrupt: up after a character, until it is cleared. */
static void level_uart(void)
{
	u32 id = SPI_UART, bit = 1u << id % 32, word = id / 32 * 4;

	subject("level, uart");
	GICD(D_ENABLE + word) = bit;
	UART(0) = 0;
	newline();
	taken("masked in the device");
	UART(0x38) = 0x20;
	look("up", id);
	taken("up");
	ack();
	look("acknowledged", id);
	GICC(C_EOIR) = id;
	look("ended while up", id);
	taken("ended while up");
	UART(0x38) = 0;
	look("down while pending", id);
	taken("down");
	ack();
	UART(0x38) = 0x20;
	ack();
	UART(0x38) = 0;
	look("down while active", id);
	GICC(C_EOIR) = id;
	look("ended", id);
	/* by the register, on top of the level */
	GICD(D_SETPEND + word) = bit;
	look("made pending", id);
	GICC(C_EOIR) = ack();
	look("ended", id);
}

/* The PL031's alarm: now. */
static void level_rtc(void)
{
	u32 id = SPI_RTC, bit = 1u << id % 32, word = id / 32 * 4;
	struct state s;

	subject("level, rtc");
	GICD(D_ENABLE + word) = bit;
	set_prio(id, 0x20);
	RTC(0x10) = 1;
	RTC(0x04) = RTC(0x00) + 1;
	state_init(&s, MODE_SVC, spin);
	s.psr = MODE_SVC | PSR_A;
	enter(&s);
	show("alarm, vector", s.vector);
	look("alarm", id);
	ack();
	show("masked status", RTC(0x18));
	RTC(0x1c) = 1;
	look("cleared", id);
	GICC(C_EOIR) = id;
	look("ended", id);
}

static void groups(void)
{
	u32 ctlr;

	subject("groups");
	GICD(D_CTLR) = 3;
	GICC(C_CTLR) = 3;
	GICD(D_GROUP) = 1 << 9;
	sgi(9);
	look("group 1", 9);
	taken("group 1");
	ack();				/* 1022: to be read elsewhere */
	sgi(8);
	GICC(C_EOIR) = ack();

	print("ackctl\n");
	GICC(C_CTLR) = 7;
	look("group 1", 9);
	GICC(C_EOIR) = ack();
	look("ended", 9);

	print("fiq\n");
	GICC(C_CTLR) = 0xf;
	sgi(8);
	taken("group 0");
	show("isr", mrc(0, c12, c1, 0));
	sgi(9);
	set_prio(9, 0x20);
	taken("group 1 of higher priority");
	show("isr", mrc(0, c12, c1, 0));
	GICC(C_EOIR) = ack();
	taken("group 0 is left");
	GICC(C_EOIR) = ack();
	for (ctlr = 0; ctlr < 4; ctlr++) {
		show("enables", ctlr);
		set_prio(9, 0xa0);
		sgi(ctlr & 1 ? 8 : 9);
		GICC(C_CTLR) = 0xc | ctlr;
		taken("interface");
		GICC(C_CTLR) = 0xf;
		GICD(D_CTLR) = ctlr;
		taken("distributor");
		GICD(D_CTLR) = 3;
		GICC(C_EOIR) = ack();
	}
}

static void eoi_mode(void)
{
	subject("eoi mode 1");
	GICC(C_CTLR) = 0x201;
	set_prio(1, 0x40);
	sgi(1);
	ack();
	look("acknowledged", 1);
	GICC(C_EOIR) = 1;
	look("dropped", 1);
	sgi(1);
	look("again", 1);
	taken("still active");
	set_prio(2, 0x60);
	sgi(2);
	taken("a lower one, priority dropped");
	ack();
	GICC(C_EOIR) = 2;
	GICC(C_DIR) = 1;
	look("deactivated", 1);
	taken("it comes now");
	ack();
	GICC(C_EOIR) = 1;
	GICC(C_DIR) = 1;
	GICC(C_DIR) = 2;
	look("all ended", 1);
}

#define RESET_DONE	0x600d5eedu

/* With reset=1 all of it twice: a reset leaves nothing behind, and RAM alone. */
static void reset_once(void)
{
	volatile u32 *mark = (volatile u32 *)(FREE_RAM + 0x100000);

	if (!argument("reset", 0) || *mark == RESET_DONE)
		return;
	/* what a reset has to end */
	subject("state before the reset");
	GICD(D_ENABLE + 4) = ~0u;
	GICD(D_SETPEND + 4) = 1u << SPI_FREE % 32;
	sgi(3);
	GICC(C_IAR);
	sgi(4);
	look("active", 3);
	look("pending", 4);
	*mark = RESET_DONE;
	dsb();
	psci_reset();
}

void test(void)
{
	registers();
	sgis();
	priorities();
	edge();
	level_uart();
	level_rtc();
	groups();
	eoi_mode();
	reset_once();
}
