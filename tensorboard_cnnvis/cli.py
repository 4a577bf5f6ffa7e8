"""The command `tensorboard-cnnvis`: demo, log and export. Keras is imported only where it runs."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

USER_ERRORS = (ValueError, OSError, ImportError)
BAR_WIDTH = 30
REDRAW_SECONDS = 0.1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns 0, or 2 after a user's error, which is printed in one line."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        options.run(options)
    except USER_ERRORS as error:
        text = " ".join(str(error).split()) or type(error).__name__
        print(f"tensorboard-cnnvis: {text}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


class ProgressBar:
    """A bar on a terminal's standard error; elsewhere one line at the end."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._drawn = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Shows that `done` of `total` are done."""
        finished = done >= total
        if not (finished or (sys.stderr.isatty() and time.monotonic() > self._drawn)):
            return
        self._drawn = time.monotonic() + REDRAW_SECONDS
        filled = BAR_WIDTH * done // max(total, 1)
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        start = "\r" if sys.stderr.isatty() else ""
        end = "\n" if finished else ""
        print(f"{start}{self._title} [{bar}] {done:,}/{total:,}", end=end, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tensorboard-cnnvis", description="See inside a CNN image classifier in TensorBoard."
    )
    commands = parser.add_subparsers(required=True, metavar="demo|log|export")
    _add_demo(
        commands.add_parser("demo", help="train a small CNN on real images and serve the tab")
    )
    _add_log(commands.add_parser("log", help="record a model that is already trained"))
    _add_export(commands.add_parser("export", help="write a step's samples or embedding to a file"))
    return parser


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", default="digits", choices=["digits", "fashion_mnist", "cifar10"])
    parser.add_argument(
        "--data-dir", type=Path, help="IDX files of Fashion-MNIST, instead of a download"
    )
    parser.add_argument("--logdir", type=Path, default=Path("runs"))
    parser.add_argument("--epochs", type=_at_least_1, default=10)
    parser.add_argument("--port", type=_port, default=6006)
    parser.add_argument("--no-serve", action="store_true", help="train only")
    parser.set_defaults(run=_demo)


def _add_log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=".keras or .h5 file")
    parser.add_argument(
        "data",
        metavar="DATA",
        nargs="+",
        type=Path,
        help=".npz with x and y, a pair of .npy, or a folder with a sub-folder of images per class",
    )
    parser.add_argument("--logdir", required=True, help="directory of the run, such as runs/exp1")
    parser.add_argument("--step", type=int, default=0)
    parser.add_argument(
        "--rescale", type=_number, default=1.0, help="factor for a folder's images, such as 1/255"
    )
    parser.add_argument(
        "--image-size",
        type=_size,
        metavar="HxW",
        help="for a folder, where the model leaves it open",
    )
    parser.add_argument("--class-names", metavar="A,B,...", help="one per class")
    parser.add_argument("--split", default="validation", help="name of the split")
    parser.add_argument("--max-samples", type=int, default=2000, help="0 keeps all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--from-logits",
        action=argparse.BooleanOptionalAction,
        help="whether the output is logits, where the last activation does not tell",
    )
    parser.add_argument("--output", dest="head", help="the classifier's name among several outputs")
    parser.set_defaults(run=_log)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="RUN", help="directory of a run, such as runs/exp1")
    parser.add_argument("--what", required=True, choices=["samples", "embedding"])
    parser.add_argument("--step", type=int, help="default: the last")
    parser.add_argument("--query", help="only these samples, such as 'loss > 2'")
    parser.add_argument("--layer", help="of the embedding; default: the first that is logged")
    parser.add_argument(
        "--no-neighbors", action="store_true", help="samples without the columns that take long"
    )
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FILE.csv|.parquet|.npy"
    )
    parser.set_defaults(run=_export)


def _demo(options: argparse.Namespace) -> None:
    from tensorboard_cnnvis import demo

    demo.run(
        options.data,
        options.logdir,
        options.epochs,
        options.port,
        serve=not options.no_serve,
        data_dir=options.data_dir,
    )


def _log(options: argparse.Namespace) -> None:
    from tensorboard_cnnvis.capture.posthoc import load, log_model
    from tensorboard_cnnvis.run import open_run

    model = load(options.model)
    data, class_names = _read_data(options, model)
    if options.class_names:
        class_names = [name.strip() for name in options.class_names.split(",")]
    record = log_model(
        options.logdir,
        model,
        {options.split: data},
        step=options.step,
        class_names=class_names,
        max_samples=options.max_samples or None,
        seed=options.seed,
        from_logits=options.from_logits,
        output=options.head,
        progress=ProgressBar("Recording"),
    )
    for split in record.splits:
        print(f"{split.name}: accuracy {split.accuracy:.4f}, loss {split.loss:.4f}")
    for warning in open_run(options.logdir).manifest.warnings:
        print(f"Warning: {warning}", file=sys.stderr)
    print(f"Look at it: tensorboard --logdir {options.logdir}")


