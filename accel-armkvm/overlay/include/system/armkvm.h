/*
 * armkvm accelerator: what the rest of QEMU may ask
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SYSTEM_ARMKVM_H
#define SYSTEM_ARMKVM_H

#ifdef COMPILING_PER_TARGET
# ifdef CONFIG_ARMKVM
#  define CONFIG_ARMKVM_IS_POSSIBLE
# endif
#else
# define CONFIG_ARMKVM_IS_POSSIBLE
#endif

#ifdef CONFIG_ARMKVM_IS_POSSIBLE

extern bool armkvm_allowed;

/* True once "-accel armkvm" was chosen and has started. */
#define armkvm_enabled() (armkvm_allowed)

#else

#define armkvm_enabled() (false)

#endif

#endif /* SYSTEM_ARMKVM_H */
