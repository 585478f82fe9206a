/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual GICv2, all in software: distributor and CPU interfaces as Arm IHI
 * 0048B describes them for a GIC without the Security Extensions (interrupt
 * grouping is always there, banking by security state is not).
 *
 * Guests run deprivileged and the module itself decides at entry whether an
 * interrupt is taken, so there are no list registers: one structure holds all
 * state, and what a vCPU asks before each entry, "are my IRQ or FIQ lines up?",
 * is one byte that every change keeps current.
 *
 * Choices where the architecture leaves one:
 *   8 priority bits, so 128 preemption levels in GICC_APR0-3 and NSAPR0-3;
 *   equal priorities: the lower interrupt id, then the lower source CPU, wins;
 *   an SGI has one active state for all its sources;
 *   SGIs are always enabled, PPIs may be configured as edge or level;
 *   one CPU: GICD_ITARGETSRn are RAZ/WI, all goes to it;
 *   no interrupt bypass: those bits of GICC_CTLR are RAZ/WI;
 *   UNPREDICTABLE: EOIR and DIR of what isn't active, or in the wrong EOI mode,
 *   harm at most the guest's own priorities.
 *
 * Concurrency: vgic->lock, a raw spinlock taken with interrupts off, protects
 * everything.  No call sleeps; all but create and destroy may be made from any
 * context, hard interrupts too.  The longest time under the lock is one search
 * through all interrupts for all CPUs (8 * 1020), when a guest has made them
 * all pending.  Callbacks run after the lock was dropped.
 */
#ifndef ARMKVM_CORE_IRQ_VGIC_H
#define ARMKVM_CORE_IRQ_VGIC_H

#include <linux/compiler.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define VGIC_MAX_CPUS		8
#define VGIC_NR_SGIS		16
#define VGIC_NR_PRIVATE		32
#define VGIC_MAX_SPIS		992	/* ids 1020-1023 of the last 32 don't exist */
#define VGIC_DEFAULT_SPIS	256
#define VGIC_ID_LIMIT		1020
#define VGIC_ID_GROUP1		1022	/* pending, but to be read elsewhere */
#define VGIC_ID_SPURIOUS	1023

#define VGIC_DIST_SIZE		0x1000	/* bytes of guest physical space */
#define VGIC_CPU_SIZE		0x2000

#define VGIC_LINE_IRQ		(1U << 0)
#define VGIC_LINE_FIQ		(1U << 1)

/* GICD_CTLR, GICC_CTLR */
#define GIC_CTLR_ENABLE_GRP0	(1U << 0)
#define GIC_CTLR_ENABLE_GRP1	(1U << 1)
#define GICC_CTLR_ACK_CTL	(1U << 2)
#define GICC_CTLR_FIQ_EN	(1U << 3)
#define GICC_CTLR_CBPR		(1U << 4)
#define GICC_CTLR_EOI_MODE	(1U << 9)

/* GICC_RPR's "nothing active", as a number above every priority */
#define VGIC_PRIO_IDLE		0x100

struct vgic_ops {
	/* An output line of vCPU @cpu went up: make it look (vgic_lines). Any context. */
	void (*kick)(void *ctx, unsigned int cpu);
	/*
	 * The guest has deactivated SPI @id, for which vgic_watch_eoi() is on.
	 * In the context of the vCPU's access.  May be NULL.
	 */
	void (*eoi)(void *ctx, unsigned int id);
};

/* 32 interrupts, a bit each. */
struct vgic_bank {
	u32 group;
	u32 enable;
	u32 latch;	/* pending by an edge, by GICD_ISPENDR, or (SGI) by a source */
	u32 line;	/* input wires */
	u32 edge;	/* 1: edge-triggered, 0: level-sensitive */
	u32 active;
	u8 prio[32];
};

struct vgic_spis {
	struct vgic_bank bank;
	u32 target[VGIC_MAX_CPUS];	/* which of the 32 go to that CPU */
	u32 watch;			/* ops->eoi wanted */
};

struct vgic_cpu {
	/* Lines to the CPU, VGIC_LINE_*; written under the lock, read without. */
	u8 lines;

	u8 pmr;
	u8 bpr;
	u8 abpr;
	u32 ctlr;
	u16 running;		/* group priority of what is active, or VGIC_PRIO_IDLE */
	u16 best;		/* what the distributor forwards, or VGIC_ID_SPURIOUS */
	u16 best_prio;
	u8 best_group;
	bool lazy;		/* vgic_set_lazy() */
	u32 apr[2][4];		/* active priorities: group 0 (APRn), group 1 (NSAPRn) */

