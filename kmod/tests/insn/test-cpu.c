// SPDX-License-Identifier: GPL-2.0-only
/* Modes, banks, PSR writes, exception entry and return. */
#include "test.h"

#include "cpu.h"

static const u32 modes[] = {
	CPU_MODE_USR, CPU_MODE_FIQ, CPU_MODE_IRQ, CPU_MODE_SVC, CPU_MODE_ABT, CPU_MODE_UND,
	CPU_MODE_SYS,
};

/* What register @n of @mode holds in a CPU that fill() made: unique a physical register. */
static u32 mark(u32 mode, unsigned int n)
{
	enum cpu_bank bank = cpu_mode_bank(mode);

	if (n < 8)
		return 0x1000 + n;
	if (n < 13)
		return (bank == CPU_BANK_FIQ ? 0x3000 : 0x2000) + n;
	return 0x4000 + bank * 0x100 + n;
}

static void fill(struct armkvm_cpu *cpu, u32 mode)
{
	memset(cpu, 0, sizeof(*cpu));
	cpu->cpsr = mode;
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		for (unsigned int n = 0; n < 15; n++)
			*cpu_banked_reg(cpu, modes[i], n) = mark(modes[i], n);
		cpu->spsr[cpu_mode_bank(modes[i])] = 0x5000 + modes[i];
	}
}

static void expect_filled(struct armkvm_cpu *cpu, const char *when)
{
	u32 mode = cpu->cpsr & CPU_PSR_MODE;

	for (unsigned int n = 0; n < 15; n++)
		CHECK(cpu->r[n] == mark(mode, n), "%s: r%u of mode 0x%x is 0x%x", when, n, mode,
		      cpu->r[n]);
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		for (unsigned int n = 0; n < 15; n++)
			CHECK(*cpu_banked_reg(cpu, modes[i], n) == mark(modes[i], n),
			      "%s: r%u of mode 0x%x seen from 0x%x", when, n, modes[i], mode);
	}
}

static void valid_modes(void)
{
	unsigned int valid = 0;

	for (u32 mode = 0; mode < 32; mode++)
		valid += cpu_mode_valid(mode);
	CHECK_EQ(valid, ARRAY_SIZE(modes), "number of modes");
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++)
		CHECK(cpu_mode_valid(modes[i]), "mode 0x%x is not valid", modes[i]);
	CHECK_EQ(cpu_mode_bank(CPU_MODE_SYS), CPU_BANK_USR, "bank of System mode");
}

static void banking(void)
{
	struct armkvm_cpu cpu;

	for (unsigned int from = 0; from < ARRAY_SIZE(modes); from++) {
		for (unsigned int to = 0; to < ARRAY_SIZE(modes); to++) {
			fill(&cpu, modes[from]);
			expect_filled(&cpu, "filled");
			cpu_switch_mode(&cpu, modes[to]);
			CHECK_EQ(cpu.cpsr, modes[to], "CPSR");
			expect_filled(&cpu, "switched");
			cpu_switch_mode(&cpu, modes[from]);
			expect_filled(&cpu, "switched back");
		}
	}
}

static void write_cpsr(void)
{
	struct armkvm_cpu cpu;

	for (unsigned int mask = 0; mask < 16; mask++) {
		u32 want = CPU_MODE_SVC;

		fill(&cpu, CPU_MODE_SVC);
		CHECK(cpu_write_cpsr(&cpu, 0xffffffe0 | CPU_MODE_IRQ, mask), "mask %u refused", mask);
		if (mask & 1)
			want = CPU_MODE_IRQ | CPU_PSR_I | CPU_PSR_F;
		if (mask & 2)
			want |= CPU_PSR_A | CPU_PSR_E;
		if (mask & 4)
			want |= CPU_PSR_GE;
		if (mask & 8)
			want |= CPU_PSR_NZCV | CPU_PSR_Q;
		CHECK_EQ(cpu.cpsr, want, "CPSR");
		expect_filled(&cpu, "written");

		/* and back: the same bits are cleared, no others */
		CHECK(cpu_write_cpsr(&cpu, CPU_MODE_SVC, mask), "mask %u refused", mask);
		CHECK_EQ(cpu.cpsr, CPU_MODE_SVC, "CPSR");
	}

	/* User mode writes flags, GE and E */
	fill(&cpu, CPU_MODE_USR);
	CHECK(cpu_write_cpsr(&cpu, 0xffffffe0 | CPU_MODE_SVC, 15), "refused in User mode");
	CHECK_EQ(cpu.cpsr, CPU_MODE_USR | CPU_PSR_E | CPU_PSR_GE | CPU_PSR_NZCV | CPU_PSR_Q, "CPSR");

	for (u32 mode = 0; mode < 32; mode++) {
		struct armkvm_cpu before;

		if (cpu_mode_valid(mode))
			continue;
		fill(&cpu, CPU_MODE_SVC);
		before = cpu;
		CHECK(!cpu_write_cpsr(&cpu, 0xffffffe0 | mode, 15), "mode 0x%x taken", mode);
		CHECK(!memcmp(&cpu, &before, sizeof(cpu)), "mode 0x%x: something changed", mode);
	}
}

