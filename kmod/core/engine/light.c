// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits that need neither sleep nor the launcher: with interrupts off, and without
 * the host's floating point, signals and scheduler in between.  A third of the
 * cost of the loop in run.c; what can't be done so is left to it, untouched.
 *
 * A removal is complete once no other vCPU runs with the old tables.  Interrupting them is
 * not for here: where mmu_commit_alone() says no, run.c does it before the guest goes on.
 *
 * On real-time kernels spinlocks sleep, and with them what signals an eventfd: there run.c
 * does what signals one (ioeventfds, resampling irqfds).  mmu->lock and the vgic's are raw.
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>

#include "../../host/host.h"
#include "../arm/decode.h"
#include "../arm/emulate.h"
#include "../irqfd.h"
#include "../arm/patch.h"
#include "../arm/thumb.h"
#include "../arm/psci.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "fault.h"
#include "pv.h"
#include "inject.h"
#include "regime.h"

/* The guest's state may have changed in ways that are for run.c to look at. */
static enum engine_light light_resume(struct engine_vcpu *ev, enum engine_light how)
{
	u32 cpsr = ev->vcpu->cpu->cpsr;
	unsigned long lines;

	/* What the guest itself has made pending (an SGI) takes back what it was offered. */
	engine_eoi_check(ev);
	lines = engine_lines(ev);
	if (ev->serror_pending)
		return LIGHT_DONE;
	if (((lines & BIT(ENGINE_LINE_IRQ)) && !(cpsr & CPU_PSR_I)) ||
	    ((lines & BIT(ENGINE_LINE_FIQ)) && !(cpsr & CPU_PSR_F)))
		return LIGHT_DONE;
	return how;
}

/* An access to a device that was found. */
static enum engine_light light_device(struct engine_vcpu *ev)
{
	/* Eventfds, and the launcher, which it waits for otherwise, are for run.c there. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !engine_is_gic(ev->vm, ev->device.gpa)) {
		ev->device.due = true;
		return LIGHT_DONE;
	}
	/* Waits for the launcher, or an instruction is to be replaced: run.c. */
	if (engine_device_access_found(ev) != ENGINE_GUEST || ev->device.replace)
		return LIGHT_DONE;
	return light_resume(ev, LIGHT_GUEST);
}

static enum engine_light light_fault(struct engine_vcpu *ev, const struct host_exit *exit, u8 kind)
{
	struct armkvm_mmu *mmu = ev->vm->mmu;
	enum engine_light ret = LIGHT_EXIT;

	if (!engine_fsc_is_mmu(exit->fsc) || !ev->mmu.space || !mmu_try_light(mmu))
		return LIGHT_EXIT;
	if (mmu_space_fresh(mmu, ev->mmu.space)) {
		if (kind != WALK_X && engine_device_find(ev, exit->far, kind)) {
			raw_spin_unlock(&mmu->lock);
			return light_device(ev);
		}
		if (engine_fault_known(ev, exit->far, kind) == ENGINE_GUEST)
			ret = LIGHT_GUEST;
	}
	if (!mmu_commit_alone(&ev->mmu) && ret == LIGHT_GUEST)
		ret = LIGHT_DONE;
	raw_spin_unlock(&mmu->lock);
	return ret == LIGHT_EXIT ? ret : light_resume(ev, ret);
}

/* The space that TTBR0, TTBR1 and CONTEXTIDR select now, if it can be had at once. */
static enum engine_light light_space(struct engine_vcpu *ev, struct host_entry *entry)
{
	const struct mmu_space *old = ev->mmu.space;
	bool had_other = ev->mmu.at_hand;
	struct mmu_space_key key WALK_LOCAL;
	struct walk_ctl ctl WALK_LOCAL;
	bool ok;
	u16 asid;

	engine_walk_ctl(ev->vcpu, &ctl);
	engine_space_key(ev->vcpu, &ctl, &key, &asid);
	ev->mmu.at_hand = NULL;
	ok = mmu_space_find(&ev->mmu, &key, asid, &ctl);
	if (!ok)
		ev->mmu.space = NULL;
	else if (ev->mmu.space != old)
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_SPACE_CHANGES);
	if (!mmu_commit_alone(&ev->mmu) || !ok)
		return LIGHT_DONE;
	if (ev->mmu.space == old && !had_other)
		return LIGHT_GUEST;
	engine_fill_entry(ev, entry);
	return LIGHT_RELOAD;
}

