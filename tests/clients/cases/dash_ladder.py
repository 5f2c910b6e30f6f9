"""A ladder in DASH: three streams of one encoder in one manifest. dash.js changes between them while it plays, also in low latency, where it stays close to live;
FFmpeg finds every rendition; an encoder of its own joins in a period of its own, and players go on."""

import time
import urllib.parse
import urllib.request

from cases.segments import STATE
from support import segments_page
from support.chromium import Chromium
from support.processes import Failure, need

SECONDS = 200
ALONE = True
SIZES = {"": 640, "_lo": 320}
ENCODER = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0"]


def publish(test, server):
    """One picture in two sizes, as two streams with the same times, and a tone in each."""
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=s=640x360:r=25", "-f", "lavfi", "-i", "sine=440:r=48000",
               "-filter_complex", "[0:v]split[a][b];[b]scale=320:180[c]"]
    for ending, label, rate in (("", "[a]", "1200k"), ("_lo", "[c]", "300k")):
        command += ["-map", label, "-map", "1:a", *ENCODER, "-b:v", rate, "-c:a", "aac", "-f", "flv", server.rtmp("live/cam" + ending)]
    return test.start("two-streams", command)


def publish_alone(test, server, ending):
    return test.start("alone" + ending, [
        "ffmpeg", "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=s=160x90:r=25", "-f", "lavfi", "-i", "sine=880:r=48000", *ENCODER,
        "-b:v", "100k", "-c:a", "aac", "-f", "flv", server.rtmp("live/cam" + ending)])


def manifest(server):
    with urllib.request.urlopen(server.http("live/cam.mpd"), timeout=5) as answer:
        return answer.read().decode()


def check_dashjs(test, server, what, most_latency, meanwhile=None):
    segments_page.place(test)
    with Chromium(test.processes) as browser:
        query = urllib.parse.urlencode({"player": "dash", "url": server.http("live/cam.mpd")})
        page = browser.open(server.http(f"segments.html?{query}"))
        page.wait(f"{what}: time advances", '(window.fault || document.getElementById("video").currentTime > 1)', 40)
        page.value("player.updateSettings({streaming: {abr: {autoSwitchBitrate: {video: false}}}})")
        count = page.value('player.getRepresentationsByType("video").length')
        if count != 2:
            raise Failure(f"{what}: offers {count} qualities\n{manifest(server)}")
        before = page.value(STATE)
        for width in (320, 640):
            page.value(f'player.setRepresentationForTypeById("video", player.getRepresentationsByType("video").find(one => one.width === {width}).id)')
            page.wait(f"{what}: {width} pixels", f'(window.fault || document.getElementById("video").videoWidth === {width})', 25)
        if meanwhile:
            meanwhile()
        time.sleep(6)
        latencies = []
        for _ in range(10):
            time.sleep(0.5)
            latencies.append(page.value("window.latency"))
        after = page.value(STATE)
        if after["fault"]:
            raise Failure(f"{what}: {after['fault']}")
        if after["time"] - before["time"] < 8:
            raise Failure(f"{what}: {after['time'] - before['time']:.1f} s of time in more than 11 s\n{manifest(server)}")
        if most_latency and max(latencies) > most_latency:
            raise Failure(f"{what}: up to {max(latencies):.2f} s behind live")
        test.note(f"{what}: 640 to 320 to 640 pixels while it played, {after['stalls'] - before['stalls']} stalls, "
                  f"{min(latencies):.2f} to {max(latencies):.2f} s behind live")


def check_ffmpeg(test, server):
    shown = test.run("probe", ["ffprobe", "-hide_banner", server.http("live/cam.mpd")], seconds=40).text()
    for size in ("640x360", "320x180"):
        if size not in shown:
            raise Failure(f"FFmpeg does not find {size}\n{shown}")
    test.note("FFmpeg finds both sizes")


def run(test):
    need("ffmpeg")
    for what, options, most in (("DASH", "", None), ("low-latency DASH", "dash_low_latency on;", 2.5)):
        server = test.server(dir=test.folder, vhost="min_latency on; dash { enabled on; dash_fragment 2; dash_window_size 30; "
                                                    f"dash_update_period 2; dash_ladder _lo _own; {options} }}")
        push = publish(test, server)
        server.wait_live("/live/cam")
        time.sleep(8)
        text = manifest(server)
        if text.count('segmentAlignment="true"') != 2 or text.count("<Period ") != 1:
            raise Failure(f"{what}: the renditions are not aligned\n{text}")
        others = []
        if not options:
            check_ffmpeg(test, server)
        check_dashjs(test, server, what, most, None if options else lambda: others.append(publish_alone(test, server, "_own")))
        for one in [push, *others]:
            one.end()
        server.stop()
