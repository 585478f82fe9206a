/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that kmod/core's pure files use, for ordinary programs. */
#ifndef SHIM_LINUX_ERRNO_H
#define SHIM_LINUX_ERRNO_H

#include <asm/errno.h>

#endif
