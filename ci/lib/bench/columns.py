# SPDX-License-Identifier: GPL-2.0-or-later
"""The columns: the same program natively, and as a guest on armkvm in its modes, on real KVM, and on TCG."""

import fnmatch
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass

from testbed import machines

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
TESTBED = os.path.join(TOP, "ci", "testbed")

KERNEL_WORDS = "console=ttyAMA0 quiet loglevel=3 cryptomgr.notests audit=0 apparmor=0 panic=-1 rdinit=/bench/bench"
MEMORY = 256
# Answers at once: what is measured is the way to it.
DISK = ["-drive", "if=none,id=disk,driver=null-co,read-zeroes=on,size=64M"]
NATIVE_DISK = DISK + ["-device", "virtio-blk-device,drive=disk,serial=fast"]
# On one CPU a thread that polls takes the guest's time.
GUEST_DISK = DISK + [
    "-object", "iothread,id=io,poll-max-ns=0", "-device", "virtio-blk-device,drive=disk,serial=fast,iothread=io"]
# The host's own. A kernel that starts reads its partitions: not where "boot" is measured,
# as the native machine has the other disk only.
SLOW_DISK = [
    "-drive", "if=none,id=slow,file=/dev/nullb0,format=raw,cache=none,aio=native",
    "-device", "virtio-blk-device,drive=slow,serial=slow,iothread=io"]
# As scripts/bench-image.sh has it for the native column
HOST_DISK = "modprobe null_blk queue_mode=2 irqmode=2 gb=1 completion_nsec=200000"

ROW = re.compile(r"^bench: (\S+) ([0-9.]+) ns ([0-9]+) ([0-9.]+)$")
# What a process measures of its kernel's start, where that is not the guest's
OTHER_KERNEL_ROWS = ("boot", "boot-late")
# Those of a kernel's start: a run of their own, see SLOW_DISK
BOOT_ROWS = ("boot", "boot-late")
# The columns with the paravirtual kernel
PARAVIRTUAL = ("native-pv", "pv", "direct")
# Those whose statistics a program beside QEMU reads, and where it is in the emulated host
WATCHED = ("armkvm", "pv", "direct")
WATCH = "/usr/bin/bench-watch"
# A guest's kernel on the machine itself
GUEST_KERNEL_ALONE = ("native-pv", "native-plain")
# Those of guest/bare/mmio.c
DEVICE_ROWS = ("mmio-device", "mmio-gicd", "mmio-gicc", "mmio-trap")
# What -accel is told, where that isn't the column's name; and the module, where it is told something
ACCEL = {"pv": "armkvm", "direct": "armkvm,mode=direct"}
LOAD = {"direct": " direct=1"}
# Whose kernel can let a guest's run privileged: its GIC is a GICv2, and the groups are its own
DIRECT_HOSTS = ("armv7-a15",)

STOP = re.compile(r"^bench: (begin|end) (\S+)$")
STATS = re.compile(r"^stats-(vm|vcpu): (.*)$")
STOPPED = re.compile(r"^qemu-system-arm: .* stopped: ")
OTHER = re.compile(r"^bench: (?:error: |\S+ missing: )")


class BenchError(Exception):
    """cause: one line; cure: what to do about it."""

    def __init__(self, cause, cure=""):
        super().__init__(cause)
        self.cause, self.cure = cause, cure


@dataclass
class Figure:
    """One row of one column."""

    ns: float               # mean for one operation
    iterations: int
    best: float             # of 20 chunks
    beside: dict            # statistics of the module for one operation, by name; {}: not known


@dataclass
class Options:
    """What the columns want to know of the command line."""

    host: str
    virt: bool              # the host has EL2
    rows: str
    time_ms: int
    images: dict            # {column: the directory that scripts/bench-image.sh has made}
    watch: str              # ci/bench/watch.c for the host; "" if no column wants it
    guest_args: list
    timeout: int


def has_guests_kernel(host):
    """Whether the host's own kernel is the guest's: else the native column is a process on another kernel."""
    return machines.HOSTS[host].arch == "armhf"


def guest_cpu(host, accel):
    if host == "armv7-a9":
        return "cortex-a9"
    return "cortex-a15" if accel == "tcg" or host == "armv7-a15" else "host"


