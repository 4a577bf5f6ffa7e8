"""A training on labels some of which are wrong: `python train_noisy.py LOGDIR EPOCHS`.

Writes the labels as given and as they should be to LOGDIR.npz.
"""

import sys

import keras
import numpy as np
from fashion import NAMES, fashion

from tensorboard_cnnvis import CNNVis

log_dir, epochs = sys.argv[1], int(sys.argv[2])
keras.utils.set_random_seed(0)
images, true = fashion()
x, true = images[:1500, ..., None], true[:1500]
rng = np.random.default_rng(0)
wrong = rng.choice(len(true), 120, replace=False)
y = true.copy()
y[wrong] = (y[wrong] + rng.integers(1, 10, len(wrong))) % 10
np.savez(f"{log_dir}.npz", y=y, true=true)
model = keras.Sequential(
    [
        keras.layers.Input((28, 28, 1)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
        keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu", name="hidden"),
        keras.layers.Dense(10, activation="softmax", name="scores"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
watched = {"train": (x, y), "validation": (images[1500:1700, ..., None], fashion()[1][1500:1700])}
model.fit(x, y, epochs=epochs, verbose=0, callbacks=[CNNVis(log_dir, watched, class_names=NAMES)])
