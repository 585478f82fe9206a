// SPDX-License-Identifier: GPL-2.0-only
/* What every bare guest needs of a C library, and the printing of states. */
#include "bare.h"

#define UART	((volatile u32 *)0x09000000)
#define OUTPUT	((struct output *)OUTPUT_RAM)

_Static_assert(__builtin_offsetof(struct state, pc) == STATE_PC, "state.h");
_Static_assert(__builtin_offsetof(struct state, psr) == STATE_PSR, "state.h");
_Static_assert(__builtin_offsetof(struct state, sp) == STATE_SP, "state.h");
_Static_assert(__builtin_offsetof(struct state, lr) == STATE_LR, "state.h");
_Static_assert(__builtin_offsetof(struct state, spsr) == STATE_SPSR, "state.h");
_Static_assert(__builtin_offsetof(struct state, r8_fiq) == STATE_R8_FIQ, "state.h");
_Static_assert(__builtin_offsetof(struct state, vector) == STATE_VECTOR, "state.h");
_Static_assert(__builtin_offsetof(struct state, cpsr) == STATE_CPSR, "state.h");
_Static_assert(__builtin_offsetof(struct state, dfsr) == STATE_DFSR, "state.h");

/* What is printed with "out=ram": it goes on where a reset of the machine found it. */
struct output {
	u32 used;
	char text[OUTPUT_SIZE - sizeof(u32)];
};

static const u8 *dtb;
static bool_t out_ram;
void (*putch_by_call)(u32 addr, u32 val);

void *memcpy(void *d, const void *s, u32 n)
{
	u8 *to = d;
	const u8 *from = s;

	while (n--)
		*to++ = *from++;
	return d;
}

void *memset(void *d, int c, u32 n)
{
	u8 *to = d;

	while (n--)
		*to++ = c;
	return d;
}

void putch(char c)
{
	volatile struct output *out = OUTPUT;

	if (out_ram && out->used < sizeof(out->text))
		out->text[out->used++] = c;
	else if (putch_by_call)
		putch_by_call((u32)UART, c);
	else
		*UART = c;
}

void print(const char *s)
{
	while (*s)
		putch(*s++);
}

void print_hex(u32 v)
{
	int i;

	for (i = 28; i >= 0; i -= 4)
		putch("0123456789abcdef"[v >> i & 15]);
	putch(' ');
}

void newline(void)
{
	putch('\n');
}

void panic(const char *why)
{
	print("panic: ");
	print(why);
	newline();
	power_off();
}

void unexpected_exception(u32 vector, u32 lr, u32 spsr)
{
	print("unexpected exception ");
	print_hex(vector);
	print_hex(lr);
	print_hex(spsr);
	print_hex(mrc(0, c5, c0, 0));
	print_hex(mrc(0, c6, c0, 0));
	print_hex(mrc(0, c5, c0, 1));
	print_hex(mrc(0, c6, c0, 2));
	newline();
	power_off();
}

void sync_code(const void *p, u32 n)
{
	u32 a;

	for (a = (u32)p & ~31u; a < (u32)p + n; a += 32)
		mcr(a, 0, c7, c11, 1);		/* DCCMVAU */
	dsb();
	for (a = (u32)p & ~31u; a < (u32)p + n; a += 32)
		mcr(a, 0, c7, c5, 1);		/* ICIMVAU */
	mcr(0, 0, c7, c5, 6);			/* BPIALL */
	dsb();
	isb();
}

