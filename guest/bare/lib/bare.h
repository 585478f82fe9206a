/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The runtime of the bare guests: QEMU's virt machine, SVC mode, ARM state, MMU
 * off at start.
 *
 * A test makes a struct state, runs code in it by enter(), which comes back at
 * the first exception, and prints what has become of the state.  All that
 * is printed is architecture, so the same on every accelerator and core.
 */
#ifndef BARE_H
#define BARE_H

#include "state.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef _Bool bool_t;

#define __noreturn __attribute__((noreturn))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define PSR_T	0x20u
#define PSR_F	0x40u
#define PSR_I	0x80u
#define PSR_A	0x100u
#define PSR_E	0x200u
#define PSR_NZCV 0xf0000000u

enum vector { VEC_RESET, VEC_UND, VEC_SVC, VEC_PABT, VEC_DABT, VEC_HYP, VEC_IRQ, VEC_FIQ };

struct state {
	u32 r[13];		/* r8-r12 of all modes but FIQ */
	u32 pc;			/* in: where to; out: lr of the exception */
	u32 psr;		/* in: CPSR to run with; out: SPSR of the exception */
	u32 sp[NR_BANKS];	/* BANK_* */
	u32 lr[NR_BANKS];
	u32 spsr[NR_BANKS];
	u32 r8_fiq[5];
	/* out: */
	u32 vector;
	u32 cpsr;		/* as the exception set it */
	u32 dfsr, dfar, ifsr, ifar;
};

/*
 * Runs s->pc with all registers of @s until the next exception, and stores them.  lr and
 * SPSR of Undefined mode (of Abort mode, if Undefined mode is entered) are lost.
 * Preserves CPSR, mode included.
 */
void enter(struct state *s);

/* The 16 words of the exception vectors, position-independent. */
extern const u32 vectors[16];
/* The same as branches, for where they stand: good with SCTLR.EE too. */
extern const u32 vectors_ee[8];

/* Registers full of recognisable values, @mode with A, I and F set, at @pc. */
void state_init(struct state *s, u32 mode, const void *pc);
/*
 * A line: name, vector, lr relative to @code, SPSR, CPSR, fault registers where the
 * exception sets them, and each register that differs from @before (may be NULL).
 */
void state_print(const char *name, const struct state *s, const void *code,
		 const struct state *before);
/* state_init(), enter(), state_print(); returns the vector. */
u32 run_in_mode(const char *name, u32 mode, const void *code);

/* The state that the compiler's own code is in, and the assembler is to go on in. */
#ifdef __thumb__
#define CODE_STATE	".thumb\n"
#else
#define CODE_STATE	".arm\n"
#endif

/* Code of a test, by name, aligned to @align bytes. */
#define CODE_AT(name, align, state, text)				\
	extern const u32 name[];					\
	asm(".pushsection .text\n.balign " #align "\n" state "\n.syntax unified\n"	\
	    ".globl " #name "\n" #name ":\n" text "\n.balign 4\n.ltorg\n.arm\n.popsection\n" CODE_STATE)
/* A further label in such code, which is .globl there. */
#define CODE_LABEL(name)	extern const u32 name[]
#define ARM_CODE(name, text)	CODE_AT(name, 4, ".arm", text)
#define THUMB_CODE(name, text)	CODE_AT(name, 4, ".thumb", text)

void *memcpy(void *d, const void *s, u32 n);
void *memset(void *d, int c, u32 n);
/*
 * To the UART.  With "out=ram" on the command line to OUTPUT_RAM instead, where the launcher looks
 * for it (ci/lib/bare-in-host): a store, where one to a device is an exit.
 */
void putch(char c);
void print(const char *s);
void print_hex(u32 v);		/* eight digits and a space */
void newline(void);
void __noreturn panic(const char *why);
void __noreturn power_off(void);

/* Each guest's own; the runtime prints "end" when it returns. */
void test(void);
/* The value of "NAME=" on the kernel's command line, or @dflt. */
u32 argument(const char *name, u32 dflt);
/* Does the device tree have @text in it? */
bool_t dtb_has(const char *text);

#define stringify_(x) #x
#define stringify(x) stringify_(x)

#define mrc(opc1, crn, crm, opc2) ({					\
	u32 val_;							\
	asm volatile("mrc p15, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 \
		     : "=r" (val_) : : "memory");			\
	val_; })
#define mcr(val, opc1, crn, crm, opc2)					\
	asm volatile("mcr p15, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 \
		     : : "r" (val) : "memory")
#define mrrc(opc1, crm) ({						\
	u32 lo_, hi_;							\
	asm volatile("mrrc p15, " #opc1 ", %0, %1, " #crm		\
		     : "=r" (lo_), "=r" (hi_) : : "memory");		\
	lo_ | (u64)hi_ << 32; })
#define mcrr(val, opc1, crm)						\
	asm volatile("mcrr p15, " #opc1 ", %0, %1, " #crm		\
		     : : "r" ((u32)(val)), "r" ((u32)((u64)(val) >> 32)) : "memory")

#define isb()	asm volatile("isb" : : : "memory")
#define dsb()	asm volatile("dsb" : : : "memory")

/* CNTVCT: not before what comes before it (B8.1.2). */
static inline u64 virtual_count(void)
{
	isb();
	return mrrc(1, c14);
}

static inline u32 get_sctlr(void)
{
	return mrc(0, c1, c0, 0);
}

static inline void set_sctlr(u32 v)
{
	mcr(v, 0, c1, c0, 0);
	isb();
}

#define SCTLR_M		0x00000001u
#define SCTLR_A		0x00000002u
#define SCTLR_C		0x00000004u
#define SCTLR_SW	0x00000400u
#define SCTLR_I		0x00001000u
#define SCTLR_V		0x00002000u
#define SCTLR_EE	0x02000000u
#define SCTLR_TRE	0x10000000u
#define SCTLR_AFE	0x20000000u
#define SCTLR_TE	0x40000000u

static inline void tlbiall(void)
{
	dsb();
	mcr(0, 0, c8, c7, 0);
	dsb();
	isb();
}

/* Makes instructions written at [@p, @p + @n) visible to fetches. */
void sync_code(const void *p, u32 n);

/*
 * From virtual addresses of RAM to physical ones: 0, but where RAM isn't at 0x40000000 (VMs
 * in mode direct).  There the runtime begins with the MMU on, and RAM is mapped where it expects it.
 */
extern u32 phys_offset;

static inline u32 phys(const volatile void *va)
{
	return (u32)va + phys_offset;
}

/* lib/promote.h: HVC is not ours; and how the UART's register is written, if not by a store */
extern u32 promoted;
extern void (*putch_by_call)(u32 addr, u32 val);

/* RAM that no image and no loader uses */
#define FREE_RAM	0x42000000u
/* RAM for what is printed: a word that counts, and the text. Flat in the tables of mmu.h. */
#define OUTPUT_RAM	0x43800000u
#define OUTPUT_SIZE	0x00400000u

#endif /* BARE_H */
