// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GIC as the launcher's device; see gic.h.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "engine-ops.h"
#include "memslot.h"
#include "user.h"
#include "vcpu.h"
#include "gic.h"
#include "irqfd.h"

/* GICD_TYPER counts groups of 32; ids 1020-1023 of the last one don't exist. */
#define NR_IRQS_MIN		(VGIC_NR_PRIVATE + 32)
#define NR_IRQS_MAX		(VGIC_NR_PRIVATE + VGIC_MAX_SPIS)

static void gic_kick(void *ctx, unsigned int cpu)
{
	const struct armkvm_vcpu *vcpu = armkvm_vm_vcpu(ctx, cpu);

	if (vcpu && vcpu->engine)
		armkvm_engine->kick(vcpu->engine);
}

static void gic_eoi(void *ctx, unsigned int id)
{
	armkvm_irqfd_eoi(ctx, id - VGIC_NR_PRIVATE);
}

static const struct vgic_ops gic_ops = {
	.kick = gic_kick,
	.eoi = gic_eoi,
};

/* vCPU ids are the GIC's CPU numbers: there may be holes. */
static unsigned int gic_nr_cpus(const struct armkvm_vm *vm)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARMKVM_MAX_VCPUS; i++)
		if (armkvm_vm_vcpu(vm, i))
			n = i + 1;
	return n;
}

/*
 * Initialises it if it was not.  Returns 0, -ENODEV (no vCPU) or -ENOMEM.
 * Held: vm->irq_lock.
 */
static int gic_complete(struct armkvm_vm *vm)
{
	struct armkvm_gic *gic = vm->gic;
	unsigned int cpus = gic_nr_cpus(vm);
	struct vgic *vgic;

	BUILD_BUG_ON(ARMKVM_MAX_VCPUS > VGIC_MAX_CPUS);
	if (gic->vgic)
		return 0;
	if (!cpus)
		return -ENODEV;
	vgic = vgic_create(cpus, gic->nr_irqs ? gic->nr_irqs - VGIC_NR_PRIVATE : VGIC_DEFAULT_SPIS,
			   &gic_ops, vm);
	if (IS_ERR(vgic))
		return PTR_ERR(vgic);
	smp_store_release(&gic->vgic, vgic);	/* for armkvm_gic_get() */
	return 0;
}

struct vgic *armkvm_gic_get(struct armkvm_vm *vm)
{
	struct armkvm_gic *gic = smp_load_acquire(&vm->gic);	/* pairs with gic_create() */
	struct vgic *vgic;
	int err;

	if (!gic)
		return ERR_PTR(-ENXIO);
	vgic = smp_load_acquire(&gic->vgic);	/* pairs with gic_complete() */
	if (vgic)
		return vgic;
	if (mutex_lock_killable(&vm->irq_lock))
		return ERR_PTR(-EINTR);
	err = gic_complete(vm);
	mutex_unlock(&vm->irq_lock);
	return err ? ERR_PTR(err) : gic->vgic;
}

static int gic_start_locked(struct armkvm_vm *vm)
{
	struct armkvm_gic *gic = vm->gic;
	int err;

	if (!gic)
		return 0;
	if (gic->addr[VGIC_DIST] == GIC_ADDR_UNDEF || gic->addr[VGIC_CPUIF] == GIC_ADDR_UNDEF)
		return -ENXIO;
	err = gic_complete(vm);
	if (!err)
		smp_store_release(&vm->vgic, gic->vgic);	/* for armkvm_vgic() */
	return err;
}

int armkvm_gic_start(struct armkvm_vm *vm)
{
	int err;

	if (smp_load_acquire(&vm->started))	/* pairs with the store below */
		return 0;
	if (mutex_lock_killable(&vm->irq_lock))
		return -EINTR;
	err = gic_start_locked(vm);
	if (!err)
		smp_store_release(&vm->started, true);	/* for the look above */
	mutex_unlock(&vm->irq_lock);
	return err;
}

