// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory slots.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dirty.h"
#include "engine-ops.h"
#include "memslot.h"
#include "user.h"
#include "vm.h"

/*
 * KVM's limit.  With 40-bit addresses a dirty bitmap has 32 MiB at most, which
 * is accounted to the caller.
 */
#define MEMSLOT_MAX_PAGES	((1UL << 31) - 1)

static struct armkvm_memslots *memslots_alloc(u32 nr)
{
	struct armkvm_memslots *slots;

	slots = kvzalloc(struct_size(slots, slot, nr), GFP_KERNEL_ACCOUNT);
	if (slots)
		slots->nr = nr;
	return slots;
}

int armkvm_memslots_init(struct armkvm_vm *vm)
{
	struct armkvm_memslots *slots = memslots_alloc(0);

	if (!slots)
		return -ENOMEM;
	RCU_INIT_POINTER(vm->memslots, slots);
	return 0;
}

static void memslot_free(struct armkvm_memslot *slot)
{
	if (!slot)
		return;
	armkvm_dirty_bitmap_free(slot);
	kfree(slot);
}

void armkvm_memslots_free(struct armkvm_vm *vm)
{
	struct armkvm_memslots *slots = rcu_dereference_protected(vm->memslots, true);
	u32 i;

	for (i = 0; i < slots->nr; i++)
		memslot_free(slots->slot[i]);
	kvfree(slots);
}

struct armkvm_memslots *armkvm_memslots(struct armkvm_vm *vm)
{
	return srcu_dereference_check(vm->memslots, &vm->srcu, lockdep_is_held(&vm->slots_lock));
}

