// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64 host: what a guest's kernel does most is answered here, with the guest's
 * tables and traps in place, at the cost of one exception and some hundred
 * instructions.
 *
 * The kernel is mapped while the guest runs, so this is C.  It must not wait for
 * a lock: who changes shadow tables holds mmu->lock, interrupts every CPU that is
 * in the guest and waits for it, and frees tables, copies and pages only then.
 * With interrupts off this CPU lets it wait, so tables may be read without a lock
 * and what they point to stays.
 *
 * Replacements of instructions are explained in core/arm/patch.h.
 */
#include <linux/kernel.h>

#include <asm/alternative.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/esr.h>
#include <asm/sysreg.h>
#include <asm/tlbflush.h>

#include <host_spte.h>
#include <host_world.h>

#include "../../core/arm/emulate.h"
#include "../../core/engine/engine.h"
#include "../host.h"
#include "../../core/memslot.h"
#include "../../core/arm/patch.h"
#include "../../core/vcpu.h"
#include "../../core/vm.h"
#include "fastpath.h"

#define COND_AL			0xe0000000U

/* Guest's SCTLR, B4.1.130 */
#define SCTLR_V			(1U << 13)
#define SCTLR_EE		(1U << 25)
#define SCTLR_TE		(1U << 30)

/* CNTKCTL.PL0VCTEN, B4.1.26 */
#define CNTKCTL_PL0VCTEN	(1U << 1)

#define PSR_RESERVED		0x00f00000U

/* An instruction cache line is found by its virtual address: the guest's isn't ours. */
static bool icache_aliases __read_mostly;

struct sc {
	struct armkvm_vcpu *vcpu;
	struct armkvm_cpu *cpu;
	const struct host_arm64_ctx *ctx;
	const struct host_entry *entry;
	struct host_arm64_tables *tables;
	u64 esr;
};

enum word_use { WORD_FETCH, WORD_LOAD, WORD_STORE };

/* The word at a guest address as the current view maps it for @use, or NULL. */
static u32 *guest_word(const struct host_arm64_ctx *ctx, u32 gva, enum word_use use)
{
	spte_t *leaf = root_leaf(ctx->tables.root[0][cpu_view(&ctx->cpu)], gva >> MMU_LEAF_SHIFT);
	spte_t spte;

	if (!leaf)
		return NULL;
	spte = READ_ONCE(leaf[gva >> ARMKVM_PAGE_SHIFT & (MMU_LEAF_ENTRIES - 1)]);
	if (!spte_present(spte) || (use == WORD_STORE && !spte_writable(spte)) ||
	    (use == WORD_LOAD && spte_exec_only(spte)))
		return NULL;
	return phys_to_virt(spte & SPTE_ADDR) + (gva & (ARMKVM_PAGE_SIZE - 4));
}

static enum shortcut next(struct sc *sc)
{
	sc->cpu->pc += 4;
	return SHORTCUT_GUEST;
}

/* After a change of the PSR: interrupts and what armkvm can't run. */
static enum shortcut psr_changed(struct sc *sc)
{
	u32 psr = sc->cpu->cpsr;

	if (((sc->entry->lines & BIT(ENGINE_LINE_IRQ)) && !(psr & CPU_PSR_I)) ||
	    ((sc->entry->lines & BIT(ENGINE_LINE_FIQ)) && !(psr & CPU_PSR_F)) ||
	    (cpu_mode_privileged(psr) && (psr & CPU_PSR_T)))
		return SHORTCUT_LEAVE;
	return SHORTCUT_GUEST;
}

/* The SPSR of the current mode; NULL in System mode, which has none. */
static u32 *current_spsr(struct armkvm_cpu *cpu)
{
	enum cpu_bank bank = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);

	return bank == CPU_BANK_USR ? NULL : &cpu->spsr[bank];
}

static enum shortcut exception_return(struct sc *sc, u32 pc)
{
	u32 *spsr = current_spsr(sc->cpu);

