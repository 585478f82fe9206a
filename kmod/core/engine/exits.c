// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ended a stay in the guest: one handler an exception.
 *
 * The hardware gives the lr of the exception; table B1-7 of ARM DDI 0406C tells
 * how far behind the instruction it is.
 */
#include <linux/kernel.h>

#include "../arm/emulate.h"
#include "../arm/decode.h"
#include "../../host/host.h"
#include "../arm/patch.h"
#include "../arm/thumb.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "access.h"
#include "engine.h"
#include "fault.h"
#include "gmem.h"
#include "inject.h"
#include "priv.h"
#include "regime.h"
#include "sensitive.h"

/* cp10 and cp11 fields of CPACR, B4.1.40 */
#define CPACR_CP10_SHIFT	20

/*
 * -- cp14 and cp15 -----------------------------------------------------------------
 */

/* Address translation to PAR, B4.2 */
static void exit_translate_to_par(struct engine_vcpu *ev, enum cp15_op op, u32 gva)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct walk_access access = {
		.kind = op == CP15_OP_ATS1CPW || op == CP15_OP_ATS1CUW ? WALK_W : WALK_R,
		.priv = op == CP15_OP_ATS1CPR || op == CP15_OP_ATS1CPW,
	};
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;
	u64 par;

	engine_walk_ctl(vcpu, &ctl);
	if (walk_gva(&ctl, &gmem_walk_ops, ev->vm, gva, access, &res, &fault) &&
	    fault.kind == WALK_EXTERNAL) {
		engine_inject_dabt(ev, gva, walk_dfsr(&ctl, &fault, true, false));
		return;
	}
	par = walk_par(&ctl, &res, &fault);
	vcpu->cp15[CP15_PAR] = par;
	vcpu->cp15[CP15_PAR_HI] = par >> 32;
	emu_skip(vcpu->cpu, 4);
}

bool engine_tlbi_by_address(enum cp15_op op)
{
	switch (op) {
	case CP15_OP_TLBIMVA:
	case CP15_OP_TLBIMVAIS:
	case CP15_OP_ITLBIMVA:
	case CP15_OP_DTLBIMVA:
	case CP15_OP_TLBIMVAA:
	case CP15_OP_TLBIMVAAIS:
		return true;
	default:
		return false;
	}
}

bool engine_tlbi(struct engine_vcpu *ev, enum cp15_op op, u32 val, u32 *last)
{
	struct armkvm_mmu *mmu = ev->vm->mmu;
	struct walk_ctl ctl;
	u16 asid = val & 0xff;

	switch (op) {
	case CP15_OP_TLBIALL:
	case CP15_OP_TLBIALLIS:
	case CP15_OP_ITLBIALL:
	case CP15_OP_DTLBIALL:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_TLBI_ALL);
		trace_armkvm_tlbi(ev->vcpu->id, 0, 0);
		mmu_tlbi_all(mmu);
		return true;
	case CP15_OP_TLBIASID:
	case CP15_OP_TLBIASIDIS:
	case CP15_OP_ITLBIASID:
	case CP15_OP_DTLBIASID:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_TLBI_ASID);
		trace_armkvm_tlbi(ev->vcpu->id, 1, val);
		mmu_tlbi_asid(mmu, asid);
		return true;
	case CP15_OP_TLBIMVA:
	case CP15_OP_TLBIMVAIS:
	case CP15_OP_ITLBIMVA:
	case CP15_OP_DTLBIMVA:
		trace_armkvm_tlbi(ev->vcpu->id, 2, val);
		break;
	case CP15_OP_TLBIMVAA:
	case CP15_OP_TLBIMVAAIS:
		trace_armkvm_tlbi(ev->vcpu->id, 3, val);
		asid = MMU_ASID_GLOBAL;
		break;
	default:
		return false;
	}
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_TLBI_VA);
	engine_walk_ctl(ev->vcpu, &ctl);
	*last = mmu_tlbi_range(&ev->mmu, &ctl, val & ARMKVM_PAGE_MASK, *last | ~ARMKVM_PAGE_MASK, asid);
	return true;
}

