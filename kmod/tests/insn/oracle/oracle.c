// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulator against a core: a bare-metal program that executes random
 * instructions in random states twice, by emulate.c and ldst.c and for real, and
 * compares registers of all banks, PSRs, memory and aborts.
 *
 * One MiB is mapped, everything else aborts: wherever an instruction jumps to, the
 * prefetch abort tells the pc and CPSR it arrived with.  Stack pointers, LR and
 * SPSR of Abort and Undefined mode are the program's own and not compared.
 *
 * Runs on qemu-system-arm -M virt -cpu cortex-a15 with semihosting; arguments: seed
 * and number of rounds.  Prints a PASS or FAIL line a class of instructions.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include "decode.h"
#include "emulate.h"
#include "ldst.h"
#include "oracle.h"

#define MAPPED_BASE	0x40000000U
#define MAPPED_SIZE	0x00100000U
#define DATA_WORDS	2560U
#define CASE_UNDEF	0xe7f000f0U	/* udf #0, ends a case */
#define CASE_UNDEF_T	0xde00de00U

#define KIND_UNDEF	1
#define KIND_PABT	3
#define KIND_DABT	4

#define FAULT_UNMAPPED	1
#define FAULT_FORBIDDEN	2	/* not to be touched: the case is skipped */

static u32 page_table[4096] __attribute__((aligned(16384)));
static u32 code[16] __attribute__((aligned(64)));
static u32 data[DATA_WORDS] __attribute__((aligned(64)));
static u32 model[DATA_WORDS] __attribute__((aligned(64)));
static u32 seed = 1, first_seed;

/* -- what a freestanding program has to bring -- */

void *memset(void *s, int c, size_t n)
{
	for (char *p = s; n; n--)
		*p++ = c;
	return s;
}

void *memcpy(void *d, const void *s, size_t n)
{
	const char *q = s;

	for (char *p = d; n; n--)
		*p++ = *q++;
	return d;
}

static u32 semihost(u32 op, const void *arg)
{
	register u32 r0 asm("r0") = op;
	register const void *r1 asm("r1") = arg;

	asm volatile("svc 0x123456" : "+r" (r0) : "r" (r1) : "memory", "lr");
	return r0;
}

static char line[512];
static unsigned int line_len;

static void put(const char *s)
{
	while (*s && line_len < sizeof(line) - 1)
		line[line_len++] = *s++;
	line[line_len] = 0;
}

static void put_hex(u32 v)
{
	char buf[9];

	for (int i = 0; i < 8; i++)
		buf[i] = "0123456789abcdef"[(v >> (28 - 4 * i)) & 15];
	buf[8] = 0;
	put(buf);
}

static void put_number(u32 v)
{
	char buf[11];
	int i = 10;

	buf[i] = 0;
	do
		buf[--i] = '0' + v % 10;
	while (v /= 10);
	put(buf + i);
}

static void flush(void)
{
	put("\n");
	semihost(0x04, line);
	line_len = 0;
}

__attribute__((noreturn)) static void leave(bool ok)
{
	semihost(0x18, (void *)(ok ? 0x20026 : 0x20023));
	for (;;)
		;
}

void unexpected_exception(void)
{
	line_len = 0;
	put("FAIL oracle: an exception that no case should take");
	flush();
	leave(false);
}

static u32 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* -- the model's memory -- */

static int model_access(u32 gva, unsigned int size, bool write, u32 *val)
{
	u32 offset = gva - (u32)data;

	if (offset < sizeof(data)) {
		if (write)
			memcpy((char *)model + offset, val, size);
		else
			memcpy(val, (char *)model + offset, size);
		return 0;
	}
	/* the program itself, and what would run into it */
	if (gva - MAPPED_BASE < MAPPED_SIZE)
		return FAULT_FORBIDDEN;
	return FAULT_UNMAPPED;
}

static int model_read(void *ctx, u32 gva, unsigned int size, bool as_user, u32 *val)
{
	(void)ctx;
	(void)as_user;
	*val = 0;
	return model_access(gva, size, false, val);
}

static int model_write(void *ctx, u32 gva, unsigned int size, bool as_user, u32 val)
{
	(void)ctx;
	(void)as_user;
	return model_access(gva, size, true, &val);
}

static const struct emu_mem_ops model_ops = { model_read, model_write };

/* -- one case -- */

/* A load or store that the core executes itself: the general loop of ldst.h. */
static enum emu_result execute_ldst(struct emu *emu, u32 word, bool thumb)
{
	struct ldst_access acc;
	struct ldst_run run;
	struct ldst insn;