	if (!spsr || !cpu_exception_return(sc->cpu, pc, *spsr))
		return SHORTCUT_NONE;
	return psr_changed(sc);
}

static enum shortcut single(struct sc *sc, u32 index)
{
	u32 lr = sc->cpu->r[14];

	switch (index) {
	case PATCH_IX_MOVS_PC_LR:
		return exception_return(sc, lr);
	case PATCH_IX_SUBS_PC_LR_4:
		return exception_return(sc, lr - 4);
	case PATCH_IX_SUBS_PC_LR_8:
		return exception_return(sc, lr - 8);
	default:
		return SHORTCUT_NONE;
	}
}

static enum shortcut mrs(struct sc *sc, u32 index)
{
	const u32 *psr = index & 0x10 ? current_spsr(sc->cpu) : &sc->cpu->cpsr;
	unsigned int rd = index & 0xf;

	if (!psr || rd == 15)
		return SHORTCUT_NONE;
	/* B9.3.8: the execution state bits of the CPSR read as zero */
	sc->cpu->r[rd] = index & 0x10 ? *psr : *psr & ~(CPU_PSR_IT | CPU_PSR_J | CPU_PSR_T);
	return next(sc);
}

static enum shortcut msr_cpsr(struct sc *sc, u32 index)
{
	unsigned int rm = index & 0xf;

	if (rm == 15 || !cpu_write_cpsr(sc->cpu, sc->cpu->r[rm], index >> 4 & 0xf))
		return SHORTCUT_NONE;
	next(sc);
	return psr_changed(sc);
}

static enum shortcut msr_spsr(struct sc *sc, u32 index)
{
	u32 *spsr = current_spsr(sc->cpu);
	unsigned int rm = index & 0xf;

	if (!spsr || rm == 15 || (index >> 4 & 0xf) != 0xf)
		return SHORTCUT_NONE;
	*spsr = sc->cpu->r[rm] & ~PSR_RESERVED;
	return next(sc);
}

/* CPS without a change of mode */
static enum shortcut cps(struct sc *sc, u32 index)
{
	u32 bits = (index >> 5 & 7) << 6;

	if (index & 0x100)
		return SHORTCUT_NONE;
	switch (index >> 9 & 3) {
	case 2:
		sc->cpu->cpsr &= ~bits;
		break;
	case 3:
		sc->cpu->cpsr |= bits;
		break;
	default:
		return SHORTCUT_NONE;
	}
	next(sc);
	return psr_changed(sc);
}

/* A change between two values of DACR or TTBCR, cp15[@reg], whose tables are at hand. */
static enum shortcut select_tables(struct sc *sc, unsigned int reg, u32 val)
{
	struct host_arm64_tables *t = sc->tables;
	unsigned int view;

	if (!(reg == CP15_DACR ? sc->entry->mmu_on : sc->entry->long_tables))
		return SHORTCUT_NONE;
	if (val != t->selector) {
		if (!t->root[1][MMU_VIEW_KERNEL] || val != t->other_selector)
			return SHORTCUT_NONE;
		for (view = 0; view < MMU_VIEWS; view++) {
			swap(t->root[0][view], t->root[1][view]);
			swap(t->ttbr0[0][view], t->ttbr0[1][view]);
		}
		swap(t->selector, t->other_selector);
		sc->vcpu->cp15[reg] = val;
	}
	return next(sc);
}

/*
 * Data cache maintenance: the real thing to the point of unification, for the
 * instruction side's sake; no device looks past the caches.  By the kernel's
 * own address: arm64's data caches don't alias.
 */
static enum shortcut clean(struct sc *sc, u32 gva)
{
	u32 *word = guest_word(sc->ctx, gva, WORD_FETCH);

	if (!word)
		return SHORTCUT_NONE;
	/* Cortex-A53 826319, 827319, 824069, 819472: what Linux traps EL0's DC CVAU for */
	asm volatile(ALTERNATIVE("dc cvau, %0", "dc civac, %0", ARM64_WORKAROUND_CLEAN_CACHE)
		     : : "r" (word) : "memory");
	return next(sc);
}

