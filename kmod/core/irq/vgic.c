// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual GICv2's state machine: which interrupt goes to which CPU, and
 * what acknowledging and ending it does.  The registers are in vgic-mmio.c.
 *
 * Of each CPU the highest-priority pending interrupt that the distributor
 * forwards (best) and the state of its lines are kept current by every
 * change.  To find it, only groups of 32 interrupts with something pending are
 * looked at: with one or two interrupts in flight, a few dozen instructions.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vgic.h"

/* Interrupts of @bank that a distributor with GICD_CTLR @ctlr forwards to its targets. */
static u32 vgic_bank_forwarded(const struct vgic_bank *bank, u32 ctlr)
{
	u32 groups = 0;

	if (ctlr & GIC_CTLR_ENABLE_GRP0)
		groups |= ~bank->group;
	if (ctlr & GIC_CTLR_ENABLE_GRP1)
		groups |= bank->group;
	return vgic_bank_pending(bank) & bank->enable & ~bank->active & groups;
}

/* Takes the highest-priority one of @candidates, of the 32 from @base on, if it beats best. */
static void vgic_choose(struct vgic_cpu *c, const struct vgic_bank *bank, u32 candidates,
			unsigned int base)
{
	while (candidates) {
		unsigned int n = __ffs(candidates);

		candidates &= candidates - 1;
		if (bank->prio[n] < c->best_prio) {
			c->best = base + n;
			c->best_prio = bank->prio[n];
			c->best_group = bank->group >> n & 1;
		}
	}
}

static void vgic_find_best(const struct vgic *vgic, unsigned int cpu, struct vgic_cpu *c)
{
	u32 busy = vgic->busy;

	c->best = VGIC_ID_SPURIOUS;
	c->best_prio = VGIC_PRIO_IDLE;
	c->best_group = 0;
	vgic_choose(c, &c->priv, vgic_bank_forwarded(&c->priv, vgic->ctlr), 0);
	while (busy) {
		unsigned int n = __ffs(busy);
		const struct vgic_spis *spis = &vgic->spis[n];

		busy &= busy - 1;
		vgic_choose(c, &spis->bank,
			    vgic_bank_forwarded(&spis->bank, vgic->ctlr) & spis->target[cpu],
			    VGIC_NR_PRIVATE + 32 * n);
	}
}

/* The bits of a priority that decide on preemption, 3.3.3 and table 3-2. */
static u32 vgic_group_priority_mask(const struct vgic_cpu *c, unsigned int group)
{
	unsigned int bpr = c->bpr;

	if (group && !(c->ctlr & GICC_CTLR_CBPR))
		bpr = c->abpr - 1;	/* at least 1: one bit more of subpriority */
	return 0xffU & (~0U << (bpr + 1));
}

void vgic_update_cpuif(struct vgic *vgic, unsigned int cpu, struct vgic_after *after)
{
	struct vgic_cpu *c = &vgic->cpu[cpu];
	u8 lines = 0;

	if (c->best_prio < c->pmr && c->ctlr & (GIC_CTLR_ENABLE_GRP0 << c->best_group) &&
	    (c->best_prio & vgic_group_priority_mask(c, c->best_group)) < c->running)
		lines = !c->best_group && c->ctlr & GICC_CTLR_FIQ_EN ? VGIC_LINE_FIQ
								     : VGIC_LINE_IRQ;
	if ((lines & ~c->lines) || (c->lazy && c->best != VGIC_ID_SPURIOUS))
		after->kick |= 1U << cpu;
	WRITE_ONCE(c->lines, lines);
}

static void vgic_update_cpu(struct vgic *vgic, unsigned int cpu, struct vgic_after *after)
{
	vgic_find_best(vgic, cpu, &vgic->cpu[cpu]);
	vgic_update_cpuif(vgic, cpu, after);
}

