"""The main path: weights -> Keras model -> one verified .tflite per recipe -> a folder with all that belongs to it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.contract.manifest import FileRecord, Manifest
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.files import replace_folder
from mobilenet_tf.tflite.metadata_writer import add_metadata
from mobilenet_tf.weights.load import model_with

from .convert import convertible_forms
from .golden import write_golden
from .job import Job
from .manifest_builder import labels_text, manifest_of
from .quantize import Outcome, quantize
from .verify import Check, check, keras_outputs, median_latency_ms

__all__ = ["Exported", "export_model"]

MANIFEST_FILE = "manifest.json"
REPORT = "quantization"


@dataclass(frozen=True)
class Exported:
    """One file of a finished export. latency_ms is the median of one inference on this host.

    notes: what the corrections have to tell.
    """

    path: Path
    manifest: Path
    record: FileRecord
    latency_ms: float
    notes: tuple[str, ...]


def export_model(job: Job, step: Callable[[str], None] = lambda _: None) -> list[Exported]:
    """Convert, verify and write one export; `step` is told of each stage as it begins.

    Raises CheckError when a file fails verification, OutputError when the folder cannot be written; either way
    whatever stood there before is untouched.
    """
    from mobilenet_tf.quantization.graph import fold

    options, spec, held_out = job.options, job.weights.spec, job.split.held_out
    step(f"{spec.name}: Keras")
    model = model_with(job.weights)
    forms = convertible_forms(fold(model))
    reference = keras_outputs(model, held_out.images)
    truth = true_classes(held_out.photos, job.labels, imagenet=job.weights.imagenet, background=job.weights.background)
    outcomes: dict[str, Outcome] = {}
    checks: dict[str, Check] = {}
    for recipe in options.recipes:
        step(f"{spec.name}: {recipe.name}")
        outcome = quantize(
            *forms[recipe.integer],
            recipe,
            job.split.calibration,
            correction=options.correction,
            per_tensor=options.per_tensor,
            io=options.io,
            seed=options.seed,
            checkpoint=options.output_dir / f".{spec.name}.finetune.npz",
            keep_stages=options.quant_report,
            progress=lambda text: step(f"{spec.name}: fine-tune {text}"),
        )
        description = str(recipe).replace("int8 per channel", "int8 per tensor") if options.per_tensor else str(recipe)
        described = add_metadata(
            outcome.model, name=spec.artefact(recipe.name), description=description, labels=job.labels
        )
        outcomes[recipe.name] = replace(outcome, model=described)
        step(f"{spec.name}: verify {recipe.name}")
        checks[recipe.name], outputs = check(
            described,
            recipe=recipe,
            images=held_out.images,
            reference=reference,
            truth=truth,
            labels=job.labels,
            min_agreement=0 if job.weights.source == "random" else options.min_agreement,
        )
        if recipe.name == "float32":
            reference = outputs
    step(f"{spec.name}: write")
    manifest = manifest_of(job, outcomes, checks)
    _write(job, outcomes, manifest)
    return [
        Exported(
            path=job.target / record.path,
            manifest=job.target / MANIFEST_FILE,
            record=record,
            latency_ms=median_latency_ms(outcomes[record.recipe].model, held_out.images[0]),
            notes=outcomes[record.recipe].notes,
        )
        for record in manifest.files
    ]


def _write(job: Job, outcomes: dict[str, Outcome], manifest: Manifest) -> None:
    models = {recipe: outcome.model for recipe, outcome in outcomes.items()}
    with replace_folder(job.target, overwrite=job.options.overwrite) as folder:
        for record in manifest.files:
            (folder / record.path).write_bytes(models[record.recipe])
        (folder / LABELS_FILE).write_text(labels_text(job), encoding="utf-8")
        write_golden(folder / manifest.golden, models, job.weights.spec.res)
        if job.options.quant_report:
            _write_report(job, outcomes, folder)
        (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")


def _write_report(job: Job, outcomes: dict[str, Outcome], folder: Path) -> None:
    from export.layer_report.measure import report_recipe
    from export.layer_report.page import quant_page

    images, name = job.split.held_out.images, job.weights.spec.name
    reports = [report_recipe(recipe, outcome, images) for recipe, outcome in outcomes.items() if outcome.stages]
    data = {"schema_version": 1, "name": name, "recipes": [asdict(report) for report in reports]}
    (folder / f"{REPORT}.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    (folder / f"{REPORT}.html").write_text(quant_page(name, reports), encoding="utf-8")
