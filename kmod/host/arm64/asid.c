// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64 host: where the ASIDs come from under which guests run.
 *
 * The kernel gives every process an ASID and, when it has run out of them, starts
 * again (arch/arm64/mm/context.c): a number of our choice would be some process's
 * sooner or later.  But a pinned mm keeps its ASID.  So the launcher gives us an
 * mm: a child of its own asks for it and ends.  What remains is an mm_struct without
 * users, without page tables, which no CPU will ever load again, and an ASID that
 * is nobody's but ours until arm64_mm_context_put().  It isn't the VM's that brought it:
 * it serves all VMs until the module goes, on each CPU for something else, because
 * translations of guests aren't common to CPUs (TTBR0_EL1.CnP is clear).
 *
 * Where the kernel is unmapped at EL0, ASIDs come in pairs, the even one for the
 * kernel and the odd one for the process; both are the mm's alone, so they make two.
 *
 * Until the first one comes, guests borrow ASID 0, which no process ever has, and 1 where
 * they come in pairs.  The kernel runs under 0 with an empty TTBR0, so nothing of a
 * guest may be left under it: host/arm64/asid-cache.c invalidates it at each exit.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/mmu.h>
#include <asm/mmu_context.h>
#include <asm/tlbflush.h>

#include "asid.h"

static struct {
	struct mutex lock;
	unsigned int each;		/* ASIDs that an mm has */
	struct mm_struct *mm[ASID_MAX];	/* pinned; first those that are ours, then those that wait */
	unsigned int nr_ours;
	unsigned int nr;
	u16 asid[ASID_MAX];
	unsigned int nr_asids;		/* published with release */
} pool;

static unsigned int asid_mm_max(void)
{
	return ASID_MAX / pool.each;
}

/* An mm's place in pool.mm is at @i.  Held: pool.lock. */
static void asid_unpin(unsigned int i)
{
	arm64_mm_context_put(pool.mm[i]);
	mmdrop(pool.mm[i]);
	pool.mm[i] = pool.mm[--pool.nr];
}

/*
 * Is there nothing left of the process?  Its tables went under mmap_lock (exit_mmap()), and
 * who has taken that lock after it sees them gone, as does every walk.
 */
static bool asid_is_free(struct mm_struct *mm)
{
	bool empty;

	if (atomic_read(&mm->mm_users) || !down_read_trylock(&mm->mmap_lock))
		return false;
	empty = !mm_pgtables_bytes(mm);
	up_read(&mm->mmap_lock);
	return empty;
}

/* The pinned mm at pool.mm[nr_ours] is dead: its ASIDs are taken over.  Held: pool.lock. */
static void asid_take_over(void)
{
	/* of the pair: what the kernel gives out for other users of the tables, e.g. an SMMU */
	u16 asid = arm64_mm_context_get(pool.mm[pool.nr_ours]);
	unsigned int i, n = pool.nr_ours * pool.each;

	arm64_mm_context_put(pool.mm[pool.nr_ours]);
	for (i = 0; i < pool.each; i++) {
		pool.asid[n + i] = pool.each == 2 ? (asid & ~1) | i : asid;
		/* What the process has left in the TLBs of all CPUs. */
		__tlbi(aside1is, (u64)pool.asid[n + i] << 48);
	}
	dsb(ish);
	pool.nr_ours++;
	smp_store_release(&pool.nr_asids, n + pool.each);	/* after asid[] */
}

static void asid_sort_ours(void)
{
	unsigned int i;

	for (i = pool.nr_ours; i < pool.nr; i++) {
		if (!asid_is_free(pool.mm[i]))
			continue;
		swap(pool.mm[i], pool.mm[pool.nr_ours]);
		asid_take_over();
	}
}

void asid_settle(void)
{
	mutex_lock(&pool.lock);
	asid_sort_ours();
	mutex_unlock(&pool.lock);
}

unsigned int asid_wanted(void)
{
	unsigned int wanted;

	mutex_lock(&pool.lock);
	asid_sort_ours();
	wanted = asid_mm_max() - pool.nr_ours;
	mutex_unlock(&pool.lock);
	return wanted;
}

int asid_give(void)
{
	struct mm_struct *mm = current->mm;
	int err = -EBUSY;
	unsigned int i;

	mutex_lock(&pool.lock);
	asid_sort_ours();
	for (i = pool.nr_ours; i < pool.nr; i++)
		if (pool.mm[i] == mm)
			goto out;
	if (pool.nr_ours == asid_mm_max())
		goto out;
	/* One that has promised its mm and lives on must not keep others from it. */
	if (pool.nr == asid_mm_max())
		asid_unpin(pool.nr_ours);
	err = -ENOSPC;
	if (!arm64_mm_context_get(mm))
		goto out;
	mmgrab(mm);
	pool.mm[pool.nr++] = mm;
	err = 0;
out:
	mutex_unlock(&pool.lock);
	return err;
}

unsigned int asid_count(void)
{
	unsigned int n = smp_load_acquire(&pool.nr_asids);	/* before asid_nr() */

	return n ?: pool.each;
}

bool asid_borrowed(void)
{
	return !READ_ONCE(pool.nr_asids);
}

u16 asid_nr(unsigned int i)
{
	return pool.asid[i];
}

void asid_init(void)
{
	mutex_init(&pool.lock);
	pool.each = arm64_kernel_unmapped_at_el0() ? 2 : 1;
	pool.asid[1] = 1;
}

void asid_exit(void)
{
	unsigned int i;

	/* What guests have left, before it is the kernel's again. */
	for (i = 0; i < asid_count(); i++)
		__tlbi(aside1is, (u64)pool.asid[i] << 48);
	dsb(ish);
	while (pool.nr)
		asid_unpin(pool.nr - 1);
}
