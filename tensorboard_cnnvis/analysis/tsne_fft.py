"""t-SNE of more points than n * n repulsions can be summed for, by openTSNE's interpolation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from tensorboard_cnnvis.analysis.tsne import START_DEVIATION, Gradient, Schedule

Floats = npt.NDArray[np.float32]
_ITERATIONS_BETWEEN = 1
_FFT = {"n_interpolation_points": 3, "min_num_intervals": 50, "ints_in_interval": 1}  # openTSNE's


def descend_fft(
    similarities: scipy.sparse.csr_array,
    start: Floats,
    schedule: Schedule,
    each: Callable[[float, Floats], None],
) -> Floats:
    """The layout (n, 2) after the descent; Linderman et al. 2019, through openTSNE (an extra).

    Args:
        similarities: P of `tsne.affinities`.
        start: float (n, 2).
        schedule: of the descent.
        each: told the share that is done and the layout, after each iteration; may raise to stop.
    """
    import openTSNE

    deviation = float(np.std(start[:, 0]))
    first = start.astype(np.float64) * (START_DEVIATION / deviation if deviation > 0 else 1.0)
    embedding = openTSNE.TSNEEmbedding(
        first,
        openTSNE.affinity.PrecomputedAffinities(similarities.astype(np.float64), normalize=False),
        negative_gradient_method="fft",
        n_jobs=-1,
    )
    n, late = len(start), schedule.iterations - schedule.early
    early_phase = (0, schedule.early, schedule.exaggeration, schedule.early_momentum)
    late_phase = (schedule.early, late, 1.0, schedule.momentum)
    rates = (schedule.early_rate(n), schedule.rate(n))
    for (begun, iterations, exaggeration, momentum), rate in zip(
        (early_phase, late_phase), rates, strict=True
    ):

        def told(iteration: int, _: float, layout: Any, begun: int = begun) -> None:
            done = (begun + iteration) / schedule.iterations
            each(done, np.asarray(layout, np.float32))

        embedding.optimize(
            n_iter=iterations,
            exaggeration=exaggeration,
            momentum=momentum,
            learning_rate=4 * rate,  # openTSNE leaves out the gradient's 4
            inplace=True,
            callbacks=told,
            callbacks_every_iters=_ITERATIONS_BETWEEN,
        )
    return np.asarray(embedding, np.float32)


def fft_gradient(similarities: scipy.sparse.csr_array) -> Gradient:
    """The gradient of KL(P||Q), its repulsion interpolated; see `tsne.exact_gradient`."""
    import numba
    from openTSNE.tsne import kl_divergence_fft

    cores = numba.get_num_threads()
    wide = scipy.sparse.csr_matrix(similarities, dtype=np.float64)

    def gradient(places: Floats, exaggeration: float) -> Floats:
        points = np.ascontiguousarray(places.T, np.float64)
        _, found = kl_divergence_fft(points, wide * exaggeration, 1, dict(_FFT), n_jobs=cores)
        return np.asarray(4 * found.T, np.float32)

    return gradient
