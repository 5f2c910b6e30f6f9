"""FLV: a film to send, sources that send it by HTTP and fall silent when they are told, and a player that looks at each picture."""

import http.server
import socket
import struct
import subprocess
import threading
import time


def make(path, seconds=8, kbps=None):
    """640x360 at 25 pictures a second, a key frame each second; `kbps` in all, as evenly as x264 can."""
    rate = []
    if kbps:
        video = kbps - 64
        rate = ["-b:v", f"{video}k", "-minrate", f"{video}k", "-maxrate", f"{video}k", "-bufsize", f"{video // 2}k", "-x264-params", "nal-hrd=cbr"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25", "-f", "lavfi", "-i", "sine", "-t", str(seconds), "-c:v", "libx264",
                    "-g", "25", "-bf", "0", "-pix_fmt", "yuv420p", *rate, "-c:a", "aac", "-b:a", "64k", path], check=True)
    return path


def tags_of(data):
    """[(type, time, body)] of an FLV file."""
    at, tags = 13, []
    while at + 11 <= len(data):
        kind, size, low, high = data[at], int.from_bytes(data[at + 1:at + 4], "big"), data[at + 4:at + 7], data[at + 7]
        tags.append((kind, high << 24 | int.from_bytes(low, "big"), data[at + 11:at + 11 + size]))
        at += 11 + size + 4
    return tags


def tag(kind, at, body):
    head = bytes([kind]) + len(body).to_bytes(3, "big") + (at & 0xffffff).to_bytes(3, "big") + bytes([at >> 24 & 255]) + b"\0\0\0"
    return head + body + struct.pack(">I", 11 + len(body))


def is_header(kind, body):
    return kind == 18 or (kind == 9 and body[1] == 0) or (kind == 8 and body[1] == 0)


class Source:
    """Sends the film over and over to whoever asks, from its beginning, while it is not `silent`."""

    def __init__(self, tags):
        self.silent = threading.Event()
        headers = [entry for entry in tags if is_header(entry[0], entry[2])]
        frames = [entry for entry in tags if not is_header(entry[0], entry[2])]
        length = frames[-1][1] + 40
        silent = self.silent

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                try:
                    self.wfile.write(b"FLV\x01\x05\0\0\0\x09\0\0\0\0" + b"".join(tag(kind, 0, body) for kind, _, body in headers))
                    begun, round_ = time.monotonic(), 0
                    while True:
                        for kind, at, body in frames:
                            due = begun + (round_ * length + at) / 1000 - time.monotonic()
                            if due > 0:
                                time.sleep(due)
                            if silent.is_set():
                                while silent.is_set():
                                    time.sleep(0.01)
                                return
                            self.wfile.write(tag(kind, round_ * length + at, body))
                        round_ += 1
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()


class Player:
    """Reads HTTP-FLV; gives each picture with when it came, and counts times of any track that do not grow."""

    def __init__(self, port, path):
        self.begun = time.monotonic()
        self.backward = 0
        self.last = {}
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.settimeout(30)
        self.socket.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        self.file = self.socket.makefile("rb")
        while self.file.readline() not in (b"\r\n", b""):
            pass
        self.file.read(13)

    def picture(self):
        """(time stamp in ms, when it came)"""
        while True:
            head = self.file.read(11)
            if len(head) < 11:
                raise SystemExit("the stream ended")
            body = self.file.read(int.from_bytes(head[1:4], "big"))
            self.file.read(4)
            if head[0] not in (8, 9) or is_header(head[0], body):
                continue
            at = head[7] << 24 | int.from_bytes(head[4:7], "big")
            self.backward += at <= self.last.get(head[0], -1)
            self.last[head[0]] = at
            if head[0] == 9:
                return at, time.monotonic()

    def close(self):
        self.file.close()
        self.socket.close()
