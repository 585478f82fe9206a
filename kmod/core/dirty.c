// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty logging.
 *
 * In the ABI a bitmap is an array of little-endian 64-bit words; in the kernel
 * one of unsigned long.  On a little-endian host (compat.h sees to it) both are
 * the same bytes, if the latter is padded to 64 bits.
 */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "dirty.h"
#include "engine-ops.h"
#include "memslot.h"
#include "user.h"
#include "vm.h"

/* Words that are exchanged with user space at a time: 4096 or 2048 pages. */
#define CHUNK_LONGS	64

/* A slot's bitmap in unsigned longs. */
static size_t dirty_bitmap_longs(u64 npages)
{
	return ALIGN(npages, 64) / BITS_PER_LONG;
}

int armkvm_dirty_bitmap_alloc(struct armkvm_memslot *slot)
{
	slot->dirty_bitmap = kvcalloc(dirty_bitmap_longs(slot->npages), sizeof(long),
				      GFP_KERNEL_ACCOUNT);
	return slot->dirty_bitmap ? 0 : -ENOMEM;
}

void armkvm_dirty_bitmap_free(struct armkvm_memslot *slot)
{
	kvfree(slot->dirty_bitmap);
	slot->dirty_bitmap = NULL;
}

void armkvm_mark_page_dirty(struct armkvm_memslot *slot, u64 gfn)
{
	unsigned long page = gfn - slot->base_gfn;

	/* Most writes are to pages that are dirty already: don't bounce the line. */
	if (slot->dirty_bitmap && !test_bit(page, slot->dirty_bitmap))
		set_bit(page, slot->dirty_bitmap);
}

/* The slot @id with logging on, or an error pointer.  slots_lock is held. */
static struct armkvm_memslot *dirty_logged_slot(struct armkvm_vm *vm, u32 id)
{
	struct armkvm_memslot *slot;

	if (id >= ARMKVM_NR_MEMSLOTS)
		return ERR_PTR(-EINVAL);
	slot = armkvm_id_to_memslot(armkvm_memslots(vm), id);
	if (!slot || !slot->dirty_bitmap)
		return ERR_PTR(-ENOENT);
	return slot;
}

/* The guest's next write to each page in @bits, bit 0 for @first, is to be logged. */
static void dirty_watch_again(struct armkvm_vm *vm, u64 first, const unsigned long *bits, size_t n)
{
	if (armkvm_engine)
		armkvm_engine->frames_clean(vm, first, bits, n);
}

/* Copies @n words out, and takes them from the log if @take; bit 0 is for @first. */
static int dirty_report_chunk(struct armkvm_vm *vm, u64 first, unsigned long __user *to,
			      unsigned long *log, size_t n, bool take)
{
	unsigned long chunk[CHUNK_LONGS];
	size_t i;

	for (i = 0; i < n; i++)
		chunk[i] = take && READ_ONCE(log[i]) ? xchg(&log[i], 0) : READ_ONCE(log[i]);
	/* Before the caller knows: what it reads of the pages then is what the log says. */
	if (take)
		dirty_watch_again(vm, first, chunk, n);

	if (!copy_to_user(to, chunk, n * sizeof(long)))
		return 0;

	/* The caller didn't get them: pages written meanwhile stay set too. */
	for (i = 0; take && i < n; i++)
		if (chunk[i])
			set_mask_bits(&log[i], 0, chunk[i]);
	return -EFAULT;
}

static int dirty_get_log_locked(struct armkvm_vm *vm, u32 id, unsigned long __user *to)
{
	struct armkvm_memslot *slot = dirty_logged_slot(vm, id);
	size_t done, total;
	int err = 0;

	if (IS_ERR(slot))
		return PTR_ERR(slot);

	total = dirty_bitmap_longs(slot->npages);
	for (done = 0; done < total && !err; done += CHUNK_LONGS) {
		err = dirty_report_chunk(vm, slot->base_gfn + done * BITS_PER_LONG,
					 to + done, slot->dirty_bitmap + done,
					 min_t(size_t, total - done, CHUNK_LONGS),
					 !vm->manual_dirty_log);
		cond_resched();
	}
	return err;
}

long armkvm_get_dirty_log(struct armkvm_vm *vm, const void __user *arg)
{
	struct armkvm_dirty_log log;
	void __user *to;
	long ret;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	if (log.padding)
		return -EINVAL;
	if (armkvm_user_ptr(log.dirty_bitmap, &to))
		return -EFAULT;

	if (mutex_lock_killable(&vm->slots_lock))
		return -EINTR;
	ret = dirty_get_log_locked(vm, log.slot, to);
	mutex_unlock(&vm->slots_lock);
	if (!ret)
		armkvm_vm_stat_inc(vm, VM_STAT_DIRTY_LOG_READS);
	return ret;
}

/*
 * Clears the pages of @log, @n words, that the caller names.  Bits past @npages
 * in the last word are padding, whatever the caller put there.
 */
static int dirty_clear_chunk(struct armkvm_vm *vm, u64 first, const unsigned long __user *from,
			     unsigned long *log, size_t n)
{
	unsigned long chunk[CHUNK_LONGS];
	size_t i;

	if (copy_from_user(chunk, from, n * sizeof(long)))
		return -EFAULT;
	for (i = 0; i < n; i++) {
		chunk[i] &= READ_ONCE(log[i]);
		if (chunk[i])
			set_mask_bits(&log[i], chunk[i], 0);
	}
	dirty_watch_again(vm, first, chunk, n);
	return 0;
}

static int dirty_clear_log_locked(struct armkvm_vm *vm, const struct armkvm_clear_dirty_log *log,
				  const unsigned long __user *from)
{
	struct armkvm_memslot *slot = dirty_logged_slot(vm, log->slot);
	unsigned long *bitmap;
	size_t done, total;
	u64 rest;
	int err = 0;

	if (IS_ERR(slot))
		return PTR_ERR(slot);

	if (log->first_page % 64 || log->first_page > slot->npages)
		return -EINVAL;
	rest = slot->npages - log->first_page;
	if (log->num_pages > rest || (log->num_pages < rest && log->num_pages % 64))
		return -EINVAL;

	bitmap = slot->dirty_bitmap + log->first_page / BITS_PER_LONG;
	total = dirty_bitmap_longs(log->num_pages);
	for (done = 0; done < total && !err; done += CHUNK_LONGS) {
		err = dirty_clear_chunk(vm, slot->base_gfn + log->first_page + done * BITS_PER_LONG,
					from + done, bitmap + done,
					min_t(size_t, total - done, CHUNK_LONGS));
		cond_resched();
	}
	return err;
}

long armkvm_clear_dirty_log(struct armkvm_vm *vm, const void __user *arg)
{
	struct armkvm_clear_dirty_log log;
	void __user *from;
	long ret;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	if (armkvm_user_ptr(log.dirty_bitmap, &from))
		return -EFAULT;

	if (mutex_lock_killable(&vm->slots_lock))
		return -EINTR;
	ret = dirty_clear_log_locked(vm, &log, from);
	mutex_unlock(&vm->slots_lock);
	return ret;
}
