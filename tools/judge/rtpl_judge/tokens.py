# SPDX-License-Identifier: GPL-2.0
"""Token streams: a bidirectional LSTM with attention, and boosted trees, on (size, gap) pairs.

"Whisper Leak" (McDonald, Bar Or, arXiv 2511.03675) tells the topic of a prompt by the sizes
and inter-arrival times of the packets of a streamed answer, with LightGBM, an LSTM with attention,
and a transformer of BERT's kind. Here are the first two, on the same pairs, and the mean of
their probabilities. The LSTM is built as the paper's: an embedding of its own for size and
gap, the bidirectional LSTM, additive attention over what is there of a visit, two dense layers
with batch normalization. `published()` has the paper's sizes; those used are smaller, for a
set of some hundred visits. Trees are scikit-learn's, grown as LightGBM grows them.

Not theirs: sizes are signed by direction, gaps go in as logarithms, and with more than
TREES_CLASSES classes (boosting grows a tree for each, every round) a forest takes the place of
boosting. Where few visits train, several networks are, each with another part held out.

Memory: 8 bytes a packet, `length` packets a visit: 4 kB.
"""
import numpy as np
import torch
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from torch import nn

from .nets import NetAttack, Recipe, first, fitted, signed_bytes

LENGTH = 512		# packets
TREES_CLASSES = 4
GAP_LEAST = 1e-4	# seconds: shorter ones are the same


class TokenNet(nn.Module):
    """[rows, 2, length] (size, gap; both about normal, 0 behind the end) and a third channel
    that is 1 where there is a packet, to logits [rows, classes]."""

    def __init__(self, classes, embed, hidden, layers, attend, dense, drop):
        super().__init__()
        self.embed = nn.ModuleList(
            nn.Sequential(nn.Linear(1, embed), nn.ReLU(), nn.LayerNorm(embed)) for _ in range(2))
        self.lstm = nn.LSTM(2 * embed, hidden, layers, batch_first=True, bidirectional=True,
                            dropout=drop if layers > 1 else 0.0)
        self.attend = nn.Sequential(nn.Linear(2 * hidden, attend), nn.Tanh(), nn.Linear(attend, 1))
        parts, before = [], 2 * hidden
        for width in dense:
            parts += [nn.Linear(before, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(drop)]
            before = width
        self.dense = nn.Sequential(*parts, nn.Linear(before, classes))
        for name, p in self.lstm.named_parameters():
            nn.init.orthogonal_(p) if "weight" in name else nn.init.zeros_(p)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                nn.init.zeros_(m.bias)

    def forward(self, x):
        there = x[:, 2] > 0
        there[:, 0] = True		# a visit without packets has one of nothing
        count = there.sum(1)
        x = torch.cat([e(x[:, k, :, None]) for k, e in enumerate(self.embed)], 2)
        x = nn.utils.rnn.pack_padded_sequence(x, count.cpu(), batch_first=True,
                                              enforce_sorted=False)
        x, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(x)[0], batch_first=True)
        score = self.attend(x)[:, :, 0].masked_fill(~there[:, :x.shape[1]], -torch.inf)
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
    rounds = 100		# of boosting, or a quarter of the forest's trees
    low = False			# an LSTM's steps are too small to gain
    recipe = Recipe(15, 32, 0.003, decay=0.01, optimizer="adamw")

    def settings(self):
        return {"length": self.length}

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
                        attend=self.hidden, dense=(64,), drop=0.3)

    def _trees(self, x, y, x_test, classes, seed):
        """Probabilities by trees on the pairs as they are, one after the other."""
        n = fitted((x[:, 0] != 0).sum(1), self.length, step=32)
        if classes <= TREES_CLASSES:
            model = HistGradientBoostingClassifier(
                learning_rate=0.05, max_iter=self.rounds, max_leaf_nodes=31, min_samples_leaf=5,
                l2_regularization=0.1, early_stopping=False, random_state=seed)
        else:
            model = ExtraTreesClassifier(4 * self.rounds, random_state=seed)
        model.fit(x[:, :, :n].reshape(len(x), -1), y)
        p = np.zeros((len(x_test), classes))
        p[:, model.classes_] = model.predict_proba(x_test[:, :, :n].reshape(len(x_test), -1))
        return p

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        p = super().fit_predict(x, y, groups, x_test, classes, seed, progress)
        if not len(x_test) or len(np.unique(y)) < 2:
            return p
        return (p + self._trees(x, y, x_test, classes, seed)) / 2
