"""Why an interpreter does not take a file, in a sentence that says what to do."""

import textwrap

from mobilenet_tf.errors import ModelError

from .graph_reader import custom_ops

__all__ = ["first_line", "load_error"]

MOST_COLUMNS = 120  # of what an interpreter says

FLEX = "Flex"  # TensorFlow's converter begins the names of the ops so that are TensorFlow's own
EDGE_TPU = "edgetpu-custom-op"


def load_error(error: Exception, model: bytes, *, name: str, backend: str, res: int | None = None) -> ModelError:
    """The ModelError for what an interpreter raised.

    name: what the message calls the model. res: the resolution that its input was given, None if it has its own.
    """
    reason = first_line(error)
    ops = custom_ops(model)
    flex = [op.removeprefix(FLEX) for op in ops if op.startswith(FLEX)]
    if flex:
        return ModelError(
            f"{name} has ops that need TensorFlow's Flex delegate, which {backend} lacks: {', '.join(flex)}.\n"
            "Convert the model again with TFLITE_BUILTINS alone, without SELECT_TF_OPS: the converter then names the "
            "layers to replace."
        )
    if EDGE_TPU in ops:
        return ModelError(
            f"{name} is compiled for the Edge TPU, which {backend} cannot run.\n"
            "Use the file that was given to the Edge TPU's compiler."
        )
    if ops and "custom op" in reason:
        return ModelError(
            f"{name} has custom ops, which {backend} does not know: {', '.join(ops)}.\n"
            "Replace the layers that need them by ones of TFLite's own ops, and convert the model again."
        )
    if res is not None:
        return ModelError(f"{name} cannot run at --res {res}: {reason}\nIts network is made for other sizes.")
    return ModelError(
        f"cannot load {name}: {reason}\nIt is damaged, no .tflite model, or has ops that {backend} lacks."
    )


def first_line(error: Exception) -> str:
    """The first line of what was raised, of whole words."""
    text = str(error).strip() or type(error).__name__
    return textwrap.shorten(text.splitlines()[0], MOST_COLUMNS, placeholder=" ...")
