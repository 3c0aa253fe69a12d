# SPDX-License-Identifier: GPL-2.0
"""Token streams: a bidirectional LSTM with attention, and trees, on (size, gap) pairs.

"Whisper Leak" (McDonald, Bar Or, arXiv 2511.03675) tells the topic of a prompt by the sizes
and inter-arrival times of the packets of a streamed answer, with boosted trees, an LSTM with
attention, and a transformer of BERT's kind. Here are trees and the LSTM; their probabilities
are mixed as is best on visits that both were not trained on; then both are trained again, on all.
With fewer than HELD_LEAST such visits there is little of the network: of 146 training visits it
learns less than the forest (AUPRC 0.55 against 0.74).
The LSTM is built as the paper's: an embedding of its own for size and gap, the bidirectional
LSTM, additive attention over what is there of a visit, dense layers with batch normalization.
`published()` has the paper's sizes; those used are smaller, for a set of some hundred visits.

Not theirs: sizes are signed by direction, gaps go in as logarithms to the LSTM, which reads
several packets a step; the trees are a forest of extremely randomized ones, not boosted, and see
moments and quantiles beside the pairs. Of 180 visits boosting makes less (AUPRC 0.63 against
0.72 on the pairs alone), and a hundred classes would be a hundred trees a round.

Memory: 8 bytes a packet, `length` packets a visit: 4 kB; the forest at most 200 trees of two
nodes a visit.
"""
import numpy as np
import torch
from sklearn.ensemble import ExtraTreesClassifier
from torch import nn

from .nets import (NetAttack, Recipe, chance, first, fitted, held_out, probabilities, seen_share,
                   signed_bytes)

LENGTH = 512		# packets, unless the visits have more
LENGTH_MOST = 4096	# then
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)	# of the network in the mix, the least first
HELD_OUT = 0.1		# of the training visits, to choose a share by
HELD_LEAST, SHARE = 50, 0.1		# so many at least, and the share with fewer
GAP_LEAST = 1e-4	# seconds: shorter ones are the same


class BiLSTM(nn.Module):
    """One layer of a bidirectional LSTM on rows of `count` steps each, [rows, steps, inputs] to
    [rows, steps, 2 hidden]. As with packed sequences, the way back begins at each row's last
    step; here each row is turned around instead, which is ten times as fast on a processor."""

    def __init__(self, before, hidden):
        super().__init__()
        self.there = nn.LSTM(before, hidden, batch_first=True)
        self.back = nn.LSTM(before, hidden, batch_first=True)
        for name, p in self.named_parameters():
            nn.init.orthogonal_(p) if "weight" in name else nn.init.zeros_(p)

    def forward(self, x, count):
        turned = (count[:, None] - 1 - torch.arange(x.shape[1], device=x.device)) % x.shape[1]

        def turn(x):
            return x.gather(1, turned[:, :, None].expand_as(x))
        return torch.cat([self.there(x)[0], turn(self.back(turn(x))[0])], 2)


