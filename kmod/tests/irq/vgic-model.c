// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plain GICv2; see vgic-model.h.  Slow on purpose.
 */
#include <string.h>

#include "vgic-model.h"

static struct model_int *interrupt(struct model *m, unsigned int cpu, unsigned int id)
{
	return id < 32 ? &m->priv[cpu][id] : &m->spi[id];
}

static const struct model_int *interrupt_c(const struct model *m, unsigned int cpu,
					   unsigned int id)
{
	return id < 32 ? &m->priv[cpu][id] : &m->spi[id];
}

static bool pending(const struct model_int *i)
{
	return i->latched || i->sources || (!i->edge && i->wire);
}

void model_init(struct model *m, unsigned int nr_cpus, unsigned int nr_spis)
{
	memset(m, 0, sizeof(*m));
	m->nr_cpus = nr_cpus;
	m->nr_ids = 32 + nr_spis > 1020 ? 1020 : 32 + nr_spis;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		m->cpu[cpu].abpr = 1;
		for (unsigned int id = 0; id < 32; id++) {
			m->priv[cpu][id].enabled = id < 16;
			m->priv[cpu][id].edge = id < 16;
			m->priv[cpu][id].targets = 1 << cpu;
		}
	}
	for (unsigned int id = 32; id < m->nr_ids; id++)
		m->spi[id].targets = nr_cpus == 1;
}

void model_wire(struct model *m, unsigned int cpu, unsigned int id, bool level)
{
	struct model_int *i = interrupt(m, cpu, id);

	if (level && !i->wire && i->edge)
		i->latched = true;
	i->wire = level;
}

/* What the distributor sends to the CPU interface: the id, or 1023. */
static unsigned int forwarded(const struct model *m, unsigned int cpu)
{
	unsigned int best = 1023, best_priority = 256;

	for (unsigned int id = 0; id < m->nr_ids; id++) {
		const struct model_int *i = interrupt_c(m, cpu, id);

		if (!i->enabled || i->active || !pending(i))
			continue;
		if (!(i->targets & 1 << cpu))
			continue;
		if (!(m->ctlr & (i->group1 ? 2 : 1)))
			continue;
		if (i->priority < best_priority) {
			best = id;
			best_priority = i->priority;
		}
	}
	return best;
}

static unsigned int running(const struct model_cpu *c)
{
	for (unsigned int n = 0; n < 128; n++)
		if (c->preempted[0][n] || c->preempted[1][n])
			return 2 * n;
	return 256;
}

static unsigned int group_priority(const struct model_cpu *c, const struct model_int *i)
{
	/* Subpriority bits: BPR + 1 of them for group 0, ABPR for group 1. */
	unsigned int bits = i->group1 && !(c->ctlr & 0x10) ? c->abpr : c->bpr + 1u;

	return i->priority / (1u << bits) * (1u << bits);
}

static bool signalled(const struct model *m, unsigned int cpu, unsigned int id)
{
	const struct model_cpu *c = &m->cpu[cpu];
	const struct model_int *i;

	if (id == 1023)
		return false;
	i = interrupt_c(m, cpu, id);
	return c->ctlr & (i->group1 ? 2 : 1) && i->priority < c->pmr &&
	       group_priority(c, i) < running(c);
}

u8 model_lines(const struct model *m, unsigned int cpu)
{
	unsigned int id = forwarded(m, cpu);

	if (!signalled(m, cpu, id))
		return 0;
	return !interrupt_c(m, cpu, id)->group1 && m->cpu[cpu].ctlr & 8 ? 2 : 1;
}

/* The low source first. */
static u32 with_source(const struct model_int *i, unsigned int id)
{
	for (u32 source = 0; id < 16 && source < 8; source++)
		if (i->sources & 1 << source)
			return id | source << 10;
	return id;
}

static u32 highest_pending(const struct model *m, unsigned int cpu, bool alias)
{
	unsigned int id = forwarded(m, cpu);
	const struct model_int *i;

	if (id == 1023)
		return 1023;
	i = interrupt_c(m, cpu, id);
	if (!(m->cpu[cpu].ctlr & (i->group1 ? 2 : 1)))
		return 1023;
	if (alias)
		return i->group1 ? with_source(i, id) : 1023;
	if (i->group1 && !(m->cpu[cpu].ctlr & 4))
		return 1022;
	return with_source(i, id);
}

