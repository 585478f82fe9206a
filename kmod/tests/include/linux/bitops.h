/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that kmod/core's pure files use, for ordinary programs. */
#ifndef SHIM_LINUX_BITOPS_H
#define SHIM_LINUX_BITOPS_H

#define hweight8(x) ((unsigned int)__builtin_popcount((x) & 0xffU))
#define hweight16(x) ((unsigned int)__builtin_popcount((x) & 0xffffU))
#define hweight32(x) ((unsigned int)__builtin_popcount(x))
#define fls(x) ((x) ? 32 - __builtin_clz(x) : 0)
#define __ffs(x) ((unsigned int)__builtin_ctzl(x))

#endif