/*
 * Maintenance of TLBs and caches.  The shadow tables are the guest's TLB.  Its
 * data caches are the host's, which are coherent with all that the launcher
 * does; instruction copies notice writes by themselves.
 *
 * Cache maintenance by address is the stub's (it does the real operation at the
 * guest's own address), which came here because the address isn't mapped yet:
 * once it is, the guest tries again.
 */
static int exit_maintain(struct engine_vcpu *ev, enum cp15_op op, u32 val, unsigned int rt)
{
	struct armkvm_vm *vm = ev->vm;
	bool is_copy, done;
	u64 gfn;

	raw_spin_lock(&vm->mmu->lock);
	done = tlbi_loop(ev, op, val, rt);
	mmu_commit_unlock(vm);
	if (done)
		return ENGINE_GUEST;
	switch (op) {
	case CP15_OP_DCIMVAC:
	case CP15_OP_DCCMVAC:
	case CP15_OP_DCCMVAU:
	case CP15_OP_DCCIMVAC:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_CACHE_OPS);
		if (!mmu_lookup(vm, ev->mmu.space, MMU_VIEW_KERNEL, val, &gfn, &is_copy))
			return engine_fault_maintain(ev, val);
		break;
	case CP15_OP_ICIALLU:
	case CP15_OP_ICIALLUIS:
	case CP15_OP_ICIMVAU:
		/* from where no fast path is: System and FIQ mode, Thumb code */
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_CACHE_OPS);
		host_invalidate_icache();
		break;
	case CP15_OP_DSB:
		mb();		/* what the guest asked for */
		break;
	case CP15_OP_DMB:
		smp_mb();	/* the same */
		break;
	default:
		/* by set and way; predictors, which every change of tables invalidates */
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_CACHE_OPS);
		break;
	}
	emu_skip(ev->vcpu->cpu, 4);
	return ENGINE_GUEST;
}

/* B4.1.97: what is pending, masked or not, at the places of CPSR's masks. */
static u32 exit_pending_isr(const struct engine_vcpu *ev)
{
	unsigned long lines = engine_lines(ev);

	return (lines & BIT(ENGINE_LINE_IRQ) ? CPU_PSR_I : 0) |
	       (lines & BIT(ENGINE_LINE_FIQ) ? CPU_PSR_F : 0);
}

static int exit_cp(struct engine_vcpu *ev, u32 word)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_cpu *cpu = vcpu->cpu;
	struct cp15_params p = { .user = !cpu_mode_privileged(cpu->cpsr) };
	enum cp15_op op = CP15_OP_NONE;
	enum cp15_result access;
	struct insn_cp cp;

	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_EMULATED_CP);
	insn_decode_cp(word, &cp);
	/* r13 and r15 as Rt are UNPREDICTABLE, but for the flags form of MRC */
	if (cp.rt == 15 || (cp.pair && cp.rt2 == 15)) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	p.key = cp.pair ? CP15_KEY64(cp.coproc, cp.opc1, cp.crm) :
			  CP15_KEY32(cp.coproc, cp.opc1, cp.crn, cp.crm, cp.opc2);
	p.write = !cp.read;
	if (p.write)
		p.val = cpu->r[cp.rt] | (cp.pair ? (u64)cpu->r[cp.rt2] << 32 : 0);

	if (!p.user && handover_wants(ev->vm, p.key))
		return handover_start(ev, &p, &cp);
	vcpu->cp15[CP15_ISR] = exit_pending_isr(ev);
	access = armkvm_cp15_access(vcpu, &p, &op);
	trace_armkvm_cp15(vcpu->id, cpu->pc, p.key, p.write, p.val);
	switch (access) {
	case CP15_UNDEF:
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	case CP15_MAINTAIN:
		if (op >= CP15_OP_ATS1CPR && op <= CP15_OP_ATS1CUW) {
			exit_translate_to_par(ev, op, p.val);
			return ENGINE_GUEST;
		}
		return exit_maintain(ev, op, p.val, cp.rt);
	case CP15_DONE_MMU:
		engine_mmu_changed(ev, p.key);
		break;
	case CP15_DONE_TIMER:
		engine_timer_update(ev);
		break;
	case CP15_DONE:
		break;
	}
	if (!p.write) {
		cpu->r[cp.rt] = p.val;
		if (cp.pair)
			cpu->r[cp.rt2] = p.val >> 32;
	}
	emu_skip(cpu, 4);
	return ENGINE_GUEST;
}

