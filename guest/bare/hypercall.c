// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: the calls of armkvm (kernel-abi/doc/hypercalls.rst), with good and with
 * hostile arguments.  No other hypervisor has them, so the guest judges for itself: a
 * case line each.  Where there is no armkvm it says so and makes no call.
 *
 * The machine is reset by call once, and all is done again; then it is powered off by
 * call.  "steal=1" on the command line: the host is made busy, time is stolen.
 */
#include "lib/hypercall.h"
#include "lib/mmu.h"

#define NOT_SUPPORTED	(u32)ARMKVM_HC_NOT_SUPPORTED
#define INVALID		(u32)ARMKVM_HC_INVALID
#define DENIED		(u32)ARMKVM_HC_DENIED
#define BAD_ADDRESS	(u32)ARMKVM_HC_BAD_ADDRESS

#define UART		0x09000000u
#define UART_PERIPHID	(UART + 0xfe0)
#define UART_IBRD	(UART + 0x24)
#define FW_CFG		0x09020000u
#define FW_CFG_SELECT	(FW_CFG + 8)
#define GICD		0x08000000u
#define GICD_TYPER	(GICD + 4)
#define GICD_PRIO_SPI	(GICD + 0x400 + 64)
#define GICC		0x08010000u
#define FLASH		0x04000000u
#define HOLE		0x0b800000u	/* no device of the virt machine */
#define RAM		FREE_RAM
#define VTIMER_PPI	27

#define reg32(a)	(*(volatile u32 *)(a))
#define reg8(a)		(*(volatile u8 *)(a))

#define PATTERN(i)	(0x5eed0000u + (i))

static u8 buffer[16384] __attribute__((aligned(4096)));

/*
 * -- discovery -------------------------------------------------------------------
 */

ARM_CODE(hvc_0, ".arch_extension virt\n hvc #0\n svc #0");
ARM_CODE(hvc_1, ".arch_extension virt\n hvc #1\n svc #0");
ARM_CODE(hvc_high, ".arch_extension virt\n hvc #0x8000\n svc #0");
ARM_CODE(hvc_never, ".arch_extension virt\n .inst 0x01400070\n svc #0");
THUMB_CODE(hvc_thumb, ".arch_extension virt\n hvc #0\n svc #0");

/* A call in @mode at @code, with r0 to r5 from @r; all but r0 to r3 must stay. */
static void call_in_mode(struct state *s, u32 mode, const void *code, const u32 *r)
{
	struct state before;
	u32 i, same = 1;

	state_init(&before, mode & 0x1f, code);
	before.psr |= mode | 0xa80f0000;
	for (i = 0; i < 6; i++)
		before.r[i] = r[i];
	*s = before;
	enter(s);
	for (i = 4; i < 13; i++)
		same &= s->r[i] == before.r[i];
	for (i = 0; i < NR_BANKS; i++) {
		same &= s->sp[i] == before.sp[i];
		/* SVC's is the exception's that ends it, UND's and ABT's are enter()'s */
		if (i == BANK_IRQ || i == BANK_FIQ)
			same &= s->lr[i] == before.lr[i] && s->spsr[i] == before.spsr[i];
	}
	for (i = 0; i < 5; i++)
		same &= s->r8_fiq[i] == before.r8_fiq[i];
	if (s->vector == VEC_SVC)
		same &= s->psr == before.psr;
	if (!same)
		print("FAIL a call changes registers that it must not\n");
}

static void discovery(void)
{
	static const u32 modes[] = { MODE_SVC, MODE_IRQ, MODE_FIQ, MODE_ABT, MODE_UND, MODE_SYS };
	static const u32 uid[8] = { ARMKVM_HC_CALL_UID };
	static const u32 version[8] = { 0x84000000 };
	struct state s;
	struct call c;
	u32 i;

	check("uid 0", CALL(&c, ARMKVM_HC_CALL_UID), ARMKVM_HC_UID_0);
	check("uid 1", c.r[1], ARMKVM_HC_UID_1);
	check("uid 2", c.r[2], ARMKVM_HC_UID_2);
	check("uid 3", c.r[3], ARMKVM_HC_UID_3);
	check("revision, major", CALL(&c, ARMKVM_HC_REVISION, 1, 2, 3), ARMKVM_HC_REVISION_MAJOR);
	check("revision, minor", c.r[1], ARMKVM_HC_REVISION_MINOR);
	check("revision leaves r3", c.r[3], 3);
	check("no such call", CALL(&c, ARMKVM_HC(0x7fff), 1, 2, 3), NOT_SUPPORTED);
	check("no such call leaves r1", c.r[1], 1);
	check("continued, of a short call", CALL(&c, ARMKVM_HC_IDLE | ARMKVM_HC_CONTINUED), NOT_SUPPORTED);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		call_in_mode(&s, modes[i], hvc_0, uid);
		check("uid from each privileged mode", s.r[0], ARMKVM_HC_UID_0);
		check("returns behind itself", s.vector == VEC_SVC ? s.pc : ~0u, (u32)&hvc_0[2]);
	}
	call_in_mode(&s, MODE_USR, hvc_0, uid);
	check("User mode is denied", s.r[0], DENIED);
	check("User mode learns nothing", s.r[1], 0);
	check("User mode goes on", s.vector == VEC_SVC ? s.pc : ~0u, (u32)&hvc_0[2]);
	call_in_mode(&s, MODE_USR | PSR_T, hvc_thumb, uid);
	check("User mode in Thumb state is denied", s.r[0], DENIED);
	call_in_mode(&s, MODE_USR, hvc_0, version);
	check("User mode has no PSCI", s.vector, VEC_UND);
	call_in_mode(&s, MODE_SVC, hvc_1, uid);
	check("another immediate is undefined", s.vector, VEC_UND);
	call_in_mode(&s, MODE_SVC, hvc_high, uid);
	check("another immediate, high bits", s.vector, VEC_UND);
	call_in_mode(&s, MODE_USR, hvc_1, uid);
	check("another immediate, User mode", s.vector, VEC_UND);
	call_in_mode(&s, MODE_SVC, hvc_never, uid);
	check("a condition that fails", s.r[0], ARMKVM_HC_CALL_UID);
}

