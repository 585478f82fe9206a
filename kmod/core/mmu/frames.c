// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest frames and the host's pages behind them: how one is learnt, and what is taken back
 * when the host (MMU notifier), the launcher or a change of slots takes the page.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "../dirty.h"
#include "../memslot.h"
#include "copy.h"
#include "mmu-impl.h"

void frames_peek(struct armkvm_vm *vm, u64 gfn, struct gfn_place *place)
{
	struct armkvm_memslot *slot;
	struct gfn_info *info;
	unsigned long hva;

	place->page = NULL;
	if (gfn == MMU_NO_GFN)
		return;
	slot = armkvm_gfn_to_memslot(armkvm_memslots(vm), gfn);
	if (!slot)
		return;
	hva = armkvm_gfn_to_hva(slot, gfn);
	place->offset = offset_in_page(hva);
	raw_spin_lock(&vm->mmu->lock);
	info = gfn_info(&vm->mmu->gfns, gfn);
	if (info && (info->page & GFN_VALID)) {
		*place = gfn_place(info);
		get_page(place->page);
		raw_spin_unlock(&vm->mmu->lock);
		return;
	}
	raw_spin_unlock(&vm->mmu->lock);
	if (get_user_pages_fast(hva, 1, 0, &place->page) != 1)
		place->page = NULL;
}

#ifdef CONFIG_HIGHMEM
/* A page in high memory has no mapping of the kernel's: to make one and end it costs some 300 instructions. */
static bool frames_have_mapping(const struct gfn_info *info)
{
	return gfn_phys(info) < __pa(high_memory - 1);
}

/*
 * Words of a frame by the launcher's own mapping of it.  Returns false where that isn't at hand: the host may
 * have made its entry old, to see whether it is used.
 */
static bool frames_read_launchers(struct armkvm_vm *vm, u64 gpa, u32 *words, unsigned int nr)
{
	const struct armkvm_memslot *slot;
	const u32 __user *at;
	unsigned long left = 1;
	int idx;

	if (current->mm != vm->mm)
		return false;
	idx = srcu_read_lock(&vm->srcu);	/* the light path is not in it */
	slot = armkvm_gfn_to_memslot_near(armkvm_memslots(vm), gpa >> ARMKVM_PAGE_SHIFT,
					  &vm->mmu->slot_read);
	if (!slot)
		goto out;
	at = (const u32 __user *)(armkvm_gfn_to_hva(slot, gpa >> ARMKVM_PAGE_SHIFT) +
				  (unsigned int)(gpa & ~ARMKVM_PAGE_MASK));
	pagefault_disable();
	if (nr == 1)
		left = get_user(*words, at);
	else
		left = __copy_from_user_inatomic(words, at, nr * sizeof(*words));
	pagefault_enable();
out:
	srcu_read_unlock(&vm->srcu, idx);
	return !left;
}
#else
static bool frames_have_mapping(const struct gfn_info *info)
{
	return true;
}

static bool frames_read_launchers(struct armkvm_vm *vm, u64 gpa, u32 *words, unsigned int nr)
{
	return false;
}
#endif

/* By the kernel's mapping. */
static void frames_read_kernels(const struct gfn_info *info, u64 gpa, u32 *words, unsigned int nr)
{
	struct gfn_place place = gfn_place(info);
	const u32 *at = gfn_map_local(&place) + (gpa & ~ARMKVM_PAGE_MASK);
	unsigned int i;

	for (i = 0; i < nr; i++)
		words[i] = READ_ONCE(at[i]);
	kunmap_local(at);
}

bool frames_read(struct armkvm_vm *vm, u64 gpa, u32 *words, unsigned int nr)
{
	struct gfn_info *info = gfn_info(&vm->mmu->gfns, gpa >> ARMKVM_PAGE_SHIFT);

	if (!info || !(info->page & GFN_VALID))
		return false;
	/* GFN_VALID: no notifier has begun, so both mappings are of the same page. */
	if (frames_have_mapping(info) || !frames_read_launchers(vm, gpa, words, nr))
		frames_read_kernels(info, gpa, words, nr);
	return true;
}

