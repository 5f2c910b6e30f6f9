"""Chromium, headless, driven by the DevTools protocol over a pair of pipes."""

import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import time

from .processes import Failure, Skip

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--mute-audio",
    "--autoplay-policy=no-user-gesture-required", "--ignore-certificate-errors", "--remote-debugging-pipe",
    "--disable-features=Translate,OptimizationHints,MediaRouter", "--window-size=1280,900",
]
# For pages that play at once, each in a window of its own: those behind another one go on.
SIDE_BY_SIDE = ["--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
                "--disable-background-media-suspend"]


class Chromium:
    """with Chromium(processes) as browser: page = browser.open(url); page.value("document.title")"""

    def __init__(self, processes, flags=()):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if not program:
            raise Skip("chromium is not installed (scripts/setup --test)")
        for_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        profile = pathlib.Path(processes.folder) / f"chromium-{len(processes.all)}"
        # DevTools speaks on descriptors 3 and 4, which a shell puts in place from numbers out of the way.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in (for_browser, from_browser)]
        place = 'exec "$0" "$@" 3<&{0} 4>&{1} {0}<&- {1}>&-'.format(*ends)
        command = ["/bin/bash", "-c", place, program, *FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"]
        self.process = processes.start("chromium", command, pass_fds=ends)
        for end in (for_browser, from_browser, *ends):
            os.close(end)
        self._pending, self._number, self._events = b"", 0, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.end()
        os.close(self._in)
        os.close(self._out)

    def open(self, url, width=1280, height=900, mobile=False, dark=False, window=False):
        """`window`: one of its own, beside the others (SIDE_BY_SIDE)."""
        target = self.call("Target.createTarget", url="about:blank", newWindow=window)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        page.call("Page.enable")
        page.call("Runtime.enable")
        if window:
            page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        page.call("Page.navigate", url=url)
        page.wait(f"{url} is loaded", 'location.protocol !== "about:" && document.readyState === "complete"')
        return page

    def call(self, method, session=None, seconds=15, **parameters):
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while True:
            answer = self._receive(end, method)
            if answer.get("id") != number:
                self._keep(answer)
                continue
            if "error" in answer:
                raise Failure(f"chromium: {method}: {answer['error'].get('message')}")
            return answer["result"]

    def _keep(self, event):
        if event.get("method") in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
            self._events.append(event)
            del self._events[:-200]

    def _receive(self, end, method):
        while b"\0" not in self._pending:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise Failure(f"chromium does not answer {method}\n{self.process.tail()}")
            part = os.read(self._in, 1 << 20)
            if not part:
                raise Failure(f"chromium has gone\n{self.process.tail()}")
            self._pending += part
        line, self._pending = self._pending.split(b"\0", 1)
        return json.loads(line)

    def faults(self):
        """What pages threw or logged as errors."""
        texts = []
        for event in self._events:
            details = event["params"].get("exceptionDetails")
            if details:
                texts.append(details.get("exception", {}).get("description") or details["text"])
            elif event["params"].get("type") == "error":
                texts.append(" ".join(str(a.get("value", a.get("description"))) for a in event["params"]["args"]))
        return texts


class Page:
    def __init__(self, browser, session):
        self.browser, self.session = browser, session

    def call(self, method, **parameters):
        return self.browser.call(method, session=self.session, **parameters)

    def value(self, expression):
        """Of JavaScript, awaited if it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise Failure(f"in the page: {expression}: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    def wait(self, what, expression, seconds=30):
        end = time.monotonic() + seconds
        while True:
            value = self.value(expression)
            if value:
                return value
            if time.monotonic() > end:
                raise Failure(f"chromium: not within {seconds} s: {what}; faults: {self.browser.faults()[-3:]}")
            time.sleep(0.1)

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))
