/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bare firmware: runs from the flash of QEMU's virt machine (-bios or pflash), and uses
 * the second flash bank as flash: query, identification, erase, write, read back.
 *
 * What it prints on the PL011 is the same on every accelerator.
 */
	.syntax	unified
	.arch	armv7-a
	.arch_extension virt
	.arm

	.equ	UART, 0x09000000
	.equ	BANK, 0x04000000
	.equ	PSCI_SYSTEM_OFF, 0x84000008

/* r10: UART. Prints the register as eight digits and a newline. Clobbers r0-r3. */
	.macro	show reg
	mov	r0, \reg
	bl	print_hex
	.endm

	.text
	.globl	_start
_start:
	ldr	r10, =UART
	ldr	r9, =BANK
	ldr	sp, =0x40100000
	@ code and constants are read from flash
	ldr	r4, =0x12345678
	show	r4
	@ without a file the flash holds zeroes
	ldr	r4, [r9]
	show	r4
	@ CFI query: two 16-bit chips side by side answer "QRY" in each half
	mov	r5, #0x98
	orr	r5, r5, r5, lsl #16
	str	r5, [r9, #0x55 * 4]
	ldr	r4, [r9, #0x10 * 4]
	show	r4
	ldr	r4, [r9, #0x11 * 4]
	show	r4
	ldr	r4, [r9, #0x12 * 4]
	show	r4
	@ back to the array
	mov	r5, #0xff
	orr	r5, r5, r5, lsl #16
	str	r5, [r9]
	ldr	r4, [r9]
	show	r4
	@ unlock, erase a block, write a word
	ldr	r5, =0x00200020
	str	r5, [r9]
	ldr	r5, =0x00d000d0
	str	r5, [r9]
	ldr	r5, =0x00400040
	str	r5, [r9]
	ldr	r5, =0xcafe1234
	str	r5, [r9]
	ldr	r4, [r9]		@ the status register
	show	r4
	ldr	r5, =0x00ff00ff
	str	r5, [r9]
	ldr	r4, [r9]
	show	r4
	@ code that was copied to RAM runs, and reads the flash
	ldr	r5, =0x40200000
	adr	r6, copied
	ldm	r6, {r0-r3}
	stm	r5, {r0-r3}
	dsb
	isb
	mov	r0, r9
	blx	r5
	mov	r4, r0
	show	r4
	ldr	r0, =PSCI_SYSTEM_OFF
	hvc	#0
	b	.

copied:	ldr	r1, [r0]
	mvn	r0, r1
	bx	lr
	nop

print_hex:
	mov	r1, r0
	mov	r2, #8
1:	ror	r1, r1, #28
	and	r0, r1, #15
	cmp	r0, #10
	addlt	r0, r0, #'0'
	addge	r0, r0, #'a' - 10
	str	r0, [r10]
	subs	r2, r2, #1
	bne	1b
	mov	r0, #'\n'
	str	r0, [r10]
	bx	lr
	.ltorg
