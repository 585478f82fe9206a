/*
 * armkvm accelerator: stub for targets and builds without it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "system/armkvm.h"

bool armkvm_allowed;
bool armkvm_irqchip_allowed;
bool armkvm_pv_allowed;

void armkvm_memory_written(MemoryRegion *mr, hwaddr addr, hwaddr len)
{
    g_assert_not_reached();
}

void armkvm_add_fdt_node(void *fdt)
{
    g_assert_not_reached();
}
