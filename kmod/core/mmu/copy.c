// SPDX-License-Identifier: GPL-2.0-only
/* Instruction copies; see copy.h. */
#include <linux/highmem.h>
#include <linux/slab.h>

#include "../../host/host.h"
#include "../arm/patch.h"
#include "../trace.h"
#include "../vm.h"
#include "copy.h"
#include "mmu-impl.h"

#define WHAT_BYTES	(FLOW_HALVES / 4)

struct mmu_copy *copy_alloc(bool notes)
{
	struct mmu_copy *copy = kzalloc(sizeof(*copy), GFP_KERNEL_ACCOUNT);

	if (!copy)
		return NULL;
	/*
	 * Low memory: the run loop reads it at every replaced instruction.  Aligned to its
	 * size, as allocations of powers of two are.
	 */
	copy->code = kmalloc(ARMKVM_PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	if (notes)
		copy->what = kzalloc(WHAT_BYTES, GFP_KERNEL_ACCOUNT);
	if (!copy->code || (notes && !copy->what)) {
		copy_free(copy);
		return NULL;
	}
	return copy;
}

void copy_free(struct mmu_copy *copy)
{
	kfree(copy->code);
	kfree(copy->what);
	kfree(copy);
}

static struct hlist_head *copy_bucket(struct armkvm_vm *vm, u64 gfn)
{
	return &vm->mmu->copies[gfn & ((1 << MMU_COPY_HASH_BITS) - 1)];
}

struct mmu_copy *copy_find(struct armkvm_vm *vm, u64 gfn)
{
	struct mmu_copy *copy;

	hlist_for_each_entry(copy, copy_bucket(vm, gfn), hash)
		if (copy->gfn == gfn)
			return copy;
	return NULL;
}

static const u32 *copy_map_page(const struct gfn_place *place)
{
	return place->page ? gfn_map_local(place) : NULL;
}

static void copy_unmap_page(const u32 *va)
{
	if (va)
		kunmap_local(va);
}

static bool copy_replaces_exclusives(const struct armkvm_vm *vm, u64 gfn)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vm->mmu->excl_gfn); i++) {
		if (vm->mmu->excl_gfn[i] == gfn + 1)
			return true;
	}
	return false;
}

void mmu_replace_exclusives(struct armkvm_vm *vm, u64 gfn)
{
	struct armkvm_mmu *mmu = vm->mmu;

	raw_spin_lock(&mmu->lock);
	if (!copy_replaces_exclusives(vm, gfn)) {
		mmu->excl_gfn[mmu->excl_next] = gfn + 1;
		mmu->excl_next = (mmu->excl_next + 1) % ARRAY_SIZE(mmu->excl_gfn);
	}
	raw_spin_unlock(&mmu->lock);
	mmu_frames_written(vm, gfn, gfn + 1);
}

static unsigned int copy_zone(u32 gva)
{
	return (gva & ~ARMKVM_PAGE_MASK) / 2 / PATCH_ZONE_HALVES;
}

static u8 copy_known(u32 gva, bool thumb)
{
	return PATCH_KNOWN | (thumb ? PATCH_KNOWN_THUMB : 0) | (gva / 2 & PATCH_KNOWN_AT);
}

static unsigned int copy_what(const struct mmu_copy *copy, u32 gva)
{
	unsigned int h = (gva & ~ARMKVM_PAGE_MASK) / 2;

	return copy->what ? copy->what[h / 4] >> 2 * (h % 4) & FLOW_WHAT : FLOW_NONE;
}

/* What the making of @copy has found its halfwords to be. */
static void copy_note_what(struct mmu_copy *copy, const struct flow *flow,
			   const struct patch_stats *stats, bool debugged)
{
	unsigned int h;

	if (!copy->what)
		return;
	memset(copy->what, 0, WHAT_BYTES);
	/* Of interest only where something was left, or breakpoints may be. */
	if (!stats->both || (!stats->left_arm && !stats->left_thumb && !debugged))
		return;
	for (h = 0; h < FLOW_HALVES; h++)
		copy->what[h / 4] |= (flow->mark[h] & FLOW_WHAT) << 2 * (h % 4);
}

bool copy_misses(const struct mmu_copy *copy, u32 gva, bool thumb)
{
	if (copy->again)
		return true;
	if (!(thumb ? copy->left_thumb : copy->left_arm) ||
	    copy->known[copy_zone(gva)] == copy_known(gva, thumb))
		return false;
	return copy_what(copy, gva) != (thumb ? FLOW_THUMB : FLOW_ARM);
}

void copy_begin(struct armkvm_vm *vm, struct mmu_copy *copy, u64 gfn, struct copy_source *source)
{
	struct gfn_info *info = gfn_info(&vm->mmu->gfns, gfn);
	struct mmu_copy *before = info->page & GFN_COPY ? copy_find(vm, gfn) : NULL;

	if (before)
		memcpy(copy->known, before->known, sizeof(copy->known));
	else
		memset(copy->known, 0, sizeof(copy->known));
	copy->known[copy_zone(source->fetch)] = copy_known(source->fetch, source->thumb);
	if (before)
		copy_drop(vm, before);
	source->page = gfn_place(info);
	source->opts = vm->mmu->config.patch_opts |
		       (copy_replaces_exclusives(vm, gfn) ? PATCH_EXCL : 0);
	source->both = vm->mmu->thumb_seen;
	source->debugged = vm->mmu->nr_bp;
	copy->gfn = gfn;
	copy->again = true;
	vm->mmu->making = copy;
	hlist_add_head(&copy->hash, copy_bucket(vm, gfn));
	info->page |= GFN_COPY;
}

