"""Which annotations of boxes are in a folder, found by looking at what the files hold."""

from collections.abc import Callable
from pathlib import Path

from mobilenet_tf.data.photos import is_photo_name
from mobilenet_tf.data.walk import files_under
from mobilenet_tf.errors import DataError

from . import coco, csv_file, voc, yolo
from .annotations import Annotations
from .coco_files import coco_files

__all__ = ["find_boxes", "has_boxes"]

Reader = Callable[[], Annotations]
SAMPLE = 200  # XML files that are looked at: photos may have a million of other kinds beside them


def has_boxes(source: str | Path) -> bool:
    """Whether `source`, a folder or a file of annotations, says where things are in photos."""
    return bool(_readers(Path(source)))


def find_boxes(source: str | Path) -> Annotations:
    """The annotated photos in a folder, or of one file of annotations, which are then those beside it.

    If there are annotations of several forms, COCO's JSON is read, or else Pascal VOC's XML, or YOLO's text files, or
    CSV files; the note says which are not. Raises DataError if there are none, or if they cannot be read.
    """
    readers = _readers(Path(source))
    if not readers and not _is_there(Path(source)):
        raise DataError(
            f"expected a folder of photos with boxes, or a file of annotations; {source} does not exist.\n"
            "Check how it is spelled."
        )
    if not readers:
        raise DataError(
            f"expected boxes of photos in {source}: Pascal VOC XML, COCO JSON, YOLO text files with data.yaml or "
            "classes.txt, or a CSV with lines `file,label,x1,y1,x2,y2`; there are none."
        )
    (kind, read), *others = readers.items()
    found = read()
    if not found.photos:
        raise DataError(
            f"expected photos that the annotations in {source} name ({kind}); none of them is there.\n"
            f"Give the folder that holds both. {'; '.join(found.skipped[:1])}"
        )
    if not others:
        return found
    unused = f"{source} has {kind}, which is read, and {' and '.join(name for name, _ in others)}, which is not."
    return Annotations(found.kind, found.photos, found.classes, found.skipped, found.left_out, (*found.notes, unused))


def _is_there(source: Path) -> bool:
    """Whether it is a folder or a regular file: a pipe would be read for ever."""
    return source.is_dir() or source.is_file()


def _readers(source: Path) -> dict[str, Reader]:
    """The form of annotations -> what reads them, for those that are there, the preferred one first."""
    if not _is_there(source):
        return {}
    folder = source if source.is_dir() else source.parent
    every = files_under(folder).paths
    if source.is_file() and not any(map(is_photo_name, every)):  # as in annotations/ beside the photos' folders
        folder = folder.resolve().parent
        every = files_under(folder).paths
    files = every if source.is_dir() else [str(source)]
    readers: dict[str, Reader] = {}
    jsons = coco_files(files)
    if jsons.with_boxes:
        readers[coco.KIND] = lambda: coco.read_coco(folder, jsons)
    if any(map(voc.is_voc_file, [path for path in files if path.lower().endswith(".xml")][:SAMPLE])):
        readers[voc.KIND] = lambda: voc.read_voc(folder, every)
    if not _is_other_file(source) and (names := yolo.yolo_names(every)):
        given = str(source) if source.is_file() else names
        readers[yolo.KIND] = lambda: yolo.read_yolo(folder, every, given)
    if tables := csv_file.csv_files(files):
        readers[csv_file.KIND] = lambda: csv_file.read_csv(folder, tables)
    return readers


def _is_other_file(source: Path) -> bool:
    """Whether it is a file that YOLO's format does not have."""
    return source.is_file() and source.suffix.lower() not in (".yaml", ".yml")
