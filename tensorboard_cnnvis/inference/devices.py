"""The devices of the worker: `jobs` knows `inference`, and only `network` knows the backend."""

from __future__ import annotations

from tensorboard_cnnvis.network.devices import limit_memory, start

__all__ = ["limit_memory", "start"]