/*
 * The host pages behind some frames of a slot.  They aren't held: that they are the launcher's
 * still is what the notifier's count and sequence say, under mmu->lock.
 */
struct host_pages {
	phys_addr_t pa[FILL_AROUND + 1];	/* frames need not begin where host pages do */
	int nr;
	u64 gfn;				/* the first frame's */
	unsigned int frames;
	unsigned int offset;			/* of that frame in pa[0] */
};

/* Where the frame @i is in the host's memory; false: it is not there. */
static bool frames_host_pa(const struct host_pages *pages, unsigned int i, phys_addr_t *pa)
{
	unsigned int byte = pages->offset + i * ARMKVM_PAGE_SIZE;

	if ((int)(byte >> PAGE_SHIFT) >= pages->nr)
		return false;
	*pa = pages->pa[byte >> PAGE_SHIFT] + (byte & ~PAGE_MASK);
	return true;
}

/* The addresses of what get_user_pages_fast() has brought in, dirty if @writable, go to @pa. */
static void frames_note_pages(struct page **page, int nr, bool writable, phys_addr_t *pa)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (writable)
			set_page_dirty_lock(page[i]);
		pa[i] = page_to_phys(page[i]);
		put_page(page[i]);
	}
}

/*
 * The frames that a first touch of @gfn brings in: those of its aligned group that lie in
 * @slot.  A guest uses its memory in larger pieces than a page, and each that it needn't
 * fault for saves a whole exit; the host's processes get their memory in folios likewise.
 */
static void frames_touch_group(const struct armkvm_memslot *slot, u64 gfn, bool writable,
			       struct host_pages *pages)
{
	u64 first = gfn & ~(FILL_AROUND - 1ULL), end = first + FILL_AROUND;
	struct page *page[ARRAY_SIZE(pages->pa)];
	unsigned long hva;

	first = max(first, slot->base_gfn);
	end = min(end, slot->base_gfn + slot->npages);
	hva = armkvm_gfn_to_hva(slot, first);
	pages->gfn = first;
	pages->frames = end - first;
	pages->offset = offset_in_page(hva);
	pages->nr = get_user_pages_fast(hva & PAGE_MASK,
					DIV_ROUND_UP(pages->offset + pages->frames * ARMKVM_PAGE_SIZE,
						     PAGE_SIZE),
					writable ? FOLL_WRITE : 0, page);
	frames_note_pages(page, pages->nr, writable, pages->pa);
}

static void frames_learn_one(struct armkvm_memslot *slot, u64 gfn, struct gfn_info *info,
			     phys_addr_t pa, bool writable)
{
	/* Under the lock: who takes the page from the log takes its entries after it. */
	if (writable)
		armkvm_mark_page_dirty(slot, gfn);
	/* The notifier has seen to it that this is the page that entries map already. */
	info->page = pa >> ARMKVM_PAGE_SHIFT << GFN_PFN_SHIFT | GFN_VALID |
		     (info->page & (GFN_COPY | GFN_WRITABLE)) | (writable ? GFN_WRITABLE : 0);
}

/* Would the host's page add something to what is known of a frame? A copy's own is left alone. */
static bool frames_are_news(const struct gfn_info *info, bool writable)
{
	unsigned long page = READ_ONCE(info->page);

	return !(page & GFN_COPY) && !(page & (writable ? GFN_WRITABLE : GFN_VALID));
}

/* Is any of [@first, @end) in a slot that is being changed?  Held: mmu->lock. */
static bool frames_leaving(const struct armkvm_mmu *mmu, u64 first, u64 end)
{
	return first < mmu->leaving_end && end > mmu->leaving_first;
}

