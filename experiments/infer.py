"""python infer.py INTERPRETER KERNELS MODEL INPUTS OUTPUTS: a model's outputs for the tensors of an .npy, as an .npy.

It needs only NumPy and the interpreter, so that another machine can run it. KERNELS is `default` (what the interpreter
chooses), `built-in` (TFLite's own, no delegate) or `reference` (the same, not optimized). It prints what ran: XNNPACK
or TFLite.
"""

import importlib
import sys

import numpy as np


def main(interpreter: str, kernels: str, model: str, inputs: str, outputs: str) -> None:
    """One inference after the other, on one thread."""
    tflite = importlib.import_module(f"{interpreter.replace('-', '_')}.interpreter")
    resolvers = {
        "default": tflite.OpResolverType.AUTO,
        "built-in": tflite.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        "reference": tflite.OpResolverType.BUILTIN_REF,
    }
    session = tflite.Interpreter(model_path=model, experimental_op_resolver_type=resolvers[kernels], num_threads=1)
    session.allocate_tensors()
    input_index, output_index = session.get_input_details()[0]["index"], session.get_output_details()[0]["index"]
    results = []
    for tensor in np.load(inputs):
        session.set_tensor(input_index, tensor[None])
        session.invoke()
        results.append(session.get_tensor(output_index)[0])
    np.save(outputs, np.stack(results))
    names = {op["op_name"].upper() for op in session._get_ops_details()}
    print("XNNPACK" if any("DELEGATE" in name for name in names) else "TFLite")


if __name__ == "__main__":
    main(*sys.argv[1:])