/*
 * -- devices ---------------------------------------------------------------------
 */

static s32 mmio_read(struct call *c, u32 address, u32 size)
{
	return CALL(c, ARMKVM_HC_MMIO_READ, address, 0, size, 0x44444444, 0x55555555);
}

static s32 mmio_write(struct call *c, u32 address, u32 size, u32 low, u32 high)
{
	return CALL(c, ARMKVM_HC_MMIO_WRITE, address, 0, size, low, high);
}

static void select(u32 key)
{
	*(volatile unsigned short *)FW_CFG_SELECT = key << 8 | key >> 8;
}

static void read_errors(u32 fn)
{
	static const u32 sizes[] = { 0, 3, 5, 6, 7, 9, 12, 16, 0x101, 0x80000004, ~0u };
	struct call c;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		check("a size that is none", CALL(&c, fn, UART, 0, sizes[i]), INVALID);
	check("unaligned by 1", CALL(&c, fn, UART + 1, 0, 2), INVALID);
	check("unaligned by 2", CALL(&c, fn, UART + 2, 0, 4), INVALID);
	check("unaligned by 4", CALL(&c, fn, UART + 4, 0, 8), INVALID);
	check("over a page's end", CALL(&c, fn, UART + 0xffe, 0, 4), INVALID);
	check("RAM", CALL(&c, fn, RAM, 0, 4), BAD_ADDRESS);
	check("RAM, r1 stays", c.r[1], RAM);
	check("the call's own code", CALL(&c, fn, (u32)hvc_0, 0, 4), BAD_ADDRESS);
	check("RAM's last byte", CALL(&c, fn, 0x47ffffff, 0, 1), BAD_ADDRESS);
	check("nothing there", CALL(&c, fn, HOLE, 0, 4), BAD_ADDRESS);
	check("nothing there, 8 bytes", CALL(&c, fn, HOLE, 0, 8), BAD_ADDRESS);
	check("above 40 bits", CALL(&c, fn, UART, 0x100, 4), BAD_ADDRESS);
	check("the last address", CALL(&c, fn, ~0u, ~0u, 1), BAD_ADDRESS);
	check("the last doubleword", CALL(&c, fn, ~7u, ~0u, 8), BAD_ADDRESS);
}

static void mmio(void)
{
	static const u32 modes[] = { MODE_IRQ, MODE_FIQ, MODE_ABT, MODE_UND, MODE_SYS };
	const u32 typer = reg32(GICD_TYPER);
	struct state s;
	struct call c;
	u32 i;

	check("a word of the UART", mmio_read(&c, UART_PERIPHID, 4), 0);
	check("... as a load reads it", c.r[1], reg32(UART_PERIPHID));
	check("... zero-extended", c.r[2], 0);
	check("... r3 stays", c.r[3], 4);
	check("... r4 stays", c.r[4], 0x44444444);
	check("a byte", mmio_read(&c, UART_PERIPHID, 1), 0);
	check("... value", c.r[1], reg8(UART_PERIPHID));
	check("a word of the GIC", mmio_read(&c, GICD_TYPER, 4), 0);
	check("... value", c.r[1], typer);
	check("8 bytes of the GIC", mmio_read(&c, GICD, 8), 0);
	check("... it has no such registers", c.r[1] | c.r[2], 0);
	select(0);
	check("8 bytes of fw_cfg", mmio_read(&c, FW_CFG, 8), 0);
	check("... first", c.r[1], 0x554d4551);		/* QEMU */
	check("... zero behind the item", c.r[2], 0);
	select(0);
	check("2 bytes of fw_cfg", mmio_read(&c, FW_CFG, 2), 0);
	check("... value", c.r[1], 0x4551);

	check("a write to the UART", mmio_write(&c, UART_IBRD, 4, 0x1234, 0), 0);
	check("... has happened", reg32(UART_IBRD), 0x1234);
	check("a byte to the GIC", mmio_write(&c, GICD_PRIO_SPI + 1, 1, 0xfffff0a8, ~0u), 0);
	check("... has happened, alone", reg32(GICD_PRIO_SPI), 0xa800);
	check("a word to the GIC", mmio_write(&c, GICD_PRIO_SPI, 4, 0, 0), 0);
	check("... has happened", reg32(GICD_PRIO_SPI), 0);
	check("a write, r4 stays", c.r[5] | c.r[4], 0);

	/* ROM is memory that writes go past to the device. */
	check("flash is read", mmio_read(&c, FLASH + 0x40, 4), 0);
	check("... as a load does", c.r[1], reg32(FLASH + 0x40));
	check("a command to it", mmio_write(&c, FLASH + 0x154, 4, 0x00980098, 0), 0);
	check("... its answer", mmio_read(&c, FLASH + 0x40, 4), 0);
	check("... is a device's", c.r[1], 0x00510051);
	check("... back to memory", mmio_write(&c, FLASH, 4, 0x00ff00ff, 0), 0);

	read_errors(ARMKVM_HC_MMIO_READ);
	read_errors(ARMKVM_HC_MMIO_WRITE);

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		const u32 r[] = { ARMKVM_HC_MMIO_READ, UART_PERIPHID, 0, 4, 4, 5 };

		call_in_mode(&s, modes[i], hvc_0, r);
		check("a read from each mode", s.r[1], 0x11);
	}
	{
		const u32 big[] = { ARMKVM_HC_MMIO_READ, UART_PERIPHID, 0, 4, 4, 5 };
		const u32 half[] = { ARMKVM_HC_MMIO_WRITE, UART_IBRD, 0, 2, 0x3412, 0 };
		const u32 user[] = { ARMKVM_HC_MMIO_WRITE, UART_IBRD, 0, 4, 0xdead, 0 };

		call_in_mode(&s, MODE_SVC | PSR_E, hvc_0, big);
		check("a big-endian caller reads", s.r[1], 0x11000000);
		call_in_mode(&s, MODE_SVC | PSR_E, hvc_0, half);
		check("a big-endian caller writes", reg32(UART_IBRD), 0x1234);
		call_in_mode(&s, MODE_USR, hvc_0, user);
		check("User mode writes nothing", reg32(UART_IBRD), 0x1234);
	}
}

