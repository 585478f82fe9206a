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
#include "../../core/arm/insn-words.h"
#include "../../core/engine/engine.h"
#include "../host.h"
#include "../../core/memslot.h"
#include "../../core/arm/decode.h"
#include "../../core/arm/patch.h"
#include "../../core/arm/thumb.h"
#include "../../core/vcpu.h"
#include "../../core/vm.h"
#include "fastpath.h"

#define COND_AL			0xe0000000U

#define PSR_RESERVED		0x00f00000U

/* An instruction cache line is found by its virtual address: the guest's isn't ours. */
static bool icache_aliases __read_mostly;

struct fastpath {
	struct armkvm_vcpu *vcpu;
	struct armkvm_cpu *cpu;
	const struct host_arm64_ctx *ctx;
	const struct host_entry *entry;
	struct host_arm64_tables *tables;
	u64 esr;
	u32 len;		/* of the instruction, in bytes */
};

enum word_use { WORD_FETCH, WORD_LOAD, WORD_STORE };

/* The word at a guest address as the current view maps it for @use, or NULL. */
static u32 *fast_guest_word(const struct host_arm64_ctx *ctx, u32 gva, enum word_use use)
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

static enum fastpath_result fast_next(struct fastpath *fast)
{
	fast->cpu->pc += fast->len;
	return FASTPATH_GUEST;
}

/* After a change of the PSR: interrupts and what armkvm can't run. */
static enum fastpath_result fast_psr_changed(struct fastpath *fast)
{
	u32 psr = fast->cpu->cpsr;

	if (((fast->entry->lines & BIT(ENGINE_LINE_IRQ)) && !(psr & CPU_PSR_I)) ||
	    ((fast->entry->lines & BIT(ENGINE_LINE_FIQ)) && !(psr & CPU_PSR_F)) ||
	    (cpu_mode_privileged(psr) && (psr & CPU_PSR_T) && !fast->entry->both_states))
		return FASTPATH_LEAVE;
	return FASTPATH_GUEST;
}

/* The SPSR of the current mode; NULL in System mode, which has none. */
static u32 *fast_current_spsr(struct armkvm_cpu *cpu)
{
	enum cpu_bank bank = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);

	return bank == CPU_BANK_USR ? NULL : &cpu->spsr[bank];
}

static enum fastpath_result fast_exception_return(struct fastpath *fast, u32 pc)
{
	u32 *spsr = fast_current_spsr(fast->cpu);

	if (!spsr || !cpu_exception_return(fast->cpu, pc, *spsr))
		return FASTPATH_NONE;
	return fast_psr_changed(fast);
}

static enum fastpath_result fast_single(struct fastpath *fast, u32 index)
{
	u32 lr = fast->cpu->r[14];

	switch (index) {
	case PATCH_IX_MOVS_PC_LR:
		return fast_exception_return(fast, lr);
	case PATCH_IX_SUBS_PC_LR_4:
		return fast_exception_return(fast, lr - 4);
	case PATCH_IX_SUBS_PC_LR_8:
		return fast_exception_return(fast, lr - 8);
	default:
		return FASTPATH_NONE;
	}
}

static enum fastpath_result fast_mrs(struct fastpath *fast, u32 index)
{
	const u32 *psr = index & 0x10 ? fast_current_spsr(fast->cpu) : &fast->cpu->cpsr;
	unsigned int rd = index & 0xf;

	if (!psr || rd == 15)
		return FASTPATH_NONE;
	/* B9.3.8: the execution state bits of the CPSR read as zero */
	fast->cpu->r[rd] = index & 0x10 ? *psr : *psr & ~(CPU_PSR_IT | CPU_PSR_J | CPU_PSR_T);
	return fast_next(fast);
}

static enum fastpath_result fast_msr_cpsr(struct fastpath *fast, u32 index)
{
	unsigned int rm = index & 0xf;

	if (rm == 15 || !cpu_write_cpsr(fast->cpu, fast->cpu->r[rm], index >> 4 & 0xf))
		return FASTPATH_NONE;
	fast_next(fast);
	return fast_psr_changed(fast);
}

static enum fastpath_result fast_msr_spsr(struct fastpath *fast, u32 index)
{
	u32 *spsr = fast_current_spsr(fast->cpu);
	unsigned int rm = index & 0xf;

	if (!spsr || rm == 15 || (index >> 4 & 0xf) != 0xf)
		return FASTPATH_NONE;
	*spsr = fast->cpu->r[rm] & ~PSR_RESERVED;
	return fast_next(fast);
}

/* CPS without a change of mode */
static enum fastpath_result fast_cps(struct fastpath *fast, u32 index)
{
	u32 bits = (index >> 5 & 7) << 6;

