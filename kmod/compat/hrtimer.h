/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hrtimer_setup() came with Linux 6.13, and hrtimer_init(), which left the
 * handler to be stored by hand, went with 6.15.
 */
#ifndef ARMKVM_COMPAT_HRTIMER_H
#define ARMKVM_COMPAT_HRTIMER_H

#include <linux/hrtimer.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#endif /* ARMKVM_COMPAT_HRTIMER_H */