def machine(host):
    """QEMU's options for the guest's machine: on ARMv7 hosts the same as the host."""
    if host == "armv7-a9":
        return ["-M", "vexpress-a9", "-dtb", os.path.join("/share", machines.HOSTS[host].device_tree)]
    return ["-M", "virt,highmem=off"]


def append(rows, options):
    """The kernel's command line; the words behind -- are the program's."""
    return f"{KERNEL_WORDS} -- --rows {rows} --time {options.time_ms}"


def native_command(column, options):
    """The outer emulator as the machine itself: counted like ci/testbed's."""
    host, image = machines.HOSTS[options.host], options.images[column]
    tree = ["-dtb", os.path.join(image, host.device_tree)] if host.device_tree else []
    board = host.machine + (",virtualization=on" if options.virt else "")
    words = append(options.rows, options)
    if not has_guests_kernel(options.host):
        # That kernel draws a random stack offset at each system call, which costs 10,000
        # instructions until it has a seed: the board's, made from -seed and always the same.
        words = "random.trust_bootloader=on " + words
    elif board.startswith("virt"):
        board += ",dtb-randomness=off"
    return [
        host.emulator, "-no-user-config", "-nodefaults", "-display", "none", "-monitor", "none", "-no-reboot",
        "-M", board, "-cpu", host.cpu, "-m", str(MEMORY),
        "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off,align=off",
        "-rtc", f"base={machines.ICOUNT_DATE},clock=vm", "-seed", "1", "-serial", "stdio",
        "-kernel", os.path.join(image, "vmlinuz"),
        "-initrd", os.path.join(image, "initramfs.gz"),
        "-append", words] + tree + NATIVE_DISK


