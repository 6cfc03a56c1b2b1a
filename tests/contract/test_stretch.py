import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import LETTERBOX_RULE, RULE, STRETCH_RULE, letterbox, rule_sha256, stretch

SIZES = [(1, 1), (1, 9), (7, 3), (33, 41), (16, 16), (97, 30), (50, 211)]


def by_the_rule(pixels, *outputs):
    """The rule of the module's docstring for the whole photo, one pixel at a time in Python's integers."""
    lengths = pixels.shape[:2]
    ks = [max(1, length // (2 * res)) for length, res in zip(lengths, outputs, strict=True)]
    ns = [length // k for length, k in zip(lengths, ks, strict=True)]
    starts = [(length - n * k) // 2 for length, n, k in zip(lengths, ns, ks, strict=True)]

    def block(y, x, c):
        rows, columns = (
            range(start + at * k, start + at * k + k) for at, start, k in zip((y, x), starts, ks, strict=True)
        )
        area = ks[0] * ks[1]
        return (sum(int(pixels[r, q, c]) for r in rows for q in columns) + area // 2) // area

    def tap(i, n, res):
        position = min(max((((2 * i + 1) * n - res) * 256 + res) // (2 * res), 0), (n - 1) * 256)
        first = position // 256
        return first, min(first + 1, n - 1), position % 256

    out = np.zeros((*outputs, 3), np.uint8)
    for y in range(outputs[0]):
        y0, y1, v = tap(y, ns[0], outputs[0])
        for x in range(outputs[1]):
            x0, x1, h = tap(x, ns[1], outputs[1])
            for c in range(3):
                near = block(y0, x0, c) * (256 - v) + block(y1, x0, c) * v
                far = block(y0, x1, c) * (256 - v) + block(y1, x1, c) * v
                out[y, x, c] = (near * (256 - h) + far * h + 32768) // 65536
    return out


@pytest.mark.parametrize("size", SIZES)
def test_every_byte_is_the_rules(size):
    pixels = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    np.testing.assert_array_equal(stretch(pixels, 16), by_the_rule(pixels, 16, 16))


@pytest.mark.parametrize("size", SIZES)
def test_every_byte_of_a_letterbox_is_the_rules(size):
    pixels = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
    long = max(size)
    height, width = [max(1, (2 * 16 * length + long) // (2 * long)) for length in size]
    expected = np.full((16, 16, 3), 127, np.uint8)
    top, left = (16 - height) // 2, (16 - width) // 2
    expected[top : top + height, left : left + width] = by_the_rule(pixels, height, width)
    np.testing.assert_array_equal(letterbox(pixels, 16), expected)


def test_a_letterbox_keeps_the_shape_of_a_photo():
    square = letterbox(np.full((120, 160, 3), 255, np.uint8), 32)
    assert (square[4:28] == 255).all()
    assert (square[:4] == 127).all()
    assert (square[28:] == 127).all()


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


def test_each_rule_has_a_hash_of_its_own():
    assert len({rule_sha256(rule) for rule in (RULE, STRETCH_RULE, LETTERBOX_RULE)}) == 3
    assert rule_sha256(RULE) == rule_sha256()
