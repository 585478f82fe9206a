/*
 * armkvm accelerator: guest code that QEMU's emulator executes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*
 * What the module can't execute (ARMKVM_EXIT_EMULATE), TCG executes: in the
 * same VM, on the vCPU's own thread, for a slice that grows while the same
 * thing comes up again at once, from one instruction to some milliseconds.
 *
 * All vCPUs are in one phase: natively in the module, or emulated.  Within a
 * phase they run beside each other as the module, or TCG, has it.  What one
 * side doesn't see of the other is settled where the phase changes, and there
 * only:
 *
 * - The guest's native stores don't go through QEMU, so translated code may be
 *   old: of each page that has some a copy is kept, to compare (4 KiB each,
 *   some 700 instructions).
 * - Emulated stores don't go through the module, which has copies of code: it
 *   is told of each page that was written.
 * - Emulated TLB maintenance: the module is told by each vCPU that had some.
 *   QEMU's own translations end with the phase.
 * - An exclusive access doesn't reach over the end of a slice: the store fails,
 *   as A3.4.5 allows.  A slice doesn't end between the two while it can help
 *   it, so loops of them come to an end.
 *
 * TCG starts when it is first wanted: a VM that doesn't want it has neither its
 * memory nor its cost.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/cutils.h"
#include "qemu/main-loop.h"
#include "qemu/plugin.h"
#include "qemu/timer.h"
#include "accel/tcg/cpu-ops.h"
#include "cpu.h"
#include "exec/cputlb.h"
#include "exec/exec-all.h"
#include "exec/ramblock.h"
#include "exec/ramlist.h"
#include "exec/translation-block.h"
#include "hw/boards.h"
#include "system/armkvm_int.h"
#include "system/cpus.h"
#include "system/tcg.h"
#include "tcg/startup.h"
#include "../tcg/internal-common.h"
#include "../tcg/tcg-accel-ops.h"
#include "trace.h"

/* -- phases --------------------------------------------------------------- */

/* How long a phase goes on, in ns, while vCPUs wait for the other one. */
#define QUANTUM_NATIVE (200 * SCALE_US)
#define QUANTUM_EMULATED (2 * SCALE_MS)

/* A thread that waits looks so often, in ms, for what else is wanted of it. */
#define WAIT_POLL_MS 1

static struct {
    QemuMutex lock;
    QemuCond changed;
    ArmkvmPhase now;
    unsigned int running;           /* vCPUs in it */
    unsigned int waiting[2];        /* for each */
    int64_t since;                  /* when it began, in ns */
    bool native_waited;             /* when it began: natives had to wait */
    unsigned int generation;        /* counts the changes */
} phase;

static void forget_old_code(void);
static void keep_new_code(void);
static void report_written(void);

/* For less than its quantum?  The clock is a system call on some hosts. */
static bool phase_is_young(void)
{
    return get_clock() - phase.since <
           (phase.now == ARMKVM_PHASE_NATIVE ? QUANTUM_NATIVE
                                             : QUANTUM_EMULATED);
}

static bool may_join(ArmkvmPhase which)
{
    if (phase.now != which) {
        return !phase.running;
    }
    return !phase.waiting[!which] || phase_is_young();
}

/* Who runs natively can be sent out at once; an emulated slice is short. */
static void ask_natives_to_leave(void)
{
    CPUState *cpu;

    if (phase.now != ARMKVM_PHASE_NATIVE ||
        (phase.native_waited && phase_is_young())) {
        return;
    }
    CPU_FOREACH(cpu) {
        if (cpu->accel && qatomic_read(&cpu->accel->runs_natively)) {
            qemu_cpu_kick(cpu);
        }
    }
}

static bool wanted_elsewhere(CPUState *cpu)
{
    return cpu->stop || cpu->unplug || qatomic_read(&cpu->exit_request) ||
           qatomic_read(&cpu->accel->run->immediate_exit);
}

static void change_phase(ArmkvmPhase to)
{
    if (to == ARMKVM_PHASE_EMULATED) {
        forget_old_code();
    } else {
        keep_new_code();
        report_written();
    }
    phase.now = to;
    phase.since = get_clock();
    phase.native_waited = to == ARMKVM_PHASE_NATIVE;
    phase.generation++;
}

