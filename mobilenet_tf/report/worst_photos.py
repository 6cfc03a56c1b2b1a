"""The photos on which a detector misses most, or finds most that is not there, with both sets of boxes."""

from html import escape

from mobilenet_tf.results.detection_record import DetectionAnswers, DrawnBox, WorstPhoto

from .document import Section

__all__ = ["worst_photos"]

HEIGHT = 100  # of a photo in the units of its drawing; the width follows from the photo's


def worst_photos(classes: list[str], answers: DetectionAnswers) -> Section:
    """The part with its heading."""
    if not answers.worst:
        return Section("<h4>Worst photos</h4><p>None: every box is found, and nothing else.</p>")
    text = (
        "The photos with the most errors. Dashed: boxes that are there, orange if they are missed. Solid: boxes that "
        "are found, orange if nothing of the class is there. Many errors on one photo often mean that its boxes are "
        "not complete."
    )
    items = "".join(_photo(photo, classes) for photo in answers.worst)
    return Section(f'<h4>Worst photos</h4><p class="soft">{text}</p><ul class="photos boxes">{items}</ul>')


def _photo(photo: WorstPhoto, classes: list[str]) -> str:
    width = HEIGHT * photo.width / photo.height
    boxes = "".join(_box(box, width, classes) for box in photo.boxes)
    name = escape(photo.name)
    picture = (
        f'<svg viewBox="0 0 {width:.1f} {HEIGHT}" role="img" aria-label="{name}">'
        f'<image href="data:image/jpeg;base64,{escape(photo.thumbnail)}" width="{width:.1f}" height="{HEIGHT}" '
        f'preserveAspectRatio="none"/>{boxes}</svg>'
    )
    return (
        f"<li>{picture}<p><b>{photo.missed}</b> missed, <b>{photo.false}</b> not there</p>"
        f'<p class="soft file" title="{name}">{name}</p></li>'
    )


def _box(box: DrawnBox, width: float, classes: list[str]) -> str:
    top, left, bottom, right = (min(max(value, 0.0), 1.0) for value in box.box)
    score = "" if box.score is None else f" {box.score:.0%}"
    kind = f"{'there' if box.score is None else 'found'} {'right' if box.right else 'wrong'}"
    return (
        f'<rect class="{kind}" x="{left * width:.1f}" y="{top * HEIGHT:.1f}" width="{(right - left) * width:.1f}" '
        f'height="{(bottom - top) * HEIGHT:.1f}"><title>{escape(classes[box.label])}{score}</title></rect>'
    )
