// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a VM leave anything behind?
 *
 *	leak-test [--vms N]
 *
 * Makes and destroys N VMs (1,000 unless told otherwise), each with two vCPUs,
 * four memory slots with dirty logging, register writes, a mapped run page and
 * a statistics descriptor; half of their processes are killed while they hold all of
 * it. Before and after, what the kernel can't give back is measured. The first
 * 100 VMs warm up allocators and caches and are not counted.
 *
 * Tolerance: 256 bytes a VM, and 512 KiB of noise, in each figure. Losing the
 * smallest structure of a VM is more than that: a page lost a VM is 4 MiB. Open files
 * and references to the module must be exactly what they were. Prints PASS or FAIL a figure.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/armkvm.h>

#define DEVICE		"/dev/armkvm"
#define WARM_UP		100
#define NOISE_KIB	512
#define A_VM_BYTES	256

static long page;

static void give_up(const char *what)
{
	printf("FAIL leak-test: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Everything that a launcher makes; the caller's end releases it. */
static void make_vm(void)
{
	static const unsigned int pages = 256;
	struct armkvm_userspace_memory_region region = { 0 };
	struct armkvm_vcpu_init init;
	struct armkvm_one_reg reg = { .id = ARMKVM_REG_ARM_CORE_REG(1) };
	int sys = open(DEVICE, O_RDWR | O_CLOEXEC), vm, vcpu, i;
	uint32_t value = 1;
	long size;
	char *run, *ram;

	ram = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	vm = ioctl(sys, ARMKVM_CREATE_VM, 0);
	if (vm < 0 || ram == MAP_FAILED || ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, &init))
		_exit(2);
	for (i = 0; i < 4; i++) {
		region.slot = i;
		region.flags = i & 1 ? ARMKVM_MEM_LOG_DIRTY_PAGES : 0;
		region.guest_phys_addr = (uint64_t)i * pages * page;
		region.memory_size = (uint64_t)pages * page;
		region.userspace_addr = (uintptr_t)ram;
		if (ioctl(vm, ARMKVM_SET_USER_MEMORY_REGION, &region))
			_exit(3);
	}
	size = ioctl(sys, ARMKVM_GET_VCPU_MMAP_SIZE, 0);
	reg.addr = (uintptr_t)&value;
	for (i = 0; i < 2; i++) {
		vcpu = ioctl(vm, ARMKVM_CREATE_VCPU, i);
		if (vcpu < 0 || ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init) ||
		    ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg))
			_exit(4);
		run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
		if (run == MAP_FAILED)
			_exit(5);
		run[1024] = i;
		if (ioctl(vcpu, ARMKVM_GET_STATS_FD, 0) < 0)
			_exit(6);
	}
}

/* Ten VMs at a time in one process, every second process killed with them open. */
static void round_of_vms(long n, long round)
{
	int status, ready[2];
	char byte = 0;
	pid_t pid;
	long i;

	if (pipe(ready))
		give_up("pipe");
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (!pid) {
		for (i = 0; i < n; i++)
			make_vm();
		if (write(ready[1], &byte, 1) != 1)
			_exit(7);
		if (round & 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1 && (round & 1))
		kill(pid, SIGKILL);
	close(ready[0]);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status)) {
		printf("FAIL leak-test: making a VM failed at step %d\n", WEXITSTATUS(status));
		exit(1);
	}
}

static void make_and_destroy(long vms)
{
	long round;

	for (round = 0; vms > 0; round++, vms -= 10)
		round_of_vms(vms < 10 ? vms : 10, round);
}

/* Figures of /proc/meminfo in KiB, of which growth is a loss. */
static const char *const grows[] = {
	"SUnreclaim", "KernelStack", "PageTables", "VmallocUsed", "Percpu", "Unevictable", "Mlocked",
};
#define GROWS	(int)(sizeof(grows) / sizeof(grows[0]))

struct figures {
	long grows[GROWS], available, files, refs;
};

static long meminfo(const char *name)
{
	char line[128], format[64];
	FILE *f = fopen("/proc/meminfo", "re");
	long value = 0;

	if (!f)
		give_up("/proc/meminfo");
	snprintf(format, sizeof(format), "%s: %%ld", name);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, format, &value) == 1)
			break;
	fclose(f);
	return value;
}

/*
 * KiB in the CPUs' own lists of free pages, which MemAvailable leaves out: up to 28 MiB on
 * a machine of 1 GiB.
 */
static long listed_free(void)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	long pages = 0, count;
	char line[128];

	if (!f)
		give_up("/proc/zoneinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " count: %ld", &count) == 1)
			pages += count;
	fclose(f);
	return pages * (page / 1024);
}

static long first_number(const char *path)
{
	FILE *f = fopen(path, "re");
	long n = -1;

	if (f) {
		if (fscanf(f, "%ld", &n) != 1)
			n = -1;
		fclose(f);
	}
	return n;
}

/* Whatever can be given back is given back first. */
static struct figures measure(void)
{
	struct figures now;
	int fd, i;

	for (i = 0; i < 3; i++) {
		sync();
		fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "3", 1) != 1)
			give_up("/proc/sys/vm/drop_caches (needs root)");
		close(fd);
		sleep(1);	/* grace periods */
	}
	for (i = 0; i < GROWS; i++)
		now.grows[i] = meminfo(grows[i]);
	now.available = meminfo("MemAvailable") + listed_free();
	now.files = first_number("/proc/sys/fs/file-nr");
	now.refs = first_number("/sys/module/armkvm/refcnt");
	return now;
}

static int verdict(const char *name, long before, long after, long allowed, const char *unit)
{
	if (after - before > allowed) {
		printf("FAIL leak %s: grew from %ld to %ld%s, %ld allowed\n",
		       name, before, after, unit, allowed);
		return 1;
	}
	printf("# %s: %ld before, %ld after%s\n", name, before, after, unit);
	printf("PASS leak %s\n", name);
	return 0;
}

int main(int argc, char **argv)
{
	long vms = 1000, allowed;
	struct figures before, after;
	int failed = 0, i;

	if (argc == 3 && !strcmp(argv[1], "--vms")) {
		vms = atol(argv[2]);
	} else if (argc != 1) {
		fprintf(stderr, "usage: leak-test [--vms N]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	page = sysconf(_SC_PAGESIZE);
	allowed = NOISE_KIB + vms * A_VM_BYTES / 1024;
	make_and_destroy(WARM_UP);
	before = measure();
	make_and_destroy(vms);
	after = measure();
	printf("# %ld VMs made and destroyed\n", vms);
	for (i = 0; i < GROWS; i++)
		failed |= verdict(grows[i], before.grows[i], after.grows[i], allowed, " KiB");
	/* the same the other way round, with the noise of the whole host */
	failed |= verdict("MemAvailable", -before.available, -after.available,
			  allowed + 3 * 1024, " KiB (negative)");
	failed |= verdict("open files", before.files, after.files, 64, "");
	failed |= verdict("module references", before.refs, after.refs, 0, "");
	return failed;
}
