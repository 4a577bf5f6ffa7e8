"""The inner loops of t-SNE, compiled by numba on first use and kept in its cache.

Imports numba, which is an extra: only the worker imports this module.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]
_OPTIONS: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}
# No NaN reaches the forces, and the order of a sum is free: with that, the loops vectorise.
_FAST: dict[str, Any] = {**_OPTIONS, "fastmath": True}


def _similarities(squared: Floats, perplexity: float) -> Floats:
    """Conditional similarities p(j|i), float32 (n, k), of squared distances (n, k).

    The precision of each row's Gaussian is found by bisection, so that the row's perplexity is
    the asked one (van der Maaten and Hinton 2008, section 2).
    """
    n, k = squared.shape
    out = np.empty((n, k), np.float32)
    goal = np.log(perplexity)
    for i in range(n):
        nearest = float(squared[i].min())
        beta, low, high = 1.0, 0.0, np.inf
        mean = float(squared[i].mean()) - nearest
        if mean > 0:
            beta = 1.0 / mean
        total = 1.0
        for _ in range(100):
            total, weighted = 0.0, 0.0
            for j in range(k):
                distance = float(squared[i, j]) - nearest
                p = np.exp(-beta * distance)
                total += p
                weighted += p * distance
            excess = np.log(total) + beta * weighted / total - goal
            if abs(excess) < 1e-5:
                break
            if excess > 0:
                low = beta
                beta = 2 * beta if high == np.inf else (beta + high) / 2
            else:
                high = beta
                beta = (beta + low) / 2
        for j in range(k):
            out[i, j] = np.exp(-beta * (float(squared[i, j]) - nearest)) / total
    return out


def _forces(
    i: int,
    x: Floats,
    y: Floats,
    starts: Integers,
    others: Integers,
    values: Floats,
    out: Floats,
) -> None:
    """Into `out[:, i]`: attraction x, y, unnormalised repulsion x, y, and the row's sum of Q."""
    one = np.float32(1)
    xi, yi = x[i], y[i]
    around, push_x, push_y = np.float32(0), np.float32(0), np.float32(0)
    for j in range(x.size):
        dx, dy = xi - x[j], yi - y[j]
        q = one / (one + dx * dx + dy * dy)
        around += q
        push_x += q * q * dx
        push_y += q * q * dy
    pull_x, pull_y = np.float32(0), np.float32(0)
    for e in range(starts[i], starts[i + 1]):
        j = others[e]
        dx, dy = xi - x[j], yi - y[j]
        weight = values[e] / (one + dx * dx + dy * dy)
        pull_x += weight * dx
        pull_y += weight * dy
    out[0, i], out[1, i] = pull_x, pull_y
    out[2, i], out[3, i] = push_x, push_y
    out[4, i] = around - one


def _all_forces(
    x: Floats, y: Floats, starts: Integers, others: Integers, values: Floats, out: Floats
) -> None:
    """The sums of which the gradient of KL(P||Q) is made.

    All n * n repulsions are summed; attractions only where P is not zero. Each row is summed by
    itself, so that the number of threads does not change the result.

    Args:
        x: float32 (n,), first coordinates.
        y: float32 (n,), second coordinates.
        starts: int32 (n + 1,), where each row of P begins.
        others: int32, columns of P.
        values: float32, P; its sum is 1.
        out: float32 (5, n), see `_forces`.
    """
    for i in range(x.size):
        _row(i, x, y, starts, others, values, out)


def _all_forces_on_all_cores(  # a function of its own: numba's cache knows no options
    x: Floats, y: Floats, starts: Integers, others: Integers, values: Floats, out: Floats
) -> None:
    for i in numba.prange(x.size):
        _row(i, x, y, starts, others, values, out)


similarities = numba.njit(**_OPTIONS)(_similarities)
_row = numba.njit(inline="always", **_FAST)(_forces)
all_forces = numba.njit(**_FAST)(_all_forces)
all_forces_on_all_cores = numba.njit(parallel=True, **_FAST)(_all_forces_on_all_cores)
