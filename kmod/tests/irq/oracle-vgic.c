// SPDX-License-Identifier: GPL-2.0-only
/*
 * core/irq/vgic against QEMU's GICv2: the same random register accesses and
 * wire changes go to both, values read and CPU 0's IRQ and FIQ lines are
 * compared. QEMU's is worked from outside, through its qtest protocol; accesses
 * are always CPU 0's there.
 *
 *   oracle-vgic QEMU ACCEL CPUS SEED STEPS
 *
 * ACCEL is qtest, or tcg where a QEMU is built without that (one CPU only then).
 *
 * Not compared, because QEMU's model knows less than IHI 0048B:
 *   AIAR, AEOIR, AHPPIR: it hasn't them; IIDR: another product's
 *   HPPIR with a PMR below the top: it masks what is not to be masked
 *   one group enabled without the other: it looks at both
 *   HPPIR's source CPU of an SGI: it gives none
 *   target bits of CPUs that don't exist: it keeps them
 *   1022 for an interrupt that can't preempt: the text wants 1023
 *   different binary points for the groups, or changed while something is active:
 *   it compares a priority where a group priority is meant
 *   a target list that is empty, or of several CPUs: there it loses the interrupt,
 *   here it delivers it to each of them
 */
#include <assert.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/err.h>

#include "test.h"
#include "vgic.h"

#define DIST_BASE	0x08000000u
#define CPUIF_BASE	0x08010000u
#define NR_SPIS		256

unsigned int shim_locks_held;

static FILE *to_qemu, *from_qemu;
static pid_t qemu;
static unsigned int nr_cpus;
static u32 rnd;
static struct vgic *g;
static u8 qemu_lines;
static bool sets_active;	/* not in QEMU 7: what ISACTIVER sets, no EOIR or DIR clears */

static void no_kick(void *ctx, unsigned int cpu)
{
	(void)ctx;
	(void)cpu;
}

static const struct vgic_ops ops = { .kick = no_kick };

/* Sends a command, takes the line messages that come before its answer, returns its value. */
static u32 command(const char *text)
{
	char line[200];
	unsigned int n;

	fprintf(to_qemu, "%s\n", text);
	fflush(to_qemu);
	while (fgets(line, sizeof(line), from_qemu)) {
		if (sscanf(line, "IRQ raise %u", &n) == 1 && n < 2) {
			qemu_lines |= 1 << n;
		} else if (sscanf(line, "IRQ lower %u", &n) == 1 && n < 2) {
			qemu_lines &= ~(1 << n);
		} else if (!strncmp(line, "OK", 2)) {
			return strtoull(line + 2, NULL, 16);
		} else if (strncmp(line, "IRQ", 3)) {
			printf("qtest: '%s' answered: %s", text, line);
			exit(2);
		}
	}
	printf("qtest: no answer to '%s': the emulator has gone\n", text);
	exit(2);
}

static void start_qemu(const char *path, const char *accel)
{
	int in[2], out[2];
	char smp[12], text[80];

	assert(!pipe(in) && !pipe(out));
	snprintf(smp, sizeof(smp), "%u", nr_cpus);
	qemu = fork();
	assert(qemu >= 0);
	if (!qemu) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execlp(path, path, "-M", "virt,gic-version=2", "-cpu", "cortex-a15", "-smp", smp,
		       "-accel", accel, "-S", "-qtest", "stdio", "-qtest-log", "none",
		       "-display", "none", "-nodefaults", "-serial", "none", (char *)NULL);
		perror(path);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_qemu = fdopen(in[1], "w");
	from_qemu = fdopen(out[0], "r");
	snprintf(text, sizeof(text), "irq_intercept_in /machine/unattached/device[0]");
	command(text);
}

static void stop_qemu(void)
{
	fclose(to_qemu);
	fclose(from_qemu);
	kill(qemu, SIGTERM);
	waitpid(qemu, NULL, 0);
}

static u32 pick(u32 n)
{
	return test_random(&rnd) % n;
}

static const char *const suffix[] = { "", "b", "w", "", "l" };

static void write_both(enum vgic_region region, u32 offset, unsigned int len, u32 val)
{
	u32 address = (region == VGIC_DIST ? DIST_BASE : CPUIF_BASE) + offset;
	char text[80];

	val &= len == 4 ? ~0u : (1u << 8 * len) - 1;
	vgic_mmio_write(g, region, 0, offset, len, val);
	snprintf(text, sizeof(text), "write%s 0x%x 0x%x", suffix[len], address, val);
	command(text);
}

