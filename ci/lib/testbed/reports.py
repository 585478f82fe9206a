# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the kernel's own reports of trouble in a console log."""

import re

# A console line starts with the time stamp, and with the caller's id where
# the kernel is configured so. Only the kernel's own words count, so each
# pattern is anchored there: "WARNING:" in the middle of some driver's line is
# no WARN(). Left out on purpose: what a user program's fault makes 32-bit Arm
# kernels print ("Unhandled fault", "8<--- cut here"), and what only says that
# the machine is slow ("workqueue: … hogged CPU").
_PREFIX = re.compile(r"^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?")

_REPORT = re.compile("|".join((
    r"-+\[ cut here \]-+",
    r"WARNING: (?:CPU|possible|inconsistent|suspicious|lock|bad unlock|held lock|kernel stack|stack)",
    r"=+$",                        # a lockdep report's first line; see _BANNER
    r"(?:\[ )?BUG: ",              # scheduling while atomic, sleeping function, KASAN, KFENCE, soft lockup, lockdep…
    r"kernel BUG at ",
    r"Unable to handle kernel ",
    r"Internal error: ",
    r"Oops",
    r"Bad mode in ",
    r"Kernel panic - not syncing",
    r"INFO: task .* blocked ",
    r"INFO: (?:rcu_|lockdep is turned off|trying to register non-static key|possible )",
    r"rcu: INFO: ",
    r"INFO: suspicious RCU usage",
    r"watchdog: (?:BUG|CPU\d+: Watchdog|Watchdog)",
    r"kmemleak: \d+ new suspected",
    r"UBSAN: ",
    r"refcount_t: ",
    r"list_(?:add|del) corruption",
    r"slab .*(?:Objects remaining|corrupt)",
    r"=+ BUG ",
    r"Bad page (?:state|map)",
    r"irq \d+: nobody cared",
    r"softirq: huh",
    r"usercopy: Kernel memory ",
    r"(?:Kernel|kernel) stack (?:overflow|is corrupted)",
    r"Insufficient stack space",
    r"DMA-API: .*(?:error|leak|WARNING)",
    r"debugfs: .* already present",
    r"kobject_add_internal failed",
)))

# "=====" lines also decorate other things: only with such a line after it.
_BANNER = re.compile(r"(?:WARNING|BUG|INFO|UBSAN)")

_END = re.compile(r"---\[ end (?:trace|Kernel panic)")

# A report that prints no end mark is taken to be no longer than this.
_MAX_LINES = 120

_CONTEXT = 2

# Bits of /proc/sys/kernel/tainted that stand for trouble (panic.h); the
# others tell of out-of-tree or unsigned modules.
TAINTS = {1 << 4: "machine check", 1 << 5: "bad page", 1 << 7: "oops or BUG",
          1 << 9: "WARN", 1 << 14: "soft lockup"}


def message(line):
    """The line without its time stamp, or None if the kernel didn't print it."""
    match = _PREFIX.match(line)
    return line[match.end():] if match else None


def find(lines):
    """The reports in a console log: a list of lists of lines."""
    reports = []
    index = 0
    end = 0
    while index < len(lines):
        if not _starts(lines, index):
            index += 1
            continue
        start = index
        while index < len(lines) and index - start < _MAX_LINES:
            index += 1
            if _END.search(lines[index - 1]):
                break
        # The lines before often name the occasion.
        reports.append(lines[max(end, start - _CONTEXT):index])
        end = index
    return reports


def _starts(lines, index):
    text = message(lines[index])
    if text is None or not _REPORT.match(text):
        return False
    if not text.startswith("===") or " BUG " in text:
        return True
    following = message(lines[index + 1]) if index + 1 < len(lines) else None
    return bool(following and _BANNER.match(following))


def taint_names(taint):
    """What the taint value says about trouble; empty if nothing."""
    return [name for bit, name in TAINTS.items() if taint & bit]
