/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floating point and SIMD state of a guest, while it is not in the hardware.
 */
#ifndef ARMKVM_CORE_VFP_H
#define ARMKVM_CORE_VFP_H

#include <linux/types.h>

struct armkvm_vcpu;

#define ARMKVM_MAX_DREGS	32

struct armkvm_vfp {
	u64 d[ARMKVM_MAX_DREGS];	/* d16-d31 only where the host has them */
	u32 fpscr;
	u32 fpexc;
	u32 fpinst;
	u32 fpinst2;
	u32 fpsid;
	u32 mvfr0;
	u32 mvfr1;
};

/* FPEXC.EN, ARM DDI 0406C B4.1.57 */
#define VFP_FPEXC_ENABLE	(1U << 30)

/*
 * Gives all floating-point registers their reset values, identification the host's.  The vCPU's
 * mutex is held.
 */
void armkvm_vfp_reset(struct armkvm_vcpu *vcpu);

/*
 * ONE_REG of the ids ARMKVM_REG_ARM_VFP, with the vCPU's mutex held.
 * Return 0, or -ENOENT (not a register of this host), set also -EINVAL (a
 * value that the register can't hold), -EBUSY (identification, after the vCPU
 * has run).
 */
int armkvm_vfp_get(const struct armkvm_vcpu *vcpu, u64 id, u64 *val);
int armkvm_vfp_set(struct armkvm_vcpu *vcpu, u64 id, u64 val);

/* The id of the @n-th floating-point register, or 0 behind the last. */
u64 armkvm_vfp_list_id(unsigned int n);

#endif /* ARMKVM_CORE_VFP_H */
