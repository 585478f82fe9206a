/*
 * armkvm accelerator: guest RAM and notification addresses
 *
 * A memory listener keeps the module's slots equal to the RAM and ROM that the
 * guest sees.  What is not in a slot reaches QEMU as an MMIO exit, so a region
 * that can't have a slot still works, only slowly, and can't be executed.
 *
 * All of it runs under the BQL, and what looks at slots with slots_lock held:
 * a migration clears parts of the log without the BQL.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/error-report.h"
#include "qemu/event_notifier.h"
#include "qemu/lockable.h"
#include "system/armkvm.h"
#include "system/armkvm_int.h"
#include ARMKVM_DIRTY_RANGE_H
#include "trace.h"

/* Slots and their dirty logs are made of these, whatever the host's pages. */
#define SLOT_PAGE_BITS 12

typedef struct PageRange {
    hwaddr start;           /* guest physical */
    uint64_t size;          /* 0: no whole page lies in the section */
    hwaddr mr_offset;
} PageRange;

/* The whole pages of @section; the rest has to trap. */
static PageRange section_pages(MemoryRegionSection *section)
{
    uint64_t page = 1 << SLOT_PAGE_BITS;
    hwaddr first = section->offset_within_address_space;
    hwaddr start = ROUND_UP(first, page);
    hwaddr end = ROUND_DOWN(first + int128_get64(section->size), page);

    return (PageRange) {
        .start = start,
        .size = end > start ? end - start : 0,
        .mr_offset = section->offset_within_region + (start - first),
    };
}

static ArmkvmSlot *find_slot(ArmkvmState *s, const PageRange *range)
{
    unsigned int i;

    for (i = 0; i < s->nr_slots; i++) {
        ArmkvmSlot *slot = &s->slots[i];

        if (slot->size && slot->start == range->start &&
            slot->size == range->size) {
            return slot;
        }
    }
    return NULL;
}

static ArmkvmSlot *find_free_slot(ArmkvmState *s)
{
    unsigned int i;

    for (i = 0; i < s->nr_slots; i++) {
        if (!s->slots[i].size) {
            return &s->slots[i];
        }
    }
    return NULL;
}

/* Tells the module of @slot with @flags; @size 0 deletes it there. */
static int set_slot(ArmkvmState *s, ArmkvmSlot *slot, uint32_t flags,
                    uint64_t size)
{
    uint8_t *ram = memory_region_get_ram_ptr(slot->mr);
    struct armkvm_userspace_memory_region region = {
        .slot = slot - s->slots,
        .flags = flags,
        .guest_phys_addr = slot->start,
        .memory_size = size,
        .userspace_addr = (uintptr_t)(ram + slot->mr_offset),
    };
    int ret = armkvm_ioctl(s->vmfd, ARMKVM_SET_USER_MEMORY_REGION, &region);

    trace_armkvm_set_slot(region.slot, flags, slot->start, size,
                          region.userspace_addr, ret);
    if (ret == 0) {
        slot->flags = flags;
    }
    return ret;
}

/*
 * The listener's own idea of who logs: while TCG is compiled in and running
 * every RAM region claims a CODE client, which the module's log is not for.
 */
static uint32_t slot_flags(MemoryRegion *mr)
{
    uint8_t clients = memory_region_get_dirty_log_mask(mr) &
                      ~(1 << DIRTY_MEMORY_CODE);
    uint32_t flags = clients ? ARMKVM_MEM_LOG_DIRTY_PAGES : 0;

    if (mr->readonly || memory_region_is_romd(mr)) {
        flags |= ARMKVM_MEM_READONLY;
    }
    return flags;
}

static void resize_dirty_log(ArmkvmSlot *slot)
{
    g_clear_pointer(&slot->dirty, g_free);
    if (slot->flags & ARMKVM_MEM_LOG_DIRTY_PAGES) {
        slot->dirty = g_new0(uint64_t,
            DIV_ROUND_UP(slot->size >> SLOT_PAGE_BITS, 64));
    }
}

/*
 * Fetches the module's log of @slot, and marks QEMU's memory.  Also clears it,
 * unless that is done page by page: clear_dirty_log().
 */
