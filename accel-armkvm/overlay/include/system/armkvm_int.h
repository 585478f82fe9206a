/*
 * armkvm accelerator: internal interfaces
 *
 * accel/armkvm/ talks to the module and knows nothing of the Arm architecture;
 * target/arm/armkvm/ knows the architecture and reaches the module through the
 * functions declared here.
 *
 * Unless said otherwise functions want the BQL held, return 0 (or a
 * non-negative value) or a negative errno, and leave reporting to the caller.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SYSTEM_ARMKVM_INT_H
#define SYSTEM_ARMKVM_INT_H

#include "qemu/accel.h"
#include "qemu/queue.h"
#include "qapi/qapi-types-common.h"
#include "exec/cpu-common.h"
#include "hw/core/cpu.h"
#include "system/armkvm.h"
#include "system/armkvm_compat.h"

#include <linux/armkvm.h>

/*
 * A function without a declaration is an error from GCC 14 on, and a warning
 * that nobody sees before.
 */
#pragma GCC diagnostic error "-Wimplicit-function-declaration"

#define TYPE_ARMKVM_ACCEL ACCEL_CLASS_NAME("armkvm")

#define ARMKVM_DEFAULT_DEVICE "/dev/armkvm"

/* Bits of ARMKVM_CAP_PV that have a switch: pv.c */
#define ARMKVM_NR_PV 12

/* How much of a vCPU's state armkvm_arch_put_registers() writes. */
typedef enum ArmkvmPutLevel {
    ARMKVM_PUT_RUNTIME,     /* what a running vCPU changes */
    ARMKVM_PUT_RESET,       /* and what only reset changes */
    ARMKVM_PUT_FULL,        /* and time: after start-up or loadvm */
    ARMKVM_PUT_NEVER,       /* no level: what is not written so */
} ArmkvmPutLevel;

/* A piece of guest RAM that the module maps; size 0 marks a free entry. */
typedef struct ArmkvmSlot {
    hwaddr start;           /* guest physical, page aligned */
    uint64_t size;          /* bytes, page aligned */
    MemoryRegion *mr;
    hwaddr mr_offset;       /* of start in mr */
    uint32_t flags;         /* ARMKVM_MEM_* as last told to the module */
    uint64_t *dirty;        /* the log as last fetched; NULL while not logged */
} ArmkvmSlot;

typedef struct ArmkvmSwBreakpoint {
    vaddr pc;
    uint32_t saved_insn;
    uint8_t len;            /* 2 or 4 bytes replaced */
    unsigned int use_count;
    QTAILQ_ENTRY(ArmkvmSwBreakpoint) next;
} ArmkvmSwBreakpoint;

/* Where a single step ends. */
typedef struct ArmkvmStepTarget {
    vaddr pc;
    bool thumb;
} ArmkvmStepTarget;

/*
 * The temporary breakpoint of a vCPU's single step; by physical address, as
 * the vCPU may be in another address space when it ends.
 */
typedef struct ArmkvmStep {
    bool planted;
    hwaddr addr;
    uint8_t saved[4];
    uint8_t len;
} ArmkvmStep;

/* What all vCPUs of the VM do at one time: accel/armkvm/emulate.c */
typedef enum ArmkvmPhase {
    ARMKVM_PHASE_NATIVE,
    ARMKVM_PHASE_EMULATED,
} ArmkvmPhase;

struct ArmkvmState {
    AccelState parent_obj;

    /* properties, fixed before init_machine() */
    char *device;
    int mode;               /* ARMKVM_MODE_* */
    bool fallback;
    uint32_t dirty_ring_size;   /* what KVM would make of it: no effect */
    OnOffAuto irqchip;      /* auto: if the module has one */
    OnOffAuto host_counter; /* auto: if the module can */
    bool emulate;           /* TCG executes what the module can't */
    bool emulate_asked;     /* and somebody has said so */
    unsigned int stress;    /* and one of so many entries; 0: none */
    bool pv;                /* false: none of these */
    OnOffAuto pv_feature[ARMKVM_NR_PV]; /* auto: if the module offers it */

    int fd;                 /* ARMKVM_DEFAULT_DEVICE, -1 while closed */
    int vmfd;
    size_t run_size;        /* bytes of a vCPU's run page mapping */
    unsigned int reg_values; /* registers in one call: ARMKVM_CAP_REG_VALUES */

