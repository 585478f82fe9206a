/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzzer's parts share: decisions that a seed repeats, and the guests that run beside the
 * malformed calls (fuzz-guest.c).
 */
#ifndef ARMKVM_TESTS_FUZZ_H
#define ARMKVM_TESTS_FUZZ_H

#include <stdint.h>

/* xorshift64*: small, repeatable, one state a thread */
static inline uint64_t next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

static inline unsigned int below(uint64_t *s, unsigned int n)
{
	return (next(s) >> 33) % n;
}

/* Descriptors of a batch, by kind. */
enum kind { SYSTEM, VM, VCPU, STATS, DEVICE, KINDS };

/* A descriptor of @kind, or -1; another thread may close it at any time. */
int fuzz_pick(uint64_t *s, enum kind kind);

/* Makes @fd one that fuzz_pick() gives, and closes what was in its place. */
void fuzz_keep(uint64_t *s, enum kind kind, int fd);

/*
 * The guests' memory, once a batch, before any thread: a part that is there, and a part that a thread
 * of this program gives page by page and late (userfaultfd), if the host lets it. @random: its seed.
 */
void fuzz_guest_memory(uint64_t random);

/* Why no part comes late; NULL: one does. */
const char *fuzz_no_late(void);

/* Pages given late so far, to guests and calls. */
unsigned long fuzz_late_given(void);

/* The late part, or the other one without it: addresses for calls, FUZZ_LATE_PAGES pages. */
unsigned char *fuzz_late(void);
#define FUZZ_LATE_PAGES	16

/* Takes memory away from guests and calls: dropped, or protected for a moment. */
void fuzz_guest_disturb(uint64_t *s);

/* What guests did; fuzz_guest() adds to it. */
struct fuzz_guest_counts {
	unsigned long rounds;	/* guests that were made */
	unsigned long runs;	/* returns of ARMKVM_RUN */
	unsigned long exits;	/* of these, with an exit for the launcher */
};

/*
 * Makes guests of random code one after another, and runs them beside all else, until @over is set.
 * The thread must be interrupted from time to time: a guest may wait or loop for ever.
 */
void fuzz_guest(uint64_t *s, const volatile int *over, struct fuzz_guest_counts *counts);

#endif
