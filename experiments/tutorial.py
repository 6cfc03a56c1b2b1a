"""The baseline of `make bench-transfer`: transfer learning as tutorials of Keras do it.

`python -m experiments.tutorial PHOTOS ALPHA RES SEED`: PHOTOS has train/ and validation/, with a folder for each class.
The base is the bundled ImageNet network. Its batch norm is restored first, so that the weights are as those of Keras
Applications, and stays in inference mode. The classifier learns alone with Adam at 1e-3 for 10 epochs, then everything
at 1e-5 for 10 more. It prints the validation accuracy of the last epoch.
"""

import sys
from pathlib import Path

import keras
import numpy as np

from mobilenet_tf.training.restore_batch_norm import restore_batch_norm
from mobilenet_tf.weights.load import load_weights, model_with

EPOCHS, BATCH = 10, 32


def main(folder: str, alpha: float, res: int, seed: int) -> None:
    """Print the top-1 of the last epoch."""
    keras.utils.set_random_seed(seed)
    train, validation = (
        keras.utils.image_dataset_from_directory(
            Path(folder) / side, image_size=(res, res), batch_size=BATCH, seed=seed, verbose=False
        )
        for side in ("train", "validation")
    )
    network = model_with(load_weights("imagenet", alpha=alpha, res=res))
    restore_batch_norm(network, (np.asarray(photos, np.uint8) for photos, _ in train))
    base = keras.Model(network.inputs, network.get_layer("pool").output)
    base.trainable = False
    image = keras.Input((res, res, 3))
    x = keras.layers.RandomFlip("horizontal")(image)
    x = keras.layers.RandomRotation(0.1)(x)
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = base(x, training=False)
    x = keras.layers.Dropout(0.2)(x)
    model = keras.Model(image, keras.layers.Dense(len(train.class_names))(x))
    train, validation = train.prefetch(2), validation.prefetch(2)
    for rate in (1e-3, 1e-5):
        base.trainable = rate < 1e-3
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
        history = model.fit(train, epochs=EPOCHS, validation_data=validation, verbose=0)
    print(history.history["val_accuracy"][-1])


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
