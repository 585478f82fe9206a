// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: the CPU interface of a GICv3, which is system registers (IHI 0069 chapter 12.7), on a
 * virt machine with gic-version=3: SGIs by MCRR, acknowledging, priorities, the timer's interrupt, what
 * is undefined.
 */
#include "lib/bare.h"

#define GICD(r)		(*(volatile u32 *)(0x08000000 + (r)))
/* the first redistributor; its SGIs and PPIs are in the second frame */
#define GICR(r)		(*(volatile u32 *)(0x080a0000 + (r)))
#define GICR_SGI(r)	GICR(0x10000 + (r))

#define icc_pmr()	mrc(0, c4, c6, 0)
#define set_pmr(v)	mcr(v, 0, c4, c6, 0)
#define icc_iar1()	mrc(0, c12, c12, 0)
#define set_eoir1(v)	mcr(v, 0, c12, c12, 1)
#define icc_hppir1()	mrc(0, c12, c12, 2)
#define icc_bpr1()	mrc(0, c12, c12, 3)
#define set_bpr1(v)	mcr(v, 0, c12, c12, 3)
#define icc_ctlr()	mrc(0, c12, c12, 4)
#define set_ctlr(v)	mcr(v, 0, c12, c12, 4)
#define icc_sre()	mrc(0, c12, c12, 5)
#define icc_igrpen1()	mrc(0, c12, c12, 7)
#define set_igrpen1(v)	mcr(v, 0, c12, c12, 7)
#define icc_rpr()	mrc(0, c12, c11, 3)
#define set_dir(v)	mcr(v, 0, c12, c11, 1)
#define icc_ap1r0()	mrc(0, c12, c9, 0)
#define sgi1r(v)	mcrr(v, 0, c12)

#define PPI_VTIMER	27

ARM_CODE(spin, "1: b 1b");
ARM_CODE(wfi, "1: wfi\n b 1b");
ARM_CODE(done, "svc #0");
ARM_CODE(read_hsre, "mrc p15, 4, r2, c12, c9, 5\n svc #0");
ARM_CODE(read_msre, "mrc p15, 6, r2, c12, c12, 5\n svc #0");
ARM_CODE(read_iar1, "mrc p15, 0, r2, c12, c12, 0\n svc #0");
ARM_CODE(write_pmr, "mov r2, #0\n mcr p15, 0, r2, c4, c6, 0\n svc #0");
ARM_CODE(write_sgi, "mov r2, #0\n mov r3, #0\n mcrr p15, 0, r2, r3, c12\n svc #0");
THUMB_CODE(read_rpr_t, "mrc p15, 0, r2, c12, c11, 3\n svc #0");

static void run(const char *name, const u32 *code)
{
	struct state s;

	state_init(&s, MODE_SVC, code);
	s.psr = MODE_SVC;
	enter(&s);
	print(name);
	print(": vector ");
	print_hex(s.vector);
	newline();
}

static void start(void)
{
	/* GICR_WAKER: awake */
	GICR(0x14) = 0;
	while (GICR(0x14) & 4)
		;
	/* one security state, affinity routing, group 1 */
	GICD(0) = 0x52;
	GICR_SGI(0x80) = ~0u;
	GICR_SGI(0x100) = 0xffff;
	set_pmr(0xf0);
	set_igrpen1(1);
	isb();
}

static void registers(void)
{
	print("registers\n");
	print_hex(mrc(0, c0, c1, 1) >> 28);
	print_hex(icc_sre());
	print_hex(icc_igrpen1());
	print_hex(icc_ctlr());
	newline();
	set_pmr(0xff);
	print_hex(icc_pmr());
	set_pmr(0x55);
	print_hex(icc_pmr());
	set_pmr(0xf0);
	set_bpr1(0);
	print_hex(icc_bpr1());
	set_bpr1(5);
	print_hex(icc_bpr1());
	set_bpr1(0);
	print_hex(icc_rpr());
	print_hex(icc_iar1());
	print_hex(icc_hppir1());
	newline();
}

static void sgis(void)
{
	u32 i, iar;

	print("sgis\n");
	for (i = 0; i < 16; i += 5) {
		GICR_SGI(0x400 + (i & ~3u)) = 0x40404040 + 0x10101010 * (i & 3);
		sgi1r((u64)i << 24 | 1);
		isb();
		print_hex(icc_hppir1());
		run("pending", spin);
		iar = icc_iar1();
		print_hex(iar);
		print_hex(icc_rpr());
		print_hex(icc_ap1r0());
		/* active: nothing of this priority comes */
		sgi1r((u64)((i + 1) & 15) << 24 | 1);
		isb();
		run("while one is active", done);
		set_eoir1(iar);
		print_hex(icc_rpr());
		run("ended", spin);
		iar = icc_iar1();
		print_hex(iar);
		set_eoir1(iar);
		newline();
	}
	/* to nobody */
	sgi1r(3ull << 24 | 2);
	isb();
	run("to another", done);
	/* the mask */
	set_pmr(0x10);
	sgi1r(4ull << 24 | 1);
	isb();
	run("below the mask", done);
	print_hex(mrc(0, c12, c1, 0));
	set_pmr(0xf0);
	isb();
	print_hex(mrc(0, c12, c1, 0));
	run("above it", wfi);
	set_igrpen1(0);
	isb();
	run("group off", done);
	set_igrpen1(1);
	isb();
	/* EOI in two steps */
	set_ctlr(2);
	iar = icc_iar1();
	print_hex(iar);
	set_eoir1(iar);
	print_hex(GICR_SGI(0x300) & 0xffff);
	set_dir(iar);
	print_hex(GICR_SGI(0x300) & 0xffff);
	set_ctlr(0);
	newline();
}

static void timer(void)
{
	u32 iar;

	print("timer\n");
	GICR_SGI(0x100) = 1u << PPI_VTIMER;
	mcr(100000, 0, c14, c3, 0);
	mcr(1, 0, c14, c3, 1);
	isb();
	run("in a loop", spin);
	iar = icc_iar1();
	print_hex(iar);
	mcr(3, 0, c14, c3, 1);
	set_eoir1(iar);
	isb();
	run("masked in the timer", done);
	mcr(100000, 0, c14, c3, 0);
	mcr(1, 0, c14, c3, 1);
	isb();
	run("in wfi", wfi);
	iar = icc_iar1();
	print_hex(iar);
	mcr(0, 0, c14, c3, 1);
	set_eoir1(iar);
	newline();
}

static void undefined(void)
{
	print("undefined\n");
	run_in_mode("hsre", MODE_SVC, read_hsre);
	run_in_mode("msre", MODE_SVC, read_msre);
	run_in_mode("iar1, user", MODE_USR, read_iar1);
	run_in_mode("pmr, user", MODE_USR, write_pmr);
	run_in_mode("sgi1r, user", MODE_USR, write_sgi);
	run_in_mode("iar1, sys", MODE_SYS, read_iar1);
	run_in_mode("rpr, thumb", MODE_SVC | PSR_T, read_rpr_t);
}

void test(void)
{
	start();
	registers();
	sgis();
	timer();
	undefined();
}
