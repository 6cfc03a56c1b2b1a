"""The limits of CONTRIBUTING.md on the size of functions and files; the linter knows no lines of a function."""

import ast

import pytest

from tests.support.commands import ROOT

FOLDERS = ("mobilenet_tf", "export", "experiments", "android_demo/tools", "tests")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 50
MOST_PARAMETERS = 8


def functions_in(source, file=""):
    """(its place and name, its node) of each function and method in a file's text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{file}:{node.lineno} {node.name}", node


FUNCTIONS = [found for path in FILES for found in functions_in(path.read_text(), path.relative_to(ROOT))]


def parameters_of(function):
    """Their names, but for self and cls; `*rest` and `**options` count as one each."""
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    listed += filter(None, [arguments.vararg, arguments.kwarg])
    return [argument.arg for argument in listed if argument.arg not in ("self", "cls")]


def test_no_file_is_too_long():
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES}
    assert {file: count for file, count in lines.items() if count > MOST_LINES_OF_A_FILE} == {}


def test_no_function_is_too_long():
    """From its `def` to its last line: the options that decorate a command are not of its body."""
    lines = {name: node.end_lineno - node.lineno + 1 for name, node in FUNCTIONS}
    assert len(lines) > 1000
    assert {name: count for name, count in lines.items() if count > MOST_LINES_OF_A_FUNCTION} == {}


def test_no_function_has_too_many_parameters():
    counts = {name: len(parameters_of(node)) for name, node in FUNCTIONS}
    assert {name: count for name, count in counts.items() if count > MOST_PARAMETERS} == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a, /, b, *c, d, **e): ...", ["a", "b", "d", "c", "e"]),
        ("class C:\n    def f(self, a): ...", ["a"]),
        ("async def f(): ...", []),
    ],
)
def test_parameters_are_counted(source, expected):
    ((_, function),) = functions_in(source)
    assert parameters_of(function) == expected


def test_no_file_exports_a_name_of_another():
    """But for packages, and the one file through which Keras is imported: each name has one place."""
    found = {}
    for path in FILES:
        tree = ast.parse(path.read_text())
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        imported = {alias.asname or alias.name for node in imports for alias in node.names}
        lists = [node.value for node in tree.body if isinstance(node, ast.Assign) and is_named(node, "__all__")]
        exported = {name for node in lists for name in ast.literal_eval(node)}
        if exported & imported and path.name not in ("__init__.py", "keras_loader.py"):
            found[str(path.relative_to(ROOT))] = exported & imported
    assert found == {}


def is_named(assignment, name):
    return [target.id for target in assignment.targets if isinstance(target, ast.Name)] == [name]
