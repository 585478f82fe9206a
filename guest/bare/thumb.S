/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bare guest: a kernel in Thumb-2, which armkvm doesn't run yet. On TCG it prints and
 * powers off.
 */
	.arch	armv7-a
	.arch_extension virt
	.syntax	unified

	.text
	.globl	_start
_start:
	ldr	r10, =0x09000000
	mov	r0, #'A'
	str	r0, [r10]
	adr	r1, in_thumb + 1
	bx	r1
	.thumb
	.thumb_func
in_thumb:
	movs	r0, #'T'
	str	r0, [r10]
	mrs	r0, cpsr
	movs	r0, #'\n'
	str	r0, [r10]
	ldr	r0, =0x84000008		@ PSCI SYSTEM_OFF
	hvc	#0
	b	.
	.ltorg
