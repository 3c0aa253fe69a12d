# SPDX-License-Identifier: GPL-2.0
"""Deep Fingerprinting and Tik-Tok: one convolutional network on the sequence of packets.

Deep Fingerprinting (Sirinam et al., CCS 2018) looks at the directions of the first 5000
packets, Tik-Tok (Rahman et al., PoPETs 2020) at direction times timestamp. Both papers' traces
are of Tor cells, all of one size. Where the training visits have packets of several sizes, a
second channel has the signed sizes here: an observer sees them, and the attack shall be no weaker
than it could be.

The network is the papers': four blocks of two convolutions (32, 64, 128, 256 filters of 8) with
batch normalization, ELU in the first block and ReLU behind it, a pool of 8 with stride 4 and
dropout 0.1; two layers of 512 with dropout 0.7 and 0.5. Weights begin as in the authors' (Keras,
Glorot), padding is theirs ("same"). Batch normalization's running means follow faster than
theirs, for there are hundreds of steps here, not tens of thousands.

Not theirs: the input is as long as the longest of the set's visits, cells and all, up to
LENGTH_MOST packets (theirs is 5000: what comes later is not seen); a result says which share of
the packets that is. Training is shorter, with a learning rate that rises and falls. nets.py says
how.

Memory: 2 (DF) or 8 (Tik-Tok) bytes a packet, `length` packets a visit: 10 or 40 kB at 5000.
"""
import numpy as np
import torch
from torch import nn

from . import JudgeError
from .nets import NetAttack, Recipe, autocast, first, fitted, seen_share, signed_bytes

LENGTH = 2000		# packets, unless the visits have more; the papers' are 5000
LENGTH_MOST = 20_000	# then: ten times the work and memory
FILTERS = (32, 64, 128, 256)
KERNEL = 8
POOL, STRIDE = 8, 4


class SamePool(nn.Module):
    """Max pooling with the padding that Keras calls "same": ceil(length / stride) outputs."""

    def forward(self, x):
        n = x.shape[-1]
        pad = max(0, (-(-n // STRIDE) - 1) * STRIDE + POOL - n)
        return nn.functional.max_pool1d(x, POOL, STRIDE, pad // 2, ceil_mode=True)


class DFNet(nn.Module):
    """[rows, channels, length] to logits [rows, classes]."""

    def __init__(self, channels, length, classes):
        super().__init__()
        # In float32: a timestamp has more digits than bfloat16.
        self.enter = nn.Sequential(nn.ConstantPad1d(((KERNEL - 1) // 2, KERNEL // 2), 0.0),
                                   nn.Conv1d(channels, FILTERS[0], KERNEL))
        layers, before = [], FILTERS[0]
        for k, filters in enumerate(FILTERS):
            bend = nn.ELU if k == 0 else nn.ReLU
            if k:
                layers += self._conv(before, filters)
            layers += [nn.BatchNorm1d(filters), bend(), *self._conv(filters, filters),
                       nn.BatchNorm1d(filters), bend(), SamePool(), nn.Dropout(0.1)]
            before = filters
            length = -(-length // STRIDE)
        layers.append(nn.Flatten())
        before *= length
        for drop in (0.7, 0.5):
            layers += [nn.Linear(before, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Dropout(drop)]
            before = 512
        self.rest = nn.Sequential(*layers, nn.Linear(before, classes))
        for m in self.modules():
            if isinstance(m, (nn.Conv1d, nn.Linear)):
                nn.init.xavier_uniform_(m.weight)
                nn.init.zeros_(m.bias)

    @staticmethod
    def _conv(before, filters):
        return [nn.ConstantPad1d(((KERNEL - 1) // 2, KERNEL // 2), 0.0),
                nn.Conv1d(before, filters, KERNEL)]

    def forward(self, x):
        with autocast(x.device, False):
            x = self.enter(x)
        return self.rest(x)


class _Sequence(NetAttack):
    """What DF and Tik-Tok have in common."""
    length = LENGTH
    recipe = Recipe(20, 32, 0.006, optimizer="adamax")

    def settings(self):
        return {"length": self.length}

    def fit_to(self, visits):
        self.length = fitted([LENGTH] + [len(v) for v in visits], LENGTH_MOST)

    def seen(self, visits):
        return seen_share(visits, self.length)

    def network(self, shape, classes):
        return DFNet(*shape, classes)

    def _check(self):
        if not 1 <= self.length <= 10**6:
            raise JudgeError(f"{self.name}: no input has {self.length} packets")

    @staticmethod
    def _sizes(signed):
        """What to divide sizes by, or None where they are all the same."""
        sizes = np.unique(np.abs(signed[signed != 0]))
        return float(sizes[-1]) if len(sizes) > 1 else None


class DF(_Sequence):
    name = "df"
    title = "Deep Fingerprinting"
    paper = "Sirinam, Imani, Juarez, Wright: Deep Fingerprinting, CCS 2018"

    def extract(self, visits):
        """[visits, length] int16: signed bytes."""
        self._check()
        return first(visits, self.length, signed_bytes, np.int16)

    def view_of(self, x):
        n, most = fitted((x != 0).sum(1), self.length), self._sizes(x)

        def view(rows):
            rows = torch.from_numpy(rows[:, :n].astype(np.float32))
            sign = rows.sign()
            return torch.stack([sign] if most is None else [sign, rows / most], 1)
        return view


class TikTok(_Sequence):
    name = "tiktok"
    title = "Tik-Tok"
    paper = "Rahman, Sirinam, Mathews, Gangadhara, Wright: Tik-Tok, PoPETs 2020"
    recipe = _Sequence.recipe._replace(epochs=30)		# slower to learn than signs alone

    def extract(self, visits):
        """[visits, 2, length] float32: seconds since the first packet, and bytes; both signed."""
        self._check()
        return np.stack([first(visits, self.length, lambda v, n: (v.t[:n] - v.t[:1]) * v.d[:n],
                               np.float32),
                         first(visits, self.length, signed_bytes, np.float32)], 1)

    def view_of(self, x):
        n, most = fitted((x[:, 1] != 0).sum(1), self.length), self._sizes(x[:, 1])

        def view(rows):
            rows = torch.from_numpy(np.ascontiguousarray(rows[:, :, :n]))
            return rows[:, :1] if most is None else rows / torch.tensor([[1.0], [most]])
        return view
