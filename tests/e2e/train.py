"""A user's training script: `python train.py LOGDIR EPOCHS`."""

import sys

import keras
from fashion import NAMES, fashion

from tensorboard_cnnvis import CNNVis

log_dir, epochs = sys.argv[1], int(sys.argv[2])
images, labels = fashion()
x, y = images[:2000, ..., None], labels[:2000]
x_val, y_val = images[2000:2400, ..., None], labels[2000:2400]
model = keras.Sequential(
    [
        keras.layers.Input((28, 28, 1)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(8, 3, strides=2, activation="relu", name="conv1"),
        keras.layers.Conv2D(16, 3, strides=2, activation="relu", name="conv2"),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu", name="hidden"),
        keras.layers.Dense(10, activation="softmax", name="scores"),
    ]
)
conv2 = model.get_layer("conv2")
kernel, bias = conv2.get_weights()
kernel[..., 5], bias[5] = 0, -1  # a dead filter: no gradient reaches it
conv2.set_weights([kernel, bias])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
watched = {"train": (x, y), "validation": (x_val, y_val)}
model.fit(
    x,
    y,
    epochs=epochs,
    verbose=0,
    callbacks=[CNNVis(log_dir, watched, class_names=NAMES, max_samples=300, keep_models=2)],
)
