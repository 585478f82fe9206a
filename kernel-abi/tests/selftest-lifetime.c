// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lifetimes: any order of close, fork, kill, passing on. After each of them the
 * module has no reference left that it had not before.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "selftest.h"

#define GPA	0x40000000ULL

/* Everything that can be open at a time; handles in any order of release. */
enum { SYS, VM, VCPU0, VCPU1, STATS, RUN, THINGS };

struct things {
	int fd[THINGS];
	void *run;
	long size;
};

static struct things make(void)
{
	struct things t;

	t.fd[SYS] = open_system();
	t.fd[VM] = create_vm(t.fd[SYS]);
	t.fd[VCPU0] = create_vcpu_inited(t.fd[VM], 0);
	t.fd[VCPU1] = create_vcpu(t.fd[VM], 1);
	t.fd[STATS] = OK(ioctl(t.fd[VCPU0], ARMKVM_GET_STATS_FD, 0));
	t.size = OK(ioctl(t.fd[SYS], ARMKVM_GET_VCPU_MMAP_SIZE, 0));
	t.run = map_run(t.fd[SYS], t.fd[VCPU0]);
	OK(set_region(t.fd[VM], 0, ARMKVM_MEM_LOG_DIRTY_PAGES, GPA, 64 * page_size(),
		      addr_of(ram(64 * page_size()))));
	return t;
}

static void release(struct things *t, int which)
{
	if (which == RUN)
		OK(munmap(t->run, t->size));
	else
		OK(close(t->fd[which]));
}

/* The @n-th permutation, by its factorial digits. */
static void permutation(unsigned int n, int *order)
{
	int left[THINGS], i, j, pick;

	for (i = 0; i < THINGS; i++)
		left[i] = i;
	for (i = 0; i < THINGS; i++) {
		pick = n % (THINGS - i);
		n /= THINGS - i;
		order[i] = left[pick];
		for (j = pick; j < THINGS - i - 1; j++)
			left[j] = left[j + 1];
	}
}

static void close_orders(void)
{
	long refs = module_refcount();
	int order[THINGS], i;
	unsigned int n;

	for (n = 0; n < 720; n++) {
		struct things t = make();

		permutation(n, order);
		for (i = 0; i < THINGS; i++)
			release(&t, order[i]);
		if (n % 60 == 0 && refs >= 0)
			wait_for_refcount(refs);
	}
	if (refs >= 0)
		wait_for_refcount(refs);
}

static void vcpu_outlives_vm(void)
{
	struct things t = make();
	uint64_t value;

	OK(close(t.fd[SYS]));
	OK(close(t.fd[VM]));
	OK(set_reg(t.fd[VCPU0], ARMKVM_REG_ARM_CORE_REG(3), 33));
	OK(get_reg(t.fd[VCPU0], ARMKVM_REG_ARM_CORE_REG(3), &value));
	CHECK(value == 33, "r3 is %llu", (unsigned long long)value);
}

static void duplicates(void)
{
	int sys = open_system(), vm = create_vm(sys), twin = OK(dup(vm));

	OK(close(vm));
	create_vcpu(twin, 0);
	OK(close(twin));
}

static int status_of(pid_t pid)
{
	int status;

	OK(waitpid(pid, &status, 0));
	return status;
}

/* A child has the descriptors but not the address space. */
static void forked(void)
{
	struct things t = make();
	pid_t pid = OK(fork());
	int status;

	if (!pid) {
		struct armkvm_vcpu_init init = { 0 };

		ERR(EIO, ioctl(t.fd[VM], ARMKVM_CREATE_VCPU, 2UL));
		ERR(EIO, set_region(t.fd[VM], 1, 0, 0, page_size(), addr_of(ram(page_size()))));
		ERR(EIO, get_reg(t.fd[VCPU0], ARMKVM_REG_ARM_CORE_REG(0), NULL));
		ERR(EIO, ioctl(t.fd[VCPU1], ARMKVM_ARM_VCPU_INIT, &init));
		ERR(EIO, ioctl(t.fd[VCPU0], ARMKVM_RUN, 0));
		ERR(EIO, ioctl(t.fd[VM], ARMKVM_GET_STATS_FD, 0));
		/* a VM of its own is fine */
		create_vcpu_inited(create_vm(t.fd[SYS]), 0);
		_exit(0);	/* closes everything that it inherited */
	}
	status = status_of(pid);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));	/* the child left its reason */
	CHECK(status == 0, "the child died (%#x)", status);
	OK(set_reg(t.fd[VCPU0], ARMKVM_REG_ARM_CORE_REG(3), 33));
	create_vcpu(t.fd[VM], 2);
	CHECK(((struct armkvm_run *)t.run)->exit_reason == 0, "the run page is gone");
}

