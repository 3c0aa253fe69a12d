# SPDX-License-Identifier: GPL-2.0
"""The pictures of a page. Each function returns a matplotlib figure, or None where nothing was
measured that it could show; names are drawn as they are, numbers in percent, ms and bits."""
import base64
import io

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from .svg import GRID, INK, MARKS, MUTED, PAPER, SERIES, SIZE, figure, place
from .verdict import (OVERHEADS, REFERENCES, at, by_profile, chance, clean, estimates, information,
                      interval, limit, measured, number, overhead_of, strongest)

MOST_BINS = 48			# that a distribution is drawn with
LIMIT = 0.3			# overhead that the project allows itself
SLOW = 50			# ms that it allows a packet to wait
ESTIMATES = {"wefde": "WeFDE, features", "knn": "k nearest neighbours", "fano": "Fano's bound",
             "cross_entropy": "cross-entropy bound"}


def _short(name, most=22):
    return clean(name, most)


def _colour(k):
    return SERIES[k % len(SERIES)]


def _percent_axis(axis):
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))


def _rows(ax, names):
    """Rows from top to bottom."""
    ax.set_yticks(range(len(names)))
    ax.set_yticklabels([_short(n) for n in names])
    ax.set_ylim(len(names) - .5, -.5)
    ax.tick_params(axis="y", length=0)


def _errors(x):
    """matplotlib's xerr of [(mean, low, high)], in percent; never negative."""
    return 100 * np.array([[max(m - low, 0) for m, low, _ in x],
                           [max(high - m, 0) for m, _, high in x]])


def _overhead_axis(ax, values, key="overhead"):
    low = 10 ** np.floor(np.log10(min(min(values), 100 * LIMIT) * .9))
    high = max(max(values), 100 * LIMIT) * 3		# room for the last one's name
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if high / low < 1500 else (1,)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    _percent_axis(ax.xaxis)
    ax.set_xlabel(f"{OVERHEADS[key]}, % of the packets' bytes (logarithmic)")


def _limit_line(ax, percent_of, text):
    """A dashed line at this overhead; returns the boxes that it and its name cover."""
    ax.axvline(percent_of, color=MUTED, lw=.8, ls=(0, (4, 3)), zorder=1)
    box, x = ax.get_window_extent(), ax.transData.transform((percent_of, 1))[0]
    ax.annotate(text, (x + 3, box.y1 - 9), xycoords="figure pixels", fontsize=SIZE - 1,
                color=MUTED)
    return [(x - 1, box.y0, x + 1, box.y1), (x, box.y1 - 11, x + 5 + 5 * len(text), box.y1)]


def _slow(run):
    """What a profile's name is followed by where a packet may wait longer than most would bear."""
    p99 = number(at(run, "costs", "delay_ms", "p99"))
    if p99 is None or p99 <= SLOW:
        return ""
    return f" ({p99:.0f} ms)" if p99 < 1000 else f" ({p99 / 1e3:.1f} s)"


def _bounds(runs):
    """[(price, what no scheme goes below)] in percent, cheapest first."""
    found = [limit(r) for r in runs]
    return sorted((100 * x["bytes"], 100 * x["named"]) for x in found if x and x["bytes"])


