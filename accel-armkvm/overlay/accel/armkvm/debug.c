/*
 * armkvm accelerator: gdbstub's breakpoints, watchpoints and single step
 *
 * Software breakpoints are instructions written into guest RAM and seen by all
 * vCPUs; the module is told to bring those and hardware ones to QEMU.  A single
 * step is a run to a temporary one.  Watchpoints are TCG's (watch.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exec/gdbstub.h"
#include "exec/target_page.h"
#include "gdbstub/enums.h"
#include "system/armkvm_int.h"
#include "system/runstate.h"
#include "trace.h"

bool armkvm_supports_guest_debug(void)
{
    return armkvm_check_extension(armkvm_state,
                                  ARMKVM_CAP_SET_GUEST_DEBUG) > 0;
}

ArmkvmSwBreakpoint *armkvm_find_sw_breakpoint(vaddr pc)
{
    ArmkvmSwBreakpoint *bp;

    QTAILQ_FOREACH(bp, &armkvm_state->sw_breakpoints, next) {
        if (bp->pc == pc) {
            return bp;
        }
    }
    return NULL;
}

static void do_update_guest_debug(CPUState *cpu, run_on_cpu_data arg)
{
    struct armkvm_guest_debug dbg = { };
    int *ret = arg.host_ptr;

    if (!QTAILQ_EMPTY(&armkvm_state->sw_breakpoints) ||
        armkvm_state->nr_steps) {
        dbg.control |= ARMKVM_GUESTDBG_ENABLE | ARMKVM_GUESTDBG_USE_SW_BP;
    }
    armkvm_arch_fill_guest_debug(&dbg);
    *ret = armkvm_ioctl(cpu->accel->fd, ARMKVM_SET_GUEST_DEBUG, &dbg);
}

int armkvm_update_guest_debug(CPUState *cpu)
{
    int ret;

    run_on_cpu(cpu, do_update_guest_debug, RUN_ON_CPU_HOST_PTR(&ret));
    return ret;
}

static int update_all(void)
{
    CPUState *cpu;
    int ret = 0;

    CPU_FOREACH(cpu) {
        ret = armkvm_update_guest_debug(cpu);
        if (ret < 0) {
            break;
        }
    }
    return ret;
}

static int insert_sw(CPUState *cpu, vaddr addr, vaddr len)
{
    ArmkvmSwBreakpoint *bp = armkvm_find_sw_breakpoint(addr);
    int ret;

    if (bp) {
        bp->use_count++;
        return 0;
    }
    bp = g_new0(ArmkvmSwBreakpoint, 1);
    bp->pc = addr;
    bp->len = len == 4 ? 4 : 2;     /* gdb: 4 Arm, 2 Thumb, 3 wide Thumb */
    bp->use_count = 1;
    ret = armkvm_arch_insert_sw_breakpoint(cpu, bp);
    if (ret < 0) {
        g_free(bp);
        return ret;
    }
    QTAILQ_INSERT_HEAD(&armkvm_state->sw_breakpoints, bp, next);
    return 0;
}

static int remove_sw(CPUState *cpu, vaddr addr)
{
    ArmkvmSwBreakpoint *bp = armkvm_find_sw_breakpoint(addr);
    int ret;

    if (!bp) {
        return -ENOENT;
    }
    if (bp->use_count > 1) {
        bp->use_count--;
        return 0;
    }
    ret = armkvm_arch_remove_sw_breakpoint(cpu, bp);
    if (ret < 0) {
        return ret;
    }
    QTAILQ_REMOVE(&armkvm_state->sw_breakpoints, bp, next);
    g_free(bp);
    return 0;
}

int armkvm_insert_breakpoint(CPUState *cpu, int type, vaddr addr, vaddr len)
{
    int ret;

    if (type == GDB_BREAKPOINT_SW) {
        ret = insert_sw(cpu, addr, len);
    } else if (type != GDB_BREAKPOINT_HW && armkvm_state->emulate) {
        ret = armkvm_insert_watchpoint(type, addr, len);
    } else {
        ret = armkvm_arch_insert_hw_breakpoint(type, addr, len);
    }
    trace_armkvm_breakpoint("insert", type, addr, len, ret);
    return ret < 0 ? ret : update_all();
}

int armkvm_remove_breakpoint(CPUState *cpu, int type, vaddr addr, vaddr len)
{
    int ret;

    if (type == GDB_BREAKPOINT_SW) {
        ret = remove_sw(cpu, addr);
    } else if (type != GDB_BREAKPOINT_HW && armkvm_state->emulate) {
        ret = armkvm_remove_watchpoint(type, addr, len);
    } else {
        ret = armkvm_arch_remove_hw_breakpoint(type, addr, len);
    }
    trace_armkvm_breakpoint("remove", type, addr, len, ret);
    return ret < 0 ? ret : update_all();
}

