/*
 * armkvm accelerator: what the rest of QEMU may ask
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SYSTEM_ARMKVM_H
#define SYSTEM_ARMKVM_H

#include "exec/cpu-common.h"
#include "exec/hwaddr.h"
#include "hw/irq.h"
#include "qemu/event_notifier.h"

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

/*
 * Where the board's RAM has to be: where the host has it, for the guest's
 * kernel is to run privileged.  0: where the board would have it.
 */
uint64_t armkvm_ram_base(void);

/* The node by which the guest finds its calls, new in @fdt. */
void armkvm_add_fdt_node(void *fdt);

/**
 * armkvm_memory_written: QEMU or a device of its has written to guest RAM
 *
 * @addr is an offset in @mr, which is RAM; @len in bytes.
 */
void armkvm_memory_written(MemoryRegion *mr, hwaddr addr, hwaddr len);

/*
 * Whether a write to an event notifier can interrupt the guest by itself: the
 * module has the interrupt controller.  With the BQL, as the rest of these.
 */
bool armkvm_irqfd_possible(void);

/*
 * Returns: the number of the SPI that @irq is, counted from 0; -1 if it is no
 * line of the module's interrupt controller.
 */
int armkvm_irq_spi(qemu_irq irq);

/*
 * A board's MSI frame says of a message which SPI it raises, or -1: @spi, which
 * gets @opaque.
 */
void armkvm_msi_init(int (*spi)(void *opaque, hwaddr address, uint32_t data),
                     void *opaque);

/* Whether there is such a frame, and armkvm_irqfd_possible(). */
bool armkvm_msi_via_irqfd(void);

/* Returns: the SPI that the message raises, or -1: none, so no interrupt. */
int armkvm_msi_spi(hwaddr address, uint32_t data);

/**
 * armkvm_irqfd_assign: let writes to @n interrupt the guest
 *
 * The interrupt is pulsed, for messages; with @raise it is raised, and lowered
 * by the device model with qemu_set_irq(), for lines.  A number that no SPI
 * has (a guest that asks for it gets no interrupt) is as good as any other.  If
 * @n has one already, that goes.
 */
void armkvm_irqfd_assign(EventNotifier *n, int spi, bool raise);

/* When it returns no interrupt comes from @n any more.  If it has one. */
void armkvm_irqfd_deassign(EventNotifier *n);

/*
 * Whether a board can have QEMU's GICv3, and it has one: system registers of
 * its CPU interface are QEMU's from now on. Ends QEMU where that fails. Before
 * the first vCPU runs.
 */
bool armkvm_gicv3_possible(void);
void armkvm_gicv3_enable(void);

/**
 * armkvm_check_kvm: whether real KVM can run this machine's 32-bit guest
 *
 * "-accel kvm" asks before it touches anything of its own, @device is its node.
 * If KVM can't the reason is printed, and which -accel goes on.
 *
 * Returns: 0, -ECANCELED if another -accel goes on, else -ENODEV.
 */
int armkvm_check_kvm(MachineState *ms, const char *device);

/*
 * Whether this QEMU was started under a name that ends in "-kvm": then it
 * answers for KVM where armkvm runs, to those who know only that.
 */
bool armkvm_in_kvm_name(void);

/* Whether there is the accelerator @name, "kvm" by its stand-in included. */
bool armkvm_accel_exists(const char *name);

/* Under such a name, armkvm follows each "-accel kvm" of @list. */
void armkvm_add_stand_ins(QemuOptsList *list);

/*
 * TCG, which executes code of armkvm's guests that the module can't, tells of
 * the vCPU's TLB maintenance, of a store to a page of guest RAM, and of such a
 * page's first translated code. The vCPU's own thread.
 */
void armkvm_emulated_tlb_flush(CPUState *cpu);
void armkvm_emulated_write(ram_addr_t addr);
void armkvm_code_translated(ram_addr_t page);

#else

#define armkvm_emulated_tlb_flush(cpu) do { } while (0)
#define armkvm_emulated_write(addr) do { } while (0)
#define armkvm_code_translated(page) do { } while (0)
#define armkvm_enabled() (false)
#define armkvm_irqchip_in_kernel() (false)
#define armkvm_pv_enabled() (false)
#define armkvm_ram_base() (0)
#define armkvm_gicv3_possible() (false)
#define armkvm_gicv3_enable() do { } while (0)
#define armkvm_add_fdt_node(fdt) do { } while (0)
#define armkvm_check_kvm(ms, device) (0)

#endif

#endif /* SYSTEM_ARMKVM_H */
