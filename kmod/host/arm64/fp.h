/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64 host: the guest's floating-point registers, see fp.c. */
#ifndef ARMKVM_HOST_ARM64_FP_H
#define ARMKVM_HOST_ARM64_FP_H

struct armkvm_vfp;

/*
 * The guest's registers into the CPU's, and back to memory.  Between host_vfp_begin() and
 * host_vfp_end(), interrupts off.
 */
void host_arm64_load_vfp(const struct armkvm_vfp *vfp);
void host_arm64_save_vfp(struct armkvm_vfp *vfp);

#endif /* ARMKVM_HOST_ARM64_FP_H */
