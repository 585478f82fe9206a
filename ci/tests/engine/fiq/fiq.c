// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host that uses FIQ: on the Versatile Express with Cortex-A9 (secure state, GICv1 with the
 * Security Extensions, one CPU) the board's second pair of timers, which Linux leaves alone,
 * interrupts by FIQ.  All other interrupts go to group 1 and stay IRQs (IHI 0048B 2.3.2, 4.4.1).
 *
 * The handler counts and has all that it needs in its banked registers: whoever changes them,
 * or runs it with tables other than the kernel's, is found out.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <asm/fiq.h>

#define TIMER_BASE	0x10012000	/* SP804, 1 MHz, interrupt 35 */
#define TIMER_LOAD	0x00
#define TIMER_CONTROL	0x08
#define TIMER_ON	0xe2		/* enabled, periodic, with interrupt, 32 bits */
#define TIMER_INTCLR	0x0c
#define TIMER_IRQ	35

#define GICC_BASE	0x1e000100
#define GICC_CTLR	0x000
#define GICC_CTLR_ALL	0xf		/* both groups, AckCtl, FIQEn */
#define GICD_BASE	0x1e001000
#define GICD_CTLR	0x000
#define GICD_IGROUPR	0x080
#define GICD_ISENABLER	0x100
#define GICD_ICENABLER	0x180
#define GICD_IPRIORITYR	0x400
#define GICD_ITARGETSR	0x800
#define NR_GROUP_WORDS	3

static uint period = 50;
module_param(period, uint, 0444);
MODULE_PARM_DESC(period, "microseconds from one FIQ to the next");

static void __iomem *timer, *gicc, *gicd;
static u32 *count;
static u32 cpu_ctlr, dist_ctlr, groups[NR_GROUP_WORDS];

/* r8: the timer; r9: the GIC's CPU interface; r10: the counter */
extern const char fiq_code[], fiq_code_end[];
asm(
"	.pushsection .rodata\n	.arm\n	.balign	4\n"
"fiq_code:\n"
"	mov	r11, #0\n"
"	str	r11, [r8, #0x0c]\n"
"	ldr	r11, [r9, #0x0c]\n"		/* GICC_IAR */
"	dsb\n"
"	str	r11, [r9, #0x10]\n"		/* GICC_EOIR */
"	ldr	r12, [r10]\n"
"	add	r12, r12, #1\n"
"	str	r12, [r10]\n"
"	dsb\n"
"	subs	pc, lr, #4\n"
"fiq_code_end:\n"
"	.popsection\n");

static int get_count(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%u\n", count ? READ_ONCE(*count) : 0);
}

static const struct kernel_param_ops count_ops = { .get = get_count };
module_param_cb(count, &count_ops, NULL, 0444);
MODULE_PARM_DESC(count, "how many FIQs there were");

static struct fiq_handler handler = { .name = "armkvm-test" };

static void route(void)
{
	unsigned int i;

	dist_ctlr = readl(gicd + GICD_CTLR);
	cpu_ctlr = readl(gicc + GICC_CTLR);
	for (i = 0; i < NR_GROUP_WORDS; i++) {
		groups[i] = readl(gicd + GICD_IGROUPR + 4 * i);
		writel(i == TIMER_IRQ / 32 ? ~BIT(TIMER_IRQ % 32) : ~0U, gicd + GICD_IGROUPR + 4 * i);
	}
	writeb(1, gicd + GICD_ITARGETSR + TIMER_IRQ);
	writeb(0, gicd + GICD_IPRIORITYR + TIMER_IRQ);
	writel(3, gicd + GICD_CTLR);
	writel(GICC_CTLR_ALL, gicc + GICC_CTLR);
	writel(BIT(TIMER_IRQ % 32), gicd + GICD_ISENABLER + 4 * (TIMER_IRQ / 32));
}

static void unroute(void)
{
	unsigned int i;

	writel(BIT(TIMER_IRQ % 32), gicd + GICD_ICENABLER + 4 * (TIMER_IRQ / 32));
	writel(cpu_ctlr, gicc + GICC_CTLR);
	writel(dist_ctlr, gicd + GICD_CTLR);
	for (i = 0; i < NR_GROUP_WORDS; i++)
		writel(groups[i], gicd + GICD_IGROUPR + 4 * i);
}

static void unmap(void)
{
	if (timer)
		iounmap(timer);
	if (gicc)
		iounmap(gicc);
	if (gicd)
		iounmap(gicd);
	kfree(count);
}

static int __init fiq_init(void)
{
	struct pt_regs regs = { };
	unsigned long flags;
	int err = -ENOMEM;

	if (num_online_cpus() > 1)
		return -ENODEV;		/* the banked registers are one CPU's */
	timer = ioremap(TIMER_BASE, 0x1000);
	gicc = ioremap(GICC_BASE, 0x100);
	gicd = ioremap(GICD_BASE, 0x1000);
	count = kzalloc(sizeof(*count), GFP_KERNEL);
	if (!timer || !gicc || !gicd || !count)
		goto fail;
	err = claim_fiq(&handler);
	if (err)
		goto fail;
	set_fiq_handler((void *)fiq_code, fiq_code_end - fiq_code);
	regs.ARM_r8 = (long)timer;
	regs.ARM_r9 = (long)gicc;
	regs.ARM_r10 = (long)count;
	set_fiq_regs(&regs);
	local_irq_save(flags);
	route();
	local_irq_restore(flags);
	local_fiq_enable();
	writel(period, timer + TIMER_LOAD);
	writel(TIMER_ON, timer + TIMER_CONTROL);
	msleep(100);
	pr_info("fiq: %u in the first 100 ms\n", READ_ONCE(*count));
	return 0;
fail:
	unmap();
	return err;
}
module_init(fiq_init);

static void __exit fiq_exit(void)
{
	writel(0, timer + TIMER_CONTROL);
	writel(0, timer + TIMER_INTCLR);
	unroute();
	release_fiq(&handler);
	unmap();
}
module_exit(fiq_exit);

MODULE_DESCRIPTION("A source of FIQs, for armkvm's tests");
MODULE_LICENSE("GPL");
