/* SPDX-License-Identifier: GPL-2.0-only */
/* Values of oracle.h that assembly needs; guest.c checks that they agree. */
#define OUTCOME_DABT		1
#define OUTCOME_PABT		2
#define OUTCOME_OTHER		3
#define ORACLE_SVC_WORD		0xef000000
#define STACK_TOP		0x00a00000
