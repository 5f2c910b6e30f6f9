"""ffmpeg pushes H.264 and AAC by RTMP; ffprobe and ffmpeg get its packets and frames as they were sent, by RTMP."""

from support import media
from support.processes import Failure


def exchange(test, server, source, stream):
    """A player that waits for the publisher sees the stream from its first packet to its last."""
    wanted = media.packets_of_file(test.processes, source)
    frames = test.folder / f"{stream}.sent"
    test.run("decode-sent", media.decode_command(source, frames))
    url = server.rtmp(f"live/{stream}")
    probe = test.start("probe", media.packets_command(url, count=len(wanted) - 8))  # an RTMP player is not told the end
    got = test.folder / f"{stream}.got"
    count = len(media.frames_of(frames)[0])
    # Nor is this one: with one thread only the pictures that wait for their order stay inside the decoder.
    decoder = test.start("decode", media.decode_command(url, got, "-threads", "1", frames=count - 4))
    push = test.push(source, url)
    push.expect(0, 30)
    probe.expect(0, 30)
    shift = media.same_packets(wanted, media.packets_of(probe), "ffprobe by RTMP", last=False)
    decoder.expect(0, 30)
    sent, seen = media.frames_of(frames)[0], media.frames_of(got)[0]
    if seen != sent[: len(seen)] or len(seen) < count - 4:
        raise Failure(f"ffmpeg decoded {len(seen)} of {count} frames, or others than were sent")
    test.note(f"{len(wanted)} packets the same (times shifted by {shift} ms), {len(seen)} frames decoded the same")


def run(test):
    server = test.server()
    exchange(test, server, test.source(), "plain")
    exchange(test, server, test.source(b_frames=2), "bframes")  # pts differs from dts
    server.alive()
