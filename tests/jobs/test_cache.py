"""Results on disk."""

import os
from pathlib import Path

import numpy as np
import pytest

from tensorboard_cnnvis.jobs.cache import ResultCache
from tensorboard_cnnvis.jobs.messages import Result

RESULT = Result({"left_out": 2}, {"xy": np.arange(8, dtype=np.float32).reshape(4, 2)})


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "new" / "results")
    assert cache.get("a") is None
    cache.put("a", RESULT)
    found = ResultCache(tmp_path / "new" / "results").get("a")
    assert found is not None
    assert found.payload == RESULT.payload
    assert np.array_equal(found.arrays["xy"], RESULT.arrays["xy"])
    assert [path.name for path in (tmp_path / "new" / "results").iterdir()] == ["a.npz"]


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text", "no payload"])
def test_a_damaged_file_is_as_if_absent(tmp_path: Path, damage: str) -> None:
    cache, path = ResultCache(tmp_path), tmp_path / "a.npz"
    cache.put("a", RESULT)
    data = bytearray(path.read_bytes())
    flipped = data.index(RESULT.arrays["xy"].tobytes())
    changed = {
        "empty": b"",
        "cut": data[: len(data) // 2],
        "flipped": data[:flipped] + bytes([data[flipped] ^ 255]) + data[flipped + 1 :],
        "text": b"not a result",
    }
    if damage == "no payload":
        np.savez(path, xy=np.zeros(3))
    else:
        path.write_bytes(changed[damage])
    assert cache.get("a") is None
    assert not path.exists()
    cache.put("a", RESULT)
    assert cache.get("a") is not None


def test_the_oldest_go_first_and_what_is_used_is_young(tmp_path: Path) -> None:
    ResultCache(tmp_path).put("size", RESULT)
    size = (tmp_path / "size.npz").stat().st_size
    (tmp_path / "size.npz").unlink()
    cache = ResultCache(tmp_path, most_bytes=int(size * 3.5))
    for age, name in enumerate("abc"):
        cache.put(name, RESULT)
        os.utime(tmp_path / f"{name}.npz", (1000 + age, 1000 + age))
    assert cache.get("a") is not None
    cache.put("d", RESULT)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["a", "c", "d"]


def test_a_cache_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = ResultCache(tmp_path / "file" / "results")
    cache.put("a", RESULT)
    assert cache.get("a") is None