class TokenNet(nn.Module):
    """[rows, 2, length] (size, gap; both about normal, 0 behind the end) and a third channel
    that is 1 where there is a packet, to logits [rows, classes].
    The LSTM reads `stride` packets a step (the paper's: 1)."""

    def __init__(self, classes, embed, hidden, layers, attend, dense, drop, stride=1):
        super().__init__()
        self.stride = stride
        self.embed = nn.ModuleList(
            nn.Sequential(nn.Linear(1, embed), nn.ReLU(), nn.LayerNorm(embed)) for _ in range(2))
        self.lstm = nn.ModuleList(BiLSTM(2 * hidden if k else 2 * embed * stride, hidden)
                                  for k in range(layers))
        self.between = nn.Dropout(drop)
        self.attend = nn.Sequential(nn.Linear(2 * hidden, attend), nn.Tanh(), nn.Linear(attend, 1))
        parts, before = [], 2 * hidden
        for width in dense:
            parts += [nn.Linear(before, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(drop)]
            before = width
        self.dense = nn.Sequential(*parts, nn.Linear(before, classes))
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                nn.init.zeros_(m.bias)

    def forward(self, x):
        x = nn.functional.pad(x, (0, -x.shape[2] % self.stride))
        there = x[:, 2, ::self.stride] > 0
        there[:, 0] = True		# a visit without packets has one of nothing
        count = there.sum(1)
        x = torch.cat([e(x[:, k, :, None]) for k, e in enumerate(self.embed)], 2)
        x = x.reshape(*there.shape, -1)
        for k, layer in enumerate(self.lstm):
            x = layer(self.between(x) if k else x, count)
        score = self.attend(x)[:, :, 0].masked_fill(~there, -torch.inf)
        return self.dense((torch.softmax(score, 1)[:, :, None] * x).sum(1))


def published(classes=1):
    """The paper's network, by its authors' sizes (one output: the topic, or not)."""
    return TokenNet(classes, embed=32, hidden=128, layers=2, attend=128, dense=(128, 64), drop=0.3)


class Tokens(NetAttack):
    name = "token"
    title = "Token stream (Whisper Leak)"
    paper = "McDonald, Bar Or: Whisper Leak, arXiv 2511.03675, 2025"
    length = LENGTH
    hidden = 32
    layers = 1
    stride = 8
    trees = 200
    low = False			# an LSTM's steps are too small to gain
    recipe = Recipe(20, 64, 0.005, decay=0.01, optimizer="adamw")

    def settings(self):
        return {"length": self.length}

    def fit_to(self, visits):
        self.length = fitted([LENGTH] + [len(v) for v in visits], LENGTH_MOST, step=32)

    def seen(self, visits):
        return seen_share(visits, self.length)

    def extract(self, visits):
        """[visits, 2, length] float32: signed bytes, seconds since the packet before."""
        def gap(v, n):
            return np.diff(v.t[:n], prepend=v.t[:1])
        return np.stack([first(visits, self.length, signed_bytes, np.float32),
                         first(visits, self.length, gap, np.float32)], 1)

    def view_of(self, x):
        there = x[:, 0] != 0
        n = fitted(there.sum(1), self.length, step=32)
        size, gap = x[:, 0][there], np.log(np.maximum(x[:, 1][there], GAP_LEAST))
        if not len(size):
            size = gap = np.zeros(1)
        middle = np.array([[size.mean()], [gap.mean()]], np.float32)
        scale = np.array([[size.std() or 1.0], [gap.std() or 1.0]], np.float32)

        def view(rows):
            rows = rows[:, :, :n]
            there = (rows[:, :1] != 0).astype(np.float32)
            pair = np.stack([rows[:, 0], np.log(np.maximum(rows[:, 1], GAP_LEAST))], 1)
            return torch.from_numpy(np.concatenate([(pair - middle) / scale * there, there], 1))
        return view

    def network(self, shape, classes):
        return TokenNet(classes, embed=16, hidden=self.hidden, layers=self.layers,
                        attend=self.hidden, dense=(64,), drop=0.3, stride=self.stride)

    def _table(self, x):
        """[visits, 2 length + 25]: the pairs as they are, and what they are like as a whole."""
        q = np.linspace(0, 1, 10)
        whole = np.zeros((len(x), 25), np.float32)
        for row, (size, gap) in zip(whole, x):
            there = size != 0
            if there.any():
                size, gap = size[there], gap[there]
                row[:] = [len(size), size.sum(), np.abs(size).sum(), size.std(), gap.mean(),
                          *np.quantile(size, q), *np.quantile(gap, q)]
        return np.concatenate([x.reshape(len(x), -1), whole], 1)

    def _trees(self, x, y, x_test, classes, seed):
        """Probabilities [tests, classes] by the forest."""
        model = ExtraTreesClassifier(self.trees, min_samples_leaf=2 if classes == 2 else 1,
                                     random_state=seed)
        model.fit(x, y)
        p = np.zeros((len(x_test), classes))
        p[:, model.classes_] = model.predict_proba(x_test)
        return p

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        with chance(seed):
            table = self._table(x)
            share = SHARE
            mask = held_out(y, groups, HELD_OUT, seed)
            if mask.sum() >= HELD_LEAST:
                model, view = self.fit(x[~mask], y[~mask], classes, seed,
                                       lambda f, text: progress(f / 2, text))
                net = probabilities(model, x[mask], view, self.low)
                trees = self._trees(table[~mask], y[~mask], table[mask], classes, seed)
                right = np.arange(mask.sum()), y[mask]
                share = min(SHARES, key=lambda s: -np.log(
                    np.maximum(s * net[right] + (1 - s) * trees[right], 1e-3)).mean())
            model, view = self.fit(x, y, classes, seed, progress)
            if not len(x_test):
                return np.zeros((0, classes))
            net = probabilities(model, x_test, view, self.low)
        return share * net + (1 - share) * self._trees(table, y, self._table(x_test), classes, seed)
