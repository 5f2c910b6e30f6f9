"""push by HTTP-FLV: a stream is sent on by POST, and ffmpeg, which listens for it, gets every packet of it; a server that refuses is told by its status."""

import http.server
import threading

from support import media
from support.processes import Failure, need, wait_until
from support.server import free_ports


class Refusing(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_):
        pass


def run(test):
    need("ffmpeg")
    port, = free_ports(1)
    refusing = http.server.HTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=refusing.serve_forever, daemon=True).start()
    out = test.folder / "out.flv"
    sink = test.start("sink", ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "flv", "-listen", "1", "-i", f"http://127.0.0.1:{port}/live/cam.flv", "-c", "copy", "-f", "flv", out])
    server = test.server(vhost=f"push live/cam {{ url http://127.0.0.1:{port}/[app]/[stream].flv; }} push live/cam {{ url http://127.0.0.1:{refusing.server_port}/x.flv; }}\n"
                         "publish { grace 0; }")
    source = test.source()
    push = test.push(source, server.rtmp())
    server.wait_live()

    def refused():
        return any("HTTP status 403" in row["error"] for row in server.api("/api/v1/forwards/")["forwards"])
    wait_until("the other target has refused it", refused, 20)
    push.expect(0, 40)
    sink.expect(0, 20)
    wanted, got = media.packets_of_file(test.processes, source), media.packets_of_file(test.processes, out)
    media.same_packets(wanted, got, "ffmpeg that listened")
    if not got:
        raise Failure("nothing came")
    test.note(f"{len(got)} packets of {len(wanted)} by HTTP-FLV")
    refusing.shutdown()
