// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Life of the plugin, what of the emulated machine it hooks, and complaints.
 *
 *   -plugin model.so,ram=BASE:BYTES,out=FILE
 *
 * FILE gets a line for each complaint, at once, and at the end one that starts with
 * "checked:" and says what was looked at.
 *
 * Stores are hooked everywhere, loads and fetches at addresses of TTBR0's half: the
 * kernel's own loads and fetches cost nothing.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <qemu-plugin.h>

#include "model.h"

#define MAX_LINES	200		/* complaints that are shown, each place once */
#define VECTOR_GUEST	0x600		/* synchronous, from AArch32 state at EL0 (D1.3.1.2) */
#define VECTOR_PABT	0x0c		/* B1.8.1 */
#define VECTOR_DABT	0x10

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

struct cpu cpus[MAX_CPUS];
unsigned int nr_cpus;
_Atomic uint64_t counts[NR_COUNTS];
const struct arch *arch;

static FILE *out;
static uint64_t ram_base, ram_size;
static uint8_t *_Atomic ram;
static __thread struct cpu *this_cpu;
static struct qemu_plugin_register *x_reg[31], *esr_reg, *far_reg;
static struct qemu_plugin_register *ifsr_reg, *ifar_reg, *cpsr_reg;	/* Armv7 */
static struct qemu_plugin_register *ctr_reg, *clidr_reg;

/* A hooked instruction. */
struct hook {
	uint64_t pc;
	uint32_t insn;
	enum sys_kind kind;
};

/* -- memory ------------------------------------------------------------------- */

uint64_t ram_start(void)
{
	return ram_base;
}

uint64_t ram_bytes(void)
{
	return ram_size;
}

void *ram_at(uint64_t pa)
{
	uint8_t *at = atomic_load_explicit(&ram, memory_order_relaxed);

	return at && pa >= ram_base && pa - ram_base < ram_size ? at + (pa - ram_base) : NULL;
}

bool ram_pa(const void *where, uint64_t *pa)
{
	uint8_t *at = atomic_load_explicit(&ram, memory_order_relaxed);
	uint64_t offset = (const uint8_t *)where - at;

	if (!at || (const uint8_t *)where < at || offset >= ram_size)
		return false;
	*pa = ram_base + offset;
	return true;
}

/* -- complaints ------------------------------------------------------------------ */

static const char * const kind_name[NR_COMPLAINTS] = {
	[TLB_REMAPPED] = "tlb-remapped",
	[TLB_STALE] = "tlb-stale",
	[TLB_NO_DSB] = "tlbi-without-dsb",
	[TLB_STORE_NO_DSB] = "store-without-dsb",
	[TLB_NO_ISB] = "register-without-isb",
	[IC_NOT_CLEAN] = "icache-not-clean",
	[IC_STALE] = "icache-stale",
	[IC_NO_DSB] = "ic-without-dsb",
	[IC_NO_ISB] = "ic-without-isb",
};

void complain(const struct cpu *cpu, enum complaint what, uint64_t pc, const char *format, ...)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct { uint64_t pc; enum complaint what; } seen[MAX_LINES];
	static uint64_t total[NR_COMPLAINTS];
	static unsigned int n;
	unsigned int i;
	va_list args;

	pthread_mutex_lock(&lock);
	total[what]++;
	for (i = 0; i < n; i++)
		if (seen[i].pc == pc && seen[i].what == what)
			break;
	if (i == n && n < MAX_LINES) {
		seen[n].pc = pc;
		seen[n++].what = what;
		fprintf(out, "%s: CPU %u, %s, pc 0x%" PRIx64 ": ", kind_name[what], cpu->index,
			cpu->guest ? "guest" : "host", pc);
		va_start(args, format);
		vfprintf(out, format, args);
		va_end(args);
		fputc('\n', out);
		fflush(out);
	}
	pthread_mutex_unlock(&lock);
}

/* -- accesses ----------------------------------------------------------------------- */

