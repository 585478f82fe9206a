/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The smallest test frame: a program's tests are functions in one table; each
 * prints `PASS name` or `FAIL name: why`, the first failed check being the why.
 */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/types.h>

/* The same tests run as each compiler makes them. */
#ifdef __clang__
#define TEST_COMPILER " (clang)"
#else
#define TEST_COMPILER ""
#endif

struct test {
	const char *name;
	void (*run)(void);
};

static jmp_buf test_escape;
static char test_why[256];

__attribute__((format(printf, 1, 2), noreturn))
static inline void test_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(test_why, sizeof(test_why), fmt, ap);
	va_end(ap);
	longjmp(test_escape, 1);
}

/* CHECK(condition, format, ...): ends the test if the condition is false. */
#define CHECK(cond, ...) do { if (!(cond)) test_fail(__VA_ARGS__); } while (0)
#define CHECK_EQ(got, want, what) \
	CHECK((long long)(got) == (long long)(want), "line %d: %s is 0x%llx, not 0x%llx", __LINE__, (what), \
	      (unsigned long long)(got), (unsigned long long)(want))

static inline int test_main(const struct test *tests, unsigned int nr)
{
	volatile int failed = 0;
	volatile unsigned int i;

	for (i = 0; i < nr; i++) {
		if (setjmp(test_escape)) {
			printf("FAIL %s" TEST_COMPILER ": %s\n", tests[i].name, test_why);
			failed = 1;
			continue;
		}
		tests[i].run();
		printf("PASS %s" TEST_COMPILER "\n", tests[i].name);
	}
	return failed;
}

/* xorshift32: the same sequence everywhere, from a seed that isn't 0 */
static inline u32 test_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

#endif
