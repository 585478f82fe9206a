/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that core/irq uses, for ordinary programs. */
#ifndef SHIM_IRQ_LINUX_HRTIMER_H
#define SHIM_IRQ_LINUX_HRTIMER_H

#include <time.h>

#include <linux/ktime.h>
#include <linux/types.h>

enum hrtimer_restart {
	HRTIMER_NORESTART,
	HRTIMER_RESTART,
};

enum hrtimer_mode {
	HRTIMER_MODE_ABS_PINNED_HARD,
};

struct hrtimer {
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	ktime_t expires;
	bool queued;
	unsigned int starts;	/* for the tests: how often it was started */
};

static inline void hrtimer_init(struct hrtimer *timer, clockid_t clock, enum hrtimer_mode mode)
{
	(void)clock;
	(void)mode;
	timer->queued = false;
	timer->starts = 0;
}

static inline void hrtimer_start(struct hrtimer *timer, ktime_t expires, enum hrtimer_mode mode)
{
	(void)mode;
	timer->expires = expires;
	timer->queued = true;
	timer->starts++;
}

static inline void hrtimer_set_expires(struct hrtimer *timer, ktime_t expires)
{
	timer->expires = expires;
}

static inline bool hrtimer_is_queued(const struct hrtimer *timer)
{
	return timer->queued;
}

static inline int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	int was = timer->queued;

	timer->queued = false;
	return was;
}

#define hrtimer_cancel(timer) hrtimer_try_to_cancel(timer)

#endif
