// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: interrupts as a CPU sees them.  SGIs to itself and the generic timer's
 * two interrupts through the GIC, masking, WFI, registers of the timer.
 */
#include "lib/bare.h"

#define GICD(r)	(*(volatile u32 *)(0x08000000 + (r)))
#define GICC(r)	(*(volatile u32 *)(0x08010000 + (r)))

#define PPI_VTIMER	27
#define PPI_PTIMER	30

ARM_CODE(spin, "1: b 1b");
ARM_CODE(unmask, "mov r5, #5\n cpsie i\n mov r5, #6\n mov r5, #7\n svc #0");
ARM_CODE(unmask_msr, "mov r5, #5\n mrs r4, cpsr\n bic r4, r4, #0x80\n msr cpsr_c, r4\n mov r5, #6\n svc #0");
ARM_CODE(unmask_rfe, "mov r5, #5\n adr r3, 1f\n mov r4, #0x1f\n stmdb sp!, {r3, r4}\n rfeia sp!\n 1: mov r5, #6\n svc #0");
ARM_CODE(unmask_movs, "adr lr, 1f\n mov r4, #0x10\n msr spsr_cxsf, r4\n movs pc, lr\n 1: mov r5, #6\n svc #0");
ARM_CODE(unmask_f, "cpsie f\n mov r5, #6\n svc #0");
ARM_CODE(masked, "mov r5, #5\n mov r5, #6\n svc #0");
ARM_CODE(wait_masked, "wfi\n mov r5, #6\n svc #0");
ARM_CODE(wait_unmasked, "cpsie i\n wfi\n mov r5, #6\n b .");
ARM_CODE(wait_user, "1: wfi\n b 1b");
THUMB_CODE(spin_thumb, "1: adds r0, #1\n b 1b");

/* The line without what depends on when: the interrupted pc of an endless loop. */
static u32 run(const char *name, u32 psr, const u32 *code)
{
	struct state s;
	u32 iar = 0;

	state_init(&s, psr & 0x1f, code);
	s.psr = psr;
	enter(&s);
	print(name);
	print(": vector ");
	print_hex(s.vector);
	if (code != wait_user && code != spin_thumb && code != wait_unmasked) {
		print_hex(s.pc - (u32)code);
		print_hex(s.r[5]);
	}
	print_hex(s.psr & ~0xf0000000);
	print_hex(s.cpsr & ~0xf0000000);
	if (s.vector == VEC_IRQ) {
		iar = GICC(0xc);
		print("iar ");
		print_hex(iar);
		GICC(0x10) = iar;
	}
	newline();
	return iar;
}

static void sgi(u32 n)
{
	GICD(0xf00) = 2 << 24 | n;
	dsb();
}

static void sgis(void)
{
	static const struct {
		const char *name;
		u32 psr;
		const u32 *code;
	} cases[] = {
		{ "pending in user mode", MODE_USR, masked },
		{ "pending in thumb", MODE_USR | PSR_T, spin_thumb },
		{ "pending in svc mode", MODE_SVC, masked },
		{ "pending in fiq mode", MODE_FIQ | PSR_F | PSR_A, masked },
		{ "pending in abt mode", MODE_ABT, masked },
		{ "pending in und mode", MODE_UND, masked },
		{ "pending in sys mode", MODE_SYS | PSR_F, masked },
		{ "pending in irq mode", MODE_IRQ, masked },
		{ "masked", MODE_SVC | PSR_I, masked },
		{ "F doesn't mask it", MODE_SVC | PSR_F, masked },
		{ "cpsie i", MODE_SVC | PSR_I, unmask },
		{ "cpsie i, irq mode", MODE_IRQ | PSR_I, unmask },
		{ "msr", MODE_ABT | PSR_I, unmask_msr },
		{ "rfe to sys mode", MODE_SVC | PSR_I, unmask_rfe },
		{ "movs pc, lr to user mode", MODE_SVC | PSR_I, unmask_movs },
		{ "cpsie f", MODE_SVC | PSR_I | PSR_F, unmask_f },
		{ "wfi, masked", MODE_SVC | PSR_I, wait_masked },
		{ "wfi, unmasked", MODE_SVC | PSR_I, wait_unmasked },
		{ "masked, big-endian", MODE_SVC | PSR_I | PSR_E, unmask },
	};
	u32 i;

	print("sgi\n");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		sgi(i & 15);
		run(cases[i].name, cases[i].psr, cases[i].code);
		/* it is pending still if nothing has taken it */
		print_hex(GICC(0xc));
		print_hex(GICC(0x18) & 0xff);
		GICC(0x10) = i & 15;
		newline();
	}
	/* the priority mask and disabled groups */
	GICC(4) = 0;
	sgi(3);
	run("priority mask", MODE_SVC, masked);
	GICC(4) = 0xf0;
	run("opened", MODE_SVC, spin);
	GICD(0) = 0;
	sgi(4);
	run("distributor off", MODE_SVC, masked);
	GICD(0) = 1;
	run("on", MODE_SVC, spin);
	print_hex(mrc(0, c12, c1, 0));
	sgi(5);
	print_hex(mrc(0, c12, c1, 0));
	run("isr", MODE_SVC, spin);
}

