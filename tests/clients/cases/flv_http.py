"""HTTP-FLV: every packet as it was pushed by RTMP, a response that ends with the stream, and a late player's quick start."""

from support import media
from support.flv import SCRIPT, FlvPlayer
from support.processes import Failure, wait_until


def whole(test, server, source):
    """A player that came before the publisher gets it all, and the end."""
    wanted = media.packets_of_file(test.processes, source)
    probe = test.start("probe", media.packets_command(server.http("live/cam.flv")))
    frames, sent = test.folder / "frames", test.folder / "sent"
    decoder = test.start("decode", media.decode_command(server.http("live/cam.flv"), frames))
    test.push(source, server.rtmp("live/cam")).expect(0, 30)
    probe.expect(0, 30)
    decoder.expect(0, 30)
    shift = media.same_packets(wanted, media.packets_of(probe), "ffprobe by HTTP-FLV")
    test.run("decode-sent", media.decode_command(source, sent))
    if media.frames_of(frames) != media.frames_of(sent):
        raise Failure("ffmpeg decoded other frames than were sent")
    test.note(f"{len(wanted)} packets the same (times shifted by {shift} ms), all frames decoded the same")


def late(test, server, source):
    """A player that comes later begins with headers and a key frame, at once."""
    push = test.push(source, server.rtmp("live/late"), loop=True)
    server.wait_live("/live/late")
    early = FlvPlayer(server.ports["http"], "/live/late.flv")
    early.wait_tags(60)
    player = FlvPlayer(server.ports["http"], "/live/late.flv")
    player.wait_tags(20)
    milliseconds = (player.first - player.started) * 1000
    kinds = [tag for tag in player.tags if tag.kind != SCRIPT]
    first = next(tag for tag in kinds if tag.kind == 9 and not tag.is_header())
    headers = [tag.kind for tag in kinds[:2] if tag.is_header()]
    if sorted(headers) != [8, 9] or not first.is_key():
        raise Failure(f"a late player begins with {[(t.kind, t.body[:2].hex()) for t in player.tags[:5]]}")
    if player.reader.header[4] != 5:
        raise Failure(f"FLV header flags {player.reader.header[4]:#x}, audio and video are 0x05")
    times = [tag.time for tag in player.media()]
    if any(b - a < -100 for a, b in zip(times, times[1:])):
        raise Failure("times run backwards")
    push.end()
    wait_until("both players are told the end", lambda: early.clean and player.clean)
    if player.headers.get("content-type") != "video/x-flv":
        raise Failure(f"Content-Type {player.headers.get('content-type')}")
    test.note(f"late player: first tag after {milliseconds:.0f} ms")


def run(test):
    server = test.server()
    whole(test, server, test.source(b_frames=2))
    late(test, server, test.source())
