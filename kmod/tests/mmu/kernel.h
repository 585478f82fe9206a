/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the kernel that core/mmu/ and core/memslot.c use, for an ordinary program.
 *
 * Threads are coroutines (world.c): one runs at a time, and another one may take its place
 * only where this says so, at locks, at what may sleep and at memory barriers between CPUs. So a
 * run is repeated by its seed. Memory is the C library's, a physical address is an address.
 */
#ifndef MMU_TEST_KERNEL_H
#define MMU_TEST_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>
#include <linux/bitops.h>
#include <linux/swab.h>

typedef s64 __s64;
typedef s32 __s32;
typedef u64 phys_addr_t;
typedef unsigned int gfp_t;
typedef s16 __s16;

#define __user
#define __rcu
#define __must_check
#define __printf(a, b)	__attribute__((format(printf, a, b)))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define noinline	__attribute__((noinline))
#define BUILD_BUG_ON(x)	_Static_assert(!(x), #x)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define min(a, b)	((a) < (b) ? (a) : (b))
#define max(a, b)	((a) > (b) ? (a) : (b))
#define min_t(t, a, b)	min((t)(a), (t)(b))
#define max_t(t, a, b)	max((t)(a), (t)(b))
#define swap(a, b)	do { __typeof__(a) t_ = (a); (a) = (b); (b) = t_; } while (0)
#define BIT(n)		(1UL << (n))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define roundup_pow_of_two(n)	(1UL << (64 - __builtin_clzl((n) - 1)))
#define upper_32_bits(n)	((u32)((u64)(n) >> 32))
#define struct_size(p, member, n)	(sizeof(*(p)) + sizeof((p)->member[0]) * (n))
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
/* One thread runs at a time: what orders memory between CPUs has nothing to do. */
#define smp_store_release(p, v)	WRITE_ONCE(*(p), v)	/* nothing */
#define smp_load_acquire(p)	READ_ONCE(*(p))		/* nothing */
#define smp_mb()	do { } while (0)		/* nothing */
#define smp_rmb()	do { } while (0)		/* nothing */
#define smp_wmb()	do { } while (0)		/* nothing */
#define cpu_relax()	do { } while (0)
#define cmpxchg(p, o, n) ({ __typeof__(*(p)) old_ = *(p); if (old_ == (o)) *(p) = (n); old_; })
/* Of options that are there: 0 or 1 */
#define IS_ENABLED(CONFIG_option)	(CONFIG_option)
#ifndef CONFIG_PREEMPT_RT
#define CONFIG_PREEMPT_RT	0
#endif
#define array_index_nospec(i, n)	(i)
#define kasan_reset_tag(p)	(p)

/* -- what goes wrong ends the run: world.c */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *fmt, ...);
#define WARN_ONCE(c, ...) ({ if (c) fail("WARN: " __VA_ARGS__); 0; })

/* -- threads */
void sched_yield_point(void);		/* another thread may run */
void sched_wait(void);			/* another thread has to run */
bool irqs_disabled(void);
void might_sleep(void);
void preempt_disable(void);
void preempt_enable(void);
int smp_processor_id(void);
void smp_call_function_single(int cpu, void (*fn)(void *info), void *info, int wait);
bool fatal_signal_pending(void *task);
#define current		NULL
#define lockdep_assert_irqs_enabled() \
	do { if (irqs_disabled()) fail("%s with interrupts off", __func__); } while (0)
#define lockdep_is_held(l)	true

static inline void cond_resched(void)
{
	might_sleep();
	sched_yield_point();
}

typedef struct {
	bool locked;
} raw_spinlock_t;
void raw_spin_lock_init(raw_spinlock_t *lock);
void raw_spin_lock(raw_spinlock_t *lock);
bool raw_spin_trylock(raw_spinlock_t *lock);
void raw_spin_unlock(raw_spinlock_t *lock);
/* Nothing here takes one of those that sleep on real-time kernels. */
typedef struct {
	int unused;
} spinlock_t;

