"""heartbeat: reports with SRS's fields, over HTTP and IPv6; a server that refuses, hangs and is not there stops nothing and is
told of once; a reload moves and ends it; none is sent while the server drains."""

import contextlib
import http.server
import json
import signal
import socket
import threading
import time

from support.processes import Failure, wait_until


class Listener(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


def listen():
    reports = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"]))
            reports.append((self.path, self.headers["Content-Type"], json.loads(text)))
            if "hang" in self.path:
                time.sleep(5)
            self.send_response(500 if "refuse" in self.path else 200)
            self.send_header("Content-Length", "1000000" if "long" in self.path else "0")
            self.end_headers()
            if "long" in self.path:
                with contextlib.suppress(OSError):  # weir does not read all of it
                    self.wfile.write(b"x" * 1000000)

        def log_message(self, *_):
            pass

    server = Listener(("::1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, reports


def run(test):
    listener, reports = listen()
    at = f"http://[::1]:{listener.server_address[1]}"

    def settings(url, on="on"):
        return (f"grace_start_wait 10; grace_final_wait 10; heartbeat {{ enabled {on}; interval 1; url {url}; device_id box-7; "
                "device_ip 192.0.2.7; summaries on; ports on; }")

    server = test.server(top=settings(f"{at}/api/v1/servers?token=a"))
    wait_until("two reports came", lambda: len(reports) >= 2)
    path, kind, report = reports[0]
    versions = server.api("/api/v1/versions")
    wanted = {"device_id": "box-7", "ip": "192.0.2.7", "server": versions["server"], "service": versions["service"],
              "pid": versions["pid"], "rtmp": [str(server.ports["rtmp"])], "http": [str(server.ports["http"])],
              "api": [str(server.ports["api"])]}
    got = {key: value for key, value in report.items() if key != "summaries"}
    if got != wanted or path != "/api/v1/servers?token=a" or kind != "application/json":
        raise Failure(f"the report is {path} {kind} {got}, not {wanted}")
    figures = server.api("/api/v1/summaries")["data"]
    for part in ("self", "system"):
        if list(report["summaries"]["data"][part]) != list(figures[part]):
            raise Failure(f"summaries.data.{part} of the report is not that of the API")

    push = test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    for url, line in ((f"{at}/refuse", "answered with status 500"), (f"{at}/long", "larger"), (f"{at}/hang", "took longer"),
                      (f"http://127.0.0.1:{closed.getsockname()[1]}/", "refused")):
        server.write_config(top=settings(url))
        server.process.signal(signal.SIGHUP)
        told = f"heartbeat to {url} fails"
        wait_until(f"a line tells that {url} fails", lambda: told in server.process.text())
        if line not in [text for text in server.process.text().splitlines() if told in text][0]:
            raise Failure(f"the line of {url} does not say '{line}'\n{server.process.tail(3)}")
        server.write_config(top=settings(f"{at}/good"))
        server.process.signal(signal.SIGHUP)
        wait_until("it succeeds again", lambda: server.process.text().splitlines()[-1].find("succeeds again") >= 0
                   or "succeeds again" in server.process.text().split(told)[1])
        if server.process.text().count(told) != 1:
            raise Failure(f"{url} was told of {server.process.text().count(told)} times")
    if not push.running():
        raise Failure("the publisher was lost")

    server.process.signal(signal.SIGQUIT)
    wait_until("it drains", lambda: "graceful quit" in server.process.text())
    time.sleep(1.2)
    count = len(reports)
    time.sleep(1.2)
    if len(reports) > count:
        raise Failure("reports went on while the server drained")
    push.end()
    server.process.expect(0, 30)
    test.note(f"{count} reports; four kinds of failure, each told of once")