/*
 * -- floating point ----------------------------------------------------------------
 */

bool engine_fp_allowed(const struct armkvm_vcpu *vcpu, bool priv)
{
	u32 field = vcpu->cp15[CP15_CPACR] >> CPACR_CP10_SHIFT & 3;

	return field == 3 || (field == 1 && priv);
}

static bool exit_fp_allowed(const struct armkvm_vcpu *vcpu)
{
	return engine_fp_allowed(vcpu, cpu_mode_privileged(vcpu->cpu->cpsr));
}

static int exit_fp(struct engine_vcpu *ev)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;

	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_EMULATED_FP);
	if (!exit_fp_allowed(vcpu) || !(vcpu->vfp.fpexc & VFP_FPEXC_ENABLE) || ev->vfp_live) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	ev->vfp_live = true;
	return ENGINE_GUEST;
}

bool engine_fp_sys_is_light(const struct engine_vcpu *ev, u32 word)
{
	unsigned int reg = insn_rn(word);

	return reg != 1 && (insn_bit(word, 20) || reg != 8 || !ev->vfp_live);
}

/* VMRS and VMSR of the system registers, B9.3.21, B9.3.22 */
int engine_fp_sys(struct engine_vcpu *ev, u32 word)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_cpu *cpu = vcpu->cpu;
	unsigned int reg = insn_rn(word), rt = insn_rd(word);
	bool read = insn_bit(word, 20);
	u32 val;

	if (reg == 1)			/* FPSCR: like any other FP instruction */
		return exit_fp(ev);
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_EMULATED_FP);
	trace_armkvm_emulate(vcpu->id, cpu->pc, word);
	if (!exit_fp_allowed(vcpu) || !cpu_mode_privileged(cpu->cpsr) || rt == 15) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	if (read) {
		switch (reg) {
		case 0:
			val = vcpu->vfp.fpsid;
			break;
		case 6:
			val = vcpu->vfp.mvfr1;
			break;
		case 7:
			val = vcpu->vfp.mvfr0;
			break;
		case 8:
			val = vcpu->vfp.fpexc;
			break;
		default:
			engine_inject_undef(ev);
			return ENGINE_GUEST;
		}
		cpu->r[rt] = val;
	} else {
		switch (reg) {
		case 0:			/* writes to FPSID are ignored */
			break;
		case 8:
			vcpu->vfp.fpexc = cpu->r[rt] & VFP_FPEXC_ENABLE;
			ev->vfp_live = false;
			break;
		default:
			engine_inject_undef(ev);
			return ENGINE_GUEST;
		}
	}
	emu_skip(cpu, 4);
	return ENGINE_GUEST;
}

/*
 * -- the exceptions ----------------------------------------------------------------
 */

/*
 * The instruction that the guest means: what the patcher replaced is undone, also
 * where the guest has copied a replacement from a page that it reads.  Returns an errno if it
 * is to be fetched once more.
 */