void armkvm_gic_free(struct armkvm_vm *vm)
{
	if (vm->gic)
		vgic_destroy(vm->gic->vgic);
	kfree(vm->gic);
}

/*
 * -- attributes.  Held: vm->irq_lock -----------------------------------------
 */

static u64 gic_region_size(u64 type)
{
	return type == ARMKVM_VGIC_V2_ADDR_TYPE_DIST ? VGIC_DIST_SIZE : VGIC_CPU_SIZE;
}

static int gic_get_user_u64(u64 *val, u64 addr)
{
	void __user *from;
	int err = armkvm_user_ptr(addr, &from);

	if (err)
		return err;
	return copy_from_user(val, from, sizeof(*val)) ? -EFAULT : 0;
}

static int gic_get_user_u32(u32 *val, u64 addr)
{
	void __user *from;
	int err = armkvm_user_ptr(addr, &from);

	if (err)
		return err;
	return copy_from_user(val, from, sizeof(*val)) ? -EFAULT : 0;
}

static int gic_put_user_bytes(u64 addr, const void *val, size_t size)
{
	void __user *to;
	int err = armkvm_user_ptr(addr, &to);

	if (err)
		return err;
	return copy_to_user(to, val, size) ? -EFAULT : 0;
}

static int gic_set_addr(struct armkvm_gic *gic, u64 type, u64 addr)
{
	u64 other = gic->addr[!type], size = gic_region_size(type);

	BUILD_BUG_ON((int)ARMKVM_VGIC_V2_ADDR_TYPE_DIST != (int)VGIC_DIST ||
		     (int)ARMKVM_VGIC_V2_ADDR_TYPE_CPU != (int)VGIC_CPUIF);

	if (gic->addr[type] != GIC_ADDR_UNDEF)
		return -EEXIST;
	if (addr & (ARMKVM_PAGE_SIZE - 1))
		return -EINVAL;
	if (addr > (1ULL << ARMKVM_PHYS_BITS) - size)
		return -E2BIG;
	if (other != GIC_ADDR_UNDEF && addr < other + gic_region_size(!type) && other < addr + size)
		return -EINVAL;
	gic->addr[type] = addr;
	return 0;
}

static int gic_set_nr_irqs(struct armkvm_gic *gic, u32 nr)
{
	if (nr < NR_IRQS_MIN || nr > NR_IRQS_MAX || nr % 32)
		return -EINVAL;
	if (gic->vgic || gic->nr_irqs)
		return -EBUSY;
	gic->nr_irqs = nr;
	return 0;
}

/* Which register is meant, of which CPU?  Returns 0, -EINVAL (no such vCPU) or -ENXIO. */
static int gic_decode_reg(const struct armkvm_vm *vm, const struct armkvm_device_attr *attr,
			  enum vgic_region *region, unsigned int *cpu, u32 *offset)
{
	*region = attr->group == ARMKVM_DEV_ARM_VGIC_GRP_CPU_REGS ? VGIC_CPUIF : VGIC_DIST;
	*cpu = attr->attr >> ARMKVM_DEV_ARM_VGIC_CPUID_SHIFT & ARMKVM_DEV_ARM_VGIC_CPUID_MASK;
	*offset = attr->attr & ARMKVM_DEV_ARM_VGIC_OFFSET_MASK;

	if (attr->attr >> ARMKVM_DEV_ARM_VGIC_CPUID_SHIFT & ~(u64)ARMKVM_DEV_ARM_VGIC_CPUID_MASK)
		return -ENXIO;
	if (*cpu >= ARMKVM_MAX_VCPUS || !armkvm_vm_vcpu(vm, *cpu))
		return -EINVAL;
	return vgic_reg_exists(*region, *offset) ? 0 : -ENXIO;
}

static void gic_unlock_vcpus(struct armkvm_vm *vm, unsigned int n)
{
	while (n--) {
		struct armkvm_vcpu *vcpu = armkvm_vm_vcpu(vm, n);

		if (vcpu)
			mutex_unlock(&vcpu->mutex);
	}
}

