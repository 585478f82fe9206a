// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics descriptors.
 *
 * The file is a header, a name, one descriptor a figure, and the figures, 64 bits
 * each; only the figures change between two reads.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "engine-ops.h"
#include "stats.h"
#include "vcpu.h"
#include "vm.h"

/* With the NUL; KVM's value. */
#define STATS_NAME_SIZE	48

struct stat_info {
	const char *name;
	u32 flags;
};

#define COUNT(n)	{ n, ARMKVM_STATS_TYPE_CUMULATIVE | ARMKVM_STATS_UNIT_NONE }
#define NOW(n)		{ n, ARMKVM_STATS_TYPE_INSTANT | ARMKVM_STATS_UNIT_NONE }
#define BYTES_NOW(n)	{ n, ARMKVM_STATS_TYPE_INSTANT | ARMKVM_STATS_UNIT_BYTES }

static const struct stat_info vm_stats[VM_STAT_NR] = {
	[VM_STAT_VCPUS] = NOW("vcpus"),
	[VM_STAT_MEMSLOTS] = NOW("memslots"),
	[VM_STAT_MEMORY] = BYTES_NOW("memory"),
	[VM_STAT_MEMSLOT_UPDATES] = COUNT("memslot_updates"),
	[VM_STAT_DIRTY_LOG_READS] = COUNT("dirty_log_reads"),
	[VM_STAT_SPACES] = NOW("spaces"),
	[VM_STAT_SPACES_MADE] = COUNT("spaces_made"),
	[VM_STAT_LEAVES] = NOW("leaves"),
	[VM_STAT_LEAVES_MADE] = COUNT("leaves_made"),
	[VM_STAT_COPIES] = NOW("copies"),
	[VM_STAT_COPIES_MADE] = COUNT("copies_made"),
	[VM_STAT_COPIES_DROPPED] = COUNT("copies_dropped"),
	[VM_STAT_COPIES_REMADE] = COUNT("copies_remade"),
	[VM_STAT_DEVICE_INSNS] = COUNT("device_insns_replaced"),
	[VM_STAT_DEVICE_INSNS_UNDONE] = COUNT("device_insns_restored"),
	[VM_STAT_ZAPS_BY_HOST] = COUNT("zaps_by_host"),
	[VM_STAT_RECLAIMED] = COUNT("reclaimed"),
	[VM_STAT_REMOTE_FLUSHES] = COUNT("remote_flushes"),
	[VM_STAT_KICKS] = COUNT("kicks"),
	[VM_STAT_MODULE_MEMORY] = BYTES_NOW("module_memory"),
};

