"""On which photos an accuracy was measured, and why it may not be what it seems: sentences for people."""

from collections import Counter

from mobilenet_tf.data.photos import check_left_out
from mobilenet_tf.data.training_text import best_epoch_text, photos_text, trained_text
from mobilenet_tf.errors import CheckError
from mobilenet_tf.results.records import Accuracy
from mobilenet_tf.results.score import score_of_accuracy
from mobilenet_tf.terminal import printable, shortened_list

from .class_order import Reading, better_reading
from .labelled_photos import CLASS_UNKNOWN, LabelledPhotos

__all__ = ["accuracy_photos_text", "doubts_of", "left_out_error", "notes_on", "remarks_of"]

MOST_NAMED = 3
MIN_PHOTOS = 20  # of fewer, chance alone makes some models look like no better than chance
FAR_ABOVE = (
    1 / 3
)  # of the way from chance to 100 %: only if the interval of top-1 ends below, chance is to be suspected
SAME_ANSWER = 0.9  # a model that gives one answer to more of the photos does not look at them
ORDERS = {
    "reversed": "in reverse order",
    "alphabetical": "in alphabetical order",
    "numerical": "in the order of the numbers in their names",
    "imagenet": "in ImageNet's usual order",
}


def doubts_of(accuracy: Accuracy, photos: LabelledPhotos) -> list[str]:
    """The doubts about an accuracy that was measured on `photos`, the weightiest first."""
    names = photos.class_names
    reading = better_reading(accuracy.confusion, names.names, names.background)
    return [
        *([_reading_doubt(reading, accuracy, photos)] if reading else _chance_doubts(accuracy, len(names.names))),
        *photos.doubts,
        *_training_doubts(photos),
    ]


def accuracy_photos_text(accuracy: Accuracy) -> str:
    """The photos of an accuracy, to stand after `on`."""
    return photos_text(
        accuracy.images,
        accuracy.trained_measured,
        seen=accuracy.seen,
        folder=accuracy.folder,
        left_out=accuracy.trained_left_out,
    )


def remarks_of(photos: LabelledPhotos) -> list[str]:
    """What is true of an accuracy that was measured on `photos` and makes it no less trustworthy than others."""
    training, remarks = photos.training, [*photos.remarks]
    if training and training.chosen_by:
        text = best_epoch_text(training.epochs, training.chosen_by, len(photos.paths)).rstrip(".")
        remarks.append(f"{text[0].upper()}{text[1:]}.")
    return remarks


def notes_on(accuracy: Accuracy) -> list[str]:
    """How many of the photos were measured, and why not the others, if there are any."""
    if accuracy.images == accuracy.seen:
        return []
    left_out = accuracy.candidates - accuracy.images
    why = f"; {left_out} {_was_or_were(left_out)} left out ({'; '.join(_reasons(accuracy))})" if left_out else ""
    return [f"accuracy is measured on {accuracy_photos_text(accuracy)}{why}."]


def left_out_error(accuracy: Accuracy) -> CheckError | None:
    """The error if more than a tenth of all photos was left out, else None; those that were trained on are not."""
    usable = accuracy.images + accuracy.trained_left_out
    try:
        check_left_out(usable, accuracy.seen, accuracy.folder, _reasons(accuracy), allow_skipped=False)
    except CheckError as error:
        return error
    return None


def _was_or_were(count: int) -> str:
    return "was" if count == 1 else "were"


def _reasons(accuracy: Accuracy) -> list[str]:
    """Why photos were left out: the folders that match no class, and the first of the other reasons."""
    folders = [f"'{printable(folder)}'" for folder in accuracy.unmatched_folders]
    name, is_ = ("folder", "is") if len(folders) == 1 else ("folders", "are")
    unmatched = [f"{name} {shortened_list(folders, MOST_NAMED)} {is_} no class of the model"] if folders else []
    others = [reason for reason in accuracy.left_out if not reason.endswith(CLASS_UNKNOWN)]
    more = f", and {len(others) - 1} more" if len(others) > 1 else ""
    return [*unmatched, *(f"{first}{more}" for first in others[:1])]


def _reading_doubt(reading: Reading, accuracy: Accuracy, photos: LabelledPhotos) -> str:
    """What the accuracy would be, and the option that makes it so."""
    what = "class numbers of the ground truth" if photos.by_number else "class names"
    found = f"top-1 is {accuracy.top1:.1%}, but would be {reading.top1:.1%} if the {what} were"
    if reading.order == "shifted":
        amount = "one higher" if reading.shift == 1 else "one lower"
        where = amount if photos.by_number else f"those of the outputs {amount}"
        return f"{found} {where}: {_shift_remedy(reading.shift, photos)}."
    remedy = (
        "give --ground-truth FILE with the numbers of the model's outputs"
        if photos.by_number
        else "give --labels FILE with the class names in the order of the model's outputs"
    )
    return f"{found} {ORDERS[reading.order]}: {remedy}."


def _chance_doubts(accuracy: Accuracy, classes: int) -> list[str]:
    """The doubt if no more photos are right than a guess would get, and a good model cannot be behind it."""
    chance = 1 / classes
    low, high = score_of_accuracy(accuracy).interval
    if accuracy.images < MIN_PHOTOS or low > chance or high > chance + FAR_ABOVE * (1 - chance):
        return []
    answers, true = Counter[int](), set[int]()
    for is_class, taken_for, count in accuracy.confusion:
        answers[taken_for] += count
        true.add(is_class)
    cause = "the labels or the photos' classes are probably in another order or of another model"
    if len(true) > 1 and max(answers.values()) > SAME_ANSWER * accuracy.images:
        cause = (
            "it gives nearly all photos the same class. It is not trained, or expects other pixel values (--mean and "
            "--std give these)"
        )
    return [f"top-1 is {accuracy.top1:.1%}, no better than chance among {classes} classes: {cause}."]


def _shift_remedy(shift: int, photos: LabelledPhotos) -> str:
    names = photos.class_names
    if not photos.by_number:
        line = "later: output 0 may be the background" if shift == 1 else "earlier"
        return f"give --labels FILE with each name one line {line}"
    if names.only_numbers and not photos.class_offset and names.background + shift in (0, 1):
        return f"give --background-offset {names.background + shift}"
    begin = " (its numbers may begin at 1)" if shift == -1 else ""
    return f"give --class-offset {photos.class_offset + shift}{begin}"


def _training_doubts(photos: LabelledPhotos) -> list[str]:
    if photos.training is None or not photos.training.measured:
        return []
    return [trained_text(photos.training.measured, len(photos.paths))]