static u32 acknowledge(struct model *m, unsigned int cpu, bool alias)
{
	struct model_cpu *c = &m->cpu[cpu];
	struct model_int *i;
	u32 val;

	if (!signalled(m, cpu, forwarded(m, cpu)))
		return 1023;
	val = highest_pending(m, cpu, alias);
	if ((val & 0x3ff) >= 1020)
		return val;
	i = interrupt(m, cpu, val & 0x3ff);
	c->preempted[i->group1][group_priority(c, i) / 2] = true;
	i->active = true;
	i->latched = false;
	i->sources &= ~(1 << (val >> 10));
	return val;
}

static void deactivate(struct model *m, unsigned int cpu, unsigned int id)
{
	struct model_int *i = interrupt(m, cpu, id);

	if (i->active && id >= 32 && m->watched[id])
		m->eoi = id;
	i->active = false;
}

static void end(struct model *m, unsigned int cpu, unsigned int id, bool alias)
{
	struct model_cpu *c = &m->cpu[cpu];
	bool group1;

	if (id >= m->nr_ids || running(c) == 256)
		return;
	group1 = interrupt(m, cpu, id)->group1;
	if (alias && !group1)
		return;
	for (unsigned int n = 0; n < 128; n++) {
		if (c->preempted[group1][n]) {
			c->preempted[group1][n] = false;
			break;
		}
	}
	if (!(c->ctlr & 0x200))
		deactivate(m, cpu, id);
}

/* One byte of the distributor; every register but SGIR can be had that way. */
static u8 dist_byte(struct model *m, unsigned int cpu, u32 o)
{
	static const u8 ids[] = { 4, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1 };
	static const u8 iidr[] = { 0x3b, 0x14, 0x00, 0x61 };
	u8 val = 0;

	if (o == 0)
		return m->ctlr;
	if (o == 4)
		return (m->nr_ids + 31) / 32 - 1 + (m->nr_cpus - 1) * 32;
	if (o >= 8 && o < 12)
		return iidr[o - 8];
	if (o >= 0x80 && o < 0x400) {
		for (unsigned int n = 0; n < 8; n++) {
			unsigned int id = (o % 0x80) * 8 + n;
			const struct model_int *i;
			bool bit;

			if (id >= m->nr_ids)
				continue;
			i = interrupt(m, cpu, id);
			if (o < 0x100)
				bit = i->group1;
			else if (o < 0x200)
				bit = i->enabled;
			else if (o < 0x300)
				bit = pending(i);
			else
				bit = i->active;
			val |= bit << n;
		}
		return val;
	}
	if (o >= 0x400 && o < 0x800)
		return o - 0x400 < m->nr_ids ? interrupt(m, cpu, o - 0x400)->priority : 0;
	if (o >= 0x800 && o < 0xc00) {
		if (m->nr_cpus == 1 || o - 0x800 >= m->nr_ids)
			return 0;
		return interrupt(m, cpu, o - 0x800)->targets;
	}
	if (o >= 0xc00 && o < 0xd00) {
		for (unsigned int n = 0; n < 4; n++) {
			unsigned int id = (o - 0xc00) * 4 + n;

			if (id < m->nr_ids && interrupt(m, cpu, id)->edge)
				val |= 2 << (2 * n);
		}
		return val;
	}
	if (o >= 0xf10 && o < 0xf30)
		return m->priv[cpu][o % 0x10].sources;
	if (o >= 0xfd0 && o < 0x1000)
		return o % 4 ? 0 : ids[(o - 0xfd0) / 4];
	return 0;
}

static void dist_bit(struct model *m, unsigned int cpu, u32 o, unsigned int id, bool bit)
{
	struct model_int *i = interrupt(m, cpu, id);

	if (o < 0x100)
		i->group1 = bit;
	else if (!bit)
		return;
	else if (o < 0x180)
		i->enabled = true;
	else if (o < 0x200)
		i->enabled = id < 16;
	else if (o < 0x280)
		i->latched |= id >= 16;
	else if (o < 0x300)
		i->latched = false;
	else if (o < 0x380)
		i->active = true;
	else
		deactivate(m, cpu, id);
}

