// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of core/irq/timer, on a clock that is moved by hand.
 *
 *   test-timer [SEED]
 */
#include <assert.h>
#include <string.h>
#include <time.h>

#include "test.h"
#include "timer.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define HZ_62M5 62500000u

unsigned int shim_locks_held;
ktime_t shim_now;

static u32 seed;
static struct gtimer t;
static u32 hz;
static u64 offset;		/* added to the count */
static int slew_ppm;		/* how much faster than the clock the count runs */
static bool output[GTIMER_NR];
static unsigned int outputs, fired;

static u64 count(void *ctx)
{
	s64 ns = shim_now + (s64)((__int128)shim_now * slew_ppm / 1000000);

	assert(ctx == &seed);
	return (u64)((__uint128_t)ns * hz / 1000000000U) + offset;
}

static void on_output(void *ctx, enum gtimer_id id, bool level)
{
	assert(ctx == &seed && output[id] != level);
	output[id] = level;
	outputs++;
}

static const struct gtimer_ops ops = {
	.count = count,
	.output = on_output,
};

static void setup(u32 frequency)
{
	hz = frequency;
	offset = 0;
	slew_ppm = 0;
	shim_now = 1000000000;
	outputs = 0;
	fired = 0;
	memset(output, 0, sizeof(output));
	gtimer_init(&t, &ops, &seed, hz);
	gtimer_load(&t);
}

/* Lets the host's clock run to @until, its timer firing on the way. */
static void run_to(ktime_t until)
{
	while (t.host.queued && t.host.expires <= until) {
		if (t.host.expires > shim_now)
			shim_now = t.host.expires;
		t.host.queued = false;
		fired++;
		if (t.host.function(&t.host) == HRTIMER_RESTART)
			t.host.queued = true;
	}
	shim_now = until;
}

static u64 get(enum gtimer_id id, enum gtimer_reg reg)
{
	return gtimer_read(&t, id, reg);
}

static void set(enum gtimer_id id, enum gtimer_reg reg, u64 val)
{
	gtimer_write(&t, id, reg, val);
}

static void conversion(void)
{
	EXPECT(gtimer_ns(0, 24000000), 0);
	EXPECT(gtimer_ns(1, 24000000), 42);		/* 41.67, rounded up */
	EXPECT(gtimer_ns(24000000, 24000000), 1000000000);
	EXPECT(gtimer_ns(36000001, 24000000), 1500000042);
	EXPECT(gtimer_ns(~0u, 1), 3600000000000);
	EXPECT(gtimer_ns(~0ull, 1), 3600000000000);
	EXPECT(gtimer_ns(~0ull, ~0u), 3600000000000);
	EXPECT(gtimer_ns(~0u - 1ull, ~0u), 1000000000);
	EXPECT(gtimer_ns(3599, 1), 3599000000000);
}

static void registers(void)
{
	setup(HZ_62M5);
	EXPECT(count(&seed), 62500000);
	for (enum gtimer_id id = 0; id < GTIMER_NR; id++) {
		EXPECT(get(id, GTIMER_REG_CTL), 0);
		EXPECT(get(id, GTIMER_REG_CVAL), 0);
		EXPECT(get(id, GTIMER_REG_TVAL), (u32)-62500000);
		set(id, GTIMER_REG_CTL, ~0ull);
		EXPECT(get(id, GTIMER_REG_CTL), 7);	/* ISTATUS is not written */
		set(id, GTIMER_REG_CTL, 2);
		EXPECT(get(id, GTIMER_REG_CTL), 2);	/* disabled: no status */
		set(id, GTIMER_REG_CVAL, 0x123456789abcdef0);
		EXPECT(get(id, GTIMER_REG_CVAL), 0x123456789abcdef0);
		set(id, GTIMER_REG_TVAL, 0xffffffff);	/* signed: -1 */
		EXPECT(get(id, GTIMER_REG_CVAL), 62499999);
		EXPECT(get(id, GTIMER_REG_TVAL), 0xffffffff);
		set(id, GTIMER_REG_TVAL, 0x7fffffff);
		EXPECT(get(id, GTIMER_REG_CVAL), 62500000 + 0x7fffffffull);
		EXPECT(get(id, GTIMER_REG_CTL), 2);
	}
	EXPECT(outputs, 0);
}