/*
 * -- strings ---------------------------------------------------------------------
 */

static s32 string(struct call *c, u32 fn, u32 address, u32 size, const void *data, u32 count)
{
	return CALL(c, fn, address, 0, size, (u32)data, count);
}

static u32 words_equal(const u32 *p, u32 n, u32 value)
{
	u32 i, same = 0;

	for (i = 0; i < n; i++)
		same += p[i] == value;
	return same;
}

static void string_errors(u32 fn)
{
	static const u32 sizes[] = { 0, 3, 5, 8, 12, 16, 0x10004, 0x1000001, ~0u };
	struct call c;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		check("a unit that is none", string(&c, fn, UART, sizes[i], buffer, 4), INVALID);
	check("... r1", c.r[1], 0);
	check("the register unaligned", string(&c, fn, UART + 2, 4, buffer, 4), INVALID);
	check("the buffer unaligned", string(&c, fn, UART, 4, buffer + 2, 4), INVALID);
	check("the buffer unaligned, half-words", string(&c, fn, UART, 2, buffer + 1, 4), INVALID);
	check("RAM for a register", string(&c, fn, RAM, 4, buffer, 4), BAD_ADDRESS);
	check("... r1", c.r[1], 0);
	check("a device for the buffer", string(&c, fn, UART_PERIPHID, 4, (void *)GICD, 4), BAD_ADDRESS);
	check("nothing there", string(&c, fn, HOLE, 4, buffer, 4), BAD_ADDRESS);
	check("... r1", c.r[1], 0);
	check("above 40 bits", CALL(&c, fn, UART, 0x100, 4, (u32)buffer, 4), BAD_ADDRESS);
	check("no units", string(&c, fn, UART_PERIPHID, 4, buffer, 0), 0);
	check("... r1", c.r[1], 0);
}

/* What a guest must not make, and may: the registers of an interrupted call. */
static void string_forged(u32 fn)
{
	struct call c;

	check("forged: more done than there is",
	      CALL(&c, fn | ARMKVM_HC_CONTINUED, UART_PERIPHID, 0x500, 4, (u32)buffer, 4), INVALID);
	check("forged: all done", CALL(&c, fn | ARMKVM_HC_CONTINUED, UART_PERIPHID, 0x400, 4, (u32)buffer, 4), 0);
	check("... r1", c.r[1], 4);
	check("... r2", c.r[2], 0);
	check("forged: all bits", CALL(&c, fn | ARMKVM_HC_CONTINUED, ~0u, ~0u, ~0u, ~0u, ~0u), INVALID);
}

