/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A launcher in few words, for the programs that stress the interface. What can't go wrong ends the
 * program, with a case line of its name.
 */
#ifndef ARMKVM_TESTS_LAUNCHER_H
#define ARMKVM_TESTS_LAUNCHER_H

#include <stddef.h>
#include <stdint.h>

#define LARGEST_PAGE	65536	/* of any host */

/* The program's, for the case line of a failure. */
extern const char *const launcher_name;

/* Prints a case line with @what and errno, and ends the program with status 1. */
__attribute__((noreturn)) void launcher_fail(const char *what);

/* A vCPU of @vm, initialised, with PSCI 0.2: its descriptor. */
int launcher_vcpu(int vm, unsigned int id);

/* Sets word @n of the core registers, as ARMKVM_REG_ARM_CORE_REG() counts them. */
void launcher_core(int vcpu, unsigned int n, uint32_t value);

/* @size bytes of zeroed memory that begin at a page of any host; never given back. */
void *launcher_memory(size_t size);

/* ARMKVM_SET_USER_MEMORY_REGION: its result. */
int launcher_region(int vm, uint32_t slot, uint32_t flags, uint64_t gpa, uint64_t size, void *at);

/* A GIC for @vm, where machine "virt" has it, ready: its descriptor. */
int launcher_gic(int vm);

/* ARMKVM_IRQFD and ARMKVM_IOEVENTFD with @flags: their results. */
int launcher_irqfd(int vm, int fd, uint32_t flags, uint32_t gsi);
int launcher_ioeventfd(int vm, int fd, uint32_t flags, uint64_t gpa);

#endif
