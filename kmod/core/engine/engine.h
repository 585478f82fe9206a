/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine: runs guest code in shadow mode.
 *
 *   ../engine-ops.h  what the rest of the module calls
 *   run.c       the loop of ARMKVM_RUN: what is due before the guest runs, the
 *               stay in the guest, and the dispatch of what ended it
 *   light.c     what needs neither sleep nor the launcher, with interrupts off
 *   exits.c     one handler an exception: what the guest meant by it
 *   tlbi-loop.c loops of TLB maintenance, several turns at once
 *   fault.c     aborts: guest tables, shadow fill, devices, or the guest's own fault
 *   access.c    loads and stores that the module executes, access by access
 *   inject.c    the guest takes an exception
 *   regime.c    the translation regime that the guest has set
 *   irq.c       interrupt lines, kicks, the generic timer
 *   device.c    loads and stores that meet devices again and again
 *   module-devices.c  the module's GIC and ioeventfds in the guest's address space
 *   exact.c     loads from instruction copies that can't be read
 *   firmware.c  HVC and SMC: PSCI
 *   para.h      the page that a vCPU shares with its guest
 *   pv.h        what is asked of pv/, which stands above the engine: the guest's calls
 *   debug.c     breakpoints of the launcher's debugger
 *   events.c    aborts that the launcher injects
 *   priv.h      what is asked of priv/, which stands above the engine: guests that run privileged
 *   handover.c  what the launcher executes for the guest: system registers of its, and code
 *   gmem.c      guest memory as the module itself reads and writes it
 *
 * A handler's result is an enum engine_next.  Held throughout: the vCPU's mutex
 * and a read section of vm->srcu, which the loop leaves while the guest runs
 * for long or sleeps.
 */
#ifndef ARMKVM_CORE_ENGINE_H
#define ARMKVM_CORE_ENGINE_H

#include <linux/rcuwait.h>
#include <linux/smp.h>
#include <linux/types.h>

#include <host_world.h>

#include "handover.h"
#include "../cp15.h"
#include "../irq/timer.h"
#include "../arm/ldst.h"
#include "../mmu/mmu.h"
#include "../arm/walk.h"
#include "para.h"
#include "tlbi-loop.h"

struct armkvm_vcpu;
struct armkvm_vm;

enum engine_next {
	ENGINE_GUEST,		/* back to the guest */
	ENGINE_USER,		/* to the launcher: the run page says why */
	ENGINE_SLEEP,		/* until an interrupt is pending */
	/* or a negative errno: ARMKVM_RUN's result */
};

struct engine_vcpu {
	struct armkvm_vcpu *vcpu;
	struct armkvm_vm *vm;
	struct mmu_vcpu mmu;
	struct host_vcpu host;
	struct engine_para para;
	bool eoi_lazy;			/* eoi.c: the guest may end eoi_iar by a store */
	u32 eoi_iar;
	bool vfp_live;
	bool frame_leaves;		/* a fill met a slot that is being changed: wait for it */
	bool mmio_pending;		/* mmio waits for the launcher's answer */
	struct ldst_run mmio;
	struct cp_exit cp_exit;		/* or an access to a system register of its */
	struct emulated emulated;	/* what the launcher has left behind that executed guest code */
	u32 call_pending;		/* or a call does: ARMKVM_HC_*; 0: none */
	u32 string_units;		/* of a string call, for the guest's RAM at string_buffer */
	u64 string_buffer;
	struct {			/* exclusive.c: what LDREX has seen; size 0: nothing */
		u64 gpa;
		u64 val;
		u8 size;
	} excl;
	struct {			/* device.c */
		struct ldst_simple insn;
		u32 gva;
		u64 gpa;
		bool pending;		/* so is mmio_pending: @insn waits, not mmio */
		bool replace;		/* the instruction at @replace_pc is to be replaced */
		bool due;		/* engine_device_access_found() is to be called */
		u32 replace_pc;
		struct device_heat {	/* by pc: the last ones met */
			u32 pc;
			s32 n;		/* devices met since the last change of the instruction */
		} heat[16];
	} device;

	struct {			/* priv.h */
		u64 gpa;		/* what of vcpu->priv_gpa has been looked at */
		bool fits;		/* with that the guest can be privileged */
		bool may;		/* nothing keeps it from being so */
		bool running;		/* its last stay was */
		int changes;		/* of vm->priv_changes, when that was decided */
		unsigned int stays;	/* counted for direct_stress */
	} priv;

