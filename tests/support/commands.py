"""Run the project's commands, and write small photos for them."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parents[2]


def run_export(*arguments):
    from export.cli import export

    return CliRunner().invoke(export, [str(argument) for argument in arguments])


def run_process(command, *arguments, env=None, cwd=None, timeout=300, **options):
    """Run a command (one of ours, or a path) as a process of its own, with what it prints captured."""
    path = Path(sys.executable).with_name(command) if "/" not in command else command
    environment = os.environ | (env or {})
    words = [str(path), *map(str, arguments)]
    return subprocess.run(words, env=environment, cwd=cwd, capture_output=True, text=True, timeout=timeout, **options)


def images_in(folder, count, *, size=(48, 40), seed=0):
    """Write `count` different small JPEGs."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for index in range(count):
        coarse = rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize(size).save(folder / f"photo_{index:03d}.jpg")
    return folder
