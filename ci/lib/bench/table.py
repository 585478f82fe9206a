# SPDX-License-Identifier: GPL-2.0-or-later
"""The table, as text."""

from . import marks


def number(value):
    """A figure with as many digits as tell something."""
    if value is None:
        return "-"
    if value < 100:
        return f"{value:.2f}"
    return f"{value:,.0f}"


def ratio(above, below):
    return f"{above / below:.2f}" if above and below else "-"


# What stands beside a row of the armkvm guest: sums of the module's statistics.
BESIDE = {
    "exits": ("exits_irq", "exits_svc", "exits_undef", "exits_prefetch_abort", "exits_data_abort"),
    "light": ("light_exits",),
    "faults": ("fills",),
    "TLB": ("tlbi_all", "tlbi_asid", "tlbi_va"),
    "cache": ("cache_ops",),
    "flushes": ("host_tlb_flushes",),
}


def beside(figure):
    """[(name, number for one operation)], or []."""
    if not figure or not figure.beside:
        return []
    return [(name, sum(figure.beside.get(part, 0) for part in parts)) for name, parts in BESIDE.items()]


def small(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.005 else "0"


FORM = "{:<12} {:>13} {:>13} {:>15} {:>13} {:>10}  {:<15} {:<4}"


def lines(results, host):
    """results: {row: {column: Figure}}."""
    shown = any(beside(by_column.get("armkvm")) for by_column in results.values())
    head = FORM.format("", "native", "armkvm guest", "TCG guest", "armkvm/native", "TCG/armkvm", "mark", "")
    if shown:
        head += "".join(f"{name:>9}" for name in BESIDE)
    yield f"counted time for one operation (ns = instructions), host {host}" + \
        ("; beside it what one took in the armkvm guest" if shown else "")
    yield head.rstrip()
    for row, by_column in results.items():
        ns = {name: figure.ns for name, figure in by_column.items()}
        native, armkvm, tcg = (ns.get(name) for name in ("native", "armkvm", "tcg"))
        line = FORM.format(row, number(native), number(armkvm), number(tcg), ratio(armkvm, native),
                           ratio(tcg, armkvm), marks.text(row, host), marks.verdict(row, ns, host))
        yield (line + "".join(f"{small(value):>9}" for _, value in beside(by_column.get("armkvm")))).rstrip()


def memory_line(module, guest):
    """The module's memory after the boot; both in bytes."""
    return f"memory of the module after the boot: {module / (1 << 20):.2f} MiB, {100 * module / guest:.2f} % of the " \
           f"guest's {guest >> 20} MiB (mark: 3 % and 1 MiB: {marks.memory_verdict(module, guest)})"
