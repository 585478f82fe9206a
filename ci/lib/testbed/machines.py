# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated Arm hosts: what each is made of and the outer QEMU's command line."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from .errors import TestbedError, say


@dataclass(frozen=True)
class Host:
    """One kind of emulated host."""

    arch: str               # Debian's name
    emulator: str           # of the distribution's qemu-system-arm package
    machine: str
    cpu: str
    console: str            # the kernel's early console
    max_cpus: int
    max_memory: int         # MiB
    transports: int         # virtio-mmio
    device_tree: str = ""   # of the kernel package; else the machine makes its own
    has_el2: bool = False
    has_kvm: bool = False   # with EL2, of 32-bit guests: AArch32 at EL1
    since: tuple = (0, 0)   # the oldest QEMU that can be it
    ram: int = 0            # where its memory begins, if the model knows it (ci/model)
    description: str = ""


HOSTS = {
    "armv7-a15": Host(
        arch="armhf", emulator="qemu-system-arm", machine="virt,highmem=off,gic-version=2",
        cpu="cortex-a15", console="pl011,0x9000000", max_cpus=8, max_memory=3072, transports=32,
        ram=0x40000000,
        description="Armv7-A, Cortex-A15, generic timer, GICv2; Linux starts in SVC mode"),
    "armv7-a7": Host(
        arch="armhf", emulator="qemu-system-arm", machine="virt,highmem=off,gic-version=2",
        cpu="cortex-a7", console="pl011,0x9000000", max_cpus=8, max_memory=3072, transports=32,
        ram=0x40000000,
        description="Armv7-A, Cortex-A7, otherwise as armv7-a15"),
    "armv7-a9": Host(
        arch="armhf", emulator="qemu-system-arm", machine="vexpress-a9",
        cpu="cortex-a9", console="pl011,0x10009000", max_cpus=4, max_memory=1024, transports=4,
        device_tree="vexpress-v2p-ca9.dtb",
        ram=0x60000000,
        description="Armv7-A, Cortex-A9 (no virtualization extensions), secure state"),
    "armv7-a9-d16": Host(
        arch="armhf", emulator="qemu-system-arm", machine="vexpress-a9",
        cpu="cortex-a9,vfp-d32=off,neon=off", console="pl011,0x10009000", max_cpus=4, max_memory=1024,
        transports=4, device_tree="vexpress-v2p-ca9.dtb", since=(8, 1),
        ram=0x60000000,
        description="the same with 16 VFP registers and no Advanced SIMD, as in Tegra 2 and Armada 370"),
    "arm64-a72": Host(
        arch="arm64", emulator="qemu-system-aarch64", machine="virt,gic-version=2",
        cpu="cortex-a72", console="pl011,0x9000000", max_cpus=8, max_memory=65536, transports=32,
        has_el2=True, has_kvm=True,
        ram=0x40000000,
        description="Armv8.0-A, Cortex-A72, GICv2"),
    "arm64-n1": Host(
        arch="arm64", emulator="qemu-system-aarch64", machine="virt,gic-version=3",
        cpu="neoverse-n1", console="pl011,0x9000000", max_cpus=64, max_memory=65536, transports=32,
        has_el2=True,
        ram=0x40000000,
        description="Armv8.2-A, Neoverse N1 (VHE, LSE atomics), GICv3"),
    "arm64-max": Host(
        arch="arm64", emulator="qemu-system-aarch64", machine="virt,gic-version=3,mte=on",
        cpu="max,pauth-impdef=on", console="pl011,0x9000000", max_cpus=8, max_memory=65536, transports=32,
        has_el2=True,
        description="all of Armv8 and v9 that the outer QEMU has (SVE, SME, MTE, PAuth, BTI), GICv3"),
    "arm64-a64fx": Host(
        arch="arm64", emulator="qemu-system-aarch64", machine="virt,gic-version=3",
        cpu="a64fx", console="pl011,0x9000000", max_cpus=8, max_memory=65536, transports=32,
        has_el2=True,
        description="Armv8.2-A, A64FX: no 32-bit code at all, armkvm refuses to load"),
}

