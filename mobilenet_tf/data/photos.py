"""Folders of photos, and the one that is bundled."""

from importlib import resources
from pathlib import Path

from mobilenet_tf.errors import ImagesError

__all__ = ["SUFFIXES", "bundled_photos", "list_photos"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


def bundled_photos(of: str = "imagenet") -> Path:
    """A folder of photos that comes with the package; assets/NOTICE credits them.

    of: `imagenet`: photos of things that the ImageNet networks know. `cifar10`: 500 test photos of CIFAR-10, in a
    sub-folder for each class.
    """
    name = {"imagenet": "photos", "cifar10": "cifar10"}[of]
    with resources.as_file(resources.files("mobilenet_tf") / "assets" / name) as folder:
        return folder


def list_photos(folder: Path) -> list[Path]:
    """Image files under `folder`, sub-folders included, sorted by path. Raises ImagesError if there are none."""
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise ImagesError(f"expected a folder of photos; {folder} {what}.")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        kinds = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))
        what = "holds no image" if any(folder.iterdir()) else "is empty"
        raise ImagesError(f"expected photos ({kinds}) in {folder}; it {what}.")
    return paths
