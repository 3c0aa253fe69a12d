# SPDX-License-Identifier: GPL-2.0
"""Robust Fingerprinting (RF): packets a time slot, and a network of 2-D and 1-D convolutions.

Shen et al., "Subverting Website Fingerprinting Defenses with Robust Traffic Representation",
USENIX Security 2023. The traffic aggregation matrix has two rows (sent, received) of packets in
each of 1800 slots that divide 80 s; what comes later counts in the last slot. Here they divide
the observer's window: 600 slots or more, none longer than the paper's, up to its 1800. Where the
training visits have packets of several sizes, a second channel has the bytes of each slot, in units
of the mean packet.

The network is the authors': four 2-D convolutions (32, 32, 64, 64 of 3 x 6), whose 64 channels of
one row are then read as 32 twice as long, as theirs are; 1-D convolutions (128, 128,
256, 256, 512, classes of 3), and the mean over time of the last one's outputs as logits.

Not theirs: all packets are counted, not the first 5000 only; batches are smaller, the
learning rate is higher, rises and falls, for there are a hundred times fewer visits.

Memory: 16 bytes a slot and visit, 10 kB at 600 slots.
"""
import math

import numpy as np
import torch
from torch import nn

from . import JudgeError
from .nets import NetAttack, Recipe

PAPER_WINDOW, PAPER_SLOTS = 80.0, 1800
SLOTS_LEAST = 120			# below this nothing is left behind the pools


def _conv2d(before, after):
    return [nn.Conv2d(before, after, (3, 6), padding=(1, 1)), nn.BatchNorm2d(after), nn.ReLU()]


def _conv1d(before, after):
    return [nn.Conv1d(before, after, 3, padding=1), nn.BatchNorm1d(after), nn.ReLU()]


class RFNet(nn.Module):
    """[rows, channels, 2, slots] to logits [rows, classes]."""

    def __init__(self, channels, classes):
        super().__init__()
        self.plane = nn.Sequential(
            *_conv2d(channels, 32), *_conv2d(32, 32), nn.MaxPool2d((1, 3)), nn.Dropout(0.1),
            *_conv2d(32, 64), *_conv2d(64, 64), nn.MaxPool2d((2, 2)), nn.Dropout(0.1))
        self.line = nn.Sequential(
            *_conv1d(32, 128), *_conv1d(128, 128), nn.MaxPool1d(3), nn.Dropout(0.3),
            *_conv1d(128, 256), *_conv1d(256, 256), nn.MaxPool1d(3), nn.Dropout(0.3),
            *_conv1d(256, 512), *_conv1d(512, classes), nn.AdaptiveAvgPool1d(1), nn.Flatten())
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                area = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                nn.init.normal_(m.weight, 0.0, math.sqrt(2.0 / area))
                nn.init.zeros_(m.bias)

    def forward(self, x):
        x = self.plane(x)
        return self.line(x.reshape(len(x), 32, -1))


class RF(NetAttack):
    name = "rf"
    title = "Robust Fingerprinting"
    paper = "Shen, Ji, Gao, Li, Zhu, Xu: Robust Fingerprinting, USENIX Security 2023"
    window = PAPER_WINDOW	# seconds
    slots = 600			# of a window of up to 27 s: a third of the paper's, and of its time
    recipe = Recipe(30, 32, 0.003, decay=0.001)

    def settings(self):
        return {"window": self.window, "slots": self.slots}

    def fit_to(self, visits):
        slots = math.ceil(self.window * PAPER_SLOTS / PAPER_WINDOW)
        self.slots = min(max(slots, RF.slots), PAPER_SLOTS)

    def extract(self, visits):
        """[visits, 4, slots] float32: packets sent, received; bytes sent, received."""
        if not (SLOTS_LEAST <= self.slots <= 10**5 and 0 < self.window < 1e6):
            raise JudgeError(f"rf: {self.slots} slots in {self.window} s cannot be: {SLOTS_LEAST} "
                             f"to 100000 slots, and a window above 0")
        x = np.zeros((len(visits), 4, self.slots), np.float32)
        for row, v in zip(x, visits):
            if not len(v):
                continue
            slot = np.minimum((v.t - v.t[0]) * ((self.slots - 1) / self.window), self.slots - 1)
            slot = slot.astype(np.int64) + np.where(v.d > 0, 0, self.slots)
            row[:2] = np.bincount(slot, minlength=2 * self.slots).reshape(2, -1)
            row[2:] = np.bincount(slot, v.b, 2 * self.slots).reshape(2, -1)
        return x

    def view_of(self, x):
        count, size = x[:, :2], x[:, 2:]
        mean = float(size.sum(dtype=np.float64) / max(1.0, count.sum(dtype=np.float64))) or 1.0
        vary = not np.allclose(size, count * mean, rtol=1e-4, atol=0.5)

        def view(rows):
            rows = torch.from_numpy(rows)
            if not vary:
                return rows[:, None, :2]
            return torch.stack([rows[:, :2], rows[:, 2:] / mean], 1)
        return view

    def network(self, shape, classes):
        return RFNet(shape[0], classes)
