// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of core/irq/vgic: the life of an interrupt as the chapters of IHI 0048B
 * tell it, and random accesses held against the plain model.
 *
 *   test-vgic [SEED [STEPS]]
 */
#include <assert.h>
#include <string.h>
#include <time.h>

#include <linux/err.h>
#include <linux/errno.h>

#include "test.h"
#include "vgic-model.h"
#include "vgic.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

unsigned int shim_locks_held;

static u32 seed;
static unsigned int steps = 150000;

static unsigned int kicks[VGIC_MAX_CPUS];
static unsigned int eois;
static unsigned int last_eoi;

static void on_kick(void *ctx, unsigned int cpu)
{
	assert(ctx == &seed && !shim_locks_held);
	kicks[cpu]++;
}

static void on_eoi(void *ctx, unsigned int id)
{
	assert(ctx == &seed && !shim_locks_held);
	last_eoi = id;
	eois++;
}

static const struct vgic_ops ops = {
	.kick = on_kick,
	.eoi = on_eoi,
};

static struct vgic *g;

static u32 dist(unsigned int cpu, u32 offset)
{
	u32 val;

	assert(vgic_mmio_read(g, VGIC_DIST, cpu, offset, 4, &val));
	return val;
}

static void set_dist(unsigned int cpu, u32 offset, u32 val)
{
	assert(vgic_mmio_write(g, VGIC_DIST, cpu, offset, 4, val));
}

static u32 cpuif(unsigned int cpu, u32 offset)
{
	u32 val;

	assert(vgic_mmio_read(g, VGIC_CPUIF, cpu, offset, 4, &val));
	return val;
}

static void set_cpuif(unsigned int cpu, u32 offset, u32 val)
{
	assert(vgic_mmio_write(g, VGIC_CPUIF, cpu, offset, 4, val));
}

static void set_priority(unsigned int cpu, unsigned int id, u8 priority)
{
	assert(vgic_mmio_write(g, VGIC_DIST, cpu, 0x400 + id, 1, priority));
}

static void set_targets(unsigned int id, u8 targets)
{
	assert(vgic_mmio_write(g, VGIC_DIST, 0, 0x800 + id, 1, targets));
}

/* A GIC as Linux sets it up: all group 0, enabled, priority 0xa0, PMR 0xf0. */
static void setup(unsigned int nr_cpus, unsigned int nr_spis)
{
	vgic_destroy(g);
	g = vgic_create(nr_cpus, nr_spis, &ops, &seed);
	assert(!IS_ERR(g));
	set_dist(0, 0, 3);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		for (unsigned int id = 0; id < 32; id++)
			set_priority(cpu, id, 0xa0);
		set_dist(cpu, 0x100, ~0u);
		set_cpuif(cpu, 4, 0xf0);
		set_cpuif(cpu, 0, 1);
	}
	for (unsigned int id = 32; id < vgic_nr_ids(g); id++) {
		set_priority(0, id, 0xa0);
		set_targets(id, 1);
		set_dist(0, 0x100 + id / 32 * 4, 1u << id % 32);
	}
	memset(kicks, 0, sizeof(kicks));
	eois = 0;
}

static void lazy_end(void)
{
	setup(2, 32);
	vgic_inject(g, 0, 40, true);
	EXPECT(cpuif(0, 0xc), 40);
	vgic_inject(g, 0, 40, false);
	kicks[0] = kicks[1] = 0;
	EXPECT(vgic_waits(g, 0), false);
	EXPECT(vgic_set_lazy(g, 0, true), true);
	vgic_inject(g, 0, 41, true);
	EXPECT(vgic_lines(g, 0), 0);		/* 40 has the same priority */
	EXPECT(kicks[0], 1);			/* but it is announced */
	EXPECT(vgic_waits(g, 0), true);
	vgic_set_lazy(g, 0, false);
	vgic_inject(g, 0, 42, true);
	EXPECT(kicks[0], 1);
	EXPECT(vgic_set_lazy(g, 0, true), false);
	set_cpuif(0, 0x10, 40);
	EXPECT(vgic_lines(g, 0), VGIC_LINE_IRQ);
	EXPECT(kicks[1], 0);
}

static void creation(void)
{
	static const struct { unsigned int cpus, spis; } bad[] = {
		{ 0, 32 }, { 9, 32 }, { 1, 31 }, { 1, 1024 }, { 1, ~31u }, { ~0u, 32 },
	};

	for (unsigned int i = 0; i < ARRAY_LEN(bad); i++)
		EXPECT(PTR_ERR(vgic_create(bad[i].cpus, bad[i].spis, &ops, &seed)), -EINVAL);
	vgic_destroy(NULL);
	setup(8, 992);
	EXPECT(vgic_nr_ids(g), 1020);
	EXPECT(dist(0, 4), 31 | 7 << 5);
	setup(1, 0);
	EXPECT(dist(0, 4), 0);
	EXPECT(vgic_inject(g, 0, 32, true), -EINVAL);
	EXPECT(vgic_inject(g, 1, 27, true), -EINVAL);
	EXPECT(vgic_inject(g, 0, 15, true), -EINVAL);
	EXPECT(vgic_inject(g, 0, 1023, true), -EINVAL);
	EXPECT(vgic_watch_eoi(g, 27, true), -EINVAL);
	EXPECT(vgic_inject(g, 0, 27, true), 0);
	EXPECT(vgic_lines(g, 0), VGIC_LINE_IRQ);
}

