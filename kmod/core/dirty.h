/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dirty logging: which guest pages of a slot were written.
 */
#ifndef ARMKVM_CORE_DIRTY_H
#define ARMKVM_CORE_DIRTY_H

#include <linux/compiler_types.h>
#include <linux/types.h>

struct armkvm_memslot;
struct armkvm_vm;

/* args[0] of ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2: only CLEAR clears. */
#define ARMKVM_DIRTY_LOG_MANUAL	1

/* A zeroed bitmap for @slot; the slot owns it.  Returns 0 or -ENOMEM. */
int armkvm_dirty_bitmap_alloc(struct armkvm_memslot *slot);
void armkvm_dirty_bitmap_free(struct armkvm_memslot *slot);

/*
 * Notes that @gfn, a page of @slot, is being written.  Any context; inside
 * srcu_read_lock(&vm->srcu).
 */
void armkvm_mark_page_dirty(struct armkvm_memslot *slot, u64 gfn);

/*
 * ARMKVM_GET_DIRTY_LOG; @arg is a struct armkvm_dirty_log.  Returns 0, or
 * -EINVAL (slot number, padding), -ENOENT (no such slot, or its logging is off),
 * -EFAULT, -EINTR (killed while waiting).  After -EFAULT the log is as if the
 * call had ended where the buffer did: no page is lost.
 */
long armkvm_get_dirty_log(struct armkvm_vm *vm, const void __user *arg);

/*
 * ARMKVM_CLEAR_DIRTY_LOG; @arg is a struct armkvm_clear_dirty_log.  Returns 0, or -EINVAL (slot
 * number, padding, a range that isn't one of whole 64-page groups of the slot), -ENOENT (no such
 * slot, or its logging is off), -EFAULT, -EINTR (killed while waiting).
 */
long armkvm_clear_dirty_log(struct armkvm_vm *vm, const void __user *arg);

#endif /* ARMKVM_CORE_DIRTY_H */
