/*
 * armkvm accelerator: gdbstub's breakpoints, watchpoints and single step
 *
 * Software breakpoints are instructions written into guest RAM and seen by all
 * vCPUs; the module is told to bring those, hardware ones and steps to QEMU.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exec/gdbstub.h"
#include "gdbstub/enums.h"
#include "system/armkvm_int.h"
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

    if (cpu->singlestep_enabled) {
        dbg.control |= ARMKVM_GUESTDBG_ENABLE | ARMKVM_GUESTDBG_SINGLESTEP;
    }
    if (!QTAILQ_EMPTY(&armkvm_state->sw_breakpoints)) {
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
    update_all();
}
