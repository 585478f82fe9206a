/*
 * armkvm accelerator: a vCPU's life and its run loop
 *
 * How a run ends early: whoever wants the vCPU sends its thread SIG_IPI.  The
 * signal's handler sets immediate_exit in the run page, so that the request
 * is not lost when the signal arrives just before ARMKVM_RUN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "hw/boards.h"
#include "system/armkvm_int.h"
#include "system/cpus.h"
#include "system/runstate.h"
#include "system/runstate-action.h"
#include "trace.h"

#include <sys/mman.h>

bool armkvm_vcpu_init(CPUState *cpu, Error **errp)
{
    ArmkvmState *s = armkvm_state;
    AccelCPUState *accel = g_new0(AccelCPUState, 1);
    int ret;

    ret = armkvm_ioctl_value(s->vmfd, ARMKVM_CREATE_VCPU, cpu->cpu_index);
    if (ret < 0) {
        error_setg(errp, "armkvm: the module cannot create vCPU %d: %s",
                   cpu->cpu_index, strerror(-ret));
        goto free;
    }
    accel->fd = ret;
    trace_armkvm_vcpu_init(cpu->cpu_index, accel->fd);

    accel->run = mmap(NULL, s->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                      accel->fd, 0);
    if (accel->run == MAP_FAILED) {
        error_setg_errno(errp, errno, "armkvm: cannot map the run page of "
                         "vCPU %d", cpu->cpu_index);
        goto close;
    }

    accel->dirty = true;
    accel->reset_pending = true;
    cpu->accel = accel;
    if (!armkvm_arch_init_vcpu(cpu, errp)) {
        goto unmap;
    }
    return true;

unmap:
    cpu->accel = NULL;
    munmap(accel->run, s->run_size);
close:
    close(accel->fd);
free:
    g_free(accel);
    return false;
}

void armkvm_vcpu_destroy(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;

    trace_armkvm_vcpu_destroy(cpu->cpu_index);
    timer_free(accel->slice_timer);
    g_free(accel->regs);
    g_free(accel->regs_now);
    g_free(accel->regs_put);
    g_free(accel->cp15);
    g_free(accel->beside_cp15);
    munmap(accel->run, armkvm_state->run_size);
    close(accel->fd);
    g_clear_pointer(&cpu->accel, g_free);
}

static void ipi_signal(int sig)
{
    if (current_cpu) {
        qatomic_set(&current_cpu->accel->run->immediate_exit, 1);
        if (current_cpu->accel->emulate) {
            cpu_exit(current_cpu);
        }
    }
}

void armkvm_vcpu_init_signals(void)
{
    struct sigaction action = { .sa_handler = ipi_signal };
    sigset_t set;

    sigaction(SIG_IPI, &action, NULL);

    pthread_sigmask(SIG_BLOCK, NULL, &set);
    sigdelset(&set, SIG_IPI);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
}

int armkvm_get_one_reg(CPUState *cpu, uint64_t id, void *value)
{
    struct armkvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

    return armkvm_ioctl(cpu->accel->fd, ARMKVM_GET_ONE_REG, &reg);
}

int armkvm_set_one_reg(CPUState *cpu, uint64_t id, const void *value)
{
    struct armkvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

    return armkvm_ioctl(cpu->accel->fd, ARMKVM_SET_ONE_REG, &reg);
}

/* One by one: a module from before ARMKVM_CAP_REG_VALUES. */
static int reg_values_singly(CPUState *cpu, bool set,
                             struct armkvm_reg_value *regs, unsigned int nr,
                             unsigned int *done)
{
    int ret = 0;

    /* The low half comes first: no host is big-endian. */
    for (*done = 0; *done < nr; (*done)++) {
        struct armkvm_reg_value *reg = &regs[*done];

        if (!set) {
            reg->value = 0;
        }
        ret = set ? armkvm_set_one_reg(cpu, reg->id, &reg->value)
                  : armkvm_get_one_reg(cpu, reg->id, &reg->value);
        if (ret < 0) {
            break;
        }
    }
    return ret;
}

static int reg_values(CPUState *cpu, bool set, struct armkvm_reg_value *regs,
                      unsigned int nr, unsigned int *done)
{
    struct armkvm_reg_values call = {
        .regs = (uintptr_t)regs,
        .nr = nr,
        .done = nr,
    };
    int ret;

    if (!nr || nr > armkvm_state->reg_values) {
        return reg_values_singly(cpu, set, regs, nr, done);
    }
    ret = armkvm_ioctl(cpu->accel->fd,
                       set ? ARMKVM_SET_REG_VALUES : ARMKVM_GET_REG_VALUES,
                       &call);
    *done = call.done;
    return ret;
}

int armkvm_get_reg_values(CPUState *cpu, struct armkvm_reg_value *regs,
                          unsigned int nr, unsigned int *done)
{
    return reg_values(cpu, false, regs, nr, done);
}

