// SPDX-License-Identifier: GPL-2.0-only
/* A VM's window of the host's RAM; see window.h. */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>

#include <linux/armkvm.h>

#include "../compat/contig.h"
#include "vm.h"
#include "window.h"

/* May all of these be moved away?  alloc_contig_range() itself finds out about the rest. */
static bool window_is_ram(unsigned long pfn, unsigned long pages)
{
	struct zone *zone;
	unsigned long end = pfn + pages;

	if (!pfn_valid(pfn))
		return false;
	zone = page_zone(pfn_to_page(pfn));
	for (; pfn < end; pfn++)
		if (!pfn_valid(pfn) || PageReserved(pfn_to_page(pfn)) ||
		    page_zone(pfn_to_page(pfn)) != zone)
			return false;
	return true;
}

/*
 * The first piece that can be had, from the top of the linear map down: the bottom has
 * what the kernel's drivers want of it.  Returns 0 or -ENOMEM, -EINTR.
 */
static int window_alloc(unsigned long pages, unsigned long *first)
{
	unsigned long step = ARMKVM_WINDOW_ALIGN >> PAGE_SHIFT;
	unsigned long low = PHYS_PFN(__pa(PAGE_OFFSET)), pfn;
	unsigned long high = PHYS_PFN(__pa(high_memory - 1)) + 1;

	if (high - low < pages)
		return -ENOMEM;
	for (pfn = round_down(high - pages, step); pfn >= low && pfn; pfn -= step) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (window_is_ram(pfn, pages) && !armkvm_alloc_contig(pfn, pages)) {
			*first = pfn;
			return 0;
		}
		cond_resched();
	}
	return -ENOMEM;
}

static long window_create_locked(struct armkvm_vm *vm, struct armkvm_window *window)
{
	unsigned long pages = window->size >> PAGE_SHIFT, pfn, i;
	long err;

	if (vm->window.size)
		return -EEXIST;
	err = account_locked_vm(vm->mm, pages, true);
	if (err)
		return err;
	err = window_alloc(pages, &pfn);
	if (err) {
		account_locked_vm(vm->mm, pages, false);
		return err;
	}
	for (i = 0; i < pages; i++) {
		clear_highpage(pfn_to_page(pfn + i));
		cond_resched();
	}
	vm->window.base = PFN_PHYS(pfn);
	/* Pairs with who reads it without the lock. */
	smp_store_release(&vm->window.size, window->size);
	return 0;
}

long armkvm_create_window(struct armkvm_vm *vm, void __user *arg)
{
	struct armkvm_window window;
	long err;

	if (vm->mode != ARMKVM_MODE_DIRECT)
		return -ENOTTY;
	if (copy_from_user(&window, arg, sizeof(window)))
		return -EFAULT;
	if (!window.size || window.size % ARMKVM_WINDOW_ALIGN || window.size > SZ_2G ||
	    window.reserved)
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	err = window_create_locked(vm, &window);
	mutex_unlock(&vm->lock);
	if (err)
		return err;
	window.address = vm->window.base;
	window.offset = 0;
	return copy_to_user(arg, &window, sizeof(window)) ? -EFAULT : 0;
}

static vm_fault_t window_fault(struct vm_fault *vmf)
{
	struct armkvm_vm *vm = vmf->vma->vm_file->private_data;
	u64 offset = (u64)vmf->pgoff << PAGE_SHIFT;

	if (offset >= smp_load_acquire(&vm->window.size))	/* the size, then where it is */
		return VM_FAULT_SIGBUS;
	vmf->page = pfn_to_page(PHYS_PFN(vm->window.base + offset));
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct window_vm_ops = {
	.fault = window_fault,
};

int armkvm_window_mmap(struct armkvm_vm *vm, struct vm_area_struct *vma)
{
	if (!smp_load_acquire(&vm->window.size))	/* made by another thread, perhaps */
		return -ENXIO;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	vma->vm_ops = &window_vm_ops;
	if (!vma->vm_pgoff)
		WRITE_ONCE(vm->window.hva, vma->vm_start);
	return 0;
}

bool armkvm_window_is_at(const struct armkvm_vm *vm, u64 hva)
{
	return hva && hva == READ_ONCE(vm->window.hva);
}

/* Pages that a device or another process still has a reference to are freed with that. */
void armkvm_window_free(struct armkvm_vm *vm)
{
	unsigned long pfn = PHYS_PFN(vm->window.base), pages = vm->window.size >> PAGE_SHIFT, i;

	if (!pages)
		return;
	for (i = 0; i < pages; i++) {
		put_page(pfn_to_page(pfn + i));
		cond_resched();
	}
	account_locked_vm(vm->mm, pages, false);
	vm->window.size = 0;
}

void *armkvm_window_at(const struct armkvm_vm *vm, u64 gpa)
{
	unsigned long size = smp_load_acquire(&vm->window.size);	/* the size, then where it is */

	return gpa >= vm->window.base && gpa - vm->window.base < size ? phys_to_virt(gpa) : NULL;
}
