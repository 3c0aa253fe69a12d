# SPDX-License-Identifier: GPL-2.0
"""What the neural attacks share: a training loop, and an Attack around it.

Training is mini-batches with Adam's kind of optimizer, on all training visits, with a learning
rate that warms up and then falls as a cosine to nought. Nothing is held out to choose an epoch by:
of five sessions one would be gone, and the network be weaker for it. All chance (weights, order,
dropout) is from one seed; the same seed on the same machine, with the same number of threads, gives
the same probabilities.
Where the processor multiplies bfloat16 itself, matrices are multiplied so (a third to a half
of the time); CUDA is used where it is.

Memory: the compact rows that extract() made, one network (under 20 MB up to 5000 packets) three
times over (weights, gradient, optimizer's state), and one batch of at most BATCH_MAX rows as
float32 with what its layers keep: with Deep Fingerprinting 0.7 GB at 5000 packets and rows of 128,
in proportion to both; the longer the rows, the fewer at a time.
"""
import contextlib
import functools
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from . import JudgeError
from .attack import Attack
from .forest import threads

BATCH_MAX = 128		# rows at a time, of training and of prediction
NUMBERS_MOST = 640_000	# of a channel that are looked at together: 128 rows of 5000
HELD_OUT_MOST = 0.25	# a group larger than this is not held out whole


class Recipe(NamedTuple):
    """How to train: `epochs` times over all visits, but no less than `steps` steps, `batch`
    visits a step (of few visits: a tenth of them, at least 16), at most at the learning rate
    `rate`, which is reached after the share `warm` of the steps, with weight decay `decay`."""
    epochs: int
    batch: int
    rate: float
    decay: float = 0.0
    optimizer: str = "adam"
    warm: float = 0.15
    steps: int = 300


OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "adamax": torch.optim.Adamax}


@functools.lru_cache(None)
def has_bfloat16():
    """Whether this processor multiplies bfloat16 by itself (else it is slower, not faster)."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            return any("avx512_bf16" in line or "amx_bf16" in line
                       for line in f if line.startswith("flags"))
    except OSError:
        return False


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(dev, wanted=True):
    """Context in which matrices are multiplied as bfloat16, where that is faster."""
    on = wanted and (dev.type == "cuda" or has_bfloat16())
    return torch.autocast(dev.type, dtype=torch.bfloat16, enabled=on)


@contextlib.contextmanager
def chance(seed):
    """All of PyTorch's chance is from `seed` inside, and as if nothing happened afterwards."""
    with torch.random.fork_rng(), torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True):
        torch.manual_seed(seed)
        yield


# ---- what is held out ------------------------------------------------------------------------

def held_out(y, groups, share, seed):
    """Mask [visits] of about `share` of the visits, for choosing a setting of an attack. What then
    guesses is to be trained on all visits.

    Whole groups, drawn by chance. Where there is one group, or each is more than HELD_OUT_MOST
    of all, every so manieth visit of each class instead. Nothing, if so few remain that
    nothing could be chosen by them (fewer than 5 held out, or a class that would be gone).
    """
    rng = np.random.default_rng([seed, 0x6e657473])
    n = len(y)
    mask = np.zeros(n, bool)
    if not share:
        return mask
    names, where, size = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) > 1 and size.min() <= HELD_OUT_MOST * n:
        room = max(share * n, size.min())
        for k in rng.permutation(len(names)):
            if mask.sum() + size[k] <= room * 1.2:
                mask |= where == k
    else:
        order = rng.permutation(n)
        order = order[np.argsort(y[order], kind="stable")]
        every = max(2, round(1 / share))
        mask[order[rng.integers(every)::every]] = True
    if mask.sum() < 5 or len(np.unique(y[~mask])) < len(np.unique(y)):
        mask[:] = False
    return mask


# ---- training --------------------------------------------------------------------------------

def _rate(step, steps, warm):
    """Share of the highest learning rate at this step: linear up, cosine down to nought."""
    up = max(1, int(warm * steps))
    if step < up:
        return (step + 1) / (up + 1)
    return 0.5 * (1 + np.cos(np.pi * (step - up) / max(1, steps - up)))


