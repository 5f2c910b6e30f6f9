"""As much RTMP and FLV as a load needs: to publish, to play, and to do what no client should."""

import socket
import struct
import threading
import time

VIDEO_HEADER = bytes.fromhex("170000000001" "42c01effe10019" "6742c01eda0280bfe5c0440000030004000003"
                             "00f03c58ba80" "01000468ce3c80")
AUDIO_HEADER = bytes.fromhex("af001210")
AUDIO, VIDEO, DATA, COMMAND = 8, 9, 18, 20


def frame(key, size, stamp=b""):
    """An AVC frame of one NAL unit of `size` bytes that carries `stamp`; a decoder would not like it."""
    nal = (b"\x65" if key else b"\x41") + stamp.ljust(size - 1, b"\x55")
    return (b"\x17" if key else b"\x27") + b"\x01\0\0\0" + struct.pack(">I", size) + nal


def flv_tag(kind, time_ms, body):
    return (struct.pack(">B", kind) + struct.pack(">I", len(body))[1:] + struct.pack(">I", time_ms & 0xffffff)[1:] +
            struct.pack(">B", time_ms >> 24 & 0xff) + b"\0\0\0" + body + struct.pack(">I", 11 + len(body)))


FLV_START = b"FLV\x01\x05\0\0\0\x09\0\0\0\0"


def amf(*values):
    out = b""
    for value in values:
        if value is None:
            out += b"\x05"
        elif isinstance(value, (int, float)):
            out += b"\0" + struct.pack(">d", value)
        elif isinstance(value, str):
            out += b"\x02" + struct.pack(">H", len(value)) + value.encode()
        else:
            out += b"\x03"
            for name, one in value.items():
                out += struct.pack(">H", len(name)) + name.encode() + amf(one)
            out += b"\0\0\x09"
    return out


def message(kind, body, time_ms=0, stream=1, chunk=65536, csid=6):
    """A whole message in chunks of that size."""
    head = struct.pack(">B", csid) + struct.pack(">I", min(time_ms, 0xffffff))[1:] + struct.pack(">I", len(body))[1:]
    out = [head + struct.pack(">B", kind) + struct.pack("<I", stream)]
    for at in range(0, len(body), chunk):
        if at:
            out.append(struct.pack(">B", 0xc0 | csid))
        out.append(body[at:at + chunk])
    return b"".join(out)


class Client:
    """A connection that has shaken hands. What the server says is read by a thread and thrown away, unless one plays."""

    def __init__(self, port, app="live", connect=True):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(b"\x03" + bytes(1536))
        self.exactly(1 + 2 * 1536)
        self.socket.sendall(bytes(1536))
        if not connect:
            return
        self.socket.sendall(message(1, struct.pack(">I", 65536), stream=0, csid=2, chunk=128))
        self.send(COMMAND, amf("connect", 1, {"app": app, "tcUrl": f"rtmp://127.0.0.1/{app}", "flashVer": "chaos"}), stream=0, csid=3)

    def exactly(self, count):
        got = b""
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                raise ConnectionError("the server closed the connection")
            got += more
        return got

    def send(self, kind, body, time_ms=0, stream=1, csid=6):
        self.socket.sendall(message(kind, body, time_ms, stream, csid=csid))

    def drain(self):
        def read():
            try:
                while self.socket.recv(1 << 18):
                    pass
            except OSError:
                pass
        threading.Thread(target=read, daemon=True).start()

    def publish(self, name):
        self.drain()
        self.send(COMMAND, amf("createStream", 2, None), stream=0, csid=3)
        time.sleep(0.05)
        self.send(COMMAND, amf("publish", 3, None, name, "live"), csid=4)
        time.sleep(0.05)
        self.send(VIDEO, VIDEO_HEADER)
        self.send(AUDIO, AUDIO_HEADER)
        return self

    def play(self, name):
        self.send(COMMAND, amf("createStream", 2, None), stream=0, csid=3)
        self.send(COMMAND, amf("play", 3, None, name), csid=4)
        return self
