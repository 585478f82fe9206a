// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The model without an emulator: tables and code in an array, one event after the other. Each case is
 * a sequence with all of its maintenance, which must pass, or with one step missing,
 * which must be a complaint of that kind. Prints case lines.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model.h"

#define RAM_BASE	0x40000000ULL
#define RAM_SIZE	(1ULL << 20)

#define TCR_GUEST	32ULL			/* 32 bits, 4 KiB, the ASID in TTBR0 */
#define TCR_HOST	(16ULL | 1ULL << 22)
#define ASID(n)		((uint64_t)(n) << 48)

/* AttrIndx 0, user, AF, nG, inner shareable; RO is bit 7 */
#define PAGE		(3ULL | 1 << 6 | 3 << 8 | 1 << 10 | 1 << 11)
#define RO		(1ULL << 7)
#define GLOBAL		(1ULL << 11)		/* toggles nG */
#define TABLE		3ULL

#define NOP		0xd503201f
#define BRANCH		0x14000002
#define ADD		0x8b010000
#define SUB		0xcb010000

/* tlbi: as the assembler makes them, with x1 */
#define VMALLE1		0xd508871f
#define VMALLE1IS	0xd508831f
#define VAE1		0xd5088721
#define VAE1IS		0xd5088321
#define VALE1		0xd50887a1
#define ASIDE1		0xd5088741
#define VAALE1IS	0xd50883e1
#define RVAE1IS		0xd5088221

struct cpu cpus[MAX_CPUS];
unsigned int nr_cpus = 2;
_Atomic uint64_t counts[NR_COUNTS];
const struct arch *arch = &arch_a64;
static uint64_t ram[RAM_SIZE / 8];
static unsigned int seen[NR_COMPLAINTS];
static int failures;

void *ram_at(uint64_t pa)
{
	return pa >= RAM_BASE && pa - RAM_BASE < RAM_SIZE ? (char *)ram + (pa - RAM_BASE) : NULL;
}

bool ram_pa(const void *at, uint64_t *pa)
{
	*pa = RAM_BASE + ((const char *)at - (const char *)ram);
	return (const char *)at >= (const char *)ram && *pa - RAM_BASE < RAM_SIZE;
}

uint64_t ram_bytes(void) { return RAM_SIZE; }
uint64_t ram_start(void) { return RAM_BASE; }

void complain(const struct cpu *cpu, enum complaint what, uint64_t pc, const char *format, ...)
{
	va_list args;

	(void)cpu;
	(void)pc;
	va_start(args, format);
	printf("    | %d: ", what);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	seen[what]++;
}

/* Exactly one complaint, of this kind; NR_COMPLAINTS: none at all. */
static void expect(const char *name, enum complaint what)
{
	unsigned int i, total = 0;

	for (i = 0; i < NR_COMPLAINTS; i++)
		total += seen[i];
	if (what == NR_COMPLAINTS ? !total : total == 1 && seen[what] == 1) {
		printf("PASS %s\n", name);
	} else {
		printf("FAIL %s: %u complaints, %u of the kind\n", name, total, what == NR_COMPLAINTS ? 0 : seen[what]);
		failures++;
	}
	memset(seen, 0, sizeof(seen));
}

#define silent(name)	expect(name, NR_COMPLAINTS)

/* -- translations ---------------------------------------------------------------- */

/* Level 1 at 0, level 2 at 4 KiB (another at 8 KiB), level 3 at 12 KiB (another at 16 KiB); data from 64 KiB on. */
#define L1	ram[0]
#define L2	ram[512]
#define L3(n)	ram[3 * 512 + (n)]
#define L3B(n)	ram[4 * 512 + (n)]
#define AT(page)	(RAM_BASE + (page) * PAGE_SIZE)
#define DATA(n)	(AT(16 + (n)) | PAGE)

static struct cpu *const a = &cpus[0], *const b = &cpus[1];

static void regime(struct cpu *cpu, uint64_t tcr, uint64_t asid)
{
	cpu->tcr = tcr;
	cpu->sctlr = 1;
	cpu->ttbr0 = RAM_BASE | (tcr == TCR_GUEST ? ASID(asid) : 0);
	cpu->ttbr1 = ASID(asid);
	arch->regime(cpu);
}

static void fresh(void)
{
	unsigned int i;

	memset(ram, 0, sizeof(ram));
	L1 = AT(1) | TABLE;
	L2 = AT(3) | TABLE;
	for (i = 0; i < 8; i++)
		L3(i) = DATA(i);
	for (i = 0; i < nr_cpus; i++) {
		tlb_inval_all(&cpus[i].tlb);
		regime(&cpus[i], TCR_GUEST, 5);
	}
}