def at_once(view, rows):
    """How many rows are looked at together: BATCH_MAX, fewer of long ones."""
    return max(1, min(BATCH_MAX, NUMBERS_MOST // max(1, view(rows[:1]).shape[-1])))


def _logits(model, rows, view, dev, low):
    model.eval()
    out = []
    n = at_once(view, rows)
    with torch.no_grad(), autocast(dev, low):
        for at in range(0, len(rows), n):
            out.append(model(view(rows[at:at + n]).to(dev)).float().cpu())
    return torch.cat(out)


def train(model, x, y, view, recipe, seed, progress, low=True):
    """Trains `model` in place on the rows of x; view(rows) makes a float32 tensor [rows, ...] of
    rows of x. The weights are those at the end. Work: epochs x visits."""
    dev = device()
    model.to(dev)
    fit = np.arange(len(x))
    target = torch.from_numpy(np.asarray(y, np.int64))
    rng = np.random.default_rng([seed, 1])
    optimizer = OPTIMIZERS[recipe.optimizer](model.parameters(), lr=recipe.rate,
                                             weight_decay=recipe.decay)
    loss_of = nn.CrossEntropyLoss()
    # Parts of nearly the same size: a batch of one visit has no variance to normalize by.
    parts = max(1, -(-len(fit) // min(recipe.batch, BATCH_MAX, max(16, len(fit) // 10))))
    if len(fit) // parts < 2 and parts > 1:
        parts = len(fit) // 2
    epochs = max(recipe.epochs, -(-recipe.steps // parts))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: _rate(s, epochs * parts, recipe.warm))
    for epoch in range(epochs):
        model.train()
        for part in np.array_split(rng.permutation(fit), parts):
            with autocast(dev, low):
                out = model(view(x[part]).to(dev))
            loss = loss_of(out.float(), target[part].to(dev))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        progress((epoch + 1) / epochs, f"epoch {epoch + 1} of {epochs}")


def probabilities(model, x, view, low=True):
    """[rows, classes] float64, each row sums to 1."""
    p = torch.softmax(_logits(model, x, view, device(), low).double(), 1).numpy()
    return p / p.sum(1, keepdims=True)


# ---- rows of packets -------------------------------------------------------------------------

def first(visits, length, value, dtype):
    """[visits, length]: value(visit, n) of the first n packets of each, then noughts."""
    x = np.zeros((len(visits), length), dtype)
    for row, v in zip(x, visits):
        n = min(len(v), length)
        row[:n] = value(v, n)
    return x


def signed_bytes(v, n):
    """Bytes of the first n packets, below nought towards the client, never nought; int16."""
    return np.clip(v.b[:n], 1, 32767).astype(np.int16) * v.d[:n]


def fitted(count, most, step=500):
    """Input length for visits of so many packets: the most, up to a multiple of `step`, at most
    `most`."""
    return int(min(most, max(1, -(-int(np.max(count)) // step)) * step))


def seen_share(visits, length):
    """The share of all packets that are among the first `length` of their visit."""
    counts = np.array([len(v) for v in visits])
    return float(np.minimum(counts, length).sum() / max(1, counts.sum()))


class NetAttack(Attack):
    """An attack by one network. A subclass has extract(), view_of() and network(). It takes as
    many threads as a forest."""
    heavy = True
    recipe = Recipe(10, 64, 0.001)
    low = True			# may be computed in bfloat16

    def __init__(self, **options):
        for name, value in options.items():
            if not hasattr(type(self), name):
                raise JudgeError(f"{self.name}: there is no setting {name}")
            setattr(self, name, value)

    def view_of(self, x):
        """A function that makes a tensor of rows, by what is seen in the training rows x."""
        raise NotImplementedError

    def network(self, shape, classes):
        """The untrained network for inputs of this shape (without the rows)."""
        raise NotImplementedError

    def fit(self, x, y, classes, seed, progress):
        """(network trained on all of x, view). Inside chance()."""
        if len(x) < 2 or len(x) != len(y):
            raise JudgeError(f"{self.name}: {len(x)} training visits with {len(y)} labels "
                             f"are nothing to train on")
        view = self.view_of(x)
        model = self.network(tuple(view(x[:1]).shape[1:]), classes)
        train(model, x, y, view, self.recipe, seed, progress, self.low)
        return model, view

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        torch.set_num_threads(threads())
        with chance(seed):
            model, view = self.fit(x, y, classes, seed, progress)
            return probabilities(model, x_test, view, self.low) if len(x_test) else \
                np.zeros((0, classes))
