/*
 * armkvm on Arm: CPU models
 *
 * User code runs on the host's core itself, so a guest's core can only be one
 * whose features the host has, or the module emulates.  Which those are is the
 * module's decision: it takes the identification registers of the model, or
 * refuses one.  This file names what is missing then, and makes "-cpu host".
 *
 * Sections cited are of DDI 0406C, the ARMv7-A Architecture Reference Manual.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/boards.h"
#include "hw/registerfields.h"
#include "system/armkvm_int.h"
#include "system/system.h"
#include "armkvm_arm.h"
#include "cpu-features.h"
#include "internals.h"
#include "multiprocessing.h"
#include "trace.h"

const char *const armkvm_arm_models[] = {
    "cortex-a7", "cortex-a8", "cortex-a9", "cortex-a15", "host", "max", NULL
};

#define CP15_ID(crm, op2)   ARMKVM_REG_CP32(15, 0, 0, crm, op2)
#define VFP_ID(reg)         (ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | \
                             ARMKVM_REG_ARM_VFP | ARMKVM_REG_ARM_VFP_##reg)
#define MIDR_ID             CP15_ID(0, 0)
#define CTR_ID              CP15_ID(0, 1)
#define MPIDR_ID            CP15_ID(0, 5)
#define CLIDR_ID            ARMKVM_REG_CP32(15, 1, 0, 0, 1)
#define SCTLR_ID            ARMKVM_REG_CP32(15, 0, 1, 0, 0)
#define PMCR_ID             ARMKVM_REG_CP32(15, 0, 9, 12, 0)
#define CCSIDR_ID(n)        (ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | \
                             ARMKVM_REG_ARM_DEMUX | \
                             ARMKVM_REG_ARM_DEMUX_ID_CCSIDR | (n))

/*
 * The identification registers that describe instructions and system features
 * (B7.2), with a name for each 4-bit field, the lowest first.
 */
typedef struct IdReg {
    const char *name;
    uint64_t id;
    struct {
        size_t offset;      /* of the model's value in ARMISARegisters */
        size_t size;        /* 4 or 8 bytes, of which 32 bits are used */
    } member;
    const char *fields[8];
} IdReg;

#define ID_OFFSET(reg)      offsetof(ARMISARegisters, ARMKVM_ISAR(reg))
#define MEMBER(field)       { offsetof(ARMISARegisters, field), \
                              sizeof_field(ARMISARegisters, field) }
#define ISAR(reg)           MEMBER(ARMKVM_ISAR(reg))

static const IdReg id_regs[] = {
    { "ID_PFR0", CP15_ID(1, 0), ISAR(ID_PFR0),
      { "the Arm instruction set", "the Thumb instruction set", "Jazelle",
        "ThumbEE" } },
    { "ID_PFR1", CP15_ID(1, 1), ISAR(ID_PFR1),
      { "the ARMv4 programmer's model", "the Security Extensions",
        "the M-profile model", "the Virtualization Extensions",
        "the generic timer" } },
    { "ID_DFR0", CP15_ID(1, 2), ISAR(ID_DFR0) },
    { "ID_MMFR0", CP15_ID(1, 4), ISAR(ID_MMFR0),
      { "the VMSA (LPAE)", "the PMSA", "outermost shareability",
        "shareability levels", "TCMs", "the auxiliary control register",
        "the FCSE", "inner shareability" } },
    { "ID_MMFR1", CP15_ID(1, 5), ISAR(ID_MMFR1),
      { "L1 maintenance by address", "L1 unified maintenance by address",
        "L1 maintenance by set/way", "L1 unified maintenance by set/way",
        "L1 maintenance of all", "L1 unified maintenance of all",
        "L1 test and clean", "branch predictor requirements" } },
    { "ID_MMFR2", CP15_ID(1, 6), ISAR(ID_MMFR2),
      { "L1 foreground fetch", "L1 background fetch", "L1 range maintenance",
        "TLB maintenance", "unified TLB maintenance", "memory barriers",
        "WFI stalling", "the hardware access flag" } },
    { "ID_MMFR3", CP15_ID(1, 7), ISAR(ID_MMFR3),
      { "cache maintenance by address", "cache maintenance by set/way",
        "branch predictor maintenance", "maintenance broadcast", NULL,
        "coherent table walks", "large physical addresses", "supersections" } },
    { "ID_ISAR0", CP15_ID(2, 0), ISAR(ID_ISAR0),
      { "swap instructions", "bit counting", "bit-field instructions",
        "compare and branch", "coprocessor instructions",
        "debug instructions", "hardware integer division" } },
    { "ID_ISAR1", CP15_ID(2, 1), ISAR(ID_ISAR1),
      { "SETEND", "exception instructions", "A/R exception instructions",
        "extend instructions", "if-then instructions",
        "long immediates", "interworking", "Jazelle instructions" } },
    { "ID_ISAR2", CP15_ID(2, 2), ISAR(ID_ISAR2),
      { "load/store instructions", "memory hints",
        "restartable multiple accesses", "multiply instructions",
        "signed multiplies", "unsigned multiplies", "PSR instructions",
        "reversal instructions" } },
    { "ID_ISAR3", CP15_ID(2, 3), ISAR(ID_ISAR3),
      { "saturating instructions", "SIMD instructions", "SVC",
        "exclusive accesses", "table branch", "Thumb copies", "true NOP",
        "ThumbEE instructions" } },
    { "ID_ISAR4", CP15_ID(2, 4), ISAR(ID_ISAR4),
      { "unprivileged accesses", "shifted operands", "write-back addressing",
        "SMC", "barrier instructions", "exclusive accesses",
        "M-profile PSR instructions", "swap instructions" } },
    { "ID_ISAR5", CP15_ID(2, 5), ISAR(ID_ISAR5),
      { "SEVL", "AES instructions", "SHA1 instructions",
        "SHA256 instructions", "CRC32 instructions", NULL,
        "rounding multiply-add", "complex numbers" } },
    { "MVFR0", VFP_ID(MVFR0), MEMBER(mvfr0),
      { "32 double-precision registers", "single precision",
        "double precision", "exception trapping", "hardware division",
        "hardware square root", "short vectors", "rounding modes" } },
    { "MVFR1", VFP_ID(MVFR1), MEMBER(mvfr1),
      { "flush to zero", "NaN propagation", "NEON loads and stores",
        "NEON integers", "NEON single precision", "NEON half precision",
        "half-precision conversion", "fused multiply-add (VFPv4)" } },
};

