// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioeventfd; see ioeventfd.h.
 *
 * A hash by address: each matches one address only, whatever its length.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../compat/eventfd.h"
#include "ioeventfd.h"
#include "vm.h"

struct ioeventfd {
	struct hlist_node hash;
	u64 addr;
	u32 len;			/* 0: any */
	bool match;			/* only writes of @datamatch */
	u64 datamatch;
	struct eventfd_ctx *ctx;
};

static struct hlist_head *ioeventfd_bucket(struct armkvm_vm *vm, u64 addr)
{
	return &vm->ioeventfds[hash_32((u32)addr ^ (u32)(addr >> 32), ARMKVM_IOEVENTFD_BITS)];
}

/* The low @len bytes, which are what a narrow write has. */
static u64 ioeventfd_low_bytes(u64 val, unsigned int len)
{
	return len < 8 ? val & ((1ULL << (8 * len)) - 1) : val;
}

bool armkvm_ioeventfd_write(struct armkvm_vm *vm, u64 gpa, unsigned int len, u64 val)
{
	struct ioeventfd *io;
	bool found = false;
	int idx;

	if (!READ_ONCE(vm->nr_ioeventfds))
		return false;
	idx = srcu_read_lock(&vm->irq_srcu);
	hlist_for_each_entry_srcu(io, ioeventfd_bucket(vm, gpa), hash,
				  srcu_read_lock_held(&vm->irq_srcu)) {
		if (io->addr != gpa || (io->len && io->len != len))
			continue;
		if (io->match && io->datamatch != ioeventfd_low_bytes(val, len))
			continue;
		eventfd_signal(io->ctx);
		found = true;
	}
	srcu_read_unlock(&vm->irq_srcu, idx);
	return found;
}

bool armkvm_ioeventfd_at(struct armkvm_vm *vm, u64 gpa)
{
	struct ioeventfd *io;
	bool found = false;
	int idx;

	idx = srcu_read_lock(&vm->irq_srcu);
	hlist_for_each_entry_srcu(io, ioeventfd_bucket(vm, gpa), hash,
				  srcu_read_lock_held(&vm->irq_srcu))
		if (io->addr == gpa)
			found = true;
	srcu_read_unlock(&vm->irq_srcu, idx);
	return found;
}

/* Would both see one and the same write? */
static bool ioeventfd_collide(const struct ioeventfd *a, const struct ioeventfd *b)
{
	if (a->addr != b->addr)
		return false;
	if (!a->len || !b->len)
		return true;
	return a->len == b->len && (!a->match || !b->match || a->datamatch == b->datamatch);
}

static void ioeventfd_free(struct ioeventfd *io)
{
	eventfd_ctx_put(io->ctx);
	kfree(io);
}

/* Takes over @new.  Held: vm->irq_lock. */
static int ioeventfd_assign(struct armkvm_vm *vm, struct ioeventfd *new)
{
	const struct ioeventfd *io;

	hlist_for_each_entry(io, ioeventfd_bucket(vm, new->addr), hash) {
		if (ioeventfd_collide(io, new)) {
			ioeventfd_free(new);
			return -EEXIST;
		}
	}
	if (vm->nr_ioeventfds >= ARMKVM_MAX_IOEVENTFDS) {
		ioeventfd_free(new);
		return -ENOSPC;
	}
	hlist_add_head_rcu(&new->hash, ioeventfd_bucket(vm, new->addr));
	WRITE_ONCE(vm->nr_ioeventfds, vm->nr_ioeventfds + 1);
	return 0;
}

/* The one that was assigned with what @key has.  Held: vm->irq_lock. */
static int ioeventfd_deassign(struct armkvm_vm *vm, const struct ioeventfd *key)
{
	struct ioeventfd *io;

	hlist_for_each_entry(io, ioeventfd_bucket(vm, key->addr), hash) {
		if (io->addr != key->addr || io->len != key->len || io->match != key->match ||
		    io->ctx != key->ctx || (io->match && io->datamatch != key->datamatch))
			continue;
		hlist_del_rcu(&io->hash);
		WRITE_ONCE(vm->nr_ioeventfds, vm->nr_ioeventfds - 1);
		synchronize_srcu_expedited(&vm->irq_srcu);
		ioeventfd_free(io);
		return 0;
	}
	return -ENOENT;
}

static int ioeventfd_check_args(const struct armkvm_ioeventfd *args)
{
	if (args->flags & ~(ARMKVM_IOEVENTFD_FLAG_DATAMATCH | ARMKVM_IOEVENTFD_FLAG_DEASSIGN) ||
	    memchr_inv(args->pad, 0, sizeof(args->pad)))
		return -EINVAL;
	switch (args->len) {
	case 0:
		return args->flags & ARMKVM_IOEVENTFD_FLAG_DATAMATCH ? -EINVAL : 0;
	case 1:
	case 2:
	case 4:
	case 8:
		if (args->addr & (args->len - 1) || args->addr + args->len < args->addr)
			return -EINVAL;
		return 0;
	default:
		return -EINVAL;
	}
}

long armkvm_ioeventfd(struct armkvm_vm *vm, const void __user *arg)
{
	struct armkvm_ioeventfd args;
	struct ioeventfd *io;
	long ret;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	ret = ioeventfd_check_args(&args);
	if (ret)
		return ret;
	io = kzalloc(sizeof(*io), GFP_KERNEL_ACCOUNT);
	if (!io)
		return -ENOMEM;
	io->addr = args.addr;
	io->len = args.len;
	io->match = args.flags & ARMKVM_IOEVENTFD_FLAG_DATAMATCH;
	io->datamatch = ioeventfd_low_bytes(args.datamatch, args.len);
	io->ctx = eventfd_ctx_fdget(args.fd);
	if (IS_ERR(io->ctx)) {
		ret = PTR_ERR(io->ctx);
		kfree(io);
		return ret;
	}
	if (mutex_lock_killable(&vm->irq_lock)) {
		ioeventfd_free(io);
		return -EINTR;
	}
	if (args.flags & ARMKVM_IOEVENTFD_FLAG_DEASSIGN) {
		ret = ioeventfd_deassign(vm, io);
		ioeventfd_free(io);
	} else {
		ret = ioeventfd_assign(vm, io);
	}
	mutex_unlock(&vm->irq_lock);
	return ret;
}

void armkvm_ioeventfd_release(struct armkvm_vm *vm)
{
	struct hlist_node *tmp;
	struct ioeventfd *io;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vm->ioeventfds); i++)
		hlist_for_each_entry_safe(io, tmp, &vm->ioeventfds[i], hash)
			ioeventfd_free(io);
}
