// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow tables and instruction copies are a cache of what guests have in their
 * own memory: when the host's gets scarce, the longest unused go.
 *
 * The list of VMs is guarded by a mutex that is held around the destruction of a
 * VM's tables and tried, not waited for, by the memory reclaim, which may come
 * from an allocation under any lock.
 */
#include <linux/list.h>
#include <linux/mutex.h>

#include "../../compat/shrinker.h"
#include "copy.h"
#include "mmu-impl.h"

/* Objects at once: as long as mmu->lock is held. */
#define SHRINK_BATCH	32

static LIST_HEAD(mmus);
static DEFINE_MUTEX(mmus_lock);
static struct shrinker *shrinker;

void shrink_add(struct armkvm_mmu *mmu)
{
	mutex_lock(&mmus_lock);
	list_add_tail(&mmu->shrink, &mmus);
	mutex_unlock(&mmus_lock);
}

void shrink_remove(struct armkvm_mmu *mmu)
{
	mutex_lock(&mmus_lock);
	list_del(&mmu->shrink);
	mutex_unlock(&mmus_lock);
}

/*
 * Copies of frames that nothing maps: what their leaves left behind.  Buckets in turn, as
 * many as there is time for, half of it: the rest is for leaves.
 */
static unsigned long shrink_drop_copies(struct armkvm_vm *vm, unsigned long nr)
{
	struct armkvm_mmu *mmu = vm->mmu;
	unsigned int b, looked, begin = mmu->steps;
	struct mmu_copy *copy;
	struct hlist_node *tmp;
	unsigned long done = 0;

	for (b = 0; b < ARRAY_SIZE(mmu->copies) && done < nr &&
	     mmu->steps - begin < mmu_max_steps() / 2; b++) {
		looked = 0;
		hlist_for_each_entry_safe(copy, tmp, &mmu->copies[mmu->shrink_at], hash) {
			struct gfn_info *info = gfn_info(&mmu->gfns, copy->gfn);

			looked++;
			if (info->rmap || copy == mmu->making)
				continue;
			gfn_drop_copy(vm, copy->gfn, info);
			mmu->steps++;
			done++;
		}
		mmu->steps += looked / MMU_NODES_A_STEP + !(b % MMU_NODES_A_STEP);
		mmu->shrink_at = (mmu->shrink_at + 1) % ARRAY_SIZE(mmu->copies);
	}
	return done;
}

static unsigned long shrink_mmu(struct armkvm_mmu *mmu, unsigned long nr)
{
	struct armkvm_vm *vm = mmu->vm;
	struct mmu_leaf *leaf;
	unsigned long done;
	unsigned int begin;

	raw_spin_lock(&mmu->lock);
	begin = mmu->steps;
	done = shrink_drop_copies(vm, nr);
	for (; done < nr && !list_empty(&mmu->leaf_lru); done++) {
		leaf = list_last_entry(&mmu->leaf_lru, struct mmu_leaf, lru);
		if (mmu_steps_full(mmu, begin, leaf->used))
			break;
		leaf_drop(vm, leaf);
	}
	mmu_commit_unlock(vm);
	atomic64_add(done, &vm->stat[VM_STAT_RECLAIMED]);
	return done;
}

static unsigned long shrink_count_objects(struct shrinker *s, struct shrink_control *sc)
{
	struct armkvm_mmu *mmu;
	unsigned long n = 0;

	if (!mutex_trylock(&mmus_lock))
		return 0;
	list_for_each_entry(mmu, &mmus, shrink)
		n += READ_ONCE(mmu->nr_leaves) + READ_ONCE(mmu->nr_copy_pages);
	mutex_unlock(&mmus_lock);
	return n ? n : SHRINK_EMPTY;
}

/* Each VM in turn gives some; the next call begins with another one. */
static unsigned long shrink_scan_objects(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long done = 0, left = sc->nr_to_scan;
	struct armkvm_mmu *mmu;

	if (!mutex_trylock(&mmus_lock))
		return SHRINK_STOP;
	list_for_each_entry(mmu, &mmus, shrink) {
		unsigned long n = shrink_mmu(mmu, min_t(unsigned long, left, SHRINK_BATCH));

		done += n;
		left -= min(left, n);
		if (!left)
			break;
	}
	if (!list_empty(&mmus))
		list_rotate_left(&mmus);
	mutex_unlock(&mmus_lock);
	return done ? done : SHRINK_STOP;
}

int mmu_start(void)
{
	shrinker = shrinker_alloc(0, "armkvm");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = shrink_count_objects;
	shrinker->scan_objects = shrink_scan_objects;
	shrinker->seeks = DEFAULT_SEEKS;
	shrinker->batch = SHRINK_BATCH;
	shrinker_register(shrinker);
	return 0;
}

void mmu_stop(void)
{
	shrinker_free(shrinker);
}