static int exit_fetch_original(struct engine_vcpu *ev, bool priv, u32 *word)
{
	unsigned int opts = ev->vm->mmu->config.patch_opts;
	u32 pc = ev->vcpu->cpu->pc;
	int err;

	if (!priv)
		return gmem_fetch(ev, pc, word, 4);
	/*
	 * Another vCPU may have taken the copy away since.  RAM has the original, or a
	 * replacement that the guest itself copied there.
	 */
	if (!mmu_fetch(ev->vm, ev->mmu.space, pc, word)) {
		err = gmem_fetch(ev, pc, word, 4);
		if (err)
			return err;
		/* That one is a legal instruction, which RAM may have for itself. */
		opts &= ~PATCH_TPIDRPRW;
	} else if (thumb_is_look(*word) && engine_look(ev, *word)) {
		return -EAGAIN;
	}
	*word = unpatch_word(&ev->vm->mmu->dict, opts, *word);
	return 0;
}

/*
 * WFI and WFE of User mode, which some hosts trap: to the guest they are what they
 * are (A8.8.424, A8.8.425), a wait that may end at any time.
 */
static int exit_wait(struct engine_vcpu *ev, unsigned int len, bool wfi)
{
	emu_skip(ev->vcpu->cpu, len);
	return wfi ? ENGINE_SLEEP : ENGINE_GUEST;
}

#define INSN_WFE_A1	0x0320f002U
#define INSN_WFE_T1	0xbf20U
#define INSN_WFE_T2	0xf3af8002U

/* Does the instruction, in an IT block or in none, execute?  A2.5.2 */
static bool exit_it_passed(u32 cpsr)
{
	u32 it = (cpsr >> 8 & 0xfc) | (cpsr >> 25 & 3);

	return !(it & 0xf) || emu_cond_passed(cpsr, it >> 4);
}

static int exit_exclusive(struct engine_vcpu *ev, bool decoded, const struct ldst *insn)
{
	if (decoded && insn->form == LDST_EXCLUSIVE)
		return engine_exclusive(ev, insn);
	engine_inject_undef(ev);
	return ENGINE_GUEST;
}

/* As exit_fetch_original(), in T32 state. */
static int exit_fetch_original_thumb(struct engine_vcpu *ev, bool priv, struct thumb_insn *insn)
{
	u32 pc = ev->vcpu->cpu->pc, seen;
	u16 half;
	int err;

	insn->hw2 = 0;
	err = gmem_fetch(ev, pc, &insn->hw1, 2);
	if (!err && insn_thumb_is_wide(insn->hw1))
		err = gmem_fetch(ev, pc + 2, &insn->hw2, 2);
	if (err || !priv)
		return err;
	if (mmu_fetch(ev->vm, ev->mmu.space, pc & ~3U, &seen)) {
		if (thumb_is_look(seen) && engine_look(ev, seen))
			return -EAGAIN;
		half = seen >> 8 * (pc & 2);
		/* What the copy has in another form, RAM has as the guest wrote it. */
		if (half != insn->hw1 && (half == THUMB_ASK || half == THUMB_ASK_WIDE)) {
			mmu_copy_again(ev->vm, ev->mmu.space, pc);
			return -EAGAIN;
		}
		if (half != insn->hw1)
			return 0;
	}
	*insn = thumb_unpatch(&ev->vm->mmu->dict, *insn);
	return 0;
}

/* What only privileged code does in T32 state. */
static int exit_thumb_priv(struct engine_vcpu *ev, struct thumb_insn insn, enum insn_kind kind)
{
	u32 arm = thumb_to_arm(insn);
	struct ldst ls;

	if (insn_is_silent(kind) && arm)
		return engine_sensitive(ev, arm, insn_thumb_is_wide(insn.hw1) ? 4 : 2);
	if (kind == INSN_LDST_UNPRIV && ldst_decode_thumb(insn.hw1, insn.hw2, &ls))
		return engine_ldst(ev, &ls);
	engine_inject_undef(ev);
	return ENGINE_GUEST;
}

/*
 * A privileged instruction that isn't undefined by itself was: it stood under a question that another
 * vCPU has answered meanwhile, or whose copy is gone (SMP, reclaim).  What is there now is
 * tried; if the host's core doesn't know it, the third exception at the same pc is the guest's.
 */