static void identification(void)
{
	setup(2, 256);
	EXPECT(dist(0, 4), 8 | 1 << 5);
	EXPECT(dist(0, 8), 0x6100143b);
	EXPECT(dist(0, 0xfe8) >> 4, 2);			/* ICPIDR2: architecture version */
	EXPECT(cpuif(1, 0xfc), 0x0002043b);
	EXPECT(dist(0, 0x800), 0x01010101);
	EXPECT(dist(1, 0x81c), 0x02020202);
	EXPECT(dist(0, 0xc00), 0xaaaaaaaa);
	EXPECT(dist(0, 0x100) & 0xffff, 0xffff);
	set_dist(0, 0x180, ~0u);
	EXPECT(dist(0, 0x100), 0xffff);
}

static void level_life(void)
{
	setup(2, 64);
	EXPECT(vgic_inject(g, 0, 40, true), 0);
	EXPECT(vgic_lines(g, 0), VGIC_LINE_IRQ);
	EXPECT(vgic_lines(g, 1), 0);
	EXPECT(kicks[0], 1);
	EXPECT(cpuif(0, 0x18), 40);
	EXPECT(cpuif(0, 0x0c), 40);
	EXPECT(vgic_lines(g, 0), 0);
	EXPECT(cpuif(0, 0x14), 0xa0);
	EXPECT(dist(0, 0x304), 1 << 8);
	EXPECT(dist(0, 0x204), 1 << 8);			/* active and pending */
	EXPECT(cpuif(0, 0x0c), 1023);
	set_cpuif(0, 0x10, 40);				/* the wire is still up */
	EXPECT(vgic_lines(g, 0), VGIC_LINE_IRQ);
	EXPECT(cpuif(0, 0x0c), 40);
	vgic_inject(g, 0, 40, false);
	EXPECT(dist(0, 0x204), 0);
	set_cpuif(0, 0x10, 40);
	EXPECT(vgic_lines(g, 0), 0);
	EXPECT(cpuif(0, 0x14), 0xff);
	EXPECT(cpuif(0, 0x0c), 1023);

	/* ISPENDR latches until acknowledged, ICPENDR doesn't overrule a wire */
	set_dist(0, 0x204, 1 << 8);
	EXPECT(cpuif(0, 0x0c), 40);
	set_cpuif(0, 0x10, 40);
	EXPECT(vgic_lines(g, 0), 0);
	vgic_inject(g, 0, 40, true);
	set_dist(0, 0x284, 1 << 8);
	EXPECT(dist(0, 0x204), 1 << 8);
	vgic_inject(g, 0, 40, false);
	EXPECT(vgic_lines(g, 0), 0);
}

static void edge_life(void)
{
	setup(1, 64);
	set_dist(0, 0xc08, 2u << 16);			/* 40: edge */
	EXPECT(dist(0, 0xc08), 2u << 16);
	vgic_inject(g, 0, 40, true);
	vgic_inject(g, 0, 40, false);
	EXPECT(cpuif(0, 0x0c), 40);
	EXPECT(dist(0, 0x204), 0);
	EXPECT(vgic_pulse(g, 0, 40), 0);		/* active and pending */
	EXPECT(dist(0, 0x204), 1 << 8);
	EXPECT(vgic_lines(g, 0), 0);
	set_cpuif(0, 0x10, 40);
	EXPECT(cpuif(0, 0x0c), 40);
	set_cpuif(0, 0x10, 40);
	EXPECT(cpuif(0, 0x0c), 1023);
	vgic_inject(g, 0, 40, true);
	vgic_inject(g, 0, 40, true);			/* no second edge */
	EXPECT(cpuif(0, 0x0c), 40);
	EXPECT(dist(0, 0x204), 0);
}

