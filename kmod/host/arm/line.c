// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMv7 host: the physical interrupt controller while a privileged guest runs; see priv.h.
 *
 * A GICv2 whose groups are the host's (no Security Extensions, or the host in secure state).
 * The host's interrupts are in Group 0 and become FIQs by GICC_CTLR.FIQEn (ARM IHI 0048B
 * 4.4.1, 2.3.1).  The guest's line is an SGI that Linux doesn't use, in Group 1, which is always
 * signalled as IRQ: it is set pending by GICD_SPENDSGIR and taken back by GICD_CPENDSGIR
 * (4.3.15, 4.3.16), and nobody ever acknowledges it.  Its priority is lower than all of the host's:
 * only the highest pending interrupt is signalled (3.3), and an interrupt of the host's must
 * not wait behind one that the guest masks.
 *
 * GICC_CTLR.EnableGrp1 is set while the guest runs only: GICC_IAR would answer 1022 for ever, if such
 * an interrupt were pending while the host reads it (4.4.4).
 */
#include <linux/cpuhotplug.h>
#include <linux/cpu_pm.h>
#include <linux/io.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <asm/barrier.h>

#include "priv.h"

/* Distributor */
#define GICD_CTLR		0x000
#define GICD_CTLR_GRP1		(1U << 1)
#define GICD_IGROUPR0		0x080
#define GICD_ISENABLER0		0x100
#define GICD_IPRIORITYR		0x400
#define GICD_CPENDSGIR		0xf10
#define GICD_SPENDSGIR		0xf20
#define GICD_ICPIDR2		0xfe8
#define GICD_ICPIDR2_REV(r)	((r) >> 4 & 0xf)

/* CPU interface */
#define GICC_CTLR		0x000
#define GICC_CTLR_GRP1		(1U << 1)
#define GICC_CTLR_FIQEN		(1U << 3)
#define GICC_PMR		0x004

/* Linux has SGI 0 to 7 on 32-bit Arm. */
#define LINE_SGI		15
/* Linux gives all of its interrupts 0xa0, and masks from 0xf0 on. */
#define LINE_PRIORITY		0xe0

static void __iomem *gicd, *gicc;
static enum cpuhp_state cpuhp_line;
static u32 old_gicd_ctlr;
/* A CPU's part of the controller can't be had, at load or ever after: nobody is privileged any more. */
static bool line_is_broken;

/* Of this CPU, changed with interrupts off. */
static DEFINE_PER_CPU(bool, line_is_up);
static DEFINE_PER_CPU(bool, line_ready);	/* what is this CPU's of the controller is as it should be */
static DEFINE_PER_CPU(u32, host_gicc_ctlr);

static void line_set(bool level)
{
	writeb_relaxed(1, gicd + (level ? GICD_SPENDSGIR : GICD_CPENDSGIR) + LINE_SGI);
	this_cpu_write(line_is_up, level);
}

/* On each CPU, and again where it may have lost the controller's banked registers.  Interrupts off. */
static void line_init_cpu(void)
{
	u32 group, ctlr;

	writel_relaxed(readl_relaxed(gicd + GICD_CTLR) | GICD_CTLR_GRP1, gicd + GICD_CTLR);
	writel_relaxed(readl_relaxed(gicd + GICD_IGROUPR0) | 1U << LINE_SGI, gicd + GICD_IGROUPR0);
	writeb_relaxed(LINE_PRIORITY, gicd + GICD_IPRIORITYR + LINE_SGI);
	writel_relaxed(1U << LINE_SGI, gicd + GICD_ISENABLER0);
	line_set(false);
	group = readl_relaxed(gicd + GICD_IGROUPR0);
	ctlr = readl_relaxed(gicc + GICC_CTLR);
	if (group != 1U << LINE_SGI || !(ctlr & 1) || (ctlr & (GICC_CTLR_GRP1 | GICC_CTLR_FIQEN)) ||
	    !(readl_relaxed(gicd + GICD_CTLR) & GICD_CTLR_GRP1) ||
	    readb_relaxed(gicd + GICD_IPRIORITYR + LINE_SGI) != LINE_PRIORITY ||
	    readl_relaxed(gicc + GICC_PMR) <= LINE_PRIORITY)
		WRITE_ONCE(line_is_broken, true);
	else
		this_cpu_write(line_ready, true);
}

