// SPDX-License-Identifier: GPL-2.0-only
/*
 * emu_execute(): the architectural result of each sensitive instruction, and that
 * nothing changes when there is none.  (oracle/ compares many more cases with an
 * emulated core.)
 */
#include "test.h"

#include "decode.h"
#include "emulate.h"

#define RAM_BASE 0x8000U
#define RAM_WORDS 64U

static u32 ram[RAM_WORDS];
static u32 fault_at;		/* an address whose access is refused, 0: none */
static bool saw_user, saw_kernel;

static int ram_access(u32 gva, unsigned int size, bool as_user, u32 *val, bool write)
{
	unsigned char *p = (unsigned char *)ram + (gva - RAM_BASE);

	CHECK(!(gva & (size - 1)), "unaligned access of %u at 0x%x", size, gva);
	if (as_user)
		saw_user = true;
	else
		saw_kernel = true;
	if (gva == fault_at || gva < RAM_BASE || gva >= RAM_BASE + sizeof(ram))
		return 7;
	if (write) {
		memcpy(p, val, size);
	} else {
		*val = 0;
		memcpy(val, p, size);
	}
	return 0;
}

static int ram_read(void *ctx, u32 gva, unsigned int size, bool as_user, u32 *val)
{
	(void)ctx;
	return ram_access(gva, size, as_user, val, false);
}

static int ram_write(void *ctx, u32 gva, unsigned int size, bool as_user, u32 val)
{
	(void)ctx;
	return ram_access(gva, size, as_user, &val, true);
}

static const struct emu_mem_ops ram_ops = { ram_read, ram_write };

static struct armkvm_cpu cpu;
static struct emu emu;

/* A CPU at 0x1000 in @mode: r<n> = 0x100 + n, SPSRs Thumb User mode, RAM counting up. */
static void setup(u32 mode)
{
	memset(&cpu, 0, sizeof(cpu));
	cpu.cpsr = mode;
	cpu.pc = 0x1000;
	for (unsigned int i = 0; i < 15; i++)
		cpu.r[i] = 0x100 + i;
	for (unsigned int i = 0; i < CPU_BANK_NR; i++) {
		cpu.sp[i] = 0x200 + i;
		cpu.lr[i] = 0x300 + i;
		cpu.spsr[i] = CPU_MODE_USR | CPU_PSR_T | CPU_PSR_NZCV;
	}
	for (unsigned int i = 0; i < 5; i++) {
		cpu.r8_12_usr[i] = 0x400 + i;
		cpu.r8_12_fiq[i] = 0x500 + i;
	}
	for (unsigned int i = 0; i < RAM_WORDS; i++)
		ram[i] = 0x11110000 + i;
	fault_at = 0;
	saw_user = saw_kernel = false;
	memset(&emu, 0, sizeof(emu));
	emu.cpu = &cpu;
	emu.mem = &ram_ops;
	emu.virt_ext = true;
}

static void expect(u32 word, enum emu_result want)
{
	struct armkvm_cpu before = cpu;
	enum emu_result got = emu_execute(&emu, word);

	CHECK(got == want, "%08x: result %d, not %d", word, got, want);
	if (want == EMU_UNDEF || want == EMU_ABORT)
		CHECK(!memcmp(&before, &cpu, sizeof(cpu)), "%08x: changed the CPU", word);
}

static void done(u32 word)
{
	expect(word, EMU_DONE);
}

