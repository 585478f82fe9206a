// SPDX-License-Identifier: GPL-2.0-only
/* The host around the shadow MMU under test; see world.h. */
#include <stdarg.h>
#include <ucontext.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

#include "world.h"

struct world world;
struct mm_struct mm;
struct shrinker *the_shrinker;

/*
 * -- choices ---------------------------------------------------------------------
 */

static u64 choice_state;
static const u8 *choice_data;
static size_t choice_left;
static bool choice_is_data;

void choose_by_seed(u64 seed)
{
	choice_state = seed * 0x9e3779b97f4a7c15ULL + 1;
	choice_is_data = false;
}

void choose_by_data(const u8 *data, size_t size)
{
	choice_data = data;
	choice_left = size;
	choice_is_data = true;
}

unsigned int choose(unsigned int n)
{
	if (choice_is_data) {
		if (!choice_left) {
			/* the rest of a run, to its end: any way will do */
			world.stop = true;
			choice_state = 1;
			choice_is_data = false;
			return choose(n);
		}
		choice_left--;
		if (n > 256 && choice_left) {
			choice_left--;
			return (choice_data[choice_left] | choice_data[choice_left + 1] << 8) % n;
		}
		return choice_data[choice_left] % n;
	}
	choice_state ^= choice_state << 13;
	choice_state ^= choice_state >> 7;
	choice_state ^= choice_state << 17;
	return (choice_state >> 20) % n;
}

/*
 * -- threads ---------------------------------------------------------------------
 */

#define STACK_BYTES	(256 * 1024)

static ucontext_t contexts[WORLD_THREADS + 1];		/* the last one: main */
static u8 *stacks[WORLD_THREADS];
static const void *main_stack;
static size_t main_stack_size;

static ucontext_t *context_of(int thread)
{
	return &contexts[thread < 0 ? WORLD_THREADS : thread];
}

static void switch_to(int next)
{
	int from = world.running;
	void *fake = NULL;

	if (next == from)
		return;
	world.running = next;
	__sanitizer_start_switch_fiber(from >= 0 && world.thread[from].done ? NULL : &fake,
				       next < 0 ? main_stack : stacks[next],
				       next < 0 ? main_stack_size : STACK_BYTES);
	swapcontext(context_of(from), context_of(next));
	__sanitizer_finish_switch_fiber(fake, from < 0 ? NULL : NULL, NULL);
}

static void thread_start(void)
{
	struct thread *t = &world.thread[world.running];

	__sanitizer_finish_switch_fiber(NULL, main_stack ? NULL : &main_stack,
					main_stack ? NULL : &main_stack_size);
	t->fn(t->arg);
	t->done = true;
	switch_to(-1);
}

int thread_new(void (*fn)(int arg), int arg)
{
	int n = world.nr_threads++;
	ucontext_t *uc = context_of(n);

	world.thread[n] = (struct thread) { .fn = fn, .arg = arg };
	if (!stacks[n])
		stacks[n] = malloc(STACK_BYTES);
	getcontext(uc);
	uc->uc_stack.ss_sp = stacks[n];
	uc->uc_stack.ss_size = STACK_BYTES;
	uc->uc_link = NULL;
	makecontext(uc, thread_start, 0);
	return n;
}

static int another(void)
{
	int n = choose(world.nr_threads), i;

	for (i = 0; i < world.nr_threads; i++, n = (n + 1) % world.nr_threads)
		if (!world.thread[n].done && n != world.running)
			return n;
	return world.running;
}

void world_begin(unsigned long max_steps)
{
	memset(&world, 0, sizeof(world));
	world.running = -1;
	world.max_steps = max_steps;
}

void world_run(void)
{
	for (;;) {
		int n = another();

		if (n < 0)
			return;
		switch_to(n);
	}
}

void fail(const char *fmt, ...)
{
	va_list args;

	printf("FAULT at step %lu, thread %d: ", world.steps, world.running);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	abort();
}

void sched_yield_point(void)
{
	if (world.running < 0)
		return;
	world.idle = 0;
	if (++world.steps >= world.max_steps)
		world.stop = true;
	test_speculate();
	if (one_in(3))
		switch_to(another());
}

void sched_wait(void)
{
	if (world.running < 0 || ++world.idle > 100000)
		fail("deadlock");
	switch_to(another());
}

static struct thread *self(void)
{
	static struct thread outside;

	return world.running < 0 ? &outside : &world.thread[world.running];
}

bool irqs_disabled(void)
{
	return self()->irqs_off;
}

void world_irqs(bool on)
{
	struct thread *t = self();

	if (!on)
		t->irq_blocks = t->blocks;
	else if (t->blocks - t->irq_blocks > world.max_irq_blocks)
		world.max_irq_blocks = t->blocks - t->irq_blocks;
	t->irqs_off = !on;
}

bool world_holds_lock(void)
{
	return self()->locks;
}

void might_sleep(void)
{
	if (self()->locks || self()->irqs_off || self()->preempt)
		fail("sleeps with %s", self()->locks ? "a spinlock held" :
		     self()->irqs_off ? "interrupts off" : "preemption off");
}