int armkvm_set_reg_values(CPUState *cpu, struct armkvm_reg_value *regs,
                          unsigned int nr, unsigned int *done)
{
    return reg_values(cpu, true, regs, nr, done);
}

void armkvm_vm_failed(void)
{
    vm_stop(RUN_STATE_INTERNAL_ERROR);
    if (shutdown_action == SHUTDOWN_ACTION_POWEROFF &&
        (panic_action == PANIC_ACTION_SHUTDOWN ||
         panic_action == PANIC_ACTION_EXIT_FAILURE)) {
        qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_HOST_ERROR,
                                               EXIT_FAILURE);
    }
}

void armkvm_vcpu_get_state(CPUState *cpu)
{
    Error *err = NULL;

    if (cpu->accel->dirty) {
        return;
    }
    trace_armkvm_get_state(cpu->cpu_index);
    if (armkvm_arch_get_registers(cpu, &err) < 0) {
        error_reportf_err(err, "armkvm: vCPU %d: ", cpu->cpu_index);
        armkvm_vm_failed();
    }
    cpu->accel->dirty = true;
}

bool armkvm_vcpu_put_state(CPUState *cpu, ArmkvmPutLevel level)
{
    AccelCPUState *accel = cpu->accel;
    Error *err = NULL;

    if (accel->reset_pending) {
        level = MAX(level, ARMKVM_PUT_RESET);
        if (armkvm_arch_reset_vcpu(cpu, &err) < 0) {
            goto fail;
        }
        accel->reset_pending = false;
    }
    trace_armkvm_put_state(cpu->cpu_index, level);
    if (armkvm_arch_put_registers(cpu, level, &err) < 0) {
        goto fail;
    }
    accel->dirty = false;
    return true;

fail:
    error_reportf_err(err, "armkvm: vCPU %d: ", cpu->cpu_index);
    armkvm_vm_failed();
    return false;
}

static void handle_mmio(CPUState *cpu, struct armkvm_run *run)
{
    MemTxResult result;

    result = address_space_rw(&address_space_memory, run->mmio.phys_addr,
                              MEMTXATTRS_UNSPECIFIED, run->mmio.data,
                              MIN(run->mmio.len, sizeof(run->mmio.data)),
                              run->mmio.is_write);
    trace_armkvm_mmio(cpu->cpu_index, run->mmio.phys_addr, run->mmio.len,
                      run->mmio.is_write, run->mmio.is_hypercall, result);
    if (result != MEMTX_OK) {
        armkvm_arch_bus_error(cpu);
    }
}

/* Returns: false if the module describes data outside of the run page. */
static bool handle_mmio_string(CPUState *cpu, struct armkvm_run *run)
{
    uint64_t size = (uint64_t)run->mmio_string.len * run->mmio_string.count;
    uint8_t *data = (uint8_t *)run + run->mmio_string.data_offset;
    MemTxResult result = MEMTX_OK;
    uint32_t i;

    if (run->mmio_string.data_offset + size > armkvm_state->run_size) {
        return false;
    }
    for (i = 0; i < run->mmio_string.count && result == MEMTX_OK; i++) {
        result = address_space_rw(&address_space_memory,
                                  run->mmio_string.phys_addr,
                                  MEMTXATTRS_UNSPECIFIED, data,
                                  run->mmio_string.len,
                                  run->mmio_string.is_write);
        data += run->mmio_string.len;
    }
    trace_armkvm_mmio_string(cpu->cpu_index, run->mmio_string.phys_addr,
                             run->mmio_string.len, run->mmio_string.count,
                             run->mmio_string.is_write, result);
    if (result != MEMTX_OK) {
        armkvm_arch_bus_error(cpu);
    }
    return true;
}

static void handle_system_event(CPUState *cpu, struct armkvm_run *run)
{
    trace_armkvm_system_event(cpu->cpu_index, run->system_event.type);

    switch (run->system_event.type) {
    case ARMKVM_SYSTEM_EVENT_SHUTDOWN:
        qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
        cpu_stop_current();
        break;
    case ARMKVM_SYSTEM_EVENT_RESET:
        qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
        break;
    default:
        /* ARMKVM_SYSTEM_EVENT_CRASH, and what a newer module calls worse */
        bql_lock();
        armkvm_vcpu_get_state(cpu);
        qemu_system_guest_panicked(cpu_get_crash_info(cpu));
        bql_unlock();
        break;
    }
}

/* The module's own words are the best that there are: print them. */
static void report_run_error(CPUState *cpu, struct armkvm_run *run)
{
    char text[ARMKVM_ERROR_TEXT_SIZE];

    memcpy(text, run->error.text, sizeof(text));
    text[sizeof(text) - 1] = 0;
    error_report("armkvm: vCPU %d stopped: %s (error %u, pc 0x%08x, "
                 "cpsr 0x%08x, %s mode, instruction 0x%08x)", cpu->cpu_index,
                 *text ? text : "no reason given", run->error.suberror,
                 run->error.pc, run->error.cpsr,
                 armkvm_arch_mode_name(run->error.cpsr), run->error.insn);
}