/* -- the host's core ------------------------------------------------------ */

typedef struct HostCPU {
    bool known;
    ARMISARegisters isar;
    uint32_t midr;
    uint32_t ctr;
    uint32_t clidr;
    uint32_t fpsid;
    uint32_t sctlr;
    uint32_t pmcr;
    uint64_t ccsidr[16];
} HostCPU;

static HostCPU host_cpu;

static uint32_t get_isar(const ARMISARegisters *isar, const IdReg *reg)
{
    const void *member = (const void *)isar + reg->member.offset;

    return reg->member.size == 8 ? *(const uint64_t *)member
                                 : *(const uint32_t *)member;
}

static void set_isar(ARMISARegisters *isar, const IdReg *reg, uint32_t value)
{
    void *member = (void *)isar + reg->member.offset;

    if (reg->member.size == 8) {
        *(uint64_t *)member = value;
    } else {
        *(uint32_t *)member = value;
    }
}

#define ID_FIELD(isar, reg, field) \
    FIELD_EX32((isar)->ARMKVM_ISAR(reg), reg, field)

/* Returns: the register's value, 0 where the module hasn't got it. */
static uint32_t read_u32(int fd, uint64_t id)
{
    uint32_t value = 0;
    struct armkvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

    return armkvm_ioctl(fd, ARMKVM_GET_ONE_REG, &reg) < 0 ? 0 : value;
}

static int write_u32(int fd, uint64_t id, uint32_t value)
{
    struct armkvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

    return armkvm_ioctl(fd, ARMKVM_SET_ONE_REG, &reg);
}

static void read_host_cpu(int fd)
{
    int i;

    for (i = 0; i < ARRAY_SIZE(id_regs); i++) {
        set_isar(&host_cpu.isar, &id_regs[i], read_u32(fd, id_regs[i].id));
    }
    for (i = 0; i < ARRAY_SIZE(host_cpu.ccsidr); i++) {
        host_cpu.ccsidr[i] = read_u32(fd, CCSIDR_ID(i));
    }
    host_cpu.midr = read_u32(fd, MIDR_ID);
    host_cpu.ctr = read_u32(fd, CTR_ID);
    host_cpu.clidr = read_u32(fd, CLIDR_ID);
    host_cpu.fpsid = read_u32(fd, VFP_ID(FPSID));
    host_cpu.sctlr = read_u32(fd, SCTLR_ID);
    host_cpu.pmcr = read_u32(fd, PMCR_ID);
    host_cpu.known = true;
    trace_armkvm_host_cpu(host_cpu.midr,
                          host_cpu.isar.ARMKVM_ISAR(ID_ISAR0),
                          host_cpu.isar.mvfr1);
}

