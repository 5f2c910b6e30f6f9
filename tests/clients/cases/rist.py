"""RIST with ffmpeg and librist's tools: simple and main profile, both ways, in the clear and encrypted, picture for picture."""

import random
import socket
import threading

from support import media
from support.ports import even_port, free_port
from support.processes import Failure, Skip, need, wait_until

from cases.srt import part_of

SECONDS = 180


def played(test, server, sent, name, stream="cam"):
    """Sixty pictures in a row as they were sent."""
    out = test.folder / f"{name}.crc"
    test.run(f"play-{name}", media.decode_command(server.http(f"live/{stream}.flv"), out, frames=60), seconds=60)
    got = media.frames_of(out)[0]
    if len(got) < 60 or part_of(sent * 20, got) is None:
        raise Failure(f"{name}: of {len(got)} pictures some are others than were sent")
    test.note(f"{name}: {len(got)} of 60 pictures, the same ones")


def secret_of(bits):
    return f"secret=a-secret-of-ours&aes-type={bits}" if bits else ""


def taken(test, source, sent):
    """What ffmpeg sends, by each profile."""
    simple, main = even_port(), even_port()
    server = test.server(
        top=f"stream_caster {{ enabled on; caster rist; profile simple; listen 127.0.0.1:{simple}; output rtmp://127.0.0.1/live/simple; }}",
        vhost=f"min_latency on; source live/main {{ url \"rist://@127.0.0.1:{main}?secret=a-secret-of-ours\"; }}")
    for name, url in (("simple", f"rist://127.0.0.1:{simple}"), ("main", f"rist://127.0.0.1:{main}?{secret_of(128)}")):
        test.push(source, url, "-rist_profile", name, loop=True, form="mpegts")
        server.wait_live(f"/live/{name}", seconds=60)
        played(test, server, sent, f"ffmpeg, {name} profile", name)

    def told():
        client = next((one for one in server.clients() if one["type"] == "rist-publish"), None)
        return client if client and client["transport"]["received"] > 100 else None

    client = wait_until("the API shows what was received by RIST", told)
    if "quality" not in client["transport"]:
        raise Failure(f"no quality: {client['transport']}")
    server.stop()


def by_tools(test, source, sent, bits):
    """ristsender to Weir, and Weir to ristreceiver, whose datagrams are looked at."""
    inward, outward, feed, drain = even_port(), even_port(), free_port(), free_port()
    more = "&" + secret_of(bits) if bits else ""
    server = test.server(vhost=f"min_latency on; source live/cam {{ url \"rist://@127.0.0.1:{inward}?buffer=300{more}\"; }}"
                               f" push live/cam {{ url \"rist://127.0.0.1:{outward}?buffer=300{more}\"; }}")
    receiver = test.start(f"ristreceiver-{bits}", ["ristreceiver", "-p", "1", "-i", f"rist://@127.0.0.1:{outward}?buffer=300{more}",
                                                   "-o", f"udp://127.0.0.1:{drain}"])
    out = test.folder / f"drained-{bits}.crc"
    player = test.start(f"drained-{bits}", media.decode_command(f"udp://127.0.0.1:{drain}?fifo_size=100000", out, frames=60))
    sender = test.start(f"ristsender-{bits}", ["ristsender", "-p", "1", "-i", f"udp://@127.0.0.1:{feed}",
                                               "-o", f"rist://127.0.0.1:{inward}?buffer=300{more}"])
    push = test.push(source, f"udp://127.0.0.1:{feed}?pkt_size=1316", loop=True, form="mpegts")
    server.wait_live(seconds=60)
    name = f"AES-{bits}" if bits else "in the clear"
    played(test, server, sent, f"ristsender, {name}")
    player.expect(0, 60)
    got = media.frames_of(out)[0]
    if len(got) < 60 or part_of(sent * 20, got) is None:
        raise Failure(f"ristreceiver, {name}: of {len(got)} pictures some are others than were sent")
    test.note(f"ristreceiver, {name}: {len(got)} of 60 pictures, the same ones")
    if "a-secret-of-ours" in server.process.text():
        raise Failure("the secret is in the log")
    for process in (push, sender, receiver):
        process.end()
    server.stop()


class Lossy(threading.Thread):
    """A port between one who calls and one who is called, where a part of all media is lost: also of what is sent again."""

    def __init__(self, target, percent):
        super().__init__(daemon=True)
        self.percent, self.target, self.lost, self.random = percent, ("127.0.0.1", target), 0, random.Random(7)
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.front.bind(("127.0.0.1", 0))
        self.back.bind(("127.0.0.1", 0))
        self.port, self.caller = self.front.getsockname()[1], None
        self.start()
        threading.Thread(target=self.answers, daemon=True).start()

    def run(self):
        while True:
            packet, self.caller = self.front.recvfrom(2048)
            if len(packet) > 1000 and self.random.random() * 100 < self.percent:
                self.lost += 1
            else:
                self.back.sendto(packet, self.target)

    def answers(self):
        while True:
            packet = self.back.recv(2048)
            if self.caller:
                self.front.sendto(packet, self.caller)


def lossy(test, source, sent):
    port = even_port()
    server = test.server(vhost=f"min_latency on; source live/cam {{ url \"rist://@127.0.0.1:{port}?buffer=600&rtt-min=5\"; }}")
    way = Lossy(port, 10)
    test.push(source, f"rist://127.0.0.1:{way.port}?buffer=600&rtt-min=5", "-rist_profile", "main", loop=True, form="mpegts")
    server.wait_live(seconds=60)
    played(test, server, sent, "10 % of all packets lost")
    transport = next(one for one in server.clients() if one["type"] == "rist-publish")["transport"]
    if way.lost < 10 or transport["repaired"] < 10 or transport["recv_dropped"] > 0:
        raise Failure(f"{way.lost} packets were lost on the way, and the API says {transport}")
    test.note(f"{way.lost} packets lost on the way, {transport['repaired']} recovered, {transport['recv_dropped']} not")
    server.stop()


def wrong_secret(test, source):
    port, feed = even_port(), free_port()
    server = test.server(vhost=f"min_latency on; source live/cam {{ url \"rist://@127.0.0.1:{port}?secret=a-secret-of-ours\"; }}")
    test.start("ristsender-wrong", ["ristsender", "-p", "1", "-i", f"udp://@127.0.0.1:{feed}",
                                    "-o", f"rist://127.0.0.1:{port}?secret=a-secret-of-others&aes-type=128"])
    test.push(source, f"udp://127.0.0.1:{feed}?pkt_size=1316", loop=True, form="mpegts")
    wait_until("the log says that nothing can be read", lambda: "has the other side the same secret?" in server.process.text(), 30)
    if server.streams() and server.streams()[0]["publish"]["active"]:
        raise Failure("a stream with another secret was taken")
    test.note("another secret: nothing is taken, and the log says why")
    server.stop()


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg", "ristsender", "ristreceiver")
    source = test.source()
    test.run("sent", media.decode_command(source, test.folder / "sent.crc"))
    sent = media.frames_of(test.folder / "sent.crc")[0]
    taken(test, source, sent)
    for bits in (0, 128, 256):
        by_tools(test, source, sent, bits)
    lossy(test, source, sent)
    wrong_secret(test, source)