/*
 * -- TLB maintenance ---------------------------------------------------------
 *
 * Guests run loops of maintenance by address over millions of pages. Each turn is an exit, unless
 * what they do between two of them is done here as well: engine/tlbi-loop.c.
 */

/* Cache maintenance by address in T32 code, which no fast path does: as exit_maintain() in exits.c.  Held: mmu->lock. */
static enum engine_light light_clean(struct engine_vcpu *ev, enum cp15_op op, u32 val)
{
	u32 word;

	switch (op) {
	case CP15_OP_DCIMVAC:
	case CP15_OP_DCCMVAC:
	case CP15_OP_DCCMVAU:
	case CP15_OP_DCCIMVAC:
		/* A translation is all that it wants (B3.12). */
		if (!mmu_space_fresh(ev->vm->mmu, ev->mmu.space) ||
		    !mmu_peek_insn(ev->vm, ev->mmu.space, MMU_VIEW_KERNEL, val & ~3U, &word))
			return LIGHT_EXIT;
		break;
	case CP15_OP_ICIALLU:
	case CP15_OP_ICIALLUIS:
	case CP15_OP_ICIMVAU:
		host_invalidate_icache();
		break;
	default:
		return LIGHT_EXIT;
	}
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_CACHE_OPS);
	emu_skip(ev->vcpu->cpu, 4);
	return LIGHT_GUEST;
}

/* Held: mmu->lock. */
static enum engine_light light_maintain(struct engine_vcpu *ev, enum cp15_op op, u32 val,
					unsigned int rt, struct host_entry *entry)
{
	if (!tlbi_loop(ev, op, val, rt))
		return ev->vcpu->cpu->cpsr & CPU_PSR_T ? light_clean(ev, op, val) : LIGHT_EXIT;
	/* A range with much in it makes everything unsync, too. */
	if (!engine_tlbi_by_address(op) || !mmu_space_fresh(ev->vm->mmu, ev->mmu.space))
		return light_space(ev, entry);
	return mmu_commit_alone(&ev->mmu) ? LIGHT_GUEST : LIGHT_DONE;
}

/*
 * -- cp15 --------------------------------------------------------------------
 */

/* Writes after which more is to be done than is possible here. */
static bool light_is_heavy_write(const struct armkvm_vcpu *vcpu, u32 key, u32 val)
{
	u32 crn = key >> 11 & 0xf;	/* CP15_KEY32() */

	if (key & CP15_KEY_64BIT)
		return key != CP15_KEY64(15, 0, 2) && key != CP15_KEY64(15, 1, 2);
	switch (crn) {
	case 1:			/* SCTLR, CPACR */
	case 9:			/* performance monitors */
	case 10:		/* memory attributes */
	case 14:		/* timer */
		return true;
	case 3:			/* DACR, as far as the fast path leaves it: domains of the hardware's */
		return regime_has_domains();
	case 2:			/* TTBCR, as far as it is more than a choice of tables: engine_mmu_changed() */
		return key == CP15_KEY32(15, 0, 2, 0, 2) &&
		       !walk_same_format(vcpu->cp15[CP15_TTBCR], val);
	default:
		return false;
	}
}

#define INSN_ISB	0xf57ff060U	/* A8.8.53 */
#define INSN_ISB_MASK	0xfffffff0U
#define INSN_TTBR0	0xee020f10U	/* MCR p15, 0, Rt, c2, c0, 0 */
#define INSN_TTBR0_MASK	0xffff0fffU

/*
 * The instruction of 4 bytes at @gva, in A32, in whatever space these tables have: the ASID doesn't matter
 * for what is global.
 */
static bool light_global_insn(struct engine_vcpu *ev, u32 gva, u32 *word)
{
	struct armkvm_mmu *mmu = ev->vm->mmu;
	u32 words[2];

	if (!mmu_is_global(ev->mmu.space, gva) ||
	    !mmu_executed_word(ev->vm, ev->mmu.space, gva & ~3U, &words[0]))
		return false;
	if (!(ev->vcpu->cpu->cpsr & CPU_PSR_T)) {
		*word = unpatch_word(&mmu->dict, mmu->config.patch_opts, words[0]);
		return true;
	}
	if ((gva & 2) && (!mmu_is_global(ev->mmu.space, gva + 2) ||
			  !mmu_executed_word(ev->vm, ev->mmu.space, gva + 2, &words[1])))
		return false;
	*word = thumb_plain_to_arm(thumb_unpatch(&mmu->dict, thumb_insn_in(words, gva)));
	return true;
}

