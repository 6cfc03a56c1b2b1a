"""Run one op of a .tflite by the interpreter: ops that are not known here, and ops of constants.

TensorFlow is loaded with this module.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError
from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.model_builder import ModelBuilder

__all__ = ["OneOp"]

Array = NDArray[Any]


class OneOp:
    """An op as a model of its own, called for one image after the other. It has no gradient.

    op:        its name in the schema; version: as the file has it.
    shapes:    of its inputs that are no constants, with batch 1.
    output:    the shape of its output, with batch 1, and its dtype.
    constants: its other inputs, by their places.
    Raises ModelError if the interpreter has no such op.
    """

    def __init__(
        self,
        op: str,
        version: int,
        options: Any,
        shapes: Sequence[tuple[int, ...]],
        output: tuple[tuple[int, ...], str],
        constants: Mapping[int, Array],
    ) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        builder = ModelBuilder(op)
        inputs = [builder.tensor(f"input {number}", "float32", shape) for number, shape in enumerate(shapes)]
        self._inputs, self._shape = inputs, output[0]
        remaining = iter(inputs)
        count = len(shapes) + len(constants)
        places = [
            builder.constant(f"constant {place}", constants[place]) if place in constants else next(remaining)
            for place in range(count)
        ]
        self._output = builder.tensor("output", output[1], output[0])
        builder.op(op, version, places, self._output, options)
        model = builder.finish(0, self._output)
        model.subgraphs[0].inputs, model.signatureDefs = np.array(inputs, np.int32), []
        try:
            self._interpreter = Interpreter(
                model_content=pack(model),
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"the interpreter cannot run {op}: {str(error).splitlines()[0][:120]}") from error

    def run(self, inputs: Sequence[Array] = ()) -> Array:
        """The output for inputs of batch 1."""
        for tensor, values in zip(self._inputs, inputs, strict=True):
            self._interpreter.set_tensor(tensor, np.asarray(values, np.float32))
        self._interpreter.invoke()
        found: Array = self._interpreter.get_tensor(self._output)
        return found

    def __call__(self, inputs: Sequence[Any]) -> Any:
        """The outputs for a batch, as a tensor."""

        def run(*batch: Array) -> Array:
            return np.concatenate([self.run([x[None] for x in images]) for images in zip(*batch, strict=True)])

        found = tf.numpy_function(run, list(inputs), tf.float32)
        return tf.reshape(found, (-1, *self._shape[1:]))
