// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device access by call.  It goes where a trapped access goes: the module's own
 * devices, ioeventfds, the launcher; only the way there is shorter, as no
 * instruction has to be fetched, decoded and translated.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "../../ioeventfd.h"
#include "../../memslot.h"
#include "../../trace.h"
#include "../gmem.h"
#include "hypercall.h"
#include "../regime.h"

static const struct armkvm_memslot *mmio_slot_of(struct armkvm_vm *vm, u64 gpa)
{
	return armkvm_gfn_to_memslot(armkvm_memslots(vm), gpa >> ARMKVM_PAGE_SHIFT);
}

/* Is there a slot?  For who is not in vm->srcu, with interrupts on or off. */
static bool mmio_in_slot(struct armkvm_vm *vm, u64 gpa)
{
	int idx = srcu_read_lock(&vm->srcu);
	bool found = mmio_slot_of(vm, gpa);

	srcu_read_unlock(&vm->srcu, idx);
	return found;
}

/*
 * What is wrong with a device's address @gpa for accesses of @size bytes: 0 or a status.
 * Read-only memory is a device to writes (flash), and is read as the memory it is.
 */
static int mmio_check_address(struct engine_vcpu *ev, u64 gpa, u32 size)
{
	const struct armkvm_memslot *slot;

	if (gpa & (size - 1))
		return ARMKVM_HC_INVALID;
	if (gpa >> HC_GPA_BITS)
		return ARMKVM_HC_BAD_ADDRESS;
	slot = mmio_slot_of(ev->vm, gpa);
	return slot && !(slot->flags & ARMKVM_MEM_READONLY) ? ARMKVM_HC_BAD_ADDRESS : 0;
}

/* The module's devices, and read-only memory; false: it is the launcher's. */
static bool mmio_access_here(struct engine_vcpu *ev, u64 gpa, u32 size, bool write, u64 *val)
{
	if (mmio_slot_of(ev->vm, gpa)) {
		*val = write ? *val : 0;
		return !write && !gmem_read(ev->vm, gpa, val, size);
	}
	return engine_device_access(ev, gpa, size, write, val);
}

/* @val's @size bytes the other way round, for callers with CPSR.E set */
static u64 mmio_swap_bytes(u64 val, u32 size)
{
	return swab64(val) >> (64 - 8 * size);
}

static void mmio_set_result(struct armkvm_cpu *cpu, u64 val)
{
	u32 size = cpu->r[3];

	if (size < 8)
		val &= (1ULL << 8 * size) - 1;
	if (hc_big_endian(cpu))
		val = mmio_swap_bytes(val, size);
	cpu->r[1] = val;
	cpu->r[2] = val >> 32;
}

static bool mmio_is_size(u32 size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static u64 mmio_write_value(const struct armkvm_cpu *cpu)
{
	u64 val = cpu->r[4] | (u64)cpu->r[5] << 32;

	return hc_big_endian(cpu) ? mmio_swap_bytes(val, cpu->r[3]) : val;
}

static int mmio_exit(struct engine_vcpu *ev, u64 gpa, u32 size, bool write, u64 val)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_run *run = vcpu->run;

	run->exit_reason = ARMKVM_EXIT_MMIO;
	run->mmio.phys_addr = gpa;
	run->mmio.len = size;
	run->mmio.is_write = write;
	run->mmio.is_hypercall = 1;
	memcpy(run->mmio.data, &val, sizeof(run->mmio.data));
	ev->call_pending = write ? ARMKVM_HC_MMIO_WRITE : ARMKVM_HC_MMIO_READ;
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_MMIO_EXITS);
	trace_armkvm_mmio(vcpu->id, gpa, size, write, val);
	return ENGINE_USER;
}

int hc_mmio_light(struct engine_vcpu *ev, bool write)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u64 gpa = hc_gpa(cpu), val = 0;
	u32 size = cpu->r[3];

	/* Errors, and memory: RAM hides a device. */
	if (!mmio_is_size(size) || gpa & (size - 1) || gpa >> HC_GPA_BITS ||
	    mmio_in_slot(ev->vm, gpa))
		return -EAGAIN;
	/* Nor eventfds where their locks sleep */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !engine_is_gic(ev->vm, gpa))
		return -EAGAIN;
	if (write)
		val = mmio_write_value(cpu);
	if (!engine_device_access(ev, gpa, size, write, &val))
		return mmio_exit(ev, gpa, size, write, val);
	if (!write)
		mmio_set_result(cpu, val);
	return hc_done(ev, ARMKVM_HC_SUCCESS);
}

