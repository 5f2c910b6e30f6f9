"""hls.js and dash.js in Chromium go on playing when a publisher leaves and comes back, with another size, and once more: what they know
stays where it was, and time advances after each change."""

import re
import shutil
import time
import urllib.parse

from cases.live_players import PAGES
from support.chromium import Chromium
from support.processes import Failure
from support.server import ROOT

SECONDS = 200
ALONE = True
VHOST = "hls {{ enabled on; hls_fragment 2; hls_window 30; hls_to_disk off; {0} }} dash {{ enabled on; dash_fragment 2; dash_window_size 15; }}"
STATE = '({time: document.getElementById("video").currentTime, fault: window.fault, width: document.getElementById("video").videoWidth})'


def sources(test):
    small = test.source(seconds=8)
    large = test.folder / "large.flv"
    test.run("large", ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=960x540:r=25:d=8", "-f", "lavfi", "-i", "sine=d=8",
                       "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac", "-ar", "44100", large], seconds=60)
    return small, large


def goes_on(page, what, width, seconds=40):
    """Advances by 4 s within `seconds`, and shows that size in the end."""
    first = page.value(STATE)
    end = time.time() + seconds
    while time.time() < end:
        time.sleep(0.5)
        now = page.value(STATE)
        if now["fault"]:
            raise Failure(f"{what}: {now['fault']}")
        if now["time"] > first["time"] + 4 and now["width"] == width:
            return now
    raise Failure(f"{what}: from {first} to {now} in {seconds} s")


def reconnects(test, server, page, name, push, sources):
    """The publisher leaves and comes back, with another size too, and the player goes on; who pushes in the end."""
    small, large = sources
    width = page.value(STATE)["width"]
    for what, source, gap in (("comes back after 2 s", small, 2), ("comes back after 5 s with another size", large, 5),
                              ("comes back at once with the first size", small, 0)):
        push.end()
        time.sleep(gap)
        push = test.push(source, server.rtmp("live/cam"), loop=True)
        state = goes_on(page, f"{name}: the publisher {what}", 960 if source is large else width)
        test.note(f"{name}: the publisher {what}: {state['time']:.1f} s, {state['width']} wide")
    return push


def manifest(test, server):
    text = test.run("manifest", ["curl", "-s", server.http("live/cam.mpd")]).text()
    return re.search('availabilityStartTime="([^"]*)"', text), text


def one(test, name, options, end):
    server = test.server(dir=test.folder, vhost=VHOST.format(options))
    small, large = sources(test)
    push = test.push(small, server.rtmp("live/cam"), loop=True)
    server.wait_live("/live/cam")
    time.sleep(6)
    start, _ = manifest(test, server)
    query = {"player": "dash" if end == "mpd" else "hls", "url": server.http(f"live/cam.{end}"), "low": "0"}
    with Chromium(test.processes) as browser:
        page = browser.open(server.http(f"segments.html?{urllib.parse.urlencode(query)}"))
        page.wait(f"{name}: it plays", '(window.fault || document.getElementById("video").currentTime > 1)', 40)
        push = reconnects(test, server, page, name, push, (small, large))
    if end == "mpd":
        again, text = manifest(test, server)
        if start.group(1) != again.group(1):
            raise Failure(f"availabilityStartTime was {start.group(1)} and is {again.group(1)}")
        if text.count("<Period ") < 2:
            raise Failure(f"one period after three reconnects:\n{text}")
    push.end()
    server.stop()


def run(test):
    vendor = ROOT / "research/players/vendor"
    if not (vendor / "hls.js").exists() or not (vendor / "dash.js").exists():
        raise Failure("hls.js or dash.js is not there: scripts/setup")
    shutil.copytree(vendor, test.folder / "vendor")
    for page in PAGES.glob("segments.*"):
        shutil.copy(page, test.folder)
    one(test, "dash.js", "", "mpd")
    one(test, "hls.js, TS", "", "m3u8")
    one(test, "hls.js, fMP4", "hls_use_fmp4 on;", "m3u8")