    uint64_t ram_base;      /* mode=direct: the window's physical address */
    uint32_t pv_features;   /* 1 << ARMKVM_PV_*: the guest's calls */
    int64_t panic_time;     /* of the guest's last report, and how many */
    unsigned int panics_dropped; /* there were since, too many to tell */
    bool tell_writes;       /* ARMKVM_CAP_MEMORY_WRITTEN */
    unsigned int nr_steps;  /* single steps under way */
    unsigned int nr_watchpoints; /* while there are some TCG executes */
    unsigned int nr_slots;
    QemuMutex slots_lock;   /* of what follows */
    ArmkvmSlot *slots;
    bool slots_exhausted;   /* has been reported */

    QTAILQ_HEAD(, ArmkvmSwBreakpoint) sw_breakpoints;
};

OBJECT_DECLARE_SIMPLE_TYPE(ArmkvmState, ARMKVM_ACCEL)

/* A vCPU's part; belongs to its thread, which alone touches run and dirty. */
struct AccelCPUState {
    int fd;
    struct armkvm_run *run;
    bool dirty;             /* QEMU's copy of the registers is the valid one */
    bool reset_pending;     /* put them at level RESET, after a reset */
    bool time_saved;        /* vtime holds the counter of a stopped VM */
    uint64_t vtime;
    ArmkvmStep step;

    /* regs.c of the target: one array's worth of registers each */
    struct armkvm_reg_value *regs;      /* what the module has, if known */
    struct armkvm_reg_value *regs_now;  /* what is being got or put */
    struct armkvm_reg_value *regs_put;
    bool regs_known;        /* and QEMU's state and list are the same */
    void *cp15;             /* that part of the state as it was got */
    unsigned int *beside_cp15;  /* places in the list of what isn't there */
    unsigned int nr_beside_cp15;
    struct armkvm_vcpu_events events;   /* as got */
    uint32_t mp_state;

    /* emulate.c */
    bool runs_natively;     /* others may look, to send it out */
    bool emulate;           /* a slice is to be emulated, or goes on */
    bool slice_open;        /* it goes on, until emulated_until */
    bool emulated;          /* the module isn't told of the slice yet */
    bool tlb_flushed;       /* nor of this */
    bool slice_only;        /* nothing but a slice has made it dirty */
    bool tcg_thread;        /* its thread is one of TCG's */
    bool module_regs_old;   /* registers of the module's were written */
    bool to_module;         /* the next instruction is the module's */
    uint64_t emulate_pc;    /* what it has handed over; all ones: nothing */
    uint32_t then;          /* ARMKVM_THEN_*, at then_pc */
    uint32_t then_imm;
    uint32_t then_pc;
    unsigned int level;     /* how long slices are */
    unsigned int runs_since; /* ARMKVM_RUNs since the last one */
    unsigned int stress_count;
    unsigned int generation; /* of the phase that its TLB is of */
    int64_t emulated_until; /* get_clock() at the end of the slice */
    QEMUTimer *slice_timer;

    /* watch.c */
    bool run_briefly;       /* the module does what the slice left, no more */
    bool run_while_off;     /* powered off: until it is powered on, or kicked */
};

extern ArmkvmState *armkvm_state;

/* device.c: the device node and what the module says of itself */

/**
 * armkvm_ioctl: an ioctl on any of armkvm's descriptors
 *
 * Repeats an interrupted call unless @request is ARMKVM_RUN.
 * Returns: the call's non-negative value, or a negative errno.
 * Any thread, with or without the BQL.
 */
int armkvm_ioctl(int fd, unsigned long request, void *arg);

/* As armkvm_ioctl(), for calls whose argument is a number. */
int armkvm_ioctl_value(int fd, unsigned long request, uintptr_t value);

/* Returns: the value of ARMKVM_CAP_* @cap, 0 where it is absent. */
int armkvm_check_extension(ArmkvmState *s, unsigned int cap);

/* ARMKVM_ENABLE_CAP of the VM, one argument.  Returns: 0, or -errno. */
int armkvm_enable_cap(ArmkvmState *s, uint32_t cap, uint64_t arg);

/**
 * armkvm_open: open the device node and check that this QEMU can use it
 *
 * Checks node, interface version, guest mode and capabilities in that order;
 * @errp then holds one line with the cause and its cure.  Leaves s->fd open
 * on success only.
 */
bool armkvm_open(ArmkvmState *s, Error **errp);

/*
 * Whether boards shall have the module's interrupt controller.  Returns: false
 * and @errp if it was asked for and the module has none.
 */
bool armkvm_choose_irqchip(ArmkvmState *s, Error **errp);

