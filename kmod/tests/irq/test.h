/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The least that a test program needs: named cases, checks that say what they
 * saw, "PASS name" and "FAIL name: why" lines, an exit status.
 */
#ifndef ARMKVM_TESTS_IRQ_TEST_H
#define ARMKVM_TESTS_IRQ_TEST_H

#include <stdio.h>
#include <stdlib.h>

#include <linux/types.h>

static const char *test_why;
static char test_text[200];

struct test_case {
	const char *name;
	void (*run)(void);
};

/* Ends the case's function when @got isn't @want. */
#define EXPECT(got, want) do {							\
	unsigned long long got_ = (got), want_ = (want);			\
	if (got_ != want_) {							\
		snprintf(test_text, sizeof(test_text), "%s:%d: %s is 0x%llx, not 0x%llx", \
			 __FILE__, __LINE__, #got, got_, want_);		\
		test_why = test_text;						\
		return;								\
	}									\
} while (0)

/* Ends it when a function that it called has failed. */
#define CHECKED(call) do {							\
	call;									\
	if (test_why)								\
		return;								\
} while (0)

static inline int test_run(const struct test_case *cases, unsigned int n)
{
	unsigned int failed = 0;

	for (unsigned int i = 0; i < n; i++) {
		test_why = NULL;
		cases[i].run();
		if (test_why) {
			printf("FAIL %s: %s\n", cases[i].name, test_why);
			failed++;
		} else {
			printf("PASS %s\n", cases[i].name);
		}
		fflush(stdout);
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* xorshift: the same numbers from the same seed on every machine. */
static inline u32 test_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

#endif /* ARMKVM_TESTS_IRQ_TEST_H */