static void cps(void)
{
	setup(CPU_MODE_SVC);
	done(0xf10c01c0);		/* cpsid aif */
	CHECK_EQ(cpu.cpsr, CPU_MODE_SVC | CPU_PSR_A | CPU_PSR_I | CPU_PSR_F, "CPSR");
	CHECK_EQ(cpu.pc, 0x1004, "pc");
	done(0xf1080080);		/* cpsie i */
	CHECK_EQ(cpu.cpsr, CPU_MODE_SVC | CPU_PSR_A | CPU_PSR_F, "CPSR");
	done(0xf10e0092);		/* cpsid i, #0x12 */
	CHECK_EQ(cpu.cpsr, CPU_MODE_IRQ | CPU_PSR_A | CPU_PSR_I | CPU_PSR_F, "CPSR");
	CHECK_EQ(cpu.r[13], 0x200 + CPU_BANK_IRQ, "SP_irq");
	done(0xf1020011);		/* cps #0x11 */
	CHECK_EQ(cpu.r[8], 0x500, "r8_fiq");

	setup(CPU_MODE_USR);
	done(0xf10c01c0);
	CHECK_EQ(cpu.cpsr, CPU_MODE_USR, "CPSR after CPS in User mode");

	setup(CPU_MODE_SVC);
	expect(0xf102001a, EMU_UNDEF);	/* Hyp mode */
	expect(0xf1000000, EMU_UNDEF);	/* changes nothing */
	expect(0xf1040080, EMU_UNDEF);	/* imod 01 */
	expect(0xf10c0000, EMU_UNDEF);	/* imod without AIF */
	expect(0xf1000080, EMU_UNDEF);	/* AIF without imod */
	expect(0xf10c0092, EMU_UNDEF);	/* mode without M */
}

static void mrs(void)
{
	setup(CPU_MODE_SVC);
	cpu.cpsr |= CPU_PSR_NZCV | CPU_PSR_GE | CPU_PSR_E | CPU_PSR_I | CPU_PSR_Q;
	done(0xe10f3000);		/* mrs r3, cpsr */
	CHECK_EQ(cpu.r[3], cpu.cpsr, "CPSR");
	done(0xe14fe000);		/* mrs lr, spsr */
	CHECK_EQ(cpu.r[14], cpu.spsr[CPU_BANK_SVC], "SPSR");
	CHECK_EQ(cpu.pc, 0x1008, "pc");
	expect(0xe10ff000, EMU_UNDEF);
	setup(CPU_MODE_SYS);
	expect(0xe14f0000, EMU_UNDEF);
	setup(CPU_MODE_USR);
	expect(0xe14f0000, EMU_UNDEF);
	done(0xe10f0000);
}

static void msr(void)
{
	setup(CPU_MODE_SVC);
	cpu.r[0] = 0xf8000000 | CPU_PSR_I | CPU_MODE_ABT;
	done(0xe121f000);		/* msr cpsr_c, r0 */
	CHECK_EQ(cpu.cpsr, CPU_MODE_ABT | CPU_PSR_I, "CPSR");
	CHECK_EQ(cpu.r[13], 0x200 + CPU_BANK_ABT, "SP_abt");
	done(0xe129f000);		/* msr cpsr_fc, r0 */
	CHECK_EQ(cpu.cpsr, 0xf8000000 | CPU_MODE_ABT | CPU_PSR_I, "CPSR");
	CHECK_EQ(cpu.pc, 0x1008, "pc");
	expect(0xe128f000, EMU_UNDEF);	/* msr cpsr_f isn't sensitive: never comes here */
	expect(0xe129f001, EMU_UNDEF);	/* r1 is 0x101: no such mode */
}

static void msr_spsr(void)
{
	setup(CPU_MODE_IRQ);
	cpu.r[1] = 0xffffffff;
	cpu.spsr[CPU_BANK_IRQ] = 0;
	done(0xe161f001);
	CHECK_EQ(cpu.spsr[CPU_BANK_IRQ], 0xff, "SPSR_c");
	done(0xe162f001);
	CHECK_EQ(cpu.spsr[CPU_BANK_IRQ], 0xffff, "SPSR_xc");
	done(0xe164f001);
	CHECK_EQ(cpu.spsr[CPU_BANK_IRQ], 0xfffff, "SPSR_sxc");
	done(0xe16ff001);
	CHECK_EQ(cpu.spsr[CPU_BANK_IRQ], 0xff0fffff, "SPSR_fsxc");
	done(0xe368f4f0);		/* msr spsr_f, #0xf0000000 */
	CHECK_EQ(cpu.spsr[CPU_BANK_IRQ], 0xf00fffff, "SPSR_f");
	done(0xe321f0d3);		/* msr cpsr_c, #0xd3 */
	CHECK_EQ(cpu.cpsr, CPU_MODE_SVC | CPU_PSR_I | CPU_PSR_F, "CPSR");
	expect(0xe16ff00f, EMU_UNDEF);
	setup(CPU_MODE_SYS);
	expect(0xe16ff001, EMU_UNDEF);
	setup(CPU_MODE_SVC);
	expect(0xe321f01a, EMU_UNDEF);
	expect(0xe321f016, EMU_UNDEF);
	setup(CPU_MODE_USR);
	cpu.r[0] = 0xffffffff;
	done(0xe12ff000);
	CHECK_EQ(cpu.cpsr, CPU_MODE_USR | CPU_PSR_NZCV | CPU_PSR_Q | CPU_PSR_GE | CPU_PSR_E, "CPSR");
}

