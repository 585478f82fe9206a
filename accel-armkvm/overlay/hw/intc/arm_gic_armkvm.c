/*
 * ARM GICv2 in the module armkvm
 *
 * The guest reaches it without QEMU; what is here carries QEMU's interrupt
 * lines to it, and its state to and from the fields of the common GIC device:
 * at reset, and for a saved VM, whose format is that of QEMU's own model.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/bitops.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "gic_internal.h"
#include "qom/object.h"
#include "system/armkvm_int.h"
#include "system/system.h"

#define TYPE_ARMKVM_ARM_GIC "armkvm-arm-gic"
OBJECT_DECLARE_TYPE(ArmkvmGICState, ArmkvmGICClass, ARMKVM_ARM_GIC)

/* Boards have room for a GICState and no more: what is ours is beside it. */
struct ArmkvmGICState {
    GICState parent_obj;
};

/* Where the board has put the two register blocks; HWADDR_MAX: nowhere. */
typedef struct GICPlace {
    GICState *gic;
    hwaddr dist_addr;
    hwaddr cpu_addr;
    MemoryListener listener;
    Notifier init_done;
} GICPlace;

struct ArmkvmGICClass {
    ARMGICCommonClass parent_class;
    DeviceRealize parent_realize;
    ResettablePhases parent_phases;
};

/* -- lines ---------------------------------------------------------------- */

/* @irq: the SPIs, then the 32 private interrupts of each CPU. */
static void armkvm_gic_set_irq(void *opaque, int irq, int level)
{
    GICState *s = opaque;
    int nr_spis = s->num_irq - GIC_INTERNAL;
    struct armkvm_irq_level call = { .level = !!level };
    int ret;

    if (irq < nr_spis) {
        call.irq = ARMKVM_IRQ_TYPE_SPI << ARMKVM_IRQ_TYPE_SHIFT |
                   (irq + GIC_INTERNAL);
    } else {
        irq -= nr_spis;
        call.irq = ARMKVM_IRQ_TYPE_PPI << ARMKVM_IRQ_TYPE_SHIFT |
                   (irq / GIC_INTERNAL) << ARMKVM_IRQ_VCPU_SHIFT |
                   irq % GIC_INTERNAL;
    }
    ret = armkvm_ioctl(armkvm_state->vmfd, ARMKVM_IRQ_LINE, &call);
    if (ret < 0) {
        error_report("armkvm: the module's GIC does not take interrupt %u: %s",
                     call.irq & ARMKVM_IRQ_NUM_MASK, strerror(-ret));
        armkvm_vm_failed();
    }
}

/* -- state ---------------------------------------------------------------- */

static int device_attr(GICState *s, unsigned long request, uint32_t group,
                       uint64_t attr, void *value)
{
    struct armkvm_device_attr call = {
        .group = group,
        .attr = attr,
        .addr = (uintptr_t)value,
    };

    return armkvm_ioctl(s->dev_fd, request, &call);
}

/* One register of the module's; the first failure stops the VM. */
static void access_reg(GICState *s, uint32_t group, uint32_t offset, int cpu,
                       uint32_t *value, bool write)
{
    static bool failed;
    int ret = device_attr(s, write ? ARMKVM_SET_DEVICE_ATTR
                                   : ARMKVM_GET_DEVICE_ATTR, group,
                          (uint64_t)cpu << ARMKVM_DEV_ARM_VGIC_CPUID_SHIFT |
                          offset, value);

    if (ret < 0 && !failed) {
        failed = true;
        error_report("armkvm: cannot %s the register at 0x%x of the module's "
                     "%s of CPU %d: %s", write ? "set" : "read", offset,
                     group == ARMKVM_DEV_ARM_VGIC_GRP_DIST_REGS ?
                     "GIC distributor" : "GIC interface", cpu,
                     strerror(-ret));
        armkvm_vm_failed();
    }
}

static void dist_reg(GICState *s, uint32_t offset, int cpu, uint32_t *value,
                     bool write)
{
    access_reg(s, ARMKVM_DEV_ARM_VGIC_GRP_DIST_REGS, offset, cpu, value,
               write);
}

static void cpu_reg(GICState *s, uint32_t offset, int cpu, uint32_t *value,
                    bool write)
{
    access_reg(s, ARMKVM_DEV_ARM_VGIC_GRP_CPU_REGS, offset, cpu, value, write);
}

