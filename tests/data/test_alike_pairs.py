import numpy as np
import pytest

from mobilenet_tf.data import alike_pairs as module
from mobilenet_tf.data.alike_pairs import alike_pairs

LIMIT = 0.95


@pytest.fixture(scope="module")
def thumbnails():
    """Sixty pictures, some smooth and some rough, and of each one copy, mirrored or not, with more noise each time."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(40, 216, (60, 4, 4)).repeat(4, 1).repeat(4, 2)
    smooth = (coarse + np.roll(coarse, 1, 1) + np.roll(coarse, 1, 2)) / 3
    roughness = (np.arange(60) % 6 * 10)[:, None, None]
    pictures = smooth + rng.normal(0, 1, smooth.shape) * roughness
    noise = rng.normal(0, 1, smooth.shape) * np.linspace(0, 12, 60)[:, None, None]
    copies = np.where(np.arange(60)[:, None, None] % 2, pictures[:, :, ::-1], pictures) + noise
    return np.clip(np.concatenate([pictures, copies]), 0, 255).astype(np.uint8)


def correlations(thumbnails):
    """(n, n), each pair by itself in float64: the larger of the plain and the mirrored one."""

    def vectors(pixels):
        pixels = pixels.astype(float)
        parts = [np.diff(pixels, axis=axis).reshape(len(pixels), -1) for axis in (2, 1)]
        joined = np.concatenate(parts, 1)
        return joined / np.linalg.norm(joined, axis=1, keepdims=True)

    plain = vectors(thumbnails)
    return np.maximum(plain @ plain.T, plain @ vectors(thumbnails[:, :, ::-1]).T)


def found(thumbnails, tell=lambda *_: None):
    blocks = alike_pairs(thumbnails, LIMIT, tell)
    return [(int(one), int(other)) for pairs in blocks for one, other in zip(*pairs, strict=True)]


@pytest.mark.parametrize("most_pairs", [0, 20_000], ids=["whole blocks", "pair by pair"])
@pytest.mark.parametrize("block", [7, 512])
def test_the_pairs_are_those_of_a_full_comparison(thumbnails, monkeypatch, block, most_pairs):
    monkeypatch.setattr(module, "ROWS", block)
    monkeypatch.setattr(module, "COLUMNS", 3 * block)
    monkeypatch.setattr(module, "MOST_PAIRS", most_pairs)
    every = correlations(thumbnails)
    expected = np.argwhere(np.triu(every >= LIMIT, 1)).tolist()
    assert abs(every - LIMIT).min() > 1e-5  # no pair that rounding could decide
    pairs = found(thumbnails)
    assert sorted(pairs) == [tuple(pair) for pair in expected]
    assert 10 < len(pairs) < 60


def test_few_pairs_are_compared_in_full(thumbnails, monkeypatch):
    compared = []
    whole = module._compared
    monkeypatch.setattr(
        module, "_compared", lambda some, ones, *rest: compared.append(len(ones)) or whole(some, ones, *rest)
    )
    pairs = found(thumbnails)
    assert len(pairs) <= sum(compared) < 120 * 119 / 2 / 20


def test_progress_ends_at_the_whole(thumbnails, monkeypatch):
    monkeypatch.setattr(module, "ROWS", 30)
    shares = []
    found(thumbnails, lambda _, share: shares.append(share))
    assert shares == [0, 0.25, 0.5, 0.75, 1]


def test_one_photo_has_no_pair(thumbnails):
    assert found(thumbnails[:1]) == []