static void banked(void)
{
	static const struct {
		u32 mrs;		/* mrs r0, register */
		u32 mode;
		unsigned int n;		/* 16: SPSR */
	} regs[] = {
		{ 0xe1000200, CPU_MODE_USR, 8 }, { 0xe1040200, CPU_MODE_USR, 12 },
		{ 0xe1050200, CPU_MODE_USR, 13 }, { 0xe1060200, CPU_MODE_USR, 14 },
		{ 0xe1080200, CPU_MODE_FIQ, 8 }, { 0xe10c0200, CPU_MODE_FIQ, 12 },
		{ 0xe10d0200, CPU_MODE_FIQ, 13 }, { 0xe10e0200, CPU_MODE_FIQ, 14 },
		{ 0xe1000300, CPU_MODE_IRQ, 14 }, { 0xe1010300, CPU_MODE_IRQ, 13 },
		{ 0xe1020300, CPU_MODE_SVC, 14 }, { 0xe1030300, CPU_MODE_SVC, 13 },
		{ 0xe1040300, CPU_MODE_ABT, 14 }, { 0xe1050300, CPU_MODE_ABT, 13 },
		{ 0xe1060300, CPU_MODE_UND, 14 }, { 0xe1070300, CPU_MODE_UND, 13 },
		{ 0xe14e0200, CPU_MODE_FIQ, 16 }, { 0xe1400300, CPU_MODE_IRQ, 16 },
		{ 0xe1420300, CPU_MODE_SVC, 16 }, { 0xe1440300, CPU_MODE_ABT, 16 },
		{ 0xe1460300, CPU_MODE_UND, 16 },
	};
	static const u32 bad[] = {
		0xe1070200, 0xe10f0200, 0xe1080300, 0xe10c0300, 0xe10e0300, 0xe10f0300,
		0xe1400200, 0xe14f0200, 0xe1410300, 0xe14c0300, 0xe14e0300, 0xe100f200,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(regs); i++) {
		u32 *reg, msr = (regs[i].mrs | 0x0020f000) + 1;

		setup(CPU_MODE_SVC);
		reg = regs[i].n == 16 ? &cpu.spsr[cpu_mode_bank(regs[i].mode)] :
		      cpu_banked_reg(&cpu, regs[i].mode, regs[i].n);
		*reg = 0xabcd0000 + i;
		done(regs[i].mrs);
		CHECK_EQ(cpu.r[0], 0xabcd0000 + i, "r0");
		cpu.r[1] = 0x9999;
		done(msr);
		CHECK_EQ(*reg, 0x9999, "banked register");
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		setup(CPU_MODE_SVC);
		expect(bad[i], EMU_UNDEF);
	}
	setup(CPU_MODE_USR);
	expect(regs[0].mrs, EMU_UNDEF);
	setup(CPU_MODE_SVC);
	emu.virt_ext = false;
	expect(regs[0].mrs, EMU_UNDEF);
	expect(0xe160006e, EMU_UNDEF);
}

