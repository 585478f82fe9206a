// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: the page that a vCPU shares with armkvm (ARMKVM_HC_VCPU_PAGE).  Masking by
 * a store, the PSR that traps show, interrupts that wait, SPSR, User mode's stores,
 * thread registers beside it.  The guest judges for itself: a case line each.
 */
#include "lib/hypercall.h"

#define GICD(r)	(*(volatile u32 *)(0x08000000 + (r)))
#define GICC(r)	(*(volatile u32 *)(0x08010000 + (r)))

#define RAM_END		0x50000000u	/* of 256 MiB */
#define UART		0x09000000u
#define VTIMER		27
#define MASKS		(PSR_A | PSR_I | PSR_F)

static volatile struct armkvm_para_vcpu page[2] __attribute__((aligned(256)));

static u32 cpsr(void)
{
	u32 v;

	asm volatile("mrs %0, cpsr" : "=r" (v) : : "memory");
	return v;
}

static u32 set_page(u32 gpa, u32 high)
{
	struct call c;

	return CALL(&c, ARMKVM_HC_VCPU_PAGE, gpa, high);
}

static void registration(void)
{
	check("an address that is not aligned", set_page((u32)page + 64, 0), ARMKVM_HC_INVALID);
	check("a device", set_page(UART, 0), ARMKVM_HC_BAD_ADDRESS);
	check("above RAM", set_page(RAM_END, 0), ARMKVM_HC_BAD_ADDRESS);
	check("above 4 GiB", set_page((u32)page, 1), ARMKVM_HC_BAD_ADDRESS);
	check("nothing written by these", page[0].version, 0);
	page[0].reserved[58] = 0x5a5a5a5a;
	check("registered", set_page((u32)page, 0), ARMKVM_HC_SUCCESS);
	check("version", page[0].version, 1);
	check("the rest is cleared", page[0].reserved[58], 0);
	check("the mode and the masks are there", page[0].vpsr, cpsr() & (MASKS | 0x1f));
	check("a bad address keeps the old one", set_page(UART, 0), ARMKVM_HC_BAD_ADDRESS);
	asm volatile("cpsid f" : : : "memory");
	check("which is still served", page[0].vpsr & PSR_F, PSR_F);
	check("another one", set_page((u32)&page[1], 0), ARMKVM_HC_SUCCESS);
	asm volatile("cpsie f" : : : "memory");
	check("the old one rests", page[0].vpsr & PSR_F, PSR_F);
	check("the new one is served", page[1].vpsr & PSR_F, 0);
	check("none", set_page(~0u, ~0u), ARMKVM_HC_SUCCESS);
	asm volatile("cpsid f" : : : "memory");
	check("none is served", page[1].vpsr & PSR_F, 0);
	check("CPSR without a page", cpsr() & PSR_F, PSR_F);
	check("and again", set_page((u32)page, 0), ARMKVM_HC_SUCCESS);
}

static void masks(void)
{
	u32 i, bits;

	for (i = 0; i < 8; i++) {
		bits = i << 6;
		page[0].vpsr = (page[0].vpsr & ~MASKS) | bits;
		check("MRS sees what was stored", cpsr() & MASKS, bits);
		check("and the mode", cpsr() & 0x1f, MODE_SVC);
	}
	/* all are set now */
	asm volatile("cpsie if" : : : "memory");
	check("CPSIE reaches the page", page[0].vpsr & MASKS, PSR_A);
	page[0].vpsr |= PSR_I;
	asm volatile("cpsid f" : : : "memory");
	check("CPSID keeps what was stored", page[0].vpsr & MASKS, MASKS);
	page[0].vpsr &= ~PSR_F;
	asm volatile("msr cpsr_f, %0" : : "r" (0xf0000000) : "memory", "cc");
	check("MSR of the flags keeps it, too", cpsr() & (MASKS | PSR_NZCV), PSR_A | PSR_I | PSR_NZCV);
	asm volatile("msr cpsr_c, %0" : : "r" (MODE_SVC | MASKS) : "memory");
	check("MSR of the control byte", page[0].vpsr & MASKS, MASKS);
	/* what the guest can't change by a store */
	page[0].vpsr = MASKS | MODE_USR;
	check("a mode stored is ignored", cpsr() & 0x1f, MODE_SVC);
	page[0].vpsr = ~0u;
	check("and so is all else", cpsr() & 0x010f0e3f, MODE_SVC);
	page[0].vpsr = MASKS | MODE_SVC;
}

