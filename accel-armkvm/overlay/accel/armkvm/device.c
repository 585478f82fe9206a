/*
 * armkvm accelerator: the device node and what the module says of itself
 *
 * Most people meet armkvm through this file first: everything that can be
 * wrong with a set-up is found here, and each finding is one line that names
 * the cause and the command that cures it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/config-file.h"
#include "qemu/option.h"
#include "system/armkvm_int.h"
#include "trace.h"

#include <grp.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/utsname.h>
#include <sys/wait.h>

int armkvm_ioctl(int fd, unsigned long request, void *arg)
{
    int ret;

    do {
        ret = ioctl(fd, request, arg);
    } while (ret == -1 && errno == EINTR && request != ARMKVM_RUN);

    return ret == -1 ? -errno : ret;
}

int armkvm_ioctl_value(int fd, unsigned long request, uintptr_t value)
{
    return armkvm_ioctl(fd, request, (void *)value);
}

int armkvm_check_extension(ArmkvmState *s, unsigned int cap)
{
    int ret = armkvm_ioctl_value(s->fd, ARMKVM_CHECK_EXTENSION, cap);

    return ret < 0 ? 0 : ret;
}

int armkvm_enable_cap(ArmkvmState *s, uint32_t cap, uint64_t arg)
{
    struct armkvm_enable_cap enable = { .cap = cap, .args = { arg } };

    return armkvm_ioctl(s->vmfd, ARMKVM_ENABLE_CAP, &enable);
}

static const char *const mode_names[] = {
    [ARMKVM_MODE_SHADOW] = "shadow",
    [ARMKVM_MODE_DIRECT] = "direct",
    [ARMKVM_MODE_TRUSTZONE] = "trustzone",
};

const char *armkvm_mode_name(int mode)
{
    return mode_names[mode];
}

/* Returns: the modes in @mask, separated by commas; g_free() it. */
static char *mode_list(uint32_t mask)
{
    g_autoptr(GString) list = g_string_new(NULL);
    int mode;

    for (mode = 0; mode < ARRAY_SIZE(mode_names); mode++) {
        if (mask & (1u << mode)) {
            g_string_append_printf(list, "%s%s", list->len ? ", " : "",
                                   mode_names[mode]);
        }
    }
    return g_strdup(list->str);
}

int armkvm_mode_by_name(const char *name, Error **errp)
{
    g_autofree char *all = NULL;
    int mode;

    for (mode = 0; mode < ARRAY_SIZE(mode_names); mode++) {
        if (g_str_equal(name, mode_names[mode])) {
            return mode;
        }
    }
    all = mode_list(MAKE_64BIT_MASK(0, ARRAY_SIZE(mode_names)));
    error_setg(errp, "unknown mode '%s'; the modes are: %s", name, all);
    return -1;
}

#define NOT_DIRECT \
    "the module armkvm was not loaded with 'direct=1'; reload it with 'sudo " \
    "modprobe -r armkvm && sudo modprobe armkvm direct=1'"

/* Could it offer mode=direct if it were loaded otherwise?  Not for arm64. */
static bool lacks_direct_parameter(void)
{
    g_autofree char *value = NULL;
    struct utsname un;

    if (uname(&un) == 0 && g_str_equal(un.machine, "aarch64")) {
        return false;
    }
    return !g_file_get_contents("/sys/module/armkvm/parameters/direct", &value,
                                NULL, NULL) || (*value != 'Y' && *value != '1');
}

/* Returns: what to add for somebody who isn't on an Arm machine, or "". */
static char *wrong_host_hint(void)
{
    struct utsname un;

    if (uname(&un) == -1 || g_str_has_prefix(un.machine, "arm") ||
        g_str_has_prefix(un.machine, "aarch64")) {
        return g_strdup("");
    }
    return g_strdup_printf(" on an Arm host (this is %s: use '-accel tcg')",
                           un.machine);
}

