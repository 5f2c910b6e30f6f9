"""Several videos of one publisher: variants of one HLS playlist and representations of one set in DASH. hls.js, also in low latency, and dash.js change
between them while they play; FFmpeg decodes each to its own size, with as many pictures."""

import time
import urllib.parse

from cases.segments import STATE
from support import segments_page
from support.chromium import Chromium
from support.ports import free_port
from support.processes import Failure, need

SECONDS = 150


def publish(test, server):
    """One picture in two sizes with the same key frames, and a tone."""
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0"]
    return test.start("two-videos", [
        "ffmpeg", "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=s=640x360:r=25", "-f", "lavfi", "-i", "sine=440:r=48000",
        "-filter_complex", "[0:v]split[a][b];[b]scale=320:180[c]", "-map", "[a]", "-map", "[c]", "-map", "1:a", *encoder, "-b:v:0", "1200k", "-b:v:1", "300k",
        "-c:a", "aac", "-f", "mpegts", f"srt://127.0.0.1:{server.srt_port}?streamid=#!::r=live/two,m=publish"])


def check_ffmpeg(test, url):
    """Each variant alone: its size, and 3 s of its pictures."""
    playlist = test.run("master", ["curl", "-s", url], seconds=10).text()
    inner = [line for line in playlist.splitlines() if line.startswith("/")]
    inner = [urllib.parse.urljoin(url, line) for line in inner] or [
        urllib.parse.urljoin(url, line) for line in playlist.splitlines() if line and not line.startswith("#")]
    master = test.run("variants", ["curl", "-s", inner[0]], seconds=10).text() if len(inner) == 1 else playlist
    variants = [urllib.parse.urljoin(url, line) for line in master.splitlines() if line and not line.startswith("#")]
    if len(variants) != 2:
        raise Failure(f"two variants were to be there: {master}")
    sizes = []
    for number, variant in enumerate(variants):
        shown = test.run(f"decode-{number}", ["ffmpeg", "-hide_banner", "-i", variant, "-t", "3", "-an", "-f", "null", "-"], seconds=40).text()
        frames = int(shown.rsplit("frame=", 1)[1].split()[0])
        size = "640x360" if "640x360" in shown else "320x180" if "320x180" in shown else "?"
        if frames < 72:
            raise Failure(f"variant {number}, {size}: {frames} frames of 75")
        sizes.append(size)
    if sizes != ["640x360", "320x180"]:
        raise Failure(f"the variants have {sizes}")
    test.note("FFmpeg: variants of 640x360 and 320x180, each with all pictures of 3 s")


def check_changes(test, server, what, query, count, choose):
    """Plays, is told to take the smaller one and then the larger one, and goes on each time without a stall."""
    segments_page.place(test)
    with Chromium(test.processes) as browser:
        page = browser.open(server.http(f"segments.html?{urllib.parse.urlencode(query)}"))
        page.wait(f"{what}: time advances", '(window.fault || document.getElementById("video").currentTime > 1)', 40)
        if page.value(count) != 2:
            raise Failure(f"{what}: offers {page.value(count)} qualities")
        before = page.value(STATE)
        for width in (320, 640):
            page.value(choose(width))
            page.wait(f"{what}: {width} pixels", f'(window.fault || document.getElementById("video").videoWidth === {width})', 25)
        time.sleep(3)
        after = page.value(STATE)
        if after["fault"]:
            raise Failure(f"{what}: {after['fault']}")
        if after["time"] - before["time"] < 3:
            raise Failure(f"{what}: {after['time'] - before['time']:.1f} s behind two changes")
        test.note(f"{what}: 640 to 320 to 640 pixels while it played, {after['stalls'] - before['stalls']} stalls")


def run(test):
    need("ffmpeg", "curl")
    for what, options in (("fMP4", ""), ("low-latency fMP4", "hls_low_latency on;")):
        port = free_port()
        server = test.server(dir=test.folder, top=f"srt_server {{ enabled on; listen 127.0.0.1:{port}; }}",
                             vhost="srt { enabled on; } dash { enabled on; dash_fragment 1; dash_window_size 30; } "
                                   f"hls {{ enabled on; hls_use_fmp4 on; hls_fragment 1; hls_window 30; hls_to_disk off; {options} }}")
        server.srt_port = port
        push = publish(test, server)
        server.wait_live("/live/two")
        time.sleep(6)
        if not options:
            check_ffmpeg(test, server.http("live/two.m3u8"))
            check_changes(test, server, "dash.js", {"player": "dash", "url": server.http("live/two.mpd")},
                          "player.getRepresentationsByType('video').length",
                          lambda width: "player.updateSettings({streaming: {abr: {autoSwitchBitrate: {video: false}}}}); "
                                        "player.setRepresentationForTypeById('video', player.getRepresentationsByType('video')"
                                        f".find(one => one.width === {width}).id, true)")
        check_changes(test, server, f"hls.js, {what}", {"player": "hls", "url": server.http("live/two.m3u8")}, "hls.levels.length",
                      lambda width: f"hls.nextLevel = hls.levels.findIndex(level => level.width === {width})")
        push.end()
        server.stop()