	if (index & 0x100)
		return FASTPATH_NONE;
	switch (index >> 9 & 3) {
	case 2:
		fast->cpu->cpsr &= ~bits;
		break;
	case 3:
		fast->cpu->cpsr |= bits;
		break;
	default:
		return FASTPATH_NONE;
	}
	fast_next(fast);
	return fast_psr_changed(fast);
}

/* A change between two values of DACR or TTBCR, cp15[@reg], whose tables are at hand. */
static enum fastpath_result fast_select_tables(struct fastpath *fast, unsigned int reg, u32 val)
{
	struct host_arm64_tables *t = fast->tables;
	unsigned int view;

	if (!(reg == CP15_DACR ? fast->entry->mmu_on : fast->entry->long_tables))
		return FASTPATH_NONE;
	if (val != t->selector) {
		if (!t->root[1][MMU_VIEW_KERNEL] || val != t->other_selector)
			return FASTPATH_NONE;
		for (view = 0; view < MMU_VIEWS; view++) {
			swap(t->root[0][view], t->root[1][view]);
			swap(t->ttbr0[0][view], t->ttbr0[1][view]);
		}
		swap(t->selector, t->other_selector);
		fast->vcpu->cp15[reg] = val;
	}
	return fast_next(fast);
}

/*
 * Data cache maintenance: the real thing to the point of unification, for the
 * instruction side's sake; no device looks past the caches.  By the kernel's
 * own address: arm64's data caches don't alias.
 */
static enum fastpath_result fast_clean(struct fastpath *fast, u32 gva)
{
	u32 *word = fast_guest_word(fast->ctx, gva, WORD_FETCH);

	if (!word)
		return FASTPATH_NONE;
	/* Cortex-A53 826319, 827319, 824069, 819472: what Linux traps EL0's DC CVAU for */
	asm volatile(ALTERNATIVE("dc cvau, %0", "dc civac, %0", ARM64_WORKAROUND_CLEAN_CACHE)
		     : : "r" (word) : "memory");
	return fast_next(fast);
}

static enum fastpath_result fast_cp(struct fastpath *fast, u32 index)
{
	u32 *cp15 = fast->vcpu->cp15;
	unsigned int rt = index & 0xf;
	u32 *reg = &fast->cpu->r[rt];

