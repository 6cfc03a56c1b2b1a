"""Read JSON text into frozen dataclasses; every field is checked against its annotation."""

import json
import math
import stat
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .errors import InputError

__all__ = ["parse_json", "parse_record", "parse_versioned", "read_text"]

MAX_BYTES = 2**27  # of a file: a record of a million photos
MAX_LEVELS = 50  # our own records have less than ten


def read_text(path: Path, error: type[InputError]) -> str:
    """The text of a JSON file. Raises `error` if it cannot be read, has more than MAX_BYTES, or is no regular file: a
    pipe is not waited for.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise error(f"cannot read {path}: it is no regular file.")
        if status.st_size > MAX_BYTES:
            raise error(f"cannot read {path}: it has {status.st_size} bytes, and at most {MAX_BYTES} are read.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise error(f"cannot read {path}: {getattr(cause, 'strerror', None) or 'it is not UTF-8 text'}.") from cause


def parse_versioned(
    record_type: Any,
    text: str,
    version: int,
    place: str,
    error: type[InputError],
    advice: str,
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType({}),
) -> Any:
    """Read JSON text into an instance of the dataclass `record_type`, whose `schema_version` must be `version`.

    place:    what an error calls the record; the name of the wrong field follows it.
    advice:   the sentence that says how to make a new record.
    upgrades: an older version -> the function that makes the fields of this version from those of that one.
    Raises `error` if the text is not such a record.
    """
    try:
        data = parse_json(text)
    except ValueError as cause:
        raise error(f"{place} is not JSON: {str(cause)[:80]}.\n{advice}") from cause
    found = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(found, int) and found in upgrades:
        data, found = upgrades[found](data) | {"schema_version": version}, version
    if found != version:
        raise error(
            f"{place}: expected version {version}; got {str(found)[:40]}.\n"
            f"{advice} Or use the version of mobilenet-tf that wrote it."
        )
    return parse_record(record_type, data, place, error)


def parse_json(text: str) -> Any:
    """Parse a JSON text whose every value can be calculated with and printed.

    Raises ValueError if the text is not JSON, or contains NaN, an infinity (1e999 too), an integer of more than 64
    bits, half a surrogate pair, or more than MAX_LEVELS levels.
    """
    try:
        value = json.loads(text, parse_constant=_finite, parse_float=_finite, parse_int=_int64)
    except RecursionError as error:
        raise ValueError("it has too many levels") from error
    _refuse_unprintable(value, 0)
    return value


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text[:20]} is not a finite number")
    return number


def _int64(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"{text[:20]} has more than 64 bits")
    return int(text)


def _refuse_unprintable(value: Any, level: int) -> None:
    if level > MAX_LEVELS:
        raise ValueError("it has too many levels")
    if isinstance(value, str):
        value.encode()  # half a surrogate pair is a UnicodeEncodeError, which is a ValueError
    elif isinstance(value, dict | list):
        for item in value if isinstance(value, list) else [*value, *value.values()]:
            _refuse_unprintable(item, level + 1)


def parse_record(kind: Any, value: Any, place: str, error: type[InputError]) -> Any:
    """Convert `value`, as json gives it, to the annotated type `kind`.

    A field of a dataclass that has a default may be missing: files of before it was added have none.

    kind:  a dataclass, list[X], tuple[X, ...], dict[str, X], X | None, Literal[...], an enum (by its values), Any, or a
           plain type; float takes an int too.
    place: what an error calls the value; the name of the wrong field follows it.
    Raises `error` if the value is not of this type.
    """
    if is_dataclass(kind):
        return _dataclass(kind, value, place, error)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (list, tuple):
        _check(isinstance(value, list), "a list", value, place, error)
        return origin(parse_record(arguments[0], item, f"{place}[{index}]", error) for index, item in enumerate(value))
    if origin is dict:
        _check(isinstance(value, dict), "an object", value, place, error)
        return {name: parse_record(arguments[1], item, f"{place}.{name}", error) for name, item in value.items()}
    if origin in (Union, types.UnionType):
        chosen = [option for option in arguments if option is not type(None)]
        return None if value is None and len(chosen) < len(arguments) else parse_record(chosen[0], value, place, error)
    if origin is Literal:
        _check(value in arguments, _choices(arguments), value, place, error)
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        values = [member.value for member in kind]
        _check(type(value) is type(values[0]) and value in values, _choices(values), value, place, error)
        return kind(value)
    if kind is not Any:
        allowed = (float, int) if kind is float else (kind,)
        fits = isinstance(value, allowed) and (kind is bool or not isinstance(value, bool))
        _check(fits, kind.__name__, value, place, error)
    return value


def _choices(values: Sequence[Any]) -> str:
    return " or ".join(map(repr, values))


def _dataclass(kind: Any, value: Any, place: str, error: type[InputError]) -> Any:
    names = {field.name for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is field.default_factory is MISSING}
    found = set(value) if isinstance(value, dict) else set()
    if not isinstance(value, dict) or not required <= found <= names:
        raise error(
            f"{place}: missing {sorted(required - found)}, unknown {sorted(found - names)}. It was not written by "
            "this version."
        )
    hints = get_type_hints(kind)
    return kind(**{name: parse_record(hints[name], value[name], f"{place}.{name}", error) for name in found})


def _check(fits: bool, expected: str, value: Any, place: str, error: type[InputError]) -> None:
    if not fits:
        raise error(f"{place}: expected {expected}; got {str(value)[:80]!r}.")