/* Keeps every vCPU from running; false if one does.  No vCPU is created meanwhile. */
static bool gic_lock_vcpus(struct armkvm_vm *vm)
{
	unsigned int n;

	for (n = 0; n < ARMKVM_MAX_VCPUS; n++) {
		struct armkvm_vcpu *vcpu = armkvm_vm_vcpu(vm, n);

		if (vcpu && !mutex_trylock(&vcpu->mutex)) {
			gic_unlock_vcpus(vm, n);
			return false;
		}
	}
	return true;
}

/* A register of the GIC, whose state is a whole only while nobody uses it. */
static int gic_access_reg(struct armkvm_vm *vm, const struct armkvm_device_attr *attr, bool write)
{
	enum vgic_region region;
	unsigned int cpu;
	u32 offset, val = 0;
	int err;

	err = gic_decode_reg(vm, attr, &region, &cpu, &offset);
	if (!err && write)
		err = gic_get_user_u32(&val, attr->addr);
	if (!err)
		err = gic_complete(vm);
	if (err)
		return err;
	if (!gic_lock_vcpus(vm))
		return -EBUSY;
	err = write ? vgic_reg_set(vm->gic->vgic, region, cpu, offset, val) :
		      vgic_reg_get(vm->gic->vgic, region, cpu, offset, &val);
	gic_unlock_vcpus(vm, ARMKVM_MAX_VCPUS);
	if (!err && !write)
		err = gic_put_user_bytes(attr->addr, &val, sizeof(val));
	return err;
}

static int gic_set_attr(struct armkvm_vm *vm, const struct armkvm_device_attr *attr)
{
	u32 nr;
	u64 addr;
	int err;

	switch (attr->group) {
	case ARMKVM_DEV_ARM_VGIC_GRP_ADDR:
		if (attr->attr > ARMKVM_VGIC_V2_ADDR_TYPE_CPU)
			return -ENXIO;
		err = gic_get_user_u64(&addr, attr->addr);
		return err ? err : gic_set_addr(vm->gic, attr->attr, addr);
	case ARMKVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		if (attr->attr)
			return -ENXIO;
		err = gic_get_user_u32(&nr, attr->addr);
		return err ? err : gic_set_nr_irqs(vm->gic, nr);
	case ARMKVM_DEV_ARM_VGIC_GRP_CTRL:
		if (attr->attr != ARMKVM_DEV_ARM_VGIC_CTRL_INIT)
			return -ENXIO;
		return gic_complete(vm);
	case ARMKVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case ARMKVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		return gic_access_reg(vm, attr, true);
	default:
		return -ENXIO;
	}
}

static int gic_get_attr(struct armkvm_vm *vm, const struct armkvm_device_attr *attr)
{
	u32 nr;

	switch (attr->group) {
	case ARMKVM_DEV_ARM_VGIC_GRP_ADDR:
		if (attr->attr > ARMKVM_VGIC_V2_ADDR_TYPE_CPU)
			return -ENXIO;
		return gic_put_user_bytes(attr->addr, &vm->gic->addr[attr->attr], sizeof(u64));
	case ARMKVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		if (attr->attr)
			return -ENXIO;
		nr = vm->gic->nr_irqs ? vm->gic->nr_irqs : VGIC_NR_PRIVATE + VGIC_DEFAULT_SPIS;
		return gic_put_user_bytes(attr->addr, &nr, sizeof(nr));
	case ARMKVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case ARMKVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		return gic_access_reg(vm, attr, false);
	default:
		return -ENXIO;
	}
}

