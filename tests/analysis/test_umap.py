"""UMAP through umap-learn: as good as its own, followed, stopped, without TensorFlow."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from tensorboard_cnnvis.analysis import projection
from tensorboard_cnnvis.analysis.knn_graph import knn_graph
from tensorboard_cnnvis.analysis.umap import fuzzy_set, umap_layout

pytestmark = pytest.mark.slow  # umap-learn is compiled in every process

Array = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def vectors(digits: Any) -> Array:
    return digits[0][:300].reshape(300, -1).astype(np.float32)


def layout_of(vectors: Array, each: Any = lambda done, layout: None) -> Array:
    start = projection.pca(vectors).project(vectors)
    weights = fuzzy_set(knn_graph(vectors, 14, "euclidean"), len(vectors), 0)
    return umap_layout(weights, start, 0.1, 0, each)


def test_it_is_as_good_as_umap_learns_own(vectors: Array) -> None:
    ours = layout_of(vectors)
    import umap

    theirs = umap.UMAP(random_state=0, init="pca").fit_transform(vectors)
    kept = [trustworthiness(vectors, layout, n_neighbors=15) for layout in (ours, theirs)]
    assert kept[0] >= kept[1] - 0.01


def test_it_is_followed_and_the_seed_decides(vectors: Array) -> None:
    seen: list[tuple[float, Array]] = []
    layout = layout_of(vectors, lambda done, now: seen.append((done, now.copy())))
    shares = [share for share, _ in seen]
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] <= 1
    assert not np.array_equal(seen[0][1], seen[-1][1])
    assert np.array_equal(layout, layout_of(vectors))


def test_it_can_be_stopped(vectors: Array) -> None:
    def stop(done: float, layout: Array) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        layout_of(vectors, stop)


def test_tensorflow_is_not_loaded_for_it() -> None:
    code = (
        "import sys\n"
        "from tensorboard_cnnvis.analysis.umap import _umap_learn\n"
        "_umap_learn()\n"
        "print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
