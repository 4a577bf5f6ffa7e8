"""Whether scores are what they say: reliability and expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Calibration:
    """A reliability diagram.

    Attributes:
        low: float32 (bins,), where each bin begins (itself outside it but for the first).
        high: float32 (bins,), where it ends, inside it.
        confidence: float32 (bins,), mean score of the prediction; NaN for an empty bin.
        accuracy: float32 (bins,), share that is right; NaN for an empty bin.
        count: int32 (bins,), samples.
        ece: expected calibration error, the mean of |accuracy - confidence| over the samples.
        mce: the largest |accuracy - confidence| of a bin.
    """

    low: Floats
    high: Floats
    confidence: Floats
    accuracy: Floats
    count: npt.NDArray[np.int32]
    ece: float
    mce: float


def calibration(
    confidence: npt.NDArray[Any], correct: npt.NDArray[np.bool_], bins: int
) -> Calibration:
    """Bins samples by confidence into `bins` of equal width; Guo et al. 2017, eq. 3 and 5.

    Args:
        confidence: float (n,) in [0, 1], the score of the prediction.
        correct: (n,), whether the prediction is the label.
        bins: bin m holds ((m - 1) / bins, m / bins].
    """
    edges = np.arange(bins + 1) / bins
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = np.bincount(place, confidence.astype(np.float64), bins) / count
        hits = np.bincount(place, correct, bins) / count
    gaps, used = np.abs(hits - means), count > 0
    known = bool(used.any())
    return Calibration(
        edges[:-1].astype(np.float32),
        edges[1:].astype(np.float32),
        means.astype(np.float32),
        hits.astype(np.float32),
        count.astype(np.int32),
        float((gaps[used] * count[used]).sum() / count.sum()) if known else float("nan"),
        float(gaps[used].max()) if known else float("nan"),
    )
