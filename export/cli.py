"""mobilenet-export: from weights to verified .tflite files."""

import itertools
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobilenet_tf.console import NumberList, command_edge, progress_shown, task_shown, warn
from mobilenet_tf.networks.options import architecture_options
from mobilenet_tf.progress import part_of
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import wrapped

from .given_normalization import given_normalization
from .recipes import CORRECTIONS, parse_recipes

if TYPE_CHECKING:
    from .detection.pipeline import DetectorExport
    from .pipeline import Export

__all__ = ["export"]


@click.command("mobilenet-export", cls=Command, context_settings={"show_default": True})
@architecture_options()
@click.option("--alpha", type=NumberList(float), help="Width multiplier(s).  [default: that of the weights]")
@click.option("--res", type=NumberList(int), help="Input resolution(s), in pixels.  [default: that of the training]")
@click.option(
    "--weights",
    default="imagenet",
    metavar="imagenet|cifar10|keras|random|FILE",
    help="Bundled ImageNet or CIFAR-10 weights, those of Keras Applications, random weights (for latency only), or any "
    "classifier: a .keras or .h5 file, a SavedModel folder or a .tflite; or the weights "
    "alone (.h5, .weights.h5) of a network of ours or of Keras Applications.",
)
@click.option(
    "--task",
    type=click.Choice(["embedding"]),
    help="Export a vector of length 1 that photos are compared by: what a network without classes gives, or what the "
    "layer of its classes takes.  [default: what the network gives]",
)
@click.option(
    "--classes", type=click.IntRange(min=1), help="Expected number of classes.  [default: that of the weights]"
)
@click.option("--drop-background", is_flag=True, help="Drop the background class of a file with 1001 classes.")
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="File with one class name per line.  [default: labels.txt beside --weights]",
)
@click.option(
    "--mean",
    type=NumberList(float),
    metavar="FLOAT[,FLOAT,FLOAT]",
    help="A network of other people takes (byte - MEAN) / STD: one number, or one each for red, green and blue.  "
    "[default: what its first layers show, or what its layers are called]",
)
@click.option("--std", type=NumberList(float), metavar="FLOAT[,FLOAT,FLOAT]", help="See --mean.")
@click.option(
    "--input-range",
    metavar="0..1|-1..1|0..255",
    help="In place of --mean and --std: the values that the bytes 0 to 255 become.",
)
@click.option(
    "--quant",
    default="float32,int8",
    metavar="RECIPE[,...]",
    help="Recipes of the files: float32, float16, dynamic_int8, int8, int16x8.",
)
@click.option(
    "--io",
    type=click.Choice(["int8", "uint8", "float32"]),
    default="int8",
    help="Type of the int8 file's input and output.",
)
@click.option(
    "--calibration",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of photos to calibrate and verify on.  [default: bundled photos]",
)
@click.option("--num-calibration", type=click.IntRange(min=10), default=100, help="Number of images to calibrate on.")
@click.option("--allow-skipped", is_flag=True, help="Go on if more than a tenth of the photos cannot be used.")
@click.option(
    "--correction",
    type=click.Choice(CORRECTIONS),
    default="fast",
    help="What keeps int8 as good as float: nothing, a correction in seconds, or also fine-tuning, in minutes. "
    "See docs/quantization.md.",
)
@click.option(
    "--allow-float-ops",
    is_flag=True,
    help="Export a network that has ops without an integer kernel: these ops stay float in integer files.",
)
@click.option(
    "--max-drop",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Keep the ops of int8 that cost most in float, until at most this percentage of photos gets another best "
    "class than from float, or of a detector's objects is not found alike. The file gets slower: the command says by "
    "how much.  [default: no bound]",
)
@click.option(
    "--raw-outputs",
    is_flag=True,
    help="Of an object detector: give the boxes and scores of all anchors, without TFLite's post-processing.",
)
@click.option(
    "--per-tensor",
    is_flag=True,
    help="Quantize each kernel with one scale, for accelerators that do not support one scale per channel.",
)
@click.option(
    "--quant-report",
    is_flag=True,
    help="Also write quantization.json and quantization.html, which show what quantization does to each layer.",
)
@click.option(
    "--min-agreement",
    type=click.FloatRange(0, 1),
    help="Share of held-out images on which a file must agree with float.  [default: 0.9; 0.8 for an embedding]",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    help="Seed for the choice of calibration photos, and for random weights.",
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    default=Path("build/export"),
    help="Folder in which the export's folder is written.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier export of the same name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@click.option("--verbose", is_flag=True, help="Show what TensorFlow and TFLite print.")
@click.version_option(package_name="mobilenet-tf")
def export(as_json: bool, verbose: bool, **options: Any) -> None:
    """Export a network, yours or one of this project's, to verified float and int8 TFLite.

    \b
    mobilenet-export --alpha 0.5 --res 160
    mobilenet-export --weights my_model.keras --calibration photos/
    mobilenet-export --alpha 0.25,0.5 --res 128,160 --quant int8

    Writes OUTPUT_DIR/<name>/ with a .tflite per recipe, labels.txt, manifest.json and golden/, after checking every
    file against the model itself on images that did not calibrate. Exit status: 0 done, 1 a check failed, 2 wrong
    usage or input, 130 interrupted.
    """
    with command_edge(verbose, "tensorflow") as stderr:
        settings = _all_settings(**options)
        from .any_task import export_any, prepare_any

        with progress_shown(stderr, "reading the weights and the photos") as on_progress:
            jobs = [
                prepare_any(one, part_of(on_progress, number / len(settings), (number + 1) / len(settings)))
                for number, one in enumerate(settings)
            ]
        for note in dict.fromkeys(note for job in jobs for note in job.notes):
            warn(note, stderr)
        with task_shown("loading TensorFlow", stderr):
            import_module("mobilenet_tf.keras_loader")
        with progress_shown(stderr) as on_progress:
            exports = [
                export_any(job, part_of(on_progress, number / len(jobs), (number + 1) / len(jobs)))
                for number, job in enumerate(jobs)
            ]
        for note in dict.fromkeys(note for done in exports for note in done.notes):
            warn(note, stderr)
    _print(exports, as_json=as_json)


def _all_settings(
    quant: str, alpha: Any, res: Any, mean: Any, std: Any, input_range: str | None, **options: Any
) -> Any:
    """The settings of each export, from the values of the options: one for each alpha and res, each once. Raises
    InputError.
    """
    from .settings import ExportSettings

    recipes, normalization = parse_recipes(quant), given_normalization(mean, std, input_range)
    sizes = dict.fromkeys(itertools.product(alpha or [None], res or [None]))
    return [ExportSettings(recipes, alpha=a, res=r, normalization=normalization, **options) for a, r in sizes]


def _print(exports: "list[Export | DetectorExport]", *, as_json: bool) -> None:
    """Print the result of a command. Exits with status 1 if there is no top-1 though there should be."""
    from .any_task import printed
    from .job import Job

    jobs = [done.job for done in exports if isinstance(done.job, Job)]
    click.echo(printed(exports, as_json=as_json))
    for mistake in dict.fromkeys(job.mistake for job in jobs if job.mistake):
        click.echo(wrapped(f"\nWarning: {mistake}", sys.stderr), err=True)
    left_out = dict.fromkeys(job.left_out for job in jobs if job.left_out)
    for reason in left_out:
        click.echo(wrapped(f"\nError: {reason}", sys.stderr), err=True)
    if left_out:
        raise click.exceptions.Exit(1)