static void conditions(void)
{
	/* bit n of a mask: the condition passes with NZCV = n */
	static const u16 pass[16] = {
		0xf0f0, 0x0f0f, 0xcccc, 0x3333, 0xff00, 0x00ff, 0xaaaa, 0x5555,
		0x0c0c, 0xf3f3, 0xaa55, 0x55aa, 0x0a05, 0xf5fa, 0xffff, 0xffff,
	};

	for (u32 cond = 0; cond < 16; cond++) {
		for (u32 nzcv = 0; nzcv < 16; nzcv++)
			CHECK(emu_cond_passed(nzcv << 28, cond) == ((pass[cond] >> nzcv) & 1),
			      "condition %u with NZCV = %u", cond, nzcv);
	}
	/* a condition that fails makes a NOP of anything, also of what would be UNDEF */
	setup(CPU_MODE_SVC);
	done(0x0121f000);		/* msreq cpsr_c, r0 */
	CHECK_EQ(cpu.cpsr, CPU_MODE_SVC, "CPSR");
	CHECK_EQ(cpu.pc, 0x1004, "pc");
	done(0x07f000f0);
	done(0x0321f01a);
	CHECK_EQ(cpu.pc, 0x100c, "pc");
}

static void dp_return(void)
{
	static const struct {
		u32 word, pc;
	} cases[] = {
		/* with lr = 0x2345, r0 = 0xf0, r1 = 3, C set; back to Thumb: bit 0 goes */
		{ 0xe1b0f00e, 0x2344 }, { 0xe25ef004, 0x2340 }, { 0xe25ef008, 0x233c },
		{ 0xe05ef001, 0x2342 }, { 0xe05ef081, 0x233e }, { 0xe210f0ff, 0xf0 },
		{ 0xe21ef0ff, 0x44 }, { 0xe01ef001, 0 }, { 0xe03ef001, 0x2346 },
		{ 0xe27ef000, 0xffffdcba }, { 0xe071f00e, 0x2342 }, { 0xe29ef008, 0x234c },
		{ 0xe2bef008, 0x234e }, { 0xe2def005, 0x2340 }, { 0xe2f0f0ff, 0xe },
		{ 0xe390f00f, 0xfe }, { 0xe3b0f0ff, 0xfe }, { 0xe190f001, 0xf2 },
		{ 0xe3def0ff, 0x2300 }, { 0xe1f0f000, 0xffffff0e }, { 0xe3f0f000, 0xfffffffe },
		{ 0xe1b0f0ae, 0x11a2 }, { 0xe1b0f02e, 0 }, { 0xe1b0f04e, 0 },
		{ 0xe1b0f06e, 0x800011a2 }, { 0xe1b0f46e, 0x45000022 }, { 0xe1b0f00f, 0x1008 },
		{ 0xe25ff004, 0x1004 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		setup(CPU_MODE_SVC);
		cpu.r[14] = 0x2345;
		cpu.r[0] = 0xf0;
		cpu.r[1] = 3;
		cpu.cpsr |= 1U << 29;
		done(cases[i].word);
		CHECK(cpu.pc == cases[i].pc, "%08x: pc is 0x%x, not 0x%x", cases[i].word, cpu.pc,
		      cases[i].pc);
		CHECK_EQ(cpu.cpsr, CPU_MODE_USR | CPU_PSR_T | CPU_PSR_NZCV, "CPSR");
	}
	setup(CPU_MODE_SYS);
	expect(0xe1b0f00e, EMU_UNDEF);
	setup(CPU_MODE_SVC);
	cpu.spsr[CPU_BANK_SVC] = 0x1a;
	expect(0xe1b0f00e, EMU_UNDEF);
	expect(0xe160006e, EMU_UNDEF);
	cpu.spsr[CPU_BANK_SVC] = CPU_MODE_FIQ;
	done(0xe160006e);		/* eret */
	CHECK_EQ(cpu.pc, 0x10c, "pc");
	CHECK_EQ(cpu.cpsr, CPU_MODE_FIQ, "CPSR");
}

/* P and U of the four addressing modes, the first word of two and the writeback */
static const struct {
	u32 bits;
	int first, back;
} directions[] = {
	{ 0x00800000, 0, 8 },		/* IA */
	{ 0x01800000, 4, 8 },		/* IB */
	{ 0x00000000, -4, -8 },		/* DA */
	{ 0x01000000, -8, -8 },		/* DB */
};

static void rfe(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(directions); i++) {
		for (unsigned int wback = 0; wback < 2; wback++) {
			u32 base = RAM_BASE + 64;
			u32 *pair = &ram[(64 + directions[i].first) / 4];

			setup(CPU_MODE_SVC);
			cpu.r[13] = base;
			pair[0] = 0x4444;
			pair[1] = CPU_MODE_IRQ | CPU_PSR_NZCV;
			done(0xf81d0a00 | directions[i].bits | wback << 21);
			CHECK_EQ(cpu.pc, 0x4444, "pc");
			CHECK_EQ(cpu.cpsr, CPU_MODE_IRQ | CPU_PSR_NZCV, "CPSR");
			CHECK_EQ(*cpu_banked_reg(&cpu, CPU_MODE_SVC, 13),
				 base + (wback ? directions[i].back : 0), "SP_svc");
			CHECK(saw_kernel && !saw_user, "access with the wrong rights");
		}
	}
	setup(CPU_MODE_SYS);
	cpu.cpsr |= CPU_PSR_E;
	cpu.r[0] = RAM_BASE;
	ram[0] = 0x44440000;
	ram[1] = 0x13000000;
	done(0xf8900a00);
	CHECK_EQ(cpu.pc, 0x4444, "pc, big-endian");
	CHECK_EQ(cpu.cpsr, CPU_MODE_SVC, "CPSR");

	setup(CPU_MODE_USR);
	expect(0xf8900a00, EMU_UNDEF);
	setup(CPU_MODE_SVC);
	cpu.r[0] = RAM_BASE;		/* ram[1] is mode 0x01 */
	expect(0xf8900a00, EMU_UNDEF);
	cpu.r[0] = RAM_BASE + 2;
	expect(0xf8900a00, EMU_ABORT);
	CHECK_EQ(emu.fault.code, EMU_FAULT_ALIGNMENT, "fault code");
	CHECK_EQ(emu.fault.gva, RAM_BASE + 2, "fault address");
	cpu.r[0] = RAM_BASE;
	fault_at = RAM_BASE + 4;
	expect(0xf8b00a00, EMU_ABORT);
	CHECK_EQ(emu.fault.code, 7, "fault code");
	CHECK_EQ(emu.fault.gva, RAM_BASE + 4, "fault address");
	CHECK(!emu.fault.write, "a read faults as a write");
}

