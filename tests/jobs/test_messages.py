"""What the two processes tell each other."""

import io

import numpy as np
import pytest

from tensorboard_cnnvis.jobs.messages import (
    JobRequest,
    Message,
    Subject,
    receive,
    requested,
    run_message,
    send,
)

MESSAGE = Message(
    "progress",
    "job",
    {"progress": 0.5, "name": "ä"},
    {"xy": np.array([[1, np.nan]], np.float32), "none": np.empty((0, 2), np.int32)},
)


def test_messages_arrive_as_they_were_sent() -> None:
    stream = io.BytesIO()
    send(stream, MESSAGE)
    send(stream, Message("warm"))
    stream.seek(0)
    first, second, end = receive(stream), receive(stream), receive(stream)
    assert first is not None
    assert (first.kind, first.job, first.payload) == ("progress", "job", MESSAGE.payload)
    for name, array in MESSAGE.arrays.items():
        assert np.array_equal(first.arrays[name], array, equal_nan=True)
        assert first.arrays[name].dtype == array.dtype
    assert second == Message("warm")
    assert end is None


def test_a_stream_that_ends_amid_a_message_has_ended() -> None:
    stream = io.BytesIO()
    send(stream, MESSAGE)
    data = stream.getvalue()
    for length in range(len(data)):
        assert receive(io.BytesIO(data[:length])) is None


@pytest.mark.parametrize("threshold", [None, 0.25])
def test_a_request_survives_the_way(threshold: float | None) -> None:
    subject = Subject("/runs/a", "probe", "attempt/1.5", 3, "conv1")
    request = JobRequest("duplicates", subject, {"threshold": threshold, "across": True})
    stream = io.BytesIO()
    send(stream, run_message(request))
    stream.seek(0)
    message = receive(stream)
    assert message is not None
    assert requested(message) == request
    assert message.job == request.job == requested(message).job
