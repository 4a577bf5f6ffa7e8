"""The columns that a record has in the table: their names, kinds and definitions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        name: as in queries.
        title: as in the page's heads.
        kind: number (float32), boolean (uint8, 255 missing), index (int32 class, -1 unknown),
            category (int32 into `values`, -1 missing), integer (int32) or text.
        per_step: whether it differs from step to step.
        values: vocabulary of a category.
        unit: "nats" or "".
        definition: one sentence.
        source: whom the definition is by, "" where it is ours.
        slow: whether it takes a job to compute.
    """

    name: str
    title: str
    kind: str
    per_step: bool
    definition: str
    unit: str = ""
    values: tuple[str, ...] | None = None
    source: str = ""
    slow: bool = False


STATIC = (
    Column("sample_index", "#", "integer", False, "position in the probe set"),
    Column("source_index", "source", "integer", False, "position in the data its split was given"),
)
LABELS = (
    Column("split", "split", "category", False, "the part of the data it comes from"),
    Column("label", "label", "index", False, "the true class, as given"),
    Column("prediction", "prediction", "index", True, "the class with the largest logit"),
    Column("correct", "correct", "boolean", True, "whether the prediction is the label"),
    Column(
        "loss",
        "loss",
        "number",
        True,
        "cross-entropy from the logits, without label smoothing, class or sample weights",
        "nats",
    ),
)
OBJECTIVE = Column(
    "objective", "objective", "number", True, "the compiled loss, without weights or regularisation"
)
SCORES = (
    Column("margin", "margin", "number", True, "label logit minus the largest other logit"),
    Column("label_score", "label score", "number", True, "score (probability) of the label"),
    Column("rank", "rank", "integer", True, "place of the label by its logit; 1 is the prediction"),
)
ID = Column("id", "id", "text", False, "the key that was given as ids")

_AUM = "Pleiss et al. 2020"
_CARTOGRAPHY = "Swayamdipta et al. 2020"
_FORGETTING = "Toneva et al. 2019"
_UP_TO = "over the logged epochs up to this one"


def _derived(name: str, title: str, kind: str, definition: str, source: str = "") -> Column:
    return Column(name, title, kind, True, definition, source=source)


DYNAMICS = (
    _derived(
        "mean_margin",
        "mean margin",
        "number",
        f"mean margin {_UP_TO}, the area under the margin (AUM); epochs whose margin is not finite"
        " are left out",
        _AUM,
    ),
    _derived(
        "mean_label_score",
        "confidence (cartography)",
        "number",
        f"mean label score {_UP_TO}, which dataset cartography calls confidence; epochs whose"
        " score is not finite are left out",
        _CARTOGRAPHY,
    ),
    _derived(
        "variability",
        "variability",
        "number",
        f"population standard deviation of the label score {_UP_TO}",
        _CARTOGRAPHY,
    ),
    _derived(
        "correctness",
        "correctness",
        "number",
        "share of the logged epochs up to this one at which the prediction was the label",
        _CARTOGRAPHY,
    ),
    _derived(
        "forgetting_events",
        "forgotten",
        "integer",
        "how often the prediction went from right to wrong from one logged epoch to the next, up"
        " to this one",
        _FORGETTING,
    ),
    _derived(
        "first_learned",
        "first learned",
        "integer",
        "first logged epoch at which the prediction was the label, missing while there is none",
        _FORGETTING,
    ),
    _derived(
        "flips",
        "flips",
        "integer",
        "how often the prediction changed from one logged epoch to the next, up to this one",
    ),
    _derived(
        "last_change",
        "last change",
        "integer",
        "logged epoch at which the prediction last changed, up to this one; missing if it never"
        " did",
    ),
)
LOSS_Z = _derived(
    "loss_z",
    "loss z",
    "number",
    "loss at this epoch in population standard deviations above the mean of the samples with the"
    " same label and split",
)
NEIGHBOR_DISAGREEMENT = "neighbor_disagreement"
LABEL_ERROR = "label_error"
COMPARED = (
    "other_prediction",
    "other_correct",
    "other_loss",
    "other_margin",
    "loss_difference",
    "margin_difference",
    "change",
)
_FORMER = ("label_rank",)  # rank, before
RESERVED = frozenset(
    column.name for column in (*STATIC, ID, *LABELS, OBJECTIVE, *SCORES, *DYNAMICS, LOSS_Z)
) | {NEIGHBOR_DISAGREEMENT, LABEL_ERROR, *COMPARED, *_FORMER}


def free_name(name: str, taken: Collection[str] = ()) -> str:
    """The name of a metadata column in the table: none of ours, and not yet taken."""
    while name in RESERVED or name in taken:
        name = f"meta_{name}"
    return name
