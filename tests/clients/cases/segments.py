"""HLS, low-latency HLS and DASH: every packet as it was pushed; hls.js, dash.js, VLC and GStreamer play them."""

import time
import urllib.parse

from cases.live_formats import packets, probe_command, same_times
from cases.live_players import vlc
from support import media, segments_page
from support.chromium import Chromium
from support.processes import Failure, need

SECONDS = 200
ALONE = True
HLS = "hls {{ enabled on; hls_fragment 2; hls_window 60; hls_to_disk off; {0} }} dash {{ enabled on; dash_fragment 2; dash_window_size 60; }}"
STATE = """(() => { const v = document.getElementById("video"), q = v.getVideoPlaybackQuality();
  return {time: v.currentTime, frames: q.totalVideoFrames, dropped: q.droppedVideoFrames, fault: window.fault,
          latency: window.latency, stalls: window.stalls}; })()"""


def up_to(list_of_packets, seconds):
    first = min(p[1] for p in list_of_packets)
    return [p for p in list_of_packets if p[1] - first < seconds]


def exact(test, name, options, formats):
    """A stream that has ended is read from its beginning: as many packets with the same times."""
    server = test.server(vhost=HLS.format("hls_recover off; hls_ctx off; " + options))
    source = test.source(seconds=8, b_frames=2)
    wanted = packets(test.run("sent", probe_command(source)))
    test.push(source, server.rtmp("live/cam")).expect(0, 30)
    time.sleep(0.5)
    for end in formats:
        got = packets(test.run(f"probe-{name}-{end}", probe_command(server.http(f"live/cam.{end}")), seconds=30))
        sent = wanted
        if end == "mpd":  # FFmpeg's DASH demuxer ends with the track that ends first
            sent, got = up_to(wanted, 7.9), up_to(got, 7.9)
        shift = same_times(sent, got, ("video", "audio"), f"{name} {end}")
        test.note(f"{name}, .{end}: {len(got)} packets with the same times, shifted by {shift:.3f} s")
    if "hls_keys" not in options:
        pictures(test, server, name)
    server.stop()


def pictures(test, server, name):
    """The playlist of key frames: each range of bytes, behind its initialisation, is decoded to a picture."""
    def get(path, *options):
        file = test.folder / "picture"
        test.run("get", ["curl", "-s", "-f", *options, "-o", file, urllib.parse.urljoin(server.http("live/cam~iframes.m3u8"), path)])
        return file.read_bytes()

    init, size, seen = b"", 0, 0
    for line in get("cam~iframes.m3u8").decode().splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = get(line.split('"')[1])
        elif line.startswith("#EXT-X-BYTERANGE:"):
            size = int(line.split(":")[1].split("@")[0])
        elif line and not line.startswith("#"):
            data = get(line, "-r", f"0-{size - 1}")
            if len(data) != size:
                raise Failure(f"{name}: {len(data)} bytes of {size} came of {line}")
            alone = test.folder / "alone"
            alone.write_bytes(init + data)
            test.run("decode-picture", ["ffmpeg", "-v", "fatal", "-y", "-i", alone, "-map", "0:v", "-frames:v", "1", "-f", "framecrc", test.folder / "picture.crc"])
            seen += len(media.frames_of(test.folder / "picture.crc").get(0, []))
    if seen != 4:
        raise Failure(f"{name}: {seen} pictures of 4 by the playlist of key frames")
    test.note(f"{name}: 4 pictures by the playlist of key frames")


def gstreamer(test, url):
    """hlsdemux follows the playlist; what it fetched is a transport stream that ffprobe counts."""
    out = test.folder / "hlsdemux.ts"
    player = test.start("gst-hls", ["gst-launch-1.0", "-q", "souphttpsrc", f"location={url}", "!", "hlsdemux", "!", "filesink",
                                    f"location={out}", "buffer-mode=unbuffered"])
    time.sleep(8)
    player.end()
    pictures = media.count_frames(test.processes, out, "hlsdemux")
    if pictures < 200:
        raise Failure(f"GStreamer's hlsdemux fetched {pictures} pictures in 8 s\n{player.tail()}")
    test.note(f"GStreamer, hlsdemux: {pictures} pictures in 8 s")


def plays(test, page, what, seconds, most_latency=None):
    page.wait(f"{what}: time advances", '(window.fault || document.getElementById("video").currentTime > 1)', 40)
    time.sleep(3)
    first = page.value(STATE)
    if first["fault"]:
        raise Failure(f"{what}: {first['fault']}")
    latencies = []
    for _ in range(seconds * 2):
        time.sleep(0.5)
        latencies.append(page.value("window.latency"))
    last = page.value(STATE)
    if last["fault"]:
        raise Failure(f"{what}: {last['fault']}")
    moved, frames = last["time"] - first["time"], last["frames"] - first["frames"]
    if moved < seconds * 0.9 or frames < seconds * 20:
        raise Failure(f"{what}: {frames} frames and {moved:.2f} s in {seconds} s")
    if last["stalls"] > first["stalls"]:
        raise Failure(f"{what}: it stalled {last['stalls'] - first['stalls']} times")
    if most_latency and max(latencies) > most_latency:
        raise Failure(f"{what}: up to {max(latencies):.2f} s behind")
    test.note(f"{what}: {frames} frames in {moved:.2f} s of {seconds}, {last['dropped']} dropped, "
              f"{min(latencies):.2f} to {max(latencies):.2f} s behind")


def browsers(test, server, what, opened):
    segments_page.place(test)
    for name, query, most in opened:
        with Chromium(test.processes) as browser:
            page = browser.open(server.http(f"segments.html?{urllib.parse.urlencode(query)}"))
            plays(test, page, f"{what}, {name}", 8, most)


def run(test):
    need("vlc", "gst-launch-1.0", "curl")
    exact(test, "TS", "", ("m3u8", "mpd"))
    exact(test, "fMP4", "hls_use_fmp4 on;", ("m3u8",))
    exact(test, "low-latency TS", "hls_low_latency on;", ("m3u8",))
    exact(test, "low-latency fMP4", "hls_low_latency on; hls_use_fmp4 on;", ("m3u8",))
    exact(test, "encrypted TS", "hls_keys on; hls_fragments_per_key 2;", ("m3u8",))

    for what, options, low in (("TS", "", False), ("low-latency TS", "hls_low_latency on;", True),
                               ("low-latency fMP4", "hls_low_latency on; hls_use_fmp4 on;", True)):
        server = test.server(dir=test.folder, vhost=HLS.format(options))
        push = test.push(test.source(), server.rtmp("live/cam"), loop=True)
        server.wait_live("/live/cam")
        time.sleep(8)
        m3u8, mpd = server.http("live/cam.m3u8"), server.http("live/cam.mpd")
        opened = [("hls.js", {"player": "hls", "url": m3u8}, 2.0 if low else None)]
        if what == "TS":
            opened.append(("dash.js", {"player": "dash", "url": mpd}, None))
            vlc(test, m3u8, "HLS")
            gstreamer(test, m3u8)
        browsers(test, server, what, opened)
        push.end()
        server.stop()
