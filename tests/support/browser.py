"""Headless Chromium, spoken to in its DevTools protocol over a pair of pipes: no driver and no port."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

from .commands import PATIENCE_S

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)


class Browser:
    """One page. complaints: what its console, its scripts and its security policy said; requests: what it fetched."""

    def __init__(self, profile):
        inbox, self._send = os.pipe()
        self._receive, outbox = os.pipe()
        # The protocol is on descriptors 3 and 4 of the browser; of our four, outbox is never 3.
        wrapper = f'exec "$@" 3<&{inbox} 4>&{outbox}'
        command = ["bash", "-c", wrapper, "bash", CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, pass_fds=(inbox, outbox), **quiet)
        os.close(inbox)
        os.close(outbox)
        self._buffer, self._number, self._session, self._events = b"", 0, None, []
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(info["targetId"] for info in targets if info["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        self._process.terminate()
        self._process.wait(timeout=PATIENCE_S)
        os.close(self._send)
        os.close(self._receive)

    def call(self, method, **parameters):
        """One command; its result. What the browser reports in the meantime is kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _next(self):
        end = time.monotonic() + PATIENCE_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._receive], [], [], max(0, end - time.monotonic()))
            chunk = os.read(self._receive, 1 << 16) if ready else b""
            assert chunk, "the browser is silent or gone"
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def open(self, url):
        """Load a page, scripts run to their end."""
        self._events.clear()
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._events.append(self._next())
        self.settle()

    def settle(self):
        """Let the page draw two frames."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")

    def run(self, script):
        """The value of an expression in the page; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    @property
    def complaints(self):
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [event for event in self._events if event.get("method") in kinds]

    @property
    def requests(self):
        """Addresses asked for, the page's own among them."""
        sent = [event["params"] for event in self._events if event.get("method") == "Network.requestWillBeSent"]
        return [parameters["request"]["url"] for parameters in sent]

    def screen(self, width, height, *, dark=False, phone=False):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, path, *, whole=False):
        """Write a PNG of the window, or of the whole page."""
        path.write_bytes(self.picture(whole=whole))

    def picture(self, *, whole=False):
        """A PNG of the window, or of the whole page."""
        self.settle()
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"])

    def pdf(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"]))


def luminance(colour):
    """Relative luminance of `rgb(r, g, b)`."""
    parts = [int(part) / 255 for part in colour[4:-1].split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Of two luminances, as WCAG defines it: from 1 to 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
