"""What Chromium publishes by WHIP, picture and sound, plays by HTTP-FLV: of its size, with times that grow evenly; and ends with it."""

import json

from support.chromium import Chromium
from support.ports import free_port
from support.processes import Failure, need
from support.webrtc import FLAGS, open_page

SECONDS = 60
PROBE = ["ffprobe", "-v", "error", "-show_entries", "packet=codec_type,dts:stream=codec_name,width,height", "-of", "json"]
SIZES = ((640, 360), (480, 270), (320, 180))  # a browser begins with fewer pixels while it learns what the way carries


def run(test):
    need("ffprobe", "curl")
    media = free_port()
    server = test.server(top=f"rtc_server {{ enabled on; listen {media}; }}", vhost="rtc { enabled on; rtc_to_rtmp on; }")
    with Chromium(test.processes, FLAGS) as browser:
        page = open_page(browser, server)
        page.value(f'window.whip("{server.http("live/cam/whip")}", "H264", true)')
        server.wait_live("/live/cam")
        file = test.folder / "cam.flv"
        # To a file: Debian's ffprobe waits for ever for what Opus in FLV is.
        test.start("curl", ["curl", "-sS", "-m", "8", "-o", file, server.http("live/cam.flv")]).popen.wait(30)
        looks_good(test, file)
        page.value("window.peer.close()")
        server.wait_idle("/live/cam", 20)
    server.alive()
    server.check_log()


def looks_good(test, file):
    answer = json.loads(test.run("probe", [*PROBE, file], 20).text())
    picture = next((one for one in answer["streams"] if one.get("width")), {})
    if picture.get("codec_name") != "h264" or (picture["width"], picture["height"]) not in SIZES:
        raise Failure(f"the picture is {picture}")
    for kind, least in (("video", 60), ("audio", 200)):
        times = [int(one["dts"]) for one in answer["packets"] if one["codec_type"] == kind and "dts" in one]
        steps = [b - a for a, b in zip(times, times[1:])]
        if len(times) < least or min(steps) <= 0 or max(steps) > 400:
            raise Failure(f"{len(times)} {kind} packets, steps of {min(steps, default=0)} to {max(steps, default=0)} ms")
        test.note(f"{len(times)} {kind} packets, steps of {min(steps)} to {max(steps)} ms")
