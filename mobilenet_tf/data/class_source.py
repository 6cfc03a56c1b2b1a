"""What says of which class each photo of a folder is: sub-folders, a list, or the names of the files."""

from pathlib import Path

from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import printable, shortened_list

from .layout import ClassSource, Layout, PhotoList, find_layout, find_validation, folder_of, unwrapped, with_photos
from .named_photos import find_named_photos, named_photos
from .photo_lists import files_that_may_list, find_lists, folder_of_photos, list_in, list_note

__all__ = ["find_class_source"]


def find_class_source(photos: Path, validation: Path | None = None, ground_truth: Path | None = None) -> Layout:
    """The folders of classes, the lists, or the folders of photos named by class, to train on and to validate with.

    photos:       a folder, or a list: a .csv file.
    validation:   the same, to validate with.
    ground_truth: the list of `photos`, if it is a folder, in place of its sub-folders and of a list that is in it.
    Raises DataError if there are none.
    """
    if photos.is_file() and ground_truth is not None:
        raise DataError(f"expected a folder of photos beside --ground-truth; {photos} is a list.\nGive one of them.")
    if photos.is_file():
        train = PhotoList(photos, folder_of_photos(photos) or photos.parent)
        return Layout(train, _validation(validation))
    if ground_truth is not None:
        return Layout(PhotoList(ground_truth, photos), _validation(validation))
    layout = _found(photos, validation)
    if validation is None:
        return layout
    notes = (list_note(layout.train),) if isinstance(layout.train, PhotoList) else layout.notes
    return Layout(layout.train, _validation(validation), notes)


def _found(folder: Path, validation: Path | None) -> Layout:
    """By the sub-folders if they are classes; or else by lists; or else by the names of the files."""
    try:
        layout = find_layout(folder, validation)
    except DataError:
        found = find_lists(unwrapped(folder)) or _by_names(folder, validation)
        if found is None:
            raise
        return found
    if _are_classes(layout.train):
        return layout
    found = find_lists(folder) or _by_names(folder, validation)
    if found is None:
        _refuse_useless_lists(folder)
    return layout if found is None else found


def _by_names(folder: Path, validation: Path | None) -> Layout | None:
    """By the names of the files, if no list is there: one that cannot be used was still meant to say the classes."""
    found = find_named_photos(folder, validation)
    if found is not None:
        sides = (found.train, found.validation if validation is None else None)
        for place in (folder, *(folder_of(side) for side in sides if side is not None)):
            _refuse_useless_lists(place)
    return found


def _refuse_useless_lists(folder: Path) -> None:
    if useless := files_that_may_list(folder):
        names = shortened_list([printable(file.name) for file in useless])
        raise DataError(
            f"expected one sub-folder per class in {folder}, or a .csv with a line `file,label` for each photo there.\n"
            f"{names} names none of the photos, has no labels, or is not UTF-8."
        )


def _are_classes(place: ClassSource) -> bool:
    """Whether it is a folder of which several sub-folders hold photos."""
    return isinstance(place, Path) and len(with_photos(place)) > 1


def _validation(place: Path | None) -> ClassSource | None:
    if place is None:
        return None
    if place.is_file():
        return PhotoList(place, folder_of_photos(place) or place.parent)
    folder = find_validation(place)
    if _are_classes(folder):
        return folder
    if (listed := list_in(folder)) is not None:
        return listed
    named = named_photos(folder, least=1)
    if named is None:
        return folder
    lists = [file for file in files_that_may_list(folder) if folder_of_photos(file)]
    if lists:
        names = ", ".join(printable(file.name) for file in lists)
        raise DataError(
            f"several files in {folder} list photos: {names}.\nGive the one with the labels: --validation {lists[0]}"
        )
    for side in (folder, named.folder):
        _refuse_useless_lists(side)
    return named
