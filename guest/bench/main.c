// SPDX-License-Identifier: GPL-2.0-only
/*
 *	bench [--rows GLOB] [--time MS] [--sync] [--list]
 *
 * Prints "bench: NAME TIME ns ITERATIONS BEST", TIME and BEST for one operation: the mean of all
 * iterations, and the mean of the best of 20 chunks, which mostly had no timer tick in it.  The
 * number of iterations comes from a first, short measurement: the same wherever time is
 * counted instructions.
 *
 * With --sync it prints "bench: begin NAME" before the 20 chunks of a row and "bench: end NAME"
 * behind them, and each time waits for a line on standard input: time for somebody outside to
 * read a hypervisor's counters.  The row "nothing" does nothing: what such a stop counts itself.
 *
 * As a machine's first process (rdinit=): mounts /dev, /proc and /sys, loads the modules that
 * /etc/modules names, prints the rows "boot" (the kernel log's clock when this program begins)
 * and "boot-late" (the same since other CPUs were looked for), and powers off at the end.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define CHUNKS		20
#define DEFAULT_MS	40
#define MAX_TURNS	100000000U

static const struct row *const subjects[] = {
	syscall_rows, signal_rows, switch_rows, process_rows, memory_rows, compute_rows, block_rows,
};

static const char *self = "bench";
static const char *pattern = "*";
static bool sync_rows;
static uint64_t budget_ns = DEFAULT_MS * 1000000ULL;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void power_off(int status)
{
	fflush(NULL);
	if (getpid() == 1) {
		sync();
		reboot(RB_POWER_OFF);
	}
	exit(status);
}

void fail(const char *what)
{
	printf("bench: error: %s (%s)\n", what, strerror(errno));
	power_off(1);
	abort();
}

const char *beside(const char *name)
{
	static char path[256];
	const char *slash = strrchr(self, '/');

	snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - self) + 1 : 0, self, name);
	return path;
}

static uint64_t timed(const struct row *row, unsigned int turns)
{
	uint64_t start = now();

	row->loop(turns);
	return now() - start;
}

/* Turns of the loop that take @ns; by a loop that took long enough to tell. */
static unsigned int turns_for(const struct row *row, uint64_t ns)
{
	unsigned int turns = 1;
	uint64_t took;

	timed(row, 1);		/* what is done once only: page faults, caches of the kernel */
	for (;;) {
		took = timed(row, turns);
		if (took >= ns / 16 || turns >= MAX_TURNS / 2)
			break;
		turns *= 2;
	}
	took = ns * turns / (took ? took : 1);
	return took < 1 ? 1 : took > MAX_TURNS ? MAX_TURNS : took;
}

/* Tells where the program is and waits for a line, if anybody listens. */
static void stop_at(const char *what, const struct row *row)
{
	char c;

	if (!sync_rows)
		return;
	printf("bench: %s %s\n", what, row->name);
	fflush(stdout);
	do {
		if (read(0, &c, 1) != 1)
			fail("--sync wants a line on standard input");
	} while (c != '\n');
}

static void measure(const struct row *row)
{
	const unsigned int per_turn = row->per_turn ? row->per_turn : 1;
	const char *why = row->missing ? row->missing() : NULL;
	uint64_t took, sum = 0, best = UINT64_MAX;
	unsigned int chunk, i;

	if (why) {
		printf("bench: %s missing: %s\n", row->name, why);
		return;
	}
	if (row->begin)
		row->begin();
	chunk = turns_for(row, budget_ns / CHUNKS);
	stop_at("begin", row);
	for (i = 0; i < CHUNKS; i++) {
		took = timed(row, chunk);
		sum += took;
		if (took < best)
			best = took;
	}
	stop_at("end", row);
	if (row->end)
		row->end();
	printf("bench: %s %.2f ns %llu %.2f\n", row->name, (double)sum / CHUNKS / chunk / per_turn,
	       1ULL * CHUNKS * chunk * per_turn, (double)best / chunk / per_turn);
	fflush(stdout);
}

static void nothing_loop(unsigned int n)
{
	(void)n;
}

/* What the two stops of a row and its 20 looks at the clock count. */
static void measure_nothing(void)
{
	static const struct row nothing = { .name = "nothing", .loop = nothing_loop };
	unsigned int i;

	stop_at("begin", &nothing);
	for (i = 0; i < CHUNKS; i++)
		timed(&nothing, 1);
	stop_at("end", &nothing);
}

