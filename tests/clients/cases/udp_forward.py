"""Streams sent on by UDP: ffmpeg receives a transport stream in RTP as it was published, by a multicast group, too; another Weir repairs
with ST 2022-1 what a lossy way takes."""

from support import media
from support.ports import even_port, free_port
from support.processes import Failure, Skip, need

from cases.forward import other_server
from cases.rtp_fec import Lossy
from cases.srt import part_of

SECONDS = 180


def same(test, name, sent, got, most):
    if len(got) < most or part_of(sent * 20, got) is None:
        raise Failure(f"{name}: of {len(got)} pictures some are others than were sent")
    test.note(f"{name}: {len(got)} pictures, the same ones")


def to_ffmpeg(test, source, sent, name, target, url):
    """Until a receiver is there nobody misses anything; ffmpeg begins at the next key frame."""
    near = other_server(test, f"near-{name}", free_port(),
                        vhost=f'min_latency on; forward {{ enabled on; destination "{target}"; }}')
    push = test.push(source, near.rtmp(), loop=True)
    near.wait_live(seconds=60)
    out = test.folder / f"{name}.crc"
    test.run(f"receive-{name}", media.decode_command(url, out, frames=100), seconds=60)
    # The decoder begins in the middle of a group of pictures.
    got = media.frames_of(out)[0][40:]
    same(test, name, sent, got, 60)
    row = near.api("/api/v1/forwards/")["forwards"][0]
    if row["state"] != "sending" or row["drops"] != 0:
        raise Failure(f"{name}: the API tells {row}")
    push.end()


def with_fec(test, source, sent):
    port = even_port()
    lossy = Lossy(port, 3)
    far = other_server(test, "far", free_port(),
                       vhost=f'min_latency on; ingest cam {{ enabled on; input {{ type stream; url "rtp://127.0.0.1:{port}?fec=5x5"; }} }}')
    near = other_server(test, "near-fec", free_port(),
                        vhost=f'min_latency on; forward {{ enabled on; destination "rtp://127.0.0.1:{lossy.port}?fec=5x5"; }}')
    push = test.push(source, near.rtmp(), loop=True)
    far.wait_live(seconds=60)
    out = test.folder / "repaired.crc"
    test.run("play-repaired", media.decode_command(far.http("live/cam.flv"), out, frames=150), seconds=60)
    push.end()
    lossy.stop()
    test.note(f"{lossy.lost} of {lossy.lost + lossy.sent} datagrams lost")
    if lossy.lost < 5:
        raise Failure("hardly anything was lost: nothing is shown")
    same(test, "repaired", sent, media.frames_of(out)[0], 150)


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg")
    source = test.source()
    test.run("sent", media.decode_command(source, test.folder / "sent.crc"))
    sent = media.frames_of(test.folder / "sent.crc")[0]
    port = even_port()
    to_ffmpeg(test, source, sent, "rtp", f"rtp://127.0.0.1:{port}", f"rtp://127.0.0.1:{port}")
    port = even_port()
    to_ffmpeg(test, source, sent, "group", f"udp://239.255.42.42:{port}?interface=lo&ttl=1",
              f"udp://@239.255.42.42:{port}?localaddr=127.0.0.1")
    with_fec(test, source, sent)
