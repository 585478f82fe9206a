// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: the GIC as a device, IRQ_LINE, irqfd, ioeventfd; what they do is
 * seen in the GIC's registers and by small guests.
 */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

#define DIST_ADDR	0x08000000
#define CPU_ADDR	0x08010000

#define GICD_CTLR	0x000
#define GICD_TYPER	0x004
#define GICD_ISENABLER	0x100
#define GICD_ISPENDR	0x200
#define GICD_ICPENDR	0x280
#define GICD_ICFGR	0xc00
#define GICD_SGIR	0xf00
#define GICC_CTLR	0x000
#define GICC_PMR	0x004
#define GICC_IAR	0x00c

/* A test about what this module hasn't got ends here: system absent-calls has seen to it. */
static int have(int sys, unsigned int cap)
{
	return capability(sys, cap) > 0;
}

static int create_gic(int vm)
{
	struct armkvm_create_device cd = { .type = ARMKVM_DEV_TYPE_ARM_VGIC_V2 };

	OK(ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
	return cd.fd;
}

static int attr_call(int gic, unsigned long nr, uint32_t group, uint64_t attr, void *value)
{
	struct armkvm_device_attr call = { .group = group, .attr = attr, .addr = addr_of(value) };

	return ioctl(gic, nr, &call);
}

#define SET(gic, group, attr, value)						\
	attr_call(gic, ARMKVM_SET_DEVICE_ATTR, ARMKVM_DEV_ARM_VGIC_GRP_##group, attr, value)
#define GET(gic, group, attr, value)						\
	attr_call(gic, ARMKVM_GET_DEVICE_ATTR, ARMKVM_DEV_ARM_VGIC_GRP_##group, attr, value)
#define HAS(gic, group, attr)							\
	attr_call(gic, ARMKVM_HAS_DEVICE_ATTR, ARMKVM_DEV_ARM_VGIC_GRP_##group, attr, NULL)

static uint64_t reg_of(unsigned int cpu, uint32_t offset)
{
	return (uint64_t)cpu << ARMKVM_DEV_ARM_VGIC_CPUID_SHIFT | offset;
}

static uint32_t dist(int gic, uint32_t offset)
{
	uint32_t val = 0;

	OK(GET(gic, DIST_REGS, reg_of(0, offset), &val));
	return val;
}

static void set_dist(int gic, uint32_t offset, uint32_t val)
{
	OK(SET(gic, DIST_REGS, reg_of(0, offset), &val));
}

static void set_cpuif(int gic, uint32_t offset, uint32_t val)
{
	OK(SET(gic, CPU_REGS, reg_of(0, offset), &val));
}

static int set_addr(int gic, uint64_t type, uint64_t addr)
{
	return SET(gic, ADDR, type, &addr);
}

int ready_gic(int vm)
{
	int gic = create_gic(vm);

	OK(set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, DIST_ADDR));
	OK(set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, CPU_ADDR));
	OK(SET(gic, CTRL, ARMKVM_DEV_ARM_VGIC_CTRL_INIT, NULL));
	return gic;
}

static int is_pending(int gic, unsigned int id)
{
	return dist(gic, GICD_ISPENDR + id / 32 * 4) >> id % 32 & 1;
}

static void make_edge(int gic, unsigned int id)
{
	uint32_t reg = GICD_ICFGR + id / 16 * 4;

	set_dist(gic, reg, dist(gic, reg) | 2U << id % 16 * 2);
}

/*
 * -- the device --------------------------------------------------------------
 */

static void create_errors(void)
{
	struct armkvm_create_device cd = { .type = ARMKVM_DEV_TYPE_ARM_VGIC_V2, .fd = 0xdead };
	int sys = open_system(), vm = create_vm(sys), gic;
	void *answer;

	if (!have(sys, ARMKVM_CAP_DEVICE_CTRL))
		return;
	ERR(EFAULT, ioctl(vm, ARMKVM_CREATE_DEVICE, NULL));
	ERR(EFAULT, ioctl(vm, ARMKVM_CREATE_DEVICE, at_edge(sizeof(cd) - 1)));
	cd.flags = 2;
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
	cd.flags = 0;
	cd.padding = 1;
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
	cd.padding = 0;
	cd.type = 1;
	ERR(ENODEV, ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
	cd.flags = ARMKVM_CREATE_DEVICE_TEST;
	ERR(ENODEV, ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
	cd.type = ARMKVM_DEV_TYPE_ARM_VGIC_V2;
	OK(ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
	CHECK(cd.fd == 0xdead, "a test made descriptor %u", cd.fd);
	gic = create_gic(vm);
	CHECK(OK(fcntl(gic, F_GETFD)) & FD_CLOEXEC, "not close-on-exec");
	ERR(EEXIST, ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
	ERR(ENOTTY, ioctl(gic, ARMKVM_CREATE_DEVICE, &cd));
	ERR(ENOTTY, ioctl(gic, ARMKVM_RUN, 0));
	ERR(EFAULT, ioctl(gic, ARMKVM_SET_DEVICE_ATTR, NULL));
	/* the answer can't be stored: no device is left */
	vm = create_vm(sys);
	cd.flags = 0;
	answer = memcpy(ram(page_size()), &cd, sizeof(cd));
	OK(mprotect(answer, page_size(), PROT_READ));
	ERR(EFAULT, ioctl(vm, ARMKVM_CREATE_DEVICE, answer));
	close(create_gic(vm));
}

static void no_descriptor(void)
{
	struct armkvm_create_device cd = { .type = ARMKVM_DEV_TYPE_ARM_VGIC_V2 };
	int sys = open_system(), vm = create_vm(sys);
	struct rlimit old, none;

	if (!have(sys, ARMKVM_CAP_DEVICE_CTRL))
		return;
	OK(getrlimit(RLIMIT_NOFILE, &old));
	none = old;
	none.rlim_cur = vm + 1;
	OK(setrlimit(RLIMIT_NOFILE, &none));
	ERR(EMFILE, ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
	OK(setrlimit(RLIMIT_NOFILE, &old));
	close(create_gic(vm));
}

/* The device keeps the VM; another address space may not use it. */
static void owner(void)
{
	int sys = open_system(), vm = create_vm(sys), gic, status;
	pid_t pid;

	if (!have(sys, ARMKVM_CAP_DEVICE_CTRL))
		return;
	create_vcpu(vm, 0);
	gic = create_gic(vm);
	close(vm);
	CHECK(dist(gic, GICD_TYPER), "nothing without the VM's descriptor");
	pid = OK(fork());
	if (!pid) {
		uint32_t val;

		_exit(GET(gic, DIST_REGS, reg_of(0, GICD_TYPER), &val) < 0 && errno == EIO ? 0 : 1);
	}
	OK(waitpid(pid, &status, 0));
	CHECK(status == 0, "a child could use the device (%#x)", status);
}

static void addresses(void)
{
	int sys = open_system(), vm = create_vm(sys), gic;
	uint64_t addr = 0;

	if (!have(sys, ARMKVM_CAP_DEVICE_CTRL))
		return;
	gic = create_gic(vm);
	OK(HAS(gic, ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_DIST));
	OK(HAS(gic, ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_CPU));
	ERR(ENXIO, HAS(gic, ADDR, 2));
	OK(GET(gic, ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, &addr));
	CHECK(addr == ~0ULL, "a new GIC is at %#llx", (unsigned long long)addr);
	ERR(ENXIO, set_addr(gic, 2, DIST_ADDR));
	ERR(ENXIO, set_addr(gic, 1ULL << 32, DIST_ADDR));
	ERR(EINVAL, set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, DIST_ADDR + 4));
	ERR(E2BIG, set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, 1ULL << 40));
	ERR(E2BIG, set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, (1ULL << 40) - 0x1000));
	ERR(E2BIG, set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, ~0ULL & ~0xfffULL));
	ERR(EFAULT, SET(gic, ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, NULL));
	ERR(EFAULT, SET(gic, ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, at_edge(7)));
	OK(set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, DIST_ADDR));
	ERR(EEXIST, set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, DIST_ADDR));
	ERR(EINVAL, set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, DIST_ADDR));
	ERR(EINVAL, set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, DIST_ADDR - 0x1000));
	OK(set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, DIST_ADDR + 0x1000));
	OK(GET(gic, ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, &addr));
	CHECK(addr == DIST_ADDR + 0x1000, "it is at %#llx", (unsigned long long)addr);
	ERR(EFAULT, GET(gic, ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, readonly_page()));
}

