"""Jobs as the server asks for them: one worker process, one queue, results kept by content."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

from tensorboard_cnnvis.jobs.cache import ResultCache, cache_directory
from tensorboard_cnnvis.jobs.messages import (
    ASKED_BY_NAME,
    MODELS,
    USUAL,
    JobRequest,
    Message,
    Result,
    Settings,
    Subject,
    code_of,
    failed,
    run_message,
)
from tensorboard_cnnvis.jobs.process import WorkerProcess
from tensorboard_cnnvis.jobs.status import (
    OPEN,
    JobStatus,
    Statuses,
    advanced,
    done_status,
    nbytes,
    running_for,
    stopped,
)
from tensorboard_cnnvis.jobs.waiting import QueueFullError, Waiting

__all__ = [
    "MODELS",
    "OPEN",
    "JobClient",
    "JobRequest",
    "JobStatus",
    "QueueFullError",
    "Settings",
    "Subject",
]

_LIMIT_SECONDS = 3600.0
_CANCEL_SECONDS = 0.5  # until a worker that does not answer is ended
_MODEL_CANCEL_SECONDS = 2.0  # the same where the next one had to load TensorFlow
_QUICK_SECONDS, _LARGE_BYTES = 2.0, 4 * 10**6  # such a result is sooner made than read again
_TICK_SECONDS = 0.1


class JobClient:
    """Submits, follows and cancels jobs; thread-safe. The worker starts with the first job.

    Args:
        cache: directory of results and compiled code; the user's cache directory by default.
        limit_seconds: after which a job is given up.
        settings: of the worker.
    """

    def __init__(
        self,
        cache: Path | None = None,
        limit_seconds: float = _LIMIT_SECONDS,
        settings: Settings = USUAL,
    ) -> None:
        self._directory = cache or cache_directory()
        self._cache = ResultCache(self._directory / "results")
        self._limit = limit_seconds
        self._settings = settings
        self._lock = threading.Condition()
        self._waiting = Waiting()
        self._running: JobRequest | None = None
        self._known = Statuses()
        self._cancelling: dict[str, float] = {}  # job -> when it was asked to end
        self._warm: set[str] = set()  # kinds whose code the worker has loaded, or soon has
        self._warming: deque[str] = deque()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._process: WorkerProcess | None = None

    def look(self, request: JobRequest) -> JobStatus:
        """How a job stands, without starting it; done where its result is in the cache."""
        return self.find(request.job)

    def find(self, job: str) -> JobStatus:
        """The same by the job's name."""
        with self._lock:
            known = self._known.get(job)
            if known is not None and known.state in (*OPEN, "done"):
                self._known.use(job)
                return running_for(known)
        stored = self._cache.get(job)
        if stored is None:
            return known or JobStatus()
        with self._lock:
            return self._known.put(job, done_status(stored, known or JobStatus()))

    def submit(self, request: JobRequest) -> JobStatus:
        """Queues a job unless it is queued, running or done.

        Raises:
            QueueFullError: as many are waiting as may.
        """
        status = self.look(request)
        if status.state in OPEN and not request.background:
            self._promote(request.job)
        if status.state in (*OPEN, "done"):
            return status
        with self._lock:
            known = self._known.get(request.job)
            if known is not None and known.state in OPEN:  # by another page, meanwhile
                return known
            self._waiting.add(request)
            status = self._known.put(request.job, JobStatus("queued", status.version + 1))
            if self._running is not None and self._running.background and not request.background:
                self._process_cancel(self._running.job)  # it waits anew, behind this one
            self._wake()
            return status

    def cancel(self, job: str) -> str:
        """Takes a job off the queue, or has the worker end it; the state it is in then."""
        with self._lock:
            known = self._known.get(job)
            if known is None or known.state not in OPEN:
                return known.state if known else "absent"
            if known.state == "running":
                self._cancelling.setdefault(job, time.monotonic())
                self._process_cancel(job)
            else:
                self._waiting.remove(job)
            return self._known.put(job, replace(known, state="cancelled", seconds_left=None)).state

    def _process_cancel(self, job: str) -> None:
        if self._process is not None:
            self._process.send(Message("cancel", job))

    def _promote(self, job: str) -> None:
        """A job of the background is now waited for."""
        with self._lock:
            self._waiting.promote(job)
            if self._running is not None and self._running.job == job:
                self._running = replace(self._running, background=False)

    def warm(self, kind: str) -> None:
        """Starts the worker and has it load the code of a kind, ahead of a likely job."""
        with self._lock:
            if kind not in self._warm:
                self._warm.add(kind)
                self._warming.append(kind)
                self._wake()

    def close(self) -> None:
        """Ends the worker and all jobs."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            process, self._process = self._process, None
            self._lock.notify_all()
        if process is not None:
            process.end()

    @property
    def pid(self) -> int | None:
        """The worker's process id while there is one."""
        with self._lock:
            return self._process.pid if self._process else None

    def _wake(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._dispatch, daemon=True)
            self._thread.start()
        self._lock.notify_all()

    def _dispatch(self) -> None:
        while True:
            with self._lock:
                while not (self._waiting or self._warming or self._closed):
                    self._lock.wait()
                if self._closed:
                    return
                if not self._waiting:
                    self._load(self._warming.popleft())
                    continue
                request = self._waiting.pop()
                if self._known[request.job].state != "queued":
                    continue  # its cancelled forerunner came to its end
                worker = self._begin(request)
            if worker is not None:
                self._follow(request.job, worker)

    def _load(self, kind: str) -> None:
        try:
            self._worker().warm(kind)
        except OSError:  # the job itself tells
            self._warm.discard(kind)

    def _begin(self, request: JobRequest) -> WorkerProcess | None:
        """The worker that a job was given to; None where none can be started, and it failed."""
        version = self._known[request.job].version + 1
        self._known.put(request.job, JobStatus("running", version, started=time.monotonic()))
        self._running = request
        if self._process is not None and self._process.loads_other(request.kind):
            self._process.end()  # a fresh one is quicker than to wait for it
        try:
            worker = self._worker()
        except OSError as error:
            self._end(request.job, failed(f"the worker process cannot be started: {error}"))
            return None
        worker.send(run_message(self._going_on(request)))
        return worker

    def _going_on(self, request: JobRequest) -> JobRequest:
        """A job with the newest known result of its series."""
        for place in reversed(range(len(request.series))):
            found = self.find(request.series[place][0])
            if found.state == "done":
                return replace(request, series=request.series[place:], arrays=found.arrays)
        return request

    def _worker(self) -> WorkerProcess:
        if self._process is None or not self._process.alive():
            self._process = WorkerProcess(self._directory, self._settings)
            self._warm = set(self._warming)
        return self._process

    def _follow(self, job: str, worker: WorkerProcess) -> None:
        """Takes a running job's messages until it ends or is given up."""
        started = time.monotonic()
        while True:
            try:
                message = worker.next(_TICK_SECONDS)
            except queue.Empty:
                if self._overdue(job, started):
                    self._give_up(worker)
                    self._end(job, failed(f"the job took longer than {self._limit:g} seconds"))
                    return
                continue
            if message is None:
                words = worker.last_words()
                self._give_up(worker)
                self._end(job, failed(f"the worker process {words}"))
                return
            if message.kind == "kept":
                self._keep(message)
                started = time.monotonic()  # the limit is one of each
            if message.job != job:
                continue
            if message.kind == "progress":
                self._advance(job, message)
                continue
            if message.payload.get("exhausted"):  # what it had begun to load may be half there
                self._give_up(worker)
            self._end(job, message)
            return

    def _overdue(self, job: str, started: float) -> bool:
        now = time.monotonic()
        with self._lock:
            asked, running = self._cancelling.get(job), self._running
        dear = running is not None and code_of(running.kind) == MODELS
        patience = _MODEL_CANCEL_SECONDS if dear else _CANCEL_SECONDS
        return now - started > self._limit or (asked is not None and now - asked > patience)

    def _give_up(self, worker: WorkerProcess) -> None:
        with self._lock:
            if self._process is worker:
                self._process = None
                self._warm = set(self._warming)
        worker.end()

    def _keep(self, message: Message) -> None:
        """Takes in a result of the running job's series."""
        result = Result(message.payload, message.arrays)
        self._cache.put(message.job, result)
        with self._lock:
            self._known.put(message.job, done_status(result, self._known[message.job]))

    def _advance(self, job: str, message: Message) -> None:
        with self._lock:
            known = self._known[job]
            if known.state == "running":
                self._known.put(job, advanced(known, message))

    def _end(self, job: str, message: Message) -> None:
        with self._lock:
            known, running = running_for(self._known[job]), self._running
        result = Result(message.payload, message.arrays)
        large = nbytes(result.arrays) > _LARGE_BYTES
        passing = large and known.seconds < _QUICK_SECONDS
        if message.kind == "done" and (not passing or (running and running.kind in ASKED_BY_NAME)):
            self._cache.put(job, result)
        with self._lock:
            self._cancelling.pop(job, None)
            request, self._running = self._running, None
            known = running_for(self._known[job])
            if message.kind == "done":
                self._known.put(job, done_status(result, known))
            elif known.state == "running" and message.kind == "cancelled" and request is not None:
                self._waiting.again(request)  # not by the user: it gave way
                self._known.put(job, replace(known, state="queued", seconds_left=None))
            elif known.state == "running":
                self._known.put(job, stopped(known, message))