/*
 * The module refuses to load on some arm64 hosts, and nothing of it stays to
 * say why.  The reason that a process can see is said without it, so that
 * nobody is sent to load what can't be loaded.
 *
 * Returns: the reason, or NULL: the module may well load.
 */
static const char *host_refusal(void)
{
    int persona = personality(0xffffffff);
    struct utsname un;

    if (uname(&un) == -1 || !g_str_equal(un.machine, "aarch64")) {
        return NULL;
    }
    /* Linux lets nobody be a 32-bit process where not one core can run it. */
    if (persona != -1) {
        if (personality(PER_LINUX32) == -1 && errno == EINVAL) {
            return "this host's cores cannot execute 32-bit code (no AArch32 "
                   "at EL0), which all guests of armkvm are made of; use "
                   "'-accel tcg'";
        }
        personality(persona);
    }
    return NULL;
}

static void report_no_node(ArmkvmState *s, Error **errp)
{
    const char *refusal = host_refusal();
    g_autofree char *hint = wrong_host_hint();

    if (!g_str_equal(s->device, ARMKVM_DEFAULT_DEVICE)) {
        error_setg(errp, "%s does not exist; without 'device=' the node is "
                   ARMKVM_DEFAULT_DEVICE, s->device);
    } else if (access("/sys/module/armkvm", F_OK) == 0) {
        error_setg(errp, "%s does not exist although the module armkvm is "
                   "loaded; make the node with 'sudo udevadm trigger "
                   "--name-match=armkvm'", s->device);
    } else if (refusal) {
        error_setg(errp, "%s", refusal);
    } else {
        error_setg(errp, "%s does not exist: the module armkvm is not "
                   "loaded; load it with 'sudo modprobe armkvm'%s (if it "
                   "refuses, 'sudo dmesg | grep armkvm' says why)",
                   s->device, hint);
    }
}

static void report_no_permission(ArmkvmState *s, Error **errp)
{
    struct passwd *user = getpwuid(geteuid());
    struct group *group = NULL;
    struct stat st;

    if (stat(s->device, &st) == 0 && st.st_gid != 0 &&
        (st.st_mode & (S_IRGRP | S_IWGRP)) == (S_IRGRP | S_IWGRP)) {
        group = getgrgid(st.st_gid);
    }
    if (group && user) {
        error_setg(errp, "no permission to use %s; join its group with "
                   "'sudo usermod -aG %s %s' and log in again",
                   s->device, group->gr_name, user->pw_name);
    } else {
        error_setg(errp, "no permission to use %s; give it to a group that "
                   "you are in: 'sudo chgrp kvm %s && sudo chmod 660 %s'",
                   s->device, s->device, s->device);
    }
}

static void report_not_armkvm(ArmkvmState *s, Error **errp)
{
    if (g_str_equal(s->device, ARMKVM_DEFAULT_DEVICE)) {
        error_setg(errp, "%s is not an armkvm device; make it anew with 'sudo "
                   "rm %s && sudo modprobe -r armkvm && sudo modprobe armkvm'",
                   s->device, s->device);
    } else {
        error_setg(errp, "%s is not an armkvm device; leave out 'device=' to "
                   "use " ARMKVM_DEFAULT_DEVICE, s->device);
    }
}

static bool open_node(ArmkvmState *s, Error **errp)
{
    struct stat st;

    s->fd = qemu_open_old(s->device, O_RDWR);
    if (s->fd >= 0) {
        if (fstat(s->fd, &st) == 0 && S_ISCHR(st.st_mode)) {
            return true;
        }
        errno = ENOTTY;
    }

    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        report_no_node(s, errp);
        break;
    case EACCES:
    case EPERM:
        report_no_permission(s, errp);
        break;
    case ENXIO:
    case ENODEV:
        if (g_str_equal(s->device, ARMKVM_DEFAULT_DEVICE)) {
            error_setg(errp, "%s has no driver: the module armkvm is not "
                       "loaded; load it with 'sudo modprobe armkvm'",
                       s->device);
            break;
        }
        /* fall through */
    case EISDIR:
    case ENOTTY:
        report_not_armkvm(s, errp);
        break;
    default:
        error_setg(errp, "cannot open %s: %s; 'sudo dmesg | grep armkvm' may "
                   "say why", s->device, strerror(errno));
        break;
    }
    return false;
}