	if (thumb ? !ldst_decode_thumb(word, word >> 16, &insn) : !ldst_decode_arm(word, &insn))
		return EMU_UNDEF;
	if (insn.form == LDST_EXCLUSIVE && !insn.load)
		return EMU_UNDEF;	/* its success is the core's affair */
	if (!thumb && !emu_cond_passed(emu->cpu->cpsr, insn_cond(word))) {
		emu_skip(emu->cpu, 4);
		return EMU_DONE;
	}
	ldst_begin(&run, &insn, emu->cpu);
	while (ldst_next(&run, emu->cpu, &acc)) {
		u64 value = acc.value;

		emu->fault.gva = acc.gva;
		emu->fault.write = acc.write;
		emu->fault.code = EMU_FAULT_ALIGNMENT;
		if (acc.gva & acc.align)
			return EMU_ABORT;
		for (unsigned int i = 0; i < acc.size; i++) {
			u32 byte = value >> 8 * i & 0xff;

			emu->fault.gva = acc.gva + i;
			emu->fault.code = model_access(acc.gva + i, 1, acc.write, &byte);
			if (emu->fault.code)
				return EMU_ABORT;
			value = (value & ~(0xffULL << 8 * i)) | (u64)(byte & 0xff) << 8 * i;
		}
		ldst_supply(&run, value);
	}
	ldst_commit(&run, emu->cpu);
	/* LoadWritePC of an address that ends in 10 */
	if (insn.load && (insn.rt == 15 || insn.list >> 15)) {
		u32 last = run.val[run.nr - 1];

		if (emu->cpu->cpsr & CPU_PSR_E)
			last = __builtin_bswap32(last);
		if ((last & 3) == 2)
			return EMU_UNDEF;
	}
	return EMU_DONE;
}

static u32 random_psr(void)
{
	static const u32 modes[] = {
		CPU_MODE_USR, CPU_MODE_FIQ, CPU_MODE_IRQ, CPU_MODE_SVC, CPU_MODE_SYS,
	};
	u32 psr = rnd() & (CPU_PSR_NZCV | CPU_PSR_Q | CPU_PSR_GE | CPU_PSR_E | CPU_PSR_T |
			   CPU_PSR_A | CPU_PSR_I | CPU_PSR_F);

	return psr | modes[rnd() % ARRAY_SIZE(modes)];
}

static u32 random_register(void)
{
	u32 r = rnd();

	switch (r % 8) {
	case 0:
		return r >> 16 & 0xff;
	case 1:
		return r;
	case 2:
		return random_psr();
	case 3:
		return (u32)&data[DATA_WORDS / 2] + (r >> 8 & 0xff);
	default:
		return (u32)&data[DATA_WORDS / 2] + (r >> 8 & 0xfc);
	}
}

static void random_state(struct core_state *s, bool thumb)
{
	u32 *p = (u32 *)s;

	for (unsigned int i = 0; i < sizeof(*s) / 4; i++)
		p[i] = random_register();
	s->svc[2] = random_psr();
	s->irq[2] = random_psr();
	s->fiq[7] = random_psr();
	s->cpsr = (random_psr() & ~CPU_PSR_T) | (thumb ? CPU_PSR_T : 0);
	if (rnd() & 3)
		s->cpsr &= ~CPU_PSR_E;
	s->pc = (u32)code;
}

static void to_cpu(const struct core_state *s, struct armkvm_cpu *cpu)
{
	u32 mode = s->cpsr & CPU_PSR_MODE;

	memset(cpu, 0, sizeof(*cpu));
	/* as seen from SVC mode, then switched */
	cpu->cpsr = CPU_MODE_SVC;
	memcpy(cpu->r, s->r, sizeof(s->r));
	cpu->r[13] = s->svc[0];
	cpu->r[14] = s->svc[1];
	cpu->spsr[CPU_BANK_SVC] = s->svc[2];
	cpu->sp[CPU_BANK_USR] = s->usr[0];
	cpu->lr[CPU_BANK_USR] = s->usr[1];
	cpu->sp[CPU_BANK_IRQ] = s->irq[0];
	cpu->lr[CPU_BANK_IRQ] = s->irq[1];
	cpu->spsr[CPU_BANK_IRQ] = s->irq[2];
	memcpy(cpu->r8_12_fiq, s->fiq, sizeof(cpu->r8_12_fiq));
	cpu->sp[CPU_BANK_FIQ] = s->fiq[5];
	cpu->lr[CPU_BANK_FIQ] = s->fiq[6];
	cpu->spsr[CPU_BANK_FIQ] = s->fiq[7];
	cpu_switch_mode(cpu, mode);
	cpu->cpsr = s->cpsr;
	cpu->pc = s->pc;
}

