// SPDX-License-Identifier: GPL-2.0-only
/* Guest memory, as the module itself reads and writes it. */
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include <asm/futex.h>

#include "../dirty.h"
#include "../memslot.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "gmem.h"
#include "regime.h"

static void __user *gmem_address(struct armkvm_vm *vm, u64 gpa, bool write, int *err)
{
	u64 gfn = gpa >> ARMKVM_PAGE_SHIFT;
	struct armkvm_memslot *slot = armkvm_gfn_to_memslot(armkvm_memslots(vm), gfn);

	if (!slot) {
		*err = -ENOENT;
		return NULL;
	}
	if (write && (slot->flags & ARMKVM_MEM_READONLY)) {
		*err = -EROFS;
		return NULL;
	}
	return (void __user *)(armkvm_gfn_to_hva(slot, gfn) +
			       (unsigned long)(gpa & (ARMKVM_PAGE_SIZE - 1)));
}

int gmem_read(struct armkvm_vm *vm, u64 gpa, void *buf, unsigned int len)
{
	int err;
	void __user *from = gmem_address(vm, gpa, false, &err);

	if (!from)
		return err;
	return copy_from_user(buf, from, len) ? -EFAULT : 0;
}

/* After a write: what else knows the page learns of it. */
void gmem_written(struct armkvm_vm *vm, u64 gpa)
{
	u64 gfn = gpa >> ARMKVM_PAGE_SHIFT;

	armkvm_mark_page_dirty(armkvm_gfn_to_memslot(armkvm_memslots(vm), gfn), gfn);
	mmu_frames_written(vm, gfn, gfn + 1);
}

int gmem_write(struct armkvm_vm *vm, u64 gpa, const void *buf, unsigned int len)
{
	int err;
	void __user *to = gmem_address(vm, gpa, true, &err);

	if (!to)
		return err;
	if (copy_to_user(to, buf, len))
		return -EFAULT;
	gmem_written(vm, gpa);
	return 0;
}

/*
 * A word is written at once, as a walk on another CPU must find it (B3.3).  Of a long
 * descriptor the half with the valid bit becomes valid last and invalid first.
 */
int gmem_write_desc(struct armkvm_vm *vm, u64 gpa, u64 val, unsigned int size)
{
	u32 __user *to;
	int err;

	to = gmem_address(vm, gpa, true, &err);
	if (!to)
		return err;
	if (size == 8 && (val & 1) && put_user((u32)(val >> 32), to + 1))
		return -EFAULT;
	smp_wmb();	/* between the halves */
	if (put_user((u32)val, to))
		return -EFAULT;
	smp_wmb();	/* between the halves */
	if (size == 8 && !(val & 1) && put_user((u32)(val >> 32), to + 1))
		return -EFAULT;
	gmem_written(vm, gpa);
	return 0;
}

/*
 * SWP and SWPB (A8.8.229, A8.8.230) as one access, for vCPUs that use LDREX and STREX on
 * the same word meanwhile.  A byte is swapped by its word.
 */
int gmem_swap(struct armkvm_vm *vm, u64 gpa, unsigned int size, u32 val, u32 *old)
{
	unsigned int shift = (gpa & 3) * 8;
	u32 mask = size == 1 ? 0xffU << shift : ~0U;
	u32 __user *to;
	u32 seen, now;
	int err;

	to = gmem_address(vm, gpa & ~3ULL, true, &err);
	if (!to)
		return err;
	if (get_user(seen, to))
		return -EFAULT;
	for (;;) {
		u32 new = (seen & ~mask) | (size == 1 ? val << shift & mask : val);

		err = futex_atomic_cmpxchg_inatomic(&now, to, seen, new);
		if (err == -EAGAIN) {
			cond_resched();
			continue;
		}
		if (err)
			return -EFAULT;
		if (now == seen)
			break;
		/* Somebody else's store came between: that one has made progress. */
		seen = now;
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	gmem_written(vm, gpa);
	*old = size == 1 ? (seen & mask) >> shift : seen;
	return 0;
}

/*
 * A 64-bit descriptor, as if read at once: its halves are read until they belong
 * together.  A guest that never stops changing it gets what it asked for, torn.  Returns 0
 * or -EFAULT.
 */
static int gmem_read_desc64(const u32 __user *from, u64 *val)
{
	u32 low, high, again;
	unsigned int tries;

	for (tries = 0; tries < 4; tries++) {
		if (get_user(low, from) || get_user(high, from + 1) || get_user(again, from))
			return -EFAULT;
		*val = low | (u64)high << 32;
		if (low == again)
			break;
	}
	return 0;
}

/* A word is read at once, as a walk must (B3.3). */
static int gmem_read_desc(void *ctx, u64 gpa, unsigned int size, u64 *val)
{
	struct armkvm_vm *vm = ctx;
	int err;
	void __user *from = gmem_address(vm, gpa, false, &err);
	u32 word;

	if (!from)
		return -1;
	if (size == 8)
		return gmem_read_desc64(from, val);
	if (get_user(word, (u32 __user *)from))
		return -1;
	*val = word;
	return 0;
}

const struct walk_ops gmem_walk_ops = {
	.read_desc = gmem_read_desc,
};

int gmem_fetch(struct engine_vcpu *ev, u32 gva, void *buf, unsigned int len)
{
	struct walk_access access = {
		.kind = WALK_X,
		.priv = cpu_mode_privileged(ev->vcpu->cpu->cpsr),
	};
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;

	engine_walk_ctl(ev->vcpu, &ctl);
	if (walk_gva(&ctl, &gmem_walk_ops, ev->vm, gva, access, &res, &fault))
		return -EFAULT;
	return gmem_read(ev->vm, res.gpa, buf, len);
}
