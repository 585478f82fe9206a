// SPDX-License-Identifier: GPL-2.0-only
/* System registers that are the launcher's; see cp-exit.h. */
#include <linux/kernel.h>
#include <linux/string.h>

#include <linux/armkvm.h>

#include "../arm/decode.h"
#include "../arm/emulate.h"
#include "../cp15.h"
#include "../vcpu.h"
#include "../vm.h"
#include "cp-exit.h"
#include "engine.h"
#include "inject.h"

/*
 * The CPU interface's registers at PL1 (IHI 0069 12.7): ICC_PMR; c12, c8 to c12 with opc1 0; by MCRR
 * ICC_SGI1R, ICC_ASGI1R and ICC_SGI0R.  Those of Hyp and Monitor mode are undefined, as the modes are.
 */
static bool cp_exit_is_gicv3(u32 key)
{
	u32 crm = key >> 7 & 0xf;

	switch (key & ~(0xfU << 7 | 7)) {
	case CP15_KEY32(15, 0, 4, 0, 0):
		return key == CP15_KEY32(15, 0, 4, 6, 0);
	case CP15_KEY32(15, 0, 12, 0, 0):
		return crm >= 8 && crm <= 12;
	case CP15_KEY64(15, 0, 0):
	case CP15_KEY64(15, 1, 0):
	case CP15_KEY64(15, 2, 0):
		return crm == 12;
	default:
		return false;
	}
}

bool cp_exit_wants(const struct armkvm_vm *vm, u32 key)
{
	return (vm->cp_exits & ARMKVM_CP_EXIT_GICV3) && cp_exit_is_gicv3(key);
}

int cp_exit_start(struct engine_vcpu *ev, const struct cp15_params *p, const struct insn_cp *cp)
{
	struct armkvm_run *run = ev->vcpu->run;

	ev->cp_exit = (struct cp_exit){
		.pending = true,
		.pair = cp->pair,
		.is_write = p->write,
		.rt = cp->rt,
		.rt2 = cp->rt2,
	};
	run->exit_reason = ARMKVM_EXIT_CP;
	memset(&run->cp, 0, sizeof(run->cp));
	run->cp.id = ARMKVM_REG_ARM | (p->key & ~CP15_KEY_64BIT) |
		     (p->key & CP15_KEY_64BIT ? ARMKVM_REG_SIZE_U64 : ARMKVM_REG_SIZE_U32);
	run->cp.is_write = p->write;
	run->cp.value = p->write ? p->val : 0;
	return ENGINE_USER;
}

int cp_exit_complete(struct engine_vcpu *ev)
{
	const struct armkvm_run *run = ev->vcpu->run;
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u64 value = READ_ONCE(run->cp.value);

	ev->cp_exit.pending = false;
	if (READ_ONCE(run->cp.is_undefined)) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	if (!ev->cp_exit.is_write) {
		cpu->r[ev->cp_exit.rt] = value;
		if (ev->cp_exit.pair)
			cpu->r[ev->cp_exit.rt2] = value >> 32;
	}
	emu_skip(cpu, 4);
	return ENGINE_GUEST;
}
