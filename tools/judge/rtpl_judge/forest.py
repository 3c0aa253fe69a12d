# SPDX-License-Identifier: GPL-2.0
"""The random forest that several attacks end in.

Paper: L. Breiman, "Random Forests", Machine Learning 45, 2001, as scikit-learn has it: trees
are grown until leaves are pure, each split looks at sqrt(features) features.
"""
import os

import numpy as np

from . import JudgeError


def threads():
    """How many at once: the environment's RTPL_JUDGE_THREADS, else one a CPU."""
    said = os.environ.get("RTPL_JUDGE_THREADS", "")
    if not said:
        return os.cpu_count() or 1
    if not said.isdigit() or int(said) < 1:
        raise JudgeError(f"RTPL_JUDGE_THREADS is a number of threads, not {said}")
    return int(said)


def grow(x, y, trees, seed):
    """A forest fitted to x (float32 [visits, features]) and y (int64 [visits])."""
    from sklearn.ensemble import RandomForestClassifier
    forest = RandomForestClassifier(trees, random_state=seed % 2**32, n_jobs=threads())
    forest.fit(x, y)
    # Threads add the trees' answers up in an order of their own: the last bits would differ
    # from one run to the next.
    forest.n_jobs = 1
    return forest


def probabilities(forest, x, classes):
    """float64 [visits, classes]: the mean of the trees' leaves; 0 for a class not trained."""
    p = np.zeros((len(x), classes))
    if len(x):
        p[:, forest.classes_] = forest.predict_proba(x)
    return p
