#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Do private windows keep what they promise?

    selftests/shape/dp-against-reference.py [-n SAMPLES] [-O BUILD] [TEXT]

For each wanted (epsilon, delta), tools/dist/ makes noise and account, kmod/core/dp.c
draws and reckons, and this compares, one line each:

    formula  the core's epsilon after k windows with the closed forms, computed anew
             here: PASS if they agree to 2^-32 a window
    wanted   one burst costs what was wanted, and with 0.1 % less noise it would cost
             more
    table    the noise as the tables have it with the distribution itself: PASS if
             they differ by no more than the plan admits (and 10^-12 of rounding here)
    samples  10^6 numbers (SAMPLES) of the core's noise with SciPy's distribution, chi-square
    loss     the privacy loss of the tables' noise, convolved k times: the delta
             that really belongs to the account's epsilon. PASS if it is at most the
             promised one; the epsilon that would have been enough is printed
    wrong    the same with streams that differ by twice the sensitivity: must not pass

TEXT runs the plans that contain it. Needs SciPy. Status 1 if anything failed.
"""
import argparse
import math
import os
import subprocess
import sys
from pathlib import Path

try:
    import numpy as np
    from scipy import signal, stats
except ImportError:     # another Python than Debian's comes first in PATH
    if sys.executable != "/usr/bin/python3" and "RTPL_AGAIN" not in os.environ:
        os.execve("/usr/bin/python3", ["/usr/bin/python3", *sys.argv], {**os.environ, "RTPL_AGAIN": "1"})
    sys.exit("needs SciPy: Debian's python3-scipy")

TOP = Path(__file__).resolve().parent.parent.parent
# mechanism, epsilon, delta, sensitivity (bytes), grain (bytes), windows of a burst
PLANS = [
    ("laplace", 1, 1e-6, 1448, 1448, 1),
    ("laplace", 1, 1e-6, 65536, 1448, 100),
    ("laplace", 0.5, 1e-9, 131072, 8192, 20),
    ("laplace", 8, 1e-6, 60000, 1448, 10),
    ("skellam", 1, 1e-6, 1448, 1448, 1),
    ("skellam", 3, 1e-6, 65536, 16384, 100),
    ("skellam", 2, 1e-9, 20000, 1448, 4),
    ("skellam", 0.5, 1e-5, 9000, 9000, 500),
]
GRID = 1 << 20      # of the privacy loss


class Plan:
    def __init__(self, want):
        self.want = [str(w) for w in want]
        self.mechanism, self.epsilon, self.delta, self.sensitivity, self.grain, self.burst = want
        self.s = -(-self.sensitivity // self.grain)
        out = self.core("plan").stdout.splitlines()
        head = out[0].split()
        self.said = {head[i]: float(head[i + 1]) for i in range(0, len(head), 2)}
        self.noise, self.lost = self.said["noise"], self.said["lost"]
        self.costs = {int(w[1]): float(w[3]) for w in map(str.split, out) if w[0] == "after"}
        self.burst_cost = float(out[1].split()[3])
        self.falls = [o for o in out if "falls" in o]
        self.parts = []
        for line in out:
            if line.startswith("kind"):
                self.parts.append([])
            elif self.parts:
                self.parts[-1].append([int(v) for v in line.split()])

    def core(self, verb, *more, text=True):
        return subprocess.run([args.O / "sample", verb, *self.want, *more],
                              stdout=subprocess.PIPE, check=True, text=text)

    def pmf(self):
        """The noise as the tables have it: probabilities of -r ... r."""
        one = [part_pmf(p) for p in self.parts]
        draw = one[0]
        if len(one) == 2:       # step * first + second
            step = int(self.said["step"])
            draw = (one[0][1][:, None] * np.append(one[1][1], np.zeros(step - len(one[1][1])))).ravel()
            draw = (0, draw)
        if self.mechanism == "laplace":
            both = signal.fftconvolve(draw[1], draw[1][::-1])
            r = len(draw[1]) - 1
        else:
            both, low = draw[1], draw[0]
            r = max(-low, low + len(both) - 1)
            both = np.pad(both, (low + r, r - (low + len(both) - 1)))
            one_draw = both
            for _ in range(int(self.said["draws"]) - 1):
                both = signal.fftconvolve(both, one_draw)
            r *= int(self.said["draws"])
        return r, np.maximum(both, 0)

    def law(self):
        if self.mechanism == "laplace":
            return stats.dlaplace(self.noise / self.s)
        return stats.skellam(self.noise / 2, self.noise / 2)


def part_pmf(rows):
    """From steps' p[] and x[]: the last p stands for 1."""
    low, high = rows[0][1], rows[-1][1]
    out = np.zeros(high - low + 1)
    before = 0
    for i, (p, x) in enumerate(rows):
        p = 1 << 64 if i == len(rows) - 1 else p
        out[x - low] = (p - before) / 2.0 ** 64
        before = p
    return low, out


