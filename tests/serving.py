"""A real TensorBoard application in this process, over a directory of recorded runs."""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from recording import Recording
from safetensors.numpy import load as load_safetensors
from tensorboard import default, program
from tensorboard.backend import application
from tensorboard.backend.event_processing.data_ingester import LocalDataIngester
from werkzeug.test import Client, TestResponse

ORIGIN = "http://localhost"
HEADERS = {"X-CNNVis": "1", "Origin": ORIGIN}


@dataclass
class Columns:
    """A decoded answer, by an implementation of the layout that is not ours."""

    arrays: dict[str, np.ndarray[Any, Any]]
    payload: Any


def unpack(data: bytes) -> Columns:
    """Arrays in the body's order, and the JSON part."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    payload = json.loads(header.pop("__metadata__")["json"])
    arrays = load_safetensors(data)
    return Columns({name: arrays[name] for name in header}, payload)


def packed(members: Any) -> str:
    """A set of samples as a request carries it."""
    bits = np.packbits(np.asarray(members, bool), bitorder="little")
    return base64.b64encode(bits.tobytes()).decode()


def decode(response: TestResponse) -> Columns:
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.content_type == "application/octet-stream"
    return unpack(response.get_data())


class Page:
    """Asks as the page does."""

    def __init__(self, logdir: Path, *flags: str) -> None:
        board = program.TensorBoard(plugins=default.get_plugins())
        board.configure(("tensorboard", "--logdir", str(logdir), "--load_fast=false", *flags))
        ingester = LocalDataIngester(board.flags)
        self._multiplexer = ingester.deprecated_multiplexer
        self._logdir = logdir
        self.reload()
        app = application.TensorBoardWSGIApp(
            board.flags, board.plugin_loaders, ingester.data_provider, None, self._multiplexer
        )
        self.client = Client(app)

    def reload(self) -> None:
        self._multiplexer.AddRunsFromDirectory(str(self._logdir))
        self._multiplexer.Reload()

    def get(self, route: str, **params: Any) -> TestResponse:
        return self.client.get(f"/data/plugin/cnnvis/{route}", query_string=params)

    def post(self, route: str, headers: dict[str, str] | None = None, **body: Any) -> TestResponse:
        return self.client.post(
            f"/data/plugin/cnnvis/{route}",
            data=json.dumps(body),
            headers=HEADERS if headers is None else headers,
        )

    def json(self, route: str, **params: Any) -> Any:
        response = self.get(route, **params)
        assert response.status_code == 200, response.get_data(as_text=True)
        return json.loads(response.get_data())

    def columns(self, route: str, **params: Any) -> Columns:
        return decode(self.get(route, **params))

    def projection(self, **body: Any) -> Columns:
        return decode(self.post("projection", **body))

    def refused(self, response: TestResponse, status: int) -> str:
        """The message of an answer that must be an error, with its hint."""
        assert response.status_code == status, response.get_data(as_text=True)
        told = json.loads(response.get_data())
        assert told["hint"]
        return f"{told['error']} | {told['hint']}"


@dataclass
class Served:
    page: Page
    recording: Recording
    run: str
