// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: TLB maintenance over ranges, in the loop that kernels have for it, and
 * of everything and of an ASID: registers and flags as the loop leaves them, and new
 * translations wherever old ones were in use (ARM DDI 0406C B3.10.5). The caches'
 * maintenance in such loops: registers and flags.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define VA	0x80000000u
#define PAGES	64u

/* The loop over [@from, @to); prints where it ends and the flags. */
#define LOOP(name, op)								\
static void name(u32 from, u32 to)						\
{										\
	u32 psr;								\
										\
	asm volatile("dsb\n"							\
		     "1:	mcr	p15, 0, %0, " op "\n"			\
		     "	add	%0, %0, #4096\n"				\
		     "	cmp	%0, %2\n"					\
		     "	blo	1b\n"						\
		     "	mrs	%1, cpsr\n"					\
		     "	dsb\n"							\
		     "	isb"							\
		     : "+r" (from), "=r" (psr) : "r" (to) : "cc", "memory");	\
	print_hex(from);							\
	print_hex(psr & PSR_NZCV);						\
}

LOOP(by_mva, "c8, c7, 1")
LOOP(by_mva_is, "c8, c3, 1")
LOOP(by_mvaa, "c8, c7, 3")
LOOP(by_mvaa_is, "c8, c3, 3")
LOOP(data_by_mva, "c8, c6, 1")

/*
 * Loops of other shapes, @n turns from @at on, which print all that they have changed: the test at
 * the top, predictors and barriers between, counts up and down, what ends them. In some an
 * instruction stands that no such loop has, or the address goes another way than a page on.
 */
#define SHAPE(name, body)							\
static void name(u32 at, u32 n)							\
{										\
	u32 psr, end = at + 0x1000 * n, from = at, count = n, other = 0;	\
										\
	asm volatile(".syntax unified\n"					\
		     "	mov	%4, #0x50000000\n"				\
		     "	msr	cpsr_f, %4\n"					\
		     "	dsb\n"							\
		     body							\
		     "	mrs	%4, cpsr\n"					\
		     "	dsb\n"							\
		     "	isb"							\
		     : "+r" (from), "+r" (count), "+r" (other), "+r" (end), "=&r" (psr)	\
		     : : "cc", "memory");					\
	print_hex(from - at);							\
	print_hex(count);							\
	print_hex(other);							\
	print_hex(end - at);							\
	print_hex(psr & PSR_NZCV);						\
}

#define MVA	"	mcr	p15, 0, %0, c8, c7, 1\n"
#define NEXT	"	add	%0, %0, #4096\n"

#define TOP	"1:	cmp	%0, %3\n	bcs	2f\n	dsb\n"
#define ALL_BP	"	mcr	p15, 0, %2, c7, c1, 6\n	dsb\n	isb\n"

SHAPE(test_on_top, TOP MVA ALL_BP NEXT "	b	1b\n2:\n")
SHAPE(counts_down, "1:\n" MVA NEXT "	subs	%1, %1, #1\n	bne	1b\n")
SHAPE(counts_up, "1:\n" MVA "	mcr	p15, 0, %2, c7, c5, 6\n" NEXT "	add	%2, %2, #1\n	cmp	%2, %1\n	blt	1b\n")
SHAPE(not_equal, "1:\n" MVA NEXT "	nop\n	cmp	%3, %0\n	bne	1b\n")
SHAPE(size_left, "	lsl	%1, %1, #12\n1:\n" MVA "	subs	%1, %1, #4096\n	add	%0, %0, #4096\n	bhi	1b\n")
SHAPE(negative, "	rsb	%1, %1, #0\n1:\n" MVA NEXT "	cmn	%1, #1\n	adds	%1, %1, #1\n	bmi	1b\n")
SHAPE(last_page, "	sub	%3, %3, #4096\n1:\n" MVA "	cmp	%0, %3\n	it	ls\n	addls	%0, %0, #4096\n	bls	1b\n")
SHAPE(two_pages, "1:\n" MVA "	add	%0, %0, #8192\n	subs	%1, %1, #2\n	bgt	1b\n")
SHAPE(backwards, "	sub	%0, %3, #4096\n1:\n" MVA "	sub	%0, %0, #4096\n	subs	%1, %1, #1\n	bne	1b\n")
SHAPE(with_work, "1:\n" MVA NEXT "	eor	%2, %2, %0, lsr #12\n	subs	%1, %1, #1\n	bne	1b\n")
SHAPE(with_load, "1:\n" MVA "	ldr	%2, [%0]\n" NEXT "	subs	%1, %1, #1\n	bne	1b\n")
SHAPE(two_of_them, "1:\n" MVA "	mcr	p15, 0, %0, c8, c7, 3\n" NEXT "	subs	%1, %1, #1\n	bne	1b\n")

