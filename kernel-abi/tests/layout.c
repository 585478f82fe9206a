// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of the two ABI headers, for any architecture, without running
 * anything there: compiled to assembly, every value becomes a line that starts
 * with "->".  ci/gates/abi-layout.sh compares those lines with layout.golden
 * and sees to it that every name of the headers is in here.
 *
 *   ->NAME VALUE			a macro
 *   ->struct NAME SIZE ALIGNMENT
 *   ->struct NAME.FIELD OFFSET SIZE
 *
 * The golden file may grow.  A line that changes or goes is a broken ABI.
 */
#include <stddef.h>
#include <linux/armkvm.h>
#include <asm/armkvm_para.h>

int main(void);

/* In halves: not every compiler prints a 64-bit immediate on a 32-bit machine. */
#define HIGH(x)		((unsigned int)((unsigned long long)(x) >> 32))
#define LOW(x)		((unsigned int)(unsigned long long)(x))

#define NAMED(name, value)						\
	asm volatile("\n->" name " %c0 %c1" : : "i"(HIGH(value)), "i"(LOW(value)))
#define VALUE(name)	NAMED(#name, name)
#define SIZE(type)							\
	asm volatile("\n->struct " #type " %c0 %c1" : :			\
		     "i"(sizeof(struct type)), "i"(__alignof__(struct type)))
#define FIELD(type, field)						\
	asm volatile("\n->struct " #type "." #field " %c0 %c1" : :	\
		     "i"(offsetof(struct type, field)),			\
		     "i"(sizeof(((struct type *)0)->field)))
#define FLEX(type, field)						\
	asm volatile("\n->struct " #type "." #field " %c0 [%c1]" : :	\
		     "i"(offsetof(struct type, field)),			\
		     "i"(sizeof(((struct type *)0)->field[0])))

