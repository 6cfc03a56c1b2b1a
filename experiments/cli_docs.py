"""docs/cli.md: every command with its options, from the commands themselves. `make docs` writes it."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import click

__all__ = ["PAGE", "cli_page", "commands"]

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "cli.md"

HEAD = """# Commands

Written by `make docs` from the commands themselves: `--help` prints the same. Each command also has `--version`.
"""


def commands() -> dict[str, click.Command]:
    """Each command that pyproject.toml installs, by its name."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    places = {name: place.partition(":") for name, place in scripts.items()}
    return {name: getattr(import_module(module), function) for name, (module, _, function) in places.items()}


def cli_page() -> str:
    """The text of docs/cli.md."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in commands().items())])


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, **command.context_settings)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    options = [option for option in command.params if isinstance(option, click.Option) and option.name != "version"]
    records = [record for option in options if (record := option.get_help_record(context))]
    table = ["| option | meaning | default and range |", "|---|---|---|", *map(_row, records)]
    return "\n".join([f"## {name}\n", f"```\n{usage}\n```\n", _description(command.help or ""), *table, ""])


def _description(text: str) -> str:
    """click's help text as Markdown: a paragraph that begins with \\b is shown as it is."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.splitlines()]
        if lines[0] == "\b":
            paragraphs.append("\n".join(["```", *lines[1:], "```"]))
        else:
            paragraphs.append(" ".join(lines).replace("<", "`<").replace(">", ">`"))
    return "\n\n".join(paragraphs) + "\n"


def _row(record: tuple[str, str]) -> str:
    """One line of the table; the brackets that end an option's help go into the last column."""
    names, text = record[0].replace(" RANGE", ""), record[1]
    meaning = re.sub(r"(\s*\[[^\]]*\])+$", "", text)
    brackets = re.findall(r"\[([^\]]*)\]", text[len(meaning) :])
    limits = "; ".join(bracket.removeprefix("default: ") for bracket in brackets)
    escaped = [cell.replace("|", r"\|") for cell in (f"`{names}`", meaning, limits)]
    return f"| {' | '.join(escaped)} |"


if __name__ == "__main__":
    PAGE.write_text(cli_page(), encoding="utf-8")