	struct vgic_bank priv;
	u8 sgi_source[VGIC_NR_SGIS];	/* by SGI: the CPUs that it is pending from */
};

struct vgic {
	raw_spinlock_t lock;
	const struct vgic_ops *ops;
	void *ctx;
	unsigned int nr_cpus;
	unsigned int nr_banks;		/* of SPIs */
	u32 ctlr;
	u32 busy;			/* bit n: spis[n] has something pending */
	struct vgic_cpu cpu[VGIC_MAX_CPUS];
	struct vgic_spis spis[];
};

/*
 * A GIC for @nr_cpus (1 to 8) vCPUs and @nr_spis shared interrupts (0 to 992,
 * a multiple of 32; 992 gives ids up to 1019), in its reset state.  @ops must
 * outlive it, @ctx is theirs.
 *
 * Returns it, or an ERR_PTR: -EINVAL, -ENOMEM.  May sleep.
 */
struct vgic *vgic_create(unsigned int nr_cpus, unsigned int nr_spis,
			 const struct vgic_ops *ops, void *ctx);
/* Frees a GIC that nobody uses any more; NULL is fine. */
void vgic_destroy(struct vgic *vgic);
/* Back to the state after power-on.  The input wires keep their levels. */
void vgic_reset(struct vgic *vgic);

/*
 * The input wire of interrupt @id changes to @level: 16-31, of vCPU @cpu, or an
 * SPI (@cpu isn't looked at).  Returns 0, or -EINVAL: no such wire.
 */
int vgic_inject(struct vgic *vgic, unsigned int cpu, unsigned int id, bool level);
/*
 * The input wire of interrupt @id, of vCPU @cpu where it has one, goes up and down again: what an
 * irqfd without resampling does.  Returns 0, or -EINVAL: no such wire.
 */
int vgic_pulse(struct vgic *vgic, unsigned int cpu, unsigned int id);
/* Calls ops->eoi when SPI @id is deactivated.  Returns 0 or -EINVAL. */
int vgic_watch_eoi(struct vgic *vgic, unsigned int id, bool on);

/*
 * VGIC_LINE_* that are up for vCPU @cpu.  One load: the hot question.  A line
 * that goes up right after is announced by ops->kick.
 */
static inline u8 vgic_lines(const struct vgic *vgic, unsigned int cpu)
{
	return READ_ONCE(vgic->cpu[cpu].lines);
}

/*
 * While @lazy is set for vCPU @cpu whatever becomes pending for it is announced by
 * ops->kick, be the line held down by the running priority.  For who ends interrupts
 * late.  Does nothing, and returns false, if something waits already.  Any context.
 */
bool vgic_set_lazy(struct vgic *vgic, unsigned int cpu, bool lazy);

/* Does the distributor forward anything to vCPU @cpu, the line up or not? */
static inline bool vgic_waits(const struct vgic *vgic, unsigned int cpu)
{
	return READ_ONCE(vgic->cpu[cpu].best) != VGIC_ID_SPURIOUS;
}

static inline bool vgic_irq_line(const struct vgic *vgic, unsigned int cpu)
{
	return vgic_lines(vgic, cpu) & VGIC_LINE_IRQ;
}

static inline bool vgic_fiq_line(const struct vgic *vgic, unsigned int cpu)
{
	return vgic_lines(vgic, cpu) & VGIC_LINE_FIQ;
}

static inline unsigned int vgic_nr_ids(const struct vgic *vgic)
{
	unsigned int n = VGIC_NR_PRIVATE + 32 * vgic->nr_banks;

	return n < VGIC_ID_LIMIT ? n : VGIC_ID_LIMIT;
}

enum vgic_region {
	VGIC_DIST,
	VGIC_CPUIF,
};

/*
 * vCPU @cpu accesses @len bytes at @offset of a register block (vgic-mmio.c).
 * The distributor takes aligned accesses of 1, 2 and 4 bytes (chapter 4.1.4
 * demands bytes for a few registers only), the CPU interface of 4.  Returns
 * false where no register is; the access is then RAZ/WI.
 */
bool vgic_mmio_read(struct vgic *vgic, enum vgic_region region, unsigned int cpu,
		    u32 offset, unsigned int len, u32 *val);
bool vgic_mmio_write(struct vgic *vgic, enum vgic_region region, unsigned int cpu,
		     u32 offset, unsigned int len, u32 val);