static void sizes(void)
{
	static const uint32_t bad[] = { 0, 32, 63, 65, 96 + 1, 1023, 1056, ~0U };
	int sys = open_system(), vm, gic;
	uint32_t nr = 0;
	size_t i;

	if (!have(sys, ARMKVM_CAP_DEVICE_CTRL))
		return;
	vm = create_vm(sys);
	gic = create_gic(vm);
	OK(HAS(gic, NR_IRQS, 0));
	ERR(ENXIO, HAS(gic, NR_IRQS, 1));
	OK(HAS(gic, CTRL, ARMKVM_DEV_ARM_VGIC_CTRL_INIT));
	ERR(ENXIO, HAS(gic, CTRL, 1));
	ERR(ENXIO, attr_call(gic, ARMKVM_HAS_DEVICE_ATTR, 5, 0, NULL));
	ERR(ENXIO, attr_call(gic, ARMKVM_SET_DEVICE_ATTR, 5, 0, &nr));
	ERR(ENXIO, attr_call(gic, ARMKVM_GET_DEVICE_ATTR, 5, 0, &nr));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nr = bad[i];
		ERR(EINVAL, SET(gic, NR_IRQS, 0, &nr));
	}
	nr = 96;
	ERR(ENXIO, SET(gic, NR_IRQS, 1, &nr));
	OK(SET(gic, NR_IRQS, 0, &nr));
	ERR(EBUSY, SET(gic, NR_IRQS, 0, &nr));
	ERR(ENODEV, SET(gic, CTRL, ARMKVM_DEV_ARM_VGIC_CTRL_INIT, NULL));
	ERR(ENXIO, SET(gic, CTRL, 1, NULL));
	ERR(ENXIO, GET(gic, CTRL, ARMKVM_DEV_ARM_VGIC_CTRL_INIT, &nr));
	create_vcpu(vm, 0);
	create_vcpu(vm, 1);
	OK(SET(gic, CTRL, ARMKVM_DEV_ARM_VGIC_CTRL_INIT, NULL));
	OK(SET(gic, CTRL, ARMKVM_DEV_ARM_VGIC_CTRL_INIT, NULL));
	CHECK((dist(gic, GICD_TYPER) & 0xff) == (1 << 5 | 2), "TYPER %#x", dist(gic, GICD_TYPER));
	ERR(EBUSY, ioctl(vm, ARMKVM_CREATE_VCPU, 2UL));
	ERR(EBUSY, SET(gic, NR_IRQS, 0, &nr));
	/* its first use initialises it too, with the default size */
	vm = create_vm(sys);
	create_vcpu(vm, 0);
	gic = create_gic(vm);
	OK(GET(gic, NR_IRQS, 0, &nr));
	CHECK((dist(gic, GICD_TYPER) & 0x1f) == nr / 32 - 1, "%u interrupts, TYPER %#x", nr,
	      dist(gic, GICD_TYPER));
	ERR(EBUSY, ioctl(vm, ARMKVM_CREATE_VCPU, 1UL));
}

