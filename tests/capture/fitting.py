"""A tiny model is compiled, trained and asked, as a user does."""

from typing import Any

import keras


def compiled(model: Any, loss: Any = "sparse_categorical_crossentropy", **options: Any) -> Any:
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"], **options)
    return model


def fit(model: Any, data: Any, *callbacks: Any, epochs: int = 2, **options: Any) -> Any:
    x, y = data
    return model.fit(
        x, y, epochs=epochs, batch_size=20, verbose=0, callbacks=list(callbacks), **options
    )


def predicted(model: Any, x: Any) -> Any:
    return keras.ops.convert_to_numpy(model(x, training=False))