static bool check_version(ArmkvmState *s, Error **errp)
{
    int version = armkvm_ioctl_value(s->fd, ARMKVM_GET_API_VERSION, 0);

    if (version < 0) {
        report_not_armkvm(s, errp);
        return false;
    }
    if (version != ARMKVM_API_VERSION) {
        error_setg(errp, "the module has interface version %d and this QEMU "
                   "needs %d; install both from one release and reload it: "
                   "'sudo modprobe -r armkvm && sudo modprobe armkvm'",
                   version, ARMKVM_API_VERSION);
        return false;
    }
    return true;
}

static bool check_mode(ArmkvmState *s, Error **errp)
{
    uint32_t modes = armkvm_check_extension(s, ARMKVM_CAP_MODES);
    g_autofree char *offered = mode_list(modes);

    if (!*offered) {
        error_setg(errp, "the module armkvm offers no guest mode on this "
                   "host; 'sudo dmesg | grep armkvm' says why");
        return false;
    }
    if (!(modes & (1u << s->mode)) && s->mode == ARMKVM_MODE_DIRECT &&
        lacks_direct_parameter()) {
        error_setg(errp, "mode 'direct' is not on offer: " NOT_DIRECT ", or "
                   "choose 'mode=' of: %s", offered);
        return false;
    }
    if (!(modes & (1u << s->mode))) {
        error_setg(errp, "the module armkvm does not offer mode '%s' on this "
                   "host; choose 'mode=' of: %s",
                   armkvm_mode_name(s->mode), offered);
        return false;
    }
    return true;
}

static bool check_capabilities(ArmkvmState *s, Error **errp)
{
    static const struct {
        unsigned int cap;
        const char *name;
    } needed[] = {
        { ARMKVM_CAP_USER_MEMORY, "USER_MEMORY" },
        { ARMKVM_CAP_NR_MEMSLOTS, "NR_MEMSLOTS" },
        { ARMKVM_CAP_DESTROY_MEMORY_REGION_WORKS,
          "DESTROY_MEMORY_REGION_WORKS" },
        { ARMKVM_CAP_READONLY_MEM, "READONLY_MEM" },
        { ARMKVM_CAP_MAX_VCPUS, "MAX_VCPUS" },
        { ARMKVM_CAP_ONE_REG, "ONE_REG" },
        { ARMKVM_CAP_MP_STATE, "MP_STATE" },
        { ARMKVM_CAP_ARM_PSCI_0_2, "ARM_PSCI_0_2" },
        { ARMKVM_CAP_ARM_USER_IRQ, "ARM_USER_IRQ" },
        { ARMKVM_CAP_IMMEDIATE_EXIT, "IMMEDIATE_EXIT" },
    };
    int i;

    for (i = 0; i < ARRAY_SIZE(needed); i++) {
        if (armkvm_check_extension(s, needed[i].cap) <= 0) {
            error_setg(errp, "the module armkvm lacks the capability "
                       "ARMKVM_CAP_%s; install a newer one and reload it: "
                       "'sudo modprobe -r armkvm && sudo modprobe armkvm'",
                       needed[i].name);
            return false;
        }
    }
    return true;
}

static bool may_fork(void)
{
    QemuOptsList *list = qemu_find_opts_err("sandbox", NULL);
    QemuOpts *sandbox = list ? qemu_opts_find(list, NULL) : NULL;

    return !sandbox || g_strcmp0(qemu_opt_get(sandbox, "spawn"), "deny");
}

