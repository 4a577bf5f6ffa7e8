"""Our walk of a model against the model itself."""

from typing import Any

import keras
import numpy as np
import pytest
import tiny_models

from tensorboard_cnnvis.network.forward import Network, inspect_model
from tensorboard_cnnvis.schema import LayerInfo

SAMPLE = np.zeros((1, *tiny_models.SHAPE), np.float32)


def look(model: Any) -> Network:
    return inspect_model(model, SAMPLE)


def layers(model: Any) -> dict[str, LayerInfo]:
    return {layer.path: layer for layer in look(model).layers}


def test_a_sequential_model_is_a_chain_in_the_order_of_computation() -> None:
    found = layers(tiny_models.sequential())
    assert list(found) == ["pixels", "conv", "pool", "flatten", "dropout", "scores"]
    assert [layer.inputs for layer in found.values()][1:] == [
        ("pixels",), ("conv",), ("pool",), ("flatten",), ("dropout",),
    ]  # fmt: skip
    assert [layer.role for layer in found.values()] == [
        "input", "convolution", "pooling", "other", "other", "dense",
    ]  # fmt: skip
    assert found["conv"].activation == "relu"
    assert found["conv"].output_shape == (6, 6, 8)


def test_branches_meet_where_they_are_added() -> None:
    found = layers(tiny_models.branches())
    assert set(found["add"].inputs) == {"stem", "conv"}
    assert found["squash"].activation == "tanh"
    assert found["norm"].role == "normalization"


def test_an_operation_that_is_no_layer_is_listed() -> None:
    model = tiny_models.branches()
    relu = next(layer for layer in look(model).layers if layer.type == "relu")
    assert relu.role == "activation"
    assert relu.activation == "relu"
    assert relu.inputs == ("norm",)
    assert relu.path not in {layer.name for layer in model.layers}


def test_edges_reach_through_the_boundary_of_a_nested_model() -> None:
    found = layers(tiny_models.nested())
    assert list(found) == [
        "pixels", "backbone/conv1", "backbone/relu1", "backbone/pool1", "head/flat", "head/scores",
    ]  # fmt: skip
    assert found["backbone/conv1"].inputs == ("pixels",)
    assert found["head/flat"].inputs == ("backbone/pool1",)


def test_the_second_use_of_a_shared_model_is_numbered_and_has_no_parameters() -> None:
    found = layers(tiny_models.shared())
    assert found["backbone#2/conv1"].inputs == ("mirror",)
    assert set(found["both"].inputs) == {"backbone/pool1", "backbone#2/pool1"}
    assert found["backbone/conv1"].trainable == 3 * 3 * 4 + 4
    assert found["backbone#2/conv1"].trainable == 0


def test_the_second_use_of_a_shared_layer_is_numbered() -> None:
    pixels = keras.Input(tiny_models.SHAPE, name="pixels")
    conv = keras.layers.Conv2D(1, 3, padding="same", name="conv")
    x = keras.layers.Flatten(name="flat")(conv(conv(pixels)))
    found = layers(keras.Model(pixels, keras.layers.Dense(3, "softmax", name="scores")(x)))
    assert found["conv#2"].inputs == ("conv",)
    assert found["flat"].inputs == ("conv#2",)


def test_what_follows_a_layer_with_channels_first_has_them_first_too() -> None:
    found = layers(tiny_models.channels_first())
    first = [path for path, layer in found.items() if layer.channel_axis == 1]
    assert first == ["conv", "norm", "relu", "squash", "add"]


def test_a_subclassed_model_has_a_table_but_no_graph() -> None:
    model = tiny_models.Subclassed()
    model(SAMPLE)
    network = look(model)
    assert not network.graph
    assert [layer.path for layer in network.layers] == [
        "block", "block/conv", "block/relu", "average", "dropout", "logits",
    ]  # fmt: skip
    assert network.layer("block").role == "model"
    assert all(layer.inputs == () for layer in network.layers)


def test_a_layer_that_computes_with_others_keeps_its_place_in_the_graph() -> None:
    pixels = keras.Input(tiny_models.SHAPE, name="pixels")
    x = tiny_models.Block(4, name="block")(pixels)
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    found = layers(keras.Model(pixels, keras.layers.Dense(3, "softmax", name="scores")(x)))
    assert found["average"].inputs == ("block",)
    assert found["block/relu"].role == "activation"


@pytest.mark.parametrize(
    "build",
    [
        tiny_models.sequential,
        tiny_models.branches,
        tiny_models.nested,
        tiny_models.shared,
        tiny_models.mobile,
    ],
)
def test_parameters_add_up_to_those_of_the_model(build: Any) -> None:
    model = build()
    model.layers[1].trainable = False
    found = look(model).layers
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert sum(layer.trainable for layer in found) == trainable
    assert sum(layer.trainable + layer.frozen for layer in found) == model.count_params()


def test_an_imagenet_backbone_inside_a_model() -> None:
    mobile_net = keras.applications.MobileNetV2((32, 32, 3), include_top=False, weights=None)
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            mobile_net,
            keras.layers.GlobalAveragePooling2D(name="average"),
            keras.layers.Dense(5, activation="softmax", name="scores"),
        ]
    )
    network = inspect_model(model, np.zeros((1, 32, 32, 3), np.float32))
    paths = {layer.path for layer in network.layers}
    assert f"{mobile_net.name}/Conv1_relu" in paths
    assert network.layer(f"{mobile_net.name}/Conv1_relu").activation == "relu6"
    assert network.layer("average").inputs == (f"{mobile_net.name}/out_relu",)
    assert all(source in paths for layer in network.layers for source in layer.inputs)


def test_the_model_is_left_as_it_was() -> None:
    model = tiny_models.nested()
    before = [dict(vars(layer)) for layer in model._flatten_layers()]
    look(model)
    after = [dict(vars(layer)) for layer in model._flatten_layers()]
    assert [set(state) for state in before] == [set(state) for state in after]
    assert [state.get("activation") for state in before] == [
        state.get("activation") for state in after
    ]
