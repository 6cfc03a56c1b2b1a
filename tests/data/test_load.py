import io
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.contract.preprocessing import load_rgb
from mobilenet_tf.data.cifar10 import ArrayPhotos
from mobilenet_tf.data.dataset import Dataset, Subset, split_photos, untrained
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.scan import CHUNK, find_broken, reason
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in, run_process

RED, GREEN, BLUE = (200, 30, 40), (20, 180, 50), (30, 60, 220)


def labelled(*counts):
    """Photos of 1 x 1 pixel, `counts[label]` of each label in turn; each one's pixel is its index."""
    labels = np.concatenate([np.full(count, label) for label, count in enumerate(counts)]).astype(np.int64)
    pixels = np.arange(len(labels), dtype=np.uint8).repeat(3).reshape(-1, 1, 1, 3)
    return ArrayPhotos(pixels, labels)


def halves(size=(64, 32), left=RED, right=BLUE):
    """A photo whose left half is of one colour and its right half of another."""
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, size[0], size[1]))
    return image


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def close(pixel, colour, by=12):
    return np.abs(pixel.astype(int) - colour).max() <= by


def test_importing_every_source_loads_neither_tensorflow_nor_tfds():
    script = (
        "import sys, mobilenet_tf.data.load; print({'tensorflow', 'keras', 'tensorflow_datasets'} & set(sys.modules))"
    )
    assert run_process(sys.executable, "-c", script).stdout == "set()\n"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_every_format_gives_its_colours(kind):
    pixels = load_rgb(encoded(halves(), kind), 32)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (32, 64, 3)
    assert close(pixels[16, 8], RED)
    assert close(pixels[16, 56], BLUE)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "CMYK"])
def test_every_mode_becomes_rgb(mode):
    image = halves(left=(255, 255, 255), right=(0, 0, 0)).convert(mode)
    pixels = load_rgb(encoded(image, "JPEG" if mode == "CMYK" else "PNG"), 32)
    assert pixels.shape == (32, 64, 3)
    assert close(pixels[16, 8], (255, 255, 255))
    assert close(pixels[16, 56], (0, 0, 0))


def test_a_palette_with_transparency_keeps_its_colours_and_warns_of_nothing():
    palette = halves().quantize(4)
    pixels = load_rgb(encoded(palette, "PNG", transparency=bytes([0, 128, 255, 255])), 32)
    assert close(pixels[16, 8], RED)
    assert close(pixels[16, 56], BLUE)


def test_16_bit_grey_keeps_its_levels():
    grey = Image.fromarray(np.array([[0, 64 << 8], [128 << 8, 65535]], np.uint16))
    assert load_rgb(encoded(grey, "PNG"), 2)[..., 0].tolist() == [[0, 64], [128, 255]]


