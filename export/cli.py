"""mobilenet-export: the command line of the export pipeline."""

import itertools
import json
from pathlib import Path
from typing import Any

import click

from mobilenet_tf.console import NumberList, command_edge, progress_bar, table, warn
from mobilenet_tf.networks.options import architecture_options

from .recipes import CORRECTIONS, parse_recipes

__all__ = ["export"]


@click.command("mobilenet-export", context_settings={"show_default": True})
@architecture_options()
@click.option("--alpha", type=NumberList(float), help="Width multiplier(s).  [default: the weights' own]")
@click.option("--res", type=NumberList(int), help="Input resolution(s).  [default: what the weights were trained at]")
@click.option(
    "--weights",
    default="imagenet",
    metavar="imagenet|cifar10|keras|random|FILE",
    help="Bundled ImageNet or CIFAR-10 weights, Keras Applications' own, random (for latency only), or a file: .keras, "
    ".weights.h5, .h5, or a hosted MobileNet V1 .tflite.",
)
@click.option("--classes", type=click.IntRange(min=1), help="Expected number of classes.  [default: the weights' own]")
@click.option("--drop-background", is_flag=True, help="Drop the background row of a 1001-class file.")
@click.option(
    "--labels", type=click.Path(path_type=Path), help="One class name a line.  [default: labels.txt beside --weights]"
)
@click.option(
    "--quant",
    default="float32,int8",
    metavar="RECIPE[,...]",
    help="Any of float32, float16, dynamic_int8, int8, int16x8.",
)
@click.option("--io", type=click.Choice(["int8", "uint8", "float32"]), default="int8", help="Input and output of int8.")
@click.option(
    "--calibration", type=click.Path(path_type=Path), metavar="DIR", help="Photos to calibrate on.  [default: bundled]"
)
@click.option("--num-calibration", type=click.IntRange(min=10), default=100, help="How many images calibrate.")
@click.option(
    "--correction",
    type=click.Choice(CORRECTIONS),
    default="fast",
    help="What is done to keep int8 as good as float; best fine-tunes, for minutes. See docs/quantization.md.",
)
@click.option("--per-tensor", is_flag=True, help="One scale per kernel, for accelerators without per-channel kernels.")
@click.option("--quant-report", is_flag=True, help="Also write quantization.json and .html: what each step did.")
@click.option(
    "--min-agreement", type=click.FloatRange(0, 1), default=0.9, help="Share of held-out images that must agree."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of the calibration choice.")
@click.option(
    "--output-dir", type=click.Path(path_type=Path), default=Path("build/export"), help="Root of the exports."
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier export of the same name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@click.option("--verbose", is_flag=True, help="Show what TensorFlow and TFLite print.")
@click.version_option(package_name="mobilenet-tf")
def export(
    alpha: list[float] | None, res: list[int] | None, quant: str, as_json: bool, verbose: bool, **options: Any
) -> None:
    """Export a MobileNet to verified float and int8 TFLite.

    \b
    mobilenet-export --alpha 0.5 --res 160
    mobilenet-export --weights best.keras --calibration photos/
    mobilenet-export --alpha 0.25,0.5 --res 128,160 --quant int8

    Writes OUTPUT_DIR/<name>/ with a .tflite per recipe, labels.txt, manifest.json and golden/, after checking every
    file against the Keras model on images that did not calibrate. Exit status: 0 done, 1 a check failed, 2 wrong
    usage or input.
    """
    with command_edge(verbose, "tensorflow") as stderr:
        recipes = parse_recipes(quant)
        from .job import Options, prepare
        from .pipeline import export_model

        chosen = Options(recipes=recipes, **options)
        jobs = [prepare(chosen, a, r) for a, r in itertools.product(alpha or [None], res or [None])]  # type: ignore[list-item]
        for note in dict.fromkeys(note for job in jobs for note in job.notes):
            warn(note, stderr)
        exported = []
        with progress_bar(sum(job.stages for job in jobs), stderr) as bar:
            for job in jobs:
                exported += export_model(job, lambda stage: bar.update(1, stage))
        for note in dict.fromkeys(note for item in exported for note in item.notes):
            warn(note, stderr)
    click.echo(json.dumps([_as_json(e) for e in exported], indent=2) if as_json else _as_table(exported))


def _as_json(exported: Any) -> dict[str, Any]:
    record = exported.record
    return {
        "name": exported.path.stem,
        "path": str(exported.path),
        "recipe": record.recipe,
        "size_bytes": record.size_bytes,
        "ops": record.ops,
        "agreement": record.agreement,
        "max_step_error": record.max_step_error,
        "manifest": str(exported.manifest),
    }


def _as_table(exported: list[Any]) -> str:
    header = ["file", "size", "ops", "agreement", "max error", "top-1", "latency"]
    rows = []
    for item in exported:
        record = item.record
        error = f"{record.max_abs_error:.1e}" if record.max_step_error is None else f"{record.max_step_error:.1f} steps"
        rows.append(
            [
                item.path.name,
                f"{record.size_bytes / 1e6:.2f} MB",
                str(sum(record.ops.values())),
                f"{record.agreement:.1%}",
                error,
                "-" if record.accuracy is None else f"{record.accuracy:.1%}",
                f"{item.latency_ms:.2f} ms",
            ]
        )
    folders = sorted({str(item.path.parent) for item in exported})
    images = exported[0].record.images
    legend = (
        f"Agreement: same top-1 as float on {images} held-out images. Latency: median of one inference on one thread "
        "of this host, ai-edge-litert."
    )
    return "\n".join([table(header, rows), "", legend, *(f"Written: {folder}/" for folder in folders)])
