// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exact copies: kernel code that reads code.
 *
 * With exact_copies=1 a kernel view maps an instruction copy execute-only, so that a load
 * from it faults, and is executed here with what guest RAM holds: the words that the guest
 * wrote.  Literals are loads from their own page, so every LDR Rt, =value beside a
 * replaced instruction comes here: some hundred host instructions by the light path
 * (engine_read_code_known()), some thousand by a full exit, which FP registers, exclusives
 * and pages that aren't known take.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/swab.h>

#include "../arm/decode.h"
#include "../arm/emulate.h"
#include "../arm/ldst-simd.h"
#include "../arm/patch.h"
#include "../arm/thumb.h"
#include "../vcpu.h"
#include "../vm.h"
#include "access.h"
#include "engine.h"
#include "gmem.h"
#include "inject.h"
#include "regime.h"

bool engine_reads_copy(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	struct armkvm_mmu *mmu = ev->vm->mmu;
	bool ret;

	if (!mmu->config.exact_copies || kind != WALK_R || !cpu_mode_privileged(ev->vcpu->cpu->cpsr))
		return false;
	raw_spin_lock(&mmu->lock);
	ret = mmu_exec_only(ev->mmu.space, gva);
	raw_spin_unlock(&mmu->lock);
	return ret;
}

/* Permissions: that the page may be executed by the kernel implies that it may be read (B3.7.1). */
int engine_read_code_known(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	struct ldst_access acc;
	struct ldst_run run;
	struct ldst insn;
	u32 word, val;

	if ((cpu->cpsr & CPU_PSR_T) ||
	    !mmu_peek_insn(ev->vm, ev->mmu.space, MMU_VIEW_KERNEL, cpu->pc, &word) ||
	    !ldst_decode_arm(word, &insn))
		return -EAGAIN;
	if (!insn.load || insn.unpriv || insn.form > LDST_MULTIPLE ||
	    insn.block != LDST_BLOCK_PLAIN)
		return -EAGAIN;
	ldst_begin(&run, &insn, cpu);
	while (ldst_next(&run, cpu, &acc)) {
		if ((acc.gva & (acc.size - 1)) ||
		    !mmu_peek_insn(ev->vm, ev->mmu.space, MMU_VIEW_KERNEL, acc.gva, &val))
			return -EAGAIN;
		ldst_supply(&run, val >> 8 * (acc.gva & 3));
	}
	return ldst_commit(&run, cpu) ? ENGINE_GUEST : -EAGAIN;
}

/*
 * An exclusive sequence on a word in code: its load would come here and leave the
 * hardware's monitor clear, so no store would ever succeed.  The page that it stands in
 * has its exclusives replaced (exclusive.c) and the guest tries again.
 */
static int exact_replace_exclusives(struct engine_vcpu *ev)
{
	bool is_copy;
	u64 gfn;

	if (mmu_lookup(ev->vm, ev->mmu.space, MMU_VIEW_KERNEL, ev->vcpu->cpu->pc, &gfn, &is_copy))
		mmu_replace_exclusives(ev->vm, gfn);
	return ENGINE_GUEST;
}

/* Memory at @gva of the kernel's, up to a page's end.  If that is false, *@next says how to go on. */
static bool exact_read_part(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva, void *buf,
			    unsigned int len, int *next)
{
	struct walk_access access = { .kind = WALK_R, .priv = true };
	struct walk_result res;
	struct walk_fault fault;
	int err;

	*next = ENGINE_GUEST;
	if (walk_gva(ctl, &gmem_walk_ops, ev->vm, gva, access, &res, &fault)) {
		engine_inject_dabt(ev, gva, walk_dfsr(ctl, &fault, false, false));
		return false;
	}
	err = gmem_read(ev->vm, res.gpa, buf, len);
	if (!err)
		return true;
	*next = err == -EFAULT ?
		engine_fail(ev, ARMKVM_ERROR_MEMORY, 0, "guest RAM at 0x%llx can't be reached", res.gpa) :
		engine_emulate(ev, ARMKVM_ERROR_INSN, 0,
			       "a floating-point load that goes on from code into what is no RAM (address 0x%08x)",
			       gva);
	return false;
}

