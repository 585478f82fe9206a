/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's header that core/irq uses, for ordinary programs. */
#ifndef SHIM_IRQ_LINUX_COMPILER_H
#define SHIM_IRQ_LINUX_COMPILER_H

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val) (*(volatile __typeof__(x) *)&(x) = (val))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - __builtin_offsetof(type, member)))

#endif
