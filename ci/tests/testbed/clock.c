// SPDX-License-Identifier: GPL-2.0-or-later
/* Every clock that a program can read, around some work and a pause. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static void show(const char *when)
{
	static const clockid_t ids[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME,
					 CLOCK_PROCESS_CPUTIME_ID };
	struct timespec t;
	uint64_t counter = 0;

#ifdef __aarch64__
	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(counter));
#elif defined(GENERIC_TIMER)
	__asm__ volatile("mrrc p15, 1, %Q0, %R0, c14" : "=r"(counter));
#endif
	printf("%s %llu", when, (unsigned long long)counter);
	for (unsigned int i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		clock_gettime(ids[i], &t);
		printf(" %lld.%09ld", (long long)t.tv_sec, t.tv_nsec);
	}
	printf("\n");
}

int main(void)
{
	struct timespec pause = { 2, 345678901 };
	volatile unsigned int sum = 0;

	show("start");
	for (unsigned int i = 0; i < 1000000; i++)
		sum += i;
	show("work");
	nanosleep(&pause, NULL);
	show("pause");
	return 0;
}
