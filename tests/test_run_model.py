"""`open_run(path).model(step)`: a kept model in a notebook."""

import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
from kept_run import KeptRun

from tensorboard_cnnvis import open_run, schema

LAST = 2


@pytest.fixture(scope="module")
def run(kept: KeptRun) -> Any:
    return open_run(kept.log_dir)


@pytest.fixture(scope="module")
def model(run: Any) -> Any:
    return run.model(LAST)


def scores_of(model: Any, images: Any) -> Any:
    return keras.ops.convert_to_numpy(model(images, training=False))


def test_it_is_the_model_of_that_epoch(run: Any, model: Any, kept: KeptRun) -> None:
    for mine, theirs in zip(model.keras_model.weights, kept.model.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert repr(model).endswith("of epoch 2>")
    np.testing.assert_allclose(model.scores(7), run.scores(LAST)[7], atol=1e-6)
    assert not np.allclose(run.model(1).scores(7), model.scores(7), atol=1e-6)


def test_an_epoch_whose_model_was_not_kept_names_those_that_were(run: Any) -> None:
    with pytest.raises(ValueError, match="no model of epoch 0 is kept; kept are: 1, 2"):
        run.model(0)
    with pytest.raises(ValueError, match="epoch 9 is not logged"):
        run.model(9)


def test_activations_are_the_layers_own(model: Any, kept: KeptRun) -> None:
    direct = keras.Model(kept.model.inputs[0], kept.model.get_layer("relu").output)
    found = model.activations(5, "relu")
    np.testing.assert_allclose(found, scores_of(direct, kept.x[5:6])[0], atol=1e-5)
    assert "relu" in model.layers and "average" not in model.layers
    with pytest.raises(ValueError, match="layer 'average' has no spatial output"):
        model.activations(5, "average")


def test_kernels_are_those_of_the_record(run: Any, model: Any) -> None:
    for layer in ("conv2", "depthwise"):
        np.testing.assert_array_equal(model.kernel(layer), run.kernels(layer, LAST))


def test_occlusion_of_a_sample_and_of_an_own_image(model: Any, kept: KeptRun) -> None:
    found = model.occlusion(5, size=(3, 2), stride=2, class_index=4)
    expected = np.zeros((4, 4))
    for row, top in enumerate((0, 2, 4, 5)):
        for column, left in enumerate((0, 2, 4, 6)):
            image = kept.x[5].copy()
            image[top : top + 3, left : left + 2] = 0
            expected[row, column] = scores_of(kept.model, image[None])[0, 4]
    assert found.shape == (4, 4)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    own = model.occlusion(kept.x[5], size=(3, 2), stride=2, class_index=4)
    np.testing.assert_array_equal(own, found)


def test_the_size_of_the_patch_may_be_a_list(model: Any) -> None:
    found = model.occlusion(3, size=[2, 4], stride=2)
    np.testing.assert_array_equal(found, model.occlusion(3, size=(2, 4), stride=2))


def test_progress_of_occlusion(model: Any) -> None:
    shares: list[float] = []
    model.occlusion(0, size=2, stride=1, progress=shares.append)
    assert shares[-1] == 1.0


def test_maps_have_the_size_of_the_image(model: Any) -> None:
    assert model.grad_cam(3).heat.shape == (8, 8)
    assert model.grad_cam(3, layer="conv2").raw.shape == (4, 4)
    assert model.saliency(3).shape == (8, 8)
    found = model.saliency(3, "integrated_gradients", 2, steps=200)
    assert found.class_index == 2
    assert found.completeness.gap < 0.01


def test_a_map_is_judged_by_deletion(model: Any) -> None:
    found = model.occlusion(3, size=2, stride=1)
    curve = model.deletion(3, found, steps=16)
    same = model.deletion(3, found.pixel_drop(), steps=16)
    assert curve.scores[0] == pytest.approx(found.baseline, abs=1e-6)
    assert np.array_equal(curve.scores, same.scores)


def test_modules_to_import_may_be_one_name(run: Any) -> None:
    assert run.model(LAST, import_modules="kept_run").step == LAST
    with pytest.raises(ValueError, match=r"the modules to import \(no_such\.layers\) cannot be"):
        run.model(LAST, import_modules="no_such.layers")


def test_bad_arguments_are_told(model: Any) -> None:
    with pytest.raises(IndexError, match="sample 120 is out of range; there are 120 samples"):
        model.occlusion(120)
    with pytest.raises(ValueError, match="class 10 is out of range"):
        model.grad_cam(0, 10)
    with pytest.raises(ValueError, match="a patch of 9 x 9 pixels is larger than the image"):
        model.occlusion(0, size=9)
    with pytest.raises(ValueError, match="stride must be at least 1 pixel, got 0"):
        model.occlusion(0, stride=0)
    with pytest.raises(ValueError, match="needs 64 passes through the model, more than the limit"):
        model.occlusion(0, size=1, stride=1, max_forwards=63)
    with pytest.raises(ValueError, match=r"expected an image of shape \(8, 8, 1\)"):
        model.saliency(np.zeros((8, 8, 3), np.float32))
    with pytest.raises(ValueError, match=r"number of pixels or \(height, width\), got \[1, 2, 3\]"):
        model.occlusion(0, size=[1, 2, 3])
    with pytest.raises(ValueError, match=r"a finite number or one of zero, .*; got None"):
        model.occlusion(0, fill=None)


def test_a_run_is_opened_without_keras(kept: KeptRun) -> None:
    code = (
        "import sys; from tensorboard_cnnvis import open_run\n"
        f"run = open_run({str(kept.log_dir)!r}); run.samples(2)\n"
        "print([name for name in ('keras', 'tensorflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_projection_is_the_plane_of_most_variance(run: Any, kept: KeptRun) -> None:
    layer = run.manifest.embeddings[0].layer
    found = run.projection(layer, LAST)
    values = run.embedding(layer, LAST).astype(np.float64)
    expected = np.linalg.svd(values - values.mean(axis=0), compute_uv=False)[:2]
    np.testing.assert_allclose(np.linalg.norm(found, axis=0), expected, rtol=1e-3)
    assert schema.embedding_array(layer) in run.record(LAST).arrays
