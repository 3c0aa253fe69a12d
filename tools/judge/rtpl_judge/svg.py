# SPDX-License-Identifier: GPL-2.0
"""From a matplotlib figure to SVG that stands in a page.

Colours are names of the page's style sheet, so that light, dark and print each have their own;
text stays text. Same figure, same bytes.
"""
import io
import re
import warnings
from contextlib import contextmanager
from html import escape

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .verdict import clean

# Stand-ins that matplotlib draws with, and what the page calls them. c1 to c8 are series.
INK, MUTED, GRID, PAPER = "#010101", "#010102", "#010103", "#010104"
SERIES = [f"#0102{k:02x}" for k in range(1, 9)]
NAMES = {INK: "ink", MUTED: "muted", GRID: "grid", PAPER: "paper",
         **{c: f"c{k}" for k, c in enumerate(SERIES, 1)}}
MARKS = ["o", "s", "^", "D", "v", "P", "X", "h"]	# a series is told by its mark as well
SIZE = 8.5			# of text, in points
RC = {"svg.fonttype": "none", "svg.hashsalt": "rtpl-judge", "text.parse_math": False,
      "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": SIZE,
      "axes.edgecolor": MUTED, "axes.labelcolor": INK, "axes.facecolor": "none",
      "axes.linewidth": .6, "axes.grid": False, "axes.spines.top": False,
      "axes.spines.right": False, "text.color": INK, "xtick.color": MUTED, "ytick.color": MUTED,
      "xtick.labelcolor": INK, "ytick.labelcolor": INK, "xtick.major.width": .6,
      "ytick.major.width": .6, "xtick.minor.size": 0, "ytick.minor.size": 0,
      "grid.color": GRID, "grid.linewidth": .6, "legend.frameon": False,
      "path.simplify": True}


def figure(width, height, **subplots):
    """A figure of so many inches and its axes (fig.subplots()), within the style."""
    fig = Figure(figsize=(width, height), dpi=72, facecolor="none")
    FigureCanvasSVG(fig)
    return fig, fig.subplots(**subplots)


@contextmanager
def style():
    """The context in which figures are made and written."""
    with matplotlib.rc_context(RC), warnings.catch_warnings():
        # The reader's fonts draw the text; matplotlib's only measures it.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        yield


class Writer:
    """Makes the pictures of one page: ids are then each used once."""

    def __init__(self):
        self.count = 0

    def svg(self, fig, alt):
        """The figure as one <svg> with `alt` as what it says; no script, no reference out."""
        self.count += 1
        alt = escape(clean(alt))
        out = io.StringIO()
        fig.savefig(out, format="svg", transparent=True, metadata={"Date": None})
        text = out.getvalue()
        text = text[text.index("<svg"):]
        text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
        text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
        # One for all pictures stands in the page's style sheet.
        text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, count=1, flags=re.S)
        head, body = text.split(">", 1)
        width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head).groups()
        used = set(re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', body))

        def tag(m):
            # What is between tags are names and numbers: not to be touched.
            t = re.sub(r' id="([^"]+)"', lambda i: f' id="p{self.count}-{i[1]}"'
                       if i[1] in used else "", m[0])
            t = re.sub(r'xlink:href="#', f'href="#p{self.count}-', t)
            t = t.replace("url(#", f"url(#p{self.count}-")
            t = re.sub(r"(font: [^;\"]*?[\d.]+px) [^;\"]*", r"\1 var(--sans)", t)
            t = re.sub(r"#0[0-9a-f]{5}\b", lambda c: f"var(--{NAMES[c[0]]})"
                       if c[0] in NAMES else c[0], t)
            return re.sub(r"(\d+\.\d{2})\d+", r"\1", t)
        body = re.sub(r"<[^>]*>", tag, body)
        body = re.sub(r"\s*\n\s*", "\n", body)
        px = 4 / 3
        return (f'<svg viewBox="0 0 {width} {height}" width="{float(width) * px:.0f}" '
                f'height="{float(height) * px:.0f}" role="img" '
                f'aria-label="{alt}"><title>{alt}</title>{body.strip()}')


def alone(fig, alt, css, about):
    """The figure as an SVG file of its own, on paper, in the light colours of the style sheet
    `css` (its first of each name); `about`: words without markup that stand in it, unseen."""
    colours = {}
    for name, value in re.findall(r"--([a-z0-9]+):([^;}]+)", css):
        colours.setdefault(name, value.replace('"', "'"))
    text = re.sub(r"<[^>]*>", lambda tag: re.sub(
        r"var\(--([a-z0-9]+)\)", lambda m: colours.get(m[1], m[0]), tag[0]), Writer().svg(fig, alt))
    head, body = text.split(">", 1)
    head = head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return (f'{head}>\n<!-- SPDX-License-Identifier: GPL-2.0; drawn by rtpl-judge; {about} -->\n'
            '<style>*{stroke-linejoin:round;stroke-linecap:butt}</style>'
            f'<rect width="100%" height="100%" fill="{colours["paper"]}"/>{body}\n')


def place(ax, points, reserved=()):
    """Writes a label at each of `points`, (x, y, text, colour), where it covers neither another
    label nor a mark; one for which there is no room nearby gets a thin line to its mark.
    `reserved`: boxes (x0, y0, x1, y1) in points that stay free, too."""
    to = ax.transData.transform
    box = ax.get_window_extent()
    marks = [to((x, y)) for x, y, *_ in points]
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in marks] + list(reserved)
    high = SIZE * 1.1
    for (px, py), (x, y, text, colour) in zip(marks, points):
        wide = .58 * (SIZE - .5) * len(text) + 2
        best = None
        for ring in range(1, 9):
            d = 7 if ring == 1 else 7 + (ring - 1) * 9
            spots = [(px + d, py - high / 2), (px - d - wide, py - high / 2),
                     (px - wide / 2, py + d - 2), (px - wide / 2, py - d - high + 2),
                     (px + d * .7, py + d * .7), (px + d * .7, py - d * .7 - high),
                     (px - d * .7 - wide, py + d * .7), (px - d * .7 - wide, py - d * .7 - high)]
            for sx, sy in spots:
                spot = (sx, sy, sx + wide, sy + high)
                if sx < box.x0 + 2 or spot[2] > box.x1 + 2 or sy < box.y0 + 1 or \
                        spot[3] > box.y1:
                    continue
                if any(spot[0] < t[2] and t[0] < spot[2] and spot[1] < t[3] and t[1] < spot[3]
                       for t in taken):
                    continue
                best = spot
                break
            if best:
                break
        best = best or (px + 7, py - high / 2, px + 7 + wide, py + high / 2)
        taken.append(best)
        if abs(best[0] - px) > 14 and abs(best[2] - px) > 14 or \
                min(abs(best[1] - py), abs(best[3] - py)) > 14:
            # To the nearest point of the label.
            nx, ny = min(max(px, best[0]), best[2]), min(max(py, best[1]), best[3])
            a, b = ax.transData.inverted().transform([(px, py), (nx, ny)])
            ax.plot([a[0], b[0]], [a[1], b[1]], color=MUTED, lw=.4, zorder=1)
        ax.annotate(text, (best[0] + 1, best[1] + high * .25), xycoords="figure pixels",
                    fontsize=SIZE - .5, color=colour, zorder=5, annotation_clip=False)
