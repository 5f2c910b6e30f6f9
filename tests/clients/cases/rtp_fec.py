"""Forward error correction of SMPTE ST 2022-1 with ffmpeg as sender: with packets lost on the way no picture is another than was sent."""

import random
import socket
import threading

from support import media
from support.ports import even_port
from support.processes import Failure, Skip, need

from cases.srt import part_of

SECONDS = 120


class Lossy(threading.Thread):
    """Takes what comes to three ports, and sends on to three others all but some of what is media."""

    def __init__(self, target, percent):
        super().__init__(daemon=True)
        self.percent, self.lost, self.sent, self.over = percent, 0, 0, False
        base = even_port()
        self.sockets = [self.bound(base + step) for step in (0, 2, 4)]
        self.port, self.target, self.random = base, target, random.Random(7)
        self.threads = [threading.Thread(target=self.relay, args=(one, step), daemon=True) for one, step in zip(self.sockets, (0, 2, 4))]
        for one in self.threads:
            one.start()

    @staticmethod
    def bound(port):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        one.bind(("127.0.0.1", port))
        one.settimeout(0.5)
        return one

    def relay(self, one, step):
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while not self.over:
            try:
                data = one.recv(65536)
            except TimeoutError:
                continue
            if step == 0 and self.random.randrange(100) < self.percent:
                self.lost += 1
                continue
            self.sent += 1
            out.sendto(data, ("127.0.0.1", self.target + step))

    def stop(self):
        self.over = True
        for one in self.threads:
            one.join()


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg")
    source = test.source()
    test.run("sent", media.decode_command(source, test.folder / "sent.crc"))
    sent = media.frames_of(test.folder / "sent.crc")[0]
    port = even_port()
    lossy = Lossy(port, 2)
    server = test.server(vhost=f'min_latency on; ingest cam {{ enabled on; input {{ type stream; url "rtp://127.0.0.1:{port}?fec=5x5"; }} }}')
    push = test.start("push", ["ffmpeg", "-nostdin", "-v", "warning", "-re", "-stream_loop", "-1", "-i", source, "-c", "copy", "-f", "rtp_mpegts",
                               "-fec", "prompeg=l=5:d=5", f"rtp://127.0.0.1:{lossy.port}?pkt_size=1328"])
    server.wait_live(seconds=60)
    out = test.folder / "played.crc"
    test.run("play", media.decode_command(server.http("live/cam.flv"), out, frames=100), seconds=60)
    push.end()
    lossy.stop()
    got = media.frames_of(out)[0]
    rows = [one["transport"] for one in server.api("/api/v1/clients/")["clients"] if "transport" in one]
    test.note(f"{lossy.lost} of {lossy.lost + lossy.sent} datagrams lost")
    if lossy.lost < 3:
        raise Failure("hardly anything was lost: nothing is shown")
    if len(got) < 100 or part_of(sent * 20, got) is None:
        raise Failure(f"of {len(got)} pictures some are others than were sent: {rows}")
    test.note(f"{len(got)} pictures, the same ones")
