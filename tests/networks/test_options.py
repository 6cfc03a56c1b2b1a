import click
import pytest
from click.testing import CliRunner

from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.options import arch_name, architecture_options


def arch_of(*arguments, default=None):
    """What a command with these options is called with."""

    @click.command()
    @architecture_options(default)
    def command(arch):
        click.echo(arch)

    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return result.output.strip()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ((None,), None),
        (("effnet",), "effnet"),
        (("mobilenet_v1", "separable"), "mobilenet_v1"),
        (("mobilenet_v1", "shallow"), "mobilenet_v1_shallow"),
        (("shufflenet_v1", None, 3), "shufflenet_v1"),
        (("shufflenet_v1", None, 8), "shufflenet_v1_g8"),
    ],
)
def test_variant_and_groups_become_part_of_the_name(options, name):
    assert arch_name(*options) == name
    assert name is None or name in ARCHITECTURES


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("mobilenet_v1", "deep"), "mobilenet_v1_shallow; got mobilenet_v1_deep"),
        (("shufflenet_v1", None, 5), "shufflenet_v1_g8; got shufflenet_v1_g5"),
        (("effnet", "conv"), "--variant is for mobilenet_v1"),
        (("effnet", None, 3), "--groups is for shufflenet_v1"),
    ],
)
def test_a_variant_that_the_network_does_not_have_is_a_usage_error(options, message):
    with pytest.raises(click.UsageError, match=message):
        arch_name(*options)


def test_a_command_is_called_with_one_name():
    assert arch_of("--arch", "shufflenet_v1", "--groups", "8") == "shufflenet_v1_g8"
    assert arch_of("--variant", "conv", default="mobilenet_v1") == "mobilenet_v1_conv"
    assert arch_of() == ""
    assert arch_of(default="effnet") == "effnet"
