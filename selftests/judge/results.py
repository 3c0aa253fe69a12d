# SPDX-License-Identifier: GPL-2.0
"""unittest's results as lines PASS, FAIL or SKIP, for a test in shell to count."""
import sys
import unittest


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
