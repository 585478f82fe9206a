// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stress for a guest: many small ways to make processes, threads and memory meet, each
 * with an answer that is known before.  Runs in any 32-bit Arm Linux, guest or not.
 *
 *   stress [-n ROUNDS] [-t THREADS] [-s SEED] [TEST...]
 *
 * prints "PASS test" or "FAIL test: why" a line, and ends with status 0 if none failed.
 * The same arguments do the same work; scheduling is the machine's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096u

static unsigned int rounds = 10;
static unsigned int threads = 4;
static uint32_t seed = 1;
static char why[200];

static int fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return -1;
}

/* Memory that others change while we look: every access is one, in order. */
static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}

static void store(uint32_t *p, uint32_t value)
{
	__atomic_store_n(p, value, __ATOMIC_SEQ_CST);
}

static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void fill(void *buf, size_t len, uint32_t state)
{
	uint32_t *p = buf;
	size_t i;

	state = state * 2654435761u | 1;
	for (i = 0; i < len / 4; i++)
		p[i] = next(&state);
}

/* Returns the offset of the first word that is not fill()'s, or -1. */
static long differs(const void *buf, size_t len, uint32_t state)
{
	const uint32_t *p = buf;
	size_t i;

	state = state * 2654435761u | 1;
	for (i = 0; i < len / 4; i++)
		if (p[i] != next(&state))
			return (long)i * 4;
	return -1;
}

/* Waits for @n children; all must end with status 0. */
static int reap(unsigned int n)
{
	int status, bad = 0;

	while (n--) {
		if (wait(&status) < 0)
			return fail("wait: %s", strerror(errno));
		if (status)
			bad = status;
	}
	return bad ? fail("a child ended with status 0x%x", bad) : 0;
}

/*
 * -- threads ------------------------------------------------------------------
 */

static pthread_barrier_t barrier;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static uint32_t plain, atomic32, turn;
static uint64_t atomic64;
static uint8_t bytes[64];

static int run_threads(void *(*fn)(void *))
{
	pthread_t t[64];
	unsigned int i;
	void *ret;
	int bad = 0;

	pthread_barrier_init(&barrier, NULL, threads);
	for (i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, fn, (void *)(uintptr_t)i))
			return fail("no thread: %s", strerror(errno));
	for (i = 0; i < threads; i++) {
		pthread_join(t[i], &ret);
		bad |= !!ret;
	}
	pthread_barrier_destroy(&barrier);
	return bad ? -1 : 0;
}