static void sync_dirty_log(ArmkvmState *s, ArmkvmSlot *slot)
{
    struct armkvm_dirty_log log = {
        .slot = slot - s->slots,
        .dirty_bitmap = (uintptr_t)slot->dirty,
    };
    uint64_t words, i, pages = 0;
    uint8_t clients;
    ram_addr_t ram;
    int ret;

    if (!slot->dirty) {
        return;
    }
    /* Whether translated code is old is no matter of the log: emulate.c */
    clients = memory_region_get_dirty_log_mask(slot->mr) &
              ~(1 << DIRTY_MEMORY_CODE);
    ram = memory_region_get_ram_addr(slot->mr) + slot->mr_offset;
    ret = armkvm_ioctl(s->vmfd, ARMKVM_GET_DIRTY_LOG, &log);
    if (ret < 0) {
        /* Losing the log would corrupt a migration silently. */
        error_report("armkvm: cannot read the dirty log of the RAM at 0x%"
                     HWADDR_PRIx ": %s", slot->start, strerror(-ret));
        abort();
    }

    words = DIV_ROUND_UP(slot->size >> SLOT_PAGE_BITS, 64);
    for (i = 0; i < words; i++) {
        uint64_t word = slot->dirty[i];

        while (word) {
            uint64_t page = i * 64 + ctz64(word);

            armkvm_set_dirty_range(ram + (page << SLOT_PAGE_BITS),
                                   1 << SLOT_PAGE_BITS, clients);
            word &= word - 1;
            pages++;
        }
    }
    trace_armkvm_dirty_log(log.slot, pages);
}

/*
 * Pages [@first, @end) of @slot are to be logged anew, as far as the log that
 * was fetched last has them: what was written since is still in the module's.
 */
static void clear_dirty_log(ArmkvmState *s, ArmkvmSlot *slot,
                            uint64_t first, uint64_t end)
{
    uint64_t word = first / 64, words = DIV_ROUND_UP(end, 64) - word, i;
    uint64_t pages = slot->size >> SLOT_PAGE_BITS, any = 0;
    g_autofree uint64_t *bits = g_memdup2(slot->dirty + word,
                                          words * sizeof(*bits));
    struct armkvm_clear_dirty_log log = {
        .slot = slot - s->slots,
        .first_page = word * 64,
        .num_pages = MIN(pages, (word + words) * 64) - word * 64,
        .dirty_bitmap = (uintptr_t)bits,
    };
    int ret;

    /* The module takes whole words; what is beside the range stays. */
    bits[0] &= -1ULL << first % 64;
    if (end % 64) {
        bits[words - 1] &= MAKE_64BIT_MASK(0, end % 64);
    }
    for (i = 0; i < words; i++) {
        any |= bits[i];
    }
    if (!any) {
        return;
    }
    ret = armkvm_ioctl(s->vmfd, ARMKVM_CLEAR_DIRTY_LOG, &log);
    if (ret < 0) {
        /* Writes to these pages would be lost to a migration. */
        error_report("armkvm: cannot clear the dirty log of the RAM at 0x%"
                     HWADDR_PRIx ": %s", slot->start, strerror(-ret));
        abort();
    }
    trace_armkvm_dirty_clear(log.slot, first, end);
    for (i = 0; i < words; i++) {
        slot->dirty[word + i] &= ~bits[i];
    }
}

static void add_slot(ArmkvmState *s, MemoryRegion *mr, const PageRange *range)
{
    ArmkvmSlot *slot = find_free_slot(s);
    int ret;

    if (!slot) {
        if (!s->slots_exhausted) {
            warn_report("armkvm: the machine has more than the %u memory "
                        "regions that the module can map; '%s' and further "
                        "ones are slow and cannot be executed", s->nr_slots,
                        memory_region_name(mr));
            s->slots_exhausted = true;
        }
        return;
    }

    *slot = (ArmkvmSlot) {
        .start = range->start,
        .size = range->size,
        .mr = mr,
        .mr_offset = range->mr_offset,
    };
    ret = set_slot(s, slot, slot_flags(mr), slot->size);
    if (ret < 0) {
        error_report("armkvm: the module refuses the RAM '%s' (0x%" PRIx64
                     " bytes at 0x%" HWADDR_PRIx "): %s",
                     memory_region_name(mr), slot->size, slot->start,
                     strerror(-ret));
        exit(1);
    }
    resize_dirty_log(slot);
}

