/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plugin for QEMU's TCG that remembers what the TLBs and instruction caches of an
 * arm64 host could hold, and complains when software relies on their not holding it.
 * docs/testbed.md says what it looks at and what it can't see.
 *
 *   model.c   life, what is hooked, complaints
 *   a64.c     AArch64: which instruction is which maintenance, walks of the tables
 *   a32.c     the same of ARMv7-A
 *   tlb.c     what translations could be cached
 *   icache.c  what instructions could be cached
 *
 * Sections are those of ARM DDI 0487 (issue J.a), with A or B before them and three numbers those of ARM DDI 0406C.
 */
#ifndef MODEL_H
#define MODEL_H

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define MAX_CPUS	8
#define PAGE_SHIFT	12	/* what the models count in, whatever the granule is */
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define LEVELS		4
#define FRONT		512	/* a power of two */

/* kmod/host/arm/switch.h: what a guest's tables have of the host, up to the host's own vectors */
#define SWITCH_AREA	0xfff00000U
#define HIGH_VECTORS	0xffff0000U

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXEC };

/* A walk as it was: each descriptor, and where it is in the host's memory. */
struct walk {
	unsigned int n;			/* 0: there is nothing to walk */
	struct step {
		const void *at;
		uint64_t desc;
		unsigned int level;
		unsigned int shift;	/* of the address: what the descriptor covers */
	} step[LEVELS];
	bool valid;			/* the last one is a leaf; then: */
	uint64_t pa;			/* of the address that was walked */
};

/* Accesses that need no second look: nothing was invalidated, the tables are the same. */
struct front {
	uint64_t page;			/* address >> PAGE_SHIFT, plus 1: 0 is none */
	uint64_t root;			/* TTBR0 and ASID */
	uint64_t seq;
	uint64_t pa;			/* of the page */
	unsigned int n;
	struct step step[LEVELS];
};

struct entry;

struct tlb {
	pthread_mutex_t lock;
	_Atomic uint64_t seq;		/* grows with each invalidation */
	uint32_t *bucket;
	struct entry *pool;
	uint32_t nr_pool, max_pool, free;
	uint32_t gen;
	uint32_t *asid_gen;
};

struct cpu {
	unsigned int index;
	uint64_t ttbr0, ttbr1, tcr, sctlr, vbar, contextidr;
	uint64_t root;			/* TTBR0 with the ASID in use in 63:48 */
	uint16_t asid;
	bool mmu;
	bool guest;			/* armkvm's world: the ASID is in TTBR0 */
	uint64_t pass;			/* how often that was entered */

	/* Addresses of instructions that something is missing for; 0: nothing. */
	uint64_t wants_isb;		/* TTBR0, TTBR1 or TCR was written */
	uint64_t wants_dsb;		/* TLBI */
	bool wants_dsb_ish;		/* a broadcast one */
	uint64_t table_store;		/* a valid descriptor was changed, no DSB since */
	uint64_t clean;			/* DC CVAU, no DSB since */
	bool clean_ways;		/* by set and way */

	/* By icache_time */
	uint64_t last_isb, last_dsb;

	struct tlb tlb;
	struct front front[FRONT];
	struct front kernel[FRONT];	/* pages that the kernel stores to: page, seq, pa */
};

enum complaint {
	TLB_REMAPPED,
	TLB_STALE,
	TLB_NO_DSB,
	TLB_STORE_NO_DSB,
	TLB_NO_ISB,
	IC_NOT_CLEAN,
	IC_STALE,
	IC_NO_DSB,
	IC_NO_ISB,
	NR_COMPLAINTS
};

enum count {
	COUNT_CHECKED,		/* accesses that missed the front */
	COUNT_TLBI,
	COUNT_GUEST_TLBI,	/* in the guest's world */
	COUNT_PASSES,
	COUNT_CACHED,		/* entries made */
	COUNT_ABORTS,		/* of guests */
	COUNT_FETCHED,		/* words translated */
	COUNT_ICACHE,		/* IC and DC instructions */
	COUNT_TABLE_STORES,
	NR_COUNTS
};

extern struct cpu cpus[MAX_CPUS];
extern unsigned int nr_cpus;
extern _Atomic uint64_t counts[NR_COUNTS];

static inline void count(enum count what)
{
	atomic_fetch_add_explicit(&counts[what], 1, memory_order_relaxed);
}

__attribute__((format(printf, 4, 5)))
void complain(const struct cpu *cpu, enum complaint what, uint64_t pc, const char *format, ...);

