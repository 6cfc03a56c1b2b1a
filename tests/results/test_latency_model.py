import dataclasses

import pytest

from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.cost import layer_costs, positions, totals, traffic
from mobilenet_tf.networks.published import published_specs
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.results.latency_model import fit_latency, fit_latency_for, predict_unmeasured
from mobilenet_tf.results.prediction_text import prediction_text
from tests.support.results_sample import sample


def measured(alpha, res, *, law, arch="mobilenet_v1", classes=1000):
    """A result of an int8 network whose latency follows `law(positions, Mult-Adds, bytes)`."""
    spec = ModelSpec(arch, alpha, res, classes)
    result = sample(spec.artefact("int8"), p50=law(positions(spec), totals(spec)[0], sum(traffic(spec))))
    model = dataclasses.replace(result.model, arch=arch, alpha=alpha, res=res, classes=classes)
    return dataclasses.replace(result, model=model)


def law(places, mult_adds, moved):
    return 2e-6 * places + 3e-8 * mult_adds + 1e-7 * moved


def slower_law(places, mult_adds, moved):
    return 8e-6 * places + 9e-8 * mult_adds + 1e-7 * moved


SHUFFLENETS = [(0.5, 128), (0.5, 224), (1.0, 160), (1.0, 224)]
OF_V1 = [spec for spec in published_specs() if spec.arch == "mobilenet_v1"]
SOME = [(0.25, 128), (0.5, 160), (0.75, 192), (1.0, 224), (1.0, 128)]


def test_traffic_counts_every_activation_twice_and_every_weight_once():
    spec = ModelSpec(alpha=0.25, res=32)
    outputs = [cost.output_shape for cost in layer_costs(spec)]
    assert outputs[0] == (16, 16, 8)
    activations, weights = traffic(spec)
    assert activations - 3 * 32 * 32 == 2 * sum(a * b * c for a, b, c in outputs[:-1]) + 2 * 1000
    assert weights == totals(spec)[1]


def test_positions_are_the_same_at_every_width_and_grow_with_the_area():
    small, wide, large = (positions(ModelSpec(alpha=a, res=r)) for a, r in ((0.25, 128), (1.0, 128), (1.0, 256)))
    assert small == wide
    # The pool and the classifier have one position each, at any resolution.
    assert large - 2 == 4 * (wide - 2)


def test_a_law_of_that_form_is_found_and_predicts_the_rest():
    model = fit_latency([measured(alpha, res, law=law) for alpha, res in SOME])
    assert model.coefficients == pytest.approx((2e-6, 3e-8, 1e-7), rel=1e-6)
    assert model.error < 1e-6
    predictions = predict_unmeasured(model, "mobilenet_v1", [measured(alpha, res, law=law) for alpha, res in SOME])
    assert len(predictions) == len(OF_V1) - len(SOME)
    for prediction in predictions:
        spec, _ = ModelSpec.parse(prediction.name)
        assert prediction.latency_ms == pytest.approx(
            law(positions(spec), totals(spec)[0], sum(traffic(spec))), rel=1e-6
        )


def test_no_coefficient_is_below_zero():
    """More work never predicts less time, even if the measurements say so."""
    odd = [measured(alpha, res, law=lambda _, mult_adds, __: 1.0 + (mult_adds < 1e8)) for alpha, res in SOME]
    model = fit_latency(odd)
    assert min(model.coefficients) >= 0
    assert model.error > 0.1


def test_results_of_two_kinds_or_too_few_are_refused():
    results = [measured(alpha, res, law=law) for alpha, res in SOME]
    with pytest.raises(InputError, match="got 3 of 1 kinds"):
        fit_latency(results[:3])
    with pytest.raises(InputError, match="of 2 kinds"):
        fit_latency([*results, dataclasses.replace(results[0], threads=2)])


