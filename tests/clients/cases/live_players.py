"""Live .ts and .mp4 in players: VLC, GStreamer, mpegts.js and a bare page of Media Source Extensions in Chromium."""

import pathlib
import shutil
import time
import urllib.parse

from support.chromium import Chromium
from support.processes import Failure, need
from support.server import ROOT

SECONDS = 120
PAGES = pathlib.Path(__file__).resolve().parents[1] / "pages"
MIME = 'video/mp4; codecs="avc1.64001e, mp4a.40.2"'
STATE = """(() => { const v = document.getElementById("video"), q = v.getVideoPlaybackQuality();
  return {time: v.currentTime, frames: q.totalVideoFrames, dropped: q.droppedVideoFrames, fault: window.fault,
          ended: window.ended, behind: v.buffered.length ? v.buffered.end(v.buffered.length - 1) - v.currentTime : -1}; })()"""


def vlc(test, url, name):
    place = test.folder / name
    place.mkdir()
    place.chmod(0o777)
    process = test.start("vlc", ["vlc", "-I", "dummy", "--no-dbus", "--no-audio", "--vout=vdummy", "--video-filter=scene",
                                 "--scene-format=png", "--scene-ratio=5", f"--scene-path={place}", "--network-caching=300",
                                 "-v", url], unprivileged=True)
    # Not --run-time: VLC counts it from zero, and a stream that is joined late does not begin there.
    time.sleep(6)
    process.end()
    count = len(list(place.glob("*.png")))
    if count < 10:
        raise Failure(f"VLC showed {count} pictures (one kept in five) of {name} in 5 s\n{process.tail(25)}")
    test.note(f"VLC, {name}: {count} pictures, one kept in five")


def gstreamer(test, url, demuxer):
    out = test.folder / f"{demuxer}.gray"
    player = test.start("gst-play", [
        "gst-launch-1.0", "-q", "souphttpsrc", "is-live=true", f"location={url}", "!", demuxer, "!", "queue", "!", "h264parse", "!",
        "avdec_h264", "!", "videoconvert", "!", "videoscale", "!", "video/x-raw,format=GRAY8,width=16,height=16", "!", "identity",
        "eos-after=60", "!", "filesink", f"location={out}", "buffer-mode=unbuffered"])
    player.wait(30)
    pictures = out.stat().st_size // 256 if out.exists() else 0
    if pictures < 50:
        raise Failure(f"GStreamer's {demuxer} gave {pictures} pictures\n{player.tail()}")
    test.note(f"GStreamer, {demuxer}: {pictures} pictures")


def plays(test, page, what):
    page.wait(f"{what}: time advances", '(window.fault || document.getElementById("video").currentTime > 1)')
    time.sleep(1)
    first = page.value(STATE)
    time.sleep(4)
    last = page.value(STATE)
    moved, frames = last["time"] - first["time"], last["frames"] - first["frames"]
    if last["fault"] or moved < 3.6 or frames < 85:
        raise Failure(f"{what}: in 4 s the time went on by {moved:.2f} s and {frames} frames; {last}")
    if last["dropped"] - first["dropped"] > frames // 10:
        raise Failure(f"{what}: {last['dropped']} frames were dropped of {last['frames']}")
    test.note(f"{what}: {frames} frames in {moved:.2f} s of 4, {last['dropped']} dropped, {last['behind']:.2f} s buffered")


def browsers(test, server, push):
    vendor = ROOT / "research/players/vendor"
    if not (vendor / "mpegts.js").exists():
        raise Failure("mpegts.js is not there: scripts/setup")
    shutil.copytree(vendor, test.folder / "vendor")
    for page in PAGES.glob("live.*"):
        shutil.copy(page, test.folder)
    with Chromium(test.processes) as browser:
        def open_page(**query):
            return browser.open(server.http(f"live.html?{urllib.parse.urlencode(query)}"))

        ts = open_page(url=server.http("live/cam.ts"))
        plays(test, ts, "mpegts.js, TS by HTTP")
        ws = open_page(url=server.http("live/cam.ts", scheme="ws"))
        plays(test, ws, "mpegts.js, TS by WebSocket")
        mp4 = open_page(url=server.http("live/cam.mp4"), mime=MIME)
        plays(test, mp4, "Media Source, MP4 by HTTP")
        mp4_ws = open_page(url=server.http("live/cam.mp4", scheme="ws"), mime=MIME)
        plays(test, mp4_ws, "Media Source, MP4 by WebSocket")
        push.end()
        for page in (ts, mp4, mp4_ws):
            page.wait("the page is told the end", "window.ended")


def run(test):
    need("vlc", "gst-launch-1.0")
    server = test.server(dir=test.folder)
    push = test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    time.sleep(1)
    vlc(test, server.http("live/cam.ts"), "TS")
    vlc(test, server.http("live/cam.mp4"), "MP4")
    gstreamer(test, server.http("live/cam.ts"), "tsdemux")
    gstreamer(test, server.http("live/cam.mp4"), "qtdemux")
    browsers(test, server, push)
