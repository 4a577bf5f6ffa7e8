"""The deletion curve on a model that looks at known pixels only."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from looked_into import called, cnn, image_of, loaded

from tensorboard_cnnvis.inference.deletion import deletion_curve

IMAGE = image_of(10, 12, 1)


def looking_at_a_corner() -> Any:
    """Class 1 is the mean of the 3 x 4 pixels at the top left."""
    model = keras.Sequential(
        [keras.Input(IMAGE.shape), layers.Flatten(), layers.Dense(2, activation="softmax")]
    )
    weights = np.zeros((10, 12, 2), np.float32)
    weights[:3, :4, 1] = 1.0
    model.set_weights([weights.reshape(120, 2), np.zeros(2, np.float32)])
    return model


def test_a_right_map_beats_random_order_and_a_wrong_one_does_not() -> None:
    model = loaded(looking_at_a_corner(), IMAGE)
    right = np.zeros((10, 12))
    right[:3, :4] = IMAGE[:3, :4, 0]
    found = deletion_curve(model, IMAGE, right, 1, fill=0.0, steps=20)
    wrong = deletion_curve(model, IMAGE, -right, 1, fill=0.0, steps=20)
    assert found.shares[[0, -1]].tolist() == [0, 1]
    assert found.scores[2] == pytest.approx(0.5, abs=1e-6), "12 of 120 pixels are all it sees"
    assert found.random.shape == (5, 21)
    assert found.area < found.random_areas.min()
    assert wrong.area > found.random_areas.max()


def test_scores_are_those_of_the_images_with_pixels_replaced() -> None:
    model = cnn(IMAGE.shape)
    heat = np.random.default_rng(0).random((10, 12))
    found = deletion_curve(loaded(model, IMAGE), IMAGE, heat, 2, fill=0.3, steps=4, orders=0)
    order = np.argsort(-heat, axis=None)
    for share, score in zip((0, 30, 60, 90, 120), found.scores, strict=True):
        image = IMAGE.copy()
        image.reshape(-1)[order[:share]] = 0.3
        assert score == pytest.approx(called(model, image[None])[0, 2], abs=1e-6)
    assert found.random.shape == (0, 5)


def test_random_orders_follow_their_seed_and_ties_go_in_random_order() -> None:
    model = loaded(cnn(IMAGE.shape), IMAGE)
    flat = np.zeros((10, 12))
    first, again, other = (
        deletion_curve(model, IMAGE, flat, 2, steps=6, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.scores, again.scores)
    assert np.array_equal(first.random, again.random)
    assert not np.array_equal(first.random, other.random)
    assert not np.array_equal(first.scores, other.scores)


def test_a_map_of_another_size_and_numbers_out_of_range_are_refused() -> None:
    model = loaded(cnn(IMAGE.shape), IMAGE)
    with pytest.raises(ValueError, match=r"shape \(10, 12\), got \(3, 3\); .* by pixel_drop\(\)"):
        deletion_curve(model, IMAGE, np.zeros((3, 3)))
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        deletion_curve(model, IMAGE, np.zeros((10, 12)), steps=0)
    with pytest.raises(ValueError, match="needs 198 passes"):
        deletion_curve(model, IMAGE, np.zeros((10, 12)), max_forwards=100)