static void sgi_sources(void)
{
	setup(4, 32);
	set_dist(1, 0xf00, 1 << 16 | 5);		/* list */
	set_dist(3, 0xf00, 1 << 24 | 5);		/* all others */
	set_dist(0, 0xf00, 2 << 24 | 5);		/* self */
	set_dist(0, 0xf00, 3u << 24 | 5);		/* reserved */
	EXPECT(dist(0, 0xf14), 0xb << 8);
	EXPECT(dist(3, 0xf14), 0);
	EXPECT(kicks[0] + kicks[1] + kicks[2] + kicks[3], 3);
	EXPECT(cpuif(0, 0x18), 5);
	EXPECT(cpuif(0, 0x0c), 5);
	EXPECT(cpuif(0, 0x0c), 1023);			/* one active state for all sources */
	set_cpuif(0, 0x10, 5);
	EXPECT(cpuif(0, 0x0c), 1 << 10 | 5);
	set_cpuif(0, 0x10, 1 << 10 | 5);
	EXPECT(cpuif(0, 0x0c), 3 << 10 | 5);
	set_cpuif(0, 0x10, 3 << 10 | 5);
	EXPECT(cpuif(0, 0x0c), 1023);
	EXPECT(cpuif(1, 0x0c), 3 << 10 | 5);
	set_dist(2, 0xf14, 8 << 8);			/* CPENDSGIR */
	EXPECT(vgic_lines(g, 2), 0);
	set_dist(2, 0xf24, 0xf2u << 8);			/* SPENDSGIR; CPUs 4-7 don't exist */
	EXPECT(dist(2, 0xf24), 2 << 8);
	set_dist(2, 0x280, 1 << 5);			/* not by ICPENDR */
	EXPECT(cpuif(2, 0x0c), 1 << 10 | 5);
}

static void preemption(void)
{
	setup(1, 64);
	set_priority(0, 40, 0x80);
	set_priority(0, 41, 0x88);
	set_priority(0, 42, 0x40);
	set_cpuif(0, 0x08, 3);				/* group priority: bits 7-4 */
	vgic_inject(g, 0, 41, true);
	EXPECT(cpuif(0, 0x0c), 41);
	EXPECT(cpuif(0, 0x14), 0x80);
	vgic_inject(g, 0, 40, true);			/* same group priority */
	EXPECT(vgic_lines(g, 0), 0);
	EXPECT(cpuif(0, 0x18), 40);
	EXPECT(cpuif(0, 0x0c), 1023);
	vgic_inject(g, 0, 42, true);
	EXPECT(vgic_lines(g, 0), VGIC_LINE_IRQ);
	EXPECT(cpuif(0, 0x0c), 42);
	EXPECT(cpuif(0, 0x14), 0x40);
	EXPECT(cpuif(0, 0xd0), 0);
	EXPECT(cpuif(0, 0xd4), 1);			/* 0x40 */
	EXPECT(cpuif(0, 0xd8), 1);			/* 0x80 */
	vgic_inject(g, 0, 42, false);
	set_cpuif(0, 0x10, 42);
	EXPECT(cpuif(0, 0x14), 0x80);
	EXPECT(vgic_lines(g, 0), 0);
	set_cpuif(0, 0x10, 41);
	EXPECT(cpuif(0, 0x0c), 40);
	set_cpuif(0, 0x10, 40);
	set_cpuif(0, 0x10, 40);				/* nothing active: ignored */
	EXPECT(cpuif(0, 0x14), 0xff);

	/* The mask: of priorities, not of group priorities, and strictly less. */
	vgic_inject(g, 0, 41, false);
	set_cpuif(0, 0x04, 0x80);
	EXPECT(vgic_lines(g, 0), 0);
	EXPECT(cpuif(0, 0x0c), 1023);
	set_cpuif(0, 0x04, 0x81);
	EXPECT(cpuif(0, 0x0c), 40);
}

static void split_eoi(void)
{
	setup(2, 64);
	set_cpuif(0, 0, 0x201);
	EXPECT(vgic_watch_eoi(g, 40, true), 0);
	vgic_inject(g, 0, 40, true);
	EXPECT(cpuif(0, 0x0c), 40);
	set_cpuif(0, 0x10, 40);
	EXPECT(cpuif(0, 0x14), 0xff);
	EXPECT(dist(0, 0x304), 1 << 8);
	EXPECT(vgic_lines(g, 0), 0);
	EXPECT(eois, 0);
	set_cpuif(1, 0x1000, 40);			/* CPU 1's EOIs don't split: ignored */
	EXPECT(dist(0, 0x304), 1 << 8);
	vgic_inject(g, 0, 40, false);
	set_cpuif(0, 0x1000, 1023);
	set_cpuif(0, 0x1000, 40);
	EXPECT(dist(0, 0x304), 0);
	EXPECT(eois, 1);
	EXPECT(last_eoi, 40);
	set_cpuif(0, 0x1000, 40);			/* not active: no second one */
	EXPECT(eois, 1);
	vgic_watch_eoi(g, 40, false);
	vgic_pulse(g, 0, 40);
	set_dist(0, 0x304, 1 << 8);
	set_dist(0, 0x384, 1 << 8);
	EXPECT(eois, 1);
}

