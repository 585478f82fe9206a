/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints, as any of the kernel's: /sys/kernel/tracing/events/armkvm/.  One
 * that is off costs a NOP.  kmod/doc/tracing.rst has a use for each.
 *
 * Addresses are the guest's, PSRs are the guest's as it would read them.  The
 * thread tells the VM apart; where an event may come from another thread, the VM is
 * named by the process that created it.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM armkvm

#if !defined(ARMKVM_CORE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ARMKVM_CORE_TRACE_H

#include <linux/tracepoint.h>

#define armkvm_trace_vectors						\
	{ 0, "none" }, { 1, "undef" }, { 2, "svc" }, { 3, "pabt" },	\
	{ 4, "dabt" }, { 6, "irq" }, { 7, "fiq" }

/* WALK_R, WALK_W, WALK_X */
#define armkvm_trace_kinds						\
	{ 1, "read" }, { 2, "write" }, { 4, "fetch" }

TRACE_EVENT(armkvm_entry,
	TP_PROTO(u32 vcpu, u32 pc, u32 cpsr),
	TP_ARGS(vcpu, pc, cpsr),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, pc)
		__field(u32, cpsr)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->pc = pc;
		__entry->cpsr = cpsr;
	),
	TP_printk("vcpu %u pc 0x%08x cpsr 0x%08x", __entry->vcpu, __entry->pc, __entry->cpsr)
);

/*
 * @pc is the exception's return address; @far and @fsc are an abort's.  A light exit is
 * one that engine/light.c has answered: what it did stands before it in the trace.
 */
TRACE_EVENT(armkvm_exit,
	TP_PROTO(u32 vcpu, u32 vector, u32 pc, u32 cpsr, u32 far, u32 fsc, bool light),
	TP_ARGS(vcpu, vector, pc, cpsr, far, fsc, light),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, vector)
		__field(u32, pc)
		__field(u32, cpsr)
		__field(u32, far)
		__field(u32, fsc)
		__field(bool, light)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->vector = vector;
		__entry->pc = pc;
		__entry->cpsr = cpsr;
		__entry->far = far;
		__entry->fsc = fsc;
		__entry->light = light;
	),
	TP_printk("vcpu %u %s pc 0x%08x cpsr 0x%08x far 0x%08x fsc 0x%02x%s", __entry->vcpu,
		  __print_symbolic(__entry->vector, armkvm_trace_vectors), __entry->pc,
		  __entry->cpsr, __entry->far, __entry->fsc,
		  __entry->light ? " light" : "")
);

/* The launcher has executed guest code; @then is ARMKVM_THEN_*. */
TRACE_EVENT(armkvm_emulated,
	TP_PROTO(u32 vcpu, u32 pc, bool flush, u32 then),
	TP_ARGS(vcpu, pc, flush, then),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, pc)
		__field(bool, flush)
		__field(u32, then)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->pc = pc;
		__entry->flush = flush;
		__entry->then = then;
	),
	TP_printk("vcpu %u pc 0x%08x flush %d then %u", __entry->vcpu, __entry->pc,
		  __entry->flush, __entry->then)
);

/* A replaced, privileged or floating-point instruction that C executes. */
TRACE_EVENT(armkvm_emulate,
	TP_PROTO(u32 vcpu, u32 pc, u32 word),
	TP_ARGS(vcpu, pc, word),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, pc)
		__field(u32, word)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->pc = pc;
		__entry->word = word;
	),
	TP_printk("vcpu %u pc 0x%08x instruction 0x%08x", __entry->vcpu, __entry->pc,
		  __entry->word)
);

/* @key is CP15_KEY32 or CP15_KEY64. */
TRACE_EVENT(armkvm_cp15,
	TP_PROTO(u32 vcpu, u32 pc, u32 key, bool write, u64 val),
	TP_ARGS(vcpu, pc, key, write, val),
	TP_STRUCT__entry(
		__field(u64, val)
		__field(u32, vcpu)
		__field(u32, pc)
		__field(u32, key)
		__field(bool, write)
	),
	TP_fast_assign(
		__entry->val = val;
		__entry->vcpu = vcpu;
		__entry->pc = pc;
		__entry->key = key;
		__entry->write = write;
	),
	TP_printk("vcpu %u pc 0x%08x %s%s p%u, %u, c%u, c%u, %u: 0x%llx", __entry->vcpu,
		  __entry->pc, __entry->write ? "mcr" : "mrc", __entry->key >> 31 ? "r" : "",
		  __entry->key >> 16 & 0xf, __entry->key >> 3 & 0xf, __entry->key >> 11 & 0xf,
		  __entry->key >> 7 & 0xf, __entry->key & 7, __entry->val)
);

