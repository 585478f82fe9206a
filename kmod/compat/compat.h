/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels, quarantined: the Kbuild puts this file in front
 * of every other one, so that the rest of the module is written for the newest
 * kernel only.
 *
 * Each shim says which kernel changed what, and why the old one needs help, and
 * goes when its kernel does.  There is none yet: what the module uses is the same
 * from 6.1 to 6.12.
 */
#ifndef ARMKVM_COMPAT_H
#define ARMKVM_COMPAT_H

#include <linux/version.h>

#include <asm/byteorder.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "armkvm needs Linux 6.1 or later"
#endif

/* The ABI's bitmaps and registers are in the host's byte order; BE hosts aren't served. */
#ifndef __LITTLE_ENDIAN
#error "armkvm needs a little-endian host"
#endif

#endif /* ARMKVM_COMPAT_H */
