"""Whether a network has begun to know wrong labels by heart, as rankings of them tell.

What it has learned by heart it no longer contradicts: of the wrong labels that one epoch led to
expect, a later one leads to expect fewer, or expects to find them less surely. No true evidence
does that in the mean (the expectation of what is unknown is a martingale), and what is learned by
heart is not unlearned.
"""

from __future__ import annotations

from tensorboard_cnnvis.analysis.label_noise import Array, expected_hits, probability

_LEAST_EXPECTED = 1.0  # wrong labels: half a one is believed in where nothing tells of any
_NEARLY = 0.6  # of the most expected hits
_PATIENCE = 3  # rankings


class Blurring:
    """Follows the rankings of one set of samples from epoch to epoch."""

    def __init__(self) -> None:
        self._most = 0.0
        self._blurred = 0

    @property
    def lasting(self) -> bool:
        """Whether the last _PATIENCE rankings were blurred: none that follows counts."""
        return self._blurred >= _PATIENCE

    def counts(self, log_odds: Array) -> bool:
        """Whether the next ranking, of labels by their log odds to be wrong (n,), is clear.

        It is where nearly as many hits are expected of it as of the best one so far, and where no
        wrong label was ever expected.
        """
        if self.lasting:
            return False
        if self._most == 0 and float(probability(log_odds).sum()) <= _LEAST_EXPECTED:
            return True
        hits = expected_hits(log_odds)
        self._most = max(self._most, hits)
        clear = hits >= _NEARLY * self._most
        self._blurred = 0 if clear else self._blurred + 1
        return clear
