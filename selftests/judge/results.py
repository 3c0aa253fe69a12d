# SPDX-License-Identifier: GPL-2.0
"""unittest's results as lines PASS, FAIL or SKIP, for a test in shell to count; and Test, a
test case that compares no float for equality."""
import sys
import unittest

NEAR = 1e-9


def has_float(x):
    """Is there a float in it? (NumPy's too, without needing NumPy.)"""
    if isinstance(x, dict):
        return any(has_float(v) for v in x.values())
    if isinstance(x, (list, tuple, set)):
        return any(has_float(v) for v in x)
    return isinstance(x, float) or getattr(getattr(x, "dtype", None), "kind", "") in ("f", "c")


def apart(a, b, near=NEAR, at=""):
    """Where two results differ first, in words, or "": floats by more than `near`, absolute
    below 1 and relative above; all else at all."""
    if hasattr(a, "tolist"):
        a = a.tolist()
    if hasattr(b, "tolist"):
        b = b.tolist()
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        pairs = [(a[k], b[k], f"{at}.{k}") for k in a]
    elif isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
        pairs = [(x, y, f"{at}[{i}]") for i, (x, y) in enumerate(zip(a, b))]
    else:
        number = all(isinstance(x, (int, float)) for x in (a, b))
        same = a == b or number and abs(a - b) <= near * max(1, abs(a), abs(b))
        return "" if same else f"{at} {a!r} is not {b!r}".strip()
    return next((w for w in (apart(*p[:2], near, p[2]) for p in pairs) if w), "")


class Test(unittest.TestCase):
    """The last bits of a float vary with the processor (libm, BLAS and NumPy choose their
    code by it), so that equality is refused, even where it would hold here."""

    def _no_floats(self, a, b):
        if has_float(a) or has_float(b):
            raise TypeError("floats are compared by assertNear() or assertAlmostEqual(), or by "
                            "assertExact() where no processor can round them")

    def assertEqual(self, first, second, msg=None):
        self._no_floats(first, second)
        super().assertEqual(first, second, msg)

    def assertNotEqual(self, first, second, msg=None):
        self._no_floats(first, second)
        super().assertNotEqual(first, second, msg)

    def assertNear(self, a, b, near=NEAR):
        """Results, nested as they like, that differ by rounding at most."""
        self.assertFalse(apart(a, b, near), apart(a, b, near)[:300])

    def assertApart(self, a, b, near=NEAR):
        """Results that differ by more than rounding."""
        self.assertTrue(apart(a, b, near), "they are the same")

    def assertExact(self, a, b):
        """Floats that nothing rounds: bounds that values are clipped to, literals read back,
        sums of small whole numbers."""
        super().assertEqual(a, b)


class Lines(unittest.TestResult):
    def say(self, word, test, why=""):
        name = str(test) if isinstance(test, unittest.suite._ErrorHolder) else \
            test.id().split(".")[-1].removeprefix("test_").replace("_", " ")
        print(f"{word} {name}", flush=True)
        for line in why.splitlines():
            print("# " + line, flush=True)

    def addSuccess(self, test):
        self.say("PASS", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("FAIL", test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.say("FAIL", test, self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"SKIP {test.id().split('.')[-1]}: {reason}", flush=True)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.say("FAIL", test, f"{subtest}\n" + self._exc_info_to_string(err, test))


def main():
    """Runs the tests of the program that calls it (those that its arguments name, if any)."""
    module = sys.modules["__main__"]
    load = unittest.defaultTestLoader
    names = sys.argv[1:]
    tests = load.loadTestsFromNames(names, module) if names else load.loadTestsFromModule(module)
    result = Lines()
    tests.run(result)
    sys.exit(not result.wasSuccessful() or not result.testsRun)
