/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System registers that are the launcher's: ARMKVM_CAP_CP_EXIT, ARMKVM_EXIT_CP.
 *
 * An access goes to the launcher as one to a device does: the instruction waits for the next ARMKVM_RUN,
 * which brings what was read, or that there is no such register.  With QEMU's model 4,300 instructions on an ARMv7
 * host, 4,700 on an arm64 one.
 */
#ifndef ARMKVM_ENGINE_CP_EXIT_H
#define ARMKVM_ENGINE_CP_EXIT_H

#include <linux/types.h>

struct armkvm_vm;
struct cp15_params;
struct engine_vcpu;
struct insn_cp;

/* An access that waits for the launcher. */
struct cp_exit {
	bool pending;
	bool pair;		/* MRRC, MCRR */
	bool is_write;
	u8 rt;
	u8 rt2;
};

/* Is the register CP15_KEY32() or CP15_KEY64() @key the launcher's?  Any context. */
bool cp_exit_wants(const struct armkvm_vm *vm, u32 key);

/* The access @p of the instruction @cp, from PL1, goes to the launcher: ENGINE_USER. */
int cp_exit_start(struct engine_vcpu *ev, const struct cp15_params *p, const struct insn_cp *cp);

/* The launcher has answered.  ENGINE_GUEST */
int cp_exit_complete(struct engine_vcpu *ev);

#endif /* ARMKVM_ENGINE_CP_EXIT_H */