	struct rcuwait wait;		/* the vCPU's thread, which hard interrupts may wake */
	call_single_data_t kick;	/* ends the stay */
	unsigned long lines;		/* the pins, while the GIC is the launcher's; atomic */

	struct tlbi_last tlbi_last;	/* by address */
	struct {			/* exits.c: the last that was perhaps no undefined instruction */
		u32 pc;
		u8 tries;
	} undef;

	u32 debug_control;		/* ARMKVM_GUESTDBG_*, 0 unless enabled */
	bool serror_pending;		/* an asynchronous abort waits for CPSR.A */
	u32 serror_fsr;			/* its DFSR, or 0: the architecture's */

	struct pid *thread;		/* that ran it last, or NULL; changed under power_lock */
	u64 run_delay;			/* of the thread steal_pid: steal.c */
	pid_t steal_pid;

	struct gtimer timer;
	int count_changes;		/* of vm->count_changes, those that the timer knows */
	u64 told_levels;		/* ARMKVM_DEV_*, as the launcher knows them */

	spinlock_t power_lock;		/* thread, on_*, and mp_state's changes by PSCI */
	bool on_pending;		/* another vCPU's CPU_ON waits to be taken */
	u32 on_entry;
	u32 on_arg;
};

/* Bit numbers; as VGIC_LINE_* are bits. */
#define ENGINE_LINE_IRQ		0
#define ENGINE_LINE_FIQ		1

/* The vCPU's interrupt lines that are up: the module's GIC's, or the pins.  Any context. */
unsigned long engine_lines(const struct engine_vcpu *ev);

/* A pin changes, from any context; wakes a sleeping vCPU and ends its stay. */
void engine_set_line(struct armkvm_vcpu *vcpu, unsigned int line, bool level);

/*
 * ARMKVM_IRQ_LINE.  Returns 0, -EFAULT, -EINVAL (unknown type, no such vCPU or
 * number), -ENXIO (pins while the module has the GIC, interrupts while it hasn't),
 * or what armkvm_gic_get() says.
 */
long engine_irq_line(struct armkvm_vm *vm, const void __user *arg);

/* irq.c */
void engine_kick_init(struct engine_vcpu *ev);
/* No kick is on its way any more, and none comes.  Process context. */
void engine_kick_flush(void);
/* Ends the vCPU's stay in the guest, and its sleep.  Any context. */
void engine_kick(struct engine_vcpu *ev);
/* The guest takes an interrupt that is pending and unmasked: FIQ before IRQ, B1.8.1. */
void engine_deliver_interrupts(struct engine_vcpu *ev);
void engine_timer_init(struct engine_vcpu *ev);
/* The timer follows what the guest or the launcher wrote to cp15. */
void engine_timer_update(struct engine_vcpu *ev);
/* Does the launcher, whose GIC the timer's outputs go to, not know them yet? */
bool engine_lines_changed(const struct engine_vcpu *ev);
/* The run page gets the timer's outputs, at the end of ARMKVM_RUN. */
void engine_tell_lines(struct engine_vcpu *ev);

/* module-devices.c */
/*
 * A device access that the module answers itself: @val is what is written, or
 * gets what was read.  Returns false if it is the launcher's.
 */
bool engine_device_access(struct engine_vcpu *ev, u64 gpa, unsigned int size, bool write,
			  u64 *val);
/* Is @gpa in a register block of the module's GIC? */
bool engine_is_gic(const struct armkvm_vm *vm, u64 gpa);

/* device.c */
/* To the launcher: an access to a device.  @val is a write's; the run page has it all. */
void engine_mmio_exit(struct engine_vcpu *ev, u64 gpa, unsigned int size, bool write, u64 val);
/*
 * Is the instruction at the pc, whose access of @kind at @gva aborted, an ordinary access to a
 * device that is remembered?  Then engine_device_access_found() does it.  Held: mmu->lock, with
 * ev->mmu.space fresh.
 */
bool engine_device_find(struct engine_vcpu *ev, u32 gva, u8 kind);
/* As engine_device_find(), for the replaced instruction @word, which device.insn has decoded. */
bool engine_device_find_replaced(struct engine_vcpu *ev, u32 word);
/*
 * Does the access that was found.  Returns ENGINE_GUEST, or ENGINE_USER: the launcher has to
 * answer.
 */