static void srs(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(directions); i++) {
		for (unsigned int wback = 0; wback < 2; wback++) {
			u32 base = RAM_BASE + 64;
			u32 *pair = &ram[(64 + directions[i].first) / 4];

			setup(CPU_MODE_IRQ);
			*cpu_banked_reg(&cpu, CPU_MODE_SVC, 13) = base;
			done(0xf84d0500 | CPU_MODE_SVC | directions[i].bits | wback << 21);
			CHECK_EQ(pair[0], 0x10e, "LR");
			CHECK_EQ(pair[1], cpu.spsr[CPU_BANK_IRQ], "SPSR");
			CHECK_EQ(*cpu_banked_reg(&cpu, CPU_MODE_SVC, 13),
				 base + (wback ? directions[i].back : 0), "SP_svc");
			CHECK_EQ(cpu.pc, 0x1004, "pc");
		}
	}
	/* the current mode's own stack */
	setup(CPU_MODE_IRQ);
	cpu.r[13] = RAM_BASE + 16;
	done(0xf96d0512);		/* srsdb sp!, #0x12 */
	CHECK_EQ(cpu.r[13], RAM_BASE + 8, "SP_irq");
	CHECK_EQ(ram[2], 0x10e, "LR");
	setup(CPU_MODE_SYS);
	expect(0xf96d0513, EMU_UNDEF);
	setup(CPU_MODE_IRQ);
	expect(0xf96d051a, EMU_UNDEF);
	expect(0xf96d0516, EMU_UNDEF);
	cpu.sp[CPU_BANK_SVC] = 0;
	expect(0xf96d0513, EMU_ABORT);
	CHECK(emu.fault.write, "a write faults as a read");
	CHECK_EQ(emu.fault.gva, 0xfffffff8, "fault address");
}