static void vgic_update_busy(struct vgic *vgic, unsigned int n)
{
	if (vgic_bank_pending(&vgic->spis[n].bank))
		vgic->busy |= 1U << n;
	else
		vgic->busy &= ~(1U << n);
}

void vgic_update_bank(struct vgic *vgic, unsigned int cpu, unsigned int base, u32 bits,
		      struct vgic_after *after)
{
	const struct vgic_spis *spis;

	if (base < VGIC_NR_PRIVATE) {
		vgic_update_cpu(vgic, cpu, after);
		return;
	}
	vgic_update_busy(vgic, base / 32 - 1);
	spis = &vgic->spis[base / 32 - 1];
	for (cpu = 0; cpu < vgic->nr_cpus; cpu++)
		if (spis->target[cpu] & bits)
			vgic_update_cpu(vgic, cpu, after);
}

void vgic_update_all(struct vgic *vgic, struct vgic_after *after)
{
	unsigned int n;

	for (n = 0; n < vgic->nr_banks; n++)
		vgic_update_busy(vgic, n);
	for (n = 0; n < vgic->nr_cpus; n++)
		vgic_update_cpu(vgic, n, after);
}

void vgic_update_running(struct vgic_cpu *c)
{
	unsigned int n;

	c->running = VGIC_PRIO_IDLE;
	for (n = 0; n < 4; n++) {
		u32 active = c->apr[0][n] | c->apr[1][n];

		if (active) {
			c->running = (32 * n + __ffs(active)) * 2;
			return;
		}
	}
}

u32 vgic_highest_pending(const struct vgic *vgic, unsigned int cpu, bool alias)
{
	const struct vgic_cpu *c = &vgic->cpu[cpu];

	if (c->best == VGIC_ID_SPURIOUS ||
	    !(c->ctlr & (GIC_CTLR_ENABLE_GRP0 << c->best_group)))
		return VGIC_ID_SPURIOUS;
	if (alias && !c->best_group)
		return VGIC_ID_SPURIOUS;
	if (!alias && c->best_group && !(c->ctlr & GICC_CTLR_ACK_CTL))
		return VGIC_ID_GROUP1;
	if (c->best < VGIC_NR_SGIS)
		return c->best | __ffs(c->sgi_source[c->best]) << 10;
	return c->best;
}

u32 vgic_acknowledge(struct vgic *vgic, unsigned int cpu, bool alias,
		     struct vgic_after *after)
{
	struct vgic_cpu *c = &vgic->cpu[cpu];
	struct vgic_bank *bank;
	unsigned int id, level;
	u32 val, bit;

	/* The lines tell whether best is of sufficient priority; 1022 needs that too. */
	if (!c->lines)
		return VGIC_ID_SPURIOUS;
	val = vgic_highest_pending(vgic, cpu, alias);
	id = val & 0x3ff;
	if (id >= VGIC_ID_LIMIT)
		return val;

	bank = vgic_bank_of(vgic, cpu, id);
	bit = 1U << (id % 32);
	bank->active |= bit;
	if (id < VGIC_NR_SGIS)
		c->sgi_source[id] &= ~(1U << (val >> 10));
	if (id >= VGIC_NR_SGIS || !c->sgi_source[id])
		bank->latch &= ~bit;

	/* Only what is above the running priority comes here. */
	c->running = c->best_prio & vgic_group_priority_mask(c, c->best_group);
	level = c->running / 2;
	c->apr[c->best_group][level / 32] |= 1U << (level % 32);

	vgic_update_bank(vgic, cpu, id & ~31U, bit, after);
	return val;
}

static void vgic_drop_priority(struct vgic_cpu *c, unsigned int group)
{
	unsigned int n;

	for (n = 0; n < 4; n++) {
		if (c->apr[group][n]) {
			c->apr[group][n] &= c->apr[group][n] - 1;
			break;
		}
	}
	vgic_update_running(c);
}