/* As frames_learn(), with the frames around. -EAGAIN: frames_learn() has to do it. */
static int frames_learn_group(struct armkvm_vm *vm, struct armkvm_memslot *slot, u64 gfn,
			      bool writable)
{
	struct armkvm_mmu *mmu = vm->mmu;
	struct host_pages pages;
	struct gfn_info *info;
	unsigned long seq;
	phys_addr_t pa;
	unsigned int i;

	/* A chunk of gfn_info holds whole groups. */
	BUILD_BUG_ON(GFN_CHUNK_FRAMES % FILL_AROUND);
	seq = READ_ONCE(mmu->notifier_seq);
	smp_rmb();	/* as in frames_learn() */
	frames_touch_group(slot, gfn, writable, &pages);
	if (!frames_host_pa(&pages, gfn - pages.gfn, &pa))
		return -EAGAIN;
	raw_spin_lock(&mmu->lock);
	if (mmu->notifier_count || seq != mmu->notifier_seq ||
	    frames_leaving(mmu, pages.gfn, pages.gfn + pages.frames)) {
		raw_spin_unlock(&mmu->lock);
		return -EAGAIN;
	}
	for (i = 0; i < pages.frames; i++) {
		info = gfn_info(&mmu->gfns, pages.gfn + i);
		if (frames_host_pa(&pages, i, &pa) &&
		    (pages.gfn + i == gfn || frames_are_news(info, writable)))
			frames_learn_one(slot, pages.gfn + i, info, pa, writable);
	}
	return 0;
}

int frames_learn(struct armkvm_vm *vm, struct armkvm_memslot *slot, u64 gfn, bool write,
		 bool want_write)
{
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned long hva = armkvm_gfn_to_hva(slot, gfn), seq;
	unsigned long known = want_write ? GFN_WRITABLE : GFN_VALID;
	struct page *page;
	phys_addr_t pa;
	int ret;

	if (READ_ONCE(gfn_info(&mmu->gfns, gfn)->page) & known) {
		raw_spin_lock(&mmu->lock);
		if (gfn_info(&mmu->gfns, gfn)->page & known)
			return 0;
		raw_spin_unlock(&mmu->lock);
	}
	/* Each page of the log is to become writable by a write of its own. */
	if (mmu->config.fault_around && !(want_write && slot->dirty_bitmap) &&
	    frames_are_news(gfn_info(&mmu->gfns, gfn), want_write) &&
	    !frames_learn_group(vm, slot, gfn, want_write))
		return 0;
again:
	seq = READ_ONCE(mmu->notifier_seq);
	smp_rmb();	/* pairs with the notifier's smp_wmb(): seq before the page */
	ret = get_user_pages_fast(hva, 1, want_write ? FOLL_WRITE : 0, &page);
	if (ret != 1) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (want_write && !write) {
			/* The launcher itself may only read it. */
			want_write = false;
			goto again;
		}
		return -EFAULT;
	}
	frames_note_pages(&page, 1, want_write, &pa);
	raw_spin_lock(&mmu->lock);
	if (frames_leaving(mmu, gfn, gfn + 1)) {
		raw_spin_unlock(&mmu->lock);
		return -EBUSY;
	}
	if (mmu->notifier_count || seq != mmu->notifier_seq) {
		raw_spin_unlock(&mmu->lock);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		goto again;
	}
	frames_learn_one(slot, gfn, gfn_info(&mmu->gfns, gfn), pa + offset_in_page(hva), want_write);
	return 0;
}

/*
 * -- changes --------------------------------------------------------------------
 */

void gfn_drop_copy(struct armkvm_vm *vm, u64 gfn, struct gfn_info *info)
{
	struct mmu_copy *copy = copy_find(vm, gfn);

	gfn_zap(vm, info, ZAP_COPY);
	info->page &= ~GFN_COPY;
	if (copy)
		copy_drop(vm, copy);
}

static void frames_written_one(struct armkvm_vm *vm, u64 gfn)
{
	struct gfn_info *info = gfn_info(&vm->mmu->gfns, gfn);

	if (info && (info->page & GFN_COPY))
		gfn_drop_copy(vm, gfn, info);
	vm->mmu->steps++;
}

