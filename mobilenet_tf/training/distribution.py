"""The devices of a run: one device, the GPUs of one machine, or the machines that TF_CONFIG names.

TensorFlow is loaded when a strategy is made.
"""

import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from mobilenet_tf.errors import CheckError, InputError

from .rendezvous import Cluster, parse_cluster, wait_for_workers
from .worker_watch import WorkerWatch

__all__ = [
    "any_worker",
    "broadcast",
    "broadcast_text",
    "check_batch",
    "check_same_settings",
    "detect_lost_workers",
    "is_chief",
    "join_cluster",
    "make_strategy",
]

JOIN_TIMEOUT = 600.0  # seconds to wait for the other workers
HEARTBEAT_TIMEOUT = 30.0  # seconds without a heartbeat, after which a worker counts as lost
START_TIMEOUT = 120.0  # seconds for TensorFlow to start, once all workers have


def join_cluster(on_note: Callable[[str], None] = lambda _: None) -> Any:
    """The strategy of TF_CONFIG's workers, as soon as all have started; None without TF_CONFIG.

    Call it before anything else uses TensorFlow. on_note: called with a sentence that names the workers waited for.
    Raises CheckError for a worker that does not start, InputError for a TF_CONFIG that names no cluster.
    """
    text = os.environ.get("TF_CONFIG")
    if not text:
        return None
    cluster = parse_cluster(text)
    links = wait_for_workers(cluster, on_note, JOIN_TIMEOUT)
    strategy = _strategy_of(cluster)
    strategy.worker_watch = WorkerWatch(links)
    return strategy


def make_strategy() -> Any:
    """The tf.distribute strategy of this machine alone: all its GPUs if it has several."""
    from mobilenet_tf.keras_loader import tf

    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def is_chief(strategy: Any) -> bool:
    """Whether this process writes the results: the first worker does."""
    resolver = strategy.cluster_resolver
    return resolver is None or not resolver.task_type or resolver.task_id == 0


def check_batch(strategy: Any, batch_size: int) -> None:
    """Raises InputError for a batch that cannot be divided equally."""
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        less = batch_size - batch_size % replicas
        nearest = f"{less} or {less + replicas}" if less else str(replicas)
        raise InputError(
            f"expected a batch that {replicas} devices can share equally; got {batch_size} photos.\n"
            f"Give --batch-size {nearest}. It is never larger than all training photos together."
        )


def any_worker(strategy: Any, flag: bool) -> bool:
    """Whether `flag` is set on any worker. All workers must call it."""
    return flag if not _others(strategy) else bool(_summed(strategy, np.float64(flag)) > 0)


def broadcast(strategy: Any, variables: Sequence[Any]) -> None:
    """Set `variables` on every worker to the values that they have on the first."""
    if not _others(strategy):
        return
    arrays = [np.asarray(variable) for variable in variables]
    # In one message; float64 holds float32 and step counters exactly.
    values = _of_first(strategy, np.concatenate([array.ravel().astype(np.float64) for array in arrays]))
    ends = np.cumsum([array.size for array in arrays])
    for variable, array, part in zip(variables, arrays, np.split(values, ends[:-1]), strict=True):
        variable.assign(part.reshape(array.shape).astype(array.dtype))


def broadcast_text(strategy: Any, text: str) -> str:
    """The text of the first worker."""
    if not _others(strategy):
        return text
    codes = np.frombuffer(text.encode(), np.uint8).astype(np.float64)
    size = int(_of_first(strategy, np.float64(codes.size)))
    return bytes(_of_first(strategy, np.resize(codes, size)).astype(np.uint8)).decode()


def check_same_settings(strategy: Any, settings: dict[str, Any]) -> None:
    """Raises InputError on every worker if one has other settings than the first."""
    settings = json.loads(json.dumps(settings))
    first = json.loads(broadcast_text(strategy, json.dumps(settings)))
    differing = [name for name in settings if settings[name] != first.get(name)]
    if any_worker(strategy, bool(differing)):
        what = f"this one's {', '.join(differing)} differ from the first's" if differing else "another's differ"
        raise InputError(
            f"expected the same options and photos on all workers; {what}.\nStart all of them with the same command."
        )


