# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows that have a figure to reach, with Debian 6.1 and one CPU."""

from . import columns

# armkvm guest / native: at most
NATIVE = {
    "sha256": 1.03, "integer": 1.03, "float": 1.03, "memcpy-64k": 1.03, "memcpy-1m": 1.03,
    "touch-512": 1.03, "clock": 1.1, "getppid": 12, "stat": 5, "signal": 8, "fault": 5, "mprotect": 5,
    "pipe": 8, "fork": 3, "exec": 4, "boot": 1.7, "disk-read": 1.6,
}

# paravirtual guest / native: at most; the boot is compared with the same kernel's, natively
PV = {
    "getppid": 4, "signal": 2.5, "fault": 2.5, "mprotect": 2.5, "pipe": 2.5, "fork": 1.8, "exec": 1.8, "disk-read": 1.5,
}
PV_SAME = {"boot": 1.3}

# the paravirtual kernel as a privileged guest / natively: at most
DIRECT = dict.fromkeys(("sha256", "integer", "float", "memcpy-64k", "memcpy-1m", "touch-512", "getppid", "write-null", "stat", "signal",
                        "pipe", "fork", "exec", "fault"), 1.05) | {"boot-late": 1.1}
# and / the same in shadow mode: a virtio kick no dearer
DIRECT_PV = {"virtio-blk": 1, "disk-read": 1}
# and ns: a register of the GIC by call, at most
DIRECT_ABSOLUTE = {"mmio-gicd": 400, "mmio-gicc": 400}

# paravirtual guest's kernel on the machine itself / the same without the series: at most
PLAIN = dict.fromkeys(("boot", "getppid", "write-null", "stat", "signal", "pipe", "ctxsw", "fork", "exec", "fault", "mmap", "mprotect"), 1.01)

# armkvm guest / guest on real KVM: at most
KVM = {"sha256": 1.03, "integer": 1.03, "float": 1.03, "memcpy-64k": 1.03, "memcpy-1m": 1.03, "boot": 2}

# TCG guest / armkvm guest: at least
TCG = {"sha256": 4.5, "float": 20, "getppid": 30, "boot": 4}

# paravirtual guest / armkvm guest: at most
PV_ARMKVM = {"mmio-trap": 0.6}

# armkvm guest, ns: at most
ABSOLUTE = {"mmio-device": 6000, "mmio-trap": 12000, "mmio-gicd": 1500, "mmio-gicc": 1500}

# The module's memory after the boot: at most this part of the guest's, and so many bytes more
MEMORY_PART, MEMORY_MORE = 0.03, 1 << 20

# The marks are these hosts'; others are measured without.
HOSTS = ("armv7-a15", "arm64-a72", "arm64-n1")


def of(row, host):
    """{figure's name: mark}, those that the row has."""
    if host not in HOSTS:
        return {}
    kinds = {"armkvm/native": NATIVE, "armkvm/kvm": KVM, "tcg/armkvm": TCG, "pv/native": PV,
             "pv/native-pv": PV_SAME, "native-pv/native-plain": PLAIN, "pv/armkvm": PV_ARMKVM, "armkvm": ABSOLUTE,
             "direct/native-pv": DIRECT, "direct/pv": DIRECT_PV, "direct": DIRECT_ABSOLUTE}
    if row in columns.OTHER_KERNEL_ROWS and not columns.has_guests_kernel(host):
        del kinds["armkvm/native"]
    return {name: kind[row] for name, kind in kinds.items() if row in kind}


def reached(name, mark, figures):
    """Whether the figure of that name reaches its mark; None if a column is absent."""
    over, _, under = name.partition("/")
    if not figures.get(over) or under and not figures.get(under):
        return None
    value = figures[over] / figures[under] if under else figures[over]
    return value >= mark if over == "tcg" else value <= mark


def verdict(row, figures, host):
    """'ok', 'MISS' or '' for a row; figures: {column: ns}. A mark whose column is absent isn't judged."""
    results = [reached(name, mark, figures) for name, mark in of(row, host).items()]
    results = [result for result in results if result is not None]
    if not results:
        return ""
    return "ok" if all(results) else "MISS"


def memory_verdict(module, guest):
    return "ok" if module <= guest * MEMORY_PART + MEMORY_MORE else "MISS"


FORMS = {"armkvm/native": "<= {:g}", "armkvm/kvm": "KVM <= {:g}", "tcg/armkvm": ">= {:g}", "armkvm": "<= {:,} ns",
         "pv/native": "pv <= {:g}", "pv/native-pv": "pv <= {:g} of native-pv's", "native-pv/native-plain": "native-pv <= {:g} of native-plain's", "pv/armkvm": "pv <= {:g} of armkvm's",
         "direct/native-pv": "direct <= {:g} of native-pv's", "direct/pv": "direct <= {:g} of pv's", "direct": "direct <= {:,} ns"}


def text(row, host, run):
    """The row's marks as the table shows them: those of the columns that were run."""
    return ", ".join(FORMS[name].format(value) for name, value in of(row, host).items()
                     if set(name.split("/")) <= set(run))
