"""Folders of photos, one photo, and the photos that are bundled: what every command finds and reads them with."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from importlib.util import find_spec
from pathlib import Path

from PIL import UnidentifiedImageError, features

from mobilenet_tf.contract.preprocessing import UInt8, load_rgb
from mobilenet_tf.errors import CheckError, ImagesError
from mobilenet_tf.terminal import shortened_list

from .left_out_text import first_lines
from .scan import describe_error
from .walk import files_under

__all__ = [
    "KINDS",
    "PhotosFound",
    "broken_links",
    "bundled_photos",
    "check_left_out",
    "find_photos",
    "is_photo_name",
    "photo_suffixes",
    "read_photo",
    "suffix_of",
    "unread_kinds",
    "unreadable_photo",
]

ALWAYS_READ = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
KINDS = "JPEG, PNG, WebP, BMP, TIFF, PPM"
HEIF = frozenset({".heic", ".heif", ".hif"})
AVIF = frozenset({".avif"})
HEIF_REMEDY = "pip install pillow-heif reads {them}"
# Suffixes of photos that are not read -> what to do.
REMEDIES = {
    **dict.fromkeys(HEIF, HEIF_REMEDY),
    **dict.fromkeys(AVIF, "pip install --upgrade pillow reads {them}"),
    ".gif": "save {them} as PNG",
    **dict.fromkeys((".jp2", ".jxl", ".psd", ".svg", ".tga"), "save {them} as JPEG or PNG"),
    **dict.fromkeys((".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"), "save {them} as JPEG"),
}
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")  # bytes 8 to 12 of such a file
MOST_LEFT_OUT = 0.1  # of the photos seen, without an option that allows it


@dataclass(frozen=True)
class PhotosFound:
    """The photos under a folder, sorted by path.

    unread:       what looks like a photo and is not read, a line for each kind with what to do.
    unread_count: the number of those files.
    """

    paths: tuple[Path, ...]
    unread: tuple[str, ...]
    unread_count: int

    @property
    def seen(self) -> int:
        """The number of photos, read or not."""
        return len(self.paths) + self.unread_count


def bundled_photos(of: str = "imagenet") -> Path:
    """A folder of photos that comes with the package; assets/NOTICE credits them.

    of: `imagenet`: photos of things that the ImageNet networks know. `cifar10`: 500 test photos of CIFAR-10, in a
    sub-folder for each class.
    """
    name = {"imagenet": "photos", "cifar10": "cifar10"}[of]
    with resources.as_file(resources.files("mobilenet_tf") / "assets" / name) as folder:
        return folder


@cache
def photo_suffixes() -> frozenset[str]:
    """The suffixes, in lower case, of the photos that can be read here: HEIC among them if pillow-heif is installed."""
    suffixes = ALWAYS_READ
    if features.check("avif"):
        suffixes |= AVIF
    if find_spec("pillow_heif") is not None:
        import_module("pillow_heif").register_heif_opener()
        suffixes |= HEIF
    return suffixes


def find_photos(folder: Path) -> PhotosFound:
    """The photos under `folder`, sub-folders included.

    Hidden files and folders do not count; linked folders are followed, once each. Raises ImagesError if there is no
    photo that can be read.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise ImagesError(f"expected a folder of photos; {folder} {what}.")
    files = files_under(folder)
    paths = sorted(Path(path) for path in files.paths if suffix_of(path) in photo_suffixes())
    links = [path for path in files.links if is_photo_name(path)]
    kinds, count = unread_kinds(files.paths)
    unread = (*kinds, *broken_links(links), *first_lines(files.notes, "{count} more things are left out"))
    if not paths:
        what = "holds no image" if any(folder.iterdir()) else "is empty"
        what = f"holds only {'; '.join(unread)}" if unread else what
        raise ImagesError(f"expected photos ({KINDS}) in {folder}; it {what}.")
    return PhotosFound(tuple(paths), unread, count + len(links))


def suffix_of(path: str | Path) -> str:
    """The suffix of a file's name in lower case, such as `.jpg`."""
    return os.path.splitext(path)[1].lower()


def is_photo_name(path: str | Path) -> bool:
    """Whether a file of this name looks like a photo, read or not."""
    return suffix_of(path) in photo_suffixes() | REMEDIES.keys()


def unread_kinds(paths: Iterable[str | Path]) -> tuple[list[str], int]:
    """(a line for each kind of file that looks like a photo and is not read, the number of such files)."""
    counts = Counter(suffix for path in paths if (suffix := suffix_of(path)) in REMEDIES.keys() - photo_suffixes())
    return [_unread_line(suffix, count) for suffix, count in sorted(counts.items())], counts.total()


def _unread_line(suffix: str, count: int) -> str:
    files, them = ("file", "it") if count == 1 else ("files", "them")
    return f"{count} {suffix} {files}, not read: {REMEDIES[suffix].format(them=them)}"


def broken_links(paths: list[str]) -> list[str]:
    """A line about links whose target does not exist, if there are any."""
    if not paths:
        return []
    return [f"{shortened_list(paths, 1)}: a link to what does not exist"]


def read_photo(path: str | Path, short_side: int | None = None) -> UInt8:
    """The pixels of a photo, (height, width, 3) RGB, upright. Raises ImagesError, which names the photo and why.

    short_side: see load_rgb.
    """
    photo_suffixes()  # so that Pillow can open HEIC files if pillow-heif is installed
    try:
        return load_rgb(path, short_side)
    except Exception as error:  # Pillow's decoders raise errors of many kinds
        raise unreadable_photo(path, error) from error


def unreadable_photo(path: str | Path, error: Exception) -> ImagesError:
    """The error for a photo that Pillow cannot read: it names the photo and why."""
    return ImagesError(f"cannot read {path}: {_reason(error, path)}.")


def _reason(error: Exception, path: str | Path) -> str:
    if isinstance(error, UnidentifiedImageError):
        if suffix_of(path) in REMEDIES:
            return f"not a kind that is read; {REMEDIES[suffix_of(path)].format(them='it')}"
        with open(path, "rb") as file:
            if file.read(12)[8:] in HEIF_BRANDS:
                return f"a HEIC photo in spite of its name; {HEIF_REMEDY.format(them='it')}"
    return describe_error(error)


def check_left_out(used: int, seen: int, folder: str | Path, reasons: Iterable[str], *, allow_skipped: bool) -> None:
    """Raise CheckError if more than a tenth of the photos seen in `folder` is left out and that is not allowed.

    reasons: why photos are left out, a line each; the message gives the first three.
    """
    if allow_skipped or seen - used <= MOST_LEFT_OUT * seen:
        return
    first = "; ".join(reason.rstrip(".") for reason in [*reasons][:3])
    raise CheckError(
        f"expected to use at least nine of ten photos in {folder}; {used} of {seen} can be used.\n"
        f"Left out: {first}.\nMend or remove these, or give --allow-skipped."
    )
