"""Notice that another worker is lost, and end this one in time: TensorFlow tells only some of them, and others late.

Each worker but the first keeps the connection by which it reported to the first one (rendezvous.py). A connection that
ends without a goodbye is one of a worker that is lost; the first worker tells the others so. TensorFlow gets a few
seconds to raise its own error. Then a worker whose steps have stopped ends by itself.
"""

import contextlib
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence

__all__ = ["GRACE_S", "WorkerWatch"]

GRACE_S = 15.0  # from the loss of a worker, or from the last step after it, until this worker ends
POLL_S = 0.2
GOODBYE, LOST = b"goodbye\n", b"lost\n"
EXIT_STATUS = 1


class WorkerWatch:
    """The connections of this worker to others, watched from `start` to `finish`."""

    def __init__(self, links: Sequence[socket.socket]) -> None:
        self._links = list(links)
        self._finished = threading.Event()
        self._last_step = time.monotonic()
        self._thread: threading.Thread | None = None

    def start(self, on_lost: Callable[[], None]) -> None:
        """Watch from now on. on_lost: called before this process ends because another one is lost."""
        if self._links:
            self._thread = threading.Thread(target=self._watch, args=(on_lost,), daemon=True)
            self._thread.start()

    def stepped(self) -> None:
        """All workers have just exchanged something: none is lost."""
        self._last_step = time.monotonic()

    def finish(self, *, well: bool) -> None:
        """Watch no longer. well: whether the work of this worker is done; else the others hear that it is lost."""
        self._finished.set()
        if self._thread is not None:
            self._thread.join()
        for link in self._links:
            with contextlib.suppress(OSError):
                link.sendall(GOODBYE if well else LOST)
            link.close()
        self._links = []

    def _watch(self, on_lost: Callable[[], None]) -> None:
        with selectors.DefaultSelector() as selector:
            for link in self._links:
                selector.register(link, selectors.EVENT_READ)
            while not self._finished.is_set() and selector.get_map():
                for key, _ in selector.select(POLL_S):
                    heard = _heard(selector, key.fileobj)  # type: ignore[arg-type]
                    if heard != GOODBYE:
                        self._tell_others(key.fileobj)  # type: ignore[arg-type]
                        self._end_unless_it_goes_on(on_lost)

    def _tell_others(self, lost: socket.socket) -> None:
        for link in self._links:
            if link is not lost:
                with contextlib.suppress(OSError):
                    link.sendall(LOST)

    def _end_unless_it_goes_on(self, on_lost: Callable[[], None]) -> None:
        """End this process GRACE_S after the last step; return if it finishes before. A connection alone may break."""
        lost_at = time.monotonic()
        while time.monotonic() - max(lost_at, self._last_step) < GRACE_S:
            if self._finished.wait(POLL_S):
                return
        on_lost()
        os._exit(EXIT_STATUS)  # the main thread waits in TensorFlow for the one that is lost, and hears no signal


def _heard(selector: selectors.BaseSelector, link: socket.socket) -> bytes:
    """What came on a connection, which is watched no longer: GOODBYE, or anything else if the other one is lost."""
    selector.unregister(link)
    try:
        return link.recv(len(GOODBYE))
    except OSError:
        return LOST
