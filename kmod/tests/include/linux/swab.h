/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that kmod/core's pure files use, for ordinary programs. */
#ifndef SHIM_LINUX_SWAB_H
#define SHIM_LINUX_SWAB_H

#define swab16(x) __builtin_bswap16(x)
#define swab32(x) __builtin_bswap32(x)
#define swab64(x) __builtin_bswap64(x)

#endif
