"""A number for each stored input, by which the same image is found again in another run."""

from __future__ import annotations

import zlib

import google_crc32c
import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.store.inputs import Inputs

_CHUNK_BYTES = 16 * 2**20


def input_hashes(inputs: Inputs) -> npt.NDArray[np.int64]:
    """63 bits of each input, int64 (n_samples,), from 0 on.

    Two checksums over the input as it is stored: CRC32C and 31 bits of CRC32. Among 60,000
    different images two are taken for the same with a probability of 2e-10. The 8-bit levels of
    scaled inputs are compared, so that an image in [0, 255] is the same as in [0, 1]. A gigabyte
    takes about half a second besides its reading; 16 MB at a time are in memory.
    """
    size = max(1, int(np.prod(inputs.shape[1:])) * inputs.stored(slice(0, 1)).dtype.itemsize)
    rows = max(1, _CHUNK_BYTES // size)
    found = np.empty(len(inputs), np.int64)
    for start in range(0, len(inputs), rows):
        chunk = np.ascontiguousarray(inputs.stored(slice(start, start + rows)))
        for place, image in enumerate(chunk.reshape(len(chunk), -1), start):
            data = image.tobytes()
            found[place] = google_crc32c.value(data) << 31 | zlib.crc32(data) >> 1
    return found