void mmu_frames_written(struct armkvm_vm *vm, u64 first, u64 end)
{
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned int b, begin;
	struct mmu_copy *copy;
	struct hlist_node *tmp;
	u64 gfn;

	raw_spin_lock(&mmu->lock);
	begin = mmu->steps;
	if (end - first <= ARRAY_SIZE(mmu->copies)) {
		for (gfn = first; gfn < end; gfn++) {
			frames_written_one(vm, gfn);
			mmu_relax(vm, &begin, true);
		}
	} else {
		for (b = 0; b < ARRAY_SIZE(mmu->copies); b++) {
again:
			hlist_for_each_entry_safe(copy, tmp, &mmu->copies[b], hash) {
				if (copy->gfn < first || copy->gfn >= end)
					continue;
				frames_written_one(vm, copy->gfn);
				/* those that are written are gone from the list */
				if (mmu_relax(vm, &begin, true))
					goto again;
			}
		}
	}
	mmu_commit_unlock(vm);
}

void mmu_frames_clean(struct armkvm_vm *vm, u64 first, const unsigned long *bits, size_t longs)
{
	struct gfn_info *info;
	unsigned int begin;
	unsigned long word;
	size_t i;

	raw_spin_lock(&vm->mmu->lock);
	begin = vm->mmu->steps;
	for (i = 0; i < longs; i++) {
		for (word = bits[i]; word; word &= word - 1) {
			info = gfn_info(&vm->mmu->gfns, first + i * BITS_PER_LONG + __ffs(word));
			if (!info)
				continue;
			gfn_zap(vm, info, ZAP_WRITABLE);
			info->page &= ~GFN_WRITABLE;
			vm->mmu->steps++;
			mmu_relax(vm, &begin, true);
		}
	}
	mmu_commit_unlock(vm);
}

/* Nothing is known of the frame any more. */
static void frames_forget(struct armkvm_vm *vm, u64 gfn, struct gfn_info *info)
{
	if (info->rmap)
		gfn_zap(vm, info, ZAP_ALL);
	if (info->page & GFN_COPY)
		gfn_drop_copy(vm, gfn, info);
	info->page = 0;
	vm->mmu->steps++;
}

/* Chunks live as long as the VM, so the lock may be given up within one. */
static void frames_forget_chunk(struct armkvm_vm *vm, u64 n, u64 start, u64 end,
				unsigned int *begin, bool may_sleep)
{
	u64 first = n << GFN_CHUNK_SHIFT, gfn;
	struct gfn_chunk *chunk = gfn_chunk(&vm->mmu->gfns, first);

	if (!chunk) {
		vm->mmu->steps++;
		mmu_relax(vm, begin, may_sleep);
		return;
	}
	for (gfn = max(first, start); gfn < min(first + GFN_CHUNK_FRAMES, end); gfn++) {
		if (chunk->info[gfn - first].page || chunk->info[gfn - first].rmap)
			frames_forget(vm, gfn, &chunk->info[gfn - first]);
		/* looking at frames of which nothing is known costs something, too */
		vm->mmu->steps += gfn % 4 == 0;
		mmu_relax(vm, begin, may_sleep);
	}
}

static void frames_zap(struct armkvm_vm *vm, u64 start, u64 end, bool may_sleep)
{
	struct armkvm_mmu *mmu = vm->mmu;
	u64 last = (end - 1) >> GFN_CHUNK_SHIFT;
	unsigned int begin;
	unsigned long n;
	void *chunk;

	vm->mmu->config.frames_changed(vm, start, end);
	raw_spin_lock(&mmu->lock);
	begin = mmu->steps;
	for (n = start >> GFN_CHUNK_SHIFT; n <= min_t(u64, last, GFN_LOW_CHUNKS - 1); n++)
		frames_forget_chunk(vm, n, start, end, &begin, may_sleep);
	xa_for_each_range(&mmu->gfns.high, n, chunk, start >> GFN_CHUNK_SHIFT,
			  min_t(u64, last, ULONG_MAX))
		frames_forget_chunk(vm, n, start, end, &begin, may_sleep);
	mmu_commit_unlock(vm);
}

