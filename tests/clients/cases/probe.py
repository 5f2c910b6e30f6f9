"""`weir probe` on what the server sends by HTTP, as its user does: curl, and a probe that is stopped. And FFmpeg's own TS, with a
packet cut out."""

import json
import shlex

from support import media
from support.processes import Failure, need


def run(test):
    need("curl", "ffmpeg")
    server = test.server()
    source = test.source()
    test.push(source, server.rtmp(), loop=True)
    server.wait_live()
    for name, kind in (("live/cam.ts", "MPEG-TS"), ("live/cam.flv", "FLV")):
        line = f"curl -sN {shlex.quote(server.http(name))} | timeout -s INT 5 {test.program} probe --json -"
        report = json.loads(test.run("probe", ["sh", "-c", line], seconds=60, status=None).text())
        if report["format"] != kind or [one["codec"] for one in report["tracks"]] != ["H264", "AAC"]:
            raise Failure(f"{name}: {report}")
        if kind == "MPEG-TS":
            wrong = {what: count for what, count in report["transport_stream"]["tr_101_290"].items() if count}
            if wrong:
                raise Failure(f"what the server sends has faults: {wrong}")

    whole = test.folder / "whole.ts"
    test.run("remux", ["ffmpeg", "-v", "error", "-y", "-i", source, "-c", "copy", "-f", "mpegts", whole], seconds=60)
    data = whole.read_bytes()
    counts = test.run("whole", [test.program, "probe", whole]).text()
    frames = media.count_frames(test.processes, whole)
    if f", {frames} frames in" not in counts:
        raise Failure(f"{frames} frames, and the probe says: {counts}")
    video = next(at for at in range(188 * 40, len(data), 188) if data[at + 1] & 0x5f == 1 and data[at + 2] == 0 and data[at + 3] & 0x30 == 0x10)
    cut = test.folder / "cut.ts"
    cut.write_bytes(data[:video] + data[video + 188:])
    report = json.loads(test.run("cut", [test.program, "probe", "--json", cut]).text())
    if report["transport_stream"]["tr_101_290"]["1.4 continuity"] != 1:
        raise Failure(f"a lost packet is not counted: {report['transport_stream']}")
    test.run("nothing", [test.program, "probe", test.folder / "no-such-file"], status=1)
    test.note(f"{frames} frames as ffprobe counts them; a lost packet is counted")
