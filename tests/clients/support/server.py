"""The server under test: weir on free ports of the loopback with a configuration of its own."""

import base64
import json
import os
import pathlib
import signal
import socket
import time
import urllib.error
import urllib.request

from .ports import free_ports
from .processes import Failure, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]

CONFIG = """\
listen {rtmp_listen};
daemon off;
srs_log_tank console;
srs_log_level_v2 {level};
pid {folder}/weir.pid;
max_connections {max_connections};
workers {workers};
{top}
http_server {{
    enabled on;
    listen {http};
    dir {dir};
    {http_server}
}}
http_api {{
    enabled on;
    listen {api};
    {http_api}
}}
vhost __defaultVhost__ {{
    http_remux {{
        enabled on;
        mount [vhost]/[app]/[stream].flv;
    }}
    {vhost}
}}
"""


def listening(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), 0.5).close()
        return True
    except OSError:
        return False


class Server:
    """Weir. Options: workers, max_connections, level, top, vhost, http_server, http_api (lines of configuration), dir, rtmp_listen."""

    kind = "weir"

    def __init__(self, program, processes, **options):
        self.processes, self.program = processes, program
        self.folder = pathlib.Path(processes.folder)
        self.ports = dict(zip(("rtmp", "http", "api"), free_ports(3)))
        self.options = dict(workers=2, max_connections=2000, level="info", top="", vhost="", http_server="", http_api="", dir=ROOT / "research/players",
                            folder=self.folder, rtmp_listen=self.ports["rtmp"], http=self.ports["http"],
                            api=self.ports["api"])
        self.options.update(options)
        self.config = self.folder / "weir.conf"
        self.credentials = ""  # "user:password", if the API asks for them
        self.write_config()
        self.process = None

    def write_config(self, **options):
        self.options.update(options)
        self.config.write_text(CONFIG.format(**self.options))

    def start(self, seconds=10):
        # What a sanitizer or an assertion says ends the process with a status that stop() does not expect.
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:exitcode=66", UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1",
                   TSAN_OPTIONS="exitcode=66")
        self.process = self.processes.start("weir", [self.program, "-c", self.config], env=env, cwd=ROOT)
        for name, port in self.ports.items():
            wait_until(f"weir listens for {name} on {port}", lambda: self._up(port), seconds)
        return self

    def _up(self, port):
        if not self.process.running():
            raise Failure(f"weir ended with {self.process.popen.returncode} at its start\n{self.process.tail(30)}")
        return listening(port)

    def stop(self, seconds=10):
        """SIGTERM; it must end with 0."""
        began = time.monotonic()
        self.process.signal(signal.SIGTERM)
        self.process.expect(0, seconds)
        return time.monotonic() - began

    def alive(self):
        if not self.process.running():
            raise Failure(f"weir ended with {self.process.popen.returncode}\n{self.process.tail(40)}")

    def check_log(self):
        text = self.process.text()
        for bad in ("Sanitizer", "runtime error:", "Assertion", "terminate called"):
            if bad in text:
                raise Failure(f"weir's log has '{bad}'\n{self.process.tail(60)}")

    def rtmp(self, stream="live/cam", host="127.0.0.1", port="rtmp", scheme="rtmp"):
        return f"{scheme}://{host}:{self.ports[port]}/{stream}"

    def http(self, path="live/cam.flv", host="127.0.0.1", port="http", scheme="http"):
        return f"{scheme}://{host}:{self.ports[port]}/{path}"

    def api(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['api']}{path}", method=method)
        if self.credentials:
            request.add_header("Authorization", "Basic " + base64.b64encode(self.credentials.encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        except (OSError, ValueError, urllib.error.URLError) as error:
            raise Failure(f"{method} {path}: {error}") from None

    def streams(self):
        return {entry["url"]: entry for entry in self.api("/api/v1/streams/?count=100")["streams"]}

    def clients(self):
        return self.api("/api/v1/clients/?count=1000")["clients"]

    def wait_live(self, url="/live/cam", seconds=10):
        def live():
            self.alive()
            entry = self.streams().get(url)
            return entry if entry and entry["publish"]["active"] else None

        return wait_until(f"{url} is live", live, seconds)

    def wait_idle(self, url="/live/cam", seconds=10):
        wait_until(f"{url} is not live any more", lambda: not self.streams().get(url, {}).get("publish", {}).get("active"), seconds)