static void strings(void)
{
	u32 *words = (u32 *)buffer;
	struct call c;
	u32 i;

	select(0);
	memset(buffer, 0xee, 64);
	check("bytes of a FIFO", string(&c, ARMKVM_HC_MMIO_READS, FW_CFG, 1, buffer + 1, 4), 0);
	check("... r1", c.r[1], 4);
	check("... r2, r3", c.r[2] << 16 | c.r[3], 1);
	check("... in order", buffer[1] | buffer[2] << 8 | buffer[3] << 16 | buffer[4] << 24, 0x554d4551);
	check("... and no more", buffer[0] << 8 | buffer[5], 0xeeee);
	select(0);
	check("words of a FIFO", string(&c, ARMKVM_HC_MMIO_READS, FW_CFG, 4, buffer, 2), 0);
	check("... in order", words[0], 0x554d4551);

	/* the module's own device, in several pieces, over pages' ends */
	memset(buffer, 0, sizeof(buffer));
	check("1000 words of the GIC", string(&c, ARMKVM_HC_MMIO_READS, GICD_TYPER, 4, buffer + 0xf00, 1000), 0);
	check("... r1", c.r[1], 1000);
	check("... r2", c.r[2], 0);
	check("... r3", c.r[3], 4);
	check("... values", words_equal((u32 *)(buffer + 0xf00), 1000, reg32(GICD_TYPER)), 1000);
	check("... and no more", words[0x3c0 - 1] | words[0x3c0 + 1000], 0);

	memset(buffer, 0, sizeof(buffer));
	check("1000 words of the UART", string(&c, ARMKVM_HC_MMIO_READS, UART_PERIPHID, 4, buffer + 0xf00, 1000), 0);
	check("... r1", c.r[1], 1000);
	check("... values", words_equal((u32 *)(buffer + 0xf00), 1000, 0x11), 1000);
	check("... and no more", words[0x3c0 - 1] | words[0x3c0 + 1000], 0);

	for (i = 0; i < 1000; i++)
		words[i] = i << 8;
	check("1000 words to the GIC", string(&c, ARMKVM_HC_MMIO_WRITES, GICD_PRIO_SPI, 4, buffer, 1000), 0);
	check("... the last one stays", reg32(GICD_PRIO_SPI) & 0xf8f8f8f8, 999 << 8 & 0xf8f8f8f8);
	reg32(GICD_PRIO_SPI) = 0;
	for (i = 0; i < 1000; i++)
		words[i] = i;
	check("1000 words to the UART", string(&c, ARMKVM_HC_MMIO_WRITES, UART_IBRD, 4, buffer + 4, 999), 0);
	check("... the last one stays", reg32(UART_IBRD), 999);
	check("bytes to the console", string(&c, ARMKVM_HC_MMIO_WRITES, UART, 1, "PASS a string on the console\n", 29), 0);

	/* flash is read as the memory that it is */
	check("words of flash", string(&c, ARMKVM_HC_MMIO_READS, FLASH + 0x40, 4, buffer, 16), 0);
	check("... r1", c.r[1], 16);
	string_errors(ARMKVM_HC_MMIO_READS);
	string_errors(ARMKVM_HC_MMIO_WRITES);
	string_forged(ARMKVM_HC_MMIO_READS);
	string_forged(ARMKVM_HC_MMIO_WRITES);
}

/* A window of pages at a virtual address, the last of them missing or read-only. */
#define WINDOW		0x90000000u
#define WINDOW_PAGES	4u

static void map_window(u32 bits)
{
	u32 i;

	for (i = 0; i < WINDOW_PAGES; i++)
		*short_page(WINDOW + i * 4096) = (TEST_RAM + i * 4096) | L2_SMALL | L2_AP(3) | L2_NORMAL;
	*short_page(WINDOW + WINDOW_PAGES * 4096) = bits;
	short_flush();
}

/* Buffers that end where nothing is mapped, or what is mapped can't be had so. */
static void strings_to_the_end(void)
{
	const u32 readonly = (TEST_RAM + 0x10000) | L2_SMALL | L2_AP(5) | L2_NORMAL;
	static const u32 devices[] = { GICD_TYPER, UART_PERIPHID };
	struct call c;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		map_window(0);
		check("to the buffer's end", string(&c, ARMKVM_HC_MMIO_READS, devices[i], 4,
						    (void *)(WINDOW + 8), ~0u), BAD_ADDRESS);
		check("... r1", c.r[1], WINDOW_PAGES * 1024 - 2);
		check("... r5 stays", c.r[5], ~0u);
		check("from the buffer's end", string(&c, ARMKVM_HC_MMIO_WRITES, devices[i], 4,
						      (void *)(WINDOW + 8), ~0u), BAD_ADDRESS);
		check("... r1", c.r[1], WINDOW_PAGES * 1024 - 2);
		map_window(readonly);
		reg32(TEST_RAM + 0x10000) = 0x1d1e;
		check("to a read-only page", string(&c, ARMKVM_HC_MMIO_READS, devices[i], 4,
						    (void *)(WINDOW + WINDOW_PAGES * 4096 - 4), 2), BAD_ADDRESS);
		check("... r1", c.r[1], 1);
		check("... which is as it was", reg32(TEST_RAM + 0x10000), 0x1d1e);
	}
	check("from an address of no page", string(&c, ARMKVM_HC_MMIO_WRITES, UART, 1, (void *)0xa0000000, 1),
	      BAD_ADDRESS);
	check("over the end of addresses", string(&c, ARMKVM_HC_MMIO_READS, GICD_TYPER, 4, (void *)~3u, 2), BAD_ADDRESS);
}

/*
 * -- interrupts: long calls and idle ---------------------------------------------------
 */

static void timer_in(u32 ticks)
{
	mcr(0, 0, c14, c3, 1);
	mcr(ticks, 0, c14, c3, 0);
	mcr(1, 0, c14, c3, 1);
	isb();
}

