/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that core/irq uses, for ordinary programs. */
#ifndef SHIM_IRQ_LINUX_SPINLOCK_H
#define SHIM_IRQ_LINUX_SPINLOCK_H

#include <assert.h>
#include <linux/types.h>

/* One thread: that locks nest properly and callbacks run without them is all there is to see. */
typedef struct {
	bool held;
} raw_spinlock_t;

/* How many are held now. */
extern unsigned int shim_locks_held;

static inline void raw_spin_lock_init(raw_spinlock_t *lock)
{
	lock->held = false;
}

static inline void shim_spin_lock(raw_spinlock_t *lock)
{
	assert(!lock->held);
	lock->held = true;
	shim_locks_held++;
}

static inline void shim_spin_unlock(raw_spinlock_t *lock)
{
	assert(lock->held);
	lock->held = false;
	shim_locks_held--;
}

#define raw_spin_lock_irqsave(lock, flags) ((void)((flags) = 0), shim_spin_lock(lock))
#define raw_spin_unlock_irqrestore(lock, flags) ((void)(flags), shim_spin_unlock(lock))

#endif
