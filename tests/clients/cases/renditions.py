"""Several tracks of sound in HLS of fragmented MP4: FFmpeg finds each, hls.js offers the choice and changes while it plays, also in low latency."""

import shutil
import time
import urllib.parse

from cases.live_players import PAGES
from cases.segments import STATE
from support.chromium import Chromium
from support.ports import free_port
from support.processes import Failure, need
from support.server import ROOT

SECONDS = 150


def publish(test, server):
    """A picture and two tones, an octave apart."""
    return test.start("two-sounds", [
        "ffmpeg", "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=s=640x360:r=25", "-f", "lavfi", "-i", "sine=440:r=48000",
        "-f", "lavfi", "-i", "sine=880:r=48000", "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-g", "25", "-bf", "0", "-c:a", "aac", "-f", "mpegts", f"srt://127.0.0.1:{server.srt_port}?streamid=#!::r=live/two,m=publish"])


def check_ffmpeg(test, url):
    """Each track of sound has its own tone."""
    levels = []
    for track in (0, 1):
        heard = test.run(f"tone-{track}", ["ffmpeg", "-hide_banner", "-i", url, "-map", f"0:a:{track}", "-t", "3", "-af",
                                           "highpass=f=700,highpass=f=700,volumedetect", "-f", "null", "-"], seconds=40).text()
        levels.append(float(heard.split("mean_volume:")[1].split("dB")[0]))
    if abs(levels[0] - levels[1]) < 6:
        raise Failure(f"the two tracks of sound are the same: above 700 Hz {levels[0]} and {levels[1]} dB")
    test.note(f"FFmpeg: above 700 Hz the tracks have {levels[0]:.0f} and {levels[1]:.0f} dB")


def check_hlsjs(test, server, what):
    vendor = ROOT / "research/players/vendor"
    if not (vendor / "hls.js").exists():
        raise Failure("hls.js is not there: scripts/setup")
    if not (test.folder / "vendor").exists():
        shutil.copytree(vendor, test.folder / "vendor")
        for page in PAGES.glob("segments.*"):
            shutil.copy(page, test.folder)
    with Chromium(test.processes) as browser:
        query = urllib.parse.urlencode({"player": "hls", "url": server.http("live/two.m3u8")})
        page = browser.open(server.http(f"segments.html?{query}"))
        page.wait(f"{what}: time advances", '(window.fault || document.getElementById("video").currentTime > 1)', 40)
        names = page.value("hls.audioTracks.map(track => track.name).join()")
        if names != "Audio 1,Audio 2":
            raise Failure(f"{what}: hls.js offers '{names}'")
        before = page.value(STATE)
        page.value("hls.audioTrack = 1")
        page.wait(f"{what}: the other track of sound", "(window.fault || hls.audioTrack === 1)", 10)
        time.sleep(6)
        after = page.value(STATE)
        if after["fault"]:
            raise Failure(f"{what}: {after['fault']}")
        frames, moved = after["frames"] - before["frames"], after["time"] - before["time"]
        if frames < 60 or moved < 4:  # the browser may leave pictures out; the time goes on
            raise Failure(f"{what}: {frames} frames and {moved:.1f} s of time in 6 s behind the change of the sound")
        test.note(f"{what}, hls.js: '{names}'; changed while it played: {frames} frames in {moved:.1f} s, {after['stalls']} stalls")


def run(test):
    need("ffmpeg")
    for what, options in (("fMP4", ""), ("low-latency fMP4", "hls_low_latency on;")):
        port = free_port()
        server = test.server(dir=test.folder, top=f"srt_server {{ enabled on; listen 127.0.0.1:{port}; }}",
                             vhost=f"srt {{ enabled on; }} hls {{ enabled on; hls_use_fmp4 on; hls_fragment 1; hls_window 30; hls_to_disk off; {options} }}")
        server.srt_port = port
        push = publish(test, server)
        server.wait_live("/live/two")
        time.sleep(6)
        if not options:
            check_ffmpeg(test, server.http("live/two.m3u8"))
        check_hlsjs(test, server, what)
        push.end()
        server.stop()