static void timer_off(void)
{
	mcr(0, 0, c14, c3, 1);
	isb();
}

static void gic_on(void)
{
	reg32(GICD) = 1;
	reg32(GICC + 4) = 0xff;
	reg32(GICC) = 1;
	reg32(GICD + 0x100) = 1u << VTIMER_PPI;
	dsb();
}

static u32 gic_end(void)
{
	u32 id = reg32(GICC + 0xc);

	reg32(GICC + 0x10) = id;
	return id & 0x3ff;
}

/*
 * Interrupted as often as it takes: the state is that of a call to be made again, and in the
 * end the result is as if it never was.
 */
static void interrupted(const char *name, const u32 *r, u32 done)
{
	struct state before, s;
	u32 times = 0, wrong = 0, ticks = 1000, last;

	state_init(&before, MODE_SVC, hvc_0);
	memcpy(before.r, r, 6 * sizeof(u32));
	before.psr = MODE_SVC | PSR_A | PSR_F;
	s = before;
	for (;;) {
		timer_in(ticks);
		last = s.r[2] ^ s.r[3];
		enter(&s);
		if (s.vector != VEC_IRQ)
			break;
		wrong += gic_end() != VTIMER_PPI;
		timer_off();
		s.pc -= 4;
		/* on a slow host the timer may always be first */
		if (last == (s.r[2] ^ s.r[3]))
			ticks += ticks / 2;
		if (s.pc == (u32)hvc_0 && s.r[0] != r[0]) {
			times++;
			wrong += s.r[0] != (r[0] | ARMKVM_HC_CONTINUED);
		}
		wrong += s.r[4] != r[4] || s.r[5] != r[5];
	}
	timer_off();
	check(name, s.r[0], 0);
	check("... interrupted", !times, 0);
	check("... always at the call", wrong, 0);
	check("... r1", s.r[1], done);
	check("... ends behind it", s.vector == VEC_SVC ? s.pc : ~0u, (u32)&hvc_0[2]);
}

static void long_strings(void)
{
	const u32 gic[] = { ARMKVM_HC_MMIO_READS, GICD_TYPER, 0, 1, TEST_RAM, 100000 };
	const u32 uart[] = { ARMKVM_HC_MMIO_WRITES, UART_IBRD, 0, 4, TEST_RAM, 20000 };
	u32 i;

	interrupted("a long string of the GIC's", gic, 100000);
	for (i = 0; i < 20000; i++)
		reg32(TEST_RAM + 4 * i) = i;
	interrupted("a long string to the UART", uart, 20000);
	check("... all of it", reg32(UART_IBRD), 19999);
}

static void idle(void)
{
	struct call c;
	u64 start;

	timer_in(1);
	while (!(mrc(0, c14, c3, 1) & 4))
		;
	check("idle, an interrupt is pending", CALL(&c, ARMKVM_HC_IDLE, 1, 2, 3), 0);
	check("idle leaves r1", c.r[1], 1);
	gic_end();
	timer_in(100000);
	start = mrrc(1, c14);
	check("idle until an interrupt", CALL(&c, ARMKVM_HC_IDLE), 0);
	check("... and no shorter", mrrc(1, c14) - start >= 100000, 1);
	timer_off();
	gic_end();
	check("yield", CALL(&c, ARMKVM_HC_YIELD, 1, 2, 3), 0);
	check("yield leaves r3", c.r[3], 3);
}

/*
 * -- memory ----------------------------------------------------------------------------
 */

static struct armkvm_para_pte ptes[1024] __attribute__((aligned(4096)));

static u32 page_bits(u32 page)
{
	return (TEST_RAM + 0x100000 + page * 4096) | L2_SMALL | L2_AP(3) | L2_NORMAL;
}

static void set_pte(u32 i, u32 va, u32 value)
{
	ptes[i] = (struct armkvm_para_pte) {
		.gpa = (u32)short_page(va), .value = value, .gva = va, .size = 4,
	};
}

static s32 pt_update(struct call *c, u32 n)
{
	return CALL(c, ARMKVM_HC_PT_UPDATE, (u32)ptes, n, 0x33333333);
}

static void fill_pages(u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		reg32(TEST_RAM + 0x100000 + i * 4096) = PATTERN(i);
}

#define VA	0xb0000000u

