/*
 * armkvm accelerator: vCPU threads and who holds the registers
 *
 * A vCPU's registers live in the module while it runs.  A thread that wants
 * them calls cpu_synchronize_state(): they are fetched once, on the vCPU's
 * thread, and QEMU's copy stays the valid one (dirty) until the next run
 * writes it back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/guest-random.h"
#include "qemu/main-loop.h"
#include "system/armkvm_int.h"
#include "system/cpus.h"

static void *armkvm_cpu_thread_fn(void *arg)
{
    CPUState *cpu = arg;

    rcu_register_thread();

    bql_lock();
    qemu_thread_get_self(cpu->thread);
    cpu->thread_id = qemu_get_thread_id();
    current_cpu = cpu;

    armkvm_vcpu_init(cpu, &error_fatal);
    armkvm_vcpu_init_signals();

    cpu_thread_signal_created(cpu);
    qemu_guest_random_seed_thread_part2(cpu->random_seed);

    do {
        if (cpu_can_run(cpu)) {
            int ret = cpu->singlestep_enabled ? armkvm_vcpu_step(cpu)
                                              : armkvm_vcpu_exec(cpu);

            if (ret == EXCP_DEBUG) {
                cpu_handle_guest_debug(cpu);
            }
        }
        qemu_process_cpu_events(cpu);
    } while (!cpu->unplug || cpu_can_run(cpu));

    armkvm_vcpu_destroy(cpu);
    cpu_thread_signal_destroyed(cpu);
    bql_unlock();
    rcu_unregister_thread();
    return NULL;
}

static void armkvm_create_vcpu_thread(CPUState *cpu)
{
    char name[VCPU_THREAD_NAME_SIZE];

    snprintf(name, sizeof(name), "CPU %d/armkvm", cpu->cpu_index);
    qemu_thread_create(cpu->thread, name, armkvm_cpu_thread_fn, cpu,
                       QEMU_THREAD_JOINABLE);
}

/* An emulated vCPU takes it, a native one has the module's lines. */
static void armkvm_handle_interrupt(CPUState *cpu, int mask)
{
    cpu->interrupt_request |= mask;
    if (qemu_cpu_is_self(cpu)) {
        qatomic_set(&cpu->neg.icount_decr.u16.high, -1);
    } else {
        qemu_cpu_kick(cpu);
    }
}

/* WFI and PSCI's powered-off state wait inside ARMKVM_RUN. */
static bool armkvm_cpu_thread_is_idle(CPUState *cpu)
{
    return false;
}

static void do_synchronize_state(CPUState *cpu, run_on_cpu_data arg)
{
    armkvm_vcpu_get_state(cpu);
}

static void armkvm_synchronize_state(CPUState *cpu)
{
    cpu->accel->slice_only = false;     /* who looks may write, too */
    if (!cpu->accel->dirty) {
        run_on_cpu(cpu, do_synchronize_state, RUN_ON_CPU_NULL);
    }
}

static void do_put_state(CPUState *cpu, run_on_cpu_data arg)
{
    armkvm_vcpu_put_state(cpu, arg.host_int);
}

static void armkvm_synchronize_post_reset(CPUState *cpu)
{
    run_on_cpu(cpu, do_put_state, RUN_ON_CPU_HOST_INT(ARMKVM_PUT_RESET));
}

static void armkvm_synchronize_post_init(CPUState *cpu)
{
    run_on_cpu(cpu, do_put_state, RUN_ON_CPU_HOST_INT(ARMKVM_PUT_FULL));
}

static void do_synchronize_pre_loadvm(CPUState *cpu, run_on_cpu_data arg)
{
    cpu->accel->slice_only = false;
    cpu->accel->dirty = true;
}

static void armkvm_synchronize_pre_loadvm(CPUState *cpu)
{
    run_on_cpu(cpu, do_synchronize_pre_loadvm, RUN_ON_CPU_NULL);
}

/*
 * Also reached when a board's power controller resets one CPU of a running
 * machine, for which nobody calls synchronize_post_reset.
 */
static void armkvm_cpu_reset_hold(CPUState *cpu)
{
    cpu->accel->dirty = true;
    cpu->accel->reset_pending = true;
    cpu->accel->slice_only = false;
    armkvm_emulate_reset(cpu);
}

static void armkvm_accel_ops_class_init(ObjectClass *oc,
                                        ARMKVM_CLASS_DATA *data)
{
    AccelOpsClass *ops = ACCEL_OPS_CLASS(oc);

    ops->create_vcpu_thread = armkvm_create_vcpu_thread;
    ops->cpu_thread_is_idle = armkvm_cpu_thread_is_idle;
    ops->cpu_reset_hold = armkvm_cpu_reset_hold;
    ops->handle_interrupt = armkvm_handle_interrupt;

    ops->synchronize_state = armkvm_synchronize_state;
    ops->synchronize_post_reset = armkvm_synchronize_post_reset;
    ops->synchronize_post_init = armkvm_synchronize_post_init;
    ops->synchronize_pre_loadvm = armkvm_synchronize_pre_loadvm;

    ops->supports_guest_debug = armkvm_supports_guest_debug;
    ops->update_guest_debug = armkvm_update_guest_debug;
    ops->insert_breakpoint = armkvm_insert_breakpoint;
    ops->remove_breakpoint = armkvm_remove_breakpoint;
    ops->remove_all_breakpoints = armkvm_remove_all_breakpoints;
}

static const TypeInfo armkvm_accel_ops_type = {
    .name = ACCEL_OPS_NAME("armkvm"),
    .parent = TYPE_ACCEL_OPS,
    .class_init = armkvm_accel_ops_class_init,
    .abstract = true,
};

static void armkvm_accel_ops_register_types(void)
{
    type_register_static(&armkvm_accel_ops_type);
}

type_init(armkvm_accel_ops_register_types);