/*
 * Kernels change address spaces by CONTEXTIDR, ISB, TTBR0: the last is written here as well,
 * without an exit and a look for the space in between.  An ISB is what the way back to the
 * guest is, too (B3.15.5).  Held: mmu->lock.
 */
static void light_also_ttbr0(struct engine_vcpu *ev)
{
	struct cp15_params p = { .key = CP15_KEY32(15, 0, 2, 0, 0), .write = true };
	struct armkvm_vcpu *vcpu = ev->vcpu;
	u32 pc = vcpu->cpu->pc, word;
	enum cp15_op op;

	if ((vcpu->cpu->cpsr & CPU_PSR_IT) || !mmu_space_fresh(ev->vm->mmu, ev->mmu.space) ||
	    !light_global_insn(ev, pc, &word))
		return;
	if ((word & INSN_ISB_MASK) == INSN_ISB) {
		pc += 4;
		if (!light_global_insn(ev, pc, &word))
			return;
	}
	if ((word & INSN_TTBR0_MASK) != INSN_TTBR0 || insn_rd(word) == 15)
		return;
	p.val = vcpu->cpu->r[insn_rd(word)];
	if (armkvm_cp15_access(vcpu, &p, &op) == CP15_UNDEF)
		return;
	vcpu->cpu->pc = pc;
	emu_skip(vcpu->cpu, 4);
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_EMULATED_CP);
	trace_armkvm_cp15(vcpu->id, pc, p.key, p.write, p.val);
}

static enum engine_light light_cp(struct engine_vcpu *ev, u32 word, struct host_entry *entry)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_cpu *cpu = vcpu->cpu;
	struct cp15_params p = { .user = !cpu_mode_privileged(cpu->cpsr) };
	struct armkvm_mmu *mmu = ev->vm->mmu;
	enum engine_light ret = LIGHT_RELOAD;
	enum cp15_op op = CP15_OP_NONE;
	struct mmu_space *old;
	u32 pc = cpu->pc;
	struct insn_cp cp;

	insn_decode_cp(word, &cp);
	if (cp.rt == 15 || (cp.pair && cp.rt2 == 15))
		return LIGHT_EXIT;
	p.key = cp.pair ? CP15_KEY64(cp.coproc, cp.opc1, cp.crm) :
			  CP15_KEY32(cp.coproc, cp.opc1, cp.crn, cp.crm, cp.opc2);
	p.write = !cp.read;
	/* What it reads is made in exits.c; the launcher's. */
	if (p.key == CP15_KEY32(15, 0, 12, 1, 0) || handover_wants(ev->vm, p.key))
		return LIGHT_EXIT;
	if (p.write) {
		p.val = cpu->r[cp.rt] | (cp.pair ? (u64)cpu->r[cp.rt2] << 32 : 0);
		if (light_is_heavy_write(vcpu, p.key, p.val))
			return LIGHT_EXIT;
	}
	if (!ev->mmu.space || !mmu_try_light(mmu))
		return LIGHT_EXIT;

	switch (armkvm_cp15_access(vcpu, &p, &op)) {
	case CP15_UNDEF:
		engine_inject_undef(ev);
		ret = LIGHT_GUEST;
		break;
	case CP15_MAINTAIN:
		ret = light_maintain(ev, op, p.val, cp.rt, entry);
		break;
	case CP15_DONE_MMU:
		emu_skip(cpu, 4);
		if (p.key == CP15_KEY32(15, 0, 13, 0, 1))
			light_also_ttbr0(ev);
		old = ev->mmu.space;
		ret = light_space(ev, entry);
		/* The space before a change of the selector stays at hand. */
		if (engine_is_selector(vcpu, p.key)) {
			ev->mmu.at_hand = old;
			entry->selector = engine_selector(vcpu);
			if (ret == LIGHT_RELOAD)
				engine_fill_entry(ev, entry);
		}
		if (ret == LIGHT_GUEST) {
			engine_fill_entry(ev, entry);
			ret = LIGHT_RELOAD;
		}
		break;
	default:
		if (!p.write) {
			cpu->r[cp.rt] = p.val;
			if (cp.pair)
				cpu->r[cp.rt2] = p.val >> 32;
			ret = LIGHT_GUEST;
		} else {
			engine_fill_entry(ev, entry);
		}
		emu_skip(cpu, 4);
		break;
	}
	raw_spin_unlock(&mmu->lock);
	if (ret == LIGHT_EXIT)
		return ret;
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_EMULATED_CP);
	trace_armkvm_cp15(vcpu->id, pc, p.key, p.write, p.val);
	return light_resume(ev, ret);
}

