"""Pictures for notebooks: what they show, and how they refuse."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from kept_run import KeptRun

from tensorboard_cnnvis import open_run, plot

mpl.use("Agg")
pyplot = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(scope="module")
def run(kept: KeptRun) -> Any:
    return open_run(kept.log_dir)


@pytest.fixture(autouse=True)
def closed() -> Any:
    yield
    pyplot.close("all")


def shown(axes: Any, place: int = -1) -> Any:
    return np.ma.filled(axes.images[place].get_array(), np.nan)


def test_an_occlusion_map_lies_on_its_image_around_zero(run: Any) -> None:
    found = run.model(2).occlusion(5, size=3, stride=2)
    axes = plot.occlusion(found, run.inputs[5], figsize=(3, 2))
    assert axes.figure.get_size_inches().tolist() == [3, 2]
    assert len(axes.images) == 2
    np.testing.assert_allclose(shown(axes), found.pixel_drop())
    low, high = axes.images[-1].get_clim()
    assert low == -high and high == pytest.approx(np.abs(found.pixel_drop()).max())
    under = plot.occlusion(found, drop=False)
    np.testing.assert_allclose(shown(under), found.pixel_scores())
    axes.figure.canvas.draw()


def test_an_axes_that_is_given_is_drawn_into(run: Any) -> None:
    model = run.model(2)
    figure, (left, right) = pyplot.subplots(1, 2)
    assert plot.heat(model.grad_cam(5), run.inputs[5], ax=left) is left
    assert plot.heat(model.saliency(5, "integrated_gradients"), ax=right) is right
    assert left.images[-1].get_clim()[0] >= 0
    assert right.images[-1].get_clim()[0] < 0
    assert set(figure.axes) >= {left, right}


def test_a_map_of_zeros_is_at_the_lower_end() -> None:
    assert plot.heat(np.zeros((4, 4))).images[-1].get_clim() == (0, 1)


def test_activations_are_tiled_in_the_order_asked_for(run: Any) -> None:
    maps = run.model(2).activations(5, "relu")
    axes = plot.activations(maps, [3, 1, 2], columns=2)
    mosaic = shown(axes)
    assert mosaic.shape == (9, 9)
    np.testing.assert_array_equal(mosaic[:4, :4], maps[..., 3])
    np.testing.assert_array_equal(mosaic[:4, 5:], maps[..., 1])
    np.testing.assert_array_equal(mosaic[5:, :4], maps[..., 2])
    assert np.isnan(mosaic[5:, 5:]).all()


def test_kernels_are_centred_at_zero_whatever_their_axes() -> None:
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(3, 2, 4, 5))
    axes = plot.kernels(kernel)
    mosaic = shown(axes)
    assert mosaic.shape == (4 * 4 - 1, 5 * 3 - 1), "a row is an input channel"
    np.testing.assert_array_equal(mosaic[4:7, 6:8], kernel[:, :, 1, 2])
    low, high = axes.images[0].get_clim()
    assert (low, high) == (-np.abs(kernel).max(), np.abs(kernel).max())
    one = shown(plot.kernels(kernel, 3, columns=5))
    np.testing.assert_array_equal(one[:, 3:5], kernel[:, :, 3, 1])
    turned = shown(plot.kernels(kernel, layer_type="Conv2DTranspose"))
    np.testing.assert_array_equal(turned[4:7, 6:8], kernel[:, :, 2, 1])
    depthwise = shown(plot.kernels(kernel, layer_type="DepthwiseConv2D"))
    np.testing.assert_array_equal(depthwise[:, 18:20], kernel[:, :, 1, 1])


def test_kernels_over_three_channels_in_colour() -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 2))
    picture = shown(plot.kernels(kernel, rgb=True))
    assert picture.shape == (3, 7, 3)
    np.testing.assert_allclose(picture[:, :3], 0.5 + kernel[..., 0] / np.abs(kernel).max() / 2)
    with pytest.raises(ValueError, match="rgb needs 3 input channels, got 4"):
        plot.kernels(np.zeros((3, 3, 4, 2)), rgb=True)


def test_a_projection_is_coloured_by_class(run: Any) -> None:
    layer = run.manifest.embeddings[0].layer
    points = run.projection(layer, 2)
    axes = plot.projection(points, run.samples(2).label)
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == [str(digit) for digit in range(10)]
    drawn = np.concatenate([group.get_offsets() for group in axes.collections])
    assert len(drawn) == 120
    assert len({tuple(group.get_facecolor()[0]) for group in axes.collections}) == 10
    indexed = plot.projection(points, np.arange(120) % 2, class_names=["cat", "dog"])
    assert [text.get_text() for text in indexed.get_legend().get_texts()] == ["cat", "dog"]
    assert plot.projection(points).get_legend() is None


@pytest.mark.parametrize(("n_classes", "columns"), [(20, 1), (40, 2), (100, 5), (101, 0)])
def test_a_legend_of_many_classes_leaves_room_for_the_points(n_classes: int, columns: int) -> None:
    points = np.random.default_rng(0).normal(size=(200, 2))
    axes = plot.projection(points, np.arange(200) % n_classes)
    axes.figure.canvas.draw()  # a warning, where it finds no room, is an error here
    legend = axes.get_legend()
    assert (legend is not None) == (columns > 0)
    assert legend is None or legend._ncols == columns
    assert axes.get_position().height > 0.9


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plot.activations(np.zeros((4, 4))), r"expected maps \(height, width, n_channels"),
        (lambda: plot.activations(np.zeros((4, 4, 2)), [2]), "channels must be some of 0 to 1"),
        (lambda: plot.kernels(np.zeros((3, 4, 5))), "expected a kernel of 2 spatial axes"),
        (lambda: plot.kernels(np.zeros((3, 3, 2, 5)), 2), "channel must be one of 0 to 1, got 2"),
        (lambda: plot.projection(np.zeros((5, 3))), r"run\.projection\(layer, step\) gives such"),
        (lambda: plot.projection(np.zeros((5, 2)), [1, 2]), "one label for each of 5 points"),
        (
            lambda: plot.projection(np.zeros((2, 2)), ["a", "b"], class_names=["c"]),
            "leave them out",
        ),
        (lambda: plot.heat(np.zeros((4, 4, 3))), r"expected a map \(height, width\)"),
        (lambda: plot.heat(np.zeros((4, 4)), np.zeros((8, 8, 1))), r"the map's size \(4, 4\), got"),
        (lambda: plot.activations(np.zeros((4, 4, 2)), columns=0), "columns must be at least 1"),
    ],
)
def test_arrays_of_another_shape_are_refused(draw: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draw()
