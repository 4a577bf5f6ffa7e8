"""What is logged of a model, and how much disk that takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.capture.scores import MAX_SCORES, top_scores
from tensorboard_cnnvis.network import reductions
from tensorboard_cnnvis.network.forward import Network
from tensorboard_cnnvis.network.layers import find_path, kernel_of

MAX_KERNEL_BYTES = 4 * 10**6
MAX_MAP_BYTES = 20 * 10**6  # a step
WARN_STEP_BYTES = 100 * 10**6


@dataclass(frozen=True)
class Plan:
    """What is logged at every step.

    Attributes:
        layers: the model's layers, with `statistics` and `embedding` decided.
        statistics: paths of the layers whose channels are reduced.
        embeddings: the first is the penultimate layer, if it is among them.
        kernels: path -> layer of the convolutions whose kernel is stored.
        maps: paths of the layers whose maps of the reference samples are stored.
        top_scores: number of scores per sample, None for all.
        reductions: sentences on what is stored less than whole.
        step_bytes: estimated size of a step, by kind.
    """

    layers: tuple[schema.LayerInfo, ...]
    statistics: tuple[str, ...]
    embeddings: tuple[schema.EmbeddingInfo, ...]
    kernels: dict[str, Any]
    maps: tuple[str, ...]
    top_scores: int | None
    reductions: tuple[str, ...]
    step_bytes: dict[str, int]

    @property
    def total_bytes(self) -> int:
        """Estimated size of a step."""
        return sum(self.step_bytes.values())


def make_plan(
    network: Network,
    n_samples: int,
    n_reference: int,
    *,
    layers: Sequence[str] | None = None,
    embedding_layers: Sequence[str] | None = None,
    objective: bool = False,
) -> Plan:
    """Chooses the layers to log, and what of them fits.

    Args:
        network: from `inspect_model`.
        n_samples: watched samples.
        n_reference: samples whose maps are stored.
        layers: paths for channel statistics; None for all convolutions and activations.
        embedding_layers: paths for embeddings; None for the penultimate layer.
        objective: whether it is stored.

    Raises:
        ValueError: a layer is not in the model.
    """
    statistics = _statistics(network, layers)
    embeddings = _embeddings(network, embedding_layers)
    kernels, kernel_notes = _kernels(network, statistics)
    maps, map_notes = _maps(network, statistics, embeddings, n_reference)
    classes = network.head.n_classes
    scores = top_scores(classes)
    notes = [*kernel_notes, *map_notes, *_embedding_notes(embeddings), *_layer_notes(network)]
    if scores is not None:
        notes.append(
            f"Above {MAX_SCORES} classes only the top {scores} of the {classes} scores of a"
            " sample are stored, and that of its label."
        )
    per_sample = 20 + (4 * classes if scores is None else 8 * scores) + 4 * objective
    step_bytes = {
        "samples": n_samples * per_sample,
        "embeddings": sum(2 * n_samples * info.n_features for info in embeddings),
        "channels": sum(
            network.watched_layer(path).channels * (24 + 8 * schema.TOP_SAMPLES)
            for path in statistics
        ),
        "maps": sum(_map_bytes(network, path, n_reference) for path in maps),
        "kernels": sum(_kernel_bytes(layer) for layer in kernels.values()),
    }
    chosen = {info.layer for info in embeddings}
    return Plan(
        layers=tuple(
            dataclasses.replace(
                layer, statistics=layer.path in statistics, embedding=layer.path in chosen
            )
            for layer in network.layers
        ),
        statistics=statistics,
        embeddings=embeddings,
        kernels=kernels,
        maps=maps,
        top_scores=scores,
        reductions=tuple(notes),
        step_bytes=step_bytes,
    )


def find_layer(network: Network, name: str) -> str:
    """The path of a layer named by its path, or by its last part where that is unique.

    Raises:
        ValueError: it is not in the model, or its output cannot be read.
    """
    path = find_path(network.layers, name)
    shape = network.layer(path).output_shape
    if not shape or None in shape:
        raise ValueError(
            f"layer {path!r} cannot be logged: its output has no fixed shape outside the model"
            f" ({shape}); leave it out"
        )
    own = network.head.entered and path == network.head.penultimate
    if path not in network.operations and network.layer(path).role != "input" and not own:
        raise ValueError(
            f"layer {path!r} cannot be logged: its output has not one row per sample; leave it out"
        )
    return path


def _statistics(network: Network, layers: Sequence[str] | None) -> tuple[str, ...]:
    if layers is not None:
        chosen = [find_layer(network, name) for name in layers]
        inputs = [path for path in chosen if path not in network.operations]
        if inputs:
            raise ValueError(f"layer {inputs[0]!r} is an input: it has no channels to log")
        return tuple(dict.fromkeys(chosen))
    return tuple(
        layer.path
        for layer in network.layers
        if layer.role in ("convolution", "activation")
        and layer.output_shape
        and None not in layer.output_shape
        and layer.path in network.operations
    )


def _embeddings(
    network: Network, embedding_layers: Sequence[str] | None
) -> tuple[schema.EmbeddingInfo, ...]:
    penultimate = network.head.penultimate
    if embedding_layers is None:
        paths = [penultimate]
    else:
        paths = [find_layer(network, name) for name in embedding_layers]
        paths.sort(key=lambda path: path != penultimate)  # stable: the default one comes first
    return tuple(_embedding(network, path) for path in dict.fromkeys(paths))


def _embedding(network: Network, path: str) -> schema.EmbeddingInfo:
    shape = network.layer(path).output_shape or (1,)
    width = reductions.n_features(shape, network.axis(path))
    return schema.EmbeddingInfo(path, width, reductions.is_pooled(shape))


def _embedding_notes(embeddings: Sequence[schema.EmbeddingInfo]) -> list[str]:
    return [
        f"The embedding of '{info.layer}' is its mean over space: flattened it has more than"
        f" {reductions.MAX_FLAT_FEATURES:,} features."
        for info in embeddings
        if info.pooled
    ]


def _layer_notes(network: Network) -> list[str]:
    notes = []
    kinds = ("convolution", "activation")
    folded = [
        layer.path
        for layer in network.layers
        if layer.path in network.folded and layer.role in kinds
    ]
    if folded:
        notes.append(
            "No channel statistics are stored of layers that do not give one row per sample:"
            f" {_listed(folded)}."
        )
    head = network.head
    if head.entered:
        notes.append(
            f"'{head.penultimate}' is what enters '{head.entered}': it is computed between the"
            " layers, and no layer gives it."
        )
    return notes


def _kernels(network: Network, paths: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    kept: dict[str, Any] = {}
    left: list[str] = []
    seen: set[int] = set()
    for path in paths:
        operation = network.operations[path]
        if network.layer(path).role != "convolution" or id(operation) in seen:
            continue
        seen.add(id(operation))
        if kernel_of(operation) is None:
            continue
        if _kernel_bytes(operation) > MAX_KERNEL_BYTES:
            left.append(path)
        else:
            kept[path] = operation
    if not left:
        return kept, []
    return kept, [
        f"Kernels above {MAX_KERNEL_BYTES // 10**6} MB are not stored per epoch; kept models"
        f" have them: {_listed(left)}."
    ]


def _maps(
    network: Network,
    statistics: Sequence[str],
    embeddings: Sequence[schema.EmbeddingInfo],
    n_reference: int,
) -> tuple[tuple[str, ...], list[str]]:
    if n_reference == 0:
        return (), []
    embedded = [info.layer for info in embeddings]
    wanted = [path for path in dict.fromkeys([*statistics, *embedded]) if _spatial(network, path)]
    notes: list[str] = []
    if sum(_map_bytes(network, path, n_reference) for path in wanted) > MAX_MAP_BYTES:
        wanted = [path for path in embedded if _spatial(network, path)]
        notes.append(
            "Activation maps of the reference samples are stored of the embedding layers only:"
            f" those of all layers would pass {MAX_MAP_BYTES // 10**6} MB per epoch."
        )
    smaller = [path for path in wanted if _is_shrunk(network, path)]
    if smaller:
        notes.append(
            "Stored activation maps are averaged to at most"
            f" {reductions.MAP_SIZE}x{reductions.MAP_SIZE} and are of the first"
            f" {reductions.MAP_CHANNELS} channels: {_listed(smaller)}."
        )
    return tuple(wanted), notes


def _spatial(network: Network, path: str) -> bool:
    shape = network.layer(path).output_shape
    known = shape is not None and len(shape) == 3 and path in network.operations
    return (
        known
        and shape is not None
        and int(np.prod([n or 1 for n in shape])) > max(n or 1 for n in shape)
    )


def _map_shape(network: Network, path: str) -> tuple[int, int, int]:
    return reductions.map_shape(network.layer(path).output_shape or (), network.axis(path))


def _map_bytes(network: Network, path: str, n_reference: int) -> int:
    return 2 * n_reference * int(np.prod(_map_shape(network, path)))


def _is_shrunk(network: Network, path: str) -> bool:
    layer = network.watched_layer(path)
    return layer.positions * layer.channels > int(np.prod(_map_shape(network, path)))


def _kernel_bytes(convolution: Any) -> int:
    weights = (kernel_of(convolution), kernel_of(convolution, pointwise=True))
    shapes = [[int(length) for length in item.shape] for item in weights if item is not None]
    return 4 * sum(int(np.prod(shape)) for shape in shapes)


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(f"'{path}'" for path in paths[:4])
    return shown if len(paths) <= 4 else f"{shown} and {len(paths) - 4} more"