static void interrupt(void)
{
	setup(HZ_62M5);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 62500);	/* 1 ms */
	EXPECT(t.host.queued, false);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	EXPECT(t.host.expires, 1001000000);
	run_to(1000999999);
	EXPECT(gtimer_lines(&t), 0);
	EXPECT(get(GTIMER_VIRT, GTIMER_REG_CTL), 1);
	run_to(1001000000);
	EXPECT(gtimer_lines(&t), 1 << GTIMER_VIRT);
	EXPECT(output[GTIMER_VIRT], true);
	EXPECT(output[GTIMER_PHYS], false);
	EXPECT(get(GTIMER_VIRT, GTIMER_REG_CTL), 5);
	EXPECT(t.host.queued, false);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 3);		/* masked */
	EXPECT(output[GTIMER_VIRT], false);
	EXPECT(get(GTIMER_VIRT, GTIMER_REG_CTL), 7);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	EXPECT(output[GTIMER_VIRT], true);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 62500);	/* a new deadline lowers it */
	EXPECT(output[GTIMER_VIRT], false);
	EXPECT(t.host.expires, 1002000000);
	set(GTIMER_VIRT, GTIMER_REG_CVAL, 0);
	EXPECT(output[GTIMER_VIRT], true);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 0);
	EXPECT(output[GTIMER_VIRT], false);
}

static void two_timers(void)
{
	setup(HZ_62M5);
	set(GTIMER_PHYS, GTIMER_REG_TVAL, 625000);	/* 10 ms */
	set(GTIMER_PHYS, GTIMER_REG_CTL, 1);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 312500);	/* 5 ms */
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	EXPECT(t.host.expires, 1005000000);
	run_to(1006000000);
	EXPECT(gtimer_lines(&t), 1 << GTIMER_VIRT);
	EXPECT(t.host.expires, 1010000000);
	run_to(1010000000);
	EXPECT(gtimer_lines(&t), 1 << GTIMER_VIRT | 1 << GTIMER_PHYS);
	EXPECT(fired, 2);
	EXPECT(t.host.queued, false);
}

/* The condition is about unsigned numbers without wrapping. */
static void extremes(void)
{
	setup(HZ_62M5);
	set(GTIMER_VIRT, GTIMER_REG_CVAL, ~0ull);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	EXPECT(t.host.queued, false);			/* indistinguishable from never */
	set(GTIMER_VIRT, GTIMER_REG_CVAL, ~0ull - 1);
	EXPECT(t.host.expires, 3601000000000);		/* looks again in an hour */
	run_to(4000000000000);
	EXPECT(gtimer_lines(&t), 0);
	EXPECT(t.host.queued, true);
	set(GTIMER_VIRT, GTIMER_REG_CVAL, 0x8000000000000000);
	EXPECT(gtimer_lines(&t), 0);
	offset = 0x8000000000000000;
	gtimer_sync(&t);
	EXPECT(gtimer_lines(&t), 1);
	EXPECT(t.host.queued, false);
	set(GTIMER_VIRT, GTIMER_REG_CVAL, 5);		/* long ago */
	EXPECT(gtimer_lines(&t), 1);
}

/* Later deadlines leave the host's timer alone, and are met all the same. */
static void lazy(void)
{
	setup(HZ_62M5);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 62500);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	for (unsigned int i = 1; i <= 1000; i++)
		set(GTIMER_VIRT, GTIMER_REG_TVAL, 62500 + i);
	EXPECT(t.host.starts, 1);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 0);
	EXPECT(t.host.queued, true);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	EXPECT(t.host.starts, 1);
	run_to(1001000000);
	EXPECT(gtimer_lines(&t), 0);
	EXPECT(fired, 1);
	run_to(1001016000);				/* 1000 counts of 16 ns later */
	EXPECT(gtimer_lines(&t), 1);
	EXPECT(fired, 2);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 625000);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 62500);	/* earlier: starts it anew */
	EXPECT(t.host.expires, 1002016000);
}

