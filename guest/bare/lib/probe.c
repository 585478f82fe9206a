// SPDX-License-Identifier: GPL-2.0-only
/* See probe.h. */
#include "mmu.h"
#include "probe.h"

ARM_CODE(code_load, "ldr r2, [r1]\n svc #0");
ARM_CODE(code_store, "str r2, [r1]\n svc #0");
ARM_CODE(code_jump, "bx r1");

void access_one(const char *what, u32 mode, const u32 *code, u32 va)
{
	struct state before, s;

	state_init(&before, mode, code);
	before.r[1] = va;
	before.r[2] = SVC_WORD;
	s = before;
	enter(&s);
	print(what);
	if (s.vector == VEC_SVC) {
		if (code == code_load)
			print_hex(s.r[2]);
		else if (code == code_jump)
			print_hex(s.pc - va);
		print("ok; ");
	} else if (s.vector == VEC_DABT) {
		print_hex(s.dfsr);
		print_hex(s.dfar - va);
		print("; ");
	} else if (s.vector == VEC_PABT) {
		/* TCG puts the domain into IFSR too, where bits 7:4 are UNK/SBZP (B4.1.96) */
		print_hex(s.ifsr & 0x200 ? s.ifsr : s.ifsr & ~0xf0u);
		print_hex(s.ifar - va);
		print_hex(s.pc - va);
		print("; ");
	} else {
		state_print("?", &s, code, &before);
	}
}

void probe_data(const char *name, u32 va)
{
	print(name);
	print(": ");
	print_hex(va);
	access_one("r ", MODE_SVC, code_load, va);
	access_one("w ", MODE_SVC, code_store, va);
	access_one("ur ", MODE_USR, code_load, va);
	access_one("uw ", MODE_USR, code_store, va);
	newline();
}

void probe(const char *name, u32 va)
{
	print(name);
	print(": ");
	print_hex(va);
	access_one("r ", MODE_SVC, code_load, va);
	access_one("w ", MODE_SVC, code_store, va);
	access_one("x ", MODE_SVC, code_jump, va);
	access_one("ur ", MODE_USR, code_load, va);
	access_one("uw ", MODE_USR, code_store, va);
	access_one("ux ", MODE_USR, code_jump, va);
	newline();
}

void print64(const char *name, u64 v)
{
	print(name);
	print_hex(v >> 32);
	print_hex(v);
}

void fill_test_ram(void)
{
	u32 a;

	for (a = TEST_RAM; a < TEST_RAM + 0x600000; a += 0x1000) {
		*(volatile u32 *)a = SVC_WORD;
		*(volatile u32 *)(a + 0x10) = SVC_WORD;
		*(volatile u32 *)(a + 0xffc) = SVC_WORD;
	}
	sync_code((void *)TEST_RAM, 0x600000);
}
