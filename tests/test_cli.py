"""The command: what it writes is the record, and a user's error is one line and code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from recording import LAYER, Recording

from tensorboard_cnnvis.cli import ProgressBar, main
from tensorboard_cnnvis.run import open_run

Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that tells dark images (class 0) from bright ones, on values of 0 to 1."""
    model = keras.Sequential(
        [
            keras.Input((6, 8, 3)),
            keras.layers.GlobalAveragePooling2D(name="mean"),
            keras.layers.Dense(2, activation="softmax", name="classifier"),
        ]
    )
    model.get_layer("classifier").set_weights(
        [np.array([[-10.0, 10.0]] * 3), np.array([15.0, -15.0])]
    )
    path = tmp_path_factory.mktemp("model") / "brightness.keras"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """x, y of which 3 of 20 labels are wrong, as .npz and as .npy."""
    folder = tmp_path_factory.mktemp("arrays")
    labels = np.arange(20) % 2
    x = np.where(labels, 0.8, 0.2).reshape(-1, 1, 1, 1) * np.ones((20, 6, 8, 3), np.float32)
    labels[:3] = 1 - labels[:3]
    np.savez(folder / "data.npz", x=x.astype(np.float32), y=labels)
    np.save(folder / "x.npy", x.astype(np.float32))
    np.save(folder / "y.npy", labels)
    np.savez(folder / "other.npz", images=x)
    (folder / "broken.npz").write_bytes(b"PK\x03\x04 and no more")
    (folder / "empty.npy").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images in class folders, of another size than the model's input; one is no image."""
    root = tmp_path_factory.mktemp("folder")
    for name, value in (("bright", 220), ("dark", 30)):
        (root / name).mkdir()
        for number in range(5):
            Image.new("RGB", (20, 10), (value, value, value)).save(root / name / f"{number}.png")
    (root / "dark" / "broken.jpg").write_bytes(b"no")
    return root


def error(capsys: Output) -> str:
    """The one line of a failed command."""
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tensorboard-cnnvis: ")
    return line


def test_log_an_archive(model_file: Path, arrays: Path, tmp_path: Path, capsys: Output) -> None:
    logged = ["log", str(model_file), str(arrays / "data.npz"), "--logdir", str(tmp_path / "run")]
    assert main([*logged, "--step", "4", "--class-names", "dark, bright", "--split", "test"]) == 0
    assert "test: accuracy 0.8500" in capsys.readouterr().out
    run = open_run(tmp_path / "run")
    assert run.steps == (4,)
    assert run.manifest.class_names == ("dark", "bright")
    assert [split.name for split in run.manifest.splits] == ["test"]
    assert np.flatnonzero(~run.samples(4)["correct"].astype(bool)).tolist() == [0, 1, 2]


def test_log_a_pair_of_files_with_a_draw(model_file: Path, arrays: Path, tmp_path: Path) -> None:
    files = [str(arrays / "x.npy"), str(arrays / "y.npy")]
    logdir = ["--logdir", str(tmp_path), "--max-samples", "8", "--seed", "3"]
    assert main(["log", str(model_file), *files, *logdir]) == 0
    run = open_run(tmp_path)
    assert run.manifest.splits[0].count == 8
    assert run.manifest.splits[0].total == 20


def test_log_a_folder_tells_a_wrong_scaling(
    model_file: Path, folder: Path, tmp_path: Path, capsys: Output
) -> None:
    """Sub-folders sort to bright, dark, while the model means dark, bright."""
    logged = ["log", str(model_file), str(folder), "--logdir"]
    assert main([*logged, str(tmp_path / "a"), "--rescale", "1/255"]) == 0
    told = capsys.readouterr()
    assert "validation: accuracy 0.0000" in told.out
    assert "Warning: 1 unreadable image was skipped: dark/broken.jpg (not an image)" in told.err
    assert main([*logged, str(tmp_path / "b")]) == 0
    assert "validation: accuracy 0.5000" in capsys.readouterr().out
    run = open_run(tmp_path / "a")
    assert run.manifest.class_names == ("bright", "dark")
    assert run.samples(0)["id"].iloc[0] == "bright/0.png"
    assert any(
        "1 unreadable image was skipped: dark/broken.jpg" in w for w in run.manifest.warnings
    )


