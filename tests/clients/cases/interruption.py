"""An encoder is killed and comes back within the grace: FLV, FFmpeg by RTMP, mpegts.js and hls.js go on, times only grow, and HLS has
one discontinuity. With a standby no player waits at all."""

import shutil
import signal
import time
import urllib.parse
import urllib.request

from cases.live_players import PAGES, STATE
from cases.segments import STATE as SEGMENTS_STATE
from support.chromium import Chromium
from support.flv import FlvPlayer
from support.processes import Failure, need, wait_until
from support.server import ROOT

SECONDS = 150
ALONE = True
HLS = "hls { enabled on; hls_fragment 2; hls_window 60; hls_to_disk off; hls_ctx off; }"
HOLE = 3.0  # seconds without an encoder


def kill(push):
    push.signal(signal.SIGKILL)
    push.wait(30)


def times_grow(player, what):
    for kind in (8, 9):
        times = [tag.time for tag in player.tags if tag.kind == kind and not tag.is_header()]
        back = [(a, b) for a, b in zip(times, times[1:]) if b < a]
        ahead = [(a, b) for a, b in zip(times, times[1:]) if b - a > 200]
        if back or ahead:
            raise Failure(f"{what}: times of kind {kind} go back {back[:3]} or jump {ahead[:3]}")


def playlist(server):
    return urllib.request.urlopen(server.http("live/cam.m3u8"), timeout=30).read().decode()


def moves(test, page, state, what, seconds=4):
    """Plays on, at the pace of the clock."""
    first = page.value(state)
    time.sleep(seconds)
    last = page.value(state)
    moved, frames = last["time"] - first["time"], last["frames"] - first["frames"]
    if last["fault"] or moved < seconds * 0.85 or frames < seconds * 20:
        raise Failure(f"{what}: in {seconds} s the time went on by {moved:.2f} s and {frames} frames; {last}")
    test.note(f"{what}: {frames} frames in {moved:.2f} s of {seconds} after the encoder came back")


def comes_back(test):
    server = test.server(dir=test.folder, vhost=HLS)
    vendor = ROOT / "research/players/vendor"
    shutil.copytree(vendor, test.folder / "vendor")
    for name in ("live.*", "segments.*"):
        for page in PAGES.glob(name):
            shutil.copy(page, test.folder)
    source = test.source()
    push = test.push(source, server.rtmp(), loop=True)
    server.wait_live()
    flv = FlvPlayer(server.ports["http"])
    recorded = test.folder / "recorded.flv"
    viewer = test.start("viewer", ["ffmpeg", "-nostdin", "-v", "error", "-i", server.rtmp(), "-c", "copy", "-f", "flv", recorded])
    # A browser for each: a page that is not in front does not play.
    with Chromium(test.processes) as one, Chromium(test.processes) as other:
        time.sleep(7)
        query = urllib.parse.urlencode(dict(url=server.http("live/cam.ts")))
        mpegts = one.open(server.http(f"live.html?{query}"))
        query = urllib.parse.urlencode(dict(player="hls", url=server.http("live/cam.m3u8")))
        hls = other.open(server.http(f"segments.html?{query}"))
        for page, what in ((mpegts, "mpegts.js"), (hls, "hls.js")):
            page.wait(f"{what}: time advances", '(window.fault || document.getElementById("video").currentTime > 1)', 30)
        kill(push)
        time.sleep(HOLE)
        if flv.error or not viewer.running():
            raise Failure("a player was told of the interruption")
        before, size = flv.count, recorded.stat().st_size
        test.push(source, server.rtmp(), loop=True)
        flv.wait_tags(before + 100)
        time.sleep(4)
        moves(test, mpegts, STATE, "mpegts.js, TS")
        moves(test, hls, SEGMENTS_STATE, "hls.js")
    times_grow(flv, "HTTP-FLV")
    headers = sum(tag.is_header() and tag.kind == 9 for tag in flv.tags)
    if headers != 2:
        raise Failure(f"HTTP-FLV: {headers} sequence headers of video for two encoders")
    if recorded.stat().st_size < size + 50_000 or not viewer.running():
        raise Failure(f"the RTMP player did not go on\n{viewer.tail()}")
    text = playlist(server)
    if text.count("#EXT-X-DISCONTINUITY\n") != 1 or "ENDLIST" in text:
        raise Failure(f"not one discontinuity:\n{text}")
    test.note(f"HTTP-FLV: {flv.count} tags over two encoders, times only grow; one discontinuity in HLS")
    server.stop()


def stands_by(test):
    server = test.server(vhost="publish { standby on; input_timeout 1; }")
    source = test.source()
    main = test.push(source, server.rtmp("live/cam?priority=10"), loop=True)
    server.wait_live()
    test.push(source, server.rtmp("live/cam?priority=5"), loop=True)
    wait_until("both publish", lambda: sum(entry["publish"] for entry in server.clients()) == 2)
    player = FlvPlayer(server.ports["http"])
    player.wait_tags(60)
    time.sleep(2)
    # A connection that stays and says nothing, then one that breaks.
    main.signal(signal.SIGSTOP)
    began = time.monotonic()
    time.sleep(3)
    late = max(b.at - a.at for a, b in zip(player.tags, player.tags[1:]) if b.at > began)
    if late > 2.5:
        raise Failure(f"nothing came for {late:.2f} s while the standby had it")
    kill(main)
    player.wait_tags(player.count + 100)
    times_grow(player, "HTTP-FLV with a standby")
    test.note(f"standby: the longest wait of a player was {late:.2f} s")
    server.stop()


def run(test):
    need("ffmpeg")
    stands_by(test)
    comes_back(test)