static enum shortcut cp(struct sc *sc, u32 index)
{
	u32 *cp15 = sc->vcpu->cp15;
	unsigned int rt = index & 0xf;
	u32 *reg = &sc->cpu->r[rt];

	if (rt == 15)
		return SHORTCUT_NONE;
	switch (index >> 4 & 0xf) {
	case PATCH_CP_TPIDRPRW_READ:
		*reg = cp15[CP15_TPIDRPRW];
		return next(sc);
	case PATCH_CP_DACR_READ:
		*reg = cp15[CP15_DACR];
		return next(sc);
	case PATCH_CP_DACR_WRITE:
		return select_tables(sc, CP15_DACR, *reg);
	case PATCH_CP_DCCMVAC:
	case PATCH_CP_DCCMVAU:
	case PATCH_CP_DCIMVAC:
	case PATCH_CP_DCCIMVAC:
		return clean(sc, *reg);
	case PATCH_CP_TPIDRURO_WRITE:
		cp15[CP15_TPIDRURO] = *reg;
		write_sysreg(*reg, tpidrro_el0);
		return next(sc);
	case PATCH_CP_SCTLR_READ:
		*reg = cp15[CP15_SCTLR];
		return next(sc);
	case PATCH_CP_SCTLR_WRITE:
		return *reg == cp15[CP15_SCTLR] ? next(sc) : SHORTCUT_NONE;
	default:
		return SHORTCUT_NONE;
	}
}

/* Block transfers of User mode's registers (B9.3.6, B9.3.17) and, with pc, returns. */
static const struct block {
	s8 start;		/* words from the base */
	u8 first;		/* register */
	u8 count;		/* 0: none */
	bool load;
	bool ret;		/* the current mode's registers, and a return */
} blocks[16] = {
	[PATCH_STMDB_SP_LR] = { -2, 13, 2 },
	[PATCH_STMIA_SP_LR] = { 0, 13, 2 },
	[PATCH_STMIB_SP_LR] = { 1, 13, 2 },
	[PATCH_LDMDB_R0_LR] = { -15, 0, 15, true },
	[PATCH_LDMDB_R1_LR] = { -14, 1, 14, true },
	[PATCH_LDMIA_R0_LR] = { 0, 0, 15, true },
	[PATCH_LDMIA_R1_LR] = { 0, 1, 14, true },
	[PATCH_LDMDB_SP_LR] = { -2, 13, 2, true },
	[PATCH_LDMIA_SP_LR] = { 0, 13, 2, true },
	[PATCH_STMIA_R0_LR] = { 0, 0, 15 },
	[PATCH_LDMIA_R0_PC] = { 0, 0, 16, true, true },
};

static enum shortcut block_return(struct sc *sc, const u32 *mem)
{
	struct armkvm_cpu *cpu = sc->cpu;
	u32 *spsr = current_spsr(cpu);

	if (!spsr || !cpu_return_valid(*spsr))
		return SHORTCUT_NONE;
	memcpy(cpu->r, mem, sizeof(cpu->r));
	return exception_return(sc, mem[15]);
}

static enum shortcut block(struct sc *sc, u32 index)
{
	const struct block *b = &blocks[index >> 4 & 0xf];
	struct armkvm_cpu *cpu = sc->cpu;
	u32 mode = cpu->cpsr & CPU_PSR_MODE;
	unsigned int rn = index & 0xf, i;
	u32 gva, *mem;

