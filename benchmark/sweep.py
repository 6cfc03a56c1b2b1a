"""Many models, one after the other: what is measured already is kept, what fails is named, between two it cools."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from mobilenet_tf.errors import MobilenetError, ModelError, OutputError, ResultError
from mobilenet_tf.files import replacing

from .results import RESULT_SUFFIX, Result

__all__ = ["Measured", "find_models", "result_path", "sweep"]


@dataclass(frozen=True)
class Measured:
    """One model's result; `kept` where it was measured before; or the error that it ended with."""

    path: Path
    result: Result | None
    kept: bool = False
    error: MobilenetError | None = None


def find_models(paths: Iterable[Path]) -> list[Path]:
    """The .tflite files among `paths` and in their folders, each once. Raises ModelError where a folder has none."""
    found: dict[Path, None] = {}
    for path in paths:
        models = sorted(path.rglob("*.tflite")) if path.is_dir() else [path]
        if not models:
            raise ModelError(f"expected .tflite files in {path}; there are none. Export some with mobilenet-export.")
        found.update(dict.fromkeys(models))
    return list(found)


def result_path(folder: Path, model: Path, target: str, variant: str) -> Path:
    """Where the result of a model goes: two files of one name in different folders do not meet."""
    place = sha256(str(model.resolve().parent).encode()).hexdigest()[:6]
    target = "".join(c if c.isalnum() else "_" for c in target)
    return folder / f"{model.stem}-{target}-{variant}-{place}{RESULT_SUFFIX}"


def sweep(
    models: Sequence[Path],
    measure: Callable[[Path, Callable[[str, float], None]], Result],
    *,
    place: Callable[[Path], Path],
    again: bool,
    cool_down: float = 0.0,
    tell: Callable[[Path, str, float], None] = lambda _, __, ___: None,
) -> Iterator[Measured]:
    """Measure each model in turn and write its result to `place(model)`.

    A result of the same bytes that is there already is kept, unless `again`. cool_down: seconds between measurements.
    A model that fails is told with its error, and the next one follows. Raises OutputError where a result cannot be
    written.
    """
    measured = False
    for model in models:
        kept = None if again else _kept(place(model), model)
        if kept is not None:
            yield Measured(model, kept, kept=True)
            continue
        if measured and cool_down:
            tell(model, "cooling down", 0.0)
            time.sleep(cool_down)
        measured = True
        try:
            result = measure(model, lambda what, share, model=model: tell(model, what, share))  # type: ignore[misc]
        except OutputError:
            raise
        except MobilenetError as error:
            yield Measured(model, None, error=error)
            continue
        _write(place(model), result)
        yield Measured(model, result)


def _kept(path: Path, model: Path) -> Result | None:
    try:
        result = Result.read(path)
        return result if result.sha256 == sha256(model.read_bytes()).hexdigest() else None
    except (ResultError, OSError):
        return None


def _write(path: Path, result: Any) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            partial.write_text(result.to_json(), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write the result {path}: {error.strerror or error}.\nGive another --output-dir."
        ) from error