def frontier(runs, anchors):
    """Accuracy of the strongest attack against overhead (log; which: overhead_of()), with
    published anchors; and the p99 of a packet's wait where it is over SLOW."""
    own, key = [], overhead_of(runs)
    for name, run in by_profile(runs).items():
        over, best = number(at(run, "costs", key)), strongest(run)
        if best and over is not None and over > 0:
            own.append((100 * over, best[1], _short(name) + _slow(run)))
    others = [(100 * number(at(a, "overhead")), 100 * number(at(a, "accuracy")), at(a, "name"))
              for a in anchors if (number(at(a, "overhead")) or 0) > 0
              and number(at(a, "accuracy")) is not None]
    if not own:
        return None
    bounds = _bounds(by_profile(runs).values())
    fig, ax = figure(7.2, 4.6)
    fig.subplots_adjust(.075, .1, .99, .92)
    _overhead_axis(ax, [p[0] for p in own + others + bounds], key)
    ax.set_ylim(0, 105)
    ax.set_ylabel("accuracy of the strongest attack, %")
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    none = strongest(by_profile(runs).get("none"))
    guess = next((c for c in map(chance, runs) if c is not None), None)
    box, reserved = ax.get_window_extent(), []
    for level, text in ((none and none[1][0], "undefended"), (guess, "chance")):
        if level is None:
            continue
        ax.axhline(100 * level, color=MUTED, lw=.8, ls=(0, (1, 2)), zorder=1)
        y = ax.transData.transform((1.1, 100 * level))[1]
        reserved += [(box.x0, y, box.x0 + 60, y + 10), (box.x0, y - 1, box.x1, y + 1)]
        ax.annotate(text, (box.x0 + 3, y + 2), xycoords="figure pixels", fontsize=SIZE - 1,
                    color=MUTED)
    reserved += _limit_line(ax, 100 * LIMIT, "30 %")
    # What no other profile beats in both: least accuracy so far, from the cheapest on.
    least, steps = float("inf"), []
    for x, (mean, _, _), _ in sorted(own, key=lambda p: (p[0], p[1][0])):
        if mean < least:
            steps.append((x, 100 * mean))
            least = mean
    for (x0, y0), (x1, y1) in zip(steps, steps[1:]):
        (x0, y0), (x1, y1) = ax.transData.transform([(x0, y0), (x1, y1)])
        reserved += [(x0, y0 - 1, x1, y0 + 1), (x1 - 1, y1, x1 + 1, y0)]
    ax.step(*zip(*steps), where="post", color=_colour(0), lw=.8, alpha=.5, zorder=2)
    ax.errorbar([p[0] for p in own], [100 * p[1][0] for p in own],
                yerr=_errors([p[1] for p in own]), fmt="o", ms=5, color=_colour(0), lw=0,
                elinewidth=1.1, zorder=4, label="here, with its 95 % interval (and p99 wait)")
    if bounds:
        ax.plot(*zip(*bounds), "_", ms=9, mew=1.6, color=_colour(1), zorder=3, label="bound")
        for x, y in ax.transData.transform(bounds):
            reserved.append((x - 5, y - 2, x + 5, y + 2))
    if others:
        ax.plot([p[0] for p in others], [p[1] for p in others], "D", ms=5, mfc=PAPER, mec=MUTED,
                mew=1, zorder=3, label="published, other data")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncol=3, fontsize=SIZE - .5,
              handletextpad=.3, borderaxespad=0.1, columnspacing=1.5)
    place(ax, [(x, 100 * y[0], n, INK) for x, y, n in own] +
          [(x, y, _short(str(n).split(" (")[0]), MUTED) for x, y, n in others], reserved)
    return fig


def attacks(runs):
    """A row a profile, a mark an attack, with intervals and chance."""
    by = {n: r for n, r in by_profile(runs).items() if measured(r)}
    names = list(dict.fromkeys(a for r in by.values() for a in measured(r)))
    if not by:
        return None
    high = max(.07 * len(names), .2) + .12
    fig, ax = figure(7.2, high * len(by) + .95)
    whole = high * len(by) + .95
    fig.subplots_adjust(.19, .45 / whole, .985, 1 - .42 / whole)
    step = .8 / max(len(names), 1)
    for k, a in enumerate(names):
        rows = [(i, measured(r)[a]) for i, r in enumerate(by.values()) if a in measured(r)]
        ax.errorbar([100 * x[0] for _, x in rows],
                    [i + (k - (len(names) - 1) / 2) * step for i, _ in rows],
                    xerr=_errors([x for _, x in rows]), fmt=MARKS[k % len(MARKS)], ms=4,
                    color=_colour(k), lw=0, elinewidth=1, label=clean(a, 14))
    for i in range(1, len(by)):
        ax.axhline(i - .5, color=GRID, lw=.6, zorder=0)
    guess = next((c for c in map(chance, runs) if c is not None), None)
    if guess is not None:
        ax.axvline(100 * guess, color=MUTED, lw=.8, ls=(0, (1, 2)), zorder=1)
        ax.annotate("chance", (100 * guess, 0), (3, 3), xycoords=("data", "axes fraction"),
                    textcoords="offset points", fontsize=SIZE - 1, color=MUTED)
    ax.set_xlim(0, 101)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    _rows(ax, list(by))
    ax.set_xlabel("accuracy, %")
    ax.legend(loc="lower left", bbox_to_anchor=(-.02, 1.0), ncol=8, fontsize=SIZE - .5,
              handletextpad=.1, columnspacing=1.1, borderaxespad=.3)
    return fig


