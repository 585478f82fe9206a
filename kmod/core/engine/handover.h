/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the launcher executes for the guest.
 *
 * System registers that are its: ARMKVM_CAP_CP_EXIT, ARMKVM_EXIT_CP. An access goes to the launcher as one to a
 * device does: the instruction waits for the next ARMKVM_RUN, which brings what was read, or that there is no such
 * register.  With QEMU's model 4,300 instructions on an ARMv7 host, 4,700 on an arm64 one.
 *
 * Code that the module can't run: ARMKVM_CAP_EMULATE, ARMKVM_EXIT_EMULATE (engine_emulate()). The launcher reads the
 * registers, executes as much as it likes, and writes them back.  Meanwhile the vCPU is outside of ARMKVM_RUN; what is
 * the module's, interrupt controller and timers, answers the launcher's ARMKVM_ACCESS.
 */
#ifndef ARMKVM_ENGINE_HANDOVER_H
#define ARMKVM_ENGINE_HANDOVER_H

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

/* What ARMKVM_EMULATED has said; the next ARMKVM_RUN begins with it. */
struct emulated {
	bool returned;
	bool flush;		/* ARMKVM_EMULATED_FLUSH, of any since the last ARMKVM_RUN */
	u8 then;		/* ARMKVM_THEN_* */
	u16 imm;
};

/* Is the register CP15_KEY32() or CP15_KEY64() @key the launcher's?  Any context. */
bool handover_wants(const struct armkvm_vm *vm, u32 key);

/* The access @p of the instruction @cp, from PL1, goes to the launcher: ENGINE_USER. */
int handover_start(struct engine_vcpu *ev, const struct cp15_params *p, const struct insn_cp *cp);

/* The launcher has answered.  ENGINE_GUEST */
int handover_complete(struct engine_vcpu *ev);

/*
 * ARMKVM_EMULATED, ARMKVM_ACCESS, ARMKVM_GET_LINES.  Returns 0, -EFAULT, -EINVAL, -ENXIO or -EINTR
 * (the GIC doesn't start, as before ARMKVM_RUN), or for an access
 * to what isn't the module's -ENOENT.  Held: vcpu->mutex.
 */
long handover_ioctl(struct engine_vcpu *ev, unsigned int cmd, void __user *arg);

/*
 * The launcher has executed guest code: does what is left to do.  Returns an enum engine_next.
 * Held: as for a handler.
 */
int handover_return(struct engine_vcpu *ev);

#endif /* ARMKVM_ENGINE_HANDOVER_H */
