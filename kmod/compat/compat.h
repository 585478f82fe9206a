/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels, quarantined: the Kbuild puts this file in front
 * of every other one, so that the rest of the module is written for the newest
 * kernel only.
 *
 * Each shim says which kernel changed what, and why the old one needs help, and
 * goes when its kernel does.  A file that uses what changed includes the shim of
 * the kernel header's name beside it; headers that old kernels don't have at all are
 * in include/.  Which kernels are known, from 5.10 on, stands in Kbuild, where one sentence
 * can end the build.
 */
#ifndef ARMKVM_COMPAT_H
#define ARMKVM_COMPAT_H

#include <asm/byteorder.h>

/* The ABI's bitmaps and registers are in the host's byte order; BE hosts aren't served. */
#ifndef __LITTLE_ENDIAN
#error "armkvm needs a little-endian host"
#endif

#endif /* ARMKVM_COMPAT_H */
