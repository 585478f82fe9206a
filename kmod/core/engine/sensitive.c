// SPDX-License-Identifier: GPL-2.0-only
/* Sensitive unprivileged instructions that were replaced, executed; see sensitive.h. */
#include <linux/kernel.h>

#include "../arm/emulate.h"
#include "../arm/patch.h"
#include "../arm/thumb.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "gmem.h"
#include "inject.h"
#include "regime.h"
#include "sensitive.h"

/*
 * -- memory for the emulated instructions --------------------------------------
 */

struct emu_access {
	struct engine_vcpu *ev;
	struct walk_ctl ctl;
	struct walk_fault fault;
	int err;
};

/* Positive codes of emu_fault */
#define EMU_WALK_FAULT		1	/* emu_access.fault */
#define EMU_NO_RAM		2

/* Returns 0 or EMU_WALK_FAULT; as struct emu_mem_ops wants it. */
static int sensitive_translate(struct emu_access *ea, u32 gva, u8 kind, bool as_user, u64 *gpa)
{
	struct walk_access access = {
		.kind = kind,
		.priv = !as_user && cpu_mode_privileged(ea->ev->vcpu->cpu->cpsr),
	};
	struct walk_result res;

	if (walk_gva(&ea->ctl, &gmem_walk_ops, ea->ev->vm, gva, access, &res, &ea->fault))
		return EMU_WALK_FAULT;
	*gpa = res.gpa;
	return 0;
}

static int sensitive_read(void *ctx, u32 gva, unsigned int size, bool as_user, u32 *val)
{
	struct emu_access *ea = ctx;
	u64 gpa;
	int ret = sensitive_translate(ea, gva, WALK_R, as_user, &gpa);

	if (ret)
		return ret;
	*val = 0;
	return gmem_read(ea->ev->vm, gpa, val, size) ? EMU_NO_RAM : 0;
}

static int sensitive_write(void *ctx, u32 gva, unsigned int size, bool as_user, u32 val)
{
	struct emu_access *ea = ctx;
	u64 gpa;
	int ret = sensitive_translate(ea, gva, WALK_W, as_user, &gpa);

	if (ret)
		return ret;
	return gmem_write(ea->ev->vm, gpa, &val, size) ? EMU_NO_RAM : 0;
}

static const struct emu_mem_ops emu_ops = {
	.read = sensitive_read,
	.write = sensitive_write,
};

int engine_sensitive(struct engine_vcpu *ev, u32 word, unsigned int len)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct emu_access ea = { .ev = ev };
	struct emu emu = {
		.cpu = vcpu->cpu,
		.mem = &emu_ops,
		.ctx = &ea,
		.strict_align = vcpu->cp15[CP15_SCTLR] & BIT(1),
	};

	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_EMULATED_SILENT);
	trace_armkvm_emulate(vcpu->id, vcpu->cpu->pc, word);
	engine_walk_ctl(vcpu, &ea.ctl);
	switch (emu_execute(&emu, word)) {
	case EMU_DONE:
		vcpu->cpu->pc -= 4 - len;	/* the narrow ones, CPS and WFI, run on */
		return ENGINE_GUEST;
	case EMU_WFI:
		vcpu->cpu->pc -= 4 - len;
		return ENGINE_SLEEP;
	case EMU_UNDEF:
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	case EMU_ABORT:
		break;
	}
	if (emu.fault.code == EMU_NO_RAM)
		return engine_emulate(ev, ARMKVM_ERROR_INSN, word,
				      "a privileged instruction that accesses a device (address 0x%08x)",
				      emu.fault.gva);
	if (emu.fault.code == EMU_FAULT_ALIGNMENT) {
		engine_inject_alignment(ev, emu.fault.gva, emu.fault.write ? WALK_W : WALK_R);
		return ENGINE_GUEST;
	}
	engine_inject_dabt(ev, emu.fault.gva,
			   walk_dfsr(&ea.ctl, &ea.fault, emu.fault.write, false));
	return ENGINE_GUEST;
}

bool engine_look(struct engine_vcpu *ev, u32 word)
{
	u32 gva = ev->vcpu->cpu->pc & ~3U, ram, original;
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;
	int i;

	if (gmem_fetch(ev, gva, &ram, 4))
		return true;	/* the fetch will fault for itself */
	/* Of a look word both halves differ: else it is a replacement beside the guest's own UDF. */
	if (ram != word && (!((ram ^ word) & 0xffff) || !((ram ^ word) >> 16)))
		return false;
	if (ram != word) {
		mmu_copy_again(ev->vm, ev->mmu.space, gva);
		return true;
	}
	if (!thumb_look_original(&ev->vm->mmu->dict, word, &original))
		return false;
	/* With those beside it: an instruction may have half of one. */
	engine_walk_ctl(ev->vcpu, &ctl);
	for (i = -THUMB_LOOK_RUN; i <= THUMB_LOOK_RUN; i++) {
		u32 at = gva + 4 * i;

		if (gmem_fetch(ev, at, &ram, 4) || !thumb_is_look(ram) ||
		    !thumb_look_original(&ev->vm->mmu->dict, ram, &original) ||
		    walk_translate(&ctl, &gmem_walk_ops, ev->vm, at, &res, &fault))
			continue;
		if (gmem_write(ev->vm, res.gpa, &original, 4))
			return false;
	}
	return true;
}
