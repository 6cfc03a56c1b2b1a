"""The main path: weights -> Keras model -> one verified .tflite per recipe -> a folder with all that belongs to it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata as distributions
from pathlib import Path

from mobilenet_tf import __version__, preprocessing
from mobilenet_tf.labels import LABELS_FILE, labels_for
from mobilenet_tf.weights import Weights, load_weights, model_with

from .calibration import ImageSet, Split, load_split
from .convert import convert, freeze
from .golden import write_golden
from .manifest import SCHEMA_VERSION, CalibrationRecord, FileRecord, Manifest, TensorRecord, WeightsRecord
from .metadata import add_metadata
from .publish import refuse_unwritable, staged
from .recipes import Recipe
from .truth import true_classes
from .verify import Check, Tensor, check, keras_outputs, median_latency_ms

__all__ = ["Exported", "Job", "Options", "export_model", "prepare"]

MANIFEST_FILE = "manifest.json"


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
        return 2 + sum(2 + (self.correction(recipe) != "none") for recipe in self.options.recipes)

    def correction(self, recipe: Recipe) -> str:
        """The correction this recipe gets: none for one whose weights stay float."""
        return self.options.correction if recipe.quantized else "none"


@dataclass(frozen=True)
class Exported:
    """One file of a finished export. latency_ms is the median of one inference on this host."""

    path: Path
    manifest: Path
    record: FileRecord
    latency_ms: float


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
    from .correction import correct
    from .folding import fold
    from .inject import inject

    options, spec, held_out = job.options, job.weights.spec, job.split.held_out
    calibration = job.split.calibration.images
    step(f"{spec.name}: Keras")
    model = model_with(job.weights)
    graph = fold(model)
    frozen = freeze(graph)
    reference = keras_outputs(model, held_out.images)
    truth = true_classes(held_out.photos, job.labels, imagenet=job.weights.imagenet, background=job.weights.background)
    models: dict[str, bytes] = {}
    checks: dict[str, Check] = {}
    for recipe in options.recipes:
        step(f"{spec.name}: {recipe.name}")
        converted = convert(frozen=frozen, recipe=recipe, calibration=calibration, io=options.io)
        if job.correction(recipe) != "none":
            step(f"{spec.name}: correct {recipe.name}")
            converted = inject(converted, correct(graph, calibration, activations=recipe.activations_dtype))
        models[recipe.name] = add_metadata(
            converted, name=spec.artefact(recipe.name), description=str(recipe), labels=job.labels
        )
        step(f"{spec.name}: verify {recipe.name}")
        checks[recipe.name], outputs = check(
            models[recipe.name],
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
    manifest = _manifest(job, models, checks)
    _write(job, models, manifest)
    return [
        Exported(
            path=job.target / record.path,
            manifest=job.target / MANIFEST_FILE,
            record=record,
            latency_ms=median_latency_ms(models[record.recipe], held_out.images[0]),
        )
        for record in manifest.files
    ]


def _write(job: Job, models: dict[str, bytes], manifest: Manifest) -> None:
    with staged(job.target, overwrite=job.options.overwrite) as folder:
        for record in manifest.files:
            (folder / record.path).write_bytes(models[record.recipe])
        (folder / LABELS_FILE).write_text(_labels_text(job.labels), encoding="utf-8")
        write_golden(folder / manifest.golden, models, job.weights.spec.res)
        (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")


def _manifest(job: Job, models: dict[str, bytes], checks: dict[str, Check]) -> Manifest:
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
            _file_record(spec.artefact(recipe.name) + ".tflite", job.correction(recipe), recipe.name, models, checks)
            for recipe in job.options.recipes
        ],
        golden="golden",
        notes=list(job.notes),
        versions={"mobilenet-tf": __version__}
        | {name: distributions.version(name) for name in ("keras", "ai-edge-litert", "numpy", "pillow")}
        | {"tensorflow": _tensorflow_version()},
    )


def _calibration_record(split: Split, images: ImageSet) -> CalibrationRecord:
    folder = "bundled" if split.folder is None else str(split.folder)
    return CalibrationRecord(folder, len(images.images), images.distinct, images.sha256, split.seed)


def _file_record(
    path: str, correction: str, recipe: str, models: Mapping[str, bytes], checks: Mapping[str, Check]
) -> FileRecord:
    model, found = models[recipe], checks[recipe]
    measured = {key: value for key, value in asdict(found).items() if key not in ("input", "output")}
    return FileRecord(
        path=path,
        recipe=recipe,
        correction=correction,
        size_bytes=len(model),
        sha256=_sha256(model),
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