struct timer {
	const char *name;
	u32 ppi;
	void (*set_ctl)(u32 v);
	u32 (*get_ctl)(void);
	void (*set_tval)(u32 v);
	u32 (*get_tval)(void);
	void (*set_cval)(u64 v);
	u64 (*get_cval)(void);
	u64 (*count)(void);
};

#define TIMER_OPS(t, crm, cval_op, count_op)					\
static void t##_set_ctl(u32 v) { mcr(v, 0, c14, crm, 1); isb(); }		\
static u32 t##_get_ctl(void) { isb(); return mrc(0, c14, crm, 1); }		\
static void t##_set_tval(u32 v) { mcr(v, 0, c14, crm, 0); isb(); }		\
static u32 t##_get_tval(void) { isb(); return mrc(0, c14, crm, 0); }		\
static void t##_set_cval(u64 v) { mcrr(v, cval_op, c14); isb(); }		\
static u64 t##_get_cval(void) { return mrrc(cval_op, c14); }			\
static u64 t##_count(void) { isb(); return mrrc(count_op, c14); }

TIMER_OPS(virt, c3, 3, 1)
TIMER_OPS(phys, c2, 2, 0)

static const struct timer timers[] = {
	{ "virtual", PPI_VTIMER, virt_set_ctl, virt_get_ctl, virt_set_tval, virt_get_tval,
	  virt_set_cval, virt_get_cval, virt_count },
	{ "physical", PPI_PTIMER, phys_set_ctl, phys_get_ctl, phys_set_tval, phys_get_tval,
	  phys_set_cval, phys_get_cval, phys_count },
};

static u32 pending(u32 ppi)
{
	return GICD(0x200) >> ppi & 1;
}

static void one_timer(const struct timer *t)
{
	u64 a, b;
	s32 left;

	print(t->name);
	print(" timer\n");
	GICD(0x180) = 1u << t->ppi;
	t->set_ctl(0);
	print_hex(t->get_ctl());
	a = t->count();
	b = t->count();
	print(b >= a && b - a < 100000000 ? "counts " : "does not count ");
	t->set_cval(0x123456789abcdef0ull);
	print_hex(t->get_cval() >> 32);
	print_hex(t->get_cval());
	/* TVAL is CVAL less the count, 32 bits of it */
	t->set_tval(1000000000);
	left = t->get_tval();
	print(left <= 1000000000 && left > 900000000 ? "tval " : "no tval ");
	a = t->count();
	b = t->get_cval();
	print(b - a <= 1000000000 && b - a > 900000000 ? "cval " : "no cval ");
	t->set_tval(-1000);
	left = t->get_tval();
	print(left <= -1000 ? "past " : "not past ");
	print(t->get_cval() < t->count() ? "cval\n" : "no cval\n");
	/* CTL: ENABLE, IMASK, ISTATUS; the other bits are RAZ/WI */
	t->set_ctl(~0u);
	print_hex(t->get_ctl());
	t->set_ctl(1);
	print_hex(t->get_ctl());
	print_hex(pending(t->ppi));
	t->set_ctl(3);
	print_hex(t->get_ctl());
	print_hex(pending(t->ppi));
	t->set_ctl(2);
	print_hex(t->get_ctl() & 3);
	t->set_tval(1000000000);
	t->set_ctl(1);
	print_hex(t->get_ctl());
	print_hex(pending(t->ppi));
	newline();

	/* the interrupt: one that has come, one that will, in a loop and in WFI */
	GICD(0x100) = 1u << t->ppi;
	t->set_tval(0);
	run("expired", MODE_SVC, spin);
	run("level: again", MODE_USR, spin);
	t->set_ctl(3);
	run("masked in CTL", MODE_SVC, masked);
	t->set_tval(300000);
	t->set_ctl(1);
	run("in a loop", MODE_SVC, spin);
	t->set_ctl(0);
	t->set_tval(300000);
	t->set_ctl(1);
	run("in a user's loop", MODE_USR | PSR_T, spin_thumb);
	t->set_tval(300000);
	run("in wfi", MODE_SVC | PSR_I, wait_unmasked);
	t->set_tval(300000);
	run("in wfi, masked", MODE_SVC | PSR_I, wait_masked);
	t->set_tval(300000);
	run("in a user's wfi", MODE_USR, wait_user);
	t->set_cval(t->count() + 300000);
	run("by cval", MODE_SVC, spin);
	t->set_cval(~0ull);
	run("never", MODE_SVC, masked);
	print_hex(t->get_ctl());
	print_hex(pending(t->ppi));
	t->set_ctl(0);
	/* how long a wait takes: not shorter than asked, not much longer */
	a = t->count();
	t->set_cval(a + 1000000);
	t->set_ctl(1);
	run("timed", MODE_SVC | PSR_I, wait_unmasked);
	b = t->count();
	print(b - a >= 1000000 ? "not early\n" : "early\n");
	t->set_ctl(0);
	GICD(0x180) = 1u << t->ppi;
}

