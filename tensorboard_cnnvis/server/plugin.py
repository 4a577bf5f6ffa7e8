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

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Lets TensorBoard's Python loader keep one of our arrays a tag: we read our own files."""
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
