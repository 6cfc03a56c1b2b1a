"""The baseline of `make bench-train`: an ordinary script that trains a MobileNet on a folder of photos."""

import sys
import time

import keras

RES, BATCH = 160, 32


class EpochTimes(keras.callbacks.Callback):  # type: ignore[misc]
    """Records when each epoch ends."""

    def __init__(self) -> None:
        super().__init__()
        self.times = [time.perf_counter()]

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Called by fit."""
        del epoch, logs
        self.times.append(time.perf_counter())


def main(folder: str, epochs: int) -> None:
    """Print the seconds of each epoch."""
    photos = keras.utils.image_dataset_from_directory(folder, image_size=(RES, RES), batch_size=BATCH, seed=0)
    scaled = photos.map(lambda x, y: (x / 127.5 - 1, y)).prefetch(2)
    model = keras.applications.MobileNet((RES, RES, 3), alpha=0.5, weights=None, classes=2)
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    epochs_ended = EpochTimes()
    model.fit(scaled, epochs=epochs, verbose=0, callbacks=[epochs_ended])
    print(*(after - before for before, after in zip(epochs_ended.times, epochs_ended.times[1:], strict=False)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
