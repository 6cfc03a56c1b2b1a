from mobilenet_tf.benchmark.printing import NO_PREDICTION, print_results
from tests.support.results_sample import grid, sample

NO_LIMITS = {"max_latency_ms": None, "max_size": None, "min_accuracy": None}


def test_a_prediction_that_cannot_be_made_is_said_if_it_was_asked_for(capsys):
    assert print_results([sample()], NO_LIMITS, predict=True, as_json=False)
    assert NO_PREDICTION in capsys.readouterr().out
    assert print_results([sample()], NO_LIMITS | {"max_latency_ms": 5.0}, predict=False, as_json=False)
    assert NO_PREDICTION not in capsys.readouterr().out


def test_a_latency_limit_predicts_too(capsys):
    print_results(grid()[:10], NO_LIMITS | {"max_latency_ms": 5.0}, predict=False, as_json=False)
    assert "not measured" in capsys.readouterr().out
