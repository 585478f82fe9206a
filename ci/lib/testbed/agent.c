// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * testbed agent: the emulated host's process 1 once /init has set it up.
 *
 * It runs one command and carries its input, output and exit status over one
 * virtio-serial port, then kills what is left, reports and powers off. The
 * other end is supervise.py. Both directions carry frames:
 *
 *	u8 type, u32 length (little-endian), payload
 *
 *	to the supervisor	'S' command started
 *				'o', 'e' standard output, standard error
 *				'F' the testbed itself failed: a text; no 'X' follows
 *				'X' "STATUS TAINT": the end, both in decimal
 *	from the supervisor	'i' standard input, 'I' its end
 *				'w' terminal size: u16 rows, u16 columns
 *
 * What to run was put into the initramfs under /testbed/run, not sent: with
 * instruction counting nothing may arrive at a moment that the outer machine
 * chooses, so there the port is never read.
 *
 *	argv, env	NUL-terminated strings
 *	cwd		a directory
 *	seed		entropy for the random number generator
 *	tty		exists: give the command a terminal; rows and columns
 *	stdin		exists: the command's whole input; the port isn't read
 *	error		exists: /init failed; the text to report
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define RUN_DIR		"/testbed/run/"
/* The driver numbers the ports' device in the order of its own probing: N of
 * them are tried. */
#define PORT		"/dev/vport%up1"
#define PORT_DEVICES	32
#define FINISH		"/testbed/finish"

#define FRAME_HEADER	5
/* virtio_console moves at most 32 KiB in one request. */
#define FRAME_PAYLOAD	(32768 - FRAME_HEADER)

/* How long a finished command's children may go on writing, in ms. */
#define LINGER_MS	1000
/* How long the port may take to appear, in ms. */
#define PORT_WAIT_MS	20000

struct buffer {
	size_t start, end;
	unsigned char data[FRAME_HEADER + FRAME_PAYLOAD];
};

static int port = -1;
static struct buffer to_port;		/* at most one frame */
static struct buffer from_port;		/* input frames as they arrive */
static struct buffer to_stdin;		/* input on its way to the command */
static bool stdin_ended;

/* The command's ends; -1 when closed. With a terminal, both are the master. */
static int stdin_fd = -1, stdout_fd = -1, stderr_fd = -1;
static bool is_tty;

static pid_t command = -1;
static int command_status = -1;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void nap_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void __attribute__((noreturn)) power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* Failures before the port is open reach the kernel console's log only. */
static void __attribute__((noreturn, format(printf, 1, 2)))
fail(const char *format, ...);

static size_t buffered(const struct buffer *b)
{
	return b->end - b->start;
}

static void put_frame(char type, size_t length)
{
	uint32_t le = htole32(length);

	to_port.data[0] = type;
	memcpy(to_port.data + 1, &le, sizeof(le));
	to_port.start = 0;
	to_port.end = FRAME_HEADER + length;
}

/* One write; what didn't fit stays in the buffer. */
static void push_port(void)
{
	ssize_t n = write(port, to_port.data + to_port.start, buffered(&to_port));

	if (n > 0)
		to_port.start += n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		power_off();	/* nobody listens */
}

static void flush_port(void)
{
	struct pollfd p = { port, POLLOUT, 0 };

	while (buffered(&to_port)) {
		poll(&p, 1, -1);
		push_port();
	}
}

static void send_text(char type, const char *text)
{
	size_t length = strlen(text);

	if (length > FRAME_PAYLOAD)
		length = FRAME_PAYLOAD;
	flush_port();
	memcpy(to_port.data + FRAME_HEADER, text, length);
	put_frame(type, length);
	flush_port();
}

static void fail(const char *format, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "testbed: %s\n", text);
	if (port >= 0)
		send_text('F', text);
	power_off();
}

/*
 * A whole file of the run directory, with a NUL after it; the caller owns it.
 * NULL if there is none. *size excludes the NUL.
 */
