"""The main path: weights -> Keras model -> one verified .tflite per recipe -> a folder with all that belongs to it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import metadata as distributions
from pathlib import Path

from mobilenet_tf import __version__, preprocessing
from mobilenet_tf.errors import InputError
from mobilenet_tf.labels import LABELS_FILE, labels_for
from mobilenet_tf.weights import Weights, load_weights, model_with

from .calibration import ImageSet, Split, load_split
from .golden import write_golden
from .manifest import SCHEMA_VERSION, CalibrationRecord, FileRecord, Manifest, TensorRecord, WeightsRecord
from .metadata import add_metadata
from .publish import refuse_unwritable, staged
from .quantize import ROUNDS, Outcome, quantize
from .recipes import Recipe
from .truth import true_classes
from .verify import Check, Tensor, check, keras_outputs, median_latency_ms

__all__ = ["Exported", "Job", "Options", "export_model", "prepare"]

MANIFEST_FILE = "manifest.json"
REPORT = "quantization"


@dataclass(frozen=True)
class Options:
    """What to export, apart from alpha and res; the fields are mobilenet-export's options."""

    recipes: Sequence[Recipe]
    arch: str = "mobilenet_v1"
    weights: str = "imagenet"
    classes: int | None = None
    drop_background: bool = False
    labels: Path | None = None
    calibration: Path | None = None
    num_calibration: int = 100
    io: str = "int8"
    correction: str = "fast"
    per_tensor: bool = False
    quant_report: bool = False
    min_agreement: float = 0.9
    seed: int = 0
    output_dir: Path = Path("build/export")
    overwrite: bool = False


@dataclass(frozen=True)
class Job:
    """One export whose input has been read and found good. `notes` are for the person to read."""

    options: Options
    weights: Weights
    labels: list[str]
    split: Split
    target: Path
    notes: tuple[str, ...]

    @property
    def stages(self) -> int:
        """How many stages `export_model` will tell of."""
        tuned = any(recipe.name == "int8" for recipe in self.options.recipes) and self.options.correction == "best"
        return 2 + 2 * len(self.options.recipes) + ROUNDS * tuned

    def correction(self, recipe: Recipe) -> str:
        """The correction this recipe gets: none for one whose weights stay float."""
        return self.options.correction if recipe.quantized else "none"


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


def prepare(options: Options, alpha: float | None, res: int | None) -> Job:
    """Read and check everything an export needs; writes nothing. Raises InputError."""
    weights = load_weights(
        options.weights,
        arch=options.arch,
        alpha=alpha,
        res=res,
        classes=options.classes,
        drop_background=options.drop_background,
        seed=options.seed,
    )
    labels, labels_note = labels_for(weights, options.labels)
    if options.per_tensor and any(recipe.quantized and not recipe.integer for recipe in options.recipes):
        raise InputError(
            "--per-tensor is for integer recipes; dynamic_int8 has per-channel kernels only.\n"
            "Leave dynamic_int8 out of --quant, or --per-tensor out."
        )
    if options.quant_report and not any(recipe.quantized for recipe in options.recipes):
        raise InputError("--quant-report tells of quantized files; --quant names none. Add int8 to it.")
    target = options.output_dir / weights.spec.name
    refuse_unwritable(target, overwrite=options.overwrite)
    split = load_split(options.calibration, res=weights.spec.res, count=options.num_calibration, seed=options.seed)
    notes = [*weights.notes, *split.warnings]
    if labels_note:
        notes.append(labels_note)
    if split.folder is None and any(recipe.quantized for recipe in options.recipes):
        notes.append("calibrated on the bundled photos; about 100 of your own (--calibration DIR) are better.")
    return Job(options, weights, labels, split, target, tuple(notes))


