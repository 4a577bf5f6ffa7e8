"""The devices that models run on, by the backend that Keras runs on."""

from __future__ import annotations

from functools import cache

import keras


@cache
def limit_memory(megabytes: int | None) -> None:
    """Sets a hard limit to the memory of every GPU; to be called before anything runs."""
    if megabytes is None:
        return
    import tensorflow as tf

    for device in tf.config.list_physical_devices("GPU"):
        limit = tf.config.LogicalDeviceConfiguration(memory_limit=megabytes)
        tf.config.set_logical_device_configuration(device, [limit])


def start() -> None:
    """Has the backend set up what its first computation waits for."""
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(1, 3)])
    model(keras.ops.zeros((1, 8, 8, 1)))