static bool same(enum vgic_region region, u32 offset, u32 ours, u32 theirs)
{
	if (ours == theirs)
		return true;
	if (region == VGIC_DIST)
		return false;
	if (offset == 0x18)
		return (ours & 0x3ff) == theirs;
	return offset == 0x0c && ours == 1023 && theirs == 1022;
}

static u32 read_both(enum vgic_region region, u32 offset, unsigned int len)
{
	u32 address = (region == VGIC_DIST ? DIST_BASE : CPUIF_BASE) + offset;
	u32 ours, theirs;
	char text[80];

	vgic_mmio_read(g, region, 0, offset, len, &ours);
	snprintf(text, sizeof(text), "read%s 0x%x", suffix[len], address);
	theirs = command(text);
	if (!same(region, offset, ours, theirs)) {
		snprintf(test_text, sizeof(test_text), "%s 0x%x, %u bytes: 0x%x, QEMU 0x%x",
			 region == VGIC_DIST ? "GICD" : "GICC", offset, len, ours, theirs);
		test_why = test_text;
	}
	return ours;
}

static void wire_both(unsigned int id, bool level)
{
	char text[100];

	vgic_inject(g, 0, id, level);
	/* QEMU's inputs: the SPIs, then 32 a CPU.  The GIC comes after the CPUs. */
	snprintf(text, sizeof(text),
		 "set_irq_in /machine/unattached/device[%u] unnamed-gpio-in %u %u", nr_cpus,
		 id >= 32 ? id - 32 : NR_SPIS + id, level);
	command(text);
}

static void probe_active(void)
{
	command("writel 0x8010000 0x200");
	command("writel 0x8000304 1");
	command("writel 0x8011000 32");
	sets_active = !command("readl 0x8000304");
	command("writel 0x8000384 1");
	command("writel 0x8010000 0");
	if (!sets_active)
		printf("this QEMU's GICD_ISACTIVER can't be trusted: not written\n");
}

static unsigned int some_id(void)
{
	static const u16 ids[] = { 0, 1, 5, 15, 16, 27, 30, 31, 32, 33, 40, 63, 64, 286, 287 };

	return pick(4) ? ids[pick(sizeof(ids) / 2)] : pick(32 + NR_SPIS);
}

static bool idle(void)
{
	return g->cpu[0].running == VGIC_PRIO_IDLE;
}

static void dist_step(void)
{
	static const u16 bits[] = { 0x80, 0x100, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380 };
	unsigned int id = some_id(), len = pick(3) ? 4 : 1 << pick(2);
	u32 val = pick(2) ? 1u << id % 32 : test_random(&rnd) & test_random(&rnd);
	u32 sub = pick(4 / len) * len;
	bool write = pick(3);
	u32 offset;

	switch (pick(9)) {
	case 0:
		offset = 0;
		sub = 0;
		val = pick(8) ? 3 : 0;
		break;
	case 1:
		offset = 0x400 + (id & ~3u);
		val = (pick(3) ? pick(8) << 5 : pick(256)) * 0x01010101 & 0xfefefefe;
		break;
	case 2:
		offset = 0x800 + (id & ~3u);
		val = 0x01010101u << pick(nr_cpus);
		break;
	case 3:
		offset = 0xc00 + id / 16 * 4;
		val = test_random(&rnd);
		break;
	case 4:
		val = (pick(3) << 24) | (pick(256) << 16) | pick(16);
		if (write)
			write_both(VGIC_DIST, 0xf00, 4, val);
		return;
	case 5:
		offset = 0xf10 + pick(8) * 4;
		if (write) {	/* byte by byte: QEMU dies of a zero byte in SPENDSGIR */
			write_both(VGIC_DIST, offset + pick(4), 1, 1 + pick((1 << nr_cpus) - 1));
			return;
		}
		break;
	default:
		offset = bits[pick(8)] + id / 32 * 4;
		write &= sets_active || (offset & ~0x7fu) != 0x300;
		break;
	}
	if (write)
		write_both(VGIC_DIST, offset + sub, len, val >> 8 * sub);
	else if (pick(40))
		read_both(VGIC_DIST, offset + sub, len);
	else
		read_both(VGIC_DIST, pick(2) ? 4 : 0xfd0 + pick(12) * 4, 4);
}

