// SPDX-License-Identifier: GPL-2.0-only
/* Two processes that wait for each other in turn. */
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static int there[2], back[2];
static uint32_t *turn;
static pid_t peer;

static void peer_end(void)
{
	kill(peer, SIGKILL);
	if (waitpid(peer, NULL, 0) != peer)
		fail("waitpid");
}

static void pipe_peer(void)
{
	char c;

	while (read(there[0], &c, 1) == 1)
		if (write(back[1], &c, 1) != 1)
			break;
	_exit(1);
}

static void pipe_begin(void)
{
	if (pipe(there) || pipe(back))
		fail("pipe");
	peer = fork();
	if (peer < 0)
		fail("fork");
	if (!peer)
		pipe_peer();
}

static void pipe_loop(unsigned int n)
{
	char c = 'x';

	while (n--)
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			fail("pipe");
}

static void pipe_end(void)
{
	int i;

	peer_end();
	for (i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
}

/* Gives the turn to the other side and sleeps until it comes back. */
static void give_turn(uint32_t me)
{
	__atomic_store_n(turn, !me, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	while (__atomic_load_n(turn, __ATOMIC_SEQ_CST) != me)
		syscall(SYS_futex, turn, FUTEX_WAIT, !me, NULL, NULL, 0);
}

static void switch_begin(void)
{
	turn = mmap(NULL, sizeof(*turn), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (turn == MAP_FAILED)
		fail("mmap");
	*turn = 0;
	peer = fork();
	if (peer < 0)
		fail("fork");
	if (!peer) {
		while (__atomic_load_n(turn, __ATOMIC_SEQ_CST) != 1)
			syscall(SYS_futex, turn, FUTEX_WAIT, 0, NULL, NULL, 0);
		for (;;)
			give_turn(1);
	}
}

static void switch_loop(unsigned int n)
{
	while (n--)
		give_turn(0);
}

static void switch_end(void)
{
	peer_end();
	munmap(turn, sizeof(*turn));
}

const struct row switch_rows[] = {
	{ .name = "pipe", .begin = pipe_begin, .loop = pipe_loop, .end = pipe_end },
	/* there and back: two switches */
	{ .name = "ctxsw", .begin = switch_begin, .loop = switch_loop, .end = switch_end, .per_turn = 2 },
	{ }
};
