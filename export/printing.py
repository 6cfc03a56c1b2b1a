"""What mobilenet-export prints when it is done: one table, what its columns mean, and where the files are; or JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mobilenet_tf.data.training_text import best_epoch_text, photos_text, trained_text
from mobilenet_tf.results.chance import wilson_interval
from mobilenet_tf.terminal import printable, table, wrapped

from .accuracy_photos import AccuracyPhotos
from .calibration import ExportImages
from .job import Job
from .made_file import MadeFile, about_float_ops
from .make_file import VerifiedFile, about_slow_ops
from .pipeline import Export

__all__ = ["about_accuracy", "about_photos", "file_json", "file_row", "files_table", "text_of_table"]

MOST_TAGS = 8  # whose agreement is printed


def file_json(done: Export, file: VerifiedFile) -> dict[str, Any]:
    """What is known about a file of an export, as JSON."""
    check, accuracy, network = file.check, done.job.accuracy, done.job.network
    change, error = check.probability_change, check.cosine_error
    return {
        "name": Path(file.name).stem,
        "path": str(done.folder / file.name),
        "recipe": file.recipe.name,
        "correction": file.correction,
        "head": network.head,
        "mean": [*network.normalization.mean],
        "std": [*network.normalization.std],
        "size_bytes": len(file.content),
        "ops": check.ops,
        "float_ops": dict(file.float_ops),
        "slow_ops": list(file.slow_ops),
        "agreement": check.agreement,
        "probability_change": None if change is None else asdict(change),
        **({} if error is None else {"cosine_error": asdict(error)}),
        **(
            {}
            if check.tag_agreement is None
            else {"tag_agreement": dict(zip(network.labels, check.tag_agreement, strict=True))}
        ),
        "max_step_error": check.max_step_error,
        "accuracy": check.accuracy,
        "accuracy_photos": accuracy.count,
        "accuracy_trained": accuracy.trained,
        "latency_ms": file.latency_ms,
        "manifest": str(done.folder / done.manifest_file),
    }


def files_table(exports: list[Export]) -> str:
    """The table of all files, with what its columns mean."""
    alone = len(exports) == 1
    rows = [file_row(file, _figures(file, done.job), alone=alone) for done in exports for file in done.files]
    return text_of_table(["cosine", "prob.", "top-1"], rows, _legend(exports), [done.folder for done in exports])


def _figures(file: VerifiedFile, job: Job) -> list[str]:
    check, accuracy = file.check, job.accuracy
    trained = f" ({accuracy.trained} of {accuracy.count} trained on)" if accuracy.trained else ""
    return [
        "-" if check.cosine_error is None else f"{1 - check.cosine_error.mean:.4f}",
        "-" if check.probability_change is None else f"±{check.probability_change.p99:.1%}",
        "-" if check.accuracy is None else f"{check.accuracy:.1%}{trained}",
    ]


def file_row(file: MadeFile, figures: Sequence[str], *, alone: bool) -> list[str]:
    """The row of a file of any export. figures: those of its task. alone: whether it is of the only export."""
    return [
        file.recipe.name if alone else Path(file.name).stem,
        f"{len(file.content) / 1e6:.2f} MB",
        str(sum(file.check.ops.values())),
        f"{file.check.agreement:.1%}",
        *figures,
        f"{file.latency_ms:.2f} ms",
    ]


def text_of_table(
    figures: Sequence[str], rows: Sequence[Sequence[str]], legend: Sequence[str], folders: Sequence[Path]
) -> str:
    """The table of the files of any exports, the lines below it, and where the files are.

    figures: what those in the rows are called. folders: of the exports, one for each. Columns without a value are left
    out.
    """
    header = ["recipe" if len(folders) == 1 else "file", "size", "ops", "agreement", *figures, "latency"]
    filled = [column for column in range(len(header)) if any(row[column] != "-" for row in rows)]
    header, *shown = ([row[column] for column in filled] for row in [header, *rows])
    written = [f"Written: {folder}/" for folder in sorted({*map(str, folders)})]
    return "\n".join([table(header, shown), "", *map(wrapped, legend), *written])


def _legend(exports: list[Export]) -> list[str]:
    """The lines below the table. Exports of one command have the same photos."""
    jobs = [done.job for done in exports]
    images = jobs[0].images
    verified, crops = images.verification.distinct, len(images.verification.images)
    kind = "crops" if crops > verified else "photos"
    shown = photos_text(verified, None) + (f" ({crops} crops)" if crops > verified else "")
    return [
        *_about_scores(jobs[0], shown, kind),
        *dict.fromkeys(line for done in exports for file in done.files for line in _by_tag(file, done.job)),
        *dict.fromkeys(line for done in exports for line in about_float_ops(done.files)),
        *dict.fromkeys(line for done in exports for line in about_slow_ops(done.files)),
        *dict.fromkeys(line for job in jobs if (line := about_accuracy(job.accuracy, job.images, "Top-1"))),
        *_about_chance(exports),
        about_photos(images),
        "Latency: median of one inference on one thread of this host, ai-edge-litert.",
    ]


def about_photos(images: ExportImages) -> str:
    """The line on the photos of an export."""
    source = "the bundled photos" if images.folder is None else str(images.folder)
    calibrated, verified = images.calibration.distinct, images.verification.distinct
    return f"Photos: {calibrated} calibrated, {verified} verified, of {images.used.found} in {source}."


def _about_scores(job: Job, shown: str, kind: str) -> list[str]:
    """What is compared with float. shown: the images in words. kind: photos or crops."""
    if job.network.head == "embedding":
        return [
            f"Agreement: same nearest other photo as float, of {job.images.verification.distinct} photos that did not "
            "calibrate.",
            f"Cosine: that of the vectors with float's, the mean on {shown}; 1 is no difference.",
        ]
    if job.network.head == "sigmoid":
        return [
            f"Agreement: same decision on a tag, present or not, as float on {shown} that did not calibrate.",
            f"Prob.: the largest change of a tag's probability in 99 % of the decisions on these {kind}.",
        ]
    return [
        f"Agreement: same best class as float on {shown} that did not calibrate.",
        f"Prob.: the largest change of the best class's probability on 99 % of these {kind}.",
    ]


def _by_tag(file: VerifiedFile, job: Job) -> list[str]:
    """A line with the tags on which an integer file agrees with float least; none for others."""
    shares = file.check.tag_agreement
    if shares is None or not file.recipe.quantized:
        return []
    least = sorted(zip(shares, map(printable, job.network.labels), strict=True))[:MOST_TAGS]
    named = ", ".join(f"{name} {share:.1%}" for share, name in least)
    return [
        f"{file.recipe.name} agrees least on: {named}."
        if len(shares) > MOST_TAGS
        else f"{file.recipe.name} agrees by tag: {named}."
    ]


def _about_chance(exports: list[Export]) -> list[str]:
    """A line on how far top-1 may be from that on other photos of the same kind; none if there is no top-1."""
    measured = [
        (share, done.job.accuracy.count)
        for done in exports
        for file in done.files
        if (share := file.check.accuracy) is not None
    ]
    if not measured:
        return []
    reach = max(abs(end - share) for share, count in measured for end in wilson_interval(share, count))
    return [f"Chance: on other photos of this kind top-1 may be up to {100 * reach:.0f} points off (95 % interval)."]


def about_accuracy(accuracy: AccuracyPhotos, images: ExportImages, measured: str) -> str | None:
    """Sentences on the photos that a score is measured on; None if there are none. measured: what it is called."""
    if not accuracy.count:
        return None
    unknown = "; these weights do not say which photos they were trained on"
    is_unknown = accuracy.trained is None and images.folder is not None
    sentences = [f"{measured}: on {photos_text(accuracy.count, accuracy.trained)}{unknown if is_unknown else ''}."]
    if accuracy.trained:
        sentences.append(trained_text(accuracy.trained, accuracy.count))
    if accuracy.epochs:
        sentences.append(best_epoch_text(accuracy.epochs, accuracy.validation, accuracy.count))
    return " ".join(sentence[:1].upper() + sentence[1:] for sentence in sentences)
