/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the ioctl self-tests share.
 *
 * A test is a function that returns when all is well. It runs in a process of
 * its own, with a time limit; a crash, a hang or a failed check fails that test
 * and no other. A check that fails says what was expected and ends the test.
 */
#ifndef ARMKVM_SELFTEST_H
#define ARMKVM_SELFTEST_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <linux/armkvm.h>

#define DEVICE		"/dev/armkvm"
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct test {
	const char *name;
	void (*run)(void);
};

/* One a file, ended by an empty entry. */
extern const struct test system_tests[];
extern const struct test memory_tests[];
extern const struct test dirty_tests[];
extern const struct test log_tests[];
extern const struct test window_tests[];
extern const struct test vcpu_tests[];
extern const struct test run_tests[];
extern const struct test call_tests[];
extern const struct test reg_tests[];
extern const struct test irq_tests[];
extern const struct test stats_tests[];
extern const struct test state_tests[];
extern const struct test pl0_tests[];
extern const struct test lifetime_tests[];
extern const struct test hostile_tests[];

/* Ends the test: failed, or skipped for a reason that belongs to the machine. */
__attribute__((noreturn, format(printf, 3, 4)))
void test_failed(const char *file, int line, const char *fmt, ...);
__attribute__((noreturn, format(printf, 1, 2)))
void test_skipped(const char *fmt, ...);

#define FAILED(...)	test_failed(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(cond, ...)						\
	do {								\
		if (!(cond))						\
			FAILED(__VA_ARGS__);				\
	} while (0)

/* The call must succeed; its result is the value of the expression. */
#define OK(call)	call_ok(__FILE__, __LINE__, #call, (call))
/* The call must fail with this error. */
#define ERR(error, call)						\
	call_err(__FILE__, __LINE__, #call, #error, (errno = 0, (call)), error)

long call_ok(const char *file, int line, const char *what, long result);
void call_err(const char *file, int line, const char *what,
	      const char *name, long result, int error);

/* Each opens or makes a thing and fails the test if it can't. */
int open_system(void);
int create_vm(int sys);
int create_vcpu(int vm, unsigned int id);
int create_vcpu_inited(int vm, unsigned int id);
struct armkvm_run *map_run(int sys, int vcpu);

int set_region(int vm, uint32_t slot, uint32_t flags, uint64_t gpa,
	       uint64_t size, uint64_t uaddr);

/* selftest-irq.c: a GIC that is where guests expect it, ready for the vCPUs of @vm. */
int ready_gic(int vm);

/* A capability's value on the system descriptor. */
long capability(int sys, unsigned long cap);

/* Memory that can't be used: nothing mapped, no write, no access. */
void *unmapped_page(void);
void *readonly_page(void);
/* @size bytes that end where nothing is mapped; one byte more is a fault. */
void *at_edge(size_t size);
/* @size bytes of zeroed RAM, page-aligned. */
void *ram(size_t size);
size_t page_size(void);
/* Also true for a 32-bit program on a 64-bit kernel. */
int host_is_64bit(void);

static inline uint64_t addr_of(const volatile void *p)
{
	return (uintptr_t)p;
}

/* The ids that ARMKVM_GET_REG_LIST gives; to be freed. */
struct armkvm_reg_list *reg_list(int vcpu);
/* Size in bytes that an id claims. */
static inline unsigned int reg_size(uint64_t id)
{
	return 1U << ((id & ARMKVM_REG_SIZE_MASK) >> ARMKVM_REG_SIZE_SHIFT);
}

int get_reg(int vcpu, uint64_t id, uint64_t *value);
int set_reg(int vcpu, uint64_t id, uint64_t value);

/*
 * selftest-state.c: ioctl(@vcpu, ARMKVM_RUN, 0) with all of @in in the registers; @out is what they
 * are then.
 */
struct state;
long run_holding(const struct state *in, struct state *out, long vcpu);

/* References to the module; a test must leave as many as it found. */
long module_refcount(void);
void wait_for_refcount(long count);

#endif /* ARMKVM_SELFTEST_H */
