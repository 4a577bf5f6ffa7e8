"""What is logged by default, what is left out for its size, and that it is said."""

from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers

from tensorboard_cnnvis.capture.plan import Plan, make_plan
from tensorboard_cnnvis.network.forward import inspect_model


def plan(model: Any, n_samples: int = 100, n_reference: int = 8, **options: Any) -> Plan:
    shape = model.inputs[0].shape[1:]
    network = inspect_model(model, np.zeros((1, *shape), np.float32))
    return make_plan(network, n_samples, n_reference, **options)


def test_all_convolutions_and_activations_and_the_penultimate_layer_by_default() -> None:
    found = plan(tiny_models.mobile())
    assert found.statistics == ("depthwise", "pointwise", "relu", "preds", "predictions")
    assert [info.layer for info in found.embeddings] == ["average"]
    assert set(found.kernels) == {"depthwise", "pointwise", "preds"}
    assert found.reductions == ()
    flagged = [layer.path for layer in found.layers if layer.statistics]
    assert tuple(flagged) == found.statistics
    assert [layer.path for layer in found.layers if layer.embedding] == ["average"]


def test_named_layers_are_taken_by_path_or_by_a_unique_last_part() -> None:
    found = plan(
        tiny_models.nested(), layers=["conv1"], embedding_layers=["head/flat", "backbone/pool1"]
    )
    assert found.statistics == ("backbone/conv1",)
    # the penultimate layer is the default, so it comes first
    assert [info.layer for info in found.embeddings] == ["backbone/pool1", "head/flat"]


def test_a_layer_that_is_not_in_the_model_is_refused_with_those_that_are() -> None:
    message = (
        r"layer 'conv9' is not in the model; its layers are: pixels, conv, pool, flatten, dropout,"
        " scores"
    )
    with pytest.raises(ValueError, match=message):
        plan(tiny_models.sequential(), layers=["conv9"])
    with pytest.raises(ValueError, match=message):
        plan(tiny_models.sequential(), embedding_layers=["conv9"])


def test_a_name_that_fits_several_layers_is_refused_with_their_paths() -> None:
    message = "'conv1' names several layers; its layers are: backbone/conv1, backbone#2/conv1"
    with pytest.raises(ValueError, match=message):
        plan(tiny_models.shared(), layers=["conv1"])


def test_a_shared_kernel_is_stored_once() -> None:
    assert list(plan(tiny_models.shared()).kernels) == ["backbone/conv1"]


def large(size: int, filters: int) -> Any:
    return keras.Sequential(
        [
            keras.Input((size, size, 64)),
            layers.Conv2D(filters, 3, name="wide"),
            layers.Conv2D(filters, 3, name="wider"),
            layers.Dense(3, activation="softmax", name="dense"),
            layers.GlobalAveragePooling2D(name="average"),
            layers.Softmax(name="scores"),
        ]
    )


def test_kernels_above_4_mb_are_left_to_the_kept_models() -> None:
    found = plan(large(8, 400))
    assert list(found.kernels) == ["wide"]
    assert any("Kernels above 4 MB" in text and "'wider'" in text for text in found.reductions)


def test_maps_of_all_layers_stay_below_20_mb_a_step() -> None:
    assert plan(large(40, 8)).maps == ("wide", "wider")
    crowded = plan(large(40, 64), n_reference=300)
    assert crowded.maps == ("wider",)  # the embedding layer
    assert any("would pass 20 MB" in text for text in crowded.reductions)


def test_shrunk_maps_and_pooled_embeddings_are_said() -> None:
    found = plan(large(80, 8), embedding_layers=["wide"])
    assert found.embeddings[0].pooled
    assert found.embeddings[0].n_features == 8
    assert any("mean over space" in text for text in found.reductions)
    assert any("at most 32x32" in text for text in found.reductions)


def test_above_100_classes_the_scores_are_reduced() -> None:
    found = plan(tiny_models.sequential("softmax", 150))
    assert found.top_scores == 20
    assert any("top 20 of the 150 scores" in text for text in found.reductions)


def test_the_estimate_counts_embeddings_as_float16() -> None:
    found = plan(tiny_models.sequential(), n_samples=1000)
    assert found.step_bytes["embeddings"] == 1000 * 72 * 2
    assert found.step_bytes["samples"] == 1000 * (20 + 40)
    assert found.total_bytes == sum(found.step_bytes.values())
