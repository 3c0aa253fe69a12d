# SPDX-License-Identifier: GPL-2.0
"""Pictures as SVG text: no library, no script, no network."""
import math
from html import escape

from .capture import UP, DOWN

INK, SOFT, GRID, BAND = "#1a2230", "#566072", "#d9dee6", "#eef1f5"
COLOR = {UP: "#c4541c", DOWN: "#1f5fa8"}
MTU = 1500


class Svg:
    def __init__(self, width, height, about):
        self.width, self.height = width, height
        self.parts = [f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
                      f'aria-label="{escape(about, True)}">']

    def rect(self, x, y, w, h, fill, title=""):
        tip = f"<title>{escape(title)}</title>" if title else ""
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(w, 0):.1f}" height="{max(h, 0):.1f}" '
                          f'fill="{fill}">{tip}</rect>' if tip else
                          f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(w, 0):.1f}" height="{max(h, 0):.1f}" fill="{fill}"/>')

    def line(self, x1, y1, x2, y2, color=GRID, width=1, dash=""):
        dash = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{color}" stroke-width="{width}"{dash}/>')

    def path(self, d, color, width=1):
        self.parts.append(f'<path d="{d}" stroke="{color}" stroke-width="{width}" fill="none"/>')

    def text(self, x, y, said, size=11, anchor="start", color=INK, turn=0, weight=""):
        turn = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        weight = f' font-weight="{weight}"' if weight else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
                          f'fill="{color}"{turn}{weight}>{escape(str(said))}</text>')

    def done(self):
        return "\n".join(self.parts + ["</svg>"])


def stems(packets, start, scale, left, middle, height):
    """One path: a line as long as the packet for each, from the middle up or down."""
    return "".join(f"M{left + (p.time - start) * scale:.1f} {middle:.0f}"
                   f"V{middle - p.direction * min(p.size / MTU, 1) * height:.1f}" for p in packets)


def timeline(strips, packets, about, width=1060):
    """What the observer sees, over time: strips of (start, seconds, [(start, seconds, label)])."""
    left, top, gap, half = 62, 40, 26, 78
    seconds = sum(s[1] for s in strips)
    scale = (width - left - 8 - gap * (len(strips) - 1)) / seconds
    middle, bottom = top + half, top + 2 * half
    svg = Svg(width, bottom + 42, about)
    x = left
    for start, length, bands in strips:
        span = length * scale
        for n, (at, lasts, label) in enumerate(bands):
            bx = x + (at - start) * scale
            if n % 2 == 0:
                svg.rect(bx, top - 18, lasts * scale, 2 * half + 18, BAND)
            svg.text(bx + lasts * scale / 2, top - 5, label, 10.5, "middle", SOFT)
        for size in (MTU, MTU / 2, 0, -MTU / 2, -MTU):
            y = middle - size / MTU * half
            svg.line(x, y, x + span, y, INK if size == 0 else GRID)
        for direction in (UP, DOWN):
            part = [p for p in packets if start <= p.time < start + length and p.direction == direction]
            svg.path(stems(part, start, scale, x, middle, half), COLOR[direction], 1.1)
        step = 0.5
        for n in range(int(length / step) + 1):
            tx = x + n * step * scale
            svg.line(tx, bottom, tx, bottom + 4, SOFT)
            svg.text(tx, bottom + 16, f"{n * step:g}", 10, "middle", SOFT)
        svg.text(x + span / 2, bottom + 32, "seconds", 11, "middle", SOFT)
        x += span + gap
    for size in (MTU, 0, -MTU):
        svg.text(left - 6, middle - size / MTU * half + 4, f"{abs(size)}", 10, "end", SOFT)
    svg.text(14, middle, "bytes of a packet", 11, "middle", SOFT, turn=-90)
    svg.text(left, 13, "a to b ▲", 11.5, color=COLOR[UP], weight="600")
    svg.text(left + 62, 13, "b to a ▼", 11.5, color=COLOR[DOWN], weight="600")
    return svg.done()


