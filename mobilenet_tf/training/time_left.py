"""How long a run still takes, from the time of its steps and of its validations so far."""

from statistics import median

from .config import SizedConfig

__all__ = ["TimeLeft"]

# What a step of the whole network takes, as a multiple of one of the classifier alone: the way back through the network
# takes about as long as the way through it. Only the guess before its first epoch depends on it.
WHOLE_NETWORK = 2.0


class TimeLeft:
    """The seconds that a run of a network of resolution `res` still takes.

    A step costs in proportion to the area of its images, and WHOLE_NETWORK times as much if all of the network learns.
    The median step of an epoch counts: the first one of a kind takes longer, because it is compiled.
    """

    def __init__(self, config: SizedConfig, res: int) -> None:
        self._costs = [_cost(config, res, epoch) for epoch in range(config.epochs)]
        self._epochs: list[float] = []  # the seconds of this epoch's steps, guessed from each step that was seen whole
        self._last: tuple[float, float] | None = None
        self._validated: int | None = None  # the last epoch that was

    def step(self, share: float, now: float) -> None:
        """A step is done at this time, in seconds, and with it this share of all steps of the run."""
        if self._last is not None and share > self._last[0]:
            share_of_epoch = (share - self._last[0]) * len(self._costs)
            self._epochs.append((now - self._last[1]) / share_of_epoch)
        self._last = share, now

    def epoch(self, number: int, now: float) -> float | None:
        """Epoch `number`, from 1, is done and validated at this time; the seconds that are left after it.

        None if no two of its steps were seen.
        """
        seen, last = self._epochs, self._last
        between, self._validated = number - (number - 1 if self._validated is None else self._validated), number
        self._epochs, self._last = [], None
        if not seen or last is None:
            return None
        of_steps = median(seen) / self._costs[number - 1] * sum(self._costs[number:])
        return of_steps + (now - last[1]) * (len(self._costs) - number) / between


def _cost(config: SizedConfig, res: int, epoch: int) -> float:
    """Of a step of an epoch, counted from 0."""
    sides = config.resolutions(res, epoch)
    area = sum(side**2 for side in sides) / len(sides)
    return area if epoch < config.freeze else WHOLE_NETWORK * area