static void registers(void)
{
	struct armkvm_device_attr call = { .flags = 1 };
	int sys = open_system(), vm = create_vm(sys), gic;
	uint32_t val;

	if (!have(sys, ARMKVM_CAP_DEVICE_CTRL))
		return;
	create_vcpu(vm, 0);
	gic = ready_gic(vm);
	ERR(EINVAL, ioctl(gic, ARMKVM_SET_DEVICE_ATTR, &call));
	ERR(EINVAL, ioctl(gic, ARMKVM_GET_DEVICE_ATTR, &call));
	ERR(EINVAL, ioctl(gic, ARMKVM_HAS_DEVICE_ATTR, &call));

	set_dist(gic, GICD_ISENABLER + 4, 0xf0);
	set_dist(gic, GICD_ISENABLER + 4, 0x01);
	CHECK(dist(gic, GICD_ISENABLER + 4) == 0xf1, "ISENABLER1 %#x",
	      dist(gic, GICD_ISENABLER + 4));
	val = dist(gic, GICD_TYPER);
	OK(SET(gic, DIST_REGS, reg_of(0, GICD_TYPER), &val));
	val ^= 1;
	ERR(EINVAL, SET(gic, DIST_REGS, reg_of(0, GICD_TYPER), &val));
	set_cpuif(gic, GICC_PMR, 0xf0);
	OK(GET(gic, CPU_REGS, reg_of(0, GICC_PMR), &val));
	CHECK(val == 0xf0, "PMR %#x", val);

	/* what is no state, what isn't there, whose it can't be */
	ERR(ENXIO, GET(gic, CPU_REGS, reg_of(0, GICC_IAR), &val));
	ERR(ENXIO, SET(gic, CPU_REGS, reg_of(0, GICC_IAR), &val));
	ERR(ENXIO, SET(gic, DIST_REGS, reg_of(0, GICD_SGIR), &val));
	ERR(ENXIO, GET(gic, DIST_REGS, reg_of(0, GICD_ISENABLER + 1), &val));
	ERR(ENXIO, GET(gic, DIST_REGS, reg_of(0, 0x1000), &val));
	ERR(ENXIO, GET(gic, DIST_REGS, reg_of(0, 0xfffffffc), &val));
	ERR(ENXIO, GET(gic, CPU_REGS, reg_of(0, 0x2000), &val));
	ERR(EINVAL, GET(gic, DIST_REGS, reg_of(1, GICD_CTLR), &val));
	ERR(EINVAL, GET(gic, DIST_REGS, reg_of(255, GICD_CTLR), &val));
	ERR(ENXIO, GET(gic, DIST_REGS, 1ULL << 40 | GICD_CTLR, &val));
	ERR(EFAULT, GET(gic, DIST_REGS, reg_of(0, GICD_CTLR), readonly_page()));
	ERR(EFAULT, SET(gic, DIST_REGS, reg_of(0, GICD_CTLR), unmapped_page()));
	OK(HAS(gic, DIST_REGS, reg_of(0, GICD_CTLR)));
	OK(HAS(gic, CPU_REGS, reg_of(0, GICC_PMR)));
	ERR(ENXIO, HAS(gic, CPU_REGS, reg_of(0, GICC_IAR)));
	ERR(ENXIO, HAS(gic, DIST_REGS, reg_of(1, GICD_CTLR)));
	ERR(ENXIO, HAS(gic, DIST_REGS, reg_of(0, 0x10)));
}

/*
 * -- lines -------------------------------------------------------------------
 */

static int irq_line(int vm, unsigned int type, unsigned int vcpu, unsigned int nr,
		    unsigned int level)
{
	struct armkvm_irq_level call = {
		.irq = type << ARMKVM_IRQ_TYPE_SHIFT | vcpu << ARMKVM_IRQ_VCPU_SHIFT | nr,
		.level = level,
	};

	return ioctl(vm, ARMKVM_IRQ_LINE, &call);
}

