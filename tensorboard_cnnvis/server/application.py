"""The routes over HTTP: methods, origins, errors, static files."""

from __future__ import annotations

import logging
import socket
import threading
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from tensorboard import plugin_util
from tensorboard.backend import http_util
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from werkzeug import Request, Response
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.jobs.client import JobClient, Settings
from tensorboard_cnnvis.server import routes
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.runs import OpenRuns, Runs
from tensorboard_cnnvis.server.slow_columns import JobColumns
from tensorboard_cnnvis.server.wire import Answer, json_answer
from tensorboard_cnnvis.store.reader import StoreError

_STATIC = Path(__file__).parent.parent / "static"
_STATIC_TYPES = {"index.js": "text/javascript", "index.css": "text/css"}
_FIXED_SECONDS = 3600
_WARM_RUNS = 8
_MOST_BODY_BYTES = 2 * 2**20
_LOST_HINT = "the notices on the Overview name what could not be read"
_LOGGER = logging.getLogger(__name__)
_WsgiApp = Callable[..., Iterable[bytes]]


class CNNVisPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """CNN Vis in one TensorBoard."""

    plugin_name = schema.PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider
        self._warm: threading.Thread | None = None
        jobs = self._jobs = JobClient(settings=settings_of(context.flags))
        self._opened = OpenRuns(_Directories(context).of, lambda run: JobColumns(run, jobs))
        weakref.finalize(self, self._jobs.close)
        origins = getattr(context.flags, "cnnvis_trusted_origins", "") or ""
        hosts = {getattr(context.flags, "host", None) or ""}
        self._guard = OriginGuard(origins.split(","), hosts)

    def get_plugin_apps(self) -> dict[str, _WsgiApp]:
        """Route -> WSGI application."""
        apps = {f"/{name}": self._app(name) for name in {**routes.GET, **routes.POST}}
        return apps | {f"/{name}": _static_app(name) for name in _STATIC_TYPES}

    def is_active(self) -> bool:
        """Never by itself: TensorBoard finds our manifest through the data provider."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """The tab; TensorBoard asks when its page loads, some time before our tab is opened."""
        self._warm_up()
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="CNN Vis")

    def _warm_up(self) -> None:
        """Makes meanwhile what the first picture needs, of the newest of the first few runs."""
        if self._warm is None:
            self._warm = threading.Thread(target=self._prepare_newest, daemon=True)
            self._warm.start()

    def _prepare_newest(self) -> None:
        try:
            found = self._listed(RequestContext(), "")
            opened = [self._opened.get(run) for run in sorted(found)[:_WARM_RUNS]]
            if opened:
                max(opened, key=lambda run: run.reader.manifest.created).projections.inputs()
        except Exception as error:
            _LOGGER.debug("CNN Vis: nothing prepared: %s", error)

    def _app(self, name: str) -> _WsgiApp:
        by_method = {"GET": routes.GET.get(name), "POST": routes.POST.get(name)}
        methods = {method: route for method, route in by_method.items() if route is not None}

        @Request.application
        def app(request: Request) -> Response:
            try:
                route = methods.get(request.method)
                if route is None:
                    what = f"this address does not take {request.method}"
                    raise RequestError(405, what, f"use {' or '.join(methods)}")
                return _respond(request, route(self._runs_of(request), self._params(request, name)))
            except RequestError as error:
                return _error(request, error)
            except StoreError as error:
                return _error(request, RequestError(404, str(error), _LOST_HINT))
            except Exception as error:
                _LOGGER.exception("CNN Vis: %s failed", name)
                what = f"{name} failed: {type(error).__name__}: {error}"
                hint = "the log of the tensorboard command has more"
                return _error(request, RequestError(500, what, hint))

        return app

    def _params(self, request: Request, name: str) -> Params:
        if request.method == "GET":
            return Params(request.args)
        self._guard.check(request)
        return Params.of_body(_body(request, routes.MOST_BODY_BYTES.get(name, _MOST_BODY_BYTES)))

    def _runs_of(self, request: Request) -> Runs:
        """The runs of the request's experiment."""
        environ = request.environ
        context = plugin_util.context(environ)
        experiment = plugin_util.experiment_id(environ)

        return Runs(lambda: self._listed(context, experiment), self._opened, self._jobs)

    def _listed(self, context: RequestContext, experiment: str) -> list[str]:
        """The runs of an experiment that hold our manifest."""
        found = self._provider.list_tensors(
            context, experiment_id=experiment, plugin_name=schema.PLUGIN_NAME
        )
        return [run for run, tags in found.items() if schema.MANIFEST_TAG in tags]


