/*
 * armkvm on Arm: system registers that are QEMU's
 *
 * The module's guests have the system registers that the module has. Those of
 * a GICv3's CPU interface belong to QEMU's model of that GIC: where a board has
 * one, the module hands accesses to them over, and they are executed as TCG
 * would.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "cpregs.h"
#include "trace.h"

bool armkvm_gicv3_possible(void)
{
    int groups = armkvm_check_extension(armkvm_state, ARMKVM_CAP_CP_EXIT);

    return groups > 0 && (groups & ARMKVM_CP_EXIT_GICV3);
}

void armkvm_gicv3_enable(void)
{
    int ret = armkvm_enable_cap(armkvm_state, ARMKVM_CAP_CP_EXIT,
                                ARMKVM_CP_EXIT_GICV3);

    if (ret < 0) {
        error_report("armkvm: the module does not hand over a GICv3's "
                     "registers: %s; 'gic-version=2' needs none",
                     strerror(-ret));
        exit(1);
    }
}

static uint64_t read_register(CPUARMState *env, const ARMCPRegInfo *ri)
{
    if (ri->type & ARM_CP_CONST) {
        return ri->resetvalue;
    }
    return ri->readfn ? ri->readfn(env, ri) : 0;
}

static void write_register(CPUARMState *env, const ARMCPRegInfo *ri,
                           uint64_t value)
{
    if (!(ri->type & ARM_CP_CONST) && ri->writefn) {
        ri->writefn(env, ri, value);
    }
}

void armkvm_arch_handle_cp(CPUState *cs)
{
    ARMCPU *cpu = ARM_CPU(cs);
    CPUARMState *env = &cpu->env;
    struct armkvm_run *run = cs->accel->run;
    bool is_read = !run->cp.is_write;
    const ARMCPRegInfo *ri;

    bql_lock();
    /*
     * QEMU's copy of the state is old, and nothing reads it before it is
     * fetched anew; but these functions look at the privilege, and it is PL1
     * that comes here.
     */
    env->uncached_cpsr = (env->uncached_cpsr & ~CPSR_M) | ARM_CPU_MODE_SVC;
    ri = get_arm_cp_reginfo(cpu->cp_regs, kvm_to_cpreg_id(run->cp.id));
    run->cp.is_undefined = !ri || !cp_access_ok(1, ri, is_read) ||
                           (ri->accessfn &&
                            ri->accessfn(env, ri, is_read) != CP_ACCESS_OK);
    if (run->cp.is_undefined) {
        run->cp.value = 0;
    } else if (is_read) {
        run->cp.value = read_register(env, ri);
    } else {
        write_register(env, ri, run->cp.value);
    }
    bql_unlock();
    trace_armkvm_cp(cs->cpu_index, run->cp.id, run->cp.is_write, run->cp.value,
                    run->cp.is_undefined);
}
