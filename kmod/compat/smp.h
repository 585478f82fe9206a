/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * INIT_CSD() came with Linux 5.12; before, a request to call a function on another CPU was
 * filled in by hand.
 */
#ifndef ARMKVM_COMPAT_SMP_H
#define ARMKVM_COMPAT_SMP_H

#include <linux/smp.h>
#include <linux/version.h>

#ifndef INIT_CSD
#define INIT_CSD(csd, function, data)					\
	(*(csd) = (call_single_data_t){ .func = (function), .info = (data) })
#endif

#endif /* ARMKVM_COMPAT_SMP_H */