/* pv.c: the calls that the guest may make */

/*
 * What of ARMKVM_CAP_PV, or of ARMKVM_CAP_PV_DIRECT, the guest gets.  Returns:
 * false and @errp if a feature was asked for that the module doesn't offer, or
 * mode=direct can't do without it.
 */
bool armkvm_choose_pv(ArmkvmState *s, Error **errp);

/* mode=direct, before the device is opened: false and @errp for pv-priv=off. */
bool armkvm_check_direct_pv(ArmkvmState *s, Error **errp);

/* Tells the VM of it, before its first vCPU. */
bool armkvm_enable_pv(ArmkvmState *s, Error **errp);

/*
 * Whether a saved guest, which may have asked which calls there are and found
 * @saved, can go on in this VM: it needs all of them.  If the VM has more and
 * no vCPU has run yet those go.  Returns: false and @errp if it can't.
 */
bool armkvm_accept_saved_pv(ArmkvmState *s, uint64_t saved, Error **errp);

void armkvm_pv_instance_init(ArmkvmState *s);
void armkvm_pv_class_init(ObjectClass *oc);

/* Returns: a new VM's descriptor, which the caller closes, or -1 and @errp. */
int armkvm_create_vm(ArmkvmState *s, Error **errp);

/* The name that the option mode= gives to ARMKVM_MODE_* @mode. */
const char *armkvm_mode_name(int mode);

/* Returns: ARMKVM_MODE_* for @name, or -1 and @errp. */
int armkvm_mode_by_name(const char *name, Error **errp);

/* memory.c: guest RAM and notification addresses */

/* Guest RAM at host address @host was written: see armkvm_memory_written(). */
void armkvm_host_memory_written(void *host, uint64_t size);

/* Start to keep the module's memory slots equal to @as for the VM's life. */
void armkvm_memory_init(ArmkvmState *s, AddressSpace *as);

/* window.c: mode=direct, whose guests have RAM where the host has it */

/*
 * Before the device is opened: false and @errp if the options ask for what VMs
 * of mode=direct don't have.  Other modes: nothing.
 */
bool armkvm_check_direct(ArmkvmState *s, MachineState *ms, Error **errp);

/*
 * After the VM exists: its RAM, which becomes the machine's memory-backend.
 * Other modes: nothing, the board makes its RAM.
 */
bool armkvm_create_window(ArmkvmState *s, MachineState *ms, Error **errp);

/* A vCPU is being loaded: was its RAM where this VM's is?  Reports. */
bool armkvm_accept_saved_window(CPUState *cpu);

/* irqfd.c: event notifiers that interrupt the guest */

/* The inputs 0 to @nr_spis - 1 of the device @gic, @handler, are the SPIs. */
void armkvm_irqfd_init(qemu_irq_handler handler, void *gic, int nr_spis);

/* stats.c: the module's figures for query-stats, if it has any */
void armkvm_stats_init(ArmkvmState *s);

/* vcpu.c: a vCPU's life and its run loop; all on the vCPU's own thread */

/* Creates the vCPU in the module; false and @errp leave nothing behind. */
bool armkvm_vcpu_init(CPUState *cpu, Error **errp);
void armkvm_vcpu_destroy(CPUState *cpu);

/* Makes SIG_IPI end a run of the calling vCPU thread, at once and for good. */
void armkvm_vcpu_init_signals(void);

/*
 * Runs guest code until something wants the thread: EXCP_INTERRUPT, or
 * EXCP_DEBUG for cpu_handle_guest_debug().  Errors are reported here and
 * stop the VM.  Drops the BQL meanwhile.
 */
int armkvm_vcpu_exec(CPUState *cpu);

/*
 * The VM can't go on, which has been reported: internal-error.  As after a
 * guest's panic QEMU ends, with status 1, unless -no-shutdown or -action
 * (shutdown=pause, panic=pause, panic=none) keeps it.
 */
void armkvm_vm_failed(void);

/* Loads QEMU's register copy from the module if the module's is newer. */
void armkvm_vcpu_get_state(CPUState *cpu);

/* Writes QEMU's register copy down; stops the VM on an error, and reports. */
bool armkvm_vcpu_put_state(CPUState *cpu, ArmkvmPutLevel level);

int armkvm_get_one_reg(CPUState *cpu, uint64_t id, void *value);
int armkvm_set_one_reg(CPUState *cpu, uint64_t id, const void *value);

/*
 * Many registers, in the order of @regs up to the first that fails, which is
 * number *@done (@nr if it isn't known).  Returns: 0 or a negative errno.
 */
