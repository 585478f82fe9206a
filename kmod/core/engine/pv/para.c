// SPDX-License-Identifier: GPL-2.0-only
/* The page that a vCPU shares with its guest; see ../para.h. */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "../../dirty.h"
#include "../../fwregs.h"
#include "../../gic.h"
#include "../../memslot.h"
#include "../../vcpu.h"
#include "../../vm.h"
#include "../engine.h"
#include "../pv.h"

/* Pinned pages are locked memory of the launcher's: RLIMIT_MEMLOCK, VmLck in its status. */
static void para_unpin(struct engine_vcpu *ev)
{
	unpin_user_page(ev->para.page);
	account_locked_vm(ev->vm->mm, 1, false);
	ev->para.page = NULL;
}

static bool para_pin(struct engine_vcpu *ev, unsigned long hva)
{
	struct engine_para *para = &ev->para;

	if (account_locked_vm(ev->vm->mm, 1, true))
		return false;
	if (pin_user_pages_fast(hva, 1, FOLL_WRITE | FOLL_LONGTERM, &para->page) == 1)
		return true;
	account_locked_vm(ev->vm->mm, 1, false);
	para->page = NULL;
	return false;
}

static void para_release(struct engine_vcpu *ev)
{
	struct engine_para *para = &ev->para;

	if (!para->page)
		return;
	if (para->mapped)
		vunmap((void *)((unsigned long)para->va & PAGE_MASK));
	para->va = NULL;
	para_unpin(ev);
}

/* Returns false if the frame is no RAM that can be written, or the launcher may lock no more. */
static bool para_resolve(struct engine_vcpu *ev)
{
	struct engine_para *para = &ev->para;
	struct armkvm_memslot *slot;
	unsigned long hva;
	void *at;

	slot = armkvm_gfn_to_memslot(armkvm_memslots(ev->vm), para->gpa >> ARMKVM_PAGE_SHIFT);
	if (!slot || (slot->flags & ARMKVM_MEM_READONLY))
		return false;
	hva = armkvm_gfn_to_hva(slot, para->gpa >> ARMKVM_PAGE_SHIFT) +
	      (para->gpa & ~ARMKVM_PAGE_MASK);
	if (!para_pin(ev, hva))
		return false;
	para->mapped = PageHighMem(para->page);
	at = para->mapped ? vmap(&para->page, 1, VM_MAP, PAGE_KERNEL) : page_address(para->page);
	if (!at) {
		para_unpin(ev);
		return false;
	}
	para->va = at + offset_in_page(hva);
	/* It is written behind the log's back from now on. */
	armkvm_mark_page_dirty(slot, para->gpa >> ARMKVM_PAGE_SHIFT);
	return true;
}

void engine_para_refresh(struct engine_vcpu *ev)
{
	struct engine_para *para = &ev->para;
	int idx;

	if (!READ_ONCE(para->check) && para->gpa == ev->vcpu->para_gpa)
		return;
	if (ev->eoi_lazy)
		engine_eoi_settle(ev, true);
	para_release(ev);
	WRITE_ONCE(para->gpa, ev->vcpu->para_gpa);
	WRITE_ONCE(para->check, false);
	smp_mb();	/* what is found is from after this: the other side sets it behind its change */
	if (para->gpa == ARMKVM_NO_GPA)
		return;
	idx = srcu_read_lock(&ev->vm->srcu);
	/* RAM that went away takes the registration with it. */
	if (!para_resolve(ev))
		para->gpa = ev->vcpu->para_gpa = ARMKVM_NO_GPA;
	srcu_read_unlock(&ev->vm->srcu, idx);
}

int engine_para_set(struct engine_vcpu *ev, u64 gpa)
{
	struct engine_para *para = &ev->para;
	u64 old = ev->vcpu->para_gpa;

	if (gpa != ARMKVM_NO_GPA && (gpa & (sizeof(struct armkvm_para_vcpu) - 1)))
		return ARMKVM_HC_INVALID;
	ev->vcpu->para_gpa = gpa;
	engine_para_refresh(ev);
	if (gpa == ARMKVM_NO_GPA)
		return ARMKVM_HC_SUCCESS;
	if (!para->va) {
		ev->vcpu->para_gpa = old;
		return ARMKVM_HC_BAD_ADDRESS;
	}
	memset(para->va, 0, sizeof(*para->va));
	para->va->version = 1;
	/* The call itself has been executed under these. */
	para_push(para->va, ev->vcpu->cpu, 0);
	return ARMKVM_HC_SUCCESS;
}

/* The frame that vCPU @id shares with its guest, or none that there is. */
static u64 para_gfn(struct armkvm_vm *vm, unsigned int id)
{
	struct armkvm_vcpu *vcpu = armkvm_vm_vcpu(vm, id);

	if (!vcpu || !vcpu->engine)
		return ARMKVM_NO_GPA;
	return READ_ONCE(vcpu->engine->para.gpa) >> ARMKVM_PAGE_SHIFT;
}

void engine_para_frames_changed(struct armkvm_vm *vm, u64 start, u64 end)
{
	unsigned int i;

	for (i = 0; i < ARMKVM_MAX_VCPUS; i++) {
		u64 gfn = para_gfn(vm, i);

		if (gfn >= start && gfn < end)
			WRITE_ONCE(armkvm_vm_vcpu(vm, i)->engine->para.check, true);
	}
}

void engine_para_log_again(struct armkvm_vm *vm, u64 first, const unsigned long *bits, size_t longs)
{
	unsigned int i;

	for (i = 0; i < ARMKVM_MAX_VCPUS; i++) {
		u64 gfn = para_gfn(vm, i), n = gfn - first;

		if (gfn >= first && n < longs * BITS_PER_LONG && test_bit(n, bits))
			armkvm_mark_page_dirty(armkvm_gfn_to_memslot(armkvm_memslots(vm), gfn), gfn);
	}
}

void engine_para_drop(struct engine_vcpu *ev)
{
	struct vgic *vgic = armkvm_vgic(ev->vm);

	if (ev->eoi_lazy && vgic)
		vgic_set_lazy(vgic, ev->vcpu->id, false);
	ev->eoi_lazy = false;
	para_release(ev);
	ev->vcpu->para_gpa = ARMKVM_NO_GPA;
	ev->para.gpa = ARMKVM_NO_GPA;
	ev->para.check = false;
}

u32 engine_para_waiting(const struct engine_vcpu *ev, unsigned long lines)
{
	return (lines & BIT(ENGINE_LINE_IRQ) ? ARMKVM_PENDING_IRQ : 0) |
	       (lines & BIT(ENGINE_LINE_FIQ) ? ARMKVM_PENDING_FIQ : 0) |
	       (ev->serror_pending ? ARMKVM_PENDING_ABORT : 0);
}