/* Nothing happens to a vCPU that nobody runs. */
static void unloaded(void)
{
	setup(HZ_62M5);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 62500);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	gtimer_unload(&t);
	run_to(1005000000);
	EXPECT(outputs, 0);
	EXPECT(get(GTIMER_VIRT, GTIMER_REG_CTL), 5);	/* the register tells all the same */
	/* stop for 9 s, go on where the count was */
	offset = -(u64)hz * 9;
	offset -= 62500 * 5;
	run_to(10005000000);
	gtimer_sync(&t);
	EXPECT(outputs, 0);
	gtimer_load(&t);
	EXPECT(outputs, 0);
	EXPECT(t.host.expires, 10006000000);
	run_to(10006000000);
	EXPECT(gtimer_lines(&t), 1);

	/* A write while unloaded takes effect at the next load. */
	gtimer_unload(&t);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 0);
	set(GTIMER_PHYS, GTIMER_REG_CTL, 1);
	EXPECT(gtimer_lines(&t), 1);
	gtimer_load(&t);
	EXPECT(gtimer_lines(&t), 2);
}

/* The count jumps either way while a deadline is waited for. */
static void jumps(void)
{
	setup(HZ_62M5);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 62500000);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	EXPECT(t.host.expires, 2000000000);
	offset += 31250000;
	gtimer_sync(&t);
	EXPECT(t.host.expires, 1500000000);
	offset -= 62500000;
	gtimer_sync(&t);
	EXPECT(t.host.expires, 2500000000);
	run_to(2499999999);
	EXPECT(gtimer_lines(&t), 0);
	run_to(2500000000);
	EXPECT(gtimer_lines(&t), 1);
	offset -= 1;
	gtimer_sync(&t);
	EXPECT(gtimer_lines(&t), 0);
	offset += 1;
	gtimer_sync(&t);
	EXPECT(gtimer_lines(&t), 1);
}

static void reset(void)
{
	setup(HZ_62M5);
	set(GTIMER_PHYS, GTIMER_REG_CTL, 1);
	EXPECT(output[GTIMER_PHYS], true);
	gtimer_unload(&t);
	gtimer_reset(&t);
	EXPECT(output[GTIMER_PHYS], false);
	EXPECT(get(GTIMER_PHYS, GTIMER_REG_CTL), 0);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 1000);
	gtimer_load(&t);
	EXPECT(t.host.queued, true);
	gtimer_destroy(&t);
	EXPECT(t.host.queued, false);
}

static void both_at_once(void)
{
	struct gtimer_channel ch[GTIMER_NR] = {
		[GTIMER_VIRT] = { .ctl = ~0u & ~GTIMER_CTL_IMASK, .cval = 62500000 + 62500 },
		[GTIMER_PHYS] = { .ctl = GTIMER_CTL_ENABLE, .cval = 62500000 + 6250 },
	};

	setup(HZ_62M5);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	outputs = 0;
	gtimer_set(&t, ch);
	EXPECT(outputs, 1);			/* virtual: down */
	EXPECT(t.channel[GTIMER_VIRT].ctl, GTIMER_CTL_ENABLE);
	EXPECT(t.host.expires, 1000100000);
	/* New compare value and disabled: no pulse on the way */
	ch[GTIMER_PHYS] = (struct gtimer_channel){ .ctl = 0, .cval = 0 };
	gtimer_set(&t, ch);
	EXPECT(outputs, 1);
	run_to(1001000000);
	EXPECT(gtimer_lines(&t), 1 << GTIMER_VIRT);
	/* The performance monitors' comes first, and goes while the timer waits. */
	ch[GTIMER_VIRT].cval += 62500;
	ch[GTIMER_PMU] = (struct gtimer_channel){ .ctl = GTIMER_CTL_ENABLE, .cval = 62500000 + 62500 + 6250 };
	gtimer_set(&t, ch);
	EXPECT(gtimer_lines(&t), 0);
	EXPECT(t.host.expires, 1001100000);
	run_to(1001100000);
	EXPECT(gtimer_lines(&t), 1 << GTIMER_PMU);
	ch[GTIMER_PMU].ctl = 0;
	gtimer_set(&t, ch);
	EXPECT(gtimer_lines(&t), 0);
	run_to(1002000000);
	EXPECT(gtimer_lines(&t), 1 << GTIMER_VIRT);
}

