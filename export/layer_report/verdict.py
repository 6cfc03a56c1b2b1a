"""What the numbers of the quantization report mean, in sentences: what got better, what got worse, and what to do."""

from collections.abc import Iterator

from mobilenet_tf.terminal import shortened_list

from .measure import RecipeReport

__all__ = ["verdict_of"]

MOST_NAMES = 5  # of layers that got worse
WORSE = 1.05  # times the probabilities' error of before


def verdict_of(report: RecipeReport) -> list[str]:
    """A paragraph each on the probabilities, on logits that were left out, and on layers that got worse."""
    return [*_on_probabilities(report), *_on_logits(report), *_on_worse_layers(report)]


def _on_probabilities(report: RecipeReport) -> Iterator[str]:
    if not report.probability_error:
        return
    errors = [f"{report.probability_error[step] * 100:.2f} after {step}" for step in report.steps]
    yield (
        f"Largest difference of a class's probability from the float network's, in percentage points, as a mean over "
        f"{report.images} images: {', '.join(errors)}.{' That got worse. ' + _remedy() if _is_worse(report) else ''}"
    )


def _on_logits(report: RecipeReport) -> Iterator[str]:
    if report.logits is None:
        return
    (lowest, largest), (low, high) = (report.logit_ranges[step] for step in (report.steps[0], report.steps[-1]))
    left_out = [f"below {low:.1f} (they reach down to {lowest:.1f})"] if low > lowest else []
    left_out += [f"above {high:.1f} (they reach up to {largest:.1f})"] if high < largest else []
    if left_out:
        finer = (largest - lowest) / (high - low)
        yield (
            f"{report.logits}: the correction leaves out logits {' and '.join(left_out)}, since the softmax hardly "
            f"sees them; so the steps are {finer:.1f} times finer. What is left out is not counted as an error, and "
            "its errors are given in steps of the first range throughout."
        )


def _on_worse_layers(report: RecipeReport) -> Iterator[str]:
    risen, (first, last) = report.risen(), (report.steps[0], report.steps[-1])
    if not risen:
        return
    layers = [f"{r.name} ({r.error_steps[first]:.2f} to {r.error_steps[last]:.2f} steps)" for r in risen]
    listed = shortened_list(layers, MOST_NAMES)
    advice = "" if _is_worse(report) else _remedy()
    if report.probability_error and not _is_worse(report):
        advice = "The probabilities are not worse for it, so nothing needs to be done."
    yield (
        f"The error is larger after {last} than after {first} at {listed}. The correction makes the "
        f"mean of each channel right on the calibration images; these {report.images} are others, on which that mean "
        f"may lie elsewhere. {advice}".rstrip()
    )


def _is_worse(report: RecipeReport) -> bool:
    errors = report.probability_error
    return bool(errors) and errors[report.steps[-1]] > WORSE * errors[report.steps[0]]


def _remedy() -> str:
    return (
        "Calibrate on more photos like those that the model will see (--calibration DIR); if it stays so, compare with "
        "--correction none."
    )