/*
 * Arm64 hosts: the module wants ASIDs, which come with address spaces, which
 * come with processes (ARMKVM_GIVE_MM).  Without them guests are slower, no
 * more: so nothing here is an error.  Where a sandbox forbids children, one
 * that was started without, once since the module was loaded, has given enough
 * for all.
 */
static void give_address_spaces(ArmkvmState *s)
{
    int wanted = 0, given = 0;

    if (may_fork() && armkvm_check_extension(s, ARMKVM_CAP_GIVE_MM) > 0) {
        wanted = armkvm_ioctl_value(s->fd, ARMKVM_GIVE_MM,
                                    ARMKVM_GIVE_MM_WANTED);
    }
    while (given < wanted) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
            _exit(ioctl(s->fd, ARMKVM_GIVE_MM, ARMKVM_GIVE_MM_MINE) ? 1 : 0);
        }
        if (pid < 0 || RETRY_ON_EINTR(waitpid(pid, &status, 0)) != pid ||
            !WIFEXITED(status) || WEXITSTATUS(status)) {
            break;
        }
        given++;
    }
    trace_armkvm_give_mm(wanted, given);
}

bool armkvm_open(ArmkvmState *s, Error **errp)
{
    int run_size;

    if (!open_node(s, errp) || !check_version(s, errp) ||
        !check_mode(s, errp) || !check_capabilities(s, errp)) {
        goto fail;
    }

    s->reg_values = armkvm_check_extension(s, ARMKVM_CAP_REG_VALUES);
    run_size = armkvm_ioctl_value(s->fd, ARMKVM_GET_VCPU_MMAP_SIZE, 0);
    if (run_size < (int)sizeof(struct armkvm_run)) {
        error_setg(errp, "the module armkvm reports a run page of %d bytes, "
                   "%zu are needed; install QEMU and module from one release",
                   run_size, sizeof(struct armkvm_run));
        goto fail;
    }
    s->run_size = run_size;
    s->nr_slots = armkvm_check_extension(s, ARMKVM_CAP_NR_MEMSLOTS);
    give_address_spaces(s);
    trace_armkvm_open(s->device, armkvm_mode_name(s->mode), s->nr_slots);
    return true;

fail:
    if (s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
    return false;
}

bool armkvm_choose_irqchip(ArmkvmState *s, Error **errp)
{
    bool offered = armkvm_check_extension(s, ARMKVM_CAP_IRQCHIP) > 0 &&
                   armkvm_check_extension(s, ARMKVM_CAP_DEVICE_CTRL) > 0;

    if (s->irqchip == ON_OFF_AUTO_ON && !offered) {
        error_setg(errp, "the module armkvm lacks the capability "
                   "ARMKVM_CAP_IRQCHIP; leave out 'irqchip=on' to use QEMU's "
                   "interrupt controller");
        return false;
    }
    armkvm_irqchip_allowed = s->irqchip != ON_OFF_AUTO_OFF && offered;
    return true;
}

int armkvm_create_vm(ArmkvmState *s, Error **errp)
{
    int ret = armkvm_ioctl_value(s->fd, ARMKVM_CREATE_VM, s->mode);

    if (ret == -EPERM && s->mode == ARMKVM_MODE_DIRECT) {
        error_setg(errp, "mode=direct needs root (CAP_SYS_RAWIO), for such a "
                   "guest's kernel can do to the host whatever the host's own "
                   "can; run QEMU by 'sudo', or use 'mode=shadow'");
        return -1;
    }
    if (ret == -EINVAL && s->mode == ARMKVM_MODE_DIRECT) {
        error_setg(errp, NOT_DIRECT ", or use 'mode=shadow'");
        return -1;
    }
    if (ret < 0) {
        error_setg(errp, "the module armkvm cannot create a VM: %s; "
                   "'sudo dmesg | grep armkvm' may say why", strerror(-ret));
        return -1;
    }
    return ret;
}
