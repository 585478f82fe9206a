/*
 * armkvm accelerator: event notifiers that interrupt the guest
 *
 * A write to one raises an SPI of the module's GIC within the write: the thread
 * that completes a request interrupts the guest without the main loop and
 * without the BQL.  Which have one is kept here, so that assigning twice and
 * deassigning what is not assigned, which the order of a guest's writes to its
 * device can bring about, change nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "system/armkvm_int.h"
#include "trace.h"

/* The module's GIC as device models see it; no GIC: no handler */
static struct {
    qemu_irq_handler handler;
    void *gic;
    int nr_spis;
} lines;

static struct {
    int (*spi)(void *opaque, hwaddr address, uint32_t data);
    void *opaque;
} messages;

/* EventNotifier to ArmkvmIrqfd; BQL */
static GHashTable *irqfds;

typedef struct ArmkvmIrqfd {
    int fd;                 /* the notifier's may be closed by now */
    int spi;
} ArmkvmIrqfd;

void armkvm_irqfd_init(qemu_irq_handler handler, void *gic, int nr_spis)
{
    if (armkvm_check_extension(armkvm_state, ARMKVM_CAP_IRQFD_RAISE) <= 0) {
        return;
    }
    lines.handler = handler;
    lines.gic = gic;
    lines.nr_spis = nr_spis;
    irqfds = g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

bool armkvm_irqfd_possible(void)
{
    return lines.handler;
}

int armkvm_irq_spi(qemu_irq irq)
{
    if (!lines.handler || !irq || irq->handler != lines.handler ||
        irq->opaque != lines.gic || irq->n >= lines.nr_spis) {
        return -1;
    }
    return irq->n;
}

void armkvm_msi_init(int (*spi)(void *opaque, hwaddr address, uint32_t data),
                     void *opaque)
{
    messages.spi = spi;
    messages.opaque = opaque;
}

bool armkvm_msi_via_irqfd(void)
{
    return messages.spi && armkvm_irqfd_possible();
}

int armkvm_msi_spi(hwaddr address, uint32_t data)
{
    return messages.spi(messages.opaque, address, data);
}

static int call_module(const ArmkvmIrqfd *irqfd, uint32_t flags)
{
    struct armkvm_irqfd call = {
        .fd = irqfd->fd,
        .gsi = irqfd->spi,
        .flags = flags,
    };

    trace_armkvm_irqfd(irqfd->fd, irqfd->spi, flags & ARMKVM_IRQFD_FLAG_RAISE,
                       !(flags & ARMKVM_IRQFD_FLAG_DEASSIGN));
    return armkvm_ioctl(armkvm_state->vmfd, ARMKVM_IRQFD, &call);
}

void armkvm_irqfd_assign(EventNotifier *n, int spi, bool raise)
{
    ArmkvmIrqfd *irqfd;
    int ret;

    armkvm_irqfd_deassign(n);
    if (spi < 0 || spi >= lines.nr_spis) {
        return;
    }
    irqfd = g_new(ArmkvmIrqfd, 1);
    irqfd->fd = event_notifier_get_fd(n);
    irqfd->spi = spi;
    ret = call_module(irqfd, raise ? ARMKVM_IRQFD_FLAG_RAISE : 0);
    if (ret < 0) {
        error_report("armkvm: the module does not connect an event notifier "
                     "to SPI %d: %s", spi, strerror(-ret));
        armkvm_vm_failed();
        g_free(irqfd);
        return;
    }
    g_hash_table_insert(irqfds, n, irqfd);
}

void armkvm_irqfd_deassign(EventNotifier *n)
{
    ArmkvmIrqfd *irqfd = g_hash_table_lookup(irqfds, n);

    if (irqfd) {
        call_module(irqfd, ARMKVM_IRQFD_FLAG_DEASSIGN);
        g_hash_table_remove(irqfds, n);
    }
}
