from dataclasses import replace

import numpy as np
import pytest

from mobilenet_tf.errors import OutputError
from mobilenet_tf.quantization import best_correction
from mobilenet_tf.quantization.best_correction import improve
from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.keras_graph import graph_of
from tests.support.quantized import coarse_images, small_classifier


class StoppedError(Exception):
    """Raised in the middle of a run."""


@pytest.fixture(scope="module")
def graph():
    """A network that gains by channel gains."""
    return graph_of(small_classifier(residual=True, uneven=True))


def stop_after(limit):
    def stop(_, share):
        if share > limit:
            raise StoppedError

    return stop


def test_it_says_what_was_kept_and_the_bar_moves_throughout(graph):
    images = coarse_images(30)
    steps = []
    _, notes = improve(
        correct(graph, images),
        graph,
        images,
        range(30),
        rounds=2,
        on_progress=lambda task, share: steps.append((share, task)),
    )
    shares = [share for share, _ in steps]
    assert shares == sorted(shares)
    assert np.diff([0, *shares, 1]).max() < 0.06
    assert "gains of channels" in notes[0]
    assert "nearer to the float network" in notes[0]
    assert notes[1].startswith("fine-tuning ")


def test_an_interrupted_run_ends_as_an_uninterrupted_one_and_adapts_once(graph, tmp_path, monkeypatch):
    images = coarse_images(30)
    start = correct(graph, images)
    options = {"rounds": 2, "checkpoint": tmp_path / "state.npz"}
    whole, notes = improve(start, graph, images, range(30), rounds=2)
    with pytest.raises(StoppedError):
        improve(start, graph, images, range(30), on_progress=stop_after(0.6), **options)
    assert len(list(tmp_path.iterdir())) == 2

    def fail(*_, **__):
        raise AssertionError("it is not adapted again")

    monkeypatch.setattr(best_correction, "rescaled", fail)
    # What fast makes may differ by an ulp in the second run.
    other = replace(start, layers=tuple(replace(layer, bias=layer.bias * (1 + 1e-7)) for layer in start.layers))
    shares = []
    resumed, notes_of_resumed = improve(
        other, graph, images, range(30), on_progress=lambda _, share: shares.append(share), **options
    )
    assert min(shares) == pytest.approx(best_correction.ADAPTING + (1 - best_correction.ADAPTING) / 2)
    assert notes_of_resumed == notes
    assert not list(tmp_path.iterdir())
    assert resumed.ranges == whole.ranges
    for a, b in zip(whole.layers, resumed.layers, strict=True):
        np.testing.assert_array_equal(a.kernel, b.kernel)
        # Sums of gradients may be taken in another order, which is an ulp or two of the bias in each step.
        np.testing.assert_allclose(a.bias, b.bias, atol=1e-4)


def test_what_was_adapted_to_other_photos_is_not_used(graph, tmp_path):
    images = coarse_images(30)
    start = correct(graph, images)
    options = {"rounds": 1, "checkpoint": tmp_path / "state.npz"}
    with pytest.raises(StoppedError):
        improve(start, graph, images, range(30), on_progress=stop_after(0.5), **options)
    shares = []
    improve(start, graph, images[:20], range(20), on_progress=lambda _, share: shares.append(share), **options)
    assert min(shares) == 0


def test_a_broken_checkpoint_of_the_adaptation_is_named(graph, tmp_path):
    images = coarse_images(30)
    (tmp_path / "state.start.npz").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(OutputError, match=r"state\.start\.npz[\s\S]*Delete it"):
        improve(correct(graph, images), graph, images, range(30), rounds=1, checkpoint=tmp_path / "state.npz")