int hc_mmio(struct engine_vcpu *ev, bool write)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u64 gpa = hc_gpa(cpu), val = 0;
	u32 size = cpu->r[3];
	int err;

	if (!mmio_is_size(size))
		return hc_done(ev, ARMKVM_HC_INVALID);
	err = mmio_check_address(ev, gpa, size);
	if (err)
		return hc_done(ev, err);
	if (write)
		val = mmio_write_value(cpu);
	if (mmio_access_here(ev, gpa, size, write, &val)) {
		if (!write)
			mmio_set_result(cpu, val);
		return hc_done(ev, ARMKVM_HC_SUCCESS);
	}
	return mmio_exit(ev, gpa, size, write, val);
}

/* The launcher had the vCPU's registers, too: of those only numbers are taken. */
int hc_mmio_complete(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 size = cpu->r[3];
	u64 val;

	if (cpu->r[0] == ARMKVM_HC_MMIO_READ && mmio_is_size(size)) {
		memcpy(&val, ev->vcpu->run->mmio.data, sizeof(val));
		mmio_set_result(cpu, val);
	}
	return hc_done(ev, ARMKVM_HC_SUCCESS);
}

/*
 * -- string calls --------------------------------------------------------------
 *
 * While such a call is interrupted, r2 and r3 have the number of units done above the
 * address and the size, and r1, r4 and r5 are the caller's.
 */

#define STRING_GPA_BITS		(HC_GPA_BITS - 32)	/* of r2 */
#define STRING_SIZE_BITS	24			/* of r3 */
#define STRING_DONE_IN_R2	(32 - STRING_GPA_BITS)	/* bits of it */

struct hc_string {
	u64 gpa;
	u32 size;
	u32 done;
	u32 count;
	u32 gva;			/* of the buffer, behind what is done */
};

static void mmio_string_load(const struct armkvm_cpu *cpu, struct hc_string *s)
{
	*s = (struct hc_string) { .gpa = hc_gpa(cpu), .size = cpu->r[3], .count = cpu->r[5] };
	if (cpu->r[0] & ARMKVM_HC_CONTINUED) {
		s->done = cpu->r[2] >> STRING_GPA_BITS |
			  cpu->r[3] >> STRING_SIZE_BITS << STRING_DONE_IN_R2;
		s->gpa &= (1ULL << HC_GPA_BITS) - 1;
		s->size &= (1U << STRING_SIZE_BITS) - 1;
	}
	s->gva = cpu->r[4] + s->done * s->size;
}

/* The caller's registers again, with the number of units done as the result. */
static int mmio_string_done(struct engine_vcpu *ev, const struct hc_string *s, int status)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;

	cpu->r[1] = s->done;
	cpu->r[2] = s->gpa >> 32;
	cpu->r[3] = s->size;
	return hc_done(ev, status);
}

/* @n more units are done: the end, or back to the call, interrupts first. */
static int mmio_string_advance(struct engine_vcpu *ev, struct hc_string *s, u32 n)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;

	s->done += n;
	if (s->done >= s->count)
		return mmio_string_done(ev, s, ARMKVM_HC_SUCCESS);
	cpu->r[0] |= ARMKVM_HC_CONTINUED;
	cpu->r[2] = (u32)(s->gpa >> 32) | s->done << STRING_GPA_BITS;
	cpu->r[3] = s->size | s->done >> STRING_DONE_IN_R2 << STRING_SIZE_BITS;
	return ENGINE_GUEST;
}

/* What is wrong with the call @s: 0 or a status. */
static int mmio_string_check(struct engine_vcpu *ev, const struct hc_string *s)
{
	if (s->size != 1 && s->size != 2 && s->size != 4)
		return ARMKVM_HC_INVALID;
	if (s->gva & (s->size - 1) || s->done > s->count)
		return ARMKVM_HC_INVALID;
	return mmio_check_address(ev, s->gpa, s->size);
}

