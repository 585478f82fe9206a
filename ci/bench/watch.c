// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs QEMU with the benchmark as its guest, in the emulated host, and reads
 * the module's statistics around each row:
 *
 *     watch SOCKET QEMU [ARG...]
 *
 * QEMU must have its guest's console on standard input and output and QMP on the
 * unix socket SOCKET.  What the guest prints is passed on.  At a line "bench: begin
 * NAME" or "bench: end NAME" the answers of query-stats for VM and vCPUs are printed
 * behind "stats-vm: " and "stats-vcpu: ", and the guest gets an empty line, for
 * which it waits (guest/bench/main.c, --sync).  Ends with QEMU's exit status.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t qemu;

static void fail(const char *what)
{
	fprintf(stderr, "watch: %s: %s\n", what, strerror(errno));
	if (qemu > 0)
		kill(qemu, SIGKILL);
	exit(125);
}

/* The answer to a command; events that come in between are passed over. */
static char *answer(FILE *from)
{
	static char *line;
	static size_t size;

	while (getline(&line, &size, from) > 0)
		if (!strncmp(line, "{\"return\"", 9) || !strncmp(line, "{\"error\"", 8))
			return line;
	fail("QMP ended");
	return NULL;
}

static void command(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("QMP");
}

/* QEMU makes the socket before the guest runs: it is there when the guest speaks. */
static int connect_to(const char *path, FILE **from)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail(path);
	*from = fdopen(fd, "r");
	command(fd, "{\"execute\": \"qmp_capabilities\"}\n");
	answer(*from);
	return fd;
}

static void print_stats(const char *path)
{
	static FILE *from;
	static int fd = -1;

	if (fd < 0)
		fd = connect_to(path, &from);
	command(fd, "{\"execute\": \"query-stats\", \"arguments\": {\"target\": \"vm\"}}\n");
	printf("stats-vm: %s", answer(from));
	command(fd, "{\"execute\": \"query-stats\", \"arguments\": {\"target\": \"vcpu\"}}\n");
	printf("stats-vcpu: %s", answer(from));
	fflush(stdout);
}

/* Starts QEMU; @to and @from are its standard input and output. */
static void start(char **argv, int *to, FILE **from)
{
	int in[2], out[2];

	if (pipe(in) || pipe(out))
		fail("pipe");
	qemu = fork();
	if (qemu < 0)
		fail("fork");
	if (!qemu) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		execvp(argv[0], argv);
		fail(argv[0]);
	}
	close(in[0]);
	close(out[1]);
	*to = in[1];
	*from = fdopen(out[0], "r");
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	FILE *from;
	int to, status;

	if (argc < 3) {
		fprintf(stderr, "usage: watch SOCKET QEMU [ARG...]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	start(argv + 2, &to, &from);
	while (getline(&line, &size, from) > 0) {
		fputs(line, stdout);
		fflush(stdout);
		if (!strncmp(line, "bench: begin ", 13) || !strncmp(line, "bench: end ", 11)) {
			print_stats(argv[1]);
			if (write(to, "\n", 1) != 1)
				fail("the guest's console");
		}
	}
	if (waitpid(qemu, &status, 0) != qemu)
		fail("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
