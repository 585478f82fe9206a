// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual GICv2's registers, IHI 0048B chapter 4: the guest's accesses and
 * the launcher's (save and restore) go through the same functions.
 *
 * All registers are handled as words; an access of fewer bytes reads the word
 * and picks, or writes under a mask of the bytes that it has.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "vgic.h"

/* Distributor, table 4-1 */
#define GICD_CTLR		0x000
#define GICD_TYPER		0x004
#define GICD_IIDR		0x008
#define GICD_IGROUPR		0x080
#define GICD_ISENABLER		0x100
#define GICD_ICENABLER		0x180
#define GICD_ISPENDR		0x200
#define GICD_ICPENDR		0x280
#define GICD_ISACTIVER		0x300
#define GICD_ICACTIVER		0x380
#define GICD_IPRIORITYR		0x400
#define GICD_ITARGETSR		0x800
#define GICD_ICFGR		0xc00
#define GICD_ICFGR_END		0xd00
#define GICD_SGIR		0xf00
#define GICD_CPENDSGIR		0xf10
#define GICD_SPENDSGIR		0xf20
#define GICD_SPENDSGIR_END	0xf30
#define GICD_ID_FIRST		0xfd0

/* CPU interface, table 4-2 */
#define GICC_CTLR		0x0000
#define GICC_PMR		0x0004
#define GICC_BPR		0x0008
#define GICC_IAR		0x000c
#define GICC_EOIR		0x0010
#define GICC_RPR		0x0014
#define GICC_HPPIR		0x0018
#define GICC_ABPR		0x001c
#define GICC_AIAR		0x0020
#define GICC_AEOIR		0x0024
#define GICC_AHPPIR		0x0028
#define GICC_APR		0x00d0
#define GICC_NSAPR		0x00e0
#define GICC_NSAPR_END		0x00f0
#define GICC_IIDR		0x00fc
#define GICC_DIR		0x1000

/* What software may set; without bypass logic those bits are RAZ/WI. */
#define GICD_CTLR_BITS		(GIC_CTLR_ENABLE_GRP0 | GIC_CTLR_ENABLE_GRP1)
#define GICC_CTLR_BITS		(GIC_CTLR_ENABLE_GRP0 | GIC_CTLR_ENABLE_GRP1 |		\
				 GICC_CTLR_ACK_CTL | GICC_CTLR_FIQ_EN | GICC_CTLR_CBPR | \
				 GICC_CTLR_EOI_MODE)

/* Product 'a', revision 1, implementer Arm (of the architecture): no known silicon. */
#define GICD_IIDR_VALUE		0x6100143b
/* Architecture version 2, implementer Arm: what software looks for. */
#define GICC_IIDR_VALUE		0x0002043b

/* ICPIDR4-7, 0-3, ICCIDR0-3 at 0xfd0: the values of Arm's own GICv2 (version 2 in ICPIDR2) */
static const u8 gicd_id[] = {
	0x04, 0x00, 0x00, 0x00, 0x90, 0xb4, 0x2b, 0x00, 0x0d, 0xf0, 0x05, 0xb1,
};

/* One access, while the lock is held. */
struct access {
	struct vgic *vgic;
	unsigned int cpu;
	u32 offset;		/* of the word */
	bool user;		/* the launcher's */
	struct vgic_after after;
};

/*
 * The bank that a register of @per_word interrupts a word, first one at @first,
 * is about; NULL if the GIC hasn't that many.  *@base is the first id of the
 * word, *@valid has a one for each of the bank's ids that exist.
 */
static struct vgic_bank *vgic_addressed_bank(struct access *a, u32 first, unsigned int per_word,
					     unsigned int *base, u32 *valid)
{
	*base = (a->offset - first) / 4 * per_word;
	if (*base >= vgic_nr_ids(a->vgic))
		return NULL;
	*valid = (*base | 31) < VGIC_ID_LIMIT ? ~0U : 0x0fffffff;
	return vgic_bank_of(a->vgic, a->cpu, *base);
}

static void vgic_dist_changed(struct access *a, unsigned int base, u32 bits)
{
	vgic_update_bank(a->vgic, a->cpu, base & ~31U, bits, &a->after);
}

/*
 * -- distributor -------------------------------------------------------------
 */