def test_log_shows_progress(model_file: Path, folder: Path, tmp_path: Path, capsys: Output) -> None:
    assert main(["log", str(model_file), str(folder), "--logdir", str(tmp_path)]) == 0
    shown = capsys.readouterr().err
    assert "Reading images [##############################] 11/11" in shown
    assert "Recording [##############################] 10/10" in shown


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (["nothing.npz"], [], "nothing.npz"),
        (["broken.npz"], [], "broken.npz cannot be read: File is not a zip file"),
        (["empty.npy", "y.npy"], [], "empty.npy"),
        (["other.npz"], [], "must hold x and y, got images"),
        (["x.npy"], [], "DATA must be an .npz with x and y, two .npy files, or a folder"),
        (["data.npz"], ["--rescale", "1/255"], "--rescale is for a folder of images"),
        (["data.npz"], ["--class-names", "a,b,c"], "class_names has 3 names"),
        (["data.npz"], ["--max-samples", "-1"], "max_samples must be at least 1"),
    ],
)
def test_log_refusals(
    data: list[str],
    options: list[str],
    message: str,
    model_file: Path,
    arrays: Path,
    tmp_path: Path,
    capsys: Output,
) -> None:
    files = [str(arrays / name) for name in data]
    assert main(["log", str(model_file), *files, "--logdir", str(tmp_path), *options]) == 2
    assert message in error(capsys)


def test_log_a_corrupt_model(arrays: Path, tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "broken.keras").write_bytes(b"PK nothing")
    logged = ["log", str(tmp_path / "broken.keras"), str(arrays / "data.npz")]
    assert main([*logged, "--logdir", str(tmp_path / "run")]) == 2
    assert "broken.keras" in error(capsys)


def test_log_asks_for_a_size_that_the_model_leaves_open(
    folder: Path, tmp_path: Path, capsys: Output
) -> None:
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.save(tmp_path / "open.keras")
    logged = ["log", str(tmp_path / "open.keras"), str(folder), "--logdir", str(tmp_path / "run")]
    assert main(logged) == 2
    assert "give one by --image-size HxW" in error(capsys)
    assert main([*logged, "--image-size", "12x10"]) == 0
    assert open_run(tmp_path / "run").manifest.input.shape == (12, 10, 3)


def test_log_a_folder_needs_a_model_with_one_input(
    folder: Path, tmp_path: Path, capsys: Output
) -> None:
    left, right = keras.Input((6, 8, 3)), keras.Input((6, 8, 3))
    features = keras.layers.Flatten()(keras.layers.Add()([left, right]))
    model = keras.Model([left, right], keras.layers.Dense(2, activation="softmax")(features))
    model.save(tmp_path / "two.keras")
    logged = ["log", str(tmp_path / "two.keras"), str(folder), "--logdir", str(tmp_path / "run")]
    assert main(logged) == 2
    assert "a model with one image input, got inputs of shape [(None, 6, 8, 3)" in error(capsys)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npy"])
def test_export_samples(suffix: str, recording: Recording, tmp_path: Path) -> None:
    output = tmp_path / f"samples{suffix}"
    where = ["--what", "samples", "--step", "2", "-o", str(output)]
    assert main(["export", str(recording.log_dir), *where]) == 0
    expected = open_run(recording.log_dir).samples(2)
    if suffix == ".npy":
        table = pd.DataFrame(np.load(output))
    else:
        table = pd.read_csv(output) if suffix == ".csv" else pd.read_parquet(output)
    assert list(table) == ["sample_index", *expected]
    assert table["sample_index"].tolist() == list(range(240))
    np.testing.assert_allclose(table["loss"], expected["loss"], rtol=1e-6)
    assert table["split"].astype(str).tolist() == expected["split"].astype(str).tolist()
    assert table["flagged"].astype(bool).tolist() == expected["flagged"].astype(bool).tolist()


def test_export_what_a_query_finds(recording: Recording, tmp_path: Path) -> None:
    where = ["--what", "samples", "--query", "top(loss, 7)", "-o", str(tmp_path / "hard.csv")]
    assert main(["export", str(recording.log_dir), *where]) == 0
    hardest = open_run(recording.log_dir).samples(5).loss.nlargest(7).index
    assert pd.read_csv(tmp_path / "hard.csv").sample_index.tolist() == sorted(hardest)