struct mutex {
	bool locked;
};
#define DEFINE_MUTEX(m)	struct mutex m
#define mutex_init(m)	((m)->locked = false)
int mutex_lock_killable(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
bool mutex_trylock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

struct srcu_struct {
	unsigned int index;
	unsigned int readers[2];
};
int srcu_read_lock(struct srcu_struct *srcu);
void srcu_read_unlock(struct srcu_struct *srcu, int idx);
void synchronize_srcu_expedited(struct srcu_struct *srcu);
#define srcu_dereference_check(p, s, c)	READ_ONCE(p)
#define rcu_dereference_protected(p, c)	READ_ONCE(p)
#define rcu_assign_pointer(p, v)	WRITE_ONCE(p, v)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)

typedef struct {
	int unused;
} wait_queue_head_t;
#define init_waitqueue_head(w)	((void)(w))
#define wake_up_all(w)		((void)(w))
#define wait_event_interruptible(w, cond) \
	({ might_sleep(); while (!(cond)) sched_wait(); 0; })

/* -- memory */
#define GFP_KERNEL		0U
#define GFP_KERNEL_ACCOUNT	0U
#define __GFP_ZERO		0U
#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define offset_in_page(a)	((unsigned long)(a) & ~PAGE_MASK)

void *mem_alloc(size_t size);		/* zeroed; aligned to its size if that is a power of two */
void mem_free(const void *p);
#define kmalloc(n, f)		(might_sleep(), mem_alloc(n))
#define kzalloc(n, f)		(might_sleep(), mem_alloc(n))
#define kvzalloc(n, f)		(might_sleep(), mem_alloc(n))
#define kvcalloc(n, s, f)	(might_sleep(), mem_alloc((n) * (s)))
#define kvmalloc_array(n, s, f)	(might_sleep(), mem_alloc((n) * (s)))
#define kfree(p)		mem_free(p)
#define kvfree(p)		mem_free(p)
#define virt_to_phys(p)		((phys_addr_t)(unsigned long)(p))
#define phys_to_virt(a)		((void *)(unsigned long)(a))

struct page {
	unsigned int refs;
	unsigned long private;
	void *va;
	int hva_page;			/* where the launcher has it; -1: it isn't guest memory */
};
struct page *alloc_page(gfp_t gfp);
void __free_page(struct page *page);
void put_page(struct page *page);
void get_page(struct page *page);
struct page *pfn_to_page(unsigned long pfn);
#define page_to_phys(p)		((phys_addr_t)(unsigned long)(p)->va)
#define page_address(p)		((p)->va)
#define page_private(p)		((p)->private)
#define set_page_private(p, v)	((p)->private = (v))
#define set_page_dirty_lock(p)	((void)(p))
#define kmap_local_page(p)	((p)->va)
#define kunmap_local(p)		((void)(p))
#define FOLL_WRITE		1
int get_user_pages_fast(unsigned long hva, int nr, unsigned int flags, struct page **pages);

#define copy_from_user(to, from, n)	(memcpy(to, from, n), 0)
#define untagged_addr(a)		(a)
#define access_ok(p, n)			(true)
#define in_compat_syscall()		(false)

struct mm_struct;
struct mmu_notifier;
struct mmu_notifier_range {
	unsigned long start, end;
	bool blockable;
};
#define mmu_notifier_range_blockable(r)	((r)->blockable)
struct mmu_notifier_ops {
	int (*invalidate_range_start)(struct mmu_notifier *mn,
				      const struct mmu_notifier_range *range);
	void (*invalidate_range_end)(struct mmu_notifier *mn,
				     const struct mmu_notifier_range *range);
	void (*release)(struct mmu_notifier *mn, struct mm_struct *mm);
};
struct mmu_notifier {
	const struct mmu_notifier_ops *ops;
};
int mmu_notifier_register(struct mmu_notifier *mn, struct mm_struct *mm);
void mmu_notifier_unregister(struct mmu_notifier *mn, struct mm_struct *mm);

struct shrink_control {
	unsigned long nr_to_scan;
};
struct shrinker {
	unsigned long (*count_objects)(struct shrinker *s, struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *s, struct shrink_control *sc);
	int seeks;
	long batch;
};
#define SHRINK_EMPTY	(~0UL - 1)
#define SHRINK_STOP	(~0UL)
#define DEFAULT_SEEKS	2
extern struct shrinker *the_shrinker;
static inline struct shrinker *shrinker_alloc(unsigned int flags, const char *name)
{
	return mem_alloc(sizeof(struct shrinker));
}

static inline void shrinker_register(struct shrinker *shrinker)
{
	the_shrinker = shrinker;
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	mem_free(shrinker);
}

/* -- counters */
typedef struct {
	int v;
} atomic_t, refcount_t;
typedef struct {
	s64 v;
} atomic64_t;
#define atomic64_inc(a)		((void)(a)->v++)
#define atomic64_dec(a)		((void)(a)->v--)
#define atomic64_add(n, a)	((void)((a)->v += (n)))
#define atomic64_set(a, n)	((void)((a)->v = (n)))
#define atomic64_read(a)	((a)->v)

/* -- bitmaps */
#define BITS_PER_LONG		64
#define DECLARE_BITMAP(name, n)	unsigned long name[((n) + 63) / 64]
#define __set_bit(i, map)	((void)((map)[(i) / 64] |= 1UL << (i) % 64))
#define __clear_bit(i, map)	((void)((map)[(i) / 64] &= ~(1UL << (i) % 64)))
#define __ffs(x)			((unsigned int)__builtin_ctzl(x))
#define test_bit(i, map)	((map)[(i) / 64] >> (i) % 64 & 1)
static inline unsigned int find_next_bit(const unsigned long *map, unsigned int n, unsigned int i)
{
	for (; i < n; i++) {
		unsigned long word = map[i / 64] >> i % 64;

		if (!word)
			i |= 63;
		else
			return min(n, i + (unsigned int)__builtin_ctzl(word));
	}
	return n;
}

#define for_each_set_bit_from(i, map, n) \
	for ((i) = find_next_bit(map, n, i); (i) < (n); (i) = find_next_bit(map, n, (i) + 1))
#define for_each_set_bit(i, map, n) \
	for ((i) = find_next_bit(map, n, 0); (i) < (n); (i) = find_next_bit(map, n, (i) + 1))

/* -- lists */
struct list_head {
	struct list_head *next, *prev;
};
#define LIST_HEAD(name)	struct list_head name = { &(name), &(name) }
static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline void list_add(struct list_head *n, struct list_head *l)
{
	n->next = l->next;
	n->prev = l;
	l->next->prev = n;
	l->next = n;
}

static inline void list_add_tail(struct list_head *n, struct list_head *l)
{
	list_add(n, l->prev);
}

static inline void list_del(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
}

static inline void list_del_init(struct list_head *n)
{
	list_del(n);
	INIT_LIST_HEAD(n);
}

static inline void list_move(struct list_head *n, struct list_head *l)
{
	list_del(n);
	list_add(n, l);
}

static inline bool list_empty(const struct list_head *l)
{
	return l->next == l;
}

static inline void list_rotate_left(struct list_head *l)
{
	struct list_head *first = l->next;

	list_del(first);
	list_add_tail(first, l);
}

#define list_entry(p, type, member)	container_of(p, type, member)
#define list_last_entry(l, type, member)	list_entry((l)->prev, type, member)
#define list_for_each_entry(e, l, member) \
	for ((e) = list_entry((l)->next, __typeof__(*(e)), member); &(e)->member != (l); \
	     (e) = list_entry((e)->member.next, __typeof__(*(e)), member))
#define list_for_each_entry_safe(e, t, l, member) \
	for ((e) = list_entry((l)->next, __typeof__(*(e)), member), \
	     (t) = list_entry((e)->member.next, __typeof__(*(e)), member); &(e)->member != (l); \
	     (e) = (t), (t) = list_entry((t)->member.next, __typeof__(*(e)), member))
#define list_for_each_entry_safe_reverse(e, t, l, member) \
	for ((e) = list_entry((l)->prev, __typeof__(*(e)), member), \
	     (t) = list_entry((e)->member.prev, __typeof__(*(e)), member); &(e)->member != (l); \
	     (e) = (t), (t) = list_entry((t)->member.prev, __typeof__(*(e)), member))

struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};
static inline void hlist_add_head(struct hlist_node *n, struct hlist_head *h)
{
	n->next = h->first;
	if (n->next)
		n->next->pprev = &n->next;
	h->first = n;
	n->pprev = &h->first;
}