static void each_row(void (*what)(const struct row *))
{
	const struct row *row;
	unsigned int i;

	for (i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		for (row = subjects[i]; row->name; row++)
			if (!fnmatch(pattern, row->name, 0))
				what(row);
}

static void print_name(const struct row *row)
{
	puts(row->name);
}

/*
 * A line: path and, behind a blank, parameters.  Modules that are of no use on this machine may
 * refuse to load.
 */
static void load_modules(const char *file)
{
	FILE *list = fopen(file, "r");
	char path[256], *parameters;

	if (!list)
		return;
	while (fgets(path, sizeof(path), list)) {
		int fd;

		path[strcspn(path, "\n")] = '\0';
		parameters = path + strcspn(path, " ");
		if (*parameters)
			*parameters++ = '\0';
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fail(path);
		syscall(SYS_finit_module, fd, parameters, 0);
		close(fd);
	}
	fclose(list);
}

/* What comes in is for the program and isn't shown again. */
static void quiet_console(void)
{
	struct termios t;

	if (!tcgetattr(0, &t)) {
		t.c_lflag &= ~ECHO;
		tcsetattr(0, TCSANOW, &t);
	}
}

/* When the kernel's log first says @text, which is behind a semicolon; 0: never. */
static uint64_t log_stamp(int fd, const char *text)
{
	unsigned long long stamp;
	char record[1024];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		fail("/dev/kmsg");
	/* PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT */
	while ((n = read(fd, record, sizeof(record) - 1)) > 0) {
		record[n] = '\0';
		if (strstr(record, text) && sscanf(record, "%*u,%*u,%llu", &stamp) == 1)
			return stamp * 1000;
	}
	return 0;
}

/*
 * Nanoseconds of the clock that stamps the kernel's log.  It runs from the kernel's first look at
 * the counter; CLOCK_MONOTONIC counts whole ticks until the counter is its source, and so
 * loses or gains up to 4 ms.
 */
static uint64_t log_clock(int fd)
{
	static const char mark[] = "<7>bench: started\n";
	uint64_t stamp = 0;

	if (write(fd, mark, sizeof(mark) - 1) == (ssize_t)sizeof(mark) - 1)
		stamp = log_stamp(fd, ";bench: started\n");
	if (!stamp)
		fail("/dev/kmsg");
	return stamp;
}

static void print_boot(const char *name, uint64_t ns)
{
	if (!fnmatch(pattern, name, 0))
		printf("bench: %s %llu ns 1 %llu\n", name, 1ULL * ns, 1ULL * ns);
}

/*
 * A kernel that can go on privileged has done so when it looks for other CPUs (smp_init(), behind the
 * early initcalls); what was before is shadow mode's.
 */
static void boot_rows(uint64_t started)
{
	int fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	uint64_t boot = now(), late;

	/* what this program has done since is not the kernel's */
	boot = log_clock(fd) - (boot - started);
	print_boot("boot", boot);
	late = log_stamp(fd, ";smp: Bringing up secondary CPUs");
	if (late)
		print_boot("boot-late", boot - late);
	close(fd);
}

static void first_process(uint64_t started)
{
	int fd;

	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mkdir("/sys", 0755);
	mount("sys", "/sys", "sysfs", 0, NULL);
	fd = open("/dev/console", O_RDWR);
	if (fd >= 0) {
		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		if (fd > 2)
			close(fd);
		quiet_console();
	}
	if (!fnmatch(pattern, "boot", 0) || !fnmatch(pattern, "boot-late", 0))
		boot_rows(started);
	load_modules("/etc/modules");
	if (!guest_disk())
		load_modules("/etc/modules-host");
	/* What a kernel does in the background after its start is no row's. */
	sleep(2);
}

int main(int argc, char **argv)
{
	uint64_t started = now();
	bool list = false;
	int i;

	self = argv[0];
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--list")) {
			list = true;
		} else if (!strcmp(argv[i], "--sync")) {
			sync_rows = true;
		} else if (!strcmp(argv[i], "--rows") && argv[i + 1]) {
			pattern = argv[++i];
		} else if (!strcmp(argv[i], "--time") && argv[i + 1]) {
			budget_ns = strtoul(argv[++i], NULL, 10) * 1000000ULL;
		} else {
			errno = EINVAL;
			fail("usage: bench [--rows GLOB] [--time MS] [--sync] [--list]");
		}
	}
	if (getpid() == 1)
		first_process(started);
	if (sync_rows && !list)
		measure_nothing();
	each_row(list ? print_name : measure);
	puts("bench: done");
	power_off(0);
	return 0;
}
