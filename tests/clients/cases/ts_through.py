"""A transport stream with packets that no table names, byte for byte by SRT, UDP, RTP, RIST and HTTP-TS, compared by MD5."""

import hashlib
import socket
import threading
import time
import urllib.request

from support.ports import even_port, free_port
from support.processes import Failure, Skip, need, wait_until

SECONDS = 120
PACKET = 188
DATAGRAM = 7 * PACKET
STRANGER = 0x0300  # its PID
NULL = 0x1fff


def pid_of(packet):
    return (packet[1] & 0x1f) << 8 | packet[2]


def is_stranger(packet):
    """One that was sent: a packet without payload only says that its counter may jump here."""
    return pid_of(packet) == STRANGER and packet[3] & 0x10


def with_strangers(clip):
    """Every tenth packet is one that says which it is, so that each part of the whole is known by its bytes."""
    out = bytearray()
    for number, at in enumerate(range(0, len(clip), PACKET)):
        out += clip[at:at + PACKET]
        if number % 9 == 0:
            out += bytes([0x47, STRANGER >> 8, STRANGER & 0xff, 0x10 | number // 9 & 15]) + number.to_bytes(8, "big") + b"K" * (PACKET - 12)
    return bytes(out) + bytes([0x47, 0x1f, 0xff, 0x10] + [0xff] * 184) * (-len(out) // PACKET % 7)


class Sender(threading.Thread):
    """Datagrams in the pace of the clip, until it is told to stop."""

    def __init__(self, stream, seconds, port):
        super().__init__(daemon=True)
        self.stream, self.pause, self.port, self.over = stream, seconds * DATAGRAM / len(stream), port, threading.Event()

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            due = time.monotonic()
            for at in range(0, len(self.stream), DATAGRAM):
                if self.over.is_set():
                    return
                out.sendto(self.stream[at:at + DATAGRAM], ("127.0.0.1", self.port))
                due += self.pause
                time.sleep(max(0, due - time.monotonic()))


class Receiver(threading.Thread):
    """What comes to a UDP port, without so many bytes at the head of each datagram."""

    def __init__(self, port, head=0):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", port))
        self.socket.settimeout(0.5)
        self.head, self.bytes, self.over = head, bytearray(), threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                self.bytes += self.socket.recv(2048)[self.head:]
            except TimeoutError:
                continue


def read_http(url, out, over):
    with urllib.request.urlopen(url, timeout=20) as answer:
        while not over.is_set():
            piece = answer.read(DATAGRAM)
            if not piece:
                return
            out += piece


def compare(test, name, got, sent):
    """From the first packet on that says which it is, what came is a part of what was sent; null packets that fill datagrams aside."""
    packets = [bytes(got[at:at + PACKET]) for at in range(0, len(got) - len(got) % PACKET, PACKET)]
    kept = [packet for packet in packets if pid_of(packet) != NULL]
    first = next((at for at, packet in enumerate(kept) if is_stranger(packet)), None)
    if first is None or len(kept) - first < 1000:
        raise Failure(f"{name}: {len(kept)} packets came, and none of them, or few, are those that no table names")
    part = b"".join(kept[first:])
    begin = sent.find(part[:PACKET])
    wanted = sent[begin:begin + len(part)]
    sums = [hashlib.md5(one).hexdigest() for one in (wanted, part)]
    if begin < 0 or sums[0] != sums[1]:
        differs = next((at for at in range(0, len(part), PACKET) if part[at:at + PACKET] != wanted[at:at + PACKET]), 0)
        raise Failure(f"{name}: MD5 {sums[1]} of {len(part)} bytes, {sums[0]} were sent; packet {differs // PACKET} is the first other one, PID "
                      f"{pid_of(part[differs:])} for {pid_of(wanted[differs:]) if wanted[differs:] else 'none'}")
    test.note(f"{name}: {len(part) // PACKET} packets, MD5 {sums[1]}")


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg", "ristreceiver", "srt-live-transmit")
    source = test.source(seconds=60)
    clip = test.folder / "clip.ts"
    test.run("clip", ["ffmpeg", "-v", "error", "-y", "-i", source, "-c", "copy", "-f", "mpegts", clip], seconds=60)
    stream = with_strangers(clip.read_bytes())
    inlet, udp, rtp, rist, drained, srt = free_port(), free_port(), even_port(), even_port(), free_port(), free_port()
    targets = "".join(f'push live/cam {{ url "{url}"; }} '
                      for url in (f"udp://127.0.0.1:{udp}", f"rtp://127.0.0.1:{rtp}", f"rist://127.0.0.1:{rist}?buffer=300"))
    server = test.server(
        top=f"stream_caster {{ enabled on; caster mpegts_over_udp; listen 127.0.0.1:{inlet}; output rtmp://127.0.0.1/live/cam; }} "
            f"srt_server {{ enabled on; listen 127.0.0.1:{srt}; }}",
        vhost=f"min_latency on; srt {{ enabled on; }} {targets}")
    receivers = {"UDP": Receiver(udp), "RTP": Receiver(rtp, 12), "RIST": Receiver(drained)}
    for one in receivers.values():
        one.start()
    test.start("ristreceiver", ["ristreceiver", "-p", "1", "-i", f"rist://@127.0.0.1:{rist}?buffer=300", "-o", f"udp://127.0.0.1:{drained}"])
    sender = Sender(stream, 60, inlet)
    sender.start()
    server.wait_live(seconds=30)
    by_srt, by_http, over = test.folder / "srt.ts", bytearray(), threading.Event()
    test.start("srt", ["sh", "-c", f"exec srt-live-transmit -q 'srt://127.0.0.1:{srt}?streamid=#!::r=live/cam,m=request&latency=200' file://con > '{by_srt}'"])
    threading.Thread(target=read_http, args=(server.http("live/cam.ts"), by_http, over), daemon=True).start()

    def enough():
        sizes = [len(one.bytes) for one in receivers.values()] + [len(by_http), by_srt.stat().st_size if by_srt.exists() else 0]
        return min(sizes) > 2_000_000

    wait_until("two megabytes came by each way", enough, 60)
    shown = next(one for one in server.api("/api/v1/streams/")["streams"] if one["name"] == "cam")
    if not shown["ts_pass_through"] or shown["ts_packets_through"] < 10_000:
        raise Failure(f"the API says of the passage: {shown['ts_pass_through']}, {shown['ts_packets_through']}")
    over.set()
    for one in receivers.values():
        one.over.set()
        one.join()
    got = {name: bytes(one.bytes) for name, one in receivers.items()}
    got["HTTP-TS"], got["SRT"] = bytes(by_http), by_srt.read_bytes()
    for name, came in got.items():
        compare(test, name, came, stream)
    sender.over.set()
    sender.join()
