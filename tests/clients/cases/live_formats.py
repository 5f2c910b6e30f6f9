"""Live .ts, .mp4 and .aac: every packet as it was pushed, the end of the response, WebSocket, and formats that do not fit."""

import http.client
import json
import time

from support import media
from support.flv import FlvPlayer
from support.processes import Failure, wait_until

# Times are compared in ticks of this many a second: what RTMP rounded to milliseconds is told in samples again.
TOLERANCE = 0.0011


def packets(process):
    found = json.loads(process.text()[process.text().find("{"):])["packets"]
    return [(p["codec_type"], float(p.get("dts_time", p.get("pts_time", 0))), float(p.get("pts_time", 0)), p["flags"]) for p in found]


def probe_command(url):
    return ["ffprobe", "-v", "error", "-show_entries", "packet=codec_type,pts_time,dts_time,flags", "-of", "json", url]


def same_times(wanted, got, kinds, what):
    """As many packets of each kind, with the same times up to one shift that is the same for all."""
    shifts = []
    for kind in kinds:
        left, right = [p for p in wanted if p[0] == kind], [p for p in got if p[0] == kind]
        if len(left) != len(right) or not left:
            raise Failure(f"{what}: {len(right)} {kind} packets of {len(left)}")
        for a, b in zip(left, right):
            shifts += [b[1] - a[1], b[2] - a[2]]
        if kind == "video" and [("K" in p[3]) for p in left] != [("K" in p[3]) for p in right]:
            raise Failure(f"{what}: other packets are key frames")
    if max(shifts) - min(shifts) > TOLERANCE * 2:
        raise Failure(f"{what}: times are shifted by {min(shifts)} to {max(shifts)} s")
    return shifts[0]


def whole(test, server, source):
    """Players that came before the publisher get it all, and the end; what is decoded is what was sent."""
    wanted = packets(test.run("sent", probe_command(source)))
    probes = {end: test.start(f"probe-{end}", probe_command(server.http(f"live/cam.{end}"))) for end in ("ts", "mp4")}
    decoders = {end: test.start(f"decode-{end}", media.decode_command(server.http(f"live/cam.{end}"), test.folder / f"{end}.crc"))
                for end in ("ts", "mp4")}
    probe_aac = test.start("probe-aac", probe_command(server.http("live/cam.aac")))
    test.push(source, server.rtmp("live/cam")).expect(0, 30)
    for process in (*probes.values(), *decoders.values(), probe_aac):
        process.expect(0, 30)
    for end, probe in probes.items():
        shift = same_times(wanted, packets(probe), ("video", "audio"), end)
        test.note(f".{end}: {len(packets(probe))} packets with the same times, shifted by {shift:.3f} s")
    count = sum(p[0] == "audio" for p in wanted)
    if len(packets(probe_aac)) != count:
        raise Failure(f".aac: {len(packets(probe_aac))} frames of {count}")
    test.run("decode-sent", media.decode_command(source, test.folder / "sent.crc"))
    sent = media.frames_of(test.folder / "sent.crc")
    for end in decoders:
        if media.frames_of(test.folder / f"{end}.crc")[0] != sent[0]:
            raise Failure(f".{end}: ffmpeg decoded other pictures than were sent")


def get(server, path, seconds=3, **headers):
    """Status, headers, and what came of the body within the time."""
    connection = http.client.HTTPConnection("127.0.0.1", server.ports["http"], timeout=seconds)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body, end = b"", time.monotonic() + seconds
    try:
        while time.monotonic() < end and (part := answer.read1(65536)):
            body += part
    except TimeoutError:
        pass
    connection.close()
    return answer, body


def newcomers(test, server):
    for end, kind, begin in (("ts", "video/mp2t", b"\x47\x40\x00"), ("mp4", "video/mp4", b"\x00\x00\x00"), ("aac", "audio/aac", b"\xff\xf1")):
        answer, body = get(server, f"/live/late.{end}", 1.5)
        if answer.status != 200 or answer.headers["Content-Type"] != kind or not body.startswith(begin):
            raise Failure(f".{end}: {answer.status} {answer.headers['Content-Type']} {body[:8].hex()}")
        if answer.headers["Transfer-Encoding"] != "chunked":
            raise Failure(f".{end}: HTTP/1.1 without chunks")
    answer, body = get(server, "/live/late.mp3", 2)
    if answer.status != 406 or b"no track" not in body:
        raise Failure(f"AAC as MP3: {answer.status} {body[:80]}")


def run(test):
    server = test.server(dir=test.folder)
    whole(test, server, test.source(b_frames=2))
    push = test.push(test.source(), server.rtmp("live/late"), loop=True)
    server.wait_live("/live/late")
    time.sleep(2.5)
    newcomers(test, server)
    socket = FlvPlayer(server.ports["http"], "/live/late.ts", websocket=True, raw=True)
    wait_until("TS came by WebSocket", lambda: len(socket.raw) > 100_000)
    if any(socket.raw[i] != 0x47 for i in range(0, 100_000, 188)):
        raise Failure("WebSocket messages are not whole transport packets")
    push.end()
    wait_until("the WebSocket is closed in order", lambda: socket.clean)
    # A file of a live path is a file, unless somebody publishes under that name.
    (test.folder / "live").mkdir()
    (test.folder / "live/old.mp4").write_bytes(b"0123456789")
    answer, body = get(server, "/live/old.mp4", 2, Range="bytes=2-4")
    if answer.status != 206 or body != b"234":
        raise Failure(f"a recording below a live path: {answer.status} {body[:20]}")
