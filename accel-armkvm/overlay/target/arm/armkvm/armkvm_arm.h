/*
 * armkvm on Arm: what target/arm and the boards call, and what the files here
 * share
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TARGET_ARM_ARMKVM_ARM_H
#define TARGET_ARM_ARMKVM_ARM_H

#include "system/armkvm.h"
#include "system/kvm.h"
#include "cpu.h"

/* Where there is no armkvm stub.c has these, which nobody calls. */

/*
 * Takes from a CPU that is about to be realized what no armkvm guest has: EL3,
 * EL2 and the performance monitor.  Boards may ask for them, and read back
 * that they are off.
 */
void armkvm_arm_cpu_pre_realize(ARMCPU *cpu);

/* "-cpu host" and, under armkvm, "-cpu max": the host's core. */
void armkvm_arm_host_initfn(Object *obj);

/* qemu_irq handler of a CPU's inbound lines, opaque is the ARMCPU. */
void armkvm_arm_set_irq(void *opaque, int irq, int level);

/*
 * saved.c, the hooks of vmstate_arm_cpu, under the BQL.  pre_save: what TCG
 * would migrate is put in the list that goes out, and the module's registers go
 * in the subsection vmstate_armkvm_regs.
 */
extern const VMStateDescription vmstate_armkvm_regs, vmstate_armkvm_count;
void armkvm_arm_cpu_pre_save(ARMCPU *cpu);

/* A saved CPU is about to come; with any accelerator. */
void armkvm_arm_cpu_pre_load(ARMCPU *cpu);

/*
 * It has come, to armkvm, or to TCG.  Return: false, with the reason printed,
 * if this VM can't be what the guest expects.
 */
bool armkvm_arm_cpu_post_load(ARMCPU *cpu);
bool armkvm_arm_cpu_post_load_tcg(ARMCPU *cpu);

/* emulate.c */

/*
 * The exception that an emulated vCPU is about to take is the module's
 * matter, HVC, SMC or an undefined instruction: the slice ends before it.
 * Returns: false for others.
 */
bool armkvm_arm_take_call(CPUState *cs);

/* Interrupt lines of the module's to the emulated vCPU; with the BQL. */
void armkvm_arm_update_lines(CPUState *cs);

/* irq.c; with the BQL */

/* The module's timers, in the run page, go to QEMU's controller. */
void armkvm_arm_timer_lines(CPUState *cs);

/* An emulated vCPU's pin, CPU_INTERRUPT_HARD or CPU_INTERRUPT_FIQ. */
void armkvm_arm_set_pin(CPUState *cs, int mask, bool level);

/* kvm-beside.c */

/* The same under real KVM: the host's core in its 32-bit state. */
void armkvm_arm_kvm_host_initfn(ARMCPU *cpu);

/* cpu-model.c */

bool armkvm_arm_is_host_model(const char *model);

/* The CPU models that a host may be able to run, "host" and "max" included. */
extern const char *const armkvm_arm_models[];

/*
 * Gives the module's vCPU @fd the identification registers of the model @cpu.
 *
 * Returns: false and in @missing (g_free() it) what the host lacks for that.
 */
bool armkvm_arm_set_model(int fd, ARMCPU *cpu, char **missing);

/* machine.c */

/* The CPU model that the machine is going to have; NULL if that is unknown. */
char *armkvm_arm_model_in_effect(MachineState *ms, bool *requested);

/* False for options of the virt machine that ask for EL3, EL2 or MTE. */
bool armkvm_arm_check_virt_options(MachineState *ms, Error **errp);

/* core-regs.c: of QEMU's state, to and from values in the module's form */

/* Words of struct armkvm_regs but the reserved one, and their ids in order. */
#define ARMKVM_NR_CORE_REGS 37

struct armkvm_reg_value;

uint64_t armkvm_arm_core_id(unsigned int i);

void armkvm_arm_put_core(CPUARMState *env, struct armkvm_reg_value *values);

/* Returns: 0, or -EINVAL and @errp for a CPSR of no mode. */
int armkvm_arm_get_core(CPUARMState *env,
                        const struct armkvm_reg_value *values, Error **errp);

/* Is VFP register @id state?  Others identify, and are not to be put. */
bool armkvm_arm_vfp_is_state(uint64_t id);

/* The register @reg->id of VFP; nothing for one that is no state. */
void armkvm_arm_put_vfp(CPUARMState *env, struct armkvm_reg_value *reg);
void armkvm_arm_get_vfp(CPUARMState *env, const struct armkvm_reg_value *reg);

/* regs.c */

/* Learns which registers the module's vCPU has; after its ARM_VCPU_INIT. */
int armkvm_arm_init_reg_list(ARMCPU *cpu, Error **errp);

/* How fast the guest's counter is, in Hz, among the coprocessor registers. */
#define ARMKVM_ARM_CNTFRQ_ID ARMKVM_REG_CP32(15, 0, 14, 0, 0)

/* For qsort() and bsearch(): both point to the id of a register. */
int armkvm_arm_compare_ids(const void *a, const void *b);

/* Whether the coprocessor register @id is in that list. */
bool armkvm_arm_has_reg(ARMCPU *cpu, uint64_t id);

/*
 * Whether @id is of the timers or the performance monitors, whose values the
 * module changes while the vCPU is emulated.
 */
bool armkvm_arm_is_module_reg(uint64_t id);

/* Reads the coprocessor registers into the list, not into the CPU state. */
int armkvm_arm_read_reset_values(ARMCPU *cpu, Error **errp);

#endif /* TARGET_ARM_ARMKVM_ARM_H */
