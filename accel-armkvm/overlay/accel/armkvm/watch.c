/*
 * armkvm accelerator: gdbstub's watchpoints
 *
 * The module has none.  While there are some TCG executes everything, and the
 * module what only it can: a call, after which it comes back at once; and it
 * has the vCPU while that is powered off.  A vCPU that waits for an interrupt
 * does so here: a change of the phase costs more than it would idle.
 *
 * Only in VMs with one CPU: powered-off ones, whose power-on is seen in
 * ARMKVM_RUN alone, would make the phase change all the time, and slow hosts
 * would come to nothing else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exec/breakpoint.h"
#include "gdbstub/enums.h"
#include "hw/core/cpu.h"
#include "hw/boards.h"
#include "qemu/error-report.h"
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

    if (armkvm_state->mode == ARMKVM_MODE_DIRECT) {
        error_report("armkvm: watchpoints need mode=shadow; -accel tcg has "
                     "them, too");
        return -ENOTSUP;
    }
    if (current_machine->smp.max_cpus > 1) {
        error_report("armkvm: watchpoints need a VM with one CPU, -smp 1; "
                     "-accel tcg has them in others");
        return -ENOTSUP;
    }
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