static void dist_byte_write(struct model *m, unsigned int cpu, u32 o, u8 val)
{
	if (o == 0)
		m->ctlr = val & 3;
	else if (o >= 0x80 && o < 0x400)
		for (unsigned int n = 0; n < 8; n++) {
			if ((o % 0x80) * 8 + n < m->nr_ids)
				dist_bit(m, cpu, o, (o % 0x80) * 8 + n, val >> n & 1);
		}
	else if (o >= 0x400 && o < 0x800 && o - 0x400 < m->nr_ids)
		interrupt(m, cpu, o - 0x400)->priority = val;
	else if (o >= 0x820 && o < 0xc00 && o - 0x800 < m->nr_ids && m->nr_cpus > 1)
		interrupt(m, cpu, o - 0x800)->targets = val & ((1 << m->nr_cpus) - 1);
	else if (o >= 0xc04 && o < 0xd00)
		for (unsigned int n = 0; n < 4; n++) {
			unsigned int id = (o - 0xc00) * 4 + n;

			if (id < m->nr_ids)
				interrupt(m, cpu, id)->edge = val >> (2 * n + 1) & 1;
		}
	else if (o >= 0xf10 && o < 0xf20)
		m->priv[cpu][o % 0x10].sources &= ~val;
	else if (o >= 0xf20 && o < 0xf30)
		m->priv[cpu][o % 0x10].sources |= val & ((1 << m->nr_cpus) - 1);
}

u32 model_dist_read(struct model *m, unsigned int cpu, u32 offset, unsigned int len)
{
	u32 val = 0;

	for (unsigned int n = 0; n < len; n++)
		val |= (u32)dist_byte(m, cpu, offset + n) << (8 * n);
	return val;
}

void model_dist_write(struct model *m, unsigned int cpu, u32 offset, unsigned int len, u32 val)
{
	if (offset == 0xf00 && len == 4) {
		for (unsigned int to = 0; to < m->nr_cpus; to++) {
			unsigned int filter = val >> 24 & 3;

			if ((filter == 0 && val >> (16 + to) & 1) || (filter == 1 && to != cpu) ||
			    (filter == 2 && to == cpu))
				m->priv[to][val & 15].sources |= 1 << cpu;
		}
		return;
	}
	for (unsigned int n = 0; n < len; n++)
		dist_byte_write(m, cpu, offset + n, val >> (8 * n));
}

u32 model_cpuif_read(struct model *m, unsigned int cpu, u32 offset)
{
	struct model_cpu *c = &m->cpu[cpu];
	u32 val = 0;

	switch (offset) {
	case 0x00:
		return c->ctlr;
	case 0x04:
		return c->pmr;
	case 0x08:
		return c->bpr;
	case 0x0c:
		return acknowledge(m, cpu, false);
	case 0x14:
		return running(c) > 0xff ? 0xff : running(c);
	case 0x18:
		return highest_pending(m, cpu, false);
	case 0x1c:
		return c->abpr;
	case 0x20:
		return acknowledge(m, cpu, true);
	case 0x28:
		return highest_pending(m, cpu, true);
	case 0xfc:
		return 0x0002043b;
	}
	if (offset >= 0xd0 && offset < 0xf0)
		for (unsigned int n = 0; n < 32; n++)
			val |= (u32)c->preempted[offset >= 0xe0][offset % 16 / 4 * 32 + n] << n;
	return val;
}

void model_cpuif_write(struct model *m, unsigned int cpu, u32 offset, u32 val)
{
	struct model_cpu *c = &m->cpu[cpu];

	if (offset == 0x00)
		c->ctlr = val & 0x21f;
	else if (offset == 0x04)
		c->pmr = val;
	else if (offset == 0x08)
		c->bpr = val & 7;
	else if (offset == 0x10)
		end(m, cpu, val & 0x3ff, false);
	else if (offset == 0x1c)
		c->abpr = (val & 7) ? val & 7 : 1;
	else if (offset == 0x24)
		end(m, cpu, val & 0x3ff, true);
	else if (offset >= 0xd0 && offset < 0xf0)
		for (unsigned int n = 0; n < 32; n++)
			c->preempted[offset >= 0xe0][offset % 16 / 4 * 32 + n] = val >> n & 1;
	else if (offset == 0x1000 && c->ctlr & 0x200 && (val & 0x3ff) < m->nr_ids)
		deactivate(m, cpu, val & 0x3ff);
}
