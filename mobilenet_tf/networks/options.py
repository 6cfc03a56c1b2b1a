"""The options that name a network, the same in every command; variant and groups become part of its name here."""

import functools
from collections.abc import Callable
from typing import Any

import click

from .architectures import ARCHITECTURES

__all__ = ["arch_name", "architecture_options"]

SHUFFLENET_GROUPS = 3  # those of the name without a suffix

Command = Callable[..., Any]


def architecture_options(default: str | None = None) -> Callable[[Command], Command]:
    """Add --arch, --variant and --groups to a command, which is called with `arch` alone: None if none was given.

    default: the network if none is given; None for a command that reads a file which may name one.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_arch(*, arch: str | None, variant: str | None, groups: int | None, **options: Any) -> Any:
            return command(arch=arch_name(arch or default, variant, groups), **options)

        shown = default or "mobilenet_v1; that of --weights FILE"
        names = ", ".join(ARCHITECTURES)
        for option in (
            click.option(
                "--groups", type=int, help=f"Number of groups of shufflenet_v1.  [default: {SHUFFLENET_GROUPS}]"
            ),
            click.option(
                "--variant",
                metavar="conv|shallow",
                help="Variant of mobilenet_v1; it becomes part of the network's name.",
            ),
            click.option("--arch", metavar="NAME", help=f"Network, one of {names}.  [default: {shown}]"),
        ):
            with_arch = option(with_arch)
        return with_arch

    return decorate


def arch_name(arch: str | None, variant: str | None = None, groups: int | None = None) -> str | None:
    """`mobilenet_v1` and `shallow` -> `mobilenet_v1_shallow`; `shufflenet_v1` and 8 -> `shufflenet_v1_g8`.

    Raises click.UsageError for a variant or groups that the network does not have.
    """
    suffix = "" if variant in (None, "separable") else f"_{variant}"
    suffix += "" if groups in (None, SHUFFLENET_GROUPS) else f"_g{groups}"
    for option, value, network in (("--variant", variant, "mobilenet_v1"), ("--groups", groups, "shufflenet_v1")):
        if value is not None and arch != network:
            raise click.UsageError(f"{option} is for {network}; give it with --arch {network}, or leave it out.")
    name = f"{arch}{suffix}" if suffix else arch
    if suffix and name not in ARCHITECTURES:
        known = ", ".join(row for row in ARCHITECTURES if row.startswith(str(arch)))
        raise click.UsageError(f"expected --variant or --groups to give one of {known}; got {name}.")
    return name
