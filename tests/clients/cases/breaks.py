"""Breaks (SCTE 35) of a publisher by RTMP: FFmpeg sends a section as onTextData, hls.js has it as a date range of the playlist, also in low latency, dash.js as an
event at its moment."""

import base64
import time
import urllib.parse

from support import segments_page
from support.chromium import Chromium
from support.processes import Failure, need

SECONDS = 150
COUNT = 60


def crc(data):
    value = 0xffffffff
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04c11db7 if value & 0x80000000 else 0)) & 0xffffffff
    return value


def splice_insert(event, out, seconds):
    """At once, with a duration: SCTE 35 9.7.3."""
    ticks = seconds * 90000
    command = event.to_bytes(4, "big") + bytes([0x7f, (0x80 if out else 0) | 0x7f, 0xfe | ticks >> 32]) + (ticks & 0xffffffff).to_bytes(4, "big") + bytes([0, 1, 0, 0])
    rest = bytes([0, 0, 0, 0, 0, 0, 0, 0xff]) + (0xf000 | len(command)).to_bytes(2, "big") + bytes([5]) + command + bytes(2)
    section = bytes([0xfc]) + (0x3000 | len(rest) + 4).to_bytes(2, "big") + rest
    return section + crc(section).to_bytes(4, "big")


def publish(test, server):
    """A break of four seconds each ten seconds."""
    sections = [splice_insert(100 + i // 2, i % 2 == 0, 4) for i in range(COUNT // 5)]
    words = [(5 * i, base64.b64encode(section).decode()) for i, section in enumerate(sections)]
    return segments_page.publish_words(test, server, "breaks", COUNT, words)


def check(test, server, what, player, url, count):
    segments_page.place(test)
    with Chromium(test.processes) as browser:
        page = browser.open(server.http(f"segments.html?{urllib.parse.urlencode({'player': player, 'url': url, 'low': '0'})}"))
        page.wait(f"{what}: two marks of breaks", f"(window.fault || ({count}) >= 2)", 40)
        if fault := page.value("window.fault"):
            raise Failure(f"{what}: {fault}")
        test.note(f"{what}: {page.value(count)} marks of breaks")


def run(test):
    need("ffmpeg")
    ranges = "Object.keys(hls.levels[Math.max(hls.currentLevel, 0)]?.details?.dateRanges ?? {}).length"
    for what, options in (("TS", ""), ("low-latency fMP4", "hls_use_fmp4 on; hls_low_latency on;")):
        server = test.server(dir=test.folder, vhost="dash { enabled on; dash_fragment 1; dash_window_size 30; } "
                                                    f"hls {{ enabled on; hls_fragment 1; hls_window 40; hls_to_disk off; {options} }}")
        push = publish(test, server)
        server.wait_live("/live/breaks")
        time.sleep(6)
        check(test, server, f"hls.js, {what}", "hls", server.http("live/breaks.m3u8"), ranges)
        if not options:
            check(test, server, "dash.js", "dash", server.http("live/breaks.mpd"), "window.breaks.length")
        push.end()
        server.stop()
