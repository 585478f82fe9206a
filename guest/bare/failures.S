/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bare guest: what an accelerator may not be able to do; -Wa,--defsym,CASE=N selects.
 * ci/tests/engine/failures.sh reads QEMU's words on it.
 *
 * For QEMU's virt machine, loaded by -kernel as a raw image.
 */
	.syntax	unified
	.arch	armv7-a
	.fpu	neon
	.arm

	.equ	UART, 0x09000000

	.text
	.globl	_start
_start:
	ldr	r0, =UART
	.if CASE == 1		@ a floating-point load from a device
	mrc	p15, 0, r1, c1, c0, 2
	orr	r1, r1, #0xf << 20
	mcr	p15, 0, r1, c1, c0, 2
	isb
	mov	r1, #0x40000000
	vmsr	fpexc, r1
	vldr	d0, [r0]
	.elseif CASE == 2	@ an exception return from a device
	rfeia	r0
	.elseif CASE == 3	@ a block transfer of User mode's registers to a device
	stmia	r0, {r1-r3}^
	.endif
	b	.
	.ltorg
