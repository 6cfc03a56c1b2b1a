"""What names a photo however its file is called: a digest of its content, for a whole folder on several threads."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from mobilenet_tf.contract.photo_file import open_regular
from mobilenet_tf.progress import OnProgress, ignore_progress

__all__ = ["PhotoDigests", "digest_number", "digest_of_sha256", "photo_digest", "without_copies"]

CHUNK = 256  # files handed to the threads at once, so that Ctrl-C does not wait for all


def photo_digest(content: bytes) -> str:
    """What names a photo, however its file is called: the first 16 hex digits of the sha256 of its encoded bytes.

    The photos of CIFAR-10's arrays have no encoded bytes: theirs is that of their pixels, row by row, RGB.
    """
    return f"{digest_number(content):016x}"


def digest_number(content: bytes) -> int:
    """The digest as a number of 64 bits: a million of them take 8 MB, and as text more than ten times that."""
    return digest_of_sha256(hashlib.sha256(content))


def digest_of_sha256(whole: "hashlib._Hash") -> int:
    """The digest number of the content that a sha256 is of."""
    return int.from_bytes(whole.digest()[:8], "big")


class PhotoDigests:
    """The digests of photos' files. Each file is read once, however often it is asked for.

    known: the digest of each file that was asked for; None for one that cannot be read.
    """

    def __init__(self, known: Mapping[Path, str | None] = MappingProxyType({})) -> None:
        self.known: dict[Path, str | None] = dict(known)

    def of(self, paths: Iterable[Path], on_progress: OnProgress = ignore_progress) -> list[str | None]:
        """The `photo_digest` of each file, in order; None for one that cannot be read: who reads the photo names it."""
        paths = list(paths)
        missing = [path for path in dict.fromkeys(paths) if path not in self.known]
        with ThreadPoolExecutor() as pool:
            for start in range(0, len(missing), CHUNK):
                chunk = missing[start : start + CHUNK]
                self.known.update(zip(chunk, pool.map(_digest_of_file, chunk), strict=True))
                on_progress("comparing photos", min(1.0, (start + CHUNK) / len(missing)))
        return [self.known[path] for path in paths]


def without_copies(
    paths: Sequence[Path], digests: PhotoDigests, on_progress: OnProgress = ignore_progress
) -> tuple[list[Path], Counter[Path]]:
    """The paths without those whose content an earlier one has, and how many copies each of the kept ones has.

    Only files of which others have the size are read. What cannot be read is kept.
    """
    sizes = {path: _size(path) for path in paths}
    of_size = Counter(sizes.values())
    alike = [path for path in paths if of_size[sizes[path]] > 1]
    names = dict(zip(alike, digests.of(alike, on_progress), strict=True))
    first: dict[str, Path] = {}
    copies: Counter[Path] = Counter()
    kept = []
    for path in paths:
        digest = names.get(path)
        original = path if digest is None else first.setdefault(digest, path)
        if original is path:
            kept.append(path)
        else:
            copies[original] += 1
    return kept, copies


def _digest_of_file(path: Path) -> str | None:
    try:
        with open_regular(path) as file:
            return f"{digest_of_sha256(hashlib.file_digest(file, 'sha256')):016x}"
    except OSError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