# ---- the closed forms, anew ----

def convert(order, delta):
    return max(math.log((order - 1) / order) - (math.log(delta) + math.log(order)) / (order - 1), 0)


def skellam_epsilon(mu, s, delta, k):
    orders = list(range(2, 33)) + [round(32 * 2 ** (j / 4)) for j in range(1, 34)]
    return min(k * (a * s * s / 2 / mu + min(((2 * a - 1) * s * s + 6 * s) / 4 / mu ** 2, 1.5 * s / mu))
               + convert(a, delta) for a in orders)


def laplace_epsilon(eps, delta, k):
    """Basic, advanced and by Renyi orders. Advanced composition's tangents touch it at 4 * 8^j only."""
    p = np.longdouble(1) / (1 + np.exp(-np.longdouble(eps)))
    q = np.longdouble(1) / (1 + np.exp(np.longdouble(eps)))
    best = k * eps
    for j in range(52):
        a = 1 + 2 ** ((j - 8) / 4)
        one = np.logaddexp(a * np.log(p) + (1 - a) * np.log(q), a * np.log(q) + (1 - a) * np.log(p)) / (a - 1)
        best = min(best, float(k * one + convert(a, delta)))
    return best


def advanced(eps, delta, k):
    return eps * math.sqrt(2 * k * math.log(1 / delta)) + k * eps * math.expm1(eps)


# ---- the privacy loss itself ----

def losses(pmf, shift):
    """Loss ln P(x) / P(x - shift) of each x, its probability, and what has no bound."""
    p, q = pmf[shift:], pmf[:-shift]
    sure = (p > 1e-18) & (q > 1e-18)
    # where the tables have nothing to compare with, or rounding is all there is
    endless = pmf[:shift].sum() + p[~sure].sum()
    return np.log(p[sure] / q[sure]), p[sure], endless


