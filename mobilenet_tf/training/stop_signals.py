"""Ctrl-C and SIGTERM stop a training run after the step that it is at, so that its state can be saved."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["stopped_by_signal"]


@contextlib.contextmanager
def stopped_by_signal(*, alone: bool = True) -> Iterator[Callable[[], bool]]:
    """Yield what says whether Ctrl-C was pressed, or SIGTERM received, since; a second one ends the process at once.

    alone: whether no other machine takes part. Then the first one raises KeyboardInterrupt until the function is called
           for the first time, after the first step: there is nothing to save yet.
    """
    received: list[int] = []
    has_begun = not alone

    def remember(number: int, _: Any) -> None:
        received.append(number)
        signal.signal(number, signal.SIG_DFL)
        if not has_begun:
            raise KeyboardInterrupt

    def stop() -> bool:
        nonlocal has_begun
        has_begun = True
        return bool(received)

    earlier = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
