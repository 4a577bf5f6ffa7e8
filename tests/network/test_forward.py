"""The compiled pass against NumPy on the layers' own outputs."""

from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network.channels import ChannelSums
from tensorboard_cnnvis.network.forward import Forward, batch_size, compile_maps, inspect_model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(45, *tiny_models.SHAPE)).astype(np.float32)
LABELS = np.zeros(len(X), np.int32)


def outputs(model: Any, path: str, x: Any = X) -> Any:
    """A layer's output in inference mode, by a model of Keras's own."""
    inner, _, name = path.rpartition("/")
    owner = model.get_layer(inner) if inner else model
    return keras.ops.convert_to_numpy(
        keras.Model(owner.inputs[0], owner.get_layer(name).output)(x, training=False)
    )


def statistics(model: Any, paths: list[str], x: Any = X, size: int = 16) -> Any:
    network = inspect_model(model, x[:1])
    forward = Forward(model, network, x[:1], statistics=paths, embeddings=())
    sums = ChannelSums([network.watched_layer(path) for path in paths])
    for start in range(0, len(x), size):
        rows = x[start : start + size]
        labels = np.zeros(len(rows), np.int32)
        batch = forward(rows, labels)
        lost = sums.unsound(batch.channels) - forward.precise
        if lost:
            forward.watch_precisely(lost)
            batch = forward(rows, labels)
        sums.add(batch.channels, len(rows))
    return sums.results()


def expected(values: Any) -> dict[str, Any]:
    """The statistics' definitions, of an output (n, height, width, channels) or (n, channels)."""
    flat = values.reshape(-1, values.shape[-1]).astype(np.float64)
    maxima = values.reshape(len(values), -1, values.shape[-1]).max(axis=1)
    return {
        "mean": flat.mean(axis=0),
        "std": flat.std(axis=0),
        "max": flat.max(axis=0),
        "samples_above_zero": (maxima > 0).mean(axis=0),
        "positions_above_zero": (flat > 0).mean(axis=0),
    }


def check(found: Any, values: Any, rtol: float = 1e-4) -> None:
    for name, numbers in expected(values).items():
        row = found.statistics[schema.CHANNEL_STATISTICS.index(name)]
        np.testing.assert_allclose(row, numbers, rtol=rtol, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("size", [16, 45, 1])
def test_statistics_do_not_depend_on_the_batches(size: int) -> None:
    model = tiny_models.branches()
    found = statistics(model, ["stem", "conv", "squash"], size=size)
    for path in ("stem", "conv", "squash"):
        check(found[path], outputs(model, path))


def test_statistics_of_a_nested_model_and_of_a_dense_layer() -> None:
    model = tiny_models.nested()
    found = statistics(model, ["backbone/conv1", "backbone/relu1", "head/scores"])
    check(found["backbone/conv1"], outputs(model, "backbone/conv1"))
    check(found["backbone/relu1"], outputs(model, "backbone/relu1"))
    check(found["head/scores"], keras.ops.convert_to_numpy(model(X)))


def test_both_uses_of_a_shared_layer_have_their_own_statistics() -> None:
    model = tiny_models.shared()
    found = statistics(model, ["backbone/relu1", "backbone#2/relu1"])
    check(found["backbone/relu1"], outputs(model, "backbone/relu1"))
    check(found["backbone#2/relu1"], outputs(model, "backbone/relu1", X[:, :, ::-1]))


@pytest.mark.parametrize("path", ["conv", "norm", "relu", "add", "last"])
def test_statistics_where_the_channels_come_first(path: str) -> None:
    model = tiny_models.channels_first()
    values = outputs(model, path)
    check(statistics(model, [path])[path], values if path == "last" else np.moveaxis(values, 1, -1))


def test_deviations_far_from_zero_keep_their_digits() -> None:
    model = tiny_models.branches()
    stem = model.get_layer("stem")
    stem.bias.assign(np.full(8, 3000.0, np.float32))
    stem.kernel.assign(stem.kernel * 0.01)
    values = outputs(model, "stem").astype(np.float64)
    found = statistics(model, ["stem", "conv"])
    std = found["stem"].statistics[schema.CHANNEL_STATISTICS.index("std")]
    np.testing.assert_allclose(std, values.reshape(-1, 8).std(axis=0), rtol=1e-3)
    check(found["conv"], outputs(model, "conv"))


def test_saturated_is_the_share_beyond_99_percent_of_tanh_and_unknown_of_others() -> None:
    model = tiny_models.branches()
    found = statistics(model, ["squash", "stem"], 20 * X)
    row = schema.CHANNEL_STATISTICS.index("saturated")
    values = np.abs(outputs(model, "squash", 20 * X)).reshape(-1, 8)
    np.testing.assert_allclose(found["squash"].statistics[row], (values > 0.99).mean(axis=0))
    assert (values > 0.99).any()
    assert np.isnan(found["stem"].statistics[row]).all()


def test_the_top_samples_are_those_with_the_largest_maxima() -> None:
    model = tiny_models.branches()
    found = statistics(model, ["stem"])["stem"]
    maxima = outputs(model, "stem").max(axis=(1, 2))
    order = np.argsort(-maxima, axis=0, kind="stable")[:16].T
    np.testing.assert_array_equal(found.top_samples, order)
    np.testing.assert_allclose(found.top_values, np.sort(maxima, axis=0)[::-1][:16].T, rtol=1e-5)


def test_nan_activations_count_as_the_smallest_maximum() -> None:
    model = tiny_models.branches()
    x = X.copy()
    x[3] = np.nan
    found = statistics(model, ["stem"], x)["stem"]
    assert 3 not in found.top_samples
    assert np.isnan(found.statistics[0]).all()


def embedding(model: Any, path: str, pooled: bool, x: Any = X) -> Any:
    network = inspect_model(model, x[:1])
    info = schema.EmbeddingInfo(path, 0, pooled)
    forward = Forward(model, network, x[:1], statistics=(), embeddings=[info])
    return forward(x, np.zeros(len(x), np.int32)).embeddings[path]


def test_embeddings_equal_a_direct_call_flattened_or_pooled() -> None:
    model = tiny_models.branches()
    values = outputs(model, "squash")
    np.testing.assert_allclose(
        embedding(model, "squash", False), values.reshape(len(X), -1), atol=1e-5
    )
    np.testing.assert_allclose(
        embedding(model, "squash", True), values.mean(axis=(1, 2)), atol=1e-5
    )
    np.testing.assert_allclose(embedding(model, "pixels", False), X.reshape(len(X), -1))


def test_dropout_and_batch_normalization_run_in_inference_mode() -> None:
    model = tiny_models.sequential()
    dropped = embedding(model, "dropout", False)
    np.testing.assert_array_equal(dropped, embedding(model, "flatten", False))


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False, "epsilon": 1e-6}])
def test_batch_normalization_gives_what_a_direct_call_gives(options: Any) -> None:
    model = keras.Sequential(
        [
            keras.Input(tiny_models.SHAPE),
            layers.Conv2D(8, 3, name="conv"),
            layers.BatchNormalization(name="norm", **options),
            layers.Flatten(name="flatten"),
            layers.Dense(10, activation="softmax", name="scores"),
        ]
    )
    norm = model.get_layer("norm")
    norm.set_weights([RNG.uniform(0.2, 3, 8) for _ in norm.weights])
    found = embedding(model, "norm", False)
    np.testing.assert_allclose(
        found, outputs(model, "norm").reshape(len(X), -1), rtol=1e-5, atol=1e-5
    )