def bars(svg, counts, total, box, unit=1.0):
    """Stacked bars of both directions in BOX; counts: {direction: [n, ...]}."""
    x, y, w, h = box
    n = len(counts[UP])
    top = max(u + d for u, d in zip(counts[UP], counts[DOWN])) or 1
    for part in (0.25, 0.5, 0.75, 1):
        svg.line(x, y + h - part * h, x + w, y + h - part * h)
    for i in range(n):
        base = y + h
        for direction in (DOWN, UP):
            tall = counts[direction][i] / top * h
            if tall > 0:
                svg.rect(x + i * w / n + 0.4, base - max(tall, 0.8), w / n * unit - 0.8, max(tall, 0.8), COLOR[direction])
                base -= tall
    svg.line(x, y + h, x + w, y + h, INK)
    share = top / total * 100 if total else 0
    svg.text(x - 5, y + 4, f"{share:.0f} %", 10, "end", SOFT)
    svg.text(x - 5, y + h / 2 + 4, f"{share / 2:.0f} %", 10, "end", SOFT)
    svg.text(x - 5, y + h + 4, "0", 10, "end", SOFT)


def size_histogram(packets, width=262, height=225):
    step = 50
    counts = {d: [0] * (MTU // step + 1) for d in (UP, DOWN)}
    for p in packets:
        counts[p.direction][min(p.size // step, MTU // step)] += 1
    svg = Svg(width, height, "Histogram of packet sizes")
    box = (42, 26, width - 50, height - 68)
    svg.text(0, 12, "Sizes: share of packets", 12, weight="600")
    bars(svg, counts, len(packets), box)
    for size in range(0, MTU + 1, 500):
        svg.text(box[0] + size / (MTU + step) * box[2], height - 27, size, 10, "middle", SOFT)
    svg.text(box[0] + box[2] / 2, height - 10, "bytes", 11, "middle", SOFT)
    return svg.done()


def gaps_of(packets):
    """Seconds between one packet and the next in the same direction."""
    out = {UP: [], DOWN: []}
    for d in out:
        times = [p.time for p in packets if p.direction == d]
        out[d] = [t - s for s, t in zip(times, times[1:])]
    return out


def gap_histogram(packets, width=262, height=225):
    low, high, per = -5, 0.5, 5		# powers of ten of a second; bins for each
    n = int((high - low) * per)
    counts = {d: [0] * n for d in (UP, DOWN)}
    gaps = gaps_of(packets)
    for d, values in gaps.items():
        for g in values:
            at = math.log10(g) if g > 0 else low
            counts[d][min(max(int((at - low) * per), 0), n - 1)] += 1
    svg = Svg(width, height, "Histogram of gaps between packets")
    box = (42, 26, width - 50, height - 68)
    svg.text(0, 12, "Gaps: share of packets", 12, weight="600")
    bars(svg, counts, sum(map(len, gaps.values())), box)
    for power, label in ((-5, "0.01"), (-4, "0.1"), (-3, "1"), (-2, "10"), (-1, "100"), (0, "1000")):
        svg.text(box[0] + (power - low) / (high - low) * box[2], height - 27, label, 10, "middle", SOFT)
    svg.text(box[0] + box[2] / 2, height - 10, "milliseconds to the next one", 11, "middle", SOFT)
    return svg.done()


def shade(share):
    """White to deep blue, red-green blind safe; text turns white on the dark half."""
    light, dark = (243, 246, 250), (23, 74, 138)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(light, dark))


def confusion(guess, title, cell, label, width):
    """Rows: what it was; columns: what the attack said."""
    names, table = guess["names"], guess["confusion"]
    n = len(names)
    top = 26
    height = top + n * cell + label + 6
    svg = Svg(width, height, f"{title}: {guess['best']:.0%} right")
    svg.text(0, 12, f"{title}: {guess['best']:.0%} right", 12, weight="600")
    for i, true in enumerate(names):
        total = sum(table[true].values())
        svg.text(label - 5, top + i * cell + cell / 2 + 3.5, true, 10, "end")
        for j, said in enumerate(names):
            count = table[true].get(said, 0)
            share = count / total if total else 0
            x, y = label + j * cell, top + i * cell
            svg.rect(x + 0.5, y + 0.5, cell - 1, cell - 1, shade(share), f"{true}, called {said}: {count} of {total}")
            if count:
                svg.text(x + cell / 2, y + cell / 2 + 3.5, count, 10, "middle", "#ffffff" if share > 0.5 else INK)
    for j, said in enumerate(names):
        svg.text(label + j * cell + cell / 2 + 3.5, top + n * cell + 5, said, 10, "end", turn=-90)
    return svg.done()


def short(title):
    """The charts need not say RTPL in each line."""
    title = title.removeprefix("RTPL ")
    return title[0].upper() + title[1:]


def guess_chart(runs, width=520):
    """How often the attack is right, run by run, with what luck gives."""
    row, left, top = 46, 190, 34
    svg = Svg(width, top + row * len(runs) + 34, "How often the attack names the right one")
    svg.text(0, 13, "How often the attack is right", 13, weight="600")
    span = width - left - 52
    kinds = (("documents", "#1f5fa8"), ("answers", "#7b4aa0"))
    bottom = top + row * len(runs)
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = left + share * span
        svg.line(x, top - 4, x, bottom, GRID)
        svg.text(x, bottom + 14, f"{share:.0%}", 10, "middle", SOFT)
    for i, run in enumerate(runs):
        y = top + i * row
        svg.text(left - 8, y + 22, short(run["title"]), 11.5, "end")
        for k, (kind, color) in enumerate(kinds):
            g = run["guesses"][kind]
            by = y + 4 + k * 17
            svg.rect(left, by, max(g["best"] * span, 1), 13, color)
            svg.text(left + g["best"] * span + 5, by + 11, f"{g['best']:.0%}", 10.5)
            x = left + g["chance"] * span
            svg.line(x, by - 2, x, by + 15, INK, 1.6)
    y = bottom + 29
    x = left
    for kind, color in kinds:
        svg.rect(x, y - 9, 10, 10, color)
        svg.text(x + 14, y, kind, 11, color=SOFT)
        x += 92
    svg.line(x + 2, y - 10, x + 2, y + 2, INK, 1.6)
    svg.text(x + 8, y, "mere luck", 11, color=SOFT)
    return svg.done()


def cost_chart(runs, width=520):
    """Bytes on the wire beside the first run's, on a logarithmic axis."""
    row, left, top = 46, 190, 34
    svg = Svg(width, top + row * len(runs) + 34, "Bytes on the wire")
    svg.text(0, 13, "Bytes on the wire, times those without RTPL", 13, weight="600")
    most = max(10, 10 ** math.ceil(math.log10(max(max(r["overhead"] for r in runs), 1))))
    span = width - left - 60
    # From a half, so that once is a bar too.
    place = lambda v: left + max(math.log10(v / 0.5), 0) / math.log10(most / 0.5) * span
    bottom = top + row * len(runs)
    marks = [m * 10 ** p for p in range(4) for m in (1, 2, 5) if m * 10 ** p <= most]
    for m in marks:
        svg.line(place(m), top - 4, place(m), bottom, GRID)
        svg.text(place(m), bottom + 14, f"{m}", 10, "middle", SOFT)
    for i, run in enumerate(runs):
        y = top + i * row
        svg.text(left - 8, y + 22, short(run["title"]), 11.5, "end")
        svg.rect(left, y + 8, place(run["overhead"]) - left, 20, "#4a7d5e")
        svg.text(place(run["overhead"]) + 5, y + 22, f"{run['overhead']:.2f}" if run["overhead"] < 10 else f"{run['overhead']:.0f}", 10.5)
    svg.text(left + span / 2, bottom + 29, "times (logarithmic)", 11, "middle", SOFT)
    return svg.done()
