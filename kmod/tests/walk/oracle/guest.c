// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare-metal side of the walk oracle: loads each configuration into cp15, does
 * its items, writes the results to standard output by semihosting.
 */
#include "guest.h"
#include "oracle-asm.h"

_Static_assert(OUTCOME_DABT == ORACLE_DABT && OUTCOME_PABT == ORACLE_PABT &&
	       OUTCOME_OTHER == ORACLE_OTHER && ORACLE_SVC_WORD == ORACLE_SVC &&
	       STACK_TOP == ORACLE_ARENA,
	       "oracle-asm.h");

#define SYS_OPEN	0x01
#define SYS_WRITE	0x05
#define SYS_EXIT	0x18
#define EXIT_OK		0x20026		/* ADP_Stopped_ApplicationExit */
#define EXIT_FAILED	0x20023		/* ADP_Stopped_RunTimeErrorUnknown */

#define SCRATCH_WORDS	(0x01000000 / 4)

#define write_cp15(args, val) \
	asm volatile("mcr p15, " args : : "r"(val) : "memory")
#define read_cp15(args) ({ \
	__u32 v_; \
	asm volatile("mrc p15, " args : "=r"(v_) : : "memory"); \
	v_; })

static void isb(void)
{
	asm volatile("dsb\n\tisb" : : : "memory");
}

static __u64 read_par(int wide)
{
	__u32 lo, hi = 0;

	if (wide)
		asm volatile("mrrc p15, 0, %0, %1, c7" : "=r"(lo), "=r"(hi));
	else
		lo = read_cp15("0, %0, c7, c4, 0");
	return (__u64)hi << 32 | lo;
}

static void write_ttbr(const struct oracle_cfg *cfg, int wide)
{
	if (!wide) {
		write_cp15("0, %0, c2, c0, 0", (__u32)cfg->ttbr0);
		write_cp15("0, %0, c2, c0, 1", (__u32)cfg->ttbr1);
		return;
	}
	asm volatile("mcrr p15, 0, %0, %1, c2" : :
		     "r"((__u32)cfg->ttbr0), "r"((__u32)(cfg->ttbr0 >> 32)));
	asm volatile("mcrr p15, 1, %0, %1, c2" : :
		     "r"((__u32)cfg->ttbr1), "r"((__u32)(cfg->ttbr1 >> 32)));
}

/* All but SCTLR, for the current bank of the registers */
static void load(const struct oracle_cfg *cfg, int lpae)
{
	write_cp15("0, %0, c2, c0, 2", cfg->ttbcr);
	write_ttbr(cfg, lpae);
	write_cp15("0, %0, c3, c0, 0", cfg->dacr);
	write_cp15("0, %0, c10, c2, 0", cfg->mair0);
	write_cp15("0, %0, c10, c2, 1", cfg->mair1);
	write_cp15("0, %0, c8, c7, 0", 0);	/* TLBIALL */
	isb();
}

static __u32 read_sctlr(void)
{
	return read_cp15("0, %0, c1, c0, 0");
}

static void write_sctlr(__u32 val)
{
	write_cp15("0, %0, c1, c0, 0", val);
	isb();
}

/*
 * Monitor mode with SCR.NS set reaches the Non-secure bank of the registers while
 * it runs by the Secure one's MMU setting: off. No memory access by stack
 * depends on the mode: sp is moved over.
 */
static void set_nonsecure_bank(int on)
{
	if (on)
		asm volatile("mov r12, sp\n\tcps #0x16\n\tmov sp, r12"
			     : : : "r12", "memory");
	write_cp15("0, %0, c1, c1, 0", on);
	isb();
	if (!on)
		asm volatile("cps #0x13" : : : "memory");
}

static void run_nonsecure(const struct oracle_cfg *cfg, int lpae,
			  struct oracle_result *res)
{
	__u32 sctlr, i;

	set_nonsecure_bank(1);
	sctlr = read_sctlr();
	load(cfg, lpae);
	write_sctlr(sctlr | cfg->sctlr);
	set_nonsecure_bank(0);

	for (i = 0; i < cfg->nr_items; i++) {
		res[i].par = 0;
		probe(cfg->item[i].gva, cfg->item[i].op, &res[i]);
		if (res[i].outcome == ORACLE_OK)
			res[i].par = read_par(lpae && cfg->ttbcr >> 31);
	}

	set_nonsecure_bank(1);
	write_sctlr(sctlr);
	set_nonsecure_bank(0);
}

static void run_current(const struct oracle_cfg *cfg, int lpae,
			struct oracle_result *res)
{
	__u32 sctlr = read_sctlr(), i;

	load(cfg, lpae);
	write_sctlr(sctlr | cfg->sctlr);
	for (i = 0; i < cfg->nr_items; i++) {
		res[i].par = 0;
		probe(cfg->item[i].gva, cfg->item[i].op, &res[i]);
		if (res[i].outcome == ORACLE_OK && cfg->item[i].op <= ORACLE_ATS_UW)
			res[i].par = read_par(lpae && cfg->ttbcr >> 31);
	}
	write_sctlr(sctlr);
}

static int write_results(const void *from, __u32 size)
{
	/* ":tt" for writing is standard output */
	__u32 open[] = { (__u32)":tt", 4, 3 };
	__u32 write[] = { 0, (__u32)from, size };

	write[0] = semihost(SYS_OPEN, open);
	return semihost(SYS_WRITE, write);
}

int main(void)
{
	const struct oracle_cases *cases = (void *)(RAM + ORACLE_CASES);
	const struct oracle_cfg *cfg = (const void *)(cases + 1);
	struct oracle_result *res = (void *)(RAM + ORACLE_RESULTS);
	__u32 *scratch = (__u32 *)(RAM + ORACLE_SCRATCH);
	__u32 i;

	/* semihosting's SVC #0x123456 is the emulator's before it is a vector's */
	if (cases->magic != ORACLE_MAGIC)
		semihost(SYS_EXIT, (void *)EXIT_FAILED);

	for (i = 0; i < SCRATCH_WORDS; i++)
		scratch[i] = ORACLE_SVC;

	for (i = 0; i < cases->nr_cfgs; i++) {
		/* a configuration has items of one sort */
		if (cfg->nr_items && cfg->item[0].op <= ORACLE_NS_PW)
			run_nonsecure(cfg, cases->lpae, res);
		else
			run_current(cfg, cases->lpae, res);
		res += cfg->nr_items;
		cfg = (const void *)&cfg->item[cfg->nr_items];
	}
	i = (char *)res - (RAM + ORACLE_RESULTS);
	if (write_results(RAM + ORACLE_RESULTS, i))
		semihost(SYS_EXIT, (void *)EXIT_FAILED);
	semihost(SYS_EXIT, (void *)EXIT_OK);
	return 0;
}
