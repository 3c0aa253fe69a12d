# SPDX-License-Identifier: GPL-2.0
"""The demo's page: one HTML file that needs nothing else."""
from html import escape

from . import capture, figures
from .measure import quantile, summary

STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #1a2230; font: 15px/1.5 system-ui, "DejaVu Sans", Arial, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 27px; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 20px; margin: 44px 0 4px; padding-top: 14px; border-top: 2px solid #1a2230; }
p { max-width: 78ch; margin: 8px 0; }
.lead { font-size: 17px; }
.small { font-size: 13px; color: #566072; }
table { border-collapse: collapse; width: 100%; margin: 18px 0 6px; font-size: 13px; font-variant-numeric: tabular-nums; }
th { text-align: right; font-weight: 600; vertical-align: bottom; border-bottom: 2px solid #1a2230; padding: 4px 5px; }
td { text-align: right; border-bottom: 1px solid #d9dee6; padding: 5px 5px; }
td + td { white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
svg { max-width: 100%; height: auto; display: block; font-family: inherit; }
.row { display: flex; flex-wrap: wrap; gap: 18px; align-items: flex-start; margin-top: 12px; }
ul { padding-left: 20px; max-width: 78ch; } li { margin: 3px 0; }
"""


def number(n):
    return f"{n:,}".replace(",", "\u202f")


def added(values):
    return " / ".join(f"{v:+.1f}".replace("-", "\u2212") for v in values)


def table(runs):
    g = runs[0]["guesses"]
    head = ["", "sizes of packets<br>(bytes)", "distinct<br>sizes", "packets", "bytes", "times<br>run 1",
            "idle kbit/s,<br>both ways", "ping added<br>p50 / p99 ms", "fetch added<br>p50 / p99 ms",
            f"right document<br>(luck: {g['documents']['chance']:.0%})", f"right answer<br>(luck: {g['answers']['chance']:.0%})",
            "readable<br>packets"]
    rows = []
    for i, r in enumerate(runs):
        s = summary(r)
        rows.append([escape(r["title"]), escape(s["sizes"].replace("-", "\u2013")), s["distinct_sizes"], number(r["packets"]),
                     number(r["bytes"]), f"{r['overhead']:.2f}", number(round(r["idle_bytes"] * 8 / 1000)),
                     added(r["ping_added"].values()) if i else "\u2013",
                     added(r["http_added"].values()) if i else "\u2013",
                     f"{r['guesses']['documents']['best']:.0%}", f"{r['guesses']['answers']['best']:.0%}",
                     number(r["plain"])])
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{body}</table>"


def strips(run, plan, documents=6, answers=2, idle=1.0):
    """The last documents, a while of nothing, then the first answers."""
    docs, said = run["visits"]["documents"][-documents:], run["visits"]["answers"][:answers]
    per = plan["period"]
    start = docs[0]["start"]
    quiet = start + len(docs) * per["documents"]
    return [
        (start, quiet - start + idle,
         [(v["start"], per["documents"], v["name"]) for v in docs] + [(quiet, idle, "nothing is said")]),
        (said[0]["start"], len(said) * per["answers"],
         [(v["start"], per["answers"], f"streamed answer: {v['name']}") for v in said]),
    ]


def verdict(run, base):
    """What the figures say, in words that follow from them."""
    out = []
    for kind, what in (("documents", "document"), ("answers", "answer")):
        g = run["guesses"][kind]
        if g["best"] <= g["lucky"]:
            out.append(f"the {what} is guessed right in {g['best']:.0%} of {g['visits']} visits, which luck explains "
                       f"(it gives {g['chance']:.0%}, and up to {g['lucky']:.0%} in 19 of 20 experiments)")
        else:
            out.append(f"the {what} is guessed right in {g['best']:.0%} of {g['visits']} visits (luck gives {g['chance']:.0%})")
    said = "Here " + ", and ".join(out) + "."
    if run is not base:
        said += (f" It takes {run['overhead']:.2f} times the bytes, and {run['ping_added'][50]:+.1f} ms on a "
                 f"ping, {run['http_added'][50]:+.1f} ms on a fetched document (medians).").replace(" -", " \u2212")
    if run["idle_bytes"] > 1000:
        said += f" While nothing is said it sends {run['idle_bytes'] * 8 / 1e6:.1f} Mbit/s all the same: that is the price."
    return said


def section(run, base, plan, number_):
    work = [p for kind, visits in run["visits"].items() for p in
            capture.between(run["trace"], visits[0]["start"], visits[-1]["start"] + plan["period"][kind])]
    g = run["guesses"]
    return f"""<h2>{number_}. {escape(run['title'])}</h2>
<p>{escape(run['words'])}</p>
<p>{escape(verdict(run, base))}</p>
{figures.timeline(strips(run, plan), run["trace"], f"{run['title']}: packets over time")}
<div class="row">
{figures.size_histogram(work)}
{figures.gap_histogram(work)}
{figures.confusion(g["documents"], "Documents", 17, 66, 275)}
{figures.confusion(g["answers"], "Answers", 26, 62, 200)}
</div>"""


def page(runs, plan, about):
    d, a = (runs[0]["guesses"][k] for k in ("documents", "answers"))
    tokens = plan["tokens"].values()
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>RTPL: what an observer sees</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body><main>
<h1>What an observer sees</h1>
<p class="lead">Host <b>a</b> fetches {len(d['names'])} documents from a web server on host <b>b</b> and is streamed
{len(a['names'])} answers token by token, as from a language model. Between them a bridge sees every packet. It does not try to
read anything: it looks at sizes and times only, and guesses what was asked for. RTPL changes what there is to see;
the programs stay as they are.</p>
<div class="row">{figures.guess_chart(runs)}{figures.cost_chart(runs)}</div>
{table(runs)}
<p class="small">Sizes are of IP packets between a and b, over the whole run, handshake included; ARP and neighbour discovery
aside. Packets and bytes are those of the visits, equally long in each run. Idle: a second in which nothing is
said. Fetch: the time of each document against the same one in run 1. Readable packets hold text of the documents or of HTTP.
Measured {escape(about)}.</p>
{"".join(section(r, runs[0], plan, i + 1) for i, r in enumerate(runs))}
<h2>How the guesses are made</h2>
<ul>
<li>Each document is fetched {d['visits'] // len(d['names'])} times, each answer streamed {a['visits'] // len(a['names'])} times,
in rounds that hold each one once, in random order. The same order and the same gaps between tokens come back in each run.</li>
<li>The answers have {min(tokens)} to {max(tokens)} tokens; the gaps between tokens are drawn anew for each visit.</li>
<li>Two simple classifiers guess: a forest of 80 extremely randomised trees, and the three nearest neighbours. Features are
counts, bytes, sizes, gaps, the first packets and the curve of bytes over the packets. Rounds are guessed by classifiers trained
on other rounds of the same run, five sixths of them, so no visit is in both. The better of the two counts, and what luck may give is counted for two.</li>
<li>The observer is told when each visit begins, to the millisecond, and gets the packets of a window of fixed length:
{plan['period']['documents']} s for a document, {plan['period']['answers']} s for an answer. That is generous to it: on a real
path it would have to find the beginning first, with constant rate out of a stream that shows none.</li>
<li>A real attacker would train on more visits and with more effort. A high figure here is proof of a leak; a low one
is no proof that there is none. What each shape promises, and what not, stands in Documentation/threat-model.rst.</li>
</ul>
<p class="small">The hosts and the observer are network namespaces of one emulated machine with one processor, whose clock counts
instructions: one is a nanosecond. So the figures are those of a slow, undisturbed machine, and come back much the same
in each run of the demo whatever else the real machine does; on a real path noise comes on top.</p>
</main></body></html>
"""


__all__ = ["page", "quantile"]
