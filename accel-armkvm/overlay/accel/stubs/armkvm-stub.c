/*
 * armkvm accelerator: stub for targets and builds without it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/accel.h"
#include "system/armkvm.h"

bool armkvm_allowed;
bool armkvm_irqchip_allowed;
bool armkvm_pv_allowed;

uint64_t armkvm_ram_base(void)
{
    return 0;
}

bool armkvm_irqfd_possible(void)
{
    return false;
}

int armkvm_irq_spi(qemu_irq irq)
{
    return -1;
}

void armkvm_msi_init(int (*spi)(void *opaque, hwaddr address, uint32_t data),
                     void *opaque)
{
}

bool armkvm_msi_via_irqfd(void)
{
    return false;
}

int armkvm_msi_spi(hwaddr address, uint32_t data)
{
    return -1;
}

void armkvm_irqfd_assign(EventNotifier *n, int spi, bool raise)
{
    g_assert_not_reached();
}

void armkvm_irqfd_deassign(EventNotifier *n)
{
    g_assert_not_reached();
}

void armkvm_memory_written(MemoryRegion *mr, hwaddr addr, hwaddr len)
{
    g_assert_not_reached();
}

void armkvm_emulated_tlb_flush(CPUState *cpu)
{
    g_assert_not_reached();
}

void armkvm_emulated_write(ram_addr_t addr)
{
    g_assert_not_reached();
}

void armkvm_code_translated(ram_addr_t page)
{
    g_assert_not_reached();
}

void armkvm_add_fdt_node(void *fdt)
{
    g_assert_not_reached();
}

bool armkvm_in_kvm_name(void)
{
    return false;
}

bool armkvm_accel_exists(const char *name)
{
    return accel_find(name);
}

void armkvm_add_stand_ins(QemuOptsList *list)
{
}
