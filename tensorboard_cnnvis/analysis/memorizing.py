"""Whether a network has begun to know wrong labels by heart, as rankings of them tell.

What it has learned by heart it no longer contradicts: of the wrong labels that one epoch led to
expect, a later one leads to expect fewer, or expects to find them less surely. No true evidence
does that in the mean (the expectation of what is unknown is a martingale), and what is learned by
heart is not unlearned. But what was expected of evidence that knew little is no measure of
evidence that knows much more: expectations are compared only with those of an agreement with the
labels that has not grown by half since.
"""

from __future__ import annotations

from tensorboard_cnnvis.analysis.label_noise import Array, expected_hits, probability

_LEAST_EXPECTED = 1.0  # wrong labels: half a one is believed in where nothing tells of any
_NEARLY = 0.6  # of the most expected hits
_PATIENCE = 3  # rankings
_GROWN = 1.5  # times the agreement with the labels


class Blurring:
    """Follows the rankings of one set of samples from epoch to epoch."""

    def __init__(self) -> None:
        self._expected: list[tuple[float, float]] = []  # kappa and hits
        self._blurred = 0

    @property
    def lasting(self) -> bool:
        """Whether the last _PATIENCE rankings were blurred: none that follows counts."""
        return self._blurred >= _PATIENCE

    def counts(self, log_odds: Array, kappa: float) -> bool:
        """Whether the next ranking is clear.

        It is where nearly as many hits are expected of it as of the best one so far, and where no
        wrong label was ever expected.

        Args:
            log_odds: (n,), of the labels to be wrong.
            kappa: of the evidence and the labels, above 0.
        """
        if self.lasting:
            return False
        if not self._expected and float(probability(log_odds).sum()) <= _LEAST_EXPECTED:
            return True
        hits = expected_hits(log_odds)
        self._expected = [then for then in self._expected if kappa < _GROWN * then[0]]
        self._expected.append((kappa, hits))
        clear = hits >= _NEARLY * max(then for _, then in self._expected)
        self._blurred = 0 if clear else self._blurred + 1
        return clear