int armkvm_get_reg_values(CPUState *cpu, struct armkvm_reg_value *regs,
                          unsigned int nr, unsigned int *done);
int armkvm_set_reg_values(CPUState *cpu, struct armkvm_reg_value *regs,
                          unsigned int nr, unsigned int *done);

/* emulate.c: code that QEMU executes, for the module can't */

/*
 * Enters or leaves what all vCPUs do at the moment: run natively, or are
 * emulated.  Waits until that is so; false: something else is wanted of the
 * vCPU first.  The vCPU's thread, without the BQL.
 */
bool armkvm_phase_enter(CPUState *cpu, ArmkvmPhase which);
void armkvm_phase_leave(CPUState *cpu);

/* ARMKVM_EXIT_EMULATE: the next thing is a slice.  Without the BQL. */
void armkvm_emulate_begin(CPUState *cpu);

/* The next thing is a slice, a new one of a millisecond.  With the BQL. */
void armkvm_emulate_always(CPUState *cpu);

/*
 * TCG, if it hasn't started.  With the BQL, so that no vCPU is created or
 * changes QEMU's memory map.
 */
void armkvm_start_tcg(void);

/* emulate=stress:N: whether the next thing shall be a slice. */
bool armkvm_emulate_stress(CPUState *cpu);
void armkvm_emulate_stress_begin(CPUState *cpu);

/* Executes a slice, or a part of it: as armkvm_vcpu_exec().  No BQL. */
int armkvm_vcpu_emulate(CPUState *cpu);

/*
 * Before ARMKVM_RUN, with the state written: what the module has to know of
 * the slices since the last.  Returns: false for an error that is reported.
 */
bool armkvm_emulate_return(CPUState *cpu);

/* watch.c: the ops of AccelOpsClass for GDB_WATCHPOINT_*; with the BQL */
int armkvm_insert_watchpoint(int type, vaddr addr, vaddr len);
int armkvm_remove_watchpoint(int type, vaddr addr, vaddr len);
void armkvm_remove_all_watchpoints(void);

/*
 * Before the vCPU executes anything: what watchpoints want.  With the BQL.
 * Returns: whether it waits for an interrupt, armkvm_watched_wait().
 */
bool armkvm_emulate_watched(CPUState *cpu);

/* Waits a millisecond, or for a kick.  Without the BQL. */
void armkvm_watched_wait(void);

/* The vCPU is being reset: it has no slice any more.  Any thread. */
void armkvm_emulate_reset(CPUState *cpu);

/* After the VM exists.  False and @errp: it doesn't hand anything over. */
bool armkvm_choose_emulate(ArmkvmState *s, Error **errp);

void armkvm_emulate_instance_init(ArmkvmState *s);
void armkvm_emulate_class_init(ObjectClass *oc);

/* counter.c: whether the guest's count begins as the host's */

/*
 * After the VM exists.  False and @errp: it was asked for and can't be had, or
 * the guest mode has it in any case.
 */
bool armkvm_choose_counter(ArmkvmState *s, Error **errp);

void armkvm_counter_instance_init(ArmkvmState *s);
void armkvm_counter_class_init(ObjectClass *oc);

/* debug.c: gdbstub's breakpoints and single step */

bool armkvm_supports_guest_debug(void);
int armkvm_update_guest_debug(CPUState *cpu);
int armkvm_insert_breakpoint(CPUState *cpu, int type, vaddr addr, vaddr len);
int armkvm_remove_breakpoint(CPUState *cpu, int type, vaddr addr, vaddr len);
void armkvm_remove_all_breakpoints(CPUState *cpu);
ArmkvmSwBreakpoint *armkvm_find_sw_breakpoint(vaddr pc);

/* After the VM exists. */
void armkvm_debug_init(void);

/* Whether gdbstub has breakpoints, or steps. */
bool armkvm_debugging(void);

/* As armkvm_vcpu_exec(), until the instruction at the pc has been executed. */
int armkvm_vcpu_step(CPUState *cpu);

/* Is there a step's temporary breakpoint at @pc? */
bool armkvm_at_step_end(CPUState *cpu, vaddr pc);

/* target/arm/armkvm: the architecture's part */

/*
 * Before the device is opened: can this machine type, with the CPU model that
 * was asked for, run here at all?  @errp names those that can.
 */
bool armkvm_arch_check_machine(MachineState *ms, Error **errp);

