"""Ended jobs are kept in memory while there is room; open ones always."""

import numpy as np

from tensorboard_cnnvis.jobs.status import JobStatus, Statuses


def ended(megabytes: float) -> JobStatus:
    return JobStatus("done", arrays={"map": np.zeros(int(megabytes * 10**6), np.uint8)})


def test_the_ones_used_last_stay() -> None:
    known = Statuses()
    known.put("open", JobStatus("running", arrays=ended(60).arrays))
    for name in "abcd":
        known.put(name, ended(20))
        if name == "c":
            known.use("a")
    kept = {name for name in ("open", *"abcd") if known.get(name) is not None}
    assert kept == {"open", "a", "c", "d"}
    assert known["b"].state == "absent"


def test_the_newest_stays_however_large_it_is() -> None:
    known = Statuses()
    known.put("small", ended(1))
    known.put("large", ended(100))
    assert known.get("small") is None
    assert known["large"].state == "done"


def test_at_most_64_are_known() -> None:
    known = Statuses()
    for index in range(100):
        known.put(str(index), ended(0))
    assert [index for index in range(100) if known.get(str(index))] == list(range(36, 100))
