// SPDX-License-Identifier: GPL-2.0-only
/* Memory that is broken, found by a guest. */
#include <linux/mm.h>

#include "../memslot.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "fault.h"
#include "gmem.h"
#include "regime.h"

#ifdef CONFIG_MEMORY_FAILURE

/* The host's address of the byte at @gva; 0: it has none, or the guest has changed its tables. */
static unsigned long poison_hva_of(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	struct walk_access access = {
		.kind = kind,
		.priv = cpu_mode_privileged(ev->vcpu->cpu->cpsr),
	};
	struct armkvm_vm *vm = ev->vm;
	struct armkvm_memslot *slot;
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;

	engine_walk_ctl(ev->vcpu, &ctl);
	if (walk_gva(&ctl, &gmem_walk_ops, vm, gva, access, &res, &fault))
		return 0;
	slot = armkvm_gfn_to_memslot(armkvm_memslots(vm), res.gpa >> ARMKVM_PAGE_SHIFT);
	if (!slot)
		return 0;
	return armkvm_gfn_to_hva(slot, res.gpa >> ARMKVM_PAGE_SHIFT) +
	       (res.gpa & ~ARMKVM_PAGE_MASK);
}

void engine_report_poison(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	unsigned long hva = poison_hva_of(ev, gva, kind);
	struct page *page;

	if (!hva || get_user_pages_fast(hva, 1, 0, &page) != 1)
		return;
	memory_failure_queue(page_to_pfn(page), 0);
	put_page(page);
}

#else

void engine_report_poison(struct engine_vcpu *ev, u32 gva, u8 kind)
{
}

#endif /* CONFIG_MEMORY_FAILURE */
