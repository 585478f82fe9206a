/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory slots: which user memory is which guest RAM.
 *
 * A slot is immutable once published, except for the bits of its dirty
 * bitmap.  A change makes a new slot and a new table, publishes the table, waits
 * for the readers of the old one (SRCU), and frees what it held alone.
 *
 * gpa: guest physical address, bytes.  gfn: gpa >> 12.  hva: host virtual
 * address in the VM's address space.  A guest page is 4 KiB on every host.
 */
#ifndef ARMKVM_CORE_MEMSLOT_H
#define ARMKVM_CORE_MEMSLOT_H

#include <linux/compiler_types.h>
#include <linux/types.h>

struct armkvm_vm;

#define ARMKVM_NR_MEMSLOTS	512

#define ARMKVM_PAGE_SHIFT	12
#define ARMKVM_PAGE_SIZE	(1UL << ARMKVM_PAGE_SHIFT)
#define ARMKVM_PAGE_MASK	(~(ARMKVM_PAGE_SIZE - 1))

/* What an ARMv7 guest can address with the large physical address extension. */
#define ARMKVM_PHYS_BITS	40

struct armkvm_memslot {
	u64 base_gfn;
	u64 npages;			/* guest pages, never 0 */
	unsigned long hva;
	u32 flags;			/* ARMKVM_MEM_* */
	u32 id;
	/* One bit a guest page, padded to 64 of them; NULL while logging is off. */
	unsigned long *dirty_bitmap;
};

/* Sorted by base_gfn, without overlap. */
struct armkvm_memslots {
	u32 nr;
	struct armkvm_memslot *slot[];
};

/* An empty table for a new VM.  Returns 0 or -ENOMEM. */
int armkvm_memslots_init(struct armkvm_vm *vm);
/* Frees all slots.  The VM has no other users. */
void armkvm_memslots_free(struct armkvm_vm *vm);

/*
 * ARMKVM_SET_USER_MEMORY_REGION; @arg is a struct armkvm_userspace_memory_region.
 * KVM's rules.  Returns 0, or
 *   -EINVAL  unknown flag, slot number, alignment, wrap, size, user range;
 *            deleting what isn't there; changing size, user address or
 *            read-only-ness of what is
 *   -EEXIST  overlap with another slot
 *   -EFAULT  @arg unreadable; the range ends above 40 bits
 *   -ENOMEM, -EINTR (killed while waiting for another change)
 * Sleeps for an SRCU grace period.
 */
long armkvm_set_memory_region(struct armkvm_vm *vm, const void __user *arg);

/*
 * ARMKVM_MEMORY_WRITTEN; @arg is a struct armkvm_memory_range: the launcher has
 * written there, and the engine drops what it derived from the old content.
 * Returns 0, -EINVAL (the range wraps) or -EFAULT.
 */
long armkvm_memory_written(struct armkvm_vm *vm, const void __user *arg);

/*
 * Calls @fn for the frames of each slot whose user addresses meet
 * [@start, @last], the last byte.  Inside srcu_read_lock(&vm->srcu).
 */
typedef void armkvm_frames_fn(struct armkvm_vm *vm, u64 first_gfn, u64 end_gfn);
void armkvm_frames_of_hva(struct armkvm_vm *vm, unsigned long start, unsigned long last,
			       armkvm_frames_fn *fn);

/*
 * The table of the VM's slots; inside srcu_read_lock(&vm->srcu), or with slots_lock held. Valid
 * until the one ends or the other is released.
 */
struct armkvm_memslots *armkvm_memslots(struct armkvm_vm *vm);

/* The slot with @gfn in it, or NULL.  Logarithmic. */
struct armkvm_memslot *armkvm_gfn_to_memslot(const struct armkvm_memslots *slots, u64 gfn);

/*
 * The same for who asks for one slot's frames again and again: *@hint is where in @slots it was the last
 * time, in any table.
 */
struct armkvm_memslot *armkvm_gfn_to_memslot_near(const struct armkvm_memslots *slots, u64 gfn,
						  u32 *hint);

/* The slot with number @id, or NULL.  Linear: for ioctls only. */
struct armkvm_memslot *armkvm_id_to_memslot(const struct armkvm_memslots *slots, u32 id);

/* The user address of @gfn, which must be in @slot. */
static inline unsigned long armkvm_gfn_to_hva(const struct armkvm_memslot *slot, u64 gfn)
{
	return slot->hva + (unsigned long)(gfn - slot->base_gfn) * ARMKVM_PAGE_SIZE;
}

#endif /* ARMKVM_CORE_MEMSLOT_H */
