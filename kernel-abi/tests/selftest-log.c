// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest writes is in the dirty log, whoever carries the write out: the core, the engine in its
 * place, or a call of the guest's. Each is executed, its pages are taken from the log, and executed
 * again: a write that the log only knew from an earlier one is missing then.
 *
 * The guests are a few ARM instructions with the MMU off. Slot 0 has them, slot 1 is logged.
 */
#include <stdlib.h>
#include <string.h>
#include <asm/armkvm_para.h>
#include "selftest.h"

#define CODE_RAM	0x10000
#define TABLE		0x8000		/* in it, for PT_UPDATE */
#define LOGGED_GPA	0x100000
#define PAGES		64
#define DEVICE_GPA	0x10000000	/* r6; a store there ends a round */
#define STR_R0_DEVICE	0xe5860000
#define HVC		0xe1400070
#define MAX_CODE	12

static uint32_t at(unsigned int page)
{
	return LOGGED_GPA + page * 4096;
}

struct writer {
	const char *name;
	uint32_t code[MAX_CODE];	/* ended by 0, or full */
	uint32_t reg[6];		/* r0 to r5, at its start */
	uint64_t pages;			/* that it writes */
	uint32_t beside[6];		/* code of page 8 */
};

/* r0 is what is written, r1 where, in the guest's code. */
static const struct writer core_writers[] = {
	{
		.name = "str",
		.code = { 0xe5810000 },
		.reg = { 1, LOGGED_GPA + 0x1000 },
		.pages = 1 << 1,
	}, {
		.name = "strb",
		.code = { 0xe5c10000 },
		.reg = { 1, LOGGED_GPA + 0x1fff },
		.pages = 1 << 1,
	}, {
		.name = "strd",
		.code = { 0xe1c100f0 },
		.reg = { 1, LOGGED_GPA + 0x2ff8 },
		.pages = 1 << 2,
	}, {
		.name = "stm over a page's end",
		.code = { 0xe881001d },		/* r0, r2, r3, r4 */
		.reg = { 1, LOGGED_GPA + 0x2ff8 },
		.pages = 1 << 2 | 1 << 3,
	}, {
		.name = "vstr",
		.code = {
			0xee115f50,		/* mrc p15, 0, r5, c1, c0, 2 */
			0xe385560f,		/* orr r5, r5, #0xf00000 */
			0xee015f50,		/* mcr p15, 0, r5, c1, c0, 2 */
			0xf57ff06f,		/* isb */
			0xe3a05101,		/* mov r5, #0x40000000 */
			0xeee85a10,		/* vmsr fpexc, r5 */
			0xed810b00,		/* vstr d0, [r1] */
		},
		.reg = { 1, LOGGED_GPA + 0x4000 },
		.pages = 1 << 4,
	}, {
		.name = "strex",
		.code = { 0xe1912f9f, 0xe1813f90 },
		.reg = { 1, LOGGED_GPA + 0x5000 },
		.pages = 1 << 5,
	}, {
		.name = "strexd",
		.code = { 0xe1b12f9f, 0xe1a14f92 },
		.reg = { 1, LOGGED_GPA + 0x5000 },
		.pages = 1 << 5,
	},
};

