"""Players of our own for FLV over HTTP and WebSocket: many in one process, each on a thread, counting tags."""

import base64
import hashlib
import os
import socket
import ssl
import struct
import threading
import time

from .processes import Failure, wait_until

AUDIO, VIDEO, SCRIPT = 8, 9, 18
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3


class Tag:
    __slots__ = ("kind", "time", "body", "at")

    def __init__(self, kind, milliseconds, body):
        self.kind, self.time, self.body, self.at = kind, milliseconds, body, time.monotonic()

    def is_header(self):
        """A sequence header of AAC or H.264."""
        return (self.kind == AUDIO and self.body[0] >> 4 == 10 and self.body[1] == 0) or (
            self.kind == VIDEO and self.body[0] & 15 == 7 and self.body[1] == 0)

    def is_key(self):
        return self.kind == VIDEO and self.body[0] >> 4 == 1 and not self.is_header()


class TagReader:
    """Bytes in, tags out (Adobe FLV 10.1, annex E)."""

    def __init__(self):
        self.pending, self.header, self.tags = bytearray(), None, []

    def feed(self, data):
        self.pending += data
        if self.header is None:
            if len(self.pending) < 13:
                return
            if self.pending[:3] != b"FLV" or self.pending[9:13] != bytes(4):
                raise Failure(f"not an FLV header: {bytes(self.pending[:13]).hex()}")
            self.header = bytes(self.pending[:9])
            del self.pending[:13]
        at = 0
        while len(self.pending) - at >= 15:
            size = int.from_bytes(self.pending[at + 1:at + 4], "big")
            if len(self.pending) - at < 15 + size:
                break
            back = int.from_bytes(self.pending[at + 11 + size:at + 15 + size], "big")
            if back != size + 11:
                raise Failure(f"a tag of {size} bytes is followed by previous-tag-size {back}")
            when = int.from_bytes(self.pending[at + 4:at + 7], "big") | self.pending[at + 7] << 24
            self.tags.append(Tag(self.pending[at] & 31, when, bytes(self.pending[at + 11:at + 11 + size])))
            at += 15 + size
        del self.pending[:at]


class FlvPlayer(threading.Thread):
    """Plays host:port/path until the server ends it, or leave(). `error` is why it ended badly; `clean` that the response was
    complete: the last chunk came, or the WebSocket was closed by a close frame. With raw=True whatever format comes is in `raw`."""

    def __init__(self, port, path="/live/cam.flv", host="127.0.0.1", websocket=False, tls=False, keep=True, raw=False):
        super().__init__(daemon=True)
        self.address, self.path, self.websocket, self.tls, self.keep = (host, port), path, websocket, tls, keep
        self.reader, self.status, self.headers = TagReader(), None, {}
        self.raw = bytearray() if raw else None
        self.error, self.clean, self.left, self.count, self.last = None, False, False, 0, 0.0
        self.started, self.first = time.monotonic(), None
        self.local = None
        self._socket = None
        self._buffer = b""
        self.start()

    @property
    def tags(self):
        return self.reader.tags

    def media(self):
        """Frames: no headers, no metadata."""
        return [tag for tag in list(self.tags) if tag.kind != SCRIPT and not tag.is_header()]

    def leave(self):
        self.left = True
        if self._socket:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.join(30)

    def wait_tags(self, count, seconds=30):
        wait_until(f"{count} FLV tags at a player (it has {self.count}, error {self.error})",
                   lambda: self.count >= count or self.error, seconds)
        if self.error and self.count < count:
            raise Failure(f"player: {self.error} after {self.count} tags")

    def run(self):
        try:
            self._socket = socket.create_connection(self.address, 10)
            self._socket.settimeout(30)
            if self.tls:
                context = ssl._create_unverified_context()
                self._socket = context.wrap_socket(self._socket)
            self.local = self._socket.getsockname()
            self._play()
        except (OSError, Failure, ValueError) as error:
            self.error = None if self.left else str(error) or type(error).__name__
        finally:
            if self._socket:
                self._socket.close()

    def _play(self):
        key = base64.b64encode(os.urandom(16)).decode()
        more = (f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                if self.websocket else "")
        self._socket.sendall(f"GET {self.path} HTTP/1.1\r\nHost: {self.address[0]}:{self.address[1]}\r\n{more}\r\n".encode())
        head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        self.status = int(head[0].split()[1])
        self.headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        if self.websocket:
            self._check_upgrade(key)
            self._frames()
        elif self.status != 200:
            raise Failure(f"status {self.status}")
        elif "chunked" in self.headers.get("transfer-encoding", ""):
            self._chunks()
        else:
            while data := self._more():
                self._feed(data)
            self.clean = True

    def _check_upgrade(self, key):
        wanted = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
        if self.status != 101 or self.headers.get("sec-websocket-accept") != wanted:
            raise Failure(f"no WebSocket: status {self.status}, {self.headers}")

    def _chunks(self):
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            self._feed(self._exactly(size))
            if self._exactly(2) != b"\r\n":
                raise Failure("a chunk is not followed by CRLF")
        self.clean = True

    def _frames(self):
        while True:
            first, second = self._exactly(2)
            size = second & 127
            if second & 128:
                raise Failure("a server's frame is masked (RFC 6455 5.1)")
            if size == 126:
                size = struct.unpack(">H", self._exactly(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._exactly(8))[0]
            data = self._exactly(size)
            if first & 15 == 8:
                self.clean = True
                return
            if first & 15 == 9:  # ping: the answer is masked with zeros
                self._socket.sendall(bytes([0x8A, 0x80 | size]) + bytes(4) + data)
            elif first & 15 in (0, 2):
                self._feed(data)

    def _feed(self, data):
        if self.raw is not None:
            self.raw += data
            return
        before = len(self.tags)
        self.reader.feed(data)
        fresh = len(self.tags) - before
        if fresh:
            self.count += fresh
            self.last = time.monotonic()
            if self.first is None:
                self.first = self.last
            if not self.keep:
                self.reader.tags.clear()

    def _more(self):
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        return self._socket.recv(1 << 16)

    def _exactly(self, size):
        while len(self._buffer) < size:
            data = self._socket.recv(1 << 16)
            if not data:
                raise Failure("the connection was closed in the middle")
            self._buffer += data
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _until(self, mark):
        while mark not in self._buffer:
            data = self._socket.recv(1 << 16)
            if not data:
                raise Failure(f"the connection was closed before the answer's {mark!r}")
            self._buffer += data
            if len(self._buffer) > 1 << 20:
                raise Failure("the answer's head has no end")
        data, self._buffer = self._buffer.split(mark, 1)
        return data
