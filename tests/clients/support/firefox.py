"""Firefox, headless, with a page that does its work by itself and tells what came of it by POST to this process."""

import http.server
import json
import pathlib
import queue
import shutil
import socket
import threading

from .processes import Failure, Skip

PREFERENCES = {
    "media.navigator.streams.fake": True, "media.navigator.permission.disabled": True, "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False, "media.autoplay.default": 0, "media.autoplay.blocking_policy": 0,
    "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False, "media.gmp-manager.updateEnabled": False, "browser.aboutwelcome.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False, "network.captive-portal-service.enabled": False,
}


def able():
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if not program:
        raise Skip("firefox-esr is not installed")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
        except OSError:
            raise Skip("Firefox gathers no candidates without a default route, and there is none here") from None
    return program


class Told:
    """The answers of one page: with Told(html) as told: ... told.next(seconds)."""

    def __init__(self, html):
        self.answers = queue.Queue()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == "/" else 404)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(html.encode() if self.path == "/" else b"")

            def do_POST(self):
                outer.answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()

    def next(self, seconds, browser):
        try:
            return self.answers.get(timeout=seconds)
        except queue.Empty:
            raise Failure(f"Firefox told nothing within {seconds} s\n{browser.tail(30)}") from None


def start(test, program, url):
    profile = pathlib.Path(test.folder) / "firefox"
    profile.mkdir(exist_ok=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines) + "\n")
    home = pathlib.Path(test.folder) / "home"
    home.mkdir(exist_ok=True)
    return test.start("firefox", ["env", f"HOME={home}", "MOZ_DISABLE_CONTENT_SANDBOX=1", program, "--headless", "--no-remote", "--profile",
                                  profile, url])
