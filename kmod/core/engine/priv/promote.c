// SPDX-License-Identifier: GPL-2.0-only
/* Guests that run privileged: what they call; see ../priv.h. */
#include <linux/ratelimit.h>

#include <asm/armkvm_para.h>

#include "../../../host/host.h"
#include "../../../host/priv.h"
#include "../../fwregs.h"
#include "../../memslot.h"
#include "../../window.h"
#include "../gmem.h"
#include "../priv.h"
#include "../pv.h"

const struct armkvm_memslot *engine_priv_slot(struct engine_vcpu *ev)
{
	const struct armkvm_vm_window *window = &ev->vm->window;
	const struct armkvm_memslot *slot =
		armkvm_gfn_to_memslot(armkvm_memslots(ev->vm), window->base >> ARMKVM_PAGE_SHIFT);

	if (!slot || slot->base_gfn != window->base >> ARMKVM_PAGE_SHIFT ||
	    slot->npages != window->size >> ARMKVM_PAGE_SHIFT ||
	    !armkvm_window_is_at(ev->vm, slot->hva))
		return NULL;
	return slot;
}

/*
 * Do the tables that are in use have the table at @gpa for the switch area's MiB, in a domain that
 * may be accessed?  B3.5.1, B3.7.3
 */
static bool priv_table_is_used(struct engine_vcpu *ev, u64 gpa)
{
	const u32 *r = ev->vcpu->cp15;
	u32 root = r[CP15_TTBCR] & 7 ? r[CP15_TTBR1] : r[CP15_TTBR0], *l1, desc;

	l1 = armkvm_window_at(ev->vm, (root & ~0x3fffU) + (ARMKVM_PRIV_CALL >> 20) * sizeof(*l1));
	if (!l1)
		return false;
	desc = READ_ONCE(*l1);
	/* neither PXN nor NS, which are bits 2 and 3 */
	return (desc & 0xf) == 1 && (desc & ~0x3ffU) == gpa &&
	       (r[CP15_DACR] >> (2 * (desc >> 5 & 0xf)) & 1);
}

static const char *priv_refusal(struct engine_vcpu *ev, u64 gpa)
{
	u32 mode = ev->vcpu->cpu->cpsr & CPU_PSR_MODE;

	if (!ev->vm->window.size || !engine_priv_slot(ev))
		return "the VM's memory is not its window";
	if (mode == CPU_MODE_FIQ)
		return "it is in FIQ mode";
	if (ev->para.gpa != ARMKVM_NO_GPA)
		return "it shares a page with the module";
	if (gpa % ARMKVM_PRIV_TABLE_BYTES || !armkvm_window_at(ev->vm, gpa))
		return "its second-level table is not aligned, or not in its memory";
	if (!priv_table_is_used(ev, gpa))
		return "the table isn't the one that its tables have for the address of calls";
	return armkvm_host_ops.priv->prepare(ev->vcpu, &ev->host, armkvm_window_at(ev->vm, gpa));
}

/* Looks at it, and says in the kernel's log what is amiss, if it is the first time. */
static bool priv_fits(struct engine_vcpu *ev, u64 gpa)
{
	const char *reason = priv_refusal(ev, gpa);

	if (reason && gpa != ev->priv.gpa)
		pr_info_ratelimited("armkvm: VM %d: its guest can't go on privileged: %s\n",
				    ev->vm->creator, reason);
	return !reason;
}

bool engine_priv_is_promoted(struct engine_vcpu *ev)
{
	u64 gpa = ev->vcpu->priv_gpa;

	if (gpa == ARMKVM_NO_GPA)
		return false;
	/* what is amiss may pass */
	if (gpa != ev->priv.gpa || !ev->priv.fits) {
		ev->priv.fits = priv_fits(ev, gpa);
		ev->priv.gpa = gpa;
	}
	return ev->priv.fits;
}

int engine_promote(struct engine_vcpu *ev, u64 gpa)
{
	ev->priv.gpa = ARMKVM_NO_GPA;
	if (!priv_fits(ev, gpa))
		return hc_done(ev, ARMKVM_HC_INVALID);
	ev->priv.fits = true;
	ev->priv.gpa = ev->vcpu->priv_gpa = gpa;
	/* The host's interrupts are FIQs: none of the guest's masks may hold them off. */
	ev->vcpu->cpu->cpsr &= ~CPU_PSR_F;
	return hc_done(ev, ARMKVM_HC_SUCCESS);
}

int engine_demote(struct engine_vcpu *ev)
{
	if (ev->vcpu->priv_gpa == ARMKVM_NO_GPA)
		return hc_done(ev, ARMKVM_HC_INVALID);
	ev->vcpu->priv_gpa = ARMKVM_NO_GPA;
	return hc_done(ev, ARMKVM_HC_SUCCESS);
}