/* The address may be mapped in another vCPU's address space only. */
static void remove_sw_anywhere(CPUState *cpu, ArmkvmSwBreakpoint *bp)
{
    CPUState *other;

    if (armkvm_arch_remove_sw_breakpoint(cpu, bp) == 0) {
        return;
    }
    CPU_FOREACH(other) {
        if (armkvm_arch_remove_sw_breakpoint(other, bp) == 0) {
            return;
        }
    }
}

void armkvm_remove_all_breakpoints(CPUState *cpu)
{
    ArmkvmSwBreakpoint *bp, *next;

    QTAILQ_FOREACH_SAFE(bp, &armkvm_state->sw_breakpoints, next, next) {
        remove_sw_anywhere(cpu, bp);
        QTAILQ_REMOVE(&armkvm_state->sw_breakpoints, bp, next);
        g_free(bp);
    }
    armkvm_arch_remove_all_hw_breakpoints();
    armkvm_remove_all_watchpoints();
    update_all();
}

/* -- single step ---------------------------------------------------------- */

static bool plant_at(CPUState *cpu, const ArmkvmStepTarget *to)
{
    ArmkvmStep *step = &cpu->accel->step;
    MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;
    hwaddr page = cpu_get_phys_page_attrs_debug(cpu, to->pc & TARGET_PAGE_MASK,
                                                &attrs);
    uint8_t insn[4];

    if (page == -1) {
        return false;
    }
    step->addr = page | (to->pc & ~TARGET_PAGE_MASK);
    step->len = to->thumb ? 2 : 4;
    armkvm_arch_breakpoint_insn(insn, step->len);
    if (address_space_read(&address_space_memory, step->addr, attrs,
                           step->saved, step->len) != MEMTX_OK ||
        address_space_write_rom(&address_space_memory, step->addr, attrs,
                                insn, step->len) != MEMTX_OK) {
        return false;
    }
    address_space_flush_icache_range(&address_space_memory, step->addr,
                                     step->len);
    step->planted = true;
    return true;
}

static void unplant(CPUState *cpu)
{
    ArmkvmStep *step = &cpu->accel->step;

    if (!step->planted) {
        return;
    }
    step->planted = false;
    armkvm_state->nr_steps--;
    address_space_write_rom(&address_space_memory, step->addr,
                            MEMTXATTRS_UNSPECIFIED, step->saved, step->len);
    address_space_flush_icache_range(&address_space_memory, step->addr,
                                     step->len);
}

bool armkvm_at_step_end(CPUState *cpu, vaddr pc)
{
    MemTxAttrs attrs;
    hwaddr page;
    CPUState *other;

    if (!armkvm_state->nr_steps) {
        return false;
    }
    page = cpu_get_phys_page_attrs_debug(cpu, pc & TARGET_PAGE_MASK, &attrs);
    if (page == -1) {
        return false;
    }
    CPU_FOREACH(other) {
        if (other->accel && other->accel->step.planted &&
            other->accel->step.addr == (page | (pc & ~TARGET_PAGE_MASK))) {
            return true;
        }
    }
    return false;
}

/*
 * Returns: false if there is nothing to run: the instruction leads to itself,
 * or there is no memory where it leads.
 */
static bool plant(CPUState *cpu)
{
    ArmkvmStepTarget to;
    CPUClass *cc = CPU_GET_CLASS(cpu);

    armkvm_vcpu_get_state(cpu);
    armkvm_arch_step_target(cpu, &to);
    if (to.pc == cc->get_pc(cpu)) {
        return false;
    }
    if (!plant_at(cpu, &to)) {
        armkvm_arch_fetch_abort_target(cpu, &to);
        if (!plant_at(cpu, &to)) {
            return false;
        }
    }
    armkvm_state->nr_steps++;
    update_all();
    return true;
}

int armkvm_vcpu_step(CPUState *cpu)
{
    int ret;

    /* After a kick the step that is under way goes on. */
    if (!cpu->accel->step.planted && !plant(cpu)) {
        return EXCP_DEBUG;
    }
    ret = armkvm_vcpu_exec(cpu);
    if (ret == EXCP_DEBUG) {
        unplant(cpu);
    }
    return ret;
}

/* A debugger that looks at a stopped VM sees the guest's own instructions. */
static void vm_state_change(void *opaque, bool running, RunState state)
{
    CPUState *cpu;

    if (running) {
        return;
    }
    CPU_FOREACH(cpu) {
        if (cpu->accel) {
            unplant(cpu);
        }
    }
}

bool armkvm_debugging(void)
{
    return !QTAILQ_EMPTY(&armkvm_state->sw_breakpoints) ||
           armkvm_state->nr_steps || armkvm_arch_has_hw_breakpoints();
}

void armkvm_debug_init(void)
{
    qemu_add_vm_change_state_handler(vm_state_change, NULL);
}