/* What no core may do at PL0, or not there: the engine does it. */
static const struct writer engine_writers[] = {
	{
		.name = "swp",
		.code = {
			0xee115f10,		/* mrc p15, 0, r5, c1, c0, 0 */
			0xe3855b01,		/* orr r5, r5, #1 << 10: SW */
			0xee015f10,		/* mcr p15, 0, r5, c1, c0, 0 */
			0xf57ff06f,		/* isb */
			0xe1012090,		/* swp r2, r0, [r1] */
		},
		.reg = { 1, LOGGED_GPA + 0x6000 },
		.pages = 1 << 6,
	}, {
		.name = "srs",
		.code = {
			0xe1a0d001,		/* mov sp, r1 */
			0xf96d0513,		/* srsdb sp!, #19 */
		},
		.reg = { 1, LOGGED_GPA + 0x8000 },
		.pages = 1 << 7,
	}, {
		/* the last two of r0, r2, r3, r4 are a device's */
		.name = "stm into a device",
		.code = { 0xe881001d },
		.reg = { 1, LOGGED_GPA + PAGES * 4096 - 8 },
		.pages = 1ULL << 63,
	}, {
		.name = "a store beside code",
		.code = { 0xe12fff31 },		/* blx r1 */
		.reg = { 1, LOGGED_GPA + 0x8000 },
		.pages = 1 << 8,
		.beside = {
			0xe10f4000,		/* mrs r4, cpsr: replaced, so the page has a copy */
			0xe5814040,		/* str r4, [r1, #0x40] */
			0xe12fff1e,		/* bx lr */
		},
	}, {
		.name = "an exclusive beside code",
		.code = { 0xe12fff31 },
		.reg = { 1, LOGGED_GPA + 0x8000 },
		.pages = 1 << 8,
		.beside = {
			0xe10f4000,
			0xe1912f9f,		/* again: ldrex r2, [r1] */
			0xe1813f92,		/* strex r3, r2, [r1] */
			0xe3530000,		/* cmp r3, #0 */
			0x1afffffb,		/* bne again */
			0xe12fff1e,
		},
	},
};

static const struct writer call_writers[] = {
	{
		.name = "a string of a device's",
		.code = { HVC },
		.reg = { ARMKVM_HC_MMIO_READS, DEVICE_GPA + 0x1000, 0, 4, LOGGED_GPA + 0x9ffc, 2 },
		.pages = 1 << 9 | 1 << 10,
	}, {
		.name = "steal time, registered",
		.code = { HVC },
		.reg = { ARMKVM_HC_STEAL_TIME, LOGGED_GPA + 0xb000, 0 },
		.pages = 1 << 11,
	}, {
		.name = "tables",
		.code = { HVC },
		.reg = { ARMKVM_HC_PT_UPDATE, TABLE, 2 },
		.pages = 1 << 12 | 1 << 13,
	},
};

struct guest {
	int sys;
	int vm;
	int vcpu;
	struct armkvm_run *run;
};

static struct guest new_guest(const struct writer *w, int calls)
{
	struct armkvm_vcpu_init init = { .target = ARMKVM_ARM_TARGET_HOST };
	struct guest g = { .sys = open_system() };
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_PV };
	struct armkvm_para_pte *pte;
	uint32_t *mem = ram(CODE_RAM);
	unsigned char *logged = ram(PAGES * 4096);
	unsigned int n;

	if (!(capability(g.sys, ARMKVM_CAP_MODES) & 1L << ARMKVM_MODE_SHADOW))
		test_skipped("the module offers no guest mode here");
	g.vm = create_vm(g.sys);
	if (calls) {
		cap.args[0] = capability(g.sys, ARMKVM_CAP_PV);
		OK(ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));
	}
	for (n = 0; n < MAX_CODE && w->code[n]; n++)
		mem[n] = w->code[n];
	mem[n] = STR_R0_DEVICE;
	memcpy(logged + 8 * 4096, w->beside, sizeof(w->beside));
	pte = (struct armkvm_para_pte *)(mem + TABLE / 4);
	for (n = 0; n < 2; n++)
		pte[n] = (struct armkvm_para_pte){ .gpa = at(12 + n), .size = 4, .gva = n << 20 };
	OK(set_region(g.vm, 0, 0, 0, CODE_RAM, addr_of(mem)));
	OK(set_region(g.vm, 1, ARMKVM_MEM_LOG_DIRTY_PAGES, LOGGED_GPA, PAGES * 4096, addr_of(logged)));
	g.vcpu = create_vcpu(g.vm, 0);
	OK(ioctl(g.vcpu, ARMKVM_ARM_VCPU_INIT, &init));
	g.run = map_run(g.sys, g.vcpu);
	return g;
}