/* The registers of a bit an interrupt: 0x080-0x3ff, by 0x80. */
static bool dist_bits_read(struct access *a, u32 *val)
{
	unsigned int base;
	struct vgic_bank *bank;
	u32 valid;

	bank = vgic_addressed_bank(a, a->offset & ~0x7fU, 32, &base, &valid);
	if (!bank)
		return false;
	switch (a->offset & ~0x7fU) {
	case GICD_IGROUPR:
		*val = bank->group;
		break;
	case GICD_ISENABLER:
	case GICD_ICENABLER:
		*val = bank->enable;
		break;
	case GICD_ISPENDR:
	case GICD_ICPENDR:
		*val = vgic_bank_pending(bank);
		break;
	default:
		*val = bank->active;
		break;
	}
	return true;
}

static bool dist_bits_write(struct access *a, u32 val, u32 mask)
{
	unsigned int base;
	struct vgic_bank *bank;
	u32 valid, sgis;

	bank = vgic_addressed_bank(a, a->offset & ~0x7fU, 32, &base, &valid);
	if (!bank)
		return false;
	mask &= valid;
	val &= mask;
	sgis = base ? 0 : (1U << VGIC_NR_SGIS) - 1;
	switch (a->offset & ~0x7fU) {
	case GICD_IGROUPR:
		bank->group = (bank->group & ~mask) | val;
		break;
	case GICD_ISENABLER:
		bank->enable |= val;
		break;
	case GICD_ICENABLER:
		bank->enable &= ~(val & ~sgis);
		break;
	case GICD_ISPENDR:
		bank->latch |= val & ~sgis;
		break;
	case GICD_ICPENDR:
		bank->latch &= ~(val & ~sgis);
		break;
	case GICD_ISACTIVER:
		bank->active |= val;
		break;
	default:
		vgic_deactivate(a->vgic, a->cpu, base, val, &a->after);
		return true;
	}
	vgic_dist_changed(a, base, mask);
	return true;
}

static bool dist_priority_read(struct access *a, u32 *val)
{
	unsigned int base, n;
	struct vgic_bank *bank;
	u32 valid;

	bank = vgic_addressed_bank(a, GICD_IPRIORITYR, 4, &base, &valid);
	if (!bank)
		return false;
	for (n = 0; n < 4; n++)
		*val |= (u32)bank->prio[base % 32 + n] << (8 * n);
	return true;
}

static bool dist_priority_write(struct access *a, u32 val, u32 mask)
{
	unsigned int base, n;
	struct vgic_bank *bank;
	u32 valid;

	bank = vgic_addressed_bank(a, GICD_IPRIORITYR, 4, &base, &valid);
	if (!bank)
		return false;
	for (n = 0; n < 4; n++)
		if (mask >> (8 * n) & 0xff && valid >> (base % 32 + n) & 1)
			bank->prio[base % 32 + n] = val >> (8 * n);
	vgic_dist_changed(a, base, 0xfU << (base % 32));
	return true;
}

/* 4.3.12: private interrupts read as their own CPU; RAZ/WI with one CPU */
static bool dist_targets_read(struct access *a, u32 *val)
{
	unsigned int base, n, cpu;
	const struct vgic_spis *spis;
	u32 valid;

	if (!vgic_addressed_bank(a, GICD_ITARGETSR, 4, &base, &valid))
		return false;
	if (a->vgic->nr_cpus == 1)
		return true;
	if (base < VGIC_NR_PRIVATE) {
		*val = 0x01010101U << a->cpu;
		return true;
	}
	spis = &a->vgic->spis[base / 32 - 1];
	for (cpu = 0; cpu < a->vgic->nr_cpus; cpu++)
		for (n = 0; n < 4; n++)
			*val |= (spis->target[cpu] >> (base % 32 + n) & 1) << (8 * n + cpu);
	return true;
}

static bool dist_targets_write(struct access *a, u32 val, u32 mask)
{
	unsigned int base, n, cpu;
	struct vgic_spis *spis;
	u32 valid;

	if (!vgic_addressed_bank(a, GICD_ITARGETSR, 4, &base, &valid))
		return false;
	if (a->vgic->nr_cpus == 1 || base < VGIC_NR_PRIVATE)
		return true;
	spis = &a->vgic->spis[base / 32 - 1];
	for (n = 0; n < 4; n++) {
		u32 bit = 1U << (base % 32 + n);

		if (!(mask >> (8 * n) & 0xff) || !(bit & valid))
			continue;
		for (cpu = 0; cpu < a->vgic->nr_cpus; cpu++) {
			if (val >> (8 * n + cpu) & 1)
				spis->target[cpu] |= bit;
			else
				spis->target[cpu] &= ~bit;
		}
	}
	/* Those that it no longer goes to have to look too. */
	vgic_update_all(a->vgic, &a->after);
	return true;
}

