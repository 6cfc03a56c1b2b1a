"""mobilenet-classify: classify photos with an exported model."""

import json
from pathlib import Path
from typing import Any

import click

from mobilenet_tf.console import Command, command_edge

__all__ = ["classify"]


@click.command("mobilenet-classify", cls=Command, context_settings={"show_default": True})
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("photos", type=click.Path(path_type=Path), nargs=-1)
@click.option("--top", type=click.IntRange(min=1), default=3, help="Number of classes to show for each photo.")
@click.option("--threads", type=click.IntRange(min=1), default=1, help="Number of threads for one inference.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "ai-edge-litert", "tflite-runtime"]),
    default="auto",
    help="Interpreter to run the model with; auto takes the first one that is installed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a line per photo.")
@click.option("--verbose", is_flag=True, help="Show what the interpreter prints.")
@click.version_option(package_name="mobilenet-tf")
def classify(
    model: Path, photos: tuple[Path, ...], top: int, threads: int, backend: str, as_json: bool, verbose: bool
) -> None:
    """Classify PHOTOS (files or folders; default: the bundled photos) with an exported .tflite.

    \b
    mobilenet-classify build/export/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8.tflite photo.jpg
    """
    with command_edge(verbose):
        from mobilenet_tf.data.photos import bundled_photos, find_photos

        from .classifier import Classifier

        classifier = Classifier(model, backend=backend, threads=threads)
        paths: list[Path] = []
        for photo in photos or [bundled_photos()]:
            paths += find_photos(photo).paths if photo.is_dir() else [photo]
        classifier.classify(paths[0])  # the first inference allocates memory, so that its time is not shown
        results = [(path, classifier.classify(path, top)) for path in paths]
    if as_json:
        click.echo(json.dumps([_as_json(path, prediction) for path, prediction in results], indent=2))
        return
    click.echo(f"{model.name} on {classifier.backend}")
    width = max(len(path.name) for path in paths)
    for path, prediction in results:
        named = ", ".join(f"{label.split(',')[0]} {score:.0%}" for label, score in prediction.classes)
        click.echo(f"{path.name:<{width}}  {prediction.inference_ms:6.2f} ms  {named}")


def _as_json(path: Path, prediction: Any) -> dict[str, Any]:
    return {
        "path": str(path),
        "classes": [{"label": label, "score": score} for label, score in prediction.classes],
        "inference_ms": prediction.inference_ms,
    }
