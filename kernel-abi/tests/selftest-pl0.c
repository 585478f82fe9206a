// SPDX-License-Identifier: GPL-2.0-only
/*
 * What User mode of the host's core reaches by itself and a guest, all of which runs there, must not: the host's
 * debug registers, its breakpoints and asynchronous aborts, the caller's ThumbEE base register.
 */
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <unistd.h>
#include "selftest.h"

#define GUEST_RAM	0x10000
#define WATCHED		0x8000
#define DEVICE_GPA	0x10000000

#define STR_R2_DEVICE	0xe5862000	/* str r2, [r6]: an exit */
#define LOOP		0xeafffffe

static struct armkvm_run *run;

/* A vCPU with @n words of code in a privileged mode, MMU off, r6 at a device. */
static int guest(const uint32_t *code, unsigned int n)
{
	struct armkvm_vcpu_init init = { .target = ARMKVM_ARM_TARGET_HOST };
	int sys = open_system(), vm, vcpu;
	uint32_t *mem = ram(GUEST_RAM);

	if (!(capability(sys, ARMKVM_CAP_MODES) & 1L << ARMKVM_MODE_SHADOW))
		test_skipped("the module offers no guest mode here");
	vm = create_vm(sys);
	memcpy(mem, code, n * sizeof(*code));
	OK(set_region(vm, 0, 0, 0, GUEST_RAM, addr_of(mem)));
	vcpu = create_vcpu(vm, 0);
	OK(ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init));
	OK(set_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(6), DEVICE_GPA));
	run = map_run(sys, vcpu);
	return vcpu;
}

/* What the guest's next store brings. */
static uint32_t next_word(int vcpu)
{
	uint32_t word;

	OK(ioctl(vcpu, ARMKVM_RUN, 0));
	CHECK(run->exit_reason == ARMKVM_EXIT_MMIO && run->mmio.is_write && run->mmio.len == 4,
	      "exit %u instead of a store", run->exit_reason);
	memcpy(&word, run->mmio.data, sizeof(word));
	return word;
}

/* ID_DFR0 says that there is no debug logic: limitations.rst. */
static void debug_registers(void)
{
	static const uint32_t code[] = {
		0xee102e10, STR_R2_DEVICE,	/* mrc p14, 0, r2, c0, c0, 0: DBGDIDR */
		0xee102e11, STR_R2_DEVICE,	/* c0, c1, 0: DBGDSCRint */
		0xee102e15, STR_R2_DEVICE,	/* c0, c5, 0: DBGDTRRXint */
		0xee112e10, STR_R2_DEVICE,	/* c1, c0, 0: DBGDRAR */
		0xee122e10, STR_R2_DEVICE,	/* c2, c0, 0: DBGDSAR */
		LOOP,
	};
	int vcpu = guest(code, ARRAY_SIZE(code));
	unsigned int i;

	for (i = 0; i < 5; i++) {
		uint32_t word = next_word(vcpu);

		CHECK(!word, "%08x gives the guest's kernel %#x", code[2 * i], word);
	}
}

/* A debugger's watchpoint is on the launcher's address, not on the guest's of that number. */
static void watchpoint(void)
{
	static const uint32_t code[] = {
		0xe3a01902,			/* mov r1, #0x8000 */
		0xe2822001,			/* 1: add r2, r2, #1 */
		0xe5812000,			/* str r2, [r1] */
		STR_R2_DEVICE,
		0xeafffffb,			/* b 1b */
	};
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT, .size = sizeof(attr), .bp_type = HW_BREAKPOINT_W,
		.bp_addr = WATCHED, .bp_len = HW_BREAKPOINT_LEN_4, .sample_period = 1, .exclude_kernel = 1,
	};
	int vcpu = guest(code, ARRAY_SIZE(code)), event;
	uint64_t hits = ~0ULL;
	unsigned int i;

	event = syscall(__NR_perf_event_open, &attr, 0, -1, -1, 0);
	if (event < 0)
		test_skipped("the host has no watchpoints");
	for (i = 1; i < 20; i++)
		CHECK(next_word(vcpu) == i, "the guest stands still");
	CHECK(read(event, &hits, sizeof(hits)) == sizeof(hits), "no count");
	CHECK(!hits, "%llu hits", (unsigned long long)hits);
}

