# SPDX-License-Identifier: GPL-2.0-or-later
"""The plot: how many times as long as native an operation takes, on a logarithmic scale."""

import math
from xml.sax.saxutils import escape

from . import marks, table

COLOURS = {"armkvm": "#2a6fb0", "kvm": "#3d8f5f", "tcg": "#c8792b"}

LEFT, RIGHT, TOP, BOTTOM = 120, 90, 60, 40
BAR, GAP = 11, 10
WIDTH = 900


def base_of(by_column):
    """What the row is compared with: the native figure."""
    figure = by_column.get("native")
    return figure.ns if figure and figure.ns else None


def ratios(results):
    """[(row, {column: ratio})] of the rows that have a native figure and another."""
    rows = []
    for row, by_column in results.items():
        base = base_of(by_column)
        values = {name: by_column[name].ns / base for name in COLOURS if base and name in by_column}
        if values:
            rows.append((row, values))
    return rows


def text(x, y, content, **attributes):
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{extra}>{escape(content)}</text>'


def grid(scale, decades, height):
    for decade in range(decades + 1):
        x = LEFT + scale * decade
        yield f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - BOTTOM}" stroke="#ccc"/>'
        yield text(x, TOP - 12, f"{10 ** decade:,}", text_anchor="middle", fill="#555")


def bars(rows, scale, host):
    y = TOP
    for row, values in rows:
        yield text(LEFT - 8, y + BAR * len(values) / 2 + 4, row, text_anchor="end")
        mark = marks.of(row, host).get("armkvm/native")
        if mark:
            x = LEFT + scale * math.log10(mark)
            yield (f'<line x1="{x:.1f}" y1="{y - 3}" x2="{x:.1f}" y2="{y + BAR * len(values) + 3}" '
                   'stroke="#b00" stroke-width="2"/>')
        for column, value in values.items():
            width = max(1.0, scale * math.log10(max(value, 1.0)))
            yield (f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 1}" '
                   f'fill="{COLOURS[column]}"/>')
            yield text(LEFT + width + 5, y + BAR - 2, table.small(value), fill="#333")
            y += BAR
        y += GAP


def legend(columns, host):
    yield text(12, 20, f"time for one operation, native = 1 (host {host}, counted instructions)", font_size="14")
    x = LEFT
    for column in columns:
        yield f'<rect x="{x}" y="27" width="12" height="9" fill="{COLOURS[column]}"/>'
        yield text(x + 17, 36, table.NAMES[column])
        x += 130
    yield f'<line x1="{x}" y1="26" x2="{x}" y2="37" stroke="#b00" stroke-width="2"/>'
    yield text(x + 8, 36, "figure to reach, armkvm / native")


def svg(results, host):
    """The file's content."""
    rows = ratios(results)
    most = max((value for _, values in rows for value in values.values()), default=10)
    decades = max(1, math.ceil(math.log10(most)))
    scale = (WIDTH - LEFT - RIGHT) / decades
    height = TOP + BOTTOM + sum(BAR * len(values) + GAP for _, values in rows)
    used = [name for name in COLOURS if any(name in values for _, values in rows)]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
             'font-family="sans-serif" font-size="11">',
             '<rect width="100%" height="100%" fill="white"/>']
    parts += legend(used, host)
    parts += grid(scale, decades, height)
    parts += bars(rows, scale, host)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