/*
 * -- the guest's calls -----------------------------------------------------------
 */

static enum engine_light light_flush(struct engine_vcpu *ev, struct host_entry *entry)
{
	bool by_address = ev->vcpu->cpu->r[1] & 2;	/* ARMKVM_TLB_RANGE_* */
	struct armkvm_mmu *mmu = ev->vm->mmu;
	enum engine_light ret = LIGHT_EXIT;
	int status;

	if (!ev->mmu.space || !mmu_try_light(mmu))
		return LIGHT_EXIT;
	if (engine_call_flush(ev, &status))
		goto unlock;
	hc_done(ev, status);
	/* as light_maintain() */
	if (!by_address || !mmu_space_fresh(mmu, ev->mmu.space))
		ret = light_space(ev, entry);
	else
		ret = mmu_commit_alone(&ev->mmu) ? LIGHT_GUEST : LIGHT_DONE;
unlock:
	raw_spin_unlock(&mmu->lock);
	return ret;
}

#define INSN_HVC_0	0xe1400070U

/* Those that a kernel makes often, where nobody has to sleep for them. */
static enum engine_light light_call(struct engine_vcpu *ev, struct host_entry *entry)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	const u32 args[4] = { cpu->r[0], cpu->r[1], cpu->r[2], cpu->r[3] };
	u32 features = ev->vm->pv_features;
	enum engine_light ret = LIGHT_EXIT;
	int next;

	if (!cpu_mode_privileged(cpu->cpsr))
		return LIGHT_EXIT;
	switch (args[0]) {
	case ARMKVM_HC_TLB_FLUSH:
		if (features & BIT(ARMKVM_PV_TLB_FLUSH))
			ret = light_flush(ev, entry);
		break;
	case ARMKVM_HC_MMIO_READ:
	case ARMKVM_HC_MMIO_WRITE:
		if (!(features & BIT(ARMKVM_PV_MMIO)))
			break;
		next = hc_mmio_light(ev, args[0] == ARMKVM_HC_MMIO_WRITE);
		if (next >= 0)
			ret = next == ENGINE_GUEST ? LIGHT_GUEST : LIGHT_DONE;
		break;
	case ARMKVM_HC_IDLE:
		if ((features & BIT(ARMKVM_PV_IDLE)) && engine_lines(ev)) {
			hc_done(ev, ARMKVM_HC_SUCCESS);
			ret = LIGHT_GUEST;
		}
		break;
	}
	if (ret == LIGHT_EXIT)
		return ret;
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_HYPERCALLS);
	trace_armkvm_hypercall(ev->vcpu->id, args, PSCI_PARA_CALL);
	return light_resume(ev, ret);
}

/*
 * -- undefined instructions ----------------------------------------------------
 */

/* An instruction of @len bytes; @word: as for emu_execute(). */
static enum engine_light light_sensitive(struct engine_vcpu *ev, u32 word, unsigned int len)
{
	struct emu emu = { .cpu = ev->vcpu->cpu };
	u32 pc = emu.cpu->pc;

	switch (emu_execute(&emu, word)) {
	case EMU_DONE:
		emu.cpu->pc -= 4 - len;	/* the narrow one, CPS, runs on */
		break;
	case EMU_UNDEF:
		engine_inject_undef(ev);
		break;
	default:
		return LIGHT_EXIT;
	}
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_EMULATED_SILENT);
	trace_armkvm_emulate(ev->vcpu->id, pc, word);
	/*
	 * It led into a VM's first T32 code, if only at the very next word: run.c looks at what is
	 * to be executed there.
	 */
	if (!mmu_mixes_states(ev->vm->mmu) && (emu.cpu->cpsr & CPU_PSR_T) &&
	    cpu_mode_privileged(emu.cpu->cpsr))
		return light_resume(ev, LIGHT_DONE);
	return light_resume(ev, LIGHT_GUEST);
}

/* A load or store that was replaced, decoded into ev->device.insn; @word has condition AL. */
static enum engine_light light_ldst(struct engine_vcpu *ev, u32 insn, u32 word)
{
	struct armkvm_mmu *mmu = ev->vm->mmu;
	bool found;

