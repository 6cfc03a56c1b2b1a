"""On what a run trains: one device, the GPUs of one machine, or the machines that TF_CONFIG names.

TensorFlow is loaded when a strategy is made.
"""

import json
import os
from typing import Any

from .errors import InputError

__all__ = ["is_chief", "make_strategy", "synchronize"]


def join_cluster() -> Any:
    if not os.environ.get("TF_CONFIG"):
        return None
    _check_config(os.environ["TF_CONFIG"])
    import tensorflow as tf

    return tf.distribute.MultiWorkerMirroredStrategy()


def make_strategy() -> Any:
    """The tf.distribute strategy of this machine. Call it before anything else touches TensorFlow.

    Raises InputError for a TF_CONFIG that names no cluster.
    """
    import tensorflow as tf

    if os.environ.get("TF_CONFIG"):
        _check_config(os.environ["TF_CONFIG"])
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def is_chief(strategy: Any) -> bool:
    """Whether this process writes the results: the first worker does."""
    resolver = strategy.cluster_resolver
    return resolver is None or not resolver.task_type or resolver.task_id == 0


def synchronize(model: Any, strategy: Any) -> None:
    """Batch norm over the whole global batch, on however many replicas (Keras's `synchronized`)."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = strategy.num_replicas_in_sync > 1


def _check_config(text: str) -> None:
    try:
        config = json.loads(text)
        workers, task = config["cluster"]["worker"], config["task"]
        valid = task["type"] == "worker" and 0 <= int(task["index"]) < len(workers)
    except (ValueError, KeyError, TypeError):
        valid = False
    if not valid:
        raise InputError(
            "expected TF_CONFIG to name the workers and this one's place among them; got something else.\n"
            'Like this: {"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
        )