def export_model(job: Job, step: Callable[[str], None] = lambda _: None) -> list[Exported]:
    """Convert, verify and write one export; `step` is told of each stage as it begins.

    Raises CheckError when a file fails verification, OutputError when the folder cannot be written; either way
    whatever stood there before is untouched.
    """
    from .folding import fold

    options, spec, held_out = job.options, job.weights.spec, job.split.held_out
    step(f"{spec.name}: Keras")
    model = model_with(job.weights)
    graph = fold(model)
    reference = keras_outputs(model, held_out.images)
    truth = true_classes(held_out.photos, job.labels, imagenet=job.weights.imagenet, background=job.weights.background)
    outcomes: dict[str, Outcome] = {}
    checks: dict[str, Check] = {}
    for recipe in options.recipes:
        step(f"{spec.name}: {recipe.name}")
        outcome = quantize(
            graph,
            recipe,
            job.split.calibration,
            correction=job.correction(recipe),
            per_tensor=options.per_tensor,
            io=options.io,
            seed=options.seed,
            checkpoint=options.output_dir / f".{spec.name}.finetune.npz",
            keep_stages=options.quant_report,
            progress=lambda text: step(f"{spec.name}: fine-tune {text}"),
        )
        described = add_metadata(
            outcome.model, name=spec.artefact(recipe.name), description=str(recipe), labels=job.labels
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
    manifest = _manifest(job, outcomes, checks)
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
    with staged(job.target, overwrite=job.options.overwrite) as folder:
        for record in manifest.files:
            (folder / record.path).write_bytes(models[record.recipe])
        (folder / LABELS_FILE).write_text(_labels_text(job.labels), encoding="utf-8")
        write_golden(folder / manifest.golden, models, job.weights.spec.res)
        if job.options.quant_report:
            _write_report(job, outcomes, folder)
        (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")


def _write_report(job: Job, outcomes: dict[str, Outcome], folder: Path) -> None:
    from .quant_page import quant_page
    from .quant_report import report_recipe

    images, name = job.split.held_out.images, job.weights.spec.name
    reports = [
        report_recipe(recipe, outcome.correction, outcome.notes, outcome.stages, images)
        for recipe, outcome in outcomes.items()
        if outcome.stages
    ]
    data = {"schema_version": 1, "name": name, "recipes": [asdict(report) for report in reports]}
    (folder / f"{REPORT}.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    (folder / f"{REPORT}.html").write_text(quant_page(name, reports), encoding="utf-8")


def _manifest(job: Job, outcomes: dict[str, Outcome], checks: dict[str, Check]) -> Manifest:
    spec, weights, split = job.weights.spec, job.weights, job.split
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=spec.name,
        arch=spec.arch,
        variant=spec.variant,
        alpha=spec.alpha,
        res=spec.res,
        classes=spec.classes,
        background=weights.background,
        weights=WeightsRecord(weights.source, weights.trained_res, weights.origin),
        calibration=_calibration_record(split, split.calibration),
        preprocessing=dict(preprocessing.RULE),
        preprocessing_sha256=preprocessing.rule_sha256(),
        labels=LABELS_FILE,
        labels_sha256=_sha256(_labels_text(job.labels).encode()),
        files=[
            _file_record(
                spec.artefact(recipe.name) + ".tflite", recipe, job.options.per_tensor, outcomes[recipe.name], checks
            )
            for recipe in job.options.recipes
        ],
        golden="golden",
        notes=[*job.notes, *(note for outcome in outcomes.values() for note in outcome.notes)],
        versions={"mobilenet-tf": __version__}
        | {name: distributions.version(name) for name in ("keras", "ai-edge-litert", "numpy", "pillow")}
        | {"tensorflow": _tensorflow_version()},
    )


def _calibration_record(split: Split, images: ImageSet) -> CalibrationRecord:
    folder = "bundled" if split.folder is None else str(split.folder)
    return CalibrationRecord(folder, len(images.images), images.distinct, images.sha256, split.seed)


def _file_record(
    path: str, recipe: Recipe, per_tensor: bool, outcome: Outcome, checks: Mapping[str, Check]
) -> FileRecord:
    found = checks[recipe.name]
    measured = {key: value for key, value in asdict(found).items() if key not in ("input", "output")}
    return FileRecord(
        path=path,
        recipe=recipe.name,
        correction=outcome.correction,
        per_tensor=per_tensor and recipe.quantized,
        size_bytes=len(outcome.model),
        sha256=_sha256(outcome.model),
        input=_tensor_record(found.input),
        output=_tensor_record(found.output),
        **measured,
    )


def _tensor_record(tensor: Tensor) -> TensorRecord:
    return TensorRecord(tensor.dtype, list(tensor.shape), tensor.scale, tensor.zero_point)


def _labels_text(labels: Sequence[str]) -> str:
    return "".join(f"{label}\n" for label in labels)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _tensorflow_version() -> str:
    import tensorflow as tf

    return str(tf.__version__)
