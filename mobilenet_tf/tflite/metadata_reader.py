"""Read the normalization and the labels in a .tflite's standard TFLite Metadata, without the schema's library."""

import io
import math
import zipfile
import zlib

from mobilenet_tf.contract.labels import LABELS_FILE, decode_text, parse_labels
from mobilenet_tf.errors import LabelsError, ModelError

from .flat_table import UNREADABLE, Table
from .given_input import Normalization

__all__ = [
    "INPUT_RULE",
    "STRETCHED_INPUT_RULE",
    "THRESHOLDS_FILE",
    "archived_text",
    "embedded_labels",
    "embedded_thresholds",
    "is_own_export",
    "read_description",
    "read_name",
    "read_normalization",
    "says_embedding",
]

# What the metadata of this project's exports says of their input; the normalization follows.
INPUT_RULE = "RGB, centre crop of 7/8 of the short side, resized; "
STRETCHED_INPUT_RULE = "RGB, the whole photo, stretched; "  # of detectors

THRESHOLDS_FILE = "thresholds.txt"  # in the archive of a file with tags, beside the labels

# The numbers of fields in the tables of TFLite's schema.fbs and of metadata_schema.fbs.
MODEL_BUFFERS, MODEL_METADATA, ENTRY_NAME, ENTRY_BUFFER, BUFFER_DATA = 4, 6, 0, 1, 0
NAME, DESCRIPTION, TENSOR_DESCRIPTION = 0, 1, 1
SUBGRAPHS, INPUTS, PROCESS_UNITS, OPTIONS_TYPE, OPTIONS, MEAN, STD = 3, 2, 4, 0, 1, 0, 1
OUTPUTS, ASSOCIATED_FILES, FILE_NAME, FILE_TYPE, FILE_LOCALE = 3, 6, 0, 2, 3
NORMALIZATION_OPTIONS, TENSOR_AXIS_LABELS = 1, 2
MOST_LABELS_BYTES = 10**7  # of an archive that says more, only a small part may be stored: it is not unpacked
# Python bounds what others unpack by the packed size alone, of which some make a thousand times as much.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNREADABLE_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, KeyError, UnicodeDecodeError, EOFError, OSError),
    *(NotImplementedError, RuntimeError),  # compressed or encrypted in a way that Python does not know
)


def embedded_labels(model: bytes, name: str = "the model") -> list[str] | None:
    """The labels in the zip archive at the end of a .tflite; None if there are none that can be read.

    They are in the file that its metadata names as the labels of the first output, else in labels.txt, else in the only
    text file. name: what errors call the model. Raises LabelsError for a text that is no list of labels.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            file = archive.getinfo(_labels_file(model, archive.namelist()))
            text = decode_text(_unpacked(archive, file, name))
    except UNREADABLE_ARCHIVE:
        return None
    return parse_labels(text, f"{file.filename} in {name}")


def archived_text(model: bytes, file: str, name: str) -> str | None:
    """The text of a file in the zip archive at the end of a .tflite; None if it is not there.

    name: what errors call the model. Raises ModelError if it is there and cannot be read, LabelsError if it is larger
    than what belongs there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            found = archive.getinfo(file) if file in archive.namelist() else None
    except UNREADABLE_ARCHIVE:
        return None
    if found is None:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            return decode_text(_unpacked(archive, found, name))
    except UNREADABLE_ARCHIVE as error:
        raise ModelError(f"{file} in {name} is damaged.\nExport the model again.") from error


def embedded_thresholds(model: bytes, tags: int) -> tuple[float, ...] | None:
    """The score from which on each of so many tags is true; None if the file does not say it of each."""
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            text = decode_text(_unpacked(archive, archive.getinfo(THRESHOLDS_FILE), THRESHOLDS_FILE))
        values = tuple(map(float, text.split()))
    except (*UNREADABLE_ARCHIVE, ValueError, LabelsError):
        return None
    return values if len(values) == tags and all(0 <= value <= 1 for value in values) else None


