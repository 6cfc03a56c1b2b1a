"""What a model answers on photos of known class, as parts of the page, from its classes to the wrong photos."""

from collections.abc import Mapping
from html import escape

from mobilenet_tf.results.answers import (
    Answers,
    ClassFigures,
    WrongPhoto,
    balanced_accuracy,
    class_figures,
    most_confused,
)

from .answers_charts import calibration_chart, confusion_chart
from .document import Section, chart_figure, joined
from .html_table import Cell, Heading, sortable_table

__all__ = ["answers_sections", "share_text"]

TABLE_CLASSES = 30  # of the matrix as a table; of more it is a chart
LISTED_CLASSES = 200  # of which those without photos and answers are listed too
MOST_CONFUSIONS = 20


def answers_sections(answers: Answers, train_photos: Mapping[int, int] | None = None) -> Section:
    """All parts, each with a heading. train_photos: index of a class -> how many photos it was trained on, if known."""
    return joined(
        [
            _classes(answers, train_photos),
            _matrix(answers),
            _confusions(answers),
            _wrong_photos(answers),
            chart_figure(calibration_chart(answers), narrow=True),
        ]
    )


def share_text(share: float | None) -> str:
    """`66.7%`; a dash if it is not known."""
    return "-" if share is None else f"{share:.1%}"


def _classes(answers: Answers, train_photos: Mapping[int, int] | None) -> Section:
    figures = class_figures(answers)
    listed = [f for f in figures if len(figures) <= LISTED_CLASSES or f.photos or f.given]
    taken_for = {
        true: (given, count) for true, given, count in reversed(most_confused(answers, len(answers.confusion)))
    }
    headings = [Heading("class", "", "name")]
    headings += [Heading("trained", "photos that it was trained on")] if train_photos is not None else []
    headings += [
        Heading("photos", "of the class, that were answered"),
        Heading("right", "how many of them were given the class"),
        Heading("recall", "of the photos of the class, the share that was given it"),
        Heading("precision", "of the photos that were given the class, the share that is of it"),
        Heading("most often taken for", "the most frequent wrong answer on its photos", "text"),
    ]
    rows = [_class_row(f, answers, taken_for.get(f.index), train_photos) for f in listed]
    balanced = share_text(balanced_accuracy(answers.confusion))
    without = sum(not figure.photos for figure in figures)
    text = f"Balanced accuracy, the mean recall of the classes, is {balanced}."
    if without:
        text += f" {without} of the {len(figures)} classes {'has' if without == 1 else 'have'} no photo here"
        text += "." if len(listed) == len(figures) else f"; {len(figures) - len(listed)} of them are not listed."
    table = sortable_table("Table of the classes", headings, rows)
    return Section(f'<h4>Classes</h4><p class="soft">{text} Click a heading to sort by that column.</p>{table}')


def _class_row(
    figure: ClassFigures, answers: Answers, taken_for: tuple[int, int] | None, train_photos: Mapping[int, int] | None
) -> list[Cell]:
    cells = [Cell(figure.name, figure.name)]
    if train_photos is not None:
        count = train_photos.get(figure.index, 0)
        cells.append(Cell(str(count), count))
    confused = (
        Cell("") if taken_for is None else Cell(f"{answers.classes[taken_for[0]]} ({taken_for[1]})", taken_for[1])
    )
    return [
        *cells,
        Cell(str(figure.photos), figure.photos),
        Cell(str(figure.right), figure.right),
        Cell(share_text(figure.recall), figure.recall, bar=figure.recall),
        Cell(share_text(figure.precision), figure.precision, bar=figure.precision),
        confused,
    ]


def _matrix(answers: Answers) -> Section:
    """As a table if it is small enough, else as a chart."""
    if len(answers.classes) > TABLE_CLASSES:
        return chart_figure(confusion_chart(answers), narrow=True)
    counts = {(true, given): count for true, given, count in answers.confusion}
    figures = class_figures(answers)
    heads = "".join(f'<th scope="col" title="{escape(f.name)}"><span>{escape(f.name)}</span></th>' for f in figures)
    rows = []
    for true in figures:
        cells = "".join(_matrix_cell(counts.get((true.index, f.index), 0), true, f) for f in figures)
        rows.append(
            f'<tr><th scope="row" class="name" title="{escape(true.name)}">{escape(true.name)}</th>{cells}</tr>'
        )
    return Section(
        '<h4>Confusion matrix</h4><p class="soft">Each row is a class, each column what its photos were taken for: '
        "blue is right, orange is wrong, and the stronger the colour, the larger the share of the class's photos.</p>"
        '<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0"><table class="matrix">'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _matrix_cell(count: int, true: ClassFigures, given: ClassFigures) -> str:
    if not true.photos:
        return '<td class="none"></td>'
    if not count:
        return "<td></td>"
    kind = "right" if true.index == given.index else "wrong"
    title = escape(f"{count} of {true.photos} photos of {true.name} were taken for {given.name}")
    return (
        f'<td class="{kind}" style="--share:{round(100 * (count / true.photos) ** 0.5)}%" title="{title}">{count}</td>'
    )


def _confusions(answers: Answers) -> Section:
    pairs = most_confused(answers, MOST_CONFUSIONS)
    if not pairs or len(answers.classes) < 3:  # of two classes the matrix says it all
        return Section("")
    items = "".join(
        f"<li>{count} of <b>{escape(answers.classes[true])}</b> taken for <b>{escape(answers.classes[given])}</b></li>"
        for true, given, count in pairs
    )
    return Section(f'<h4>Most frequent confusions</h4><ol class="confusions">{items}</ol>')


def _wrong_photos(answers: Answers) -> Section:
    if not answers.wrong_photos:
        return Section("<h4>Wrong photos</h4><p>None: every photo was given its class.</p>")
    if not answers.wrong:
        return Section(
            f"<h4>Wrong photos</h4><p>{answers.wrong_photos} of {answers.photos} were given a wrong class. Which ones "
            "is not known: an earlier version measured this.</p>"
        )
    shown = len(answers.wrong)
    which = "all" if shown == answers.wrong_photos else f"the {shown} of highest confidence"
    missing = sum(not photo.thumbnail for photo in answers.wrong)
    text = (
        f"{answers.wrong_photos} of {answers.photos} photos were given a wrong class; here are {which}, the most "
        "certain first. A wrong answer of high confidence is often a photo in the wrong class, or one that shows two. "
        "Each picture is what the model saw of the photo."
    )
    text += f" {missing} could not be read again for a picture." if missing else ""
    items = "".join(_wrong_photo(photo, answers) for photo in answers.wrong)
    return Section(f'<h4>Wrong photos</h4><p class="soft">{text}</p><ul class="photos">{items}</ul>')


def _wrong_photo(photo: WrongPhoto, answers: Answers) -> str:
    true, given = escape(answers.classes[photo.true]), escape(answers.classes[photo.predicted])
    picture = '<div class="no-picture">no picture</div>'
    if photo.thumbnail:
        picture = f'<img src="data:image/jpeg;base64,{escape(photo.thumbnail)}" alt="">'
    return (
        f"<li>{picture}<p>taken for <b>{given}</b>, {photo.confidence:.0%}</p><p>is <b>{true}</b></p>"
        f'<p class="soft file" title="{escape(photo.name)}">{escape(photo.name)}</p></li>'
    )
