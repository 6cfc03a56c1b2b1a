"""Hostile descriptions of a model, as `.keras` and `.h5` files carry them in JSON."""

import json
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

__all__ = ["DESCRIPTIONS"]

Description = dict[str, Any]
Change = Callable[[Description], Any]


def _layer(description: Description, kind: str) -> Description:
    layers: list[Description] = description["config"]["layers"]
    return next(layer for layer in layers if layer["class_name"] == kind)


def _setting(kind: str, name: str, value: Any, description: Description) -> Description:
    _layer(description, kind)["config"][name] = value
    return description


def _replaced(kind: str, entry: Description, description: Description) -> Description:
    """Another class in the place of a layer, with its own settings beside the name."""
    layer = _layer(description, kind)
    settings = {"name": layer["config"]["name"]} | entry["config"]
    layer |= {"module": "keras.layers", "registered_name": None} | entry | {"config": settings}
    return description


def _many_layers(description: Description) -> Description:
    layers = description["config"]["layers"]
    layers += [deepcopy(layers[2]) | {"name": f"conv{number}"} for number in range(20_000)]
    return description


def _twice(description: Description) -> Description:
    description["config"]["layers"] *= 2
    return description


def _without_layers(description: Description) -> Description:
    description["config"]["layers"] = []
    return description


def _loop(description: Description) -> Description:
    """The first layer takes what the last one gives."""
    layers = description["config"]["layers"]
    layers[1]["inbound_nodes"] = layers[-1]["inbound_nodes"]
    return description


LAMBDA = {"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wAAAA=="}}}}
GET_FILE = {
    "class_name": "function", "module": "keras.utils", "registered_name": "get_file",
    "config": "get_file",
}  # fmt: skip
CODE = {"class_name": "system", "module": "os", "config": {"command": "touch /tmp/outside.txt"}}
ESCAPES = "\x1b[31mred\x1b]0;title\x07\u202e"
HUGE = 2**31
NUMBERS = {"nothing": None, "a text": "x", "a list": [1], "minus one": -1, "zero": 0, "half": 0.5, "2 ** 70": 2**70}

DESCRIPTIONS: tuple[tuple[str, Change], ...] = (
    ("no JSON", lambda _: "{"),
    ("nothing", lambda _: ""),
    ("a list", lambda _: []),
    ("a number", lambda _: 3),
    ("null", lambda _: None),
    ("of 100,000 levels", lambda _: "[" * 100_000),
    ("of 900 levels", lambda _: '{"config":' * 900 + "1" + "}" * 900),
    ("of NaN", lambda description: json.dumps(_setting("Rescaling", "scale", float("nan"), description))),
    ("without layers", _without_layers),
    ("with every layer twice", _twice),
    ("in a loop", _loop),
    ("of 20,000 layers", _many_layers),
    ("of no class", lambda description: description | {"class_name": None}),
    ("of a class of its owner", lambda description: description | {"class_name": "Mine", "module": "mine"}),
    ("with a setting that is a list", lambda description: description | {"config": []}),
    ("with layers that are texts", lambda description: description | {"config": {"layers": ["a", "b"]}}),
    ("named by escape codes", partial(_setting, "Dense", "name", ESCAPES)),
    ("named by a number", partial(_setting, "Dense", "name", 7)),
    ("named by a path", partial(_setting, "Dense", "name", "../../outside")),
    *((f"of units {name}", partial(_setting, "Dense", "units", value)) for name, value in NUMBERS.items()),
    ("of 2 ** 31 units", partial(_setting, "Dense", "units", HUGE)),
    ("of 2 ** 31 filters", partial(_setting, "Conv2D", "filters", HUGE)),
    ("of a kernel of 100,000", partial(_setting, "Conv2D", "kernel_size", [100_000, 100_000])),
    ("of strides of zero", partial(_setting, "Conv2D", "strides", [0, 0])),
    ("of a dilation of 2 ** 31", partial(_setting, "Conv2D", "dilation_rate", [HUGE, HUGE])),
    ("of images of 100,000", partial(_setting, "InputLayer", "batch_shape", [None, 100_000, 100_000, 3])),
    ("of images of zero", partial(_setting, "InputLayer", "batch_shape", [None, 0, 0, 3])),
    ("of images of minus one", partial(_setting, "InputLayer", "batch_shape", [None, -1, -1, 3])),
    ("of images of texts", partial(_setting, "InputLayer", "dtype", "string")),
    ("of a batch of 10,000", partial(_setting, "InputLayer", "batch_shape", [10_000, 32, 32, 3])),
    ("with an unknown activation", partial(_setting, "Dense", "activation", "os.system")),
    ("with an activation that is a file", partial(_setting, "Dense", "activation", GET_FILE)),
    ("with an initializer that is code", partial(_setting, "Dense", "kernel_initializer", CODE)),
    ("with a Lambda", partial(_replaced, "GlobalAveragePooling2D", LAMBDA)),
    ("with a layer that is a program", partial(_replaced, "GlobalAveragePooling2D", CODE)),
    ("with a layer of files", partial(
        _replaced, "GlobalAveragePooling2D", {"class_name": "TFSMLayer", "config": {"filepath": "/etc"}}
    )),
    ("with a vocabulary in a file", partial(
        _replaced, "GlobalAveragePooling2D", {"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}
    )),
    ("that enlarges images by 1000", partial(
        _replaced, "Rescaling", {"class_name": "UpSampling2D", "config": {"size": [1000, 1000]}}
    )),
    ("that pads images by 100,000", partial(
        _replaced, "Rescaling", {"class_name": "ZeroPadding2D", "config": {"padding": 100_000}}
    )),
    ("that repeats by 2 ** 31", partial(
        _replaced, "GlobalAveragePooling2D", {"class_name": "RepeatVector", "config": {"n": HUGE}}
    )),
)  # fmt: skip