def _binned(histogram, side):
    """(edges, shares) with MOST_BINS bins at most, or None."""
    try:
        edges = np.asarray(at(histogram, "edges"), np.float64)
        shares = np.asarray(at(histogram, side), np.float64)
    except (TypeError, ValueError):
        return None
    if edges.ndim != 1 or shares.shape != (len(edges) - 1,) or len(edges) < 2 or \
            not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
        return None
    few = -(-len(shares) // MOST_BINS)
    starts = np.arange(0, len(shares), few)
    return np.append(edges[starts], edges[-1]), np.add.reduceat(np.nan_to_num(shares), starts)


def fullest(runs, what):
    """The greatest share in any bin of these runs: what small multiples have in common."""
    return max((b[1].max() for r in runs for side in ("up", "down")
                for b in [_binned(at(r, "histograms", what), side)] if b), default=0.0)


def distribution(run, before, what, top=1.0):
    """Shares of `what` ("sizes", "gaps_ms"): from the client above, to it below, of the run
    `before` (grey) and of this one (line), up to `top`. Heights are square roots, or one full
    bin would hide the rest; shares below a thousandth are drawn as none."""
    here, then = at(run, "histograms", what), at(before, "histograms", what)
    if not any(_binned(here, s) for s in ("up", "down")):
        return None
    fig, ax = figure(2.55, 1.7)
    fig.subplots_adjust(.17, .25, .925, .96)
    if what == "gaps_ms":
        ax.set_xscale("log")
    ends = []
    for h, filled in ((then, True), (here, False)):
        for side, sign in (("up", 1), ("down", -1)):
            binned = _binned(h, side)
            if binned is None:
                continue
            edges, shares = binned
            edges = np.maximum(edges, 1e-4) if what == "gaps_ms" else edges
            ends += [edges[0], edges[-1]]
            y = sign * np.sqrt(np.where(shares < .001, 0, np.clip(shares, 0, 1)))
            x = np.repeat(edges, 2)
            y = np.concatenate([[0], np.repeat(y, 2), [0]])
            if filled:
                ax.fill(x, y, color=GRID, lw=0, zorder=1)
            else:
                ax.plot(x, y, color=_colour(0), lw=1, zorder=3)
    ax.axhline(0, color=MUTED, lw=.6, zorder=2)
    ax.set_xlim(min(ends), max(ends))
    top = next(v for v in (.05, .1, .2, .5, 1) if v >= min(top, 1))
    ax.set_ylim(-1.04 * np.sqrt(top), 1.04 * np.sqrt(top))
    levels = [top, top / 4]
    ax.set_yticks([np.sqrt(v) for v in levels] + [0] + [-np.sqrt(v) for v in levels])
    ax.set_yticklabels([f"{100 * v:g}" for v in levels] + ["0"] +
                       [f"{100 * v:g}" for v in levels])
    ax.tick_params(labelsize=SIZE - 2, length=2, pad=2)
    if what == "gaps_ms":
        ax.xaxis.set_major_locator(LogLocator(100, numticks=7))
        ax.xaxis.set_minor_formatter(NullFormatter())
        _percent_axis(ax.xaxis)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.set_xlabel("gap, ms" if what == "gaps_ms" else "size, bytes", fontsize=SIZE - 1.5,
                  labelpad=1)
    for y, text in ((.76, "up"), (.24, "down")):
        ax.text(-.165, y, text, transform=ax.transAxes, ha="center", va="center", rotation=90,
                color=MUTED, fontsize=SIZE - 2)
    return fig


def confusion(matrix):
    """(data: URI of a PNG, share that is right of each class) of counts, rows the truth; None
    if it is no square of counts. A pixel a class, dark for never, bright for always."""
    try:
        m = np.asarray(matrix, np.float64)
    except (TypeError, ValueError):
        return None
    if m.ndim != 2 or m.shape[0] != m.shape[1] or not m.size or not np.isfinite(m).all() or \
            m.min() < 0:
        return None
    shares = m / np.maximum(m.sum(axis=1, keepdims=True), 1)
    return png(shares), np.diag(shares)


def png(shares):
    """data: URI of a picture of shares 0 to 1, a pixel each."""
    from matplotlib.image import imsave
    out = io.BytesIO()
    # Square roots: a class that is guessed in 4 % of visits is to be seen.
    imsave(out, np.sqrt(shares), cmap="cividis", vmin=0, vmax=1, format="png",
           metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def bits(runs):
    """A panel an estimate of mutual information: the estimate less its bias as a bar with the
    interval, the bias that was taken off as the pale end."""
    by = {n: r for n, r in by_profile(runs).items() if information(r)}
    names = [e for e in dict.fromkeys([*ESTIMATES, *(e for r in by.values()
                                                     for e in information(r))])
             if any(e in information(r) for r in by.values())]
    if not names:
        return None
    whole = .21 * len(by) + .85
    fig, axes = figure(7.6, whole, ncols=len(names), sharey=True, squeeze=False)
    fig.subplots_adjust(.18, .45 / whole, .985, 1 - .3 / whole, wspace=.1)
    entropies = [e for e in (number(at(r, "information", "entropy")) for r in by.values()) if e]
    top = max(entropies + [x[2] for r in by.values() for x in information(r).values()] + [.1])
    for ax, e in zip(axes[0], names):
        for i, r in enumerate(by.values()):
            x = information(r).get(e)
            if x is None:
                continue
            ax.barh(i, x[0], .62, color=_colour(0), lw=0, zorder=2)
            raw = number(at(estimates(r)[e], "bits"))
            if raw is not None and raw > x[0]:
                ax.barh(i, min(raw, top) - x[0], .62, left=x[0], color=_colour(0), alpha=.35,
                        lw=0, zorder=2)
            ax.plot([x[1], x[2]], [i, i], color=INK, lw=1.1, solid_capstyle="butt", zorder=3)
        if entropies:
            ax.axvline(entropies[0], color=MUTED, lw=.8, ls=(0, (1, 2)), zorder=1)
        ax.set_xlim(0, 1.06 * top)
        ax.set_title(clean(ESTIMATES.get(e, e), 24), fontsize=SIZE, loc="left")
        ax.set_xlabel("bits")
        ax.grid(axis="x")
        ax.set_axisbelow(True)
    _rows(axes[0][0], list(by))
    for ax in axes[0][1:]:
        ax.tick_params(axis="y", length=0)
    return fig


def costs(runs):
    """What the overhead is made of, and delays from p50 over p99 to the longest; which overhead:
    overhead_of()."""
    key = overhead_of(runs)
    by = {n: r for n, r in by_profile(runs).items()
          if n != "none" and number(at(r, "costs", key)) is not None}
    if not by:
        return None
    whole = .24 * len(by) + 1.0
    fig, (left, right) = figure(7.6, whole, ncols=2, sharey=True)
    fig.subplots_adjust(.18, .45 / whole, .985, 1 - .42 / whole, wspace=.08)
    parts = [p for p in ("headers", "padding", "chaff")
             if any(number(at(r, "costs", p)) is not None for r in by.values())]
    ends = np.zeros(len(by))
    for k, part in enumerate(parts):
        values = np.array([max(number(at(r, "costs", part)) or 0, 0) for r in by.values()]) * 100
        left.barh(range(len(by)), values, .62, left=ends, color=_colour(k), lw=0, zorder=2,
                  label=part)
        ends += values
    left.plot([100 * number(at(r, "costs", key)) for r in by.values()], range(len(by)), "|", ms=9,
              color=INK, zorder=3, label=OVERHEADS[key])
    left.axvline(100 * LIMIT, color=MUTED, lw=.8, ls=(0, (4, 3)), zorder=1)
    left.set_xlim(0, None)
    left.set_xlabel(f"{OVERHEADS[key]}, % (dashed: 30 %)")
    left.legend(loc="lower left", bbox_to_anchor=(-.02, 1), ncol=4, fontsize=SIZE - .5,
                handlelength=1, handletextpad=.4, columnspacing=1, borderaxespad=.2)
    _rows(left, list(by))
    floor = .01			# ms: what is drawn for less
    for k, (q, mark) in enumerate((("p50", "|"), ("p99", "o"), ("max", "x"))):
        rows = [(i, number(at(r, "costs", "delay_ms", q))) for i, r in enumerate(by.values())]
        rows = [(i, max(x, floor)) for i, x in rows if x is not None]
        right.plot([x for _, x in rows], [i for i, _ in rows], mark, ms=5 if mark != "|" else 8,
                   mew=1.2, color=_colour(0) if q == "p99" else MUTED, zorder=3,
                   label=q if q != "max" else "longest")
    for i, r in enumerate(by.values()):
        ends = [number(at(r, "costs", "delay_ms", q)) for q in ("p50", "max")]
        if None not in ends:
            right.plot([max(e, floor) for e in ends], [i, i], color=GRID, lw=1.2, zorder=1)
    right.set_xscale("log")
    right.xaxis.set_major_locator(LogLocator(10, numticks=8))
    right.xaxis.set_minor_formatter(NullFormatter())
    _percent_axis(right.xaxis)
    right.set_xlabel("delay that the shape adds, ms (logarithmic)")
    right.legend(loc="lower left", bbox_to_anchor=(-.02, 1), ncol=3, fontsize=SIZE - .5,
                 handlelength=1, handletextpad=.3, columnspacing=1, borderaxespad=.2)
    for ax in (left, right):
        ax.grid(axis="x")
        ax.set_axisbelow(True)
    right.tick_params(axis="y", length=0)
    return fig


def precision(shown):
    """Precision against recall in the open world of {label: (curve, base rate)}."""
    if not shown:
        return None
    fig, ax = figure(6.2, 3.2)
    fig.subplots_adjust(.08, .14, .67, .97)
    for k, (label, (curve, base)) in enumerate(shown.items()):
        points = np.asarray(curve, np.float64)
        points = points[np.linspace(0, len(points) - 1, min(len(points), 80)).astype(int)]
        ax.plot(100 * points[:, 0], 100 * points[:, 1], color=_colour(k), lw=1.4,
                marker=MARKS[k % len(MARKS)], markevery=max(1, len(points) // 6), ms=4,
                label=_short(label))
        if base is not None and not k:
            ax.axhline(100 * base, color=MUTED, lw=.8, ls=(0, (1, 2)))
            ax.annotate("base rate", (0, 100 * base), (3, -9), textcoords="offset points",
                        fontsize=SIZE - 1, color=MUTED)
    ax.set_xlim(0, 101)
    ax.set_ylim(0, 103)
    ax.set_xlabel("recall, %")
    ax.set_ylabel("precision, %")
    ax.grid()
    ax.set_axisbelow(True)
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=SIZE - .5)
    return fig


def search(found):
    """What the search tried: what attacks still get of what they get undefended, on held-out
    visits where there is that, against overhead; the chosen filled."""
    points = []
    for p in at(found, "points") or []:
        y = number(at(p, "held_out_accuracy"))
        y = number(at(p, "accuracy")) if y is None else y
        x = number(at(p, "overhead"))
        if x is not None and x > 0 and y is not None:
            points.append((100 * x, 100 * y, str(at(p, "name")), bool(at(p, "chosen"))))
    if not points:
        return None
    fig, ax = figure(7.2, 3.6)
    fig.subplots_adjust(.075, .125, .99, .9)
    _overhead_axis(ax, [p[0] for p in points])
    ax.set_ylim(0, max(105, *(1.05 * p[1] for p in points)))
    ax.set_ylabel("of undefended, %")
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    limit, reserved = number(at(found, "limits", "overhead")), []
    if limit and limit > 0:
        reserved = _limit_line(ax, 100 * limit, f"limit {100 * limit:g} %")
    for chosen, fill, label in ((False, PAPER, "tried"), (True, _colour(0), "chosen")):
        some = [p for p in points if p[3] == chosen]
        if some:
            ax.plot([p[0] for p in some], [p[1] for p in some], "o", ms=4.5, mfc=fill,
                    mec=_colour(0) if chosen else MUTED, mew=.9, zorder=3 + chosen, label=label)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncol=2, fontsize=SIZE - .5,
              handletextpad=.2, borderaxespad=.1, columnspacing=1.5)
    place(ax, [(x, y, _short(n), INK) for x, y, n, chosen in points if chosen], reserved +
          [(*(ax.transData.transform((x, y)) - 3), *(ax.transData.transform((x, y)) + 3))
           for x, y, _, chosen in points if not chosen])
    return fig


LIVE = (("accuracy, %", ("accuracy",), 100), ("overhead, %", ("overhead",), 100),
        ("p99 delay, ms", ("delay_ms", "p99"), 1))


def live(rows):
    """Kernel (filled) and simulator (hollow) of the same workload, a panel a measure."""
    rows = [r for r in rows or [] if at(r, "kernel") or at(r, "simulator")]
    if not rows:
        return None
    whole = .27 * len(rows) + .95
    fig, axes = figure(7.6, whole, ncols=len(LIVE), sharey=True)
    fig.subplots_adjust(.25, .45 / whole, .985, 1 - .4 / whole, wspace=.16)
    for ax, (title, keys, scale) in zip(axes, LIVE):
        for where, dy, fill in (("kernel", -.14, _colour(0)), ("simulator", .14, PAPER)):
            for i, r in enumerate(rows):
                x = at(r, where, *keys)
                x = interval(x) if isinstance(x, dict) else (number(x),) * 3
                if not x or x[0] is None:
                    continue
                ax.plot([scale * x[1], scale * x[2]], [i + dy] * 2, color=_colour(0), lw=1.1,
                        zorder=2)
                ax.plot([scale * x[0]], [i + dy], "o", ms=5, mfc=fill, mec=_colour(0), mew=1.1,
                        zorder=3, label=where)
        ax.set_xlabel(title)
        ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
        ax.set_xlim(0, 101 if keys == ("accuracy",) else max(1.08 * ax.get_xlim()[1], .1))
        ax.grid(axis="x")
        ax.set_axisbelow(True)
        for i in range(1, len(rows)):
            ax.axhline(i - .5, color=GRID, lw=.6, zorder=0)
        ax.tick_params(axis="y", length=0)
    _rows(axes[0], [f"{_short(at(r, 'workload'), 16)}, {_short(at(r, 'profile'), 12)}"
                    for r in rows])
    found = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels()):
            found.setdefault(label, handle)
    fig.legend(found.values(), found.keys(), loc="upper left", bbox_to_anchor=(.24, 1.0), ncol=2,
               fontsize=SIZE - .5, handletextpad=.2, columnspacing=1.5)
    return fig