static void page_tables(void)
{
	struct call c;
	u32 i, right;

	fill_pages(600);
	*short_page(VA) = 0;
	short_flush();
	set_pte(0, VA, page_bits(1));
	check("one entry", pt_update(&c, 1), 0);
	check("... r1", c.r[1], 1);
	check("... r3 stays", c.r[3], 0x33333333);
	check("... maps", reg32(VA), PATTERN(1));
	set_pte(0, VA, page_bits(2));
	check("another page there", pt_update(&c, 1), 0);
	check("... is seen", reg32(VA), PATTERN(2));
	set_pte(0, VA, 0);
	set_pte(1, VA, page_bits(3));
	check("the same entry twice, in order", pt_update(&c, 2), 0);
	check("... is seen", reg32(VA), PATTERN(3));
	for (i = 0; i < 500; i++)
		set_pte(i, VA + i * 4096, page_bits(i));
	check("500 entries", pt_update(&c, 500), 0);
	check("... r1", c.r[1], 500);
	for (i = 0, right = 0; i < 500; i++)
		right += reg32(VA + i * 4096) == PATTERN(i);
	check("... map", right, 500);
	for (i = 0; i < 500; i++)
		set_pte(i, VA + (499 - i) * 4096, page_bits(i + 1));
	check("500 entries backwards", pt_update(&c, 500), 0);
	for (i = 0, right = 0; i < 500; i++)
		right += reg32(VA + i * 4096) == PATTERN(500 - i);
	check("... map", right, 500);
	check("no entries", pt_update(&c, 0), 0);
	check("... r1", c.r[1], 0);

	/* a section, and back */
	ptes[0] = (struct armkvm_para_pte) {
		.gpa = (u32)&short_l1[0xc00], .gva = 0xc0000000, .size = 4,
		.value = (TEST_RAM + 0x100000) | L1_SECTION | L1_AP(3) | L1_NORMAL,
	};
	check("a section", pt_update(&c, 1), 0);
	check("... maps", reg32(0xc0000000 + 7 * 4096), PATTERN(7));
}

static void page_table_errors(void)
{
	struct call c;
	u32 i;

	for (i = 0; i < 4; i++)
		set_pte(i, VA + i * 4096, page_bits(20 + i));
	ptes[2].size = 5;
	check("a size that is none", pt_update(&c, 4), INVALID);
	check("... r1", c.r[1], 2);
	check("... those before are done", reg32(VA + 4096), PATTERN(21));
	check("... those behind are not", reg32(VA + 3 * 4096) != PATTERN(23), 1);
	ptes[2].size = 0;
	check("no size", pt_update(&c, 4), INVALID);
	ptes[2].size = 4;
	ptes[2].gpa += 2;
	check("an unaligned descriptor", pt_update(&c, 4), INVALID);
	ptes[2].size = 8;
	ptes[2].gpa = ((u32)short_page(VA) & ~7u) + 4;
	check("an unaligned long descriptor", pt_update(&c, 4), INVALID);
	ptes[2].size = 4;
	ptes[2].gpa = UART;
	check("a device for a table", pt_update(&c, 4), BAD_ADDRESS);
	check("... r1", c.r[1], 2);
	ptes[2].gpa = FLASH;
	check("flash for a table", pt_update(&c, 4), BAD_ADDRESS);
	ptes[2].gpa = 1ull << 40 | (u32)short_page(VA);
	check("a table above 40 bits", pt_update(&c, 4), BAD_ADDRESS);
	ptes[2].gpa = ~3ull;
	check("a table at the last address", pt_update(&c, 4), BAD_ADDRESS);
	check("an array of no page", CALL(&c, ARMKVM_HC_PT_UPDATE, 0xa0000000, 1), BAD_ADDRESS);
	check("... r1", c.r[1], 0);
	check("an array in a device", CALL(&c, ARMKVM_HC_PT_UPDATE, GICD, 1), BAD_ADDRESS);
	check("an array over the end of addresses", CALL(&c, ARMKVM_HC_PT_UPDATE, ~7u, 1), BAD_ADDRESS);

	/* to the last entry of what is mapped, be it asked for 2^32 - 1 */
	map_window(0);
	for (i = 0; i < WINDOW_PAGES * 4096 / sizeof(ptes[0]); i++) {
		set_pte(0, VA + (i % 500) * 4096, page_bits(i % 500));
		memcpy((void *)(WINDOW + i * sizeof(ptes[0])), &ptes[0], sizeof(ptes[0]));
	}
	check("all that is mapped", CALL(&c, ARMKVM_HC_PT_UPDATE, WINDOW, ~0u), BAD_ADDRESS);
	check("... r1", c.r[1], WINDOW_PAGES * 4096 / sizeof(ptes[0]));
	check("... r2 stays", c.r[2], ~0u);
	check("... an entry over two pages", CALL(&c, ARMKVM_HC_PT_UPDATE, WINDOW + 170 * sizeof(ptes[0]), 1), 0);
	check("forged: more done than there is",
	      CALL(&c, ARMKVM_HC_PT_UPDATE | ARMKVM_HC_CONTINUED, WINDOW, 3, ~0u), 0);
	check("... r1", c.r[1], 3);
}

static void long_page_tables(void)
{
	const u32 r[] = { ARMKVM_HC_PT_UPDATE, TEST_RAM + 0x400000, 20000, 0, 4, 5 };
	struct armkvm_para_pte *p = (void *)(TEST_RAM + 0x400000);
	u32 i;

	for (i = 0; i < 20000; i++) {
		set_pte(0, VA + (i % 500) * 4096, page_bits(i % 600));
		memcpy(&p[i], &ptes[0], sizeof(ptes[0]));
	}
	interrupted("a long update of page tables", r, 20000);
	check("... all of it", reg32(VA + 19999 % 500 * 4096), PATTERN(19999 % 600));
}