def test_export_without_what_takes_long(recording: Recording, tmp_path: Path) -> None:
    where = ["--what", "samples", "--no-neighbors", "-o", str(tmp_path / "samples.csv")]
    assert main(["export", str(recording.log_dir), *where]) == 0
    left_out = set(open_run(recording.log_dir).samples(5)) - set(pd.read_csv(where[-1]))
    assert left_out == {"neighbor_disagreement", "label_error"}


def test_export_the_last_embedding(recording: Recording, tmp_path: Path, capsys: Output) -> None:
    output = tmp_path / "embedding.npy"
    where = ["--what", "embedding", "-o", str(output)]
    assert main(["export", str(recording.log_dir), *where]) == 0
    assert "step 5" in capsys.readouterr().out
    stored = np.load(output)
    assert stored.dtype == np.float16
    np.testing.assert_array_equal(stored, recording.embeddings[5])


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_export_an_embedding_as_a_table(suffix: str, recording: Recording, tmp_path: Path) -> None:
    output = tmp_path / f"embedding{suffix}"
    where = ["--what", "embedding", "--step", "1", "--layer", LAYER, "-o", str(output)]
    assert main(["export", str(recording.log_dir), *where]) == 0
    if suffix == ".csv":
        table = pd.read_csv(output, index_col="sample_index")
    else:
        table = pd.read_parquet(output).set_index("sample_index")
    assert list(table) == [f"feature_{index}" for index in range(8)]
    found = table.to_numpy(np.float32)
    np.testing.assert_array_equal(found, recording.embeddings[1].astype(np.float32))


@pytest.mark.parametrize(
    ("what", "output", "message"),
    [
        (["--what", "samples", "--step", "9"], "a.csv", "step 9 is not logged; the steps are 0, 1"),
        (["--what", "embedding", "--layer", "conv9"], "a.npy", "conv9"),
        (["--what", "samples"], "a.xlsx", "must end in .csv, .parquet or .npy, got"),
        (["--what", "embedding"], "a.txt", "must end in .csv, .parquet or .npy, got"),
        (["--what", "samples"], "nowhere/a.csv", "nowhere"),
        (["--what", "samples", "--query", "los > 2"], "a.csv", "did you mean 'loss'?"),
        (["--what", "embedding", "--query", "loss > 2"], "a.csv", "use it with --what samples"),
    ],
)
def test_export_refusals(
    what: list[str], output: str, message: str, recording: Recording, tmp_path: Path, capsys: Output
) -> None:
    where = [str(recording.log_dir), *what, "-o", str(tmp_path / output)]
    assert main(["export", *where]) == 2
    assert message in error(capsys)


def test_export_of_no_run(tmp_path: Path, capsys: Output) -> None:
    assert main(["export", str(tmp_path), "--what", "samples", "-o", "a.csv"]) == 2
    assert "no CNN Vis record" in error(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["export", "run", "--what", "kernels", "-o", "a.csv"],
        ["log", "m.keras", "d", "--logdir", "r", "--rescale", "1/0"],
        ["log", "m.keras", "d", "--logdir", "r", "--image-size", "12"],
        ["demo", "--port", "70000"],
        ["demo", "--epochs", "0"],
    ],
)
def test_usage_errors(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


def test_the_bar_fills(capsys: Output) -> None:
    bar = ProgressBar("Work")
    bar(1, 3)
    assert capsys.readouterr().err == ""  # not a terminal: only the end is shown
    bar(3, 3)
    assert capsys.readouterr().err == f"Work [{'#' * 30}] 3/3\n"


def test_looking_needs_no_keras(recording: Recording, tmp_path: Path) -> None:
    export = ["export", str(recording.log_dir), "--what", "samples", "-o", str(tmp_path / "s.csv")]
    code = (
        "import sys; from tensorboard_cnnvis.cli import main\n"
        f"main({export})\n"
        "print([name for name in ('keras', 'tensorflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_log_warns_of_values_that_look_not_scaled(
    tmp_path: Path, model_file: Path, arrays: Path, capsys: Output
) -> None:
    np.savez(tmp_path / "raw.npz", x=np.load(arrays / "x.npy") * 255, y=np.load(arrays / "y.npy"))
    logged = ["log", str(model_file), str(tmp_path / "raw.npz"), "--logdir", str(tmp_path / "run")]
    assert main(logged) == 0
    assert "they look not scaled at all" in capsys.readouterr().err
