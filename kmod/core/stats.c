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

static const struct stat_info vm_stats[VM_STAT_NR] = {
	[VM_STAT_VCPUS] = { "vcpus", ARMKVM_STATS_TYPE_INSTANT | ARMKVM_STATS_UNIT_NONE },
	[VM_STAT_MEMSLOTS] = { "memslots", ARMKVM_STATS_TYPE_INSTANT | ARMKVM_STATS_UNIT_NONE },
	[VM_STAT_MEMORY] = { "memory", ARMKVM_STATS_TYPE_INSTANT | ARMKVM_STATS_UNIT_BYTES },
	[VM_STAT_MEMSLOT_UPDATES] = COUNT("memslot_updates"),
	[VM_STAT_DIRTY_LOG_READS] = COUNT("dirty_log_reads"),
};

static const struct stat_info vcpu_stats[VCPU_STAT_NR] = {
	[VCPU_STAT_RUN_CALLS] = COUNT("run_calls"),
	[VCPU_STAT_RESETS] = COUNT("resets"),
	[VCPU_STAT_REG_READS] = COUNT("register_reads"),
	[VCPU_STAT_REG_WRITES] = COUNT("register_writes"),
};

struct stat_desc {
	struct armkvm_stats_desc desc;
	char name[STATS_NAME_SIZE];
};

/* What a statistics file stands for; freed with the file. */
struct stats_file {
	struct armkvm_vm *vm;		/* holds a reference */
	const atomic64_t *figures;	/* in the VM or in one of its vCPUs */
	const struct stat_info *info;
	u32 nr;
	struct armkvm_stats_header header;
	char id[STATS_NAME_SIZE];
};

/* A piece of the file at *@offset of it: copies what [@pos, @pos + *@len) has of it. */
static int copy_piece(char __user **to, size_t *len, loff_t *pos, loff_t offset,
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

static int copy_figure(const struct stats_file *stats, u32 i, char __user **to, size_t *len,
		       loff_t *pos)
{
	u64 figure = atomic64_read(&stats->figures[i]);

	return copy_piece(to, len, pos, stats->header.data_offset + i * sizeof(figure),
			  &figure, sizeof(figure));
}

static int copy_desc(const struct stats_file *stats, u32 i, char __user **to, size_t *len,
		     loff_t *pos)
{
	struct stat_desc d = { };

	BUILD_BUG_ON(sizeof(struct stat_desc) !=
		     sizeof(struct armkvm_stats_desc) + STATS_NAME_SIZE);

	d.desc.flags = stats->info[i].flags;
	d.desc.size = 1;
	d.desc.offset = i * sizeof(u64);
	strscpy(d.name, stats->info[i].name, sizeof(d.name));
	return copy_piece(to, len, pos, stats->header.desc_offset + i * sizeof(d),
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
	err = copy_piece(&to, &len, &pos, 0, header, sizeof(*header));
	if (!err)
		err = copy_piece(&to, &len, &pos, header->id_offset, stats->id, sizeof(stats->id));
	for (i = 0; i < stats->nr && !err; i++)
		err = copy_desc(stats, i, &to, &len, &pos);
	for (i = 0; i < stats->nr && !err; i++)
		err = copy_figure(stats, i, &to, &len, &pos);
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
	stats->figures = vm->stat;
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
	stats->figures = vcpu->stat;
	stats->info = vcpu_stats;
	stats->nr = VCPU_STAT_NR;
	snprintf(stats->id, sizeof(stats->id), "armkvm-%d/vcpu-%u", vcpu->vm->creator, vcpu->id);
	return stats_fd(stats);
}
