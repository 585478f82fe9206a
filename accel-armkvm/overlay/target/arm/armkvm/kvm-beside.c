/*
 * Real KVM beside armkvm, on arm64 hosts whose cores have AArch32 at EL1
 *
 * There "-accel kvm:armkvm:tcg" picks KVM, which is faster.  KVM's vCPUs are
 * the host's own core in its 32-bit state: no other CPU model can be had.
 *
 * What KVM can't do must be known before it starts: a vCPU that it refuses
 * later ends QEMU, and no other accelerator takes over.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "qapi/error.h"
#include "hw/boards.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "kvm_arm.h"

/* The CPU model is the host's, and the machine asks for nothing beyond it. */
static bool check_machine(MachineState *ms, Error **errp)
{
    MachineClass *mc = MACHINE_GET_CLASS(ms);
    g_autofree char *model = NULL;
    bool requested;

    if (g_str_equal(mc->name, "none")) {
        return true;
    }
    model = armkvm_arm_model_in_effect(ms, &requested);
    if (model && armkvm_arm_is_host_model(model)) {
        return armkvm_arm_check_virt_options(ms, errp);
    }
    if (armkvm_default_cpu_type(mc)) {
        error_setg(errp, "it runs the host's own core and not the CPU model "
                   "'%s'; use '-cpu host'", model);
    } else {
        error_setg(errp, "the machine type '%s' has a CPU of its own, and it "
                   "runs the host's core only; use '-machine virt -cpu host'",
                   mc->name);
    }
    return false;
}

static void set_open_error(const char *device, int err, Error **errp)
{
    switch (err) {
    case ENOENT:
        error_setg(errp, "there is no %s: this host's kernel has not started "
                   "at EL2, or is built without KVM", device);
        break;
    case EACCES:
    case EPERM:
        error_setg(errp, "no permission for %s; join its group: 'sudo usermod "
                   "-aG kvm $USER', then log in again", device);
        break;
    default:
        error_setg(errp, "%s cannot be opened: %s", device, strerror(err));
        break;
    }
}

/* Makes a 32-bit vCPU and lets it go.  Returns: 0 or a negative errno. */
static int try_vcpu(int kvmfd)
{
    struct kvm_vcpu_init init = {};
    int vmfd, fd, ret;

    do {
        vmfd = ioctl(kvmfd, KVM_CREATE_VM, 0);
    } while (vmfd < 0 && errno == EINTR);
    if (vmfd < 0) {
        return -errno;
    }
    fd = ioctl(vmfd, KVM_CREATE_VCPU, 0);
    if (fd < 0) {
        ret = -errno;
        goto close_vm;
    }
    ret = ioctl(vmfd, KVM_ARM_PREFERRED_TARGET, &init);
    if (ret == 0) {
        init.features[0] = 1 << KVM_ARM_VCPU_EL1_32BIT;
        ret = ioctl(fd, KVM_ARM_VCPU_INIT, &init);
    }
    ret = ret < 0 ? -errno : 0;
    close(fd);
close_vm:
    close(vmfd);
    return ret;
}

static bool check_host(const char *device, Error **errp)
{
    int fd = qemu_open_old(device, O_RDWR);
    bool ok = false;
    int ret;

    if (fd < 0) {
        set_open_error(device, errno, errp);
        return false;
    }
    if (ioctl(fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
        error_setg(errp, "%s is not KVM's: this host's kernel has not started "
                   "at EL2, or is built without KVM", device);
        goto out;
    }
    if (ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_EL1_32BIT) <= 0) {
        error_setg(errp, "this host's cores have no AArch32 at EL1, which its "
                   "32-bit guests need");
        goto out;
    }
    ret = try_vcpu(fd);
    if (ret < 0) {
        error_setg(errp, "%s makes no 32-bit vCPU: %s", device, strerror(-ret));
        goto out;
    }
    ok = true;
out:
    close(fd);
    return ok;
}

int armkvm_check_kvm(MachineState *ms, const char *device)
{
    static unsigned int attempts;
    Error *err = NULL;

    if (check_machine(ms, &err) && check_host(device, &err)) {
        return 0;
    }
    return armkvm_init_failed("kvm", &attempts, true, err);
}

void armkvm_arm_kvm_host_initfn(ARMCPU *cpu)
{
    ARMISARegisters *isar = &cpu->isar;

    kvm_arm_set_cpu_features_from_host(cpu);
    unset_feature(&cpu->env, ARM_FEATURE_AARCH64);

    /* As of any 32-bit core: no SVE, no pointer authentication, no MTE. */
    isar->ARMKVM_ISAR(ID_AA64ISAR0) = 0;
    isar->ARMKVM_ISAR(ID_AA64ISAR1) = 0;
    isar->ARMKVM_ISAR(ID_AA64ISAR2) = 0;
    isar->ARMKVM_ISAR(ID_AA64PFR0) = 0;
    isar->ARMKVM_ISAR(ID_AA64PFR1) = 0;
    isar->ARMKVM_ISAR(ID_AA64MMFR0) = 0;
    isar->ARMKVM_ISAR(ID_AA64MMFR1) = 0;
    isar->ARMKVM_ISAR(ID_AA64MMFR2) = 0;
    isar->ARMKVM_ISAR(ID_AA64MMFR3) = 0;
    isar->ARMKVM_ISAR(ID_AA64DFR0) = 0;
    isar->ARMKVM_ISAR(ID_AA64DFR1) = 0;
    isar->ARMKVM_ISAR(ID_AA64ZFR0) = 0;
    isar->ARMKVM_ISAR(ID_AA64SMFR0) = 0;
}