static u32 be32(const u8 *p)
{
	return p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* The device tree's strings are searched as they are: a value is a decimal number. */
u32 argument(const char *name, u32 dflt)
{
	u32 i, k, n = be32(dtb) == 0xd00dfeed ? be32(dtb + 4) : 0;

	for (i = 0; i < n; i++) {
		for (k = 0; name[k] && dtb[i + k] == name[k]; k++)
			;
		if (name[k] || dtb[i + k] != '=')
			continue;
		for (dflt = 0, i += k + 1; dtb[i] >= '0' && dtb[i] <= '9'; i++)
			dflt = dflt * 10 + dtb[i] - '0';
		break;
	}
	return dflt;
}

bool_t dtb_has(const char *text)
{
	u32 i, k, n = be32(dtb) == 0xd00dfeed ? be32(dtb + 4) : 0;

	for (i = 0; i < n; i++) {
		for (k = 0; text[k] && dtb[i + k] == (u8)text[k]; k++)
			;
		if (!text[k])
			return 1;
	}
	return 0;
}

static u32 bank_of(u32 psr)
{
	switch (psr & 0x1f) {
	case MODE_FIQ:
		return BANK_FIQ;
	case MODE_IRQ:
		return BANK_IRQ;
	case MODE_SVC:
		return BANK_SVC;
	case MODE_ABT:
		return BANK_ABT;
	case MODE_UND:
		return BANK_UND;
	default:
		return BANK_USR;
	}
}

void state_init(struct state *s, u32 mode, const void *pc)
{
	u32 i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < 13; i++)
		s->r[i] = 0x01010101 * i;
	for (i = 0; i < NR_BANKS; i++) {
		s->sp[i] = FREE_RAM + 0x1000 * (i + 1);
		s->lr[i] = 0x1e000000 + i;
		s->spsr[i] = 0x600001d0 + i;
	}
	for (i = 0; i < 5; i++)
		s->r8_fiq[i] = 0xf1a00008 + i;
	s->pc = (u32)pc;
	s->psr = mode | PSR_A | PSR_I | PSR_F;
}

static void print_changed(const char *what, u32 n, u32 now, u32 before)
{
	if (now == before)
		return;
	print(what);
	if (n >= 10)
		putch('1');
	putch('0' + n % 10);
	putch('=');
	print_hex(now);
}

void state_print(const char *name, const struct state *s, const void *code,
		 const struct state *before)
{
	static const char * const names[] = {
		"reset", "und", "svc", "pabt", "dabt", "hyp", "irq", "fiq",
	};
	u32 taken = bank_of(s->cpsr), lost, i;

	print(name);
	print(": ");
	print(names[s->vector & 7]);
	print(" lr+");
	print_hex(s->pc - (u32)code);
	print("spsr ");
	print_hex(s->psr);
	print("cpsr ");
	print_hex(s->cpsr);
	if (s->vector == VEC_DABT) {
		print("dfsr ");
		print_hex(s->dfsr);
		print("dfar ");
		print_hex(s->dfar);
	} else if (s->vector == VEC_PABT) {
		print("ifsr ");
		print_hex(s->ifsr);
		/* a debug event leaves it UNKNOWN, B3.13.2 */
		if ((s->ifsr & 0x3f) != 0x22 && (s->ifsr & 0x20f) != 2) {
			print("ifar ");
			print_hex(s->ifar);
		}
	}
	if (before) {
		lost = (before->psr & 0x1f) == MODE_UND ? BANK_ABT : BANK_UND;
		for (i = 0; i < 13; i++)
			print_changed("r", i, s->r[i], before->r[i]);
		for (i = 0; i < NR_BANKS; i++) {
			print_changed("sp.", i, s->sp[i], before->sp[i]);
			if (i == taken || i == lost)
				continue;
			print_changed("lr.", i, s->lr[i], before->lr[i]);
			if (i != BANK_USR)
				print_changed("spsr.", i, s->spsr[i], before->spsr[i]);
		}
		for (i = 0; i < 5; i++)
			print_changed("fiq.", 8 + i, s->r8_fiq[i], before->r8_fiq[i]);
	}
	newline();
}

u32 run_in_mode(const char *name, u32 mode, const void *code)
{
	struct state before, s;

	state_init(&before, mode, code);
	s = before;
	enter(&s);
	state_print(name, &s, code, &before);
	return s.vector;
}

/*
 * "vcpupage=1" on the command line: masks and SPSR are in a page that is shared with armkvm
 * (ARMKVM_HC_VCPU_PAGE).  To a guest that doesn't look at it nothing may be different.
 */
static u8 shared_page[256] __attribute__((aligned(256)));

static void share_page(void)
{
	register u32 r0 asm("r0") = 0x86000030;
	register u32 r1 asm("r1") = (u32)shared_page;
	register u32 r2 asm("r2") = 0;

	asm volatile(".arch_extension virt\n hvc #0"
		     : "+r" (r0) : "r" (r1), "r" (r2) : "r3", "memory");
	if (r0)
		panic("the vCPU page was refused");
}

void bare_main(const u8 *device_tree)
{
	dtb = device_tree - phys_offset;
	out_ram = dtb_has("out=ram");
	if (argument("vcpupage", 0))
		share_page();
	test();
	print("end\n");
}
