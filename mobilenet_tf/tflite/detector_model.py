"""A .tflite object detector in an interpreter: preprocessed pixels -> input tensor -> detections."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import begins_with_background
from mobilenet_tf.contract.preprocessing import dequantize
from mobilenet_tf.errors import ModelError
from mobilenet_tf.networks.detectors import detector_named
from mobilenet_tf.tasks.post_processing import Detections, PostProcessing, detect, lost_class

from .detection_op import post_processing_of
from .detector_outputs import DetectorOutputs, detections_of, outputs_of
from .given_input import NOTHING_GIVEN, GivenInput
from .metadata_reader import read_name
from .model_file import read_model
from .photo_model import NOT_FINITE, PhotoModel, labels_of

__all__ = ["DetectorModel"]

UInt8 = NDArray[np.uint8]


class DetectorModel(PhotoModel):
    """One file in one interpreter session.

    path:    the file; with `content`, what messages call it.
    labels:  a file of class names, which replaces the labels that the model carries.
    given:   the normalization and the resolution of its input, if the file does not say them itself.
    chosen:  how detections are chosen if the file gives the raw heads.

    `labels` has a name for each class, by its id. `classes` is the number of classes without a background; None if the
    file does not say it. `notes` say what was assumed because the file does not say it.
    Raises ModelError if it is no detector, LabelsError for labels that cannot be read, InputError for a given input
    that the file cannot have.
    """

    def __init__(
        self,
        path: Path,
        content: bytes | None = None,
        *,
        backend: str = "auto",
        threads: int = 1,
        delegate: bool = True,
        labels: Path | None = None,
        given: GivenInput = NOTHING_GIVEN,
        chosen: PostProcessing = PostProcessing(),  # noqa: B008 (it cannot change)
    ) -> None:
        content = read_model(path) if content is None else content
        super().__init__(path, content, backend=backend, threads=threads, delegate=delegate, given=given)
        self._chosen = chosen
        self.outputs = outputs_of(path, content, self.session.outputs)
        self.choose_input(content, given)
        self._anchors: NDArray[np.float32] | None = None
        if isinstance(self.outputs, DetectorOutputs):
            self.classes = None if self.outputs.op is None else self.outputs.op.classes
            if self.outputs.op is None:
                self.notes.append(f"{path.name}: its outputs are told apart {self.outputs.how}.")
        else:
            self.classes = self.session.outputs[self.outputs.scores].shape[-1]
            self._anchors = _anchors(path, content, self.session.outputs[self.outputs.boxes].shape[1], self.res)
        named, note = labels_of(path, content, labels)
        self.labels, notes = _label_of_class(path.name, named, self.classes)
        self.notes += [*filter(None, [note]), *notes, *self._about_threads(threads)]

    def _about_threads(self, threads: int) -> list[str]:
        op = self.outputs.op if isinstance(self.outputs, DetectorOutputs) else None
        lost = None if op is None else lost_class(post_processing_of(op), op.classes or 0, threads)
        if lost is None:
            return []
        return [
            f"on {threads} threads TFLite's post-processing never finds class {lost}, {self.label(lost)}, of "
            f"{self.path.name}: it suppresses boxes of each class apart. Take one thread."
        ]

    def detections(self, values: list[NDArray[Any]]) -> Detections:
        """The outputs of one inference, as the file gives them -> all detections, best first.

        Raises ModelError if one is no finite number.
        """
        try:
            found = self._detections(values)
        except ValueError as error:
            raise self._not_finite() from error
        if not (np.isfinite(found.boxes).all() and np.isfinite(found.scores).all()):
            raise self._not_finite()
        return found

    def _not_finite(self) -> ModelError:
        return ModelError(f"expected finite boxes and scores of {self.path}; some are not.\n{NOT_FINITE}")

    def _detections(self, values: list[NDArray[Any]]) -> Detections:
        infos = self.session.outputs
        if isinstance(self.outputs, DetectorOutputs):
            return detections_of(values, self.outputs, infos)
        raw = [
            dequantize(values[place][0], infos[place].scale, infos[place].zero_point)
            for place in (self.outputs.boxes, self.outputs.scores)
        ]
        assert self._anchors is not None
        with np.errstate(invalid="ignore", over="ignore"):  # what is not finite then is told by who asks
            return detect(raw[0], raw[1], self._anchors, self._chosen)

    def detect(self, pixels: UInt8) -> Detections:
        """One inference: preprocessed pixels (res, res, 3) -> all detections, best first."""
        self.session.run(self.tensor(pixels))
        return self.detections(self.session.get_all())

    def label(self, number: int) -> str:
        """The name of a class; of one without a label its number."""
        return self.labels[number] if 0 <= number < len(self.labels) else f"class {number}"


def _anchors(path: Path, content: bytes, count: int, res: int) -> NDArray[np.float32]:
    """The anchors of a file with raw heads: those of the detector that its metadata or its name names."""
    for name in (read_name(content), path.stem):
        spec = detector_named(name)
        if spec is not None and len(spec.anchors()) == count and spec.res == res:
            return spec.anchors()
    raise ModelError(
        f"expected {path} to end in TFLite_Detection_PostProcess, or to be an export of ours with --raw-outputs; it "
        f"gives raw boxes of {count} anchors, and does not say which.\nExport it with post-processing."
    )


def _label_of_class(name: str, labels: list[str] | None, classes: int | None) -> tuple[list[str], list[str]]:
    """(The label of each class without a background, notes). Raises ModelError for another number of labels."""
    if labels is None:
        return [], [f"{name} carries no labels: classes are shown by their numbers. Give --labels FILE, one a line."]
    if begins_with_background(labels) and (classes is None or len(labels) == classes + 1):
        return labels[1:], [
            f"the first label, '{labels[0]}', stands for the background: class 0 of {name} is '{labels[1]}'."
        ] if len(labels) > 1 else []
    if classes is not None and len(labels) != classes:
        raise ModelError(
            f"expected {classes} labels, one for each class of {name}, or one more that begins with a line "
            f"`background`; got {len(labels)}.\nGive as many with --labels FILE, one a line."
        )
    return labels, []
