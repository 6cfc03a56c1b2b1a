import numpy as np
import pytest

from experiments.peer_networks import Network, Pool
from experiments.peer_results import Cell, add_cell, read_cells, summary, tables
from experiments.quantization_gain import compare, without_zeros
from mobilenet_tf.data.photos import bundled_photos


def cell(method="plain", seed=0, **values):
    return Cell("a_network", method, seed, "abc1234", **values)


def test_the_last_cell_of_a_method_and_seed_counts(tmp_path):
    file = tmp_path / "new" / "results.jsonl"
    assert read_cells(file) == {}
    for agreement in (0.5, 0.75):
        add_cell(file, cell(agreement=agreement))
    add_cell(file, cell(seed=1))
    cells = read_cells(file)
    assert len(cells) == 2
    assert cells["a_network", "plain", 0].agreement == 0.75


def test_a_table_gives_mean_least_and_greatest_of_the_seeds():
    cells = [cell(seed=seed, photos=400, agreement=share, size_bytes=2_500_000) for seed, share in enumerate((0.9, 1))]
    row = tables(cells, ["a_network"], ["plain"]).splitlines()[-1]
    assert row.split(" | ")[:2] == ["| plain", "95.0 % (90.0 to 100.0)"]
    assert " | 2.50 | " in row


def test_the_summary_has_a_row_for_each_network_and_a_dash_for_a_failure():
    cells = [cell(agreement=0.9), cell(seed=1, agreement=0.8), cell("fast", failure="an op is not known")]
    assert summary(cells, ["a_network", "another"], ["plain", "fast"]).splitlines()[2:] == ["| a_network | 85.0 | - |"]


def test_a_method_that_made_no_file_says_why():
    assert "| no file: an op is not known |" in tables([cell(failure="an op is not known")], ["a_network"], ["plain"])


def test_photos_that_calibrate_are_not_evaluated_and_folders_give_their_class():
    network = Network("-", None, (str(bundled_photos("cifar10")),), classes=("airplane", "bird"))
    pool = Pool.of(network, bundled_photos("cifar10"))
    first, second = (pool.divide(network, seed, 300) for seed in (0, 1))
    assert len(first.calibration) == 100
    assert len(first.evaluation) == 300
    assert not {*first.calibration} & {*first.evaluation}
    assert {*first.calibration} != {*second.calibration}
    assert {*pool.classes} == {-1, 0, 1}
    for index, photo in enumerate(pool.paths):
        assert (pool.classes[index] == 1) == (photo.parent.name == "bird")


def test_photos_of_the_size_of_the_network_are_taken_as_they_are():
    network = Network("-", None, (str(bundled_photos("cifar10")),))
    pool = Pool.of(network, bundled_photos("cifar10"))
    assert pool.images([0], 32).shape == (1, 32, 32, 3)
    assert pool.images([0], 16).shape == (1, 16, 16, 3)


def test_probabilities_rounded_to_zero_share_what_the_others_leave():
    scores = np.array([[0.5, 0.25, 0, 0], [1, 0, 0, 0]], np.float32)
    filled = without_zeros(scores)
    assert filled[0] == pytest.approx([0.5, 0.25, 0.125, 0.125])
    assert filled.sum(1) == pytest.approx(1)
    assert filled[1, 1] == pytest.approx(1 / 512 / 3, rel=0.01)  # half a step is left, and the sum is brought to 1


def test_equal_scores_do_not_diverge():
    scores = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]], np.float32)
    same = compare(scores, scores)
    assert (same.agreement, same.divergence) == (1.0, pytest.approx(0, abs=1e-6))
    assert compare(scores[::-1], scores).agreement == 0
