// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's generic timer; see timer.h.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/time64.h>

#include "../../compat/hrtimer.h"
#include "timer.h"

#define NOT_ARMED	(~0ULL)
#define LONGEST_S	3600

u64 gtimer_ns(u64 counts, u32 hz)
{
	u32 rest;
	u64 s;

	if (counts < hz) {
		s = 0;
		rest = counts;
	} else {
		s = div_u64_rem(counts, hz, &rest);
	}
	if (s >= LONGEST_S)
		return (u64)LONGEST_S * NSEC_PER_SEC;
	return s * NSEC_PER_SEC + div_u64((u64)rest * NSEC_PER_SEC + hz - 1, hz);
}

/* The earliest deadline of the channels whose output is low. */
static u64 gtimer_next_deadline(const struct gtimer *t, u64 count)
{
	u64 soonest = ~0ULL, deadline;
	unsigned int id;

	for (id = 0; id < GTIMER_NR; id++) {
		deadline = gtimer_deadline(&t->channel[id], count);
		if (deadline < soonest)
			soonest = deadline;
	}
	return soonest;
}

static void gtimer_set_line(struct gtimer *t, enum gtimer_id id, u64 count)
{
	bool level = gtimer_output(&t->channel[id], count);

	if (level == (t->lines >> id & 1))
		return;
	WRITE_ONCE(t->lines, t->lines ^ (1U << id));
	t->ops->output(t->ctx, id, level);
}

static void gtimer_set_lines(struct gtimer *t, u64 count)
{
	unsigned int id;

	for (id = 0; id < GTIMER_NR; id++)
		gtimer_set_line(t, id, count);
}

/* Arms the host timer if it doesn't wait for this or something earlier. */
static void gtimer_arm(struct gtimer *t, u64 count)
{
	u64 deadline = gtimer_next_deadline(t, count);

	if (deadline >= t->armed || !t->loaded)
		return;
	t->armed = deadline;
	hrtimer_start(&t->host, ktime_add_ns(ktime_get(), gtimer_ns(deadline - count, t->hz)),
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

static void gtimer_update(struct gtimer *t)
{
	u64 count;

	if (!t->loaded)
		return;
	count = t->ops->count(t->ctx);
	gtimer_set_lines(t, count);
	gtimer_arm(t, count);
}

/*
 * Hard interrupt.  The host's clock is slewed and the count is not, and later
 * deadlines don't re-arm: often there is something left to wait for.
 */
static enum hrtimer_restart gtimer_fired(struct hrtimer *host)
{
	struct gtimer *t = container_of(host, struct gtimer, host);
	enum hrtimer_restart restart = HRTIMER_NORESTART;
	unsigned long flags;
	u64 count;

	raw_spin_lock_irqsave(&t->lock, flags);
	/* Started anew by another CPU since it fired: that one counts. */
	if (hrtimer_is_queued(host))
		goto out;
	t->armed = NOT_ARMED;
	if (!t->loaded)
		goto out;
	count = t->ops->count(t->ctx);
	gtimer_set_lines(t, count);
	t->armed = gtimer_next_deadline(t, count);
	if (t->armed != NOT_ARMED) {
		hrtimer_set_expires(host, ktime_add_ns(ktime_get(),
						       gtimer_ns(t->armed - count, t->hz)));
		restart = HRTIMER_RESTART;
	}
out:
	raw_spin_unlock_irqrestore(&t->lock, flags);
	return restart;
}

void gtimer_load(struct gtimer *t)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&t->lock, flags);
	t->loaded = true;
	gtimer_update(t);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void gtimer_unload(struct gtimer *t)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&t->lock, flags);
	t->loaded = false;
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void gtimer_sync(struct gtimer *t)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&t->lock, flags);
	/* What the host timer waits for is a count of the old clock. */
	if (t->armed != NOT_ARMED && hrtimer_try_to_cancel(&t->host) >= 0)
		t->armed = NOT_ARMED;
	gtimer_update(t);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

u64 gtimer_read(struct gtimer *t, enum gtimer_id id, enum gtimer_reg reg)
{
	const struct gtimer_channel *ch = &t->channel[id];
	unsigned long flags;
	u64 count, val;

	raw_spin_lock_irqsave(&t->lock, flags);
	count = t->ops->count(t->ctx);
	switch (reg) {
	case GTIMER_REG_CTL:
		val = ch->ctl | (gtimer_met(ch, count) ? GTIMER_CTL_ISTATUS : 0);
		break;
	case GTIMER_REG_CVAL:
		val = ch->cval;
		break;
	default:
		val = (u32)(ch->cval - count);
		break;
	}
	raw_spin_unlock_irqrestore(&t->lock, flags);
	return val;
}

void gtimer_write(struct gtimer *t, enum gtimer_id id, enum gtimer_reg reg, u64 val)
{
	struct gtimer_channel *ch = &t->channel[id];
	unsigned long flags;

	raw_spin_lock_irqsave(&t->lock, flags);
	switch (reg) {
	case GTIMER_REG_CTL:
		ch->ctl = val & (GTIMER_CTL_ENABLE | GTIMER_CTL_IMASK);
		break;
	case GTIMER_REG_CVAL:
		ch->cval = val;
		break;
	case GTIMER_REG_TVAL:
		ch->cval = t->ops->count(t->ctx) + (s64)(s32)val;
		break;
	}
	gtimer_update(t);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void gtimer_set(struct gtimer *t, const struct gtimer_channel *channel)
{
	unsigned long flags;
	unsigned int id;

	raw_spin_lock_irqsave(&t->lock, flags);
	for (id = 0; id < GTIMER_NR; id++) {
		t->channel[id].ctl = channel[id].ctl & (GTIMER_CTL_ENABLE | GTIMER_CTL_IMASK);
		t->channel[id].cval = channel[id].cval;
	}
	gtimer_update(t);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void gtimer_reset(struct gtimer *t)
{
	unsigned long flags;
	unsigned int id;

	raw_spin_lock_irqsave(&t->lock, flags);
	for (id = 0; id < GTIMER_NR; id++) {
		t->channel[id].ctl = 0;
		t->channel[id].cval = 0;
		/* Also when not loaded: a reset is no passing of time. */
		gtimer_set_line(t, id, 0);
	}
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void gtimer_init(struct gtimer *t, const struct gtimer_ops *ops, void *ctx, u32 hz)
{
	unsigned int id;

	raw_spin_lock_init(&t->lock);
	t->ops = ops;
	t->ctx = ctx;
	t->hz = hz;
	t->loaded = false;
	t->lines = 0;
	t->armed = NOT_ARMED;
	for (id = 0; id < GTIMER_NR; id++) {
		t->channel[id].ctl = 0;
		t->channel[id].cval = 0;
	}
	hrtimer_setup(&t->host, gtimer_fired, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_HARD);
}

void gtimer_destroy(struct gtimer *t)
{
	gtimer_unload(t);
	hrtimer_cancel(&t->host);
}