def _unpacked(archive: zipfile.ZipFile, file: zipfile.ZipInfo, name: str) -> bytes:
    """The content of a file in an archive, of which no more is unpacked than labels may have, whatever it says."""
    size = file.file_size
    if size <= MOST_LABELS_BYTES and file.compress_type not in METHODS:
        raise LabelsError(f"{file.filename} in {name} is packed in a way that labels are not: only deflate is read.")
    if size <= MOST_LABELS_BYTES:
        with archive.open(file) as entry:
            content = entry.read(MOST_LABELS_BYTES + 1)
        size = len(content)
    if size > MOST_LABELS_BYTES:
        raise LabelsError(f"{file.filename} in {name} has {size} bytes or more: these are no labels.")
    return content


def is_own_export(model: bytes) -> bool:
    """Whether its metadata is of this project, so that its labels are as they are."""
    try:
        description = _metadata(model).tables(SUBGRAPHS)[0].tables(INPUTS)[0].string(TENSOR_DESCRIPTION)
        return description.startswith((INPUT_RULE.encode(), STRETCHED_INPUT_RULE.encode()))
    except UNREADABLE:
        return False


def _labels_file(model: bytes, names: list[str]) -> str:
    """The name of the file of labels among those in the archive. Raises KeyError if there is none."""
    named = [name for name in _named_labels(model) if name in names]
    texts = [name for name in names if name.lower().endswith(".txt")]
    for name in (*named, LABELS_FILE, *(texts if len(texts) == 1 else [])):
        if name in names:
            return name
    raise KeyError(LABELS_FILE)


def _named_labels(model: bytes) -> list[str]:
    """The files of labels that the metadata of the first output names: those in no certain language, then English,
    then others.
    """
    try:
        files = _metadata(model).tables(SUBGRAPHS)[0].tables(OUTPUTS)[0].tables(ASSOCIATED_FILES)
        found = [
            (file.string(FILE_LOCALE).decode(), file.string(FILE_NAME).decode())
            for file in files
            if file.byte(FILE_TYPE) == TENSOR_AXIS_LABELS
        ]
    except (*UNREADABLE, UnicodeDecodeError):
        return []
    return [name for _, name in sorted(found, key=lambda each: (each[0] != "", each[0][:2] != "en"))]


def read_normalization(model: bytes) -> Normalization | None:
    """What the metadata says about the first input; None if it says nothing or cannot be read."""
    try:
        units = _metadata(model).tables(SUBGRAPHS)[0].tables(INPUTS)[0].tables(PROCESS_UNITS)
        for unit in units:
            if unit.byte(OPTIONS_TYPE) == NORMALIZATION_OPTIONS:
                options = unit.table(OPTIONS)
                normalization = Normalization(options.floats(MEAN), options.floats(STD))
                return normalization if _is_usable(normalization) else None
    # Whether a damaged file can be used is for the interpreter to say.
    except UNREADABLE:
        pass
    return None


def read_description(model: bytes) -> str:
    """The sentence in which the metadata says what the model is; empty if it says nothing or cannot be read."""
    try:
        return _metadata(model).string(DESCRIPTION).decode()
    except (*UNREADABLE, UnicodeDecodeError):
        return ""


def says_embedding(model: bytes) -> bool:
    """Whether the metadata says that the first output is an embedding."""
    try:
        return _metadata(model).tables(SUBGRAPHS)[0].tables(OUTPUTS)[0].string(NAME) == b"embedding"
    except UNREADABLE:
        return False


def read_name(model: bytes) -> str:
    """The name that the metadata gives to the model; empty if it gives none or cannot be read."""
    try:
        return _metadata(model).string(NAME).decode()
    except (*UNREADABLE, UnicodeDecodeError):
        return ""


def _is_usable(normalization: Normalization) -> bool:
    values = (*normalization.mean, *normalization.std)
    lengths = {len(normalization.mean), len(normalization.std)}
    return lengths <= {1, 3} and all(map(math.isfinite, values)) and all(normalization.std)


def _metadata(model: bytes) -> Table:
    root = Table.root(model)
    for entry in root.tables(MODEL_METADATA):
        if entry.string(ENTRY_NAME) == b"TFLITE_METADATA":
            return Table.root(root.tables(MODEL_BUFFERS)[entry.uint(ENTRY_BUFFER)].string(BUFFER_DATA))
    raise IndexError("no metadata")
