import json
import shutil
from dataclasses import replace

import pytest

from mobilenet_tf.errors import CheckError, InputError, OutputError
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.earlier_run import differing_options
from mobilenet_tf.training.job import opened_folder, prepare_training
from mobilenet_tf.training.options import TrainOptions
from tests.support.commands import images_in

NAME = "mobilenet_v1_a0.25_r32"
CONFIG = TrainConfig(epochs=3)


def photos_in(folder, classes=("cat", "dog"), *, seed=0, count=10):
    for number, name in enumerate(classes):
        images_in(folder / name, count, seed=seed + number)
    return folder


def job_of(photos, out, *, config=CONFIG, locks=None, **options):
    options = {"weights": "random", "alpha": 0.25, "res": 32, "output_dir": out, **options}
    return prepare_training(TrainOptions(str(photos), config, **options), locks=locks)


def begun(job):
    """Its folder, as it is after the first save."""
    with opened_folder(job):
        (job.folder / "state.npz").touch()
    return job.folder


def killed(job):
    """Its folder, of a process that was killed before the first save."""
    left = job.folder.with_name("left")
    with opened_folder(job):
        shutil.copytree(job.folder, left)
    return left.rename(job.folder)


@pytest.fixture
def out(tmp_path):
    """Where the run on a/photos has been begun."""
    begun(job_of(photos_in(tmp_path / "a" / "photos"), tmp_path / "out"))
    return tmp_path / "out"


@pytest.mark.parametrize("classes", [("cat", "dog"), ("apple", "pear", "plum")])
def test_a_run_on_other_photos_is_neither_resumed_nor_offered_to_be_replaced(tmp_path, out, classes):
    """The two folders have the same name."""
    other = photos_in(tmp_path / "b" / "photos", classes, seed=50)
    run = rf"other photos in {tmp_path}/a/photos, of the classes cat, dog\.\n"
    with pytest.raises(OutputError, match=rf"{NAME}_photos holds a run on {run}Give this run a --name"):
        job_of(other, out)
    with pytest.raises(InputError, match=rf"cannot resume .* begun on {run}Leave --resume out, and give .* a --name"):
        job_of(other, out, resume=True)
    (note,) = [note for note in job_of(other, out, overwrite=True).notes if "--overwrite" in note]
    assert "of the classes cat, dog, goes when the first epoch" in note


def test_a_run_with_a_name_of_its_own_stands_beside_the_other(tmp_path, out):
    job = job_of(photos_in(tmp_path / "b" / "photos", seed=50), out, name="pets: b")
    assert (job.folder, job.split.dataset) == (out / f"{NAME}_pets_ b", "pets_ b")
    begun(job)
    assert {path.name for path in out.iterdir()} == {f"{NAME}_photos", f"{NAME}_pets_ b"}
    with pytest.raises(InputError, match="--name that can be part"):
        job_of(tmp_path / "a" / "photos", out, name=" ")


def test_a_run_on_the_same_photos_is_resumed_or_replaced(tmp_path, out):
    """Moved to another place, too."""
    photos = tmp_path / "moved" / "photos"
    shutil.copytree(tmp_path / "a" / "photos", photos)
    with pytest.raises(OutputError, match=r"holds an earlier run\.\nGo on with it by --resume, or replace it"):
        job_of(photos, out)
    for options in ({"resume": True}, {"overwrite": True}):
        assert not any("--overwrite" in note for note in job_of(photos, out, **options).notes)


def test_a_run_of_an_earlier_version_without_a_split_is_known_by_its_classes(tmp_path, out):
    (out / f"{NAME}_photos" / "split.json").unlink()
    assert job_of(tmp_path / "a" / "photos", out, resume=True).options.resume
    with pytest.raises(InputError, match="of the classes cat, dog"):
        job_of(photos_in(tmp_path / "b" / "photos", ("apple", "pear")), out, resume=True)


def test_photos_that_were_added_are_said_when_it_is_resumed(tmp_path, out):
    images_in(tmp_path / "a" / "photos" / "cat", 15, seed=0)
    expected = (
        r"begun with training photos: 16, validation photos: 4; now training photos: 20, validation photos: 5\.\n"
    )
    with pytest.raises(InputError, match=expected):
        job_of(tmp_path / "a" / "photos", out, resume=True)


def test_what_a_run_left_that_was_killed_before_its_first_save_is_taken_over(tmp_path):
    photos, out = photos_in(tmp_path / "photos"), tmp_path / "out"
    folder = killed(job_of(photos, out))
    (folder / ".partial.state.npz").write_bytes(b"half")
    with pytest.raises(InputError, match=r"there is none\.\nLeave --resume out to begin one"):
        job_of(photos, out, resume=True)
    other = replace(CONFIG, epochs=5)
    begun(job_of(photos, out, config=other))
    assert {path.name for path in out.iterdir()} == {folder.name}
    assert {path.name for path in folder.iterdir()} == {"labels.txt", "run.json", "split.json", "state.npz"}
    assert json.loads((folder / "run.json").read_text())["config"]["epochs"] == 5