static const struct stat_info vcpu_stats[VCPU_STAT_NR] = {
	[VCPU_STAT_RUN_CALLS] = COUNT("run_calls"),
	[VCPU_STAT_RESETS] = COUNT("resets"),
	[VCPU_STAT_REG_READS] = COUNT("register_reads"),
	[VCPU_STAT_REG_WRITES] = COUNT("register_writes"),
	[VCPU_STAT_ENTRIES] = COUNT("entries"),
	[VCPU_STAT_HOST_TLB_FLUSHES] = COUNT("host_tlb_flushes"),
	[VCPU_STAT_HOST_TLB_PAGES] = COUNT("host_tlb_pages"),
	[VCPU_STAT_EXITS_IRQ] = COUNT("exits_irq"),
	[VCPU_STAT_EXITS_SVC] = COUNT("exits_svc"),
	[VCPU_STAT_EXITS_UNDEF] = COUNT("exits_undef"),
	[VCPU_STAT_EXITS_PREFETCH_ABORT] = COUNT("exits_prefetch_abort"),
	[VCPU_STAT_EXITS_DATA_ABORT] = COUNT("exits_data_abort"),
	[VCPU_STAT_LIGHT_EXITS] = COUNT("light_exits"),
	[VCPU_STAT_EMULATED_SILENT] = COUNT("emulated_silent"),
	[VCPU_STAT_EMULATED_CP] = COUNT("emulated_coprocessor"),
	[VCPU_STAT_EMULATED_FP] = COUNT("emulated_fp"),
	[VCPU_STAT_HYPERCALLS] = COUNT("hypercalls"),
	[VCPU_STAT_GUEST_UNDEFS] = COUNT("guest_undefs"),
	[VCPU_STAT_GUEST_ABORTS] = COUNT("guest_aborts"),
	[VCPU_STAT_FILLS] = COUNT("fills"),
	[VCPU_STAT_SPACE_CHANGES] = COUNT("space_changes"),
	[VCPU_STAT_TLBI_ALL] = COUNT("tlbi_all"),
	[VCPU_STAT_TLBI_ASID] = COUNT("tlbi_asid"),
	[VCPU_STAT_TLBI_VA] = COUNT("tlbi_va"),
	[VCPU_STAT_CACHE_OPS] = COUNT("cache_ops"),
	[VCPU_STAT_EMULATE_EXITS] = COUNT("emulate_exits"),
	[VCPU_STAT_EMULATED_RETURNS] = COUNT("emulated_returns"),
	[VCPU_STAT_PROMOTIONS] = COUNT("promotions"),
	[VCPU_STAT_DEMOTIONS] = COUNT("demotions"),
	[VCPU_STAT_PRIV_EXITS] = COUNT("privileged_exits"),
	[VCPU_STAT_MMIO_EXITS] = COUNT("mmio_exits"),
	[VCPU_STAT_MODULE_DEVICES] = COUNT("module_device_accesses"),
	[VCPU_STAT_DEVICE_TRAPS] = COUNT("device_traps"),
	[VCPU_STAT_DEVICE_REPLACED] = COUNT("device_replaced"),
	[VCPU_STAT_INTERRUPTS] = COUNT("interrupts"),
	[VCPU_STAT_SLEEPS] = COUNT("sleeps"),
};

struct stat_desc {
	struct armkvm_stats_desc desc;
	char name[STATS_NAME_SIZE];
};

/* What a statistics file stands for; freed with the file. */
struct stats_file {
	struct armkvm_vm *vm;		/* holds a reference */
	const struct armkvm_vcpu *vcpu;	/* of the VM; NULL: the VM's own figures */
	const struct stat_info *info;
	u32 nr;
	struct armkvm_stats_header header;
	char id[STATS_NAME_SIZE];
};

/* A piece of the file at *@offset of it: copies what [@pos, @pos + *@len) has of it. */
static int stats_copy_piece(char __user **to, size_t *len, loff_t *pos, loff_t offset,
			    const void *piece, size_t size)
{
	size_t skip, n;

	if (*pos < offset || *pos >= offset + size)
		return 0;
	skip = *pos - offset;
	n = min(size - skip, *len);
	if (copy_to_user(*to, piece + skip, n))
		return -EFAULT;
	*to += n;
	*len -= n;
	*pos += n;
	return 0;
}

/*
 * A vCPU's figure while its thread counts: on 32-bit hosts the halves may be of
 * two values, which a second look tells but once in 2^32 counts.
 */
static u64 stats_read_figure(const u64 *figure)
{
	unsigned int tries = 8;
	u64 val;

	do {
		val = READ_ONCE(*figure);
		barrier();
	} while (!IS_ENABLED(CONFIG_64BIT) && val != READ_ONCE(*figure) && --tries);
	return val;
}

static u64 stats_figure_of(const struct stats_file *stats, u32 i)
{
	if (stats->vcpu)
		return stats_read_figure(&stats->vcpu->stat[i]);
	if (i == VM_STAT_MODULE_MEMORY)
		return armkvm_engine ? armkvm_engine->memory(stats->vm) : 0;
	return atomic64_read(&stats->vm->stat[i]);
}

static int stats_copy_figure(const struct stats_file *stats, u32 i, char __user **to, size_t *len,
			     loff_t *pos)
{
	loff_t at = stats->header.data_offset + i * sizeof(u64);
	u64 figure;

	/* Only what is asked for: some are computed. */
	if (!*len || *pos < at || *pos >= at + (loff_t)sizeof(figure))
		return 0;
	figure = stats_figure_of(stats, i);
	return stats_copy_piece(to, len, pos, at, &figure, sizeof(figure));
}

