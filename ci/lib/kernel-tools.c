// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's profiler and its BPF programs upon the module, for as long as a file isn't there:
 *
 *	kernel-tools perf FILE	samples every CPU by its clock and by its cycle counter, where it has
 *				one, with call chains, user registers and stacks
 *	kernel-tools bpf FILE	BPF programs at two tracepoints and at two functions of the module count
 *
 * Prints one line; the exit status says whether enough was seen.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CPUS		8
#define RING_PAGES	64

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(": %s\n", strerror(error));
	exit(1);
}

static int event_open(struct perf_event_attr *attr, int cpu)
{
	return (int)syscall(SYS_perf_event_open, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static int is_over(const char *file)
{
	return !access(file, F_OK);
}

/* -- perf ------------------------------------------------------------------------------- */

struct ring {
	struct perf_event_mmap_page *head;
	uint64_t samples, lost;
};

/* Counts what has come, by type; the layout is perf_event_open(2)'s. */
static void drain(struct ring *ring, size_t size)
{
	uint64_t head = __atomic_load_n(&ring->head->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = ring->head->data_tail;
	unsigned char *data = (unsigned char *)ring->head + sysconf(_SC_PAGESIZE);

	while (tail < head) {
		struct perf_event_header h;
		unsigned int i;

		for (i = 0; i < sizeof(h); i++)
			((unsigned char *)&h)[i] = data[(tail + i) % size];
		if (h.size < sizeof(h))
			break;
		ring->samples += h.type == PERF_RECORD_SAMPLE;
		ring->lost += h.type == PERF_RECORD_LOST;
		tail += h.size;
	}
	__atomic_store_n(&ring->head->data_tail, tail, __ATOMIC_RELEASE);
}

static int perf(const char *file)
{
	static const struct { uint32_t type; uint64_t config; const char *name; } kinds[] = {
		{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, "clock" },
		{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, "cycles" },
	};
	struct ring rings[CPUS][2] = { 0 };
	size_t size = RING_PAGES * sysconf(_SC_PAGESIZE);
	uint64_t sum[2] = { 0 }, lost = 0;
	unsigned int cpu, i;

	for (cpu = 0; cpu < CPUS; cpu++) {
		for (i = 0; i < 2; i++) {
			struct perf_event_attr attr = {
				.size = sizeof(attr), .type = kinds[i].type, .config = kinds[i].config,
				.freq = 1, .sample_freq = 499,
				.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_CALLCHAIN |
					       PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER,
				.sample_regs_user = sizeof(void *) == 8 ? 0x1ffffffffULL : 0xffff,
				.sample_stack_user = 4096,
			};
			int fd = event_open(&attr, cpu);

			if (fd < 0 && cpu == 0 && i == 0)
				give_up("perf_event_open");
			if (fd < 0)
				continue;
			rings[cpu][i].head = mmap(NULL, size + sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
			if (rings[cpu][i].head == MAP_FAILED)
				give_up("a ring");
		}
	}
	while (!is_over(file)) {
		usleep(20000);
		for (cpu = 0; cpu < CPUS; cpu++)
			for (i = 0; i < 2; i++)
				if (rings[cpu][i].head)
					drain(&rings[cpu][i], size);
	}
	for (cpu = 0; cpu < CPUS; cpu++)
		for (i = 0; i < 2; i++) {
			sum[i] += rings[cpu][i].samples;
			lost += rings[cpu][i].lost;
		}
	printf("%llu samples by the clock, %llu by cycles%s, %llu times some were lost\n", (unsigned long long)sum[0],
	       (unsigned long long)sum[1], rings[0][1].head ? "" : " (no counter)", (unsigned long long)lost);
	return sum[0] < 100 || (rings[0][1].head && sum[1] < 100);
}

/* -- BPF -------------------------------------------------------------------------------- */

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

#define INSN(c, d, s, o, i)	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })

/* Adds one to element @key of the array @map, with the thread's number taken on the way. */
static int counting_program(uint32_t type, int map, int key)
{
	struct bpf_insn code[] = {
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_pid_tgid),
		INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, key),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 1),
		INSN(BPF_STX | BPF_ATOMIC | BPF_DW, 0, 1, 0, BPF_ADD),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	static char log[4096];
	union bpf_attr attr;
	struct utsname name;
	unsigned int v[3] = { 0 };
	int fd;

	memset(&attr, 0, sizeof(attr));
	uname(&name);
	sscanf(name.release, "%u.%u.%u", &v[0], &v[1], &v[2]);
	attr.prog_type = type;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = sizeof(code) / sizeof(code[0]);
	attr.license = (uintptr_t)"GPL";
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	attr.kern_version = v[0] << 16 | v[1] << 8 | (v[2] > 255 ? 255 : v[2]);
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		give_up("a BPF program (%s)", log);
	return fd;
}

static long number_in(const char *file)
{
	FILE *f = fopen(file, "re");
	long n = -1;

	if (!f || fscanf(f, "%ld", &n) != 1)
		give_up("%s", file);
	fclose(f);
	return n;
}

/* @program runs on every CPU at the event of @attr. */
static void attach(struct perf_event_attr *attr, int program)
{
	int fd = event_open(attr, 0);	/* tracepoints and probes: the program is the event's, of all CPUs */

	if (fd < 0)
		give_up("an event");
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program))
		give_up("a program at an event");
	if (ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		give_up("an event's begin");
}

static int bpf_counts(const char *file)
{
	static const char *const tracepoints[] = { "armkvm_entry", "armkvm_exit" };
	static const char *const functions[] = { "engine_handle_exit", "engine_fault" };
	uint64_t counts[4] = { 0 };
	union bpf_attr attr;
	char path[128];
	int map, i, few = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 4;
	map = bpf(BPF_MAP_CREATE, &attr);
	if (map < 0)
		give_up("a BPF map");
	for (i = 0; i < 2; i++) {
		struct perf_event_attr event = { .size = sizeof(event), .type = PERF_TYPE_TRACEPOINT };

		snprintf(path, sizeof(path), "/sys/kernel/tracing/events/armkvm/%s/id", tracepoints[i]);
		event.config = number_in(path);
		attach(&event, counting_program(BPF_PROG_TYPE_TRACEPOINT, map, i));
	}
	for (i = 0; i < 2; i++) {
		struct perf_event_attr event = { .size = sizeof(event) };

		event.type = number_in("/sys/bus/event_source/devices/kprobe/type");
		event.kprobe_func = (uintptr_t)functions[i];
		attach(&event, counting_program(BPF_PROG_TYPE_KPROBE, map, 2 + i));
	}
	while (!is_over(file))
		usleep(20000);
	for (i = 0; i < 4; i++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = map;
		attr.key = (uintptr_t)&i;
		attr.value = (uintptr_t)&counts[i];
		if (bpf(BPF_MAP_LOOKUP_ELEM, &attr))
			give_up("a count");
		few |= counts[i] < 100;
	}
	printf("BPF programs saw %llu entries and %llu exits, %llu and %llu calls of functions\n",
	       (unsigned long long)counts[0], (unsigned long long)counts[1], (unsigned long long)counts[2],
	       (unsigned long long)counts[3]);
	return few;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "perf"))
		return perf(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "bpf"))
		return bpf_counts(argv[2]);
	fprintf(stderr, "usage: kernel-tools perf|bpf FILE\n");
	return 2;
}
