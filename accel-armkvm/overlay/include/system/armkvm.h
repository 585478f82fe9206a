/*
 * armkvm accelerator: what the rest of QEMU may ask
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SYSTEM_ARMKVM_H
#define SYSTEM_ARMKVM_H

#include "exec/hwaddr.h"

#ifdef COMPILING_PER_TARGET
# ifdef CONFIG_ARMKVM
#  define CONFIG_ARMKVM_IS_POSSIBLE
# endif
#else
# define CONFIG_ARMKVM_IS_POSSIBLE
#endif

#ifdef CONFIG_ARMKVM_IS_POSSIBLE

extern bool armkvm_allowed;
extern bool armkvm_irqchip_allowed;
extern bool armkvm_pv_allowed;

/* True once "-accel armkvm" was chosen and has started. */
#define armkvm_enabled() (armkvm_allowed)

/* Whether boards shall take the GICv2 in the module where they have one. */
#define armkvm_irqchip_in_kernel() (armkvm_allowed && armkvm_irqchip_allowed)

/* Whether the guest is told that it runs on armkvm, and what it may call. */
#define armkvm_pv_enabled() (armkvm_allowed && armkvm_pv_allowed)

/* The node by which the guest finds its calls, new in @fdt. */
void armkvm_add_fdt_node(void *fdt);

/**
 * armkvm_memory_written: QEMU or a device of its has written to guest RAM
 *
 * @addr is an offset in @mr, which is RAM; @len in bytes.
 */
void armkvm_memory_written(MemoryRegion *mr, hwaddr addr, hwaddr len);

/**
 * armkvm_check_kvm: whether real KVM can run this machine's 32-bit guest
 *
 * "-accel kvm" asks before it touches anything of its own, @device is its node.
 * If KVM can't the reason is printed, and which -accel goes on.
 *
 * Returns: 0, -ECANCELED if another -accel goes on, else -ENODEV.
 */
int armkvm_check_kvm(MachineState *ms, const char *device);

#else

#define armkvm_enabled() (false)
#define armkvm_irqchip_in_kernel() (false)
#define armkvm_pv_enabled() (false)
#define armkvm_add_fdt_node(fdt) do { } while (0)
#define armkvm_check_kvm(ms, device) (0)

#endif

#endif /* SYSTEM_ARMKVM_H */