static void block_user(void)
{
	setup(CPU_MODE_FIQ);
	cpu.r[0] = RAM_BASE;
	done(0xe8d07f00);		/* ldmia r0, {r8-lr}^ */
	for (unsigned int n = 8; n < 15; n++)
		CHECK_EQ(*cpu_banked_reg(&cpu, CPU_MODE_USR, n), 0x11110000 + n - 8, "user register");
	CHECK_EQ(cpu.r[8], 0x108, "r8_fiq");
	CHECK_EQ(cpu.r[13], 0x10d, "SP_fiq");

	setup(CPU_MODE_SVC);
	cpu.r[8] = RAM_BASE + 32;
	done(0xe9486000);		/* stmdb r8, {sp, lr}^ */
	CHECK_EQ(ram[6], 0x200, "SP_usr in memory");
	CHECK_EQ(ram[7], 0x300, "LR_usr in memory");
	cpu.r[0] = RAM_BASE;
	done(0xe8c08001);		/* stmia r0, {r0, pc}^ */
	CHECK_EQ(ram[0], RAM_BASE, "r0 in memory");
	CHECK_EQ(ram[1], 0x100c, "pc in memory");
	done(0xe9d00006);		/* ldmib r0, {r1, r2}^ */
	CHECK_EQ(cpu.r[1], 0x100c, "r1");
	CHECK_EQ(cpu.r[2], 0x11110002, "r2");
	cpu.r[0] = RAM_BASE + 4;
	done(0xe8500006);		/* ldmda r0, {r1, r2}^ */
	CHECK_EQ(cpu.r[1], RAM_BASE, "r1");

	cpu.r[0] = RAM_BASE + 1;
	expect(0xe8d07f00, EMU_ABORT);
	CHECK_EQ(emu.fault.code, EMU_FAULT_ALIGNMENT, "fault code");
	cpu.r[0] = RAM_BASE;
	fault_at = RAM_BASE + 8;
	expect(0xe8d07f00, EMU_ABORT);
	CHECK_EQ(emu.fault.gva, RAM_BASE + 8, "fault address");
	setup(CPU_MODE_SYS);
	cpu.r[0] = RAM_BASE;
	expect(0xe8d07f00, EMU_UNDEF);
	setup(CPU_MODE_USR);
	cpu.r[0] = RAM_BASE;
	expect(0xe8c07f00, EMU_UNDEF);
}

static void block_return(void)
{
	setup(CPU_MODE_SVC);
	cpu.r[13] = RAM_BASE;
	ram[15] = 0x7777;
	done(0xe8ddffff);		/* ldmia sp, {r0-pc}^ */
	CHECK_EQ(cpu.pc, 0x7776, "pc");
	CHECK_EQ(cpu.cpsr, CPU_MODE_USR | CPU_PSR_T | CPU_PSR_NZCV, "CPSR");
	CHECK_EQ(cpu.r[12], 0x1111000c, "r12");
	CHECK_EQ(cpu.sp[CPU_BANK_SVC], 0x1111000d, "SP_svc");
	CHECK_EQ(cpu.lr[CPU_BANK_SVC], 0x1111000e, "LR_svc");
	CHECK_EQ(cpu.r[13], 0x200, "SP_usr");

	setup(CPU_MODE_ABT);
	cpu.r[13] = RAM_BASE;
	cpu.spsr[CPU_BANK_ABT] = CPU_MODE_SYS;
	done(0xe8fd8003);		/* ldmia sp!, {r0, r1, pc}^ */
	CHECK_EQ(cpu.sp[CPU_BANK_ABT], RAM_BASE + 12, "SP_abt");
	CHECK_EQ(cpu.pc, 0x11110000, "pc");

	setup(CPU_MODE_SVC);
	cpu.r[13] = RAM_BASE;
	cpu.spsr[CPU_BANK_SVC] = 0;
	expect(0xe8fd8003, EMU_UNDEF);
	setup(CPU_MODE_SYS);
	cpu.r[13] = RAM_BASE;
	expect(0xe8fd8003, EMU_UNDEF);
}

