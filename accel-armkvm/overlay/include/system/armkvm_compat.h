/*
 * armkvm accelerator: what is not the same in the QEMUs that it is built in
 *
 * The overlay is written for the newest; this header makes the older ones look
 * like it.  Nothing else in the overlay asks for the version.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SYSTEM_ARMKVM_COMPAT_H
#define SYSTEM_ARMKVM_COMPAT_H

#if QEMU_VERSION_MAJOR * 100 + QEMU_VERSION_MINOR >= 1002

#include "accel/accel-cpu-ops.h"
#include "accel/accel-ops.h"
#include "hw/boards.h"
#include "system/address-spaces.h"
#include "system/memory.h"

/* A machine type's CPU unless another is asked for, whatever its options. */
static inline const char *armkvm_default_cpu_type(MachineClass *mc)
{
    return mc->get_default_cpu_type ? mc->get_default_cpu_type(NULL)
                                    : machine_class_default_cpu_type(mc);
}

/* The first argument, or the only one, of an accelerator's hooks. */
#define ARMKVM_AS_FIRST AccelState *as,
#define ARMKVM_AS_ONLY  AccelState *as

/* What class_init functions get a pointer to. */
#define ARMKVM_CLASS_DATA const void

/* Where this is declared, and its name. */
#define ARMKVM_DIRTY_RANGE_H "system/physmem.h"
#define armkvm_set_dirty_range physical_memory_set_dirty_range

/* The member of ARMISARegisters that holds an identification register. */
#define ARMKVM_ISAR(REG) idregs[REG##_EL1_IDX]
#define ARMKVM_CLIDR(cpu) ((cpu)->isar.idregs[CLIDR_EL1_IDX])

#else /* 10.0 */

#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "system/accel-ops.h"

#define armkvm_default_cpu_type machine_class_default_cpu_type

#define ARMKVM_AS_FIRST
#define ARMKVM_AS_ONLY  void
#define ARMKVM_CLASS_DATA void

#define ARMKVM_DIRTY_RANGE_H "exec/ram_addr.h"
#define armkvm_set_dirty_range cpu_physical_memory_set_dirty_range

#define ARMKVM_ISAR(REG) ARMKVM_FIELD_##REG
#define ARMKVM_FIELD_ID_PFR0 id_pfr0
#define ARMKVM_FIELD_ID_PFR1 id_pfr1
#define ARMKVM_FIELD_ID_DFR0 id_dfr0
#define ARMKVM_FIELD_ID_MMFR0 id_mmfr0
#define ARMKVM_FIELD_ID_MMFR1 id_mmfr1
#define ARMKVM_FIELD_ID_MMFR2 id_mmfr2
#define ARMKVM_FIELD_ID_MMFR3 id_mmfr3
#define ARMKVM_FIELD_ID_ISAR0 id_isar0
#define ARMKVM_FIELD_ID_ISAR1 id_isar1
#define ARMKVM_FIELD_ID_ISAR2 id_isar2
#define ARMKVM_FIELD_ID_ISAR3 id_isar3
#define ARMKVM_FIELD_ID_ISAR4 id_isar4
#define ARMKVM_FIELD_ID_ISAR5 id_isar5
#define ARMKVM_FIELD_ID_AA64ISAR0 id_aa64isar0
#define ARMKVM_FIELD_ID_AA64ISAR1 id_aa64isar1
#define ARMKVM_FIELD_ID_AA64ISAR2 id_aa64isar2
#define ARMKVM_FIELD_ID_AA64PFR0 id_aa64pfr0
#define ARMKVM_FIELD_ID_AA64PFR1 id_aa64pfr1
#define ARMKVM_FIELD_ID_AA64MMFR0 id_aa64mmfr0
#define ARMKVM_FIELD_ID_AA64MMFR1 id_aa64mmfr1
#define ARMKVM_FIELD_ID_AA64MMFR2 id_aa64mmfr2
#define ARMKVM_FIELD_ID_AA64MMFR3 id_aa64mmfr3
#define ARMKVM_FIELD_ID_AA64DFR0 id_aa64dfr0
#define ARMKVM_FIELD_ID_AA64DFR1 id_aa64dfr1
#define ARMKVM_FIELD_ID_AA64ZFR0 id_aa64zfr0
#define ARMKVM_FIELD_ID_AA64SMFR0 id_aa64smfr0
#define ARMKVM_CLIDR(cpu) ((cpu)->clidr)

#define qemu_process_cpu_events qemu_wait_io_event

#define address_space_flush_icache_range(as, addr, len) \
    cpu_flush_icache_range(addr, len)

#endif

#endif /* SYSTEM_ARMKVM_COMPAT_H */
