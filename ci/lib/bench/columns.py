# SPDX-License-Identifier: GPL-2.0-or-later
"""The columns: the same kernel and program natively, as a guest on armkvm, and on TCG."""

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
DISK = ["-drive", "if=none,id=disk,driver=null-co,read-zeroes=on,size=64M", "-device", "virtio-blk-device,drive=disk"]

ROW = re.compile(r"^bench: (\S+) ([0-9.]+) ns ([0-9]+) ([0-9.]+)$")
OTHER = re.compile(r"^bench: (?:error: |\S+ missing: )")


class BenchError(Exception):
    """cause: one line; cure: what to do about it."""

    def __init__(self, cause, cure=""):
        super().__init__(cause)
        self.cause, self.cure = cause, cure


@dataclass
class Options:
    """What the columns want to know of the command line."""

    host: str
    rows: str
    time_ms: int
    image: str
    guest_args: list
    timeout: int


def guest_cpu(host):
    return {"armv7-a15": "cortex-a15", "armv7-a9": "cortex-a9"}.get(host, "host")


def machine(host):
    """QEMU's options for the guest's machine, and for the native run, its equal."""
    return ["-M", "vexpress-a9"] if host == "armv7-a9" else ["-M", "virt,highmem=off"]


def append(options):
    """The kernel's command line; the words behind -- are the program's."""
    return f"{KERNEL_WORDS} -- --rows {options.rows} --time {options.time_ms}"


def native_command(options):
    """The outer emulator as the machine itself: counted like ci/testbed's."""
    host = machines.HOSTS[options.host]
    return [
        host.emulator, "-no-user-config", "-nodefaults", "-display", "none", "-monitor", "none", "-no-reboot",
        "-M", host.machine + (",dtb-randomness=off" if host.machine.startswith("virt") else ""),
        "-cpu", host.cpu, "-m", str(MEMORY),
        "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off,align=off",
        "-rtc", f"base={machines.ICOUNT_DATE},clock=vm", "-seed", "1", "-serial", "stdio",
        "-kernel", os.path.join(options.image, "vmlinuz"), "-initrd", os.path.join(options.image, "initramfs.gz"),
        "-append", append(options)] + DISK


def guest_command(options, accel):
    """Our QEMU in the emulated host."""
    cpu = guest_cpu(options.host) if accel == "armkvm" else "cortex-a15"
    qemu = ["qemu-system-arm", "-accel", accel, "-cpu", cpu] + machine(options.host) + [
        "-m", str(MEMORY), "-nic", "none", "-nographic", "-no-reboot",
        "-kernel", "/share/vmlinuz", "-initrd", "/share/initramfs.gz", "-append", append(options)]
    load = "insmod /testbed/armkvm.ko shadow=1 && " if accel == "armkvm" else ""
    return [
        TESTBED, "--host", options.host, "--icount", "--no-tty", "--no-load", "--timeout", str(options.timeout),
        "--share", options.image, "--",
        "sh", "-c", load + "exec " + shlex.join(qemu + DISK + options.guest_args)]


def command(column, options):
    if column != "native":
        return guest_command(options, column)
    if options.host != "armv7-a15":
        raise BenchError(f"there is no native column on {options.host}: its kernel or machine isn't the guest's",
                         "--columns armkvm,tcg")
    return native_command(options)


def run(column, options, progress):
    """{row: (ns, iterations, best ns)}; progress(row) is called as rows come."""
    figures, lines = {}, []
    with subprocess.Popen(command(column, options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout:
            line = line.strip()
            lines.append(line)
            found = ROW.match(line)
            if found:
                figures[found[1]] = (float(found[2]), int(found[3]), float(found[4]))
                progress(found[1], figures[found[1]])
            elif OTHER.match(line):
                print(f"      {line}", file=sys.stderr)
    if process.returncode or "bench: done" not in lines:
        print("\n".join(lines[-20:]), file=sys.stderr)
        raise BenchError(f"the column {column} ended with status {process.returncode} before its end",
                         "the lines above say why")
    return figures