static void from_cpu(struct armkvm_cpu *cpu, struct core_state *s)
{
	s->cpsr = cpu->cpsr;
	s->pc = cpu->pc;
	for (unsigned int i = 0; i < 13; i++)
		s->r[i] = *cpu_banked_reg(cpu, CPU_MODE_USR, i);
	for (unsigned int i = 0; i < 7; i++)
		s->fiq[i] = *cpu_banked_reg(cpu, CPU_MODE_FIQ, 8 + i);
	s->fiq[7] = cpu->spsr[CPU_BANK_FIQ];
	for (unsigned int i = 0; i < 2; i++) {
		s->usr[i] = *cpu_banked_reg(cpu, CPU_MODE_USR, 13 + i);
		s->svc[i] = *cpu_banked_reg(cpu, CPU_MODE_SVC, 13 + i);
		s->irq[i] = *cpu_banked_reg(cpu, CPU_MODE_IRQ, 13 + i);
	}
	s->svc[2] = cpu->spsr[CPU_BANK_SVC];
	s->irq[2] = cpu->spsr[CPU_BANK_IRQ];
}

/* What the architecture reserves: PSR bits 23:20, and the IT bits in ARM state. */
static void normalise(struct core_state *s)
{
	s->cpsr &= ~0x00f00000U;
	if (!(s->cpsr & CPU_PSR_T))
		s->cpsr &= ~CPU_PSR_IT;
	s->svc[2] &= ~0x00f00000U;
	s->irq[2] &= ~0x00f00000U;
	s->fiq[7] &= ~0x00f00000U;
}

/* Which word of @got differs from @want where they are comparable, or -1. */
static int difference(const struct core_state *want, const struct core_state *got)
{
	const u32 *a = (const u32 *)want, *b = (const u32 *)got;

	for (unsigned int i = 0; i < sizeof(*want) / 4; i++) {
		size_t offset = 4 * i;

		if (offset >= offsetof(struct core_state, abt) &&
		    offset < offsetof(struct core_state, fiq))
			continue;
		if (offset >= offsetof(struct core_state, kind))
			break;
		if (a[i] != b[i])
			return i;
	}
	return -1;
}

static void set_code(u32 word, bool thumb)
{
	code[0] = word;
	for (unsigned int i = 1; i < ARRAY_SIZE(code); i++)
		code[i] = thumb ? CASE_UNDEF_T : CASE_UNDEF;
	/* a 16-bit instruction is followed by the end as well */
	if (thumb && !insn_thumb_is_wide(word))
		code[0] = (word & 0xffff) | (CASE_UNDEF_T & 0xffff0000);
	asm volatile("dsb\n\tmcr p15, 0, %0, c7, c5, 0\n\tmcr p15, 0, %0, c7, c5, 6\n\tdsb\n\tisb"
		     : : "r" (0) : "memory");
}

struct tally {
	u32 cases, aborts, skipped;
};

static bool describe(u32 word, const char *what, u32 want, u32 got, const struct core_state *s)
{
	put("instruction ");
	put_hex(word);
	put(" at CPSR ");
	put_hex(s->cpsr);
	put(": ");
	put(what);
	put(" is ");
	put_hex(want);
	put(" by the emulator, ");
	put_hex(got);
	put(" on the core");
	return false;
}

