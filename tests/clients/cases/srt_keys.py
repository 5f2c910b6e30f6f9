"""Passphrases of SRT streams that a hook says: ffmpeg is let in when it calls again, srt-live-transmit calls again by itself."""

import http.server
import json
import threading

from support import media
from support.ports import free_port
from support.processes import Failure, need, wait_until


SECONDS = 90
SECRETS = {"publish": "of-who-publishes", "play": "of-who-plays"}


class Hook(http.server.BaseHTTPRequestHandler):
    asked = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((body["stream"], body["mode"]))
        answer = {"code": 1} if body["stream"] == "nobody" else {"code": 0, "data": {"passphrase": SECRETS[body["mode"]], "pbkeylen": 32}}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def url(port, mode, stream, secret, more=""):
    return f"srt://127.0.0.1:{port}?streamid=#!::r=live/{stream},m={mode}&passphrase={secret}{more}"


def run(test):
    need("ffmpeg", "srt-live-transmit")
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    port = free_port()
    server = test.server(
        top=f"srt_server {{ enabled on; listen 127.0.0.1:{port}; }}",
        vhost=f"min_latency on; srt {{ enabled on; }} http_hooks {{ enabled on; on_srt_passphrase http://127.0.0.1:{hook.server_port}/; }}")
    source = test.source()
    to = url(port, "publish", "cam", SECRETS["publish"], "&pkt_size=1316")
    if test.push(source, to, form="mpegts").wait(20) == 0:
        raise Failure("the first caller was let in before anybody knew its passphrase")
    wait_until("the hook is asked", lambda: Hook.asked)
    publisher = test.push(source, to, loop=True, form="mpegts")
    server.wait_live()
    test.note("ffmpeg: turned away while the hook is asked, let in when it calls again")

    taken = test.folder / "taken.ts"
    player = test.start("transmit", ["sh", "-c", f"srt-live-transmit -q -t 8 '{url(port, 'request', 'cam', SECRETS['play'])}' file://con > {taken}"])
    player.wait(30)
    test.run("decode", media.decode_command(taken, test.folder / "taken.crc"))
    got = media.frames_of(test.folder / "taken.crc")[0]
    if len(got) < 30:
        raise Failure(f"srt-live-transmit brought {len(got)} pictures")
    test.note(f"srt-live-transmit called again by itself and took {len(got)} pictures, with the passphrase of those who play")

    if Hook.asked != [("cam", "publish"), ("cam", "play")]:
        raise Failure(f"the hook was asked {Hook.asked}")
    for attempt in range(2):
        if test.push(source, url(port, "publish", "nobody", SECRETS["publish"], "&pkt_size=1316"), form="mpegts").wait(20) == 0:
            raise Failure("a stream that the hook refuses was let in")
    wait_until("the refusal is logged", lambda: "turned away with 1403" in server.process.text())
    if not publisher.running():
        raise Failure("the publisher was disturbed")
    for secret in SECRETS.values():
        if secret in server.process.text():
            raise Failure("a passphrase is in the log")
    hook.shutdown()
