# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows that have a figure to reach, with Debian 6.1 and one CPU."""

from . import columns

# armkvm guest / native: at most
NATIVE = {
    "sha256": 1.03, "integer": 1.03, "float": 1.03, "memcpy-64k": 1.03, "memcpy-1m": 1.03,
    "touch-512": 1.03, "getppid": 12, "stat": 5, "signal": 8, "fault": 5, "mprotect": 5,
    "pipe": 8, "fork": 3, "exec": 4, "boot": 1.7,
}

# armkvm guest / guest on real KVM: at most
KVM = {"sha256": 1.03, "integer": 1.03, "float": 1.03, "memcpy-64k": 1.03, "memcpy-1m": 1.03, "boot": 2}

# TCG guest / armkvm guest: at least
TCG = {"sha256": 4.5, "float": 20, "getppid": 30, "boot": 4}

# armkvm guest, ns: at most
ABSOLUTE = {"mmio-device": 12000, "mmio-gicd": 1500, "mmio-gicc": 1500}

# The module's memory after the boot: at most this part of the guest's, and so many bytes more
MEMORY_PART, MEMORY_MORE = 0.03, 1 << 20

# The marks are these hosts'; others are measured without.
HOSTS = ("armv7-a15", "arm64-a72", "arm64-n1")


def of(row, host):
    """{figure's name: mark}, those that the row has."""
    if host not in HOSTS:
        return {}
    kinds = {"armkvm/native": NATIVE, "armkvm/kvm": KVM, "tcg/armkvm": TCG, "armkvm": ABSOLUTE}
    if row in columns.OTHER_KERNEL_ROWS and not columns.has_guests_kernel(host):
        del kinds["armkvm/native"]
    return {name: kind[row] for name, kind in kinds.items() if row in kind}


def verdict(row, figures, host):
    """'ok', 'MISS' or '' for a row; figures: {column: ns}. A mark whose column is absent isn't judged."""
    mark = of(row, host)
    native, armkvm, kvm, tcg = (figures.get(name) for name in ("native", "armkvm", "kvm", "tcg"))
    results = []
    if not armkvm:
        return ""
    if "armkvm/native" in mark and native:
        results.append(armkvm / native <= mark["armkvm/native"])
    if "armkvm/kvm" in mark and kvm:
        results.append(armkvm / kvm <= mark["armkvm/kvm"])
    if "tcg/armkvm" in mark and tcg:
        results.append(tcg / armkvm >= mark["tcg/armkvm"])
    if "armkvm" in mark:
        results.append(armkvm <= mark["armkvm"])
    if not results:
        return ""
    return "ok" if all(results) else "MISS"


def memory_verdict(module, guest):
    return "ok" if module <= guest * MEMORY_PART + MEMORY_MORE else "MISS"


FORMS = {"armkvm/native": "<= {:g}", "armkvm/kvm": "KVM <= {:g}", "tcg/armkvm": ">= {:g}", "armkvm": "<= {:,} ns"}
COLUMN_OF = {"armkvm/native": "native", "armkvm/kvm": "kvm", "tcg/armkvm": "tcg"}


def text(row, host, run):
    """The row's marks as the table shows them: those of the columns that were run."""
    return ", ".join(FORMS[name].format(value) for name, value in of(row, host).items()
                     if COLUMN_OF.get(name, "armkvm") in run)