/* Memory's locks are some that sleep, on real-time kernels. */
static void might_free(void)
{
	if (self()->locks || self()->irqs_off || self()->preempt)
		fail("frees with %s", self()->locks ? "a spinlock held" :
		     self()->irqs_off ? "interrupts off" : "preemption off");
}

void preempt_disable(void)
{
	self()->preempt++;
}

void preempt_enable(void)
{
	self()->preempt--;
}

int smp_processor_id(void)
{
	return world.running;
}

bool fatal_signal_pending(void *task)
{
	return false;
}

void smp_call_function_single(int cpu, void (*fn)(void *info), void *info, int wait)
{
	if (irqs_disabled())
		fail("interrupts another CPU and waits for it with interrupts off");
	while (test_cpu_irqs_off(cpu))
		sched_wait();
	test_interrupt(cpu);
	fn(info);
}

#ifdef COUNT_BLOCKS
void __sanitizer_cov_trace_pc(void)
{
	self()->blocks++;
}
#endif

void raw_spin_lock_init(raw_spinlock_t *lock)
{
	lock->locked = false;
}

static void spin_taken(raw_spinlock_t *lock)
{
	lock->locked = true;
	self()->locks++;
	self()->lock_blocks = self()->blocks;
}

void raw_spin_lock(raw_spinlock_t *lock)
{
	if (self()->locks)
		fail("a spinlock is held already");
	sched_yield_point();
	while (lock->locked)
		sched_wait();
	spin_taken(lock);
}

bool raw_spin_trylock(raw_spinlock_t *lock)
{
	if (self()->locks)
		fail("a spinlock is held already");
	if (lock->locked)
		return false;
	spin_taken(lock);
	return true;
}

void raw_spin_unlock(raw_spinlock_t *lock)
{
	struct thread *t = self();
	unsigned long blocks;

	if (!lock->locked)
		fail("gives up a lock that isn't held");
	if (t->blocks - t->lock_blocks > world.max_lock_blocks)
		world.max_lock_blocks = t->blocks - t->lock_blocks;
	blocks = t->blocks;
	test_unlock();
	t->blocks = blocks;		/* the test's own */
	lock->locked = false;
	t->locks--;
	sched_yield_point();
}

void mutex_lock(struct mutex *mutex)
{
	might_sleep();
	while (mutex->locked)
		sched_wait();
	mutex->locked = true;
}

int mutex_lock_killable(struct mutex *mutex)
{
	mutex_lock(mutex);
	return 0;
}

bool mutex_trylock(struct mutex *mutex)
{
	if (mutex->locked)
		return false;
	mutex->locked = true;
	return true;
}

void mutex_unlock(struct mutex *mutex)
{
	mutex->locked = false;
}

int srcu_read_lock(struct srcu_struct *srcu)
{
	srcu->readers[srcu->index]++;
	return srcu->index;
}

void srcu_read_unlock(struct srcu_struct *srcu, int idx)
{
	srcu->readers[idx]--;
	sched_yield_point();
}

/* One at a time: slots_lock. */
void synchronize_srcu_expedited(struct srcu_struct *srcu)
{
	int i;

	might_sleep();
	for (i = 0; i < 2; i++) {
		srcu->index ^= 1;
		while (srcu->readers[srcu->index ^ 1])
			sched_wait();
	}
	sched_yield_point();
}

/*
 * -- memory of the kernel ----------------------------------------------------------
 */

void *mem_alloc(size_t size)
{
	void *p;

	if (world.memory_fails && world.running >= 0 && one_in(100))
		return NULL;
	sched_yield_point();
	p = size & (size - 1) ? malloc(size) : aligned_alloc(size < 16 ? 16 : size, size < 16 ? 16 : size);
	memset(p, 0, size);
	world.allocs++;
	return p;
}

void mem_free(const void *p)
{
	if (!p)
		return;
	might_free();
	world.allocs--;
	free((void *)p);
}

/*
 * -- pages ---------------------------------------------------------------------------
 *
 * The launcher's come from an arena; freed ones are poisoned and wait at the end of the queue.
 */

#define RAM_PAGES	(HVA_PAGES + 96)

static struct page ram[RAM_PAGES];
static u8 *arena;
static unsigned int free_queue[RAM_PAGES], free_first, nr_free;

static void ram_free(struct page *page)
{
	page->hva_page = -1;
	ASAN_POISON_MEMORY_REGION(page->va, PAGE_SIZE);
	free_queue[(free_first + nr_free++) % RAM_PAGES] = page - ram;
}

static struct page *ram_alloc(unsigned int hva_page)
{
	struct page *page;

	if (!nr_free)
		fail("pages leak: none is left");
	page = &ram[free_queue[free_first]];
	free_first = (free_first + 1) % RAM_PAGES;
	nr_free--;
	ASAN_UNPOISON_MEMORY_REGION(page->va, PAGE_SIZE);
	page->refs = 1;
	page->hva_page = hva_page;
	return page;
}

