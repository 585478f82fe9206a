// SPDX-License-Identifier: GPL-2.0-only
/* Bare guest: privileged code that masks interrupts and never comes back; "plain=1": without PROMOTE. */
#include "lib/promote.h"

void test(void)
{
	if (!argument("plain", 0)) {
		promote_init();
		check("promote", promote(), 0);
	}
	print("spinning\n");
	asm volatile("cpsid ai\n1: b 1b");
}
