/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses that may fault, and what became of them in a few words. */
#ifndef BARE_PROBE_H
#define BARE_PROBE_H

#include "bare.h"

/* Instructions in r1 and r2's terms: LDR r2, [r1]; STR r2, [r1]; BX r1. Then SVC. */
extern const u32 code_load[], code_store[], code_jump[];

#define SVC_WORD	0xef000000u	/* what the test pages are full of, and a store writes */

/* Puts SVC_WORD at the places of 6 MiB of TEST_RAM's pages where tests jump to. */
void fill_test_ram(void);
/* Prints @what and the result: the value and "ok", or fault status and address less @va. */
void access_one(const char *what, u32 mode, const u32 *code, u32 va);
/* A line: reads, writes and executes @va at PL1 and PL0. */
void probe(const char *name, u32 va);
/* The same without the last. */
void probe_data(const char *name, u32 va);
void print64(const char *name, u64 v);

#endif /* BARE_PROBE_H */
