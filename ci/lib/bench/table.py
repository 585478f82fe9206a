# SPDX-License-Identifier: GPL-2.0-or-later
"""The table, as text."""

from . import marks
from .columns import has_guests_kernel


def number(value):
    """A figure with as many digits as tell something."""
    if value is None:
        return "-"
    if value < 100:
        return f"{value:.2f}"
    return f"{value:,.0f}"


def ratio(above, below):
    return f"{above / below:.2f}" if above and below else "-"


# What stands beside a row of the armkvm guest, and of the direct one where there is no other: sums of the module's
# statistics.
BESIDE = {
    "exits": ("exits_irq", "exits_svc", "exits_undef", "exits_prefetch_abort", "exits_data_abort"),
    "light": ("light_exits",),
    "faults": ("fills",),
    "TLB": ("tlbi_all", "tlbi_asid", "tlbi_va"),
    "cache": ("cache_ops",),
    "flushes": ("host_tlb_flushes",),
}
BESIDE_DIRECT = {
    "exits": ("privileged_exits",),
    "light": ("light_exits",),
    "irqs": ("exits_irq",),
    "calls": ("hypercalls",),
    "to QEMU": ("mmio_exits",),
    "sleeps": ("sleeps",),
    "flushes": ("host_tlb_flushes",),
}


def beside(figure, names):
    """[(name, number for one operation)], or []."""
    if not figure or not figure.beside:
        return []
    return [(name, sum(figure.beside.get(part, 0) for part in parts)) for name, parts in names.items()]


def small(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.005 else "0"


NAMES = {"native": "native", "native-plain": "native-plain", "native-pv": "native-pv", "armkvm": "armkvm guest", "pv": "pv guest", "direct": "direct guest",
         "kvm": "KVM guest", "tcg": "TCG guest"}
# Which figures are compared, (over, under), where both columns were run
RATIOS = (("armkvm", "native"), ("native-pv", "native-plain"), ("pv", "native-pv"), ("pv", "native"),
          ("direct", "native-pv"), ("direct", "pv"), ("armkvm", "kvm"), ("tcg", "armkvm"))


def ratio_name(over, under):
    return "/".join({"kvm": "KVM", "tcg": "TCG"}.get(name, name) for name in (over, under))


def columns_of(columns):
    """[(heading, width, function of {column: ns})] for the columns that were run."""
    parts = [(NAMES[name], 15 if name == "tcg" else 13, lambda ns, name=name: number(ns.get(name)))
             for name in NAMES if name in columns]
    for over, under in RATIOS:
        if over in columns and under in columns:
            parts.append((ratio_name(over, under), max(10, len(ratio_name(over, under)), 13 if under == "native" else 0),
                          lambda ns, over=over, under=under: ratio(ns.get(over), ns.get(under))))
    return parts


def lines(results, host, columns):
    """results: {row: {column: Figure}}; columns: those that were run."""
    parts = columns_of(columns)
    mark_texts = {row: marks.text(row, host, columns) for row in results}
    mark_width = max(map(len, mark_texts.values()), default=4) + 2
    guest, names = ("direct", BESIDE_DIRECT) if "direct" in columns and "armkvm" not in columns else ("armkvm", BESIDE)
    shown = any(beside(by_column.get(guest), names) for by_column in results.values())
    head = f"{'':<12}" + "".join(f" {name:>{width}}" for name, width, _ in parts)
    head += f"  {'mark':<{max(mark_width, 6)}} {'':<4}" if any(mark_texts.values()) else ""
    if shown:
        head += "".join(f"{name:>9}" for name in names)
    yield f"counted time for one operation (ns = instructions), host {host}" + \
        ("; beside it what one took in the " + NAMES[guest] if shown else "")
    yield head.rstrip()
    for row, by_column in results.items():
        ns = {name: figure.ns for name, figure in by_column.items()}
        line = f"{row:<12}" + "".join(f" {value(ns):>{width}}" for _, width, value in parts)
        if any(mark_texts.values()):
            line += f"  {mark_texts[row]:<{max(mark_width, 6)}} {marks.verdict(row, ns, host):<4}"
        yield (line + "".join(f"{small(value):>9}" for _, value in beside(by_column.get(guest), names))).rstrip()
    if "native" in columns and not has_guests_kernel(host):
        yield "native: the program as a 32-bit process of the host's own arm64 kernel; that kernel's start is no row, " \
              "and a process has no devices (mmio)"


def memory_line(module, guest):
    """The module's memory after the boot; both in bytes."""
    return f"memory of the module after the boot: {module / (1 << 20):.2f} MiB, {100 * module / guest:.2f} % of the " \
           f"guest's {guest >> 20} MiB (mark: 3 % and 1 MiB: {marks.memory_verdict(module, guest)})"