bool armkvm_phase_enter(CPUState *cpu, ArmkvmPhase which)
{
    bool entered = true;

    qemu_mutex_lock(&phase.lock);
    phase.waiting[which]++;
    while (!may_join(which)) {
        if (wanted_elsewhere(cpu)) {
            entered = false;
            break;
        }
        ask_natives_to_leave();
        qemu_cond_timedwait(&phase.changed, &phase.lock, WAIT_POLL_MS);
    }
    if (entered) {
        if (phase.now != which) {
            change_phase(which);
        }
        phase.running++;
        qatomic_set(&cpu->accel->runs_natively,
                    which == ARMKVM_PHASE_NATIVE);
    }
    phase.waiting[which]--;
    qemu_mutex_unlock(&phase.lock);
    return entered;
}

void armkvm_phase_leave(CPUState *cpu)
{
    qemu_mutex_lock(&phase.lock);
    qatomic_set(&cpu->accel->runs_natively, false);
    if (!--phase.running) {
        qemu_cond_broadcast(&phase.changed);
    }
    qemu_mutex_unlock(&phase.lock);
}

/* -- code that was translated --------------------------------------------- */

/* Beyond so many pages all translated code goes, at the next change. */
#define CODE_PAGES_MAX 512

/* By the page (64 bits): its bytes, as its translated code has them. */
static GHashTable *code_pages;
static QemuMutex code_lock;

/* Under RCU.  Returns: NULL for memory that is gone. */
static uint8_t *ram_page(uint64_t page)
{
    RAMBlock *block;

    RAMBLOCK_FOREACH(block) {
        if (page - block->offset < block->used_length) {
            return block->host + (page - block->offset);
        }
    }
    return NULL;
}

void armkvm_code_translated(ram_addr_t page)
{
    uint64_t *key;
    uint8_t *copy;

    if (!code_pages) {
        return;
    }
    key = g_new(uint64_t, 1);
    *key = page;
    copy = g_malloc(TARGET_PAGE_SIZE);
    RCU_READ_LOCK_GUARD();
    memcpy(copy, ram_page(page), TARGET_PAGE_SIZE);
    QEMU_LOCK_GUARD(&code_lock);
    g_hash_table_replace(code_pages, key, copy);
}

/* Native vCPUs have run: what they have changed isn't good any more. */
static void forget_old_code(void)
{
    g_autoptr(GArray) old = g_array_new(false, false, sizeof(uint64_t));
    GHashTableIter iter;
    gpointer key, copy;
    unsigned int i;
    bool all;

    if (!code_pages) {
        return;
    }
    RCU_READ_LOCK_GUARD();
    qemu_mutex_lock(&code_lock);
    all = g_hash_table_size(code_pages) > CODE_PAGES_MAX;
    g_hash_table_iter_init(&iter, code_pages);
    while (g_hash_table_iter_next(&iter, &key, &copy)) {
        uint64_t page = *(uint64_t *)key;
        uint8_t *ram = ram_page(page);

        if (ram && (all || memcmp(copy, ram, TARGET_PAGE_SIZE))) {
            g_array_append_val(old, page);
            g_hash_table_iter_remove(&iter);
        } else if (!ram) {
            g_hash_table_iter_remove(&iter);
        }
    }
    qemu_mutex_unlock(&code_lock);

    for (i = 0; i < old->len; i++) {
        uint64_t page = g_array_index(old, uint64_t, i);

        tb_invalidate_phys_range(page, page + TARGET_PAGE_SIZE - 1);
    }
    trace_armkvm_old_code(old->len, all);
}

/*
 * While nothing native ran TCG has seen each store, of devices too: what it
 * has of a page's code is what the page has now.
 */