void mmu_zap_gfns(struct armkvm_vm *vm, u64 start, u64 end)
{
	frames_zap(vm, start, end, true);
}

/* For a notifier that must not sleep. */
static void frames_zap_atomic(struct armkvm_vm *vm, u64 start, u64 end)
{
	frames_zap(vm, start, end, false);
}

void mmu_frames_leave(struct armkvm_vm *vm, u64 start, u64 end)
{
	struct armkvm_mmu *mmu = vm->mmu;

	raw_spin_lock(&mmu->lock);
	mmu->leaving_first = start;
	mmu->leaving_end = end;
	raw_spin_unlock(&mmu->lock);
	mmu_zap_gfns(vm, start, end);
}

void mmu_frames_left(struct armkvm_vm *vm)
{
	struct armkvm_mmu *mmu = vm->mmu;

	raw_spin_lock(&mmu->lock);
	mmu->leaving_first = 0;
	mmu->leaving_end = 0;
	raw_spin_unlock(&mmu->lock);
	wake_up_all(&mmu->leaving_wait);
}

static bool frames_have_left(struct armkvm_mmu *mmu)
{
	bool left;

	raw_spin_lock(&mmu->lock);
	left = !mmu->leaving_end;
	raw_spin_unlock(&mmu->lock);
	return left;
}

void mmu_wait_for_frames(struct armkvm_vm *vm)
{
	wait_event_interruptible(vm->mmu->leaving_wait, frames_have_left(vm->mmu));
}

/*
 * -- the launcher's address space --------------------------------------------
 */

static struct armkvm_vm *frames_notifier_vm(struct mmu_notifier *mn)
{
	return container_of(mn, struct armkvm_mmu, notifier)->vm;
}

static void frames_zap_hva(struct armkvm_vm *vm, unsigned long start, unsigned long end,
			   bool may_sleep)
{
	int idx = srcu_read_lock(&vm->srcu);

	armkvm_frames_of_hva(vm, start, end - 1, may_sleep ? mmu_zap_gfns : frames_zap_atomic);
	srcu_read_unlock(&vm->srcu, idx);
}

static int frames_notifier_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct armkvm_vm *vm = frames_notifier_vm(mn);

	raw_spin_lock(&vm->mmu->lock);
	vm->mmu->notifier_count++;
	raw_spin_unlock(&vm->mmu->lock);
	armkvm_vm_stat_inc(vm, VM_STAT_ZAPS_BY_HOST);
	frames_zap_hva(vm, range->start, range->end, mmu_notifier_range_blockable(range));
	return 0;
}

static void frames_notifier_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct armkvm_vm *vm = frames_notifier_vm(mn);

	raw_spin_lock(&vm->mmu->lock);
	vm->mmu->notifier_seq++;
	smp_wmb();	/* a fill that sees the old count sees the new sequence */
	vm->mmu->notifier_count--;
	raw_spin_unlock(&vm->mmu->lock);
}

/* The launcher's mm ends, perhaps before its file descriptors. */
static void frames_notifier_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	mmu_release(frames_notifier_vm(mn));
}

static const struct mmu_notifier_ops frames_notifier_ops = {
	.invalidate_range_start = frames_notifier_start,
	.invalidate_range_end = frames_notifier_end,
	.release = frames_notifier_release,
};

int frames_watch(struct armkvm_mmu *mmu)
{
	mmu->notifier.ops = &frames_notifier_ops;
	return mmu_notifier_register(&mmu->notifier, mmu->vm->mm);
}

void frames_unwatch(struct armkvm_mmu *mmu)
{
	mmu_notifier_unregister(&mmu->notifier, mmu->vm->mm);
}
