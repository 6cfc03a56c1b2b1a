import click
import pytest
from click.testing import CliRunner

from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.options import architecture_options


def arch_of(*arguments, default=None):
    """The network that a command with these options is called with; empty for None."""
    result = invoke(*arguments, default=default)
    assert result.exit_code == 0, result.output
    return result.output.strip()


def invoke(*arguments, default=None):
    @click.command()
    @architecture_options(default)
    def command(arch):
        click.echo(arch)

    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ((), ""),
        (("--arch", "effnet"), "effnet"),
        (("--arch", "mobilenet_v1", "--variant", "separable"), "mobilenet_v1"),
        (("--arch", "mobilenet_v1", "--variant", "shallow"), "mobilenet_v1_shallow"),
        (("--variant", "shallow"), "mobilenet_v1_shallow"),
        (("--arch", "shufflenet_v1", "--groups", "3"), "shufflenet_v1"),
        (("--arch", "shufflenet_v1", "--groups", "8"), "shufflenet_v1_g8"),
        (("--groups", "8"), "shufflenet_v1_g8"),
    ],
)
def test_variant_and_groups_become_part_of_the_name(options, name):
    assert arch_of(*options) == name
    assert not name or name in ARCHITECTURES


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--arch", "mobilenet_v1", "--variant", "deep"), "'deep' is not one of 'separable', 'conv', 'shallow'"),
        (("--groups", "5"), "'5' is not one of '3', '1', '2', '4', '8'"),
        (("--arch", "effnet", "--variant", "conv"), "--variant is for mobilenet_v1"),
        (("--arch", "effnet", "--groups", "3"), "--groups is for shufflenet_v1"),
        (("--variant", "conv", "--groups", "8"), "--groups is for shufflenet_v1"),
    ],
)
def test_a_variant_that_the_network_does_not_have_is_a_usage_error(options, message):
    for default in (None, "mobilenet_v1"):
        result = invoke(*options, default=default)
        assert result.exit_code == 2
        assert message in result.output


def test_the_default_is_the_network_if_no_option_names_one():
    assert arch_of("--variant", "conv", default="mobilenet_v1") == "mobilenet_v1_conv"
    assert arch_of("--groups", "8", default="mobilenet_v1") == "shufflenet_v1_g8"
    assert arch_of(default="effnet") == "effnet"
