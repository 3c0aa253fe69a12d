# SPDX-License-Identifier: GPL-2.0
"""unittest's results as lines PASS or FAIL, for a test in shell to count."""
import sys
import unittest


class Lines(unittest.TestResult):
    def say(self, word, test, why=""):
        name = test.id().split(".")[-1].removeprefix("test_").replace("_", " ")
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


def main():
    """Runs the tests of the program that calls it (those that its arguments name, if any)."""
    module = sys.modules["__main__"]
    load = unittest.defaultTestLoader
    names = sys.argv[1:]
    tests = load.loadTestsFromNames(names, module) if names else load.loadTestsFromModule(module)
    result = Lines()
    tests.run(result)
    sys.exit(not result.wasSuccessful() or not result.testsRun)