int engine_device_access_found(struct engine_vcpu *ev);
/* The launcher has answered the access that engine_device_access_found() left to it. */
int engine_device_complete(struct engine_vcpu *ev);
/*
 * As engine_device_complete(), but the launcher found no device: the access ends in an external
 * abort, which the caller injects for the address and direction in @acc.
 */
void engine_device_abandon(struct engine_vcpu *ev, struct ldst_access *acc);
/* The kernel's instruction at the pc, in ARM state, has trapped for a device. */
void engine_device_count(struct engine_vcpu *ev);
/*
 * Replaces the instruction whose trap count has reached armkvm_mmio_patch (device.replace) in the
 * copy of its page.  May sleep.
 */
void engine_device_replace(struct engine_vcpu *ev);
/*
 * The replaced instruction at the pc met RAM, and has its original word again: it has to meet
 * devices more often before it is replaced once more.
 */
void engine_device_restored(struct engine_vcpu *ev);
/* The device that a privileged access at @gva meets, if it is remembered. */
bool engine_device_at(struct engine_vcpu *ev, u32 gva, bool write, u64 *gpa);

/* debug.c */
/* ARMKVM_SET_GUEST_DEBUG.  Returns 0 or its errors.  Held: vcpu->mutex. */
long engine_set_guest_debug(struct armkvm_vcpu *vcpu, const void __user *arg);
/* Is the BKPT at the pc the debugger's?  Then the run page says so, and the run ends. */
bool engine_debug_trap(struct engine_vcpu *ev);

/* events.c */
/*
 * ARMKVM_GET_VCPU_EVENTS and ARMKVM_SET_VCPU_EVENTS.  Return 0 or their errors.  Held:
 * vcpu->mutex.
 */
long engine_get_vcpu_events(struct engine_vcpu *ev, void __user *arg);
long engine_set_vcpu_events(struct engine_vcpu *ev, const void __user *arg);
/* The guest takes an asynchronous abort that is pending and not masked by CPSR.A. */
void engine_deliver_serror(struct engine_vcpu *ev);

/* firmware.c */
/* The vCPU's thread takes the power-on that another vCPU has asked for: DEN 0022 6.4. */
void engine_power_on(struct engine_vcpu *ev);

/* Fills in what the guest is given for a stay in ev->mmu.space. */
void engine_fill_entry(struct engine_vcpu *ev, struct host_entry *entry);
/*
 * Has the fast path gone over to the tables of entry->other since @entry was filled?  Never before
 * it was filled.  The caller makes ev->mmu.space follow.
 */
bool engine_has_swapped(const struct engine_vcpu *ev, const struct host_entry *entry);

/* Executes HVC with immediate @imm, or SMC, at the pc; all four bytes of it, in either state. */
int engine_hypercall(struct engine_vcpu *ev, bool hvc, u32 imm);
/* The guest asks for ARMKVM_SYSTEM_EVENT_* @type. */
int engine_system_event(struct engine_vcpu *ev, u32 type);

/* Executes @word, VMRS or VMSR of a system register or of FPSCR, which trapped. */
int engine_fp_sys(struct engine_vcpu *ev, u32 word);
/* May cp10 and cp11 be used in a privileged mode (@priv) or User mode?  CPACR, B4.1.40 */
bool engine_fp_allowed(const struct armkvm_vcpu *vcpu, bool priv);
/* Does VMRS or VMSR @word leave alone what the hardware holds?  Then the light path may do it. */
bool engine_fp_sys_is_light(const struct engine_vcpu *ev, u32 word);

/* exits.c */
/*
 * TLB maintenance with the operand @val, by address up to that of @last.  Returns
 * false if @op is something else.  Held: mmu->lock; the commit is the caller's.
 */
bool engine_tlbi(struct engine_vcpu *ev, enum cp15_op op, u32 val, u32 *last);
/* Is @op TLB maintenance by address, with or without an ASID? */
bool engine_tlbi_by_address(enum cp15_op op);
/* What the exception that ended the stay wants: one handler for each.  May sleep. */
int engine_handle_exit(struct engine_vcpu *ev, const struct host_exit *exit);
/* The event armkvm_exit; @pc and @cpsr are those before the exit was handled. */
void engine_trace_exit(struct engine_vcpu *ev, const struct host_exit *exit, u32 pc, u32 cpsr,
		       bool light);

#endif /* ARMKVM_CORE_ENGINE_H */