#define VA(n)		((uint64_t)(n) << PAGE_SHIFT)
#define ARG(n, asid)	(ASID(asid) | (n))	/* a TLBI's */

static void tlbi(struct cpu *cpu, uint32_t insn, uint64_t arg)
{
	unsigned int i;

	if (!arch->tlbi_is(insn)) {
		arch->tlbi(&cpu->tlb, insn, arg);
		return;
	}
	for (i = 0; i < nr_cpus; i++)
		arch->tlbi(&cpus[i].tlb, insn, arg);
}

static uint64_t load(struct cpu *cpu, uint64_t va)
{
	return tlb_access(cpu, va, ACCESS_READ, 0);
}

static void test_walk(void)
{
	fresh();
	if (load(a, VA(1) + 4) != AT(17) + 4)
		seen[TLB_REMAPPED]++;
	silent("a walk finds the page");
	fresh();
	load(a, VA(1));
	load(a, VA(1));
	silent("the same twice");
}

/* Page 1 becomes another one; with this TLBI between, if it isn't 0. */
static void remap(const char *name, uint32_t insn, uint64_t arg, enum complaint what)
{
	fresh();
	load(a, VA(1));
	L3(1) = 0;
	if (insn)
		tlbi(a, insn, arg);
	L3(1) = DATA(2);
	load(a, VA(1));
	expect(name, what);
}

static void test_remap(void)
{
	remap("another page without TLBI", 0, 0, TLB_REMAPPED);
	remap("another page by VAE1", VAE1, ARG(1, 5), NR_COMPLAINTS);
	remap("another page by VALE1", VALE1, ARG(1, 5), NR_COMPLAINTS);
	remap("another page by VAE1IS", VAE1IS, ARG(1, 5), NR_COMPLAINTS);
	remap("another page by VAALE1IS", VAALE1IS, ARG(1, 0), NR_COMPLAINTS);
	remap("another page by ASIDE1", ASIDE1, ARG(0, 5), NR_COMPLAINTS);
	remap("another page by VMALLE1", VMALLE1, 0, NR_COMPLAINTS);
	remap("another page by RVAE1IS", RVAE1IS, ARG(0, 5) | 1ULL << 46, NR_COMPLAINTS);
	remap("the TLBI is of another page", VAE1, ARG(2, 5), TLB_REMAPPED);
	remap("the TLBI is of another ASID", VAE1, ARG(1, 6), TLB_REMAPPED);
	remap("the TLBI is ASIDE1 of another", ASIDE1, ARG(0, 6), TLB_REMAPPED);
	remap("the range is of other pages", RVAE1IS, ARG(2, 5) | 1ULL << 46, TLB_REMAPPED);
}

static void test_asid(void)
{
	fresh();
	load(a, VA(1));
	L3(1) = DATA(2);
	regime(a, TCR_GUEST, 6);
	load(a, VA(1));
	silent("another ASID has entries of its own");
	regime(a, TCR_GUEST, 5);
	load(a, VA(1));
	expect("and the first one keeps them", TLB_REMAPPED);

	fresh();
	L3(1) = DATA(1) ^ GLOBAL;
	load(a, VA(1));
	tlbi(a, ASIDE1, ARG(0, 5));
	L3(1) = DATA(2) ^ GLOBAL;
	load(a, VA(1));
	expect("a global entry outlives its ASID", TLB_REMAPPED);
	load(a, VA(1));
	tlbi(a, VAE1, ARG(1, 9));
	L3(1) = DATA(3) ^ GLOBAL;
	load(a, VA(1));
	silent("but not a TLBI of the address");
}

static void test_levels(void)
{
	/* The leaf is another one, by way of another table; VALE1 leaves walk caches alone. */
	fresh();
	load(a, VA(1));
	L3B(1) = DATA(2);
	L2 = AT(4) | TABLE;
	tlbi(a, VALE1, ARG(1, 5));
	load(a, VA(1));
	expect("VALE1 is not for tables", TLB_REMAPPED);

	fresh();
	load(a, VA(1));
	L3B(1) = DATA(2);
	L2 = AT(4) | TABLE;
	tlbi(a, VAE1, ARG(1, 5));
	load(a, VA(1));
	silent("VAE1 is");

	fresh();
	L2 = (AT(0) & ~0x1fffffULL) | (PAGE & ~2ULL);
	load(a, VA(1));
	L2 = AT(3) | TABLE;
	load(a, VA(1));
	expect("a block becomes a table", TLB_REMAPPED);

	fresh();
	L2 = (AT(0) & ~0x1fffffULL) | (PAGE & ~2ULL);
	load(a, VA(1));
	tlbi(a, VAE1, ARG(7, 5));		/* of any page in it */
	L2 = AT(3) | TABLE;
	load(a, VA(1));
	silent("a block goes by any of its addresses");
}

