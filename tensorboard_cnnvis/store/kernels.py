"""Which of a step's arrays is a layer's kernel."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tensorboard_cnnvis import schema

_LATER_USE = re.compile(r"#\d+(?=/|$)")  # of a shared layer


def stored_name(
    path: str, arrays: Mapping[str, schema.ArrayInfo], pointwise: bool = False
) -> str | None:
    """Name of the array with a kernel among those of a step, None where it is not stored.

    A later use of a shared layer has the kernel of the first. Of a separable convolution it is
    the depthwise kernel, or the `pointwise` one.
    """
    name = schema.pointwise_array if pointwise else schema.kernel_array
    names = (name(each) for each in (path, _LATER_USE.sub("", path)))
    return next((name for name in names if name in arrays), None)