/*
 * An attribute of each interrupt: its field in QEMU's state and back.  @cm is
 * the bit of the CPU that it is asked for, or all for an SPI.
 */
typedef struct GICField {
    uint32_t offset;            /* of the registers; those that set, if any */
    uint32_t clear;             /* of those that clear what is not set, or 0 */
    unsigned int width;         /* bits an interrupt */
    unsigned int nr;            /* interrupts; 0: all that there are */
    uint32_t (*get)(GICState *s, int irq, int cpu, int cm);
    void (*set)(GICState *s, int irq, int cpu, int cm, uint32_t value);
} GICField;

static uint32_t get_group(GICState *s, int irq, int cpu, int cm)
{
    return GIC_DIST_TEST_GROUP(irq, cm);
}

static void set_group(GICState *s, int irq, int cpu, int cm, uint32_t value)
{
    if (value) {
        GIC_DIST_SET_GROUP(irq, cm);
    } else {
        GIC_DIST_CLEAR_GROUP(irq, cm);
    }
}

static uint32_t get_enabled(GICState *s, int irq, int cpu, int cm)
{
    return GIC_DIST_TEST_ENABLED(irq, cm);
}

static void set_enabled(GICState *s, int irq, int cpu, int cm, uint32_t value)
{
    if (value) {
        GIC_DIST_SET_ENABLED(irq, cm);
    } else {
        GIC_DIST_CLEAR_ENABLED(irq, cm);
    }
}

static uint32_t get_pending(GICState *s, int irq, int cpu, int cm)
{
    return gic_test_pending(s, irq, cm);
}

static void set_pending(GICState *s, int irq, int cpu, int cm, uint32_t value)
{
    if (value) {
        GIC_DIST_SET_PENDING(irq, cm);
    } else {
        GIC_DIST_CLEAR_PENDING(irq, cm);
    }
}

static uint32_t get_active(GICState *s, int irq, int cpu, int cm)
{
    return GIC_DIST_TEST_ACTIVE(irq, cm);
}

static void set_active(GICState *s, int irq, int cpu, int cm, uint32_t value)
{
    if (value) {
        GIC_DIST_SET_ACTIVE(irq, cm);
    } else {
        GIC_DIST_CLEAR_ACTIVE(irq, cm);
    }
}

static uint32_t get_trigger(GICState *s, int irq, int cpu, int cm)
{
    return GIC_DIST_TEST_EDGE_TRIGGER(irq) ? 2 : 0;
}

static void set_trigger(GICState *s, int irq, int cpu, int cm, uint32_t value)
{
    if (value & 2) {
        GIC_DIST_SET_EDGE_TRIGGER(irq);
    } else {
        GIC_DIST_CLEAR_EDGE_TRIGGER(irq);
    }
}

static uint32_t get_priority(GICState *s, int irq, int cpu, int cm)
{
    return GIC_DIST_GET_PRIORITY(irq, cpu);
}

static void set_priority(GICState *s, int irq, int cpu, int cm, uint32_t value)
{
    gic_dist_set_priority(s, cpu, irq, value, MEMTXATTRS_UNSPECIFIED);
}

static uint32_t get_target(GICState *s, int irq, int cpu, int cm)
{
    return s->irq_target[irq];
}

static void set_target(GICState *s, int irq, int cpu, int cm, uint32_t value)
{
    /* RAZ with one CPU, which QEMU's model has as a target of all. */
    s->irq_target[irq] = s->num_cpu == 1 ? 1 : value;
}

static uint32_t get_sgi_source(GICState *s, int irq, int cpu, int cm)
{
    return s->sgi_pending[irq][cpu];
}

static void set_sgi_source(GICState *s, int irq, int cpu, int cm,
                           uint32_t value)
{
    s->sgi_pending[irq][cpu] = value;
}

/* Configuration and targets come before what makes an interrupt pending. */
static const GICField gic_fields[] = {
    { 0x100, 0x180, 1, 0, get_enabled, set_enabled },
    { 0x080, 0, 1, 0, get_group, set_group },
    { 0x800, 0, 8, 0, get_target, set_target },
    { 0xc00, 0, 2, 0, get_trigger, set_trigger },
    { 0x400, 0, 8, 0, get_priority, set_priority },
    { 0x200, 0x280, 1, 0, get_pending, set_pending },
    { 0x300, 0x380, 1, 0, get_active, set_active },
    { 0xf20, 0xf10, 8, GIC_NR_SGIS, get_sgi_source, set_sgi_source },
};

