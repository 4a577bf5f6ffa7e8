"""The TensorBoard side: flags, routes over HTTP, static files.

TensorBoard loads this module with no try/except around it: nothing may be imported here that could
fail.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable

from tensorboard.plugins import base_plugin

PLUGIN_NAME = "cnnvis"  # schema.PLUGIN_NAME, which cannot be imported here


class CNNVisLoader(base_plugin.TBLoader):  # type: ignore[misc]
    """Makes the plugin, or logs why it cannot be made."""

    def define_flags(self, parser: argparse.ArgumentParser) -> None:
        """Adds `--cnnvis_*`."""
        group = parser.add_argument_group("CNN Vis plugin")
        group.add_argument(
            "--cnnvis_trusted_origins",
            metavar="ORIGINS",
            default="",
            help="comma-separated origins (https://host[:port]) under which a reverse proxy shows"
            " this TensorBoard; requests that compute are refused from any other",
        )
        group.add_argument(
            "--cnnvis_import",
            metavar="MODULES",
            default="",
            help="comma-separated modules (my_package.layers) that define what kept models are"
            " made of; imported in the process that runs them",
        )
        group.add_argument(
            "--cnnvis_unsafe_models",
            action="store_true",
            help="run Python code that is in a kept model's file, which Lambda layers need; only"
            " for files you trust",
        )
        group.add_argument(
            "--cnnvis_gpu_memory_mb",
            metavar="MB",
            type=int,
            default=None,
            help="hard limit of a GPU's memory for running kept models; by default it grows as"
            " needed",
        )
        group.add_argument(
            "--cnnvis_device",
            choices=("auto", "cpu"),
            default="auto",
            help="where kept models run; auto takes a GPU if there is one",
        )

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Lets TensorBoard's Python loader keep one of our arrays a tag: we read our own files."""
        memory = getattr(flags, "cnnvis_gpu_memory_mb", None)
        if memory is not None and memory < 1:
            raise base_plugin.FlagsError(
                f"--cnnvis_gpu_memory_mb is {memory}; expected a number of megabytes above 0"
            )
        samples = dict(getattr(flags, "samples_per_plugin", None) or {})
        samples.setdefault(PLUGIN_NAME, 1)
        flags.samples_per_plugin = samples

    def load(self, context: base_plugin.TBContext) -> base_plugin.TBPlugin | None:
        """The plugin, or None after one warning."""
        try:
            return _plugin_class()(context)
        except Exception as error:
            logging.getLogger(__name__).warning("CNN Vis is not loaded: %s", error)
            return None


def _plugin_class() -> Callable[[base_plugin.TBContext], base_plugin.TBPlugin]:
    from tensorboard_cnnvis.server.application import CNNVisPlugin

    return CNNVisPlugin