static void sgi(u32 n)
{
	GICD(0xf00) = 2 << 24 | n;
	dsb();
}

static u32 take_irq(const struct state *s, const char *what, const u32 *code, u32 r5)
{
	u32 iar;

	check(what, s->vector, VEC_IRQ);
	check("with what was executed before it", s->r[5], r5);
	check("inside the code", s->pc - (u32)code < 64, 1);
	check("the masks of the exception", s->cpsr & MASKS, PSR_A | PSR_I | (s->psr & PSR_F));
	iar = GICC(0xc);
	GICC(0x10) = iar;
	return iar;
}

/* r10: the page.  Unmasked by a store; what waits is taken at the next trap. */
ARM_CODE(by_store, "mov r5, #5\n ldr r4, [r10, #4]\n bic r4, r4, #0x80\n str r4, [r10, #4]\n"
	 "ldr r6, [r10, #8]\n cmp r6, #0\n moveq r5, #9\n cpsie i\n mov r5, #6\n svc #0");
/* Masked by a store, and not interrupted by what comes then. */
ARM_CODE(masked_by_store, "mov r5, #5\n ldr r4, [r10, #4]\n orr r4, r4, #0x80\n str r4, [r10, #4]\n"
	 "ldr r2, =0x08000f00\n ldr r3, =0x02000007\n str r3, [r2]\n dsb\n mov r6, #0x1000\n"
	 "1: subs r6, r6, #1\n bne 1b\n mov r5, #6\n svc #0");
/* Unmasked by a store before anything waits: interrupted where it stands. */
ARM_CODE(unmasked_spin, "mov r5, #5\n ldr r4, [r10, #4]\n bic r4, r4, #0x80\n str r4, [r10, #4]\n"
	 "ldr r2, =0x08000f00\n ldr r3, =0x02000008\n str r3, [r2]\n 1: b 1b");
/* SPSR by load and store, and a return with it, to System mode with F set. */
ARM_CODE(spsr_store, "ldr r4, =0x2000005f\n str r4, [r10, #16]\n mrs r5, spsr\n adr lr, 1f\n movs pc, lr\n"
	 "nop\n 1: ldr r6, [r10, #4]\n svc #0");
ARM_CODE(spsr_msr, "ldr r4, =0x600000d3\n msr spsr_cxsf, r4\n ldr r5, [r10, #16]\n cps #0x17\n"
	 "ldr r6, [r10, #16]\n mrs r7, spsr\n cps #0x1b\n mrs r8, spsr\n ldr r9, [r10, #16]\n svc #0");
ARM_CODE(user_store, "mov r4, #0x1c0\n str r4, [r10, #4]\n str r4, [r10, #16]\n str r4, [r10, #8]\n svc #0");
ARM_CODE(user_threads, "mrc p15, 0, r4, c13, c0, 2\n mvn r5, r4\n mcr p15, 0, r5, c13, c0, 2\n svc #0");
/* Nested: an SVC within the handler of another mode's exception, with the page's masks. */
ARM_CODE(nested, "ldr r4, [r10, #4]\n bic r4, r4, #0x40\n str r4, [r10, #4]\n svc #0");

static void run(struct state *s, u32 psr, const u32 *code)
{
	state_init(s, psr & 0x1f, code);
	s->psr = psr;
	s->r[10] = (u32)page;
	enter(s);
}