/* The registers of private interrupts exist once a CPU. */
static int nr_views(GICState *s, int irq)
{
    return irq < GIC_INTERNAL ? s->num_cpu : 1;
}

static int cpu_mask(int irq, int cpu)
{
    return irq < GIC_INTERNAL ? 1 << cpu : ALL_CPU_MASK;
}

static void put_field(GICState *s, const GICField *f)
{
    int per_reg = 32 / f->width;
    int irq, cpu, i;

    for (irq = 0; irq < (f->nr ?: s->num_irq); irq += per_reg) {
        uint32_t offset = irq / per_reg * 4;

        for (cpu = 0; cpu < nr_views(s, irq); cpu++) {
            uint32_t reg = 0, all = UINT32_MAX;

            for (i = 0; i < per_reg; i++) {
                reg = deposit32(reg, i * f->width, f->width,
                                f->get(s, irq + i, cpu,
                                       cpu_mask(irq, cpu)));
            }
            if (f->clear) {
                dist_reg(s, f->clear + offset, cpu, &all, true);
            }
            dist_reg(s, f->offset + offset, cpu, &reg, true);
        }
    }
}

static void get_field(GICState *s, const GICField *f)
{
    int per_reg = 32 / f->width;
    int irq, cpu, i;

    for (irq = 0; irq < (f->nr ?: s->num_irq); irq += per_reg) {
        for (cpu = 0; cpu < nr_views(s, irq); cpu++) {
            uint32_t reg = 0;

            dist_reg(s, f->offset + irq / per_reg * 4, cpu, &reg, false);
            for (i = 0; i < per_reg; i++) {
                f->set(s, irq + i, cpu, cpu_mask(irq, cpu),
                       extract32(reg, i * f->width, f->width));
            }
        }
    }
}

static void put_cpu_interface(GICState *s, int cpu)
{
    uint32_t reg;
    int i;

    reg = s->cpu_ctlr[cpu];
    cpu_reg(s, 0x00, cpu, &reg, true);
    reg = s->priority_mask[cpu];
    cpu_reg(s, 0x04, cpu, &reg, true);
    reg = s->bpr[cpu];
    cpu_reg(s, 0x08, cpu, &reg, true);
    reg = s->abpr[cpu];
    cpu_reg(s, 0x1c, cpu, &reg, true);
    for (i = 0; i < GIC_NR_APRS; i++) {
        cpu_reg(s, 0xd0 + 4 * i, cpu, &s->apr[i][cpu], true);
        cpu_reg(s, 0xe0 + 4 * i, cpu, &s->nsapr[i][cpu], true);
    }
}

static void get_cpu_interface(GICState *s, int cpu)
{
    uint32_t reg = 0;
    int i;

    cpu_reg(s, 0x00, cpu, &reg, false);
    s->cpu_ctlr[cpu] = reg;
    cpu_reg(s, 0x04, cpu, &reg, false);
    s->priority_mask[cpu] = reg;
    cpu_reg(s, 0x08, cpu, &reg, false);
    s->bpr[cpu] = reg;
    cpu_reg(s, 0x1c, cpu, &reg, false);
    s->abpr[cpu] = reg;
    /* Derived, but not in QEMU's model; 0xff is idle. */
    cpu_reg(s, 0x14, cpu, &reg, false);
    s->running_priority[cpu] = reg == 0xff ? 0x100 : reg;
    for (i = 0; i < GIC_NR_APRS; i++) {
        cpu_reg(s, 0xd0 + 4 * i, cpu, &s->apr[i][cpu], false);
        cpu_reg(s, 0xe0 + 4 * i, cpu, &s->nsapr[i][cpu], false);
    }
}

/* QEMU's fields to the module. */
static void armkvm_gic_put(GICState *s)
{
    uint32_t off = 0;
    int i;

    /* Nothing is signalled before all of it is there. */
    dist_reg(s, 0, 0, &off, true);
    for (i = 0; i < ARRAY_SIZE(gic_fields); i++) {
        put_field(s, &gic_fields[i]);
    }
    for (i = 0; i < s->num_cpu; i++) {
        put_cpu_interface(s, i);
    }
    dist_reg(s, 0, 0, &s->ctlr, true);
}

