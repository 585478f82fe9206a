/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that kmod/core's pure files use, for ordinary programs. */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <string.h>

#endif
