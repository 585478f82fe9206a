// SPDX-License-Identifier: GPL-2.0-only
/*
 * irqfd; see irqfd.h.
 *
 * An assignment is a waiter on the eventfd's queue, as a poll() that never
 * returns.  What ends it, the launcher or the eventfd's last close, takes it off
 * vm->irqfds, and only who does that queues the work that frees it: a waiter can't
 * be taken off its queue from within the wake-up.
 *
 * The work waits for no page fault of a launcher's memory, and who waits for the work waits
 * for that of one VM: no VM can hold up another one's calls.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "../compat/eventfd.h"
#include "../compat/wait.h"
#include "gic.h"
#include "irqfd.h"

struct irqfd {
	struct armkvm_vm *vm;
	struct vgic *vgic;
	u32 gsi;
	bool raise;			/* and leave it to IRQ_LINE to lower */
	struct eventfd_ctx *trigger;
	struct eventfd_ctx *resample;	/* or NULL */
	wait_queue_entry_t wait;
	poll_table pt;
	struct list_head list;		/* vm->irqfds; empty once it ends */
	struct list_head resamplers;	/* vm->resamplers */
	unsigned int due;		/* vm->eoi_due is for this one, too; atomic */
	struct work_struct shutdown;
};

static struct workqueue_struct *shutdown_wq;

int armkvm_irqfd_init(void)
{
	shutdown_wq = alloc_workqueue("armkvm-irqfd", WQ_UNBOUND, 0);
	return shutdown_wq ? 0 : -ENOMEM;
}

void armkvm_irqfd_exit(void)
{
	destroy_workqueue(shutdown_wq);
}

void armkvm_irqfd_vm_init(struct armkvm_vm *vm)
{
	init_waitqueue_head(&vm->irqfd_wait);
	spin_lock_init(&vm->irqfd_lock);
	INIT_LIST_HEAD(&vm->irqfds);
	INIT_LIST_HEAD(&vm->resamplers);
}

static void irqfd_free(struct irqfd *irqfd)
{
	if (irqfd->resample)
		eventfd_ctx_put(irqfd->resample);
	if (irqfd->trigger)
		eventfd_ctx_put(irqfd->trigger);
	kfree(irqfd);
}

/* Is another assignment of @gsi left that resamples?  Held: irqfd_lock. */
static bool irqfd_has_resampler(const struct armkvm_vm *vm, u32 gsi)
{
	const struct irqfd *irqfd;

	list_for_each_entry(irqfd, &vm->resamplers, resamplers)
		if (irqfd->gsi == gsi)
			return true;
	return false;
}

static void irqfd_remove_resampler(struct irqfd *irqfd)
{
	struct armkvm_vm *vm = irqfd->vm;

	spin_lock_irq(&vm->irqfd_lock);
	list_del_rcu(&irqfd->resamplers);
	if (!irqfd_has_resampler(vm, irqfd->gsi)) {
		vgic_watch_eoi(irqfd->vgic, VGIC_NR_PRIVATE + irqfd->gsi, false);
		vgic_inject(irqfd->vgic, 0, VGIC_NR_PRIVATE + irqfd->gsi, false);
	}
	spin_unlock_irq(&vm->irqfd_lock);
	synchronize_srcu_expedited(&vm->irq_srcu);
}

static void irqfd_shutdown_work(struct work_struct *work)
{
	struct irqfd *irqfd = container_of(work, struct irqfd, shutdown);
	struct armkvm_vm *vm = irqfd->vm;
	u64 count;

	/* From here on no wake-up comes or is on its way. */
	eventfd_ctx_remove_wait_queue(irqfd->trigger, &irqfd->wait, &count);
	if (irqfd->resample)
		irqfd_remove_resampler(irqfd);
	irqfd_free(irqfd);
	/* The VM may be freed as soon as the lock is given up. */
	spin_lock_irq(&vm->irqfd_lock);
	if (!--vm->irqfds_ending)
		wake_up_all(&vm->irqfd_wait);
	spin_unlock_irq(&vm->irqfd_lock);
}

/* Afterwards no interrupt comes from an irqfd of @vm that has ended.  Sleeps. */
static void irqfd_wait_for_ends(struct armkvm_vm *vm)
{
	spin_lock_irq(&vm->irqfd_lock);
	wait_event_lock_irq(vm->irqfd_wait, !vm->irqfds_ending, vm->irqfd_lock);
	spin_unlock_irq(&vm->irqfd_lock);
}