/* FP registers: those of the vCPU are in memory, a full exit has put them there. */
static int exact_load_simd(struct engine_vcpu *ev, const struct simd_load *ls)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_cpu *cpu = vcpu->cpu;
	u64 d[ARMKVM_MAX_DREGS];
	struct simd_element el;
	struct walk_ctl ctl;
	u32 base, address;
	unsigned int i;
	int next;

	engine_walk_ctl(vcpu, &ctl);
	memcpy(d, vcpu->vfp.d, sizeof(d));
	address = simd_address(ls, cpu, &base);
	if (address & ls->align) {
		engine_inject_alignment(ev, address, WALK_R);
		return ENGINE_GUEST;
	}
	for (i = 0; simd_element(ls, i, &el); i++) {
		u32 gva = address + el.offset;
		unsigned int first = min_t(u32, ls->size, ARMKVM_PAGE_SIZE - (gva & ~ARMKVM_PAGE_MASK));
		u64 image = 0;

		/* Elements of VLD1-VLD4 are unaligned accesses like others (A3.2.1). */
		if (ls->form >= SIMD_MULTIPLE && (gva & (ls->size - 1)) &&
		    (ctl.sctlr & WALK_SCTLR_A)) {
			engine_inject_alignment(ev, gva, WALK_R);
			return ENGINE_GUEST;
		}
		if (!exact_read_part(ev, &ctl, gva, &image, first, &next) ||
		    (first < ls->size && !exact_read_part(ev, &ctl, gva + first,
							  (u8 *)&image + first, ls->size - first,
							  &next)))
			return next;
		simd_put(ls, &el, image, cpu->cpsr & CPU_PSR_E, d);
	}
	memcpy(vcpu->vfp.d, d, sizeof(d));
	if (ls->wback)
		cpu->r[ls->rn] = base;
	emu_skip(cpu, 4);
	return ENGINE_GUEST;
}

/* TBB and TBH (A8.8.239) @word, whose tables stand in code. */
static int exact_branch_by_table(struct engine_vcpu *ev, u32 word)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 rn = insn_rn(word), rm = insn_rm(word);
	bool half = insn_bit(word, 4);
	struct walk_ctl ctl;
	u16 entry = 0;
	u32 gva;
	int next;

	if (rn == 13 || rm == 13 || rm == 15) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	gva = (rn == 15 ? cpu->pc + 4 : cpu->r[rn]) + (cpu->r[rm] << half);
	if (half && (gva & 1) && (ev->vcpu->cp15[CP15_SCTLR] & WALK_SCTLR_A)) {
		engine_inject_alignment(ev, gva, WALK_R);
		return ENGINE_GUEST;
	}
	engine_walk_ctl(ev->vcpu, &ctl);
	if (!exact_read_part(ev, &ctl, gva, &entry, 1, &next) ||
	    (half && !exact_read_part(ev, &ctl, gva + 1, (u8 *)&entry + 1, 1, &next)))
		return next;
	if (half && (cpu->cpsr & CPU_PSR_E))
		entry = swab16(entry);
	emu_skip(cpu, 4);
	cpu->pc += 2 * entry;
	return ENGINE_GUEST;
}

int engine_read_code(struct engine_vcpu *ev, u32 gva)
{
	struct simd_load simd;
	struct ldst insn;
	u32 word;

	if (engine_fetch_ldst(ev, &insn, &word))
		return insn.form == LDST_EXCLUSIVE ? exact_replace_exclusives(ev) :
						   engine_ldst(ev, &insn);
	if (!word)
		return ENGINE_GUEST;	/* the fetch will fault for itself */
	if ((ev->vcpu->cpu->cpsr & CPU_PSR_T) &&
	    thumb_is_table_branch((struct thumb_insn){ word >> 16, word }))
		return exact_branch_by_table(ev, word);
	/* T32 has VFP's loads as A32 has them, and SIMD's with another first byte (A7.7). */
	if ((ev->vcpu->cpu->cpsr & CPU_PSR_T) && word >> 24 == 0xf9)
		word ^= 0x0d000000;
	if (simd_decode_load(word, &simd))
		return exact_load_simd(ev, &simd);
	return engine_emulate(ev, ARMKVM_ERROR_INSN, word,
			      "an instruction that armkvm can't execute on code that it hides (address 0x%08x)",
			      gva);
}