	if (rt == 15)
		return FASTPATH_NONE;
	switch (index >> 4 & 0xf) {
	case PATCH_CP_TPIDRPRW_READ:
		*reg = cp15[CP15_TPIDRPRW];
		return fast_next(fast);
	case PATCH_CP_DACR_READ:
		*reg = cp15[CP15_DACR];
		return fast_next(fast);
	case PATCH_CP_DACR_WRITE:
		return fast_select_tables(fast, CP15_DACR, *reg);
	case PATCH_CP_DCCMVAC:
	case PATCH_CP_DCCMVAU:
	case PATCH_CP_DCIMVAC:
	case PATCH_CP_DCCIMVAC:
		return fast_clean(fast, *reg);
	case PATCH_CP_TPIDRURO_WRITE:
		cp15[CP15_TPIDRURO] = *reg;
		write_sysreg(*reg, tpidrro_el0);
		return fast_next(fast);
	case PATCH_CP_SCTLR_READ:
		*reg = cp15[CP15_SCTLR];
		return fast_next(fast);
	case PATCH_CP_SCTLR_WRITE:
		return *reg == cp15[CP15_SCTLR] ? fast_next(fast) : FASTPATH_NONE;
	default:
		return FASTPATH_NONE;
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

static enum fastpath_result fast_block_return(struct fastpath *fast, const u32 *mem)
{
	struct armkvm_cpu *cpu = fast->cpu;
	u32 *spsr = fast_current_spsr(cpu);

	if (!spsr || !cpu_return_valid(*spsr))
		return FASTPATH_NONE;
	memcpy(cpu->r, mem, sizeof(cpu->r));
	return fast_exception_return(fast, mem[15]);
}

static enum fastpath_result fast_block(struct fastpath *fast, u32 index)
{
	const struct block *b = &blocks[index >> 4 & 0xf];
	struct armkvm_cpu *cpu = fast->cpu;
	u32 mode = cpu->cpsr & CPU_PSR_MODE;
	unsigned int rn = index & 0xf, i;
	u32 gva, *mem;

	/* System mode: UNPREDICTABLE; FIQ mode banks more registers */
	if (!b->count || rn == 15 || mode == CPU_MODE_SYS || mode == CPU_MODE_FIQ ||
	    (cpu->cpsr & CPU_PSR_E))
		return FASTPATH_NONE;
	gva = cpu->r[rn] + 4 * b->start;
	if ((gva & 3) || (gva & (ARMKVM_PAGE_SIZE - 1)) + 4 * b->count > ARMKVM_PAGE_SIZE)
		return FASTPATH_NONE;
	mem = fast_guest_word(fast->ctx, gva, b->load ? WORD_LOAD : WORD_STORE);
	if (!mem)
		return FASTPATH_NONE;
	if (b->ret)
		return fast_block_return(fast, mem);
	for (i = 0; i < b->count; i++) {
		u32 *reg = cpu_banked_reg(cpu, CPU_MODE_USR, b->first + i);

		if (b->load)
			*reg = READ_ONCE(mem[i]);
		else
			WRITE_ONCE(mem[i], *reg);
	}
	return fast_next(fast);
}

static enum fastpath_result fast_read_cp15(struct fastpath *fast, unsigned int rt, enum cp15_reg reg)
{
	if (rt == 15)
		return FASTPATH_NONE;
	fast->cpu->r[rt] = fast->vcpu->cp15[reg];
	return fast_next(fast);
}

/*
 * What traps by itself: what aborts are about, maintenance of instruction caches and
 * branch predictors.
 */
static enum fastpath_result fast_trapping(struct fastpath *fast, u32 word)
{
	unsigned int rt = word >> 12 & 0xf;
	u32 *line;

	switch (word & ~0xf000U) {
	case A32_MRC_ID_MMFR3:
		return fast_read_cp15(fast, rt, CP15_ID_MMFR3);
	case A32_MRC_TTBCR:
		return fast_read_cp15(fast, rt, CP15_TTBCR);
	case A32_MCR_TTBCR:
		return rt == 15 ? FASTPATH_NONE : fast_select_tables(fast, CP15_TTBCR, fast->cpu->r[rt]);
	case A32_MRC_DFSR:
		return fast_read_cp15(fast, rt, CP15_DFSR);
	case A32_MRC_IFSR:
		return fast_read_cp15(fast, rt, CP15_IFSR);
	case A32_MRC_DFAR:
		return fast_read_cp15(fast, rt, CP15_DFAR);
	case A32_MRC_IFAR:
		return fast_read_cp15(fast, rt, CP15_IFAR);
	case A32_MCR_ICIMVAU:	/* of all cores (B4.2.1) */
		line = rt == 15 ? NULL : fast_guest_word(fast->ctx, fast->cpu->r[rt], WORD_FETCH);
		host_before_icache_op();
		if (line && !icache_aliases) {
			asm volatile("ic ivau, %0" : : "r" (line) : "memory");
			break;
		}
		fallthrough;
	case A32_MCR_ICIALLUIS:
		host_before_icache_op();
		asm volatile("ic ialluis" : : : "memory");
		break;
	case A32_MCR_ICIALLU:	/* of this core; host_enter() does it on the next one */
		asm volatile("ic iallu" : : : "memory");
		break;
	case A32_MCR_BPIALL:	/* ARMv8 needs none */
	case A32_MCR_BPIALLIS:
	case A32_MCR_BPIMVA:
		break;
	case A32_MCR_DCISW:	/* this core's cache alone, which others can't see */
	case A32_MCR_DCCSW:
	case A32_MCR_DCCISW:
		break;
	default:
		return FASTPATH_NONE;
	}
	/* The guest's own DSB waits for it, or the one of the host's task switch. */
	return fast_next(fast);
}

static bool fast_fetch_half(const struct fastpath *fast, u32 pc, u32 *half)
{
	u32 *word = fast_guest_word(fast->ctx, pc, WORD_FETCH);

	if (word)
		*half = READ_ONCE(*word) >> 8 * (pc & 2) & 0xffff;
	return word;
}

/* What is executed, in A32 terms; its length to fast->len. */
static bool fast_fetch_word(struct fastpath *fast, u32 *word)
{
	u32 pc = fast->cpu->pc, hw1, hw2, *fetch;

	fast->len = 4;
	if (!(fast->cpu->cpsr & CPU_PSR_T)) {
		fetch = fast_guest_word(fast->ctx, pc, WORD_FETCH);
		if (fetch)
			*word = READ_ONCE(*fetch);
		return fetch;
	}
	if ((fast->cpu->cpsr & CPU_PSR_IT) || !fast_fetch_half(fast, pc, &hw1))
		return false;
	if ((hw1 & 0xfff0) == THUMB_UDF_CPS && (hw1 & 7)) {
		fast->len = 2;
		*word = COND_AL | PATCH_UDF_VALUE | (PATCH_IX_CPS & 0xfff0) << 4 |
			(2 | (hw1 >> 3 & 1)) << 13 | (hw1 & 7) << 9;
		return true;
	}
	if (!insn_thumb_is_wide(hw1) || !fast_fetch_half(fast, pc + 2, &hw2))
		return false;
	*word = thumb_udf_to_arm((struct thumb_insn){ hw1, hw2 });
	if (!*word)
		*word = hw1 << 16 | hw2;
	return true;
}

static enum fastpath_result fast_undef(struct fastpath *fast)
{
	u32 word, index;

	if (!cpu_mode_privileged(fast->cpu->cpsr) || !fast_fetch_word(fast, &word))
		return FASTPATH_NONE;
	if ((word & ~0x000fff0fU) != (COND_AL | PATCH_UDF_VALUE))
		return fast_trapping(fast, word);

	index = (word >> 4 & 0xfff0) | (word & 0xf);
	switch (index >> 8) {
	case PATCH_IX_FIRST >> 8:
		return fast_single(fast, index);
	case PATCH_IX_MRS_CPSR >> 8:
		return fast_mrs(fast, index);
	case PATCH_IX_MSR_CPSR >> 8:
		return fast_msr_cpsr(fast, index);
	case PATCH_IX_MSR_SPSR >> 8:
		return fast_msr_spsr(fast, index);
	case PATCH_IX_CP >> 8:
		return fast_cp(fast, ((index >> 4) & 0xf) << 4 | (index & 0xf));
	case PATCH_IX_BLOCK >> 8:
		/* T32 has none: the guest's own UDF */
		return fast->cpu->cpsr & CPU_PSR_T ? FASTPATH_NONE : fast_block(fast, index);
	case PATCH_IX_CPS >> 8 ... (PATCH_IX_CPS >> 8) + 7:
		return fast_cps(fast, index);
	default:
		return FASTPATH_NONE;
	}
}

static enum fastpath_result fast_svc(struct fastpath *fast)
{
	u32 sctlr = fast->vcpu->cp15[CP15_SCTLR];
	struct armkvm_cpu_ctl ctl = {
		.sctlr = sctlr,
		.vbar = fast->vcpu->cp15[CP15_VBAR],
	};

	if ((sctlr & CPU_SCTLR_TE) && !fast->entry->both_states)
		return FASTPATH_NONE;
	/* The hardware's return address is behind the SVC already. */
	cpu_take_exception(fast->cpu, &ctl, CPU_VEC_SVC, fast->cpu->pc);
	return fast_psr_changed(fast);
}

/* A32_MRRC_CNTVCT: EL0 could read it but for the guest's own offset. */
static enum fastpath_result fast_cntvct(struct fastpath *fast)
{
	struct armkvm_cpu *cpu = fast->cpu;
	u32 iss = fast->esr;
	unsigned int rt = iss >> 5 & 0xf, rt2 = iss >> 10 & 0xf;
	u64 count;

	/* a read, CRm 14, opc1 1; condition AL */
	if ((iss & 1) != 1 || (iss >> 1 & 0xf) != 14 || (iss >> 16 & 0xf) != 1 ||
	    (iss >> 20 & 0x1f) != 0x1e || rt == 15 || rt2 == 15)
		return FASTPATH_NONE;
	if (!cpu_mode_privileged(cpu->cpsr) &&
	    !(fast->vcpu->cp15[CP15_CNTKCTL] & CNTKCTL_PL0VCTEN))
		return FASTPATH_NONE;
	count = armkvm_host_ops.counter() - (u64)atomic64_read(&fast->vcpu->vm->cntvoff);
	cpu->r[rt] = count;
	cpu->r[rt2] = count >> 32;
	emu_skip(cpu, 4);
	return FASTPATH_GUEST;
}

bool host_fastpath_insn(const struct host_arm64_ctx *ctx, u32 *word)
{
	u32 *fetch;

	if (!cpu_mode_privileged(ctx->cpu.cpsr) || (ctx->cpu.cpsr & CPU_PSR_T))
		return false;
	fetch = fast_guest_word(ctx, ctx->cpu.pc, WORD_FETCH);
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

void host_fastpath_init(void)
{
	/* CTR_EL0.L1Ip: 0b11 is PIPT */
	icache_aliases = (read_sanitised_ftr_reg(SYS_CTR_EL0) >> 14 & 3) != 3;
}

enum fastpath_result host_fastpath(struct armkvm_vcpu *vcpu, const struct host_entry *entry,
				   struct host_arm64_ctx *ctx)
{
	struct fastpath fast = {
		.vcpu = vcpu,
		.cpu = &ctx->cpu,
		.ctx = ctx,
		.entry = entry,
		.tables = &ctx->tables,
		.esr = ctx->esr,
		.len = 4,
	};

	switch (ESR_ELx_EC(ctx->esr)) {
	case ESR_ELx_EC_UNKNOWN:
		return fast_undef(&fast);
	case ESR_ELx_EC_SVC32:
		return fast_svc(&fast);
	case ESR_ELx_EC_CP15_64:
		return fast_cntvct(&fast);
	default:
		return FASTPATH_NONE;
	}
}
