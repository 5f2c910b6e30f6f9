"""publish { slate last; }: ffmpeg publishes H.264, is killed: ffmpeg by RTMP, HTTP-FLV and HTTP-TS stays, gets the last key frame once a second with silence, goes on
with the next encoder on one timeline, and decodes all of it without a fault; HLS has segments of it. At the limit all players are told the end."""

import signal
import time
import urllib.request

from support import media
from support.processes import Failure, need, wait_until

SECONDS = 150
STANDS = 6  # seconds without an encoder
LIMIT = 12
VHOST = f"""publish {{ slate last; slate_limit {LIMIT}; grace 0; }}
hls {{ enabled on; hls_fragment 1; hls_window 60; hls_to_disk off; hls_ctx off; }}"""


def kill(push):
    push.signal(signal.SIGKILL)
    push.wait(30)


def state(server):
    rows = server.api("/api/v1/streams/")["streams"]
    return rows[0].get("source", {}).get("state", "over") if rows else "over"


def segments(server):
    return urllib.request.urlopen(server.http("live/cam.m3u8"), timeout=30).read().decode().count("#EXTINF")


def look(test, path, what):
    """The times of a recording grow by steps of a frame, or of a second while the picture stands; all of it can be decoded."""
    packets = media.packets_of(test.run(f"packets-{what}", media.packets_command(path), 60))
    # Of MPEG-TS times are 90,000 a second, of FLV 1,000.
    unit = 90_000 if path.suffix == ".ts" else 1_000
    times = [dts / unit for kind, dts, *_ in packets if kind == "video"]
    steps = [round(b - a, 3) for a, b in zip(times, times[1:])]
    if min(steps) <= 0 or max(steps) > 1.1:
        raise Failure(f"{what}: the times of pictures step by {min(steps)} to {max(steps)} s")
    standing = [i for i, step in enumerate(steps) if step > 0.9]
    if not STANDS - 2 <= len(standing) <= STANDS + 3:
        raise Failure(f"{what}: {len(standing)} steps of a second while nobody published for {STANDS} s")
    hashes = {hash_ for (kind, _, _, hash_, _), step in zip([p for p in packets if p[0] == "video"], [0, *steps]) if step > 0.9}
    if path.suffix == ".flv" and len(hashes) > 2:  # one picture, and the first of the next encoder perhaps
        raise Failure(f"{what}: {len(hashes)} different pictures stand")
    sound = [dts / unit for kind, dts, *_ in packets if kind == "audio"]
    gap = max(b - a for a, b in zip(sound, sound[1:]))
    if gap > 0.4:
        raise Failure(f"{what}: there is no sound for {gap:.2f} s")
    decoded = test.run(f"decode-{what}", ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", path, "-f", "null", "-"], 60)
    if decoded.text().strip():
        raise Failure(f"{what}: {decoded.text()}")
    test.note(f"{what}: {len(standing)} pictures stood, sound without a gap of more than {gap * 1000:.0f} ms, all decoded")


def stands(test, publish, ways, server):
    push = publish()
    server.wait_live(seconds=60)
    players = []
    for what, (url, path) in ways.items():
        players.append(test.start(what, ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", url, "-c", "copy", path]))
    time.sleep(5)
    had = segments(server)
    kill(push)
    wait_until("the picture stands", lambda: state(server) == "slate", 10)
    time.sleep(STANDS)
    if state(server) != "slate":
        raise Failure(f"the stream is {state(server)}")
    more = segments(server) - had
    if more < STANDS - 2:
        raise Failure(f"HLS has {more} segments more after {STANDS} s")
    push = publish()
    wait_until("the stream is live", lambda: state(server) == "live", 30)
    time.sleep(5)
    kill(push)
    began = time.monotonic()
    for player in players:
        if not player.running():
            raise Failure(f"a player left\n{player.tail()}")
    for player in players:
        player.wait(LIMIT + 20)  # told the end
    test.note(f"players were told the end after {time.monotonic() - began:.1f} s, the limit is {LIMIT}")
    # The second time that it stood is at the end of each recording, and is cut off there.
    for what, (_, path) in ways.items():
        short = path.with_name(f"short-{path.name}")
        test.run(f"cut-{what}", ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", path, "-t", 5 + STANDS + 3, "-c", "copy", short], 60)
        look(test, short, what)


def run(test):
    need("ffmpeg", "ffprobe")
    server = test.server(vhost=VHOST)
    source = test.source()
    folder = test.folder
    stands(test, lambda: test.push(source, server.rtmp(), loop=True),
           {"RTMP": (server.rtmp(), folder / "rtmp.flv"), "HTTP-FLV": (server.http("live/cam.flv"), folder / "http.flv"),
            "HTTP-TS": (server.http("live/cam.ts"), folder / "http.ts")}, server)
    server.stop()