/* Long descriptors. */
static void long_descriptors(void)
{
	struct call c;
	u64 *entry;

	lpae_init();
	*lpae_block(TEST_RAM) = TEST_RAM | LD_BLOCK | LD_NORMAL;
	entry = lpae_page(VA);
	lpae_on();
	fill_pages(4);
	ptes[0] = (struct armkvm_para_pte) {
		.gpa = (u32)entry, .gva = VA, .size = 8,
		.value = (TEST_RAM + 0x101000) | LD_PAGE | LD_NORMAL,
	};
	check("a long descriptor", pt_update(&c, 1), 0);
	check("... maps", reg32(VA), PATTERN(1));
	ptes[0].value += 0x1000;
	check("... another page", pt_update(&c, 1), 0);
	check("... is seen", reg32(VA), PATTERN(2));
	check("... as it was given", *entry == ptes[0].value, 1);
	mmu_off();
}

static s32 flush(struct call *c, u32 kind, u32 asid, u32 start, u32 pages)
{
	return CALL(c, ARMKVM_HC_TLB_FLUSH, kind, asid, start, pages);
}

/* An entry of @bits changes in memory; the call makes it seen, whatever was cached. */
static void flush_sees(const char *name, u32 bits, u32 kind, u32 asid, u32 start, u32 pages)
{
	struct call c;

	*short_page(VA) = page_bits(1) | bits;
	short_flush();
	(void)reg32(VA);
	*short_page(VA) = page_bits(2) | bits;
	dsb();
	check(name, flush(&c, kind, asid, start, pages), 0);
	isb();
	check("... the change is seen", reg32(VA), PATTERN(2));
}

