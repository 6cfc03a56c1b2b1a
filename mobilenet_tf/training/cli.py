"""mobilenet-train: from a folder of photos to a model worth exporting."""

import contextlib
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from mobilenet_tf.console import NumberList, command_edge, progress_bar, table, warn
from mobilenet_tf.networks.options import architecture_options

__all__ = ["train"]


@click.command("mobilenet-train", context_settings={"show_default": True})
@click.argument("photos")
@architecture_options()
@click.option("--alpha", type=float, help="Width multiplier.  [default: 0.5; that of --weights FILE]")
@click.option("--res", type=int, help="Input resolution, a multiple of 32.  [default: 160; that of --weights FILE]")
@click.option(
    "--weights",
    default="imagenet",
    metavar="imagenet|cifar10|keras|random|FILE",
    help="What to begin with: bundled ImageNet or CIFAR-10 weights, Keras Applications', none (random), or a file.",
)
@click.option("--epochs", type=click.IntRange(min=1), help="[default: 10 to 60 by the number of photos; 60 if random]")
@click.option(
    "--freeze",
    type=click.IntRange(min=0),
    help="Epochs at first in which the classifier alone learns.  [default: half; 0 if random]",
)
@click.option("--batch-size", type=click.IntRange(min=1), default=32, help="Over all devices and machines.")
@click.option("--optimizer", type=click.Choice(["rmsprop", "sgd", "adamw"]), default="rmsprop", help="Optimizer.")
@click.option(
    "--schedule", type=click.Choice(["cosine", "exponential"]), default="cosine", help="Of the learning rate."
)
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, min_open=True),
    help="Its peak while all of the network learns.  [default: the optimizer's own; a fiftieth for trained weights]",
)
@click.option("--warmup", type=click.FloatRange(min=0), default=0.5, help="Epochs in which it rises to the peak.")
@click.option("--weight-decay", type=click.FloatRange(min=0), default=4e-5, help="Of all but depthwise kernels.")
@click.option("--ema", type=click.FloatRange(0, 1), default=0.99, help="Decay of the weights' average; 0: none.")
@click.option("--min-crop", type=click.FloatRange(0.01, 1), default=0.5, help="Least share of the photo in a view.")
@click.option("--flip/--no-flip", default=True, help="Mirror half of the views.")
@click.option("--color-jitter", type=click.FloatRange(0, 1), default=0.1, help="Brightness, contrast, saturation.")
@click.option("--multi-res", type=NumberList(int), default=[], help="Batches at these resolutions too, at random.")
@click.option("--start-res", metavar="RES:EPOCHS[,...]", help="The first epochs at other resolutions: 64:24,96:7.")
@click.option("--teacher", metavar="FILE", help="Learn also from this trained model's answers.")
@click.option("--temperature", type=click.FloatRange(min=1), default=4.0, help="Of the teacher's answers.")
@click.option("--teacher-weight", type=click.FloatRange(0, 1), default=0.7, help="Their share of the loss.")
@click.option(
    "--quantize", is_flag=True, help="Go on with trained --weights FILE as int8 runs them; see docs/training.md."
)
@click.option("--validation", type=click.Path(path_type=Path), metavar="DIR", help="Photos to validate with.")
@click.option("--validation-share", type=click.FloatRange(0, 1), default=0.2, help="Else this share of PHOTOS.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of everything random.")
@click.option("--deterministic", is_flag=True, help="The same weights bit for bit, run again or resumed; slower.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
@click.option("--output-dir", type=click.Path(path_type=Path), default=Path("build/train"), help="Root of the runs.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier run of the same name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--verbose", is_flag=True, help="Show what TensorFlow prints.")
@click.version_option(package_name="mobilenet-tf")
def train(as_json: bool, verbose: bool, **options: Any) -> None:
    """Train a MobileNet on PHOTOS: a folder with one sub-folder per class.

    \b
    mobilenet-train photos/ --alpha 0.5 --res 160
    mobilenet-train cifar10 --weights random --epochs 34 --start-res 64:24,96:7

    PHOTOS may also be a folder of TFRecord shards, `cifar10`, or `tfds:NAME`. Writes OUTPUT_DIR/<run>/ with
    best.keras, labels.txt, history.csv, curves.png and logs/ for TensorBoard. Ctrl-C saves; --resume goes on.
    Exit status: 0 done, 1 training failed, 2 wrong usage or input, 130 interrupted.
    """
    from .options import options_from

    with command_edge(verbose, "tensorflow") as stderr:
        chosen = options_from(**options)
        from .job import prepare_training, run

        with contextlib.ExitStack() as bars:
            job = prepare_training(chosen, lambda text: warn(text, stderr), _scan_teller(bars, stderr))
        for note in job.notes:
            warn(note, stderr)
        with progress_bar(100 * job.config.epochs, stderr) as bar, stopped_by_signal() as stop:
            result = run(job, stop=stop, tell=_teller(job.config.epochs, bar, stderr))
    if result is None:
        click.echo("Stopped; the state is saved. Go on with the same command and --resume.", err=True)
        raise click.exceptions.Exit(130)
    click.echo(_as_json(job, result) if as_json else _as_text(job, result))


@contextlib.contextmanager
def stopped_by_signal() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C (or SIGTERM) has come since; a second one ends the process at once."""
    came: list[int] = []

    def note(number: int, _: Any) -> None:
        came.append(number)
        signal.signal(number, signal.SIG_DFL)

    earlier = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _scan_teller(bars: contextlib.ExitStack, stderr: TextIO) -> Callable[[int, int], None]:
    """A bar for each set of photos that is scanned; none for CIFAR-10, which is not."""
    bar: Any = None

    def tell(done: int, count: int) -> None:
        nonlocal bar
        if bar is None or bar.length != count or done < bar.pos:
            bar = bars.enter_context(progress_bar(count, stderr))
        bar.update(done - bar.pos, "scanned")

    return tell


def _teller(epochs: int, bar: Any, stderr: TextIO) -> Callable[[Any], None]:
    """Shows each step on the bar; where there is none, a line an epoch."""

    def tell(told: Any) -> None:
        text = f"epoch {told.epoch + 1}/{epochs} loss {told.loss:.3f} {told.images_per_s:.0f} images/s"
        if stderr.isatty():
            bar.update(int(100 * (told.epoch + told.step / told.steps)) - bar.pos, text)
        elif told.step == told.steps:
            click.echo(text, file=stderr)

    return tell


def _as_json(job: Any, result: Any) -> str:
    speed = sum(epoch.images_per_s for epoch in result.history) / len(result.history)
    return json.dumps(
        {
            "name": job.spec.name,
            "best": str(result.best) if job.writes else None,
            "top1": result.top1,
            "epochs": len(result.history),
            "images_per_s": speed,
        },
        indent=2,
    )


def _as_text(job: Any, result: Any) -> str:
    header = ["epoch", "loss", "top-1 training", "top-1", "images/s"]
    rows = [
        [str(e.epoch), f"{e.loss:.3f}", f"{e.top1_train:.1%}", f"{e.top1:.1%}", f"{e.images_per_s:.0f}"]
        for e in result.history[-10:]
    ]
    legend = (
        f"Top-1: of the averaged weights on {len(job.data.validation)} validation photos; {result.top1:.1%} is kept."
    )
    written = [f"Written: {job.folder}/", f"Next: mobilenet-export --weights {result.best}"]
    lines = written if job.writes else ["The first worker has the model."]
    return "\n".join([table(header, rows), "", legend, *lines])
