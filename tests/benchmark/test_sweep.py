"""Sweeps over files that are no models, with results made up by the tests: nothing is measured."""

import dataclasses
import hashlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mobilenet_tf.benchmark.changed_inputs import _last_change
from mobilenet_tf.benchmark.sweep import Job, sweep_targets
from mobilenet_tf.errors import ModelError, OutputError
from mobilenet_tf.results.records import Result
from tests.support.commands import PATIENCE_S
from tests.support.results_sample import sample


@pytest.fixture
def jobs_of(tmp_path):
    """Makes jobs, one for each name, that report half of their work; those named `bad` fail."""

    def job(name):
        model = tmp_path / f"{name}.tflite"
        model.write_text(name)

        def measure(on_progress):
            on_progress("measuring", 0.5)
            if name.startswith("bad"):
                raise ModelError(f"{name} is damaged")
            p50 = float("nan") if name.startswith("nan") else 1.0
            return dataclasses.replace(sample(name, p50=p50), sha256=hashlib.sha256(model.read_bytes()).hexdigest())

        return Job(model, tmp_path / "results" / f"{name}.result.json", measure)

    return lambda *names: [job(name) for name in names]


def test_a_result_is_written_and_used_again_until_the_model_changes(jobs_of):
    jobs = jobs_of("a", "b")
    first = sweep_targets([jobs], overwrite=False)
    assert [(outcome.result.name, outcome.reused) for outcome in first] == [("a", False), ("b", False)]
    assert Result.read(jobs[0].result_file) == first[0].result
    jobs[1].model.write_text("another")
    assert [outcome.reused for outcome in sweep_targets([jobs], overwrite=False)] == [True, False]
    assert [outcome.reused for outcome in sweep_targets([jobs], overwrite=True)] == [False, False]


def test_of_two_sweeps_at_once_the_second_waits_and_takes_the_result_of_the_first(jobs_of):
    """Fault: both wrote to one partial file, and one of them failed."""
    (job,) = jobs_of("a")
    waits, measured = threading.Event(), []

    def measure(on_progress):
        measured.append(job.model)
        assert waits.wait(PATIENCE_S)
        return job.measure(on_progress)

    def on_progress(task, _):
        if task.startswith("a: waiting: another mobilenet-benchmark (process "):
            waits.set()

    jobs = [dataclasses.replace(job, measure=measure)]
    with ThreadPoolExecutor(2) as pool:
        sweeps = [pool.submit(sweep_targets, [jobs], overwrite=False, on_progress=on_progress) for _ in range(2)]
        outcomes = [outcome for sweep in sweeps for outcome in sweep.result()]
    assert sorted(outcome.reused for outcome in outcomes) == [False, True]
    assert measured == [job.model]
    assert [path.name for path in job.result_file.parent.iterdir()] == [job.result_file.name]


def test_a_failure_stands_in_its_place(jobs_of):
    outcomes = sweep_targets([jobs_of("a", "bad", "c")], overwrite=False)
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert [outcome.result is None for outcome in outcomes] == [False, True, False]


def test_a_result_that_the_report_would_refuse_is_an_error_of_its_model_and_not_written(jobs_of):
    jobs = jobs_of("a", "nan", "c")
    outcomes = sweep_targets([jobs], overwrite=False)
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert [job.result_file.exists() for job in jobs] == [True, False, True]


def test_progress_is_of_all_targets_together_and_ends_at_the_whole(jobs_of):
    reports = []
    targets = [jobs_of("a", "b"), jobs_of("c", "d")]
    sweep_targets(targets, overwrite=False, on_progress=lambda *report: reports.append(report))
    assert [share for _, share in reports] == sorted(share for _, share in reports)
    assert reports[-1][1] == 1.0
    assert {task for task, _ in reports} == {f"{name}: {task}" for name in "abcd" for task in ("measuring", "measured")}


def test_a_result_that_cannot_be_written_ends_the_sweep(jobs_of, tmp_path):
    (job,) = jobs_of("a")
    (tmp_path / "results").write_text("a file")
    with pytest.raises(OutputError, match=r"cannot write to .*results: File exists"):
        sweep_targets([[job]], overwrite=False)


def test_an_accuracy_of_version_1_is_measured_again_and_replaced(jobs_of):
    """It may be on photos that the model was trained on."""
    (job,) = jobs_of("a")
    sweep_targets([[job]], overwrite=False)
    fields = json.loads(job.result_file.read_text()) | {"schema_version": 1}
    for name in ("seen", "left_out", "unmatched_folders", "trained_left_out", "trained_measured", "doubts", "answers"):
        del fields["accuracy"][name]
    fields["accuracy"]["unreadable"] = []
    job.result_file.write_text(json.dumps(fields))
    assert [outcome.reused for outcome in sweep_targets([[job]], overwrite=False)] == [False]
    assert [outcome.reused for outcome in sweep_targets([[job]], overwrite=False)] == [True]


def test_a_result_is_measured_again_if_what_it_was_measured_on_changes(jobs_of, tmp_path):
    photos = tmp_path / "photos"
    for name in ("cat", "cow"):
        (photos / name).mkdir(parents=True)
        (photos / name / "1.jpg").write_text("1")
    for path in (*photos.rglob("*"), photos):
        os.utime(path, (1, 1))
    jobs = [dataclasses.replace(*jobs_of("a"), inputs=(photos, tmp_path / "absent.json"))]

    def reused():
        _last_change.cache_clear()  # it is kept as long as one command runs
        return sweep_targets([jobs], overwrite=False)[0].reused

    assert [reused(), reused()] == [False, True]
    (photos / "cow" / "1.jpg").unlink()  # the only photo of its class
    assert [reused(), reused()] == [False, True]
    (photos / "cat").rename(photos / "dog")
    assert [reused(), reused()] == [False, True]
    (photos / "dog" / "2.jpg").write_text("2")
    os.utime(photos / "dog" / "2.jpg", (1, 1))
    assert [reused(), reused()] == [False, True]
