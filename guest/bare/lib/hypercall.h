/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls to armkvm, and the case lines of the guests that make them. */
#ifndef BARE_HYPERCALL_H
#define BARE_HYPERCALL_H

#include "bare.h"

/* armkvm_para.h wants these of <linux/types.h>. */
typedef u32 __u32;
typedef u64 __u64;
#define _LINUX_TYPES_H
#include <asm/armkvm_para.h>

/* r0 to r7 before and after an HVC #0 */
struct call {
	u32 r[8];
};

/* A call with the registers of @c, by the instructions @text, which also lose the registers that follow. */
#define CALL_BY(c, text, ...) do {					\
	register u32 r0 asm("r0") = (c)->r[0];				\
	register u32 r1 asm("r1") = (c)->r[1];				\
	register u32 r2 asm("r2") = (c)->r[2];				\
	register u32 r3 asm("r3") = (c)->r[3];				\
	register u32 r4 asm("r4") = (c)->r[4];				\
	register u32 r5 asm("r5") = (c)->r[5];				\
	register u32 r6 asm("r6") = (c)->r[6];				\
									\
	asm volatile(text						\
		     : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3), "+r" (r4), "+r" (r5), \
		       "+r" (r6) : : "memory", ## __VA_ARGS__);		\
	(c)->r[0] = r0;							\
	(c)->r[1] = r1;							\
	(c)->r[2] = r2;							\
	(c)->r[3] = r3;							\
	(c)->r[4] = r4;							\
	(c)->r[5] = r5;							\
	(c)->r[6] = r6;							\
} while (0)

static inline void hvc(struct call *c)
{
	CALL_BY(c, ".arch_extension virt\n hvc #0");
}

/* The status of a call with these arguments; @c has all results. */
#define CALL(c, fn, ...) ({						\
	*(c) = (struct call) { { fn, ## __VA_ARGS__ } };		\
	hvc(c);								\
	(s32)(c)->r[0]; })

/* "PASS what" or "FAIL what: got, wanted" */
static inline void check(const char *what, u32 got, u32 wanted)
{
	print(got == wanted ? "PASS " : "FAIL ");
	print(what);
	if (got != wanted) {
		print(": ");
		print_hex(got);
		print("instead of ");
		print_hex(wanted);
	}
	newline();
}

#endif /* BARE_HYPERCALL_H */
