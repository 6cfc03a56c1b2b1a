"""The record of a training run of any task, training.json in its folder."""

from pathlib import Path

from mobilenet_tf.errors import ResultError
from mobilenet_tf.json_records import parse_json, read_text

from .detection_record import DetectionRecord
from .embedding_record import EmbeddingRecord
from .tag_record import TagRecord
from .training_record import TrainingRecord

__all__ = ["RunRecord", "read_run_record"]

RunRecord = TrainingRecord | DetectionRecord | TagRecord | EmbeddingRecord


def read_run_record(path: Path) -> RunRecord:
    """Read the file: it says itself which task the run was of. Raises ResultError."""
    text = read_text(path, ResultError)
    try:
        content = parse_json(text)
    except ValueError:
        content = None  # TrainingRecord says what is wrong with it
    task = content.get("task") if isinstance(content, dict) else None
    if task == "detection":
        return DetectionRecord.from_json(text, str(path))
    if task == "embedding":
        return EmbeddingRecord.from_json(text, str(path))
    if task == "tags":
        return TagRecord.from_json(text, str(path))
    return TrainingRecord.from_json(text, str(path))
