"""A seeded sample of `make fuzz`, and whether it notices what it looks for."""

import numpy as np
import pytest

from experiments import fuzz_adb, fuzz_tflite
from experiments.fuzz_case import MOST_BYTES, Call, Outcome, faults_of
from tests.support.commands import ROOT, run_process

CALL = Call(("mobilenet-classify", "m.tflite", "--json"))
GOOD = Outcome(status=0, seconds=1.0, peak_bytes=10**8, printed="[]", errors="")
BAD = {
    "too long": Outcome(-9, 31.0, 10**8, "", "", timed_out=True),
    "signal": Outcome(-11, 1.0, 10**8, "", ""),
    "exit status": Outcome(3, 1.0, 10**8, "", ""),
    "traceback": Outcome(1, 1.0, 10**8, "", "Traceback (most recent call last):\nKeyError"),
    "over 2 GB": Outcome(2, 1.0, MOST_BYTES + 1, "", ""),
    "escape codes": Outcome(2, 1.0, 10**8, "", "Error: \x1b[31mred"),
    "no JSON": Outcome(0, 1.0, 10**8, "[NaN]", ""),
    "process left": Outcome(2, 1.0, 10**8, "", "", left=True),
}


@pytest.mark.parametrize(("fault", "outcome"), BAD.items(), ids=BAD)
def test_each_fault_is_noticed(fault, outcome):
    assert faults_of(CALL, outcome) == [fault]


def test_results_and_errors_in_sentences_are_no_faults():
    assert faults_of(CALL, GOOD) == []
    assert faults_of(CALL, Outcome(2, 1.0, 10**8, "", "Error: m.tflite does not exist.")) == []


def test_the_generators_are_as_large_as_promised_and_always_make_the_same():
    for module, least in ((fuzz_tflite, 200), (fuzz_adb, 40)):
        names = [hostile.name for hostile in module.inputs(np.random.default_rng(0))]
        assert len(names) >= least
        assert names == [hostile.name for hostile in module.inputs(np.random.default_rng(0))]
        assert len({*names}) == len(names)


@pytest.mark.slow
@pytest.mark.parametrize(("generator", "sample"), [("tflite", 8), ("adb", 6)])
def test_no_command_falls_to_a_sample_of_hostile_inputs(generator, sample):
    """On a machine that is busy with other tests a call may take longer than on one of its own."""
    arguments = ("-m", "experiments.fuzz", generator, "--sample", sample, "--seconds", "300")
    done = run_process("python", *arguments, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].split()[0] == generator