/* Held: vm->irqfd_lock.  The work may run at once. */
static void irqfd_end(struct irqfd *irqfd)
{
	list_del_init(&irqfd->list);
	irqfd->vm->irqfds_ending++;
	queue_work(shutdown_wq, &irqfd->shutdown);
}

static void irqfd_trigger(struct irqfd *irqfd)
{
	unsigned int id = VGIC_NR_PRIVATE + irqfd->gsi;

	if (irqfd->raise || irqfd->resample)
		vgic_inject(irqfd->vgic, 0, id, true);
	else
		vgic_pulse(irqfd->vgic, 0, id);
}

/* The eventfd was written, or is on its way out.  Held: its queue's lock, interrupts off. */
static int irqfd_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct irqfd *irqfd = container_of(wait, struct irqfd, wait);
	struct armkvm_vm *vm = irqfd->vm;
	__poll_t events = key_to_poll(key);
	unsigned long flags;
	u64 count;

	if (events & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->trigger, &count);
		irqfd_trigger(irqfd);
	}
	if (events & EPOLLHUP) {
		spin_lock_irqsave(&vm->irqfd_lock, flags);
		if (!list_empty(&irqfd->list))
			irqfd_end(irqfd);
		spin_unlock_irqrestore(&vm->irqfd_lock, flags);
	}
	return 0;
}

static void irqfd_queue(struct file *file, wait_queue_head_t *head, poll_table *pt)
{
	struct irqfd *irqfd = container_of(pt, struct irqfd, pt);

	add_wait_queue_priority(head, &irqfd->wait);
}

void armkvm_irqfd_eoi(struct armkvm_vm *vm, unsigned int gsi)
{
	struct irqfd *irqfd;
	int idx = srcu_read_lock(&vm->irq_srcu);

	/* Down before anybody is told: who still wants it raises it again. */
	list_for_each_entry_srcu(irqfd, &vm->resamplers, resamplers,
				 srcu_read_lock_held(&vm->irq_srcu)) {
		if (irqfd->gsi == gsi) {
			vgic_inject(irqfd->vgic, 0, VGIC_NR_PRIVATE + gsi, false);
			break;
		}
	}
	list_for_each_entry_srcu(irqfd, &vm->resamplers, resamplers,
				 srcu_read_lock_held(&vm->irq_srcu)) {
		if (irqfd->gsi != gsi)
			continue;
		if (IS_ENABLED(CONFIG_PREEMPT_RT) && irqs_disabled()) {
			WRITE_ONCE(irqfd->due, 1);
			smp_store_release(&vm->eoi_due, 1);	/* which of them before that there are */
		} else {
			eventfd_signal(irqfd->resample);
		}
	}
	srcu_read_unlock(&vm->irq_srcu, idx);
}

void armkvm_irqfd_eoi_due(struct armkvm_vm *vm)
{
	struct irqfd *irqfd;
	int idx;

	if (!xchg(&vm->eoi_due, 0))
		return;
	idx = srcu_read_lock(&vm->irq_srcu);
	list_for_each_entry_srcu(irqfd, &vm->resamplers, resamplers,
				 srcu_read_lock_held(&vm->irq_srcu))
		if (xchg(&irqfd->due, 0))
			eventfd_signal(irqfd->resample);
	srcu_read_unlock(&vm->irq_srcu, idx);
}

/* Takes its place on the lists, unless the eventfd has one.  Held: vm->irq_lock. */
static int irqfd_publish(struct irqfd *irqfd)
{
	struct armkvm_vm *vm = irqfd->vm;
	const struct irqfd *other;
	int err = 0;

	spin_lock_irq(&vm->irqfd_lock);
	list_for_each_entry(other, &vm->irqfds, list)
		if (other->trigger == irqfd->trigger)
			err = -EBUSY;
	if (!err) {
		list_add(&irqfd->list, &vm->irqfds);
		if (irqfd->resample) {
			list_add_rcu(&irqfd->resamplers, &vm->resamplers);
			vgic_watch_eoi(irqfd->vgic, VGIC_NR_PRIVATE + irqfd->gsi, true);
		}
	}
	spin_unlock_irq(&vm->irqfd_lock);
	return err;
}

