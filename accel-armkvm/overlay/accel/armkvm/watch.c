/*
 * armkvm accelerator: gdbstub's watchpoints
 *
 * The module has none.  While there are some TCG executes everything, and the
 * module what only it can: a call, after which it comes back at once; and it
 * waits for a powered-off vCPU to be powered on, whose first instructions are
 * then executed natively, until another vCPU wants the phase.  A vCPU that
 * waits for an interrupt does so here: a change of the phase costs more than
 * it would idle.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exec/breakpoint.h"
#include "gdbstub/enums.h"
#include "hw/core/cpu.h"
#include "qemu/timer.h"
#include "system/armkvm_int.h"

/* A vCPU that waits for an interrupt looks for one so often, in ns. */
#define WATCHED_WAIT_NS SCALE_MS

bool armkvm_emulate_watched(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;
    bool waits = accel->then == ARMKVM_THEN_WAIT;

    accel->run_briefly = false;
    if (!armkvm_state->nr_watchpoints) {
        return false;
    }
    if (accel->run_while_off) {
        accel->run_while_off = false;
        return false;
    }
    if (accel->then != ARMKVM_THEN_NOTHING && !waits) {
        accel->run_briefly = true;
        return false;
    }
    accel->then = ARMKVM_THEN_NOTHING;
    armkvm_emulate_always(cpu);
    return waits;
}

void armkvm_watched_wait(void)
{
    struct timespec time = { .tv_nsec = WATCHED_WAIT_NS };

    nanosleep(&time, NULL);
}

static int watchpoint_flags(CPUState *cpu, int type)
{
    int flags = BP_GDB;

    if (type != GDB_WATCHPOINT_READ) {
        flags |= BP_MEM_WRITE;
    }
    if (type != GDB_WATCHPOINT_WRITE) {
        flags |= BP_MEM_READ;
    }
    if (CPU_GET_CLASS(cpu)->gdb_stop_before_watchpoint) {
        flags |= BP_STOP_BEFORE_ACCESS;
    }
    return flags;
}

int armkvm_insert_watchpoint(int type, vaddr addr, vaddr len)
{
    CPUState *cpu;
    int ret = 0;

    armkvm_start_tcg();
    CPU_FOREACH(cpu) {
        ret = cpu_watchpoint_insert(cpu, addr, len,
                                    watchpoint_flags(cpu, type), NULL);
        if (ret < 0) {
            return ret;     /* of the first CPU, as of each: the range */
        }
    }
    armkvm_state->nr_watchpoints++;
    return 0;
}

int armkvm_remove_watchpoint(int type, vaddr addr, vaddr len)
{
    CPUState *cpu;
    int ret = 0;

    CPU_FOREACH(cpu) {
        ret = cpu_watchpoint_remove(cpu, addr, len,
                                    watchpoint_flags(cpu, type));
        if (ret < 0) {
            return ret;
        }
    }
    armkvm_state->nr_watchpoints--;
    return 0;
}

void armkvm_remove_all_watchpoints(void)
{
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        cpu_watchpoint_remove_all(cpu, BP_GDB);
    }
    armkvm_state->nr_watchpoints = 0;
}