/* 0: it isn't in RAM, or not mapped */
static uint64_t translate(struct cpu *cpu, uint64_t va)
{
	struct walk walk;

	if (!cpu->mmu)
		return va;
	arch->walk(cpu, va, &walk);
	return walk.valid ? walk.pa : 0;
}

/* The kernel's own half: nothing is checked there, but where its stores go is wanted. */
static uint64_t kernel_pa(struct cpu *cpu, uint64_t va)
{
	struct front *front = &cpu->kernel[va >> PAGE_SHIFT & (FRONT - 1)];
	uint64_t seq = atomic_load_explicit(&cpu->tlb.seq, memory_order_relaxed), pa;

	if (front->page == (va >> PAGE_SHIFT) + 1 && front->seq == seq && front->root == cpu->ttbr1)
		return front->pa | (va & (PAGE_SIZE - 1));
	pa = translate(cpu, va);
	if (pa) {
		front->page = (va >> PAGE_SHIFT) + 1;
		front->seq = seq;
		front->root = cpu->ttbr1;
		front->pa = pa & ~(PAGE_SIZE - 1);
	}
	return pa;
}

static void on_memory(unsigned int index, qemu_plugin_meminfo_t info, uint64_t va, void *pc)
{
	struct cpu *cpu = &cpus[index];
	bool store = qemu_plugin_mem_is_store(info);
	uint64_t pa;

	if (!cpu->mmu)
		return;
	if (arch->low(cpu, va)) {
		pa = tlb_access(cpu, va, store ? ACCESS_WRITE : ACCESS_READ, (uintptr_t)pc);
		if (store && pa)
			icache_store(pa, 1U << qemu_plugin_mem_size_shift(info));
		return;
	}
	if (!store)
		return;
	pa = kernel_pa(cpu, va);
	if (!pa)
		return;
	icache_store(pa, 1U << qemu_plugin_mem_size_shift(info));
	if (tlb_table_store(pa, 1U << qemu_plugin_mem_size_shift(info)))
		cpu->table_store = (uintptr_t)pc;
}

/* A translation block at an address that is modelled begins. */
static void on_block(unsigned int index, void *pc)
{
	struct cpu *cpu = &cpus[index];

	if (cpu->mmu && arch->low(cpu, (uintptr_t)pc))
		tlb_access(cpu, (uintptr_t)pc, ACCESS_EXEC, (uintptr_t)pc);
}

/* -- instructions -------------------------------------------------------------------- */

static uint64_t read_reg(struct qemu_plugin_register *reg)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	uint64_t value = 0;
	int n = qemu_plugin_read_register(reg, bytes);

	memcpy(&value, bytes->data, n < 8 ? n : 8);
	return value;
}

static uint64_t operand(uint32_t insn)
{
	return arch->rt(insn) == 31 ? 0 : read_reg(x_reg[arch->rt(insn)]);
}

static void on_tlbi(struct cpu *cpu, const struct hook *hook)
{
	uint64_t arg = operand(hook->insn);
	unsigned int i;

	count(COUNT_TLBI);
	if (cpu->guest)
		count(COUNT_GUEST_TLBI);
	if (cpu->table_store)
		complain(cpu, TLB_STORE_NO_DSB, cpu->table_store,
			 "a valid descriptor is changed here, and the TLBI at 0x%" PRIx64
			 " comes without a DSB between", hook->pc);
	cpu->table_store = 0;
	if (!cpu->wants_dsb)
		cpu->wants_dsb = hook->pc;
	if (!arch->tlbi_is(hook->insn)) {
		arch->tlbi(&cpu->tlb, hook->insn, arg);
		return;
	}
	cpu->wants_dsb_ish = true;
	for (i = 0; i < nr_cpus; i++)
		arch->tlbi(&cpus[i].tlb, hook->insn, arg);
}

