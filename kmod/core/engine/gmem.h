/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest memory as the module itself reads and writes it. */
#ifndef ARMKVM_CORE_ENGINE_GMEM_H
#define ARMKVM_CORE_ENGINE_GMEM_H

#include <linux/types.h>

#include "../arm/walk.h"

struct armkvm_vm;
struct engine_vcpu;

/* Guest-physical; @len within one page.  Return 0, -ENOENT (no RAM), -EFAULT, -EROFS. */
int gmem_read(struct armkvm_vm *vm, u64 gpa, void *buf, unsigned int len);
int gmem_write(struct armkvm_vm *vm, u64 gpa, const void *buf, unsigned int len);
/* A descriptor of @size 4 or 8 bytes at its natural alignment, whole for a walk meanwhile. */
int gmem_write_desc(struct armkvm_vm *vm, u64 gpa, u64 val, unsigned int size);
/* RAM at @gpa was written by other means than these. */
void gmem_written(struct armkvm_vm *vm, u64 gpa);
/* @size 1 or 4, naturally aligned; also -EINTR (killed). */
int gmem_swap(struct armkvm_vm *vm, u64 gpa, unsigned int size, u32 val, u32 *old);
extern const struct walk_ops gmem_walk_ops;	/* context: the VM */

/* The instruction at the guest's pc as it is in RAM.  Returns 0 or an errno. */
int gmem_fetch(struct engine_vcpu *ev, u32 gva, void *buf, unsigned int len);

#endif /* ARMKVM_CORE_ENGINE_GMEM_H */