/* -- what a model needs --------------------------------------------------- */

static void add_missing(GString *list, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void add_missing(GString *list, const char *format, ...)
{
    va_list args;

    if (list->len) {
        g_string_append(list, ", ");
    }
    va_start(args, format);
    g_string_append_vprintf(list, format, args);
    va_end(args);
}

/* Adds the fields in which @wanted is more than @have, by name. */
static void name_missing(GString *list, const IdReg *reg, uint32_t wanted,
                         uint32_t have)
{
    size_t before = list->len;
    int i;

    for (i = 0; i < 8; i++) {
        if (extract32(wanted, i * 4, 4) <= extract32(have, i * 4, 4)) {
            continue;
        }
        if (reg->fields[i]) {
            add_missing(list, "%s", reg->fields[i]);
        } else {
            add_missing(list, "%s bits %d-%d", reg->name, i * 4, i * 4 + 3);
        }
    }
    if (list->len == before) {
        add_missing(list, "%s 0x%08x", reg->name, wanted);
    }
}

/* CPU objects not yet realized still show EL2 and EL3, which no guest has. */
static uint32_t model_value(ARMCPU *cpu, const IdReg *reg)
{
    uint32_t value = get_isar(&cpu->isar, reg);

    switch (reg->member.offset) {
    case ID_OFFSET(ID_PFR1):
        value = FIELD_DP32(value, ID_PFR1, SECURITY, 0);
        value = FIELD_DP32(value, ID_PFR1, VIRTUALIZATION, 0);
        break;
    }
    return value;
}

/* Debug and the performance monitors are the module's, whatever the model. */
static bool is_modules_own(const IdReg *reg)
{
    return reg->member.offset == ID_OFFSET(ID_DFR0);
}

/*
 * Features that software finds by their field or does without: where the host
 * has less, the guest sees less.  Cortex-A9 itself has no short vectors, other
 * than QEMU's model says.
 */
static uint32_t optional_fields(const IdReg *reg)
{
    switch (reg->member.offset) {
    case ID_OFFSET(ID_PFR0):
        return R_ID_PFR0_STATE3_MASK;                   /* ThumbEE */
    case ID_OFFSET(ID_ISAR3):
        return R_ID_ISAR3_T32EE_MASK;
    case ID_OFFSET(ID_MMFR0):
        return R_ID_MMFR0_FCSE_MASK | R_ID_MMFR0_INNERSHR_MASK;
    case offsetof(ARMISARegisters, mvfr0):
        return R_MVFR0_FPSHVEC_MASK;
    default:
        return 0;
    }
}

/* @wanted with no more in the optional fields than @have. */
static uint32_t without_optional(const IdReg *reg, uint32_t wanted,
                                 uint32_t have)
{
    uint32_t optional = optional_fields(reg);
    int i;

    for (i = 0; i < 32; i += 4) {
        uint32_t field = MIN(extract32(wanted, i, 4), extract32(have, i, 4));

        if (extract32(optional, i, 4)) {
            wanted = deposit32(wanted, i, 4, field);
        }
    }
    return wanted;
}

static void set_id_regs(int fd, ARMCPU *cpu, GString *missing)
{
    int i;

    for (i = 0; i < ARRAY_SIZE(id_regs); i++) {
        const IdReg *reg = &id_regs[i];
        uint32_t have = read_u32(fd, reg->id);
        uint32_t wanted = model_value(cpu, reg);

        if (wanted == have || is_modules_own(reg)) {
            continue;
        }
        if (write_u32(fd, reg->id, wanted) < 0 &&
            write_u32(fd, reg->id, without_optional(reg, wanted, have)) < 0) {
            wanted = without_optional(reg, wanted, have);
            name_missing(missing, reg, wanted, have);
            trace_armkvm_model_refused(object_get_typename(OBJECT(cpu)),
                                       reg->name, wanted, have);
        }
    }
}

bool armkvm_arm_set_model(int fd, ARMCPU *cpu, char **missing)
{
    g_autoptr(GString) list = g_string_new(NULL);
    uint32_t midr = cpu->midr;
    uint32_t mpidr = 0;

    set_id_regs(fd, cpu, list);

    /* An older module has no performance monitors. */
    if (cpu->isar.reset_pmcr_el0) {
        write_u32(fd, PMCR_ID, cpu->isar.reset_pmcr_el0);
    }
    if (write_u32(fd, MIDR_ID, midr) < 0) {
        add_missing(list, "MIDR 0x%08x", midr);
    }
    if (cpu->mp_affinity != ARM64_AFFINITY_INVALID) {
        /* Bit 31: the format of the multiprocessing extensions (B4.1.106). */
        mpidr = arm_cpu_mp_affinity(cpu) | (1u << 31);
        if (write_u32(fd, MPIDR_ID, mpidr) < 0) {
            add_missing(list, "MPIDR 0x%08x", mpidr);
        }
    }
    if (!list->len) {
        return true;
    }
    *missing = g_strdup(list->str);
    return false;
}

/* -- at start-up: a scratch VM tells -------------------------------------- */

/* Returns: a vCPU descriptor in its reset state, or a negative errno. */
static int scratch_vcpu(int vmfd)
{
    struct armkvm_vcpu_init init;
    int fd, ret;

    fd = armkvm_ioctl_value(vmfd, ARMKVM_CREATE_VCPU, 0);
    if (fd < 0) {
        return fd;
    }
    ret = armkvm_ioctl(vmfd, ARMKVM_ARM_PREFERRED_TARGET, &init);
    if (ret == 0) {
        ret = armkvm_ioctl(fd, ARMKVM_ARM_VCPU_INIT, &init);
    }
    if (ret < 0) {
        close(fd);
        return ret;
    }
    return fd;
}

/* Runs @test on a vCPU of a VM that is gone afterwards. */
static bool with_scratch_vcpu(ArmkvmState *s,
                              bool (*test)(int fd, void *opaque, Error **errp),
                              void *opaque, Error **errp)
{
    int vmfd, fd;
    bool ok = false;

    vmfd = armkvm_create_vm(s, errp);
    if (vmfd < 0) {
        return false;
    }
    fd = scratch_vcpu(vmfd);
    if (fd < 0) {
        error_setg(errp, "the module armkvm cannot create a vCPU: %s; 'sudo "
                   "dmesg | grep armkvm' may say why", strerror(-fd));
    } else {
        ok = test(fd, opaque, errp);
        close(fd);
    }
    close(vmfd);
    return ok;
}

static bool probe_host(int fd, void *opaque, Error **errp)
{
    read_host_cpu(fd);
    return true;
}

static bool test_model(int fd, void *opaque, Error **errp)
{
    const char *model = opaque;
    g_autofree char *type = g_strdup_printf(ARM_CPU_TYPE_NAME("%s"), model);
    g_autofree char *missing = NULL;
    Object *cpu = object_new(type);
    bool ok = armkvm_arm_set_model(fd, ARM_CPU(cpu), &missing);

    if (!ok) {
        error_setg(errp, "%s", missing);
    }
    object_unref(cpu);
    return ok;
}

bool armkvm_arm_is_host_model(const char *model)
{
    return g_str_equal(model, "host") || g_str_equal(model, "max");
}

/* The models that this very host can run, separated by commas; g_free() it. */
static char *possible_models(ArmkvmState *s)
{
    g_autoptr(GString) list = g_string_new(NULL);
    int i;

    for (i = 0; armkvm_arm_models[i]; i++) {
        const char *model = armkvm_arm_models[i];

        if (armkvm_arm_is_host_model(model) ||
            with_scratch_vcpu(s, test_model, (void *)model, NULL)) {
            g_string_append_printf(list, "%s%s", list->len ? ", " : "", model);
        }
    }
    return g_strdup(list->str);
}

bool armkvm_arch_probe_host(ArmkvmState *s, MachineState *ms, Error **errp)
{
    g_autofree char *model = NULL;
    g_autofree char *models = NULL;
    const char *option = qemu_cpu_option();
    Error *why = NULL;
    bool requested;

    if (!with_scratch_vcpu(s, probe_host, NULL, errp)) {
        return false;
    }
    model = armkvm_arm_model_in_effect(ms, &requested);
    if (!model || armkvm_arm_is_host_model(model)) {
        return true;
    }
    if (requested && strchr(option, ',')) {
        /* With features switched off it may fit: the real vCPU will tell. */
        return true;
    }
    if (with_scratch_vcpu(s, test_model, model, &why)) {
        return true;
    }
    models = possible_models(s);
    error_setg(errp, "the CPU model '%s' needs what this host does not have: "
               "%s; models that can be run: %s", model, error_get_pretty(why),
               models);
    error_free(why);
    return false;
}

/* -- CPU objects ---------------------------------------------------------- */

void armkvm_arm_cpu_pre_realize(ARMCPU *cpu)
{
    cpu->has_el2 = false;
    cpu->has_el3 = false;
    /* The module's counts; QEMU's model of it would count beside. */
    cpu->has_pmu = false;
}

static const char *dtb_compatible(uint32_t midr)
{
    static const struct {
        uint32_t part;      /* implementer and part number */
        const char *name;
    } parts[] = {
        { 0x4100c050, "arm,cortex-a5" },
        { 0x4100c070, "arm,cortex-a7" },
        { 0x4100c080, "arm,cortex-a8" },
        { 0x4100c090, "arm,cortex-a9" },
        { 0x4100c0d0, "arm,cortex-a12" },
        { 0x4100c0e0, "arm,cortex-a17" },
        { 0x4100c0f0, "arm,cortex-a15" },
    };
    int i;

    for (i = 0; i < ARRAY_SIZE(parts); i++) {
        if ((midr & 0xff00fff0) == parts[i].part) {
            return parts[i].name;
        }
    }
    return "arm,armv7";
}

/* QEMU's feature bits, which follow from the identification registers. */
static void set_host_features(ARMCPU *cpu)
{
    CPUARMState *env = &cpu->env;
    const ARMISARegisters *isar = &cpu->isar;

    set_feature(env, ARM_FEATURE_V7);
    set_feature(env, ARM_FEATURE_CBAR_RO);
    if (ID_FIELD(isar, ID_ISAR5, SEVL)) {
        set_feature(env, ARM_FEATURE_V8);
    } else if (ID_FIELD(isar, ID_ISAR0, DIVIDE) > 1) {
        set_feature(env, ARM_FEATURE_V7VE);
    }
    if (ID_FIELD(isar, ID_MMFR0, VMSA) >= 5) {
        set_feature(env, ARM_FEATURE_LPAE);
    }
    if (ID_FIELD(isar, ID_MMFR3, MAINTBCST) >= 2) {
        set_feature(env, ARM_FEATURE_V7MP);
    }
    if (FIELD_EX32(isar->mvfr1, MVFR1, SIMDINT)) {
        set_feature(env, ARM_FEATURE_NEON);
    }
    if (ID_FIELD(isar, ID_PFR0, STATE3)) {
        set_feature(env, ARM_FEATURE_THUMB2EE);
    }
    if (ID_FIELD(isar, ID_PFR1, GENTIMER)) {
        set_feature(env, ARM_FEATURE_GENERIC_TIMER);
    }
}

static bool get_aarch64(Object *obj, Error **errp)
{
    return false;
}

static void set_aarch64(Object *obj, bool value, Error **errp)
{
    if (value) {
        error_setg(errp, "this QEMU has 32-bit CPUs only: use 'aarch64=off'");
    }
}

void armkvm_arm_host_initfn(Object *obj)
{
    ARMCPU *cpu = ARM_CPU(obj);

    /* How qemu-system-aarch64 is asked for a 32-bit CPU with KVM. */
    object_property_add_bool(obj, "aarch64", get_aarch64, set_aarch64);

    if (kvm_enabled()) {
        armkvm_arm_kvm_host_initfn(cpu);
        return;
    }
    if (!host_cpu.known) {
        /* Without armkvm; realize reports it, this is too early to. */
        set_feature(&cpu->env, ARM_FEATURE_V7);
        cpu->isar.ARMKVM_ISAR(ID_ISAR1) = FIELD_DP32(0, ID_ISAR1, JAZELLE,
                                                     1);
        cpu->host_cpu_probe_failed = true;
        return;
    }
    cpu->isar = host_cpu.isar;
    cpu->midr = host_cpu.midr;
    cpu->ctr = host_cpu.ctr;
    ARMKVM_CLIDR(cpu) = host_cpu.clidr;
    memcpy(cpu->ccsidr, host_cpu.ccsidr, sizeof(cpu->ccsidr));
    cpu->reset_fpsid = host_cpu.fpsid;
    cpu->reset_sctlr = host_cpu.sctlr;
    cpu->isar.reset_pmcr_el0 = host_cpu.pmcr;
    cpu->dtb_compatible = dtb_compatible(host_cpu.midr);
    set_host_features(cpu);
}

static const ARMCPUInfo host_model = {
    .name = "host",
    .initfn = armkvm_arm_host_initfn,
};

static void armkvm_arm_register_host_model(void)
{
    arm_cpu_register(&host_model);
}

type_init(armkvm_arm_register_host_model);