ARM_CODE(user_cntvct, "mrrc p15, 1, r2, r3, c14\n mov r2, #0\n mov r3, #0\n svc #0");
ARM_CODE(user_cntpct, "mrrc p15, 0, r2, r3, c14\n mov r2, #0\n mov r3, #0\n svc #0");
ARM_CODE(user_cntv_ctl, "mrc p15, 0, r2, c14, c3, 1\n mov r3, #3\n mcr p15, 0, r3, c14, c3, 1\n mov r2, #0\n svc #0");
ARM_CODE(user_cntp_tval, "mrc p15, 0, r2, c14, c2, 0\n mov r2, #0\n svc #0");
ARM_CODE(user_cntfrq, "mrc p15, 0, r2, c14, c0, 0\n mov r2, #0\n svc #0");
ARM_CODE(user_cntfrq_w, "mcr p15, 0, r2, c14, c0, 0\n svc #0");
ARM_CODE(user_cntkctl, "mrc p15, 0, r2, c14, c1, 0\n svc #0");
THUMB_CODE(user_cntvct_t, "mrrc p15, 1, r2, r3, c14\n movs r2, #0\n movs r3, #0\n svc #0");

static void user_access(void)
{
	static const u32 cntkctl[] = { 0, 1, 2, 3, 0x100, 0x200, 0x303 };
	struct state s;
	u32 i;

	print("user mode\n");
	for (i = 0; i < ARRAY_SIZE(cntkctl); i++) {
		mcr(cntkctl[i], 0, c14, c1, 0);
		isb();
		print_hex(mrc(0, c14, c1, 0));
		newline();
		run_in_mode("cntvct", MODE_USR, user_cntvct);
		run_in_mode("cntpct", MODE_USR, user_cntpct);
		run_in_mode("cntv_ctl", MODE_USR, user_cntv_ctl);
		run_in_mode("cntp_tval", MODE_USR, user_cntp_tval);
		run_in_mode("cntfrq", MODE_USR, user_cntfrq);
		run_in_mode("cntfrq, write", MODE_USR, user_cntfrq_w);
		run_in_mode("cntkctl", MODE_USR, user_cntkctl);
		state_init(&s, MODE_USR, user_cntvct_t);
		s.psr |= PSR_T;
		enter(&s);
		state_print("cntvct, thumb", &s, user_cntvct_t, 0);
	}
	mcr(0, 0, c14, c1, 0);
	mcr(0, 0, c14, c3, 1);
}

void test(void)
{
	u32 i;

	GICD(0) = 1;
	for (i = 0; i < 8; i++)
		GICD(0x400 + 4 * i) = 0xa0a0a0a0;
	GICD(0x100) = 0xffff;
	GICC(4) = 0xf0;
	GICC(0) = 1;
	GICD(0xf00) = 0;
	sgis();
	for (i = 0; i < ARRAY_SIZE(timers); i++)
		one_timer(&timers[i]);
	user_access();
}
