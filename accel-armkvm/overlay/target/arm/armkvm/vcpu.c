/*
 * armkvm on Arm: a vCPU's start and reset, virtual time, and the exits that
 * need to know the architecture
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-types-run-state.h"
#include "qemu/ctype.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "exec/cpu-common.h"
#include "system/armkvm_int.h"
#include "system/runstate.h"
#include "armkvm_arm.h"
#include "internals.h"
#include "trace.h"

#include <linux/armkvm_para.h>

/* -- start and reset ------------------------------------------------------ */

int armkvm_arch_reset_vcpu(CPUState *cs, Error **errp)
{
    ARMCPU *cpu = ARM_CPU(cs);
    g_autofree char *missing = NULL;
    struct armkvm_vcpu_init init;
    int ret;

    ret = armkvm_ioctl(armkvm_state->vmfd, ARMKVM_ARM_PREFERRED_TARGET, &init);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module does not name its core");
        return ret;
    }
    memset(init.features, 0, sizeof(init.features));
    /*
     * The same each time, as the module demands: whether it starts powered
     * off, which boards decide late, is a matter of the power state.
     */
    init.features[0] = 1u << ARMKVM_ARM_VCPU_PSCI_0_2;
    ret = armkvm_ioctl(cs->accel->fd, ARMKVM_ARM_VCPU_INIT, &init);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module cannot reset it");
        return ret;
    }
    if (!armkvm_arm_set_model(cs->accel->fd, cpu, &missing)) {
        error_setg(errp, "its CPU model needs what this host does not have: "
                   "%s", missing);
        return -EINVAL;
    }
    return armkvm_arm_read_reset_values(cpu, errp);
}

/* The module's interface to firmware and its timer are what the guest gets. */
static void learn_fixed_values(ARMCPU *cpu)
{
    CPUState *cs = CPU(cpu);
    uint64_t psci;
    uint32_t hz;

    cpu->psci_version = QEMU_PSCI_VERSION_0_2;
    if (armkvm_get_one_reg(cs, ARMKVM_REG_ARM_PSCI_VERSION, &psci) == 0) {
        cpu->psci_version = psci;
    }
    if (armkvm_arm_has_reg(cpu, ARMKVM_ARM_CNTFRQ_ID) &&
        armkvm_get_one_reg(cs, ARMKVM_ARM_CNTFRQ_ID, &hz) == 0 && hz) {
        cpu->gt_cntfrq_hz = hz;
    }
}

/*
 * The virtual counter stands still while the VM does.  With mode=direct it is
 * the host's: only a guest that was loaded goes on from its own.
 */
static void vm_state_change(void *opaque, bool running, RunState state)
{
    CPUState *cs = opaque;
    AccelCPUState *accel = cs->accel;
    int ret = 0;

    if (!running) {
        ret = armkvm_get_one_reg(cs, ARMKVM_REG_ARM_TIMER_CNT, &accel->vtime);
        accel->time_saved = ret == 0 &&
                            armkvm_state->mode != ARMKVM_MODE_DIRECT;
    } else if (accel->time_saved) {
        ret = armkvm_set_one_reg(cs, ARMKVM_REG_ARM_TIMER_CNT, &accel->vtime);
        accel->time_saved = false;
    }
    if (ret < 0) {
        error_report("armkvm: vCPU %d: cannot %s its virtual counter: %s",
                     cs->cpu_index, running ? "set" : "read", strerror(-ret));
    }
}

bool armkvm_arch_init_vcpu(CPUState *cs, Error **errp)
{
    ERRP_GUARD();
    ARMCPU *cpu = ARM_CPU(cs);

    /* QEMU's own list, made for TCG, is replaced by the module's. */
    cpu->cpreg_array_len = 0;
    if (armkvm_arch_reset_vcpu(cs, errp) < 0 ||
        armkvm_arm_init_reg_list(cpu, errp) < 0 ||
        armkvm_arm_read_reset_values(cpu, errp) < 0) {
        error_prepend(errp, "armkvm: vCPU %d: ", cs->cpu_index);
        return false;
    }
    learn_fixed_values(cpu);
    if (armkvm_arm_has_reg(cpu, ARMKVM_REG_ARM_TIMER_CNT)) {
        qemu_add_vm_change_state_handler(vm_state_change, cs);
    }
    return true;
}

