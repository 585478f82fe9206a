// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exclusive accesses that can't run natively.
 *
 * Guest kernel code runs in a read-only copy of its page, so a store into that very
 * page is done by C, and an exit clears the hardware's monitor: a LDREX, STREX loop on a
 * word beside itself would never end.  Once a STREX has met that, the copies of its page
 * have all their exclusive instructions replaced (PATCH_EXCL), and they are done here: the
 * store happens if memory still holds what the load has seen.
 *
 * ARM DDI 0406C A3.4, A8.8.75-78, A8.8.212-215, A8.8.32.
 */
#include <linux/mm.h>
#include <linux/swab.h>

#include "../../compat/highmem.h"
#include "../arm/decode.h"
#include "../arm/emulate.h"
#include "../memslot.h"
#include "../arm/patch.h"
#include "../vcpu.h"
#include "../vm.h"
#include "access.h"
#include "engine.h"
#include "gmem.h"
#include "inject.h"
#include "regime.h"

/* Memory's bytes as a number in a register or two, and the other way, in CPSR.E order. */
static u64 exclusive_reorder(u64 val, unsigned int size, bool big)
{
	if (!big)
		return val;
	switch (size) {
	case 2:
		return swab16(val);
	case 4:
		return swab32(val);
	case 8:
		return swab32(val) | (u64)swab32(val >> 32) << 32;
	default:
		return val;
	}
}

/*
 * Stores @new if memory at @gpa holds @old.  Returns 0, -EAGAIN (it holds something else), -ENOENT,
 * -EROFS or -EFAULT.
 */
static int exclusive_store_if(struct armkvm_vm *vm, u64 gpa, unsigned int size, u64 old, u64 new)
{
	struct armkvm_memslot *slot = armkvm_gfn_to_memslot(armkvm_memslots(vm), gpa >> ARMKVM_PAGE_SHIFT);
	unsigned long hva;
	struct page *page;
	u64 seen;
	void *va, *at;

	if (!slot)
		return -ENOENT;
	if (slot->flags & ARMKVM_MEM_READONLY)
		return -EROFS;
	hva = armkvm_gfn_to_hva(slot, gpa >> ARMKVM_PAGE_SHIFT) + (gpa & ~ARMKVM_PAGE_MASK);
	if (get_user_pages_fast(hva, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	va = kmap_local_page(page);
	at = va + offset_in_page(hva);
	switch (size) {
	case 1:
		seen = cmpxchg((u8 *)at, (u8)old, (u8)new);
		break;
	case 2:
		seen = cmpxchg((u16 *)at, (u16)old, (u16)new);
		break;
	case 4:
		seen = cmpxchg((u32 *)at, (u32)old, (u32)new);
		break;
	default:
		seen = cmpxchg64((u64 *)at, old, new);
		break;
	}
	kunmap_local(va);
	set_page_dirty_lock(page);
	put_page(page);
	gmem_written(vm, gpa);
	return seen == old ? 0 : -EAGAIN;
}

void engine_exclusive_fails(struct engine_vcpu *ev, const struct ldst *insn, u64 code_gfn)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;

	mmu_replace_exclusives(ev->vm, code_gfn);
	ev->excl.size = 0;
	cpu->r[insn->rd] = 1;
	emu_skip(cpu, 4);
}

int engine_exclusive(struct engine_vcpu *ev, const struct ldst *insn)
{
	struct walk_access access = { .priv = true };
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	bool big = cpu->cpsr & CPU_PSR_E;
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;
	struct ldst again;
	unsigned int size;
	u64 val = 0;
	u32 gva, word;
	int ret;

	if (!insn) {
		ev->excl.size = 0;
		emu_skip(cpu, 4);
		return ENGINE_GUEST;
	}
	size = insn->size;
	access.kind = insn->load ? WALK_R : WALK_W;
	gva = cpu->r[insn->rn] + insn->imm;
	if (gva & (size - 1)) {
		engine_inject_alignment(ev, gva, access.kind);
		return ENGINE_GUEST;
	}
	engine_walk_ctl(ev->vcpu, &ctl);
	if (walk_gva(&ctl, &gmem_walk_ops, ev->vm, gva, access, &res, &fault)) {
		engine_inject_dabt(ev, gva, walk_dfsr(&ctl, &fault, !insn->load, false));
		return ENGINE_GUEST;
	}
	if (insn->load) {
		ret = gmem_read(ev->vm, res.gpa, &val, size);
		if (!ret) {
			ev->excl.gpa = res.gpa;
			ev->excl.val = val;
			ev->excl.size = size;
			val = exclusive_reorder(val, size, big);
			cpu->r[insn->rt] = val;
			if (size == 8)
				cpu->r[insn->rt2] = val >> 32;
		}
	} else {
		val = cpu->r[insn->rt] | (size == 8 ? (u64)cpu->r[insn->rt2] << 32 : 0);
		ret = -EAGAIN;
		if (ev->excl.size == size && ev->excl.gpa == res.gpa)
			ret = exclusive_store_if(ev->vm, res.gpa, size, ev->excl.val,
						 exclusive_reorder(val, size, big));
		ev->excl.size = 0;
		if (!ret || ret == -EAGAIN) {
			cpu->r[insn->rd] = ret ? 1 : 0;
			ret = 0;
		}
	}
	if (ret) {
		engine_fetch_ldst(ev, &again, &word);
		return engine_emulate(ev, ARMKVM_ERROR_INSN, word,
				      "an exclusive access to what is no RAM (address 0x%08x)", gva);
	}
	emu_skip(cpu, 4);
	return ENGINE_GUEST;
}