def bare_guest(options, accel, cpu, words):
    """QEMU with guest/bare/mmio.c, which prints DEVICE_ROWS. Where its RAM is elsewhere than it expects it finds the
    device tree, which QEMU puts in the middle, with 128 MiB alone."""
    return ["qemu-system-arm", "-accel", accel, "-cpu", cpu] + machine(options.host) + [
        "-m", str(MEMORY // 2), "-nic", "none", "-display", "none", "-monitor", "none", "-serial", "stdio",
        "-kernel", "/share/mmio.bin", "-append", words] + options.guest_args


def bare_guests(options, column, accel, cpu):
    """The commands for DEVICE_ROWS, the module loaded. The paravirtual guest's accesses are calls; mmio-trap is
    the other one's without what the module remembers of devices. One that is privileged has no traps to compare."""
    def run(words):
        return shlex.join(bare_guest(options, accel, cpu, words)) + " && "

    if column == "pv":
        return run("call=1") + run("call=1 trap=1")
    if column == "direct":
        return run("direct=1")
    if column != "armkvm":
        return run("call=0")
    return (run("call=0") + "rmmod armkvm && insmod /testbed/armkvm.ko mmio_patch=0 && " + run("trap=1") +
            "rmmod armkvm && insmod /testbed/armkvm.ko && ")


def guest_command(column, options):
    """Our QEMU in the emulated host; on armkvm with the program that reads the statistics."""
    accel = ACCEL.get(column, column)
    watched = column in WATCHED
    cpu = guest_cpu(options.host, accel)

    def run(rows, disks):
        qemu = ["qemu-system-arm", "-accel", accel, "-cpu", cpu] + machine(options.host) + [
            "-m", str(MEMORY), "-nic", "none", "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot",
            "-kernel", "/share/vmlinuz", "-initrd", "/share/initramfs.gz",
            "-append", append(rows, options) + (" --sync" if watched else "")] + disks + options.guest_args
        if watched:
            qemu = [WATCH, "/tmp/qmp"] + qemu + ["-qmp", "unix:/tmp/qmp,server=on,wait=off"]
        return shlex.join(qemu)

    runs = []
    if fnmatch.filter(BOOT_ROWS, options.rows):
        runs.append(run(options.rows if options.rows in BOOT_ROWS else "boot*", GUEST_DISK))
    if options.rows not in BOOT_ROWS:
        runs.append(run(options.rows, GUEST_DISK + SLOW_DISK))
    load = f"rmmod null_blk && {HOST_DISK} && "
    if watched:
        load += f"insmod /testbed/armkvm.ko{LOAD.get(column, '')} && "
    if fnmatch.filter(DEVICE_ROWS, options.rows) and options.host != "armv7-a9":
        load += bare_guests(options, column, accel, cpu)
    return [
        TESTBED, "--host", options.host] + (["--virt"] if options.virt else []) + (
            ["--add", f"{options.watch}:{WATCH}"] if watched else []) + [
        "--icount", "--no-tty", "--no-load", "--module", "null_blk", "--timeout", str(options.timeout), "--share", options.images[column], "--", "sh", "-c", load + " && ".join(runs)]


def command(column, options):
    return (native_command if column.startswith("native") else guest_command)(column, options)


def scalars(text):
    """The figures in an answer of query-stats, summed over vCPUs."""
    sums = {}
    for result in json.loads(text).get("return", []):
        for stat in result["stats"]:
            if isinstance(stat["value"], int):
                sums[stat["name"]] = sums.get(stat["name"], 0) + stat["value"]
    return sums


def why_not_privileged(first, last):
    """Why a guest of mode=direct wasn't privileged between two looks at its statistics, or None. In shadow mode all
    works, too, so nothing else would tell."""
    if not last.get("promotions"):
        return "its guest has never been privileged"
    if last.get("demotions"):
        return f"its guest was put back into shadow mode, {last['demotions']} times"
    if last["privileged_exits"] <= first.get("privileged_exits", 0):
        return "its guest was never left while it was privileged"
    return None


class Reader:
    """Makes figures of what a run prints; absent: rows that are none of this column's; direct: each guest has to
    be privileged from its first stop to its last."""

    def __init__(self, absent=(), direct=False):
        self.figures = {}
        self._absent = absent
        self.done = False
        self.wrong = None       # why the figures are not what the column says
        self._direct = direct
        self._looks = []        # this guest's statistics, stop by stop
        self.memory = None      # the module's, in bytes, at the first stop: after the guest's boot
        self._stops = {}        # (begin or end, row): statistics
        self._at = None

    def line(self, line):
        """Returns the name of the row that this line has completed, or None."""
        found = STOP.match(line)
        if found:
            self._at = found.groups()
            self._stops[self._at] = {}
            self._looks.append(self._stops[self._at])
        found = STATS.match(line)
        if found and self._at:
            stats = scalars(found[2])
            self._stops[self._at].update(stats)
            if self.memory is None:
                self.memory = stats.get("module_memory")
        if line == "bench: done":
            self.done = True
            if self._direct and not self.wrong:
                self.wrong = why_not_privileged(self._looks[0], self._looks[-1]) if self._looks else "nobody has looked"
            self._looks = []
        found = ROW.match(line)
        if not found:
            return None
        row, iterations = found[1], int(found[3])
        self.done = False       # of several runs each has an end
        if row in self._absent or row in self.figures:
            return None
        self.figures[row] = Figure(float(found[2]), iterations, float(found[4]), self._beside(row, iterations))
        return row

    def _grown(self, row):
        begin, end = self._stops.get(("begin", row), {}), self._stops.get(("end", row), {})
        return {name: end[name] - begin[name] for name in end if name in begin}

    def _beside(self, row, iterations):
        """What a row's operations added, without what the two stops add themselves."""
        stops = self._grown("nothing")
        return {name: max(0.0, (value - stops.get(name, 0)) / iterations)
                for name, value in self._grown(row).items()}


def run(column, options, progress):
    """A Reader that has seen a whole run; progress(row, figure) is called as rows come."""
    other = column == "native" and not has_guests_kernel(options.host)
    reader, lines = Reader(OTHER_KERNEL_ROWS if other else (), column == "direct"), []
    with subprocess.Popen(command(column, options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout:
            line = line.strip()
            if not STATS.match(line):
                lines.append(line)
            row = reader.line(line)
            if row:
                progress(row, reader.figures[row])
            elif STOPPED.match(line):
                process.terminate()     # QEMU would stay with its stopped VM
            elif OTHER.match(line):
                print(f"      {line}", file=sys.stderr)
    if process.returncode or not reader.done:
        print("\n".join(lines[-20:]), file=sys.stderr)
        raise BenchError(f"the column {column} ended with status {process.returncode} before its end",
                         "the lines above say why")
    if reader.wrong:
        raise BenchError(f"the column {column} measures something else: {reader.wrong}",
                         "let the guest's kernel be one that asks to (--pv-kernel 6.1-pv); the host's log says what is refused")
    return reader
