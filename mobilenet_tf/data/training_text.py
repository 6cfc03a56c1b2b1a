"""What people are told about the photos of an accuracy and the training that knew them, by every command alike."""

from pathlib import Path

__all__ = ["best_epoch_notes", "best_epoch_text", "photos_text", "trained_text"]


def photos_text(
    count: int, trained: int | None, *, seen: int | None = None, folder: str | Path = "", left_out: int = 0
) -> str:
    """The photos of an accuracy, to stand after `on`.

    trained:      how many of them were trained on; None if nothing says it.
    seen, folder: how many photos there are in which folder, if it is to be said.
    left_out:     how many others are not counted because they were trained on.
    """
    photos = (
        f"{count} photo{'' if count == 1 else 's'}" if seen is None else f"{count} of the {seen} photos in {folder}"
    )
    if trained is None:
        return photos
    if trained:
        return f"{photos}, {_all_or(trained, count)} of which the model was trained on"
    others = f" ({left_out} {'was' if left_out == 1 else 'were'} left out for that)" if left_out else ""
    return f"{photos}, none of which the model was trained on{others}"


def trained_text(trained: int, count: int) -> str:
    """The doubt about an accuracy on so many photos, some of which were trained on."""
    return (
        f"the model was trained on {_all_or(trained, count)} of these photos: on new ones it is less accurate. Measure "
        "it on others."
    )


def best_epoch_text(epochs: int, validation: int, count: int) -> str:
    """What to know of an accuracy by which the best of several epochs was chosen, if so many of its photos chose."""
    some = "these" if validation == count else f"{validation} of these"
    return f"the weights were chosen as the best of {epochs} epochs on {some} photos: expect a little less on new ones."


def best_epoch_notes(epochs: int, validation: int, count: int) -> tuple[str, ...]:
    """`best_epoch_text`, if there is anything to know."""
    return (best_epoch_text(epochs, validation, count),) if epochs > 1 and validation else ()


def _all_or(part: int, count: int) -> str:
    return "all" if part == count else str(part)
