"""What else may happen to a command: its disk is full or read-only, photos vanish or change while it runs."""

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from .chaos_cases import Case
from .chaos_checks import left_over
from .chaos_process import Ended, Moment, run

__all__ = ["TROUBLES", "make_trouble"]

FULL_KB = (4, 40, 300, 1500, 3000, 6000, 9000)  # from nothing to nearly enough for a run


def make_trouble(name: str, case: Case, folder: Path, chance: random.Random) -> tuple[Ended, list[str]]:
    """Run a command in a prepared folder with this trouble: (how it ended, sentences on what was wrong)."""
    ended = TROUBLES[name](case, folder, chance)
    out = folder / "out"
    wrong = [*case.check(folder, False), *(left_over(out) if out.is_dir() else [])]
    if ended.status not in (0, 1, 2):
        wrong.append(f"{name}: status {ended.status}")
    if ended.status and "Error: " not in ended.output:
        wrong.append(f"{name}: no sentence on the error: {ended.output[-300:]}")
    subprocess.run(["umount", "-l", out], capture_output=True)
    return ended, wrong


def _full_disk(case: Case, folder: Path, chance: random.Random) -> Ended:
    kept = sum(path.stat().st_size for path in (folder / "out").rglob("*") if path.is_file())
    _mount(folder / "out", kept // 1000 + chance.choice(FULL_KB))
    return run(folder, *case.words(folder))


def _read_only_disk(case: Case, folder: Path, _: random.Random) -> Ended:
    _mount(folder / "out", 50_000)
    subprocess.run(["mount", "-o", "remount,ro", folder / "out"], check=True)
    return run(folder, *case.words(folder))


def _mount(place: Path, size_kb: int) -> None:
    """A file system of its own at `place`, with what was there. Raises CalledProcessError without the right to."""
    place.mkdir(exist_ok=True)
    kept = place.with_name("kept")
    shutil.copytree(place, kept)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", place], check=True, capture_output=True)
    shutil.copytree(kept, place, dirs_exist_ok=True)
    shutil.rmtree(kept)


def _photos_vanish(case: Case, folder: Path, chance: random.Random) -> Ended:
    return _with_photos(case, folder, chance, lambda photo: photo.unlink())


def _photos_change(case: Case, folder: Path, chance: random.Random) -> Ended:
    contents = chance.choice((b"", b"\xff\xd8 no photo", (folder / "again/photos/cat/photo_000.jpg").read_bytes()))

    def change(photo: Path) -> None:
        photo.write_bytes(contents)

    return _with_photos(case, folder, chance, change)


def _with_photos(case: Case, folder: Path, chance: random.Random, damage: Callable[[Path], None]) -> Ended:
    """Run it on photos of its own, half of which are damaged at some moment."""
    for name in ("photos", "again"):
        (folder / name).unlink()
        shutil.copytree(folder / "inputs" / name, folder / name)
    photos = sorted(folder.glob("photos/*/*")) + sorted(folder.glob("again/photos/*/*"))

    def damage_half(_: int) -> None:
        for photo in chance.sample(photos, len(photos) // 2):
            damage(photo)

    return run(folder, *case.words(folder), moment=Moment(damage_half, chance.uniform(0, case.cpu)))


TROUBLES: dict[str, Callable[[Case, Path, random.Random], Ended]] = {
    "full disk": _full_disk,
    "read-only disk": _read_only_disk,
    "photos vanish": _photos_vanish,
    "photos change": _photos_change,
}
