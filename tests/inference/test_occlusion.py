"""Occlusion against a plain loop over positions."""

from typing import Any

import numpy as np
import pytest
from looked_into import branches, called, cnn, image_of, loaded, nested

from tensorboard_cnnvis.inference.fills import filled
from tensorboard_cnnvis.inference.occlusion import (
    Patch,
    check_forwards,
    occluded_scores,
    occlusion,
    occlusion_steps,
)


def starts(length: int, size: int, stride: int) -> list[int]:
    """0, stride, ... as far as the patch fits, and one that ends with the image."""
    return sorted({*range(0, length - size + 1, stride), length - size})


def plain_loop(model: Any, image: Any, patch: Patch, class_index: int) -> Any:
    """One call of the model per position, as a user would write it."""
    rows = []
    for top in starts(image.shape[0], patch.height, patch.stride):
        row = []
        for left in starts(image.shape[1], patch.width, patch.stride):
            covered = image.copy()
            covered[top : top + patch.height, left : left + patch.width] = patch.fill
            row.append(called(model, covered[None])[0, class_index])
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize(
    ("build", "shape", "patch"),
    [
        (cnn, (28, 28, 1), Patch(8, 8, 4)),
        (cnn, (37, 53, 3), Patch(9, 7, 6, 0.5)),
        (nested, (20, 24, 3), Patch(5, 6, 4, 0.25)),
        (branches, (16, 16, 1), Patch(16, 3, 5, 1.0)),
    ],
)
def test_the_map_is_that_of_a_plain_loop(build: Any, shape: Any, patch: Patch) -> None:
    model, image = build(shape), image_of(*shape)
    found = occlusion(loaded(model, image), image, patch, class_index=3)
    expected = plain_loop(model, image, patch, 3)
    assert found.complete
    assert expected.std() > 1e-4, "the patch matters to this model"
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert found.baseline == pytest.approx(called(model, image[None])[0, 3], abs=1e-6)
    np.testing.assert_allclose(found.drop, found.baseline - expected, atol=2e-5)


def test_both_classes_of_one_sigmoid_output() -> None:
    image = image_of(14, 14, 1)
    model = cnn(image.shape, "sigmoid", 1)
    patch = Patch(5, 5, 3)
    one = plain_loop(model, image, patch, 0)
    for class_index, expected in ((1, one), (0, 1 - one)):
        found = occlusion(loaded(model, image), image, patch, class_index)
        np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-5)


def test_a_model_that_ends_in_logits_is_asked_for_scores() -> None:
    image = image_of(14, 14, 1)
    model = cnn(image.shape, None)
    logits = plain_loop(model, image, Patch(5, 5, 3), slice(None))
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    expected = exponents / exponents.sum(axis=-1, keepdims=True)
    found = occlusion(loaded(model, image, from_logits=True), image, Patch(5, 5, 3), 2)
    np.testing.assert_allclose(found.scores, expected[..., 2], rtol=0, atol=1e-5)


def test_mixed_precision_and_integers_are_fed_as_in_training() -> None:
    import keras

    image = (image_of(14, 14, 3) * 255).astype(np.uint8)
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        model = keras.Sequential(
            [keras.Input((14, 14, 3)), keras.layers.Rescaling(1 / 255), *cnn((14, 14, 3)).layers]
        )
    finally:
        keras.mixed_precision.set_global_policy("float32")
    found = occlusion(loaded(model, image), image, Patch(6, 6, 4, 127.6), 1)
    expected = plain_loop(model, image, Patch(6, 6, 4, 128), 1)
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=2e-3)


def test_the_default_class_is_the_prediction() -> None:
    image = image_of(14, 14, 1)
    model = cnn(image.shape)
    found = occlusion(loaded(model, image), image, Patch(5, 5, 5))
    assert found.class_index == called(model, image[None])[0].argmax()


def test_every_pixel_is_covered_and_the_image_is_not_padded() -> None:
    patch = Patch(8, 5, 6)
    tops, lefts = patch.tops(37), patch.lefts(53)
    seen = np.zeros((37, 53), bool)
    for top in tops:
        for left in lefts:
            assert top + 8 <= 37 and left + 5 <= 53
            seen[top : top + 8, left : left + 5] = True
    assert seen[-1, -1] and seen[0, 0]
    assert tops.tolist() == [0, 6, 12, 18, 24, 29]
    assert check_forwards(patch, (37, 53), 100) == 6 * len(lefts)


def test_a_first_map_comes_early_and_is_refined() -> None:
    image = image_of(30, 30, 1)
    model = loaded(cnn(image.shape), image)
    model.scores.size = 60
    maps = list(occlusion_steps(model, image, Patch(6, 6, 1), 2))
    whole = maps[-1]
    assert [each.done for each in maps] == [*range(60, 625, 60), 625]
    assert [each.complete for each in maps] == [False] * 10 + [True]
    assert np.isfinite(maps[0].scores).all(), "the coarsest grid stands for all positions"
    errors = [np.abs(each.scores - whole.scores).mean() for each in maps]
    assert errors[0] > errors[3] > errors[8] > errors[-1] == 0
    agreeing = (maps[0].scores == whole.scores).sum()
    assert agreeing >= 60


def test_the_maps_do_not_depend_on_the_batches() -> None:
    image = image_of(20, 20, 1)
    model = loaded(cnn(image.shape), image)
    first = occlusion(model, image, Patch(5, 5, 2), 0)
    model.scores.size = 7
    np.testing.assert_allclose(occlusion(model, image, Patch(5, 5, 2), 0), first, atol=1e-6)