static void groups(void)
{
	setup(1, 64);
	set_dist(0, 0x84, 1 << 8);			/* 40: group 1 */
	set_cpuif(0, 0, 3 | 8);				/* both, FIQEn, no AckCtl */
	vgic_inject(g, 0, 40, true);
	EXPECT(vgic_lines(g, 0), VGIC_LINE_IRQ);
	EXPECT(cpuif(0, 0x18), 1022);
	EXPECT(cpuif(0, 0x0c), 1022);
	EXPECT(cpuif(0, 0x28), 40);
	EXPECT(cpuif(0, 0x20), 40);
	EXPECT(cpuif(0, 0xe8), 1 << (0xa0 / 2 % 32));	/* NSAPR2 */
	EXPECT(cpuif(0, 0xd8), 0);
	set_priority(0, 41, 0x10);
	vgic_inject(g, 0, 41, true);
	EXPECT(vgic_lines(g, 0), VGIC_LINE_FIQ);
	EXPECT(cpuif(0, 0x20), 1023);
	EXPECT(cpuif(0, 0x28), 1023);
	EXPECT(cpuif(0, 0x0c), 41);
	set_cpuif(0, 0x24, 41);				/* AEOIR is for group 1 */
	EXPECT(cpuif(0, 0x14), 0x10);
	vgic_inject(g, 0, 41, false);
	set_cpuif(0, 0x10, 41);
	set_cpuif(0, 0x24, 40);
	EXPECT(cpuif(0, 0x14), 0xff);
	EXPECT(vgic_lines(g, 0), VGIC_LINE_IRQ);

	set_cpuif(0, 0, 3 | 4);				/* AckCtl */
	EXPECT(cpuif(0, 0x0c), 40);
	set_cpuif(0, 0x10, 40);
	set_cpuif(0, 0, 1);				/* group 1 not signalled */
	EXPECT(vgic_lines(g, 0), 0);
	EXPECT(cpuif(0, 0x18), 1023);
	vgic_inject(g, 0, 42, true);			/* the same priority: 40 is in the way */
	EXPECT(vgic_lines(g, 0), 0);
	set_dist(0, 0, 1);				/* but not when it isn't forwarded */
	EXPECT(cpuif(0, 0x0c), 42);
}

static void binary_points(void)
{
	setup(1, 64);
	set_dist(0, 0x84, 1 << 8 | 1 << 9);
	set_cpuif(0, 0, 3 | 4);
	EXPECT(cpuif(0, 0x1c), 1);
	set_cpuif(0, 0x1c, 0);				/* at least 1 */
	EXPECT(cpuif(0, 0x1c), 1);
	set_cpuif(0, 0x1c, 0xffffffff);
	EXPECT(cpuif(0, 0x1c), 7);
	set_cpuif(0, 0x08, 4);
	set_priority(0, 40, 0x7e);
	vgic_inject(g, 0, 40, true);
	EXPECT(cpuif(0, 0x0c), 40);
	EXPECT(cpuif(0, 0x14), 0x00);			/* ABPR 7: one bit of group priority */
	set_cpuif(0, 0x10, 40);
	set_cpuif(0, 0, 3 | 4 | 0x10);			/* CBPR: BPR for both */
	EXPECT(cpuif(0, 0x0c), 40);
	EXPECT(cpuif(0, 0x14), 0x60);
	set_cpuif(0, 0x10, 40);
	set_cpuif(0, 0x08, 7);				/* none: all are group priority 0 */
	EXPECT(cpuif(0, 0x0c), 40);
	EXPECT(cpuif(0, 0x14), 0);
	EXPECT(cpuif(0, 0xe0), 1);
}

static void one_of_many(void)
{
	setup(4, 64);
	set_targets(40, 0xff);
	EXPECT(dist(2, 0x828), 0x0101010f);
	vgic_inject(g, 0, 40, true);
	for (unsigned int cpu = 0; cpu < 4; cpu++) {
		EXPECT(vgic_lines(g, cpu), VGIC_LINE_IRQ);
		EXPECT(kicks[cpu], 1);
	}
	EXPECT(cpuif(2, 0x0c), 40);
	for (unsigned int cpu = 0; cpu < 4; cpu++) {
		EXPECT(vgic_lines(g, cpu), 0);
		EXPECT(cpuif(cpu, 0x0c), 1023);
	}
	set_cpuif(2, 0x10, 40);
	set_targets(40, 2);
	EXPECT(vgic_lines(g, 0), 0);
	EXPECT(vgic_lines(g, 1), VGIC_LINE_IRQ);
	EXPECT(vgic_lines(g, 2), 0);
	set_targets(40, 0);
	EXPECT(vgic_lines(g, 1), 0);
}