static void interrupts(void)
{
	static const u32 modes[] = { MODE_SVC, MODE_ABT, MODE_UND, MODE_IRQ, MODE_SYS, MODE_FIQ };
	struct state s;
	u32 i;

	GICC(4) = 0xff;
	GICC(0) = 1;
	GICD(0) = 1;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		if (modes[i] == MODE_FIQ)
			continue;		/* has an r10 of its own */
		sgi(3);
		run(&s, modes[i] | MASKS, by_store);
		check("an interrupt that waited", take_irq(&s, "is taken when the guest looks", by_store, 5), 3);
		check("under the SPSR that was stored", s.psr & (MASKS | 0x1f), PSR_A | PSR_F | modes[i]);
		run(&s, modes[i] | MASKS, by_store);
		check("nothing waits: no trap is needed", s.r[5], 6);
		check("pending said so", s.r[6], 0);

		run(&s, modes[i] | PSR_A | PSR_F, masked_by_store);
		check("a store masks", s.vector, VEC_SVC);
		check("to the end", s.r[5], 6);
		check("SPSR has it", s.psr & MASKS, MASKS);
		check("it waits still", GICC(0xc), 7);
		GICC(0x10) = 7;

		run(&s, modes[i] | MASKS, unmasked_spin);
		check("a store unmasks", take_irq(&s, "for what comes later", unmasked_spin, 5), 8);
	}
}

/* Takes eoi away, as one access; returns what it was. */
static u32 take_eoi(void)
{
	u32 old, fail;

	do {
		asm volatile("ldrex %0, [%2]\n strex %1, %3, [%2]"
			     : "=&r" (old), "=&r" (fail) : "r" (&page[0].eoi), "r" (0) : "memory");
	} while (fail);
	return old;
}

static void ends(void)
{
	u32 i;

	if (GICC(0xfc) != 0x0002043b) {
		print("the GIC is not the module's\n");
		return;
	}
	asm volatile("cpsid aif" : : : "memory");
	/* What is printed leaves the module, which takes the offer back: first all, then the verdicts. */
	for (i = 0; i < 3; i++) {
		u32 v[18], n = 0;

		v[n++] = take_eoi();
		sgi(4);
		v[n++] = GICC(0xc);
		v[n++] = GICC(0x14);
		v[n++] = take_eoi();
		v[n++] = GICC(0x14);
		v[n++] = GICC(0xc);
		v[n++] = take_eoi();
		/* the register does as well */
		sgi(5);
		v[n++] = GICC(0xc);
		GICC(0x10) = 5;
		v[n++] = GICC(0x14);
		take_eoi();
		v[n++] = GICC(0x14);
		/* one that comes meanwhile */
		sgi(6);
		v[n++] = GICC(0xc);
		sgi(7);
		v[n++] = take_eoi();
		v[n++] = GICC(0x14);
		GICC(0x10) = 6;
		v[n++] = GICC(0xc);
		v[n++] = take_eoi();
		/* two that wait at once */
		GICD(0xf00) = 2 << 24 | 8;
		GICD(0xf00) = 2 << 24 | 9;
		v[n++] = GICC(0xc);
		v[n++] = take_eoi();
		GICC(0x10) = 8;
		v[n++] = GICC(0xc);

		check("has one", take_eoi(), 1);
		n = 0;
		check("no end is on offer", v[n++], 0);
		check("acknowledged", v[n++], 4);
		check("running", v[n++], 0);
		check("its end may be a store", v[n++], 1);
		check("which is the end", v[n++], 0xff);
		check("nothing waits", v[n++], 1023);
		check("and nothing is to be ended", v[n++], 0);
		check("another one", v[n++], 5);
		check("ended by the register", v[n++], 0xff);
		check("once", v[n++], 0xff);
		check("a third one", v[n++], 6);
		check("one that waits takes the offer back", v[n++], 0);
		check("so it is not ended", v[n++], 0);
		check("the one that waited", v[n++], 7);
		check("is ended by a store", v[n++], 1);
		check("the first of two", v[n++], 8);
		check("has no store", v[n++], 0);
		check("the second", v[n++], 9);

		sgi(10);
		v[0] = GICC(0xc);
		check("acknowledged before the module is left", v[0], 10);
		check("and after that it is not on offer", take_eoi(), 0);
		check("but runs", GICC(0x14), 0);
		GICC(0x10) = 10;
		check("until the register ends it", GICC(0x14), 0xff);
	}
}