/*
 * The registers of vgic_mmio_read() for the launcher, to save and restore (device attribute
 * groups DIST_REGS and CPU_REGS), words only, as vCPU @cpu sees them.
 *
 * Reading changes nothing.  Writing does what the guest's write would, with
 * these differences, which are KVM's unless said:
 *   GICD_SGIR, GICC_IAR, EOIR, AIAR, AEOIR, DIR are no state: -ENXIO;
 *   GICD_TYPER, IIDR, the ID registers and GICC_IIDR can be written with the
 *   value that they have (KVM ignores other values, here they are -EINVAL: the
 *   state is of another GIC);
 *   GICD_ITARGETSR of private interrupts and pending bits of SGIs are ignored;
 *   SGIs' pending bits travel in GICD_SPENDSGIRn.
 *
 * A level-sensitive interrupt whose wire is up reads as pending in
 * GICD_ISPENDRn, and is latched when that is written back, because wires are
 * no part of the state: after one acknowledge only the wire counts.
 *
 * Restore all of ISENABLER, ISPENDR, ISACTIVER, SPENDSGIR by writing ones to
 * the clear register first.  The order of registers doesn't matter.
 *
 * Returns 0, or -ENXIO (no such register or vCPU), -EINVAL.
 */
int vgic_reg_get(struct vgic *vgic, enum vgic_region region, unsigned int cpu,
		 u32 offset, u32 *val);
int vgic_reg_set(struct vgic *vgic, enum vgic_region region, unsigned int cpu,
		 u32 offset, u32 val);

/* Is there state to save at @offset, in a GIC of any size? */
bool vgic_reg_exists(enum vgic_region region, u32 offset);

/*
 * -- between vgic.c and vgic-mmio.c; the lock is held ------------------------
 */

/* Callbacks that are due once the lock is dropped. */
struct vgic_after {
	u32 kick;		/* CPUs */
	u32 eoi;		/* ids eoi_base + bit */
	unsigned int eoi_base;
};

/* The bank that @id is in, as CPU @cpu sees it; @id exists. */
static inline struct vgic_bank *vgic_bank_of(struct vgic *vgic, unsigned int cpu,
					     unsigned int id)
{
	if (id < VGIC_NR_PRIVATE)
		return &vgic->cpu[cpu].priv;
	return &vgic->spis[id / 32 - 1].bank;
}

/* 4.3.7: level-sensitive interrupts are pending as long as their wire is up. */
static inline u32 vgic_bank_pending(const struct vgic_bank *bank)
{
	return bank->latch | (bank->line & ~bank->edge);
}

/*
 * Brings everything derived up to date after the interrupts @bits of the 32
 * from id @base on have changed (private ones: @cpu's).
 */
void vgic_update_bank(struct vgic *vgic, unsigned int cpu, unsigned int base, u32 bits,
		      struct vgic_after *after);
/* Brings everything derived up to date, for every CPU. */
void vgic_update_all(struct vgic *vgic, struct vgic_after *after);
/* Brings up to date what is derived from the interface of CPU @cpu. */
void vgic_update_cpuif(struct vgic *vgic, unsigned int cpu, struct vgic_after *after);

/* A read of GICC_IAR and, with @alias, GICC_AIAR. */
u32 vgic_acknowledge(struct vgic *vgic, unsigned int cpu, bool alias,
		     struct vgic_after *after);
/* A read of GICC_HPPIR or, with @alias, GICC_AHPPIR. */
u32 vgic_highest_pending(const struct vgic *vgic, unsigned int cpu, bool alias);
/* A write of GICC_EOIR or, with @alias, GICC_AEOIR. */
void vgic_end(struct vgic *vgic, unsigned int cpu, u32 val, bool alias,
	      struct vgic_after *after);
/* Clears the active state of @bits of the 32 from @base on, as GICD_ICACTIVERn and DIR do. */
void vgic_deactivate(struct vgic *vgic, unsigned int cpu, unsigned int base, u32 bits,
		     struct vgic_after *after);
/* A write of GICD_SGIR: SGI @id from @cpu to the CPUs @targets. */
void vgic_send_sgi(struct vgic *vgic, unsigned int cpu, unsigned int id, u32 targets,
		   struct vgic_after *after);
/* GICC_RPR from the active priorities registers, after these have changed. */
void vgic_update_running(struct vgic_cpu *c);

/* Runs the callbacks; the lock is not held. */
void vgic_after(struct vgic *vgic, const struct vgic_after *after);

#endif /* ARMKVM_CORE_IRQ_VGIC_H */