void vgic_deactivate(struct vgic *vgic, unsigned int cpu, unsigned int base, u32 bits,
		     struct vgic_after *after)
{
	struct vgic_bank *bank = vgic_bank_of(vgic, cpu, base);

	bits &= bank->active;
	if (!bits)
		return;
	bank->active &= ~bits;
	if (base >= VGIC_NR_PRIVATE) {
		after->eoi = bits & vgic->spis[base / 32 - 1].watch;
		after->eoi_base = base;
	}
	vgic_update_bank(vgic, cpu, base, bits, after);
}

void vgic_end(struct vgic *vgic, unsigned int cpu, u32 val, bool alias,
	      struct vgic_after *after)
{
	struct vgic_cpu *c = &vgic->cpu[cpu];
	unsigned int id = val & 0x3ff;
	unsigned int group;

	if (id >= vgic_nr_ids(vgic) || c->running == VGIC_PRIO_IDLE)
		return;
	group = vgic_bank_of(vgic, cpu, id)->group >> (id % 32) & 1;
	if (alias && !group)
		return;

	/* 4.4.5: UNPREDICTABLE for group 1 without AckCtl; taken as if it were set */
	vgic_drop_priority(c, group);
	if (!(c->ctlr & GICC_CTLR_EOI_MODE))
		vgic_deactivate(vgic, cpu, id & ~31U, 1U << (id % 32), after);
	vgic_update_cpuif(vgic, cpu, after);
}

void vgic_send_sgi(struct vgic *vgic, unsigned int cpu, unsigned int id, u32 targets,
		   struct vgic_after *after)
{
	unsigned int to;

	for (to = 0; to < vgic->nr_cpus; to++) {
		struct vgic_cpu *c = &vgic->cpu[to];

		if (!(targets >> to & 1))
			continue;
		c->sgi_source[id] |= 1U << cpu;
		c->priv.latch |= 1U << id;
		vgic_update_cpu(vgic, to, after);
	}
}

void vgic_after(struct vgic *vgic, const struct vgic_after *after)
{
	u32 bits;

	for (bits = after->kick; bits; bits &= bits - 1)
		vgic->ops->kick(vgic->ctx, __ffs(bits));
	if (!vgic->ops->eoi)
		return;
	for (bits = after->eoi; bits; bits &= bits - 1)
		vgic->ops->eoi(vgic->ctx, after->eoi_base + __ffs(bits));
}

bool vgic_set_lazy(struct vgic *vgic, unsigned int cpu, bool lazy)
{
	struct vgic_cpu *c = &vgic->cpu[cpu];
	unsigned long flags;
	bool ok;

	raw_spin_lock_irqsave(&vgic->lock, flags);
	ok = !lazy || c->best == VGIC_ID_SPURIOUS;
	if (ok)
		c->lazy = lazy;
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	return ok;
}

static bool vgic_has_wire(const struct vgic *vgic, unsigned int cpu, unsigned int id)
{
	return id >= VGIC_NR_SGIS && id < vgic_nr_ids(vgic) &&
	       (id >= VGIC_NR_PRIVATE || cpu < vgic->nr_cpus);
}

static void vgic_set_wire(struct vgic *vgic, unsigned int cpu, unsigned int id, bool level,
			  struct vgic_after *after)
{
	struct vgic_bank *bank = vgic_bank_of(vgic, cpu, id);
	u32 bit = 1U << (id % 32);
	u32 pending;

	if (!(bank->line & bit) == !level)
		return;
	pending = vgic_bank_pending(bank);
	if (level) {
		bank->line |= bit;
		bank->latch |= bank->edge & bit;
	} else {
		bank->line &= ~bit;
	}
	if (vgic_bank_pending(bank) != pending)
		vgic_update_bank(vgic, cpu, id & ~31U, bit, after);
}