/* The virtual timer's line stays up when its interrupt ends: it waits again at once. */
static void level(void)
{
	struct call c;
	u32 tries = 1000000, iar, quiet, ended, running, waiting;

	if (GICC(0xfc) != 0x0002043b)
		return;
	GICD(0x100) = 1 << VTIMER;
	asm volatile("mcr p15, 0, %0, c14, c3, 0\n mcr p15, 0, %1, c14, c3, 1\n isb" : : "r" (0), "r" (1));
	do
		iar = GICC(0xc);
	while (iar != VTIMER && --tries);
	/* Nothing waits now, says an entry of the guest. */
	CALL(&c, ARMKVM_HC_FEATURES);
	quiet = page[0].pending;
	ended = take_eoi();
	running = GICC(0x14);
	waiting = page[0].pending;
	asm volatile("mcr p15, 0, %0, c14, c3, 1\n isb" : : "r" (0));
	GICD(0x180) = 1 << VTIMER;
	check("a level interrupt", iar, VTIMER);
	check("behind which nothing waits", quiet, 0);
	check("is ended by a store", ended, 1);
	check("and by that alone", running, 0xff);
	check("its line is up: it waits again, which the page says", waiting, 1);
}

static void spsr(void)
{
	static const u32 modes[] = { MODE_SVC, MODE_ABT, MODE_IRQ };
	struct state s;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		run(&s, modes[i] | MASKS, spsr_store);
		check("SPSR as it was stored", s.r[5], 0x2000005f);
		check("a return with it", s.vector, VEC_SVC);
		check("to its mode, with its masks", s.psr & 0xf00001df, 0x2000005f);
		check("which the page shows", s.r[6], 0x5f);
	}
	run(&s, MODE_SVC | MASKS, spsr_msr);
	check("MSR reaches the page", s.r[5], 0x600000d3);
	check("another mode's SPSR is there after a change of mode", s.r[6], s.r[7]);
	check("and again", s.r[9], s.r[8]);
	run(&s, MODE_IRQ | MASKS, nested);
	check("an exception takes the masks that were stored", s.psr & (MASKS | 0x1f),
	      PSR_A | PSR_I | MODE_IRQ);
	check("and keeps F as it was stored", s.cpsr & PSR_F, 0);
}

static void user_mode(void)
{
	struct state s;

	run(&s, MODE_USR, user_store);
	check("User mode's stores mask nothing", s.psr & (MASKS | 0x1f), MODE_USR);
	check("and are no exception's masks", s.cpsr & (MASKS | 0x1f), PSR_I | MODE_SVC);
	run(&s, MODE_USR | PSR_F, user_store);
	check("unmask nothing", s.psr & (MASKS | 0x1f), PSR_F | MODE_USR);
}

static void thread_registers(void)
{
	struct state s;
	u32 i;

	for (i = 0; i < 3; i++) {
		mcr(0x11110000 + i, 0, c13, c0, 2);
		mcr(0x22220000 + i, 0, c13, c0, 3);
		mcr(0x33330000 + i, 0, c13, c0, 4);
		check("TPIDRURW", mrc(0, c13, c0, 2), 0x11110000 + i);
		check("TPIDRURO", mrc(0, c13, c0, 3), 0x22220000 + i);
		check("TPIDRPRW", mrc(0, c13, c0, 4), 0x33330000 + i);
		run(&s, MODE_USR, user_threads);
		check("User mode has its own", s.r[4], 0x11110000 + i);
		check("to write", s.r[5], ~(0x11110000 + i));
	}
}

void test(void)
{
	struct call c;

	if (!dtb_has(ARMKVM_PARA_DT_COMPATIBLE)) {
		print("no armkvm in the device tree\n");
		return;
	}
	if (!(CALL(&c, ARMKVM_HC_FEATURES) & 1 << ARMKVM_PV_VCPU_PAGE)) {
		print("FAIL the vCPU page is not on offer\n");
		return;
	}
	registration();
	masks();
	interrupts();
	ends();
	level();
	spsr();
	user_mode();
	thread_registers();
	set_page(~0u, ~0u);
}
