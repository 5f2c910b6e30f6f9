"""What a publisher says beside sound and pictures: subtitles that FFmpeg sends as onTextData come to hls.js as ID3, from MPEG-TS and from fragmented MP4, and
to dash.js as events, each once and at its moment; hls.js shows them as subtitles, too."""

import time
import urllib.parse

from support import segments_page
from support.chromium import Chromium
from support.processes import Failure, need

SECONDS = 150
COUNT = 60


def publish(test, server):
    """A picture, a tone, and a word each second."""
    return segments_page.publish_words(test, server, "words", COUNT, [(i, f"word {i}") for i in range(COUNT)])


def check(test, server, what, player, url):
    """Five of them come in order, with the time of the picture they belong to."""
    segments_page.place(test)
    with Chromium(test.processes) as browser:
        page = browser.open(server.http(f"segments.html?{urllib.parse.urlencode({'player': player, 'url': url, 'low': '0'})}"))
        page.wait(f"{what}: words come", "(window.fault || window.events.length >= 5)", 40)
        if fault := page.value("window.fault"):
            raise Failure(f"{what}: {fault}")
        heard = page.value("window.events.slice(0, 5)")
        numbers = [int(one["text"].rsplit("word ", 1)[1].split('"')[0].split("\\")[0]) for one in heard]
        times = [one["time"] for one in heard]
        if numbers != list(range(numbers[0], numbers[0] + 5)):
            raise Failure(f"{what}: words {numbers}")
        steps = [b - a for a, b in zip(times, times[1:])]
        if any(abs(step - 1) > 0.1 for step in steps):
            raise Failure(f"{what}: the words are {steps} s apart")
        test.note(f"{what}: words {numbers[0]} to {numbers[-1]}, each a second behind the one before")
        if player == "hls":
            shown = '[...document.getElementById("video").textTracks].filter(one => one.kind === "subtitles").reduce((sum, one) => sum + (one.cues?.length ?? 0), 0)'
            page.wait(f"{what}: subtitles", f"(window.fault || ({shown}) >= 3)", 20)
            if fault := page.value("window.fault"):
                raise Failure(f"{what}: {fault}")
            test.note(f"{what}: {page.value('hls.subtitleTracks.length')} track of subtitles, {page.value(shown)} cues so far")


def run(test):
    need("ffmpeg")
    for what, options in (("TS", ""), ("fMP4", "hls_use_fmp4 on;"), ("low-latency fMP4", "hls_use_fmp4 on; hls_low_latency on;")):
        server = test.server(dir=test.folder, vhost="dash { enabled on; dash_fragment 1; dash_window_size 30; } "
                                                    f"hls {{ enabled on; hls_fragment 1; hls_window 30; hls_to_disk off; {options} }}")
        push = publish(test, server)
        server.wait_live("/live/words")
        time.sleep(6)
        check(test, server, f"hls.js, {what}", "hls", server.http("live/words.m3u8"))
        if not options:
            check(test, server, "dash.js", "dash", server.http("live/words.mpd"))
        push.end()
        server.stop()
