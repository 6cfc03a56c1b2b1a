"""README and docs against the project that they describe."""

import ast
import re

import click
import pytest

from experiments.cli_docs import PAGE, cli_page, commands
from tests.support.commands import ROOT
from tests.support.pages import PAGES, README, anchors, blocks, command_lines, links, prose

COMMANDS = commands()
OPTIONS_OF_OTHERS = {"--help", "--logdir", "--es", "--ei", "--ez"}  # of each command; TensorBoard; Android's `am`
START = ("make demo", "source .venv/bin/activate", "mobilenet-")
ARCHITECTURE = ROOT / "docs" / "architecture.md"

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_the_readme_is_short():
    assert len(README.read_text().split()) <= 900


def test_the_page_of_the_commands_is_up_to_date():
    assert PAGE.read_text() == cli_page(), "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_on_the_page_of_the_commands(name):
    section = PAGE.read_text().partition(f"## {name}\n")[2].partition("\n## ")[0]
    options = [option for option in COMMANDS[name].params if isinstance(option, click.Option)]
    assert len(options) > 3
    for option in options:
        if option.name != "version":
            assert max(option.opts, key=len) in section


@every_page
def test_every_command_line_is_one_that_the_command_takes(page):
    for name, *arguments in command_lines(page):
        COMMANDS[name].make_context(name, arguments)


def test_the_readme_puts_the_commands_on_the_path_before_it_runs_one():
    """In the order in which a newcomer types: make the environment, activate it, run a command."""
    lines = [line.removeprefix("$ ") for block in blocks(README) for line in block.splitlines()]
    first = {word: next(i for i, line in enumerate(lines) if line.startswith(word)) for word in START}
    assert [*first] == sorted(first, key=first.__getitem__)
    assert f'"Next: {START[1]}' in (ROOT / "Makefile").read_text().replace("$(BIN)", ".venv/bin")


def test_the_readme_runs_every_command():
    assert {name for name, *_ in command_lines(README)} == {*COMMANDS}


@every_page
def test_every_option_that_the_text_names_exists(page):
    options = {name for command in COMMANDS.values() for option in command.params for name in known_names(option)}
    named = {name for code in re.findall(r"`[^`]+`", prose(page)) for name in re.findall(r"(?<![\w-])--[a-z-]+", code)}
    assert named <= options | OPTIONS_OF_OTHERS


def known_names(option):
    return [*option.opts, *option.secondary_opts]


@every_page
def test_every_local_link_is_alive(page):
    for file, anchor in links(page):
        target = page.parent / file if file else page
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), f"{file}#{anchor}"


def make_targets():
    makefiles = (ROOT / "Makefile").read_text() + (ROOT / "experiments" / "Makefile").read_text()
    return set(re.findall(r"^([a-z0-9-]+):", makefiles, re.MULTILINE))


def test_every_command_that_prints_figures_is_on_their_page():
    page = (ROOT / "docs" / "figures.md").read_text()
    missing = [name for name in make_targets() if name.startswith("bench-") and f"`make {name}`" not in page]
    assert missing == []


@every_page
def test_every_make_target_exists(page):
    named = re.findall(r"`make ([a-z0-9-]+)", prose(page))
    named += re.findall(r"^(?:\$ )?make ([a-z0-9-]+)", "\n".join(blocks(page)), re.MULTILINE)
    assert set(named) <= make_targets()


@every_page
def test_every_module_that_is_run_exists(page):
    for module in re.findall(r"python -m ((?:experiments|android_demo)[\w.]*)", page.read_text()):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file(), module


@pytest.mark.parametrize("name", ["troubleshooting", "training_distributed"])
def test_every_message_that_a_table_quotes_is_one_of_ours(name):
    messages = re.findall(r'^\| "([^"]+)"', (ROOT / "docs" / f"{name}.md").read_text(), re.MULTILINE)
    assert len(messages) > 3
    parts = [part for message in messages for part in message.split("...") if part.strip(" ;:,")]
    texts = list(texts_of_the_code())
    assert [part for part in parts if not any(part in text for text in texts)] == []


def texts_of_the_code():
    """Every string of the code; a value inside an f-string is a null character."""
    for folder in ("mobilenet_tf", "export"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.JoinedStr):
                    yield "".join(value.value if is_text(value) else "\0" for value in node.values)
                elif is_text(node):
                    yield node.value


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("page", [ARCHITECTURE, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_every_path_of_the_architecture_exists(page):
    text = page.read_text()
    paths = re.findall(r"`((?:[\w.-]+/)*[\w.-]+(?:\.(?:py|kt|md|sh|toml|yml|json)|/))`", text)
    paths = [path for path in paths if "<" not in path and not path.startswith("build/")]
    assert len(paths) > 15
    missing = [path for path in paths if not any((root / path).exists() for root in roots())]
    assert missing == []


def roots():
    """Where a path of these pages may begin."""
    app = ROOT / "android_demo" / "src" / "main" / "kotlin" / "org" / "mobilenet_tf" / "demo"
    return ROOT, ROOT / "mobilenet_tf", app


def test_the_layers_are_those_that_the_import_test_checks():
    table = ARCHITECTURE.read_text().partition("## Layers")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    shown = [tuple(re.findall(r"`([\w./]+)`", row)) for row in rows]
    assert shown[::-1] == [tuple(map(as_path, layer)) for layer in import_layers()]


def as_path(module):
    path = module.replace(".", "/")
    if module == "mobilenet_tf":
        return f"{path}/__init__.py"
    return f"{path}/" if (ROOT / path).is_dir() else f"{path}.py"


def import_layers():
    tree = ast.parse((ROOT / "tests" / "test_imports.py").read_text())
    values = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "LAYERS"
    ]
    return ast.literal_eval(values[0])


def test_every_bundled_photo_is_credited():
    notice = (ROOT / "mobilenet_tf" / "assets" / "NOTICE").read_text()
    photos = sorted(path.name for path in (ROOT / "mobilenet_tf" / "assets" / "photos").iterdir())
    credited = re.findall(r"^(\w+\.jpg): .+\n  Author: .+\n  Licence: .+\n  Found in: .+", notice, re.MULTILINE)
    assert sorted(credited) == photos
