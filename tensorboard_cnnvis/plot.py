"""Pictures of a run by matplotlib, for notebooks and papers.

Every function draws into `ax`, or into a new figure of `figsize` inches, and returns the axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensorboard_cnnvis.run_model import OcclusionMap

Array = npt.NDArray[Any]
Size = tuple[float, float]
_DIVERGING = "RdBu_r"
_HEAT = "magma"
_MAPS = "viridis"
_NAMES_IN_COLUMN, _MOST_NAMED = 20, 100  # of a legend


def occlusion(
    found: OcclusionMap,
    image: Array | None = None,
    *,
    drop: bool = True,
    opacity: float = 0.6,
    ax: Axes | None = None,
    figsize: Size | None = None,
) -> Axes:
    """An occlusion map at the image's size: of a pixel, the mean over the patches that cover it.

    Args:
        found: from `run.model(step).occlusion(...)`.
        image: (height, width, 1, 3 or 4) to lie below, such as `run.inputs[5]`.
        drop: by how much the score falls, around 0; else the score under the patch.
        opacity: of the map above an image.
        ax: where to draw.
        figsize: of a new figure.
    """
    values = found.pixel_drop() if drop else found.pixel_scores()
    largest = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    scale = {"cmap": _DIVERGING, "vmin": -largest, "vmax": largest} if drop else {"cmap": _HEAT}
    axes = _axes(ax, figsize)
    _below(axes, image, values.shape)
    drawn = axes.imshow(values, alpha=None if image is None else opacity, **scale)
    what = "drop of the score" if drop else "score under the patch"
    axes.figure.colorbar(drawn, ax=axes, label=what)
    axes.set_title(f"class {found.class_index}, score {found.baseline:.3f}")
    return _plain(axes)


def heat(
    values: Any,
    image: Array | None = None,
    *,
    opacity: float = 0.6,
    ax: Axes | None = None,
    figsize: Size | None = None,
) -> Axes:
    """A map of Grad-CAM or saliency; around 0 where it has values of both signs.

    Args:
        values: (height, width), or from `grad_cam(...)` or `saliency(...)`.
        image: (height, width, 1, 3 or 4) to lie below.
        opacity: of the map above an image.
        ax: where to draw.
        figsize: of a new figure.
    """
    drawn = np.asarray(values)
    if drawn.ndim != 2:
        raise ValueError(f"expected a map (height, width), got shape {drawn.shape}")
    axes = _axes(ax, figsize)
    _below(axes, image, drawn.shape)
    largest = float(np.nanmax(np.abs(drawn), initial=0.0)) or 1.0
    both = bool((drawn < 0).any())
    picture = axes.imshow(
        drawn,
        alpha=None if image is None else opacity,
        cmap=_DIVERGING if both else _HEAT,
        vmin=-largest if both else 0.0,
        vmax=largest,
    )
    axes.figure.colorbar(picture, ax=axes)
    return _plain(axes)


def activations(
    maps: Array,
    channels: Sequence[int] | None = None,
    *,
    columns: int | None = None,
    ax: Axes | None = None,
    figsize: Size | None = None,
) -> Axes:
    """Activation maps side by side, on one scale, in reading order.

    Args:
        maps: (height, width, n_channels), from `run.model(step).activations(sample, layer)`.
        channels: which ones and in which order; None for all.
        columns: maps in a row; None for about as many as rows.
        ax: where to draw.
        figsize: of a new figure.
    """
    maps = np.asarray(maps)
    if maps.ndim != 3:
        raise ValueError(f"expected maps (height, width, n_channels), got shape {maps.shape}")
    shown = np.arange(maps.shape[-1]) if channels is None else np.atleast_1d(channels)
    if shown.size == 0 or shown.min() < 0 or shown.max() >= maps.shape[-1]:
        raise ValueError(f"channels must be some of 0 to {maps.shape[-1] - 1}, got {channels}")
    axes = _axes(ax, figsize)
    mosaic = _mosaic(np.moveaxis(maps[..., shown], -1, 0), columns)
    axes.figure.colorbar(axes.imshow(mosaic, cmap=_MAPS), ax=axes, label="activation")
    return _plain(axes)


def kernels(
    kernel: Array,
    channel: int | None = None,
    *,
    layer_type: str = "Conv2D",
    rgb: bool = False,
    columns: int | None = None,
    ax: Axes | None = None,
    figsize: Size | None = None,
) -> Axes:
    """A convolution's filters, on one scale that is centred at 0.

    Args:
        kernel: (height, width, ...) in Keras's axis order, from `run.kernels(layer, step)` or
            `run.model(step).kernel(layer)`.
        channel: the input channel whose weights are shown, a filter a picture; None for all: a row
            is an input channel, a column a filter.
        layer_type: `Conv2D`, `Conv2DTranspose`, `DepthwiseConv2D` or `SeparableConv2D`, whose axes
            differ.
        rgb: show filters over 3 input channels in colour instead: mid-grey is 0.
        columns: pictures in a row with `channel` or `rgb`; None for about as many as rows.
        ax: where to draw.
        figsize: of a new figure.
    """
    weights = _by_filter(np.asarray(kernel), layer_type)
    n_channels, n_filters = weights.shape[2:]
    if channel is not None and not 0 <= channel < n_channels:
        raise ValueError(f"channel must be one of 0 to {n_channels - 1}, got {channel}")
    if rgb and n_channels != 3:
        raise ValueError(f"rgb needs 3 input channels, got {n_channels}: leave rgb out")
    largest = float(np.nanmax(np.abs(weights), initial=0.0)) or 1.0
    axes = _axes(ax, figsize)
    if rgb:
        pictures = np.moveaxis(0.5 + 0.5 * weights / largest, -1, 0)
        axes.imshow(np.nan_to_num(_mosaic(pictures, columns), nan=1.0))
        return _plain(axes)
    if channel is None:
        pictures = np.moveaxis(weights, (2, 3), (0, 1)).reshape(-1, *weights.shape[:2])
        columns = n_filters
    else:
        pictures = np.moveaxis(weights[:, :, channel], -1, 0)
    drawn = axes.imshow(_mosaic(pictures, columns), cmap=_DIVERGING, vmin=-largest, vmax=largest)
    axes.figure.colorbar(drawn, ax=axes, label="weight")
    return _plain(axes)


def projection(
    points: Array,
    labels: Array | Sequence[Any] | None = None,
    *,
    class_names: Sequence[str] | None = None,
    size: float = 8.0,
    ax: Axes | None = None,
    figsize: Size | None = None,
) -> Axes:
    """Samples as points.

    Args:
        points: (n_samples, 2), such as `run.projection(layer, step)`.
        labels: one per sample, by which the points are coloured, such as
            `run.samples(step).label`; None for one colour. More than 100 have no legend.
        class_names: of labels that are class indices.
        size: area of a point, in points squared.
        ax: where to draw.
        figsize: of a new figure.
    """
    from matplotlib import colormaps

    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(
            f"expected points (n_samples, 2), got shape {points.shape}; run.projection(layer,"
            " step) gives such of an embedding"
        )
    axes = _axes(ax, figsize)
    if labels is None:
        axes.scatter(points[:, 0], points[:, 1], s=size)
        return _square(axes)
    groups = _groups(np.asarray(labels), len(points), class_names)
    colors = colormaps["tab10" if len(groups) <= 10 else "turbo"].resampled(max(10, len(groups)))
    for place, (name, rows) in enumerate(groups.items()):
        x, y = points[rows].T
        axes.scatter(x, y, s=size, color=colors(place), label=name)
    if 0 < len(groups) <= _MOST_NAMED:
        columns = -(-len(groups) // _NAMES_IN_COLUMN)
        legend = axes.legend(markerscale=2, fontsize="small", ncols=columns)
        if columns > 1:  # beside the points
            legend.set_loc("center left")
            legend.set_bbox_to_anchor((1.0, 0.5))
    return _square(axes)


def _groups(
    labels: Array, count: int, class_names: Sequence[str] | None
) -> dict[str, npt.NDArray[np.bool_]]:
    """Name -> which samples have the label, in the order of the labels."""
    if labels.shape != (count,):
        raise ValueError(f"expected one label for each of {count} points, got {labels.shape}")
    known = {str(value): labels == value for value in _unique(labels)}
    if class_names is None:
        return known
    named = [name for name in known if not name.lstrip("-").isdecimal()]
    if named:
        raise ValueError(
            f"class_names are for labels that are class indices, got {named[0]!r}: leave them out"
        )
    return {
        class_names[int(name)] if 0 <= int(name) < len(class_names) else "unknown": rows
        for name, rows in known.items()
    }


def _unique(labels: Array) -> list[Any]:
    try:
        return list(np.unique(labels))
    except TypeError:  # of several types, such as None among names
        return list(dict.fromkeys(labels.tolist()))


def _by_filter(kernel: Array, layer_type: str) -> Array:
    """(height, width, input channel, filter) of a kernel in Keras's order."""
    if kernel.ndim != 4:
        raise ValueError(
            f"expected a kernel of 2 spatial axes (height, width, ...), got shape {kernel.shape}:"
            " choose a slice of a Conv3D, and add an axis to that of a Conv1D"
        )
    if layer_type.startswith(("Depthwise", "Separable")):
        return kernel.reshape(*kernel.shape[:2], 1, -1)
    return kernel.swapaxes(2, 3) if layer_type.endswith("Transpose") else kernel


