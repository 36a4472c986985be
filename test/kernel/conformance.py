"""jupyter_kernel_test against the kernel named by KERNEL_NAME; one line of JSON per test on stdout."""
import json
import os
import sys
import unittest

import jupyter_kernel_test as jkt

NAME = os.environ["KERNEL_NAME"]


class Conformance(jkt.KernelTests):
    kernel_name = NAME
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "Math.sqr", "matches": {"sqrt", "SQRT1_2", "SQRT2"}},
        {"text": "JSON.strin", "matches": {"stringify"}},
    ]
    complete_code_samples = ["1", "console.log('x')", "function f(x: number) { return x }", "const a = [1,\n2]"]
    incomplete_code_samples = ["function f(x: number) {", "const a = [1,", "if (true) {", "foo(", "const s = `a\n"]
    invalid_code_samples = ["const = 3", "let 3x = }", "class 5 {}"]
    code_page_something = "Math?"
    code_generate_error = "throw new TypeError('bad')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[1,2].map(x => x*2)", "result": "[ 2, 4 ]"},
        {"code": "6*7", "result": "42"},
    ]
    code_display_data = [
        {"code": "display.raw({'text/html': '<b>x</b>'})", "mime": "text/html"},
        {"code": "import * as tslab from 'tslab'; tslab.display.html('<b>x</b>')", "mime": "text/html"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.sqrt"
    code_clear_output = "display.clear()"


class Welcome(jkt.IopubWelcomeTests):
    kernel_name = NAME
    support_iopub_welcome = True


class Report(unittest.TestResult):
    def say(self, test, outcome, detail=""):
        name = test.id().split(".")[-1]
        print(json.dumps({"name": name, "outcome": outcome, "detail": detail}), flush=True)

    def addSuccess(self, test):
        self.say(test, "passed")

    def addFailure(self, test, error):
        self.say(test, "failed", self._exc_info_to_string(error, test))

    def addError(self, test, error):
        self.say(test, "failed", self._exc_info_to_string(error, test))

    def addSubTest(self, test, subtest, outcome):
        if outcome is not None:
            self.say(test, "failed", self._exc_info_to_string(outcome, test))

    def addSkip(self, test, reason):
        self.say(test, "skipped", reason)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    suite.run(Report())
