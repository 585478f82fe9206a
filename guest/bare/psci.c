// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: PSCI by HVC and what comes near it: versions and features, states, wrong
 * arguments, CPU_ON and CPU_OFF of a second CPU if there is one (-smp 2), suspend.
 * Values that a version or an implementation may choose are printed as what they allow.
 */
#include "lib/bare.h"

#define PSCI(n)			(0x84000000u | (n))
#define PSCI_VERSION		PSCI(0)
#define PSCI_CPU_SUSPEND	PSCI(1)
#define PSCI_CPU_OFF		PSCI(2)
#define PSCI_CPU_ON		PSCI(3)
#define PSCI_AFFINITY_INFO	PSCI(4)
#define PSCI_MIGRATE_INFO_TYPE	PSCI(6)
#define PSCI_FEATURES		PSCI(10)


static u32 psci(u32 fn, u32 a, u32 b, u32 c)
{
	register u32 r0 asm("r0") = fn;
	register u32 r1 asm("r1") = a;
	register u32 r2 asm("r2") = b;
	register u32 r3 asm("r3") = c;

	asm volatile(".arch_extension virt\n hvc #0"
		     : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3) : : "memory", "cc");
	return r0;
}

static void call(const char *name, u32 fn, u32 a, u32 b, u32 c)
{
	print(name);
	putch(' ');
	print_hex(psci(fn, a, b, c));
	newline();
}

static volatile u32 seen[6];
static u32 stack2[256] __attribute__((aligned(8), used));

void second_c(u32 context)
{
	u32 psr;

	asm volatile("mrs %0, cpsr" : "=r" (psr));
	seen[1] = context;
	seen[2] = psr;
	seen[3] = get_sctlr() & (SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_A | SCTLR_V | SCTLR_EE | SCTLR_TE);
	seen[4] = mrc(0, c0, c0, 5) & 0xffffff;
	dsb();
	seen[0]++;
	dsb();
	psci(PSCI_CPU_OFF, 0, 0, 0);
	seen[5] = 1;
	for (;;)
		;
}

ARM_CODE(second, "ldr sp, =stack2 + 1024\n b second_c");

static void second_cpu(u32 id)
{
	u32 round, ret;

	if (psci(PSCI_AFFINITY_INFO, id, 0, 0) != 1) {
		print("one CPU\n");
		return;
	}
	for (round = 1; round <= 3; round++) {
		ret = psci(PSCI_CPU_ON, id, (u32)second, 0xc0ffee00 + round);
		print_hex(ret);
		while (seen[0] != round)
			;
		print_hex(seen[1]);
		print_hex(seen[2] & 0x1ff);
		print_hex(seen[3]);
		print_hex(seen[4]);
		print_hex(seen[5]);
		while (psci(PSCI_AFFINITY_INFO, id, 0, 0) != 1)
			;
		newline();
	}
}

ARM_CODE(hvc_in_mode, ".arch_extension virt\n hvc #0\n svc #0");
ARM_CODE(hvc_cond, ".arch_extension virt\n cmp r1, r1\n .inst 0x11400070\n svc #0");

void test(void)
{
	static const u32 modes[] = { MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS };
	struct state before, s;
	u32 i, v, me = mrc(0, c0, c0, 5) & 0xffffff;

	v = psci(PSCI_VERSION, 0, 0, 0);
	print(v >> 16 == 1 || v == 2 ? "version\n" : "no version\n");
	print_hex(me);
	newline();
	call("affinity_info, self", PSCI_AFFINITY_INFO, me, 0, 0);
	call("affinity_info, nobody", PSCI_AFFINITY_INFO, 0xffff00, 0, 0);
	call("affinity_info, nobody", PSCI_AFFINITY_INFO, me + 7, 0, 0);
	call("cpu_on, self", PSCI_CPU_ON, me, (u32)second, 0);
	call("cpu_on, nobody", PSCI_CPU_ON, 0xffff00, (u32)second, 0);
	call("cpu_on, nobody", PSCI_CPU_ON, me + 7, (u32)second, 0);
	call("migrate_info_type", PSCI_MIGRATE_INFO_TYPE, 0, 0, 0);
	/* present: 0 or flags; absent: NOT_SUPPORTED */
	call("features, version", PSCI_FEATURES, PSCI_VERSION, 0, 0);
	call("features, cpu_on", PSCI_FEATURES, PSCI_CPU_ON, 0, 0);
	call("features, cpu_off", PSCI_FEATURES, PSCI_CPU_OFF, 0, 0);
	call("features, affinity_info", PSCI_FEATURES, PSCI_AFFINITY_INFO, 0, 0);
	call("features, system_off", PSCI_FEATURES, PSCI(8), 0, 0);
	call("features, system_reset", PSCI_FEATURES, PSCI(9), 0, 0);
	call("features, none", PSCI_FEATURES, PSCI(0xff), 0, 0);
	call("features, 64-bit cpu_on", PSCI_FEATURES, 0xc4000003, 0, 0);
	call("no such function", PSCI(0xff), 0, 0, 0);
	call("no such function", 0, 0, 0, 0);
	call("no such function", 0x12345678, 0, 0, 0);
	call("64-bit cpu_on", 0xc4000003, me, (u32)second, 0);

	/* a call leaves all but r0-r3 alone, from any privileged mode */
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		state_init(&before, modes[i], hvc_in_mode);
		before.r[0] = PSCI_AFFINITY_INFO;
		before.r[1] = me;
		before.r[2] = 0;
		before.psr |= 0xa80f0000;
		s = before;
		enter(&s);
		state_print("affinity_info", &s, hvc_in_mode, &before);
	}
	state_init(&before, MODE_SVC, hvc_cond);
	s = before;
	enter(&s);
	state_print("hvcne", &s, hvc_cond, &before);
	second_cpu(me + 1);
}
