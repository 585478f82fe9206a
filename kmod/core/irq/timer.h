/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's generic timer (ARM DDI 0406C chapter B8): the virtual and the
 * physical timer of a CPU without the virtualization extensions, on which both
 * count the same (B8.1.2: no CNTVOFF).
 *
 * Who keeps what: this file the two timers' control and compare values; the
 * caller the count (host count minus the VM's offset, through ops->count) and
 * CNTKCTL, CNTFRQ.
 *
 * A host timer (hrtimer) waits for the earlier of the two deadlines, also while
 * guest code runs: its interrupt is what gets the guest out.  It is armed when
 * a deadline becomes earlier than the one it waits for, and otherwise left
 * alone; having fired for nothing it looks again.  So a guest that reprograms
 * its tick pays for the host timer once a tick, not once a write.
 *
 * Time that passes while no thread is in ARMKVM_RUN raises nothing: the output
 * lines change between gtimer_load() and gtimer_unload() only, and the launcher
 * may set the count back while the VM is stopped.
 *
 * Locking: t->lock, a raw spinlock with interrupts off, which the host timer's
 * handler (hard interrupt) takes too; the GIC's lock nests inside.
 */
#ifndef ARMKVM_CORE_IRQ_TIMER_H
#define ARMKVM_CORE_IRQ_TIMER_H

#include <linux/compiler.h>
#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include <linux/types.h>

enum gtimer_id {
	GTIMER_VIRT,
	GTIMER_PHYS,
	GTIMER_PMU,		/* no timer: the interrupt of the performance monitors, of which core/pmu.c knows the time */
	GTIMER_NR,
};

/* Interrupts that QEMU's virt and the Cortex-A7 and A15 boards give them: PPI 11 and 14. */
#define GTIMER_VIRT_INTID	27
#define GTIMER_PHYS_INTID	30
/* QEMU's virt has the performance monitors' here: PPI 7. */
#define GTIMER_PMU_INTID	23

/* CNTV_CTL, CNTP_CTL */
#define GTIMER_CTL_ENABLE	(1U << 0)
#define GTIMER_CTL_IMASK	(1U << 1)
#define GTIMER_CTL_ISTATUS	(1U << 2)

enum gtimer_reg {
	GTIMER_REG_CTL,		/* 32 bits */
	GTIMER_REG_CVAL,	/* 64 bits */
	GTIMER_REG_TVAL,	/* 32 bits */
};

struct gtimer_ops {
	/* What the guest reads as CNTVCT and CNTPCT now.  Any context. */
	u64 (*count)(void *ctx);
	/*
	 * Timer @id's output changes to @level: raise or lower its PPI, or, with
	 * the GIC in the launcher, get the vCPU out of the guest to tell it
	 * (gtimer_lines).  Called under the timer's lock, from any context.
	 */
	void (*output)(void *ctx, enum gtimer_id id, bool level);
};

struct gtimer_channel {
	u64 cval;
	u32 ctl;		/* ENABLE, IMASK */
};

struct gtimer {
	raw_spinlock_t lock;
	const struct gtimer_ops *ops;
	void *ctx;
	u32 hz;
	bool loaded;
	u8 lines;		/* outputs, bit 1 << enum gtimer_id; read without the lock */
	struct gtimer_channel channel[GTIMER_NR];
	u64 armed;		/* count that the host timer waits for; ~0 when it isn't armed */
	struct hrtimer host;
};

/*
 * Prepares @t, reset and not loaded; the count runs at @hz (not 0).  @ops must
 * outlive it.  May sleep.
 */
void gtimer_init(struct gtimer *t, const struct gtimer_ops *ops, void *ctx, u32 hz);
/* The end of @t, which nobody uses any more: waits for the host timer's handler.  May sleep. */
void gtimer_destroy(struct gtimer *t);
/* Resets: both timers disabled, compare values 0, outputs low.  Any context. */
void gtimer_reset(struct gtimer *t);

/*
 * The vCPU's thread enters ARMKVM_RUN: brings the outputs up to date and the
 * host timer into motion.
 */
void gtimer_load(struct gtimer *t);
/* The vCPU's thread leaves ARMKVM_RUN.  Costs next to nothing. */
void gtimer_unload(struct gtimer *t);
/*
 * The count has jumped (ARMKVM_REG_ARM_TIMER_CNT was written): look again.  A
 * must for every vCPU of the VM, loaded or not: the host timer waits by the old
 * count.  Any context.
 */
void gtimer_sync(struct gtimer *t);

/*
 * The guest's and the launcher's accesses.  Values are zero-extended; ISTATUS
 * reads as 0 while the timer is disabled (B8.1.5: UNKNOWN).  Any context.
 */
u64 gtimer_read(struct gtimer *t, enum gtimer_id id, enum gtimer_reg reg);
void gtimer_write(struct gtimer *t, enum gtimer_id id, enum gtimer_reg reg, u64 val);

/*
 * Sets all channels at once, @channel[GTIMER_NR]: the outputs change from the old
 * state to the new one with nothing in between.  Any context.
 */
void gtimer_set(struct gtimer *t, const struct gtimer_channel *channel);

/* The outputs as of the last change: bits 1 << enum gtimer_id.  One load. */
static inline u8 gtimer_lines(const struct gtimer *t)
{
	return READ_ONCE(t->lines);
}

/*
 * -- pure: no state but the arguments ----------------------------------------
 */

/* B8.1.3: the condition is met when count - compare, unsigned, isn't negative. */
static inline bool gtimer_met(const struct gtimer_channel *ch, u64 count)
{
	return ch->ctl & GTIMER_CTL_ENABLE && count >= ch->cval;
}

/* Is the output of @ch up at @count? */
static inline bool gtimer_output(const struct gtimer_channel *ch, u64 count)
{
	return gtimer_met(ch, count) && !(ch->ctl & GTIMER_CTL_IMASK);
}

/* The count at which the output, low at @count, goes up; ~0: not by itself. */
static inline u64 gtimer_deadline(const struct gtimer_channel *ch, u64 count)
{
	if (!(ch->ctl & GTIMER_CTL_ENABLE) || ch->ctl & GTIMER_CTL_IMASK || count >= ch->cval)
		return ~0ULL;
	return ch->cval;
}

/*
 * Nanoseconds that @counts at @hz take, rounded up, but at most an hour: who
 * waits longer looks again on the way.
 */
u64 gtimer_ns(u64 counts, u32 hz);

#endif /* ARMKVM_CORE_IRQ_TIMER_H */