static void line_exit_cpu(void *unused)
{
	line_set(false);
	writel_relaxed(readl_relaxed(gicd + GICD_IGROUPR0) & ~(1U << LINE_SGI), gicd + GICD_IGROUPR0);
	writeb_relaxed(0xa0, gicd + GICD_IPRIORITYR + LINE_SGI);
}

/* A CPU is not kept from the host because its guests can't be privileged there. */
static int line_cpu_online(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	line_init_cpu();
	local_irq_restore(flags);
	return 0;
}

static int line_cpu_offline(unsigned int cpu)
{
	this_cpu_write(line_ready, false);
	return 0;
}

/*
 * Sleep, or what was meant to be one: the GIC's driver restores what Linux uses, and not the groups.  The
 * next stay looks again.
 */
static int line_cpu_pm(struct notifier_block *nb, unsigned long action, void *unused)
{
	this_cpu_write(line_ready, false);
	return NOTIFY_OK;
}

/* Told of a sleep before those that may refuse it. */
static struct notifier_block line_pm = { .notifier_call = line_cpu_pm, .priority = 100 };

static const struct of_device_id line_gics[] = {
	{ .compatible = "arm,cortex-a15-gic" },
	{ .compatible = "arm,cortex-a7-gic" },
	{ .compatible = "arm,gic-400" },
	{ .compatible = "qcom,msm-qgic2" },
	{ }
};

static const char *line_map(void)
{
	struct device_node *np = of_find_matching_node(NULL, line_gics);

	if (!np)
		return "the host has no GICv2 (Cortex-A15, A7 or GIC-400's)";
	gicd = of_iomap(np, 0);
	gicc = of_iomap(np, 1);
	of_node_put(np);
	if (!gicd || !gicc)
		return "the GIC's registers can't be mapped";
	if (GICD_ICPIDR2_REV(readl_relaxed(gicd + GICD_ICPIDR2)) != 2)
		return "the host's GIC is not a GICv2";
	return NULL;
}

static void line_unmap(void)
{
	if (gicd)
		iounmap(gicd);
	if (gicc)
		iounmap(gicc);
	gicd = NULL;
	gicc = NULL;
}

const char *line_start(void)
{
	const char *reason = line_map();
	int state;

	if (reason)
		goto unmap;
	line_is_broken = false;
	old_gicd_ctlr = readl_relaxed(gicd + GICD_CTLR);
	reason = "no room for the module's part of CPU hotplug";
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "armkvm/line:online", line_cpu_online,
				  line_cpu_offline);
	if (state < 0)
		goto restore;
	cpuhp_line = state;
	reason = "the GIC's interrupt groups aren't the host kernel's: it runs in non-secure state, or uses them itself";
	if (!READ_ONCE(line_is_broken)) {
		cpu_pm_register_notifier(&line_pm);	/* which can't fail */
		return NULL;
	}
	cpuhp_remove_state_nocalls(cpuhp_line);
	on_each_cpu(line_exit_cpu, NULL, 1);
restore:
	writel_relaxed(old_gicd_ctlr, gicd + GICD_CTLR);
unmap:
	line_unmap();
	return reason;
}

void line_stop(void)
{
	cpu_pm_unregister_notifier(&line_pm);
	cpuhp_remove_state_nocalls(cpuhp_line);
	on_each_cpu(line_exit_cpu, NULL, 1);
	writel_relaxed(old_gicd_ctlr, gicd + GICD_CTLR);
	line_unmap();
}

bool line_works(void)
{
	return !READ_ONCE(line_is_broken);
}

bool line_enter(bool level)
{
	u32 ctlr;

	if (!this_cpu_read(line_ready))
		line_init_cpu();
	if (!line_works())
		return false;
	ctlr = readl_relaxed(gicc + GICC_CTLR);
	this_cpu_write(host_gicc_ctlr, ctlr);
	if (level)
		line_set(true);
	writel_relaxed(ctlr | GICC_CTLR_FIQEN | GICC_CTLR_GRP1, gicc + GICC_CTLR);
	/* Device memory in order (A3.8.2), and done before the guest's first instruction. */
	dsb(sy);
	return true;
}

void line_leave(void)
{
	writel_relaxed(this_cpu_read(host_gicc_ctlr), gicc + GICC_CTLR);
	/* A pending interrupt wakes a CPU that sleeps, whatever its interface says. */
	if (this_cpu_read(line_is_up))
		line_set(false);
	/* No interrupt may be signalled as FIQ any more when the host unmasks them. */
	readl_relaxed(gicc + GICC_CTLR);
	dsb(sy);
	isb();
}