int vgic_inject(struct vgic *vgic, unsigned int cpu, unsigned int id, bool level)
{
	struct vgic_after after = {};
	unsigned long flags;

	if (!vgic_has_wire(vgic, cpu, id))
		return -EINVAL;
	raw_spin_lock_irqsave(&vgic->lock, flags);
	vgic_set_wire(vgic, cpu, id, level, &after);
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	vgic_after(vgic, &after);
	return 0;
}

int vgic_pulse(struct vgic *vgic, unsigned int cpu, unsigned int id)
{
	struct vgic_after after = {};
	unsigned long flags;

	if (!vgic_has_wire(vgic, cpu, id))
		return -EINVAL;
	raw_spin_lock_irqsave(&vgic->lock, flags);
	vgic_set_wire(vgic, cpu, id, true, &after);
	vgic_set_wire(vgic, cpu, id, false, &after);
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	vgic_after(vgic, &after);
	return 0;
}

int vgic_watch_eoi(struct vgic *vgic, unsigned int id, bool on)
{
	u32 bit = 1U << (id % 32);
	struct vgic_spis *spis;
	unsigned long flags;

	if (id < VGIC_NR_PRIVATE || id >= vgic_nr_ids(vgic))
		return -EINVAL;
	spis = &vgic->spis[id / 32 - 1];
	raw_spin_lock_irqsave(&vgic->lock, flags);
	if (on)
		spis->watch |= bit;
	else
		spis->watch &= ~bit;
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	return 0;
}

/* @enable, @edge: what can't be changed in the bank */
static void vgic_reset_bank(struct vgic_bank *bank, u32 enable, u32 edge)
{
	u32 line = bank->line;

	memset(bank, 0, sizeof(*bank));
	bank->line = line;
	bank->enable = enable;
	bank->edge = edge;
}

static void vgic_reset_cpu(struct vgic_cpu *c)
{
	const u32 sgis = (1U << VGIC_NR_SGIS) - 1;

	vgic_reset_bank(&c->priv, sgis, sgis);
	memset(c->sgi_source, 0, sizeof(c->sgi_source));
	memset(c->apr, 0, sizeof(c->apr));
	c->ctlr = 0;
	c->pmr = 0;
	c->bpr = 0;
	c->abpr = 1;
	vgic_update_running(c);
}

void vgic_reset(struct vgic *vgic)
{
	struct vgic_after after = {};
	unsigned long flags;
	unsigned int n, cpu;

	raw_spin_lock_irqsave(&vgic->lock, flags);
	vgic->ctlr = 0;
	for (n = 0; n < vgic->nr_cpus; n++)
		vgic_reset_cpu(&vgic->cpu[n]);
	for (n = 0; n < vgic->nr_banks; n++) {
		struct vgic_spis *spis = &vgic->spis[n];

		vgic_reset_bank(&spis->bank, 0, 0);
		for (cpu = 0; cpu < vgic->nr_cpus; cpu++)
			spis->target[cpu] = vgic->nr_cpus == 1 ? ~0U : 0;
	}
	vgic_update_all(vgic, &after);
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	/* Lines only go down. */
}

struct vgic *vgic_create(unsigned int nr_cpus, unsigned int nr_spis,
			 const struct vgic_ops *ops, void *ctx)
{
	struct vgic *vgic;

	if (!nr_cpus || nr_cpus > VGIC_MAX_CPUS || nr_spis > VGIC_MAX_SPIS || nr_spis % 32)
		return ERR_PTR(-EINVAL);
	vgic = kzalloc(sizeof(*vgic) + nr_spis / 32 * sizeof(vgic->spis[0]),
		       GFP_KERNEL_ACCOUNT);
	if (!vgic)
		return ERR_PTR(-ENOMEM);
	raw_spin_lock_init(&vgic->lock);
	vgic->ops = ops;
	vgic->ctx = ctx;
	vgic->nr_cpus = nr_cpus;
	vgic->nr_banks = nr_spis / 32;
	vgic_reset(vgic);
	return vgic;
}

void vgic_destroy(struct vgic *vgic)
{
	kfree(vgic);
}
