"""The layers of docs/architecture.md: every import goes down, and no two files import each other."""

import ast
import graphlib
import importlib
import sys
import tomllib

import pytest

from tests.support.commands import ROOT, run_process

# From the bottom up; a folder imports only what stands before it.
LAYERS = (
    ("mobilenet_tf.version", "mobilenet_tf.errors", "mobilenet_tf.progress", "mobilenet_tf.terminal"),
    ("mobilenet_tf.interrupts",),
    ("mobilenet_tf.progress_bar", "mobilenet_tf.standard_streams"),
    ("mobilenet_tf.json_records", "mobilenet_tf.console", "mobilenet_tf.keras_loader"),
    ("mobilenet_tf.files", "mobilenet_tf.locks"),
    ("mobilenet_tf.contract",),
    ("mobilenet_tf.networks",),
    ("mobilenet_tf.tasks",),
    ("mobilenet_tf.data",),
    ("mobilenet_tf.tflite",),
    ("mobilenet_tf.weights",),
    ("mobilenet_tf.quantization",),
    ("mobilenet_tf.results",),
    ("mobilenet_tf.report",),
    ("mobilenet_tf.training",),
    ("mobilenet_tf.benchmark",),
    ("mobilenet_tf",),  # __init__.py: the public names
    ("export",),
    ("experiments", "android_demo"),
)
PACKAGES = ("mobilenet_tf", "export")
CODE = ("mobilenet_tf", "export", "experiments", "android_demo/tools")
COMMANDS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
HEAVY = ("tensorflow", "keras", "plotly")


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))}


def resolved(module, node):
    """The modules of ours that an import statement in `module` names."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        base = node.module or ""
        if node.level:
            package = module.split(".") if FILES[module].name == "__init__.py" else module.split(".")[:-1]
            base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
        names = [f"{base}.{alias.name}" for alias in node.names]
    for name in names:
        while name and name not in FILES:
            name = name.rpartition(".")[0]  # a name in a module, or a module that is not ours
        if name:
            yield name


def imports_of(module):
    tree = ast.parse(FILES[module].read_text())
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {name for node in statements for name in resolved(module, node)} - {module}


def layer_of(module):
    fitting = [
        (len(prefix), place)
        for place, prefixes in enumerate(LAYERS)
        for prefix in prefixes
        if f"{module}.".startswith(f"{prefix}.") and (prefix != "mobilenet_tf" or module == prefix)
    ]
    assert fitting, f"{module} belongs to no layer: put its folder into LAYERS"
    return max(fitting)[1]


def test_every_import_goes_down():
    upward = [
        f"{module} imports {name}"
        for module in FILES
        for name in imports_of(module)
        if layer_of(name) > layer_of(module)
    ]
    assert upward == []


def test_no_circle_of_imports():
    order = graphlib.TopologicalSorter({module: imports_of(module) for module in FILES})
    order.prepare()  # raises CycleError, which names the circle


def unset_imports_of_keras(tree):
    """Imports of Keras or TensorFlow that do not come from keras_loader, which sets Keras first; with their lines."""
    typing_only = {
        id(statement)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
    }
    for block in ast.walk(tree):
        statements = block.body if isinstance(getattr(block, "body", None), list) else []
        imports = [node for node in statements if isinstance(node, ast.Import | ast.ImportFrom)]
        loaded = False
        for node in imports:
            module = getattr(node, "module", None) or ""
            loaded = loaded or module == "mobilenet_tf.keras_loader"
            roots = {name.split(".")[0] for name in (module, *(alias.name for alias in node.names))}
            allowed = id(node) in typing_only or (loaded and isinstance(node, ast.ImportFrom))
            if roots & {"keras", "tensorflow"} and not allowed:
                yield node.lineno


def test_keras_and_tensorflow_come_from_the_loader_that_sets_them():
    places = {module: [*unset_imports_of_keras(ast.parse(path.read_text()))] for module, path in FILES.items()}
    unset = {module for module, lines in places.items() if lines and module.split(".")[0] in PACKAGES}
    assert unset == {"mobilenet_tf.keras_loader"}


def test_the_walk_sees_every_folder():
    assert len(FILES) > 100
    assert "mobilenet_tf.errors" in imports_of("mobilenet_tf.networks.spec")
    assert "mobilenet_tf.networks.shufflenet_v1" in imports_of("mobilenet_tf.networks.architectures")


LIGHT = [*PACKAGES, "mobilenet_tf.contract.manifest", "export.pipeline", "mobilenet_tf.weights.load"]


@pytest.mark.parametrize("package", LIGHT)
def test_importing_loads_no_tensorflow(package):
    script = f"import sys, {package}; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert run_process(sys.executable, "-c", script).stdout == "[]\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_loads_neither_tensorflow_nor_numpy(command):
    done = run_process(sys.executable, "-X", "importtime", "-m", "experiments.command", command, "--help", cwd=ROOT)
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: {command}")
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & {*HEAVY, "numpy"}


@pytest.mark.parametrize("module", [name for name in FILES if name.split(".")[0] in PACKAGES])
def test_public_names_are_those_of_all(module):
    loaded = importlib.import_module(module)
    assert all(hasattr(loaded, name) for name in getattr(loaded, "__all__", []))
    assert loaded.__doc__