static void on_dsb(struct cpu *cpu, const struct hook *hook)
{
	unsigned int option = arch->dsb_option(hook->insn);
	bool shared = option >= 8;		/* inner shareable or more */

	if (option & 2)
		cpu->table_store = 0;
	/* Linux on Armv7 takes DSB ISHST for enough between DCCMVAU and ICIMVAU (arch/arm/mm/cache-v7.S). */
	if ((option & 2) && shared && arch->narrow)
		cpu->clean = 0;
	if ((option & 3) != 3)
		return;
	if (shared || !cpu->wants_dsb_ish) {
		cpu->wants_dsb = 0;
		cpu->wants_dsb_ish = false;
	}
	if (shared)
		cpu->clean = 0;
	if (cpu->clean_ways)
		icache_clean_all();
	cpu->clean_ways = false;
	icache_dsb(cpu);
}

static void on_ic(struct cpu *cpu, const struct hook *hook)
{
	uint64_t pa;

	if (cpu->clean)
		complain(cpu, IC_NO_DSB, hook->pc, "an IC, and no DSB since the DC CVAU at 0x%" PRIx64, cpu->clean);
	cpu->clean = 0;
	if (hook->kind != SYS_IC_LINE) {
		icache_inval_all(cpu, hook->kind == SYS_IC_ALL_IS);
		return;
	}
	pa = translate(cpu, operand(hook->insn));
	if (pa)
		icache_inval_line(cpu, pa);
}

static void on_dc(struct cpu *cpu, const struct hook *hook)
{
	uint64_t pa;

	if (hook->kind == SYS_DC_CLEAN_WAY) {
		cpu->clean_ways = true;
		return;
	}
	pa = translate(cpu, operand(hook->insn));
	if (hook->kind == SYS_DC_CLEAN_POU)
		cpu->clean = hook->pc;
	if (!pa)
		return;
	if (hook->kind == SYS_DC_ZERO)
		icache_store(pa & ~63ULL, 64);
	else
		icache_clean(pa);
}

static void on_eret(struct cpu *cpu)
{
	if (cpu->guest && cpu->wants_dsb)
		complain(cpu, TLB_NO_DSB, cpu->wants_dsb, "a TLBI, and no DSB before the return to the guest");
	cpu->wants_isb = 0;
	icache_isb(cpu);
}

static void on_register(struct cpu *cpu, const struct hook *hook)
{
	uint64_t value = operand(hook->insn);

	switch (hook->kind) {
	case SYS_TTBR0:
		cpu->ttbr0 = value;
		break;
	case SYS_TTBR1:
		cpu->ttbr1 = value;
		break;
	case SYS_TCR:
		cpu->tcr = value;
		break;
	case SYS_SCTLR:
		cpu->sctlr = value;
		break;
	case SYS_ASID:
		cpu->contextidr = value;
		break;
	default:
		cpu->vbar = value;
	}
	arch->regime(cpu);
	if (cpu->mmu && hook->kind != SYS_SCTLR && hook->kind != SYS_VBAR)
		cpu->wants_isb = hook->pc;
}

/* A32 instructions have a condition (A8.3). */
static bool passes(uint32_t insn)
{
	uint64_t cpsr;
	bool n, z, c, v, pass;

	if (insn >> 28 >= 14)
		return true;
	cpsr = read_reg(cpsr_reg);
	n = cpsr >> 31 & 1;
	z = cpsr >> 30 & 1;
	c = cpsr >> 29 & 1;
	v = cpsr >> 28 & 1;
	switch (insn >> 29) {
	case 0:
		pass = z;
		break;
	case 1:
		pass = c;
		break;
	case 2:
		pass = n;
		break;
	case 3:
		pass = v;
		break;
	case 4:
		pass = c && !z;
		break;
	case 5:
		pass = n == v;
		break;
	default:
		pass = n == v && !z;
	}
	return pass != (insn >> 28 & 1);
}

