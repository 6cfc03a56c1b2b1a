"""A .tflite image classifier in an interpreter: preprocessed pixels -> input tensor -> scores."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import dequantize
from mobilenet_tf.errors import ModelError
from mobilenet_tf.tasks.classification import softmax, two_classes

from .ends import check_one_score, check_output, refuse_embedding, refuse_features
from .given_input import NOTHING_GIVEN, GivenInput
from .graph_reader import output_kind
from .metadata_reader import embedded_thresholds
from .model_file import read_model
from .notes import notes_on_scores
from .photo_model import NOT_FINITE, PhotoModel, labels_of
from .places_file import embedded_cells

__all__ = ["ImageModel"]

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


class ImageModel(PhotoModel):
    """One file in one interpreter session.

    path:        the file; with `content`, what messages call it.
    content:     the bytes, if they have been read or made already.
    delegate:    whether XNNPACK may take over ops.
    labels:      a file of class names, which replaces the labels that the model carries.
    min_classes: with 1, a file that gives one score has one class. With 2, one score is the probability of the second
                 of two classes if it comes from a sigmoid, or if there are two labels; else the file is refused.
                 With 2, features and embeddings without labels are refused too.
    given:       the normalization and the resolution of its input, if the file does not say them itself.

    `classes` is the number of classes, `has_tags` whether each has a score of its own, by a sigmoid, so that several
    may be true; `thresholds` are from which score on each is true, None if the file does not say it. `cells` are those
    of the classes if they are cells of the earth, else None. `description` is what the file says of itself, empty if
    nothing.
    `notes` say what was assumed because the file does not say it. `labels` is None if there are none, and
    `labels_problem` says why those that it carries are not used.
    Raises ModelError if it is no image classifier, LabelsError for a labels file that cannot be read, InputError for a
    given input that the file cannot have.
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
        min_classes: Literal[1, 2] = 2,
        given: GivenInput = NOTHING_GIVEN,
    ) -> None:
        content = read_model(path) if content is None else content
        super().__init__(path, content, backend=backend, threads=threads, delegate=delegate, given=given)
        outputs = check_output(path, self.session)
        self.output_kind = output_kind(content)
        self.labels, labels_note = labels_of(path, content, labels)
        self.labels_problem = labels_note if self.labels is None else None
        if min_classes > 1:
            refuse_embedding(path, content, self.labels)
        self.gives_one_score = outputs == 1 < min_classes
        if self.gives_one_score:
            check_one_score(path, self.output_kind, self.labels)
        self.classes = 2 if self.gives_one_score else outputs
        self.has_tags = self.output_kind == "sigmoid" and outputs > 1
        self.cells = embedded_cells(content, self.classes, path.name)
        self.thresholds = embedded_thresholds(content, outputs) if self.has_tags else None
        is_known = self.choose_input(content, given)
        if self.labels is None and self.labels_problem is None and outputs > 1 and min_classes > 1:
            refuse_features(path, content, self.output_kind, outputs)
        self.note_channels(is_normalization_known=is_known)
        self.notes += notes_on_scores(path.name, self.output_kind, outputs, self.labels)
        self.notes += filter(None, [labels_note])

    @classmethod
    def from_bytes(cls, content: bytes, **options: Any) -> "ImageModel":
        """A model that lies in no file; options as for the constructor."""
        return cls(Path("model.tflite"), content, **options)

    def output(self, pixels: UInt8) -> NDArray[Any]:
        """One inference: preprocessed pixels (res, res, 3) -> the output as the file gives it, (outputs,)."""
        return self.session.run(self.tensor(pixels)).reshape(-1)

    def scores(self, output: NDArray[Any]) -> Float32:
        """The output as the file gives it -> real values (outputs,)."""
        return dequantize(output.reshape(-1), self.session.output.scale, self.session.output.zero_point)

    def probabilities(self, output: NDArray[Any]) -> Float32:
        """The output as the file gives it -> what people read, (classes,): a softmax of logits; others as they are.

        One score p becomes (1 - p, p). A sigmoid for each class is a score of its own from 0 to 1; they need not add up
        to 1. Raises ModelError if one is no finite number.
        """
        found = self._probabilities(self.scores(output))
        wrong = np.flatnonzero(~np.isfinite(found))
        if len(wrong):
            raise ModelError(
                f"expected finite scores of {self.path}; the score of class {wrong[0]} is {found[wrong[0]]}.\n"
                + NOT_FINITE
            )
        return found

    def _probabilities(self, scores: Float32) -> Float32:
        with np.errstate(invalid="ignore", over="ignore"):  # what is not finite then is told by who asks
            if not self.gives_one_score:
                return softmax(scores) if self.output_kind == "logits" else scores
            # The sigmoid of a logit z is the second value of the softmax of (0, z).
            return softmax(np.append(np.float32(0), scores)) if self.output_kind == "logits" else two_classes(scores)

    def predict(self, images: UInt8) -> Float32:
        """Preprocessed images (n, res, res, 3), one inference each -> scores as real values (n, outputs)."""
        return np.stack([self.scores(self.output(image)) for image in images])