def clients(rows):
    """What it costs that no attack names more than chance, against how many clients share a link:
    rows {"clients", "bytes", "later", "small_p90", "kernel"}, a share, ms, ms, whether it was run."""
    if not rows:
        return None
    fig, (ax, late) = figure(7.2, 3.0, ncols=2)
    fig.subplots_adjust(.07, .155, .99, .9, wspace=.2)
    many = [r["clients"] for r in rows]

    def line(on, key, scale, k, name):
        on.plot(many, [scale * r[key] for r in rows], color=_colour(k), lw=.8, alpha=.6, zorder=2)
        for kernel in (True, False):
            at_ = [(r["clients"], scale * r[key]) for r in rows if r["kernel"] == kernel]
            if at_:
                on.plot(*zip(*at_), MARKS[k], ms=5, mfc=_colour(k) if kernel else PAPER,
                        mec=_colour(k), mew=1.1, lw=0, zorder=3,
                        label=name if kernel else None)
        for r in rows:
            on.annotate(f"{scale * r[key]:.0f}", (r["clients"], scale * r[key]), (0, 6),
                        textcoords="offset points", ha="center", fontsize=SIZE - 1, color=MUTED)
    line(ax, "bytes", 100, 0, "more bytes")
    line(late, "later", 1, 0, "all requests, mean")
    line(late, "small_p90", 1, 1, "small ones, 90th percentile")
    for on, limit_, title in ((ax, 100 * LIMIT, "more bytes, %"),
                              (late, SLOW, "a request is later by, ms (logarithmic)")):
        on.axhline(limit_, color=MUTED, lw=.8, ls=(0, (4, 3)), zorder=1)
        on.set_xscale("log")
        on.set_xlim(min(many) / 1.5, max(many) * 1.5)
        on.set_xticks(many)
        on.xaxis.set_minor_formatter(NullFormatter())
        on.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
        on.set_xlabel("clients on the link")
        on.set_title(title, fontsize=SIZE, loc="left")
        on.grid(axis="y")
        on.set_axisbelow(True)
    ax.set_ylim(0, max(1.3 * max(100 * r["bytes"] for r in rows), 1.3 * 100 * LIMIT))
    late.set_yscale("log")
    low, high = (f(min(r["later"], r["small_p90"]) if f is min else max(r["later"], r["small_p90"])
                   for r in rows) for f in (min, max))
    late.set_ylim(low / 2, high * 3)
    _percent_axis(late.yaxis)
    late.legend(loc="upper right", fontsize=SIZE - .5, handletextpad=.3, borderaxespad=.1)
    return fig


def shown_profiles(runs):
    """The profiles that details are shown of: none (or off), standard, maximum; of others, if
    these are not there, the first two."""
    by = by_profile(runs)
    first = next((n for n in ("none", "off") if n in by), None)
    rest = [n for n in ("standard", "maximum") if n in by] or \
        [n for n in by if n not in REFERENCES][:2]
    return ([first] if first else []) + rest
