"""As much STUN and SRT as a load needs, byte by byte: from as many addresses of loopback as it likes."""

import os
import random
import select
import socket
import struct
import zlib


def source():
    """A UDP socket on an address of loopback that was made up."""
    while True:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.bind((f"127.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}", 0))
            return made
        except OSError:
            made.close()


def from_anywhere(port, packets, sources=200):
    """Sends without end what the generator gives, each packet from another address. Answers are thrown away."""
    sockets = [source() for _ in range(sources)]
    for one in sockets:
        one.setblocking(False)
    for count, packet in enumerate(packets()):
        one = sockets[count % sources]
        try:
            one.sendto(packet, ("127.0.0.1", port))
            one.recv(2048)
        except OSError:
            pass


def binding_request(user):
    """RFC 8489 5: a check that names a session, with a fingerprint that is right and an integrity that is not."""
    name = user.encode()
    attributes = struct.pack(">HH", 6, len(name)) + name + bytes(-len(name) % 4)
    attributes += struct.pack(">HHI", 0x24, 4, 1) + struct.pack(">HH", 8, 20) + os.urandom(20)
    head = struct.pack(">HHI", 1, len(attributes) + 8, 0x2112a442) + os.urandom(12)
    return head + attributes + struct.pack(">HHI", 0x8028, 4, zlib.crc32(head + attributes) ^ 0x5354554e)


def checks():
    while True:
        yield binding_request("%08x:%04x" % (random.getrandbits(32), random.getrandbits(16)))


def noise():
    """What may be STUN, DTLS, RTP, RTCP or SRT by its first byte, and is none."""
    while True:
        yield random.choice((b"\0\1", b"\x16\xfe\xfd", b"\x80\x6f", b"\x80\xc8", b"\x80\0", b"")) + os.urandom(random.randrange(1400))


# SRT: draft-sharabayko-srt 3.2.1 ---------------------------------------------------------------------------------------

INDUCTION, CONCLUSION = 1, 0xffffffff


def control(kind, to, body=b""):
    return struct.pack(">HHIII", 0x8000 | kind, 0, 0, 0, to) + body


def handshake(kind, cookie=0, socket_id=0, extensions=b"", flags=2, version=4):
    return control(0, 0, struct.pack(">IHHIIIIII", version, 0, flags, random.getrandbits(31), 1500, 8192, kind, socket_id, cookie) +
                   socket.inet_aton("127.0.0.1")[::-1] + bytes(12) + extensions)


def conclusion(cookie, socket_id, stream_id):
    text = stream_id.encode()
    text += bytes(-len(text) % 4)
    turned = b"".join(text[at:at + 4][::-1] for at in range(0, len(text), 4))
    extensions = struct.pack(">HHIII", 1, 3, 0x00010501, 0xbf, 120 << 16 | 120) + struct.pack(">HH", 5, len(turned) // 4) + turned
    return handshake(CONCLUSION, cookie, socket_id, extensions, flags=5, version=5)


def handshakes():
    """Of callers that never finish: the first half, and second halves whose cookie was never given."""
    while True:
        yield handshake(INDUCTION, socket_id=random.getrandbits(30))
        yield conclusion(random.getrandbits(32), random.getrandbits(30), "#!::r=live/%x,m=publish" % random.getrandbits(32))


class SrtCaller:
    """Connects, and then says nothing but that it is there."""

    def __init__(self, port, stream_id):
        self.socket = source()
        self.socket.connect(("127.0.0.1", port))
        number = random.getrandbits(30)
        cookie = self.ask(handshake(INDUCTION, socket_id=number))
        self.ask(conclusion(struct.unpack(">I", cookie[44:48])[0], number, stream_id))

    def ask(self, packet):
        for _ in range(20):
            self.socket.send(packet)
            if select.select([self.socket], [], [], 0.25)[0]:
                answer = self.socket.recv(2048)
                if answer[:2] == b"\x80\0" and len(answer) >= 64:
                    kind = struct.unpack(">I", answer[36:40])[0]
                    if 1000 <= kind < 4000:
                        raise ConnectionError(f"turned away with {kind}")
                    self.peer = struct.unpack(">I", answer[40:44])[0]
                    return answer
        raise ConnectionError("no answer")

    def keep_alive(self):
        self.socket.send(control(1, self.peer))