struct page *alloc_page(gfp_t gfp)
{
	struct page *page;

	might_sleep();
	page = mem_alloc(sizeof(*page));
	if (!page)
		return NULL;
	page->refs = 1;
	page->hva_page = -1;
	page->va = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	return page;
}

void __free_page(struct page *page)
{
	might_free();
	free(page->va);
	mem_free(page);
}

void get_page(struct page *page)
{
	if (!page->refs)
		fail("takes a reference of a free page");
	page->refs++;
}

void put_page(struct page *page)
{
	might_free();
	if (!page->refs)
		fail("gives a reference of a free page back");
	if (!--page->refs)
		ram_free(page);
}

struct page *pfn_to_page(unsigned long pfn)
{
	unsigned long n = pfn - ((unsigned long)arena >> PAGE_SHIFT);

	if (n >= RAM_PAGES)
		fail("page frame 0x%lx isn't RAM", pfn);
	return &ram[n];
}

void mm_begin(void)
{
	unsigned int i;

	if (!arena)
		arena = aligned_alloc(PAGE_SIZE, RAM_PAGES * PAGE_SIZE);
	free_first = 0;
	nr_free = 0;
	for (i = 0; i < RAM_PAGES; i++) {
		ram[i] = (struct page) { .va = arena + i * PAGE_SIZE };
		ram_free(&ram[i]);
	}
	memset(&mm, 0, sizeof(mm));
	for (i = 0; i < HVA_PAGES; i++)
		mm.hva[i].vma_writable = true;
}

void mm_end(void)
{
	unsigned int i;

	for (i = 0; i < HVA_PAGES; i++)
		if (mm.hva[i].page)
			put_page(mm.hva[i].page);
	if (nr_free != RAM_PAGES)
		fail("%u pages are still referenced", RAM_PAGES - nr_free);
}

int mmu_notifier_register(struct mmu_notifier *mn, struct mm_struct *of)
{
	of->notifier = mn;
	return 0;
}

void mmu_notifier_unregister(struct mmu_notifier *mn, struct mm_struct *of)
{
	of->notifier = NULL;
}

static void notify(const struct mmu_notifier_range *range, bool start)
{
	if (!mm.notifier)
		return;
	if (start)
		mm.notifier->ops->invalidate_range_start(mm.notifier, range);
	else
		mm.notifier->ops->invalidate_range_end(mm.notifier, range);
	sched_yield_point();
}

static void change_one(unsigned int n, enum mm_change change)
{
	struct hva_page *h = &mm.hva[n];
	struct page *old = h->page;

	switch (change) {
	case MM_SWAP:
	case MM_MIGRATE:
	case MM_UNSHARE:
		if (!old)
			return;
		memcpy(h->content, old->va, PAGE_SIZE);
		h->page = NULL;
		if (change == MM_UNSHARE)
			h->shared = false;
		if (change != MM_SWAP) {
			h->page = ram_alloc(n);
			memcpy(h->page->va, h->content, PAGE_SIZE);
		}
		put_page(old);
		break;
	case MM_SHARE:
		h->shared = true;
		break;
	case MM_READ_ONLY:
		h->vma_writable = false;
		break;
	default:
		break;
	}
}

void mm_change(unsigned int first, unsigned int last, enum mm_change change)
{
	const struct mmu_notifier_range range = {
		.start = HVA_BASE + first * PAGE_SIZE,
		.end = HVA_BASE + (last + 1) * PAGE_SIZE,
		.blockable = !one_in(4),
	};
	unsigned int n;

	notify(&range, true);
	for (n = first; n <= last; n++)
		change_one(n, change);
	sched_yield_point();
	notify(&range, false);
}

void mm_allow_write(unsigned int first, unsigned int last)
{
	for (; first <= last; first++)
		mm.hva[first].vma_writable = true;
}

struct page *mm_fault(unsigned int n, bool write)
{
	struct hva_page *h = &mm.hva[n];

	might_sleep();
	if (write && !h->vma_writable)
		return NULL;
	if (write && h->shared && h->page)
		mm_change(n, n, MM_UNSHARE);
	if (!h->page) {
		h->page = ram_alloc(n);
		memcpy(h->page->va, h->content, PAGE_SIZE);
		h->shared = false;
	}
	/* It may have changed again meanwhile. */
	return write && (!h->vma_writable || h->shared) ? mm_fault(n, write) : h->page;
}

int get_user_pages_fast(unsigned long hva, int nr, unsigned int flags, struct page **pages)
{
	unsigned int n = (hva - HVA_BASE) >> PAGE_SHIFT;
	int i;

	might_sleep();
	for (i = 0; i < nr && n + i < HVA_PAGES; i++) {
		sched_yield_point();
		pages[i] = mm_fault(n + i, flags & FOLL_WRITE);
		if (!pages[i])
			break;
		get_page(pages[i]);
	}
	sched_yield_point();
	return i ? i : -EFAULT;
}