static void armkvm_gic_get(GICState *s)
{
    int i;

    dist_reg(s, 0, 0, &s->ctlr, false);
    for (i = 0; i < ARRAY_SIZE(gic_fields); i++) {
        get_field(s, &gic_fields[i]);
    }
    for (i = 0; i < s->num_cpu; i++) {
        get_cpu_interface(s, i);
    }
}

static void armkvm_gic_reset_hold(Object *obj, ResetType type)
{
    ArmkvmGICClass *agc = ARMKVM_ARM_GIC_GET_CLASS(obj);

    if (agc->parent_phases.hold) {
        agc->parent_phases.hold(obj, type);
    }
    armkvm_gic_put(ARM_GIC_COMMON(obj));
}

/* -- accesses of emulated vCPUs; of others none comes here ---------------- */

static hwaddr dist_addr, cpuif_addr;

static MemTxResult gic_read(hwaddr addr, uint64_t *data, unsigned int size)
{
    *data = 0;
    return armkvm_module_device(addr, size, false, data) ? MEMTX_OK
                                                         : MEMTX_DECODE_ERROR;
}

static MemTxResult gic_write(hwaddr addr, uint64_t data, unsigned int size)
{
    return armkvm_module_device(addr, size, true, &data) ? MEMTX_OK
                                                         : MEMTX_DECODE_ERROR;
}

static MemTxResult dist_read(void *opaque, hwaddr offset, uint64_t *data,
                             unsigned int size, MemTxAttrs attrs)
{
    return gic_read(dist_addr + offset, data, size);
}

static MemTxResult dist_write(void *opaque, hwaddr offset, uint64_t data,
                              unsigned int size, MemTxAttrs attrs)
{
    return gic_write(dist_addr + offset, data, size);
}

static MemTxResult cpuif_read(void *opaque, hwaddr offset, uint64_t *data,
                              unsigned int size, MemTxAttrs attrs)
{
    return gic_read(cpuif_addr + offset, data, size);
}

static MemTxResult cpuif_write(void *opaque, hwaddr offset, uint64_t data,
                               unsigned int size, MemTxAttrs attrs)
{
    return gic_write(cpuif_addr + offset, data, size);
}

static const MemoryRegionOps armkvm_gic_ops[2] = {
    {
        .read_with_attrs = dist_read,
        .write_with_attrs = dist_write,
        .endianness = DEVICE_NATIVE_ENDIAN,
    }, {
        .read_with_attrs = cpuif_read,
        .write_with_attrs = cpuif_write,
        .endianness = DEVICE_NATIVE_ENDIAN,
    },
};

/* -- the device ----------------------------------------------------------- */

static void note_address(MemoryListener *listener,
                         MemoryRegionSection *section)
{
    GICPlace *place = container_of(listener, GICPlace, listener);
    GICState *s = place->gic;

    if (section->mr == &s->iomem) {
        place->dist_addr = section->offset_within_address_space;
    } else if (section->mr == &s->cpuiomem[0]) {
        place->cpu_addr = section->offset_within_address_space;
    }
}

/* The board is complete: the module learns where its GIC is. */
static void tell_addresses(Notifier *notifier, void *data)
{
    GICPlace *place = container_of(notifier, GICPlace, init_done);
    GICState *s = place->gic;
    uint64_t dist = place->dist_addr, cpu = place->cpu_addr;
    int ret;

    dist_addr = dist;
    cpuif_addr = cpu;
    memory_listener_unregister(&place->listener);
    qemu_remove_machine_init_done_notifier(notifier);
    g_free(place);
    ret = device_attr(s, ARMKVM_SET_DEVICE_ATTR, ARMKVM_DEV_ARM_VGIC_GRP_ADDR,
                      ARMKVM_VGIC_V2_ADDR_TYPE_DIST, &dist);
    if (ret == 0) {
        ret = device_attr(s, ARMKVM_SET_DEVICE_ATTR,
                          ARMKVM_DEV_ARM_VGIC_GRP_ADDR,
                          ARMKVM_VGIC_V2_ADDR_TYPE_CPU, &cpu);
    }
    if (ret < 0) {
        error_report("armkvm: the module's GIC cannot be at 0x%" PRIx64
                     " and 0x%" PRIx64 ", where this machine has it: %s; use "
                     "'-accel armkvm,irqchip=off'", dist, cpu, strerror(-ret));
        exit(1);
    }
}