	if (!emu_cond_passed(ev->vcpu->cpu->cpsr, insn_cond(insn))) {
		emu_skip(ev->vcpu->cpu, 4);
		return LIGHT_GUEST;
	}
	if (!ev->mmu.space || !mmu_try_light(mmu))
		return LIGHT_EXIT;
	found = mmu_space_fresh(mmu, ev->mmu.space) && engine_device_find_replaced(ev, word);
	raw_spin_unlock(&mmu->lock);
	return found ? light_device(ev) : LIGHT_EXIT;
}

/* VMRS and VMSR, the same word in both instruction sets. */
static enum engine_light light_fp_sys(struct engine_vcpu *ev, u32 word)
{
	/* A kernel that switches tasks turns the unit off, mostly when it is. */
	if (!engine_fp_sys_is_light(ev, word))
		return LIGHT_EXIT;
	engine_fp_sys(ev, word);
	/* The fast path knows FPEXC. */
	return light_resume(ev, insn_bit(word, 20) ? LIGHT_GUEST : LIGHT_RELOAD);
}

/* The instruction in T32 state at the pc, as the guest wrote it: exit_fetch_original_thumb() from what is known. */
static bool light_known_thumb(struct engine_vcpu *ev, struct thumb_insn *insn)
{
	struct armkvm_vm *vm = ev->vm;
	u32 pc = ev->vcpu->cpu->pc, at = pc & ~3U, seen, ram;
	bool ok;

	insn->hw2 = 0;
	if (!ev->mmu.space || !raw_spin_trylock(&vm->mmu->lock))
		return false;
	ok = mmu_space_fresh(vm->mmu, ev->mmu.space) &&
	     mmu_executed_word(vm, ev->mmu.space, at, &seen) && !thumb_is_look(seen) &&
	     mmu_peek_insn(vm, ev->mmu.space, MMU_VIEW_KERNEL, at, &ram);
	if (ok) {
		insn->hw1 = ram >> 8 * (pc & 2);
		seen >>= 8 * (pc & 2);
		/* Its second half may be in another page. */
		if (insn_thumb_is_wide(insn->hw1) && (pc & 2))
			ok = (at + 4) & ~ARMKVM_PAGE_MASK &&
			     mmu_peek_insn(vm, ev->mmu.space, MMU_VIEW_KERNEL, at + 4, &ram);
		if (ok && insn_thumb_is_wide(insn->hw1))
			insn->hw2 = ram >> 8 * (~pc & 2);
	}
	raw_spin_unlock(&vm->mmu->lock);
	if (ok && (u16)seen == insn->hw1)
		*insn = thumb_unpatch(&vm->mmu->dict, *insn);
	return ok;
}

static enum engine_light light_undef_thumb(struct engine_vcpu *ev, struct host_entry *entry)
{
	u32 cpsr = ev->vcpu->cpu->cpsr, word;
	struct thumb_insn insn;

	if (!cpu_mode_privileged(cpsr) || (cpsr & CPU_PSR_IT) || !light_known_thumb(ev, &insn))
		return LIGHT_EXIT;
	word = (u32)insn.hw1 << 16 | insn.hw2;
	switch (insn_decode_thumb(insn.hw1, insn.hw2)) {
	case INSN_CPS:
	case INSN_MRS:
	case INSN_MSR_REG:
	case INSN_DP_RET:
		return light_sensitive(ev, thumb_to_arm(insn), insn_thumb_is_wide(insn.hw1) ? 4 : 2);
	case INSN_CP_REG:
	case INSN_CP_REG2:
		return light_cp(ev, word, entry);
	case INSN_FP_SYS:
		return light_fp_sys(ev, word);
	default:
		return LIGHT_EXIT;
	}
}

static enum engine_light light_undef(struct engine_vcpu *ev, const struct host_exit *exit,
				     struct host_entry *entry)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	enum insn_kind kind;
	u32 word;

	if (cpu->cpsr & CPU_PSR_T)
		return light_undef_thumb(ev, entry);
	if (!exit->has_insn)
		return LIGHT_EXIT;
	/* No replacement looks like it, and who makes calls makes many. */
	if (exit->insn == INSN_HVC_0)
		return light_call(ev, entry);
	if (patch_dict_word(&ev->vm->mmu->dict, exit->insn, &word) &&
	    ldst_decode_simple(word, &ev->device.insn))
		return light_ldst(ev, exit->insn, word);
	word = unpatch_word(&ev->vm->mmu->dict, ev->vm->mmu->config.patch_opts, exit->insn);
	if (!emu_cond_passed(cpu->cpsr, insn_cond(word))) {
		emu_skip(cpu, 4);
		return LIGHT_GUEST;
	}
	kind = insn_decode_arm(word);
	switch (kind) {
	case INSN_CPS:
	case INSN_MRS:
	case INSN_MSR_REG:
	case INSN_MSR_IMM:
	case INSN_DP_RET:
		return light_sensitive(ev, word, 4);
	case INSN_CP_REG:
	case INSN_CP_REG2:
		return light_cp(ev, word, entry);
	case INSN_FP_SYS:
		return light_fp_sys(ev, word);
	default:
		return LIGHT_EXIT;
	}
}