static void remove_slot(ArmkvmState *s, ArmkvmSlot *slot)
{
    int ret;

    sync_dirty_log(s, slot);
    ret = set_slot(s, slot, 0, 0);
    if (ret < 0) {
        /* The guest would go on using memory that QEMU takes away. */
        error_report("armkvm: the module does not let go of the RAM '%s' at "
                     "0x%" HWADDR_PRIx ": %s", memory_region_name(slot->mr),
                     slot->start, strerror(-ret));
        abort();
    }
    g_free(slot->dirty);
    *slot = (ArmkvmSlot) { };
}

static bool maps_as_ram(MemoryRegion *mr)
{
    return memory_region_is_ram(mr) || memory_region_is_romd(mr);
}

static void armkvm_region_add(MemoryListener *listener,
                              MemoryRegionSection *section)
{
    PageRange range = section_pages(section);

    QEMU_LOCK_GUARD(&armkvm_state->slots_lock);
    if (range.size && maps_as_ram(section->mr)) {
        add_slot(armkvm_state, section->mr, &range);
    }
}

static void armkvm_region_del(MemoryListener *listener,
                              MemoryRegionSection *section)
{
    PageRange range = section_pages(section);
    ArmkvmSlot *slot;

    QEMU_LOCK_GUARD(&armkvm_state->slots_lock);
    slot = range.size ? find_slot(armkvm_state, &range) : NULL;
    if (slot) {
        remove_slot(armkvm_state, slot);
    }
}

static void update_logging(MemoryRegionSection *section)
{
    ArmkvmState *s = armkvm_state;
    PageRange range = section_pages(section);
    ArmkvmSlot *slot;
    uint32_t flags;
    int ret;

    QEMU_LOCK_GUARD(&s->slots_lock);
    slot = range.size ? find_slot(s, &range) : NULL;
    if (!slot) {
        return;
    }
    flags = slot_flags(section->mr);
    if (flags == slot->flags) {
        return;
    }
    if (!(flags & ARMKVM_MEM_LOG_DIRTY_PAGES)) {
        sync_dirty_log(s, slot);
    }
    ret = set_slot(s, slot, flags, slot->size);
    if (ret < 0) {
        error_report("armkvm: cannot switch the dirty log of the RAM '%s': %s",
                     memory_region_name(slot->mr), strerror(-ret));
        abort();
    }
    resize_dirty_log(slot);
}

static void armkvm_log_start(MemoryListener *listener,
                             MemoryRegionSection *section, int old, int new)
{
    update_logging(section);
}

static void armkvm_log_stop(MemoryListener *listener,
                            MemoryRegionSection *section, int old, int new)
{
    update_logging(section);
}

static void armkvm_log_sync(MemoryListener *listener,
                            MemoryRegionSection *section)
{
    PageRange range = section_pages(section);
    ArmkvmSlot *slot;

    QEMU_LOCK_GUARD(&armkvm_state->slots_lock);
    slot = range.size ? find_slot(armkvm_state, &range) : NULL;
    if (slot) {
        sync_dirty_log(armkvm_state, slot);
    }
}

/*
 * What of @section was fetched has been dealt with, and is about to be sent: a
 * part of one or of several slots.  With or without the BQL.
 */
static void armkvm_log_clear(MemoryListener *listener,
                             MemoryRegionSection *section)
{
    ArmkvmState *s = armkvm_state;
    PageRange range = section_pages(section);
    unsigned int i;

    QEMU_LOCK_GUARD(&s->slots_lock);
    for (i = 0; i < s->nr_slots; i++) {
        ArmkvmSlot *slot = &s->slots[i];
        hwaddr start = MAX(range.start, slot->start);
        hwaddr end = MIN(range.start + range.size, slot->start + slot->size);

        if (slot->dirty && start < end) {
            clear_dirty_log(s, slot, (start - slot->start) >> SLOT_PAGE_BITS,
                            (end - slot->start) >> SLOT_PAGE_BITS);
        }
    }
}