/* Where physical memory is in this process; NULL: not RAM. */
void *ram_at(uint64_t pa);
/* The inverse; false: not RAM. */
bool ram_pa(const void *at, uint64_t *pa);
uint64_t ram_bytes(void);
uint64_t ram_start(void);

/* -- the host's architecture: a64.c, a32.c ---------------------------------------- */

enum sys_kind {
	SYS_NONE,
	SYS_TTBR0, SYS_TTBR1, SYS_TCR, SYS_SCTLR, SYS_VBAR, SYS_ASID,
	SYS_TLBI, SYS_DSB, SYS_ISB, SYS_ERET,
	SYS_DC_CLEAN, SYS_DC_CLEAN_POU, SYS_DC_CLEAN_WAY, SYS_DC_ZERO,
	SYS_IC_LINE, SYS_IC_ALL, SYS_IC_ALL_IS,
};

struct size {
	uint8_t shift, level;
};

struct arch {
	const char *target;		/* QEMU's name */
	bool narrow;			/* descriptors of four bytes */
	uint64_t valid;			/* of a descriptor: one of these bits */
	/* What a descriptor may cover. */
	const struct size *sizes;
	unsigned int nr_sizes;

	/* What is modelled; the rest is the kernel's own. */
	bool (*low)(const struct cpu *cpu, uint64_t va);
	void (*walk)(const struct cpu *cpu, uint64_t va, struct walk *walk);
	bool (*is_table)(uint64_t desc, unsigned int level);
	bool (*is_global)(uint64_t desc, unsigned int level);
	/*
	 * What must not change from one valid descriptor to another without an invalidation between them;
	 * permissions may.
	 */
	uint64_t (*identity)(uint64_t desc, unsigned int level);
	bool (*allows)(uint64_t desc, unsigned int level, enum access access);

	/* An instruction of the kernel, and of unprivileged programs. */
	enum sys_kind (*kind)(uint32_t insn);
	enum sys_kind (*kind_el0)(uint32_t insn, unsigned int bytes);
	bool (*is_unprivileged_load)(uint32_t insn);
	unsigned int (*rt)(uint32_t insn);
	/* As in CRm of DSB: the domain in 3:2, the accesses in 1:0, 2 for stores and 3 for all. */
	unsigned int (*dsb_option)(uint32_t insn);
	bool (*tlbi_is)(uint32_t insn);
	void (*tlbi)(struct tlb *tlb, uint32_t insn, uint64_t arg);
	/* After a write to a register of translation. */
	void (*regime)(struct cpu *cpu);
};

extern const struct arch arch_a64, arch_a32;
extern const struct arch *arch;

/* Barriers of A32 and T32 programs. */
enum sys_kind a32_kind_el0(uint32_t insn, unsigned int bytes);

static inline uint64_t desc_at(const void *at)
{
	return arch->narrow ? atomic_load_explicit((const _Atomic uint32_t *)at, memory_order_relaxed) :
			      atomic_load_explicit((const _Atomic uint64_t *)at, memory_order_relaxed);
}

/* To where the ASID is in struct cpu's root. */
#define ROOT_ASID(asid)	((uint64_t)(asid) << 48)

/* -- tlb.c ------------------------------------------------------------------- */

void tlb_init(struct tlb *tlb);
/* An access that was made; the physical address, 0 if it isn't known. */
uint64_t tlb_access(struct cpu *cpu, uint64_t va, enum access access, uint64_t pc);
/* An access of a guest that the tables don't allow. */
void tlb_abort(struct cpu *cpu, uint64_t va, enum access access, uint64_t pc);
/* A store to RAM.  Has it removed a valid descriptor, or something of it? */
bool tlb_table_store(uint64_t pa, unsigned int bytes);

void tlb_inval_all(struct tlb *tlb);
void tlb_inval_asid(struct tlb *tlb, uint16_t asid);
/* Entries for the address; last: leaves alone; asid < 0: all of them. */
void tlb_inval_va(struct tlb *tlb, uint64_t va, int asid, bool last);

/* -- icache.c ---------------------------------------------------------------- */

void icache_init(void);
/* Does code want a clean to the point of unification, and an IC, before it can be executed? */
void icache_rules(bool clean, bool ic);
void icache_store(uint64_t pa, unsigned int bytes);
void icache_clean(uint64_t pa);
void icache_clean_all(void);
void icache_inval_line(struct cpu *cpu, uint64_t pa);
void icache_inval_all(struct cpu *cpu, bool broadcast);
void icache_dsb(struct cpu *cpu);
void icache_isb(struct cpu *cpu);
/* An instruction was fetched. */
void icache_fetch(struct cpu *cpu, uint64_t pa, unsigned int bytes, uint64_t pc);

#endif
