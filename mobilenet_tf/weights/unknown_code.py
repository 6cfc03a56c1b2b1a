"""The refusal of a layer that is code: nothing in a person's file is executed here."""

from mobilenet_tf.errors import WeightsError

MODELS = ("Functional", "Model", "Sequential")

__all__ = ["MODELS", "unknown_function", "unknown_layer"]

AS_TFLITE = (
    "If you trust it, convert the model in the program that knows it, and give the .tflite:\n"
    "tf.lite.TFLiteConverter.from_keras_model(model).convert()."
)


def unknown_layer(source: str, layer: str, kind: str) -> WeightsError:
    """The error for the layer named `layer`, of a kind that only its owner's program knows."""
    if kind in ("Lambda", "TFOpLambda", "SlicingOpLambda"):
        what = f"is a {kind}, which is Python code inside the file"
    else:
        what = f"is a {kind}, which is no part of Keras but code of its owner"
    return WeightsError(f"{source}: its layer {layer} {what}: it is not run here. {AS_TFLITE}")


def unknown_function(source: str, layer: str, use: str, function: str) -> WeightsError:
    """The error for a function that only its owner's program knows. use: what the layer uses it as, as `activation`."""
    return WeightsError(
        f"{source}: the {use} of its layer {layer} is the function {function}, which is no part of Keras but code of "
        f"its owner: it is not run here. {AS_TFLITE}"
    )