static void lines(void)
{
	enum { CPU = ARMKVM_IRQ_TYPE_CPU, SPI = ARMKVM_IRQ_TYPE_SPI, PPI = ARMKVM_IRQ_TYPE_PPI };
	int sys = open_system(), vm = create_vm(sys), gic;

	if (!have(sys, ARMKVM_CAP_IRQCHIP))
		return;
	ERR(EFAULT, ioctl(vm, ARMKVM_IRQ_LINE, NULL));
	create_vcpu(vm, 0);
	OK(irq_line(vm, CPU, 0, ARMKVM_IRQ_CPU_FIQ, 1));
	OK(irq_line(vm, CPU, 0, ARMKVM_IRQ_CPU_FIQ, 0));
	ERR(EINVAL, irq_line(vm, CPU, 0, 2, 1));
	ERR(EINVAL, irq_line(vm, CPU, 1, ARMKVM_IRQ_CPU_IRQ, 1));
	ERR(EINVAL, irq_line(vm, CPU, 255, ARMKVM_IRQ_CPU_IRQ, 1));
	ERR(EINVAL, irq_line(vm, CPU, 0, ARMKVM_IRQ_CPU_IRQ, 2));
	ERR(ENXIO, irq_line(vm, SPI, 0, 40, 1));
	ERR(ENXIO, irq_line(vm, PPI, 0, 27, 1));

	gic = create_gic(vm);
	ERR(ENXIO, irq_line(vm, CPU, 0, ARMKVM_IRQ_CPU_IRQ, 1));
	OK(irq_line(vm, SPI, 0, 40, 1));
	CHECK(is_pending(gic, 40), "SPI 40 is not pending");
	OK(irq_line(vm, SPI, 0, 40, 0));
	CHECK(!is_pending(gic, 40), "SPI 40 is still pending");
	OK(irq_line(vm, PPI, 0, 27, 1));
	CHECK(is_pending(gic, 27), "PPI 27 is not pending");
	ERR(EINVAL, irq_line(vm, SPI, 0, 31, 1));
	ERR(EINVAL, irq_line(vm, SPI, 0, 1020, 1));
	ERR(EINVAL, irq_line(vm, SPI, 0, 0xffff, 1));
	ERR(EINVAL, irq_line(vm, PPI, 0, 15, 1));
	ERR(EINVAL, irq_line(vm, PPI, 0, 32, 1));
	ERR(EINVAL, irq_line(vm, PPI, 1, 27, 1));
	ERR(EINVAL, irq_line(vm, 3, 0, 40, 1));
	ERR(EINVAL, irq_line(vm, SPI, 0, 40, 2));
}

/*
 * -- irqfd -------------------------------------------------------------------
 */

static int irqfd(int vm, int fd, unsigned int gsi, unsigned int flags, int resamplefd)
{
	struct armkvm_irqfd call = {
		.fd = fd, .gsi = gsi, .flags = flags, .resamplefd = resamplefd,
	};

	return ioctl(vm, ARMKVM_IRQFD, &call);
}

