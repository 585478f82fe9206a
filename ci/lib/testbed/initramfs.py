# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated host's root file system.

Two archives, one after the other, which is a format that Linux knows:

* the base depends on the host's architecture, the kernel and what was built;
  it is cached under build/testbed by the hash of everything that went in;
* the run's own holds the command and its circumstances (agent.c lists them).
"""

import hashlib
import lzma
import os
import re
import shutil
import subprocess
import tempfile
import time

from . import cpio
from .errors import TestbedError

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
BUILD = os.path.join(TOP, "build")
CACHE = os.path.join(BUILD, "testbed")

TRIPLET = {"armhf": "arm-linux-gnueabihf", "arm64": "aarch64-linux-gnu"}
LOADER = {"armhf": "ld-linux-armhf.so.3", "arm64": "ld-linux-aarch64.so.1"}

# Loaded at every boot; the shares' only where there are some.
BASE_MODULES = ["virtio_mmio", "virtio_console"]
SHARE_MODULES = ["9pnet_virtio", "9p"]

# There for programs that come by a share; QEMU's own are found by their names.
LIBRARIES = ["libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6",
             "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"]

DIRECTORIES = {name: 0o755 for name in (
    "usr", "usr/bin", "usr/sbin", "usr/lib", "usr/local", "usr/local/bin", "usr/share",
    "etc", "dev", "proc", "sys", "run", "mnt", "testbed", "testbed/run", "var", "var/log")}
DIRECTORIES |= {"root": 0o700, "tmp": 0o1777}

# Links to the directories of the same name in /usr.
MERGED = ("bin", "sbin", "lib")

# /init mounts something else there.
HIDDEN = ("dev", "proc", "sys", "run", "tmp")

# What nobody used for so long is removed, and of each kind all but so many.
CACHE_SECONDS = 3 * 24 * 3600
CACHE_FILES = 12

ETC = {
    "etc/hostname": "armkvm-host\n",
    "etc/hosts": "127.0.0.1 localhost armkvm-host\n",
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
                  "nobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": "root:x:0:\ntty:x:5:\nkvm:x:106:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/profile": "export PS1='armkvm-host:\\w# '\n",
}


class Pieces:
    """What the build has made for one host; a path, or None where it has not."""

    def __init__(self, arch, kver, qemu="10.0"):
        def existing(*parts):
            path = os.path.join(BUILD, *parts)
            return path if os.path.exists(path) else None

        self.qemu = existing("" if qemu == "10.0" else f"qemu-{qemu}", f"qemu-{arch}", "qemu-system-arm")
        self.module = existing("kmod", kver, "armkvm.ko")
        self.tests = existing("abi-tests", arch)
        self.roms = existing("qemu-share")
        self.runtime = existing(f"runtime-{arch}")


def project_script(*command):
    """Standard output of one of the project's build scripts."""
    done = subprocess.run([os.path.join(TOP, "scripts", command[0]), *command[1:]],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode:
        raise TestbedError(f"scripts/{' '.join(command)} failed", "the lines above say why")
    return done.stdout.strip()


def unpacked(name, arch, *packages):
    """The directory under the cache with the packages' files; a new version, a new directory.

    Takes no build lock: a testbed runs while something else is being built.
    """
    debs = project_script("debs.sh", "files", arch, *packages).splitlines()
    key = hashlib.sha256("\n".join(os.path.basename(deb) for deb in debs).encode()).hexdigest()[:12]
    directory = os.path.join(CACHE, f"{name}-{arch}-{key}")
    if not os.path.isdir(directory):
        os.makedirs(CACHE, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, prefix="new-") as work:
            made = os.path.join(work, "root")
            for deb in debs:
                subprocess.run(["dpkg-deb", "-x", deb, made], check=True)
            try:
                os.rename(made, directory)
            except OSError:
                if not os.path.isdir(directory):  # another testbed was faster
                    raise
    return directory


def newer_outer_qemu():
    """The directory of the backports' qemu-system-arm, for an old installed one."""
    native = subprocess.run(["dpkg", "--print-architecture"], stdout=subprocess.PIPE, text=True,
                            check=True).stdout.strip()
    return os.path.join(unpacked("outer-qemu", native, "qemu-system-arm/bookworm-backports"), "usr", "bin")


class Kernel:
    """An unpacked kernel package: directory is what scripts/kernels.sh makes."""

    def __init__(self, directory):
        self.directory = directory
        versions = os.listdir(os.path.join(directory, "lib", "modules"))
        if len(versions) != 1:
            raise TestbedError(f"{directory}/lib/modules should hold one kernel's modules, not {len(versions)}")
        self.version = versions[0]
        self.image = os.path.join(directory, "boot", f"vmlinuz-{self.version}")
        self._modules = os.path.join(directory, "lib", "modules", self.version)
        # "PATH: PATH...", most basic last; and the names of the built-in ones.
        self._needs = {}
        self._paths = {}
        with open(os.path.join(self._modules, "modules.dep"), encoding="ascii") as f:
            for line in f:
                path, _, needs = line.partition(":")
                self._needs[path] = needs.split()
                self._paths[self._name(path)] = path
        with open(os.path.join(self._modules, "modules.builtin"), encoding="ascii") as f:
            self._builtin = {self._name(line.strip()) for line in f}
        # What its command line must have.
        self.words = []
        if os.path.exists(os.path.join(directory, "command-line")):
            with open(os.path.join(directory, "command-line"), encoding="ascii") as f:
                self.words = f.read().split()

    @staticmethod
    def _name(path):
        return os.path.basename(path).split(".ko")[0].replace("-", "_")

    def load_order(self, names):
        """Paths below lib/modules/VERSION that bring the named modules in."""
        order = []
        for name in names:
            name = name.replace("-", "_")
            if name in self._builtin:
                continue
            if name not in self._paths:
                raise TestbedError(f"kernel {self.version} has no module '{name}'",
                                   "check the name and the kernel's configuration")
            path = self._paths[name]
            for needed in [*reversed(self._needs[path]), path]:
                if needed not in order:
                    order.append(needed)
        return order

    def needs(self, path):
        return self._needs[path]

    def module(self, path):
        """The module's plain content: the host may not know how to unpack it."""
        full = os.path.join(self._modules, path)
        if path.endswith(".xz"):
            with lzma.open(full) as f:
                return f.read()
        if path.endswith(".zst"):
            return subprocess.run(["zstd", "-dcq", full], stdout=subprocess.PIPE, check=True).stdout
        with open(full, "rb") as f:
            return f.read()

    def device_tree(self, name):
        return os.path.join(self.directory, "usr", "lib", f"linux-image-{self.version}", name)


def needed_libraries(path):
    """Names of the shared libraries that an ELF file wants; none if it is no ELF file."""
    with open(path, "rb") as f:
        if f.read(4) != b"\x7fELF":
            return []
    text = subprocess.run(["readelf", "-dW", path], env={**os.environ, "LC_ALL": "C"},
                          stdout=subprocess.PIPE, check=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", text)


class Base:
    """Collects the base archive's content and its hash."""

    def __init__(self):
        self.archive = cpio.Archive()
        self._hash = hashlib.sha256()

    def _note(self, kind, name, content):
        self._hash.update(f"{kind} {name} {len(content)}\0".encode())
        self._hash.update(content)

    def data(self, name, content, mode=0o644):
        if isinstance(content, str):
            content = content.encode()
        self._note(f"data {mode:o}", name, content)
        self.archive.data(name, content, mode)

    def file(self, name, path, mode=0o755):
        with open(path, "rb") as f:
            self.data(name, f.read(), mode)

    def symlink(self, name, target):
        self._note("link", name, target.encode())
        self.archive.symlink(name, target)

    def directory(self, name, mode=0o755):
        self._note(f"dir {mode:o}", name, b"")
        self.archive.directory(name, mode)

    def digest(self):
        return self._hash.hexdigest()[:24]


class LibraryFinder:
    """Finds shared libraries of the host's architecture in unpacked packages."""

    def __init__(self, arch, roots):
        triplet = TRIPLET[arch]
        self._directories = [os.path.join(root, place)
                             for root in roots
                             for place in (f"usr/lib/{triplet}", f"lib/{triplet}", "usr/lib", "lib")]

    def path(self, name):
        for directory in self._directories:
            path = os.path.join(directory, name)
            if os.path.exists(path):
                return os.path.realpath(path)
        return None

    def closure(self, programs, names):
        """{name: path} of the libraries that programs and names need, and theirs."""
        found = {}
        wanted = list(names)
        for program in programs:
            wanted += [(name, program) for name in needed_libraries(program)]
        while wanted:
            entry = wanted.pop()
            name, user = entry if isinstance(entry, tuple) else (entry, "the testbed")
            if name in found:
                continue
            path = self.path(name)
            if path is None:
                raise TestbedError(f"the library {name}, which {user} needs, was not found",
                                   "./configure-wrapper.sh clean && ./configure-wrapper.sh build")
            found[name] = path
            wanted += [(n, name) for n in needed_libraries(path)]
        return found


def touch(path):
    """Marks a cached file as used; one that another user made stays as it is."""
    try:
        os.utime(path)
    except PermissionError:
        pass


def agent_program(arch):
    """The compiled agent for arch, made anew when its source has changed."""
    source = os.path.join(HERE, "agent.c")
    with open(source, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()[:24]
    program = os.path.join(CACHE, f"agent-{arch}-{digest}")
    if os.path.exists(program):
        touch(program)
        return program
    compiler = f"{TRIPLET[arch]}-gcc"
    if shutil.which(compiler) is None:
        raise TestbedError(f"{compiler} is missing", f"apt-get install gcc-{TRIPLET[arch]}")
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        made = os.path.join(work, "agent")
        done = subprocess.run([compiler, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-static", "-s",
                               "-o", made, source], check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise TestbedError(f"{compiler} can't compile ci/lib/testbed/agent.c:\n{done.stderr}")
        os.chmod(made, 0o755)
        os.rename(made, program)
    return program


def stripped(arch, path):
    """A copy of a program without its debug information, cached by content."""
    strip = f"{TRIPLET[arch]}-strip"
    status = os.stat(path)
    key = hashlib.sha256(f"{path} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:24]
    copy = os.path.join(CACHE, f"stripped-{arch}-{key}")
    if not os.path.exists(copy):
        with tempfile.TemporaryDirectory(dir=CACHE) as work:
            made = os.path.join(work, "stripped")
            subprocess.run([strip, "-o", made, path], check=True)
            os.rename(made, copy)
    touch(copy)
    return copy


def module_place(kernel, path):
    """Where the module at path lies in the host, unpacked."""
    return f"/lib/modules/{kernel.version}/" + re.sub(r"\.(xz|zst)$", "", path)


def add_modules(base, kernel, names):
    """The named modules with what they need, and an index for modprobe."""
    order = kernel.load_order(names)
    for path in order:
        base.data("usr" + module_place(kernel, path), kernel.module(path))
    base.data(f"usr/lib/modules/{kernel.version}/modules.dep", "".join(
        f"{module_place(kernel, path)}: "
        f"{' '.join(module_place(kernel, n) for n in kernel.needs(path))}\n" for path in order))


def base_archive(arch, kernel, pieces, with_qemu, with_module, modules):
    """The path of the base archive; made if the cache doesn't have it.

    with_qemu, with_module: take QEMU and armkvm.ko in; the caller has checked
    that they exist. modules: further modules of the kernel package.
    """
    os.makedirs(CACHE, exist_ok=True)
    busybox = unpacked("busybox", arch, "busybox-static")
    libc = unpacked("libc", arch, "libc6", "libgcc-s1", "libstdc++6")

    base = Base()
    for name, mode in DIRECTORIES.items():
        base.directory(name, mode)
    for name in MERGED:
        base.symlink(name, f"usr/{name}")
    base.symlink("var/run", "/run")
    base.symlink("var/tmp", "/tmp")
    base.symlink("etc/mtab", "/proc/self/mounts")
    base.archive.device("dev/console", 0o600, 5, 1)
    base.archive.device("dev/null", 0o666, 1, 3)
    for name, text in ETC.items():
        base.data(name, text)
    box = os.path.join(busybox, "bin", "busybox")
    base.file("usr/bin/busybox", box if os.path.exists(box) else os.path.join(busybox, "usr/bin/busybox"))
    base.file("init", os.path.join(HERE, "init"))
    base.file("testbed/finish", os.path.join(HERE, "finish"))
    base.file("testbed/agent", agent_program(arch))

    add_modules(base, kernel, BASE_MODULES + SHARE_MODULES + modules)
    for name, wanted in (("modules", BASE_MODULES), ("share-modules", SHARE_MODULES)):
        base.data(f"testbed/{name}", "".join(
            f"{module_place(kernel, path)}\n" for path in kernel.load_order(wanted)))

    programs = []
    if with_qemu:
        qemu = stripped(arch, pieces.qemu)
        base.file("usr/bin/qemu-system-arm", qemu)
        programs.append(qemu)
        if pieces.roms:
            # What -M virt's default network card loads.
            base.file("usr/share/qemu/efi-virtio.rom", os.path.join(pieces.roms, "efi-virtio.rom"), 0o644)
    if with_module:
        base.file("testbed/armkvm.ko", pieces.module, 0o644)
    if pieces.tests:
        for name in sorted(os.listdir(pieces.tests)):
            path = os.path.join(pieces.tests, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                base.file(f"usr/lib/armkvm/tests/{name}", path)
                programs.append(path)
    finder = LibraryFinder(arch, [root for root in (pieces.runtime, libc) if root])
    libraries = finder.closure(programs, [*LIBRARIES, LOADER[arch]])
    for name, path in sorted(libraries.items()):
        place = "usr/lib" if name == LOADER[arch] else f"usr/lib/{TRIPLET[arch]}"
        base.file(f"{place}/{name}", path)

    path = os.path.join(CACHE, f"base-{arch}-{base.digest()}.cpio")
    if not os.path.exists(path):
        fd, temporary = tempfile.mkstemp(dir=CACHE, prefix="new-")
        with os.fdopen(fd, "wb") as f:
            base.archive.write(f)
        os.chmod(temporary, 0o644)
        os.rename(temporary, path)
        forget_unused()
    touch(path)
    return path


def forget_unused():
    """Keeps the cache from growing: each new build of QEMU or the module adds to it.

    What was used within the hour stays: another testbed may be reading it.
    """
    now = time.time()
    for prefix in ("base-", "stripped-", "agent-", "model-", "new-"):
        files = []
        for entry in os.scandir(CACHE):
            try:
                if entry.name.startswith(prefix) and entry.is_file():
                    files.append((now - entry.stat().st_mtime, entry.path))
            except FileNotFoundError:
                pass  # another testbed does the same
        for rank, (age, path) in enumerate(sorted(files)):
            if age > CACHE_SECONDS or (rank >= CACHE_FILES and age > 3600):
                try:
                    os.unlink(path)
                except FileNotFoundError:
                    pass


def run_archive():
    """An empty archive for the run's own files, to go behind a base archive."""
    return cpio.Archive(existing=DIRECTORIES)


def place_in_root(target):
    """Where to put a file so that it is found at the path target in the host."""
    path = os.path.normpath("/" + target).strip("/")
    first = path.split("/")[0]
    if first in HIDDEN:
        raise TestbedError(f"nothing can be put below /{first}: the host mounts a file system there")
    return f"usr/{path}" if first in MERGED else path


def write_initramfs(out, base, run):
    """base: path of the base archive; run: the run's cpio.Archive."""
    with open(base, "rb") as f:
        shutil.copyfileobj(f, out, 1 << 20)
    run.write(out)