def _read_data(options: argparse.Namespace, model: Any) -> tuple[object, list[str] | None]:
    """The data, and the class names where it is a folder."""
    from tensorboard_cnnvis.capture.array_files import read_arrays

    paths: list[Path] = options.data
    if len(paths) == 1 and paths[0].is_dir():
        return _folder(paths[0], options, model)
    if options.rescale != 1:
        raise ValueError("--rescale is for a folder of images: scale the arrays before saving them")
    return read_arrays(paths), None


def _folder(path: Path, options: argparse.Namespace, model: Any) -> tuple[object, list[str] | None]:
    from tensorboard_cnnvis.capture.image_folder import ImageFolder

    size = _input_shape(model)
    if options.image_size:
        size = (*options.image_size, *size[2:])
    shape = tuple(length for length in size if length is not None)
    if len(shape) < len(size):
        raise ValueError(f"the model takes images of any size {size}: give one by --image-size HxW")
    folder = ImageFolder(
        path, shape, rescale=options.rescale, progress=ProgressBar("Reading images")
    )
    return folder, list(folder.class_names)


def _input_shape(model: Any) -> tuple[int | None, ...]:
    """The shape of one input of a model that takes one, without the batch axis."""
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, dict) and len(shape) == 1:
        (shape,) = shape.values()
    if not isinstance(shape, (tuple, list)) or any(
        isinstance(size, (tuple, list)) for size in shape
    ):
        raise ValueError(
            f"a folder can be read for a model with one image input, got inputs of shape {shape}:"
            " give the data as .npz"
        )
    return tuple(shape)[1:]


def _export(options: argparse.Namespace) -> None:
    from tensorboard_cnnvis.run import open_run

    run = open_run(options.path)
    if not run.steps:
        raise ValueError(f"{options.path} has no complete step yet")
    step = run.steps[-1] if options.step is None else options.step
    if step not in run.steps:
        raise ValueError(
            f"step {step} is not logged; the steps are {', '.join(map(str, run.steps))}"
        )
    if options.what == "samples":
        near = not options.no_neighbors
        if options.query:
            rows = run.query(options.query, step, neighbors=near)
        else:
            rows = run.samples(step, neighbors=near)
        _write_table(rows.reset_index(), options.output)
    elif options.query:
        raise ValueError("--query chooses samples: use it with --what samples")
    else:
        layer = options.layer or run.manifest.embeddings[0].layer
        _write_array(run.embedding(layer, step), options.output)
    print(f"Wrote {options.output} (step {step})")


def _write_table(table: pd.DataFrame, output: Path) -> None:
    if output.suffix == ".csv":
        table.to_csv(output, index=False)
    elif output.suffix == ".parquet":
        _write_parquet(table, output)
    elif output.suffix == ".npy":
        columns = {str(name): _plain(table[name]) for name in table}
        rows = np.empty(len(table), [(name, values.dtype) for name, values in columns.items()])
        for name, values in columns.items():
            rows[name] = values
        np.save(output, rows)
    else:
        raise _unknown_format(output)


def _plain(column: pd.Series[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    """Numbers and flags as they are, all else as text, "" where it is missing."""
    if column.dtype.kind in "biuf" and not column.isna().any():
        return column.to_numpy(column.dtype.name if column.dtype.kind != "b" else "bool")
    if column.dtype.kind in "iuf":
        return column.to_numpy(np.float64, na_value=np.nan)
    return column.astype(object).where(column.notna(), "").to_numpy(np.str_)


def _write_array(array: np.ndarray[Any, np.dtype[Any]], output: Path) -> None:
    import pandas as pd

    if output.suffix == ".npy":
        np.save(output, array)
        return
    if output.suffix not in (".csv", ".parquet"):
        raise _unknown_format(output)
    names = [f"feature_{index}" for index in range(array.shape[1])]
    table = pd.DataFrame(array.astype(np.float32), columns=names)
    table.insert(0, "sample_index", np.arange(len(table)))
    _write_table(table, output)


def _write_parquet(table: pd.DataFrame, output: Path) -> None:
    try:
        table.to_parquet(output, index=False)
    except ImportError as error:
        raise ImportError(
            "Parquet needs pyarrow: pip install 'tensorboard-cnnvis[parquet]', or write .csv"
        ) from error


def _unknown_format(output: Path) -> ValueError:
    return ValueError(f"the file must end in .csv, .parquet or .npy, got {output}")


def _number(text: str) -> float:
    """A factor such as 1/255, 0.5 or 2."""
    try:
        return float(Fraction(text.replace(" ", "")))
    except (ValueError, ZeroDivisionError) as error:
        raise argparse.ArgumentTypeError(f"expected a number such as 1/255, got {text}") from error


def _at_least_1(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1, got {text}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, got {text}")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    height, _, width = text.partition("x")
    if not (height.isdigit() and width.isdigit() and int(height) and int(width)):
        raise argparse.ArgumentTypeError(f"expected HEIGHTxWIDTH such as 224x224, got {text}")
    return int(height), int(width)