static void test_cpus(void)
{
	fresh();
	load(a, VA(1));
	load(b, VA(1));
	tlbi(a, VAE1, ARG(1, 5));
	L3(1) = DATA(2);
	load(a, VA(1));
	silent("VAE1 is for this CPU");
	load(b, VA(1));
	expect("and for no other", TLB_REMAPPED);

	fresh();
	load(b, VA(1));
	tlbi(a, VMALLE1IS, 0);
	L3(1) = DATA(2);
	load(b, VA(1));
	silent("VMALLE1IS is for all");
}

/* A page is taken away or made read-only; the guest then stores to it, and that is an abort. */
static void take_away(const char *name, unsigned int cpus_there, uint64_t tcr, uint64_t desc, uint32_t insn, enum complaint what)
{
	nr_cpus = cpus_there;
	fresh();
	regime(a, tcr, 5);
	if (tcr == TCR_HOST) {
		a->tcr = TCR_GUEST | 1 << 22;
		arch->regime(a);
	}
	tlb_access(a, VA(1), ACCESS_WRITE, 0);
	L3(1) = desc;
	if (insn)
		tlbi(a, insn, ARG(1, 5));
	tlb_abort(a, VA(1), ACCESS_WRITE, 0);
	expect(name, what);
	nr_cpus = 2;
}

static void test_aborts(void)
{
	take_away("a page is gone without TLBI", 1, TCR_GUEST, 0, 0, TLB_STALE);
	take_away("a page is gone by VALE1", 1, TCR_GUEST, 0, VALE1, NR_COMPLAINTS);
	take_away("a page is read-only without TLBI", 1, TCR_GUEST, DATA(1) | RO, 0, TLB_STALE);
	take_away("a page is read-only by VALE1", 1, TCR_GUEST, DATA(1) | RO, VALE1, NR_COMPLAINTS);
	take_away("a process of the host may wait for it", 1, TCR_HOST, 0, 0, NR_COMPLAINTS);
	take_away("another CPU may be about to see to it", 2, TCR_GUEST, 0, 0, NR_COMPLAINTS);
	nr_cpus = 2;
	fresh();
	load(a, VA(1));
	L3(1) = 0;
	tlb_abort(a, VA(1), ACCESS_READ, 0);
	regime(a, TCR_HOST, 1);
	regime(a, TCR_GUEST, 5);
	tlb_abort(a, VA(1), ACCESS_READ, 0);
	expect("but not for ever", TLB_STALE);

	fresh();
	L3(1) = DATA(1) | RO;
	load(a, VA(1));
	tlb_abort(a, VA(1), ACCESS_WRITE, 0);
	L3(1) = DATA(1);
	tlb_access(a, VA(1), ACCESS_WRITE, 0);
	silent("more permissions need no TLBI");
	a->wants_isb = 1;
	load(a, VA(1));
	expect("TTBR0 without ISB", TLB_NO_ISB);
}

/* -- instructions -------------------------------------------------------------------- */

#define CODE	AT(100)

static void put(uint32_t insn)
{
	*(uint32_t *)ram_at(CODE + 8) = insn;
	icache_store(CODE + 8, 4);
}

static void fetch(struct cpu *cpu)
{
	icache_fetch(cpu, CODE + 8, 4, 0);
}

static void new_code(void)
{
	put(ADD);
	icache_clean(CODE);
	icache_inval_all(a, true);
	icache_dsb(a);
	icache_isb(a);
	icache_dsb(b);
	icache_isb(b);
	fetch(a);
	memset(seen, 0, sizeof(seen));
	put(SUB);
}

enum { CLEAN = 1, IC = 2, DSB = 4, ISB = 8, IC_FIRST = 16, ALL = 32 };

static void changed(const char *name, unsigned int steps, enum complaint what)
{
	new_code();
	if (steps & IC_FIRST)
		icache_inval_line(a, CODE);
	if (steps & CLEAN)
		icache_clean(CODE);
	if (steps & IC)
		icache_inval_line(a, CODE);
	if (steps & ALL)
		icache_inval_all(a, false);
	if (steps & DSB)
		icache_dsb(a);
	if (steps & ISB)
		icache_isb(a);
	fetch(a);
	expect(name, what);
}

