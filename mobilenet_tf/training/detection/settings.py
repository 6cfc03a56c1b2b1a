"""The settings of training that only detection has, each with the paper that it comes from. TensorFlow-free."""

from dataclasses import dataclass

from mobilenet_tf.errors import InputError

__all__ = ["FOCAL", "HARD_NEGATIVES", "DetectionSettings"]

FOCAL, HARD_NEGATIVES = "focal", "hard-negatives"


@dataclass(frozen=True)
class DetectionSettings:
    """class_loss: `focal` (Lin et al. 2017, eq. 5) or `hard-negatives` (Liu et al. 2016, section 2.2).
    focus, balance: gamma and alpha of the focal loss.
    negatives:      for each anchor with an object so many without one count, those with the highest loss.
    least_overlap:  of an anchor and a box from which on the anchor is to find it (Liu et al. 2016, section 2.2).
    box_weight:     of the loss of the places of boxes, beside that of their classes (Liu et al. 2016, eq. 1).
    expand:         how many times as high and wide as its photo a view may be (Liu et al. 2016, section 3.6).
    validate_every: epochs from one validation to the next; 0: about VALIDATIONS of them in a run.
    Raises InputError for a value that no run can have.
    """

    class_loss: str = FOCAL
    focus: float = 2.0
    balance: float = 0.25
    negatives: float = 3.0
    least_overlap: float = 0.5
    box_weight: float = 1.0
    expand: float = 2.0
    validate_every: int = 0

    def __post_init__(self) -> None:
        if self.class_loss not in (FOCAL, HARD_NEGATIVES):
            raise InputError(f"expected a class loss of {FOCAL} or {HARD_NEGATIVES}; got {self.class_loss}.")
        if self.expand < 1:
            raise InputError(f"expected --expand of 1 or more; got {self.expand:g}.")

    def validates(self, epoch: int, epochs: int) -> bool:
        """Whether an epoch, from 0, of a run of so many is validated: the first and the last one always are."""
        every = self.validate_every or max(1, round(epochs / VALIDATIONS))
        return epoch == 0 or epoch == epochs - 1 or (epoch + 1) % every == 0


VALIDATIONS = 25  # in a run, about: one takes as long as some epochs of a few photos
