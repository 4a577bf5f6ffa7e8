"""CNN Vis: a TensorBoard plugin to see inside a CNN image classifier while it trains."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorboard_cnnvis.capture.callback import CNNVis
    from tensorboard_cnnvis.capture.posthoc import log_model
    from tensorboard_cnnvis.run import compare, open_run
    from tensorboard_cnnvis.verdicts import apply_verdicts, read_verdicts

__version__ = "0.1.0"
__all__ = [
    "CNNVis",
    "__version__",
    "apply_verdicts",
    "compare",
    "log_model",
    "open_run",
    "read_verdicts",
]

# TensorBoard imports this package at every start: whatever is heavy is imported on first use.
_HOMES = {
    "CNNVis": "tensorboard_cnnvis.capture.callback",
    "log_model": "tensorboard_cnnvis.capture.posthoc",
    "open_run": "tensorboard_cnnvis.run",
    "compare": "tensorboard_cnnvis.run",
    "read_verdicts": "tensorboard_cnnvis.verdicts",
    "apply_verdicts": "tensorboard_cnnvis.verdicts",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