/*
 * CPSR.A is set while User mode's code runs, so an asynchronous abort of the host's waits for the host: after an
 * entry, and after an exception and a return that the module may answer in the vector.
 */
static void asynchronous_aborts(void)
{
	static const uint32_t code[] = {
		0xea000006,			/* b start */
		LOOP,
		0xe1b0f00e,			/* SVC: movs pc, lr */
		LOOP, LOOP, LOOP, LOOP, LOOP,
		0xf1020010,			/* start: cps #0x10 */
		0xe10f2000, STR_R2_DEVICE,	/* 1: mrs r2, cpsr */
		0xef000000,			/* svc #0 */
		0xe10f2000, STR_R2_DEVICE,
		0xeafffff9,			/* b 1b */
	};
	int vcpu = guest(code, ARRAY_SIZE(code));
	unsigned int i;

	for (i = 0; i < 20; i++) {
		uint32_t psr = next_word(vcpu);

		CHECK((psr & 0x1f) == 0x10 && (psr & 0x100), "store %u: CPSR is %#x", i, psr);
	}
}

/* Cortex-A57 and A72: 1742098, 1655431 */
static void broken_aes(void)
{
	static const uint32_t code[] = { LOOP };
	int vcpu = guest(code, ARRAY_SIZE(code));
	char line[128];
	uint64_t isar5;
	int part = 0;
	FILE *f;

	f = fopen("/proc/cpuinfo", "r");
	CHECK(f, "no /proc/cpuinfo");
	while (!part && fgets(line, sizeof(line), f))
		sscanf(line, "CPU part : %i", &part);
	fclose(f);
	if (part != 0xd07 && part != 0xd08)
		test_skipped("not a Cortex-A57 or A72");
	OK(get_reg(vcpu, ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | 15 << 16 | 2 << 7 | 5, &isar5));
	CHECK(!(isar5 >> 4 & 0xf), "ID_ISAR5 is %#x", (uint32_t)isar5);
}

#ifndef __aarch64__

#define HWCAP_THUMBEE	(1 << 11)

static uint32_t read_teehbr(void)
{
	uint32_t val;

	asm volatile("mrc p14, 6, %0, c1, c0, 0" : "=r" (val));
	return val;
}

static void write_teehbr(uint32_t val)
{
	asm volatile("mcr p14, 6, %0, c1, c0, 0" : : "r" (val));
}

static void thumbee_base(void)
{
	static const uint32_t code[] = {
		0xeed12e10,			/* 1: mrc p14, 6, r2, c1, c0, 0: TEEHBR */
		STR_R2_DEVICE,
		0xe2822b01,			/* add r2, r2, #1024 */
		0xeec12e10,			/* mcr TEEHBR, r2 */
		0xeafffffa,			/* b 1b */
	};
	uint32_t i, word;
	int vcpu;

	if (!(getauxval(AT_HWCAP) & HWCAP_THUMBEE))
		test_skipped("no ThumbEE on this host");
	vcpu = guest(code, ARRAY_SIZE(code));
	for (i = 0; i < 20; i++) {
		write_teehbr(0xcafe0000 + 4 * i);
		word = next_word(vcpu);
		CHECK(word == 1024 * i, "round %u: the guest's is %#x", i, word);
		CHECK(read_teehbr() == 0xcafe0000 + 4 * i, "round %u: the caller's is %#x", i, read_teehbr());
	}
}

#endif

const struct test pl0_tests[] = {
	{ "debug registers are none", debug_registers },
	{ "a watchpoint of the host's", watchpoint },
	{ "asynchronous aborts are the host's", asynchronous_aborts },
	{ "AES that an erratum spoils", broken_aes },
#ifndef __aarch64__
	{ "the base register of ThumbEE", thumbee_base },
#endif
	{ }
};