/* The same for mode=direct. */
bool armkvm_arch_check_direct(MachineState *ms, Error **errp);

/* Can the board have its RAM at @address? */
bool armkvm_arch_check_window(uint64_t address, uint64_t size, Error **errp);

/*
 * After armkvm_open(): learns the host core's identification registers from a
 * scratch VM, and refuses by name of the missing feature a CPU model that
 * neither the core nor the module can be.
 */
bool armkvm_arch_probe_host(ArmkvmState *s, MachineState *ms, Error **errp);

/* After the VM exists. */
void armkvm_arch_init_vm(ArmkvmState *s);

bool armkvm_arch_init_vcpu(CPUState *cpu, Error **errp);

/* Puts the module's vCPU into its reset state, as the CPU model that it is. */
int armkvm_arch_reset_vcpu(CPUState *cpu, Error **errp);

int armkvm_arch_put_registers(CPUState *cpu, ArmkvmPutLevel level,
                              Error **errp);
int armkvm_arch_get_registers(CPUState *cpu, Error **errp);

/* After each exit, without the BQL: lines that the module drives. */
void armkvm_arch_post_run(CPUState *cpu);

/* Completes ARMKVM_EXIT_HYPERCALL in the run page; without the BQL. */
void armkvm_arch_handle_hypercall(CPUState *cpu);

/* Executes the access of ARMKVM_EXIT_CP; without the BQL. */
void armkvm_arch_handle_cp(CPUState *cpu);

/* A device didn't answer: make the guest take an external abort. */
void armkvm_arch_bus_error(CPUState *cpu);

/* A short name for the processor mode in @cpsr. */
const char *armkvm_arch_mode_name(uint32_t cpsr);

/* ARMKVM_EXIT_DEBUG: true for gdbstub, false when it was the guest's own. */
bool armkvm_arch_handle_debug(CPUState *cpu);

int armkvm_arch_insert_sw_breakpoint(CPUState *cpu, ArmkvmSwBreakpoint *bp);
int armkvm_arch_remove_sw_breakpoint(CPUState *cpu, ArmkvmSwBreakpoint *bp);
int armkvm_arch_insert_hw_breakpoint(int type, vaddr addr, vaddr len);
int armkvm_arch_remove_hw_breakpoint(int type, vaddr addr, vaddr len);
void armkvm_arch_remove_all_hw_breakpoints(void);
bool armkvm_arch_has_hw_breakpoints(void);
void armkvm_arch_fill_guest_debug(struct armkvm_guest_debug *dbg);

/* A breakpoint instruction of @len bytes, 2 or 4. */
void armkvm_arch_breakpoint_insn(uint8_t *insn, unsigned int len);

/* After TCG has started, once for the VM. */
void armkvm_arch_emulation_started(void);

/* Around a slice of TCG's, which cpu_exec() has ended with @ret. */
void armkvm_arch_emulate_begin(CPUState *cpu);
void armkvm_arch_emulate_end(CPUState *cpu, int ret);

/* Is the vCPU powered off?  QEMU's copy of its state is the valid one. */
bool armkvm_arch_is_off(CPUState *cpu);

/* Does the emulated vCPU's monitor wait for a store? */
bool armkvm_arch_in_exclusive(CPUState *cpu);

/* Does a breakpoint of gdbstub's, or a step, end at the emulated vCPU's pc? */
bool armkvm_arch_at_breakpoint(CPUState *cpu);

/*
 * An emulated vCPU's access to a device of the module's.  Returns: false if
 * it isn't one, or no emulated vCPU makes it.  With the BQL.
 */
bool armkvm_module_device(hwaddr addr, unsigned int len, bool is_write,
                          uint64_t *value);

/* Where the instruction at the pc leads; QEMU's registers are valid. */
void armkvm_arch_step_target(CPUState *cpu, ArmkvmStepTarget *to);

/* Where a fetch that aborts leads. */
void armkvm_arch_fetch_abort_target(CPUState *cpu, ArmkvmStepTarget *to);

/* fallback.c */

/*
 * Says why the accelerator @accel did not start and which -accel takes over;
 * @fallback false: none may, QEMU ends.  Consumes @err; counts @attempts, which
 * the caller keeps for each @accel.
 *
 * Returns: -ECANCELED if one does, else -ENODEV.  As the classes set
 * explains_init_failure QEMU adds no words of its own to either.
 */
int armkvm_init_failed(const char *accel, unsigned int *attempts,
                       bool fallback, Error *err);

#endif /* SYSTEM_ARMKVM_INT_H */