/* A count that is faster than the clock is met late by the difference, no more. */
static void fast_count(void)
{
	setup(HZ_62M5);
	slew_ppm = 500;
	set(GTIMER_VIRT, GTIMER_REG_TVAL, 62500000);
	set(GTIMER_VIRT, GTIMER_REG_CTL, 1);
	run_to(1999999999);
	EXPECT(gtimer_lines(&t), 0);
	run_to(2000000000);
	EXPECT(gtimer_lines(&t), 1);
}

/*
 * Random writes and pauses, with frequencies from 1 MHz to 1 GHz and a count that
 * is right or slow: at every moment the outputs are what the definition says, with
 * up to a count's delay for what the host timer must tell.
 */
static void random_times(void)
{
	static const u32 frequencies[] = { 1000000, 19200000, 24000000, 62500000, 1000000000 };
	u32 rnd = seed | 1;

	for (unsigned int round = 0; round < 500; round++) {
		bool loaded = true;

		setup(frequencies[test_random(&rnd) % ARRAY_LEN(frequencies)]);
		offset = 1ull << 40;		/* jumps back don't wrap */
		slew_ppm = -(int)(test_random(&rnd) % 501);
		for (unsigned int step = 0; step < 200; step++) {
			enum gtimer_id id = test_random(&rnd) % 2;
			u32 val = test_random(&rnd);

			switch (test_random(&rnd) % 8) {
			case 0:
				set(id, GTIMER_REG_CTL, val % 4);
				break;
			case 1:
				set(id, GTIMER_REG_TVAL, val % 8 ? val % hz / 100 : val);
				break;
			case 2:
				set(id, GTIMER_REG_CVAL, count(&seed) + val % hz / 100);
				break;
			case 3:
				offset += (s32)val / 1000;
				gtimer_sync(&t);
				break;
			case 4:
				loaded = val % 4;
				if (loaded)
					gtimer_load(&t);
				else
					gtimer_unload(&t);
				break;
			default:
				run_to(shim_now + val % 20000000);
				break;
			}
			if (!loaded)
				continue;
			for (id = 0; id < GTIMER_NR; id++) {
				u64 ctl = get(id, GTIMER_REG_CTL);
				bool met = ctl & 1 && count(&seed) >= t.channel[id].cval;
				/*
				 * Armed in the middle of a count's period, the host
				 * timer is late by what had passed of it: during the
				 * count that meets the deadline the output may be low.
				 */
				bool just_met = met && count(&seed) == t.channel[id].cval;

				EXPECT(ctl >> 2 & 1, met);
				EXPECT(output[id] || just_met, (met && !(ctl & 2)) || just_met);
				EXPECT(gtimer_lines(&t) >> id & 1, output[id]);
			}
		}
		/* 100 pauses, a firing each, some for nothing: not a storm */
		EXPECT(fired > 3000, false);
	}
}

static const struct test_case cases[] = {
	{ "timer: counts to nanoseconds", conversion },
	{ "timer: registers", registers },
	{ "timer: deadline, mask, output", interrupt },
	{ "timer: virtual and physical", two_timers },
	{ "timer: compare values at the ends", extremes },
	{ "timer: later deadlines cost nothing", lazy },
	{ "timer: stopped and continued", unloaded },
	{ "timer: the count jumps", jumps },
	{ "timer: reset and destruction", reset },
	{ "timer: both set at once", both_at_once },
	{ "timer: count faster than the clock", fast_count },
	{ "timer: random times", random_times },
};

int main(int argc, char **argv)
{
	seed = argc > 1 ? strtoul(argv[1], NULL, 0) : (u32)time(NULL);
	printf("seed %u\n", seed);
	return test_run(cases, ARRAY_LEN(cases));
}
