"""mobilenet-info: what a network costs."""

import json
from dataclasses import asdict

import click

from mobilenet_tf.console import command_edge
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import table, wrapped

from .options import architecture_options
from .spec import DEFAULT_ARCH

__all__ = ["info"]


@click.command("mobilenet-info", cls=Command, context_settings={"show_default": True})
@architecture_options(DEFAULT_ARCH)
@click.option("--alpha", type=float, default=1.0, help="Width multiplier, which some papers call scale factor.")
@click.option(
    "--res",
    type=int,
    help="Input resolution, a multiple of 32; of a detector of 4.  [default: 224; of a detector the paper's]",
)
@click.option("--classes", type=int, help="Number of classes.  [default: 1000; of a detector 90, the ids of COCO]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@click.option("--verbose", is_flag=True, help="Show what libraries print.")
@click.version_option(package_name="mobilenet-tf")
def info(arch: str, alpha: float, res: int | None, classes: int | None, as_json: bool, verbose: bool) -> None:
    """Print the layers of a network: output shape, Mult-Adds, parameters; the totals beside the paper's.

    \b
    mobilenet-info --alpha 0.5 --res 160
    mobilenet-info --arch ssd_mobilenet_v1
    """
    from .cost import layer_costs, totals
    from .detectors import COCO_CLASSES, DETECTORS, DetectorSpec
    from .published import paper_totals
    from .spec import ModelSpec

    with command_edge(verbose):
        if arch in DETECTORS:
            usual_res, usual_classes = DETECTORS[arch].usual_res, COCO_CLASSES
        else:
            usual_res, usual_classes = 224, 1000
        kind = DetectorSpec if arch in DETECTORS else ModelSpec
        spec = kind(arch, alpha, usual_res if res is None else res, usual_classes if classes is None else classes)
    costs, (mult_adds, parameters) = layer_costs(spec), totals(spec)
    if as_json:
        layers = [asdict(cost) for cost in costs]
        document = {"name": spec.name, "mult_adds": mult_adds, "parameters": parameters, "layers": layers}
        click.echo(json.dumps(document, indent=2))
        return
    rows = [
        [cost.name, cost.type, " x ".join(map(str, cost.output_shape)), f"{cost.mult_adds:,}", f"{cost.parameters:,}"]
        for cost in costs
    ]
    click.echo(table(["layer", "type", "output", "Mult-Adds", "parameters"], rows))
    click.echo("\n" + wrapped(f"{spec.name}: {mult_adds / 1e6:.1f} M Mult-Adds, {parameters / 1e6:.2f} M parameters"))
    paper = paper_totals(spec)
    if paper is None:
        click.echo(f"{spec.architecture.paper} print no figure for this network.")
        return
    printed = [f"{paper[0]:g} M Mult-Adds ({mult_adds / 1e6 / paper[0] - 1:+.1%})"]
    if paper[1] is not None:
        printed.append(f"{paper[1]:g} M parameters ({parameters / 1e6 / paper[1] - 1:+.1%})")
    click.echo(wrapped(f"{spec.architecture.paper + ':':{len(spec.name) + 1}} {', '.join(printed)}"))
