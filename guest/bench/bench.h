/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The micro-benchmark: a user program for 32-bit Arm Linux, statically linked, the same on a
 * host and in a guest.
 *
 * A row is one operation.  Its time is that of a loop around the operation, by
 * CLOCK_MONOTONIC; where instructions are counted (ci/testbed --icount), one nanosecond is one
 * executed instruction.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

struct row {
	const char *name;
	/* Makes what the loop needs.  NULL: nothing.  Ends the program if it can't be had. */
	void (*begin)(void);
	/* Does the operation @n times. */
	void (*loop)(unsigned int n);
	void (*end)(void);
	/* Operations that one turn of the loop does, 0 for 1. */
	unsigned int per_turn;
	/* Returns why this machine has no such row, or NULL. */
	const char *(*missing)(void);
};

/* A file per idea; each ends with an entry whose name is NULL. */
extern const struct row syscall_rows[];
extern const struct row signal_rows[];
extern const struct row switch_rows[];
extern const struct row process_rows[];
extern const struct row memory_rows[];
extern const struct row compute_rows[];
extern const struct row block_rows[];

/* Prints "bench: error: ..." with errno's text and ends the program. */
void fail(const char *what) __attribute__((noreturn));

/* The disk of the row disk-read, if this is a guest that has one, or NULL. */
const char *guest_disk(void);

/* The file of this name beside the program itself. */
const char *beside(const char *name);

#endif /* BENCH_H */
