"""Hooks as an operator has them: the sample server of research/, ffmpeg and curl let in and refused, signatures, https
with a bad certificate, an SRS configuration unchanged, and a hook server that hangs beside a stream that runs."""

import http.server
import json
import os
import socket
import ssl
import sys
import threading
import time

from support.flv import FlvPlayer
from support.ports import free_ports
from support.processes import Failure, Skip, need, wait_until
from support.server import ROOT, listening

SAMPLE = ROOT / "research" / "hook-server" / "hook_server.py"
EVENTS = ("on_connect", "on_close", "on_publish", "on_unpublish", "on_play", "on_stop")
SECONDS = 120


def hooks(url, more="", events=EVENTS):
    return "min_latency on; http_hooks { enabled on; " + more + "".join(f"{event} {url}; " for event in events) + "}"


def calls(process, action=None):
    found = [json.loads(line) for line in process.text().splitlines() if line.startswith("{")]
    return [call for call in found if action in (None, call["action"])]


def sample(test, name, port, secret=""):
    process = test.start(name, [sys.executable, SAMPLE, "--port", port, "--secret", secret])
    wait_until(f"{name} listens on {port}", lambda: listening(port))
    return process


def push_refused(test, server, stream, why):
    process = test.push(test.source(), server.rtmp(f"live/{stream}"))
    if process.wait(30) == 0:
        raise Failure(f"{why}: the push was let in\n{process.tail()}")


def status(server, path):
    with socket.create_connection(("127.0.0.1", server.ports["http"]), 5) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return client.recv(64).split(b" ")[1].decode()


class Yes(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"0")

    def log_message(self, *_):
        pass


def secure_server(test):
    """https with a certificate that nobody vouches for; its port."""
    test.run("openssl", ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                         "-keyout", test.folder / "hook.key", "-out", test.folder / "hook.crt"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(test.folder / "hook.crt", test.folder / "hook.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Yes)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def let_in_and_refused(test):
    (port,) = free_ports(1)
    hook = sample(test, "hook", port, secret="s3cret")
    server = test.server(vhost=hooks(f"http://127.0.0.1:{port}/hook", "secret s3cret; "))
    pushed = test.push(test.source(), server.rtmp("live/cam?key=abc"), loop=True)
    server.wait_live()
    test.run("curl", ["curl", "-sS", "-m", "2", "-o", os.devnull, server.http()], status=28)  # until its limit
    for name in ("on_connect", "on_publish", "on_play", "on_stop"):
        wait_until(name, lambda: calls(hook, name))
    (publish,) = calls(hook, "on_publish")
    wanted = dict(vhost="__defaultVhost__", app="live", stream="cam", param="?key=abc", stream_url="/live/cam", ip="127.0.0.1")
    if {key: publish.get(key) for key in wanted} != wanted or len(publish["client_id"]) != 8:
        raise Failure(f"on_publish says {publish}")
    clients = {client["id"]: client for client in server.clients()}
    if publish["client_id"] not in clients:
        raise Failure(f"client_id {publish['client_id']} is none of the API: {list(clients)}")
    push_refused(test, server, "forbidden", "a no")
    if status(server, "/live/forbidden.flv") != "403":
        raise Failure("an HTTP-FLV player that was refused got no 403")
    pushed.end()
    wait_until("on_unpublish and on_close", lambda: calls(hook, "on_unpublish") and len(calls(hook, "on_close")) >= 2)
    order = [call["action"] for call in calls(hook) if call["client_id"] == publish["client_id"]]
    if order != ["on_connect", "on_publish", "on_unpublish", "on_close"]:
        raise Failure(f"the publisher's calls came as {order}")

    server.write_config(vhost=hooks(f"http://127.0.0.1:{port}/hook", "secret wrong; "))
    server.process.signal(1)
    time.sleep(0.5)
    push_refused(test, server, "cam", "a wrong signature")
    secure = secure_server(test)
    for more, good in (("tls_verify on; ", False), ("", True), (f"tls_verify on; ca_file {test.folder}/hook.crt; ", True)):
        server.write_config(vhost=hooks(f"https://127.0.0.1:{secure}/", more, events=("on_publish",)))
        server.process.signal(1)
        time.sleep(0.5)
        if not good:
            push_refused(test, server, "cam", "a certificate that nobody vouches for")
            continue
        pushed = test.push(test.source(), server.rtmp(), loop=True)
        server.wait_live()
        pushed.end()
        server.wait_idle()
    server.stop()


def hang_beside_a_stream(test):
    """A hook server that takes connections and says nothing: who runs loses no frame, who comes waits for the limit."""
    (port,) = free_ports(1)
    hook = sample(test, "hook-that-hangs", port)
    server = test.make_server(vhost=hooks(f"http://127.0.0.1:{port}/", "timeout 3; queue 5; ") )
    server.config = test.folder / "hang.conf"
    server.write_config()
    server.start()
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    players = [FlvPlayer(server.ports["http"]) for _ in range(20)]
    for player in players:
        player.wait_tags(20)
    hook.signal(19)  # SIGSTOP: the kernel still takes connections for it
    late = [test.push(test.source(), server.rtmp(f"live/late{i}")) for i in range(4)]
    for player in players[10:]:
        player.leave()
    gaps = []
    for player in players[:10]:
        before = player.count
        began = time.monotonic()
        player.wait_tags(before + 100)
        gaps.append(time.monotonic() - began)
    for push in late:
        if push.wait(30) == 0:
            raise Failure("let in by a hook server that says nothing")
    hook.signal(18)
    server.alive()
    dead = [player for player in players[:10] if player.error or player.clean]
    if dead:
        raise Failure(f"{len(dead)} players were dropped while the hook server hung")
    test.note(f"100 tags came to ten players while the hook server hung, the slowest after {max(gaps):.1f} s")
    server.stop()


def srs_configuration(test):
    if listening(8085):
        raise Skip("port 8085 is taken")
    hook = sample(test, "hook-8085", 8085)
    (port,) = free_ports(1)
    env = dict(os.environ, SRS_LISTEN=str(port), SRS_PID=str(test.folder / "srs.pid"))
    weir = test.start("srs-conf", [test.program, "-c", ROOT / "tests/data/conf/http.hooks.callback.conf"], env=env, cwd=ROOT)
    wait_until("weir listens", lambda: listening(port))
    test.push(test.source(), f"rtmp://127.0.0.1:{port}/live/cam").expect(0, 30)
    wait_until("both URLs of each event", lambda: len(calls(hook, "on_close")) >= 2 and len(calls(hook, "on_unpublish")) == 2)
    counts = {name: len(calls(hook, name)) for name in ("on_connect", "on_publish", "on_unpublish")}
    if set(counts.values()) != {2}:
        raise Failure(f"an SRS configuration with two URLs for each event: {counts}")
    weir.signal(15)
    weir.expect(0, 30)


def run(test):
    need("ffmpeg", "curl", "openssl")
    let_in_and_refused(test)
    hang_beside_a_stream(test)
    srs_configuration(test)
    test.note("let in, refused, signed, told in order; bad certificate; an SRS configuration unchanged")