#define CACHE_LOOP(name, op)							\
static void name(u32 from, u32 to, u32 step)					\
{										\
	u32 psr;								\
										\
	asm volatile("	mov	%1, #0x10000000\n"				\
		     "	msr	cpsr_f, %1\n"					\
		     "1:	mcr	p15, 0, %0, " op "\n"			\
		     "	add	%0, %0, %3\n"					\
		     "	cmp	%0, %2\n"					\
		     "	blo	1b\n"						\
		     "	mrs	%1, cpsr\n"					\
		     "	dsb\n"							\
		     "	isb"							\
		     : "+r" (from), "=&r" (psr) : "r" (to), "r" (step) : "cc", "memory"); \
	print_hex(from);							\
	print_hex(psr & PSR_NZCV);						\
}

CACHE_LOOP(clean_poc, "c7, c10, 1")
CACHE_LOOP(clean_pou, "c7, c11, 1")
CACHE_LOOP(clean_invalidate, "c7, c14, 1")
CACHE_LOOP(invalidate_insns, "c7, c5, 1")

/* The loop's registers in other roles: not the loop it looks like. */
static void nearly_cache_loops(void)
{
	u32 at = VA, n = 3, end = VA + 0x100, step = 64, psr;

	/* the step is the address itself: once, and beyond the end */
	asm volatile("1:	mcr	p15, 0, %0, c7, c10, 1\n"
		     "	add	%0, %0, %0\n"
		     "	cmp	%0, %1\n"
		     "	blo	1b"
		     : "+r" (at) : "r" (0) : "cc", "memory");
	print_hex(at);
	at = VA;
	/* counts by another register */
	asm volatile("1:	mcr	p15, 0, %0, c7, c10, 1\n"
		     "	add	%1, %1, %2\n"
		     "	cmp	%1, %3\n"
		     "	blo	1b"
		     : "+r" (at), "+r" (n) : "r" (step), "r" (1000) : "cc", "memory");
	print_hex(at);
	print_hex(n);
	/* signed, and back over more */
	asm volatile("1:	mov	%1, #5\n"
		     "	mcr	p15, 0, %0, c7, c11, 1\n"
		     "	add	%0, %0, %3\n"
		     "	cmp	%0, %2\n"
		     "	blo	1b\n"
		     "	mrs	%1, cpsr"
		     : "+r" (at), "=&r" (psr) : "r" (end), "r" (step) : "cc", "memory");
	print_hex(at);
	print_hex(psr & PSR_NZCV);
	newline();
}

static void cache_loops(void)
{
	static void (* const op[])(u32, u32, u32) = {
		clean_poc, clean_pou, clean_invalidate, invalidate_insns,
	};
	/* lines: about as many as are done at once, and many */
	static const u32 lines[] = { 0, 1, 2, 63, 64, 65, 66, 128, 129, 130, 200, 1000 };
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(op); i++) {
		for (k = 0; k < ARRAY_SIZE(lines); k++) {
			op[i](VA, VA + 64 * lines[k], 64);
			op[i](VA + 5, VA + 64 * lines[k] + 7, 32);
		}
		/* no further than the first; over the end of a page */
		op[i](VA + 64, VA, 64);
		op[i](VA + 0x1f80, VA + 0x2080, 64);
		newline();
	}
	nearly_cache_loops();
}