@pytest.mark.parametrize("file", ["best.keras", "thesis.txt"])
def test_what_may_be_of_worth_is_not_taken_over(tmp_path, file):
    photos, out = photos_in(tmp_path / "photos"), tmp_path / "out"
    folder = killed(job_of(photos, out))
    (folder / file).touch()
    with pytest.raises(OutputError, match=r"exists already\.\nGive --overwrite to replace it, or another --output-dir"):
        job_of(photos, out)


def test_the_run_that_was_set_aside_outlives_the_killed_one_that_was_to_replace_it(tmp_path, out):
    folder = out / f"{NAME}_photos"
    folder.rename(out / f".{NAME}_photos.earlier")
    folder.mkdir()
    with pytest.raises(OutputError, match="Give --overwrite"):
        job_of(tmp_path / "a" / "photos", out)
    with opened_folder(job_of(tmp_path / "a" / "photos", out, overwrite=True)):
        pass  # it fails before its first save
    assert (folder / "state.npz").exists()


def test_what_a_killed_process_was_writing_goes_when_the_run_is_resumed(tmp_path, out):
    folder = out / f"{NAME}_photos"
    for name in (".partial.last.keras", ".partial.best.keras"):
        (folder / name).write_bytes(b"half")
    with opened_folder(job_of(tmp_path / "a" / "photos", out, resume=True)):
        assert {path.name for path in folder.iterdir()} == {"labels.txt", "run.json", "split.json", "state.npz"}


def settings(**config):
    return {"config": TrainConfig(**config).sized(100).as_json(), "train_images": 100, "validation_images": 20}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({}, {}, []),
        ({"rate": 0.1}, {}, [("--learning-rate 0.1", "no --learning-rate")]),
        ({}, {"multi_res": (64, 32)}, [("no --multi-res", "--multi-res 64,32")]),
        ({"epochs": 9, "start_res": ((32, 2), (64, 1))}, {"epochs": 9}, [("--start-res 32:2,64:1", "no --start-res")]),
        ({"transfer": True, "epochs": 4}, {"transfer": True, "epochs": 8}, [("--epochs 4", "--epochs 8")]),
        ({"epochs": 4}, {"epochs": 4, "freeze": 1}, [("--freeze 0", "--freeze 1")]),
        ({"transfer": True, "epochs": 4, "freeze": 0}, {"epochs": 4}, [("trained --weights", "--weights random")]),
        (
            {"transfer": True},
            {"transfer": True, "recipe": "fine-tuning", "optimizer": "adamw", "weight_decay": 0.05},
            [("--recipe paper", "--recipe fine-tuning")],  # and what follows from it is not named
        ),
        ({"ema": 0.0, "seed": 0}, {"ema": 0.99, "seed": 1}, [("--ema 0.0", "--ema 0.99"), ("--seed 0", "--seed 1")]),
    ],
)
def test_the_options_that_differ(before, now, expected):
    saved = json.loads(json.dumps(settings(**before)))
    assert sorted(differing_options(saved, settings(**now), TrainConfig(**now))) == sorted(expected)


def test_another_teacher_is_another_run():
    """Its content counts, and not its path: each run calls its model best.keras."""
    begun = json.loads(json.dumps(settings() | {"teacher": "best.keras (sha256 12345678)"}))
    for teacher, now in (
        ("best.keras (sha256 9abcdef0)", "--teacher best.keras (sha256 9abcdef0)"),
        (None, "no --teacher"),
    ):
        differing = differing_options(begun, settings() | {"teacher": teacher}, TrainConfig())
        assert differing == [("--teacher best.keras (sha256 12345678)", now)]
    assert differing_options(begun, begun, TrainConfig()) == []


def test_what_an_earlier_version_did_not_write_is_not_compared():
    assert differing_options({}, settings(), TrainConfig()) == []
    assert differing_options({"config": {"epochs": 60}}, settings(), TrainConfig()) == []


@pytest.mark.parametrize(("broken", "expected"), [(10, []), (12, ["2 more photos cannot be read."])])
def test_of_many_broken_photos_the_first_ten_are_named(tmp_path, broken, expected):
    photos = photos_in(tmp_path / "photos", count=60)
    (photos / "cat" / "clip.gif").touch()
    for number in range(broken):
        (photos / "cat" / f"broken{number:02}.jpg").write_bytes(b"\xff\xd8 no photo")
    notes = job_of(photos, tmp_path / "out").notes
    assert [note for note in notes if "more photos cannot" in note] == expected
    assert sum("/broken" in note for note in notes) == 10
    assert any(".gif" in note for note in notes)


def test_the_reasons_are_sentences_that_end_once(tmp_path):
    photos = photos_in(tmp_path / "photos")
    for number in range(8):
        (photos / "cat" / f"broken{number}.jpg").write_bytes(b"\xff\xd8 no photo")
    with pytest.raises(CheckError) as error:
        job_of(photos, tmp_path / "out")
    assert ".." not in str(error.value)
    assert ".;" not in str(error.value)
    assert str(error.value).count("cannot read") == 3