static int new_eventfd(void)
{
	return OK(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
}

static void signal_fd(int fd)
{
	uint64_t one = 1;

	OK(write(fd, &one, sizeof(one)));
}

/* The eventfd's count, which is 0 then. */
static unsigned int count_of(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void irqfd_errors(void)
{
	int sys = open_system(), vm = create_vm(sys), fd = new_eventfd(), other = new_eventfd();
	struct armkvm_irqfd call = { .fd = fd };

	if (!have(sys, ARMKVM_CAP_IRQFD))
		return;
	ERR(EFAULT, ioctl(vm, ARMKVM_IRQFD, NULL));
	ERR(ENXIO, irqfd(vm, fd, 0, 0, 0));
	close(create_gic(vm));
	ERR(ENODEV, irqfd(vm, fd, 0, 0, 0));
	create_vcpu(vm, 0);
	ERR(EINVAL, irqfd(vm, fd, 0, 8, 0));
	ERR(EINVAL, irqfd(vm, fd, 0, ARMKVM_IRQFD_FLAG_RAISE | ARMKVM_IRQFD_FLAG_RESAMPLE, other));
	call.pad[15] = 1;
	ERR(EINVAL, ioctl(vm, ARMKVM_IRQFD, &call));
	ERR(EINVAL, irqfd(vm, fd, 988, 0, 0));
	ERR(EINVAL, irqfd(vm, fd, 0xffffffff, 0, 0));
	ERR(EBADF, irqfd(vm, -1, 0, 0, 0));
	ERR(EBADF, irqfd(vm, 9999, 0, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	ERR(EINVAL, irqfd(vm, sys, 0, 0, 0));
	ERR(EINVAL, irqfd(vm, sys, 0, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	ERR(EINVAL, irqfd(vm, fd, 0, ARMKVM_IRQFD_FLAG_RESAMPLE, sys));
	ERR(EBADF, irqfd(vm, fd, 0, ARMKVM_IRQFD_FLAG_RESAMPLE, -1));
	ERR(ENOENT, irqfd(vm, fd, 0, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	OK(irqfd(vm, fd, 3, 0, 0));
	ERR(EBUSY, irqfd(vm, fd, 3, 0, 0));
	ERR(EBUSY, irqfd(vm, fd, 4, 0, 0));
	OK(irqfd(vm, other, 3, ARMKVM_IRQFD_FLAG_RESAMPLE, other));
	ERR(ENOENT, irqfd(vm, fd, 4, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	OK(irqfd(vm, fd, 3, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	ERR(ENOENT, irqfd(vm, fd, 3, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	OK(irqfd(vm, fd, 3, 0, 0));
	/* what is assigned goes with the VM: the reference count is checked */
}

static void irqfd_raises(void)
{
	int sys = open_system(), vm = create_vm(sys), fd = new_eventfd(), resample, gic;

	if (!have(sys, ARMKVM_CAP_IRQFD))
		return;
	create_vcpu(vm, 0);
	gic = ready_gic(vm);
	make_edge(gic, 32 + 5);
	OK(irqfd(vm, fd, 5, 0, 0));
	CHECK(!is_pending(gic, 37), "pending before a write");
	signal_fd(fd);
	CHECK(is_pending(gic, 37), "not pending after a write");
	CHECK(count_of(fd) == 0, "the count is left for others");
	set_dist(gic, GICD_ICPENDR + 4, 1U << 5);
	OK(irqfd(vm, fd, 5, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	signal_fd(fd);
	CHECK(!is_pending(gic, 37), "raised after it was deassigned");
	/* a count from before the assignment counts */
	OK(irqfd(vm, fd, 5, 0, 0));
	CHECK(is_pending(gic, 37), "a write before the assignment is lost");

	/* a resampling one keeps the line up, and takes it down when it goes */
	resample = new_eventfd();
	OK(irqfd(vm, fd, 5, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	OK(irqfd(vm, fd, 6, ARMKVM_IRQFD_FLAG_RESAMPLE, resample));
	signal_fd(fd);
	CHECK(is_pending(gic, 38), "the line is not up");
	CHECK(count_of(resample) == 0, "resampled without an end of interrupt");
	OK(irqfd(vm, fd, 6, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	CHECK(!is_pending(gic, 38), "the line stays up");

	/* one that raises leaves the line to IRQ_LINE, also when it goes */
	if (!have(sys, ARMKVM_CAP_IRQFD_RAISE))
		return;
	OK(irqfd(vm, fd, 7, ARMKVM_IRQFD_FLAG_RAISE, 0));
	signal_fd(fd);
	CHECK(is_pending(gic, 39), "the line is not up");
	CHECK(count_of(fd) == 0, "the count is left for others");
	OK(irqfd(vm, fd, 7, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	CHECK(is_pending(gic, 39), "deassigning has lowered the line");
	OK(irq_line(vm, ARMKVM_IRQ_TYPE_SPI, 0, 39, 0));
	CHECK(!is_pending(gic, 39), "the line stays up");
}

/* The last close ends it; nothing stays behind, however often. */
static void irqfd_closed(void)
{
	int sys = open_system(), vm = create_vm(sys), gic, fd, i;

	if (!have(sys, ARMKVM_CAP_IRQFD))
		return;
	create_vcpu(vm, 0);
	gic = ready_gic(vm);
	make_edge(gic, 32);
	for (i = 0; i < 500; i++) {
		fd = new_eventfd();
		OK(irqfd(vm, fd, 0, 0, 0));
		if (i % 3 == 0)
			signal_fd(fd);
		close(fd);
	}
	CHECK(is_pending(gic, 32), "none of them worked");
	fd = new_eventfd();
	OK(irqfd(vm, fd, 0, 0, 0));
	close(vm);
	close(gic);
	signal_fd(fd);
}

static volatile int stop;
static int race_vm, race_fd;

static void *keep_signalling(void *arg)
{
	while (!stop)
		signal_fd(race_fd);
	return arg;
}

static void *keep_assigning(void *arg)
{
	unsigned int flags = arg ? ARMKVM_IRQFD_FLAG_RESAMPLE : 0, gsi = arg ? 1 : 2;

	while (!stop) {
		int fd = new_eventfd();

		if (irqfd(race_vm, race_fd, gsi, flags, fd) == 0)
			irqfd(race_vm, race_fd, gsi, ARMKVM_IRQFD_FLAG_DEASSIGN, 0);
		if (irqfd(race_vm, fd, gsi, flags, fd) == 0)
			signal_fd(fd);
		close(fd);
	}
	return NULL;
}

static void irqfd_races(void)
{
	int sys = open_system();
	pthread_t thread[3];
	size_t i;

	if (!have(sys, ARMKVM_CAP_IRQFD))
		return;
	race_vm = create_vm(sys);
	race_fd = new_eventfd();
	create_vcpu(race_vm, 0);
	close(ready_gic(race_vm));
	CHECK(!pthread_create(&thread[0], NULL, keep_signalling, NULL), "no thread");
	CHECK(!pthread_create(&thread[1], NULL, keep_assigning, NULL), "no thread");
	CHECK(!pthread_create(&thread[2], NULL, keep_assigning, thread), "no thread");
	usleep(1500000);
	stop = 1;
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		pthread_join(thread[i], NULL);
}

/*
 * -- ioeventfd ---------------------------------------------------------------
 */

#define MATCH		ARMKVM_IOEVENTFD_FLAG_DATAMATCH
#define DEASSIGN	ARMKVM_IOEVENTFD_FLAG_DEASSIGN

static int ioeventfd(int vm, int fd, uint64_t addr, unsigned int len, unsigned int flags,
		     uint64_t data)
{
	struct armkvm_ioeventfd call = {
		.fd = fd, .addr = addr, .len = len, .flags = flags, .datamatch = data,
	};

	return ioctl(vm, ARMKVM_IOEVENTFD, &call);
}

static void ioeventfd_errors(void)
{
	int sys = open_system(), vm = create_vm(sys), fd = new_eventfd();
	struct armkvm_ioeventfd call = { .fd = fd, .len = 4 };

	if (!have(sys, ARMKVM_CAP_IOEVENTFD))
		return;
	ERR(EFAULT, ioctl(vm, ARMKVM_IOEVENTFD, NULL));
	ERR(EFAULT, ioctl(vm, ARMKVM_IOEVENTFD, at_edge(sizeof(call) - 1)));
	call.pad[35] = 1;
	ERR(EINVAL, ioctl(vm, ARMKVM_IOEVENTFD, &call));
	ERR(EINVAL, ioeventfd(vm, fd, 0, 4, 2, 0));
	ERR(EINVAL, ioeventfd(vm, fd, 0, 4, 8, 0));
	ERR(EINVAL, ioeventfd(vm, fd, 0, 3, 0, 0));
	ERR(EINVAL, ioeventfd(vm, fd, 0, 16, 0, 0));
	ERR(EINVAL, ioeventfd(vm, fd, 2, 4, 0, 0));
	ERR(EINVAL, ioeventfd(vm, fd, ~0ULL - 7, 8, 0, 0));
	ERR(EINVAL, ioeventfd(vm, fd, 0, 0, MATCH, 0));
	ERR(EINVAL, ioeventfd(vm, sys, 0, 4, 0, 0));
	ERR(EBADF, ioeventfd(vm, -1, 0, 4, 0, 0));
	ERR(ENOENT, ioeventfd(vm, fd, 0, 4, DEASSIGN, 0));

	OK(ioeventfd(vm, fd, 0x1000, 4, 0, 0));
	ERR(EEXIST, ioeventfd(vm, fd, 0x1000, 4, 0, 0));
	ERR(EEXIST, ioeventfd(vm, fd, 0x1000, 4, MATCH, 7));
	ERR(EEXIST, ioeventfd(vm, fd, 0x1000, 0, 0, 0));
	OK(ioeventfd(vm, fd, 0x1000, 2, MATCH, 7));
	OK(ioeventfd(vm, fd, 0x1000, 2, MATCH, 8));
	ERR(EEXIST, ioeventfd(vm, fd, 0x1000, 2, MATCH, 8));
	ERR(EEXIST, ioeventfd(vm, fd, 0x1000, 2, 0, 0));
	ERR(ENOENT, ioeventfd(vm, fd, 0x1000, 2, DEASSIGN | MATCH, 9));
	ERR(ENOENT, ioeventfd(vm, fd, 0x1000, 2, DEASSIGN, 0));
	ERR(ENOENT, ioeventfd(vm, new_eventfd(), 0x1000, 4, DEASSIGN, 0));
	OK(ioeventfd(vm, fd, 0x1000, 2, DEASSIGN | MATCH, 7));
	OK(ioeventfd(vm, fd, 0x1000, 2, MATCH, 7));
	OK(ioeventfd(vm, fd, 0x1000, 4, DEASSIGN, 0));
	OK(ioeventfd(vm, fd, 0x1000, 4, MATCH, 7));
	OK(ioeventfd(vm, fd, 0x2001, 0, 0, 0));
	ERR(EEXIST, ioeventfd(vm, fd, 0x2001, 1, 0, 0));
}

static void ioeventfd_many(void)
{
	int sys = open_system(), vm = create_vm(sys), fd = new_eventfd(), n = 0;

	if (!have(sys, ARMKVM_CAP_IOEVENTFD))
		return;
	while (n < 100000 && ioeventfd(vm, fd, 4 * n, 4, 0, 0) == 0)
		n++;
	CHECK(errno == ENOSPC, "the %dth: %s", n + 1, strerror(errno));
	CHECK(n >= 512, "only %d", n);
	OK(ioeventfd(vm, fd, 0, 4, DEASSIGN, 0));
	OK(ioeventfd(vm, fd, 4 * n, 4, 0, 0));
}

/*
 * -- guests ------------------------------------------------------------------
 */

/* A guest that stores r0 at r1, then at r2: a form every 16 bytes. */
static const uint32_t store_code[] = {
	0xe5c10000, 0xe5820000, 0xeafffffe, 0xe320f000,		/* strb r0, [r1]; str r0, [r2] */
	0xe1c100b0, 0xe5820000, 0xeafffffe, 0xe320f000,		/* strh */
	0xe5810000, 0xe5820000, 0xeafffffe, 0xe320f000,		/* str */
	0xe8810009, 0xe5820000, 0xeafffffe, 0xe320f000,		/* stm r1, {r0, r3} */
};

enum { STRB = 0x00, STRH = 0x10, STR = 0x20, STM = 0x30 };

#define MARK	0x20000000U

struct guest {
	int vm, vcpu;
	struct armkvm_run *run;
};

static void set_r(const struct guest *g, unsigned int n, uint32_t val)
{
	OK(set_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(n), val));
}

static struct guest load_guest(int sys, int vm, int vcpu, const uint32_t *code, size_t size)
{
	struct guest g = { .vm = vm, .vcpu = vcpu, .run = map_run(sys, vcpu) };
	void *mem = ram(0x10000);

	memcpy(mem, code, size);
	OK(set_region(vm, 0, 0, 0, 0x10000, addr_of(mem)));
	return g;
}

/* Where the next access to a device comes from; the one before is completed. */
static uint64_t next_mmio(const struct guest *g)
{
	OK(ioctl(g->vcpu, ARMKVM_RUN, 0));
	CHECK(g->run->exit_reason == ARMKVM_EXIT_MMIO, "exit %u: %s", g->run->exit_reason,
	      g->run->exit_reason == ARMKVM_EXIT_INTERNAL_ERROR ? g->run->error.text : "");
	return g->run->mmio.phys_addr;
}

/* Runs one form; does the store at @addr come out? */
static int comes_out(const struct guest *g, unsigned int form, uint32_t addr, uint32_t val)
{
	uint64_t at;

	set_r(g, 0, val);
	set_r(g, 1, addr);
	set_r(g, 2, MARK);
	set_r(g, 3, val + 1);
	set_r(g, 15, form);
	at = next_mmio(g);
	/* completes it, so that the registers can be set again */
	g->run->immediate_exit = 1;
	ERR(EINTR, ioctl(g->vcpu, ARMKVM_RUN, 0));
	g->run->immediate_exit = 0;
	if (at == MARK)
		return 0;
	CHECK(at == addr || at == addr + 4, "a store to %#x came out at %#llx", addr,
	      (unsigned long long)at);
	return 1;
}

static void ioeventfd_guest(void)
{
	int sys = open_system(), vm, fd[4], i;
	struct guest g;

	if (!have(sys, ARMKVM_CAP_IOEVENTFD))
		return;
	vm = create_vm(sys);
	g = load_guest(sys, vm, create_vcpu_inited(vm, 0), store_code, sizeof(store_code));
	for (i = 0; i < 4; i++)
		fd[i] = new_eventfd();
	OK(ioeventfd(vm, fd[0], 0x30000000, 4, 0, 0));
	OK(ioeventfd(vm, fd[1], 0x30000000, 2, MATCH, 0x1234));
	OK(ioeventfd(vm, fd[2], 0x30001000, 0, 0, 0));
	OK(ioeventfd(vm, fd[3], 0x30002004, 1, MATCH, 0xffffff80));

	CHECK(!comes_out(&g, STR, 0x30000000, 1), "a matching store came out");
	CHECK(count_of(fd[0]) == 1, "it did not signal");
	CHECK(comes_out(&g, STRB, 0x30000000, 1), "a narrower store matched");
	CHECK(comes_out(&g, STR, 0x30000004, 1), "a store next to it matched");
	CHECK(comes_out(&g, STRH, 0x30000000, 0x1235), "other data matched");
	CHECK(!comes_out(&g, STRH, 0x30000000, 0xabc1234), "the data did not match");
	CHECK(count_of(fd[1]) == 1 && count_of(fd[0]) == 0, "the wrong one was signalled");
	CHECK(!comes_out(&g, STRB, 0x30001000, 0), "any length: a byte");
	CHECK(!comes_out(&g, STRH, 0x30001000, 0), "any length: a halfword");
	CHECK(!comes_out(&g, STR, 0x30001000, 0), "any length: a word");
	CHECK(count_of(fd[2]) == 3, "any length: not three signals");
	CHECK(!comes_out(&g, STRB, 0x30002004, 0x80), "a byte's data");
	CHECK(count_of(fd[3]) == 1, "a byte's data: no signal");
	/* of a block transfer, those that match stay inside */
	CHECK(comes_out(&g, STM, 0x30000000, 5), "the second word of a block");
	CHECK(count_of(fd[0]) == 1, "the first word of a block");
	OK(ioeventfd(vm, fd[0], 0x30000000, 4, DEASSIGN, 0));
	CHECK(comes_out(&g, STR, 0x30000000, 1), "after it was deassigned");
	CHECK(count_of(fd[0]) == 0, "signalled after it was deassigned");
	/* RAM over the address takes its place */
	OK(set_region(vm, 1, 0, 0x30001000, page_size(), addr_of(ram(page_size()))));
	CHECK(!comes_out(&g, STR, 0x30001000, 0), "a store to RAM came out");
	CHECK(count_of(fd[2]) == 0, "a store to RAM signalled");
}

/*
 * A guest that waits for interrupts and reports each: r5 GICC, r6 and r7 where
 * it stores GICC_IAR's value, before and after the end of interrupt.
 */
static const uint32_t irq_code[0x120 / 4] = {
	[0x18 / 4] = 0xe595000c,		/* ldr r0, [r5, #GICC_IAR] */
	0xe5860000,				/* str r0, [r6] */
	0xe5850010,				/* str r0, [r5, #GICC_EOIR] */
	0xe5870000,				/* str r0, [r7] */
	0xe25ef004,				/* subs pc, lr, #4 */
	[0x100 / 4] = 0xe320f003, 0xeafffffd,	/* wfi; b .-4 */
};

#define IRQ_ENTRY	0x100
#define CPSR_SVC_IRQS	0x53			/* SVC, F masked */

static struct guest irq_guest(int sys, int *gic)
{
	int vm = create_vm(sys), vcpu = create_vcpu_inited(vm, 0);
	struct guest g = load_guest(sys, vm, vcpu, irq_code, sizeof(irq_code));

	*gic = ready_gic(vm);
	set_dist(*gic, GICD_ISENABLER + 4, ~0U);
	set_dist(*gic, GICD_CTLR, 1);
	set_cpuif(*gic, GICC_PMR, 0xff);
	set_cpuif(*gic, GICC_CTLR, 1);
	set_r(&g, 5, CPU_ADDR);
	set_r(&g, 6, MARK);
	set_r(&g, 7, MARK + 4);
	set_r(&g, 15, IRQ_ENTRY);
	set_r(&g, 16, CPSR_SVC_IRQS);
	return g;
}

/* The guest takes interrupt @id: up to its acknowledge, and past its end. */
static void takes(const struct guest *g, uint32_t id)
{
	uint32_t iar;

	CHECK(next_mmio(g) == MARK, "no interrupt");
	memcpy(&iar, g->run->mmio.data, 4);
	CHECK(iar == id, "interrupt %u, not %u", iar, id);
}

static void ends(const struct guest *g)
{
	CHECK(next_mmio(g) == MARK + 4, "the interrupt does not end");
}

static void gic_guest(void)
{
	int sys = open_system(), gic, fd = new_eventfd(), resample = new_eventfd();
	struct guest g;

	if (!have(sys, ARMKVM_CAP_IRQCHIP))
		return;
	g = irq_guest(sys, &gic);
	/* by its line, which stays up: again and again */
	OK(irq_line(g.vm, ARMKVM_IRQ_TYPE_SPI, 0, 40, 1));
	takes(&g, 40);
	ends(&g);
	takes(&g, 40);
	OK(irq_line(g.vm, ARMKVM_IRQ_TYPE_SPI, 0, 40, 0));
	ends(&g);
	/* by an irqfd, once */
	make_edge(gic, 41);
	OK(irqfd(g.vm, fd, 9, 0, 0));
	signal_fd(fd);
	takes(&g, 41);
	ends(&g);
	/* with resampling: told at the end, and pending again if the device says so */
	OK(irqfd(g.vm, fd, 9, ARMKVM_IRQFD_FLAG_DEASSIGN, 0));
	OK(irqfd(g.vm, fd, 10, ARMKVM_IRQFD_FLAG_RESAMPLE, resample));
	signal_fd(fd);
	takes(&g, 42);
	CHECK(count_of(resample) == 0, "resampled too early");
	ends(&g);
	CHECK(count_of(resample) == 1, "not resampled");
	CHECK(!is_pending(gic, 42), "the line stays up");
	signal_fd(fd);
	takes(&g, 42);
	ends(&g);
	CHECK(count_of(resample) == 1, "not resampled again");
}

static void *raise_later(void *arg)
{
	usleep(200000);
	signal_fd(*(int *)arg);
	return NULL;
}

/* WFI sleeps in the module, and an irqfd from another thread wakes it. */
static void gic_wakes(void)
{
	int sys = open_system(), gic, fd = new_eventfd();
	pthread_t thread;
	struct guest g;

	if (!have(sys, ARMKVM_CAP_IRQFD))
		return;
	g = irq_guest(sys, &gic);
	make_edge(gic, 32);
	OK(irqfd(g.vm, fd, 0, 0, 0));
	CHECK(!pthread_create(&thread, NULL, raise_later, &fd), "no thread");
	takes(&g, 32);
	ends(&g);
	pthread_join(thread, NULL);
}

/* A GIC must be complete, and there in time, for a vCPU to run. */
static void gic_run_errors(void)
{
	struct armkvm_create_device cd = { .type = ARMKVM_DEV_TYPE_ARM_VGIC_V2 };
	int sys = open_system(), vm, vcpu, gic;
	struct armkvm_run *run;
	uint32_t val;

	if (!have(sys, ARMKVM_CAP_IRQCHIP))
		return;
	vm = create_vm(sys);
	vcpu = create_vcpu_inited(vm, 0);
	run = map_run(sys, vcpu);
	run->immediate_exit = 1;
	gic = create_gic(vm);
	ERR(ENXIO, ioctl(vcpu, ARMKVM_RUN, 0));
	OK(set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, DIST_ADDR));
	ERR(ENXIO, ioctl(vcpu, ARMKVM_RUN, 0));
	OK(set_addr(gic, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, CPU_ADDR));
	ERR(EINTR, ioctl(vcpu, ARMKVM_RUN, 0));
	OK(GET(gic, DIST_REGS, reg_of(0, GICD_TYPER), &val));

	vm = create_vm(sys);
	vcpu = create_vcpu_inited(vm, 0);
	run = map_run(sys, vcpu);
	run->immediate_exit = 1;
	ERR(EINTR, ioctl(vcpu, ARMKVM_RUN, 0));
	ERR(EBUSY, ioctl(vm, ARMKVM_CREATE_DEVICE, &cd));
}

static void *run_vcpu(void *arg)
{
	ioctl(*(int *)arg, ARMKVM_RUN, 0);
	return NULL;
}

/* The state of a GIC whose vCPU runs can't be had; its lines can be driven. */
static void gic_busy(void)
{
	int sys = open_system(), gic, i;
	pthread_t thread;
	struct guest g;
	uint32_t val;

	if (!have(sys, ARMKVM_CAP_IRQCHIP))
		return;
	g = irq_guest(sys, &gic);
	CHECK(!pthread_create(&thread, NULL, run_vcpu, &g.vcpu), "no thread");
	for (i = 0; i < 1000; i++) {
		if (GET(gic, DIST_REGS, reg_of(0, GICD_TYPER), &val) < 0)
			break;
		usleep(10000);
	}
	CHECK(i < 1000, "the registers of a running GIC can be read");
	CHECK(errno == EBUSY, "not EBUSY: %s", strerror(errno));
	OK(irq_line(g.vm, ARMKVM_IRQ_TYPE_SPI, 0, 50, 1));
	pthread_join(thread, NULL);
	CHECK(g.run->exit_reason == ARMKVM_EXIT_MMIO, "exit %u", g.run->exit_reason);
}

const struct test irq_tests[] = {
	{ "create-errors", create_errors },
	{ "no-descriptor", no_descriptor },
	{ "owner", owner },
	{ "addresses", addresses },
	{ "sizes", sizes },
	{ "registers", registers },
	{ "lines", lines },
	{ "irqfd-errors", irqfd_errors },
	{ "irqfd-raises", irqfd_raises },
	{ "irqfd-closed", irqfd_closed },
	{ "irqfd-races", irqfd_races },
	{ "ioeventfd-errors", ioeventfd_errors },
	{ "ioeventfd-many", ioeventfd_many },
	{ "ioeventfd-guest", ioeventfd_guest },
	{ "gic-guest", gic_guest },
	{ "gic-wakes", gic_wakes },
	{ "gic-run-errors", gic_run_errors },
	{ "gic-busy", gic_busy },
	{ NULL, NULL }
};
