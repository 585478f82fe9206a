/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User addresses that travel in 64-bit fields of the ABI's structures.
 */
#ifndef ARMKVM_CORE_USER_H
#define ARMKVM_CORE_USER_H

#include <linux/compat.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <linux/uaccess.h>

/*
 * Could @addr be an address of the caller's at all?  A 32-bit kernel would otherwise
 * drop the upper half silently and touch memory that the caller never named; a
 * 32-bit caller of a 64-bit kernel has no upper half either.
 */
static inline bool armkvm_is_user_addr(u64 addr)
{
	return addr == (unsigned long)addr && !(in_compat_syscall() && upper_32_bits(addr));
}

/*
 * Turns @addr into a pointer.  Returns 0 or -EFAULT; the memory itself is not
 * looked at.
 */
static inline int armkvm_user_ptr(u64 addr, void __user **ptr)
{
	if (!armkvm_is_user_addr(addr))
		return -EFAULT;
	*ptr = (void __user *)(unsigned long)addr;
	return 0;
}

#endif /* ARMKVM_CORE_USER_H */
