# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows that have a figure to reach: with Debian 6.1 and one CPU, set for armv7-a15."""

# armkvm guest / native: at most
NATIVE = {
    "sha256": 1.03, "integer": 1.03, "float": 1.03, "memcpy-64k": 1.03, "memcpy-1m": 1.03,
    "touch-512": 1.03, "getppid": 12, "stat": 5, "signal": 8, "fault": 5, "mprotect": 5,
    "pipe": 8, "fork": 3, "exec": 4, "boot": 1.7,
}

# TCG guest / armkvm guest: at least
TCG = {"sha256": 4.5, "float": 20, "getppid": 30, "boot": 4}


# armkvm guest, ns: at most
ABSOLUTE = {"mmio-device": 12000, "mmio-gicd": 1500, "mmio-gicc": 1500}

# The module's memory after the boot: at most this part of the guest's, and so many bytes more
MEMORY_PART, MEMORY_MORE = 0.03, 1 << 20


# The marks are this host's; others are measured without.
HOST = "armv7-a15"


def verdict(row, figures, host):
    """'ok', 'MISS' or '' for a row; figures: {column: ns}."""
    if host != HOST:
        return ""
    native, armkvm, tcg = (figures.get(name) for name in ("native", "armkvm", "tcg"))
    results = []
    if row in NATIVE and native and armkvm:
        results.append(armkvm / native <= NATIVE[row])
    if row in TCG and tcg and armkvm:
        results.append(tcg / armkvm >= TCG[row])
    if row in ABSOLUTE and armkvm:
        results.append(armkvm <= ABSOLUTE[row])
    if not results:
        return ""
    return "ok" if all(results) else "MISS"


def memory_verdict(module, guest):
    return "ok" if module <= guest * MEMORY_PART + MEMORY_MORE else "MISS"


def text(row, host):
    """The row's marks as the table shows them."""
    parts = []
    if host != HOST:
        return ""
    if row in NATIVE:
        parts.append(f"<= {NATIVE[row]:g}")
    if row in TCG:
        parts.append(f">= {TCG[row]:g}")
    if row in ABSOLUTE:
        parts.append(f"<= {ABSOLUTE[row]:,} ns")
    return ", ".join(parts)