def settings_of(flags: object) -> Settings:
    """What the flags let the worker do."""
    modules = (getattr(flags, "cnnvis_import", "") or "").split(",")
    return Settings(
        tuple(name.strip() for name in modules if name.strip()),
        bool(getattr(flags, "cnnvis_unsafe_models", False)),
        getattr(flags, "cnnvis_gpu_memory_mb", None),
        getattr(flags, "cnnvis_device", None) or "auto",
    )


class OriginGuard:
    """Lets only our own page ask for what computes: TensorBoard itself checks no origin.

    A host name that nobody gave this machine is refused too, for another site's page could have
    its own name point here.
    """

    def __init__(self, trusted: Iterable[str], hosts: Iterable[str]) -> None:
        self._trusted = {origin.strip().rstrip("/") for origin in trusted if origin.strip()}
        own = {"localhost", socket.gethostname().lower(), socket.getfqdn().lower()}
        self._hosts = own | {host.lower() for host in hosts if host}

    def check(self, request: Request) -> None:
        """Raises RequestError 403 for a request that did not come from our page."""
        origin = request.headers.get("Origin", "")
        if request.headers.get("X-CNNVis") != "1":
            raise RequestError(403, "the header X-CNNVis is missing", "ask from the CNN Vis tab")
        if origin.rstrip("/") in self._trusted:
            return
        parts = _parts(origin)
        same = bool(parts.netloc) and parts.netloc.lower() == request.host.lower()
        if not same or not self._own(parts.hostname or ""):
            raise RequestError(
                403,
                f"requests from {origin or 'an unknown origin'} are refused",
                f"start tensorboard with --cnnvis_trusted_origins={origin or 'https://HOST'}",
            )

    def _own(self, host: str) -> bool:
        return host in self._hosts or _is_address(host)


class _Directories:
    """Run name -> directory, for --logdir and --logdir_spec."""

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._logdir = context.logdir or ""
        spec = getattr(context.flags, "logdir_spec", "") or ""
        pairs = (part.partition(":") for part in spec.split(",") if ":" in part)
        self._named = {name.strip(): path.strip() for name, _, path in pairs}

    def of(self, run: str) -> Path | None:
        """The directory of a run that TensorBoard lists; None where it is not on this machine."""
        first, _, rest = run.partition("/")
        if first in self._named:
            return Path(self._named[first]).expanduser() / rest
        if not self._logdir or "://" in self._logdir:
            return None
        return Path(self._logdir).expanduser() / run


def _parts(origin: str) -> SplitResult:
    """Of an address; none of one that is malformed."""
    try:
        return urlsplit(origin)
    except ValueError:
        return urlsplit("")


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return True
    return False


def _body(request: Request, most: int) -> bytes:
    """What was posted. Raises RequestError for more than `most` bytes, whatever length is told."""
    request.max_content_length = most + 1  # where no length is told, werkzeug stops there
    try:
        body: bytes | None = request.get_data()
    except ClientDisconnected as error:
        raise RequestError(400, "the request ended early", "send it again") from error
    except RequestEntityTooLarge:
        body = None
    if body is None or len(body) > most:
        raise RequestError(400, "the request is too large", f"send at most {most // 10**6} MB")
    return body


def _respond(request: Request, answer: Answer, status: int = 200) -> Response:
    response: Response = http_util.Respond(
        request,
        answer.body,
        answer.content_type,
        code=status,
        expires=_FIXED_SECONDS if answer.fixed else 0,
    )
    return response


def _error(request: Request, error: RequestError) -> Response:
    told: dict[str, object] = {"error": error.what, "hint": error.hint}
    if error.position is not None:
        told["position"] = error.position
    if error.retry_after is not None:
        told["retry_after"] = error.retry_after
    return _respond(request, json_answer(told), error.status)


def _static_app(name: str) -> _WsgiApp:
    @Request.application
    def app(request: Request) -> Response:
        path = _STATIC / name
        if not path.is_file():
            return _error(request, RequestError(404, f"{name} is not built", "run make bundle"))
        return _respond(request, Answer(path.read_bytes(), _STATIC_TYPES[name]))

    return app