static int gic_has_attr(struct armkvm_vm *vm, const struct armkvm_device_attr *attr)
{
	enum vgic_region region;
	unsigned int cpu;
	u32 offset;

	switch (attr->group) {
	case ARMKVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr->attr <= ARMKVM_VGIC_V2_ADDR_TYPE_CPU ? 0 : -ENXIO;
	case ARMKVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return attr->attr ? -ENXIO : 0;
	case ARMKVM_DEV_ARM_VGIC_GRP_CTRL:
		return attr->attr == ARMKVM_DEV_ARM_VGIC_CTRL_INIT ? 0 : -ENXIO;
	case ARMKVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case ARMKVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		return gic_decode_reg(vm, attr, &region, &cpu, &offset) ? -ENXIO : 0;
	default:
		return -ENXIO;
	}
}

/*
 * -- the descriptor ----------------------------------------------------------
 */

static long gic_device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	int (*access)(struct armkvm_vm *vm, const struct armkvm_device_attr *attr);
	struct armkvm_vm *vm = file->private_data;
	struct armkvm_device_attr attr;
	long ret;

	if (!armkvm_vm_is_owner(vm))
		return -EIO;

	switch (cmd) {
	case ARMKVM_SET_DEVICE_ATTR:
		access = gic_set_attr;
		break;
	case ARMKVM_GET_DEVICE_ATTR:
		access = gic_get_attr;
		break;
	case ARMKVM_HAS_DEVICE_ATTR:
		access = gic_has_attr;
		break;
	default:
		return -ENOTTY;
	}
	if (copy_from_user(&attr, (void __user *)arg, sizeof(attr)))
		return -EFAULT;
	if (attr.flags)
		return -EINVAL;
	if (mutex_lock_killable(&vm->irq_lock))
		return -EINTR;
	ret = access(vm, &attr);
	mutex_unlock(&vm->irq_lock);
	return ret;
}

static int gic_device_release(struct inode *inode, struct file *file)
{
	armkvm_vm_put(file->private_data);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.release = gic_device_release,
	.unlocked_ioctl = gic_device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/*
 * The device and its descriptor, which is told to the launcher before it is
 * there: nothing after that fails.  Held: vm->irq_lock.
 */
static int gic_create(struct armkvm_vm *vm, struct armkvm_create_device *cd, void __user *arg)
{
	struct armkvm_gic *gic;
	struct file *file;
	int fd, err;

	if (vm->gic)
		return -EEXIST;
	if (vm->started)
		return -EBUSY;
	if (cd->flags & ARMKVM_CREATE_DEVICE_TEST)
		return 0;

	gic = kzalloc(sizeof(*gic), GFP_KERNEL_ACCOUNT);
	if (!gic)
		return -ENOMEM;
	gic->addr[VGIC_DIST] = GIC_ADDR_UNDEF;
	gic->addr[VGIC_CPUIF] = GIC_ADDR_UNDEF;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		err = fd;
		goto free_gic;
	}
	cd->fd = fd;
	err = -EFAULT;
	if (copy_to_user(arg, cd, sizeof(*cd)))
		goto put_fd;
	file = anon_inode_getfile("armkvm-vgic-v2", &device_fops, vm, O_RDWR);
	if (IS_ERR(file)) {
		err = PTR_ERR(file);
		goto put_fd;
	}
	armkvm_vm_get(vm);
	smp_store_release(&vm->gic, gic);	/* for armkvm_gic_get() */
	fd_install(fd, file);
	return 0;

put_fd:
	put_unused_fd(fd);
free_gic:
	kfree(gic);
	return err;
}

long armkvm_create_device(struct armkvm_vm *vm, void __user *arg)
{
	struct armkvm_create_device cd;
	long ret;

	if (copy_from_user(&cd, arg, sizeof(cd)))
		return -EFAULT;
	if (cd.flags & ~ARMKVM_CREATE_DEVICE_TEST || cd.padding)
		return -EINVAL;
	if (cd.type != ARMKVM_DEV_TYPE_ARM_VGIC_V2)
		return -ENODEV;
	if (mutex_lock_killable(&vm->irq_lock))
		return -EINTR;
	ret = gic_create(vm, &cd, arg);
	mutex_unlock(&vm->irq_lock);
	return ret;
}