static int irqfd_get_eventfds(struct irqfd *irqfd, struct file *file,
			      const struct armkvm_irqfd *args)
{
	irqfd->trigger = eventfd_ctx_fileget(file);
	if (IS_ERR(irqfd->trigger)) {
		int err = PTR_ERR(irqfd->trigger);

		irqfd->trigger = NULL;
		return err;
	}
	if (!(args->flags & ARMKVM_IRQFD_FLAG_RESAMPLE))
		return 0;
	irqfd->resample = eventfd_ctx_fdget(args->resamplefd);
	if (IS_ERR(irqfd->resample)) {
		int err = PTR_ERR(irqfd->resample);

		irqfd->resample = NULL;
		return err;
	}
	return 0;
}

/* Held: vm->irq_lock. */
static int irqfd_assign(struct armkvm_vm *vm, struct vgic *vgic, const struct armkvm_irqfd *args)
{
	struct irqfd *irqfd;
	struct file *file;
	int err;

	file = fget(args->fd);
	if (!file)
		return -EBADF;
	irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	if (!irqfd) {
		fput(file);
		return -ENOMEM;
	}
	irqfd->vm = vm;
	irqfd->vgic = vgic;
	irqfd->gsi = args->gsi;
	irqfd->raise = args->flags & ARMKVM_IRQFD_FLAG_RAISE;
	INIT_WORK(&irqfd->shutdown, irqfd_shutdown_work);
	init_waitqueue_func_entry(&irqfd->wait, irqfd_wake);
	init_poll_funcptr(&irqfd->pt, irqfd_queue);
	err = irqfd_get_eventfds(irqfd, file, args);
	if (!err)
		err = irqfd_publish(irqfd);
	if (err)
		irqfd_free(irqfd);
	else if (vfs_poll(file, &irqfd->pt) & EPOLLIN)
		/* Written before anybody listened. */
		irqfd_trigger(irqfd);
	/* It can't end before this: the file is held. */
	fput(file);
	return err;
}

/* Held: vm->irq_lock. */
static int irqfd_deassign(struct armkvm_vm *vm, const struct armkvm_irqfd *args)
{
	struct irqfd *irqfd, *tmp;
	struct eventfd_ctx *ctx;
	bool found = false;

	ctx = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	spin_lock_irq(&vm->irqfd_lock);
	list_for_each_entry_safe(irqfd, tmp, &vm->irqfds, list) {
		if (irqfd->trigger == ctx && irqfd->gsi == args->gsi) {
			irqfd_end(irqfd);
			found = true;
		}
	}
	spin_unlock_irq(&vm->irqfd_lock);
	eventfd_ctx_put(ctx);
	irqfd_wait_for_ends(vm);
	return found ? 0 : -ENOENT;
}

long armkvm_irqfd(struct armkvm_vm *vm, const void __user *arg)
{
	struct armkvm_irqfd args;
	struct vgic *vgic;
	long ret;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags & ~(ARMKVM_IRQFD_FLAG_DEASSIGN | ARMKVM_IRQFD_FLAG_RESAMPLE |
			   ARMKVM_IRQFD_FLAG_RAISE) ||
	    (args.flags & ARMKVM_IRQFD_FLAG_RESAMPLE && args.flags & ARMKVM_IRQFD_FLAG_RAISE) ||
	    memchr_inv(args.pad, 0, sizeof(args.pad)))
		return -EINVAL;
	vgic = armkvm_gic_get(vm);
	if (IS_ERR(vgic))
		return PTR_ERR(vgic);
	if (args.gsi >= vgic_nr_ids(vgic) - VGIC_NR_PRIVATE)
		return -EINVAL;

	if (mutex_lock_killable(&vm->irq_lock))
		return -EINTR;
	ret = args.flags & ARMKVM_IRQFD_FLAG_DEASSIGN ? irqfd_deassign(vm, &args) :
							irqfd_assign(vm, vgic, &args);
	mutex_unlock(&vm->irq_lock);
	return ret;
}

void armkvm_irqfd_release(struct armkvm_vm *vm)
{
	struct irqfd *irqfd, *tmp;

	spin_lock_irq(&vm->irqfd_lock);
	list_for_each_entry_safe(irqfd, tmp, &vm->irqfds, list)
		irqfd_end(irqfd);
	spin_unlock_irq(&vm->irqfd_lock);
	/* Those that a close has ended a moment ago, too. */
	irqfd_wait_for_ends(vm);
}