static void access_sizes(void)
{
	u32 val;

	setup(2, 992);
	EXPECT(vgic_mmio_write(g, VGIC_DIST, 0, 0x42a, 2, 0x1234), true);
	EXPECT(dist(0, 0x428), 0x1234a0a0);
	EXPECT(vgic_mmio_read(g, VGIC_DIST, 0, 0x42b, 1, &val), true);
	EXPECT(val, 0x12);
	EXPECT(vgic_mmio_write(g, VGIC_DIST, 0, 0x205, 1, 0xff), true);
	EXPECT(dist(0, 0x204), 0xff00);
	/* SGIR: words only */
	EXPECT(vgic_mmio_write(g, VGIC_DIST, 0, 0xf02, 2, 0x200), true);
	EXPECT(dist(0, 0xf10), 0);
	/* ids 1020-1023 don't exist */
	set_dist(0, 0x17c, ~0u);
	EXPECT(dist(0, 0x17c), 0x0fffffff);
	for (u32 offset = 0x7fc; offset <= 0xbfc; offset += 0x400) {
		EXPECT(vgic_mmio_write(g, VGIC_DIST, 0, offset, 4, ~0u), false);
		EXPECT(vgic_mmio_read(g, VGIC_DIST, 0, offset, 4, &val), false);
		EXPECT(val, 0);
	}
	set_dist(0, 0xcfc, ~0u);
	EXPECT(dist(0, 0xcfc), 0x00aaaaaa);

	setup(2, 32);
	for (unsigned int region = 0; region < 2; region++) {
		for (unsigned int len = 0; len < 10; len++) {
			val = 1;
			EXPECT(vgic_mmio_read(g, region, 0, 0x1ffe + len, len, &val), false);
			EXPECT(val, 0);
			EXPECT(vgic_mmio_write(g, region, 0, 0x7ffffffe, len, 1), false);
		}
	}
	EXPECT(vgic_mmio_read(g, VGIC_CPUIF, 0, 4, 2, &val), false);
	EXPECT(vgic_mmio_read(g, VGIC_DIST, 0, 0x108, 4, &val), false);	/* ids 64-95 */
	EXPECT(vgic_mmio_read(g, VGIC_DIST, 0, 0x440, 4, &val), false);
	EXPECT(vgic_mmio_read(g, VGIC_DIST, 0, 0x102, 4, &val), false);
}

static void reset_keeps_wires(void)
{
	setup(2, 64);
	vgic_inject(g, 0, 40, true);
	vgic_inject(g, 1, 27, true);
	EXPECT(cpuif(0, 0x0c), 40);
	vgic_reset(g);
	EXPECT(vgic_lines(g, 0) | vgic_lines(g, 1), 0);
	EXPECT(dist(0, 0), 0);
	EXPECT(dist(0, 0x304), 0);
	EXPECT(dist(0, 0x204), 1 << 8);
	EXPECT(dist(1, 0x200), 1 << 27);
	EXPECT(cpuif(0, 0x14), 0xff);
	EXPECT(cpuif(0, 0x1c), 1);
	EXPECT(dist(0, 0x828), 0);
}

static void launcher_rules(void)
{
	static const u32 no_state[] = { 0x0c, 0x10, 0x20, 0x24, 0x1000, 0x2c, 0x2000 };
	u32 val = 0;

	setup(2, 64);
	for (unsigned int i = 0; i < ARRAY_LEN(no_state); i++) {
		EXPECT(vgic_reg_get(g, VGIC_CPUIF, 0, no_state[i], &val), -ENXIO);
		EXPECT(vgic_reg_set(g, VGIC_CPUIF, 0, no_state[i], 0), -ENXIO);
	}
	EXPECT(vgic_reg_get(g, VGIC_DIST, 0, 0xf00, &val), -ENXIO);
	EXPECT(vgic_reg_set(g, VGIC_DIST, 0, 0xf00, 0), -ENXIO);
	EXPECT(vgic_reg_get(g, VGIC_DIST, 2, 0, &val), -ENXIO);
	EXPECT(vgic_reg_get(g, VGIC_DIST, 0, 2, &val), -ENXIO);
	EXPECT(vgic_reg_get(g, VGIC_DIST, 0, 0x1000, &val), -ENXIO);
	EXPECT(vgic_reg_get(g, VGIC_DIST, 0, 0x10c, &val), -ENXIO);
	EXPECT(vgic_reg_set(g, VGIC_DIST, 0, 4, 3), -EINVAL);
	EXPECT(vgic_reg_set(g, VGIC_DIST, 0, 4, 2 | 1 << 5), 0);
	EXPECT(vgic_reg_set(g, VGIC_DIST, 0, 8, 0), -EINVAL);
	EXPECT(vgic_reg_set(g, VGIC_CPUIF, 0, 0xfc, 0x0002043b), 0);
	EXPECT(vgic_reg_set(g, VGIC_DIST, 1, 0x404, 0x01020304), 0);
	EXPECT(dist(0, 0x404), 0xa0a0a0a0);
	EXPECT(dist(1, 0x404), 0x01020304);
	vgic_watch_eoi(g, 40, true);
	EXPECT(vgic_reg_set(g, VGIC_DIST, 0, 0x304, 1 << 8), 0);
	EXPECT(vgic_reg_set(g, VGIC_DIST, 0, 0x384, 1 << 8), 0);
	EXPECT(eois, 0);
}

/*
 * -- random ------------------------------------------------------------------
 */

static struct model m;
static u32 rnd;

static u32 pick(u32 n)
{
	return test_random(&rnd) % n;
}