/* 4.3.13: two bits an interrupt, of which only the upper one means something */
static bool dist_config_read(struct access *a, u32 *val)
{
	unsigned int base, n;
	struct vgic_bank *bank;
	u32 valid;

	bank = vgic_addressed_bank(a, GICD_ICFGR, 16, &base, &valid);
	if (!bank)
		return false;
	for (n = 0; n < 16; n++)
		*val |= (bank->edge >> (base % 32 + n) & 1) << (2 * n + 1);
	return true;
}

static bool dist_config_write(struct access *a, u32 val, u32 mask)
{
	unsigned int base, n;
	struct vgic_bank *bank;
	u32 valid;

	bank = vgic_addressed_bank(a, GICD_ICFGR, 16, &base, &valid);
	if (!bank)
		return false;
	if (!base)
		return true;		/* SGIs are edge-triggered */
	for (n = 0; n < 16; n++) {
		u32 bit = valid & 1U << (base % 32 + n);

		if (!(mask >> (2 * n + 1) & 1))
			continue;
		if (val >> (2 * n + 1) & 1)
			bank->edge |= bit;
		else
			bank->edge &= ~bit;
	}
	vgic_dist_changed(a, base, 0xffffU << (base % 32));
	return true;
}

/* GICD_CPENDSGIRn and SPENDSGIRn: a byte an SGI, a bit a source */
static bool dist_sgi_read(struct access *a, u32 *val)
{
	const u8 *source = a->vgic->cpu[a->cpu].sgi_source + (a->offset & 0xc);
	unsigned int n;

	for (n = 0; n < 4; n++)
		*val |= (u32)source[n] << (8 * n);
	return true;
}

static bool dist_sgi_write(struct access *a, u32 val, u32 mask)
{
	struct vgic_cpu *c = &a->vgic->cpu[a->cpu];
	unsigned int first = a->offset & 0xc, n;

	val &= mask & 0x01010101U * ((1U << a->vgic->nr_cpus) - 1);
	for (n = first; n < first + 4; n++, val >>= 8) {
		if (a->offset < GICD_SPENDSGIR)
			c->sgi_source[n] &= ~val;
		else
			c->sgi_source[n] |= val;
		if (c->sgi_source[n])
			c->priv.latch |= 1U << n;
		else
			c->priv.latch &= ~(1U << n);
	}
	vgic_dist_changed(a, 0, 0xfU << first);
	return true;
}

/* 4.3.15: one word says who gets which SGI; narrower writes do nothing */
static bool dist_sgir_write(struct access *a, u32 val, u32 mask)
{
	u32 all = (1U << a->vgic->nr_cpus) - 1;
	u32 targets;

	if (mask != ~0U)
		return true;
	switch (val >> 24 & 3) {
	case 0:
		targets = val >> 16 & 0xff;
		break;
	case 1:
		targets = all & ~(1U << a->cpu);
		break;
	case 2:
		targets = 1U << a->cpu;
		break;
	default:
		return true;	/* reserved */
	}
	vgic_send_sgi(a->vgic, a->cpu, val & 0xf, targets & all, &a->after);
	return true;
}

static u32 dist_typer(const struct vgic *vgic)
{
	return vgic->nr_banks | (vgic->nr_cpus - 1) << 5;
}

static bool dist_read(struct access *a, u32 *val)
{
	*val = 0;
	switch (a->offset) {
	case GICD_CTLR:
		*val = a->vgic->ctlr;
		return true;
	case GICD_TYPER:
		*val = dist_typer(a->vgic);
		return true;
	case GICD_IIDR:
		*val = GICD_IIDR_VALUE;
		return true;
	case GICD_IGROUPR ... GICD_IPRIORITYR - 1:
		return dist_bits_read(a, val);
	case GICD_IPRIORITYR ... GICD_ITARGETSR - 1:
		return dist_priority_read(a, val);
	case GICD_ITARGETSR ... GICD_ICFGR - 1:
		return dist_targets_read(a, val);
	case GICD_ICFGR ... GICD_ICFGR_END - 1:
		return dist_config_read(a, val);
	case GICD_SGIR:
		return !a->user;	/* write-only: RAZ */
	case GICD_CPENDSGIR ... GICD_SPENDSGIR_END - 1:
		return dist_sgi_read(a, val);
	case GICD_ID_FIRST ... VGIC_DIST_SIZE - 1:
		*val = gicd_id[(a->offset - GICD_ID_FIRST) / 4];
		return true;
	}
	return false;
}

