"""mobilenet-train: from a folder of photos to a model worth exporting."""

import contextlib
from pathlib import Path
from typing import Any, TextIO

import click

from mobilenet_tf.console import NumberList, command_edge, progress_shown, warn
from mobilenet_tf.networks.options import architecture_options
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import wrapped

from .detection.cli_options import detection_options

__all__ = ["train"]


@click.command("mobilenet-train", cls=Command, context_settings={"show_default": True})
@click.argument("photos")
@click.option(
    "--task",
    type=click.Choice(["classification", "detection", "embedding", "places", "tags"]),
    help="What to train; embedding: vectors that are near each other for photos that are alike; places: where photos "
    "were taken, by their GPS positions.  [default: detection if PHOTOS come "
    "with boxes, tags if several labels are true of a photo, else classification]",
)
@architecture_options()
@click.option("--alpha", type=float, help="Width multiplier.  [default: 0.5; that of --weights FILE]")
@click.option(
    "--res",
    type=int,
    help="Input resolution, a multiple of 32; for boxes of 4.  [default: 160, or 300 for boxes; that of --weights "
    "FILE]",
)
@click.option(
    "--weights",
    default="imagenet",
    metavar="imagenet|cifar10|keras|random|FILE",
    help="Weights to begin with: bundled ImageNet or CIFAR-10 ones, Keras Applications', random ones, or a file.",
)
@click.option(
    "--recipe",
    type=click.Choice(["fine-tuning", "paper"]),
    help="What the options below are if they are not given.  [default: fine-tuning; paper if random or --quantize; one "
    "of its own for boxes]",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="Number of epochs.  [default: 10 to 60, depending on the number of photos; 60 if random]",
)
@click.option(
    "--freeze",
    type=click.IntRange(min=0),
    help="Number of epochs, at first, in which only the classifier learns.  [default: 0; half of them by the paper's "
    "recipe]",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    help="Photos in a batch, over all devices and machines.  [default: 32; 16 for boxes]",
)
@click.option(
    "--optimizer",
    type=click.Choice(["rmsprop", "sgd", "adamw"]),
    help="Optimizer.  [default: adamw; rmsprop by the paper's recipe]",
)
@click.option(
    "--schedule",
    type=click.Choice(["cosine", "exponential"]),
    default="cosine",
    help="How the learning rate decreases.",
)
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, min_open=True),
    help="Highest learning rate while the whole network learns.  [default: the recipe's for the optimizer]",
)
@click.option(
    "--warmup",
    type=click.FloatRange(min=0),
    help="Number of epochs in which the learning rate rises to its highest value.  [default: 0.5; 2 for boxes]",
)
@click.option(
    "--weight-decay",
    type=click.FloatRange(min=0),
    help="Weight decay of all kernels except depthwise ones.  [default: 0.05; 0.00004 by the paper's recipe]",
)
@click.option(
    "--ema",
    type=click.FloatRange(0, 1),
    default=0.99,
    help="Decay of the moving average of the weights, which is evaluated and saved; 0 turns it off.",
)
@click.option(
    "--min-crop",
    type=click.FloatRange(0.01, 1),
    help="Smallest share of the photo's area that a training view shows.  [default: 0.25; 0.5 by the paper's recipe]",
)
@click.option("--flip/--no-flip", default=True, help="Mirror half of the training views.")
@click.option(
    "--color-jitter",
    type=click.FloatRange(0, 1),
    default=0.1,
    help="Largest change of brightness, contrast and saturation, as a share.",
)
@click.option(
    "--multi-res",
    type=NumberList(int),
    default=[],
    help="Train at these resolutions too: each batch takes one at random.",
)
@click.option(
    "--start-res", metavar="RES:EPOCHS[,...]", help="Train the first epochs at other resolutions, such as 64:24,96:7."
)
@click.option(
    "--teacher",
    metavar="FILE",
    help="Learn also from the predictions of this trained model. If it gives tags, PHOTOS need no labels.",
)
@click.option(
    "--temperature",
    type=click.FloatRange(min=1),
    default=4.0,
    help="Temperature of the softmax of the teacher's predictions.",
)
@click.option(
    "--teacher-weight", type=click.FloatRange(0, 1), default=0.7, help="Share of the teacher's predictions in the loss."
)
@click.option(
    "--class-weights",
    type=click.Choice(["auto", "none"]),
    default="auto",
    help="auto: all classes count alike in the loss if one has less than a fifth of the photos of the largest.",
)
@click.option(
    "--quantize",
    is_flag=True,
    help="Train the network of --weights FILE further, computed as int8 computes it; see docs/training.md.",
)
@detection_options
@click.option(
    "--cell-photos",
    metavar="FEWEST:MOST",
    help="How many photos a cell of the earth may hold, which is a class of --task places.  [default: 10:100]",
)
@click.option(
    "--teacher-range",
    metavar="LOW..HIGH",
    help="Values that the --teacher of an embedding takes for the bytes 0 and 255, if its file does not say it: 0..1, "
    "-1..1 or 0..255.",
)
@click.option(
    "--dimensions",
    type=int,
    metavar="N",
    help="How many numbers the vectors of --task embedding have.  [default: 128; those of --teacher]",
)
@click.option(
    "--validation", type=click.Path(path_type=Path), metavar="DIR", help="Photos to validate with, as PHOTOS."
)
@click.option(
    "--validation-share",
    type=click.FloatRange(0, 1),
    default=0.2,
    help="Share of PHOTOS to validate with, if there are no others for that.",
)
@click.option(
    "--hold-out-classes", is_flag=True, help="Without a teacher: --validation-share of the classes validates, whole."
)
@click.option(
    "--ground-truth",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Lines `file,label` that give the class of each photo in PHOTOS.  [default: a .csv in PHOTOS, if its "
    "sub-folders are no classes]",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The class names, one a line, in the order that they shall have.  [default: labels.txt in PHOTOS, else the "
    "alphabet's order]",
)
@click.option(
    "--examine", is_flag=True, help="Only examine PHOTOS, and print what was found: counts, odd photos, copies."
)
@click.option("--allow-skipped", is_flag=True, help="Train though more than a tenth of the photos is left out.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of all random numbers.")
@click.option(
    "--deterministic",
    is_flag=True,
    help="Give the same weights, bit for bit, if the run is repeated or resumed, on any number of cores; slower.",
)
@click.option("--resume", is_flag=True, help="Continue an interrupted run.")
@click.option(
    "--output-dir", type=click.Path(path_type=Path), default=Path("build/train"), help="Folder that holds the runs."
)
@click.option("--name", help="Name of the photos in that of the run.  [default: that of their folder]")
@click.option("--overwrite", is_flag=True, help="Replace an earlier run of the same name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--verbose", is_flag=True, help="Show what TensorFlow prints.")
@click.version_option(package_name="mobilenet-tf")
def train(as_json: bool, verbose: bool, examine: bool, **options: Any) -> None:
    """Train a network on PHOTOS: a folder with one sub-folder per class, or with a .csv that lists files and labels; or
    a detector on photos with boxes.

    \b
    mobilenet-train photos/ --alpha 0.5 --res 160
    mobilenet-train cifar10 --weights random --epochs 34 --start-res 64:24,96:7

    PHOTOS may also be a folder of TFRecord shards, `cifar10`, or `tfds:NAME`. Boxes are Pascal VOC XML, COCO JSON, YOLO
    text files or a CSV. Writes OUTPUT_DIR/<run>/ with
    best.keras, labels.txt, report.html, which shows what went right and wrong, history.csv, curves.png and logs/ for
    TensorBoard. Ctrl-C saves the run; --resume continues it. Exit status: 0 done, 1 training failed, 2 wrong usage or
    input, 130 interrupted.
    """
    from .fixed_threads import fix_threads

    if options["deterministic"]:
        fix_threads()
    if examine:
        _examine(options, as_json, verbose)
        return
    with command_edge(verbose, "tensorflow") as stderr:
        from .options import options_from

        chosen = options_from(**options)
        from .distribution import join_cluster
        from .job import prepare_training, run
        from .page import page_left
        from .run_shown import run_shown
        from .stop_signals import stopped_by_signal

        # Before the weights: reading some of them starts TensorFlow, which is too early for a cluster.
        cluster = join_cluster(lambda sentence: warn(sentence, stderr))
        with contextlib.ExitStack() as locks:
            with progress_shown(stderr) as on_progress:
                job = prepare_training(chosen, cluster, on_progress, locks)
            _say_what_was_found(job, stderr)
            with (
                run_shown(job.config, job.spec.res, stderr) as (on_progress, on_note),
                page_left(job.folder, on_note, writes=job.writes),
                stopped_by_signal(alone=cluster is None) as stop,
            ):
                result = run(job, stop=stop, on_progress=on_progress, on_note=on_note)
    if not result.finished:
        click.echo("Stopped; the state is saved. Go on with the same command and --resume.", err=True)
        raise click.exceptions.Exit(130)
    click.echo(_printed(job, result, as_json))


def _say_what_was_found(job: Any, stderr: TextIO) -> None:
    from .examine import examination_as_lines

    for line in examination_as_lines(job.data, job.options.photos):
        click.echo(wrapped(line, stderr), file=stderr)
    for note in job.notes:
        warn(note, stderr)


def _printed(job: Any, result: Any, as_json: bool) -> str:
    from .printed import result_as_json, result_as_text

    return result_as_json(job, result) if as_json else result_as_text(job, result)


def _examine(options: dict[str, Any], as_json: bool, verbose: bool) -> None:
    from .examine import examination_as_json, examination_as_text
    from .options import options_from
    from .task_job import job_of_task

    with command_edge(verbose) as stderr:
        chosen = options_from(**options)
        with progress_shown(stderr) as on_progress:
            data = job_of_task(chosen.task).load_photos(chosen, on_progress)
        for note in data.notes:
            warn(note, stderr)
    click.echo(examination_as_json(data) if as_json else examination_as_text(data, chosen.photos))