/* Frames tell their number. */
static u32 frame(u32 n)
{
	return TEST_RAM + 0x100000 + 0x1000 * n;
}

static void map(u32 first, u32 frames, u32 bits)
{
	u32 i;

	for (i = 0; i < PAGES; i++)
		*short_page(VA + 0x1000 * (first + i)) =
			frame(frames + i) | L2_SMALL | L2_AP(3) | L2_NORMAL | bits;
	dsb();
}

/* A sum of what the pages show, in an order that tells them apart. */
static void look(u32 first)
{
	u32 i, sum = 0;

	for (i = 0; i < PAGES; i++)
		sum = sum * 31 + *(volatile u32 *)(VA + 0x1000 * (first + i));
	print_hex(sum);
}

static void loops(void)
{
	static void (* const op[])(u32, u32) = {
		by_mva, by_mva_is, by_mvaa, by_mvaa_is, data_by_mva,
	};
	/* in pages; over the end of a MiB, too */
	static const u32 at[] = { 0, 200, 255, 500 };
	u32 i, k, start;

	for (i = 0; i < ARRAY_SIZE(op); i++) {
		for (k = 0; k < ARRAY_SIZE(at); k++) {
			start = VA + 0x1000 * at[k];
			map(at[k], 0, 0);
			op[i](start, start + 0x1000 * PAGES);
			look(at[k]);
			map(at[k], 7 * (i + 1), 0);
			op[i](start, start + 0x1000 * PAGES);
			look(at[k]);
			newline();
		}
	}
}

static void shapes(void)
{
	static void (* const shape[])(u32, u32) = {
		test_on_top, counts_down, counts_up, not_equal, size_left, negative, last_page, two_pages,
		backwards, with_work, with_load, two_of_them,
	};
	/* few, about as many as are done at once, and many */
	static const u32 turns[] = { 1, 2, 3, 4, 31, 32, 33, 34, 35, PAGES };
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(shape); i++) {
		for (k = 0; k < ARRAY_SIZE(turns); k++)
			shape[i](VA, turns[k]);
		newline();
		/* every page is named: by each shape itself, or by the same once more from the page behind */
		map(200, 0, 0);
		tlbiall();
		look(200);
		map(200, 3 * (i + 1), 0);
		shape[i](VA + 0x1000 * 200, PAGES);
		if (shape[i] == two_pages)
			shape[i](VA + 0x1000 * 201, PAGES);
		look(200);
		newline();
	}
}

/* Where the loop ends is in the registers alone. */
static void ends(void)
{
	by_mva(VA, VA);
	by_mva(VA + 0x5000, VA);
	by_mva(VA, VA + 1);
	by_mva(VA + 0x123, VA + 0x2124);
	by_mva(VA + 0xfff, VA + 0x2fff);
	by_mva(0x7fffe000, 0x80001000);
	by_mva(0xfffe0000, 0xfffff000);
	by_mva(0, 0x10000);
	newline();
	/* much, and much of it in use */
	map(0, 3, 0);
	tlbiall();
	look(0);
	map(0, 11, 0);
	by_mvaa(0x40000000, 0xa0000000);
	look(0);
	map(0, 17, 0);
	by_mvaa_is(0, 0xfffff000);
	look(0);
	newline();
}

ARM_CODE(store, "str r0, [r1]\n svc #0");