/* Runs @word both ways; false: they differ, and the line says how. */
static bool run_case(u32 word, bool native, bool thumb, struct tally *t)
{
	static struct core_state start, want, got;
	struct armkvm_cpu cpu;
	struct emu emu = { .cpu = &cpu, .mem = &model_ops };
	enum emu_result ret;
	int diff;
	u32 pc;

	random_state(&start, thumb);
	for (unsigned int i = 0; i < 96; i++) {
		u32 at = DATA_WORDS / 2 - 16 + i;

		data[at] = i & 1 ? random_psr() : random_register();
	}
	memcpy(model, data, sizeof(model));
	to_cpu(&start, &cpu);
	ret = native ? execute_ldst(&emu, word, thumb) : emu_execute(&emu, word);
	if (ret == EMU_UNDEF || ret == EMU_WFI ||
	    (ret == EMU_ABORT && emu.fault.code == FAULT_FORBIDDEN)) {
		t->skipped++;
		return true;
	}
	want = start;
	from_cpu(&cpu, &want);
	/* back into this program at another place than the end of the case */
	if (want.pc - MAPPED_BASE < MAPPED_SIZE && ret != EMU_ABORT &&
	    (want.pc != (u32)code + (thumb && !insn_thumb_is_wide(word) ? 2 : 4) ||
	     !(want.cpsr & CPU_PSR_T) != !thumb)) {
		t->skipped++;
		return true;
	}
	/* an illegal state in which the core would not arrive by an abort of its own */
	if (!cpu_mode_valid(want.cpsr & CPU_PSR_MODE) || (want.cpsr & CPU_PSR_J)) {
		t->skipped++;
		return true;
	}

	got = start;
	set_code(word, thumb);
	run_on_core(&got);
	t->cases++;

	pc = got.pc - (got.kind == KIND_DABT ? 8 : got.kind == KIND_UNDEF && (got.cpsr & CPU_PSR_T) ?
		       2 : 4);
	got.pc = pc;
	normalise(&got);
	normalise(&want);
	if (ret == EMU_ABORT) {
		t->aborts++;
		if (got.kind != KIND_DABT)
			return describe(word, "exception", KIND_DABT, got.kind, &start);
		/* which byte of an access that lies half outside is reported is the core's choice */
		if (got.far - emu.fault.gva > 7 && emu.fault.gva - got.far > 7)
			return describe(word, "fault address", emu.fault.gva, got.far, &start);
	} else if (got.kind == KIND_DABT) {
		return describe(word, "exception", 0, got.kind, &start);
	}
	diff = difference(&want, &got);
	if (diff >= 0) {
		put("state word ");
		put_number(diff);
		put(" differs: ");
		return describe(word, "it", ((u32 *)&want)[diff], ((u32 *)&got)[diff], &start);
	}
	/* an abort half way may leave part of a multiple store, of either side's choosing */
	if (ret != EMU_ABORT) {
		for (unsigned int i = 0; i < DATA_WORDS; i++) {
			if (data[i] != model[i])
				return describe(word, "memory", model[i], data[i], &start);
		}
	}
	return true;
}

static const struct class {
	const char *name;
	u32 mask, value;
	bool native, thumb;
	u32 least;		/* cases a thousand tries that must not be skipped */
} classes[] = {
	{ "CPS", 0xfff1fe20, 0xf1000000, false, false, 20 },
	{ "MRS", 0x0fbf0fff, 0x010f0000, false, false, 300 },
	{ "MSR (register)", 0x0fb0fff0, 0x0120f000, false, false, 200 },
	{ "MSR (immediate)", 0x0fb0f000, 0x0320f000, false, false, 100 },
	{ "RFE", 0xfe50ffff, 0xf8100a00, false, false, 50 },
	{ "SRS", 0xfe5ffff0, 0xf84d0510, false, false, 50 },
	{ "LDM and STM (user registers)", 0x0e600000, 0x08400000, false, false, 200 },
	{ "LDM (exception return)", 0x0e508000, 0x08508000, false, false, 50 },
	/* the model core returns from exceptions by SUBS and MOVS only */
	{ "SUBS PC, LR (register)", 0x0ff0f010, 0x0050f000, false, false, 200 },
	{ "SUBS PC, LR (immediate)", 0x0ff0f000, 0x0250f000, false, false, 200 },
	{ "MOVS PC (register)", 0x0ffff010, 0x01b0f000, false, false, 200 },
	{ "MOVS PC (immediate)", 0x0ffff000, 0x03b0f000, false, false, 200 },
	{ "LDRT and STRT", 0x0f200000, 0x04200000, false, false, 200 },
	{ "LDRT and STRT (register)", 0x0f200010, 0x06200000, false, false, 50 },
	{ "LDRHT and relatives", 0x0f200090, 0x00200090, false, false, 100 },
	{ "LDR and STR", 0x0e000000, 0x04000000, true, false, 200 },
	{ "LDR and STR (register)", 0x0e000010, 0x06000000, true, false, 50 },
	{ "LDRH, LDRD and relatives", 0x0e000090, 0x00000090, true, false, 100 },
	{ "LDM and STM", 0x0e400000, 0x08000000, true, false, 200 },
	{ "SWP", 0x0fb00ff0, 0x01000090, true, false, 0 },
	{ "LDREX", 0x0f900fff, 0x01900f9f, true, false, 100 },
	/* T32: the first halfword in the low half, as memory has it */
	{ "T32 loads and stores", 0x00000000, 0x00000000, true, true, 30 },
	{ "T32 LDR.W and relatives", 0x0000fe00, 0x0000f800, true, true, 100 },
	{ "T32 LDRD, LDREX", 0x0000fe40, 0x0000e840, true, true, 100 },
	{ "T32 LDM.W, STM.W", 0x2000fe40, 0x0000e800, true, true, 100 },
};