# With --icount, the moment at which every run starts.
ICOUNT_DATE = "2026-01-01T00:00:00"


# Before 8.1 a CPU that spins, waiting for another, starved it under --icount.
FAIR_ICOUNT = (8, 1)
# From 8.2 on a machine with an audio device wants to be told that there is none.
AUDIO_NONE = (8, 2)


# MAX_CPUS of ci/model/model.h
MODEL_CPUS = 8


# With --icount and several CPUs: how long one runs before the next has its turn.
TURN_MICROSECONDS = 50


def version(emulator):
    """(major, minor) of a QEMU program."""
    done = subprocess.run([emulator, "--version"], stdout=subprocess.PIPE, text=True, check=True)
    match = re.search(r"version (\d+)\.(\d+)", done.stdout)
    if not match:
        raise TestbedError(f"{emulator} --version says: {done.stdout.strip()}")
    return int(match[1]), int(match[2])


def find_emulator(host, options, newer, since=(0, 0)):
    """(path, version) of the outer QEMU: the distribution's, or at least version since.

    newer() gets a directory with the backports' programs, where the installed
    ones are too old for the host or the options.
    """
    path = shutil.which(host.emulator)
    if path is None:
        raise TestbedError(f"{host.emulator} is missing", "apt-get install qemu-system-arm")
    found = version(path)
    since = max(since, host.since)
    if found < since or (options.icount and options.smp > 1 and found < FAIR_ICOUNT):
        path = os.path.join(newer(), host.emulator)
        found = version(path)
    if found < since:
        what = "--model" if options.model else options.host
        raise TestbedError(f"{path} is version {found[0]}.{found[1]}; {what} needs "
                           f"{since[0]}.{since[1]} or newer", "use a Debian release or backports that have it")
    return path, found


def prepare_emulator(host, newer):
    """Gets the backports' programs if some options would want them.

    Without them everything else works: their absence is no failure yet.
    """
    if version(host.emulator) >= FAIR_ICOUNT:
        return
    try:
        newer()
    except TestbedError as error:
        say(f"--icount with --smp above 1 will not work: no QEMU of version 8.1 or newer ({error.cause})")


def check(name, host, options):
    """Raises TestbedError for what this host can't be."""
    if not 1 <= options.smp <= host.max_cpus:
        raise TestbedError(f"--smp {options.smp}: {name} has 1 to {host.max_cpus} CPUs")
    if not 256 <= options.mem <= host.max_memory:
        raise TestbedError(f"--mem {options.mem}: {name} takes 256 to {host.max_memory} MiB")
    if options.virt and not host.has_el2:
        raise TestbedError(f"--virt: Linux has no KVM for {name}", "use --host arm64-a72 or arm64-n1")
    if options.model:
        check_model(name, host, options)
    limit = host.transports - 1 - bool(options.disk)
    if len(options.share) > limit:
        raise TestbedError(
            f"{len(options.share)} shares, but {name} has {host.transports} virtio transports: "
            f"{host.transports - limit} for the testbed and {limit} for shares", "share a directory above them")


def check_model(name, host, options):
    """Raises TestbedError for what the model (ci/model) doesn't know."""
    if not host.ram:
        known = ", ".join(known for known, other in HOSTS.items() if other.ram)
        raise TestbedError(f"--model: the model doesn't know {name}", f"use one of {known}")
    if options.virt:
        raise TestbedError("--model and --virt exclude each other: the model doesn't know EL2")
    if options.smp > MODEL_CPUS or (options.icount and options.smp > 1):
        raise TestbedError(f"--model takes up to {MODEL_CPUS} CPUs, with --icount one")


def kernel_command_line(host, options, kernel):
    words = [
        f"earlycon={host.console}", "console=ttyAMA0", "ignore_loglevel",
        # supervise.py must see a report whole, and then the end.
        "oops=panic", "panic=-1", "softlockup_panic=1", "rcupdate.rcu_cpu_stall_timeout=40",
        # Addresses in reports and under --gdb are those of System.map.
        "nokaslr",
        # A device tree may list CPUs that this machine doesn't have. With
        # --icount, what Linux does at boot while other CPUs wait in a loop
        # would take a minute: /init brings them up.
        f"maxcpus={1 if options.icount else options.smp}",
        "rdinit=/init", "random.trust_bootloader=on", "log_buf_len=4M",
        # Half of an arm64 host's boot.
        "cryptomgr.notests",
    ]
    return " ".join(words + kernel.words + options.append)


