"""The columns that a record has in the table: their names, kinds and definitions."""

from __future__ import annotations

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
    """

    name: str
    title: str
    kind: str
    per_step: bool
    definition: str
    unit: str = ""
    values: tuple[str, ...] | None = None


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
