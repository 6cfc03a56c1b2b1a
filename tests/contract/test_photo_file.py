"""Photos of anybody's: which kinds are opened, what their colours and orientation become, and how much memory that
takes.
"""

import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from mobilenet_tf.contract import photo_file
from mobilenet_tf.contract.photo_file import FORMATS, open_photo, photo_memory, rgb_of
from mobilenet_tf.contract.preprocessing import load_rgb
from mobilenet_tf.data.photos import KINDS
from tests.support.processes import peak_memory

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"


def test_a_kind_that_is_not_read_starts_no_decoder_whatever_its_name(tmp_path, monkeypatch):
    """An EPS file is opened by Pillow, which then starts Ghostscript."""
    started = tmp_path / "started"
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {started}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)
    (tmp_path / "x.jpg").write_bytes(EPS)
    with pytest.raises(OSError, match=r"."), Image.open(tmp_path / "x.jpg") as image:
        image.load()
    assert started.exists()  # as it would be without the limit to the kinds that are read
    started.unlink()
    with pytest.raises(Image.UnidentifiedImageError):
        load_rgb(tmp_path / "x.jpg")
    assert not started.exists()


@pytest.mark.parametrize("kind", ["GIF", "TGA", "PCX", "ICO", "JPEG2000", "SGI"])
def test_kinds_that_the_docs_do_not_name_are_not_opened(kind):
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, kind)
    file.seek(0)
    with pytest.raises(Image.UnidentifiedImageError):
        load_rgb(file)


def test_the_kinds_that_messages_name_are_opened():
    for kind in KINDS.upper().split(", "):
        file = io.BytesIO()
        Image.new("RGB", (4, 4), (250, 3, 3)).save(file, kind)
        file.seek(0)
        assert load_rgb(file).shape == (4, 4, 3)
        assert kind in FORMATS


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_the_orientation_is_that_of_pillow(orientation, mode):
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(noise).convert(mode).save(file, "PNG", exif=exif)
    with Image.open(file) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    pixels = load_rgb(io.BytesIO(file.getvalue()))
    np.testing.assert_array_equal(pixels, expected)
    assert pixels.flags.c_contiguous


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "I;16"])
def test_bands_give_the_same_colours_as_the_whole(mode, monkeypatch):
    if mode.startswith("I"):
        image = Image.fromarray(np.random.default_rng(0).integers(0, 2**16, (40, 30)).astype(np.uint16))
        image = image if mode == "I;16" else image.convert("I")
    else:
        image = (
            Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8))
            .convert("P" if mode == "PA" else "RGB" if mode == "HSV" else mode)
            .convert(mode)
        )
    whole = rgb_of(image)
    monkeypatch.setattr(photo_file, "BAND", 100)
    np.testing.assert_array_equal(rgb_of(image), whole)
    if not mode.startswith("I"):
        np.testing.assert_array_equal(whole, np.asarray(image.convert("RGB")))


def test_a_pipe_is_no_photo_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.jpg")
    with pytest.raises(OSError, match="no regular file"):
        load_rgb(tmp_path / "x.jpg")
    with pytest.raises(OSError, match="no regular file"):
        load_rgb("/dev/zero")


def test_a_file_of_gigabytes_is_no_photo(tmp_path):
    with (tmp_path / "x.jpg").open("wb") as file:
        file.truncate(2**33)
    with pytest.raises(OSError, match="8589934592 bytes"):
        load_rgb(tmp_path / "x.jpg")


def test_threads_hold_no_more_pixels_than_fit(monkeypatch):
    """Eight threads, photos of 100 pixels, room for 250: two at one time, and all get their turn."""
    monkeypatch.setattr(photo_file, "MOST_PIXELS", 250)
    png = io.BytesIO()
    Image.new("RGB", (10, 10)).save(png, "PNG")
    held, most, lock = 0, 0, threading.Lock()

    def read(_):
        nonlocal held, most
        with photo_memory():
            load_rgb(io.BytesIO(png.getvalue()))
            with lock:
                held += 1
                most = max(most, held)
            time.sleep(0.01)
            with lock:
                held -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(24)))
    assert most == 2


def test_one_that_does_not_fit_goes_alone_and_a_second_in_one_block_does_not_wait(monkeypatch):
    monkeypatch.setattr(photo_file, "MOST_PIXELS", 50)
    png = io.BytesIO()
    Image.new("RGB", (10, 10)).save(png, "PNG")
    with photo_memory():
        assert load_rgb(io.BytesIO(png.getvalue())).shape == (10, 10, 3)
        assert load_rgb(io.BytesIO(png.getvalue())).shape == (10, 10, 3)


def test_an_error_gives_its_pixels_back(monkeypatch):
    monkeypatch.setattr(photo_file, "MOST_PIXELS", 150)
    png = io.BytesIO()
    Image.effect_noise((10, 10), 80).save(png, "PNG")
    for _ in range(3):
        with pytest.raises(OSError, match="truncated"), open_photo(io.BytesIO(png.getvalue()[:-40])) as image:
            rgb_of(image)
    assert load_rgb(io.BytesIO(png.getvalue())).shape == (10, 10, 3)


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "side"), [("P", 9400), ("RGB", 7000)])
def test_large_photos_on_all_threads_take_less_than_2_gb(mode, side, tmp_path):
    """Six palette PNGs of 88 megapixels, or six photos of 49, on six threads: at one time each took 0.4 GB or more."""
    Image.new(mode, (side, side)).save(tmp_path / "it.png", compress_level=1)
    code = (
        "import sys; from concurrent.futures import ThreadPoolExecutor\n"
        "from mobilenet_tf.contract.photo_file import photo_memory\n"
        "from mobilenet_tf.contract.preprocessing import load_rgb, preprocess\n"
        "def read(_):\n"
        "    with photo_memory(): return preprocess(load_rgb(sys.argv[1]), 96)\n"
        "list(ThreadPoolExecutor(6).map(read, range(6)))"
    )
    assert peak_memory(code, str(tmp_path / "it.png")) < 2e9
