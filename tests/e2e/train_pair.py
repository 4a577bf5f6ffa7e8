"""Two trainings on the same data, and a third record: `python train_pair.py LOGDIR EPOCHS`.

LOGDIR/narrow and LOGDIR/wide watch the same samples; LOGDIR/backwards is the narrow model on some
of them, the last first.
"""

import sys

import keras
from fashion import NAMES, fashion

from tensorboard_cnnvis import CNNVis, log_model

log_dir, epochs = sys.argv[1], int(sys.argv[2])
images, labels = fashion()
x, y = images[:1500, ..., None], labels[:1500]
validation = images[1500:1900, ..., None], labels[1500:1900]


def train(name: str, width: int) -> keras.Model:
    keras.utils.set_random_seed(width)
    model = keras.Sequential(
        [
            keras.layers.Input((28, 28, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(width, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(4 * width, activation="relu", name="hidden"),
            keras.layers.Dense(10, activation="softmax", name="scores"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    watch = CNNVis(f"{log_dir}/{name}", {"validation": validation}, class_names=NAMES)
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=[watch])
    return model


train("wide", 16)
narrow = train("narrow", 4)
some = validation[0][:250][::-1], validation[1][:250][::-1]
log_model(f"{log_dir}/backwards", narrow, {"validation": some}, class_names=NAMES)
