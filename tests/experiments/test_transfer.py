import json
import sys

import pytest

from experiments import transfer
from experiments.transfer_runs import SETS, WAYS, Run, write_photos
from tests.support.commands import images_in

CLASSES = ("oak", "pine")


@pytest.fixture
def photos(tmp_path):
    """A folder `cat_breeds` without sides, and `flowers` with them."""
    for seed, name in enumerate(CLASSES):
        images_in(tmp_path / "photos" / "cat_breeds" / name, 10, seed=seed)
        images_in(tmp_path / "photos" / "flowers" / "train" / name, 50, seed=10 + seed)
        images_in(tmp_path / "photos" / "flowers" / "validation" / name, 3, seed=20 + seed)
    return tmp_path / "photos"


def contents(folder):
    """The photos under a folder, by their content."""
    return {path.read_bytes() for path in folder.rglob("*.jpg")}


def counts(folder):
    return {
        f"{side.name}/{name}": len([*(side / name).iterdir()]) for side in sorted(folder.iterdir()) for name in CLASSES
    }


def test_a_set_without_validation_photos_gives_a_fifth_by_the_seed(photos, tmp_path):
    runs = [Run("cat_breeds", 0.25, 32, way, seed) for way, seed in (("paper", 0), ("tutorial", 0), ("paper", 1))]
    for number, run in enumerate(runs):
        data = write_photos(photos, run, tmp_path / str(number))
        assert (len(data.train), len(data.validation), data.classes) == (16, 4, CLASSES)
    assert counts(tmp_path / "0") == {"train/oak": 8, "train/pine": 8, "validation/oak": 2, "validation/pine": 2}
    held_out = [contents(tmp_path / str(number) / "validation") for number in range(3)]
    assert held_out[0] == held_out[1] != held_out[2]
    assert contents(tmp_path / "0") == contents(photos / "cat_breeds")
    assert not held_out[0] & contents(tmp_path / "0" / "train")


def test_of_a_small_set_so_many_photos_of_each_class_are_trained_on(photos, tmp_path):
    write_photos(photos, Run("flowers, 40 a class", 0.25, 32, "paper", 0), tmp_path / "few")
    assert counts(tmp_path / "few") == {"train/oak": 40, "train/pine": 40, "validation/oak": 3, "validation/pine": 3}
    assert contents(tmp_path / "few" / "validation") == contents(photos / "flowers" / "validation")


def lines_of(top1_of_way, photos="flowers", seeds=2):
    """The results of two seeds, a point above and below the share of each way."""
    return [
        {**vars(Run(photos, 0.25, 128, way, seed)), "top1": share + 0.02 * seed - 0.01, "seconds": 60.0}
        | ({"int8": share - 0.01} if way == "fine-tuning" else {})
        for way, share in top1_of_way.items()
        for seed in range(seeds)
    ]


def test_the_table_has_means_and_deviations_over_the_seeds_and_means_over_the_sets():
    one = dict(zip(WAYS, (0.7, 0.72, 0.8, 0.75), strict=True))
    other = dict(zip(WAYS, (0.5, 0.52, 0.6, 0.55), strict=True))
    lines = transfer.results_table(lines_of(one) + lines_of(other, "trashnet")).splitlines()
    cells = [line.split() for line in lines]
    # The deviation of two values that are 2 points apart is 1.4 points.
    assert cells[2][:3] + cells[2][3:11] == [
        "0.25", "at", "128,", "flowers", "70.0%", "+-1.4", "72.0%", "+-1.4", "80.0%", "+-1.4", "75.0%",
    ]  # fmt: skip
    assert cells[4] == ["mean", "60.0%", "62.0%", "70.0%", "65.0%", "69.0%"]


def test_a_mean_over_sets_that_are_not_all_done_is_not_shown():
    done = lines_of({"classifier alone": 0.7, "fine-tuning": 0.8}) + lines_of({"classifier alone": 0.6}, "trashnet")
    assert transfer.results_table(done).splitlines()[-1].split() == ["mean", "65.0%", "-", "-", "-", "-"]


def test_runs_that_have_ended_are_not_done_again(photos, tmp_path, monkeypatch, capsys):
    """All of them are in the results: nothing is trained, the table is printed."""
    results = tmp_path / "results.jsonl"
    lines = [line for name in SETS for line in lines_of(dict.fromkeys(WAYS, 0.5), name)]
    results.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    words = ["transfer", str(photos), "--networks", "0.25/128", "--seeds", "0", "1", "--results", str(results)]
    monkeypatch.setattr(sys, "argv", words)
    transfer.main()
    assert capsys.readouterr().out.strip() == transfer.results_table(lines).strip()
    assert len(results.read_text().splitlines()) == len(lines)


@pytest.mark.slow
def test_ours_and_the_tutorial_train_on_photos_and_leave_a_line_each(photos, tmp_path, monkeypatch, capsys):
    results, ways = tmp_path / "results.jsonl", ["fine-tuning", "tutorial"]  # the others are options of the first
    words = ["transfer", str(photos), "--networks", "0.25/32", "--sets", "cat_breeds", "--seeds", "0", "--ways", *ways]
    monkeypatch.setattr(sys, "argv", [*words, "--epochs", "2", "--results", str(results)])
    transfer.main()
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert [line["way"] for line in lines] == ways
    assert all(0 <= line["top1"] <= 1 and line["seconds"] > 0 for line in lines)
    assert ["int8" in line for line in lines] == [True, False]
    assert "0.25 at 32, cat_breeds" in capsys.readouterr().out