def test_the_photo_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # stored a quarter turn to the left
    pixels = load_rgb(encoded(halves(), "JPEG", exif=exif), 32)
    assert pixels.shape == (64, 32, 3)
    assert close(pixels[8, 16], RED)
    assert close(pixels[56, 16], BLUE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_where_nothing_is_scaled_the_pixels_are_those_of_the_evaluation(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(halves(), "JPEG", exif=exif)
    assert np.array_equal(load_rgb(file, 32), load_rgb(file))


@pytest.mark.parametrize(
    ("short_side", "expected"),
    [(1, 80), (80, 80), (81, 160), (160, 160), (161, 320), (224, 320), (320, 320), (321, 640), (5000, 640)],
)
def test_a_big_jpeg_is_decoded_at_the_smallest_scale_that_serves(short_side, expected):
    pixels = load_rgb(encoded(halves((960, 640)), "JPEG"), short_side)
    assert min(pixels.shape[:2]) == expected
    assert pixels.shape[1] * 2 == pixels.shape[0] * 3
    assert close(pixels[0, 0], RED)


def test_a_scaled_side_is_never_rounded_below_what_was_asked():
    file = encoded(halves((459, 449)), "JPEG")  # 449 / 2 is 224.5
    assert min(load_rgb(file, 224).shape[:2]) == 225
    assert min(load_rgb(file, 225).shape[:2]) == 449


def png_of(width, height):
    """A PNG file that claims this size, and holds nothing of it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", header), (b"IDAT", b""), (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000)])  # Pillow warns of the one, refuses the other
def test_decompression_bombs_are_named_and_skipped(tmp_path, size):
    for name in "ab":
        images_in(tmp_path / name, 2)
    (tmp_path / "a" / "bomb.png").write_bytes(png_of(*size))
    data = load_dataset(str(tmp_path))
    assert len(data.train) + len(data.validation) == 4
    assert data.skipped == (
        f"{tmp_path / 'a' / 'bomb.png'}: more than 89478485 pixels, Pillow's limit against decompression bombs",
    )


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.99])
def test_a_split_has_every_photo_once_and_every_class_on_both_sides(share):
    photos = labelled(2, 3, 10, 101)
    train, validation = split_photos(photos, share, seed=0)
    assert sorted([*train.indices, *validation.indices]) == list(range(116))
    assert set(train.labels) == set(validation.labels) == {0, 1, 2, 3}
    held_out = round(share * 101)
    assert np.bincount(validation.labels)[3] == held_out
    assert all(np.diff(train.indices) > 0)


def test_a_single_photo_stays_with_training_and_a_class_without_photos_is_passed_over():
    train, validation = split_photos(labelled(1, 0, 4), 0.5, seed=0)
    assert np.bincount(train.labels).tolist() == [1, 0, 2]
    assert np.bincount(validation.labels).tolist() == [0, 0, 2]


def test_the_same_seed_splits_alike_and_another_does_not():
    one, same, other = (split_photos(labelled(50, 50), 0.2, seed)[1].indices.tolist() for seed in (0, 0, 1))
    assert one == same != other


def test_classes_of_one_size_are_not_split_alike():
    held_out = split_photos(labelled(50, 50), 0.2, seed=0)[1].indices
    assert held_out[:10].tolist() != (held_out[10:] - 50).tolist()


def test_a_subset_reads_its_own_photos():
    photos = labelled(3, 3)
    subset = Subset(photos, np.array([5, 1]))
    assert len(subset) == 2
    assert subset.labels.tolist() == [1, 0]
    assert [subset.read(index, 1)[0, 0, 0] for index in range(2)] == [5, 1]


def test_photos_are_the_same_from_many_threads(tmp_path):
    for seed, name in enumerate("ab"):
        images_in(tmp_path / name, 8, seed=seed)
    train = load_dataset(str(tmp_path)).train
    alone = [train.read(index, 32) for index in range(len(train))]
    order = list(range(len(train))) * 8
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda index: train.read(index, 32), order))
    assert all(np.array_equal(alone[index], pixels) for index, pixels in zip(order, together, strict=True))


def test_a_dataset_of_one_class_or_without_validation_is_refused():
    with pytest.raises(DataError, match="at least two classes to train on; found 1"):
        Dataset(("a", "b"), labelled(2), labelled(2, 2), ())
    with pytest.raises(DataError, match="to validate with; found none"):
        Dataset(("a", "b"), labelled(1, 1), Subset(labelled(1), np.arange(0)), ())


def test_classes_that_only_validate_are_named():
    assert untrained(("a", "b"), labelled(1, 1), labelled(2, 2)) == ()
    lines = untrained(tuple("abcdefgh"), labelled(1), labelled(*[1] * 8))
    assert lines == ("validation: classes without a photo to train on: b, c, d, e, f and 2 more",)


def test_a_reason_is_one_line_and_never_empty():
    assert reason(ValueError("first\nsecond")) == "first"
    assert reason(ValueError()) == "ValueError"
    assert reason(FileNotFoundError(2, "No such file or directory", "photo.jpg")) == "No such file or directory"


def test_a_source_that_is_none_says_what_it_could_be(tmp_path):
    with pytest.raises(DataError, match=r"expected cifar10, tfds:NAME or a folder .*none does not exist"):
        load_dataset(str(tmp_path / "none"))
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match="file is a file"):
        load_dataset(str(tmp_path / "file"))
    for name in "ab":
        images_in(tmp_path / "photos" / name, 2)
    with pytest.raises(DataError, match=r"--validation to be a folder .*held_out does not exist"):
        load_dataset(str(tmp_path / "photos"), validation=tmp_path / "held_out")


def test_what_the_system_refuses_is_named():
    with pytest.raises(DataError, match=r"cannot read x+: File name too long"):
        load_dataset("x" * 300)


@pytest.mark.parametrize("source", ["cifar10", "tfds:flowers"])
def test_a_validation_folder_is_refused_where_the_source_has_its_own(tmp_path, source):
    with pytest.raises(DataError, match=f"no validation folder with {source}"):
        load_dataset(source, validation=tmp_path)


@pytest.mark.parametrize("share", [0, 1, -0.5, float("nan")])
def test_a_share_that_leaves_one_side_empty_is_refused(tmp_path, share):
    with pytest.raises(DataError, match="between 0 and 1"):
        load_dataset(str(tmp_path), validation_share=share)


def test_the_scan_says_how_far_it_is(tmp_path):
    for name in ("cat", "dog"):
        images_in(tmp_path / name, 3, size=(8, 8))
    heard = []
    load_dataset(str(tmp_path), tell=lambda done, count: heard.append((done, count)))
    assert heard == [(6, 6)]
    heard = []
    find_broken(lambda _: None, 2 * CHUNK + 1, lambda done, _: heard.append(done))
    assert heard == [CHUNK, 2 * CHUNK, 2 * CHUNK + 1]
