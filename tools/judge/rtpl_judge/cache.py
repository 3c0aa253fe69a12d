# SPDX-License-Identifier: GPL-2.0
"""Results by content: what was worked out once from the same input is not worked out again.

A key is a dict; everything that can have an influence on a result is in it (digests of traces
and profiles, names and versions of attacks and of libraries, seeds), so nothing is ever out of
date. The oldest go when all together are more than `most` bytes.
"""
import contextlib
import hashlib
import json
import os
import sys

MOST = 16 * 10**9		# bytes


def digest(key):
    """SHA-256 (hex) of a key."""
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()


def _gone(path):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


class Cache:
    """A folder of results. folder: None for the user's own ($XDG_CACHE_HOME/rtpl/judge)."""

    def __init__(self, folder=None, most=MOST):
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.folder = folder or os.path.join(home, "rtpl", "judge")
        self.most = most
        os.makedirs(self.folder, exist_ok=True)

    def path(self, kind, key, ending):
        """Where the result of this key is, if it is there; its time is renewed."""
        path = os.path.join(self.folder, f"{kind}-{digest(key)[:40]}.{ending}")
        try:
            os.utime(path)
        except OSError:
            pass
        return path

    def made(self, kind, key, ending, make):
        """The path of the result; make(path) writes it where it was not there."""
        path = self.path(kind, key, ending)
        if not os.path.exists(path):
            part = f"{path[:-len(ending) - 1]}.{os.getpid()}.{ending}"
            _gone(part)		# of a process that was killed and had this number
            try:
                make(part)
                os.replace(part, path)
            finally:
                _gone(part)
            self.tidy(path)
        return path

    def _read(self, kind, key, ending, make, read):
        """What read(path) returns; made again, once, if it is damaged (a full disk cut it
        short) or if another process tidied it away meanwhile."""
        path = self.made(kind, key, ending, make)
        try:
            return read(path)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, EOFError):
            _gone(path)
            print(f"rtpl-judge: {path} was damaged: made again", file=sys.stderr)
        return read(self.made(kind, key, ending, make))

    def array(self, kind, key, make):
        """The array that make() returns."""
        import numpy as np
        return self._read(kind, key, "npy", lambda p: np.save(p, make()), np.load)

    def value(self, kind, key, make):
        """The JSON value that make() returns."""
        def write(path):
            with open(path, "w", encoding="utf-8") as f:
                json.dump(make(), f)

        def read(path):
            with open(path, encoding="utf-8") as f:
                return json.load(f)
        return self._read(kind, key, "json", write, read)

    def tidy(self, keep=None):
        """Removes what was not used for longest, until no more than `most` bytes are there."""
        files = []
        for e in os.scandir(self.folder):
            try:
                s = e.stat()
            except FileNotFoundError:
                continue
            files.append((s.st_mtime, s.st_size, e.path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total <= self.most:
                break
            if path == keep:
                continue
            _gone(path)
            total -= size


class Passing(Cache):
    """The same folder for a search of many points: defended cells, up to 100 MB a point and a
    set, are this process's own and go with forget(); all else stays."""

    def __init__(self, cache):
        super().__init__(cache.folder, cache.most)
        self.cells = []

    def made(self, kind, key, ending, make):
        if kind != "cells":
            return super().made(kind, key, ending, make)
        path = super().made(kind, {**key, "process": os.getpid()}, ending, make)
        self.cells.append(path)
        return path

    def forget(self):
        for path in self.cells:
            _gone(path)
        self.cells.clear()