static unsigned int stack[64], depth;

static void cpuif_step(void)
{
	static const u16 reads[] = { 0x00, 0x04, 0x08, 0x14, 0x14, 0x1c, 0xd0, 0xd4, 0xd8, 0xdc,
				     0xe0, 0xe4, 0xe8, 0xec, 0xfc };
	u32 val;

	switch (pick(12)) {
	case 0:
		write_both(VGIC_CPUIF, 0x00, 4, (pick(6) ? 3 : 0) | (test_random(&rnd) & ~3u));
		break;
	case 1:
		write_both(VGIC_CPUIF, 0x04, 4, pick(3) ? 0xff : pick(256));
		break;
	case 2:
		if (!idle())
			break;
		val = pick(7);
		write_both(VGIC_CPUIF, 0x08, 4, val);
		write_both(VGIC_CPUIF, 0x1c, 4, val + 1);
		break;
	case 3:
	case 4:
		read_both(VGIC_CPUIF, reads[pick(sizeof(reads) / 2)], 4);
		break;
	case 5:
		if (g->cpu[0].pmr == 0xff)
			read_both(VGIC_CPUIF, 0x18, 4);
		break;
	case 6:
		write_both(VGIC_CPUIF, pick(2) ? 0x10 : 0x1000, 4, some_id());
		break;
	case 7:
	case 8:
		if (depth)
			write_both(VGIC_CPUIF, pick(3) ? 0x10 : 0x1000, 4, stack[--depth]);
		break;
	default:
		val = read_both(VGIC_CPUIF, 0x0c, 4);
		if ((val & 0x3ff) < 1020 && depth < 64)
			stack[depth++] = val;
		break;
	}
}

/* Between all of it the board itself is quiet: nothing else moves QEMU's wires. */
static unsigned int compare(unsigned int steps)
{
	for (unsigned int step = 0; step < steps; step++) {
		unsigned int id;

		switch (pick(4)) {
		case 0:
			do
				id = some_id();
			while (id < 16);
			wire_both(id, pick(2));
			break;
		case 1:
			dist_step();
			break;
		default:
			cpuif_step();
			break;
		}
		if (!test_why && qemu_lines != vgic_lines(g, 0)) {
			snprintf(test_text, sizeof(test_text), "lines 0x%x, QEMU 0x%x",
				 vgic_lines(g, 0), qemu_lines);
			test_why = test_text;
		}
		if (test_why)
			return step;
	}
	return steps;
}

int main(int argc, char **argv)
{
	unsigned int steps, seed, at;

	if (argc != 6) {
		fprintf(stderr, "usage: oracle-vgic QEMU ACCEL CPUS SEED STEPS\n");
		return 2;
	}
	nr_cpus = strtoul(argv[3], NULL, 0);
	seed = strtoul(argv[4], NULL, 0);
	steps = strtoul(argv[5], NULL, 0);
	rnd = seed * 2654435761u | 1;
	g = vgic_create(nr_cpus, NR_SPIS, &ops, NULL);
	assert(!IS_ERR(g));
	start_qemu(argv[1], argv[2]);
	probe_active();
	/* A start that lets something happen; the rest is up to chance. */
	write_both(VGIC_DIST, 0, 4, 3);
	write_both(VGIC_CPUIF, 0, 4, 7);
	write_both(VGIC_CPUIF, 4, 4, 0xff);
	write_both(VGIC_CPUIF, 0x1c, 4, 1);
	for (unsigned int id = 32; id < 32 + NR_SPIS; id += 4)
		write_both(VGIC_DIST, 0x800 + id, 4, 0x01010101);
	for (unsigned int id = 0; id < 32 + NR_SPIS; id += 32)
		write_both(VGIC_DIST, 0x100 + id / 8, 4, 0x5555aaaa);
	at = compare(steps);
	stop_qemu();
	vgic_destroy(g);
	if (test_why) {
		printf("FAIL vgic-oracle %s CPUs, seed %u: step %u: %s\n",
		       argv[3], seed, at, test_why);
		return 1;
	}
	printf("PASS vgic-oracle %s CPUs, seed %u\n", argv[3], seed);
	return 0;
}