static void test_icache(void)
{
	changed("code changes with all it takes", CLEAN | IC | DSB | ISB, NR_COMPLAINTS);
	changed("code changes, by IALLU", CLEAN | ALL | DSB | ISB, NR_COMPLAINTS);
	changed("no IC", CLEAN | DSB | ISB, IC_STALE);
	changed("IC before the clean", IC_FIRST | CLEAN | DSB | ISB, IC_STALE);
	changed("no DSB", CLEAN | IC, IC_NO_DSB);
	changed("no ISB", CLEAN | IC | DSB, IC_NO_ISB);

	icache_rules(false, true);
	changed("no clean where none is wanted", IC | DSB | ISB, NR_COMPLAINTS);
	changed("but the IC", DSB | ISB, IC_STALE);
	icache_rules(true, true);

	new_code();
	put(ADD);
	icache_clean(CODE);
	fetch(a);
	silent("what is there again is what was");

	/* never fetched */
	*(uint32_t *)ram_at(CODE + 0x48) = ADD;
	icache_store(CODE + 0x48, 4);
	icache_fetch(a, CODE + 0x48, 4, 0);
	expect("new code without a clean", IC_NOT_CLEAN);
	icache_store(CODE + 0x80, 4);
	icache_fetch(a, CODE + 0x84, 4, 0);
	silent("data beside code");

	new_code();
	put(ADD);
	fetch(a);
	silent("a store of the same needs no clean");

	new_code();
	icache_clean(CODE);
	icache_inval_line(a, CODE);
	icache_dsb(a);
	icache_isb(a);
	fetch(a);
	fetch(b);
	silent("IVAU is for all CPUs");
	put(ADD);
	icache_clean(CODE);
	icache_inval_all(a, false);
	icache_dsb(b);
	icache_isb(b);
	fetch(b);
	expect("IALLU for one", IC_STALE);

	put(NOP);
	icache_clean(CODE);
	icache_inval_all(a, true);
	icache_dsb(a);
	icache_isb(a);
	fetch(a);
	put(BRANCH);
	fetch(a);
	silent("a branch in the place of a NOP");
}

/* -- encodings ---------------------------------------------------------------------------- */

static void test_kinds(void)
{
	static const struct { uint32_t insn; enum sys_kind kind; } table[] = {
		{ VMALLE1, SYS_TLBI }, { VAALE1IS, SYS_TLBI }, { RVAE1IS, SYS_TLBI },
		{ 0xd5033b9f, SYS_DSB }, { 0xd503369f, SYS_DSB }, { 0xd5033fdf, SYS_ISB }, { 0xd69f03e0, SYS_ERET },
		{ 0xd50b7b22, SYS_DC_CLEAN_POU }, { 0xd50b7e22, SYS_DC_CLEAN }, { 0xd50b7422, SYS_DC_ZERO },
		{ 0xd50b7522, SYS_IC_LINE }, { 0xd508751f, SYS_IC_ALL }, { 0xd508711f, SYS_IC_ALL_IS },
		{ 0xd5182003, SYS_TTBR0 }, { 0xd5182023, SYS_TTBR1 }, { 0xd5182043, SYS_TCR }, { 0xd5181003, SYS_SCTLR },
		{ 0xd518c003, SYS_VBAR },
		/* MRS, DMB, NOP, MSR CONTEXTIDR_EL1 */
		{ 0xd538c003, SYS_NONE }, { 0xd5382003, SYS_NONE }, { 0xd5033bbf, SYS_NONE }, { NOP, SYS_NONE },
		{ 0xd518d022, SYS_NONE },
	};
	unsigned int i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (arch->kind(table[i].insn) != table[i].kind) {
			printf("    | 0x%x is %d\n", table[i].insn, arch->kind(table[i].insn));
			seen[0]++;
		}
	if (!arch->tlbi_is(VAE1IS) || arch->tlbi_is(VAE1) || !arch->tlbi_is(RVAE1IS))
		seen[0]++;
	if (arch->dsb_option(0xd5033b9f) != 11 || arch->dsb_option(0xd503379f) != 7 || arch->dsb_option(0xd503369f) != 6)
		seen[0]++;
	if (a32_kind_el0(0xf57ff04b, 4) != SYS_DSB || a32_kind_el0(0x8f4ff3bf, 4) != SYS_DSB || a32_kind_el0(0xee070f9a, 4) != SYS_DSB ||
	    a32_kind_el0(0xf57ff06f, 4) != SYS_ISB || a32_kind_el0(0xf57ff05f, 4) != SYS_NONE)
		seen[0]++;
	silent("encodings");
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		cpus[i].index = i;
		tlb_init(&cpus[i].tlb);
	}
	icache_init();
	icache_rules(true, true);
	test_kinds();
	test_walk();
	test_remap();
	test_asid();
	test_levels();
	test_cpus();
	test_aborts();
	test_icache();
	return failures != 0;
}
