"""hls.js, dash.js, Shaka Player and mpegts.js in Chromium stay alive: a publisher leaves and comes back, with another size too, nothing comes
for 3 s, and the sound alone is missing for 4 s. What hls.js and dash.js do when publishers come and go is in segments_reconnect."""

import shutil
import time
import urllib.parse

from cases.live_players import PAGES
from cases.segments_reconnect import reconnects, sources
from support.chromium import Chromium
from support.processes import Failure, Skip
from support.server import ROOT

SECONDS = 600
SLOW = True
ALONE = True
BY_HAND = True  # minutes, and Shaka with low latency is not through yet
SHAKA = ROOT / "tests/clients/node_modules/shaka-player/dist/shaka-player.compiled.js"
VHOST = "hls {{ enabled on; hls_fragment 2; hls_window 30; hls_to_disk off; {0} }} dash {{ enabled on; dash_fragment 2; dash_window_size 30; {1} }}"


def holes(test):
    """A film of 16 s with times as they were: from 6 to 9 nothing is in it, and from 11 to 15 no sound."""
    path = test.folder / "holes.flv"
    if not path.exists():
        test.run("holes", ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=16", "-f", "lavfi", "-i", "sine=d=16:r=44100",
                           "-vf", "select='not(between(t,6,9))'", "-af", "aselect='not(between(t,6,9)+between(t,11,15))'", "-fps_mode", "passthrough",
                           "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-force_key_frames", "expr:gte(t,n_forced*2)", "-c:a", "aac", path],
                 seconds=60)
    return path


def place(test):
    vendor = ROOT / "research/players/vendor"
    if not (vendor / "mpegts.js").exists():
        raise Failure("the players are not there: scripts/setup")
    if not SHAKA.exists():
        raise Skip("shaka-player is not there: npm ci in tests/clients")
    shutil.copytree(vendor, test.folder / "vendor")
    shutil.copy(SHAKA, test.folder / "vendor/shaka.js")
    for name in ("segments.*", "shaka.*", "live.*"):
        for page in PAGES.glob(name):
            shutil.copy(page, test.folder)


def opened(test, browser, server, page, query, name):
    there = browser.open(server.http(f"{page}.html?{urllib.parse.urlencode(query)}"))
    there.wait(f"{name}: it plays", '(window.fault || document.getElementById("video").currentTime > 1)', 40)
    fault = there.value("window.fault")
    if fault:
        raise Failure(f"{name}: {fault}")
    return there


def moves_on(page, what, wall, least):
    """Over `wall` seconds, in which there are holes, it moves by `least` and has no fault."""
    first = page.value('document.getElementById("video").currentTime')
    time.sleep(wall)
    now, fault = page.value('document.getElementById("video").currentTime'), page.value("window.fault")
    if fault or now - first < least:
        raise Failure(f"{what}: {now - first:.1f} s in {wall} s; {fault}")
    return now - first


def through_holes(test, name, options, page, query):
    server = test.server(dir=test.folder, vhost=VHOST.format(*options))
    push = test.push(holes(test), server.rtmp("live/cam"), loop=True)
    server.wait_live("/live/cam")
    time.sleep(6)
    query = {key: value.format(http=server.http("live/cam")) for key, value in query.items()}
    with Chromium(test.processes) as browser:
        there = opened(test, browser, server, page, query, name)
        # Twice through the film, which has 26 s of pictures in 32 s.
        moved = moves_on(there, f"{name}: holes", 32, 18)
        moves_on(there, f"{name}: behind the holes", 12, 5)
    test.note(f"{name}: {moved:.1f} s in 32 s with holes of 3 s, and of 4 s in the sound")
    push.end()
    server.stop()


def through_reconnects(test, name, options, page, query):
    server = test.server(dir=test.folder, vhost=VHOST.format(*options))
    small, large = sources(test)
    push = test.push(small, server.rtmp("live/cam"), loop=True)
    server.wait_live("/live/cam")
    time.sleep(6)
    query = {key: value.format(http=server.http("live/cam")) for key, value in query.items()}
    with Chromium(test.processes) as browser:
        there = opened(test, browser, server, page, query, name)
        push = reconnects(test, server, there, name, push, (small, large))
    push.end()
    server.stop()


def run(test):
    place(test)
    mp4 = ("hls_use_fmp4 on;", "")
    low = ("hls_use_fmp4 on; hls_low_latency on;", "dash_low_latency on;")
    shaka = {"DASH": (("", ""), "{http}.mpd", "0"), "HLS, TS": (("", ""), "{http}.m3u8", "0"), "HLS, fMP4": (mp4, "{http}.m3u8", "0"),
             "low-latency HLS": (low, "{http}.m3u8", "1"), "low-latency DASH": (low, "{http}.mpd", "1")}
    for kind, (options, url, latency) in shaka.items():
        through_reconnects(test, f"Shaka, {kind}", options, "shaka", {"url": url, "low": latency})
    through_holes(test, "Shaka, DASH", ("", ""), "shaka", {"url": "{http}.mpd", "low": "0"})
    through_holes(test, "Shaka, HLS", mp4, "shaka", {"url": "{http}.m3u8", "low": "0"})
    through_holes(test, "hls.js", mp4, "segments", {"player": "hls", "url": "{http}.m3u8", "low": "0"})
    through_holes(test, "dash.js", ("", ""), "segments", {"player": "dash", "url": "{http}.mpd"})
    through_holes(test, "mpegts.js", ("", ""), "live", {"url": "{http}.flv", "type": "flv"})
