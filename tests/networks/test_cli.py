import json

import pytest
from click.testing import CliRunner

from mobilenet_tf.networks.cli import info


def run(*arguments):
    return CliRunner().invoke(info, arguments)


def test_the_table_ends_with_the_totals_beside_the_papers():
    result = run("--alpha", "0.5", "--res", "160")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len([line for line in lines if line.startswith(("conv0", "block", "classifier"))]) == 28
    assert "76.5 M Mult-Adds, 1.34 M parameters" in lines[-2]
    assert "76 M Mult-Adds (+0.7%), 1.32 M parameters (+1.7%)" in lines[-1]


def test_json_adds_up():
    document = json.loads(run("--alpha", "0.25", "--json").stdout)
    assert set(document) == {"name", "mult_adds", "parameters", "layers"}
    assert document["name"] == "mobilenet_v1_a0.25_r224"
    for key in ("mult_adds", "parameters"):
        assert document[key] == sum(layer[key] for layer in document["layers"])
    assert set(document["layers"][0]) == {"name", "type", "output_shape", "mult_adds", "parameters"}


def test_a_network_the_paper_does_not_print():
    assert "Howard et al. 2017 print no figure" in run("--alpha", "0.3").stdout


def test_other_networks_stand_beside_their_papers():
    lines = run("--arch", "shufflenet_v1", "--groups", "8").stdout.splitlines()
    assert lines[-2].startswith("shufflenet_v1_g8_a1.00_r224: 138.4 M Mult-Adds")
    assert lines[-1] == "Zhang et al. 2017:           137 M Mult-Adds (+1.0%)"
    assert "Freeman et al. 2018 print no figure" in run("--arch", "effnet").stdout


@pytest.mark.parametrize("arguments", [("--alpha", "2"), ("--res", "33"), ("--classes", "0"), ("--arch", "vgg")])
def test_bad_input_is_an_error_with_status_2(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: expected" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--arch", "effnet", "--groups", "3"), "--groups is for shufflenet_v1"),
        (("--arch", "effnet", "--variant", "conv"), "--variant is for mobilenet_v1"),
        (("--arch", "shufflenet_v1", "--groups", "5"), "'5' is not one of"),
    ],
)
def test_a_variant_that_the_network_has_not_is_an_error(arguments, said):
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_variant_composes_the_name():
    assert "mobilenet_v1_shallow_a1.00_r224: " in run("--variant", "shallow").stdout
    assert run("--arch", "mobilenet_v1_shallow").stdout == run("--variant", "shallow").stdout
