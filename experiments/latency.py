"""The latency of several files, measured in turn, for the experiments that compare them."""

from typing import Any

import numpy as np

from mobilenet_tf.tflite.interpreter import Session

__all__ = ["medians_in_turns"]


def medians_in_turns(files: dict[Any, bytes], rounds: int) -> dict[Any, float]:
    """The median latency of each file on one thread, in ms, over `rounds` inferences that the files make in turn."""
    sessions = [Session(content) for content in files.values()]
    for session in sessions:
        session.run(np.zeros(session.input.shape, session.input.dtype))
    latencies = [[session.time_invoke() for session in sessions] for _ in range(rounds)]
    return dict(zip(files, np.median(latencies, axis=0).tolist(), strict=True))