static bool dist_write(struct access *a, u32 val, u32 mask)
{
	switch (a->offset) {
	case GICD_CTLR:
		mask &= GICD_CTLR_BITS;
		a->vgic->ctlr = (a->vgic->ctlr & ~mask) | (val & mask);
		vgic_update_all(a->vgic, &a->after);
		return true;
	case GICD_TYPER:
	case GICD_IIDR:
	case GICD_ID_FIRST ... VGIC_DIST_SIZE - 1:
		return true;
	case GICD_IGROUPR ... GICD_IPRIORITYR - 1:
		return dist_bits_write(a, val, mask);
	case GICD_IPRIORITYR ... GICD_ITARGETSR - 1:
		return dist_priority_write(a, val, mask);
	case GICD_ITARGETSR ... GICD_ICFGR - 1:
		return dist_targets_write(a, val, mask);
	case GICD_ICFGR ... GICD_ICFGR_END - 1:
		return dist_config_write(a, val, mask);
	case GICD_SGIR:
		return !a->user && dist_sgir_write(a, val, mask);
	case GICD_CPENDSGIR ... GICD_SPENDSGIR_END - 1:
		return dist_sgi_write(a, val, mask);
	}
	return false;
}

/*
 * -- CPU interface -----------------------------------------------------------
 */

static bool cpuif_read(struct access *a, u32 *val)
{
	struct vgic_cpu *c = &a->vgic->cpu[a->cpu];

	*val = 0;
	switch (a->offset) {
	case GICC_CTLR:
		*val = c->ctlr;
		return true;
	case GICC_PMR:
		*val = c->pmr;
		return true;
	case GICC_BPR:
		*val = c->bpr;
		return true;
	case GICC_ABPR:
		*val = c->abpr;
		return true;
	case GICC_IAR:
	case GICC_AIAR:
		if (a->user)
			return false;
		*val = vgic_acknowledge(a->vgic, a->cpu, a->offset == GICC_AIAR, &a->after);
		return true;
	case GICC_RPR:
		*val = c->running == VGIC_PRIO_IDLE ? 0xff : c->running;
		return true;
	case GICC_HPPIR:
	case GICC_AHPPIR:
		*val = vgic_highest_pending(a->vgic, a->cpu, a->offset == GICC_AHPPIR);
		return true;
	case GICC_APR ... GICC_NSAPR_END - 1:
		*val = c->apr[a->offset >= GICC_NSAPR][(a->offset & 0xf) / 4];
		return true;
	case GICC_IIDR:
		*val = GICC_IIDR_VALUE;
		return true;
	case GICC_EOIR:
	case GICC_AEOIR:
	case GICC_DIR:
		return !a->user;	/* write-only: RAZ */
	}
	return false;
}

static void cpuif_dir(struct access *a, u32 val)
{
	unsigned int id = val & 0x3ff;

	/* 4.4.15: UNPREDICTABLE unless EOI only drops the priority */
	if (id >= vgic_nr_ids(a->vgic) ||
	    !(a->vgic->cpu[a->cpu].ctlr & GICC_CTLR_EOI_MODE))
		return;
	vgic_deactivate(a->vgic, a->cpu, id & ~31U, 1U << (id % 32), &a->after);
}

static bool cpuif_write(struct access *a, u32 val)
{
	struct vgic_cpu *c = &a->vgic->cpu[a->cpu];

	switch (a->offset) {
	case GICC_CTLR:
		c->ctlr = val & GICC_CTLR_BITS;
		break;
	case GICC_PMR:
		c->pmr = val;
		break;
	case GICC_BPR:
		c->bpr = val & 7;
		break;
	case GICC_ABPR:
		c->abpr = val & 7 ? val & 7 : 1;
		break;
	case GICC_APR ... GICC_NSAPR_END - 1:
		c->apr[a->offset >= GICC_NSAPR][(a->offset & 0xf) / 4] = val;
		vgic_update_running(c);
		break;
	case GICC_EOIR:
	case GICC_AEOIR:
		if (a->user)
			return false;
		vgic_end(a->vgic, a->cpu, val, a->offset == GICC_AEOIR, &a->after);
		return true;
	case GICC_DIR:
		if (a->user)
			return false;
		cpuif_dir(a, val);
		return true;
	case GICC_IAR:
	case GICC_AIAR:
		return !a->user;	/* read-only: WI */
	case GICC_RPR:
	case GICC_HPPIR:
	case GICC_AHPPIR:
	case GICC_IIDR:
		return true;
	default:
		return false;
	}
	vgic_update_cpuif(a->vgic, a->cpu, &a->after);
	return true;
}

/*
 * -- the guest's accesses ----------------------------------------------------
 */

static bool vgic_acceptable(enum vgic_region region, u32 offset, unsigned int len)
{
	if (region == VGIC_CPUIF)
		return len == 4 && !(offset % 4) && offset < VGIC_CPU_SIZE;
	return (len == 1 || len == 2 || len == 4) && !(offset % len) &&
	       offset < VGIC_DIST_SIZE;
}

