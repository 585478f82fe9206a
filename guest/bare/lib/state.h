/* SPDX-License-Identifier: GPL-2.0-only */
/* Layout of struct state (bare.h) for C and assembly. */
#ifndef BARE_STATE_H
#define BARE_STATE_H

#define MODE_USR	0x10
#define MODE_FIQ	0x11
#define MODE_IRQ	0x12
#define MODE_SVC	0x13
#define MODE_ABT	0x17
#define MODE_UND	0x1b
#define MODE_SYS	0x1f

#define BANK_USR	0
#define BANK_SVC	1
#define BANK_ABT	2
#define BANK_UND	3
#define BANK_IRQ	4
#define BANK_FIQ	5
#define NR_BANKS	6

#define STATE_PC	52
#define STATE_PSR	56
#define STATE_SP	60
#define STATE_LR	84
#define STATE_SPSR	108
#define STATE_R8_FIQ	132
#define STATE_VECTOR	152
#define STATE_CPSR	156
#define STATE_DFSR	160

#endif /* BARE_STATE_H */
