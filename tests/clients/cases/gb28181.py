"""GB28181 media without SIP: a program stream that GStreamer makes goes over RTP, by TCP and by UDP, to the port that the API names,
and leaves by HTTP-FLV picture for picture."""

import json
import shutil
import socket
import struct
import threading
import time
import urllib.request

from support import media
from support.ports import free_ports
from support.processes import Failure, Skip, need

from cases.srt import part_of

SECONDS = 120
SSRC = 200000001


def make_program_stream(test, source):
    """H.264 of the source in a program stream, as it is."""
    if not shutil.which("gst-launch-1.0"):
        raise Skip("no gst-launch-1.0")
    silent, made = test.folder / "silent.flv", test.folder / "made.ps"
    test.run("silent", ["ffmpeg", "-v", "error", "-nostdin", "-i", source, "-c", "copy", "-an", "-f", "flv", silent])
    test.run("mux", ["gst-launch-1.0", "-q", "filesrc", f"location={silent}", "!", "flvdemux", "!", "h264parse", "!", "mpegpsmux", "!",
                     "filesink", f"location={made}"], seconds=60)
    return made.read_bytes()


def packs_of(stream):
    """The packs, each with the clock of its header (ISO 13818-1 2.5.3.3)."""
    starts, at = [], stream.find(b"\0\0\1\xba")
    while at >= 0:
        starts.append(at)
        at = stream.find(b"\0\0\1\xba", at + 4)
    for begin, end in zip(starts, starts[1:] + [len(stream)]):
        head = int.from_bytes(stream[begin + 4:begin + 10], "big")
        yield (head >> 43 & 7) << 30 | (head >> 27 & 0x7fff) << 15 | head >> 11 & 0x7fff, stream[begin:end]


def send(stream, port, udp, again, ended):
    """Packets of at most 1,400 bytes at the pace of the packs' clocks."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    one.connect(("127.0.0.1", port))
    sequence = 0
    try:
        while not ended.is_set():
            began, first = time.monotonic(), None
            for clock, pack in packs_of(stream):
                first = clock if first is None else first
                wait = began + max(0, clock - first) / 90000 - time.monotonic()
                if wait > 0 and ended.wait(wait):
                    return
                for at in range(0, len(pack), 1400):
                    last = at + 1400 >= len(pack)
                    packet = struct.pack(">BBHII", 0x80, 96 | last << 7, sequence & 0xffff, clock & 0xffffffff, SSRC) + pack[at:at + 1400]
                    sequence += 1
                    one.sendall(packet if udp else struct.pack(">H", len(packet)) + packet)
            if not again:
                break
    except OSError:
        pass  # the server ended it, which the test sees elsewhere
    finally:
        one.close()


def place(server, stream):
    body = json.dumps({"id": stream, "ssrc": f"{SSRC:010}"}).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.ports['api']}/gb/v1/publish/", body, timeout=10) as answer:
        opened = json.load(answer)
    if opened["code"] != 0:
        raise Failure(f"no place for the media: {opened}")
    return opened


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg", "ffprobe")
    source = test.source()
    stream = make_program_stream(test, source)
    test.run("sent", media.decode_command(source, test.folder / "sent.crc"))
    sent = media.frames_of(test.folder / "sent.crc")[0]
    for udp in (False, True):
        (port,) = free_ports(1)
        port &= ~1
        own = f"media_ports {port}-{port + 20}; transport udp;" if udp else ""
        server = test.server(top=f"stream_caster {{ enabled on; caster gb28181; listen 127.0.0.1:{port}; output rtmp://127.0.0.1/live/[stream];"
                                 f" {own} sip {{ enabled off; }} }}", vhost="min_latency on;")
        opened = place(server, "34020000001320000001")
        if opened["is_tcp"] == udp:
            raise Failure(f"the API says {opened}")
        ended = threading.Event()
        sender = threading.Thread(target=send, args=(stream, opened["port"], udp, True, ended))
        sender.start()
        name = "udp" if udp else "tcp"
        try:
            server.wait_live("/live/34020000001320000001", seconds=30)
            url, out = server.http("live/34020000001320000001.flv"), test.folder / f"{name}.crc"
            probed = test.run(f"probe-{name}", ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of",
                                                "csv=p=0", url], seconds=30).text().strip()
            if probed != "h264,640,360":
                raise Failure(f"ffprobe sees '{probed}'")
            test.run(f"play-{name}", media.decode_command(url, out, frames=60), seconds=60)
        finally:
            ended.set()
            sender.join()
        got = media.frames_of(out)[0]
        if len(got) < 60 or part_of(sent * 20, got) is None:
            raise Failure(f"{name}: of {len(got)} pictures some are others than were sent")
        test.note(f"{name}: {len(got)} pictures, the same ones")
        server.stop()