/* The creator ends first; the child holds a VM that nobody can use any more. */
static void orphaned(void)
{
	long refs = module_refcount();
	int pipefd[2], r;
	char verdict = 'x';
	pid_t pid;

	OK(pipe(pipefd));
	pid = OK(fork());
	if (!pid) {
		struct things t = make();
		pid_t creator = getpid();

		if (OK(fork()))
			_exit(0);
		while (getppid() == creator)
			sched_yield();
		errno = 0;
		r = ioctl(t.fd[VM], ARMKVM_CREATE_VCPU, 2UL);
		verdict = r < 0 && errno == EIO ? 'y' : 'n';
		errno = 0;
		r = get_reg(t.fd[VCPU0], ARMKVM_REG_ARM_CORE_REG(0), NULL);
		if (r == 0 || errno != EIO)
			verdict = 'n';
		((volatile struct armkvm_run *)t.run)->immediate_exit = 1;
		OK(write(pipefd[1], &verdict, 1));
		_exit(0);
	}
	OK(close(pipefd[1]));
	status_of(pid);
	CHECK(OK(read(pipefd[0], &verdict, 1)) == 1, "no word from the orphan");
	CHECK(verdict == 'y', "calls from another address space did not fail with EIO");
	if (refs >= 0)
		wait_for_refcount(refs);
}

static void send_fd(int to, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	OK(sendmsg(to, &msg, 0));
}

static int receive_fd(int from)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	CHECK(OK(recvmsg(from, &msg, 0)) == 1 && CMSG_FIRSTHDR(&msg), "no descriptor came");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

/* Descriptors through a socket, some of them still in it at the end. */
static void passed_on(void)
{
	long refs = module_refcount();
	int pair[2], i, fd;
	pid_t pid;

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = OK(fork());
	if (!pid) {
		struct things t = make();

		for (i = 0; i <= STATS; i++)
			send_fd(pair[1], t.fd[i]);
		_exit(0);
	}
	CHECK(status_of(pid) == 0, "the sender failed");
	fd = receive_fd(pair[0]);
	OK(ioctl(fd, ARMKVM_GET_API_VERSION, 0));
	OK(close(fd));
	fd = receive_fd(pair[0]);
	ERR(EIO, ioctl(fd, ARMKVM_CREATE_VCPU, 2UL));
	OK(close(fd));
	/* the rest dies with the socket */
	OK(close(pair[0]));
	OK(close(pair[1]));
	if (refs >= 0)
		wait_for_refcount(refs);
}

static void *hammer(void *arg)
{
	struct things *t = arg;
	uint64_t hva = addr_of(ram(page_size()));
	unsigned int i;

	for (i = 0;; i++) {
		set_region(t->fd[VM], 1 + i % 8, 0, i % 16 * page_size(), i % 3 ? page_size() : 0, hva);
		set_reg(t->fd[VCPU0], ARMKVM_REG_ARM_CORE_REG(i % 16), i);
		close(ioctl(t->fd[VCPU0], ARMKVM_GET_STATS_FD, 0));
		close(create_vm(t->fd[SYS]));
	}
	return NULL;
}