	/* System mode: UNPREDICTABLE; FIQ mode banks more registers */
	if (!b->count || rn == 15 || mode == CPU_MODE_SYS || mode == CPU_MODE_FIQ ||
	    (cpu->cpsr & CPU_PSR_E))
		return SHORTCUT_NONE;
	gva = cpu->r[rn] + 4 * b->start;
	if ((gva & 3) || (gva & (ARMKVM_PAGE_SIZE - 1)) + 4 * b->count > ARMKVM_PAGE_SIZE)
		return SHORTCUT_NONE;
	mem = guest_word(sc->ctx, gva, b->load ? WORD_LOAD : WORD_STORE);
	if (!mem)
		return SHORTCUT_NONE;
	if (b->ret)
		return block_return(sc, mem);
	for (i = 0; i < b->count; i++) {
		u32 *reg = cpu_banked_reg(cpu, CPU_MODE_USR, b->first + i);

		if (b->load)
			*reg = READ_ONCE(mem[i]);
		else
			WRITE_ONCE(mem[i], *reg);
	}
	return next(sc);
}

static enum shortcut read_cp15(struct sc *sc, unsigned int rt, enum cp15_reg reg)
{
	if (rt == 15)
		return SHORTCUT_NONE;
	sc->cpu->r[rt] = sc->vcpu->cp15[reg];
	return next(sc);
}

/*
 * What traps by itself: what aborts are about, maintenance of instruction caches and
 * branch predictors.
 */
static enum shortcut trapping(struct sc *sc, u32 word)
{
	unsigned int rt = word >> 12 & 0xf;
	u32 *line;

	switch (word & ~0xf000U) {
	case 0xee100ff1:
		return read_cp15(sc, rt, CP15_ID_MMFR3);
	case 0xee120f50:
		return read_cp15(sc, rt, CP15_TTBCR);
	case 0xee020f50:
		return rt == 15 ? SHORTCUT_NONE : select_tables(sc, CP15_TTBCR, sc->cpu->r[rt]);
	case 0xee150f10:
		return read_cp15(sc, rt, CP15_DFSR);
	case 0xee150f30:
		return read_cp15(sc, rt, CP15_IFSR);
	case 0xee160f10:
		return read_cp15(sc, rt, CP15_DFAR);
	case 0xee160f50:
		return read_cp15(sc, rt, CP15_IFAR);
	case 0xee070f35:	/* ICIMVAU, of all cores (B4.2.1) */
		line = rt == 15 ? NULL : guest_word(sc->ctx, sc->cpu->r[rt], WORD_FETCH);
		host_before_icache_op();
		if (line && !icache_aliases) {
			asm volatile("ic ivau, %0" : : "r" (line) : "memory");
			break;
		}
		fallthrough;
	case 0xee070f11:	/* ICIALLUIS */
		host_before_icache_op();
		asm volatile("ic ialluis" : : : "memory");
		break;
	case 0xee070f15:	/* ICIALLU: of this core; host_enter() does it on the next one */
		asm volatile("ic iallu" : : : "memory");
		break;
	case 0xee070fd5:	/* BPIALL, BPIALLIS, BPIMVA: ARMv8 needs none */
	case 0xee070fd1:
	case 0xee070ff5:
		break;
	case 0xee070f56:	/* by set and way: this core's cache alone, which others can't see */
	case 0xee070f5a:
	case 0xee070f5e:
		break;
	default:
		return SHORTCUT_NONE;
	}
	/* The guest's own DSB waits for it, or the one of the host's task switch. */
	return next(sc);
}

static enum shortcut undef(struct sc *sc)
{
	u32 psr = sc->cpu->cpsr;
	u32 *fetch, word, index;

	if (!cpu_mode_privileged(psr) || (psr & CPU_PSR_T))
		return SHORTCUT_NONE;
	fetch = guest_word(sc->ctx, sc->cpu->pc, WORD_FETCH);
	if (!fetch)
		return SHORTCUT_NONE;
	word = READ_ONCE(*fetch);
	if ((word & ~0x000fff0fU) != (COND_AL | PATCH_UDF_VALUE))
		return trapping(sc, word);

	index = (word >> 4 & 0xfff0) | (word & 0xf);
	switch (index >> 8) {
	case 0xa0:
		return single(sc, index);
	case 0xa1:
		return mrs(sc, index);
	case 0xa2:
		return msr_cpsr(sc, index);
	case 0xa3:
		return msr_spsr(sc, index);
	case 0xa4:
		return cp(sc, ((index >> 4) & 0xf) << 4 | (index & 0xf));
	case 0xa5:
		return block(sc, index);
	case 0xa8 ... 0xaf:
		return cps(sc, index);
	default:
		return SHORTCUT_NONE;
	}
}