static bool exit_try_again(struct engine_vcpu *ev, bool priv)
{
	u32 pc = ev->vcpu->cpu->pc;

	if (!priv || !mmu_mixes_states(ev->vm->mmu))
		return false;
	if (ev->undef.pc != pc)
		ev->undef.tries = 0;
	ev->undef.pc = pc;
	if (++ev->undef.tries < 3)
		return true;
	ev->undef.tries = 0;
	return false;
}

static int exit_undef_thumb(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	bool priv = cpu_mode_privileged(cpu->cpsr);
	struct thumb_insn insn;
	enum insn_kind kind;
	unsigned int len;
	struct ldst ls;
	u32 word;

	if (exit_fetch_original_thumb(ev, priv, &insn))
		return ENGINE_GUEST;	/* the fetch will fault for itself */
	len = insn_thumb_is_wide(insn.hw1) ? 4 : 2;
	/* as in exit_undef() */
	if (!exit_it_passed(cpu->cpsr)) {
		emu_skip(cpu, len);
		return ENGINE_GUEST;
	}
	if (priv && thumb_is_exclusive(insn)) {
		if (insn.hw1 == 0xf3bf)
			return engine_exclusive(ev, NULL);
		return exit_exclusive(ev, ldst_decode_thumb(insn.hw1, insn.hw2, &ls), &ls);
	}
	kind = insn_decode_thumb(insn.hw1, insn.hw2);
	word = (u32)insn.hw1 << 16 | insn.hw2;
	if (insn.hw1 == INSN_WFE_T1 || word == INSN_WFE_T2)
		return exit_wait(ev, len, false);
	if (priv && insn_is_silent(kind))
		return exit_thumb_priv(ev, insn, kind);
	switch (kind) {
	case INSN_WFI:
		return exit_wait(ev, len, true);
	case INSN_FP:
		return exit_fp(ev);
	case INSN_FP_SYS:
		return engine_fp_sys(ev, word);
	case INSN_CP_REG:
	case INSN_CP_REG2:
		return exit_cp(ev, word);
	case INSN_HVC:
		return engine_hypercall(ev, true, (insn.hw1 & 0xf) << 12 | (insn.hw2 & 0xfff));
	case INSN_SMC:
		return engine_hypercall(ev, false, 0);
	default:
		if (kind != INSN_OTHER || !exit_try_again(ev, priv))
			engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
}

static int exit_undef(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	bool priv = cpu_mode_privileged(cpu->cpsr);
	enum insn_kind kind;
	struct ldst ls;
	u32 word;

	if (cpu->cpsr & CPU_PSR_T)
		return exit_undef_thumb(ev);
	if (exit_fetch_original(ev, priv, &word))
		return ENGINE_GUEST;
	/*
	 * A core may raise the exception for an undefined instruction whose
	 * condition fails (A8.3.1): what the guest wrote is then a NOP.
	 */
	if (!emu_cond_passed(cpu->cpsr, insn_cond(word))) {
		emu_skip(cpu, 4);
		return ENGINE_GUEST;
	}
	if (priv && patch_is_exclusive(word)) {
		if (insn_cond(word) == INSN_COND_NONE)
			return engine_exclusive(ev, NULL);
		return exit_exclusive(ev, ldst_decode_arm(word, &ls), &ls);
	}
	kind = insn_decode_arm(word);
	if (kind == INSN_LDST_UNPRIV && priv)
		return engine_ldst_unpriv(ev, word);
	if (insn_is_silent(kind) && priv)
		return engine_sensitive(ev, word, 4);
	if ((word & 0x0fffffff) == INSN_WFE_A1)
		return exit_wait(ev, 4, false);
	if (kind == INSN_OTHER && priv && patch_is_device_insn(word))
		return engine_ldst_replaced(ev, word);
	switch (kind) {
	case INSN_WFI:
		return exit_wait(ev, 4, true);
	case INSN_CP_REG:
	case INSN_CP_REG2:
		return exit_cp(ev, word);
	case INSN_FP:
		return exit_fp(ev);
	case INSN_FP_SYS:
		return engine_fp_sys(ev, word);
	case INSN_HVC:
		return engine_hypercall(ev, true, insn_imm16(word));
	case INSN_SMC:
		return engine_hypercall(ev, false, 0);
	default:
		if ((word & 0x0fb00ff0) == 0x01000090)	/* SWP, SWPB: A5.2.10 */
			return engine_swap(ev, word);
		if (kind != INSN_OTHER || !exit_try_again(ev, priv))
			engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
}

static int exit_abort(struct engine_vcpu *ev, const struct host_exit *exit, u8 kind)
{
	switch (exit->fsc) {
	case FSC_ALIGNMENT:
		engine_inject_alignment(ev, exit->far, kind);
		return ENGINE_GUEST;
	case FSC_DEBUG:
		/* No watchpoint is on while a guest runs. */
		if (kind != WALK_X)
			break;
		if (engine_debug_trap(ev))
			return ENGINE_USER;
		/* BKPT: the guest's own, B1.9.6 */
		engine_inject_status(ev, ev->vcpu->cpu->pc, kind, FSC_DEBUG, 0x22);
		return ENGINE_GUEST;
	case FSC_EXTERNAL:
	case FSC_PARITY:
		engine_report_poison(ev, exit->far, kind);
		break;
	default:
		if (engine_fsc_is_mmu(exit->fsc))
			return engine_fault(ev, exit->far, kind);
		break;
	}
	return engine_fail(ev, ARMKVM_ERROR_STATE, 0,
			   "the host's memory system reported fault status 0x%02x at 0x%08x",
			   exit->fsc, exit->far);
}

void engine_trace_exit(struct engine_vcpu *ev, const struct host_exit *exit, u32 pc, u32 cpsr,
		       bool light)
{
	/* far and fsc are set by aborts only */
	bool abort = exit->vector == CPU_VEC_PABT || exit->vector == CPU_VEC_DABT;

	trace_armkvm_exit(ev->vcpu->id, exit->vector, pc, cpsr, abort ? exit->far : 0,
			  abort ? exit->fsc : 0, light);
}

int engine_handle_exit(struct engine_vcpu *ev, const struct host_exit *exit)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	bool thumb = cpu->cpsr & CPU_PSR_T;

	if (trace_armkvm_exit_enabled() && exit->vector != CPU_VEC_RESET)
		engine_trace_exit(ev, exit, cpu->pc, cpu->cpsr, false);
	switch (exit->vector) {
	case CPU_VEC_RESET:	/* it did not run */
		return ENGINE_GUEST;
	case CPU_VEC_IRQ:
	case CPU_VEC_FIQ:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_EXITS_IRQ);
		cpu->pc -= 4;
		return ENGINE_GUEST;
	case CPU_VEC_SVC:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_EXITS_SVC);
		engine_take(ev, CPU_VEC_SVC, cpu->pc);
		return ENGINE_GUEST;
	case CPU_VEC_UND:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_EXITS_UNDEF);
		cpu->pc -= thumb ? 2 : 4;
		return exit_undef(ev);
	case CPU_VEC_PABT:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_EXITS_PREFETCH_ABORT);
		cpu->pc -= 4;
		if (unlikely(engine_priv_is_call(ev, cpu->pc)))
			return engine_priv_call(ev);
		/* IFAR is a word address on some cores: the pc is the truth */
		return exit_abort(ev, exit, WALK_X);
	case CPU_VEC_DABT:
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_EXITS_DATA_ABORT);
		cpu->pc -= 8;
		return exit_abort(ev, exit, exit->write ? WALK_W : WALK_R);
	default:
		return engine_fail(ev, ARMKVM_ERROR_INTERNAL, 0,
				   "exception %d came out of the guest", exit->vector);
	}
}