def share_tag(index):
    return f"share{index + 1}"


def share_place(index):
    """/share, /share2, /share3…"""
    return "/share" + (str(index + 1) if index else "")


def command_line(host, options, kernel, emulator, files):
    """The outer QEMU's argv; emulator is what find_emulator() returned.

    files: console, initramfs, and either output (a file: --icount) or
    socket (an inherited descriptor), for --gdb the socket's path, for --model
    the plugin and the file for what it has to say.
    """
    machine = host.machine
    if options.virt:
        machine += ",virtualization=on"
    if host.machine.startswith("virt"):
        # Entropy comes with the command (agent.c); the device tree is the same each time.
        machine += ",dtb-randomness=off"
    argv = [
        emulator[0], "-name", f"armkvm-testbed-{options.host}",
        "-no-user-config", "-nodefaults", "-display", "none", "-monitor", "none",
        "-no-reboot", "-M", machine, "-cpu", host.cpu,
        "-smp", str(options.smp), "-m", str(options.mem),
        "-kernel", kernel.image, "-initrd", files["initramfs"],
        "-append", kernel_command_line(host, options, kernel),
        "-chardev", f"file,id=console,path={escape(files['console'])}",
        "-serial", "chardev:console",
        "-device", "virtio-serial-device,max_ports=2",
        "-device", "virtserialport,chardev=testbed,nr=1,name=testbed",
    ]
    if emulator[1] >= AUDIO_NONE:
        argv += ["-audio", "none"]
    if host.device_tree:
        argv += ["-dtb", kernel.device_tree(host.device_tree)]
    if options.icount:
        # Nothing of the outer machine's time, entropy or scheduling comes in:
        # one instruction is one nanosecond, an idle machine jumps to its next
        # timer, output goes to a file that never makes the guest wait.
        # With a disk it must not: a request takes real time, in which all timers would expire.
        sleep = "on" if options.disk else "off"
        argv += ["-accel", "tcg,thread=single", "-icount", f"shift=0,sleep={sleep},align=off",
                 "-rtc", f"base={ICOUNT_DATE},clock=vm", "-seed", "1",
                 "-chardev", f"file,id=testbed,path={escape(files['output'])}"]
        if options.smp > 1:
            # A CPU's turn lasts until the next timer, which is a second away
            # while Linux waits for all CPUs with interrupts off. A timer that
            # does nothing else keeps turns short.
            argv += ["-netdev", "hubport,id=turns,hubid=0",
                     "-object", f"filter-buffer,id=turn,netdev=turns,interval={TURN_MICROSECONDS}"]
    else:
        argv += ["-accel", "tcg,thread=multi", "-rtc", "base=utc",
                 "-chardev", f"socket,id=testbed,fd={files['socket']}"]
    if options.disk:
        argv += ["-drive", f"if=none,id=disk,format=raw,snapshot=on,file={escape(os.path.abspath(options.disk))}",
                 "-device", "virtio-blk-device,drive=disk"]
    for index, directory in enumerate(options.share):
        tag = share_tag(index)
        argv += ["-fsdev", f"local,id={tag},path={escape(os.path.abspath(directory))},security_model=none,multidevs=remap",
                 "-device", f"virtio-9p-device,fsdev={tag},mount_tag={tag}"]
    if options.model:
        argv += ["-plugin", f"{escape(files['plugin'])},ram={host.ram:#x}:{options.mem << 20:#x},out={escape(files['model'])}"]
    if options.gdb:
        argv += ["-S", "-gdb", f"unix:{escape(files['gdb'])},server=on,wait=off"]
    return argv + options.outer_arg


def escape(path):
    """A comma in an option's value is doubled."""
    return path.replace(",", ",,")