/* Returns: 0 to go on running, EXCP_*, or -1 for an error that is reported. */
static int handle_exit(CPUState *cpu, struct armkvm_run *run)
{
    bool for_gdb;

    trace_armkvm_run_exit(cpu->cpu_index, run->exit_reason);

    switch (run->exit_reason) {
    case ARMKVM_EXIT_MMIO:
        handle_mmio(cpu, run);
        return 0;
    case ARMKVM_EXIT_MMIO_STRING:
        if (!handle_mmio_string(cpu, run)) {
            error_report("armkvm: vCPU %d stopped: the module's string access "
                         "does not fit the run page", cpu->cpu_index);
            return -1;
        }
        return 0;
    case ARMKVM_EXIT_CP:
        armkvm_arch_handle_cp(cpu);
        return 0;
    case ARMKVM_EXIT_HYPERCALL:
        armkvm_arch_handle_hypercall(cpu);
        return 0;
    case ARMKVM_EXIT_INTR:
        return EXCP_INTERRUPT;
    case ARMKVM_EXIT_SYSTEM_EVENT:
        handle_system_event(cpu, run);
        return EXCP_INTERRUPT;
    case ARMKVM_EXIT_DEBUG:
        bql_lock();
        armkvm_vcpu_get_state(cpu);
        for_gdb = armkvm_arch_handle_debug(cpu);
        bql_unlock();
        return for_gdb ? EXCP_DEBUG : 0;
    case ARMKVM_EXIT_EMULATE:
        armkvm_emulate_begin(cpu);
        return EXCP_INTERRUPT;
    case ARMKVM_EXIT_FAIL_ENTRY:
    case ARMKVM_EXIT_INTERNAL_ERROR:
        report_run_error(cpu, run);
        return -1;
    default:
        error_report("armkvm: vCPU %d stopped: the module's exit reason %u is "
                     "not known to this QEMU", cpu->cpu_index,
                     run->exit_reason);
        return -1;
    }
}

/* Returns: as handle_exit(). */
static int run_once(CPUState *cpu)
{
    struct armkvm_run *run = cpu->accel->run;
    int ret;

    if (cpu->accel->dirty && !armkvm_vcpu_put_state(cpu, ARMKVM_PUT_RUNTIME)) {
        return EXCP_INTERRUPT;  /* reported, and the VM is stopped */
    }
    if (!armkvm_emulate_return(cpu)) {
        return -1;
    }
    if (qatomic_read(&cpu->exit_request) || cpu->accel->run_briefly ||
        armkvm_emulate_stress(cpu)) {
        /*
         * Not simply left: the module must be entered once more, to complete
         * the access of the last exit before anybody looks at the registers.
         */
        qatomic_set(&run->immediate_exit, 1);
    }
    /*
     * Pairs with the barrier below: exit_request is read before the module
     * reads immediate_exit.
     */
    smp_rmb();

    ret = armkvm_ioctl_value(cpu->accel->fd, ARMKVM_RUN, 0);
    armkvm_arch_post_run(cpu);

    if (ret == -EINTR || ret == -EAGAIN) {
        trace_armkvm_run_interrupted(cpu->cpu_index);
        qatomic_set(&run->immediate_exit, 0);
        /* Cleared before requests are looked at: a later one sets it again. */
        smp_wmb();
        armkvm_emulate_stress_begin(cpu);
        return EXCP_INTERRUPT;
    }
    if (ret < 0) {
        error_report("armkvm: vCPU %d stopped: the module cannot run it: %s",
                     cpu->cpu_index, strerror(-ret));
        return -1;
    }
    return handle_exit(cpu, run);
}

static int run_natively(CPUState *cpu)
{
    int ret;

    if (armkvm_state->emulate &&
        !armkvm_phase_enter(cpu, ARMKVM_PHASE_NATIVE)) {
        /* As after -EINTR: nothing waits in the module between two runs. */
        qatomic_set(&cpu->accel->run->immediate_exit, 0);
        /* Cleared before requests are looked at: a later one sets it again. */
        smp_wmb();
        return EXCP_INTERRUPT;
    }
    cpu_exec_start(cpu);

    do {
        ret = run_once(cpu);
    } while (ret == 0);

    cpu_exec_end(cpu);
    if (armkvm_state->emulate) {
        armkvm_phase_leave(cpu);
    }
    return ret;
}

int armkvm_vcpu_exec(CPUState *cpu)
{
    bool waits;
    int ret;

    waits = armkvm_emulate_watched(cpu);
    bql_unlock();
    if (waits) {
        armkvm_watched_wait();
    }
    ret = cpu->accel->emulate ? armkvm_vcpu_emulate(cpu) : run_natively(cpu);
    bql_lock();

    if (ret < 0) {
        armkvm_vm_failed();
        ret = EXCP_INTERRUPT;
    }
    qatomic_set(&cpu->exit_request, 0);
    return ret;
}
