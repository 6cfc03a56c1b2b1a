"""JSON text -> frozen dataclasses, every field checked against its annotation."""

import json
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .errors import InputError

__all__ = ["parse_json", "parse_record", "parse_versioned", "read_text"]

DEEPEST = 50  # levels; our own records have less than ten


def read_text(path: Path, error: type[InputError]) -> str:
    """The text of a JSON file. Raises `error`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise error(f"cannot read {path}: {getattr(cause, 'strerror', None) or 'it is no UTF-8 text'}.") from cause


def parse_versioned(
    kind: Any,
    text: str,
    version: int,
    where: str,
    error: type[InputError],
    again: str,
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType({}),
) -> Any:
    """JSON text as an instance of the dataclass `kind`, whose `schema_version` must be `version`.

    again:    the sentence that says how to make a new one.
    upgrades: an older version -> what makes the fields of this version from those of that one.
    Raises `error`, which names the field after `where`.
    """
    try:
        data = parse_json(text)
    except ValueError as cause:
        raise error(f"{where} is no JSON: {str(cause)[:80]}.\n{again}") from cause
    found = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(found, int) and found in upgrades:
        data, found = upgrades[found](data) | {"schema_version": version}, version
    if found != version:
        raise error(
            f"{where}: expected version {version}; got {str(found)[:40]}.\n"
            f"{again} Or use the version of mobilenet-tf that wrote it."
        )
    return parse_record(kind, data, where, error)


def parse_json(text: str) -> Any:
    """The values of a JSON text, each of which can be calculated with and printed.

    Raises ValueError for text that is no JSON, or that holds NaN, an infinity (1e999 too), an integer beyond 64 bits,
    half a surrogate pair, or more than DEEPEST levels.
    """
    try:
        value = json.loads(text, parse_constant=_finite, parse_float=_finite, parse_int=_int64)
    except RecursionError as error:
        raise ValueError("it has too many levels") from error
    _refuse_unprintable(value, 0)
    return value


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text[:20]} is no number")
    return number


def _int64(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"{text[:20]} has more than 64 bits")
    return int(text)


def _refuse_unprintable(value: Any, level: int) -> None:
    if level > DEEPEST:
        raise ValueError("it has too many levels")
    if isinstance(value, str):
        value.encode()  # half a surrogate pair is a UnicodeEncodeError, which is a ValueError
    elif isinstance(value, dict | list):
        for item in value if isinstance(value, list) else [*value, *value.values()]:
            _refuse_unprintable(item, level + 1)


def parse_record(kind: Any, value: Any, where: str, error: type[InputError]) -> Any:
    """`value`, as json gives it, as an instance of the annotated type `kind`.

    kind: a dataclass, list[...], dict[str, ...], X | None, Literal[...], Any, or a plain type; an int serves as float.
    Raises `error`, which names the field after `where`.
    """
    if is_dataclass(kind):
        return _dataclass(kind, value, where, error)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        _check(isinstance(value, list), "a list", value, where, error)
        return [parse_record(arguments[0], item, f"{where}[{index}]", error) for index, item in enumerate(value)]
    if origin is dict:
        _check(isinstance(value, dict), "an object", value, where, error)
        return {name: parse_record(arguments[1], item, f"{where}.{name}", error) for name, item in value.items()}
    if origin in (Union, types.UnionType):
        chosen = [option for option in arguments if option is not type(None)]
        return None if value is None and len(chosen) < len(arguments) else parse_record(chosen[0], value, where, error)
    if origin is Literal:
        _check(value in arguments, " or ".join(map(repr, arguments)), value, where, error)
        return value
    if kind is not Any:
        allowed = (float, int) if kind is float else (kind,)
        fits = isinstance(value, allowed) and (kind is bool or not isinstance(value, bool))
        _check(fits, kind.__name__, value, where, error)
    return value


def _dataclass(kind: Any, value: Any, where: str, error: type[InputError]) -> Any:
    names = {field.name for field in fields(kind)}
    if not isinstance(value, dict) or value.keys() != names:
        found = set(value) if isinstance(value, dict) else set()
        raise error(
            f"{where}: missing {sorted(names - found)}, unknown {sorted(found - names)}. It was not written by "
            "this version."
        )
    hints = get_type_hints(kind)
    return kind(**{name: parse_record(hints[name], value[name], f"{where}.{name}", error) for name in names})


def _check(fits: bool, expected: str, value: Any, where: str, error: type[InputError]) -> None:
    if not fits:
        raise error(f"{where}: expected {expected}; got {str(value)[:80]!r}.")