static char *read_run_file(const char *name, size_t *size)
{
	char path[64];
	struct stat st;
	ssize_t n;
	char *data;
	int fd;

	snprintf(path, sizeof(path), RUN_DIR "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0)
		fail("%s: %s", path, strerror(errno));
	data = malloc(st.st_size + 1);
	if (!data)
		fail("%s: out of memory", path);
	for (*size = 0; *size < (size_t)st.st_size; *size += n) {
		n = read(fd, data + *size, st.st_size - *size);
		if (n <= 0)
			fail("%s: %s", path, n ? strerror(errno) : "truncated");
	}
	data[*size] = '\0';
	close(fd);
	return data;
}

/* A file of NUL-terminated strings as an argv-like vector. */
static char **read_vector(const char *name)
{
	size_t size, count = 0, i;
	char *data = read_run_file(name, &size);
	char **vector;
	char *p;

	if (!data)
		fail(RUN_DIR "%s is missing", name);
	for (i = 0; i < size; i++)
		count += !data[i];
	vector = calloc(count + 1, sizeof(*vector));
	if (!vector)
		fail("out of memory");
	for (i = 0, p = data; i < count; i++, p += strlen(p) + 1)
		vector[i] = p;
	return vector;
}

/*
 * Without this a host without a random number device (vexpress) lets every
 * getrandom() wait for interrupt timings.
 */
static void seed_random(void)
{
	struct {
		struct rand_pool_info info;
		unsigned char data[64];
	} pool;
	size_t size;
	char *seed = read_run_file("seed", &size);
	int fd;

	if (!seed || size > sizeof(pool.data))
		fail(RUN_DIR "seed: missing or too long");
	pool.info.entropy_count = size * 8;
	pool.info.buf_size = size;
	memcpy(pool.data, seed, size);
	fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) < 0)
		fail("/dev/urandom: %s", strerror(errno));
	close(fd);
	free(seed);
}

/* The driver makes the node some time after its module was loaded. */
static void open_port(void)
{
	int64_t deadline = now_ms() + PORT_WAIT_MS;
	char name[sizeof(PORT) + 8];
	unsigned int device;

	for (;;) {
		for (device = 0; device < PORT_DEVICES; device++) {
			snprintf(name, sizeof(name), PORT, device);
			port = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
			if (port >= 0)
				return;
		}
		if (now_ms() >= deadline)
			fail("no /dev/vportNp1: %s", strerror(errno));
		nap_ms(5);
	}
}

static void make_pipe(int *read_end, int *write_end)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		fail("pipe: %s", strerror(errno));
	*read_end = fds[0];
	*write_end = fds[1];
}

static void set_nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void open_terminal(const char *size, int *slave)
{
	struct winsize ws = { 0 };
	int master;

	if (sscanf(size, "%hu %hu", &ws.ws_row, &ws.ws_col) != 2)
		fail(RUN_DIR "tty: not a terminal's size: %s", size);
	if (openpty(&master, slave, NULL, NULL, &ws) < 0)
		fail("no pseudo terminal: %s", strerror(errno));
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(*slave, F_SETFD, FD_CLOEXEC);
	stdin_fd = master;
	stdout_fd = master;
	is_tty = true;
}

/* In the child; the messages and codes are the shell's. */
static void __attribute__((noreturn))
exec_command(char **argv, char **env, const char *cwd)
{
	int code;

	if (chdir(cwd) < 0) {
		dprintf(STDERR_FILENO, "testbed: %s: %s\n", cwd, strerror(errno));
		_exit(126);
	}
	/* execvpe() searches with the caller's PATH, and the caller is init. */
	environ = env;
	execvp(argv[0], argv);
	code = errno == ENOENT ? 127 : 126;
	dprintf(STDERR_FILENO, "testbed: %s: %s\n", argv[0],
		errno == ENOENT ? "not found" : strerror(errno));
	_exit(code);
}

