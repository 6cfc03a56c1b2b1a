"""The options that name a network, the same in every command. TensorFlow-free.

A row of the table may say which option and value select it: `--arch mobilenet_v1 --variant conv` and
`--arch mobilenet_v1_conv` are the same network.
"""

import functools
from collections.abc import Callable
from typing import Any

import click

from .architectures import ARCHITECTURES
from .detectors import DETECTORS
from .spec import DEFAULT_ARCH

__all__ = ["architecture_options"]

Command = Callable[..., Any]


def architecture_options(default: str | None = None) -> Callable[[Command], Command]:
    """Add --arch and the options that select a row to a command, which is called with `arch`: None if none was given.

    default: the network if none is given; None for a command that reads a file which may name one.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_arch(*, arch: str | None, **options: Any) -> Any:
            selected = {name: options.pop(name) for name in selections}
            return command(arch=arch_name(arch, selected) or default, **options)

        selections = _selections()
        for name, networks in reversed(selections.items()):
            usual, *_ = networks
            text = f"{name.capitalize()} of {networks[usual]}; it becomes part of the network's name."
            choice = click.Choice(list(networks))
            with_arch = click.option(f"--{name}", type=choice, help=f"{text}  [default: {usual}]")(with_arch)
        shown = default or f"{DEFAULT_ARCH}; that of --weights FILE"
        text = f"Network, one of {', '.join(ARCHITECTURES)}; or detector: {', '.join(DETECTORS)}.  [default: {shown}]"
        return click.option("--arch", metavar="NAME", help=text)(with_arch)

    return decorate


def arch_name(arch: str | None, selected: dict[str, str | None]) -> str | None:
    """`mobilenet_v1` and {variant: shallow} -> `mobilenet_v1_shallow`; None and {groups: 8} -> `shufflenet_v1_g8`.

    selected: the value of each option that selects a row, None if it was not given. If `arch` is None, an option that
    was given says which network is meant. Raises click.UsageError for an option that `arch` does not have.
    """
    name = arch
    for option, value in selected.items():
        if value is None:
            continue
        networks = _selections()[option]
        base = next(iter(networks.values()))
        if name not in (None, base):
            raise click.UsageError(f"--{option} is for {base}; give it with --arch {base}, or leave it out.")
        name = networks[value]
    return name


def _selections() -> dict[str, dict[str, str]]:
    """Option -> its values and the network that each selects; the first is the one without the option."""
    selections: dict[str, dict[str, str]] = {}
    for row in ARCHITECTURES.values():
        if row.selected_by is not None:
            option, value = row.selected_by
            selections.setdefault(option, {})[value] = row.name
    return selections
