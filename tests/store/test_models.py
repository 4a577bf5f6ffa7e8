"""Kept models: whole or not at all, pruned within their own attempt."""

from pathlib import Path

import pytest

from tensorboard_cnnvis.store.models import prune_models, save_model


def test_a_model_appears_whole_under_its_name(tmp_path: Path) -> None:
    seen = []

    def save(path: Path) -> None:
        seen.append(path)
        path.write_text("weights")

    assert save_model(tmp_path, "0000000000001", 4, save) == "model-0000000000001-4.keras"
    assert seen[0].suffix == ".keras"
    assert [path.name for path in tmp_path.iterdir()] == ["model-0000000000001-4.keras"]


def test_a_failed_save_leaves_nothing(tmp_path: Path) -> None:
    def save(path: Path) -> None:
        path.write_text("half")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        save_model(tmp_path, "0000000000001", 4, save)
    assert list(tmp_path.iterdir()) == []


def test_pruning_keeps_the_latest_and_all_of_other_attempts(tmp_path: Path) -> None:
    for attempt, step in [("1", 8), ("2", 9), ("2", 10), ("2", 11)]:
        save_model(tmp_path, attempt, step, lambda path: path.touch())
    prune_models(tmp_path, "2", 2)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["model-1-8.keras", "model-2-10.keras", "model-2-11.keras"]
