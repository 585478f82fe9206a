// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trouble on purpose: makes the kernel report what the testbed has to notice.
 * Debian's kernels have no LKDTM. Loading it is the deed; it never stays loaded.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#define HUNG_SECONDS	60
#define LOCKUP_SECONDS	30

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "warn, bug, oops, list, hung, lockup or atomic");

static void list_corruption(void)
{
	LIST_HEAD(head);
	struct list_head *wild = &head, entry;

	wild->next->prev = &entry;
	list_add(&entry, wild);
}

static void hung_task(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(HUNG_SECONDS * HZ);
}

static void soft_lockup(void)
{
	unsigned long end = jiffies + LOCKUP_SECONDS * HZ;

	preempt_disable();
	while (time_before(jiffies, end))
		udelay(100);
	preempt_enable();
}

/* Kernels that don't count preemption don't notice. */
static void sleep_in_atomic(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(1);
	preempt_enable();
}

static int __init faults_init(void)
{
	static int *volatile nowhere;

	if (!strcmp(fault, "warn"))
		WARN(1, "faults: on purpose\n");
	else if (!strcmp(fault, "bug"))
		BUG();
	else if (!strcmp(fault, "oops"))
		*nowhere = 1;
	else if (!strcmp(fault, "list"))
		list_corruption();
	else if (!strcmp(fault, "hung"))
		hung_task();
	else if (!strcmp(fault, "lockup"))
		soft_lockup();
	else if (!strcmp(fault, "atomic"))
		sleep_in_atomic();
	else
		return -EINVAL;
	return -ECANCELED;
}
module_init(faults_init);

MODULE_DESCRIPTION("Kernel trouble on purpose, for the testbed's tests");
MODULE_LICENSE("GPL");