def _mosaic(pictures: Array, columns: int | None) -> Array:
    """Pictures (n, height, width, ...) in a grid with a gap of one pixel, NaN where none is."""
    count, height, width = pictures.shape[:3]
    across = min(count, int(np.ceil(np.sqrt(count))) if columns is None else columns)
    if across < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    down = -(-count // across)
    shape = (down * (height + 1) - 1, across * (width + 1) - 1, *pictures.shape[3:])
    mosaic = np.full(shape, np.nan)
    for place, picture in enumerate(pictures):
        top, left = place // across * (height + 1), place % across * (width + 1)
        mosaic[top : top + height, left : left + width] = picture
    return mosaic


def _below(axes: Axes, image: Array | None, size: tuple[int, ...]) -> None:
    """The image in grey or colour, from its smallest to its largest value."""
    if image is None:
        return
    pixels = np.asarray(image, np.float64)
    if pixels.ndim != 3:
        raise ValueError(f"expected an image (height, width, channels), got shape {pixels.shape}")
    if pixels.shape[:2] != size:
        raise ValueError(f"expected an image of the map's size {size}, got shape {pixels.shape}")
    low, high = float(np.nanmin(pixels)), float(np.nanmax(pixels))
    shares = np.nan_to_num((pixels - low) / ((high - low) or 1.0))
    if shares.shape[2] in (3, 4):
        axes.imshow(shares)
    else:
        axes.imshow(shares.mean(axis=2), cmap="gray", vmin=0, vmax=1)


def _axes(ax: Axes | None, figsize: Size | None) -> Axes:
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            'pictures need matplotlib: pip install "tensorboard-cnnvis[plot]"'
        ) from error
    made: Axes = pyplot.subplots(figsize=figsize, layout="constrained")[1]
    return made


def _plain(axes: Axes) -> Axes:
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _square(axes: Axes) -> Axes:
    axes.set_aspect("equal", adjustable="datalim")
    return _plain(axes)