/* The number of slots that begin at or below @gfn. */
static u32 memslots_upper_bound(const struct armkvm_memslots *slots, u64 gfn)
{
	u32 low = 0, high = slots->nr;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (slots->slot[mid]->base_gfn <= gfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct armkvm_memslot *armkvm_gfn_to_memslot_near(const struct armkvm_memslots *slots, u64 gfn,
						  u32 *hint)
{
	struct armkvm_memslot *slot;
	u32 n = *hint;

	if (n < slots->nr) {
		slot = slots->slot[n];
		if (gfn - slot->base_gfn < slot->npages)
			return slot;
	}
	n = memslots_upper_bound(slots, gfn);
	if (!n)
		return NULL;
	*hint = n - 1;
	slot = slots->slot[n - 1];
	return gfn - slot->base_gfn < slot->npages ? slot : NULL;
}

struct armkvm_memslot *armkvm_gfn_to_memslot(const struct armkvm_memslots *slots, u64 gfn)
{
	u32 hint = slots->nr;

	return armkvm_gfn_to_memslot_near(slots, gfn, &hint);
}

struct armkvm_memslot *armkvm_id_to_memslot(const struct armkvm_memslots *slots, u32 id)
{
	u32 i;

	for (i = 0; i < slots->nr; i++)
		if (slots->slot[i]->id == id)
			return slots->slot[i];
	return NULL;
}

/* Does a slot other than number @id share a page with [@gfn, @gfn + @npages)? */
static bool memslots_overlap(const struct armkvm_memslots *slots, u32 id, u64 gfn, u64 npages)
{
	u32 i;

	for (i = 0; i < slots->nr; i++) {
		const struct armkvm_memslot *slot = slots->slot[i];

		if (slot->id != id && gfn < slot->base_gfn + slot->npages &&
		    slot->base_gfn < gfn + npages)
			return true;
	}
	return false;
}

/* The rules that need no look at the other slots. */
static int memslot_region_check(const struct armkvm_userspace_memory_region *mem)
{
	u64 hva = mem->userspace_addr;

	if (mem->flags & ~(ARMKVM_MEM_LOG_DIRTY_PAGES | ARMKVM_MEM_READONLY))
		return -EINVAL;
	if (mem->slot >= ARMKVM_NR_MEMSLOTS)
		return -EINVAL;
	/* of the guest: frames of 4 KiB are mapped one by one, whatever the host's pages are */
	if ((mem->memory_size | mem->guest_phys_addr | hva) & (ARMKVM_PAGE_SIZE - 1))
		return -EINVAL;
	if (mem->memory_size != (unsigned long)mem->memory_size || !armkvm_is_user_addr(hva))
		return -EINVAL;
	if (untagged_addr((unsigned long)hva) != hva ||
	    !access_ok((void __user *)(unsigned long)hva, mem->memory_size))
		return -EINVAL;
	if (mem->guest_phys_addr + mem->memory_size < mem->guest_phys_addr)
		return -EINVAL;
	if (mem->memory_size >> ARMKVM_PAGE_SHIFT > MEMSLOT_MAX_PAGES)
		return -EINVAL;
	return 0;
}

/*
 * The slot that @mem asks for, in place of @old (or NULL).  Takes over @old's
 * dirty bitmap if logging goes on.
 */
static struct armkvm_memslot *memslot_make(const struct armkvm_userspace_memory_region *mem,
					   const struct armkvm_memslot *old)
{
	struct armkvm_memslot *slot;

	slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);
	if (!slot)
		return NULL;
	slot->base_gfn = mem->guest_phys_addr >> ARMKVM_PAGE_SHIFT;
	slot->npages = mem->memory_size >> ARMKVM_PAGE_SHIFT;
	slot->hva = mem->userspace_addr;
	slot->flags = mem->flags;
	slot->id = mem->slot;

	if (!(slot->flags & ARMKVM_MEM_LOG_DIRTY_PAGES))
		return slot;
	if (old && old->dirty_bitmap) {
		slot->dirty_bitmap = old->dirty_bitmap;
	} else if (armkvm_dirty_bitmap_alloc(slot)) {
		kfree(slot);
		return NULL;
	}
	return slot;
}

/* @table without @old (or NULL) and with @new (or NULL), sorted. NULL: no memory. */
static struct armkvm_memslots *memslots_replace(const struct armkvm_memslots *table,
						const struct armkvm_memslot *old,
						struct armkvm_memslot *new)
{
	struct armkvm_memslots *result;
	u32 i, n = 0;

	result = memslots_alloc(table->nr - !!old + !!new);
	if (!result)
		return NULL;

	for (i = 0; i < table->nr; i++) {
		struct armkvm_memslot *slot = table->slot[i];

		if (slot == old)
			continue;
		if (new && new->base_gfn < slot->base_gfn) {
			result->slot[n++] = new;
			new = NULL;
		}
		result->slot[n++] = slot;
	}
	if (new)
		result->slot[n++] = new;
	return result;
}

/*
 * Publishes the change and waits until nobody can see @old any more. On return
 * @old is freed, and its dirty bitmap too unless @new has it.
 *
 * The host asks for its pages back by user address (MMU notifier), and who is asked finds
 * the frames by the published table.  So what the engine derived from @old goes before the
 * table without it is published, and nothing new is derived from it until its last reader
 * is gone: at no time is there a translation to a page that the notifier couldn't find.
 */
static int memslots_commit(struct armkvm_vm *vm, struct armkvm_memslot *old,
			   struct armkvm_memslot *new)
{
	struct armkvm_memslots *table = armkvm_memslots(vm);
	struct armkvm_memslots *result = memslots_replace(table, old, new);
	s64 pages = (s64)(new ? new->npages : 0) - (s64)(old ? old->npages : 0);

	if (!result)
		return -ENOMEM;

	if (old && armkvm_engine)
		armkvm_engine->slot_leaves(vm, old->base_gfn, old->npages);
	rcu_assign_pointer(vm->memslots, result);
	synchronize_srcu_expedited(&vm->srcu);
	if (old && armkvm_engine)
		armkvm_engine->slot_left(vm, old->base_gfn, old->npages);
	if (new && armkvm_engine && (!old || old->base_gfn != new->base_gfn))
		armkvm_engine->slot_came(vm, new->base_gfn, new->npages);

	if (old && new && old->dirty_bitmap == new->dirty_bitmap)
		old->dirty_bitmap = NULL;
	memslot_free(old);
	kvfree(table);

	atomic64_set(&vm->stat[VM_STAT_MEMSLOTS], result->nr);
	atomic64_add(pages * (s64)ARMKVM_PAGE_SIZE, &vm->stat[VM_STAT_MEMORY]);
	armkvm_vm_stat_inc(vm, VM_STAT_MEMSLOT_UPDATES);
	return 0;
}

static int memslot_set(struct armkvm_vm *vm, const struct armkvm_userspace_memory_region *mem,
		       struct armkvm_memslot *old)
{
	struct armkvm_memslot *new;
	int err;

	new = memslot_make(mem, old);
	if (!new)
		return -ENOMEM;

	err = memslots_commit(vm, old, new);
	if (err) {
		if (old && old->dirty_bitmap == new->dirty_bitmap)
			new->dirty_bitmap = NULL;
		memslot_free(new);
	}
	return err;
}

/* Is @mem a change of @old that keeps its memory: a move, or other flags? */
static bool memslot_may_become(const struct armkvm_memslot *old,
			       const struct armkvm_userspace_memory_region *mem)
{
	return mem->memory_size >> ARMKVM_PAGE_SHIFT == old->npages &&
	       mem->userspace_addr == old->hva &&
	       !((mem->flags ^ old->flags) & ARMKVM_MEM_READONLY);
}

static int memslot_set_region_locked(struct armkvm_vm *vm,
				     const struct armkvm_userspace_memory_region *mem)
{
	const struct armkvm_memslots *slots = armkvm_memslots(vm);
	struct armkvm_memslot *old = armkvm_id_to_memslot(slots, mem->slot);
	u64 gfn = mem->guest_phys_addr >> ARMKVM_PAGE_SHIFT;
	u64 npages = mem->memory_size >> ARMKVM_PAGE_SHIFT;
	bool moved;

	if (!npages)
		return old ? memslots_commit(vm, old, NULL) : -EINVAL;

	if (old && !memslot_may_become(old, mem))
		return -EINVAL;
	if (gfn + npages > 1ULL << (ARMKVM_PHYS_BITS - ARMKVM_PAGE_SHIFT))
		return -EFAULT;

	moved = !old || gfn != old->base_gfn;
	if (!moved && mem->flags == old->flags)
		return 0;
	if (moved && memslots_overlap(slots, mem->slot, gfn, npages))
		return -EEXIST;
	return memslot_set(vm, mem, old);
}

long armkvm_set_memory_region(struct armkvm_vm *vm, const void __user *arg)
{
	struct armkvm_userspace_memory_region mem;
	int ret;

	if (copy_from_user(&mem, arg, sizeof(mem)))
		return -EFAULT;
	ret = memslot_region_check(&mem);
	if (ret)
		return ret;

	if (mutex_lock_killable(&vm->slots_lock))
		return -EINTR;
	ret = memslot_set_region_locked(vm, &mem);
	mutex_unlock(&vm->slots_lock);
	return ret;
}

void armkvm_frames_of_hva(struct armkvm_vm *vm, unsigned long start, unsigned long last,
			       armkvm_frames_fn *fn)
{
	struct armkvm_memslots *slots = armkvm_memslots(vm);
	u32 n;

	for (n = 0; n < slots->nr; n++) {
		struct armkvm_memslot *slot = slots->slot[n];
		/* the last bytes: a slot may end at the top of the address space */
		unsigned long from = max(start, slot->hva);
		unsigned long to = min_t(unsigned long, last,
					 slot->hva + (slot->npages << ARMKVM_PAGE_SHIFT) - 1);

		if (from <= to)
			fn(vm, slot->base_gfn + ((from - slot->hva) >> ARMKVM_PAGE_SHIFT),
			   slot->base_gfn + ((to - slot->hva) >> ARMKVM_PAGE_SHIFT) + 1);
	}
}

long armkvm_memory_written(struct armkvm_vm *vm, const void __user *arg)
{
	struct armkvm_memory_range range;
	u64 last;
	int idx;

	if (copy_from_user(&range, arg, sizeof(range)))
		return -EFAULT;
	if (!range.size)
		return 0;
	last = range.userspace_addr + range.size - 1;
	if (last < range.userspace_addr)
		return -EINVAL;
	if (!armkvm_is_user_addr(range.userspace_addr) || !armkvm_is_user_addr(last))
		return -EFAULT;

	idx = srcu_read_lock(&vm->srcu);
	armkvm_frames_of_hva(vm, range.userspace_addr, last, armkvm_engine->frames_written);
	srcu_read_unlock(&vm->srcu, idx);
	return 0;
}