/* Shadow entry asked for; @ret is mmu_fill()'s answer. */
TRACE_EVENT(armkvm_fill,
	TP_PROTO(u32 vcpu, u32 gva, u64 gpa, u32 kind, bool priv, int ret),
	TP_ARGS(vcpu, gva, gpa, kind, priv, ret),
	TP_STRUCT__entry(
		__field(u64, gpa)
		__field(u32, vcpu)
		__field(u32, gva)
		__field(u32, kind)
		__field(bool, priv)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->gpa = gpa;
		__entry->vcpu = vcpu;
		__entry->gva = gva;
		__entry->kind = kind;
		__entry->priv = priv;
		__entry->ret = ret;
	),
	TP_printk("vcpu %u %s %s gva 0x%08x gpa 0x%llx ret %d", __entry->vcpu,
		  __entry->priv ? "kernel" : "user",
		  __print_symbolic(__entry->kind, armkvm_trace_kinds), __entry->gva,
		  __entry->gpa, __entry->ret)
);

/* An exception for the guest.  @far, @fsr: an abort's, else 0. */
TRACE_EVENT(armkvm_inject,
	TP_PROTO(u32 vcpu, u32 vector, u32 pc, u32 far, u32 fsr),
	TP_ARGS(vcpu, vector, pc, far, fsr),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, vector)
		__field(u32, pc)
		__field(u32, far)
		__field(u32, fsr)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->vector = vector;
		__entry->pc = pc;
		__entry->far = far;
		__entry->fsr = fsr;
	),
	TP_printk("vcpu %u %s at pc 0x%08x far 0x%08x fsr 0x%03x", __entry->vcpu,
		  __print_symbolic(__entry->vector, armkvm_trace_vectors), __entry->pc,
		  __entry->far, __entry->fsr)
);

/* TLB invalidation by the guest: @form is 0 all, 1 by ASID, 2 by address, 3 of all ASIDs. */
TRACE_EVENT(armkvm_tlbi,
	TP_PROTO(u32 vcpu, u32 form, u32 val),
	TP_ARGS(vcpu, form, val),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, form)
		__field(u32, val)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->form = form;
		__entry->val = val;
	),
	TP_printk("vcpu %u %s 0x%08x", __entry->vcpu,
		  __print_symbolic(__entry->form, { 0, "all" }, { 1, "asid" }, { 2, "va" },
				   { 3, "va of all asids" }), __entry->val)
);

/* The guest selects a translation regime: the key of the space that is looked up. */
TRACE_EVENT(armkvm_space,
	TP_PROTO(u32 vcpu, u64 ttbr0, u64 ttbr1, u32 ttbcr, u32 asid, u32 domains),
	TP_ARGS(vcpu, ttbr0, ttbr1, ttbcr, asid, domains),
	TP_STRUCT__entry(
		__field(u64, ttbr0)
		__field(u64, ttbr1)
		__field(u32, ttbcr)
		__field(u32, vcpu)
		__field(u32, asid)
		__field(u32, domains)
	),
	TP_fast_assign(
		__entry->ttbr0 = ttbr0;
		__entry->ttbr1 = ttbr1;
		__entry->ttbcr = ttbcr;
		__entry->vcpu = vcpu;
		__entry->asid = asid;
		__entry->domains = domains;
	),
	TP_printk("vcpu %u ttbr0 0x%llx ttbr1 0x%llx ttbcr 0x%x asid %u domains 0x%08x",
		  __entry->vcpu, __entry->ttbr0, __entry->ttbr1, __entry->ttbcr, __entry->asid,
		  __entry->domains)
);

/* Instruction copy of a guest page; @changed words were replaced. */
TRACE_EVENT(armkvm_copy_build,
	TP_PROTO(int vm, u64 gfn, u32 changed),
	TP_ARGS(vm, gfn, changed),
	TP_STRUCT__entry(
		__field(u64, gfn)
		__field(int, vm)
		__field(u32, changed)
	),
	TP_fast_assign(
		__entry->gfn = gfn;
		__entry->vm = vm;
		__entry->changed = changed;
	),
	TP_printk("vm %d gfn 0x%llx replaced %u", __entry->vm, __entry->gfn, __entry->changed)
);