def test_the_loop_over_positions_stands_alone() -> None:
    from tensorboard_cnnvis.inference.occlusion import Positions

    image = image_of(12, 12, 1)
    model = loaded(cnn(image.shape), image)
    other = image_of(12, 12, 1, seed=1)
    corners = np.array([[0, 0], [3, 7]], np.int32)
    found = occluded_scores(model, image, Positions(corners, 4, 5, other))
    assert found.shape == (2, 5)
    covered = image.copy()
    covered[3:7, 7:12] = other[3:7, 7:12]
    np.testing.assert_allclose(found[1], called(model.keras_model, covered[None])[0], atol=1e-6)


def test_pixels_average_the_patches_above_them() -> None:
    image = image_of(12, 12, 1)
    found = occlusion(loaded(cnn(image.shape), image), image, Patch(6, 6, 3), 0)
    pixels = found.pixel_drop()
    assert pixels.shape == (12, 12)
    assert pixels[0, 0] == pytest.approx(found.drop[0, 0])
    assert pixels[4, 0] == pytest.approx(found.drop[:2, 0].mean(), abs=1e-6)
    assert pixels[4, 7] == pytest.approx(found.drop[:2, 1:3].mean(), abs=1e-6)
    assert found.pixel_scores()[4, 7] == pytest.approx(found.scores[:2, 1:3].mean(), abs=1e-6)
    apart = occlusion(loaded(cnn(image.shape), image), image, Patch(2, 2, 5), 0).pixel_drop()
    assert np.isnan(apart[3, 3]) and np.isfinite(apart[0, 0])


class TestFills:
    IMAGE = image_of(16, 12, 2)

    def test_a_value_and_zero(self) -> None:
        assert (filled(self.IMAGE, 0.7) == np.float32(0.7)).all()
        assert (filled(self.IMAGE, "zero") == 0).all()

    def test_the_mean_is_that_of_each_channel(self) -> None:
        found = filled(self.IMAGE, "mean")
        np.testing.assert_allclose(found[3, 5], self.IMAGE.mean(axis=(0, 1)), atol=1e-6)

    def test_noise_is_within_the_image_and_follows_its_seed(self) -> None:
        found = filled(self.IMAGE, "noise", seed=3)
        assert np.array_equal(found, filled(self.IMAGE, "noise", seed=3))
        assert not np.array_equal(found, filled(self.IMAGE, "noise", seed=4))
        assert found.min() >= self.IMAGE.min() and found.max() <= self.IMAGE.max()
        assert found.std() > 0.2

    def test_blurred_keeps_the_mean_and_loses_the_detail(self) -> None:
        found = filled(self.IMAGE, "blur")
        assert found.mean() == pytest.approx(self.IMAGE.mean(), abs=0.02)
        assert found.std() < 0.3 * self.IMAGE.std()

    def test_integers_are_rounded_within_their_range(self) -> None:
        image = np.full((4, 4, 1), 250, np.uint8)
        assert filled(image, 127.6)[0, 0, 0] == 128
        for outside in (-0.6, 300.0):
            with pytest.raises(ValueError, match="uint8 can hold: 0 to 255"):
                filled(image, outside)

    def test_an_unknown_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="fill 'grey' is unknown; expected a number or one of"):
            filled(self.IMAGE, "grey")
        with pytest.raises(ValueError, match="finite number"):
            filled(self.IMAGE, float("nan"))


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (Patch(13, 4, 1), "a patch of 13 x 4 pixels is larger than the image, which has 12 x 12"),
        (Patch(4, 4, 0), "stride must be at least 1 pixel, got 0"),
        (Patch(0, 4, 1), "the patch is 0 x 4 pixels; expected at least 1 x 1"),
        (Patch(4, 4, 1.5), "stride must be a whole number of pixels, got 1.5"),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(patch: Patch, words: str) -> None:
    image = image_of(12, 12, 1)
    with pytest.raises(ValueError, match=words):
        occlusion(loaded(cnn(image.shape), image), image, patch)


def test_a_class_out_of_range_and_a_foreign_shape_are_refused() -> None:
    image = image_of(12, 12, 1)
    model = loaded(cnn(image.shape), image)
    with pytest.raises(ValueError, match="class 5 is out of range; the model has the classes 0 to"):
        occlusion(model, image, Patch(4, 4, 4), 5)
    with pytest.raises(ValueError, match=r"expected an image of shape \(12, 12, 1\)"):
        occlusion(model, image_of(12, 13, 1), Patch(4, 4, 4))


def test_too_many_positions_name_a_stride_that_fits() -> None:
    with pytest.raises(
        ValueError, match=r"needs 441 passes .* limit of 100: choose a stride of at"
    ):
        check_forwards(Patch(8, 8, 1), (28, 28), 100)
    with pytest.raises(ValueError, match="stride of at least 3, or raise max_forwards"):
        check_forwards(Patch(8, 8, 1), (28, 28), 64)
    assert check_forwards(Patch(8, 8, 3), (28, 28), 64) == 64
    with pytest.raises(ValueError, match="choose a larger patch, or raise max_forwards"):
        check_forwards(Patch(8, 8, 1), (28, 28), 3)  # no stride leaves out the border


@pytest.mark.parametrize("value", [0.5, 256.0, -1.0, np.nan])
def test_an_own_image_in_another_unit_than_bytes_is_refused(value: float) -> None:
    """A cast would make it black, or wrap it around."""
    image = (255 * image_of(12, 12, 1)).astype(np.uint8)
    model = loaded(cnn(image.shape), image)
    same = occlusion(model, image.astype(np.float64), Patch(4, 4, 4), 0)
    np.testing.assert_array_equal(same, occlusion(model, image, Patch(4, 4, 4), 0))
    with pytest.raises(ValueError, match=r"expected an image of uint8 values .* got float64 from"):
        occlusion(model, np.full(image.shape, value), Patch(4, 4, 4))