static void on_hook(unsigned int index, void *data)
{
	const struct hook *hook = data;
	struct cpu *cpu = &cpus[index];

	if (arch->narrow && !passes(hook->insn))
		return;
	switch (hook->kind) {
	case SYS_TLBI:
		on_tlbi(cpu, hook);
		break;
	case SYS_DSB:
		on_dsb(cpu, hook);
		break;
	case SYS_ISB:
		cpu->wants_isb = 0;
		icache_isb(cpu);
		break;
	case SYS_ERET:
		on_eret(cpu);
		break;
	case SYS_DC_CLEAN:
	case SYS_DC_CLEAN_POU:
	case SYS_DC_CLEAN_WAY:
	case SYS_DC_ZERO:
		on_dc(cpu, hook);
		break;
	case SYS_IC_LINE:
	case SYS_IC_ALL:
	case SYS_IC_ALL_IS:
		on_ic(cpu, hook);
		break;
	default:
		on_register(cpu, hook);
	}
}

/* What a guest waits for is also what the host has done in its name. */
static void on_program_dsb(unsigned int index, void *data)
{
	struct cpu *cpu = &cpus[index];
	uint32_t insn = (uintptr_t)data;
	/* T32 has the option in the second halfword. */
	unsigned int option = (insn & 0xfff0ffff) == 0x8f40f3bf ? insn >> 16 & 15 : arch_a32.dsb_option(insn);

	/* A guest is Linux on Armv7: see on_dsb(). */
	if ((option & 2) && option >= 8)
		cpu->clean = 0;
	if ((option & 3) == 3)
		icache_dsb(cpu);
}

static void on_program_isb(unsigned int index, void *data)
{
	(void)data;
	icache_isb(&cpus[index]);
}

/* Where a guest's aborts arrive; 0: not there */
static bool is_guest_vector(const struct cpu *cpu, uint64_t pc)
{
	if (!cpu->guest)
		return false;
	return arch->narrow ? pc == cpu->vbar + VECTOR_PABT || pc == cpu->vbar + VECTOR_DABT :
			      pc == cpu->vbar + VECTOR_GUEST;
}

/* ESR_EL1 (D17.2.37): translation, access flag or permission */
static bool abort_a64(uint64_t *va, enum access *access)
{
	uint64_t esr = read_reg(esr_reg);
	unsigned int class = esr >> 26 & 0x3f, status = esr >> 2 & 0xf;

	if ((class != 0x20 && class != 0x24) || status < 1 || status > 3)
		return false;
	*va = read_reg(far_reg);
	*access = class == 0x20 ? ACCESS_EXEC : esr & 1 << 6 ? ACCESS_WRITE : ACCESS_READ;
	return true;
}

/* DFSR, IFSR (B4.1.51, B4.1.96): translation or permission, of either level */
static bool abort_a32(bool data, uint64_t *va, enum access *access)
{
	uint64_t fsr = read_reg(data ? esr_reg : ifsr_reg);
	unsigned int status = (fsr & 0xf) | (fsr >> 6 & 0x10);

	if (status != 5 && status != 7 && status != 0xd && status != 0xf)
		return false;
	*va = read_reg(data ? far_reg : ifar_reg) & 0xffffffff;
	*access = !data ? ACCESS_EXEC : fsr & 1 << 11 ? ACCESS_WRITE : ACCESS_READ;
	return true;
}

/* The guest's exception arrives: is it an abort that a stale translation would not have made? */
static void on_guest_exception(unsigned int index, void *data)
{
	const struct hook *hook = data;
	struct cpu *cpu = &cpus[index];
	enum access access;
	uint64_t va;

	if (!is_guest_vector(cpu, hook->pc))
		return;
	if (arch->narrow ? abort_a32(hook->pc == cpu->vbar + VECTOR_DABT, &va, &access) : abort_a64(&va, &access))
		tlb_abort(cpu, va, access, hook->pc);
}

/* -- translation ------------------------------------------------------------------------ */

static struct hook *new_hook(uint64_t pc, uint32_t insn, enum sys_kind kind)
{
	struct hook *hook = malloc(sizeof(*hook));

	if (!hook)
		abort();
	*hook = (struct hook){ .pc = pc, .insn = insn, .kind = kind };
	return hook;			/* lives as long as QEMU */
}