static enum shortcut svc(struct sc *sc)
{
	u32 sctlr = sc->vcpu->cp15[CP15_SCTLR];
	struct armkvm_cpu_ctl ctl = {
		.sctlr = sctlr,
		.vbar = sc->vcpu->cp15[CP15_VBAR],
	};

	if (sctlr & SCTLR_TE)
		return SHORTCUT_NONE;
	/* The hardware's return address is behind the SVC already. */
	cpu_take_exception(sc->cpu, &ctl, CPU_VEC_SVC, sc->cpu->pc);
	return psr_changed(sc);
}

/* MRRC of CNTVCT, which EL0 could read but for the guest's own offset. */
static enum shortcut mrrc(struct sc *sc)
{
	struct armkvm_cpu *cpu = sc->cpu;
	u32 iss = sc->esr;
	unsigned int rt = iss >> 5 & 0xf, rt2 = iss >> 10 & 0xf;
	u64 count;

	/* a read, CRm 14, opc1 1; condition AL */
	if ((iss & 1) != 1 || (iss >> 1 & 0xf) != 14 || (iss >> 16 & 0xf) != 1 ||
	    (iss >> 20 & 0x1f) != 0x1e || rt == 15 || rt2 == 15)
		return SHORTCUT_NONE;
	if (!cpu_mode_privileged(cpu->cpsr) &&
	    !(sc->vcpu->cp15[CP15_CNTKCTL] & CNTKCTL_PL0VCTEN))
		return SHORTCUT_NONE;
	count = armkvm_host_ops.counter() - (u64)atomic64_read(&sc->vcpu->vm->cntvoff);
	cpu->r[rt] = count;
	cpu->r[rt2] = count >> 32;
	emu_skip(cpu, 4);
	return SHORTCUT_GUEST;
}

bool host_shortcut_insn(const struct host_arm64_ctx *ctx, u32 *word)
{
	u32 *fetch;

	if (!cpu_mode_privileged(ctx->cpu.cpsr) || (ctx->cpu.cpsr & CPU_PSR_T))
		return false;
	fetch = guest_word(ctx, ctx->cpu.pc, WORD_FETCH);
	if (fetch)
		*word = READ_ONCE(*fetch);
	return fetch;
}

/*
 * Neoverse N1 1542419: a coherent instruction cache may give a stale instruction, unless
 * an inner-shareable TLBI comes between.  The reserved ASID's, as in the kernel's own
 * __do_compat_cache_op().
 */
void host_before_icache_op(void)
{
	if (cpus_have_cap(ARM64_WORKAROUND_1542419)) {
		__tlbi(aside1is, 0);
		dsb(ish);
	}
}

bool host_icache_aliases(void)
{
	return icache_aliases;
}

void host_shortcut_init(void)
{
	/* CTR_EL0.L1Ip: 0b11 is PIPT */
	icache_aliases = (read_sanitised_ftr_reg(SYS_CTR_EL0) >> 14 & 3) != 3;
}

enum shortcut host_shortcut(struct armkvm_vcpu *vcpu, const struct host_entry *entry,
			    struct host_arm64_ctx *ctx)
{
	struct sc sc = {
		.vcpu = vcpu,
		.cpu = &ctx->cpu,
		.ctx = ctx,
		.entry = entry,
		.tables = &ctx->tables,
		.esr = ctx->esr,
	};

	switch (ESR_ELx_EC(ctx->esr)) {
	case ESR_ELx_EC_UNKNOWN:
		return undef(&sc);
	case ESR_ELx_EC_SVC32:
		return svc(&sc);
	case ESR_ELx_EC_CP15_64:
		return mrrc(&sc);
	default:
		return SHORTCUT_NONE;
	}
}