/* Few enough interrupts for things to meet, some at the ends. */
static unsigned int some_id(void)
{
	static const u8 private_ids[] = { 0, 1, 5, 15, 16, 27, 30, 31 };

	switch (pick(4)) {
	case 0:
		return private_ids[pick(ARRAY_LEN(private_ids))];
	case 1:
		return m.nr_ids - 1 - pick(4);
	case 2:
		return pick(m.nr_ids);
	default:
		return m.nr_ids > 40 ? 32 + pick(8) : pick(32);
	}
}

static u32 some_priority(void)
{
	return pick(3) ? pick(8) << 5 : pick(256);
}

/* An offset of the distributor and a value that make sense together, mostly. */
static u32 dist_access(u32 *val)
{
	static const u16 bits[] = { 0x80, 0x100, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380 };
	unsigned int id = some_id();

	*val = pick(2) ? 1u << id % 32 : test_random(&rnd) & test_random(&rnd);
	switch (pick(12)) {
	case 0:
		*val = pick(8) ? 3 : pick(4);
		return 0;
	case 1:
	case 2:
	case 3:
	case 4:
		return bits[pick(ARRAY_LEN(bits))] + id / 32 * 4;
	case 5:
	case 6:
		*val = some_priority() * 0x01010101;
		return 0x400 + (id & ~3u);
	case 7:
		*val = test_random(&rnd);
		return 0x800 + (id & ~3u);
	case 8:
		*val = test_random(&rnd);
		return 0xc00 + id / 16 * 4;
	case 9:
		*val &= 0x0300000f | (pick(256) << 16);
		return 0xf00;
	case 10:
		return 0xf10 + pick(8) * 4;
	default:
		return pick(0x400) * 4;
	}
}

static u32 cpuif_access(u32 *val)
{
	static const u16 reads[] = { 0x00, 0x04, 0x08, 0x0c, 0x14, 0x18, 0x1c, 0x20, 0x28, 0xfc };

	*val = test_random(&rnd);
	switch (pick(10)) {
	case 0:
		*val = pick(4) ? 7 | (*val & 0x218) : *val;
		return 0x00;
	case 1:
		*val = pick(3) ? 0xff : some_priority();
		return 0x04;
	case 2:
		*val = pick(8);
		return pick(2) ? 0x08 : 0x1c;
	case 3:
		return pick(6) ? reads[pick(ARRAY_LEN(reads))] : pick(0x500) * 4;
	case 4:
		*val &= 1u << pick(32);
		return pick(5) ? 0x0c : 0xd0 + pick(8) * 4;
	case 5:
		*val = pick(10) ? some_id() : *val;
		return pick(3) ? 0x10 : 0x24;
	case 6:
		*val = pick(10) ? some_id() : *val;
		return 0x1000;
	default:
		return pick(3) ? 0x0c : 0x20;
	}
}

/* What software does: acknowledge, and end what it acknowledged, in order. */
static unsigned int stack[VGIC_MAX_CPUS][64];
static unsigned int depth[VGIC_MAX_CPUS];

static u32 proper_cpuif_access(unsigned int cpu, u32 *val, bool *write)
{
	bool alias = pick(2);

	*write = depth[cpu] && (pick(2) || depth[cpu] == 64);
	if (!*write)
		return alias ? 0x20 : 0x0c;
	*val = stack[cpu][--depth[cpu]];
	if (pick(2) && m.cpu[cpu].ctlr & 0x200)
		return 0x1000;
	return alias ? 0x24 : 0x10;
}

static void note_acknowledged(unsigned int cpu, u32 offset, u32 val)
{
	if ((offset == 0x0c || offset == 0x20) && (val & 0x3ff) < 1020 && depth[cpu] < 64)
		stack[cpu][depth[cpu]++] = val;
}

static void compare_access(void)
{
	unsigned int cpu = pick(m.nr_cpus), len = 4;
	bool write = pick(2);
	u32 val, got, want, offset;

	if (pick(2)) {
		offset = pick(2) ? proper_cpuif_access(cpu, &val, &write) : cpuif_access(&val);
		if (write) {
			vgic_mmio_write(g, VGIC_CPUIF, cpu, offset, 4, val);
			model_cpuif_write(&m, cpu, offset, val);
			return;
		}
		vgic_mmio_read(g, VGIC_CPUIF, cpu, offset, 4, &got);
		want = model_cpuif_read(&m, cpu, offset);
		note_acknowledged(cpu, offset, want);
	} else {
		offset = dist_access(&val);
		if (!pick(4)) {
			len = 1 << pick(2);
			offset += pick(4 / len) * len;
		}
		if (write) {
			vgic_mmio_write(g, VGIC_DIST, cpu, offset, len, val);
			model_dist_write(&m, cpu, offset, len, val);
			return;
		}
		vgic_mmio_read(g, VGIC_DIST, cpu, offset, len, &got);
		want = model_dist_read(&m, cpu, offset, len);
	}
	if (got != want) {
		snprintf(test_text, sizeof(test_text),
			 "cpu %u, offset 0x%x, %u bytes: read 0x%x, the model 0x%x",
			 cpu, offset, len, got, want);
		test_why = test_text;
	}
}