static void hook_kernel(struct cpu *cpu, struct qemu_plugin_insn *insn, uint64_t pc, uint32_t word)
{
	enum sys_kind kind = qemu_plugin_insn_size(insn) == 4 ? arch->kind(word) : SYS_NONE;

	if (kind)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_hook, QEMU_PLUGIN_CB_R_REGS,
						       new_hook(pc, word, kind));
	if (is_guest_vector(cpu, pc))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_guest_exception, QEMU_PLUGIN_CB_R_REGS,
						       new_hook(pc, word, kind));
}

/* Of a program.  In the guest's world it is A32 or T32 also on arm64. */
static void hook_program(struct cpu *cpu, struct qemu_plugin_insn *insn, uint64_t pc, uint32_t word)
{
	bool guest = cpu->guest;
	enum sys_kind kind = (guest ? a32_kind_el0 : arch->kind_el0)(word, qemu_plugin_insn_size(insn));

	if (kind == SYS_NONE)
		return;
	if (guest || arch->narrow)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, kind == SYS_DSB ? on_program_dsb : on_program_isb,
						       QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)word);
	else
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_hook, QEMU_PLUGIN_CB_R_REGS,
						       new_hook(pc, word, kind));
}

/* The MMU is off at first, so an address of the code is a physical one: that gives away where RAM is. */
static void find_ram(struct cpu *cpu, struct qemu_plugin_insn *insn)
{
	uint64_t va = qemu_plugin_insn_vaddr(insn);
	uint8_t *at = qemu_plugin_insn_haddr(insn);

	if (!cpu->mmu && at && va >= ram_base && va - ram_base < ram_size)
		atomic_store(&ram, at - (va - ram_base));
}

static void on_translation(__attribute__((unused)) qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct cpu *cpu = this_cpu ? this_cpu : &cpus[0];		/* one thread: one CPU */
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	uint64_t start = qemu_plugin_tb_vaddr(tb);
	bool low = arch->low(cpu, start);
	/* On Armv7 the module's page of code is in the guest's tables, too. */
	bool kernel = !low || !cpu->mmu || (arch->narrow && start >= SWITCH_AREA && start < HIGH_VECTORS);
	uint64_t at_start;

	/* The kernel is at its physical address while it changes its tables, and before it has moved. */
	if (n && ram_pa(qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(tb, 0)), &at_start) && at_start == start)
		kernel = true;

	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t pc = qemu_plugin_insn_vaddr(insn), pa;
		const void *at = qemu_plugin_insn_haddr(insn);
		enum qemu_plugin_mem_rw rw = QEMU_PLUGIN_MEM_W;
		uint32_t word = 0;

		if (!atomic_load(&ram))
			find_ram(cpu, insn);
		if (qemu_plugin_insn_size(insn) == 4)
			qemu_plugin_insn_data(insn, &word, sizeof(word));
		if (low || arch->is_unprivileged_load(word))
			rw = QEMU_PLUGIN_MEM_RW;
		qemu_plugin_register_vcpu_mem_cb(insn, on_memory, QEMU_PLUGIN_CB_NO_REGS, rw,
						 (void *)(uintptr_t)pc);
		if (kernel)
			hook_kernel(cpu, insn, pc, word);
		else
			hook_program(cpu, insn, pc, word);
		if (cpu->mmu && at && ram_pa(at, &pa))
			icache_fetch(cpu, pa, qemu_plugin_insn_size(insn), pc);
	}
	if (low)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)start);
}

/* -- life ------------------------------------------------------------------------------------ */

static void fatal(const char *text)
{
	fprintf(out, "model: %s\n", text);
	fflush(out);
	fprintf(stderr, "model: %s\n", text);
	exit(1);
}

