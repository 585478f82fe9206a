# SPDX-License-Identifier: GPL-2.0-or-later
"""The model of TLBs and instruction caches (ci/model): a plugin of the outer QEMU."""

import glob
import hashlib
import os
import shutil
import subprocess
import tempfile

from .errors import TestbedError
from .initramfs import BUILD, CACHE, TOP

SOURCES = os.path.join(TOP, "ci", "model")
HEADER = os.path.join(BUILD, "qemu-src", "include", "qemu", "qemu-plugin.h")
FLAGS = ["-O2", "-flto", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-pthread",
         # QEMU exports names of its own, some of which are ours, too.
         "-fvisibility=hidden", "-Wl,-Bsymbolic"]

# Plugins read registers, and the interface is the header's.
SINCE = (10, 0)


def plugin():
    """The path of the plugin; compiled if the cache doesn't have it."""
    if not os.path.exists(HEADER):
        raise TestbedError("QEMU's plugin header is missing: build/qemu-src is not there",
                           "./configure-wrapper.sh build")
    for program, package in (("gcc", "gcc"), ("pkg-config", "pkg-config libglib2.0-dev")):
        if shutil.which(program) is None:
            raise TestbedError(f"{program} is missing", f"apt-get install {package}")
    sources = sorted(glob.glob(os.path.join(SOURCES, "*.[ch]")))
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for path in [*sources, HEADER]:
        with open(path, "rb") as f:
            digest.update(f.read())
    path = os.path.join(CACHE, f"model-{digest.hexdigest()[:24]}.so")
    if not os.path.exists(path):
        os.makedirs(CACHE, exist_ok=True)
        done = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0"], stdout=subprocess.PIPE,
                              text=True, check=False)
        if done.returncode:
            raise TestbedError("glib's development files are missing", "apt-get install libglib2.0-dev")
        with tempfile.TemporaryDirectory(dir=CACHE) as work:
            made = os.path.join(work, "model.so")
            command = ["gcc", *FLAGS, "-I", os.path.dirname(HEADER), "-o", made,
                       *(source for source in sources if source.endswith(".c")), *done.stdout.split()]
            if subprocess.run(command, check=False).returncode:
                raise TestbedError("the model (ci/model) does not compile", "the lines above say why")
            os.rename(made, path)
    os.utime(path)
    return path


def findings(path):
    """(complaints, summary) of a run; summary is None if the model did not come to its end."""
    complaints, summary = [], None
    with open(path, encoding="utf-8") as f:
        for line in f.read().splitlines():
            if line.startswith("checked: "):
                summary = line
            else:
                complaints.append(line)
    return complaints, summary
