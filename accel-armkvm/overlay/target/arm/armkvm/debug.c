/*
 * armkvm on Arm: breakpoint instructions and the debug registers
 *
 * The list of hardware breakpoints and watchpoints is the one that KVM and HVF
 * use (hyp_gdbstub.c); here it is only translated.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exec/gdbstub.h"
#include "gdbstub/enums.h"
#include "system/armkvm_int.h"
#include "armkvm_arm.h"
#include "internals.h"

#define INSN_ARM_BKPT   0xe1200070u     /* DDI 0406C A8.8.24, encoding A1 */
#define INSN_THUMB_BKPT 0xbe00u         /* the same, encoding T1 */

void armkvm_arch_init_vm(ArmkvmState *s)
{
    max_hw_bps = MIN(armkvm_check_extension(s,
                                            ARMKVM_CAP_GUEST_DEBUG_HW_BPS),
                     ARMKVM_ARM_MAX_DBG_REGS);
    max_hw_wps = MIN(armkvm_check_extension(s,
                                            ARMKVM_CAP_GUEST_DEBUG_HW_WPS),
                     ARMKVM_ARM_MAX_DBG_REGS);
    hw_breakpoints = g_array_sized_new(true, true, sizeof(HWBreakpoint),
                                       max_hw_bps);
    hw_watchpoints = g_array_sized_new(true, true, sizeof(HWWatchpoint),
                                       max_hw_wps);
}

void armkvm_arch_breakpoint_insn(uint8_t *insn, unsigned int len)
{
    if (len == 4) {
        stl_le_p(insn, INSN_ARM_BKPT);
    } else {
        stw_le_p(insn, INSN_THUMB_BKPT);
    }
}

int armkvm_arch_insert_sw_breakpoint(CPUState *cs, ArmkvmSwBreakpoint *bp)
{
    uint8_t insn[4];

    armkvm_arch_breakpoint_insn(insn, bp->len);
    if (cpu_memory_rw_debug(cs, bp->pc, &bp->saved_insn, bp->len, false) < 0 ||
        cpu_memory_rw_debug(cs, bp->pc, insn, bp->len, true) < 0) {
        return -EFAULT;
    }
    return 0;
}

int armkvm_arch_remove_sw_breakpoint(CPUState *cs, ArmkvmSwBreakpoint *bp)
{
    if (cpu_memory_rw_debug(cs, bp->pc, &bp->saved_insn, bp->len, true) < 0) {
        return -EFAULT;
    }
    return 0;
}

int armkvm_arch_insert_hw_breakpoint(int type, vaddr addr, vaddr len)
{
    switch (type) {
    case GDB_BREAKPOINT_HW:
        return insert_hw_breakpoint(addr);
    case GDB_WATCHPOINT_READ:
    case GDB_WATCHPOINT_WRITE:
    case GDB_WATCHPOINT_ACCESS:
        return insert_hw_watchpoint(addr, len, type);
    default:
        return -ENOSYS;
    }
}

int armkvm_arch_remove_hw_breakpoint(int type, vaddr addr, vaddr len)
{
    switch (type) {
    case GDB_BREAKPOINT_HW:
        return delete_hw_breakpoint(addr);
    case GDB_WATCHPOINT_READ:
    case GDB_WATCHPOINT_WRITE:
    case GDB_WATCHPOINT_ACCESS:
        return delete_hw_watchpoint(addr, len, type);
    default:
        return -ENOSYS;
    }
}

void armkvm_arch_remove_all_hw_breakpoints(void)
{
    g_array_set_size(hw_breakpoints, 0);
    g_array_set_size(hw_watchpoints, 0);
}

bool armkvm_arch_has_hw_breakpoints(void)
{
    return cur_hw_bps;
}

void armkvm_arch_fill_guest_debug(struct armkvm_guest_debug *dbg)
{
    int i;

    if (!cur_hw_bps && !cur_hw_wps) {
        return;
    }
    dbg->control |= ARMKVM_GUESTDBG_ENABLE | ARMKVM_GUESTDBG_USE_HW;
    for (i = 0; i < cur_hw_bps; i++) {
        dbg->dbg_bcr[i] = get_hw_bp(i)->bcr;
        dbg->dbg_bvr[i] = get_hw_bp(i)->bvr & ~3u;
        if (get_hw_bp(i)->bvr & 2) {
            /* Thumb code, DDI 0406C C11.11.2: byte address select */
            dbg->dbg_bcr[i] = deposit32(dbg->dbg_bcr[i], 5, 4, 0xc);
        }
    }
    for (i = 0; i < cur_hw_wps; i++) {
        dbg->dbg_wcr[i] = get_hw_wp(i)->wcr;
        dbg->dbg_wvr[i] = get_hw_wp(i)->wvr;
    }
}

/*
 * What isn't gdb's is the guest's: a BKPT of its own, or its own use of the
 * debug registers.  Either is taken as a Prefetch Abort with the FSR and FAR
 * that the module reports (DDI 0406C C3.2).
 */
static void take_guest_debug_event(CPUState *cs)
{
    CPUARMState *env = cpu_env(cs);
    struct armkvm_run *run = cs->accel->run;

    cs->exception_index = EXCP_BKPT;
    env->exception.fsr = run->debug.fsr;
    env->exception.vaddress = run->debug.far;
    env->exception.target_el = 1;
    arm_cpu_do_interrupt(cs);
}

bool armkvm_arch_handle_debug(CPUState *cs)
{
    struct armkvm_run *run = cs->accel->run;
    uint32_t pc = run->debug.pc;
    CPUWatchpoint *wp;

    if (armkvm_find_sw_breakpoint(pc) || find_hw_breakpoint(cs, pc) ||
        armkvm_at_step_end(cs, pc)) {
        return true;
    }
    wp = find_hw_watchpoint(cs, run->debug.far);
    if (wp) {
        cs->watchpoint_hit = wp;
        return true;
    }
    take_guest_debug_event(cs);
    return cs->singlestep_enabled;
}
