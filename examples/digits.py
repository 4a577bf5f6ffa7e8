"""Train a small CNN on scikit-learn's digits and watch it: `python examples/digits.py [EPOCHS]`.

Then, or meanwhile, `tensorboard --logdir runs` and the CNN Vis tab.
"""

import sys

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from tensorboard_cnnvis import CNNVis, open_run

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
digits = load_digits()
images = digits.images.astype("float32") / 16  # (1797, 8, 8) in [0, 1]
x, x_val, y, y_val = train_test_split(images, digits.target, test_size=0.3, random_state=0)

model = keras.Sequential(
    [
        keras.layers.Input((8, 8)),
        keras.layers.Reshape((8, 8, 1)),
        keras.layers.Conv2D(16, 3, activation="relu", name="conv1"),
        keras.layers.Conv2D(32, 3, activation="relu", name="conv2"),
        keras.layers.GlobalAveragePooling2D(name="pooled"),
        keras.layers.Dense(10, name="logits"),
    ]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss, metrics=["accuracy"])

watched = {"train": (x, y), "validation": (x_val, y_val)}
model.fit(x, y, epochs=epochs, batch_size=32, verbose=2, callbacks=[CNNVis("runs/digits", watched)])

run = open_run("runs/digits")
hardest = run.samples(run.steps[-1]).nlargest(5, "loss")
print(hardest[["split", "source_index", "label", "prediction", "loss", "margin"]].to_string())
