"""MPEG-TS by UDP, in plain and in RTP, from ffmpeg: picture for picture, and again after the sender was gone."""

from support import media
from support.ports import free_port
from support.processes import Failure, Skip, need, wait_until

from cases.srt import part_of

SECONDS = 90


def played(test, server, sent, name, before=0):
    """Sixty pictures in a row as they were sent, behind `before` others at most: who comes before the first key frame of a new sender
    sees the last pictures of the one before."""
    out = test.folder / f"{name}.crc"
    test.run(f"play-{name}", media.decode_command(server.http("live/cam.flv"), out, frames=60 + before), seconds=60)
    got = media.frames_of(out)[0][before:]
    if len(got) < 60 or part_of(sent * 20, got) is None:
        raise Failure(f"{name}: of {len(got)} pictures some are others than were sent")
    test.note(f"{name}: {len(got)} pictures, the same ones")


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg")
    source = test.source()
    test.run("sent", media.decode_command(source, test.folder / "sent.crc"))
    sent = media.frames_of(test.folder / "sent.crc")[0]
    port = free_port()
    server = test.server(top=f"stream_caster {{ enabled on; caster mpegts_over_udp; listen 127.0.0.1:{port}; output rtmp://127.0.0.1/live/cam; }}",
                         vhost="min_latency on;")
    # The muxers of both begin with what they cannot decode: a stream is joined in its middle.
    for name, url, form, before in (("plain", f"udp://127.0.0.1:{port}?pkt_size=1316", "mpegts", 0), ("rtp", f"rtp://127.0.0.1:{port}", "rtp_mpegts", 60)):
        push = test.push(source, url, loop=True, form=form)
        server.wait_live(seconds=60)
        played(test, server, sent, name, before)
        if [one["state"] for one in server.api("/api/v1/sources/")["sources"]] != ["receiving"]:
            raise Failure("the API does not tell of the source")
        push.end()
        wait_until("the end is seen", lambda: server.api("/api/v1/sources/")["sources"][0]["state"] != "receiving", 60)