static u32 vgic_byte_mask(unsigned int len)
{
	return len == 4 ? ~0U : (1U << (8 * len)) - 1;
}

bool vgic_mmio_read(struct vgic *vgic, enum vgic_region region, unsigned int cpu,
		    u32 offset, unsigned int len, u32 *val)
{
	struct access a = { .vgic = vgic, .cpu = cpu, .offset = offset & ~3U };
	unsigned long flags;
	bool found;

	*val = 0;
	if (!vgic_acceptable(region, offset, len))
		return false;
	raw_spin_lock_irqsave(&vgic->lock, flags);
	found = region == VGIC_CPUIF ? cpuif_read(&a, val) : dist_read(&a, val);
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	vgic_after(vgic, &a.after);
	*val = *val >> (8 * (offset % 4)) & vgic_byte_mask(len);
	return found;
}

bool vgic_mmio_write(struct vgic *vgic, enum vgic_region region, unsigned int cpu,
		     u32 offset, unsigned int len, u32 val)
{
	struct access a = { .vgic = vgic, .cpu = cpu, .offset = offset & ~3U };
	unsigned int shift = 8 * (offset % 4);
	unsigned long flags;
	bool found;

	if (!vgic_acceptable(region, offset, len))
		return false;
	raw_spin_lock_irqsave(&vgic->lock, flags);
	if (region == VGIC_CPUIF)
		found = cpuif_write(&a, val);
	else
		found = dist_write(&a, val << shift, vgic_byte_mask(len) << shift);
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	vgic_after(vgic, &a.after);
	return found;
}

/*
 * -- the launcher's ----------------------------------------------------------
 */

/* Constant registers, which a restore may write only with their value. */
static bool vgic_is_constant(enum vgic_region region, u32 offset)
{
	if (region == VGIC_CPUIF)
		return offset == GICC_IIDR;
	return offset == GICD_TYPER || offset == GICD_IIDR || offset >= GICD_ID_FIRST;
}

bool vgic_reg_exists(enum vgic_region region, u32 offset)
{
	if (offset % 4)
		return false;
	if (region == VGIC_CPUIF) {
		switch (offset) {
		case GICC_CTLR:
		case GICC_PMR:
		case GICC_BPR:
		case GICC_RPR:
		case GICC_HPPIR:
		case GICC_ABPR:
		case GICC_AHPPIR:
		case GICC_APR ... GICC_NSAPR_END - 1:
		case GICC_IIDR:
			return true;
		}
		return false;
	}
	switch (offset) {
	case GICD_CTLR:
	case GICD_TYPER:
	case GICD_IIDR:
	case GICD_IGROUPR ... GICD_ICFGR_END - 1:
	case GICD_CPENDSGIR ... GICD_SPENDSGIR_END - 1:
	case GICD_ID_FIRST ... VGIC_DIST_SIZE - 1:
		return true;
	}
	return false;
}

int vgic_reg_get(struct vgic *vgic, enum vgic_region region, unsigned int cpu,
		 u32 offset, u32 *val)
{
	struct access a = { .vgic = vgic, .cpu = cpu, .offset = offset, .user = true };
	unsigned long flags;
	bool found;

	if (cpu >= vgic->nr_cpus || !vgic_acceptable(region, offset, 4))
		return -ENXIO;
	raw_spin_lock_irqsave(&vgic->lock, flags);
	found = region == VGIC_CPUIF ? cpuif_read(&a, val) : dist_read(&a, val);
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	return found ? 0 : -ENXIO;
}

int vgic_reg_set(struct vgic *vgic, enum vgic_region region, unsigned int cpu,
		 u32 offset, u32 val)
{
	struct access a = { .vgic = vgic, .cpu = cpu, .offset = offset, .user = true };
	unsigned long flags;
	bool found;
	u32 old;

	if (cpu >= vgic->nr_cpus || !vgic_acceptable(region, offset, 4))
		return -ENXIO;
	if (vgic_is_constant(region, offset)) {
		int err = vgic_reg_get(vgic, region, cpu, offset, &old);

		return err || old == val ? err : -EINVAL;
	}
	raw_spin_lock_irqsave(&vgic->lock, flags);
	found = region == VGIC_CPUIF ? cpuif_write(&a, val) : dist_write(&a, val, ~0U);
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	/* State comes from outside: nobody waits for an end of interrupt. */
	a.after.eoi = 0;
	vgic_after(vgic, &a.after);
	return found ? 0 : -ENXIO;
}
