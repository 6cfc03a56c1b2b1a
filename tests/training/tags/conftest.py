"""Photos of which colours say the tags: red, green and blue parts, of which each is on half of the photos."""

import numpy as np
import pytest
from PIL import Image

COLOURS = ("red", "green", "blue")


def coloured_photos(folder, count, *, seed=0, listed=True):
    """Write `count` photos with noise, and the list of their colours."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    rows = ["filename, red, green, blue"]
    for number in range(count):
        marks = [(number >> bit) & 1 for bit in range(3)]
        pixels = rng.integers(0, 60, (48, 48, 3)) + 180 * np.array(marks)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"photo_{number:03}.png")
        rows.append(f"photo_{number:03}.png, {', '.join(map(str, marks))}")
    if listed:
        (folder / "_classes.csv").write_text("\r\n".join(rows) + "\r\n")
    return folder


@pytest.fixture(scope="package")
def coloured(tmp_path_factory):
    """A folder with the sides train and valid; and the folder plain without labels."""
    root = tmp_path_factory.mktemp("coloured")
    coloured_photos(root / "set" / "train", 32)
    coloured_photos(root / "set" / "valid", 16, seed=1)
    coloured_photos(root / "plain", 24, seed=2, listed=False)
    return root
