/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/math.h> was split off from <linux/kernel.h> with Linux 5.11: a kernel that has
 * it is found first.
 */
#include <linux/kernel.h>