static void unprivileged(void)
{
	setup(CPU_MODE_SVC);
	cpu.r[1] = RAM_BASE;
	done(0xe4b10004);		/* ldrt r0, [r1], #4 */
	CHECK_EQ(cpu.r[0], 0x11110000, "r0");
	CHECK_EQ(cpu.r[1], RAM_BASE + 4, "r1");
	CHECK(saw_user && !saw_kernel, "access with the wrong rights");
	cpu.r[2] = 0xaabbccdd;
	done(0xe4612001);		/* strbt r2, [r1], #-1 */
	CHECK_EQ(ram[1], 0x111100dd, "memory");
	CHECK_EQ(cpu.r[1], RAM_BASE + 3, "r1");
	/* unaligned: done in bytes, unless SCTLR.A is set */
	done(0xe4a12000);		/* strt r2, [r1], #0 */
	CHECK_EQ(ram[0], 0xdd110000, "memory");
	CHECK_EQ(ram[1], 0x11aabbcc, "memory");
	emu.strict_align = true;
	expect(0xe4b10004, EMU_ABORT);
	CHECK_EQ(emu.fault.code, EMU_FAULT_ALIGNMENT, "fault code");
	CHECK(emu.fault.as_user, "a user access faults as a privileged one");
	cpu.r[1] = RAM_BASE + 8;
	cpu.cpsr |= CPU_PSR_E;
	done(0xe0f100b2);		/* ldrht r0, [r1], #2 */
	CHECK_EQ(cpu.r[0], 0x0200, "r0, big-endian");
	cpu.cpsr &= ~CPU_PSR_E;
	ram[3] = 0x00008080;
	cpu.r[1] = RAM_BASE + 12;
	done(0xe0f100d0);		/* ldrsbt r0, [r1], #0 */
	CHECK_EQ(cpu.r[0], 0xffffff80, "r0");
	done(0xe0f100f0);		/* ldrsht r0, [r1], #0 */
	CHECK_EQ(cpu.r[0], 0xffff8080, "r0");
}

static void wfi(void)
{
	setup(CPU_MODE_SVC);
	expect(0xe320f003, EMU_WFI);
	CHECK_EQ(cpu.pc, 0x1004, "pc");
}

static void not_silent(void)
{
	static const u32 words[] = {
		0xe1a00000, 0xe7f000f0, 0xee1d0f90, 0xef000000, 0xe8bd8010, 0xe5910000, 0xf57ff04f,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		setup(CPU_MODE_SVC);
		expect(words[i], EMU_UNDEF);
	}
}

static void it_bits(void)
{
	/* ITSTATE 0b00001100 (IT EQ, two more: T, T...) walks as A2.5.2 says */
	static const u8 walk[][2] = {
		{ 0x08, 0x00 }, { 0x04, 0x08 }, { 0x06, 0x0c }, { 0x01, 0x02 }, { 0x0f, 0x1e },
		{ 0xe8, 0x00 }, { 0xb5, 0xaa }, { 0x00, 0x00 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(walk); i++) {
		setup(CPU_MODE_SVC);
		cpu.cpsr |= CPU_PSR_T | (walk[i][0] & 3U) << 25 | (walk[i][0] & 0xfcU) << 8;
		emu_skip(&cpu, 2);
		CHECK_EQ(((cpu.cpsr >> 25) & 3) | ((cpu.cpsr >> 8) & 0xfc), walk[i][1], "ITSTATE");
		CHECK_EQ(cpu.pc, 0x1002, "pc");
	}
}

int main(void)
{
	static const struct test tests[] = {
		{ "emulate: CPS", cps },
		{ "emulate: MRS", mrs },
		{ "emulate: MSR", msr },
		{ "emulate: MSR SPSR", msr_spsr },
		{ "emulate: MRS and MSR (banked)", banked },
		{ "emulate: conditions", conditions },
		{ "emulate: SUBS PC, LR and relatives", dp_return },
		{ "emulate: RFE", rfe },
		{ "emulate: SRS", srs },
		{ "emulate: LDM and STM (user registers)", block_user },
		{ "emulate: LDM (exception return)", block_return },
		{ "emulate: LDRT and relatives", unprivileged },
		{ "emulate: WFI", wfi },
		{ "emulate: what is not sensitive", not_silent },
		{ "emulate: IT bits", it_bits },
	};

	return test_main(tests, ARRAY_SIZE(tests));
}
