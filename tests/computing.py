"""Asks for what kept models compute, and waits for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from kept_run import STEPS, KeptRun
from serving import Columns, Page, decode

PATIENCE_SECONDS = 300.0
ASKED = {"run": "exp1/cnnvis", "step": STEPS[-1], "index": 7}


@dataclass(frozen=True)
class Computing:
    """A page over the kept run; unless it says otherwise it asks for sample 7 at the last step."""

    page: Page
    kept: KeptRun

    def ask(self, route: str, **body: Any) -> Columns:
        return decode(self.page.post(route, **ASKED | body))

    def ended(self, route: str, **body: Any) -> Columns:
        answer = self.ask(route, **body, start=1)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while answer.payload["state"] in ("queued", "running"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
            answer = self.ask(route, **body)
        return answer

    def done(self, route: str, **body: Any) -> Columns:
        answer = self.ended(route, **body)
        assert answer.payload["state"] == "done", answer.payload
        return answer

    def refused(self, route: str, status: int = 400, **body: Any) -> str:
        return self.page.refused(self.page.post(route, **ASKED | body), status)
