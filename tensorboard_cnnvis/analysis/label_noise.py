"""A model of the labels: which of those that a classifier contradicts are wrong, which are hard.

Take the samples that the evidence places in class i. The further its log ratio
l = log p_i - log p_j is from zero, the fewer of them can truly be j: a label j that is due to the
likeness of the two classes becomes rare as exp(-b l). A label j that is an error does not, for
errors are made at all l alike: of all samples of class i a share T_ij, the noise rate, as
class-conditional noise is defined (Angluin and Laird 1988; Natarajan et al. 2013). So among those
placed in i, per sample labeled i,

    density of samples labeled j at l  =  T_ij + K_ij exp(-b l),

a mixture whose first part, over the whole, is the probability that a label is wrong: a local false
discovery rate (Efron et al. 2001) whose null is likeness. Rates and likenesses of all pairs of
classes are drawn from two gamma distributions, whose means and dispersions are estimated from the
pairs (empirical Bayes): where the errors fall on all classes alike the rates are shrunk to one
value, where they fall on a few pairs they are left as they are. The one slope b, for how over- or
underconfident the evidence is, maximizes the marginal likelihood.

All this takes for granted that the evidence tells something. Evidence that is sure of itself and
knows nothing looks the same as evidence that is right about labels which are nearly all wrong: a
contradicted label is as frequent at any l in both. So it is asked first whether the evidence
agrees with the labels more often than by chance (`agreement`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp, xlogy

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
_SLOPES = np.geomspace(0.3, 3.0, 13)
_ROUNDS = 40
_LEAST_DISPERSION = 1e-3
_LEAST_KAPPA, _LEAST_DEVIATIONS = 0.1, 3.0  # of the evidence and the labels; above 0
_BELIEVED = 5.0  # samples: half a wrong label in five is believed in where there are next to none
_SLOPE_SPREAD = 0.7  # of its logarithm: where the labels do not tell, evidence is as it says


@dataclass(frozen=True)
class Evidence:
    """What speaks for which class, before the label is looked at.

    Attributes:
        log: float64 (n, m), natural log of a class probability, up to what is the same in a row.
        own: float64 (n,), the same of the label.
        classes: int (n, m), whose they are; None where column j is class j.
        least: float64 (n,), natural log of the probability of each class that is neither among
            these nor the label, on the same scale; None where all are.
    """

    log: Floats
    own: Floats
    classes: Array | None = None
    least: Floats | None = None

    def best(self) -> tuple[Array, Floats]:
        """The most probable class (n,) and the log of its probability (n,)."""
        column = self.log.argmax(axis=1)
        top = np.take_along_axis(self.log, column[:, None], 1)[:, 0]
        if self.classes is None:
            return column, top
        return np.take_along_axis(self.classes, column[:, None], 1)[:, 0], top

    def rows(self, index: Array) -> Evidence:
        """That of some samples."""
        classes = None if self.classes is None else self.classes[index]
        least = None if self.least is None else self.least[index]
        return Evidence(self.log[index], self.own[index], classes, least)


@dataclass(frozen=True)
class NoiseModel:
    """See the module; i is the class, j the label.

    Attributes:
        rate: float64 (n_classes, n_classes), T_ij; the diagonal is 0.
        likeness: float64 (n_classes, n_classes), K_ij.
        slope: b.
        fit: log of the marginal likelihood, up to a constant of the data.
    """

    rate: Floats
    likeness: Floats
    slope: float
    fit: float

    def log_odds(self, labels: Array, evidence: Evidence) -> tuple[Floats, Array]:
        """How probably each label is wrong: log of the odds (n,), and the likeliest class (n,).

        The odds are the sum over the classes i of T_ij / (K_ij exp(-b l)).
        """
        classes = evidence.classes
        if classes is None:
            classes = np.broadcast_to(np.arange(len(self.rate)), evidence.log.shape)
        of = labels[:, None]
        with np.errstate(divide="ignore"):
            terms = np.log(self.rate[classes, of]) - np.log(self.likeness[classes, of])
        terms += self.slope * (evidence.log - evidence.own[:, None])
        terms[classes == of] = -np.inf
        place = terms.argmax(axis=1)
        return logsumexp(terms, axis=1), classes[np.arange(len(labels)), place]


@dataclass(frozen=True)
class Agreement:
    """How often the evidence and the labels agree.

    Attributes:
        kappa: Cohen's kappa (1960): 0 by chance, 1 where they always do.
        deviation: its standard deviation where only the frequencies of the classes are alike
            (Fleiss, Cohen and Everitt 1969); 0 where all labels, or all evidence, are one class.
    """

    kappa: float
    deviation: float

    @property
    def tells(self) -> bool:
        """Whether it is more than chance, and enough to tell wrong labels from right ones.

        Below a tenth more than nine labels in ten would be drawn by lot even if the evidence were
        always right.
        """
        return self.deviation > 0 and self.kappa > max(
            _LEAST_KAPPA, _LEAST_DEVIATIONS * self.deviation
        )


def agreement(labels: Array, evidence: Evidence, n_classes: int) -> Agreement:
    """That of the evidence and the labels (n,), all known."""
    best, n = evidence.best()[0], max(1, len(labels))
    said, given = (np.bincount(of, minlength=n_classes) / n for of in (best, labels))
    chance = float(said @ given)
    variance = chance + chance**2 - float((said * given * (said + given)).sum())
    if not (chance < 1 and variance > 0):
        return Agreement(0.0, 0.0)
    excess = float((best == labels).sum()) / n - chance
    return Agreement(excess / (1 - chance), math.sqrt(variance / n) / (1 - chance))


def noise_model(labels: Array, evidence: Evidence, n_classes: int) -> NoiseModel:
    """The model that best explains the labels (n,), all known."""
    suspects = _Suspects(labels, evidence, n_classes)
    found = [suspects.fitted(slope) for slope in _SLOPES]
    fits = np.array([model.fit for model in found])
    best = int(fits.argmax())
    if 0 < best < len(found) - 1:  # the vertex of the parabola through the best three
        low, mid, high = fits[best - 1 : best + 2]
        bend = low - 2 * mid + high
        shift = 0.5 * (low - high) / bend if bend < 0 else 0.0
        found.append(suspects.fitted(_SLOPES[best] * (_SLOPES[1] / _SLOPES[0]) ** shift))
    return max(found, key=lambda model: model.fit)


def expected_hits(log_odds: Array) -> float:
    """The number of wrong labels times the average precision of a ranking by these odds.

    Both as they are expected if the odds are right: the sum over the wrong labels of the share of
    wrong ones down to each, every label counted with its probability.
    """
    wrong = np.sort(probability(log_odds))[::-1]
    down_to = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    return float((down_to * wrong).sum())


def probability(log_odds: Array) -> Floats:
    """The probability of log odds."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -np.asarray(log_odds, np.float64))))