static void compare_wire(void)
{
	unsigned int cpu = pick(m.nr_cpus), id = some_id();
	bool level = pick(2);

	if (id < 16) {
		EXPECT(vgic_inject(g, cpu, id, level), -EINVAL);
		return;
	}
	if (pick(8)) {
		vgic_inject(g, cpu, id, level);
		model_wire(&m, cpu, id, level);
	} else {
		vgic_pulse(g, cpu, id);
		model_wire(&m, cpu, id, true);
		model_wire(&m, cpu, id, false);
	}
}

static void compare_watch(void)
{
	unsigned int id = some_id();
	bool on = pick(2);

	EXPECT(vgic_watch_eoi(g, id, on), id < 32 ? -EINVAL : 0);
	if (id >= 32)
		m.watched[id] = on;
}

/* Lines agree, and whoever's line rose was kicked. */
static void compare_lines(const u8 before[])
{
	for (unsigned int cpu = 0; cpu < m.nr_cpus; cpu++) {
		u8 now = vgic_lines(g, cpu);

		EXPECT(now, model_lines(&m, cpu));
		if (now & ~before[cpu])
			EXPECT(kicks[cpu] != 0, true);
	}
}

static void random_run(unsigned int nr_cpus, unsigned int nr_spis, u32 from)
{
	u8 before[VGIC_MAX_CPUS];

	rnd = from * 2654435761u | 1;
	vgic_destroy(g);
	g = vgic_create(nr_cpus, nr_spis, &ops, &seed);
	assert(!IS_ERR(g));
	model_init(&m, nr_cpus, nr_spis);
	memset(depth, 0, sizeof(depth));
	eois = 0;
	for (unsigned int step = 0; step < steps / (1 + nr_spis / 200); step++) {
		for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
			before[cpu] = vgic_lines(g, cpu);
		memset(kicks, 0, sizeof(kicks));
		m.eoi = 0;
		last_eoi = 0;

		switch (pick(8)) {
		case 0:
		case 1:
			compare_wire();
			break;
		case 2:
			if (!pick(8)) {
				compare_watch();
				break;
			}
			/* fall through */
		default:
			compare_access();
			break;
		}
		if (!test_why)
			compare_lines(before);
		if (!test_why && last_eoi != m.eoi)
			test_why = "end of interrupt not announced, or wrongly";
		if (test_why) {
			static char text[300];

			snprintf(text, sizeof(text), "seed %u, %u CPUs, %u SPIs, step %u: %s",
				 seed, nr_cpus, nr_spis, step, test_why);
			test_why = text;
			return;
		}
	}
}

static void random_1(void)
{
	random_run(1, 32, seed);
}

static void random_2(void)
{
	random_run(2, 256, seed + 1);
}

static void random_4(void)
{
	random_run(4, 64, seed + 2);
}

static void random_8(void)
{
	random_run(8, 992, seed + 3);
}

/* Every register that is state, as a launcher would go through them. */
static unsigned int all_regs(u32 regs[], unsigned int nr_ids)
{
	unsigned int n = 0;

	regs[n++] = 0;
	for (u32 o = 0x80; o < 0x400; o += 0x80)
		for (unsigned int id = 0; id < nr_ids; id += 32)
			regs[n++] = o + id / 8;
	for (unsigned int id = 0; id < nr_ids; id += 4)
		regs[n++] = 0x400 + id;
	for (unsigned int id = 0; id < nr_ids; id += 4)
		regs[n++] = 0x800 + id;
	for (unsigned int id = 0; id < nr_ids; id += 16)
		regs[n++] = 0xc00 + id / 4;
	for (u32 o = 0xf10; o < 0xf30; o += 4)
		regs[n++] = o;
	return n;
}

static const u16 cpu_regs[] = {
	0x00, 0x04, 0x08, 0x1c, 0xd0, 0xd4, 0xd8, 0xdc, 0xe0, 0xe4, 0xe8, 0xec,
};

/* true: a register that clears what its twin sets; written first, with ones */
static bool clears(u32 o)
{
	return (o >= 0x180 && o < 0x200) || (o >= 0x280 && o < 0x300) ||
	       (o >= 0x380 && o < 0x400) || (o >= 0xf10 && o < 0xf20);
}

static void same_state(struct vgic *a, struct vgic *b, const u32 regs[], unsigned int n)
{
	u32 x = 0, y = 0;

	for (unsigned int cpu = 0; cpu < a->nr_cpus; cpu++) {
		for (unsigned int i = 0; i < n; i++) {
			EXPECT(vgic_reg_get(a, VGIC_DIST, cpu, regs[i], &x), 0);
			EXPECT(vgic_reg_get(b, VGIC_DIST, cpu, regs[i], &y), 0);
			EXPECT(y, x);
		}
		for (unsigned int i = 0; i < ARRAY_LEN(cpu_regs); i++) {
			EXPECT(vgic_reg_get(a, VGIC_CPUIF, cpu, cpu_regs[i], &x), 0);
			EXPECT(vgic_reg_get(b, VGIC_CPUIF, cpu, cpu_regs[i], &y), 0);
			EXPECT(y, x);
		}
		EXPECT(vgic_lines(b, cpu), vgic_lines(a, cpu));
	}
}