static bool create_in_module(GICState *s, Error **errp)
{
    struct armkvm_create_device create = {
        .type = ARMKVM_DEV_TYPE_ARM_VGIC_V2,
    };
    uint32_t num_irq = s->num_irq;
    int ret;

    ret = armkvm_ioctl(armkvm_state->vmfd, ARMKVM_CREATE_DEVICE, &create);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module armkvm cannot create a GIC");
        return false;
    }
    s->dev_fd = create.fd;
    ret = device_attr(s, ARMKVM_SET_DEVICE_ATTR,
                      ARMKVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &num_irq);
    if (ret == 0) {
        ret = device_attr(s, ARMKVM_SET_DEVICE_ATTR,
                          ARMKVM_DEV_ARM_VGIC_GRP_CTRL,
                          ARMKVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
    }
    if (ret < 0) {
        error_setg_errno(errp, -ret, "the module armkvm cannot have a GIC of "
                         "%u interrupts for %u CPUs", num_irq, s->num_cpu);
        error_append_hint(errp, "'-accel armkvm,irqchip=off' takes QEMU's "
                          "model.\n");
        close(s->dev_fd);
        s->dev_fd = -1;
        return false;
    }
    return true;
}

static void armkvm_gic_realize(DeviceState *dev, Error **errp)
{
    ERRP_GUARD();
    ArmkvmGICState *ags = ARMKVM_ARM_GIC(dev);
    ArmkvmGICClass *agc = ARMKVM_ARM_GIC_GET_CLASS(ags);
    GICState *s = ARM_GIC_COMMON(dev);
    GICPlace *place;

    agc->parent_realize(dev, errp);
    if (*errp) {
        return;
    }
    if (s->revision != 2 || s->security_extn || s->virt_extn) {
        error_setg(errp, "the GIC in the module armkvm is a GICv2 without "
                   "security and virtualization extensions");
        error_append_hint(errp, "'-accel armkvm,irqchip=off' takes QEMU's "
                          "model.\n");
        return;
    }
    if (!create_in_module(s, errp)) {
        return;
    }
    gic_init_irqs_and_mmio(s, armkvm_gic_set_irq, armkvm_gic_ops, NULL);
    armkvm_irqfd_init(armkvm_gic_set_irq, s, s->num_irq - GIC_INTERNAL);

    place = g_new(GICPlace, 1);
    *place = (GICPlace) {
        .gic = s,
        .dist_addr = HWADDR_MAX,
        .cpu_addr = HWADDR_MAX,
        .listener = {
            .name = "armkvm-gic",
            .priority = MEMORY_LISTENER_PRIORITY_DEV_BACKEND,
            .region_add = note_address,
        },
        .init_done.notify = tell_addresses,
    };
    memory_listener_register(&place->listener, &address_space_memory);
    qemu_add_machine_init_done_notifier(&place->init_done);
}

static void armkvm_gic_class_init(ObjectClass *klass, ARMKVM_CLASS_DATA *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);
    ARMGICCommonClass *agcc = ARM_GIC_COMMON_CLASS(klass);
    ArmkvmGICClass *agc = ARMKVM_ARM_GIC_CLASS(klass);

    agcc->pre_save = armkvm_gic_get;
    agcc->post_load = armkvm_gic_put;
    device_class_set_parent_realize(dc, armkvm_gic_realize,
                                    &agc->parent_realize);
    resettable_class_set_parent_phases(rc, NULL, armkvm_gic_reset_hold, NULL,
                                       &agc->parent_phases);
}

static const TypeInfo armkvm_gic_type = {
    .name = TYPE_ARMKVM_ARM_GIC,
    .parent = TYPE_ARM_GIC_COMMON,
    .instance_size = sizeof(ArmkvmGICState),
    .class_init = armkvm_gic_class_init,
    .class_size = sizeof(ArmkvmGICClass),
};

static void armkvm_gic_register_types(void)
{
    type_register_static(&armkvm_gic_type);
}

type_init(armkvm_gic_register_types)