def test_new_weights_are_seen_without_compiling_again() -> None:
    model = tiny_models.sequential()
    network = inspect_model(model, X[:1])
    forward = Forward(model, network, X[:1], statistics=["conv"], embeddings=())
    before = forward(X, LABELS)
    model.set_weights([2 * weight for weight in model.get_weights()])
    after = forward(X, LABELS)
    assert not np.allclose(before.logits, after.logits)
    scores = keras.ops.convert_to_numpy(model(X, training=False))
    np.testing.assert_array_equal(after.logits.argmax(axis=1), scores.argmax(axis=1))


def test_mixed_precision_is_within_the_policy_s_rounding() -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = tiny_models.branches()
    finally:
        keras.config.set_dtype_policy("float32")
    values = outputs(model, "squash").astype(np.float32)
    np.testing.assert_array_equal(embedding(model, "squash", False), values.reshape(len(X), -1))
    check(statistics(model, ["squash"])["squash"], values, rtol=2e-3)


def test_a_model_with_a_fixed_batch_size_is_fed_padded_batches() -> None:
    pixels = keras.Input(batch_shape=(8, *tiny_models.SHAPE), name="pixels")
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(pixels)
    x = layers.Flatten(name="flatten")(x)
    fixed = keras.Model(pixels, layers.Dense(10, activation="softmax", name="scores")(x))
    free = keras.models.clone_model(fixed, input_tensors=keras.Input(tiny_models.SHAPE))
    free.set_weights(fixed.get_weights())
    assert batch_size(inspect_model(fixed, X[:1]), 32) == 8
    found = statistics(fixed, ["conv"], size=8)["conv"]
    check(found, statistics_source(free))


def statistics_source(model: Any) -> Any:
    conv = next(layer for layer in model.layers if "conv" in layer.name)
    return keras.ops.convert_to_numpy(keras.Model(model.inputs[0], conv.output)(X))


def test_the_batch_size_follows_the_activations() -> None:
    assert batch_size(inspect_model(tiny_models.sequential(), X[:1]), None) == 256
    large = keras.Sequential(
        [
            keras.Input((256, 256, 3)),
            layers.Conv2D(256, 3, padding="same"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    network = inspect_model(large, np.zeros((1, 256, 256, 3), np.float32))
    assert 1 <= batch_size(network, None) < 16
    assert batch_size(network, 20) == 20


def test_maps_are_averaged_over_blocks_down_to_32x32_and_64_channels() -> None:
    model = keras.Sequential(
        [
            keras.Input((64, 48, 1)),
            layers.Conv2D(70, 1, name="conv"),
            layers.GlobalAveragePooling2D(name="average"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    x = RNG.random((3, 64, 48, 1), np.float32)
    network = inspect_model(model, x[:1])
    maps = compile_maps(model, network, x[:1], ["conv"])(x)["conv"]
    full = outputs(model, "conv", x)[..., :64]
    blocks = full.reshape(3, 32, 2, 24, 2, 64).mean(axis=(2, 4))
    np.testing.assert_allclose(maps, blocks, atol=2e-3)


@pytest.mark.parametrize(("height", "value", "noise"), [(112, 1000.0, 0.0), (8, 1e20, 1e19)])
def test_deviations_of_large_values_are_neither_invented_nor_infinite(
    height: int, value: float, noise: float
) -> None:
    model = keras.Sequential(
        [
            keras.Input((height, height, 1)),
            layers.Conv2D(2, 1, name="conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.get_layer("conv").set_weights([np.ones((1, 1, 1, 2)), np.zeros(2)])
    x = (value + noise * RNG.normal(size=(6, height, height, 1))).astype(np.float32)
    std = statistics(model, ["conv"], x)["conv"].statistics[1]
    np.testing.assert_allclose(std, x.astype(np.float64).std(), rtol=1e-3, atol=1e-9 * value)
