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


def lines(results, host):
    """results: {row: {column: ns}}."""
    yield f"counted time for one operation (ns = instructions), host {host}"
    form = "{:<12} {:>14} {:>14} {:>16} {:>14} {:>11}  {:<15} {}".format
    yield form("", "native", "armkvm guest", "TCG guest", "armkvm/native", "TCG/armkvm", "mark", "").rstrip()
    for row, figures in results.items():
        native, armkvm, tcg = (figures.get(name) for name in ("native", "armkvm", "tcg"))
        yield form(row, number(native), number(armkvm), number(tcg), ratio(armkvm, native),
                   ratio(tcg, armkvm), marks.text(row), marks.verdict(row, figures)).rstrip()