def loss_of(pmf, shift, k, spread, pure=0):
    """The delta that belongs to an epsilon, as a function, after k windows that differ by
    shift each. No loss of one is above pure, if given: the grid then has it exactly."""
    loss, p, endless = losses(pmf, shift)
    if k == 1:
        return lambda e: float((p * np.maximum(-np.expm1(e - loss), 0)).sum() + endless)
    width = 2 * spread / GRID
    if pure > width:
        width = pure / math.floor(pure / width)
    at = np.rint(loss / width).astype(int)
    grid = np.zeros(GRID)
    inside = np.abs(at) < GRID // 2
    np.add.at(grid, at[inside] % GRID, p[inside])
    # whatever does not fit the grid counts as lost altogether
    beyond = p[~inside & (at > 0)].sum()
    np.add.at(grid, [GRID // 2], p[~inside & (at < 0)].sum())
    whole = np.maximum(np.fft.irfft(np.fft.rfft(grid) ** k, GRID), 0)
    value = np.where(np.arange(GRID) < GRID // 2, np.arange(GRID), np.arange(GRID) - GRID) * width
    return lambda e: float((whole * np.maximum(-np.expm1(e - value), 0)).sum() + k * (endless + beyond))


def enough(delta_at, delta, most):
    """Least epsilon, to 0.5 %, for delta: the more epsilon, the less delta."""
    tries = np.linspace(0, most * 1.2, 241)
    low, high = 0, len(tries)
    while low < high:
        middle = (low + high) // 2
        if delta_at(tries[middle]) <= delta:
            high = middle
        else:
            low = middle + 1
    return tries[low] if low < len(tries) else math.inf


def say(good, plan, what):
    counts[bool(good)] += 1
    print(f"{'PASS' if good else 'FAIL'}  {plan.name:38} {what}", flush=True)


def check(plan):
    half = plan.delta / 2

    def formula(k, noise=plan.noise):
        if plan.mechanism == "skellam":
            return skellam_epsilon(noise, plan.s, half, k)
        return laplace_epsilon(noise, half, k)

    off = worst = 0
    for k, got in plan.costs.items():
        want = formula(k)
        if plan.mechanism == "laplace" and got < want:      # a tangent was lower
            want = max(got, advanced(plan.noise, half, k))
        off = max(off, abs(got / want - 1))
        worst = max(worst, abs(got - want) / (k + 1) * 2 ** 32)
    costs = ", ".join(f"{k}: {e:.4g}" for k, e in plan.costs.items())
    say(worst < 2 and off < 1e-4 and not plan.falls, plan, f"formula  epsilon after {costs}; off by {off:.1e}")

    less = plan.noise * (1.001 if plan.mechanism == "laplace" else .998)
    say(plan.burst_cost <= plan.epsilon < formula(plan.burst, less), plan,
        f"wanted   {plan.burst_cost:.9g} of {plan.epsilon}, with less noise {formula(plan.burst, less):.9g}; "
        f"sd {plan.said['sd']:.4g} grains = {plan.said['sd'] * plan.grain / 1000:.4g} kB; known for {int(plan.said['windows'])} windows")

    r, pmf = plan.pmf()
    x = np.arange(-r, r + 1)
    exact = plan.law().pmf(x)
    tv = np.abs(pmf - exact).sum() / 2
    say(tv <= plan.lost + 1e-12, plan, f"table    total variation {tv:.2e} (rounding here), admitted {plan.lost:.2e}")

    got = np.frombuffer(plan.core("noise", str(args.n), "7", text=False).stdout, dtype="<i8")
    n = len(got)
    edges = np.unique(plan.law().ppf(np.linspace(0.001, 0.999, 250)))
    seen = np.bincount(np.searchsorted(edges, got), minlength=len(edges) + 1)
    want = np.diff(np.concatenate([[0], plan.law().cdf(edges), [1]])) * n
    chi2 = ((seen - want) ** 2 / want).sum()
    p = stats.chi2.sf(chi2, len(want) - 1)
    say(p > 1e-4, plan, f"samples  chi2 = {chi2:.1f} on {len(want) - 1}, p = {p:.4f}")

    # What one grain's rounding adds is in plan.s already.
    for k in sorted({1, plan.burst, 300}):
        if k > plan.said["windows"]:
            continue
        claimed = formula(k) if k not in plan.costs else plan.costs[k]
        if k == plan.burst:
            claimed = plan.burst_cost
        spread = max(30, 3 * claimed)
        grid = spread, plan.noise if plan.mechanism == "laplace" else 0
        delta_at = loss_of(pmf, plan.s, k, *grid)
        true = delta_at(claimed)
        say(true <= plan.delta, plan,
            f"loss     {k} windows: ({claimed:.4g}, {plan.delta:g}) promised, delta is {true:.2e}; "
            f"epsilon {enough(delta_at, plan.delta, claimed):.4g} were enough")
    claimed = plan.burst_cost
    true = loss_of(pmf, 2 * plan.s, plan.burst, max(30, 6 * claimed))(claimed)
    say(true > plan.delta, plan, f"wrong    twice the sensitivity: delta is {true:.2e}, must be above {plan.delta:g}")


parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("-n", type=int, default=1000000)
parser.add_argument("-O", type=Path, default=TOP / "tools/harness/build")
parser.add_argument("text", nargs="?", default="")
args = parser.parse_args()
counts = {True: 0, False: 0}
subprocess.run(["make", "-s", "-C", TOP / "tools/harness", f"O={args.O}", f"{args.O}/sample"], check=True)
for want in PLANS:
    name = " ".join(str(w) for w in want)
    if args.text in name:
        plan = Plan(want)
        plan.name = name
        check(plan)
print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(counts[False] > 0)