static void start_command(const sigset_t *old_mask)
{
	int in, out, err = -1;
	char **argv = read_vector("argv");
	char **env = read_vector("env");
	size_t size;
	char *cwd = read_run_file("cwd", &size);
	char *tty = read_run_file("tty", &size);

	if (!argv[0] || !cwd)
		fail("nothing to run");
	if (tty) {
		open_terminal(tty, &in);
		out = in;
		err = in;
	} else {
		in = open(RUN_DIR "stdin", O_RDONLY | O_CLOEXEC);
		if (in < 0)
			make_pipe(&in, &stdin_fd);
		make_pipe(&stdout_fd, &out);
		make_pipe(&stderr_fd, &err);
		set_nonblocking(stderr_fd);
	}
	if (stdin_fd >= 0)
		set_nonblocking(stdin_fd);
	set_nonblocking(stdout_fd);

	command = fork();
	if (command < 0)
		fail("fork: %s", strerror(errno));
	if (!command) {
		setsid();
		if (tty)
			ioctl(in, TIOCSCTTY, 0);
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		signal(SIGPIPE, SIG_DFL);
		sigprocmask(SIG_SETMASK, old_mask, NULL);
		exec_command(argv, env, cwd);
	}
	close(in);
	if (out != in)
		close(out);
	if (err != in)
		close(err);
	free(cwd);
	free(tty);
}

/* Process 1 inherits every orphan; only the command's status matters. */
static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		if (WIFEXITED(status))
			command_status = WEXITSTATUS(status);
		else
			command_status = 128 + WTERMSIG(status);
	}
}

static void close_stdin(void)
{
	/* The terminal's master stays open for the output. */
	if (stdin_fd >= 0 && !is_tty)
		close(stdin_fd);
	stdin_fd = -1;
	to_stdin.start = 0;
	to_stdin.end = 0;
}

/* Read one piece of the command's output into a frame. False at its end. */
static bool pull_output(int fd, char type)
{
	ssize_t n = read(fd, to_port.data + FRAME_HEADER, FRAME_PAYLOAD);

	if (n > 0)
		put_frame(type, n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void pull_port(void)
{
	ssize_t n;

	memmove(from_port.data, from_port.data + from_port.start, buffered(&from_port));
	from_port.end = buffered(&from_port);
	from_port.start = 0;
	n = read(port, from_port.data + from_port.end,
		 sizeof(from_port.data) - from_port.end);
	if (n > 0)
		from_port.end += n;
}

static void resize_terminal(const unsigned char *payload)
{
	uint16_t v[2];
	struct winsize ws = { 0 };

	memcpy(v, payload, sizeof(v));
	ws.ws_row = le16toh(v[0]);
	ws.ws_col = le16toh(v[1]);
	if (is_tty && stdout_fd >= 0)
		ioctl(stdout_fd, TIOCSWINSZ, &ws);
}

/* Takes whole frames while the command can take what they carry. */
static void handle_input_frames(void)
{
	unsigned char *frame;
	uint32_t length;

	while (!buffered(&to_stdin) && buffered(&from_port) >= FRAME_HEADER) {
		frame = from_port.data + from_port.start;
		memcpy(&length, frame + 1, sizeof(length));
		length = le32toh(length);
		if (length > FRAME_PAYLOAD)
			fail("input frame of %u bytes: supervisor and agent differ",
			     (unsigned int)length);
		if (buffered(&from_port) < FRAME_HEADER + length)
			return;
		from_port.start += FRAME_HEADER + length;
		switch (frame[0]) {
		case 'i':
			if (stdin_fd < 0)
				break;	/* the command closed its input */
			memcpy(to_stdin.data, frame + FRAME_HEADER, length);
			to_stdin.start = 0;
			to_stdin.end = length;
			break;
		case 'I':
			stdin_ended = true;
			break;
		case 'w':
			if (length == 4)
				resize_terminal(frame + FRAME_HEADER);
			break;
		default:
			fail("input frame of type %d: supervisor and agent differ",
			     frame[0]);
		}
	}
}

static void push_stdin(void)
{
	ssize_t n = write(stdin_fd, to_stdin.data + to_stdin.start, buffered(&to_stdin));

	if (n > 0)
		to_stdin.start += n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		close_stdin();
}

/* Until the command has ended and its output with it, or lingered too long. */
static void carry(int sigchld, bool reads_port)
{
	enum { SIG, PORT_FD, IN, OUT, ERR, COUNT };
	struct pollfd p[COUNT];
	struct signalfd_siginfo si;
	int64_t ended = 0;
	bool room;
	int wait;

	while (command_status < 0 || stdout_fd >= 0 || stderr_fd >= 0) {
		wait = -1;
		if (command_status >= 0) {
			if (!ended)
				ended = now_ms();
			wait = ended + LINGER_MS - now_ms();
			if (wait <= 0)
				return;
		}
		if (stdin_ended && !buffered(&to_stdin))
			close_stdin();

		room = !buffered(&to_port);
		p[SIG] = (struct pollfd){ sigchld, POLLIN, 0 };
		p[PORT_FD] = (struct pollfd){ port, 0, 0 };
		if (!room)
			p[PORT_FD].events |= POLLOUT;
		if (reads_port && !buffered(&to_stdin) && !stdin_ended)
			p[PORT_FD].events |= POLLIN;
		if (!p[PORT_FD].events)
			p[PORT_FD].fd = -1;
		p[IN] = (struct pollfd){ buffered(&to_stdin) ? stdin_fd : -1, POLLOUT, 0 };
		p[OUT] = (struct pollfd){ room ? stdout_fd : -1, POLLIN, 0 };
		p[ERR] = (struct pollfd){ room ? stderr_fd : -1, POLLIN, 0 };
		if (poll(p, COUNT, wait) < 0 && errno != EINTR)
			fail("poll: %s", strerror(errno));

		if (p[SIG].revents && read(sigchld, &si, sizeof(si)) > 0)
			reap();
		if (p[PORT_FD].revents & POLLIN)
			pull_port();
		if (!room && p[PORT_FD].revents & POLLOUT)
			push_port();
		if (p[IN].revents)
			push_stdin();
		handle_input_frames();
		if (p[OUT].revents && !pull_output(stdout_fd, 'o')) {
			if (is_tty)
				stdin_fd = -1;
			close(stdout_fd);
			stdout_fd = -1;
		}
		if (p[ERR].revents && !buffered(&to_port) &&
		    !pull_output(stderr_fd, 'e')) {
			close(stderr_fd);
			stderr_fd = -1;
		}
	}
}

/* What outlives the command must not outlive the run unseen: see it die. */
static void kill_leftovers(void)
{
	int64_t deadline = now_ms() + 10000;

	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) >= 0 && now_ms() < deadline)
		nap_ms(2);
}