int copy_build(struct armkvm_vm *vm, struct mmu_copy *copy, struct copy_source *source)
{
	struct patch_work *work = &vm->mmu->patch_work;
	struct patch_stats stats = { };
	struct patch_view view;
	int ret;

	view.prev = copy_map_page(&source->prev);
	view.page = copy_map_page(&source->page);
	view.next = copy_map_page(&source->next);
	view.entry = 1 + (source->fetch & ~ARMKVM_PAGE_MASK) / 2;
	view.thumb = source->thumb;
	view.both = source->both;
	view.base = source->fetch & ARMKVM_PAGE_MASK;
	view.known = copy->known;
	ret = patch_page(&view, copy->code, &vm->mmu->dict, source->opts, work, NULL, &stats);
	copy_note_what(copy, &work->flow, &stats, source->debugged);
	copy->left_arm = stats.left_arm;
	copy->left_thumb = stats.left_thumb;
	source->replaced = stats.sensitive + stats.rewritten;
	source->clean = !source->replaced && !source->debugged;
	/*
	 * A page with nothing to replace serves itself.  The launcher may have loaded it, who does no
	 * cache maintenance for guests.
	 */
	if (!ret)
		host_sync_icache(source->clean ? (void *)view.page : copy->code, ARMKVM_PAGE_SIZE);
	copy_unmap_page(view.next);
	copy_unmap_page(view.page);
	copy_unmap_page(view.prev);
	return ret ? -ENOSPC : 0;
}

bool copy_publish(struct armkvm_vm *vm, struct mmu_copy *copy, struct copy_source *source,
		  bool good)
{
	struct armkvm_mmu *mmu = vm->mmu;

	if (mmu->making != copy)
		return false;
	if (!good) {
		gfn_info(&mmu->gfns, copy->gfn)->page &= ~GFN_COPY;
		copy_drop(vm, copy);
		return false;
	}
	mmu->making = NULL;
	copy->again = false;
	if (source->clean) {
		source->spare = copy->code;
		copy->code = NULL;
	}
	mmu->nr_copy_pages += copy->code != NULL;
	armkvm_vm_stat_inc(vm, VM_STAT_COPIES);
	armkvm_vm_stat_inc(vm, VM_STAT_COPIES_MADE);
	trace_armkvm_copy_build(vm->creator, copy->gfn, source->replaced);
	return true;
}

static void copy_free_dead(struct mmu_dead *dead)
{
	copy_free(container_of(dead, struct mmu_copy, dead));
}

void copy_drop(struct armkvm_vm *vm, struct mmu_copy *copy)
{
	hlist_del(&copy->hash);
	if (copy == vm->mmu->making) {
		vm->mmu->making = NULL;
		return;
	}
	mmu_bury(vm->mmu, &copy->dead, copy_free_dead);
	vm->mmu->nr_copy_pages -= copy->code != NULL;
	armkvm_vm_stat_dec(vm, VM_STAT_COPIES);
	armkvm_vm_stat_inc(vm, VM_STAT_COPIES_DROPPED);
	trace_armkvm_copy_drop(vm->creator, copy->gfn);
}

void copy_again(struct armkvm_vm *vm, struct mmu_copy *copy)
{
	gfn_zap(vm, gfn_info(&vm->mmu->gfns, copy->gfn), ZAP_COPY);
	copy->again = true;
	armkvm_vm_stat_inc(vm, VM_STAT_COPIES_REMADE);
}

/* A8.8.24.  The lower half of the one of A32 is one of T32: nothing may have said yet that there is such code. */
#define INSN_BKPT_A1	0xe120be70U
#define INSN_BKPT_T1	0xbe00U

void copy_set_bkpt(struct mmu_copy *copy, u32 gva)
{
	u32 *word = copy->code + (gva & ~ARMKVM_PAGE_MASK) / 4;
	u32 new = INSN_BKPT_A1;

	if (gva & 2)
		new = (READ_ONCE(*word) & 0xffff) | INSN_BKPT_T1 << 16;
	else if (copy_what(copy, gva) == FLOW_THUMB)
		new = (READ_ONCE(*word) & 0xffff0000) | INSN_BKPT_T1;
	if (READ_ONCE(*word) == new)
		return;
	WRITE_ONCE(*word, new);
	host_sync_icache(word, sizeof(*word));
}

void copy_set_word(struct mmu_copy *copy, u32 gva, u32 word)
{
	u32 *at = copy->code + (gva & ~ARMKVM_PAGE_MASK) / 4;

	WRITE_ONCE(*at, word);
	host_sync_icache(at, sizeof(*at));
}

void copy_own_code(struct armkvm_vm *vm, struct mmu_copy *copy, u32 *code)
{
	struct gfn_place place = gfn_place(gfn_info(&vm->mmu->gfns, copy->gfn));
	const u32 *page = gfn_map_local(&place);

	memcpy(code, page, ARMKVM_PAGE_SIZE);
	kunmap_local(page);
	copy->code = code;
	vm->mmu->nr_copy_pages++;
	host_sync_icache(code, ARMKVM_PAGE_SIZE);
}

u32 copy_word(const struct mmu_copy *copy, u32 gva)
{
	return READ_ONCE(copy->code[(gva & ~ARMKVM_PAGE_MASK) / 4]);
}