class _Suspects:
    """The samples whose label is not what the evidence says, and what they are compared with."""

    def __init__(self, labels: Array, evidence: Evidence, n_classes: int) -> None:
        self._c = n_classes
        best, top = evidence.best()
        suspect = (best != labels) & (top >= evidence.own)  # an unlisted label may be above them
        pair = best[suspect].astype(np.int64) * n_classes + labels[suspect]
        self._pairs, self._pair = np.unique(pair, return_inverse=True)
        self._log_ratio = (top - evidence.own)[suspect]
        base = evidence.rows(np.flatnonzero(~suspect))
        self._base_class = labels[~suspect].astype(np.int64)
        self._base_log = base.log - base.own[:, None]
        self._base_columns = base.classes
        self._base_least = None if base.least is None else base.least - base.own
        self._agreeing = np.bincount(self._base_class, minlength=n_classes).astype(np.float64)

    def fitted(self, slope: float) -> NoiseModel:
        """Rates and likenesses at a slope, by expectation maximization."""
        c = self._c
        alike = self._alike(slope)
        agreeing = np.repeat(self._agreeing, c).reshape(c, c)
        np.fill_diagonal(agreeing, 0)
        priors = _Prior(agreeing, 0.5, _BELIEVED * (c - 1)), _Prior(alike, 1.0, 1.0)
        n_rate, n_like = agreeing.ravel()[self._pairs], alike.ravel()[self._pairs]
        fading = np.exp(-slope * self._log_ratio)
        rate, likeness = np.full(len(self._pairs), 0.01), np.ones(len(self._pairs))
        for _ in range(_ROUNDS):
            errors, hard, wrong = self._split(rate, likeness, fading)
            for prior, counts, exposure in zip(
                priors, (errors, hard), (n_rate, n_like), strict=True
            ):
                prior.estimate(counts, exposure)
            rate = priors[0].mean(errors, n_rate)
            likeness = priors[1].mean(hard, n_like)
        fit = priors[0].marginal(errors, n_rate) + priors[1].marginal(hard, n_like)
        fit -= float(((1 - wrong) * slope * self._log_ratio).sum())
        fit -= float((xlogy(wrong, wrong) + xlogy(1 - wrong, 1 - wrong)).sum())
        fit -= 0.5 * (np.log(slope) / _SLOPE_SPREAD) ** 2
        rates, likenesses = (prior.mean(0.0, prior.exposures) for prior in priors)
        rates.ravel()[self._pairs], likenesses.ravel()[self._pairs] = rate, likeness
        np.fill_diagonal(rates, 0)
        return NoiseModel(rates, likenesses, float(slope), fit)

    def _split(
        self, rate: Floats, likeness: Floats, fading: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Expected counts of errors and of hard ones by pair, and each suspect's probability."""
        of_rate = rate[self._pair]
        wrong = of_rate / (of_rate + likeness[self._pair] * fading)
        errors = np.bincount(self._pair, wrong, len(self._pairs)).astype(np.float64)
        hard = np.bincount(self._pair, 1 - wrong, len(self._pairs)).astype(np.float64)
        return errors, hard, np.asarray(wrong)

    def _alike(self, slope: float) -> Floats:
        """Sum of exp(-b l) over the samples that are labeled i and look it, (i, j)."""
        c, fading = self._c, np.exp(slope * self._base_log)
        columns = np.arange(c) if self._base_columns is None else self._base_columns
        beyond = np.zeros(len(fading))
        if self._base_least is not None:
            beyond = np.exp(slope * self._base_least)
        place = self._base_class[:, None] * c + columns
        listed = (fading - beyond[:, None]).ravel()
        found = np.bincount(place.ravel(), listed, c * c).astype(np.float64).reshape(c, c)
        found += np.bincount(self._base_class, beyond, c)[:, None]
        np.fill_diagonal(found, 0)
        return np.asarray(found)


class _Prior:
    """A gamma distribution of the pairs' rates, as counts of given exposures tell it.

    Besides the pairs, `count` was seen in `exposure`: what is believed where there are none.
    """

    def __init__(self, exposures: Floats, count: float, exposure: float) -> None:
        self.exposures = exposures
        self._count, self._exposure = count, exposure
        self._sum, self._squares = float(exposures.sum()), float((exposures**2).sum())
        self._shape, self._scale = 1.0, 1.0

    def estimate(self, counts: Floats, exposure: Floats) -> None:
        """By moments: pairs beyond these have a count of 0."""
        mean = (float(counts.sum()) + self._count) / max(self._sum + self._exposure, 1e-9)
        square = mean**2 * self._squares
        apart = float((counts**2).sum() - 2 * mean * (counts * exposure).sum()) + square
        dispersion = (apart - mean * self._sum) / max(square, 1e-12)
        self._shape = 1 / max(dispersion, _LEAST_DISPERSION)
        self._scale = self._shape / mean

    def mean(self, counts: Floats | float, exposure: Floats) -> Floats:
        """The rates that are expected after the counts."""
        return np.asarray((counts + self._shape) / (exposure + self._scale))

    def marginal(self, counts: Floats, exposure: Floats) -> float:
        """Log of the counts' likelihood over all pairs, up to what does not depend on the prior."""
        empty = -self._shape * float(np.log1p(self.exposures / self._scale).sum())
        a, scale = self._shape, self._scale
        told = gammaln(counts + a) - gammaln(a) - counts * np.log(exposure + scale)
        return empty + float(told.sum())
