import itertools
import json
import re
import shutil
import signal
from contextlib import ExitStack

import keras
import numpy as np
import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import CheckError, InputError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.training.evaluation import EvaluationImages, top1_of_model
from mobilenet_tf.training.job import opened_folder, prepare_training, run
from mobilenet_tf.weights.load import load_weights, model_with
from tests.support.commands import PATIENCE_S, images_in, run_export, run_train, running_process, wait_until
from tests.support.training_runs import saved_epochs

pytestmark = pytest.mark.slow  # real runs of the command; test_loop.py trains without it

NAME = "mobilenet_v1_a0.25_r32"
RUN = f"{NAME}_photos"
SMALL = ("photos", "--alpha", "0.25", "--res", "32", "--epochs", "3", "--batch-size", "4", "--deterministic")


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def start(folder, *arguments):
    """The command as a process of its own, in `folder`; a context."""
    return running_process("mobilenet-train", *arguments, cwd=folder)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two real runs side by side, in cut/ and whole/, of which the first was killed when it had saved its first state:
    (the folder with the photos, what the other one printed).
    """
    root = tmp_path_factory.mktemp("runs")
    for seed, name in enumerate(("cat", "dog")):
        images_in(root / "photos" / name, 12, seed=seed)
    (root / "photos" / "dog" / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    with ExitStack() as stack:
        cut, whole = (stack.enter_context(start(root, *SMALL, "--output-dir", name)) for name in ("cut", "whole"))
        wait_until(lambda: saved_epochs(root / "cut" / RUN) > 0 or cut.poll() is not None)
        cut.kill()
        assert cut.wait() == -signal.SIGKILL, cut.stderr.read()
        stdout, stderr = whole.communicate(timeout=PATIENCE_S)
    assert whole.returncode == 0, stderr
    return root, stdout, stderr


@pytest.fixture(scope="module")
def trained(runs):
    """The folder of the run that came to its end."""
    return runs[0] / "whole" / RUN


def test_it_prints_the_epochs_the_folder_and_the_next_command(runs):
    lines = runs[1].splitlines()
    assert lines[0].split() == ["epoch", "loss", "top-1", "training", "top-1", "images/s"]
    assert [line.split()[0] for line in lines[2:5]] == ["1", "2", "3"]
    assert f"Written: whole/{RUN}/" in lines
    assert f"Open: whole/{RUN}/report.html" in lines
    assert "It was chosen as the best of 3 epochs on the same photos: expect less on new ones." in lines
    assert lines[-1] == f"Next: mobilenet-export --weights whole/{RUN}/best.keras"


def test_standard_error_has_notes_and_epochs_and_not_a_word_of_tensorflows(runs):
    counts, odd, copies, *lines = runs[2].splitlines()
    assert counts == "24 photos of 2 classes: cat 12 (50.0%), dog 12 (50.0%)."
    assert (odd.split(",")[0], copies) == ("Broken 1", "No two photos show the same picture.")
    notes, epochs = ([line for line in lines if line.startswith(what)] for what in ("Note: ", "epoch "))
    assert len(notes) + len(epochs) == len(lines)
    assert [line.split()[1] for line in epochs] == ["1/3", "2/3", "3/3"]
    assert all(any(what in line for line in notes) for what in ("photos/dog/broken.jpg: ", "held-out training photos"))


def test_the_folder_holds_all_that_belongs_to_the_run(trained):
    assert {path.name for path in trained.iterdir()} == {
        "best.keras", "curves.png", "history.csv", "labels.txt", "last.keras", "logs", "report.html", "run.json",
        "split.json", "state.npz", "training.json",
    }  # fmt: skip
    assert (trained / "labels.txt").read_text() == "cat\ndog\n"
    settings = json.loads((trained / "run.json").read_text())
    assert (settings["name"], settings["photos"], settings["classes"]) == (NAME, "photos", 2)
    assert (settings["train_images"], settings["validation_images"]) == (20, 4)
    assert settings["weights"]["source"] == "imagenet"
    assert settings["config"]["epochs"] == 3


def test_the_best_model_loads_as_weights_and_has_the_top_1_that_was_printed(runs, trained):
    weights = load_weights(str(trained / "best.keras"))
    assert weights.spec == ModelSpec(alpha=0.25, res=32, classes=2)
    photos = load_dataset(str(runs[0] / "photos")).validation
    top1 = top1_of_model(model_with(weights), EvaluationImages(photos, 32))
    assert re.search(
        rf"^best\.keras is of epoch [123]: top-1 {top1:.1%} on 4 validation photos "
        r"\(95% interval \d+\.\d% to \d+\.\d%\), measured with averaged weights\.$",
        runs[1],
        re.MULTILINE,
    )


@pytest.mark.parametrize("file", ["best.keras", "."])
def test_the_export_takes_the_model_or_its_folder_with_its_labels(trained, tmp_path, file):
    result = run_export("--weights", trained / file, "--quant", "float32", "--output-dir", tmp_path)
    assert result.exit_code == 0, result.output
    assert (tmp_path / RUN / "labels.txt").read_text() == "cat\ndog\n"
    assert (tmp_path / RUN / "split.json").read_text() == (trained / "split.json").read_text()


def test_a_run_that_was_killed_and_interrupted_ends_with_the_weights_of_one_that_was_not(runs, trained):
    """Killed in its second epoch, interrupted by Ctrl-C in its third, resumed after each: the same bit for bit."""
    root, folder = runs[0], runs[0] / "cut" / RUN
    arguments = (*SMALL, "--output-dir", "cut", "--resume")
    assert saved_epochs(folder) == 1
    (folder / ".partial.last.keras").write_bytes(b"what it was writing")
    assert (root / "cut" / f".{RUN}.lock").exists()
    with start(root, *arguments) as process:
        lines = iter(process.stderr.readline, "")
        seen = [*itertools.takewhile(lambda line: not line.startswith("epoch 2/3"), lines)]
        # During the evaluation, which takes much longer than this: the first step of the third epoch notices it.
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, "".join(seen) + stderr
    assert stdout == ""
    assert stderr.splitlines()[-1] == "Stopped; the state is saved. Go on with the same command and --resume."
    progress = json.loads(str(np.load(folder / "state.npz")["progress"]))
    # In mid-epoch; on a machine that was busy elsewhere, after the last step of the second.
    assert (progress["epoch"], progress["step"]) in {(2, 1), (1, 5)}
    with start(root, *arguments, "--json") as process:
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, stderr
    document = json.loads(stdout)
    assert set(document) == {
        "name", "best", "page", "top1", "balanced_accuracy", "top1_is_best_of_epochs", "kept_epoch",
        "validation_photos", "epochs", "images_per_s",
    }  # fmt: skip
    assert [document[key] for key in ("name", "epochs", "validation_photos")] == [NAME, 3, 4]
    assert document["kept_epoch"] in range(1, 1 + document["top1_is_best_of_epochs"]) == range(1, 4)
    assert (document["best"], document["page"]) == (f"cut/{RUN}/best.keras", f"cut/{RUN}/report.html")
    assert 0 <= document["top1"] <= 1
    assert document["images_per_s"] > 0
    assert {path.name for path in (root / "cut").iterdir()} == {RUN}
    assert {path.name for path in folder.iterdir()} == {path.name for path in trained.iterdir()}
    with np.load(folder / "state.npz") as state, np.load(trained / "state.npz") as expected:
        assert set(state) == set(expected)
        assert len(state) > 300
        for name in set(expected) - {"progress"}:
            np.testing.assert_array_equal(state[name], expected[name])
    for name in ("best.keras", "last.keras"):
        models = (keras.models.load_model(path / name) for path in (folder, trained))
        for one, other in zip(*(model.get_weights() for model in models), strict=True):
            np.testing.assert_array_equal(one, other)


def bad_input(root, tmp_path, case):
    """The arguments of each kind of bad input, and what the message must say."""
    begun = tmp_path / "begun"  # a run that was broken off before its first save
    (begun / RUN).mkdir(parents=True)
    foreign = tmp_path / "foreign"
    (foreign / RUN).mkdir(parents=True)
    (foreign / RUN / "notes.txt").touch()
    if case.startswith("teacher"):
        build_model(ModelSpec(alpha=0.25, res=32, classes=3 if case == "teacher" else 2)).save(
            tmp_path / "teacher.keras"
        )
        (tmp_path / "labels.txt").write_text("dog\ncat\n")
    whole = ("--output-dir", root / "whole")
    return {
        "existing run": (whole, r"holds an earlier run\.\nGo on with it by --resume, or replace it by --overwrite"),
        "both": ((*whole, "--resume", "--overwrite"), "give one of them"),
        "no run": (("--resume",), r"there is none\.\nLeave --resume out"),
        "no state": (("--resume", "--output-dir", begun), r"there is none\.\nLeave --resume out"),
        "no run's folder": (("--output-dir", foreign), r"exists already\.\nGive --overwrite to replace it, or another"),
        "no state in it": (("--resume", "--output-dir", foreign), r"there is none\.\nBegin again with --overwrite"),
        "name": (("--name", "a/b"), r"a --name that can be part of a folder's name; got 'a/b'"),
        "teacher": (("--teacher", tmp_path / "teacher.keras"), r"--teacher of the 2 classes[\s\S]*has 3"),
        "teacher's labels": (("--teacher", tmp_path / "teacher.keras"), r"in their order; .*labels\.txt names others"),
        "no teacher": (("--teacher", tmp_path / "none.keras"), "does not exist"),
        "alpha": (("--alpha", "0.3"), "none for 0.3"),
        "res": (("--res", "100"), "multiple of 32"),
        "multi-res": (("--multi-res", "32,50"), "multiples of 32; got 50"),
        "start-res": (("--start-res", "64"), r"resolution:epochs, like 64:24,96:7; got '64'"),
        "start-res to the end": (("--start-res", "64:2,96:1", "--epochs", "3"), "got 3 of 3"),
        "freeze": (("--freeze", "4", "--epochs", "3"), "got 4 of 3"),
        "learning rate": (("--learning-rate", "-0.1"), "--learning-rate"),
        "share": (("--validation-share", "1"), "validation share between 0 and 1"),
        "weights": (("--weights", tmp_path / "none.keras"), "does not exist"),
    }[case]


@pytest.mark.parametrize(
    "case",
    [
        "existing run", "both", "no run", "no state", "no run's folder", "no state in it", "name",
        "teacher", "teacher's labels", "no teacher", "alpha", "res",
        "multi-res", "start-res", "start-res to the end", "freeze", "learning rate", "share", "weights",
    ],
)  # fmt: skip
def test_bad_input_is_a_short_error_with_status_2_and_nothing_written(runs, tmp_path, case):
    root = runs[0]
    arguments, message = bad_input(root, tmp_path, case)
    before = contents(root), contents(tmp_path)
    result = run_train(root / "photos", "--alpha", "0.25", "--res", "32", "--output-dir", tmp_path / "out", *arguments)
    assert result.exit_code == 2, result.output
    assert re.search(message, result.output)
    assert "Traceback" not in result.output
    assert len(result.output[result.output.index("Error:") :].splitlines()) <= 3
    assert (contents(root), contents(tmp_path)) == before
    assert not (tmp_path / "out").exists()


def test_photos_that_are_not_there_are_an_error(tmp_path):
    result = run_train(tmp_path / "none", "--output-dir", tmp_path / "out")
    assert result.exit_code == 2
    assert "does not exist" in result.output


def job_of(root, output_dir, *arguments):
    """What the command makes of its arguments, ready to run."""
    from mobilenet_tf.training.cli import train
    from mobilenet_tf.training.options import options_from

    words = [str(root / "photos"), "--alpha", "0.25", "--res", "32", "--output-dir", str(output_dir), *arguments]
    options = train.make_context("mobilenet-train", words).params
    left_to_the_command = ("as_json", "verbose", "examine", "variant", "groups")
    return prepare_training(options_from(**{k: v for k, v in options.items() if k not in left_to_the_command}))


def test_an_earlier_run_is_set_aside_and_goes_when_the_new_one_has_a_model(runs, trained, tmp_path):
    shutil.copytree(trained, tmp_path / RUN)
    with opened_folder(job_of(runs[0], tmp_path, "--epochs", "7", "--overwrite")):
        assert {path.name for path in (tmp_path / RUN).iterdir()} == {"labels.txt", "run.json", "split.json"}
        assert json.loads((tmp_path / RUN / "run.json").read_text())["config"]["epochs"] == 7
        (tmp_path / RUN / "best.keras").touch()
    assert {path.name for path in tmp_path.iterdir()} == {RUN}
    assert {path.name for path in (tmp_path / RUN).iterdir()} == {"labels.txt", "run.json", "split.json", "best.keras"}


def test_an_earlier_run_comes_back_if_the_new_one_fails_before_it_has_a_model(runs, trained, tmp_path):
    shutil.copytree(trained, tmp_path / RUN)
    before = contents(tmp_path / RUN)
    ruinous = ("--learning-rate", "1e38", "--warmup", "0", "--freeze", "0", "--batch-size", "5")
    job = job_of(runs[0], tmp_path, "--overwrite", *ruinous)
    with pytest.raises(CheckError, match="Begin again with a smaller --learning-rate"):
        run(job)
    assert {path.name for path in tmp_path.iterdir()} == {RUN}
    assert contents(tmp_path / RUN) == before


def test_a_run_that_was_stopped_says_so_and_is_kept(runs, tmp_path):
    result = run(job_of(runs[0], tmp_path, "--epochs", "3", "--batch-size", "4"), stop=lambda: True)
    assert not result.finished
    assert (result.top1, result.history) == (None, ())
    assert {path.name for path in (tmp_path / RUN).iterdir()} == {"labels.txt", "run.json", "split.json", "state.npz"}


def test_what_a_killed_run_left_does_not_replace_the_run_that_was_set_aside(runs, trained, tmp_path):
    shutil.copytree(trained, tmp_path / f".{RUN}.earlier")
    (tmp_path / RUN).mkdir()  # the killed run, which had no model yet
    before = contents(tmp_path / f".{RUN}.earlier")
    with opened_folder(job_of(runs[0], tmp_path, "--overwrite")):  # it ends with nothing to resume
        assert contents(tmp_path / f".{RUN}.earlier") == before
    assert {path.name for path in tmp_path.iterdir()} == {RUN}
    assert contents(tmp_path / RUN) == before


def test_an_earlier_run_waits_beside_one_that_was_interrupted(runs, trained, tmp_path):
    shutil.copytree(trained, tmp_path / RUN)
    with opened_folder(job_of(runs[0], tmp_path, "--overwrite")):
        (tmp_path / RUN / "state.npz").touch()
    assert {path.name for path in tmp_path.iterdir()} == {RUN, f".{RUN}.earlier"}
    with opened_folder(job_of(runs[0], tmp_path, "--resume")):
        (tmp_path / RUN / "best.keras").touch()
    assert {path.name for path in tmp_path.iterdir()} == {RUN}


def test_resuming_with_other_options_names_them_and_changes_nothing(runs, trained, tmp_path):
    shutil.copytree(trained, tmp_path / RUN)
    before = contents(tmp_path / RUN)
    expected = r"begun with --epochs 3, --deterministic, --flip; now --epochs 7, no --deterministic, --no-flip\.\nGive"
    with pytest.raises(InputError, match=expected):
        job_of(runs[0], tmp_path, "--epochs", "7", "--batch-size", "4", "--no-flip", "--resume")
    assert contents(tmp_path / RUN) == before


def test_random_weights_depend_on_the_seed_and_need_no_note(runs, tmp_path):
    jobs = [job_of(runs[0], tmp_path, "--weights", "random", "--seed", seed) for seed in ("0", "1", "1")]
    first = [job.weights.arrays[0] for job in jobs]
    assert (first[0] != first[1]).any()
    np.testing.assert_array_equal(first[1], first[2])
    for job in jobs:
        assert not any("RANDOM" in note for note in job.notes)
        assert not job.config.transfer
