"""python infer.py INTERPRETER KERNELS MODEL INPUTS OUTPUTS: a model's outputs for the tensors of an .npy, as an .npy.

A script of its own that needs NumPy and the interpreter only, so that another machine can run it. KERNELS: `default`
(what the interpreter chooses), `built-in` (TFLite's own, no delegate) or `reference` (the same, not optimized). Prints
what ran: XNNPACK or TFLite.
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
    entry, result = session.get_input_details()[0]["index"], session.get_output_details()[0]["index"]
    found = []
    for tensor in np.load(inputs):
        session.set_tensor(entry, tensor[None])
        session.invoke()
        found.append(session.get_tensor(result)[0])
    np.save(outputs, np.stack(found))
    names = {op["op_name"].upper() for op in session._get_ops_details()}
    print("XNNPACK" if any("DELEGATE" in name for name in names) else "TFLite")


if __name__ == "__main__":
    main(*sys.argv[1:])
