"""Wait until all workers of a run have started, before TensorFlow is loaded.

TensorFlow itself would wait for ever, and ignore Ctrl-C. The first worker listens at its address; each of the others
connects to it and sends which worker it is.
"""

import contextlib
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mobilenet_tf.errors import CheckError, InputError

__all__ = ["Cluster", "parse_cluster", "wait_for_workers"]

INTRODUCTION_TIMEOUT = 5.0  # seconds in which whoever has connected must send which worker it is
ANSWER = b"go\n"
MOST_HOST = 253  # characters of a name of a machine (RFC 1035)


@dataclass(frozen=True)
class Cluster:
    """The workers that TF_CONFIG names, as host:port, and the index of this one among them."""

    workers: tuple[str, ...]
    index: int

    @property
    def others(self) -> tuple[str, ...]:
        """Every worker except this one."""
        return self.workers[: self.index] + self.workers[self.index + 1 :]


def parse_cluster(text: str) -> Cluster:
    """The cluster that TF_CONFIG names. Raises InputError if it has other roles than workers, or lacks this worker."""
    try:
        config = json.loads(text)
        workers, task = config["cluster"]["worker"], config["task"]
        cluster = Cluster(tuple(workers), task["index"])
        valid = task["type"] == "worker" and list(config["cluster"]) == ["worker"] and _is_valid(cluster)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        valid = False
    if not valid:
        raise InputError(
            "expected TF_CONFIG to name the workers, each once as HOST:PORT, and this one's index among them; got "
            "something else.\n"
            'Like this: {"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
        )
    return cluster


def wait_for_workers(cluster: Cluster, on_note: Callable[[str], None], timeout: float) -> list[socket.socket]:
    """Return as soon as all workers have started, within `timeout` seconds.

    Returned are the connections by which they found each other, which tell later whether another one still runs: in
    the first worker one to each of the others, in each of these one to the first.
    on_note: called with a sentence that names the workers that this one waits for.
    Raises CheckError for a worker that does not start in time, InputError if the port of this worker is taken.
    """
    deadline = time.monotonic() + timeout
    links: list[socket.socket] = []
    with _listening(cluster) as listener:
        if not cluster.others:
            return []
        on_note(f"waiting up to {timeout / 60:.0f} minutes for the other workers: {', '.join(cluster.others)}.")
        if cluster.index == 0:
            links = _accept_others(listener, cluster, deadline)
    if cluster.index:
        links = [_report_to_first(cluster, deadline)]
    for link in links:
        link.settimeout(None)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return links


def _is_valid(cluster: Cluster) -> bool:
    addresses = [worker.rpartition(":") for worker in cluster.workers]
    complete = all(_is_host(host) and _is_port(port) for host, _, port in addresses)
    # JSON's true and 0.0 are in a range too.
    is_one_of_them = type(cluster.index) is int and cluster.index in range(len(addresses))
    return complete and is_one_of_them and len({*cluster.workers}) == len(cluster.workers)


def _is_host(host: str) -> bool:
    """Whether it may be the name or address of a machine: others make sockets and TensorFlow raise many errors."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return 0 < len(host) <= MOST_HOST and host.isprintable() and not any(c.isspace() or c in "/@,\"'" for c in host)


def _is_port(port: str) -> bool:
    return re.fullmatch("[0-9]{1,5}", port) is not None and 0 < int(port) < 65536


@contextlib.contextmanager
def _listening(cluster: Cluster) -> Iterator[socket.socket]:
    """A socket at this worker's port, which TensorFlow takes afterwards."""
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


def _accept_others(listener: socket.socket, cluster: Cluster, deadline: float) -> list[socket.socket]:
    """Accept a connection of every other worker, then answer them all -> these connections."""
    with contextlib.ExitStack() as stack:
        started: dict[int, socket.socket] = {}
        while len(started) < len(cluster.others):
            try:
                listener.settimeout(_seconds_until(deadline))
                connection = stack.enter_context(listener.accept()[0])
            except TimeoutError:
                missing = [worker for index, worker in enumerate(cluster.workers) if index and index not in started]
                raise _missing_error(missing) from None
            # If a worker was started again, its new connection replaces the old one.
            sender = _read_introduction(connection, cluster)
            if sender is not None:
                started[sender] = connection
        for connection in started.values():
            with contextlib.suppress(OSError):
                connection.sendall(ANSWER)
        return [connection.dup() for connection in started.values()]  # the stack closes all that came


def _read_introduction(connection: socket.socket, cluster: Cluster) -> int | None:
    """The index of the worker that has connected; None if it is no worker of the cluster."""
    connection.settimeout(INTRODUCTION_TIMEOUT)
    try:
        words = connection.recv(100).decode("ascii", "replace").split()
    except OSError:
        return None
    known = {_introduction(index, cluster): index for index in range(1, len(cluster.workers))}
    return known.get(" ".join(words))


def _report_to_first(cluster: Cluster, deadline: float) -> socket.socket:
    """Connect to the first worker again and again until it answers -> the connection."""
    host, _, port = cluster.workers[0].rpartition(":")
    while time.monotonic() < deadline:
        seconds = min(INTRODUCTION_TIMEOUT, _seconds_until(deadline))
        with (
            contextlib.suppress(OSError, UnicodeError),
            socket.create_connection((host, int(port)), seconds) as connection,
        ):
            connection.sendall(f"{_introduction(cluster.index, cluster)}\n".encode())
            connection.settimeout(_seconds_until(deadline))
            if connection.recv(len(ANSWER)) == ANSWER:
                return connection.dup()
        time.sleep(min(0.5, _seconds_until(deadline)))
    raise _missing_error([cluster.workers[0]])


def _introduction(index: int, cluster: Cluster) -> str:
    return f"mobilenet-train {index} of {len(cluster.workers)}"


def _seconds_until(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())


def _missing_error(workers: list[str]) -> CheckError:
    return CheckError(
        f"expected all workers of TF_CONFIG to start; heard nothing from {', '.join(workers)}.\n"
        "Start mobilenet-train on every machine, each with its own index; check addresses and firewalls."
    )
