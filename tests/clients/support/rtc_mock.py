"""A server of WebRTC that is a page of the same Chromium: what the pages of research/players meet when the other side behaves in
every way that a real one can not be made to. It serves the pages, answers /rtc/v1/ as it is told, and leads all else to weir."""

import http.server
import json
import pathlib
import queue
import threading

PAGES = pathlib.Path(__file__).resolve().parents[3] / "research/players"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

# Flags of Chromium for it. Those of fake devices let pages see the loopback's address, too: else a machine that has no default
# route has none for WebRTC.
FLAGS = ["--allow-loopback-in-peer-connection", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

# Answers each offer by the browser's test picture and tone, or takes what is sent; it never sees more than descriptions.
FAR_SIDE = """<!doctype html><title>far</title><script>
const peers = [];
const media = navigator.mediaDevices.getUserMedia({audio: true, video: {width: 320, height: 240, frameRate: 20}});
async function answer({sdp, plays}) {
  const pc = new RTCPeerConnection();
  peers.push(pc);
  await pc.setRemoteDescription({type: "offer", sdp});
  if (plays) for (const track of (await media).getTracks()) pc.addTrack(track, await media);
  await pc.setLocalDescription(await pc.createAnswer());
  while (pc.iceGatheringState !== "complete") await new Promise((done) => setTimeout(done, 20));
  return pc.localDescription.sdp;
}
window.received = async () => {
  const totals = {};
  for (const pc of peers) for (const one of (await pc.getStats()).values())
    if (one.type === "inbound-rtp") totals[one.kind] = (totals[one.kind] ?? 0) + (one.framesDecoded ?? one.packetsReceived);
  return JSON.stringify(totals);
};
window.hangUp = () => peers.splice(0).forEach((pc) => pc.close());
(async () => {
  for (;;) {
    const offer = await (await fetch("/far/offer")).json();
    if (offer) fetch("/far/answer", {method: "POST", body: await answer(offer)});
  }
})();
</script>"""


class RtcMock:
    """mode: "plays"; "deaf" (nobody listens at the addresses of the answer); (status, body), which refuses."""

    def __init__(self, weir_http, **endpoints):
        self.mode = "plays"
        self.endpoints = {"rtc": 8000, **endpoints}
        self.posts, self.deletes, self.live = [], [], set()
        self.offers, self.answers = queue.Queue(), queue.Queue()
        mock = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def send(self, status, body=b"", kind="text/plain", **headers):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                path = self.path.split("?")[0]
                file = PAGES / (path.lstrip("/") or "index.html")
                if path == "/endpoints.json":
                    self.send(200, json.dumps(mock.endpoints).encode(), "application/json")
                elif path == "/far.html":
                    self.send(200, FAR_SIDE.encode(), "text/html")
                elif path == "/far/offer":
                    try:
                        self.send(200, json.dumps(mock.offers.get(timeout=30)).encode(), "application/json")
                    except queue.Empty:
                        self.send(200, b"null", "application/json")
                elif file.is_file() and file.suffix in TYPES:
                    self.send(200, file.read_bytes(), TYPES[file.suffix])
                else:
                    self.send(307, Location=weir_http.rstrip("/") + self.path)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                if self.path == "/far/answer":
                    mock.answers.put(body)
                    return self.send(204)
                mock.posts.append((self.path, self.headers.get("Authorization")))
                if isinstance(mock.mode, tuple):
                    return self.send(mock.mode[0], mock.mode[1].encode())
                mock.offers.put({"sdp": body, "plays": "/whep/" in self.path})
                answer = mock.answers.get(timeout=30)
                if mock.mode == "deaf":
                    # 192.0.2.0/24 is nobody's (RFC 5737).
                    lines = [line for line in answer.split("\r\n") if not line.startswith("a=candidate:")]
                    lines.append("")
                    first = next(i for i, line in enumerate(lines) if line.startswith("a=ice-ufrag"))
                    lines.insert(first, "a=candidate:1 1 udp 2130706431 192.0.2.1 8000 typ host")
                    answer = "\r\n".join(line for line in lines if line) + "\r\n"
                session = f"/rtc/v1/session/{len(mock.posts)}"
                mock.live.add(session)
                self.send(201, answer.encode(), "application/sdp", Location=session)

            def do_DELETE(self):
                mock.deletes.append(self.path)
                mock.live.discard(self.path)
                self.send(200)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # pages leave while they wait
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
