"""What a run's record is made of: names, version, and the dataclasses that are stored as JSON.

`docs/format.md` describes the same for readers without this package. Arrays are named by the
functions and constants here, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tensorboard_cnnvis import json_records
from tensorboard_cnnvis.json_records import build, loads

FormatError = json_records.FormatError
dump = json_records.dump

PLUGIN_NAME = "cnnvis"
FORMAT_VERSION = 1
SUBDIRECTORY = "cnnvis"  # below the user's log_dir: one writer per directory

MANIFEST_TAG = "cnnvis/manifest"
STEP_TAG = "cnnvis/step"  # written last: a step without it does not exist
END_TAG = "cnnvis/end"  # the attempt ended as planned; absent after a kill
ARRAY_PREFIX = "cnnvis/array/"
MAX_RECORD_BYTES = 64 * 2**20  # a protobuf message cannot pass 2 GiB

# Arrays that are written once, with the manifest.
LABELS = "labels"  # int32 (n_samples,), -1 where unknown
SOURCE_INDEX = "source_index"  # int64 (n_samples,): position in the user's split
IDS = "ids"  # strings (n_samples,), only with Manifest.has_ids

# Arrays of a logged step. All are indexed by sample on axis 0 unless said otherwise.
LOSS = "loss"  # float32 (n_samples,), nats
OBJECTIVE = "objective"  # float32 (n_samples,), only with Manifest.objective
PREDICTION = "prediction"  # int32 (n_samples,)
MARGIN = "margin"  # float32 (n_samples,), from the logits
LABEL_SCORE = "label_score"  # float32 (n_samples,)
LABEL_RANK = "label_rank"  # int32 (n_samples,): classes with a strictly larger logit
SCORES = "scores"  # float32 (n_samples, n_classes), or (n_samples, top_scores) descending
SCORE_CLASSES = "score_classes"  # int32 (n_samples, top_scores), only with Manifest.top_scores

CHANNEL_STATISTICS = (
    "mean",  # over samples and positions
    "std",  # population standard deviation, over the same
    "max",
    "samples_above_zero",  # share of samples on which the channel exceeds 0 anywhere
    "positions_above_zero",  # share of all positions of all samples above 0
    "saturated",  # share of positions above 99% of the range of tanh or sigmoid, else NaN
)
TOP_SAMPLES = 16


def metadata_array(column: str) -> str:
    """Name of the stored array of a metadata column."""
    return f"metadata/{column}"


def embedding_array(layer: str) -> str:
    """Name of a layer's embedding, float16 or float32 (n_samples, n_features)."""
    return f"embedding/{layer}"


def channel_array(layer: str) -> str:
    """Name of a layer's statistics, float32 (len(CHANNEL_STATISTICS), n_channels)."""
    return f"channels/{layer}"


def top_samples_array(layer: str) -> str:
    """Name of the samples with the largest maximum, int32 (n_channels, <= TOP_SAMPLES)."""
    return f"top_samples/{layer}"


def top_values_array(layer: str) -> str:
    """Name of those maxima, float32 (n_channels, <= TOP_SAMPLES), descending."""
    return f"top_values/{layer}"


def maps_array(layer: str) -> str:
    """Name of the reference samples' maps, float16 (n_reference, height, width, n_channels)."""
    return f"maps/{layer}"


def kernel_array(layer: str) -> str:
    """Name of a convolution's kernel, float32, in Keras's axis order."""
    return f"kernels/{layer}"


def pointwise_array(layer: str) -> str:
    """Name of a separable convolution's second kernel, float32 (..., in * multiplier, out)."""
    return f"pointwise/{layer}"


@dataclass(frozen=True)
class SplitInfo:
    """One split of the probe set; its samples are contiguous.

    Attributes:
        name: `validation`, `train`, ...
        start: sample_index of its first sample.
        count: number of watched samples.
        total: number of samples in the user's data.
        low: smallest finite input value of the watched samples.
        high: largest.
        channel_means: mean of the finite values per channel, at most 64 channels.
        channel_stds: population standard deviation of the same.
        non_finite: number of NaN or infinite values.
    """

    name: str
    start: int
    count: int
    total: int
    low: float
    high: float
    channel_means: tuple[float, ...]
    channel_stds: tuple[float, ...]
    non_finite: int


@dataclass(frozen=True)
class InputInfo:
    """How the probe set's inputs are stored and shown.

    Attributes:
        shape: (height, width, channels) of one sample.
        dtype: dtype the user gave.
        file: name of the .npy beside the events, (n_samples, height, width, channels).
        scale: where not None, the input is `stored_uint8 * scale + offset` in `dtype`.
        offset: see scale.
        display_low: input value shown as black.
        display_high: input value shown as white.
        display: how those were found: uint8, unit, symmetric, byte, stretched or to_image.
        images_file: name of the .npy of uint8 pictures that `to_image` made, or None.
    """

    shape: tuple[int, int, int]
    dtype: str
    file: str
    scale: float | None
    offset: float | None
    display_low: float
    display_high: float
    display: str
    images_file: str | None = None