static void take_register(const char *name, struct qemu_plugin_register *handle)
{
	static const struct { const char *name; struct qemu_plugin_register **reg; } others[] = {
		{ "ESR_EL1", &esr_reg }, { "FAR_EL1", &far_reg }, { "CTR_EL0", &ctr_reg }, { "CLIDR", &clidr_reg },
		{ "CTR", &ctr_reg }, { "DFSR", &esr_reg }, { "DFAR", &far_reg },
		{ "IFSR", &ifsr_reg }, { "IFAR", &ifar_reg }, { "cpsr", &cpsr_reg },
		{ "sp", &x_reg[13] }, { "lr", &x_reg[14] },
	};
	unsigned int i, n;
	int end;

	if (sscanf(name, arch->narrow ? "r%u%n" : "x%u%n", &n, &end) == 1 && !name[end] && n < 31)
		x_reg[n] = handle;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if ((arch->narrow || i < 4) && !strcmp(name, others[i].name))
			*others[i].reg = handle;
}

static void find_registers(void)
{
	g_autoptr(GArray) regs = qemu_plugin_get_registers();
	unsigned int i, wanted = arch->narrow ? 15 : 31;

	for (i = 0; i < regs->len; i++) {
		qemu_plugin_reg_descriptor *reg = &g_array_index(regs, qemu_plugin_reg_descriptor, i);

		take_register(reg->name, reg->handle);
	}
	for (i = 0; i < wanted; i++)
		if (!x_reg[i])
			break;
	if (i < wanted || !esr_reg || !far_reg || !ctr_reg || !clidr_reg || (arch->narrow && (!ifsr_reg || !ifar_reg || !cpsr_reg)))
		fatal("this QEMU does not show plugins the registers that the model reads: 10.0 is known to");
}

/*
 * CTR_EL0.IDC and DIC; no clean either where the point of unification comes before any cache: CLIDR_EL1.LoUU and
 * LoUIS are 0 (D7.5.8).
 */
static void find_rules(void)
{
	uint64_t ctr = read_reg(ctr_reg), clidr = read_reg(clidr_reg);

	icache_rules(!(ctr >> 28 & 1) && (clidr >> 27 & 7 || clidr >> 21 & 7), !(ctr >> 29 & 1));
}

/* In the vCPU's own thread. */
static void on_cpu(qemu_plugin_id_t id, unsigned int index)
{
	(void)id;
	this_cpu = &cpus[index];
	if (!index) {
		find_registers();
		find_rules();
	}
}

static void at_end(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	fprintf(out, "checked: %" PRIu64 " TLBI (%" PRIu64 " in the guest's world, entered %" PRIu64
		" times), %" PRIu64 " walks, %" PRIu64 " entries, %" PRIu64 " guest aborts, %" PRIu64
		" stores to tables, %" PRIu64 " instructions fetched, %" PRIu64 " cache operations\n",
		counts[COUNT_TLBI], counts[COUNT_GUEST_TLBI], counts[COUNT_PASSES], counts[COUNT_CHECKED],
		counts[COUNT_CACHED], counts[COUNT_ABORTS], counts[COUNT_TABLE_STORES], counts[COUNT_FETCHED],
		counts[COUNT_ICACHE]);
	fflush(out);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < (unsigned int)argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
		else if (sscanf(argv[i], "ram=%" SCNi64 ":%" SCNi64, &ram_base, &ram_size) != 2)
			ram_size = 0;
	}
	if (!out || !ram_size || !info->system_emulation) {
		fprintf(stderr, "model: wants ram=BASE:BYTES and out=FILE that can be written, in system emulation\n");
		return -1;
	}
	nr_cpus = info->system.smp_vcpus;
	arch = !strcmp(info->target_name, arch_a64.target) ? &arch_a64 :
	       !strcmp(info->target_name, arch_a32.target) ? &arch_a32 : NULL;
	if (!arch || nr_cpus > MAX_CPUS) {
		fprintf(stderr, "model: is for arm and aarch64 with up to %u CPUs\n", MAX_CPUS);
		return -1;
	}
	for (i = 0; i < nr_cpus; i++) {
		cpus[i].index = i;
		tlb_init(&cpus[i].tlb);
	}
	icache_init();
	qemu_plugin_register_vcpu_init_cb(id, on_cpu);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, at_end, NULL);
	return 0;
}