/*
 * Writes to @section signal @e without a trip through QEMU.  Where the module
 * declines, the write is an ordinary exit and QEMU's memory core signals.
 */
static void set_ioeventfd(MemoryRegionSection *section, bool match_data,
                          uint64_t data, EventNotifier *e, bool assign)
{
    uint32_t len = int128_get64(section->size);
    struct armkvm_ioeventfd call = {
        .datamatch = data,
        .addr = section->offset_within_address_space,
        .len = len,
        .fd = event_notifier_get_fd(e),
        .flags = (match_data ? ARMKVM_IOEVENTFD_FLAG_DATAMATCH : 0) |
                 (assign ? 0 : ARMKVM_IOEVENTFD_FLAG_DEASSIGN),
    };
    int ret = armkvm_ioctl(armkvm_state->vmfd, ARMKVM_IOEVENTFD, &call);

    trace_armkvm_ioeventfd(call.addr, len, call.fd, assign, ret);
}

static void armkvm_eventfd_add(MemoryListener *listener,
                               MemoryRegionSection *section, bool match_data,
                               uint64_t data, EventNotifier *e)
{
    set_ioeventfd(section, match_data, data, e, true);
}

static void armkvm_eventfd_del(MemoryListener *listener,
                               MemoryRegionSection *section, bool match_data,
                               uint64_t data, EventNotifier *e)
{
    set_ioeventfd(section, match_data, data, e, false);
}

/*
 * The module runs copies of the guest kernel's code, which notice the guest's
 * own writes only.  Any thread, with or without the BQL.
 */
void armkvm_host_memory_written(void *host, uint64_t size)
{
    struct armkvm_memory_range range = {
        .size = size,
        .userspace_addr = (uintptr_t)host,
    };
    int ret;

    if (!armkvm_state || !armkvm_state->tell_writes) {
        return;
    }
    ret = armkvm_ioctl(armkvm_state->vmfd, ARMKVM_MEMORY_WRITTEN, &range);
    if (ret < 0) {
        /* The guest would go on with code that is no longer there. */
        error_report("armkvm: the module does not learn of a write to guest "
                     "RAM: %s", strerror(-ret));
        abort();
    }
}

void armkvm_memory_written(MemoryRegion *mr, hwaddr addr, hwaddr len)
{
    uint8_t *ram = memory_region_get_ram_ptr(mr);

    armkvm_host_memory_written(ram + addr, len);
}

static MemoryListener armkvm_memory_listener = {
    .name = "armkvm",
    .priority = MEMORY_LISTENER_PRIORITY_ACCEL,
    .region_add = armkvm_region_add,
    .region_del = armkvm_region_del,
    .log_start = armkvm_log_start,
    .log_stop = armkvm_log_stop,
    .log_sync = armkvm_log_sync,
};

/* An older module clears all of a log as it is fetched. */
static bool clears_dirty_log_by_page(ArmkvmState *s)
{
    const unsigned int cap = ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2;

    return (armkvm_check_extension(s, cap) & 1) &&
           armkvm_enable_cap(s, cap, 1) == 0;
}

void armkvm_memory_init(ArmkvmState *s, AddressSpace *as)
{
    qemu_mutex_init(&s->slots_lock);
    s->slots = g_new0(ArmkvmSlot, s->nr_slots);
    if (clears_dirty_log_by_page(s)) {
        armkvm_memory_listener.log_clear = armkvm_log_clear;
    }
    s->tell_writes = armkvm_check_extension(s, ARMKVM_CAP_MEMORY_WRITTEN) > 0;

    if (armkvm_check_extension(s, ARMKVM_CAP_IOEVENTFD) > 0) {
        armkvm_memory_listener.eventfd_add = armkvm_eventfd_add;
        armkvm_memory_listener.eventfd_del = armkvm_eventfd_del;
    }
    memory_listener_register(&armkvm_memory_listener, as);
}
