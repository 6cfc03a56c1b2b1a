import pytest

from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.state import Epoch
from mobilenet_tf.training.summary import kept_model_sentences, worse_after_unfreezing

CONFIG = SizedConfig(epochs=4, freeze=2)


def history_of(*measured):
    """The history with these (top-1, validation loss)."""
    return [Epoch(n, 1.0, 0.9, top1, 0.1, 50.0, loss, 0.1) for n, (top1, loss) in enumerate(measured, 1)]


def test_the_kept_epoch_is_said_with_its_interval():
    """11 of 24: Wilson's interval."""
    one, other = kept_model_sentences(KeptEpoch(1, 30, 11 / 24), 24, averaged=True)
    assert one == (
        "best.keras is of epoch 1: top-1 45.8% on 24 validation photos (95% interval 27.9% to 64.9%), measured with "
        "averaged weights."
    )
    assert other.startswith("It was chosen as the best of 30 epochs on the same photos")
    (one,) = kept_model_sentences(KeptEpoch(1, 1, 1.0), 24, averaged=False)
    assert one.endswith("(95% interval 86.2% to 100.0%).")


@pytest.mark.parametrize(
    ("balanced", "said"),
    [(0.6, ["Its balanced accuracy, the mean over the classes, is 60.0%."]), (0.699, []), (0.701, []), (None, [])],
)
def test_balanced_accuracy_is_said_if_it_differs_from_top_1(balanced, said):
    _, *others = kept_model_sentences(KeptEpoch(1, 1, 0.7, balanced), 100, averaged=False)
    assert others == said


@pytest.mark.parametrize(
    ("measured", "photos"),
    [
        ([(0.5, 1.2), (0.8, 0.9), (0.3, 1.5), (0.2, 3.0)], 100),
        ([(0.5, 1.2), (0.8, 0.9), (0.3, 1.5), (0.5, 1.0)], 100),  # far fewer are right, though the loss is moderate
        ([(0.4, 1.2), (0.458, 1.1), (0.3, 1.5), (0.25, 2.5)], 24),  # worse than guessing of four classes
    ],
)
def test_a_network_that_got_clearly_worse_is_said_with_what_to_do(measured, photos):
    sentence = worse_after_unfreezing(history_of(*measured), CONFIG, photos, 4)
    (top1, loss), (last_top1, last_loss) = measured[1], measured[-1]
    changes = f"validation loss {loss:.2f} to {last_loss:.2f}, top-1 {top1:.1%} to {last_top1:.1%}."
    assert f"from epoch 3 on: {changes}" in sentence
    assert "smaller --learning-rate, more --epochs, or --freeze 4" in sentence


@pytest.mark.parametrize(
    ("measured", "config"),
    [
        ([(0.5, 1.2), (0.6, 0.9), (0.1, 9.0), (0.8, 0.7)], CONFIG),  # it came back
        ([(0.5, 1.2), (0.60, 0.90), (0.6, 0.9), (0.56, 0.95)], CONFIG),  # within chance
        ([(0.5, 1.2), (0.6, 0.9), (0.6, 0.9), (0.6, 1.5)], CONFIG),  # overconfident, and right as often
        ([(0.5, 1.2), (0.6, 0.9), (0.1, 9.0), (0.1, 9.0)], SizedConfig(epochs=4, freeze=0)),
        ([(0.5, 1.2), (0.6, 0.9), (0.1, 9.0), (0.1, 9.0)], SizedConfig(epochs=4, freeze=4)),
        ([(0.5, 1.2), (0.6, 0.9), (0.1, 9.0), (0.1, 9.0)], SizedConfig(epochs=4, freeze=2, start_res=((32, 2),))),
        ([(0.5, None), (0.6, None), (0.1, 9.0), (0.1, 9.0)], CONFIG),  # of an earlier version
    ],
)
def test_any_other_run_is_not_called_worse(measured, config):
    assert worse_after_unfreezing(history_of(*measured), config, 100, 4) is None
