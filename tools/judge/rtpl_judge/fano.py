# SPDX-License-Identifier: GPL-2.0
"""Fano's bound: what whoever errs so rarely must have been told. Of its own, for what measures and
what only reads a result."""
from math import log2


def fano(error, classes, most):
    """I(C; X) >= H(C) - h(e) - e log2(K - 1) for anyone who errs at a rate of e (Fano; Cover
    & Thomas, Elements of information theory, 2.10); 0 from the error of guessing on."""
    if error >= 1 - 1 / classes:
        return 0.0
    e = max(error, 0.0)
    h = sum(-p * log2(p) for p in (e, 1 - e) if p > 0)
    return float(max(0.0, most - h - (e * log2(classes - 1) if classes > 2 else 0)))
