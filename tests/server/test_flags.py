"""The flags of the plugin."""

from __future__ import annotations

import argparse

import pytest
from tensorboard.plugins import base_plugin

from tensorboard_cnnvis.jobs.client import Settings
from tensorboard_cnnvis.server.application import settings_of
from tensorboard_cnnvis.server.plugin import CNNVisLoader


def parsed(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    loader = CNNVisLoader()
    loader.define_flags(parser)
    flags = parser.parse_args(given)
    loader.fix_flags(flags)
    return flags


def test_what_the_worker_may_do_comes_from_the_flags() -> None:
    flags = parsed(
        "--cnnvis_import=my_package.layers, other",
        "--cnnvis_unsafe_models",
        "--cnnvis_gpu_memory_mb=512",
        "--cnnvis_device=cpu",
    )
    assert settings_of(flags) == Settings(("my_package.layers", "other"), True, 512, "cpu")


def test_by_default_no_code_of_a_model_runs_and_memory_grows_as_needed() -> None:
    assert settings_of(parsed()) == Settings((), False, None, "auto")


def test_a_limit_without_memory_is_refused() -> None:
    with pytest.raises(base_plugin.FlagsError, match="above 0"):
        parsed("--cnnvis_gpu_memory_mb=0")