def test_the_text_names_the_best_within_the_budget_of_all_networks():
    results = [measured(alpha, res, law=law) for alpha, res in SOME]
    large = measured(1.0, 224, law=law, arch="mobilenet_v3_large")
    text = prediction_text(results, large.latency_ms.p50 + 0.01)
    assert "the best of these should be mobilenet_v3_large_a1.00_r224_int8: export and measure it." in text
    assert "None of mobilenet_v2, mobilenet_v3_small" in text
    assert prediction_text(results[:2], 1000.0) == ""
    below = prediction_text(results, large.latency_ms.p50 - 0.01)
    assert "the best of these should be mobilenet_v3_large_a0.75_r224_int8" in below
    # The best that is published is among those that were measured: nothing else is worth an export.
    assert "export and measure it" not in prediction_text([*results, large], 1000.0)


def test_the_predictions_of_all_networks_are_one_table_in_order():
    results = [measured(alpha, res, law=law) for alpha, res in SOME]
    results += [measured(alpha, 224, law=slower_law, arch="mobilenet_v2") for alpha in (0.35, 0.5, 0.75, 1.0)]
    lines = prediction_text(results).splitlines()
    rows = lines[2 : lines.index("")]
    latencies = [float(row.split()[1]) for row in rows]
    assert latencies == sorted(latencies)
    assert len(rows) == len(published_specs()) - len(results)
    assert any(line.startswith("mobilenet_v1: predicted from 5 measured networks of mobilenet_v1") for line in lines)
    assert any(line.startswith("mobilenet_v2: predicted from 4 measured networks of mobilenet_v2") for line in lines)


def test_networks_of_one_paper_predict_each_other():
    results = [measured(alpha, res, law=law) for alpha, res in SOME]
    sizes = ("small", "large", "small_minimalistic", "large_minimalistic")
    results += [measured(1.0, 224, law=slower_law, arch=f"mobilenet_v3_{size}") for size in sizes]
    assert set(fit_latency_for("mobilenet_v3_small", results).archs) == {f"mobilenet_v3_{size}" for size in sizes}


def test_networks_without_a_published_accuracy_predict_those_that_have_one():
    results = [measured(alpha, res, law=law, arch="shufflenet_v1") for alpha, res in SHUFFLENETS]
    predictions = predict_unmeasured(fit_latency(results), "mobilenet_v1", results)
    assert {p.name for p in predictions} == {spec.artefact("int8") for spec in OF_V1}
    spec, _ = ModelSpec.parse(predictions[0].name)
    assert predictions[0].latency_ms == pytest.approx(law(positions(spec), totals(spec)[0], sum(traffic(spec))))
    assert "export and measure it" in prediction_text(results, 1000.0)


@pytest.mark.parametrize(("networks", "archs"), [(4, ("mobilenet_v1",)), (3, ("mobilenet_v1", "shufflenet_v1"))])
def test_enough_networks_of_one_architecture_are_fitted_by_themselves(networks, archs):
    results = [measured(alpha, res, law=law) for alpha, res in SOME[:networks]]
    results += [measured(alpha, res, law=slower_law, arch="shufflenet_v1") for alpha, res in SHUFFLENETS]
    model = fit_latency_for("mobilenet_v1", results)
    assert model.archs == archs
    assert model.error < 1e-6 if len(archs) == 1 else model.error > 0.1
    assert f"measured networks of {', '.join(archs)} (int8, 1 thread)." in prediction_text(results)


def test_networks_of_other_classes_than_imagenets_predict_nothing():
    others = [measured(alpha, res, law=slower_law, classes=10) for alpha, res in SOME]
    assert prediction_text(others, 1000.0) == ""
    # Beside networks of ImageNet they change nothing, even if they have the same names.
    of_imagenet = [measured(alpha, res, law=law, classes=1001) for alpha, res in SOME[:4]]
    assert prediction_text([*of_imagenet, *others]) == prediction_text(of_imagenet) != ""
