"""A seeded sample of the hostile .keras, .h5 and JSON files that `make fuzz` gives to every command that reads them."""

import json
import sys
from copy import deepcopy

import h5py
import numpy as np
import pytest

from experiments import fuzz_json, fuzz_keras
from experiments.fuzz_descriptions import DESCRIPTIONS
from experiments.fuzz_hdf5 import ARRAYS, ATTRIBUTES
from tests.support.commands import run_process


def names_of(module):
    return [hostile.name for hostile in module.inputs(np.random.default_rng(0))]


def test_there_are_as_many_as_were_asked_for_and_no_two_are_alike():
    names = names_of(fuzz_keras)
    assert len({*names}) == len(names) > 150
    names = names_of(fuzz_json)
    assert len({*names}) == len(names) > 240


def test_every_description_can_be_made():
    settings = {"config": {"name": "x"}}
    kinds = ("InputLayer", "Rescaling", "Conv2D", "GlobalAveragePooling2D", "Dense")
    layers = [{"class_name": kind, "name": kind, "inbound_nodes": []} | settings for kind in kinds]
    for name, change in DESCRIPTIONS:
        made = change(deepcopy({"class_name": "Functional", "config": {"name": "x", "layers": layers}}))
        assert isinstance(made, str) or json.dumps(made), name


@pytest.mark.parametrize(("name", "poison"), [*ARRAYS, *ATTRIBUTES])
def test_every_hdf5_file_can_be_made(name, poison, tmp_path):
    file = tmp_path / "model.h5"
    with h5py.File(file, "w") as made:
        made["model_weights/layers/vars/0"] = np.zeros((4, 4), np.float32)
        made.attrs["keras_version"] = "3"
    poison(file)
    assert file.stat().st_size > 100, name


@pytest.mark.slow
@pytest.mark.parametrize(("generator", "sample"), [("keras", 10), ("json", 30)])
def test_a_sample_does_no_harm(generator, sample):
    """The time of a call is not measured here: other tests run beside it."""
    arguments = ("--sample", str(sample), "--seed", "22", "--seconds", "300")
    done = run_process(sys.executable, "-m", "experiments.fuzz", generator, *arguments)
    assert done.returncode == 0, done.stdout
    assert generator in done.stdout
