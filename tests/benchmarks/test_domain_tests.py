"""Decisions are tested in the time of a breath: whoever changes one runs all of their tests, each time."""

import subprocess
import sys

import pytest

MEASURED = """
import sys
import time
import pytest

class Stopwatch:
    seconds = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self):
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds += time.process_time() - began

watch = Stopwatch()
options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not long"]
failed = pytest.main(["tests/domain", *options], plugins=[watch])
print(watch.seconds, "prefect" in sys.modules, file=sys.stderr)
sys.exit(failed)
"""


@pytest.mark.long
def test_the_tests_of_the_domain_need_no_prefect(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints how long they take of the processor; two seconds are aimed at, on a machine that nobody else uses."""
    run = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)
    seconds, with_prefect = run.stderr.split()

    with capsys.disabled():
        sys.stdout.write(f"\nthe tests of the domain: {float(seconds):.2f} s of the processor\n")
    assert with_prefect == "False"