/* LDREX and STREX of every width, under contention. */
static void *atomics_thread(void *arg)
{
	unsigned int i, me = (uintptr_t)arg;

	pthread_barrier_wait(&barrier);
	for (i = 0; i < rounds * 1000; i++) {
		__atomic_fetch_add(&atomic32, 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&atomic64, 0x100000001ull, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&bytes[me % 2], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static int test_atomics(void)
{
	uint32_t want = rounds * 1000 * threads;
	unsigned int i, sum = 0;

	atomic32 = 0;
	atomic64 = 0;
	memset(bytes, 0, sizeof(bytes));
	if (run_threads(atomics_thread))
		return -1;
	if (atomic32 != want)
		return fail("32 bits: %u instead of %u", atomic32, want);
	if (atomic64 != want * 0x100000001ull)
		return fail("64 bits: 0x%llx instead of 0x%llx", (unsigned long long)atomic64,
			    (unsigned long long)(want * 0x100000001ull));
	for (i = 0; i < 2; i++)
		sum += bytes[i];
	if ((sum & 0xff) != (want & 0xff))
		return fail("bytes: 0x%x instead of 0x%x", sum & 0xff, want & 0xff);
	return 0;
}

/* A mutex (futex) guards a plain variable. */
static void *mutex_thread(void *arg)
{
	unsigned int i;

	(void)arg;
	pthread_barrier_wait(&barrier);
	for (i = 0; i < rounds * 200; i++) {
		pthread_mutex_lock(&mutex);
		plain = plain * 2 - plain + 1;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static int test_mutex(void)
{
	plain = 0;
	if (run_threads(mutex_thread))
		return -1;
	return plain == rounds * 200 * threads ? 0 : fail("%u instead of %u", plain,
							  rounds * 200 * threads);
}

/* Each thread in its turn: every step sleeps and wakes. */
static void *turns_thread(void *arg)
{
	unsigned int i, me = (uintptr_t)arg;

	for (i = 0; i < rounds * 10; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % threads != me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static int test_turns(void)
{
	turn = 0;
	if (run_threads(turns_thread))
		return -1;
	return turn == rounds * 10 * threads ? 0 : fail("%u turns", turn);
}

/*
 * One thread maps, changes and unmaps pages in which the others read: what they read
 * must be one of the values that were there while they looked.
 */
static uint32_t *shared, generation, stop;

static void *remap_thread(void *arg)
{
	uint32_t *p = shared, before, value, after;
	unsigned int i;

	pthread_barrier_wait(&barrier);
	if (!arg) {
		for (i = 1; i <= rounds * 20; i++) {
			uint32_t *fresh = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			*fresh = i;
			store(&generation, i);
			/* The page changes places: atomically for those who look. */
			if (mremap(fresh, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p) != p) {
				fail("mremap: %s", strerror(errno));
				store(&stop, 1);
				return (void *)1;
			}
			if (*p != i) {
				fail("the new page reads %u instead of %u", *p, i);
				store(&stop, 1);
				return (void *)1;
			}
			/* After mremap() nobody may see the page before. */
			store(&turn, i);
			if (i % 4 == 0)
				mprotect(p, PAGE, PROT_READ);
		}
		store(&stop, 1);
		return NULL;
	}
	while (!load(&stop)) {
		before = load(&turn);
		value = load(p);
		after = load(&generation);
		if (value < before || value > after) {
			fail("a stale page: %u, not in %u..%u", value, before, after);
			return (void *)1;
		}
	}
	return NULL;
}

static void on_segv_retry(int sig)
{
	(void)sig;	/* between unmap and map of mremap(): try again */
}

static int test_remap(void)
{
	struct sigaction sa = { .sa_handler = on_segv_retry };
	int ret;

	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*shared = 0;
	generation = 0;
	turn = 0;
	store(&stop, 0);
	sigaction(SIGSEGV, &sa, NULL);
	ret = run_threads(remap_thread);
	signal(SIGSEGV, SIG_DFL);
	munmap(shared, PAGE);
	return ret;
}

/*
 * -- code that is made at run time ------------------------------------------------
 */

typedef uint32_t (*code_fn)(void);

static uint32_t *code;

/* MOVW r0, #low; MOVT r0, #high; BX lr */
static void emit(uint32_t *p, uint32_t value)
{
	p[0] = 0xe3000000u | (value & 0xf000) << 4 | (value & 0xfff);
	p[1] = 0xe3400000u | (value >> 12 & 0xf0000) | (value >> 16 & 0xfff);
	p[2] = 0xe12fff1eu;
	__builtin___clear_cache((char *)p, (char *)(p + 3));
}

static void *jit_thread(void *arg)
{
	unsigned int i, j, me = (uintptr_t)arg;
	void *bad = NULL;

	for (i = 0; i < rounds * 10; i++) {
		if (i % threads == me)
			for (j = 0; j < 8; j++)
				emit(code + j * (PAGE / 4 / 2), i * 0x01000193u + j);
		pthread_barrier_wait(&barrier);
		/* B2.2.9: the executing side needs its context synchronised. */
		__asm__ volatile("isb" : : : "memory");
		for (j = 0; j < 8; j++) {
			uint32_t got = ((code_fn)(code + j * (PAGE / 4 / 2)))();

			if (got != i * 0x01000193u + j && !bad) {
				fail("round %u, function %u gives 0x%x", i, j, got);
				bad = (void *)1;
			}
		}
		pthread_barrier_wait(&barrier);
	}
	return bad;
}

static int test_jit(void)
{
	int ret;

	code = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		return fail("mmap: %s", strerror(errno));
	ret = run_threads(jit_thread);
	munmap(code, 4 * PAGE);
	return ret;
}

/*
 * -- processes ----------------------------------------------------------------------
 */

/* Copy on write, three deep: each process changes its own and sees nobody else's. */
static int fork_tree(unsigned int depth, uint32_t *mem, uint32_t id)
{
	const size_t len = 16 * PAGE;
	unsigned int i;

	for (i = 0; i < 2 && depth; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return fail("fork: %s", strerror(errno));
		if (!pid) {
			fill(mem, len, id * 2 + i);
			_exit(fork_tree(depth - 1, mem, id * 2 + i) ||
			      differs(mem, len, id * 2 + i) >= 0);
		}
	}
	return depth ? reap(2) : 0;
}

static int test_fork(void)
{
	uint32_t *mem = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < rounds && !ret; i++) {
		fill(mem, 16 * PAGE, 1);
		ret = fork_tree(3, mem, 1);
		if (!ret && differs(mem, 16 * PAGE, 1) >= 0)
			ret = fail("the parent's memory has changed");
	}
	munmap(mem, 16 * PAGE);
	return ret;
}

/* As many processes as the limit allows, all at once; fork() says no behind it. */
static int test_bomb(void)
{
	unsigned int i, n = 0;
	int go[2];
	char c;

	if (pipe(go))
		return fail("pipe: %s", strerror(errno));
	for (i = 0; i < 20 + rounds * 2; i++) {
		pid_t pid = fork();

		if (!pid) {
			close(go[1]);
			_exit(read(go[0], &c, 1) ? 1 : 0);
		}
		if (pid > 0)
			n++;
	}
	close(go[0]);
	close(go[1]);
	return n ? reap(n) : fail("no fork");
}

static int test_exec(void)
{
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		pid_t pid = fork();

		if (!pid) {
			execl("/proc/self/exe", "stress", "--nothing", NULL);
			_exit(1);
		}
		if (reap(1))
			return -1;
	}
	return 0;
}

/* Numbers go round between processes; each adds one. */
static int test_pipes(void)
{
	int fd[65][2];
	uint32_t v = 0;
	unsigned int i, j;

	for (i = 0; i <= threads; i++)
		if (pipe(fd[i]))
			return fail("pipe: %s", strerror(errno));
	for (i = 0; i < threads; i++) {
		if (fork())
			continue;
		for (j = 0; j < rounds * 20; j++) {
			if (read(fd[i][0], &v, 4) != 4)
				_exit(1);
			v++;
			if (write(fd[i + 1][1], &v, 4) != 4)
				_exit(1);
		}
		_exit(0);
	}
	for (j = 0; j < rounds * 20; j++) {
		if (write(fd[0][1], &v, 4) != 4 || read(fd[threads][0], &v, 4) != 4)
			return fail("pipe: %s", strerror(errno));
	}
	for (i = 0; i <= threads; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
	if (v != rounds * 20 * threads)
		return fail("%u instead of %u", v, rounds * 20 * threads);
	return reap(threads);
}

/*
 * -- signals ------------------------------------------------------------------------
 */

static uint32_t alarms, faults;
static sigjmp_buf jump;

static void on_alarm(int sig)
{
	(void)sig;
	store(&alarms, load(&alarms) + 1);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	store(&faults, load(&faults) + 1);
	/* The page becomes writable, and the store is done again. */
	mprotect((void *)((uintptr_t)info->si_addr & ~(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE);
}

/* Timer signals hit a computation with integer and floating-point registers in use. */
static int test_signals(void)
{
	struct itimerval timer = { { 0, 1000 }, { 0, 1000 } }, off = { };
	double x = 1.0, want = 0.0;
	uint32_t a = 0, first = 0;
	unsigned int i, pass;

	signal(SIGALRM, on_alarm);
	for (pass = 0; pass < 2; pass++) {
		if (pass)
			setitimer(ITIMER_REAL, &timer, NULL);
		x = 1.0;
		a = seed | 1;
		for (i = 0; i < rounds * 20000; i++) {
			x = x * 1.0000001 + 1e-9;
			next(&a);
		}
		setitimer(ITIMER_REAL, &off, NULL);
		if (!pass) {
			want = x;
			first = a;
		}
	}
	signal(SIGALRM, SIG_DFL);
	if (x != want || a != first)
		return fail("a signal changed the result: %.17g instead of %.17g, 0x%x instead of 0x%x",
			    x, want, a, first);
	return 0;
}

/* Write barriers by page protection, as garbage collectors have them. */
static int test_protect(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	const unsigned int pages = 32;
	uint32_t *mem = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t state = seed | 1;
	unsigned int i, j;
	int ret = 0;

	sigaction(SIGSEGV, &sa, NULL);
	for (i = 0; i < rounds && !ret; i++) {
		uint32_t touched = 0, seen;

		fill(mem, pages * PAGE, i);
		mprotect(mem, pages * PAGE, PROT_READ);
		store(&faults, 0);
		for (j = 0; j < 40; j++) {
			unsigned int page = next(&state) % pages;

			store(&mem[page * PAGE / 4 + j], load(&mem[page * PAGE / 4 + j]));
			touched |= 1u << page;
		}
		seen = load(&faults);
		if (seen != (uint32_t)__builtin_popcount(touched))
			ret = fail("%u faults instead of %d", seen, __builtin_popcount(touched));
		else if (differs(mem, pages * PAGE, i) >= 0)
			ret = fail("the content has changed");
		mprotect(mem, pages * PAGE, PROT_READ | PROT_WRITE);
	}
	signal(SIGSEGV, SIG_DFL);
	munmap(mem, pages * PAGE);
	return ret;
}

static void on_jump(int sig)
{
	siglongjmp(jump, sig);
}

/* What isn't mapped any more faults, at once and for everybody. */
static int test_unmap(void)
{
	unsigned int i;

	signal(SIGSEGV, on_jump);
	for (i = 0; i < rounds * 4; i++) {
		uint32_t *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		store(p, i);
		munmap(p, PAGE);
		if (!sigsetjmp(jump, 1))
			return fail("an unmapped page still reads %u", load(p));
	}
	signal(SIGSEGV, SIG_DFL);
	return 0;
}

/*
 * -- memory and files ----------------------------------------------------------------
 */

/* Regions come, move, shrink, go; each keeps its own content. */
static int test_churn(void)
{
	enum { REGIONS = 24 };
	struct { uint32_t *mem; size_t len; uint32_t key; } r[REGIONS] = { };
	uint32_t state = seed * 7 | 1;
	unsigned int i;

	for (i = 0; i < rounds * 30; i++) {
		unsigned int n = next(&state) % REGIONS;
		size_t len = (next(&state) % 24 + 1) * PAGE;
		uint32_t *moved;

		if (!r[n].mem) {
			r[n].mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (r[n].mem == MAP_FAILED)
				return fail("mmap: %s", strerror(errno));
			r[n].len = len;
			r[n].key = i;
			fill(r[n].mem, len, i);
			continue;
		}
		if (differs(r[n].mem, r[n].len, r[n].key) >= 0)
			return fail("step %u: region %u is not what was written", i, n);
		switch (next(&state) % 3) {
		case 0:
			munmap(r[n].mem, r[n].len);
			r[n].mem = NULL;
			break;
		case 1:
			moved = mremap(r[n].mem, r[n].len, len, MREMAP_MAYMOVE);
			if (moved == MAP_FAILED)
				return fail("mremap: %s", strerror(errno));
			r[n].mem = moved;
			if (len < r[n].len)
				r[n].len = len;
			else
				munmap((char *)moved + r[n].len, len - r[n].len);
			break;
		default:
			madvise(r[n].mem, r[n].len, MADV_DONTNEED);
			if (*r[n].mem || r[n].mem[r[n].len / 4 - 1])
				return fail("MADV_DONTNEED left something");
			fill(r[n].mem, r[n].len, i);
			r[n].key = i;
		}
	}
	for (i = 0; i < REGIONS; i++)
		if (r[i].mem)
			munmap(r[i].mem, r[i].len);
	return 0;
}

/* A shared file mapping and read(), write() are one. */
static int test_file(void)
{
	const size_t len = 64 * PAGE;
	char name[] = "/tmp/stress.XXXXXX";
	uint32_t *mem, *buf = malloc(len);
	int fd = mkstemp(name), ret = 0;
	unsigned int i;

	if (fd < 0 || ftruncate(fd, len)) {
		free(buf);
		return fail("%s: %s", name, strerror(errno));
	}
	unlink(name);
	mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (i = 0; i < rounds && !ret; i++) {
		fill(buf, len, i);
		if (pwrite(fd, buf, len, 0) != (ssize_t)len)
			ret = fail("write: %s", strerror(errno));
		else if (differs(mem, len, i) >= 0)
			ret = fail("the mapping doesn't show what was written");
		fill(mem, len, i + 1000);
		if (!ret && (pread(fd, buf, len, 0) != (ssize_t)len ||
			     differs(buf, len, i + 1000) >= 0))
			ret = fail("read() doesn't give what the mapping has");
	}
	munmap(mem, len);
	close(fd);
	free(buf);
	return ret;
}

static const struct {
	const char *name;
	int (*run)(void);
} tests[] = {
	{ "atomics", test_atomics },	{ "mutex", test_mutex },
	{ "turns", test_turns },	{ "remap", test_remap },
	{ "jit", test_jit },		{ "fork", test_fork },
	{ "bomb", test_bomb },		{ "exec", test_exec },
	{ "pipes", test_pipes },	{ "signals", test_signals },
	{ "protect", test_protect },	{ "unmap", test_unmap },
	{ "churn", test_churn },	{ "file", test_file },
};

static int wanted(const char *name, char **names)
{
	if (!*names)
		return 1;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int i, bad = 0;
	int opt;

	if (argc == 2 && !strcmp(argv[1], "--nothing"))
		return 0;
	while ((opt = getopt(argc, argv, "n:t:s:")) != -1) {
		unsigned int n = optarg ? strtoul(optarg, NULL, 0) : 0;

		if (!n || (opt == 't' && n > 64)) {
			fprintf(stderr, "stress [-n ROUNDS] [-t 1..64] [-s SEED] [TEST...]\n");
			return 2;
		}
		if (opt == 'n')
			rounds = n;
		else if (opt == 't')
			threads = n;
		else
			seed = n;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		if (!wanted(tests[i].name, argv + optind))
			continue;
		fflush(stdout);
		if (tests[i].run()) {
			printf("FAIL %s: %s\n", tests[i].name, why);
			bad++;
		} else {
			printf("PASS %s\n", tests[i].name);
		}
	}
	return !!bad;
}
