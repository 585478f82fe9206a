/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest memory as the module itself reads and writes it. */
#ifndef ARMKVM_CORE_ENGINE_GMEM_H
#define ARMKVM_CORE_ENGINE_GMEM_H

#include <linux/types.h>

#include "../arm/walk.h"

struct armkvm_vm;
struct engine_vcpu;

/*
 * Read and write guest-physical memory, @len bytes within one page.  Return 0, -ENOENT (no RAM),
 * -EFAULT (RAM that can't be reached), write also -EROFS.
 */
int gmem_read(struct armkvm_vm *vm, u64 gpa, void *buf, unsigned int len);
int gmem_write(struct armkvm_vm *vm, u64 gpa, const void *buf, unsigned int len);
/*
 * Writes a descriptor of @size 4 or 8 bytes at its natural alignment, which a walk finds whole or
 * not at all.  Returns what gmem_write() returns.
 */
int gmem_write_desc(struct armkvm_vm *vm, u64 gpa, u64 val, unsigned int size);
/* RAM at @gpa was written by other means than the functions of this header. */
void gmem_written(struct armkvm_vm *vm, u64 gpa);
/*
 * Exchanges @val for *@old, @size 1 or 4 bytes at their natural alignment, as one access.  Returns
 * what gmem_write() returns, or -EINTR (killed).
 */
int gmem_swap(struct armkvm_vm *vm, u64 gpa, unsigned int size, u32 val, u32 *old);
/* Descriptors in guest memory, for walks that may sleep; their context is the VM. */
extern const struct walk_ops gmem_walk_ops;

/*
 * Reads the instruction at @gva as it is in RAM.  Returns 0, or an errno: the fetch will fault for
 * itself.
 */
int gmem_fetch(struct engine_vcpu *ev, u32 gva, void *buf, unsigned int len);

#endif /* ARMKVM_CORE_ENGINE_GMEM_H */