/* Units of @data that are answered here, up to @n.  Returns their number. */
static u32 mmio_string_here(struct engine_vcpu *ev, const struct hc_string *s, bool write, u8 *data,
			    u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u64 val = 0;

		if (write)
			memcpy(&val, data + i * s->size, s->size);
		if (!mmio_access_here(ev, s->gpa, s->size, write, &val))
			break;
		if (!write)
			memcpy(data + i * s->size, &val, s->size);
	}
	return i;
}

static int mmio_string_exit(struct engine_vcpu *ev, const struct hc_string *s, bool write, u32 n,
			    u64 buffer)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_run *run = vcpu->run;

	run->exit_reason = ARMKVM_EXIT_MMIO_STRING;
	run->mmio_string.phys_addr = s->gpa;
	run->mmio_string.data_offset = PAGE_SIZE;
	run->mmio_string.len = s->size;
	run->mmio_string.count = n;
	run->mmio_string.is_write = write;
	memset(run->mmio_string.padding, 0, sizeof(run->mmio_string.padding));
	ev->call_pending = write ? ARMKVM_HC_MMIO_WRITES : ARMKVM_HC_MMIO_READS;
	ev->string_units = n;
	ev->string_buffer = buffer;
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_MMIO_EXITS);
	trace_armkvm_mmio(vcpu->id, s->gpa, s->size * n, write, 0);
	return ENGINE_USER;
}

/* One piece: what of the buffer lies in one page, in the launcher's hands at once. */
int hc_mmio_string(struct engine_vcpu *ev, bool write)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct walk_ctl ctl;
	struct hc_string s;
	u32 n, here;
	u64 buffer;
	int err;

	mmio_string_load(vcpu->cpu, &s);
	err = mmio_string_check(ev, &s);
	if (err)
		return mmio_string_done(ev, &s, err);
	if (s.done == s.count)
		return mmio_string_done(ev, &s, ARMKVM_HC_SUCCESS);
	engine_walk_ctl(vcpu, &ctl);
	if (!hc_translate(ev, &ctl, s.gva, write ? WALK_R : WALK_W, &buffer))
		return mmio_string_done(ev, &s, ARMKVM_HC_BAD_ADDRESS);
	/* sizes are 1, 2 and 4 */
	n = min_t(u32, s.count - s.done, (ARMKVM_PAGE_SIZE - (s.gva & ~ARMKVM_PAGE_MASK)) >> (s.size >> 1));
	if (write && gmem_read(ev->vm, buffer, vcpu->data, n * s.size))
		return mmio_string_done(ev, &s, ARMKVM_HC_BAD_ADDRESS);

	here = mmio_string_here(ev, &s, write, vcpu->data, min(n, HC_PIECE));
	if (!here) {
		/* Writes that an ioeventfd may take are looked at one by one. */
		if (write && armkvm_ioeventfd_at(ev->vm, s.gpa))
			n = 1;
		return mmio_string_exit(ev, &s, write, n, buffer);
	}
	if (!write && gmem_write(ev->vm, buffer, vcpu->data, here * s.size))
		return mmio_string_done(ev, &s, ARMKVM_HC_BAD_ADDRESS);
	return mmio_string_advance(ev, &s, here);
}

int hc_mmio_string_complete(struct engine_vcpu *ev)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct hc_string s;

	mmio_string_load(vcpu->cpu, &s);
	/* The launcher may have changed the registers since; its own loss, within bounds. */
	if (s.size * ev->string_units > ARMKVM_PAGE_SIZE)
		return mmio_string_done(ev, &s, ARMKVM_HC_INVALID);
	if ((vcpu->cpu->r[0] & ~ARMKVM_HC_CONTINUED) == ARMKVM_HC_MMIO_READS &&
	    gmem_write(ev->vm, ev->string_buffer, vcpu->data, s.size * ev->string_units))
		return mmio_string_done(ev, &s, ARMKVM_HC_BAD_ADDRESS);
	return mmio_string_advance(ev, &s, ev->string_units);
}

/* The launcher found no device there. */
void engine_call_no_device(struct engine_vcpu *ev)
{
	u32 call = ev->call_pending;
	struct hc_string s;

	ev->call_pending = 0;
	if (call == ARMKVM_HC_MMIO_READS || call == ARMKVM_HC_MMIO_WRITES) {
		mmio_string_load(ev->vcpu->cpu, &s);
		mmio_string_done(ev, &s, ARMKVM_HC_BAD_ADDRESS);
	} else {
		hc_done(ev, ARMKVM_HC_BAD_ADDRESS);
	}
}