static inline void hlist_del(struct hlist_node *n)
{
	*n->pprev = n->next;
	if (n->next)
		n->next->pprev = n->pprev;
}

static inline bool hlist_empty(const struct hlist_head *h)
{
	return !h->first;
}

#define hlist_entry(p, type, member)	container_of(p, type, member)
#define hlist_entry_or_null(p, type, member) \
	({ struct hlist_node *p_ = (p); p_ ? hlist_entry(p_, type, member) : NULL; })
#define hlist_for_each_entry(e, h, member) \
	for ((e) = hlist_entry_or_null((h)->first, __typeof__(*(e)), member); (e); \
	     (e) = hlist_entry_or_null((e)->member.next, __typeof__(*(e)), member))
#define hlist_for_each_entry_safe(e, t, h, member) \
	for ((e) = hlist_entry_or_null((h)->first, __typeof__(*(e)), member); \
	     (e) && ({ (t) = (e)->member.next; 1; }); \
	     (e) = hlist_entry_or_null(t, __typeof__(*(e)), member))

/* -- a few indices of pointers */
struct xarray {
	unsigned int nr;
	unsigned long index[32];
	void *entry[32];
};
#define xa_init(xa)	((xa)->nr = 0)
#define xa_destroy(xa)	((xa)->nr = 0)
#define xa_is_err(p)	((void)(p), false)
#define xa_err(p)	((void)(p), 0)
static inline void *xa_load(struct xarray *xa, unsigned long index)
{
	unsigned int i;

	for (i = 0; i < xa->nr; i++)
		if (xa->index[i] == index)
			return xa->entry[i];
	return NULL;
}

static inline void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry,
			       gfp_t gfp)
{
	void *now = xa_load(xa, index);

	if (now != old)
		return now;
	if (xa->nr == ARRAY_SIZE(xa->index))
		fail("the test's xarray is full");
	xa->index[xa->nr] = index;
	xa->entry[xa->nr++] = entry;
	return NULL;
}

/* The next one from @i on in range, or NULL. */
static inline void *xa_next(struct xarray *xa, unsigned int *i, unsigned long *n,
			    unsigned long first, unsigned long last)
{
	for (; *i < xa->nr; ++*i) {
		*n = xa->index[*i];
		if (*n >= first && *n <= last)
			return xa->entry[(*i)++];
	}
	return NULL;
}

#define xa_for_each_range(xa, n, p, first, last) \
	for (unsigned int i_ = 0; ((p) = xa_next(xa, &i_, &(n), first, last)); )
#define xa_for_each(xa, n, p)	xa_for_each_range(xa, n, p, 0, ~0UL)

/* -- tracepoints: off */
#define TP_PROTO(...)	__VA_ARGS__
#define TP_ARGS(...)
#define TRACE_EVENT(name, proto, ...)	static inline void trace_##name(proto) { }

#endif /* MMU_TEST_KERNEL_H */
