// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: the first privileged Thumb code of a guest, in a page whose A32 code has run before and
 * which nothing outside of it names. "way=N" on the command line tells how it is reached.
 */
#include "lib/bare.h"

#define PAGE(name, text)	CODE_AT(name, 4096, ".arm", text)

/* Masks interrupts and reads that. */
#define THUMB_PART	".thumb\n.balign 4\n1: cpsid i\n mrs r4, cpsr\n bx lr\n"

PAGE(by_blx, "cpsie i\n mrs r2, cpsr\n blx 1f\n mrs r5, cpsr\n svc #0\n" THUMB_PART);
PAGE(by_literal, "cpsie i\n mrs r2, cpsr\n ldr r1, =1f + 1\n blx r1\n mrs r5, cpsr\n svc #0\n .ltorg\n" THUMB_PART);
PAGE(by_adr, "cpsie i\n mrs r2, cpsr\n adr r1, 1f + 1\n blx r1\n mrs r5, cpsr\n svc #0\n" THUMB_PART);
PAGE(by_movt,
	"cpsie i\n mrs r2, cpsr\n movw r1, #:lower16:1f + 1\n movt r1, #:upper16:1f + 1\n blx r1\n mrs r5, cpsr\n svc #0\n"
	THUMB_PART);
PAGE(by_load_of_pc,
	"cpsie i\n mrs r2, cpsr\n adr lr, 2f\n ldr pc, 3f\n2: mrs r5, cpsr\n svc #0\n3: .word 1f + 1\n" THUMB_PART);
PAGE(by_return,
	"cpsie i\n mrs r1, cpsr\n orr r1, #0x20\n msr spsr_cxsf, r1\n adr lr, 1f\n movs pc, lr\n .thumb\n.balign 4\n"
	"1: cpsid i\n mrs r4, cpsr\n svc #0\n");
/* A function as compilers make them, which a pointer from elsewhere names. */
PAGE(by_table,
	"cpsie i\n mrs r2, cpsr\n ldr r1, [r10]\n blx r1\n mrs r5, cpsr\n svc #0\n .thumb\n.balign 4\n"
	"push {r6, lr}\n movs r6, #1\n pop {r6, pc}\n.globl table_function\ntable_function: push {r6, lr}\n movs r6, #6\n"
	"cpsid i\n mrs r4, cpsr\n bl 4f\n pop {r6, pc}\n4: adds r6, #1\n bx lr\n");
CODE_LABEL(table_function);

static const struct {
	const char *name;
	const u32 *page;
} ways[] = {
#define WAY(page) { #page, page }
	WAY(by_blx), WAY(by_literal), WAY(by_adr), WAY(by_movt), WAY(by_load_of_pc), WAY(by_return), WAY(by_table),
};

void test(void)
{
	static u32 stack[64];
	u32 table = (u32)table_function | 1, way = argument("way", 0);
	struct state before, s;

	state_init(&before, MODE_SVC, ways[way].page);
	before.r[10] = (u32)&table;
	before.sp[BANK_SVC] = (u32)(stack + 60);
	s = before;
	enter(&s);
	state_print(ways[way].name, &s, ways[way].page, &before);
}
