#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Are the core's samples those of SciPy's distributions?

    selftests/shape/dist-against-scipy.py [-n SAMPLES] [-s SEED] [-O BUILD] [TEXT]

Each distribution of tools/dist/ becomes a table, kmod/core/dist.c draws samples
(1000000) from it, and they are judged by SciPy's own distribution function:

    continuous  Kolmogorov-Smirnov: PASS if D < 2.23 / sqrt(n), which chance
                exceeds once in 10000 times
    discrete    chi-square over all values that are expected 25 times or more, the
                rest in one bin: PASS if its p-value is above 1/10000; and the
                total variation distance is below four times what chance gives
    too many    values for exact steps: the table's own total variation distance,
                from its entries, is below 0.005, too

Then samples that are not quite right must fail (10^6 of them tell, and fewer are not asked
to), bad parameters must be refused by a sentence that names the field. TEXT runs those that contain it. Needs SciPy
(Debian's python3-scipy). Status 1 if anything failed.
"""
import argparse
import math
import os
import subprocess
import sys
from pathlib import Path

try:
    import numpy as np
    from scipy import stats
except ImportError:     # another Python than Debian's comes first in PATH
    if sys.executable != "/usr/bin/python3" and "RTPL_AGAIN" not in os.environ:
        os.execve("/usr/bin/python3", ["/usr/bin/python3", *sys.argv], {**os.environ, "RTPL_AGAIN": "1"})
    sys.exit("needs SciPy: Debian's python3-scipy")

TOP = Path(__file__).resolve().parent.parent.parent
KS = 2.23
P_LEAST = 1e-4
UNIT = 1e6      # integers to one, for the continuous


class Kept:
    """P(sample < x), of what is kept within low and high."""

    def __init__(self, law, low, high):
        self.law, self.low, self.high = law, low, high

    def cdf(self, x):
        return np.where(x <= self.low, 0, np.where(x > self.high, 1, self.law.cdf(x)))


class Between:
    """A continuous distribution as integers: k is what lies between k and k + 1, from off on."""

    def __init__(self, law, off):
        self.law, self.off = law, off

    def pmf(self, k):
        return self.law.cdf(k + 1 + self.off) - self.law.cdf(k + self.off)


s = stats
CONTINUOUS = [
    ("uniform:2,5", s.uniform(2, 3)),
    ("uniform:-0.3,0.7000004", s.uniform(-.3, 1.0000004)),
    ("normal:0,1", s.norm(0, 1)),
    ("normal:-250,40", s.norm(-250, 40)),
    ("skew-normal:10,3,4", s.skewnorm(4, 10, 3)),
    ("skew-normal:0,1,-0.5", s.skewnorm(-.5)),
    ("skew-normal:0,1,-50", s.skewnorm(-50)),
    ("lognormal:0.5,0.8", s.lognorm(.8, scale=math.exp(.5))),
    ("lognormal:3,2", s.lognorm(2, scale=math.exp(3))),
    ("pareto:2,3", s.pareto(3, scale=2)),
    ("pareto:1,1.1", s.pareto(1.1)),
    ("weibull:3,0.7", s.weibull_min(.7, scale=3)),
    ("weibull:10,5", s.weibull_min(5, scale=10)),
    ("gamma:2,0.3", s.gamma(.3, scale=2)),
    ("gamma:1.5,40", s.gamma(40, scale=1.5)),
    ("gamma:0.01,100000", s.gamma(100000, scale=.01)),
    ("beta:2,5", s.beta(2, 5)),
    ("beta:0.5,0.3", s.beta(.5, .3)),
    ("beta:300,2000", s.beta(300, 2000)),
    ("exponential:4", s.expon(scale=4)),
    ("laplace:3", s.laplace(0, 3)),
    ("normal:5,3 start=2 min=3 max=9.5", Kept(s.norm(7, 3), 3, 9.5)),
    ("lognormal:-13,1.5 start=1.0000004", s.lognorm(1.5, 1.0000004, math.exp(-13))),
    ("pareto:1,0.1 start=-0.5 max=100", Kept(s.pareto(.1, -.5), -.5, 100)),
]
DISCRETE = [
    ("binomial:20,0.3", s.binom(20, .3)),
    ("binomial:1000000,0.25", s.binom(1000000, .25)),
    ("geometric:0.2", s.geom(.2, -1)),
    ("geometric:0.001", s.geom(.001, -1)),
    ("poisson:0.2", s.poisson(.2)),
    ("poisson:30", s.poisson(30)),
    ("poisson:40000", s.poisson(40000)),
    ("discrete-laplace:0.5", s.dlaplace(.5)),
    ("discrete-laplace:1,10", s.dlaplace(.1)),
    ("normal:3,2 round=nearest", Between(s.norm(3, 2), -.5)),
    ("normal:3,2 start=0.75", Between(s.norm(3, 2), -.75)),
    ("exponential:40 start=2.4 round=nearest", Between(s.expon(2.4, 40), -.5)),
    ("skellam:3,2", s.skellam(3, 2)),
    ("skellam:400,400", s.skellam(400, 400)),
]
# What must fail: the samples of the left against the right.
WRONG = [
    ("normal:0,1", s.norm(0, 1.01)),
    ("gamma:1.5,40", s.gamma(40.1, scale=1.5)),
    ("beta:2,5", s.beta(2.02, 5)),
    ("pareto:2,3", s.pareto(3.02, scale=2)),
]
WRONG_DISCRETE = [
    ("poisson:30", s.poisson(30.05)),
    ("discrete-laplace:0.5", s.dlaplace(.506)),
    ("skellam:400,400", s.skellam(410, 410)),
    ("geometric:0.2", s.geom(.2)),
]
REFUSED = [
    ("uniform:5,2", "LO"), ("uniform:1", "HI"), ("uniform:inf,inf", "LO"),
    ("normal:nan,1", "MEAN"), ("normal:0,-1", "SD"), ("normal:0,inf", "SD"),
    ("skew-normal:0,0,1", "SCALE"), ("skew-normal:0,1,inf", "SHAPE"),
    ("lognormal:0,-0.1", "SIGMA"), ("lognormal:1000,1", "62 bits"),
    ("pareto:0,1", "SCALE"), ("pareto:1,-1", "SHAPE"), ("pareto:1,0.1", "62 bits"),
    ("weibull:-1,1", "SCALE"), ("weibull:1,0", "SHAPE"),
    ("gamma:1,0", "SHAPE"), ("gamma:-2,1", "SCALE"), ("beta:0,1", "A"), ("beta:1,-1", "B"),
    ("exponential:0", "MEAN"), ("laplace:-1", "B"),
    ("binomial:10,1.1", "P"), ("binomial:-1,0.5", "N"), ("binomial:2.5,0.5", "N"),
    ("geometric:0", "P"), ("geometric:2", "P"), ("poisson:-1", "LAMBDA"), ("poisson:1e300", "LAMBDA"),
    ("skellam:0,1", "MU1"), ("skellam:1,-1", "MU2"), ("skellam:100000,100000", "fit"),
    ("discrete-laplace:0", "EPSILON"), ("discrete-laplace:1,-1", "SENSITIVITY"),
    ("discrete-laplace:0.001", "fit"),
    ("normal:0,1,2", "arguments"), ("normal:a,1", "MEAN"), ("gauss:0,1", "gauss"),
    ("normal:0,1 start=x", "start"), ("normal:0,1 min=5 max=4", "min"), ("normal:0,1 most=4", "most"),
    ("normal:0,1 round=up", "round"), ("normal:0,1x", "SD"), ("normal:0,0x1", "SD"), ("normal:0X1,1", "MEAN"), ("const:inf", "VALUE"), ("const:1e15", "value"), ("", "named"),
]


def samples(spec, unit):
    args.seed += 1      # each its own
    out = subprocess.run([args.O / "sample", "dist", spec, repr(unit), str(args.n), str(args.seed)],
                         stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(out, dtype="<i8")


def judge_continuous(spec, law):
    # A sample of k stands for k ... k + 1, in units: so both are compared where k changes.
    x = samples(spec, UNIT)
    k, seen = np.unique(x, return_counts=True)
    up_to = np.cumsum(seen) / len(x)
    d = max(np.abs(law.cdf((k + 1) / UNIT) - up_to).max(),
            np.abs(law.cdf(k / UNIT) - np.append(0, up_to[:-1])).max())
    limit = KS / math.sqrt(len(x))
    p = stats.kstwobign.sf(d * math.sqrt(len(x)))
    return d < limit, f"KS D = {d:.6f}, limit {limit:.6f}, p = {p:.4f}"


def judge_discrete(spec, law):
    x = samples(spec, 1)
    n = len(x)
    k, seen = np.unique(x, return_counts=True)
    low, high = int(k[0]) - 50, int(k[-1]) + 50
    want = law.pmf(np.arange(low, high)) * n
    got = np.zeros(high - low)
    got[k - low] = seen
    often = want >= 25
    w = np.append(want[often], max(n - want[often].sum(), 1e-9))
    g = np.append(got[often], n - got[often].sum())
    if w[-1] < 5:       # too rare for a bin of its own
        w[-2] += w[-1]
        g[-2] += g[-1]
        w, g = w[:-1], g[:-1]
    chi2 = ((g - w) ** 2 / w).sum()
    p = stats.chi2.sf(chi2, len(w) - 1)
    tv = np.abs(g - w).sum() / 2 / n
    # by chance: the mean deviation of each bin, about that of a normal
    by_chance = np.sqrt(2 * w / math.pi * (1 - w / n)).sum() / 2 / n
    return (p > P_LEAST and tv < 4 * by_chance,
            f"chi2 = {chi2:.1f} on {len(w) - 1}, p = {p:.4f}; TV = {tv:.6f}, limit {4 * by_chance:.6f}")


def judge_table(spec, law):
    out = subprocess.run([args.O / "sample", "table", spec, "1"], stdout=subprocess.PIPE, check=True, text=True)
    head, *rows = out.stdout.splitlines()
    if "kind knots" not in head or len(rows) < 500:      # those that are exact at every value
        return None
    p = np.array([int(r.split()[0]) for r in rows]) / 2.0 ** 64
    x = np.array([int(r.split()[1]) for r in rows])
    below = np.interp(np.arange(x[0], x[-1] + 1), x, p)
    tv = np.abs(np.diff(below) - law.pmf(np.arange(x[0], x[-1]))).sum() / 2
    return tv < 0.005, f"{len(rows)} knots for {x[-1] - x[0]} values: TV = {tv:.6f}, limit 0.005"


def say(good, name, what):
    counts[good] += 1
    print(f"{'PASS' if good else 'FAIL'}  {name:26}  {what}", flush=True)


def run(table, judge, wrong=False):
    for spec, law in table:
        if args.text in spec:
            good, what = judge(spec, law)
            say(good != wrong, spec, what + (" (another distribution's: must be told apart)" if wrong else ""))


def run_tables():
    for spec, law in DISCRETE:
        if args.text in spec:
            result = judge_table(spec, law)
            if result:
                say(result[0], spec, result[1])


parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("-n", type=int, default=1000000)
parser.add_argument("-s", "--seed", type=int, default=1)
parser.add_argument("-O", type=Path, default=TOP / "tools/harness/build")
parser.add_argument("text", nargs="?", default="")
args = parser.parse_args()
counts = {True: 0, False: 0}
subprocess.run(["make", "-s", "-C", TOP / "tools/harness", f"O={args.O}", f"{args.O}/sample"], check=True)
run(CONTINUOUS, judge_continuous)
run(DISCRETE, judge_discrete)
run_tables()
if args.n >= 1000000:
    run(WRONG, judge_continuous, True)
    run(WRONG_DISCRETE, judge_discrete, True)
for spec, word in REFUSED:
    if args.text in spec:
        r = subprocess.run([args.O / "sample", "table", spec, "1000000"], capture_output=True, text=True)
        said = r.stderr.strip()
        say(r.returncode == 1 and word in said, f'"{spec}"', f"refused: {said}" if r.returncode else "not refused")
print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(counts[False] > 0)