static void keep_new_code(void)
{
    GHashTableIter iter;
    gpointer key, copy;

    if (!code_pages) {
        return;
    }
    RCU_READ_LOCK_GUARD();
    QEMU_LOCK_GUARD(&code_lock);
    g_hash_table_iter_init(&iter, code_pages);
    while (g_hash_table_iter_next(&iter, &key, &copy)) {
        uint8_t *ram = ram_page(*(uint64_t *)key);

        if (ram && memcmp(copy, ram, TARGET_PAGE_SIZE)) {
            memcpy(copy, ram, TARGET_PAGE_SIZE);
        }
    }
}

/* -- what emulated code writes -------------------------------------------- */

/* More pages than this are told of as all of the memory. */
#define WRITTEN_PAGES_MAX 4096

static GHashTable *written_pages;
static QemuMutex written_lock;

void armkvm_emulated_write(ram_addr_t addr)
{
    uint64_t *key;

    if (!written_pages) {
        return;
    }
    QEMU_LOCK_GUARD(&written_lock);
    if (g_hash_table_size(written_pages) > WRITTEN_PAGES_MAX) {
        return;
    }
    key = g_new(uint64_t, 1);
    *key = addr & TARGET_PAGE_MASK;
    g_hash_table_add(written_pages, key);
}

static void report_written(void)
{
    GHashTableIter iter;
    RAMBlock *block;
    gpointer key;
    bool all;

    if (!written_pages) {
        return;
    }
    QEMU_LOCK_GUARD(&written_lock);
    all = g_hash_table_size(written_pages) > WRITTEN_PAGES_MAX;
    trace_armkvm_emulated_writes(g_hash_table_size(written_pages));
    RCU_READ_LOCK_GUARD();
    g_hash_table_iter_init(&iter, written_pages);
    while (!all && g_hash_table_iter_next(&iter, &key, NULL)) {
        uint8_t *ram = ram_page(*(uint64_t *)key);

        if (ram) {
            armkvm_host_memory_written(ram, TARGET_PAGE_SIZE);
        }
    }
    if (all) {
        RAMBLOCK_FOREACH(block) {
            armkvm_host_memory_written(block->host, block->used_length);
        }
    }
    g_hash_table_remove_all(written_pages);
}

void armkvm_emulated_tlb_flush(CPUState *cpu)
{
    if (cpu->accel) {
        cpu->accel->tlb_flushed = true;
    }
}

/* -- start ---------------------------------------------------------------- */

static bool started;

void armkvm_start_tcg(void)
{
    CPUState *cpu;

    if (started) {
        return;
    }
    qemu_mutex_init(&code_lock);
    qemu_mutex_init(&written_lock);
    code_pages = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                       g_free);
    written_pages = g_hash_table_new_full(g_int64_hash, g_int64_equal,
                                          g_free, NULL);

    tcg_start_beside(current_machine->smp.max_cpus);
    CPU_FOREACH(cpu) {
        tcg_exec_realizefn(cpu, &error_abort);
        tcg_cpu_init_cflags(cpu, current_machine->smp.max_cpus > 1);
#ifdef CONFIG_PLUGIN
        cpu->plugin_state = qemu_plugin_create_vcpu_state();
#endif
    }
    tcg_allowed = true;
    CPU_FOREACH(cpu) {
        tcg_listen_to_address_spaces(cpu);
    }
    started = true;
    armkvm_arch_emulation_started();
}

/* On the vCPU's thread, with the BQL. */
static void start_on_thread(CPUState *cpu)
{
    armkvm_start_tcg();
    if (!cpu->accel->tcg_thread) {
        tcg_register_thread();
        cpu->neg.can_do_io = true;
        cpu->accel->tcg_thread = true;
    }
}

/* -- how much ------------------------------------------------------------- */

/*
 * A slice of level n below LEVEL_TIMED is 1 << n instructions, each
 * translated for itself; above, so many times SLICE_NS at full speed.
 */
#define LEVEL_TIMED 7
#define LEVEL_MAX 12
#define SLICE_NS (250 * SCALE_US)

/* What a slice is where nothing shall run natively: a millisecond. */
#define LEVEL_ALWAYS (LEVEL_TIMED + 2)

/*
 * When the next slice is twice as long: what wants one comes within this time,
 * in ns; or, on a slow host, within a longer one if the vCPU has hardly run.
 */
