# SPDX-License-Identifier: GPL-2.0
"""RF on bursts: the network of rf.py on a visit whose packets are its bursts (bursts.py), each with
the logarithm of its bytes."""
from .bursts import as_visit
from .rf import RF


class RFBursts(RF):
    name = "rfbursts"
    title = "Robust Fingerprinting on bursts"
    paper = "after " + RF.paper
    modules = ("rf", "bursts")

    def extract(self, visits):
        return super().extract([as_visit(v) for v in visits])
