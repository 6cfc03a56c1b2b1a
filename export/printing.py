"""What mobilenet-export prints when it is done: one table, what its columns mean, and where the files are; or JSON."""

from pathlib import Path
from typing import Any

from mobilenet_tf.data.training_text import best_epoch_text, photos_text, trained_text
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
    """Sentences on the photos that top-1 is measured on; None if there is no top-1."""
    accuracy = job.accuracy
    if not accuracy.count:
        return None
    unknown = "; these weights do not say which photos they were trained on"
    is_unknown = accuracy.trained is None and job.images.folder is not None
    sentences = [f"Top-1: on {photos_text(accuracy.count, accuracy.trained)}{unknown if is_unknown else ''}."]
    if accuracy.trained:
        sentences.append(trained_text(accuracy.trained, accuracy.count))
    if accuracy.epochs:
        sentences.append(best_epoch_text(accuracy.epochs, accuracy.validation, accuracy.count))
    return " ".join(sentence[:1].upper() + sentence[1:] for sentence in sentences)