/* An instruction that meets devices is replaced in its copy, or gets its word back. */
TRACE_EVENT(armkvm_device_insn,
	TP_PROTO(u32 vcpu, u32 pc, bool replaced),
	TP_ARGS(vcpu, pc, replaced),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, pc)
		__field(bool, replaced)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->pc = pc;
		__entry->replaced = replaced;
	),
	TP_printk("vcpu %u pc 0x%08x %s", __entry->vcpu, __entry->pc,
		  __entry->replaced ? "replaced" : "restored")
);

TRACE_EVENT(armkvm_copy_drop,
	TP_PROTO(int vm, u64 gfn),
	TP_ARGS(vm, gfn),
	TP_STRUCT__entry(
		__field(u64, gfn)
		__field(int, vm)
	),
	TP_fast_assign(
		__entry->gfn = gfn;
		__entry->vm = vm;
	),
	TP_printk("vm %d gfn 0x%llx", __entry->vm, __entry->gfn)
);

/* A device access that the launcher must answer; @val is a write's. */
TRACE_EVENT(armkvm_mmio,
	TP_PROTO(u32 vcpu, u64 gpa, u32 len, bool write, u64 val),
	TP_ARGS(vcpu, gpa, len, write, val),
	TP_STRUCT__entry(
		__field(u64, gpa)
		__field(u64, val)
		__field(u32, vcpu)
		__field(u32, len)
		__field(bool, write)
	),
	TP_fast_assign(
		__entry->gpa = gpa;
		__entry->val = val;
		__entry->vcpu = vcpu;
		__entry->len = len;
		__entry->write = write;
	),
	TP_printk("vcpu %u %s gpa 0x%llx len %u val 0x%llx", __entry->vcpu,
		  __entry->write ? "write" : "read", __entry->gpa, __entry->len, __entry->val)
);

/* HVC or SMC: function number and arguments; @action is an enum psci_action. */
TRACE_EVENT(armkvm_hypercall,
	TP_PROTO(u32 vcpu, const u32 *args, u32 action),
	TP_ARGS(vcpu, args, action),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, action)
		__array(u32, args, 4)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->action = action;
		memcpy(__entry->args, args, sizeof(__entry->args));
	),
	TP_printk("vcpu %u function 0x%08x args 0x%08x 0x%08x 0x%08x: %s", __entry->vcpu,
		  __entry->args[0], __entry->args[1], __entry->args[2], __entry->args[3],
		  __print_symbolic(__entry->action, { 0, "done" }, { 1, "wait" },
				   { 2, "cpu off" }, { 3, "system off" }, { 4, "system reset" },
				   { 5, "paravirtual" }, { 6, "undefined" }))
);

/* A vCPU that another one has powered on begins. */
TRACE_EVENT(armkvm_power_on,
	TP_PROTO(u32 vcpu, u32 pc, u32 arg),
	TP_ARGS(vcpu, pc, arg),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(u32, pc)
		__field(u32, arg)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->pc = pc;
		__entry->arg = arg;
	),
	TP_printk("vcpu %u pc 0x%08x arg 0x%08x", __entry->vcpu, __entry->pc,
		  __entry->arg)
);

/* @line: 0 IRQ, 1 FIQ. */
TRACE_EVENT(armkvm_irq_line,
	TP_PROTO(int vm, u32 vcpu, u32 line, bool level),
	TP_ARGS(vm, vcpu, line, level),
	TP_STRUCT__entry(
		__field(int, vm)
		__field(u32, vcpu)
		__field(u32, line)
		__field(bool, level)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->vcpu = vcpu;
		__entry->line = line;
		__entry->level = level;
	),
	TP_printk("vm %d vcpu %u %s %u", __entry->vm, __entry->vcpu,
		  __entry->line ? "fiq" : "irq", __entry->level)
);

/* A vCPU waits for an interrupt, and has waited. */
TRACE_EVENT(armkvm_sleep,
	TP_PROTO(u32 vcpu, bool begin),
	TP_ARGS(vcpu, begin),
	TP_STRUCT__entry(
		__field(u32, vcpu)
		__field(bool, begin)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->begin = begin;
	),
	TP_printk("vcpu %u %s", __entry->vcpu, __entry->begin ? "begin" : "end")
);

#endif /* ARMKVM_CORE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