@contextlib.contextmanager
def detect_lost_workers(strategy: Any, on_note: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Raises CheckError as soon as TensorFlow finds that another worker is lost.

    It does not find that in all of several workers: one whose steps have stopped after a loss calls `on_note` with the
    error's text and ends its process with status 1.
    """
    others, watch = _others(strategy), _watch_of(strategy)
    watch.start(lambda: on_note(_loss_of(others)))
    well = False
    try:
        with _detecting_loss_of(others):
            yield
        well = True
    finally:
        watch.finish(well=well)


def _watch_of(strategy: Any) -> WorkerWatch:
    watch: WorkerWatch = getattr(strategy, "worker_watch", WorkerWatch([]))
    return watch


@contextlib.contextmanager
def _detecting_loss_of(others: Sequence[str]) -> Iterator[None]:
    from mobilenet_tf.keras_loader import tf

    errors = tf.errors
    # An operation that fails on this worker (out of memory, a photo that was removed) raises another type.
    lost = (errors.UnavailableError, errors.AbortedError, errors.CancelledError, errors.DeadlineExceededError)
    try:
        yield
    except lost as error:
        if not others:
            raise
        raise CheckError(_loss_of(others)) from error


def _loss_of(others: Sequence[str]) -> str:
    which = others[0] if len(others) == 1 else f"one of {', '.join(others)}"
    return (
        f"a worker is lost, and training cannot go on without it: {which} has ended or cannot be reached.\n"
        "See its messages. Then start all workers again with --resume (--overwrite if nothing was saved yet)."
    )


def _strategy_of(cluster: Cluster) -> Any:
    from mobilenet_tf.keras_loader import tf

    # isort: split
    from tensorflow.compiler.xla.tsl.protobuf import coordination_config_pb2
    from tensorflow.python.eager import context

    # By default TensorFlow waits for ever; these settings have no public interface (TensorFlow 2.21).
    workers = coordination_config_pb2.CoordinatedJob(name="worker", num_tasks=len(cluster.workers))
    context.context().configure_coordination_service(
        "standalone",
        "/job:worker/replica:0/task:0",
        cluster_register_timeout_in_ms=round(1000 * START_TIMEOUT),
        heartbeat_timeout_in_ms=round(1000 * HEARTBEAT_TIMEOUT),
        coordinated_jobs=[workers],
    )
    context.context().coordination_service.cluster_register_with_barrier = True
    earlier = signal.getsignal(signal.SIGTERM)
    with _detecting_loss_of(cluster.others):
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    signal.signal(signal.SIGTERM, earlier)  # TensorFlow replaces the handler by one that does nothing
    # Every worker has the same number of batches: no need to ask each other whether there is another one.
    strategy.extended.experimental_enable_get_next_as_optional = False
    return strategy


def _others(strategy: Any) -> list[str]:
    """The addresses of the other workers."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return []
    workers = resolver.cluster_spec().as_dict()["worker"]
    return [worker for index, worker in enumerate(workers) if index != resolver.task_id]


def _of_first(strategy: Any, value: Any) -> Any:
    """The first worker's `value`; the others' have the same shape."""
    return _summed(strategy, value if is_chief(strategy) else np.zeros_like(value))


def _summed(strategy: Any, value: Any) -> Any:
    """The sum of `value` over the workers."""
    from mobilenet_tf.keras_loader import tf

    local = strategy.num_replicas_in_sync // (1 + len(_others(strategy)))

    def value_of(context: Any) -> Any:
        """The value, on the first replica of each worker; zeros on its other ones."""
        return tf.constant(value if context.replica_id_in_sync_group % local == 0 else np.zeros_like(value))

    values = strategy.experimental_distribute_values_from_function(value_of)
    total = np.asarray(strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None))
    _watch_of(strategy).stepped()
    return total