@dataclass(frozen=True)
class LayerInfo:
    """One use of one layer, in the order of computation.

    Attributes:
        path: `backbone/conv1`; `dense#2` for the second use of a shared layer.
        type: class name, `Conv2D`; an operation such as `keras.ops.relu` is `relu`.
        role: input, convolution, dense, activation, normalization, pooling, model or other.
        output_shape: without the batch axis; None where it varies.
        trainable: number of trainable parameters (0 from the second use on).
        frozen: number of parameters that are not trained.
        inputs: paths of the layers this use reads; empty where the graph is not known.
        activation: name of the activation fused into it or that it is, or None.
        statistics: whether channel statistics of it are logged.
        embedding: whether its embedding is logged.
        convolution: Keras's convolution that it is or derives from, `Conv2D`, which tells the axes
            of its kernel; None of other layers, and in records of before this field.
        channel_axis: of the output with its batch axis: 1 with `channels_first`, else -1.
    """

    path: str
    type: str
    role: str
    output_shape: tuple[int | None, ...] | None
    trainable: int
    frozen: int
    inputs: tuple[str, ...] = ()
    activation: str | None = None
    statistics: bool = False
    embedding: bool = False
    convolution: str | None = None
    channel_axis: int = -1


@dataclass(frozen=True)
class EmbeddingInfo:
    """A logged embedding. `pooled` tells that it is the mean over space, not flattened."""

    layer: str
    n_features: int
    pooled: bool


@dataclass(frozen=True)
class ColumnInfo:
    """A metadata column: kind is number, boolean, category or text."""

    name: str
    kind: str


@dataclass(frozen=True)
class Manifest:
    """What holds for a whole attempt at training.

    Attributes:
        attempt: sorts in the order of the attempts in one directory.
        created: seconds since the epoch.
        probe: hash over inputs, labels and splits: equal probes have comparable samples.
        class_names: one per class.
        splits: in the order of the samples.
        n_samples: watched samples of all splits.
        layers: our own walk of the model; empty until it is known.
        graph: whether `inputs` of the layers are known.
        embeddings: the first is the default, the penultimate tensor.
        classifier: `softmax` or `sigmoid`.
        loss: name of the compiled loss, "" where the model is not compiled.
        objective: whether it is stored per sample, being another than `loss`.
        reference_samples: sample_index of the samples whose maps are stored.
        top_scores: number of scores kept per sample, None where all are.
        has_ids: whether IDS is stored.
        columns: metadata columns.
        reductions: sentences on what is stored less than whole.
        warnings: sentences for the user to see.
        freq: a step is logged every `freq` epochs.
        output: place of the watched output among the model's.
        from_logits: whether that output is logits, None where its activation tells.
    """

    attempt: str
    created: float
    probe: str
    class_names: tuple[str, ...]
    splits: tuple[SplitInfo, ...]
    n_samples: int
    input: InputInfo
    layers: tuple[LayerInfo, ...]
    graph: bool
    embeddings: tuple[EmbeddingInfo, ...]
    classifier: str
    loss: str
    objective: bool
    reference_samples: tuple[int, ...] = ()
    top_scores: int | None = None
    has_ids: bool = False
    columns: tuple[ColumnInfo, ...] = ()
    reductions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    freq: int = 1
    seed: int = 0
    keras_version: str = ""
    backend: str = ""
    package_version: str = ""
    format_version: int = FORMAT_VERSION
    output: int = 0
    from_logits: bool | None = None


@dataclass(frozen=True)
class ArrayInfo:
    """A stored array: shape and dtype of the whole and its number of row chunks."""

    dtype: str
    shape: tuple[int, ...]
    parts: int


@dataclass(frozen=True)
class SplitSummary:
    """Means over one split at one step. `loss` is over the finite losses, NaN without any.

    `non_finite` counts the NaN and infinite ones. `balanced_accuracy` is the mean recall of the
    classes that occur.
    """

    name: str
    loss: float
    accuracy: float
    balanced_accuracy: float
    non_finite: int


@dataclass(frozen=True)
class StepRecord:
    """The last record of a step, which makes it visible.

    Attributes:
        step: 0-based epoch.
        wall_time: seconds since the epoch.
        splits: one summary per split.
        arrays: name -> what was stored; filled in by the writer.
        learning_rate: at the end of the epoch.
        restored_from: epoch whose weights EarlyStopping put back before this record, or None.
        model: file name of the model saved at this step (it may have been pruned since).
        logs: Keras's own logs of the epoch.
        seconds: what the record cost.
    """

    step: int
    wall_time: float
    splits: tuple[SplitSummary, ...]
    arrays: dict[str, ArrayInfo] = field(default_factory=dict)
    learning_rate: float | None = None
    restored_from: int | None = None
    model: str | None = None
    logs: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0


def parse_manifest(text: str) -> Manifest:
    """The manifest in `text`, upgraded to this version.

    Raises:
        FormatError: it is damaged, or was written by a newer format.
    """
    stored = loads(text)
    version = stored.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise FormatError(
            f"the run is in format {version!r}; this version reads formats up to {FORMAT_VERSION}:"
            " upgrade tensorboard-cnnvis"
        )
    return build(Manifest, stored)


def parse_step(text: str) -> StepRecord:
    """The step record in `text`. Raises FormatError where it is damaged."""
    return build(StepRecord, loads(text))