static int stats_copy_desc(const struct stats_file *stats, u32 i, char __user **to, size_t *len,
			   loff_t *pos)
{
	struct stat_desc d = { };

	BUILD_BUG_ON(sizeof(struct stat_desc) !=
		     sizeof(struct armkvm_stats_desc) + STATS_NAME_SIZE);

	d.desc.flags = stats->info[i].flags;
	d.desc.size = 1;
	d.desc.offset = i * sizeof(u64);
	strscpy(d.name, stats->info[i].name, sizeof(d.name));
	return stats_copy_piece(to, len, pos, stats->header.desc_offset + i * sizeof(d),
				&d, sizeof(d));
}

static ssize_t stats_read(struct file *file, char __user *to, size_t len, loff_t *ppos)
{
	const struct stats_file *stats = file->private_data;
	const struct armkvm_stats_header *header = &stats->header;
	loff_t pos = *ppos;
	int err;
	u32 i;

	if (pos < 0)
		return -EINVAL;

	/* In the order of the file: each piece leaves pos where the next one begins. */
	err = stats_copy_piece(&to, &len, &pos, 0, header, sizeof(*header));
	if (!err)
		err = stats_copy_piece(&to, &len, &pos, header->id_offset, stats->id,
				       sizeof(stats->id));
	for (i = 0; i < stats->nr && !err; i++)
		err = stats_copy_desc(stats, i, &to, &len, &pos);
	for (i = 0; i < stats->nr && !err; i++)
		err = stats_copy_figure(stats, i, &to, &len, &pos);
	if (err)
		return err;

	len = pos - *ppos;
	*ppos = pos;
	return len;
}

static int stats_release(struct inode *inode, struct file *file)
{
	struct stats_file *stats = file->private_data;

	armkvm_vm_put(stats->vm);
	kfree(stats);
	return 0;
}

static const struct file_operations stats_fops = {
	.owner = THIS_MODULE,
	.release = stats_release,
	.read = stats_read,
	.llseek = noop_llseek,
};

/* Takes over @stats, reference included. */
static int stats_fd(struct stats_file *stats)
{
	struct file *file;
	int fd;

	stats->header.name_size = STATS_NAME_SIZE;
	stats->header.num_desc = stats->nr;
	stats->header.id_offset = sizeof(stats->header);
	stats->header.desc_offset = stats->header.id_offset + STATS_NAME_SIZE;
	stats->header.data_offset = stats->header.desc_offset +
				    stats->nr * sizeof(struct stat_desc);

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto free_stats;
	file = anon_inode_getfile("armkvm-stats", &stats_fops, stats, O_RDONLY);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
		goto free_stats;
	}
	/* An anonymous file has no pread by itself. */
	file->f_mode |= FMODE_PREAD;
	fd_install(fd, file);
	return fd;

free_stats:
	armkvm_vm_put(stats->vm);
	kfree(stats);
	return fd;
}

int armkvm_vm_stats_fd(struct armkvm_vm *vm)
{
	struct stats_file *stats = kzalloc(sizeof(*stats), GFP_KERNEL_ACCOUNT);

	if (!stats)
		return -ENOMEM;
	armkvm_vm_get(vm);
	stats->vm = vm;
	stats->info = vm_stats;
	stats->nr = VM_STAT_NR;
	snprintf(stats->id, sizeof(stats->id), "armkvm-%d", vm->creator);
	return stats_fd(stats);
}

int armkvm_vcpu_stats_fd(struct armkvm_vcpu *vcpu)
{
	struct stats_file *stats = kzalloc(sizeof(*stats), GFP_KERNEL_ACCOUNT);

	if (!stats)
		return -ENOMEM;
	armkvm_vm_get(vcpu->vm);
	stats->vm = vcpu->vm;
	stats->vcpu = vcpu;
	stats->info = vcpu_stats;
	stats->nr = VCPU_STAT_NR;
	snprintf(stats->id, sizeof(stats->id), "armkvm-%d/vcpu-%u", vcpu->vm->creator, vcpu->id);
	return stats_fd(stats);
}
