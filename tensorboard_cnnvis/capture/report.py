"""The short block that is printed before training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tensorboard_cnnvis.capture.plan import WARN_STEP_BYTES
from tensorboard_cnnvis.capture.record import Recorder


def start_report(
    log_dir: Path, recorder: Recorder, model: Any, steps: int | None, keep_models: int
) -> str:
    """What is watched, what it costs, and how to look at it.

    Args:
        log_dir: the run's directory.
        recorder: of the model.
        model: the model.
        steps: number of steps that will be logged, None where it is not known.
        keep_models: number of models kept.
    """
    plan, probe = recorder.plan, recorder.probe
    samples = ", ".join(
        f"{split.count:,} of {split.total:,} ({split.name})" for split in probe.splits
    )
    embeddings = ", ".join(
        f"{info.layer} ({info.n_features:,} features)" for info in plan.embeddings
    )
    lines = [
        "CNN Vis",
        f"  samples   {samples}",
        f"  layers    {len(plan.statistics)} with channel statistics; embedding: {embeddings}",
        f"  disk      {_disk(recorder, model, steps, keep_models)}",
        f"  look      tensorboard --logdir {_quoted(_parent(log_dir))}",
    ]
    if plan.total_bytes > WARN_STEP_BYTES:
        kind = max(plan.step_bytes, key=lambda name: plan.step_bytes[name])
        lines.append(
            f"  warning   more than {WARN_STEP_BYTES // 10**6} MB per epoch, most of it {kind}:"
            f" {_advice(kind)}"
        )
    lines += [f"  warning   {sentence}" for sentence in recorder.warnings]
    return "\n".join(lines)


def _disk(recorder: Recorder, model: Any, steps: int | None, keep_models: int) -> str:
    step = recorder.plan.total_bytes
    text = f"about {megabytes(step)} per epoch"
    parameters = 4 * int(model.count_params())
    kept = keep_models if steps is None else min(keep_models, steps)
    if steps is not None:
        inputs = recorder.probe.inputs.nbytes
        text += f", {megabytes(step * steps + inputs + kept * parameters)} in all"
    return f"{text} (models kept: {kept} of {megabytes(parameters)})" if kept else text


def megabytes(size: int) -> str:
    """`23 MB`, `1.3 MB`, `40 kB`."""
    if size < 10**5:
        return f"{size / 1e3:.2g} kB" if size < 10**4 else f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:,.0f} MB" if size >= 10**7 else f"{size / 1e6:.2g} MB"


def _advice(kind: str) -> str:
    return {
        "samples": "lower max_samples",
        "embeddings": "name fewer embedding_layers, or lower max_samples",
        "channels": "name fewer layers",
        "maps": "lower reference_samples",
        "kernels": "name fewer layers",
    }[kind]


def _parent(log_dir: Path) -> Path:
    """The directory of all runs, where `log_dir` lies in one below the working directory."""
    nested = not log_dir.is_absolute() and len(log_dir.parts) > 1 and ".." not in log_dir.parts
    return log_dir.parent if nested else log_dir


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if " " in text else text