#define SOON_NS SCALE_MS
#define SOON_RUNS 2
#define SOON_RUNS_NS (20 * SCALE_MS)

/* A slice goes on for so many instructions, to end a pair of exclusives. */
#define EXCLUSIVE_INSNS 64

/* Interrupt lines of the module's are looked at so often, in ns. */
#define LINES_NS SCALE_MS

static void choose_level(AccelCPUState *accel)
{
    int64_t ns = get_clock() - accel->emulated_until;

    if (ns < SOON_NS ||
        (accel->runs_since <= SOON_RUNS && ns < SOON_RUNS_NS)) {
        accel->level = MIN(accel->level + 1, LEVEL_MAX);
    } else {
        accel->level = 0;
    }
}

/* There are not so many kinds: what is above this bound isn't told. */
#define REASONS_MAX 32

/* One line for each kind of reason: the words before what is in brackets. */
static void tell_reason(CPUState *cpu, const struct armkvm_run *run)
{
    static GHashTable *told;
    g_autofree char *text = g_strndup(run->error.text,
                                      sizeof(run->error.text) - 1);
    char *bracket = strchr(text, '(');

    if (bracket) {
        *bracket = 0;
    }
    if (!told) {
        told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    if (g_hash_table_size(told) < REASONS_MAX &&
        g_hash_table_add(told, g_strdup(g_strchomp(text)))) {
        warn_report("armkvm: vCPU %d: emulating what the module cannot "
                    "execute: %.*s (pc 0x%08x, %s mode, instruction 0x%08x); "
                    "this is slower, and told once", cpu->cpu_index,
                    (int)sizeof(run->error.text), run->error.text,
                    run->error.pc, armkvm_arch_mode_name(run->error.cpsr),
                    run->error.insn);
    }
}

void armkvm_emulate_always(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;

    if (!accel->emulate) {
        accel->emulate = true;
        accel->level = LEVEL_ALWAYS;
        accel->emulate_pc = UINT64_MAX;
    }
}

void armkvm_emulate_begin(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;

    bql_lock();
    tell_reason(cpu, accel->run);
    choose_level(accel);
    accel->emulate = true;
    accel->emulate_pc = accel->run->error.pc;
    bql_unlock();
    trace_armkvm_emulate(cpu->cpu_index, accel->run->error.pc,
                         accel->run->error.insn, accel->level);
}

bool armkvm_emulate_stress(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;
    unsigned int n = armkvm_state->stress;

    if (accel->to_module) {
        accel->to_module = false;   /* it wants to run once */
        return false;
    }
    return n && ++accel->stress_count >= n;
}

void armkvm_emulate_stress_begin(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;

    if (armkvm_state->stress && accel->stress_count >= armkvm_state->stress) {
        accel->stress_count = 0;
        accel->level = g_random_int_range(0, LEVEL_TIMED + 1);
        accel->emulate = true;
        accel->emulate_pc = UINT64_MAX;
    }
}

/* Returns: EXCP_*, as cpu_exec(). */
static int exec(CPUState *cpu)
{
    int ret;

    cpu_exec_start(cpu);
    ret = cpu_exec(cpu);
    cpu_exec_end(cpu);
    if (ret == EXCP_ATOMIC) {
        cpu_exec_step_atomic(cpu);
        /* An abort, say: cpu_exec() would take it at its next turn. */
        if (cpu->exception_index >= 0 &&
            cpu->exception_index < EXCP_INTERRUPT) {
            bql_lock();
            cpu->cc->tcg_ops->do_interrupt(cpu);
            bql_unlock();
            cpu->exception_index = -1;
        }
    }
    return ret;
}

/*
 * Executes @n instructions, and a few more that exclusives want.  The exit
 * request makes cpu_exec() return behind each; one that somebody else makes
 * meanwhile may get lost with it, so that the caller looks at what else is
 * wanted of the vCPU afterwards.
 */
static int exec_insns(CPUState *cpu, unsigned int n)
{
    unsigned int i;
    int ret = EXCP_INTERRUPT;

    for (i = 0; i < n || (i < n + EXCLUSIVE_INSNS &&
                          armkvm_arch_in_exclusive(cpu)); i++) {
        if (armkvm_arch_at_breakpoint(cpu)) {
            return EXCP_DEBUG;
        }
        cpu->cflags_next_tb = curr_cflags(cpu) | CF_NOIRQ | CF_NO_GOTO_TB |
                              CF_NO_GOTO_PTR | 1;
        qatomic_set(&cpu->exit_request, 1);
        ret = exec(cpu);
        if ((ret != EXCP_INTERRUPT && ret != EXCP_ATOMIC) ||
            cpu->accel->then != ARMKVM_THEN_NOTHING || cpu->accel->to_module) {
            break;
        }
        /* TLB maintenance of all CPUs ends behind its instruction. */
        if (cpu->stop || !cpu_work_list_empty(cpu)) {
            break;
        }
    }
    cpu->cflags_next_tb = -1;
    return ret;
}

static void time_is_up(void *opaque)
{
    cpu_exit(opaque);
}

static int exec_for(CPUState *cpu, int64_t ns)
{
    AccelCPUState *accel = cpu->accel;

    if (!accel->slice_timer) {
        accel->slice_timer = timer_new_ns(QEMU_CLOCK_REALTIME, time_is_up,
                                          cpu);
    }
    timer_mod(accel->slice_timer,
              qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + ns);
    return exec(cpu);
}

/*
 * The emulated state goes back to the module, with what it shall do first.
 * Returns: false if it doesn't take that, which is reported.
 */
bool armkvm_emulate_return(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;
    struct armkvm_emulated call = {
        .flags = accel->tlb_flushed ? ARMKVM_EMULATED_FLUSH : 0,
        .then = accel->then,
        .imm = accel->then_imm,
    };
    int ret;

    if (call.then != ARMKVM_THEN_NOTHING && call.then != ARMKVM_THEN_WAIT &&
        CPU_GET_CLASS(cpu)->get_pc(cpu) != accel->then_pc) {
        call.then = ARMKVM_THEN_NOTHING;    /* a debugger has moved it */
        call.imm = 0;
    }
    accel->runs_since++;
    if (!accel->emulated && !accel->tlb_flushed) {
        return true;
    }
    accel->emulated = false;
    accel->tlb_flushed = false;
    accel->then = ARMKVM_THEN_NOTHING;
    accel->then_imm = 0;
    ret = armkvm_ioctl(accel->fd, ARMKVM_EMULATED, &call);
    if (ret < 0) {
        error_report("armkvm: vCPU %d stopped: the module does not take it "
                     "back: %s", cpu->cpu_index, strerror(-ret));
        return false;
    }
    return true;
}

void armkvm_emulate_reset(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;

    accel->emulate = false;
    accel->slice_open = false;
    accel->then = ARMKVM_THEN_NOTHING;
    accel->then_imm = 0;
    accel->generation = phase.generation - 1;
}

/* The end of a slice, or its first millisecond: has it got more time? */
static void end_slice(CPUState *cpu, bool done)
{
    AccelCPUState *accel = cpu->accel;

    if (done || get_clock() >= accel->emulated_until) {
        accel->emulate = false;
        accel->emulated_until = get_clock();
        accel->runs_since = 0;
        accel->slice_open = false;
    }
}

/*
 * In the phase, with the BQL: makes QEMU's copy of the state what TCG goes by.
 * Returns: false if there is nothing to execute, or something else comes first.
 */
static bool begin_slice(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;

    start_on_thread(cpu);
    if (cpu->stop || !cpu_work_list_empty(cpu)) {
        return false;   /* it may be TLB maintenance, or another memory map */
    }
    if (!accel->dirty) {
        armkvm_vcpu_get_state(cpu);
        accel->slice_only = true;
    }
    if (armkvm_arch_is_off(cpu)) {
        accel->run_while_off = true;
        end_slice(cpu, true);
        return false;
    }
    accel->emulated = true;
    accel->then = ARMKVM_THEN_NOTHING;
    armkvm_arch_emulate_begin(cpu);
    if (accel->generation != phase.generation) {
        bool flushed = accel->tlb_flushed;

        accel->generation = phase.generation;
        tlb_flush(cpu);
        accel->tlb_flushed = flushed;
    }
    return true;
}

int armkvm_vcpu_emulate(CPUState *cpu)
{
    AccelCPUState *accel = cpu->accel;
    bool timed = accel->level >= LEVEL_TIMED && !armkvm_debugging();
    int64_t left;
    bool begun;
    int ret;

    /* Who has sent the signal has left word in what was looked at since. */
    qatomic_set(&accel->run->immediate_exit, 0);
    if (!armkvm_phase_enter(cpu, ARMKVM_PHASE_EMULATED)) {
        return EXCP_INTERRUPT;
    }
    bql_lock();
    begun = begin_slice(cpu);
    bql_unlock();
    if (!begun) {
        armkvm_phase_leave(cpu);
        return EXCP_INTERRUPT;
    }

    if (timed) {
        if (!accel->slice_open) {
            accel->slice_open = true;
            accel->emulated_until = get_clock() +
                (SLICE_NS << (accel->level - LEVEL_TIMED));
        }
        left = accel->emulated_until - get_clock();
        ret = exec_for(cpu, MAX(MIN(left, LINES_NS), SCALE_US));
    } else {
        ret = exec_insns(cpu, armkvm_debugging() ? 1 : 1u << accel->level);
    }

    bql_lock();
    armkvm_arch_emulate_end(cpu, ret);
    bql_unlock();
    armkvm_phase_leave(cpu);
    end_slice(cpu, !timed || accel->to_module ||
              accel->then != ARMKVM_THEN_NOTHING);
    trace_armkvm_emulated(cpu->cpu_index, ret, accel->then,
                          accel->tlb_flushed);
    return ret == EXCP_DEBUG ? EXCP_DEBUG : EXCP_INTERRUPT;
}

/* -- the option ----------------------------------------------------------- */

bool armkvm_choose_emulate(ArmkvmState *s, Error **errp)
{
    int ret;

    qemu_mutex_init(&phase.lock);
    qemu_cond_init(&phase.changed);
    if (s->emulate && armkvm_check_extension(s, ARMKVM_CAP_EMULATE) <= 0) {
        s->emulate = false;     /* an older module: as ever */
    }
    if (!s->emulate) {
        return true;
    }
    ret = armkvm_enable_cap(s, ARMKVM_CAP_EMULATE, 1);
    if (ret < 0) {
        error_setg(errp, "the module armkvm does not hand over what it "
                   "cannot execute: %s; 'emulate=off' goes without",
                   strerror(-ret));
        return false;
    }
    return true;
}

static char *get_emulate(Object *obj, Error **errp)
{
    ArmkvmState *s = ARMKVM_ACCEL(obj);

    return s->stress ? g_strdup_printf("stress:%u", s->stress)
                     : g_strdup(s->emulate ? "on" : "off");
}

static void set_emulate(Object *obj, const char *value, Error **errp)
{
    ArmkvmState *s = ARMKVM_ACCEL(obj);
    const char *count;
    unsigned int n = 0;

    if (strstart(value, "stress:", &count)) {
        if (qemu_strtoui(count, NULL, 10, &n) < 0 || !n) {
            error_setg(errp, "emulate=stress:N needs a number from 1 on, of "
                       "the entries into the guest of which one is emulated");
            return;
        }
    } else if (!g_str_equal(value, "on") && !g_str_equal(value, "off")) {
        error_setg(errp, "emulate=%s is unknown: use on, off, or stress:N "
                   "for tests", value);
        return;
    }
    s->emulate = !g_str_equal(value, "off");
    s->emulate_asked = s->emulate;
    s->stress = n;
}

void armkvm_emulate_instance_init(ArmkvmState *s)
{
    s->emulate = true;
}

void armkvm_emulate_class_init(ObjectClass *oc)
{
    object_class_property_add_str(oc, "emulate", get_emulate, set_emulate);
    object_class_property_set_description(oc, "emulate",
        "Whether QEMU emulates what the module cannot execute: on, off, or "
        "stress:N for tests");
}
