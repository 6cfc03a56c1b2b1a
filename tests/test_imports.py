import ast
import sys
import tomllib

import pytest
from conftest import ROOT, run_process

PACKAGES = ("mobilenet_tf", "export", "benchmark")
ALLOWED = {  # package -> what it may import of ours
    "mobilenet_tf": ("mobilenet_tf",),
    "export": ("export", "mobilenet_tf"),
    "benchmark": ("benchmark", "export.manifest", "mobilenet_tf"),
}
COMMANDS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
HEAVY = ("tensorflow", "keras", "plotly")


def ours_imported_by(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from ([node.module] if "." in node.module else [f"{node.module}.{a.name}" for a in node.names])
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(package):
    modules = sorted((ROOT / package).glob("*.py"))
    assert modules
    for path in modules:
        for name in ours_imported_by(path):
            if name.split(".")[0] in PACKAGES:
                assert any(f"{name}.".startswith(f"{allowed}.") for allowed in ALLOWED[package]), (path.name, name)


@pytest.mark.parametrize("package", [*PACKAGES, "export.manifest", "export.pipeline", "mobilenet_tf.weights"])
def test_importing_loads_no_tensorflow(package):
    script = f"import sys, {package}; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert run_process(sys.executable, "-c", script).stdout == "[]\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_loads_neither_tensorflow_nor_numpy(command):
    done = run_process(sys.executable, "-X", "importtime", "-m", "bench.command", command, "--help", cwd=ROOT)
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: {command}")
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & {*HEAVY, "numpy"}


@pytest.mark.parametrize(
    "module", [*PACKAGES, *(f"{p}.{f.stem}" for p in PACKAGES for f in (ROOT / p).glob("[a-z]*.py"))]
)
def test_public_names_are_those_of_all(module):
    import importlib

    loaded = importlib.import_module(module)
    assert all(hasattr(loaded, name) for name in getattr(loaded, "__all__", []))
    assert loaded.__doc__
