/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware's part in Spectre v2 and BHB: on some cores only it can invalidate the branch
 * predictor.  Linux asks it on the way in from a process and between processes; a guest, which
 * trains the predictor as a program does, leaves without either, to the kernel's code and to
 * QEMU's in the same address space.
 */
#ifndef ARMKVM_BP_FIRMWARE_H
#define ARMKVM_BP_FIRMWARE_H

#include <linux/percpu.h>

enum bp_firmware { BP_UNKNOWN, BP_NOTHING, BP_WORKAROUND_1, BP_WORKAROUND_3 };
DECLARE_PER_CPU(enum bp_firmware, bp_firmware);

void bp_firmware_call(void);

/*
 * On each way out of a guest, with interrupts off.  A load and a compare where nothing is needed; where
 * the firmware is, some hundred cycles, as a process's exceptions cost there.
 */
static inline void bp_firmware_harden(void)
{
	if (unlikely(__this_cpu_read(bp_firmware) != BP_NOTHING))
		bp_firmware_call();
}

#endif /* ARMKVM_BP_FIRMWARE_H */