static void exception_return(void)
{
	struct armkvm_cpu cpu, before;

	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		fill(&cpu, CPU_MODE_IRQ);
		CHECK(cpu_exception_return(&cpu, 0x8003, modes[i] | CPU_PSR_NZCV | CPU_PSR_A), "refused");
		CHECK_EQ(cpu.cpsr, modes[i] | CPU_PSR_NZCV | CPU_PSR_A, "CPSR");
		CHECK_EQ(cpu.pc, 0x8000, "pc");
		expect_filled(&cpu, "returned");
	}

	fill(&cpu, CPU_MODE_IRQ);
	CHECK(cpu_exception_return(&cpu, 0x8003, CPU_MODE_USR | CPU_PSR_T | CPU_PSR_IT), "refused");
	CHECK_EQ(cpu.cpsr, CPU_MODE_USR | CPU_PSR_T | CPU_PSR_IT, "CPSR");
	CHECK_EQ(cpu.pc, 0x8002, "pc");

	/* IT bits mean nothing in ARM state, and must not reach the hardware with it */
	fill(&cpu, CPU_MODE_IRQ);
	CHECK(cpu_exception_return(&cpu, 0x8000, CPU_MODE_USR | CPU_PSR_IT | 0x00f00000), "refused");
	CHECK_EQ(cpu.cpsr, CPU_MODE_USR, "CPSR");

	fill(&cpu, CPU_MODE_IRQ);
	before = cpu;
	CHECK(!cpu_exception_return(&cpu, 0x8000, CPU_MODE_USR | CPU_PSR_J), "Jazelle state taken");
	CHECK(!cpu_exception_return(&cpu, 0x8000, 0x1a), "Hyp mode taken");
	CHECK(!cpu_exception_return(&cpu, 0x8000, 0), "mode 0 taken");
	CHECK(!memcmp(&cpu, &before, sizeof(cpu)), "something changed");
}

static void exception_entry(void)
{
	static const struct {
		enum cpu_vector vec;
		u32 mode, masks;
	} cases[] = {
		{ CPU_VEC_RESET, CPU_MODE_SVC, CPU_PSR_A | CPU_PSR_I | CPU_PSR_F },
		{ CPU_VEC_UND, CPU_MODE_UND, CPU_PSR_I },
		{ CPU_VEC_SVC, CPU_MODE_SVC, CPU_PSR_I },
		{ CPU_VEC_PABT, CPU_MODE_ABT, CPU_PSR_A | CPU_PSR_I },
		{ CPU_VEC_DABT, CPU_MODE_ABT, CPU_PSR_A | CPU_PSR_I },
		{ CPU_VEC_IRQ, CPU_MODE_IRQ, CPU_PSR_A | CPU_PSR_I },
		{ CPU_VEC_FIQ, CPU_MODE_FIQ, CPU_PSR_A | CPU_PSR_I | CPU_PSR_F },
	};
	static const struct {
		struct armkvm_cpu_ctl ctl;
		u32 base, psr;
	} ctls[] = {
		{ { 0, 0 }, 0, 0 },
		{ { 0, 0xc0001000 }, 0xc0001000, 0 },
		{ { 1U << 13, 0xc0001000 }, 0xffff0000, 0 },
		{ { 1U << 25, 0 }, 0, CPU_PSR_E },
		{ { 1U << 30, 0 }, 0, CPU_PSR_T },
	};
	u32 old = CPU_MODE_USR | CPU_PSR_NZCV | CPU_PSR_GE | CPU_PSR_T | CPU_PSR_IT | CPU_PSR_E;
	struct armkvm_cpu cpu;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(ctls); j++) {
			fill(&cpu, CPU_MODE_USR);
			cpu.cpsr = old;
			cpu_take_exception(&cpu, &ctls[j].ctl, cases[i].vec, 0x1234);
			CHECK_EQ(cpu.cpsr, CPU_PSR_NZCV | CPU_PSR_GE | cases[i].mode | cases[i].masks |
				 ctls[j].psr, "CPSR");
			CHECK_EQ(cpu.pc, ctls[j].base + 4 * cases[i].vec, "pc");
			CHECK_EQ(cpu.r[14], 0x1234, "LR");
			CHECK_EQ(cpu.spsr[cpu_mode_bank(cases[i].mode)], old, "SPSR");
			CHECK_EQ(*cpu_banked_reg(&cpu, CPU_MODE_USR, 14), mark(CPU_MODE_USR, 14), "LR_usr");
			CHECK_EQ(cpu.r[13], mark(cases[i].mode, 13), "SP");
		}
	}
}

int main(void)
{
	static const struct test tests[] = {
		{ "cpu: valid modes", valid_modes },
		{ "cpu: banked registers", banking },
		{ "cpu: writes to the CPSR", write_cpsr },
		{ "cpu: exception return", exception_return },
		{ "cpu: exception entry", exception_entry },
	};

	return test_main(tests, ARRAY_SIZE(tests));
}