/* Killed at any moment, with threads inside calls. */
static void killed(void)
{
	long refs = module_refcount();
	struct timespec delay = { 0 };
	pthread_t thread;
	pid_t pid;
	int i, j;

	for (i = 0; i < 30; i++) {
		pid = OK(fork());
		if (!pid) {
			struct things t = make();

			for (j = 0; j < 3; j++)
				pthread_create(&thread, NULL, hammer, &t);
			hammer(&t);
		}
		delay.tv_nsec = (i * 7919 % 50 + 1) * 1000 * 1000;
		nanosleep(&delay, NULL);
		OK(kill(pid, SIGKILL));
		status_of(pid);
	}
	if (refs >= 0)
		wait_for_refcount(refs);
}

static void *try_create(void *arg)
{
	int vm = *(int *)arg;
	long made = 0, id;

	for (id = 0; id < 8; id++)
		if (ioctl(vm, ARMKVM_CREATE_VCPU, id) >= 0)
			made++;
		else if (errno != EEXIST && errno != EINVAL)
			return (void *)-1L;
	return (void *)made;
}

/* Threads that want the same ids: each id goes to exactly one. */
static void racing_creation(void)
{
	int sys = open_system(), round;
	long max = capability(sys, ARMKVM_CAP_MAX_VCPUS), sum;
	pthread_t thread[4];
	void *made;
	size_t i;

	if (max > 8)
		max = 8;
	for (round = 0; round < 20; round++) {
		int vm = create_vm(sys);

		sum = 0;
		for (i = 0; i < ARRAY_SIZE(thread); i++)
			CHECK(!pthread_create(&thread[i], NULL, try_create, &vm), "no thread");
		for (i = 0; i < ARRAY_SIZE(thread); i++) {
			pthread_join(thread[i], &made);
			CHECK((long)made >= 0, "an error other than EEXIST");
			sum += (long)made;
		}
		CHECK(sum == max, "%ld vCPUs made of %ld ids", sum, max);
		OK(close(vm));
	}
}

static int shared_fd;
static volatile int stop;

static void *use_shared(void *arg)
{
	struct armkvm_reg_list list;

	(void)arg;
	while (!stop) {
		get_reg(shared_fd, ARMKVM_REG_ARM_CORE_REG(1), NULL);
		/* the last call has set it to the number needed */
		list.n = 0;
		ioctl(shared_fd, ARMKVM_GET_REG_LIST, &list);
	}
	return NULL;
}

/* A descriptor is closed while another thread is in a call on it. */
static void closed_under_use(void)
{
	int sys = open_system(), vm = create_vm(sys), i;
	long refs = module_refcount();
	pthread_t thread;

	shared_fd = -1;
	CHECK(!pthread_create(&thread, NULL, use_shared, NULL), "no thread");
	for (i = 0; i < 200; i++) {
		int own = create_vm(sys);

		shared_fd = create_vcpu_inited(own, 0);
		close(own);
		sched_yield();
		close(shared_fd);
	}
	stop = 1;
	pthread_join(thread, NULL);
	close(vm);
	if (refs > 0)
		wait_for_refcount(refs - 1);
}

/* Many VMs in one process. */
static void many(void)
{
	int sys = open_system(), vm[64], i;
	long refs = module_refcount();
	uint64_t hva = addr_of(ram(page_size()));

	for (i = 0; i < 64; i++) {
		vm[i] = create_vm(sys);
		create_vcpu_inited(vm[i], 0);
		OK(set_region(vm[i], 0, ARMKVM_MEM_LOG_DIRTY_PAGES, GPA, page_size(), hva));
	}
	for (i = 0; i < 64; i++)
		OK(close(vm[i]));
	CHECK(refs < 0 || module_refcount() > refs, "open vCPUs hold no reference");
}

const struct test lifetime_tests[] = {
	{ "close-orders", close_orders },
	{ "vcpu-outlives-vm", vcpu_outlives_vm },
	{ "duplicates", duplicates },
	{ "forked", forked },
	{ "orphaned", orphaned },
	{ "passed-on", passed_on },
	{ "killed", killed },
	{ "racing-creation", racing_creation },
	{ "closed-under-use", closed_under_use },
	{ "many", many },
	{ NULL, NULL }
};
