/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bare-metal side of the walk oracle: start-up, vectors, and the accesses that
 * may fault.  Runs in Secure state, where the core comes out of reset.
 */
#include "oracle-asm.h"

	.syntax unified
	.arch armv7-a
	.arch_extension sec
	.arm

	.section .text.start, "ax"
	.global _start
_start:
	cpsid	aif, #0x13
	ldr	sp, =RAM + STACK_TOP
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0		@ VBAR
	isb
	bl	main
	b	.

	.balign 32
vectors:
	b	other				@ reset
	b	other				@ undefined instruction
	b	svc
	b	pabt
	b	dabt
	b	other
	b	other
	b	other

/*
 * The handlers end the probe that is under way, see below: r4 points to its
 * result, r5 gets the outcome, r6 FSR, r7 FAR. They need no stack, and SCTLR.EE
 * may have made data big-endian.
 */
svc:
	setend	le
	cps	#0x13
	b	done
dabt:
	setend	le
	mov	r5, #OUTCOME_DABT
	mrc	p15, 0, r6, c5, c0, 0		@ DFSR
	mrc	p15, 0, r7, c6, c0, 0		@ DFAR
	cps	#0x13
	b	done
pabt:
	setend	le
	mov	r5, #OUTCOME_PABT
	mrc	p15, 0, r6, c5, c0, 1		@ IFSR
	mrc	p15, 0, r7, c6, c0, 2		@ IFAR
	cps	#0x13
	b	done
other:
	setend	le
	mov	r5, #OUTCOME_OTHER
	cps	#0x13
	b	done

/*
 * void probe(u32 gva, u32 op, struct oracle_result *res)
 * Does operation @op, sets outcome, fsr and far.
 */
	.text
	.global probe
probe:
	push	{r4-r11, lr}
	mov	r4, r2
	mov	r5, #0
	mov	r6, #0
	mov	r7, #0
	ldr	r8, =ORACLE_SVC_WORD
	add	pc, pc, r1, lsl #3		@ two instructions an operation
	nop
	mcr	p15, 0, r0, c7, c8, 4		@ ATS12NSOPR
	b	done
	mcr	p15, 0, r0, c7, c8, 5		@ ATS12NSOPW
	b	done
	mcr	p15, 0, r0, c7, c8, 0		@ ATS1CPR
	b	done
	mcr	p15, 0, r0, c7, c8, 1		@ ATS1CPW
	b	done
	mcr	p15, 0, r0, c7, c8, 2		@ ATS1CUR
	b	done
	mcr	p15, 0, r0, c7, c8, 3		@ ATS1CUW
	b	done
	ldr	r9, [r0]
	b	done
	str	r8, [r0]
	b	done
	ldrt	r9, [r0]
	b	done
	strt	r8, [r0]
	b	done
	mov	r9, #0xdf			@ System mode
	b	exec
	mov	r9, #0xd0			@ User mode
exec:
	orr	r9, r9, #0x100
	msr	spsr_fsxc, r9
	movs	pc, r0				@ to an svc, or a fault
done:
	isb
	stm	r4, {r5, r6, r7}
	pop	{r4-r11, pc}

/* int semihost(int op, void *args): SYS_OPEN, SYS_WRITE, SYS_EXIT */
	.global semihost
semihost:
	svc	#0x123456
	bx	lr

	.section .note.GNU-stack, "", %progbits