/* All that clears first, then all that sets. */
static void restore(struct vgic *from, struct vgic *to, const u32 regs[], unsigned int n)
{
	u32 val = 0;

	for (unsigned int i = 0; i < 2 * n * from->nr_cpus; i++) {
		unsigned int cpu = i / n % from->nr_cpus;
		u32 reg = regs[i % n];

		if (clears(reg) != (i < n * from->nr_cpus))
			continue;
		EXPECT(vgic_reg_get(from, VGIC_DIST, cpu, reg, &val), 0);
		EXPECT(vgic_reg_set(to, VGIC_DIST, cpu, reg, clears(reg) ? ~0u : val), 0);
	}
	for (unsigned int i = 0; i < ARRAY_LEN(cpu_regs) * from->nr_cpus; i++) {
		unsigned int cpu = i / ARRAY_LEN(cpu_regs);
		u32 reg = cpu_regs[i % ARRAY_LEN(cpu_regs)];

		EXPECT(vgic_reg_get(from, VGIC_CPUIF, cpu, reg, &val), 0);
		EXPECT(vgic_reg_set(to, VGIC_CPUIF, cpu, reg, val), 0);
	}
}

/* Saves a GIC in the middle of things, restores it in any order over another one's state. */
static void save_restore(void)
{
	static u32 regs[2000];
	struct vgic *from, *to;
	unsigned int n;

	for (unsigned int round = 0; round < 20; round++) {
		steps /= 40;
		random_run(4, 64, seed + 50 + round);
		from = g;
		g = NULL;
		if (!test_why)
			random_run(4, 64, seed + 500 + round);
		steps *= 40;
		to = g;
		g = NULL;
		if (test_why)
			return;
		/* Wires are the devices' business: the new machine's are down. */
		for (unsigned int cpu = 0; cpu < 4; cpu++)
			for (unsigned int id = 16; id < 96; id++)
				vgic_inject(to, cpu, id, false);
		n = all_regs(regs, 96);
		for (unsigned int i = n - 1; i; i--) {
			unsigned int j = pick(i + 1);
			u32 t = regs[i];

			regs[i] = regs[j];
			regs[j] = t;
		}
		CHECKED(restore(from, to, regs, n));
		CHECKED(same_state(from, to, regs, n));
		vgic_destroy(from);
		vgic_destroy(to);
	}
}

/* None is lost; and a figure, which is no limit: what one costs in this form. */
static void cost(void)
{
	struct timespec t0, t1;
	const unsigned int rounds = 200000;

	setup(1, 256);
	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (unsigned int i = 0; i < rounds; i++) {
		vgic_inject(g, 0, 27, true);
		EXPECT(cpuif(0, 0x0c), 27);
		vgic_inject(g, 0, 27, false);
		set_cpuif(0, 0x10, 27);
	}
	clock_gettime(CLOCK_MONOTONIC, &t1);
	printf("raise, acknowledge, lower, end: %.0f ns\n",
	       ((t1.tv_sec - t0.tv_sec) * 1e9 + (t1.tv_nsec - t0.tv_nsec)) / rounds);
}

static const struct test_case cases[] = {
	{ "vgic: creation and its limits", creation },
	{ "vgic: identification registers", identification },
	{ "vgic: a level-sensitive interrupt's life", level_life },
	{ "vgic: an edge-triggered interrupt's life", edge_life },
	{ "vgic: SGIs and their sources", sgi_sources },
	{ "vgic: priorities, preemption, mask", preemption },
	{ "vgic: what waits behind an interrupt that ends late", lazy_end },
	{ "vgic: priority drop apart from deactivation", split_eoi },
	{ "vgic: groups, IRQ and FIQ, aliases", groups },
	{ "vgic: binary points", binary_points },
	{ "vgic: one of several targets", one_of_many },
	{ "vgic: access sizes and holes", access_sizes },
	{ "vgic: reset", reset_keeps_wires },
	{ "vgic: the launcher's view of registers", launcher_rules },
	{ "vgic: random against the model, 1 CPU", random_1 },
	{ "vgic: random against the model, 2 CPUs", random_2 },
	{ "vgic: random against the model, 4 CPUs", random_4 },
	{ "vgic: random against the model, 8 CPUs, 1020 ids", random_8 },
	{ "vgic: save and restore", save_restore },
	{ "vgic: 200,000 interrupts in a row", cost },
};

int main(int argc, char **argv)
{
	int status;

	seed = argc > 1 ? strtoul(argv[1], NULL, 0) : (u32)time(NULL);
	if (argc > 2)
		steps = strtoul(argv[2], NULL, 0);
	printf("seed %u\n", seed);
	status = test_run(cases, ARRAY_LEN(cases));
	vgic_destroy(g);
	return status;
}
