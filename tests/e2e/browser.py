"""The CNN Vis tab in a real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Frame, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# With these the whole page is composed by an emulated GPU, as WebGL without one needs it.
EMULATED_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]

_LINK_MS = 600  # three times what store/link.ts waits

# Counts the pixels of a canvas that differ from its top left one.
_INKED = """canvas => {
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext('2d');
    context.drawImage(canvas, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
    return pixels.filter(pixel => pixel !== pixels[0]).length;
}"""
# Resolves with the milliseconds since the frame was opened once every plot has inked pixels.
_FIRST_POINTS = f"""wanted => new Promise(resolve => {{
    const inked = {_INKED};
    const look = () => {{
        const plots = [...document.querySelectorAll('canvas[data-renderer]')];
        if (plots.length && plots.every(plot => plot.width > 1 && inked(plot) >= wanted)) {{
            resolve(performance.now());
        }} else setTimeout(look, 20);
    }};
    look();
}})"""

# Notes when a frame with points was handed to the screen; for `init`. Reading pixels back, as
# above, takes longer than drawing them.
STOPWATCH = """
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
    put.call(this, image, ...rest);
    if (window.firstPoints || !this.canvas.dataset.renderer) return;
    const pixels = new Uint32Array(image.data.buffer);
    let count = 0;
    for (const pixel of pixels) count += pixel !== pixels[0];
    if (count < 2000) return;
    window.firstPoints = -1;
    requestAnimationFrame(() => setTimeout(() => { window.firstPoints = performance.now(); }));
};
"""


@dataclass
class Tab:
    """The open tab: TensorBoard's page, our frame in it, and what went wrong."""

    page: Page
    frame: Frame
    complaints: list[str] = field(default_factory=list)

    def shot(self, path: str) -> None:
        self.page.screenshot(path=path)

    def reload(self) -> None:
        """As by F5, once the link tells what is shown: it is written a moment after a change."""
        self.page.wait_for_timeout(_LINK_MS)
        self.page.reload()
        self.frame = _our_frame(self.page)


def executable() -> str:
    """Chromium's path. Raises RuntimeError with what to install."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    raise RuntimeError("Chromium is needed for the tests in a browser: apt-get install chromium")


@contextmanager
def chromium(*, gl: bool = True) -> Iterator[Browser]:
    """A browser with an emulated GPU, or as it starts by itself on a machine that has none."""
    flags = FLAGS + (EMULATED_GL if gl else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def tab_in(
    browser: Browser,
    url: str,
    *,
    size: tuple[int, int] = (1440, 900),
    theme: str = "light",
    init: str = "",
    **state: str,
) -> Iterator[Tab]:
    """Opens the tab with a deep link made of `state`; `init` runs before any script."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: _hear(complaints, message.type, message.text))
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    page.on("response", lambda answer: _judge(complaints, answer.status, answer.url))
    page.on("requestfailed", lambda request: _failed(complaints, request))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', event =>"
        " console.error('CSP violation: ' + event.violatedDirective + ' ' + event.blockedURI));"
        f"localStorage.setItem('_tb_global_settings', '{{\"theme\":\"{theme}\"}}');{init}"
    )
    link = "".join(f"&p.cnnvis.{key}={quote(value, safe='')}" for key, value in state.items())
    try:
        page.goto(f"{url}#cnnvis{link}")
        yield Tab(page, _our_frame(page), complaints)
    finally:
        context.close()


@contextmanager
def open_tab(url: str, **state: str) -> Iterator[Tab]:
    """The tab in a browser of its own."""
    with chromium() as browser, tab_in(browser, url, **state) as tab:
        yield tab


def wait_for_points(tab: Tab, wanted: int = 200) -> float:
    """Seconds from the opening of our frame to `wanted` inked pixels on every plot."""
    tab.frame.wait_for_selector("canvas[data-renderer]", timeout=60_000)
    milliseconds: Any = tab.frame.evaluate(_FIRST_POINTS, wanted)
    return float(milliseconds) / 1000


def seconds_to_points(browser: Browser, url: str) -> float:
    """Seconds from opening our tab, in a TensorBoard that has loaded, to its first points."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(STOPWATCH)
    try:
        page.goto(f"{url}#timeseries", wait_until="networkidle")
        page.wait_for_timeout(2000)  # TensorBoard still probes for WebGL here
        opened: Any = page.evaluate(
            "() => { location.hash = '#cnnvis&p.cnnvis.view=samples';"
            " return performance.timeOrigin + performance.now(); }"
        )
        frame = _our_frame(page, "html")
        frame.wait_for_function("() => window.firstPoints > 0", timeout=60_000)
        seen: Any = frame.evaluate("performance.timeOrigin + window.firstPoints")
        return (float(seen) - float(opened)) / 1000
    finally:
        context.close()


def _our_frame(page: Page, holding: str = ".app") -> Frame:
    handle = page.wait_for_selector("iframe", state="attached", timeout=60_000)
    frame = handle.content_frame() if handle else None
    if frame is None:
        raise RuntimeError("TensorBoard shows no frame of ours")
    frame.wait_for_selector(holding, timeout=60_000)
    return frame


def settle(tab: Tab) -> None:
    """Waits until no plot has changed for half a second: the points have glided to their places."""
    still, before = 0, ""
    while still < 3:
        now = tab.frame.locator("canvas[data-renderer]").evaluate_all(
            "plots => plots.map(plot => plot.toDataURL()).join()"
        )
        still = still + 1 if now == before else 0
        before = now
        tab.page.wait_for_timeout(200)


def inked(tab: Tab, plot: int = 0) -> int:
    """Pixels of a plot that are not ground."""
    canvas = tab.frame.locator("canvas[data-renderer]").nth(plot)
    count: Any = canvas.evaluate(_INKED)
    return int(count)


def _hear(complaints: list[str], kind: str, text: str) -> None:
    if kind == "error" and "Failed to load resource" not in text:  # told with its address below
        complaints.append(text)


def _judge(complaints: list[str], status: int, url: str) -> None:
    # TensorBoard forgets its prefix before its font; 503 says that a slow column is on its way
    if status >= 400 and status != 503 and "/font-roboto/" not in url:
        complaints.append(f"{status}: {url}")


def _failed(complaints: list[str], request: Any) -> None:
    """A request that we took back ourselves is none."""
    if "ERR_ABORTED" not in (request.failure or ""):
        complaints.append(f"request failed: {request.url} {request.failure}")
