"""Whether a data set gives its samples in another order than the data it was made from."""

from __future__ import annotations

from typing import Any, Literal

Order = Literal["kept", "fixed", "random"]

RANDOM_SAMPLERS = frozenset({"RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler"})


def order(data: Any) -> Order:
    """What is known of the order of iteration.

    Returns:
        "random" where another pass would give another order, "fixed" where the data is shuffled
        the same way at each pass, else "kept".
    """
    if hasattr(data, "element_spec"):
        options = getattr(data, "options", None)
        loose = callable(options) and options().deterministic is False
        return _order_of_tf(data, loose)
    if getattr(data, "shuffle", None) is True:  # Keras's generators, and a habit of PyDatasets
        return "random"
    batch_sampler = getattr(data, "batch_sampler", None)
    samplers = (getattr(data, "sampler", None), getattr(batch_sampler, "sampler", None))
    return "random" if any(_is_random(sampler) for sampler in samplers) else "kept"


def upstream(data: Any) -> list[Any]:
    """The data sets that a `tf.data.Dataset` reads from."""
    inputs = getattr(data, "_inputs", None)
    return list(inputs()) if callable(inputs) else []


def _is_random(sampler: object) -> bool:
    kinds = {kind.__name__ for kind in type(sampler).__mro__}
    return bool(kinds & RANDOM_SAMPLERS) or getattr(sampler, "shuffle", None) is True


def _order_of_tf(data: Any, loose: bool) -> Order:
    """Of a `tf.data.Dataset`; `loose` where parallel steps give what is ready first."""
    ready_first = {"false", "default"} if loose else {"false"}
    if getattr(data, "_deterministic", None) in ready_first:
        return "random"
    orders = {_order_of_tf(source, loose) for source in upstream(data)}
    if "Shuffle" in type(data).__name__:
        orders.add(_order_of_shuffle(data))
    if "random" in orders:
        return "random"
    return "fixed" if "fixed" in orders else "kept"


def _order_of_shuffle(data: Any) -> Order:
    reshuffles = getattr(data, "_reshuffle_each_iteration", None) is not False
    seeded = any(int(getattr(data, seed, 0)) for seed in ("_seed", "_seed2"))
    return "fixed" if seeded and not reshuffles else "random"
