"""SRT that Weir calls: picture for picture to srt-live-transmit and ffmpeg, from both, by rendezvous, and with each key length."""

import signal

from support import media
from support.ports import free_port
from support.processes import Failure, Skip, need, wait_until

from cases.srt import part_of

SECONDS = 180
SECRET = "passphrase=0123456789abc"


def forwarded(test, source, sent, mode, port, size):
    """What is pushed by RTMP arrives at srt-live-transmit, which writes it to a file."""
    key = f"latency=200&{SECRET}&pbkeylen={size}"
    out = test.folder / f"{mode}-{size}.ts"
    here, there = "127.0.0.1", "127.0.0.1"
    ours, theirs = f"srt://{there}:{port}?{key}", f"srt://:{port}?{key}"
    if mode == "rendezvous":
        here, there = "127.0.0.2", "127.0.0.3"
        ours = f"srt://{there}:{port}?mode=rendezvous&adapter={here}&{key}"
        theirs = f"srt://{here}:{port}?mode=rendezvous&adapter={there}&{key}"
    server = test.server(vhost=f'min_latency on; forward {{ enabled on; destination "{ours}"; }}')
    receiver = test.start(f"receive-{mode}-{size}", ["sh", "-c", f"exec srt-live-transmit -q '{theirs}' file://con > '{out}'"])
    push = test.push(source, server.rtmp(), loop=True)
    wait_until("the target takes the stream", lambda: [one["state"] for one in server.api("/api/v1/forwards/")["forwards"]] == ["sending"], 60)
    wait_until("something is written", lambda: out.exists() and out.stat().st_size > 1_000_000, 60)
    if "0123456789abc" in server.process.text():
        raise Failure("the log tells the passphrase")
    push.end()
    receiver.signal(signal.SIGINT)
    receiver.wait(20)
    server.stop()
    test.run("decode", media.decode_command(out, test.folder / f"{mode}-{size}.crc"))
    got = media.frames_of(test.folder / f"{mode}-{size}.crc")[0]
    if len(got) < 50 or part_of(sent * 20, got[:-2]) is None:
        raise Failure(f"forward ({mode}, {size} bytes of key): of {len(got)} pictures some are others than were sent")
    test.note(f"forward ({mode}, {size} bytes of key): {len(got)} pictures, the same ones")


def played(test, server, sent, what):
    """The pictures that HTTP-FLV gives of the stream: all are among those that were sent."""
    server.wait_live(seconds=60)
    name = what.split()[0]
    out = test.folder / f"{name}.crc"
    test.run(f"play-{name}", media.decode_command(server.http("live/cam.flv"), out, frames=60), seconds=60)
    got = media.frames_of(out)[0]
    if len(got) < 60 or part_of(sent * 20, got) is None:
        raise Failure(f"{what}: of {len(got)} pictures some are others than were sent")
    return got


def fetched(test, source, sent):
    """ffmpeg listens and sends; Weir calls, and plays by HTTP-FLV what comes."""
    port = free_port()
    server = test.server(vhost=f'min_latency on; ingest cam {{ enabled on; input {{ type stream; url "srt://127.0.0.1:{port}?latency=200&{SECRET}"; }} }}')
    sender = test.start("ffmpeg-listener", ["ffmpeg", "-nostdin", "-v", "warning", "-re", "-stream_loop", "-1", "-i", source, "-c", "copy",
                                            "-f", "mpegts", f"srt://127.0.0.1:{port}?mode=listener&pkt_size=1316&{SECRET}"])
    got = played(test, server, sent, "fetched from ffmpeg")
    if [one["state"] for one in server.api("/api/v1/sources/")["sources"]] != ["receiving"]:
        raise Failure("the API does not tell of the source")
    sender.end()
    wait_until("the loss is seen", lambda: server.api("/api/v1/sources/")["sources"][0]["error"], 60)
    test.note(f"fetched from ffmpeg: {len(got)} pictures, the same ones")
    server.stop()


def called(test, source, sent):
    """A source that is called by ffmpeg."""
    port = free_port()
    server = test.server(vhost=f'min_latency on; ingest cam {{ enabled on; input {{ type stream; url "srt://127.0.0.1:{port}?mode=listener"; }} }}')
    test.push(source, f"srt://127.0.0.1:{port}?pkt_size=1316&connect_timeout=20000", loop=True, form="mpegts")
    got = played(test, server, sent, "called by ffmpeg")
    test.note(f"called by ffmpeg: {len(got)} pictures, the same ones")
    server.stop()


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg", "srt-live-transmit")
    source = test.source()
    test.run("sent", media.decode_command(source, test.folder / "sent.crc"))
    sent = media.frames_of(test.folder / "sent.crc")[0]
    for size in (16, 24, 32):
        forwarded(test, source, sent, "caller", free_port(), size)
    forwarded(test, source, sent, "rendezvous", free_port(), 32)
    fetched(test, source, sent)
    called(test, source, sent)
