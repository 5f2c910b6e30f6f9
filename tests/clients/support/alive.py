"""Players of HLS, DASH and HTTP-FLV in Chromium, several at once, each in a window of its own: all of them go through the same changes of publishers."""

import shutil
import time
import urllib.parse

from .processes import Failure, Skip, wait_until
from .server import ROOT

PAGES = ROOT / "tests/clients/pages"
SHAKA = ROOT / "tests/clients/node_modules/shaka-player/dist/shaka-player.compiled.js"
VHOST = "hls {{ enabled on; hls_fragment 2; hls_window 30; hls_to_disk off; {0} }} dash {{ enabled on; dash_fragment 2; dash_window_size 15; {1} }}"
# What a server of each kind says in `hls` and in `dash`.
KINDS = {"TS": ("", ""), "fMP4": ("hls_use_fmp4 on;", ""),
         "low latency": ("hls_use_fmp4 on; hls_low_latency on;", "dash_low_latency on;")}
WIDTHS = 320, 480  # of the sources
STATE = '({time: document.getElementById("video").currentTime, fault: window.fault, width: document.getElementById("video").videoWidth})'


def place(test):
    """Pages and players, where servers have their files."""
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


def sources(test):
    """Two of 8 s that differ in size, and are small: many are decoded at once."""
    made = []
    for width, height in ((WIDTHS[0], 180), (WIDTHS[1], 270)):
        made.append(test.folder / f"{width}.flv")
        test.run("make", ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s={width}x{height}:r=25:d=8", "-f", "lavfi", "-i", "sine=d=8",
                          "-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-bf", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", "44100", made[-1]], seconds=60)
    return made


def holes(test):
    """A film of 16 s with times as they were: from 6 to 9 nothing is in it, and from 11 to 15 no sound."""
    path = test.folder / "holes.flv"
    test.run("holes", ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=16", "-f", "lavfi", "-i", "sine=d=16:r=44100",
                       "-vf", "select='not(between(t,6,9))'", "-af", "aselect='not(between(t,6,9)+between(t,11,15))'", "-fps_mode", "passthrough",
                       "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-force_key_frames", "expr:gte(t,n_forced*2)", "-c:a", "aac", path],
             seconds=60)
    return path


class Feeds:
    """The servers of some kinds, {kind: server}, and one publisher to each of them."""

    def __init__(self, test, servers, source):
        self.test, self.servers, self.pushes = test, servers, []
        self.begin(source)
        for kind, server in servers.items():
            wait_until(f"{kind}: there is a segment", lambda: "<Period" in self.manifest(server, "mpd"), 30, 0.5)
        time.sleep(3)

    def manifest(self, server, end):
        return self.test.run("manifest", ["curl", "-s", server.http(f"live/cam.{end}")]).text()

    def begin(self, source):
        self.pushes = [self.test.push(source, server.rtmp("live/cam"), loop=True) for server in self.servers.values()]

    def end(self):
        for push in self.pushes:
            push.end()


class Players:
    """Each has a name, and a page that is asked for its state."""

    def __init__(self, browser, players):
        """`players`: {name: (server, page, query)}, with {http} in its url for the address of the stream. They play when it returns."""
        self.pages = {}
        for name, (server, page, query) in players.items():
            query = dict(query, url=query["url"].format(http=server.http("live/cam")))
            self.pages[name] = browser.open(f"{server.http(page)}.html?{urllib.parse.urlencode(query)}", width=480, height=320, window=True)
        self.until("it plays", lambda _, now: now["time"] > 1)

    def states(self):
        return {name: page.value(STATE) for name, page in self.pages.items()}

    def until(self, what, done, seconds=40):
        """Waits until done(first, now) holds for the states of each; none has a fault. Which was the last one."""
        first, left = self.states(), []
        end = time.monotonic() + seconds
        while True:
            now, before = self.states(), left
            faults = [f"{name}: {one['fault']}" for name, one in now.items() if one["fault"]]
            if faults:
                raise Failure("\n".join([what, *faults]))
            left = [name for name in now if not done(first[name], now[name])]
            if not left:
                return before[0] if before else ""
            if time.monotonic() > end:
                raise Failure("\n".join([f"{what}: not within {seconds} s", *(f"{name}: from {first[name]} to {now[name]}" for name in left)]))
            time.sleep(0.25)

    def move(self, test, what, wall, least):
        """Over `wall` seconds, in which there may be holes, each moves by `least`."""
        first = self.states()
        time.sleep(wall)
        self.until(what, lambda *_: True)
        moved = {name: now["time"] - first[name]["time"] for name, now in self.states().items()}
        short = [f"{name}: {by:.1f} s" for name, by in moved.items() if by < least]
        if short:
            raise Failure("\n".join([f"{what}: not {least} s in {wall} s: {moved}", *short]))
        test.note(f"{what}: " + ", ".join(f"{name} {by:.1f} s in {wall}" for name, by in moved.items()))


def reconnects(test, feeds, players, small, large):
    """The publishers leave and come back, with another size too, and each player goes on by 4 s and shows it."""
    for what, source, gap in (("comes back after 2 s", small, 2), ("comes back after 5 s with another size", large, 5),
                              ("comes back at once with the first size", small, 0)):
        feeds.end()
        time.sleep(gap)
        feeds.begin(source)
        width = WIDTHS[source is large]
        began = time.monotonic()
        last = players.until(f"the publisher {what}", lambda first, now: now["time"] > first["time"] + 4 and now["width"] == width)
        test.note(f"the publisher {what}: all go on, {width} wide, within {time.monotonic() - began:.1f} s; the last one is {last}")