/* From its first instruction to the store that ends it; what a device is asked meanwhile is zero. */
static void round_of(struct guest *g, const struct writer *w)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w->reg); i++)
		OK(set_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(i), w->reg[i]));
	OK(set_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(6), DEVICE_GPA));
	OK(set_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(15), 0));
	for (i = 0; i < 16; i++) {
		OK(ioctl(g->vcpu, ARMKVM_RUN, 0));
		if (g->run->exit_reason == ARMKVM_EXIT_MMIO && g->run->mmio.phys_addr == DEVICE_GPA)
			return;
		CHECK(g->run->exit_reason == ARMKVM_EXIT_MMIO ||
		      g->run->exit_reason == ARMKVM_EXIT_MMIO_STRING, "%s: exit %u", w->name,
		      g->run->exit_reason);
	}
	FAILED("%s: it does not end", w->name);
}

/* The store that ended the round is done with, so that the registers may be set. */
static void settle(struct guest *g)
{
	g->run->immediate_exit = 1;
	ERR(EINTR, ioctl(g->vcpu, ARMKVM_RUN, 0));
	g->run->immediate_exit = 0;
}

static uint64_t take_log(struct guest *g)
{
	uint64_t bits = 0;
	struct armkvm_dirty_log log = { .slot = 1, .dirty_bitmap = addr_of(&bits) };

	OK(ioctl(g->vm, ARMKVM_GET_DIRTY_LOG, &log));
	return bits;
}

static void expect_log(struct guest *g, const struct writer *w, const char *when, uint64_t pages)
{
	uint64_t got = take_log(g);

	CHECK(got == pages, "%s: pages %#llx are logged %s, not %#llx", w->name, (unsigned long long)got,
	      when, (unsigned long long)pages);
}

static void check_writers(const struct writer *w, unsigned int n, int calls)
{
	for (; n--; w++) {
		struct guest g = new_guest(w, calls);

		round_of(&g, w);
		settle(&g);
		expect_log(&g, w, "at first", w->pages);
		expect_log(&g, w, "with nothing written", 0);
		round_of(&g, w);
		settle(&g);
		expect_log(&g, w, "the second time", w->pages);
	}
}

static void by_core(void)
{
	check_writers(core_writers, ARRAY_SIZE(core_writers), 0);
}

static void by_engine(void)
{
	check_writers(engine_writers, ARRAY_SIZE(engine_writers), 0);
}

static void by_calls(void)
{
	check_writers(call_writers, ARRAY_SIZE(call_writers), 1);
}

/* Both sides write it at any time: it is in the log whenever the log is asked for. */
static void shared_page(void)
{
	static const struct writer w = {
		.name = "the page shared with a vCPU",
		.code = { HVC },
		.reg = { ARMKVM_HC_VCPU_PAGE, LOGGED_GPA + 0xe100, 0 },
		.pages = 1 << 14,
	};
	struct armkvm_enable_cap manual = { .cap = ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 1 } };
	struct armkvm_clear_dirty_log clear = { .slot = 1, .num_pages = 64 };
	struct guest g = new_guest(&w, 1);
	uint64_t all = ~0ULL;

	round_of(&g, &w);
	settle(&g);
	expect_log(&g, &w, "at first", w.pages);
	expect_log(&g, &w, "at once", w.pages);
	/* a launcher that clears by itself */
	OK(ioctl(g.vm, ARMKVM_ENABLE_CAP, &manual));
	clear.dirty_bitmap = addr_of(&all);
	OK(ioctl(g.vm, ARMKVM_CLEAR_DIRTY_LOG, &clear));
	expect_log(&g, &w, "after clearing it", w.pages);
	/* and given up by the guest: once more, and then no longer */
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(0), ARMKVM_HC_VCPU_PAGE));
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(1), ~0U));
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(2), ~0U));
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(15), 0));
	OK(ioctl(g.vcpu, ARMKVM_RUN, 0));
	settle(&g);
	OK(ioctl(g.vm, ARMKVM_CLEAR_DIRTY_LOG, &clear));
	expect_log(&g, &w, "when it is shared no more", 0);
}

const struct test log_tests[] = {
	{ "by-core", by_core },
	{ "by-engine", by_engine },
	{ "by-calls", by_calls },
	{ "shared-page", shared_page },
	{ NULL, NULL }
};