/* What is less allowed than before */
static void rights(void)
{
	struct state s;
	u32 how;

	for (how = 0; how < 4; how++) {
		map(0, 0, 0);
		tlbiall();
		*(volatile u32 *)(VA + 0x3000) = how;
		*short_page(VA + 0x3000) |= 1u << 9;
		if (how == 0)
			tlbiall();
		dsb();
		if (how == 1)
			mcr(0, 0, c8, c3, 0);		/* TLBIALLIS */
		if (how == 2)
			by_mva(VA + 0x3000, VA + 0x4000);
		if (how == 3)
			mcr(VA + 0x3000, 0, c8, c7, 3);
		dsb();
		isb();
		state_init(&s, MODE_SVC, store);
		s.r[0] = 99;
		s.r[1] = VA + 0x3000;
		enter(&s);
		print_hex(s.vector);
		print_hex(s.dfsr);
		print_hex(*(volatile u32 *)(VA + 0x3000));
		newline();
	}
	*(volatile u32 *)frame(3) = 3;
}

/* A first-level descriptor that becomes another */
static void first_level(void)
{
	u32 table = short_l1[VA >> 20];

	map(0, 0, 0);
	tlbiall();
	look(0);
	short_l1[VA >> 20] = frame(0) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	tlbiall();
	look(0);
	short_l1[VA >> 20] = (frame(0) + 0x100000) | L1_SECTION | L1_AP(3) | L1_NORMAL;
	dsb();
	mcr(VA + 0x8000, 0, c8, c7, 3);
	dsb();
	isb();
	look(0);
	short_l1[VA >> 20] = table;
	dsb();
	by_mvaa(VA, VA + 0x100000);
	look(0);
	newline();
}

/* A section beside a table, in 2 MiB: any of its addresses names all of it. */
static void section_beside_table(void)
{
	u32 even = VA + 0x200000, odd = even + 0x100000, i;

	for (i = 0; i < 4; i++) {
		*short_page(even + 0x4000) = frame(i) | L2_SMALL | L2_AP(3) | L2_NORMAL;
		short_l1[odd >> 20] = ((TEST_RAM & ~0xfffffu) + 0x100000 * (i & 1)) | L1_SECTION |
				      L1_AP(3) | L1_NORMAL;
		dsb();
		mcr(odd + 0x80000, 0, c8, c7, 3);
		mcr(even + 0x4000, 0, c8, c7, 1);
		dsb();
		isb();
		print_hex(*(volatile u32 *)(even + 0x4000));
		print_hex(*(volatile u32 *)(odd + 0x3000));
		print_hex(*(volatile u32 *)(odd + 0xf0000));
		newline();
	}
}

static void set_asid(u32 asid)
{
	mcr(asid, 0, c13, c0, 1);
	isb();
}

/* Two ASIDs in the same tables: maintenance by the one that comes next. */
static void asids(void)
{
	u32 i;

	set_asid(1);
	map(0, 0, L2_NG);
	tlbiall();
	look(0);
	for (i = 0; i < 3; i++) {
		map(0, 5 + i, L2_NG);
		dsb();
		mcr(2, 0, c8, c7, 2);		/* TLBIASID */
		dsb();
		isb();
		set_asid(2);
		look(0);
		map(0, 20 + i, L2_NG);
		dsb();
		mcr(1, 0, c8, c3, 2);		/* TLBIASIDIS */
		dsb();
		isb();
		set_asid(1);
		look(0);
		newline();
	}
	map(0, 1, L2_NG);
	by_mva(VA | 1, (VA + 0x1000 * PAGES) | 1);
	look(0);
	set_asid(0);
	map(0, 0, 0);
	tlbiall();
	newline();
}

void test(void)
{
	u32 i;

	short_init();
	for (i = 0; i < 4; i++)
		short_page(VA + 0x100000 * i);
	/* where the frames are, flat */
	for (i = 0; i < 4; i++)
		short_l1[(TEST_RAM >> 20) + i] = (TEST_RAM + 0x100000 * i) | L1_SECTION | L1_AP(3) |
						 L1_NORMAL;
	short_on();
	for (i = 0; i < 0x300; i++)
		*(volatile u32 *)frame(i) = i;
	loops();
	shapes();
	cache_loops();
	ends();
	rights();
	first_level();
	section_beside_table();
	asids();
}
