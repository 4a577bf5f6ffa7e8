"""A training process that is killed leaves every step that it had completed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from written import read

SCRIPT = """
import os, signal, sys
import keras, numpy as np
from tensorboard_cnnvis import CNNVis
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
    keras.layers.Flatten(),
    keras.layers.Dense(3, activation="softmax"),
])
model.compile(loss="sparse_categorical_crossentropy")
x, y = np.random.default_rng(0).random((32, 8, 8, 1), np.float32), np.arange(32) % 3

class Kill(keras.callbacks.Callback):
    epoch = 0
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 3 and batch == 1:
            os.kill(os.getpid(), signal.SIGKILL)

model.fit(x, y, batch_size=8, epochs=9, verbose=0, callbacks=[CNNVis(sys.argv[1], (x, y)), Kill()])
"""


def test_a_run_killed_in_the_middle_of_an_epoch_opens_with_every_complete_step(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "exp1")],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    run = read(tmp_path / "exp1")
    assert [record.step for record in run.steps] == [0, 1, 2]
    assert run.problems == ()
    for record in run.steps:
        for name, info in record.arrays.items():
            assert run.array(name, record.step).shape == info.shape
