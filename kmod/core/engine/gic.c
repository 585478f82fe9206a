// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's accesses to what the module itself has in the guest's address
 * space: its GIC, and the addresses of ioeventfds.
 *
 * An interrupt costs a guest at least two of them (IAR, EOIR), so the common
 * ones have a way of their own.  The shadow tables remember which pages are the
 * GIC's (mmu_mark_device), the abort gives the address, and the instruction need
 * tell nothing but register and size.  All others, and the first one on a page
 * after the guest's TLB maintenance, take the way of every device (fault.c).
 */
#include "../decode.h"
#include "../emulate.h"
#include "../ioeventfd.h"
#include "../irq/gic.h"
#include "../vcpu.h"
#include "engine.h"

bool engine_device_access(struct engine_vcpu *ev, u64 gpa, unsigned int size, bool write,
			  u64 *val)
{
	struct vgic *vgic = armkvm_vgic(ev->vm);
	enum vgic_region region;
	u32 offset, val32;

	if (!vgic || !armkvm_gic_decode(ev->vm, gpa, &region, &offset)) {
		if (!write || !armkvm_ioeventfd_write(ev->vm, gpa, size, *val))
			return false;
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_MODULE_DEVICES);
		return true;
	}
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_MODULE_DEVICES);
	if (write) {
		vgic_mmio_write(vgic, region, ev->vcpu->id, offset, size, *val);
	} else {
		vgic_mmio_read(vgic, region, ev->vcpu->id, offset, size, &val32);
		*val = val32;
	}
	return true;
}

bool engine_is_gic(const struct armkvm_vm *vm, u64 gpa)
{
	enum vgic_region region;
	u32 offset;

	return armkvm_vgic(vm) && armkvm_gic_decode(vm, gpa, &region, &offset);
}

bool engine_gic_overlaps(const struct armkvm_vm *vm, u64 base_gfn, u64 npages)
{
	u64 start = base_gfn << ARMKVM_PAGE_SHIFT, size = npages << ARMKVM_PAGE_SHIFT;

	return armkvm_vgic(vm) && (vm->gic->addr[VGIC_DIST] - start < size ||
				   vm->gic->addr[VGIC_CPUIF] - start < size ||
				   engine_is_gic(vm, start));
}

/*
 * LDR, STR, LDRB, STRB (immediate or register), A8.8.63-70, A8.8.204-210, with an
 * offset that changes no base register: bits 27:26 01, P 1, W 0; not the media
 * instructions, which have bits 25 and 4 set.
 */
static bool is_simple(u32 word)
{
	return (word & 0x0d200000) == 0x05000000 && (word & 0x02000010) != 0x02000010 &&
	       insn_cond(word) != 15 && insn_rd(word) != 15;
}

/* Domains are of the short-descriptor format; others read as clients everywhere. */
static u32 domains(const struct engine_vcpu *ev)
{
	const u32 *r = ev->vcpu->cp15;

	return ev->space->key.mmu_on && !(r[CP15_TTBCR] & WALK_TTBCR_EAE) ? r[CP15_DACR] :
									    0x55555555U;
}

bool engine_gic_fault(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	struct vgic *vgic = armkvm_vgic(ev->vm);
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	enum vgic_region region;
	u32 word, offset, val;
	unsigned int size;
	u64 gpa;

	if (!vgic || cpu->cpsr & (CPU_PSR_T | CPU_PSR_E) || !cpu_mode_privileged(cpu->cpsr))
		return false;
	if (!mmu_device_insn(ev->vm, ev->space, gva, domains(ev), kind == WALK_W, &gpa, cpu->pc,
			     &word) ||
	    !is_simple(word) || !armkvm_gic_decode(ev->vm, gpa, &region, &offset))
		return false;
	size = insn_bit(word, 22) ? 1 : 4;
	if (gva & (size - 1))
		return false;
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_MODULE_DEVICES);
	if (kind == WALK_W) {
		vgic_mmio_write(vgic, region, ev->vcpu->id, offset, size, cpu->r[insn_rd(word)]);
	} else {
		vgic_mmio_read(vgic, region, ev->vcpu->id, offset, size, &val);
		cpu->r[insn_rd(word)] = val;
	}
	emu_skip(cpu, 4);
	return true;
}
