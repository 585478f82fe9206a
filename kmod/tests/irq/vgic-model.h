/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GICv2 as the text of IHI 0048B tells it, one interrupt at a time and
 * nothing remembered that can be derived: what core/irq/vgic is held against.
 * It shares no code with it, and none of its data structures.
 */
#ifndef ARMKVM_TESTS_IRQ_VGIC_MODEL_H
#define ARMKVM_TESTS_IRQ_VGIC_MODEL_H

#include <linux/types.h>

#define MODEL_CPUS	8
#define MODEL_IDS	1024

struct model_int {
	bool group1, enabled, latched, wire, edge, active;
	u8 priority;
	u8 targets;
	u8 sources;		/* SGI: CPUs it is pending from */
};

struct model_cpu {
	u32 ctlr;
	u8 pmr, bpr, abpr;
	bool preempted[2][128];	/* active priorities by group and group priority / 2 */
};

struct model {
	unsigned int nr_cpus, nr_ids;
	u32 ctlr;
	struct model_cpu cpu[MODEL_CPUS];
	struct model_int priv[MODEL_CPUS][32];
	struct model_int spi[MODEL_IDS];
	bool watched[MODEL_IDS];
	unsigned int eoi;		/* the last watched SPI that was deactivated, or 0 */
};

void model_init(struct model *m, unsigned int nr_cpus, unsigned int nr_spis);
void model_wire(struct model *m, unsigned int cpu, unsigned int id, bool level);
/* bit 0 IRQ, bit 1 FIQ */
u8 model_lines(const struct model *m, unsigned int cpu);

u32 model_dist_read(struct model *m, unsigned int cpu, u32 offset, unsigned int len);
void model_dist_write(struct model *m, unsigned int cpu, u32 offset, unsigned int len, u32 val);
u32 model_cpuif_read(struct model *m, unsigned int cpu, u32 offset);
void model_cpuif_write(struct model *m, unsigned int cpu, u32 offset, u32 val);

#endif /* ARMKVM_TESTS_IRQ_VGIC_MODEL_H */
