"""The Keras callback that records a run while it trains."""

from __future__ import annotations

import contextlib
import hashlib
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.capture import arguments
from tensorboard_cnnvis.capture.ending import call_behind_all
from tensorboard_cnnvis.capture.probe import build_probe
from tensorboard_cnnvis.capture.record import Options, Recorder
from tensorboard_cnnvis.capture.report import start_report
from tensorboard_cnnvis.capture.run_log import RunLog, check_writable
from tensorboard_cnnvis.network.backend import values_of
from tensorboard_cnnvis.network.causes import cause

Array = npt.NDArray[np.generic]


class CNNVis(keras.callbacks.Callback):  # type: ignore[misc]
    """Records what the CNN Vis tab of TensorBoard shows.

    ```python
    model.fit(x, y, epochs=10, callbacks=[CNNVis("runs/exp1", (x_val, y_val))])
    ```

    Every `freq` epochs the watched samples run once through the model, in inference mode. Weights
    that are put in place at the end of training, as by `EarlyStopping(restore_best_weights=True)`
    or an optimizer's average, are recorded too, as one step behind the last epoch. The recorded
    learning rate is the one at CNNVis's place in the list of callbacks. Sample and class weights
    do not enter the recorded losses.
    """

    def __init__(  # noqa: PLR0913 - one call configures a run
        self,
        log_dir: str | os.PathLike[str],
        data: object,
        *,
        class_names: Sequence[str] | None = None,
        ids: object = None,
        metadata: object = None,
        layers: Sequence[str] | None = None,
        embedding_layers: Sequence[str] | None = None,
        freq: int = 1,
        max_samples: int | None = 2000,
        seed: int = 0,
        batch_size: int | None = None,
        keep_models: int = 3,
        reference_samples: int = 8,
        from_logits: bool | None = None,
        output: str | int | None = None,
        to_image: Callable[[Array], object] | None = None,
    ) -> None:
        """Draws the watched samples and checks what can be checked without the model.

        Args:
            log_dir: the run's directory, below the one that `tensorboard --logdir` gets.
            data: the labelled images to watch: (x, y), a data set or loader, or a dict of
                split name -> any of these.
            class_names: one per class.
            ids: a key per sample of the data.
            metadata: columns with a value per sample of the data.
            layers: paths of the layers whose channels are recorded; None takes all convolutions
                and activations.
            embedding_layers: paths of the layers to embed the samples by; None takes the input of
                the final classifier.
            freq: record every `freq` epochs, and the last one.
            max_samples: per split; None keeps all.
            seed: of the draw.
            batch_size: of the recording pass; None chooses it.
            keep_models: how many of the latest models to keep beside the record; 0 for none.
            reference_samples: number of samples whose activation maps are kept.
            from_logits: whether the model's output is logits; None reads it from the loss, or
                from the last activation.
            output: name or index of the classifier in a model with several outputs.
            to_image: makes uint8 images of a batch of inputs, for showing.

        Raises:
            ValueError: something does not fit; the message says what was expected.
        """
        super().__init__()
        arguments.check_directory("log_dir", log_dir)
        self._freq = arguments.whole("freq", freq, 1)
        self._keep_models = arguments.whole("keep_models", keep_models, 0)
        self._seed = arguments.whole("seed", seed, 0)
        self._options = Options(
            layers, embedding_layers, batch_size, reference_samples, from_logits, output
        )
        self._options.check()
        self._log_dir = check_writable(log_dir)
        self._probe = build_probe(
            data,
            class_names=class_names,
            ids=ids,
            metadata=metadata,
            max_samples=max_samples,
            seed=seed,
            to_image=to_image,
        )
        self._recorder: Recorder | None = None
        self._log: RunLog | None = None
        self._epoch: int | None = None
        self._logs: dict[str, float] = {}
        self._digests: dict[int, str] = {}
        self._warned = False
        self._last_in_list = False

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Checks the layers and writes the manifest, where the model is built already."""
        self._reset()
        self._last_in_list = call_behind_all(self, self._end)
        if self.model.built:
            self._prepare()

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Does so after the first batch for a model that is built by it."""
        if self._recorder is None and batch > 0 and self.model.built:
            self._prepare()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Records the epoch, every `freq` epochs."""
        self._epoch, self._logs = epoch, _scalars(logs)
        if self._recorder is None:
            self._guarded(self._prepare)
        self._guarded(self._note_weights, epoch)
        if epoch % self._freq == 0:
            self._guarded(self._record, epoch)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Records the last epoch if it was left out, or the weights that were put in place."""
        if not self._last_in_list:
            self._end()

    def _end(self) -> None:
        if self._epoch is not None:
            self._guarded(self._finish, self._epoch)
        if self._log is not None:
            self._guarded(self._log.end)
            self._log.close()
            self._log = None

    def _reset(self) -> None:
        self._recorder, self._log, self._epoch = None, None, None
        self._logs, self._digests = {}, {}
        self._warned = False

    def _prepare(self) -> None:
        """Looks at the model. A wish that does not fit it is raised; failing to write is not."""
        recorder = Recorder(self.model, self._probe, self._options)
        self._recorder = recorder
        self._guarded(self._open, recorder)
        epochs = self.params.get("epochs") if self.params else None
        logged = None if epochs is None else _count_logged(epochs, self._freq)
        kept = self._keep_models
        _say(start_report(self._log_dir, recorder, self.model, logged, kept))

    def _open(self, recorder: Recorder) -> None:
        self._log = RunLog(
            self._log_dir,
            recorder,
            keep_models=self._keep_models,
            seed=self._seed,
            freq=self._freq,
        )

    def _record(self, step: int, restored_from: int | None = None) -> None:
        removed = self._log is not None and self._log.removed()
        if self._log is not None and removed:
            self._log.close()
            self._log = None
        if self._log is None and self._recorder is not None:
            self._open(self._recorder)
        if self._log is not None:
            self._log.step(self.model, step, logs=self._logs, restored_from=restored_from)
        if removed:
            warnings.warn(
                f"the event file of CNNVis in {str(self._log_dir)!r} was removed during training:"
                f" the epochs before {step} are lost; a new file goes on from there",
                stacklevel=2,
            )

    def _note_weights(self, epoch: int) -> None:
        self._digests[epoch] = _digest(self.model)

    def _finish(self, epoch: int) -> None:
        now = _digest(self.model)
        if self._digests.get(epoch, now) == now:
            if epoch % self._freq != 0:
                self._record(epoch)
            return
        same = [other for other, digest in self._digests.items() if digest == now]
        self._logs = {}
        self._record(epoch + 1, restored_from=same[-1] if same else None)
        if not same:
            _say(
                "CNN Vis: the weights after training are those of no epoch, such as an optimizer's"
                f" average; they are recorded as epoch {epoch + 1}"
            )

    def _guarded(self, action: Callable[..., None], *arguments: Any) -> None:
        """Training goes on whatever happens to the record; the first failure is told."""
        try:
            action(*arguments)
        except Exception as error:
            if not self._warned:
                self._warned = True
                when = "the start" if self._epoch is None else f"epoch {self._epoch}"
                warnings.warn(
                    f"CNNVis could not record {when} in {str(self._log_dir)!r} ({cause(error)});"
                    " training goes on, and later epochs are tried again without another warning",
                    stacklevel=2,
                )


def _count_logged(epochs: int, freq: int) -> int:
    """Every `freq`th epoch from the first on, and the last."""
    return len(range(0, epochs, freq)) + ((epochs - 1) % freq > 0)


def _scalars(logs: Mapping[str, Any] | None) -> dict[str, float]:
    """The logs that are numbers: metrics may be vectors, and other callbacks add what they like."""
    found: dict[str, float] = {}
    for name, value in (logs or {}).items():
        if isinstance(value, (str, bytes)) or len(getattr(value, "shape", ())) > 0:
            continue
        with contextlib.suppress(Exception):
            found[str(name)] = float(value)
    return found


def _say(text: str) -> None:
    """Prints, where there is anything to print to."""
    with contextlib.suppress(OSError, ValueError):
        print(text)


def _digest(model: Any) -> str:
    """A hash of all weights, by which weights that are put back are recognised."""
    digest = hashlib.blake2b(digest_size=16)
    for weight in model.weights:
        digest.update(np.ascontiguousarray(values_of(weight)).tobytes())
    return digest.hexdigest()
