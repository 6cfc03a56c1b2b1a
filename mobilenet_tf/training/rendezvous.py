"""Where the workers of a run meet, before TensorFlow is loaded: there they would wait for ever, and deaf to Ctrl-C.

The first worker listens at its own address; each of the others knocks there and says which one it is.
"""

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mobilenet_tf.errors import CheckError, InputError

__all__ = ["Cluster", "cluster_of", "meet"]

HELLO = 5.0  # seconds for one that has knocked to say who it is
ANSWER = b"go\n"


@dataclass(frozen=True)
class Cluster:
    """The workers that TF_CONFIG names, as host:port, and the place of this one among them."""

    workers: tuple[str, ...]
    index: int

    @property
    def others(self) -> tuple[str, ...]:
        """Every worker but this one."""
        return self.workers[: self.index] + self.workers[self.index + 1 :]


def cluster_of(text: str) -> Cluster:
    """What TF_CONFIG says. Raises InputError where it is not a cluster of workers alone, this one among them."""
    try:
        config = json.loads(text)
        workers, task = config["cluster"]["worker"], config["task"]
        cluster = Cluster(tuple(workers), task["index"])
        valid = task["type"] == "worker" and list(config["cluster"]) == ["worker"] and _is_whole(cluster)
    except (ValueError, KeyError, TypeError, AttributeError):
        valid = False
    if not valid:
        raise InputError(
            "expected TF_CONFIG to name the workers, each once, and this one's place among them; got something else.\n"
            'Like this: {"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
        )
    return cluster


def meet(cluster: Cluster, say: Callable[[str], None], patience: float) -> None:
    """Return as soon as all workers are there, within `patience` seconds. `say` is told whom this one waits for.

    Raises CheckError for one that does not come in time, InputError where this one's own port is taken.
    """
    deadline = time.monotonic() + patience
    with _listening(cluster) as listener:
        if not cluster.others:
            return
        say(f"waiting up to {patience / 60:.0f} minutes for the other workers: {', '.join(cluster.others)}.")
        if cluster.index == 0:
            _gather(listener, cluster, deadline)
    if cluster.index:
        _knock(cluster, deadline)


def _is_whole(cluster: Cluster) -> bool:
    places = [worker.rpartition(":") for worker in cluster.workers]
    addresses = all(host and port.isdecimal() and 0 < int(port) < 65536 for host, _, port in places)
    return addresses and len({*cluster.workers}) == len(cluster.workers) and cluster.index in range(len(places))


@contextlib.contextmanager
def _listening(cluster: Cluster) -> Iterator[socket.socket]:
    """At this worker's port, which TensorFlow takes afterwards."""
    port = int(cluster.workers[cluster.index].rpartition(":")[2])
    try:
        listener = socket.create_server(("", port), backlog=len(cluster.workers))
    except OSError as error:
        raise InputError(
            f"cannot listen on port {port} ({error.strerror}).\n"
            "End what uses it, a worker of an earlier run perhaps, or give another port in TF_CONFIG, on all machines."
        ) from error
    with listener:
        yield listener


def _gather(listener: socket.socket, cluster: Cluster, deadline: float) -> None:
    """Let every other worker in, then answer them all."""
    with contextlib.ExitStack() as stack:
        present: dict[int, socket.socket] = {}
        while len(present) < len(cluster.others):
            try:
                listener.settimeout(_left(deadline))
                connection = stack.enter_context(listener.accept()[0])
            except TimeoutError:
                missing = [worker for place, worker in enumerate(cluster.workers) if place and place not in present]
                raise _absent(missing) from None
            # A worker that was started anew takes the place of its earlier self.
            index = _hello(connection, cluster)
            if index is not None:
                present[index] = connection
        for connection in present.values():
            with contextlib.suppress(OSError):
                connection.sendall(ANSWER)


def _hello(connection: socket.socket, cluster: Cluster) -> int | None:
    """Which worker it is; None for whatever else may knock."""
    connection.settimeout(HELLO)
    try:
        words = connection.recv(100).decode("ascii", "replace").split()
    except OSError:
        return None
    known = {_name(place, cluster): place for place in range(1, len(cluster.workers))}
    return known.get(" ".join(words))


def _knock(cluster: Cluster, deadline: float) -> None:
    """Knock at the first worker's until it answers."""
    host, _, port = cluster.workers[0].rpartition(":")
    while time.monotonic() < deadline:
        seconds = min(HELLO, _left(deadline))
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), seconds) as connection:
            connection.sendall(f"{_name(cluster.index, cluster)}\n".encode())
            connection.settimeout(_left(deadline))
            if connection.recv(len(ANSWER)) == ANSWER:
                return
        time.sleep(min(0.5, _left(deadline)))
    raise _absent([cluster.workers[0]])


def _name(place: int, cluster: Cluster) -> str:
    return f"mobilenet-train {place} of {len(cluster.workers)}"


def _left(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())


def _absent(workers: list[str]) -> CheckError:
    return CheckError(
        f"expected all workers of TF_CONFIG to come; no word from {', '.join(workers)}.\n"
        "Start mobilenet-train on every machine, each with its own index; check addresses and firewalls."
    )