int main(void)
{
	/* armkvm.h: values */
	VALUE(ARMKVM_API_VERSION);
	VALUE(ARMKVMIO);
	VALUE(ARMKVM_GET_API_VERSION);
	VALUE(ARMKVM_CREATE_VM);
	VALUE(ARMKVM_CHECK_EXTENSION);
	VALUE(ARMKVM_GET_VCPU_MMAP_SIZE);
	VALUE(ARMKVM_GIVE_MM);
	VALUE(ARMKVM_GIVE_MM_WANTED);
	VALUE(ARMKVM_GIVE_MM_MINE);
	VALUE(ARMKVM_MODE_SHADOW);
	VALUE(ARMKVM_MODE_DIRECT);
	VALUE(ARMKVM_MODE_TRUSTZONE);
	VALUE(ARMKVM_CAP_IRQCHIP);
	VALUE(ARMKVM_CAP_USER_MEMORY);
	VALUE(ARMKVM_CAP_NR_VCPUS);
	VALUE(ARMKVM_CAP_NR_MEMSLOTS);
	VALUE(ARMKVM_CAP_MP_STATE);
	VALUE(ARMKVM_CAP_SYNC_MMU);
	VALUE(ARMKVM_CAP_DESTROY_MEMORY_REGION_WORKS);
	VALUE(ARMKVM_CAP_SET_GUEST_DEBUG);
	VALUE(ARMKVM_CAP_IRQFD);
	VALUE(ARMKVM_CAP_IOEVENTFD);
	VALUE(ARMKVM_CAP_VCPU_EVENTS);
	VALUE(ARMKVM_CAP_MAX_VCPUS);
	VALUE(ARMKVM_CAP_ONE_REG);
	VALUE(ARMKVM_CAP_SYNC_REGS);
	VALUE(ARMKVM_CAP_READONLY_MEM);
	VALUE(ARMKVM_CAP_IRQFD_RESAMPLE);
	VALUE(ARMKVM_CAP_DEVICE_CTRL);
	VALUE(ARMKVM_CAP_ENABLE_CAP_VM);
	VALUE(ARMKVM_CAP_ARM_PSCI_0_2);
	VALUE(ARMKVM_CAP_GUEST_DEBUG_HW_BPS);
	VALUE(ARMKVM_CAP_GUEST_DEBUG_HW_WPS);
	VALUE(ARMKVM_CAP_MAX_VCPU_ID);
	VALUE(ARMKVM_CAP_IMMEDIATE_EXIT);
	VALUE(ARMKVM_CAP_ARM_USER_IRQ);
	VALUE(ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	VALUE(ARMKVM_CAP_BINARY_STATS_FD);
	VALUE(ARMKVM_CAP_MODES);
	VALUE(ARMKVM_CAP_PV);
	VALUE(ARMKVM_CAP_MMIO_STRING);
	VALUE(ARMKVM_CAP_MEMORY_WRITTEN);
	VALUE(ARMKVM_CAP_GIVE_MM);
	VALUE(ARMKVM_CAP_IRQFD_RAISE);
	VALUE(ARMKVM_CAP_CP_EXIT);
	VALUE(ARMKVM_CP_EXIT_GICV3);
	VALUE(ARMKVM_CAP_EMULATE);
	VALUE(ARMKVM_CAP_COUNTER_OFFSET);
	VALUE(ARMKVM_CAP_REG_VALUES);
	VALUE(ARMKVM_CAP_PV_DIRECT);
	VALUE(ARMKVM_CREATE_VCPU);
	VALUE(ARMKVM_GET_DIRTY_LOG);
	VALUE(ARMKVM_SET_USER_MEMORY_REGION);
	VALUE(ARMKVM_IRQ_LINE);
	VALUE(ARMKVM_IRQFD);
	VALUE(ARMKVM_IOEVENTFD);
	VALUE(ARMKVM_ENABLE_CAP);
	VALUE(ARMKVM_ARM_PREFERRED_TARGET);
	VALUE(ARMKVM_CLEAR_DIRTY_LOG);
	VALUE(ARMKVM_GET_STATS_FD);
	VALUE(ARMKVM_CREATE_WINDOW);
	VALUE(ARMKVM_WINDOW_ALIGN);
	VALUE(ARMKVM_MEMORY_WRITTEN);
	VALUE(ARMKVM_CREATE_DEVICE);
	VALUE(ARMKVM_SET_DEVICE_ATTR);
	VALUE(ARMKVM_GET_DEVICE_ATTR);
	VALUE(ARMKVM_HAS_DEVICE_ATTR);
	VALUE(ARMKVM_MEM_LOG_DIRTY_PAGES);
	VALUE(ARMKVM_MEM_READONLY);
	VALUE(ARMKVM_IRQ_TYPE_SHIFT);
	VALUE(ARMKVM_IRQ_TYPE_MASK);
	VALUE(ARMKVM_IRQ_VCPU_SHIFT);
	VALUE(ARMKVM_IRQ_VCPU_MASK);
	VALUE(ARMKVM_IRQ_NUM_MASK);
	VALUE(ARMKVM_IRQ_TYPE_CPU);
	VALUE(ARMKVM_IRQ_TYPE_SPI);
	VALUE(ARMKVM_IRQ_TYPE_PPI);
	VALUE(ARMKVM_IRQ_CPU_IRQ);
	VALUE(ARMKVM_IRQ_CPU_FIQ);
	VALUE(ARMKVM_IRQFD_FLAG_DEASSIGN);
	VALUE(ARMKVM_IRQFD_FLAG_RESAMPLE);
	VALUE(ARMKVM_IRQFD_FLAG_RAISE);
	VALUE(ARMKVM_IOEVENTFD_FLAG_DATAMATCH);
	VALUE(ARMKVM_IOEVENTFD_FLAG_DEASSIGN);
	VALUE(ARMKVM_DEV_TYPE_ARM_VGIC_V2);
	VALUE(ARMKVM_CREATE_DEVICE_TEST);
	VALUE(ARMKVM_DEV_ARM_VGIC_GRP_ADDR);
	VALUE(ARMKVM_VGIC_V2_ADDR_TYPE_DIST);
	VALUE(ARMKVM_VGIC_V2_ADDR_TYPE_CPU);
	VALUE(ARMKVM_DEV_ARM_VGIC_GRP_DIST_REGS);
	VALUE(ARMKVM_DEV_ARM_VGIC_GRP_CPU_REGS);
	VALUE(ARMKVM_DEV_ARM_VGIC_CPUID_SHIFT);
	VALUE(ARMKVM_DEV_ARM_VGIC_CPUID_MASK);
	VALUE(ARMKVM_DEV_ARM_VGIC_OFFSET_MASK);
	VALUE(ARMKVM_DEV_ARM_VGIC_GRP_NR_IRQS);
	VALUE(ARMKVM_DEV_ARM_VGIC_GRP_CTRL);
	VALUE(ARMKVM_DEV_ARM_VGIC_CTRL_INIT);
	VALUE(ARMKVM_RUN);
	VALUE(ARMKVM_GET_MP_STATE);
	VALUE(ARMKVM_SET_MP_STATE);
	VALUE(ARMKVM_SET_GUEST_DEBUG);
	VALUE(ARMKVM_GET_VCPU_EVENTS);
	VALUE(ARMKVM_SET_VCPU_EVENTS);
	VALUE(ARMKVM_GET_ONE_REG);
	VALUE(ARMKVM_SET_ONE_REG);
	VALUE(ARMKVM_ARM_VCPU_INIT);
	VALUE(ARMKVM_GET_REG_LIST);
	VALUE(ARMKVM_EMULATED);
	VALUE(ARMKVM_ACCESS);
	VALUE(ARMKVM_GET_LINES);
	VALUE(ARMKVM_GET_REG_VALUES);
	VALUE(ARMKVM_SET_REG_VALUES);
	VALUE(ARMKVM_EMULATED_FLUSH);
	VALUE(ARMKVM_THEN_NOTHING);
	VALUE(ARMKVM_THEN_WAIT);
	VALUE(ARMKVM_THEN_HVC);
	VALUE(ARMKVM_THEN_SMC);
	VALUE(ARMKVM_ACCESS_PHYS);
	VALUE(ARMKVM_ACCESS_CP);
	VALUE(ARMKVM_ARM_TARGET_HOST);
	VALUE(ARMKVM_ARM_VCPU_POWER_OFF);
	VALUE(ARMKVM_ARM_VCPU_PSCI_0_2);
	VALUE(ARMKVM_MP_STATE_RUNNABLE);
	VALUE(ARMKVM_MP_STATE_HALTED);
	VALUE(ARMKVM_MP_STATE_STOPPED);
	VALUE(ARMKVM_GUESTDBG_ENABLE);
	VALUE(ARMKVM_GUESTDBG_SINGLESTEP);
	VALUE(ARMKVM_GUESTDBG_USE_SW_BP);
	VALUE(ARMKVM_GUESTDBG_USE_HW);
	VALUE(ARMKVM_ARM_MAX_DBG_REGS);
	VALUE(ARMKVM_REG_ARCH_MASK);
	VALUE(ARMKVM_REG_ARM);
	VALUE(ARMKVM_REG_SIZE_SHIFT);
	VALUE(ARMKVM_REG_SIZE_MASK);
	VALUE(ARMKVM_REG_SIZE_U32);
	VALUE(ARMKVM_REG_SIZE_U64);
	VALUE(ARMKVM_REG_ARM_COPROC_MASK);
	VALUE(ARMKVM_REG_ARM_COPROC_SHIFT);
	VALUE(ARMKVM_REG_ARM_32_OPC2_MASK);
	VALUE(ARMKVM_REG_ARM_32_OPC2_SHIFT);
	VALUE(ARMKVM_REG_ARM_OPC1_MASK);
	VALUE(ARMKVM_REG_ARM_OPC1_SHIFT);
	VALUE(ARMKVM_REG_ARM_CRM_MASK);
	VALUE(ARMKVM_REG_ARM_CRM_SHIFT);
	VALUE(ARMKVM_REG_ARM_32_CRN_MASK);
	VALUE(ARMKVM_REG_ARM_32_CRN_SHIFT);
	VALUE(ARMKVM_REG_ARM_CORE);
	VALUE(ARMKVM_REG_ARM_DEMUX);
	VALUE(ARMKVM_REG_ARM_DEMUX_ID_CCSIDR);
	VALUE(ARMKVM_REG_ARM_DEMUX_VAL_MASK);
	VALUE(ARMKVM_REG_ARM_VFP);
	VALUE(ARMKVM_REG_ARM_VFP_BASE_REG);
	VALUE(ARMKVM_REG_ARM_VFP_FPSID);
	VALUE(ARMKVM_REG_ARM_VFP_FPSCR);
	VALUE(ARMKVM_REG_ARM_VFP_MVFR1);
	VALUE(ARMKVM_REG_ARM_VFP_MVFR0);
	VALUE(ARMKVM_REG_ARM_VFP_FPEXC);
	VALUE(ARMKVM_REG_ARM_VFP_FPINST);
	VALUE(ARMKVM_REG_ARM_VFP_FPINST2);
	VALUE(ARMKVM_REG_ARM_FW);
	VALUE(ARMKVM_REG_ARM_PSCI_VERSION);
	VALUE(ARMKVM_REG_ARM_PV_FEATURES);
	VALUE(ARMKVM_REG_ARM_PV_STEAL_TIME);
	VALUE(ARMKVM_REG_ARM_PV_VCPU_PAGE);
	VALUE(ARMKVM_REG_ARM_PV_PRIV_TABLE);
	VALUE(ARMKVM_REG_ARM_TIMER_CTL);
	VALUE(ARMKVM_REG_ARM_TIMER_CNT);
	VALUE(ARMKVM_REG_ARM_TIMER_CVAL);
	VALUE(ARMKVM_EXIT_UNKNOWN);
	VALUE(ARMKVM_EXIT_HYPERCALL);
	VALUE(ARMKVM_EXIT_DEBUG);
	VALUE(ARMKVM_EXIT_MMIO);
	VALUE(ARMKVM_EXIT_FAIL_ENTRY);
	VALUE(ARMKVM_EXIT_INTR);
	VALUE(ARMKVM_EXIT_INTERNAL_ERROR);
	VALUE(ARMKVM_EXIT_SYSTEM_EVENT);
	VALUE(ARMKVM_EXIT_MMIO_STRING);
	VALUE(ARMKVM_EXIT_CP);
	VALUE(ARMKVM_EXIT_EMULATE);
	VALUE(ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	VALUE(ARMKVM_SYSTEM_EVENT_RESET);
	VALUE(ARMKVM_SYSTEM_EVENT_CRASH);
	VALUE(ARMKVM_ERROR_INSN);
	VALUE(ARMKVM_ERROR_MEMORY);
	VALUE(ARMKVM_ERROR_STATE);
	VALUE(ARMKVM_ERROR_INTERNAL);
	VALUE(ARMKVM_ERROR_TEXT_SIZE);
	VALUE(ARMKVM_SYNC_CORE);
	VALUE(ARMKVM_DEV_VTIMER);
	VALUE(ARMKVM_DEV_PTIMER);
	VALUE(ARMKVM_DEV_PMU);
	VALUE(ARMKVM_STATS_TYPE_MASK);
	VALUE(ARMKVM_STATS_TYPE_CUMULATIVE);
	VALUE(ARMKVM_STATS_TYPE_INSTANT);
	VALUE(ARMKVM_STATS_TYPE_PEAK);
	VALUE(ARMKVM_STATS_UNIT_MASK);
	VALUE(ARMKVM_STATS_UNIT_NONE);
	VALUE(ARMKVM_STATS_UNIT_BYTES);

	/* armkvm.h: structures */
	SIZE(armkvm_userspace_memory_region);
	FIELD(armkvm_userspace_memory_region, slot);
	FIELD(armkvm_userspace_memory_region, flags);
	FIELD(armkvm_userspace_memory_region, guest_phys_addr);
	FIELD(armkvm_userspace_memory_region, memory_size);
	FIELD(armkvm_userspace_memory_region, userspace_addr);
	SIZE(armkvm_dirty_log);
	FIELD(armkvm_dirty_log, slot);
	FIELD(armkvm_dirty_log, padding);
	FIELD(armkvm_dirty_log, dirty_bitmap);
	SIZE(armkvm_clear_dirty_log);
	FIELD(armkvm_clear_dirty_log, slot);
	FIELD(armkvm_clear_dirty_log, num_pages);
	FIELD(armkvm_clear_dirty_log, first_page);
	FIELD(armkvm_clear_dirty_log, dirty_bitmap);
	SIZE(armkvm_window);
	FIELD(armkvm_window, size);
	FIELD(armkvm_window, address);
	FIELD(armkvm_window, offset);
	FIELD(armkvm_window, reserved);
	SIZE(armkvm_memory_range);
	FIELD(armkvm_memory_range, userspace_addr);
	FIELD(armkvm_memory_range, size);
	SIZE(armkvm_enable_cap);
	FIELD(armkvm_enable_cap, cap);
	FIELD(armkvm_enable_cap, flags);
	FIELD(armkvm_enable_cap, args);
	FIELD(armkvm_enable_cap, pad);
	SIZE(armkvm_irq_level);
	FIELD(armkvm_irq_level, irq);
	FIELD(armkvm_irq_level, level);
	SIZE(armkvm_irqfd);
	FIELD(armkvm_irqfd, fd);
	FIELD(armkvm_irqfd, gsi);
	FIELD(armkvm_irqfd, flags);
	FIELD(armkvm_irqfd, resamplefd);
	FIELD(armkvm_irqfd, pad);
	SIZE(armkvm_ioeventfd);
	FIELD(armkvm_ioeventfd, datamatch);
	FIELD(armkvm_ioeventfd, addr);
	FIELD(armkvm_ioeventfd, len);
	FIELD(armkvm_ioeventfd, fd);
	FIELD(armkvm_ioeventfd, flags);
	FIELD(armkvm_ioeventfd, pad);
	SIZE(armkvm_create_device);
	FIELD(armkvm_create_device, type);
	FIELD(armkvm_create_device, fd);
	FIELD(armkvm_create_device, flags);
	FIELD(armkvm_create_device, padding);
	SIZE(armkvm_device_attr);
	FIELD(armkvm_device_attr, flags);
	FIELD(armkvm_device_attr, group);
	FIELD(armkvm_device_attr, attr);
	FIELD(armkvm_device_attr, addr);
	SIZE(armkvm_vcpu_init);
	FIELD(armkvm_vcpu_init, target);
	FIELD(armkvm_vcpu_init, features);
	SIZE(armkvm_mp_state);
	FIELD(armkvm_mp_state, mp_state);
	SIZE(armkvm_guest_debug);
	FIELD(armkvm_guest_debug, control);
	FIELD(armkvm_guest_debug, pad);
	FIELD(armkvm_guest_debug, dbg_bcr);
	FIELD(armkvm_guest_debug, dbg_bvr);
	FIELD(armkvm_guest_debug, dbg_wcr);
	FIELD(armkvm_guest_debug, dbg_wvr);
	SIZE(armkvm_emulated);
	FIELD(armkvm_emulated, flags);
	FIELD(armkvm_emulated, then);
	FIELD(armkvm_emulated, imm);
	FIELD(armkvm_emulated, padding);
	SIZE(armkvm_access);
	FIELD(armkvm_access, where);
	FIELD(armkvm_access, value);
	FIELD(armkvm_access, kind);
	FIELD(armkvm_access, len);
	FIELD(armkvm_access, is_write);
	FIELD(armkvm_access, is_user);
	FIELD(armkvm_access, padding);
	SIZE(armkvm_lines);
	FIELD(armkvm_lines, pins);
	FIELD(armkvm_lines, padding);
	FIELD(armkvm_lines, device_irq_level);
	SIZE(armkvm_vcpu_events);
	FIELD(armkvm_vcpu_events, exception);
	FIELD(armkvm_vcpu_events, exception.serror_pending);
	FIELD(armkvm_vcpu_events, exception.serror_has_fsr);
	FIELD(armkvm_vcpu_events, exception.ext_dabt_pending);
	FIELD(armkvm_vcpu_events, exception.pad);
	FIELD(armkvm_vcpu_events, exception.serror_fsr);
	FIELD(armkvm_vcpu_events, reserved);
	SIZE(armkvm_one_reg);
	FIELD(armkvm_one_reg, id);
	FIELD(armkvm_one_reg, addr);
	SIZE(armkvm_reg_value);
	FIELD(armkvm_reg_value, id);
	FIELD(armkvm_reg_value, value);
	SIZE(armkvm_reg_values);
	FIELD(armkvm_reg_values, regs);
	FIELD(armkvm_reg_values, nr);
	FIELD(armkvm_reg_values, done);
	SIZE(armkvm_reg_list);
	FIELD(armkvm_reg_list, n);
	FLEX(armkvm_reg_list, reg);
	SIZE(armkvm_regs);
	FIELD(armkvm_regs, usr_regs);
	FIELD(armkvm_regs, svc_regs);
	FIELD(armkvm_regs, abt_regs);
	FIELD(armkvm_regs, und_regs);
	FIELD(armkvm_regs, irq_regs);
	FIELD(armkvm_regs, fiq_regs);
	SIZE(armkvm_sync_regs);
	FIELD(armkvm_sync_regs, regs);
	FIELD(armkvm_sync_regs, device_irq_level);
	SIZE(armkvm_run);
	FIELD(armkvm_run, immediate_exit);
	FIELD(armkvm_run, padding1);
	FIELD(armkvm_run, exit_reason);
	FIELD(armkvm_run, padding2);
	FIELD(armkvm_run, mmio);
	FIELD(armkvm_run, mmio.phys_addr);
	FIELD(armkvm_run, mmio.data);
	FIELD(armkvm_run, mmio.len);
	FIELD(armkvm_run, mmio.is_write);
	FIELD(armkvm_run, mmio.is_hypercall);
	FIELD(armkvm_run, mmio.padding);
	FIELD(armkvm_run, mmio_string);
	FIELD(armkvm_run, mmio_string.phys_addr);
	FIELD(armkvm_run, mmio_string.data_offset);
	FIELD(armkvm_run, mmio_string.len);
	FIELD(armkvm_run, mmio_string.count);
	FIELD(armkvm_run, mmio_string.is_write);
	FIELD(armkvm_run, mmio_string.padding);
	FIELD(armkvm_run, cp);
	FIELD(armkvm_run, cp.id);
	FIELD(armkvm_run, cp.value);
	FIELD(armkvm_run, cp.is_write);
	FIELD(armkvm_run, cp.is_undefined);
	FIELD(armkvm_run, cp.padding);
	FIELD(armkvm_run, hypercall);
	FIELD(armkvm_run, hypercall.nr);
	FIELD(armkvm_run, hypercall.padding);
	FIELD(armkvm_run, hypercall.args);
	FIELD(armkvm_run, hypercall.ret);
	FIELD(armkvm_run, system_event);
	FIELD(armkvm_run, system_event.type);
	FIELD(armkvm_run, system_event.ndata);
	FIELD(armkvm_run, system_event.data);
	FIELD(armkvm_run, debug);
	FIELD(armkvm_run, debug.pc);
	FIELD(armkvm_run, debug.fsr);
	FIELD(armkvm_run, debug.far);
	FIELD(armkvm_run, debug.padding);
	FIELD(armkvm_run, error);
	FIELD(armkvm_run, error.suberror);
	FIELD(armkvm_run, error.pc);
	FIELD(armkvm_run, error.cpsr);
	FIELD(armkvm_run, error.insn);
	FIELD(armkvm_run, error.text);
	FIELD(armkvm_run, padding3);
	FIELD(armkvm_run, valid_regs);
	FIELD(armkvm_run, dirty_regs);
	FIELD(armkvm_run, s);
	FIELD(armkvm_run, s.regs);
	FIELD(armkvm_run, s.padding);
	SIZE(armkvm_stats_header);
	FIELD(armkvm_stats_header, flags);
	FIELD(armkvm_stats_header, name_size);
	FIELD(armkvm_stats_header, num_desc);
	FIELD(armkvm_stats_header, id_offset);
	FIELD(armkvm_stats_header, desc_offset);
	FIELD(armkvm_stats_header, data_offset);
	SIZE(armkvm_stats_desc);
	FIELD(armkvm_stats_desc, flags);
	FIELD(armkvm_stats_desc, exponent);
	FIELD(armkvm_stats_desc, size);
	FIELD(armkvm_stats_desc, offset);
	FIELD(armkvm_stats_desc, bucket_size);
	FLEX(armkvm_stats_desc, name);

	/* armkvm_para.h: values */
	VALUE(ARMKVM_HC_UID_0);
	VALUE(ARMKVM_HC_UID_1);
	VALUE(ARMKVM_HC_UID_2);
	VALUE(ARMKVM_HC_UID_3);
	VALUE(ARMKVM_HC_REVISION_MAJOR);
	VALUE(ARMKVM_HC_REVISION_MINOR);
	VALUE(ARMKVM_HC_SUCCESS);
	VALUE(ARMKVM_HC_NOT_SUPPORTED);
	VALUE(ARMKVM_HC_INVALID);
	VALUE(ARMKVM_HC_DENIED);
	VALUE(ARMKVM_HC_BAD_ADDRESS);
	VALUE(ARMKVM_HC_CALL_UID);
	VALUE(ARMKVM_HC_REVISION);
	VALUE(ARMKVM_HC_FEATURES);
	VALUE(ARMKVM_HC_MMIO_READ);
	VALUE(ARMKVM_HC_MMIO_WRITE);
	VALUE(ARMKVM_HC_MMIO_READS);
	VALUE(ARMKVM_HC_MMIO_WRITES);
	VALUE(ARMKVM_HC_IDLE);
	VALUE(ARMKVM_HC_YIELD);
	VALUE(ARMKVM_HC_CONTINUED);
	VALUE(ARMKVM_HC_PANIC);
	VALUE(ARMKVM_HC_RESET);
	VALUE(ARMKVM_HC_POWEROFF);
	VALUE(ARMKVM_HC_VCPU_PAGE);
	VALUE(ARMKVM_HC_PT_UPDATE);
	VALUE(ARMKVM_HC_TLB_FLUSH);
	VALUE(ARMKVM_TLB_ALL);
	VALUE(ARMKVM_TLB_ASID);
	VALUE(ARMKVM_TLB_RANGE_ASID);
	VALUE(ARMKVM_TLB_RANGE_ALL_ASID);
	VALUE(ARMKVM_TLB_INNER_SHAREABLE);
	VALUE(ARMKVM_HC_STEAL_TIME);
	VALUE(ARMKVM_HC_PROMOTE);
	VALUE(ARMKVM_HC_DEMOTE);
	VALUE(ARMKVM_HC_TIMER_SET);
	VALUE(ARMKVM_PRIV_CALL);
	VALUE(ARMKVM_PV_MMIO);
	VALUE(ARMKVM_PV_MMIO_STRING);
	VALUE(ARMKVM_PV_IDLE);
	VALUE(ARMKVM_PV_PANIC);
	VALUE(ARMKVM_PV_POWER);
	VALUE(ARMKVM_PV_VCPU_PAGE);
	VALUE(ARMKVM_PV_PT_UPDATE);
	VALUE(ARMKVM_PV_TLB_FLUSH);
	VALUE(ARMKVM_PV_EOI);
	VALUE(ARMKVM_PV_STEAL_TIME);
	VALUE(ARMKVM_PV_PRIV);
	VALUE(ARMKVM_PV_TIMER);
	VALUE(ARMKVM_PENDING_IRQ);
	VALUE(ARMKVM_PENDING_FIQ);
	VALUE(ARMKVM_PENDING_ABORT);

	/* armkvm_para.h: structures */
	SIZE(armkvm_para_vcpu);
	FIELD(armkvm_para_vcpu, version);
	FIELD(armkvm_para_vcpu, vpsr);
	FIELD(armkvm_para_vcpu, pending);
	FIELD(armkvm_para_vcpu, eoi);
	FIELD(armkvm_para_vcpu, spsr);
	FIELD(armkvm_para_vcpu, reserved);
	SIZE(armkvm_para_pte);
	FIELD(armkvm_para_pte, gpa);
	FIELD(armkvm_para_pte, value);
	FIELD(armkvm_para_pte, gva);
	FIELD(armkvm_para_pte, size);
	SIZE(armkvm_para_steal);
	FIELD(armkvm_para_steal, version);
	FIELD(armkvm_para_steal, padding);
	FIELD(armkvm_para_steal, stolen_ns);
	FIELD(armkvm_para_steal, reserved);

	/* macros with arguments, by example */
	NAMED("ARMKVM_REG_CP32(15,7,14,13,6)",
	      ARMKVM_REG_CP32(15, 7, 14, 13, 6));
	NAMED("ARMKVM_REG_CP64(15,5,14)",
	      ARMKVM_REG_CP64(15, 5, 14));
	NAMED("ARMKVM_REG_ARM_CORE_REG(37)",
	      ARMKVM_REG_ARM_CORE_REG(37));
	NAMED("ARMKVM_REG_ARM_FW_REG(3)",
	      ARMKVM_REG_ARM_FW_REG(3));
	NAMED("ARMKVM_HC(0x12)",
	      ARMKVM_HC(0x12));

	return 0;
}