/*
 * Hosts without domains: the fast path changes between two spaces as the selector does, and
 * which one it is now is noted here.
 */
static bool light_follow_selector(struct engine_vcpu *ev, struct host_entry *entry)
{
	if (!engine_has_swapped(ev, entry))
		return true;
	if (!ev->mmu.at_hand || !raw_spin_trylock(&ev->vm->mmu->lock))
		return false;
	swap(ev->mmu.space, ev->mmu.at_hand);
	engine_fill_entry(ev, entry);
	raw_spin_unlock(&ev->vm->mmu->lock);
	return true;
}

static void light_count_exit(struct armkvm_vcpu *vcpu, enum cpu_vector vec, bool light)
{
	static const u8 stat[] = {
		[CPU_VEC_UND] = VCPU_STAT_EXITS_UNDEF,
		[CPU_VEC_SVC] = VCPU_STAT_EXITS_SVC,
		[CPU_VEC_PABT] = VCPU_STAT_EXITS_PREFETCH_ABORT,
		[CPU_VEC_DABT] = VCPU_STAT_EXITS_DATA_ABORT,
	};

	armkvm_vcpu_stat_inc(vcpu, stat[vec]);
	if (light)
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_LIGHT_EXITS);
}

static enum engine_light light_exit(struct armkvm_vcpu *vcpu, const struct host_exit *exit,
				    struct host_entry *entry)
{
	struct engine_vcpu *ev = vcpu->engine;
	struct armkvm_cpu *cpu = vcpu->cpu;
	u32 pc = cpu->pc, cpsr = cpu->cpsr;
	enum engine_light ret;

	if (!light_follow_selector(ev, entry))
		return LIGHT_EXIT;
	engine_eoi_check(ev);
	switch (exit->vector) {
	case CPU_VEC_SVC:
		engine_take(ev, CPU_VEC_SVC, pc);
		ret = light_resume(ev, LIGHT_GUEST);
		break;
	case CPU_VEC_UND:
		cpu->pc -= cpu->cpsr & CPU_PSR_T ? 2 : 4;
		ret = light_undef(ev, exit, entry);
		break;
	case CPU_VEC_PABT:
		if (unlikely(vcpu->vm->mode == ARMKVM_MODE_DIRECT))
			return LIGHT_EXIT;	/* perhaps a call: engine_priv_is_call() */
		cpu->pc -= 4;
		ret = light_fault(ev, exit, WALK_X);
		break;
	case CPU_VEC_DABT:
		cpu->pc -= 8;
		ret = light_fault(ev, exit, exit->write ? WALK_W : WALK_R);
		break;
	default:
		return LIGHT_EXIT;
	}
	if (ret == LIGHT_EXIT) {
		cpu->pc = pc;
		return ret;
	}
	if (armkvm_irqfd_eoi_is_due(vcpu->vm))
		ret = LIGHT_DONE;
	/*
	 * What was done may have changed them, with the interrupt masked: an EOI whose device
	 * still asks.  That is this CPU's own doing, so nobody has kicked it.
	 */
	entry->lines = engine_lines(ev);
	light_count_exit(vcpu, exit->vector, ret != LIGHT_DONE);
	/* behind the events of what was done: only now is it known that it was light */
	if (trace_armkvm_exit_enabled())
		engine_trace_exit(ev, exit, pc, cpsr, ret != LIGHT_DONE);
	return ret;
}

enum engine_light engine_light_exit(struct armkvm_vcpu *vcpu, const struct host_exit *exit,
				    struct host_entry *entry)
{
	enum engine_light ret;

	/* What run_stay_in_guest() has stopped: this is the kernel's time, the guest's isn't. */
	start_critical_timings();
	ret = light_exit(vcpu, exit, entry);
	stop_critical_timings();
	return ret;
}
