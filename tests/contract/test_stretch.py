import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import RULE, STRETCH_RULE, rule_sha256, stretch


def by_the_rule(pixels, res):
    """The rule of the module's docstring for detectors, one pixel at a time in Python's integers."""
    lengths = pixels.shape[:2]
    ks = [max(1, length // (2 * res)) for length in lengths]
    ns = [length // k for length, k in zip(lengths, ks, strict=True)]
    starts = [(length - n * k) // 2 for length, n, k in zip(lengths, ns, ks, strict=True)]

    def block(y, x, c):
        rows, columns = (
            range(start + at * k, start + at * k + k) for at, start, k in zip((y, x), starts, ks, strict=True)
        )
        area = ks[0] * ks[1]
        return (sum(int(pixels[r, q, c]) for r in rows for q in columns) + area // 2) // area

    def tap(i, n):
        position = min(max((((2 * i + 1) * n - res) * 256 + res) // (2 * res), 0), (n - 1) * 256)
        first = position // 256
        return first, min(first + 1, n - 1), position % 256

    out = np.zeros((res, res, 3), np.uint8)
    for y in range(res):
        y0, y1, v = tap(y, ns[0])
        for x in range(res):
            x0, x1, h = tap(x, ns[1])
            for c in range(3):
                near = block(y0, x0, c) * (256 - v) + block(y1, x0, c) * v
                far = block(y0, x1, c) * (256 - v) + block(y1, x1, c) * v
                out[y, x, c] = (near * (256 - h) + far * h + 32768) // 65536
    return out


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 3), (33, 41), (16, 16), (97, 30), (50, 211)])
def test_every_byte_is_the_rules(size):
    pixels = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    np.testing.assert_array_equal(stretch(pixels, 16), by_the_rule(pixels, 16))


def test_a_photo_of_the_networks_size_stays_as_it_is():
    pixels = np.random.default_rng(2).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(stretch(pixels, 32), pixels)


def test_corners_stay_in_their_corners():
    pixels = np.zeros((300, 100, 3), np.uint8)
    pixels[:150, :50, 0] = pixels[150:, 50:, 1] = 255
    small = stretch(pixels, 20)
    assert (small[:9, :9, 0] == 255).all()
    assert (small[11:, 11:, 1] == 255).all()
    assert (small[:9, 11:] == 0).all()
    assert (small[11:, :9] == 0).all()


def test_the_two_rules_have_different_hashes():
    assert rule_sha256(STRETCH_RULE) != rule_sha256(RULE) == rule_sha256()