static u32 random_word(const struct class *c)
{
	u32 word = (rnd() & ~c->mask) | c->value;

	/* conditions are rarely in the way */
	if (!c->thumb && !(c->mask & 0xf0000000)) {
		word &= 0x0fffffff;
		word |= rnd() & 3 ? 0xe0000000 : rnd() % 15 << 28;
	}
	return word;
}

/* SRS to the stacks that are the program's own */
static bool own_stack(u32 word)
{
	return insn_decode_arm(word) == INSN_SRS &&
	       ((word & CPU_PSR_MODE) == CPU_MODE_ABT || (word & CPU_PSR_MODE) == CPU_MODE_UND);
}

static void put_verdict(const char *verdict, const struct class *c)
{
	line_len = 0;
	put(verdict);
	put(" oracle: ");
	put(c->name);
	put(", seed ");
	put_number(first_seed);
}

static bool run_class(const struct class *c, u32 rounds)
{
	struct tally t = { 0 };

	put_verdict("FAIL", c);
	put(": ");
	for (u32 i = 0; i < rounds; i++) {
		u32 word = random_word(c);

		if (!c->native && (!insn_is_silent(insn_decode_arm(word)) || own_stack(word)))
			continue;
		if (!run_case(word, c->native, c->thumb, &t)) {
			flush();
			return false;
		}
	}
	if (t.cases * 1000 < c->least * rounds) {
		put("only ");
		put_number(t.cases);
		put(" cases");
		flush();
		return false;
	}
	line_len = 0;
	put("# ");
	put_number(t.cases);
	put(" cases, ");
	put_number(t.aborts);
	put(" aborts");
	flush();
	put_verdict("PASS", c);
	flush();
	return true;
}

static void mmu_on(void)
{
	u32 sctlr;

	/* Normal, write-back, full access, domain 0 */
	page_table[MAPPED_BASE >> 20] = MAPPED_BASE | 0x1c0e;
	asm volatile("mcr p15, 0, %0, c2, c0, 0" : : "r" (page_table));
	asm volatile("mcr p15, 0, %0, c2, c0, 2" : : "r" (0));
	asm volatile("mcr p15, 0, %0, c3, c0, 0" : : "r" (1));
	asm volatile("mcr p15, 0, %0, c8, c7, 0" : : "r" (0));
	asm volatile("mrc p15, 0, %0, c1, c0, 0" : "=r" (sctlr));
	sctlr &= ~(1U << 1 | 1U << 13 | 1U << 25 | 1U << 28 | 1U << 29 | 1U << 30);
	/* SWP enabled, caches and MMU on */
	sctlr |= 1U << 0 | 1U << 2 | 1U << 10 | 1U << 12;
	asm volatile("dsb\n\tmcr p15, 0, %0, c1, c0, 0\n\tisb" : : "r" (sctlr) : "memory");
}

/* The @n-th blank-separated word of the command line, as a number */
static u32 argument(const char *s, int n)
{
	u32 v = 0;

	while (n--) {
		while (*s && *s != ' ')
			s++;
		while (*s == ' ')
			s++;
	}
	while (*s >= '0' && *s <= '9')
		v = 10 * v + *s++ - '0';
	return v;
}

int main(void)
{
	static char args[128];
	struct {
		char *buf;
		u32 len;
	} block = { args, sizeof(args) };
	u32 rounds;
	bool ok = true;

	if (semihost(0x15, &block)) {
		put("FAIL oracle: no command line by semihosting");
		flush();
		leave(false);
	}
	first_seed = argument(args, 1);
	seed = first_seed * 2654435761U | 1;
	rounds = argument(args, 2);
	if (!rounds)
		rounds = 1000;
	mmu_on();
	for (unsigned int i = 0; i < DATA_WORDS; i++)
		data[i] = rnd();
	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++)
		ok &= run_class(&classes[i], rounds);
	leave(ok);
}
