"""Whether photos come with tags or with classes, and what says their tags, found by looking."""

from pathlib import Path

from mobilenet_tf.data.class_source import find_class_source
from mobilenet_tf.data.layout import ClassSource, Layout, NamedPhotos, PhotoList, folder_of
from mobilenet_tf.errors import DataError

from .folders import files_in_folders, folders_have_tags
from .lists import files_in_list, list_has_tags
from .tag_files import TagFiles

__all__ = ["find_tag_source", "has_tags", "read_tags"]


def has_tags(source: str | Path, ground_truth: Path | None = None) -> bool:
    """Whether several tags are true of photos of `source`, a folder or a list.

    If exactly one is true of each, they are classes; what cannot be read is left to the reader of classes to name.
    """
    try:
        place = find_class_source(Path(source), None, ground_truth).train
        return list_has_tags(place) if isinstance(place, PhotoList) else folders_have_tags(folder_of(place))
    except (DataError, OSError):
        return False


def find_tag_source(photos: Path, validation: Path | None, ground_truth: Path | None) -> Layout:
    """As class_source.find_class_source, for tags, which no file's name says. Raises DataError if there are none."""
    found = find_class_source(photos, validation, ground_truth)
    if isinstance(found.train, NamedPhotos):
        return Layout(found.train.folder, found.validation)
    if not isinstance(found.train, PhotoList):
        return found
    validates = f", and {found.validation} those of the photos that validate" if found.validation else ""
    return Layout(found.train, found.validation, (f"{found.train} gives the tags of the photos{validates}.",))


def read_tags(place: ClassSource) -> TagFiles:
    """The photos of a list, or of a folder whose sub-folders are tags. Raises DataError."""
    return files_in_list(place) if isinstance(place, PhotoList) else files_in_folders(folder_of(place))
