"""Films below the web root as HLS: ffprobe gets each packet with its time, and seeks; the page plays and seeks them by hls.js in Chromium; a guarded recording
asks for its token."""

import hashlib
import hmac
import shutil
import time
import urllib.error
import urllib.request

from cases.live_formats import packets, probe_command, same_times
from support.chromium import Chromium
from support.processes import Failure, wait_until
from support.server import ROOT

SECONDS = 150
LENGTH = 60
TIME = 'document.querySelector("video").currentTime'
KEY = "s3cret"


def film(test, path, *options):
    path.parent.mkdir(parents=True, exist_ok=True)
    test.run("film", ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=25:duration={LENGTH}", "-f", "lavfi", "-i",
                      f"sine=frequency=440:sample_rate=44100:duration={LENGTH}", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "50",
                      "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", *options, str(path)], 60)


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def token(stream):
    expiry = int(time.time()) + 600
    signed = f"play\n/{stream}\n{expiry}".encode()
    return f"{expiry}-{hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()}"


def all_of(test, server, www):
    for name, options in (("tables-first.mp4", ["-movflags", "+faststart"]), ("tables-last.mp4", []),
                          ("fragmented.mp4", ["-movflags", "frag_keyframe+empty_moov"]), ("indexed.flv", ["-flvflags", "add_keyframe_index"]),
                          ("plain.flv", [])):
        film(test, www / "vod" / name, *options)
        wanted = packets(test.run("file", probe_command(www / "vod" / name)))
        began = time.monotonic()
        got = packets(test.run("hls", probe_command(server.http(f"vod/{name}.m3u8"))))
        same_times(wanted, got, ("video", "audio"), name)
        took = time.monotonic() - began
        seek = probe_command(server.http(f"vod/{name}.m3u8"))
        seek[1:1] = ["-read_intervals", "41%+#20"]
        first = min(p[1] for p in packets(test.run("seek", seek)) if p[0] == "video")
        if not 34 < first < 41.5:
            raise Failure(f"{name}: after a seek to 41 s the first picture is of {first}")
        test.note(f"{name}: {len(got)} packets with the same times in {took:.1f} s; a seek to 41 s begins at {first:.1f} s")


def in_browser(test, server):
    with Chromium(test.processes) as browser:
        for name in ("tables-first.mp4", "indexed.flv"):
            page = browser.open(server.http(f"embed.html?over=hls&lang=en#/vod/{name}"))
            page.wait("the player is there", 'document.querySelector("video") !== null')
            page.wait("it plays", f"{TIME} > 0.5")
            length = page.value('document.querySelector("video").duration')
            if abs(length - LENGTH) > 1:
                raise Failure(f"{name}: the player says that it is {length} s long")
            for place in (45, 10):
                page.value(f"{TIME} = {place}")
                page.wait(f"it plays on from {place} s", f"{TIME} > {place + 0.5} && {TIME} < {place + 20}")
            test.note(f"hls.js: {name} of {length:.1f} s, and two seeks")
        if browser.faults():
            raise Failure(f"the page threw: {browser.faults()[:3]}")


def guarded(test, www):
    rules = f"auth {{ enabled on; secret {KEY}; publish off; }} dvr {{ enabled on; dvr_path {www}/[app]/[stream].[timestamp].mp4; }}"
    server = test.server(dir=www, vhost=rules)
    test.push(test.source(), server.rtmp("live/cam")).expect(0, 30)
    found = lambda: [p for p in (www / "live").glob("cam.*.mp4")]
    wait_until("the recording is complete", lambda: len(found()) == 1)
    path = f"live/{found()[0].name}"
    for closed in (path, f"{path}.m3u8", f"{path}-0.ts", f"{path}-0.m4s", f"{path}-init.mp4"):
        if status(server.http(closed)) != 403:
            raise Failure(f"{closed} is given to anybody: {status(server.http(closed))}")
    query = "token=" + token("live/cam")
    wanted = packets(test.run("file", probe_command(found()[0])))
    same_times(wanted, packets(test.run("hls", probe_command(server.http(f"{path}.m3u8?{query}")))), ("video", "audio"), "with the token")
    same_times(wanted, packets(test.run("mp4", probe_command(server.http(f"{path}?{query}")))), ("video", "audio"), "the file")
    listed = server.api("/api/v1/recordings")["recordings"][0]
    if not listed["guarded"] or listed["hls"] != f"/{path}.m3u8":
        raise Failure(f"the list tells {listed}")
    test.note("guarded: 403 without the token; with it the file and its HLS")


def run(test):
    www = test.folder / "www"
    shutil.copytree(ROOT / "research/players", www, ignore=shutil.ignore_patterns("node_modules"))
    server = test.server(dir=www)
    all_of(test, server, www)
    in_browser(test, server)
    server.stop()
    guarded(test, www)
