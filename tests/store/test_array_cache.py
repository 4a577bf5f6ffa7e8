"""Arrays kept while there is room."""

import numpy as np
import pytest

from tensorboard_cnnvis.store.array_cache import ArrayCache


def test_the_least_recently_used_goes_first() -> None:
    cache, made = ArrayCache(24), []

    def get(key: str) -> None:
        cache.get(key, lambda: made.append(key) or np.zeros(8, np.uint8))  # type: ignore[func-returns-value]

    for key in ("a", "b", "c", "a", "d", "a", "b"):
        get(key)
    assert made == ["a", "b", "c", "d", "b"]


def test_what_does_not_fit_is_made_each_time() -> None:
    cache = ArrayCache(10)
    for value in (1, 2):
        assert cache.get("key", lambda value=value: np.full(11, value, np.uint8))[0] == value


def test_shared_arrays_cannot_be_written_to() -> None:
    own = np.zeros(2)
    kept = ArrayCache(100).get("key", lambda: own)
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1
    own[0] = 1
