"""What mobilenet-export prints when it is done: one table, what its columns mean, and where the files are; or JSON."""

from pathlib import Path
from typing import Any

from mobilenet_tf.terminal import table, wrapped

from .job import Job
from .make_file import VerifiedFile
from .pipeline import Export

__all__ = ["file_json", "files_table"]


def file_json(done: Export, file: VerifiedFile) -> dict[str, Any]:
    """What is known about a file of an export, as JSON."""
    check, accuracy = file.check, done.job.accuracy
    change = check.probability_change
    return {
        "name": Path(file.name).stem,
        "path": str(done.folder / file.name),
        "recipe": file.recipe.name,
        "size_bytes": len(file.content),
        "ops": check.ops,
        "agreement": check.agreement,
        "probability_change": {"mean": change.mean, "p99": change.p99, "max": change.max},
        "max_step_error": check.max_step_error,
        "accuracy": check.accuracy,
        "accuracy_photos": accuracy.count,
        "accuracy_trained": accuracy.trained,
        "latency_ms": file.latency_ms,
        "manifest": str(done.folder / done.manifest_file),
    }


def files_table(exports: list[Export]) -> str:
    """The table of all files, with what its columns mean."""
    header = ["file", "size", "ops", "agreement", "probability", "top-1", "latency"]
    rows = [_row(file, done.job) for done in exports for file in done.files]
    jobs = [done.job for done in exports]
    written = [f"Written: {folder}/" for folder in sorted({str(done.folder) for done in exports})]
    return "\n".join([table(header, rows), "", *map(wrapped, _legend(jobs)), *written])


def _row(file: VerifiedFile, job: Job) -> list[str]:
    check, accuracy = file.check, job.accuracy
    trained = f" ({accuracy.trained} of {accuracy.count} trained on)" if accuracy.trained else ""
    return [
        file.name,
        f"{len(file.content) / 1e6:.2f} MB",
        str(sum(check.ops.values())),
        f"{check.agreement:.1%}",
        f"±{check.probability_change.p99:.1%}",
        "-" if check.accuracy is None else f"{check.accuracy:.1%}{trained}",
        f"{file.latency_ms:.2f} ms",
    ]


def _legend(jobs: list[Job]) -> list[str]:
    """The lines below the table. Jobs of one command have the same photos."""
    job = jobs[0]
    images = job.images
    source = "the bundled photos" if images.folder is None else str(images.folder)
    return [
        f"Agreement: same best class as float on {len(images.verification.images)} images that did not calibrate.",
        "Probability: how far that of the best class is from float's, on 99 of 100 of these images at most.",
        *dict.fromkeys(line for job in jobs if (line := _about_accuracy(job))),
        f"Photos: {images.calibration.distinct} calibrated, {images.verification.distinct} verified, of "
        f"{images.used.found} in {source}.",
        "Latency: median of one inference on one thread of this host, ai-edge-litert.",
    ]


def _about_accuracy(job: Job) -> str | None:
    """A sentence on the photos that top-1 is measured on; None if there is no top-1."""
    accuracy = job.accuracy
    if not accuracy.count:
        return None
    if accuracy.trained is None:
        unknown = "" if job.images.folder is None else "; these weights do not say which photos they were trained on"
        return f"Top-1: on {_photos(accuracy.count)}{unknown}."
    chosen = ""
    if accuracy.epochs:
        chosen = (
            f" These weights were chosen as the best of {accuracy.epochs} epochs on "
            f"{'these' if accuracy.validation == accuracy.count else 'some of these'} photos: expect less on new ones."
        )
    if accuracy.trained:
        return (
            f"Top-1: on {_photos(accuracy.count)}, {accuracy.trained} of which the network was trained on, so it is "
            f"higher than on new photos.{chosen}"
        )
    kind = "validation " if accuracy.validation == accuracy.count else ""
    return f"Top-1: on {_photos(accuracy.count, kind)}, none of which was trained on.{chosen}"


def _photos(count: int, kind: str = "") -> str:
    return f"{count} {kind}photo{'' if count == 1 else 's'}"