/* -- exits ---------------------------------------------------------------- */

#define PANIC_TEXT_MAX 1024     /* as armkvm_para.h limits it */

/* Reports that follow within this time, in ns, are counted and dropped. */
#define PANIC_INTERVAL NANOSECONDS_PER_SECOND

static bool panic_is_too_soon(ArmkvmState *s)
{
    int64_t now = get_clock();

    if (s->panic_time && now - s->panic_time < PANIC_INTERVAL) {
        s->panics_dropped++;
        return true;
    }
    s->panic_time = now;
    return false;
}

/* Returns: what of @len bytes at @va of an untrusted guest can be printed. */
static char *guest_text(CPUState *cs, uint32_t va, uint32_t len)
{
    char *text;
    uint32_t i;

    len = MIN(len, PANIC_TEXT_MAX);
    text = g_malloc0(len + 1);
    if (cpu_memory_rw_debug(cs, va, text, len, false) < 0) {
        text[0] = 0;
    }
    for (i = 0; i < len && text[i]; i++) {
        if (!qemu_isprint(text[i])) {
            text[i] = ' ';
        }
    }
    return g_strchomp(text);
}

/* Prints a dying guest's last words, and does what -action panic= says. */
static void guest_panic(CPUState *cs, uint32_t va, uint32_t len)
{
    ArmkvmState *s = armkvm_state;
    g_autofree char *text = NULL;
    GuestPanicInformation *info;

    bql_lock();
    if (panic_is_too_soon(s)) {
        bql_unlock();
        return;
    }
    if (s->panics_dropped) {
        warn_report("armkvm: %u more reports of panics by the guest were "
                    "dropped", s->panics_dropped);
        s->panics_dropped = 0;
    }
    armkvm_vcpu_get_state(cs);
    text = guest_text(cs, va, len);
    warn_report("armkvm: vCPU %d: the guest reports a panic: %s",
                cs->cpu_index, *text ? text : "(without a text)");
    info = g_new0(GuestPanicInformation, 1);
    info->type = GUEST_PANIC_INFORMATION_TYPE_ARMKVM;
    info->u.armkvm.message = g_steal_pointer(&text);
    qemu_system_guest_panicked(info);
    bql_unlock();
}

void armkvm_arch_handle_hypercall(CPUState *cs)
{
    struct armkvm_run *run = cs->accel->run;
    uint32_t nr = run->hypercall.nr;

    trace_armkvm_hypercall(cs->cpu_index, nr);

    switch (nr) {
    case ARMKVM_HC_PANIC:
        guest_panic(cs, run->hypercall.args[0], run->hypercall.args[1]);
        run->hypercall.ret[0] = ARMKVM_HC_SUCCESS;
        break;
    default:
        run->hypercall.ret[0] = ARMKVM_HC_NOT_SUPPORTED;
        break;
    }
}

const char *armkvm_arch_mode_name(uint32_t cpsr)
{
    return aarch32_mode_name(cpsr);
}

void armkvm_arch_bus_error(CPUState *cs)
{
    struct armkvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
    bool ignore = cs->ignore_memory_transaction_failures ||
                  armkvm_check_extension(armkvm_state,
                                         ARMKVM_CAP_VCPU_EVENTS) <= 0;
    int ret;

    trace_armkvm_bus_error(cs->cpu_index, ignore);
    if (ignore) {
        return;
    }
    ret = armkvm_ioctl(cs->accel->fd, ARMKVM_SET_VCPU_EVENTS, &events);
    if (ret < 0) {
        error_report("armkvm: vCPU %d: the module does not take an external "
                     "abort: %s", cs->cpu_index, strerror(-ret));
        bql_lock();
        armkvm_vm_failed();
        bql_unlock();
    }
}