/* Copies shares back and unmounts; see initramfs.py. Its words are the error. */
static void finish(void)
{
	char text[1024] = "";
	int status, fd[2];
	size_t used = 0;
	ssize_t n;
	pid_t pid;

	make_pipe(&fd[0], &fd[1]);
	pid = fork();
	if (pid < 0)
		fail("fork: %s", strerror(errno));
	if (!pid) {
		dup2(fd[1], STDOUT_FILENO);
		dup2(fd[1], STDERR_FILENO);
		execl(FINISH, FINISH, NULL);
		_exit(127);
	}
	close(fd[1]);
	while (used < sizeof(text) - 1) {
		n = read(fd[0], text + used, sizeof(text) - 1 - used);
		if (n <= 0)
			break;
		used += n;
	}
	close(fd[0]);
	if (waitpid(pid, &status, 0) != pid || status)
		fail("%s failed: %s", FINISH, text);
}

static unsigned long read_taint(void)
{
	unsigned long taint;
	FILE *f = fopen("/proc/sys/kernel/tainted", "re");

	if (!f || fscanf(f, "%lu", &taint) != 1)
		fail("/proc/sys/kernel/tainted can't be read; does the command unmount /proc?");
	fclose(f);
	return taint;
}

int main(void)
{
	sigset_t mask, old_mask;
	size_t size;
	char *text;
	char report[64];
	int sigchld;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &old_mask);
	sigchld = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (sigchld < 0)
		fail("signalfd: %s", strerror(errno));

	open_port();
	text = read_run_file("error", &size);
	if (text)
		fail("%s", text);
	seed_random();
	send_text('S', "");
	start_command(&old_mask);
	carry(sigchld, access(RUN_DIR "stdin", F_OK) < 0);

	kill_leftovers();
	/* The writers are dead; what they left in the pipes still counts. */
	flush_port();
	while (stdout_fd >= 0 && pull_output(stdout_fd, 'o') && buffered(&to_port))
		flush_port();
	while (stderr_fd >= 0 && pull_output(stderr_fd, 'e') && buffered(&to_port))
		flush_port();
	finish();
	snprintf(report, sizeof(report), "%d %lu", command_status, read_taint());
	send_text('X', report);
	power_off();
}