static void tlb(void)
{
	static const u32 kinds[] = {
		4, 5, 0xff, 0x104, 0x200, 0x201, 0x80000000, 0x80000100, 0xfffffe00, ~0u,
	};
	struct call c;
	u32 k, is, i;

	fill_pages(8);
	mcr(5, 0, c13, c0, 1);
	isb();
	for (k = 0; k < 2; k++) {
		is = k ? ARMKVM_TLB_INNER_SHAREABLE : 0;
		flush_sees("all", 0, ARMKVM_TLB_ALL | is, 0, 0, 0);
		flush_sees("all, the rest ignored", 0, ARMKVM_TLB_ALL | is, ~0u, ~0u, ~0u);
		flush_sees("an ASID", L2_NG, ARMKVM_TLB_ASID | is, 5, 0, 0);
		flush_sees("a page of an ASID", L2_NG, ARMKVM_TLB_RANGE_ASID | is, 5, VA, 1);
		flush_sees("a global page, by any ASID", 0, ARMKVM_TLB_RANGE_ASID | is, 77, VA, 1);
		flush_sees("a page of all ASIDs", L2_NG, ARMKVM_TLB_RANGE_ALL_ASID | is, 0, VA, 1);
		flush_sees("a range with the page in it", L2_NG, ARMKVM_TLB_RANGE_ALL_ASID | is, 0, VA - 0x5000, 12);
		flush_sees("an unaligned start", L2_NG, ARMKVM_TLB_RANGE_ASID | is, 5, VA + 0xffc, 1);
		flush_sees("all pages there are", L2_NG, ARMKVM_TLB_RANGE_ALL_ASID | is, 0, 0, 0x100000);
		flush_sees("over the end of addresses", L2_NG, ARMKVM_TLB_RANGE_ASID | is, 5, VA, ~0u);
		flush_sees("2^32 - 1 pages", L2_NG, ARMKVM_TLB_RANGE_ASID | is, 5, 0, ~0u);
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		check("a kind that is none", flush(&c, kinds[i], 0, VA, 1), INVALID);
	check("an ASID above 255", flush(&c, ARMKVM_TLB_ASID, 256, 0, 0), INVALID);
	check("an ASID above 255, by page", flush(&c, ARMKVM_TLB_RANGE_ASID, ~0u, VA, 1), INVALID);
	check("no pages", flush(&c, ARMKVM_TLB_RANGE_ASID, 5, VA, 0), 0);
	check("... r1 stays", c.r[1], ARMKVM_TLB_RANGE_ASID);
	check("the last page", flush(&c, ARMKVM_TLB_RANGE_ASID, 5, ~0u, 1), 0);
	mcr(0, 0, c13, c0, 1);
	isb();
}

/*
 * -- the machine ------------------------------------------------------------------------
 */

static void panic_call(void)
{
	static const char text[] = "Kernel panic \x01 - not syncing: hypercall test\n";
	struct state s;
	struct call c;
	u32 user[] = { ARMKVM_HC_PANIC, (u32)text, 4, 0, 0, 0 };

	check("a text of no page", CALL(&c, ARMKVM_HC_PANIC, 0xa0000000, 10), BAD_ADDRESS);
	check("a text in a device", CALL(&c, ARMKVM_HC_PANIC, GICD, 10), BAD_ADDRESS);
	map_window(0);
	check("a text that ends nowhere", CALL(&c, ARMKVM_HC_PANIC, WINDOW + WINDOW_PAGES * 4096 - 8, 9), BAD_ADDRESS);
	check("a text over the end of addresses", CALL(&c, ARMKVM_HC_PANIC, ~3u, 16), BAD_ADDRESS);
	check("a long text", CALL(&c, ARMKVM_HC_PANIC, (u32)text, 1025), INVALID);
	check("the longest length", CALL(&c, ARMKVM_HC_PANIC, (u32)text, ~0u), INVALID);
	call_in_mode(&s, MODE_USR, hvc_0, user);
	check("User mode does not panic", s.r[0], DENIED);
	/* over a page's end; what can't be printed isn't */
	memcpy((void *)(WINDOW + 4096 - 8), text, sizeof(text));
	check("panic", CALL(&c, ARMKVM_HC_PANIC, WINDOW + 4096 - 8, sizeof(text) - 1, 3), 0);
	check("... r1 stays", c.r[1], WINDOW + 4096 - 8);
	check("... r3 stays", c.r[3], 3);
	check("panic again", CALL(&c, ARMKVM_HC_PANIC, (u32)"again and again", 15), 0);
}

static u32 is_stolen;

static void steal(void)
{
	struct armkvm_para_steal *record = (void *)(TEST_RAM + 0x80);
	volatile u64 *stolen = &record->stolen_ns;
	u32 hz = mrc(0, c14, c0, 0), seconds = 0;
	struct call c;
	u64 start;

	check("steal time unaligned", CALL(&c, ARMKVM_HC_STEAL_TIME, TEST_RAM + 32, 0), INVALID);
	check("steal time in a device", CALL(&c, ARMKVM_HC_STEAL_TIME, UART, 0), BAD_ADDRESS);
	check("steal time in flash", CALL(&c, ARMKVM_HC_STEAL_TIME, FLASH, 0), BAD_ADDRESS);
	check("steal time above 40 bits", CALL(&c, ARMKVM_HC_STEAL_TIME, TEST_RAM, 0x100), BAD_ADDRESS);
	check("steal time, high word only", CALL(&c, ARMKVM_HC_STEAL_TIME, 0, ~0u), BAD_ADDRESS);
	memset(record, 0xff, sizeof(*record));
	check("steal time", CALL(&c, ARMKVM_HC_STEAL_TIME, (u32)record, 0), 0);
	check("... begins even", *(volatile u32 *)&record->version & 1, 0);
	check("... begins with nothing", (u32)(*stolen >> 32), 0);
	if (is_stolen) {
		while (!*stolen && seconds++ < 20)
			for (start = mrrc(1, c14); mrrc(1, c14) - start < hz;)
				;
		check("... grows while the host is busy", *stolen != 0, 1);
		check("... is even again", *(volatile u32 *)&record->version & 1, 0);
	}
	check("no steal time", CALL(&c, ARMKVM_HC_STEAL_TIME, ~0u, ~0u), 0);
}

static void again_then_off(void)
{
	volatile u32 *been_here = (volatile u32 *)(FREE_RAM + 0x100000);
	struct call c;

	if (*been_here != 0x600d) {
		*been_here = 0x600d;
		CALL(&c, ARMKVM_HC_RESET);
		print("FAIL reset: it returns\n");
	}
	print("PASS reset\nend\n");
	CALL(&c, ARMKVM_HC_POWEROFF);
	print("FAIL power-off: it returns\n");
}

/* Discovery by call, where nothing is to be discovered: an exception, or NOT_SUPPORTED. */
static void hidden(void)
{
	static const u32 uid[6] = { ARMKVM_HC_CALL_UID };
	struct state s;

	print("no armkvm in the device tree\n");
	call_in_mode(&s, MODE_SVC, hvc_0, uid);
	check("hidden", s.vector == VEC_UND || s.r[0] == NOT_SUPPORTED, 1);
	call_in_mode(&s, MODE_USR, hvc_0, uid);
	check("hidden from User mode", s.vector, VEC_UND);
}

void test(void)
{
	/* the tables may take the device tree's place */
	u32 wanted = argument("features", 0);
	struct call c;

	if (!dtb_has(ARMKVM_PARA_DT_COMPATIBLE)) {
		hidden();
		return;
	}
	print("armkvm is in the device tree\n");
	CALL(&c, ARMKVM_HC_FEATURES);
	check("features", wanted ? c.r[0] : (c.r[0] & 0x2df), wanted ? wanted : 0x2df);
	if (wanted) {
		check("a feature that is off", CALL(&c, ARMKVM_HC_MMIO_READ, UART, 0, 4), NOT_SUPPORTED);
		check("... r1 stays", c.r[1], UART);
		check("one that is on", CALL(&c, ARMKVM_HC_YIELD), 0);
		return;
	}
	is_stolen = argument("steal", 0);
	gic_on();
	discovery();
	mmio();
	strings();
	idle();
	long_strings();
	short_init();
	short_l1[TEST_RAM >> 20] = TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL;
	short_l1[(TEST_RAM >> 20) + 1] = (TEST_RAM + 0x100000) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	short_l1[(TEST_RAM >> 20) + 2] = (TEST_RAM + 0x200000) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	short_l1[(TEST_RAM >> 20) + 3] = (TEST_RAM + 0x300000) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	short_l1[(TEST_RAM >> 20) + 4] = (TEST_RAM + 0x400000) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	short_l1[FLASH >> 20] = FLASH | L1_SECTION | L1_AP(3) | L1_XN;
	short_on();
	strings_to_the_end();
	page_tables();
	page_table_errors();
	long_page_tables();
	tlb();
	panic_call();
	steal();
	mmu_off();
	long_descriptors();
	again_then_off();
}
